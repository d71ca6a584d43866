//! Words by Unicode, by white space, and by dictionary.

use std::ops::Range;
use std::sync::LazyLock;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use super::ideographs::Run;
use super::{action, blocks, table};
use crate::text::classes::{self, Classes, Pages};

/// A word of a text, and what is known of it without looking at it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// The byte at which it begins.
    pub start: usize,
    /// The byte at which it ends, exclusive.
    pub end: usize,
    /// Its length in code points, Python's `len(word)`.
    pub characters: u32,
    /// Whether any of its characters is a letter, Python's `any(c.isalpha() for c in word)`.
    pub has_alpha: bool,
}

impl Word {
    /// Where the word is in its text, in bytes.
    #[inline]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether all of its characters are ASCII.
    #[inline]
    pub fn is_ascii(&self) -> bool {
        self.end - self.start == self.characters as usize
    }
}

/// A segment between two boundaries, not ended yet: where it starts, how many characters it has
/// and which flags any of them has.
#[derive(Clone, Copy, Default)]
struct Open {
    start: usize,
    characters: u32,
    kinds: u8,
}

impl Open {
    #[inline(always)]
    fn end(&self, end: usize, visit: &mut impl FnMut(Word, bool)) {
        if self.start < end {
            let word = Word {
                start: self.start,
                end,
                characters: self.characters,
                has_alpha: self.kinds & table::ALPHA != 0,
            };
            visit(word, self.kinds & table::ALPHANUMERIC != 0);
        }
    }
}

/// Counts the characters that a test reads, for the proof that time is linear.
#[cfg(test)]
pub(super) mod steps {
    use std::cell::Cell;
    thread_local!(static STEPS: Cell<u64> = const { Cell::new(0) });
    pub fn add(number: u64) {
        STEPS.set(STEPS.get() + number);
    }
    pub fn take() -> u64 {
        STEPS.take()
    }
}

/// Why [`segments`] came to an end.
#[derive(PartialEq, Eq)]
enum Stop {
    /// The text ended.
    End,
    /// A segment starts at or after the place where it was to stop.
    Until,
    /// A character of a complex script belongs to the segment that starts here, or follows it.
    Complex,
}

/// Visits all segments of UAX #29 from a boundary on, and whether each is a word, until one starts at
/// `until` or after it, the text ends, or, if `COMPLEX`, a character of a complex script comes.
/// Returns where the first segment that was not visited starts.
fn segments<const COMPLEX: bool>(
    text: &str,
    from: usize,
    until: usize,
    visit: &mut impl FnMut(Word, bool),
) -> (usize, Stop) {
    let kinds: &Pages = &table::KINDS;
    let mut open = Open { start: from, ..Open::default() };
    // The segment up to where it was deferred.
    let mut deferred = (open, from);
    let mut state = table::START;
    let rest = text.get(from..).unwrap_or_default();
    for (offset, character) in rest.char_indices() {
        #[cfg(test)]
        steps::add(1);
        let at = from + offset;
        let kind = kinds.get(character);
        if COMPLEX && kind & table::COMPLEX != 0 {
            if table::is_ideograph(kind) {
                if table::is_deferred(state) {
                    deferred.0.end(deferred.1, visit);
                }
                open.end(at, visit);
                return (at, Stop::Complex);
            }
            let start = if table::is_deferred(state) { deferred.0.start } else { open.start };
            return (start, Stop::Complex);
        }
        state = table::next(state, kind);
        match state & table::ACTION {
            action::JOIN => {}
            action::BREAK => {
                open.end(at, visit);
                if at >= until {
                    return (at, Stop::Until);
                }
                open = Open { start: at, ..Open::default() };
            }
            action::DEFER => {
                deferred = (open, at);
                open = Open { start: at, ..Open::default() };
            }
            action::COMPLETE => {
                open.start = deferred.0.start;
                open.characters += deferred.0.characters;
                open.kinds |= deferred.0.kinds;
            }
            action::BREAK_BOTH => {
                deferred.0.end(deferred.1, visit);
                open.end(at, visit);
                open = Open { start: at, ..Open::default() };
            }
            _ => deferred.0.end(deferred.1, visit),
        }
        open.characters += 1;
        open.kinds |= kind;
    }
    if table::is_deferred(state) {
        deferred.0.end(deferred.1, visit);
    }
    open.end(text.len(), visit);
    (text.len(), Stop::End)
}

/// Visits the words of a text, by UAX #29 or, if `COMPLEX`, with the dictionaries.
fn words<const COMPLEX: bool>(text: &str, visit: &mut impl FnMut(Word)) {
    let bytes = text.as_bytes();
    let (mut at, mut pause) = (0, blocks::Pause::new());
    loop {
        let stopped = blocks::words::<true>(bytes, at, visit);
        let until = pause.until(at, &stopped, bytes);
        at = stopped.boundary;
        // What blocks have seen is not looked at in blocks again, so that time is linear.
        loop {
            let mut if_word = |word: Word, is_word: bool| {
                if is_word {
                    visit(word);
                }
            };
            let (next, stop) = segments::<COMPLEX>(text, at, until, &mut if_word);
            at = match stop {
                Stop::End => return,
                Stop::Until => next,
                Stop::Complex => complex_segments(text, next, &mut if_word),
            };
            if at >= until {
                break;
            }
        }
        if at >= bytes.len() {
            return;
        }
    }
}

/// Visits the words of a text by UAX #29: segments between word boundaries that have a letter or a
/// number ([`ALPHANUMERIC`](classes::ALPHANUMERIC)).
///
/// Nothing is tailored for scripts without spaces: each ideograph is a word, and so is each Thai
/// letter with its marks. [`dictionary_words`] is for these.
///
/// # Examples
///
/// ```
/// use sapwood::text::segment::unicode_words;
/// let text = "Don't pay 3.50 (l’été).";
/// let mut words = Vec::new();
/// unicode_words(text, |word| words.push(&text[word.range()]));
/// assert_eq!(words, ["Don't", "pay", "3.50", "l’été"]);
/// ```
pub fn unicode_words(text: &str, mut visit: impl FnMut(Word)) {
    words::<false>(text, &mut visit);
}

/// Visits the words of a text as Python's `str.split()` has them.
///
/// # Examples
///
/// ```
/// use sapwood::text::segment::whitespace_words;
/// let text = "Don't\u{A0}pay $3.50";
/// let mut words = Vec::new();
/// whitespace_words(text, |word| words.push((&text[word.range()], word.has_alpha)));
/// assert_eq!(words, [("Don't", true), ("pay", true), ("$3.50", false)]);
/// ```
pub fn whitespace_words(text: &str, mut visit: impl FnMut(Word)) {
    let bytes = text.as_bytes();
    let (mut at, mut pause) = (0, blocks::Pause::new());
    loop {
        let stopped = blocks::words::<false>(bytes, at, &mut visit);
        let until = pause.until(at, &stopped, bytes);
        match pieces(text, stopped.boundary, until, &mut visit) {
            Some(next) => at = next,
            None => return,
        }
    }
}

/// Visits what stands between white space from a place on that is in no word, until a white space at
/// `until` or after it, which is returned; `None` if the text ended.
fn pieces(text: &str, from: usize, until: usize, visit: &mut impl FnMut(Word)) -> Option<usize> {
    let classes = Classes::get();
    let mut word = Word { start: from, end: 0, characters: 0, has_alpha: false };
    for (offset, character) in text.get(from..)?.char_indices() {
        #[cfg(test)]
        steps::add(1);
        let at = from + offset;
        let flags = classes.of(character);
        if flags & classes::WHITESPACE != 0 {
            if word.characters > 0 {
                visit(Word { end: at, ..word });
            }
            if at >= until {
                return Some(at);
            }
            word.start = at + character.len_utf8();
            word.characters = 0;
            word.has_alpha = false;
        } else {
            word.characters += 1;
            word.has_alpha |= flags & classes::ALPHA != 0;
        }
    }
    if word.characters > 0 {
        visit(Word { end: text.len(), ..word });
    }
    None
}

static DICTIONARY: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));

/// Visits the words of a text as ICU's dictionaries find them in Chinese, Japanese, Thai, Lao, Khmer
/// and Burmese, and as UAX #29 has them elsewhere; words are told from other segments as in
/// [`unicode_words`].
///
/// The boundaries are those of `icu_segmenter` 2.4, `WordSegmenter::new_dictionary`, on the whole
/// text, which here sees only the stretches with characters of these scripts. Most Chinese and
/// Japanese it does not see either: ICU's dictionary for these is unpacked into 2.6 MB, once a
/// process, at the first text that has some.
///
/// # Examples
///
/// ```
/// use sapwood::text::segment::dictionary_words;
/// let text = "研究自然语言 (NLP)";
/// let mut words = Vec::new();
/// dictionary_words(text, |word| words.push(&text[word.range()]));
/// assert_eq!(words, ["研究", "自然", "语言", "NLP"]);
/// ```
pub fn dictionary_words(text: &str, mut visit: impl FnMut(Word)) {
    words::<true>(text, &mut visit);
}

/// Visits the segments that a dictionary finds from a boundary on, until a segment starts with a
/// character of no complex script. Returns where it does.
fn complex_segments(text: &str, from: usize, visit: &mut impl FnMut(Word, bool)) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let run = Run::new(rest.as_bytes());
    #[cfg(test)]
    steps::add(run.len() as u64);
    let end = from + 3 * run.len();
    let after = text.get(end..).and_then(|rest| rest.chars().next());
    let after = after.map_or(0, |after| table::KINDS.get(after));
    // A single character takes marks, and ICU's walk goes on through other scripts.
    let is_plain = run.len() > 1 || run.len() == 1 && !table::is_extend(after);
    if !is_plain || after & table::COMPLEX != 0 {
        return other_segments(text, from, visit);
    }
    let mut start = from;
    run.segments(|characters, kinds| {
        let word = Open { start, characters: characters as u32, kinds };
        start += 3 * characters;
        word.end(start, visit);
    });
    end
}

/// Visits the segments that ICU finds from a boundary on, until a segment starts with a character of
/// no complex script. Returns where it does.
fn other_segments(text: &str, from: usize, visit: &mut impl FnMut(Word, bool)) -> usize {
    let kinds: &Pages = &table::KINDS;
    let rest = text.get(from..).unwrap_or_default();
    // The segmenter forgets at a boundary what came before, so it may begin at any.
    let mut start = 0;
    for end in DICTIONARY.segment_str(rest).skip(1) {
        let segment = rest.get(start..end).unwrap_or_default();
        let mut open = Open { start: from + start, ..Open::default() };
        for character in segment.chars() {
            #[cfg(test)]
            steps::add(1);
            open.characters += 1;
            open.kinds |= kinds.get(character);
        }
        open.end(from + end, visit);
        start = end;
        let next = rest.get(end..).and_then(|rest| rest.chars().next());
        if next.is_some_and(|next| kinds.get(next) & table::COMPLEX == 0) {
            break;
        }
    }
    from + start
}

/// Where the segments of UAX #29 end.
#[cfg(test)]
pub(super) fn unicode_boundaries(text: &str) -> Vec<usize> {
    let mut ends = vec![0];
    segments::<false>(text, 0, usize::MAX, &mut |word, _| ends.push(word.end));
    ends
}

/// Where the segments of [`dictionary_words`] end.
#[cfg(test)]
pub(super) fn dictionary_boundaries(text: &str) -> Vec<usize> {
    let (mut ends, mut from) = (vec![0], 0);
    while from < text.len() {
        let mut visit = |word: Word, _| ends.push(word.end);
        (from, _) = segments::<true>(text, from, usize::MAX, &mut visit);
        from = complex_segments(text, from, &mut visit);
    }
    ends
}
