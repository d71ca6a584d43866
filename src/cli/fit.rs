//! `sapwood fit`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sapwood::fit::{self, FitError, Options};
use sapwood::quality::profile::Code;
use sapwood::report;
use sapwood::shard::{FieldMapping, ReadOptions, listing};
use sapwood::text::segment::{SegmentationChoice, WordsConfig};

use super::failure::Failure;

/// Derive a language profile from a sample of good text.
///
/// Measures the sample with the filters' own metrics and writes thresholds that keep nearly all of
/// it, and its most frequent words as stop words: a YAML file with its provenance and a histogram of
/// every metric, for a person to review. The documents are taken as they are, so they should be
/// like those that the profile is meant for: whole, clean, in this language only.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sapwood fit --language yo --input reference/yo.jsonl.zst --output filters/yor_Latn.yaml
  sapwood fit --language dag_Latn --input 'reference/*.txt' --quantile 0.95")]
pub struct Fit {
    /// The language of the sample: fr, fra or fra_Latn; the script is needed where it is not known.
    #[arg(long, value_name = "CODE")]
    language: String,
    /// The sample: files, folders, globs, or `-` for standard input.
    #[arg(long, required = true, num_args = 1.., value_name = "PATH|GLOB|DIR")]
    input: Vec<PathBuf>,
    /// The file to write; standard output if not given.
    #[arg(long, value_name = "FILE.yaml")]
    output: Option<PathBuf>,
    /// How texts are cut into words; as in the stages that the profile is for.
    #[arg(long, value_enum, default_value = "auto")]
    words: Words,
    /// The fields to derive, separated by commas; the others are null. All if not given.
    #[arg(long, value_delimiter = ',', value_name = "FIELD,…")]
    fields: Option<Vec<String>>,
    /// The share of the sample's documents that each threshold keeps, before its margin.
    #[arg(long, default_value_t = 0.99, value_name = "SHARE")]
    quantile: f64,
    /// Leave documents of fewer words out of the thresholds.
    #[arg(long, default_value_t = 20, value_name = "N")]
    min_words: u64,
    /// The share of all words that the stop words make.
    #[arg(long, default_value_t = 0.3, value_name = "SHARE")]
    coverage: f64,
    /// The field with a document's text.
    #[arg(long, default_value = "text", value_name = "NAME")]
    text_field: String,
    /// The field with the score of a document's language identification, if it has one.
    #[arg(long, default_value = "language_score", value_name = "NAME")]
    score_field: String,
}

/// How texts are cut into words.
#[derive(Clone, Copy, ValueEnum)]
enum Words {
    Auto,
    Unicode,
    Whitespace,
    Dictionary,
}

impl Fit {
    pub fn call(&self) -> Result<(), Failure> {
        let language =
            Code::parse(&self.language).map_err(|error| Failure::usage(error.to_string()))?;
        let words = WordsConfig::all(match self.words {
            Words::Auto => SegmentationChoice::Auto,
            Words::Unicode => SegmentationChoice::Unicode,
            Words::Whitespace => SegmentationChoice::Whitespace,
            Words::Dictionary => SegmentationChoice::Dictionary,
        });
        let options = Options {
            words: words.clone(),
            quantile: self.quantile,
            min_words: self.min_words,
            coverage: self.coverage,
            fields: self.fields.clone(),
            score_field: self.score_field.clone(),
            ..Options::new(language)
        };
        let read = ReadOptions {
            fields: FieldMapping { text: self.text_field.clone(), ..FieldMapping::default() },
            ..ReadOptions::default()
        };
        let listing =
            listing::list(&self.input, None).map_err(|error| Failure::usage(error.to_string()))?;
        let stages = fit::stages(&words).map_err(Failure::failed)?;
        let fitted = fit::fit(&listing, &read, stages, options).map_err(|error| match error {
            FitError::Share { .. } | FitError::UnknownField { .. } => {
                Failure::usage(error.to_string())
            }
            _ => Failure::failed(error.to_string()),
        })?;
        for warning in &fitted.warnings {
            eprintln!("warning: {warning}");
        }
        let yaml = fitted.to_yaml();
        let Some(path) = &self.output else { return super::print(&yaml) };
        std::fs::write(path, yaml)
            .map_err(|error| Failure::failed(format!("can't write {}: {error}", path.display())))?;
        eprintln!(
            "derived {} from {}, {}",
            path.display(),
            report::count(fitted.sample.measured, "document", "documents"),
            report::count(fitted.sample.words, "word", "words")
        );
        Ok(())
    }
}
