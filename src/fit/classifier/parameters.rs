//! What can be chosen in training, and what can be wrong.

use std::path::PathBuf;

use serde::Serialize;

use super::LONGEST;
use crate::fasttext::Shape;
use crate::fit::FitError;
use crate::shard::listing::ListingError;

/// What is made smaller by training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// Softmax: the probabilities of all labels sum to 1.
    Softmax,
    /// Hierarchical softmax over a Huffman tree of the labels: quicker with very many labels.
    Hs,
    /// Negative sampling.
    Ns,
    /// One-vs-all: every label by itself.
    Ova,
}

/// Parameters of training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameters {
    /// Columns of the matrices.
    pub dimension: usize,
    /// How often each text is shown.
    pub epochs: u32,
    /// The learning rate at the beginning; it falls to 0 in a straight line.
    pub learning_rate: f64,
    /// Greatest length of word n-grams, in words; 1 for none.
    pub word_ngrams: usize,
    /// Lengths of character n-grams, in characters; 0 and 0 for none.
    pub characters: (usize, usize),
    /// Hash buckets that n-grams fall into.
    pub buckets: u32,
    /// Words that occur less often have no row of their own.
    pub min_count: u32,
    /// N-grams whose bucket occurs less often have none, in a model that is quantized.
    pub min_ngram_count: u32,
    /// What is made smaller.
    pub loss: Loss,
    /// Labels drawn for a text with [`Loss::Ns`].
    pub negatives: u32,
    /// The weight of a label goes with its number of texts to this power: 1 as the texts are, 0 all
    /// labels alike. Texts of rarer labels are shown more often.
    pub balance: f64,
    /// Decides what is left to chance.
    pub seed: u64,
    /// Threads; they change the time, not the model.
    pub threads: usize,
}

impl Parameters {
    /// For language identification: character n-grams carry nearly all of it.
    pub fn language() -> Self {
        Self {
            dimension: 16,
            epochs: 10,
            learning_rate: 0.8,
            word_ngrams: 1,
            characters: (2, 5),
            buckets: 1 << 21,
            min_count: 100,
            min_ngram_count: 5,
            loss: Loss::Softmax,
            negatives: 5,
            balance: 0.5,
            seed: 0,
            threads: 1,
        }
    }

    /// For quality: words and pairs of words, as the published classifiers have it.
    pub fn quality() -> Self {
        Self {
            dimension: 64,
            epochs: 5,
            learning_rate: 0.1,
            word_ngrams: 2,
            characters: (0, 0),
            min_count: 3,
            min_ngram_count: 2,
            balance: 1.0,
            ..Self::language()
        }
    }

    pub(super) fn shape(&self) -> Shape {
        let none = self.word_ngrams < 2 && self.characters.1 == 0;
        Shape {
            characters: self.characters,
            words: self.word_ngrams,
            buckets: if none { 0 } else { self.buckets },
        }
    }

    pub(super) fn check(&self) -> Result<(), TrainError> {
        let share = self.balance.clamp(0.0, 1.0);
        let (shortest, longest) = self.characters;
        let checks = [
            ("dim", (1..=4096).contains(&self.dimension), "1 to 4096"),
            ("epoch", (1..=10_000).contains(&self.epochs), "1 to 10000"),
            ("lr", self.learning_rate > 0.0 && self.learning_rate <= 100.0, "above 0, to 100"),
            ("word-ngrams", (1..=LONGEST).contains(&self.word_ngrams), "1 to 16"),
            ("maxn", longest <= LONGEST && longest >= shortest, "0 to 16, no less than minn"),
            ("minn", shortest > 0 || longest == 0, "1 or more, or maxn 0 for none"),
            ("bucket", (1..=1 << 27).contains(&self.buckets), "1 to 134217728"),
            ("neg", (1..=1000).contains(&self.negatives), "1 to 1000"),
            ("balance", share == self.balance, "0 to 1"),
            ("threads", (1..=1024).contains(&self.threads), "1 to 1024"),
        ];
        match checks.into_iter().find(|(_, fits, _)| !fits) {
            Some((name, _, range)) => Err(TrainError::Parameter { name, range }),
            None => Ok(()),
        }
    }
}

/// Which rows of the input matrix are kept; `</s>` always is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cutoff {
    /// All.
    None,
    /// So many of the greatest norm, words and n-grams together.
    Rows(usize),
    /// As many of the greatest norm as fit into a file of so many bytes.
    Bytes(u64),
}

/// How a model is compressed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compression {
    /// Which rows are kept.
    pub cutoff: Cutoff,
    /// Epochs of training after others were cut off.
    pub retrain: u32,
    /// Columns of a part of a row that makes one byte.
    pub width: usize,
    /// Whether norms of rows are kept apart, in a byte more.
    pub norms: bool,
    /// Whether the output matrix is quantized too.
    pub output: bool,
    /// Epochs of training of the output matrix after the input was quantized.
    pub settle: u32,
}

impl Default for Compression {
    fn default() -> Self {
        Self { cutoff: Cutoff::None, retrain: 5, width: 2, norms: true, output: false, settle: 1 }
    }
}

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The documents can't be read.
    #[error(transparent)]
    Read(#[from] FitError),
    /// There are no such files.
    #[error(transparent)]
    Listing(#[from] ListingError),
    /// No document has a label.
    #[error(
        "no document has a label, of {documents} that were read{}: name its field, which is \
         `{field}` now, with --label-field; lines of plain text begin with `__label__`",
        if *overlapping > 0 { format!(" and {overlapping} that overlap with held-out ones") } else { String::new() }
    )]
    NoLabel {
        /// Documents that were read.
        documents: u64,
        /// Of these, such as overlap with held-out ones.
        overlapping: u64,
        /// The field.
        field: String,
    },
    /// As [`NoLabel`](TrainError::NoLabel), of held-out documents.
    #[error("nothing is held out: {0}")]
    NothingHeldOut(Box<TrainError>),
    /// A label that fastText's files can't hold.
    #[error("the label `{}` has white space in it; labels are single words", label.escape_debug())]
    Label {
        /// The label.
        label: String,
    },
    /// There is nothing to tell apart.
    #[error("all texts have one label, `{label}`: a classifier needs two or more")]
    OneLabel {
        /// The label.
        label: String,
    },
    /// There is nothing at all.
    #[error("no text is left to train on")]
    NoText,
    /// Nothing in the texts occurs often enough.
    #[error(
        "no word and no n-gram of {texts} texts occurs often enough: lower min-count (is {min_count}) \
         and min-ngram-count (is {min_ngram_count})"
    )]
    NoRows {
        /// The texts.
        texts: usize,
        /// The fewest occurrences of a word.
        min_count: u32,
        /// The fewest occurrences of an n-gram.
        min_ngram_count: u32,
    },
    /// A share that leaves nothing to train on, or to judge by.
    #[error("holding out {share} of {texts} texts leaves nothing on one of the sides")]
    HeldOut {
        /// The share.
        share: f64,
        /// The texts.
        texts: usize,
    },
    /// A parameter out of its range.
    #[error("{name} must be {range}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its range.
        range: &'static str,
    },
    /// The matrix would be too large.
    #[error("the model would have {rows} rows of {columns} numbers: lower bucket or dim")]
    TooLarge {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// Not even the labels fit.
    #[error(
        "a file of {bytes} bytes can't hold the model: labels, output matrix and quantizer alone \
         take {fixed}"
    )]
    Bytes {
        /// What is allowed.
        bytes: u64,
        /// What is needed.
        fixed: u64,
    },
    /// Threads can't be started.
    #[error("can't start {threads} threads: {message}")]
    Threads {
        /// How many.
        threads: usize,
        /// What the system said.
        message: String,
    },
    /// A model can't be read for evaluation.
    #[error("{}: {source}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: crate::fasttext::ModelError,
    },
}
