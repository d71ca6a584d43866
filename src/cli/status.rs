//! `sapwood status`

use std::path::PathBuf;

use clap::Args;
use sapwood::report;
use sapwood::report::status;

use super::failure::Failure;
use super::print;

/// Show how far the run of an output folder is, from its journal alone.
#[derive(Args)]
#[command(after_help = "Examples:\n  sapwood status out/\n  sapwood status out/ --json")]
pub struct Status {
    /// The output folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub fn call(&self) -> Result<(), Failure> {
        let Some(status) = status::status(&self.folder)? else {
            return Err(Failure::failed(format!(
                "{} is no output of sapwood: it has no journal",
                self.folder.display()
            )));
        };
        if self.json {
            let json = serde_json::to_string_pretty(&status)
                .map_err(|error| Failure::failed(error.to_string()))?;
            return print(&format!("{json}\n"));
        }
        print(&report::status_table(&status))
    }
}
