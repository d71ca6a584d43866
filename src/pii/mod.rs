//! Finds personal data and does something about it: the stage `pii`.
//!
//! The [`engine`] makes one pass over a text. Bytes at which something may begin (a digit of any
//! script, an `@`) open a window; in it grammars and patterns look for candidates; validators ask
//! for check digits and ranges; words nearby make a candidate sure or call it off; of candidates
//! that overlap the surest stays. What is looked for is data, `filters/pii.yaml`, in the form that
//! [`rules`] describes. Time is linear in the text, whatever it holds. `docs/pii.md` tells the
//! whole.
//!
//! The variants `roots`, `roots-2022` and `datatrove` do what those pipelines did, with their
//! faults; where an original's answer depended on chance or on the order of documents, one of its
//! answers is given, always the same.

mod candidates;
mod chars;
pub mod checks;
mod context;
mod datatrove;
mod detectors;
pub mod engine;
mod fake;
mod patterns;
pub mod pii_manager;
mod redact;
pub mod roots;
pub mod rules;
mod scan;
mod steps;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use engine::{Addresses, Engine, Options, Span};
pub use redact::{Action, TagForm};
pub use rules::Rules;

use crate::document::{Bound, Document};
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict, intern};
use crate::text::nearest::nearest;

use datatrove::Datatrove;
use fake::Pseudonyms;
use redact::Actions;

/// Whose rules are used.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
pub enum Variant {
    /// The rules of `filters/pii.yaml` and of your own file.
    #[default]
    #[serde(rename = "default")]
    Default,
    /// Those of ROOTS as last published, in November 2022: e-mail addresses, user names, IP
    /// addresses, keys.
    #[serde(rename = "roots")]
    Roots,
    /// Those of ROOTS as they ran, in March 2022, with their known faults.
    #[serde(rename = "roots-2022")]
    Roots2022,
    /// Those of datatrove: e-mail addresses and public IPv4 addresses become made-up ones.
    #[serde(rename = "datatrove")]
    Datatrove,
}

/// In which unit spans are written.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum SpanUnit {
    /// No spans are written.
    #[default]
    None,
    /// Unicode code points, as Python counts.
    Characters,
    /// Bytes of UTF-8.
    Bytes,
}

/// Parameters of the stage `pii`. All but `variant` are for the variant `default`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whose rules are used: `default`, or those of another pipeline, `roots`, `roots-2022`,
    /// `datatrove`.
    pub variant: Variant,
    /// A file of your own with rules, read after the shipped ones.
    pub rules: Option<PathBuf>,
    /// The tags that are looked for, such as `[EMAIL, PHONE]`; all if nothing is given.
    pub tags: Option<Vec<String>>,
    /// The lowest score of a find, above 0, at most 1.
    pub threshold: f64,
    /// Whether IP addresses that are no one's count too: private, local, reserved.
    pub addresses: Addresses,
    /// What is done with finds: `tag`, `mask`, `fake`, `remove`, `report`, or `drop_document:
    /// {above: N}`.
    pub action: Action,
    /// What is done with the finds of single tags, where it differs.
    pub actions: BTreeMap<String, Action>,
    /// How tags are written: `roots` (`PI:EMAIL`) or `angle` (`<EMAIL>`).
    pub tag_form: TagForm,
    /// The environment variable that holds the key of `fake`, at least 16 bytes. The key itself is
    /// stored nowhere.
    pub key_variable: String,
    /// Whether the metric `pii.spans` holds where finds were, and in which unit. Offsets are those
    /// of the text that the stage got.
    pub spans: SpanUnit,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            variant: Variant::Default,
            rules: None,
            tags: None,
            threshold: engine::DEFAULT_THRESHOLD,
            addresses: Addresses::Public,
            action: Action::Tag,
            actions: BTreeMap::new(),
            // BLOOM's tags, which the pipelines of this project have always written.
            tag_form: TagForm::Roots,
            key_variable: "SAPWOOD_PII_KEY".to_owned(),
            spans: SpanUnit::None,
        }
    }
}

/// Why the stage can't be built. No message holds a key or a text.
#[derive(Debug, thiserror::Error)]
pub enum PiiError {
    /// The rules are wrong.
    #[error(transparent)]
    Rules(#[from] rules::RulesError),
    /// The rules can't be used together.
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    /// The file of rules can't be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A parameter is out of its range or names what is not there.
    #[error("{0}")]
    Parameter(String),
}

/// The stage `pii`.
///
/// # Examples
///
/// ```
/// use sapwood::document::{Document, Value};
/// use sapwood::pii::{Config, Pii};
/// use sapwood::stage::Verdict;
///
/// let mut document = Document::new("a", "Write to <bob@example.org> please");
/// assert_eq!(document.apply(&Pii::new(&Config::default())?), Verdict::Keep);
/// assert_eq!(document.text(), "Write to <PI:EMAIL> please");
/// assert_eq!(document.metric("pii.email"), Some(&Value::Integer(1)));
/// # Ok::<(), sapwood::pii::PiiError>(())
/// ```
#[derive(Debug)]
pub struct Pii {
    scrubber: Scrubber,
    metrics: Vec<Metric>,
    resources: Vec<Resource>,
}

#[derive(Debug)]
enum Scrubber {
    Rules(Box<ByRules>),
    Roots(roots::Roots),
    Datatrove(Datatrove),
}

#[derive(Debug)]
struct ByRules {
    engine: Engine,
    actions: Actions,
    /// Tag and metric of each.
    tags: Vec<(&'static str, &'static str)>,
    spans: SpanUnit,
}

impl Pii {
    /// Prepares the stage; do this once and share the result among threads.
    ///
    /// # Errors
    /// If the rules can't be read or are wrong, a tag is not known, the threshold is out of its
    /// range, or pseudonyms are asked for and the environment has no key.
    pub fn new(config: &Config) -> Result<Self, PiiError> {
        let matches =
            |name, meaning| Metric { name, kind: MetricKind::Integer, unit: "matches", meaning };
        let of_roots = |variant| Self {
            scrubber: Scrubber::Roots(roots::Roots::new(variant)),
            metrics: roots::Tag::ALL
                .map(|tag| {
                    matches(tag.metric(), "finds of ROOTS, replaced by the name of their tag")
                })
                .to_vec(),
            resources: Vec::new(),
        };
        if config.variant != Variant::Default {
            let own = Config { variant: config.variant, ..Config::default() };
            if *config != own {
                return Err(PiiError::Parameter(
                    "a variant other than `default` takes no other parameters".to_owned(),
                ));
            }
        }
        match config.variant {
            Variant::Roots => Ok(of_roots(roots::Variant::Roots)),
            Variant::Roots2022 => Ok(of_roots(roots::Variant::Roots2022)),
            Variant::Datatrove => Ok(Self {
                scrubber: Scrubber::Datatrove(Datatrove::new()),
                metrics: ["pii.email", "pii.ip_address"]
                    .map(|name| matches(name, "finds of datatrove, replaced by made-up addresses"))
                    .to_vec(),
                resources: Vec::new(),
            }),
            Variant::Default => Self::by_rules(config),
        }
    }

    fn by_rules(config: &Config) -> Result<Self, PiiError> {
        if !(config.threshold > 0.0 && config.threshold <= 1.0) {
            let message = format!("threshold: {} is not above 0 and at most 1", config.threshold);
            return Err(PiiError::Parameter(message));
        }
        let mut rules = Rules::shipped()?;
        let mut resources = Vec::new();
        if let Some(path) = &config.rules {
            let unreadable = |error| PiiError::Unreadable { path: path.clone(), error };
            let own = std::fs::read_to_string(path).map_err(unreadable)?;
            rules.extend(&own, &path.display().to_string())?;
            resources.push(Resource::of("pii rules", path, own.as_bytes()));
        }
        let options = Options {
            threshold: config.threshold,
            addresses: config.addresses,
            tags: config.tags.clone(),
        };
        let engine = Engine::new(&rules, &options)?;
        let tags = engine.tags();
        if let Some(unknown) = config.actions.keys().find(|tag| !tags.contains(&tag.as_str())) {
            let help = nearest(unknown, tags.iter().copied()).unwrap_or_default();
            let message = format!("actions: no rule finds `{unknown}`; {help}");
            return Err(PiiError::Parameter(message));
        }
        let fakes =
            config.action == Action::Fake || config.actions.values().any(|it| *it == Action::Fake);
        let pseudonyms = if fakes { Some(pseudonyms(&config.key_variable)?) } else { None };
        if let Some(pseudonyms) = &pseudonyms {
            // A run with another key is another run.
            let name = Path::new(&config.key_variable);
            resources.push(Resource::known("pii key", name, pseudonyms.fingerprint(), 0));
        }
        let tags: Vec<(&str, &str)> = tags.into_iter().map(|tag| (tag, metric_name(tag))).collect();
        let mut metrics: Vec<Metric> =
            tags.iter().map(|&(tag, name)| metric_of(tag, name)).collect();
        if config.spans != SpanUnit::None {
            metrics.push(SPANS);
        }
        let actions = Actions {
            form: config.tag_form,
            of_all: config.action,
            of_tags: config.actions.iter().map(|(tag, action)| (tag.clone(), *action)).collect(),
            pseudonyms,
        };
        let scrubber =
            Scrubber::Rules(Box::new(ByRules { engine, actions, tags, spans: config.spans }));
        Ok(Self { scrubber, metrics, resources })
    }
}

fn pseudonyms(variable: &str) -> Result<Pseudonyms, PiiError> {
    let key = std::env::var_os(variable).unwrap_or_default();
    Pseudonyms::new(key.as_encoded_bytes()).ok_or_else(|| {
        PiiError::Parameter(format!(
            "the action `fake` needs a key of at least {} bytes in the environment variable `{variable}`",
            fake::MIN_KEY
        ))
    })
}

fn metric_name(tag: &str) -> &'static str {
    intern(&format!("pii.{}", tag.to_lowercase()))
}

fn metric_of(tag: &str, name: &'static str) -> Metric {
    let known = METRICS.iter().find(|metric| metric.name == name).copied();
    known.unwrap_or_else(|| Metric {
        name,
        kind: MetricKind::Integer,
        unit: "matches",
        meaning: intern(&format!("finds of the tag {tag}")),
    })
}

const fn matches(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, kind: MetricKind::Integer, unit: "matches", meaning }
}

const SPANS: Metric = Metric {
    name: "pii.spans",
    kind: MetricKind::Text,
    unit: "JSON",
    meaning: "where finds were: a list of tag, detector, start, end and score, never the value",
};

/// The metrics of the shipped rules. Rules of your own add one for each of their tags.
pub const METRICS: [Metric; 16] = [
    matches("pii.birth_date", "dates of birth"),
    matches("pii.card", "numbers of payment cards"),
    matches("pii.coordinates", "geographic coordinates with a word nearby that says so"),
    matches("pii.credentials", "names and passwords in links"),
    matches("pii.email", "e-mail addresses"),
    matches("pii.iban", "international bank account numbers"),
    matches("pii.ip_address", "IP addresses that are someone's"),
    matches("pii.key", "keys of services, private keys, tokens"),
    matches("pii.license_plate", "licence plates with a word nearby that says so"),
    matches("pii.mac_address", "hardware addresses"),
    matches("pii.national_id", "numbers by which states know persons and companies"),
    matches("pii.passport", "passport numbers with a word nearby that says so"),
    matches("pii.phone", "telephone numbers"),
    matches("pii.user", "user names after an @"),
    matches("pii.wallet", "addresses of crypto currencies"),
    SPANS,
];

impl ByRules {
    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let redacted = self.actions.redact(&self.engine, document.text(), document.language());
        for &(tag, metric) in &self.tags {
            let count = redacted.spans.iter().filter(|span| span.tag == tag).count();
            match self.actions.of(tag) {
                Action::DropDocument { above } => {
                    document.annotate(metric, count);
                    document.test(metric, count as f64, Bound::AtMost(above as f64));
                }
                _ => document.annotate(metric, count),
            }
        }
        if self.spans != SpanUnit::None {
            let spans = written(document.text(), &redacted.spans, self.spans);
            document.annotate(SPANS.name, spans.as_str());
        }
        if let Some(text) = redacted.text {
            document.set_text(text);
        }
        document.verdict()
    }
}

/// Spans as JSON, in the wanted unit.
fn written(text: &str, spans: &[Span], unit: SpanUnit) -> String {
    let mut spans = spans.to_vec();
    if unit == SpanUnit::Characters {
        let (mut at, mut characters) = (0, 0);
        for offset in spans.iter_mut().flat_map(|span| [&mut span.start, &mut span.end]) {
            characters += text.get(at..*offset).map_or(0, |between| between.chars().count());
            at = *offset;
            *offset = characters;
        }
    }
    serde_json::to_string(&spans).unwrap_or_default()
}

impl Stage for Pii {
    fn name(&self) -> &str {
        "pii"
    }

    fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        match &self.scrubber {
            Scrubber::Rules(rules) => return rules.process(document),
            Scrubber::Roots(roots) => {
                let spans = roots.find(document.text());
                for (tag, metric) in roots::Tag::ALL.into_iter().zip(&self.metrics) {
                    document
                        .annotate(metric.name, spans.iter().filter(|span| span.tag == tag).count());
                }
                if !spans.is_empty() {
                    let redacted = roots.redact(document.text(), &spans);
                    document.set_text(redacted);
                }
            }
            Scrubber::Datatrove(datatrove) => {
                let (text, counts) = datatrove.redact(document.text());
                for (metric, count) in self.metrics.iter().zip(counts) {
                    document.annotate(metric.name, count);
                }
                if let Some(text) = text {
                    document.set_text(text);
                }
            }
        }
        Verdict::Keep
    }

    fn changes_text(&self) -> bool {
        true
    }

    fn resources(&self) -> Vec<Resource> {
        self.resources.clone()
    }
}
