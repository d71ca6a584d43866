//! A condition over metrics and fields, written in the language of [`expression`](crate::expression).
//! What is open in the end, because a value is missing, goes by [`OnMissing`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Bound, Document};
use crate::expression::Condition;
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
    condition: Condition,
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
        Ok(Self {
            condition: Condition::parse(key, written).map_err(ExpressionError::Wrong)?,
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
        self.condition.check(before)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Value;

    fn document() -> Document<'static> {
        let mut document = Document::new("doc", "text");
        document.annotate("m.words", 3_i64);
        document
    }

    fn numbers(names: &[&'static str]) -> Vec<Metric> {
        names.iter().map(|name| metric(name)).collect()
    }

    fn stage(config: Config) -> Expression {
        Expression::new(&config).unwrap()
    }

    fn keep(text: &str) -> Config {
        Config { keep_if: Some(text.to_owned()), ..Config::default() }
    }

    #[test]
    fn documents_are_kept_or_dropped_and_the_metric_says_why() {
        let mut document = document();
        assert_eq!(document.apply(&stage(keep("m.words >= 3"))), Verdict::Keep);
        assert_eq!(document.metric("expression.expression"), Some(&Value::Integer(1)));
        let reason = Verdict::Drop("expression.expression".into());
        assert_eq!(document.apply(&stage(keep("m.words > 3"))), reason);
        assert_eq!(document.metric("expression.expression"), Some(&Value::Integer(0)));
        let drop = |text: &str| Config {
            drop_if: Some(text.to_owned()),
            name: "own_2".to_owned(),
            ..Config::default()
        };
        assert_eq!(document.apply(&stage(drop("m.words > 3"))), Verdict::Keep);
        let reason = Verdict::Drop("expression.own_2".into());
        assert_eq!(document.apply(&stage(drop("m.words >= 3"))), reason);
        assert_eq!(document.metric("expression.own_2"), Some(&Value::Integer(1)));
        assert_eq!(document.tests().last().map(|test| test.bound), Some(Bound::AtMost(0.0)));
    }

    #[test]
    fn missing_values_go_by_the_configuration() {
        for (on_missing, kept_if, dropped_if, annotated) in [
            (OnMissing::Unmet, Some("expression.expression"), None, Some(0)),
            (OnMissing::Met, None, Some("expression.expression"), Some(1)),
            (
                OnMissing::Drop,
                Some("expression.expression_missing"),
                Some("expression.expression_missing"),
                None,
            ),
        ] {
            let text = Some("m.none > 1".to_owned());
            let keep = Config { keep_if: text.clone(), on_missing, ..Config::default() };
            let drop = Config { drop_if: text, on_missing, ..Config::default() };
            for (config, expected) in [(keep, kept_if), (drop, dropped_if)] {
                let mut document = document();
                let expected = expected
                    .map_or(Verdict::Keep, |reason| Verdict::Drop(reason.to_owned().into()));
                assert_eq!(document.apply(&stage(config)), expected, "{on_missing:?}");
                let metric = document.metric("expression.expression").and_then(Value::number);
                assert_eq!(metric, annotated.map(f64::from));
            }
        }
    }

    #[test]
    fn a_configuration_that_cannot_work_is_refused() {
        let message = |config: Config| Expression::new(&config).err().unwrap().to_string();
        assert!(message(Config::default()).contains("either keep_if or drop_if"));
        let both = Config { drop_if: Some("true".to_owned()), ..keep("true") };
        assert!(message(both).contains("either keep_if or drop_if"));
        for name in ["", "a.b", "Ä", "2x", "a b"] {
            let config = Config { name: name.to_owned(), ..keep("true") };
            assert!(message(config).contains("no name for a metric"), "{name}");
        }
        assert!(message(keep("tru")).starts_with("keep_if, column 1: there is no field `tru`"));
    }

    #[test]
    fn earlier_stages_must_declare_what_is_named() {
        let before = numbers(&["m.words"]);
        assert_eq!(stage(keep("m.words > 1")).check(&before), Ok(()));
        let error = stage(keep("m.wrods > 1")).check(&before).unwrap_err();
        assert!(error.contains("column 1") && error.contains("did you mean `m.words`?"), "{error}");
        let error = stage(keep("m.words == 'a'")).check(&before).unwrap_err();
        assert!(error.contains("compares a number with a text"), "{error}");
        let before = numbers(&["expression.expression"]);
        let error = stage(keep("true")).check(&before).unwrap_err();
        assert!(error.contains("give this stage another `name`"), "{error}");
    }
}
