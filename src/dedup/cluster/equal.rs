//! Documents with equal keys.

use super::super::barrier::{Order, Stream};
use super::super::resolution::Resolution;
use super::{EDGE, edge};
use crate::external::{ExternalError, Sorted, number};

/// The stream of keys: 16 bytes of the key, then the node.
pub const KEYS: Stream = Stream { width: 24, order: Order::Sorted, node_at: 16 };

/// The record of a document's key, for the stream [`KEYS`]. Keys are evenly distributed.
pub fn key_record(key: u128, node: u64) -> [u8; KEYS.width] {
    let mut record = [0; KEYS.width];
    record[..16].copy_from_slice(&key.to_be_bytes());
    record[16..].copy_from_slice(&node.to_be_bytes());
    record
}

/// Connects every document of a partition of a stream of keys with the first that has its key, where
/// `is_of_use` says so of the two. Also returns the number of records.
///
/// # Errors
/// If a file can't be read or written, or somebody asked to stop.
pub fn equal_keys(
    resolution: &Resolution<'_>,
    stream: usize,
    partition: usize,
    is_of_use: impl Fn(u64, u64) -> bool,
) -> Result<(Sorted, u64), ExternalError> {
    let mut edges = resolution.sorter(EDGE, resolution.share() / 2);
    let mut merger = resolution.merged(stream, partition, resolution.share() / 2)?;
    let mut current: Option<([u8; 16], u64)> = None;
    let mut records = 0;
    while let Some(record) = merger.next()? {
        records += 1;
        let key = record.first_chunk::<16>().copied().unwrap_or_default();
        let node = number(record.get(16..).unwrap_or_default());
        match current {
            Some((same, first)) if same == key => {
                if is_of_use(first, node) {
                    edges.push(&edge(first, node))?;
                }
            }
            _ => current = Some((key, node)),
        }
    }
    Ok((edges.finish()?, records))
}
