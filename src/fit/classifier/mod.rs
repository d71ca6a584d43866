//! Training fastText classifiers of language or quality: labelled texts in, a model file out that
//! fastText 0.9.2 reads and the stages `langid` and `classify` use.
//!
//! The network, its losses and the file are fastText's (Joulin et al. 2016, *Bag of Tricks for
//! Efficient Text Classification*; *FastText.zip*). Four things differ from its own trainer:
//!
//! - The same texts, parameters and seed give the same bytes, for any number of threads.
//! - Texts are shuffled anew in each epoch, and labels can be balanced.
//! - Where a model is to be compressed, n-grams that are too rare get no row to begin with, so that
//!   many buckets, in which few n-grams collide, cost no memory.
//! - After quantization the output matrix can be trained on, with the input as it will be read.

use rayon::prelude::*;

use crate::fasttext::{Codes, Draft, Header, PREFIX, Weights, Written};

mod corpus;
mod descent;
mod overlap;
mod parameters;
mod quantize;
mod random;
mod table;
#[cfg(test)]
mod tests;

pub use corpus::{Corpus, Counts, Preparation, one_line};
pub use overlap::Overlap;
pub use parameters::{Compression, Cutoff, Loss, Parameters, TrainError};

use descent::{Descent, Examples, Network, Objective};
use table::Table;

/// The longest n-gram, of characters or words.
const LONGEST: usize = 16;
/// The most rows of a matrix: more are no model, but a slip.
const MOST_ROWS: usize = 1 << 28;

/// A text and the number of its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text, on one line.
    pub text: String,
    /// The label's place in the corpus's list.
    pub label: u32,
}

/// A trained model.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The content of the model file.
    pub bytes: Vec<u8>,
    /// Words that have a row.
    pub words: usize,
    /// N-grams, or rather their buckets, that have a row.
    pub ngrams: usize,
    /// Rows before the cutoff.
    pub candidates: usize,
    /// The mean loss of each epoch, with what it was an epoch of.
    pub losses: Vec<(&'static str, f64)>,
}

/// Trains a model on a corpus. `compression` makes a `.ftz` file, `None` a `.bin` file; `progress`
/// is told what an epoch was for, its number from 1, and its mean loss, as it ends.
///
/// # Errors
/// If a parameter is out of its range, the corpus has one label only, or nothing to go by, or the
/// model can't be made as small as is asked for.
pub fn train(
    corpus: &Corpus,
    parameters: &Parameters,
    compression: Option<&Compression>,
    progress: &mut (dyn FnMut(&'static str, u32, f64) + Send),
) -> Result<Trained, TrainError> {
    parameters.check()?;
    if compression.is_some_and(|it| it.width == 0 || it.width > parameters.dimension) {
        return Err(TrainError::Parameter { name: "dsub", range: "1 to dim" });
    }
    let threads = parameters.threads;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| TrainError::Threads { threads, message: error.to_string() })?;
    pool.install(|| Training::new(corpus, parameters, compression)?.run(progress))
}

struct Training<'t> {
    parameters: &'t Parameters,
    compression: Option<&'t Compression>,
    /// The corpus's labels with the prefix and how often they are shown in an epoch, most first.
    labels: Vec<(String, u64)>,
    /// How often a text of each label is shown in an epoch, in the same order.
    repeats: Vec<f64>,
    texts: Vec<Text>,
}

impl<'t> Training<'t> {
    fn new(
        corpus: &Corpus,
        parameters: &'t Parameters,
        compression: Option<&'t Compression>,
    ) -> Result<Self, TrainError> {
        let counts = corpus.texts_of_labels();
        let most = counts.iter().copied().max().unwrap_or_default().max(1) as f64;
        let mut labels: Vec<(u32, u64, f64)> = (0..)
            .zip(&counts)
            .filter(|&(_, &count)| count > 0)
            .map(|(number, &count)| {
                let shown = most * (count as f64 / most).powf(parameters.balance);
                (number, shown.round() as u64, shown / count as f64)
            })
            .collect();
        labels.sort_by_key(|&(_, shown, _)| std::cmp::Reverse(shown));
        match labels.as_slice() {
            [] => return Err(TrainError::NoText),
            [(one, ..)] => {
                return Err(TrainError::OneLabel { label: corpus.labels[*one as usize].clone() });
            }
            _ => {}
        }
        let mut places = vec![0; counts.len()];
        for (place, &(number, ..)) in (0..).zip(&labels) {
            places[number as usize] = place;
        }
        let text = |text: &Text| Text { label: places[text.label as usize], ..text.clone() };
        Ok(Self {
            parameters,
            compression,
            labels: labels
                .iter()
                .map(|&(number, shown, _)| {
                    (format!("{PREFIX}{}", corpus.labels[number as usize]), shown)
                })
                .collect(),
            repeats: labels.iter().map(|&(_, _, repeats)| repeats).collect(),
            texts: corpus.texts.iter().map(text).collect(),
        })
    }

    fn run(
        mut self,
        progress: &mut (dyn FnMut(&'static str, u32, f64) + Send),
    ) -> Result<Trained, TrainError> {
        let parameters = self.parameters;
        let columns = parameters.dimension;
        let mut table = Table::count(&self.texts, parameters, self.compression.is_none());
        let candidates = table.rows();
        if candidates == 0 {
            return Err(TrainError::NoRows {
                texts: self.texts.len(),
                min_count: parameters.min_count,
                min_ngram_count: parameters.min_ngram_count,
            });
        }
        if candidates.saturating_mul(columns) > MOST_ROWS * 16 {
            return Err(TrainError::TooLarge { rows: candidates, columns });
        }
        let mut examples = table.examples(&self.texts);
        // What is left of them is in the examples.
        self.texts = Vec::new();
        let counts: Vec<u64> = self.labels.iter().map(|&(_, count)| count).collect();
        let objective = Objective::new(parameters, &counts);
        let repeats = std::mem::take(&mut self.repeats);
        let mut course = Course { parameters, objective, repeats, losses: Vec::new(), progress };
        let mut network = Network::new(candidates, counts.len(), columns, parameters.seed);
        course.descend(&mut network, &examples, "train", parameters.epochs, true);
        let Some(compression) = self.compression else {
            let (input, output) = (Weights::Plain(network.input), Weights::Plain(network.output));
            return Ok(self.finish(&table, candidates, &input, &output, course.losses));
        };
        if let Some(keep) = self.cut_off(compression, &table, &network.input)? {
            let (chosen, new) = table.choose(&keep);
            examples = examples.mapped(&new);
            let rows = network.input.chunks_exact(columns).zip(&keep);
            network.input =
                rows.filter(|&(_, &keep)| keep).flat_map(|(row, _)| row).copied().collect();
            table = chosen;
            course.descend(&mut network, &examples, "retrain", compression.retrain, true);
        }
        let width = compression.width;
        let input = quantized(&mut network.input, columns, width, compression.norms, parameters);
        if compression.settle > 0 {
            network.input = quantize::decode(&input.0, input.1.as_ref());
            course.descend(&mut network, &examples, "settle", compression.settle, false);
        }
        let output = match compression.output {
            false => Weights::Plain(network.output),
            true => {
                let (codes, norms) =
                    quantized(&mut network.output, columns, width, compression.norms, parameters);
                Weights::Coded(codes, norms)
            }
        };
        Ok(self.finish(
            &table,
            candidates,
            &Weights::Coded(input.0, input.1),
            &output,
            course.losses,
        ))
    }

    /// Which rows to keep; `None` if all.
    fn cut_off(
        &self,
        compression: &Compression,
        table: &Table,
        input: &[f32],
    ) -> Result<Option<Vec<bool>>, TrainError> {
        let columns = self.parameters.dimension;
        let codes = columns.div_ceil(compression.width) + usize::from(compression.norms);
        let bytes_of = |row: usize| table.row_bytes(row) + codes;
        let mut room = match compression.cutoff {
            Cutoff::None => return Ok(None),
            Cutoff::Rows(rows) => rows as u64,
            Cutoff::Bytes(bytes) => {
                let fixed = self.fixed_bytes(compression);
                bytes.checked_sub(fixed).ok_or(TrainError::Bytes { bytes, fixed })?
            }
        };
        let norms: Vec<f32> = input
            .par_chunks_exact(columns)
            .map(|row| row.iter().map(|value| value * value).sum())
            .collect();
        let mut order: Vec<usize> = (0..norms.len()).collect();
        let end = table.words.iter().position(|(word, _)| word == b"</s>");
        order.par_sort_by(|&a, &b| {
            let first = |row| Some(row) != end;
            first(a).cmp(&first(b)).then(norms[b].total_cmp(&norms[a])).then(a.cmp(&b))
        });
        let mut keep = vec![false; norms.len()];
        for row in order {
            let cost = match compression.cutoff {
                Cutoff::Bytes(_) => bytes_of(row) as u64,
                _ => 1,
            };
            let Some(left) = room.checked_sub(cost) else { break };
            room = left;
            keep[row] = true;
        }
        Ok(keep.contains(&false).then_some(keep))
    }

    /// Bytes of a file without any row.
    fn fixed_bytes(&self, compression: &Compression) -> u64 {
        let columns = self.parameters.dimension;
        let norms = |rows: usize| match compression.norms {
            true => rows + Codes::quantizer_bytes(1),
            false => 0,
        };
        let matrix = |rows: usize| 22 + Codes::quantizer_bytes(columns) + norms(rows);
        let labels = self.labels.len();
        let output = match compression.output {
            true => matrix(labels) + labels * columns.div_ceil(compression.width),
            false => 17 + labels * columns * 4,
        };
        let spelled: usize = self.labels.iter().map(|(label, _)| label.len() + 10).sum();
        (8 + 56 + 28 + spelled + matrix(0) + output) as u64
    }

    fn finish(
        self,
        table: &Table,
        candidates: usize,
        input: &Weights,
        output: &Weights,
        losses: Vec<(&'static str, f64)>,
    ) -> Trained {
        let parameters = self.parameters;
        let shape = parameters.shape();
        let draft = Draft {
            header: Header {
                dimension: parameters.dimension,
                epochs: parameters.epochs,
                min_count: parameters.min_count,
                negatives: parameters.negatives,
                word_ngrams: parameters.word_ngrams,
                loss: match parameters.loss {
                    Loss::Softmax => Written::Softmax,
                    Loss::Hs => Written::Tree,
                    Loss::Ns => Written::Negatives,
                    Loss::Ova => Written::OneVsAll,
                },
                buckets: shape.buckets,
                characters: parameters.characters,
                tokens: table.tokens,
            },
            words: &table.words,
            labels: &self.labels,
            kept: table.kept.as_deref(),
            input,
            output,
        };
        Trained {
            bytes: draft.to_bytes(),
            words: table.words.len(),
            ngrams: table.rows() - table.words.len(),
            candidates,
            losses,
        }
    }
}

/// Several descents on one network.
struct Course<'c> {
    parameters: &'c Parameters,
    objective: Objective,
    repeats: Vec<f64>,
    losses: Vec<(&'static str, f64)>,
    progress: &'c mut (dyn FnMut(&'static str, u32, f64) + Send),
}

impl Course<'_> {
    fn descend(
        &mut self,
        network: &mut Network,
        examples: &Examples,
        purpose: &'static str,
        epochs: u32,
        input: bool,
    ) {
        let descent = Descent {
            parameters: self.parameters,
            epochs,
            // What is nearly right is not to be shaken again.
            learning_rate: self.parameters.learning_rate * if input { 1.0 } else { 0.5 },
            repeats: &self.repeats,
            input,
            purpose,
        };
        descent.run(network, examples, &self.objective, |epoch, loss| {
            self.losses.push((purpose, loss));
            (self.progress)(purpose, epoch, loss);
        });
    }
}

/// Rows as codes, and their norms if these are kept apart.
fn quantized(
    rows: &mut [f32],
    columns: usize,
    width: usize,
    norms: bool,
    parameters: &Parameters,
) -> (Codes, Option<Codes>) {
    let norms = norms.then(|| {
        let norms = quantize::divide_by_norms(rows, columns);
        quantize::quantize(&norms, 1, 1, parameters.seed)
    });
    (quantize::quantize(rows, columns, width, parameters.seed), norms)
}
