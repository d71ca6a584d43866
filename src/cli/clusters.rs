//! `sapwood clusters`

use std::path::PathBuf;

use clap::Args;
use sapwood::engine::clusters::{Cluster, Clusters as Found};
use sapwood::report;

use super::failure::Failure;
use super::print;

/// Show the clusters of duplicates that a run found: the largest ones, or one with its members, how
/// alike they are, and a word diff of two.
#[derive(Args)]
#[command(after_help = "\
Texts are read from the input of the run, which must still be where it was.

Examples:
  sapwood clusters out/
  sapwood clusters out/ --id doc-17
  sapwood clusters out/ --cluster 4711 --diff 1,3")]
pub struct Clusters {
    /// The output folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Show the clusters of the document with this id.
    #[arg(long, value_name = "ID", conflicts_with = "cluster")]
    id: Option<String>,
    /// Show the cluster of this number, as in the column `dedup.cluster`.
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    cluster: Option<i64>,
    /// Compare these two members, by the numbers that the list has.
    #[arg(long, value_name = "N,N", value_parser = pair)]
    diff: Option<(usize, usize)>,
    /// Clusters that are listed, or members that are shown.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Print JSON, without texts.
    #[arg(long)]
    json: bool,
}

fn pair(text: &str) -> Result<(usize, usize), String> {
    let numbers = text.split_once(',');
    let parse = |number: &str| number.trim().parse::<usize>().ok().filter(|number| *number > 0);
    numbers
        .and_then(|(one, other)| Some((parse(one)?, parse(other)?)))
        .ok_or_else(|| "two numbers of members from 1, such as 1,3".to_owned())
}

impl Clusters {
    pub fn call(&self) -> Result<(), Failure> {
        let found = Found::open(&self.folder)?;
        if found.stages().is_empty() {
            return Err(Failure::failed(format!(
                "{} has no clusters: no stage of its run removes whole documents as duplicates, or \
                 none has come that far",
                self.folder.display()
            )));
        }
        let clusters = match (&self.id, self.cluster) {
            (Some(id), _) => found.of_id(id, self.limit)?.ok_or_else(|| {
                Failure::failed(format!("no document of the input has the id {id}"))
            })?,
            (None, Some(cluster)) => found.of_number(cluster, self.limit)?,
            (None, None) => {
                let largest = found.largest(self.limit)?;
                return match self.json {
                    true => print_json(&largest),
                    false => print(&report::clusters_table(&found.stages(), &largest)),
                };
            }
        };
        if self.json {
            return print_json(&clusters);
        }
        if clusters.is_empty() {
            return match &self.id {
                Some(id) => print(&format!("{id} has no duplicate\n")),
                None => Err(Failure::failed("there is no cluster of this number")),
            };
        }
        let text: Vec<String> =
            clusters.iter().map(|cluster: &Cluster| report::cluster(cluster, self.diff)).collect();
        print(&text.join("\n"))
    }
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let json =
        serde_json::to_string_pretty(value).map_err(|error| Failure::failed(error.to_string()))?;
    print(&format!("{json}\n"))
}
