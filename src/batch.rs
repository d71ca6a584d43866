//! Documents as Arrow columns: what flows between readers, stages and writers, and what lies on
//! disk between passes.
//!
//! A batch has these columns; only `id` and `text` are always there:
//!
//! | column | type | what it holds |
//! |---|---|---|
//! | `id` | Utf8View | the id that the document came with, or a stable one made from content and position |
//! | `text` | Utf8View | the text |
//! | `source`, `url`, `language`, `license`, `date` | Utf8View, nullable | fields of the input, where its mapping names them |
//! | others | any | columns of a parquet input, passed through with their types |
//! | `record` | Utf8View, nullable | the JSON record as it was read, byte for byte; typed inputs have none |
//!
//! Strings are views into the block that was read, so that a record that no stage changes is never
//! copied before it is compressed again.

use std::sync::Arc;

use arrow_array::builder::make_view;
use arrow_array::{Array, ArrayRef, RecordBatch, StringViewArray};
use arrow_buffer::{Buffer, NullBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema};

/// Column of ids.
pub const ID: &str = "id";
/// Column of texts.
pub const TEXT: &str = "text";
/// Column of verbatim JSON records, from which writers take all fields that no stage changed.
pub const RECORD: &str = "record";
/// Column of typed output: the fields of a JSON record that have no column of their own, verbatim.
pub const EXTRA: &str = "extra";
/// Column that names where a document came from.
pub const SOURCE: &str = "source";
/// Column of URLs.
pub const URL: &str = "url";
/// Column of languages.
pub const LANGUAGE: &str = "language";
/// Column of licences.
pub const LICENSE: &str = "license";
/// Column of dates.
pub const DATE: &str = "date";
/// The optional columns, in the order in which they stand in a batch.
pub const OPTIONAL: [&str; 5] = [SOURCE, URL, LANGUAGE, LICENSE, DATE];

/// The lowest number that deduplicators have for a document of the run itself; see
/// [`Position::node`].
pub const NODE: u64 = 1 << 63;

/// Where a document stands in the input: the identity that sorting, deduplication and reports use.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Position {
    /// Number of the shard in the sorted input listing, from 0. At most 2^23 shards.
    pub shard: u32,
    /// Number of the record in the shard, from 0. At most 2^40 records a shard.
    pub ordinal: u64,
}

impl Position {
    /// Packs the position into one number that sorts in input order.
    pub fn pack(self) -> u64 {
        (u64::from(self.shard) << 40) | (self.ordinal & ((1 << 40) - 1))
    }

    /// The position that [`pack`](Position::pack) packed, or that is the [`node`](Position::node).
    pub fn unpack(packed: u64) -> Self {
        let packed = packed & !NODE;
        Self { shard: (packed >> 40) as u32, ordinal: packed & ((1 << 40) - 1) }
    }

    /// The position as deduplicators have it: packed, and above [`NODE`]. Numbers below are
    /// documents of earlier runs, which so come before all documents of this one.
    pub fn node(self) -> u64 {
        self.pack() | NODE
    }
}

/// Some documents of one shard, in input order.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Number of the shard in the sorted input listing.
    pub shard: u32,
    /// The ordinal of every row, ascending.
    pub ordinals: Vec<u64>,
    /// Whether the text inside the `record` column was taken out, so that a writer must put it back.
    pub text_detached: bool,
    /// The block that the batch was parsed from, if it is nothing but the batch's records, a line
    /// each: what a writer needs of a batch that no stage touched.
    pub verbatim: Option<Buffer>,
    columns: RecordBatch,
}

impl Batch {
    /// Wraps columns as a batch.
    ///
    /// # Errors
    /// If `id` or `text` is missing or is not `Utf8View`, or if the number of ordinals differs from
    /// the number of rows.
    pub fn new(
        shard: u32,
        ordinals: Vec<u64>,
        columns: RecordBatch,
        text_detached: bool,
    ) -> Result<Self, ArrowError> {
        for name in [ID, TEXT] {
            let column = columns
                .column_by_name(name)
                .ok_or_else(|| ArrowError::SchemaError(format!("a batch needs a column {name}")))?;
            if column.data_type() != &DataType::Utf8View {
                return Err(ArrowError::SchemaError(format!("column {name} must be Utf8View")));
            }
        }
        if ordinals.len() != columns.num_rows() {
            return Err(ArrowError::InvalidArgumentError(
                "a batch needs one ordinal a row".to_owned(),
            ));
        }
        Ok(Self { shard, ordinals, text_detached, verbatim: None, columns })
    }

    /// Makes a batch of id and text pairs, for library use and tests.
    ///
    /// # Errors
    /// If Arrow refuses the columns, as for more than 4 GiB of text.
    pub fn from_texts<'t>(
        documents: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, ArrowError> {
        let (ids, texts): (Vec<&str>, Vec<&str>) = documents.into_iter().unzip();
        let rows = ids.len() as u64;
        let columns = RecordBatch::try_from_iter([
            (ID, Arc::new(StringViewArray::from_iter_values(ids)) as ArrayRef),
            (TEXT, Arc::new(StringViewArray::from_iter_values(texts)) as ArrayRef),
        ])?;
        Self::new(0, (0..rows).collect(), columns, false)
    }

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.columns.num_rows()
    }

    /// Whether there is no document.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The columns.
    pub fn columns(&self) -> &RecordBatch {
        &self.columns
    }

    /// A string column, if there is one of that name.
    pub fn strings(&self, name: &str) -> Option<&StringViewArray> {
        self.columns.column_by_name(name)?.as_any().downcast_ref()
    }

    /// Where a row stands in the input.
    pub fn position(&self, row: usize) -> Position {
        Position { shard: self.shard, ordinal: self.ordinals.get(row).copied().unwrap_or(0) }
    }
}

/// Builds a string column whose longer values are views into shared buffers.
#[derive(Debug, Default)]
pub struct ViewColumn {
    views: Vec<u128>,
    valid: Vec<bool>,
    nulls: usize,
}

impl ViewColumn {
    /// An empty column with room for some rows.
    pub fn with_capacity(rows: usize) -> Self {
        Self { views: Vec::with_capacity(rows), valid: Vec::with_capacity(rows), nulls: 0 }
    }

    /// Appends a value that lies at `offset` of the shared buffer with number `buffer`.
    pub fn push(&mut self, value: &str, buffer: u32, offset: u32) {
        self.views.push(make_view(value.as_bytes(), buffer, offset));
        self.valid.push(true);
    }

    /// Appends a null.
    pub fn push_null(&mut self) {
        self.views.push(0);
        self.valid.push(false);
        self.nulls += 1;
    }

    /// Takes the last value back.
    pub fn pop(&mut self) {
        self.views.pop();
        if self.valid.pop() == Some(false) {
            self.nulls -= 1;
        }
    }

    /// Whether every value is null.
    pub fn all_null(&self) -> bool {
        self.nulls == self.views.len()
    }

    /// The column over its buffers.
    ///
    /// # Errors
    /// If a view points outside the buffers or at bytes that are not UTF-8.
    pub fn finish(self, buffers: Vec<Buffer>) -> Result<StringViewArray, ArrowError> {
        let nulls = (self.nulls > 0).then(|| NullBuffer::from(self.valid));
        StringViewArray::try_new(ScalarBuffer::from(self.views), buffers, nulls)
    }

    /// As [`finish`](ViewColumn::finish), without looking at the bytes again: checking them once more
    /// takes as long as scanning the records did.
    ///
    /// # Safety
    /// Every pushed value must lie in its buffer at its offset.
    ///
    /// # Errors
    /// In builds for tests, which do look, if that does not hold.
    pub unsafe fn finish_unchecked(
        self,
        buffers: Vec<Buffer>,
    ) -> Result<StringViewArray, ArrowError> {
        if cfg!(any(test, debug_assertions)) {
            return self.finish(buffers);
        }
        let nulls = (self.nulls > 0).then(|| NullBuffer::from(self.valid));
        // SAFETY: a view is valid if it points at UTF-8 inside of its buffer. Views are made from a
        // `&str` by `push`, and the caller promises that this text lies where the view points.
        Ok(unsafe {
            StringViewArray::new_unchecked(ScalarBuffer::from(self.views), buffers.into(), nulls)
        })
    }
}

/// A field of a string column.
pub fn string_field(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Utf8View, nullable)
}

/// Puts named columns together; a column that holds only nulls is nullable all the same.
///
/// # Errors
/// If the columns differ in length.
pub fn assemble(columns: Vec<(Field, ArrayRef)>) -> Result<RecordBatch, ArrowError> {
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_pack_in_input_order() {
        let low = Position { shard: 1, ordinal: (1 << 40) - 1 };
        let high = Position { shard: 2, ordinal: 0 };
        assert!(low.pack() < high.pack());
        assert_eq!(Position::unpack(low.pack()), low);
    }

    #[test]
    fn a_batch_without_text_is_refused() {
        let columns = RecordBatch::try_from_iter([(
            ID,
            Arc::new(StringViewArray::from_iter_values(["a"])) as ArrayRef,
        )])
        .unwrap();
        assert!(Batch::new(0, vec![0], columns, false).is_err());
    }
}
