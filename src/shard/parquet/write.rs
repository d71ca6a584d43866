//! Writing: row groups that are encoded on any thread, and one file put together from them.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema};
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::arrow::{ARROW_SCHEMA_META_KEY, add_encoded_arrow_schema_to_metadata};
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::ChunkReader;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type};

use crate::batch::{EXTRA, ID, TEXT};

/// What a file says it was written by.
const CREATED_BY: &str = concat!("sapwood ", env!("CARGO_PKG_VERSION"));
/// Rows after which the size of a page is looked at. A reader holds a page in memory while it
/// hands out any of its strings, so that pages of long texts must not grow far beyond their limit.
const ROWS_BETWEEN_SIZE_CHECKS: usize = 64;

/// Encodes rows as a complete parquet file of one row group (none if there is no row), compressed
/// with zstd at a level from 1 to 22 or not at all. Equal rows and level make equal bytes.
///
/// View columns are written as plain string and binary columns, so that every reader of parquet takes
/// them. Texts and records have neither a dictionary nor statistics: they hardly ever repeat, and
/// nobody looks for the smallest one. Metadata of the schema as a whole is not written.
///
/// # Errors
/// If the level is out of range or parquet has no such type as a column's.
pub fn encode_row_group(rows: &RecordBatch, level: Option<i32>) -> Result<Vec<u8>, ParquetError> {
    let compression = match level {
        Some(level) => Compression::ZSTD(ZstdLevel::try_new(level)?),
        None => Compression::UNCOMPRESSED,
    };
    let mut properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(compression)
        .set_max_row_group_row_count(None)
        .set_write_batch_size(ROWS_BETWEEN_SIZE_CHECKS)
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for name in [TEXT, EXTRA] {
        let path = ColumnPath::new(vec![name.to_owned()]);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_statistics_enabled(path, EnabledStatistics::None);
    }
    // Ids are all different, so that a dictionary would only cost time.
    let ids = ColumnPath::new(vec![ID.to_owned()]);
    let mut properties = properties.set_column_dictionary_enabled(ids, false).build();

    // Older readers of Arrow's own schema don't know views.
    let fields: Fields = rows.schema_ref().fields().iter().map(without_views).collect();
    add_encoded_arrow_schema_to_metadata(&Schema::new(fields), &mut properties);
    let options =
        ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(Vec::new(), rows.schema(), options)?;
    writer.write(rows)?;
    writer.into_inner()
}

fn without_views(field: &FieldRef) -> FieldRef {
    let data_type = match field.data_type() {
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::List(item) => DataType::List(without_views(item)),
        DataType::LargeList(item) => DataType::LargeList(without_views(item)),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(without_views(item), *size),
        DataType::ListView(item) => DataType::List(without_views(item)),
        DataType::LargeListView(item) => DataType::LargeList(without_views(item)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(without_views).collect()),
        DataType::Map(entries, sorted) => DataType::Map(without_views(entries), *sorted),
        DataType::Dictionary(key, value) => {
            let value = without_views(&Arc::new(Field::new("", value.as_ref().clone(), true)));
            DataType::Dictionary(key.clone(), Box::new(value.data_type().clone()))
        }
        _ => return Arc::clone(field),
    };
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}

/// Why encoded row groups can't become one file.
#[derive(Debug, thiserror::Error)]
pub enum ConcatenationError {
    /// The columns, their types or their order differ from those of the first row group.
    #[error(
        "all row groups of a parquet file have the same columns; the first has {expected}, \
         this one {found}"
    )]
    Schema {
        /// Columns of the first.
        expected: String,
        /// Columns of the one that was to be appended.
        found: String,
    },
    /// Nothing was appended, so that the columns are not known.
    #[error("a parquet file needs columns, but no row group was appended")]
    Empty,
    /// What was appended is no parquet file, or the file can't be written.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
}

/// One parquet file made of many, whose compressed columns are copied as they are.
///
/// A file has at most 32 767 row groups. After an error the file is not whole; it can only be thrown
/// away.
pub struct Concatenation<W: Write + Send = File> {
    state: State<W>,
}

enum State<W: Write + Send> {
    /// The columns are not known before the first row group.
    Created(W),
    Writing {
        writer: Box<SerializedFileWriter<W>>,
        arrow_schema: Option<String>,
    },
    /// The writer could not even be made.
    Failed,
}

impl<W: Write + Send> Concatenation<W> {
    /// A file without row groups as yet.
    pub fn create(file: W) -> Self {
        Self { state: State::Created(file) }
    }

    /// Appends the row groups of an encoded file, as [`encode_row_group`] makes it.
    ///
    /// # Errors
    /// If the columns differ from those before, the bytes are no parquet file, or writing fails.
    pub fn append(&mut self, encoded: Vec<u8>) -> Result<(), ConcatenationError> {
        self.append_from(&in_memory(encoded))
    }

    /// Appends the row groups of a parquet file that lies elsewhere, such as on disk.
    ///
    /// # Errors
    /// Like [`append`](Concatenation::append).
    pub fn append_from(&mut self, encoded: &impl ChunkReader) -> Result<(), ConcatenationError> {
        let metadata = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .parse_and_finish(encoded)?;
        let writer = self.writer_for(&metadata)?;
        let page_index = metadata.page_index();
        for (group_number, group) in metadata.row_groups().iter().enumerate() {
            let mut copy = writer.next_row_group()?;
            for (column_number, column) in group.columns().iter().enumerate() {
                let column_index = page_index
                    .and_then(|index| index.column_index(group_number, column_number))
                    .cloned();
                let offset_index = page_index
                    .and_then(|index| index.offset_index(group_number, column_number))
                    .cloned();
                let closed = ColumnCloseResult {
                    bytes_written: u64::try_from(column.compressed_size()).unwrap_or(0),
                    rows_written: u64::try_from(group.num_rows()).unwrap_or(0),
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index,
                    offset_index,
                };
                copy.append_column(encoded, closed)?;
            }
            copy.close()?;
        }
        Ok(())
    }

    /// Writes the footer and gives the bytes of the whole file. The system may still hold them in
    /// memory: who needs them on disk keeps a clone of the file handle and syncs it.
    ///
    /// # Errors
    /// [`ConcatenationError::Empty`] if nothing was appended, or if writing fails.
    pub fn finish(self) -> Result<u64, ConcatenationError> {
        let State::Writing { mut writer, .. } = self.state else {
            return Err(ConcatenationError::Empty);
        };
        writer.finish()?;
        writer.flush().map_err(ParquetError::from)?;
        Ok(writer.bytes_written() as u64)
    }

    /// The writer, made for the first file's schema or checked against it.
    fn writer_for(
        &mut self,
        metadata: &ParquetMetaData,
    ) -> Result<&mut SerializedFileWriter<W>, ConcatenationError> {
        let file = metadata.file_metadata();
        let found = arrow_schema_of(metadata);
        if matches!(self.state, State::Created(_))
            && let State::Created(sink) = std::mem::replace(&mut self.state, State::Failed)
        {
            let key_values = found.clone().map(|schema| {
                vec![KeyValue { key: ARROW_SCHEMA_META_KEY.to_owned(), value: Some(schema) }]
            });
            let properties = WriterProperties::builder()
                .set_created_by(CREATED_BY.to_owned())
                .set_key_value_metadata(key_values)
                .build();
            let schema = file.schema_descr().root_schema_ptr();
            let writer = Box::new(SerializedFileWriter::new(sink, schema, Arc::new(properties))?);
            self.state = State::Writing { writer, arrow_schema: found.clone() };
        }
        match &mut self.state {
            State::Writing { writer, arrow_schema } => {
                let expected = writer.schema_descr().root_schema();
                if expected != file.schema() || *arrow_schema != found {
                    return Err(ConcatenationError::Schema {
                        expected: describe(expected),
                        found: describe(file.schema()),
                    });
                }
                Ok(writer)
            }
            _ => Err(ConcatenationError::Empty),
        }
    }
}

fn arrow_schema_of(metadata: &ParquetMetaData) -> Option<String> {
    let pairs = metadata.file_metadata().key_value_metadata()?;
    pairs.iter().find(|pair| pair.key == ARROW_SCHEMA_META_KEY)?.value.clone()
}

/// The columns with their types, on one line.
fn describe(schema: &Type) -> String {
    let column = |column: &Arc<Type>| {
        let kind = match column.as_ref() {
            Type::PrimitiveType { physical_type, .. } => physical_type.to_string(),
            Type::GroupType { .. } => "group".to_owned(),
        };
        let repetition = match column.get_basic_info().has_repetition() {
            true => column.get_basic_info().repetition().to_string(),
            false => String::new(),
        };
        format!("{} {repetition} {kind}", column.name())
    };
    let columns: Vec<String> = schema.get_fields().iter().map(column).collect();
    columns.join(", ")
}

/// Bytes as something that parquet can be read from.
fn in_memory(encoded: Vec<u8>) -> impl ChunkReader {
    // The type that can is of the crate `bytes`, which the parquet crate does not re-export; the
    // parameter of this setter is the way to get at it without depending on that crate.
    let shared = encoded.into();
    ByteArray::new().set_data(Clone::clone(&shared));
    shared
}
