//! The line rules of RefinedWeb: menus, counters and buttons go, and a document of which too much
//! went goes as well.
//!
//! Sources: G. Penedo et al., *The RefinedWeb Dataset for Falcon LLM* (2023), appendix G.2, as
//! datamap-rs (commit f771794, 2025) puts it into code: `ratio_line_modifier`,
//! `regex_line_modifier`, `line_len_modifier`, `substring_line_modifier` and
//! `word_removal_ratio_filter`, one after the other. Here a line is seen once.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{fs, io};

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::phrases::Phrases;
use super::lines::{
    LengthUnit, ParameterError, Rewrite, check_ratio, count_bytes, count_words, has_words, steps,
    surely_has_words,
};
use crate::document::{Bound, Document};
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict};
use crate::text::case::ChangesInLowerCase;
use crate::text::segment::{Segmentation, WordsConfig};

mod phrases;
#[cfg(test)]
mod tests;

const REMOVED_LINES: &str = "refinedweb.removed_lines";
const UPPERCASE: &str = "refinedweb.uppercase_lines";
const NUMERIC: &str = "refinedweb.numeric_lines";
const COUNTERS: &str = "refinedweb.counter_lines";
const SHORT: &str = "refinedweb.short_lines";
const SUBSTRINGS: &str = "refinedweb.substring_lines";
const REMOVED_WORDS: &str = "refinedweb.removed_words_ratio";
const EMPTY: &str = "refinedweb.empty";

/// The configuration of [`RefinedWeb`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How words are cut; datamap-rs cuts all languages as `unicode`.
    pub words: WordsConfig,
    /// What a line's length is for the two ratios: `bytes` as in datamap-rs, by which a line of
    /// Cyrillic is never more than half upper case, or `characters`.
    pub unit: LengthUnit,
    /// The highest share of upper-case letters in a line; 0.5 as published. Null is off.
    pub max_uppercase_ratio: Option<f64>,
    /// The highest share of the digits 0 to 9 in a line; 0.999999 as published, so that only lines
    /// of nothing else go. Null is off.
    pub max_numeric_ratio: Option<f64>,
    /// Removes lines that are a number of likes, shares, comments, views and the like.
    pub remove_counters: bool,
    /// The fewest words in a line that is not empty; 2 as published. Null is off.
    pub min_words_per_line: Option<u64>,
    /// Phrases of web pages' interfaces that are taken out of short lines; a line of nothing else
    /// goes. `^` in front binds a phrase to the start of the line, `$` behind it to the end. The
    /// default holds a few of the kinds that the paper names.
    pub phrases: Vec<String>,
    /// A file of more phrases, one a line, in the same form.
    pub substrings: Option<PathBuf>,
    /// Lines with more words than this keep their phrases; 10 as in the paper. Null is no limit,
    /// which is what datamap-rs's published configuration comes to.
    pub max_words_for_phrases: Option<u64>,
    /// Takes only the phrase out of a line; without it the whole line goes.
    pub remove_phrase_only: bool,
    /// Finds phrases in upper and lower case of ASCII. datamap-rs doesn't.
    pub ignore_case: bool,
    /// The highest share of words that may go before the document goes; 0.05 as published. Null is
    /// off.
    pub max_removed_words_ratio: Option<f64>,
}

impl Default for Config {
    fn default() -> Self {
        let phrases = [
            "^sign in",
            "^log in",
            "^skip to content",
            "add to cart",
            "items in your cart",
            "share this page",
            "show more$",
            "continue reading$",
            "read more...$",
            "read more…$",
        ];
        Self {
            words: WordsConfig::default(),
            unit: LengthUnit::Bytes,
            max_uppercase_ratio: Some(0.5),
            max_numeric_ratio: Some(0.999_999),
            remove_counters: true,
            min_words_per_line: Some(2),
            phrases: phrases.map(str::to_owned).to_vec(),
            substrings: None,
            max_words_for_phrases: Some(10),
            remove_phrase_only: true,
            ignore_case: true,
            max_removed_words_ratio: Some(0.05),
        }
    }
}

/// Why the filter could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RefinedWebError {
    /// A parameter makes no sense.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The file of phrases can't be read.
    #[error("substrings: {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file of phrases is not UTF-8.
    #[error("substrings: {} is not UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
}

/// A line, in lower case, that is a count of something.
static COUNTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let things = "likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|\
                  downloads|views|followers";
    Regex::new(&format!(r"^\W*\d[\d,.]*[kmb]?\s+(?:{things})\W*$")).ok()
});

/// The line rules of RefinedWeb.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::refinedweb::{Config, RefinedWeb};
/// use sapwood::stage::Verdict;
///
/// let stage = RefinedWeb::new(&Config { max_removed_words_ratio: None, ..Config::default() })?;
/// let mut document = Document::new("a", "HOME ABOUT\nA line of text.\n3,141 likes");
/// assert_eq!(document.apply(&stage), Verdict::Keep);
/// assert_eq!(document.text(), "A line of text.");
/// # Ok::<(), sapwood::quality::refinedweb::RefinedWebError>(())
/// ```
pub struct RefinedWeb {
    config: Config,
    phrases: Phrases,
    resources: Vec<Resource>,
}

#[derive(Debug, Default)]
struct Found {
    removed: usize,
    uppercase: usize,
    numeric: usize,
    counters: usize,
    short: usize,
    substrings: usize,
    /// Words of lines that went, and those by which others became shorter. Taking out a phrase can
    /// make two words of one.
    removed_words: i64,
}

/// What becomes of a line.
enum Line {
    Same,
    Gone,
    New(String),
}

thread_local! {
    static LOWER: RefCell<String> = const { RefCell::new(String::new()) };
}

impl RefinedWeb {
    /// Checks the parameters and reads the file of phrases.
    pub fn new(config: &Config) -> Result<Self, RefinedWebError> {
        check_ratio("max_uppercase_ratio", config.max_uppercase_ratio)?;
        check_ratio("max_numeric_ratio", config.max_numeric_ratio)?;
        check_ratio("max_removed_words_ratio", config.max_removed_words_ratio)?;
        let mut resources = Vec::new();
        let file = match &config.substrings {
            Some(path) => read(path, &mut resources)?,
            None => String::new(),
        };
        let own = config.phrases.iter().map(String::as_str);
        let phrases = Phrases::new(own.chain(file.lines()), config.ignore_case)?;
        Ok(Self { config: config.clone(), phrases, resources })
    }

    fn line(&self, line: &str, segmentation: Segmentation, found: &mut Found) -> Line {
        let config = &self.config;
        let length = || config.unit.of(line) as f64;
        if let Some(most) = config.max_uppercase_ratio
            && may_exceed(line, most, config.unit)
            && line.chars().filter(|c| c.is_uppercase()).count() as f64 / length() > most
        {
            found.uppercase += 1;
            return Line::Gone;
        }
        if config.max_numeric_ratio.is_some_and(|most| is_numeric(line, most, config.unit)) {
            found.numeric += 1;
            return Line::Gone;
        }
        if config.remove_counters && is_counter(line) {
            found.counters += 1;
            return Line::Gone;
        }
        let too_many = config.max_words_for_phrases.map(|most| most as usize + 1);
        let fewest = config.min_words_per_line.unwrap_or_default() as usize;
        // One look is enough for most lines.
        if too_many.is_some_and(|words| surely_has_words(line, words.max(fewest), segmentation)) {
            return Line::Same;
        }
        if !has_words(line, fewest, segmentation) {
            found.short += 1;
            return Line::Gone;
        }
        let within =
            |line: &str| too_many.is_none_or(|words| !has_words(line, words, segmentation));
        match self.phrases.remove(line, within) {
            None => Line::Same,
            Some(rest) => {
                found.substrings += 1;
                if config.remove_phrase_only && !rest.trim().is_empty() {
                    Line::New(rest)
                } else {
                    Line::Gone
                }
            }
        }
    }

    /// Takes lines out of a text, and says what becomes of it: `None` if it stays as it is.
    fn clean(&self, document: &Document<'_>) -> (Found, Option<String>) {
        let view = document.view();
        let text = view.text();
        let segmentation = self.config.words.segmentation(document.language());
        let mut found = Found::default();
        let mut rewrite = Rewrite::new(text, '\n');
        let mut next = 0;
        // Nothing but their ends is asked of lines, so no table of them is made.
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len()));
        for end in ends {
            let range = std::mem::replace(&mut next, end + 1)..end;
            let line = text.get(range.clone()).unwrap_or_default();
            steps::add(1 + 3 * line.len());
            if line.is_empty() {
                rewrite.keep(range);
                continue;
            }
            let new = self.line(line, segmentation, &mut found);
            let words = |line| count_words(line, segmentation) as i64;
            match new {
                Line::Same => rewrite.keep(range),
                Line::Gone => {
                    found.removed += 1;
                    found.removed_words += words(line);
                }
                Line::New(new) => {
                    found.removed_words += words(line) - words(&new);
                    rewrite.push(&new);
                }
            }
        }
        (found, rewrite.finish())
    }
}

/// Whether the share of upper-case letters in a line can be above a ratio, by a look at its bytes.
fn may_exceed(line: &str, ratio: f64, unit: LengthUnit) -> bool {
    if unit == LengthUnit::Bytes {
        // Letters of ASCII count twice, so that both are whole numbers in one sum.
        let weight = |byte: u8| 2 * u8::from(byte.wrapping_sub(b'A') < 26) + (byte >> 7);
        let pieces = line.as_bytes().chunks(usize::from(u8::MAX / 2));
        let sum =
            |piece: &[u8]| piece.iter().fold(0_u8, |sum, &byte| sum.wrapping_add(weight(byte)));
        let doubled: usize = pieces.map(|piece| usize::from(sum(piece))).sum();
        return doubled as f64 / 2.0 > ratio * line.len() as f64;
    }
    let upper = count_bytes(line, |byte| byte.is_ascii_uppercase());
    let other = count_bytes(line, |byte| byte >= 0x80);
    // Beyond ASCII, a character has two to four bytes.
    let least = (line.len() - other) as f64 + other as f64 / 4.0;
    upper as f64 + other as f64 / 2.0 > ratio * least
}

/// Whether the share of digits in a line is above a ratio.
fn is_numeric(line: &str, ratio: f64, unit: LengthUnit) -> bool {
    if ratio < 1.0 && ratio * line.len() as f64 >= line.len() as f64 - 1.0 {
        // One other character is too many, and most lines begin with one.
        return line.bytes().all(|byte| byte.is_ascii_digit());
    }
    count_bytes(line, |byte| byte.is_ascii_digit()) as f64 / unit.of(line) as f64 > ratio
}

/// Whether a line is a count of likes, shares or the like.
fn is_counter(line: &str) -> bool {
    // What it begins with, but for signs, is a number. Few lines do.
    if line.bytes().next().is_some_and(|first| first.is_ascii_alphabetic()) {
        return false;
    }
    let first = line.chars().find(|c| c.is_alphanumeric() || *c == '_');
    if first.is_none_or(|first| first.is_alphabetic() || first == '_') {
        return false;
    }
    LOWER.with_borrow_mut(|lower| {
        ChangesInLowerCase::get().lower_into(line, lower);
        steps::add(2 * line.len());
        let counter = COUNTER.as_ref().is_some_and(|counter| counter.is_match(lower));
        lower.clear();
        lower.shrink_to(1 << 16);
        counter
    })
}

fn read(path: &Path, resources: &mut Vec<Resource>) -> Result<String, RefinedWebError> {
    let bytes = fs::read(path)
        .map_err(|source| RefinedWebError::Unreadable { path: path.to_owned(), source })?;
    resources.push(Resource::of("substrings", path, &bytes));
    String::from_utf8(bytes).map_err(|_| RefinedWebError::NotUtf8 { path: path.to_owned() })
}

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[
    count(REMOVED_LINES, "lines that are removed"),
    count(UPPERCASE, "lines removed for upper case"),
    count(NUMERIC, "lines removed for being a number, among those not removed before"),
    count(
        COUNTERS,
        "lines removed for being a count of likes, views and the like, among those not removed before",
    ),
    count(SHORT, "lines removed for too few words, among those not removed before"),
    count(
        SUBSTRINGS,
        "lines that lost a phrase of web pages' interfaces, or went for it, among those not removed before",
    ),
    Metric {
        name: REMOVED_WORDS,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of the text's words that are removed",
    },
];

const fn count(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, kind: MetricKind::Integer, unit: "lines", meaning }
}

impl Stage for RefinedWeb {
    fn name(&self) -> &str {
        "refinedweb"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let (found, text) = self.clean(document);
        let ratio = match found.removed_words {
            ..=0 => 0.0,
            removed => {
                let segmentation = self.config.words.segmentation(document.language());
                removed as f64 / document.view().number_of_words(segmentation).max(1) as f64
            }
        };
        document.annotate(REMOVED_LINES, found.removed);
        document.annotate(UPPERCASE, found.uppercase);
        document.annotate(NUMERIC, found.numeric);
        document.annotate(COUNTERS, found.counters);
        document.annotate(SHORT, found.short);
        document.annotate(SUBSTRINGS, found.substrings);
        document.annotate(REMOVED_WORDS, ratio);
        if let Some(most) = self.config.max_removed_words_ratio {
            document.test(REMOVED_WORDS, ratio, Bound::AtMost(most));
        }
        let left = text.as_deref().unwrap_or(document.text());
        if left.bytes().all(|byte| byte == b'\n') {
            document.fail(EMPTY);
        }
        if let Some(text) = text
            && document.verdict() == Verdict::Keep
        {
            document.set_text(text);
        }
        document.verdict()
    }

    fn changes_text(&self) -> bool {
        true
    }

    fn resources(&self) -> Vec<Resource> {
        self.resources.clone()
    }
}
