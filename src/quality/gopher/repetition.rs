//! The rules of repetition: duplicate paragraphs, lines and n-grams of words.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::repeats::Counter;
use super::{GopherError, Judge, Variant, active, check_positive, key};
use crate::document::Document;
use crate::quality::profile::{ByLanguage, DUPLICATE_NGRAMS, Profile, TOP_NGRAMS};
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict, intern};
use crate::text::segment::WordsConfig;

/// The longest n-grams that can be asked for, in words.
pub const LONGEST: usize = 100;

const EMPTY: &str = "gopher.empty";
const PARAGRAPHS: &str = "gopher.duplicate_paragraph_ratio";
const PARAGRAPH_CHARACTERS: &str = "gopher.duplicate_paragraph_char_ratio";
const LINES: &str = "gopher.duplicate_line_ratio";
const LINE_CHARACTERS: &str = "gopher.duplicate_line_char_ratio";

/// Thresholds by the length of n-grams in words. Null measures a length without a rule.
pub type Thresholds = BTreeMap<usize, Option<f64>>;

/// The configuration of [`GopherRepetition`]. The defaults are those of the paper, which all three
/// programs share. A threshold of null or 0 switches its rule off, except for n-grams, where 0 is
/// one, as in datatrove.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whose reading of the rules is followed: `datatrove`, `dolma` or `datamap`.
    pub variant: Variant,
    /// What words are. Null for what the original takes for words: `auto` in `datatrove`,
    /// `whitespace` in `dolma`, `unicode` in `datamap`.
    pub words: Option<WordsConfig>,
    /// The language of all documents; without it, each document's own.
    pub language: Option<String>,
    /// The highest share of paragraphs that are duplicates, 0 to 1; not in `dolma`.
    pub max_duplicate_paragraph_ratio: Option<f64>,
    /// The highest share of the text that is in duplicate paragraphs; not in `dolma`.
    pub max_duplicate_paragraph_char_ratio: Option<f64>,
    /// The highest share of lines that are duplicates, 0 to 1.
    pub max_duplicate_line_ratio: Option<f64>,
    /// The highest share of the text that is in duplicate lines.
    pub max_duplicate_line_char_ratio: Option<f64>,
    /// The highest share of the text that the most frequent n-gram makes up, by the length of
    /// n-grams in words, 1 to 100. Overlaps count twice, except in `datamap`.
    pub max_top_ngram_ratios: Thresholds,
    /// The highest share of the text that is in duplicate n-grams, by the length of n-grams in
    /// words, 1 to 100.
    pub max_duplicate_ngram_ratios: Thresholds,
    /// A folder of language profiles, such as `filters/fineweb2`. For a language that has one, the
    /// profile's values stand in place of `max_duplicate_line_ratio` and the ratios of n-grams
    /// above, null switching a rule off; `languages` wins over it.
    pub profiles: Option<PathBuf>,
    /// What is different for a language: any of the six thresholds above. A threshold that is not
    /// there, or a length of n-grams that is not in the map, is as above.
    pub languages: BTreeMap<String, Overrides>,
}

impl Default for Config {
    fn default() -> Self {
        let top = [(2, 0.20), (3, 0.18), (4, 0.16)];
        let duplicate = [(5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10)];
        Self {
            variant: Variant::default(),
            words: None,
            language: None,
            max_duplicate_paragraph_ratio: Some(0.3),
            max_duplicate_paragraph_char_ratio: Some(0.2),
            max_duplicate_line_ratio: Some(0.3),
            max_duplicate_line_char_ratio: Some(0.2),
            max_top_ngram_ratios: top.map(|(n, ratio)| (n, Some(ratio))).into(),
            max_duplicate_ngram_ratios: duplicate.map(|(n, ratio)| (n, Some(ratio))).into(),
            profiles: None,
            languages: BTreeMap::new(),
        }
    }
}

/// What is different for a language. Null leaves a threshold as it is for all; 0 switches a rule
/// off, for n-grams null does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    /// The highest share of paragraphs that are duplicates, 0 to 1.
    pub max_duplicate_paragraph_ratio: Option<f64>,
    /// The highest share of the text that is in duplicate paragraphs.
    pub max_duplicate_paragraph_char_ratio: Option<f64>,
    /// The highest share of lines that are duplicates, 0 to 1.
    pub max_duplicate_line_ratio: Option<f64>,
    /// The highest share of the text that is in duplicate lines.
    pub max_duplicate_line_char_ratio: Option<f64>,
    /// The highest share of the text that the most frequent n-gram makes up, by length.
    pub max_top_ngram_ratios: Thresholds,
    /// The highest share of the text that is in duplicate n-grams, by length.
    pub max_duplicate_ngram_ratios: Thresholds,
}

/// What a document in a language is held against.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// The thresholds. Those of `None` are switched off, and those of 0 except for n-grams.
    pub thresholds: Overrides,
    pub(super) top: Vec<Rule>,
    pub(super) duplicate: Vec<Rule>,
}

/// A rule about n-grams.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rule {
    pub(super) n: usize,
    metric: &'static str,
    threshold: Option<f64>,
}

impl Config {
    fn thresholds(&self) -> Overrides {
        Overrides {
            max_duplicate_paragraph_ratio: self.max_duplicate_paragraph_ratio,
            max_duplicate_paragraph_char_ratio: self.max_duplicate_paragraph_char_ratio,
            max_duplicate_line_ratio: self.max_duplicate_line_ratio,
            max_duplicate_line_char_ratio: self.max_duplicate_line_char_ratio,
            max_top_ngram_ratios: self.max_top_ngram_ratios.clone(),
            max_duplicate_ngram_ratios: self.max_duplicate_ngram_ratios.clone(),
        }
    }

    /// The thresholds with the values of a language's profile in place of those that it has. All
    /// lengths of n-grams that profiles know are measured, those of the configuration too.
    fn profiled(&self, profile: &Profile) -> Overrides {
        let ratios = |own: &Thresholds, lengths: RangeInclusive<u8>, known: &BTreeMap<u8, f64>| {
            let stated = lengths.map(|length| (usize::from(length), known.get(&length).copied()));
            own.iter().map(|(&length, &ratio)| (length, ratio)).chain(stated).collect()
        };
        Overrides {
            max_duplicate_line_ratio: profile.max_duplicate_line_ratio,
            max_top_ngram_ratios: ratios(
                &self.max_top_ngram_ratios,
                TOP_NGRAMS,
                &profile.max_top_ngram_ratios,
            ),
            max_duplicate_ngram_ratios: ratios(
                &self.max_duplicate_ngram_ratios,
                DUPLICATE_NGRAMS,
                &profile.max_duplicate_ngram_ratios,
            ),
            ..self.thresholds()
        }
    }
}

impl Overrides {
    /// These, and `base` where these say nothing.
    fn over(&self, base: &Self) -> Self {
        let merge = |base: &Thresholds, own: &Thresholds| {
            base.iter().chain(own).map(|(&n, &threshold)| (n, threshold)).collect()
        };
        Self {
            max_duplicate_paragraph_ratio: self
                .max_duplicate_paragraph_ratio
                .or(base.max_duplicate_paragraph_ratio),
            max_duplicate_paragraph_char_ratio: self
                .max_duplicate_paragraph_char_ratio
                .or(base.max_duplicate_paragraph_char_ratio),
            max_duplicate_line_ratio: self
                .max_duplicate_line_ratio
                .or(base.max_duplicate_line_ratio),
            max_duplicate_line_char_ratio: self
                .max_duplicate_line_char_ratio
                .or(base.max_duplicate_line_char_ratio),
            max_top_ngram_ratios: merge(&base.max_top_ngram_ratios, &self.max_top_ngram_ratios),
            max_duplicate_ngram_ratios: merge(
                &base.max_duplicate_ngram_ratios,
                &self.max_duplicate_ngram_ratios,
            ),
        }
    }

    fn build(self, language: Option<&str>) -> Result<Parameters, GopherError> {
        for (name, value) in [
            ("max_duplicate_paragraph_ratio", self.max_duplicate_paragraph_ratio),
            ("max_duplicate_paragraph_char_ratio", self.max_duplicate_paragraph_char_ratio),
            ("max_duplicate_line_ratio", self.max_duplicate_line_ratio),
            ("max_duplicate_line_char_ratio", self.max_duplicate_line_char_ratio),
        ] {
            check_positive(language, name, value)?;
        }
        let rules = |parameter: &str, kind: &str, thresholds: &Thresholds| {
            let rule = |(&n, &threshold): (&usize, &Option<f64>)| {
                if !(1..=LONGEST).contains(&n) {
                    return Err(GopherError::Length { key: key(language, parameter), n });
                }
                check_positive(language, &format!("{parameter}.{n}"), threshold)?;
                Ok(Rule { n, metric: intern(&format!("gopher.{kind}_{n}_gram_ratio")), threshold })
            };
            thresholds.iter().map(rule).collect::<Result<Vec<_>, _>>()
        };
        Ok(Parameters {
            top: rules("max_top_ngram_ratios", "top", &self.max_top_ngram_ratios)?,
            duplicate: rules(
                "max_duplicate_ngram_ratios",
                "duplicate",
                &self.max_duplicate_ngram_ratios,
            )?,
            thresholds: self,
        })
    }
}

/// What the rules of repetition measure in one document; 0 where there is nothing to repeat. What
/// is counted twice, such as overlapping n-grams, can make a ratio larger than 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measures {
    /// The shares of duplicate paragraphs and of the text in them; `None` in `dolma`, which has no
    /// paragraphs.
    pub paragraphs: Option<(f64, f64)>,
    /// The shares of duplicate lines and of the text in them.
    pub lines: (f64, f64),
    /// The share of the most frequent n-gram for each configured length.
    pub top: Vec<f64>,
    /// The share of duplicate n-grams for each configured length.
    pub duplicate: Vec<f64>,
}

/// The rules of repetition of Gopher: duplicate paragraphs and lines, the most frequent n-grams,
/// and duplicate n-grams.
///
/// Words, lines and n-grams are compared by 64-bit hashes.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::gopher::{GopherRepetition, repetition::Config};
/// use sapwood::stage::Verdict;
///
/// let repetition = GopherRepetition::new(&Config::default())?;
/// let mut document = Document::new("a", "Read more\nNo two lines are equal.\nRead more");
/// assert_eq!(
///     document.apply(&repetition),
///     Verdict::Drop("gopher.duplicate_line_ratio".into())
/// );
/// # Ok::<(), sapwood::quality::gopher::GopherError>(())
/// ```
#[derive(Debug)]
pub struct GopherRepetition {
    variant: Variant,
    words: Option<WordsConfig>,
    language: Option<String>,
    parameters: ByLanguage<Parameters>,
    metrics: Vec<Metric>,
}

thread_local! {
    static COUNTER: RefCell<Counter> = RefCell::default();
}

impl GopherRepetition {
    /// Checks the thresholds.
    ///
    /// # Errors
    /// If a threshold is negative or not a number, or n-grams have no words or more than 100.
    pub fn new(config: &Config) -> Result<Self, GopherError> {
        let parameters = ByLanguage::new(
            config.profiles.as_deref(),
            &config.languages,
            |language, profile, own: Option<&Overrides>| {
                let base = profile.map_or_else(|| config.thresholds(), |own| config.profiled(own));
                own.map_or(base.clone(), |own| own.over(&base)).build(language)
            },
        )?;
        let mut metrics: Vec<Metric> = METRICS.iter().take(4).copied().collect();
        if config.variant == Variant::Dolma {
            metrics.drain(..2);
        }
        let all = || parameters.iter();
        let top: BTreeSet<usize> =
            all().flat_map(|own| own.top.iter().map(|rule| rule.n)).collect();
        let duplicate: BTreeSet<usize> =
            all().flat_map(|own| own.duplicate.iter().map(|rule| rule.n)).collect();
        let ngram = |name: String, meaning| Metric {
            name: intern(&name),
            kind: MetricKind::Float,
            unit: "ratio",
            meaning,
        };
        metrics.extend(top.iter().map(|n| ngram(format!("gopher.top_{n}_gram_ratio"), TOP)));
        let name = |n| format!("gopher.duplicate_{n}_gram_ratio");
        metrics.extend(duplicate.iter().map(|n| ngram(name(n), DUPLICATE)));
        Ok(Self {
            variant: config.variant,
            words: config.words.clone(),
            language: config.language.clone(),
            parameters,
            metrics,
        })
    }

    /// What documents in a language are held against: its own parameters, or those of all.
    pub fn parameters(&self, language: Option<&str>) -> &Parameters {
        self.parameters.get(language)
    }

    /// Takes the measures of a document in a language.
    pub fn measure(&self, document: &Document<'_>, language: Option<&str>) -> Measures {
        let segmentation = self.variant.segmentation(self.words.as_ref(), language);
        let parameters = self.parameters(language);
        COUNTER.with_borrow_mut(|counter| {
            counter.measure(self.variant, document.view(), segmentation, parameters)
        })
    }
}

const TOP: &str = "share of the text that the most frequent n-gram of this many words makes up";
const DUPLICATE: &str = "share of the text in n-grams of this many words that are duplicates";

/// A metric that is a ratio.
const fn ratio(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, kind: MetricKind::Float, unit: "ratio", meaning }
}

/// The metrics that the stage annotates with the default lengths of n-grams.
pub const METRICS: &[Metric] = &[
    ratio(PARAGRAPHS, "share of paragraphs that are duplicates; not in `dolma`"),
    ratio(PARAGRAPH_CHARACTERS, "share of the text in duplicate paragraphs; not in `dolma`"),
    ratio(LINES, "share of lines that are duplicates"),
    ratio(LINE_CHARACTERS, "share of the text in duplicate lines"),
    ratio("gopher.top_2_gram_ratio", TOP),
    ratio("gopher.top_3_gram_ratio", TOP),
    ratio("gopher.top_4_gram_ratio", TOP),
    ratio("gopher.duplicate_5_gram_ratio", DUPLICATE),
    ratio("gopher.duplicate_6_gram_ratio", DUPLICATE),
    ratio("gopher.duplicate_7_gram_ratio", DUPLICATE),
    ratio("gopher.duplicate_8_gram_ratio", DUPLICATE),
    ratio("gopher.duplicate_9_gram_ratio", DUPLICATE),
    ratio("gopher.duplicate_10_gram_ratio", DUPLICATE),
];

impl Stage for GopherRepetition {
    fn name(&self) -> &str {
        "gopher_repetition"
    }

    fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    fn resources(&self) -> Vec<Resource> {
        self.parameters.resources()
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let language = self.language.as_deref().or(document.language());
        let measures = self.measure(document, language);
        let parameters = self.parameters(language);
        let thresholds = &parameters.thresholds;

        if self.variant == Variant::Datatrove && document.text().is_empty() {
            document.fail(EMPTY);
        }
        let mut judge = Judge { document: &mut *document, variant: self.variant };
        let (lines, line_characters) = measures.lines;
        let lines = (LINES, lines, active(thresholds.max_duplicate_line_ratio));
        let line_characters =
            (LINE_CHARACTERS, line_characters, active(thresholds.max_duplicate_line_char_ratio));
        if let Some((paragraphs, characters)) = measures.paragraphs {
            let paragraphs =
                (PARAGRAPHS, paragraphs, active(thresholds.max_duplicate_paragraph_ratio));
            let characters = (
                PARAGRAPH_CHARACTERS,
                characters,
                active(thresholds.max_duplicate_paragraph_char_ratio),
            );
            judge.all(match self.variant {
                Variant::Datamap => [lines, paragraphs, line_characters, characters],
                _ => [paragraphs, characters, lines, line_characters],
            });
        } else {
            judge.all([lines, line_characters]);
        }
        let rules = parameters.top.iter().zip(&measures.top);
        let rules = rules.chain(parameters.duplicate.iter().zip(&measures.duplicate));
        judge.all(rules.map(|(rule, &value)| (rule.metric, value, rule.threshold)));
        document.verdict()
    }
}
