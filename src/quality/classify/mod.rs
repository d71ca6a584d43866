//! Any fastText classifier as a measure of quality: of documents, paragraphs or lines.
//!
//! Definitions: DCLM's `classify_fasttext_hq_prob` (2024) for documents, and datatrove's
//! `FastTextClassifierFilter` (2024) for parts of them. Probabilities are fastText's (0.9.2), see
//! [`FastText`].

#[cfg(test)]
mod tests;
mod units;

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::units::for_units;
use crate::document::{Bound, Document};
use crate::fasttext::{self, FastText, Fingerprint, ModelError};
use crate::stage::{
    Metric, MetricKind, Resource, Stage, Verdict, check_unique, intern, is_metric_name,
};
use crate::text::nearest::nearest;
use crate::text::whitespace::python_strip;

pub use self::units::Unit;

/// How the scores of paragraphs or lines become one of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Their mean.
    Mean,
    /// Their mean, each weighted by its characters.
    #[default]
    LengthWeightedMean,
    /// The highest.
    Max,
    /// The lowest.
    Min,
}

/// How the model is shown the line ends within a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Newline {
    /// As spaces. Line ends are all that Python's `splitlines` takes for one.
    #[default]
    Space,
    /// Not at all: line feeds are removed, and the words beside them become one.
    Drop,
    /// As fastText's own program reads them: the unit ends at its first line feed.
    KeepEos,
}

/// Parameters of [`Classify`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The model, a fastText `.ftz` or `.bin` file. None comes with sapwood.
    pub model: PathBuf,
    /// The second half of the metrics' names and of the reason to drop, `classify.NAME`:
    /// lower-case letters, digits and `_`. `quality` by default; a second classifier in a
    /// pipeline needs a name of its own.
    pub name: String,
    /// The label whose probability is the score, with or without `__label__`. `hq` by default, as
    /// in DCLM's model.
    pub label: String,
    /// What is classified at a time: `document`, `paragraph` or `line`. `document` by default: that
    /// is what published models were trained on.
    pub unit: Unit,
    /// How the scores of paragraphs or lines become one of the document: `mean`,
    /// `length_weighted_mean`, `max` or `min`. `length_weighted_mean` by default: a heading then
    /// counts for as little as it says.
    pub aggregate: Aggregate,
    /// The lowest score with which a document (or with `remove_units` a unit) is kept, 0 to 1,
    /// inclusive. None by default: what a score is worth depends on the model.
    pub min_score: Option<f64>,
    /// The highest score with which a document (or with `remove_units` a unit) is kept, 0 to 1,
    /// inclusive; for labels that are not wanted. None by default.
    pub max_score: Option<f64>,
    /// Removes the paragraphs or lines that fail a threshold, with the blank lines after them, in
    /// place of dropping the document; it is dropped if nothing is left. Off by default: most
    /// models are made to judge documents.
    pub remove_units: bool,
    /// How the model is shown line ends: `space`, `drop` or `keep_eos`. `space` by default, as
    /// DCLM does it; datatrove drops them unless told otherwise.
    pub newline: Newline,
    /// Lower-cases what the model is shown. Off by default: it must be as the model was trained.
    pub lowercase: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: PathBuf::new(),
            name: "quality".to_owned(),
            label: "hq".to_owned(),
            unit: Unit::Document,
            aggregate: Aggregate::LengthWeightedMean,
            min_score: None,
            max_score: None,
            remove_units: false,
            newline: Newline::Space,
            lowercase: false,
        }
    }
}

/// Why a [`Classify`] could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ClassifyError {
    /// No model is named.
    #[error("model: name a fastText model")]
    NoModel,
    /// The model file could not be used.
    #[error("model {}: {source}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ModelError,
    },
    /// `name` can't be part of a metric's name.
    #[error(
        "name: `{0}` is no name for a metric; use lower-case letters, digits and `_`, a letter first"
    )]
    Name(String),
    /// The model has no such label.
    #[error(
        "label: the model has no label `{label}`{}",
        help.as_deref().map(|help| format!("\n  help: {help}")).unwrap_or_default()
    )]
    Label {
        /// The label in question.
        label: String,
        /// The nearest of the model's labels.
        help: Option<String>,
    },
    /// A threshold is not a number from 0 to 1.
    #[error("{key} is {value}, but a score is a number from 0 to 1")]
    Threshold {
        /// The key in the configuration.
        key: &'static str,
        /// What it was set to.
        value: f64,
    },
    /// No score can pass both thresholds.
    #[error("min_score is {0}, above max_score, {1}")]
    Order(f64, f64),
    /// `remove_units` without units or thresholds.
    #[error("remove_units needs {0}")]
    RemoveUnits(&'static str),
}

/// The metrics that the stage annotates when it has the default name.
pub const METRICS: &[Metric] = &[
    score_metric("classify.quality"),
    label_metric("classify.quality_label"),
    removed_metric("classify.quality_removed"),
];

const fn score_metric(name: &'static str) -> Metric {
    Metric {
        name,
        kind: MetricKind::Float,
        unit: "probability",
        meaning: "the model's probability for the label, over all units; called classify.NAME",
    }
}

const fn label_metric(name: &'static str) -> Metric {
    Metric {
        name,
        kind: MetricKind::Text,
        unit: "code",
        meaning: "the most probable label, of units the one of most characters",
    }
}

const fn removed_metric(name: &'static str) -> Metric {
    Metric {
        name,
        kind: MetricKind::Integer,
        unit: "units",
        meaning: "paragraphs or lines that were removed, where that is asked for",
    }
}

/// Scores documents with a fastText classifier, and drops or shortens those outside of thresholds.
///
/// # Examples
///
/// ```no_run
/// use sapwood::document::Document;
/// use sapwood::quality::classify::{Classify, Config};
///
/// let classify = Classify::new(&Config {
///     model: "models/fasttext_oh_eli5.bin".into(),
///     label: "hq".to_owned(),
///     min_score: Some(0.018112),
///     ..Config::default()
/// })?;
/// let mut document = Document::new("a", "Why is the sky blue? Because air scatters blue light.");
/// document.apply(&classify);
/// assert!(document.metric("classify.quality").is_some());
/// # Ok::<(), sapwood::quality::classify::ClassifyError>(())
/// ```
pub struct Classify {
    model: Arc<FastText>,
    resources: Vec<Resource>,
    label: usize,
    unit: Unit,
    aggregate: Aggregate,
    bounds: Vec<Bound>,
    remove_units: bool,
    newline: Newline,
    lowercase: bool,
    score: &'static str,
    top_label: &'static str,
    removed: &'static str,
    metrics: Vec<Metric>,
}

/// What the units of a text add up to.
#[derive(Default)]
struct Tally {
    units: u64,
    characters: u64,
    sum: f64,
    weighted: f64,
    lowest: Option<f64>,
    highest: Option<f64>,
    /// Characters for which each label is the most probable one.
    labels: Vec<(Arc<str>, u64)>,
}

impl Tally {
    fn add(&mut self, score: f64, label: Option<Arc<str>>, characters: u64) {
        self.units += 1;
        self.characters += characters;
        self.sum += score;
        self.weighted += score * characters as f64;
        self.lowest = Some(self.lowest.map_or(score, |lowest| lowest.min(score)));
        self.highest = Some(self.highest.map_or(score, |highest| highest.max(score)));
        if let Some(label) = label {
            match self.labels.iter_mut().find(|(known, _)| *known == label) {
                Some((_, sum)) => *sum += characters,
                None => self.labels.push((label, characters)),
            }
        }
    }

    /// The score of the document; 0 if there is nothing in it.
    fn score(&self, aggregate: Aggregate) -> f64 {
        match aggregate {
            // A document of one unit keeps its score to the last bit.
            _ if self.units <= 1 => self.highest.unwrap_or_default(),
            Aggregate::Mean => self.sum / self.units as f64,
            Aggregate::LengthWeightedMean => self.weighted / self.characters.max(1) as f64,
            Aggregate::Max => self.highest.unwrap_or_default(),
            Aggregate::Min => self.lowest.unwrap_or_default(),
        }
    }

    /// The label of most characters, the first of several.
    fn label(self) -> Option<Arc<str>> {
        let most = self.labels.iter().map(|(_, characters)| *characters).max()?;
        self.labels.into_iter().find(|(_, characters)| *characters == most).map(|(label, _)| label)
    }
}

impl Classify {
    /// Loads the model and checks the parameters against it.
    ///
    /// # Errors
    /// If the model is missing or no whole fastText classifier, does not have the label, or a
    /// parameter makes no sense.
    pub fn new(config: &Config) -> Result<Self, ClassifyError> {
        check_parameters(config)?;
        let path = &config.model;
        if path.as_os_str().is_empty() {
            return Err(ClassifyError::NoModel);
        }
        let broken = |source| ClassifyError::Model { path: path.clone(), source };
        let (model, Fingerprint { xxh3, bytes }) = fasttext::shared(path).map_err(broken)?;
        let resources = vec![Resource::known("model", path, xxh3, bytes)];
        let label = model.label_number(&config.label).ok_or_else(|| {
            let labels = model.labels();
            let help = nearest(&config.label, labels.iter().map(AsRef::as_ref));
            ClassifyError::Label { label: config.label.clone(), help }
        })?;
        let name = |end: &str| intern(&format!("classify.{}{end}", config.name));
        let (score, top_label, removed) = (name(""), name("_label"), name("_removed"));
        let mut metrics = vec![score_metric(score), label_metric(top_label)];
        if config.remove_units {
            metrics.push(removed_metric(removed));
        }
        let least = config.min_score.map(Bound::AtLeast);
        let most = config.max_score.map(Bound::AtMost);
        Ok(Self {
            model,
            resources,
            label,
            unit: config.unit,
            aggregate: config.aggregate,
            bounds: least.into_iter().chain(most).collect(),
            remove_units: config.remove_units,
            newline: config.newline,
            lowercase: config.lowercase,
            score,
            top_label,
            removed,
            metrics,
        })
    }

    /// The most probable label of a unit, and the probability of the stage's own; 0 and none if
    /// the model finds nothing to go by.
    fn classify(&self, unit: &str) -> (f64, Option<Arc<str>>) {
        let shown = shown(unit, self.newline, self.lowercase);
        match self.model.predict_label(&shown, self.label) {
            Some((best, score)) if score.is_finite() => (score, Some(best.label)),
            _ => (0.0, None),
        }
    }
}

fn check_parameters(config: &Config) -> Result<(), ClassifyError> {
    for (key, value) in [("min_score", config.min_score), ("max_score", config.max_score)] {
        if let Some(value) = value.filter(|value| !(0.0..=1.0).contains(value)) {
            return Err(ClassifyError::Threshold { key, value });
        }
    }
    if let (Some(least), Some(most)) = (config.min_score, config.max_score)
        && least > most
    {
        return Err(ClassifyError::Order(least, most));
    }
    if !is_metric_name(&config.name) {
        return Err(ClassifyError::Name(config.name.clone()));
    }
    if config.remove_units && config.unit == Unit::Document {
        return Err(ClassifyError::RemoveUnits("unit: paragraph or line"));
    }
    if config.remove_units && config.min_score.is_none() && config.max_score.is_none() {
        return Err(ClassifyError::RemoveUnits("min_score or max_score"));
    }
    Ok(())
}

/// A unit as the model is shown it.
fn shown(unit: &str, newline: Newline, lowercase: bool) -> Cow<'_, str> {
    // Line ends that fastText does not take for white space.
    let unusual = ['\u{1C}', '\u{1D}', '\u{1E}', '\u{85}', '\u{2028}', '\u{2029}'];
    let shown = match newline {
        Newline::Space if !unit.contains(unusual) => Cow::Borrowed(unit),
        Newline::Space => Cow::Owned(unit.replace(unusual, " ")),
        Newline::Drop if unit.contains('\n') => Cow::Owned(unit.replace('\n', "")),
        Newline::Drop => Cow::Borrowed(unit),
        Newline::KeepEos => Cow::Borrowed(unit.split('\n').next().unwrap_or_default()),
    };
    if lowercase { Cow::Owned(shown.to_lowercase()) } else { shown }
}

impl Stage for Classify {
    fn name(&self) -> &str {
        "classify"
    }

    fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    fn check(&self, before: &[Metric]) -> Result<(), String> {
        check_unique(&self.metrics, before)
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let mut tally = Tally::default();
        let mut removed: u64 = 0;
        let mut kept = String::new();
        let text = document.text();
        // Where the text that is kept, and not yet copied, begins and ends.
        let (mut from, mut at) = (0, 0);
        for_units(text, self.unit, |unit| {
            let stripped = python_strip(unit);
            let (score, label) = self.classify(stripped);
            tally.add(score, label, stripped.chars().count() as u64);
            if self.remove_units && !self.bounds.iter().all(|bound| bound.admits(score)) {
                removed += 1;
                kept.push_str(text.get(from..at).unwrap_or_default());
                from = at + unit.len();
            }
            at += unit.len();
        });
        kept.push_str(text.get(from..).filter(|_| removed > 0).unwrap_or_default());
        let all = removed > 0 && removed == tally.units;

        let score = tally.score(self.aggregate);
        document.annotate(self.score, score);
        if let Some(label) = tally.label() {
            document.annotate(self.top_label, label);
        }
        if self.remove_units {
            document.annotate(self.removed, removed as i64);
            if all {
                document.fail(self.score);
            } else if removed > 0 {
                document.set_text(kept);
            }
        } else {
            for bound in &self.bounds {
                document.test(self.score, score, *bound);
            }
        }
        document.verdict()
    }

    fn changes_text(&self) -> bool {
        self.remove_units
    }

    fn resources(&self) -> Vec<Resource> {
        self.resources.clone()
    }

    fn memory(&self) -> u64 {
        self.model.memory()
    }
}
