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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
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
