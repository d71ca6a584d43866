//! Exact deduplication by a hash of the text.

use std::cell::RefCell;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use xxhash_rust::xxh3::xxh3_128;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::index::Indexes;
use super::keep::{Keep, Policy};
use super::scope::Within;
use super::{Barrier, Collector, Finding, Measures, Order, Outcome, Resolution, Stream, cluster};
use crate::document::Document;
use crate::external::{ExternalError, Sorted, number};
use crate::stage::Metric;
use crate::text::punctuation::is_decimal_digit;

/// What is done to a text before it is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Normalization {
    /// Nothing: equal means equal bytes.
    None,
    /// As ROOTS' `dedup_document` (BigScience data-preparation): white space, decimal digits of all
    /// scripts and ASCII punctuation are left out; case counts. All texts of nothing else are equal.
    #[default]
    Roots,
}

/// Parameters of `exact_dedup`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What is done to a text before it is compared.
    pub normalize: Normalization,
    /// Which member of a cluster stays.
    pub keep: Policy,
    /// Within what documents are compared.
    pub within: Within,
    /// Where an index of this run is written, for later runs to compare with.
    pub index: Option<PathBuf>,
    /// Indexes of earlier runs: documents of which they have a copy are removed.
    pub against: Vec<PathBuf>,
}

/// Keeps the first document of every text.
///
/// Texts are compared by xxh3-128: among a billion documents two different texts share a key with
/// a probability of about 10^-21.
#[derive(Debug, Clone)]
pub struct ExactDedup {
    normalization: Normalization,
    keep: Keep,
    within: Within,
    indexes: Indexes,
}

thread_local! {
    static BUFFER: RefCell<String> = const { RefCell::new(String::new()) };
}

impl ExactDedup {
    /// The stage with its parameters.
    ///
    /// # Errors
    /// If the policy is none, or an index can't be compared with.
    pub fn new(config: &Config) -> Result<Self, String> {
        let parameters = json!({"normalize": config.normalize, "within": config.within});
        let write = config.index.as_deref();
        let indexes = Indexes::open("exact_dedup", parameters, write, &config.against);
        Ok(Self {
            indexes: indexes.map_err(|error| error.to_string())?,
            normalization: config.normalize,
            keep: Keep::new(&config.keep)?,
            within: config.within.clone(),
        })
    }

    /// The key of a text.
    pub fn key_of(&self, text: &str) -> u128 {
        match self.normalization {
            Normalization::None => xxh3_128(text.as_bytes()),
            Normalization::Roots => BUFFER.with_borrow_mut(|buffer| {
                buffer.clear();
                normalize_roots(text, buffer);
                let key = xxh3_128(buffer.as_bytes());
                // One huge document should not hold its room for the rest of the run.
                if buffer.capacity() > 1 << 22 {
                    *buffer = String::new();
                }
                key
            }),
        }
    }
}

/// Whether Python's `\\s` matches: Unicode white space and the four information separators.
fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Appends a text without white space, digits and ASCII punctuation.
pub fn normalize_roots(text: &str, out: &mut String) {
    let dropped = |byte: u8| {
        byte.is_ascii_whitespace()
            || byte.is_ascii_digit()
            || byte.is_ascii_punctuation()
            || (0x1c..=0x1f).contains(&byte)
            || byte == 0x0b
    };
    let mut rest = text;
    while !rest.is_empty() {
        let bytes = rest.as_bytes();
        let kept = bytes.iter().position(|&byte| !byte.is_ascii() || dropped(byte));
        let kept = kept.unwrap_or(bytes.len());
        out.push_str(&rest[..kept]);
        rest = &rest[kept..];
        let ascii = rest.bytes().position(|byte| !(byte.is_ascii() && dropped(byte)));
        rest = &rest[ascii.unwrap_or(rest.len())..];
        let Some(c) = rest.chars().next().filter(|c| !c.is_ascii()) else { continue };
        if !is_python_space(c) && !is_decimal_digit(c) {
            out.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
}

/// Bytes of a record: the key, then the node.
const RECORD: usize = 24;
/// The stream of keys.
const KEYS: usize = 0;
/// The stream of ranks.
const RANKS: usize = 1;

impl Barrier for ExactDedup {
    fn name(&self) -> &str {
        "exact_dedup"
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
        let keys = Stream { width: RECORD, order: Order::Sorted, node_at: 16 };
        [Some(keys), self.keep.stream()].into_iter().flatten().collect()
    }

    fn collect(
        &self,
        _: usize,
        document: &Document<'_>,
        node: u64,
        _: &[Finding],
        out: &mut Collector,
    ) {
        let key = self.key_of(document.text()) ^ u128::from(self.within.hash(document));
        let mut record = [0; RECORD];
        record[..16].copy_from_slice(&key.to_be_bytes());
        record[16..].copy_from_slice(&node.to_be_bytes());
        out.put(KEYS, &record);
        self.keep.collect(document, node, RANKS, out);
    }

    fn resolve(&self, _: usize, resolution: &Resolution<'_>) -> Result<Measures, ExternalError> {
        let edges = Mutex::new(Sorted::none(&resolution.scratch, cluster::EDGE));
        resolution.each_partition(&|partition| {
            let mut sorter = resolution.sorter(cluster::EDGE, resolution.share() / 2);
            let mut merger = resolution.merged(KEYS, partition, resolution.share() / 2)?;
            let mut current: Option<([u8; 16], u64)> = None;
            while let Some(record) = merger.next()? {
                let mut key = [0; 16];
                key.copy_from_slice(&record[..16]);
                let node = number(&record[16..]);
                match current {
                    Some((same, first)) if same == key => {
                        sorter.push(&cluster::edge(first, node))?;
                    }
                    _ => current = Some((key, node)),
                }
            }
            edges.lock().unwrap_or_else(PoisonError::into_inner).append(sorter.finish()?);
            Ok(())
        })?;
        let edges = edges.into_inner().unwrap_or_else(PoisonError::into_inner);
        cluster::connect(resolution, edges, &self.keep, RANKS)
    }

    fn indexes(&self) -> Option<&Indexes> {
        Some(&self.indexes)
    }

    fn removes(&self, finding: &Finding) -> bool {
        cluster::removes(finding)
    }

    fn apply(&self, document: &mut Document<'_>, node: u64, findings: &[Finding]) -> Outcome {
        cluster::apply(document, node, findings, "exact_dedup.duplicate")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normalized(text: &str) -> String {
        let mut out = String::new();
        normalize_roots(text, &mut out);
        out
    }

    /// Facts of the original: which of some texts its `dedup_document` empties.
    #[test]
    fn roots_normalisation_equals_the_original() {
        assert_eq!(normalized("h\u{e9}llo\tw\u{f6}rld\n42"), "h\u{e9}llow\u{f6}rld");
        let dedup = ExactDedup::new(&Config::default()).unwrap();
        let texts = [
            "Hello, World! 1",
            "hello world",
            "Hello World",
            "HelloWorld 22",
            "   ",
            "...",
            "unique doc",
        ];
        let mut seen = std::collections::HashSet::new();
        let kept: Vec<bool> = texts.iter().map(|text| seen.insert(dedup.key_of(text))).collect();
        assert_eq!(kept, [true, true, false, false, true, false, true]);
    }

    #[test]
    fn digits_and_spaces_of_all_scripts_are_left_out() {
        assert_eq!(normalized("a\u{0663}b\u{3000}c\u{ff11}d\u{1f}e\u{b2}"), "abcde\u{b2}");
    }

    proptest! {
        #[test]
        fn the_fast_path_equals_the_definition(text in "\\PC*|[a-z0-9 .\u{660}\u{3000}\u{e9}\n]{0,40}") {
            let slow: String = text
                .chars()
                .filter(|&c| !(is_python_space(c) || is_decimal_digit(c) || c.is_ascii_punctuation()))
                .collect();
            prop_assert_eq!(normalized(&text), slow);
        }
    }
}
