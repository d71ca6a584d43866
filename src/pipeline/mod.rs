//! From a pipeline file to a checked plan.
//!
//! [`Config`] is the file, strictly typed; [`registry`] knows every stage by name; [`Plan`] is what
//! will be run: passes of document stages, split where a barrier needs all documents.

pub mod config;
pub mod overrides;
pub mod paths;
pub mod plan;
pub mod registry;
pub mod size;

pub use config::{Config, ConfigError, InputConfig, OutputConfig};
pub use paths::Resolver;
pub use plan::{Pass, Pipeline, Plan, PlanError, PlannedBarrier, PlannedStage};
pub use registry::StageConfig;
