//! Deriving a language profile from a reference sample: what good text of a language looks like,
//! measured with the filters' own metrics.
//!
//! Each threshold is a quantile of its metric over the sample, moved outwards by a margin and held
//! within bounds ([`RULES`]). Stop words are the most frequent words. The idea is FineWeb-2's, which
//! took Wikipedia and the corpus itself as references; the rules here are sapwood's own. The result
//! is a file for a person to review: with its provenance, and a histogram of every metric.
//!
//! The same sample gives the same bytes. Memory depends neither on the number of documents nor on
//! that of their words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use crate::document::{Document, Field};
use crate::quality::profile::{Code, Profile};
use crate::quality::{fineweb, gopher};
use crate::shard::listing::{Listing, Shard};
use crate::shard::reader::{ReadError, ReadOptions};
use crate::stage::Stage;
use crate::text::segment::WordsConfig;

#[cfg(feature = "train")]
pub mod classifier;
mod distribution;
#[cfg(feature = "train")]
pub mod evaluation;
pub mod pii;
mod render;
mod rules;
#[cfg(test)]
mod tests;
mod words;

pub use distribution::Distribution;
pub use rules::{Derived, RULES, Rule, Side};
pub use words::{Frequent, WordCounts};

/// A sample of fewer documents is too small to trust.
pub const FEW_DOCUMENTS: u64 = 20;
/// A sample of fewer words is too small to trust.
pub const FEW_WORDS: u64 = 2_000;
/// A profile has at least this many stop words, if the sample does.
const LEAST_STOP_WORDS: usize = 8;
/// A profile has at most this many stop words.
const MOST_STOP_WORDS: usize = 60;
/// A word that few of the documents have is of their topic, not of the language.
const STOP_WORD_DOCUMENTS: f64 = 0.1;

/// If fewer documents of the sample have two stop words, the rule drops too much.
const ENOUGH_WITH_STOP_WORDS: f64 = 0.95;
const STOP_WORDS_METRIC: &str = "gopher.stop_words";

/// The field of the stop words.
pub const STOP_WORDS: &str = "stop_words";

/// How a profile is derived.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The language that the sample is in.
    pub language: Code,
    /// How texts are cut into words.
    pub words: WordsConfig,
    /// The share of the sample's documents that each threshold keeps before its margin, above 0, at
    /// most 1.
    pub quantile: f64,
    /// Documents of fewer words don't count towards thresholds: ratios of so few say nothing.
    pub min_words: u64,
    /// The share of all words that the stop words make, 0 to 1.
    pub coverage: f64,
    /// The fields to derive; the others are off. `None` for all.
    pub fields: Option<Vec<String>>,
    /// The field of a record with the score of its language identification, if it has one.
    pub score_field: String,
}

impl Options {
    /// The defaults for a language.
    pub fn new(language: Code) -> Self {
        Self {
            language,
            words: WordsConfig::default(),
            // FineWeb-2 too means to keep nearly all of its reference; the rest are documents of
            // the reference that are not as good.
            quantile: 0.99,
            min_words: 20,
            // The function words of most languages; about 15 words of English.
            coverage: 0.3,
            fields: None,
            score_field: "language_score".to_owned(),
        }
    }

    /// The names that [`fields`](Options::fields) can have.
    pub fn known_fields() -> Vec<&'static str> {
        let mut names: Vec<&str> = RULES.iter().map(|rule| rule.field).collect();
        names.push(STOP_WORDS);
        names.dedup();
        names
    }

    fn derives(&self, field: &str) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.iter().any(|name| name == field))
    }

    fn check(&self) -> Result<(), FitError> {
        let share = |name, value: f64, least_is_wrong: bool| {
            let fits = (0.0..=1.0).contains(&value) && !(least_is_wrong && value == 0.0);
            if fits { Ok(()) } else { Err(FitError::Share { name, value }) }
        };
        share("quantile", self.quantile, true)?;
        share("coverage", self.coverage, false)?;
        for field in self.fields.iter().flatten() {
            if !Self::known_fields().contains(&field.as_str()) {
                let known = Self::known_fields().join(", ");
                return Err(FitError::UnknownField { field: field.clone(), known });
            }
        }
        Ok(())
    }
}

/// Why no profile can be derived.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// A shard can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A block can't be made into documents.
    #[error("{}: {source}", path.display())]
    Block {
        /// The shard.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: arrow_schema::ArrowError,
    },
    /// There is nothing to derive from.
    #[error("no document of {min_words} words or more among {documents}: nothing to derive from")]
    Empty {
        /// Documents that were read.
        documents: u64,
        /// The fewest words.
        min_words: u64,
    },
    /// A share that is none.
    #[error("{name}: {value} is not a share above 0 and at most 1")]
    Share {
        /// The option.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A field that profiles do not have.
    #[error("no field is called `{field}`; there are {known}")]
    UnknownField {
        /// The name.
        field: String,
        /// The names that there are.
        known: String,
    },
}

/// Takes in a sample document by document.
pub struct Fitter {
    options: Options,
    stages: Vec<Box<dyn Stage>>,
    distributions: BTreeMap<&'static str, Distribution>,
    words: WordCounts,
    documents: u64,
    measured: u64,
    rejected: u64,
    bytes: u64,
    hash: Xxh3Default,
    inputs: Vec<String>,
}

impl Fitter {
    /// A fitter that measures with these stages; their thresholds do not matter. The metrics that
    /// [`RULES`] names and no stage annotates are not derived.
    ///
    /// # Errors
    /// If an option is out of its range.
    pub fn new(options: Options, stages: Vec<Box<dyn Stage>>) -> Result<Self, FitError> {
        options.check()?;
        let words = WordCounts::of_script(&options.language.script);
        Ok(Self {
            options,
            stages,
            distributions: BTreeMap::new(),
            words,
            documents: 0,
            measured: 0,
            rejected: 0,
            bytes: 0,
            hash: Xxh3Default::new(),
            inputs: Vec::new(),
        })
    }

    /// Takes in all documents of a listing.
    ///
    /// # Errors
    /// If a shard can't be read or is damaged.
    pub fn read(&mut self, listing: &Listing, options: &ReadOptions) -> Result<(), FitError> {
        let names = listing.shards.iter().map(|shard| match shard.is_stdin() {
            true => "standard input".to_owned(),
            false => shard.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        });
        self.inputs.extend(names);
        self.rejected += each_document(listing, options, |document| self.add(document))?;
        Ok(())
    }

    /// Takes in a document. Its language is taken to be that of the options.
    pub fn add(&mut self, document: &mut Document<'_>) {
        self.documents += 1;
        self.bytes += document.text().len() as u64;
        self.hash.update(&(document.text().len() as u64).to_le_bytes());
        self.hash.update(document.text().as_bytes());
        let language = self.options.language.short().to_owned();
        document.set_language(&language);
        let segmentation = self.options.words.segmentation(Some(&language));
        self.words.add(document, segmentation);
        if (document.view().words(segmentation).len() as u64) < self.options.min_words {
            return;
        }
        self.measured += 1;
        for stage in &self.stages {
            document.apply(stage.as_ref());
        }
        for rule in RULES {
            let value = match rule.field {
                "min_language_score" => match document.field(&self.options.score_field) {
                    Some(Field::Number(score)) => Some(score),
                    _ => None,
                },
                // Two fields are of one metric; it counts once.
                "max_mean_word_length" => None,
                _ => document.metric(rule.metric).and_then(|value| value.number()),
            };
            if let Some(value) = value {
                self.distributions.entry(rule.metric).or_default().add(value);
            }
        }
    }

    /// Derives the profile.
    ///
    /// # Errors
    /// If no document was long enough.
    pub fn finish(self) -> Result<Fitted, FitError> {
        if self.measured == 0 {
            let min_words = self.options.min_words;
            return Err(FitError::Empty { documents: self.documents, min_words });
        }
        let mut profile = Profile::off(&self.options.language);
        let mut derived = BTreeMap::new();
        for rule in RULES.iter().filter(|rule| self.options.derives(rule.field)) {
            let values = self.distributions.get(rule.metric);
            if let Some(found) =
                values.and_then(|values| rule.derive(values, self.options.quantile))
            {
                set(&mut profile, rule, found.threshold);
                derived.insert(rule.name(), found);
            }
        }
        let mut stop_words = Vec::new();
        if self.options.derives(STOP_WORDS) {
            stop_words = self.words.most_frequent(
                self.options.coverage,
                STOP_WORD_DOCUMENTS,
                LEAST_STOP_WORDS,
                MOST_STOP_WORDS,
            );
            profile.stop_words = Some(stop_words.iter().map(|found| found.word.clone()).collect());
        }
        Ok(Fitted {
            warnings: self.warnings(&profile),
            profile,
            derived,
            stop_words,
            with_stop_words: None,
            distributions: self.distributions,
            sample: Sample {
                inputs: self.inputs,
                documents: self.documents,
                measured: self.measured,
                rejected: self.rejected,
                bytes: self.bytes,
                words: self.words.words(),
                xxh3: format!("{:032x}", self.hash.digest128()),
            },
            options: self.options,
        })
    }

    fn warnings(&self, profile: &Profile) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.measured < FEW_DOCUMENTS || self.words.words() < FEW_WORDS {
            warnings.push(format!(
                "a small sample: {} documents and {} words, where {FEW_DOCUMENTS} and {FEW_WORDS} \
                 would be few; its quantiles are guesses",
                self.measured,
                self.words.words()
            ));
        }
        if self.rejected > 0 {
            warnings.push(format!("{} malformed records were left out", self.rejected));
        }
        if profile.stop_words.as_ref().is_some_and(|words| words.len() < LEAST_STOP_WORDS) {
            warnings.push(format!("fewer than {LEAST_STOP_WORDS} stop words were found"));
        }
        warnings
    }
}

/// Shows all documents of a listing, in order; returns how many records are none.
fn each_document(
    listing: &Listing,
    options: &ReadOptions,
    mut show: impl FnMut(&mut Document<'_>),
) -> Result<u64, FitError> {
    let mut rejected = 0;
    for (number, shard) in listing.shards.iter().enumerate() {
        let mut reader = shard.open(number as u32, options)?;
        while let Some(block) = reader.next_block()? {
            let parsed = block
                .parse(options)
                .map_err(|source| FitError::Block { path: shard.path.clone(), source })?;
            rejected += parsed.rejects.len() as u64;
            let Some(batch) = parsed.batch else { continue };
            batch.documents().iter_mut().for_each(&mut show);
        }
    }
    Ok(rejected)
}

/// Puts a threshold where its rule says.
fn set(profile: &mut Profile, rule: &Rule, threshold: f64) {
    let threshold = Some(threshold);
    match rule.field {
        "min_language_score" => profile.min_language_score = threshold,
        "max_duplicate_line_ratio" => profile.max_duplicate_line_ratio = threshold,
        "min_line_punctuation_ratio" => profile.min_line_punctuation_ratio = threshold,
        "max_newline_ratio" => profile.max_newline_ratio = threshold,
        "min_mean_word_length" => profile.min_mean_word_length = threshold,
        "max_mean_word_length" => profile.max_mean_word_length = threshold,
        "min_alpha_words_ratio" => profile.min_alpha_words_ratio = threshold,
        // Above 1 the rule would be off: overlapping n-grams come to more than the text.
        "max_top_ngram_ratios" => {
            profile.max_top_ngram_ratios.extend(threshold.map(|ratio| (rule.length, ratio)));
        }
        _ => profile.max_duplicate_ngram_ratios.extend(threshold.map(|ratio| (rule.length, ratio))),
    }
}

/// What a profile was derived from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The names of the files, without folders, in the order of the listing.
    pub inputs: Vec<String>,
    /// Documents that were read.
    pub documents: u64,
    /// Documents that were long enough to be measured.
    pub measured: u64,
    /// Records that are no documents.
    pub rejected: u64,
    /// Bytes of text.
    pub bytes: u64,
    /// Words.
    pub words: u64,
    /// xxh3-128 of all texts, each after its length in bytes (64 bits, little-endian), in
    /// hexadecimal.
    pub xxh3: String,
}

/// A profile that was derived, and from what.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The profile.
    pub profile: Profile,
    /// What a person should know who uses it.
    pub warnings: Vec<String>,
    /// The thresholds by the names of their rules.
    pub derived: BTreeMap<String, Derived>,
    /// The stop words and how frequent they are.
    pub stop_words: Vec<Frequent>,
    /// The share of the measured documents that have two different stop words, as the filter counts
    /// them; `None` if the sample could be read once only.
    pub with_stop_words: Option<f64>,
    /// The distributions by metric.
    pub distributions: BTreeMap<&'static str, Distribution>,
    /// The sample.
    pub sample: Sample,
    /// The options.
    pub options: Options,
}

/// Derives a profile from the documents of a listing, measured with `stages`. Files are read twice:
/// the second time to see how many documents have stop words.
///
/// # Errors
/// If an option is out of its range, a shard can't be read, or no document is long enough.
pub fn fit(
    listing: &Listing,
    read: &ReadOptions,
    stages: Vec<Box<dyn Stage>>,
    options: Options,
) -> Result<Fitted, FitError> {
    let mut fitter = Fitter::new(options, stages)?;
    fitter.read(listing, read)?;
    let mut fitted = fitter.finish()?;
    if !listing.shards.iter().any(Shard::is_stdin) {
        fitted.find_stop_words(listing, read)?;
    }
    Ok(fitted)
}

/// A way of cutting words, as options and pipeline files have it, on one line.
fn words_name(words: &WordsConfig) -> String {
    serde_json::to_string(words).unwrap_or_default().trim_matches('"').to_owned()
}

impl Fitted {
    /// Reads the sample again and counts the documents that pass the filter's rule of stop words.
    fn find_stop_words(&mut self, listing: &Listing, read: &ReadOptions) -> Result<(), FitError> {
        let Some(stop_words) = self.profile.stop_words.clone() else { return Ok(()) };
        let config = gopher::quality::Config {
            words: Some(self.options.words.clone()),
            language: Some(self.options.language.short().to_owned()),
            stop_words,
            ..gopher::quality::Config::default()
        };
        let least = config.min_stop_words.unwrap_or_default() as f64;
        let Ok(stage) = gopher::Gopher::new(&config) else { return Ok(()) };
        let segmentation = self.options.words.segmentation(Some(self.options.language.short()));
        let (mut found, min_words) = (0_u64, self.options.min_words);
        each_document(listing, read, |document| {
            if document.view().words(segmentation).len() as u64 >= min_words {
                document.apply(&stage);
                let number = document.metric(STOP_WORDS_METRIC).and_then(|value| value.number());
                found += u64::from(number.is_some_and(|number| number >= least));
            }
        })?;
        let share = found as f64 / self.sample.measured.max(1) as f64;
        self.with_stop_words = Some(share);
        if share < ENOUGH_WITH_STOP_WORDS {
            self.warnings.push(format!(
                "only {:.1} % of the documents have two different stop words; think of \
                 `stop_words: null`",
                share * 100.0
            ));
        }
        Ok(())
    }

    /// The profile as a commented YAML file for review.
    pub fn to_yaml(&self) -> String {
        render::render(self)
    }

    /// The file name of a profile of this language.
    pub fn file_name(&self) -> PathBuf {
        Path::new(&self.profile.code()).with_extension("yaml")
    }
}

/// The stages that measure what [`RULES`] name: Gopher's quality and repetition rules and FineWeb's
/// filter, as datatrove defines them, with words cut in the way that is asked for.
///
/// # Errors
/// Never with the thresholds that these stages have of themselves; a message if it were otherwise.
pub fn stages(words: &WordsConfig) -> Result<Vec<Box<dyn Stage>>, String> {
    let quality = gopher::quality::Config {
        words: Some(words.clone()),
        ..gopher::quality::Config::default()
    };
    let repetition = gopher::repetition::Config {
        words: Some(words.clone()),
        ..gopher::repetition::Config::default()
    };
    let lines = fineweb::Config { words: words.clone(), ..fineweb::Config::default() };
    Ok(vec![
        Box::new(gopher::Gopher::new(&quality).map_err(|error| error.to_string())?),
        Box::new(gopher::GopherRepetition::new(&repetition).map_err(|error| error.to_string())?),
        Box::new(fineweb::FineWeb::new(&lines).map_err(|error| error.to_string())?),
    ])
}
