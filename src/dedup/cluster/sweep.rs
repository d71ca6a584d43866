//! Connected components beyond memory.
//!
//! The nodes are cut, in order, into buckets that fit into memory. The buckets are gone through
//! downwards, then upwards, each once either way, whatever the graph looks like.
//!
//! Downwards, all edges whose larger node is in the bucket are at hand. Those inside it are joined by
//! union-find. Of the edges that lead from a tree to nodes below, one stays: the tree hangs on the
//! lowest of these nodes. For every other one, an edge from it to that lowest node takes the old one's
//! place, and waits for the bucket of its larger node. So a bucket never leaves more edges than it got,
//! and connections are kept.
//!
//! Upwards, a bucket's labels are known when the nodes below are labelled that its trees hang on, and
//! these have been: each bucket answers what the buckets above asked of it.
//!
//! Source of the idea: node reduction, Sibeyn, *External connected components* (SWAT 2004), and
//! Dementiev, Sanders, Schultes and Sibeyn, *Engineering an external memory minimum spanning tree
//! algorithm* (2004), with buckets in the place of single nodes. Why not alternating large-star and
//! small-star (Kiveris et al., *Connected components in MapReduce and beyond*, 2014), which sorts all
//! edges twice a round for log n rounds and more: a chain of a million nodes takes 20 of these. Here it
//! takes two passes, and a graph that fits into memory, which is the usual case, takes one.
//!
//! By `benches/clusters.rs`, sorting, pairs and clusters of 2 million documents took no more processor time
//! with the nodes in two buckets than with all in memory (4.8 and 5.3 seconds on a busy machine), so there
//! is no method between the two.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::EDGE;
use super::bucket::{BLOCK, Boxes, Bucket, numbers};
use super::forest::Forest;
use super::graph::{Graph, each, pair, pieces};
use crate::dedup::Resolution;
use crate::external::{ExternalError, List, Run, RunWriter, Sorted, number};

/// Takes consecutive nodes with the label of each, by its number among them.
pub type Take<'t> =
    dyn FnMut(&[u64], &(dyn Fn(usize) -> u64 + Sync)) -> Result<(), ExternalError> + 't;

/// Labels every node of a graph with the lowest node of its component, in the order of the nodes.
/// `room` is the number of nodes that may be in memory.
pub fn label(
    resolution: &Resolution<'_>,
    graph: &Graph,
    room: u32,
    take: &mut Take<'_>,
) -> Result<(), ExternalError> {
    let sweep = Sweep::new(resolution, graph, room)?;
    match sweep.starts.len() {
        0 => Ok(()),
        1 => {
            let bucket = Bucket::read(&graph.nodes, 0..graph.nodes.len())?;
            let (forest, _) = sweep.join(&bucket, 0, &List::new(EDGE))?;
            take(&bucket.nodes, &|index| bucket.node(forest.root(index as u32)))
        }
        _ => {
            let (roots, asked) = sweep.down()?;
            sweep.up(roots, asked, take)
        }
    }
}

struct Sweep<'s> {
    resolution: &'s Resolution<'s>,
    graph: &'s Graph,
    room: u64,
    /// The first node of every bucket.
    starts: Vec<u64>,
}

impl<'s> Sweep<'s> {
    fn new(
        resolution: &'s Resolution<'s>,
        graph: &'s Graph,
        room: u32,
    ) -> Result<Self, ExternalError> {
        let room = u64::from(room.max(1));
        let count = graph.nodes.len().div_ceil(room);
        let starts = (0..count).map(|bucket| graph.nodes.number_at(bucket * room));
        Ok(Self { resolution, graph, room, starts: starts.collect::<Result<_, _>>()? })
    }

    fn bucket_of(&self, node: u64) -> usize {
        self.starts.partition_point(|start| *start <= node).saturating_sub(1)
    }

    fn start(&self, bucket: usize) -> Option<u64> {
        self.starts.get(bucket).copied()
    }

    fn read(&self, bucket: usize) -> Result<Bucket, ExternalError> {
        let from = bucket as u64 * self.room;
        Bucket::read(&self.graph.nodes, from..(from + self.room).min(self.graph.nodes.len()))
    }

    fn boxes(&self) -> Boxes {
        let memory = self.resolution.memory / 32;
        Boxes::new(&self.resolution.scratch, self.starts.len(), memory)
    }

    /// The edges of the graph whose larger node is in a bucket.
    fn edges(&self, bucket: usize) -> Result<Range<u64>, ExternalError> {
        let edges = &self.graph.edges;
        let bound = |bucket: usize| match self.start(bucket) {
            Some(start) if bucket > 0 => edges.lower_bound(start),
            Some(_) => Ok(0),
            None => Ok(edges.len()),
        };
        Ok(bound(bucket)?..bound(bucket + 1)?)
    }

    /// Goes through a piece of the edges of a bucket: of those of the graph, and those that were left
    /// for it.
    fn each_edge(
        &self,
        edges: &Range<u64>,
        more: &List,
        piece: usize,
        mut take: impl FnMut(u64, u64) -> Result<(), ExternalError>,
    ) -> Result<(), ExternalError> {
        let pieces = pieces(self.resolution);
        for (list, range) in [(&self.graph.edges, edges.clone()), (more, 0..more.len())] {
            list.each_block(cut(range, piece, pieces), BLOCK, |bytes| {
                self.resolution.scratch.check()?;
                bytes.as_chunks::<EDGE>().0.iter().map(numbers).try_for_each(|(a, b)| take(a, b))
            })?;
        }
        Ok(())
    }

    /// Joins what the edges of a bucket join within it; whether there are edges that lead below.
    fn join(
        &self,
        bucket: &Bucket,
        number: usize,
        more: &List,
    ) -> Result<(Forest, bool), ExternalError> {
        let forest = Forest::new(bucket.nodes.len() as u32);
        let below = AtomicBool::new(false);
        let start = bucket.node(0);
        let edges = self.edges(number)?;
        each(self.resolution, pieces(self.resolution), |piece| {
            let mut last = (start, 0);
            self.each_edge(&edges, more, piece, |larger, smaller| {
                if smaller < start {
                    below.store(true, Ordering::Relaxed);
                    return Ok(());
                }
                if larger != last.0 {
                    let Some(index) = bucket.index(larger) else { return Ok(()) };
                    last = (larger, index);
                }
                if let Some(smaller) = bucket.index(smaller) {
                    forest.join(last.1, smaller);
                }
                Ok(())
            })
        })?;
        Ok((forest, below.into_inner()))
    }

    /// From the last bucket to the first. The roots of every bucket's nodes, and what buckets are
    /// asked: a node of theirs, and the root above that hangs on it.
    fn down(&self) -> Result<(Vec<Run>, Boxes), ExternalError> {
        let (mut relinked, mut asked) = (self.boxes(), self.boxes());
        let mut roots = Vec::new();
        for number in (0..self.starts.len()).rev() {
            let bucket = self.read(number)?;
            let more = relinked.take(number)?;
            let (forest, below) = self.join(&bucket, number, &more)?;
            if below {
                self.hang(&bucket, number, &forest, &more, &mut relinked, &mut asked)?;
            }
            more.remove();
            let mut written = RunWriter::new(&self.resolution.scratch)?;
            for index in 0..bucket.nodes.len() as u32 {
                written.push(&forest.root(index).to_be_bytes())?;
            }
            roots.push(written.finish()?);
        }
        roots.reverse();
        Ok((roots, asked))
    }

    /// Hangs every tree that has edges to nodes below on the lowest of these nodes.
    fn hang(
        &self,
        bucket: &Bucket,
        number_of_bucket: usize,
        forest: &Forest,
        more: &List,
        relinked: &mut Boxes,
        asked: &mut Boxes,
    ) -> Result<(), ExternalError> {
        let start = bucket.node(0);
        let edges = self.edges(number_of_bucket)?;
        let sorted = each(self.resolution, pieces(self.resolution), |piece| {
            let mut sorter = self.resolution.sorter(EDGE, self.resolution.share() / 4);
            self.each_edge(&edges, more, piece, |larger, smaller| {
                match bucket.index(larger).filter(|_| smaller < start) {
                    Some(index) => sorter.push(&pair(bucket.node(forest.root(index)), smaller)),
                    None => Ok(()),
                }
            })?;
            sorter.finish()
        })?;
        let mut outside = Sorted::none(&self.resolution.scratch, EDGE);
        sorted.into_iter().for_each(|sorted| outside.append(sorted));
        let mut merger = outside.open(self.resolution.memory / 8)?;
        let mut last = (None, 0, 0);
        while let Some(record) = merger.next()? {
            let (root, node) = (number(record), number(record.get(8..).unwrap_or_default()));
            let (tree, lowest, before) = last;
            if tree != Some(root) {
                asked.put(self.bucket_of(node), pair(node, root))?;
                last = (Some(root), node, node);
            } else if node != before {
                relinked.put(self.bucket_of(node), pair(node, lowest))?;
                last.2 = node;
            }
        }
        drop(merger);
        outside.remove();
        Ok(())
    }

    /// From the first bucket to the last.
    fn up(
        &self,
        roots: Vec<Run>,
        mut asked: Boxes,
        take: &mut Take<'_>,
    ) -> Result<(), ExternalError> {
        let mut answers = self.boxes();
        for (number, run) in roots.into_iter().enumerate() {
            let bucket = self.read(number)?;
            let mut list = List::new(4);
            list.append(run);
            let mut roots: Vec<u32> = Vec::with_capacity(bucket.nodes.len());
            list.each_block(0..list.len(), BLOCK, |bytes| {
                roots.extend(bytes.as_chunks::<4>().0.iter().map(|it| u32::from_be_bytes(*it)));
                Ok(())
            })?;
            list.remove();
            // Of roots: their own node, or what a bucket below has answered.
            let mut labels = bucket.nodes.clone();
            let answered = answers.take(number)?;
            answered.each_block(0..answered.len(), BLOCK, |bytes| {
                for (root, label) in bytes.as_chunks().0.iter().map(numbers) {
                    let place = bucket.index(root).and_then(|at| labels.get_mut(at as usize));
                    place.into_iter().for_each(|place| *place = label);
                }
                Ok(())
            })?;
            answered.remove();
            let label = |index: usize| {
                let root = roots.get(index).copied().unwrap_or_default();
                labels.get(root as usize).copied().unwrap_or_default()
            };
            let questions = asked.take(number)?;
            questions.each_block(0..questions.len(), BLOCK, |bytes| {
                for (node, root) in bytes.as_chunks().0.iter().map(numbers) {
                    if let Some(index) = bucket.index(node) {
                        answers.put(self.bucket_of(root), pair(root, label(index as usize)))?;
                    }
                }
                Ok(())
            })?;
            questions.remove();
            take(&bucket.nodes, &label)?;
        }
        Ok(())
    }
}

/// A piece of a range.
pub fn cut(range: Range<u64>, piece: usize, pieces: usize) -> Range<u64> {
    let length = u128::from(range.end.saturating_sub(range.start));
    let at = |piece: usize| range.start + (length * piece as u128 / pieces.max(1) as u128) as u64;
    at(piece)..at(piece + 1)
}
