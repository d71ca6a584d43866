//! The words of a text as ROOTS counts them.

use super::lists::{FLAGGED, STOPWORD, WordLists};
use super::parameters::WordAugmentation;
use crate::text::case::ChangesInLowerCase;
use crate::text::hash::{SHORT, first_bytes, hash_short, hash_word};
use crate::text::punctuation::is_decimal_digit;
use crate::text::segment::Segmentation;
use crate::text::special::{is_special_ascii, strip_special};
use crate::text::view::{self, View};

/// Where the words of a text go.
trait Sink {
    /// Takes a lower-cased word with its hash.
    fn word(&mut self, word: &[u8], hash: u64);
}

/// Keeps the hashes alone.
struct Hashes<'w>(&'w mut Vec<u64>);

impl Sink for Hashes<'_> {
    #[inline]
    fn word(&mut self, _: &[u8], hash: u64) {
        self.0.push(hash);
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
    fn word(&mut self, word: &[u8], hash: u64) {
        self.hashes.push(hash);
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

/// How the words of a view become those of ROOTS.
struct Visitor<'v> {
    text: &'v str,
    /// Whether every decimal digit counts as the same one, as in Chinese.
    same_digits: bool,
    buffer: &'v mut String,
}

impl Visitor<'_> {
    /// Walks over the words. Returns how many there are once special characters are stripped from
    /// their ends, and hands over those that are lower-cased first and stripped then, which may be
    /// others: `Г` is special and `г` is not.
    fn visit(&mut self, words: &view::Words, sink: &mut impl Sink) -> u64 {
        let mut number = 0;
        for ((&(start, end), &hash), &characters) in
            words.spans().iter().zip(words.hashes()).zip(words.characters())
        {
            let (start, end) = (start as usize, end as usize);
            number += u64::from(if end - start == characters as usize && !self.same_digits {
                self.ascii(start, end, hash, sink)
            } else {
                self.other(start, end, sink)
            });
        }
        number
    }

    /// Visits the word at `start..end`, which is ASCII and has a hash; returns whether it has other
    /// than special characters.
    #[inline]
    fn ascii(&mut self, first: usize, last: usize, hash: u64, sink: &mut impl Sink) -> bool {
        let bytes = self.text.as_bytes();
        let (mut start, mut end) = (first, last);
        // Lower-casing makes no ASCII character special.
        while start < end && is_special_ascii(bytes[start]) {
            start += 1;
        }
        while start < end && is_special_ascii(bytes[end - 1]) {
            end -= 1;
        }
        if start == end {
            return false;
        }
        if end - start <= SHORT {
            let word = first_bytes(bytes, start, end);
            let lower = lower_case(word);
            // Which words are stripped or lower-cased can't be predicted; hashing is as quick.
            sink.word(&lower.to_le_bytes()[..end - start], hash_short(lower, end - start));
        } else if (start, end) == (first, last)
            && !bytes[start..end].iter().any(u8::is_ascii_uppercase)
        {
            sink.word(&bytes[start..end], hash);
        } else {
            let lower = bytes[start..end].to_ascii_lowercase();
            sink.word(&lower, hash_word(&lower));
        }
        true
    }

    fn other(&mut self, start: usize, end: usize, sink: &mut impl Sink) -> bool {
        let word = self.text.get(start..end).unwrap_or_default();
        let stripped = strip_special(word);
        let changes = ChangesInLowerCase::get();
        if self.same_digits {
            // The original normalises the whole text first, so there is one kind of words only.
            changes.lower_into(word, self.buffer);
            if self.buffer.contains(is_decimal_digit) {
                *self.buffer = self.buffer.replace(is_decimal_digit, "0");
            }
            let normal = strip_special(self.buffer);
            if !normal.is_empty() {
                sink.word(normal.as_bytes(), hash_word(normal.as_bytes()));
            }
            return !normal.is_empty();
        }
        let lower = if word.chars().any(|character| changes.contains(character)) {
            changes.lower_into(word, self.buffer);
            strip_special(self.buffer)
        } else {
            stripped
        };
        if !lower.is_empty() {
            sink.word(lower.as_bytes(), hash_word(lower.as_bytes()));
        }
        !stripped.is_empty()
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
    pub(super) fn read(
        &mut self,
        view: View<'_>,
        segmentation: Segmentation,
        augmentation: &WordAugmentation,
    ) {
        let Self { hashes, joined, ends, buffer, .. } = self;
        hashes.clear();
        joined.clear();
        ends.clear();
        // Of the languages that ROOTS knew, only Chinese is cut by dictionary, and there it made
        // all digits one.
        let same_digits = segmentation == Segmentation::Dictionary;
        let mut visitor = Visitor { text: view.text(), same_digits, buffer };
        let words = view.words(segmentation);
        self.number = if augmentation.sizes.is_empty() {
            visitor.visit(words, &mut Hashes(hashes))
        } else {
            let join = &augmentation.join;
            visitor.visit(words, &mut Joined { hashes, joined, ends, join })
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
