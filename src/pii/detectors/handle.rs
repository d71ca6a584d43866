//! User names after an `@`. Annotations, packages and parts of addresses look the same, so only
//! words nearby make one sure.
//!
//! Source: the rules of the large networks: X has up to 15 letters, digits and `_`; Instagram up to
//! 30 with dots; Telegram 5 to 32.

use super::{Found, byte, byte_before, run};

const MIN: usize = 3;
const MAX: usize = 32;

/// The user name that the `@` at `at` begins.
pub(in crate::pii) fn handle(text: &str, at: usize) -> Option<Found> {
    // Part of an address, of a path, of a program, or of a link with credentials.
    let outside = byte_before(text, at);
    if outside.is_ascii_alphanumeric() || br#"@<>!?"$&*/._-+%=\"#.contains(&outside) {
        return None;
    }
    let name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    let mut end = run(text, at + 1, MAX + 1, name);
    while end > at + 1 && byte_before(text, end) == b'.' {
        end -= 1;
    }
    let length = end - at - 1;
    let letters = text.get(at + 1..end)?.bytes().any(|byte| byte.is_ascii_alphabetic());
    let scope = byte(text, end) == b':' && byte(text, end + 1) == b':';
    let fits =
        (MIN..=MAX).contains(&length) && letters && !scope && !b"@(/-".contains(&byte(text, end));
    fits.then_some(Found { start: at, end, weak: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_annotations() {
        let found = |text: &str| {
            handle(text, text.find('@').unwrap()).map(|it| text[it.start..it.end].to_owned())
        };
        assert_eq!(found("follow @jo_nas.b."), Some("@jo_nas.b".to_owned()));
        for text in ["a@bcd", "@@bcd", "x @ab", "@123", "@Test()", "@scope/name", "@user@host"] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
