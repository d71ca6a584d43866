//! Cutting a decompressed stream into blocks of whole lines, in bounded memory.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::compression::{Compression, Decoder};
use super::reader::{Block, Content, ReadError, ReadOptions, Reject, ShardReader};

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// A JSON record.
    Json,
    /// A document's text.
    Text,
}

/// A place where a block of a shard begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Ordinal of the first record from here on.
    pub ordinal: u64,
    /// Where it is: bytes of decompressed content, or rows for parquet.
    pub offset: u64,
    /// Where in the file the last compressed frame before it begins, in bytes; 0 for the first.
    pub frame: u64,
    /// Where in the content that frame begins, in bytes.
    pub frame_offset: u64,
}

/// Reads a shard of lines block by block.
pub struct LineReader {
    path: PathBuf,
    shard: u32,
    kind: LineKind,
    decoder: Decoder,
    block_bytes: usize,
    max_line_bytes: u64,
    /// What was read past the end of the last block, and how much of it was taken since.
    rest: Vec<u8>,
    taken: usize,
    /// Content before the first block that is still to be passed over.
    before: u64,
    offset: u64,
    ordinal: u64,
    ended: bool,
    damage: Option<String>,
    /// What the system said when the file could not be read: no damage of the shard's.
    failure: Option<std::io::Error>,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl LineReader {
    /// Opens a shard.
    ///
    /// # Errors
    /// If the file can't be opened.
    pub fn open(
        path: &Path,
        shard: u32,
        compression: Compression,
        kind: LineKind,
        options: &ReadOptions,
    ) -> Result<Self, ReadError> {
        let decoder = Decoder::open(path, compression)
            .map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
        Ok(Self::new(path, shard, decoder, kind, options))
    }

    /// Reads from a stream that is already decompressed.
    pub fn new(
        path: &Path,
        shard: u32,
        decoder: Decoder,
        kind: LineKind,
        options: &ReadOptions,
    ) -> Self {
        Self {
            path: path.to_owned(),
            shard,
            kind,
            decoder,
            block_bytes: options.block_bytes.max(16),
            max_line_bytes: options.max_document_bytes,
            rest: Vec::new(),
            taken: 0,
            before: 0,
            offset: 0,
            ordinal: 0,
            ended: false,
            damage: None,
            failure: None,
        }
    }

    /// Goes on from a mark, which lies so many bytes ahead in the stream.
    pub fn at(mut self, mark: &Mark, before: u64) -> Self {
        self.before = before;
        self.offset = mark.offset;
        self.ordinal = mark.ordinal;
        self
    }

    /// Whether everything was handed out.
    fn exhausted(&self) -> bool {
        self.ended && self.taken == self.rest.len()
    }

    /// Gives back the end of a buffer that [`fill`](Self::fill) filled.
    fn put_back(&mut self, tail: Vec<u8>) {
        // Where something of the rest is left, all of the buffer came from it.
        if self.taken < self.rest.len() {
            self.taken -= tail.len();
        } else {
            self.rest = tail;
            self.taken = 0;
        }
    }

    /// Fills a buffer to some length, or to the end of the stream. First comes what is left of the
    /// rest, so that where a block ends depends on where it begins and nothing else.
    fn fill(&mut self, buffer: &mut Vec<u8>, length: usize) {
        if self.taken < self.rest.len() && buffer.len() < length {
            if buffer.is_empty() && self.taken == 0 && self.rest.len() <= length {
                std::mem::swap(buffer, &mut self.rest);
                self.rest.clear();
            } else {
                let left = self.rest.get(self.taken..).unwrap_or_default();
                let taken = left.len().min(length - buffer.len());
                buffer.extend_from_slice(left.get(..taken).unwrap_or_default());
                self.taken += taken;
                if self.taken == self.rest.len() {
                    self.rest = Vec::new();
                    self.taken = 0;
                }
            }
        }
        let mut filled = buffer.len();
        if self.ended || filled >= length {
            return;
        }
        buffer.resize(length, 0);
        // Not `read_to_end`: that asks the decoder for a few kilobytes at a time.
        while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.decoder.read(room) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    match error.raw_os_error() {
                        Some(_) => self.failure = Some(error),
                        None => self.damage = Some(error.to_string()),
                    }
                    break;
                }
            }
        }
        buffer.truncate(filled);
    }

    /// Skips the rest of a line that is too long, keeping only its beginning; and whether a line
    /// break ended it, rather than the stream.
    fn skip_long_line(&mut self, mut head: Vec<u8>) -> (Reject, bool) {
        let mut bytes = head.len() as u64;
        head.truncate(Reject::KEPT_BYTES);
        head.shrink_to_fit();
        let mut chunk = Vec::new();
        let mut broken = false;
        loop {
            chunk.clear();
            self.fill(&mut chunk, self.block_bytes);
            if let Some(end) = memchr::memchr(b'\n', &chunk) {
                bytes += end as u64;
                let tail = chunk.split_off(end + 1);
                self.put_back(tail);
                broken = true;
                break;
            }
            bytes += chunk.len() as u64;
            if self.exhausted() {
                break;
            }
        }
        let reject = Reject {
            ordinal: self.ordinal,
            line: self.ordinal + 1,
            offset: self.offset,
            bytes,
            reason: "too_long",
            detail: format!(
                "the line has {bytes} bytes, input.max_document_bytes allows {}",
                self.max_line_bytes
            ),
            raw: head,
        };
        (reject, broken)
    }
}

/// Content that is passed over at once: some tens of milliseconds.
const APPROACHED: u64 = 16 << 20;

impl ShardReader for LineReader {
    fn approach(&mut self) -> Result<bool, ReadError> {
        if self.before == 0 {
            return Ok(true);
        }
        let io = |source| ReadError::Io { path: self.path.clone(), source };
        let wanted = self.before.min(APPROACHED);
        let passed = std::io::copy(&mut self.decoder.by_ref().take(wanted), &mut std::io::sink());
        // It could be read when its marks were made.
        if passed.map_err(io)? != wanted {
            return Err(io(std::io::ErrorKind::UnexpectedEof.into()));
        }
        self.before -= wanted;
        Ok(self.before == 0)
    }

    fn next_block(&mut self) -> Result<Option<Block>, ReadError> {
        while !self.approach()? {}
        let mut buffer = Vec::new();
        let mut wanted = self.block_bytes;
        let mut searched = 0;
        loop {
            self.fill(&mut buffer, wanted);
            if let Some(source) = self.failure.take() {
                return Err(ReadError::Io { path: self.path.clone(), source });
            }
            if self.offset == 0 && buffer.starts_with(BYTE_ORDER_MARK) {
                buffer.drain(..BYTE_ORDER_MARK.len());
                self.offset = BYTE_ORDER_MARK.len() as u64;
            }
            // A full buffer may have more behind it or not, which must make no difference.
            if self.exhausted() && buffer.len() < wanted {
                break;
            }
            if let Some(last) = memchr::memrchr(b'\n', &buffer[searched..]) {
                let tail = buffer.split_off(searched + last + 1);
                self.put_back(tail);
                break;
            }
            searched = buffer.len();
            if buffer.len() as u64 > self.max_line_bytes {
                let (reject, broken) = self.skip_long_line(buffer);
                // The line break belongs to the line.
                let bytes = reject.bytes + u64::from(broken);
                let block = Block {
                    shard: self.shard,
                    first_ordinal: self.ordinal,
                    offset: self.offset,
                    bytes,
                    content: self.content(Vec::new()),
                    rejects: vec![reject],
                };
                self.offset += bytes;
                self.ordinal += 1;
                return Ok(Some(block));
            }
            wanted = wanted.saturating_mul(2).min(self.max_line_bytes as usize + 2).max(wanted + 1);
        }
        if buffer.is_empty() {
            return match self.damage.take() {
                Some(message) => Err(ReadError::Damaged {
                    path: self.path.clone(),
                    offset: self.offset,
                    message,
                }),
                None => Ok(None),
            };
        }
        let bytes = buffer.len() as u64;
        let lines = memchr::memchr_iter(b'\n', &buffer).count() as u64
            + u64::from(buffer.last() != Some(&b'\n'));
        let block = Block {
            shard: self.shard,
            first_ordinal: self.ordinal,
            offset: self.offset,
            bytes,
            content: self.content(buffer),
            rejects: Vec::new(),
        };
        self.offset += bytes;
        self.ordinal += lines;
        Ok(Some(block))
    }

    fn consumed(&self) -> u64 {
        self.decoder.consumed()
    }
}

impl LineReader {
    fn content(&self, bytes: Vec<u8>) -> Content {
        match self.kind {
            LineKind::Json => Content::JsonLines(bytes),
            LineKind::Text => Content::TextLines(bytes),
        }
    }
}

/// Reads a plain text file as one document.
pub struct FileReader {
    lines: LineReader,
}

impl FileReader {
    /// Opens a file.
    ///
    /// # Errors
    /// If it can't be opened.
    pub fn open(
        path: &Path,
        shard: u32,
        compression: Compression,
        options: &ReadOptions,
    ) -> Result<Self, ReadError> {
        Ok(Self { lines: LineReader::open(path, shard, compression, LineKind::Text, options)? })
    }
}

impl ShardReader for FileReader {
    fn next_block(&mut self) -> Result<Option<Block>, ReadError> {
        let reader = &mut self.lines;
        if reader.ordinal > 0 {
            return match reader.damage.take() {
                Some(message) => Err(ReadError::Damaged {
                    path: reader.path.clone(),
                    offset: reader.offset,
                    message,
                }),
                None => Ok(None),
            };
        }
        let limit = reader.max_line_bytes as usize;
        let mut content = Vec::new();
        let mut wanted = reader.block_bytes.min(limit.saturating_add(1));
        loop {
            reader.fill(&mut content, wanted);
            if let Some(source) = reader.failure.take() {
                return Err(ReadError::Io { path: reader.path.clone(), source });
            }
            if reader.ended || content.len() > limit {
                break;
            }
            wanted = wanted.saturating_mul(2).min(limit.saturating_add(1));
        }
        let mut bytes = content.len() as u64;
        let mut rejects = Vec::new();
        if content.len() > limit {
            let mut chunk = Vec::new();
            while !reader.ended {
                chunk.clear();
                reader.fill(&mut chunk, reader.block_bytes);
                bytes += chunk.len() as u64;
            }
            if let Some(source) = reader.failure.take() {
                return Err(ReadError::Io { path: reader.path.clone(), source });
            }
            content.truncate(Reject::KEPT_BYTES);
            rejects.push(Reject {
                ordinal: 0,
                line: 1,
                offset: 0,
                bytes,
                reason: "too_long",
                detail: format!(
                    "the file has {bytes} bytes, input.max_document_bytes allows {limit}"
                ),
                raw: std::mem::take(&mut content),
            });
        }
        reader.ordinal = 1;
        reader.offset = bytes;
        if content.is_empty() && rejects.is_empty() {
            return self.next_block();
        }
        Ok(Some(Block {
            shard: reader.shard,
            first_ordinal: 0,
            offset: 0,
            bytes,
            content: if rejects.is_empty() {
                Content::TextFile(content)
            } else {
                Content::TextLines(Vec::new())
            },
            rejects,
        }))
    }

    fn consumed(&self) -> u64 {
        self.lines.consumed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reader(content: &[u8], block_bytes: usize, limit: u64) -> LineReader {
        let stream = Box::new(std::io::Cursor::new(content.to_vec()));
        let decoder = Decoder::new(stream, Compression::None).unwrap();
        let options =
            ReadOptions { block_bytes, max_document_bytes: limit, ..ReadOptions::default() };
        LineReader::new(Path::new("x"), 0, decoder, LineKind::Json, &options)
    }

    fn blocks(mut reader: LineReader) -> Vec<Block> {
        let mut blocks = Vec::new();
        while let Some(block) = reader.next_block().unwrap() {
            blocks.push(block);
        }
        blocks
    }

    fn bytes(block: &Block) -> &[u8] {
        match &block.content {
            Content::JsonLines(bytes) => bytes,
            _ => panic!("not lines"),
        }
    }

    #[test]
    fn an_over_long_line_costs_itself_only() {
        let mut content = b"{}\n".to_vec();
        content.extend(vec![b'x'; 1000]);
        content.extend(b"\n{}\n");
        let blocks = blocks(reader(&content, 16, 100));
        let rejects: Vec<&Reject> = blocks.iter().flat_map(|block| &block.rejects).collect();
        assert_eq!(rejects.len(), 1);
        assert_eq!((rejects[0].ordinal, rejects[0].offset, rejects[0].bytes), (1, 3, 1000));
        let last = blocks.last().unwrap();
        assert_eq!((bytes(last), last.first_ordinal, last.offset), (&b"{}\n"[..], 2, 1004));
    }

    #[test]
    fn the_line_break_behind_an_over_long_last_line_is_counted() {
        let blocks = blocks(reader(b"aaaaaaaaaaaaaaaaa\n", 16, 1));
        assert_eq!(blocks.iter().map(|block| block.bytes).sum::<u64>(), 18);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_record() {
        let blocks = blocks(reader(b"\xef\xbb\xbf{}\n", 16, 100));
        assert_eq!(bytes(&blocks[0]), b"{}\n");
        assert_eq!(blocks[0].offset, 3);
    }

    proptest! {
        #[test]
        fn blocks_are_the_stream(
            content in proptest::collection::vec(prop_oneof![3 => Just(b'a'), 1 => Just(b'\n')], 0..300),
            block_bytes in 16usize..64,
            limit in 1u64..40,
        ) {
            let blocks = blocks(reader(&content, block_bytes, limit));
            let total: u64 = blocks.iter().map(|block| block.bytes).sum();
            prop_assert_eq!(total, content.len() as u64);
            let mut offset = 0;
            for block in &blocks {
                prop_assert_eq!(block.offset, offset);
                let start = offset as usize;
                let line = content[..start].iter().filter(|&&byte| byte == b'\n').count();
                prop_assert_eq!(block.first_ordinal, line as u64);
                offset += block.bytes;
                if block.rejects.is_empty() {
                    prop_assert_eq!(bytes(block), &content[start..offset as usize]);
                }
            }
        }
    }
}
