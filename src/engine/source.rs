//! Where a map pass reads a shard from: the input, or what an earlier pass left of it.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::container;
use super::error::EngineError;
use super::journal::{FrameRecord, Kind, SegmentRecord};
use super::layout::Layout;
use crate::shard::marks::{Mark, open_at};
use crate::shard::reader::ReadError;
use crate::shard::{Block, ReadOptions, Shard, ShardReader};

/// What is read at a time.
pub enum Content {
    /// A block of the input.
    Block(Block),
    /// A compressed frame of an earlier pass.
    Frame(Vec<u8>),
    /// The shard is damaged from here on.
    Damage(String),
    /// A segment of the pass before left no document.
    Nothing,
    /// What was read lies before the segments that are wanted.
    Passed,
}

/// What is read at a time, and where it belongs.
pub struct Piece {
    /// Number of the shard.
    pub shard: u32,
    /// Number of the segment in the shard.
    pub segment: u32,
    /// The records.
    pub content: Content,
    /// Ordinals of its records: the first, and the one after the last where it is known already.
    pub ordinals: (u64, Option<u64>),
    /// Bytes of the file that were consumed for it.
    pub consumed: u64,
    /// Processor time of reading it, in seconds.
    pub cpu_seconds: f64,
}

enum Origin {
    Input {
        reader: Option<Box<dyn ShardReader>>,
        /// The first segment that is wanted; those before it are passed over.
        start: u32,
        /// The segment before which to end, if not at the shard's end.
        end: Option<u32>,
        segment_bytes: u64,
        /// Content of the current segment so far.
        filled: u64,
        consumed: u64,
        damage: Option<String>,
        next_ordinal: u64,
    },
    Spill {
        segments: VecDeque<SegmentRecord>,
        frames: VecDeque<FrameRecord>,
        path: PathBuf,
        ordinals: (u64, u64),
        layout: Layout,
        pass: usize,
        began: bool,
    },
}

fn piece(shard: u32, segment: u32, content: Content, ordinals: (u64, Option<u64>)) -> Piece {
    Piece { shard, segment, content, ordinals, consumed: 0, cpu_seconds: 0.0 }
}

/// Reads a shard for a map pass.
pub struct Source {
    shard: u32,
    segment: u32,
    from: Origin,
}

/// Which segments of a shard are read.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// The first one.
    pub start: u32,
    /// The one before which to end; none for the shard's end.
    pub end: Option<u32>,
}

impl Source {
    /// Reads segments of a shard of the input. With the shard's marks those before the first one are
    /// not read; without, they are passed over.
    ///
    /// # Errors
    /// If the shard can't be opened. One that opens but is no such shard counts as damaged.
    pub fn input(
        shard: &Shard,
        number: u32,
        options: &ReadOptions,
        segment_bytes: u64,
        stretch: Stretch,
        marks: Option<&[Mark]>,
    ) -> Result<Self, EngineError> {
        let mark = marks.and_then(|marks| marks.get(stretch.start as usize));
        let opened = match mark {
            Some(mark) => open_at(shard, number, options, mark),
            None => shard.open(number, options),
        };
        let (reader, damage) = match opened {
            Ok(reader) => (Some(reader), None),
            Err(error @ ReadError::Io { .. }) => return Err(error.into()),
            Err(error) => (None, Some(error.to_string())),
        };
        let from = Origin::Input {
            reader,
            start: stretch.start,
            end: stretch.end,
            segment_bytes,
            filled: 0,
            consumed: 0,
            damage,
            next_ordinal: mark.map_or(0, |mark| mark.ordinal),
        };
        let segment = if mark.is_some() { stretch.start } else { 0 };
        Ok(Self { shard: number, segment, from })
    }

    /// Reads what an earlier pass left of some segments of a shard, one after the other.
    pub fn spill(layout: &Layout, pass: usize, number: u32, segments: Vec<SegmentRecord>) -> Self {
        let first = segments.first().map_or(0, |record| record.segment);
        let from = Origin::Spill {
            segments: segments.into(),
            frames: VecDeque::new(),
            path: PathBuf::new(),
            ordinals: (0, 0),
            layout: layout.clone(),
            pass,
            began: true,
        };
        Self { shard: number, segment: first, from }
    }

    /// The next piece; the end if there is none.
    ///
    /// # Errors
    /// If a file of the output can't be read. Damage of the input is a piece of its own.
    pub fn next(&mut self) -> Result<Option<Piece>, EngineError> {
        let clock = cpu_time::ThreadTime::now();
        let piece = match &mut self.from {
            Origin::Input { .. } => self.next_of_input()?,
            Origin::Spill { .. } => self.next_of_spill()?,
        };
        Ok(piece.map(|mut piece| {
            piece.cpu_seconds = clock.elapsed().as_secs_f64();
            piece
        }))
    }

    fn next_of_input(&mut self) -> Result<Option<Piece>, EngineError> {
        let shard = self.shard;
        let Origin::Input {
            reader,
            start,
            end,
            segment_bytes,
            filled,
            consumed,
            damage,
            next_ordinal,
        } = &mut self.from
        else {
            return Ok(None);
        };
        loop {
            if let Some(message) = damage.take() {
                *reader = None;
                let ordinal = *next_ordinal;
                return Ok(Some(piece(
                    shard,
                    self.segment,
                    Content::Damage(message),
                    (ordinal, Some(ordinal)),
                )));
            }
            let Some(open) = reader.as_mut() else { return Ok(None) };
            let mut passed = |open: &dyn ShardReader| {
                // One piece at a time, so that a run can be stopped meanwhile.
                let mut piece = piece(shard, *start, Content::Passed, (0, None));
                let now = open.consumed();
                piece.consumed = now.saturating_sub(*consumed);
                *consumed = now;
                Ok(Some(piece))
            };
            if !open.approach()? {
                return passed(open.as_ref());
            }
            match open.next_block() {
                Ok(Some(block)) => {
                    if *filled >= *segment_bytes {
                        self.segment += 1;
                        *filled = 0;
                    }
                    *filled += block.bytes;
                    *next_ordinal = block.first_ordinal;
                    if end.is_some_and(|end| self.segment >= end) {
                        *reader = None;
                        return Ok(None);
                    }
                    if self.segment < *start {
                        return passed(open.as_ref());
                    }
                    let ordinals = (block.first_ordinal, None);
                    let mut piece = piece(shard, self.segment, Content::Block(block), ordinals);
                    let now = open.consumed();
                    piece.consumed = now.saturating_sub(*consumed);
                    *consumed = now;
                    return Ok(Some(piece));
                }
                Ok(None) => {
                    *reader = None;
                    return Ok(None);
                }
                // The system could not read, which says nothing about the shard.
                Err(error @ ReadError::Io { .. }) => return Err(error.into()),
                Err(error) => *damage = Some(error.to_string()),
            }
        }
    }

    fn next_of_spill(&mut self) -> Result<Option<Piece>, EngineError> {
        let shard = self.shard;
        let Origin::Spill { segments, frames, path, ordinals, layout, pass, began } =
            &mut self.from
        else {
            return Ok(None);
        };
        loop {
            if let Some(frame) = frames.pop_front() {
                let bytes = container::read_frame(path, &frame)?;
                let (first, next) = *ordinals;
                let content = Content::Frame(bytes);
                let mut piece = piece(shard, self.segment, content, (first, Some(next)));
                piece.consumed = frame.length;
                return Ok(Some(piece));
            }
            let Some(record) = segments.pop_front() else { return Ok(None) };
            if !*began {
                self.segment += 1;
            }
            *began = false;
            *path = layout.segment_spill(*pass, self.shard, record.segment, &record.writer);
            *ordinals = (record.first_ordinal, record.next_ordinal);
            *frames = record.spill.into_iter().filter(|frame| frame.kind == Kind::Spill).collect();
            if frames.is_empty() {
                let (first, next) = *ordinals;
                let nothing = piece(shard, self.segment, Content::Nothing, (first, Some(next)));
                return Ok(Some(nothing));
            }
        }
    }
}
