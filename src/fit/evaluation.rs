//! How often a classifier is right, on texts that it was not trained on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;

use super::classifier::{Corpus, TrainError};
use crate::fasttext::{self, FastText};

/// Confusions that are listed.
const CONFUSIONS: usize = 20;
/// What is answered where a model finds nothing to go by, or is not sure enough.
pub const NOTHING: &str = "(nothing)";

/// How a model is judged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Turns the model's labels into those of the texts; labels that are not in it stay.
    pub labels: BTreeMap<String, String>,
    /// The labels whose F1 goes into the mean; those of all texts if empty.
    pub macro_over: BTreeSet<String>,
    /// Shows the model texts in lower case.
    pub lowercase: bool,
    /// Answers with a lower score count as none.
    pub min_score: f64,
}

/// How a model did on the texts of one label, and on others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// The label.
    pub label: String,
    /// Whether the model can answer with it.
    pub supported: bool,
    /// Texts with this label.
    pub texts: u64,
    /// Of these, such as the model named so.
    pub right: u64,
    /// Texts of other labels that the model named so.
    pub false_positives: u64,
    /// The share of what it named so that is; 0 if it named nothing so.
    pub precision: f64,
    /// The share of the label's texts that it named so; 0 without such texts.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
    /// The share of the texts of other labels that it named so.
    pub false_positive_rate: f64,
}

/// Texts of one label that a model gave another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// Their label.
    pub label: String,
    /// The model's.
    pub answer: String,
    /// How many.
    pub texts: u64,
}

/// How a model did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Texts.
    pub texts: u64,
    /// Of these, such as have a label that the model does not know.
    pub not_supported: u64,
    /// The share of all texts that it named rightly.
    pub accuracy: f64,
    /// The share of the texts with a label that it knows.
    pub accuracy_supported: f64,
    /// The mean F1 of the labels in question; 0 for those that it does not know.
    pub macro_f1: f64,
    /// The mean F1 of those of them that it knows.
    pub macro_f1_supported: f64,
    /// The labels of the texts, sorted.
    pub labels: Vec<Scores>,
    /// Labels that no text has but the model answered with, sorted.
    pub others: Vec<Scores>,
    /// The most frequent confusions, the most frequent first.
    pub confusions: Vec<Confusion>,
}

/// Loads a model for [`evaluate`].
///
/// # Errors
/// If it can't be read or is no model.
pub fn load(path: &Path) -> Result<FastText, TrainError> {
    fasttext::read(path)
        .and_then(|bytes| FastText::from_bytes(&bytes))
        .map_err(|source| TrainError::Model { path: path.to_owned(), source })
}

/// Asks a model for the label of each text.
pub fn evaluate(model: &FastText, held_out: &Corpus, options: &Options) -> Evaluation {
    let named = |label: &str| match options.labels.get(label) {
        Some(label) => label.clone(),
        None => label.to_owned(),
    };
    let answers: Vec<(u32, String)> = held_out
        .texts
        .par_iter()
        .map(|text| {
            let prediction = match options.lowercase {
                true => model.predict(&text.text.to_lowercase()),
                false => model.predict(&text.text),
            };
            let sure = prediction.filter(|it| it.score >= options.min_score);
            let answer = sure.map_or_else(|| NOTHING.to_owned(), |it| named(&it.label));
            (text.label, answer)
        })
        .collect();
    let known = model.labels().iter().map(|label| named(label)).collect();
    let pairs = answers.iter().map(|(label, answer)| {
        let label = held_out.labels.get(*label as usize);
        (label.map_or("", String::as_str), answer.as_str())
    });
    Evaluation::of(pairs, &known, &options.macro_over)
}

impl Evaluation {
    /// Of pairs of a text's label and the model's answer, where the model can answer with `known`.
    pub fn of<'p>(
        pairs: impl Iterator<Item = (&'p str, &'p str)>,
        known: &BTreeSet<String>,
        macro_over: &BTreeSet<String>,
    ) -> Self {
        let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for pair in pairs {
            *counts.entry(pair).or_default() += 1;
        }
        let total: u64 = counts.values().sum();
        let (mut texts, mut answers) = (BTreeMap::new(), BTreeMap::new());
        for (&(label, answer), &count) in &counts {
            *texts.entry(label).or_insert(0) += count;
            *answers.entry(answer).or_insert(0) += count;
        }
        let scores = |label: &str| {
            let right = counts.get(&(label, label)).copied().unwrap_or_default();
            let texts: u64 = texts.get(label).copied().unwrap_or_default();
            let answered: u64 = answers.get(label).copied().unwrap_or_default();
            Scores {
                label: label.to_owned(),
                supported: known.contains(label),
                texts,
                right,
                false_positives: answered - right,
                precision: share(right, answered),
                recall: share(right, texts),
                f1: share(2 * right, texts + answered),
                false_positive_rate: share(answered - right, total - texts),
            }
        };
        let labels: Vec<Scores> = texts.keys().map(|label| scores(label)).collect();
        let others = answers.keys().filter(|label| !texts.contains_key(*label));
        let others = others.map(|label| scores(label)).collect();
        let supported = || labels.iter().filter(|scores| scores.supported);
        let of_supported: u64 = supported().map(|scores| scores.texts).sum();
        let right: u64 = labels.iter().map(|scores| scores.right).sum();
        let counted =
            |scores: &&Scores| macro_over.is_empty() || macro_over.contains(&scores.label);
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let mut confusions: Vec<Confusion> = counts
            .iter()
            .filter(|&(&(label, answer), _)| label != answer && known.contains(label))
            .map(|(&(label, answer), &texts)| Confusion {
                label: label.to_owned(),
                answer: answer.to_owned(),
                texts,
            })
            .collect();
        confusions.sort_by_key(|confusion| std::cmp::Reverse(confusion.texts));
        confusions.truncate(CONFUSIONS);
        Self {
            texts: total,
            not_supported: total - of_supported,
            accuracy: share(right, total),
            accuracy_supported: share(right, of_supported),
            macro_f1: mean(labels.iter().filter(counted).map(|scores| scores.f1).collect()),
            macro_f1_supported: mean(supported().filter(counted).map(|it| it.f1).collect()),
            labels,
            others,
            confusions,
        }
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(labels: &[&str]) -> BTreeSet<String> {
        labels.iter().map(|&label| label.to_owned()).collect()
    }

    #[test]
    fn figures_are_those_counted_by_hand() {
        let pairs = [
            ("a", "a"),
            ("a", "a"),
            ("a", "b"),
            ("b", "b"),
            ("c", "a"),
            ("c", NOTHING),
            ("b", "x"),
        ];
        let evaluation = Evaluation::of(pairs.into_iter(), &set(&["a", "b", "x"]), &set(&[]));
        let [a, b, c] = evaluation.labels.as_slice() else { panic!("three labels") };
        assert_eq!((a.texts, a.right, a.false_positives), (3, 2, 1));
        assert_eq!((a.precision, a.recall, a.f1), (2.0 / 3.0, 2.0 / 3.0, 4.0 / 6.0));
        assert_eq!((a.false_positive_rate, b.false_positive_rate), (1.0 / 4.0, 1.0 / 5.0));
        assert_eq!((b.f1, c.f1, c.supported), (2.0 / 4.0, 0.0, false));
        assert_eq!((evaluation.texts, evaluation.not_supported), (7, 2));
        assert_eq!((evaluation.accuracy, evaluation.accuracy_supported), (3.0 / 7.0, 3.0 / 5.0));
        assert_eq!(evaluation.macro_f1, (a.f1 + b.f1) / 3.0);
        assert_eq!(evaluation.macro_f1_supported, (a.f1 + b.f1) / 2.0);
        let others: Vec<&str> = evaluation.others.iter().map(|it| it.label.as_str()).collect();
        assert_eq!(others, [NOTHING, "x"]);
        // A label that the model does not know is not confused but unknown.
        let confusions: Vec<(&str, &str)> =
            evaluation.confusions.iter().map(|it| (&*it.label, &*it.answer)).collect();
        assert_eq!(confusions, [("a", "b"), ("b", "x")]);
    }

    #[test]
    fn the_mean_is_over_the_labels_in_question() {
        let pairs = [("a", "a"), ("b", "a")];
        let evaluation = Evaluation::of(pairs.into_iter(), &set(&["a", "b"]), &set(&["a"]));
        assert_eq!(evaluation.macro_f1, 2.0 / 3.0);
    }
}
