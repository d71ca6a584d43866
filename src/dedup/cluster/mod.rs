//! From pairs of documents that are alike to clusters, and which member of each stays.
//!
//! A cluster is a connected component of the graph of pairs: two documents are in one if a way leads
//! from the one to the other, from pair to pair. Its name is its first document. All of it is done in
//! bounded memory, and what comes out depends on the pairs alone: `graph` sorts them, `sweep` labels
//! every document with the first of its component, and `members` sorts them by cluster and rank.

mod bucket;
mod equal;
mod forest;
mod graph;
mod members;
mod sweep;
mod tally;
#[cfg(test)]
mod tests;

pub use self::equal::{KEYS, equal_keys, key_record};
use self::graph::Graph;
use self::members::Members;
use super::barrier::{Finding, Measures, Outcome};
use super::keep::Keep;
use super::resolution::Resolution;
use crate::batch::NODE;
use crate::document::{Document, Value};
use crate::external::{ExternalError, Sorted};
use crate::stage::{Metric, MetricKind};

/// Bytes of an edge: two nodes.
pub const EDGE: usize = 16;

/// The metrics that barriers annotate which remove whole documents.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "dedup.cluster",
        kind: MetricKind::Integer,
        unit: "number",
        meaning: "the cluster of duplicates that the document is of, by the position of its first document",
    },
    Metric {
        name: "dedup.cluster_size",
        kind: MetricKind::Integer,
        unit: "documents",
        meaning: "documents in that cluster, those of an index too, 1 if there is no duplicate",
    },
];

/// The edge between two documents, as a record.
pub fn edge(one: u64, other: u64) -> [u8; EDGE] {
    let mut record = [0; EDGE];
    record[..8].copy_from_slice(&one.min(other).to_be_bytes());
    record[8..].copy_from_slice(&one.max(other).to_be_bytes());
    record
}

/// Bytes of memory for a node: 20 while it is labelled (the node, its root, its label), and some for
/// what is sorted meanwhile.
const NODE_ROOM: u64 = 32;
/// Nodes that are in memory together at least, so that little memory doesn't mean thousands of files.
const MIN_NODES: u64 = 1 << 10;

/// Finds the connected components of a graph and hands in, for every document of this run in a
/// component of two or more, a finding: the document that stays, the first document (the cluster's
/// name), and the size of the cluster.
///
/// `edges` are records as [`edge`] makes them, in any number of copies. `ranks` is the number of the
/// stream in which [`Keep::collect`] left the documents' ranks, if the policy has any.
///
/// Nodes below [`NODE`] are documents of an index. They count as members, but there is no finding for
/// them. If a cluster has some, the lowest of them stays and all documents of this run go, whatever
/// the policy.
///
/// It takes [`Resolution::memory`] bytes, however many edges and nodes there are.
///
/// # Errors
/// If a file can't be read or written, or somebody asked to stop.
pub fn connect(
    resolution: &Resolution<'_>,
    edges: Sorted,
    keep: &Keep,
    ranks: usize,
) -> Result<Measures, ExternalError> {
    let room = (resolution.memory / NODE_ROOM).clamp(MIN_NODES, u64::from(u32::MAX));
    connect_with(resolution, &edges, keep, ranks, room as u32)
}

/// As [`connect`], with the number of nodes that may be in memory.
fn connect_with(
    resolution: &Resolution<'_>,
    edges: &Sorted,
    keep: &Keep,
    ranks: usize,
    room: u32,
) -> Result<Measures, ExternalError> {
    let graph = Graph::of(resolution, edges)?;
    let ranks = keep.stream().map(|stream| (ranks, stream.width));
    let members = Members::new(resolution, ranks)?;
    sweep::label(resolution, &graph, room, &mut |nodes, label| members.add(nodes, label))?;
    let pairs = graph.edges.len();
    graph.remove();
    Ok(members.find()?.measures(pairs))
}

/// Whether a finding of [`connect`] takes its document out.
pub fn removes(finding: &Finding) -> bool {
    finding.values[0] != finding.node
}

/// The number by which a cluster is known: the packed position of its first document; below zero for
/// a document of an index.
pub fn name_of(node: u64) -> i64 {
    match node.checked_sub(NODE) {
        Some(position) => position as i64,
        None => -1 - node as i64,
    }
}

/// Applies a finding of [`connect`].
///
/// With several deduplicators in a pipeline, the columns of a document that goes tell of the cluster
/// that it goes for; those of one that stays, of the largest that it was in, the last of several of
/// one size. A cluster counts what came as far as its deduplicator: what one before has removed is
/// not in it.
pub fn apply(
    document: &mut Document<'_>,
    node: u64,
    findings: &[Finding],
    reason: &'static str,
) -> Outcome {
    let known = document.metric(METRICS[1].name).and_then(Value::number);
    let (kept, first, size) = match findings.first() {
        Some(finding) => (finding.values[0], finding.values[1], finding.values[2]),
        None => (node, node, 1),
    };
    let stays = kept == node;
    if !stays || known.is_none_or(|known| known < size as f64 || (known == size as f64 && size > 1))
    {
        document.annotate(METRICS[0].name, name_of(first));
        document.annotate(METRICS[1].name, size as i64);
    }
    match stays {
        true => Outcome::Keep,
        false => Outcome::Drop { reason, kept: Some(kept) },
    }
}
