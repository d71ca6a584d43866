//! `sapwood check`

use clap::Args;
use sapwood::pipeline::Plan;
use sapwood::report;

use super::failure::Failure;
use super::inputs::PipelineArgs;
use super::print;

/// Check a pipeline and print its plan: passes, stages, models, memory. Reads no data.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sapwood check pipelines/roots.yaml
  sapwood check pipelines/roots.yaml --set langid.min_score=0.8")]
pub struct Check {
    #[command(flatten)]
    pipeline: PipelineArgs,
}

impl Check {
    pub fn call(&self) -> Result<(), Failure> {
        let (config, files) = self.pipeline.config()?;
        let plan = Plan::new(config, &files)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        print(&report::plan(&plan, threads))
    }
}
