//! Where and how the tasks of a run execute on a Slurm cluster.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pipeline::config::{ConfigError, read_yaml};
use crate::pipeline::size::ByteSize;

/// A file such as `configs/slurm.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SlurmConfig {
    /// The partition; the cluster's default if none is given.
    pub partition: Option<String>,
    /// The account that is charged; the user's default if none is given.
    pub account: Option<String>,
    /// The quality of service; the cluster's default if none is given.
    pub qos: Option<String>,
    /// Time limit of a task, as sbatch takes it: `minutes`, `hours:minutes:seconds` or
    /// `days-hours`. A task that comes near it is queued again and goes on where it was.
    pub time: String,
    /// Cores of a task.
    pub cpus: u32,
    /// Memory of a task; worked out from the pipeline and the cores if none is given.
    pub memory: Option<ByteSize>,
    /// Tasks of a pass that run at once at most; as many as the cluster gives if none is given.
    pub max_running: Option<u32>,
    /// What the passes of a single task (resolve, arrange, finish) get instead.
    pub single: SingleConfig,
    /// Shell lines before each task: `module load …`, `export …`, `source …`.
    pub setup: Vec<String>,
    /// Seconds before the time limit at which a task is told to stop.
    pub signal_seconds: u32,
    /// How often a task is tried before its array counts as failed.
    pub attempts: u32,
    /// Further options of sbatch, one each: `--constraint=avx2`, `--mail-type=FAIL`.
    pub options: Vec<String>,
    /// The program that is run, with arguments before `task`: a wrapper or a container's command. The
    /// one that submits if none is given.
    pub program: Vec<String>,
}

/// What the passes of a single task get, which all others wait for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SingleConfig {
    /// Time limit; that of other tasks if none is given.
    pub time: Option<String>,
    /// Cores; those of other tasks if none are given.
    pub cpus: Option<u32>,
    /// Memory; worked out from the pipeline's `memory` if none is given.
    pub memory: Option<ByteSize>,
}

impl Default for SlurmConfig {
    fn default() -> Self {
        Self {
            partition: None,
            account: None,
            qos: None,
            // Short enough for the backfill scheduler's gaps; a task that needs more goes on.
            time: "04:00:00".to_owned(),
            // A task's threads share models and read-ahead; more tasks of fewer cores start earlier.
            cpus: 4,
            memory: None,
            max_running: None,
            single: SingleConfig::default(),
            setup: Vec::new(),
            // Slurm may be a minute late, and ten seconds are needed.
            signal_seconds: 120,
            // What fails three times on its own is no passing trouble.
            attempts: 3,
            options: Vec::new(),
            program: Vec::new(),
        }
    }
}

impl SlurmConfig {
    /// Reads a file.
    ///
    /// # Errors
    /// If it can't be read or has an unknown key or a wrong value.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::new(&name, format!("can't read it: {error}")))?;
        let config: Self = match text.trim() {
            "" => Self::default(),
            _ => read_yaml(&text, &name)?,
        };
        config.check(&name)?;
        Ok(config)
    }

    fn check(&self, name: &str) -> Result<(), ConfigError> {
        let fail = |key: &str, message: &str| {
            Err(ConfigError::new(format!("{name}: {key}"), message.to_owned()))
        };
        if self.cpus == 0 || self.single.cpus == Some(0) {
            return fail("cpus", "at least one core is needed");
        }
        if self.attempts == 0 {
            return fail("attempts", "at least one is needed");
        }
        if self.max_running == Some(0) {
            return fail("max_running", "at least one task must run");
        }
        if self.signal_seconds > 65535 {
            return fail("signal_seconds", "Slurm takes at most 65535");
        }
        if self.options.iter().any(|option| !option.starts_with('-') || option.contains('\n')) {
            return fail("options", "an option of sbatch begins with a dash and is one line");
        }
        for (key, value) in [
            ("partition", self.partition.as_deref()),
            ("account", self.account.as_deref()),
            ("qos", self.qos.as_deref()),
            ("time", Some(self.time.as_str())),
            ("single.time", self.single.time.as_deref()),
        ] {
            let bad = |value: &str| value.is_empty() || value.contains(char::is_whitespace);
            if value.is_some_and(bad) {
                return fail(key, "it must be one word");
            }
        }
        Ok(())
    }

    /// The program and its arguments before `task`.
    pub(super) fn command(&self, itself: &Path) -> Vec<PathBuf> {
        match self.program.is_empty() {
            true => vec![itself.to_owned()],
            false => self.program.iter().map(PathBuf::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_says_the_defaults() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/slurm.yaml");
        assert_eq!(SlurmConfig::from_file(&path).unwrap(), SlurmConfig::default());
    }

    #[test]
    fn mistakes_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("slurm.yaml");
        for (text, parts) in [
            ("cpu: 4\n", &["unknown key `cpu`", "`cpus`"][..]),
            ("cpus: 0\n", &["cpus", "one core"]),
            ("options: [mail]\n", &["options", "dash"]),
            ("time: 1 day\n", &["time", "one word"]),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = SlurmConfig::from_file(&path).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
    }
}
