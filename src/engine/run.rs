//! A whole run in one process, and single tasks of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::claim;
use super::error::EngineError;
use super::journal::{self, PlanRecord};
use super::layout::Layout;
use super::options::{self, Origin, RunOptions};
use super::passes::Engine;
use super::prepare::{self, Prepared, Tasking};
use super::progress::{Observer, Progress};
use super::standing::{Pulse, Standings};
use super::statistics::Summary;
use super::tasks::{Phase, TaskPlan};
use crate::pipeline::{Plan, Resolver};
use crate::shard::listing::{self, Listing, Look};

/// What came of a run.
#[derive(Debug, Clone)]
pub struct RunOutcome {
    /// The account.
    pub summary: Summary,
    /// Whether the output was finished before, so that nothing was done.
    pub already_done: bool,
}

/// Threads that look at the files of an input: what they wait for is the file system.
const LISTERS: usize = 16;

/// Lists the input of a plan.
///
/// # Errors
/// If a path is missing, nothing is found, or a file's name and content disagree.
pub fn inspect_input(plan: &Plan, files: &Resolver) -> Result<Listing, EngineError> {
    let input = &plan.config.input;
    let paths: Vec<PathBuf> = input.paths.iter().map(|path| files.resolve_pattern(path)).collect();
    let pool = options::pool(LISTERS)?;
    let all = |paths: Vec<PathBuf>, look: Look<'_>| {
        pool.install(|| paths.into_par_iter().with_max_len(256).map(look).collect())
    };
    Ok(listing::list_by(&paths, input.forced_format(), &all)?)
}

/// Runs a plan over an input. A run that was stopped or killed goes on where it was.
///
/// # Errors
/// If the output belongs to something else, a file can't be read or written, or the run was stopped.
pub fn run(
    plan: &Plan,
    listing: &Listing,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<RunOutcome, EngineError> {
    let started = Instant::now();
    let prepared = prepare::prepare(plan, listing, options, Tasking::Local)?;
    let Prepared { layout, record, tasks, finished, lock } = prepared;
    if let Some(summary) = finished {
        return Ok(RunOutcome { summary, already_done: true });
    }
    let pool = options::pool(options.threads)?;
    let progress = Arc::new(Progress::default());
    observer.start(Arc::clone(&progress));
    let _pulse = Pulse::start(layout.local_run(), Arc::clone(&progress));
    let engine = Engine {
        plan,
        options,
        layout: &layout,
        record: &record,
        tasks: &tasks,
        observer,
        progress: &progress,
        pool: &pool,
        started,
    };
    let phases = tasks.phases(&record);
    for &phase in phases.iter().filter(|phase| **phase != Phase::Finish) {
        let missing = engine.standings().missing(phase, tasks.count(phase));
        if !missing.is_empty() {
            engine.run(phase, &missing)?;
        }
    }
    let summary = engine.finish()?;
    drop(lock);
    Ok(RunOutcome { summary, already_done: false })
}

/// Plans a run for a cluster: writes down what its tasks are. Tasks that are planned already stay as
/// they are.
///
/// # Errors
/// If the output belongs to something else or was planned with another number of tasks.
pub fn plan_tasks(
    plan: &Plan,
    listing: &Listing,
    options: &RunOptions,
    tasks: Option<usize>,
) -> Result<Vec<PhaseTasks>, EngineError> {
    refuse_stdin(plan, listing)?;
    let prepared = prepare::prepare(plan, listing, options, Tasking::Cluster(tasks))?;
    phase_tasks(&prepared.layout)
}

/// As [`plan_tasks`], but writes nothing.
///
/// # Errors
/// If a shard can't be looked at.
pub fn draft_tasks(
    plan: &Plan,
    listing: &Listing,
    options: &RunOptions,
    tasks: Option<usize>,
) -> Result<Vec<PhaseTasks>, EngineError> {
    refuse_stdin(plan, listing)?;
    let layout = Layout::new(&plan.config.output.path);
    let record = prepare::plan_record(plan, listing, options);
    if journal::read::<PlanRecord>(&layout.plan()).is_ok_and(|it| it.as_ref() == Some(&record)) {
        return phase_tasks(&layout);
    }
    let read = plan.config.input.read_options();
    let compares = prepare::compares(plan);
    let tasks = TaskPlan::new(&listing.shards, tasks, &compares, options.segment_bytes, &read)?;
    let phases = tasks.phases(&record).into_iter().map(|phase| {
        let count = tasks.count(phase);
        PhaseTasks { phase, count, missing: (0..count).collect() }
    });
    Ok(phases.collect())
}

fn refuse_stdin(plan: &Plan, listing: &Listing) -> Result<(), EngineError> {
    match listing.shards.iter().any(|shard| shard.is_stdin()) {
        false => Ok(()),
        true => Err(EngineError::Conflict {
            output: plan.config.output.path.clone(),
            what: "can't be planned from standard input, which only one process can read"
                .to_owned(),
            help: "give files, or use `sapwood run`".to_owned(),
        }),
    }
}

/// Where an output was made from, if it is known.
pub fn origin(layout: &Layout) -> Option<Origin> {
    journal::read(&layout.origin()).ok().flatten()
}

/// The tasks of a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseTasks {
    /// The phase.
    pub phase: Phase,
    /// Number of its tasks.
    pub count: usize,
    /// Those that are not done.
    pub missing: Vec<usize>,
}

/// The phases of an output and what is missing of each.
///
/// # Errors
/// If its plan can't be read.
pub fn phase_tasks(layout: &Layout) -> Result<Vec<PhaseTasks>, EngineError> {
    let record = existing(layout)?;
    let tasks = prepare::tasks(layout)?;
    let standings = Standings { layout };
    let finished = layout.summary().exists();
    let phases = tasks.phases(&record).into_iter().map(|phase| {
        let count = tasks.count(phase);
        let missing = match finished {
            true => Vec::new(),
            false => standings.missing(phase, count),
        };
        PhaseTasks { phase, count, missing }
    });
    Ok(phases.collect())
}

/// The plan and the tasks of an output.
///
/// # Errors
/// If it has none, or they can't be read.
pub fn planned(layout: &Layout) -> Result<(PlanRecord, TaskPlan), EngineError> {
    Ok((existing(layout)?, prepare::tasks(layout)?))
}

/// The plan of an output.
fn existing(layout: &Layout) -> Result<PlanRecord, EngineError> {
    journal::read::<PlanRecord>(&layout.plan())?.ok_or_else(|| EngineError::Conflict {
        output: layout.root().to_owned(),
        what: "has no plan yet".to_owned(),
        help: "plan it first, with `sapwood plan`, `sapwood slurm` or `sapwood run`".to_owned(),
    })
}

/// What came of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskOutcome {
    /// It is done.
    Done,
    /// It was done before, and nothing was to do.
    AlreadyDone,
}

/// How often a task begins anew since another process is ahead of it: more often than a task has
/// segments, as a rule.
const RACES: usize = 100;

/// Whether a file is no longer there.
fn is_gone(error: &EngineError) -> bool {
    match error {
        EngineError::Io { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

/// Runs one task of an output that was planned. Any number of processes may run any tasks of a phase
/// at once, the same ones too.
///
/// # Errors
/// If there is no such task, something that it needs is missing, a file can't be read or written, or
/// it was asked to stop.
pub fn run_task(
    plan: &Plan,
    phase: &str,
    task: usize,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<TaskOutcome, EngineError> {
    let started = Instant::now();
    let layout = Layout::new(&plan.config.output.path);
    let record = existing(&layout)?;
    claim::refuse_other(&layout, &record, plan)?;
    let tasks = prepare::tasks(&layout)?;
    let no_task = |what: String, help: String| EngineError::Conflict {
        output: layout.root().to_owned(),
        what,
        help,
    };
    let phases = tasks.phases(&record);
    let Some(&phase) = phases.iter().find(|known| known.to_string() == phase) else {
        let known: Vec<String> = phases.iter().map(Phase::to_string).collect();
        return Err(no_task(
            format!("has no pass `{phase}`"),
            format!("its passes are {}", known.join(", ")),
        ));
    };
    let count = tasks.count(phase);
    if task >= count {
        return Err(no_task(
            format!("has no task {task} in pass {phase}"),
            format!("its tasks are 0 to {}", count.saturating_sub(1)),
        ));
    }
    let standings = Standings { layout: &layout };
    if layout.summary().exists() || standings.done(phase, task).is_some() {
        return Ok(TaskOutcome::AlreadyDone);
    }
    let pool = options::pool(options.threads)?;
    let progress = Arc::new(Progress::default());
    observer.start(Arc::clone(&progress));
    let pulse = Pulse::of_task(&layout, phase, task, Arc::clone(&progress));
    let engine = Engine {
        plan,
        options,
        layout: &layout,
        record: &record,
        tasks: &tasks,
        observer,
        progress: &progress,
        pool: &pool,
        started,
    };
    let mut result = engine.run(phase, &[task]);
    for _ in 0..RACES {
        if !result.as_ref().is_err_and(is_gone) || standings.done(phase, task).is_some() {
            break;
        }
        // Another process is ahead in the same task and gave back what it had read: go on behind it.
        std::thread::sleep(Duration::from_millis(100));
        result = engine.run(phase, &[task]);
    }
    drop(pulse);
    match result {
        Ok(()) => Ok(TaskOutcome::Done),
        // Another process may have done the same task meanwhile, and cleaned away what it had read.
        Err(_) if layout.summary().exists() || standings.done(phase, task).is_some() => {
            Ok(TaskOutcome::AlreadyDone)
        }
        Err(EngineError::Interrupted) => Err(EngineError::Interrupted),
        Err(error) => {
            standings.set_failed(phase, task, &error.to_string());
            Err(error)
        }
    }
}
