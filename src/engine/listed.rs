//! The listing of an input, as it was written down with the plan: in pieces, so that a task reads no
//! more of it than it needs.

use std::collections::BTreeMap;

use super::error::EngineError;
use super::journal;
use super::layout::{LISTED, Layout};
use crate::shard::Shard;

/// The shards of some numbers, out of the listing that was written down.
///
/// # Errors
/// If it can't be read.
pub fn shards(
    layout: &Layout,
    numbers: impl Iterator<Item = u32>,
) -> Result<BTreeMap<u32, Shard>, EngineError> {
    let mut found = BTreeMap::new();
    let mut chunk: (Option<u32>, Vec<Shard>) = (None, Vec::new());
    for number in numbers {
        let wanted = number / LISTED;
        if chunk.0 != Some(wanted) {
            chunk = (Some(wanted), read(layout, number)?);
        }
        if let Some(shard) = chunk.1.get((number % LISTED) as usize) {
            found.insert(number, shard.clone());
        }
    }
    Ok(found)
}

/// Writes the listing of an input down.
///
/// # Errors
/// If it can't be written.
pub fn write(layout: &Layout, shards: &[Shard]) -> Result<(), EngineError> {
    for (chunk, shards) in (0u32..).zip(shards.chunks(LISTED as usize)) {
        journal::write(&layout.listing(chunk * LISTED), &shards)?;
    }
    Ok(())
}

fn read(layout: &Layout, number: u32) -> Result<Vec<Shard>, EngineError> {
    let path = layout.listing(number);
    journal::read(&path)?
        .ok_or_else(|| EngineError::Damaged { path, message: "it is missing".to_owned() })
}
