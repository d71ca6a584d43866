//! From a tree to what is evaluated: names become sources, and types are checked.

use std::ops::Range;

use regex::Regex;

use super::evaluate::{Origin, Part};
use super::problem::Problem;
use super::tree::{Comparison, Function, Kind, Literal, Node};
use crate::stage::{Metric, MetricKind};
use crate::text::nearest::nearest;

/// The type of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Number,
    Text,
    Boolean,
    /// Not known before the document is: a field of the record, or a metric whose stage is not.
    Unknown,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Boolean => "a condition",
            Self::Unknown => "of unknown type",
        }
    }

    fn may_be(self, other: Self) -> bool {
        self == other || self == Self::Unknown || other == Self::Unknown
    }
}

/// Names that are no metrics, and what each stands for.
pub const FIELDS: [(&str, Origin, Type); 9] = [
    ("language", Origin::Language, Type::Text),
    ("url", Origin::Url, Type::Text),
    ("source", Origin::Source, Type::Text),
    ("id", Origin::Id, Type::Text),
    ("license", Origin::License, Type::Text),
    ("date", Origin::Date, Type::Text),
    ("text", Origin::Text, Type::Text),
    ("text.bytes", Origin::Bytes, Type::Number),
    ("text.characters", Origin::Characters, Type::Number),
];

/// Checks an expression and readies it for evaluation. `metrics` are those that the stages before
/// declare; `None` if that is not known yet, so that every metric is taken to be there. The whole must
/// be of one of the types that are wanted.
///
/// # Errors
/// If a name is unknown, a type is wrong, or a regular expression is none.
pub fn check(node: &Node, metrics: Option<&[Metric]>, wanted: &[Type]) -> Result<Part, Problem> {
    let checker = Checker { metrics };
    let (part, kind) = checker.part(node)?;
    if !wanted.iter().any(|wanted| kind.may_be(*wanted)) {
        let names: Vec<&str> = wanted.iter().map(|wanted| wanted.name()).collect();
        let message =
            format!("the expression must be {}, but this is {}", names.join(" or "), kind.name());
        return Err(Problem::new(node.span.clone(), message));
    }
    Ok(part)
}

/// Whether a name is that of a metric.
pub fn is_metric(name: &str) -> bool {
    FIELDS.iter().all(|(own, ..)| *own != name)
}

fn wants(node: &Node, found: Type, wanted: Type, what: &str) -> Result<(), Problem> {
    if found.may_be(wanted) {
        return Ok(());
    }
    let message = format!("{what} takes {}, but this is {}", wanted.name(), found.name());
    Err(Problem::new(node.span.clone(), message))
}

struct Checker<'m> {
    metrics: Option<&'m [Metric]>,
}

impl Checker<'_> {
    fn part(&self, node: &Node) -> Result<(Part, Type), Problem> {
        Ok(match &node.kind {
            Kind::Literal(literal) => (Part::Constant(literal.clone()), literal_type(literal)),
            Kind::Name(name) => {
                let (source, kind) = self.source(name, &node.span)?;
                (Part::Source(source), kind)
            }
            Kind::Not(inner) => {
                (Part::Not(Box::new(self.typed(inner, Type::Boolean, "`!`")?)), Type::Boolean)
            }
            Kind::Negative(inner) => {
                (Part::Negative(Box::new(self.typed(inner, Type::Number, "`-`")?)), Type::Number)
            }
            Kind::All(parts) => {
                (Part::All(self.all_typed(parts, Type::Boolean, "`&&`")?), Type::Boolean)
            }
            Kind::Any(parts) => {
                (Part::Any(self.all_typed(parts, Type::Boolean, "`||`")?), Type::Boolean)
            }
            Kind::Compare(comparison, sides) => {
                (self.comparison(node, *comparison, sides)?, Type::Boolean)
            }
            Kind::Calculate(operator, sides) => {
                let what = format!("`{}`", operator.spelling());
                let left = self.typed(&sides[0], Type::Number, &what)?;
                let right = self.typed(&sides[1], Type::Number, &what)?;
                (Part::Calculate(*operator, Box::new([left, right])), Type::Number)
            }
            Kind::Among { negated, needle, list } => {
                (self.among(*negated, needle, list)?, Type::Boolean)
            }
            Kind::Call(function, arguments) => self.call(node, *function, arguments)?,
        })
    }

    fn typed(&self, node: &Node, wanted: Type, what: &str) -> Result<Part, Problem> {
        let (part, found) = self.part(node)?;
        wants(node, found, wanted, what)?;
        Ok(part)
    }

    fn all_typed(&self, nodes: &[Node], wanted: Type, what: &str) -> Result<Vec<Part>, Problem> {
        nodes.iter().map(|node| self.typed(node, wanted, what)).collect()
    }

    fn source(&self, name: &str, span: &Range<usize>) -> Result<(Origin, Type), Problem> {
        if let Some((_, source, kind)) = FIELDS.iter().find(|(own, ..)| *own == name) {
            return Ok((source.clone(), *kind));
        }
        let record = format!("a field of the record is written field(\"{name}\")");
        if !name.contains('.') {
            let message = format!("there is no field `{name}`");
            let near = self.nearest(name).filter(|help| help.starts_with("did"));
            return Err(Problem::new(span.clone(), message).with_help(near.or(Some(record))));
        }
        let Some(metrics) = self.metrics else {
            return Ok((Origin::Metric(name.to_owned()), Type::Unknown));
        };
        match metrics.iter().find(|metric| metric.name == name) {
            Some(metric) => Ok((
                Origin::Metric(name.to_owned()),
                match metric.kind {
                    MetricKind::Integer | MetricKind::Float => Type::Number,
                    MetricKind::Text => Type::Text,
                },
            )),
            None => {
                let message = format!("no stage before this one has a metric `{name}`");
                let help = match self.nearest(name) {
                    Some(known) if !known.starts_with("did") => format!("{record}; {known}"),
                    near => near.unwrap_or(record),
                };
                Err(Problem::new(span.clone(), message).with_help(Some(help)))
            }
        }
    }

    /// The name that is nearest to a wrong one: of its family, if that is there.
    fn nearest(&self, name: &str) -> Option<String> {
        let metrics = self.metrics.unwrap_or_default().iter().map(|metric| metric.name);
        let known: Vec<&str> = metrics.chain(FIELDS.iter().map(|(own, ..)| *own)).collect();
        let family = name.split_once('.').map(|(family, _)| format!("{family}."));
        let kin = |own: &&&str| family.as_ref().is_some_and(|family| own.starts_with(family));
        let kin: Vec<&str> = known.iter().filter(kin).copied().collect();
        nearest(name, if kin.is_empty() { known } else { kin })
    }

    fn comparison(
        &self,
        node: &Node,
        comparison: Comparison,
        sides: &[Node; 2],
    ) -> Result<Part, Problem> {
        let (left, left_type) = self.part(&sides[0])?;
        let (right, right_type) = self.part(&sides[1])?;
        let order = !matches!(comparison, Comparison::Equal | Comparison::Unequal);
        let spelling = comparison.spelling();
        let span = || node.span.clone();
        if !left_type.may_be(right_type) {
            let (left, right) = (left_type.name(), right_type.name());
            let message = format!("`{spelling}` compares {left} with {right}");
            return Err(Problem::new(span(), message));
        }
        if order && (left_type == Type::Boolean || right_type == Type::Boolean) {
            return Err(Problem::new(
                span(),
                format!("`{spelling}` has no meaning for conditions"),
            ));
        }
        Ok(Part::Compare(comparison, Box::new([left, right])))
    }

    fn among(
        &self,
        negated: bool,
        needle: &Node,
        list: &[(Literal, Range<usize>)],
    ) -> Result<Part, Problem> {
        let (part, mut wanted) = self.part(needle)?;
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        for (literal, span) in list {
            let found = literal_type(literal);
            if found == Type::Boolean || !found.may_be(wanted) {
                let message = match wanted {
                    Type::Unknown => "a list holds numbers or texts".to_owned(),
                    _ => format!("{} is looked for, but this is {}", wanted.name(), found.name()),
                };
                return Err(Problem::new(span.clone(), message));
            }
            wanted = found;
            match literal {
                Literal::Number(number) => numbers.push(*number),
                Literal::Text(text) => texts.push(text.clone().into_boxed_str()),
                Literal::Boolean(_) => {}
            }
        }
        if wanted == Type::Boolean {
            let message = "a condition is not looked for in a list";
            return Err(Problem::new(needle.span.clone(), message));
        }
        texts.sort_unstable();
        Ok(Part::Among { negated, needle: Box::new(part), numbers, texts })
    }

    fn call(
        &self,
        node: &Node,
        function: Function,
        arguments: &[Node],
    ) -> Result<(Part, Type), Problem> {
        let name = function.spelling();
        let takes = |what: &str| {
            let message =
                format!("{name} takes {what}, but is given {} arguments", arguments.len());
            Problem::new(node.span.clone(), message)
        };
        let text = |node: &Node| self.typed(node, Type::Text, name);
        Ok(match function {
            Function::Field => {
                let [argument] = arguments else { return Err(takes("one path")) };
                let path = constant_text(argument, "field takes a path as a constant text")?;
                (Part::Source(Origin::Field(path.to_owned())), Type::Unknown)
            }
            Function::Has => {
                let [argument] = arguments else { return Err(takes("one metric or field")) };
                match self.part(argument)? {
                    (Part::Source(source), _) => (Part::Has(source), Type::Boolean),
                    _ => {
                        let message = "has takes the name of a metric or field";
                        return Err(Problem::new(argument.span.clone(), message));
                    }
                }
            }
            Function::StartsWith | Function::EndsWith | Function::Contains => {
                let [whole, piece] = arguments else { return Err(takes("two texts")) };
                let sides = Box::new([text(whole)?, text(piece)?]);
                let part = match function {
                    Function::StartsWith => Part::StartsWith(sides),
                    Function::EndsWith => Part::EndsWith(sides),
                    _ => Part::Contains(sides),
                };
                (part, Type::Boolean)
            }
            Function::Matches => {
                let [whole, pattern] = arguments else {
                    return Err(takes("a text and a regular expression"));
                };
                let whole = text(whole)?;
                let written = constant_text(
                    pattern,
                    "matches takes a regular expression as a constant text",
                )?;
                let regex = Regex::new(written).map_err(|error| {
                    // The last line says what is wrong, those before show where.
                    let reason = error.to_string();
                    let reason = reason.lines().last().unwrap_or_default().trim();
                    let reason = reason.trim_start_matches("error: ");
                    Problem::new(pattern.span.clone(), format!("no regular expression: {reason}"))
                })?;
                (Part::Matches(Box::new(whole), regex), Type::Boolean)
            }
            Function::Min | Function::Max => {
                if arguments.len() < 2 {
                    return Err(takes("two numbers or more"));
                }
                let parts = self.all_typed(arguments, Type::Number, name)?;
                let part =
                    if function == Function::Min { Part::Min(parts) } else { Part::Max(parts) };
                (part, Type::Number)
            }
            Function::Abs => {
                let [argument] = arguments else { return Err(takes("one number")) };
                let part = self.typed(argument, Type::Number, name)?;
                (Part::Abs(Box::new(part)), Type::Number)
            }
        })
    }
}

fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Number(_) => Type::Number,
        Literal::Text(_) => Type::Text,
        Literal::Boolean(_) => Type::Boolean,
    }
}

fn constant_text<'n>(node: &'n Node, message: &str) -> Result<&'n str, Problem> {
    match &node.kind {
        Kind::Literal(Literal::Text(text)) => Ok(text),
        _ => Err(Problem::new(node.span.clone(), message)),
    }
}
