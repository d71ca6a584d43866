//! How tasks stand: done, running, failed. None of it decides what is committed: a record that is lost
//! or old costs a task that finds nothing to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rayon::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::error::EngineError;
use super::journal;
use super::layout::{Layout, TASKS_IN_FOLDER};
use super::progress::Progress;
use super::statistics::{ByteCounts, DocumentCounts, Statistics};
use super::tasks::Phase;
use crate::external::{self, Unfinished};

/// A task that is done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// Where records went.
    pub documents: DocumentCounts,
    /// How many bytes.
    pub bytes: ByteCounts,
    /// Documents that went through, in a later pass too.
    pub through: u64,
    /// Bytes of text that went through.
    pub text: u64,
    /// Messages about damaged shards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub damaged: Vec<String>,
    /// When it was begun and ended, in seconds since 1970 by the clock of its machine.
    pub began: f64,
    /// See `began`.
    pub ended: f64,
    /// The machine.
    pub host: String,
}

/// A task that is under way, or was when its machine stopped.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// The process.
    pub writer: String,
    /// The machine.
    pub host: String,
    /// Its process id there.
    pub process: u32,
    /// When it was begun, in seconds since 1970 by the clock of its machine.
    pub began: f64,
    /// When it last told how far it is.
    pub beat: f64,
    /// Bytes of its input that were consumed.
    pub done: u64,
    /// Bytes of its input; 0 if they are not known.
    pub total: u64,
    /// Bytes of text that went through.
    pub text: u64,
    /// Documents that went through.
    pub documents: u64,
}

/// A task that failed the last time that it was run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Failed {
    /// How often it has failed.
    pub attempts: u32,
    /// What it said.
    pub message: String,
    /// When, in seconds since 1970 by the clock of its machine.
    pub at: f64,
    /// The machine.
    pub host: String,
}

/// How often a task tells how far it is.
pub const BEAT: Duration = Duration::from_secs(5);
/// A task that has not told for so long is taken for dead, in seconds. File systems on the network may
/// show what was written half a minute late.
pub const SILENT: f64 = 120.0;

impl Running {
    /// Whether it has told lately. A clock that went backwards counts for it.
    pub fn is_alive(&self, now: f64) -> bool {
        now - self.beat < SILENT
    }
}

impl Done {
    /// What a task has counted.
    pub fn of(statistics: &Statistics, began: f64) -> Self {
        let most = statistics.stages.values().max_by_key(|stage| stage.input);
        let (through, text) = match most {
            _ if statistics.bytes.text_in > 0 => {
                let counts = statistics.documents;
                (counts.input - counts.rejected, statistics.bytes.text_in)
            }
            Some(stage) => (stage.input, stage.text_in),
            None => (0, 0),
        };
        Self {
            documents: statistics.documents,
            bytes: statistics.bytes,
            through,
            text,
            damaged: statistics.damaged.iter().map(|damage| damage.message.clone()).collect(),
            began,
            ended: journal::now(),
            host: external::host(),
        }
    }
}

/// Writes what is known of a task; it need not outlive a power cut.
fn write<T: Serialize>(path: &Path, record: &T) -> Result<(), EngineError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(EngineError::io("create", folder))?;
    }
    let unfinished = Unfinished::beside(path);
    let content = serde_json::to_vec(record).unwrap_or_default();
    fs::write(unfinished.path(), content).map_err(EngineError::io("write", unfinished.path()))?;
    unfinished.publish(path).map_err(EngineError::io("write", path))
}

/// Reads what is known of a task; what can't be understood is not known.
fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// The standings of an output's tasks.
#[derive(Clone)]
pub struct Standings<'l> {
    /// Where the output lies.
    pub layout: &'l Layout,
}

/// How the tasks of a phase stand.
#[derive(Debug, Clone, Default)]
pub struct PhaseStandings {
    /// Those that are done.
    pub done: BTreeMap<usize, Done>,
    /// Those that are running, or say so.
    pub running: BTreeMap<usize, Running>,
    /// Those that failed and are not done since.
    pub failed: BTreeMap<usize, Failed>,
}

impl Standings<'_> {
    fn path(&self, phase: Phase, task: usize, state: &str) -> std::path::PathBuf {
        self.layout.task(&phase.to_string(), task, state)
    }

    /// What a task has done, if it is done.
    pub fn done(&self, phase: Phase, task: usize) -> Option<Done> {
        read(&self.path(phase, task, "done"))
    }

    /// What a task that is running tells.
    pub fn running(&self, phase: Phase, task: usize) -> Option<Running> {
        read(&self.path(phase, task, "running"))
    }

    /// How a task failed.
    pub fn failed(&self, phase: Phase, task: usize) -> Option<Failed> {
        read(&self.path(phase, task, "failed"))
    }

    /// A task is done.
    ///
    /// # Errors
    /// If it can't be written down.
    pub fn set_done(&self, phase: Phase, task: usize, done: &Done) -> Result<(), EngineError> {
        write(&self.path(phase, task, "done"), done)?;
        let _ = fs::remove_file(self.path(phase, task, "failed"));
        Ok(())
    }

    /// A task is to be done again.
    pub fn forget(&self, phase: Phase, task: usize) {
        let _ = fs::remove_file(self.path(phase, task, "done"));
    }

    /// A task has failed. That this can't be written down is no further failure.
    pub fn set_failed(&self, phase: Phase, task: usize, message: &str) {
        let attempts = self.failed(phase, task).map_or(0, |failed| failed.attempts) + 1;
        let failed = Failed {
            attempts,
            message: message.to_owned(),
            at: journal::now(),
            host: external::host(),
        };
        let _ = write(&self.path(phase, task, "failed"), &failed);
    }

    /// The tasks of a phase that are not done.
    pub fn missing(&self, phase: Phase, count: usize) -> Vec<usize> {
        let missing = |task: &usize| self.done(phase, *task).is_none();
        (0..count).into_par_iter().filter(missing).collect()
    }

    /// All that is known of a phase, by the listings of its folders, which may lag behind.
    pub fn phase(&self, phase: Phase, count: usize) -> PhaseStandings {
        let name = phase.to_string();
        let folders = count.div_ceil(TASKS_IN_FOLDER);
        let found: Vec<PhaseStandings> = (0..folders)
            .into_par_iter()
            .map(|number| folder(&self.layout.task_folder(&name, number * TASKS_IN_FOLDER)))
            .collect();
        let mut all = PhaseStandings::default();
        for mut one in found {
            all.done.append(&mut one.done);
            all.running.append(&mut one.running);
            all.failed.append(&mut one.failed);
        }
        all.running.retain(|task, _| !all.done.contains_key(task));
        all.failed.retain(|task, _| !all.done.contains_key(task));
        all
    }
}

/// All that is known of the tasks of a folder.
fn folder(path: &Path) -> PhaseStandings {
    let mut all = PhaseStandings::default();
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let name = file.to_str().and_then(|name| name.split_once('.'));
        let Some((number, state)) = name else { continue };
        let Ok(task) = number.parse::<usize>() else { continue };
        let path = entry.path();
        match state {
            "done" => all.done.extend(read(&path).map(|done| (task, done))),
            "running" => all.running.extend(read(&path).map(|running| (task, running))),
            "failed" => all.failed.extend(read(&path).map(|failed| (task, failed))),
            _ => {}
        }
    }
    all
}

/// What a run of all tasks in one process tells about itself.
pub fn local_run(layout: &Layout) -> Option<Running> {
    read(&layout.local_run())
}

/// Tells how far a piece of work is until it is dropped.
pub struct Pulse {
    path: std::path::PathBuf,
    over: Arc<AtomicBool>,
    teller: Option<JoinHandle<()>>,
}

impl Pulse {
    /// Begins to tell.
    pub fn start(path: std::path::PathBuf, progress: Arc<Progress>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (ended, to) = (Arc::clone(&over), path.clone());
        let began = journal::now();
        let tell = move || {
            loop {
                let now = progress.snapshot();
                let running = Running {
                    writer: external::writer().to_owned(),
                    host: external::host(),
                    process: std::process::id(),
                    began,
                    beat: journal::now(),
                    done: now.done,
                    total: now.total,
                    text: now.text,
                    documents: now.documents,
                };
                // Who can't be heard is not stopped by it.
                let _ = write(&to, &running);
                std::thread::park_timeout(BEAT);
                if ended.load(Ordering::Relaxed) {
                    break;
                }
            }
        };
        Self { path, over, teller: Some(std::thread::spawn(tell)) }
    }

    /// The pulse of a task.
    pub fn of_task(layout: &Layout, phase: Phase, task: usize, progress: Arc<Progress>) -> Self {
        Self::start(layout.task(&phase.to_string(), task, "running"), progress)
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(teller) = self.teller.take() {
            teller.thread().unpark();
            let _ = teller.join();
        }
        // Another process may have begun the same task meanwhile.
        let own = read::<Running>(&self.path).is_some_and(|it| it.writer == external::writer());
        if own {
            let _ = fs::remove_file(&self.path);
        }
    }
}
