//! Parameters of `simhash_dedup`.

use std::fmt;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use crate::dedup::keep::Policy;
use crate::dedup::scope::Within;
use crate::languages::Parts;

/// Which rules there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub enum Variant {
    /// All windows count, texts of fewer tokens than a window and of more than `max_characters` are
    /// compared exactly, and equal hashes are duplicates.
    #[default]
    #[serde(rename = "fixed")]
    Fixed,
    /// As ROOTS was made: the last window is lost, so that texts of no more tokens than a window all
    /// have the hash 0; equal hashes are duplicates only if there is a third that is near; bits that
    /// half of the windows have are not set; words are cut at single spaces and at nothing else;
    /// texts of more than `max_characters` are not compared.
    #[serde(rename = "2022")]
    Roots2022,
}

impl<'de> Deserialize<'de> for Variant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Variant;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("`fixed` or `2022`")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Variant, E> {
                match name {
                    "fixed" => Ok(Variant::Fixed),
                    "2022" => Ok(Variant::Roots2022),
                    other => Err(E::unknown_variant(other, &["fixed", "2022"])),
                }
            }
            // In YAML the year needs no quotes.
            fn visit_u64<E: de::Error>(self, year: u64) -> Result<Variant, E> {
                self.visit_str(&year.to_string())
            }
            fn visit_i64<E: de::Error>(self, year: i64) -> Result<Variant, E> {
                self.visit_str(&year.to_string())
            }
        }
        deserializer.deserialize_any(Name)
    }
}

/// What a text is cut into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tokens {
    /// `words` in English, `character` in all other languages, as ROOTS had it.
    #[default]
    Auto,
    /// What stands between white space.
    #[serde(alias = "space")]
    Words,
    /// Code points.
    Character,
    /// What stands between marks of punctuation.
    Punctuation,
}

impl Tokens {
    /// What texts of a language are cut into.
    pub fn of(self, language: Option<&str>) -> Self {
        match self {
            Tokens::Auto => {
                let code = language.and_then(Parts::of);
                match code.is_some_and(|code| matches!(code.language.as_str(), "en" | "eng")) {
                    true => Tokens::Words,
                    false => Tokens::Character,
                }
            }
            chosen => chosen,
        }
    }
}

/// The hash of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// xxh3-64.
    Xxh3,
    /// The first 8 bytes of MD5, as `simhash-py` has it.
    Md5,
}

/// Parameters of `simhash_dedup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Which rules there are: `fixed`, or `2022` as ROOTS was made.
    pub variant: Variant,
    /// What a text is cut into: `auto` (words in English, characters in all other languages),
    /// `words`, `character`, `punctuation`.
    pub tokens: Tokens,
    /// Tokens of a window, at least 1; 6 in ROOTS.
    pub window: usize,
    /// The most bits of 64 in which the hashes of near-duplicates differ; 4 in ROOTS.
    pub distance: u32,
    /// Blocks that a hash is cut into to find the near ones; more than `distance`, up to 64. It
    /// changes the time and not the outcome; 6 in ROOTS.
    pub blocks: u32,
    /// Whether upper and lower case are alike.
    pub lowercase: bool,
    /// Whether punctuation is left out; must be false where the text is cut at it.
    pub ignore_punctuation: bool,
    /// The hash of a window: `xxh3` or `md5`. Null: `xxh3` for `fixed`, which is faster and spreads as
    /// well, `md5` for `2022`.
    pub hash: Option<Function>,
    /// Code points of the longest text that is compared nearly: 6,000 in ROOTS, as of the longer
    /// texts that were near by their hashes too many were not the same. Null: no limit.
    pub max_characters: Option<u64>,
    /// Which member of a cluster stays.
    pub keep: Policy,
    /// Within what documents are compared.
    pub within: Within,
    /// Where an index of this run is written, for later runs to compare with.
    pub index: Option<PathBuf>,
    /// Indexes of earlier runs: documents of which they have a copy are removed.
    pub against: Vec<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            variant: Variant::Fixed,
            tokens: Tokens::Auto,
            window: 6,
            distance: 4,
            blocks: 6,
            lowercase: true,
            ignore_punctuation: true,
            hash: None,
            max_characters: Some(6000),
            keep: Policy::default(),
            within: Within::default(),
            index: None,
            against: Vec::new(),
        }
    }
}
