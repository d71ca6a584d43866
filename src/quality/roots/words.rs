//! The words of a text as ROOTS counts them.

use icu_segmenter::WordSegmenterBorrowed;

use super::lists::{FLAGGED, STOPWORD, WordLists};
use super::parameters::WordAugmentation;
use crate::text::case::ChangesInLowerCase;
pub(super) use crate::text::hash::hash_word;
use crate::text::hash::{SHORT, first_bytes, hash_short};
use crate::text::punctuation::full_normalization;
use crate::text::special::{is_special_ascii, strip_special};

/// Where the words of a visited text go.
trait Sink {
    /// Takes the word at `start..end` of a text, which is ASCII and not lower-cased yet.
    fn ascii(&mut self, text: &[u8], start: usize, end: usize);
    /// Takes a lower-cased word.
    fn word(&mut self, word: &[u8]);
}

/// Keeps the hashes alone.
struct Hashes<'w>(&'w mut Vec<u64>);

impl Sink for Hashes<'_> {
    #[inline]
    fn ascii(&mut self, text: &[u8], start: usize, end: usize) {
        if end - start <= SHORT {
            let word = lower_case(first_bytes(text, start, end));
            self.0.push(hash_short(word, end - start));
        } else {
            self.word(&text[start..end].to_ascii_lowercase());
        }
    }
    #[inline]
    fn word(&mut self, word: &[u8]) {
        self.0.push(hash_word(word));
    }
}

/// Keeps the words too, joined as the n-grams of the augmentation are.
struct Joined<'w> {
    hashes: &'w mut Vec<u64>,
    joined: &'w mut Vec<u8>,
    ends: &'w mut Vec<usize>,
    join: &'w str,
}

impl Sink for Joined<'_> {
    fn ascii(&mut self, text: &[u8], start: usize, end: usize) {
        self.word(&text[start..end].to_ascii_lowercase());
    }
    fn word(&mut self, word: &[u8]) {
        self.hashes.push(hash_word(word));
        if !self.ends.is_empty() {
            self.joined.extend_from_slice(self.join.as_bytes());
        }
        self.joined.extend_from_slice(word);
        self.ends.push(self.joined.len());
    }
}

/// Lower-cases ASCII characters, all at once.
#[inline]
fn lower_case(word: u128) -> u128 {
    const EACH: u128 = u128::MAX / 0xFF;
    // The top bit of a byte says whether it is at least `A`, or beyond `Z`.
    let from_a = word + EACH * (0x80 - b'A' as u128);
    let beyond_z = word + EACH * (0x7F - b'Z' as u128);
    word | ((from_a & !beyond_z & (EACH * 0x80)) >> 2)
}

/// Which bytes of a block are spaces, tabs or line feeds, a bit each.
#[inline]
fn separators(block: &[u8; 64]) -> u64 {
    let flags = block
        .map(|byte| u8::from(byte == b' ') | u8::from(byte == b'\t') | u8::from(byte == b'\n'));
    let mut mask = 0;
    for (index, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // Gathers the lowest bits of eight bytes in the uppermost byte.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= bits << (8 * index);
    }
    mask
}

/// Walks over the words of a text cut at spaces, tabs and line feeds. Returns how many there are
/// once special characters are stripped from their ends, and hands over those that are lower-cased
/// first and stripped then, which may be others: `Г` is special and `г` is not.
fn visit_whitespace(text: &str, buffer: &mut String, sink: &mut impl Sink) -> u64 {
    let bytes = text.as_bytes();
    let mut number = 0;
    let mut start = 0;
    let mut visit = |end: usize| {
        if start < end {
            number += u64::from(visit_word(text, start, end, buffer, sink));
        }
        start = end + 1;
    };
    let (blocks, rest) = bytes.as_chunks::<64>();
    for (index, block) in blocks.iter().enumerate() {
        let mut mask = separators(block);
        while mask != 0 {
            visit(index * 64 + mask.trailing_zeros() as usize);
            mask &= mask - 1;
        }
    }
    let rest_start = bytes.len() - rest.len();
    for (index, byte) in rest.iter().enumerate() {
        if matches!(byte, b' ' | b'\t' | b'\n') {
            visit(rest_start + index);
        }
    }
    visit(bytes.len());
    number
}

/// Visits the word at `start..end`; returns whether it has other than special characters.
#[inline]
fn visit_word(
    text: &str,
    mut start: usize,
    mut end: usize,
    buffer: &mut String,
    sink: &mut impl Sink,
) -> bool {
    let bytes = text.as_bytes();
    let is_ascii = if end - start <= SHORT {
        first_bytes(bytes, start, end) & (u128::MAX / 0xFF * 0x80) == 0
    } else {
        bytes[start..end].is_ascii()
    };
    if is_ascii {
        // Lower-casing makes no ASCII character special.
        while start < end && is_special_ascii(bytes[start]) {
            start += 1;
        }
        while start < end && is_special_ascii(bytes[end - 1]) {
            end -= 1;
        }
        if start < end {
            sink.ascii(bytes, start, end);
        }
        return start < end;
    }
    let word = &text[start..end];
    let stripped = strip_special(word);
    let changes = ChangesInLowerCase::get();
    let lower = if word.chars().any(|character| changes.contains(character)) {
        changes.lower_into(word, buffer);
        strip_special(buffer)
    } else {
        stripped
    };
    if !lower.is_empty() {
        sink.word(lower.as_bytes());
    }
    !stripped.is_empty()
}

/// Walks over the words of a text cut by dictionary after ROOTS' full normalisation, which
/// lower-cases it, so that there is only one kind of words.
fn visit_dictionary(
    text: &str,
    segmenter: &WordSegmenterBorrowed<'_>,
    sink: &mut impl Sink,
) -> u64 {
    let normal = full_normalization(text, true);
    let mut number = 0;
    let mut start = 0;
    for end in segmenter.segment_str(&normal) {
        let word = strip_special(normal.get(start..end).unwrap_or(""));
        if !word.is_empty() {
            number += 1;
            sink.word(word.as_bytes());
        }
        start = end;
    }
    number
}

/// How a text is cut.
#[derive(Clone, Copy)]
pub(super) enum Cut<'s> {
    Whitespace,
    Dictionary(&'s WordSegmenterBorrowed<'static>),
}

impl Cut<'_> {
    fn visit(self, text: &str, buffer: &mut String, sink: &mut impl Sink) -> u64 {
        match self {
            Cut::Whitespace => visit_whitespace(text, buffer, sink),
            Cut::Dictionary(segmenter) => visit_dictionary(text, segmenter, sink),
        }
    }
}

/// The words of a text; used again from one document to the next.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// How many words the text has, not lower-cased.
    pub(super) number: u64,
    /// The hashes of its words, lower-cased.
    pub(super) hashes: Vec<u64>,
    /// The lower-cased words, joined as the n-grams of the augmentation are.
    joined: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
    /// Room to lower-case a word in.
    buffer: String,
}

/// Bytes of room that are kept from one document to the next, in each buffer.
const KEPT_BYTES: usize = 4 << 20;

impl Words {
    /// Takes in a text. The words themselves are only kept for the augmentation.
    pub(super) fn read(&mut self, text: &str, cut: Cut<'_>, augmentation: &WordAugmentation) {
        let Self { hashes, joined, ends, buffer, .. } = self;
        hashes.clear();
        joined.clear();
        ends.clear();
        self.number = if augmentation.sizes.is_empty() {
            cut.visit(text, buffer, &mut Hashes(hashes))
        } else {
            let join = &augmentation.join;
            cut.visit(text, buffer, &mut Joined { hashes, joined, ends, join })
        };
    }

    /// The shares of stop words and of flagged words: words and n-grams of the augmentation that
    /// are in the list, over the number of words alone, 1 at most. 0 if there are no words.
    pub(super) fn ratios(&self, lists: &WordLists, augmentation: &WordAugmentation) -> (f64, f64) {
        let mut stopwords = 0_u64;
        let mut flagged = 0_u64;
        let mut look_up = |hash: u64| {
            let found = lists.get(hash);
            stopwords += u64::from(found & STOPWORD != 0);
            flagged += u64::from(found & FLAGGED != 0);
        };
        self.hashes.iter().for_each(|&hash| look_up(hash));
        for &size in &augmentation.sizes {
            let last_words = self.ends.iter().skip(size.saturating_sub(1));
            for (first, &end) in last_words.enumerate() {
                let start = match first.checked_sub(1).and_then(|before| self.ends.get(before)) {
                    Some(before) => before + augmentation.join.len(),
                    None => 0,
                };
                look_up(hash_word(self.joined.get(start..end).unwrap_or_default()));
            }
        }
        let words = self.hashes.len() as f64;
        let ratio = |found: u64| {
            if self.hashes.is_empty() { 0.0 } else { (found as f64 / words).min(1.0) }
        };
        (ratio(stopwords), ratio(flagged))
    }

    /// Gives back the room that an uncommonly long document took.
    pub(super) fn shrink(&mut self) {
        self.hashes.clear();
        self.joined.clear();
        self.ends.clear();
        self.hashes.shrink_to(KEPT_BYTES / 8);
        self.joined.shrink_to(KEPT_BYTES);
        self.ends.shrink_to(KEPT_BYTES / 8);
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_BYTES);
    }
}
