//! The quality filter of ROOTS, the corpus that BLOOM was trained on.
//!
//! Source: BigScience's filter for OSCAR (repository `data_tooling`, 2022, corrected in
//! `data-preparation`), without its language identification and its perplexity, which are other
//! stages here. Ratios are equal to the original's to the last bit, except for Chinese: ROOTS cut it
//! with a SentencePiece model that may not be passed on, and this stage cuts it with a dictionary.
//!
//! N-grams and words are compared by 64-bit hashes.

use std::cell::RefCell;
use std::io;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::lists::{FLAGGED, Lists, ListsBuilder, STOPWORD};
use self::parameters::{self as table, LanguageParameters, Table};
use self::repetition::Counter;
use self::words::Words;
use crate::document::{Bound, Document};
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict};
use crate::text::segment::{Segmentation, WordsConfig};
use crate::text::view::{Slot, View};

pub(super) mod embedded;
mod lists;
pub mod parameters;
mod repetition;
#[cfg(test)]
mod tests;
mod words;

pub use self::repetition::Variant;

const COVERED: &str = "roots.covered";
const NUMBER_WORDS: &str = "roots.number_words";
const CHARACTER_REPETITION: &str = "roots.character_repetition_ratio";
const WORD_REPETITION: &str = "roots.word_repetition_ratio";
const SPECIAL_CHARACTERS: &str = "roots.special_characters_ratio";
const STOPWORDS: &str = "roots.stopwords_ratio";
const FLAGGED_WORDS: &str = "roots.flagged_words_ratio";
const UNCOVERED: &str = "roots.uncovered";

/// What happens to a document whose language has no row in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnUncovered {
    /// It is measured but not tested.
    #[default]
    Pass,
    /// It is tested against the row `default`.
    Default,
    /// It is dropped for `roots.uncovered`.
    Drop,
}

/// The configuration of [`Roots`].
///
/// The last nine fields are for experiments: each replaces the value of that name in every row of
/// the table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The formula of the character repetition ratio: `fixed`, or `2022` for the one that ROOTS was
    /// made with.
    pub variant: Variant,
    /// The language of all documents; without it, each document's own.
    pub language: Option<String>,
    /// A directory of stop-word lists, `LANG.txt`, one lower-case word or phrase a line, instead of
    /// the shipped ones.
    pub stopwords: Option<PathBuf>,
    /// A directory of flagged-word lists, `LANG.txt`, one lower-case word or phrase a line, instead
    /// of the shipped ones.
    pub flagged: Option<PathBuf>,
    /// A table of thresholds per language, in the shape of `filters/roots.yaml`, instead of that
    /// one.
    pub parameters: Option<PathBuf>,
    /// How texts are cut into words: `auto`, `unicode`, `whitespace` or `dictionary`, or one of them
    /// for each language. Without it, what the table says of the language: at spaces, tabs and line
    /// feeds as ROOTS did, by dictionary in Chinese.
    pub words: Option<WordsConfig>,
    /// What happens to a document whose language has no row in the table: `pass`, `default` or
    /// `drop`.
    pub on_uncovered: OnUncovered,
    /// The fewest words.
    pub min_words: Option<u64>,
    /// The most words.
    pub max_words: Option<u64>,
    /// The length of the n-grams of the character repetition ratio, in code points.
    pub character_repetition_length: Option<usize>,
    /// The highest character repetition ratio.
    pub max_character_repetition_ratio: Option<f64>,
    /// The length of the n-grams of the word repetition ratio, in words.
    pub word_repetition_length: Option<usize>,
    /// The highest word repetition ratio.
    pub max_word_repetition_ratio: Option<f64>,
    /// The highest share of special characters.
    pub max_special_characters_ratio: Option<f64>,
    /// The lowest share of stop words.
    pub min_stopwords_ratio: Option<f64>,
    /// The highest share of flagged words.
    pub max_flagged_words_ratio: Option<f64>,
}

impl Config {
    fn adjust(&self, row: &mut LanguageParameters) {
        fn set<T: Copy>(value: &mut T, replacement: Option<T>) {
            *value = replacement.unwrap_or(*value);
        }
        set(&mut row.min_words, self.min_words);
        set(&mut row.max_words, self.max_words);
        set(&mut row.character_repetition_length, self.character_repetition_length);
        set(&mut row.max_character_repetition_ratio, self.max_character_repetition_ratio);
        set(&mut row.word_repetition_length, self.word_repetition_length);
        set(&mut row.max_word_repetition_ratio, self.max_word_repetition_ratio);
        set(&mut row.max_special_characters_ratio, self.max_special_characters_ratio);
        set(&mut row.min_stopwords_ratio, self.min_stopwords_ratio);
        set(&mut row.max_flagged_words_ratio, self.max_flagged_words_ratio);
    }
}

/// Why the filter could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// The configuration names a directory of lists that is none.
    #[error("{role}: {} is not a directory", path.display())]
    MissingDirectory {
        /// What the directory is for: `stopwords` or `flagged`.
        role: &'static str,
        /// The directory.
        path: PathBuf,
    },
    /// A file or directory could not be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not UTF-8.
    #[error("{} is not UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// The table of thresholds is malformed or makes no sense.
    #[error("{origin}: {message}")]
    Table {
        /// The file.
        origin: String,
        /// What is wrong, and where.
        message: String,
    },
    /// The configuration's own values make no sense together with the table.
    #[error("{0}")]
    Override(String),
}

/// What the filter measures in one document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// Words, once special characters are stripped from their ends.
    pub number_words: u64,
    /// The share of the most frequent character n-grams, 0 to 1.
    pub character_repetition_ratio: f64,
    /// The share of word n-grams that occur more than once, 0 to 1.
    pub word_repetition_ratio: f64,
    /// The share of special characters, 0 to 1.
    pub special_characters_ratio: f64,
    /// The share of stop words, 0 to 1; `None` if the language has no list.
    pub stopwords_ratio: Option<f64>,
    /// The share of flagged words, 0 to 1; `None` if the language has no list.
    pub flagged_words_ratio: Option<f64>,
}

/// The quality filter of ROOTS: six measures, each held against the thresholds of the document's
/// language. All are taken and tested, even if the first fails.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::roots::{Config, Roots};
/// use sapwood::stage::Verdict;
///
/// let roots = Roots::new(&Config::default())?;
/// let mut document = Document::new("a", "Buy now! ".repeat(20)).with_language(Some("en"));
/// assert_eq!(
///     document.apply(&roots),
///     Verdict::Drop("roots.character_repetition_ratio".into())
/// );
/// # Ok::<(), sapwood::quality::roots::RootsError>(())
/// ```
pub struct Roots {
    variant: Variant,
    language: Option<String>,
    on_uncovered: OnUncovered,
    table: Table,
    lists: Lists,
    words: Option<WordsConfig>,
    resources: Vec<Resource>,
}

/// Room to work in, kept by each thread from one document to the next.
#[derive(Default)]
struct Scratch {
    counter: Counter,
    words: Words,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Roots {
    /// Reads the table and the word lists. Relative paths are taken from the working directory.
    pub fn new(config: &Config) -> Result<Self, RootsError> {
        let mut resources = Vec::new();
        let (origin, yaml) = match &config.parameters {
            Some(path) => {
                (path.display().to_string(), lists::read(path, "parameters", &mut resources)?)
            }
            None => ("filters/roots.yaml".to_owned(), embedded::PARAMETERS.to_owned()),
        };
        let mut table =
            Table::parse(&yaml).map_err(|message| RootsError::Table { origin, message })?;
        table.adjust(|row| config.adjust(row)).map_err(RootsError::Override)?;

        let mut builder = ListsBuilder::default();
        let kinds = [
            (STOPWORD, "stopwords", &config.stopwords, embedded::STOPWORDS),
            (FLAGGED, "flagged", &config.flagged, embedded::FLAGGED),
        ];
        for (list, role, directory, shipped) in kinds {
            match directory {
                Some(directory) => builder.add_directory(list, role, directory, &mut resources)?,
                None => {
                    shipped.iter().for_each(|(language, text)| builder.add(list, language, text))
                }
            }
        }
        Ok(Self {
            variant: config.variant,
            language: config.language.clone(),
            on_uncovered: config.on_uncovered,
            table,
            lists: builder.build(),
            words: config.words.clone(),
            resources,
        })
    }

    /// The row of the table that a language is measured with, its own or `default`, with the
    /// configuration's replacements.
    pub fn parameters(&self, language: Option<&str>) -> &LanguageParameters {
        self.row(language).unwrap_or(self.table.default_row())
    }

    fn row(&self, language: Option<&str>) -> Option<&LanguageParameters> {
        language.and_then(|language| self.table.get(language))
    }

    /// Takes the six measures of a text in a language.
    pub fn measure(&self, text: &str, language: Option<&str>) -> Measures {
        self.measure_view(Slot::default().view(text), language)
    }

    /// Takes the six measures of a text that is viewed, in a language.
    pub fn measure_view(&self, view: View<'_>, language: Option<&str>) -> Measures {
        let row = self.parameters(language);
        let lists = self.lists.get(language);
        let segmentation = match (&self.words, row.segmentation) {
            (Some(words), _) => words.segmentation(language),
            (None, table::Segmentation::Whitespace) => Segmentation::Spaces,
            (None, table::Segmentation::Dictionary) => Segmentation::Dictionary,
        };
        SCRATCH.with_borrow_mut(|Scratch { counter, words }| {
            let (character_repetition_ratio, special_characters_ratio) = counter.character_ratios(
                view.text(),
                view.characters(),
                row.character_repetition_length,
                self.variant,
            );
            words.read(view, segmentation, &row.word_augmentation);
            let word_repetition_ratio =
                counter.word_repetition_ratio(&words.hashes, row.word_repetition_length);
            let (stopwords, flagged) = words.ratios(lists, &row.word_augmentation);
            let measures = Measures {
                number_words: words.number,
                character_repetition_ratio,
                word_repetition_ratio,
                special_characters_ratio,
                stopwords_ratio: lists.has(STOPWORD).then_some(stopwords),
                flagged_words_ratio: lists.has(FLAGGED).then_some(flagged),
            };
            words.shrink();
            measures
        })
    }

    /// The languages of the table, or the one that is configured, that lack a list.
    fn without(&self, list: u8) -> Vec<&str> {
        self.table
            .languages()
            .filter(|language| self.language.as_deref().is_none_or(|only| only == *language))
            .filter(|language| !self.lists.get(Some(language)).has(list))
            .collect()
    }
}

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[
    Metric {
        name: COVERED,
        kind: MetricKind::Integer,
        unit: "code",
        meaning: "1 if the document's language has a row in the table of thresholds, else 0",
    },
    Metric {
        name: NUMBER_WORDS,
        kind: MetricKind::Integer,
        unit: "words",
        meaning: "words that hold more than special characters",
    },
    Metric {
        name: CHARACTER_REPETITION,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of the most frequent character n-grams among all",
    },
    Metric {
        name: WORD_REPETITION,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of word n-grams that occur more than once",
    },
    Metric {
        name: SPECIAL_CHARACTERS,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of characters that are punctuation, digits, whitespace, symbols or emoji",
    },
    Metric {
        name: STOPWORDS,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of words in the language's list of stop words",
    },
    Metric {
        name: FLAGGED_WORDS,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of words in the language's list of flagged words",
    },
];

impl Stage for Roots {
    fn name(&self) -> &str {
        "roots"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let language = self.language.as_deref().or(document.language());
        let measures = self.measure_view(document.view(), language);
        let own_row = self.row(language);
        let row = match (own_row, self.on_uncovered) {
            (Some(row), _) => Some(row),
            (None, OnUncovered::Default) => Some(self.table.default_row()),
            (None, OnUncovered::Pass | OnUncovered::Drop) => None,
        };

        document.annotate(COVERED, i64::from(own_row.is_some()));
        if own_row.is_none() {
            document.note(UNCOVERED);
        }
        document.annotate(NUMBER_WORDS, measures.number_words as i64);
        document.annotate(CHARACTER_REPETITION, measures.character_repetition_ratio);
        document.annotate(WORD_REPETITION, measures.word_repetition_ratio);
        document.annotate(SPECIAL_CHARACTERS, measures.special_characters_ratio);
        if let Some(ratio) = measures.stopwords_ratio {
            document.annotate(STOPWORDS, ratio);
        }
        if let Some(ratio) = measures.flagged_words_ratio {
            document.annotate(FLAGGED_WORDS, ratio);
        }

        if let Some(row) = row {
            let words = measures.number_words as f64;
            document.test(NUMBER_WORDS, words, Bound::AtLeast(row.min_words as f64));
            document.test(NUMBER_WORDS, words, Bound::AtMost(row.max_words as f64));
            let ratio = measures.character_repetition_ratio;
            let bound = Bound::AtMost(row.max_character_repetition_ratio);
            document.test(CHARACTER_REPETITION, ratio, bound);
            let ratio = measures.word_repetition_ratio;
            document.test(WORD_REPETITION, ratio, Bound::AtMost(row.max_word_repetition_ratio));
            let ratio = measures.special_characters_ratio;
            let bound = Bound::AtMost(row.max_special_characters_ratio);
            document.test(SPECIAL_CHARACTERS, ratio, bound);
            if let Some(ratio) = measures.stopwords_ratio {
                document.test(STOPWORDS, ratio, Bound::AtLeast(row.min_stopwords_ratio));
            }
            if let Some(ratio) = measures.flagged_words_ratio {
                document.test(FLAGGED_WORDS, ratio, Bound::AtMost(row.max_flagged_words_ratio));
            }
        } else if self.on_uncovered == OnUncovered::Drop {
            document.fail(UNCOVERED);
        }
        document.verdict()
    }

    fn resources(&self) -> Vec<Resource> {
        self.resources.clone()
    }

    fn memory(&self) -> u64 {
        self.lists.memory()
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Some(language) = &self.language
            && self.row(Some(language)).is_none()
        {
            remarks.push(format!("{language} has no row in the table of thresholds"));
        }
        for (list, kind, metric) in
            [(STOPWORD, "stop words", STOPWORDS), (FLAGGED, "flagged words", FLAGGED_WORDS)]
        {
            let languages = self.without(list);
            if !languages.is_empty() {
                let languages = languages.join(", ");
                remarks.push(format!("no list of {kind}, so {metric} is not tested: {languages}"));
            }
        }
        remarks
    }
}
