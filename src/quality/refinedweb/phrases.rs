//! Phrases of web pages' interfaces, and how they are taken out of a line.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::quality::lines::{ParameterError, phrases, steps};

/// Where in a line a phrase has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    Start,
    End,
}

/// Phrases, by the place where each has to be.
pub(super) struct Phrases {
    /// All of them, to see which lines have any.
    any: Option<AhoCorasick>,
    anywhere: Option<AhoCorasick>,
    start: Vec<String>,
    end: Vec<String>,
    ignore_case: bool,
}

impl Phrases {
    /// Phrases in the form that the configuration describes; empty ones are skipped.
    pub(super) fn new<'p>(
        lines: impl Iterator<Item = &'p str>,
        ignore_case: bool,
    ) -> Result<Self, ParameterError> {
        let all: Vec<(&str, Place)> =
            lines.map(place).filter(|(text, _)| !text.is_empty()).collect();
        let of = |wanted: Place| {
            all.iter().filter(move |(_, place)| *place == wanted).map(|(text, _)| *text)
        };
        let automaton = |texts: Vec<&str>| {
            let kind = MatchKind::LeftmostFirst;
            (!texts.is_empty()).then(|| phrases(texts, ignore_case, kind)).transpose()
        };
        Ok(Self {
            any: automaton(all.iter().map(|(text, _)| *text).collect())?,
            anywhere: automaton(of(Place::Anywhere).collect())?,
            start: of(Place::Start).map(str::to_owned).collect(),
            end: of(Place::End).map(str::to_owned).collect(),
            ignore_case,
        })
    }

    /// A line without its phrases: those that may be anywhere leave a space, with white space around
    /// them; then those at its end go, then those at its start. `None` if it has none, or if it is
    /// not one that phrases are taken out of.
    pub(super) fn remove(&self, line: &str, within: impl Fn(&str) -> bool) -> Option<String> {
        steps::add(line.len());
        if !self.any.as_ref()?.is_match(line) || !within(line) {
            return None;
        }
        steps::add(4 * line.len());
        let mut rest = String::with_capacity(line.len() + 1);
        let mut taken = 0;
        for found in self.anywhere.iter().flat_map(|automaton| automaton.find_iter(line)) {
            let before = line.get(taken..found.start()).unwrap_or_default();
            let before = before.strip_suffix(char::is_whitespace).unwrap_or(before);
            rest.push_str(before);
            rest.push(' ');
            let behind = line.get(found.end()..).unwrap_or_default();
            let kept = behind.strip_prefix(char::is_whitespace).unwrap_or(behind);
            taken = line.len() - kept.len();
        }
        let mut changed = taken > 0;
        rest.push_str(line.get(taken..).unwrap_or_default());
        // What a text with CR and LF leaves of its line ends is behind the end of the line.
        let end = rest.strip_suffix('\r').unwrap_or(&rest).len();
        let cut = |text: &str| {
            let ends = self.end.iter().filter_map(|phrase| {
                let kept = text.len().checked_sub(phrase.len())?;
                self.is(text.get(kept..)?, phrase).then_some(kept)
            });
            ends.min()
        };
        if let Some(kept) = rest.get(..end).and_then(cut) {
            let whole = rest.get(..kept).unwrap_or_default();
            let kept = whole.strip_suffix(char::is_whitespace).unwrap_or(whole).len();
            rest.replace_range(kept..end, "");
            changed = true;
        }
        let first = self
            .start
            .iter()
            .find(|phrase| rest.get(..phrase.len()).is_some_and(|start| self.is(start, phrase)));
        if let Some(phrase) = first {
            let behind = rest.get(phrase.len()..).unwrap_or_default();
            let behind = behind.strip_prefix(char::is_whitespace).unwrap_or(behind);
            rest = behind.to_owned();
            changed = true;
        }
        changed.then_some(rest)
    }

    fn is(&self, text: &str, phrase: &str) -> bool {
        match self.ignore_case {
            true => text.eq_ignore_ascii_case(phrase),
            false => text == phrase,
        }
    }
}

/// A phrase and its place, as a line of the configuration has it.
fn place(line: &str) -> (&str, Place) {
    let line = line.trim();
    if let Some(phrase) = line.strip_prefix('^') {
        return (phrase.trim(), Place::Start);
    }
    match line.strip_suffix('$') {
        Some(phrase) => (phrase.trim(), Place::End),
        None => (line, Place::Anywhere),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn removed(phrases: &[&str], line: &str) -> Option<String> {
        Phrases::new(phrases.iter().copied(), true).unwrap().remove(line, |_| true)
    }

    #[test]
    fn phrases_are_bound_to_their_places() {
        let phrases = ["^log in", "read more$", "in cart"];
        for (line, expected) in [
            ("Log In to see 3 items in cart today", Some("to see 3 items today")),
            ("in cart", Some(" ")),
            ("a title. Read more", Some("a title.")),
            ("a title. READ MORE\r", Some("a title.\r")),
            ("read more of it, log in", None),
            ("in cartin cart", Some("  ")),
            ("é in cart é", Some("é é")),
        ] {
            assert_eq!(removed(&phrases, line).as_deref(), expected, "{line}");
        }
        assert_eq!(removed(&[], "in cart"), None);
        assert_eq!(removed(&["", " ", "^", "$"], "in cart"), None);
    }

    #[test]
    fn case_matters_if_it_shall() {
        let phrases = Phrases::new(["^Log in", "in cart"].into_iter(), false).unwrap();
        assert_eq!(phrases.remove("log in, In Cart", |_| true), None);
        assert_eq!(phrases.remove("Log in, x in cart", |_| true).as_deref(), Some(", x "));
        assert_eq!(phrases.remove("Log in, x in cart", |_| false), None);
    }

    proptest! {
        // What a regular expression does, as datamap-rs has it.
        #[test]
        fn phrases_go_as_a_regular_expression_takes_them(line in "[ab \u{2003}é]{0,16}") {
            let anywhere = regex::Regex::new(r"\s?(?:ab|ba)\s?").unwrap();
            let end = regex::Regex::new(r"\s?(?:bb|é)$").unwrap();
            let start = regex::Regex::new(r"^(?:aa|b)\s?").unwrap();
            let step = anywhere.replace_all(&line, " ");
            let step = end.replace_all(&step, "");
            let expected = start.replace_all(&step, "");
            let found = removed(&["ab", "ba", "bb$", "é$", "^aa", "^b"], &line);
            prop_assert_eq!(found.unwrap_or_else(|| line.clone()), expected);
        }
    }
}
