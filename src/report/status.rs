//! How far a run is, from its journal alone.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use super::format::{bytes, count, duration, number};
use super::percent;
use crate::engine::journal::{self, PlanRecord};
use crate::engine::standing::{self, Done, PhaseStandings, Running, Standings};
use crate::engine::statistics::{DocumentCounts, Summary};
use crate::engine::tasks::{Phase, TaskPlan};
use crate::engine::{self, EngineError, Layout};

/// How far a run is.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The pipeline's name.
    pub name: String,
    /// xxh3-128 of the effective configuration.
    pub config_hash: String,
    /// Whether the run is finished.
    pub finished: bool,
    /// Shards of the input.
    pub shards: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// The passes, in order.
    pub passes: Vec<PassStatus>,
    /// Where records went so far; the whole account once the run is finished.
    pub documents: DocumentCounts,
    /// Bytes of text read so far.
    pub text_bytes: u64,
    /// Whether a process runs all passes, one after the other (`sapwood run`).
    pub local_run: bool,
    /// The last errors, newest first.
    pub errors: Vec<TaskError>,
    /// Messages about damaged shards, some of them if there are many.
    pub damaged: Vec<String>,
}

/// How far a pass is.
#[derive(Debug, Clone, Serialize)]
pub struct PassStatus {
    /// Its name.
    pub name: String,
    /// Its tasks.
    pub tasks: usize,
    /// Tasks that are done.
    pub done: usize,
    /// Tasks that are running.
    pub running: usize,
    /// Tasks that failed the last time.
    pub failed: usize,
    /// Tasks of which nothing has been heard for two minutes though they did not end: their machine
    /// was lost, or they were killed.
    pub lost: usize,
    /// Tasks that are none of these.
    pub missing: usize,
    /// Documents that went through so far.
    pub documents: u64,
    /// Bytes of text that went through so far.
    pub text_bytes: u64,
    /// Seconds since its first task began, or that it took.
    pub seconds: f64,
    /// Documents a second, over all tasks.
    pub documents_per_second: f64,
    /// Megabytes of text a second, over all tasks.
    pub megabytes_per_second: f64,
    /// Seconds until its end, if it goes on like this.
    pub seconds_left: Option<f64>,
    /// Tasks that have run far longer than others took.
    pub stragglers: Vec<Straggler>,
}

/// A task that takes far longer than others.
#[derive(Debug, Clone, Serialize)]
pub struct Straggler {
    /// Its number.
    pub task: usize,
    /// The machine.
    pub host: String,
    /// How long it has run, in seconds.
    pub seconds: f64,
    /// How long others took: the median, in seconds.
    pub others: f64,
}

/// How a task failed.
#[derive(Debug, Clone, Serialize)]
pub struct TaskError {
    /// The pass.
    pub pass: String,
    /// Its number.
    pub task: usize,
    /// How often it has failed.
    pub attempts: u32,
    /// The machine.
    pub host: String,
    /// What it said.
    pub message: String,
}

/// Errors and damaged shards that are told at most.
const TOLD: usize = 10;
/// A task that has run so many times as long as others took is a straggler.
const STRAGGLING: f64 = 3.0;
/// Threads that read the journal: what they wait for is the file system.
const READERS: usize = 16;

/// Reads the status of an output folder; `None` if it is no output of sapwood.
///
/// # Errors
/// If its plan can't be read.
pub fn status(folder: &Path) -> Result<Option<Status>, EngineError> {
    let layout = Layout::new(folder);
    if journal::read::<PlanRecord>(&layout.plan())?.is_none() {
        return Ok(None);
    }
    let (plan, tasks) = engine::planned(&layout)?;
    let summary = journal::read::<Summary>(&layout.summary())?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(READERS).build();
    Ok(Some(match pool {
        Ok(pool) => pool.install(|| of_plan(&layout, plan, &tasks, summary)),
        Err(_) => of_plan(&layout, plan, &tasks, summary),
    }))
}

fn of_plan(
    layout: &Layout,
    plan: PlanRecord,
    tasks: &TaskPlan,
    summary: Option<Summary>,
) -> Status {
    let now = journal::now();
    let standings = Standings { layout };
    let local = standing::local_run(layout).filter(|running| running.is_alive(now));
    let mut status = Status {
        name: plan.name.clone(),
        config_hash: plan.config_hash.clone(),
        finished: summary.is_some(),
        shards: plan.shards,
        bytes: plan.bytes,
        passes: Vec::new(),
        documents: DocumentCounts::default(),
        text_bytes: 0,
        local_run: local.is_some() && summary.is_none(),
        errors: Vec::new(),
        damaged: Vec::new(),
    };
    let mut failures = Vec::new();
    for phase in tasks.phases(&plan) {
        let known = standings.phase(phase, tasks.count(phase));
        for done in known.done.values() {
            let (into, from) = (&mut status.documents, done.documents);
            into.input += from.input;
            into.kept += from.kept;
            into.dropped += from.dropped;
            into.rejected += from.rejected;
            status.text_bytes += done.bytes.text_in;
            let room = TOLD.saturating_sub(status.damaged.len());
            status.damaged.extend(done.damaged.iter().take(room).cloned());
        }
        failures.extend(known.failed.iter().map(|(task, failed)| (phase, *task, failed.clone())));
        let count = tasks.count(phase);
        status.passes.push(of_phase(phase, count, &known, local.as_ref(), status.finished, now));
    }
    failures.sort_by(|a, b| b.2.at.total_cmp(&a.2.at));
    status.errors = failures
        .into_iter()
        .take(TOLD)
        .map(|(phase, task, failed)| TaskError {
            pass: phase.to_string(),
            task,
            attempts: failed.attempts,
            host: failed.host,
            message: failed.message,
        })
        .collect();
    if let Some(summary) = summary {
        status.documents = summary.documents;
        status.text_bytes = summary.bytes.text_in;
    }
    status
}

fn of_phase(
    phase: Phase,
    tasks: usize,
    known: &PhaseStandings,
    local: Option<&Running>,
    finished: bool,
    now: f64,
) -> PassStatus {
    let alive: Vec<(usize, &Running)> = known
        .running
        .iter()
        .filter(|(_, running)| running.is_alive(now))
        .map(|(task, running)| (*task, running))
        .collect();
    let running = alive.len();
    let lost = known.running.len() - running;
    let failed = known.failed.keys().filter(|task| !known.running.contains_key(task)).count();
    // A run that was finished by `sapwood run` leaves no record of its last task.
    let done = if finished { tasks } else { known.done.len().min(tasks) };
    let documents = known.done.values().map(|done| done.through).sum::<u64>()
        + alive.iter().map(|(_, running)| running.documents).sum::<u64>();
    let text_bytes = known.done.values().map(|done| done.text).sum::<u64>()
        + alive.iter().map(|(_, running)| running.text).sum::<u64>();
    let begins = known.done.values().map(|done| done.began);
    let began = begins.chain(alive.iter().map(|(_, running)| running.began)).reduce(f64::min);
    let ended = known.done.values().map(|done| done.ended).reduce(f64::max);
    let under_way = running > 0 || (done > 0 && done < tasks && local.is_some());
    let until = if under_way { Some(now) } else { ended };
    // A clock may have gone backwards.
    let seconds = began.zip(until).map_or(0.0, |(began, until)| (until - began).max(0.0));
    let part = |running: &Running| match running.total {
        0 => 0.0,
        total => (running.done as f64 / total as f64).min(1.0),
    };
    let share = (done as f64 + alive.iter().map(|(_, running)| part(running)).sum::<f64>())
        / tasks.max(1) as f64;
    let seconds_left =
        (under_way && share > 0.0 && done < tasks).then(|| seconds * (1.0 - share) / share);
    let rate = |amount: f64| if seconds > 0.0 { amount / seconds } else { 0.0 };
    PassStatus {
        name: phase.to_string(),
        tasks,
        done,
        running,
        failed,
        lost,
        missing: tasks.saturating_sub(done + running + failed + lost),
        documents,
        text_bytes,
        seconds,
        documents_per_second: rate(documents as f64),
        megabytes_per_second: rate(text_bytes as f64 / 1e6),
        seconds_left,
        stragglers: stragglers(known.done.values(), &alive, now),
    }
}

fn stragglers<'d>(
    done: impl Iterator<Item = &'d Done>,
    alive: &[(usize, &Running)],
    now: f64,
) -> Vec<Straggler> {
    let mut took: Vec<f64> = done.map(|done| (done.ended - done.began).max(0.0)).collect();
    took.sort_by(f64::total_cmp);
    let Some(&others) = took.get(took.len() / 2) else { return Vec::new() };
    let mut found: Vec<Straggler> = alive
        .iter()
        .map(|(task, running)| Straggler {
            task: *task,
            host: running.host.clone(),
            seconds: now - running.began,
            others,
        })
        .filter(|it| it.seconds > STRAGGLING * it.others && it.seconds > standing::SILENT)
        .collect();
    found.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    found.truncate(TOLD);
    found
}

/// A status for people.
pub fn status_table(status: &Status) -> String {
    let mut out = String::new();
    let state = if status.finished { "finished" } else { "not finished" };
    let _ = writeln!(
        out,
        "{} (config {}): {state}; {} ({})",
        status.name,
        status.config_hash,
        count(status.shards as u64, "shard", "shards"),
        bytes(status.bytes)
    );
    let width = status.passes.iter().map(|pass| pass.name.len()).max().unwrap_or(0);
    for pass in &status.passes {
        let _ = writeln!(out, "{:<width$}  {}", pass.name, pass_line(pass));
        for straggler in &pass.stragglers {
            let _ = writeln!(
                out,
                "  task {} on {} has run for {}; others took {}",
                straggler.task,
                straggler.host,
                duration(straggler.seconds),
                duration(straggler.others)
            );
        }
    }
    let counts = status.documents;
    let share = |part: u64| percent(part as f64, counts.input as f64);
    let _ = writeln!(
        out,
        "{} read ({} of text), {} rejected ({}), {} dropped ({}), {} kept",
        count(counts.input, "record", "records"),
        bytes(status.text_bytes),
        number(counts.rejected),
        share(counts.rejected),
        number(counts.dropped),
        share(counts.dropped),
        number(counts.kept)
    );
    for error in &status.errors {
        let _ = writeln!(
            out,
            "{} task {} failed ({}, on {}): {}",
            error.pass,
            error.task,
            count(u64::from(error.attempts), "attempt", "attempts"),
            error.host,
            error.message
        );
    }
    for message in &status.damaged {
        let _ = writeln!(out, "damaged: {message}");
    }
    let running = status.local_run || status.passes.iter().any(|pass| pass.running > 0);
    if !status.finished && !running {
        out.push_str("nothing runs; give the same command again to go on\n");
    }
    out
}

fn pass_line(pass: &PassStatus) -> String {
    let mut line = format!(
        "{} of {} done",
        number(pass.done as u64),
        count(pass.tasks as u64, "task", "tasks")
    );
    for (amount, what) in [
        (pass.running, "running"),
        (pass.failed, "failed"),
        (pass.lost, "lost"),
        (pass.missing, "to do"),
    ] {
        if amount > 0 {
            let _ = write!(line, ", {} {what}", number(amount as u64));
        }
    }
    if pass.documents > 0 && pass.seconds > 0.0 {
        let _ = write!(
            line,
            "; {} documents/s, {:.1} MB/s",
            number(pass.documents_per_second as u64),
            pass.megabytes_per_second
        );
    }
    if let Some(left) = pass.seconds_left {
        let _ = write!(line, ", {} left", duration(left));
    }
    line
}
