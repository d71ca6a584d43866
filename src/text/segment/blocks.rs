//! Words of alphabetic text, 64 bytes at a time: which bytes belong to words, a bit each, and then only
//! where that changes.
//!
//! Blocks know ASCII, the plain letters of Latin, Greek and Cyrillic and the most common punctuation
//! beyond ASCII. They end before any other character.

use super::words::Word;
#[cfg(test)]
use super::words::steps;

const BLOCK: usize = 64;
/// The fewest bytes of ASCII that a pause is ended for.
const WORTH: usize = 2 * BLOCK;
/// The most bytes that go by before blocks are tried again.
const LONGEST_PAUSE: usize = 32 * BLOCK;

/// Where blocks end to be of use.
pub(super) struct Stopped {
    /// The boundary from which the words have not been visited.
    pub boundary: usize,
    /// Up to here the text was looked at.
    pub seen: usize,
}

/// When blocks are tried again after they ended.
pub(super) struct Pause(usize);

impl Pause {
    pub fn new() -> Self {
        Self(BLOCK)
    }

    /// Where to try again: behind the character that ended the blocks. If they were of little use, it
    /// is where ASCII begins or farther away, so that text which they do not know costs no more than
    /// it does without them.
    pub fn until(&mut self, from: usize, stopped: &Stopped, bytes: &[u8]) -> usize {
        let seen = stopped.seen;
        let until = if seen - from >= BLOCK {
            self.0 = BLOCK;
            seen + 1
        } else {
            self.0 = LONGEST_PAUSE.min(2 * self.0);
            let rest = bytes.get(seen..).unwrap_or_default();
            let is_ascii = |&at: &usize| {
                rest.get(at..)
                    .and_then(|rest| rest.first_chunk::<WORTH>())
                    .is_some_and(|b| b.is_ascii())
            };
            seen + (BLOCK..self.0).step_by(BLOCK).find(is_ascii).unwrap_or(self.0)
        };
        if until + BLOCK > bytes.len() { bytes.len() } else { until }
    }
}

/// Bits of the bytes of a block, the first the lowest.
#[derive(Clone, Copy, Default)]
struct Masks {
    /// It is part of a word.
    word: u64,
    letter: u64,
    digit: u64,
    /// It makes a word of a segment.
    alphanumeric: u64,
    /// It is not the first byte of its character.
    continuation: u64,
}

/// What the last character before a block is.
#[derive(Clone, Copy, Default)]
struct Before {
    letter: bool,
    digit: bool,
}

/// Gathers a bit of each byte.
#[inline(always)]
fn gather(flags: &[u8; BLOCK], bit: u32) -> u64 {
    let mut mask = 0;
    for (index, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        let lowest = (u64::from_le_bytes(*eight) >> bit) & 0x0101_0101_0101_0101;
        mask |= (lowest.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index);
    }
    mask
}

#[inline(always)]
fn is_letter(byte: u8) -> bool {
    (byte | 0x20).wrapping_sub(b'a') < 26
}

#[inline(always)]
fn is_space(byte: u8) -> bool {
    (byte == b' ') | (byte.wrapping_sub(9) < 5) | (byte.wrapping_sub(0x1C) < 4)
}

/// The flags of UAX #29: letter, digit, low line, joined between letters, joined between digits.
#[inline(always)]
fn unicode_flags(byte: u8) -> u8 {
    let quote_or_stop = (byte == b'\'') | (byte == b'.');
    u8::from(is_letter(byte))
        | u8::from(byte.wrapping_sub(b'0') < 10) << 1
        | u8::from(byte == b'_') << 2
        | u8::from(quote_or_stop | (byte == b':')) << 3
        | u8::from(quote_or_stop | (byte == b',') | (byte == b';')) << 4
}

/// The flags of white space: letter, space.
#[inline(always)]
fn whitespace_flags(byte: u8) -> u8 {
    u8::from(is_letter(byte)) | u8::from(is_space(byte)) << 1
}

/// Letters have the same flag, the lowest, in and beyond ASCII.
const LETTER: u32 = 0;
/// The byte is not the first of its character.
const CONTINUATION: u32 = 5;
/// The last byte of a no-break space or of a single quotation mark.
const SPECIAL: u32 = 6;
/// The character is none that blocks know.
const UNKNOWN: u32 = 7;

/// The flags of a byte beyond ASCII after another.
///
/// Of the characters of two bytes, those with lead bytes C3 to CA and CE to D3 are letters but for
/// some, and some of those with C2 are no part of words. Of three bytes there are the letters U+1E00 to
/// U+1EFF, and U+2010 to U+2023, U+2025 and U+2026, which are neither but for the single quotation
/// marks.
#[inline(always)]
fn other_flags<const UNICODE: bool>(byte: u8, before: u8) -> u8 {
    let leads_letter = |lead: u8| (lead.wrapping_sub(0xC3) < 8) | (lead.wrapping_sub(0xCE) < 6);
    let continuation = byte.wrapping_sub(0x80) < 0x40;
    let high = byte >= 0x80;
    let second_of_letter = continuation & leads_letter(before);
    let no_letter = ((before == 0xC3) & (byte | 0x20 == 0xB7))
        | ((before == 0xCE)
            & (((byte < 0x88) & (byte != 0x86))
                | (byte == 0x8B)
                | (byte == 0x8D)
                | (byte == 0xA2)))
        | ((before == 0xCF) & (byte == 0xB6))
        | ((before == 0xD2) & (byte < 0x8A));
    let sign = (byte.wrapping_sub(0xA0) < 10)
        | (byte | 0x10 == 0xBB)
        | (byte.wrapping_sub(0xAE) < 4)
        | (byte == 0xBF);
    let third = continuation & (before.wrapping_sub(0x80) < 0x40);
    let additional = |second: u8| second.wrapping_sub(0xB8) < 4;
    let third_of_letter = third & additional(before);
    let mark =
        (before == 0x80) & ((byte.wrapping_sub(0x90) < 0x14) | (byte.wrapping_sub(0xA5) < 2));
    let known = ((!continuation)
        & (leads_letter(byte) | (byte == 0xC2) | (byte == 0xE1) | (byte == 0xE2)))
        | (second_of_letter & !no_letter)
        | (continuation & (before == 0xC2) & sign)
        | (continuation & (before == 0xE2) & (byte == 0x80))
        | (continuation & (before == 0xE1) & additional(byte))
        | third_of_letter
        | (third & mark);
    let special = if UNICODE {
        third & mark & (byte & 0xFE == 0x98)
    } else {
        continuation & (before == 0xC2) & (byte == 0xA0)
    };
    let letter = leads_letter(byte)
        | second_of_letter
        | (byte == 0xE1)
        | (continuation & (before == 0xE1))
        | third_of_letter;
    u8::from(high & letter) << LETTER
        | u8::from(continuation) << CONTINUATION
        | u8::from(special) << SPECIAL
        | u8::from(high & !known) << UNKNOWN
}

/// The masks of a block. By UAX #29, letters, digits and the low line are joined to each other, and
/// so are two letters with one of `'.:’` between them and two digits with one of `'.,;’` (WB5 to
/// WB13b). By white space, all else.
#[inline(always)]
fn masks<const UNICODE: bool>(
    flags: &[u8; BLOCK],
    before: Before,
    after: u8,
    is_ascii: bool,
) -> Masks {
    let (continuation, special) =
        if is_ascii { (0, 0) } else { (gather(flags, CONTINUATION), gather(flags, SPECIAL)) };
    let (letter, second) = (gather(flags, LETTER), gather(flags, 1));
    if !UNICODE {
        let space = second | special | special >> 1;
        let word = !space;
        return Masks { word, letter, digit: 0, alphanumeric: u64::MAX, continuation };
    }
    let digit = second;
    let between = |mask: u64, before: bool, after: bool| {
        (mask << 1 | u64::from(before)) & (mask >> 1 | u64::from(after) << 63)
    };
    let letters = between(letter, before.letter, is_letter(after));
    let digits = between(digit, before.digit, after.wrapping_sub(b'0') < 10);
    let mut middle = letters & gather(flags, 3) | digits & gather(flags, 4);
    if special != 0 {
        let around =
            |mask: u64, before: bool| (mask << 3 | u64::from(before) << 2) & (mask >> 1) & special;
        let quotes = around(letter, before.letter) | around(digit, before.digit);
        middle |= quotes | quotes >> 1 | quotes >> 2;
    }
    let alphanumeric = letter | digit;
    Masks {
        word: alphanumeric | gather(flags, 2) | middle,
        letter,
        digit,
        alphanumeric,
        continuation,
    }
}

/// The lowest bits.
#[inline(always)]
fn low(bits: usize) -> u64 {
    if bits >= 64 { u64::MAX } else { (1 << bits) - 1 }
}

/// The highest of the bits below a place; zero if there is none.
#[inline(always)]
fn last_below(mask: u64, place: usize) -> usize {
    (63 - (mask & low(place) | 1).leading_zeros()) as usize
}

/// How many bytes of a block can be judged. A character is left for the next block if what follows it
/// is not wholly in this one, or not known. And whether there is something unknown.
#[inline(always)]
fn judged(block: &[u8; BLOCK], flags: &[u8; BLOCK], continuation: u64) -> (usize, bool) {
    let starts = !continuation;
    let unknown = gather(flags, UNKNOWN);
    let end = if unknown != 0 {
        last_below(starts, unknown.trailing_zeros() as usize + 1)
    } else {
        let last = last_below(starts, BLOCK);
        let length = match block[last] {
            0..0x80 => 1,
            0x80..0xE0 => 2,
            _ => 3,
        };
        if last + length > BLOCK { last } else { BLOCK }
    };
    (last_below(starts, end), unknown != 0)
}

/// A word that is not ended yet: where it starts, its bytes that are not the first of a character,
/// whether it has a letter and whether it is a word.
#[derive(Clone, Copy)]
struct Open {
    start: usize,
    continuations: u32,
    has_alpha: bool,
    is_word: bool,
}

impl Open {
    #[inline(always)]
    fn end(self, end: usize, visit: &mut impl FnMut(Word)) {
        if self.is_word {
            let characters = (end - self.start) as u32 - self.continuations;
            visit(Word { start: self.start, end, characters, has_alpha: self.has_alpha });
        }
    }
}

/// Visits the words from a boundary on, by UAX #29 or by white space, block after block as long as
/// there are whole blocks and all characters are known.
pub(super) fn words<const UNICODE: bool>(
    bytes: &[u8],
    from: usize,
    visit: &mut impl FnMut(Word),
) -> Stopped {
    let mut base = from;
    let mut open: Option<Open> = None;
    let mut last_end = from;
    // Nothing before the boundary matters.
    let mut before = Before::default();
    while let Some((block, rest)) =
        bytes.get(base..).and_then(|rest| rest.split_first_chunk::<BLOCK>())
    {
        let after = rest.first().copied().unwrap_or_default();
        #[cfg(test)]
        steps::add(BLOCK as u64);
        let flags =
            block.map(|byte| if UNICODE { unicode_flags(byte) } else { whitespace_flags(byte) });
        let is_ascii = block.is_ascii() && after.is_ascii();
        let (masks, used, is_last) = if is_ascii {
            (masks::<UNICODE>(&flags, before, after, true), BLOCK, false)
        } else {
            let mut previous = [0; BLOCK];
            previous[1..].copy_from_slice(&block[..BLOCK - 1]);
            let mut all = flags;
            for ((flags, &byte), &before) in all.iter_mut().zip(block).zip(&previous) {
                *flags |= other_flags::<UNICODE>(byte, before);
            }
            let mut masks = masks::<UNICODE>(&all, before, 0, false);
            let (used, is_last) = judged(block, &all, masks.continuation);
            let kept = low(used);
            masks.word &= kept;
            masks.letter &= kept;
            masks.digit &= kept;
            masks.alphanumeric &= kept;
            masks.continuation &= kept;
            (masks, used, is_last)
        };
        if used == 0 {
            break;
        }
        before = Before {
            letter: masks.letter >> (used - 1) & 1 != 0,
            digit: masks.digit >> (used - 1) & 1 != 0,
        };

        let part_of = |start: usize, part: u64| Open {
            start,
            continuations: match masks.continuation {
                0 => 0,
                continuation => (continuation & part).count_ones(),
            },
            has_alpha: masks.letter & part != 0,
            is_word: masks.alphanumeric & part != 0,
        };
        let shifted = masks.word << 1 | u64::from(open.is_some());
        let mut starts = masks.word & !shifted;
        let mut ends = !masks.word & shifted & low(used);
        if let Some(word) = open.take() {
            // What goes on from the block before ends at the first end, or not at all.
            let more = part_of(word.start, ends.wrapping_sub(1) & !ends);
            let word = Open {
                start: word.start,
                continuations: word.continuations + more.continuations,
                has_alpha: word.has_alpha || more.has_alpha,
                is_word: word.is_word || more.is_word,
            };
            if ends == 0 {
                open = Some(word);
            } else {
                last_end = base + ends.trailing_zeros() as usize;
                ends &= ends - 1;
                word.end(last_end, visit);
            }
        }
        while ends != 0 {
            let (start, end) = (starts.trailing_zeros(), ends.trailing_zeros());
            let part = (1_u64 << end).wrapping_sub(1_u64.wrapping_shl(start));
            last_end = base + end as usize;
            starts &= starts.wrapping_sub(1);
            ends &= ends - 1;
            part_of(base + start as usize, part).end(last_end, visit);
        }
        if starts != 0 {
            let start = starts.trailing_zeros();
            open = Some(part_of(base + start as usize, u64::MAX << start));
        }
        base += used;
        if is_last {
            break;
        }
    }
    Stopped { boundary: open.map_or(last_end, |word| word.start), seen: base }
}
