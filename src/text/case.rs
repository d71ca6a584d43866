//! Which characters change when they are lower-cased.

use std::sync::LazyLock;

/// Beyond the last character that lower-casing changes; a test holds it against the standard
/// library's tables.
const END: usize = 0x1F000;

/// A set of the characters that lower-casing changes, one bit a code point.
///
/// The standard library finds the lower case of a character beyond ASCII by a binary search; most
/// words need none, and this says so in one look-up.
pub struct ChangesInLowerCase(Vec<u64>);

static SET: LazyLock<ChangesInLowerCase> = LazyLock::new(|| {
    let mut bits = vec![0_u64; END / 64];
    for (index, word) in bits.iter_mut().enumerate() {
        for bit in 0..64 {
            let character = char::from_u32((index * 64 + bit) as u32);
            if character.is_some_and(|c| !c.to_lowercase().eq([c])) {
                *word |= 1 << bit;
            }
        }
    }
    ChangesInLowerCase(bits)
});

impl ChangesInLowerCase {
    /// The set, made at the first call.
    pub fn get() -> &'static Self {
        &SET
    }

    /// Whether a character is in the set.
    #[inline]
    pub fn contains(&self, character: char) -> bool {
        let code = character as usize;
        self.0.get(code / 64).is_some_and(|bits| bits >> (code % 64) & 1 != 0)
    }

    /// Puts the lower case of a word into a buffer, replacing what it holds. Equal to
    /// `str::to_lowercase`, with a final sigma where one belongs.
    pub fn lower_into(&self, word: &str, buffer: &mut String) {
        buffer.clear();
        // What only ASCII changes in is copied as a whole.
        let copy = |buffer: &mut String, from: usize, to: usize| {
            let start = buffer.len();
            buffer.push_str(word.get(from..to).unwrap_or_default());
            if let Some(copied) = buffer.get_mut(start..) {
                copied.make_ascii_lowercase();
            }
        };
        let (mut copied, mut at) = (0, 0);
        while let Some(character) = next_beyond_ascii(word, &mut at) {
            if self.contains(character) {
                if character == 'Σ' {
                    // Its lower case depends on its neighbours.
                    buffer.clear();
                    buffer.push_str(&word.to_lowercase());
                    return;
                }
                copy(buffer, copied, at);
                buffer.extend(character.to_lowercase());
                copied = at + character.len_utf8();
            }
            at += character.len_utf8();
        }
        copy(buffer, copied, word.len());
    }
}

/// The next character beyond ASCII, to which `at` is moved.
#[inline]
fn next_beyond_ascii(text: &str, at: &mut usize) -> Option<char> {
    *at += text.as_bytes().get(*at..)?.iter().position(|byte| !byte.is_ascii())?;
    text.get(*at..)?.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_set_is_that_of_the_standard_library() {
        let set = ChangesInLowerCase::get();
        for character in '\0'..=char::MAX {
            assert_eq!(set.contains(character), !character.to_lowercase().eq([character]));
        }
    }

    #[test]
    fn final_sigma_and_dotted_capital_i() {
        let mut buffer = String::new();
        ChangesInLowerCase::get().lower_into("ΟΔΟΣ", &mut buffer);
        assert_eq!(buffer, "οδος");
        ChangesInLowerCase::get().lower_into("İZMİR", &mut buffer);
        assert_eq!(buffer, "i\u{307}zmi\u{307}r");
    }

    proptest! {
        #[test]
        fn lower_case_is_that_of_the_standard_library(word in "[a-zA-ZΑ-ωÀ-ɏА-яİǅ'.]{0,12}|\\PC{0,8}") {
            let mut buffer = "old".to_owned();
            ChangesInLowerCase::get().lower_into(&word, &mut buffer);
            prop_assert_eq!(buffer, word.to_lowercase());
        }
    }
}
