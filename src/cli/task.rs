//! `sapwood task`

use std::path::PathBuf;

use clap::Args;
use sapwood::engine::{self, EngineError, RunOptions, TaskOutcome};
use sapwood::pipeline::Plan;

use super::failure::Failure;
use super::inputs::{self, PipelineArgs};
use super::progress::Display;

/// Run one task of a pass that was planned, under any scheduler that gives an index.
///
/// A task can be run again, anywhere, at any time: what is committed is not done again, and two copies
/// at once do no harm. Stopped by SIGTERM, SIGINT or SIGUSR1, it gives up what it is at within seconds
/// and ends with exit code 75: give the same command again to go on.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sapwood plan pipelines/roots.yaml --input data/ --output out/ --tasks 100
  sapwood task pipelines/roots.yaml --output out/ --pass map-1 --task 17
  seq 0 99 | parallel -j 8 sapwood task pipelines/roots.yaml --output out/ --pass map-1 --task {}

Give the same pipeline and --set options as for the plan. Exit codes: 0 done, 1 failed, 2 wrong usage,
75 stopped by a signal.")]
pub struct Task {
    #[command(flatten)]
    pipeline: PipelineArgs,
    /// The output folder that was planned, instead of the pipeline's.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The pass, as `sapwood plan` names it: `map-1`, `resolve-1` …
    #[arg(long, value_name = "PASS")]
    pass: String,
    /// The number of the task, from 0.
    #[arg(long, value_name = "I")]
    task: usize,
    /// Number of threads; one a core that this process may use if not given.
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
    /// Write dropped documents too; give it if the plan was made with it.
    #[arg(long)]
    keep_dropped: bool,
}

/// What `sysexits.h` calls a temporary failure: schedulers may try again.
const STOPPED: u8 = 75;

impl Task {
    pub fn call(&self) -> Result<(), Failure> {
        let (mut config, files) = self.pipeline.config()?;
        if let Some(output) = &self.output {
            config.output.path.clone_from(output);
        }
        config.output.keep_dropped |= self.keep_dropped;
        let plan = Plan::new(config, &files)?;
        let options = RunOptions {
            threads: self.threads.map_or(0, std::num::NonZeroUsize::get),
            cancel: inputs::stop_on_signal(STOPPED),
            ..RunOptions::default()
        };
        let display = Display::new();
        let outcome = engine::run_task(&plan, &self.pass, self.task, &options, &display);
        display.finish();
        match outcome {
            Ok(TaskOutcome::Done) => Ok(()),
            Ok(TaskOutcome::AlreadyDone) => {
                eprintln!("done before; nothing was to do");
                Ok(())
            }
            Err(error @ EngineError::Interrupted) => {
                Err(Failure::with_code(error.to_string(), STOPPED))
            }
            Err(error) => Err(error.into()),
        }
    }
}
