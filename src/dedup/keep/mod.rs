//! Which member of a cluster stays.
//!
//! A policy ranks every document before anyone knows what is alike. A rank is a record: the node, then
//! 8 bytes for each criterion, encoded so that the bytes of what is preferred come first.

mod date;
mod policy;
#[cfg(test)]
mod tests;

pub use self::policy::{Choice, Criterion, Policy, Priority};

use super::barrier::{Collector, Order, Stream};
use crate::document::Document;
use crate::expression::{Extreme, Quantity};
use crate::stage::{Metric, intern};
use crate::text::nearest::nearest;

/// The policies that are a word.
pub const WORDS: [&str; 6] = ["first", "last", "longest", "shortest", "newest", "oldest"];

/// Criteria of a policy at most: records are sorted beside two numbers, and are 64 bytes at most.
const MAX_CRITERIA: usize = 6;

/// The rank of a document that has no value to go by: it loses.
const MISSING: u64 = u64::MAX;

/// A policy that is ready to rank documents.
#[derive(Debug, Clone)]
pub struct Keep {
    ranks: Vec<Rank>,
}

#[derive(Debug, Clone)]
enum Rank {
    Last,
    /// In code points; whether the shortest stays.
    Length(Extreme),
    Date(Extreme),
    Quantity(Extreme, Quantity),
    Priority(Priority),
}

impl Keep {
    /// Parses a policy.
    ///
    /// # Errors
    /// With what is wrong, for people.
    pub fn new(policy: &Policy) -> Result<Self, String> {
        let criteria = policy.criteria();
        if criteria.is_empty() {
            return Err("keep: the list is empty".to_owned());
        }
        let mut ranks = Vec::new();
        let mut decided: Option<&str> = None;
        for criterion in criteria {
            if let Some(word) = decided {
                return Err(format!("keep: nothing behind `{word}` is ever asked; put it last"));
            }
            match criterion {
                Criterion::Written(written) => {
                    let word = WORDS.into_iter().find(|word| *word == written.trim());
                    decided = word.filter(|word| matches!(*word, "first" | "last"));
                    ranks.extend(Rank::parse(word, written)?);
                }
                Criterion::Choice(Choice { priority }) => {
                    priority.check()?;
                    ranks.push(Rank::Priority(priority.clone()));
                }
            }
        }
        if ranks.len() > MAX_CRITERIA {
            let count = ranks.len();
            return Err(format!(
                "keep: {count} criteria are too many; {MAX_CRITERIA} may be given"
            ));
        }
        Ok(Self { ranks })
    }

    /// Checks the policy against the metrics that the stages before declare.
    ///
    /// # Errors
    /// With what is wrong, for people.
    pub fn check(&self, before: &[Metric]) -> Result<(), String> {
        self.ranks.iter().try_for_each(|rank| match rank {
            Rank::Quantity(_, quantity) => quantity.check(before),
            _ => Ok(()),
        })
    }

    /// The metrics that [`collect`](Keep::collect) may read, for
    /// [`Barrier::reads`](super::Barrier::reads).
    pub fn reads(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for rank in &self.ranks {
            match rank {
                Rank::Quantity(_, quantity) => {
                    names.extend(quantity.metrics().iter().map(|name| intern(name)))
                }
                Rank::Priority(priority) if priority.field.contains('.') => {
                    names.push(intern(&priority.field));
                }
                _ => {}
            }
        }
        names
    }

    /// The stream of ranks, if the policy needs one: node, then a rank, of which the lowest stays.
    pub fn stream(&self) -> Option<Stream> {
        let width = 8 + 8 * self.ranks.len();
        (width > 8).then_some(Stream { width, order: Order::Input, node_at: 0 })
    }

    /// Leaves the rank of a document, if the policy needs one.
    pub fn collect(&self, document: &Document<'_>, node: u64, stream: usize, out: &mut Collector) {
        if self.ranks.is_empty() {
            return;
        }
        out.put(stream, &node.to_be_bytes());
        for rank in &self.ranks {
            out.put(stream, &rank.of(document, node).to_be_bytes());
        }
    }
}

impl Rank {
    /// The rank that a criterion stands for; `first` needs none. `word` is the criterion if it is a
    /// known word.
    fn parse(word: Option<&str>, written: &str) -> Result<Option<Self>, String> {
        Ok(Some(match word {
            Some("first") => return Ok(None),
            Some("last") => Self::Last,
            Some("longest") => Self::Length(Extreme::Greatest),
            Some("shortest") => Self::Length(Extreme::Least),
            Some("newest") => Self::Date(Extreme::Greatest),
            Some("oldest") => Self::Date(Extreme::Least),
            _ if written.contains('(') => {
                let (extreme, quantity) = Quantity::parse_extreme("keep", written)?;
                Self::Quantity(extreme, quantity)
            }
            _ => {
                let near = nearest(written.trim(), WORDS).filter(|help| help.starts_with("did"));
                let words = format!("known are {}, max(…), min(…), priority", WORDS.join(", "));
                let help = near.unwrap_or(words);
                return Err(format!("keep: there is no policy `{}`; {help}", written.trim()));
            }
        }))
    }

    /// The rank of a document; the lowest stays.
    fn of(&self, document: &Document<'_>, node: u64) -> u64 {
        match self {
            Self::Last => !node,
            Self::Length(extreme) => {
                directed(*extreme, Some(document.text().chars().count() as u64))
            }
            Self::Date(extreme) => {
                let date = document.field("date").map(|date| date.into_text());
                let moment = date.and_then(|date| date::moment(&date));
                // The lowest number becomes 0.
                directed(*extreme, moment.map(|moment| (moment as u64) ^ (1 << 63)))
            }
            Self::Quantity(extreme, quantity) => {
                directed(*extreme, quantity.value(document).map(ordered))
            }
            Self::Priority(priority) => match priority.value(document) {
                Some(value) => {
                    let place = priority.order.iter().position(|known| *known == value);
                    place.unwrap_or(priority.order.len()) as u64
                }
                None => MISSING,
            },
        }
    }
}

/// The rank of a number, of which the greatest or the least is preferred.
fn directed(extreme: Extreme, number: Option<u64>) -> u64 {
    match (number, extreme) {
        (None, _) => MISSING,
        (Some(number), Extreme::Least) => number.min(MISSING - 1),
        (Some(number), Extreme::Greatest) => (!number).min(MISSING - 1),
    }
}

/// A number that sorts as the other does, which is not NaN; -0 is 0.
fn ordered(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    match bits >> 63 {
        0 => bits | 1 << 63,
        _ => !bits,
    }
}
