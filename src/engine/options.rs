//! How a run executes: threads, signals, where it was started.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::error::EngineError;

/// How a run executes. None of it changes a byte of the output, but for `segment_bytes`, which an
/// output keeps from its first run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Number of threads; 0 for one a core.
    pub threads: usize,
    /// Whether an output that belongs to something else is discarded.
    pub force: bool,
    /// Content of a shard that makes a segment, the unit that is committed, in bytes.
    pub segment_bytes: u64,
    /// The pipeline file, to find its models again by; none if there is none.
    pub pipeline: PathBuf,
    /// Set from outside to stop the run; what is committed stays.
    pub cancel: Arc<AtomicBool>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            threads: 0,
            force: false,
            segment_bytes: super::SEGMENT_BYTES,
            pipeline: PathBuf::new(),
            cancel: Arc::default(),
        }
    }
}

/// Where an output was made from: what relative paths in its plan are relative to.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Origin {
    /// The folder that sapwood was called in.
    pub folder: PathBuf,
    /// The pipeline file.
    pub pipeline: PathBuf,
}

/// Starts threads; 0 for one a core.
///
/// # Errors
/// If the system gives none.
pub fn pool(threads: usize) -> Result<rayon::ThreadPool, EngineError> {
    // A stage may recurse over a deeply nested document of the user's; 8 MiB is a main thread's.
    rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(8 << 20).build().map_err(
        |error| EngineError::Io {
            action: "start threads",
            path: PathBuf::new(),
            source: std::io::Error::other(error),
        },
    )
}
