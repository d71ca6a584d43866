//! Parquet shards (file format of Apache Parquet 2.x): reading them block by block, turning rows
//! into batches, and writing row groups that are put together without being compressed again.
//!
//! Codecs: zstd, snappy, uncompressed. Top-level string columns are read as views into the
//! decompressed pages; all other columns keep the types that the file gives them.

mod align;
mod convert;
mod passing;
mod read;
mod write;

pub use align::{AlignError, align, unify};
pub use convert::{INPUT_PREFIX, to_batch};
pub use passing::{PassThroughError, passed_through};
pub use read::Reader;
pub use write::{Concatenation, ConcatenationError, encode_row_group};

#[cfg(test)]
mod tests;
