//! What all readers of shards share: blocks, field mappings and rejected records.

use std::path::PathBuf;

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};

use crate::batch::Batch;

/// What can go wrong with a shard as a whole. A single bad record is a [`Reject`] instead.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file can't be opened or read.
    #[error("can't read {path}: {source}")]
    Io {
        /// The shard.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file's content and its name, or the configured format, disagree.
    #[error("{path}: {message}")]
    Format {
        /// The shard.
        path: PathBuf,
        /// What was expected, what was found, what to do.
        message: String,
    },
    /// The shard is cut short or corrupt from some point on; what came before was handed out.
    #[error("{path} is damaged after {offset} bytes of content: {message}")]
    Damaged {
        /// The shard.
        path: PathBuf,
        /// Bytes of decompressed content (rows for parquet) that could be read.
        offset: u64,
        /// What the decoder said.
        message: String,
    },
}

/// Which input field is what; dotted paths reach into nested objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FieldMapping {
    /// The field with the document's text.
    pub text: String,
    /// The field with its id. A record without one gets a stable hash of content and position.
    pub id: String,
    /// The field that names where the document came from.
    pub source: String,
    /// The field with its URL.
    pub url: String,
    /// The field with its language, if the input knows it.
    pub language: String,
    /// The field with its licence.
    pub license: String,
    /// The field with its date.
    pub date: String,
}

impl Default for FieldMapping {
    fn default() -> Self {
        let name = str::to_owned;
        Self {
            text: name("text"),
            id: name("id"),
            source: name("source"),
            url: name("url"),
            language: name("language"),
            license: name("license"),
            date: name("date"),
        }
    }
}

impl FieldMapping {
    /// The paths of the optional columns, in the order of [`OPTIONAL`](crate::batch::OPTIONAL).
    pub fn optional(&self) -> [&str; 5] {
        [&self.source, &self.url, &self.language, &self.license, &self.date]
    }
}

/// How shards are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Which field is what.
    pub fields: FieldMapping,
    /// A record longer than this many bytes is rejected.
    pub max_document_bytes: u64,
    /// Bytes of content that make a block.
    pub block_bytes: usize,
    /// Whether a plain text file is one document, rather than one a line.
    pub whole_files: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            fields: FieldMapping::default(),
            max_document_bytes: 64 << 20,
            // Large enough that locks and bookkeeping vanish, small enough to stay in a core's cache.
            block_bytes: 512 << 10,
            whole_files: true,
        }
    }
}

/// A record that can't become a document. It is written out beside the output, never lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Number of the record in its shard, from 0.
    pub ordinal: u64,
    /// Line in the decompressed shard, from 1 (row for parquet).
    pub line: u64,
    /// Where the record starts, in bytes of decompressed content (0 for parquet).
    pub offset: u64,
    /// Length of the record in bytes.
    pub bytes: u64,
    /// The rule, such as `invalid_json`, `missing_text`.
    pub reason: &'static str,
    /// What was expected and found, without any of the user's text.
    pub detail: String,
    /// The record, or its beginning where it is longer than [`Reject::KEPT_BYTES`].
    pub raw: Vec<u8>,
}

impl Reject {
    /// How much of a rejected record is kept.
    pub const KEPT_BYTES: usize = 1 << 20;
}

/// What a block holds.
#[derive(Debug)]
pub enum Content {
    /// Whole JSON lines.
    JsonLines(Vec<u8>),
    /// Whole lines, each a document.
    TextLines(Vec<u8>),
    /// A whole file as one document.
    TextFile(Vec<u8>),
    /// Rows with columns of the input's own types, among them the batch's columns.
    Columns(RecordBatch),
    /// Rows that an earlier pass left.
    Batch(Batch),
}

/// A piece of a shard: whole records, in order.
#[derive(Debug)]
pub struct Block {
    /// Number of the shard in the listing.
    pub shard: u32,
    /// Ordinal of the first record.
    pub first_ordinal: u64,
    /// Where the block starts, in bytes of decompressed content.
    pub offset: u64,
    /// Bytes of content, for progress and for cutting segments.
    pub bytes: u64,
    /// The records.
    pub content: Content,
    /// Records that the reader itself had to reject, such as over-long lines.
    pub rejects: Vec<Reject>,
}

/// A block after parsing.
#[derive(Debug)]
pub struct Parsed {
    /// The documents, in order; `None` if the block held none.
    pub batch: Option<Batch>,
    /// The records that were rejected, in order.
    pub rejects: Vec<Reject>,
}

/// Hands out the blocks of one shard, in order.
pub trait ShardReader: Send {
    /// The next block, or `None` at the end.
    ///
    /// # Errors
    /// [`ReadError::Damaged`] once what could be read has been handed out; after any error the
    /// shard is at its end.
    fn next_block(&mut self) -> Result<Option<Block>, ReadError>;

    /// Goes some way towards the place where the first block begins; tells whether it is reached.
    /// [`next_block`](ShardReader::next_block) goes all the way by itself.
    ///
    /// # Errors
    /// If the file can't be read.
    fn approach(&mut self) -> Result<bool, ReadError> {
        Ok(true)
    }

    /// Bytes of the file consumed so far, for progress.
    fn consumed(&self) -> u64;
}
