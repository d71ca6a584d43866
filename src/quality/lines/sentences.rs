//! Sentences by Unicode Standard Annex #29.

use std::ops::Range;
use std::sync::LazyLock;

use icu_segmenter::options::SentenceBreakInvariantOptions;
use icu_segmenter::{SentenceSegmenter, SentenceSegmenterBorrowed};

use super::steps;

static SEGMENTER: LazyLock<SentenceSegmenterBorrowed<'static>> =
    LazyLock::new(|| SentenceSegmenter::new(SentenceBreakInvariantOptions::default()));

/// How many sentences a text has; none if it is empty.
pub(in crate::quality) fn count_sentences(text: &str) -> usize {
    let mut sentences = 0;
    visit_sentences(text, |_| sentences += 1);
    sentences
}

/// Walks over the sentences of a text, each with the white space behind it, in bytes.
pub(in crate::quality) fn visit_sentences(text: &str, mut visit: impl FnMut(Range<usize>)) {
    let mut start = 0;
    let mut end_at = |end: usize| {
        if end > start {
            visit(start..end);
            start = end;
        }
    };
    if text.is_ascii() {
        ascii_breaks(text.as_bytes(), &mut end_at);
    } else {
        steps::add(text.len());
        SEGMENTER.segment_str(text).for_each(&mut end_at);
    }
    end_at(text.len());
}

fn is_close(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'(' | b')' | b'[' | b']' | b'{' | b'}')
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0B | 0x0C)
}

/// The rules SB1 to SB998 for a text of ASCII.
fn ascii_breaks(text: &[u8], mut end_at: impl FnMut(usize)) {
    let at = |index: usize| text.get(index).copied();
    let skip = |mut index: usize, class: fn(u8) -> bool| {
        while at(index).is_some_and(class) {
            index += 1;
        }
        index
    };
    steps::add(text.len());
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| {
        rest.iter().position(|byte| matches!(byte, b'.' | b'!' | b'?' | b'\n' | b'\r'))
    }) {
        let mark = from + found;
        from = mark + 1;
        match at(mark) {
            // SB3 and SB4: behind the end of a paragraph.
            Some(b'\r') if at(from) == Some(b'\n') => continue,
            Some(b'\r' | b'\n') => {
                end_at(from);
                continue;
            }
            Some(b'.') => {
                let before = mark.checked_sub(1).and_then(at);
                match at(from) {
                    // SB6 and SB7: "3.4", "U.S".
                    Some(b'0'..=b'9') => continue,
                    Some(b'A'..=b'Z') if before.is_some_and(|b| b.is_ascii_alphabetic()) => {
                        continue;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        let next = skip(skip(from, is_close), is_space);
        match at(next) {
            // SB8a: another mark, or the sentence goes on behind it. SB9 and SB10: the end of a
            // paragraph belongs to the sentence.
            Some(b'.' | b'!' | b'?' | b',' | b'-' | b':' | b';' | b'\r' | b'\n') | None => continue,
            _ => {}
        }
        if at(mark) == Some(b'.') {
            // SB8: "etc. and so on".
            let stop = skip(next, |byte| {
                !byte.is_ascii_alphabetic() && !matches!(byte, b'.' | b'!' | b'?' | b'\n' | b'\r')
            });
            steps::add(stop - next);
            if at(stop).is_some_and(|byte| byte.is_ascii_lowercase()) {
                continue;
            }
        }
        end_at(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_icu(text: &str) -> Vec<usize> {
        SEGMENTER.segment_str(text).filter(|&end| end > 0).collect()
    }

    fn ends(text: &str) -> Vec<usize> {
        let mut ends = Vec::new();
        visit_sentences(text, |range| ends.push(range.end));
        ends
    }

    #[test]
    fn sentences_end_where_the_annex_says() {
        for (text, sentences) in [
            ("", 0),
            ("No mark", 1),
            ("One. Two. Three.", 3),
            ("It is 3.4 now. e.g. this", 1),
            ("He said \"Stop!\" (Loudly.) Then left.", 3),
            ("Really?! Yes... maybe", 2),
            ("一。二！三", 3),
            ("one\ntwo\r\nthree", 3),
        ] {
            assert_eq!(count_sentences(text), sentences, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn ascii_is_cut_as_icu_cuts_it(text in "[a-cA-C0-2.!? ,:;\\-'\"()\\n\\r\\t_%]{0,16}|[ -~\\x00-\\x1f]{0,30}") {
            prop_assert_eq!(ends(&text), by_icu(&text));
        }

        #[test]
        fn sentences_are_the_whole_text(text in "\\PC{0,40}") {
            let mut whole = String::new();
            visit_sentences(&text, |range| whole.push_str(&text[range]));
            prop_assert_eq!(whole, text);
        }
    }
}
