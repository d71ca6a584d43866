//! `sapwood pii-eval`

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use sapwood::fit::pii::{self, Evaluation};
use sapwood::pii::engine::{self, Engine, Options};
use sapwood::pii::rules::Rules;
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
    /// Rules of your own, as the stage `pii` takes them; they are added to the shipped ones, or put
    /// in their place by name.
    #[arg(long, value_name = "FILE.yaml", conflicts_with = "found")]
    rules: Option<PathBuf>,
    /// The lowest score that is reported, from 0 to 1.
    #[arg(long, default_value_t = engine::DEFAULT_THRESHOLD, value_name = "SCORE", conflicts_with = "found")]
    threshold: f64,
    /// Look in all documents as if their language were not known.
    #[arg(long, conflicts_with = "found")]
    without_language: bool,
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
        if let Some(path) = &self.found {
            let found = pii::read_found(path, &gold).map_err(failed)?;
            let find = |it: &pii::Gold| found.get(&it.id).cloned().unwrap_or_default();
            return Ok(pii::evaluate(&gold, &tags, find));
        }
        let engine = self.engine()?;
        let find = |it: &pii::Gold| {
            let language = (!self.without_language).then_some(it.language.as_str());
            pii::found(&it.text, &engine.find(&it.text, language))
        };
        Ok(pii::evaluate(&gold, &tags, find))
    }

    fn engine(&self) -> Result<Engine, Failure> {
        let wrong = |error: &dyn std::fmt::Display| Failure::usage(error.to_string());
        let mut rules = Rules::shipped().map_err(|error| wrong(&error))?;
        if let Some(path) = &self.rules {
            let name = path.display().to_string();
            let yaml = std::fs::read_to_string(path)
                .map_err(|error| Failure::usage(format!("can't read {name}: {error}")))?;
            rules.extend(&yaml, &name).map_err(|error| wrong(&error))?;
        }
        if !(0.0..=1.0).contains(&self.threshold) {
            return Err(Failure::usage("--threshold is from 0 to 1"));
        }
        let tags = (!self.tags.is_empty()).then(|| self.tags.clone());
        let options = Options { threshold: self.threshold, tags, ..Options::default() };
        Engine::new(&rules, &options).map_err(|error| wrong(&error))
    }
}
