//! A barrier over documents that are all at hand: for use as a library, and for tests.

use std::path::Path;
use std::sync::Arc;

use super::barrier::{Barrier, Collector, Finding, Measures, Order, Outcome};
use super::matches::Matches;
use super::resolution::{Resolution, partition_counts};
use crate::batch::Position;
use crate::document::Document;
use crate::external::{Executor, ExternalError, Parted, Run, Scratch, Sequential, sort_records};

/// How [`run_with`] cuts the work. None of it changes the outcome.
pub struct Cut<'c> {
    /// Number of partitions.
    pub partitions: usize,
    /// Documents whose records make a run.
    pub documents: usize,
    /// Bytes that the resolution may take.
    pub memory: u64,
    /// Who runs independent pieces.
    pub executor: &'c dyn Executor,
}

/// Runs a barrier over documents; they are changed as it says, and what becomes of each is returned.
/// Files go to a folder, which is left with some.
///
/// # Errors
/// If a file can't be read or written.
///
/// # Examples
///
/// ```
/// use sapwood::dedup::{Outcome, exact::{Config, ExactDedup}, in_memory};
/// use sapwood::document::Document;
///
/// let folder = std::env::temp_dir().join(format!("in-memory-{}", std::process::id()));
/// let mut documents = [Document::new("a", "Once."), Document::new("b", "once"), Document::new("c", "Once")];
/// let barrier = ExactDedup::new(&Config::default())?;
/// let (outcomes, _) = in_memory::run(&barrier, &mut documents, &folder)?;
/// assert_eq!(outcomes[1], Outcome::Keep);
/// assert!(matches!(outcomes[2], Outcome::Drop { .. }));
/// # let _ = std::fs::remove_dir_all(folder);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run(
    barrier: &dyn Barrier,
    documents: &mut [Document<'_>],
    folder: &Path,
) -> Result<(Vec<Outcome>, Measures), ExternalError> {
    let cut = Cut { partitions: 1, documents: 1 << 16, memory: 256 << 20, executor: &Sequential };
    run_with(barrier, documents, folder, &cut)
}

/// As [`run`], with the work cut in some way.
///
/// # Errors
/// If a file can't be read or written.
pub fn run_with(
    barrier: &dyn Barrier,
    documents: &mut [Document<'_>],
    folder: &Path,
    cut: &Cut<'_>,
) -> Result<(Vec<Outcome>, Measures), ExternalError> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut measures = Measures::new();
    for round in 0..barrier.rounds() {
        let scratch = Scratch::new(&folder.join(format!("round-{round}")), Arc::default());
        let mut runs = collect(barrier, round, documents, &findings, &scratch, cut)?;
        let streams = barrier.streams(round);
        if let Some(indexes) = barrier.indexes() {
            indexes.add_runs(&streams, 0..cut.partitions, cut.partitions, &mut runs)?;
        }
        let resolution =
            Resolution::new(scratch, cut.memory, cut.executor, cut.partitions, streams, runs);
        let matches = Matches::of(barrier, round, &resolution)?;
        measures.extend(barrier.resolve(round, &resolution, matches)?);
        let mut merger = resolution.into_findings().open(cut.memory)?;
        findings.clear();
        while let Some(record) = merger.next()? {
            findings.push(Finding::from_bytes(record));
        }
    }
    let outcomes = documents
        .iter_mut()
        .enumerate()
        .map(|(number, document)| {
            let node = node(number);
            barrier.apply(document, node, of_node(&findings, node))
        })
        .collect();
    Ok((outcomes, measures))
}

/// The node of a document by its number.
pub fn node(number: usize) -> u64 {
    Position { shard: 0, ordinal: number as u64 }.node()
}

/// The findings of one document, among those of all in order.
fn of_node(findings: &[Finding], node: u64) -> &[Finding] {
    let start = findings.partition_point(|finding| finding.node < node);
    let rest = &findings[start..];
    &rest[..rest.partition_point(|finding| finding.node == node)]
}

fn collect(
    barrier: &dyn Barrier,
    round: usize,
    documents: &[Document<'_>],
    findings: &[Finding],
    scratch: &Scratch,
    cut: &Cut<'_>,
) -> Result<Vec<Vec<Parted>>, ExternalError> {
    let streams = barrier.streams(round);
    let mut runs = vec![Vec::new(); streams.len()];
    let mut number = 0;
    for part in documents.chunks(cut.documents.max(1)) {
        let mut collector = Collector::new(streams.len());
        for document in part {
            let node = node(number);
            number += 1;
            barrier.collect(round, document, node, of_node(findings, node), &mut collector);
        }
        for ((stream, mut records), runs) in
            streams.iter().zip(collector.streams).zip(runs.iter_mut())
        {
            let path = scratch.file()?;
            let run = Run::new(path.clone(), 0, records.len() as u64);
            runs.push(match stream.order {
                Order::Input => Parted::whole(run, stream.width),
                Order::Sorted => {
                    sort_records(&mut records, stream.width);
                    let counts = partition_counts(&records, stream.width, cut.partitions);
                    Parted::new(run, 0, counts.into_iter().map(u64::from))
                }
            });
            std::fs::write(&path, records).map_err(ExternalError::io("write", &path))?;
        }
    }
    Ok(runs)
}
