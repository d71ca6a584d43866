//! From bands to candidates, and from these to edges.
//!
//! A bucket, the documents that share a band, may be large: boilerplate fills some. To compare all
//! with all would take quadratic time, to compare each with the first would miss those that are like
//! another. So each is compared with the bucket's *representatives*: those documents before it that
//! were not nearly identical to a representative before them. For that a band's record carries a
//! fingerprint of 64 bits, of which 64 to a bucket are compared in no time. Only the few
//! representatives that agree most become candidates, which are then compared by their sketches.
//!
//! The number of candidates is so at most [`BEST`] a document and band, whatever the corpus.

use std::sync::{Mutex, PoisonError};

use super::super::{Resolution, cluster};
use super::sketch::{Likeness, Sketch, likeness};
use crate::batch::NODE;
use crate::external::{ExternalError, Ordered, Sorted, number};

/// Bytes of a band's record: 8 of the key, the node, and 8 more: of the key, or a fingerprint.
pub const BAND: usize = 24;
/// Bytes of a record of a document that is compared exactly: a key of 16 and the node.
pub const EXACT: usize = 24;

/// Representatives of a bucket. The first half stays; in the other half new ones take the place of
/// the oldest.
const REPRESENTATIVES: usize = 64;
/// Bits of 64 in which two fingerprints must agree for their documents to be candidates. Those of a
/// Jaccard index of 0.4 agree in 44.8 (standard deviation 3.7) and of 0.5 in 48 (3.5), strangers in
/// 32 (4).
const AGREE: u32 = 38;
/// Bits in which a document agrees with a representative that stands for it too.
const SAME: u32 = 62;
/// Candidates of a document in a bucket.
const BEST: usize = 4;

/// What is left in a mutex, whatever became of other threads.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether an edge is of use: one between two documents of an index is not.
pub fn is_new(one: u64, other: u64) -> bool {
    one != other && one.max(other) >= NODE
}

/// The documents of a bucket that others are compared with.
#[derive(Default)]
struct Bucket {
    representatives: Vec<(u64, u64)>,
    next: usize,
    best: Vec<(u32, u64)>,
}

impl Bucket {
    fn clear(&mut self) {
        self.representatives.clear();
        self.next = 0;
    }

    /// Takes a document in and returns the representatives that it may be a duplicate of.
    fn add(&mut self, node: u64, fingerprint: u64) -> &[(u32, u64)] {
        self.best.clear();
        for &(other, bits) in &self.representatives {
            let agreeing = 64 - (bits ^ fingerprint).count_ones();
            if agreeing >= AGREE && other != node {
                self.best.push((agreeing, other));
            }
        }
        // Most alike first, and of those the first in input order.
        self.best.sort_unstable_by_key(|&(agreeing, other)| (64 - agreeing, other));
        self.best.truncate(BEST);
        if self.best.first().is_none_or(|(agreeing, _)| *agreeing < SAME) {
            let new = (node, fingerprint);
            if self.representatives.len() < REPRESENTATIVES {
                self.representatives.push(new);
            } else {
                const HALF: usize = REPRESENTATIVES / 2;
                self.representatives[HALF + self.next % HALF] = new;
                self.next += 1;
            }
        }
        &self.best
    }
}

/// The candidates that share a band, of a partition of the bands.
pub fn candidates(
    resolution: &Resolution<'_>,
    stream: usize,
    partition: usize,
) -> Result<Sorted, ExternalError> {
    let mut pairs = resolution.sorter(cluster::EDGE, resolution.share() / 2);
    let mut merger = resolution.merged(stream, partition, resolution.share() / 2)?;
    let mut bucket = Bucket::default();
    // A bucket is begun when its second document comes: most have one.
    let mut first: Option<[u64; 3]> = None;
    while let Some(record) = merger.next()? {
        let [key, node, fingerprint] =
            [0, 8, 16].map(|at| number(record.get(at..).unwrap_or_default()));
        match first {
            Some([same, first_node, first_fingerprint]) if same == key => {
                if bucket.representatives.is_empty() {
                    bucket.add(first_node, first_fingerprint);
                }
                for &(_, other) in bucket.add(node, fingerprint) {
                    if is_new(other, node) {
                        pairs.push(&cluster::edge(other, node))?;
                    }
                }
            }
            _ => {
                bucket.clear();
                first = Some([key, node, fingerprint]);
            }
        }
    }
    pairs.finish()
}

/// What became of candidates.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Pairs of documents that were compared.
    pub candidates: u64,
    /// Those that are duplicates.
    pub accepted: u64,
}

/// Compares candidates by their sketches and returns those that are duplicates as edges.
///
/// Pairs are taken as many at once as fit into memory with all their sketches. These are fetched in
/// the order of their documents, so that the stream is read forwards.
pub fn verify(
    resolution: &Resolution<'_>,
    pairs: &Sorted,
    sketches: usize,
    accept: &(dyn Fn(Likeness) -> bool + Sync),
) -> Result<(Sorted, Verified), ExternalError> {
    let ordered = resolution.ordered(sketches)?;
    // Two nodes, of which each may need a sketch, with its node, and some room for sorting.
    const PAIR: u64 = 16 + 2 * (Sketch::BYTES as u64 + 16);
    let at_once = (resolution.memory / 2 / PAIR).clamp(1 << 10, 1 << 24) as usize;
    let mut edges = resolution.sorter(cluster::EDGE, resolution.memory / 8);
    let mut verified = Verified::default();
    let mut merger = pairs.open(resolution.memory / 8)?;
    let mut previous = None;
    loop {
        let mut block: Vec<(u64, u64)> = Vec::new();
        while block.len() < at_once {
            let Some(record) = merger.next()? else { break };
            let pair = (number(record), number(record.get(8..).unwrap_or_default()));
            // A pair comes from every band that it shares.
            if previous.replace(pair) != Some(pair) {
                block.push(pair);
            }
        }
        if block.is_empty() {
            break;
        }
        verified.candidates += block.len() as u64;
        for (&(one, other), is_alike) in
            block.iter().zip(compare(resolution, &ordered, &block, accept)?)
        {
            if is_alike {
                verified.accepted += 1;
                edges.push(&cluster::edge(one, other))?;
            }
        }
    }
    Ok((edges.finish()?, verified))
}

/// Whether the documents of each pair are alike.
fn compare(
    resolution: &Resolution<'_>,
    ordered: &Ordered,
    pairs: &[(u64, u64)],
    accept: &(dyn Fn(Likeness) -> bool + Sync),
) -> Result<Vec<bool>, ExternalError> {
    let mut nodes: Vec<u64> = pairs.iter().flat_map(|&(one, other)| [one, other]).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let sketches: Vec<Option<Sketch>> = in_pieces(resolution, &nodes, &|nodes| {
        let mut buffer = Vec::new();
        let fetch = |&node: &u64| {
            let found = ordered.get(node, &mut buffer)?;
            Ok(buffer.get(8..).filter(|_| found).and_then(Sketch::from_bytes))
        };
        nodes.iter().map(fetch).collect()
    })?;
    in_pieces(resolution, pairs, &|pairs| {
        let of = |node: u64| {
            let at = nodes.binary_search(&node).ok()?;
            sketches.get(at)?.as_ref()
        };
        let alike = |&(one, other): &(u64, u64)| match (of(one), of(other)) {
            (Some(one), Some(other)) => accept(likeness(one, other)),
            _ => false,
        };
        Ok(pairs.iter().map(alike).collect())
    })
}

/// What is made of a piece of items.
type Work<'w, T, O> = dyn Fn(&[T]) -> Result<Vec<O>, ExternalError> + Sync + 'w;

/// Makes something of every item, a piece of them on each thread.
fn in_pieces<T: Sync, O: Send>(
    resolution: &Resolution<'_>,
    items: &[T],
    work: &Work<'_, T, O>,
) -> Result<Vec<O>, ExternalError> {
    let length = items.len().div_ceil(resolution.executor.threads().max(1)).max(1);
    let pieces: Vec<&[T]> = items.chunks(length).collect();
    let made: Vec<Mutex<Vec<O>>> = pieces.iter().map(|_| Mutex::default()).collect();
    resolution.executor.each(pieces.len(), &|at| {
        if let (Some(piece), Some(made)) = (pieces.get(at), made.get(at)) {
            *locked(made) = work(piece)?;
        }
        Ok(())
    })?;
    let made = made.into_iter();
    Ok(made.flat_map(|made| made.into_inner().unwrap_or_else(PoisonError::into_inner)).collect())
}
