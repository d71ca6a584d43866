//! Parallel work on ordered streams.
//!
//! A *task* is a stream of blocks that must be read one after the other and whose results must be
//! used one after the other, while the work between can be done by anyone. Every thread takes
//! whatever is next: it reads a block of the first task whose source is free, works on it, hands the
//! result to the task's sink in order, and encodes the chunks that this filled, which are again
//! written in order. So one large task keeps all threads busy, many small ones need no
//! coordination, and neither threads nor queues stand between.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use super::error::EngineError;

/// The steps of a task. `read`, `accept`, `finish` and `write` are called in order, one at a time for
/// a task; `work` and `encode` run anywhere.
pub trait Job: Sync {
    /// Where a task's blocks come from.
    type Source: Send;
    /// What is read at a time.
    type Block: Send;
    /// What comes out of a block.
    type Output: Send;
    /// Where outputs are collected.
    type Sink: Send;
    /// What the sink hands out to be encoded.
    type Chunk: Send;
    /// An encoded chunk.
    type Encoded: Send;
    /// Where encoded chunks are written.
    type Target: Send;

    /// Opens a task; `None` if there is nothing left to do.
    #[expect(clippy::type_complexity, reason = "three parts of one task")]
    fn open(
        &self,
        task: usize,
    ) -> Result<Option<(Self::Source, Self::Sink, Self::Target)>, EngineError>;
    /// The next block.
    fn read(&self, source: &mut Self::Source) -> Result<Option<Self::Block>, EngineError>;
    /// What to say if working on this block panics.
    fn blame(&self, block: &Self::Block) -> EngineError;
    /// Works on a block.
    fn work(&self, block: Self::Block) -> Result<Self::Output, EngineError>;
    /// Takes an output, in order.
    fn accept(
        &self,
        sink: &mut Self::Sink,
        output: Self::Output,
        chunks: &mut Vec<Self::Chunk>,
    ) -> Result<(), EngineError>;
    /// Ends the task; must hand out at least one chunk.
    fn finish(
        &self,
        sink: &mut Self::Sink,
        chunks: &mut Vec<Self::Chunk>,
    ) -> Result<(), EngineError>;
    /// Encodes a chunk.
    fn encode(&self, chunk: Self::Chunk) -> Result<Self::Encoded, EngineError>;
    /// Writes an encoded chunk, in order.
    fn write(&self, target: &mut Self::Target, encoded: Self::Encoded) -> Result<(), EngineError>;
    /// Called when everything of a task is written, or nothing was left to do.
    fn done(&self, task: usize) -> Result<(), EngineError>;
}

struct Reading<S> {
    source: S,
    next: u64,
    ended: bool,
}

struct Collecting<S, O> {
    sink: S,
    next: u64,
    /// Outputs that came before their turn; `None` marks the end of the stream.
    pending: BTreeMap<u64, Option<O>>,
    chunks: u64,
}

struct Writing<T, E> {
    target: T,
    next: u64,
    pending: BTreeMap<u64, E>,
    /// Number of chunks of the whole task, once it is known.
    total: Option<u64>,
}

struct Open<J: Job> {
    task: usize,
    reading: Mutex<Reading<J::Source>>,
    collecting: Mutex<Collecting<J::Sink, J::Output>>,
    writing: Mutex<Writing<J::Target, J::Encoded>>,
    under_way: AtomicUsize,
}

struct Tasks<J: Job> {
    next: usize,
    open: Vec<Arc<Open<J>>>,
}

struct Executor<'j, J: Job> {
    job: &'j J,
    count: usize,
    threads: usize,
    tasks: Mutex<Tasks<J>>,
    changed: Condvar,
    failed: Mutex<Option<EngineError>>,
    stop: AtomicBool,
    cancel: &'j AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic is caught before it can leave anything half done, so a poisoned lock is sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs tasks `0..count` on the threads of a pool.
///
/// # Errors
/// The first error of any step, or [`EngineError::Interrupted`] if `cancel` was set.
pub fn run<J: Job>(
    job: &J,
    count: usize,
    pool: &rayon::ThreadPool,
    cancel: &AtomicBool,
) -> Result<(), EngineError> {
    let executor = Executor {
        job,
        count,
        threads: pool.current_num_threads(),
        tasks: Mutex::new(Tasks { next: 0, open: Vec::new() }),
        changed: Condvar::new(),
        failed: Mutex::new(None),
        stop: AtomicBool::new(false),
        cancel,
    };
    pool.broadcast(|_| executor.work());
    match executor.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None if cancel.load(Ordering::Relaxed) => Err(EngineError::Interrupted),
        None => Ok(()),
    }
}

enum Next<J: Job> {
    Block(Arc<Open<J>>, u64, J::Block),
    End(Arc<Open<J>>, u64),
    Wait,
    Done,
}

impl<J: Job> Executor<'_, J> {
    fn work(&self) {
        loop {
            if self.stop.load(Ordering::Relaxed) || self.cancel.load(Ordering::Relaxed) {
                break;
            }
            let result = match self.next() {
                Ok(Next::Block(open, number, block)) => {
                    let blame = self.job.blame(&block);
                    catch_unwind(AssertUnwindSafe(|| self.job.work(block)))
                        .unwrap_or(Err(blame))
                        .and_then(|output| self.deliver(&open, number, Some(output)))
                }
                Ok(Next::End(open, number)) => self.deliver(&open, number, None),
                Ok(Next::Wait) => {
                    // A missed wake-up costs a millisecond, so the time limit keeps this simple.
                    let tasks = lock(&self.tasks);
                    drop(self.changed.wait_timeout(tasks, Duration::from_millis(1)));
                    Ok(())
                }
                Ok(Next::Done) => break,
                Err(error) => Err(error),
            };
            if let Err(error) = result {
                lock(&self.failed).get_or_insert(error);
                self.stop.store(true, Ordering::Relaxed);
                break;
            }
        }
        self.changed.notify_all();
    }

    fn next(&self) -> Result<Next<J>, EngineError> {
        let open: Vec<Arc<Open<J>>> = lock(&self.tasks).open.clone();
        for task in open {
            // More blocks than this under way would only wait for their turn, in memory.
            if task.under_way.load(Ordering::Relaxed) >= self.threads + 2 {
                continue;
            }
            let mut reading = match task.reading.try_lock() {
                Ok(reading) => reading,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => continue,
            };
            if reading.ended {
                continue;
            }
            let number = reading.next;
            reading.next += 1;
            task.under_way.fetch_add(1, Ordering::Relaxed);
            let block = self.job.read(&mut reading.source)?;
            reading.ended = block.is_none();
            drop(reading);
            return Ok(match block {
                Some(block) => Next::Block(task, number, block),
                None => Next::End(task, number),
            });
        }
        loop {
            let mut tasks = lock(&self.tasks);
            if tasks.next == self.count {
                return Ok(if tasks.open.is_empty() { Next::Done } else { Next::Wait });
            }
            if tasks.open.len() >= self.threads {
                return Ok(Next::Wait);
            }
            let task = tasks.next;
            tasks.next += 1;
            match self.job.open(task)? {
                Some((source, sink, target)) => {
                    tasks.open.push(Arc::new(Open {
                        task,
                        reading: Mutex::new(Reading { source, next: 0, ended: false }),
                        collecting: Mutex::new(Collecting {
                            sink,
                            next: 0,
                            pending: BTreeMap::new(),
                            chunks: 0,
                        }),
                        writing: Mutex::new(Writing {
                            target,
                            next: 0,
                            pending: BTreeMap::new(),
                            total: None,
                        }),
                        under_way: AtomicUsize::new(0),
                    }));
                    drop(tasks);
                    return self.next();
                }
                None => {
                    drop(tasks);
                    self.job.done(task)?;
                    if self.cancel.load(Ordering::Relaxed) {
                        return Ok(Next::Wait);
                    }
                }
            }
        }
    }

    fn deliver(
        &self,
        open: &Arc<Open<J>>,
        number: u64,
        output: Option<J::Output>,
    ) -> Result<(), EngineError> {
        let mut chunks = Vec::new();
        let first;
        let mut total = None;
        {
            let mut collecting = lock(&open.collecting);
            let collecting = &mut *collecting;
            collecting.pending.insert(number, output);
            while let Some(output) = collecting.pending.remove(&collecting.next) {
                collecting.next += 1;
                match output {
                    Some(output) => self.job.accept(&mut collecting.sink, output, &mut chunks)?,
                    None => {
                        self.job.finish(&mut collecting.sink, &mut chunks)?;
                        total = Some(collecting.chunks + chunks.len() as u64);
                    }
                }
                open.under_way.fetch_sub(1, Ordering::Relaxed);
            }
            first = collecting.chunks;
            collecting.chunks += chunks.len() as u64;
        }
        if total.is_some() {
            lock(&open.writing).total = total;
        }
        for (number, chunk) in (first..).zip(chunks) {
            let encoded = self.job.encode(chunk)?;
            let mut writing = lock(&open.writing);
            let writing = &mut *writing;
            writing.pending.insert(number, encoded);
            while let Some(encoded) = writing.pending.remove(&writing.next) {
                writing.next += 1;
                self.job.write(&mut writing.target, encoded)?;
            }
            if writing.total == Some(writing.next) {
                self.job.done(open.task)?;
                lock(&self.tasks).open.retain(|other| !Arc::ptr_eq(other, open));
                self.changed.notify_all();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// Squares the numbers of some ranges; chunks are of three.
    struct Squares<'r> {
        lengths: Vec<u64>,
        results: &'r Mutex<BTreeMap<usize, Vec<u64>>>,
        fail_at: Option<u64>,
        panic_at: Option<u64>,
    }

    impl Job for Squares<'_> {
        type Source = (u64, u64);
        type Block = u64;
        type Output = u64;
        type Sink = Vec<u64>;
        type Chunk = Vec<u64>;
        type Encoded = Vec<u64>;
        type Target = usize;

        fn open(&self, task: usize) -> Result<Option<((u64, u64), Vec<u64>, usize)>, EngineError> {
            Ok((self.lengths[task] > 0).then(|| ((0, self.lengths[task]), Vec::new(), task)))
        }
        fn read(&self, source: &mut (u64, u64)) -> Result<Option<u64>, EngineError> {
            source.0 += 1;
            Ok((source.0 <= source.1).then_some(source.0 - 1))
        }
        fn blame(&self, block: &u64) -> EngineError {
            EngineError::Panic { shard: 0, ordinal: *block }
        }
        fn work(&self, block: u64) -> Result<u64, EngineError> {
            if block.is_multiple_of(7) {
                std::thread::sleep(Duration::from_micros(300));
            }
            assert_ne!(Some(block), self.panic_at);
            if Some(block) == self.fail_at {
                return Err(EngineError::Parquet("on purpose".into()));
            }
            Ok(block * block)
        }
        fn accept(
            &self,
            sink: &mut Vec<u64>,
            output: u64,
            chunks: &mut Vec<Vec<u64>>,
        ) -> Result<(), EngineError> {
            sink.push(output);
            if sink.len() == 3 {
                chunks.push(std::mem::take(sink));
            }
            Ok(())
        }
        fn finish(
            &self,
            sink: &mut Vec<u64>,
            chunks: &mut Vec<Vec<u64>>,
        ) -> Result<(), EngineError> {
            chunks.push(std::mem::take(sink));
            Ok(())
        }
        fn encode(&self, chunk: Vec<u64>) -> Result<Vec<u64>, EngineError> {
            Ok(chunk)
        }
        fn write(&self, task: &mut usize, encoded: Vec<u64>) -> Result<(), EngineError> {
            lock(self.results).entry(*task).or_default().extend(encoded);
            Ok(())
        }
        fn done(&self, task: usize) -> Result<(), EngineError> {
            // Nothing comes after it, and nothing before it is missing.
            let mut results = lock(self.results);
            let results = results.entry(task).or_default();
            assert_eq!(results.len() as u64, self.lengths[task]);
            results.push(u64::MAX);
            Ok(())
        }
    }

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    #[test]
    fn results_are_in_order_for_any_number_of_threads() {
        for threads in [1, 2, 7] {
            let results = Mutex::new(BTreeMap::new());
            let lengths = vec![100, 0, 1, 33, 250];
            let job = Squares {
                lengths: lengths.clone(),
                results: &results,
                fail_at: None,
                panic_at: None,
            };
            run(&job, lengths.len(), &pool(threads), &AtomicBool::new(false)).unwrap();
            for (task, length) in lengths.into_iter().enumerate() {
                let squares = (0..length).map(|number| number * number);
                let expected: Vec<u64> = squares.chain([u64::MAX]).collect();
                assert_eq!(lock(&results)[&task], expected);
            }
        }
    }

    #[test]
    fn errors_panics_and_cancellation_end_the_run() {
        let results = Mutex::new(BTreeMap::new());
        let cancelled = AtomicBool::new(false);
        let mut job = Squares {
            lengths: vec![100, 100],
            results: &results,
            fail_at: Some(50),
            panic_at: None,
        };
        let outcome = run(&job, 2, &pool(2), &cancelled);
        assert!(matches!(outcome, Err(EngineError::Parquet(_))));
        job.fail_at = None;
        job.panic_at = Some(20);
        let outcome = run(&job, 2, &pool(2), &cancelled);
        assert!(matches!(outcome, Err(EngineError::Panic { ordinal: 20, .. })));
        job.panic_at = None;
        let outcome = run(&job, 2, &pool(2), &AtomicBool::new(true));
        assert!(matches!(outcome, Err(EngineError::Interrupted)));
        let error = EngineError::io("open", &PathBuf::from("x"))(std::io::Error::other("y"));
        assert_eq!(error.to_string(), "can't open x: y");
    }
}
