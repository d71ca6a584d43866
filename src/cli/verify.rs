//! `sapwood verify`

use std::path::PathBuf;

use clap::Args;
use sapwood::engine::verify::{self, Remedy, Verification};
use sapwood::engine::{self, Layout, RunOptions};
use sapwood::pipeline::{Config, Plan, Resolver};
use sapwood::report;

use super::failure::Failure;
use super::inputs;
use super::print;
use super::progress::Display;

/// Read every file of an output again and compare it with its journal record.
///
/// Names what is missing, changed or does not add up; with --repair just that is done again, and must
/// come out as it was. Exit code 0 if nothing is damaged, 1 if something is.
#[derive(Args)]
#[command(after_help = "Examples:\n  sapwood verify out/\n  sapwood verify out/ --repair")]
pub struct Verify {
    /// The output folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Do what is damaged again. Needs the input and the pipeline's models where they were.
    #[arg(long)]
    repair: bool,
    /// Number of threads; one a core if not given.
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub fn call(&self) -> Result<(), Failure> {
        let layout = Layout::new(&self.folder);
        if !layout.plan().exists() {
            return Err(Failure::failed(format!(
                "{} is no output of sapwood: it has no journal",
                self.folder.display()
            )));
        }
        let threads = self.threads.map_or(0, std::num::NonZeroUsize::get);
        let mut found = verify::verify(&self.folder, threads, false)?;
        let mendable = found.flaws.iter().any(|flaw| flaw.remedy != Remedy::Nothing);
        if self.repair && mendable {
            eprint!("{}", report::verification_table(&found, &self.folder));
            found = self.repair(&found, threads)?;
        }
        match self.json {
            true => {
                let json = serde_json::to_string_pretty(&found)
                    .map_err(|error| Failure::failed(error.to_string()))?;
                print(&format!("{json}\n"))?;
            }
            false => print(&report::verification_table(&found, &self.folder))?,
        }
        match (found.flaws.is_empty(), self.repair) {
            (true, _) => Ok(()),
            (false, true) => Err(Failure::failed("some of it could not be repaired")),
            (false, false) => Err(Failure::failed(
                "the output is damaged\n  help: --repair does what is damaged again",
            )),
        }
    }

    fn repair(&self, found: &Verification, threads: usize) -> Result<Verification, Failure> {
        let failed = |what: String| Failure::failed(what);
        let folder = std::path::absolute(&self.folder).map_err(|error| {
            failed(format!("can't tell where {} is: {error}", self.folder.display()))
        })?;
        let layout = Layout::new(&folder);
        let origin = engine::origin(&layout).unwrap_or_default();
        // Paths in the plan are relative to where the run was started.
        if origin.folder.is_dir() {
            std::env::set_current_dir(&origin.folder).map_err(|error| {
                failed(format!("can't go to {}: {error}", origin.folder.display()))
            })?;
        }
        let mut config = Config::from_file(&layout.config())?;
        config.output.path = folder;
        let plan = Plan::new(config, &Resolver::for_file(&origin.pipeline))?;
        let options =
            RunOptions { threads, cancel: inputs::stop_on_signal(1), ..RunOptions::default() };
        let display = Display::new();
        let repaired = engine::repair(&plan, found, &options, &display);
        display.finish();
        Ok(repaired?)
    }
}
