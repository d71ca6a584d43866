//! Compressed streams: decoding by content, encoding of frames.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a stream of bytes is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, one or more members.
    Gzip,
    /// Zstandard, one or more frames.
    Zstd,
}

impl Compression {
    /// What the first bytes of a file say.
    pub fn of_content(head: &[u8]) -> Self {
        match head {
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            // Skippable frames may come first: 0x184D2A50 to 0x184D2A5F, little-endian.
            [low, 0x2a, 0x4d, 0x18, ..] if low & 0xf0 == 0x50 => Compression::Zstd,
            [0x1f, 0x8b, ..] => Compression::Gzip,
            _ => Compression::None,
        }
    }

    /// The file extension, with its dot.
    pub fn extension(self) -> &'static str {
        match self {
            Compression::None => "",
            Compression::Gzip => ".gz",
            Compression::Zstd => ".zst",
        }
    }

    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "no compression",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }

    /// The level that is used where none is configured: zstd 3 and gzip 6 are the tools' own
    /// defaults, so sizes compare with what users have.
    pub fn default_level(self) -> i32 {
        match self {
            Compression::None => 0,
            Compression::Gzip => 6,
            Compression::Zstd => 3,
        }
    }
}

/// A reader that counts what passes through, so that progress can be told in bytes of the file.
pub(super) struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    pub(super) fn new(inner: R, count: Arc<AtomicU64>) -> Self {
        Self { inner, count }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// A decompressed stream, and how many bytes of the file it has consumed.
pub struct Decoder {
    inner: Box<dyn Read + Send>,
    consumed: Arc<AtomicU64>,
}

impl Decoder {
    /// Opens a file.
    ///
    /// # Errors
    /// If it can't be opened or read.
    pub fn open(path: &Path, compression: Compression) -> io::Result<Self> {
        Self::new(Box::new(File::open(path)?), compression)
    }

    /// Decodes any stream.
    ///
    /// # Errors
    /// If the decoder can't be set up.
    pub fn new(stream: Box<dyn Read + Send>, compression: Compression) -> io::Result<Self> {
        let consumed = Arc::new(AtomicU64::new(0));
        let stream = Counted { inner: stream, count: Arc::clone(&consumed) };
        let inner: Box<dyn Read + Send> = match compression {
            Compression::None => Box::new(stream),
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(
                BufReader::with_capacity(1 << 17, stream),
            )),
            Compression::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(
                    BufReader::with_capacity(1 << 17, stream),
                )?;
                // Files written with `--long=28` and more are refused otherwise. The window is
                // only touched as far as the content reaches, so a lying header costs no memory.
                decoder.window_log_max(31)?;
                Box::new(decoder)
            }
        };
        Ok(Self { inner, consumed })
    }

    /// Bytes of the file consumed so far.
    pub fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }
}

impl Read for Decoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

/// Compresses independent frames; the frames of a file, one after the other, are a valid file.
pub struct Encoder {
    compression: Compression,
    level: i32,
    zstd: Option<zstd::bulk::Compressor<'static>>,
    /// Kept between frames: fresh memory for the largest possible frame costs more than a copy.
    buffer: Vec<u8>,
}

impl Encoder {
    /// An encoder, to be reused for many frames.
    ///
    /// # Errors
    /// If the level is not one of the format's.
    pub fn new(compression: Compression, level: i32) -> io::Result<Self> {
        let zstd = match compression {
            Compression::Zstd => {
                let mut compressor = zstd::bulk::Compressor::new(level)?;
                // So that a flipped bit is damage, and not another text.
                compressor.include_checksum(true)?;
                Some(compressor)
            }
            _ => None,
        };
        Ok(Self { compression, level, zstd, buffer: Vec::new() })
    }

    /// Compresses one frame.
    ///
    /// # Errors
    /// If the encoder fails, which it does only for want of memory.
    pub fn frame(&mut self, content: &[u8]) -> io::Result<Vec<u8>> {
        match (self.compression, &mut self.zstd) {
            (Compression::Zstd, Some(compressor)) => {
                self.buffer.clear();
                self.buffer.reserve(zstd::zstd_safe::compress_bound(content.len()));
                compressor.compress_to_buffer(content, &mut self.buffer)?;
                let frame = self.buffer.clone();
                if self.buffer.capacity() > 16 << 20 {
                    self.buffer = Vec::new();
                }
                Ok(frame)
            }
            (Compression::Gzip, _) => {
                let level = flate2::Compression::new(self.level.clamp(0, 9) as u32);
                let mut encoder = flate2::GzBuilder::new()
                    .mtime(0)
                    .write(Vec::with_capacity(content.len() / 2), level);
                encoder.write_all(content)?;
                encoder.finish()
            }
            _ => Ok(content.to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: Vec<u8>, compression: Compression) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Decoder::new(Box::new(io::Cursor::new(bytes)), compression)?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn frames_one_after_the_other_decode_as_one_stream() {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let mut encoder = Encoder::new(compression, compression.default_level()).unwrap();
            let mut file = encoder.frame(b"one\n").unwrap();
            file.extend(encoder.frame(b"two\n").unwrap());
            assert_eq!(Compression::of_content(&file), compression);
            assert_eq!(decoded(file, compression).unwrap(), b"one\ntwo\n");
        }
    }

    #[test]
    fn a_truncated_stream_is_an_error_and_never_an_end() {
        for compression in [Compression::Gzip, Compression::Zstd] {
            let mut encoder = Encoder::new(compression, 1).unwrap();
            let mut file = encoder.frame(&vec![b'x'; 100_000]).unwrap();
            file.truncate(file.len() - 5);
            assert!(decoded(file, compression).is_err(), "{compression:?}");
        }
    }

    #[test]
    fn long_windows_are_read() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(28).unwrap();
        encoder.long_distance_matching(true).unwrap();
        encoder.write_all(b"far back").unwrap();
        let file = encoder.finish().unwrap();
        assert_eq!(decoded(file, Compression::Zstd).unwrap(), b"far back");
    }
}
