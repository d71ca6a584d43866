//! Parts of sorted records, so that several threads can go through them, and records that are read
//! by their number.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::PathBuf;

use super::merge::Merger;
use super::ordered::read_exact_at;
use super::run::Run;
use super::sort::Sorted;
use super::{ExternalError, Scratch};

/// A part of sorted records, by the numbers that they begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The lowest number.
    pub from: u64,
    /// The first number behind; `None` if nothing is behind.
    pub to: Option<u64>,
}

/// Numbers that are looked at in every run to cut records into parts.
const SAMPLES: u64 = 64;

impl Sorted {
    /// At most `parts` spans of about as many records, which together hold all. Records that begin
    /// with the same number are in the same span.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn spans(&self, parts: usize) -> Result<Vec<Span>, ExternalError> {
        let mut sampled: Vec<u64> = Vec::new();
        if parts > 1 {
            for run in &self.runs {
                let seeker = Seeker::open(run, self.width)?;
                // Runs are about as long, but for the last of a sorter, which matters little.
                let samples = SAMPLES.min(seeker.count);
                for sample in 0..samples {
                    sampled.push(seeker.number_at(seeker.count * sample / samples)?);
                }
            }
        }
        sampled.sort_unstable();
        let mut cuts: Vec<u64> = (1..parts)
            .filter_map(|part| sampled.get(sampled.len() * part / parts).copied())
            .filter(|cut| *cut > 0)
            .collect();
        cuts.dedup();
        let froms = std::iter::once(0).chain(cuts.iter().copied());
        let tos = cuts.iter().copied().map(Some).chain(std::iter::once(None));
        Ok(froms.zip(tos).map(|(from, to)| Span { from, to }).collect())
    }

    /// Opens a part of the records for reading in order, in about `memory` bytes.
    ///
    /// # Errors
    /// If a file can't be read or written, or somebody asked to stop.
    pub fn open_span(&self, span: Span, memory: u64) -> Result<Merger, ExternalError> {
        let mut runs = Vec::with_capacity(self.runs.len());
        for run in &self.runs {
            let seeker = Seeker::open(run, self.width)?;
            let from = seeker.lower_bound(span.from)?;
            let to = match span.to {
                Some(to) => seeker.lower_bound(to)?,
                None => seeker.count,
            };
            if from < to {
                let width = self.width as u64;
                let (offset, length) = (run.offset + from * width, (to - from) * width);
                runs.push(Run { offset, length, ..run.clone() });
            }
        }
        Merger::open(runs, self.width, memory, &self.scratch)
    }

    /// Adds a run of sorted records.
    pub fn append_run(&mut self, run: Run) {
        self.count += run.length / self.width as u64;
        self.runs.push(run);
    }
}

/// Looks up records of one run.
struct Seeker<'r> {
    run: &'r Run,
    file: File,
    width: u64,
    count: u64,
}

impl<'r> Seeker<'r> {
    fn open(run: &'r Run, width: usize) -> Result<Self, ExternalError> {
        let file = File::open(&*run.path).map_err(ExternalError::io("read", &run.path))?;
        let width = width as u64;
        Ok(Self { run, file, width, count: run.length / width })
    }

    fn number_at(&self, index: u64) -> Result<u64, ExternalError> {
        let mut bytes = [0; 8];
        read_exact_at(&self.file, &mut bytes, self.run.offset + index * self.width)
            .map_err(ExternalError::io("read", &self.run.path))?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn lower_bound(&self, bound: u64) -> Result<u64, ExternalError> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.number_at(middle)? < bound {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

/// Writes records, one after the other, into a file of the scratch folder.
pub struct RunWriter {
    path: PathBuf,
    file: BufWriter<File>,
    length: u64,
}

impl RunWriter {
    /// A new run.
    ///
    /// # Errors
    /// If a file can't be written, or somebody asked to stop.
    pub fn new(scratch: &Scratch) -> Result<Self, ExternalError> {
        scratch.check()?;
        let path = scratch.file()?;
        let file = File::create(&path).map_err(ExternalError::io("write", &path))?;
        Ok(Self { path, file: BufWriter::with_capacity(1 << 16, file), length: 0 })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// If a file can't be written.
    #[inline]
    pub fn push(&mut self, record: &[u8]) -> Result<(), ExternalError> {
        self.length += record.len() as u64;
        self.file.write_all(record).map_err(ExternalError::io("write", &self.path))
    }

    /// Ends the run.
    ///
    /// # Errors
    /// If a file can't be written.
    pub fn finish(mut self) -> Result<Run, ExternalError> {
        self.file.flush().map_err(ExternalError::io("write", &self.path))?;
        Ok(Run::new(self.path, 0, self.length))
    }
}

/// Records of one width in files that follow one another, read by their number.
#[derive(Debug, Clone)]
pub struct List {
    width: usize,
    parts: Vec<Run>,
    /// Number of records up to the end of each part.
    ends: Vec<u64>,
}

impl List {
    /// A list without records.
    pub fn new(width: usize) -> Self {
        Self { width, parts: Vec::new(), ends: Vec::new() }
    }

    /// Adds the records of a run at the end.
    pub fn append(&mut self, run: Run) {
        // Nothing is looked for in parts without records.
        if run.length < self.width as u64 {
            return;
        }
        self.ends.push(self.len() + run.length / self.width as u64);
        self.parts.push(run);
    }

    /// Number of records.
    pub fn len(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number that a record begins with; 0 behind the end.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn number_at(&self, index: u64) -> Result<u64, ExternalError> {
        let part = self.ends.partition_point(|end| *end <= index);
        let Some(run) = self.parts.get(part) else { return Ok(0) };
        let seeker = Seeker::open(run, self.width)?;
        seeker.number_at(index - self.start_of(part))
    }

    /// The index of the first record that begins with a number not below `bound`, of a list in
    /// order.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn lower_bound(&self, bound: u64) -> Result<u64, ExternalError> {
        // The first part that ends with such a number.
        let (mut low, mut high) = (0, self.parts.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let end = self.ends.get(middle).copied().unwrap_or(0);
            if self.number_at(end - 1)? < bound {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        match self.parts.get(low) {
            Some(run) => {
                Ok(self.start_of(low) + Seeker::open(run, self.width)?.lower_bound(bound)?)
            }
            None => Ok(self.len()),
        }
    }

    fn start_of(&self, part: usize) -> u64 {
        part.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0)
    }

    /// Hands out a part of the records, some `room` bytes at a time.
    ///
    /// # Errors
    /// If a file can't be read, or what takes the records fails.
    pub fn each_block(
        &self,
        range: Range<u64>,
        room: usize,
        mut take: impl FnMut(&[u8]) -> Result<(), ExternalError>,
    ) -> Result<(), ExternalError> {
        let width = self.width as u64;
        let room = (room as u64 / width).max(1);
        let mut buffer = Vec::new();
        let mut at = range.start;
        let mut part = self.ends.partition_point(|end| *end <= at);
        while at < range.end {
            let (Some(run), Some(&end)) = (self.parts.get(part), self.ends.get(part)) else {
                break;
            };
            let first = end - run.length / width;
            let file = File::open(&*run.path).map_err(ExternalError::io("read", &run.path))?;
            while at < end.min(range.end) {
                let count = room.min(end.min(range.end) - at);
                buffer.resize((count * width) as usize, 0);
                read_exact_at(&file, &mut buffer, run.offset + (at - first) * width)
                    .map_err(ExternalError::io("read", &run.path))?;
                take(&buffer)?;
                at += count;
            }
            part += 1;
        }
        Ok(())
    }

    /// Gives the room on disk back.
    pub fn remove(self) {
        for run in self.parts {
            let _ = std::fs::remove_file(&*run.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Sorter, number};
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn spans_hold_every_record_once_and_in_order(
            numbers in proptest::collection::vec(prop_oneof![0u64..300, Just(u64::MAX)], 0..600),
            cuts in 1usize..8,
            parts in 1usize..9,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let scratch = Scratch::new(folder.path(), Arc::default());
            let mut sorted = Sorted::none(&scratch, 16);
            for part in numbers.chunks(numbers.len().div_ceil(cuts).max(1)) {
                let mut sorter = Sorter::new(&scratch, 16, 0);
                for (at, number) in part.iter().enumerate() {
                    let record = [number.to_be_bytes(), (at as u64).to_be_bytes()].concat();
                    sorter.push(&record).unwrap();
                }
                sorted.append(sorter.finish().unwrap());
            }
            let records = |mut merger: Merger| {
                let mut found = Vec::new();
                while let Some(record) = merger.next().unwrap() {
                    found.push(record.to_vec());
                }
                found
            };
            let whole = records(sorted.open(0).unwrap());
            let spans = sorted.spans(parts).unwrap();
            prop_assert!(!spans.is_empty() && spans.len() <= parts);
            let mut together = Vec::new();
            for span in spans {
                let part = records(sorted.open_span(span, 0).unwrap());
                let inside = |record: &Vec<u8>| {
                    let first = number(record);
                    first >= span.from && span.to.is_none_or(|to| first < to)
                };
                prop_assert!(part.iter().all(inside));
                together.extend(part);
            }
            prop_assert_eq!(together, whole);
        }

        #[test]
        fn a_list_is_read_by_number(
            parts in proptest::collection::vec(0u64..40, 0..5),
            from in 0u64..100,
            length in 0u64..100,
            room in 0usize..200,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let scratch = Scratch::new(folder.path(), Arc::default());
            let mut list = List::new(8);
            let mut all: Vec<u64> = Vec::new();
            for part in parts {
                let mut writer = RunWriter::new(&scratch).unwrap();
                for _ in 0..part {
                    all.push(all.len() as u64 / 3 * 2);
                    writer.push(&all.last().unwrap().to_be_bytes()).unwrap();
                }
                list.append(writer.finish().unwrap());
            }
            prop_assert_eq!(list.len(), all.len() as u64);
            let end = (from + length).min(list.len());
            let mut found: Vec<u64> = Vec::new();
            list.each_block(from..end, room, |bytes| {
                found.extend(bytes.chunks(8).map(number));
                Ok(())
            }).unwrap();
            prop_assert_eq!(&found, all.get(from as usize..end as usize).unwrap_or_default());
            let bound = all.partition_point(|number| *number < from) as u64;
            prop_assert_eq!(list.lower_bound(from).unwrap(), bound);
        }
    }
}
