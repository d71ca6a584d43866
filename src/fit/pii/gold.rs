//! Documents in which personal data is labelled, and what others found in them, as JSON lines.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Found;
use crate::shard::compression::{Compression, Decoder};

/// The bytes by which a compression is known.
const HEAD: usize = 8;

/// A labelled piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The tag that it has or, if it is not personal data, resembles.
    pub tag: String,
    /// What it is more closely: a country's number, a provider's key, a hash.
    #[serde(default)]
    pub kind: String,
    /// Where it begins, in code points of the text.
    pub start: usize,
    /// Where it ends, in code points, exclusive.
    pub end: usize,
    /// Whether it is personal data; none if a find counts neither way.
    pub valid: Option<bool>,
    /// Whether words that name it stand beside it.
    #[serde(default)]
    pub context: bool,
}

/// A labelled document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gold {
    /// Its name.
    pub id: String,
    /// Its language, or `code`.
    pub language: String,
    /// The text.
    pub text: String,
    /// All that is personal data in it, and some of what is not.
    pub spans: Vec<Label>,
}

/// Why labelled documents can't be read.
#[derive(Debug, thiserror::Error)]
pub enum GoldError {
    /// The file can't be read.
    #[error("can't read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{}, line {line}: {what}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it; quotes nothing of it.
        what: String,
    },
    /// There is nothing in it.
    #[error("{} holds no document", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Something was found in a document that is not in the gold set.
    #[error("{}, line {line}: no document of the gold set has this id", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

/// Reads labelled documents from JSON lines, compressed with zstd or gzip or not:
/// `{"id", "language", "text", "spans": [{"tag", "kind", "start", "end", "valid", "context"}]}`.
///
/// # Errors
/// If the file can't be read, is empty, or a line is not such a document, or a label does not lie in
/// its text.
pub fn read(path: &Path) -> Result<Vec<Gold>, GoldError> {
    let documents: Vec<(usize, Gold)> = lines(path)?;
    if documents.is_empty() {
        return Err(GoldError::Empty { path: path.to_owned() });
    }
    for (line, document) in &documents {
        let length = document.text.chars().count();
        let within = |label: &Label| label.start < label.end && label.end <= length;
        if !document.spans.iter().all(within) {
            let what = "a label is empty or does not lie in the text".to_owned();
            return Err(GoldError::Line { path: path.to_owned(), line: *line, what });
        }
    }
    Ok(documents.into_iter().map(|(_, document)| document).collect())
}

/// Reads what another program found, by document:
/// `{"id", "spans": [{"tag", "detector", "start", "end"}]}`, offsets in code points.
///
/// # Errors
/// If the file can't be read, a line is not like this, or a document is not of the gold set.
pub fn read_found(
    path: &Path,
    documents: &[Gold],
) -> Result<BTreeMap<String, Vec<Found>>, GoldError> {
    #[derive(Deserialize)]
    struct Span {
        tag: String,
        #[serde(default)]
        detector: String,
        start: usize,
        end: usize,
    }
    #[derive(Deserialize)]
    struct Line {
        id: String,
        spans: Vec<Span>,
    }
    let known: BTreeSet<&str> = documents.iter().map(|it| &*it.id).collect();
    let mut found: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for (line, Line { id, spans }) in lines::<Line>(path)? {
        if !known.contains(&*id) {
            return Err(GoldError::Unknown { path: path.to_owned(), line });
        }
        let spans = spans.into_iter().map(|span| Found {
            detector: if span.detector.is_empty() { span.tag.clone() } else { span.detector },
            tag: span.tag,
            start: span.start,
            end: span.end,
        });
        found.entry(id).or_default().extend(spans);
    }
    Ok(found)
}

/// The records of a file with their lines, from 1. Empty lines are passed over.
fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<(usize, T)>, GoldError> {
    let failed = |source| GoldError::Read { path: path.to_owned(), source };
    let mut records = Vec::new();
    for (number, line) in open(path).map_err(failed)?.lines().enumerate() {
        let line = line.map_err(failed)?;
        if line.trim().is_empty() {
            continue;
        }
        let record = serde_json::from_str(&line).map_err(|error| GoldError::Line {
            path: path.to_owned(),
            line: number + 1,
            // The error itself would quote a value that has the wrong type.
            what: match error.is_data() {
                true => format!("not the fields that it should have (column {})", error.column()),
                false => format!("not JSON (column {})", error.column()),
            },
        })?;
        records.push((number + 1, record));
    }
    Ok(records)
}

fn open(path: &Path) -> std::io::Result<BufReader<Decoder>> {
    let mut head = Vec::with_capacity(HEAD);
    std::fs::File::open(path)?.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(BufReader::new(Decoder::open(path, Compression::of_content(&head))?))
}
