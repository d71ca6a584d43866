//! E-mail addresses.
//!
//! Source: RFC 5321 and 5322 (a local part of atoms and dots, at most 64 octets), RFC 6531 for
//! letters beyond ASCII. Of the signs that an atom may have those are taken that are in use:
//! `_ % + - '` and inner dots. The others (`/ = & # …`) stand before addresses in links and lists more
//! often than in them. A domain has a top level that there is. An address behind another `@` is a
//! user's of a federated network.

use super::{Found, byte_before, domain, run_back};
use crate::pii::chars::{before, is_unspaced};
use crate::pii::steps;

/// The longest local part in ASCII.
const MAX_LOCAL: usize = 64;
/// The longest local part in other scripts, in bytes.
const MAX_WIDE: usize = 192;

/// What an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pii) enum Kind {
    Email,
    /// `@user@host`
    Federated,
}

/// The address around the `@` at `at`, not before `floor`.
pub(in crate::pii) fn email(text: &str, floor: usize, at: usize) -> Option<(Kind, Found)> {
    let start = local(text, floor, at)?;
    // `scheme://user@host` names a host, and `scheme://user:password@host` is no address either.
    if text.get(..start)?.ends_with("//") {
        return None;
    }
    let end = domain::end(text, at + 1)?;
    let rest = text.get(end..)?;
    // `git@host:path` is the place of a repository.
    if rest.starts_with('@') || (rest.starts_with(':') && text.get(start..at) == Some("git")) {
        return None;
    }
    match byte_before(text, start) {
        b'@' => Some((Kind::Federated, Found::sure(start - 1, end))),
        _ => Some((Kind::Email, Found::sure(start, end))),
    }
}

/// Where the local part before the `@` at `at` starts.
pub(in crate::pii) fn local(text: &str, floor: usize, at: usize) -> Option<usize> {
    let atom = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'%' | b'+' | b'-' | b'\'' | b'.')
    };
    let mut start = run_back(text, floor, at, MAX_LOCAL + 1, atom);
    if at - start > MAX_LOCAL {
        return None;
    }
    let outside = before(text, start).filter(|_| start > floor);
    // Letters with marks in a word of ASCII, and words of other scripts, but not a sentence of a
    // script without spaces that an ASCII word stands in.
    if outside.is_some_and(|outside| {
        !outside.is_ascii()
            && (outside.is_alphanumeric() || is_mark(outside))
            && (start == at || !is_unspaced(outside))
    }) {
        start = wide(text, floor, at)?;
    }
    // Quotes, dashes and dots around an address are not in it.
    while start < at
        && matches!(text.as_bytes().get(start), Some(b'\'' | b'.' | b'-' | b'%' | b'+'))
    {
        start += 1;
    }
    let local = text.get(start..at)?;
    let fits = !local.is_empty()
        && !local.ends_with(['.', '\''])
        && !local.contains("..")
        && local.chars().any(char::is_alphanumeric);
    fits.then_some(start)
}

/// Marks of letters: of Latin, of the scripts of India, of Thai.
fn is_mark(character: char) -> bool {
    matches!(character as u32, 0x300..=0x36F | 0x900..=0xDFF | 0xE31..=0xE4E | 0x200C..=0x200D)
}

fn wide(text: &str, floor: usize, at: usize) -> Option<usize> {
    let mut start = at;
    let window = text.get(floor..at)?;
    for character in window.chars().rev() {
        let belongs = character.is_alphanumeric()
            || matches!(character, '_' | '+' | '-' | '.')
            || is_mark(character);
        if !belongs {
            break;
        }
        start -= character.len_utf8();
        if at - start > MAX_WIDE {
            return None;
        }
    }
    steps::count(at - start);
    Some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let ats = text.match_indices('@').map(|(at, _)| at);
        ats.filter_map(|at| email(text, 0, at)).map(|(_, it)| &text[it.start..it.end]).collect()
    }

    #[test]
    fn addresses_as_they_are_written() {
        for (text, address) in [
            ("mail bob+tag@sub.example.co.uk, ok", "bob+tag@sub.example.co.uk"),
            ("<mailto:o'tanaka@firma.fr>", "o'tanaka@firma.fr"),
            ("'jane@host.io'", "jane@host.io"),
            ("写信到john@mail.com请", "john@mail.com"),
            ("пишите иван@пример.рф.", "иван@пример.рф"),
            ("andré.müller@müller.de", "andré.müller@müller.de"),
            ("用户@例子.中国 ", "用户@例子.中国"),
            ("email=x@y.org&a=b", "x@y.org"),
            ("(a.b-c@x-y.museum)", "a.b-c@x-y.museum"),
            ("...x@y.org", "x@y.org"),
        ] {
            assert_eq!(found(text), [address], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one() {
        for text in [
            "o'tanaka@",
            "@echen",
            "a@localhost",
            "x@v4.0",
            "pkg@1.2.3",
            "a..b@c.org",
            "git@",
            "https://user@host.com/",
            "a@@b.org",
            "git@host.org:a/b.git",
            ".@b.org",
            "x@y.invalid",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn users_of_federated_networks() {
        let text = "follow @jo@mastodon.social";
        let (kind, it) = email(text, 0, 10).unwrap();
        assert_eq!((kind, &text[it.start..it.end]), (Kind::Federated, "@jo@mastodon.social"));
    }
}
