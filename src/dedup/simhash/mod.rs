//! Near-duplicates by SimHash, as ROOTS removed them from OSCAR.
//!
//! A text is cut into windows of some words or characters; a bit of its hash is what most of the
//! windows' hashes have. Texts whose hashes differ in a few bits are near-duplicates, and all such
//! pairs are found. Beyond memory it goes like this: every document leaves one record with its hash
//! (`resolve`); equal hashes come together by sorting, and the different ones are sorted once for
//! every choice of blocks of bits (`near`). Of a bucket of hashes that agree in the chosen blocks
//! only the pairs are handed on that join two components, so that a bucket of a million near texts
//! leaves a million pairs and not half a billion.
//!
//! A small change of a short text changes more bits than a large one of a long text: with windows of
//! six words, one other word in twenty is 13 bits. So this finds copies of long texts with small
//! changes; `minhash_dedup` finds more.

mod config;
mod hash;
mod near;
mod resolve;
#[cfg(test)]
mod tests;

pub use config::{Config, Function, Tokens, Variant};
pub use hash::{Fingerprint, Hasher, Sum};
pub use near::find_all;

use serde_json::json;

use self::resolve::Hashes;
use super::index::Indexes;
use super::keep::Keep;
use super::scope::Within;
use super::{
    Barrier, Collector, Finding, Matches, Measures, Order, Outcome, Resolution, Stream, cluster,
};
use crate::document::Document;
use crate::external::ExternalError;
use crate::stage::Metric;

/// Keeps one document of those that are near by their hashes.
#[derive(Debug, Clone)]
pub struct SimhashDedup {
    hasher: Hasher,
    tokens: Tokens,
    max_characters: Option<u64>,
    distance: u32,
    choices: Vec<u64>,
    keep: Keep,
    within: Within,
    indexes: Indexes,
}

/// The stream of hashes.
const HASHES: usize = 0;
/// The stream of texts that are compared exactly.
const TEXTS: usize = 1;
/// The stream of ranks.
const RANKS: usize = 2;

impl SimhashDedup {
    /// The stage with its parameters.
    ///
    /// # Errors
    /// With the parameter that is out of its range.
    pub fn new(config: &Config) -> Result<Self, String> {
        if config.window == 0 {
            return Err("window: 0 is too few tokens, at least 1".to_owned());
        }
        if config.tokens == Tokens::Punctuation && config.ignore_punctuation {
            return Err(
                "tokens: to cut at punctuation, ignore_punctuation must be false".to_owned()
            );
        }
        let function = config.hash.unwrap_or(match config.variant {
            Variant::Fixed => Function::Xxh3,
            Variant::Roots2022 => Function::Md5,
        });
        let parameters = json!({
            "variant": config.variant,
            "tokens": config.tokens,
            "window": config.window,
            "lowercase": config.lowercase,
            "ignore_punctuation": config.ignore_punctuation,
            "hash": function,
            "max_characters": config.max_characters,
            "within": config.within,
        });
        let write = config.index.as_deref();
        let indexes = Indexes::open("simhash_dedup", parameters, write, &config.against);
        Ok(Self {
            indexes: indexes.map_err(|error| error.to_string())?,
            hasher: Hasher {
                variant: config.variant,
                function,
                window: config.window,
                lowercase: config.lowercase,
                ignore_punctuation: config.ignore_punctuation,
            },
            tokens: config.tokens,
            max_characters: config.max_characters,
            distance: config.distance,
            choices: near::choices(config.blocks, config.distance)?,
            keep: Keep::new(&config.keep)?,
            within: config.within.clone(),
        })
    }

    /// By what a document is compared; none if it is not compared at all.
    pub fn fingerprint(&self, document: &Document<'_>) -> Option<Fingerprint> {
        let text = document.text();
        let is_near = self.max_characters.is_none_or(|most| {
            // Most texts are short enough by their bytes alone.
            text.len() as u64 <= most || document.view().characters() as u64 <= most
        });
        if !is_near && self.hasher.variant == Variant::Roots2022 {
            return None;
        }
        let tokens = self.tokens.of(document.language());
        Some(self.hasher.fingerprint(text, tokens, is_near))
    }
}

impl Barrier for SimhashDedup {
    fn name(&self) -> &str {
        "simhash_dedup"
    }

    fn metrics(&self) -> &[Metric] {
        cluster::METRICS
    }

    fn check(&self, before: &[Metric]) -> Result<(), String> {
        self.keep.check(before)
    }

    fn reads(&self) -> Vec<&'static str> {
        self.keep.reads()
    }

    fn streams(&self, _: usize) -> Vec<Stream> {
        let hashes = Stream { width: resolve::HASH, order: Order::Sorted, node_at: 24 };
        [Some(hashes), Some(cluster::KEYS), self.keep.stream()].into_iter().flatten().collect()
    }

    fn collect(
        &self,
        _: usize,
        document: &Document<'_>,
        node: u64,
        _: &[Finding],
        out: &mut Collector,
    ) {
        let scope = self.within.hash(document);
        match self.fingerprint(document) {
            None => return,
            Some(Fingerprint::Near(hash)) => {
                out.put(HASHES, &resolve::record(hash, scope, node));
            }
            Some(Fingerprint::Exact(key)) => {
                out.put(TEXTS, &cluster::key_record(key ^ u128::from(scope), node));
            }
        }
        self.keep.collect(document, node, RANKS, out);
    }

    /// Three piles: edges between equal hashes, different hashes, edges between equal texts.
    fn compare(
        &self,
        _: usize,
        resolution: &Resolution<'_>,
        partition: usize,
    ) -> Result<Matches, ExternalError> {
        let Hashes { stars, different } = Hashes::of(resolution, HASHES, partition)?;
        let (texts, _) = cluster::equal_keys(resolution, TEXTS, partition, |_, _| true)?;
        Ok(Matches { piles: vec![stars, different, texts], counts: Vec::new() })
    }

    fn resolve(
        &self,
        _: usize,
        resolution: &Resolution<'_>,
        mut matches: Matches,
    ) -> Result<Measures, ExternalError> {
        let hashes = Hashes {
            stars: matches.take(0, cluster::EDGE, resolution),
            different: matches.take(1, Hashes::DIFFERENT, resolution),
        };
        let equal = self.hasher.variant == Variant::Fixed;
        let found = resolve::connect_near(resolution, hashes, &self.choices, self.distance, equal)?;
        let mut edges = found.edges;
        edges.append(matches.take(2, cluster::EDGE, resolution));
        let mut measures = cluster::connect(resolution, edges, &self.keep, RANKS)?;
        measures.insert("different_hashes".to_owned(), found.different as f64);
        Ok(measures)
    }

    fn indexes(&self) -> Option<&Indexes> {
        Some(&self.indexes)
    }

    fn removes(&self, finding: &Finding) -> bool {
        cluster::removes(finding)
    }

    fn apply(&self, document: &mut Document<'_>, node: u64, findings: &[Finding]) -> Outcome {
        cluster::apply(document, node, findings, "simhash_dedup.near_duplicate")
    }
}
