//! Progress on a terminal and without one.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sapwood::engine::{Observer, Progress, Snapshot};
use sapwood::report;

/// Shows a run's progress: a bar on a terminal, else a plain line every few seconds.
pub struct Display {
    bar: ProgressBar,
    terminal: bool,
    done: Arc<AtomicBool>,
    watcher: Mutex<Option<JoinHandle<()>>>,
}

const PLAIN_EVERY: Duration = Duration::from_secs(5);
const BAR_EVERY: Duration = Duration::from_millis(100);

impl Display {
    pub fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self { bar, terminal, done: Arc::default(), watcher: Mutex::new(None) }
    }

    /// Takes the display away.
    pub fn finish(&self) {
        self.done.store(true, Ordering::Relaxed);
        let watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(watcher) = watcher {
            watcher.thread().unpark();
            let _ = watcher.join();
        }
        self.bar.finish_and_clear();
    }
}

/// `1.2 GB of text, 340 k documents (95 % kept), 12.3 MB/s, 2,345 documents/s, 1 min left`
fn line(now: Snapshot, since: Duration) -> String {
    let seconds = since.as_secs_f64().max(1e-3);
    let mut parts = vec![
        format!("pass {} of {}", now.pass + 1, now.passes.max(1)),
        format!("{} of text", report::bytes(now.text)),
        report::count(now.documents, "document", "documents"),
    ];
    if now.documents > 0 {
        parts.push(format!("{:.1} % kept", 100.0 * now.kept as f64 / now.documents as f64));
    }
    parts.push(format!("{:.1} MB/s", now.text as f64 / 1e6 / seconds));
    parts.push(format!("{} documents/s", report::number((now.documents as f64 / seconds) as u64)));
    if now.total > now.done && now.done > 0 {
        let left = seconds * (now.total - now.done) as f64 / now.done as f64;
        parts.push(format!("{} left", report::duration(left)));
    }
    parts.join(", ")
}

impl Observer for Display {
    fn start(&self, progress: Arc<Progress>) {
        if self.terminal {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            if let Ok(style) =
                ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes}\n{msg}")
            {
                self.bar.set_style(style);
            }
        }
        let (bar, terminal, done) = (self.bar.clone(), self.terminal, Arc::clone(&self.done));
        let watcher = std::thread::spawn(move || {
            let mut pass = usize::MAX;
            let mut since = Instant::now();
            let mut told = Instant::now();
            while !done.load(Ordering::Relaxed) {
                std::thread::park_timeout(BAR_EVERY);
                let now = progress.snapshot();
                if now.pass != pass {
                    pass = now.pass;
                    since = Instant::now();
                    bar.reset();
                }
                if terminal {
                    bar.set_length(now.total);
                    bar.set_position(now.done);
                    bar.set_message(line(now, since.elapsed()));
                } else if told.elapsed() >= PLAIN_EVERY {
                    told = Instant::now();
                    eprintln!("{}", line(now, since.elapsed()));
                }
            }
        });
        *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = Some(watcher);
    }

    fn remark(&self, message: &str) {
        match self.terminal {
            true => self.bar.suspend(|| eprintln!("{message}")),
            false => eprintln!("{message}"),
        }
    }
}
