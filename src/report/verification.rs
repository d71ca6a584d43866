//! What a verification found.

use std::fmt::Write;
use std::path::Path;

use super::format::{bytes, count};
use crate::engine::tasks::Phase;
use crate::engine::verify::{Remedy, Verification};

/// Flaws that are told one by one.
const TOLD: usize = 50;

/// A verification for people.
pub fn verification_table(found: &Verification, folder: &Path) -> String {
    let mut out = String::new();
    for flaw in found.flaws.iter().take(TOLD) {
        let _ = writeln!(out, "{}: {}{}", flaw.path.display(), flaw.what, remedy(flaw.remedy));
    }
    if found.flaws.len() > TOLD {
        let _ = writeln!(out, "and {} more", found.flaws.len() - TOLD);
    }
    let state = if found.finished { "finished" } else { "not finished" };
    let _ = writeln!(
        out,
        "{} ({state}): {} committed, {} ({}) read and as written, {}",
        folder.display(),
        count(found.segments, "segment", "segments"),
        count(found.files, "file", "files"),
        bytes(found.bytes),
        match found.flaws.len() {
            0 => "nothing damaged".to_owned(),
            flaws => count(flaws as u64, "flaw", "flaws"),
        }
    );
    out
}

fn remedy(remedy: Remedy) -> String {
    match remedy {
        Remedy::Segment { pass, shard, segment } => {
            format!(" (rerun: pass map-{}, shard {shard}, segment {segment})", pass + 1)
        }
        Remedy::Match { pass, slot, task } => {
            format!(" (rerun: pass {}, task {task})", Phase::Match(pass, slot))
        }
        Remedy::Resolve { pass, slot } => format!(" (rerun: pass {})", Phase::Resolve(pass, slot)),
        Remedy::Part { .. } => " (rerun: pass assemble)".to_owned(),
        Remedy::Finish => " (rerun: pass finish)".to_owned(),
        Remedy::Nothing => String::new(),
    }
}
