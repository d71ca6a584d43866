//! The patterns of all rules of a window, asked together.

use regex::{RegexSet, RegexSetBuilder};

use super::rules::{Finder, Rules, Window};

/// Patterns that are tried on one kind of candidates, and the rule of each.
#[derive(Debug)]
pub(super) struct Patterns {
    set: RegexSet,
    rules: Vec<usize>,
    /// The lengths of what any of them can match.
    shortest: usize,
    longest: usize,
}

/// The size up to which a set may grow; a rule takes some kilobytes.
const SIZE_LIMIT: usize = 64 << 20;

impl Patterns {
    pub fn new(rules: &Rules, window: Window) -> Result<Self, String> {
        let mut sources = Vec::new();
        let mut numbers = Vec::new();
        for (number, rule) in rules.rules.iter().enumerate() {
            if let Finder::Patterns(of, patterns) = &rule.finder
                && *of == window
            {
                sources.extend(patterns.iter().map(|pattern| pattern.as_str().to_owned()));
                numbers.extend(patterns.iter().map(|_| number));
            }
        }
        let lengths = sources.iter().map(|source| lengths(source)).collect::<Vec<_>>();
        let set = RegexSetBuilder::new(&sources)
            .size_limit(SIZE_LIMIT)
            .dfa_size_limit(SIZE_LIMIT)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            set,
            rules: numbers,
            shortest: lengths.iter().map(|lengths| lengths.0).min().unwrap_or(usize::MAX),
            longest: lengths.iter().map(|lengths| lengths.1).max().unwrap_or(0),
        })
    }

    /// Whether a candidate of so many bytes can match at all.
    pub fn may_match(&self, length: usize) -> bool {
        (self.shortest..=self.longest).contains(&length)
    }

    /// The rules that match a candidate from end to end, each once.
    pub fn matches(&self, candidate: &str) -> Vec<usize> {
        let matches = self.set.matches(candidate);
        if !matches.matched_any() {
            return Vec::new();
        }
        let mut rules: Vec<usize> =
            matches.into_iter().filter_map(|pattern| self.rules.get(pattern).copied()).collect();
        rules.dedup();
        rules
    }
}

/// The fewest and the most bytes that a pattern matches.
fn lengths(source: &str) -> (usize, usize) {
    match regex_syntax::parse(source) {
        Ok(pattern) => {
            let properties = pattern.properties();
            (properties.minimum_len().unwrap_or(0), properties.maximum_len().unwrap_or(usize::MAX))
        }
        Err(_) => (0, usize::MAX),
    }
}
