//! Parameters of `minhash_dedup`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::keep::Policy;
use super::super::scope::Within;
use crate::text::segment::WordsConfig;

/// Whose shingles and signatures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// sapwood's own: 32-bit permutations.
    #[default]
    Fast,
    /// datatrove's, bit for bit.
    Datatrove,
}

/// What shingles are made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Words.
    #[default]
    Word,
    /// Characters; a run of white space is one.
    Character,
}

/// What is done to a text before its words are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Normalization {
    /// Nothing: case counts.
    None,
    /// Lower case.
    Lower,
    /// As datatrove's `simplify_text`: lower case, numbers are 0, punctuation and white space are a
    /// space, no diacritics.
    Simplify,
}

/// The hash of a shingle, in datatrove's family.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hash {
    /// xxh64, or xxh32 for 32 bits: datatrove's default, used for FineWeb-2.
    #[default]
    Xxhash,
    /// SHA-1, used for FineWeb.
    Sha1,
}

/// How candidates are compared before they count as duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verify {
    /// Not at all: who shares a band is a duplicate.
    None,
    /// By the estimated Jaccard index of their shingles: at least `jaccard`.
    Jaccard,
    /// By words as well: edited copies have most words in common though few long stretches, other
    /// pages of one template have whole stretches in common, but not enough of them.
    Edits,
}

/// Parameters of `minhash_dedup`.
///
/// What is null has a default that depends on the family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whose shingles and signatures.
    pub family: Family,
    /// What shingles are made of.
    pub unit: Unit,
    /// Units of a shingle, at least. Null: 2 (`fast`; 5 characters), 5 (`datatrove`).
    pub n: Option<usize>,
    /// Letters of a shingle of words, at least: one of fewer takes in the words that follow. An
    /// ideograph counts as 4 letters, a Tibetan syllable too, a Korean, Japanese, Thai, Lao, Khmer or
    /// Burmese one as 3.
    /// For `fast` only.
    pub min_letters: usize,
    /// Number of bands. Documents that share one are candidates. Null: 32 (`fast`), 14 (`datatrove`).
    pub bands: Option<usize>,
    /// Minimums of a band. Null: 4 (`fast`), 8 (`datatrove`).
    pub rows: Option<usize>,
    /// What is done to a text before it is compared. Null: `lower` (`fast`), `simplify`
    /// (`datatrove`).
    pub normalize: Option<Normalization>,
    /// How a text is cut into words. Null: `unicode` (`fast`), the rules of spaCy's blank English
    /// (`datatrove`, as there).
    pub words: Option<WordsConfig>,
    /// What the permutations are drawn from; `datatrove` takes it as numpy does.
    pub seed: u32,
    /// The hash of a shingle. For `datatrove` only.
    pub hash: Hash,
    /// Bits of a hash: 64 or 32. For `datatrove` only.
    pub precision: u32,
    /// How candidates are compared. Null: `edits` (`fast`), `none` (`datatrove`).
    pub verify: Option<Verify>,
    /// The Jaccard index of shingles, estimated, from which two documents are duplicates, whatever
    /// else.
    pub jaccard: f64,
    /// `verify: edits`: the Jaccard index of words with their repetitions, estimated, from which they
    /// are, if `shingle_overlap` is reached too.
    pub word_overlap: f64,
    /// `verify: edits`: the same where the index of shingles is so much lower that single words differ
    /// all over the text, and no whole passages.
    pub edited_overlap: f64,
    /// `verify: edits`: the Jaccard index of shingles that must be reached then.
    pub shingle_overlap: f64,
    /// Which member of a cluster stays.
    pub keep: Policy,
    /// Within what documents are compared.
    pub within: Within,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            family: Family::default(),
            unit: Unit::default(),
            n: None,
            min_letters: 8,
            bands: None,
            rows: None,
            normalize: None,
            words: None,
            seed: 1,
            hash: Hash::default(),
            precision: 64,
            verify: None,
            jaccard: 0.92,
            word_overlap: 0.8,
            edited_overlap: 0.74,
            shingle_overlap: 0.4,
            keep: Policy::default(),
            within: Within::default(),
        }
    }
}

/// Minimums of a band at most.
pub(super) const MAX_ROWS: usize = 64;

/// Parameters with the family's defaults in place of nulls.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    pub n: usize,
    pub bands: usize,
    pub rows: usize,
    pub normalize: Normalization,
    pub verify: Verify,
}

impl Config {
    /// The parameters that are meant.
    ///
    /// # Errors
    /// If one is out of its range, or the family has no such.
    pub(super) fn parameters(&self) -> Result<Parameters, String> {
        let fast = self.family == Family::Fast;
        let pick = |given: Option<usize>, ours: usize, theirs: usize| {
            given.unwrap_or(if fast { ours } else { theirs })
        };
        let characters = self.unit == Unit::Character;
        let parameters = Parameters {
            n: pick(self.n, if characters { 5 } else { 2 }, 5),
            bands: pick(self.bands, 32, 14),
            rows: pick(self.rows, 4, 8),
            normalize: self.normalize.unwrap_or(match self.family {
                Family::Fast => Normalization::Lower,
                Family::Datatrove => Normalization::Simplify,
            }),
            verify: self.verify.unwrap_or(match self.family {
                Family::Fast => Verify::Edits,
                Family::Datatrove => Verify::None,
            }),
        };
        let default = Self::default();
        let within = |name: &str, value: usize, most: usize| match (1..=most).contains(&value) {
            true => Ok(()),
            false => Err(format!("{name}: {value} is not from 1 to {most}")),
        };
        within("n", parameters.n, 64)?;
        within("bands", parameters.bands, 1024)?;
        within("rows", parameters.rows, MAX_ROWS)?;
        if self.min_letters > 64 {
            return Err(format!("min_letters: {} is more than 64", self.min_letters));
        }
        if ![32, 64].contains(&self.precision) {
            return Err(format!("precision: {} is neither 32 nor 64", self.precision));
        }
        if fast && (self.hash, self.precision) != (default.hash, default.precision) {
            return Err("hash and precision are for `family: datatrove`".to_owned());
        }
        if !fast && self.min_letters != default.min_letters {
            return Err("min_letters is for `family: fast`".to_owned());
        }
        if characters && self.min_letters != default.min_letters {
            return Err("min_letters is for shingles of words".to_owned());
        }
        let asked = |given: f64, default: f64| given.to_bits() != default.to_bits();
        if parameters.verify == Verify::None && asked(self.jaccard, default.jaccard) {
            return Err("jaccard: nothing is verified".to_owned());
        }
        if parameters.verify != Verify::Edits {
            for (name, given, default) in [
                ("word_overlap", self.word_overlap, default.word_overlap),
                ("edited_overlap", self.edited_overlap, default.edited_overlap),
                ("shingle_overlap", self.shingle_overlap, default.shingle_overlap),
            ] {
                if asked(given, default) {
                    return Err(format!("{name} is for `verify: edits`"));
                }
            }
        }
        if !fast && characters {
            return Err("unit: `family: datatrove` has shingles of words only".to_owned());
        }
        if !fast && parameters.normalize != Normalization::Simplify && self.words.is_none() {
            return Err("words: the English rules are for `normalize: simplify`; name another way"
                .to_owned());
        }
        if characters && self.words.is_some() {
            return Err("words: shingles are of characters".to_owned());
        }
        for (name, value) in [
            ("jaccard", self.jaccard),
            ("word_overlap", self.word_overlap),
            ("edited_overlap", self.edited_overlap),
            ("shingle_overlap", self.shingle_overlap),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(format!("{name}: {value} is not from 0 to 1"));
            }
        }
        Ok(parameters)
    }
}
