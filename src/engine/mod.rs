//! Runs a plan: tasks, journal, threads. The only place that knows of parallelism.
//!
//! A *map pass* streams every shard through the document stages. Its work is cut into *segments*: a
//! fixed amount of a shard's content. A segment leaves one file of compressed frames and, once that
//! is renamed into place, one journal record; a committed segment is never redone and an
//! uncommitted one leaves nothing that matters. A barrier's keys are sorted and *resolved* between
//! passes. At the end frames are *assembled* into shards. Every cut, from blocks to shards, depends on
//! the input and the configuration only, so the bytes are the same for any number of threads and
//! any number of restarts.

mod assemble;
mod container;
pub mod error;
pub mod explain;
pub mod journal;
mod layout;
mod map;
mod ordered;
mod progress;
mod render;
mod resolve;
mod rows;
mod run;
mod sink;
mod source;
pub mod statistics;
mod verdicts;

pub use error::EngineError;
pub use layout::Layout;
pub use progress::{Observer, Progress, Snapshot};
pub use run::{RunOptions, RunOutcome, inspect_input, run, score};
pub use statistics::{StageStatistics, Statistics, Summary};

/// Content of a shard that makes a segment: what a kill costs at most, a few seconds of work.
pub const SEGMENT_BYTES: u64 = 128 << 20;
/// Rows that make a frame: enough for zstd's window, little enough to keep one a partition in memory.
pub const FRAME_BYTES: usize = 2 << 20;
/// Rows that wait for their frames to fill, over all partitions of a segment; beyond it the largest
/// partition is flushed.
pub const BUFFERED_BYTES: usize = 64 << 20;
/// Records of a barrier that are sorted at once.
pub const RUN_BYTES: usize = 24 << 20;
