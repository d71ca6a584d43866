//! Whitespace as the ROOTS filter and Python see it.

use std::borrow::Cow;

/// Whether Python's `str.strip()` removes a character: Unicode `White_Space` and the four
/// information separators U+001C..=U+001F, which Unicode leaves out.
#[inline]
pub fn is_python_whitespace(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1C}'..='\u{1F}')
}

/// A text without whitespace at its ends, as Python's `str.strip()` does it.
pub fn python_strip(text: &str) -> &str {
    text.trim_matches(is_python_whitespace)
}

/// Whether ROOTS takes a character for a variant of the space: U+0020, U+2009, U+200A, U+202F,
/// U+2005, U+3000, U+2002, U+00A0, U+2008, U+2003, U+FFFC and U+0084.
#[inline]
pub fn is_uniform_whitespace(character: char) -> bool {
    matches!(
        character,
        ' ' | '\u{84}' | '\u{A0}' | '\u{2002}' | '\u{2003}' | '\u{2005}' | '\u{2008}'
            ..='\u{200A}' | '\u{202F}' | '\u{3000}' | '\u{FFFC}'
    )
}

/// A text in which every variant of the space is a plain one; borrowed if nothing changes. Line
/// breaks and tabs stay, and runs of spaces are not joined.
pub fn uniform_whitespace(text: &str) -> Cow<'_, str> {
    let variant = |character: char| character != ' ' && is_uniform_whitespace(character);
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let Some(first) = text.find(variant) else {
        return Cow::Borrowed(text);
    };
    let (head, tail) = text.split_at(first);
    let mut uniform = String::with_capacity(text.len());
    uniform.push_str(head);
    for piece in tail.split_inclusive(variant) {
        let kept = piece.trim_end_matches(variant);
        uniform.push_str(kept);
        if kept.len() < piece.len() {
            uniform.push(' ');
        }
    }
    Cow::Owned(uniform)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_code_points_become_a_space() {
        let variants: String = ('\0'..=char::MAX).filter(|&c| is_uniform_whitespace(c)).collect();
        assert_eq!(variants.chars().count(), 12);
        assert_eq!(uniform_whitespace(&variants), " ".repeat(12));
    }

    #[test]
    fn uniform_whitespace_borrows_what_it_does_not_change() {
        assert!(matches!(uniform_whitespace("a b\tc\né\u{2028}"), Cow::Borrowed(_)));
        assert_eq!(uniform_whitespace("a\u{A0}\u{3000}é\u{FFFC}\tb\n"), "a  é \tb\n");
    }

    #[test]
    fn strip_takes_the_information_separators_but_not_the_object_replacement() {
        assert_eq!(python_strip("\u{1C}\u{1F}\u{85}\u{3000}a b\u{A0}\n"), "a b");
        assert_eq!(python_strip("\u{FFFC}a\u{200B}"), "\u{FFFC}a\u{200B}");
    }
}
