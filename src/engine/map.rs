//! A map pass: every block through the document stages.

use std::collections::BTreeMap;

use arrow_schema::SchemaRef;
use cpu_time::ThreadTime;

use super::FRAME_BYTES;
use super::container::Frame;
use super::error::EngineError;
use super::findings::{Fated, Findings};
use super::journal::{self, Kind, SegmentRecord};
use super::layout::Layout;
use super::ordered::Job;
use super::progress::{Observer, Progress};
use super::render;
use super::rows;
use super::sink::{Chunk, Commit, Encoded, Lines, Output, Sink, Target};
use super::source::{Content, Piece, Source, Stretch};
use super::statistics::{Damage, Statistics};
use super::unit::{Reach, Unit};
use crate::batch::Batch;
use crate::dedup::partition_counts;
use crate::external::sort_records;
use crate::pipeline::config::OutputFormat;
use crate::pipeline::{Pass, Plan, PlannedBarrier};
use crate::shard::marks::Mark;
use crate::shard::{ReadOptions, Reject, Shard};

/// What a pass is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Keep, drop, write.
    Run,
    /// Annotate every record, drop nothing.
    Score,
}

/// A resolved barrier that is applied when the documents of a pass have been read.
pub struct Verdicts {
    /// The barrier.
    pub planned: PlannedBarrier,
    /// What it found.
    pub findings: Findings,
    /// Whether an earlier pass has applied it already, and accounted for it. Its documents were not
    /// left anew, so it is applied once more.
    pub again: bool,
}

/// A map pass over some shards.
pub struct Map<'r> {
    /// The plan.
    pub plan: &'r Plan,
    /// Number of the pass.
    pub number: usize,
    /// Its stages.
    pub pass: &'r Pass,
    /// What it is for.
    pub mode: Mode,
    /// What is done, in this order.
    pub units: Vec<Unit>,
    /// The shards of the input that this concerns, by number.
    pub shards: BTreeMap<u32, Shard>,
    /// What is done with segments that are committed.
    pub commit: Commit,
    /// Called when a unit is done.
    pub done: &'r (dyn Fn(usize) -> Result<(), EngineError> + Sync),
    /// How it is read.
    pub options: ReadOptions,
    /// Where the output lies.
    pub layout: &'r Layout,
    /// The pass whose documents are read; none for the input.
    pub source: Option<usize>,
    /// The barriers that are applied first, in order.
    pub verdicts: Vec<Verdicts>,
    /// The findings of the round before, for those barriers at the end of this pass that have one.
    pub rounds: Vec<Option<Findings>>,
    /// Partitions of the records of the barriers after this pass.
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

/// The documents of a piece and its malformed records.
type Parsed = (Option<Batch>, Vec<Reject>);

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

    /// Passes whose leavings of a segment are of no use once this pass has committed it.
    fn spent(&self) -> Vec<usize> {
        // What this pass reads is read once more if it leaves no documents itself.
        let anew = self.is_last() || self.plan.leaves_documents(self.number);
        let first = match self.source {
            Some(source) if anew => source,
            Some(source) => source + 1,
            None => 0,
        };
        (first..self.number).collect()
    }

    /// The first segment of a stretch that is not committed, if there is one.
    fn start(&self, shard: u32, stretch: Stretch) -> Result<Option<u32>, EngineError> {
        if self.commit == Commit::Anew {
            return Ok(Some(stretch.start));
        }
        let mut segment = stretch.start;
        while stretch.end != Some(segment) {
            let path = self.layout.segment_record(self.number, shard, segment);
            match journal::read::<SegmentRecord>(&path)? {
                None => return Ok(Some(segment)),
                Some(record) if record.last => return Ok(None),
                Some(_) => segment += 1,
            }
        }
        Ok(None)
    }

    fn marks(&self, unit: Unit) -> Result<Vec<Mark>, EngineError> {
        if unit.reach == Reach::Whole {
            return Ok(Vec::new());
        }
        journal::read(&self.layout.marks(unit.shard))?.ok_or_else(|| {
            EngineError::NotReady(format!(
                "shard {} is shared by several tasks, but has no marks yet (pass index)",
                unit.shard
            ))
        })
    }

    /// What an earlier pass left of some segments.
    fn left(&self, pass: usize, shard: u32, stretch: Stretch) -> Result<Source, EngineError> {
        let Stretch { start, end } = stretch;
        let segments = journal::segments(self.layout, pass, shard, start, end)?;
        let complete = match end {
            Some(end) => segments.len() as u32 == end - start,
            None => segments.last().is_some_and(|record| record.last),
        };
        if !complete {
            return Err(EngineError::NotReady(format!(
                "pass map-{} has not committed segment {} of shard {shard} yet",
                pass + 1,
                start + segments.len() as u32
            )));
        }
        Ok(Source::spill(self.layout, pass, shard, segments))
    }

    fn parse(
        &self,
        piece: Content,
        shard: u32,
        statistics: &mut Statistics,
    ) -> Result<Parsed, EngineError> {
        match piece {
            Content::Block(block) => {
                let bytes = block.bytes;
                let mut parsed = block.parse(&self.options)?;
                if self.number > 0 {
                    // The first pass has accounted for them.
                    parsed.rejects.clear();
                    return Ok((parsed.batch, parsed.rejects));
                }
                statistics.bytes.content += bytes;
                let documents = parsed.batch.as_ref().map_or(0, Batch::len) as u64;
                statistics.documents.input += documents + parsed.rejects.len() as u64;
                statistics.documents.rejected += parsed.rejects.len() as u64;
                for reject in &parsed.rejects {
                    *statistics.rejected.entry(reject.reason.to_owned()).or_default() += 1;
                }
                Ok((parsed.batch, parsed.rejects))
            }
            Content::Frame(bytes) => {
                let bytes = zstd::decode_all(bytes.as_slice())
                    .map_err(EngineError::io("read", &self.layout.work()))?;
                Ok((rows::decode_ipc(bytes, shard)?, Vec::new()))
            }
            Content::Damage(message) => {
                if self.number == 0 {
                    self.observer.remark(&message);
                    statistics.damaged.push(Damage { shard, message });
                }
                Ok((None, Vec::new()))
            }
            Content::Nothing | Content::Passed => Ok((None, Vec::new())),
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
        let Some(&unit) = self.units.get(task) else { return Ok(None) };
        let shard = unit.shard;
        let marks = self.marks(unit)?;
        let Some(stretch) = unit.reach.stretch(marks.len()) else { return Ok(None) };
        let Some(start) = self.start(shard, stretch)? else { return Ok(None) };
        let stretch = Stretch { start, ..stretch };
        let end = stretch.end.and_then(|end| marks.get(end as usize)).map(|mark| mark.ordinal);
        let source = match self.source {
            None => {
                let Some(input) = self.shards.get(&shard) else { return Ok(None) };
                if !input.is_unchanged()? {
                    return Err(EngineError::Changed { path: input.path.clone() });
                }
                let marks = Some(marks.as_slice()).filter(|marks| !marks.is_empty());
                Source::input(input, shard, &self.options, self.segment_bytes, stretch, marks)?
            }
            Some(pass) => self.left(pass, shard, stretch)?,
        };
        let sink = Sink::new(shard, start, end, self.frame_bytes());
        let target =
            Target::new(self.layout, self.number, shard, start, self.commit, self.spent())?;
        Ok(Some((source, sink, target)))
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
        if let Content::Passed = content {
            return Ok(Output::passed(segment, statistics));
        }
        let clock = ThreadTime::now();
        let (batch, rejects) = self.parse(content, shard, &mut statistics)?;
        let mut documents = batch.as_ref().map(Batch::documents).unwrap_or_default();
        if let (Some(batch), Some(source)) = (&batch, self.source) {
            rows::restore_metrics(batch, &mut documents, &self.plan.metrics_after(source));
        }
        let text_in: u64 = documents.iter().map(|document| document.text().len() as u64).sum();
        if self.number == 0 {
            statistics.bytes.text_in = text_in;
        }
        statistics.cpu.parse = clock.elapsed().as_secs_f64();
        let mut fates = vec![Fated::Alive; documents.len()];
        if let Some(batch) = &batch {
            self.apply(batch, &mut documents, &mut fates, &mut statistics)?;
        }
        self.stages(&mut documents, &mut fates, &mut statistics);
        let clock = ThreadTime::now();
        let mut groups = Vec::new();
        let mut records = BTreeMap::new();
        let mut collecting = 0.0;
        if self.mode == Mode::Score {
            self.scores(batch.as_ref(), &documents, &rejects, &mut groups)?;
        } else {
            let mut rejected = Lines { documents: rejects.len() as u64, ..Lines::default() };
            let name = self.shards.get(&shard).map(|shard| shard.path.display().to_string());
            for reject in &rejects {
                let name = name.as_deref().unwrap_or_default();
                render::write_rejected(reject, name, &mut rejected.bytes);
            }
            rejected.into_group(Kind::Rejected, String::new(), &mut groups);
            if let Some(batch) = &batch {
                (records, collecting) =
                    self.groups(batch, &documents, &fates, &mut statistics, &mut groups)?;
            }
        }
        statistics.cpu.write = clock.elapsed().as_secs_f64() - collecting;
        let alive = fates.iter().filter(|fate| matches!(fate, Fated::Alive)).count();
        self.progress.block(text_in, documents.len() as u64, alive as u64, rejects.len() as u64);
        Ok(Output { segment, ordinals: Some(ordinals), groups, records, statistics })
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
            Chunk::Records(place, mut records) => {
                let mut counts = Vec::new();
                if records.sorted {
                    sort_records(&mut records.bytes, records.width);
                    counts = partition_counts(&records.bytes, records.width, self.partitions);
                }
                Frame {
                    kind: Kind::Records,
                    partition: place.name(),
                    documents: (records.bytes.len() / records.width.max(1)) as u64,
                    text_bytes: 0,
                    bytes: records.bytes,
                    counts,
                }
            }
            Chunk::Rows(pending, kind, partition) => {
                let (documents, text_bytes) = (pending.documents, pending.text_bytes);
                let bytes = self.encode_rows(kind, pending)?;
                Frame { kind, partition, bytes, documents, text_bytes, counts: Vec::new() }
            }
        };
        Ok(Encoded::Frame(frame, clock.elapsed().as_secs_f64()))
    }

    fn write(&self, target: &mut Target, encoded: Encoded) -> Result<(), EngineError> {
        target.write(encoded)
    }

    fn done(&self, task: usize) -> Result<(), EngineError> {
        (self.done)(task)
    }
}
