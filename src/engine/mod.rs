//! Runs a plan: tasks, journal, threads, clusters. The only place that knows of parallelism.
//!
//! A run is a list of *phases*, each a number of *tasks* ([`tasks`]) that any process may run. A *map
//! pass* streams every shard through the document stages. Its work is cut into *segments*: a
//! fixed amount of a shard's content. A segment leaves one file of compressed frames and, once that
//! is durable, one journal record; a committed segment is never redone and an
//! uncommitted one leaves nothing that matters. A barrier's keys are sorted and *resolved* between
//! passes. At the end frames are *assembled* into shards. Every cut, from blocks to shards, depends on
//! the input and the configuration only, so the bytes are the same for any number of threads and
//! any number of restarts.

mod assemble;
mod barriers;
mod claim;
pub mod clusters;
mod container;
mod encode;
pub mod error;
pub mod explain;
mod findings;
pub mod journal;
mod layout;
mod leavings;
mod listed;
mod map;
mod matching;
mod options;
mod ordered;
mod passes;
mod prepare;
mod progress;
mod render;
mod repair;
mod resolve;
mod rows;
mod run;
mod score;
mod sink;
pub mod slurm;
mod source;
pub mod standing;
pub mod statistics;
pub mod tasks;
mod unit;
pub mod verify;

use crate::pipeline::Plan;
pub use error::EngineError;
pub use layout::Layout;
pub use options::{Origin, RunOptions};
pub use progress::{Observer, Progress, Snapshot};
pub use repair::repair;
pub use run::{
    PhaseTasks, RunOutcome, TaskOutcome, draft_tasks, inspect_input, origin, phase_tasks,
    plan_tasks, planned, run, run_task,
};
pub use score::score;
pub use statistics::{StageStatistics, Statistics, Summary};

/// Memory that a run takes, in bytes, roughly: models, blocks under way with what the stages make of
/// them, rows that wait for their frames to fill, and the room of barriers.
pub fn memory(plan: &Plan, threads: usize) -> u64 {
    let models: u64 = plan.stages().map(|stage| stage.stage.memory()).sum();
    let threads = threads as u64;
    // A block, its parsed form, its texts as stages change them, and the frame that it fills.
    let blocks = (threads * 2 + 2) * (6 << 20);
    let frames = threads * BUFFERED_BYTES as u64;
    // Parquet and Arrow frames are joined, encoded and compressed in memory.
    let encoding = threads * 8 * FRAME_BYTES as u64;
    let barrier = match plan.barriers().next().is_some() {
        true => RUN_BYTES as u64 * threads,
        false => 0,
    };
    models + blocks + frames + encoding + barrier
}

/// Content of a shard that makes a segment: what a kill costs at most, a few seconds of work.
pub const SEGMENT_BYTES: u64 = 128 << 20;
/// Rows that make a frame: enough for zstd's window, little enough to keep one a partition in memory.
pub const FRAME_BYTES: usize = 2 << 20;
/// Rows that wait for their frames to fill, over all partitions of a segment; beyond it the largest
/// partition is flushed.
pub const BUFFERED_BYTES: usize = 64 << 20;
/// Records of a barrier that are sorted at once.
pub const RUN_BYTES: usize = 24 << 20;
