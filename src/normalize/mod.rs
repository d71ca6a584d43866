//! The first stage of a pipeline: one spelling for what reads the same.
//!
//! Characters that no reader sees are removed where they mean nothing, line ends and spaces become
//! one kind each, and the text becomes Unicode NFC. Normalising twice gives what normalising once
//! gives. A text with nothing to do is scanned once and not copied.

mod characters;
mod roots_words;
mod scripts;

use std::borrow::Cow;

use icu_normalizer::{ComposingNormalizer, ComposingNormalizerBorrowed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::stage::{Metric, MetricKind, Stage, Verdict};
use characters::Rules;

/// The Unicode normalisation form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unicode {
    /// Canonical composition (UAX #15).
    Nfc,
    /// As it came.
    None,
}

/// What becomes of the spaces that are not U+0020.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whitespace {
    /// The 12 code points of ROOTS (BigScience data_tooling, 2022) become U+0020: U+0020, 0084,
    /// 00A0, 2002, 2003, 2005, 2008, 2009, 200A, 202F, 3000 and FFFC. Together with NFC, U+2000 and
    /// 2001 too, which NFC holds equal to U+2002 and 2003.
    Roots,
    /// As they came.
    None,
}

/// Which words are taken out of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WordRemoval {
    /// None.
    None,
    /// As in ROOTS (BigScience data_tooling, 2022): words with `http`, `www`, `.com`, `href` or
    /// `//` in them, and words longer than their language's limit (19 to 45 code points), special
    /// characters at their ends aside; for ar, bn, ca, en, es, eu, fr, hi, id, pt, ur and vi. In
    /// these languages runs of spaces, tabs and line feeds collapse too; others are left alone.
    Roots,
}

/// Parameters of [`Normalize`]. Every step can be switched off by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The Unicode normalisation form. `nfc` by default: it is what the web and most keyboards
    /// write, it loses nothing that a reader sees, and without it one word has several spellings
    /// for deduplication, stop words and tokenizers. (NFKC would also fold ², ﬁ and full-width
    /// letters, which a reader does see.)
    pub unicode: Unicode,
    /// Removes control characters (U+0000–001F and U+007F–009F) but the tab; line ends are the
    /// affair of `line_ends`, and U+0084 is a space if `whitespace` is `roots`. On by default:
    /// they are debris of binary formats, terminals and wrong decoding.
    pub control_characters: bool,
    /// Removes invisible characters of no width where they mean nothing: soft hyphen U+00AD, word
    /// joiner U+2060 and byte order mark U+FEFF everywhere; the joiners U+200C and U+200D unless
    /// next to a letter of a script whose shapes they choose (Arabic, the Indic and South-East
    /// Asian scripts, Tibetan, Mongolian …) or, for U+200D, between two emoji; the zero-width space
    /// U+200B unless next to a letter of a script that marks word ends with it (Thai, Lao, Khmer,
    /// Myanmar, Tai). None of the three is removed before a combining mark. On by default: they
    /// split words that read the same into different tokens.
    pub zero_width: bool,
    /// Removes the controls of writing direction: U+061C, 200E, 200F, 202A–202E and 2066–2069. On
    /// by default: they order what a screen shows, not the text, which is stored in reading order,
    /// and an unclosed one outlives its document when documents are joined.
    pub bidi_controls: bool,
    /// Makes every line end a line feed: CR LF, CR, vertical tab, form feed, U+0085, U+2028 and
    /// U+2029 (Unicode Standard, section 5.8). On by default: line filters and line deduplication
    /// know only the line feed.
    pub line_ends: bool,
    /// What becomes of other spaces. `roots` by default: word splitting, stop words and tokenizers
    /// treat a no-break or ideographic space as a different text.
    pub whitespace: Whitespace,
    /// Removes white space at both ends of the text. On by default, as in ROOTS: it is left over
    /// from extraction, and would tell equal documents apart.
    pub strip: bool,
    /// Which words are removed. `none` by default: it changes running text, so a recipe must ask
    /// for it. `roots` goes by the document's language, so put this stage after `langid`, or give
    /// documents that come with a language; one without a language loses no word.
    pub word_removal: WordRemoval,
    /// Drops documents without text, or with nothing but white space in it, for the reason
    /// `normalize.empty`. On by default: nothing after this stage can use them.
    pub drop_empty: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            unicode: Unicode::Nfc,
            control_characters: true,
            zero_width: true,
            bidi_controls: true,
            line_ends: true,
            whitespace: Whitespace::Roots,
            strip: true,
            word_removal: WordRemoval::None,
            drop_empty: true,
        }
    }
}

/// Normalises a document's text; see [`Config`] for the steps.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::normalize::{Config, Normalize};
///
/// let mut document = Document::new("a", "\u{FEFF}cafe\u{301}\u{A0}noir\r\n");
/// document.apply(&Normalize::new(&Config::default()));
/// assert_eq!(document.text(), "café noir");
/// ```
#[derive(Debug)]
pub struct Normalize {
    rules: Rules,
    composer: Option<ComposingNormalizerBorrowed<'static>>,
    strip: bool,
    word_removal: WordRemoval,
    drop_empty: bool,
}

/// What the stage [`Normalize`] measures.
pub const METRICS: [Metric; 1] = [Metric {
    name: "normalize.removed_characters",
    kind: MetricKind::Integer,
    unit: "characters",
    meaning: "code points that normalisation took out of the text, those that it replaced or \
              composed aside",
}];

/// Every round but the last takes a character out or leaves the text as it is; real text needs one.
const ROUNDS: usize = 8;

impl Normalize {
    /// A stage with these parameters.
    pub fn new(config: &Config) -> Self {
        Self {
            rules: Rules::new(config),
            composer: (config.unicode == Unicode::Nfc).then(ComposingNormalizer::new_nfc),
            strip: config.strip,
            word_removal: config.word_removal,
            drop_empty: config.drop_empty,
        }
    }

    /// The normalised text, if it differs, and the number of code points taken out of it.
    fn normalized(&self, text: &str, language: Option<&str>) -> (Option<String>, usize) {
        let mut removed = 0;
        let mut current = Cow::Borrowed(text);
        // Composing may reorder marks, and with them what stands beside a zero-width character.
        for _ in 0..ROUNDS {
            let rewritten = self.rules.rewrite(&current);
            removed += rewritten.removed;
            if let Some(text) = rewritten.text {
                current = Cow::Owned(text);
            }
            let composed = match self.composer.as_ref().filter(|_| !rewritten.ascii) {
                Some(composer) => match composer.normalize(&current) {
                    Cow::Owned(composed) => composed,
                    Cow::Borrowed(_) => break,
                },
                None => break,
            };
            current = Cow::Owned(composed);
        }
        if self.strip {
            let stripped = current.trim_matches(roots_words::is_python_space);
            if stripped.len() < current.len() {
                removed += current.chars().count() - stripped.chars().count();
                current = Cow::Owned(stripped.to_owned());
            }
        }
        if self.word_removal == WordRemoval::Roots {
            let without = roots_words::remove_words(&current, language);
            if let Some(modified) = without {
                removed += current.chars().count().saturating_sub(modified.chars().count());
                current = Cow::Owned(modified);
            }
        }
        match current {
            Cow::Owned(changed) if changed != text => (Some(changed), removed),
            _ => (None, removed),
        }
    }
}

impl Stage for Normalize {
    fn name(&self) -> &str {
        "normalize"
    }

    fn metrics(&self) -> &[Metric] {
        &METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let (changed, removed) = self.normalized(document.text(), document.language());
        if let Some(text) = changed {
            document.set_text(text);
        }
        document.annotate("normalize.removed_characters", removed);
        if self.drop_empty && document.text().trim_start().is_empty() {
            document.fail("normalize.empty");
        }
        document.verdict()
    }

    fn changes_text(&self) -> bool {
        true
    }

    fn remarks(&self) -> Vec<String> {
        match self.word_removal {
            WordRemoval::None => Vec::new(),
            WordRemoval::Roots => vec![
                "word_removal goes by the document's language; documents that have none \
                 yet lose no words"
                    .to_owned(),
            ],
        }
    }
}

#[cfg(test)]
mod tests;
