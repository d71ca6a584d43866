//! What the quality rules measure, in each variant.

use std::cell::RefCell;

use memchr::memmem;

use super::Variant;
use super::stop_words::StopWords;
use crate::text::case::ChangesInLowerCase;
use crate::text::hash::hash_word;
use crate::text::marks::SYMBOLS;
use crate::text::segment::Segmentation;
use crate::text::view::{View, Words};
use crate::text::whitespace::is_python_whitespace;

/// What the quality rules measure in one document. A ratio without anything to divide by is 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measures {
    /// Words that count for the length of the document: in `datatrove` those with a character that
    /// is no symbol, elsewhere all.
    pub words: u64,
    /// The mean length of the words with a character that is no symbol, in code points
    /// (`datatrove`), the median length of all (`dolma`), or the mean length of all in bytes
    /// (`datamap`). `None` if there is no such word.
    pub word_length: Option<f64>,
    /// Hash signs by word, and ellipses by word. `None` where a variant measures their sum.
    pub hash_and_ellipsis_ratios: Option<(f64, f64)>,
    /// Hash signs and ellipses together, by word. `None` where a variant measures each alone.
    pub symbol_ratio: Option<f64>,
    /// The share of lines that begin with a bullet point, 0 to 1.
    pub bullet_lines_ratio: f64,
    /// The share of lines that end with an ellipsis, 0 to 1.
    pub ellipsis_lines_ratio: f64,
    /// The share of words with a letter in them, 0 to 1.
    pub alpha_words_ratio: f64,
    /// Stop words: different ones in `datatrove`, occurrences elsewhere.
    pub stop_words: u64,
    /// Whether the text is one that `datamap` removes for its alphabetic words whatever their
    /// share: it has one word, or none.
    pub too_few_to_tell: bool,
}

/// Finds the strings that are counted in a whole text.
#[derive(Debug)]
pub(super) struct Searchers {
    dots: memmem::Finder<'static>,
    spaced_dots: memmem::Finder<'static>,
    ellipsis: memmem::Finder<'static>,
}

impl Searchers {
    pub(super) fn new() -> Self {
        Self {
            dots: memmem::Finder::new("..."),
            spaced_dots: memmem::Finder::new(". . ."),
            ellipsis: memmem::Finder::new("…"),
        }
    }
}

fn count(finder: &memmem::Finder<'_>, text: &str) -> u64 {
    finder.find_iter(text.as_bytes()).count() as u64
}

fn hashes(text: &str) -> u64 {
    memchr::memchr_iter(b'#', text.as_bytes()).count() as u64
}

fn word_at(text: &str, (start, end): (u32, u32)) -> &str {
    text.get(start as usize..end as usize).unwrap_or_default()
}

/// Room to work in, kept by each thread from one document to the next.
#[derive(Default)]
struct Scratch {
    found: Vec<bool>,
    lengths: Vec<u32>,
}

/// Entries of the largest list that is kept.
const KEPT: usize = 1 << 18;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Measures a text the way a variant does. `segmentation` says what words are; `datamap` cuts at
/// white space for all but the number of words.
pub(super) fn measure(
    variant: Variant,
    view: View<'_>,
    segmentation: Segmentation,
    stop_words: &StopWords,
    searchers: &Searchers,
) -> Measures {
    SCRATCH.with_borrow_mut(|scratch| match variant {
        Variant::Datatrove => {
            datatrove(view, view.words(segmentation), stop_words, searchers, scratch)
        }
        Variant::Dolma => dolma(view, view.words(segmentation), stop_words, scratch),
        Variant::Datamap => datamap(view, segmentation, stop_words, searchers),
    })
}

fn datatrove(
    view: View<'_>,
    words: &Words,
    stop_words: &StopWords,
    searchers: &Searchers,
    scratch: &mut Scratch,
) -> Measures {
    let text = view.text();
    let ratio = |part, whole| Variant::Datatrove.ratio(part, whole);
    let number = words.len() as u64;

    let alphabetic = words.alphabetic().iter().filter(|alphabetic| **alphabetic).count() as u64;
    // No letter is a symbol, so only words without one need a look.
    let (mut symbols, mut symbol_characters) = (0, 0);
    if alphabetic < number {
        let columns = words.alphabetic().iter().zip(words.spans()).zip(words.characters());
        for ((&alphabetic, &span), &characters) in columns {
            if !alphabetic && SYMBOLS.contains_all(word_at(text, span)) {
                symbols += 1;
                symbol_characters += u64::from(characters);
            }
        }
    }
    let characters: u64 = words.characters().iter().map(|&length| u64::from(length)).sum();
    let proper = number - symbols;

    scratch.found.clear();
    scratch.found.resize(stop_words.len(), false);
    for (&hash, &span) in words.hashes().iter().zip(words.spans()) {
        if let Some(index) = stop_words.find(hash, || word_at(text, span).as_bytes()) {
            scratch.found[index] = true;
        }
    }

    let lines = view.split_lines();
    let (mut bullets, mut ellipses) = (0, 0);
    for line in lines {
        let line = text.get(line.range()).unwrap_or_default();
        bullets += u64::from(line.trim_start_matches(is_python_whitespace).starts_with(['•', '-']));
        ellipses += u64::from(ends_with_ellipsis(line.trim_end_matches(is_python_whitespace)));
    }
    Measures {
        words: proper,
        word_length: (proper > 0).then(|| ratio(characters - symbol_characters, proper)),
        hash_and_ellipsis_ratios: Some((
            ratio(hashes(text), number),
            ratio(count(&searchers.dots, text) + count(&searchers.ellipsis, text), number),
        )),
        symbol_ratio: None,
        bullet_lines_ratio: ratio(bullets, lines.len() as u64),
        ellipsis_lines_ratio: ratio(ellipses, lines.len() as u64),
        alpha_words_ratio: ratio(alphabetic, number),
        stop_words: scratch.found.iter().filter(|found| **found).count() as u64,
        too_few_to_tell: false,
    }
}

fn ends_with_ellipsis(line: &str) -> bool {
    line.ends_with("...") || line.ends_with('…')
}

fn dolma(view: View<'_>, words: &Words, stop_words: &StopWords, scratch: &mut Scratch) -> Measures {
    let text = view.text();
    let ratio = |part, whole| Variant::Dolma.ratio(part, whole);
    let number = words.len() as u64;
    let lengths = &mut scratch.lengths;
    lengths.clear();
    lengths.extend_from_slice(words.characters());
    let median = median(lengths);
    lengths.shrink_to(KEPT);

    let marked = text.contains(['#', '…']);
    let (mut symbols, mut stops) = (0, 0);
    for (&hash, &span) in words.hashes().iter().zip(words.spans()) {
        stops += u64::from(stop_words.find(hash, || word_at(text, span).as_bytes()).is_some());
        symbols += u64::from(marked && word_at(text, span).contains(['#', '…']));
    }
    let lines = view.lines();
    let (mut bullets, mut ellipses) = (0, 0);
    for line in lines.iter() {
        let line = text.get(line.range()).unwrap_or_default();
        bullets += u64::from(line.starts_with(['*', '-']));
        ellipses += u64::from(line.ends_with('…'));
    }
    let alphabetic = words.alphabetic().iter().filter(|alphabetic| **alphabetic).count() as u64;
    Measures {
        words: number,
        word_length: median,
        hash_and_ellipsis_ratios: None,
        symbol_ratio: Some(ratio(symbols, number)),
        bullet_lines_ratio: ratio(bullets, lines.len() as u64),
        ellipsis_lines_ratio: ratio(ellipses, lines.len() as u64),
        alpha_words_ratio: ratio(alphabetic, number),
        stop_words: stops,
        too_few_to_tell: false,
    }
}

/// The median of a list, whose order it changes: of an even number the mean of the middle two.
fn median(list: &mut [u32]) -> Option<f64> {
    let middle = list.len() / 2;
    if list.is_empty() {
        return None;
    }
    let even = list.len().is_multiple_of(2);
    let (below, upper, _) = list.select_nth_unstable(middle);
    let upper = f64::from(*upper);
    match below.iter().max() {
        Some(&lower) if even => Some((f64::from(lower) + upper) / 2.0),
        _ => Some(upper),
    }
}

fn datamap(
    view: View<'_>,
    segmentation: Segmentation,
    stop_words: &StopWords,
    searchers: &Searchers,
) -> Measures {
    let text = view.text();
    let ratio = |part, whole| Variant::Datamap.ratio(part, whole);
    // White space of Unicode here, without U+001C to U+001F.
    let (mut number, mut bytes, mut alphabetic, mut stops) = (0, 0, 0, 0);
    let changes = ChangesInLowerCase::get();
    let mut lower = String::new();
    for word in text.split_whitespace() {
        number += 1;
        bytes += word.len() as u64;
        alphabetic += u64::from(word.contains(char::is_alphabetic));
        let word = if word.contains(|character| changes.contains(character)) {
            changes.lower_into(word, &mut lower);
            lower.as_bytes()
        } else {
            word.as_bytes()
        };
        stops += u64::from(stop_words.find(hash_word(word), || word).is_some());
    }
    let spaced = count(&searchers.spaced_dots, text);
    let symbols =
        hashes(text) + count(&searchers.dots, text) + spaced + count(&searchers.ellipsis, text);
    // As `. . .` was made `...` before, its three words count as one.
    let joined: u64 = number - 2 * spaced;

    let bullets = text.split('\n').filter(|line| line.starts_with(['●', '•', '*', '-'])).count();
    let (mut lines, mut ellipses) = (0, 0);
    for line in text.lines().filter(|line| !line.is_empty()) {
        lines += 1;
        ellipses += u64::from(ends_with_ellipsis(line) || line.ends_with(". . ."));
    }
    let words = if segmentation == Segmentation::Unicode && view.is_ascii() {
        ascii_words(text)
    } else {
        view.words(segmentation).len() as u64
    };
    Measures {
        words,
        word_length: (number > 0).then(|| ratio(bytes, number)),
        hash_and_ellipsis_ratios: None,
        symbol_ratio: Some(ratio(symbols, joined.max(1))),
        bullet_lines_ratio: ratio(bullets as u64, view.lines().len() as u64),
        ellipsis_lines_ratio: ratio(ellipses, lines),
        alpha_words_ratio: ratio(alphabetic, number),
        stop_words: stops,
        too_few_to_tell: number < 2,
    }
}

/// Runs of letters and digits, which `datamap` takes for words in a text of ASCII only: `don't` is
/// two of them.
fn ascii_words(text: &str) -> u64 {
    let mut before = false;
    let mut words = 0;
    for byte in text.bytes() {
        let within = byte.is_ascii_alphanumeric();
        words += u64::from(within && !before);
        before = within;
    }
    words
}
