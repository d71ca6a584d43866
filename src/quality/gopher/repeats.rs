//! What the rules of repetition measure, in each variant.

use xxhash_rust::xxh3::xxh3_64;

use super::Variant;
use super::lines::{lines_between_runs, paragraphs};
use super::repetition::{Measures, Parameters, Rule};
use crate::text::ngrams::{DuplicateFinder, Group, Joined, Ngrams};
use crate::text::segment::Segmentation;
use crate::text::view::{View, Words};

/// Entries of the largest lists that are kept from one document to the next.
const KEPT: usize = 1 << 18;

/// Counts what is repeated; used again from one document to the next.
#[derive(Debug, Default)]
pub(super) struct Counter {
    paragraphs: Vec<(u64, u32)>,
    finder: DuplicateFinder,
    ngrams: Ngrams,
    joined: Joined,
    /// The lengths of all words before each, and of all; in code points or bytes.
    lengths: Vec<u32>,
}

impl Counter {
    /// Measures a text the way a variant does.
    pub(super) fn measure(
        &mut self,
        variant: Variant,
        view: View<'_>,
        segmentation: Segmentation,
        parameters: &Parameters,
    ) -> Measures {
        let words = view.words(segmentation);
        let measures = match variant {
            Variant::Datatrove => self.datatrove(view, words, parameters),
            Variant::Dolma => self.dolma(view, words, parameters),
            Variant::Datamap => self.datamap(view, words, parameters),
        };
        self.shrink();
        measures
    }

    fn datatrove(&mut self, view: View<'_>, words: &Words, parameters: &Parameters) -> Measures {
        let length = view.characters() as u64;
        let ratio = |part, whole| Variant::Datatrove.ratio(part, whole);
        paragraphs(view, &mut self.paragraphs);
        let elements = self.paragraphs.iter().copied();
        let paragraphs = self.finder.count(self.paragraphs.len(), elements);
        let elements = lines_between_runs(view);
        let lines = self.finder.count(view.lines().len() + 1, elements);

        self.measure_lengths(words.characters().iter().copied());
        let top = self.for_each_length(words, &parameters.top, |counter, n| {
            // If none is repeated, the first one is the most frequent, and counts.
            let group = counter.ngrams.most_frequent().unwrap_or(Group { first: 0, count: 1 });
            match counter.length_of(group.first, n) {
                Some(words) => ratio((words + n as u64 - 1) * u64::from(group.count), length),
                None => 0.0,
            }
        });
        let shortest = parameters.duplicate.iter().map(|rule| rule.n).min();
        if let Some(shortest) = shortest {
            self.joined.read(view.text(), words, shortest);
        }
        let lengths = &self.lengths;
        let joined = &mut self.joined;
        let duplicate = parameters.duplicate.iter().map(|rule| {
            let mut characters = 0;
            joined.visit_duplicates(rule.n, |first, end| {
                characters += u64::from(lengths[end] - lengths[first]);
            });
            ratio(characters, length)
        });
        Measures {
            paragraphs: Some((
                ratio(paragraphs.copies, paragraphs.elements),
                ratio(paragraphs.copies_size, length),
            )),
            lines: (ratio(lines.copies, lines.elements), ratio(lines.copies_size, length)),
            duplicate: duplicate.collect(),
            top,
        }
    }

    fn dolma(&mut self, view: View<'_>, words: &Words, parameters: &Parameters) -> Measures {
        let ratio = |part, whole| Variant::Dolma.ratio(part, whole);
        self.measure_lengths(words.characters().iter().copied());
        let all = self.lengths.last().copied().map_or(0, u64::from);
        let elements = view.lines().iter().map(|line| (line.hash, line.characters));
        let lines = self.finder.count(view.lines().len(), elements);
        let top = self.for_each_length(words, &parameters.top, |counter, n| {
            let group = counter.ngrams.most_frequent().unwrap_or(Group { first: 0, count: 1 });
            match counter.length_of(group.first, n) {
                Some(words) => ratio(words * u64::from(group.count), all.max(1)),
                None => 0.0,
            }
        });
        let duplicate = self.for_each_length(words, &parameters.duplicate, |counter, n| {
            let ends = counter.lengths.get(n..).unwrap_or_default();
            let spans = counter.lengths.iter().zip(ends);
            let all: u64 = spans.map(|(&start, &end)| u64::from(end - start)).sum();
            let positions = counter.ngrams.positions().iter();
            let repeated = positions.filter_map(|&position| counter.length_of(position, n)).sum();
            ratio(repeated, all.max(1))
        });
        Measures {
            paragraphs: None,
            lines: (
                ratio(lines.repeated, lines.elements),
                // With white space above and without below, as in the original.
                if view.text().is_empty() { 0.0 } else { ratio(lines.repeated_size, all.max(1)) },
            ),
            top,
            duplicate,
        }
    }

    fn datamap(&mut self, view: View<'_>, words: &Words, parameters: &Parameters) -> Measures {
        let ratio = |part, whole| Variant::Datamap.ratio(part, whole);
        let text = view.text();
        self.paragraphs.clear();
        let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.is_empty());
        self.paragraphs.extend(
            paragraphs.map(|paragraph| (xxh3_64(paragraph.as_bytes()), paragraph.len() as u32)),
        );
        let mut shares = |elements: &mut dyn Iterator<Item = (u64, u32)>, number: usize| {
            let mut size = 0;
            let elements = elements.inspect(|&(_, bytes)| size += u64::from(bytes));
            let found = self.finder.count(number, elements);
            match found.elements {
                // Without any, all is taken to be repeated, and the document goes.
                0 => (1.0, 1.0),
                _ => (ratio(found.repeated, found.elements), ratio(found.repeated_size, size)),
            }
        };
        let paragraphs = shares(&mut self.paragraphs.iter().copied(), self.paragraphs.len());
        let lines = view.lines().iter().filter(|line| !line.is_empty());
        let mut lines = lines.map(|line| (line.hash, line.end - line.start));
        let lines = shares(&mut lines, view.lines().len());

        self.measure_lengths(words.spans().iter().map(|&(start, end)| end - start));
        let all = self.lengths.last().copied().map_or(0, u64::from);
        let top = self.for_each_length(words, &parameters.top, |counter, n| {
            // Of n-grams that are as frequent the longest one.
            let size = |group: Group| (group.count, counter.length_of(group.first, n));
            let best = counter
                .ngrams
                .repeated()
                .reduce(|best, group| if size(group) > size(best) { group } else { best });
            let covered =
                best.map_or(0, |best| counter.covered(counter.ngrams.occurrences(best), n));
            ratio(covered, all)
        });
        let duplicate = self.for_each_length(words, &parameters.duplicate, |counter, n| {
            ratio(counter.covered(counter.ngrams.positions().iter().copied(), n), all)
        });
        Measures { paragraphs: Some(paragraphs), lines, top, duplicate }
    }

    /// Calls `measure` with the n-grams of each rule's length, which ascend.
    fn for_each_length(
        &mut self,
        words: &Words,
        rules: &[Rule],
        measure: impl Fn(&Self, usize) -> f64,
    ) -> Vec<f64> {
        let measure_rule = |rule: &Rule| {
            // All lengths build upon the one before.
            if self.ngrams.n() == 0 || self.ngrams.n() > rule.n {
                self.ngrams.start(words.hashes(), rule.n.min(2));
            }
            while self.ngrams.n() < rule.n {
                self.ngrams.lengthen();
            }
            measure(self, rule.n)
        };
        rules.iter().map(measure_rule).collect()
    }

    fn measure_lengths(&mut self, lengths: impl Iterator<Item = u32>) {
        self.lengths.clear();
        self.lengths.push(0);
        let mut sum = 0;
        self.lengths.extend(lengths.map(|length| {
            sum += length;
            sum
        }));
    }

    /// The length of `n` words from one on, without what is between them; `None` if there are not
    /// so many.
    fn length_of(&self, first: u32, n: usize) -> Option<u64> {
        let first = first as usize;
        Some(u64::from(self.lengths.get(first + n)? - self.lengths.get(first)?))
    }

    /// The length of all words that lie in one of the n-grams that start at these positions, which
    /// ascend.
    fn covered(&self, positions: impl Iterator<Item = u32>, n: usize) -> u64 {
        let mut covered = 0;
        let mut next = 0;
        for position in positions {
            let first = position.max(next);
            next = position + n as u32;
            let bounds = (self.lengths.get(first as usize), self.lengths.get(next as usize));
            if let (Some(start), Some(end)) = bounds {
                covered += u64::from(end - start);
            }
        }
        covered
    }

    /// Gives back the room that an uncommonly long document took.
    fn shrink(&mut self) {
        self.finder.shrink();
        self.ngrams.shrink();
        self.joined.shrink();
        self.paragraphs.clear();
        self.paragraphs.shrink_to(KEPT);
        self.lengths.clear();
        self.lengths.shrink_to(KEPT);
    }
}
