//! Telling texts that are, or share a passage with, texts that a model will be judged by.

use std::collections::HashSet;

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use xxhash_rust::xxh3::xxh3_64;

/// Words of a passage that two texts share only if one was taken from the other.
const SHINGLE: usize = 8;
/// A run of letters of more characters than this is of a script without spaces.
const LONGEST_WORD: usize = 24;
/// Characters of such a run that make a passage.
const RUN: usize = 16;

/// What held-out texts have in them.
#[derive(Debug, Default, Clone)]
pub struct Overlap {
    hashes: HashSet<u64>,
}

impl Overlap {
    /// Takes in a held-out text.
    pub fn add(&mut self, text: &str) {
        self.hashes.extend(hashes(text));
    }

    /// Whether a text is a held-out one but for case, marks and spaces, or has eight words in a row
    /// of one (or 16 characters of a script without spaces).
    pub fn meets(&self, text: &str) -> bool {
        !self.hashes.is_empty() && hashes(text).iter().any(|hash| self.hashes.contains(hash))
    }
}

/// Letters and digits in lower case, one space between words.
fn normalized(text: &str) -> String {
    let mut normalized = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() {
            normalized.extend(character.to_lowercase());
        } else if !normalized.is_empty() && !normalized.ends_with(' ') && !is_mark(character) {
            normalized.push(' ');
        }
    }
    normalized.truncate(normalized.trim_end().len());
    normalized
}

/// Vowel signs and the like, which stand within words and are no letters by themselves.
fn is_mark(character: char) -> bool {
    !character.is_ascii()
        && GeneralCategoryGroup::Mark
            .contains(CodePointMapData::<GeneralCategory>::new().get(character))
}

fn hashes(text: &str) -> Vec<u64> {
    let normalized = normalized(text);
    let mut hashes = Vec::new();
    if normalized.is_empty() {
        return hashes;
    }
    hashes.push(xxh3_64(normalized.as_bytes()));
    let words: Vec<&str> = normalized.split(' ').collect();
    let place = |word: &str| word.as_ptr() as usize - normalized.as_ptr() as usize;
    for window in words.windows(SHINGLE) {
        if let [first, .., last] = window {
            let passage = normalized.get(place(first)..place(last) + last.len());
            hashes.push(xxh3_64(passage.unwrap_or_default().as_bytes()));
        }
    }
    for word in words {
        let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
        if ends.len() > LONGEST_WORD + 1 {
            let runs =
                ends.windows(RUN + 1).filter_map(|ends| word.get(*ends.first()?..*ends.last()?));
            hashes.extend(runs.map(|run| xxh3_64(run.as_bytes())));
        }
    }
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlap(held_out: &str) -> Overlap {
        let mut overlap = Overlap::default();
        overlap.add(held_out);
        overlap
    }

    #[test]
    fn the_same_text_is_met_whatever_its_marks() {
        let overlap = overlap("Ça va? Oui, merci!");
        assert!(overlap.meets("ça va — oui merci"));
        assert!(!overlap.meets("ça va — oui merci bien"));
        assert!(!overlap.meets("?!") && !Overlap::default().meets("ça va"));
    }

    #[test]
    fn eight_words_in_a_row_are_a_passage() {
        let overlap = overlap("one two three four five six seven eight nine");
        assert!(overlap.meets("so: two three four five six seven eight, NINE and more"));
        assert!(!overlap.meets("so: three four five six seven eight nine and more"));
    }

    #[test]
    fn scripts_without_spaces_are_cut_by_characters() {
        let held_out: String = ('一'..).take(40).collect();
        let passage: String = held_out.chars().skip(11).take(16).collect();
        let overlap = overlap(&held_out);
        assert!(overlap.meets(&format!("某某某某某某某某某某{passage}")));
        assert!(!overlap.meets(&format!("某某某某某某某某某某某{}", &passage[3..])));
    }
}
