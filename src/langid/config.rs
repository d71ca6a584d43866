//! Parameters of language identification, and what can be wrong with them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::fasttext::ModelError;
use crate::languages::Naming;

/// What is shown to the models at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// The whole document.
    #[default]
    Document,
    /// Each paragraph, that is what stands between lines without a visible character; the document
    /// is in the language that most bytes are in.
    Paragraph,
    /// Each line; the document is in the language that most bytes are in.
    Line,
}

/// What a line end is to the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineEnds {
    /// A space, as ROOTS and datatrove made of them.
    #[default]
    Space,
    /// The end of the text, as fastText's own program reads it from a file: all after the first
    /// line feed is not looked at.
    End,
}

/// A model and when it is asked.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ModelChoice {
    /// A fastText `.ftz` or `.bin` file.
    Path(PathBuf),
    /// A file, and when it is asked and believed.
    Routed(RoutedModel),
}

impl ModelChoice {
    /// The model's file.
    pub fn path(&self) -> &PathBuf {
        match self {
            ModelChoice::Path(path) => path,
            ModelChoice::Routed(routed) => &routed.path,
        }
    }

    /// The model's file, to be found elsewhere.
    pub fn path_mut(&mut self) -> &mut PathBuf {
        match self {
            ModelChoice::Path(path) => path,
            ModelChoice::Routed(routed) => &mut routed.path,
        }
    }

    /// The choice with everything that it leaves unsaid.
    pub fn routed(&self) -> RoutedModel {
        match self {
            ModelChoice::Path(path) => RoutedModel { path: path.clone(), ..RoutedModel::default() },
            ModelChoice::Routed(routed) => routed.clone(),
        }
    }
}

/// Untagged enums of serde tell nothing of what is wrong inside; this does.
impl<'de> Deserialize<'de> for ModelChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Choice;
        impl<'de> Visitor<'de> for Choice {
            type Value = ModelChoice;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a model file, or a mapping with `path`")
            }

            fn visit_str<E: Error>(self, path: &str) -> Result<ModelChoice, E> {
                Ok(ModelChoice::Path(path.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ModelChoice, A::Error> {
                RoutedModel::deserialize(MapAccessDeserializer::new(map)).map(ModelChoice::Routed)
            }
        }
        deserializer.deserialize_any(Choice)
    }
}

/// When a model is asked, and when it is believed. The first model is always asked, and believed
/// whatever it says; the next ones are for what those before cannot know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RoutedModel {
    /// A fastText `.ftz` or `.bin` file.
    pub path: PathBuf,
    /// The model is asked if the score so far is below this. 2 by default, which is always: models
    /// are also sure of what they get wrong.
    pub below: f64,
    /// The labels for which the model is believed. Empty by default, which is those that no model
    /// before it has.
    pub labels: Vec<String>,
    /// More labels for which it is believed, such as those that an earlier model has but seldom
    /// gets right. `"*"` is every label, but only in place of one that this model has too: of
    /// others it cannot know. Empty by default.
    pub also: Vec<String>,
    /// The score from which on it is believed, 0 to 1. 0.5 by default: the label is then likelier
    /// than all others together.
    pub min_score: f64,
    /// Whether this model is shown the text in lower case, if not as `lowercase` of the stage says.
    pub lowercase: Option<bool>,
}

impl Default for RoutedModel {
    fn default() -> Self {
        Self {
            path: PathBuf::new(),
            below: 2.0,
            labels: Vec::new(),
            also: Vec::new(),
            min_score: 0.5,
            lowercase: None,
        }
    }
}

/// Parameters of [`Langid`](super::Langid). By default the stage answers as fastText does, with one
/// model and the text as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The models, in the order in which they are asked: fastText `.ftz` or `.bin` files, or
    /// mappings with `path`, `below`, `labels`, `also`, `min_score` and `lowercase`.
    /// `models/lid.176.ftz` by default: it comes with sapwood, is under 1 MB, and knows 176
    /// languages, half of those of ROOTS.
    pub models: Vec<ModelChoice>,
    /// What is shown to the models at once: `document`, `paragraph` or `line`.
    pub granularity: Granularity,
    /// Lets only languages win that are written in the script of most letters, whatever a model
    /// says: a text in Bengali script is bn or as. Off by default, for fastText knows no such rule.
    pub scripts: bool,
    /// Tells source code of 13 programming languages from text before any model is asked. Off by
    /// default, for fastText knows no such rule.
    pub programs: bool,
    /// Where to look for the name of a source file, by whose extension its programming language is
    /// known: fields of the document, as dotted paths. The first that there is counts.
    pub name_fields: Vec<String>,
    /// Holds documents against the threshold by the probability of all languages together that are
    /// easily taken for their language, such as id and ms (`groups` in `filters/languages.yaml`):
    /// `langid.joint_score`. Off by default, for fastText knows no such rule.
    pub confusables: bool,
    /// What languages are called: `model` as the model does, `short` (fr, zh), `bcp47` (fr,
    /// zh-Hans), `iso639_3` (fra_Latn), `roots` (fr, zhs, indic-hi).
    pub naming: Naming,
    /// Texts, paragraphs and lines with fewer letters are `unknown`. 1 by default: one without a
    /// letter has no language.
    pub min_letters: usize,
    /// Below this score the language is `unknown`, 0 to 1. 0 by default, which is never: such
    /// documents keep their likeliest language beside the score.
    pub unknown_below: f64,
    /// How many languages are written as metrics, with their scores: from 2 on also
    /// `langid.label_2`, `langid.score_2` and so on. 1 to 10.
    pub top_k: usize,
    /// If given, of longer texts (paragraphs, lines) so many bytes are looked at, in pieces spread
    /// over the text. Not given by default, so that everything is looked at.
    pub max_bytes: Option<usize>,
    /// A document with paragraphs or lines in other languages is mixed from this share of its bytes
    /// on, 0 to 1, and has `langid.spans`. 0.1 by default: less is a quotation or a mistake.
    pub min_span_share: f64,
    /// If given, documents with a greater share of bytes in other languages than theirs are
    /// dropped, for the reason `langid.other_share`. Needs paragraphs or lines. Not given by
    /// default: most mixtures are of use.
    pub max_other_share: Option<f64>,
    /// What a line end within a document, paragraph or line is to the models: `space`, as in ROOTS
    /// and datatrove, or `end`, as in fastText's own program.
    pub line_ends: LineEnds,
    /// The lowest score with which a document is kept, 0 to 1, inclusive; else it is dropped for
    /// the reason `langid.score`. 0.5 by default: the label is then likelier than all others
    /// together. ROOTS asked for 0.6 to 0.95 by language (there with the larger model), datatrove
    /// for 0.65; `min_scores` sets such figures.
    pub min_score: f64,
    /// Other thresholds for some languages, in place of `min_score`, by any of their codes. Empty
    /// by default: what a score is worth depends on the language and the model. `unknown`, whose
    /// score is 0, may be named too: 0 keeps texts without a letter in them.
    pub min_scores: BTreeMap<String, f64>,
    /// If not empty, documents in other languages than these are dropped for the reason
    /// `langid.language`; any code of a language will do. Empty by default: which languages belong
    /// to a corpus is for its maker to say.
    pub languages: Vec<String>,
    /// Lower-cases the text before it is shown to the models, as ROOTS did. Off by default:
    /// lid.176 was trained on text with its capitals, and fastText, datatrove and dolma show it
    /// the text as it is.
    pub lowercase: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            models: vec![ModelChoice::Path(PathBuf::from("models/lid.176.ftz"))],
            granularity: Granularity::Document,
            scripts: false,
            programs: false,
            name_fields: ["path", "file", "meta.path", "meta.file", "url"]
                .map(str::to_owned)
                .into(),
            confusables: false,
            naming: Naming::Model,
            min_letters: 1,
            unknown_below: 0.0,
            top_k: 1,
            max_bytes: None,
            min_span_share: 0.1,
            max_other_share: None,
            line_ends: LineEnds::Space,
            min_score: 0.5,
            min_scores: BTreeMap::new(),
            languages: Vec::new(),
            lowercase: false,
        }
    }
}

/// The most languages that are written as metrics.
pub(super) const MOST_LABELS: usize = 10;
/// Fewer bytes than this tell little.
const LEAST_BYTES: usize = 256;

/// Why a [`Langid`](super::Langid) could not be made.
#[derive(Debug, thiserror::Error)]
pub enum LangidError {
    /// `models` is empty.
    #[error("langid: models is empty; name a model file")]
    NoModel,
    /// A mapping under `models` has no path.
    #[error("langid: model {0} has no path; name its file")]
    NoPath(usize),
    /// A threshold is not a number from 0 to 1.
    #[error("langid: {name} is {value}, but a score or share is a number from 0 to 1")]
    Threshold {
        /// The key in the configuration.
        name: String,
        /// What it was set to.
        value: f64,
    },
    /// `top_k` is out of range.
    #[error("langid: top_k is {0}, but it is from 1 to {MOST_LABELS}")]
    TopK(usize),
    /// `max_bytes` is too small.
    #[error("langid: max_bytes is {0}; give at least {LEAST_BYTES}, fewer bytes tell little")]
    MaxBytes(usize),
    /// `max_other_share` without paragraphs or lines.
    #[error("langid: max_other_share needs granularity: paragraph or line")]
    NoParts,
    /// The configuration names a language that no model knows.
    #[error(
        "langid: {key} names `{language}`, which {who} does not know{}",
        nearest.as_ref().map(|label| format!("; did you mean `{label}`?")).unwrap_or_default()
    )]
    Language {
        /// The key in the configuration.
        key: &'static str,
        /// The language in question.
        language: String,
        /// Whose labels were looked through.
        who: &'static str,
        /// The nearest label that is known.
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

impl Config {
    /// Checks what can be checked without a model.
    ///
    /// # Errors
    /// With the first figure that is out of its range.
    pub(super) fn check(&self) -> Result<(), LangidError> {
        let own = [
            ("min_score", Some(self.min_score)),
            ("unknown_below", Some(self.unknown_below)),
            ("min_span_share", Some(self.min_span_share)),
            ("max_other_share", self.max_other_share),
        ];
        let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let scores =
            self.min_scores.iter().map(|(label, &value)| (format!("min_scores.{label}"), value));
        let models = self.models.iter().enumerate().filter_map(|(index, model)| match model {
            ModelChoice::Path(_) => None,
            ModelChoice::Routed(own) => Some((format!("models.{index}.min_score"), own.min_score)),
        });
        for (name, value) in own.chain(scores).chain(models) {
            if !(0.0..=1.0).contains(&value) {
                return Err(LangidError::Threshold { name, value });
            }
        }
        if let Some(index) = self.models.iter().position(|it| it.path().as_os_str().is_empty()) {
            return Err(LangidError::NoPath(index));
        }
        if !(1..=MOST_LABELS).contains(&self.top_k) {
            return Err(LangidError::TopK(self.top_k));
        }
        if let Some(bytes) = self.max_bytes.filter(|&bytes| bytes < LEAST_BYTES) {
            return Err(LangidError::MaxBytes(bytes));
        }
        if self.max_other_share.is_some() && self.granularity == Granularity::Document {
            return Err(LangidError::NoParts);
        }
        Ok(())
    }
}
