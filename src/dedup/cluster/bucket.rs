//! Nodes that are in memory together, and records that wait for theirs.

use std::fs::OpenOptions;
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;

use crate::external::{ExternalError, List, Run, Scratch, number};

/// Bytes that are read at once.
pub const BLOCK: usize = 256 << 10;

/// Every how many nodes one is put up in the short table. A search in that, 1.6 % of the whole, stays
/// in the cache; one among so many nodes touches a line or two.
const STRIDE: usize = 64;

/// Consecutive nodes of the sorted list, in memory.
pub struct Bucket {
    /// The nodes, in order.
    pub nodes: Vec<u64>,
    top: Vec<u64>,
}

impl Bucket {
    /// Reads some nodes.
    pub fn read(list: &List, range: Range<u64>) -> Result<Self, ExternalError> {
        let mut nodes = Vec::with_capacity((range.end - range.start) as usize);
        list.each_block(range, BLOCK, |bytes| {
            nodes.extend(bytes.as_chunks::<8>().0.iter().map(|bytes| u64::from_be_bytes(*bytes)));
            Ok(())
        })?;
        let top = nodes.iter().copied().step_by(STRIDE).collect();
        Ok(Self { nodes, top })
    }

    /// The number of a node among these.
    #[inline]
    pub fn index(&self, node: u64) -> Option<u32> {
        let start = self.top.partition_point(|top| *top <= node).checked_sub(1)? * STRIDE;
        let near = self.nodes.get(start..(start + STRIDE).min(self.nodes.len()))?;
        near.binary_search(&node).ok().map(|at| (start + at) as u32)
    }

    /// A node by its number.
    #[inline]
    pub fn node(&self, index: u32) -> u64 {
        self.nodes.get(index as usize).copied().unwrap_or_default()
    }
}

/// Records of 16 bytes that wait, on disk, for the bucket that they concern.
pub struct Boxes {
    scratch: Scratch,
    room: usize,
    boxes: Vec<Waiting>,
}

#[derive(Default, Clone)]
struct Waiting {
    buffer: Vec<u8>,
    path: Option<PathBuf>,
    length: u64,
}

impl Boxes {
    /// Bytes of a record.
    pub const WIDTH: usize = 16;

    /// A box for each of some buckets; all of them together take about `memory` bytes.
    pub fn new(scratch: &Scratch, buckets: usize, memory: u64) -> Self {
        let room = (memory / buckets.max(1) as u64).clamp(1 << 10, 1 << 18) as usize;
        Self {
            scratch: scratch.clone(),
            room: room / Self::WIDTH * Self::WIDTH,
            boxes: vec![Waiting::default(); buckets],
        }
    }

    /// Leaves a record for a bucket.
    pub fn put(&mut self, bucket: usize, record: [u8; Self::WIDTH]) -> Result<(), ExternalError> {
        let Some(waiting) = self.boxes.get_mut(bucket) else { return Ok(()) };
        if waiting.buffer.len() >= self.room {
            waiting.flush(&self.scratch)?;
        }
        waiting.buffer.extend_from_slice(&record);
        Ok(())
    }

    /// The records that were left for a bucket, in no order.
    pub fn take(&mut self, bucket: usize) -> Result<List, ExternalError> {
        let mut list = List::new(Self::WIDTH);
        let Some(waiting) = self.boxes.get_mut(bucket) else { return Ok(list) };
        waiting.flush(&self.scratch)?;
        let waiting = std::mem::take(waiting);
        if let Some(path) = waiting.path {
            list.append(Run::new(path, 0, waiting.length));
        }
        Ok(list)
    }
}

impl Waiting {
    fn flush(&mut self, scratch: &Scratch) -> Result<(), ExternalError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let path = match self.path.take() {
            Some(path) => path,
            None => scratch.file()?,
        };
        // Opened each time: there may be more boxes than files may be open.
        let file = OpenOptions::new().append(true).create(true).open(&path);
        file.and_then(|mut file| file.write_all(&self.buffer))
            .map_err(ExternalError::io("write", &path))?;
        self.length += self.buffer.len() as u64;
        self.buffer.clear();
        self.path = Some(path);
        Ok(())
    }
}

/// The two numbers of a record.
#[inline]
pub fn numbers(record: &[u8; Boxes::WIDTH]) -> (u64, u64) {
    (number(record), number(&record[8..]))
}
