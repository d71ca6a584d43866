//! Sorted runs: where they lie, how they are read, and what of them is left out.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use roaring::RoaringTreemap;

use super::{ExternalError, number};

/// Documents whose records are passed over: a set of positions.
#[derive(Debug, Clone, Default)]
pub struct Exclusion {
    first: u64,
    bits: Arc<[u64]>,
    scattered: Arc<RoaringTreemap>,
}

impl Exclusion {
    /// A set of positions, in any order. It takes a bit for every position from the lowest to the
    /// highest, so it is for those of one segment of a shard.
    pub fn new(positions: &[u64]) -> Self {
        let Some(&first) = positions.iter().min() else { return Self::default() };
        let mut bits = Vec::new();
        for position in positions {
            let at = position - first;
            let word = (at / 64) as usize;
            if bits.len() <= word {
                bits.resize(word + 1, 0);
            }
            if let Some(word) = bits.get_mut(word) {
                *word |= 1u64 << (at % 64);
            }
        }
        Self { first, bits: bits.into(), scattered: Arc::default() }
    }

    /// A set of positions that lie anywhere.
    pub fn scattered(positions: RoaringTreemap) -> Self {
        Self { first: 0, bits: Arc::default(), scattered: Arc::new(positions) }
    }

    /// Whether a position is in the set.
    pub fn contains(&self, position: u64) -> bool {
        if !self.scattered.is_empty() {
            return self.scattered.contains(position);
        }
        let Some(at) = position.checked_sub(self.first) else { return false };
        self.bits.get((at / 64) as usize).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// Whether no position is in the set.
    pub fn is_empty(&self) -> bool {
        self.bits.is_empty() && self.scattered.is_empty()
    }
}

/// Finds out, when a run is opened, what is to be left out of it.
pub type Exclude = Arc<dyn Fn() -> Result<Exclusion, ExternalError> + Send + Sync>;

/// A run of records in a file.
#[derive(Clone)]
pub struct Run {
    /// The file.
    pub path: Arc<PathBuf>,
    /// Where the first record starts.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
    /// Where in a record the position stands by which records are left out, and which are.
    pub exclude: Option<(usize, Exclude)>,
    /// What is added to the position at some place of every record when it is read. It is left out
    /// by the sum.
    pub rebase: Option<(usize, u64)>,
}

impl Run {
    /// A run of which nothing is left out.
    pub fn new(path: PathBuf, offset: u64, length: u64) -> Self {
        Self { path: Arc::new(path), offset, length, exclude: None, rebase: None }
    }

    /// Turns a record as it lies in the file into one as it is handed out.
    #[inline]
    pub(super) fn restore(&self, record: &mut [u8]) {
        if let Some((at, base)) = self.rebase
            && let Some(position) = record.get_mut(at..at + 8)
        {
            let rebased = number(position).wrapping_add(base);
            position.copy_from_slice(&rebased.to_be_bytes());
        }
    }
}

/// A sorted run in partitions that follow one another in it; or some of them.
#[derive(Debug, Clone)]
pub struct Parted {
    run: Run,
    /// Number of the first partition that is there.
    first: usize,
    /// Where each partition starts in the run, in records, and where the last one ends.
    starts: Vec<u64>,
}

impl Parted {
    /// A run that has so many records of each partition, from partition `first` on.
    pub fn new(run: Run, first: usize, counts: impl Iterator<Item = u64>) -> Self {
        let mut starts = vec![0];
        starts.extend(counts.scan(0, |end, count| {
            *end += count;
            Some(*end)
        }));
        Self { run, first, starts }
    }

    /// A run all of which is in the first partition.
    pub fn whole(run: Run, width: usize) -> Self {
        let count = run.length / width.max(1) as u64;
        Self { run, first: 0, starts: vec![0, count] }
    }

    /// The records of a partition, which are `width` bytes wide; none if it has none.
    pub fn part(&self, partition: usize, width: usize) -> Option<Run> {
        let at = partition.checked_sub(self.first)?;
        let (start, end) = (*self.starts.get(at)?, *self.starts.get(at + 1)?);
        (start < end).then(|| Run {
            offset: self.run.offset + start * width as u64,
            length: (end - start) * width as u64,
            ..self.run.clone()
        })
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, offset, length, .. } = self;
        write!(formatter, "{}[{offset}..+{length}]", path.display())
    }
}

/// Reads a run through a buffer. The file is opened for each refill, so that thousands of runs don't
/// need thousands of open files.
pub(super) struct RunReader {
    run: Run,
    width: usize,
    room: usize,
    buffer: Vec<u8>,
    /// Where the current record starts; at the buffer's end if there is none.
    at: usize,
    excluded: Option<(usize, Exclusion)>,
}

impl RunReader {
    /// A reader at the first record.
    pub(super) fn open(run: Run, width: usize, room: usize) -> Result<Self, ExternalError> {
        if width == 0 || !run.length.is_multiple_of(width as u64) {
            let message = format!("{} bytes are no rows of {width}", run.length);
            return Err(ExternalError::Damaged { path: run.path.to_path_buf(), message });
        }
        let excluded = match &run.exclude {
            Some((at, exclude)) => Some((*at, exclude()?)).filter(|(_, set)| !set.is_empty()),
            None => None,
        };
        let room = (room / width).max(1) * width;
        let mut reader = Self { run, width, room, buffer: Vec::new(), at: 0, excluded };
        reader.fill()?;
        reader.pass_over()?;
        Ok(reader)
    }

    /// The current record; `None` at the end.
    #[inline]
    pub(super) fn current(&self) -> Option<&[u8]> {
        self.buffer.get(self.at..self.at + self.width)
    }

    /// Goes on to the next record.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<(), ExternalError> {
        self.at += self.width;
        if self.at >= self.buffer.len() {
            self.fill()?;
        }
        match self.excluded {
            Some(_) => self.pass_over(),
            None => Ok(()),
        }
    }

    fn pass_over(&mut self) -> Result<(), ExternalError> {
        while let (Some((at, excluded)), Some(record)) = (&self.excluded, self.current()) {
            if !excluded.contains(number(record.get(*at..).unwrap_or_default())) {
                break;
            }
            self.at += self.width;
            if self.at >= self.buffer.len() {
                self.fill()?;
            }
        }
        Ok(())
    }

    fn fill(&mut self) -> Result<(), ExternalError> {
        self.at = 0;
        let length = (self.room as u64).min(self.run.length) as usize;
        self.buffer.resize(length, 0);
        if length == 0 {
            return Ok(());
        }
        let failed = || ExternalError::io("read", &self.run.path);
        let mut file = File::open(&*self.run.path).map_err(failed())?;
        file.seek(SeekFrom::Start(self.run.offset)).map_err(failed())?;
        file.read_exact(&mut self.buffer).map_err(failed())?;
        if self.run.rebase.is_some() {
            for record in self.buffer.chunks_exact_mut(self.width) {
                self.run.restore(record);
            }
        }
        self.run.offset += length as u64;
        self.run.length -= length as u64;
        Ok(())
    }
}
