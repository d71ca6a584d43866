//! `sapwood index`

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use sapwood::dedup::index::{Index, Retraction};
use sapwood::report;

use super::failure::Failure;
use super::print;

/// Show an index that deduplicating stages compare with, or take documents back from it.
#[derive(Args)]
#[command(after_help = "\
A deduplicating stage writes an index with `index: DIR` and compares with those of earlier runs with
`against: [DIR, …]` in the pipeline file.

Examples:
  sapwood index show indexes/2024-10
  sapwood index drop indexes/2024-10 --id doc-17 --id doc-18
  sapwood index drop indexes/2024-10 --ids withdrawn.txt")]
pub struct IndexCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show what an index is and holds.
    Show(Show),
    /// Take documents back: later runs remove nothing on their account. No text is read.
    Drop(Drop),
}

#[derive(Args)]
struct Show {
    /// The folder of the index.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Read all files and hold them against their hashes.
    #[arg(long)]
    verify: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Drop {
    /// The folder of the index.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The id of a document; can be given more than once.
    #[arg(long = "id", value_name = "ID", required_unless_present_any = ["ids", "shard"])]
    id: Vec<String>,
    /// A file of ids, one a line, or of JSON records with an `id`, such as a dropped shard; `-` reads
    /// standard input.
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    /// All documents of a shard, named as `show` names it; can be given more than once.
    #[arg(long, value_name = "PATH")]
    shard: Vec<String>,
}

impl IndexCommand {
    pub fn call(&self) -> Result<(), Failure> {
        match &self.command {
            Command::Show(show) => show.call(),
            Command::Drop(drop) => drop.call(),
        }
    }
}

impl Show {
    fn call(&self) -> Result<(), Failure> {
        let index = Index::open(&self.folder, 0)?;
        if self.verify {
            index.verify()?;
        }
        if self.json {
            let json = serde_json::to_string_pretty(index.manifest())
                .map_err(|error| Failure::failed(error.to_string()))?;
            return print(&format!("{json}\n"));
        }
        print(&report::index_table(&self.folder, index.manifest(), self.verify))
    }
}

impl Drop {
    fn call(&self) -> Result<(), Failure> {
        let mut ids = self.id.clone();
        if let Some(path) = &self.ids {
            ids.extend(read_ids(path)?);
        }
        let outcome = Retraction { ids, shards: self.shard.clone() }.apply(&self.folder)?;
        print(&format!(
            "{}: took {} documents back and {} copies that had been removed for them; {} are left\n",
            self.folder.display(),
            report::number(outcome.documents),
            report::number(outcome.copies),
            report::number(outcome.left),
        ))
    }
}

/// The ids in a file.
fn read_ids(path: &Path) -> Result<Vec<String>, Failure> {
    let failed =
        |error: std::io::Error| Failure::failed(format!("can't read {}: {error}", path.display()));
    let mut text = String::new();
    match path == Path::new("-") {
        true => std::io::stdin().read_to_string(&mut text).map_err(failed)?,
        false => std::fs::File::open(path)
            .and_then(|mut file| file.read_to_string(&mut text))
            .map_err(failed)?,
    };
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| match line.starts_with('{') {
            false => Ok(line.trim_end().to_owned()),
            true => record_id(line).ok_or_else(|| {
                let place = format!("{}, line {}", path.display(), number + 1);
                Failure::usage(format!("{place}: a record without an `id`"))
            }),
        })
        .collect()
}

fn record_id(line: &str) -> Option<String> {
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    match record.get("id")? {
        serde_json::Value::String(id) => Some(id.clone()),
        serde_json::Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}
