//! The punctuation map and the full normalisation of the ROOTS filter.
//!
//! Source: BigScience's OSCAR filter (repository `data_tooling`, 2022), which has the map from the
//! normalisation scripts of cc_net and Moses.

use std::borrow::Cow;

use crate::text::case::ChangesInLowerCase;
use crate::text::whitespace::{is_uniform_whitespace, python_strip};

/// The first of each run of ten characters of the general category `Nd`, Unicode 16 and 17; a test
/// holds it against the tables of the `regex` crate.
#[rustfmt::skip]
const DIGIT_RUNS: &[u32] = &[
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66,
    0xDE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0,
    0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50,
    0x11DA0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8,
    0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

/// What ROOTS replaces a punctuation mark by: one of 34 entries, or `None`.
///
/// `１` → `"` is an oddity of the original, which never matters in [`full_normalization`] because
/// digits become zeros first.
pub fn unicode_punctuation(character: char) -> Option<&'static str> {
    Some(match character {
        '，' | '、' => ",",
        '。' => ".",
        '„' | '”' | '“' | '«' | '»' | '１' | '」' | '「' | '《' | '》' => "\"",
        '´' | '’' => "'",
        '∶' | '：' => ":",
        '？' => "?",
        '！' => "!",
        '（' => "(",
        '）' => ")",
        '；' => ";",
        '–' | '━' | '►' => "-",
        '—' => " - ",
        '．' => ". ",
        '～' => "~",
        '…' => "...",
        '〈' => "<",
        '〉' => ">",
        '【' => "[",
        '】' => "]",
        '％' => "%",
        _ => return None,
    })
}

/// Whether a character is a decimal digit of any script, general category `Nd`.
pub fn is_decimal_digit(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_digit();
    }
    let code = character as u32;
    // Han, kana, general punctuation: the bulk of what is asked here has no digits.
    if matches!(code, 0x1C5A..=0xA61F) {
        return false;
    }
    let next = DIGIT_RUNS.partition_point(|&start| start <= code);
    next.checked_sub(1).and_then(|run| DIGIT_RUNS.get(run)).is_some_and(|start| code - start < 10)
}

/// The normalisation that ROOTS cut Chinese words after: U+0000–U+001F and U+007F–U+009F are
/// deleted (line breaks too, with nothing in their place), whitespace is stripped from the ends,
/// the text is lower-cased if asked for, variants of the space become plain ones, every digit
/// becomes `0`, and [`unicode_punctuation`] is applied.
///
/// # Examples
///
/// ```
/// use sapwood::text::punctuation::full_normalization;
/// assert_eq!(full_normalization("第１２行\n　Second Line。", true), "第00行 second line.");
/// ```
pub fn full_normalization(text: &str, lower_case: bool) -> String {
    let deleted = |character: char| matches!(character, '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}');
    let printable: Cow<'_, str> = if text.contains(deleted) {
        Cow::Owned(text.chars().filter(|&character| !deleted(character)).collect())
    } else {
        Cow::Borrowed(text)
    };
    let stripped = python_strip(&printable);
    let cased: Cow<'_, str> = if lower_case {
        let mut lower = String::with_capacity(stripped.len());
        ChangesInLowerCase::get().lower_into(stripped, &mut lower);
        Cow::Owned(lower)
    } else {
        Cow::Borrowed(stripped)
    };
    let mut normal = String::with_capacity(cased.len());
    for character in cased.chars() {
        if character.is_ascii_alphabetic() {
            normal.push(character);
        } else if is_uniform_whitespace(character) {
            normal.push(' ');
        } else if is_decimal_digit(character) {
            normal.push('0');
        } else if let Some(replacement) = unicode_punctuation(character) {
            normal.push_str(replacement);
        } else {
            normal.push(character);
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_the_decimal_numbers_of_unicode() {
        let digit = regex::Regex::new(r"^\d$").expect("a valid pattern");
        for character in '\0'..=char::MAX {
            let expected = digit.is_match(character.encode_utf8(&mut [0; 4]));
            assert_eq!(is_decimal_digit(character), expected, "U+{:04X}", character as u32);
        }
    }

    #[test]
    fn the_punctuation_map_has_34_entries() {
        assert_eq!(('\0'..=char::MAX).filter(|&c| unicode_punctuation(c).is_some()).count(), 34);
    }

    #[test]
    fn nothing_is_put_in_the_place_of_line_breaks() {
        assert_eq!(full_normalization("Line 1\nLine 2", false), "Line 0Line 0");
    }
}
