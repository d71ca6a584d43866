//! Finding shards: paths, folders and globs to a sorted listing with a format for each file.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

pub use super::compression::Compression;
use super::compression::Decoder;
use super::lines::{FileReader, LineKind, LineReader};
use super::reader::{ReadError, ReadOptions, ShardReader};

/// The path that stands for standard input.
pub const STDIN: &str = "-";

/// What a shard holds, once it is decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// Plain text, a document a file or a line.
    Text,
}

impl Format {
    /// The name in messages and configurations.
    pub fn name(self) -> &'static str {
        match self {
            Format::Jsonl => "jsonl",
            Format::Parquet => "parquet",
            Format::Text => "text",
        }
    }
}

/// Why the input can't be listed.
#[derive(Debug, thiserror::Error)]
pub enum ListingError {
    /// A path that is not there.
    #[error("input {path} does not exist")]
    Missing {
        /// As it was given.
        path: String,
    },
    /// A pattern that is malformed.
    #[error("input pattern {pattern}: {message}")]
    Pattern {
        /// As it was given.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
    /// Nothing to read.
    #[error(
        "no input: {what} holds no shard (looked for .jsonl, .json, .ndjson, .parquet, .txt, each plain, .gz or .zst)"
    )]
    Empty {
        /// The paths, as they were given.
        what: String,
    },
    /// Too many shards for a position to number.
    #[error("{0} shards, but at most 16777216 can be numbered: join some, or run on parts")]
    TooMany(usize),
    /// A file can't be looked at.
    #[error("can't read {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Name and content disagree.
    #[error(transparent)]
    Format(#[from] ReadError),
}

/// A file of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Where it is; `-` for standard input.
    pub path: PathBuf,
    /// What it holds.
    pub format: Format,
    /// How it is compressed.
    pub compression: Compression,
    /// Its size in bytes; 0 for standard input.
    pub bytes: u64,
    /// xxh3-128 of its size, its first and its last 64 KiB, in hexadecimal: cheap enough to take of
    /// petabytes, and different whenever a shard was written anew.
    pub fingerprint: String,
}

impl Shard {
    /// Whether this is standard input.
    pub fn is_stdin(&self) -> bool {
        self.path == Path::new(STDIN)
    }

    /// Whether the file is the same that was listed, by its size and fingerprint.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn is_unchanged(&self) -> Result<bool, ReadError> {
        if self.is_stdin() {
            return Ok(true);
        }
        let (_, bytes, fingerprint) =
            look(&self.path).map_err(|source| ReadError::Io { path: self.path.clone(), source })?;
        Ok(bytes == self.bytes && fingerprint == self.fingerprint)
    }

    /// Opens the shard for reading.
    ///
    /// # Errors
    /// If it can't be opened, or is not what its format says.
    pub fn open(
        &self,
        number: u32,
        options: &ReadOptions,
    ) -> Result<Box<dyn ShardReader>, ReadError> {
        let kind = if self.format == Format::Text { LineKind::Text } else { LineKind::Json };
        if self.is_stdin() {
            return open_stdin(number, kind, options);
        }
        match self.format {
            #[cfg(feature = "parquet")]
            Format::Parquet => {
                Ok(Box::new(super::parquet::Reader::open(&self.path, number, options)?))
            }
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => Err(ReadError::Format {
                path: self.path.clone(),
                message: "this sapwood was built without parquet (cargo feature `parquet`)".into(),
            }),
            Format::Text if options.whole_files => {
                Ok(Box::new(FileReader::open(&self.path, number, self.compression, options)?))
            }
            _ => {
                Ok(Box::new(LineReader::open(&self.path, number, self.compression, kind, options)?))
            }
        }
    }
}

fn open_stdin(
    number: u32,
    kind: LineKind,
    options: &ReadOptions,
) -> Result<Box<dyn ShardReader>, ReadError> {
    let path = Path::new(STDIN);
    let failed = |source| ReadError::Io { path: path.to_owned(), source };
    let mut stdin = io::stdin();
    let mut head = Vec::new();
    stdin.by_ref().take(4).read_to_end(&mut head).map_err(failed)?;
    if head == b"PAR1" {
        return Err(ReadError::Format {
            path: path.to_owned(),
            message: "parquet needs a file that can be sought, not standard input".into(),
        });
    }
    let compression = Compression::of_content(&head);
    let stream = Box::new(io::Cursor::new(head).chain(stdin));
    let decoder = Decoder::new(stream, compression).map_err(failed)?;
    Ok(Box::new(LineReader::new(path, number, decoder, kind, options)))
}

/// What a file's name says: format and compression.
fn by_name(path: &Path) -> (Option<Format>, Option<Compression>) {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    let name = name.as_deref().unwrap_or_default();
    let (stem, compression) =
        [(".gz", Compression::Gzip), (".zst", Compression::Zstd), (".zstd", Compression::Zstd)]
            .into_iter()
            .find_map(|(end, compression)| Some((name.strip_suffix(end)?, Some(compression))))
            .unwrap_or((name, None));
    let format = match stem.rsplit_once('.').map(|(_, extension)| extension) {
        Some("jsonl" | "json" | "ndjson") => Some(Format::Jsonl),
        Some("parquet" | "pq") => Some(Format::Parquet),
        Some("txt" | "text") => Some(Format::Text),
        _ => None,
    };
    (format, compression)
}

/// The listing of an input.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The shards, sorted by path.
    pub shards: Vec<Shard>,
    /// Files that were passed over because their names are not those of shards.
    pub skipped: Vec<PathBuf>,
}

/// Lists the shards of some paths, folders and globs.
///
/// Folders are searched with everything below them; files in them whose names do not end like a
/// shard's, and hidden files, are passed over. A file that is named itself is always taken.
/// `format` overrules names and content where it is given.
///
/// # Errors
/// If a path is missing, nothing is found, or a file's name and content disagree.
pub fn list(inputs: &[PathBuf], format: Option<Format>) -> Result<Listing, ListingError> {
    list_by(inputs, format, &|paths, look| paths.into_iter().map(look).collect())
}

/// Looks at one file.
pub type Look<'l> = &'l (dyn Fn(PathBuf) -> Result<Shard, ListingError> + Sync);

/// Looks at many files.
pub type LookAtAll<'l> =
    &'l dyn for<'one> Fn(Vec<PathBuf>, Look<'one>) -> Result<Vec<Shard>, ListingError>;

/// As [`list`]; `all` has every file looked at, in order, perhaps by many threads: over a network most
/// of the time is waiting.
///
/// # Errors
/// Like [`list`].
pub fn list_by(
    inputs: &[PathBuf],
    format: Option<Format>,
    all: LookAtAll<'_>,
) -> Result<Listing, ListingError> {
    let mut named = BTreeSet::new();
    let mut found = BTreeSet::new();
    for input in inputs {
        let text = input.to_string_lossy();
        if text == STDIN {
            named.insert(input.clone());
        } else if input.is_dir() {
            walk(input, &mut found)?;
        } else if input.exists() {
            named.insert(input.clone());
        } else if text.contains(['*', '?', '[']) {
            expand(&text, &mut named, &mut found)?;
        } else {
            return Err(ListingError::Missing { path: text.into_owned() });
        }
    }
    let mut listing = Listing::default();
    for path in found {
        if named.contains(&path) {
            continue;
        }
        if by_name(&path).0.is_some() || (format.is_some() && by_name(&path).1.is_some()) {
            named.insert(path);
        } else {
            listing.skipped.push(path);
        }
    }
    if named.is_empty() {
        let what: Vec<String> =
            inputs.iter().map(|input| input.to_string_lossy().into_owned()).collect();
        return Err(ListingError::Empty { what: what.join(", ") });
    }
    if named.len() > 1 << 24 {
        return Err(ListingError::TooMany(named.len()));
    }
    listing.shards = all(named.into_iter().collect(), &|path| inspect(path, format))?;
    Ok(listing)
}

fn expand(
    pattern: &str,
    named: &mut BTreeSet<PathBuf>,
    found: &mut BTreeSet<PathBuf>,
) -> Result<(), ListingError> {
    let malformed =
        |message: String| ListingError::Pattern { pattern: pattern.to_owned(), message };
    let options =
        glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::default() };
    let matches =
        glob::glob_with(pattern, options).map_err(|error| malformed(error.to_string()))?;
    let mut any = false;
    for path in matches {
        let path = path.map_err(|error| {
            let path = error.path().to_owned();
            ListingError::Io { path, source: error.into() }
        })?;
        any = true;
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            named.insert(path);
        }
    }
    if any { Ok(()) } else { Err(malformed("matches no file".to_owned())) }
}

fn walk(folder: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), ListingError> {
    let failed = |source| ListingError::Io { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.insert(path);
        }
    }
    Ok(())
}

/// Bytes at either end of a shard that its fingerprint covers.
const FINGERPRINT_BYTES: u64 = 64 << 10;

fn inspect(path: PathBuf, wanted: Option<Format>) -> Result<Shard, ListingError> {
    if path == Path::new(STDIN) {
        return Ok(Shard {
            path,
            format: wanted.unwrap_or(Format::Jsonl),
            compression: Compression::None,
            bytes: 0,
            fingerprint: String::new(),
        });
    }
    let (head, bytes, fingerprint) =
        look(&path).map_err(|source| ListingError::Io { path: path.clone(), source })?;
    let (named, packed) = by_name(&path);
    let refuse =
        |message: String| ListingError::Format(ReadError::Format { path: path.clone(), message });
    let compression = Compression::of_content(&head);
    if head.starts_with(b"PAR1") {
        if let Some(other) = wanted.or(named).filter(|format| *format != Format::Parquet) {
            return Err(refuse(format!(
                "the content is parquet, but {} says {}: rename the file or mend input.format",
                if wanted.is_some() { "input.format" } else { "the name" },
                other.name()
            )));
        }
        return Ok(Shard {
            path,
            format: Format::Parquet,
            compression: Compression::None,
            bytes,
            fingerprint,
        });
    }
    if wanted.or(named) == Some(Format::Parquet) {
        return Err(refuse(
            "expected parquet (a file that begins with PAR1), found something else: rename the file or mend input.format".to_owned(),
        ));
    }
    // An empty file is an empty shard, whatever its name.
    if let Some(packed) = packed.filter(|packed| *packed != compression && bytes > 0) {
        return Err(refuse(format!(
            "the name says {}, but the content is {}: rename the file, or it was cut or overwritten",
            packed.name(),
            if compression == Compression::None { "not compressed" } else { compression.name() }
        )));
    }
    let format = match wanted.or(named) {
        Some(format) => format,
        None => sniff(&path, compression)
            .map_err(|source| ListingError::Io { path: path.clone(), source })?
            .ok_or_else(|| {
                refuse("neither the name nor the content tells the format: set input.format to jsonl, parquet or text".to_owned())
            })?,
    };
    Ok(Shard { path, format, compression, bytes, fingerprint })
}

/// The first bytes, the size and the fingerprint of a file.
fn look(path: &Path) -> io::Result<(Vec<u8>, u64, String)> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut hasher = Xxh3Default::new();
    hasher.update(&bytes.to_le_bytes());
    let mut head = Vec::new();
    file.by_ref().take(FINGERPRINT_BYTES).read_to_end(&mut head)?;
    hasher.update(&head);
    if bytes > FINGERPRINT_BYTES {
        file.seek(SeekFrom::Start(bytes.saturating_sub(FINGERPRINT_BYTES)))?;
        let mut tail = Vec::new();
        file.take(FINGERPRINT_BYTES).read_to_end(&mut tail)?;
        hasher.update(&tail);
    }
    head.truncate(16);
    Ok((head, bytes, format!("{:032x}", hasher.digest128())))
}

/// The format that a file's content tells; only an object can begin a shard of JSON lines.
fn sniff(path: &Path, compression: Compression) -> io::Result<Option<Format>> {
    let mut head = Vec::new();
    Decoder::open(path, compression)?.take(4096).read_to_end(&mut head)?;
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    Ok((first == Some(&b'{')).then_some(Format::Jsonl))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    #[test]
    fn folders_are_walked_and_strangers_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "b/2.jsonl", b"{}\n");
        write(folder.path(), "a.jsonl", b"{}\n");
        write(folder.path(), "README.md", b"# no\n");
        write(folder.path(), ".hidden.jsonl", b"{}\n");
        let listing = list(&[folder.path().to_owned()], None).unwrap();
        let names: Vec<_> =
            listing.shards.iter().map(|shard| shard.path.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["a.jsonl", "2.jsonl"]);
        assert_eq!(listing.skipped.len(), 1);
    }

    #[test]
    fn a_file_named_twice_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path(), "a.jsonl", b"{}\n");
        let pattern = folder.path().join("*.jsonl");
        let listing = list(&[path, pattern, folder.path().to_owned()], None).unwrap();
        assert_eq!(listing.shards.len(), 1);
    }

    #[test]
    fn a_name_that_lies_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [
            ("a.jsonl.gz", &b"\x28\xb5\x2f\xfd"[..]),
            ("b.jsonl.zst", b"{}\n"),
            ("c.parquet", b"{}\n"),
            ("d.jsonl", b"PAR1xxxx"),
        ] {
            let path = write(folder.path(), name, content);
            let error = list(&[path], None).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
        // The content of a file without a compression's ending decides.
        let mut encoder = super::super::compression::Encoder::new(Compression::Zstd, 1).unwrap();
        let path = write(folder.path(), "e.jsonl", &encoder.frame(b"{}\n").unwrap());
        assert_eq!(list(&[path], None).unwrap().shards[0].compression, Compression::Zstd);
    }

    #[test]
    fn missing_paths_and_empty_folders_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        assert!(list(&[folder.path().to_owned()], None).is_err());
        assert!(list(&[folder.path().join("nothing")], None).is_err());
        assert!(list(&[folder.path().join("*.jsonl")], None).is_err());
    }

    #[test]
    fn fingerprints_see_a_change_at_either_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut content = vec![b'x'; 200_000];
        let path = write(folder.path(), "a.txt", &content);
        let before = look(&path).unwrap().2;
        content[199_999] = b'y';
        write(folder.path(), "a.txt", &content);
        assert_ne!(before, look(&path).unwrap().2);
    }
}
