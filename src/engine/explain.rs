//! Explaining one document: what every stage measured, held against what, and made of it.

use std::borrow::Cow;

use serde::Serialize;

use super::error::EngineError;
use crate::document::{Bound, Document, Value};
use crate::pipeline::Plan;
use crate::shard::listing::Listing;
use crate::stage::Verdict;

/// What a stage made of a document.
#[derive(Debug, Clone, Serialize)]
pub struct StageExplanation {
    /// The stage's label.
    pub stage: String,
    /// `keep`, `drop`, or `left out` for a barrier.
    pub verdict: &'static str,
    /// Every rule that the document failed here.
    pub reasons: Vec<Cow<'static, str>>,
    /// The metrics that the stage annotated.
    pub metrics: serde_json::Map<String, serde_json::Value>,
    /// The metrics that it held against thresholds.
    pub tests: Vec<TestExplanation>,
    /// Whether it changed the text.
    pub text_changed: bool,
}

/// A metric that was held against a threshold.
#[derive(Debug, Clone, Serialize)]
pub struct TestExplanation {
    /// The metric.
    pub metric: &'static str,
    /// What was measured.
    pub value: f64,
    /// What it was held against.
    pub bound: Bound,
    /// How far inside the bound it lies; negative when it failed.
    pub margin: f64,
    /// Whether it passed.
    pub passed: bool,
}

/// What a pipeline makes of one document. Every stage sees it, also after one would have dropped it.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The document's id.
    pub id: String,
    /// What every stage made of it, in order.
    pub stages: Vec<StageExplanation>,
    /// `keep` or `drop`.
    pub verdict: &'static str,
    /// Every rule that it failed.
    pub reasons: Vec<Cow<'static, str>>,
    /// Its language at the end.
    pub language: Option<String>,
    /// Its text at the beginning.
    pub text_before: String,
    /// Its text at the end.
    pub text: String,
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Integer(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Text(value) => value.as_ref().into(),
    }
}

/// Explains a document. Barriers need all documents and are left out.
pub fn explain(plan: &Plan, document: &mut Document<'_>) -> Explanation {
    let text_before = document.text().to_owned();
    let mut stages = Vec::new();
    for pass in &plan.passes {
        for planned in &pass.stages {
            let (tests, reasons) = (document.tests().len(), document.reasons().len());
            let changes = document.changes();
            let verdict = document.apply(planned.stage.as_ref());
            let metrics = planned.stage.metrics().iter().filter_map(|metric| {
                document.metric(metric.name).map(|value| (metric.name.to_owned(), json(value)))
            });
            stages.push(StageExplanation {
                stage: planned.label.clone(),
                verdict: if verdict == Verdict::Keep { "keep" } else { "drop" },
                reasons: document.reasons().get(reasons..).unwrap_or_default().to_vec(),
                metrics: metrics.collect(),
                tests: document
                    .tests()
                    .get(tests..)
                    .unwrap_or_default()
                    .iter()
                    .map(|test| TestExplanation {
                        metric: test.metric,
                        value: test.value,
                        bound: test.bound,
                        margin: test.bound.margin(test.value),
                        passed: test.passed(),
                    })
                    .collect(),
                text_changed: document.changes() != changes,
            });
        }
        for barrier in pass.barriers.iter().filter(|planned| planned.round == 0) {
            stages.push(StageExplanation {
                stage: barrier.label.clone(),
                verdict: "left out",
                reasons: Vec::new(),
                metrics: serde_json::Map::new(),
                tests: Vec::new(),
                text_changed: false,
            });
        }
    }
    Explanation {
        id: document.id().to_owned(),
        stages,
        verdict: if document.reasons().is_empty() { "keep" } else { "drop" },
        reasons: document.reasons().to_vec(),
        language: document.language().map(str::to_owned),
        text_before,
        text: document.text().to_owned(),
    }
}

/// Looks a document up in the input by its id and explains it; `None` if there is none of that id.
///
/// # Errors
/// If a shard can't be read.
pub fn explain_by_id(
    plan: &Plan,
    listing: &Listing,
    id: &str,
) -> Result<Option<Explanation>, EngineError> {
    let options = plan.config.input.read_options();
    for (number, shard) in listing.shards.iter().enumerate() {
        let mut reader = shard.open(number as u32, &options)?;
        while let Some(block) = reader.next_block()? {
            let Some(batch) = block.parse(&options)?.batch else { continue };
            if let Some(document) =
                batch.documents().iter_mut().find(|document| document.id() == id)
            {
                return Ok(Some(explain(plan, document)));
            }
        }
    }
    Ok(None)
}
