//! The command line: parses, calls, prints; no logic of its own.

mod check;
mod clusters;
#[cfg(feature = "train")]
mod evaluate;
mod explain;
mod failure;
mod fit;
mod import_fineweb2;
mod index;
mod inputs;
mod pii_eval;
mod plan;
mod progress;
mod run;
mod score;
mod slurm;
mod stages;
mod status;
mod task;
#[cfg(feature = "train")]
mod train;
#[cfg(not(feature = "train"))]
mod untrained;
mod verify;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use failure::Failure;

/// Turns raw multilingual text into tokenizer-ready shards for training language models.
#[derive(Parser)]
#[command(
    name = "sapwood",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  sapwood run pipelines/roots.yaml
  sapwood run pipelines/roots.yaml --input 'data/*.jsonl.zst' --output out/
  sapwood score pipelines/roots.yaml --input data/ --output scores.parquet
  sapwood explain pipelines/roots.yaml --text 'How does this fare?'

Exit codes: 0 success, 1 failed, 2 wrong usage or configuration, 75 a task was stopped by a signal.
Results go to standard output, everything else to standard error. SAPWOOD_LOG=debug logs more."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a pipeline: read, filter, deduplicate, scrub, write, and account for every document.
    Run(run::Run),
    /// Annotate every record with all metrics and a verdict; drop nothing.
    Score(score::Score),
    /// Show what every stage makes of one document, and why.
    Explain(explain::Explain),
    /// Check a pipeline and print its plan; reads no data.
    Check(check::Check),
    /// List the stages, or show one with its parameters and metrics.
    Stages(stages::Stages),
    /// Print the JSON Schema of pipeline files, for editors.
    Schema(stages::Schema),
    /// Derive a language profile from a sample of good text.
    Fit(fit::Fit),
    /// Turn a copy of FineWeb-2's per-language configuration into language profiles.
    ImportFineweb2(import_fineweb2::ImportFineweb2),
    /// Train a classifier of language or quality from labelled documents.
    #[cfg(feature = "train")]
    Train(Box<train::Train>),
    /// Train a classifier of language or quality from labelled documents.
    #[cfg(not(feature = "train"))]
    Train(untrained::Untrained),
    /// Judge a classifier by labelled documents.
    #[cfg(feature = "train")]
    Evaluate(evaluate::Evaluate),
    /// Judge a classifier by labelled documents.
    #[cfg(not(feature = "train"))]
    Evaluate(untrained::Untrained),
    /// Plan a run for many processes: write down the tasks of every pass.
    Plan(plan::Plan),
    /// Run one task of a pass that was planned, under any scheduler.
    Task(task::Task),
    /// Run a pipeline on a Slurm cluster.
    Slurm(slurm::Slurm),
    /// Show how far the run of an output folder is.
    Status(status::Status),
    /// Read every file of an output again and compare it with the journal.
    Verify(verify::Verify),
    /// Judge the detection of personal data by labelled documents.
    PiiEval(pii_eval::PiiEval),
    /// Show the clusters of duplicates that a run found.
    Clusters(clusters::Clusters),
    /// Show an index that deduplicating stages compare with, or take documents back from it.
    Index(index::IndexCommand),
    /// Print a completion script for a shell.
    Completions(Completions),
}

/// Print a completion script for a shell.
#[derive(Args)]
#[command(
    after_help = "Example:\n  sapwood completions bash > ~/.local/share/bash-completion/completions/sapwood"
)]
struct Completions {
    /// The shell.
    shell: clap_complete::Shell,
}

impl Completions {
    fn call(&self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "sapwood", &mut script);
        print_bytes(&script)
    }
}

/// Parses the arguments, does what they say and returns the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // The standard hook prints the panic's message, which may quote the text that was worked on.
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => eprintln!("sapwood: internal error at {}:{}", place.file(), place.line()),
        None => eprintln!("sapwood: internal error"),
    }));
    let filter = EnvFilter::try_from_env("SAPWOOD_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let result = match &cli.command {
        Command::Run(command) => command.call(),
        Command::Score(command) => command.call(),
        Command::Explain(command) => command.call(),
        Command::Check(command) => command.call(),
        Command::Stages(command) => command.call(),
        Command::Schema(command) => command.call(),
        Command::Fit(command) => command.call(),
        Command::ImportFineweb2(command) => command.call(),
        Command::Train(command) => command.call(),
        Command::Evaluate(command) => command.call(),
        Command::PiiEval(command) => command.call(),
        Command::Clusters(command) => command.call(),
        Command::Index(command) => command.call(),
        Command::Plan(command) => command.call(),
        Command::Task(command) => command.call(),
        Command::Slurm(command) => command.call(),
        Command::Status(command) => command.call(),
        Command::Verify(command) => command.call(),
        Command::Completions(command) => command.call(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.print(),
    }
}

/// Prints a result. A reader that went away, as `head` does, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("can't write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }
}
