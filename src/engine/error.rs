//! What can stop a run.

use std::path::{Path, PathBuf};

use crate::dedup::index::IndexError;
use crate::external::ExternalError;
use crate::shard::listing::ListingError;
use crate::shard::reader::ReadError;

/// What can stop a run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The input can't be listed.
    #[error(transparent)]
    Listing(#[from] ListingError),
    /// A shard can't be opened.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The output can't be written.
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
    /// Columns that don't fit together.
    #[error("can't encode documents: {0}")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A parquet shard can't be written.
    #[error("can't write parquet: {0}")]
    Parquet(String),
    /// The output folder holds something else.
    #[error("{output} {what}\n  help: {help}")]
    Conflict {
        /// The output folder.
        output: PathBuf,
        /// What is there, and what changed.
        what: String,
        /// What to do.
        help: String,
    },
    /// What a task needs is not there yet.
    #[error(
        "{0}\n  help: run the tasks of that pass first; if they are said to be done, `sapwood verify` tells what is lost"
    )]
    NotReady(String),
    /// A program of the cluster's scheduler.
    #[error("{program}: {message}")]
    Scheduler {
        /// The program.
        program: String,
        /// What it said.
        message: String,
    },
    /// An input shard is not what it was when the run was planned.
    #[error(
        "input {path} has changed since the run was planned\n  help: put the old file back, or start over in another folder (or with --force)"
    )]
    Changed {
        /// The shard.
        path: PathBuf,
    },
    /// A journal record can't be understood.
    #[error(
        "the journal record {path} is damaged: {message}\n  help: `sapwood verify --repair` makes it anew, and --force starts over"
    )]
    Journal {
        /// The record.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A stage panicked: a bug, never the fault of the data.
    #[error(
        "a stage panicked on a block of shard {shard} that begins at record {ordinal}: this is a bug in sapwood or in a custom stage, please report it"
    )]
    Panic {
        /// Number of the shard in the listing.
        shard: u32,
        /// Ordinal of the block's first record.
        ordinal: u64,
    },
    /// A file does not hold what it should.
    #[error(
        "{path} is damaged: {message}\n  help: `sapwood verify --repair` makes it anew, and --force starts over"
    )]
    Damaged {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// An index can't be written.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The run was asked to stop.
    #[error("stopped before the end; the same command goes on from here")]
    Interrupted,
}

impl From<ExternalError> for EngineError {
    fn from(error: ExternalError) -> Self {
        match error {
            ExternalError::Io { action, path, source } => EngineError::Io { action, path, source },
            ExternalError::Damaged { path, message } => EngineError::Damaged { path, message },
            ExternalError::Interrupted => EngineError::Interrupted,
        }
    }
}

impl EngineError {
    /// Wraps an error of the file system.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| EngineError::Io { action, path, source }
    }
}
