//! From a block to a batch, whatever the block holds.

use super::jsonl;
use super::reader::{Block, Content, Parsed, ReadOptions};

impl Block {
    /// Parses the block into a batch and rejected records.
    ///
    /// # Errors
    /// Only if Arrow refuses the columns, which is a bug or a block of over 4 GiB.
    pub fn parse(self, options: &ReadOptions) -> Result<Parsed, arrow_schema::ArrowError> {
        let Block { shard, first_ordinal, offset, content, mut rejects, .. } = self;
        let at = jsonl::BlockStart { shard, first_ordinal, offset };
        let batch = match content {
            Content::JsonLines(bytes) => jsonl::parse(bytes, at, options, &mut rejects)?,
            Content::TextLines(bytes) => jsonl::parse_text_lines(bytes, at, options, &mut rejects)?,
            Content::TextFile(bytes) => jsonl::parse_text_file(bytes, at, options, &mut rejects)?,
            #[cfg(feature = "parquet")]
            Content::Columns(rows) => {
                super::parquet::to_batch(rows, shard, first_ordinal, options, &mut rejects)?
            }
            #[cfg(not(feature = "parquet"))]
            Content::Columns(_) => None,
            Content::Batch(batch) => Some(batch),
        };
        rejects.sort_by_key(|reject| reject.ordinal);
        Ok(Parsed { batch, rejects })
    }
}
