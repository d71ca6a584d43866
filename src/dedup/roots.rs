//! How ROOTS counted the lines that many documents share.
//!
//! Source: BigScience's `data-preparation` (2022), `01a_catalogue_cleaning_and_filtering` and
//! `sourcing/cc_pseudo_crawl`. These are functions of a text or of counts; no stage uses them yet.

use std::collections::{HashMap, HashSet};

use xxhash_rust::xxh3::xxh3_128;

use crate::text::whitespace::python_strip;

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
}
