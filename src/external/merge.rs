//! Merging sorted runs.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::sync::Arc;

use super::run::{Run, RunReader};
use super::{ExternalError, Scratch, number};

/// Sorted runs that are merged at once; more are merged in rounds.
const FAN_IN: usize = 256;

/// Records that are handed out between asking whether to go on: some milliseconds.
const ASK_EVERY: u32 = 1 << 16;

/// Hands out the records of sorted runs in order.
pub struct Merger {
    readers: Vec<RunReader>,
    /// A heap of readers, the one with the lowest record first, each with the start of its record:
    /// most comparisons end there.
    heap: Vec<(u64, u32)>,
    started: bool,
    scratch: Scratch,
    /// Records until somebody is asked again whether to go on.
    until_asked: u32,
}

impl Merger {
    /// Opens runs of records of some width. Their buffers take about `memory` bytes. Runs that can't
    /// be merged at once are merged in rounds, in the scratch folder.
    ///
    /// # Errors
    /// If a file can't be read or written, or somebody asked to stop.
    pub fn open(
        runs: Vec<Run>,
        width: usize,
        memory: u64,
        scratch: &Scratch,
    ) -> Result<Self, ExternalError> {
        let mut runs = runs;
        runs.retain(|run| run.length > 0);
        let mut made: Vec<Arc<std::path::PathBuf>> = Vec::new();
        while runs.len() > FAN_IN {
            let mut merged = Vec::new();
            let before = std::mem::take(&mut made);
            for group in runs.chunks(FAN_IN) {
                let run = merge_to_run(group.to_vec(), width, memory, scratch)?;
                made.push(Arc::clone(&run.path));
                merged.push(run);
            }
            for path in before {
                let _ = fs::remove_file(&*path);
            }
            runs = merged;
        }
        Self::at_once(runs, width, memory, scratch)
    }

    fn at_once(
        runs: Vec<Run>,
        width: usize,
        memory: u64,
        scratch: &Scratch,
    ) -> Result<Self, ExternalError> {
        let room = (memory / runs.len().max(1) as u64).clamp(4 << 10, 1 << 20) as usize;
        let readers = runs
            .into_iter()
            .map(|run| RunReader::open(run, width, room))
            .collect::<Result<Vec<_>, _>>()?;
        let mut merger = Self {
            heap: Vec::with_capacity(readers.len()),
            readers,
            started: false,
            scratch: scratch.clone(),
            until_asked: ASK_EVERY,
        };
        for reader in 0..merger.readers.len() {
            if let Some(start) = merger.start_of(reader as u32) {
                merger.heap.push((start, reader as u32));
            }
        }
        for at in (0..merger.heap.len() / 2).rev() {
            merger.sift_down(at);
        }
        Ok(merger)
    }

    fn start_of(&self, reader: u32) -> Option<u64> {
        self.readers.get(reader as usize)?.current().map(number)
    }

    fn less(&self, a: (u64, u32), b: (u64, u32)) -> bool {
        let record = |reader: u32| self.readers.get(reader as usize).and_then(RunReader::current);
        // Equal records come in the order of their runs; which is which, nobody can tell.
        a.0 < b.0 || (a.0 == b.0 && (record(a.1), a.1) < (record(b.1), b.1))
    }

    fn sift_down(&mut self, mut at: usize) {
        loop {
            let (left, right) = (2 * at + 1, 2 * at + 2);
            let Some(&first) = self.heap.get(left) else { return };
            let child = match self.heap.get(right) {
                Some(&second) if self.less(second, first) => right,
                _ => left,
            };
            if !self.less(self.heap[child], self.heap[at]) {
                return;
            }
            self.heap.swap(child, at);
            at = child;
        }
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// If a file can't be read, or somebody asked to stop.
    #[expect(clippy::should_implement_trait, reason = "a record is lent and reading can fail")]
    pub fn next(&mut self) -> Result<Option<&[u8]>, ExternalError> {
        self.until_asked -= 1;
        if self.until_asked == 0 {
            self.until_asked = ASK_EVERY;
            self.scratch.check()?;
        }
        if std::mem::replace(&mut self.started, true)
            && let Some(&(_, reader)) = self.heap.first()
        {
            if let Some(reader) = self.readers.get_mut(reader as usize) {
                reader.advance()?;
            }
            match self.start_of(reader) {
                Some(start) => self.heap[0] = (start, reader),
                None => {
                    self.heap.swap_remove(0);
                }
            }
            self.sift_down(0);
        }
        let Some(&(_, reader)) = self.heap.first() else { return Ok(None) };
        Ok(self.readers.get(reader as usize).and_then(RunReader::current))
    }
}

/// Merges runs into one, in a file of the scratch folder.
pub(super) fn merge_to_run(
    runs: Vec<Run>,
    width: usize,
    memory: u64,
    scratch: &Scratch,
) -> Result<Run, ExternalError> {
    scratch.check()?;
    let path = scratch.file()?;
    let failed = || ExternalError::io("write", &path);
    let mut file = BufWriter::with_capacity(1 << 18, File::create(&path).map_err(failed())?);
    let mut merger = Merger::at_once(runs, width, memory, scratch)?;
    let mut length = 0;
    while let Some(record) = merger.next()? {
        file.write_all(record).map_err(failed())?;
        length += width as u64;
    }
    file.flush().map_err(failed())?;
    drop(file);
    Ok(Run::new(path, 0, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_merge_stops_when_it_is_asked_to() {
        let folder = tempfile::tempdir().unwrap();
        let cancel = Arc::new(AtomicBool::new(false));
        let scratch = Scratch::new(folder.path(), Arc::clone(&cancel));
        let path = scratch.file().unwrap();
        let records: Vec<u8> = (0..200_000_u64).flat_map(u64::to_be_bytes).collect();
        fs::write(&path, &records).unwrap();
        let run = Run::new(path, 0, records.len() as u64);
        let mut merger = Merger::open(vec![run], 8, 1 << 16, &scratch).unwrap();
        for expected in 0..100_000_u64 {
            assert_eq!(merger.next().unwrap(), Some(&expected.to_be_bytes()[..]));
        }
        cancel.store(true, Ordering::Relaxed);
        let stopped = (0..=ASK_EVERY).find_map(|_| merger.next().err());
        assert!(matches!(stopped, Some(ExternalError::Interrupted)));
    }
}
