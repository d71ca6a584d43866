//! The quality rules: length, word length, symbols, bullets, ellipses, letters, stop words.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::measures::Measures;
use super::measures::{Searchers, measure};
use super::stop_words::StopWords;
use super::{GopherError, Judge, Variant, active, check_order, check_positive, check_share};
use crate::document::Document;
use crate::quality::profile::{ByLanguage, Profile};
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict};
use crate::text::segment::WordsConfig;

const CHARACTERS: &str = "gopher.characters";
const WORDS: &str = "gopher.words";
const MEAN_WORD_LENGTH: &str = "gopher.mean_word_length";
const HASHES: &str = "gopher.hash_ratio";
const ELLIPSES: &str = "gopher.ellipsis_ratio";
const SYMBOLS: &str = "gopher.symbol_ratio";
const BULLET_LINES: &str = "gopher.bullet_lines_ratio";
const ELLIPSIS_LINES: &str = "gopher.ellipsis_lines_ratio";
const ALPHA_WORDS: &str = "gopher.alpha_words_ratio";
const STOP_WORDS: &str = "gopher.stop_words";

/// The configuration of [`Gopher`]. A threshold of null or 0 switches its rule off. The defaults
/// are those of the paper, which all three programs share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whose reading of the rules is followed: `datatrove`, `dolma` or `datamap`.
    pub variant: Variant,
    /// What words are. Null for what the original takes for words: `auto` in `datatrove`,
    /// `whitespace` in `dolma`; in `datamap` it is about the number of words only, null means
    /// `unicode` and runs of letters and digits in texts of ASCII, and all else is cut at white
    /// space.
    pub words: Option<WordsConfig>,
    /// The language of all documents; without it, each document's own.
    pub language: Option<String>,
    /// The fewest words.
    pub min_words: Option<u64>,
    /// The most words.
    pub max_words: Option<u64>,
    /// The lowest mean length of a word, in code points; the median in `dolma`, bytes in `datamap`.
    pub min_mean_word_length: Option<f64>,
    /// The highest mean length of a word, in code points; the median in `dolma`, bytes in
    /// `datamap`.
    pub max_mean_word_length: Option<f64>,
    /// The most hash signs by word; `datatrove` only.
    pub max_hash_ratio: Option<f64>,
    /// The most ellipses by word; `datatrove` only.
    pub max_ellipsis_ratio: Option<f64>,
    /// The most hash signs and ellipses together by word; not in `datatrove`.
    pub max_symbol_ratio: Option<f64>,
    /// The highest share of lines that begin with a bullet point, 0 to 1.
    pub max_bullet_lines_ratio: Option<f64>,
    /// The highest share of lines that end with an ellipsis, 0 to 1.
    pub max_ellipsis_lines_ratio: Option<f64>,
    /// The lowest share of words with a letter in them, 0 to 1.
    pub min_alpha_words_ratio: Option<f64>,
    /// The fewest stop words: different ones in `datatrove`, all occurrences elsewhere.
    pub min_stop_words: Option<u64>,
    /// The stop words, as they stand in a text; the paper's eight are English. They are compared
    /// with words as they are, in `datamap` with words in lower case.
    pub stop_words: Vec<String>,
    /// A folder of language profiles, such as `filters/fineweb2`. For a language that has one, the
    /// profile's values stand in place of the mean word lengths, `min_alpha_words_ratio` and `stop_words`
    /// above, null switching a rule off; `languages` wins over it.
    pub profiles: Option<PathBuf>,
    /// What is different for a language: any of the parameters above from `min_words` on. A
    /// parameter that is not there is as above; 0 switches a rule off.
    pub languages: BTreeMap<String, Overrides>,
}

impl Default for Config {
    fn default() -> Self {
        let stop_words = ["the", "be", "to", "of", "and", "that", "have", "with"];
        Self {
            variant: Variant::default(),
            words: None,
            language: None,
            min_words: Some(50),
            max_words: Some(100_000),
            min_mean_word_length: Some(3.0),
            max_mean_word_length: Some(10.0),
            max_hash_ratio: Some(0.1),
            max_ellipsis_ratio: Some(0.1),
            max_symbol_ratio: Some(0.1),
            max_bullet_lines_ratio: Some(0.9),
            max_ellipsis_lines_ratio: Some(0.3),
            min_alpha_words_ratio: Some(0.8),
            min_stop_words: Some(2),
            stop_words: stop_words.map(str::to_owned).to_vec(),
            profiles: None,
            languages: BTreeMap::new(),
        }
    }
}

/// What is different for a language. Null leaves a parameter as it is for all; 0 switches a rule
/// off.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    /// The fewest words.
    pub min_words: Option<u64>,
    /// The most words.
    pub max_words: Option<u64>,
    /// The lowest mean length of a word.
    pub min_mean_word_length: Option<f64>,
    /// The highest mean length of a word.
    pub max_mean_word_length: Option<f64>,
    /// The most hash signs by word.
    pub max_hash_ratio: Option<f64>,
    /// The most ellipses by word.
    pub max_ellipsis_ratio: Option<f64>,
    /// The most hash signs and ellipses together by word.
    pub max_symbol_ratio: Option<f64>,
    /// The highest share of lines that begin with a bullet point, 0 to 1.
    pub max_bullet_lines_ratio: Option<f64>,
    /// The highest share of lines that end with an ellipsis, 0 to 1.
    pub max_ellipsis_lines_ratio: Option<f64>,
    /// The lowest share of words with a letter in them, 0 to 1.
    pub min_alpha_words_ratio: Option<f64>,
    /// The fewest stop words.
    pub min_stop_words: Option<u64>,
    /// The stop words.
    pub stop_words: Option<Vec<String>>,
}

/// What a document in a language is held against. A threshold of `None` or 0 is switched off.
#[derive(Debug)]
pub struct Parameters {
    /// The thresholds; `stop_words` is always there.
    pub thresholds: Overrides,
    stop_words: StopWords,
}

impl Config {
    fn thresholds(&self) -> Overrides {
        Overrides {
            min_words: self.min_words,
            max_words: self.max_words,
            min_mean_word_length: self.min_mean_word_length,
            max_mean_word_length: self.max_mean_word_length,
            max_hash_ratio: self.max_hash_ratio,
            max_ellipsis_ratio: self.max_ellipsis_ratio,
            max_symbol_ratio: self.max_symbol_ratio,
            max_bullet_lines_ratio: self.max_bullet_lines_ratio,
            max_ellipsis_lines_ratio: self.max_ellipsis_lines_ratio,
            min_alpha_words_ratio: self.min_alpha_words_ratio,
            min_stop_words: self.min_stop_words,
            stop_words: Some(self.stop_words.clone()),
        }
    }

    /// The thresholds with the values of a language's profile in place of those that it has.
    fn profiled(&self, profile: &Profile) -> Overrides {
        Overrides {
            min_mean_word_length: profile.min_mean_word_length,
            max_mean_word_length: profile.max_mean_word_length,
            min_alpha_words_ratio: profile.min_alpha_words_ratio,
            min_stop_words: self.min_stop_words.filter(|_| profile.stop_words.is_some()),
            stop_words: Some(profile.stop_words.clone().unwrap_or_default()),
            ..self.thresholds()
        }
    }
}

impl Overrides {
    /// These, and `base` where these say nothing.
    fn over(&self, base: &Self) -> Self {
        Self {
            min_words: self.min_words.or(base.min_words),
            max_words: self.max_words.or(base.max_words),
            min_mean_word_length: self.min_mean_word_length.or(base.min_mean_word_length),
            max_mean_word_length: self.max_mean_word_length.or(base.max_mean_word_length),
            max_hash_ratio: self.max_hash_ratio.or(base.max_hash_ratio),
            max_ellipsis_ratio: self.max_ellipsis_ratio.or(base.max_ellipsis_ratio),
            max_symbol_ratio: self.max_symbol_ratio.or(base.max_symbol_ratio),
            max_bullet_lines_ratio: self.max_bullet_lines_ratio.or(base.max_bullet_lines_ratio),
            max_ellipsis_lines_ratio: self
                .max_ellipsis_lines_ratio
                .or(base.max_ellipsis_lines_ratio),
            min_alpha_words_ratio: self.min_alpha_words_ratio.or(base.min_alpha_words_ratio),
            min_stop_words: self.min_stop_words.or(base.min_stop_words),
            stop_words: self.stop_words.clone().or_else(|| base.stop_words.clone()),
        }
    }

    fn build(self, language: Option<&str>) -> Result<Parameters, GopherError> {
        let number = |count: Option<u64>| count.map(|count| count as f64);
        let words = (number(self.min_words), number(self.max_words));
        check_order(language, ("min_words", words.0), ("max_words", words.1))?;
        for (name, value) in [
            ("min_mean_word_length", self.min_mean_word_length),
            ("max_mean_word_length", self.max_mean_word_length),
            ("max_hash_ratio", self.max_hash_ratio),
            ("max_ellipsis_ratio", self.max_ellipsis_ratio),
            ("max_symbol_ratio", self.max_symbol_ratio),
            ("max_bullet_lines_ratio", self.max_bullet_lines_ratio),
            ("max_ellipsis_lines_ratio", self.max_ellipsis_lines_ratio),
        ] {
            check_positive(language, name, value)?;
        }
        check_order(
            language,
            ("min_mean_word_length", self.min_mean_word_length),
            ("max_mean_word_length", self.max_mean_word_length),
        )?;
        check_share(language, "min_alpha_words_ratio", self.min_alpha_words_ratio)?;
        let stop_words = StopWords::new(self.stop_words.as_deref().unwrap_or_default());
        Ok(Parameters { thresholds: self, stop_words })
    }
}

/// The quality rules of Gopher, eight measures against the thresholds of the document's language.
///
/// Rules are tested in datatrove's order, which the others share.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::gopher::{Gopher, quality::Config};
/// use sapwood::stage::Verdict;
///
/// let gopher = Gopher::new(&Config::default())?;
/// let mut document = Document::new("a", "of the people, by the people, for the people");
/// assert_eq!(document.apply(&gopher), Verdict::Drop("gopher.words".into()));
/// # Ok::<(), sapwood::quality::gopher::GopherError>(())
/// ```
#[derive(Debug)]
pub struct Gopher {
    variant: Variant,
    words: Option<WordsConfig>,
    language: Option<String>,
    parameters: ByLanguage<Parameters>,
    searchers: Searchers,
    metrics: Vec<Metric>,
}

impl Gopher {
    /// Checks the thresholds and makes the tables of stop words.
    ///
    /// # Errors
    /// If a threshold is negative or not a number, a share is above 1, or a lower bound above an
    /// upper one.
    pub fn new(config: &Config) -> Result<Self, GopherError> {
        let parameters = ByLanguage::new(
            config.profiles.as_deref(),
            &config.languages,
            |language, profile, own: Option<&Overrides>| {
                let base = profile.map_or_else(|| config.thresholds(), |own| config.profiled(own));
                own.map_or(base.clone(), |own| own.over(&base)).build(language)
            },
        )?;
        let split = config.variant == Variant::Datatrove;
        let is_measured = |metric: &&Metric| match metric.name {
            HASHES | ELLIPSES => split,
            SYMBOLS => !split,
            CHARACTERS => config.variant == Variant::Dolma,
            _ => true,
        };
        Ok(Self {
            variant: config.variant,
            words: config.words.clone(),
            language: config.language.clone(),
            parameters,
            searchers: Searchers::new(),
            metrics: METRICS.iter().filter(is_measured).copied().collect(),
        })
    }

    /// What documents in a language are held against: its own parameters, or those of all.
    pub fn parameters(&self, language: Option<&str>) -> &Parameters {
        self.parameters.get(language)
    }

    /// Takes the measures of a document in a language.
    pub fn measure(&self, document: &Document<'_>, language: Option<&str>) -> Measures {
        let segmentation = self.variant.segmentation(self.words.as_ref(), language);
        let stop_words = &self.parameters(language).stop_words;
        measure(self.variant, document.view(), segmentation, stop_words, &self.searchers)
    }
}

/// The metrics that the stage can annotate; `gopher.symbol_ratio` stands in for the two ratios
/// before it in all variants but `datatrove`.
pub const METRICS: &[Metric] = &[
    Metric {
        name: CHARACTERS,
        kind: MetricKind::Integer,
        unit: "characters",
        meaning: "code points of the text; in `dolma` only, and without a rule",
    },
    Metric {
        name: WORDS,
        kind: MetricKind::Integer,
        unit: "words",
        meaning: "words with a character that is no symbol; all words in `dolma` and `datamap`",
    },
    Metric {
        name: MEAN_WORD_LENGTH,
        kind: MetricKind::Float,
        unit: "characters",
        meaning: "mean length of these words; the median in `dolma`, bytes in `datamap`",
    },
    Metric { name: HASHES, kind: MetricKind::Float, unit: "ratio", meaning: "hash signs by word" },
    Metric {
        name: ELLIPSES,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "ellipses, of one character or three, by word",
    },
    Metric {
        name: SYMBOLS,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "hash signs and ellipses by word (`datamap`), or share of words with one (`dolma`)",
    },
    Metric {
        name: BULLET_LINES,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of lines that begin with a bullet point",
    },
    Metric {
        name: ELLIPSIS_LINES,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of lines that end with an ellipsis",
    },
    Metric {
        name: ALPHA_WORDS,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of words with a letter in them",
    },
    Metric {
        name: STOP_WORDS,
        kind: MetricKind::Integer,
        unit: "words",
        meaning: "different stop words; occurrences of stop words in `dolma` and `datamap`",
    },
];

impl Stage for Gopher {
    fn name(&self) -> &str {
        "gopher"
    }

    fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let language = self.language.as_deref().or(document.language());
        let measures = self.measure(document, language);
        let thresholds = &self.parameters(language).thresholds;

        if self.variant == Variant::Dolma {
            document.annotate(CHARACTERS, document.view().characters());
        }
        document.annotate(WORDS, measures.words as i64);
        document.annotate(MEAN_WORD_LENGTH, measures.word_length.unwrap_or_default());
        if let Some((hashes, ellipses)) = measures.hash_and_ellipsis_ratios {
            document.annotate(HASHES, hashes);
            document.annotate(ELLIPSES, ellipses);
        }
        if let Some(symbols) = measures.symbol_ratio {
            document.annotate(SYMBOLS, symbols);
        }
        document.annotate(BULLET_LINES, measures.bullet_lines_ratio);
        document.annotate(ELLIPSIS_LINES, measures.ellipsis_lines_ratio);
        document.annotate(ALPHA_WORDS, measures.alpha_words_ratio);
        document.annotate(STOP_WORDS, measures.stop_words as i64);

        let number = |count: Option<u64>| active(count.map(|count| count as f64));
        let mut judge = Judge { document: &mut *document, variant: self.variant };
        judge.at_least(WORDS, measures.words as f64, number(thresholds.min_words));
        judge.at_most(WORDS, measures.words as f64, number(thresholds.max_words));
        // No word, no mean: datatrove compares with NaN here, which passes, and datamap too, which
        // does not.
        let length = match self.variant {
            Variant::Datatrove => measures.word_length,
            _ => Some(measures.word_length.unwrap_or_default()),
        };
        if let Some(length) = length {
            judge.at_least(MEAN_WORD_LENGTH, length, active(thresholds.min_mean_word_length));
            judge.at_most(MEAN_WORD_LENGTH, length, active(thresholds.max_mean_word_length));
        }
        if let Some((hashes, ellipses)) = measures.hash_and_ellipsis_ratios {
            judge.at_most(HASHES, hashes, active(thresholds.max_hash_ratio));
            judge.at_most(ELLIPSES, ellipses, active(thresholds.max_ellipsis_ratio));
        }
        if let Some(symbols) = measures.symbol_ratio {
            judge.at_most(SYMBOLS, symbols, active(thresholds.max_symbol_ratio));
        }
        let bullets = measures.bullet_lines_ratio;
        judge.at_most(BULLET_LINES, bullets, active(thresholds.max_bullet_lines_ratio));
        let ellipses = measures.ellipsis_lines_ratio;
        judge.at_most(ELLIPSIS_LINES, ellipses, active(thresholds.max_ellipsis_lines_ratio));
        let alphabetic = active(thresholds.min_alpha_words_ratio);
        judge.at_least(ALPHA_WORDS, measures.alpha_words_ratio, alphabetic);
        if measures.too_few_to_tell && alphabetic.is_some() {
            judge.document.fail(ALPHA_WORDS);
        }
        let stops = measures.stop_words as f64;
        judge.at_least(STOP_WORDS, stops, number(thresholds.min_stop_words));
        document.verdict()
    }

    fn resources(&self) -> Vec<Resource> {
        self.parameters.resources()
    }

    fn memory(&self) -> u64 {
        self.parameters.iter().map(|parameters| parameters.stop_words.memory()).sum()
    }
}
