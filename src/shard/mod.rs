//! Shards: finding them, reading them block by block, and encoding what is written.
//!
//! A reader hands out [`Block`]s in input order; everything dear, such as parsing, is done on a
//! block by whichever thread has time for it ([`Block::parse`]).

pub mod compression;
pub mod jsonl;
pub mod lines;
pub mod listing;
pub mod marks;
#[cfg(feature = "parquet")]
pub mod parquet;
mod parse;
pub mod reader;
pub mod row_json;

pub use listing::{Compression, Format, Shard};
pub use reader::{Block, Content, FieldMapping, Parsed, ReadOptions, Reject, ShardReader};
