//! Words as ROOTS cut them: at spaces, tabs and line feeds, and at nothing else.

use super::words::Word;
use crate::text::classes::{ALPHA, Classes};

/// Which bytes of a block are spaces, tabs or line feeds, a bit each.
#[inline]
fn separators(block: &[u8; 64]) -> u64 {
    let flags = block
        .map(|byte| u8::from(byte == b' ') | u8::from(byte == b'\t') | u8::from(byte == b'\n'));
    let mut mask = 0;
    for (index, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // Gathers the lowest bits of eight bytes in the uppermost byte.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= bits << (8 * index);
    }
    mask
}

/// Visits what stands between spaces, tabs and line feeds.
///
/// Source: BigScience's OSCAR filter (repository `data_tooling`, 2022), `split_on_newline_tab_whitespace`.
///
/// # Examples
///
/// ```
/// use sapwood::text::segment::spaced_words;
/// let text = "Don't\tpay\u{A0}$3.50\n";
/// let mut words = Vec::new();
/// spaced_words(text, |word| words.push(&text[word.range()]));
/// assert_eq!(words, ["Don't", "pay\u{A0}$3.50"]);
/// ```
pub fn spaced_words(text: &str, mut visit: impl FnMut(Word)) {
    let bytes = text.as_bytes();
    let classes = Classes::get();
    let mut start = 0;
    let mut end_at = |end: usize| {
        if start < end {
            let word = text.get(start..end).unwrap_or_default();
            let characters = word.chars().count() as u32;
            let has_alpha = word.chars().any(|character| classes.of(character) & ALPHA != 0);
            visit(Word { start, end, characters, has_alpha });
        }
        start = end + 1;
    };
    let (blocks, rest) = bytes.as_chunks::<64>();
    for (index, block) in blocks.iter().enumerate() {
        let mut mask = separators(block);
        while mask != 0 {
            end_at(index * 64 + mask.trailing_zeros() as usize);
            mask &= mask - 1;
        }
    }
    let rest_start = bytes.len() - rest.len();
    for (index, byte) in rest.iter().enumerate() {
        if matches!(byte, b' ' | b'\t' | b'\n') {
            end_at(rest_start + index);
        }
    }
    end_at(bytes.len());
}

/// Whether a byte ends white space of Python's `str.split` that is neither space, tab nor line feed,
/// by the two bytes before it.
#[inline(always)]
fn ends_other_space(byte: u8, before: u8, first: u8) -> bool {
    let control = (byte.wrapping_sub(0x0B) < 3) | (byte.wrapping_sub(0x1C) < 4);
    let latin = (before == 0xC2) & ((byte == 0x85) | (byte == 0xA0));
    let general = (byte.wrapping_sub(0x80) < 11) | (byte & 0xFE == 0xA8) | (byte == 0xAF);
    let three = (first == 0xE2) & (before == 0x80) & general
        | (first == 0xE2) & (before == 0x81) & (byte == 0x9F)
        | (first == 0xE3) & (before == 0x80) & (byte == 0x80)
        | (first == 0xE1) & (before == 0x9A) & (byte == 0x80);
    control | latin | three
}

/// Whether a text has white space of Python's `str.split` besides space, tab and line feed. If it has
/// not, [`spaced_words`] are [`whitespace_words`](super::whitespace_words).
///
/// # Examples
///
/// ```
/// use sapwood::text::segment::has_other_spaces;
/// assert!(!has_other_spaces("a b\tc\nd"));
/// assert!(has_other_spaces("a\r\nb") && has_other_spaces("a\u{3000}b"));
/// ```
pub fn has_other_spaces(text: &str) -> bool {
    let bytes = text.as_bytes();
    let any = |bytes: &[u8], before: &[u8], first: &[u8]| {
        let all = bytes.iter().zip(before).zip(first);
        all.fold(false, |any, ((&byte, &before), &first)| {
            any | ends_other_space(byte, before, first)
        })
    };
    // Not of the text: what comes before its first bytes.
    let (start, rest) = bytes.split_at(bytes.len().min(2));
    if any(start, &[0, start.first().copied().unwrap_or_default()], &[0, 0]) {
        return true;
    }
    let (before, first) = (bytes.get(1..).unwrap_or_default(), bytes);
    let chunks = rest.chunks(64).zip(before.chunks(64)).zip(first.chunks(64));
    chunks.into_iter().any(|((bytes, before), first)| any(bytes, before, first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::segment::whitespace_words;
    use crate::text::whitespace::is_python_whitespace;
    use proptest::prelude::*;

    #[test]
    fn every_other_space_is_found() {
        for character in '\0'..=char::MAX {
            let other = is_python_whitespace(character) && !" \t\n".contains(character);
            let few = character < '\u{3100}';
            for length in if few { 0..6 } else { 0..1 } {
                let text = "é".repeat(length) + &character.to_string();
                assert_eq!(has_other_spaces(&text), other, "{character:?}");
                assert_eq!(has_other_spaces(&(text + " a")), other, "{character:?}");
            }
            for length in if few { 60..67 } else { 0..0 } {
                let text = "a ".repeat(length).chars().skip(length % 2).collect::<String>();
                let text = format!("{text}{character}{text}");
                assert_eq!(has_other_spaces(&text), other, "{character:?}");
            }
        }
        assert!(!has_other_spaces(""));
    }

    proptest! {
        #[test]
        fn without_other_spaces_both_cut_alike(text in "[ab1é中 \t\n\u{A0}\r\u{3000}]{0,8}|[a-zé中 \t\n]{0,200}") {
            let (mut spaced, mut python) = (Vec::new(), Vec::new());
            spaced_words(&text, |word| spaced.push(word));
            whitespace_words(&text, |word| python.push(word));
            if !has_other_spaces(&text) {
                prop_assert_eq!(spaced, python);
            } else {
                let found = text.contains(['\u{A0}', '\r', '\u{3000}']);
                prop_assert!(found);
            }
        }

        #[test]
        fn words_are_what_stands_between(text in "[ab1é \t\n\u{A0}\r]{0,200}") {
            let mut found = Vec::new();
            spaced_words(&text, |word| {
                let letters = text[word.range()].chars().any(char::is_alphabetic);
                assert_eq!(word.has_alpha, letters);
                assert_eq!(word.characters as usize, text[word.range()].chars().count());
                found.push(&text[word.range()]);
            });
            let expected: Vec<&str> =
                text.split([' ', '\t', '\n']).filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
