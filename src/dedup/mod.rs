//! Deduplication: stages that need all documents, and so stand as barriers between passes.
//!
//! All of them work alike. A map pass leaves compact records ([`Barrier::collect`]), which are sorted
//! and merged out of core ([`external`](crate::external)), compared partition by partition
//! ([`Barrier::compare`]) and turned into findings ([`Barrier::resolve`]); the next pass applies them
//! ([`Barrier::apply`]). Those that remove whole
//! documents say which are alike, pair by pair; [`cluster`] makes clusters of the pairs and [`keep`]
//! says which member stays.

mod barrier;
pub mod cluster;
pub mod exact;
pub mod in_memory;
pub mod index;
pub mod keep;
pub mod line;
mod matches;
pub mod minhash;
pub mod normalization;
mod resolution;
pub mod scope;
pub mod simhash;
pub mod substring;
pub mod url_rule;

pub use barrier::{Barrier, Collector, Finding, Measures, Order, Outcome, Stream};
pub use matches::Matches;
pub use resolution::{Resolution, partition_counts, partition_of};
