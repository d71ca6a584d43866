//! Documents with words from a list of obscene ones.
//!
//! Source: C4 (C. Raffel et al., 2020), as datatrove 0.10 (`C4BadWordsFilter`) has it for many
//! languages, and dolma 1.2 (the tagger `c4_v2`) for English.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use aho_corasick::{AhoCorasick, MatchKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::lines::{ParameterError, check_ratio, phrases, steps};
use super::roots::embedded;
use crate::document::{Bound, Document};
use crate::languages::Languages;
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict};
use crate::text::case::ChangesInLowerCase;
use crate::text::classes::is_alphanumeric;
use crate::text::whitespace::{is_python_whitespace, python_strip};

#[cfg(test)]
mod tests;

const MATCHES: &str = "bad_words.matches";
const UNCOVERED: &str = "bad_words.uncovered";

/// Words that C4 takes out of the lists of languages without spaces, for they are parts of common
/// words.
const ALLOWED: [(&str, &[&str]); 2] = [("ja", &["sm", "グロ", "女の子"]), ("zh", &["性"])];

/// How words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// As `datatrove`, but words that C4 allows in Japanese and in Chinese are allowed in that
    /// language only, and upper case in a list doesn't matter.
    #[default]
    Fixed,
    /// Words stand between characters that are neither letters, numbers nor `_`; anywhere in
    /// Japanese, Thai and Chinese. What C4 allows in one language is allowed in all.
    Datatrove,
    /// A word of the list must be all that stands between white space; a phrase may be anywhere.
    Dolma,
}

/// The configuration of [`BadWords`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How words are looked for: `fixed`, `datatrove` or `dolma`.
    pub variant: Variant,
    /// A directory of lists, `LANG.txt` or `LANG`, one lower-case word or phrase a line, instead of
    /// the shipped ones.
    pub lists: Option<PathBuf>,
    /// Words that are taken out of the lists of all languages, beside those of C4 itself.
    pub allow: Vec<String>,
    /// The language of all documents; without it, each document's own.
    pub language: Option<String>,
    /// The language of documents that have none. datatrove takes them for English, `en`.
    pub default_language: Option<String>,
    /// The share of documents with such words, 0 to 1, that is kept all the same; chosen by a hash
    /// of the id, so the same in every run. 0 as published.
    pub keep_fraction: f64,
    /// Another seed keeps other documents of `keep_fraction`.
    pub seed: u64,
    /// Drops documents whose language has no list, for `bad_words.uncovered`. Without it they pass
    /// and are counted.
    pub fail_on_missing_language: bool,
}

/// Why the filter could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BadWordsError {
    /// A parameter makes no sense.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The directory of lists can't be read, or a list in it.
    #[error("lists: {} cannot be read", path.display())]
    Unreadable {
        /// The directory or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A list is not UTF-8.
    #[error("lists: {} is not UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// A directory without any list.
    #[error("lists: {} has no list, LANG.txt or LANG", path.display())]
    NoLists {
        /// The directory.
        path: PathBuf,
    },
}

/// The words of one language.
struct List {
    automaton: AhoCorasick,
    /// For each word, whether it has to stand between white space, for `dolma`.
    whole: Vec<bool>,
    boundaries: Boundaries,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Boundaries {
    None,
    NonWord,
    Whitespace,
}

/// Drops documents with words from a list of obscene ones.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::bad_words::{BadWords, Config};
/// use sapwood::stage::Verdict;
///
/// let stage = BadWords::new(&Config::default())?;
/// let mut document = Document::new("a", "A harmless sentence.").with_language(Some("en"));
/// assert_eq!(document.apply(&stage), Verdict::Keep);
/// # Ok::<(), sapwood::quality::bad_words::BadWordsError>(())
/// ```
pub struct BadWords {
    config: Config,
    lists: BTreeMap<String, List>,
    resources: Vec<Resource>,
}

thread_local! {
    static LOWER: RefCell<String> = const { RefCell::new(String::new()) };
}

impl BadWords {
    /// Reads the lists. A relative path is taken from the working directory.
    pub fn new(config: &Config) -> Result<Self, BadWordsError> {
        check_ratio("keep_fraction", Some(config.keep_fraction))?;
        let mut resources = Vec::new();
        let texts: Vec<(String, Cow<'static, str>)> = match &config.lists {
            Some(directory) => read_directory(directory, &mut resources)?,
            None => embedded::FLAGGED
                .iter()
                .map(|&(language, text)| (language.to_owned(), Cow::Borrowed(text)))
                .collect(),
        };
        let mut lists = BTreeMap::new();
        for (language, text) in texts {
            let list = List::new(config, &language, &text)?;
            lists.insert(language, list);
        }
        Ok(Self { config: config.clone(), lists, resources })
    }

    /// How many words of a language's list there are in a text, the most that don't overlap; `None`
    /// if the language has no list.
    pub fn count(&self, text: &str, language: Option<&str>) -> Option<usize> {
        let list = Languages::shipped().look_up(language?, |code| self.lists.get(code))?;
        if text.is_ascii() {
            return Some(list.count(text));
        }
        Some(LOWER.with_borrow_mut(|lower| {
            ChangesInLowerCase::get().lower_into(text, lower);
            steps::add(text.len());
            let number = list.count(lower);
            lower.clear();
            lower.shrink_to(1 << 20);
            number
        }))
    }

    /// Whether a document is among those that are kept in spite of their words.
    fn spares(&self, id: &str) -> bool {
        // 53 bits are what a double holds.
        let draw = (xxh3_64_with_seed(id.as_bytes(), self.config.seed) >> 11) as f64;
        draw / ((1_u64 << 53) as f64) < self.config.keep_fraction
    }
}

impl List {
    fn new(config: &Config, language: &str, text: &str) -> Result<Self, ParameterError> {
        let mut words: BTreeSet<Cow<'_, str>> = text
            .strip_prefix('\u{FEFF}')
            .unwrap_or(text)
            .lines()
            .map(python_strip)
            .filter(|word| !word.is_empty())
            .map(Cow::Borrowed)
            .collect();
        for (of, allowed) in ALLOWED {
            if match config.variant {
                Variant::Fixed => of == language,
                Variant::Datatrove => true,
                Variant::Dolma => false,
            } {
                allowed.iter().for_each(|word| _ = words.remove(*word));
            }
        }
        config.allow.iter().for_each(|word| _ = words.remove(word.as_str()));
        // The text is lower-cased, so a word with upper case is never found in it.
        let words: BTreeSet<Cow<'_, str>> = match config.variant {
            Variant::Fixed => words.iter().map(|word| Cow::Owned(word.to_lowercase())).collect(),
            Variant::Datatrove | Variant::Dolma => {
                words.into_iter().filter(|word| word.to_lowercase() == **word).collect()
            }
        };
        let boundaries = match (config.variant, language) {
            (Variant::Dolma, _) => Boundaries::Whitespace,
            (_, "ja" | "th" | "zh") => Boundaries::None,
            _ => Boundaries::NonWord,
        };
        Ok(Self {
            whole: words.iter().map(|word| !word.contains(' ')).collect(),
            // Every occurrence is wanted: one that has no boundaries may hide one that has.
            automaton: phrases(
                words.iter().map(|word| word.as_bytes()),
                true,
                MatchKind::Standard,
            )?,
            boundaries,
        })
    }

    fn count(&self, text: &str) -> usize {
        steps::add(text.len());
        let (mut number, mut end) = (0, 0);
        for found in self.automaton.find_overlapping_iter(text) {
            steps::add(1);
            // They come in the order of their ends, so taking the first leaves the most room.
            if found.start() >= end && self.is_bounded(text, found) {
                number += 1;
                end = found.end();
            }
        }
        number
    }

    fn is_bounded(&self, text: &str, found: aho_corasick::Match) -> bool {
        let before = || text.get(..found.start()).and_then(|text| text.chars().next_back());
        let behind = || text.get(found.end()..).and_then(|text| text.chars().next());
        match self.boundaries {
            Boundaries::None => true,
            Boundaries::NonWord => {
                !before().is_some_and(is_python_word) && !behind().is_some_and(is_python_word)
            }
            Boundaries::Whitespace => {
                !self.whole.get(found.pattern().as_usize()).copied().unwrap_or(true)
                    || (before().is_none_or(is_python_whitespace)
                        && behind().is_none_or(is_python_whitespace))
            }
        }
    }
}

/// Whether a character matches `\w` in Python's regular expressions: a letter, a number or `_`.
/// Other than in most languages' expressions, combining marks do not.
fn is_python_word(character: char) -> bool {
    character == '_' || is_alphanumeric(character)
}

/// The lists of a directory, by language, in order.
fn read_directory(
    directory: &Path,
    resources: &mut Vec<Resource>,
) -> Result<Vec<(String, Cow<'static, str>)>, BadWordsError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| BadWordsError::Unreadable { path, source }
    };
    let mut paths = BTreeMap::new();
    for entry in fs::read_dir(directory).map_err(unreadable(directory))? {
        let path = entry.map_err(unreadable(directory))?.path();
        if let Some(language) = language_of(&path).filter(|_| path.is_file()) {
            paths.insert(language.to_owned(), path);
        }
    }
    if paths.is_empty() {
        return Err(BadWordsError::NoLists { path: directory.to_owned() });
    }
    let mut lists = Vec::new();
    for (language, path) in paths {
        let bytes = fs::read(&path).map_err(unreadable(&path))?;
        resources.push(Resource::of("bad words", &path, &bytes));
        let text = String::from_utf8(bytes).map_err(|_| BadWordsError::NotUtf8 { path })?;
        lists.push((language, Cow::Owned(text)));
    }
    Ok(lists)
}

/// The language that a list is for by its name, `en.txt`, `en` or `fr-CA-u-sd-caqc`; `None` if it is
/// no list, such as `LICENSE` and `USERS.md`.
fn language_of(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    let language = name.strip_suffix(".txt").unwrap_or(name);
    let primary = language.split(['-', '_']).next()?;
    let code = (2..=3).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_lowercase())
        && language.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    code.then_some(language)
}

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[Metric {
    name: MATCHES,
    kind: MetricKind::Integer,
    unit: "matches",
    meaning: "words from the language's list of bad words; none if it has no list",
}];

impl Stage for BadWords {
    fn name(&self) -> &str {
        "bad_words"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let own = self.config.language.as_deref().or(document.language());
        let language = own.or(self.config.default_language.as_deref());
        match self.count(document.text(), language) {
            Some(matches) if matches > 0 && self.spares(document.id()) => {
                document.annotate(MATCHES, matches);
            }
            Some(matches) => {
                document.annotate(MATCHES, matches);
                document.test(MATCHES, matches as f64, Bound::AtMost(0.0));
            }
            None => {
                document.note(UNCOVERED);
                if self.config.fail_on_missing_language {
                    document.fail(UNCOVERED);
                }
            }
        }
        document.verdict()
    }

    fn resources(&self) -> Vec<Resource> {
        self.resources.clone()
    }

    fn memory(&self) -> u64 {
        self.lists.values().map(|list| list.automaton.memory_usage() as u64).sum()
    }

    fn remarks(&self) -> Vec<String> {
        match &self.config.language {
            Some(language) if !self.lists.contains_key(language) => {
                vec![format!("no list of bad words, so nothing is tested: {language}")]
            }
            _ => Vec::new(),
        }
    }
}
