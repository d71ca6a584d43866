//! Which words and n-grams of the training texts have a row.

use std::collections::HashMap;

use rayon::prelude::*;

use super::descent::Examples;
use super::{Parameters, Text};
use crate::fasttext::{Feature, Shape};

/// Texts that are made into rows at a time, on one thread.
const CHUNK: usize = 2048;
/// No row.
const NONE: u32 = u32::MAX;

/// Words and buckets by row: first words, the most frequent first, then buckets.
#[derive(Debug, Clone)]
pub(super) struct Table {
    shape: Shape,
    pub words: Vec<(Vec<u8>, u64)>,
    /// The buckets that have a row, rising; `None` if all have.
    pub kept: Option<Vec<u32>>,
    rows_of_words: HashMap<Vec<u8>, u32>,
    /// The row of each bucket after those of words, or [`NONE`]; empty if all have one.
    rows_of_buckets: Vec<u32>,
    /// Words in all texts.
    pub tokens: u64,
}

impl Table {
    /// The words and n-grams that occur often enough; all buckets if `every_bucket`.
    pub fn count(texts: &[Text], parameters: &Parameters, every_bucket: bool) -> Self {
        let shape = parameters.shape();
        let mut words: HashMap<&[u8], u64> = HashMap::new();
        let mut buckets: Vec<u32> = Vec::new();
        if !every_bucket {
            buckets.resize(shape.buckets as usize, 0);
        }
        let mut tokens = 0;
        for text in texts {
            shape.features(&text.text, |feature| match feature {
                Feature::Word(word) => {
                    tokens += 1;
                    *words.entry(word).or_default() += 1;
                }
                Feature::Ngram(bucket) => {
                    if let Some(count) = buckets.get_mut(bucket as usize) {
                        *count = count.saturating_add(1);
                    }
                }
            });
        }
        let mut words: Vec<(Vec<u8>, u64)> = words
            .into_iter()
            .filter(|&(_, count)| count >= u64::from(parameters.min_count))
            .map(|(word, count)| (word.to_vec(), count))
            .collect();
        words.sort_unstable_by(|(a, most), (b, least)| least.cmp(most).then_with(|| a.cmp(b)));
        let kept = (!every_bucket).then(|| {
            let least = parameters.min_ngram_count.max(1);
            let counts = (0_u32..).zip(&buckets).filter(|&(_, &count)| count >= least);
            counts.map(|(bucket, _)| bucket).collect()
        });
        Self::new(shape, words, kept, tokens)
    }

    fn new(shape: Shape, words: Vec<(Vec<u8>, u64)>, kept: Option<Vec<u32>>, tokens: u64) -> Self {
        let rows_of_words = words.iter().map(|(word, _)| word.clone()).zip(0..).collect();
        let mut rows_of_buckets = Vec::new();
        if let Some(kept) = &kept {
            rows_of_buckets.resize(shape.buckets as usize, NONE);
            for (row, &bucket) in (0..).zip(kept) {
                rows_of_buckets[bucket as usize] = row;
            }
        }
        Self { shape, words, kept, rows_of_words, rows_of_buckets, tokens }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        let buckets = self.kept.as_ref().map_or(self.shape.buckets as usize, Vec::len);
        self.words.len() + buckets
    }

    fn row(&self, feature: Feature<'_>) -> Option<u32> {
        match feature {
            Feature::Word(word) => self.rows_of_words.get(word).copied(),
            Feature::Ngram(bucket) => {
                let row = match self.rows_of_buckets.as_slice() {
                    [] => bucket,
                    rows => rows.get(bucket as usize).copied().filter(|&row| row != NONE)?,
                };
                Some(self.words.len() as u32 + row)
            }
        }
    }

    /// The texts as rows.
    pub fn examples(&self, texts: &[Text]) -> Examples {
        let chunks: Vec<Examples> = texts
            .par_chunks(CHUNK)
            .map(|texts| {
                let mut examples = Examples::default();
                let mut rows = Vec::new();
                for text in texts {
                    rows.clear();
                    self.shape.features(&text.text, |feature| rows.extend(self.row(feature)));
                    examples.push(&rows, text.label);
                }
                examples
            })
            .collect();
        let mut examples = Examples::default();
        chunks.iter().for_each(|chunk| examples.append(chunk));
        examples
    }

    /// Bytes that a row takes in a quantized file beside its codes.
    pub fn row_bytes(&self, row: usize) -> usize {
        // A bucket and its row; a word, its end, its count and its kind.
        self.words.get(row).map_or(8, |(word, _)| word.len() + 10)
    }

    /// A table of the rows for which `keep` is true, and the new row of each.
    pub fn choose(&self, keep: &[bool]) -> (Self, Vec<Option<u32>>) {
        let keeps = |row: usize| keep.get(row).copied().unwrap_or_default();
        let mut next = 0;
        let new = (0..self.rows()).map(|row| {
            keeps(row).then(|| {
                next += 1;
                next - 1
            })
        });
        let new = new.collect();
        let words = self.words.iter().enumerate().filter(|&(row, _)| keeps(row));
        let words = words.map(|(_, word)| word.clone()).collect();
        let first = self.words.len();
        let all: Vec<u32>;
        let buckets = match &self.kept {
            Some(kept) => kept,
            None => {
                all = (0..self.shape.buckets).collect();
                &all
            }
        };
        let kept = buckets.iter().enumerate().filter(|&(row, _)| keeps(first + row));
        let kept = Some(kept.map(|(_, &bucket)| bucket).collect());
        (Self::new(self.shape, words, kept, self.tokens), new)
    }
}
