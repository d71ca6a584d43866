//! Cutting text into words.

use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::whitespace::is_python_whitespace;

/// How a text is cut into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Segmentation {
    /// Word boundaries of UAX #29; a segment with a letter or number is a word.
    #[default]
    Unicode,
    /// What stands between white space, as Python's `str.split()`.
    Whitespace,
    /// As `unicode`, with dictionaries for Chinese, Japanese, Thai, Lao, Khmer and Burmese.
    Dictionary,
}

/// How texts are cut into words, by language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WordsConfig {
    /// `dictionary` for zh, ja, th, lo, km and my, else `unicode`.
    #[default]
    Auto,
    /// Everywhere `unicode`.
    Unicode,
    /// Everywhere `whitespace`.
    Whitespace,
    /// Everywhere `dictionary`.
    Dictionary,
}

impl WordsConfig {
    /// How texts of a language are cut.
    pub fn segmentation(&self, language: Option<&str>) -> Segmentation {
        match self {
            Self::Auto => match language {
                Some("zh" | "ja" | "th" | "lo" | "km" | "my") => Segmentation::Dictionary,
                _ => Segmentation::Unicode,
            },
            Self::Unicode => Segmentation::Unicode,
            Self::Whitespace => Segmentation::Whitespace,
            Self::Dictionary => Segmentation::Dictionary,
        }
    }
}

/// A word that was found.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Where it starts, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// Its length in code points.
    pub characters: u32,
    /// Whether any of its characters is a letter.
    pub alphabetic: bool,
}

/// Walks over the words of a text.
pub fn visit_words(text: &str, segmentation: Segmentation, mut visit: impl FnMut(Found)) {
    let mut found = |start: usize, end: usize| {
        let word = text.get(start..end).unwrap_or_default();
        visit(Found {
            start,
            end,
            characters: word.chars().count() as u32,
            alphabetic: word.chars().any(char::is_alphabetic),
        });
    };
    if segmentation == Segmentation::Whitespace {
        for word in text.split(is_python_whitespace).filter(|word| !word.is_empty()) {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            found(start, start + word.len());
        }
        return;
    }
    let options = WordBreakInvariantOptions::default();
    let segmenter = match segmentation {
        Segmentation::Dictionary => WordSegmenter::new_dictionary(options),
        _ => WordSegmenter::new_for_non_complex_scripts(options),
    };
    let mut start = 0;
    for end in segmenter.segment_str(text) {
        if text.get(start..end).is_some_and(|word| word.chars().any(char::is_alphanumeric)) {
            found(start, end);
        }
        start = end;
    }
}
