//! The words of a text as fastText cuts them, and the rows of those seen last.

use std::ops::ControlFlow;

use super::dictionary::END;

/// Bytes of the longest word that has a key.
pub(super) const KEY_BYTES: usize = 23;
/// Words whose rows are remembered, a power of two.
const REMEMBERED: usize = 4096;
/// The most rows of a word that is remembered: with the word, a cache line.
const WORD_ROWS: usize = 10;

/// The bytes of a word of up to [`KEY_BYTES`], zeros after it; all zeros for longer words. No word
/// holds a zero.
pub(super) type Key = [u64; 3];

/// Each byte's lowest bit, for arithmetic on eight bytes at once.
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = ONES << 7;

/// Whether a byte ends a word. Unicode's other white space does not.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r' | 0)
}

/// The highest bit of each of eight bytes that end a word.
#[inline(always)]
fn spaces(bytes: u64) -> u64 {
    let low = bytes & !HIGH;
    // The highest bit where the lower seven are no less than that. No sum carries over.
    let from = |least: u64| low + ONES * (0x80 - least);
    let spaces = (from(9) & !from(14)) | !from(1) | (from(32) & !from(33));
    spaces & !bytes & HIGH
}

/// The bytes before the first marked one.
#[inline(always)]
fn before(bytes: u64, marked: u64) -> u64 {
    bytes & (((marked & marked.wrapping_neg()) >> 7).wrapping_sub(1))
}

#[inline(always)]
fn index(marked: u64) -> usize {
    marked.trailing_zeros() as usize / 8
}

/// Whether all bytes of a word that has a key are ASCII.
pub(super) fn is_ascii(key: &Key) -> bool {
    (key[0] | key[1] | key[2]) & HIGH == 0
}

/// Calls back with every word before the text's end and its key. The text is its pieces with white
/// space between them.
#[inline(always)]
pub(super) fn for_words(pieces: &[&str], mut word: impl FnMut(&[u8], &Key)) {
    for piece in pieces {
        if for_words_of_piece(piece.as_bytes(), &mut word).is_break() {
            return;
        }
    }
}

#[inline(always)]
fn for_words_of_piece(piece: &[u8], mut word: impl FnMut(&[u8], &Key)) -> ControlFlow<()> {
    let mut rest = piece;
    loop {
        let Some((&first, after)) = rest.split_first() else {
            return ControlFlow::Continue(());
        };
        if is_space(first) {
            rest = after;
            continue;
        }
        let (len, key) = measure(rest);
        let (current, after) = rest.split_at_checked(len).unwrap_or((rest, &[]));
        if key == [END_KEY, 0, 0] {
            return ControlFlow::Break(());
        }
        word(current, &key);
        rest = after;
    }
}

const END_KEY: u64 = {
    let Some(&[a, b, c, d]) = END.first_chunk() else { panic!() };
    u64::from_le_bytes([a, b, c, d, 0, 0, 0, 0])
};

/// The length of the word at the beginning of a text, and its key.
#[inline(always)]
fn measure(rest: &[u8]) -> (usize, Key) {
    let chunk = match rest.first_chunk() {
        Some(chunk) => *chunk,
        None => padded(rest),
    };
    let part = |at: usize| {
        let part = chunk.as_chunks::<8>().0.get(at);
        u64::from_le_bytes(part.copied().unwrap_or_default())
    };
    let (a, b, c) = (part(0), part(1), part(2));
    let marked = spaces(a);
    if marked != 0 {
        return (index(marked), [before(a, marked), 0, 0]);
    }
    let marked = spaces(b);
    if marked != 0 {
        return (8 + index(marked), [a, before(b, marked), 0]);
    }
    let marked = spaces(c);
    if marked != 0 {
        return (16 + index(marked), [a, b, before(c, marked)]);
    }
    (measure_long(rest), [0; 3])
}

/// The last bytes of a text, with zeros after them, which are white space.
#[inline(never)]
fn padded(rest: &[u8]) -> [u8; 24] {
    let mut padded = [0; 24];
    for (to, from) in padded.iter_mut().zip(rest) {
        *to = *from;
    }
    padded
}

#[inline(never)]
fn measure_long(rest: &[u8]) -> usize {
    let (chunks, tail) = rest.as_chunks();
    for (at, &chunk) in chunks.iter().enumerate() {
        let marked = spaces(u64::from_le_bytes(chunk));
        if marked != 0 {
            return at * 8 + index(marked);
        }
    }
    let end = tail.iter().position(|&byte| is_space(byte));
    rest.len() - tail.len() + end.unwrap_or(tail.len())
}

/// Rows that wait to be added up, in order.
#[derive(Default)]
pub(super) struct Rows {
    /// Longer than what is used, so that words are written without asking for room each time.
    list: Vec<u32>,
    len: usize,
}

impl Rows {
    pub fn as_slice(&self) -> &[u32] {
        self.list.get(..self.len).unwrap_or_default()
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn truncate(&mut self, len: usize) {
        self.len = len.min(self.len);
    }

    #[inline(always)]
    pub fn push(&mut self, row: u32) {
        self.extend([row].into_iter());
    }

    /// Adds rows of which there are as many as the iterator says.
    #[inline(always)]
    pub fn extend(&mut self, rows: impl ExactSizeIterator<Item = u32>) {
        let count = rows.len();
        let room = self.room(count);
        for (room, row) in room.iter_mut().zip(rows) {
            *room = row;
        }
        self.len += count;
    }

    #[inline(always)]
    fn room(&mut self, count: usize) -> &mut [u32] {
        if self.list.len() - self.len < count {
            self.grow(count);
        }
        self.list.get_mut(self.len..).unwrap_or_default()
    }

    #[cold]
    fn grow(&mut self, count: usize) {
        self.list.resize((self.len + count).next_power_of_two(), 0);
    }

    #[cfg(test)]
    pub fn memory(&self) -> usize {
        self.list.capacity() * 4
    }
}

/// The words seen last with their rows, one for each slot.
#[derive(Default)]
pub(super) struct Words {
    slots: Vec<Remembered>,
}

#[derive(Clone)]
#[repr(align(64))]
struct Remembered {
    /// The number of rows is in the last byte.
    key: Key,
    rows: [u32; WORD_ROWS],
}

const COUNT_SHIFT: u32 = 8 * (KEY_BYTES as u32 % 8);

impl Words {
    pub fn begin(&mut self) {
        if self.slots.is_empty() {
            // The key of no word.
            self.slots = vec![Remembered { key: [0; 3], rows: [0; WORD_ROWS] }; REMEMBERED];
        }
    }

    #[inline(always)]
    fn slot(key: &Key) -> usize {
        let mixed = key[0] ^ key[1].rotate_left(21) ^ key[2].rotate_left(43);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> (64 - REMEMBERED.trailing_zeros())) as usize
    }

    /// Adds the rows of a word, if they are remembered. No key of zeros is.
    #[inline(always)]
    pub fn add(&self, key: &Key, rows: &mut Rows) -> bool {
        let Some(own) = self.slots.get(Self::slot(key)) else {
            return false;
        };
        let other = (own.key[0] ^ key[0])
            | (own.key[1] ^ key[1])
            | ((own.key[2] ^ key[2]) << (64 - COUNT_SHIFT));
        if other != 0 || key[0] == 0 {
            return false;
        }
        let Some(room) = rows.room(WORD_ROWS).first_chunk_mut() else {
            return false;
        };
        *room = own.rows;
        rows.len += (own.key[2] >> COUNT_SHIFT) as usize;
        true
    }

    /// Remembers the rows of a word, which stand after `begin`, if there is room for them.
    pub fn remember(&mut self, key: &Key, rows: &Rows, begin: usize) {
        let rows = rows.as_slice().get(begin..).unwrap_or_default();
        if let Some(own) = self.slots.get_mut(Self::slot(key))
            && key[0] != 0
            && rows.len() <= WORD_ROWS
        {
            for (own, row) in own.rows.iter_mut().zip(rows) {
                *own = *row;
            }
            own.key = *key;
            own.key[2] |= (rows.len() as u64) << COUNT_SHIFT;
        }
    }

    #[cfg(test)]
    pub fn memory(&self) -> usize {
        self.slots.capacity() * size_of::<Remembered>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(pieces: &[&str]) -> Vec<Vec<u8>> {
        let mut words = Vec::new();
        for_words(pieces, |word, key| {
            let mut padded = [0; 24];
            if word.len() <= KEY_BYTES {
                padded[..word.len()].copy_from_slice(word);
            }
            let bytes: Vec<u8> = key.iter().flat_map(|part| part.to_le_bytes()).collect();
            assert_eq!(bytes, padded);
            words.push(word.to_vec());
        });
        words
    }

    #[test]
    fn every_byte_is_told_from_white_space_beside_every_other() {
        for a in 0..=u8::MAX {
            for b in 0..=u8::MAX {
                let bytes = [b, a, b'x', 0x80, b, 0xFF, a, b];
                let expected = bytes.map(|byte| if is_space(byte) { 0x80 } else { 0 });
                assert_eq!(spaces(u64::from_le_bytes(bytes)), u64::from_le_bytes(expected));
            }
        }
    }

    proptest! {
        #[test]
        fn words_are_those_between_white_space(
            text in r"([ \t\n\x00\x0B\r]|[a<é가]{0,30}|</s>|𐍈|\x01|\u{2003}){0,20}",
            cut in 0_usize..40,
        ) {
            let whole = text.split(|character: char| u8::try_from(character).is_ok_and(is_space));
            let expected: Vec<Vec<u8>> = whole
                .filter(|word| !word.is_empty())
                .take_while(|word| *word != "</s>")
                .map(|word| word.as_bytes().to_vec())
                .collect();
            prop_assert_eq!(words(&[&text]), expected);
            let cut = (0..=cut.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
            let (head, tail) = text.split_at(cut.unwrap());
            prop_assert_eq!(words(&[head, tail]), words(&[&format!("{head} {tail}")]));
        }
    }
}
