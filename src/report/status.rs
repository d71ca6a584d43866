//! How far a run is, from its journal alone.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use super::format::{bytes, count, number};
use crate::engine::journal::{self, PlanRecord};
use crate::engine::statistics::{DocumentCounts, Statistics, Summary};
use crate::engine::{EngineError, Layout};

/// How far a run is.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The pipeline's name.
    pub name: String,
    /// xxh3-128 of the effective configuration.
    pub config_hash: String,
    /// Whether the run is finished.
    pub finished: bool,
    /// The passes, in order.
    pub passes: Vec<PassStatus>,
    /// Where records went so far; the whole account once the run is finished.
    pub documents: DocumentCounts,
    /// Bytes of text read so far.
    pub text_bytes: u64,
    /// Messages about damaged shards.
    pub damaged: Vec<String>,
}

/// How far a pass is.
#[derive(Debug, Clone, Serialize)]
pub struct PassStatus {
    /// Shards that it is done with.
    pub shards_done: usize,
    /// All shards.
    pub shards: usize,
    /// Committed segments.
    pub segments: usize,
}

/// Reads the status of an output folder; `None` if it is no output of sapwood.
///
/// # Errors
/// If a journal record can't be read.
pub fn status(folder: &Path) -> Result<Option<Status>, EngineError> {
    let layout = Layout::new(folder);
    let Some(plan) = journal::read::<PlanRecord>(&layout.plan())? else { return Ok(None) };
    let mut total = Statistics::default();
    let mut passes = Vec::new();
    for pass in 0..plan.passes {
        let (segments, _) = journal::pass(&layout, pass, plan.shards.len())?;
        let done = |records: &&Vec<journal::SegmentRecord>| {
            records.last().is_some_and(|record| record.last)
        };
        passes.push(PassStatus {
            shards_done: segments.iter().filter(done).count(),
            shards: plan.shards.len(),
            segments: segments.iter().map(Vec::len).sum(),
        });
        for segment in segments.iter().flatten() {
            total.add(&segment.statistics);
        }
    }
    let summary = journal::read::<Summary>(&layout.summary())?;
    Ok(Some(Status {
        name: plan.name,
        config_hash: plan.config_hash,
        finished: summary.is_some(),
        passes,
        documents: summary.map_or(total.documents, |summary| summary.documents),
        text_bytes: total.bytes.text_in,
        damaged: total.damaged.into_iter().map(|damage| damage.message).collect(),
    }))
}

/// A status for people.
pub fn status_table(status: &Status) -> String {
    let mut out = String::new();
    let state = if status.finished { "finished" } else { "not finished" };
    let _ = writeln!(out, "{} (config {}): {state}", status.name, status.config_hash);
    for (number_of, pass) in status.passes.iter().enumerate() {
        let _ = writeln!(
            out,
            "pass {}: {} of {}, {} committed",
            number_of + 1,
            pass.shards_done,
            count(pass.shards as u64, "shard", "shards"),
            count(pass.segments as u64, "segment", "segments")
        );
    }
    let counts = status.documents;
    let _ = writeln!(
        out,
        "{} read ({} of text), {} rejected, {} dropped, {} kept",
        count(counts.input, "record", "records"),
        bytes(status.text_bytes),
        number(counts.rejected),
        number(counts.dropped),
        number(counts.kept)
    );
    for message in &status.damaged {
        let _ = writeln!(out, "damaged: {message}");
    }
    if !status.finished {
        out.push_str("give the same command again to go on\n");
    }
    out
}
