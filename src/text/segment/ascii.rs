//! Words of ASCII text, 64 bytes at a time: which bytes belong to words, a bit each, and then only
//! where that changes.

use super::words::Word;
#[cfg(test)]
use super::words::steps;

const BLOCK: usize = 64;
/// The fewest bytes of ASCII that are worth it.
const WORTH: usize = 2 * BLOCK;

/// The first place, at `from` or a whole number of blocks after it, where ASCII begins that is long
/// enough to be cut in blocks; the length if there is none.
pub(super) fn next_stretch(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(stretch) = bytes.get(at..).and_then(|rest| rest.first_chunk::<WORTH>()) {
        if stretch.is_ascii() {
            return at;
        }
        at += BLOCK;
    }
    bytes.len()
}

/// Where blocks end to be of use.
pub(super) struct Stopped {
    /// The boundary from which the words have not been visited.
    pub boundary: usize,
    /// Before it, all is ASCII.
    pub ascii_until: usize,
}

/// Bits of the bytes of a block, the first the lowest.
#[derive(Clone, Copy, Default)]
struct Masks {
    /// It is part of a word.
    word: u64,
    letter: u64,
    /// It makes a word of a segment.
    alphanumeric: u64,
}

/// What stands next to a block.
#[derive(Clone, Copy)]
struct Around {
    before: u8,
    after: u8,
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

/// By UAX #29: letters, digits and the low line are joined to each other, and so are two letters with
/// one of `'.:` between them and two digits with one of `'.,;` (WB5 to WB13b).
#[inline(always)]
fn unicode(block: &[u8; BLOCK], around: Around) -> Masks {
    let flags = block.map(|byte| {
        let quote_or_stop = byte == b'\'' || byte == b'.';
        u8::from((byte | 0x20).wrapping_sub(b'a') < 26)
            | u8::from(byte.wrapping_sub(b'0') < 10) << 1
            | u8::from(byte == b'_') << 2
            | u8::from(quote_or_stop || byte == b':') << 3
            | u8::from(quote_or_stop || byte == b',' || byte == b';') << 4
    });
    let (letter, digit) = (gather(&flags, 0), gather(&flags, 1));
    let between = |mask: u64, before: bool, after: bool| {
        (mask << 1 | u64::from(before)) & (mask >> 1 | u64::from(after) << 63)
    };
    let Around { before, after } = around;
    let letters = between(letter, before.is_ascii_alphabetic(), after.is_ascii_alphabetic());
    let digits = between(digit, before.is_ascii_digit(), after.is_ascii_digit());
    let middle = letters & gather(&flags, 3) | digits & gather(&flags, 4);
    let alphanumeric = letter | digit;
    Masks { word: alphanumeric | gather(&flags, 2) | middle, letter, alphanumeric }
}

/// By white space: all else.
#[inline(always)]
fn whitespace(block: &[u8; BLOCK]) -> Masks {
    let flags = block.map(|byte| {
        let space = byte == b' ' || byte.wrapping_sub(9) < 5 || byte.wrapping_sub(0x1C) < 4;
        u8::from(!space) | u8::from((byte | 0x20).wrapping_sub(b'a') < 26) << 1
    });
    Masks { word: gather(&flags, 0), letter: gather(&flags, 1), alphanumeric: u64::MAX }
}

/// Visits the words from a boundary on, by UAX #29 or by white space, block after block as long as a
/// block and the byte after it are ASCII and there is a whole block.
pub(super) fn words<const UNICODE: bool>(
    bytes: &[u8],
    from: usize,
    visit: &mut impl FnMut(Word),
) -> Stopped {
    let mut base = from;
    // Where the word that is not ended yet starts, and what it has.
    let mut open: Option<(usize, bool, bool)> = None;
    let mut last_end = from;
    // Nothing before the boundary matters.
    let mut before = 0;
    while let Some((block, rest)) =
        bytes.get(base..).and_then(|rest| rest.split_first_chunk::<BLOCK>())
    {
        let after = rest.first().copied().unwrap_or_default();
        if !(block.is_ascii() && after.is_ascii()) {
            break;
        }
        #[cfg(test)]
        steps::add(BLOCK as u64);
        let masks =
            if UNICODE { unicode(block, Around { before, after }) } else { whitespace(block) };
        before = block[BLOCK - 1];

        let shifted = masks.word << 1 | u64::from(open.is_some());
        let (mut starts, mut ends) = (masks.word & !shifted, !masks.word & shifted);
        if let Some((start, has_alpha, is_word)) = open.take() {
            // What goes on from the block before ends at the first end, or not at all.
            let part = ends.wrapping_sub(1) & !ends;
            let has_alpha = has_alpha || masks.letter & part != 0;
            let is_word = is_word || masks.alphanumeric & part != 0;
            if ends == 0 {
                open = Some((start, has_alpha, is_word));
            } else {
                last_end = base + ends.trailing_zeros() as usize;
                ends &= ends - 1;
                if is_word {
                    visit(word(start, last_end, has_alpha));
                }
            }
        }
        while ends != 0 {
            let (start, end) = (starts.trailing_zeros(), ends.trailing_zeros());
            let part = (1_u64 << end).wrapping_sub(1_u64.wrapping_shl(start));
            last_end = base + end as usize;
            starts &= starts.wrapping_sub(1);
            ends &= ends - 1;
            if masks.alphanumeric & part != 0 {
                visit(word(base + start as usize, last_end, masks.letter & part != 0));
            }
        }
        if starts != 0 {
            let start = starts.trailing_zeros();
            let part = u64::MAX << start;
            let has_alpha = masks.letter & part != 0;
            let is_word = masks.alphanumeric & part != 0;
            open = Some((base + start as usize, has_alpha, is_word));
        }
        base += BLOCK;
    }
    Stopped { boundary: open.map_or(last_end, |(start, ..)| start), ascii_until: base }
}

#[inline(always)]
fn word(start: usize, end: usize, has_alpha: bool) -> Word {
    Word { start, end, characters: (end - start) as u32, has_alpha }
}
