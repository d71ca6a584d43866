//! What the operations do to a text. Each gives the new text, or `None` if nothing changes.

use std::collections::HashSet;

use icu_segmenter::SentenceSegmenter;
use icu_segmenter::options::SentenceBreakInvariantOptions;
use regex::Regex;

use crate::languages::Languages;
use crate::text::classes::python_split;
use crate::text::whitespace::python_strip;

/// The substrings whose lines `remove_lines_with_code` drops.
pub(super) const CODE: &[&str] = &["{", "}", "[if", "<script"];
/// Of `remove_html_spans`.
pub(super) const HTML: &[&str] = &["<span", "</span>", "<div", "</div>", "<a", "</a>", "br>"];
/// Of `remove_html_spans_sanad`.
pub(super) const SANAD: &[&str] = &[
    "<img",
    "]]>",
    "<![CDATA",
    "//DW",
    "var ",
    "xtImg",
    "To view this video please enable JavaScript",
];
/// Of `remove_wiki_mojibake`.
pub(super) const MOJIBAKE: &[&str] = &["À À"];

/// A pattern of some substrings, of which the first in the list is taken at every place.
pub(super) fn any_of(substrings: &[impl AsRef<str>]) -> Result<Regex, regex::Error> {
    let escaped: Vec<String> =
        substrings.iter().map(|substring| regex::escape(substring.as_ref())).collect();
    Regex::new(&escaped.join("|"))
}

/// Every line feed becomes a space.
pub(super) fn replace_newlines(text: &str) -> Option<String> {
    text.contains('\n').then(|| text.replace('\n', " "))
}

/// Lines in which the pattern, which has no line feed in it, is found are dropped.
pub(super) fn remove_lines(text: &str, pattern: &Regex) -> Option<String> {
    let mut found = Some(pattern.find(text)?);
    let mut kept = Lines::with_capacity(text.len());
    let mut start = 0;
    while let Some(place) = found {
        let before = text.get(start..place.start()).unwrap_or_default();
        if let Some(end) = before.rfind('\n') {
            kept.push(before.get(..end).unwrap_or_default());
        }
        let behind = text.get(place.start()..).unwrap_or_default();
        let Some(end) = behind.find('\n') else { return Some(kept.text) };
        start = place.start() + end + 1;
        found = pattern.find_at(text, start);
    }
    kept.push(text.get(start..).unwrap_or_default());
    Some(kept.text)
}

/// Every match is deleted.
pub(super) fn strip_substrings(text: &str, pattern: &Regex) -> Option<String> {
    pattern.is_match(text).then(|| pattern.replace_all(text, "").into_owned())
}

/// Of the lines that are not empty and equal to the byte, the first stays.
pub(super) fn remove_duplicate_lines(text: &str) -> Option<String> {
    let mut seen = HashSet::new();
    let repeated = text.split('\n').any(|line| !line.is_empty() && !seen.insert(line));
    if !repeated {
        return None;
    }
    seen.clear();
    let mut kept = Lines::with_capacity(text.len());
    text.split('\n')
        .filter(|line| line.is_empty() || seen.insert(*line))
        .for_each(|l| kept.push(l));
    Some(kept.text)
}

/// Everything behind the last line that has a share of stop words above the ratio is cut off.
pub(super) fn remove_references(
    text: &str,
    stopwords: &HashSet<Box<str>>,
    ratio: f64,
) -> Option<String> {
    let mut end = text.len();
    loop {
        let rest = text.get(..end).unwrap_or_default();
        let start = rest.rfind('\n').map_or(0, |at| at + 1);
        let line = rest.get(start..).unwrap_or_default();
        let (mut words, mut stops) = (0_u64, 0_u64);
        for word in python_split(line) {
            words += 1;
            stops += u64::from(stopwords.contains(word));
        }
        if stops as f64 > words as f64 * ratio {
            return (end < text.len()).then(|| rest.to_owned());
        }
        if start == 0 {
            return (!text.is_empty()).then(String::new);
        }
        end = start - 1;
    }
}

/// A sentence a line: sentences of UAX #29 without the white space at their ends.
pub(super) fn split_sentences(text: &str) -> Option<String> {
    let segmenter = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
    let mut sentences = Lines::with_capacity(text.len());
    let mut start = 0;
    for end in segmenter.segment_str(text) {
        let sentence = python_strip(text.get(start..end).unwrap_or_default());
        if !sentence.is_empty() {
            sentences.push(sentence);
        }
        start = end;
    }
    (sentences.text != text).then_some(sentences.text)
}

/// Lines that are joined by line feeds.
struct Lines {
    text: String,
    empty: bool,
}

impl Lines {
    fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), empty: true }
    }

    fn push(&mut self, line: &str) {
        if !self.empty {
            self.text.push('\n');
        }
        self.empty = false;
        self.text.push_str(line);
    }
}

/// The fewest bytes of a document that ROOTS kept in a language, none for Basque, Assamese, Odia and
/// the Niger-Congo languages. ROOTS' own names of languages, such as `zht` and `indic-bn`, and
/// refinements such as `zh-tw` or `code-python` are known.
pub fn min_bytes(language: &str) -> Option<u64> {
    let language = Languages::shipped().short(language).unwrap_or(language);
    match language.split(['-', '_']).next().unwrap_or_default() {
        "ca" | "en" | "es" | "fr" | "zh" | "zhs" | "zht" | "code" => Some(1024),
        "ar" | "id" | "pt" | "vi" => Some(300),
        "bn" | "gu" | "hi" | "kn" | "ml" | "mr" | "ne" | "pa" | "ta" | "te" | "ur" => Some(300),
        _ => None,
    }
}
