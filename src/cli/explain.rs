//! `sapwood explain`

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use sapwood::document::Document;
use sapwood::engine::explain::{explain, explain_by_id};
use sapwood::pipeline::Plan;
use sapwood::report;

use super::failure::Failure;
use super::inputs::{self, PipelineArgs};
use super::print;

/// Show what every stage makes of one document, and why: each metric against its threshold with its
/// margin, the verdict, and what the text became.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sapwood explain pipelines/roots.yaml --text 'Buy now! Buy now! Buy now!'
  sapwood explain pipelines/roots.yaml --file page.txt --json
  sapwood explain pipelines/roots.yaml --input data/ --id doc-17")]
#[command(group(ArgGroup::new("what").required(true).args(["text", "file", "id"])))]
pub struct Explain {
    #[command(flatten)]
    pipeline: PipelineArgs,
    /// Explain this text.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["file", "id"])]
    text: Option<String>,
    /// Explain the text of this file.
    #[arg(long, value_name = "FILE", conflicts_with = "id")]
    file: Option<PathBuf>,
    /// Where to look for the document: a file, folder or glob; the pipeline's input if not given.
    #[arg(long, value_name = "PATH|GLOB|DIR", conflicts_with_all = ["text", "file"])]
    input: Vec<PathBuf>,
    /// Explain the document of this id.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// The language that the document comes with.
    #[arg(long, value_name = "CODE", conflicts_with = "id")]
    language: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub fn call(&self) -> Result<(), Failure> {
        let (mut config, files) = self.pipeline.config()?;
        let input_files = inputs::replace_input(&mut config, files.clone(), &self.input);
        let plan = Plan::new(config, &files)?;
        let explanation = match (&self.text, &self.file, &self.id) {
            (Some(text), _, _) => self.of_text(&plan, "text", text),
            (_, Some(file), _) => {
                let text = std::fs::read_to_string(file).map_err(|error| {
                    Failure::failed(format!("can't read {}: {error}", file.display()))
                })?;
                self.of_text(&plan, &file.display().to_string(), &text)
            }
            (_, _, Some(id)) => {
                let listing = inputs::list(&plan, &input_files)?;
                explain_by_id(&plan, &listing, id)?
                    .ok_or_else(|| Failure::failed(format!("no document has the id {id}")))?
            }
            _ => return Err(Failure::usage("give --text, --file or --id")),
        };
        if self.json {
            let json = serde_json::to_string_pretty(&explanation)
                .map_err(|error| Failure::failed(error.to_string()))?;
            return print(&format!("{json}\n"));
        }
        print(&report::explanation(&explanation))
    }

    fn of_text(&self, plan: &Plan, id: &str, text: &str) -> sapwood::engine::explain::Explanation {
        let mut document = Document::new(id, text).with_language(self.language.as_deref());
        explain(plan, &mut document)
    }
}
