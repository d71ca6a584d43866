//! `sapwood status`

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use sapwood::report;
use sapwood::report::status;

use super::failure::Failure;
use super::print;

/// Show how far the run of an output folder is, from its journal alone.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  sapwood status out/\n  sapwood status out/ --json\n  sapwood status out/ --watch"
)]
pub struct Status {
    /// The output folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Print it again every few seconds until the run is finished.
    #[arg(long)]
    watch: bool,
}

const WATCH_EVERY: Duration = Duration::from_secs(5);

impl Status {
    pub fn call(&self) -> Result<(), Failure> {
        loop {
            let Some(status) = status::status(&self.folder)? else {
                return Err(Failure::failed(format!(
                    "{} is no output of sapwood: it has no journal",
                    self.folder.display()
                )));
            };
            if self.watch && !self.json && std::io::stdout().is_terminal() {
                // Clears the terminal, so that the numbers stay in their places.
                print("\x1b[2J\x1b[H")?;
            }
            match self.json {
                // Watched, each is one line, for programs that read them as they come.
                true if self.watch => print(&format!("{}\n", json(&status, false)?))?,
                true => print(&format!("{}\n", json(&status, true)?))?,
                false => print(&report::status_table(&status))?,
            }
            if status.finished || !self.watch {
                return Ok(());
            }
            std::thread::sleep(WATCH_EVERY);
        }
    }
}

fn json(status: &status::Status, pretty: bool) -> Result<String, Failure> {
    let json = match pretty {
        true => serde_json::to_string_pretty(status),
        false => serde_json::to_string(status),
    };
    json.map_err(|error| Failure::failed(error.to_string()))
}
