//! The passes of a run that many processes share.

use std::fmt::Write;
use std::path::Path;

use super::format::{count, number};
use crate::engine::PhaseTasks;

/// Passes and their tasks for people.
pub fn phases_table(phases: &[PhaseTasks], output: &Path) -> String {
    let mut out = String::new();
    let width = phases.iter().map(|phase| phase.phase.to_string().len()).max().unwrap_or(0);
    for phase in phases {
        let done = phase.count - phase.missing.len();
        let _ = writeln!(
            out,
            "{:<width$}  {}{}",
            phase.phase.to_string(),
            count(phase.count as u64, "task", "tasks"),
            if done > 0 { format!(", {} done", number(done as u64)) } else { String::new() }
        );
    }
    let _ = writeln!(
        out,
        "run them in this order: sapwood task PIPELINE --output {} --pass PASS --task I",
        output.display()
    );
    out
}

/// Passes and their tasks as JSON.
pub fn phases_json(phases: &[PhaseTasks]) -> String {
    let passes: Vec<serde_json::Value> = phases
        .iter()
        .map(|phase| {
            serde_json::json!({
                "name": phase.phase.to_string(),
                "tasks": phase.count,
                "done": phase.count - phase.missing.len(),
            })
        })
        .collect();
    let json = serde_json::json!({ "passes": passes });
    format!("{}\n", serde_json::to_string_pretty(&json).unwrap_or_default())
}
