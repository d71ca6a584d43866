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
    /// Open addressing, linear probing: an entry's number plus one, or 0.
    slots: Vec<u32>,
    shift: u32,
    hashes: Vec<u32>,
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
            slots: vec![0; 1 << bits],
            shift: 32_u32.saturating_sub(bits),
            hashes: Vec::with_capacity(count),
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
            dictionary.hashes.push(hash);
            dictionary.slots[slot] = number as u32 + 1;
        }
        dictionary
    }

    /// The slot where an entry stands or would stand, and its number.
    fn find(&self, spelling: &[u8], hash: u32) -> (usize, Option<usize>) {
        // FNV's high bits are poor for short words.
        let mut slot = (hash.wrapping_mul(0x9E37_79B1) >> self.shift) as usize;
        loop {
            slot %= self.slots.len();
            match self.slots[slot].checked_sub(1) {
                None => return (slot, None),
                Some(number) => {
                    let number = number as usize;
                    if self.hashes[number] == hash && self.spelling(number) == spelling {
                        return (slot, Some(number));
                    }
                }
            }
            slot += 1;
        }
    }

    fn spelling(&self, number: usize) -> &[u8] {
        let begin = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.spellings[begin..self.ends[number]]
    }

    /// What a word is, given its hash.
    #[inline]
    pub fn look_up(&self, word: &[u8], hash: u32) -> Entry {
        match self.find(word, hash).1 {
            Some(number) if number < self.words => Entry::Known(number as u32),
            Some(_) => Entry::Label,
            None if word.starts_with(PREFIX.as_bytes()) => Entry::Label,
            None => Entry::Unknown,
        }
    }

    /// Bytes that it takes.
    pub fn memory(&self) -> usize {
        self.spellings.len() + self.slots.len() * 4 + self.ends.len() * 12
    }
}
