//! From a text to the mean of its rows, without ever holding a list of them.

use std::collections::VecDeque;

use super::FastText;
use super::buckets::CHOICE;
use super::dictionary::{END, Entry, SEED, hash, hash_step};
use super::words::{KEY_BYTES, Key, Rows, Words, for_words, is_ascii};

/// Rows that are collected before they are added up.
const BATCH: usize = 512;
/// Bytes of the longest word that is copied to be hashed; longer ones are hashed more slowly.
const COPIED: usize = 1022;

/// The sum of rows so far, and the words seen last with their rows.
#[derive(Default)]
pub(super) struct Gathered {
    hidden: Vec<f32>,
    /// Rows that are still to be added.
    rows: Rows,
    added: u64,
    words: Words,
    /// A word between `<` and `>`.
    framed: Vec<u8>,
    /// Hashes of a word's n-grams.
    hashes: Vec<u32>,
    /// Room for as many buckets.
    kept: Vec<u32>,
    /// Hashes of the last words, for n-grams of words.
    window: VecDeque<u32>,
}

impl Gathered {
    /// The mean of the rows.
    pub fn hidden(&self) -> &[f32] {
        &self.hidden
    }

    /// Bytes that it takes.
    #[cfg(test)]
    pub fn memory(&self) -> usize {
        let numbers = self.hashes.capacity() + self.kept.capacity() + self.window.capacity();
        (numbers + self.hidden.capacity()) * 4
            + self.framed.capacity()
            + self.rows.memory()
            + self.words.memory()
    }

    fn begin(&mut self, columns: usize) {
        self.hidden.clear();
        self.hidden.resize(columns, 0.0);
        self.rows.truncate(0);
        self.added = 0;
        self.words.begin();
    }
}

impl FastText {
    /// The mean of the rows of a text in pieces; false if it has none.
    pub(super) fn gather(&self, pieces: &[&str], gathered: &mut Gathered) -> bool {
        gathered.begin(self.input.columns());
        for_words(pieces, |word, key| {
            if !gathered.words.add(key, &mut gathered.rows) {
                self.add_new_word(word, key, gathered);
            }
            if gathered.rows.len() >= BATCH {
                self.flush(gathered);
            }
        });
        if let Entry::Known(row) = self.dictionary.look_up(END) {
            gathered.rows.push(row);
        }
        if self.word_ngrams > 1 {
            self.add_word_ngrams(pieces, gathered);
        }
        self.flush(gathered);
        if gathered.added == 0 {
            return false;
        }
        let share = (1.0 / gathered.added as f64) as f32;
        for value in &mut gathered.hidden {
            *value *= share;
        }
        true
    }

    fn flush(&self, gathered: &mut Gathered) {
        self.input.add(gathered.rows.as_slice(), &mut gathered.hidden);
        gathered.added += gathered.rows.len() as u64;
        gathered.rows.truncate(0);
    }

    #[inline(never)]
    fn add_new_word(&self, word: &[u8], key: &Key, gathered: &mut Gathered) {
        let begin = gathered.rows.len();
        match self.dictionary.look_up(word) {
            Entry::Label => return,
            Entry::Known(row) => gathered.rows.push(row),
            Entry::Unknown => {}
        }
        let (shortest, longest) = self.ngrams;
        if word.len() > COPIED {
            let framed = |at: usize| match at.checked_sub(1) {
                None => Some(b'<'),
                Some(at) if at == word.len() => Some(b'>'),
                Some(at) => word.get(at).copied(),
            };
            self.add_ngrams(word.len() + 2, framed, gathered);
            return;
        }
        match longest {
            0 => {}
            3 if shortest > 1 => self.add_usual_ngrams::<2>(word, key, shortest, gathered),
            4 if shortest > 1 => self.add_usual_ngrams::<3>(word, key, shortest, gathered),
            5 if shortest > 1 => self.add_usual_ngrams::<4>(word, key, shortest, gathered),
            6 if shortest > 1 => self.add_usual_ngrams::<5>(word, key, shortest, gathered),
            _ => {
                let mut framed = std::mem::take(&mut gathered.framed);
                frame(word, &mut framed);
                self.add_ngrams(framed.len(), |at| framed.get(at).copied(), gathered);
                gathered.framed = framed;
            }
        }
        gathered.words.remember(key, &gathered.rows, begin);
    }

    /// Rows of the n-grams of a word: of `shortest` characters, at least 2, to `WIDTH` + 1, at
    /// most 6.
    #[inline(always)]
    fn add_usual_ngrams<const WIDTH: usize>(
        &self,
        word: &[u8],
        key: &Key,
        shortest: usize,
        gathered: &mut Gathered,
    ) {
        if key[0] != 0 && is_ascii(key) {
            let framed = framed(word.len(), key);
            let framed = framed.get(..word.len() + 2).unwrap_or_default();
            if let Some(mut choice) = self.buckets.choice() {
                for_ascii_ngrams::<WIDTH>(framed, shortest, |hash| choice.add(hash));
                choice.finish(&mut gathered.rows);
            } else {
                for_ascii_ngrams::<WIDTH>(framed, shortest, |hash| {
                    if let Some(row) = self.buckets.row(hash) {
                        gathered.rows.push(row);
                    }
                });
            }
        } else {
            frame(word, &mut gathered.framed);
            self.add_framed_ngrams::<WIDTH>(shortest, gathered);
        }
    }

    /// The same for the word that is framed.
    ///
    /// Each byte is hashed once into all n-grams that it is in, which end with it, whereas rows
    /// are wanted by the n-grams' beginnings: hence the table between.
    fn add_framed_ngrams<const WIDTH: usize>(&self, shortest: usize, gathered: &mut Gathered) {
        let Gathered { framed, hashes, kept, rows, .. } = gathered;
        let needed = (framed.len() + WIDTH) * WIDTH;
        if hashes.len() < needed {
            hashes.resize(needed, 0);
            kept.resize(needed, 0);
        }
        // By beginning, with padding before the first one, then by length, from 2.
        let (table, _) = hashes.as_chunks_mut::<WIDTH>();
        // Of those that end with the current character, by length.
        let (mut single, mut ending) = (SEED, [SEED; WIDTH]);
        let mut characters = 0;
        let mut bytes = framed.as_slice();
        while let Some((&byte, rest)) = bytes.split_first() {
            single = hash_step(single, byte);
            for hash in &mut ending {
                *hash = hash_step(*hash, byte);
            }
            bytes = rest;
            if rest.first().is_some_and(|next| next & 0xC0 == 0x80) {
                continue;
            }
            let begins = table.get_mut(characters..);
            if let Some(begins) = begins.and_then(|it| it.first_chunk_mut::<WIDTH>()) {
                for length in 0..WIDTH {
                    begins[WIDTH - 1 - length][length] = ending[length];
                }
            }
            // Not copy_within: that would take the hashes out of their registers.
            let before = ending;
            ending = std::array::from_fn(|length| match length {
                0 => single,
                length => before[length - 1],
            });
            single = SEED;
            characters += 1;
        }
        let table = table.get(WIDTH..).unwrap_or_default();
        let whole = characters.saturating_sub(WIDTH);
        let (whole, cut) = table.split_at_checked(whole).unwrap_or_default();
        let mut keep = |hashes: &[u32]| self.buckets.add_rows(hashes, kept, rows);
        if shortest == 2 {
            keep(whole.as_flattened());
        } else {
            for hashes in whole {
                keep(hashes.get(shortest - 2..).unwrap_or_default());
            }
        }
        let longest = characters.saturating_sub(1).min(WIDTH - 1);
        for (hashes, length) in cut.iter().zip((1..=longest).rev()) {
            keep(hashes.get(shortest - 2..length).unwrap_or_default());
        }
    }

    /// Rows of the character n-grams of a word of `len` bytes, `<` and `>` among them.
    #[inline]
    fn add_ngrams(&self, len: usize, byte: impl Fn(usize) -> Option<u8>, gathered: &mut Gathered) {
        let (shortest, longest) = self.ngrams;
        let continues = |at: usize| byte(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        for begin in 0..len {
            if continues(begin) {
                continue;
            }
            let mut hash = SEED;
            let mut at = begin;
            for length in 1..=longest {
                let Some(first) = byte(at) else { break };
                hash = hash_step(hash, first);
                at += 1;
                while let Some(next) = byte(at).filter(|next| next & 0xC0 == 0x80) {
                    hash = hash_step(hash, next);
                    at += 1;
                }
                // The marks `<` and `>` are no n-grams by themselves.
                if length >= shortest
                    && !(length == 1 && (begin == 0 || at == len))
                    && let Some(row) = self.buckets.row(hash)
                {
                    gathered.rows.push(row);
                }
            }
            // A word may be as long as the text; shorter ones are added up after them.
            if len > COPIED && gathered.rows.len() >= BATCH {
                self.flush(gathered);
            }
        }
    }

    /// Rows of the n-grams of words, which come after those of the words themselves.
    fn add_word_ngrams(&self, pieces: &[&str], gathered: &mut Gathered) {
        gathered.window.clear();
        let mut add = |word: &[u8]| {
            if self.dictionary.look_up(word) != Entry::Label {
                self.slide(hash(word), gathered);
            }
        };
        for_words(pieces, |word, _| add(word));
        add(END);
        while !gathered.window.is_empty() {
            self.add_first_word_ngrams(gathered);
        }
    }

    fn slide(&self, hash: u32, gathered: &mut Gathered) {
        gathered.window.push_back(hash);
        if gathered.window.len() == self.word_ngrams {
            self.add_first_word_ngrams(gathered);
        }
    }

    /// Those that begin with the first word of the window, which then goes.
    fn add_first_word_ngrams(&self, gathered: &mut Gathered) {
        // fastText holds the hashes of words in signed numbers before it widens them.
        let widen = |hash: u32| i64::from(hash as i32) as u64;
        let Some(first) = gathered.window.pop_front() else {
            return;
        };
        let mut hash = widen(first);
        for &next in &gathered.window {
            hash = hash.wrapping_mul(116_049_371).wrapping_add(widen(next));
            if let Some(row) = self.buckets.row_of_words(hash) {
                gathered.rows.push(row);
            }
        }
        if gathered.rows.len() >= BATCH {
            self.flush(gathered);
        }
    }
}

/// A word between the marks of its beginning and end.
fn frame(word: &[u8], framed: &mut Vec<u8>) {
    framed.clear();
    framed.push(b'<');
    framed.extend_from_slice(word);
    framed.push(b'>');
}

/// A word of a key between the marks, and something after it.
#[inline(always)]
fn framed(len: usize, key: &Key) -> [u8; KEY_BYTES + 2] {
    let mut framed = [b'<'; KEY_BYTES + 2];
    for (to, from) in framed.iter_mut().skip(1).zip(key.map(u64::to_le_bytes).as_flattened()) {
        *to = *from;
    }
    if let Some(after) = framed.get_mut(len + 1) {
        *after = b'>';
    }
    framed
}

// The longest that are hashed this way, of the longest word.
const _: () = assert!((KEY_BYTES + 1) * 5 < CHOICE);

/// Hashes of the n-grams of a word of ASCII.
#[inline(always)]
fn for_ascii_ngrams<const WIDTH: usize>(framed: &[u8], shortest: usize, mut add: impl FnMut(u32)) {
    for whole in framed.windows(WIDTH + 1) {
        for_ascii_ngrams_from_first(whole, shortest, &mut add);
    }
    // Those that the word's end cuts short.
    for begin in framed.len().saturating_sub(WIDTH)..framed.len() {
        let cut = framed.get(begin..).unwrap_or_default();
        for_ascii_ngrams_from_first(cut, shortest, &mut add);
    }
}

#[inline(always)]
fn for_ascii_ngrams_from_first(bytes: &[u8], shortest: usize, mut add: impl FnMut(u32)) {
    let Some((&first, rest)) = bytes.split_first() else {
        return;
    };
    let mut hash = hash_step(SEED, first);
    for (length, &byte) in (2..).zip(rest) {
        hash = hash_step(hash, byte);
        if length >= shortest {
            add(hash);
        }
    }
}
