//! Indexes: the records that a run left, kept as a folder, so that later runs find copies of its
//! documents without reading its texts again.
//!
//! An index holds, of every document that the deduplicator saw, what it compares by, its place in the
//! input and a hash of its id; and for documents that were removed, which one stayed in their stead.
//! It holds no text. A folder has these files:
//!
//! | file | records |
//! |---|---|
//! | `index.json` | the [`Manifest`], written last |
//! | `stream-N.records` | those of the deduplicator's stream N, in order |
//! | `documents.records` | 8 bytes: place; 16: xxh3-128 of the id; in the order of places |
//! | `kept.records` | 8 bytes: place of a removed document; 8: place of the one that stayed |
//! | `retracted-HASH.records` | 8 bytes: places of documents that were taken back, in order |
//!
//! A place is a packed [`Position`]: number of the shard in the manifest's list, number of the record
//! in the shard. Documents that the run removed because of *another* index are left out: their text is
//! in neither corpus, so nobody may be removed on their account.

mod read;
mod retract;
mod write;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use read::Index;
pub use retract::{Retracted, Retraction};
pub use write::{Contents, may_write, write};

use super::barrier::{Order, Stream};
use crate::batch::{NODE, Position};
use crate::external::{ExternalError, Parted};
use crate::text::hash::VERSION;

/// Version of the folder's layout.
const FORMAT: u32 = 1;
/// Bytes of a record of `documents.records`: place, hash of the id.
const DOCUMENT: usize = 24;
/// Bytes of a record of `kept.records`.
const KEPT: usize = 16;

/// What can be wrong with an index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// There is no index.
    #[error("{0} is no index: it has no index.json")]
    Missing(PathBuf),
    /// It is of another kind than its user wants.
    #[error("{path} can't be compared with: {message}")]
    Unlike {
        /// The folder.
        path: PathBuf,
        /// In what it differs.
        message: String,
    },
    /// Its files do not hold what they should.
    #[error("{path} is damaged: {message}; write the index anew")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A file can't be read or written.
    #[error("can't {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A document that is to be taken back is not there.
    #[error(
        "{path} has no document with the id `{id}`, and {more} more are missing; nothing was taken back"
    )]
    Unknown {
        /// The folder.
        path: PathBuf,
        /// The first such id.
        id: String,
        /// How many more.
        more: usize,
    },
    /// A shard that is to be taken back is not there.
    #[error("{path} has no shard `{shard}`; nothing was taken back{help}")]
    UnknownShard {
        /// The folder.
        path: PathBuf,
        /// The shard.
        shard: String,
        /// The nearest one, for people.
        help: String,
    },
}

impl IndexError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| IndexError::Io { action, path, source }
    }
}

impl From<IndexError> for ExternalError {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Io { action, path, source } => ExternalError::Io { action, path, source },
            IndexError::Damaged { path, message } => ExternalError::Damaged { path, message },
            other => ExternalError::Damaged { path: PathBuf::new(), message: other.to_string() },
        }
    }
}

/// A file of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Its name in the folder.
    pub file: String,
    /// Bytes of a record.
    pub width: usize,
    /// Its records.
    pub records: u64,
    /// xxh3-128 of its content, in hexadecimal.
    pub xxh3: String,
}

impl FileRecord {
    fn bytes(&self) -> u64 {
        self.records * self.width as u64
    }
}

/// What an index is: `index.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the folder's layout.
    pub format: u32,
    /// The version of sapwood that wrote it.
    pub sapwood: String,
    /// The deduplicator's name.
    pub barrier: String,
    /// Those of its parameters that decide whether records can be compared.
    pub parameters: serde_json::Value,
    /// The run that wrote it: xxh3-128 of its configuration and input.
    pub run: String,
    /// The shards of its input, in order.
    pub shards: Vec<String>,
    /// The files of the deduplicator's streams, in order.
    pub streams: Vec<FileRecord>,
    /// All its documents.
    pub documents: FileRecord,
    /// Which document stayed in a removed one's stead.
    pub kept: FileRecord,
    /// Documents that were taken back, if any were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retracted: Option<FileRecord>,
}

/// The indexes that a deduplicator has to do with.
#[derive(Debug, Clone)]
pub struct Indexes {
    /// Where the index of this run goes, if one is wanted.
    pub write: Option<PathBuf>,
    /// What decides whether records can be compared, as JSON.
    pub parameters: serde_json::Value,
    against: Vec<Arc<Index>>,
}

impl Indexes {
    /// Opens the indexes of earlier runs that a deduplicator compares with.
    ///
    /// # Errors
    /// If one is none, is of another deduplicator or of other parameters, or is given twice.
    pub fn open(
        barrier: &str,
        parameters: serde_json::Value,
        write: Option<&Path>,
        against: &[PathBuf],
    ) -> Result<Self, IndexError> {
        let mut parameters = parameters;
        if let Some(parameters) = parameters.as_object_mut() {
            parameters.insert("hash_version".to_owned(), VERSION.into());
        }
        let all = Self::open_all(against)?;
        for (number, (index, path)) in all.against.iter().zip(against).enumerate() {
            let unlike = |message: String| IndexError::Unlike { path: path.clone(), message };
            let manifest = index.manifest();
            if manifest.barrier != barrier {
                return Err(unlike(format!("it is of {}, not of {barrier}", manifest.barrier)));
            }
            if let Some(message) = difference(&manifest.parameters, &parameters) {
                return Err(unlike(message));
            }
            if all.against.iter().take(number).any(|it| it.manifest().run == manifest.run) {
                return Err(unlike("it is given twice".to_owned()));
            }
            if index.base() + manifest.shards.len() as u64 >= 1 << 23 {
                return Err(unlike("with it there are more than 8 million shards".to_owned()));
            }
        }
        Ok(Self { write: write.map(Path::to_owned), parameters, ..all })
    }

    /// Opens indexes to ask what their documents are called.
    ///
    /// # Errors
    /// If one is none.
    pub fn open_all(folders: &[PathBuf]) -> Result<Self, IndexError> {
        let mut against: Vec<Arc<Index>> = Vec::new();
        let mut base = 0;
        for folder in folders {
            let index = Index::open(folder, base)?;
            base += index.manifest().shards.len() as u64;
            against.push(Arc::new(index));
        }
        Ok(Self { write: None, parameters: serde_json::Value::Null, against })
    }

    /// The indexes that are compared with.
    pub fn against(&self) -> &[Arc<Index>] {
        &self.against
    }

    /// Adds the records of the indexes to those of the run, by stream: of sorted streams those of some
    /// partitions, of so many.
    ///
    /// # Errors
    /// If a file can't be read, or an index has other streams.
    pub fn add_runs(
        &self,
        streams: &[Stream],
        partitions: Range<usize>,
        of: usize,
        runs: &mut [Vec<Parted>],
    ) -> Result<(), ExternalError> {
        for index in &self.against {
            for (number, (stream, runs)) in streams.iter().zip(runs.iter_mut()).enumerate() {
                runs.extend(index.parted(number, stream, partitions.clone(), of)?);
            }
        }
        Ok(())
    }

    /// The document of an index that stands for a node below [`NODE`]: the one that its run kept.
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn name(&self, node: u64) -> Result<Option<Name>, ExternalError> {
        let shard = u64::from(Position::unpack(node).shard);
        let index = self.against.iter().rev().find(|index| index.base() <= shard);
        let Some(index) = index.filter(|_| node < NODE) else { return Ok(None) };
        index.name(node).map(Some)
    }
}

/// What a document of an index is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Name {
    /// The index's folder as it was given.
    pub index: String,
    /// The shard of its run's input.
    pub shard: String,
    /// Number of the record in the shard, from 0.
    pub record: u64,
}

/// The first parameter in which two differ, for people.
fn difference(theirs: &serde_json::Value, ours: &serde_json::Value) -> Option<String> {
    if theirs == ours {
        return None;
    }
    let (Some(theirs), Some(ours)) = (theirs.as_object(), ours.as_object()) else {
        return Some("it has other parameters".to_owned());
    };
    let nothing = serde_json::Value::Null;
    let keys = ours.keys().chain(theirs.keys());
    keys.map(|key| (key, theirs.get(key).unwrap_or(&nothing), ours.get(key).unwrap_or(&nothing)))
        .find(|(_, theirs, ours)| theirs != ours)
        .map(|(key, theirs, ours)| format!("its `{key}` is {theirs}, here it is {ours}"))
}

/// The lowest start of a record that falls into a partition: the inverse of
/// [`partition_of`](super::partition_of).
fn first_of_partition(partition: usize, partitions: usize) -> u128 {
    let scaled = (partition as u128) << 64;
    scaled.div_ceil(partitions as u128)
}

fn is_sorted(stream: &Stream) -> bool {
    stream.order == Order::Sorted
}
