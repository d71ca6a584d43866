//! Words near a candidate that make it sure or call it off.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::chars::{digit_value, is_unspaced};
use super::rules::{Rule, Rules};
use super::steps;

/// From this many characters on a word may have an ending: `telefon` is found in `telefonu` and
/// `Telefonnummer`.
const MIN_STEM: usize = 5;

/// The longest line that can be a label of the line below.
const MAX_LABEL: usize = 24;

/// The joiners of Arabic and Indic scripts, which are written or not.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200C}' | '\u{200D}')
}

/// All words of all lists, as one automaton.
#[derive(Debug)]
pub(super) struct Contexts {
    automaton: AhoCorasick,
    /// For each word the lists that it is in, and whether it may have an ending.
    words: Vec<(Vec<u16>, bool)>,
    /// How far any rule looks.
    before: usize,
    after: usize,
}

/// The lists of one rule.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists {
    pub context: Vec<u16>,
    pub cancel: Vec<u16>,
}

/// A word that was found: its list and how many bytes lie between it and the candidate.
#[derive(Debug, Clone, Copy)]
struct Hit {
    list: u16,
    distance: usize,
    before: bool,
    /// Whether it stands in the candidate's own line.
    same_line: bool,
}

/// The words around one candidate. Filled when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    span: Option<(usize, usize)>,
    hits: Vec<Hit>,
    lower: String,
}

/// What the surroundings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    Nothing,
    Yes,
    No,
}

impl Contexts {
    pub fn new(rules: &Rules) -> Result<(Self, Vec<Lists>), String> {
        let names: Vec<&String> = rules.words.keys().collect();
        let number = |name: &String| names.binary_search(&name).ok().map(|at| at as u16);
        let mut words: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        for (list, words_of) in rules.words.values().enumerate() {
            for word in words_of.values().flatten() {
                let word: String =
                    word.to_lowercase().chars().filter(|it| !is_joiner(*it)).collect();
                if word.trim().is_empty() {
                    return Err(format!("words.{}: a word is empty", names[list]));
                }
                let lists = words.entry(word).or_default();
                if lists.last() != Some(&(list as u16)) {
                    lists.push(list as u16);
                }
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(words.keys())
            .map_err(|error| format!("words: {error}"))?;
        let stems = |word: &String| word.chars().count() >= MIN_STEM;
        let lists = |rule: &Rule| Lists {
            context: rule.context.iter().filter_map(number).collect(),
            cancel: rule.cancel.iter().filter_map(number).collect(),
        };
        let widest = |width: fn(&Rule) -> usize| rules.rules.iter().map(width).max().unwrap_or(0);
        let contexts = Self {
            words: words.iter().map(|(word, lists)| (lists.clone(), stems(word))).collect(),
            automaton,
            before: widest(|rule| rule.context_before),
            after: widest(|rule| rule.context_after),
        };
        Ok((contexts, rules.rules.iter().map(lists).collect()))
    }

    /// What the words around a span say of a rule. The nearer of two words that say different
    /// things counts.
    pub fn ask(
        &self,
        text: &str,
        (start, end): (usize, usize),
        rule: &Rule,
        lists: &Lists,
        around: &mut Surroundings,
    ) -> Says {
        if lists.context.is_empty() && lists.cancel.is_empty() {
            return Says::Nothing;
        }
        if around.span != Some((start, end)) {
            around.span = Some((start, end));
            around.hits.clear();
            self.fill(text, start, end, around);
        }
        let nearest = |wanted: &[u16], any_line: bool| {
            let near = |hit: &&Hit| {
                let reach = if hit.before { rule.context_before } else { rule.context_after };
                (any_line || hit.same_line) && hit.distance <= reach && wanted.contains(&hit.list)
            };
            around.hits.iter().filter(near).map(|hit| hit.distance).min()
        };
        match (nearest(&lists.context, true), nearest(&lists.cancel, false)) {
            (Some(context), Some(cancel)) if cancel < context => Says::No,
            (Some(_), _) => Says::Yes,
            (None, Some(_)) => Says::No,
            (None, None) => Says::Nothing,
        }
    }

    fn fill(&self, text: &str, start: usize, end: usize, around: &mut Surroundings) {
        let before = text.get(floor(text, start.saturating_sub(self.before))..start);
        let before = before.unwrap_or_default();
        // A line is one thing. A label may stand in a line of its own above its value.
        match before.rfind('\n') {
            None => self.look(before, true, true, around),
            Some(at) => {
                let line = &before[at + 1..];
                self.look(line, true, true, around);
                let above = before[..at].trim_end();
                if line.trim().is_empty() {
                    let label = &above[above.rfind('\n').map_or(0, |at| at + 1)..];
                    // A line with a number of its own has its value already.
                    let short = label.chars().count() <= MAX_LABEL;
                    if short && !label.contains(|it| digit_value(it).is_some()) {
                        self.look(label, true, false, around);
                    }
                }
            }
        }
        let after = text.get(end..floor(text, (end + self.after).min(text.len())));
        let after = after.unwrap_or_default();
        let after = after.find('\n').map_or(after, |at| &after[..at]);
        self.look(after, false, true, around);
    }

    fn look(&self, text: &str, before: bool, same_line: bool, around: &mut Surroundings) {
        steps::count(text.len());
        let Surroundings { hits, lower, .. } = around;
        lower.clear();
        for character in text.chars().filter(|it| !is_joiner(*it)) {
            // One character for one: what grows, such as `İ`, is in no word.
            let mut lowered = character.to_lowercase();
            match (lowered.next(), lowered.next()) {
                (Some(one), None) => lower.push(one),
                _ => lower.push(character),
            }
        }
        for found in self.automaton.find_overlapping_iter(lower.as_str()) {
            let (lists, stem) = &self.words[found.pattern().as_usize()];
            if !stands_alone(lower, found.start(), found.end(), *stem) {
                continue;
            }
            let distance = if before { lower.len() - found.end() } else { found.start() };
            hits.extend(lists.iter().map(|&list| Hit { list, distance, before, same_line }));
        }
    }
}

/// Whether a word that was found is a word there.
fn stands_alone(text: &str, start: usize, end: usize, stem: bool) -> bool {
    let inside = text.get(start..end).unwrap_or_default();
    let glued = |outside: Option<char>, edge: Option<char>| {
        outside.is_some_and(|outside| outside.is_alphabetic() && !is_unspaced(outside))
            && edge.is_some_and(|edge| edge.is_alphabetic() && !is_unspaced(edge))
    };
    let before = text.get(..start).and_then(|before| before.chars().next_back());
    let after = text.get(end..).and_then(|after| after.chars().next());
    !glued(before, inside.chars().next()) && (stem || !glued(after, inside.chars().next_back()))
}

/// The character boundary at or before an offset.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..4)
        .filter_map(|back| at.checked_sub(back))
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}
