//! `sapwood stages` and `sapwood schema`

use clap::Args;
use sapwood::pipeline::config::nearest;
use sapwood::pipeline::{Config, StageConfig};
use sapwood::report;

use super::failure::Failure;
use super::print;

/// List the stages, or show one with its parameters and metrics.
#[derive(Args)]
#[command(after_help = "Examples:\n  sapwood stages\n  sapwood stages roots")]
pub struct Stages {
    /// The stage to show.
    name: Option<String>,
}

impl Stages {
    pub fn call(&self) -> Result<(), Failure> {
        let stages = StageConfig::describe();
        let Some(name) = &self.name else { return print(&report::stages(&stages)) };
        match stages.iter().find(|stage| stage.name == *name) {
            Some(stage) => print(&report::stage(stage)),
            None => {
                let help = nearest(name, stages.iter().map(|stage| stage.name));
                let help = help.map(|help| format!("\n  help: {help}")).unwrap_or_default();
                Err(Failure::usage(format!("no stage is called `{name}`{help}")))
            }
        }
    }
}

/// Print the JSON Schema of pipeline files, for editors.
#[derive(Args)]
#[command(after_help = "\
Example:
  sapwood schema > sapwood.schema.json
  # then, as the first line of a pipeline file:
  # yaml-language-server: $schema=sapwood.schema.json")]
pub struct Schema {}

impl Schema {
    pub fn call(&self) -> Result<(), Failure> {
        let schema = serde_json::to_string_pretty(&Config::schema())
            .map_err(|error| Failure::failed(error.to_string()))?;
        print(&format!("{schema}\n"))
    }
}
