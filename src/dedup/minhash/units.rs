//! Of what documents are compared: units, words or characters, as hashes, and the shingles of them.

use std::ops::Range;

use crate::text::hash::hash_word;
use crate::text::view::Words;

/// The units of a text, in order.
#[derive(Debug, Default, Clone)]
pub struct Units {
    /// A hash of each.
    pub hashes: Vec<u64>,
    /// How much each counts towards the least length of a shingle.
    pub weights: Vec<u8>,
    /// Whether each is a number or something else without a letter.
    pub numbers: Vec<bool>,
    /// Whether most are single letters or kana, of which a script has few: strangers have half of
    /// them in common.
    pub letters: bool,
}

/// How much a character of a script without spaces counts towards the least length of a shingle: a
/// word of an alphabet has about five letters, one of Chinese not quite two ideographs, one of Thai
/// or Khmer about four letters with their marks, one of Japanese is something between these. Tibetan
/// is cut into syllables, of which two make most words.
const IDEOGRAPH: u8 = 4;
const SYLLABLE: u8 = 3;

/// The weight of a word: its characters, or what stands for a single one of a script without spaces;
/// and whether it is of such a script.
fn weigh(text: &[u8], span: Range<usize>, characters: u32) -> (u8, bool) {
    let letters = characters.min(16) as u8;
    match (text.get(span.start), text.get(span.start + 1)) {
        // Kana: U+3040 to U+30FF.
        (Some(0xe3), Some(0x81..=0x83)) => (SYLLABLE * letters, letters == 1),
        // Thai, Lao: U+0E00 to U+0EFF. Burmese: U+1000 to U+109F. Khmer: U+1780 to U+17FF. A word is
        // a letter with its marks.
        (Some(0xe0), Some(0xb8..=0xbb)) | (Some(0xe1), Some(0x80..=0x82 | 0x9e..=0x9f)) => {
            (SYLLABLE, true)
        }
        // Tibetan: U+0F00 to U+0FFF.
        (Some(0xe0), Some(0xbc..=0xbf)) => (IDEOGRAPH, false),
        // Ideographs, from U+3400 on and beyond the first plane; syllables of Korean and Yi.
        (Some(0xe3..=0xe9 | 0xf0), _) => (IDEOGRAPH * letters.min(8), letters == 1),
        (Some(0xea..=0xed), _) => (SYLLABLE * letters, false),
        _ => (letters, false),
    }
}

/// Of so many letters one must be a character of a script without spaces for the words of the text to
/// be cut into characters. Such texts are copied and edited by the character, so that a foreign word in
/// them is not one thing. But a short text under a menu in English is mostly English, and two of
/// these have most letters in common.
const UNSPACED: u64 = 3;

impl Units {
    /// Takes the words of a text. `lower`: whether those that differ in case only are the same.
    pub fn read_words(&mut self, text: &str, words: &Words, lower: bool) {
        self.hashes.clear();
        self.weights.clear();
        self.numbers.clear();
        self.letters = false;
        let (mut unspaced, mut all) = (0_u64, 0_u64);
        for (&(start, end), &characters) in words.spans().iter().zip(words.characters()) {
            let span = start as usize..end as usize;
            let (weight, is_unspaced) = weigh(text.as_bytes(), span, characters);
            self.weights.push(weight);
            // A letter of such a script has its marks with it.
            let letters = if is_unspaced { 1 } else { u64::from(characters) };
            all += letters;
            unspaced += u64::from(is_unspaced);
        }
        if unspaced * UNSPACED >= all.max(1) {
            return self.cut_words(text, words, lower);
        }
        self.hashes.extend_from_slice(match lower {
            true => words.lower_hashes(text),
            false => words.hashes(),
        });
        self.numbers.extend(words.alphabetic().iter().map(|alphabetic| !alphabetic));
    }

    /// Takes the words of a text in a script without spaces, cut into characters where they are not.
    fn cut_words(&mut self, text: &str, words: &Words, lower: bool) {
        self.weights.clear();
        for word in words.iter() {
            let Some(letters) = text.get(word.range()) else { continue };
            let (weight, is_unspaced) = weigh(text.as_bytes(), word.range(), word.characters);
            if is_unspaced {
                self.hashes.push(word.hash);
                self.weights.push(weight);
                continue;
            }
            let mut push = |letter: char| {
                let mut bytes = [0; 4];
                self.hashes.push(hash_word(letter.encode_utf8(&mut bytes).as_bytes()));
                self.weights.push(SYLLABLE);
            };
            for letter in letters.chars() {
                match lower {
                    true => letter.to_lowercase().for_each(&mut push),
                    false => push(letter),
                }
            }
        }
        self.numbers.resize(self.hashes.len(), false);
        let letters = self.weights.iter().filter(|weight| **weight == SYLLABLE).count();
        self.letters = 2 * letters > self.weights.len();
    }

    /// Takes words of which only the places are known.
    pub fn read_spans(&mut self, text: &str, spans: &[(u32, u32)]) {
        let bytes = text.as_bytes();
        self.letters = false;
        self.hashes.clear();
        self.weights.clear();
        self.numbers.clear();
        for &(start, end) in spans {
            let word = bytes.get(start as usize..end as usize).unwrap_or_default();
            self.hashes.push(hash_word(word));
            self.weights.push(1);
            self.numbers.push(word.iter().all(u8::is_ascii_digit));
        }
    }

    /// Takes the characters of a text; every run of white space is one of them, but for those at the
    /// ends. `lower`: whether those that differ in case only are the same.
    pub fn read_characters(&mut self, text: &str, lower: bool) {
        self.hashes.clear();
        self.weights.clear();
        self.numbers.clear();
        let mut space = false;
        let mut push = |character: char| {
            self.hashes.push(hash_word(&u32::from(character).to_le_bytes()));
            self.weights.push(1);
            self.numbers.push(character.is_numeric());
        };
        for character in text.trim().chars() {
            if character.is_whitespace() {
                space = true;
                continue;
            }
            if std::mem::take(&mut space) {
                push(' ');
            }
            match lower {
                true => character.to_lowercase().for_each(&mut push),
                false => push(character),
            }
        }
    }

    /// Puts a hash of each shingle into a buffer: from every unit on the fewest units that are at
    /// least `n` and weigh at least `min_weight` together.
    pub fn shingles(&self, n: usize, min_weight: usize, out: &mut Vec<u64>) {
        out.clear();
        // The hash of a shingle is a polynomial of its units' hashes, so that it is rolled from one
        // shingle to the next.
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        // What a unit counts for in a shingle whose first it is: powers of the factor by length.
        let longest = n.max(min_weight).max(1);
        let powers: Vec<u64> =
            std::iter::successors(Some(1_u64), |power| Some(power.wrapping_mul(FACTOR)))
                .take(longest + 1)
                .collect();
        let (mut end, mut heavy, mut hash) = (0, 0_usize, 0_u64);
        for (start, (&first, &light)) in self.hashes.iter().zip(&self.weights).enumerate() {
            while end - start < n || heavy < min_weight {
                let (Some(&unit), Some(&weight)) = (self.hashes.get(end), self.weights.get(end))
                else {
                    return;
                };
                hash = hash.wrapping_mul(FACTOR).wrapping_add(unit);
                heavy += usize::from(weight);
                end += 1;
            }
            out.push(mix(hash));
            let power = powers.get(end - start - 1).copied().unwrap_or_default();
            hash = hash.wrapping_sub(first.wrapping_mul(power));
            heavy -= usize::from(light);
        }
    }
}

/// Spreads a hash over all bits (the finaliser of MurmurHash3, Appleby 2011, with the constants of
/// Stafford's variant 13).
#[inline]
pub fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// Counts how often a unit came before, in room that is used again.
#[derive(Debug, Default)]
pub struct Occurrences {
    /// Hash, generation, count.
    slots: Vec<(u64, u32, u32)>,
    generation: u32,
}

impl Occurrences {
    /// Begins a document of so many units.
    pub fn begin(&mut self, units: usize) {
        let wanted = (2 * units).next_power_of_two().max(64);
        // One huge document should not hold its room for the rest of the run.
        if self.slots.len() < wanted || self.slots.len() > wanted.max(1 << 18) {
            self.slots = vec![(0, 0, 0); wanted];
            self.generation = 0;
        }
        self.generation = self.generation.wrapping_add(1);
        if self.generation == 0 {
            self.slots.fill((0, 0, 0));
            self.generation = 1;
        }
    }

    /// How often this unit came before in the document, and counts it.
    #[inline]
    pub fn next(&mut self, hash: u64) -> u32 {
        let mask = self.slots.len() - 1;
        let mut at = (hash ^ (hash >> 32)) as usize & mask;
        loop {
            let slot = &mut self.slots[at];
            if slot.1 != self.generation {
                *slot = (hash, self.generation, 1);
                return 0;
            }
            if slot.0 == hash {
                slot.2 += 1;
                return slot.2 - 1;
            }
            at = (at + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::text::segment::Segmentation;
    use proptest::prelude::*;

    fn words(text: &str) -> Units {
        let document = Document::new("", text);
        let mut units = Units::default();
        units.read_words(text, document.view().words(Segmentation::Unicode), true);
        units
    }

    fn shingles(text: &str, n: usize, min_weight: usize) -> Vec<u64> {
        let mut out = Vec::new();
        words(text).shingles(n, min_weight, &mut out);
        out
    }

    #[test]
    fn shingles_are_lengthened_until_they_weigh_enough() {
        // `of the house`, `the house`, `house that`, `that jack`, `jack built`.
        assert_eq!(shingles("of the house that Jack built", 2, 8).len(), 5);
        assert_eq!(
            shingles("of the house that Jack built", 2, 8)[1],
            shingles("THE house", 2, 8)[0]
        );
        assert_eq!(shingles("of the house that Jack built", 2, 0).len(), 5);
        assert_eq!(shingles("of the house that Jack built", 5, 0).len(), 2);
        // Two ideographs, three kana, three Thai letters with their marks.
        assert_eq!(shingles("人人生而自由", 2, 8).len(), 5);
        assert_eq!(shingles("すべての", 2, 8).len(), 2);
        assert_eq!(shingles("ที่นี่มี", 2, 8).len(), 1);
        // Letters among ideographs, three of them and two with one, where ideographs are a third.
        assert_eq!(shingles("我们用 PDF 连接文件", 2, 8).len(), 9);
        assert_eq!(shingles("我们用 PDF 连接文件", 2, 8), shingles("我们用 pdf 连接文件", 2, 8));
        // Words, where they are not: `用 SocketName`, `SocketName 连`, `连接`.
        assert_eq!(shingles("用 SocketName 连接", 2, 8).len(), 3);
        assert!(shingles("a b", 2, 8).is_empty());
        assert!(shingles("", 2, 8).is_empty());
    }

    #[test]
    fn characters_are_compared_without_case_and_with_one_space() {
        let units = |text: &str| {
            let mut units = Units::default();
            units.read_characters(text, true);
            units.hashes
        };
        assert_eq!(units(" A\t\n b "), units("a b"));
        assert_eq!(units("a b").len(), 3);
        assert_ne!(units("ab"), units("a b"));
    }

    proptest! {
        #[test]
        fn rolled_shingles_are_those_hashed_alone(
            text in "([a-z]{1,9} |[0-9]|人|か|ที่){0,30}",
            n in 1usize..6,
            min_weight in 0usize..12,
        ) {
            let units = words(&text);
            let mut rolled = Vec::new();
            units.shingles(n, min_weight, &mut rolled);
            let mut alone = Vec::new();
            for start in 0..units.hashes.len() {
                let end = (start + n..=units.hashes.len()).find(|&end| {
                    let weights = units.weights[start..end].iter();
                    weights.map(|weight| usize::from(*weight)).sum::<usize>() >= min_weight
                });
                let Some(end) = end else { break };
                let part = Units {
                    hashes: units.hashes[start..end].to_vec(),
                    weights: vec![1; end - start],
                    ..Units::default()
                };
                let mut one = Vec::new();
                part.shingles(end - start, 0, &mut one);
                alone.extend(one);
            }
            prop_assert_eq!(rolled, alone);
        }

        #[test]
        fn occurrences_are_counted(units in proptest::collection::vec(0u64..20, 0..200)) {
            let mut occurrences = Occurrences::default();
            for _ in 0..3 {
                occurrences.begin(units.len());
                for (at, unit) in units.iter().enumerate() {
                    let before = units[..at].iter().filter(|other| *other == unit).count();
                    prop_assert_eq!(occurrences.next(*unit), before as u32);
                }
            }
        }
    }
}
