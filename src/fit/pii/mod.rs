//! How well personal data is found: what a detector finds in documents in which all of it is
//! labelled.
//!
//! Two ways of counting. A find is *exact* if tag, start and end are those of a label. It *overlaps*
//! if the tag is that of a label and what both cover is at least half of the label and half of the
//! find. Each label is found by one find at most, and each find finds one label at most. What else
//! is found is a false positive, but where it touches a label that counts neither way. The second
//! way is the one that counts for precision, recall and F1, for whether a bracket or a port belongs
//! to a value is a matter of taste; `exact` stands beside it, and so does `covered`: labels of which
//! no letter and no digit would be left if everything that was found, under any tag, were removed.
//!
//! Nothing here holds, and no message quotes, a piece of a text: only tags, names of detectors and
//! kinds, and counts.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::Serialize;

mod gold;
#[cfg(test)]
mod tests;

use crate::pii::engine::Span;

pub use gold::{Gold, GoldError, Label, read, read_found};

/// A piece of a text that was found to be personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its tag.
    pub tag: String,
    /// What found it.
    pub detector: String,
    /// Where it begins, in code points.
    pub start: usize,
    /// Where it ends, in code points, exclusive.
    pub end: usize,
}

/// The spans of a text, from left to right and not overlapping, with offsets in code points.
pub fn found(text: &str, spans: &[Span]) -> Vec<Found> {
    let (mut byte, mut code_point) = (0, 0);
    let mut upto = |end: usize| {
        code_point += text.get(byte..end).map_or(0, |piece| piece.chars().count());
        byte = end.max(byte);
        code_point
    };
    spans
        .iter()
        .map(|span| Found {
            tag: span.tag.to_owned(),
            detector: span.detector.to_owned(),
            start: upto(span.start),
            end: upto(span.end),
        })
        .collect()
}

/// How often a detector was right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Scores {
    /// Labels that are personal data.
    pub labels: u64,
    /// Of these, such as were found, by overlap.
    pub found: u64,
    /// Of these, such as were found exactly.
    pub exact: u64,
    /// Labels that finds of whatever tag cover wholly.
    pub covered: u64,
    /// Finds that are of no label.
    pub false_positives: u64,
    /// Of these, such as touch personal data: of another tag, or of quite another extent.
    pub misnamed: u64,
    /// Found labels of all finds; 1 if nothing was found.
    pub precision: f64,
    /// Found labels of all labels; 1 if there are none.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
}

/// Labels of one kind that were not found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// Their tag.
    pub tag: String,
    /// Their kind.
    pub kind: String,
    /// The language of the documents.
    pub language: String,
    /// Whether words that name the value stand beside it.
    pub context: bool,
    /// How many were missed.
    pub missed: u64,
    /// Of how many.
    pub labels: u64,
    /// Of the missed, such as a find of another tag or another extent touches.
    pub touched: u64,
}

/// Finds of one detector that are of no label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mistaken {
    /// The tag that was found.
    pub tag: String,
    /// What found it.
    pub detector: String,
    /// What it was: `TAG kind` of the label that it touches, whether that is personal data (of
    /// another tag or extent) or only resembles it; `text` for what has no label.
    pub was: String,
    /// The language of the documents.
    pub language: String,
    /// How many.
    pub finds: u64,
}

/// How well personal data was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Documents.
    pub documents: u64,
    /// Their code points.
    pub code_points: u64,
    /// Over all of the tags in question.
    pub overall: Scores,
    /// By tag.
    pub tags: BTreeMap<String, Scores>,
    /// By the language of the document.
    pub languages: BTreeMap<String, Scores>,
    /// By tag and the language of the document.
    pub tags_by_language: BTreeMap<String, BTreeMap<String, Scores>>,
    /// False positives by detector, most first.
    pub false_positives_by_detector: Vec<(String, u64)>,
    /// What was missed, most first.
    pub missed: Vec<Missed>,
    /// What was found but is not there, most first.
    pub mistaken: Vec<Mistaken>,
}

/// Judges a detector. `find` gives what it finds in a document; `tags` are the tags in question, all
/// if empty: others are neither asked for nor counted where they are found.
pub fn evaluate(
    documents: &[Gold],
    tags: &BTreeSet<String>,
    find: impl Fn(&Gold) -> Vec<Found> + Sync,
) -> Evaluation {
    let judged: Vec<Judged> = documents
        .par_iter()
        .map(|document| {
            let asked = |tag: &str| tags.is_empty() || tags.contains(tag);
            let mut found = find(document);
            found.retain(|it| asked(&it.tag));
            Judged::of(document, found, asked)
        })
        .collect();
    let mut tally = Tally::default();
    for (document, judged) in documents.iter().zip(&judged) {
        tally.add(document, judged);
    }
    tally.finish(documents)
}

/// How the finds in one document lie to its labels.
struct Judged {
    found: Vec<Found>,
    /// Of each label, whether it is asked for and personal data, and how it was found.
    labels: Vec<Option<Outcome>>,
    /// Of each find that is of no label, what it touches: the number of a label, if any.
    mistaken: Vec<(usize, Option<usize>)>,
}

#[derive(Clone, Copy, Default)]
struct Outcome {
    found: bool,
    exact: bool,
    covered: bool,
    touched: bool,
}

fn common(a: (usize, usize), b: (usize, usize)) -> usize {
    a.1.min(b.1).saturating_sub(a.0.max(b.0))
}

impl Judged {
    fn of(document: &Gold, found: Vec<Found>, asked: impl Fn(&str) -> bool) -> Self {
        let spans: Vec<(usize, usize)> = found.iter().map(|it| (it.start, it.end)).collect();
        // Which label each find is of.
        let mut of_label: Vec<Option<usize>> = vec![None; found.len()];
        let mut labels: Vec<Option<Outcome>> = Vec::with_capacity(document.spans.len());
        let mut solid: Option<Vec<bool>> = None;
        for (number, label) in document.spans.iter().enumerate() {
            if label.valid != Some(true) || !asked(&label.tag) {
                labels.push(None);
                continue;
            }
            let span = (label.start, label.end);
            let same = |it: usize| found[it].tag == label.tag && of_label[it].is_none();
            let half = |it: usize| {
                let (start, end) = spans[it];
                2 * common(span, (start, end)) >= (label.end - label.start).max(end - start)
            };
            let exact = (0..found.len()).find(|&it| same(it) && spans[it] == span);
            let taken = exact.or_else(|| (0..found.len()).find(|&it| same(it) && half(it)));
            if let Some(it) = taken {
                of_label[it] = Some(number);
            }
            let solid = solid
                .get_or_insert_with(|| document.text.chars().map(char::is_alphanumeric).collect());
            let covers = |at: usize| spans.iter().any(|&(start, end)| start <= at && at < end);
            let covered = (label.start..label.end)
                .all(|at| solid.get(at).is_none_or(|&solid| !solid) || covers(at));
            let touched = spans.iter().any(|&it| common(span, it) > 0);
            labels.push(Some(Outcome {
                found: taken.is_some(),
                exact: exact.is_some(),
                covered,
                touched,
            }));
        }
        let mut mistaken = Vec::new();
        for (it, _) in of_label.iter().enumerate().filter(|(_, label)| label.is_none()) {
            let touching = |wanted: &dyn Fn(&Label) -> bool| {
                document.spans.iter().position(|label| {
                    wanted(label) && common((label.start, label.end), spans[it]) > 0
                })
            };
            if touching(&|label| label.valid.is_none()).is_none() {
                let personal = touching(&|label| label.valid == Some(true));
                mistaken.push((it, personal.or_else(|| touching(&|_| true))));
            }
        }
        Self { found, labels, mistaken }
    }
}

type Kind = (String, String, String, bool);

#[derive(Default)]
struct Tally {
    overall: Scores,
    tags: BTreeMap<String, Scores>,
    languages: BTreeMap<String, Scores>,
    both: BTreeMap<String, BTreeMap<String, Scores>>,
    detectors: BTreeMap<String, u64>,
    kinds: BTreeMap<Kind, Missed>,
    mistaken: BTreeMap<(String, String, String, String), u64>,
}

impl Tally {
    /// Counts in all tables of a document's language and a tag.
    fn count(&mut self, tag: &str, language: &str, count: impl Fn(&mut Scores)) {
        count(&mut self.overall);
        count(self.tags.entry(tag.to_owned()).or_default());
        count(self.languages.entry(language.to_owned()).or_default());
        let languages = self.both.entry(tag.to_owned()).or_default();
        count(languages.entry(language.to_owned()).or_default());
    }

    fn add(&mut self, document: &Gold, judged: &Judged) {
        let language = &document.language;
        for (label, outcome) in document.spans.iter().zip(&judged.labels) {
            let Some(outcome) = *outcome else { continue };
            self.count(&label.tag, language, |scores| {
                scores.labels += 1;
                scores.found += u64::from(outcome.found);
                scores.exact += u64::from(outcome.exact);
                scores.covered += u64::from(outcome.covered);
            });
            let kind = (label.tag.clone(), label.kind.clone(), language.clone(), label.context);
            let entry = self.kinds.entry(kind).or_insert_with(|| Missed {
                tag: label.tag.clone(),
                kind: label.kind.clone(),
                language: language.clone(),
                context: label.context,
                missed: 0,
                labels: 0,
                touched: 0,
            });
            entry.labels += 1;
            entry.missed += u64::from(!outcome.found);
            entry.touched += u64::from(!outcome.found && outcome.touched);
        }
        for &(it, label) in &judged.mistaken {
            let found = &judged.found[it];
            let personal = label.is_some_and(|it| document.spans[it].valid == Some(true));
            self.count(&found.tag, language, |scores| {
                scores.false_positives += 1;
                scores.misnamed += u64::from(personal);
            });
            *self.detectors.entry(found.detector.clone()).or_default() += 1;
            let was = match label {
                Some(number) => {
                    let label = &document.spans[number];
                    format!("{} {}", label.tag, label.kind)
                }
                None => "text".to_owned(),
            };
            let key = (found.tag.clone(), found.detector.clone(), was, language.clone());
            *self.mistaken.entry(key).or_default() += 1;
        }
    }

    fn finish(mut self, documents: &[Gold]) -> Evaluation {
        self.overall.finish();
        self.tags.values_mut().for_each(Scores::finish);
        self.languages.values_mut().for_each(Scores::finish);
        self.both.values_mut().flat_map(BTreeMap::values_mut).for_each(Scores::finish);
        let mut missed: Vec<Missed> =
            self.kinds.into_values().filter(|kind| kind.missed > 0).collect();
        missed.sort_by_key(|kind| std::cmp::Reverse(kind.missed));
        let mut mistaken: Vec<Mistaken> = self
            .mistaken
            .into_iter()
            .map(|((tag, detector, was, language), finds)| Mistaken {
                tag,
                detector,
                was,
                language,
                finds,
            })
            .collect();
        mistaken.sort_by_key(|it| std::cmp::Reverse(it.finds));
        let mut detectors: Vec<(String, u64)> = self.detectors.into_iter().collect();
        detectors.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        Evaluation {
            documents: documents.len() as u64,
            code_points: documents.iter().map(|it| it.text.chars().count() as u64).sum(),
            overall: self.overall,
            tags: self.tags,
            languages: self.languages,
            tags_by_language: self.both,
            false_positives_by_detector: detectors,
            missed,
            mistaken,
        }
    }
}

impl Scores {
    fn finish(&mut self) {
        let share = |whole: u64| if whole == 0 { 1.0 } else { self.found as f64 / whole as f64 };
        self.precision = share(self.found + self.false_positives);
        self.recall = share(self.labels);
        let sum = self.labels + self.found + self.false_positives;
        self.f1 = if sum == 0 { 1.0 } else { 2.0 * self.found as f64 / sum as f64 };
    }
}
