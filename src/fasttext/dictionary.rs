//! The words and labels that a model knows.

use super::PREFIX;
use super::file::Contents;

/// What ends a text, as a word.
pub(super) const END: &[u8] = b"</s>";

/// Where hashing starts (FNV-1a, 32 bits).
pub(super) const SEED: u32 = 2_166_136_261;

/// The hash of what went before and one byte more. fastText takes bytes as signed numbers.
#[inline(always)]
pub(super) fn hash_step(hash: u32, byte: u8) -> u32 {
    (hash ^ i32::from(byte as i8) as u32).wrapping_mul(16_777_619)
}

pub(super) fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(SEED, |hash, &byte| hash_step(hash, byte))
}

/// What a word of a text is to a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Entry {
    /// A word with this row.
    Known(u32),
    /// A word without.
    Unknown,
    /// A label, which says nothing about the text.
    Label,
}

/// Words and labels by their spelling.
pub(super) struct Dictionary {
    /// Open addressing, linear probing: an entry's hash and its number plus one, or 0.
    slots: Vec<(u32, u32)>,
    shift: u32,
    /// Bytes of the longest entry.
    longest: usize,
    /// All spellings one after the other, and where each ends.
    spellings: Vec<u8>,
    ends: Vec<usize>,
    words: usize,
}

impl Dictionary {
    pub fn new(contents: &Contents<'_>) -> Self {
        let entries = || {
            let labels = contents.labels.iter().map(|(label, _)| label.as_bytes());
            contents.words.iter().copied().chain(labels)
        };
        let count = contents.words.len() + contents.labels.len();
        let bits = (count * 2).next_power_of_two().trailing_zeros().max(1);
        let mut dictionary = Self {
            slots: vec![(0, 0); 1 << bits],
            shift: 32_u32.saturating_sub(bits),
            longest: entries().map(<[u8]>::len).max().unwrap_or_default(),
            spellings: Vec::with_capacity(entries().map(<[u8]>::len).sum()),
            ends: Vec::with_capacity(count),
            words: contents.words.len(),
        };
        for (number, entry) in entries().enumerate() {
            let hash = hash(entry);
            // Of entries that are spelled alike the last one counts.
            let (slot, _) = dictionary.find(entry, hash);
            dictionary.spellings.extend_from_slice(entry);
            dictionary.ends.push(dictionary.spellings.len());
            dictionary.slots[slot] = (hash, number as u32 + 1);
        }
        dictionary
    }

    /// The slot where an entry stands or would stand, and its number.
    fn find(&self, spelling: &[u8], hash: u32) -> (usize, Option<usize>) {
        // FNV's high bits are poor for short words.
        let mut slot = (hash.wrapping_mul(0x9E37_79B1) >> self.shift) as usize;
        loop {
            slot %= self.slots.len();
            let (own, after) = self.slots[slot];
            let Some(number) = (after as usize).checked_sub(1) else {
                return (slot, None);
            };
            if own == hash && self.spelling(number) == spelling {
                return (slot, Some(number));
            }
            slot += 1;
        }
    }

    fn spelling(&self, number: usize) -> &[u8] {
        let begin = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.spellings[begin..self.ends[number]]
    }

    /// What a word is.
    #[inline]
    pub fn look_up(&self, word: &[u8]) -> Entry {
        // A long one is not hashed for nothing.
        let found = if word.len() > self.longest { None } else { self.find(word, hash(word)).1 };
        match found {
            Some(number) if number < self.words => Entry::Known(number as u32),
            Some(_) => Entry::Label,
            None if word.starts_with(PREFIX.as_bytes()) => Entry::Label,
            None => Entry::Unknown,
        }
    }

    /// Bytes that it takes.
    pub fn memory(&self) -> usize {
        self.spellings.len() + self.slots.len() * 8 + self.ends.len() * 8
    }
}
