//! Character classes of the ROOTS patterns, and what digits are worth.
//!
//! The originals are patterns for Python's `regex` module on `str`, so the classes are those of
//! the Unicode Character Database: White_Space, General_Category Nd and Pd, Script Han. The tables
//! below follow Unicode 16, as the `regex` crate does; a test holds them against its classes.

/// Dash punctuation (General_Category Pd) beyond ASCII, inclusive ranges.
const DASHES: [(u32, u32); 19] = [
    (0x58A, 0x58A),
    (0x5BE, 0x5BE),
    (0x1400, 0x1400),
    (0x1806, 0x1806),
    (0x2010, 0x2015),
    (0x2E17, 0x2E17),
    (0x2E1A, 0x2E1A),
    (0x2E3A, 0x2E3B),
    (0x2E40, 0x2E40),
    (0x2E5D, 0x2E5D),
    (0x301C, 0x301C),
    (0x3030, 0x3030),
    (0x30A0, 0x30A0),
    (0xFE31, 0xFE32),
    (0xFE58, 0xFE58),
    (0xFE63, 0xFE63),
    (0xFF0D, 0xFF0D),
    (0x10D6E, 0x10D6E),
    (0x10EAD, 0x10EAD),
];

/// Script Han, inclusive ranges.
const HAN: [(u32, u32); 22] = [
    (0x2E80, 0x2E99),
    (0x2E9B, 0x2EF3),
    (0x2F00, 0x2FD5),
    (0x3005, 0x3005),
    (0x3007, 0x3007),
    (0x3021, 0x3029),
    (0x3038, 0x303B),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFA6D),
    (0xFA70, 0xFAD9),
    (0x16FE2, 0x16FE3),
    (0x16FF0, 0x16FF1),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B739),
    (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEA1),
    (0x2CEB0, 0x2EBE0),
    (0x2EBF0, 0x2EE5D),
    (0x2F800, 0x2FA1D),
    (0x30000, 0x3134A),
    (0x31350, 0x323AF),
];

/// Decimal digits (General_Category Nd) beyond ASCII, inclusive ranges of whole decades.
const DIGITS: [(u32, u32); 70] = [
    (0x660, 0x669),
    (0x6F0, 0x6F9),
    (0x7C0, 0x7C9),
    (0x966, 0x96F),
    (0x9E6, 0x9EF),
    (0xA66, 0xA6F),
    (0xAE6, 0xAEF),
    (0xB66, 0xB6F),
    (0xBE6, 0xBEF),
    (0xC66, 0xC6F),
    (0xCE6, 0xCEF),
    (0xD66, 0xD6F),
    (0xDE6, 0xDEF),
    (0xE50, 0xE59),
    (0xED0, 0xED9),
    (0xF20, 0xF29),
    (0x1040, 0x1049),
    (0x1090, 0x1099),
    (0x17E0, 0x17E9),
    (0x1810, 0x1819),
    (0x1946, 0x194F),
    (0x19D0, 0x19D9),
    (0x1A80, 0x1A89),
    (0x1A90, 0x1A99),
    (0x1B50, 0x1B59),
    (0x1BB0, 0x1BB9),
    (0x1C40, 0x1C49),
    (0x1C50, 0x1C59),
    (0xA620, 0xA629),
    (0xA8D0, 0xA8D9),
    (0xA900, 0xA909),
    (0xA9D0, 0xA9D9),
    (0xA9F0, 0xA9F9),
    (0xAA50, 0xAA59),
    (0xABF0, 0xABF9),
    (0xFF10, 0xFF19),
    (0x104A0, 0x104A9),
    (0x10D30, 0x10D39),
    (0x10D40, 0x10D49),
    (0x11066, 0x1106F),
    (0x110F0, 0x110F9),
    (0x11136, 0x1113F),
    (0x111D0, 0x111D9),
    (0x112F0, 0x112F9),
    (0x11450, 0x11459),
    (0x114D0, 0x114D9),
    (0x11650, 0x11659),
    (0x116C0, 0x116C9),
    (0x116D0, 0x116E3),
    (0x11730, 0x11739),
    (0x118E0, 0x118E9),
    (0x11950, 0x11959),
    (0x11BF0, 0x11BF9),
    (0x11C50, 0x11C59),
    (0x11D50, 0x11D59),
    (0x11DA0, 0x11DA9),
    (0x11F50, 0x11F59),
    (0x16130, 0x16139),
    (0x16A60, 0x16A69),
    (0x16AC0, 0x16AC9),
    (0x16B50, 0x16B59),
    (0x16D70, 0x16D79),
    (0x1CCF0, 0x1CCF9),
    (0x1D7CE, 0x1D7FF),
    (0x1E140, 0x1E149),
    (0x1E2F0, 0x1E2F9),
    (0x1E4F0, 0x1E4F9),
    (0x1E5F1, 0x1E5FA),
    (0x1E950, 0x1E959),
    (0x1FBF0, 0x1FBF9),
];

fn within(table: &[(u32, u32)], character: char) -> bool {
    let code = character as u32;
    let after = table.partition_point(|&(first, _)| first <= code);
    after.checked_sub(1).and_then(|slot| table.get(slot)).is_some_and(|&(_, last)| code <= last)
}

/// `\p{Pd}`.
pub(super) fn is_dash(character: char) -> bool {
    character == '-' || (!character.is_ascii() && within(&DASHES, character))
}

/// `\p{Nd}`.
pub(super) fn is_digit(character: char) -> bool {
    character.is_ascii_digit() || (!character.is_ascii() && within(&DIGITS, character))
}

/// What a decimal digit of any script is worth.
pub(super) fn digit_value(character: char) -> Option<u8> {
    if character.is_ascii() {
        return character.to_digit(10).map(|value| value as u8);
    }
    let code = character as u32;
    let after = DIGITS.partition_point(|&(first, _)| first <= code);
    let &(first, last) = DIGITS.get(after.checked_sub(1)?)?;
    // Ranges are of whole decades.
    (code <= last).then_some(((code - first) % 10) as u8)
}

/// Whether a script sets no spaces between words, or glues particles to foreign words, so that a
/// word of another script ends where it begins: Thai to Tibetan, Myanmar, Khmer, Han, kana, Hangul.
pub(super) fn is_unspaced(character: char) -> bool {
    matches!(character as u32,
        0x0E00..=0x0FFF | 0x1000..=0x109F | 0x1100..=0x11FF | 0x1780..=0x17FF | 0x2E80..=0xABFF
        | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0xFF66..=0xFFDC | 0x20000..=0x3FFFF)
}

/// `\p{Han}`.
pub(super) fn is_han(character: char) -> bool {
    character as u32 >= 0x2E80 && within(&HAN, character)
}

/// `\s`: White_Space, as Python's `regex` module has it (without U+001C to U+001F, which the
/// `re` module adds).
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace()
}

/// What every boundary class holds: white space, Han and `@ ? , ! ; :`.
pub(super) fn is_common_boundary(character: char) -> bool {
    matches!(character, '@' | '?' | ',' | '!' | ';' | ':')
        || is_space(character)
        || is_han(character)
}

/// The class that may stand before a KEY or an IP_ADDRESS, and after a KEY. The originals write
/// `\b` inside a class, which is U+0008 there.
pub(super) fn is_wide_boundary(character: char) -> bool {
    matches!(character, '\u{8}' | '\'' | '"' | ')' | '(' | '.') || is_common_boundary(character)
}

/// The character that starts at a byte offset.
pub(super) fn after(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The character that ends at a byte offset.
pub(super) fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// Multi-line `^`.
pub(super) fn is_line_start(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n')
}

/// Multi-line `$`.
pub(super) fn is_line_end(text: &str, at: usize) -> bool {
    matches!(text.as_bytes().get(at), None | Some(b'\n'))
}

/// Whether `^` or a consumed boundary character can stand before `at`, when the search began at
/// `from`: a boundary before `from` is already spent.
pub(super) fn opens(text: &str, from: usize, at: usize, class: fn(char) -> bool) -> bool {
    is_line_start(text, at)
        || before(text, at)
            .is_some_and(|character| at - character.len_utf8() >= from && class(character))
}

/// Where the search goes on after a match that ends at `at`, if `$` or a consumed boundary
/// character stands there. `$` comes first in the originals and consumes nothing.
pub(super) fn closes(text: &str, at: usize, class: fn(char) -> bool) -> Option<usize> {
    if is_line_end(text, at) {
        return Some(at);
    }
    after(text, at).filter(|&character| class(character)).map(|character| at + character.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn digits_have_their_worth() {
        for (digit, value) in
            [('7', 7), ('٣', 3), ('۹', 9), ('५', 5), ('৮', 8), ('０', 0), ('𝟗', 9)]
        {
            assert_eq!(digit_value(digit), Some(value), "{digit}");
        }
        assert_eq!(digit_value('x'), None);
        assert_eq!(digit_value('½'), None);
    }

    #[test]
    fn the_tables_are_the_unicode_classes() {
        type Class = (&'static str, fn(char) -> bool);
        let classes: [Class; 4] = [
            (r"^\p{Pd}$", is_dash),
            (r"^\p{Nd}$", is_digit),
            (r"^\p{Han}$", is_han),
            (r"^\s$", is_space),
        ];
        for (pattern, class) in classes {
            let regex = Regex::new(pattern).unwrap();
            let mut buffer = [0; 4];
            for character in '\0'..=char::MAX {
                let expected = regex.is_match(character.encode_utf8(&mut buffer));
                assert_eq!(class(character), expected, "{pattern} U+{:04X}", character as u32);
            }
        }
    }
}
