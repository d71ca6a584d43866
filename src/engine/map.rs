//! A map pass: every block through the document stages.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_schema::SchemaRef;
use cpu_time::ThreadTime;

use super::FRAME_BYTES;
use super::container::Frame;
use super::error::EngineError;
use super::journal::{Kind, SegmentRecord};
use super::layout::{Layout, component};
use super::ordered::Job;
use super::progress::{Observer, Progress};
use super::render::{self, Fate, METRIC_PREFIX, Renderer};
use super::resolve;
use super::rows::{self, ColumnChoice};
use super::sink::{Chunk, Encoded, Group, Output, Pending, Rows, Sink, Target};
use super::source::{Content, Piece, Source};
use super::statistics::{Damage, StageStatistics, Statistics};
use super::verdicts::{Removed, Verdicts};
use crate::batch::{self, Batch, OPTIONAL, Position};
use crate::document::{Document, Value};
use crate::pipeline::config::OutputFormat;
use crate::pipeline::{Pass, Plan};
use crate::shard::compression::Encoder;
use crate::shard::json;
use crate::shard::{Compression, ReadOptions, Reject, Shard};
use crate::stage::Verdict;

/// What a pass is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Keep, drop, write.
    Run,
    /// Annotate every record, drop nothing.
    Score,
}

/// What the barrier before this pass removed.
pub struct Removal {
    /// Its number in the pipeline.
    pub number: usize,
    /// Its label.
    pub label: String,
    /// The rule that removed documents failed.
    pub reason: &'static str,
    /// Its verdicts.
    pub verdicts: Arc<Verdicts>,
    /// What the pass before it left.
    pub segments: Vec<Vec<SegmentRecord>>,
}

/// A map pass over all shards.
pub struct Map<'r> {
    /// The plan.
    pub plan: &'r Plan,
    /// Number of the pass.
    pub number: usize,
    /// Its stages.
    pub pass: &'r Pass,
    /// What it is for.
    pub mode: Mode,
    /// The input.
    pub shards: &'r [Shard],
    /// How it is read.
    pub options: ReadOptions,
    /// Where the output lies.
    pub layout: &'r Layout,
    /// Segments that are committed, by shard.
    pub committed: Vec<Vec<SegmentRecord>>,
    /// The barrier before this pass.
    pub removal: Option<Removal>,
    /// Partitions of the records of the barrier after this pass.
    pub partitions: usize,
    /// Content of a shard that makes a segment.
    pub segment_bytes: u64,
    /// The columns of parquet output.
    pub schema: Option<SchemaRef>,
    /// Counters.
    pub progress: &'r Progress,
    /// Whoever watches.
    pub observer: &'r dyn Observer,
}

/// What has become of a document so far.
#[derive(Clone)]
enum Fated {
    Alive,
    Dropped { stage: usize, reason: String, duplicate_of: Option<Position> },
}

/// The documents of a piece, its malformed records, and what the barrier before removed of it.
type Parsed = (Option<Batch>, Vec<Reject>, Option<Arc<Removed>>);

impl Map<'_> {
    fn is_last(&self) -> bool {
        self.number + 1 == self.plan.passes.len() || self.mode == Mode::Score
    }

    fn frame_bytes(&self) -> usize {
        let shard_size =
            usize::try_from(self.plan.config.output.shard_size.0).unwrap_or(usize::MAX);
        match self.plan.config.output.format {
            // Row groups below some megabytes compress badly and are slow to read.
            OutputFormat::Parquet if self.is_last() => shard_size.clamp(64 << 10, 8 * FRAME_BYTES),
            _ => shard_size.clamp(16 << 10, FRAME_BYTES),
        }
    }

    /// Number of the shard's segment that comes first, if there is anything left to do.
    fn start(&self, task: usize) -> Option<u32> {
        let committed = self.committed.get(task).map_or(&[][..], Vec::as_slice);
        match committed.last() {
            Some(record) if record.last => None,
            _ => Some(committed.len() as u32),
        }
    }

    fn parse(
        &self,
        piece: Content,
        shard: u32,
        statistics: &mut Statistics,
    ) -> Result<Parsed, EngineError> {
        match piece {
            Content::Block(block) => {
                statistics.bytes.content += block.bytes;
                let parsed = block.parse(&self.options)?;
                let documents = parsed.batch.as_ref().map_or(0, Batch::len) as u64;
                statistics.documents.input += documents + parsed.rejects.len() as u64;
                statistics.documents.rejected += parsed.rejects.len() as u64;
                for reject in &parsed.rejects {
                    *statistics.rejected.entry(reject.reason.to_owned()).or_default() += 1;
                }
                Ok((parsed.batch, parsed.rejects, None))
            }
            Content::Frame(bytes, removed) => {
                let bytes = zstd::decode_all(bytes.as_slice()).map_err(EngineError::io(
                    "read",
                    &self.layout.segment_spill(self.number - 1, shard, 0),
                ))?;
                Ok((rows::decode_ipc(bytes, shard)?, Vec::new(), Some(removed)))
            }
            Content::Damage(message) => {
                self.observer.remark(&message);
                statistics.damaged.push(Damage { shard, message });
                Ok((None, Vec::new(), None))
            }
            Content::Nothing => Ok((None, Vec::new(), None)),
        }
    }

    /// Applies what the barrier before removed.
    fn remove(
        &self,
        batch: &Batch,
        documents: &mut [Document<'_>],
        fates: &mut [Fated],
        removed: &Removed,
        statistics: &mut Statistics,
    ) {
        let Some(removal) = &self.removal else { return };
        let stage = statistics.stages.entry(removal.number).or_default();
        stage.name.clone_from(&removal.label);
        for (row, document) in documents.iter_mut().enumerate() {
            let bytes = document.text().len() as u64;
            stage.input += 1;
            stage.text_in += bytes;
            let ordinal = batch.position(row).ordinal;
            let Some(kept) = render::kept_instead(removed, ordinal) else { continue };
            stage.dropped += 1;
            stage.text_dropped += bytes;
            *stage.reasons.entry(removal.reason.to_owned()).or_default() += 1;
            document.fail(removal.reason);
            fates[row] = Fated::Dropped {
                stage: removal.number,
                reason: removal.reason.to_owned(),
                duplicate_of: Some(kept),
            };
        }
    }

    /// Runs the stages, one after the other over all documents of a batch: a stage's code and
    /// tables stay in the cache, and the clock is asked once a stage.
    fn stages(
        &self,
        documents: &mut [Document<'_>],
        fates: &mut [Fated],
        statistics: &mut Statistics,
    ) {
        for planned in &self.pass.stages {
            let clock = ThreadTime::now();
            let mut counts = StageStatistics { name: planned.label.clone(), ..Default::default() };
            for (document, fate) in documents.iter_mut().zip(fates.iter_mut()) {
                if self.mode == Mode::Run && !matches!(fate, Fated::Alive) {
                    continue;
                }
                let bytes = document.text().len() as u64;
                counts.input += 1;
                counts.text_in += bytes;
                let noted = document.notes().len();
                let before = document.changes();
                let verdict = document.apply(planned.stage.as_ref());
                counts.changed += u64::from(document.changes() != before);
                for note in &document.notes()[noted..] {
                    let language = document.language().unwrap_or("unknown").to_owned();
                    let languages = counts.notes.entry((*note).to_owned()).or_default();
                    *languages.entry(language).or_default() += 1;
                }
                if let Verdict::Drop(reason) = verdict {
                    counts.dropped += 1;
                    counts.text_dropped += bytes;
                    *counts.reasons.entry(reason.clone().into_owned()).or_default() += 1;
                    if matches!(fate, Fated::Alive) {
                        *fate = Fated::Dropped {
                            stage: planned.number,
                            reason: reason.into_owned(),
                            duplicate_of: None,
                        };
                    }
                }
            }
            counts.cpu_seconds = clock.elapsed().as_secs_f64();
            statistics.stages.insert(planned.number, counts);
        }
    }

    fn renderer(&self) -> Renderer<'_> {
        let metrics = self.plan.written_metrics();
        Renderer::new(&self.plan.config, self.plan.sets_language(), metrics)
    }

    /// What the documents of a batch leave: rows of the output, of the drops, or for the next pass.
    fn groups(
        &self,
        batch: &Batch,
        documents: &[Document<'_>],
        fates: &[Fated],
        statistics: &mut Statistics,
        groups: &mut Vec<Group>,
    ) -> Result<Vec<(usize, resolve::Record)>, EngineError> {
        let mut renderer = self.renderer();
        let mut alive = Vec::with_capacity(documents.len());
        let mut dropped = Lines::default();
        for (row, (document, fate)) in documents.iter().zip(fates).enumerate() {
            let Fated::Dropped { stage, reason, duplicate_of } = fate else {
                alive.push(row);
                continue;
            };
            statistics.documents.dropped += 1;
            language_of(document, statistics).dropped += 1;
            if self.plan.config.output.keep_dropped {
                let label = self.plan.labels.get(*stage).map_or("", String::as_str);
                let fate = Fate { stage: label, reason, duplicate_of: *duplicate_of };
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
        Ok(Vec::new())
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
    ) -> Result<Vec<(usize, resolve::Record)>, EngineError> {
        let metrics = self.plan.metrics_before(self.number + 1);
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
        let mut records = Vec::new();
        if let Some(planned) = &self.pass.barrier {
            let clock = ThreadTime::now();
            for (&row, document) in alive.iter().zip(&chosen) {
                if let Some(key) = planned.barrier.key(document) {
                    let record = resolve::record(key, batch.position(row).pack());
                    records.push((resolve::partition(key, self.partitions), record));
                }
            }
            let stage = statistics.stages.entry(planned.number).or_default();
            stage.name.clone_from(&planned.label);
            stage.cpu_seconds += clock.elapsed().as_secs_f64();
        }
        if !chosen.is_empty() {
            let ordinals = alive.iter().map(|&row| batch.position(row).ordinal).collect();
            let columns = rows::build(batch, alive, &chosen, &choice)?;
            let columns = rows::for_next_pass(columns, ordinals)?;
            groups.push(group(Kind::Spill, String::new(), columns, &chosen));
        }
        Ok(records)
    }

    /// Rows of `score`, malformed records at their places.
    fn scores(
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

/// Lines of one kind.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    documents: u64,
    text_bytes: u64,
}

impl Lines {
    fn count(&mut self, document: &Document<'_>) {
        self.documents += 1;
        self.text_bytes += document.text().len() as u64;
    }

    fn into_group(self, kind: Kind, partition: String, groups: &mut Vec<Group>) {
        if self.documents > 0 {
            groups.push(Group {
                kind,
                partition,
                rows: Rows::Lines(Buffer::from(self.bytes)),
                documents: self.documents,
                text_bytes: self.text_bytes,
            });
        }
    }
}

impl Job for Map<'_> {
    type Source = Source;
    type Block = Piece;
    type Output = Output;
    type Sink = Sink;
    type Chunk = Chunk;
    type Encoded = Encoded;
    type Target = Target;

    fn open(&self, task: usize) -> Result<Option<(Source, Sink, Target)>, EngineError> {
        let Some(start) = self.start(task) else { return Ok(None) };
        let shard = task as u32;
        let source = match &self.removal {
            None => {
                let Some(input) = self.shards.get(task) else { return Ok(None) };
                Source::input(input, shard, &self.options, self.segment_bytes, start)?
            }
            Some(removal) => Source::spill(
                self.layout,
                self.number - 1,
                shard,
                removal.segments.get(task).map_or(&[][..], Vec::as_slice),
                start,
                Arc::clone(&removal.verdicts),
            ),
        };
        let partitions =
            if self.pass.barrier.is_some() && !self.is_last() { self.partitions } else { 0 };
        let sink = Sink::new(shard, start, self.frame_bytes(), partitions);
        Ok(Some((source, sink, Target::new(self.layout, self.number, shard, start))))
    }

    fn read(&self, source: &mut Source) -> Result<Option<Piece>, EngineError> {
        let piece = source.next()?;
        if let Some(piece) = &piece {
            self.progress.consumed(piece.consumed);
        }
        Ok(piece)
    }

    fn blame(&self, piece: &Piece) -> EngineError {
        EngineError::Panic { shard: piece.shard, ordinal: piece.ordinals.0 }
    }

    fn work(&self, piece: Piece) -> Result<Output, EngineError> {
        let Piece { shard, segment, content, ordinals, cpu_seconds, .. } = piece;
        let mut statistics = Statistics::default();
        statistics.cpu.read = cpu_seconds;
        let clock = ThreadTime::now();
        let (batch, rejects, removed) = self.parse(content, shard, &mut statistics)?;
        let mut documents = batch.as_ref().map(Batch::documents).unwrap_or_default();
        if let (Some(batch), true) = (&batch, self.number > 0) {
            let metrics = self.plan.metrics_before(self.number);
            rows::restore_metrics(batch, &mut documents, &metrics);
        }
        let text_in: u64 = documents.iter().map(|document| document.text().len() as u64).sum();
        if self.number == 0 {
            statistics.bytes.text_in = text_in;
        }
        statistics.cpu.parse = clock.elapsed().as_secs_f64();
        let mut fates = vec![Fated::Alive; documents.len()];
        if let (Some(batch), Some(removed)) = (&batch, &removed) {
            self.remove(batch, &mut documents, &mut fates, removed, &mut statistics);
        }
        self.stages(&mut documents, &mut fates, &mut statistics);
        let clock = ThreadTime::now();
        let mut groups = Vec::new();
        let mut records = Vec::new();
        if self.mode == Mode::Score {
            self.scores(batch.as_ref(), &documents, &rejects, &mut groups)?;
        } else {
            let mut rejected = Lines { documents: rejects.len() as u64, ..Lines::default() };
            let name =
                self.shards.get(shard as usize).map(|shard| shard.path.display().to_string());
            for reject in &rejects {
                let name = name.as_deref().unwrap_or_default();
                render::write_rejected(reject, name, &mut rejected.bytes);
            }
            rejected.into_group(Kind::Rejected, String::new(), &mut groups);
            if let Some(batch) = &batch {
                records = self.groups(batch, &documents, &fates, &mut statistics, &mut groups)?;
            }
        }
        let keys: f64 = match &self.pass.barrier {
            Some(planned) => {
                statistics.stages.get(&planned.number).map_or(0.0, |stage| stage.cpu_seconds)
            }
            None => 0.0,
        };
        statistics.cpu.write = clock.elapsed().as_secs_f64() - keys;
        let alive = fates.iter().filter(|fate| matches!(fate, Fated::Alive)).count();
        self.progress.block(text_in, documents.len() as u64, alive as u64, rejects.len() as u64);
        Ok(Output { segment, ordinals, groups, records, statistics })
    }

    fn accept(
        &self,
        sink: &mut Sink,
        output: Output,
        chunks: &mut Vec<Chunk>,
    ) -> Result<(), EngineError> {
        sink.accept(output, chunks);
        Ok(())
    }

    fn finish(&self, sink: &mut Sink, chunks: &mut Vec<Chunk>) -> Result<(), EngineError> {
        sink.finish(chunks);
        Ok(())
    }

    fn encode(&self, chunk: Chunk) -> Result<Encoded, EngineError> {
        let clock = ThreadTime::now();
        let frame = match chunk {
            Chunk::Commit(record) => return Ok(Encoded::Commit(record)),
            Chunk::Records(partition, mut records) => {
                records.sort_unstable();
                Frame {
                    kind: Kind::Records,
                    partition: partition.to_string(),
                    documents: records.len() as u64,
                    text_bytes: 0,
                    bytes: records.concat(),
                }
            }
            Chunk::Rows(pending, kind, partition) => {
                let (documents, text_bytes) = (pending.documents, pending.text_bytes);
                let bytes = self.encode_rows(kind, pending)?;
                Frame { kind, partition, bytes, documents, text_bytes }
            }
        };
        Ok(Encoded::Frame(frame, clock.elapsed().as_secs_f64()))
    }

    fn write(&self, target: &mut Target, encoded: Encoded) -> Result<(), EngineError> {
        target.write(encoded)
    }
}

/// Level of what passes leave for each other: it is read once and deleted.
const SPILL_LEVEL: i32 = 1;

impl Map<'_> {
    fn encode_rows(&self, kind: Kind, pending: Pending) -> Result<Vec<u8>, EngineError> {
        let output = &self.plan.config.output;
        let (compression, level) = match kind {
            Kind::Rejected => (Compression::None, 0),
            Kind::Spill => (Compression::Zstd, SPILL_LEVEL),
            // Dropped documents are always lines, whatever the format of kept ones.
            Kind::Dropped if output.format == OutputFormat::Parquet => (Compression::Zstd, 3),
            _ => (output.compression, output.effective_level()),
        };
        if kind == Kind::Spill {
            return compress(compression, level, &[rows::encode_ipc(&pending.columns)?]);
        }
        if pending.columns.is_empty() {
            return compress(compression, level, &pending.lines);
        }
        self.encode_parquet(&pending.columns)
    }

    #[cfg(feature = "parquet")]
    fn encode_parquet(&self, columns: &[RecordBatch]) -> Result<Vec<u8>, EngineError> {
        use crate::shard::parquet;
        let Some(schema) = &self.schema else { return Ok(Vec::new()) };
        let failed = |error: &dyn std::fmt::Display| EngineError::Parquet(error.to_string());
        let mut aligned = Vec::with_capacity(columns.len());
        for columns in columns {
            aligned.push(parquet::align(columns, schema).map_err(|error| failed(&error))?);
        }
        let rows = arrow_select::concat::concat_batches(schema, &aligned)?;
        let output = &self.plan.config.output;
        let level = match output.compression {
            Compression::None => None,
            _ => Some(output.effective_level()),
        };
        parquet::encode_row_group(&rows, level).map_err(|error| failed(&error))
    }

    #[cfg(not(feature = "parquet"))]
    fn encode_parquet(&self, _: &[RecordBatch]) -> Result<Vec<u8>, EngineError> {
        Err(EngineError::Parquet("this sapwood was built without parquet".into()))
    }
}

/// Compresses some pieces of content as one frame, in buffers that each thread keeps.
fn compress(
    compression: Compression,
    level: i32,
    pieces: &[impl AsRef<[u8]>],
) -> Result<Vec<u8>, EngineError> {
    thread_local! {
        static ENCODER: RefCell<Option<(Compression, i32, Encoder)>> = const { RefCell::new(None) };
        static JOINED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    let failed = || EngineError::io("compress", std::path::Path::new("a frame"));
    ENCODER.with_borrow_mut(|slot| {
        if !matches!(slot, Some((old, at, _)) if (*old, *at) == (compression, level)) {
            *slot = Some((compression, level, Encoder::new(compression, level).map_err(failed())?));
        }
        let Some((_, _, encoder)) = slot else { return Ok(Vec::new()) };
        if let [piece] = pieces {
            return encoder.frame(piece.as_ref()).map_err(failed());
        }
        JOINED.with_borrow_mut(|joined| {
            joined.clear();
            for piece in pieces {
                joined.extend_from_slice(piece.as_ref());
            }
            let frame = encoder.frame(joined).map_err(failed());
            // One huge document should not hold its room for the rest of the run.
            if joined.capacity() > 16 << 20 {
                *joined = Vec::new();
            }
            frame
        })
    })
}
