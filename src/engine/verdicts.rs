//! The verdicts of a barrier, looked up by position.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::EngineError;
use super::journal;
use super::layout::Layout;
use crate::batch::Position;

/// Bytes of a verdict: the packed position of the removed document and of the one that stays, both
/// big-endian, so that verdicts sort as bytes.
pub const WIDTH: usize = 16;

/// The journal record of a resolved partition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRecord {
    /// Sorted runs in the file: offset in bytes, number of verdicts.
    pub runs: Vec<(u64, u64)>,
    /// Documents that were compared.
    pub documents: u64,
    /// Documents that are removed.
    pub removed: u64,
}

/// The verdicts of all partitions.
pub struct Verdicts {
    partitions: Vec<(PathBuf, VerdictRecord)>,
}

/// Removed documents of a range: ordinal, and the position of the document that stays.
pub type Removed = Vec<(u64, Position)>;

impl Verdicts {
    /// Opens the verdicts of the barrier that ended a pass.
    ///
    /// # Errors
    /// If a partition is not resolved or its record can't be read.
    pub fn open(layout: &Layout, pass: usize, partitions: usize) -> Result<Self, EngineError> {
        let mut opened = Vec::with_capacity(partitions);
        for partition in 0..partitions {
            let path = layout.verdict_record(pass, partition);
            let record = journal::read(&path)?.ok_or_else(|| EngineError::Journal {
                path,
                message: "it is missing".to_owned(),
            })?;
            opened.push((layout.verdicts(pass, partition), record));
        }
        Ok(Self { partitions: opened })
    }

    /// The removed documents of a shard from one ordinal to before another, in order.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn of_range(&self, shard: u32, from: u64, to: u64) -> Result<Removed, EngineError> {
        let low = Position { shard, ordinal: from }.pack();
        let high = Position { shard, ordinal: to }.pack();
        let mut removed = Vec::new();
        for (path, record) in &self.partitions {
            if record.removed == 0 {
                continue;
            }
            let failed = || EngineError::io("read", path);
            let mut file = File::open(path).map_err(failed())?;
            for &(offset, count) in &record.runs {
                let first = lower_bound(&mut file, offset, count, low).map_err(failed())?;
                let end = lower_bound(&mut file, offset, count, high).map_err(failed())?;
                let mut bytes = vec![0; (end - first) as usize * WIDTH];
                file.seek(SeekFrom::Start(offset + first * WIDTH as u64)).map_err(failed())?;
                file.read_exact(&mut bytes).map_err(failed())?;
                removed.extend(bytes.chunks_exact(WIDTH).map(|verdict| {
                    (
                        Position::unpack(number(verdict)).ordinal,
                        Position::unpack(number(&verdict[8..])),
                    )
                }));
            }
        }
        removed.sort_unstable();
        Ok(removed)
    }
}

/// The big-endian number at the start of some bytes.
pub fn number(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |number, &byte| (number << 8) | u64::from(byte))
}

/// The first verdict of a run whose position is not below a bound.
fn lower_bound(file: &mut File, offset: u64, count: u64, bound: u64) -> std::io::Result<u64> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = (low + high) / 2;
        let mut bytes = [0; 8];
        file.seek(SeekFrom::Start(offset + middle * WIDTH as u64))?;
        file.read_exact(&mut bytes)?;
        if u64::from_be_bytes(bytes) < bound {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
