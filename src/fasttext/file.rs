//! The layout of a fastText model file, walked from end to end before anything is built from it.
//!
//! Format: fastText 0.9.2, file versions 11 and 12, little endian: magic, version, arguments, dictionary
//! (entries, pruning table), input matrix, output matrix.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::matrix::CENTROIDS;

pub(super) const MAGIC: i32 = 793_712_314;
pub(super) const VERSION: i32 = 12;
/// In this version classifiers had no n-grams of characters, whatever their arguments say.
const WITHOUT_NGRAMS: i32 = 11;
/// The largest file that is read; lid.176.bin has 126 MB, models of 2,000 languages 1.7 GB.
const MAX_BYTES: u64 = 4 << 30;
/// Longest n-grams that are believed: work grows with them.
const MAX_NGRAM: i32 = 64;
/// fastText's sentinel in the building of its label tree; real counts stay below it.
const MAX_COUNT: i64 = 1_000_000_000_000_000;

/// Why a file is no usable model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file could not be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The path is a folder, a device or the like.
    #[error("is not a regular file")]
    NotAFile,
    /// The file is larger than any model.
    #[error("has {0} bytes, more than the 4 GiB that a model may have")]
    TooLarge(u64),
    /// The file does not begin as a fastText model does.
    #[error("is not a fastText model")]
    Foreign,
    /// The file has another version of the format.
    #[error("has version {0} of fastText's file format; versions 11 and 12 are understood")]
    Version(i32),
    /// The file ends too early, or claims more content than it has.
    #[error("is cut short or damaged: its {part} should go on after its end")]
    CutShort {
        /// What was being read.
        part: &'static str,
    },
    /// The file goes on after its end.
    #[error("is damaged: {0} bytes follow after its end")]
    TooLong(usize),
    /// A number in the file cannot be right.
    #[error("is damaged: {what} cannot be {value}")]
    Implausible {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: i64,
    },
    /// Something in the file that is no number cannot be right.
    #[error("is damaged: {0}")]
    Damaged(&'static str),
    /// A model of another kind.
    #[error("is a fastText model, but {0}")]
    Unsupported(&'static str),
}

/// How a model was trained, as far as prediction depends on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum LossKind {
    /// Hierarchical softmax.
    Tree,
    Softmax,
    /// Negative sampling, one-vs-all.
    Sigmoids,
}

/// The parts of a model file, checked against each other.
pub(super) struct Contents<'m> {
    pub loss: LossKind,
    /// Greatest length of word n-grams, in words.
    pub word_ngrams: usize,
    /// Lengths of character n-grams, in characters; none if the second is 0.
    pub ngrams: (usize, usize),
    /// Hash buckets of n-grams.
    pub bucket: u32,
    pub words: Vec<&'m [u8]>,
    /// The labels as the model spells them, prefix and all, and their counts in training.
    pub labels: Vec<(&'m str, i64)>,
    /// The buckets that were kept and the row of each after those of words; `None` if all were.
    pub pruned: Option<Vec<(u32, u32)>>,
    pub input: RawMatrix<'m>,
    pub output: RawMatrix<'m>,
}

/// A matrix as it stands in the file.
pub(super) struct RawMatrix<'m> {
    pub rows: usize,
    pub columns: usize,
    /// 32-bit floats, little endian: the matrix, or the centroids of its quantizer.
    pub weights: &'m [u8],
    pub quantized: Option<RawQuantized<'m>>,
}

/// What a product-quantized matrix has beside its centroids.
pub(super) struct RawQuantized<'m> {
    /// `parts` for each row.
    pub codes: &'m [u8],
    pub parts: usize,
    /// Columns of a part, and of the last one.
    pub width: usize,
    pub last: usize,
    /// A code for each row, and the norms that codes stand for.
    pub norms: Option<(&'m [u8], &'m [u8])>,
}

/// 32-bit floats, little endian.
pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    let (floats, _) = bytes.as_chunks();
    floats.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}

/// Reads a model file that begins as one does.
pub fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(ModelError::NotAFile);
    }
    if metadata.len() > MAX_BYTES {
        return Err(ModelError::TooLarge(metadata.len()));
    }
    // A look at the magic first: the path of some other large file is an easy slip.
    let mut bytes = Vec::new();
    file.by_ref().take(8).read_to_end(&mut bytes)?;
    check_header(&mut Walk { rest: &bytes, part: "header" })?;
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl<'m> Contents<'m> {
    /// Walks through a whole model and checks every size, index and weight in it.
    pub fn read(bytes: &'m [u8]) -> Result<Self, ModelError> {
        let mut walk = Walk { rest: bytes, part: "header" };
        let version = check_header(&mut walk)?;

        walk.part = "arguments";
        let dimension = walk.size("the dimension", 1, i32::MAX)?;
        let [_window, _epochs, _min_count, _negatives] =
            [walk.i32()?, walk.i32()?, walk.i32()?, walk.i32()?];
        let word_ngrams = walk.size("the length of word n-grams", 0, MAX_NGRAM)?;
        let loss = match walk.i32()? {
            1 => LossKind::Tree,
            3 => LossKind::Softmax,
            2 | 4 => LossKind::Sigmoids,
            other => return Err(implausible("the loss", other)),
        };
        match walk.i32()? {
            3 => {}
            1 | 2 => {
                return Err(ModelError::Unsupported("it holds word vectors and is no classifier"));
            }
            other => return Err(implausible("the kind of model", other)),
        }
        let bucket = walk.size("the number of buckets", 0, i32::MAX)?;
        let shortest = walk.size("the length of the shortest n-gram", 0, MAX_NGRAM)?;
        let longest = walk.size("the length of the longest n-gram", 0, MAX_NGRAM)?;
        let longest = if version == WITHOUT_NGRAMS { 0 } else { longest };
        if bucket == 0 && (longest > 0 || word_ngrams > 1) {
            return Err(implausible("the number of buckets", 0_i32));
        }
        walk.i32()?;
        walk.bytes(8)?;

        let dictionary = read_dictionary(&mut walk, loss)?;
        let pruned = read_pruning(&mut walk, &dictionary, bucket)?;

        walk.part = "input matrix";
        let quantized = walk.flag()?;
        if pruned.is_some() && !quantized {
            return Err(ModelError::Damaged(
                "n-grams were pruned from a matrix that is not quantized",
            ));
        }
        let ngrams = pruned.as_ref().map_or(bucket, Vec::len);
        let rows = dictionary.words.len().saturating_add(ngrams);
        let input = read_matrix(&mut walk, quantized, rows, dimension)?;
        walk.part = "output matrix";
        let quantized = walk.flag()? && quantized;
        let output = read_matrix(&mut walk, quantized, dictionary.labels.len(), dimension)?;
        if !walk.rest.is_empty() {
            return Err(ModelError::TooLong(walk.rest.len()));
        }
        Ok(Self {
            loss,
            word_ngrams,
            ngrams: (shortest, longest),
            // Below 2^31.
            bucket: bucket as u32,
            words: dictionary.words,
            labels: dictionary.labels,
            pruned,
            input,
            output,
        })
    }
}

/// The version of the file's format.
fn check_header(walk: &mut Walk<'_>) -> Result<i32, ModelError> {
    if walk.i32().map_err(|_| ModelError::Foreign)? != MAGIC {
        return Err(ModelError::Foreign);
    }
    match walk.i32()? {
        known @ (WITHOUT_NGRAMS | VERSION) => Ok(known),
        other => Err(ModelError::Version(other)),
    }
}

struct Dictionary<'m> {
    words: Vec<&'m [u8]>,
    labels: Vec<(&'m str, i64)>,
    pruned: i64,
}

fn read_dictionary<'m>(walk: &mut Walk<'m>, loss: LossKind) -> Result<Dictionary<'m>, ModelError> {
    walk.part = "dictionary";
    let size = walk.size("the number of entries", 1, i32::MAX)?;
    let words = walk.size("the number of words", 0, i32::MAX)?;
    let labels = walk.size("the number of labels", 1, i32::MAX)?;
    if words.checked_add(labels) != Some(size) {
        return Err(ModelError::Damaged("words and labels do not add up"));
    }
    walk.bytes(8)?;
    let pruned = walk.i64()?;
    // An entry has at least 10 bytes.
    if size > walk.rest.len() / 10 {
        return Err(ModelError::CutShort { part: walk.part });
    }
    let mut dictionary =
        Dictionary { words: Vec::with_capacity(words), labels: Vec::with_capacity(labels), pruned };
    let mut total: i64 = 0;
    for entry in 0..size {
        let word = walk.word()?;
        let count = walk.i64()?;
        match (walk.bytes(1)?, entry < words) {
            ([0], true) => dictionary.words.push(word),
            ([1], false) => {
                if word.is_empty() {
                    return Err(ModelError::Damaged("a label is empty"));
                }
                total = total.saturating_add(count);
                // Otherwise the label tree could be deep without bound.
                if loss == LossKind::Tree && (count < 1 || total >= MAX_COUNT) {
                    return Err(ModelError::Implausible { what: "a label's count", value: count });
                }
                let label = std::str::from_utf8(word)
                    .map_err(|_| ModelError::Damaged("a label is not UTF-8"))?;
                dictionary.labels.push((label, count));
            }
            _ => return Err(ModelError::Damaged("words and labels are mixed")),
        }
    }
    Ok(dictionary)
}

fn read_pruning(
    walk: &mut Walk<'_>,
    dictionary: &Dictionary<'_>,
    bucket: usize,
) -> Result<Option<Vec<(u32, u32)>>, ModelError> {
    walk.part = "pruning table";
    if dictionary.pruned < 0 {
        return Ok(None);
    }
    let count = usize::try_from(dictionary.pruned)
        .ok()
        .filter(|&count| count <= walk.rest.len() / 8)
        .ok_or(ModelError::CutShort { part: walk.part })?;
    let mut pruned = Vec::with_capacity(count);
    for _ in 0..count {
        let [from, to] = [walk.i32()?, walk.i32()?];
        let within = |index: i32, limit: usize| {
            let index = u32::try_from(index).ok()?;
            ((index as usize) < limit).then_some(index)
        };
        let from = within(from, bucket).ok_or(implausible("a bucket", from))?;
        let to = within(to, count).ok_or(implausible("an n-gram's row", to))?;
        pruned.push((from, to));
    }
    Ok(Some(pruned))
}

fn read_matrix<'m>(
    walk: &mut Walk<'m>,
    quantized: bool,
    rows: usize,
    columns: usize,
) -> Result<RawMatrix<'m>, ModelError> {
    let norms = quantized && walk.flag()?;
    for (what, expected) in [("a matrix's height", rows), ("a matrix's width", columns)] {
        let value = walk.i64()?;
        if usize::try_from(value) != Ok(expected) {
            return Err(ModelError::Implausible { what, value });
        }
    }
    // Reached with no more than 2^31 times 2^31, but kept honest for narrow machines.
    let cut_short = ModelError::CutShort { part: walk.part };
    if !quantized {
        return Ok(RawMatrix {
            rows,
            columns,
            weights: walk.weights(rows.checked_mul(columns).ok_or(cut_short)?)?,
            quantized: None,
        });
    }
    let code_bytes = walk.size("the size of a matrix's codes", 0, i32::MAX)?;
    let codes = walk.bytes(code_bytes)?;
    let (weights, [parts, width, last]) = read_quantizer(walk, columns)?;
    if rows.checked_mul(parts) != Some(code_bytes) {
        return Err(ModelError::Damaged("a matrix's codes do not match its size"));
    }
    let norms = if norms { Some((walk.bytes(rows)?, read_quantizer(walk, 1)?.0)) } else { None };
    Ok(RawMatrix {
        rows,
        columns,
        weights,
        quantized: Some(RawQuantized { codes, parts, width, last, norms }),
    })
}

/// The centroids of a product quantizer, the number of parts into which it cuts a row, and the
/// columns of a part and of the last one.
fn read_quantizer<'m>(
    walk: &mut Walk<'m>,
    columns: usize,
) -> Result<(&'m [u8], [usize; 3]), ModelError> {
    let dimension = walk.size("a quantizer's dimension", 1, i32::MAX)?;
    let parts = walk.size("a quantizer's number of parts", 1, i32::MAX)?;
    let width = walk.size("a quantizer's part", 1, i32::MAX)?;
    let last = walk.size("a quantizer's last part", 1, i32::MAX)?;
    let covered = (parts - 1).checked_mul(width).and_then(|most| most.checked_add(last));
    if dimension != columns || last > width || covered != Some(columns) {
        return Err(ModelError::Damaged("a quantizer does not match its matrix"));
    }
    let count = dimension.checked_mul(CENTROIDS).ok_or(ModelError::CutShort { part: walk.part })?;
    Ok((walk.weights(count)?, [parts, width, last]))
}

fn implausible(what: &'static str, value: impl Into<i64>) -> ModelError {
    ModelError::Implausible { what, value: value.into() }
}

/// The part of a file that is still to be read. Nothing is allocated by a size that the file claims.
struct Walk<'m> {
    rest: &'m [u8],
    part: &'static str,
}

impl<'m> Walk<'m> {
    fn bytes(&mut self, count: usize) -> Result<&'m [u8], ModelError> {
        let (bytes, rest) =
            self.rest.split_at_checked(count).ok_or(ModelError::CutShort { part: self.part })?;
        self.rest = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ModelError> {
        let cut_short = ModelError::CutShort { part: self.part };
        self.bytes(N)?.try_into().map_err(|_| cut_short)
    }

    fn i32(&mut self) -> Result<i32, ModelError> {
        self.array().map(i32::from_le_bytes)
    }

    fn i64(&mut self) -> Result<i64, ModelError> {
        self.array().map(i64::from_le_bytes)
    }

    fn size(&mut self, what: &'static str, least: i32, most: i32) -> Result<usize, ModelError> {
        let value = self.i32()?;
        match usize::try_from(value) {
            Ok(size) if (least..=most).contains(&value) => Ok(size),
            _ => Err(implausible(what, value)),
        }
    }

    fn flag(&mut self) -> Result<bool, ModelError> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(implausible("a flag", other)),
        }
    }

    fn word(&mut self) -> Result<&'m [u8], ModelError> {
        let end = memchr::memchr(0, self.rest).ok_or(ModelError::CutShort { part: self.part })?;
        let word = self.bytes(end)?;
        self.bytes(1)?;
        Ok(word)
    }

    fn weights(&mut self, count: usize) -> Result<&'m [u8], ModelError> {
        let size = count.checked_mul(4).ok_or(ModelError::CutShort { part: self.part })?;
        let weights = self.bytes(size)?;
        // An exponent of all ones is an infinity or no number.
        let finite = |weight: &[u8; 4]| weight[3] & 0x7F != 0x7F || weight[2] & 0x80 == 0;
        if weights.as_chunks().0.iter().all(finite) {
            Ok(weights)
        } else {
            Err(ModelError::Damaged("a weight is not a finite number"))
        }
    }
}
