//! Algorithms beyond memory: fixed-width records in sorted runs on disk, merged in bounded memory.
//!
//! Records are rows of bytes of one width whose byte order is their order: numbers in them are
//! big-endian. Nothing here knows of documents, and nothing depends on the number of threads: sorting
//! is total, so the same records come out in the same order however they were cut into runs.
//!
//! Files that are not whole yet are here too ([`Unfinished`]), as whoever sorts leaves some.
//!
//! Source of the method: Knuth, *The Art of Computer Programming* 3, 5.4 (external sorting).

mod cursor;
mod merge;
mod ordered;
mod range;
mod run;
mod sort;
mod unfinished;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

pub use cursor::Cursor;
pub use merge::Merger;
pub use ordered::Ordered;
pub(crate) use ordered::read_exact_at;
pub use range::{List, RunWriter, Span};
pub use run::{Exclude, Exclusion, Parted, Run};
pub use sort::{Sorted, Sorter, sort_records};
pub use unfinished::{Unfinished, host, writer};

/// What can go wrong beyond memory.
#[derive(Debug, thiserror::Error)]
pub enum ExternalError {
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
    /// Files do not hold what they should.
    #[error("{path} is damaged: {message}")]
    Damaged {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// Somebody asked to stop.
    #[error("stopped before the end")]
    Interrupted,
}

impl ExternalError {
    /// Wraps an error of the file system.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| ExternalError::Io { action, path, source }
    }
}

/// The big-endian number that some bytes begin with; bytes that are missing count as zero.
pub fn number(bytes: &[u8]) -> u64 {
    match bytes.first_chunk::<8>() {
        Some(first) => u64::from_be_bytes(*first),
        None => {
            let mut padded = [0; 8];
            padded.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            u64::from_be_bytes(padded)
        }
    }
}

/// Whoever runs independent pieces of work, on one thread or many.
pub trait Executor: Sync {
    /// How many pieces run at once at most.
    fn threads(&self) -> usize;

    /// Runs `work(0)` to `work(count - 1)`, in any order.
    ///
    /// # Errors
    /// One of the errors of the pieces.
    fn each(
        &self,
        count: usize,
        work: &(dyn Fn(usize) -> Result<(), ExternalError> + Sync),
    ) -> Result<(), ExternalError>;
}

/// Runs one piece after the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sequential;

impl Executor for Sequential {
    fn threads(&self) -> usize {
        1
    }

    fn each(
        &self,
        count: usize,
        work: &(dyn Fn(usize) -> Result<(), ExternalError> + Sync),
    ) -> Result<(), ExternalError> {
        (0..count).try_for_each(work)
    }
}

/// Runs pieces on so many threads, the last pieces first: whoever relies on their order is found out.
#[derive(Debug, Clone, Copy)]
pub struct Threads(pub usize);

impl Executor for Threads {
    fn threads(&self) -> usize {
        self.0
    }

    fn each(
        &self,
        count: usize,
        work: &(dyn Fn(usize) -> Result<(), ExternalError> + Sync),
    ) -> Result<(), ExternalError> {
        let taken = AtomicUsize::new(0);
        let run = || {
            let take = || count.checked_sub(taken.fetch_add(1, Ordering::Relaxed) + 1);
            std::iter::from_fn(take).try_for_each(work)
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..self.0.clamp(1, count.max(1))).map(|_| scope.spawn(run)).collect();
            threads.into_iter().try_for_each(|thread| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        })
    }
}

/// A folder for files that are of no use to anyone when the work is done or given up, and the sign
/// to stop.
#[derive(Debug, Clone)]
pub struct Scratch {
    folder: Arc<PathBuf>,
    next: Arc<AtomicU64>,
    cancel: Arc<AtomicBool>,
}

impl Scratch {
    /// A scratch folder; it is made when the first file is. Whoever made it removes it.
    pub fn new(folder: &Path, cancel: Arc<AtomicBool>) -> Self {
        Self { folder: Arc::new(folder.to_owned()), next: Arc::default(), cancel }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A name that no file of the folder has.
    ///
    /// # Errors
    /// If the folder can't be made.
    pub fn file(&self) -> Result<PathBuf, ExternalError> {
        std::fs::create_dir_all(&*self.folder)
            .map_err(ExternalError::io("create", &self.folder))?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Ok(self.folder.join(format!("{number:08}")))
    }

    /// Asks whether to go on.
    ///
    /// # Errors
    /// [`ExternalError::Interrupted`] if somebody asked to stop.
    pub fn check(&self) -> Result<(), ExternalError> {
        match self.cancel.load(Ordering::Relaxed) {
            true => Err(ExternalError::Interrupted),
            false => Ok(()),
        }
    }
}
