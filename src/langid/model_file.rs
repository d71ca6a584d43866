//! The layout of a fastText model file, walked from end to end before anything is built from it.
//!
//! Format: fastText 0.9.2, file version 12, little endian: magic, version, arguments, dictionary
//! (entries, pruning table), input matrix, output matrix.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

const MAGIC: i32 = 793_712_314;
const VERSION: i32 = 12;
/// The largest file that is read; lid.176.bin has 126 MB, models of 2,000 languages 1.7 GB.
const MAX_BYTES: u64 = 4 << 30;
/// Longest n-grams that are believed: work grows with them.
const MAX_NGRAM: i32 = 64;
/// fastText's sentinel in the building of its label tree; real counts stay below it.
const MAX_COUNT: i64 = 1_000_000_000_000_000;
/// Centroids of a product quantizer.
const CENTROIDS: usize = 256;

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
    #[error("has version {0} of fastText's file format; version 12 is understood")]
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
    /// The model looks whole, but could not be built.
    #[error("cannot be loaded: {0}")]
    Unreadable(String),
}

/// What a look through a model file found.
#[derive(Debug)]
pub(super) struct Checked<'m> {
    /// The labels as the model spells them, prefix and all.
    pub labels: Vec<&'m str>,
    /// Bytes that the loaded model takes, roughly.
    pub memory: u64,
}

/// Reads a model file that begins as one does.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
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

/// Walks through a whole model and checks every size, index and weight in it.
pub(super) fn check(bytes: &[u8]) -> Result<Checked<'_>, ModelError> {
    let mut walk = Walk { rest: bytes, part: "header" };
    check_header(&mut walk)?;

    walk.part = "arguments";
    let dimension = walk.size("the dimension", 1, i32::MAX)?;
    let [_window, _epochs, _min_count, _negatives] =
        [walk.i32()?, walk.i32()?, walk.i32()?, walk.i32()?];
    let word_ngrams = walk.size("the length of word n-grams", 0, MAX_NGRAM)?;
    let tree = match walk.i32()? {
        1 => true,
        3 => false,
        2 | 4 => {
            return Err(ModelError::Unsupported(
                "its loss is neither softmax nor hierarchical softmax",
            ));
        }
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
    let _min_ngram = walk.size("the length of the shortest n-gram", 0, MAX_NGRAM)?;
    let max_ngram = walk.size("the length of the longest n-gram", 0, MAX_NGRAM)?;
    if bucket == 0 && (max_ngram > 0 || word_ngrams > 1) {
        return Err(implausible("the number of buckets", 0_i32));
    }
    walk.i32()?;
    walk.bytes(8)?;

    let dictionary = check_dictionary(&mut walk, tree)?;
    let pruned = check_pruning(&mut walk, &dictionary, bucket)?;

    walk.part = "input matrix";
    let quantized = walk.flag()?;
    let rows = dictionary.words.saturating_add(pruned.unwrap_or(bucket));
    check_matrix(&mut walk, quantized, rows, dimension)?;
    walk.part = "output matrix";
    let quantized_output = walk.flag()?;
    check_matrix(&mut walk, quantized && quantized_output, dictionary.labels.len(), dimension)?;
    if !walk.rest.is_empty() {
        return Err(ModelError::TooLong(walk.rest.len()));
    }
    // Beside what stands in the file: a map and a list of n-grams for each entry, and a map for
    // the pruning table.
    let entries = dictionary.words + dictionary.labels.len();
    let memory = bytes.len() + entries * 250 + pruned.unwrap_or(0) * 20;
    Ok(Checked { labels: dictionary.labels, memory: memory as u64 })
}

fn check_header(walk: &mut Walk<'_>) -> Result<(), ModelError> {
    if walk.i32().map_err(|_| ModelError::Foreign)? != MAGIC {
        return Err(ModelError::Foreign);
    }
    match walk.i32()? {
        VERSION => Ok(()),
        other => Err(ModelError::Version(other)),
    }
}

struct Dictionary<'m> {
    words: usize,
    labels: Vec<&'m str>,
    pruned: i64,
}

fn check_dictionary<'m>(walk: &mut Walk<'m>, tree: bool) -> Result<Dictionary<'m>, ModelError> {
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
    let mut dictionary = Dictionary { words, labels: Vec::with_capacity(labels), pruned };
    let mut total: i64 = 0;
    for entry in 0..size {
        let word = walk.string()?;
        let count = walk.i64()?;
        match (walk.bytes(1)?, entry < words) {
            ([0], true) => {}
            ([1], false) => {
                if word.is_empty() {
                    return Err(ModelError::Damaged("a label is empty"));
                }
                total = total.saturating_add(count);
                // Otherwise the label tree could be deep without bound.
                if tree && (count < 1 || total >= MAX_COUNT) {
                    return Err(ModelError::Implausible { what: "a label's count", value: count });
                }
                dictionary.labels.push(word);
            }
            _ => return Err(ModelError::Damaged("words and labels are mixed")),
        }
    }
    Ok(dictionary)
}

/// The number of n-grams that were kept; `None` if all were.
fn check_pruning(
    walk: &mut Walk<'_>,
    dictionary: &Dictionary<'_>,
    bucket: usize,
) -> Result<Option<usize>, ModelError> {
    walk.part = "pruning table";
    if dictionary.pruned < 0 {
        return Ok(None);
    }
    let pruned = usize::try_from(dictionary.pruned)
        .ok()
        .filter(|&pruned| pruned <= walk.rest.len() / 8)
        .ok_or(ModelError::CutShort { part: walk.part })?;
    for _ in 0..pruned {
        let [from, to] = [walk.i32()?, walk.i32()?];
        if !usize::try_from(from).is_ok_and(|from| from < bucket) {
            return Err(implausible("a bucket", from));
        }
        if !usize::try_from(to).is_ok_and(|to| to < pruned) {
            return Err(implausible("an n-gram's row", to));
        }
    }
    Ok(Some(pruned))
}

fn check_matrix(
    walk: &mut Walk<'_>,
    quantized: bool,
    rows: usize,
    columns: usize,
) -> Result<(), ModelError> {
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
        return walk.weights(rows.checked_mul(columns).ok_or(cut_short)?);
    }
    let code_bytes = walk.size("the size of a matrix's codes", 0, i32::MAX)?;
    walk.bytes(code_bytes)?;
    let parts = check_quantizer(walk, columns)?;
    if rows.checked_mul(parts) != Some(code_bytes) {
        return Err(ModelError::Damaged("a matrix's codes do not match its size"));
    }
    if norms {
        walk.bytes(rows)?;
        check_quantizer(walk, 1)?;
    }
    Ok(())
}

/// The number of parts into which a product quantizer cuts a row.
fn check_quantizer(walk: &mut Walk<'_>, columns: usize) -> Result<usize, ModelError> {
    let dimension = walk.size("a quantizer's dimension", 1, i32::MAX)?;
    let parts = walk.size("a quantizer's number of parts", 1, i32::MAX)?;
    let width = walk.size("a quantizer's part", 1, i32::MAX)?;
    let last = walk.size("a quantizer's last part", 1, i32::MAX)?;
    let covered = (parts - 1).checked_mul(width).and_then(|most| most.checked_add(last));
    if dimension != columns || last > width || covered != Some(columns) {
        return Err(ModelError::Damaged("a quantizer does not match its matrix"));
    }
    walk.weights(
        dimension.checked_mul(CENTROIDS).ok_or(ModelError::CutShort { part: walk.part })?,
    )?;
    Ok(parts)
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

    fn string(&mut self) -> Result<&'m str, ModelError> {
        let end = memchr::memchr(0, self.rest).ok_or(ModelError::CutShort { part: self.part })?;
        let word = self.bytes(end)?;
        self.bytes(1)?;
        std::str::from_utf8(word).map_err(|_| ModelError::Damaged("a word is not UTF-8"))
    }

    fn weights(&mut self, count: usize) -> Result<(), ModelError> {
        let size = count.checked_mul(4).ok_or(ModelError::CutShort { part: self.part })?;
        // An exponent of all ones is an infinity or no number.
        let finite = |weight: &[u8]| weight[3] & 0x7F != 0x7F || weight[2] & 0x80 == 0;
        if self.bytes(size)?.chunks_exact(4).all(finite) {
            Ok(())
        } else {
            Err(ModelError::Damaged("a weight is not a finite number"))
        }
    }
}
