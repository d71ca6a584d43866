//! The pipeline file: strictly typed YAML.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::registry::StageConfig;
use super::size::ByteSize;
use crate::shard::{Compression, FieldMapping, Format, ReadOptions};
pub use crate::text::nearest::nearest;

/// A pipeline file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What the pipeline is called in reports.
    #[serde(default = "default_name")]
    pub name: String,
    /// What is read.
    #[serde(default)]
    pub input: InputConfig,
    /// What is done with every document, in this order: a list of `- stage_name: {parameters}`.
    #[serde(default)]
    pub stages: Vec<StageConfig>,
    /// What is written.
    #[serde(default)]
    pub output: OutputConfig,
    /// Memory that barriers such as deduplication may use, whatever the size of the corpus; beyond
    /// it they spill to disk.
    #[serde(default = "default_memory")]
    pub memory: ByteSize,
}

fn default_name() -> String {
    "pipeline".to_owned()
}

/// A gibibyte: half of what the smallest laptop has to spare, and enough for 40 million documents
/// a partition.
fn default_memory() -> ByteSize {
    ByteSize(1 << 30)
}

/// The format of the input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InputFormat {
    /// Each file's own, by its name and content.
    #[default]
    Auto,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// Plain text.
    Text,
}

/// What a document of a plain text file is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TextUnit {
    /// The whole file.
    #[default]
    File,
    /// Every line that is not blank.
    Line,
}

/// What happens to a run with a damaged shard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnDamage {
    /// The run processes what could be read, reports the shard and ends with exit code 1.
    #[default]
    Fail,
    /// The run processes what could be read, reports the shard and ends with exit code 0.
    Warn,
}

/// What is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InputConfig {
    /// Files, folders (searched with everything below) and globs; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// The format, where names and content should not decide.
    pub format: InputFormat,
    /// Which field is what.
    pub fields: FieldMapping,
    /// A record longer than this is rejected.
    pub max_document_bytes: ByteSize,
    /// What a damaged shard means for the run.
    pub on_damage: OnDamage,
    /// What a document of a plain text file is.
    pub text_unit: TextUnit,
}

impl Default for InputConfig {
    fn default() -> Self {
        Self {
            paths: Vec::new(),
            format: InputFormat::Auto,
            fields: FieldMapping::default(),
            // The longest documents of web corpora are books and dumps of some 30 MB.
            max_document_bytes: ByteSize(64 << 20),
            on_damage: OnDamage::Fail,
            text_unit: TextUnit::File,
        }
    }
}

impl InputConfig {
    /// The format that overrules names and content, if any.
    pub fn forced_format(&self) -> Option<Format> {
        match self.format {
            InputFormat::Auto => None,
            InputFormat::Jsonl => Some(Format::Jsonl),
            InputFormat::Parquet => Some(Format::Parquet),
            InputFormat::Text => Some(Format::Text),
        }
    }

    /// How readers are to read.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions {
            fields: self.fields.clone(),
            max_document_bytes: self.max_document_bytes.0,
            whole_files: self.text_unit == TextUnit::File,
            ..ReadOptions::default()
        }
    }
}

/// The format of the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OutputFormat {
    /// One JSON object a line.
    #[default]
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OutputConfig {
    /// The folder of the output.
    pub path: PathBuf,
    /// The format of shards.
    pub format: OutputFormat,
    /// How shards are compressed. Parquet takes `zstd` or `none`.
    pub compression: Compression,
    /// The level; 3 for zstd and 6 for gzip if none is given.
    pub level: Option<i32>,
    /// The size of a shard on disk; shards come out near it.
    pub shard_size: ByteSize,
    /// The column whose value is the folder of a document's shard: `language`, `source`, any
    /// metric, or any field of the record.
    pub partition_by: Option<String>,
    /// Metrics that are written with every kept document: names, or families as `langid.*`.
    pub metrics: Vec<String>,
    /// Whether dropped documents are written too, with their reasons and scores.
    pub keep_dropped: bool,
}

impl Default for OutputConfig {
    fn default() -> Self {
        Self {
            path: PathBuf::from("out"),
            format: OutputFormat::Jsonl,
            compression: Compression::Zstd,
            level: None,
            // Large enough for sequential reading, small enough to move and to shuffle.
            shard_size: ByteSize(256_000_000),
            partition_by: None,
            metrics: Vec::new(),
            keep_dropped: false,
        }
    }
}

impl OutputConfig {
    /// The compression level that applies.
    pub fn effective_level(&self) -> i32 {
        self.level.unwrap_or_else(|| self.compression.default_level())
    }
}

/// Why a pipeline can't be used: which file, where, what was expected.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {message}{}", help.as_deref().map(|help| format!("\n  help: {help}")).unwrap_or_default())]
pub struct ConfigError {
    /// `file:line:column`, or the flag.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl ConfigError {
    /// An error at a place.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), help: None }
    }

    /// Adds what to do about it.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Config {
    /// Reads a pipeline from YAML text; `name` stands for the file in messages.
    ///
    /// # Errors
    /// With file, line, column and the nearest valid name, if the text is not a pipeline.
    pub fn from_yaml(text: &str, name: &str) -> Result<Self, ConfigError> {
        if text.trim().is_empty() {
            return Err(ConfigError::new(name, "the pipeline file is empty"));
        }
        read_yaml(text, name)
    }

    /// Reads a pipeline file.
    ///
    /// # Errors
    /// If the file can't be read or is not a pipeline.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError::new(&name, format!("can't read the pipeline file: {error}"))
        })?;
        Self::from_yaml(&text, &name)
    }

    /// The effective configuration as YAML, defaults filled in.
    ///
    /// # Errors
    /// If a value can't be written as YAML, which none of the types here does.
    pub fn to_yaml(&self) -> Result<String, ConfigError> {
        serde_saphyr::to_string(self)
            .map_err(|error| ConfigError::new(&self.name, error.to_string()))
    }

    /// What decides the output's bytes, as JSON: everything but where it is read
    /// from and written to, and how much memory it takes.
    pub fn identity(&self) -> serde_json::Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(config) = value.as_object_mut() {
            config.remove("memory");
        }
        if let Some(input) = value.get_mut("input").and_then(|input| input.as_object_mut()) {
            input.remove("paths");
            input.remove("on_damage");
        }
        if let Some(output) = value.get_mut("output").and_then(|output| output.as_object_mut()) {
            output.remove("path");
        }
        value
    }

    /// xxh3-128 of the [`identity`](Config::identity), in hexadecimal.
    pub fn hash(&self) -> String {
        format!("{:032x}", xxh3_128(self.identity().to_string().as_bytes()))
    }

    /// The JSON Schema of pipeline files, draft 2020-12.
    pub fn schema() -> serde_json::Value {
        let mut schema = schemars::schema_for!(Config).to_value();
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("title".to_owned(), "sapwood pipeline".into());
        }
        schema
    }
}

/// Reads strictly typed YAML; `name` stands for the file in messages.
///
/// # Errors
/// With file, line, column and the nearest valid name, if the text is not what is wanted.
pub fn read_yaml<T: serde::de::DeserializeOwned>(text: &str, name: &str) -> Result<T, ConfigError> {
    serde_saphyr::from_str(text).map_err(|error| yaml_error(&error, name))
}

fn yaml_error(error: &serde_saphyr::Error, name: &str) -> ConfigError {
    let error = error.without_snippet();
    let place = match error.location() {
        Some(location) if location.line() > 0 => {
            format!("{name}:{}:{}", location.line(), location.column())
        }
        _ => name.to_owned(),
    };
    match error {
        serde_saphyr::Error::SerdeUnknownField { field, expected, .. } => {
            let found = ConfigError::new(place, format!("unknown key `{field}`"));
            with_nearest(found, field, expected)
        }
        serde_saphyr::Error::SerdeUnknownVariant { variant, expected, .. } => {
            let found = ConfigError::new(place, format!("unknown name `{variant}`"));
            with_nearest(found, variant, expected)
        }
        other => {
            // The place stands in front already.
            let message = other.to_string();
            let message = message.lines().next().unwrap_or_default();
            let message = match message.rsplit_once(" at line ") {
                Some((start, _)) => start,
                None => message,
            };
            ConfigError::new(place, message)
        }
    }
}

fn with_nearest<T: AsRef<str>>(error: ConfigError, wrong: &str, expected: &[T]) -> ConfigError {
    match nearest(wrong, expected.iter().map(AsRef::as_ref)) {
        Some(help) => error.with_help(help),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"
name: example
input:
  paths: ["data/*.jsonl.zst", "more/"]
  format: auto
  fields: {text: text, id: id, language: meta.lang}
stages:
  - normalize: {}
  - langid: {models: [models/lid.176.ftz], min_score: 0.5}
  - roots: {variant: fixed}
  - exact_dedup: {normalize: roots}
  - pii: {variant: roots}
output: {path: out/example, format: jsonl, compression: zstd, level: 3, shard_size: 256MB, partition_by: language}
"#;

    #[test]
    fn the_example_is_read_and_round_trips() {
        let config = Config::from_yaml(EXAMPLE, "example.yaml").unwrap();
        assert_eq!(config.stages.len(), 5);
        assert_eq!(config.input.fields.language, "meta.lang");
        assert_eq!(config.output.shard_size.0, 256_000_000);
        let again = Config::from_yaml(&config.to_yaml().unwrap(), "again").unwrap();
        assert_eq!(again, config);
        assert_eq!(again.hash(), config.hash());
    }

    #[test]
    fn a_variant_that_looks_like_a_number_is_a_name() {
        let text = "stages:\n  - roots: {variant: \"2022\"}\n";
        assert!(Config::from_yaml(text, "x").is_ok());
    }

    #[test]
    fn mistakes_are_named_with_their_place_and_the_nearest_word() {
        for (text, place, parts) in [
            ("nmae: x\n", "p:1:1", &["unknown key `nmae`", "did you mean `name`?"][..]),
            (
                "stages:\n  - langd: {}\n",
                "p:2:5",
                &["unknown name `langd`", "did you mean `langid`?"],
            ),
            (
                "stages:\n  - langid: {min_scor: 0.5}\n",
                "p:2:",
                &["unknown key `min_scor`", "did you mean `min_score`?"],
            ),
            ("stages:\n  - langid: {min_score: high}\n", "p:2:", &["floating point"]),
            ("output: {shard_size: huge}\n", "p:1:", &["huge"]),
            ("input: {format: csv}\n", "p:1:", &["unknown name `csv`"]),
            ("name: a\nname: b\n", "p:2:", &["name"]),
        ] {
            let error = Config::from_yaml(text, "p").unwrap_err().to_string();
            assert!(error.starts_with(place), "{text}: {error}");
            for part in parts {
                assert!(error.contains(part), "{text}: {error}");
            }
        }
    }

    #[test]
    fn the_hash_ignores_where_files_lie_only() {
        let config = Config::from_yaml(EXAMPLE, "x").unwrap();
        let mut moved = config.clone();
        moved.output.path = PathBuf::from("elsewhere");
        moved.input.paths.clear();
        moved.memory = ByteSize(1);
        assert_eq!(config.hash(), moved.hash());
        moved.output.level = Some(4);
        assert_ne!(config.hash(), moved.hash());
    }
}
