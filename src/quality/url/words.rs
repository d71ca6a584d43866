//! Words in URLs.

use std::borrow::Cow;

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

use super::Variant;

const COMBINING: CanonicalCombiningClassMapBorrowed<'static> =
    CanonicalCombiningClassMapBorrowed::new();

/// The text of a URL in which words are looked for.
///
/// `sapwood`: percent-escapes resolved (bytes that are no UTF-8 become U+FFFD), in lower case.
/// `datatrove`: the URL as it stands.
pub(super) fn readable(url: &str, variant: Variant) -> Cow<'_, str> {
    match variant {
        Variant::Datatrove => Cow::Borrowed(url),
        Variant::Sapwood if url.contains('%') => {
            Cow::Owned(String::from_utf8_lossy(&unescape(url)).to_lowercase())
        }
        Variant::Sapwood => Cow::Owned(url.to_lowercase()),
    }
}

fn unescape(url: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(url.len());
    let mut rest = url.as_bytes();
    while let [byte, tail @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => hexadecimal(*high).zip(hexadecimal(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                out.push(high << 4 | low);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    out
}

fn hexadecimal(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// Whether a character is part of a word. In `datatrove` only ASCII letters and digits are;
/// in `sapwood` those of every script, with the marks that are written on them.
pub(super) fn is_word_character(character: char, variant: Variant) -> bool {
    if character.is_ascii() || variant == Variant::Datatrove {
        return character.is_ascii_alphanumeric();
    }
    // Signs such as the virama are not alphabetic, but stand within words.
    character.is_alphanumeric() || COMBINING.get_u8(character) != 0
}

/// The words of a readable URL.
pub(super) fn words(readable: &str, variant: Variant) -> impl Iterator<Item = &str> {
    readable
        .split(move |character| !is_word_character(character, variant))
        .filter(|word| !word.is_empty())
}

/// Puts what is left of a text into a buffer when all that is no part of a word is taken out, in
/// lower case: datatrove's `normalize`, for entries of word lists and for the search for parts of
/// words. `None` if nothing is left.
pub(super) fn joined(text: &str, variant: Variant, out: &mut String) -> Option<()> {
    let text = match variant {
        Variant::Datatrove => Cow::Owned(text.to_ascii_lowercase()),
        Variant::Sapwood => Cow::Owned(text.to_lowercase()),
    };
    join_words(&text, variant, out);
    (!out.is_empty()).then_some(())
}

/// Puts the words of a text that is in lower case already into a buffer, one after the other.
pub(super) fn join_words(lower: &str, variant: Variant, out: &mut String) {
    words(lower, variant).for_each(|word| out.push_str(word));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(url: &str, variant: Variant) -> Vec<String> {
        words(&readable(url, variant), variant).map(str::to_owned).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        let url = "http://Example.org/One-TWO_3%20four?q=été%C3%A9%zz%";
        assert_eq!(
            split(url, Variant::Sapwood),
            ["http", "example", "org", "one", "two", "3", "four", "q", "étéé", "zz"]
        );
        assert_eq!(
            split(url, Variant::Datatrove),
            ["http", "Example", "org", "One", "TWO", "3", "20four", "q", "t", "C3", "A9", "zz"]
        );
    }

    #[test]
    fn words_of_other_scripts_hold_together() {
        for word in ["हिन्दी", "ภาษาไทย", "русский", "中文"] {
            assert_eq!(split(&format!("/{word}-{word}。"), Variant::Sapwood), [word, word]);
        }
        assert_eq!(split("/%FF%d0%b0a", Variant::Sapwood), ["аa"]);
    }

    #[test]
    fn entries_are_joined_in_lower_case() {
        let entry = |text: &str, variant| {
            let mut out = String::new();
            joined(text, variant, &mut out).map(|()| out)
        };
        assert_eq!(entry("Foo-Bar é", Variant::Sapwood).as_deref(), Some("foobaré"));
        assert_eq!(entry("Foo-Bar É", Variant::Datatrove).as_deref(), Some("foobar"));
        assert_eq!(entry("--", Variant::Sapwood), None);
    }
}
