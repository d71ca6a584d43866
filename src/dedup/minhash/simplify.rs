//! The normalisation of datatrove's deduplicators.
//!
//! Source: `simplify_text` in `utils/text.py` of datatrove 0.10.1 with its default configuration.

use std::sync::LazyLock;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

use crate::text::case::ChangesInLowerCase;
use crate::text::classes::{Classes, DECIMAL, WHITESPACE};
use crate::text::marks::PUNCTUATION;

/// What may stand between the digits of a number.
fn is_separator(character: char) -> bool {
    matches!(character, '.' | ',' | '،' | '٫' | '⎖' | '⎗' | '⎘')
}

/// What an ASCII character becomes: itself, `0` for a digit, a space for white space or punctuation.
static ASCII: [u8; 128] = {
    let mut table = [b' '; 128];
    let mut byte = 0;
    while byte < 128 {
        let character = byte as u8;
        if character.is_ascii_alphabetic() {
            table[byte] = character.to_ascii_lowercase();
        } else if character.is_ascii_digit() {
            table[byte] = b'0';
        }
        byte += 1;
    }
    table
};

/// Room for [`simplify`], used again from one text to the next.
#[derive(Debug, Default)]
pub struct Room {
    lower: String,
    spaced: String,
}

impl Room {
    /// A text in lower case.
    pub fn lower(&mut self, text: &str) -> &str {
        ChangesInLowerCase::get().lower_into(text, &mut self.lower);
        &self.lower
    }
}

static NONSPACING: LazyLock<Nonspacing> = LazyLock::new(Nonspacing::new);

/// The characters of general category Mn, a bit each for those in the planes that have some.
struct Nonspacing(Vec<u64>);

impl Nonspacing {
    const PLANES: usize = 0x2_0000;
    /// Selectors of variants, the only ones beyond: U+E0100 to U+E01EF.
    const SELECTORS: std::ops::RangeInclusive<char> = '\u{e0100}'..='\u{e01ef}';

    fn new() -> Self {
        let categories = CodePointMapData::<GeneralCategory>::new();
        let mut bits = vec![0_u64; Self::PLANES / 64];
        for (index, word) in bits.iter_mut().enumerate() {
            for bit in 0..64 {
                let code = (index * 64 + bit) as u32;
                if categories.get32(code) == GeneralCategory::NonspacingMark {
                    *word |= 1 << bit;
                }
            }
        }
        Self(bits)
    }

    #[inline]
    fn contains(&self, character: char) -> bool {
        let code = character as usize;
        match self.0.get(code / 64) {
            Some(bits) => bits >> (code % 64) & 1 != 0,
            None => Self::SELECTORS.contains(&character),
        }
    }
}

/// Puts a text into a buffer in lower case, with `0` for every number, a space for every run of
/// white space and punctuation, and without diacritics.
pub fn simplify(text: &str, room: &mut Room, out: &mut String) {
    out.clear();
    if text.is_ascii() {
        spaces(text.as_bytes(), out);
        return;
    }
    ChangesInLowerCase::get().lower_into(text, &mut room.lower);
    room.spaced.clear();
    numbers_and_spaces(&room.lower, &mut room.spaced);
    let marks = &*NONSPACING;
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(&room.spaced);
    // What decomposes to nothing but marks leaves a gap of two spaces, as in the original.
    let mut rest = decomposed.trim_matches(' ');
    while !rest.is_empty() {
        let ascii = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let (plain, others) = rest.split_at(ascii);
        out.push_str(plain);
        let others_end = others.bytes().position(|byte| byte.is_ascii()).unwrap_or(others.len());
        let (others, after) = others.split_at(others_end);
        out.extend(others.chars().filter(|&character| !marks.contains(character)));
        rest = after;
    }
    let end = out.trim_end().len();
    out.truncate(end);
    let start = out.len() - out.trim_start().len();
    out.drain(..start);
}

/// [`simplify`] for texts of ASCII.
fn spaces(text: &[u8], out: &mut String) {
    let mut last = b' ';
    let mut at = 0;
    out.reserve(text.len());
    while let Some(&byte) = text.get(at) {
        at += 1;
        let simple = ASCII.get(usize::from(byte)).copied().unwrap_or(b' ');
        if simple == b'0' {
            at = number_end(text, at);
        }
        if simple != b' ' || last != b' ' {
            out.push(char::from(simple));
        }
        last = simple;
    }
    let end = out.trim_end_matches(' ').len();
    out.truncate(end);
}

/// Where a number of ASCII ends, of which one digit was read.
fn number_end(text: &[u8], at: usize) -> usize {
    let digits = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())
    };
    let end = digits(at);
    match text.get(end) {
        Some(b'.' | b',') if text.get(end + 1).is_some_and(u8::is_ascii_digit) => digits(end + 1),
        _ => end,
    }
}

/// Replaces numbers, punctuation and white space in a text in lower case.
fn numbers_and_spaces(text: &str, out: &mut String) {
    let classes = Classes::get();
    let is_digit = |character: char| classes.of(character) & DECIMAL != 0;
    let mut space = true;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let class = classes.of(character);
        if class & DECIMAL != 0 {
            while characters.clone().next().is_some_and(is_digit) {
                characters.next();
            }
            let mut after = characters.clone();
            if after.next().is_some_and(is_separator) && after.next().is_some_and(is_digit) {
                while after.clone().next().is_some_and(is_digit) {
                    after.next();
                }
                characters = after;
            }
            out.push('0');
            space = false;
        } else if class & WHITESPACE != 0 || PUNCTUATION.contains(character) {
            if !std::mem::replace(&mut space, true) {
                out.push(' ');
            }
        } else {
            out.push(character);
            space = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn simplified(text: &str) -> String {
        let mut out = String::new();
        simplify(text, &mut Room::default(), &mut out);
        out
    }

    /// Answers of datatrove 0.10.1.
    #[test]
    fn texts_are_simplified_as_datatrove_does() {
        for (text, expected) in [
            (
                "Hello, World! This is a test: 3.14 apples cost $2,500 on Monday — naïve café.",
                "hello world this is a test 0 apples cost 0 on monday naive cafe",
            ),
            ("1.2.3 and 1,2٣ x1y", "0 0 and 0 x0y"),
            ("ΟΔΟΣ İstanbul", "οδος istanbul"),
            ("हिन्दी में", "हिनदी म"),
            ("  \u{1f}a\u{85}b\u{a0}c ", "a b c"),
            ("!?", ""),
        ] {
            assert_eq!(simplified(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_fast_path_equals_the_general_one(text in "[ -~\\n\\t\u{1f}]{0,60}|[0-9., a]{0,30}") {
            let fast = simplified(&text);
            let mut lower = String::new();
            numbers_and_spaces(&text.to_lowercase(), &mut lower);
            prop_assert_eq!(fast, lower.trim());
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,40}") {
            simplified(&text);
        }
    }
}
