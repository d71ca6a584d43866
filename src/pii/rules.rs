//! Rules as data: the file `filters/pii.yaml`, and a user's own file beside it.
//!
//! ```yaml
//! # Lists of words by name, then by language. `*` is for all languages.
//! words:
//!   cpf:
//!     "*": [cpf]
//!     pt: [cadastro de pessoas físicas, contribuinte]
//!   isbn:
//!     "*": [isbn, issn, doi]
//! rules:
//!   - name: br_cpf              # the detector's name: lower case, digits, `_`; once in a file
//!     tag: NATIONAL_ID          # what it finds: upper case, digits, `_`
//!     patterns: ['\d{3}\.?\d{3}\.?\d{3}-?\d{2}']
//!     validator: br_cpf         # see `checks`
//!     score: 0.5                # how sure it is by pattern and validator alone
//!     languages: [pt]           # languages of documents in which it is surer: `language_score`
//!     language_score: 0.6
//!     context: [cpf]            # lists of words of which one nearby makes it sure: `context_score`
//!     context_score: 0.95
//!     cancel: [isbn]            # lists of words of which one nearby calls it off
//!     priority: 60              # of two that overlap and are equally sure, the higher one stays
//! ```
//!
//! **Patterns** are regular expressions of the crate `regex` (no look-around, no references). One
//! is tried on candidates, never on the whole text, and must match a candidate from end to end.
//! What a candidate is, `window` says:
//!
//! * `number` (the default): one or more groups of letters and digits with at least one digit among
//!   them, and what stands between groups: one of space, `-`, `.`, `/`, `_`, `:`, `,`, `'`, `(`, `)`, or a few of
//!   them in a row. A candidate begins and ends at an end of a group. All of up to
//!   [`MAX_GROUPS`] groups in a row and up to [`MAX_LENGTH`] bytes are tried.
//! * `token`: a run of ASCII letters, digits, `_` and `-` with at least [`MIN_TOKEN`] characters and
//!   a digit among them; and the longer run that has `.`, `/`, `+`, `=`, `:` and `~` inside. What
//!   may have no digit is found by the `literals` of the rule with which it begins.
//!
//! A pattern sees the candidate in ASCII: digits of every script as `0`–`9`, full-width letters as
//! `A`–`Z`, every dash as `-`, every white space but line ends as one space; spans are those of the
//! text as it is. A letter beyond ASCII stays what it is, so that a pattern can ask for it.
//!
//! A rule has either `patterns` or `detector`, the name of a grammar that is built in
//! ([`DETECTORS`]): so what these find can be tuned, put off or given another tag as well.
//!
//! **Scores** run from 0 to 1. A candidate has `score`, or `language_score` if the document's
//! language is one of `languages`, or `context_score` if a word of `context` stands nearby, the
//! highest of those that apply; 0 if a word of `cancel` stands nearby and none of `context` is
//! nearer. What is below the threshold of the stage is not reported. So `score: 0` is for what is found by its
//! context only.
//!
//! **Words** are compared in lower case. A word of letters must stand alone, so `tel` is not found
//! in `hotel`, but for scripts without spaces; one of five letters or more may have an ending, so
//! that `telefon` is found in `telefonu`. It may consist of several words. Nearby is
//! `context_before` bytes before the candidate (64) and `context_after` after it (24), in its own
//! line; if it begins its line, a short line above counts as its label. The words of all languages count in every document, for languages are
//! mixed on a page and may be mistaken.
//!
//! A **user's file** has the same form and is read after the shipped one: a list of words or a rule
//! replaces the one of its name, others are added, and `{name: x, enabled: false}` puts off `x`.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::checks::{self, CHECKS, Check};
use crate::text::nearest::nearest;

/// The rules that come with the library.
pub const SHIPPED: &str = include_str!("../../filters/pii.yaml");

/// The most groups of a candidate of `window: number`. An IBAN in print has nine groups.
pub const MAX_GROUPS: usize = 10;
/// The most bytes of a candidate of `window: number`.
pub const MAX_LENGTH: usize = 128;
/// The fewest characters of a candidate of `window: token`.
pub const MIN_TOKEN: usize = 12;

/// The grammars that a rule can name as its `detector`.
pub const DETECTORS: &[&str] = &[
    "birth_date",
    "coordinates",
    "email",
    "entropy",
    "handle",
    "ipv4",
    "ipv6",
    "jwt",
    "mac",
    "obfuscated_email",
    "phone",
    "private_key",
    "url_credentials",
];

/// What candidates a rule's patterns are tried on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// Groups of letters and digits.
    #[default]
    Number,
    /// A run of letters, digits and signs without white space.
    Token,
}

/// A file of rules as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    words: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    rules: Vec<RawRule>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    name: Spanned<String>,
    #[serde(default = "yes")]
    enabled: bool,
    tag: Option<Spanned<String>>,
    #[serde(default)]
    patterns: Vec<Spanned<String>>,
    detector: Option<Spanned<String>>,
    #[serde(default)]
    window: Window,
    #[serde(default)]
    literals: Vec<Spanned<String>>,
    validator: Option<Spanned<String>>,
    #[serde(default = "default_priority")]
    priority: i32,
    score: Option<Spanned<f64>>,
    #[serde(default)]
    languages: Vec<String>,
    language_score: Option<Spanned<f64>>,
    #[serde(default)]
    context: Vec<Spanned<String>>,
    context_score: Option<Spanned<f64>>,
    #[serde(default = "default_before")]
    context_before: usize,
    #[serde(default = "default_after")]
    context_after: usize,
    #[serde(default)]
    cancel: Vec<Spanned<String>>,
}

fn yes() -> bool {
    true
}

/// In the middle, so that rules can be put before and after those that say nothing.
fn default_priority() -> i32 {
    50
}

/// A label stands just before its value; a dozen words of prose are about as far as one may be.
fn default_before() -> usize {
    64
}

/// After a value only a word in brackets or a unit says what it was.
fn default_after() -> usize {
    24
}

/// Words by language.
pub type Words = BTreeMap<String, Vec<String>>;

/// How a rule finds candidates.
#[derive(Debug, Clone)]
pub enum Finder {
    /// Patterns on candidates.
    Patterns(Window, Vec<Regex>),
    /// A grammar of [`DETECTORS`], by its place there.
    Builtin(&'static str),
}

/// A rule, checked.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The detector's name.
    pub name: String,
    /// The tag of what it finds.
    pub tag: String,
    /// How candidates are found.
    pub finder: Finder,
    /// With what a candidate begins that has no digit.
    pub literals: Vec<String>,
    /// What a candidate must pass.
    pub check: Option<Check>,
    /// Of two candidates that overlap and are equally sure, the one of the higher priority stays.
    pub priority: i32,
    /// The score by pattern and validator alone, from 0 to 1.
    pub score: f64,
    /// Languages of documents in which `language_score` holds.
    pub languages: Vec<String>,
    /// The score in a document in one of these languages.
    pub language_score: f64,
    /// Names of lists of words that make it sure.
    pub context: Vec<String>,
    /// The score with one of those words nearby.
    pub context_score: f64,
    /// How far before a candidate words count, in bytes.
    pub context_before: usize,
    /// How far after a candidate words count, in bytes.
    pub context_after: usize,
    /// Names of lists of words that call it off.
    pub cancel: Vec<String>,
}

/// Rules and the lists of words that they name.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The lists of words by name.
    pub words: BTreeMap<String, Words>,
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
}

/// Why rules can't be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The file is no YAML or has an unknown or missing key; the message has the line.
    #[error("{file}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// A rule contradicts itself or names what is not there.
    #[error("{file}:{line}: rule {rule}: {message}")]
    Rule {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The rule's name.
        rule: String,
        /// What is wrong, with the nearest word where there is one.
        message: String,
    },
}

impl Rules {
    /// The shipped rules.
    ///
    /// # Errors
    /// Never, unless the shipped file is broken; a test holds that it is not.
    pub fn shipped() -> Result<Self, RulesError> {
        let mut rules = Self::default();
        rules.extend(SHIPPED, "filters/pii.yaml")?;
        Ok(rules)
    }

    /// Adds the rules of a file; `file` is its name for messages.
    ///
    /// # Errors
    /// If the file is not of the form, a pattern is none, or a name is not known.
    pub fn extend(&mut self, yaml: &str, file: &str) -> Result<(), RulesError> {
        let parsed: File = serde_saphyr::from_str(yaml).map_err(|error| RulesError::Syntax {
            file: file.to_owned(),
            message: error.to_string(),
        })?;
        for (name, words) in parsed.words {
            self.words.insert(name, words);
        }
        let mut seen: Vec<String> = Vec::new();
        for raw in parsed.rules {
            let place = Place { file, line: raw.name.referenced.line(), rule: &raw.name.value };
            if seen.contains(&raw.name.value) {
                return Err(place.wrong(None, "is there twice".to_owned()));
            }
            seen.push(raw.name.value.clone());
            let at = self.rules.iter().position(|rule| rule.name == raw.name.value);
            if !raw.enabled {
                match at {
                    Some(at) => drop(self.rules.remove(at)),
                    // A rule that is off is still checked, so that it can be put on.
                    None if raw.tag.is_some() => drop(self.checked(&raw, &place)?),
                    None => {
                        let known = self.rules.iter().map(|rule| rule.name.as_str());
                        let help = nearest(&raw.name.value, known).unwrap_or_default();
                        return Err(place.wrong(None, format!("is not there to put off; {help}")));
                    }
                }
                continue;
            }
            let rule = self.checked(&raw, &place)?;
            match at {
                Some(at) => self.rules[at] = rule,
                None => self.rules.push(rule),
            }
        }
        Ok(())
    }

    fn checked(&self, raw: &RawRule, place: &Place<'_>) -> Result<Rule, RulesError> {
        let name = &raw.name.value;
        if !is_name(name, |byte| byte.is_ascii_lowercase()) {
            let message = "a name has lower-case ASCII letters, digits and `_`, a letter first";
            return Err(place.wrong(None, message.to_owned()));
        }
        let Some(tag) = &raw.tag else {
            return Err(place.wrong(None, "has no `tag`".to_owned()));
        };
        if !is_name(&tag.value, |byte| byte.is_ascii_uppercase()) {
            let message = "a tag has upper-case ASCII letters, digits and `_`, a letter first";
            return Err(place.wrong(Some(tag.referenced.line()), message.to_owned()));
        }
        let score = |given: &Option<Spanned<f64>>, otherwise: f64| match given {
            Some(given) if (0.0..=1.0).contains(&given.value) => Ok(given.value),
            Some(given) => {
                let message = format!("{} is no score: from 0 to 1", given.value);
                Err(place.wrong(Some(given.referenced.line()), message))
            }
            None => Ok(otherwise),
        };
        // Without a word on it a rule is as sure as its pattern and validator let one hope.
        let base = score(&raw.score, 0.5)?;
        let known = |lists: &[Spanned<String>]| {
            let known = |list: &Spanned<String>| match self.words.contains_key(&list.value) {
                true => Ok(list.value.clone()),
                false => {
                    let names = self.words.keys().map(String::as_str);
                    let help = nearest(&list.value, names).unwrap_or_default();
                    let message = format!("there is no list of words `{}`; {help}", list.value);
                    Err(place.wrong(Some(list.referenced.line()), message))
                }
            };
            lists.iter().map(known).collect::<Result<Vec<_>, _>>()
        };
        Ok(Rule {
            name: name.clone(),
            tag: tag.value.clone(),
            finder: finder(raw, place)?,
            literals: literals(raw, place)?,
            check: validator(raw, place)?,
            priority: raw.priority,
            score: base,
            languages: raw.languages.clone(),
            language_score: score(&raw.language_score, base)?,
            context: known(&raw.context)?,
            context_score: score(&raw.context_score, 0.95_f64.max(base))?,
            context_before: raw.context_before.min(MAX_CONTEXT),
            context_after: raw.context_after.min(MAX_CONTEXT),
            cancel: known(&raw.cancel)?,
        })
    }

    /// The tags of all rules, in alphabetical order.
    pub fn tags(&self) -> Vec<&str> {
        let mut tags: Vec<&str> = self.rules.iter().map(|rule| rule.tag.as_str()).collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }
}

/// The farthest that a context may reach, in bytes, so that looking at it stays cheap.
const MAX_CONTEXT: usize = 256;

fn finder(raw: &RawRule, place: &Place<'_>) -> Result<Finder, RulesError> {
    match (&raw.detector, raw.patterns.is_empty()) {
        (None, true) => {
            Err(place.wrong(None, "has neither `patterns` nor a `detector`".to_owned()))
        }
        (Some(_), false) => {
            Err(place.wrong(None, "has both `patterns` and a `detector`".to_owned()))
        }
        (Some(detector), true) => match DETECTORS.iter().find(|it| **it == detector.value) {
            Some(known) => Ok(Finder::Builtin(known)),
            None => {
                let help = nearest(&detector.value, DETECTORS.iter().copied()).unwrap_or_default();
                let message = format!("there is no detector `{}`; {help}", detector.value);
                Err(place.wrong(Some(detector.referenced.line()), message))
            }
        },
        (None, false) => {
            let compile = |pattern: &Spanned<String>| {
                // Candidates have ASCII digits only, and classes can be in classes.
                let ascii = pattern.value.replace(r"\d", "[0-9]");
                Regex::new(&format!(r"\A(?:{ascii})\z")).map_err(|error| {
                    let message = format!("no regular expression: {error}");
                    place.wrong(Some(pattern.referenced.line()), message)
                })
            };
            let patterns = raw.patterns.iter().map(compile).collect::<Result<_, _>>()?;
            Ok(Finder::Patterns(raw.window, patterns))
        }
    }
}

/// Literals that are rare enough to be looked for in every text.
fn literals(raw: &RawRule, place: &Place<'_>) -> Result<Vec<String>, RulesError> {
    let checked = |literal: &Spanned<String>| {
        let token =
            literal.value.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-".contains(&it));
        if raw.window == Window::Token && token && literal.value.len() >= 3 {
            return Ok(literal.value.clone());
        }
        let message =
            "a literal is for `window: token` and has at least three letters, digits, `_` or `-`";
        Err(place.wrong(Some(literal.referenced.line()), message.to_owned()))
    };
    raw.literals.iter().map(checked).collect()
}

fn validator(raw: &RawRule, place: &Place<'_>) -> Result<Option<Check>, RulesError> {
    let Some(validator) = &raw.validator else {
        return Ok(None);
    };
    if let Some(check) = checks::check(&validator.value) {
        return Ok(Some(check));
    }
    let help = nearest(&validator.value, CHECKS.iter().map(|(name, _)| *name)).unwrap_or_default();
    let message = format!("there is no validator `{}`; {help}", validator.value);
    Err(place.wrong(Some(validator.referenced.line()), message))
}

fn is_name(name: &str, letter: fn(&u8) -> bool) -> bool {
    let bytes = name.as_bytes();
    bytes.first().is_some_and(letter)
        && bytes.iter().all(|byte| letter(byte) || byte.is_ascii_digit() || *byte == b'_')
}

/// Where a rule stands, for messages.
struct Place<'p> {
    file: &'p str,
    line: u64,
    rule: &'p str,
}

impl Place<'_> {
    fn wrong(&self, line: Option<u64>, message: String) -> RulesError {
        RulesError::Rule {
            file: self.file.to_owned(),
            line: line.unwrap_or(self.line),
            rule: self.rule.to_owned(),
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rules_are_valid() {
        let rules = Rules::shipped().unwrap();
        assert!(!rules.rules.is_empty());
        assert!(rules.tags().contains(&"CARD"));
    }

    #[test]
    fn mistakes_are_told_with_their_line_and_the_nearest_word() {
        let wrong = |yaml: &str| {
            let mut rules = Rules::shipped().unwrap();
            rules.extend(yaml, "own.yaml").unwrap_err().to_string()
        };
        let rule = "rules:\n  - name: own\n    tag: OWN\n";
        for (yaml, parts) in [
            (format!("{rule}    patern: ['a']\n"), ["own.yaml", "patern"]),
            (rule.to_owned(), ["own.yaml:2", "neither"]),
            (format!("{rule}    patterns: ['(']\n"), ["own.yaml:4", "no regular expression"]),
            (format!("{rule}    detector: emial\n"), ["own.yaml:4", "`email`"]),
            (format!("{rule}    patterns: [a]\n    validator: luhm\n"), ["own.yaml:5", "`luhn`"]),
            (format!("{rule}    patterns: [a]\n    score: 2\n"), ["own.yaml:5", "no score"]),
            (format!("{rule}    patterns: [a]\n    context: [crad]\n"), ["own.yaml:5", "`card`"]),
            ("rules: [{name: Own, tag: OWN, patterns: [a]}]".to_owned(), ["own.yaml:1", "name"]),
            ("rules: [{name: own, tag: own, patterns: [a]}]".to_owned(), ["own.yaml:1", "tag"]),
            ("rules: [{name: crad, enabled: false}]".to_owned(), ["own.yaml:1", "`card`"]),
        ] {
            let message = wrong(&yaml);
            for part in parts {
                assert!(message.contains(part), "{yaml}: {message}");
            }
        }
    }

    #[test]
    fn a_file_replaces_adds_and_puts_off() {
        let mut rules = Rules::shipped().unwrap();
        let before = rules.rules.len();
        let own = "words: {staff: {'*': [staff]}}\n\
                   rules:\n\
                   \x20 - {name: card, enabled: false}\n\
                   \x20 - {name: staff, tag: STAFF, patterns: ['S\\d{5}'], score: 0, context: [staff]}\n\
                   \x20 - {name: other, tag: STAFF, patterns: ['T\\d{5}'], score: 0.7}\n";
        rules.extend(own, "own.yaml").unwrap();
        assert_eq!(rules.rules.len(), before + 1);
        assert!(rules.rules.iter().all(|rule| rule.name != "card"));
        rules.extend("rules: [{name: other, tag: OTHER, patterns: [a]}]", "more.yaml").unwrap();
        assert_eq!(rules.rules.len(), before + 1);
        assert!(rules.tags().contains(&"OTHER"));
    }
}
