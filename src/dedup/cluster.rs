//! From pairs of documents that are alike to clusters, and which member of each stays.

use super::barrier::{Finding, Measures, Outcome};
use super::keep::Keep;
use super::resolution::Resolution;
use crate::batch::NODE;
use crate::document::Document;
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
        meaning: "documents in that cluster, 1 if there is no duplicate",
    },
];

/// The edge between two documents, as a record.
pub fn edge(one: u64, other: u64) -> [u8; EDGE] {
    let mut record = [0; EDGE];
    record[..8].copy_from_slice(&one.min(other).to_be_bytes());
    record[8..].copy_from_slice(&one.max(other).to_be_bytes());
    record
}

/// Finds the connected components of a graph and hands in, for every document of this run in a
/// component of two or more, a finding: the document that stays, the first document (the cluster's
/// name), and the size of the cluster.
///
/// `edges` are records as [`edge`] makes them, in any number of copies. `ranks` is the number of the
/// stream in which [`Keep::collect`] left the documents' ranks, if the policy has any.
///
/// # Errors
/// If a file can't be read or written, or somebody asked to stop.
pub fn connect(
    resolution: &Resolution<'_>,
    edges: Sorted,
    keep: &Keep,
    ranks: usize,
) -> Result<Measures, ExternalError> {
    let _ = (keep, ranks);
    let mut parents: std::collections::BTreeMap<u64, u64> = Default::default();
    fn root(parents: &std::collections::BTreeMap<u64, u64>, mut node: u64) -> u64 {
        while let Some(&parent) = parents.get(&node).filter(|parent| **parent != node) {
            node = parent;
        }
        node
    }
    let mut merger = edges.open(resolution.share())?;
    while let Some(record) = merger.next()? {
        let edge = Finding::from_bytes(record);
        let (one, other) = (root(&parents, edge.node), root(&parents, edge.values[0]));
        parents.insert(one.max(other), one.min(other));
        parents.insert(one.min(other), one.min(other));
    }
    let nodes: Vec<u64> = parents.keys().copied().collect();
    let mut sizes: std::collections::BTreeMap<u64, u64> = Default::default();
    for &node in &nodes {
        *sizes.entry(root(&parents, node)).or_default() += 1;
    }
    let mut finder = resolution.finder(resolution.share());
    for &node in &nodes {
        let first = root(&parents, node);
        let size = sizes.get(&first).copied().unwrap_or(1);
        if size > 1 && node >= NODE {
            finder.push(&Finding { node, values: [first, first, size] }.to_bytes())?;
        }
    }
    resolution.find(finder.finish()?);
    Ok(Measures::from([(
        "clusters".to_owned(),
        sizes.values().filter(|size| **size > 1).count() as f64,
    )]))
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
pub fn apply(
    document: &mut Document<'_>,
    node: u64,
    findings: &[Finding],
    reason: &'static str,
) -> Outcome {
    let Some(finding) = findings.first() else {
        if document.metric("dedup.cluster").is_none() {
            document.annotate("dedup.cluster", name_of(node));
            document.annotate("dedup.cluster_size", 1_i64);
        }
        return Outcome::Keep;
    };
    let [kept, first, size] = finding.values;
    document.annotate("dedup.cluster", name_of(first));
    document.annotate("dedup.cluster_size", size as i64);
    match kept == node {
        true => Outcome::Keep,
        false => Outcome::Drop { reason, kept: Some(kept) },
    }
}
