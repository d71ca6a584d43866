//! `sapwood evaluate`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use sapwood::fasttext::FastText;
use sapwood::fit::classifier::{Corpus, Overlap, Preparation, TrainError};
use sapwood::fit::evaluation;
use sapwood::report;
use sapwood::shard::{FieldMapping, ReadOptions, listing};

use super::failure::Failure;

/// Judge a classifier by labelled documents.
///
/// Prints for each label how often the model was right, and what it confuses most. A label that the
/// model does not know is told apart from one that it gets wrong.
#[derive(Args)]
#[command(after_help = "\
Example:
  sapwood evaluate models/lid.176.ftz --heldout heldout.jsonl.zst --label-field lang")]
pub struct Evaluate {
    /// The model, a fastText `.ftz` or `.bin` file.
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Labelled documents: files, folders, globs, or `-` for standard input.
    #[arg(long, required = true, num_args = 1.., value_name = "PATH|GLOB|DIR")]
    heldout: Vec<PathBuf>,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    judging: Judging,
}

/// Where a record has what.
#[derive(Args)]
pub struct Fields {
    /// The field with a document's label; dotted paths reach into nested objects.
    #[arg(long, default_value = "label", value_name = "NAME")]
    pub label_field: String,
    /// The field with a document's text.
    #[arg(long, default_value = "text", value_name = "NAME")]
    pub text_field: String,
}

impl Fields {
    /// Reads labelled documents.
    pub fn read(
        &self,
        paths: &[PathBuf],
        preparation: &Preparation,
        held_out: &Overlap,
    ) -> Result<Corpus, TrainError> {
        let read = ReadOptions {
            fields: FieldMapping { text: self.text_field.clone(), ..FieldMapping::default() },
            ..ReadOptions::default()
        };
        let listing = listing::list(paths, None)?;
        Corpus::read(&listing, &read, preparation, held_out)
    }
}

/// How a model is judged.
#[derive(Args)]
pub struct Judging {
    /// A YAML or JSON file that turns the model's labels into those of the documents.
    #[arg(long, value_name = "FILE", help_heading = "Evaluation")]
    label_map: Option<PathBuf>,
    /// The labels whose F1 goes into the mean, separated by commas; all of the documents' if not
    /// given.
    #[arg(long, value_delimiter = ',', value_name = "LABEL,…", help_heading = "Evaluation")]
    macro_over: Vec<String>,
    /// Show the model the texts in lower case.
    #[arg(long, help_heading = "Evaluation")]
    lowercase: bool,
    /// Count answers with a lower score as none.
    #[arg(long, default_value_t = 0.0, value_name = "SCORE", help_heading = "Evaluation")]
    min_score: f64,
    /// Print JSON instead of a table.
    #[arg(long, help_heading = "Evaluation")]
    json: bool,
}

impl Judging {
    /// Prints how a model does.
    pub fn print(&self, model: &FastText, held_out: &Corpus) -> Result<(), Failure> {
        let labels: BTreeMap<String, String> = match &self.label_map {
            None => BTreeMap::new(),
            Some(path) => {
                let wrong = |error: &dyn std::fmt::Display| {
                    Failure::usage(format!("{}: {error}", path.display()))
                };
                let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
                serde_saphyr::from_str(&text).map_err(|error| wrong(&error))?
            }
        };
        let options = evaluation::Options {
            labels,
            macro_over: self.macro_over.iter().cloned().collect(),
            lowercase: self.lowercase,
            min_score: self.min_score,
        };
        let evaluation = evaluation::evaluate(model, held_out, &options);
        if self.json {
            let json = serde_json::to_string_pretty(&evaluation)
                .map_err(|error| Failure::failed(error.to_string()))?;
            return super::print(&format!("{json}\n"));
        }
        super::print(&report::evaluation(&evaluation))
    }
}

impl Evaluate {
    pub fn call(&self) -> Result<(), Failure> {
        let preparation =
            Preparation { label_field: self.fields.label_field.clone(), ..Preparation::default() };
        let held_out = self.fields.read(&self.heldout, &preparation, &Overlap::default())?;
        self.judging.print(&evaluation::load(&self.model)?, &held_out)
    }
}
