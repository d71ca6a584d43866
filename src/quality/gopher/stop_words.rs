//! A set of stop words that is asked by hash.

use crate::text::hash::hash_word;

/// A set of words, found by their hash and compared by their bytes.
#[derive(Debug)]
pub(super) struct StopWords {
    words: Vec<Box<str>>,
    /// Open addressing by the upper bits of the hash: the hash, 0 where the slot is free, and the
    /// index of the word. Seven eighths or more are free, so that most words are done with here.
    slots: Vec<(u64, u32)>,
    shift: u32,
}

impl StopWords {
    pub(super) fn new(words: &[String]) -> Self {
        let size = (words.len() * 8).next_power_of_two().max(256);
        let mut set = Self {
            words: Vec::new(),
            slots: vec![(0, 0); size],
            shift: u64::BITS - size.trailing_zeros(),
        };
        for word in words.iter().filter(|word| !word.is_empty()) {
            let hash = hash_word(word.as_bytes());
            let mask = size - 1;
            let mut slot = (hash >> set.shift) as usize & mask;
            while set.slots[slot].0 != 0 && !set.is(slot, hash, word.as_bytes()) {
                slot = (slot + 1) & mask;
            }
            if set.slots[slot].0 == 0 {
                set.slots[slot] = (hash, set.words.len() as u32);
                set.words.push(word.as_str().into());
            }
        }
        set
    }

    fn is(&self, slot: usize, hash: u64, word: &[u8]) -> bool {
        let (found, index) = self.slots[slot];
        found == hash && self.words.get(index as usize).is_some_and(|own| own.as_bytes() == word)
    }

    /// How many different words there are.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// The index of a word, below [`len`](StopWords::len), if it is in the set. `word` gives its
    /// bytes, should they be needed.
    #[inline]
    pub(super) fn find<'t>(&self, hash: u64, word: impl Fn() -> &'t [u8]) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let mut slot = (hash >> self.shift) as usize & mask;
        loop {
            let (found, index) = self.slots[slot];
            if found == 0 {
                return None;
            }
            if found == hash && self.is(slot, hash, word()) {
                return Some(index as usize);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The room that the set takes, in bytes, roughly.
    pub(super) fn memory(&self) -> u64 {
        let words: usize = self.words.iter().map(|word| word.len() + 16).sum();
        (words + self.slots.len() * 16) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_found_once_and_nothing_else() {
        let words: Vec<String> = (0..500).map(|n| format!("w{}", n % 400)).collect();
        let set = StopWords::new(&words);
        assert_eq!(set.len(), 400);
        let find = |word: &str| set.find(hash_word(word.as_bytes()), || word.as_bytes());
        let mut found: Vec<usize> = words[..400].iter().filter_map(|word| find(word)).collect();
        found.sort_unstable();
        assert_eq!(found, (0..400).collect::<Vec<_>>());
        assert_eq!(find("w400"), None);
        assert_eq!(StopWords::new(&[]).find(hash_word(b"a"), || b"a"), None);
    }
}
