//! The line and document rules of C4.
//!
//! Sources: C. Raffel et al., *Exploring the Limits of Transfer Learning with a Unified Text-to-Text
//! Transformer* (2020), as datatrove 0.10 (`C4QualityFilter`) and dolma 1.2 (the tagger `c4_v2`)
//! put it into code. The rules on words, characters and white space are equal to theirs; sentences
//! are cut by Unicode Standard Annex #29, where datatrove asks spaCy's rules for English.

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::LazyLock;

use super::lines::{ParameterError, Prefilter, Rewrite, has_long_word, has_words, phrases, steps};
use crate::document::{Bound, Document};
use crate::stage::{Metric, MetricKind, Stage, Verdict};
use crate::text::classes::splitlines;
use crate::text::segment::{Segmentation, WordsConfig, sentence_count, sentences};
use crate::text::view::Words;
use crate::text::whitespace::{is_python_whitespace, python_strip};

#[cfg(test)]
mod tests;

const LINES: &str = "c4.lines";
const SENTENCES: &str = "c4.sentences";
const REMOVED_LINES: &str = "c4.removed_lines";
const REMOVED_CHARACTERS: &str = "c4.removed_characters";
const LONG_WORDS: &str = "c4.lines_with_long_words";
const NO_TERMINAL: &str = "c4.lines_without_terminal_punctuation";
const FEW_WORDS: &str = "c4.lines_with_few_words";
const JAVASCRIPT: &str = "c4.lines_with_javascript";
const POLICY: &str = "c4.lines_with_policy";
const LOREM_IPSUM: &str = "c4.lorem_ipsum";
const CURLY_BRACKET: &str = "c4.curly_bracket";
const ANY_JAVASCRIPT: &str = "c4.javascript";
const TOO_FEW_SENTENCES: &str = "c4.too_few_sentences";
const EMPTY: &str = "c4.empty";

/// Whose reading of C4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// Lines that fail are taken out of the text, then the document is judged.
    #[default]
    Datatrove,
    /// Every rule is measured over all lines of the text as it is, and nothing is removed.
    Dolma,
}

/// What the rules for lines look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Lines.
    #[default]
    Lines,
    /// Sentences. Those that are kept are joined with a space.
    Sentences,
}

/// The configuration of [`C4`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `datatrove` removes lines and drops documents; `dolma` measures all rules over all lines and
    /// removes nothing, and of the parameters it knows only `words`, `min_words_per_line` and
    /// `terminal_punctuation`.
    pub variant: Variant,
    /// What the line rules look at, `lines` as published, or `sentences`.
    pub unit: Unit,
    /// How words are cut for the rules on words. C4 cuts at white space, so that does this stage if
    /// nothing is given; most lines in scripts without spaces then have too few words.
    pub words: Option<WordsConfig>,
    /// Takes out `[1]`, `[]`, `[edit]` and `[citation needed]`, as Wikipedia has them.
    pub remove_citations: bool,
    /// Removes lines that don't end in terminal punctuation, or end in `...`.
    pub require_terminal_punctuation: bool,
    /// The marks that end a line. If not given, `.?!"'` for `datatrove` and `.?!"` for `dolma`.
    pub terminal_punctuation: Option<String>,
    /// The fewest words that a line is kept with; 3 as published. Null is off.
    pub min_words_per_line: Option<u64>,
    /// The most code points that a word may have before its line is removed; 1000 as published.
    /// Null is off.
    pub max_word_characters: Option<u64>,
    /// Drops documents with a line that speaks of "lorem ipsum", the placeholder of typesetters.
    pub drop_lorem_ipsum: bool,
    /// Removes lines that speak of "javascript": most ask to switch it on.
    pub remove_javascript_lines: bool,
    /// Drops documents with a `{`, which natural language has not.
    pub drop_curly_brackets: bool,
    /// Removes lines that speak of terms of use, privacy policies or the use of cookies.
    pub remove_policy_lines: bool,
    /// The fewest sentences in the kept lines that a document is kept with; 5 as published. Null is
    /// off.
    pub min_sentences: Option<u64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            variant: Variant::Datatrove,
            unit: Unit::Lines,
            words: None,
            remove_citations: true,
            require_terminal_punctuation: true,
            terminal_punctuation: None,
            min_words_per_line: Some(3),
            max_word_characters: Some(1000),
            drop_lorem_ipsum: true,
            remove_javascript_lines: true,
            drop_curly_brackets: true,
            remove_policy_lines: true,
            min_sentences: Some(5),
        }
    }
}

/// What a phrase stands for, one bit each.
mod mark {
    pub(super) const LOREM_IPSUM: u8 = 1;
    pub(super) const JAVASCRIPT: u8 = 2;
    pub(super) const CURLY_BRACKET: u8 = 4;
    pub(super) const POLICY: u8 = 8;
}

/// The Kelvin sign is the one letter beyond ASCII whose lower case, `k`, makes a phrase complete.
const PHRASES: [(&str, u8); 13] = [
    ("lorem ipsum", mark::LOREM_IPSUM),
    ("javascript", mark::JAVASCRIPT),
    ("{", mark::CURLY_BRACKET),
    ("terms of use", mark::POLICY),
    ("privacy policy", mark::POLICY),
    ("cookie policy", mark::POLICY),
    ("coo\u{212A}ie policy", mark::POLICY),
    ("uses cookies", mark::POLICY),
    ("uses coo\u{212A}ies", mark::POLICY),
    ("use of cookies", mark::POLICY),
    ("use of coo\u{212A}ies", mark::POLICY),
    ("use cookies", mark::POLICY),
    ("use coo\u{212A}ies", mark::POLICY),
];

static CITATION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\[(?:\d*|edit|citation needed)\]").ok());

/// The line and document rules of C4.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::c4::{C4, Config};
/// use sapwood::stage::Verdict;
///
/// let c4 = C4::new(&Config { min_sentences: Some(2), ..Config::default() })?;
/// let mut document = Document::new("a", "Home\nThe first sentence. The second one.[1]\nLog in\n");
/// assert_eq!(document.apply(&c4), Verdict::Keep);
/// assert_eq!(document.text(), "The first sentence. The second one.");
/// # Ok::<(), sapwood::quality::lines::ParameterError>(())
/// ```
pub struct C4 {
    config: Config,
    terminal: String,
    phrases: AhoCorasick,
    marks: Vec<u8>,
    /// For the phrases that are longer than one byte; the other one is `{`.
    prefilter: Option<Prefilter>,
}

/// What the rules for lines found.
#[derive(Debug, Default)]
struct Found {
    lines: usize,
    removed: usize,
    long_words: usize,
    no_terminal: usize,
    few_words: usize,
    javascript: usize,
    policy: usize,
    lorem_ipsum: usize,
    curly_bracket: usize,
    curly_bracket_first: bool,
    sentences: usize,
}

impl C4 {
    /// Checks the parameters.
    pub fn new(config: &Config) -> Result<Self, ParameterError> {
        if config.terminal_punctuation.as_deref() == Some("") {
            let expected = "one character or more";
            return Err(ParameterError { key: "terminal_punctuation", expected });
        }
        let (terminal, wanted) = match config.variant {
            Variant::Datatrove => {
                let switches = [
                    (config.drop_lorem_ipsum, mark::LOREM_IPSUM),
                    (config.remove_javascript_lines, mark::JAVASCRIPT),
                    (config.drop_curly_brackets, mark::CURLY_BRACKET),
                    (config.remove_policy_lines, mark::POLICY),
                ];
                let on = switches.iter().filter(|(on, _)| *on);
                (".?!\"'", on.fold(0, |wanted, (_, mark)| wanted | mark))
            }
            Variant::Dolma => (".?!\"", mark::LOREM_IPSUM | mark::JAVASCRIPT | mark::CURLY_BRACKET),
        };
        let wanted = PHRASES.iter().filter(|(_, mark)| mark & wanted != 0);
        let (texts, marks): (Vec<&str>, Vec<u8>) = wanted.copied().unzip();
        Ok(Self {
            terminal: config.terminal_punctuation.clone().unwrap_or_else(|| terminal.to_owned()),
            prefilter: Prefilter::new(texts.iter().copied().filter(|text| *text != "{"), true),
            // Phrases of different marks never overlap, but for `javascript` and `terms of use`, of
            // which the first decides.
            phrases: phrases(texts, true, MatchKind::Standard)?,
            marks,
            config: config.clone(),
        })
    }

    /// The marks of all phrases in a text.
    fn marks(&self, text: &str) -> u8 {
        steps::add(text.len());
        if self.prefilter.as_ref().is_some_and(|prefilter| !prefilter.may_match(text))
            && memchr::memchr(b'{', text.as_bytes()).is_none()
        {
            return 0;
        }
        let mut marks = 0;
        for found in self.phrases.find_iter(text) {
            marks |= self.marks.get(found.pattern().as_usize()).copied().unwrap_or(0);
        }
        marks
    }

    fn ends_well(&self, line: &str) -> bool {
        line.chars().next_back().is_some_and(|last| self.terminal.contains(last))
    }

    fn segmentation(&self, document: &Document<'_>) -> Segmentation {
        self.config
            .words
            .as_ref()
            .map_or(Segmentation::Whitespace, |words| words.segmentation(document.language()))
    }

    /// Takes lines out of a text, and says what becomes of it: `None` if it stays as it is.
    fn clean(&self, document: &Document<'_>) -> (Found, Option<String>) {
        let view = document.view();
        let text = view.text();
        let segmentation = self.segmentation(document);
        let words = match segmentation {
            Segmentation::Whitespace => None,
            _ => Some(view.words(segmentation)),
        };
        let mut line_words = LineWords { words, next: 0 };
        let mut found = Found::default();
        match self.config.unit {
            Unit::Lines => {
                let mut rewrite = Rewrite::new(text, '\n');
                // Nothing but their ends is asked of lines, so no table of them is made.
                for line in splitlines(text) {
                    let start = line.as_ptr() as usize - text.as_ptr() as usize;
                    let range = start..start + line.len();
                    self.line(text, range, &mut line_words, &mut found, &mut rewrite);
                }
                (found, rewrite.finish())
            }
            Unit::Sentences => {
                let mut rewrite = Rewrite::new(text, ' ');
                sentences(text, |range| {
                    self.line(text, range, &mut line_words, &mut found, &mut rewrite);
                });
                (found, rewrite.finish())
            }
        }
    }

    /// Holds a line against the rules, in the order of the original: the first that fails counts.
    fn line(
        &self,
        text: &str,
        range: std::ops::Range<usize>,
        words: &mut LineWords<'_>,
        found: &mut Found,
        rewrite: &mut Rewrite<'_>,
    ) {
        let config = &self.config;
        found.lines += 1;
        steps::add(1);
        let whole = text.get(range.clone()).unwrap_or_default();
        let line = python_strip(whole);
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        let (enough, long) = words.test(line, range.end, config);
        if long {
            found.long_words += 1;
            found.removed += 1;
            return;
        }
        let cleaned = match config.remove_citations {
            true => without_citations(line),
            false => Cow::Borrowed(line),
        };
        if config.require_terminal_punctuation
            && (!self.ends_well(&cleaned) || cleaned.ends_with("..."))
        {
            found.no_terminal += 1;
            found.removed += 1;
            return;
        }
        if !enough {
            found.few_words += 1;
            found.removed += 1;
            return;
        }
        let marks = self.marks(&cleaned);
        if marks & mark::LOREM_IPSUM != 0 {
            found.lorem_ipsum += 1;
        }
        if marks & mark::JAVASCRIPT != 0 {
            found.javascript += 1;
            found.removed += 1;
            return;
        }
        if marks & mark::CURLY_BRACKET != 0 {
            found.curly_bracket_first |= found.lorem_ipsum == 0;
            found.curly_bracket += 1;
        }
        if marks & mark::POLICY != 0 {
            found.policy += 1;
            found.removed += 1;
            return;
        }
        found.sentences += match config.unit {
            Unit::Lines => {
                steps::add(cleaned.len());
                sentence_count(&cleaned).max(1)
            }
            Unit::Sentences => 1,
        };
        match cleaned {
            Cow::Borrowed(line) => rewrite.keep(start..start + line.len()),
            Cow::Owned(line) => rewrite.push(&line),
        }
    }

    fn apply_datatrove(&self, document: &mut Document<'_>) {
        let (found, mut text) = self.clean(document);
        if let Some(text) = &mut text {
            text.truncate(text.trim_end_matches(is_python_whitespace).len());
            let blank = text.len() - text.trim_start_matches(is_python_whitespace).len();
            text.drain(..blank);
        }
        let removed = text
            .as_ref()
            .map_or(0, |text| document.view().characters().saturating_sub(text.chars().count()));
        document.annotate(LINES, found.lines);
        document.annotate(REMOVED_LINES, found.removed);
        document.annotate(REMOVED_CHARACTERS, removed);
        document.annotate(LONG_WORDS, found.long_words);
        document.annotate(NO_TERMINAL, found.no_terminal);
        document.annotate(FEW_WORDS, found.few_words);
        document.annotate(JAVASCRIPT, found.javascript);
        document.annotate(POLICY, found.policy);
        document.annotate(SENTENCES, found.sentences);
        let mut rules = [(LOREM_IPSUM, found.lorem_ipsum), (CURLY_BRACKET, found.curly_bracket)];
        if found.curly_bracket_first {
            rules.reverse();
        }
        for (rule, lines) in rules {
            document.annotate(rule, lines);
            document.test(rule, lines as f64, Bound::AtMost(0.0));
        }
        if let Some(fewest) = self.config.min_sentences {
            let bound = Bound::AtLeast(fewest as f64);
            document.test(TOO_FEW_SENTENCES, found.sentences as f64, bound);
        }
        if text.as_deref().unwrap_or(document.text()).is_empty() {
            document.fail(EMPTY);
        }
        if let Some(text) = text
            && document.verdict() == Verdict::Keep
        {
            document.set_text(text);
        }
    }

    fn apply_dolma(&self, document: &mut Document<'_>) {
        let view = document.view();
        let text = view.text();
        let marks = self.marks(text);
        let segmentation = self.segmentation(document);
        let fewest = self.config.min_words_per_line.unwrap_or(0) as usize;
        let (mut no_terminal, mut few_words) = (0_usize, 0_usize);
        let mut lines = 0_usize;
        for line in text.split('\n') {
            lines += 1;
            steps::add(1);
            let line = python_strip(line);
            no_terminal += usize::from(!self.ends_well(line));
            few_words += usize::from(!has_words(line, fewest, segmentation));
        }
        document.annotate(LINES, lines);
        document.annotate(NO_TERMINAL, no_terminal);
        document.annotate(FEW_WORDS, few_words);
        document.annotate(CURLY_BRACKET, i64::from(marks & mark::CURLY_BRACKET != 0));
        document.annotate(LOREM_IPSUM, i64::from(marks & mark::LOREM_IPSUM != 0));
        document.annotate(ANY_JAVASCRIPT, i64::from(marks & mark::JAVASCRIPT != 0));
    }
}

/// The words of one line after the other.
struct LineWords<'w> {
    /// `None` for words between white space, which are seen without a table.
    words: Option<&'w Words>,
    next: usize,
}

impl LineWords<'_> {
    /// Whether a line, which ends at a byte of the text, has words enough, and whether one of them
    /// is too long.
    fn test(&mut self, line: &str, end: usize, config: &Config) -> (bool, bool) {
        let fewest = config.min_words_per_line.unwrap_or(0) as usize;
        let longest = config.max_word_characters.map_or(usize::MAX - 1, |most| most as usize);
        let Some(words) = self.words else {
            return (
                has_words(line, fewest, Segmentation::Whitespace),
                has_long_word(line, longest),
            );
        };
        let first = self.next;
        let mut long = false;
        while words.spans().get(self.next).is_some_and(|&(start, _)| (start as usize) < end) {
            steps::add(1);
            long |= words.characters().get(self.next).is_some_and(|&n| n as usize > longest);
            self.next += 1;
        }
        (self.next - first >= fewest, long)
    }
}

/// A line without what Wikipedia's readers see as references.
fn without_citations(line: &str) -> Cow<'_, str> {
    match (memchr::memchr(b'[', line.as_bytes()), &*CITATION) {
        (Some(_), Some(citation)) => {
            steps::add(line.len());
            citation.replace_all(line, "")
        }
        _ => Cow::Borrowed(line),
    }
}

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[
    count(LINES, "lines", "lines, or sentences, before any is removed"),
    count(SENTENCES, "sentences", "sentences in the kept lines"),
    count(REMOVED_LINES, "lines", "lines that are removed"),
    count(REMOVED_CHARACTERS, "characters", "code points by which the text becomes shorter"),
    count(LONG_WORDS, "lines", "lines removed for a word that is too long"),
    count(
        NO_TERMINAL,
        "lines",
        "lines without terminal punctuation, among those not removed before",
    ),
    count(FEW_WORDS, "lines", "lines with too few words, among those not removed before"),
    count(JAVASCRIPT, "lines", "lines removed for speaking of JavaScript"),
    count(POLICY, "lines", "lines removed for speaking of terms, privacy or cookies"),
    count(LOREM_IPSUM, "lines", "lines with placeholder text; for dolma 1 if there is any"),
    count(CURLY_BRACKET, "lines", "lines with a curly bracket; for dolma 1 if there is any"),
    count(ANY_JAVASCRIPT, "code", "1 if the text speaks of JavaScript; only for dolma"),
];

const fn count(name: &'static str, unit: &'static str, meaning: &'static str) -> Metric {
    Metric { name, kind: MetricKind::Integer, unit, meaning }
}

impl Stage for C4 {
    fn name(&self) -> &str {
        "c4"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        match self.config.variant {
            Variant::Datatrove => self.apply_datatrove(document),
            Variant::Dolma => self.apply_dolma(document),
        }
        document.verdict()
    }

    fn changes_text(&self) -> bool {
        self.config.variant == Variant::Datatrove
    }
}
