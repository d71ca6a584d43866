//! Reading: one row group at a time, in batches cut by bytes.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;

use super::convert::{is_string, resolve};
use crate::shard::reader::{Block, Content, FieldMapping, ReadError, ReadOptions, ShardReader};

/// Most rows in a block.
const MOST_ROWS: u64 = 4096;
/// The first and last bytes of a parquet file.
const MAGIC: &[u8; 4] = b"PAR1";
/// The last bytes of a parquet file whose footer is encrypted.
const ENCRYPTED_MAGIC: &[u8; 4] = b"PARE";
/// Most column names that an error lists.
const LISTED_NAMES: usize = 40;

/// Hands out the rows of a parquet file.
///
/// [`Block::offset`] is the index of the block's first row, as a parquet file has no byte offsets of
/// decompressed content. Blocks never cross row groups. How a file is cut into blocks depends only on
/// the file and [`ReadOptions::block_bytes`], so that a reader that resumes at a block's first row
/// hands out the same blocks as one that never stopped.
pub struct Reader {
    path: PathBuf,
    shard: u32,
    file: File,
    file_bytes: u64,
    metadata: ArrowReaderMetadata,
    block_bytes: u64,
    /// The row group that is opened next, and the row that is handed out next.
    next_group: usize,
    next_row: u64,
    /// Compressed bytes of the row groups before the current one.
    bytes_before: u64,
    current: Option<Group>,
    ended: bool,
}

/// What to make of an error while rows are read. The parquet crate hands errors of the system on as
/// text only, in which the standard library names their number: those say nothing about the file.
fn failure(path: &Path, offset: u64, message: String) -> ReadError {
    let path = path.to_owned();
    match message.contains("(os error ") {
        true => ReadError::Io { path, source: std::io::Error::other(message) },
        false => ReadError::Damaged { path, offset, message },
    }
}

/// The row group that is being read.
struct Group {
    rows: ParquetRecordBatchReader,
    /// Rows of the file before this row group, and with it.
    start: u64,
    end: u64,
    /// The first row that was not decoded yet.
    decoded: u64,
    compressed_bytes: u64,
    pieces: VecDeque<(RecordBatch, u64)>,
}

impl Reader {
    /// Opens a file at its first row.
    ///
    /// # Errors
    /// [`ReadError::Io`] if it can't be read; [`ReadError::Format`] if it is no parquet file, is
    /// compressed by another codec than zstd and snappy, or has no column of the name that is mapped
    /// to text; [`ReadError::Damaged`] if its footer is missing or makes no sense.
    pub fn open(path: &Path, shard: u32, options: &ReadOptions) -> Result<Self, ReadError> {
        Self::open_at(path, shard, options, 0)
    }

    /// Opens a file at a row, from 0, without reading the row groups before it. A row beyond the
    /// file's last is its end.
    ///
    /// # Errors
    /// Like [`open`](Reader::open).
    pub fn open_at(
        path: &Path,
        shard: u32,
        options: &ReadOptions,
        first_row: u64,
    ) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        let format = |message| ReadError::Format { path: path.to_owned(), message };
        let damaged = |message| ReadError::Damaged { path: path.to_owned(), offset: 0, message };

        let mut file = File::open(path).map_err(io)?;
        let file_bytes = file.metadata().map_err(io)?.len();
        check_magic(&mut file, file_bytes, path)?;
        let metadata = guarded(|| load_metadata(&file, &options.fields))
            .map_err(damaged)?
            .map_err(|error| failure(path, 0, format!("the footer can't be read: {error}")))?;

        for group in metadata.metadata().row_groups() {
            if group.num_rows() < 0 {
                return Err(damaged("a row group has a negative number of rows".to_owned()));
            }
            for column in group.columns() {
                let codec = column.compression();
                let known = matches!(
                    codec,
                    Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_)
                );
                if !known {
                    // Without the level, which is the writer's business.
                    let codec = codec.to_string();
                    let codec = codec.split('(').next().unwrap_or_default();
                    return Err(format(format!(
                        "column {} is compressed with {codec}; sapwood reads parquet that is \
                         compressed with zstd or snappy, or uncompressed",
                        column.column_path()
                    )));
                }
            }
        }
        if resolve(metadata.schema().fields(), &options.fields.text).is_none() {
            return Err(format(missing_column(metadata.schema(), &options.fields.text)));
        }
        Ok(Self {
            path: path.to_owned(),
            shard,
            file,
            file_bytes,
            metadata,
            block_bytes: options.block_bytes.max(1) as u64,
            next_group: 0,
            next_row: first_row,
            bytes_before: 0,
            current: None,
            ended: false,
        })
    }

    /// Rows in the whole file, by its footer.
    pub fn rows(&self) -> u64 {
        self.metadata.metadata().row_groups().iter().map(rows_of).sum()
    }

    /// The columns, as blocks hold them.
    pub fn schema(&self) -> &Schema {
        self.metadata.schema()
    }

    fn next_piece(&mut self) -> Result<Option<(RecordBatch, u64)>, String> {
        loop {
            let Some(group) = &mut self.current else {
                match self.open_group()? {
                    Some(group) => self.current = Some(group),
                    None => return Ok(None),
                }
                continue;
            };
            if let Some(piece) = group.pieces.pop_front() {
                return Ok(Some(piece));
            }
            let rows = &mut group.rows;
            let batch = guarded(|| rows.next())?.transpose().map_err(|error| error.to_string())?;
            let Some(batch) = batch else {
                if group.decoded != group.end {
                    return Err(format!(
                        "a row group should have {} rows, but {} could be read",
                        group.end - group.start,
                        group.decoded - group.start
                    ));
                }
                self.bytes_before += group.compressed_bytes;
                self.current = None;
                continue;
            };
            let first = group.decoded;
            group.decoded += batch.num_rows() as u64;
            if group.decoded > group.end {
                return Err("a row group has more rows than its footer says".to_owned());
            }
            // The reader resumes at the start of a batch, which may lie before the row that is asked.
            let mut piece_start = first;
            for (piece, bytes) in cut(&batch, self.block_bytes) {
                let piece_rows = piece.num_rows() as u64;
                let skip = self.next_row.saturating_sub(piece_start).min(piece_rows);
                piece_start += piece_rows;
                if skip == 0 {
                    group.pieces.push_back((piece, bytes));
                } else if skip < piece_rows {
                    let rest = piece.slice(skip as usize, (piece_rows - skip) as usize);
                    let bytes = row_bytes(&rest).iter().sum();
                    group.pieces.push_back((rest, bytes));
                }
            }
        }
    }

    /// Opens the row group that holds the next row.
    fn open_group(&mut self) -> Result<Option<Group>, String> {
        let metadata = Arc::clone(self.metadata.metadata());
        let mut start: u64 = metadata.row_groups().iter().take(self.next_group).map(rows_of).sum();
        while let Some(group) = metadata.row_groups().get(self.next_group) {
            let number = self.next_group;
            let group_rows = rows_of(group);
            let end = start + group_rows;
            let compressed_bytes = compressed_bytes(group);
            self.next_group += 1;
            if self.next_row >= end {
                start = end;
                self.bytes_before += compressed_bytes;
                continue;
            }
            let batch_rows = batch_rows(group, self.block_bytes);
            // Whole batches, so that blocks are cut as if the file had been read from its start.
            let skipped = (self.next_row - start) / batch_rows * batch_rows;
            let file = self.file.try_clone().map_err(|error| error.to_string())?;
            let metadata = self.metadata.clone();
            let rows = guarded(|| {
                ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
                    .with_row_groups(vec![number])
                    .with_batch_size(batch_rows as usize)
                    .with_offset(skipped as usize)
                    .build()
            })?
            .map_err(|error| error.to_string())?;
            return Ok(Some(Group {
                rows,
                start,
                end,
                decoded: start + skipped,
                compressed_bytes,
                pieces: VecDeque::new(),
            }));
        }
        Ok(None)
    }
}

impl ShardReader for Reader {
    fn next_block(&mut self) -> Result<Option<Block>, ReadError> {
        if self.ended {
            return Ok(None);
        }
        match self.next_piece() {
            Ok(Some((rows, bytes))) => {
                let first_ordinal = self.next_row;
                self.next_row += rows.num_rows() as u64;
                Ok(Some(Block {
                    shard: self.shard,
                    first_ordinal,
                    offset: first_ordinal,
                    bytes,
                    content: Content::Columns(rows),
                    rejects: Vec::new(),
                }))
            }
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Err(message) => {
                self.ended = true;
                self.current = None;
                Err(failure(&self.path, self.next_row, message))
            }
        }
    }

    fn consumed(&self) -> u64 {
        if self.ended {
            return self.file_bytes;
        }
        let inside = self.current.as_ref().map_or(0, |group| {
            let done = self.next_row.saturating_sub(group.start) as f64;
            let rows = (group.end - group.start).max(1) as f64;
            (group.compressed_bytes as f64 * done / rows) as u64
        });
        (self.bytes_before + inside).min(self.file_bytes)
    }
}

/// Runs a call into the decoder. It panics on some impossible values instead of returning an error,
/// and a corrupt file must not take a run down.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| "the parquet decoder gave up on impossible values".to_owned())
}

fn check_magic(file: &mut File, file_bytes: u64, path: &Path) -> Result<(), ReadError> {
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    let format =
        |message: &str| ReadError::Format { path: path.to_owned(), message: message.to_owned() };
    // Magic, length of the footer, magic.
    if file_bytes < 12 {
        return Err(format("expected a parquet file, found one that is shorter than any can be"));
    }
    let mut magic = [0; 4];
    file.read_exact(&mut magic).map_err(io)?;
    if &magic == ENCRYPTED_MAGIC {
        return Err(format("this parquet file is encrypted, which sapwood can't read"));
    }
    if &magic != MAGIC {
        return Err(format("expected a parquet file, which starts with PAR1; this one does not"));
    }
    file.seek(SeekFrom::End(-4)).map_err(io)?;
    file.read_exact(&mut magic).map_err(io)?;
    if &magic != MAGIC {
        return Err(ReadError::Damaged {
            path: path.to_owned(),
            offset: 0,
            message: "a parquet file ends with PAR1, this one does not: it was cut short, or is \
                      still being written"
                .to_owned(),
        });
    }
    Ok(())
}

/// Reads the footer, and asks for views in place of other strings.
fn load_metadata(file: &File, mapping: &FieldMapping) -> Result<ArrowReaderMetadata, ParquetError> {
    let own = ArrowReaderMetadata::load(file, ArrowReaderOptions::new())?;
    let mapped: Vec<&str> =
        [&*mapping.text, &*mapping.id].into_iter().chain(mapping.optional()).collect();
    let fields: Fields = own
        .schema()
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => as_view(field),
            // A categorical column stays one, unless its values are needed as strings.
            DataType::Dictionary(_, values)
                if is_string(values) && mapped.contains(&field.name().as_str()) =>
            {
                as_view(field)
            }
            _ => Arc::clone(field),
        })
        .collect();
    let schema = Arc::new(Schema::new_with_metadata(fields, own.schema().metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    // Where the decoder can't give views, the file's own string types do as well.
    Ok(ArrowReaderMetadata::try_new(Arc::clone(own.metadata()), options).unwrap_or(own))
}

fn as_view(field: &Field) -> Arc<Field> {
    Arc::new(field.clone().with_data_type(DataType::Utf8View))
}

fn rows_of(group: &RowGroupMetaData) -> u64 {
    u64::try_from(group.num_rows()).unwrap_or(0)
}

fn compressed_bytes(group: &RowGroupMetaData) -> u64 {
    let bytes = |column: i64| u64::try_from(column).unwrap_or(0);
    group
        .columns()
        .iter()
        .fold(0, |sum: u64, column| sum.saturating_add(bytes(column.compressed_size())))
}

/// How many rows of a row group make a block, by their mean size.
fn batch_rows(group: &RowGroupMetaData, block_bytes: u64) -> u64 {
    let bytes = u64::try_from(group.total_byte_size()).unwrap_or(0).max(compressed_bytes(group));
    let mean = (bytes / rows_of(group).max(1)).max(1);
    (block_bytes / mean).clamp(1, MOST_ROWS)
}

/// Cuts a batch that came out much larger than a block, as where a few rows hold most of the bytes
/// or a dictionary repeats long values. Gives every piece with its bytes.
fn cut(batch: &RecordBatch, block_bytes: u64) -> Vec<(RecordBatch, u64)> {
    let sizes = row_bytes(batch);
    let total: u64 = sizes.iter().sum();
    if total <= block_bytes.saturating_mul(2) {
        return if sizes.is_empty() { Vec::new() } else { vec![(batch.clone(), total)] };
    }
    let mut pieces = Vec::new();
    let (mut start, mut bytes) = (0, 0_u64);
    for (row, size) in sizes.iter().enumerate() {
        if row > start && bytes + size > block_bytes {
            pieces.push((batch.slice(start, row - start), bytes));
            (start, bytes) = (row, 0);
        }
        bytes += size;
    }
    pieces.push((batch.slice(start, sizes.len() - start), bytes));
    pieces
}

/// About how many bytes each row holds: its strings to the byte, the other columns as their mean.
fn row_bytes(batch: &RecordBatch) -> Vec<u64> {
    let rows = batch.num_rows();
    let mut sizes = vec![0_u64; rows];
    let mut others = 0_u64;
    for column in batch.columns() {
        match column.as_string_view_opt() {
            Some(strings) => {
                for (size, length) in sizes.iter_mut().zip(strings.lengths()) {
                    *size += u64::from(length);
                }
            }
            None => others += column.to_data().get_slice_memory_size().unwrap_or(0) as u64,
        }
    }
    let mean = others / rows.max(1) as u64;
    sizes.iter_mut().for_each(|size| *size += mean);
    sizes
}

/// Says which columns there are and which one may be meant.
fn missing_column(schema: &Schema, wanted: &str) -> String {
    let mut names = Vec::new();
    list_paths(schema.fields(), "", &mut names);
    let nearest = names
        .iter()
        .map(|name| (strsim::jaro_winkler(wanted, name), name))
        .max_by(|left, right| left.0.total_cmp(&right.0));
    let hint = match nearest {
        Some((likeness, name)) if likeness > 0.7 => format!("; did you mean {name}?"),
        _ => String::new(),
    };
    let more = names.len().saturating_sub(LISTED_NAMES);
    names.truncate(LISTED_NAMES);
    let mut list = names.join(", ");
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    format!("there is no column {wanted} to take the text from; the file has: {list}{hint}")
}

fn list_paths(fields: &Fields, prefix: &str, names: &mut Vec<String>) {
    for field in fields {
        let path = format!("{prefix}{}", field.name());
        let below = match field.data_type() {
            DataType::Struct(children) => Some((children, format!("{path}."))),
            _ => None,
        };
        names.push(path);
        if let Some((children, prefix)) = below {
            list_paths(children, &prefix, names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_system_is_no_damage() {
        // As the parquet crate hands it on from its reader of batches.
        let error = ParquetError::from(std::io::Error::from_raw_os_error(5));
        let error = arrow_schema::ArrowError::from(error);
        let read = failure(Path::new("x"), 7, error.to_string());
        assert!(matches!(read, ReadError::Io { .. }), "{read}");
        let error = arrow_schema::ArrowError::from(ParquetError::EOF("cut".to_owned()));
        let read = failure(Path::new("x"), 7, error.to_string());
        assert!(matches!(read, ReadError::Damaged { offset: 7, .. }), "{read}");
    }
}
