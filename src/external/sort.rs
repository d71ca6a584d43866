//! Sorting records, in memory and beyond.

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3Default;

use super::merge::Merger;
use super::run::Run;
use super::{ExternalError, Scratch, Unfinished, number};

/// Sorts records of some width that lie one after the other, as rows of bytes.
///
/// # Panics
/// If the width is not a multiple of 8 from 8 to 64: widths are written by stages, not by users.
pub fn sort_records(bytes: &mut [u8], width: usize) {
    fn sort<const WIDTH: usize>(bytes: &mut [u8]) {
        let (records, _) = bytes.as_chunks_mut::<WIDTH>();
        records.sort_unstable_by(|a, b| match number(a).cmp(&number(b)) {
            Ordering::Equal => a.cmp(b),
            unequal => unequal,
        });
    }
    match width {
        8 => sort::<8>(bytes),
        16 => sort::<16>(bytes),
        24 => sort::<24>(bytes),
        32 => sort::<32>(bytes),
        40 => sort::<40>(bytes),
        48 => sort::<48>(bytes),
        56 => sort::<56>(bytes),
        64 => sort::<64>(bytes),
        _ => panic!("records of {width} bytes can't be sorted"),
    }
}

/// Sorts more records than fit into memory.
///
/// # Examples
///
/// ```
/// use sapwood::external::{Scratch, Sorter};
/// let folder = std::env::temp_dir().join(format!("sorter-{}", std::process::id()));
/// let scratch = Scratch::new(&folder, Default::default());
/// let mut sorter = Sorter::new(&scratch, 8, 1 << 20);
/// for number in [3u64, 1, 2] {
///     sorter.push(&number.to_be_bytes())?;
/// }
/// let mut sorted = sorter.finish()?.open(1 << 20)?;
/// assert_eq!(sorted.next()?, Some(&1u64.to_be_bytes()[..]));
/// # drop(sorted);
/// # let _ = std::fs::remove_dir_all(folder);
/// # Ok::<(), sapwood::external::ExternalError>(())
/// ```
pub struct Sorter {
    scratch: Scratch,
    width: usize,
    /// Bytes that are sorted at once.
    room: usize,
    buffer: Vec<u8>,
    runs: Vec<Run>,
    count: u64,
}

impl Sorter {
    /// A sorter of records of `width` bytes (a multiple of 8 from 8 to 64) that takes about `memory`
    /// bytes.
    pub fn new(scratch: &Scratch, width: usize, memory: u64) -> Self {
        let room = (memory as usize).max(64 << 10) / width * width;
        Self {
            scratch: scratch.clone(),
            width,
            room,
            buffer: Vec::new(),
            runs: Vec::new(),
            count: 0,
        }
    }

    /// Adds a record.
    ///
    /// # Errors
    /// If a file can't be written, or somebody asked to stop.
    #[inline]
    pub fn push(&mut self, record: &[u8]) -> Result<(), ExternalError> {
        debug_assert_eq!(record.len(), self.width);
        if self.buffer.len() + self.width > self.room {
            self.spill()?;
        }
        self.buffer.extend_from_slice(record);
        self.count += 1;
        Ok(())
    }

    /// Number of records so far.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there is no record yet.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn spill(&mut self) -> Result<(), ExternalError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.scratch.check()?;
        sort_records(&mut self.buffer, self.width);
        let path = self.scratch.file()?;
        let failed = || ExternalError::io("write", &path);
        let mut file = File::create(&path).map_err(failed())?;
        file.write_all(&self.buffer).map_err(failed())?;
        self.runs.push(Run::new(path, 0, self.buffer.len() as u64));
        self.buffer.clear();
        Ok(())
    }

    /// Ends adding. What is left in memory goes to a run of its own, so that several sorters can be
    /// put together by their runs.
    ///
    /// # Errors
    /// If a file can't be written, or somebody asked to stop.
    pub fn finish(mut self) -> Result<Sorted, ExternalError> {
        self.spill()?;
        Ok(Sorted { scratch: self.scratch, width: self.width, runs: self.runs, count: self.count })
    }
}

/// Sorted records on disk. They can be read more than once; the files go with the scratch folder, or
/// by [`remove`](Sorted::remove).
#[derive(Clone)]
pub struct Sorted {
    pub(super) scratch: Scratch,
    pub(super) width: usize,
    pub(super) runs: Vec<Run>,
    pub(super) count: u64,
}

impl Sorted {
    /// No records of some width.
    pub fn none(scratch: &Scratch, width: usize) -> Self {
        Self { scratch: scratch.clone(), width, runs: Vec::new(), count: 0 }
    }

    /// The records of a run, which lies in a file that is not of the scratch folder.
    pub fn of_run(scratch: &Scratch, width: usize, run: Run) -> Self {
        let count = run.length / width.max(1) as u64;
        Self { scratch: scratch.clone(), width, runs: vec![run], count }
    }

    /// Bytes of a record.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of records.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds the records of another of the same width.
    pub fn append(&mut self, other: Sorted) {
        debug_assert_eq!(self.width, other.width);
        self.runs.extend(other.runs);
        self.count += other.count;
    }

    /// Opens the records for reading in order, in about `memory` bytes.
    ///
    /// # Errors
    /// If a file can't be read or written, or somebody asked to stop.
    pub fn open(&self, memory: u64) -> Result<Merger, ExternalError> {
        Merger::open(self.runs.clone(), self.width, memory, &self.scratch)
    }

    /// The records whose first 8 bytes, as a number, are from `from` to before `to`, or to the end;
    /// they lie in the same files.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn range(&self, from: u64, to: Option<u64>) -> Result<Sorted, ExternalError> {
        let width = self.width as u64;
        let mut sorted = Sorted { runs: Vec::new(), count: 0, ..self.clone() };
        for run in &self.runs {
            let failed = || ExternalError::io("read", &run.path);
            let mut file = File::open(&*run.path).map_err(failed())?;
            let mut below = |bound: u64| -> std::io::Result<u64> {
                let (mut low, mut high) = (0, run.length / width);
                while low < high {
                    let middle = low + (high - low) / 2;
                    let mut first = [0; 8];
                    file.seek(SeekFrom::Start(run.offset + middle * width))?;
                    file.read_exact(&mut first)?;
                    match u64::from_be_bytes(first) < bound {
                        true => low = middle + 1,
                        false => high = middle,
                    }
                }
                Ok(low)
            };
            let first = below(from).map_err(failed())?;
            let end = match to {
                Some(to) => below(to).map_err(failed())?.max(first),
                None => run.length / width,
            };
            if end > first {
                let (offset, length) = (run.offset + first * width, (end - first) * width);
                sorted.runs.push(Run { offset, length, ..run.clone() });
                sorted.count += end - first;
            }
        }
        Ok(sorted)
    }

    /// Writes the records in order into a file that is durable, and there whole or not at all; its folder
    /// is made. `distinct` leaves out records that are equal to the one before. Returns the number of
    /// records and the xxh3-64 of the file, in hexadecimal.
    ///
    /// # Errors
    /// If a file can't be read or written, or somebody asked to stop.
    pub fn persist(
        &self,
        path: &Path,
        distinct: bool,
        memory: u64,
    ) -> Result<(u64, String), ExternalError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(ExternalError::io("create", folder))?;
        }
        let unfinished = Unfinished::beside(path);
        let failed = || ExternalError::io("write", unfinished.path());
        let file = File::create(unfinished.path()).map_err(failed())?;
        let mut file = BufWriter::with_capacity(1 << 18, file);
        let mut merger = self.open(memory)?;
        let mut last = Vec::new();
        let mut count = 0;
        let mut hasher = Xxh3Default::new();
        while let Some(record) = merger.next()? {
            if distinct {
                if count > 0 && record == last {
                    continue;
                }
                last.clear();
                last.extend_from_slice(record);
            }
            file.write_all(record).map_err(failed())?;
            hasher.update(record);
            count += 1;
        }
        let file = file.into_inner().map_err(|error| failed()(error.into_error()))?;
        file.sync_all().map_err(failed())?;
        unfinished.publish(path).map_err(ExternalError::io("write", path))?;
        Ok((count, format!("{:016x}", hasher.digest())))
    }

    /// Gives the room in the scratch folder back; other files stay.
    pub fn remove(self) {
        for run in self.runs {
            if run.path.starts_with(self.scratch.folder()) {
                let _ = fs::remove_file(&*run.path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn runs_merge_to_the_sorted_records(
            numbers in proptest::collection::vec(0u64..5000, 0..3000),
            cuts in 1usize..400,
            width in prop_oneof![Just(8usize), Just(24), Just(32)],
        ) {
            let folder = tempfile::tempdir().unwrap();
            let scratch = Scratch::new(folder.path(), Arc::default());
            let record = |number: u64| {
                let mut record = vec![0; width];
                record[..8].copy_from_slice(&(number / 7).to_be_bytes());
                record[width - 8..].copy_from_slice(&number.to_be_bytes());
                record
            };
            // As many sorters as give more runs than are merged at once now and then.
            let mut sorted = Sorted::none(&scratch, width);
            for part in numbers.chunks(numbers.len().div_ceil(cuts).max(1)) {
                let mut sorter = Sorter::new(&scratch, width, 0);
                for &number in part {
                    sorter.push(&record(number)).unwrap();
                }
                sorted.append(sorter.finish().unwrap());
            }
            let mut expected: Vec<Vec<u8>> = numbers.iter().copied().map(record).collect();
            expected.sort();
            prop_assert_eq!(sorted.len(), numbers.len() as u64);
            for memory in [0, 1 << 20] {
                let mut merger = sorted.open(memory).unwrap();
                let mut found = Vec::new();
                while let Some(record) = merger.next().unwrap() {
                    found.push(record.to_vec());
                }
                prop_assert_eq!(&found, &expected);
            }
            let (from, to) = (numbers.len() as u64 % 300, 400);
            for to in [Some(to), Some(0), None] {
                let mut merger = sorted.range(from, to).unwrap().open(0).unwrap();
                let mut found = Vec::new();
                while let Some(record) = merger.next().unwrap() {
                    found.push(record.to_vec());
                }
                let within = |record: &&Vec<u8>| {
                    let first = number(record);
                    first >= from && to.is_none_or(|to| first < to)
                };
                let expected: Vec<Vec<u8>> = expected.iter().filter(within).cloned().collect();
                prop_assert_eq!(&found, &expected);
            }
            sorted.remove();
        }
    }
}
