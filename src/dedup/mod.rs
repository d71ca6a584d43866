//! Deduplication: stages that need all documents, and so stand as barriers between passes.

pub mod exact;
pub mod roots;

use crate::document::Document;

/// A stage that needs all documents.
///
/// During a map pass it leaves a compact key for every document; between passes the engine sorts
/// the keys in partitions, out of core, and of all documents with one key only the first in input
/// order stays; the next pass applies that verdict.
pub trait Barrier: Send + Sync {
    /// The stage's name as it stands in a pipeline file.
    fn name(&self) -> &str;

    /// The rule that a removed document failed.
    fn reason(&self) -> &'static str;

    /// The document's key, evenly distributed over 128 bits. `None` keeps the document out of the
    /// comparison, and so keeps it.
    fn key(&self, document: &Document<'_>) -> Option<u128>;
}
