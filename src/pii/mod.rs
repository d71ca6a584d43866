//! Scrubs personal data: the stage `pii`.
//!
//! The stage finds the four tags of ROOTS ([`Tag`]) and puts `PI:TAG` in place of every matched
//! string, wherever in the text it occurs. Both states of the original patterns are there
//! ([`Variant`]); where the original's answer depended on chance, one of its answers is given,
//! always the same. Time is linear in the text, whatever it holds.
//!
//! Known of the originals, and kept: a sentence in Han script around an address goes with it; of
//! `10.0.0.1,10.0.0.2` only the first is found, for the comma between them is spent on it; a
//! nine-digit number, a telephone number and a list of years are all a KEY.

mod candidates;
mod chars;
pub mod checks;
mod context;
mod detectors;
pub mod engine;
mod patterns;
mod roots;
pub mod rules;
mod scan;
mod steps;

pub use roots::{Span, Tag, Variant};

use crate::document::Document;
use crate::stage::{Metric, MetricKind, Stage, Verdict};

use roots::Detector;

/// Parameters of the stage `pii`.
#[derive(
    Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Which state of the ROOTS patterns is used: `roots`, as last published in November 2022, or
    /// `roots-2022`, as it ran on ROOTS.
    pub variant: Variant,
}

/// The stage `pii`: replaces e-mail addresses, user names, IP addresses and keys by `PI:TAG` and
/// counts them. It never drops a document.
///
/// # Examples
///
/// ```
/// use sapwood::document::{Document, Value};
/// use sapwood::pii::{Config, Pii};
/// use sapwood::stage::Verdict;
///
/// let mut document = Document::new("a", "Write to <bob@example.org> please");
/// assert_eq!(document.apply(&Pii::new(&Config::default())), Verdict::Keep);
/// assert_eq!(document.text(), "Write to <PI:EMAIL> please");
/// assert_eq!(document.metric("pii.email"), Some(&Value::Integer(1)));
/// ```
#[derive(Debug)]
pub struct Pii {
    detector: Detector,
}

impl Pii {
    /// Prepares the patterns; do this once and share the result among threads.
    pub fn new(config: &Config) -> Self {
        Self { detector: Detector::new(config.variant) }
    }

    /// All matches, in byte offsets of `text`: tag by tag in the order of [`Tag::ALL`], each tag's
    /// from left to right. Matches of one tag do not overlap; those of two tags may.
    pub fn find(&self, text: &str) -> Vec<Span> {
        self.detector.find(text)
    }

    /// The text with every matched string replaced by [`Tag::replacement`] wherever it occurs, in
    /// the order of `spans`, which [`find`](Pii::find) gave for the same text.
    ///
    /// A matched string is replaced outside of its spans too: `a@b.co aa@b.co` becomes
    /// `PI:EMAIL aPI:EMAIL`. Spans that are not within the text at character boundaries are
    /// passed over.
    pub fn redact(&self, text: &str, spans: &[Span]) -> String {
        roots::redact::redact(text, spans)
    }
}

const fn matches(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, kind: MetricKind::Integer, unit: "matches", meaning }
}

/// In the order of [`Tag::ALL`].
/// The metrics that the stage annotates.
pub const METRICS: [Metric; 4] = [
    matches("pii.email", "e-mail addresses found and replaced by PI:EMAIL"),
    matches("pii.ip_address", "IP addresses found and replaced by PI:IP_ADDRESS"),
    matches("pii.key", "numbers and mixtures of letters and digits found and replaced by PI:KEY"),
    matches("pii.user", "user names after an @ found and replaced by PI:USER"),
];

impl Stage for Pii {
    fn name(&self) -> &str {
        "pii"
    }

    fn metrics(&self) -> &[Metric] {
        &METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let spans = self.find(document.text());
        for (tag, metric) in Tag::ALL.into_iter().zip(&METRICS) {
            document.annotate(metric.name, spans.iter().filter(|span| span.tag == tag).count());
        }
        if !spans.is_empty() {
            let redacted = self.redact(document.text(), &spans);
            document.set_text(redacted);
        }
        Verdict::Keep
    }

    fn changes_text(&self) -> bool {
        true
    }
}
