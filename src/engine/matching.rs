//! Comparing the records of barriers, partition by partition, in tasks of its own: what of resolving
//! needs many machines.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use cpu_time::ProcessTime;
use serde::{Deserialize, Serialize};

use super::error::EngineError;
use super::journal;
use super::layout::{Layout, Slot};
use super::tasks::Phase;
use crate::dedup::{Matches, Resolution};
use crate::external::{Run, Sorted};
use crate::pipeline::PlannedBarrier;

/// The partitions of a task, of so many tasks.
pub fn partitions_of(task: usize, tasks: usize, partitions: usize) -> Range<usize> {
    let start = |task: usize| task * partitions / tasks.max(1);
    start(task)..start(task + 1)
}

/// A pile of a partition, in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PileRecord {
    /// Bytes of a record.
    pub width: usize,
    /// Its records.
    pub records: u64,
    /// xxh3-64 of the file, in hexadecimal.
    pub xxh3: String,
}

impl PileRecord {
    /// Length of the file in bytes.
    pub fn bytes(&self) -> u64 {
        self.records * self.width as u64
    }
}

/// What came of comparing the records of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionRecord {
    /// Number of the partition.
    pub partition: usize,
    /// What the barrier has counted.
    pub counts: Vec<u64>,
    /// Its piles.
    pub piles: Vec<PileRecord>,
}

/// What a task of comparing has left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MatchRecord {
    /// What came of each of its partitions, in order.
    pub partitions: Vec<PartitionRecord>,
    /// The processor time that it took.
    pub cpu_seconds: f64,
}

/// Compares the records of some partitions and leaves what came of it in files, for whoever resolves
/// the barrier. All threads work, each on a partition.
///
/// # Errors
/// If a file can't be read or written, or the run was asked to stop.
pub fn compare(
    layout: &Layout,
    at: Slot,
    planned: &PlannedBarrier,
    resolution: &Resolution<'_>,
    partitions: Range<usize>,
) -> Result<MatchRecord, EngineError> {
    let clock = ProcessTime::now();
    let done = Mutex::new(Vec::with_capacity(partitions.len()));
    resolution.executor.each(partitions.len(), &|number| {
        let partition = partitions.start + number;
        let Matches { piles, counts } =
            planned.barrier.compare(planned.round, resolution, partition)?;
        let mut written = Vec::with_capacity(piles.len());
        for (number, pile) in piles.into_iter().enumerate() {
            let path = layout.match_pile(at.pass, at.slot, partition, number);
            // Whoever writes it writes the same. Copies stay, as some barriers count them.
            let (records, xxh3) = pile.persist(&path, false, resolution.share())?;
            written.push(PileRecord { width: pile.width(), records, xxh3 });
            pile.remove();
        }
        let record = PartitionRecord { partition, counts, piles: written };
        done.lock().unwrap_or_else(PoisonError::into_inner).push(record);
        Ok(())
    })?;
    let mut partitions = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    partitions.sort_by_key(|record| record.partition);
    Ok(MatchRecord { partitions, cpu_seconds: clock.elapsed().as_secs_f64() })
}

/// Puts together what all tasks have left of a barrier, and the processor time that it took.
///
/// # Errors
/// [`EngineError::NotReady`] if a task is not done, or a file can't be read or is not what the task
/// has written.
pub fn gather(
    layout: &Layout,
    at: Slot,
    tasks: usize,
    resolution: &Resolution<'_>,
) -> Result<(Matches, f64), EngineError> {
    let mut all = Matches::default();
    let mut cpu_seconds = 0.0;
    for task in 0..tasks {
        let path = layout.match_record(at.pass, at.slot, task);
        let record = journal::read::<MatchRecord>(&path)?.ok_or_else(|| {
            let phase = Phase::Match(at.pass, at.slot);
            EngineError::NotReady(format!("task {task} of pass {phase} is not done yet"))
        })?;
        cpu_seconds += record.cpu_seconds;
        for PartitionRecord { partition, counts, piles } in record.partitions {
            let mut matches = Matches { piles: Vec::with_capacity(piles.len()), counts };
            for (number, pile) in piles.iter().enumerate() {
                let path = layout.match_pile(at.pass, at.slot, partition, number);
                matches.piles.push(open(&path, pile, resolution)?);
            }
            all.add(matches);
        }
    }
    Ok((all, cpu_seconds))
}

fn open(
    path: &Path,
    pile: &PileRecord,
    resolution: &Resolution<'_>,
) -> Result<Sorted, EngineError> {
    let length = pile.bytes();
    let found = fs::metadata(path).map_err(EngineError::io("read", path))?.len();
    if found != length {
        let message = format!("it has {found} bytes instead of {length}");
        return Err(EngineError::Damaged { path: path.to_owned(), message });
    }
    let run = Run::new(path.to_owned(), 0, length);
    Ok(Sorted::of_run(&resolution.scratch, pile.width, run))
}

/// Gives the room back, once the barrier is resolved.
pub fn give_back(layout: &Layout, at: Slot) {
    // Where it can't be, it goes with the work folder at the end.
    let _ = fs::remove_dir_all(layout.match_folder(at.pass, at.slot));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_partition_is_in_one_task(partitions in 1usize..300, tasks in 1usize..300) {
            let of = (0..tasks).flat_map(|task| partitions_of(task, tasks, partitions));
            prop_assert_eq!(of.collect::<Vec<_>>(), (0..partitions).collect::<Vec<_>>());
        }
    }
}
