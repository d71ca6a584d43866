//! Sentences by the rules SB1 to SB998 of UAX #29.

use std::ops::Range;
use std::sync::LazyLock;

use icu_properties::CodePointMapData;
use icu_properties::props::SentenceBreak;

use super::action;
#[cfg(test)]
use super::words::steps;
use crate::text::classes::{CODE_POINTS, Pages, mark};
use crate::text::whitespace::is_python_whitespace;

/// Values of Sentence_Break, of which Extend and Format are one, and LF and Sep.
mod class {
    /// Other is 0.
    pub const CR: u8 = 1;
    pub const LF: u8 = 2;
    pub const SEP: u8 = 3;
    pub const EXTEND: u8 = 4;
    pub const SPACE: u8 = 5;
    pub const LOWER: u8 = 6;
    pub const UPPER: u8 = 7;
    pub const LETTER: u8 = 8;
    pub const NUMERIC: u8 = 9;
    pub const A_TERM: u8 = 10;
    pub const S_TERM: u8 = 11;
    pub const CLOSE: u8 = 12;
    pub const CONTINUE: u8 = 13;
}

/// What a sentence ends in so far.
mod state {
    /// Nothing, something without consequences, or a letter with case: [`is_plain`](super::is_plain).
    pub const START: u8 = 0;
    pub const OTHER: u8 = 1;
    pub const CASED: u8 = 2;
    pub const CR: u8 = 3;
    pub const SEP: u8 = 4;
    /// A full stop; one after a letter with case; with closing marks; with spaces.
    pub const A: u8 = 5;
    pub const A_CASED: u8 = 6;
    pub const A_CLOSE: u8 = 7;
    pub const A_SPACE: u8 = 8;
    /// Another terminator, with closing marks; with spaces.
    pub const S: u8 = 9;
    pub const S_SPACE: u8 = 10;
    /// A full stop and something that goes with it if a lower-case letter comes next of all letters.
    pub const DEFERRED: u8 = 11;
}

const fn is_plain(state: u8) -> bool {
    state <= state::CASED
}

/// The state after a character that goes on with a sentence which has nothing to say on it.
const fn first(class: u8) -> u8 {
    match class {
        class::CR => state::CR,
        class::LF | class::SEP => state::SEP,
        class::LOWER | class::UPPER => state::CASED,
        class::A_TERM => state::A,
        class::S_TERM => state::S,
        _ => state::OTHER,
    }
}

const fn step(state: u8, class: u8) -> (u8, u16) {
    use action::{BREAK, BREAK_DEFERRED, COMPLETE, DEFER, JOIN};
    let next = first(class);
    let end = matches!(class, class::CR | class::LF | class::SEP);
    let terminator = matches!(class, class::A_TERM | class::S_TERM);
    match (state, class) {
        (state::START, _) => (next, JOIN),
        // SB3, SB4
        (state::CR, class::LF) => (next, JOIN),
        (state::CR | state::SEP, _) => (next, BREAK),
        // SB5
        (_, class::EXTEND) => (state, JOIN),
        (state::CASED, class::A_TERM) => (state::A_CASED, JOIN),
        (state::OTHER | state::CASED, _) => (next, JOIN),
        // SB8
        (state::DEFERRED, class::LOWER) => (next, COMPLETE),
        (state::DEFERRED, class::LETTER | class::UPPER) => (next, BREAK_DEFERRED),
        (state::DEFERRED, _) if end || terminator => (next, BREAK_DEFERRED),
        (state::DEFERRED, _) => (state::DEFERRED, JOIN),
        // SB8a, and before the line end of SB9 and SB10
        (_, class::CONTINUE) => (next, JOIN),
        _ if end || terminator => (next, JOIN),
        // SB9, SB10
        (state::S, class::CLOSE) => (state::S, JOIN),
        (state::S | state::S_SPACE, class::SPACE) => (state::S_SPACE, JOIN),
        (state::A | state::A_CASED | state::A_CLOSE, class::CLOSE) => (state::A_CLOSE, JOIN),
        (state::A..=state::A_SPACE, class::SPACE) => (state::A_SPACE, JOIN),
        // SB6, SB7, SB8
        (state::A | state::A_CASED, class::NUMERIC) => (next, JOIN),
        (state::A_CASED, class::UPPER) => (next, JOIN),
        (state::A..=state::A_SPACE, class::LOWER) => (next, JOIN),
        (state::A..=state::A_SPACE, class::UPPER | class::LETTER) => (next, BREAK),
        (state::A..=state::A_SPACE, _) => (state::DEFERRED, DEFER),
        // SB11
        _ => (next, BREAK),
    }
}

static TRANSITIONS: [(u8, u16); 256] = {
    let mut table = [(0, 0); 256];
    let mut index = 0;
    while index < 256 {
        table[index] = step((index >> 4) as u8, (index & 15) as u8);
        index += 1;
    }
    table
};

static CLASSES: LazyLock<Pages> = LazyLock::new(|| {
    let mut codes = vec![0; CODE_POINTS];
    for (value, class) in [
        (SentenceBreak::CR, class::CR),
        (SentenceBreak::LF, class::LF),
        (SentenceBreak::Sep, class::SEP),
        (SentenceBreak::Extend, class::EXTEND),
        (SentenceBreak::Format, class::EXTEND),
        (SentenceBreak::Sp, class::SPACE),
        (SentenceBreak::Lower, class::LOWER),
        (SentenceBreak::Upper, class::UPPER),
        (SentenceBreak::OLetter, class::LETTER),
        (SentenceBreak::Numeric, class::NUMERIC),
        (SentenceBreak::ATerm, class::A_TERM),
        (SentenceBreak::STerm, class::S_TERM),
        (SentenceBreak::Close, class::CLOSE),
        (SentenceBreak::SContinue, class::CONTINUE),
    ] {
        for range in CodePointMapData::<SentenceBreak>::new().iter_ranges_for_value(value) {
            mark(&mut codes, range, class);
        }
    }
    Pages::new(&codes)
});

/// The bytes of ASCII that change more than whether a letter came last, and all beyond ASCII.
static STOPS: [bool; 256] = {
    let mut table = [true; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = matches!(byte as u8, b'.' | b'!' | b'?' | b'\n' | b'\r');
        byte += 1;
    }
    table
};

/// Visits where sentences end.
pub(super) fn ends(text: &str, mut visit: impl FnMut(usize)) {
    let classes: &Pages = &CLASSES;
    let bytes = text.as_bytes();
    let (mut at, mut deferred, mut state) = (0, 0, state::START);
    while at < bytes.len() {
        if is_plain(state) {
            let rest = bytes.get(at..).unwrap_or_default();
            let run = rest.iter().position(|&byte| STOPS[usize::from(byte)]).unwrap_or(rest.len());
            #[cfg(test)]
            steps::add(run as u64);
            at += run;
            if let Some(last) = rest.get(..run).and_then(<[u8]>::last) {
                let cased = last.is_ascii_alphabetic();
                state = if cased { state::CASED } else { state::OTHER };
            }
        }
        let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
        #[cfg(test)]
        steps::add(1);
        let index = state << 4 | classes.get(character) & 15;
        let (next, action) = TRANSITIONS[usize::from(index)];
        state = next;
        match action {
            action::BREAK => visit(at),
            action::DEFER => deferred = at,
            action::BREAK_DEFERRED => visit(deferred),
            _ => {}
        }
        at += character.len_utf8();
    }
    if state == state::DEFERRED {
        visit(deferred);
    }
    if !text.is_empty() {
        visit(text.len());
    }
}

/// Visits the sentences of a text by UAX #29, each with the white space after it, in bytes. What is
/// white space alone is no sentence.
///
/// Line ends end sentences, single ones too. Abbreviations are not known: there is a boundary
/// between `Dr. ` and `Who`.
///
/// # Examples
///
/// ```
/// use sapwood::text::segment::sentences;
/// let text = "It is 3.5 e.g. here. \"Why?\" \n\n「はい。」いいえ";
/// let mut found = Vec::new();
/// sentences(text, |range| found.push(text[range].trim_end()));
/// assert_eq!(found, ["It is 3.5 e.g. here.", "\"Why?\"", "「はい。」", "いいえ"]);
/// ```
pub fn sentences(text: &str, mut visit: impl FnMut(Range<usize>)) {
    let mut start = 0;
    ends(text, |end| {
        let range = std::mem::replace(&mut start, end)..end;
        let sentence = text.get(range.clone()).unwrap_or_default();
        if !sentence.chars().all(is_python_whitespace) {
            visit(range);
        }
    });
}

/// The number of sentences of a text, as [`sentences`] has them.
pub fn sentence_count(text: &str) -> usize {
    let mut number = 0;
    sentences(text, |_| number += 1);
    number
}

#[cfg(test)]
mod tests {
    use icu_segmenter::SentenceSegmenter;
    use icu_segmenter::options::SentenceBreakInvariantOptions;
    use proptest::prelude::*;

    use super::super::tests::is_since_18;
    use super::*;

    /// A character of each class and some more.
    const PIECES: &[&str] = &[
        "a", "b", "A", "É", "é", "я", "Я", "中", "א", "ª", "1", "٣", ".", ". ", ".\u{308}", "․",
        "．", "!", "?", "? ", "…", "。", "？", "।", "\"", ")", "(", "»", "’", "'", ",", ", ", ":",
        "-", "、", "–", " ", "\t", "\u{A0}", "\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{B}",
        "\u{C}", "\u{308}", "\u{AD}", "\u{200D}", "€", "%", "😀", "_", "\0", "e.g. ", "U.S. ",
        "3.14", "word ", "Word ",
    ];

    fn boundaries(text: &str) -> Vec<usize> {
        let mut found = vec![0];
        ends(text, |end| found.push(end));
        found
    }

    fn icu(text: &str) -> Vec<usize> {
        SentenceSegmenter::new(SentenceBreakInvariantOptions::default()).segment_str(text).collect()
    }

    #[test]
    fn every_character_is_as_in_icu_but_what_is_new() {
        for code in (0..0x2_0000).chain((0x2_0000..0x11_0000).step_by(64)) {
            let Some(c) = char::from_u32(code).filter(|&c| !is_since_18(c)) else { continue };
            let text = format!("{c}.{c}a. {c}A.{c}.) {c}a!{c}?{c}A. {c}b. 1{c}A! {c}{c}");
            assert_eq!(boundaries(&text), icu(&text), "{c:?}");
        }
    }

    #[test]
    fn white_space_is_no_sentence() {
        assert_eq!(sentence_count(""), 0);
        assert_eq!(sentence_count(" \n\u{3000}\n"), 0);
        assert_eq!(sentence_count("\n\na\n \nb"), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn boundaries_are_those_of_icu(
            pieces in prop::collection::vec((0..PIECES.len()).prop_map(|index| PIECES[index]), 0..24),
            other in "\\PC{0,30}|[a-zA-Z0-9.,!?()\"' \n\r-]{0,120}",
        ) {
            for text in [pieces.concat(), other] {
                prop_assume!(!text.contains(is_since_18));
                prop_assert_eq!(boundaries(&text), icu(&text));
            }
        }

        #[test]
        fn sentences_are_segments_that_are_not_white(text in "[a-cA-C. !\n\u{3000}é。]{0,60}") {
            let found = boundaries(&text);
            let expected: Vec<_> = found
                .windows(2)
                .map(|pair| pair[0]..pair[1])
                .filter(|range| !text[range.clone()].trim().is_empty())
                .collect();
            let mut visited = Vec::new();
            sentences(&text, |range| visited.push(range));
            prop_assert_eq!(sentence_count(&text), visited.len());
            prop_assert_eq!(visited, expected);
        }
    }

    #[test]
    fn time_is_linear_in_the_text() {
        for piece in ["a", "a.", ". ", ".1 ", "\u{308}", "!", ". )", "A. 1", "é", "\n", "。", " "]
        {
            let text = piece.repeat(10_000);
            steps::take();
            sentence_count(&text);
            let taken = steps::take();
            assert!(taken > 0 && taken <= text.len() as u64, "{piece:?}: {taken}");
        }
    }
}
