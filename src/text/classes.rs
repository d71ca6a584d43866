//! What kind of character a character is, in one look-up, and the methods of Python's `str` that
//! depend on it.
//!
//! Source: the Unicode Character Database, version 18.0, as the crate `icu_properties` 2.4 has it,
//! so that an answer depends on the version of sapwood and not on that of the compiler. Python has
//! its own copy: Unicode 14.0 in Python 3.11, 15.0 in 3.12, 16.0 in 3.14. What was assigned later is
//! no letter there and may be one here; among the letters of Unicode 14 there is no difference.

use std::collections::HashMap;
use std::sync::LazyLock;

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Uppercase};
use icu_properties::{CodePointMapData, CodePointSetData};

use crate::text::whitespace::is_python_whitespace;

/// A letter: general categories Lu, Ll, Lt, Lm and Lo, which is Python's `str.isalpha`.
pub const ALPHA: u8 = 1;
/// A letter or a number: general categories L* and N*. Marks are neither, so that marks alone make
/// no word; this is narrower than `char::is_alphanumeric`, which has the vowel signs of Indic
/// scripts too. A segment is a word if it has such a character.
pub const ALPHANUMERIC: u8 = 2;
/// White space for Python's `str.split` and `str.strip`.
pub const WHITESPACE: u8 = 4;
/// Upper case, the Unicode property `Uppercase`, by which Python's `str.isupper` goes.
pub const UPPERCASE: u8 = 8;
/// A decimal digit of any script, general category Nd: Python's `str.isdecimal`.
pub const DECIMAL: u8 = 16;
/// A mark of punctuation: general categories P*, the `\p{P}` of regular expressions.
pub const PUNCTUATION: u8 = 32;

/// Beyond the last code point.
pub(crate) const CODE_POINTS: usize = 0x11_0000;
/// Code points below this take one or two bytes of UTF-8 and are looked up without a page.
const LOW: usize = 0x800;
const PAGE: usize = 256;

/// A byte for every code point: pages of 256 code points, of which equal ones are kept once.
pub(crate) struct Pages {
    low: Box<[u8; LOW]>,
    /// The number of the page of each 256 code points.
    index: Vec<u16>,
    values: Vec<u8>,
}

impl Pages {
    /// Packs [`CODE_POINTS`] values.
    pub(crate) fn new(codes: &[u8]) -> Self {
        let mut low = Box::new([0; LOW]);
        low.iter_mut().zip(codes).for_each(|(to, from)| *to = *from);
        let mut known: HashMap<&[u8], u16> = HashMap::new();
        let (mut index, mut values) = (Vec::new(), Vec::new());
        for page in codes.chunks(PAGE) {
            let next = known.len() as u16;
            index.push(*known.entry(page).or_insert_with(|| {
                values.extend_from_slice(page);
                next
            }));
        }
        Self { low, index, values }
    }

    /// The value of a character.
    #[inline(always)]
    pub(crate) fn get(&self, character: char) -> u8 {
        let code = character as usize;
        match self.low.get(code) {
            Some(&value) => value,
            None => self.high(code),
        }
    }

    #[inline(always)]
    fn high(&self, code: usize) -> u8 {
        let page = self.index.get(code / PAGE).copied().unwrap_or_default();
        self.values.get(usize::from(page) * PAGE + code % PAGE).copied().unwrap_or_default()
    }
}

/// The flags of every character.
pub struct Classes(Pages);

static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    let mut codes = vec![0; CODE_POINTS];
    let categories = CodePointMapData::<GeneralCategory>::new();
    for (group, flags) in [
        (GeneralCategoryGroup::Letter, ALPHA | ALPHANUMERIC),
        (GeneralCategoryGroup::Number, ALPHANUMERIC),
        (GeneralCategoryGroup::DecimalNumber, DECIMAL),
        (GeneralCategoryGroup::Punctuation, PUNCTUATION),
    ] {
        for range in categories.iter_ranges_for_group(group) {
            mark(&mut codes, range, flags);
        }
    }
    for range in CodePointSetData::new::<Uppercase>().iter_ranges() {
        mark(&mut codes, range, UPPERCASE);
    }
    for character in ('\0'..='\u{FFFF}').filter(|&character| is_python_whitespace(character)) {
        mark(&mut codes, character.into()..=character.into(), WHITESPACE);
    }
    Classes(Pages::new(&codes))
});

/// Adds flags to a range of code points.
pub(crate) fn mark(codes: &mut [u8], range: std::ops::RangeInclusive<u32>, flags: u8) {
    let range = *range.start() as usize..*range.end() as usize + 1;
    codes.get_mut(range).into_iter().flatten().for_each(|code| *code |= flags);
}

impl Classes {
    /// The table, made at the first call. Get it once a text and not once a character.
    pub fn get() -> &'static Self {
        &CLASSES
    }

    /// All flags of a character: [`ALPHA`], [`ALPHANUMERIC`], [`WHITESPACE`], [`UPPERCASE`],
    /// [`DECIMAL`], [`PUNCTUATION`].
    #[inline(always)]
    pub fn of(&self, character: char) -> u8 {
        self.0.get(character)
    }
}

/// Whether Python's `str.isalpha` holds for a character: [`ALPHA`].
#[inline]
pub fn is_python_alpha(character: char) -> bool {
    Classes::get().of(character) & ALPHA != 0
}

/// Whether a character makes a segment a word: [`ALPHANUMERIC`].
#[inline]
pub fn is_alphanumeric(character: char) -> bool {
    Classes::get().of(character) & ALPHANUMERIC != 0
}

/// The words of a text as Python's `str.split()` has them: what stands between white space, without
/// empty pieces. [`whitespace_words`](crate::text::segment::whitespace_words) is the faster way.
///
/// # Examples
///
/// ```
/// use sapwood::text::classes::python_split;
/// assert_eq!(python_split(" a\u{A0}b\u{1C}c\u{200B}d ").collect::<Vec<_>>(), ["a", "b", "c\u{200B}d"]);
/// ```
pub fn python_split(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_python_whitespace).filter(|word| !word.is_empty())
}

/// Bytes that may begin a line end of Python's `str.splitlines`.
static LINE_END: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = [0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0xC2, 0xE2];
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index]] = true;
        index += 1;
    }
    table
};

/// The lines of a text as Python's `str.splitlines()` has them: they end at `\n`, `\r`, `\r\n`,
/// `\v`, `\f`, U+001C, U+001D, U+001E, U+0085, U+2028 and U+2029, which are left out, and there is
/// no empty line after the last line end.
///
/// # Examples
///
/// ```
/// use sapwood::text::classes::splitlines;
/// assert_eq!(splitlines("a\r\n\nb\u{2028}").collect::<Vec<_>>(), ["a", "", "b"]);
/// ```
pub fn splitlines(text: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start == text.len() {
            return None;
        }
        let (end, next) = next_line_end(text.as_bytes(), start).unwrap_or((text.len(), text.len()));
        let line = text.get(start..end).unwrap_or_default();
        start = next;
        Some(line)
    })
}

/// 1 if a byte may begin a line end other than `\n`, else 0.
#[inline(always)]
fn other_end(byte: u8) -> u8 {
    u8::from(byte.wrapping_sub(0x0B) < 3)
        | u8::from(byte.wrapping_sub(0x1C) < 3)
        | u8::from(byte == 0xC2)
        | u8::from(byte == 0xE2)
}

/// The next byte from `from` on that may begin a line end of [`splitlines`].
pub(crate) fn possible_line_end(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let is_end = |&byte: &u8| LINE_END[usize::from(byte)];
    // Most blocks have none, and whole blocks are asked at once; bytes are what the compiler
    // does many of at once.
    let any = |block: &[u8; 32]| {
        block.iter().fold(0, |any, &byte| any | other_end(byte) | u8::from(byte == b'\n')) != 0
    };
    let (blocks, _) = rest.as_chunks::<32>();
    let mut start = 0;
    for block in blocks {
        if any(block)
            && let Some(index) = block.iter().position(is_end)
        {
            return Some(from + start + index);
        }
        start += block.len();
    }
    let index = rest.get(start..)?.iter().position(is_end)?;
    Some(from + start + index)
}

/// Whether a text has a line end of [`splitlines`] other than `\n`.
pub(crate) fn has_other_line_ends(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_other = |block: &[u8]| block.iter().fold(0, |any, &byte| any | other_end(byte)) != 0;
    bytes.chunks(64).enumerate().any(|(number, block)| {
        is_other(block) && (number * 64..number * 64 + block.len()).any(|at| {
            matches!(
                bytes.get(at..).unwrap_or_default(),
                [0x0B..=0x0D | 0x1C..=0x1E, ..] | [0xC2, 0x85, ..] | [0xE2, 0x80, 0xA8 | 0xA9, ..]
            )
        })
    })
}

/// The next line end of [`splitlines`] from `from` on: where it begins and where the next line does.
pub(crate) fn next_line_end(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    while let Some(found) = possible_line_end(bytes, at) {
        match bytes.get(found..).unwrap_or_default() {
            [b'\r', b'\n', ..] | [0xC2, 0x85, ..] => return Some((found, found + 2)),
            [0xE2, 0x80, 0xA8 | 0xA9, ..] => return Some((found, found + 3)),
            [0xC2 | 0xE2, ..] => at = found + 1,
            _ => return Some((found, found + 1)),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;

    fn all() -> impl Iterator<Item = char> {
        '\0'..=char::MAX
    }

    /// Whether a character is in a class of the `regex` crate, which has tables of its own, of
    /// Unicode 16.
    fn in_class(class: &str) -> impl Fn(char) -> bool {
        let regex = Regex::new(&format!("^{class}$")).unwrap();
        move |character| regex.is_match(character.encode_utf8(&mut [0; 4]))
    }

    #[test]
    fn letters_numbers_and_digits_are_those_of_another_table() {
        let assigned = in_class(r"\P{Cn}");
        let flags = Classes::get();
        for (flag, class) in [
            (ALPHA, r"\p{L}"),
            (ALPHANUMERIC, r"[\p{L}\p{N}]"),
            (DECIMAL, r"\p{Nd}"),
            (UPPERCASE, r"\p{Uppercase}"),
        ] {
            let expected = in_class(class);
            let mut number = 0;
            for character in all().filter(|&character| assigned(character)) {
                number += usize::from(expected(character));
                assert_eq!(
                    flags.of(character) & flag != 0,
                    expected(character),
                    "{class} {character:?}"
                );
            }
            assert!(number > 600);
        }
    }

    #[test]
    fn as_many_characters_as_in_python_3_11() {
        // `sum(chr(c).isalpha() for c in range(0x110000))` and so on.
        let unicode_14 = in_class(r"\p{age:14.0}");
        let known: Vec<char> = all().filter(|&character| unicode_14(character)).collect();
        for (flag, number) in
            [(ALPHA, 131_756), (WHITESPACE, 29), (UPPERCASE, 1951), (DECIMAL, 660)]
        {
            let found = known.iter().filter(|&&c| Classes::get().of(c) & flag != 0).count();
            assert_eq!(found, number, "{flag}");
        }
    }

    #[test]
    fn white_space_is_that_of_the_other_definition() {
        for character in all() {
            let flags = Classes::get().of(character);
            assert_eq!(flags & WHITESPACE != 0, is_python_whitespace(character), "{character:?}");
        }
    }

    #[test]
    fn marks_are_no_letters() {
        for mark in ['\u{301}', 'ा', '\u{E31}', '\u{20DD}'] {
            assert!(!is_alphanumeric(mark) && !is_python_alpha(mark), "{mark:?}");
        }
        assert!(is_alphanumeric('²') && is_alphanumeric('Ⅷ') && is_alphanumeric('٣'));
        assert!(is_python_alpha('ª') && is_python_alpha('中') && !is_python_alpha('Ⅷ'));
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        let ends: Vec<char> =
            all().filter(|&c| splitlines(&format!("a{c}b")).count() == 2).collect();
        let expected = [
            '\n', '\u{B}', '\u{C}', '\r', '\u{1C}', '\u{1D}', '\u{1E}', '\u{85}', '\u{2028}',
            '\u{2029}',
        ];
        assert_eq!(ends, expected);
        let lines = |text| splitlines(text).collect::<Vec<_>>();
        assert_eq!(lines(""), [""; 0]);
        assert_eq!(lines("\n"), [""]);
        assert_eq!(lines("a\n\r\nb\r\rc"), ["a", "", "b", "", "c"]);
        assert_eq!(lines("\u{85}é”\u{2029}\u{2029}x"), ["", "é”", "", "x"]);
    }

    proptest! {
        #[test]
        fn lines_and_words_are_those_of_a_plain_walk(
            text in "([a-bé”\u{A0}«]{0,3}|[\n\r\u{B}\u{1C}\u{85}\u{2028} \u{3000}]|\\PC){0,20}",
        ) {
            let (mut lines, mut line) = (Vec::new(), String::new());
            let mut characters = text.chars().peekable();
            while let Some(character) = characters.next() {
                match character {
                    '\n' | '\u{B}' | '\u{C}' | '\r' | '\u{1C}'..='\u{1E}' | '\u{85}'
                    | '\u{2028}' | '\u{2029}' => {
                        if character == '\r' && characters.peek() == Some(&'\n') {
                            characters.next();
                        }
                        lines.push(std::mem::take(&mut line));
                    }
                    _ => line.push(character),
                }
            }
            if !line.is_empty() {
                lines.push(line);
            }
            prop_assert_eq!(splitlines(&text).collect::<Vec<_>>(), lines);

            let mut words = Vec::new();
            crate::text::segment::whitespace_words(&text, |word| words.push(&text[word.range()]));
            prop_assert_eq!(python_split(&text).collect::<Vec<_>>(), words);
        }
    }

    #[test]
    fn other_ends_are_seen_wherever_they_stand() {
        for end in ["\r", "\u{b}", "\u{c}", "\u{1c}", "\u{1e}", "\u{85}", "\u{2028}", "\u{2029}"] {
            for before in [0, 1, 510, 511, 512, 1023, 5000] {
                let text = format!("{}{end}{}", "a".repeat(before), "b\tc\n".repeat(3));
                assert!(has_other_line_ends(&text), "{before} {end:?}");
            }
        }
        assert!(!has_other_line_ends("a\tb\nc\u{1f} \u{a0}\u{2027}\u{202a}"));
    }
}
