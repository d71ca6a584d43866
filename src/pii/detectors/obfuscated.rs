//! E-mail addresses that are written so that robots miss them: `name [at] host [dot] org`,
//! `name at host dot org`.
//!
//! An `at` in brackets takes a host with dots as well as one with `dot`; a bare `at` takes only
//! `dot`, for `look at example.org` is no address.

use super::{Found, byte, domain, run, run_back};

/// `at` in languages in which addresses are hidden so.
const ATS: &[&str] = &[
    "at",
    "ät",
    "et",
    "arroba",
    "arobase",
    "arobas",
    "chiocciola",
    "a",
    "@",
    "kukac",
    "zavinac",
    "małpa",
    "malpa",
    "pada",
    "собака",
];
/// `dot`.
const DOTS: &[&str] =
    &["dot", "punkt", "point", "punto", "ponto", "punt", "punct", "tecka", "kropka", "titik", "."];

const MAX_LABEL: usize = 63;
const MAX_LABELS: usize = 5;

/// The address whose `at` is in the bracket at `at`; nothing before `floor`.
pub(in crate::pii) fn bracketed(text: &str, floor: usize, at: usize) -> Option<Found> {
    let after_at = bracket(text, at, ATS)?;
    let start = local_before(text, floor, at)?;
    let (end, dots) = host(text, skip_space(text, after_at))?;
    (dots > 0).then(|| Found::sure(start, end))
}

/// The address whose `dot` is the bare word at `at`, the offset of the space before it.
pub(in crate::pii) fn bare(text: &str, floor: usize, at: usize) -> Option<Found> {
    let host_start = run_back(text, floor, at, MAX_LABEL, is_label);
    let before = text.get(floor..host_start)?;
    let lower =
        before.get(super::super::context::floor(before, before.len().saturating_sub(4))..)?;
    if host_start == at || !lower.eq_ignore_ascii_case(" at ") {
        return None;
    }
    let start = local_before(text, floor, host_start - 4)?;
    let (end, dots) = host(text, host_start)?;
    (dots > 0).then(|| Found::sure(start, end))
}

fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn local_before(text: &str, floor: usize, at: usize) -> Option<usize> {
    let spaced = run_back(text, floor, at, 2, |byte| byte == b' ');
    let local =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
    let start = run_back(text, floor, spaced, 65, local);
    let name = text.get(start..spaced)?;
    let trimmed = name.trim_start_matches(['.', '-', '+', '_']);
    let fits = trimmed.len() > 1 && trimmed.len() <= 64 && !trimmed.ends_with('.');
    fits.then(|| spaced - trimmed.len())
}

fn skip_space(text: &str, at: usize) -> usize {
    run(text, at, 2, |byte| byte == b' ')
}

/// Where a bracket with one of some words in it ends.
fn bracket(text: &str, at: usize, words: &[&str]) -> Option<usize> {
    let close = match byte(text, at) {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        _ => return None,
    };
    let inside = skip_space(text, at + 1);
    let rest = text.get(inside..)?;
    let word = words.iter().find(|word| starts_with(rest, word, close))?;
    let end = skip_space(text, inside + word.len());
    (byte(text, end) == close).then_some(end + 1)
}

fn starts_with(text: &str, word: &str, close: u8) -> bool {
    let start = text.get(..word.len());
    let after = text.as_bytes().get(word.len()).copied();
    start.is_some_and(|start| start.eq_ignore_ascii_case(word))
        && after.is_some_and(|after| after == b' ' || after == close)
}

/// The end of a host with at least one written dot or a real one, and how many dots it has.
fn host(text: &str, start: usize) -> Option<(usize, usize)> {
    let mut name = String::new();
    let mut at = start;
    let mut ends: Vec<(usize, usize)> = Vec::new();
    for number in 0..MAX_LABELS {
        let end = run(text, at, MAX_LABEL, is_label);
        if end == at {
            break;
        }
        name.push_str(text.get(at..end)?);
        if number > 0 {
            ends.push((end, name.len()));
        }
        let Some(next) = dot(text, end) else {
            break;
        };
        name.push('.');
        at = next;
    }
    let known = |&&(_, length): &&(usize, usize)| name.get(..length).is_some_and(domain::is_known);
    let at = ends.iter().rev().find(known)?;
    Some((at.0, ends.len()))
}

/// Where a dot ends, written in any way.
fn dot(text: &str, at: usize) -> Option<usize> {
    if byte(text, at) == b'.' {
        return Some(at + 1);
    }
    let spaced = skip_space(text, at);
    if let Some(end) = bracket(text, spaced, DOTS) {
        return Some(skip_space(text, end));
    }
    if spaced == at {
        return None;
    }
    let rest = text.get(spaced..)?;
    let word =
        DOTS.iter().filter(|word| word.len() > 1).find(|word| starts_with(rest, word, b' '))?;
    let end = spaced + word.len();
    (byte(text, end) == b' ').then(|| skip_space(text, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_in_brackets() {
        for (text, address) in [
            ("mail jane [at] host [dot] org now", "jane [at] host [dot] org"),
            ("jane.doe(at)uni-x.de, or", "jane.doe(at)uni-x.de"),
            ("jane (AT) mail (DOT) host (DOT) com", "jane (AT) mail (DOT) host (DOT) com"),
            ("jose {arroba} correo punto es", "jose {arroba} correo punto es"),
            ("jo [ at ] host dot org.", "jo [ at ] host dot org"),
        ] {
            let at = text.find(['[', '(', '{']).unwrap();
            let found = bracketed(text, 0, at).map(|it| &text[it.start..it.end]);
            assert_eq!(found, Some(address), "{text}");
        }
        for text in ["f (at) x", "look [at] the dot matrix", "see (a) b.com (b)", "(at) host.org"] {
            let at = text.find(['[', '(']).unwrap();
            assert_eq!(
                bracketed(text, 0, at).filter(|_| text != "see (a) b.com (b)"),
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn bare_words() {
        let text = "write to jane dot doe at host dot org please";
        let at = text.rfind(" dot").unwrap();
        let found = bare(text, 0, at).map(|it| &text[it.start..it.end]);
        assert_eq!(found, Some("doe at host dot org"));
        assert_eq!(bare("look at the dot matrix", 0, 11), None);
    }
}
