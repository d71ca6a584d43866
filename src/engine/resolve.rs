//! Resolving a barrier: of all documents with one key, only the first in input order stays.
//!
//! Every segment of the map pass left sorted runs of records. They are merged a partition at a time,
//! in memory that does not depend on the corpus: a heap over buffered runs, and a bounded buffer of
//! verdicts that is sorted by position and written whenever it is full.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::error::EngineError;
use super::journal::{self, Kind, SegmentRecord};
use super::layout::Layout;
use super::verdicts::{self, VerdictRecord};

/// Bytes of a record: a key of 16 bytes and a packed position of 8, both big-endian, so that records
/// sort as bytes.
pub const WIDTH: usize = 24;

/// One record.
pub type Record = [u8; WIDTH];

/// Makes a record.
pub fn record(key: u128, position: u64) -> Record {
    let mut record = [0; WIDTH];
    record[..16].copy_from_slice(&key.to_be_bytes());
    record[16..].copy_from_slice(&position.to_be_bytes());
    record
}

/// The partition of a key: its first bits, so that partitions are evenly filled.
pub fn partition(key: u128, partitions: usize) -> usize {
    (((key >> 64) * partitions as u128) >> 64) as usize
}

/// Number of partitions for an input of some compressed bytes: enough to keep all threads busy on a
/// large input, one for a small one. It does not change the outcome.
pub fn partitions_for(bytes: u64) -> usize {
    (bytes / (64 << 20)).clamp(1, 256).next_power_of_two() as usize
}

/// Sorted runs that are merged at once; more are merged in rounds.
const FAN_IN: usize = 256;

/// Where a sorted run lies.
#[derive(Debug, Clone)]
struct Run {
    path: PathBuf,
    offset: u64,
    length: u64,
}

/// Reads a run through a buffer. The file is opened for each refill, so that thousands of runs don't
/// need thousands of open files.
struct RunReader {
    run: Run,
    buffer: Vec<u8>,
    at: usize,
    room: usize,
}

impl RunReader {
    fn next(&mut self) -> Result<Option<Record>, EngineError> {
        if self.at == self.buffer.len() {
            if self.run.length == 0 {
                return Ok(None);
            }
            let failed = || EngineError::io("read", &self.run.path);
            let length = (self.room as u64).min(self.run.length);
            let mut file = File::open(&self.run.path).map_err(failed())?;
            file.seek(SeekFrom::Start(self.run.offset)).map_err(failed())?;
            self.buffer.resize(length as usize, 0);
            file.read_exact(&mut self.buffer).map_err(failed())?;
            self.run.offset += length;
            self.run.length -= length;
            self.at = 0;
        }
        let mut record = [0; WIDTH];
        match self.buffer.get(self.at..self.at + WIDTH) {
            Some(bytes) => record.copy_from_slice(bytes),
            None => return Ok(None),
        }
        self.at += WIDTH;
        Ok(Some(record))
    }
}

/// Merges sorted runs, handing out records in order.
fn merge(
    runs: &[Run],
    memory: usize,
    mut take: impl FnMut(&Record) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    let room = (memory / runs.len().max(1)).clamp(4 << 10, 1 << 20) / WIDTH * WIDTH;
    let mut readers: Vec<RunReader> = runs
        .iter()
        .map(|run| RunReader { run: run.clone(), buffer: Vec::new(), at: 0, room })
        .collect();
    let mut heap = BinaryHeap::with_capacity(readers.len());
    for (number, reader) in readers.iter_mut().enumerate() {
        if let Some(record) = reader.next()? {
            heap.push(Reverse((record, number)));
        }
    }
    while let Some(Reverse((record, number))) = heap.pop() {
        take(&record)?;
        if let Some(reader) = readers.get_mut(number)
            && let Some(next) = reader.next()?
        {
            heap.push(Reverse((next, number)));
        }
    }
    Ok(())
}

/// Merges runs in rounds until few enough are left to merge at once.
fn reduce(mut runs: Vec<Run>, folder: &Path, memory: usize) -> Result<Vec<Run>, EngineError> {
    let mut made = 0;
    while runs.len() > FAN_IN {
        let mut merged = Vec::new();
        for group in runs.chunks(FAN_IN) {
            let path = folder.join(format!("merge-{made}"));
            made += 1;
            let failed = || EngineError::io("write", &path);
            let mut file = BufWriter::new(File::create(&path).map_err(failed())?);
            let mut length = 0;
            merge(group, memory, |record| {
                length += WIDTH as u64;
                file.write_all(record).map_err(failed())
            })?;
            file.flush().map_err(failed())?;
            merged.push(Run { path, offset: 0, length });
        }
        runs = merged;
    }
    Ok(runs)
}

/// Resolves all partitions of the barrier that ends a pass; those that are resolved already are left.
///
/// # Errors
/// If a file can't be read or written, or the run was asked to stop.
pub fn resolve(
    layout: &Layout,
    pass: usize,
    segments: &[Vec<SegmentRecord>],
    partitions: usize,
    memory: u64,
    pool: &rayon::ThreadPool,
    cancel: &AtomicBool,
) -> Result<(), EngineError> {
    let share = (memory as usize / pool.current_num_threads().max(1)).max(1 << 20);
    pool.install(|| {
        (0..partitions).into_par_iter().try_for_each(|partition| {
            if cancel.load(Ordering::Relaxed) {
                return Err(EngineError::Interrupted);
            }
            let record = layout.verdict_record(pass, partition);
            if journal::read::<VerdictRecord>(&record)?.is_some() {
                return Ok(());
            }
            let runs = runs_of(layout, pass, segments, partition);
            let verdicts = layout.verdicts(pass, partition);
            let resolved = resolve_partition(runs, &verdicts, share)?;
            journal::write(&record, &resolved)
        })
    })
}

fn runs_of(
    layout: &Layout,
    pass: usize,
    segments: &[Vec<SegmentRecord>],
    partition: usize,
) -> Vec<Run> {
    let name = partition.to_string();
    let mut runs = Vec::new();
    for segment in segments.iter().flatten() {
        let path = layout.segment_spill(pass, segment.shard, segment.segment);
        for frame in &segment.spill {
            if frame.kind == Kind::Records && frame.partition == name {
                runs.push(Run { path: path.clone(), offset: frame.offset, length: frame.length });
            }
        }
    }
    runs
}

fn resolve_partition(
    runs: Vec<Run>,
    verdicts: &Path,
    memory: usize,
) -> Result<VerdictRecord, EngineError> {
    let folder = verdicts.with_extension("merge");
    let failed = || EngineError::io("write", verdicts);
    fs::create_dir_all(&folder).map_err(EngineError::io("create", &folder))?;
    let runs = reduce(runs, &folder, memory / 2)?;
    let temporary = journal::temporary(verdicts);
    let mut file = BufWriter::new(File::create(&temporary).map_err(failed())?);
    let mut resolved = VerdictRecord::default();
    let mut removed: Vec<(u64, u64)> = Vec::new();
    let room = (memory / 2 / size_of::<(u64, u64)>()).max(1);
    let mut flush = |removed: &mut Vec<(u64, u64)>, resolved: &mut VerdictRecord| {
        if removed.is_empty() {
            return Ok(());
        }
        removed.sort_unstable();
        let offset = resolved.removed * verdicts::WIDTH as u64;
        resolved.runs.push((offset, removed.len() as u64));
        resolved.removed += removed.len() as u64;
        for (position, first) in removed.drain(..) {
            file.write_all(&position.to_be_bytes()).map_err(failed())?;
            file.write_all(&first.to_be_bytes()).map_err(failed())?;
        }
        Ok::<(), EngineError>(())
    };
    let mut current: Option<([u8; 16], u64)> = None;
    let mut documents = 0;
    merge(&runs, memory / 2, |record| {
        documents += 1;
        let mut key = [0; 16];
        key.copy_from_slice(&record[..16]);
        let position = verdicts::number(&record[16..]);
        match current {
            Some((same, first)) if same == key => {
                removed.push((position, first));
                if removed.len() >= room {
                    flush(&mut removed, &mut resolved)?;
                }
            }
            _ => current = Some((key, position)),
        }
        Ok(())
    })?;
    flush(&mut removed, &mut resolved)?;
    resolved.documents = documents;
    let file = file.into_inner().map_err(|error| failed()(error.into_error()))?;
    file.sync_all().map_err(failed())?;
    fs::rename(&temporary, verdicts).map_err(failed())?;
    let _ = fs::remove_dir_all(&folder);
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Position;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn write_runs(folder: &Path, records: &[Vec<(u128, u64)>]) -> Vec<Run> {
        records
            .iter()
            .enumerate()
            .map(|(number, run)| {
                let mut run: Vec<Record> =
                    run.iter().map(|&(key, position)| record(key, position)).collect();
                run.sort_unstable();
                let path = folder.join(format!("run-{number}"));
                fs::write(&path, run.concat()).unwrap();
                Run { path, offset: 0, length: (run.len() * WIDTH) as u64 }
            })
            .collect()
    }

    #[test]
    fn partitions_follow_the_order_of_keys() {
        assert_eq!(partition(0, 16), 0);
        assert_eq!(partition(u128::MAX, 16), 15);
        assert_eq!(partition(u128::MAX / 2 + 1, 16), 8);
        assert_eq!(partitions_for(0), 1);
        assert_eq!(partitions_for(1 << 40), 256);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_first_of_every_key_stays(
            // More runs than are merged at once now and then, keys that collide often.
            lengths in proptest::collection::vec(0usize..6, 1..400),
            keys in 1u128..40,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut position = 0;
            let mut runs: Vec<Vec<(u128, u64)>> = Vec::new();
            let mut first: HashMap<u128, u64> = HashMap::new();
            let mut expected: Vec<(u64, Position)> = Vec::new();
            for length in &lengths {
                let mut run = Vec::new();
                for _ in 0..*length {
                    let key = (u128::from(position) * 7919 + 13) % keys;
                    run.push((key, position));
                    match first.get(&key) {
                        Some(&kept) => expected.push((position, Position::unpack(kept))),
                        None => { first.insert(key, position); }
                    }
                    position += 1;
                }
                runs.push(run);
            }
            let runs = write_runs(folder.path(), &runs);
            let layout = Layout::new(folder.path());
            let path = layout.verdicts(0, 0);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            // Little memory, so that verdicts are flushed in several runs.
            let resolved = resolve_partition(runs, &path, 200).unwrap();
            prop_assert_eq!(resolved.documents, position);
            journal::write(&layout.verdict_record(0, 0), &resolved).unwrap();
            let verdicts = super::super::verdicts::Verdicts::open(&layout, 0, 1).unwrap();
            prop_assert_eq!(&verdicts.of_range(0, 0, u64::from(u32::MAX)).unwrap(), &expected);
            let half = position / 2;
            expected.retain(|(ordinal, _)| *ordinal >= half);
            prop_assert_eq!(verdicts.of_range(0, half, position).unwrap(), expected);
        }
    }
}
