//! The tasks that a run consists of: independent, idempotent, and the same whoever runs them.
//!
//! A run is a list of *phases*; a phase is a number of tasks that need nothing of each other, only
//! what the phases before have left. Which tasks there are is written down once, with the plan, so
//! that a task needs no more than its number.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::journal::PlanRecord;
use super::unit::{Reach, Unit};
use crate::shard::listing::Shard;
use crate::shard::marks::{self, Sharing};
use crate::shard::reader::{ReadError, ReadOptions};

/// A step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Finding out where the shards that several tasks share can be entered: a task a shard.
    Index,
    /// A pass over the documents.
    Map(usize),
    /// Comparing the records of a barrier that ends a pass, partition by partition: number of the pass,
    /// and the barrier's place among those that end it.
    Match(usize, usize),
    /// Resolving a barrier that ends a pass: one task.
    Resolve(usize, usize),
    /// Deciding which frames make which shards of the output: one task.
    Arrange,
    /// Putting shards of the output together.
    Assemble,
    /// Adding up and cleaning away: one task.
    Finish,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Phase::Index => formatter.write_str("index"),
            Phase::Map(pass) => write!(formatter, "map-{}", pass + 1),
            // Most passes have one barrier, whose place need not be told.
            Phase::Match(pass, 0) => write!(formatter, "match-{}", pass + 1),
            Phase::Match(pass, slot) => write!(formatter, "match-{}-{}", pass + 1, slot + 1),
            Phase::Resolve(pass, 0) => write!(formatter, "resolve-{}", pass + 1),
            Phase::Resolve(pass, slot) => write!(formatter, "resolve-{}-{}", pass + 1, slot + 1),
            Phase::Arrange => formatter.write_str("arrange"),
            Phase::Assemble => formatter.write_str("assemble"),
            Phase::Finish => formatter.write_str("finish"),
        }
    }
}

/// What a task of a map pass works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MapTask {
    /// A part of a shard: number of the shard, of the part, and how many parts there are.
    Part(u32, u32, u32),
    /// Shards from one to before another.
    Shards(u32, u32),
}

impl MapTask {
    /// What is to be done.
    pub fn units(self) -> Vec<Unit> {
        match self {
            MapTask::Part(shard, part, of) => vec![Unit { shard, reach: Reach::Part { part, of } }],
            MapTask::Shards(from, to) => {
                (from..to).map(|shard| Unit { shard, reach: Reach::Whole }).collect()
            }
        }
    }
}

/// The tasks of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPlan {
    /// How many tasks a map pass was wished to have; none for a run on one machine.
    pub wanted: Option<usize>,
    /// The tasks of every map pass.
    pub map: Vec<MapTask>,
    /// Number of tasks of assembling.
    pub assemble: usize,
    /// Partitions of the records that barriers compare. The outcome does not depend on it.
    pub partitions: usize,
    /// Number of tasks that compare the records of each barrier of each pass; 0 where whoever resolves
    /// it does that as well.
    pub matches: Vec<Vec<usize>>,
}

/// What opening a file costs, in bytes that could be read instead: so that tasks of many small files
/// are no longer than others.
const FILE_WEIGHT: u64 = 256 << 10;
/// Bytes of input that make a task where nobody says how many there should be: minutes of work for
/// some cores, and few enough tasks for 10 TB.
const TASK_BYTES: u64 = 2_000_000_000;
/// Most tasks that are made where nobody says how many.
const MOST_TASKS: usize = 100_000;
/// Most tasks of a run on one machine: they are only steps of its journal there.
const LOCAL_TASKS: usize = 1000;
/// Bytes of input for each task of assembling, which copies at the speed of disks.
const ASSEMBLED_BYTES: u64 = 16_000_000_000;
/// Bytes of input that make a partition of records, a few megabytes of them.
const PARTITION_BYTES: u64 = 32 << 20;
/// Most partitions. Each has its records in every segment, so that more would be many small reads.
const MOST_PARTITIONS: u64 = 256;
/// Partitions for a task of comparing: one for each of the four cores that a task has by default.
const PARTITIONS_OF_TASK: usize = 4;
/// Most tasks that share a stream which must be decompressed from its beginning. The default pipeline
/// takes some fifty times as long as decompressing, so the last of eight loses a seventh.
const MOST_PARTS_OF_STREAM: u64 = 8;

impl TaskPlan {
    /// The tasks for an input; `wanted` is about how many a map pass is to have, `compares` says of
    /// each barrier of each pass whether it compares records by partition.
    ///
    /// # Errors
    /// If a large shard can't be looked at.
    pub fn new(
        shards: &[Shard],
        wanted: Option<usize>,
        compares: &[Vec<bool>],
        segment_bytes: u64,
        options: &ReadOptions,
    ) -> Result<Self, ReadError> {
        let bytes: u64 = shards.iter().map(|shard| shard.bytes).sum();
        let count = wanted.unwrap_or_else(|| default_tasks(bytes)).max(1) as u64;
        let weight = |shard: &Shard| shard.bytes + FILE_WEIGHT;
        let total: u64 = shards.iter().map(weight).sum();
        let share = total.div_ceil(count).max(1);
        let mut map: Vec<MapTask> = Vec::new();
        // The shards that wait for a task, and where in the whole input the first of them begins.
        let (mut first, mut before) = (0, 0);
        let mut at = 0;
        for (number, shard) in shards.iter().enumerate() {
            let number = number as u32;
            let parts = parts_of(shard, weight(shard), share, segment_bytes, options)?;
            let ends = at / share != before / share;
            if first < number && (parts > 1 || ends) {
                map.push(MapTask::Shards(first, number));
                (first, before) = (number, at);
            }
            if parts > 1 {
                map.extend((0..parts).map(|part| MapTask::Part(number, part, parts)));
                (first, before) = (number + 1, at + weight(shard));
            }
            at += weight(shard);
        }
        if first < shards.len() as u32 {
            map.push(MapTask::Shards(first, shards.len() as u32));
        }
        let assemble = (bytes.div_ceil(ASSEMBLED_BYTES).max(1) as usize).min(map.len().max(1));
        // Who asks for tasks has the machines for them, however small the input is.
        let partitions = partitions_for(bytes.max(count.saturating_mul(PARTITION_BYTES)));
        let tasks = match (partitions / PARTITIONS_OF_TASK).min(map.len()) {
            0 | 1 => 0,
            tasks => tasks,
        };
        let of_barrier = |&compares: &bool| if compares { tasks } else { 0 };
        let matches = compares.iter().map(|pass| pass.iter().map(of_barrier).collect()).collect();
        Ok(Self { wanted, map, assemble, partitions, matches })
    }

    /// The tasks of a run on one machine: no shard is shared, since all threads work on one anyway.
    pub fn local(shards: &[Shard]) -> Self {
        let size = shards.len().div_ceil(LOCAL_TASKS).max(1);
        let map = (0..shards.len())
            .step_by(size)
            .map(|from| MapTask::Shards(from as u32, (from + size).min(shards.len()) as u32))
            .collect();
        let bytes = shards.iter().map(|shard| shard.bytes).sum();
        let partitions = partitions_for(bytes);
        Self { wanted: None, map, assemble: 1, partitions, matches: Vec::new() }
    }

    /// The shards that several tasks share, in order.
    pub fn shared(&self) -> Vec<u32> {
        let first = |task: &MapTask| match task {
            MapTask::Part(shard, 0, _) => Some(*shard),
            _ => None,
        };
        self.map.iter().filter_map(first).collect()
    }

    /// The phases of a run, in order.
    pub fn phases(&self, plan: &PlanRecord) -> Vec<Phase> {
        let mut phases = Vec::new();
        if !self.shared().is_empty() {
            phases.push(Phase::Index);
        }
        for (pass, &barriers) in plan.passes.iter().enumerate() {
            phases.push(Phase::Map(pass));
            for slot in 0..barriers {
                if self.matching(pass, slot) > 0 {
                    phases.push(Phase::Match(pass, slot));
                }
                phases.push(Phase::Resolve(pass, slot));
            }
        }
        phases.extend([Phase::Arrange, Phase::Assemble, Phase::Finish]);
        phases
    }

    /// Number of tasks of a phase.
    pub fn count(&self, phase: Phase) -> usize {
        match phase {
            Phase::Index => self.shared().len(),
            Phase::Map(_) => self.map.len(),
            Phase::Assemble => self.assemble,
            Phase::Match(pass, slot) => self.matching(pass, slot),
            Phase::Resolve(..) | Phase::Arrange | Phase::Finish => 1,
        }
    }

    /// Number of tasks that compare the records of a barrier.
    pub fn matching(&self, pass: usize, slot: usize) -> usize {
        self.matches.get(pass).and_then(|slots| slots.get(slot)).copied().unwrap_or(0)
    }
}

fn default_tasks(bytes: u64) -> usize {
    (bytes.div_ceil(TASK_BYTES) as usize).clamp(1, MOST_TASKS)
}

/// Number of partitions for an input of some bytes: enough to keep all threads busy on a large one, one
/// for a small one.
fn partitions_for(bytes: u64) -> usize {
    (bytes / PARTITION_BYTES).clamp(1, MOST_PARTITIONS).next_power_of_two() as usize
}

/// How many tasks share a shard.
fn parts_of(
    shard: &Shard,
    weight: u64,
    share: u64,
    segment_bytes: u64,
    options: &ReadOptions,
) -> Result<u32, ReadError> {
    // Content is no less than the file, so each part has a segment at least.
    let parts = weight.div_ceil(share).min(shard.bytes / segment_bytes.max(1));
    if weight < share + share / 2 || parts < 2 {
        return Ok(1);
    }
    Ok(match marks::sharing(shard, options)? {
        Sharing::Never => 1,
        Sharing::Anywhere => parts as u32,
        Sharing::ByDecompressing => parts.min(MOST_PARTS_OF_STREAM) as u32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shard::{Compression, Format};
    use proptest::prelude::*;

    fn shard(bytes: u64, compression: Compression) -> Shard {
        Shard {
            path: "x".into(),
            format: Format::Jsonl,
            compression,
            bytes,
            fingerprint: String::new(),
        }
    }

    proptest! {
        #[test]
        fn tasks_cover_every_shard_once_and_are_about_as_many_as_wanted(
            sizes in proptest::collection::vec(
                (prop_oneof![0u64..1000, 0u64..(1 << 33)], any::<bool>()), 1..80),
            wanted in 1usize..200,
        ) {
            let compression = |plain| if plain { Compression::None } else { Compression::Gzip };
            let shards: Vec<Shard> =
                sizes.iter().map(|&(bytes, plain)| shard(bytes, compression(plain))).collect();
            let options = ReadOptions::default();
            let plan = TaskPlan::new(&shards, Some(wanted), &[], 64 << 20, &options).unwrap();
            let mut next = (0, 0);
            for task in &plan.map {
                match *task {
                    MapTask::Shards(from, to) => {
                        prop_assert_eq!(next, (from, 0));
                        prop_assert!(from < to);
                        next = (to, 0);
                    }
                    MapTask::Part(shard, part, of) => {
                        prop_assert_eq!(next, (shard, part));
                        prop_assert!(of > 1);
                        next = if part + 1 == of { (shard + 1, 0) } else { (shard, part + 1) };
                    }
                }
            }
            prop_assert_eq!(next, (shards.len() as u32, 0));
            let shared = plan.shared().len();
            prop_assert!(plan.map.len() <= wanted + 2 * shared + 1, "{} {}", plan.map.len(), wanted);
        }
    }

    #[test]
    fn partitions_follow_the_size() {
        assert_eq!(partitions_for(0), 1);
        assert_eq!(partitions_for(1 << 40), 256);
    }

    #[test]
    fn records_are_compared_by_tasks_where_there_are_many() {
        let shards = vec![shard(0, Compression::None); 1000];
        let options = ReadOptions::default();
        let compares = [vec![true, false], vec![true], vec![]];
        let tasks = |wanted| {
            let plan = TaskPlan::new(&shards, wanted, &compares, 1 << 27, &options).unwrap();
            (plan.partitions, plan.matches)
        };
        assert_eq!(tasks(None), (1, vec![vec![0, 0], vec![0], vec![]]));
        assert_eq!(tasks(Some(16)), (16, vec![vec![4, 0], vec![4], vec![]]));
        assert_eq!(tasks(Some(1000)), (256, vec![vec![64, 0], vec![64], vec![]]));
    }

    #[test]
    fn tasks_of_equal_files_are_even() {
        let shards = vec![shard(0, Compression::None); 1000];
        let plan =
            TaskPlan::new(&shards, Some(100), &[], 1 << 27, &ReadOptions::default()).unwrap();
        assert_eq!(plan.map.len(), 100);
        assert_eq!(plan.map[7], MapTask::Shards(70, 80));
        let json = serde_json::to_string(&plan.map[7]).unwrap();
        assert_eq!(json, "[70,80]");
        let task = MapTask::Part(3, 1, 2);
        let again: MapTask = serde_json::from_str(&serde_json::to_string(&task).unwrap()).unwrap();
        assert_eq!(again, task);
        assert_eq!(TaskPlan::local(&shards).map.len(), 1000);
    }
}
