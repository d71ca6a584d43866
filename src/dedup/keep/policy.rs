//! How a policy is written in a pipeline file.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::WORDS;
use crate::document::{Document, Value};

/// Which member of a cluster of duplicates stays: a criterion, or a list of them, in which later ones
/// break ties of those before. What is still equal goes by input order: the first stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Policy {
    /// One criterion.
    One(Criterion),
    /// Several, the most important first.
    Several(Vec<Criterion>),
}

/// What makes one member of a cluster stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Criterion {
    /// `first`, `last`, `longest`, `shortest`, `newest`, `oldest`, `max(…)` or `min(…)`.
    Written(String),
    /// By the value of a field.
    Choice(Choice),
}

/// A preference among the values of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The field and its values.
    pub priority: Priority,
}

/// Values of a field, the preferred ones first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Priority {
    /// The field: `source`, `language`, any other of the record, such as `meta.dump`, or a metric of
    /// an earlier stage.
    pub field: String,
    /// Its values, the best first. Others come behind all of these, and a document without a value
    /// behind those.
    pub order: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self::from("first")
    }
}

impl From<&str> for Policy {
    fn from(written: &str) -> Self {
        Self::One(Criterion::Written(written.to_owned()))
    }
}

impl Policy {
    /// The criteria, the most important first.
    pub fn criteria(&self) -> &[Criterion] {
        match self {
            Self::One(criterion) => std::slice::from_ref(criterion),
            Self::Several(criteria) => criteria,
        }
    }
}

impl Priority {
    /// Checks that it says something.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.field.is_empty() || self.order.is_empty() {
            return Err("keep: priority needs a field and an order of its values".to_owned());
        }
        for (number, value) in self.order.iter().enumerate() {
            if self.order.iter().take(number).any(|before| before == value) {
                return Err(format!("keep: priority has the value `{value}` twice"));
            }
        }
        Ok(())
    }

    /// The value of a document.
    pub(super) fn value<'d>(&self, document: &'d Document<'_>) -> Option<Cow<'d, str>> {
        // The language is what the stages have decided, not what the document came with.
        if self.field == "language"
            && let Some(language) = document.language()
        {
            return Some(Cow::Borrowed(language));
        }
        match document.metric(&self.field) {
            Some(Value::Text(label)) => Some(Cow::Borrowed(label)),
            Some(Value::Integer(number)) => Some(Cow::Owned(number.to_string())),
            Some(Value::Float(number)) => Some(Cow::Owned(number.to_string())),
            None => document.field(&self.field).map(|field| field.into_text()),
        }
    }
}

const EXPECTED: &str =
    "`first`, `last`, `longest`, `shortest`, `newest`, `oldest`, max(…), min(…) or {priority: …}";

struct CriterionVisitor;

impl<'de> Visitor<'de> for CriterionVisitor {
    type Value = Criterion;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(EXPECTED)
    }

    fn visit_str<E: serde::de::Error>(self, written: &str) -> Result<Criterion, E> {
        Ok(Criterion::Written(written.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Criterion, A::Error> {
        Choice::deserialize(MapAccessDeserializer::new(map)).map(Criterion::Choice)
    }
}

impl<'de> Deserialize<'de> for Criterion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CriterionVisitor)
    }
}

struct PolicyVisitor;

impl<'de> Visitor<'de> for PolicyVisitor {
    type Value = Policy;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{EXPECTED}, or a list of these")
    }

    fn visit_str<E: serde::de::Error>(self, written: &str) -> Result<Policy, E> {
        CriterionVisitor.visit_str(written).map(Policy::One)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Policy, A::Error> {
        CriterionVisitor.visit_map(map).map(Policy::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Policy, A::Error> {
        let mut criteria = Vec::new();
        while let Some(criterion) = list.next_element()? {
            criteria.push(criterion);
        }
        Ok(Policy::Several(criteria))
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PolicyVisitor)
    }
}

impl JsonSchema for Criterion {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("KeepCriterion")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                {
                    "description": "`first`, `last`: by input order. `longest`, `shortest`: by the code points of the text. `newest`, `oldest`: by the field `date`, ISO 8601 or seconds since 1970; one without a date loses.",
                    "type": "string",
                    "enum": WORDS,
                },
                {
                    "description": "`max(EXPR)` or `min(EXPR)`: where a quantity over metrics of earlier stages and fields is greatest or least, such as `max(langid.score)`; a document that lacks a value loses.",
                    "type": "string",
                    "pattern": r"^\s*(max|min)\s*\([\s\S]*\)\s*$",
                },
                generator.subschema_for::<Choice>(),
            ]
        })
    }
}

impl JsonSchema for Policy {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Keep")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let criterion = generator.subschema_for::<Criterion>();
        json_schema!({
            "description": "Which member of a cluster of duplicates stays: a criterion, or a list of them, in which later ones break ties of those before. What is still equal goes by input order: the first stays.",
            "anyOf": [
                criterion,
                { "type": "array", "items": criterion, "minItems": 1 },
            ]
        })
    }
}
