//! The registry: every stage that a pipeline file can name. To add one, add one line.

use std::path::PathBuf;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::paths::Resolver;
use crate::dedup::Barrier;
use crate::stage::{Metric, Stage};
use crate::{dedup, langid, normalize, pii, quality};

/// A stage that is ready to run.
#[derive(Clone)]
pub enum Built {
    /// Looks at one document at a time.
    Stage(Arc<dyn Stage>),
    /// Needs all documents.
    Barrier(Arc<dyn Barrier>),
}

/// Why a stage can't be built: a missing model, an impossible threshold.
#[derive(Debug, thiserror::Error)]
#[error("stage {stage}: {message}")]
pub struct BuildError {
    /// The stage's name.
    pub stage: &'static str,
    /// What is wrong, with the file where there is one.
    pub message: String,
}

/// What `sapwood stages` tells of a stage.
pub struct Description {
    /// The name in pipeline files.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// The JSON Schema of its parameters.
    pub parameters: serde_json::Value,
    /// Its parameters with their defaults, as YAML.
    pub defaults: String,
    /// The metrics that it annotates.
    pub metrics: Vec<Metric>,
}

macro_rules! stages {
    ($($(#[doc = $summary:literal])+ $variant:ident($name:literal, $config:ty, $build:expr, $metrics:expr);)+) => {
        /// A stage of a pipeline file: its name and its parameters.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum StageConfig {
            $($(#[doc = $summary])+ $variant($config),)+
        }

        impl StageConfig {
            /// The names of all stages.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The stage's name.
            pub fn name(&self) -> &'static str {
                match self { $(StageConfig::$variant(_) => $name,)+ }
            }

            /// Builds the stage: loads its models and lists and checks its thresholds.
            ///
            /// # Errors
            /// If a file is missing or broken, or a parameter is out of its range.
            pub fn build(&self, files: &Resolver) -> Result<Built, BuildError> {
                match self {
                    $(StageConfig::$variant(config) => {
                        let build: fn(&$config, &Resolver) -> Result<Built, String> = $build;
                        build(config, files).map_err(|message| BuildError { stage: $name, message })
                    })+
                }
            }

            /// What there is to know of every stage.
            pub fn describe() -> Vec<Description> {
                vec![$(Description {
                    name: $name,
                    summary: concat!($($summary),+).trim_ascii(),
                    parameters: schemars::schema_for!($config).to_value(),
                    defaults: serde_saphyr::to_string(&<$config>::default()).unwrap_or_default(),
                    metrics: $metrics.to_vec(),
                }),+]
            }
        }
    };
}

stages! {
    /// Brings text to one form: Unicode NFC, control and zero-width characters, line ends, white space.
    Normalize("normalize", normalize::Config, |config, _| {
        Ok(Built::Stage(Arc::new(normalize::Normalize::new(config))))
    }, normalize::METRICS);
    /// Identifies the language of a document with a fastText model, and drops what it is unsure of.
    Langid("langid", langid::Config, |config, files| {
        let mut config = config.clone();
        for model in config.models.iter_mut().map(langid::ModelChoice::path_mut) {
            if !model.as_os_str().is_empty() {
                *model = find(model, files)?;
            }
        }
        Ok(Built::Stage(Arc::new(langid::Langid::new(&config).map_err(message)?)))
    }, langid::METRICS);
    /// The quality filter of ROOTS: six statistics against thresholds of the document's language.
    Roots("roots", quality::roots::Config, |config, files| {
        let mut config = config.clone();
        for path in [&mut config.stopwords, &mut config.flagged, &mut config.parameters].into_iter().flatten() {
            *path = find(path, files)?;
        }
        Ok(Built::Stage(Arc::new(quality::roots::Roots::new(&config).map_err(message)?)))
    }, quality::roots::METRICS);
    /// Drops documents by their URL: lists of domains, hosts, URLs and words from files.
    Url("url", quality::url::Config, |config, files| {
        let mut config = config.clone();
        for path in config.paths_mut() {
            *path = find(path, files)?;
        }
        Ok(Built::Stage(Arc::new(quality::url::UrlFilter::new(&config).map_err(message)?)))
    }, quality::url::METRICS);
    /// Keeps a share of the documents, chosen by a hash of the id or the text.
    Sample("sample", quality::sample::Config, |config, _| {
        Ok(Built::Stage(Arc::new(quality::sample::Sample::new(config).map_err(message)?)))
    }, quality::sample::METRICS);
    /// Keeps or drops documents by an expression over the metrics of earlier stages and the document's fields.
    Expression("expression", quality::expression::Config, |config, _| {
        Ok(Built::Stage(Arc::new(quality::expression::Expression::new(config).map_err(message)?)))
    }, quality::expression::METRICS);
    /// Scores documents, paragraphs or lines with any fastText classifier, and drops or removes by the score.
    Classify("classify", quality::classify::Config, |config, files| {
        let mut config = config.clone();
        if !config.model.as_os_str().is_empty() {
            config.model = find(&config.model, files)?;
        }
        Ok(Built::Stage(Arc::new(quality::classify::Classify::new(&config).map_err(message)?)))
    }, quality::classify::METRICS);
    /// The operations of ROOTS for catalogued sources, by their names and in the order given.
    RootsCatalogue("roots_catalogue", quality::roots_catalogue::Config, |config, files| {
        let mut config = config.clone();
        if let Some(path) = &mut config.stopwords {
            *path = find(path, files)?;
        }
        let stage = quality::roots_catalogue::RootsCatalogue::new(&config).map_err(message)?;
        Ok(Built::Stage(Arc::new(stage)))
    }, quality::roots_catalogue::METRICS);
    /// The quality filter of ROOTS for source code: shape of lines and words, licence, language.
    Code("code", quality::code::Config, |config, files| {
        let mut config = config.clone();
        if let Some(path) = &mut config.parameters {
            *path = find(path, files)?;
        }
        Ok(Built::Stage(Arc::new(quality::code::Code::new(&config).map_err(message)?)))
    }, quality::code::METRICS);
    /// The line and document rules of C4: keeps the lines that read like prose, and documents with enough of them.
    C4("c4", quality::c4::Config, |config, _| {
        Ok(Built::Stage(Arc::new(quality::c4::C4::new(config).map_err(message)?)))
    }, quality::c4::METRICS);
    /// The paragraph rule of multilingual C4: drops documents with fewer than three long lines.
    C4Paragraph("c4_paragraph", quality::c4_paragraph::Config, |config, _| {
        Ok(Built::Stage(Arc::new(quality::c4_paragraph::C4Paragraph::new(config).map_err(message)?)))
    }, quality::c4_paragraph::METRICS);
    /// Drops documents with words from a list of obscene ones of their language, as C4 did.
    BadWords("bad_words", quality::bad_words::Config, |config, files| {
        let mut config = config.clone();
        if let Some(path) = &mut config.lists {
            *path = find(path, files)?;
        }
        Ok(Built::Stage(Arc::new(quality::bad_words::BadWords::new(&config).map_err(message)?)))
    }, quality::bad_words::METRICS);
    /// The line rules of RefinedWeb: removes menus, counters and buttons, and documents that lose too much by it.
    Refinedweb("refinedweb", quality::refinedweb::Config, |config, files| {
        let mut config = config.clone();
        if let Some(path) = &mut config.substrings {
            *path = find(path, files)?;
        }
        Ok(Built::Stage(Arc::new(quality::refinedweb::RefinedWeb::new(&config).map_err(message)?)))
    }, quality::refinedweb::METRICS);
    /// The sentence rules of MADLAD-400: drops documents with too many questionable sentences.
    Madlad("madlad", quality::madlad::Config, |config, files| {
        let mut config = config.clone();
        if let Some(path) = &mut config.cursed_file {
            *path = find(path, files)?;
        }
        Ok(Built::Stage(Arc::new(quality::madlad::Madlad::new(&config).map_err(message)?)))
    }, quality::madlad::METRICS);
    /// Drops documents in which a few words or characters stand again and again in a row.
    TokenRepetition("token_repetition", quality::token_repetition::Config, |config, _| {
        Ok(Built::Stage(Arc::new(quality::token_repetition::TokenRepetition::new(config).map_err(message)?)))
    }, quality::token_repetition::METRICS);
    /// The quality rules of Gopher: length, word length, symbols, bullets, ellipses, letters, stop words.
    Gopher("gopher", quality::gopher::quality::Config, |config, files| {
        let mut config = config.clone();
        if let Some(folder) = &mut config.profiles {
            *folder = find(folder, files)?;
        }
        Ok(Built::Stage(Arc::new(quality::gopher::Gopher::new(&config).map_err(message)?)))
    }, quality::gopher::quality::METRICS);
    /// The repetition rules of Gopher: duplicate paragraphs, lines and n-grams of words.
    GopherRepetition("gopher_repetition", quality::gopher::repetition::Config, |config, files| {
        let mut config = config.clone();
        if let Some(folder) = &mut config.profiles {
            *folder = find(folder, files)?;
        }
        Ok(Built::Stage(Arc::new(quality::gopher::GopherRepetition::new(&config).map_err(message)?)))
    }, quality::gopher::repetition::METRICS);
    /// The quality filter of FineWeb: ends of lines, short lines, duplicate lines, line breaks.
    Fineweb("fineweb", quality::fineweb::Config, |config, files| {
        let mut config = config.clone();
        if let Some(folder) = &mut config.profiles {
            *folder = find(folder, files)?;
        }
        Ok(Built::Stage(Arc::new(quality::fineweb::FineWeb::new(&config).map_err(message)?)))
    }, quality::fineweb::METRICS);
    /// Removes documents whose text an earlier document had, exactly or after a normalisation.
    ExactDedup("exact_dedup", dedup::exact::Config, |config, _| {
        Ok(Built::Barrier(Arc::new(dedup::exact::ExactDedup::new(config)?)))
    }, []);
    /// Removes documents that are nearly the same as another: MinHash of word or character shingles.
    MinhashDedup("minhash_dedup", dedup::minhash::Config, |config, _| {
        Ok(Built::Barrier(Arc::new(dedup::minhash::MinhashDedup::new(config)?)))
    }, []);
    /// Replaces e-mail addresses, user names, IP addresses and keys by tags, as ROOTS did.
    Pii("pii", pii::Config, |config, _| Ok(Built::Stage(Arc::new(pii::Pii::new(config)))), pii::METRICS);
}

fn message(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn find(path: &std::path::Path, files: &Resolver) -> Result<PathBuf, String> {
    let found = files.resolve(path);
    if found.exists() {
        return Ok(found);
    }
    Err(format!("{} is not there (looked in {})", path.display(), files.places().join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_is_described_and_its_metrics_are_its_own() {
        for description in StageConfig::describe() {
            assert!(!description.summary.is_empty());
            assert!(StageConfig::NAMES.contains(&description.name));
            for metric in description.metrics {
                // `gopher_repetition` measures the other half of `gopher`.
                let family = metric.name.split('.').next().unwrap_or_default();
                assert!(description.name.starts_with(family), "{}", metric.name);
            }
        }
    }
}
