//! The journal: what is committed. A segment is done when its record is there.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use xxhash_rust::xxh3::xxh3_128;

use super::error::EngineError;
use super::layout::Layout;
use super::statistics::Statistics;
use crate::shard::Shard;
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
}

/// A committed segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentRecord {
    /// Number of the shard.
    pub shard: u32,
    /// Number of the segment in the shard.
    pub segment: u32,
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
    /// The input.
    pub shards: Vec<Shard>,
    /// Files that the stages looked things up in.
    pub resources: Vec<Resource>,
    /// Number of passes.
    pub passes: usize,
    /// The labels of the stages, in order.
    pub labels: Vec<String>,
    /// Partitions of a barrier's records.
    pub partitions: usize,
    /// Content of a shard that makes a segment, in bytes.
    pub segment_bytes: u64,
}

impl PlanRecord {
    /// What tells runs apart in an index: xxh3-128 of the configuration, the input and the files that
    /// the stages looked things up in, in hexadecimal.
    pub fn run(&self) -> String {
        let inputs = serde_json::to_vec(&(&self.config_hash, &self.shards, &self.resources));
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
    let temporary = temporary(path);
    let failed = || EngineError::io("write", &temporary);
    let mut file = File::create(&temporary).map_err(failed())?;
    file.write_all(content).map_err(failed())?;
    file.sync_all().map_err(failed())?;
    fs::rename(&temporary, path).map_err(EngineError::io("write", path))
}

/// The name that a file has until it is whole.
pub fn temporary(path: &Path) -> std::path::PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".tmp-{}", std::process::id()));
    path.with_file_name(name)
}

/// Writes a record.
///
/// # Errors
/// If it can't be written.
pub fn write<T: Serialize>(path: &Path, record: &T) -> Result<(), EngineError> {
    let content = serde_json::to_vec(record).map_err(|error| EngineError::Journal {
        path: path.to_owned(),
        message: error.to_string(),
    })?;
    write_atomically(path, &content)
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

/// The committed segments of a shard, without a gap from the first.
///
/// # Errors
/// If a record can't be read.
pub fn segments(
    layout: &Layout,
    pass: usize,
    shard: u32,
) -> Result<Vec<SegmentRecord>, EngineError> {
    let mut records: Vec<SegmentRecord> = Vec::new();
    loop {
        let path = layout.segment_record(pass, shard, records.len() as u32);
        match read::<SegmentRecord>(&path)? {
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
}

/// The committed segments of a whole pass, by shard, and whether the pass is complete.
///
/// # Errors
/// If a record can't be read.
pub fn pass(
    layout: &Layout,
    pass: usize,
    shards: usize,
) -> Result<(Vec<Vec<SegmentRecord>>, bool), EngineError> {
    let mut complete = true;
    let mut all = Vec::with_capacity(shards);
    for shard in 0..shards {
        let records = segments(layout, pass, shard as u32)?;
        complete &= records.last().is_some_and(|record| record.last);
        all.push(records);
    }
    Ok((all, complete))
}
