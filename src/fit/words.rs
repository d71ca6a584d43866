//! Counting the words of a sample in bounded memory, to choose stop words from the most frequent.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::document::Document;
use crate::text::case::ChangesInLowerCase;
use crate::text::segment::Segmentation;

/// Different words that are counted at a time.
const LIMIT: usize = 1 << 19;
/// Longer words are not counted, in bytes; no stop word is.
const LONGEST: usize = 96;

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    words: u64,
    documents: u64,
    /// The number of the document that it was last seen in, from 1.
    last: u64,
}

/// How often each word occurs, in lower case. Beyond half a million different words the rarest are
/// forgotten, in a way that depends on their counts only.
#[derive(Debug)]
pub struct WordCounts {
    counts: HashMap<Box<str>, Count>,
    limit: usize,
    /// Whether words of ASCII alone are left out: those of a language in another script are foreign.
    without_ascii: bool,
    /// No word was forgotten more often than this.
    forgotten: u64,
    words: u64,
    documents: u64,
    buffer: String,
}

impl Default for WordCounts {
    fn default() -> Self {
        Self::with_limit(LIMIT)
    }
}

impl WordCounts {
    /// Counts of the words of a language in a script, ISO 15924.
    pub fn of_script(script: &str) -> Self {
        Self { without_ascii: script != "Latn", ..Self::default() }
    }
}

/// A word that may be a stop word.
#[derive(Debug, Clone, PartialEq)]
pub struct Frequent {
    /// The word, in lower case.
    pub word: String,
    /// Its share of all words, 0 to 1.
    pub share: f64,
    /// The share of documents that have it, 0 to 1.
    pub documents: f64,
}

impl WordCounts {
    fn with_limit(limit: usize) -> Self {
        Self {
            counts: HashMap::new(),
            limit,
            without_ascii: false,
            forgotten: 0,
            words: 0,
            documents: 0,
            buffer: String::new(),
        }
    }

    /// Counts the words of a document.
    pub fn add(&mut self, document: &Document<'_>, segmentation: Segmentation) {
        self.documents += 1;
        let view = document.view();
        let changes = ChangesInLowerCase::get();
        for word in view.words(segmentation).iter() {
            self.words += 1;
            let Some(text) = view.text().get(word.range()) else { continue };
            if text.len() > LONGEST || !is_word(text) || (self.without_ascii && text.is_ascii()) {
                continue;
            }
            changes.lower_into(text, &mut self.buffer);
            if !self.counts.contains_key(self.buffer.as_str()) {
                self.counts.insert(self.buffer.as_str().into(), Count::default());
            }
            if let Some(count) = self.counts.get_mut(self.buffer.as_str()) {
                count.words += 1;
                if count.last != self.documents {
                    count.documents += 1;
                    count.last = self.documents;
                }
            }
        }
        // After whole documents only, so that the cut does not depend on the order of words.
        while self.counts.len() > self.limit {
            self.forgotten += 1;
            let least = self.forgotten;
            self.counts.retain(|_, count| count.words > least);
        }
    }

    /// How many words there were.
    pub fn words(&self) -> u64 {
        self.words
    }

    /// How many occurrences of a word may have been forgotten.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The most frequent words among those in at least `documents` of the documents, until they make
    /// `coverage` of all words; at most `most`. If that gives fewer than `least`, words of fewer
    /// documents follow, those of most documents first, but none that only one document has.
    pub fn most_frequent(
        &self,
        coverage: f64,
        documents: f64,
        least: usize,
        most: usize,
    ) -> Vec<Frequent> {
        let wanted = (documents * self.documents as f64).max(2.0);
        let mut words: Vec<(&str, &Count)> = self
            .counts
            .iter()
            .filter(|(_, count)| count.documents >= 2)
            .map(|(word, count)| (word.as_ref(), count))
            .collect();
        let rank = |word: &str, count: &Count| match count.documents as f64 >= wanted {
            true => (0, Reverse(count.words), Reverse(count.documents), word.to_owned()),
            false => (1, Reverse(count.documents), Reverse(count.words), word.to_owned()),
        };
        words.sort_by_cached_key(|(word, count)| rank(word, count));
        let mut covered = 0.0;
        let mut chosen: Vec<Frequent> = Vec::new();
        for (word, count) in words.into_iter().take(most) {
            let common = count.documents as f64 >= wanted;
            if chosen.len() >= least && (covered >= coverage || !common) {
                break;
            }
            let share = count.words as f64 / self.words.max(1) as f64;
            covered += share;
            chosen.push(Frequent {
                word: word.to_owned(),
                share,
                documents: count.documents as f64 / self.documents.max(1) as f64,
            });
        }
        chosen
    }
}

/// Whether a word can be a stop word: it has a letter, no digit, and no ASCII punctuation but an
/// apostrophe or hyphen, so that no `e.g.` and no `word,` of a segmentation at white space is.
fn is_word(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && !text.chars().any(|character| {
            character.is_numeric()
                || (character.is_ascii_punctuation() && !matches!(character, '\'' | '-'))
                || matches!(
                    character,
                    '“' | '”' | '„' | '«' | '»' | '।' | '॥' | '،' | '۔' | '؟' | '。' | '…'
                )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(texts: &[&str], limit: usize) -> WordCounts {
        let mut counts = WordCounts::with_limit(limit);
        for text in texts {
            counts.add(&Document::new("x", *text), Segmentation::Whitespace);
        }
        counts
    }

    fn words(counts: &WordCounts, coverage: f64, least: usize, most: usize) -> Vec<String> {
        let found = counts.most_frequent(coverage, 0.0, least, most);
        found.into_iter().map(|frequent| frequent.word).collect()
    }

    #[test]
    fn the_most_frequent_words_are_chosen_until_they_cover_enough() {
        let counts = counted(&["The cat and the dog", "the end , and 42 e.g. it's cat"], 100);
        assert_eq!(counts.words(), 13);
        assert_eq!(words(&counts, 0.2, 1, 9), ["the"]);
        assert_eq!(words(&counts, 0.3, 1, 9), ["the", "and"]);
        assert_eq!(words(&counts, 0.0, 3, 9), ["the", "and", "cat"]);
        assert_eq!(words(&counts, 1.0, 1, 2), ["the", "and"]);
        assert_eq!(words(&counts, 1.0, 1, 99), ["the", "and", "cat"], "others are in one document");
        let first = &counts.most_frequent(0.0, 0.5, 9, 9);
        assert_eq!((first[0].share, first[0].documents), (3.0 / 13.0, 1.0));
    }

    #[test]
    fn words_of_few_documents_come_last_and_only_to_make_enough() {
        let texts = ["a b x x x", "a b x x", "a c", "a c", "a d"];
        let found = |least| {
            let found = counted(&texts, 100).most_frequent(1.0, 0.9, least, 9);
            found.into_iter().map(|frequent| frequent.word).collect::<Vec<_>>()
        };
        assert_eq!(found(1), ["a"]);
        assert_eq!(found(2), ["a", "x"]);
        assert_eq!(found(9), ["a", "x", "b", "c"]);
    }

    #[test]
    fn what_stands_between_words_is_no_word() {
        for word in ["e.g", "word,", "a1", "“so", "है।", "-", "42"] {
            assert!(!is_word(word), "{word}");
        }
        for word in ["it's", "mpé", "हैं", "co-op", "nyɔ\u{301}nsɔ"] {
            assert!(is_word(word), "{word}");
        }
    }

    #[test]
    fn foreign_words_are_no_stop_words_of_another_script() {
        let mut counts = WordCounts::of_script("Deva");
        for _ in 0..2 {
            counts.add(&Document::new("x", "the यह the है"), Segmentation::Whitespace);
        }
        assert_eq!(words(&counts, 1.0, 1, 9), ["यह", "है"]);
        assert_eq!(counts.words(), 8);
    }

    #[test]
    fn rare_words_are_forgotten_whatever_their_order() {
        let one = counted(&["a a a b b c d e f", "a b x y z"], 4);
        let other = counted(&["f e d c b b a a a", "z y x b a"], 4);
        assert!(one.forgotten() > 0);
        assert_eq!(words(&one, 1.0, 1, 9), words(&other, 1.0, 1, 9));
        assert_eq!(words(&one, 1.0, 1, 9), ["a", "b"]);
    }
}
