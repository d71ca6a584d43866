//! fastText classifiers: loading a model file, and predicting the labels of a text with it.
//!
//! Definitions are those of fastText 0.9.2 (Joulin et al. 2016, *Bag of Tricks for Efficient Text
//! Classification*; *FastText.zip*), down to the order in which numbers are added and rounded.

mod buckets;
mod dictionary;
mod features;
#[cfg(feature = "train")]
mod features_of;
mod file;
mod loss;
mod matrix;
mod shared;
#[cfg(test)]
mod tests;
mod tree;
mod words;
#[cfg(feature = "train")]
mod write;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use buckets::Buckets;
use dictionary::Dictionary;
use features::Gathered;
use file::Contents;
use loss::{Loss, Search};
use matrix::Matrix;

#[cfg(feature = "train")]
pub use features_of::{Feature, Shape};
pub use file::{ModelError, read};
pub use shared::{Fingerprint, shared};
#[cfg(feature = "train")]
pub use tree::huffman as label_tree;
#[cfg(feature = "train")]
pub use write::{Codes, Draft, Header, Weights, Written};

/// What training put before labels, and their users do not want to see.
pub const PREFIX: &str = "__label__";

/// What a model makes of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The label, without fastText's prefix.
    pub label: Arc<str>,
    /// The model's probability for it. Rounding may carry it a little above 1.
    pub score: f64,
}

/// A label of a model and its probability, see [`FastText::predict_into`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The label's number, see [`FastText::label`].
    pub label: u32,
    /// The model's probability for it. Rounding may carry it a little above 1.
    pub score: f32,
}

/// A fastText classifier: a `.ftz` or `.bin` file of version 11 or 12, trained with any of fastText's
/// losses (hierarchical softmax, softmax, negative sampling, one-vs-all), with or without n-grams
/// of characters and words.
///
/// Labels and scores are those of fastText's own program (0.9.2) to the last bit, where the C
/// library's `expf` is the same; elsewhere scores may differ in the last digits. Two things are
/// part of that: words end at ASCII white space and U+0000 only, and a word `</s>` ends the text.
/// Line ends, which end a text in fastText's program, are white space here.
///
/// A prediction takes memory that does not depend on the length of the text, and is kept for the
/// next one: about 0.3 MB for each of up to 64 threads.
pub struct FastText {
    input: Matrix,
    output: Matrix,
    dictionary: Dictionary,
    buckets: Buckets,
    /// Lengths of character n-grams, in characters.
    ngrams: (usize, usize),
    /// Greatest length of word n-grams, in words.
    word_ngrams: usize,
    loss: Loss,
    /// Without prefix, in the model's order.
    labels: Vec<Arc<str>>,
    scratch: Box<[Slot; SLOTS]>,
}

/// The working memory of a prediction.
#[derive(Default)]
struct Scratch {
    gathered: Gathered,
    search: Search,
}

/// Predictions at one time whose working memory is kept.
const SLOTS: usize = 64;

/// Working memory that one prediction at a time uses, apart from what others write.
#[derive(Default)]
#[repr(align(128))]
struct Slot(Mutex<Scratch>);

thread_local! {
    /// Where this thread looks first for working memory: so it finds the words it saw last, and
    /// seldom meets another thread.
    static OWN_SLOT: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % SLOTS
    };
}

impl FastText {
    /// Loads a classifier from the content of its file.
    ///
    /// # Errors
    ///
    /// If the content is not a whole and coherent classifier of a kind that is understood. Memory
    /// is taken in proportion to the content, whatever sizes it claims.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let contents = Contents::read(bytes)?;
        let words = contents.words.len();
        let (buckets, order) = Buckets::new(contents.bucket, words, contents.pruned.as_deref());
        let counts: Vec<i64> = contents.labels.iter().map(|&(_, count)| count).collect();
        let labels = contents
            .labels
            .iter()
            .map(|(spelled, _)| Arc::from(spelled.strip_prefix(PREFIX).unwrap_or(spelled)))
            .collect();
        Ok(Self {
            input: Matrix::input(&contents.input, words, order.as_deref()),
            output: Matrix::output(&contents.output),
            loss: Loss::new(contents.loss, &counts),
            dictionary: Dictionary::new(&contents),
            buckets,
            ngrams: contents.ngrams,
            word_ngrams: contents.word_ngrams,
            labels,
            scratch: Box::new(std::array::from_fn(|_| Slot::default())),
        })
    }

    /// The `count` most probable labels of a text, best first; fewer if the model has fewer, if
    /// it rules the others out, or if it finds nothing to go by.
    pub fn predict_best(&self, text: &str, count: usize) -> Vec<Prediction> {
        self.search(&[text], count, |best| {
            best.iter().filter_map(|&scored| self.prediction(scored)).collect()
        })
    }

    /// The most probable label of a text; `None` if the model finds nothing to go by. Allocates
    /// nothing, once a thread has seen texts like it.
    pub fn predict(&self, text: &str) -> Option<Prediction> {
        self.search(&[text], 1, |best| best.first().and_then(|&scored| self.prediction(scored)))
    }

    /// What [`predict_best`](FastText::predict_best) answers, put into `best` in place of what is
    /// there: nothing is allocated, once a thread has seen texts like it and `best` has room for
    /// `count` labels.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/lid.176.ftz");
    /// let (model, _) = sapwood::fasttext::shared(&path)?;
    /// let mut best = Vec::new();
    /// model.predict_into("La rivière était haute ce matin.", 2, &mut best);
    /// assert_eq!(model.label(best[0].label).map(|label| &**label), Some("fr"));
    /// assert!(best[0].score > best[1].score);
    /// # Ok::<(), sapwood::fasttext::ModelError>(())
    /// ```
    pub fn predict_into(&self, text: &str, count: usize, best: &mut Vec<Scored>) {
        self.predict_pieces(&[text], count, best);
    }

    /// What [`predict_into`](FastText::predict_into) answers for the pieces joined by a space,
    /// without joining them. A word `</s>` ends the whole text, in whatever piece it stands.
    pub fn predict_pieces(&self, pieces: &[&str], count: usize, best: &mut Vec<Scored>) {
        best.clear();
        self.search(pieces, count, |found| {
            best.extend(found.iter().map(|&(score, label)| Scored { label, score: score.exp() }));
        });
    }

    /// The most probable label of a text, and the probability of the label with a
    /// [number](FastText::label_number), as [`predict_best`](FastText::predict_best) has it if
    /// asked for all labels: 0 if the model rules it out. `None` if the model finds nothing to go
    /// by.
    pub fn predict_label(&self, text: &str, number: usize) -> Option<(Prediction, f64)> {
        self.with_scratch(|Scratch { gathered, search }| {
            if !self.gather(&[text], gathered) {
                return None;
            }
            let hidden = gathered.hidden();
            let best = self.loss.best(&self.output, hidden, 1, search).first().copied()?;
            let score = self.loss.score(&self.output, hidden, number, search);
            Some((self.prediction(best)?, score.map_or(0.0, |score| f64::from(score.exp()))))
        })
    }

    /// Hands over the best labels of a text with the logarithms of their probabilities.
    fn search<T>(&self, pieces: &[&str], count: usize, work: impl FnOnce(&[(f32, u32)]) -> T) -> T {
        self.with_scratch(|Scratch { gathered, search }| {
            if count == 0 || !self.gather(pieces, gathered) {
                return work(&[]);
            }
            work(self.loss.best(&self.output, gathered.hidden(), count, search))
        })
    }

    fn prediction(&self, (score, label): (f32, u32)) -> Option<Prediction> {
        let label = Arc::clone(self.label(label)?);
        Some(Prediction { label, score: f64::from(score.exp()) })
    }

    fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let own = OWN_SLOT.with(|own| *own);
        for at in own..own + SLOTS {
            if let Ok(mut scratch) = self.scratch[at % SLOTS].0.try_lock() {
                return work(&mut scratch);
            }
        }
        work(&mut Scratch::default())
    }

    /// The label with a number, without fastText's prefix.
    pub fn label(&self, number: u32) -> Option<&Arc<str>> {
        self.labels.get(number as usize)
    }

    /// The number of a label, which may be named with or without fastText's prefix.
    pub fn label_number(&self, label: &str) -> Option<usize> {
        let label = label.strip_prefix(PREFIX).unwrap_or(label);
        self.labels.iter().position(|own| **own == *label)
    }

    /// Every label that the model can answer with, without prefix, sorted.
    pub fn labels(&self) -> Vec<Arc<str>> {
        let mut labels = self.labels.clone();
        labels.sort_unstable();
        labels.dedup();
        labels
    }

    /// Memory that the model holds, in bytes, roughly.
    pub fn memory(&self) -> u64 {
        let parts = [
            self.input.memory(),
            self.output.memory(),
            self.dictionary.memory(),
            self.buckets.memory(),
            self.labels.len() * 64,
        ];
        parts.iter().sum::<usize>() as u64
    }
}
