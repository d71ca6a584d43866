//! Claiming an output folder: a run takes one that is empty or its own, and nothing else.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use super::error::EngineError;
use super::journal::{self, PlanRecord};
use super::layout::Layout;
use crate::dedup::index;
use crate::pipeline::Plan;
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

/// Makes the output folder this plan's own. The returned file is locked until it is dropped.
pub(super) fn prepare(
    layout: &Layout,
    record: &PlanRecord,
    force: bool,
) -> Result<File, EngineError> {
    let root = layout.root();
    let conflict = |what: String, help: &str| EngineError::Conflict {
        output: root.to_owned(),
        what,
        help: help.to_owned(),
    };
    let existing = match journal::read::<PlanRecord>(&layout.plan()) {
        Ok(existing) => existing,
        Err(EngineError::Journal { .. }) if force => None,
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
    let state = layout.state();
    fs::create_dir_all(&state).map_err(EngineError::io("create", &state))?;
    let lock_path = state.join("lock");
    let lock = File::create(&lock_path).map_err(EngineError::io("write", &lock_path))?;
    // On file systems without locks two runs still can't corrupt each other's files, which have
    // names of their own until they are renamed.
    if let Err(TryLockError::WouldBlock) = lock.try_lock() {
        return Err(conflict(
            "is being written by another sapwood".to_owned(),
            "wait for it, or write to another folder",
        ));
    }
    remove_temporaries(root);
    let finished = layout.summary().exists();
    let same = existing.as_ref() == Some(record);
    let stdin = record.shards.iter().any(|shard| shard.is_stdin());
    if same && (!stdin || finished) {
        return Ok(lock);
    }
    if let Some(existing) = existing
        && !force
    {
        let changes = match same {
            true => "a run that read standard input, which can't be read again".to_owned(),
            false => differences(&existing, record).join("\n    "),
        };
        return Err(conflict(
            format!("belongs to another run:\n    {changes}"),
            "write to another folder, or give --force to discard what is there",
        ));
    }
    // Account and plan go first: what a kill leaves of the rest then belongs to nobody, and the
    // next run discards it as well.
    discard_file(&layout.summary())?;
    discard_file(&layout.plan())?;
    discard_file(&layout.config())?;
    for path in [
        layout.data(),
        layout.dropped(),
        layout.rejected(),
        state.join("journal"),
        state.join("findings"),
        layout.work(),
    ] {
        if path.exists() {
            fs::remove_dir_all(&path).map_err(EngineError::io("remove", &path))?;
        }
    }
    journal::write(&layout.plan(), record)?;
    Ok(lock)
}

fn discard_file(path: &Path) -> Result<(), EngineError> {
    if path.exists() {
        fs::remove_file(path).map_err(EngineError::io("remove", path))?;
    }
    Ok(())
}

/// Removes what a kill left half written beside the account and the configuration.
fn remove_temporaries(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if ["summary.json.tmp-", "pipeline.yaml.tmp-"].iter().any(|start| name.starts_with(start)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// What changed between two plans, for people.
fn differences(old: &PlanRecord, new: &PlanRecord) -> Vec<String> {
    let mut changes = Vec::new();
    if old.version != new.version {
        changes.push(format!("sapwood {} made it, this is {}", old.version, new.version));
    }
    compare("", &old.config, &new.config, &mut changes);
    for shard in &old.shards {
        match new.shards.iter().find(|other| other.path == shard.path) {
            None => changes.push(format!("input {} is no longer there", shard.path.display())),
            Some(other) if other != shard => {
                changes.push(format!("input {} has other content", shard.path.display()));
            }
            Some(_) => {}
        }
    }
    for shard in &new.shards {
        if !old.shards.iter().any(|other| other.path == shard.path) {
            changes.push(format!("input {} is new", shard.path.display()));
        }
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
