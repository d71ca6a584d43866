//! The operations that ROOTS cleaned its catalogued sources with, under the names that ROOTS gave
//! them, one after the other as the pipeline file lists them.
//!
//! Source: BigScience's `data-preparation`, folder `01a_catalogue_cleaning_and_filtering` (2022),
//! and for `remove_duplicate_lines` its pseudo-crawl. ROOTS gave each source its own list. Texts are
//! the same to the byte, but for two operations: `split_sentences_*` cuts at the sentence boundaries
//! of UAX #29 where ROOTS asked stanza, NLTK, indic-nlp or underthesea, and `remove_references_*`
//! looks words up in the shipped lists of stop words, which are not those of ROOTS.
//!
//! What needs all documents (`dedup_*`) is the affair of the deduplicating stages.

use std::path::PathBuf;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::operation::{BARRIERS, SENTENCE_LANGUAGES};
use self::stopwords::Stopwords;
use super::fields;
use crate::document::{Bound, Document};
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict, intern};
use crate::text::whitespace::python_strip;

mod operation;
mod stopwords;
#[cfg(test)]
mod tests;
mod texts;

pub use self::operation::{NAMES, Operation, Parameters};
pub use self::texts::min_bytes;

const REMOVED_CHARACTERS: &str = "roots_catalogue.removed_characters";
const BYTES: &str = "roots_catalogue.bytes";
const NO_TITLE: &str = "roots_catalogue.no_title";
const NO_TYPE: &str = "roots_catalogue.no_type";
const NO_STOPWORDS: &str = "roots_catalogue.no_stopwords";

/// Parameters of [`RootsCatalogue`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What is done, in this order: names as in ROOTS, such as `remove_lines_with_code`, or a name
    /// with parameters, such as `remove_references: {language: fr}`. At least one; there is no
    /// default, because ROOTS had another list for every source.
    pub operations: Vec<Operation>,
    /// A directory of stop-word lists for `remove_references`, `LANG.txt`, one word a line, instead
    /// of the shipped ones. Case counts, as in ROOTS.
    pub stopwords: Option<PathBuf>,
    /// The field with the title of a wiki page; `meta.title` as in ROOTS. A document without it is
    /// kept by `filter_wiki_user_titles` and noted as `roots_catalogue.no_title`.
    pub title_field: String,
    /// The field with the type of a wiki page; `meta.type` as in ROOTS. A document without it is
    /// kept by `filter_wiki_non_text_type` and noted as `roots_catalogue.no_type`.
    pub type_field: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            operations: Vec::new(),
            stopwords: None,
            title_field: "meta.title".to_owned(),
            type_field: "meta.type".to_owned(),
        }
    }
}

/// Why the stage could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// There is nothing to do.
    #[error("operations: name at least one of {}", NAMES.join(", "))]
    Empty,
    /// There is no such operation.
    #[error("operations.{number}: there is no `{name}`; did you mean `{nearest}`?")]
    Unknown {
        /// Its place in the list, from 0.
        number: usize,
        /// Its name.
        name: String,
        /// The name of the most similar one.
        nearest: &'static str,
    },
    /// The operation looks at more than one document.
    #[error("operations.{number}: `{name}` needs all documents: {instead}")]
    NeedsAllDocuments {
        /// Its place in the list, from 0.
        number: usize,
        /// Its name.
        name: String,
        /// What to do.
        instead: &'static str,
    },
    /// A parameter is missing, out of its range, or of another operation.
    #[error("operations.{number}: `{name}`: {message}")]
    Parameter {
        /// The operation's place in the list, from 0.
        number: usize,
        /// The operation's name.
        name: String,
        /// What is wrong.
        message: String,
    },
    /// A file or directory of stop words could not be read.
    #[error("stopwords: {} cannot be read", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A list of stop words is not UTF-8.
    #[error("stopwords: {} is not UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
}

/// What an operation does.
enum Kind {
    ReplaceNewlines,
    RemoveLines(Regex),
    StripSubstrings(Regex),
    RemoveReferences { language: Option<String>, ratio: Option<f64> },
    SplitSentences,
    RemoveDuplicateLines,
    NotEmpty,
    NoUserTitle,
    TextType,
    MinWords(u64),
    MinBytes(u64),
    MinBytesByLanguage,
}

impl Kind {
    fn changes_text(&self) -> bool {
        matches!(
            self,
            Kind::ReplaceNewlines
                | Kind::RemoveLines(_)
                | Kind::StripSubstrings(_)
                | Kind::RemoveReferences { .. }
                | Kind::SplitSentences
                | Kind::RemoveDuplicateLines
        )
    }
}

/// What an operation found.
enum Outcome {
    Nothing,
    Text(String),
    Test(f64, Bound),
    Fail,
    Note(&'static str),
}

/// Does the operations of its configuration in their order. A document that one of them drops goes
/// through the others as well, so that every reason is known; the first is that of the verdict.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::roots_catalogue::{Config, Operation, RootsCatalogue};
/// use sapwood::stage::Verdict;
///
/// let names = ["remove_lines_with_code", "filter_remove_empty_docs"];
/// let operations = names.map(Operation::named).to_vec();
/// let stage = RootsCatalogue::new(&Config { operations, ..Config::default() })?;
/// let mut document = Document::new("a", "text\nif (a) {\n");
/// assert_eq!(document.apply(&stage), Verdict::Keep);
/// assert_eq!(document.text(), "text\n");
/// # Ok::<(), sapwood::quality::roots_catalogue::CatalogueError>(())
/// ```
pub struct RootsCatalogue {
    operations: Vec<(&'static str, Kind)>,
    stopwords: Stopwords,
    title_field: String,
    type_field: String,
    resources: Vec<Resource>,
}

impl RootsCatalogue {
    /// Checks the operations and reads the lists that they need. Relative paths are taken from the
    /// working directory.
    ///
    /// # Errors
    /// If a name or a parameter is not known, or a list can't be read.
    pub fn new(config: &Config) -> Result<Self, CatalogueError> {
        if config.operations.is_empty() {
            return Err(CatalogueError::Empty);
        }
        let mut resources = Vec::new();
        let stopwords = match &config.stopwords {
            Some(directory) => Stopwords::read(directory, &mut resources)?,
            None if config.operations.iter().any(|o| o.name.starts_with("remove_references")) => {
                Stopwords::shipped()
            }
            None => Stopwords::default(),
        };
        let mut operations = Vec::new();
        for (number, operation) in config.operations.iter().enumerate() {
            let kind = build(number, operation, &stopwords)?;
            operations.push((intern(&format!("roots_catalogue.{}", operation.name)), kind));
        }
        Ok(Self {
            operations,
            stopwords,
            title_field: config.title_field.clone(),
            type_field: config.type_field.clone(),
            resources,
        })
    }

    /// Does one operation on a text, which is the document's as the operations before have left it.
    fn look(&self, kind: &Kind, text: &str, document: &Document<'_>) -> Outcome {
        let changed = |text: Option<String>| text.map_or(Outcome::Nothing, Outcome::Text);
        let pass = |passes: bool| if passes { Outcome::Nothing } else { Outcome::Fail };
        match kind {
            Kind::ReplaceNewlines => changed(texts::replace_newlines(text)),
            Kind::RemoveLines(pattern) => changed(texts::remove_lines(text, pattern)),
            Kind::StripSubstrings(pattern) => changed(texts::strip_substrings(text, pattern)),
            Kind::RemoveReferences { language, ratio } => {
                let language = language.as_deref().or(document.language()).unwrap_or_default();
                let ratio = ratio.or_else(|| stopwords::ratio(language));
                match (self.stopwords.get(language), ratio) {
                    (Some(words), Some(ratio)) => {
                        changed(texts::remove_references(text, words, ratio))
                    }
                    _ => Outcome::Note(NO_STOPWORDS),
                }
            }
            Kind::SplitSentences => changed(texts::split_sentences(text)),
            Kind::RemoveDuplicateLines => changed(texts::remove_duplicate_lines(text)),
            Kind::NotEmpty => pass(!python_strip(text).is_empty()),
            Kind::NoUserTitle => match fields::text(&document.fields(), &self.title_field) {
                // With the space, as in ROOTS: `User:` passes.
                Some(title) => pass(!title.starts_with("User ")),
                None => Outcome::Note(NO_TITLE),
            },
            Kind::TextType => match fields::text(&document.fields(), &self.type_field) {
                Some(kind) => pass(kind == "text"),
                None => Outcome::Note(NO_TYPE),
            },
            Kind::MinWords(words) => {
                let pieces = memchr::memchr_iter(b' ', text.as_bytes()).count() + 1;
                Outcome::Test(pieces as f64, Bound::AtLeast(*words as f64))
            }
            Kind::MinBytes(bytes) => {
                Outcome::Test(text.len() as f64, Bound::AtLeast(*bytes as f64))
            }
            Kind::MinBytesByLanguage => match document.language().and_then(min_bytes) {
                Some(bytes) => Outcome::Test(text.len() as f64, Bound::AtLeast(bytes as f64)),
                None => Outcome::Nothing,
            },
        }
    }
}

/// Checks an operation.
fn build(
    number: usize,
    operation: &Operation,
    stopwords: &Stopwords,
) -> Result<Kind, CatalogueError> {
    let Operation { name, parameters } = operation;
    let wrong = |message: String| CatalogueError::Parameter { number, name: name.clone(), message };
    let is_called = |barrier: &str| match barrier.split_once('…') {
        // The variants for one site have the name of a dataset in the middle.
        Some((start, end)) => name.starts_with(start) && name.ends_with(end),
        None => name == barrier,
    };
    if let Some((_, instead)) = BARRIERS.iter().find(|(barrier, _)| is_called(barrier)) {
        return Err(CatalogueError::NeedsAllDocuments { number, name: name.clone(), instead });
    }
    let lines = |substrings: &[&str]| {
        let pattern = texts::any_of(substrings).map_err(|error| wrong(error.to_string()))?;
        Ok(Kind::RemoveLines(pattern))
    };
    // Which parameters were used: what is left must be none.
    let mut left = parameters.clone();
    let kind = match name.as_str() {
        "replace_newline_with_space" => Kind::ReplaceNewlines,
        "remove_lines_with_code" => lines(texts::CODE)?,
        "remove_html_spans" => lines(texts::HTML)?,
        "remove_html_spans_sanad" => lines(texts::SANAD)?,
        "remove_wiki_mojibake" => lines(texts::MOJIBAKE)?,
        "strip_substrings" | "strip_substrings_en_wiktionary" => {
            let Some(substrings) = left.substrings.take() else {
                let message = "the list of ROOTS does not come with sapwood (the paper on ROOTS has \
                               it in its appendix B): give `substrings: […]`";
                return Err(wrong(message.to_owned()));
            };
            if substrings.is_empty() || substrings.iter().any(String::is_empty) {
                return Err(wrong("substrings: there must be some, and none empty".to_owned()));
            }
            let pattern = texts::any_of(&substrings)
                .map_err(|error| wrong(format!("substrings: {error}")))?;
            Kind::StripSubstrings(pattern)
        }
        "split_sentences" => Kind::SplitSentences,
        "remove_duplicate_lines" => Kind::RemoveDuplicateLines,
        "filter_remove_empty_docs" => Kind::NotEmpty,
        "filter_wiki_user_titles" => Kind::NoUserTitle,
        "filter_wiki_non_text_type" => Kind::TextType,
        "filter_small_docs" => Kind::MinWords(left.min_words.take().unwrap_or(15)),
        "filter_small_docs_by_language" => Kind::MinBytesByLanguage,
        "filter_small_docs_bytes" => match left.min_bytes.take() {
            Some(bytes) => Kind::MinBytes(bytes),
            None => return Err(wrong("give `min_bytes`; ROOTS took 300 or 1024".to_owned())),
        },
        "remove_references" => {
            let language = left.language.take();
            references(language, left.ratio.take(), stopwords).map_err(wrong)?
        }
        _ => {
            let rest = |prefix: &str| name.strip_prefix(prefix).filter(|rest| !rest.is_empty());
            if let Some(language) = rest("remove_references_") {
                let ratio = left.ratio.take();
                references(Some(language.to_owned()), ratio, stopwords).map_err(wrong)?
            } else if let Some(language) = rest("split_sentences_") {
                if !SENTENCE_LANGUAGES.contains(&language) {
                    return Err(wrong(format!(
                        "ROOTS had it for {}; `split_sentences` is for all languages",
                        SENTENCE_LANGUAGES.join(", ")
                    )));
                }
                Kind::SplitSentences
            } else if let Some(Ok(bytes)) = rest("filter_small_docs_bytes_").map(str::parse) {
                Kind::MinBytes(bytes)
            } else {
                let similarity = |known: &str| strsim::damerau_levenshtein(name, known);
                let nearest = NAMES.iter().min_by_key(|known| similarity(known));
                let nearest = nearest.copied().unwrap_or_default();
                return Err(CatalogueError::Unknown { number, name: name.clone(), nearest });
            }
        }
    };
    for (key, given) in [
        ("language", left.language.is_some()),
        ("ratio", left.ratio.is_some()),
        ("substrings", left.substrings.is_some()),
        ("min_bytes", left.min_bytes.is_some()),
        ("min_words", left.min_words.is_some()),
    ] {
        if given {
            return Err(wrong(format!("it takes no `{key}`")));
        }
    }
    Ok(kind)
}

/// Checks that there is a list and a ratio for the language, if it is known beforehand.
fn references(
    language: Option<String>,
    ratio: Option<f64>,
    stopwords: &Stopwords,
) -> Result<Kind, String> {
    if let Some(ratio) = ratio.filter(|ratio| !(0.0..=1.0).contains(ratio)) {
        return Err(format!("ratio ({ratio}) must be from 0 to 1"));
    }
    let language = language.filter(|language| language != "auto");
    if let Some(language) = &language {
        if stopwords.get(language).is_none() {
            let known: Vec<&str> = stopwords.languages().collect();
            let known = known.join(", ");
            return Err(format!("there is no list of stop words for {language}, only for {known}"));
        }
        if ratio.is_none() && stopwords::ratio(language).is_none() {
            return Err(format!("ROOTS had no ratio for {language}: give `ratio`"));
        }
    }
    Ok(Kind::RemoveReferences { language, ratio })
}

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[
    Metric {
        name: REMOVED_CHARACTERS,
        kind: MetricKind::Integer,
        unit: "code points",
        meaning: "by how much the operations made the text shorter",
    },
    Metric {
        name: BYTES,
        kind: MetricKind::Integer,
        unit: "bytes",
        meaning: "length of the text in UTF-8 after the last operation",
    },
];

impl Stage for RootsCatalogue {
    fn name(&self) -> &str {
        "roots_catalogue"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let mut changed: Option<String> = None;
        for (rule, kind) in &self.operations {
            let text = changed.as_deref().unwrap_or(document.text());
            match self.look(kind, text, document) {
                Outcome::Nothing => {}
                Outcome::Text(text) => changed = Some(text),
                Outcome::Test(value, bound) => document.test(rule, value, bound),
                Outcome::Fail => document.fail(*rule),
                Outcome::Note(note) => document.note(note),
            }
        }
        let mut removed = 0;
        if let Some(text) = changed.filter(|text| text != document.text()) {
            removed = document.view().characters().saturating_sub(text.chars().count());
            document.set_text(text);
        }
        document.annotate(REMOVED_CHARACTERS, removed);
        document.annotate(BYTES, document.text().len());
        document.verdict()
    }

    fn changes_text(&self) -> bool {
        self.operations.iter().any(|(_, kind)| kind.changes_text())
    }

    fn resources(&self) -> Vec<Resource> {
        self.resources.clone()
    }

    fn memory(&self) -> u64 {
        self.stopwords.memory()
    }

    fn remarks(&self) -> Vec<String> {
        let splits = |(_, kind): &(_, Kind)| matches!(kind, Kind::SplitSentences);
        if self.operations.iter().any(splits) {
            return vec![
                "sentences are those of UAX #29, not those that ROOTS' libraries found".to_owned(),
            ];
        }
        Vec::new()
    }
}
