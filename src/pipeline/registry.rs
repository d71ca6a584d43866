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
        for model in &mut config.models {
            *model = find(model, files)?;
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
        Ok(Built::Barrier(Arc::new(dedup::exact::ExactDedup::new(config))))
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
