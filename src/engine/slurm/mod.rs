//! Submitting the passes of a run to Slurm: one array a pass, each waiting for the one before.

mod config;
mod script;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::error::EngineError;
use super::journal;
use super::layout::Layout;
use super::run::PhaseTasks;
use super::tasks::Phase;
use crate::pipeline::Plan;
pub use config::{SingleConfig, SlurmConfig};
use script::{Script, quote, ranges};

/// Tasks of an array at most: as many as their logs make no folder slow. Most clusters allow 1000.
const MOST_IN_ARRAY: usize = 1000;
/// Slurm's own default of `MaxArraySize`, less one: indices begin at 0.
const DEFAULT_ARRAY: usize = 1000;

/// What is to be submitted.
pub struct Submission<'s> {
    /// The plan.
    pub plan: &'s Plan,
    /// How tasks execute.
    pub config: &'s SlurmConfig,
    /// The passes and what is missing of them.
    pub phases: &'s [PhaseTasks],
    /// About how many segments a pass over the documents has.
    pub segments: u64,
    /// The program itself.
    pub program: &'s Path,
    /// Arguments of `task` other than pass and number.
    pub arguments: &'s [String],
    /// The folder that tasks run in.
    pub folder: &'s Path,
}

/// An array of jobs.
#[derive(Debug, Clone)]
pub struct Array {
    /// The pass.
    pub phase: Phase,
    /// Its tasks.
    pub tasks: Vec<usize>,
    /// The script.
    pub script: PathBuf,
    /// Arguments of sbatch, but for dependencies and the script.
    pub options: Vec<String>,
}

/// A script that arrays run.
#[derive(Debug, Clone)]
pub struct ScriptFile {
    /// Where it is written.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

/// Jobs that were submitted for a pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// Name of the pass.
    pub pass: String,
    /// Number of its tasks that were submitted.
    pub tasks: usize,
    /// The ids of its arrays.
    pub jobs: Vec<String>,
}

fn slurm(layout: &Layout) -> PathBuf {
    layout.state().join("slurm")
}

/// What Slurm's programs said went wrong.
fn failed(program: &str, message: String) -> EngineError {
    EngineError::Scheduler { program: program.to_owned(), message }
}

fn call(program: &str, arguments: &[String]) -> Result<String, EngineError> {
    let output = Command::new(program).args(arguments).output().map_err(|error| {
        failed(
            program,
            format!("it can't be started ({error}); is Slurm installed on this machine?"),
        )
    })?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(failed(program, said.trim().to_owned()))
        }
    }
}

/// The largest number of tasks in an array that the cluster takes.
fn most_in_array() -> Option<usize> {
    let config = call("scontrol", &["show".to_owned(), "config".to_owned()]).ok()?;
    let line = config.lines().find(|line| line.starts_with("MaxArraySize"))?;
    let size: usize = line.rsplit('=').next()?.trim().parse().ok()?;
    Some(size.saturating_sub(1).max(1))
}

impl Submission<'_> {
    fn layout(&self) -> Layout {
        Layout::new(&self.plan.config.output.path)
    }

    /// Memory of a task; `single` says whether its pass has no other.
    fn memory(&self, phase: Phase, single: bool) -> u64 {
        let config = self.config;
        let given = if single { config.single.memory.or(config.memory) } else { config.memory };
        if let Some(given) = given {
            return given.0;
        }
        let cpus = match single {
            true => config.single.cpus.unwrap_or(config.cpus),
            false => config.cpus,
        };
        let map = super::memory(self.plan, cpus as usize);
        let barrier = matches!(phase, Phase::Match(..) | Phase::Resolve(..));
        let needed = if barrier { map.max(2 * self.plan.config.memory.0) } else { map };
        let needed = needed + super::journal_memory(self.plan, phase, self.segments);
        // Half as much again for what the estimate leaves out, in whole gibibytes.
        (needed + needed / 2).max(1 << 30).next_multiple_of(1 << 30)
    }

    /// The scripts and arrays of everything that is missing, passes in order, and whether the limit of
    /// arrays had to be guessed since the cluster could not be asked.
    pub fn arrays(&self) -> (Vec<ScriptFile>, Vec<Array>, bool) {
        let asked = most_in_array();
        let most = asked.unwrap_or(DEFAULT_ARRAY).min(MOST_IN_ARRAY);
        let folder = slurm(&self.layout());
        let (mut scripts, mut arrays) = (Vec::new(), Vec::new());
        for phase in self.phases.iter().filter(|phase| !phase.missing.is_empty()) {
            let pass = phase.phase.to_string();
            let single = matches!(phase.phase, Phase::Resolve(..) | Phase::Arrange | Phase::Finish);
            let script = Script {
                config: self.config,
                command: self.config.command(self.program),
                arguments: self.arguments,
                folder: self.folder,
                pass: pass.clone(),
                single,
                memory: self.memory(phase.phase, single),
            };
            let path = folder.join(format!("{pass}.sh"));
            scripts.push(ScriptFile { path: path.clone(), text: script.text() });
            let mut left = phase.missing.as_slice();
            while let Some(&task) = left.first() {
                // Indices begin anew in each array, since there is a limit on them too.
                let first = task / most * most;
                let end = left.partition_point(|task| *task < first + most);
                let (tasks, rest) = left.split_at(end);
                left = rest;
                let indices: Vec<usize> = tasks.iter().map(|task| task - first).collect();
                let throttle =
                    self.config.max_running.map(|most| format!("%{most}")).unwrap_or_default();
                let log = folder.join(format!("log/{pass}-{first:07}"));
                let options = vec![
                    format!("--array={}{throttle}", ranges(&indices)),
                    format!("--export=ALL,SAPWOOD_FIRST={first}"),
                    format!("--output={}/%a.log", log.display()),
                ];
                arrays.push(Array {
                    phase: phase.phase,
                    tasks: tasks.to_vec(),
                    script: path.clone(),
                    options,
                });
            }
        }
        (scripts, arrays, asked.is_none())
    }

    /// What would be submitted, for people.
    pub fn describe(&self) -> String {
        let (scripts, arrays, guessed) = self.arrays();
        let mut out = String::new();
        for script in &scripts {
            out.push_str(&format!("# {}\n{}\n", script.path.display(), script.text));
        }
        if guessed {
            out.push_str("# scontrol could not be asked for MaxArraySize; 1001 is assumed\n");
        }
        let mut before: Option<Phase> = None;
        let mut current = None;
        for array in &arrays {
            if current != Some(array.phase) {
                before = current.replace(array.phase);
            }
            let options: Vec<String> = array.options.iter().map(|word| quote(word)).collect();
            let dependency = match before {
                Some(phase) => format!("--dependency=afterok:(jobs of {phase}) "),
                None => String::new(),
            };
            out.push_str(&format!(
                "sbatch {} {dependency}{}\n",
                options.join(" "),
                quote(&array.script.display().to_string())
            ));
        }
        out
    }

    /// Submits everything that is missing. A pass waits for the one before, and is cancelled if that
    /// fails; nothing is submitted while earlier jobs of the same output are queued or running.
    ///
    /// # Errors
    /// If a script can't be written, sbatch refuses, or earlier jobs are still there.
    pub fn submit(&self) -> Result<Vec<Submitted>, EngineError> {
        let layout = self.layout();
        let alive = alive(&submitted(&layout)?)?;
        if !alive.is_empty() {
            return Err(EngineError::Conflict {
                output: layout.root().to_owned(),
                what: format!("has jobs that are queued or running: {}", alive.join(" ")),
                help:
                    "wait for them (`sapwood status` tells how far they are), or scancel them first"
                        .to_owned(),
            });
        }
        let (scripts, arrays, _) = self.arrays();
        for script in &scripts {
            journal::write_atomically(&script.path, script.text.as_bytes())?;
        }
        let mut all: Vec<Submitted> = Vec::new();
        for array in &arrays {
            let name = array.phase.to_string();
            let before = match all.iter().rposition(|submitted| submitted.pass != name) {
                Some(before) => all.get(before).map(|it| it.jobs.join(":")),
                None => None,
            };
            // Slurm makes no folders for logs.
            let log = array.options.iter().find_map(|option| option.strip_prefix("--output="));
            if let Some(folder) = log.and_then(|log| Path::new(log).parent()) {
                fs::create_dir_all(folder).map_err(EngineError::io("create", folder))?;
            }
            let mut arguments = vec!["--parsable".to_owned()];
            arguments.extend(array.options.iter().cloned());
            if let Some(before) = before {
                arguments.push(format!("--dependency=afterok:{before}"));
                arguments.push("--kill-on-invalid-dep=yes".to_owned());
            }
            arguments.push(array.script.display().to_string());
            let submitted = call("sbatch", &arguments);
            // What was submitted before is known of even if the next is refused.
            let id = submitted.inspect_err(|_| {
                let _ = journal::write(&jobs_file(&layout), &all);
            })?;
            // With several clusters their names follow.
            let id = id.trim().split(';').next().unwrap_or_default().to_owned();
            match all.last_mut().filter(|last| last.pass == name) {
                Some(last) => {
                    last.tasks += array.tasks.len();
                    last.jobs.push(id);
                }
                None => {
                    all.push(Submitted { pass: name, tasks: array.tasks.len(), jobs: vec![id] });
                }
            }
        }
        journal::write(&jobs_file(&layout), &all)?;
        Ok(all)
    }
}

fn jobs_file(layout: &Layout) -> PathBuf {
    slurm(layout).join("jobs.json")
}

/// The jobs that were submitted last for an output.
///
/// # Errors
/// If the list can't be read.
pub fn submitted(layout: &Layout) -> Result<Vec<Submitted>, EngineError> {
    Ok(journal::read(&jobs_file(layout))?.unwrap_or_default())
}

/// Those of some jobs that are queued or running.
///
/// # Errors
/// If squeue can't be asked.
pub fn alive(submitted: &[Submitted]) -> Result<Vec<String>, EngineError> {
    if submitted.is_empty() {
        return Ok(Vec::new());
    }
    let queue =
        call("squeue", &["--me".to_owned(), "--noheader".to_owned(), "--format=%F".to_owned()])?;
    let queue: std::collections::BTreeSet<&str> = queue.split_whitespace().collect();
    let jobs = submitted.iter().flat_map(|submitted| &submitted.jobs);
    Ok(jobs.filter(|job| queue.contains(job.as_str())).cloned().collect())
}
