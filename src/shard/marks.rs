//! Marks: places within a shard from which it can be read, so that several tasks can share one.
//!
//! A reader can begin anywhere only if it knows where a block begins, and how many records came
//! before. Nothing but reading the shard tells that, so a shard that is to be shared is read through
//! once, without parsing, at the speed of decompression; each task then goes to its mark. A stream
//! of several zstd frames can be entered at each of them, a file that is not compressed and one of
//! parquet anywhere; of other streams the part before the mark is decompressed again.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::compression::{Compression, Counted, Decoder};
pub use super::lines::Mark;
use super::lines::{LineKind, LineReader};
use super::listing::{Format, Shard};
use super::reader::{ReadError, ReadOptions, ShardReader};

/// How a shard can be shared by several tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// It can be entered anywhere.
    Anywhere,
    /// It can be entered anywhere, but what comes before has to be decompressed.
    ByDecompressing,
    /// It can't.
    Never,
}

/// Tells how a shard can be shared; looks at the first frame's headers of a stream of zstd.
///
/// # Errors
/// If the file can't be read.
pub fn sharing(shard: &Shard, options: &ReadOptions) -> Result<Sharing, ReadError> {
    if shard.is_stdin() || (shard.format == Format::Text && options.whole_files) {
        return Ok(Sharing::Never);
    }
    Ok(match (shard.format, shard.compression) {
        (Format::Parquet, _) | (_, Compression::None) => Sharing::Anywhere,
        (_, Compression::Gzip) => Sharing::ByDecompressing,
        (_, Compression::Zstd) => {
            let first = first_frame(&shard.path)
                .map_err(|source| ReadError::Io { path: shard.path.clone(), source })?;
            // A few large frames are no better than one.
            match first {
                Some(length) if length <= shard.bytes / 16 => Sharing::Anywhere,
                _ => Sharing::ByDecompressing,
            }
        }
    })
}

/// Length of the first frame of a zstd file in bytes, by the headers of its blocks (RFC 8878, 3.1.1);
/// none if they make no sense.
fn first_frame(path: &Path) -> io::Result<Option<u64>> {
    let mut file = BufReader::with_capacity(4096, File::open(path)?);
    let mut head = [0; 5];
    if file.read_exact(&mut head).is_err() {
        return Ok(None);
    }
    if u32::from_le_bytes([head[0], head[1], head[2], head[3]]) != 0xfd2f_b528 {
        return Ok(None);
    }
    let descriptor = head[4];
    let single_segment = descriptor & 0x20 != 0;
    let content_size = match descriptor >> 6 {
        0 => i64::from(single_segment),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let dictionary = match descriptor & 3 {
        3 => 4,
        length => i64::from(length),
    };
    let skipped = content_size + dictionary + i64::from(!single_segment);
    file.seek_relative(skipped)?;
    let mut length = 5 + skipped as u64;
    loop {
        let mut header = [0; 3];
        match file.read_exact(&mut header) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        let header = u32::from_le_bytes([header[0], header[1], header[2], 0]);
        // A run of one byte is written as that byte.
        let size = if (header >> 1) & 3 == 1 { 1 } else { u64::from(header >> 3) };
        file.seek_relative(size as i64)?;
        length += 3 + size;
        if header & 1 == 1 {
            return Ok(Some(length + if descriptor & 4 != 0 { 4 } else { 0 }));
        }
    }
}

type Starts = Arc<Mutex<Vec<(u64, u64)>>>;
type Frame = zstd::stream::read::Decoder<'static, BufReader<Counted<File>>>;

/// Decompresses frame by frame and remembers where each began: in the file and in the content.
struct Frames {
    current: Option<Frame>,
    count: Arc<AtomicU64>,
    content: u64,
    starts: Starts,
}

fn frame(reader: BufReader<Counted<File>>) -> io::Result<Frame> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(reader)?.single_frame();
    decoder.window_log_max(31)?;
    Ok(decoder)
}

impl Frames {
    fn open(path: &Path) -> io::Result<(Decoder, Starts)> {
        let count = Arc::new(AtomicU64::new(0));
        let file = Counted::new(File::open(path)?, Arc::clone(&count));
        let current = Some(frame(BufReader::with_capacity(1 << 17, file))?);
        let starts: Starts = Arc::new(Mutex::new(vec![(0, 0)]));
        let frames = Self { current, count, content: 0, starts: Arc::clone(&starts) };
        Ok((Decoder::new(Box::new(frames), Compression::None)?, starts))
    }
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(current) = &mut self.current {
            let read = current.read(buffer)?;
            if read > 0 {
                self.content += read as u64;
                return Ok(read);
            }
            let Some(ended) = self.current.take() else { break };
            let mut reader = ended.finish();
            let left = reader.fill_buf()?.len() as u64;
            if left > 0 {
                let at = self.count.load(Ordering::Relaxed) - left;
                let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
                starts.push((at, self.content));
                self.current = Some(frame(reader)?);
            }
        }
        Ok(0)
    }
}

/// The marks of a shard: where each stretch of some content begins, the first one at its beginning.
/// A shard that is damaged has marks as far as it can be read. `None` if it was asked to stop.
///
/// # Errors
/// If the file can't be read.
pub fn marks(
    shard: &Shard,
    number: u32,
    options: &ReadOptions,
    stretch_bytes: u64,
    cancel: &AtomicBool,
) -> Result<Option<Vec<Mark>>, ReadError> {
    let io = |source| ReadError::Io { path: shard.path.clone(), source };
    let mut starts = None;
    let opened: Result<Box<dyn ShardReader>, ReadError> = match (shard.format, shard.compression) {
        (Format::Jsonl | Format::Text, Compression::Zstd) if !shard.is_stdin() => {
            let (decoder, found) = Frames::open(&shard.path).map_err(io)?;
            starts = Some(found);
            Ok(Box::new(LineReader::new(&shard.path, number, decoder, kind(shard), options)))
        }
        _ => shard.open(number, options),
    };
    let mut marks = vec![Mark::default()];
    let mut reader = match opened {
        Ok(reader) => reader,
        Err(error @ ReadError::Io { .. }) => return Err(error),
        Err(_) => return Ok(Some(marks)),
    };
    let mut filled = 0;
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match reader.next_block() {
            Ok(Some(block)) => {
                if filled >= stretch_bytes {
                    filled = 0;
                    let (frame, frame_offset) = match &starts {
                        Some(starts) => {
                            let starts = starts.lock().unwrap_or_else(PoisonError::into_inner);
                            let after = starts.partition_point(|start| start.1 <= block.offset);
                            starts.get(after.saturating_sub(1)).copied().unwrap_or_default()
                        }
                        None => (0, 0),
                    };
                    marks.push(Mark {
                        ordinal: block.first_ordinal,
                        offset: block.offset,
                        frame,
                        frame_offset,
                    });
                }
                filled += block.bytes;
            }
            Err(error @ ReadError::Io { .. }) => return Err(error),
            Ok(None) | Err(_) => return Ok(Some(marks)),
        }
    }
}

fn kind(shard: &Shard) -> LineKind {
    if shard.format == Format::Text { LineKind::Text } else { LineKind::Json }
}

/// Opens a shard at a mark. It hands out the same blocks from there on as if it were read from its
/// beginning.
///
/// # Errors
/// If it can't be opened, or is not what its format says.
pub fn open_at(
    shard: &Shard,
    number: u32,
    options: &ReadOptions,
    mark: &Mark,
) -> Result<Box<dyn ShardReader>, ReadError> {
    if mark.offset == 0 {
        return shard.open(number, options);
    }
    let io = |source| ReadError::Io { path: shard.path.clone(), source };
    #[cfg(feature = "parquet")]
    if shard.format == Format::Parquet {
        let reader = super::parquet::Reader::open_at(&shard.path, number, options, mark.ordinal)?;
        return Ok(Box::new(reader));
    }
    let mut file = File::open(&shard.path).map_err(io)?;
    let mut before = mark.offset - mark.frame_offset;
    let at = match shard.compression {
        Compression::None => {
            before = 0;
            mark.offset
        }
        _ => mark.frame,
    };
    file.seek(SeekFrom::Start(at)).map_err(io)?;
    let decoder = Decoder::new(Box::new(file), shard.compression).map_err(io)?;
    let reader = LineReader::new(&shard.path, number, decoder, kind(shard), options);
    Ok(Box::new(reader.at(mark, before)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shard::compression::Encoder;
    use crate::shard::reader::Content;
    use proptest::prelude::*;

    type Seen = (u64, u64, Vec<u8>, usize);

    fn blocks(mut reader: Box<dyn ShardReader>) -> Vec<Seen> {
        let mut seen = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            let Content::JsonLines(bytes) = block.content else { panic!("lines") };
            seen.push((block.first_ordinal, block.offset, bytes, block.rejects.len()));
        }
        seen
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn blocks_are_the_same_from_any_mark(
            lengths in proptest::collection::vec(
                prop_oneof![8 => 0usize..30, 1 => 30usize..200, 1 => Just(400)], 0..60),
            ended in any::<bool>(),
            bom in any::<bool>(),
            block_bytes in 16usize..80,
            stretch in 1u64..200,
            frames in 1usize..9,
            compression in prop_oneof![
                Just(Compression::None), Just(Compression::Zstd), Just(Compression::Gzip)],
        ) {
            let mut content = if bom { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
            for (number, length) in lengths.iter().enumerate() {
                content.extend(std::iter::repeat_n(b'a' + (number % 26) as u8, *length));
                content.push(b'\n');
            }
            if !ended {
                content.pop();
            }
            let mut encoder = Encoder::new(compression, 1).unwrap();
            let mut file = Vec::new();
            for part in content.chunks(content.len().div_ceil(frames).max(1)) {
                file.extend(encoder.frame(part).unwrap());
            }
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.jsonl");
            std::fs::write(&path, &file).unwrap();
            let shard = Shard {
                path,
                format: Format::Jsonl,
                compression: if content.is_empty() { Compression::None } else { compression },
                bytes: file.len() as u64,
                fingerprint: String::new(),
            };
            let options =
                ReadOptions { block_bytes, max_document_bytes: 300, ..ReadOptions::default() };
            let all = blocks(shard.open(0, &options).unwrap());
            let marks = marks(&shard, 0, &options, stretch, &AtomicBool::new(false));
            let marks = marks.unwrap().unwrap();
            prop_assert_eq!(marks[0], Mark::default());
            for mark in &marks {
                let from = blocks(open_at(&shard, 0, &options, mark).unwrap());
                let first = match mark.offset {
                    0 => 0,
                    _ => all.iter().position(|block| block.1 == mark.offset).unwrap(),
                };
                prop_assert_eq!(&from, &all[first..]);
            }
        }
    }

    #[test]
    fn frames_are_found_without_decompressing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zst");
        let mut encoder = Encoder::new(Compression::Zstd, 3).unwrap();
        let content: Vec<u8> = (0..400_000u32).flat_map(|n| n.to_le_bytes()).collect();
        for content in [&content[..], b"", b"x"] {
            let mut file = encoder.frame(content).unwrap();
            let length = file.len() as u64;
            file.extend(encoder.frame(b"another").unwrap());
            std::fs::write(&path, &file).unwrap();
            assert_eq!(first_frame(&path).unwrap(), Some(length));
        }
        let mut streamed = zstd::encode_all(content.as_slice(), 1).unwrap();
        std::fs::write(&path, &streamed).unwrap();
        assert_eq!(first_frame(&path).unwrap(), Some(streamed.len() as u64));
        streamed.truncate(streamed.len() / 2);
        std::fs::write(&path, &streamed).unwrap();
        assert_eq!(first_frame(&path).unwrap(), None);
    }
}
