//! Where in a text something may begin: the one pass over all bytes.
//!
//! All that is looked for holds a digit of some script, an `@`, or a bracket before an `at`; but
//! for private keys, which have a literal of their own. So blocks of 64 bytes without any of these,
//! most of any prose, are passed over by comparisons that the compiler makes vectors of.

use super::chars::digit_value;

const BLOCK: usize = 64;
/// A digit is told by up to three bytes.
const AHEAD: usize = 2;

/// Calls `found` with the offset of every mark from left to right; it returns the offset from which
/// on the next one is wanted.
pub(super) fn marks(text: &str, mut found: impl FnMut(usize) -> usize) {
    let bytes = text.as_bytes();
    let mut wanted = 0;
    let mut block = 0;
    while block < bytes.len() {
        let end = (block + BLOCK).min(bytes.len());
        if wanted >= end {
            block = end.max(wanted - wanted % BLOCK);
            continue;
        }
        let full: Option<&[u8; BLOCK + AHEAD]> =
            bytes.get(block..end + AHEAD).and_then(|window| window.try_into().ok());
        if full.is_none_or(may_hold) {
            let mut at = block.max(wanted);
            while at < end {
                let kind = bytes.get(at).map_or(Kind::Never, |&byte| KINDS[usize::from(byte)]);
                if kind == Kind::Mark || (kind == Kind::Perhaps && is_mark(text, at)) {
                    wanted = found(at).max(at + 1);
                    at = wanted;
                } else {
                    at += 1;
                }
            }
        }
        block = end;
    }
}

/// Whether a byte alone is a mark.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Never,
    /// It takes the bytes after it to tell.
    Perhaps,
    Mark,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Never; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' | b'@' => Kind::Mark,
            b'(' | b'[' | b'{' | b'<' => Kind::Perhaps,
            0xD9 | 0xDB | 0xDF | 0xE0 | 0xE1 | 0xEA | 0xEF | 0xF0 => Kind::Perhaps,
            _ => Kind::Never,
        };
        byte += 1;
    }
    kinds
};

/// Whether any byte of a block may be a mark; errs on the side of yes.
fn may_hold(window: &[u8; BLOCK + AHEAD]) -> bool {
    let mut any = false;
    for at in 0..BLOCK {
        any |= may_be(window[at], window[at + 1], window[at + 2]);
    }
    any
}

/// A byte and the two after it.
#[inline(always)]
fn may_be(byte: u8, next: u8, third: u8) -> bool {
    let within = |byte: u8, first: u8, last: u8| byte.wrapping_sub(first) <= last - first;
    let ascii = within(byte, b'0', b'9') | (byte == b'@');
    let bracket = ((byte == b'(') | (byte == b'[') | (byte == b'{') | (byte == b'<'))
        & ((next | 0x20 == b'a') | (next == b' '));
    // Arabic-Indic, its eastern form, N'Ko.
    let two = (byte == 0xD9) & within(next, 0xA0, 0xA9)
        | (byte == 0xDB) & within(next, 0xB0, 0xB9)
        | (byte == 0xDF) & within(next, 0x80, 0x89);
    // The scripts of India in every other 64 code points; Thai, Lao, Tibetan.
    let indic = (byte == 0xE0)
        & ((next >= 0xA5) & (next & 1 == 1) & within(third, 0xA6, 0xAF)
            | ((next == 0xB9) | (next == 0xBB)) & within(third, 0x90, 0x99)
            | (next == 0xBC) & within(third, 0xA0, 0xA9));
    let wide = (byte == 0xEF) & (next == 0xBC) & within(third, 0x90, 0x99);
    // Myanmar, Khmer, Mongolian and rarer ones; not Ethiopic, Georgian, Vietnamese.
    let rare = (byte == 0xE1)
        & ((next == 0x81) | (next == 0x82) | within(next, 0x9F, 0xA0) | within(next, 0xA5, 0xB1))
        | (byte == 0xEA) & within(next, 0x98, 0xAF)
        | (byte == 0xF0) & (within(next, 0x90, 0x9E) | (next == 0x9F) & (third == 0xAF));
    ascii | bracket | two | indic | wide | rare
}

/// Whether there is a mark at a byte of which the first look does not tell.
fn is_mark(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    match byte(at) {
        b'(' | b'[' | b'{' | b'<' => matches!(byte(at + 1), b'a' | b'A' | b' '),
        0x80.. if may_be(byte(at), byte(at + 1), byte(at + 2)) => text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(|character| digit_value(character).is_some()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_found_wherever_it_stands() {
        for character in ('\0'..=char::MAX).filter(|character| digit_value(*character).is_some()) {
            for before in [0, 61, 62, 63] {
                let text = format!("{}{character}{}", "x".repeat(before), "y".repeat(80));
                let mut found = Vec::new();
                marks(&text, |at| {
                    found.push(at);
                    at
                });
                assert_eq!(found, [before], "U+{:04X}", character as u32);
            }
        }
    }

    #[test]
    fn what_is_not_wanted_is_passed_over() {
        let text = "1".repeat(500);
        let mut found = Vec::new();
        marks(&text, |at| {
            found.push(at);
            at + 130
        });
        assert_eq!(found, [0, 130, 260, 390]);
    }
}
