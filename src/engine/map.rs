//! A map pass: every block through the document stages.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use cpu_time::ThreadTime;

use super::FRAME_BYTES;
use super::container::Frame;
use super::error::EngineError;
use super::journal::{Kind, SegmentRecord};
use super::layout::Layout;
use super::leavings::Lines;
use super::ordered::Job;
use super::progress::{Observer, Progress};
use super::render;
use super::rows;
use super::sink::{Chunk, Encoded, Output, Sink, Target};
use super::source::{Content, Piece, Source};
use super::statistics::{Damage, Statistics};
use super::verdicts::{Removed, Verdicts};
use crate::batch::{Batch, Position};
use crate::document::Document;
use crate::pipeline::config::OutputFormat;
use crate::pipeline::{Pass, Plan, PlannedStage};
use crate::shard::{ReadOptions, Reject, Shard};
use crate::stage::Verdict;

/// Text whose documents go through the stages together: with what the views hold of it, it stays in
/// a core's second cache.
const CHUNK_BYTES: usize = 64 << 10;

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
pub(super) enum Fated {
    Alive,
    Dropped { stage: usize, reason: String, duplicate_of: Option<Position> },
}

/// The documents of a piece, its malformed records, and what the barrier before removed of it.
type Parsed = (Option<Batch>, Vec<Reject>, Option<Arc<Removed>>);

impl Map<'_> {
    pub(super) fn is_last(&self) -> bool {
        self.number + 1 == self.plan.passes.len() || self.mode == Mode::Score
    }

    pub(super) fn frame_bytes(&self) -> usize {
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

    /// Runs the stages over the documents of a batch, some documents at a time: a stage's code and
    /// tables stay in the cache, and so do the views of the texts; the clock is asked seldom.
    fn stages(
        &self,
        documents: &mut [Document<'_>],
        fates: &mut [Fated],
        statistics: &mut Statistics,
    ) {
        let mut start = 0;
        while start < documents.len() {
            let mut bytes = 0;
            let number = documents[start..]
                .iter()
                .take_while(|document| {
                    let before = bytes;
                    bytes += document.text().len();
                    before < CHUNK_BYTES
                })
                .count();
            let chunk = start..start + number.max(1);
            for planned in &self.pass.stages {
                self.stage(
                    planned,
                    &mut documents[chunk.clone()],
                    &mut fates[chunk.clone()],
                    statistics,
                );
            }
            for document in &mut documents[chunk.clone()] {
                document.release_view();
            }
            start = chunk.end;
        }
        // A batch without documents has gone through the stages too.
        for planned in &self.pass.stages {
            let counts = statistics.stages.entry(planned.number).or_default();
            counts.name.clone_from(&planned.label);
        }
    }

    fn stage(
        &self,
        planned: &PlannedStage,
        documents: &mut [Document<'_>],
        fates: &mut [Fated],
        statistics: &mut Statistics,
    ) {
        let clock = ThreadTime::now();
        let counts = statistics.stages.entry(planned.number).or_default();
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
                if self.mode == Mode::Run {
                    document.release_view();
                }
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
        counts.cpu_seconds += clock.elapsed().as_secs_f64();
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
