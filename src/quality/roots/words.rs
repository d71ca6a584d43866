//! The words of a text as ROOTS counts them.

use icu_segmenter::WordSegmenterBorrowed;
use xxhash_rust::xxh3::xxh3_64;

use super::lists::{FLAGGED, STOPWORD, WordLists};
use super::parameters::WordAugmentation;
use crate::text::case::ChangesInLowerCase;
use crate::text::punctuation::full_normalization;
use crate::text::special::{is_special_ascii, strip_special};

/// The byte is a space, a tab or a line feed.
const SEPARATOR: u8 = 1;
/// The byte is an ASCII capital.
const CAPITAL: u8 = 2;
/// The byte is part of a character beyond ASCII.
const BEYOND_ASCII: u8 = 4;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' => SEPARATOR,
            b'A'..=b'Z' => CAPITAL,
            0x80.. => BEYOND_ASCII,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// The hash by which words are compared, xxh3-64; never 0.
#[inline]
pub(super) fn hash_word(word: &[u8]) -> u64 {
    xxh3_64(word).max(1)
}

/// Walks over the words of a text cut at spaces, tabs and line feeds. Returns how many there are
/// once special characters are stripped from their ends, and hands `each` those that are lower-cased
/// first and stripped then, which may be others: `Г` is special and `г` is not.
fn visit_whitespace(text: &str, buffer: &mut String, mut each: impl FnMut(&[u8])) -> u64 {
    let changes = ChangesInLowerCase::get();
    let bytes = text.as_bytes();
    let mut number = 0;
    let mut start = 0;
    while start < bytes.len() {
        let mut seen = 0;
        let mut end = start;
        while let Some(&byte) = bytes.get(end) {
            let class = CLASSES[usize::from(byte)];
            if class == SEPARATOR {
                break;
            }
            seen |= class;
            end += 1;
        }
        if end == start {
            start += 1;
            continue;
        }
        if seen & BEYOND_ASCII == 0 {
            let mut word = &bytes[start..end];
            while let [first, rest @ ..] = word
                && is_special_ascii(*first)
            {
                word = rest;
            }
            while let [rest @ .., last] = word
                && is_special_ascii(*last)
            {
                word = rest;
            }
            if !word.is_empty() {
                number += 1;
                if seen & CAPITAL == 0 {
                    each(word);
                } else {
                    let mut lower = [0_u8; 32];
                    if let Some(lower) = lower.get_mut(..word.len()) {
                        lower.copy_from_slice(word);
                        lower.make_ascii_lowercase();
                        each(lower);
                    } else {
                        each(&word.to_ascii_lowercase());
                    }
                }
            }
        } else {
            let word = &text[start..end];
            let stripped = strip_special(word);
            number += u64::from(!stripped.is_empty());
            if word.chars().any(|character| changes.contains(character)) {
                changes.lower_into(word, buffer);
                let stripped = strip_special(buffer);
                if !stripped.is_empty() {
                    each(stripped.as_bytes());
                }
            } else if !stripped.is_empty() {
                each(stripped.as_bytes());
            }
        }
        start = end + 1;
    }
    number
}

/// Walks over the words of a text cut by dictionary after ROOTS' full normalisation, which
/// lower-cases it, so that there is only one kind of words.
fn visit_dictionary(
    text: &str,
    segmenter: &WordSegmenterBorrowed<'_>,
    mut each: impl FnMut(&[u8]),
) -> u64 {
    let normal = full_normalization(text, true);
    let mut number = 0;
    let mut start = 0;
    for end in segmenter.segment_str(&normal) {
        let word = strip_special(normal.get(start..end).unwrap_or(""));
        if !word.is_empty() {
            number += 1;
            each(word.as_bytes());
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
    fn visit(self, text: &str, buffer: &mut String, each: impl FnMut(&[u8])) -> u64 {
        match self {
            Cut::Whitespace => visit_whitespace(text, buffer, each),
            Cut::Dictionary(segmenter) => visit_dictionary(text, segmenter, each),
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
        let Self {
            hashes,
            joined,
            ends,
            buffer,
            ..
        } = self;
        hashes.clear();
        joined.clear();
        ends.clear();
        self.number = if augmentation.sizes.is_empty() {
            cut.visit(text, buffer, |word| hashes.push(hash_word(word)))
        } else {
            cut.visit(text, buffer, |word| {
                hashes.push(hash_word(word));
                if !joined.is_empty() {
                    joined.extend_from_slice(augmentation.join.as_bytes());
                }
                joined.extend_from_slice(word);
                ends.push(joined.len());
            })
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
                let start = match first
                    .checked_sub(1)
                    .and_then(|before| self.ends.get(before))
                {
                    Some(before) => before + augmentation.join.len(),
                    None => 0,
                };
                look_up(hash_word(self.joined.get(start..end).unwrap_or_default()));
            }
        }
        let words = self.hashes.len() as f64;
        let ratio = |found: u64| {
            if self.hashes.is_empty() {
                0.0
            } else {
                (found as f64 / words).min(1.0)
            }
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
