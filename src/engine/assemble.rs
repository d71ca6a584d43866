//! Assembling shards: frames of all segments, in input order, into files near the wanted size.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

use super::error::EngineError;
use super::journal::{self, FrameRecord, Kind, SegmentRecord};
use super::layout::Layout;
use crate::external::Unfinished;

/// A stretch of a segment's file of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// The pass that left it.
    pub pass: usize,
    /// Number of the shard.
    pub shard: u32,
    /// Number of the segment in the shard.
    pub segment: u32,
    /// Who made the file.
    pub writer: String,
    /// Where it starts in the file.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
}

impl Slice {
    fn path(&self, layout: &Layout) -> PathBuf {
        layout.segment_pieces(self.pass, self.shard, self.segment, &self.writer)
    }

    fn of(pass: usize, segment: &SegmentRecord, frame: &FrameRecord) -> Self {
        Self {
            pass,
            shard: segment.shard,
            segment: segment.segment,
            writer: segment.writer.clone(),
            offset: frame.offset,
            length: frame.length,
        }
    }

    /// Takes in what lies right behind it; tells whether it did.
    fn extend(&mut self, next: &Located<'_>) -> bool {
        let Located { pass, segment, frame } = next;
        let same = (self.pass, self.shard, self.segment) == (*pass, segment.shard, segment.segment);
        let follows = same && self.offset + self.length == frame.offset;
        if follows {
            self.length += frame.length;
        }
        follows
    }
}

/// A file to be put together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its number among all files of the output.
    pub number: u32,
    /// What its rows are for.
    pub kind: Kind,
    /// Its path in the output folder.
    pub path: PathBuf,
    /// Whether frames are parquet files, rather than streams that can be joined end to end.
    pub parquet: bool,
    /// Its rows.
    pub documents: u64,
    /// Bytes of text in it.
    pub text_bytes: u64,
    /// What it is made of, in order.
    pub slices: Vec<Slice>,
}

/// The journal record of a file of the output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRecord {
    /// What its rows are for.
    pub kind: Kind,
    /// Its path in the output folder.
    pub path: PathBuf,
    /// Its rows.
    pub documents: u64,
    /// Bytes of text in it.
    pub text_bytes: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// xxh3-64 of it, in hexadecimal.
    pub xxh3: String,
}

/// How a kind of rows is put together.
#[derive(Debug, Clone)]
pub struct Form {
    /// What the rows are for.
    pub kind: Kind,
    /// The folder of the files, in the output folder.
    pub folder: PathBuf,
    /// The end of file names, `.jsonl.zst` and the like.
    pub extension: String,
    /// Whether frames are parquet files.
    pub parquet: bool,
    /// The wanted size of a file in bytes.
    pub shard_size: u64,
}

/// A frame, and where it lies.
#[derive(Clone, Copy)]
struct Located<'s> {
    pass: usize,
    segment: &'s SegmentRecord,
    frame: &'s FrameRecord,
}

impl Located<'_> {
    fn slice(&self) -> Slice {
        Slice::of(self.pass, self.segment, self.frame)
    }
}

/// Frames of a kind by partition, in input order.
fn frames_of(passes: &[Vec<Vec<SegmentRecord>>], kind: Kind) -> BTreeMap<&str, Vec<Located<'_>>> {
    let mut partitions: BTreeMap<&str, Vec<Located<'_>>> = BTreeMap::new();
    for (pass, shards) in passes.iter().enumerate() {
        for segment in shards.iter().flatten() {
            for frame in segment.pieces.iter().filter(|frame| frame.kind == kind) {
                let partition = partitions.entry(&frame.partition).or_default();
                partition.push(Located { pass, segment, frame });
            }
        }
    }
    partitions
}

/// Cuts a partition's frames where the size comes nearest to the wanted one.
fn cut(folder: &Path, frames: &[Located<'_>], form: &Form) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut size = 0;
    for located in frames {
        let frame = located.frame;
        let full = size > 0 && size + frame.length / 2 > form.shard_size;
        if full || parts.is_empty() {
            size = 0;
            let name = format!("part-{:05}{}", parts.len(), form.extension);
            parts.push(Part {
                number: 0,
                kind: form.kind,
                path: folder.join(name),
                parquet: form.parquet,
                documents: 0,
                text_bytes: 0,
                slices: Vec::new(),
            });
        }
        let Some(part) = parts.last_mut() else { continue };
        size += frame.length;
        part.documents += frame.documents;
        part.text_bytes += frame.text_bytes;
        // Frames that lie side by side are copied together.
        let joined = !form.parquet && part.slices.last_mut().is_some_and(|it| it.extend(located));
        if !joined {
            part.slices.push(located.slice());
        }
    }
    parts
}

/// All files of the output, numbered in order.
pub fn arrange(passes: &[Vec<Vec<SegmentRecord>>], forms: &[Form]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for form in forms {
        for (partition, frames) in frames_of(passes, form.kind) {
            parts.extend(cut(&form.folder.join(partition), &frames, form));
        }
    }
    for (number, part) in (0..).zip(&mut parts) {
        part.number = number;
    }
    parts
}

/// Puts files together, but for those that are committed.
///
/// # Errors
/// If a file can't be read or written, or the run was asked to stop.
pub fn assemble(
    layout: &Layout,
    parts: &[Part],
    pool: &rayon::ThreadPool,
    cancel: &AtomicBool,
) -> Result<(), EngineError> {
    pool.install(|| {
        parts.par_iter().with_max_len(1).try_for_each(|part| {
            if cancel.load(Ordering::Relaxed) {
                return Err(EngineError::Interrupted);
            }
            let journal = layout.part_record(part.number);
            if journal::read::<PartRecord>(&journal)?.is_none() {
                // Beside the shards a kill must leave nothing half-written.
                let room = layout.temporaries();
                fs::create_dir_all(&room).map_err(EngineError::io("create", &room))?;
                let name = format!("part-{}", part.number);
                let unfinished = Unfinished::beside(&room.join(name));
                let path = layout.root().join(&part.path);
                let (bytes, xxh3) = join(layout, part, unfinished, &path, cancel)?;
                let record = PartRecord {
                    kind: part.kind,
                    path: part.path.clone(),
                    documents: part.documents,
                    text_bytes: part.text_bytes,
                    bytes,
                    xxh3,
                };
                journal::write(&journal, &record)?;
            }
            Ok(())
        })
    })
}

/// Puts all frames of a kind into one file.
///
/// # Errors
/// If a file can't be read or written, or the run was asked to stop.
pub fn assemble_file(
    layout: &Layout,
    passes: &[Vec<Vec<SegmentRecord>>],
    kind: Kind,
    path: &Path,
    parquet: bool,
    cancel: &AtomicBool,
) -> Result<(), EngineError> {
    let frames = frames_of(passes, kind).into_values().flatten();
    let part = Part {
        number: 0,
        kind,
        path: path.to_owned(),
        parquet,
        documents: 0,
        text_bytes: 0,
        slices: frames.map(|located| located.slice()).collect(),
    };
    join(layout, &part, Unfinished::beside(path), path, cancel).map(|_| ())
}

/// Puts a file together. Returns its size and hash.
fn join(
    layout: &Layout,
    part: &Part,
    unfinished: Unfinished,
    path: &Path,
    cancel: &AtomicBool,
) -> Result<(u64, String), EngineError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(EngineError::io("create", folder))?;
    }
    let joined = match part.parquet {
        true => join_parquet(layout, part, unfinished.path(), cancel)?,
        false => join_streams(layout, part, unfinished.path(), cancel)?,
    };
    unfinished.publish(path).map_err(EngineError::io("write", path))?;
    Ok(joined)
}

fn join_streams(
    layout: &Layout,
    part: &Part,
    temporary: &Path,
    cancel: &AtomicBool,
) -> Result<(u64, String), EngineError> {
    let failed = || EngineError::io("write", temporary);
    let mut file = File::create(temporary).map_err(failed())?;
    let mut hasher = Xxh3Default::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 1 << 20];
    for slice in &part.slices {
        let container = slice.path(layout);
        let failed_read = || EngineError::io("read", &container);
        let mut from = File::open(&container).map_err(failed_read())?;
        from.seek(SeekFrom::Start(slice.offset)).map_err(failed_read())?;
        let mut left = slice.length;
        while left > 0 {
            if cancel.load(Ordering::Relaxed) {
                return Err(EngineError::Interrupted);
            }
            let length = left.min(buffer.len() as u64) as usize;
            let Some(piece) = buffer.get_mut(..length) else { break };
            from.read_exact(piece).map_err(failed_read())?;
            hasher.update(piece);
            file.write_all(piece).map_err(failed())?;
            left -= length as u64;
        }
        bytes += slice.length;
    }
    file.sync_all().map_err(failed())?;
    Ok((bytes, format!("{:016x}", hasher.digest())))
}

/// The size and the hash of a file: xxh3-64, in hexadecimal.
///
/// # Errors
/// If it can't be read.
pub fn hash_file(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hasher = Xxh3Default::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => return Ok((bytes, format!("{:016x}", hasher.digest()))),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}

#[cfg(feature = "parquet")]
fn join_parquet(
    layout: &Layout,
    part: &Part,
    temporary: &Path,
    cancel: &AtomicBool,
) -> Result<(u64, String), EngineError> {
    use crate::shard::parquet::Concatenation;
    let failed = |error: &dyn std::fmt::Display| EngineError::Parquet(error.to_string());
    let io_failed = || EngineError::io("write", temporary);
    let file = File::create(temporary).map_err(io_failed())?;
    let kept = file.try_clone().map_err(io_failed())?;
    let mut joined = Concatenation::create(file);
    for slice in &part.slices {
        if cancel.load(Ordering::Relaxed) {
            return Err(EngineError::Interrupted);
        }
        let container = slice.path(layout);
        let failed_read = || EngineError::io("read", &container);
        let mut from = File::open(&container).map_err(failed_read())?;
        from.seek(SeekFrom::Start(slice.offset)).map_err(failed_read())?;
        let mut frame = vec![0; slice.length as usize];
        from.read_exact(&mut frame).map_err(failed_read())?;
        joined.append(frame).map_err(|error| failed(&error))?;
    }
    joined.finish().map_err(|error| failed(&error))?;
    kept.sync_all().map_err(io_failed())?;
    hash_file(temporary).map_err(EngineError::io("read", temporary))
}

#[cfg(not(feature = "parquet"))]
fn join_parquet(
    _: &Layout,
    _: &Part,
    _: &Path,
    _: &AtomicBool,
) -> Result<(u64, String), EngineError> {
    Err(EngineError::Parquet("this sapwood was built without parquet".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(lengths: &[u64]) -> SegmentRecord {
        let frame = |&length| FrameRecord {
            kind: Kind::Data,
            partition: String::new(),
            offset: 0,
            length,
            documents: 1,
            text_bytes: 1,
            counts: Vec::new(),
        };
        SegmentRecord {
            shard: 0,
            segment: 0,
            writer: String::new(),
            last: true,
            first_ordinal: 0,
            next_ordinal: lengths.len() as u64,
            statistics: Default::default(),
            pieces: lengths.iter().map(frame).collect(),
            spill: Vec::new(),
            pieces_xxh3: String::new(),
            spill_xxh3: String::new(),
        }
    }

    proptest! {
        #[test]
        fn parts_hold_all_frames_and_come_near_the_wanted_size(
            lengths in proptest::collection::vec(1u64..40, 0..60),
            shard_size in 1u64..200,
        ) {
            let form = Form {
                kind: Kind::Data,
                folder: PathBuf::new(),
                extension: ".jsonl".into(),
                parquet: false,
                shard_size,
            };
            let passes = [vec![vec![segment(&lengths)]]];
            let frames = frames_of(&passes, Kind::Data).remove("").unwrap_or_default();
            let parts = cut(Path::new("f"), &frames, &form);
            let sizes: Vec<u64> = parts
                .iter()
                .map(|part| part.slices.iter().map(|slice| slice.length).sum())
                .collect();
            prop_assert_eq!(sizes.iter().sum::<u64>(), lengths.iter().sum::<u64>());
            for (number, size) in sizes.iter().enumerate() {
                prop_assert!(*size <= shard_size + 40, "part {} has {}", number, size);
                if number + 1 < sizes.len() {
                    prop_assert!(*size + 40 >= shard_size, "part {} has {}", number, size);
                }
            }
        }
    }
}
