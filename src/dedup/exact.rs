//! Exact deduplication by a hash of the text.

use std::cell::RefCell;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::Barrier;
use crate::document::Document;
use crate::text::punctuation::is_decimal_digit;

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
}

/// Parameters of `exact_dedup`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What is done to a text before it is compared.
    pub normalize: Normalization,
}

/// Keeps the first document of every text.
///
/// Texts are compared by xxh3-128: among a billion documents two different texts share a key with
/// a probability of about 10^-21.
#[derive(Debug, Clone)]
pub struct ExactDedup {
    normalization: Normalization,
}

thread_local! {
    static BUFFER: RefCell<String> = const { RefCell::new(String::new()) };
}

impl ExactDedup {
    /// The stage with its parameters.
    pub fn new(config: &Config) -> Self {
        Self { normalization: config.normalize }
    }

    /// The key of a text.
    pub fn key_of(&self, text: &str) -> u128 {
        match self.normalization {
            Normalization::None => xxh3_128(text.as_bytes()),
            Normalization::Roots => BUFFER.with_borrow_mut(|buffer| {
                buffer.clear();
                normalize_roots(text, buffer);
                let key = xxh3_128(buffer.as_bytes());
                // One huge document should not hold its room for the rest of the run.
                if buffer.capacity() > 1 << 22 {
                    *buffer = String::new();
                }
                key
            }),
        }
    }
}

/// Whether Python's `\\s` matches: Unicode white space and the four information separators.
fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Appends a text without white space, digits and ASCII punctuation.
pub fn normalize_roots(text: &str, out: &mut String) {
    let dropped = |byte: u8| {
        byte.is_ascii_whitespace()
            || byte.is_ascii_digit()
            || byte.is_ascii_punctuation()
            || (0x1c..=0x1f).contains(&byte)
            || byte == 0x0b
    };
    let mut rest = text;
    while !rest.is_empty() {
        let bytes = rest.as_bytes();
        let kept = bytes.iter().position(|&byte| !byte.is_ascii() || dropped(byte));
        let kept = kept.unwrap_or(bytes.len());
        out.push_str(&rest[..kept]);
        rest = &rest[kept..];
        let ascii = rest.bytes().position(|byte| !(byte.is_ascii() && dropped(byte)));
        rest = &rest[ascii.unwrap_or(rest.len())..];
        let Some(c) = rest.chars().next().filter(|c| !c.is_ascii()) else { continue };
        if !is_python_space(c) && !is_decimal_digit(c) {
            out.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
}

impl Barrier for ExactDedup {
    fn name(&self) -> &str {
        "exact_dedup"
    }

    fn reason(&self) -> &'static str {
        "exact_dedup.duplicate"
    }

    fn key(&self, document: &Document<'_>) -> Option<u128> {
        Some(self.key_of(document.text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normalized(text: &str) -> String {
        let mut out = String::new();
        normalize_roots(text, &mut out);
        out
    }

    /// Facts of the original: which of some texts its `dedup_document` empties.
    #[test]
    fn roots_normalisation_equals_the_original() {
        assert_eq!(normalized("h\u{e9}llo\tw\u{f6}rld\n42"), "h\u{e9}llow\u{f6}rld");
        let dedup = ExactDedup::new(&Config::default());
        let texts = [
            "Hello, World! 1",
            "hello world",
            "Hello World",
            "HelloWorld 22",
            "   ",
            "...",
            "unique doc",
        ];
        let mut seen = std::collections::HashSet::new();
        let kept: Vec<bool> = texts.iter().map(|text| seen.insert(dedup.key_of(text))).collect();
        assert_eq!(kept, [true, true, false, false, true, false, true]);
    }

    #[test]
    fn digits_and_spaces_of_all_scripts_are_left_out() {
        assert_eq!(normalized("a\u{0663}b\u{3000}c\u{ff11}d\u{1f}e\u{b2}"), "abcde\u{b2}");
    }

    proptest! {
        #[test]
        fn the_fast_path_equals_the_definition(text in "\\PC*|[a-z0-9 .\u{660}\u{3000}\u{e9}\n]{0,40}") {
            let slow: String = text
                .chars()
                .filter(|&c| !(is_python_space(c) || is_decimal_digit(c) || c.is_ascii_punctuation()))
                .collect();
            prop_assert_eq!(normalized(&text), slow);
        }
    }
}
