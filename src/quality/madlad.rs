//! The sentence rules of MADLAD-400: a document goes if too many of its sentences are questionable.
//!
//! Sources: S. Kudugunta et al., *MADLAD-400: A Multilingual And Document-Level Large Audited
//! Dataset* (2023), as datamap-rs (commit f771794, 2025) puts it into code
//! (`madlad400_sentence_annotator`). The rule on the language of each sentence is not here: it needs
//! a model, and `classify` scores with those.

use std::path::{Path, PathBuf};
use std::{fs, io};

use aho_corasick::{AhoCorasick, MatchKind};
use regex::RegexSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lines::{
    LengthUnit, ParameterError, Prefilter, check_ratio, count_bytes, phrases, steps,
};
use crate::document::{Bound, Document};
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict};
use crate::text::segment::WordsConfig;
use crate::text::view::Words;

#[cfg(test)]
mod tests;

const SENTENCES: &str = "madlad.sentences";
const LIST_CASE: &str = "madlad.list_case_sentences";
const LENGTH: &str = "madlad.abnormal_length_sentences";
const TECHNICAL: &str = "madlad.technical_sentences";
const CURSED: &str = "madlad.cursed_sentences";
const QUESTIONABLE: &str = "madlad.questionable_ratio";
const TOO_FEW_SENTENCES: &str = "madlad.too_few_sentences";

/// The configuration of [`Madlad`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How words are cut for the rule on list case; datamap-rs cuts all languages as `unicode`.
    pub words: WordsConfig,
    /// In what the length of sentences is measured: `bytes` as in datamap-rs, or `characters`.
    pub unit: LengthUnit,
    /// The fewest sentences of a document; 5 as published. With fewer, no share of them is held
    /// against a threshold.
    pub min_sentences: u64,
    /// Drops documents with fewer sentences, for `madlad.too_few_sentences`; without it they pass.
    pub drop_short: bool,
    /// The highest share of a sentence's words that may begin in upper case; 0.5 as published. Null
    /// switches the rule off.
    pub max_capitalised_ratio: Option<f64>,
    /// The fewest words of a sentence that is held against `max_capitalised_ratio`; 12 as published.
    pub min_list_words: u64,
    /// The shortest sentence that is not questionable; 20 as published. Null is off.
    pub min_sentence_length: Option<u64>,
    /// The longest sentence that is not questionable; 500 as published. Null is off.
    pub max_sentence_length: Option<u64>,
    /// The highest share of digits and of the signs `{}+/()>` in a sentence; 0.2 as published. Null
    /// is off.
    pub max_technical_ratio: Option<f64>,
    /// Strings that make a sentence questionable, in upper and lower case as they stand. The default
    /// holds four kinds that the paper describes: broken encoding, and placeholder text.
    pub cursed: Vec<String>,
    /// A file of more such strings, one a line, white space at their ends included.
    pub cursed_file: Option<PathBuf>,
    /// Regular expressions that make a sentence questionable if they match in it.
    pub cursed_patterns: Vec<String>,
    /// The highest share of questionable sentences that a document is kept with; 0.2 as published.
    /// Null is off.
    pub max_questionable_ratio: Option<f64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            words: WordsConfig::default(),
            unit: LengthUnit::Bytes,
            min_sentences: 5,
            drop_short: true,
            max_capitalised_ratio: Some(0.5),
            min_list_words: 12,
            min_sentence_length: Some(20),
            max_sentence_length: Some(500),
            max_technical_ratio: Some(0.2),
            cursed: ["\u{FFFD}\u{FFFD}", "Ã\u{83}Â", "orem ipsum ", " dolor sit amet"]
                .map(str::to_owned)
                .to_vec(),
            cursed_file: None,
            cursed_patterns: Vec::new(),
            max_questionable_ratio: Some(0.2),
        }
    }
}

/// Why the filter could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MadladError {
    /// A parameter makes no sense.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// A pattern is no regular expression.
    #[error("cursed_patterns: {0}")]
    Pattern(#[from] regex::Error),
    /// The file of strings can't be read.
    #[error("cursed_file: {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file of strings is not UTF-8.
    #[error("cursed_file: {} is not UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
}

/// The sentence rules of MADLAD-400.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::madlad::{Config, Madlad};
/// use sapwood::stage::Verdict;
///
/// let stage = Madlad::new(&Config::default())?;
/// let mut document = Document::new("a", "No! Not! At! All! Short!");
/// assert_eq!(document.apply(&stage), Verdict::Drop("madlad.questionable_ratio".into()));
/// # Ok::<(), sapwood::quality::madlad::MadladError>(())
/// ```
pub struct Madlad {
    config: Config,
    cursed: Option<AhoCorasick>,
    prefilter: Option<Prefilter>,
    patterns: Option<RegexSet>,
    resources: Vec<Resource>,
}

#[derive(Debug, Default)]
struct Found {
    sentences: usize,
    list_case: usize,
    length: usize,
    technical: usize,
    cursed: usize,
    questionable: usize,
}

impl Madlad {
    /// Checks the parameters and reads the file of strings.
    pub fn new(config: &Config) -> Result<Self, MadladError> {
        check_ratio("max_capitalised_ratio", config.max_capitalised_ratio)?;
        check_ratio("max_technical_ratio", config.max_technical_ratio)?;
        check_ratio("max_questionable_ratio", config.max_questionable_ratio)?;
        if let (Some(least), Some(most)) = (config.min_sentence_length, config.max_sentence_length)
            && least > most
        {
            let expected = "no more than max_sentence_length";
            return Err(ParameterError { key: "min_sentence_length", expected }.into());
        }
        let mut resources = Vec::new();
        let file = match &config.cursed_file {
            Some(path) => read(path, &mut resources)?,
            None => String::new(),
        };
        let strings = config.cursed.iter().map(String::as_str).chain(file.lines());
        let strings: Vec<&str> = strings.filter(|string| !string.is_empty()).collect();
        Ok(Self {
            prefilter: Prefilter::new(strings.iter().copied(), false),
            cursed: (!strings.is_empty())
                .then(|| phrases(strings, false, MatchKind::Standard))
                .transpose()?,
            patterns: (!config.cursed_patterns.is_empty())
                .then(|| RegexSet::new(&config.cursed_patterns))
                .transpose()?,
            resources,
            config: config.clone(),
        })
    }

    fn measure(&self, document: &Document<'_>) -> Found {
        let view = document.view();
        let text = view.text();
        let segmentation = self.config.words.segmentation(document.language());
        let words = self.config.max_capitalised_ratio.map(|most| (most, view.words(segmentation)));
        // If the text has none of the strings, no sentence has.
        let cursed = self
            .cursed
            .as_ref()
            .filter(|_| self.prefilter.as_ref().is_none_or(|prefilter| prefilter.may_match(text)));
        let mut next = 0;
        let mut found = Found::default();
        visit_sentences(text, |start, end| {
            let sentence = text.get(start..end).unwrap_or_default();
            let list_case = words
                .is_some_and(|(most, words)| self.is_list_case(text, words, &mut next, end, most));
            let length = self.has_abnormal_length(sentence);
            let technical = self.config.max_technical_ratio.is_some_and(|most| {
                let number = count_bytes(sentence, is_technical);
                number > 0 && number as f64 / self.config.unit.of(sentence) as f64 > most
            });
            let cursed = self.is_cursed(sentence, cursed);
            steps::add(3 * sentence.len());
            found.sentences += 1;
            found.list_case += usize::from(list_case);
            found.length += usize::from(length);
            found.technical += usize::from(technical);
            found.cursed += usize::from(cursed);
            found.questionable += usize::from(list_case || length || technical || cursed);
        });
        found
    }

    /// Whether most of the words up to a byte of the text begin in upper case, from the word `next`
    /// on, which is moved to that byte.
    fn is_list_case(
        &self,
        text: &str,
        words: &Words,
        next: &mut usize,
        end: usize,
        most: f64,
    ) -> bool {
        let first = *next;
        let mut capitalised = 0_usize;
        while let Some(&(start, _)) = words.spans().get(*next)
            && (start as usize) < end
        {
            capitalised += usize::from(is_capitalised(text, start as usize));
            *next += 1;
        }
        let number = *next - first;
        steps::add(number);
        number as u64 >= self.config.min_list_words && capitalised as f64 > most * number as f64
    }

    fn has_abnormal_length(&self, sentence: &str) -> bool {
        let length = self.config.unit.of(sentence) as u64;
        self.config.min_sentence_length.is_some_and(|least| length < least)
            || self.config.max_sentence_length.is_some_and(|most| length > most)
    }

    fn is_cursed(&self, sentence: &str, strings: Option<&AhoCorasick>) -> bool {
        strings.is_some_and(|strings| strings.is_match(sentence))
            || self.patterns.as_ref().is_some_and(|patterns| patterns.is_match(sentence))
    }
}

/// Whether the character at a byte of a text is in upper case.
fn is_capitalised(text: &str, at: usize) -> bool {
    match text.as_bytes().get(at) {
        Some(byte @ ..0x80) => byte.is_ascii_uppercase(),
        // What these begin, U+0800 to U+0FFF and U+3000 to U+9FFF, has no upper case.
        None | Some(0xE0 | 0xE3..=0xE9) => false,
        Some(_) => {
            text.get(at..).and_then(|word| word.chars().next()).is_some_and(char::is_uppercase)
        }
    }
}

fn is_bracket(byte: u8) -> bool {
    (byte == b'{') | (byte == b'}') | (byte == b'(') | (byte == b')')
}

fn is_technical(byte: u8) -> bool {
    byte.is_ascii_digit() | is_bracket(byte) | (byte == b'+') | (byte == b'/') | (byte == b'>')
}

/// Walks over the sentences of a text: what stands between runs of `.`, `!` and `?` that white space
/// follows, if it is not blank. The marks are not part of the sentence, but for those at the end of
/// the text.
fn visit_sentences(text: &str, mut visit: impl FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    let is_mark = |byte: &u8| matches!(byte, b'.' | b'!' | b'?');
    let mut sentence = |start: usize, end: usize| {
        steps::add(end - start);
        if text.get(start..end).is_some_and(|sentence| !sentence.trim().is_empty()) {
            visit(start, end);
        }
    };
    let (mut start, mut from) = (0, 0);
    while let Some(found) =
        bytes.get(from..).and_then(|rest| memchr::memchr3(b'.', b'!', b'?', rest))
    {
        let mark = from + found;
        let behind = mark + bytes.iter().skip(mark).take_while(|byte| is_mark(byte)).count();
        let rest = text.get(behind..).unwrap_or_default();
        from = text.len() - rest.trim_start().len();
        if from > behind {
            sentence(start, mark);
            start = from;
        }
    }
    sentence(start, text.len());
}

fn read(path: &Path, resources: &mut Vec<Resource>) -> Result<String, MadladError> {
    let bytes = fs::read(path)
        .map_err(|source| MadladError::Unreadable { path: path.to_owned(), source })?;
    resources.push(Resource::of("cursed strings", path, &bytes));
    String::from_utf8(bytes).map_err(|_| MadladError::NotUtf8 { path: path.to_owned() })
}

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[
    count(SENTENCES, "pieces between runs of `.!?` with white space behind, but for blank ones"),
    count(LIST_CASE, "sentences most of whose words begin in upper case"),
    count(LENGTH, "sentences that are too short or too long"),
    count(TECHNICAL, "sentences with many digits and technical signs"),
    count(CURSED, "sentences with a string or pattern of the list"),
    Metric {
        name: QUESTIONABLE,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of sentences that fail any of the rules; 0 if there is no sentence",
    },
];

const fn count(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, kind: MetricKind::Integer, unit: "sentences", meaning }
}

impl Stage for Madlad {
    fn name(&self) -> &str {
        "madlad"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let found = self.measure(document);
        let ratio = found.questionable as f64 / found.sentences.max(1) as f64;
        document.annotate(SENTENCES, found.sentences);
        document.annotate(LIST_CASE, found.list_case);
        document.annotate(LENGTH, found.length);
        document.annotate(TECHNICAL, found.technical);
        document.annotate(CURSED, found.cursed);
        document.annotate(QUESTIONABLE, ratio);
        if self.config.drop_short {
            let fewest = Bound::AtLeast(self.config.min_sentences as f64);
            document.test(TOO_FEW_SENTENCES, found.sentences as f64, fewest);
        }
        if let Some(most) = self.config.max_questionable_ratio
            && found.sentences as u64 >= self.config.min_sentences
        {
            document.test(QUESTIONABLE, ratio, Bound::AtMost(most));
        }
        document.verdict()
    }

    fn resources(&self) -> Vec<Resource> {
        self.resources.clone()
    }
}
