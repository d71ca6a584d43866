//! What a run tells while it goes on.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counters of a run, shared by all threads.
#[derive(Debug, Default)]
pub struct Progress {
    pass: AtomicUsize,
    passes: AtomicUsize,
    done: AtomicU64,
    total: AtomicU64,
    text: AtomicU64,
    documents: AtomicU64,
    kept: AtomicU64,
    rejected: AtomicU64,
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// The pass under way, from 0.
    pub pass: usize,
    /// Number of passes.
    pub passes: usize,
    /// Bytes of this pass's input files that were consumed.
    pub done: u64,
    /// Bytes of this pass's input files; 0 if they are not known, as for standard input.
    pub total: u64,
    /// Bytes of text that went through this pass.
    pub text: u64,
    /// Documents that went through this pass.
    pub documents: u64,
    /// Those of them that are kept so far.
    pub kept: u64,
    /// Malformed records.
    pub rejected: u64,
}

impl Progress {
    /// The counters now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            pass: self.pass.load(Ordering::Relaxed),
            passes: self.passes.load(Ordering::Relaxed),
            done: self.done.load(Ordering::Relaxed),
            total: self.total.load(Ordering::Relaxed),
            text: self.text.load(Ordering::Relaxed),
            documents: self.documents.load(Ordering::Relaxed),
            kept: self.kept.load(Ordering::Relaxed),
            rejected: self.rejected.load(Ordering::Relaxed),
        }
    }

    pub(super) fn start_pass(&self, pass: usize, passes: usize, total: u64) {
        for counter in [&self.done, &self.text, &self.documents, &self.kept] {
            counter.store(0, Ordering::Relaxed);
        }
        self.total.store(total, Ordering::Relaxed);
        self.passes.store(passes, Ordering::Relaxed);
        self.pass.store(pass, Ordering::Relaxed);
    }

    pub(super) fn consumed(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn block(&self, text: u64, documents: u64, kept: u64, rejected: u64) {
        self.text.fetch_add(text, Ordering::Relaxed);
        self.documents.fetch_add(documents, Ordering::Relaxed);
        self.kept.fetch_add(kept, Ordering::Relaxed);
        self.rejected.fetch_add(rejected, Ordering::Relaxed);
    }
}

/// Watches a run from outside: a progress bar, a log, a test.
pub trait Observer: Sync {
    /// Called once, with the counters to look at whenever it likes.
    fn start(&self, progress: std::sync::Arc<Progress>);
    /// Called with things that a user should know now, such as a damaged shard.
    fn remark(&self, message: &str);
}

impl Observer for () {
    fn start(&self, _: std::sync::Arc<Progress>) {}
    fn remark(&self, _: &str) {}
}
