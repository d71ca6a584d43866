//! Language profiles: what a quality filter holds documents of one language against.
//!
//! A profile is a YAML file with the ten values that FineWeb-2 adapts to each language (Penedo et
//! al. 2025, "FineWeb2: One Pipeline to Scale Them All"), under the names of sapwood's own rules.
//! Every key must be there; `null` switches its rule off. Two of the original's names say the
//! opposite of what they do and are turned around here.
//!
//! ```yaml
//! language: fra
//! script: Latn
//! aliases: ["fr"]
//! min_language_score: null
//! max_duplicate_line_ratio: 0.3
//! max_top_ngram_ratios: {2: 0.2, 3: 0.18, 4: 0.16}
//! max_duplicate_ngram_ratios: {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.1}
//! min_line_punctuation_ratio: 0.12
//! max_newline_ratio: 0.3
//! min_mean_word_length: 3
//! max_mean_word_length: 10
//! min_alpha_words_ratio: 0.8
//! stop_words: ["de", "la", "et"]
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

mod collection;
mod import;
#[cfg(test)]
mod tests;
mod write;

pub use crate::languages::{Code, CodeError};
pub use collection::{ByLanguage, Profiles};
pub use import::{Imported, import_fineweb2};

/// The lengths of n-grams that [`Profile::max_top_ngram_ratios`] may name.
pub const TOP_NGRAMS: std::ops::RangeInclusive<u8> = 2..=4;
/// The lengths of n-grams that [`Profile::max_duplicate_ngram_ratios`] may name.
pub const DUPLICATE_NGRAMS: std::ops::RangeInclusive<u8> = 5..=10;
/// The mean word lengths that a profile may ask for, in code points. No language writes words of
/// more than 50 on average; statistics over text without spaces come to thousands.
pub const WORD_LENGTHS: std::ops::RangeInclusive<f64> = 1.0..=50.0;

/// The thresholds and stop words of one language. `None` switches a rule off. All bounds are
/// inclusive.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The language, ISO 639-3, such as `fra`.
    pub language: String,
    /// The script, ISO 15924, such as `Latn`; `Hani` stands for any Chinese script.
    pub script: String,
    /// Other codes by which the profile is found: ISO 639-1, macrolanguages, the code of ROOTS.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The lowest score of the language identification, 0 to 1.
    #[serde(deserialize_with = "stated")]
    pub min_language_score: Option<f64>,
    /// The highest share of lines that repeat an earlier line, 0 to 1.
    #[serde(deserialize_with = "stated")]
    pub max_duplicate_line_ratio: Option<f64>,
    /// For n of 2 to 4, the highest share of characters in the most frequent n-gram of words, 0 to
    /// 1. A length that is missing or null is not tested.
    #[serde(deserialize_with = "ratios")]
    pub max_top_ngram_ratios: BTreeMap<u8, f64>,
    /// For n of 5 to 10, the highest share of characters in repeated n-grams of words, 0 to 1. A
    /// length that is missing or null is not tested.
    #[serde(deserialize_with = "ratios")]
    pub max_duplicate_ngram_ratios: BTreeMap<u8, f64>,
    /// The lowest share of lines that end with a punctuation mark, 0 to 1.
    #[serde(deserialize_with = "stated")]
    pub min_line_punctuation_ratio: Option<f64>,
    /// The highest number of line ends a word, 0 to 1.
    #[serde(deserialize_with = "stated")]
    pub max_newline_ratio: Option<f64>,
    /// The lowest mean length of words in code points, 1 to 50.
    #[serde(deserialize_with = "stated")]
    pub min_mean_word_length: Option<f64>,
    /// The highest mean length of words in code points, 1 to 50.
    #[serde(deserialize_with = "stated")]
    pub max_mean_word_length: Option<f64>,
    /// The lowest share of words with a letter in them, 0 to 1.
    #[serde(deserialize_with = "stated")]
    pub min_alpha_words_ratio: Option<f64>,
    /// The words of which a document must have some; how many is the filter's own parameter.
    #[serde(deserialize_with = "stated")]
    pub stop_words: Option<Vec<String>>,
}

/// An optional value whose key must be there: a rule is switched off on purpose, not forgotten.
fn stated<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// Ratios by the length of n-grams, those that are null left out.
fn ratios<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u8, f64>, D::Error> {
    let ratios = Option::<BTreeMap<u8, Option<f64>>>::deserialize(deserializer)?;
    Ok(ratios
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(length, ratio)| ratio.map(|ratio| (length, ratio)))
        .collect())
}

/// Why a profile or a folder of profiles can't be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProfileError {
    /// A file or folder can't be read or written.
    #[error("{}: {message}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        message: String,
    },
    /// A file is no profile: malformed, a key unknown or missing, a value of the wrong type.
    #[error("{}:{line}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// A value that makes no sense.
    #[error("{}:{line}: {key}: {message}", path.display())]
    Impossible {
        /// The file.
        path: PathBuf,
        /// The line of the key, from 1.
        line: u64,
        /// The key.
        key: &'static str,
        /// What is wrong with its value.
        message: String,
    },
    /// Two profiles claim a language.
    #[error("{} and {} are both for {code}", first.display(), second.display())]
    Twice {
        /// The code that both claim.
        code: String,
        /// The file that comes first.
        first: PathBuf,
        /// The other file.
        second: PathBuf,
    },
    /// A folder holds no profile.
    #[error("{} holds no profile (looked for .yaml and .yml)", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

impl ProfileError {
    fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), message: error.to_string() }
    }
}

impl Profile {
    /// A profile of a language with every rule off.
    pub fn off(code: &Code) -> Self {
        Self {
            language: code.language.clone(),
            script: code.script.clone(),
            aliases: code.aliases.clone(),
            min_language_score: None,
            max_duplicate_line_ratio: None,
            max_top_ngram_ratios: BTreeMap::new(),
            max_duplicate_ngram_ratios: BTreeMap::new(),
            min_line_punctuation_ratio: None,
            max_newline_ratio: None,
            min_mean_word_length: None,
            max_mean_word_length: None,
            min_alpha_words_ratio: None,
            stop_words: None,
        }
    }

    /// The language and script as one code, such as `fra_Latn`, which is also its file's name.
    pub fn code(&self) -> String {
        format!("{}_{}", self.language, self.script)
    }

    /// Reads a profile from YAML text; `path` stands for the file in errors.
    ///
    /// # Errors
    /// If the text is not a profile or a value makes no sense.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ProfileError> {
        let profile: Self =
            serde_saphyr::from_str(text).map_err(|error| malformed(&error, path))?;
        profile.check().map_err(|(key, message)| ProfileError::Impossible {
            path: path.to_owned(),
            line: line_of(text, key),
            key,
            message,
        })?;
        Ok(profile)
    }

    /// Reads a profile's file.
    ///
    /// # Errors
    /// If it can't be read, is not a profile, or a value makes no sense.
    pub fn read(path: &Path) -> Result<Self, ProfileError> {
        let text = std::fs::read_to_string(path).map_err(|error| ProfileError::io(path, &error))?;
        Self::parse(&text, path)
    }

    /// Says which key has a value that makes no sense, and why.
    ///
    /// # Errors
    /// The first such key, and what is wrong with it.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let letters = |text: &str, length| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        if !letters(&self.language, 3) || self.language.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(("language", "must be an ISO 639-3 code, such as fra".to_owned()));
        }
        if !letters(&self.script, 4) || self.script != crate::languages::title_case(&self.script) {
            return Err(("script", "must be an ISO 15924 code, such as Latn".to_owned()));
        }
        if self.aliases.iter().any(|alias| alias.trim().is_empty()) {
            return Err(("aliases", "a code is empty".to_owned()));
        }
        for (key, value) in [
            ("min_language_score", self.min_language_score),
            ("max_duplicate_line_ratio", self.max_duplicate_line_ratio),
            ("min_line_punctuation_ratio", self.min_line_punctuation_ratio),
            ("max_newline_ratio", self.max_newline_ratio),
            ("min_alpha_words_ratio", self.min_alpha_words_ratio),
        ] {
            value.map_or(Ok(()), |value| check_ratio(value).map_err(|message| (key, message)))?;
        }
        for (key, ratios, lengths) in [
            ("max_top_ngram_ratios", &self.max_top_ngram_ratios, TOP_NGRAMS),
            ("max_duplicate_ngram_ratios", &self.max_duplicate_ngram_ratios, DUPLICATE_NGRAMS),
        ] {
            for (length, ratio) in ratios {
                if !lengths.contains(length) {
                    let (least, most) = (lengths.start(), lengths.end());
                    return Err((key, format!("{length} is not a length of {least} to {most}")));
                }
                check_ratio(*ratio).map_err(|message| (key, format!("of {length}: {message}")))?;
            }
        }
        for (key, value) in [
            ("min_mean_word_length", self.min_mean_word_length),
            ("max_mean_word_length", self.max_mean_word_length),
        ] {
            if let Some(length) = value.filter(|length| !WORD_LENGTHS.contains(length)) {
                return Err((key, format!("{length} is not a mean word length of 1 to 50")));
            }
        }
        if let (Some(least), Some(most)) = (self.min_mean_word_length, self.max_mean_word_length)
            && least >= most
        {
            return Err((
                "min_mean_word_length",
                format!("{least} is not below max_mean_word_length ({most})"),
            ));
        }
        let mut seen = std::collections::BTreeSet::new();
        for word in self.stop_words.iter().flatten() {
            if word.is_empty() || word.chars().any(char::is_whitespace) {
                return Err(("stop_words", format!("`{word}` is not a word")));
            }
            if !seen.insert(word) {
                return Err(("stop_words", format!("`{word}` occurs twice")));
            }
        }
        Ok(())
    }
}

fn check_ratio(ratio: f64) -> Result<(), String> {
    match (0.0..=1.0).contains(&ratio) {
        true => Ok(()),
        false => Err(format!("{ratio} is not a ratio of 0 to 1")),
    }
}

/// The error of a file that is not YAML of the right shape, without any of its text but keys.
fn malformed(error: &serde_saphyr::Error, path: &Path) -> ProfileError {
    let error = error.without_snippet();
    let message = error.to_string();
    let message = message.lines().next().unwrap_or_default();
    // The place stands in front already.
    let message = message.rsplit_once(" at line ").map_or(message, |(start, _)| start);
    ProfileError::Malformed {
        path: path.to_owned(),
        line: error.location().map_or(1, |location| location.line().max(1)),
        message: message.to_owned(),
    }
}

/// The line on which a key of the top level stands, from 1; 1 if it is written in another way.
fn line_of(text: &str, key: &str) -> u64 {
    let at = text.lines().position(|line| {
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'))
    });
    at.map_or(1, |index| index as u64 + 1)
}
