//! Holds answers against the truth.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::answers::Answer;
use crate::edits;
use crate::exact::{Union, aligned, jaccard, shingles, similar_pairs};
use crate::groups;
use crate::set::{Entry, Kind};

/// What is known of a set besides its truth.
pub struct Known {
    words: Vec<Vec<u64>>,
    grams: Vec<Vec<u64>>,
    /// Pairs whose sets of word 5-grams are alike to the level.
    similar: Vec<(usize, usize)>,
    level: f64,
}

impl Known {
    pub fn of(set: &[Entry], level: f64) -> Self {
        let words: Vec<Vec<u64>> = set.iter().map(|entry| edits::words(&entry.text)).collect();
        let grams: Vec<Vec<u64>> = words.iter().map(|words| shingles(words, 5)).collect();
        let similar = similar_pairs(&grams, level);
        Self { words, grams, similar, level }
    }

    fn aligned(&self, one: usize, other: usize) -> f64 {
        aligned(&self.words[one], &self.words[other])
    }

    fn jaccard(&self, one: usize, other: usize) -> f64 {
        jaccard(&self.grams[one], &self.grams[other])
    }

    fn missed(
        &self,
        set: &[Entry],
        [one, other]: [usize; 2],
        percent: Option<u32>,
        round: usize,
    ) -> Missed {
        Missed {
            round,
            documents: [set[one].id.clone(), set[other].id.clone()],
            group: set[other].group,
            percent,
            words: [set[one].words, set[other].words],
            jaccard: self.jaccard(one, other),
            aligned: self.aligned(one, other),
        }
    }
}

/// A share, as how many of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Share {
    pub of: u64,
    pub found: u64,
}

impl Share {
    pub fn count(&mut self, found: bool) {
        self.of += 1;
        self.found += u64::from(found);
    }

    pub fn add(&mut self, other: Self) {
        self.of += other.of;
        self.found += other.found;
    }

    /// The share; `None` of nothing.
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.found as f64 / self.of as f64)
    }
}

/// Copies of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Copies {
    /// Hundredths of the words that are edited; 0 for exact copies.
    pub percent: u32,
    pub group: &'static str,
    pub length: &'static str,
}

/// Documents that are not copies of each other, of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Different {
    pub recipe: &'static str,
    /// Which tenth the aligned share of the two lies in, from below.
    pub aligned: u32,
    pub group: &'static str,
}

/// A document that was removed although it is not alike to the one that stays.
#[derive(Debug, Clone, Serialize)]
pub struct Wrong {
    pub round: usize,
    pub removed: String,
    pub kept: String,
    pub group: &'static str,
    pub recipe: Option<&'static str>,
    pub words: [usize; 2],
    pub jaccard: f64,
    pub aligned: f64,
}

/// Two documents that belong together and are not in one cluster.
#[derive(Debug, Clone, Serialize)]
pub struct Missed {
    pub round: usize,
    pub documents: [String; 2],
    pub group: &'static str,
    /// Hundredths of the words that are edited, if one is a copy of the other.
    pub percent: Option<u32>,
    pub words: [usize; 2],
    pub jaccard: f64,
    pub aligned: f64,
}

/// Copies with more edited words than these hundredths are not listed if they are missed.
const LISTED_PERCENT: u32 = 10;

/// What an answer is worth, over all rounds.
#[derive(Debug, Default)]
pub struct Figures {
    pub copies: BTreeMap<Copies, Share>,
    pub different: BTreeMap<Different, Share>,
    /// Documents that were removed, and which rightly, by group.
    pub removed: BTreeMap<&'static str, Share>,
    /// As `removed`, where only the truth and the Jaccard similarity count.
    pub removed_strictly: Share,
    /// Removed documents for which none was kept.
    pub without_kept: u64,
    /// Pairs within clusters, and which belong together.
    pub clustered: Share,
    /// Pairs of exact Jaccard similarity above the level, and which are in one cluster.
    pub similar: Share,
    /// Removed documents, and which are alike to the kept one by exact Jaccard similarity.
    pub removed_similar: Share,
    pub wrong: Vec<Wrong>,
    pub missed: Vec<Missed>,
    pub measures: BTreeMap<String, f64>,
}

impl Figures {
    /// Counts the answer to a set.
    pub fn count(&mut self, set: &[Entry], known: &Known, answer: &Answer, round: usize) {
        let together = |one: usize, other: usize| answer.cluster[one] == answer.cluster[other];
        // What belongs together: copies with their originals, and what is alike by Jaccard.
        let mut strictly = Union::new(set.len());
        for (number, entry) in set.iter().enumerate() {
            if let Some(original) = entry.original() {
                strictly.join(number, original);
            }
        }
        for &(one, other) in &known.similar {
            strictly.join(one, other);
            self.similar.count(together(one, other));
            if !together(one, other) {
                self.missed.push(known.missed(set, [one, other], None, round));
            }
        }
        // And what is as alike by its words in order as the truth's own copies are.
        let mut right = Union::new(set.len());
        (0..set.len()).for_each(|number| right.join(number, strictly.root(number)));
        for (number, kept) in answer.kept.iter().enumerate() {
            let Some(kept) = *kept else { continue };
            if !strictly.same(number, kept) && known.aligned(number, kept) >= known.level {
                right.join(number, kept);
            }
        }
        for (number, entry) in set.iter().enumerate() {
            self.count_truth(set, known, number, &together, round);
            if !answer.removed[number] {
                continue;
            }
            let Some(kept) = answer.kept[number] else {
                self.without_kept += 1;
                continue;
            };
            let is_right = right.same(number, kept);
            self.removed.entry(entry.group).or_default().count(is_right);
            self.removed_strictly.count(strictly.same(number, kept));
            let similarity = known.jaccard(number, kept);
            self.removed_similar.count(similarity >= known.level);
            if !is_right {
                let recipe = |one: usize, other: usize| match set[one].kind {
                    Kind::Negative(recipe) if set[one].of == Some(other) => Some(recipe),
                    _ => None,
                };
                self.wrong.push(Wrong {
                    round,
                    removed: entry.id.clone(),
                    kept: set[kept].id.clone(),
                    group: entry.group,
                    recipe: recipe(number, kept).or_else(|| recipe(kept, number)),
                    words: [entry.words, set[kept].words],
                    jaccard: similarity,
                    aligned: known.aligned(number, kept),
                });
            }
        }
        let pairs = |size: &u64| size * (size - 1) / 2;
        let (mut clusters, mut parts) = (BTreeMap::new(), BTreeMap::new());
        for (number, &cluster) in answer.cluster.iter().enumerate() {
            *clusters.entry(cluster).or_insert(0_u64) += 1;
            *parts.entry((cluster, right.root(number))).or_insert(0_u64) += 1;
        }
        self.clustered.of += clusters.values().map(pairs).sum::<u64>();
        self.clustered.found += parts.values().map(pairs).sum::<u64>();
        for (name, value) in &answer.measures {
            *self.measures.entry(name.clone()).or_default() += value;
        }
    }

    fn count_truth(
        &mut self,
        set: &[Entry],
        known: &Known,
        number: usize,
        together: &impl Fn(usize, usize) -> bool,
        round: usize,
    ) {
        let entry = &set[number];
        let Some(of) = entry.of else { return };
        let copies = |rate: f64| Copies {
            percent: (rate * 100.0).round() as u32,
            group: entry.group,
            length: groups::length(set[of].words),
        };
        let found = together(number, of);
        match entry.kind {
            Kind::Base => {}
            Kind::Exact => self.copies.entry(copies(0.0)).or_default().count(found),
            Kind::Near(rate) => {
                let copies = copies(rate);
                if !found && copies.percent <= LISTED_PERCENT {
                    let percent = Some(copies.percent);
                    self.missed.push(known.missed(set, [of, number], percent, round));
                }
                self.copies.entry(copies).or_default().count(found);
            }
            Kind::Negative(recipe) => {
                let aligned = (known.aligned(number, of) * 10.0).floor().min(9.0) as u32;
                let kind = Different { recipe, aligned, group: entry.group };
                self.different.entry(kind).or_default().count(found);
            }
        }
    }

    /// The share of copies that were found, of those that are asked for.
    pub fn recall(&self, asked: impl Fn(&Copies) -> bool) -> Share {
        let mut share = Share::default();
        self.copies.iter().filter(|(copies, _)| asked(copies)).for_each(|(_, it)| share.add(*it));
        share
    }

    /// All documents that were removed, and which rightly.
    pub fn precision(&self) -> Share {
        let mut share = Share::default();
        self.removed.values().for_each(|it| share.add(*it));
        share
    }
}
