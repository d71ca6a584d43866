//! What a text is to a model in training: its words and the buckets of its n-grams.
//!
//! Prediction has the same definitions in a faster form (`features.rs`); here nothing is summed and
//! every n-gram is reported, whether a model keeps it or not.

use super::PREFIX;
use super::dictionary::{END, SEED, hash, hash_step};
use super::words::is_space;

/// Which n-grams a model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Lengths of character n-grams, in characters, `<` and `>` around the word among them. None if
    /// the second is 0.
    pub characters: (usize, usize),
    /// Greatest length of word n-grams, in words; 1 for none.
    pub words: usize,
    /// Hash buckets of n-grams; no n-gram is reported if there are none.
    pub buckets: u32,
}

/// What a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature<'t> {
    /// A word; at the end of each text, `</s>`.
    Word(&'t [u8]),
    /// An n-gram of characters or words, by its bucket.
    Ngram(u32),
}

impl Shape {
    /// Calls back with the features of a text in the order in which prediction adds them up.
    ///
    /// Words end at ASCII white space and U+0000; a word `</s>` ends the text; words that begin as
    /// labels do (`__label__`) are passed over.
    pub fn features<'t>(&self, text: &'t str, mut feature: impl FnMut(Feature<'t>)) {
        let mut hashes = Vec::new();
        let words = text.as_bytes().split(|&byte| is_space(byte)).filter(|word| !word.is_empty());
        let mut framed = Vec::new();
        for word in words.take_while(|&word| word != END) {
            if word.starts_with(PREFIX.as_bytes()) {
                continue;
            }
            feature(Feature::Word(word));
            if self.buckets > 0 && self.characters.1 > 0 {
                framed.clear();
                framed.push(b'<');
                framed.extend_from_slice(word);
                framed.push(b'>');
                self.characters(&framed, |hash| feature(Feature::Ngram(hash % self.buckets)));
            }
            if self.words > 1 {
                hashes.push(hash(word));
            }
        }
        feature(Feature::Word(END));
        if self.words < 2 || self.buckets == 0 {
            return;
        }
        hashes.push(hash(END));
        // fastText holds the hashes of words in signed numbers before it widens them.
        let widen = |hash: u32| i64::from(hash as i32) as u64;
        for first in 0..hashes.len() {
            let window = hashes.get(first..).unwrap_or_default().iter().take(self.words);
            let mut combined: Option<u64> = None;
            for &next in window {
                combined = Some(match combined {
                    None => widen(next),
                    Some(hash) => {
                        let hash = hash.wrapping_mul(116_049_371).wrapping_add(widen(next));
                        feature(Feature::Ngram((hash % u64::from(self.buckets)) as u32));
                        hash
                    }
                });
            }
        }
    }

    /// Hashes of the character n-grams of a word in its frame.
    fn characters(&self, framed: &[u8], mut ngram: impl FnMut(u32)) {
        let continues = |byte: &u8| byte & 0xC0 == 0x80;
        let (shortest, longest) = self.characters;
        for begin in 0..framed.len() {
            let rest = framed.get(begin..).unwrap_or_default();
            if rest.first().is_none_or(continues) {
                continue;
            }
            let (mut hash, mut length) = (SEED, 0);
            for (at, &byte) in rest.iter().enumerate() {
                hash = hash_step(hash, byte);
                if rest.get(at + 1).is_some_and(continues) {
                    continue;
                }
                length += 1;
                // The marks `<` and `>` are no n-grams by themselves.
                let mark = length == 1 && (begin == 0 || at + 1 == rest.len());
                if length >= shortest.max(1) && !mark {
                    ngram(hash);
                }
                if length >= longest {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fasttext::features::Gathered;
    use crate::fasttext::{Draft, FastText, Header, Weights, Written};

    const COLUMNS: usize = 3;
    const WORDS: [&str; 4] = ["a", "ab", "é", "</s>"];

    fn model(shape: Shape) -> (FastText, Vec<f32>) {
        let rows = WORDS.len() + shape.buckets as usize;
        let weights: Vec<f32> = (0..rows * COLUMNS).map(|at| (at as f32 * 0.7).sin()).collect();
        let draft = Draft {
            header: Header {
                dimension: COLUMNS,
                epochs: 1,
                min_count: 1,
                negatives: 1,
                word_ngrams: shape.words,
                loss: Written::Softmax,
                buckets: shape.buckets,
                characters: shape.characters,
                tokens: 9,
            },
            words: &WORDS.map(|word| (word.as_bytes().to_vec(), 1)),
            labels: &[("__label__x".to_owned(), 2), ("__label__y".to_owned(), 1)],
            kept: None,
            input: &Weights::Plain(weights.clone()),
            output: &Weights::Plain(vec![0.0; 2 * COLUMNS]),
        };
        (FastText::from_bytes(&draft.to_bytes()).expect("a model"), weights)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn prediction_adds_up_the_same_rows(
            words in prop::collection::vec("[abé<>]{1,12}|</s>|__label__x|__label__|[\\PC]{1,5}", 0..9),
            spaces in "[ \t\u{0}]{1,2}",
            shortest in 0_usize..4,
            more in 0_usize..4,
            word_ngrams in 1_usize..4,
        ) {
            let longest = if shortest == 0 { 0 } else { shortest + more };
            let shape = Shape { characters: (shortest, longest), words: word_ngrams, buckets: 50 };
            let (model, weights) = model(shape);
            let text = words.join(&spaces);
            let (mut sums, mut count) = ([0.0_f32; COLUMNS], 0);
            shape.features(&text, |feature| {
                let row = match feature {
                    Feature::Ngram(bucket) => Some(WORDS.len() + bucket as usize),
                    Feature::Word(word) => WORDS.iter().position(|own| own.as_bytes() == word),
                };
                if let Some(row) = row {
                    count += 1;
                    let row = &weights[row * COLUMNS..];
                    sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += weight);
                }
            });
            let expected = sums.map(|sum| sum * (1.0 / f64::from(count)) as f32);
            let mut gathered = Gathered::default();
            prop_assert!(model.gather(&[&text], &mut gathered));
            prop_assert_eq!(gathered.hidden(), expected);
        }
    }

    fn features(shape: Shape, text: &str) -> (Vec<String>, usize) {
        let (mut words, mut ngrams) = (Vec::new(), 0);
        shape.features(text, |feature| match feature {
            Feature::Word(word) => words.push(String::from_utf8_lossy(word).into_owned()),
            Feature::Ngram(_) => ngrams += 1,
        });
        (words, ngrams)
    }

    #[test]
    fn words_and_ngrams_are_counted_out() {
        let none = Shape { characters: (0, 0), words: 1, buckets: 0 };
        assert_eq!(
            features(none, " a\u{a0}b\tc"),
            (vec!["a\u{a0}b".into(), "c".into(), "</s>".into()], 0)
        );
        // <é> has é, <é, é>, <é> of lengths 1 to 3, and not < and >.
        let characters = Shape { characters: (1, 3), words: 1, buckets: 1000 };
        assert_eq!(features(characters, "é").1, 4);
        // Of four words with the end, three pairs and two triples.
        let words = Shape { characters: (0, 0), words: 3, buckets: 1000 };
        assert_eq!(features(words, "a b c").1, 5);
    }

    #[test]
    fn labels_are_passed_over_and_the_end_ends() {
        let shape = Shape { characters: (2, 3), words: 2, buckets: 1000 };
        let plain = features(shape, "a b");
        assert_eq!(features(shape, "a __label__x b </s> c"), plain);
    }
}
