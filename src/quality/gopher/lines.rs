//! Lines and paragraphs as the originals cut them, from the view's lines.

use xxhash_rust::xxh3::xxh3_64;

use crate::text::view::View;
use crate::text::whitespace::{is_python_whitespace, python_strip};

/// The hash and the length in code points of each line of a text that is split at runs of line
/// feeds, not stripped: a run at the beginning or the end gives an empty line there.
pub(super) fn lines_between_runs(view: View<'_>) -> impl Iterator<Item = (u64, u32)> + Clone {
    let text = view.text().as_bytes();
    let empty = (xxh3_64(b""), 0);
    let before = text.starts_with(b"\n").then_some(empty);
    let behind = (text.ends_with(b"\n") || text.is_empty()).then_some(empty);
    let lines = view.lines().iter().filter(|line| !line.is_empty());
    before.into_iter().chain(lines.map(|line| (line.hash, line.characters))).chain(behind)
}

/// Puts the hash and the length in code points of each paragraph into `paragraphs`: the text
/// stripped and split at two line feeds or more.
pub(super) fn paragraphs(view: View<'_>, paragraphs: &mut Vec<(u64, u32)>) {
    paragraphs.clear();
    let text = view.text();
    let stripped = python_strip(text);
    // What is stripped from the start is all that the two differ by there.
    let first = text.len() - text.trim_start_matches(is_python_whitespace).len();
    let last = first + stripped.len();
    let mut open: Option<(u64, u32)> = None;
    for line in view.lines().iter() {
        let (start, end) = (line.start as usize, line.end as usize);
        if end < first || start > last {
            continue;
        }
        let (hash, characters) = if start >= first && end <= last {
            (line.hash, line.characters)
        } else {
            let line = text.get(start.max(first)..end.min(last)).unwrap_or_default();
            (xxh3_64(line.as_bytes()), line.chars().count() as u32)
        };
        if characters == 0 {
            paragraphs.extend(open.take());
            continue;
        }
        open = Some(match open {
            None => (hash, characters),
            Some((before, length)) => (
                // Equal paragraphs have equal lines in the same order.
                (before.rotate_left(23) ^ hash).wrapping_mul(0x9E37_79B9_7F4A_7C15),
                length + 1 + characters,
            ),
        });
    }
    paragraphs.extend(open);
    if paragraphs.is_empty() {
        paragraphs.push((xxh3_64(b""), 0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use proptest::prelude::*;
    use regex::Regex;

    fn hashed(parts: impl Iterator<Item = String>) -> Vec<(usize, u32)> {
        let parts: Vec<String> = parts.collect();
        let first = |part: &String| parts.iter().position(|other| other == part).unwrap_or(0);
        parts.iter().map(|part| (first(part), part.chars().count() as u32)).collect()
    }

    fn ranked(parts: &[(u64, u32)]) -> Vec<(usize, u32)> {
        let first = |hash| parts.iter().position(|part| part.0 == hash).unwrap_or(0);
        parts.iter().map(|part| (first(part.0), part.1)).collect()
    }

    proptest! {
        #[test]
        fn lines_and_paragraphs_are_those_of_the_expressions(text in "([ab]|é|\\n|\\n\\n| |\\r){0,20}") {
            let document = Document::new("id", text.as_str());
            let one = Regex::new("\\n+").expect("a pattern");
            let lines: Vec<_> = lines_between_runs(document.view()).collect();
            prop_assert_eq!(ranked(&lines), hashed(one.split(&text).map(str::to_owned)));
            let two = Regex::new("\\n{2,}").expect("a pattern");
            let mut found = Vec::new();
            paragraphs(document.view(), &mut found);
            let expected = hashed(two.split(python_strip(&text)).map(str::to_owned));
            prop_assert_eq!(ranked(&found), expected);
        }
    }
}
