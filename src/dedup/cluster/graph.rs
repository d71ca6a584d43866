//! Edges as they come, made ready: each once, by its larger node, and the nodes in order.

use std::sync::{Mutex, PoisonError};

use super::EDGE;
use crate::dedup::Resolution;
use crate::external::{ExternalError, List, Merger, Run, RunWriter, Sorted, number};

/// A graph on disk.
pub struct Graph {
    /// The nodes that have an edge, in order, 8 bytes each.
    pub nodes: List,
    /// The edges, each once: the larger node, then the smaller one; in order.
    pub edges: List,
}

/// Pieces that work is cut into: some for each thread, as they are not equally long.
pub fn pieces(resolution: &Resolution<'_>) -> usize {
    match resolution.executor.threads() {
        0 | 1 => 1,
        threads => threads * 4,
    }
}

/// Runs a piece of work for every number below `count`; what they make comes in order.
pub fn each<T: Send>(
    resolution: &Resolution<'_>,
    count: usize,
    work: impl Fn(usize) -> Result<T, ExternalError> + Sync,
) -> Result<Vec<T>, ExternalError> {
    let made: Vec<Mutex<Option<T>>> = (0..count).map(|_| Mutex::new(None)).collect();
    resolution.executor.each(count, &|number| {
        let one = work(number)?;
        if let Some(place) = made.get(number) {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(one);
        }
        Ok(())
    })?;
    let made = made.into_iter();
    Ok(made.filter_map(|one| one.into_inner().unwrap_or_else(PoisonError::into_inner)).collect())
}

impl Graph {
    /// Reads edges, as [`edge`](super::edge) makes them.
    pub fn of(resolution: &Resolution<'_>, edges: &Sorted) -> Result<Self, ExternalError> {
        let spans = edges.spans(pieces(resolution))?;
        let turned = each(resolution, spans.len(), |piece| match spans.get(piece) {
            Some(span) => turn(resolution, edges.open_span(*span, resolution.share() / 4)?),
            None => Ok((None, Sorted::none(&resolution.scratch, EDGE))),
        })?;
        let mut smaller = Sorted::none(&resolution.scratch, 8);
        let mut edges = Sorted::none(&resolution.scratch, EDGE);
        for (run, sorted) in turned {
            run.into_iter().for_each(|run| smaller.append_run(run));
            edges.append(sorted);
        }
        let spans = edges.spans(pieces(resolution))?;
        let merged = each(resolution, spans.len(), |piece| match spans.get(piece) {
            Some(span) => {
                let edges = edges.open_span(*span, resolution.share() / 2)?;
                let smaller = smaller.open_span(*span, resolution.share() / 4)?;
                merge(resolution, edges, smaller).map(Some)
            }
            None => Ok(None),
        })?;
        edges.remove();
        smaller.remove();
        let mut graph = Self { nodes: List::new(8), edges: List::new(EDGE) };
        for (nodes, edges) in merged.into_iter().flatten() {
            graph.nodes.append(nodes);
            graph.edges.append(edges);
        }
        Ok(graph)
    }

    /// Gives the room on disk back.
    pub fn remove(self) {
        self.nodes.remove();
        self.edges.remove();
    }
}

/// The smaller nodes, each once, and the edges with the larger node first, each once; an edge from a
/// node to itself says nothing.
fn turn(
    resolution: &Resolution<'_>,
    mut edges: Merger,
) -> Result<(Option<Run>, Sorted), ExternalError> {
    let mut nodes = RunWriter::new(&resolution.scratch)?;
    let mut sorter = resolution.sorter(EDGE, resolution.share() / 2);
    let mut last = None;
    while let Some(record) = edges.next()? {
        let edge = (number(record), number(record.get(8..).unwrap_or_default()));
        if last == Some(edge) || edge.0 == edge.1 {
            continue;
        }
        if last.is_none_or(|(smaller, _)| smaller != edge.0) {
            nodes.push(&edge.0.to_be_bytes())?;
        }
        last = Some(edge);
        sorter.push(&pair(edge.1, edge.0))?;
    }
    Ok((Some(nodes.finish()?), sorter.finish()?))
}

/// Writes the edges, and the nodes of either side, each once.
fn merge(
    resolution: &Resolution<'_>,
    mut edges: Merger,
    mut smaller: Merger,
) -> Result<(Run, Run), ExternalError> {
    let mut nodes = RunWriter::new(&resolution.scratch)?;
    let mut written = RunWriter::new(&resolution.scratch)?;
    let mut waiting = smaller.next()?.map(number);
    let mut last = None;
    while let Some(record) = edges.next()? {
        written.push(record)?;
        let larger = number(record);
        if last == Some(larger) {
            continue;
        }
        last = Some(larger);
        while let Some(node) = waiting.filter(|node| *node <= larger) {
            if node < larger {
                nodes.push(&node.to_be_bytes())?;
            }
            waiting = smaller.next()?.map(number);
        }
        nodes.push(&larger.to_be_bytes())?;
    }
    while let Some(node) = waiting {
        nodes.push(&node.to_be_bytes())?;
        waiting = smaller.next()?.map(number);
    }
    Ok((nodes.finish()?, written.finish()?))
}

/// Two numbers as a record.
pub fn pair(one: u64, other: u64) -> [u8; 16] {
    let mut record = [0; 16];
    record[..8].copy_from_slice(&one.to_be_bytes());
    record[8..].copy_from_slice(&other.to_be_bytes());
    record
}
