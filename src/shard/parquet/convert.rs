//! From rows with the input's own columns to a [`Batch`].

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StringViewArray, make_array};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType, Field, Fields};
use arrow_select::filter::filter_record_batch;

use crate::batch::{Batch, EXTRA, ID, OPTIONAL, Position, RECORD, TEXT, assemble, string_field};
use crate::shard::jsonl::stable_id;
use crate::shard::reader::{ReadOptions, Reject};
use crate::shard::row_json;

/// What is put before the name of an input column that a batch needs for itself.
pub const INPUT_PREFIX: &str = "input.";

/// Turns rows of a typed input into a batch; `None` if no row is left.
///
/// The paths of the mapping name a top-level column, even one whose name has dots in it, or else
/// reach into struct columns. From them come:
///
/// - `text`: strings. A row is rejected as `missing_text` where it is null, as `text_not_string`
///   where the column holds something else, as `too_long` above
///   [`max_document_bytes`](ReadOptions::max_document_bytes).
/// - `id`: strings, or the decimal text of numbers. A row without one gets a [`stable_id`].
/// - the optional columns: strings, or the text of integers and booleans. A mapped column of
///   another type counts as absent.
///
/// Every input column that is not itself one of these is passed through after them with its type; so
/// is a struct that a path reaches into. Where its name is `id`, `text`, `record`, one of the optional
/// columns or already taken, it gets [`INPUT_PREFIX`] before it. A string column called `extra` stays
/// `extra`, last of all; of another type it is prefixed as well.
///
/// The ordinal of a row is `first_ordinal` plus its index in `rows`.
///
/// # Errors
/// Only if Arrow refuses the columns, which is a bug.
pub fn to_batch(
    rows: RecordBatch,
    shard: u32,
    first_ordinal: u64,
    options: &ReadOptions,
    rejects: &mut Vec<Reject>,
) -> Result<Option<Batch>, ArrowError> {
    let text_path = resolve(rows.schema_ref().fields(), &options.fields.text);
    let keep = judge(&rows, text_path.as_deref(), first_ordinal, options, rejects)?;
    let Some(text_path) = text_path.filter(|_| keep.true_count() > 0) else {
        return Ok(None);
    };
    let (rows, ordinals): (RecordBatch, Vec<u64>) = if keep.true_count() == keep.len() {
        let ordinals = (0..rows.num_rows() as u64).map(|row| first_ordinal + row).collect();
        (rows, ordinals)
    } else {
        let kept = keep.values().set_indices().map(|row| first_ordinal + row as u64).collect();
        (filter_record_batch(&rows, &keep)?, kept)
    };

    let columns = map_columns(&rows, &text_path, shard, &ordinals, options)?;
    let batch = Batch::new(shard, ordinals, assemble(columns)?, false)?;
    Ok(Some(batch))
}

/// The columns of a batch, made of rows that all have a text.
pub(super) fn map_columns(
    rows: &RecordBatch,
    text_path: &[usize],
    shard: u32,
    ordinals: &[u64],
    options: &ReadOptions,
) -> Result<Vec<(Field, ArrayRef)>, ArrowError> {
    let fields = Arc::clone(rows.schema_ref());
    let mut consumed = HashSet::new();
    let mut consume = |path: &[usize]| {
        if let [column] = path {
            consumed.insert(*column);
        }
    };
    let texts = reach(rows, text_path)?.as_deref().and_then(strings).ok_or_else(|| {
        ArrowError::SchemaError("rows were kept although their text is no string".to_owned())
    })?;
    consume(text_path);

    let id_path = resolve(fields.fields(), &options.fields.id);
    let mut given_ids = None;
    if let Some(path) = &id_path
        && let Some(ids) = reach(rows, path)?.as_deref().and_then(id_texts)
    {
        consume(path);
        given_ids = Some(ids);
    }
    let ids = complete_ids(given_ids, &texts, shard, ordinals);

    let mut optional = Vec::new();
    for (name, path) in OPTIONAL.into_iter().zip(options.fields.optional()) {
        if let Some(path) = resolve(fields.fields(), path)
            && let Some(values) = reach(rows, &path)?.as_deref().and_then(optional_texts)
        {
            consume(&path);
            optional.push((string_field(name, true), Arc::new(values) as ArrayRef));
        }
    }

    let mut columns: Vec<(Field, ArrayRef)> = vec![
        (string_field(ID, false), Arc::new(ids)),
        (string_field(TEXT, false), Arc::new(texts)),
    ];
    columns.append(&mut optional);
    append_others(rows, &consumed, &mut columns);
    Ok(columns)
}

/// Says which rows become documents, and rejects the others.
fn judge(
    rows: &RecordBatch,
    text_path: Option<&[usize]>,
    first_ordinal: u64,
    options: &ReadOptions,
    rejects: &mut Vec<Reject>,
) -> Result<BooleanArray, ArrowError> {
    let column = match text_path {
        Some(path) => reach(rows, path)?,
        None => None,
    };
    let path = &options.fields.text;
    let texts = column.as_deref().and_then(strings);
    let judged = (0..rows.num_rows()).map(|row| {
        let (reason, detail) = match (&column, &texts) {
            (None, _) => ("missing_text", format!("there is no column {path}")),
            (Some(column), _) if column.is_null(row) || column.data_type() == &DataType::Null => {
                ("missing_text", format!("expected a string in column {path}, found null"))
            }
            (Some(column), None) => {
                let found = column.data_type();
                ("text_not_string", format!("expected strings in column {path}, found {found}"))
            }
            (Some(_), Some(texts)) => {
                let bytes = texts.value(row).len() as u64;
                if bytes <= options.max_document_bytes {
                    return true;
                }
                let most = options.max_document_bytes;
                ("too_long", format!("expected at most {most} bytes of text, found {bytes}"))
            }
        };
        rejects.push(reject(rows, row, first_ordinal, reason, detail));
        false
    });
    Ok(judged.collect::<Vec<bool>>().into())
}

fn reject(
    rows: &RecordBatch,
    row: usize,
    first_ordinal: u64,
    reason: &'static str,
    detail: String,
) -> Reject {
    let ordinal = first_ordinal + row as u64;
    let every_column: Vec<usize> = (0..rows.num_columns()).collect();
    let mut raw = Vec::new();
    row_json::write_object(rows, row, &every_column, &mut raw);
    let bytes = raw.len() as u64;
    raw.truncate(Reject::KEPT_BYTES);
    raw.shrink_to_fit();
    Reject { ordinal, line: ordinal + 1, offset: 0, bytes, reason, detail, raw }
}

/// Appends the columns that no field was made of, `extra` last.
fn append_others(
    rows: &RecordBatch,
    consumed: &HashSet<usize>,
    columns: &mut Vec<(Field, ArrayRef)>,
) {
    let mut taken: HashSet<String> =
        [ID, TEXT].into_iter().chain(OPTIONAL).chain([EXTRA, RECORD]).map(str::to_owned).collect();
    let mut extra = None;
    for (number, (field, column)) in
        rows.schema_ref().fields().iter().zip(rows.columns()).enumerate()
    {
        if consumed.contains(&number) {
            continue;
        }
        if field.name() == EXTRA
            && extra.is_none()
            && let Some(records) = strings(column)
        {
            extra = Some((string_field(EXTRA, true), Arc::new(records) as ArrayRef));
            continue;
        }
        let mut name = field.name().clone();
        while !taken.insert(name.clone()) {
            name.insert_str(0, INPUT_PREFIX);
        }
        columns.push((field.as_ref().clone().with_name(name), Arc::clone(column)));
    }
    columns.extend(extra);
}

/// Puts a stable id where the input has none.
fn complete_ids(
    given: Option<StringViewArray>,
    texts: &StringViewArray,
    shard: u32,
    ordinals: &[u64],
) -> StringViewArray {
    match given {
        Some(ids) if ids.null_count() == 0 => ids,
        given => {
            let mut builder = StringViewBuilder::with_capacity(ordinals.len());
            for (row, (&ordinal, text)) in ordinals.iter().zip(texts).enumerate() {
                match given.as_ref().filter(|ids| ids.is_valid(row)) {
                    Some(ids) => builder.append_value(ids.value(row)),
                    None => {
                        let position = Position { shard, ordinal };
                        builder.append_value(stable_id(text.unwrap_or_default(), position));
                    }
                }
            }
            builder.finish()
        }
    }
}

/// The child numbers that lead to a path: a field of that very name, or a struct's field below.
pub(super) fn resolve(fields: &Fields, path: &str) -> Option<Vec<usize>> {
    if let Some((number, _)) = fields.find(path) {
        return Some(vec![number]);
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let (number, field) = fields.find(&path[..dot])?;
        let DataType::Struct(children) = field.data_type() else {
            return None;
        };
        let mut numbers = vec![number];
        numbers.extend(resolve(children, &path[dot + 1..])?);
        Some(numbers)
    })
}

/// The column at a path. A value inside a null struct is null.
fn reach(rows: &RecordBatch, path: &[usize]) -> Result<Option<ArrayRef>, ArrowError> {
    let Some((first, below)) = path.split_first() else {
        return Ok(None);
    };
    let Some(mut column) = rows.columns().get(*first).map(Arc::clone) else {
        return Ok(None);
    };
    for number in below {
        let Some(parent) = column.as_struct_opt() else {
            return Ok(None);
        };
        let Some(child) = parent.columns().get(*number) else {
            return Ok(None);
        };
        let child = match parent.nulls() {
            None => Arc::clone(child),
            Some(_) if child.data_type() == &DataType::Null => Arc::clone(child),
            Some(nulls) => {
                let nulls = NullBuffer::union(Some(nulls), child.logical_nulls().as_ref());
                make_array(child.to_data().into_builder().nulls(nulls).build()?)
            }
        };
        column = child;
    }
    Ok(Some(column))
}

pub(super) fn is_string(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// A string column as views, without copying long values where that can be.
fn strings(column: &dyn Array) -> Option<StringViewArray> {
    match column.data_type() {
        DataType::Utf8View => Some(column.as_string_view().clone()),
        DataType::Utf8 => Some(column.as_string::<i32>().into()),
        DataType::LargeUtf8 => Some(column.as_string::<i64>().into()),
        DataType::Dictionary(_, values) if is_string(values) => {
            let dictionary = column.as_any_dictionary();
            let values = strings(&**dictionary.values())?;
            if values.is_empty() {
                return Some(StringViewArray::new_null(column.len()));
            }
            let keys = dictionary.normalized_keys();
            let text = |(row, key): (usize, usize)| {
                (dictionary.keys().is_valid(row) && values.is_valid(key)).then(|| values.value(key))
            };
            Some(keys.into_iter().enumerate().map(text).collect())
        }
        _ => None,
    }
}

fn id_texts(column: &dyn Array) -> Option<StringViewArray> {
    let data_type = column.data_type();
    if data_type.is_numeric() {
        return Some(json_texts(column));
    }
    strings(column)
}

fn optional_texts(column: &dyn Array) -> Option<StringViewArray> {
    let data_type = column.data_type();
    if data_type.is_integer() || data_type == &DataType::Boolean {
        return Some(json_texts(column));
    }
    strings(column)
}

/// Numbers and booleans as they stand in JSON; what JSON has no number for is null.
fn json_texts(column: &dyn Array) -> StringViewArray {
    let mut cell = Vec::new();
    let mut builder = StringViewBuilder::with_capacity(column.len());
    for row in 0..column.len() {
        cell.clear();
        row_json::write_value(column, row, &mut cell);
        builder.append_option(str::from_utf8(&cell).ok().filter(|text| *text != "null"));
    }
    builder.finish()
}
