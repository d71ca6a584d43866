//! Collects what comes out of blocks, in order, into frames, and commits segments.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;

use super::container::{ContainerWriter, Frame};
use super::error::EngineError;
use super::journal::{self, Kind, SegmentRecord};
use super::layout::Layout;
use super::resolve::Place;
use super::statistics::Statistics;
use super::{BUFFERED_BYTES, RUN_BYTES};
use crate::document::Document;
use crate::external;

/// Rows of one kind and partition.
pub struct Group {
    /// What they are for.
    pub kind: Kind,
    /// Where they belong.
    pub partition: String,
    /// The rows.
    pub rows: Rows,
    /// Their number.
    pub documents: u64,
    /// Bytes of text in them.
    pub text_bytes: u64,
}

/// Rows as they will be encoded.
pub enum Rows {
    /// Lines of text.
    Lines(Buffer),
    /// Columns.
    Columns(RecordBatch),
}

/// Lines of one kind.
#[derive(Default)]
pub struct Lines {
    /// The lines.
    pub bytes: Vec<u8>,
    /// Their number.
    pub documents: u64,
    /// Bytes of text in them.
    pub text_bytes: u64,
}

impl Lines {
    /// Counts a document whose line was added.
    pub fn count(&mut self, document: &Document<'_>) {
        self.documents += 1;
        self.text_bytes += document.text().len() as u64;
    }

    /// Hands the lines over, if there are any.
    pub fn into_group(self, kind: Kind, partition: String, groups: &mut Vec<Group>) {
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

/// Records of a barrier's stream.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// Bytes of a record.
    pub width: usize,
    /// Whether they are to be sorted.
    pub sorted: bool,
    /// The records, one after the other.
    pub bytes: Vec<u8>,
}

/// What comes out of a block.
pub struct Output {
    /// The segment that it belongs to.
    pub segment: u32,
    /// Ordinals of its records: the first, and the one after the last where it is known; none if the
    /// block was only passed over.
    pub ordinals: Option<(u64, Option<u64>)>,
    /// Its rows.
    pub groups: Vec<Group>,
    /// Its records for the barriers, one after the other in each place.
    pub records: BTreeMap<Place, Records>,
    /// What it counted.
    pub statistics: Statistics,
}

impl Output {
    /// What comes out of a block that was passed over.
    pub fn passed(segment: u32, statistics: Statistics) -> Self {
        Self { segment, ordinals: None, groups: Vec::new(), records: BTreeMap::new(), statistics }
    }
}

/// What is encoded at a time.
pub enum Chunk {
    /// Rows that make a frame.
    Rows(Pending, Kind, String),
    /// Records of a barrier.
    Records(Place, Records),
    /// The end of a segment.
    Commit(Box<SegmentRecord>),
}

/// Rows that wait for their frame to fill.
#[derive(Default)]
pub struct Pending {
    /// Lines of text, as blocks left them: they are joined by whoever encodes the frame.
    pub lines: Vec<Buffer>,
    /// Columns.
    pub columns: Vec<RecordBatch>,
    /// Their size in memory.
    pub bytes: usize,
    /// Their number.
    pub documents: u64,
    /// Bytes of text in them.
    pub text_bytes: u64,
}

/// The ordinal after the last record of a shard, whatever their number is.
const OPEN_END: u64 = (1 << 40) - 1;

/// Collects the rows of a shard, or of some of its segments. Every cut that it makes depends on the rows and their order only.
pub struct Sink {
    shard: u32,
    segment: u32,
    /// Ordinal of the record after the last one, where the shard does not end there.
    end: Option<u64>,
    ordinals: Option<(u64, Option<u64>)>,
    frame_bytes: usize,
    pending: BTreeMap<(Kind, String), Pending>,
    pending_bytes: usize,
    records: BTreeMap<Place, Records>,
    record_bytes: usize,
    statistics: Statistics,
}

impl Sink {
    /// A sink for a shard, from some segment on; `end` is the ordinal of the record before which it
    /// ends, if it is not the shard's end.
    pub fn new(shard: u32, segment: u32, end: Option<u64>, frame_bytes: usize) -> Self {
        Self {
            shard,
            segment,
            end,
            ordinals: None,
            frame_bytes,
            pending: BTreeMap::new(),
            pending_bytes: 0,
            records: BTreeMap::new(),
            record_bytes: 0,
            statistics: Statistics::default(),
        }
    }

    /// Takes what came out of a block.
    pub fn accept(&mut self, output: Output, chunks: &mut Vec<Chunk>) {
        if let Some(ordinals) = output.ordinals {
            if output.segment != self.segment {
                self.close(false, ordinals.0, chunks);
                self.segment = output.segment;
            }
            self.ordinals.get_or_insert(ordinals);
        }
        self.statistics.add(&output.statistics);
        for group in output.groups {
            self.add(group, chunks);
        }
        for (place, mut records) in output.records {
            self.record_bytes += records.bytes.len();
            match self.records.entry(place) {
                Entry::Vacant(vacant) => {
                    vacant.insert(records);
                }
                Entry::Occupied(mut known) => known.get_mut().bytes.append(&mut records.bytes),
            }
        }
        if self.record_bytes >= RUN_BYTES {
            self.flush_records(chunks);
        }
    }

    fn add(&mut self, group: Group, chunks: &mut Vec<Chunk>) {
        let key = (group.kind, group.partition);
        let pending = self.pending.entry(key.clone()).or_default();
        let before = pending.bytes;
        match group.rows {
            Rows::Lines(lines) => {
                pending.bytes += lines.len();
                pending.lines.push(lines);
            }
            Rows::Columns(columns) => {
                pending.bytes += columns.get_array_memory_size();
                pending.columns.push(columns);
            }
        }
        pending.documents += group.documents;
        pending.text_bytes += group.text_bytes;
        self.pending_bytes += pending.bytes - before;
        if pending.bytes >= self.frame_bytes {
            self.flush(&key, chunks);
        }
        while self.pending_bytes > BUFFERED_BYTES {
            let largest = self
                .pending
                .iter()
                .max_by(|a, b| a.1.bytes.cmp(&b.1.bytes).then_with(|| b.0.cmp(a.0)))
                .map(|(key, _)| key.clone());
            match largest {
                Some(key) => self.flush(&key, chunks),
                None => break,
            }
        }
    }

    fn flush(&mut self, key: &(Kind, String), chunks: &mut Vec<Chunk>) {
        if let Some(((kind, partition), pending)) = self.pending.remove_entry(key) {
            self.pending_bytes -= pending.bytes;
            chunks.push(Chunk::Rows(pending, kind, partition));
        }
    }

    fn flush_records(&mut self, chunks: &mut Vec<Chunk>) {
        let records = std::mem::take(&mut self.records);
        chunks.extend(records.into_iter().map(|(place, records)| Chunk::Records(place, records)));
        self.record_bytes = 0;
    }

    fn close(&mut self, last: bool, next: u64, chunks: &mut Vec<Chunk>) {
        while let Some((kind, partition)) = self.pending.keys().next().cloned() {
            self.flush(&(kind, partition), chunks);
        }
        self.flush_records(chunks);
        let (first_ordinal, known) = self.ordinals.take().unwrap_or((next, None));
        chunks.push(Chunk::Commit(Box::new(SegmentRecord {
            shard: self.shard,
            segment: self.segment,
            writer: String::new(),
            last,
            first_ordinal,
            next_ordinal: known.unwrap_or(next),
            statistics: std::mem::take(&mut self.statistics),
            pieces: Vec::new(),
            spill: Vec::new(),
            pieces_xxh3: String::new(),
            spill_xxh3: String::new(),
        })));
    }

    /// Ends the shard, or its segments.
    pub fn finish(&mut self, chunks: &mut Vec<Chunk>) {
        match self.end {
            None => self.close(true, OPEN_END, chunks),
            Some(next) => self.close(false, next, chunks),
        }
    }
}

/// An encoded chunk.
pub enum Encoded {
    /// A frame, and the processor time that it took.
    Frame(Frame, f64),
    /// The end of a segment.
    Commit(Box<SegmentRecord>),
}

/// What a target does with a segment that is committed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// Leaves it: another process was first.
    First,
    /// Makes its files anew, which must come out as they were.
    Anew,
}

/// Writes a shard's segments.
pub struct Target {
    layout: Layout,
    pass: usize,
    shard: u32,
    commit: Commit,
    writer: String,
    pieces: ContainerWriter,
    spill: ContainerWriter,
    /// Passes whose leavings of a segment are of no use once this pass has committed it.
    spent: Vec<usize>,
    cpu_seconds: f64,
}

impl Target {
    /// A target for a shard, from some segment on.
    ///
    /// # Errors
    /// If a journal record can't be read.
    pub fn new(
        layout: &Layout,
        pass: usize,
        shard: u32,
        segment: u32,
        commit: Commit,
        spent: Vec<usize>,
    ) -> Result<Self, EngineError> {
        let nowhere = || ContainerWriter::new(std::path::PathBuf::new());
        let mut target = Self {
            spent,
            layout: layout.clone(),
            pass,
            shard,
            commit,
            writer: String::new(),
            pieces: nowhere(),
            spill: nowhere(),
            cpu_seconds: 0.0,
        };
        target.begin(segment)?;
        Ok(target)
    }

    fn begin(&mut self, segment: u32) -> Result<(), EngineError> {
        let (layout, pass, shard) = (&self.layout, self.pass, self.shard);
        self.writer = external::writer().to_owned();
        if self.commit == Commit::Anew {
            let path = layout.segment_record(pass, shard, segment);
            if let Some(record) = journal::read::<SegmentRecord>(&path)? {
                self.writer = record.writer;
            }
        }
        let pieces = layout.segment_pieces(pass, shard, segment, &self.writer);
        let spill = layout.segment_spill(pass, shard, segment, &self.writer);
        self.pieces = ContainerWriter::new(pieces);
        self.spill = ContainerWriter::new(spill);
        Ok(())
    }

    /// Commits a segment whose files are there.
    fn commit(&self, record: &SegmentRecord) -> Result<(), EngineError> {
        let (layout, pass, shard) = (&self.layout, self.pass, self.shard);
        let path = layout.segment_record(pass, shard, record.segment);
        if journal::write_first(&path, record)? {
            return Ok(());
        }
        let before = journal::read::<SegmentRecord>(&path)?;
        if self.commit == Commit::First {
            // Where a link is made twice because its answer was lost, the record is this one.
            if before.is_none_or(|before| before.writer == self.writer) {
                return Ok(());
            }
            // Another process has done the same work: its files count, these are of no use.
            self.remove_files(record.segment);
            return Ok(());
        }
        let same = before.is_some_and(|before| {
            before.pieces_xxh3 == record.pieces_xxh3 && before.spill_xxh3 == record.spill_xxh3
        });
        match same {
            true => Ok(()),
            false => Err(EngineError::Damaged {
                path,
                message: "the segment does not come out as it did before: the input, a model or the program is another"
                    .to_owned(),
            }),
        }
    }

    fn remove_files(&self, segment: u32) {
        let (layout, pass, shard) = (&self.layout, self.pass, self.shard);
        for file in [
            layout.segment_pieces(pass, shard, segment, &self.writer),
            layout.segment_spill(pass, shard, segment, &self.writer),
        ] {
            let _ = std::fs::remove_file(file);
        }
    }

    /// Removes the files of a segment that had no room for its record or for all of them; every attempt
    /// would else leave some more on a disk that is full already. After any other error the record may
    /// be there without its writer knowing, and the files stay.
    fn abandon(&self, segment: u32, error: &EngineError) {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        let EngineError::Io { source, .. } = error else { return };
        if self.commit == Commit::First && matches!(source.kind(), StorageFull | QuotaExceeded) {
            self.remove_files(segment);
        }
    }

    /// Writes a frame or commits a segment.
    ///
    /// # Errors
    /// If a file can't be written.
    pub fn write(&mut self, encoded: Encoded) -> Result<(), EngineError> {
        let clock = cpu_time::ThreadTime::now();
        match encoded {
            Encoded::Frame(frame, cpu_seconds) => {
                self.cpu_seconds += cpu_seconds;
                match frame.kind {
                    Kind::Spill | Kind::Records => self.spill.append(frame)?,
                    Kind::Data | Kind::Dropped | Kind::Rejected => self.pieces.append(frame)?,
                }
                self.cpu_seconds += clock.elapsed().as_secs_f64();
            }
            Encoded::Commit(mut record) => {
                let next = record.segment + 1;
                let nowhere = || ContainerWriter::new(std::path::PathBuf::new());
                let pieces = std::mem::replace(&mut self.pieces, nowhere());
                let spill = std::mem::replace(&mut self.spill, nowhere());
                record.writer.clone_from(&self.writer);
                let named = pieces.commit().and_then(|pieces| Ok((pieces, spill.commit()?)));
                let committed = named.and_then(|(pieces, spill)| {
                    (record.pieces, record.pieces_xxh3) = pieces;
                    (record.spill, record.spill_xxh3) = spill;
                    self.cpu_seconds += clock.elapsed().as_secs_f64();
                    record.statistics.cpu.write += std::mem::take(&mut self.cpu_seconds);
                    self.commit(&record)
                });
                committed.inspect_err(|error| self.abandon(record.segment, error))?;
                if self.commit == Commit::First {
                    self.give_back(record.segment);
                }
                self.begin(next)?;
            }
        }
        Ok(())
    }

    /// Removes what earlier passes left of a segment: what came of it is committed.
    fn give_back(&self, segment: u32) {
        for &spent in &self.spent {
            let path = self.layout.segment_record(spent, self.shard, segment);
            // Whatever can't be read is left lying until the run is finished.
            if let Ok(Some(record)) = journal::read::<SegmentRecord>(&path) {
                let read = self.layout.segment_spill(spent, self.shard, segment, &record.writer);
                let _ = std::fs::remove_file(read);
            }
        }
    }
}
