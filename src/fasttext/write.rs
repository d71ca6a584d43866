//! Writing model files: the counterpart of `file.rs`, and of what fastText 0.9.2 reads.

use super::file::{MAGIC, VERSION};
use super::matrix::CENTROIDS;

/// fastText's numbers of its losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Written {
    /// Hierarchical softmax.
    Tree = 1,
    /// Negative sampling.
    Negatives = 2,
    /// Softmax.
    Softmax = 3,
    /// One-vs-all.
    OneVsAll = 4,
}

/// What of a training's parameters stands in a model file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Header {
    /// Columns of both matrices.
    pub dimension: usize,
    /// Epochs of training; tells readers of the file, changes nothing.
    pub epochs: u32,
    /// The fewest occurrences of a word; tells, changes nothing.
    pub min_count: u32,
    /// Negatives drawn for a text; tells, changes nothing.
    pub negatives: u32,
    /// Greatest length of word n-grams.
    pub word_ngrams: usize,
    /// How the output is to be read.
    pub loss: Written,
    /// Hash buckets of n-grams.
    pub buckets: u32,
    /// Lengths of character n-grams.
    pub characters: (usize, usize),
    /// Words in training, labels left out; tells, changes nothing.
    pub tokens: u64,
}

/// A product quantizer and the codes of a matrix's rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Codes {
    /// Columns of a row.
    pub columns: usize,
    /// Columns of a part; the last one may have fewer.
    pub width: usize,
    /// One byte for each part of each row.
    pub codes: Vec<u8>,
    /// For each part, 256 centroids of its width.
    pub centroids: Vec<f32>,
}

impl Codes {
    /// The number of parts into which rows are cut.
    pub fn parts(&self) -> usize {
        self.columns.div_ceil(self.width.max(1))
    }

    /// Bytes that the quantizer takes in a file, without codes.
    pub fn quantizer_bytes(columns: usize) -> usize {
        16 + columns * CENTROIDS * 4
    }

    fn write(&self, out: &mut Vec<u8>) {
        let last = self.columns - (self.parts() - 1) * self.width;
        for value in [self.columns, self.parts(), self.width, last] {
            int(out, value);
        }
        floats(out, &self.centroids);
    }
}

/// A matrix as it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Weights {
    /// Row by row.
    Plain(Vec<f32>),
    /// Product-quantized; with codes for the norms of the rows if they were divided by them.
    Coded(Codes, Option<Codes>),
}

/// A classifier to be written.
#[derive(Debug)]
pub struct Draft<'d> {
    /// Its parameters.
    pub header: Header,
    /// Words by row, with their counts in training.
    pub words: &'d [(Vec<u8>, u64)],
    /// Labels by row, prefix and all, with their counts, which must not rise.
    pub labels: &'d [(String, u64)],
    /// The buckets that have a row, in the order of the rows; `None` if all have.
    pub kept: Option<&'d [u32]>,
    /// The matrix that words and n-grams have their rows in.
    pub input: &'d Weights,
    /// The matrix of labels or tree nodes.
    pub output: &'d Weights,
}

impl Draft<'_> {
    /// The content of the file. fastText understands a choice of buckets only with a quantized
    /// input matrix.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let header = &self.header;
        for value in [MAGIC, VERSION] {
            out.extend(value.to_le_bytes());
        }
        int(&mut out, header.dimension);
        // The window of word vectors, as fastText writes it.
        int(&mut out, 5);
        for value in [header.epochs, header.min_count, header.negatives] {
            int(&mut out, value as usize);
        }
        int(&mut out, header.word_ngrams);
        int(&mut out, header.loss as usize);
        // A classifier.
        int(&mut out, 3);
        int(&mut out, header.buckets as usize);
        int(&mut out, header.characters.0);
        int(&mut out, header.characters.1);
        // How often the learning rate changes, and the sampling of word vectors: fastText's own.
        int(&mut out, 100);
        out.extend(1e-4_f64.to_le_bytes());

        int(&mut out, self.words.len() + self.labels.len());
        int(&mut out, self.words.len());
        int(&mut out, self.labels.len());
        long(&mut out, header.tokens);
        match self.kept {
            None => out.extend((-1_i64).to_le_bytes()),
            Some(kept) => long(&mut out, kept.len() as u64),
        }
        let words = self.words.iter().map(|(word, count)| (word.as_slice(), count, 0));
        let labels = self.labels.iter().map(|(label, count)| (label.as_bytes(), count, 1));
        for (entry, &count, kind) in words.chain(labels) {
            out.extend_from_slice(entry);
            out.push(0);
            long(&mut out, count);
            out.push(kind);
        }
        for (row, &bucket) in self.kept.unwrap_or_default().iter().enumerate() {
            int(&mut out, bucket as usize);
            int(&mut out, row);
        }
        let rows = self.words.len() + self.kept.map_or(header.buckets as usize, <[u32]>::len);
        matrix(&mut out, self.input, rows, header.dimension);
        matrix(&mut out, self.output, self.labels.len(), header.dimension);
        out
    }
}

fn matrix(out: &mut Vec<u8>, weights: &Weights, rows: usize, columns: usize) {
    let size = |out: &mut Vec<u8>| {
        long(out, rows as u64);
        long(out, columns as u64);
    };
    match weights {
        Weights::Plain(weights) => {
            out.push(0);
            size(out);
            floats(out, weights);
        }
        Weights::Coded(codes, norms) => {
            out.push(1);
            out.push(u8::from(norms.is_some()));
            size(out);
            int(out, codes.codes.len());
            out.extend_from_slice(&codes.codes);
            codes.write(out);
            if let Some(norms) = norms {
                out.extend_from_slice(&norms.codes);
                norms.write(out);
            }
        }
    }
}

/// A number of 32 bits. What is written here is checked to be below 2^31 before training begins.
fn int(out: &mut Vec<u8>, value: usize) {
    out.extend((value as i32).to_le_bytes());
}

fn long(out: &mut Vec<u8>, value: u64) {
    out.extend(value.to_le_bytes());
}

fn floats(out: &mut Vec<u8>, values: &[f32]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}
