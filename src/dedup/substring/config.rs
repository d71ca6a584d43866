//! Parameters of `substring_dedup`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dedup::scope::Within;
use crate::text::segment::WordsConfig;

/// In what the length of a repeated passage is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Bytes of the text.
    #[default]
    Bytes,
    /// Words, whatever stands between them.
    #[serde(alias = "tokens")]
    Words,
}

/// Which copy of a repeated passage stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeepCopy {
    /// The first in input order.
    #[default]
    First,
    /// None.
    None,
}

/// Parameters of `substring_dedup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The shortest passage that is removed, in units, from 2 to 16384. 50 bytes in ROOTS and in
    /// Google's `deduplicate-text-datasets` 50 tokens or some hundred bytes.
    pub length: usize,
    /// In what it is measured: `bytes` or `words`.
    pub unit: Unit,
    /// How words are cut, where the unit is `words`: a segmentation, or one for each language.
    pub words: WordsConfig,
    /// Which copy stays: `first` or `none`.
    pub keep: KeepCopy,
    /// Whether what is repeated in one document counts.
    pub within_document: bool,
    /// Code points of the shortest document that is looked at; shorter ones are left as they are and
    /// nothing is removed for their sake. ROOTS took documents of more than 6,000 for this and shorter
    /// ones for `simhash_dedup`. Null: all.
    pub min_characters: Option<u64>,
    /// Code points of the longest document that is looked at. Null: all.
    pub max_characters: Option<u64>,
    /// A document of which something was removed is dropped if fewer code points than this are left
    /// of it, white space at the ends not counted. 0: it stays, even if it is empty.
    pub min_left_characters: u64,
    /// What is put in the place of a passage that is removed.
    pub replacement: String,
    /// Within what documents are compared.
    pub within: Within,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            length: 50,
            unit: Unit::Bytes,
            words: WordsConfig::default(),
            keep: KeepCopy::First,
            within_document: true,
            min_characters: None,
            max_characters: None,
            // A short sentence: less says nothing without what was around it.
            min_left_characters: 20,
            replacement: String::new(),
            within: Within::default(),
        }
    }
}
