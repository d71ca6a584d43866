//! What the documents of a block leave: rows of the output, of the drops, of a score, or for the next
//! pass and its barrier.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use cpu_time::ThreadTime;

use super::error::EngineError;
use super::findings::{Fated, findings_of, of_node};
use super::journal::Kind;
use super::layout::component;
use super::map::Map;
use super::render::{self, Fate, METRIC_PREFIX, Renderer};
use super::resolve::{DOCUMENTS, Place};
use super::rows::{self, ColumnChoice};
use super::sink::{Group, Lines, Records, Rows};
use super::statistics::Statistics;
use xxhash_rust::xxh3::xxh3_128;

use crate::batch::{self, Batch, OPTIONAL, Position};
use crate::dedup::{Collector, Order};
use crate::document::{Document, Value};
use crate::json;
use crate::shard::Reject;

impl Map<'_> {
    fn renderer(&self) -> Renderer<'_> {
        let metrics = self.plan.written_metrics();
        Renderer::new(&self.plan.config, self.plan.sets_language(), metrics)
    }

    /// What the documents of a batch leave: rows of the output, of the drops, or for the next pass.
    pub(super) fn groups(
        &self,
        batch: &Batch,
        documents: &[Document<'_>],
        fates: &[Fated],
        statistics: &mut Statistics,
        groups: &mut Vec<Group>,
    ) -> Result<(BTreeMap<Place, Records>, f64), EngineError> {
        let mut renderer = self.renderer();
        let mut alive = Vec::with_capacity(documents.len());
        let mut dropped = Lines::default();
        for (row, (document, fate)) in documents.iter().zip(fates).enumerate() {
            let (stage, reason, duplicate_of) = match fate {
                Fated::Alive => {
                    alive.push(row);
                    continue;
                }
                Fated::Gone => continue,
                Fated::Dropped { stage, reason, duplicate_of } => (stage, reason, duplicate_of),
            };
            statistics.documents.dropped += 1;
            language_of(document, statistics).dropped += 1;
            if self.plan.config.output.keep_dropped {
                let label = self.plan.labels.get(*stage).map_or("", String::as_str);
                let duplicate_of = match duplicate_of {
                    Some(node) => Some(self.kept_instead(*stage, *node)?),
                    None => None,
                };
                let fate = Fate { stage: label, reason, duplicate_of };
                renderer.dropped(batch, row, document, &fate, &mut dropped.bytes);
                dropped.count(document);
            }
        }
        dropped.into_group(Kind::Dropped, String::new(), groups);
        if !self.is_last() {
            return self.for_next_pass(batch, documents, &alive, statistics, groups);
        }
        for &row in &alive {
            if let Some(document) = documents.get(row) {
                let bytes = document.text().len() as u64;
                statistics.documents.kept += 1;
                statistics.bytes.text_kept += bytes;
                let language = language_of(document, statistics);
                language.kept += 1;
                language.text_kept += bytes;
            }
        }
        let frame_bytes = self.frame_bytes();
        let partitions = self.partition(batch, documents, &alive);
        for (partition, rows) in partitions {
            if self.schema.is_some() {
                self.columns(batch, documents, &rows, partition, groups)?;
                continue;
            }
            if let Some(block) = self.untouched(batch, documents, &rows) {
                groups.push(Group {
                    kind: Kind::Data,
                    partition,
                    rows: Rows::Lines(block),
                    documents: rows.len() as u64,
                    text_bytes: text_bytes(documents.iter()),
                });
                continue;
            }
            let mut lines = Lines::default();
            lines.bytes.reserve(batch_bytes(documents, &rows));
            for &row in &rows {
                if let Some(document) = documents.get(row) {
                    renderer.kept(batch, row, document, &mut lines.bytes);
                    lines.count(document);
                }
                // A block can be larger than a small shard, and frames are never cut.
                if lines.bytes.len() >= frame_bytes {
                    let full = std::mem::take(&mut lines);
                    full.into_group(Kind::Data, partition.clone(), groups);
                }
            }
            lines.into_group(Kind::Data, partition, groups);
        }
        Ok((BTreeMap::new(), 0.0))
    }

    /// The block that a batch was parsed from, if that is what would be written of it.
    fn untouched(
        &self,
        batch: &Batch,
        documents: &[Document<'_>],
        rows: &[usize],
    ) -> Option<Buffer> {
        let block = batch.verbatim.as_ref()?;
        let written_anew = rows.len() != documents.len()
            // Frames are never cut, so a small shard needs smaller ones than a block.
            || block.len() > self.frame_bytes()
            || self.plan.sets_language()
            || !self.plan.config.output.metrics.is_empty()
            || documents.iter().any(Document::text_changed);
        // Lines that end in a carriage return are written without it.
        (!written_anew && memchr::memchr(b'\r', block).is_none()).then(|| block.clone())
    }

    /// Rows by partition, partitions in order.
    fn partition(
        &self,
        batch: &Batch,
        documents: &[Document<'_>],
        alive: &[usize],
    ) -> BTreeMap<String, Vec<usize>> {
        let mut partitions: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        match &self.plan.config.output.partition_by {
            None => {
                if !alive.is_empty() {
                    partitions.insert(String::new(), alive.to_vec());
                }
            }
            Some(column) => {
                for &row in alive {
                    let Some(document) = documents.get(row) else { continue };
                    let value = partition_value(batch, row, document, column);
                    let name = component(value.as_deref().unwrap_or_default());
                    partitions.entry(name).or_default().push(row);
                }
            }
        }
        partitions
    }

    fn columns(
        &self,
        batch: &Batch,
        documents: &[Document<'_>],
        rows: &[usize],
        partition: String,
        groups: &mut Vec<Group>,
    ) -> Result<(), EngineError> {
        let metrics = self.plan.written_metrics();
        let fields = &self.options.fields;
        let mut mapped = vec![fields.text.as_str(), fields.id.as_str()];
        mapped.extend(
            fields
                .optional()
                .into_iter()
                .zip(OPTIONAL)
                .filter_map(|(path, name)| batch.strings(name).map(|_| path)),
        );
        let choice = ColumnChoice {
            metrics: &metrics,
            metric_prefix: "",
            writes_language: self.plan.sets_language(),
            text_path: &fields.text,
            mapped,
            for_next_pass: false,
        };
        let chosen: Vec<&Document<'_>> =
            rows.iter().filter_map(|&row| documents.get(row)).collect();
        let columns = rows::build(batch, rows, &chosen, &choice)?;
        groups.push(group(Kind::Data, partition, columns, &chosen));
        Ok(())
    }

    fn for_next_pass(
        &self,
        batch: &Batch,
        documents: &[Document<'_>],
        alive: &[usize],
        statistics: &mut Statistics,
        groups: &mut Vec<Group>,
    ) -> Result<(BTreeMap<Place, Records>, f64), EngineError> {
        let (records, seconds) = self.collect(batch, documents, alive, statistics)?;
        if !self.plan.leaves_documents(self.number) || alive.is_empty() {
            return Ok((records, seconds));
        }
        let metrics = self.plan.metrics_after(self.number);
        let choice = ColumnChoice {
            metrics: &metrics,
            metric_prefix: METRIC_PREFIX,
            writes_language: self.plan.sets_language(),
            text_path: &self.options.fields.text,
            mapped: Vec::new(),
            for_next_pass: true,
        };
        let chosen: Vec<&Document<'_>> =
            alive.iter().filter_map(|&row| documents.get(row)).collect();
        let ordinals = alive.iter().map(|&row| batch.position(row).ordinal).collect();
        let columns = rows::build(batch, alive, &chosen, &choice)?;
        let columns = rows::for_next_pass(columns, ordinals)?;
        groups.push(group(Kind::Spill, String::new(), columns, &chosen));
        Ok((records, seconds))
    }

    /// What the documents that are alive leave for the barriers at the end of the pass, and the
    /// processor time that it took.
    fn collect(
        &self,
        batch: &Batch,
        documents: &[Document<'_>],
        alive: &[usize],
        statistics: &mut Statistics,
    ) -> Result<(BTreeMap<Place, Records>, f64), EngineError> {
        let mut records: BTreeMap<Place, Records> = BTreeMap::new();
        let mut total = 0.0;
        for (slot, planned) in self.pass.barriers.iter().enumerate() {
            let clock = ThreadTime::now();
            let found = match self.rounds.get(slot).and_then(Option::as_ref) {
                Some(findings) => findings_of(findings, batch)?,
                None => Vec::new(),
            };
            let mut streams = planned.barrier.streams(planned.round);
            let written = planned.barrier.indexes().and_then(|indexes| indexes.write.as_ref());
            let documents_stream = written.map(|_| streams.len());
            streams.extend(documents_stream.map(|_| DOCUMENTS));
            let mut collector = Collector::new(streams.len());
            for &row in alive {
                let Some(document) = documents.get(row) else { continue };
                let node = batch.position(row).node();
                let findings = of_node(&found, node);
                planned.barrier.collect(planned.round, document, node, findings, &mut collector);
                if let Some(stream) = documents_stream {
                    let mut record = [0; DOCUMENTS.width];
                    record[..8].copy_from_slice(&node.to_be_bytes());
                    record[8..].copy_from_slice(&xxh3_128(document.id().as_bytes()).to_be_bytes());
                    collector.put(stream, &record);
                }
            }
            for (number, (stream, bytes)) in streams.iter().zip(collector.streams).enumerate() {
                if !bytes.is_empty() {
                    let (width, sorted) = (stream.width, stream.order == Order::Sorted);
                    records
                        .insert(Place { slot, stream: number }, Records { width, sorted, bytes });
                }
            }
            let seconds = clock.elapsed().as_secs_f64();
            let stage = statistics.stages.entry(planned.number).or_default();
            stage.name.clone_from(&planned.label);
            stage.cpu_seconds += seconds;
            total += seconds;
        }
        Ok((records, total))
    }

    /// The document that stays in a dropped one's stead, as JSON.
    fn kept_instead(&self, stage: usize, node: u64) -> Result<String, EngineError> {
        let barrier = self.verdicts.iter().find(|verdicts| verdicts.planned.number == stage);
        let indexes = barrier.and_then(|verdicts| verdicts.planned.barrier.indexes());
        if let Some(indexes) = indexes
            && let Some(name) = indexes.name(node)?
        {
            return serde_json::to_string(&name).map_err(|error| EngineError::Damaged {
                path: name.index.into(),
                message: error.to_string(),
            });
        }
        let kept = Position::unpack(node);
        Ok(format!("{{\"shard\":{},\"record\":{}}}", kept.shard, kept.ordinal))
    }

    /// Rows of `score`, malformed records at their places.
    pub(super) fn scores(
        &self,
        batch: Option<&Batch>,
        documents: &[Document<'_>],
        rejects: &[Reject],
        groups: &mut Vec<Group>,
    ) -> Result<(), EngineError> {
        let metrics = self.plan.metrics();
        let mut rejects = rejects.iter().peekable();
        let mut entries: Vec<Result<&Document<'_>, &Reject>> = Vec::new();
        for (row, document) in documents.iter().enumerate() {
            let ordinal = batch.map_or(0, |batch| batch.position(row).ordinal);
            while let Some(reject) = rejects.next_if(|reject| reject.ordinal < ordinal) {
                entries.push(Err(reject));
            }
            entries.push(Ok(document));
        }
        entries.extend(rejects.map(Err));
        if let Some(schema) = &self.schema {
            let columns = rows::score_columns(&entries, &metrics, schema)?;
            groups.push(Group {
                kind: Kind::Data,
                partition: String::new(),
                documents: entries.len() as u64,
                text_bytes: 0,
                rows: Rows::Columns(columns),
            });
            return Ok(());
        }
        let mut lines = Lines { documents: entries.len() as u64, ..Lines::default() };
        for entry in entries {
            match entry {
                Ok(document) => render::write_score(document, &metrics, &mut lines.bytes),
                Err(reject) => render::write_rejected_score(reject, &metrics, &mut lines.bytes),
            }
        }
        lines.into_group(Kind::Data, String::new(), groups);
        Ok(())
    }
}

fn group(
    kind: Kind,
    partition: String,
    columns: RecordBatch,
    documents: &[&Document<'_>],
) -> Group {
    Group {
        kind,
        partition,
        rows: Rows::Columns(columns),
        documents: documents.len() as u64,
        text_bytes: text_bytes(documents.iter().copied()),
    }
}

fn text_bytes<'d, 'b: 'd>(documents: impl Iterator<Item = &'d Document<'b>>) -> u64 {
    documents.map(|document| document.text().len() as u64).sum()
}

fn batch_bytes(documents: &[Document<'_>], rows: &[usize]) -> usize {
    let text: usize = rows
        .iter()
        .filter_map(|&row| documents.get(row))
        .map(|document| document.text().len())
        .sum();
    text + text / 4 + rows.len() * 256
}

fn language_of<'s>(
    document: &Document<'_>,
    statistics: &'s mut Statistics,
) -> &'s mut super::statistics::LanguageStatistics {
    statistics.languages.entry(document.language().unwrap_or("unknown").to_owned()).or_default()
}

/// The value of a column that the output is partitioned by: a column of the batch, a metric, or a
/// field of the record.
fn partition_value(
    batch: &Batch,
    row: usize,
    document: &Document<'_>,
    column: &str,
) -> Option<String> {
    if column == batch::LANGUAGE {
        return document.language().map(str::to_owned);
    }
    if let Some(value) = document.metric(column) {
        return Some(match value {
            Value::Integer(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Text(value) => value.to_string(),
        });
    }
    use arrow_array::Array;
    if let Some(values) = batch.strings(column) {
        return values.is_valid(row).then(|| values.value(row).to_owned());
    }
    if let Some(values) = batch.columns().column_by_name(column) {
        let mut out = Vec::new();
        crate::shard::row_json::write_value(values, row, &mut out);
        let text = String::from_utf8(out).ok()?;
        return (text != "null").then_some(text);
    }
    let extra = batch.strings(batch::RECORD).filter(|extra| extra.is_valid(row))?;
    let line = extra.value(row);
    let mut members = Vec::new();
    json::scan(line, &mut members).ok()?;
    let (span, kind) = json::find(line, &members, column)?;
    json::scalar_text(line, span, kind).ok().flatten().map(|value| value.into_owned())
}
