//! From a text to the mean of its rows, without ever holding a list of them.

use std::collections::VecDeque;

use super::FastText;
use super::dictionary::{END, Entry, SEED, hash, hash_step};

/// Rows that are collected before they are added up.
const BATCH: usize = 512;
/// Words whose rows are remembered, a power of two.
const REMEMBERED: usize = 4096;
/// Bytes of the longest word that is remembered, and the most rows of one: with their lengths, a
/// cache line.
const WORD_BYTES: usize = 22;
const WORD_ROWS: usize = 10;
/// Bytes of the longest word that is copied to be hashed; longer ones are hashed more slowly.
const COPIED: usize = 1022;

/// The sum of rows so far, and the words seen last with their rows.
#[derive(Default)]
pub(super) struct Gathered {
    hidden: Vec<f32>,
    /// Rows that are still to be added.
    rows: Vec<u32>,
    added: u64,
    words: Vec<Remembered>,
    /// A word between `<` and `>`.
    framed: Vec<u8>,
    /// Hashes of a word's n-grams.
    hashes: Vec<u32>,
    /// Room for as many buckets.
    kept: Vec<u32>,
    /// Hashes of the last words, for n-grams of words.
    window: VecDeque<u32>,
}

#[derive(Clone)]
#[repr(align(64))]
struct Remembered {
    word_len: u8,
    rows_len: u8,
    word: [u8; WORD_BYTES],
    rows: [u32; WORD_ROWS],
}

impl Remembered {
    const NOTHING: Self = Self {
        // Longer than any word that is looked for.
        word_len: u8::MAX,
        rows_len: 0,
        word: [0; WORD_BYTES],
        rows: [0; WORD_ROWS],
    };

    fn rows_of(&self, word: &[u8]) -> Option<&[u32]> {
        let own = self.word.get(..usize::from(self.word_len))?;
        if own == word { self.rows.get(..usize::from(self.rows_len)) } else { None }
    }

    fn set(&mut self, word: &[u8], rows: &[u32]) {
        if let Some(own) = self.word.get_mut(..word.len())
            && let Some(own_rows) = self.rows.get_mut(..rows.len())
        {
            own.copy_from_slice(word);
            own_rows.copy_from_slice(rows);
            // Both are below 256.
            (self.word_len, self.rows_len) = (word.len() as u8, rows.len() as u8);
        }
    }
}

impl Gathered {
    /// The mean of the rows.
    pub fn hidden(&self) -> &[f32] {
        &self.hidden
    }

    /// Bytes that it takes.
    #[cfg(test)]
    pub fn memory(&self) -> usize {
        let numbers = [&self.rows, &self.hashes, &self.kept].map(Vec::capacity);
        numbers.iter().sum::<usize>() * 4
            + self.hidden.capacity() * 4
            + self.framed.capacity()
            + self.window.capacity() * 4
            + self.words.capacity() * size_of::<Remembered>()
    }

    fn begin(&mut self, columns: usize) {
        self.hidden.clear();
        self.hidden.resize(columns, 0.0);
        self.rows.clear();
        self.added = 0;
        if self.words.is_empty() {
            self.words = vec![Remembered::NOTHING; REMEMBERED];
        }
    }
}

/// Whether a byte ends a word. Unicode's other white space does not.
#[inline(always)]
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r' | 0)
}

/// Calls back with every word before the text's end and its hash.
#[inline(always)]
fn for_words(text: &[u8], mut word: impl FnMut(&[u8], u32)) {
    let mut rest = text;
    loop {
        let begin = rest.iter().position(|&byte| !is_space(byte));
        rest = begin.and_then(|begin| rest.get(begin..)).unwrap_or_default();
        if rest.is_empty() {
            return;
        }
        let mut hash = SEED;
        let mut end = 0;
        for &byte in rest {
            if is_space(byte) {
                break;
            }
            hash = hash_step(hash, byte);
            end += 1;
        }
        let (current, after) = rest.split_at(end);
        if current == END {
            return;
        }
        word(current, hash);
        rest = after;
    }
}

impl FastText {
    /// The mean of the rows of a text; false if it has none.
    pub(super) fn gather(&self, text: &str, gathered: &mut Gathered) -> bool {
        gathered.begin(self.input.columns());
        let text = text.as_bytes();
        for_words(text, |word, hash| {
            self.add_word(word, hash, gathered);
            if gathered.rows.len() >= BATCH {
                self.flush(gathered);
            }
        });
        if let Entry::Known(row) = self.dictionary.look_up(END, hash(END)) {
            gathered.rows.push(row);
        }
        if self.word_ngrams > 1 {
            self.add_word_ngrams(text, gathered);
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
        self.input.add(&gathered.rows, &mut gathered.hidden);
        gathered.added += gathered.rows.len() as u64;
        gathered.rows.clear();
    }

    #[inline]
    fn add_word(&self, word: &[u8], hash: u32, gathered: &mut Gathered) {
        let slot = (hash ^ (hash >> 16)) as usize % REMEMBERED;
        let remembered = gathered.words.get(slot);
        if let Some(rows) = remembered.and_then(|it| it.rows_of(word)) {
            gathered.rows.extend_from_slice(rows);
        } else {
            self.add_new_word(word, hash, slot, gathered);
        }
    }

    #[inline(never)]
    fn add_new_word(&self, word: &[u8], hash: u32, slot: usize, gathered: &mut Gathered) {
        let begin = gathered.rows.len();
        match self.dictionary.look_up(word, hash) {
            Entry::Label => return,
            Entry::Known(row) => gathered.rows.push(row),
            Entry::Unknown => {}
        }
        if word.len() <= COPIED {
            gathered.framed.clear();
            gathered.framed.push(b'<');
            gathered.framed.extend_from_slice(word);
            gathered.framed.push(b'>');
            match self.ngrams {
                (_, 0) => {}
                (shortest @ 2.., 3) => self.add_usual_ngrams::<2>(shortest, gathered),
                (shortest @ 2.., 4) => self.add_usual_ngrams::<3>(shortest, gathered),
                (shortest @ 2.., 5) => self.add_usual_ngrams::<4>(shortest, gathered),
                (shortest @ 2.., 6) => self.add_usual_ngrams::<5>(shortest, gathered),
                _ => {
                    let framed = std::mem::take(&mut gathered.framed);
                    self.add_ngrams(framed.len(), |at| framed.get(at).copied(), gathered);
                    gathered.framed = framed;
                }
            }
        } else {
            let framed = |at: usize| match at.checked_sub(1) {
                None => Some(b'<'),
                Some(at) if at == word.len() => Some(b'>'),
                Some(at) => word.get(at).copied(),
            };
            self.add_ngrams(word.len() + 2, framed, gathered);
        }
        self.remember(word, begin, slot, gathered);
    }

    fn remember(&self, word: &[u8], begin: usize, slot: usize, gathered: &mut Gathered) {
        // A word that is long enough for its rows to be added on the way is not remembered.
        if word.len() <= WORD_BYTES
            && let Some(rows) = gathered.rows.get(begin..)
            && let Some(remembered) = gathered.words.get_mut(slot)
        {
            remembered.set(word, rows);
        }
    }

    /// Rows of the n-grams of the word that is framed: of `shortest` characters, at least 2, to
    /// `WIDTH` + 1.
    ///
    /// Each byte is hashed once into all n-grams that it is in, which end with it, whereas rows
    /// are wanted by the n-grams' beginnings: hence the table between.
    fn add_usual_ngrams<const WIDTH: usize>(&self, shortest: usize, gathered: &mut Gathered) {
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
                if length >= shortest && !(length == 1 && (begin == 0 || at == len)) {
                    gathered.rows.extend(self.buckets.row(hash));
                }
            }
            // A word may be as long as the text; shorter ones are added up after them.
            if len > COPIED && gathered.rows.len() >= BATCH {
                self.flush(gathered);
            }
        }
    }

    /// Rows of the n-grams of words, which come after those of the words themselves.
    fn add_word_ngrams(&self, text: &[u8], gathered: &mut Gathered) {
        gathered.window.clear();
        for_words(text, |word, hash| {
            if self.dictionary.look_up(word, hash) != Entry::Label {
                self.slide(hash, gathered);
            }
        });
        if self.dictionary.look_up(END, hash(END)) != Entry::Label {
            self.slide(hash(END), gathered);
        }
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
            gathered.rows.extend(self.buckets.row_of_words(hash));
        }
        if gathered.rows.len() >= BATCH {
            self.flush(gathered);
        }
    }
}
