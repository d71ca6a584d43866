//! A condition over metrics and fields, written as an expression.
//!
//! The language has numbers, texts and conditions; metrics of earlier stages, `family.metric`;
//! fields of the document; `|| && ! == != < <= > >= in + - * / %`; and a few functions. It is
//! documented for users in `docs/pipeline-files.md`. An expression is checked before any data is
//! read: every metric must be declared by an earlier stage, and numbers are not compared with texts.
//!
//! Logic has three values. A condition that needs a value that the document does not have is
//! neither met nor unmet; `&&` and `||` are still decided by a part that decides them alone
//! (Kleene 1938, *On notation for ordinal numbers*, as in SQL). What is open in the end goes by
//! [`OnMissing`].

mod check;
mod evaluate;
mod parse;
mod problem;
#[cfg(test)]
mod tests;
mod tree;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::evaluate::Part;
use self::problem::Problem;
use self::tree::Node;
use crate::document::{Bound, Document};
use crate::stage::{Metric, MetricKind, Stage, Verdict, check_unique, intern, is_metric_name};

/// What a condition counts for that hangs on a metric or field that the document does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnMissing {
    /// It is not met: `keep_if` drops the document, `drop_if` keeps it.
    #[default]
    Unmet,
    /// It is met: `keep_if` keeps the document, `drop_if` drops it.
    Met,
    /// The document is dropped for a reason of its own, `expression.NAME_missing`, and the metric
    /// is not annotated.
    Drop,
}

/// The configuration of [`Expression`]: either `keep_if` or `drop_if`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A document is kept if this condition is met, such as
    /// `gopher.words >= 50 && langid.score > 0.65`.
    pub keep_if: Option<String>,
    /// A document is dropped if this condition is met.
    pub drop_if: Option<String>,
    /// The second half of the metric's name and of the reason to drop, `expression.NAME`:
    /// lower-case letters, digits and `_`. `expression` by default; a second expression in a
    /// pipeline needs a name of its own.
    pub name: String,
    /// What a condition counts for that hangs on a metric or field that the document does not
    /// have: `unmet`, `met` or `drop`. `unmet` by default: in most languages a comparison with
    /// nothing is false.
    pub on_missing: OnMissing,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            keep_if: None,
            drop_if: None,
            name: "expression".to_owned(),
            on_missing: OnMissing::Unmet,
        }
    }
}

/// Why an [`Expression`] could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ExpressionError {
    /// Neither or both of `keep_if` and `drop_if` are given.
    #[error("give either keep_if or drop_if")]
    NotOne,
    /// `name` can't be part of a metric's name.
    #[error(
        "name: `{0}` is no name for a metric; use lower-case letters, digits and `_`, a letter first"
    )]
    Name(String),
    /// The expression is wrong.
    #[error("{0}")]
    Wrong(String),
}

/// The metric that the stage annotates when it has the default name.
pub const METRICS: &[Metric] = &[metric("expression.expression")];

const fn metric(name: &'static str) -> Metric {
    Metric {
        name,
        kind: MetricKind::Integer,
        unit: "code",
        meaning: "1 if the expression is true, else 0; called expression.NAME",
    }
}

/// Keeps or drops a document by a condition over its metrics and fields.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::expression::{Config, Expression};
/// use sapwood::stage::Verdict;
///
/// let short = Expression::new(&Config {
///     drop_if: Some("text.characters < 10 || language not in ['en', 'fr']".to_owned()),
///     name: "short_or_foreign".to_owned(),
///     ..Config::default()
/// })?;
/// let mut document = Document::new("a", "Too short").with_language(Some("en"));
/// assert_eq!(document.apply(&short), Verdict::Drop("expression.short_or_foreign".into()));
/// # Ok::<(), sapwood::quality::expression::ExpressionError>(())
/// ```
pub struct Expression {
    /// `keep_if` or `drop_if`.
    key: &'static str,
    written: String,
    tree: Node,
    condition: Part,
    bound: Bound,
    on_missing: OnMissing,
    missing: &'static str,
    metrics: [Metric; 1],
}

impl Expression {
    /// Parses an expression and checks what can be checked without the stages before it.
    ///
    /// # Errors
    /// If not exactly one of `keep_if` and `drop_if` is given, the name is none, or the expression
    /// is wrong: with column, line and the nearest valid name.
    pub fn new(config: &Config) -> Result<Self, ExpressionError> {
        let (key, written, bound) = match (&config.keep_if, &config.drop_if) {
            (Some(written), None) => ("keep_if", written, Bound::AtLeast(1.0)),
            (None, Some(written)) => ("drop_if", written, Bound::AtMost(0.0)),
            _ => return Err(ExpressionError::NotOne),
        };
        if !is_metric_name(&config.name) {
            return Err(ExpressionError::Name(config.name.clone()));
        }
        let wrong =
            |problem: Problem| ExpressionError::Wrong(problem.shown(key, written).to_string());
        let tree = parse::parse(written).map_err(wrong)?;
        let condition = check::check(&tree, None).map_err(wrong)?;
        Ok(Self {
            key,
            written: written.clone(),
            tree,
            condition,
            bound,
            on_missing: config.on_missing,
            missing: intern(&format!("expression.{}_missing", config.name)),
            metrics: [metric(intern(&format!("expression.{}", config.name)))],
        })
    }

    /// Whether the condition is met; `None` if that hangs on a value that the document lacks.
    pub fn holds(&self, document: &Document<'_>) -> Option<bool> {
        self.condition.holds(document)
    }
}

impl Stage for Expression {
    fn name(&self) -> &str {
        "expression"
    }

    fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    fn check(&self, before: &[Metric]) -> Result<(), String> {
        check_unique(&self.metrics, before)?;
        match check::check(&self.tree, Some(before)) {
            Ok(_) => Ok(()),
            Err(problem) => Err(problem.shown(self.key, &self.written).to_string()),
        }
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let met = match (self.holds(document), self.on_missing) {
            (Some(met), _) => Some(met),
            (None, OnMissing::Unmet) => Some(false),
            (None, OnMissing::Met) => Some(true),
            (None, OnMissing::Drop) => None,
        };
        match met {
            Some(met) => {
                let [metric] = &self.metrics;
                document.annotate(metric.name, i64::from(met));
                document.test(metric.name, f64::from(u8::from(met)), self.bound);
            }
            None => document.fail(self.missing),
        }
        document.verdict()
    }
}
