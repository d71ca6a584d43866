//! `sapwood plan`

use std::path::{Path, PathBuf};

use clap::Args;
use sapwood::engine::{self, PhaseTasks, RunOptions};
use sapwood::pipeline::Plan as Planned;
use sapwood::report;
use sapwood::shard::listing::Listing;

use super::failure::Failure;
use super::inputs::{self, PipelineArgs};
use super::print;

/// Plan a run for many processes: list the input and write down the tasks of every pass.
///
/// The passes are run one after the other, the tasks of a pass in any order, on any machines that see
/// the same file system: `sapwood task` runs one. `sapwood slurm` plans by itself.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sapwood plan pipelines/roots.yaml --input 'data/*.jsonl.zst' --output out/ --tasks 100
  sapwood plan pipelines/roots.yaml --input data/ --output out/ --json

Prints each pass and the number of its tasks; tasks are numbered from 0.")]
pub struct Plan {
    #[command(flatten)]
    pub clustered: ClusterArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What planning for a cluster needs.
#[derive(Args)]
pub struct ClusterArgs {
    #[command(flatten)]
    pub pipeline: PipelineArgs,
    /// Read this instead of the pipeline's input: a file, folder or glob.
    #[arg(long, value_name = "PATH|GLOB|DIR")]
    pub input: Vec<PathBuf>,
    /// Write to this folder instead of the pipeline's; all machines must see it.
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// About how many tasks each pass over the documents is to have; one for each 2 GB of input if
    /// not given. The output does not depend on it.
    #[arg(long, value_name = "N")]
    pub tasks: Option<std::num::NonZeroUsize>,
    /// Write dropped documents too, to `dropped/`, with their reasons and scores.
    #[arg(long)]
    pub keep_dropped: bool,
    /// Discard what is in the output folder if it was made or planned otherwise.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub segments: inputs::SegmentArgs,
}

/// What came of planning.
pub struct Clustered {
    /// The plan.
    pub plan: Planned,
    /// The passes, and what is missing of them.
    pub phases: Vec<PhaseTasks>,
    /// About how many segments a pass over the documents has.
    pub segments: u64,
}

impl ClusterArgs {
    /// Plans the tasks, or finds those that are planned.
    pub fn plan(&self) -> Result<Clustered, Failure> {
        self.planned(engine::plan_tasks)
    }

    /// What planning would give; writes nothing.
    pub fn draft(&self) -> Result<Clustered, Failure> {
        self.planned(engine::draft_tasks)
    }

    fn planned(&self, make: Make) -> Result<Clustered, Failure> {
        let (mut config, files) = self.pipeline.config()?;
        if let Some(output) = &self.output {
            config.output.path.clone_from(output);
        }
        config.output.keep_dropped |= self.keep_dropped;
        let input_files = inputs::replace_input(&mut config, files.clone(), &self.input);
        let plan = Planned::new(config, &files)?;
        let listing = inputs::list(&plan, &input_files)?;
        let options = RunOptions {
            force: self.force,
            segment_bytes: self.segments.bytes(&plan)?,
            pipeline: self.pipeline.pipeline.clone(),
            ..RunOptions::default()
        };
        let tasks = self.tasks.map(std::num::NonZeroUsize::get);
        let phases = make(&plan, &listing, &options, tasks)?;
        let segments = engine::segments(&listing.shards, options.segment_bytes);
        Ok(Clustered { plan, phases, segments })
    }

    /// The arguments with which `sapwood task` finds the same plan.
    pub fn task_arguments(&self, output: &Path) -> Vec<String> {
        let mut arguments = vec![self.pipeline.pipeline.display().to_string()];
        for assignment in &self.pipeline.set {
            arguments.push(format!("--set={assignment}"));
        }
        if self.keep_dropped {
            arguments.push("--keep-dropped".to_owned());
        }
        arguments.push(format!("--output={}", output.display()));
        arguments
    }
}

type Make = fn(
    &Planned,
    &Listing,
    &RunOptions,
    Option<usize>,
) -> Result<Vec<PhaseTasks>, engine::EngineError>;

impl Plan {
    pub fn call(&self) -> Result<(), Failure> {
        let Clustered { plan, phases, .. } = self.clustered.plan()?;
        match self.json {
            true => print(&report::phases_json(&phases)),
            false => print(&report::phases_table(&phases, &plan.config.output.path)),
        }
    }
}
