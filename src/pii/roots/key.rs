//! KEY: what looks like a secret or a number of a person; the same in both variants.
//!
//! A KEY stands between boundaries and is one of
//! * a *mixture*: at least four units, each a run of ASCII letters and a run of marks (decimal
//!   digits, dashes, `/ + = :`, and `_` after letters only) in either order;
//! * a *series*: at least three blocks, each `\p{Nd}{3,}`, `[A-Z]+\p{Nd}+[A-Z]*` or
//!   `\p{Nd}+[A-Z]+\p{Nd}*`, with at most one space or dash after each.
//!
//! Searching with the plain pattern is quadratic: in `111222333:111222333:…` every short match
//! is found only after the mixture was tried to the end of the text. So each family gets the
//! stretches of text of its own characters, and there one pass from right to left notes in which
//! states of the backtracking matcher the rest can still succeed; a match is then walked from
//! left to right without ever turning back. That gives the very match of the backtracking
//! matcher, in time linear in the text.

use std::ops::Range;

use crate::pii::chars::{after, closes, is_dash, is_digit, is_wide_boundary, opens};

const LETTER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 4;
/// A mark before letters.
const MARK: u8 = 8;
/// A mark after letters.
const TAIL: u8 = 16;
/// A space or dash after a block of a series.
const GAP: u8 = 32;
/// The first byte of a character beyond ASCII that may be a digit or a dash.
const LEAD: u8 = 64;

const OF_MIXTURE: u8 = LETTER | MARK | TAIL;
const OF_SERIES: u8 = UPPER | DIGIT | GAP;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT | MARK | TAIL,
            b'A'..=b'Z' => LETTER | UPPER,
            b'a'..=b'z' => LETTER,
            b'-' => MARK | TAIL | GAP,
            b'/' | b'+' | b'=' | b':' => MARK | TAIL,
            b'_' => TAIL,
            b' ' => GAP,
            0xD6..=0xE3 | 0xEA.. => LEAD,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

fn class_of(character: char) -> u8 {
    match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() => CLASSES[usize::from(byte)],
        _ if is_digit(character) => DIGIT | MARK | TAIL,
        _ if is_dash(character) => MARK | TAIL | GAP,
        _ => 0,
    }
}

fn class_at(text: &str, at: usize) -> u8 {
    match text.as_bytes().get(at) {
        Some(&byte) if byte.is_ascii() => CLASSES[usize::from(byte)],
        Some(_) => after(text, at).map_or(0, class_of),
        None => 0,
    }
}

/// Finds KEYs, in the order of the text.
pub(super) fn keys(text: &str, mut found: impl FnMut(usize, usize)) {
    let (mixtures, series) = stretches(text);
    if mixtures.is_empty() && series.is_empty() {
        return;
    }
    let mut mixtures = Candidates::<Mixture>::new(mixtures);
    let mut series = Candidates::<Series>::new(series);
    let mut from = 0;
    loop {
        let end = match (mixtures.next_start(text, from), series.next_start(text, from)) {
            (Some(mixture), Some(other)) if mixture > other => (other, series.end(text, other)),
            (Some(mixture), _) => (mixture, mixtures.end(text, mixture)),
            (None, Some(other)) => (other, series.end(text, other)),
            (None, None) => return,
        };
        let (start, end) = end;
        found(start, end);
        from = closes(text, end, is_wide_boundary).unwrap_or(end).max(start + 1);
    }
}

/// The stretches in which a mixture and those in which a series may be.
fn stretches(text: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let (mut mixtures, mut series) = (Vec::new(), Vec::new());
    let (mut mixed, mut counted) = (0, 0);
    let mut block_start = 0;
    for block in text.as_bytes().chunks(64) {
        if may_hold_marks(block) {
            for (offset, &byte) in block.iter().enumerate() {
                let at = block_start + offset;
                let class = match CLASSES[usize::from(byte)] {
                    LEAD => class_at(text, at),
                    class => class,
                };
                if class & TAIL == 0 {
                    continue;
                }
                if at >= mixed {
                    let stretch = stretch(text, mixed, at, OF_MIXTURE);
                    mixed = stretch.end;
                    if may_be_mixture(text, &stretch) {
                        mixtures.push(stretch);
                    }
                }
                if class & DIGIT != 0 && at >= counted {
                    let stretch = stretch(text, counted, at, OF_SERIES);
                    counted = stretch.end;
                    if may_be_series(text, &stretch) {
                        series.push(stretch);
                    }
                }
            }
        }
        block_start += block.len();
    }
    (mixtures, series)
}

/// Whether any byte of a block starts a digit or a mark; errs on the side of yes.
fn may_hold_marks(block: &[u8]) -> bool {
    block.iter().fold(false, |any, &byte| {
        any | (byte.wrapping_sub(b'/') <= b':' - b'/')
            | (byte == b'-')
            | (byte == b'+')
            | (byte == b'=')
            | (byte == b'_')
            | (byte >= 0xD6 && byte.wrapping_sub(0xE4) > 0xE9 - 0xE4)
    })
}

/// The longest stretch of characters of `classes` around `at`, not before `floor`.
fn stretch(text: &str, floor: usize, at: usize, classes: u8) -> Range<usize> {
    let before = text.get(floor..at).unwrap_or_default();
    let start = before
        .char_indices()
        .rev()
        .find(|&(_, character)| class_of(character) & classes == 0)
        .map_or(floor, |(offset, character)| floor + offset + character.len_utf8());
    let rest = text.get(at..).unwrap_or_default();
    let end = rest
        .find(|character| class_of(character) & classes == 0)
        .map_or(text.len(), |offset| at + offset);
    start..end
}

/// Each unit has a change between letters and marks within it, so four units have four.
fn may_be_mixture(text: &str, stretch: &Range<usize>) -> bool {
    let bytes = text.as_bytes().get(stretch.clone()).unwrap_or_default();
    let changes = bytes
        .windows(2)
        .filter(|pair| pair[0].is_ascii_alphabetic() != pair[1].is_ascii_alphabetic());
    changes.take(4).count() == 4
}

/// Each block has three digits, or a digit and an upper-case letter, of its own.
fn may_be_series(text: &str, stretch: &Range<usize>) -> bool {
    let (mut digits, mut letters) = (0_usize, 0_usize);
    for character in text.get(stretch.clone()).unwrap_or_default().chars() {
        let class = class_of(character);
        digits += usize::from(class & DIGIT != 0);
        letters += usize::from(class & UPPER != 0);
    }
    digits / 3 + digits.min(letters) >= 3
}

/// For one place in the text, the states of a family's matcher from which it can still succeed.
/// Bit `k` of a state stands for `k` units or blocks done, the highest bit for enough of them.
trait Family: Copy + Default {
    /// The states at a place, from the character there, whether a boundary or the end of a line
    /// is there, and the states at the next place.
    fn step(class: u8, closes: bool, next: &Self) -> Self;

    /// Whether a match can start here.
    fn starts(&self) -> bool;

    /// The end of the match that starts at `start`; `states` gives the states at a byte offset.
    fn walk(text: &str, start: usize, states: impl Fn(usize) -> Self) -> usize;
}

/// Steps over the stretches of one family.
struct Candidates<F> {
    stretches: std::vec::IntoIter<Range<usize>>,
    stretch: Range<usize>,
    /// The states at each byte offset of the stretch and at its end.
    states: Vec<F>,
    cursor: usize,
}

impl<F: Family> Candidates<F> {
    fn new(stretches: Vec<Range<usize>>) -> Self {
        Self { stretches: stretches.into_iter(), stretch: 0..0, states: Vec::new(), cursor: 0 }
    }

    /// The first place from which a match is possible when the search goes on from `from`. Starts
    /// that were passed over stay dead, for `from` only grows.
    fn next_start(&mut self, text: &str, from: usize) -> Option<usize> {
        loop {
            self.cursor = self.cursor.max(from);
            while self.cursor < self.stretch.end {
                let at = self.cursor;
                if self.state(at).starts() && opens(text, from, at, is_wide_boundary) {
                    return Some(at);
                }
                self.cursor += 1;
            }
            self.stretch = self.stretches.next()?;
            self.cursor = self.stretch.start;
            if self.stretch.end > from {
                self.fill(text);
            }
        }
    }

    fn fill(&mut self, text: &str) {
        let bytes = text.get(self.stretch.clone()).unwrap_or_default();
        self.states.clear();
        self.states.resize(bytes.len() + 1, F::default());
        let closed = |at| closes(text, at, is_wide_boundary).is_some();
        let mut next = F::step(0, closed(self.stretch.end), &F::default());
        self.states[bytes.len()] = next;
        for (offset, character) in bytes.char_indices().rev() {
            // Of the characters of a stretch only these two are boundaries.
            let closes = matches!(character, ' ' | ':');
            next = F::step(class_of(character), closes, &next);
            self.states[offset] = next;
        }
    }

    fn state(&self, at: usize) -> F {
        at.checked_sub(self.stretch.start)
            .and_then(|offset| self.states.get(offset))
            .copied()
            .unwrap_or_default()
    }

    fn end(&self, text: &str, start: usize) -> usize {
        F::walk(text, start, |at| self.state(at))
    }
}

/// The length of the character that starts at a byte offset.
fn width(text: &str, at: usize) -> usize {
    after(text, at).map_or(1, char::len_utf8)
}

/// States of a mixture; five bits each, for none to four and more units done.
#[derive(Clone, Copy, Default)]
struct Mixture {
    /// At the start of a unit.
    unit: u8,
    /// In the letters that open a unit.
    letters: u8,
    /// In the marks that end it.
    tail: u8,
    /// In the marks that open a unit.
    marks: u8,
    /// In the letters that end it.
    word: u8,
}

impl Mixture {
    const ENOUGH: u8 = 4;
}

impl Family for Mixture {
    fn step(class: u8, closes: bool, next: &Self) -> Self {
        let when = |bits: u8, wanted: u8| if class & wanted != 0 { bits } else { 0 };
        let enough = u8::from(closes) << Self::ENOUGH;
        let unit = enough | when(next.letters, LETTER) | when(next.marks, MARK);
        // One more unit done, while four and more stay four and more.
        let done = (unit >> 1) | (unit & (1 << Self::ENOUGH));
        Self {
            unit,
            letters: when(next.letters, LETTER) | when(next.tail, TAIL),
            tail: when(next.tail, TAIL) | done,
            marks: when(next.marks, MARK) | when(next.word, LETTER),
            word: when(next.word, LETTER) | done,
        }
    }

    fn starts(&self) -> bool {
        self.unit & 1 != 0
    }

    fn walk(text: &str, start: usize, states: impl Fn(usize) -> Self) -> usize {
        let (mut at, mut done) = (start, 0);
        let can = |bits: u8, done: u8| bits >> done & 1 != 0;
        loop {
            let class = class_at(text, at);
            let next = states(at + width(text, at));
            let opens_with_letters = class & LETTER != 0 && can(next.letters, done);
            let opens_with_marks = class & MARK != 0 && can(next.marks, done);
            if !(opens_with_letters || opens_with_marks) {
                return at;
            }
            // The run that opens a unit has no choice; the one that ends it takes what it can
            // and leaves the rest to the next unit only where it must.
            let (opening, closing) =
                if opens_with_letters { (LETTER, TAIL) } else { (MARK, LETTER) };
            while class_at(text, at) & opening != 0 {
                at += width(text, at);
            }
            loop {
                at += width(text, at);
                let next = states(at + width(text, at));
                let more = if opens_with_letters { next.tail } else { next.word };
                if class_at(text, at) & closing == 0 || !can(more, done) {
                    break;
                }
            }
            done = (done + 1).min(Self::ENOUGH);
        }
    }
}

/// States of a series; four bits each, for none to three and more blocks done.
#[derive(Clone, Copy, Default)]
struct Series {
    /// At the start of a block.
    block: u8,
    /// After one, two, three and more digits of a block of digits.
    digits: [u8; 3],
    /// In the upper-case letters, digits, and upper-case letters of the second form of a block.
    upper_first: [u8; 3],
    /// In the digits, upper-case letters, and digits of the third form.
    digit_first: [u8; 3],
}

impl Series {
    const ENOUGH: u8 = 3;
}

impl Family for Series {
    fn step(class: u8, closes: bool, next: &Self) -> Self {
        let when = |bits: u8, wanted: u8| if class & wanted != 0 { bits } else { 0 };
        let one_more = |block: u8| (block >> 1) | (block & (1 << Self::ENOUGH));
        let enough = u8::from(closes) << Self::ENOUGH;
        let block = enough
            | when(next.digits[0] | next.digit_first[0], DIGIT)
            | when(next.upper_first[0], UPPER);
        let done = one_more(block) | when(one_more(next.block), GAP);
        let tail = |first: u8, wanted: u8| when(first, wanted) | done;
        let upper_tail = tail(next.upper_first[2], UPPER);
        let digit_tail = tail(next.digit_first[2], DIGIT);
        Self {
            block,
            digits: [
                when(next.digits[1], DIGIT),
                when(next.digits[2], DIGIT),
                when(next.digits[2], DIGIT) | done,
            ],
            upper_first: [
                when(next.upper_first[0], UPPER) | when(next.upper_first[1], DIGIT),
                when(next.upper_first[1], DIGIT) | upper_tail,
                upper_tail,
            ],
            digit_first: [
                when(next.digit_first[0], DIGIT) | when(next.digit_first[1], UPPER),
                when(next.digit_first[1], UPPER) | digit_tail,
                digit_tail,
            ],
        }
    }

    fn starts(&self) -> bool {
        self.block & 1 != 0
    }

    fn walk(text: &str, start: usize, states: impl Fn(usize) -> Self) -> usize {
        let (mut at, mut done) = (start, 0);
        let can = |bits: u8, done: u8| bits >> done & 1 != 0;
        // Moves past characters of a class as long as the state after them can succeed.
        let run = |mut at: usize, class: u8, done: u8, bits: fn(&Self) -> u8| {
            while class_at(text, at) & class != 0 && can(bits(&states(at + width(text, at))), done)
            {
                at += width(text, at);
            }
            at
        };
        loop {
            let class = class_at(text, at);
            let next = states(at + width(text, at));
            if class & DIGIT != 0 && can(next.digits[0], done) {
                for _ in 0..3 {
                    at += width(text, at);
                }
                at = run(at, DIGIT, done, |state| state.digits[2]);
            } else if class & UPPER != 0 && can(next.upper_first[0], done) {
                at = run(at, UPPER, done, |state| state.upper_first[0]);
                at = run(at, DIGIT, done, |state| state.upper_first[1]);
                at = run(at, UPPER, done, |state| state.upper_first[2]);
            } else if class & DIGIT != 0 && can(next.digit_first[0], done) {
                at = run(at, DIGIT, done, |state| state.digit_first[0]);
                at = run(at, UPPER, done, |state| state.digit_first[1]);
                at = run(at, DIGIT, done, |state| state.digit_first[2]);
            } else {
                return at;
            }
            done = (done + 1).min(Self::ENOUGH);
            if class_at(text, at) & GAP != 0 && can(states(at + width(text, at)).block, done) {
                at += width(text, at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_digit_or_dash_is_passed_over() {
        for character in ('\u{80}'..=char::MAX).filter(|&character| class_of(character) != 0) {
            let text = character.to_string();
            assert!(may_hold_marks(text.as_bytes()), "U+{:04X}", character as u32);
            assert_eq!(
                CLASSES[usize::from(text.as_bytes()[0])],
                LEAD,
                "U+{:04X}",
                character as u32
            );
        }
        for byte in 0..0x80_u8 {
            assert_eq!(may_hold_marks(&[byte]), CLASSES[usize::from(byte)] & TAIL != 0, "{byte}");
        }
    }

    #[test]
    fn short_matches_before_a_long_stretch_are_found() {
        let text = "111222333:".repeat(1000);
        let mut count = 0;
        keys(&text, |start, end| {
            assert_eq!(&text[start..end], "111222333");
            count += 1;
        });
        // The colon after a match is spent, so every other one has no boundary before it.
        assert_eq!(count, 500);
    }
}
