//! What ROOTS compared documents and lines by when it removed duplicates, beside the normalised text
//! of [`normalize_roots`](super::exact::normalize_roots).
//!
//! Source: BigScience's `data-preparation` (2022), `01a_catalogue_cleaning_and_filtering` and
//! `sourcing/cc_pseudo_crawl`. These are functions of a text or of counts; no stage uses those of
//! lines yet.

use std::collections::{HashMap, HashSet};

use xxhash_rust::xxh3::xxh3_128;

use crate::text::whitespace::python_strip;

/// The key of `dedup_document_on_url`: what stands before the first `?`, but for one at the very
/// beginning. Scheme, fragment and a slash at the end count.
pub fn url_host_and_path(url: &str) -> &str {
    let first = url.chars().next().map_or(0, char::len_utf8);
    let end = url.get(first..).and_then(|rest| rest.find('?'));
    end.and_then(|end| url.get(..first + end)).unwrap_or(url)
}

/// The key of `dedup_document_on_url` for Cointelegraph: what stands before the first `?` or `/amp`,
/// wherever that is, so that all pages below `/amp/` are one.
pub fn url_cointelegraph(url: &str) -> &str {
    let url = url.split('?').next().unwrap_or(url);
    url.find("/amp").and_then(|end| url.get(..end)).unwrap_or(url)
}

/// The key of `dedup_document_on_url` for QUT: of the query only the parameters that are named stay,
/// under their new names. Values are decoded and encoded again as forms are, so that spellings of
/// one value agree; parameters without a value are left out, as in Python's `parse_qsl`.
///
/// # Examples
///
/// ```
/// use sapwood::dedup::roots::url_with_parameters;
/// let names = [("id", "id"), ("news-id", "id")];
/// let url = "https://www.qut.edu.au/news?utm=1&news-id=5#top";
/// assert_eq!(url_with_parameters(url, &names), "https://www.qut.edu.au/news?id=5#top");
/// ```
pub fn url_with_parameters(url: &str, names: &[(&str, &str)]) -> String {
    let (before, fragment) = match url.split_once('#') {
        Some((before, fragment)) => (before, Some(fragment)),
        None => (url, None),
    };
    let (path, query) = before.split_once('?').unwrap_or((before, ""));
    let mut kept = path.to_owned();
    let mut sign = '?';
    for pair in query.split('&') {
        let Some((key, value)) = pair.split_once('=').filter(|(_, value)| !value.is_empty()) else {
            continue;
        };
        let key = form_decode(key);
        let Some((_, name)) = names.iter().find(|(old, _)| old.as_bytes() == key) else { continue };
        kept.push(sign);
        sign = '&';
        form_encode(name.as_bytes(), &mut kept);
        kept.push('=');
        let value = form_decode(value);
        form_encode(String::from_utf8_lossy(&value).as_bytes(), &mut kept);
    }
    if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) {
        kept.push('#');
        kept.push_str(fragment);
    }
    kept
}

/// `+` is a space and `%` with two digits a byte.
fn form_decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digit = |at: usize| behind.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        let (byte, length) = match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
            (b'+', ..) => (b' ', 1),
            _ => (first, 1),
        };
        bytes.push(byte);
        rest = rest.get(length..).unwrap_or_default();
    }
    bytes
}

/// Python's `quote_plus`: ASCII letters, digits and `_.-~` stay, a space is `+`.
fn form_encode(bytes: &[u8], out: &mut String) {
    for &byte in bytes {
        match byte {
            b' ' => out.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte) => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// How often lines, stripped of white space at their ends, occur in some documents. They are kept
/// by xxh3-128, 16 bytes each.
#[derive(Debug, Clone, Default)]
pub struct LineCounts {
    counts: HashMap<u128, u64>,
}

impl LineCounts {
    /// Counts every line of a text that has at least so many code points when stripped; a line that
    /// occurs twice in it counts twice. ROOTS' `dedup_template_soft` took 15,
    /// `dedup_pseudocrawl_newspapers` 0, by which empty lines count as well.
    pub fn add_template_lines(&mut self, text: &str, min_characters: usize) {
        for line in text.split('\n').map(python_strip) {
            if line.chars().take(min_characters).count() == min_characters {
                *self.counts.entry(key(line)).or_default() += 1;
            }
        }
    }

    /// Counts every line of a text once, as the pseudo-crawl of ROOTS did for its boilerplate.
    pub fn add_lines_once(&mut self, text: &str) {
        let lines: HashSet<u128> = text.split('\n').map(|line| key(python_strip(line))).collect();
        for line in lines {
            *self.counts.entry(line).or_default() += 1;
        }
    }

    /// The lines that occur at least so often: 10 in `dedup_template_soft`, 2 in
    /// `dedup_pseudocrawl_newspapers`.
    pub fn at_least(&self, occurrences: u64) -> Lines {
        self.matching(|count| count >= occurrences)
    }

    /// The lines that occur on more pages than a share of all, and than a fixed number: 0.01 and 10
    /// in the pseudo-crawl of ROOTS.
    pub fn above_share(&self, pages: u64, share: f64, fixed: u64) -> Lines {
        let threshold = (fixed as f64).max(pages as f64 * share);
        self.matching(|count| count as f64 > threshold)
    }

    fn matching(&self, wanted: impl Fn(u64) -> bool) -> Lines {
        let lines = self.counts.iter().filter(|(_, count)| wanted(**count));
        Lines { lines: lines.map(|(line, _)| *line).collect() }
    }
}

/// Lines that are to be removed wherever they occur.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    lines: HashSet<u128>,
}

impl Lines {
    /// Whether a line is among them, white space at its ends aside.
    pub fn contains(&self, line: &str) -> bool {
        self.lines.contains(&key(python_strip(line)))
    }

    /// The text without these lines; what stays is stripped line by line.
    pub fn remove_from(&self, text: &str) -> String {
        let mut kept = String::with_capacity(text.len());
        let mut first = true;
        for line in text.split('\n').map(python_strip).filter(|line| !self.contains(line)) {
            if !first {
                kept.push('\n');
            }
            first = false;
            kept.push_str(line);
        }
        kept
    }
}

fn key(line: &str) -> u128 {
    xxh3_128(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn urls_are_cut_as_roots_cut_them() {
        for (url, expected) in [
            ("https://b.org/q?u=1", "https://b.org/q"),
            ("https://b.org/q#part?u", "https://b.org/q#part"),
            ("https://b.org/q/", "https://b.org/q/"),
            ("?a?b", "?a"),
            ("", ""),
        ] {
            assert_eq!(url_host_and_path(url), expected);
        }
        for (url, expected) in [
            ("https://es.b.com/n/y/amp", "https://es.b.com/n/y"),
            ("https://es.b.com/n/y?z=/amp", "https://es.b.com/n/y"),
            ("https://es.b.com/amp/n", "https://es.b.com"),
        ] {
            assert_eq!(url_cointelegraph(url), expected);
        }
    }

    #[test]
    fn only_named_parameters_stay() {
        let names = [("id", "id"), ("news-id", "id")];
        for (url, expected) in [
            ("https://b.edu/n?id=7&utm=2", "https://b.edu/n?id=7"),
            ("https://b.edu/n?news-id=7", "https://b.edu/n?id=7"),
            ("https://b.edu/n?a=1", "https://b.edu/n"),
            ("https://b.edu/n?id=c d", "https://b.edu/n?id=c+d"),
            ("https://b.edu/n?id=%c3%A9%2&id=&id#x", "https://b.edu/n?id=%C3%A9%252#x"),
            ("https://b.edu/n", "https://b.edu/n"),
        ] {
            assert_eq!(url_with_parameters(url, &names), expected);
        }
    }

    #[test]
    fn template_lines_go_everywhere() {
        let texts = ["p\nq\nr", "p\ns", "t\n\nu\n\nv", " p \ny"];
        let mut counts = LineCounts::default();
        texts.iter().for_each(|text| counts.add_template_lines(text, 0));
        let templates = counts.at_least(2);
        let left: Vec<String> = texts.iter().map(|text| templates.remove_from(text)).collect();
        assert_eq!(left, ["q\nr", "s", "t\nu\nv", "y"]);

        let mut counts = LineCounts::default();
        for number in 0..10 {
            counts
                .add_template_lines(&format!("Fifteen letters\nBody {number}\nfourteen lette"), 15);
        }
        assert_eq!(counts.counts.len(), 1);
        assert_eq!(counts.at_least(10).remove_from("  Fifteen letters\n x"), "x");
        assert_eq!(counts.at_least(11).remove_from("Fifteen letters"), "Fifteen letters");
    }

    #[test]
    fn boilerplate_is_what_many_pages_have() {
        let mut counts = LineCounts::default();
        for number in 0..12 {
            let twice = if number < 10 { "Twice\nTwice" } else { "" };
            counts.add_lines_once(&format!("Home\npage {number}\n{twice}\n"));
        }
        // Eleven of twelve pages are needed.
        let lines = counts.above_share(12, 0.01, 10);
        assert!(lines.contains(" Home ") && !lines.contains("Twice") && lines.contains(""));
        assert_eq!(python_strip(&lines.remove_from("Home\n  text  \n")), "text");
        assert!(!counts.above_share(1200, 0.01, 10).contains("Home"));
    }

    proptest! {
        #[test]
        fn no_url_makes_it_panic(url in "[?/#&=%+a4émp.:]{0,40}") {
            let cut = url_cointelegraph(&url);
            prop_assert!(url.starts_with(cut) && url.starts_with(url_host_and_path(&url)));
            let names = [("a", "a")];
            let once = url_with_parameters(&url, &names);
            prop_assert_eq!(url_with_parameters(&once, &names), once);
        }
    }
}
