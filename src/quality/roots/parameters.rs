//! The table of thresholds per language.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::languages::Languages;

/// The row of a language without its own.
pub const DEFAULT: &str = "default";

/// How a text is cut into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Segmentation {
    /// At spaces, tabs and line feeds.
    Whitespace,
    /// By a dictionary, after ROOTS' full normalisation. ROOTS used a SentencePiece model here, so
    /// the ratios of words are close to its own but not equal.
    Dictionary,
}

/// N-grams of words that are looked up in the word lists beside the words themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WordAugmentation {
    /// The lengths of the n-grams, in words; empty for none.
    pub sizes: Vec<usize>,
    /// What stands between the words of an n-gram.
    pub join: String,
}

/// One row of the table: what a document in a language is held against. All bounds are inclusive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LanguageParameters {
    /// Whether words that contain `http`, `www`, `.com`, `href` or `//` are removed beforehand.
    pub remove_bad_substrings: bool,
    /// Whether words longer than `max_word_length` are removed beforehand.
    pub remove_long_words: bool,
    /// The length of the longest word that stays, in code points.
    pub max_word_length: usize,
    /// How the text is cut into words.
    pub segmentation: Segmentation,
    /// The fewest words.
    pub min_words: u64,
    /// The most words.
    pub max_words: u64,
    /// The length of the n-grams of the character repetition ratio, in code points; at least 1.
    pub character_repetition_length: usize,
    /// The highest character repetition ratio.
    pub max_character_repetition_ratio: f64,
    /// The length of the n-grams of the word repetition ratio, in words; at least 1.
    pub word_repetition_length: usize,
    /// The highest word repetition ratio.
    pub max_word_repetition_ratio: f64,
    /// The highest share of special characters.
    pub max_special_characters_ratio: f64,
    /// N-grams of words that are looked up in the word lists beside the words themselves.
    pub word_augmentation: WordAugmentation,
    /// The lowest share of stop words.
    pub min_stopwords_ratio: f64,
    /// The highest share of flagged words.
    pub max_flagged_words_ratio: f64,
    /// The lowest score of the language identification; not tested here.
    pub min_langid_score: f64,
    /// The highest perplexity under a language model; not tested here.
    pub max_perplexity: f64,
}

impl LanguageParameters {
    /// What no document could pass, or what cannot be computed.
    fn check(&self) -> Result<(), String> {
        if self.character_repetition_length == 0 {
            return Err("character_repetition_length must be at least 1".to_owned());
        }
        if self.word_repetition_length == 0 {
            return Err("word_repetition_length must be at least 1".to_owned());
        }
        if self.word_augmentation.sizes.contains(&0) {
            return Err("word_augmentation.sizes must be at least 1".to_owned());
        }
        if self.min_words > self.max_words {
            return Err(format!(
                "min_words ({}) is above max_words ({})",
                self.min_words, self.max_words
            ));
        }
        let upper = [
            ("max_character_repetition_ratio", self.max_character_repetition_ratio),
            ("max_word_repetition_ratio", self.max_word_repetition_ratio),
            ("max_special_characters_ratio", self.max_special_characters_ratio),
            ("max_flagged_words_ratio", self.max_flagged_words_ratio),
            ("max_perplexity", self.max_perplexity),
        ];
        for (name, value) in upper {
            if value.is_nan() || value < 0.0 {
                return Err(format!("{name} ({value}) must be 0 or more"));
            }
        }
        let lower = [
            ("min_stopwords_ratio", self.min_stopwords_ratio),
            ("min_langid_score", self.min_langid_score),
        ];
        for (name, value) in lower {
            if value.is_nan() || value > 1.0 {
                return Err(format!("{name} ({value}) must be 1 or less"));
            }
        }
        Ok(())
    }
}

/// The table: a row for every language that has its own, and the row [`DEFAULT`].
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    default: LanguageParameters,
    languages: BTreeMap<String, LanguageParameters>,
}

/// The file that a table is written in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    languages: BTreeMap<String, LanguageParameters>,
}

impl Table {
    /// Reads a table from YAML; the error is a message for its writer.
    pub fn parse(yaml: &str) -> Result<Self, String> {
        let TableFile { mut languages } =
            serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        let default =
            languages.remove(DEFAULT).ok_or_else(|| format!("there is no row `{DEFAULT}`"))?;
        let table = Self { default, languages };
        table.check()?;
        Ok(table)
    }

    /// Changes every row and checks that the rows still make sense.
    pub(super) fn adjust(
        &mut self,
        change: impl Fn(&mut LanguageParameters),
    ) -> Result<(), String> {
        self.languages.values_mut().chain([&mut self.default]).for_each(change);
        self.check()
    }

    fn check(&self) -> Result<(), String> {
        let default = (DEFAULT, &self.default);
        let languages = self.languages.iter().map(|(language, row)| (language.as_str(), row));
        for (language, row) in languages.chain([default]) {
            row.check().map_err(|problem| format!("language {language}: {problem}"))?;
        }
        Ok(())
    }

    /// The row of a language; `None` if it has none of its own.
    pub fn get(&self, language: &str) -> Option<&LanguageParameters> {
        Languages::shipped().look_up(language, |code| self.languages.get(code))
    }

    /// The languages that have a row, in alphabetical order.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }

    /// The row [`DEFAULT`].
    pub fn default_row(&self) -> &LanguageParameters {
        &self.default
    }
}

#[cfg(test)]
mod tests {
    use super::super::embedded;
    use super::*;

    #[test]
    fn the_shipped_table_has_the_thirteen_languages_of_oscar() {
        let table = Table::parse(embedded::PARAMETERS).expect("the shipped table is valid");
        let languages: Vec<&str> = table.languages().collect();
        assert_eq!(
            languages,
            ["ar", "bn", "ca", "en", "es", "eu", "fr", "hi", "id", "pt", "ur", "vi", "zh"]
        );
        let english = table.get("en").expect("a row");
        assert_eq!(english.max_character_repetition_ratio, 0.106);
        assert_eq!((english.min_words, english.max_words), (20, 100_000));
        assert_eq!(english.min_stopwords_ratio, 0.3);
        let chinese = table.get("zh").expect("a row");
        assert_eq!(chinese.segmentation, Segmentation::Dictionary);
        assert_eq!(chinese.character_repetition_length, 3);
        assert_eq!(chinese.word_augmentation.sizes, [2]);
        let vietnamese = table.get("vi").expect("a row");
        assert_eq!(vietnamese.word_augmentation.join, " ");
        assert_eq!(table.get("default"), None);
    }

    #[test]
    fn a_row_must_be_complete_known_and_possible() {
        let shipped = embedded::PARAMETERS;
        let first = |from: &str, to: &str| Table::parse(&shipped.replacen(from, to, 1));
        assert!(first("    min_words: 10\n", "").unwrap_err().contains("min_words"));
        assert!(first("min_words: 10\n", "min_wrds: 10\n").unwrap_err().contains("min_wrds"));
        assert!(first("min_words: 10\n", "min_words: 100001\n").unwrap_err().contains("default"));
        assert!(first("  default:\n", "  xx:\n").unwrap_err().contains("default"));
        assert!(first("repetition_length: 10", "repetition_length: 0").is_err());
        assert!(first("sizes: [2]", "sizes: [0]").is_err());
        assert!(first("ratio: 0.3\n", "ratio: .nan\n").is_err());
    }
}
