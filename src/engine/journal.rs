//! The journal: what is committed. A segment is done when its record is there.

use std::fs::{self, File};
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use xxhash_rust::xxh3::xxh3_128;

use super::error::EngineError;
use super::layout::Layout;
use super::statistics::Statistics;
use crate::external::Unfinished;
use crate::stage::Resource;

/// What rows in a frame are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Kept documents, for `data/`.
    Data,
    /// Dropped documents, for `dropped/`.
    Dropped,
    /// Malformed records, for `rejected/`.
    Rejected,
    /// Documents for the next pass.
    Spill,
    /// Sorted records of a barrier.
    Records,
}

/// A frame in a segment's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameRecord {
    /// What its rows are for.
    pub kind: Kind,
    /// The partition that they belong to.
    pub partition: String,
    /// Where it starts in the file.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// Its rows.
    pub documents: u64,
    /// Bytes of text in it.
    pub text_bytes: u64,
    /// How many rows each partition of a barrier's sorted records has, one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<u32>,
}

impl FrameRecord {
    /// Keeps some partitions of sorted records only.
    pub fn narrow(&mut self, partitions: Range<usize>) {
        let width = self.length / self.documents.max(1);
        let before =
            self.counts.iter().take(partitions.start).map(|count| u64::from(*count)).sum::<u64>();
        self.counts = self.counts.get(partitions).unwrap_or_default().to_vec();
        self.documents = self.counts.iter().map(|count| u64::from(*count)).sum();
        self.offset += before * width;
        self.length = self.documents * width;
    }
}

/// A committed segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentRecord {
    /// Number of the shard.
    pub shard: u32,
    /// Number of the segment in the shard.
    pub segment: u32,
    /// Who made its files: what stands in their names.
    pub writer: String,
    /// Whether the shard ends with it.
    pub last: bool,
    /// Ordinal of its first record.
    pub first_ordinal: u64,
    /// Ordinal of the record after it.
    pub next_ordinal: u64,
    /// What it counted.
    pub statistics: Statistics,
    /// Frames of the pieces file.
    pub pieces: Vec<FrameRecord>,
    /// Frames of the spill file.
    pub spill: Vec<FrameRecord>,
    /// xxh3-64 of the pieces file, in hexadecimal.
    pub pieces_xxh3: String,
    /// xxh3-64 of the spill file, in hexadecimal.
    pub spill_xxh3: String,
}

impl SegmentRecord {
    /// Keeps the frames that shards are assembled from.
    pub fn keep_pieces(&mut self) {
        self.spill = Vec::new();
        self.pieces.shrink_to_fit();
    }

    /// Keeps some of the frames that barriers read.
    pub fn keep_records(&mut self, keep: impl FnMut(&mut FrameRecord) -> bool) {
        self.pieces = Vec::new();
        self.spill.retain_mut(keep);
        self.spill.shrink_to_fit();
    }
}

/// The plan that an output belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// The version of sapwood.
    pub version: String,
    /// The pipeline's name.
    pub name: String,
    /// xxh3-128 of the configuration's identity.
    pub config_hash: String,
    /// What decides the output's bytes.
    pub config: serde_json::Value,
    /// Number of shards of the input.
    pub shards: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// xxh3-128 of their listing, in hexadecimal.
    pub listing: String,
    /// Whether one of them is standard input, which can't be read again.
    pub stdin: bool,
    /// Files that the stages looked things up in.
    pub resources: Vec<Resource>,
    /// The passes: how many barriers end each.
    pub passes: Vec<usize>,
    /// The labels of the stages, in order.
    pub labels: Vec<String>,
    /// Content of a shard that makes a segment, in bytes.
    pub segment_bytes: u64,
}

impl PlanRecord {
    /// What tells runs apart in an index: xxh3-128 of the configuration, the input and the files that
    /// the stages looked things up in, in hexadecimal.
    pub fn run(&self) -> String {
        let inputs = serde_json::to_vec(&(&self.config_hash, &self.listing, &self.resources));
        // Plain structs of strings and numbers can always be written.
        format!("{:032x}", xxh3_128(&inputs.unwrap_or_default()))
    }
}

/// Writes a file so that it is there whole or not at all.
///
/// # Errors
/// If it can't be written.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), EngineError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(EngineError::io("create", folder))?;
    }
    let file = durable(Unfinished::beside(path), content)?;
    file.publish(path).map_err(EngineError::io("write", path))
}

/// Writes a file so that it is there whole or not at all, without leaving anything beside it: it is
/// made in a folder of the same file system.
///
/// # Errors
/// If it can't be written.
pub fn publish(path: &Path, room: &Path, content: &[u8]) -> Result<(), EngineError> {
    fs::create_dir_all(room).map_err(EngineError::io("create", room))?;
    let beside = room.join(path.file_name().unwrap_or_default());
    let file = durable(Unfinished::beside(&beside), content)?;
    file.publish(path).map_err(EngineError::io("write", path))
}

/// Seconds since 1970, by this machine's clock.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn encode<T: Serialize>(path: &Path, record: &T) -> Result<Vec<u8>, EngineError> {
    serde_json::to_vec(record)
        .map_err(|error| EngineError::Journal { path: path.to_owned(), message: error.to_string() })
}

/// Writes a record, in place of one that is there.
///
/// # Errors
/// If it can't be written.
pub fn write<T: Serialize>(path: &Path, record: &T) -> Result<(), EngineError> {
    write_atomically(path, &encode(path, record)?)
}

/// Writes a record unless there is one; tells whether it did. Of several processes that try it at once
/// exactly one is told so, on NFS too.
///
/// # Errors
/// If it can't be written.
pub fn write_first<T: Serialize>(path: &Path, record: &T) -> Result<bool, EngineError> {
    let content = encode(path, record)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(EngineError::io("create", folder))?;
    }
    let file = durable(Unfinished::beside(path), &content)?;
    file.publish_first(path).map_err(EngineError::io("write", path))
}

fn durable(unfinished: Unfinished, content: &[u8]) -> Result<Unfinished, EngineError> {
    File::create(unfinished.path())
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .map_err(EngineError::io("write", unfinished.path()))?;
    Ok(unfinished)
}

/// Reads a record, if it is there.
///
/// # Errors
/// If it is there and can't be read or understood.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, EngineError> {
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(EngineError::io("read", path)(error)),
    };
    serde_json::from_slice(&content)
        .map(Some)
        .map_err(|error| EngineError::Journal { path: path.to_owned(), message: error.to_string() })
}

/// The committed segments of a shard, without a gap, from one on to before another, or to the end.
///
/// # Errors
/// If a record can't be read.
pub fn segments(
    layout: &Layout,
    pass: usize,
    shard: u32,
    from: u32,
    to: Option<u32>,
) -> Result<Vec<SegmentRecord>, EngineError> {
    let mut records: Vec<SegmentRecord> = Vec::new();
    for segment in from..to.unwrap_or(u32::MAX) {
        match read::<SegmentRecord>(&layout.segment_record(pass, shard, segment))? {
            Some(record) => {
                let last = record.last;
                records.push(record);
                if last {
                    return Ok(records);
                }
            }
            None => return Ok(records),
        }
    }
    Ok(records)
}

/// The committed segments of a whole pass.
#[derive(Debug, Default)]
pub struct PassRecords {
    /// What they counted, together.
    pub statistics: Statistics,
    /// The segments, by shard, without what they counted and with just the frames that were asked for.
    pub segments: Vec<Vec<SegmentRecord>>,
}

/// Shards whose whole records are in memory at once while a pass is read.
const SHARDS_AT_ONCE: usize = 1024;

/// Reads the committed segments of a whole pass. `keep` forgets what is not asked for of a segment: all
/// frames would be most of a large run's memory.
///
/// # Errors
/// If a record can't be read, or [`EngineError::NotReady`] if one is missing.
pub fn pass(
    layout: &Layout,
    pass: usize,
    shards: usize,
    keep: &(dyn Fn(&mut SegmentRecord) + Sync),
    pool: &rayon::ThreadPool,
) -> Result<PassRecords, EngineError> {
    let mut all = PassRecords::default();
    let numbers: Vec<u32> = (0..shards as u32).collect();
    for numbers in numbers.chunks(SHARDS_AT_ONCE) {
        let read: Vec<Vec<SegmentRecord>> = pool.install(|| {
            let read = |&shard: &u32| {
                let mut records = segments(layout, pass, shard, 0, None)?;
                records.iter_mut().for_each(keep);
                Ok::<_, EngineError>(records)
            };
            numbers.par_iter().with_max_len(64).map(read).collect::<Result<_, _>>()
        })?;
        for (shard, mut records) in numbers.iter().zip(read) {
            if !records.last().is_some_and(|record| record.last) {
                return Err(EngineError::NotReady(format!(
                    "pass map-{} has not committed segment {} of shard {shard} yet",
                    pass + 1,
                    records.len()
                )));
            }
            for record in &mut records {
                all.statistics.add(&std::mem::take(&mut record.statistics));
            }
            records.shrink_to_fit();
            all.segments.push(records);
        }
    }
    Ok(all)
}
