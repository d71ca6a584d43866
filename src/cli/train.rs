//! `sapwood train`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sapwood::external::Unfinished;
use sapwood::fit::classifier::{
    self, Compression, Corpus, Counts, Cutoff, Loss, Overlap, Parameters, Preparation, TrainError,
    Trained,
};
use sapwood::fit::evaluation;
use sapwood::pipeline::size::ByteSize;
use sapwood::report;

use super::evaluate::{Fields, Judging};
use super::failure::Failure;

/// Train a classifier of language or quality from labelled documents.
///
/// The model is a fastText file, for the stages `langid` and `classify` and for fastText itself:
/// `.ftz` is compressed, `.bin` is not. The same texts, options and seed give the same bytes, for
/// any number of threads.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sapwood train --for langid --input 'texts/*.jsonl.zst' --label-field lang --output lid.ftz
  sapwood train --for quality --input good.txt --input bad.txt --output quality.bin
  sapwood train --for langid --input texts/ --heldout-share 0.1 --max-bytes 1MB --output small.ftz
Plain text is one text a line, in fastText's form: __label__fr Le chat dort.")]
pub struct Train {
    /// What the classifier is for: sets the defaults of the options below.
    #[arg(long = "for", value_enum, default_value = "langid", value_name = "PURPOSE")]
    purpose: Purpose,
    /// Labelled documents: files, folders, globs, or `-` for standard input.
    #[arg(long, required = true, num_args = 1.., value_name = "PATH|GLOB|DIR")]
    input: Vec<PathBuf>,
    /// The model file to write: `.ftz` or `.bin`.
    #[arg(long, value_name = "FILE.ftz|FILE.bin")]
    output: PathBuf,
    #[command(flatten)]
    fields: Fields,

    /// Cut documents into pieces of MIN to MAX characters, at spaces.
    #[arg(long, value_name = "MIN-MAX", value_parser = bounds, help_heading = "Texts")]
    pieces: Option<(usize, usize)>,
    /// Use at most so many texts of a label, chosen by chance.
    #[arg(long, value_name = "N", help_heading = "Texts")]
    max_per_label: Option<usize>,
    /// Show labels in proportion to their texts to this power: 1 as they are, 0 all alike
    /// [langid: 0.5, quality: 1].
    #[arg(long, value_name = "ALPHA", help_heading = "Texts")]
    balance: Option<f64>,
    /// Lower-case this share of the texts.
    #[arg(long, default_value_t = 0.0, value_name = "SHARE", help_heading = "Texts")]
    lowercase_share: f64,
    /// Labelled documents to judge the model by; what overlaps with them is not trained on.
    #[arg(long, num_args = 1.., value_name = "PATH|GLOB|DIR", help_heading = "Texts")]
    heldout: Vec<PathBuf>,
    /// Hold a share of the input out instead.
    #[arg(long, conflicts_with = "heldout", value_name = "SHARE", help_heading = "Texts")]
    heldout_share: Option<f64>,

    /// Columns of the matrices [langid: 16, quality: 64].
    #[arg(long, value_name = "N", help_heading = "Training")]
    dim: Option<usize>,
    /// How often each text is shown [langid: 10, quality: 5].
    #[arg(long, value_name = "N", help_heading = "Training")]
    epoch: Option<u32>,
    /// The learning rate at the beginning [langid: 0.8, quality: 0.1].
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    lr: Option<f64>,
    /// Greatest length of word n-grams [langid: 1, quality: 2].
    #[arg(long, value_name = "N", help_heading = "Training")]
    word_ngrams: Option<usize>,
    /// Least length of character n-grams [langid: 2, quality: 0].
    #[arg(long, value_name = "N", help_heading = "Training")]
    minn: Option<usize>,
    /// Greatest length of character n-grams; 0 for none [langid: 5, quality: 0].
    #[arg(long, value_name = "N", help_heading = "Training")]
    maxn: Option<usize>,
    /// Hash buckets of n-grams [2097152].
    #[arg(long, value_name = "N", help_heading = "Training")]
    bucket: Option<u32>,
    /// Rarer words have no row of their own [langid: 100, quality: 3].
    #[arg(long, value_name = "N", help_heading = "Training")]
    min_count: Option<u32>,
    /// Rarer n-grams have no row, in a .ftz [langid: 5, quality: 2].
    #[arg(long, value_name = "N", help_heading = "Training")]
    min_ngram_count: Option<u32>,
    /// What is made smaller [softmax].
    #[arg(long, value_enum, value_name = "LOSS", help_heading = "Training")]
    loss: Option<LossName>,
    /// Labels drawn for a text with --loss ns [5].
    #[arg(long, value_name = "N", help_heading = "Training")]
    neg: Option<u32>,
    /// Threads; they change the time, not the model.
    #[arg(long, default_value_t = 1, value_name = "N", help_heading = "Training")]
    threads: usize,
    /// Decides what is left to chance.
    #[arg(long, default_value_t = 0, value_name = "N", help_heading = "Training")]
    seed: u64,

    /// Keep so many rows of words and n-grams, those of the greatest norm.
    #[arg(long, value_name = "N", help_heading = "Compression (.ftz)")]
    cutoff: Option<usize>,
    /// Keep as many as fit into a file of this size: 900KB, 4MB, 4MiB.
    #[arg(long, conflicts_with = "cutoff", value_name = "SIZE", value_parser = size, help_heading = "Compression (.ftz)")]
    max_bytes: Option<u64>,
    /// Epochs of training after the cutoff.
    #[arg(long, default_value_t = 5, value_name = "N", help_heading = "Compression (.ftz)")]
    retrain: u32,
    /// Epochs of training the output matrix after quantization.
    #[arg(long, default_value_t = 1, value_name = "N", help_heading = "Compression (.ftz)")]
    settle: u32,
    /// Columns that make one byte.
    #[arg(long, default_value_t = 2, value_name = "N", help_heading = "Compression (.ftz)")]
    dsub: usize,
    /// Keep the norms of rows apart.
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL", help_heading = "Compression (.ftz)")]
    qnorm: bool,
    /// Quantize the output matrix too.
    #[arg(long, help_heading = "Compression (.ftz)")]
    qout: bool,

    #[command(flatten)]
    judging: Judging,
}

#[derive(Clone, Copy, ValueEnum)]
enum Purpose {
    Langid,
    Quality,
}

#[derive(Clone, Copy, ValueEnum)]
enum LossName {
    Softmax,
    Hs,
    Ns,
    Ova,
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Parameter { .. }
            | TrainError::Listing(_)
            | TrainError::NoLabel { .. }
            | TrainError::NothingHeldOut(_) => Self::usage(error.to_string()),
            _ => Self::failed(error.to_string()),
        }
    }
}

impl Train {
    pub fn call(&self) -> Result<(), Failure> {
        let compression = match self.output.extension().and_then(|extension| extension.to_str()) {
            Some("ftz") => Some(self.compression()),
            Some("bin") => None,
            _ => return Err(Failure::usage("--output must end in .ftz or .bin")),
        };
        // Before hours of training, not after.
        let unwritable = |error: std::io::Error| {
            Failure::failed(format!("can't write {}: {error}", self.output.display()))
        };
        let unfinished = Unfinished::beside(&self.output);
        std::fs::write(unfinished.path(), []).map_err(unwritable)?;
        let (trained, corpus, held_out) = self.train(compression.as_ref())?;
        std::fs::write(unfinished.path(), &trained.bytes)
            .and_then(|()| unfinished.publish(&self.output))
            .map_err(unwritable)?;
        eprintln!(
            "wrote {}: {}, {}, {}, {}",
            self.output.display(),
            report::bytes(trained.bytes.len() as u64),
            report::count(corpus.labels.len() as u64, "label", "labels"),
            report::count(trained.words as u64, "word", "words"),
            report::count(trained.ngrams as u64, "n-gram", "n-grams"),
        );
        let Some(held_out) = held_out else { return Ok(()) };
        self.judging.print(&evaluation::load(&self.output)?, &held_out)
    }

    fn train(
        &self,
        compression: Option<&Compression>,
    ) -> Result<(Trained, Corpus, Option<Corpus>), Failure> {
        let preparation = Preparation {
            label_field: self.fields.label_field.clone(),
            pieces: self.pieces,
            max_per_label: self.max_per_label,
            lowercase_share: self.lowercase_share,
            seed: self.seed,
        };
        let whole = Preparation {
            pieces: None,
            max_per_label: None,
            lowercase_share: 0.0,
            ..preparation.clone()
        };
        let mut held_out = match self.heldout.as_slice() {
            [] => None,
            paths => {
                let read = self.fields.read(paths, &whole, &Overlap::default());
                Some(read.map_err(|error| match error {
                    TrainError::NoLabel { .. } => TrainError::NothingHeldOut(Box::new(error)),
                    error => error,
                })?)
            }
        };
        let overlap = held_out.as_ref().map(Corpus::overlap).unwrap_or_default();
        let mut corpus = self.fields.read(&self.input, &preparation, &overlap)?;
        if let Some(share) = self.heldout_share {
            held_out = Some(corpus.hold_out(share, self.seed)?);
        }
        eprintln!("{}", summary(&corpus));
        let mut progress = |purpose: &str, epoch: u32, loss: f64| {
            eprintln!("{purpose}, epoch {epoch}: mean loss {loss:.4}");
        };
        let parameters = self.parameters();
        let trained = classifier::train(&corpus, &parameters, compression, &mut progress)?;
        Ok((trained, corpus, held_out))
    }

    fn parameters(&self) -> Parameters {
        let preset = match self.purpose {
            Purpose::Langid => Parameters::language(),
            Purpose::Quality => Parameters::quality(),
        };
        Parameters {
            dimension: self.dim.unwrap_or(preset.dimension),
            epochs: self.epoch.unwrap_or(preset.epochs),
            learning_rate: self.lr.unwrap_or(preset.learning_rate),
            word_ngrams: self.word_ngrams.unwrap_or(preset.word_ngrams),
            characters: (
                self.minn.unwrap_or(preset.characters.0),
                self.maxn.unwrap_or(preset.characters.1),
            ),
            buckets: self.bucket.unwrap_or(preset.buckets),
            min_count: self.min_count.unwrap_or(preset.min_count),
            min_ngram_count: self.min_ngram_count.unwrap_or(preset.min_ngram_count),
            loss: match self.loss {
                None => preset.loss,
                Some(LossName::Softmax) => Loss::Softmax,
                Some(LossName::Hs) => Loss::Hs,
                Some(LossName::Ns) => Loss::Ns,
                Some(LossName::Ova) => Loss::Ova,
            },
            negatives: self.neg.unwrap_or(preset.negatives),
            balance: self.balance.unwrap_or(preset.balance),
            seed: self.seed,
            threads: self.threads,
        }
    }

    fn compression(&self) -> Compression {
        let cutoff = match (self.cutoff, self.max_bytes) {
            (Some(rows), _) => Cutoff::Rows(rows),
            (None, Some(bytes)) => Cutoff::Bytes(bytes),
            (None, None) => Cutoff::None,
        };
        Compression {
            cutoff,
            retrain: self.retrain,
            width: self.dsub,
            norms: self.qnorm,
            output: self.qout,
            settle: self.settle,
        }
    }
}

fn summary(corpus: &Corpus) -> String {
    let Counts { rejected, unlabelled, empty, overlapping, over_maximum, texts, documents } =
        corpus.counts;
    let mut summary = format!(
        "{} of {} from {}",
        report::count(texts, "text", "texts"),
        report::count(corpus.labels.len() as u64, "label", "labels"),
        report::count(documents, "document", "documents"),
    );
    for (count, what) in [
        (rejected, "malformed"),
        (unlabelled, "without a label of their own"),
        (empty, "empty"),
        (overlapping, "overlapping with held-out ones"),
        (over_maximum, "over --max-per-label"),
    ] {
        if count > 0 {
            summary.push_str(&format!("; left out: {} {what}", report::number(count)));
        }
    }
    summary
}

fn bounds(argument: &str) -> Result<(usize, usize), String> {
    let bounds = argument
        .split_once('-')
        .and_then(|(least, most)| Some((least.trim().parse().ok()?, most.trim().parse().ok()?)));
    bounds
        .filter(|&(least, most)| least >= 1 && least <= most)
        .ok_or_else(|| "two numbers of characters are expected, such as 20-300".to_owned())
}

fn size(argument: &str) -> Result<u64, String> {
    argument.parse::<ByteSize>().map(|ByteSize(bytes)| bytes)
}
