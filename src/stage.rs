//! The one trait that all document stages share.
//!
//! A stage sees one document at a time. It knows nothing of files, threads, other stages or the
//! command line, so the same stage serves a batch run, a score, an explanation and a library call.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_128;

use crate::document::Document;
pub use crate::document::Verdict;

/// The type of a metric's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// A count or another whole number, `i64`.
    Integer,
    /// A ratio, score or probability, full-precision `f64`.
    Float,
    /// A label.
    Text,
}

/// A metric that a stage declares: one name everywhere, in columns, configs, reports and `explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// `family.metric`, for example `roots.stopwords_ratio`.
    pub name: &'static str,
    /// The type of its values.
    pub kind: MetricKind,
    /// The unit: `words`, `ratio`, `probability`, `matches`, `code` …
    pub unit: &'static str,
    /// What it measures, in one sentence without a full stop.
    pub meaning: &'static str,
}

/// The one copy of a metric's name that was put together from a configuration, such as the name of
/// a classifier. It is kept for the life of the process; what a pipeline file names is little.
pub fn intern(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    match names.get(name) {
        Some(known) => known,
        None => {
            let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
            names.insert(kept);
            kept
        }
    }
}

/// Whether a configuration may use this as the second half of a metric's name: ASCII lower-case
/// letters, digits and `_`, a letter first.
pub fn is_metric_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Refuses metrics of a name that earlier stages have taken, for stages whose names come from
/// their configuration.
///
/// # Errors
/// With the first such name.
pub fn check_unique(own: &[Metric], before: &[Metric]) -> Result<(), String> {
    let taken = |metric: &&Metric| before.iter().any(|earlier| earlier.name == metric.name);
    match own.iter().find(taken) {
        Some(metric) => Err(format!(
            "an earlier stage has a metric `{}` already; give this stage another `name`",
            metric.name
        )),
        None => Ok(()),
    }
}

/// A file that a stage looked something up in, so that a resumed run can tell whether it changed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Resource {
    /// What the file is for: `model`, `stopwords` …
    pub role: String,
    /// Where it was found.
    pub path: String,
    /// xxh3-128 of its content, in hexadecimal.
    pub xxh3: String,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Resource {
    /// The record of a file with this content.
    pub fn of(role: &str, path: &Path, content: &[u8]) -> Self {
        Self::known(role, path, xxh3_128(content), content.len() as u64)
    }

    /// The record of a file whose content has this xxh3-128 and so many bytes.
    pub fn known(role: &str, path: &Path, xxh3: u128, bytes: u64) -> Self {
        Self {
            role: role.to_owned(),
            path: path.display().to_string(),
            xxh3: format!("{xxh3:032x}"),
            bytes,
        }
    }
}

/// A document stage: looks at a document, may annotate it, may change its text, and keeps or drops it.
///
/// # Examples
///
/// ```
/// use sapwood::document::{Bound, Document};
/// use sapwood::stage::{Metric, MetricKind, Stage, Verdict};
///
/// /// Drops documents that shout.
/// struct Shouting;
///
/// impl Stage for Shouting {
///     fn name(&self) -> &str {
///         "shouting"
///     }
///     fn metrics(&self) -> &[Metric] {
///         &[Metric {
///             name: "shouting.ratio",
///             kind: MetricKind::Float,
///             unit: "ratio",
///             meaning: "share of characters that are upper case",
///         }]
///     }
///     fn process(&self, document: &mut Document<'_>) -> Verdict {
///         let length = document.text().chars().count().max(1);
///         let upper = document.text().chars().filter(|c| c.is_uppercase()).count();
///         document.judge("shouting.ratio", upper as f64 / length as f64, Bound::AtMost(0.5));
///         document.verdict()
///     }
/// }
///
/// let mut document = Document::new("a", "WHY ARE YOU SHOUTING");
/// assert_eq!(document.apply(&Shouting), Verdict::Drop("shouting.ratio".into()));
/// ```
pub trait Stage: Send + Sync {
    /// The stage's name as it stands in a pipeline file.
    fn name(&self) -> &str;

    /// The metrics that [`process`](Stage::process) annotates. A name that is not declared here
    /// must not be annotated.
    fn metrics(&self) -> &[Metric] {
        &[]
    }

    /// Looks at one document. A document that an earlier stage dropped is not offered, except when
    /// scoring, where every stage sees every document.
    fn process(&self, document: &mut Document<'_>) -> Verdict;

    /// Checks the stage against the metrics that the stages before it in a pipeline declare, in
    /// order. A stage that reads other stages' metrics, or whose own names come from its
    /// configuration, refuses a pipeline here in which it can't work.
    ///
    /// # Errors
    /// With what is wrong, for people.
    fn check(&self, before: &[Metric]) -> Result<(), String> {
        let _ = before;
        Ok(())
    }

    /// Whether this stage may give the document another text.
    fn changes_text(&self) -> bool {
        false
    }

    /// Whether this stage decides the document's language, so that writers record it.
    fn sets_language(&self) -> bool {
        false
    }

    /// The files that the stage's answers depend on, beside its parameters.
    fn resources(&self) -> Vec<Resource> {
        Vec::new()
    }

    /// Memory that the stage holds once per process, in bytes, roughly.
    fn memory(&self) -> u64 {
        0
    }

    /// Things that a user should know before a run, such as languages without a word list.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Document<'_> {
    /// Runs one stage on this document and returns its verdict.
    pub fn apply(&mut self, stage: &dyn Stage) -> Verdict {
        self.begin_stage();
        let verdict = stage.process(self);
        if let Verdict::Drop(reason) = &verdict {
            self.fail(reason.clone());
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Bound;

    #[test]
    fn a_name_is_interned_once() {
        assert!(std::ptr::eq(intern("a.b"), intern(&["a", "b"].join("."))));
    }

    #[test]
    fn a_stage_reports_every_failed_rule_and_drops_for_the_first() {
        struct Two;
        impl Stage for Two {
            fn name(&self) -> &str {
                "two"
            }
            fn process(&self, document: &mut Document<'_>) -> Verdict {
                document.judge("two.a", 1.0, Bound::AtMost(0.0));
                document.judge("two.b", 1.0, Bound::AtMost(0.0));
                document.verdict()
            }
        }
        let mut document = Document::new("x", "y");
        assert_eq!(document.apply(&Two), Verdict::Drop("two.a".into()));
        assert_eq!(document.reasons(), ["two.a", "two.b"]);
        assert_eq!(document.apply(&Two), Verdict::Drop("two.a".into()));
        assert_eq!(document.reasons().len(), 4);
    }
}
