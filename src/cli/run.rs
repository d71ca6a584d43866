//! `sapwood run`

use std::path::PathBuf;

use clap::Args;
use sapwood::engine::{self, RunOptions};
use sapwood::pipeline::Plan;
use sapwood::pipeline::config::OnDamage;
use sapwood::report;

use super::failure::Failure;
use super::inputs::{self, PipelineArgs};
use super::print;
use super::progress::Display;

/// Run a pipeline: read, filter, deduplicate, scrub, write, and account for every document.
///
/// A run that was stopped or killed goes on where it was when the same command is given again.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sapwood run pipelines/roots.yaml
  sapwood run pipelines/roots.yaml --input 'data/*.jsonl.zst' --input more/ --output out/
  zstdcat big.jsonl.zst | sapwood run pipelines/roots.yaml --input - --output out/
  sapwood run pipelines/roots.yaml --set langid.min_score=0.8 --keep-dropped --output out/

The output folder gets data/ (kept documents, by partition), rejected/ (malformed records), dropped/
(with --keep-dropped), summary.json (the account) and pipeline.yaml (the effective configuration).")]
pub struct Run {
    #[command(flatten)]
    pipeline: PipelineArgs,
    /// Read this instead of the pipeline's input: a file, folder, glob, or `-` for standard input.
    #[arg(long, value_name = "PATH|GLOB|DIR")]
    input: Vec<PathBuf>,
    /// Write to this folder instead of the pipeline's.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Number of threads; one a core if not given. The output does not depend on it.
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
    /// Write dropped documents too, to `dropped/`, with their reasons and scores.
    #[arg(long)]
    keep_dropped: bool,
    /// Discard what another configuration or input left in the output folder.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    segments: inputs::SegmentArgs,
}

impl Run {
    pub fn call(&self) -> Result<(), Failure> {
        let (mut config, files) = self.pipeline.config()?;
        if let Some(output) = &self.output {
            config.output.path.clone_from(output);
        }
        config.output.keep_dropped |= self.keep_dropped;
        let input_files = inputs::replace_input(&mut config, files.clone(), &self.input);
        let plan = Plan::new(config, &files)?;
        let listing = inputs::list(&plan, &input_files)?;
        let options = RunOptions {
            threads: self.threads.map_or(0, std::num::NonZeroUsize::get),
            force: self.force,
            segment_bytes: self.segments.bytes(&plan)?,
            pipeline: self.pipeline.pipeline.clone(),
            cancel: inputs::stop_on_signal(1),
        };
        let display = Display::new();
        let outcome = engine::run(&plan, &listing, &options, &display);
        display.finish();
        let outcome = outcome?;
        if outcome.already_done {
            eprintln!("finished before; nothing was done");
        }
        let summary = &outcome.summary;
        print(&report::summary_table(summary, &plan.config.output.path))?;
        let counts = summary.documents;
        if counts.input > 0 && counts.input == counts.rejected {
            eprintln!(
                "sapwood: every record was rejected: is input.fields.text the right field? ({} has them)",
                plan.config.output.path.join("rejected").display()
            );
        }
        if !summary.damaged.is_empty() {
            let shards: Vec<String> =
                summary.damaged.iter().map(|damaged| damaged.message.clone()).collect();
            let message = format!(
                "{} damaged; what could be read was processed:\n  {}",
                report::count(shards.len() as u64, "input shard is", "input shards are"),
                shards.join("\n  ")
            );
            if plan.config.input.on_damage == OnDamage::Fail {
                return Err(Failure::failed(message));
            }
            eprintln!("sapwood: {message}");
        }
        Ok(())
    }
}
