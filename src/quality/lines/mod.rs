//! What the line-wise families share: a text that is cut down to some of its lines, the words of a
//! line, and phrases that are looked for without regard to case.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind, packed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::segment::Segmentation;
use crate::text::whitespace::is_python_whitespace;

#[cfg(test)]
mod tests;

/// A parameter that makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{key}: must be {expected}")]
pub struct ParameterError {
    /// The parameter's key in the pipeline file.
    pub key: &'static str,
    /// What it may be.
    pub expected: &'static str,
}

/// Checks that a ratio is between 0 and 1.
pub(super) fn check_ratio(key: &'static str, ratio: Option<f64>) -> Result<(), ParameterError> {
    match ratio {
        Some(ratio) if !(0.0..=1.0).contains(&ratio) => {
            Err(ParameterError { key, expected: "between 0 and 1" })
        }
        _ => Ok(()),
    }
}

/// In what lengths are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LengthUnit {
    /// In bytes of UTF-8, as datamap-rs does. A character of Cyrillic has two, one of Thai three.
    Bytes,
    /// In code points, so that all scripts are measured alike.
    Characters,
}

impl LengthUnit {
    /// The length of a text.
    pub(super) fn of(self, text: &str) -> usize {
        match self {
            LengthUnit::Bytes => text.len(),
            LengthUnit::Characters => text.chars().count(),
        }
    }
}

/// Pieces of a text, put together anew. As long as they are the text itself, nothing is copied.
pub(super) struct Rewrite<'t> {
    text: &'t str,
    separator: char,
    /// The first bytes of the text that are taken, while nothing differs.
    taken: usize,
    begun: bool,
    changed: Option<String>,
}

impl<'t> Rewrite<'t> {
    /// Pieces of a text that are to stand with a separator between them.
    pub(super) fn new(text: &'t str, separator: char) -> Self {
        Self { text, separator, taken: 0, begun: false, changed: None }
    }

    /// Adds a piece of the text.
    pub(super) fn keep(&mut self, range: Range<usize>) {
        if self.changed.is_none() {
            let between = self.text.get(self.taken..range.start).unwrap_or_default();
            let same = match self.begun {
                true => between.len() == 1 && between.starts_with(self.separator),
                false => range.start == 0,
            };
            if same {
                (self.taken, self.begun) = (range.end, true);
                return;
            }
        }
        self.push(self.text.get(range).unwrap_or_default());
    }

    /// Adds a piece that is not in the text as it stands.
    pub(super) fn push(&mut self, piece: &str) {
        let changed = match &mut self.changed {
            Some(changed) => changed,
            slot => {
                let mut copy = String::with_capacity(self.text.len());
                copy.push_str(self.text.get(..self.taken).unwrap_or_default());
                slot.insert(copy)
            }
        };
        if self.begun {
            changed.push(self.separator);
        }
        self.begun = true;
        changed.push_str(piece);
    }

    /// What has become of the text; `None` if it is the same.
    pub(super) fn finish(self) -> Option<String> {
        match self.changed {
            None if self.taken == self.text.len() => None,
            None => self.text.get(..self.taken).map(str::to_owned),
            changed => changed,
        }
    }
}

/// How many words a piece of text has.
pub(super) fn count_words(text: &str, segmentation: Segmentation) -> usize {
    let mut words = 0;
    segmentation.words(text, |_| words += 1);
    words
}

/// Whether a line has at least so many words. Most lines are known to by their first few bytes.
pub(super) fn has_words(line: &str, words: usize, segmentation: Segmentation) -> bool {
    surely_has_words(line, words, segmentation) || {
        steps::add(line.len());
        count_words(line, segmentation) >= words
    }
}

/// Whether a line has at least so many words by a first look; if not, it may have them yet.
pub(super) fn surely_has_words(line: &str, words: usize, segmentation: Segmentation) -> bool {
    // What stands between spaces has a word of its own if it has a letter or number of ASCII; of
    // words between white space, if it has anything that is none. What begins with the bytes left
    // out here may be white space beyond ASCII.
    if segmentation == Segmentation::Whitespace {
        let black = |byte| matches!(byte, b'!'..=b'~' | 0xC3..=0xE0 | 0xE4..);
        has_pieces(line, words, black)
    } else {
        has_pieces(line, words, |byte| byte.is_ascii_alphanumeric())
    }
}

/// Whether at least so many of the pieces between spaces have such a byte.
fn has_pieces(line: &str, mut pieces: usize, such: impl Fn(u8) -> bool) -> bool {
    let mut found = false;
    for (at, byte) in line.bytes().enumerate() {
        pieces -= usize::from(!found && pieces > 0 && such(byte));
        found = byte != b' ' && (found || such(byte));
        if pieces == 0 {
            steps::add(at + 1);
            return true;
        }
    }
    steps::add(line.len());
    pieces == 0
}

/// How many bytes of a text are such.
pub(super) fn count_bytes(text: &str, such: impl Fn(u8) -> bool) -> usize {
    // Sums of one byte, which don't overflow in so short a piece, are what the compiler does many
    // of at once.
    let pieces = text.as_bytes().chunks(usize::from(u8::MAX));
    let sum =
        |piece: &[u8]| piece.iter().fold(0_u8, |sum, &byte| sum.wrapping_add(such(byte).into()));
    pieces.map(|piece| usize::from(sum(piece))).sum()
}

/// Whether something between white space has more than so many code points.
pub(super) fn has_long_word(line: &str, characters: usize) -> bool {
    let mut start = 0;
    // A word of more code points has more bytes. Where there is white space in the next so many
    // bytes, the words before it are short, and need not be looked at.
    while let Some(rest) = line.get(start..).filter(|rest| rest.len() > characters) {
        let window = rest.get(..ceil_boundary(rest, characters + 1)).unwrap_or(rest);
        match window.char_indices().rev().find(|(_, c)| is_python_whitespace(*c)) {
            Some((at, space)) => {
                steps::add(window.len() - at);
                start += at + space.len_utf8();
            }
            None => {
                let end = rest.find(is_python_whitespace).unwrap_or(rest.len());
                let word = rest.get(..end).unwrap_or_default();
                steps::add(window.len() + 2 * end);
                if word.chars().count() > characters {
                    return true;
                }
                start += end;
            }
        }
    }
    false
}

fn ceil_boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

/// Makes an automaton that finds phrases.
///
/// `ignore_case` is of ASCII. Letters beyond it have to be given as they stand in the text.
pub(super) fn phrases<P: AsRef<[u8]>>(
    phrases: impl IntoIterator<Item = P>,
    ignore_case: bool,
    kind: MatchKind,
) -> Result<AhoCorasick, ParameterError> {
    /// Beyond so many bytes of phrases, the fast form of the automaton takes too much memory.
    const FAST_BYTES: usize = 1 << 14;
    let phrases: Vec<P> = phrases.into_iter().collect();
    let bytes: usize = phrases.iter().map(|phrase| phrase.as_ref().len()).sum();
    AhoCorasick::builder()
        .ascii_case_insensitive(ignore_case)
        .match_kind(kind)
        .kind((bytes <= FAST_BYTES).then_some(AhoCorasickKind::DFA))
        .build(phrases)
        .map_err(|_| ParameterError { key: "phrases", expected: "fewer and shorter phrases" })
}

/// A first look that says whether a text may have any of some phrases: they are searched for by a
/// few of their bytes, many positions at once. Few texts have any, and only those go on to the
/// automaton.
pub(super) struct Prefilter(packed::Searcher);

impl Prefilter {
    /// The first look for phrases; `ignore_case` is of ASCII. `None` if they are too many or too
    /// short, or if the machine has no instructions for it.
    pub(super) fn new<'p>(
        phrases: impl IntoIterator<Item = &'p str>,
        ignore_case: bool,
    ) -> Option<Self> {
        let mut windows: BTreeSet<Vec<u8>> = BTreeSet::new();
        for phrase in phrases {
            let phrase = match ignore_case {
                true => phrase.to_ascii_lowercase().into_bytes(),
                false => phrase.as_bytes().to_vec(),
            };
            let known = |window: &[u8]| windows.contains(window);
            if !phrase.windows(WINDOW).any(known) {
                let cost =
                    |window: &&[u8]| window.iter().map(|&byte| commonness(byte)).sum::<u32>();
                windows.insert(phrase.windows(WINDOW).min_by_key(cost)?.to_vec());
            }
        }
        let spelt: Vec<Vec<u8>> = match ignore_case {
            true => windows.iter().flat_map(|window| spellings(window)).collect(),
            false => windows.into_iter().collect(),
        };
        let searcher = packed::Config::new().builder().extend(spelt).build()?;
        Some(Self(searcher))
    }

    /// Whether the text may have any of the phrases.
    pub(super) fn may_match(&self, text: &str) -> bool {
        steps::add(text.len());
        self.0.find(text.as_bytes()).is_some()
    }
}

/// How many bytes of a phrase are searched for at first.
const WINDOW: usize = 3;

/// How common a byte is in texts, very roughly.
fn commonness(byte: u8) -> u32 {
    match byte {
        b' ' | b'e' => 9,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' | b't' => 7,
        b'd' | b'h' | b'l' | b'u' => 5,
        b'c' | b'f' | b'g' | b'm' | b'p' | b'.' | b',' => 4,
        0x80.. => 4,
        b'b' | b'w' | b'y' | b'v' | b'k' => 2,
        _ => 1,
    }
}

/// All ways to write something in upper and lower case of ASCII.
fn spellings(lower: &[u8]) -> Vec<Vec<u8>> {
    lower.iter().fold(vec![Vec::new()], |begun, &byte| {
        let add = |begin: &Vec<u8>, byte| begin.iter().copied().chain([byte]).collect();
        let mut spelt: Vec<Vec<u8>> = begun.iter().map(|begin| add(begin, byte)).collect();
        if byte.is_ascii_lowercase() {
            spelt.extend(begun.iter().map(|begin| add(begin, byte.to_ascii_uppercase())));
        }
        spelt
    })
}

/// Counts the steps of a stage where tests want to know that they are in proportion to the text.
pub(super) mod steps {
    #[cfg(test)]
    thread_local! {
        static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    /// Adds steps, one for each byte or word that is looked at.
    #[inline]
    pub(in crate::quality) fn add(number: usize) {
        #[cfg(test)]
        STEPS.with(|steps| steps.set(steps.get() + number));
        let _ = number;
    }

    /// The steps since the last asking.
    #[cfg(test)]
    pub(in crate::quality) fn take() -> usize {
        STEPS.with(|steps| steps.replace(0))
    }
}
