//! Which language a document is in.
//!
//! A [`Predictor`] names the language of a text; the stage [`Langid`] asks it, sets the document's
//! language and holds the score against a threshold.

#[cfg(test)]
mod tests;

pub mod program;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Bound, Document};
use crate::fasttext;
pub use crate::fasttext::{FastText, ModelError, Prediction};
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict};

/// The language of texts in which nothing can be told, with the score 0.
pub const UNKNOWN: &str = "unknown";

/// Names the language of texts.
pub trait Predictor: Send + Sync {
    /// The most probable language of a text; `None` if the model finds nothing to go by.
    ///
    /// Line ends separate words and mean nothing more.
    fn predict(&self, text: &str) -> Option<Prediction>;

    /// Every label that the model can answer with.
    fn labels(&self) -> Vec<Arc<str>>;

    /// Memory that the model holds, in bytes, roughly.
    fn memory(&self) -> u64;
}

impl Predictor for FastText {
    fn predict(&self, text: &str) -> Option<Prediction> {
        FastText::predict(self, text)
    }

    fn labels(&self) -> Vec<Arc<str>> {
        FastText::labels(self)
    }

    fn memory(&self) -> u64 {
        FastText::memory(self)
    }
}

/// Parameters of [`Langid`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The model, a fastText `.ftz` or `.bin` file; exactly one for now. `models/lid.176.ftz` by
    /// default: it comes with sapwood, is under 1 MB, and knows 176 languages.
    pub models: Vec<PathBuf>,
    /// The lowest score with which a document is kept, 0 to 1, inclusive; else it is dropped for
    /// the reason `langid.score`. 0.5 by default: the label is then likelier than all others
    /// together. ROOTS asked for 0.6 to 0.95 by language (there with the larger model), datatrove
    /// for 0.65; `min_scores` sets such figures.
    pub min_score: f64,
    /// Other thresholds for some labels, in place of `min_score`. Empty by default: what a score
    /// is worth depends on the language and the model. `unknown`, whose score is 0, may be named
    /// too: 0 keeps texts without a letter in them.
    pub min_scores: BTreeMap<String, f64>,
    /// If not empty, documents in other languages than these are dropped for the reason
    /// `langid.language`. Empty by default: which languages belong to a corpus is for its maker to
    /// say.
    pub languages: Vec<String>,
    /// Lower-cases the text before it is shown to the model, as ROOTS did. Off by default:
    /// lid.176 was trained on text with its capitals, and fastText, datatrove and dolma show it
    /// the text as it is.
    pub lowercase: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            models: vec![PathBuf::from("models/lid.176.ftz")],
            min_score: 0.5,
            min_scores: BTreeMap::new(),
            languages: Vec::new(),
            lowercase: false,
        }
    }
}

/// Why a [`Langid`] could not be made.
#[derive(Debug, thiserror::Error)]
pub enum LangidError {
    /// `models` is empty.
    #[error("langid: models is empty; name one model file")]
    NoModel,
    /// `models` has several entries.
    #[error("langid: models names {0} files; one model for now")]
    SeveralModels(usize),
    /// A threshold is not a number from 0 to 1.
    #[error("langid: {name} is {value}, but a score is a number from 0 to 1")]
    Threshold {
        /// The key in the configuration.
        name: String,
        /// What it was set to.
        value: f64,
    },
    /// The configuration names a language that the model does not know.
    #[error(
        "langid: {key} names `{language}`, which the model does not know{}",
        nearest.as_ref().map(|label| format!("; did you mean `{label}`?")).unwrap_or_default()
    )]
    Language {
        /// The key in the configuration.
        key: &'static str,
        /// The language in question.
        language: String,
        /// The nearest label that the model does know.
        nearest: Option<Arc<str>>,
    },
    /// A model file could not be used.
    #[error("langid: model {}: {source}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ModelError,
    },
}

/// Sets a document's language and drops documents of which it is not sure enough, or whose language
/// is not wanted.
///
/// # Examples
///
/// ```no_run
/// use sapwood::document::Document;
/// use sapwood::langid::{Config, Langid};
///
/// let langid = Langid::new(&Config::default())?;
/// let mut document = Document::new("a", "La forêt dort sous la neige depuis novembre.");
/// document.apply(&langid);
/// assert_eq!(document.language(), Some("fr"));
/// # Ok::<(), sapwood::langid::LangidError>(())
/// ```
pub struct Langid {
    predictor: Box<dyn Predictor>,
    resources: Vec<Resource>,
    min_score: f64,
    min_scores: BTreeMap<String, f64>,
    languages: BTreeSet<String>,
    lowercase: bool,
    unknown: Arc<str>,
}

/// What the stage [`Langid`] measures.
pub const METRICS: [Metric; 3] = [
    Metric {
        name: "langid.label",
        kind: MetricKind::Text,
        unit: "code",
        meaning: "the language that the model names, or `unknown`",
    },
    Metric {
        name: "langid.score",
        kind: MetricKind::Float,
        unit: "probability",
        meaning: "the model's probability for that language, as predicted; 0 for `unknown`",
    },
    Metric {
        name: "langid.given",
        kind: MetricKind::Text,
        unit: "code",
        meaning: "the language that the document came with, if any",
    },
];

impl Langid {
    /// A stage with these parameters; loads the model.
    ///
    /// # Errors
    ///
    /// If `models` does not name exactly one file, the file is missing or no whole fastText
    /// classifier, a threshold is outside 0 to 1, or a language is not among the model's labels.
    pub fn new(config: &Config) -> Result<Self, LangidError> {
        check_thresholds(config)?;
        let path = match config.models.as_slice() {
            [] => return Err(LangidError::NoModel),
            [path] => path,
            several => return Err(LangidError::SeveralModels(several.len())),
        };
        let (predictor, resource) =
            load(path).map_err(|source| LangidError::Model { path: path.clone(), source })?;
        Self::with_predictor(config, Box::new(predictor), vec![resource])
    }

    /// A stage with these parameters around a predictor of one's own; `models` is not looked at.
    /// `resources` are the files that the predictor's answers depend on.
    ///
    /// # Errors
    ///
    /// If a threshold is outside 0 to 1 or a language is not among the predictor's labels.
    pub fn with_predictor(
        config: &Config,
        predictor: Box<dyn Predictor>,
        resources: Vec<Resource>,
    ) -> Result<Self, LangidError> {
        check_thresholds(config)?;
        let labels = predictor.labels();
        let named = config.min_scores.keys().map(|language| ("min_scores", language));
        for (key, language) in named.chain(config.languages.iter().map(|it| ("languages", it))) {
            if language != UNKNOWN && !labels.iter().any(|label| **label == **language) {
                let nearest = nearest(language, &labels);
                return Err(LangidError::Language { key, language: language.clone(), nearest });
            }
        }
        Ok(Self {
            predictor,
            resources,
            min_score: config.min_score,
            min_scores: config.min_scores.clone(),
            languages: config.languages.iter().cloned().collect(),
            lowercase: config.lowercase,
            unknown: Arc::from(UNKNOWN),
        })
    }

    /// The language of a text and its score; [`UNKNOWN`] and 0 if it has no letter in it.
    pub fn predict(&self, text: &str) -> Prediction {
        let prediction = if text.chars().any(char::is_alphabetic) {
            let text =
                if self.lowercase { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) };
            self.predictor.predict(&text).filter(|prediction| prediction.score.is_finite())
        } else {
            None
        };
        prediction.unwrap_or_else(|| Prediction { label: Arc::clone(&self.unknown), score: 0.0 })
    }
}

fn check_thresholds(config: &Config) -> Result<(), LangidError> {
    let others =
        config.min_scores.iter().map(|(label, &value)| (format!("min_scores.{label}"), value));
    for (name, value) in std::iter::once(("min_score".to_owned(), config.min_score)).chain(others) {
        if !(0.0..=1.0).contains(&value) {
            return Err(LangidError::Threshold { name, value });
        }
    }
    Ok(())
}

fn nearest(language: &str, labels: &[Arc<str>]) -> Option<Arc<str>> {
    let distance = |label: &Arc<str>| strsim::damerau_levenshtein(language, label);
    // Of a two-letter code, everything else of two letters is two edits away.
    labels.iter().min_by_key(|label| distance(label)).filter(|label| distance(label) < 2).cloned()
}

fn load(path: &Path) -> Result<(FastText, Resource), ModelError> {
    let bytes = fasttext::read(path)?;
    Ok((FastText::from_bytes(&bytes)?, Resource::of("model", path, &bytes)))
}

impl Stage for Langid {
    fn name(&self) -> &str {
        "langid"
    }

    fn metrics(&self) -> &[Metric] {
        &METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let Prediction { label, score } = self.predict(document.text());
        let given: Option<Arc<str>> = document.language().map(Arc::from);
        document.annotate("langid.label", Arc::clone(&label));
        document.annotate("langid.score", score);
        if let Some(given) = given {
            document.annotate("langid.given", given);
        }
        document.set_language(&label);
        let threshold = self.min_scores.get(&*label).copied().unwrap_or(self.min_score);
        document.test("langid.score", score, Bound::AtLeast(threshold));
        if !self.languages.is_empty() && !self.languages.contains(&*label) {
            document.fail("langid.language");
        }
        document.verdict()
    }

    fn sets_language(&self) -> bool {
        true
    }

    fn resources(&self) -> Vec<Resource> {
        self.resources.clone()
    }

    fn memory(&self) -> u64 {
        self.predictor.memory()
    }
}
