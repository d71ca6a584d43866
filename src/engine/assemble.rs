//! Assembling shards: frames of all segments, in input order, into files near the wanted size.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

#[cfg(feature = "parquet")]
use super::container::read_frame;
use super::error::EngineError;
use super::journal::{self, FrameRecord, Kind, SegmentRecord};
use super::layout::Layout;
use super::statistics::OutputShard;

/// A frame and the file that it lies in.
type Located = (PathBuf, FrameRecord);

/// A file to be put together.
struct Part {
    path: PathBuf,
    frames: Vec<Located>,
}

/// How a kind of rows is put together.
#[derive(Debug, Clone)]
pub struct Form {
    /// The end of file names, `.jsonl.zst` and the like.
    pub extension: String,
    /// Whether frames are parquet files, rather than streams that can be joined end to end.
    pub parquet: bool,
    /// The wanted size of a file in bytes.
    pub shard_size: u64,
}

/// Frames of a kind by partition, in input order.
fn frames_of(
    layout: &Layout,
    passes: &[Vec<Vec<SegmentRecord>>],
    kind: Kind,
) -> BTreeMap<String, Vec<Located>> {
    let mut partitions: BTreeMap<String, Vec<Located>> = BTreeMap::new();
    for (pass, shards) in passes.iter().enumerate() {
        for segment in shards.iter().flatten() {
            let path = layout.segment_pieces(pass, segment.shard, segment.segment);
            for frame in segment.pieces.iter().filter(|frame| frame.kind == kind) {
                let partition = partitions.entry(frame.partition.clone()).or_default();
                partition.push((path.clone(), frame.clone()));
            }
        }
    }
    partitions
}

/// Cuts a partition's frames where the size comes nearest to the wanted one.
fn cut(folder: &Path, frames: Vec<Located>, form: &Form) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut size = 0;
    for located in frames {
        let length = located.1.length;
        let full = size > 0 && size + length / 2 > form.shard_size;
        match parts.last_mut().filter(|_| !full) {
            Some(part) => {
                size += length;
                part.frames.push(located);
            }
            None => {
                size = length;
                let name = format!("part-{:05}{}", parts.len(), form.extension);
                parts.push(Part { path: folder.join(name), frames: vec![located] });
            }
        }
    }
    parts
}

/// Puts all files of a kind together; those that are there already are left as they are.
///
/// # Errors
/// If a file can't be read or written, or the run was asked to stop.
pub fn assemble(
    layout: &Layout,
    passes: &[Vec<Vec<SegmentRecord>>],
    kind: Kind,
    folder: &Path,
    form: &Form,
    pool: &rayon::ThreadPool,
    cancel: &AtomicBool,
) -> Result<Vec<OutputShard>, EngineError> {
    let mut parts = Vec::new();
    for (partition, frames) in frames_of(layout, passes, kind) {
        parts.extend(cut(&folder.join(partition), frames, form));
    }
    // A kill must leave no half-written file among the shards, so they are written elsewhere.
    let room = layout.work().join(format!("assemble-{kind:?}"));
    fs::create_dir_all(&room).map_err(EngineError::io("create", &room))?;
    pool.install(|| {
        parts
            .into_par_iter()
            .enumerate()
            .map(|(number, part)| {
                if cancel.load(Ordering::Relaxed) {
                    return Err(EngineError::Interrupted);
                }
                if !part.path.exists() {
                    let temporary = journal::temporary(&room.join(number.to_string()));
                    join(&part.path, &temporary, &part.frames, form.parquet)?;
                }
                let metadata =
                    fs::metadata(&part.path).map_err(EngineError::io("read", &part.path))?;
                let path = part.path.strip_prefix(layout.root()).unwrap_or(&part.path);
                Ok(OutputShard {
                    path: path.to_string_lossy().into_owned(),
                    documents: part.frames.iter().map(|(_, frame)| frame.documents).sum(),
                    bytes: metadata.len(),
                    text_bytes: part.frames.iter().map(|(_, frame)| frame.text_bytes).sum(),
                })
            })
            .collect()
    })
}

/// Puts all frames of a kind into one file.
///
/// # Errors
/// If a file can't be read or written.
pub fn assemble_file(
    layout: &Layout,
    passes: &[Vec<Vec<SegmentRecord>>],
    kind: Kind,
    path: &Path,
    parquet: bool,
) -> Result<(), EngineError> {
    let frames: Vec<Located> = frames_of(layout, passes, kind).into_values().flatten().collect();
    join(path, &journal::temporary(path), &frames, parquet)
}

fn join(
    path: &Path,
    temporary: &Path,
    frames: &[Located],
    parquet: bool,
) -> Result<(), EngineError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(EngineError::io("create", folder))?;
    }
    let failed = || EngineError::io("write", temporary);
    let file = File::create(temporary).map_err(failed())?;
    if parquet {
        let file = join_parquet(file, frames)?;
        file.sync_all().map_err(failed())?;
    } else {
        let mut file = file;
        for (container, offset, length) in stretches(frames) {
            let failed_read = || EngineError::io("read", container);
            let mut from = File::open(container).map_err(failed_read())?;
            from.seek(SeekFrom::Start(offset)).map_err(failed_read())?;
            // The kernel copies from file to file by itself where it can.
            let copied = io::copy(&mut from.take(length), &mut file).map_err(failed())?;
            if copied != length {
                return Err(failed_read()(io::ErrorKind::UnexpectedEof.into()));
            }
        }
        file.sync_all().map_err(failed())?;
    }
    fs::rename(temporary, path).map_err(EngineError::io("write", path))
}

/// Frames that lie side by side in one file, taken together: file, offset, length.
fn stretches(frames: &[Located]) -> Vec<(&Path, u64, u64)> {
    let mut stretches: Vec<(&Path, u64, u64)> = Vec::new();
    for (container, frame) in frames {
        match stretches.last_mut() {
            Some((path, offset, length))
                if *path == container && *offset + *length == frame.offset =>
            {
                *length += frame.length;
            }
            _ => stretches.push((container, frame.offset, frame.length)),
        }
    }
    stretches
}

#[cfg(feature = "parquet")]
fn join_parquet(file: File, frames: &[Located]) -> Result<File, EngineError> {
    use crate::shard::parquet::Concatenation;
    let failed = |error: &dyn std::fmt::Display| EngineError::Parquet(error.to_string());
    let kept = file.try_clone().map_err(|error| failed(&error))?;
    let mut joined = Concatenation::create(file);
    for (container, frame) in frames {
        joined.append(read_frame(container, frame)?).map_err(|error| failed(&error))?;
    }
    joined.finish().map_err(|error| failed(&error))?;
    Ok(kept)
}

#[cfg(not(feature = "parquet"))]
fn join_parquet(_: File, _: &[Located]) -> Result<File, EngineError> {
    Err(EngineError::Parquet("this sapwood was built without parquet".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frames(lengths: &[u64]) -> Vec<Located> {
        lengths
            .iter()
            .map(|&length| {
                let frame = FrameRecord {
                    kind: Kind::Data,
                    partition: String::new(),
                    offset: 0,
                    length,
                    documents: 1,
                    text_bytes: 1,
                };
                (PathBuf::from("x"), frame)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn parts_hold_all_frames_and_come_near_the_wanted_size(
            lengths in proptest::collection::vec(1u64..40, 0..60),
            shard_size in 1u64..200,
        ) {
            let form = Form { extension: ".jsonl".into(), parquet: false, shard_size };
            let parts = cut(Path::new("f"), frames(&lengths), &form);
            let sizes: Vec<u64> = parts
                .iter()
                .map(|part| part.frames.iter().map(|(_, frame)| frame.length).sum())
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
