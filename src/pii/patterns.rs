//! The patterns of all rules of a window, asked together.

use regex::{RegexSet, RegexSetBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::rules::{Finder, Rules, Window};

/// Patterns that are tried on one kind of candidates, and the rule of each.
#[derive(Debug)]
pub(super) struct Patterns {
    set: RegexSet,
    rules: Vec<usize>,
    /// The fewest letters and digits of what any of them can match.
    least: usize,
    /// The fewest digits of what any of them can match that has no letters.
    least_digits: usize,
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
        let parsed: Vec<Hir> =
            sources.iter().filter_map(|source| regex_syntax::parse(source).ok()).collect();
        let least = |letters| parsed.iter().filter_map(|hir| least(hir, letters)).min();
        let set = RegexSetBuilder::new(&sources)
            .size_limit(SIZE_LIMIT)
            .dfa_size_limit(SIZE_LIMIT)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            set,
            rules: numbers,
            least: least(true).unwrap_or(usize::MAX),
            least_digits: least(false).unwrap_or(usize::MAX),
        })
    }

    /// Whether a candidate has as many letters and digits as any pattern asks for. It spares most
    /// numbers of a text the patterns.
    pub fn may_match(&self, candidate: &str) -> bool {
        let digits = candidate.bytes().filter(u8::is_ascii_digit).count();
        let letters = candidate.bytes().filter(u8::is_ascii_alphabetic).count();
        digits + letters >= if letters == 0 { self.least_digits } else { self.least }
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

/// The fewest letters and digits of what a pattern matches, with or without letters; `None` if it
/// matches nothing without.
fn least(pattern: &Hir, letters: bool) -> Option<usize> {
    let counts = |character: char| match character {
        '0'..='9' => Some(1),
        'a'..='z' | 'A'..='Z' => letters.then_some(1),
        _ => Some(0),
    };
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(0),
        HirKind::Literal(literal) => {
            literal.0.iter().map(|&byte| counts(char::from(byte))).sum::<Option<usize>>()
        }
        HirKind::Class(Class::Unicode(class)) => class
            .ranges()
            .iter()
            .flat_map(|range| of_range(range.start(), range.end()))
            .filter_map(counts)
            .min(),
        HirKind::Class(Class::Bytes(_)) => Some(0),
        HirKind::Repetition(repetition) if repetition.min == 0 => Some(0),
        HirKind::Repetition(repetition) => {
            least(&repetition.sub, letters).map(|least| least * repetition.min as usize)
        }
        HirKind::Capture(capture) => least(&capture.sub, letters),
        HirKind::Concat(parts) => parts.iter().map(|part| least(part, letters)).sum(),
        HirKind::Alternation(parts) => parts.iter().filter_map(|part| least(part, letters)).min(),
    }
}

/// One character of each kind that a range holds: what is not a letter or digit, a digit, a letter.
fn of_range(start: char, end: char) -> impl Iterator<Item = char> {
    let holds = move |first: char, last: char| start <= last && first <= end;
    let inside = [('0', '9'), ('a', 'z'), ('A', 'Z')];
    let ascii =
        inside.into_iter().filter(move |&(first, last)| holds(first, last)).map(|(first, _)| first);
    let others = [('\0', '/'), (':', '@'), ('[', '`'), ('{', char::MAX)];
    ascii.chain(
        others.into_iter().filter(move |&(first, last)| holds(first, last)).map(|(first, _)| first),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_letters_and_digits() {
        let both = |pattern: &str| {
            let hir = regex_syntax::parse(pattern).unwrap();
            (least(&hir, true), least(&hir, false))
        };
        assert_eq!(both(r"\A(?:[0-9]{3}-?[0-9]{2})\z"), (Some(5), Some(5)));
        assert_eq!(both(r"[0-9]{3}-?[0-9]{2}"), (Some(5), Some(5)));
        assert_eq!(both("[A-Z]{2}[0-9]{4}"), (Some(6), None));
        assert_eq!(both("[A-Z0-9]{4}|[0-9]{9}[A-Z]?"), (Some(4), Some(4)));
        assert_eq!(both("AB?[ -]?"), (Some(1), None));
    }
}
