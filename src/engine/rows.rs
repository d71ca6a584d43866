//! Documents as columns again: for the next pass and for parquet.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringViewArray, UInt32Array,
    UInt64Array,
};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use arrow_select::take::take;

use super::render::{METRIC_PREFIX, rejection_rule};
use crate::batch::{self, Batch, OPTIONAL};
use crate::document::{Document, Value};
use crate::json::{self, Edit, Member, NewValue};
use crate::shard::Reject;
use crate::stage::{Metric, MetricKind};

/// Column of ordinals in what a pass leaves for the next.
const ORDINAL: &str = "ordinal";
/// Metadata key: the `extra` records hold no text.
const DETACHED: &str = "sapwood.text_detached";

/// The Arrow type of a metric.
fn metric_type(kind: MetricKind) -> DataType {
    match kind {
        MetricKind::Integer => DataType::Int64,
        MetricKind::Float => DataType::Float64,
        MetricKind::Text => DataType::Utf8View,
    }
}

/// A metric of some documents as a column; null where it does not apply.
pub fn metric_column(metric: &Metric, documents: &[&Document<'_>]) -> ArrayRef {
    let values = documents.iter().map(|document| document.metric(metric.name));
    match metric.kind {
        MetricKind::Integer => Arc::new(Int64Array::from_iter(values.map(|value| match value {
            Some(Value::Integer(value)) => Some(*value),
            _ => None,
        }))),
        MetricKind::Float => {
            Arc::new(Float64Array::from_iter(values.map(|value| value.and_then(Value::number))))
        }
        MetricKind::Text => Arc::new(StringViewArray::from_iter(values.map(|value| match value {
            Some(Value::Text(value)) => Some(value.as_ref()),
            _ => None,
        }))),
    }
}

/// Which columns are built.
pub struct ColumnChoice<'c> {
    /// The metrics that become columns.
    pub metrics: &'c [Metric],
    /// What stands before their names.
    pub metric_prefix: &'c str,
    /// Whether the documents' language replaces the input's.
    pub writes_language: bool,
    /// Where the text lies in JSON records.
    pub text_path: &'c str,
    /// Top-level fields that have a column of their own.
    pub mapped: Vec<&'c str>,
    /// Whether the `extra` records are for the next pass, rather than for readers.
    pub for_next_pass: bool,
}

/// Builds the columns of some rows of a batch. Nothing of them points into the batch's buffers.
///
/// # Errors
/// If Arrow refuses the columns.
pub fn build(
    batch: &Batch,
    rows: &[usize],
    documents: &[&Document<'_>],
    choice: &ColumnChoice<'_>,
) -> Result<RecordBatch, ArrowError> {
    let mut columns: Vec<(Field, ArrayRef)> = Vec::new();
    let mut add = |name: &str, nullable: bool, array: ArrayRef| {
        columns.push((Field::new(name, array.data_type().clone(), nullable), array));
    };
    let ids = documents.iter().map(|document| document.id());
    add(batch::ID, false, Arc::new(StringViewArray::from_iter_values(ids)));
    let texts = documents.iter().map(|document| document.text());
    add(batch::TEXT, false, Arc::new(StringViewArray::from_iter_values(texts)));
    for name in OPTIONAL {
        if name == batch::LANGUAGE && choice.writes_language {
            let languages = documents.iter().map(|document| document.language());
            add(name, true, Arc::new(StringViewArray::from_iter(languages)));
        } else if let Some(column) = batch.strings(name) {
            let values = rows.iter().map(|&row| column.is_valid(row).then(|| column.value(row)));
            add(name, true, Arc::new(StringViewArray::from_iter(values)));
        } else if choice.for_next_pass {
            // Batches of one shard must have the same columns to be joined.
            add(name, true, Arc::new(StringViewArray::new_null(rows.len())));
        }
    }
    let indices = UInt32Array::from_iter_values(rows.iter().map(|&row| row as u32));
    let schema = batch.columns().schema_ref();
    for (field, column) in schema.fields().iter().zip(batch.columns().columns()) {
        let name = field.name().as_str();
        let built = name == batch::ID
            || name == batch::TEXT
            || name == batch::RECORD
            || OPTIONAL.contains(&name)
            || name.starts_with(METRIC_PREFIX);
        if built {
            continue;
        }
        let taken = take(column, &indices, None)?;
        // A taken view would keep the whole block that it points into.
        let taken = match taken.as_any().downcast_ref::<StringViewArray>() {
            Some(views) => Arc::new(views.gc()) as ArrayRef,
            None => taken,
        };
        add(name, true, taken);
    }
    for metric in choice.metrics {
        let name = format!("{}{}", choice.metric_prefix, metric.name);
        add(&name, true, metric_column(metric, documents));
    }
    if let Some(extra) = batch.strings(batch::RECORD) {
        let mut members = Vec::new();
        let records: Vec<Option<String>> = rows
            .iter()
            .map(|&row| {
                extra.is_valid(row).then(|| {
                    let line = extra.value(row);
                    match choice.for_next_pass {
                        true => without_text(line, choice.text_path, &mut members),
                        false => without_mapped(line, &choice.mapped, &mut members),
                    }
                })
            })
            .collect();
        let name = if choice.for_next_pass { batch::RECORD } else { batch::EXTRA };
        add(name, true, Arc::new(StringViewArray::from_iter(records)));
    }
    batch::assemble(columns)
}

/// A record whose text is taken out, as the next pass has it in a column of its own.
fn without_text(line: &str, path: &str, members: &mut Vec<Member>) -> String {
    edited(line, members, |members| vec![Edit::set(line, members, path, NewValue::Text(""))])
}

/// The fields of a record that have no column of their own.
fn without_mapped(line: &str, mapped: &[&str], members: &mut Vec<Member>) -> String {
    edited(line, members, |_| mapped.iter().map(|key| Edit::Remove { key }).collect())
}

fn edited<'e>(
    line: &'e str,
    members: &mut Vec<Member>,
    edits: impl FnOnce(&[Member]) -> Vec<Edit<'e>>,
) -> String {
    if json::scan(line, members).is_err() {
        return line.to_owned();
    }
    let mut out = Vec::with_capacity(line.len());
    json::splice(line, members, &edits(members), &mut out);
    String::from_utf8(out).unwrap_or_else(|_| line.to_owned())
}

/// Rows for the next pass, with their ordinals.
///
/// # Errors
/// If Arrow refuses the columns.
pub fn for_next_pass(rows: RecordBatch, ordinals: Vec<u64>) -> Result<RecordBatch, ArrowError> {
    let mut fields: Vec<Field> =
        rows.schema_ref().fields().iter().map(|field| field.as_ref().clone()).collect();
    let mut columns = rows.columns().to_vec();
    fields.insert(0, Field::new(ORDINAL, DataType::UInt64, false));
    columns.insert(0, Arc::new(UInt64Array::from(ordinals)));
    let metadata = HashMap::from([(DETACHED.to_owned(), "true".to_owned())]);
    RecordBatch::try_new(Arc::new(Schema::new_with_metadata(fields, metadata)), columns)
}

/// Encodes batches of one schema as an Arrow stream.
///
/// # Errors
/// If the batches differ in their columns.
pub fn encode_ipc(batches: &[RecordBatch]) -> Result<Vec<u8>, ArrowError> {
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let rows = concat_batches(first.schema_ref(), batches)?;
    let mut bytes = Vec::with_capacity(rows.get_array_memory_size() + 1024);
    let mut writer = StreamWriter::try_new(&mut bytes, rows.schema_ref())?;
    writer.write(&rows)?;
    writer.finish()?;
    drop(writer);
    Ok(bytes)
}

/// Decodes what [`encode_ipc`] encoded of [`for_next_pass`].
///
/// # Errors
/// If the bytes are not that.
pub fn decode_ipc(bytes: Vec<u8>, shard: u32) -> Result<Option<Batch>, ArrowError> {
    let mut reader = StreamReader::try_new(Cursor::new(bytes), None)?;
    let Some(rows) = reader.next().transpose()? else { return Ok(None) };
    let mut columns = rows.columns().to_vec();
    let mut fields: Vec<_> = rows.schema_ref().fields().iter().cloned().collect();
    let damaged = || ArrowError::SchemaError("rows of an earlier pass need ordinals".to_owned());
    let at = fields.iter().position(|field| field.name() == ORDINAL).ok_or_else(damaged)?;
    let ordinals = columns.remove(at);
    fields.remove(at);
    let ordinals = ordinals.as_any().downcast_ref::<UInt64Array>().ok_or_else(damaged)?;
    let rows_only = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
    let detached = rows.schema_ref().metadata().contains_key(DETACHED);
    Batch::new(shard, ordinals.values().to_vec(), rows_only, detached).map(Some)
}

/// Gives documents the metrics that an earlier pass found.
pub fn restore_metrics(batch: &Batch, documents: &mut [Document<'_>], metrics: &[Metric]) {
    for metric in metrics {
        let name = format!("{METRIC_PREFIX}{}", metric.name);
        let Some(column) = batch.columns().column_by_name(&name) else { continue };
        let any = column.as_any();
        for (row, document) in documents.iter_mut().enumerate() {
            if column.is_null(row) {
                continue;
            }
            if let Some(values) = any.downcast_ref::<Int64Array>() {
                document.annotate(metric.name, values.value(row));
            } else if let Some(values) = any.downcast_ref::<Float64Array>() {
                document.annotate(metric.name, values.value(row));
            } else if let Some(values) = any.downcast_ref::<StringViewArray>() {
                document.annotate(metric.name, values.value(row));
            }
        }
    }
}

/// The columns of a score: id, metrics, verdict, reasons (as a JSON array).
pub fn score_schema(metrics: &[Metric]) -> SchemaRef {
    let mut fields = vec![batch::string_field(batch::ID, true)];
    fields.extend(
        metrics.iter().map(|metric| Field::new(metric.name, metric_type(metric.kind), true)),
    );
    fields.push(batch::string_field("verdict", false));
    let item = Arc::new(Field::new_list_field(DataType::Utf8, true));
    fields.push(Field::new("reasons", DataType::List(item), false));
    Arc::new(Schema::new(fields))
}

/// Rows of a score as columns.
///
/// # Errors
/// If Arrow refuses the columns.
pub fn score_columns(
    entries: &[Result<&Document<'_>, &Reject>],
    metrics: &[Metric],
    schema: &SchemaRef,
) -> Result<RecordBatch, ArrowError> {
    // A malformed record stands as a document without metrics.
    let blank = Document::new("", "");
    let documents: Vec<&Document<'_>> =
        entries.iter().map(|entry| entry.unwrap_or(&blank)).collect();
    let ids = entries.iter().map(|entry| entry.ok().map(Document::id));
    let mut columns: Vec<ArrayRef> = vec![Arc::new(StringViewArray::from_iter(ids))];
    columns.extend(metrics.iter().map(|metric| metric_column(metric, &documents)));
    let kept = |entry: &Result<&Document<'_>, &Reject>| {
        entry.is_ok_and(|document| document.reasons().is_empty())
    };
    let verdicts = entries.iter().map(|entry| if kept(entry) { "keep" } else { "drop" });
    columns.push(Arc::new(StringViewArray::from_iter_values(verdicts)));
    let mut reasons = ListBuilder::new(StringBuilder::new());
    for entry in entries {
        match entry {
            Ok(document) => {
                for reason in document.reasons() {
                    reasons.values().append_value(reason);
                }
            }
            Err(reject) => reasons.values().append_value(rejection_rule(reject)),
        }
        reasons.append(true);
    }
    columns.push(Arc::new(reasons.finish()));
    RecordBatch::try_new(Arc::clone(schema), columns)
}

/// The columns that parquet output has, whatever the shards: those of every batch, those that the
/// input's parquet files pass through, and the written metrics.
pub fn output_schema(passed_through: &[Field], metrics: &[Metric]) -> SchemaRef {
    let mut fields =
        vec![batch::string_field(batch::ID, false), batch::string_field(batch::TEXT, false)];
    fields.extend(OPTIONAL.iter().map(|name| batch::string_field(name, true)));
    fields.extend(passed_through.iter().cloned());
    fields.extend(
        metrics.iter().map(|metric| Field::new(metric.name, metric_type(metric.kind), true)),
    );
    fields.push(batch::string_field(batch::EXTRA, true));
    Arc::new(Schema::new(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRICS: [Metric; 2] = [
        Metric { name: "a.count", kind: MetricKind::Integer, unit: "words", meaning: "words" },
        Metric { name: "a.label", kind: MetricKind::Text, unit: "code", meaning: "a label" },
    ];

    #[test]
    fn rows_survive_the_way_to_the_next_pass() {
        let batch =
            Batch::from_texts([("a", "one"), ("b", "two, and longer than a view")]).unwrap();
        let mut documents = batch.documents();
        documents[1].annotate("a.count", 5_i64);
        documents[1].annotate("a.label", "x");
        documents[1].set_language("fr");
        let choice = ColumnChoice {
            metrics: &METRICS,
            metric_prefix: METRIC_PREFIX,
            writes_language: true,
            text_path: "text",
            mapped: vec![],
            for_next_pass: true,
        };
        let rows = build(&batch, &[1], &[&documents[1]], &choice).unwrap();
        let rows = for_next_pass(rows, vec![17]).unwrap();
        let bytes = encode_ipc(&[rows.clone(), rows]).unwrap();
        let again = decode_ipc(bytes, 3).unwrap().unwrap();
        assert_eq!(again.ordinals, [17, 17]);
        assert!(again.text_detached);
        let mut documents = again.documents();
        restore_metrics(&again, &mut documents, &METRICS);
        assert_eq!(documents[1].text(), "two, and longer than a view");
        assert_eq!(documents[0].language(), Some("fr"));
        assert_eq!(documents[0].metric("a.count"), Some(&Value::Integer(5)));
        assert_eq!(documents[0].metric("a.label"), Some(&Value::from("x")));
    }
}
