//! Keeps a share of the documents, the same ones in every run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::document::Document;
use crate::languages::Languages;
use crate::stage::{Metric, MetricKind, Stage, Verdict};

const POSITION: &str = "sample.position";
const RATE: &str = "sample.rate";

/// The key of [`Rate::Languages`] for all other languages.
const DEFAULT: &str = "default";

/// The share of documents that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a share from 0 to 1, or such a share for each language")]
pub enum Rate {
    /// The same for all documents, 0 to 1.
    All(f64),
    /// By the document's language, 0 to 1. `default` is for languages that are not named and
    /// documents without one; if it is not there, all of these are kept.
    Languages(BTreeMap<String, f64>),
}

/// What decides where in the sample a document stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Its id. A document that came without one has an id that depends on the listing of the
    /// input.
    #[default]
    Id,
    /// Its text as it is at this stage, so that equal texts are kept or dropped together.
    Text,
}

/// Parameters of `sample`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The share of documents that is kept, 0 to 1: a number, or a number for each language, with
    /// `default` for the others. 1 by default: how much is wanted is for the user to say.
    pub rate: Rate,
    /// Another seed gives another sample, independent of the first. 0 by default.
    pub seed: u64,
    /// What is hashed: `id`, or `text`, so that equal texts share their fate.
    pub by: By,
}

impl Default for Config {
    fn default() -> Self {
        Self { rate: Rate::All(1.0), seed: 0, by: By::Id }
    }
}

/// Why a [`Sample`] could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// A rate is not a share.
    #[error("{key} is {value}, but a rate is a number from 0 to 1")]
    Rate {
        /// The key in the configuration.
        key: String,
        /// What it was set to.
        value: f64,
    },
}

/// Keeps a document if its position, a number that its id or text gives it, is below the rate.
///
/// The position is xxh3-64 with the seed, as a fraction of 2^64 rounded down to 53 bits: 0 inclusive
/// to 1 exclusive. So a sample holds every smaller one with the same seed.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::sample::{Config, Rate, Sample};
/// use sapwood::stage::Verdict;
///
/// let none = Sample::new(&Config { rate: Rate::All(0.0), ..Config::default() })?;
/// assert_eq!(Document::new("a", "Text.").apply(&none), Verdict::Drop("sample.rate".into()));
/// # Ok::<(), sapwood::quality::sample::SampleError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sample {
    rate: Rate,
    seed: u64,
    by: By,
}

impl Sample {
    /// The stage with its parameters.
    ///
    /// # Errors
    /// If a rate is not a number from 0 to 1.
    pub fn new(config: &Config) -> Result<Self, SampleError> {
        let check = |key: String, value: f64| match (0.0..=1.0).contains(&value) {
            true => Ok(()),
            false => Err(SampleError::Rate { key, value }),
        };
        match &config.rate {
            Rate::All(rate) => check("rate".to_owned(), *rate)?,
            Rate::Languages(rates) => {
                for (language, rate) in rates {
                    check(format!("rate.{language}"), *rate)?;
                }
            }
        }
        Ok(Self { rate: config.rate.clone(), seed: config.seed, by: config.by })
    }

    /// Where an id or a text stands, 0 to 1.
    pub fn position(&self, key: &str) -> f64 {
        let hash = xxh3_64_with_seed(key.as_bytes(), self.seed);
        // 53 bits, so that the fraction is exact and never 1.
        (hash >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The share of documents of a language that is kept.
    pub fn rate(&self, language: Option<&str>) -> f64 {
        match &self.rate {
            Rate::All(rate) => *rate,
            Rate::Languages(rates) => language
                .and_then(|language| Languages::shipped().look_up(language, |code| rates.get(code)))
                .or_else(|| rates.get(DEFAULT))
                .copied()
                .unwrap_or(1.0),
        }
    }
}

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[Metric {
    name: POSITION,
    kind: MetricKind::Float,
    unit: "ratio",
    meaning: "where the document stands from 0 to 1; every sample with a higher rate has it",
}];

impl Stage for Sample {
    fn name(&self) -> &str {
        "sample"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let position = self.position(match self.by {
            By::Id => document.id(),
            By::Text => document.text(),
        });
        document.annotate(POSITION, position);
        if position >= self.rate(document.language()) {
            document.fail(RATE);
        }
        document.verdict()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(rate: f64, seed: u64) -> Sample {
        Sample::new(&Config { rate: Rate::All(rate), seed, by: By::Id }).unwrap()
    }

    fn kept(sample: &Sample, count: usize) -> Vec<usize> {
        (0..count)
            .filter(|number| {
                Document::new(format!("document-{number}"), "x").apply(sample) == Verdict::Keep
            })
            .collect()
    }

    #[test]
    fn the_share_is_the_rate() {
        // Fixed by the definition: a change of a number is another sample for everybody.
        let counts = [0.0, 0.001, 0.1, 0.5, 1.0].map(|rate| kept(&sample(rate, 0), 100_000).len());
        assert_eq!(counts, [0, 125, 10_177, 50_189, 100_000]);
    }

    #[test]
    fn a_sample_holds_every_smaller_one() {
        let (small, large) = (kept(&sample(0.2, 7), 2000), kept(&sample(0.3, 7), 2000));
        assert!(small.len() < large.len());
        assert!(small.iter().all(|number| large.contains(number)));
    }

    #[test]
    fn seeds_are_independent() {
        let (one, two) = (kept(&sample(0.5, 1), 20_000), kept(&sample(0.5, 2), 20_000));
        let two: std::collections::BTreeSet<_> = two.into_iter().collect();
        let both = one.iter().filter(|number| two.contains(number)).count();
        // A quarter, within five standard deviations.
        assert!((4694..=5306).contains(&both), "{both}");
    }

    #[test]
    fn positions_are_stable_and_below_one() {
        let mut document = Document::new("document-1", "x");
        document.apply(&sample(0.5, 0));
        let position = document.metric(POSITION).and_then(|value| value.number());
        assert_eq!(position, Some(0.6809776378574985));
        assert_eq!(sample(0.5, 7).position("document-1"), 0.710759306472489);
        assert_eq!(sample(0.5, 0).position(""), 0.1758804333447428);
    }

    #[test]
    fn languages_have_rates_of_their_own() {
        let rates = |pairs: &[(&str, f64)]| {
            let rates = pairs.iter().map(|(key, rate)| ((*key).to_owned(), *rate)).collect();
            Sample::new(&Config { rate: Rate::Languages(rates), ..Config::default() })
        };
        let sample = rates(&[("en", 0.0), ("default", 0.25)]).unwrap();
        assert_eq!([Some("en"), Some("fr"), None].map(|l| sample.rate(l)), [0.0, 0.25, 0.25]);
        let sample = rates(&[("en", 0.0)]).unwrap();
        assert_eq!([Some("en"), Some("fr"), None].map(|l| sample.rate(l)), [0.0, 1.0, 1.0]);
        let mut document = Document::new("a", "b").with_language(Some("en"));
        assert_eq!(document.apply(&sample), Verdict::Drop(RATE.into()));
        let error = rates(&[("fr", 1.5)]).unwrap_err();
        assert_eq!(error.to_string(), "rate.fr is 1.5, but a rate is a number from 0 to 1");
    }

    #[test]
    fn equal_texts_share_their_fate() {
        let by_text = Config { rate: Rate::All(0.5), by: By::Text, ..Config::default() };
        let sample = Sample::new(&by_text).unwrap();
        let verdict =
            |id: usize, text: &str| Document::new(id.to_string(), text.to_owned()).apply(&sample);
        let mut verdicts = [0, 0];
        for number in 0..200 {
            let text = format!("text {number}");
            assert_eq!(verdict(number, &text), verdict(number + 1, &text));
            verdicts[usize::from(verdict(number, &text) == Verdict::Keep)] += 1;
        }
        assert!(verdicts.iter().all(|count| *count > 60), "{verdicts:?}");
    }

    #[test]
    fn a_rate_that_is_no_share_is_refused() {
        for value in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            let config = Config { rate: Rate::All(value), ..Config::default() };
            let SampleError::Rate { key, .. } = Sample::new(&config).unwrap_err();
            assert_eq!(key, "rate");
        }
    }

    #[test]
    fn a_rate_is_a_number_or_a_map() {
        let read = |text: &str| serde_json::from_str::<Config>(text).map(|config| config.rate);
        assert_eq!(read("{\"rate\": 1}").unwrap(), Rate::All(1.0));
        let map = BTreeMap::from([("en".to_owned(), 0.5), ("default".to_owned(), 0.0)]);
        assert_eq!(
            read("{\"rate\": {\"en\": 0.5, \"default\": 0}}").unwrap(),
            Rate::Languages(map)
        );
        assert!(read("{\"rate\": \"half\"}").is_err());
    }
}
