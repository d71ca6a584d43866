//! The engine: one pass over a text, all rules, spans that do not overlap.

mod search;

use std::collections::BTreeMap;

use memchr::memmem;

use super::context::{Contexts, Lists};
use super::detectors::secret;
use super::patterns::Patterns;
use super::rules::{Finder, Rule, Rules, Window};
use crate::languages::Languages;
use crate::stage::intern;
use search::Search;

/// A find in a text.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Span {
    /// What it is: `EMAIL`, `PHONE` …
    pub tag: &'static str,
    /// The name of the rule that found it.
    pub detector: &'static str,
    /// Offset of its first byte in the text.
    pub start: usize,
    /// Offset after its last byte.
    pub end: usize,
    /// How sure it is, from 0 to 1.
    pub score: f64,
}

/// Which addresses of the network count.
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
pub enum Addresses {
    /// Those that are someone's.
    #[default]
    Public,
    /// Private, local and reserved ones too.
    All,
}

/// How the engine looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The lowest score that is reported, from 0 to 1.
    pub threshold: f64,
    /// Which IP addresses count.
    pub addresses: Addresses,
    /// The tags that are looked for; all if there are none.
    pub tags: Option<Vec<String>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { threshold: DEFAULT_THRESHOLD, addresses: Addresses::Public, tags: None }
    }
}

/// Half sure: the shipped rules put below it what needs a word nearby, and above it what does not.
pub const DEFAULT_THRESHOLD: f64 = 0.5;

/// A rule as the engine uses it.
#[derive(Debug)]
struct Ready {
    rule: Rule,
    tag: &'static str,
    name: &'static str,
    lists: Lists,
    /// `languages`, as short codes.
    languages: Vec<String>,
}

/// Finds personal data in texts. Made once and shared by all threads.
///
/// # Examples
///
/// ```
/// use sapwood::pii::engine::{Engine, Options};
/// use sapwood::pii::rules::Rules;
///
/// let engine = Engine::new(&Rules::shipped()?, &Options::default())?;
/// let text = "Call +33 6 91 76 93 45 or write to jane@example.org";
/// let found: Vec<_> = engine.find(text, Some("en")).iter().map(|span| span.tag).collect();
/// assert_eq!(found, ["PHONE", "EMAIL"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    rules: Vec<Ready>,
    contexts: Contexts,
    numbers: Patterns,
    tokens: Patterns,
    builtin: Builtin,
    options: Options,
    literals: Vec<memmem::Finder<'static>>,
    pem: memmem::Finder<'static>,
    dots: [memmem::Finder<'static>; 2],
}

/// The rule of each grammar that is built in, if there is one.
#[derive(Debug, Default)]
struct Builtin {
    birth_date: Option<usize>,
    coordinates: Option<usize>,
    email: Option<usize>,
    entropy: Option<usize>,
    handle: Option<usize>,
    ipv4: Option<usize>,
    ipv6: Option<usize>,
    jwt: Option<usize>,
    mac: Option<usize>,
    obfuscated_email: Option<usize>,
    phone: Option<usize>,
    private_key: Option<usize>,
    url_credentials: Option<usize>,
}

impl Builtin {
    fn slot(&mut self, detector: &str) -> Option<&mut Option<usize>> {
        Some(match detector {
            "birth_date" => &mut self.birth_date,
            "coordinates" => &mut self.coordinates,
            "email" => &mut self.email,
            "entropy" => &mut self.entropy,
            "handle" => &mut self.handle,
            "ipv4" => &mut self.ipv4,
            "ipv6" => &mut self.ipv6,
            "jwt" => &mut self.jwt,
            "mac" => &mut self.mac,
            "obfuscated_email" => &mut self.obfuscated_email,
            "phone" => &mut self.phone,
            "private_key" => &mut self.private_key,
            "url_credentials" => &mut self.url_credentials,
            _ => return None,
        })
    }
}

/// Why an engine can't be made.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(String);

impl Engine {
    /// Prepares rules.
    ///
    /// # Errors
    /// If a tag of the options is no rule's, or the rules together are too large.
    pub fn new(rules: &Rules, options: &Options) -> Result<Self, EngineError> {
        let tags = rules.tags();
        if let Some(unknown) =
            options.tags.iter().flatten().find(|tag| !tags.contains(&tag.as_str()))
        {
            let help = crate::text::nearest::nearest(unknown, tags.iter().copied());
            return Err(EngineError(format!(
                "tags: no rule finds `{unknown}`; {}",
                help.unwrap_or_default()
            )));
        }
        let wanted =
            |rule: &&Rule| options.tags.as_ref().is_none_or(|tags| tags.contains(&rule.tag));
        let rules = Rules {
            words: rules.words.clone(),
            rules: rules.rules.iter().filter(wanted).cloned().collect(),
        };
        let (contexts, lists) = Contexts::new(&rules).map_err(EngineError)?;
        let mut builtin = Builtin::default();
        for (number, rule) in rules.rules.iter().enumerate() {
            if let Finder::Builtin(detector) = rule.finder
                && let Some(slot) = builtin.slot(detector)
            {
                *slot = Some(number);
            }
        }
        let numbers = Patterns::new(&rules, Window::Number).map_err(EngineError)?;
        let tokens = Patterns::new(&rules, Window::Token).map_err(EngineError)?;
        let mut literals: Vec<&String> =
            rules.rules.iter().flat_map(|rule| &rule.literals).collect();
        literals.sort_unstable();
        literals.dedup();
        let literals =
            literals.iter().map(|it| memmem::Finder::new(it.as_bytes()).into_owned()).collect();
        let languages = Languages::shipped();
        let rules = rules.rules.into_iter().zip(lists).map(|(rule, lists)| Ready {
            tag: intern(&rule.tag),
            name: intern(&rule.name),
            languages: rule
                .languages
                .iter()
                .map(|language| languages.short(language).unwrap_or(language).to_owned())
                .collect(),
            lists,
            rule,
        });
        Ok(Self {
            rules: rules.collect(),
            contexts,
            numbers,
            tokens,
            builtin,
            options: options.clone(),
            literals,
            pem: memmem::Finder::new(secret::PEM),
            dots: [memmem::Finder::new(" dot "), memmem::Finder::new(" DOT ")],
        })
    }

    /// The tags that it looks for, in alphabetical order.
    pub fn tags(&self) -> Vec<&'static str> {
        let mut tags: Vec<&str> = self.rules.iter().map(|ready| ready.tag).collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    /// The finds in a text, from left to right; none overlap. `language` is the document's, by any
    /// of its codes, if it is known: it says which countries' numbers are likely.
    pub fn find(&self, text: &str, language: Option<&str>) -> Vec<Span> {
        let mut search = Search::new(self, text, language);
        search.run();
        resolve(search.found)
    }

    /// Whether a text could be taken for personal data in any surroundings.
    pub(super) fn could_find(&self, text: &str) -> bool {
        let mut search = Search::new(self, text, None);
        search.always = true;
        search.run();
        !search.found.is_empty()
    }
}

/// A find that may overlap others.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    span: Span,
    priority: i32,
}

/// The sure before the less sure, then by priority, then the longer, then the first.
fn resolve(mut candidates: Vec<Candidate>) -> Vec<Span> {
    if candidates.len() > 1 {
        candidates.sort_by(|a, b| {
            let length = |it: &Candidate| it.span.end - it.span.start;
            b.span
                .score
                .total_cmp(&a.span.score)
                .then(b.priority.cmp(&a.priority))
                .then(length(b).cmp(&length(a)))
                .then(a.span.start.cmp(&b.span.start))
                .then(a.span.detector.cmp(b.span.detector))
        });
    }
    let mut taken: BTreeMap<usize, Span> = BTreeMap::new();
    for Candidate { span, .. } in candidates {
        let before = taken.range(..span.end).next_back();
        if before.is_none_or(|(_, earlier)| earlier.end <= span.start) {
            taken.insert(span.start, span);
        }
    }
    taken.into_values().collect()
}
