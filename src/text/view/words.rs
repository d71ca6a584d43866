//! The words of a text as a table.

use std::cell::{Cell, OnceCell};
use std::ops::Range;

use crate::text::case::ChangesInLowerCase;
use crate::text::hash::{hash_span, hash_word};
use crate::text::segment::Segmentation;

/// The words of a text, in order. All columns have one entry a word.
#[derive(Default)]
pub struct Words {
    spans: Vec<(u32, u32)>,
    hashes: Vec<u64>,
    characters: Vec<u32>,
    alphabetic: Vec<bool>,
    lower: OnceCell<Vec<u64>>,
    spare_lower: Cell<Vec<u64>>,
}

/// One word of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Where it starts, in bytes.
    pub start: u32,
    /// Where it ends, in bytes.
    pub end: u32,
    /// The hash of its bytes, equal for equal words.
    pub hash: u64,
    /// Its length in code points.
    pub characters: u32,
    /// Whether any of its characters is a letter, as Python's `str.isalpha` has it.
    pub alphabetic: bool,
}

impl Word {
    /// Where the word lies in the text, in bytes.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Words {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// All words, in order.
    pub fn iter(&self) -> impl Iterator<Item = Word> + '_ {
        self.spans.iter().zip(&self.hashes).zip(&self.characters).zip(&self.alphabetic).map(
            |(((&(start, end), &hash), &characters), &alphabetic)| Word {
                start,
                end,
                hash,
                characters,
                alphabetic,
            },
        )
    }

    /// Where each word lies in the text: its first byte and the one behind its last.
    pub fn spans(&self) -> &[(u32, u32)] {
        &self.spans
    }

    /// The hash of each word; see [`hash_word`](crate::text::hash::hash_word).
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// The length of each word in code points.
    pub fn characters(&self) -> &[u32] {
        &self.characters
    }

    /// Whether each word has a letter in it, as Python's `str.isalpha` has it.
    pub fn alphabetic(&self) -> &[bool] {
        &self.alphabetic
    }

    /// The hash of each word in lower case, worked out at the first asking. `text` is the one that
    /// the words are of.
    pub fn lower_hashes(&self, text: &str) -> &[u64] {
        self.lower.get_or_init(|| {
            let mut hashes = self.spare_lower.take();
            hashes.clear();
            let mut buffer = String::new();
            let changes = ChangesInLowerCase::get();
            for (&(start, end), &hash) in self.spans.iter().zip(&self.hashes) {
                let word = text.get(start as usize..end as usize).unwrap_or_default();
                hashes.push(if word.chars().any(|character| changes.contains(character)) {
                    changes.lower_into(word, &mut buffer);
                    hash_word(buffer.as_bytes())
                } else {
                    hash
                });
            }
            hashes
        })
    }

    pub(super) fn read(&mut self, text: &str, segmentation: Segmentation) {
        self.spans.clear();
        self.hashes.clear();
        self.characters.clear();
        self.alphabetic.clear();
        if let Some(hashes) = self.lower.take() {
            self.spare_lower.set(hashes);
        }
        segmentation.words(text, |found| {
            let (Ok(start), Ok(end)) = (u32::try_from(found.start), u32::try_from(found.end))
            else {
                return;
            };
            self.spans.push((start, end));
            self.hashes.push(hash_span(text.as_bytes(), found.start, found.end));
            self.characters.push(found.characters);
            self.alphabetic.push(found.has_alpha);
        });
    }

    pub(super) fn room(&self) -> usize {
        self.spans.capacity() * 32
    }
}
