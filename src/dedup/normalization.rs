//! What is done to a text before it is compared as a whole.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::case::ChangesInLowerCase;
use crate::text::punctuation::is_decimal_digit;
use crate::text::simplify::simplify_into;
use crate::text::whitespace::is_python_whitespace;

/// What is done to a text before it is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Normalization {
    /// Nothing: equal means equal bytes.
    None,
    /// As ROOTS' `dedup_document` (BigScience data-preparation): white space, decimal digits of all
    /// scripts and ASCII punctuation are left out; case counts. All texts of nothing else are equal.
    #[default]
    Roots,
    /// As SlimPajama's MinHash (Cerebras modelzoo): lower case, without ASCII punctuation, white
    /// space joined to one space and stripped.
    #[serde(rename = "slimpajama")]
    SlimPajama,
    /// As datatrove's `simplify_text`: lower case, numbers as `0`, punctuation as white space, which
    /// is joined and stripped, letters without their accents.
    #[serde(rename = "datatrove")]
    DataTrove,
    /// Unicode's form NFC: letters are equal however their accents are encoded.
    Nfc,
    /// Unicode's form NFKC in lower case, white space joined and stripped: full-width letters,
    /// ligatures, capitals and line breaks make no difference.
    Caseless,
}

impl Normalization {
    /// The text that is compared; `buffer` is room for it, whose content is lost.
    pub fn apply<'t>(self, text: &'t str, buffer: &'t mut String) -> &'t str {
        buffer.clear();
        match self {
            Normalization::None => return text,
            Normalization::Roots => normalize_roots(text, buffer),
            Normalization::SlimPajama => normalize_slim_pajama(text, buffer),
            Normalization::DataTrove => simplify_into(text, buffer),
            Normalization::Nfc => match ComposingNormalizerBorrowed::new_nfc().normalize(text) {
                Cow::Borrowed(_) => return text,
                Cow::Owned(composed) => *buffer = composed,
            },
            Normalization::Caseless => {
                let compatible = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
                let mut lower = String::with_capacity(compatible.len());
                ChangesInLowerCase::get().lower_into(&compatible, &mut lower);
                join_words(&lower, buffer);
            }
        }
        buffer
    }
}

/// Appends a text without white space, digits and ASCII punctuation.
pub fn normalize_roots(text: &str, out: &mut String) {
    let dropped = |byte: u8| {
        is_ascii_python_space(byte) || byte.is_ascii_digit() || byte.is_ascii_punctuation()
    };
    keep_pieces(text, out, dropped, |c| is_python_whitespace(c) || is_decimal_digit(c));
}

/// Appends a text in lower case, without ASCII punctuation, white space joined and stripped.
pub fn normalize_slim_pajama(text: &str, out: &mut String) {
    let mut lower = String::new();
    ChangesInLowerCase::get().lower_into(text, &mut lower);
    let mut unmarked = String::with_capacity(lower.len());
    keep_pieces(&lower, &mut unmarked, |byte| byte.is_ascii_punctuation(), |_| false);
    join_words(&unmarked, out);
}

/// Appends what stands between white space, a space between.
fn join_words(text: &str, out: &mut String) {
    out.reserve(text.len());
    let start = out.len();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(is_python_whitespace);
        if rest.is_empty() {
            return;
        }
        // Most words end at a space of ASCII.
        let mut end = 0;
        while let Some(&byte) = rest.as_bytes().get(end) {
            let (space, length) = match byte.is_ascii() {
                true => (is_ascii_python_space(byte), 1),
                false => {
                    let c = rest.get(end..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
                    (c.is_whitespace(), c.len_utf8())
                }
            };
            if space {
                break;
            }
            end += length;
        }
        if out.len() > start {
            out.push(' ');
        }
        let (word, behind) = rest.split_at(end);
        out.push_str(word);
        rest = behind;
    }
}

fn is_ascii_python_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || (0x1c..=0x1f).contains(&byte) || byte == 0x0b
}

/// Appends a text without some characters, of ASCII and others.
fn keep_pieces(
    text: &str,
    out: &mut String,
    dropped: impl Fn(u8) -> bool,
    dropped_beyond: impl Fn(char) -> bool,
) {
    let kept: [bool; 128] = std::array::from_fn(|byte| !dropped(byte as u8));
    out.reserve(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        // Every byte is written and stays if the next one does not overwrite it: no branch for what
        // nobody can foretell.
        let mut block = [0; 64];
        let (mut read, mut written) = (0, 0);
        for &byte in rest.as_bytes().iter().take(block.len()) {
            let (Some(&keep), Some(slot)) = (kept.get(usize::from(byte)), block.get_mut(written))
            else {
                break;
            };
            *slot = byte;
            written += usize::from(keep);
            read += 1;
        }
        let ascii = block.get(..written).and_then(|block| std::str::from_utf8(block).ok());
        out.push_str(ascii.unwrap_or_default());
        rest = rest.get(read..).unwrap_or_default();
        // Characters beyond ASCII seldom come alone.
        while let Some(c) = rest.chars().next().filter(|c| !c.is_ascii()) {
            if !dropped_beyond(c) {
                out.push(c);
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normalized(normalization: Normalization, text: &str) -> String {
        let mut buffer = "old".to_owned();
        normalization.apply(text, &mut buffer).to_owned()
    }

    #[test]
    fn digits_and_spaces_of_all_scripts_are_left_out() {
        let text = "a\u{0663}b\u{3000}c\u{ff11}d\u{1f}e\u{b2}";
        assert_eq!(normalized(Normalization::Roots, text), "abcde\u{b2}");
        assert_eq!(normalized(Normalization::Roots, "héllo\twörld\n42"), "héllowörld");
    }

    #[test]
    fn other_normalisations() {
        use Normalization::*;
        for (normalization, text, expected) in [
            (None, "A  b", "A  b"),
            (SlimPajama, " Don't\u{1f}\u{3000} STOP -- now。 ", "dont stop now。"),
            (SlimPajama, "-- !", ""),
            (DataTrove, "Café, No. 12.5", "cafe no 0"),
            (Nfc, "e\u{301} A  b", "é A  b"),
            (Caseless, "Ｆｕｌｌ ﬁne\n\n Ⅳ", "full fine iv"),
        ] {
            assert_eq!(normalized(normalization, text), expected);
        }
    }

    proptest! {
        #[test]
        fn the_fast_paths_equal_the_definitions(
            text in "\\PC*|[a-zA-Z0-9 .\u{660}\u{3000}\u{e9}\u{1f}\n]{0,40}"
        ) {
            let dropped = |c: char| is_python_whitespace(c) || is_decimal_digit(c) || c.is_ascii_punctuation();
            let roots: String = text.chars().filter(|&c| !dropped(c)).collect();
            prop_assert_eq!(normalized(Normalization::Roots, &text), roots);
            let lower = text.to_lowercase();
            let unmarked: String = lower.chars().filter(|c| !c.is_ascii_punctuation()).collect();
            let words: Vec<&str> =
                unmarked.split(is_python_whitespace).filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(normalized(Normalization::SlimPajama, &text), words.join(" "));
        }
    }
}
