//! `sapwood slurm`

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use sapwood::engine::Layout;
use sapwood::engine::slurm::{self, SlurmConfig, Submission};
use sapwood::report::{self, status};

use super::failure::Failure;
use super::plan::{ClusterArgs, Clustered};
use super::print;

/// Run a pipeline on a Slurm cluster: one array of jobs a pass, each waiting for the one before.
///
/// Given again, it submits only what is missing: after a failure, a cancellation or a crash of the
/// cluster the same command goes on.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sapwood slurm pipelines/roots.yaml --input 'data/*.jsonl.zst' --output out/ --tasks 200
  sapwood slurm pipelines/roots.yaml --input data/ --output out/ --config configs/slurm.yaml --wait
  sapwood slurm pipelines/roots.yaml --input data/ --output out/ --dry-run

Scripts and logs lie in the output's own folder, in .sapwood/slurm/.")]
pub struct Slurm {
    #[command(flatten)]
    clustered: ClusterArgs,
    /// How tasks execute: partition, time, cores, memory; see configs/slurm.yaml. The defaults that
    /// are documented there if not given.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the scripts and what would be submitted; submit and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Follow the jobs until the last has ended.
    #[arg(long)]
    wait: bool,
}

const ASK_EVERY: Duration = Duration::from_secs(2);
const TELL_EVERY: u32 = 15;
/// How often in a row Slurm may give no answer before the jobs are no longer followed.
const PATIENCE: u32 = 150;

impl Slurm {
    pub fn call(&self) -> Result<(), Failure> {
        let config = match &self.config {
            Some(path) => SlurmConfig::from_file(path)?,
            None => SlurmConfig::default(),
        };
        let Clustered { plan, phases, segments } = match self.dry_run {
            true => self.clustered.draft()?,
            false => self.clustered.plan()?,
        };
        let folder = std::env::current_dir()
            .map_err(|error| Failure::failed(format!("can't tell the current folder: {error}")))?;
        let program = std::env::current_exe()
            .map_err(|error| Failure::failed(format!("can't tell where sapwood is: {error}")))?;
        let arguments = self.clustered.task_arguments(&plan.config.output.path);
        let submission = Submission {
            plan: &plan,
            config: &config,
            phases: &phases,
            segments,
            program: &program,
            arguments: &arguments,
            folder: &folder,
        };
        if self.dry_run {
            return print(&submission.describe());
        }
        let layout = Layout::new(&plan.config.output.path);
        if phases.iter().all(|phase| phase.missing.is_empty()) {
            eprintln!("finished before; nothing was submitted");
            return Ok(());
        }
        for submitted in submission.submit()? {
            print(&format!(
                "{:<10} {}: {}\n",
                submitted.pass,
                report::count(submitted.tasks as u64, "task", "tasks"),
                submitted.jobs.join(" ")
            ))?;
        }
        if self.wait { follow(&layout) } else { Ok(()) }
    }
}

/// Tells how far the jobs are until none is left.
fn follow(layout: &Layout) -> Result<(), Failure> {
    let jobs = slurm::submitted(layout)?;
    let mut asked = 0;
    let mut unanswered = 0;
    loop {
        let alive = match slurm::alive(&jobs) {
            Ok(alive) => alive,
            // A busy controller, or one that is started anew, does not always answer.
            Err(_) if unanswered < PATIENCE => {
                unanswered += 1;
                std::thread::sleep(ASK_EVERY);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        unanswered = 0;
        let Some(now) = status::status(layout.root())? else { break };
        if alive.is_empty() || asked % TELL_EVERY == 0 {
            eprint!("{}", report::status_table(&now));
        }
        asked += 1;
        if alive.is_empty() {
            return match now.finished {
                true => Ok(()),
                false => Err(Failure::failed(format!(
                    "no job is left, but the run is not finished; logs are in {}\n  help: give the same command again to submit what is missing",
                    layout.state().join("slurm/log").display()
                ))),
            };
        }
        std::thread::sleep(ASK_EVERY);
    }
    Ok(())
}
