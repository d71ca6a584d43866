//! The one place that prints errors for people.

use std::process::ExitCode;

use sapwood::dedup::index::IndexError;
use sapwood::engine::EngineError;
use sapwood::pipeline::{ConfigError, PlanError};

/// Why a command ended badly.
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Something went wrong: exit code 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    /// The call or the configuration is wrong: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// Something else, with an exit code of its own.
    pub fn with_code(message: impl Into<String>, code: u8) -> Self {
        Self { message: message.into(), code }
    }

    /// Prints the message to standard error.
    pub fn print(self) -> ExitCode {
        if !self.message.is_empty() {
            eprintln!("sapwood: {}", self.message);
        }
        ExitCode::from(self.code)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Io { .. } | IndexError::Damaged { .. } => Self::failed(error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Index(error) => error.into(),
            EngineError::Listing(_) | EngineError::Conflict { .. } => {
                Self::usage(error.to_string())
            }
            _ => Self::failed(error.to_string()),
        }
    }
}
