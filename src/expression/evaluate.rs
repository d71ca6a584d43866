//! The value of an expression for a document. Nothing is allocated for metrics and the document's
//! own fields; a field of the record is looked for in it each time.

use std::borrow::Cow;

use regex::Regex;

use super::tree::{Comparison, Literal, Operator};
use crate::document::{Document, Field, Value};

/// A part of an expression, ready to be evaluated.
#[derive(Debug, Clone)]
pub enum Part {
    Constant(Literal),
    Source(Origin),
    Not(Box<Part>),
    Negative(Box<Part>),
    All(Vec<Part>),
    Any(Vec<Part>),
    Compare(Comparison, Box<[Part; 2]>),
    Calculate(Operator, Box<[Part; 2]>),
    Among {
        negated: bool,
        needle: Box<Part>,
        /// What may be found, if it is a number.
        numbers: Vec<f64>,
        /// What may be found, if it is a text; sorted.
        texts: Vec<Box<str>>,
    },
    Has(Origin),
    StartsWith(Box<[Part; 2]>),
    EndsWith(Box<[Part; 2]>),
    Contains(Box<[Part; 2]>),
    Matches(Box<Part>, Regex),
    Min(Vec<Part>),
    Max(Vec<Part>),
    Abs(Box<Part>),
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    Metric(String),
    Field(String),
    Language,
    Url,
    Source,
    Id,
    License,
    Date,
    Text,
    Bytes,
    Characters,
}

/// A value; `None` is a missing one.
type Found<'v> = Option<Is<'v>>;

#[derive(Debug, Clone, PartialEq)]
enum Is<'v> {
    Number(f64),
    Text(Cow<'v, str>),
    Boolean(bool),
}

impl Part {
    /// Whether the condition is met; `None` if that hangs on a value that is missing.
    pub fn holds(&self, document: &Document<'_>) -> Option<bool> {
        match self {
            Self::Not(inner) => Some(!inner.holds(document)?),
            Self::All(parts) => decided_by(false, parts, document),
            Self::Any(parts) => decided_by(true, parts, document),
            Self::Compare(comparison, sides) => compare(*comparison, sides, document),
            Self::Among { negated, needle, numbers, texts } => {
                let found = match needle.value(document)? {
                    Is::Number(number) if texts.is_empty() => numbers.contains(&number),
                    Is::Text(text) if numbers.is_empty() => {
                        texts.binary_search_by(|known| (**known).cmp(&text)).is_ok()
                    }
                    _ => return None,
                };
                Some(found != *negated)
            }
            Self::Has(source) => Some(source.value(document).is_some()),
            Self::StartsWith(sides) => texts(sides, document, |a, b| a.starts_with(b)),
            Self::EndsWith(sides) => texts(sides, document, |a, b| a.ends_with(b)),
            Self::Contains(sides) => texts(sides, document, |a, b| {
                memchr::memmem::find(a.as_bytes(), b.as_bytes()).is_some()
            }),
            Self::Matches(whole, regex) => Some(regex.is_match(&whole.text(document)?)),
            Self::Constant(_)
            | Self::Source(_)
            | Self::Negative(_)
            | Self::Calculate(..)
            | Self::Min(_)
            | Self::Max(_)
            | Self::Abs(_) => match self.value(document)? {
                Is::Boolean(value) => Some(value),
                Is::Number(_) | Is::Text(_) => None,
            },
        }
    }

    fn value<'v>(&'v self, document: &'v Document<'_>) -> Found<'v> {
        match self {
            Self::Constant(Literal::Number(number)) => Some(Is::Number(*number)),
            Self::Constant(Literal::Text(text)) => Some(Is::Text(Cow::Borrowed(text))),
            Self::Constant(Literal::Boolean(value)) => Some(Is::Boolean(*value)),
            Self::Source(source) => source.value(document),
            Self::Negative(_)
            | Self::Calculate(..)
            | Self::Min(_)
            | Self::Max(_)
            | Self::Abs(_) => self.number(document).map(Is::Number),
            _ => self.holds(document).map(Is::Boolean),
        }
    }

    /// The part as a number. What is none, such as the quotient of a division by zero, is missing.
    fn number(&self, document: &Document<'_>) -> Option<f64> {
        let number = match self {
            Self::Negative(inner) => -inner.number(document)?,
            Self::Abs(inner) => inner.number(document)?.abs(),
            Self::Calculate(operator, sides) => {
                let (left, right) = (sides[0].number(document)?, sides[1].number(document)?);
                match operator {
                    Operator::Add => left + right,
                    Operator::Subtract => left - right,
                    Operator::Multiply => left * right,
                    Operator::Divide | Operator::Remainder if right == 0.0 => return None,
                    Operator::Divide => left / right,
                    Operator::Remainder => left % right,
                }
            }
            Self::Min(parts) => extreme(parts, document, f64::min)?,
            Self::Max(parts) => extreme(parts, document, f64::max)?,
            _ => match self.value(document)? {
                Is::Number(number) => number,
                Is::Text(_) | Is::Boolean(_) => return None,
            },
        };
        Some(number).filter(|number| !number.is_nan())
    }

    /// The part as a number, where a condition counts 1 if it is met and 0 if not.
    pub fn quantity(&self, document: &Document<'_>) -> Option<f64> {
        match self.value(document)? {
            Is::Number(number) => Some(number).filter(|number| !number.is_nan()),
            Is::Boolean(met) => Some(f64::from(u8::from(met))),
            Is::Text(_) => None,
        }
    }

    fn text<'v>(&'v self, document: &'v Document<'_>) -> Option<Cow<'v, str>> {
        match self.value(document)? {
            Is::Text(text) => Some(text),
            Is::Number(_) | Is::Boolean(_) => None,
        }
    }
}

impl Origin {
    fn value<'v>(&'v self, document: &'v Document<'_>) -> Found<'v> {
        let text = |text: Option<&'v str>| text.map(|text| Is::Text(Cow::Borrowed(text)));
        match self {
            Self::Metric(name) => match document.metric(name)? {
                Value::Integer(number) => Some(Is::Number(*number as f64)),
                Value::Float(number) if number.is_nan() => None,
                Value::Float(number) => Some(Is::Number(*number)),
                Value::Text(label) => Some(Is::Text(Cow::Borrowed(label))),
            },
            Self::Field(path) => document.field(path).map(|field| match field {
                Field::Text(text) => Is::Text(text),
                Field::Number(number) => Is::Number(number),
                Field::Boolean(value) => Is::Boolean(value),
            }),
            Self::License => document.field("license").map(|field| Is::Text(field.into_text())),
            Self::Date => document.field("date").map(|field| Is::Text(field.into_text())),
            Self::Language => text(document.language()),
            Self::Url => text(document.url()),
            Self::Source => text(document.source()),
            Self::Id => text(Some(document.id())),
            Self::Text => text(Some(document.text())),
            Self::Bytes => Some(Is::Number(document.text().len() as f64)),
            Self::Characters => Some(Is::Number(document.view().characters() as f64)),
        }
    }
}

/// Whether a part has the deciding value; missing ones leave it open if none has.
fn decided_by(deciding: bool, parts: &[Part], document: &Document<'_>) -> Option<bool> {
    let mut value = Some(!deciding);
    for part in parts {
        match part.holds(document) {
            Some(found) if found == deciding => return Some(deciding),
            Some(_) => {}
            None => value = None,
        }
    }
    value
}

fn compare(comparison: Comparison, sides: &[Part; 2], document: &Document<'_>) -> Option<bool> {
    let order = match (sides[0].value(document)?, sides[1].value(document)?) {
        (Is::Number(left), Is::Number(right)) => left.partial_cmp(&right)?,
        (Is::Text(left), Is::Text(right)) => left.cmp(&right),
        (Is::Boolean(left), Is::Boolean(right)) => left.cmp(&right),
        _ => return None,
    };
    Some(match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::Unequal => order.is_ne(),
        Comparison::Below => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::Above => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
    })
}

fn texts(
    sides: &[Part; 2],
    document: &Document<'_>,
    test: impl Fn(&str, &str) -> bool,
) -> Option<bool> {
    Some(test(&sides[0].text(document)?, &sides[1].text(document)?))
}

fn extreme(parts: &[Part], document: &Document<'_>, better: fn(f64, f64) -> f64) -> Option<f64> {
    let mut numbers = parts.iter().map(|part| part.number(document));
    let first = numbers.next()??;
    numbers.try_fold(first, |best, number| Some(better(best, number?)))
}
