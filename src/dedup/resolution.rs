//! What a barrier finds when all documents have gone by: sorted records, room and helping hands.

use std::sync::{Mutex, PoisonError};

use super::barrier::{Finding, Order, Stream};
use crate::external::{
    Executor, ExternalError, Merger, Ordered, Parted, Run, Scratch, Sorted, Sorter, number,
};

/// The partition of a record: by its first bytes, so that partitions are evenly filled and follow
/// the order of the records.
pub fn partition_of(record: &[u8], partitions: usize) -> usize {
    ((u128::from(number(record)) * partitions as u128) >> 64) as usize
}

/// How many of some sorted records each partition has.
pub fn partition_counts(records: &[u8], width: usize, partitions: usize) -> Vec<u32> {
    let mut counts = vec![0; partitions];
    for record in records.chunks_exact(width) {
        if let Some(count) = counts.get_mut(partition_of(record, partitions)) {
            *count += 1;
        }
    }
    counts
}

/// A round of a barrier, ready to be resolved.
pub struct Resolution<'r> {
    /// Where files go that are needed until the round is resolved.
    pub scratch: Scratch,
    /// Bytes that all threads together may take.
    pub memory: u64,
    /// Who runs independent pieces.
    pub executor: &'r dyn Executor,
    partitions: usize,
    streams: Vec<Stream>,
    runs: Vec<Vec<Parted>>,
    findings: Mutex<Sorted>,
}

impl<'r> Resolution<'r> {
    /// A resolution of streams; `runs` are by stream, those of streams in input order in the first
    /// partition.
    pub fn new(
        scratch: Scratch,
        memory: u64,
        executor: &'r dyn Executor,
        partitions: usize,
        streams: Vec<Stream>,
        runs: Vec<Vec<Parted>>,
    ) -> Self {
        let findings = Mutex::new(Sorted::none(&scratch, Finding::WIDTH));
        Self { scratch, memory, executor, partitions, streams, runs, findings }
    }

    /// Number of partitions of sorted streams.
    pub fn partitions(&self) -> usize {
        self.partitions
    }

    /// The memory of one thread, in bytes.
    pub fn share(&self) -> u64 {
        self.memory / self.executor.threads().max(1) as u64
    }

    fn runs(&self, stream: usize, partition: usize) -> Vec<Run> {
        let width = self.width(stream);
        let runs = self.runs.get(stream).into_iter().flatten();
        runs.filter_map(|parted| parted.part(partition, width)).collect()
    }

    fn width(&self, stream: usize) -> usize {
        self.streams.get(stream).map_or(8, |stream| stream.width)
    }

    /// The records of a partition of a sorted stream, merged, in about `memory` bytes.
    ///
    /// # Errors
    /// If a file can't be read or written, or somebody asked to stop.
    pub fn merged(
        &self,
        stream: usize,
        partition: usize,
        memory: u64,
    ) -> Result<Merger, ExternalError> {
        let runs = self.runs(stream, partition);
        Merger::open(runs, self.width(stream), memory, &self.scratch)
    }

    /// The records of a stream in input order, to be looked up or gone through.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn ordered(&self, stream: usize) -> Result<Ordered, ExternalError> {
        debug_assert!(self.streams.get(stream).is_none_or(|it| it.order == Order::Input));
        Ordered::open(self.runs(stream, 0), self.width(stream))
    }

    /// A sorter of records of some width.
    pub fn sorter(&self, width: usize, memory: u64) -> Sorter {
        Sorter::new(&self.scratch, width, memory)
    }

    /// A sorter of findings, for [`find`](Resolution::find).
    pub fn finder(&self, memory: u64) -> Sorter {
        self.sorter(Finding::WIDTH, memory)
    }

    /// Hands in findings. Which thread does it when does not matter.
    pub fn find(&self, findings: Sorted) {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).append(findings);
    }

    /// The findings so far.
    pub fn findings(&self) -> Sorted {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All findings.
    pub fn into_findings(self) -> Sorted {
        self.findings.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
