//! Arguments that several commands share: the pipeline, its input, its overrides.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use sapwood::engine;
use sapwood::pipeline::{Config, Plan, Resolver, overrides};
use sapwood::shard::listing::Listing;

use super::failure::Failure;

/// A pipeline and what is changed of it.
#[derive(Args)]
pub struct PipelineArgs {
    /// The pipeline file. Relative paths in it are looked for in the current directory, then beside
    /// the file, then one folder above.
    #[arg(value_name = "PIPELINE")]
    pub pipeline: PathBuf,
    /// Override any value: `--set langid.min_score=0.8`, `--set output.level=9`.
    #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
    pub set: Vec<String>,
}

impl PipelineArgs {
    /// The configuration, overrides applied, and where its files are looked for.
    pub fn config(&self) -> Result<(Config, Resolver), Failure> {
        let mut config = Config::from_file(&self.pipeline)?;
        for assignment in &self.set {
            config = overrides::apply(&config, assignment)?;
        }
        Ok((config, Resolver::for_file(&self.pipeline)))
    }
}

/// Replaces the input of a configuration. What is given on the command line is looked for in the
/// current directory only.
pub fn replace_input(config: &mut Config, files: Resolver, input: &[PathBuf]) -> Resolver {
    if input.is_empty() {
        return files;
    }
    config.input.paths = input.to_vec();
    Resolver::default()
}

/// Lists the input and says which files were passed over.
pub fn list(plan: &Plan, files: &Resolver) -> Result<Listing, Failure> {
    if plan.config.input.paths.is_empty() {
        return Err(Failure::usage("no input: give --input, or input.paths in the pipeline file"));
    }
    let listing = engine::inspect_input(plan, files)?;
    if !listing.skipped.is_empty() {
        let names: Vec<String> =
            listing.skipped.iter().take(3).map(|path| path.display().to_string()).collect();
        let more = match listing.skipped.len() {
            0..=3 => String::new(),
            count => format!(" and {} more", count - 3),
        };
        eprintln!("passed over (no shard by name): {}{more}", names.join(", "));
    }
    Ok(listing)
}

/// A flag that SIGINT and SIGTERM set. The second signal ends the process at once.
pub fn stop_on_signal() -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    let handler = move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(1);
        }
        eprintln!("stopping; what is finished stays");
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        tracing::warn!("signals are not caught: {error}");
    }
    cancel
}
