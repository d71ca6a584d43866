//! `sapwood score`

use std::path::PathBuf;

use clap::Args;
use sapwood::engine::{self, RunOptions};
use sapwood::pipeline::Plan;
use sapwood::pipeline::config::OnDamage;
use sapwood::report;

use super::failure::Failure;
use super::inputs::{self, PipelineArgs};
use super::progress::Display;

/// Annotate every record with all metrics and a verdict; drop nothing.
///
/// One row an input record, in input order: `id`, every metric of every document stage, `verdict`
/// (`keep` or `drop`) and `reasons`: all rules that fail, not only the first. Barriers, such as
/// deduplication, are left out.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sapwood score pipelines/roots.yaml --input data/ --output scores.jsonl.zst
  sapwood score pipelines/roots.yaml --input 'data/*.parquet' --output scores.parquet")]
pub struct Score {
    #[command(flatten)]
    pipeline: PipelineArgs,
    /// Read this instead of the pipeline's input: a file, folder, glob, or `-` for standard input.
    #[arg(long, value_name = "PATH|GLOB|DIR")]
    input: Vec<PathBuf>,
    /// The file to write; its name decides its format.
    #[arg(long, value_name = "FILE.jsonl[.zst|.gz]|FILE.parquet")]
    output: PathBuf,
    /// Number of threads; one a core if not given. The output does not depend on it.
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
}

impl Score {
    pub fn call(&self) -> Result<(), Failure> {
        let (mut config, files) = self.pipeline.config()?;
        let input_files = inputs::replace_input(&mut config, files.clone(), &self.input);
        let plan = Plan::new(config, &files)?;
        let listing = inputs::list(&plan, &input_files)?;
        let options = RunOptions {
            threads: self.threads.map_or(0, std::num::NonZeroUsize::get),
            cancel: inputs::stop_on_signal(1),
            ..RunOptions::default()
        };
        let display = Display::new();
        let scored = engine::score(&plan, &listing, &self.output, &options, &display);
        display.finish();
        let statistics = scored?;
        eprintln!(
            "scored {} to {} ({} of them malformed)",
            report::count(statistics.documents.input, "record", "records"),
            self.output.display(),
            report::number(statistics.documents.rejected)
        );
        match statistics.damaged.first() {
            Some(damage) if plan.config.input.on_damage == OnDamage::Fail => {
                Err(Failure::failed(damage.message.clone()))
            }
            _ => Ok(()),
        }
    }
}
