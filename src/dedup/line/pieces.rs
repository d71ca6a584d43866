//! A text in pieces that are compared: lines, blocks of lines, sentences.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::config::{Mode, Rules, Unit};
use crate::text::segment::sentences;
use crate::text::whitespace::python_strip;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it lies, in bytes; white space around it is outside, but for that of a line's own ends.
    pub(super) range: Range<usize>,
    /// By what it is compared, if it is: with the pieces that follow, if those are compared together.
    pub(super) key: Option<u128>,
}

/// Room that is used again for the next text.
#[derive(Debug, Default)]
pub(super) struct Room {
    normalized: String,
    joined: String,
    ends: Vec<usize>,
    ranges: Vec<Range<usize>>,
}

impl Room {
    /// Bytes beyond which room is given back, so that one huge document does not hold it.
    const KEPT: usize = 1 << 22;

    pub(super) fn release(&mut self) {
        let held = self.normalized.capacity() + self.joined.capacity();
        let tables = self.ends.capacity() * 8 + self.ranges.capacity() * 16;
        if held + tables > Self::KEPT {
            *self = Self::default();
        }
    }
}

/// Visits the pieces of a text in order. `seed` is a hash of the documents among which it is
/// compared.
pub(super) fn pieces(
    rules: &Rules,
    span: usize,
    text: &str,
    seed: u64,
    room: &mut Room,
    mut visit: impl FnMut(Range<usize>, Option<u128>),
) {
    match (rules.unit, rules.mode) {
        (_, Mode::Sentences) => spans(rules, span, text, seed, room, &mut visit),
        (Unit::Blocks, _) => blocks(text, |range| {
            let key = key(rules, text.get(range.clone()).unwrap_or_default(), seed, room);
            visit(range, key);
        }),
        _ => lines(text, |range| {
            let key = key(rules, text.get(range.clone()).unwrap_or_default(), seed, room);
            visit(range, key);
        }),
    }
}

/// Visits what stands between line feeds.
fn lines(text: &str, mut visit: impl FnMut(Range<usize>)) {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()) {
        visit(start..end);
        start = end + 1;
    }
    visit(start..text.len());
}

/// Visits what stands between blank lines.
fn blocks(text: &str, mut visit: impl FnMut(Range<usize>)) {
    let mut block: Option<Range<usize>> = None;
    lines(text, |line| {
        if python_strip(text.get(line.clone()).unwrap_or_default()).is_empty() {
            block.take().into_iter().for_each(&mut visit);
        } else {
            let start = block.as_ref().map_or(line.start, |block| block.start);
            block = Some(start..line.end);
        }
    });
    block.into_iter().for_each(visit);
}

/// The key of a line or block, if it is compared.
fn key(rules: &Rules, line: &str, seed: u64, room: &mut Room) -> Option<u128> {
    if rules.mode == Mode::Document {
        let compared = rules.normalization.apply(line, &mut room.normalized);
        let long = has_characters(line, rules.min_line_characters);
        return (long && !line.is_empty()).then(|| xxh3_128_with_seed(compared.as_bytes(), seed));
    }
    let stripped = python_strip(line);
    if !has_characters(stripped, rules.min_line_characters) {
        return None;
    }
    let compared = rules.normalization.apply(stripped, &mut room.normalized);
    if compared.is_empty() && !rules.counts_blank_lines() {
        return None;
    }
    Some(xxh3_128_with_seed(compared.as_bytes(), seed))
}

/// Whether a text has so many code points.
fn has_characters(text: &str, number: usize) -> bool {
    // A code point has one to four bytes.
    text.len() >= number && (text.len() >= 4 * number || text.chars().count() >= number)
}

/// Visits the sentences, or lines that are not blank, each with the key of the row of some that it
/// begins.
fn spans(
    rules: &Rules,
    span: usize,
    text: &str,
    seed: u64,
    room: &mut Room,
    visit: &mut impl FnMut(Range<usize>, Option<u128>),
) {
    let Room { normalized, joined, ends, ranges } = room;
    joined.clear();
    ends.clear();
    ranges.clear();
    let mut take = |range: Range<usize>| {
        let stripped = python_strip(text.get(range.clone()).unwrap_or_default());
        if stripped.is_empty() {
            return;
        }
        joined.push_str(rules.normalization.apply(stripped, normalized));
        joined.push(' ');
        ends.push(joined.len());
        // Without the white space behind; what a line begins with is its own.
        let behind = text.get(range.clone()).unwrap_or_default();
        let behind = behind.len() - behind.trim_end().len();
        ranges.push(range.start..range.end - behind);
    };
    match rules.unit {
        Unit::Sentences => sentences(text, &mut take),
        _ => lines(text, &mut take),
    }
    for (number, range) in ranges.iter().enumerate() {
        let start = number.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
        let row = ends.get(number + span - 1).and_then(|&end| joined.get(start..end - 1));
        let key = row
            .filter(|row| !row.trim().is_empty() && has_characters(row, rules.min_line_characters))
            .map(|row| xxh3_128_with_seed(row.as_bytes(), seed));
        visit(range.clone(), key);
    }
}

/// A text without some of its pieces, among which are no blank ones. Of the white space around what
/// is gone that with the most line feeds stays, of these the longest, and at the ends of the text that
/// which stands there; all else is as it was.
pub(super) fn without(text: &str, pieces: &[Piece], removed: &[bool]) -> String {
    let mut left = String::with_capacity(text.len());
    let weight = |gap: &Range<usize>| {
        let gap = text.get(gap.clone()).unwrap_or_default();
        (memchr::memchr_iter(b'\n', gap.as_bytes()).count(), gap.len())
    };
    let (mut end, mut gap, mut any) = (0, 0..0, false);
    for (number, (piece, &removed)) in pieces.iter().zip(removed).enumerate() {
        let before = end..piece.range.start;
        if number == 0 || (any && weight(&before) > weight(&gap)) {
            gap = before;
        }
        end = piece.range.end;
        if !removed {
            left.push_str(text.get(std::mem::replace(&mut gap, 0..0)).unwrap_or_default());
            left.push_str(text.get(piece.range.clone()).unwrap_or_default());
            any = true;
        }
    }
    left.push_str(text.get(end..).unwrap_or_default());
    left
}

/// The lines that are left, put together again, stripped or as they are.
pub(super) fn joined(text: &str, pieces: &[Piece], removed: &[bool], strip: bool) -> String {
    let mut left = String::with_capacity(text.len());
    let mut first = true;
    for (piece, _) in pieces.iter().zip(removed).filter(|(_, removed)| !**removed) {
        if !std::mem::replace(&mut first, false) {
            left.push('\n');
        }
        let line = text.get(piece.range.clone()).unwrap_or_default();
        left.push_str(if strip { python_strip(line) } else { line });
    }
    left
}
