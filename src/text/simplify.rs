//! The simplified text by which datatrove compares documents.
//!
//! Source: `simplify_text` in `utils/text.py` of datatrove 0.10.1 with its default `TextNormConfig`.
//! Its MinHash, its sentence deduplication and its decontamination go by it. In this order:
//! lower case; a number, a fraction included, becomes `0`; each character of
//! [`PUNCTUATION`] becomes a space; white space is joined to one space and
//! stripped at both ends; canonical decomposition, of which non-spacing marks are left out, and
//! what is at the ends is stripped again. Spaces that lay around a mark are not joined.

use std::sync::LazyLock;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

use super::classes::{CODE_POINTS, Pages};
use super::marks::PUNCTUATION;
use super::punctuation::is_decimal_digit;
use super::whitespace::is_python_whitespace;

/// What becomes of a character.
const SAME: u8 = 0;
/// A space.
const SPACE: u8 = 1;
/// A part of a number.
const DIGIT: u8 = 2;
/// Nothing, though it counts as a character when spaces are joined.
const MARK: u8 = 3;
/// Other characters, of the table.
const MAPPED: u8 = 4;
/// Two or three letters of a syllable of Hangul.
const HANGUL: u8 = 5;
/// A mark with room of its own, which may change places with others, so that the text goes the slow
/// way.
const MOVES: u8 = 6;
/// A capital sigma: its lower case depends on its place in the word.
const SIGMA: u8 = 7;

/// Code points below this are mapped by a look-up, others by a search.
const DENSE: usize = 0x3000;

struct Table {
    classes: Pages,
    ascii: [u8; 128],
    /// Where in `letters` the mapping of a code point starts, times 256, and how long it is.
    dense: Vec<u32>,
    sparse: Vec<(u32, u32)>,
    letters: String,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        classes: Pages::new(&[]),
        ascii: [0; 128],
        dense: vec![0; DENSE],
        sparse: Vec::new(),
        letters: String::new(),
    };
    let mut classes = vec![SAME; CODE_POINTS];
    for (code, class) in classes.iter_mut().enumerate() {
        let Some(character) = char::from_u32(code as u32) else { continue };
        *class = table.class_of(character);
    }
    for (code, byte) in table.ascii.iter_mut().enumerate() {
        let character = char::from(code as u8);
        *byte = match classes.get(code) {
            Some(&SPACE) => SPACE,
            Some(&DIGIT) => DIGIT,
            _ => character.to_ascii_lowercase() as u8,
        };
    }
    table.classes = Pages::new(&classes);
    table
});

impl Table {
    /// The class of a character; what it becomes is remembered.
    fn class_of(&mut self, character: char) -> u8 {
        if matches!(character, '가'..='힣') {
            return HANGUL;
        }
        if is_python_whitespace(character) || PUNCTUATION.contains(character) {
            // A full-width one is a digit before it is a mark.
            return if is_decimal_digit(character) { DIGIT } else { SPACE };
        }
        if is_decimal_digit(character) {
            return DIGIT;
        }
        if character == 'Σ' {
            return SIGMA;
        }
        let lower: String = character.to_lowercase().collect();
        let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(&lower);
        let left: String = decomposed.chars().filter(|&c| !is_mark(c)).collect();
        let moves = |c: char| CanonicalCombiningClassMapBorrowed::new().get_u8(c) != 0;
        if left.chars().any(moves) {
            return MOVES;
        }
        if left.chars().eq([character]) {
            return SAME;
        }
        if left.is_empty() {
            return MARK;
        }
        let entry = (self.letters.len() as u32) << 8 | left.len() as u32;
        match self.dense.get_mut(character as usize) {
            Some(slot) => *slot = entry,
            None => self.sparse.push((character.into(), entry)),
        }
        self.letters.push_str(&left);
        MAPPED
    }

    fn mapping(&self, character: char) -> &str {
        let entry = match self.dense.get(character as usize) {
            Some(&entry) => entry,
            None => {
                let at = self.sparse.binary_search_by_key(&u32::from(character), |entry| entry.0);
                at.ok().and_then(|at| self.sparse.get(at)).map_or(0, |entry| entry.1)
            }
        };
        let start = (entry >> 8) as usize;
        self.letters.get(start..start + (entry & 0xFF) as usize).unwrap_or_default()
    }
}

/// Whether a character is a non-spacing mark, general category Mn.
fn is_mark(character: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(character) == GeneralCategory::NonspacingMark
}

/// Whether a character between two numbers makes one number of them.
fn is_separator(character: char) -> bool {
    matches!(character, '.' | ',' | '،' | '٫' | '⎖' | '⎗' | '⎘')
}

/// Puts the simplified text into a buffer, replacing what it holds.
pub fn simplify_into(text: &str, out: &mut String) {
    out.clear();
    out.reserve(text.len());
    let table = &*TABLE;
    let mut space = false;
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        let class = match table.ascii.get(usize::from(byte)) {
            Some(&SPACE) => {
                space = true;
                at += 1;
                continue;
            }
            Some(&DIGIT) => DIGIT,
            Some(&letter) => {
                push_space(&mut space, out);
                out.push(char::from(letter));
                at += 1;
                continue;
            }
            None => {
                let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                    return;
                };
                let class = table.classes.get(character);
                if class == SPACE {
                    space = true;
                    at += character.len_utf8();
                    continue;
                }
                if class == MOVES {
                    *out = defined(text);
                    return;
                }
                if class == SIGMA {
                    // There is none in it then.
                    return simplify_into(&text.to_lowercase(), out);
                }
                if class != DIGIT {
                    push_space(&mut space, out);
                    at += character.len_utf8();
                    match class {
                        SAME => out.push(character),
                        MAPPED => out.push_str(table.mapping(character)),
                        HANGUL => push_hangul(character, out),
                        _ => {}
                    }
                    continue;
                }
                class
            }
        };
        debug_assert_eq!(class, DIGIT);
        push_space(&mut space, out);
        out.push('0');
        at = after_number(text, at);
    }
    let end = out.trim_end_matches(' ').len();
    out.truncate(end);
}

/// The simplified text.
///
/// # Examples
///
/// ```
/// use sapwood::text::simplify::simplify_text;
/// assert_eq!(simplify_text("3.14 apples: $2,500 — naïve café."), "0 apples 0 naive cafe");
/// ```
pub fn simplify_text(text: &str) -> String {
    let mut out = String::new();
    simplify_into(text, &mut out);
    out
}

/// Puts in a space that was seen before a character, unless there is nothing before it.
#[inline]
fn push_space(space: &mut bool, out: &mut String) {
    if std::mem::take(space) && !out.is_empty() {
        out.push(' ');
    }
}

/// Where the number ends that starts somewhere.
fn after_number(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let behind = rest.trim_start_matches(is_decimal_digit);
    let mut fraction = behind.chars();
    let fraction = match fraction.next() {
        Some(separator) if is_separator(separator) => fraction.as_str(),
        _ => behind,
    };
    let rest = match fraction.starts_with(is_decimal_digit) {
        true => fraction.trim_start_matches(is_decimal_digit),
        false => behind,
    };
    text.len() - rest.len()
}

/// The canonical decomposition of a syllable, by the arithmetic of the Unicode Standard (3.12).
fn push_hangul(syllable: char, out: &mut String) {
    let index = u32::from(syllable) - 0xAC00;
    let parts = [0x1100 + index / 588, 0x1161 + index % 588 / 28, 0x11A7 + index % 28];
    let count = if index.is_multiple_of(28) { 2 } else { 3 };
    out.extend(parts.iter().take(count).copied().filter_map(char::from_u32));
}

/// The simplified text, step by step.
fn defined(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut spaced = String::with_capacity(lower.len());
    let (mut at, mut space) = (0, false);
    while let Some(character) = lower.get(at..).and_then(|rest| rest.chars().next()) {
        if is_decimal_digit(character) {
            push_space(&mut space, &mut spaced);
            spaced.push('0');
            at = after_number(&lower, at);
            continue;
        }
        at += character.len_utf8();
        if is_python_whitespace(character) || PUNCTUATION.contains(character) {
            space = true;
        } else {
            push_space(&mut space, &mut spaced);
            spaced.push(character);
        }
    }
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(&spaced);
    let left: String = decomposed.chars().filter(|&character| !is_mark(character)).collect();
    left.trim_matches(is_python_whitespace).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;

    /// The original, with regular expressions where it has them.
    fn original(text: &str) -> String {
        let number = Regex::new(r"\p{Nd}+([.,،٫⎖⎗⎘]\p{Nd}+)?").unwrap();
        let lower = text.to_lowercase();
        let numbers = number.replace_all(&lower, "0");
        let spaced: String =
            numbers.chars().map(|c| if PUNCTUATION.contains(c) { ' ' } else { c }).collect();
        let words: Vec<&str> =
            spaced.split(is_python_whitespace).filter(|word| !word.is_empty()).collect();
        let decomposed =
            DecomposingNormalizerBorrowed::new_nfd().normalize(&words.join(" ")).into_owned();
        let left: String = decomposed.chars().filter(|&c| !is_mark(c)).collect();
        left.trim_matches(is_python_whitespace).to_owned()
    }

    #[test]
    fn the_answer_of_the_original() {
        assert_eq!(
            simplify_text(
                "Hello, World! This is a test: 3.14 apples cost $2,500 on Monday — naïve café."
            ),
            "hello world this is a test 0 apples cost 0 on monday naive cafe"
        );
    }

    #[test]
    fn every_character_is_as_by_the_original() {
        let mut text = String::new();
        for character in '\0'..=char::MAX {
            let class = TABLE.classes.get(character);
            text.clear();
            text.extend(['a', character, 'b']);
            // Others are told by their class; a regular expression for each takes long.
            if class != SAME || character.is_ascii() {
                assert_eq!(simplify_text(&text), defined(&text), "U+{:04X}", u32::from(character));
            } else {
                assert_eq!(simplify_text(&text), text);
            }
        }
    }

    #[test]
    fn spaces_around_a_mark_are_not_joined() {
        assert_eq!(simplify_text("a \u{301} b \u{301}"), "a  b");
        assert_eq!(simplify_text("\u{301} b"), "b");
        assert_eq!(simplify_text("1.2.3 \u{661}\u{66b}\u{662} 4,"), "0 0 0 0");
        assert_eq!(simplify_text("ΟΔΟΣ ΣΑ"), "οδος σα");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn texts_are_as_by_the_original(
            text in "\\PC*|[a-zA-Z0-9., \u{301}\u{661}\u{66b}é한Σ。\u{302e}\u{323}İ…１\n]{0,30}"
        ) {
            let expected = original(&text);
            prop_assert_eq!(&defined(&text), &expected);
            prop_assert_eq!(simplify_text(&text), expected);
        }
    }
}
