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
mod fates;
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
use crate::shard::{Compression, Format, Shard};
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

/// How much content a byte of a compressed shard is taken to hold: web text in zstd and gzip has three
/// to four.
const CONTENT_OF_COMPRESSED: u64 = 4;

/// About how many segments a pass over some shards has.
pub fn segments(shards: &[Shard], segment_bytes: u64) -> u64 {
    let content = |shard: &Shard| match (shard.format, shard.compression) {
        (Format::Jsonl, Compression::None) => shard.bytes,
        _ => shard.bytes.saturating_mul(CONTENT_OF_COMPRESSED),
    };
    shards.iter().map(|shard| content(shard) / segment_bytes.max(1) + 1).sum()
}

/// Memory that the journal of so many segments takes in a task that needs all of it, in bytes, roughly;
/// nothing in others. Measured on the default pipeline.
pub fn journal_memory(plan: &Plan, phase: tasks::Phase, segments: u64) -> u64 {
    let of_segment = match phase {
        // Where the records of some partitions lie, and a bit for each document that is removed.
        tasks::Phase::Match(..) => 6 << 10,
        // Where those of all partitions lie, if nobody has compared them or an index is written.
        tasks::Phase::Resolve(..) => 12 << 10,
        // Where the rows lie: a frame for each language, of which a mixed segment has some fifty.
        tasks::Phase::Arrange | tasks::Phase::Finish => {
            match plan.config.output.partition_by.is_some() {
                true => 24 << 10,
                false => 8 << 10,
            }
        }
        _ => 0,
    };
    of_segment * segments
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_counted_by_content() {
        let shard = |bytes, compression| Shard {
            path: "x".into(),
            format: Format::Jsonl,
            compression,
            bytes,
            fingerprint: String::new(),
        };
        let shards = [
            shard(0, Compression::None),
            shard(1000, Compression::None),
            shard(1000, Compression::Zstd),
        ];
        assert_eq!(segments(&shards, 100), 1 + 11 + 41);
        assert_eq!(segments(&[], 100), 0);
    }
}
