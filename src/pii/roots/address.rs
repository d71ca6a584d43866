//! EMAIL and USER: both hang on an `@`, so the text is walked from `@` to `@`.

use memchr::memchr_iter;
use regex::Regex;

use crate::pii::chars::{
    after, before, closes, is_common_boundary, is_han, is_line_end, is_line_start, is_space, opens,
};

/// Ends a local part, in both variants of EMAIL, and is not part of a USER either.
fn is_stop(character: char) -> bool {
    matches!(character, '@' | ',' | '?' | '!' | ';' | ':' | ')' | '(') || is_space(character)
}

/// The farthest byte offset back from `at` down to `floor` over characters that `inside` admits.
fn run_start(text: &str, floor: usize, at: usize, inside: impl Fn(char) -> bool) -> usize {
    let run = text.get(floor..at).unwrap_or_default();
    run.char_indices()
        .rev()
        .find(|&(_, character)| !inside(character))
        .map_or(floor, |(offset, character)| floor + offset + character.len_utf8())
}

/// The byte offset after the run of characters from `at` on that `inside` admits.
fn run_end(text: &str, at: usize, inside: impl Fn(char) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find(|character| !inside(character)).map_or(text.len(), |offset| at + offset)
}

/// The first start of a local part in `start..at` before which a boundary stands.
fn local_start(text: &str, start: usize, at: usize, open: impl Fn(usize) -> bool) -> Option<usize> {
    let local = text.get(start..at)?;
    local.char_indices().map(|(offset, _)| start + offset).find(|&offset| open(offset))
}

/// EMAIL as it ran on ROOTS (2022-03): local part, `@`, and all that follows up to the last
/// boundary before white space, `,`, `!`, `?` or `;`. Boundaries are consumed.
pub(super) fn emails_2022(text: &str, mut found: impl FnMut(usize, usize)) {
    let before_address = |character| {
        matches!(character, '\u{8}' | '\'' | '"' | ')' | '(' | '.') || is_common_boundary(character)
    };
    let after_address =
        |character| matches!(character, '\u{8}' | ')' | '(' | '.') || is_common_boundary(character);
    let in_domain = |character| !matches!(character, ',' | '!' | '?' | ';') && !is_space(character);
    let last_of_domain = |character| {
        in_domain(character)
            && !matches!(character, '\u{8}' | '\'' | '"' | '@' | ':' | ')' | '(' | '.')
    };
    let mut from = 0;
    // The domain run around the current `@`, and the last place in it where an address may end.
    // All `@` of a run share that place, so a run is walked once.
    let (mut run, mut last) = (0, None);
    let mut previous = 0;
    for at in memchr_iter(b'@', text.as_bytes()) {
        let floor = from.max(previous);
        previous = at + 1;
        if at < from {
            continue;
        }
        if at + 1 > run {
            run = run_end(text, at + 1, in_domain);
            let domain = text.get(at + 1..run).unwrap_or_default();
            last = domain
                .char_indices()
                .rev()
                .map(|(offset, character)| (at + 1 + offset + character.len_utf8(), character))
                .find(|&(end, character)| {
                    last_of_domain(character) && closes(text, end, after_address).is_some()
                })
                .map(|(end, character)| (end, end - character.len_utf8()));
        }
        // At least one character stands between the `@` and the last one.
        let Some((end, _)) = last.filter(|&(_, last_start)| last_start > at + 1) else {
            continue;
        };
        let start = run_start(text, floor, at, |character| !is_stop(character));
        let Some(start) =
            local_start(text, start, at, |offset| opens(text, from, offset, before_address))
        else {
            continue;
        };
        found(start, end);
        from = closes(text, end, after_address).unwrap_or(end);
    }
}

/// EMAIL of the last published state (2022-11-10): quotes and `<` end the local part, and the
/// domain needs a dot before a last label of a letter and at least one more word character.
/// Boundaries are looked at, not consumed.
#[derive(Debug)]
pub(super) struct Emails {
    letter: Regex,
    word: Regex,
}

impl Emails {
    pub(super) fn new() -> Self {
        Self { letter: one_of(r"\p{L}"), word: one_of(r"\w") }
    }

    fn is_letter(&self, character: char) -> bool {
        if character.is_ascii() {
            return character.is_ascii_alphabetic();
        }
        self.letter.is_match(character.encode_utf8(&mut [0; 4]))
    }

    fn is_word(&self, character: char) -> bool {
        if character.is_ascii() {
            return character == '_' || character.is_ascii_alphanumeric();
        }
        self.word.is_match(character.encode_utf8(&mut [0; 4]))
    }

    pub(super) fn find(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        let before_address = |character| {
            matches!(character, '\u{8}' | '\'' | '"' | ')' | '(' | '.' | '<')
                || is_common_boundary(character)
        };
        let in_local =
            |character| !is_stop(character) && !matches!(character, '\u{8}' | '\'' | '"' | '<');
        let in_domain = |character| {
            !matches!(character, '\u{8}' | '@' | '!' | '?' | ';' | ',' | '/')
                && !is_space(character)
        };
        let (mut from, mut previous) = (0, 0);
        for at in memchr_iter(b'@', text.as_bytes()) {
            let floor = from.max(previous);
            previous = at + 1;
            let start = run_start(text, floor, at, in_local);
            let opened = |offset| {
                is_line_start(text, offset) || before(text, offset).is_some_and(before_address)
            };
            let Some(start) = local_start(text, start, at, opened) else {
                continue;
            };
            let run = run_end(text, at + 1, in_domain);
            if let Some(end) = self.domain_end(text, at + 1, run) {
                found(start, end);
                from = end;
            }
        }
    }

    /// Where an address ends whose domain starts at `start`: after the last label that qualifies.
    fn domain_end(&self, text: &str, start: usize, run: usize) -> Option<usize> {
        let ends_label = |character| matches!(character, ':' | ')' | '(' | '\'' | '"' | '>' | '.');
        let domain = text.get(start..run)?;
        domain.rmatch_indices('.').find_map(|(dot, _)| {
            let label = before(domain, dot)?;
            let first = after(domain, dot + 1)?;
            if ends_label(label) || !self.is_letter(first) {
                return None;
            }
            self.last_label_end(text, start + dot + 1 + first.len_utf8())
        })
    }

    /// The longest run of at least one word character from `start` on that a boundary follows.
    fn last_label_end(&self, text: &str, start: usize) -> Option<usize> {
        let after_address = |character| {
            matches!(character, '\u{8}' | '\'' | '"' | ')' | '(' | '.' | '>')
                || is_common_boundary(character)
        };
        let end = run_end(text, start, |character| self.is_word(character));
        if end == start {
            return None;
        }
        if is_line_end(text, end) || after(text, end).is_some_and(after_address) {
            return Some(end);
        }
        // Of the word characters only Han are boundaries too.
        let label = text.get(start..end)?;
        let (cut, _) = label.char_indices().rev().find(|&(_, character)| is_han(character))?;
        (cut > 0).then_some(start + cut)
    }
}

fn one_of(class: &str) -> Regex {
    Regex::new(&format!("^{class}$")).expect("a constant pattern")
}

/// USER: `@` and at least three characters, after a boundary. `consuming` tells whether that
/// boundary is spent (2022-03) or only looked at (2022-11-10).
pub(super) fn users(text: &str, consuming: bool, mut found: impl FnMut(usize, usize)) {
    let before_user =
        |character| matches!(character, '\'' | '"' | ')' | '(') || is_common_boundary(character);
    let in_user = |character| !is_stop(character) && !matches!(character, '\'' | '"');
    let mut from = 0;
    for at in memchr_iter(b'@', text.as_bytes()) {
        if !opens(text, if consuming { from } else { 0 }, at, before_user) {
            continue;
        }
        let end = run_end(text, at + 1, in_user);
        if text.get(at + 1..end).is_some_and(|name| name.chars().nth(2).is_some()) {
            found(at, end);
            from = end;
        }
    }
}
