//! `sapwood pii-eval`

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use sapwood::fit::pii::{self, Evaluation};
use sapwood::report;

use super::failure::Failure;

/// Judge the detection of personal data by labelled documents.
///
/// Prints precision, recall and F1 by tag and by language, what was missed by kind, and what was
/// taken for personal data. A find counts if it has the label's tag and half of each is the
/// other's; finds with exactly the label's ends, and labels that everything found covers together,
/// are counted beside. Values are never printed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  python3 benches/pii_gold.py gold.jsonl && sapwood pii-eval --gold gold.jsonl
  sapwood pii-eval --gold gold.jsonl --rules my-rules.yaml --tags EMAIL,PHONE
  sapwood pii-eval --gold gold.jsonl --found others.jsonl --json")]
pub struct PiiEval {
    /// Labelled documents, JSON lines: `{"id", "language", "text", "spans": [{"tag", "kind",
    /// "start", "end", "valid", "context"}]}`, offsets in code points; `valid` is true for
    /// personal data, false for what only resembles it, null for what counts neither way.
    #[arg(long, value_name = "FILE")]
    gold: PathBuf,
    /// Judge what another program found instead, JSON lines: `{"id", "spans": [{"tag",
    /// "detector", "start", "end"}]}`.
    #[arg(long, value_name = "FILE")]
    found: Option<PathBuf>,
    /// The tags in question, separated by commas; all if not given. Others are neither asked for nor
    /// counted.
    #[arg(long, value_delimiter = ',', value_name = "TAG,…")]
    tags: Vec<String>,
    /// Print JSON instead of tables: all that was missed and mistaken, not only the most frequent.
    #[arg(long)]
    json: bool,
}

impl PiiEval {
    pub fn call(&self) -> Result<(), Failure> {
        let evaluation = self.evaluate()?;
        if self.json {
            let json = serde_json::to_string_pretty(&evaluation)
                .map_err(|error| Failure::failed(error.to_string()))?;
            return super::print(&format!("{json}\n"));
        }
        super::print(&report::personal_data(&evaluation))
    }

    fn evaluate(&self) -> Result<Evaluation, Failure> {
        let failed = |error: pii::GoldError| Failure::failed(error.to_string());
        let gold = pii::read(&self.gold).map_err(failed)?;
        let tags: BTreeSet<String> = self.tags.iter().cloned().collect();
        let Some(path) = &self.found else {
            return Err(Failure::usage("give --found"));
        };
        let found = pii::read_found(path, &gold).map_err(failed)?;
        let find = |it: &pii::Gold| found.get(&it.id).cloned().unwrap_or_default();
        Ok(pii::evaluate(&gold, &tags, find))
    }
}
