//! The language of conditions and quantities over a document's metrics and fields.
//!
//! It has numbers, texts and conditions; metrics of earlier stages, `family.metric`; fields of the
//! document; `|| && ! == != < <= > >= in + - * / %`; and a few functions. It is documented for
//! users in `docs/pipeline-files.md`. An expression is checked before any data is read: every metric
//! must be declared by an earlier stage, and numbers are not compared with texts.
//!
//! Logic has three values. A condition that needs a value that the document does not have is
//! neither met nor unmet; `&&` and `||` are still decided by a part that decides them alone
//! (Kleene 1938, *On notation for ordinal numbers*, as in SQL). What is open in the end is for
//! whoever asks to decide.

mod check;
mod evaluate;
mod parse;
mod problem;
#[cfg(test)]
mod tests;
mod tree;

use self::check::{Type, check};
use self::evaluate::Part;
use self::parse::parse;
use self::problem::Problem;
use self::tree::{Function, Kind, Node};
use crate::document::Document;
use crate::stage::Metric;

/// An expression and where it stands in a configuration.
#[derive(Debug, Clone)]
struct Source {
    key: &'static str,
    written: String,
    tree: Node,
}

impl Source {
    fn parse(key: &'static str, written: &str) -> Result<Self, String> {
        let tree = parse(written).map_err(|problem| problem.shown(key, written).to_string())?;
        Ok(Self { key, written: written.to_owned(), tree })
    }

    fn check(&self, metrics: Option<&[Metric]>, wanted: &[Type]) -> Result<Part, String> {
        check(&self.tree, metrics, wanted).map_err(|problem| self.shown(&problem))
    }

    fn shown(&self, problem: &Problem) -> String {
        problem.shown(self.key, &self.written).to_string()
    }
}

/// An expression that a document meets or not.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::expression::Condition;
///
/// let short = Condition::parse("drop_if", "text.characters < 10 || language != 'en'")?;
/// assert_eq!(short.holds(&Document::new("a", "Too short")), Some(true));
/// assert_eq!(short.holds(&Document::new("a", "Long enough, but in what language?")), None);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone)]
pub struct Condition {
    source: Source,
    part: Part,
}

impl Condition {
    /// Parses an expression and checks what can be checked without the stages before it. `key` is
    /// what it is called in messages.
    ///
    /// # Errors
    /// With what is wrong, for people: column, line and the nearest valid name.
    pub fn parse(key: &'static str, written: &str) -> Result<Self, String> {
        let source = Source::parse(key, written)?;
        let part = source.check(None, &[Type::Boolean])?;
        Ok(Self { source, part })
    }

    /// Checks it against the metrics that the stages before declare.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn check(&self, before: &[Metric]) -> Result<(), String> {
        self.source.check(Some(before), &[Type::Boolean]).map(|_| ())
    }

    /// Whether the condition is met; `None` if that hangs on a value that the document lacks.
    pub fn holds(&self, document: &Document<'_>) -> Option<bool> {
        self.part.holds(document)
    }
}

/// What of several documents is preferred: where a quantity is greatest, or where it is least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extreme {
    /// `max(QUANTITY)`
    Greatest,
    /// `min(QUANTITY)`
    Least,
}

/// An expression whose value is a number. A condition counts 1 where it is met and 0 where not.
#[derive(Debug, Clone)]
pub struct Quantity {
    source: Source,
    part: Part,
}

const NUMBERS: &[Type] = &[Type::Number, Type::Boolean];

impl Quantity {
    /// Parses an expression and checks what can be checked without the stages before it.
    ///
    /// # Errors
    /// As [`Condition::parse`].
    pub fn parse(key: &'static str, written: &str) -> Result<Self, String> {
        Self::of(Source::parse(key, written)?)
    }

    /// Parses `max(QUANTITY)` or `min(QUANTITY)`.
    ///
    /// # Errors
    /// As [`Condition::parse`]; if it is neither of the two, or of more than one quantity.
    ///
    /// # Examples
    ///
    /// ```
    /// use sapwood::document::Document;
    /// use sapwood::expression::{Extreme, Quantity};
    ///
    /// let (extreme, quantity) = Quantity::parse_extreme("keep", "max(text.bytes / 2)")?;
    /// assert_eq!(extreme, Extreme::Greatest);
    /// assert_eq!(quantity.value(&Document::new("a", "four")), Some(2.0));
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse_extreme(key: &'static str, written: &str) -> Result<(Extreme, Self), String> {
        let mut source = Source::parse(key, written)?;
        let span = source.tree.span.clone();
        let (extreme, mut arguments) = match source.tree.kind {
            Kind::Call(Function::Max, arguments) => (Extreme::Greatest, arguments),
            Kind::Call(Function::Min, arguments) => (Extreme::Least, arguments),
            _ => {
                let problem = Problem::new(span, "this is neither max(…) nor min(…)");
                return Err(problem.shown(key, written).to_string());
            }
        };
        match (arguments.pop(), arguments.is_empty()) {
            (Some(only), true) => source.tree = only,
            _ => {
                let name = if extreme == Extreme::Greatest { "max" } else { "min" };
                let message = format!("{name} takes one quantity here");
                let help = format!("the greater of two is {name}(max(a, b))");
                let problem = Problem::new(span, message).with_help(Some(help));
                return Err(problem.shown(key, written).to_string());
            }
        }
        Ok((extreme, Self::of(source)?))
    }

    fn of(source: Source) -> Result<Self, String> {
        let part = source.check(None, NUMBERS)?;
        Ok(Self { source, part })
    }

    /// Checks it against the metrics that the stages before declare.
    ///
    /// # Errors
    /// As [`Condition::parse`].
    pub fn check(&self, before: &[Metric]) -> Result<(), String> {
        self.source.check(Some(before), NUMBERS).map(|_| ())
    }

    /// The metrics that are read, in the order in which they are written.
    pub fn metrics(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.source.tree.each_name(&mut |name| {
            if check::is_metric(name) && !names.contains(&name) {
                names.push(name);
            }
        });
        names
    }

    /// The number; `None` if it hangs on a value that the document lacks, or is none. It may be
    /// infinite.
    pub fn value(&self, document: &Document<'_>) -> Option<f64> {
        self.part.quantity(document)
    }
}
