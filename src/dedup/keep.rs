//! Which member of a cluster stays.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::barrier::{Collector, Order, Stream};
use crate::document::Document;
use crate::stage::Metric;

/// Which member of a cluster of duplicates stays: `first`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Policy(pub String);

impl Default for Policy {
    fn default() -> Self {
        Self("first".to_owned())
    }
}

/// A policy that is ready to rank documents.
#[derive(Debug, Clone)]
pub struct Keep {}

impl Keep {
    /// Parses a policy.
    ///
    /// # Errors
    /// With what is wrong, for people.
    pub fn new(policy: &Policy) -> Result<Self, String> {
        match policy.0.as_str() {
            "first" => Ok(Self {}),
            other => Err(format!("keep: `{other}` is no policy")),
        }
    }

    /// Checks the policy against the metrics that the stages before declare.
    ///
    /// # Errors
    /// With what is wrong, for people.
    pub fn check(&self, before: &[Metric]) -> Result<(), String> {
        let _ = before;
        Ok(())
    }

    /// The stream of ranks, if the policy needs one: node, then a rank, of which the lowest stays.
    pub fn stream(&self) -> Option<Stream> {
        let _ = Stream { width: 16, order: Order::Input, node_at: 0 };
        None
    }

    /// Leaves the rank of a document, if the policy needs one.
    pub fn collect(&self, document: &Document<'_>, node: u64, stream: usize, out: &mut Collector) {
        let _ = (document, node, stream, out);
    }
}
