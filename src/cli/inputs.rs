//! Arguments that several commands share: the pipeline, its input, its overrides.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use clap::Args;
use sapwood::engine::{self, Layout};
use sapwood::pipeline::size::ByteSize;
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

/// The unit that is committed.
#[derive(Args)]
pub struct SegmentArgs {
    /// Content of a shard that is committed at once: what a kill costs at most. Shards of the output
    /// are cut within it, so an output keeps the size that it began with; 128 MiB for a new one.
    #[arg(long = "segment-size", value_name = "SIZE")]
    size: Option<ByteSize>,
}

impl SegmentArgs {
    /// The size for an output.
    pub fn bytes(&self, plan: &Plan) -> Result<u64, Failure> {
        match self.size {
            Some(ByteSize(0)) => Err(Failure::usage("--segment-size must be above 0")),
            Some(size) => Ok(size.0),
            None => {
                // A plan that can't be read is told when it is claimed.
                let planned = engine::planned(&Layout::new(&plan.config.output.path));
                Ok(planned.map_or(engine::SEGMENT_BYTES, |(plan, _)| plan.segment_bytes))
            }
        }
    }
}

/// How long a piece of work may go on after a signal. Schedulers kill after ten seconds and more.
const GRACE: Duration = Duration::from_secs(8);
/// Signals that come together are one: a scheduler may tell a script and its child.
const TOGETHER: Duration = Duration::from_secs(1);

/// A flag that SIGINT, SIGTERM and, where there is such a signal, SIGUSR1 set. A process that has not
/// ended some seconds later, or gets a second signal, ends at once with this exit code; whatever is
/// committed is whole even then.
pub fn stop_on_signal(code: u8) -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    let first: Arc<OnceLock<Instant>> = Arc::default();
    let stop = move || {
        let since = first.get_or_init(Instant::now).elapsed();
        if flag.swap(true, Ordering::Relaxed) {
            if since > TOGETHER {
                std::process::exit(i32::from(code));
            }
            return;
        }
        eprintln!("stopping; what is finished stays");
        std::thread::spawn(move || {
            std::thread::sleep(GRACE);
            std::process::exit(i32::from(code));
        });
    };
    #[cfg(unix)]
    stop_on_user_signal(stop.clone());
    if let Err(error) = ctrlc::set_handler(stop) {
        tracing::warn!("signals are not caught: {error}");
    }
    cancel
}

/// Slurm and other schedulers send SIGUSR1 before a time limit.
#[cfg(unix)]
fn stop_on_user_signal(stop: impl Fn() + Send + 'static) {
    use signal_hook::consts::SIGUSR1;
    use signal_hook::iterator::Signals;
    match Signals::new([SIGUSR1]) {
        Ok(mut signals) => {
            std::thread::spawn(move || signals.forever().for_each(|_| stop()));
        }
        Err(error) => tracing::warn!("SIGUSR1 is not caught: {error}"),
    }
}
