//! Near hashes beyond memory: for every choice of blocks the different hashes are sorted by it, and
//! each bucket of equal ones is searched.

use std::sync::{Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_64;

use super::near::{Components, Item, search};
use crate::dedup::{Resolution, cluster};
use crate::external::{ExternalError, Merger, Sorted, Sorter, number};

/// Bytes of a record of a hash: a key by which all with its hash and scope come together, evenly
/// distributed; the hash; the scope; the node.
pub const HASH: usize = 32;
/// Bytes of a record of a different hash: hash, scope, first node.
const DIFFERENT: usize = 24;
/// Bytes of a record in a bucket: key of the bucket, hash, first node.
const MEMBER: usize = 24;
/// Bytes that an item of a bucket takes in memory: twice item and node, component, join.
const ITEM_BYTES: u64 = 80;

/// A number for bits of a hash within a scope, evenly distributed.
fn key(hash: u64, scope: u64) -> u64 {
    let mut both = [0; 16];
    both[..8].copy_from_slice(&hash.to_be_bytes());
    both[8..].copy_from_slice(&scope.to_be_bytes());
    xxh3_64(&both)
}

/// The record of a document's hash within a scope.
pub fn record(hash: u64, scope: u64, node: u64) -> [u8; HASH] {
    let mut record = [0; HASH];
    let numbers = [key(hash, scope), hash, scope, node];
    for (to, number) in record.as_chunks_mut::<8>().0.iter_mut().zip(numbers) {
        *to = number.to_be_bytes();
    }
    record
}

/// A sorted pile that all threads put on.
struct Pile(Mutex<Sorted>);

impl Pile {
    fn new(resolution: &Resolution<'_>, width: usize) -> Self {
        Self(Mutex::new(Sorted::none(&resolution.scratch, width)))
    }

    fn put(&self, sorted: Sorted) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).append(sorted);
    }

    fn into_sorted(self) -> Sorted {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of the hashes of a stream.
pub struct Found {
    /// Edges between documents that are alike.
    pub edges: Sorted,
    /// Different hashes.
    pub different: u64,
}

/// What the hashes of a partition of a stream of [`record`]s come to.
pub struct Hashes {
    /// Edges between documents with equal hashes and the first of them.
    pub stars: Sorted,
    /// The different hashes, with the first document of each.
    pub different: Sorted,
}

impl Hashes {
    /// Bytes of a record of a different hash.
    pub const DIFFERENT: usize = DIFFERENT;

    /// Goes through a partition of a stream.
    ///
    /// # Errors
    /// If a file can't be read or written, or somebody asked to stop.
    pub fn of(
        resolution: &Resolution<'_>,
        stream: usize,
        partition: usize,
    ) -> Result<Self, ExternalError> {
        let share = resolution.share();
        let mut stars = resolution.sorter(cluster::EDGE, share / 3);
        let mut different = resolution.sorter(DIFFERENT, share / 3);
        let mut merger = resolution.merged(stream, partition, share / 3)?;
        let mut current: Option<([u8; 24], u64)> = None;
        while let Some(record) = merger.next()? {
            let mut key = [0; 24];
            key.copy_from_slice(&record[..24]);
            let node = number(&record[24..]);
            match current {
                Some((same, first)) if same == key => stars.push(&cluster::edge(first, node))?,
                _ => {
                    current = Some((key, node));
                    different.push(&record[8..])?;
                }
            }
        }
        Ok(Self { stars: stars.finish()?, different: different.finish()? })
    }
}

/// Connects the documents of all partitions whose hashes are near, within their scopes. `equal` says
/// whether equal hashes are connected by themselves; if not, only where there is another hash that is
/// near.
///
/// # Errors
/// If a file can't be read or written, or somebody asked to stop.
pub fn connect_near(
    resolution: &Resolution<'_>,
    hashes: Hashes,
    choices: &[u64],
    distance: u32,
    equal: bool,
) -> Result<Found, ExternalError> {
    let Hashes { stars, different } = hashes;
    let mut edges = Sorted::none(&resolution.scratch, cluster::EDGE);
    for &choice in choices {
        edges.append(of_choice(resolution, &different, choice, distance)?);
    }
    let count = different.len();
    different.remove();
    let stars = match equal {
        true => stars,
        false => of_connected(resolution, stars, &edges)?,
    };
    edges.append(stars);
    Ok(Found { edges, different: count })
}

/// Buckets of one choice of blocks are parted into so many pieces a thread, so that no thread waits
/// long for the last.
const PIECES: usize = 4;

/// The edges between hashes that agree in some blocks.
fn of_choice(
    resolution: &Resolution<'_>,
    different: &Sorted,
    choice: u64,
    distance: u32,
) -> Result<Sorted, ExternalError> {
    let share = resolution.share();
    let pieces = resolution.executor.threads().max(1) * PIECES;
    let start = |piece: usize| ((piece as u128) << 64) / pieces as u128;
    let from = |piece: usize| u64::try_from(start(piece)).ok();
    let members = Pile::new(resolution, MEMBER);
    let piece = |sorted: &Sorted, piece: usize| {
        sorted.range(from(piece).unwrap_or(u64::MAX), from(piece + 1))
    };
    resolution.executor.each(pieces, &|number_of_piece| {
        let mut sorter = resolution.sorter(MEMBER, share / 2);
        // In the order of their hashes, which are spread by the texts' own.
        let mut merger = piece(different, number_of_piece)?.open(share / 2)?;
        while let Some(record) = merger.next()? {
            let (hash, scope) = (number(record), number(&record[8..]));
            let mut member = [0; MEMBER];
            member[..8].copy_from_slice(&key(hash & choice, scope).to_be_bytes());
            member[8..16].copy_from_slice(&hash.to_be_bytes());
            member[16..].copy_from_slice(&record[16..]);
            sorter.push(&member)?;
        }
        members.put(sorter.finish()?);
        Ok(())
    })?;
    let members = members.into_sorted();
    let edges = Pile::new(resolution, cluster::EDGE);
    resolution.executor.each(pieces, &|number_of_piece| {
        let mut sorter = resolution.sorter(cluster::EDGE, share / 4);
        let merger = piece(&members, number_of_piece)?.open(share / 4)?;
        let room = ((share / 2 / ITEM_BYTES) as usize).clamp(1 << 10, u32::MAX as usize);
        let buckets = Buckets { resolution, choice, distance, room };
        buckets.connect(merger, &mut sorter)?;
        edges.put(sorter.finish()?);
        Ok(())
    })?;
    members.remove();
    Ok(edges.into_sorted())
}

/// Searches buckets one after the other.
pub(super) struct Buckets<'r> {
    pub(super) resolution: &'r Resolution<'r>,
    pub(super) choice: u64,
    pub(super) distance: u32,
    /// The most items of a bucket that are held at once.
    pub(super) room: usize,
}

impl Buckets<'_> {
    /// Adds an edge wherever two components of a bucket come together.
    pub(super) fn connect(
        &self,
        mut members: Merger,
        edges: &mut Sorter,
    ) -> Result<(), ExternalError> {
        let mut bucket = Bucket::default();
        while let Some(member) = members.next()? {
            let (key, hash, node) = (number(member), number(&member[8..]), number(&member[16..]));
            if bucket.key != key {
                self.end(&mut bucket, edges)?;
                bucket.key = key;
            }
            self.add(&mut bucket, hash, node, edges)?;
        }
        self.end(&mut bucket, edges)
    }

    fn add(
        &self,
        bucket: &mut Bucket,
        hash: u64,
        node: u64,
        edges: &mut Sorter,
    ) -> Result<(), ExternalError> {
        if bucket.nodes.len() < self.room {
            bucket.items.push((hash, bucket.nodes.len() as u32));
            bucket.nodes.push(node);
            return Ok(());
        }
        // The bucket is full: whatever comes is compared with what is there, and put aside to be
        // compared among itself.
        let items = &bucket.items;
        let components = match &mut bucket.components {
            Some(components) => components,
            empty => {
                let found = self.within(items, &bucket.nodes, edges)?;
                empty.insert(found)
            }
        };
        let mut attached: Option<u32> = None;
        for &(other, item) in items {
            if (hash ^ other).count_ones() > self.distance {
                continue;
            }
            let apart = attached.is_none_or(|attached| components.join(attached, item));
            attached.get_or_insert(item);
            if apart {
                let known = bucket.nodes.get(item as usize).copied().unwrap_or(node);
                edges.push(&cluster::edge(node, known))?;
            }
        }
        let rest = bucket.rest.get_or_insert_with(|| {
            self.resolution.sorter(MEMBER, (self.resolution.share() / 16).max(64 << 10))
        });
        let mut member = [0; MEMBER];
        member[..8].copy_from_slice(&bucket.key.to_be_bytes());
        member[8..16].copy_from_slice(&hash.to_be_bytes());
        member[16..].copy_from_slice(&node.to_be_bytes());
        rest.push(&member)
    }

    /// Ends a bucket, and empties it.
    fn end(&self, bucket: &mut Bucket, edges: &mut Sorter) -> Result<(), ExternalError> {
        let Bucket { items, nodes, rest, components, .. } = bucket;
        match (components.take(), items.as_slice(), nodes.as_slice()) {
            (Some(_), ..) | (None, [] | [_], _) => {}
            // Most buckets are that small.
            (None, [one, other], [node, other_node]) => {
                if (one.0 ^ other.0).count_ones() <= self.distance {
                    edges.push(&cluster::edge(*node, *other_node))?;
                }
            }
            (None, ..) => {
                self.within(items, nodes, edges)?;
            }
        }
        items.clear();
        nodes.clear();
        let mut waiting = rest.take();
        // Each time what is left is less by what there is room for.
        while let Some(rest) = waiting.take() {
            let rest = rest.finish()?;
            let mut merger = rest.open(self.resolution.share() / 16)?;
            let mut next = Bucket { key: bucket.key, ..Bucket::default() };
            while let Some(member) = merger.next()? {
                let (hash, node) = (number(&member[8..]), number(&member[16..]));
                self.add(&mut next, hash, node, edges)?;
            }
            if next.components.is_none() {
                self.within(&next.items, &next.nodes, edges)?;
            }
            waiting = next.rest;
            rest.remove();
        }
        Ok(())
    }

    fn within(
        &self,
        items: &[Item],
        nodes: &[u64],
        edges: &mut Sorter,
    ) -> Result<Components, ExternalError> {
        let mut components = Components::new(items.len());
        search(&mut items.to_vec(), !self.choice, self.distance, &mut components);
        let node = |item: u32| nodes.get(item as usize).copied().unwrap_or_default();
        for (one, other) in std::mem::take(&mut components.joined) {
            edges.push(&cluster::edge(node(one), node(other)))?;
        }
        Ok(components)
    }
}

/// The hashes that agree in the chosen blocks.
#[derive(Default)]
struct Bucket {
    key: u64,
    items: Vec<Item>,
    nodes: Vec<u64>,
    /// What was found among the items, once there are more than there is room for.
    components: Option<Components>,
    /// Those that there was no room for.
    rest: Option<Sorter>,
}

/// Of the edges between documents with equal hashes those whose first document has another edge.
fn of_connected(
    resolution: &Resolution<'_>,
    stars: Sorted,
    edges: &Sorted,
) -> Result<Sorted, ExternalError> {
    let part = resolution.memory / 4;
    let mut ends = resolution.sorter(8, part);
    let mut merger = edges.open(part)?;
    while let Some(edge) = merger.next()? {
        ends.push(&edge[..8])?;
        ends.push(&edge[8..])?;
    }
    drop(merger);
    let ends = ends.finish()?;
    let mut kept = resolution.sorter(cluster::EDGE, part);
    let (mut stars_by_first, mut connected) = (stars.open(part)?, ends.open(part)?);
    let mut next = connected.next()?.map(number);
    while let Some(edge) = stars_by_first.next()? {
        let first = number(edge);
        while next.is_some_and(|node| node < first) {
            next = connected.next()?.map(number);
        }
        if next == Some(first) {
            kept.push(edge)?;
        }
    }
    drop((stars_by_first, connected));
    ends.remove();
    stars.remove();
    kept.finish()
}
