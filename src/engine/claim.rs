//! Claiming an output folder: a run takes one that is empty or its own, and nothing else.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::Path;

use super::error::EngineError;
use super::journal::{self, PlanRecord};
use super::layout::Layout;
use super::listed;
use crate::dedup::index;
use crate::pipeline::Plan;
use crate::shard::Shard;
use crate::shard::listing::Listing;

/// Refuses an output folder that holds some of the input.
pub(super) fn refuse_own_output(layout: &Layout, listing: &Listing) -> Result<(), EngineError> {
    let Ok(root) = layout.root().canonicalize() else { return Ok(()) };
    let inside = listing
        .shards
        .iter()
        .find(|shard| shard.path.canonicalize().is_ok_and(|path| path.starts_with(&root)));
    match inside {
        None => Ok(()),
        Some(shard) => Err(EngineError::Conflict {
            output: layout.root().to_owned(),
            what: format!("holds the input shard {}", shard.path.display()),
            help: "write to another folder".to_owned(),
        }),
    }
}

/// Refuses folders for indexes that hold something else, before anything is done.
pub(super) fn refuse_indexes(plan: &Plan, record: &PlanRecord) -> Result<(), EngineError> {
    for planned in plan.barriers() {
        let folder = planned.barrier.indexes().and_then(|indexes| indexes.write.as_deref());
        if let Some(folder) = folder {
            index::may_write(folder, &record.run())?;
        }
    }
    Ok(())
}

/// An output folder that was claimed.
pub(super) struct Claimed {
    /// Locked until it is dropped.
    pub lock: File,
    /// Whether it holds work of the same plan; else it holds none.
    pub same: bool,
}

/// Claims an output folder for a plan, and discards what is there of another if `force` says so.
pub(super) fn prepare(
    layout: &Layout,
    record: &PlanRecord,
    shards: &[Shard],
    force: bool,
) -> Result<Claimed, EngineError> {
    let root = layout.root();
    let conflict = |what: String, help: &str| EngineError::Conflict {
        output: root.to_owned(),
        what,
        help: help.to_owned(),
    };
    let existing = match journal::read::<PlanRecord>(&layout.plan()) {
        Ok(existing) => existing,
        Err(EngineError::Journal { .. }) if force => None,
        Err(error @ EngineError::Journal { .. }) => {
            return Err(conflict(
                format!("has a plan that can't be read ({error})"),
                "give --force to discard what is there",
            ));
        }
        Err(error) => return Err(error),
    };
    if existing.is_none() && !layout.state().exists() {
        let occupied = root.exists()
            && fs::read_dir(root).map_err(EngineError::io("read", root))?.next().is_some();
        if occupied {
            return Err(conflict(
                "is not empty and was not written by sapwood".to_owned(),
                "write to another folder, or empty this one",
            ));
        }
    }
    let lock = self::lock(layout)?;
    let finished = layout.summary().exists();
    let same = existing.as_ref() == Some(record);
    if same && (!record.stdin || finished) {
        return Ok(Claimed { lock, same: true });
    }
    if let Some(existing) = existing
        && !force
    {
        let changes = match same {
            true => "a run that read standard input, which can't be read again".to_owned(),
            false => differences(layout, &existing, record, shards).join("\n    "),
        };
        return Err(conflict(
            format!("belongs to another run:\n    {changes}"),
            "write to another folder, or give --force to discard what is there",
        ));
    }
    discard(layout)?;
    Ok(Claimed { lock, same: false })
}

/// Locks an output folder until the file is dropped.
pub(super) fn lock(layout: &Layout) -> Result<File, EngineError> {
    let state = layout.state();
    fs::create_dir_all(&state).map_err(EngineError::io("create", &state))?;
    let path = state.join("lock");
    let lock = File::create(&path).map_err(EngineError::io("write", &path))?;
    // On file systems without locks two runs still can't corrupt each other's files, which have
    // names of their own until they are committed.
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => Err(EngineError::Conflict {
            output: layout.root().to_owned(),
            what: "is being written by another sapwood".to_owned(),
            help: "wait for it, or write to another folder".to_owned(),
        }),
        _ => Ok(lock),
    }
}

/// Discards everything in an output folder but its lock.
pub(super) fn discard(layout: &Layout) -> Result<(), EngineError> {
    // Account and plan go first: what a kill leaves of the rest then belongs to nobody, and the
    // next run discards it as well.
    for path in [layout.summary(), layout.plan(), layout.config()] {
        if path.exists() {
            fs::remove_file(&path).map_err(EngineError::io("remove", &path))?;
        }
    }
    let state = layout.state();
    let folders = ["plan", "tasks", "journal", "findings", "tmp", "work", "slurm"];
    let folders = folders.into_iter().map(|name| state.join(name));
    for path in [layout.data(), layout.dropped(), layout.rejected()].into_iter().chain(folders) {
        if path.exists() {
            fs::remove_dir_all(&path).map_err(EngineError::io("remove", &path))?;
        }
    }
    Ok(())
}

/// Refuses to work on an output with another plan than its own.
pub(super) fn refuse_other(
    layout: &Layout,
    existing: &PlanRecord,
    plan: &Plan,
) -> Result<(), EngineError> {
    // The input is the one that was planned.
    let record = PlanRecord {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_hash: plan.config.hash(),
        config: plan.config.identity(),
        resources: plan.resources(),
        ..existing.clone()
    };
    if record == *existing {
        return Ok(());
    }
    Err(EngineError::Conflict {
        output: layout.root().to_owned(),
        what: format!(
            "was planned differently:\n    {}",
            differences(layout, existing, &record, &[]).join("\n    ")
        ),
        help: "give the same pipeline and --set options as when it was planned".to_owned(),
    })
}

/// What changed between two plans, for people.
fn differences(
    layout: &Layout,
    old: &PlanRecord,
    new: &PlanRecord,
    shards: &[Shard],
) -> Vec<String> {
    let mut changes = Vec::new();
    if old.version != new.version {
        changes.push(format!("sapwood {} made it, this is {}", old.version, new.version));
    }
    compare("", &old.config, &new.config, &mut changes);
    if old.listing != new.listing {
        compare_inputs(layout, old, shards, &mut changes);
    }
    for (old, new) in old.resources.iter().zip(&new.resources) {
        if old.xxh3 != new.xxh3 {
            changes.push(format!("{} {} has other content", new.role, new.path));
        }
    }
    if old.resources.len() != new.resources.len() {
        changes.push("other models or lists".to_owned());
    }
    if old.segment_bytes != new.segment_bytes {
        changes.push("another size of segments".to_owned());
    }
    if changes.is_empty() {
        changes.push("the places of models or lists".to_owned());
    }
    const SHOWN: usize = 12;
    if changes.len() > SHOWN {
        let more = changes.len() - SHOWN;
        changes.truncate(SHOWN);
        changes.push(format!("and {more} more"));
    }
    changes
}

fn compare_inputs(layout: &Layout, old: &PlanRecord, shards: &[Shard], changes: &mut Vec<String>) {
    let Ok(before) = listed::shards(layout, 0..old.shards as u32) else {
        return changes.push("another input".to_owned());
    };
    let before: BTreeMap<&Path, &Shard> =
        before.values().map(|shard| (shard.path.as_path(), shard)).collect();
    let now: BTreeMap<&Path, &Shard> =
        shards.iter().map(|shard| (shard.path.as_path(), shard)).collect();
    for (path, shard) in &before {
        match now.get(path) {
            None => changes.push(format!("input {} is no longer there", path.display())),
            Some(other) if other != shard => {
                changes.push(format!("input {} has other content", path.display()));
            }
            Some(_) => {}
        }
    }
    for path in now.keys().filter(|path| !before.contains_key(*path)) {
        changes.push(format!("input {} is new", path.display()));
    }
}

fn compare(
    path: &str,
    old: &serde_json::Value,
    new: &serde_json::Value,
    changes: &mut Vec<String>,
) {
    use serde_json::Value;
    let below = |key: &str| match path.is_empty() {
        true => key.to_owned(),
        false => format!("{path}.{key}"),
    };
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let null = Value::Null;
            let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
            for key in keys {
                let (old, new) = (old.get(key).unwrap_or(&null), new.get(key).unwrap_or(&null));
                compare(&below(key), old, new, changes);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (number, (old, new)) in old.iter().zip(new).enumerate() {
                compare(&below(&number.to_string()), old, new, changes);
            }
        }
        _ if old != new => changes.push(format!("{path}: {old} -> {new}")),
        _ => {}
    }
}
