//! Records that lie in the order of their positions, for looking some up.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::run::{Run, RunReader};
use super::{ExternalError, number};

/// Records that begin with a position of 8 bytes, in runs that follow one another: the last position
/// of a run is below the first of the next. A record is found by its position with a few reads.
pub struct Ordered {
    pub(super) runs: Vec<Part>,
    pub(super) width: usize,
    files: Mutex<Vec<(Arc<PathBuf>, Arc<File>)>>,
}

impl std::fmt::Debug for Ordered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Ordered of {} runs", self.runs.len())
    }
}

pub(super) struct Part {
    pub(super) run: Run,
    pub(super) first: u64,
    pub(super) last: u64,
}

/// Fills a buffer from some place in a file, wherever others read it.
#[cfg(unix)]
pub(crate) fn read_exact_at(file: &File, into: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, offset)
}

/// Fills a buffer from some place in a file, wherever others read it.
#[cfg(not(unix))]
pub(crate) fn read_exact_at(file: &File, into: &mut [u8], offset: u64) -> std::io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    // A handle of its own, as the position of a shared one may be moved by another thread.
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(into)
}

/// Files that are held open.
const OPEN_FILES: usize = 64;

impl Ordered {
    /// Opens runs, in any order.
    ///
    /// # Errors
    /// If a file can't be read, or runs overlap.
    pub fn open(runs: Vec<Run>, width: usize) -> Result<Self, ExternalError> {
        let mut ordered = Self { runs: Vec::new(), width, files: Mutex::default() };
        for run in runs.into_iter().filter(|run| run.length >= width as u64) {
            let count = run.length / width as u64;
            let first = ordered.position_at(&run, 0)?;
            let last = ordered.position_at(&run, count - 1)?;
            ordered.runs.push(Part { run, first, last });
        }
        ordered.runs.sort_by_key(|part| part.first);
        for parts in ordered.runs.windows(2) {
            if let [one, two] = parts
                && one.last >= two.first
            {
                let message = "its records overlap with those of another run".to_owned();
                return Err(ExternalError::Damaged { path: two.run.path.to_path_buf(), message });
            }
        }
        Ok(ordered)
    }

    fn file(&self, path: &Arc<PathBuf>) -> Result<Arc<File>, ExternalError> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, file)) = files.iter().find(|(known, _)| known == path) {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(File::open(&**path).map_err(ExternalError::io("read", path))?);
        if files.len() >= OPEN_FILES {
            files.remove(0);
        }
        files.push((Arc::clone(path), Arc::clone(&file)));
        Ok(file)
    }

    fn read(&self, run: &Run, index: u64, into: &mut [u8]) -> Result<(), ExternalError> {
        let offset = run.offset + index * self.width as u64;
        let file = self.file(&run.path)?;
        read_exact_at(&file, into, offset).map_err(ExternalError::io("read", &run.path))?;
        run.restore(into);
        Ok(())
    }

    fn position_at(&self, run: &Run, index: u64) -> Result<u64, ExternalError> {
        let mut position = [0; 8];
        self.read(run, index, &mut position)?;
        Ok(u64::from_be_bytes(position))
    }

    /// Reads the record of a position into a buffer, position included; whether there is one.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn get(&self, position: u64, into: &mut Vec<u8>) -> Result<bool, ExternalError> {
        let after = self.runs.partition_point(|part| part.first <= position);
        let Some(part) = after.checked_sub(1).and_then(|at| self.runs.get(at)) else {
            return Ok(false);
        };
        if position > part.last {
            return Ok(false);
        }
        into.resize(self.width, 0);
        let count = part.run.length / self.width as u64;
        // Most runs have a record for every position, so that this is where it stands; where some are
        // missing, it stands before.
        let guess = (position - part.first).min(count - 1);
        self.read(&part.run, guess, into)?;
        if number(into) == position {
            return Ok(true);
        }
        let index = self.lower_bound(part, position)?;
        self.read(&part.run, index, into)?;
        Ok(number(into) == position)
    }

    /// The index in a part of the first record whose position is not below one of the part's range.
    pub(super) fn lower_bound(&self, part: &Part, position: u64) -> Result<u64, ExternalError> {
        let count = part.run.length / self.width as u64;
        let (mut low, mut high) = (0, (position - part.first).min(count.saturating_sub(1)));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.position_at(&part.run, middle)? < position {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Hands out all records in the order of their positions.
    ///
    /// # Errors
    /// If a file can't be read, or what takes the records fails.
    pub fn for_each(
        &self,
        mut take: impl FnMut(&[u8]) -> Result<(), ExternalError>,
    ) -> Result<(), ExternalError> {
        for part in &self.runs {
            let mut reader = RunReader::open(part.run.clone(), self.width, 1 << 18)?;
            while let Some(record) = reader.current() {
                take(record)?;
                reader.advance()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn records_are_found_by_their_position(
            positions in proptest::collection::btree_set(0u64..300, 0..120),
            cut in 1usize..50,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let all: BTreeMap<u64, Vec<u8>> = positions
                .iter()
                .map(|&position| {
                    let mut record = position.to_be_bytes().to_vec();
                    record.extend([(position * 7) as u8; 4]);
                    (position, record)
                })
                .collect();
            let records: Vec<Vec<u8>> = all.values().cloned().collect();
            let mut runs = Vec::new();
            for (number, part) in records.chunks(cut).enumerate() {
                let path = folder.path().join(number.to_string());
                std::fs::write(&path, part.concat()).unwrap();
                runs.push(Run::new(path, 0, (part.len() * 12) as u64));
            }
            runs.reverse();
            let ordered = Ordered::open(runs, 12).unwrap();
            let mut record = Vec::new();
            for position in 0..301 {
                prop_assert_eq!(ordered.get(position, &mut record).unwrap(), all.contains_key(&position));
                if let Some(expected) = all.get(&position) {
                    prop_assert_eq!(&record, expected);
                }
            }
            let mut found = Vec::new();
            ordered.for_each(|record| { found.push(record.to_vec()); Ok(()) }).unwrap();
            prop_assert_eq!(found, records);
        }
    }
}
