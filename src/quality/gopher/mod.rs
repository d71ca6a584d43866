//! The rules of Gopher's data pipeline, as three programs apply them.
//!
//! Source: Rae et al. 2021, *Scaling Language Models: Methods, Analysis & Insights from Training
//! Gopher*, appendix A1. The paper leaves open what a word is, and how repetition is counted;
//! [`Variant`] says whose reading is meant. [`Gopher`] has the quality rules and
//! [`GopherRepetition`] those of repetition, which share nothing but the view of the text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Bound, Document};
use crate::quality::profile::ProfileError;
use crate::text::segment::{Segmentation, WordsConfig};

mod lines;
mod measures;
pub mod quality;
mod repeats;
pub mod repetition;
mod stop_words;
#[cfg(test)]
mod tests;

pub use quality::Gopher;
pub use repetition::GopherRepetition;

/// Whose reading of the rules is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// datatrove 0.10.1: code points, mean word length, distinct stop words; copies after the first
    /// are duplicates.
    #[default]
    Datatrove,
    /// The tagger `gopher_v1` of dolma 1.2.1: code points without white space, median word length,
    /// every stop word counted; all copies are duplicates.
    Dolma,
    /// datamap-rs f771794: bytes, single precision, stop words in any case; words that lie in a
    /// repeated n-gram are counted once.
    Datamap,
}

/// Why a stage of this family could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GopherError {
    /// The language profiles can't be used.
    #[error(transparent)]
    Profiles(#[from] ProfileError),
    /// A threshold is one that no document, or every document, is on one side of.
    #[error("{key} ({value}) must be {allowed}")]
    Threshold {
        /// The parameter, `languages.LANGUAGE.PARAMETER` for that of a language.
        key: String,
        /// What it was set to.
        value: f64,
        /// What it could be.
        allowed: &'static str,
    },
    /// The lower threshold is above the upper one.
    #[error("{lower} ({lowest}) is above {upper} ({highest})")]
    Crossed {
        /// The lower one's name.
        lower: String,
        /// Its value.
        lowest: f64,
        /// The upper one's name.
        upper: String,
        /// Its value.
        highest: f64,
    },
    /// An n-gram of no words, or of too many.
    #[error("{key}: n-grams of {n} words; 1 to {most} are possible", most = repetition::LONGEST)]
    Length {
        /// The parameter.
        key: String,
        /// The length.
        n: usize,
    },
}

impl Variant {
    /// How words are cut if the configuration does not say: as the original does, or the nearest to
    /// that.
    fn segmentation(self, words: Option<&WordsConfig>, language: Option<&str>) -> Segmentation {
        match (words, self) {
            (Some(words), _) => words.segmentation(language),
            (None, Self::Datatrove) => WordsConfig::default().segmentation(language),
            (None, Self::Dolma) => Segmentation::Whitespace,
            (None, Self::Datamap) => Segmentation::Unicode,
        }
    }

    /// A ratio in the original's precision; 0 if there is nothing to divide by.
    fn ratio(self, part: u64, whole: u64) -> f64 {
        match (self, whole) {
            (_, 0) => 0.0,
            (Self::Datamap, _) => f64::from(part as f32 / whole as f32),
            _ => part as f64 / whole as f64,
        }
    }

    /// A threshold in the original's precision.
    fn threshold(self, threshold: f64) -> f64 {
        match self {
            Self::Datamap => f64::from(threshold as f32),
            _ => threshold,
        }
    }
}

/// Holds measures against thresholds in the precision of a variant.
struct Judge<'d, 'a> {
    document: &'d mut Document<'a>,
    variant: Variant,
}

impl Judge<'_, '_> {
    fn at_least(&mut self, metric: &'static str, value: f64, threshold: Option<f64>) {
        if let Some(threshold) = threshold {
            let bound = Bound::AtLeast(self.variant.threshold(threshold));
            self.document.test(metric, value, bound);
        }
    }

    /// Annotates metrics and holds each against its upper threshold.
    fn all(&mut self, rules: impl IntoIterator<Item = (&'static str, f64, Option<f64>)>) {
        for (metric, value, threshold) in rules {
            self.document.annotate(metric, value);
            self.at_most(metric, value, threshold);
        }
    }

    fn at_most(&mut self, metric: &'static str, value: f64, threshold: Option<f64>) {
        if let Some(threshold) = threshold {
            let bound = Bound::AtMost(self.variant.threshold(threshold));
            self.document.test(metric, value, bound);
        }
    }
}

/// A threshold that is not switched off.
fn active(threshold: Option<f64>) -> Option<f64> {
    threshold.filter(|&threshold| threshold != 0.0)
}

/// The name of a parameter in messages.
fn key(language: Option<&str>, parameter: &str) -> String {
    match language {
        Some(language) => format!("languages.{language}.{parameter}"),
        None => parameter.to_owned(),
    }
}

/// Refuses what no ratio or count can be held against.
fn check_positive(
    language: Option<&str>,
    parameter: &str,
    value: Option<f64>,
) -> Result<(), GopherError> {
    match value {
        Some(value) if value.is_nan() || value < 0.0 => Err(GopherError::Threshold {
            key: key(language, parameter),
            value,
            allowed: "0 or more",
        }),
        _ => Ok(()),
    }
}

/// Refuses a lower bound of a ratio that no document could reach.
fn check_share(
    language: Option<&str>,
    parameter: &str,
    value: Option<f64>,
) -> Result<(), GopherError> {
    check_positive(language, parameter, value)?;
    match value {
        Some(value) if value > 1.0 => Err(GopherError::Threshold {
            key: key(language, parameter),
            value,
            allowed: "1 or less",
        }),
        _ => Ok(()),
    }
}

/// Refuses a lower bound above the upper one.
fn check_order(
    language: Option<&str>,
    lower: (&str, Option<f64>),
    upper: (&str, Option<f64>),
) -> Result<(), GopherError> {
    match (active(lower.1), active(upper.1)) {
        (Some(lowest), Some(highest)) if lowest > highest => Err(GopherError::Crossed {
            lower: key(language, lower.0),
            lowest,
            upper: key(language, upper.0),
            highest,
        }),
        _ => Ok(()),
    }
}
