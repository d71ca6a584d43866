//! Which windows stand more than once in the corpus, beyond memory, in two rounds.

use crate::dedup::{Finding, Matches, Resolution};
use crate::external::{ExternalError, Merger, Sorter, number};

use super::config::KeepCopy;
use super::pieces::Piece;

/// Which copies count, and which of them stays.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Which copy stays.
    pub keep: KeepCopy,
    /// Whether copies in one document count.
    pub within_document: bool,
    /// Symbols of a window.
    pub length: u32,
}

/// Bytes of a record of a piece: key, class, node, start (4), count (2), tied (2).
pub const PIECE: usize = 32;
/// Bytes of a record of a window: hash (16), node, start (4), count (4).
pub const WINDOW: usize = 32;
/// Bytes of a record of windows of which all are repeated: node, start (4), count (4), the node that
/// has them too.
pub const SPAN: usize = 24;

/// The record of a piece. `key` is equal for windows that may be equal, evenly distributed; `class` is
/// equal for pieces of equal text.
pub fn piece_record(key: u64, class: u64, node: u64, piece: Piece) -> [u8; PIECE] {
    let mut record = [0; PIECE];
    record[..8].copy_from_slice(&key.to_be_bytes());
    record[8..16].copy_from_slice(&class.to_be_bytes());
    record[16..24].copy_from_slice(&node.to_be_bytes());
    record[24..28].copy_from_slice(&piece.start.to_be_bytes());
    record[28..30].copy_from_slice(&piece.count.to_be_bytes());
    record[31] = u8::from(piece.tied);
    record
}

/// The record of a window, and of `count - 1` windows after it that share its fate.
pub fn window_record(hash: u128, node: u64, start: u32, count: u32) -> [u8; WINDOW] {
    let mut record = [0; WINDOW];
    record[..16].copy_from_slice(&hash.to_be_bytes());
    record[16..24].copy_from_slice(&node.to_be_bytes());
    record[24..28].copy_from_slice(&start.to_be_bytes());
    record[28..].copy_from_slice(&count.to_be_bytes());
    record
}

/// The record of windows of which all are repeated.
pub fn span_record(node: u64, windows: Windows) -> [u8; SPAN] {
    let mut record = [0; SPAN];
    record[..8].copy_from_slice(&node.to_be_bytes());
    record[8..16].copy_from_slice(&windows.pack().to_be_bytes());
    record[16..].copy_from_slice(&windows.holder.to_be_bytes());
    record
}

/// What the first round finds out about a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Each of its windows must be compared.
    Compare,
    /// All of its windows are repeated; its first is compared, so that it comes out who has it.
    Probe,
    /// All of its windows are repeated.
    Repeated,
}

/// Windows that stand one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// The symbol at which the first starts.
    pub start: u32,
    /// Their number.
    pub count: u32,
    /// The document that has them too.
    pub holder: u64,
    /// Symbols of the first that are in the copy that stays, where that overlaps.
    pub overlap: u32,
}

impl Windows {
    fn pack(self) -> u64 {
        u64::from(self.start) << 32 | u64::from(self.count)
    }

    fn unpack(packed: u64, holder: u64) -> Self {
        Self { start: (packed >> 32) as u32, count: packed as u32, holder, overlap: 0 }
    }

    /// What a finding of the last round says: windows that are removed.
    pub fn of(finding: &Finding) -> Self {
        let overlap = finding.values[2] as u32;
        Self { overlap, ..Self::unpack(finding.values[0], finding.values[1]) }
    }

    /// As a finding of the last round.
    pub fn finding(self, node: u64) -> Finding {
        Finding { node, values: [self.pack(), self.holder, u64::from(self.overlap)] }
    }
}

impl Fate {
    /// What a finding of the first round says.
    pub fn of(finding: &Finding) -> (Self, Windows) {
        let fate = match finding.values[2] {
            0 => Fate::Compare,
            1 => Fate::Probe,
            _ => Fate::Repeated,
        };
        (fate, Windows::unpack(finding.values[0], finding.values[1]))
    }

    fn finding(self, node: u64, windows: Windows) -> Finding {
        let fate = match self {
            Fate::Compare => 0,
            Fate::Probe => 1,
            Fate::Repeated => 2,
        };
        Finding { node, values: [windows.pack(), windows.holder, fate] }
    }
}

/// Pieces of a group that wait for what becomes of the group.
const WAITING: usize = 4096;

/// What is counted of a round.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    pieces: u64,
    repeated: u64,
    windows: u64,
}

/// The pieces of one key, class after class, in input order in each class.
///
/// Pieces of a class are equal, so all but the first are repeated as a whole; whether the first has
/// windows that stand elsewhere is known only if its windows are compared with those of the other
/// classes. Where there is no other class, nothing has to be compared.
struct Group<'r> {
    rules: Rules,
    out: &'r mut Sorter,
    counts: Counts,
    key: Option<u64>,
    class: u64,
    /// The document of the first piece of the class, and where in it the piece starts.
    first: (u64, u64),
    /// Pieces of the class so far.
    seen: u64,
    /// Whether one of them was a copy of an earlier one that counts.
    copied: bool,
    /// Whether windows are compared.
    open: bool,
    /// Pieces from before the group was opened, all of one class; whether each is a copy.
    waiting: Vec<(u64, Windows, bool)>,
}

impl<'r> Group<'r> {
    fn new(rules: Rules, out: &'r mut Sorter) -> Self {
        Self {
            rules,
            out,
            counts: Counts::default(),
            key: None,
            class: 0,
            first: (0, 0),
            seen: 0,
            copied: false,
            open: false,
            waiting: Vec::new(),
        }
    }

    fn put(&mut self, record: &[u8]) -> Result<(), ExternalError> {
        let (key, class, node) = (number(record), number(&record[8..]), number(&record[16..]));
        let place = number(&record[24..]);
        let (start, count, tied) = (place >> 32, place >> 16 & 0xffff, place & 0xffff != 0);
        let is_other_group = self.key != Some(key);
        if is_other_group {
            self.end()?;
            self.key = Some(key);
            self.open = false;
        } else if self.class != class {
            self.open()?;
        }
        if is_other_group || self.class != class {
            (self.class, self.first, self.seen, self.copied) = (class, (node, start), 0, false);
        }
        let is_copy = match self.rules.within_document {
            true => self.seen > 0,
            false => node != self.first.0,
        };
        // Of a copy that overlaps with the first not all is removed.
        let (first, first_start) = self.first;
        let overlaps = node == first && start < first_start + u64::from(self.rules.length);
        // A piece that may hold the same window twice is compared with itself.
        if self.rules.within_document && (tied || (is_copy && overlaps))
            || self.waiting.len() >= WAITING
        {
            self.open()?;
        }
        let (start, count) = (start as u32, count as u32);
        let windows = Windows { start, count, holder: first, overlap: 0 };
        match self.open {
            true => self.compare(node, windows, is_copy && !overlaps)?,
            false => self.waiting.push((node, windows, is_copy)),
        }
        self.seen += 1;
        self.copied |= is_copy;
        self.counts.pieces += 1;
        self.counts.repeated += u64::from(is_copy);
        Ok(())
    }

    /// Opens the group: windows of pieces of different classes may be equal.
    fn open(&mut self) -> Result<(), ExternalError> {
        if std::mem::replace(&mut self.open, true) {
            return Ok(());
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        self.copied = false;
        for (node, windows, is_copy) in waiting.drain(..) {
            self.compare(node, windows, is_copy)?;
            self.copied |= is_copy;
        }
        self.waiting = waiting;
        Ok(())
    }

    fn compare(
        &mut self,
        node: u64,
        windows: Windows,
        is_whole: bool,
    ) -> Result<(), ExternalError> {
        // If none stays, the first piece must find that it has a copy.
        let must_be_found = self.rules.keep == KeepCopy::None && !self.copied;
        let fate = match is_whole && !must_be_found {
            true => Fate::Probe,
            false => Fate::Compare,
        };
        self.out.push(&fate.finding(node, windows).to_bytes())
    }

    /// Ends the group.
    fn end(&mut self) -> Result<(), ExternalError> {
        let none_stays = self.rules.keep == KeepCopy::None && self.copied;
        for (node, windows, is_copy) in self.waiting.drain(..) {
            if is_copy || none_stays {
                self.out.push(&Fate::Repeated.finding(node, windows).to_bytes())?;
            }
        }
        Ok(())
    }
}

/// The first round: what has to be compared of the pieces of a partition of a stream of
/// [`piece_record`]s. One pile, findings, and two counts: pieces, and those that are repeated.
///
/// # Errors
/// If a file can't be read or written, or somebody asked to stop.
pub fn of_pieces(
    resolution: &Resolution<'_>,
    stream: usize,
    partition: usize,
    rules: Rules,
) -> Result<Matches, ExternalError> {
    let mut finder = resolution.finder(resolution.share() / 2);
    let mut merger = resolution.merged(stream, partition, resolution.share() / 2)?;
    let mut group = Group::new(rules, &mut finder);
    while let Some(record) = merger.next()? {
        group.put(record)?;
    }
    group.end()?;
    let counts = vec![group.counts.pieces, group.counts.repeated];
    Ok(Matches { piles: vec![finder.finish()?], counts })
}

/// The second round: which windows are removed, of a partition of a stream of [`window_record`]s. One
/// pile, findings, and two counts: windows, and those that are repeated.
///
/// # Errors
/// If a file can't be read or written, or somebody asked to stop.
pub fn of_windows(
    resolution: &Resolution<'_>,
    stream: usize,
    partition: usize,
    rules: Rules,
) -> Result<Matches, ExternalError> {
    let mut finder = resolution.finder(resolution.share() / 3);
    let memory = resolution.share() / 3;
    let mut merger = resolution.merged(stream, partition, memory)?;
    let counts = match rules.keep {
        KeepCopy::First => first_stays(&mut merger, rules, &mut finder)?,
        KeepCopy::None => {
            let mut ahead = resolution.merged(stream, partition, memory)?;
            none_stays(&mut merger, &mut ahead, rules, &mut finder)?
        }
    };
    let counts = vec![counts.windows, counts.repeated];
    Ok(Matches { piles: vec![finder.finish()?], counts })
}

/// Hands in the windows of a stream of [`span_record`]s, which are removed whatever the others are.
///
/// # Errors
/// If a file can't be read or written, or somebody asked to stop.
pub fn of_spans(resolution: &Resolution<'_>, stream: usize) -> Result<(), ExternalError> {
    let mut finder = resolution.finder(resolution.memory / 2);
    resolution.ordered(stream)?.for_each(|record| {
        let found = Windows::unpack(number(&record[8..]), number(&record[16..]));
        finder.push(&found.finding(number(record)).to_bytes())
    })?;
    resolution.find(finder.finish()?);
    Ok(())
}

fn parts(record: &[u8]) -> ([u8; 16], u64, u64) {
    let mut hash = [0; 16];
    hash.copy_from_slice(&record[..16]);
    (hash, number(&record[16..]), number(&record[24..]))
}

/// Finds all windows that stand before in the corpus.
fn first_stays(
    merger: &mut Merger,
    rules: Rules,
    out: &mut Sorter,
) -> Result<Counts, ExternalError> {
    let mut counts = Counts::default();
    let mut current: Option<([u8; 16], (u64, u64))> = None;
    while let Some(record) = merger.next()? {
        let (hash, node, place) = parts(record);
        counts.windows += 1;
        match current {
            Some((same, first)) if same == hash => {
                let (first, first_place) = first;
                if rules.within_document || node != first {
                    counts.repeated += 1;
                    let mut windows = Windows::unpack(place, first);
                    if node == first {
                        let first_end = (first_place >> 32) as u32 + rules.length;
                        windows.overlap = first_end.saturating_sub(windows.start);
                    }
                    out.push(&windows.finding(node).to_bytes())?;
                }
            }
            _ => current = Some((hash, (node, place))),
        }
    }
    Ok(counts)
}

/// Finds all windows that stand twice in the corpus. `ahead` has the same records and looks whether
/// there is a second one that counts, as there may be many of the first document.
fn none_stays(
    merger: &mut Merger,
    ahead: &mut Merger,
    rules: Rules,
    out: &mut Sorter,
) -> Result<Counts, ExternalError> {
    let mut counts = Counts::default();
    let mut next = ahead.next()?.map(parts);
    while let Some((hash, first, _)) = next {
        let (mut size, mut is_repeated) = (0_u64, false);
        while let Some((same, node, _)) = next.filter(|next| next.0 == hash) {
            debug_assert_eq!(same, hash);
            is_repeated |= node != first || (rules.within_document && size > 0);
            size += 1;
            next = ahead.next()?.map(parts);
        }
        for _ in 0..size {
            let Some(record) = merger.next()? else { break };
            let (_, node, place) = parts(record);
            counts.windows += 1;
            if is_repeated {
                counts.repeated += 1;
                out.push(&Windows::unpack(place, first).finding(node).to_bytes())?;
            }
        }
    }
    Ok(counts)
}
