//! Exact deduplication by a hash of the text, the URL or any field.

use std::cell::RefCell;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use xxhash_rust::xxh3::xxh3_128;

use super::index::Indexes;
use super::keep::{Keep, Policy};
use super::normalization::Normalization;
use super::scope::Within;
use super::url_rule::UrlRule;
use super::{Barrier, Collector, Finding, Matches, Measures, Outcome, Resolution, Stream, cluster};
use crate::batch::{TEXT, URL};
use crate::document::Document;
use crate::external::ExternalError;
use crate::stage::Metric;
use crate::text::whitespace::python_strip;

/// Parameters of `exact_dedup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What is compared: `text`, `url`, or any field of the record, such as `meta.title`. Documents
    /// without a value, or with nothing but white space there, are no duplicates.
    pub by: String,
    /// What is done to what is compared. Nothing given: `roots` for texts, `none` for URLs and other
    /// fields.
    pub normalize: Option<Normalization>,
    /// By what of a URL documents are compared. Nothing given: `canonical` for `by: url`; other
    /// fields are taken for URLs only if a rule is given.
    pub url_rule: Option<UrlRule>,
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
            by: TEXT.to_owned(),
            normalize: None,
            url_rule: None,
            keep: Policy::default(),
            within: Within::default(),
            index: None,
            against: Vec::new(),
        }
    }
}

/// Keeps one document of all with the same text, URL or other value.
///
/// Values are compared by xxh3-128: among a billion documents two different texts share a key with
/// a probability of about 10^-21.
#[derive(Debug, Clone)]
pub struct ExactDedup {
    by: By,
    normalization: Normalization,
    keep: Keep,
    within: Within,
    indexes: Indexes,
}

/// What documents are compared by.
#[derive(Debug, Clone)]
enum By {
    /// The text as it is now.
    Text,
    /// A field that the document came with, and what of it counts if it is a URL.
    Field(String, Option<UrlRule>),
}

thread_local! {
    static BUFFER: RefCell<String> = const { RefCell::new(String::new()) };
}

impl ExactDedup {
    /// The stage with its parameters.
    ///
    /// # Errors
    /// If the policy is none, a rule for URLs is given for the text, or an index can't be compared
    /// with.
    pub fn new(config: &Config) -> Result<Self, String> {
        let by = match (config.by.as_str(), &config.url_rule) {
            ("", _) => return Err("by: no field is named".to_owned()),
            (TEXT, Some(_)) => {
                return Err("url_rule: is for `by: url` or another field, not for the text".into());
            }
            (TEXT, None) => By::Text,
            (URL, None) => By::Field(URL.to_owned(), Some(UrlRule::default())),
            (field, rule) => By::Field(field.to_owned(), rule.clone()),
        };
        let usual = match by {
            By::Text => Normalization::Roots,
            By::Field(..) => Normalization::None,
        };
        let normalization = config.normalize.unwrap_or(usual);
        let parameters = json!({
            "by": config.by,
            "normalize": normalization,
            "url_rule": config.url_rule,
            "within": config.within,
        });
        let write = config.index.as_deref();
        let indexes = Indexes::open("exact_dedup", parameters, write, &config.against);
        Ok(Self {
            by,
            normalization,
            indexes: indexes.map_err(|error| error.to_string())?,
            keep: Keep::new(&config.keep)?,
            within: config.within.clone(),
        })
    }

    /// The key of a text or another value.
    pub fn key_of(&self, value: &str) -> u128 {
        BUFFER.with_borrow_mut(|buffer| {
            let key = xxh3_128(self.normalization.apply(value, buffer).as_bytes());
            // One huge document should not hold its room for the rest of the run.
            if buffer.capacity() > 1 << 22 {
                *buffer = String::new();
            }
            key
        })
    }

    /// The key of a document; `None` if it has no value.
    fn key(&self, document: &Document<'_>) -> Option<u128> {
        match &self.by {
            By::Text => Some(self.key_of(document.text())),
            By::Field(field, rule) => {
                let value = document.fields().exact(field)?;
                if python_strip(&value).is_empty() {
                    return None;
                }
                Some(match rule {
                    Some(rule) => self.key_of(&rule.apply(&value)),
                    None => self.key_of(&value),
                })
            }
        }
    }
}

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
        [Some(cluster::KEYS), self.keep.stream()].into_iter().flatten().collect()
    }

    fn collect(
        &self,
        _: usize,
        document: &Document<'_>,
        node: u64,
        _: &[Finding],
        out: &mut Collector,
    ) {
        let Some(key) = self.key(document) else { return };
        let key = key ^ u128::from(self.within.hash(document));
        out.put(KEYS, &cluster::key_record(key, node));
        self.keep.collect(document, node, RANKS, out);
    }

    /// One pile: edges.
    fn compare(
        &self,
        _: usize,
        resolution: &Resolution<'_>,
        partition: usize,
    ) -> Result<Matches, ExternalError> {
        let (edges, _) = cluster::equal_keys(resolution, KEYS, partition, |_, _| true)?;
        Ok(Matches { piles: vec![edges], counts: Vec::new() })
    }

    fn resolve(
        &self,
        _: usize,
        resolution: &Resolution<'_>,
        mut matches: Matches,
    ) -> Result<Measures, ExternalError> {
        let edges = matches.take(0, cluster::EDGE, resolution);
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
    use crate::dedup::in_memory::{self, Cut, node};
    use crate::external::Sequential;
    use proptest::prelude::*;

    fn barrier(yaml: &str) -> ExactDedup {
        ExactDedup::new(&serde_saphyr::from_str(yaml).expect("parameters")).expect("a stage")
    }

    /// Which documents stay.
    fn kept(barrier: &ExactDedup, documents: &mut [Document<'_>]) -> Vec<bool> {
        let folder = tempfile::tempdir().unwrap();
        let (outcomes, _) = in_memory::run(barrier, documents, folder.path()).unwrap();
        outcomes.iter().map(|outcome| *outcome == Outcome::Keep).collect()
    }

    fn kept_texts(yaml: &str, texts: &[&str]) -> Vec<bool> {
        let mut documents: Vec<_> = texts.iter().map(|text| Document::new("id", *text)).collect();
        kept(&barrier(yaml), &mut documents)
    }

    /// Facts of the original: which of some texts its `dedup_document` empties.
    #[test]
    fn texts_as_in_roots() {
        let texts = [
            "Hello, World! 1",
            "hello world",
            "Hello World",
            "HelloWorld 22",
            "   ",
            "...",
            "unique doc",
        ];
        for yaml in ["{}", "normalize: roots"] {
            assert_eq!(kept_texts(yaml, &texts), [true, true, false, false, true, false, true]);
        }
    }

    #[test]
    fn texts_by_other_normalisations() {
        let texts = ["A b", "a  b!", "a b", "a b", "\u{e1} B 7"];
        assert_eq!(kept_texts("normalize: none", &texts), [true, true, true, false, true]);
        assert_eq!(kept_texts("normalize: nfc", &texts), [true, true, true, false, true]);
        assert_eq!(kept_texts("normalize: caseless", &texts), [true, true, false, false, true]);
        assert_eq!(kept_texts("normalize: slimpajama", &texts), [true, false, false, false, true]);
        let texts = ["A b 5", "\u{c0} b, 6.5"];
        assert_eq!(kept_texts("normalize: datatrove", &texts), [true, false]);
    }

    #[test]
    fn urls_by_their_rules() {
        // Facts of the original: which documents its `dedup_document_on_url` empties.
        let urls = [
            "https://a.com/p?x=1",
            "https://a.com/p?x=2",
            "https://a.com/p#frag",
            "https://a.com/p/",
            "http://a.com/p",
        ];
        let kept_urls = |yaml: &str, urls: &[&'static str]| {
            let document = |url: &&'static str| Document::new("id", "text").with_url(Some(url));
            let mut documents: Vec<_> = urls.iter().map(document).collect();
            kept(&barrier(yaml), &mut documents)
        };
        let host_and_path = "{by: url, url_rule: host_and_path}";
        assert_eq!(kept_urls(host_and_path, &urls), [true, false, true, true, true]);
        assert_eq!(kept_urls("{by: url, url_rule: exact}", &urls), [true; 5]);
        assert_eq!(kept_urls("by: url", &urls), [true, true, true, false, false]);
        let coin = ["https://b.com/n/amp", "https://b.com/n?q", "https://b.com/amp/n"];
        assert_eq!(kept_urls("{by: url, url_rule: cointelegraph}", &coin), [true, false, true]);
        let qut = ["https://q/n?id=1", "https://q/n?news-id=1&x", "https://q/n?id=2"];
        assert_eq!(kept_urls("{by: url, url_rule: qut_edu_au}", &qut), [true, false, true]);
        let parameters = "{by: url, url_rule: {parameters: {x: x}}}";
        assert_eq!(kept_urls(parameters, &urls), [true, true, true, true, true]);
    }

    #[test]
    fn documents_without_the_value_are_no_duplicates() {
        let records = [
            r#"{"meta":{"title":"A","n":9007199254740993}}"#,
            r#"{"meta":{"title":"","n":9007199254740992}}"#,
            r#"{"meta":{"title":" ","n":9007199254740993}}"#,
            r#"{"meta":{}}"#,
            r#"{"meta":{"title":null}}"#,
            r#"{"meta":{"title":"A","n":[1]}}"#,
        ];
        let documents =
            || records.map(|record| Document::new("id", "same").with_record(Some(record)));
        let titles = kept(&barrier("by: meta.title"), &mut documents());
        assert_eq!(titles, [true, true, true, true, true, false]);
        // Numbers to the last digit.
        let numbers = kept(&barrier("by: meta.n"), &mut documents());
        assert_eq!(numbers, [true, true, false, true, true, true]);
        let within = kept(&barrier("{by: text, within: meta.title}"), &mut documents());
        assert_eq!(within, [true, true, true, false, false, false]);
    }

    #[test]
    fn a_duplicate_names_what_stays_in_its_stead() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = ["a", "b", "a", "a"].map(|text| Document::new("id", text));
        let (outcomes, _) = in_memory::run(&barrier("{}"), &mut documents, folder.path()).unwrap();
        let kept = Some(node(0));
        assert_eq!(outcomes[2], Outcome::Drop { reason: "exact_dedup.duplicate", kept });
        assert_eq!(outcomes[3], outcomes[2]);
        assert_eq!(documents[3].metric("dedup.cluster_size"), Some(&3_i64.into()));
        assert_eq!(documents[1].metric("dedup.cluster_size"), Some(&1_i64.into()));
    }

    #[test]
    fn what_can_not_be_meant_is_refused() {
        for yaml in ["by: ''", "url_rule: canonical", "keep: shortest of all"] {
            let config = serde_saphyr::from_str(yaml).expect("parameters");
            assert!(ExactDedup::new(&config).is_err(), "{yaml}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_first_stays_however_the_work_is_cut(
            texts in proptest::collection::vec("[ab]{0,2}", 0..40),
            partitions in 1usize..9,
            documents in 1usize..20,
        ) {
            let barrier = barrier("normalize: none");
            let mut seen = std::collections::HashSet::new();
            let expected: Vec<bool> = texts.iter().map(|text| seen.insert(text)).collect();
            let folder = tempfile::tempdir().unwrap();
            let cut = Cut { partitions, documents, memory: 1 << 20, executor: &Sequential };
            let mut all: Vec<_> = texts.iter().map(|text| Document::new("id", text)).collect();
            let (outcomes, _) =
                in_memory::run_with(&barrier, &mut all, folder.path(), &cut).unwrap();
            let kept: Vec<bool> = outcomes.iter().map(|it| *it == Outcome::Keep).collect();
            prop_assert_eq!(kept, expected);
        }
    }
}
