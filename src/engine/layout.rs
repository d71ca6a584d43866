//! Where things lie in an output folder.

use std::path::{Path, PathBuf};

/// The paths in an output folder.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout of an output folder.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The output folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Kept documents.
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Dropped documents, with `--keep-dropped`.
    pub fn dropped(&self) -> PathBuf {
        self.root.join("dropped")
    }

    /// Rejected records.
    pub fn rejected(&self) -> PathBuf {
        self.root.join("rejected")
    }

    /// The account of a finished run.
    pub fn summary(&self) -> PathBuf {
        self.root.join("summary.json")
    }

    /// The effective configuration.
    pub fn config(&self) -> PathBuf {
        self.root.join("pipeline.yaml")
    }

    /// What the engine keeps for itself.
    pub fn state(&self) -> PathBuf {
        self.root.join(".sapwood")
    }

    /// The plan that the output belongs to.
    pub fn plan(&self) -> PathBuf {
        self.state().join("plan.json")
    }

    /// Files that are needed until the run is finished.
    pub fn work(&self) -> PathBuf {
        self.state().join("work")
    }

    /// Where files are made that are given another place when they are whole.
    pub fn temporaries(&self) -> PathBuf {
        self.state().join("tmp")
    }

    /// The plan of tasks.
    pub fn tasks(&self) -> PathBuf {
        self.state().join("plan/tasks.json")
    }

    /// The listing of the input, from some shard on.
    pub fn listing(&self, shard: u32) -> PathBuf {
        let chunk = shard / LISTED;
        self.state().join(format!("plan/{:03}/shards-{chunk:06}.json", chunk / 1000))
    }

    /// Where the output was made from.
    pub fn origin(&self) -> PathBuf {
        self.state().join("plan/origin.json")
    }

    /// The columns of parquet output.
    pub fn schema(&self) -> PathBuf {
        self.state().join("plan/schema.arrow")
    }

    /// The marks of a shard that several tasks share.
    pub fn marks(&self, shard: u32) -> PathBuf {
        self.state().join(format!("plan/marks/{:05}/{shard:08}.json", shard / 1000))
    }

    /// What is known of a task: `state` is `done`, `running` or `failed`.
    pub fn task(&self, phase: &str, task: usize, state: &str) -> PathBuf {
        self.task_folder(phase, task).join(format!("{task:07}.{state}"))
    }

    /// The folder of what is known of a task and those with numbers near.
    pub fn task_folder(&self, phase: &str, task: usize) -> PathBuf {
        self.state().join(format!("tasks/{phase}/{:04}", task / TASKS_IN_FOLDER))
    }

    /// What a run of all tasks in one process tells about itself.
    pub fn local_run(&self) -> PathBuf {
        self.state().join("tasks/local.running")
    }

    /// The journal record of a segment.
    pub fn segment_record(&self, pass: usize, shard: u32, segment: u32) -> PathBuf {
        self.pass_folder("journal", pass, shard, segment)
            .join(format!("{shard:08}-{segment:06}.json"))
    }

    /// Rows that a segment leaves for the shards of the output, made by some writer.
    pub fn segment_pieces(&self, pass: usize, shard: u32, segment: u32, writer: &str) -> PathBuf {
        self.pass_folder("work", pass, shard, segment)
            .join(format!("{shard:08}-{segment:06}.{writer}.pieces"))
    }

    /// Rows that a segment leaves for the next pass, made by some writer.
    pub fn segment_spill(&self, pass: usize, shard: u32, segment: u32, writer: &str) -> PathBuf {
        self.pass_folder("work", pass, shard, segment)
            .join(format!("{shard:08}-{segment:06}.{writer}.spill"))
    }

    /// The files that a task of assembling makes, and of what.
    pub fn arranged(&self, task: usize) -> PathBuf {
        self.state().join(format!("work/arranged/{:04}/{task:07}.json", task / TASKS_IN_FOLDER))
    }

    /// The journal record of a file of the output.
    pub fn part_record(&self, number: u32) -> PathBuf {
        self.state().join(format!("journal/assemble/{:05}/{number:08}.json", number / 1000))
    }

    /// The journal record of a resolved round of a barrier: the one in this place among those that
    /// end a pass.
    pub fn findings_record(&self, pass: usize, slot: usize) -> PathBuf {
        self.state().join(format!("journal/resolve-{pass}-{slot}.json"))
    }

    /// Its findings.
    pub fn findings(&self, pass: usize, slot: usize) -> PathBuf {
        self.state().join(format!("findings/{pass}-{slot}"))
    }

    /// What a process needs until it has resolved it.
    pub fn resolve_scratch(&self, pass: usize, slot: usize, writer: &str) -> PathBuf {
        self.state().join(format!("work/resolve-{pass}-{slot}.{writer}"))
    }

    /// What the tasks of comparing have left of a barrier.
    pub fn match_folder(&self, pass: usize, slot: usize) -> PathBuf {
        self.state().join(format!("work/match-{pass}-{slot}"))
    }

    /// What one of these tasks has left.
    pub fn match_record(&self, pass: usize, slot: usize, task: usize) -> PathBuf {
        self.match_folder(pass, slot).join(format!("{task:07}.json"))
    }

    /// A pile of a partition: what came of comparing its records. There are at most 256 partitions.
    pub fn match_pile(&self, pass: usize, slot: usize, partition: usize, pile: usize) -> PathBuf {
        self.match_folder(pass, slot).join(format!("{partition:03}.{pile}"))
    }

    /// What a process needs while it compares.
    pub fn match_scratch(&self, pass: usize, slot: usize, writer: &str) -> PathBuf {
        self.state().join(format!("work/match-{pass}-{slot}.{writer}"))
    }

    /// No folder holds the files of more than 2000 segments, and few hold more folders than that:
    /// neither a million small shards nor one of a terabyte makes one slow.
    fn pass_folder(&self, kind: &str, pass: usize, shard: u32, segment: u32) -> PathBuf {
        let (shards, segments) = (shard / 500, segment / 4);
        self.state().join(format!("{kind}/pass-{pass}/{shards:05}/{segments:05}"))
    }
}

/// A barrier among those that end a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Number of the pass.
    pub pass: usize,
    /// The barrier's place.
    pub slot: usize,
}

/// Shards whose listing is in one file.
pub const LISTED: u32 = 1000;
/// Tasks of which something is known in one folder, at most three files each.
pub const TASKS_IN_FOLDER: usize = 1000;

/// Makes one path component of a value from the data: it can name no other folder, and two values
/// never share a component.
///
/// Letters, digits, `-`, `_` and inner dots stay; every other byte becomes `%XX`. Long values are
/// cut and get a hash. An empty value is `unknown`.
pub fn component(value: &str) -> String {
    if value.is_empty() {
        return "unknown".to_owned();
    }
    let mut name = String::with_capacity(value.len());
    for (at, c) in value.char_indices() {
        let plain = c.is_alphanumeric() || c == '-' || c == '_' || (c == '.' && at > 0);
        if plain {
            name.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                name.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    // File systems end names at 255 bytes.
    const LONGEST: usize = 120;
    if name.len() > LONGEST {
        let hash = xxhash_rust::xxh3::xxh3_64(value.as_bytes());
        let cut = (0..=LONGEST).rev().find(|&at| name.is_char_boundary(at)).unwrap_or(0);
        name.truncate(cut);
        name.push_str(&format!("~{hash:016x}"));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_become_harmless_components() {
        for (value, name) in [
            ("en", "en"),
            ("../../etc", "%2E.%2F..%2Fetc"),
            ("..", "%2E."),
            ("", "unknown"),
            ("a/b\0c", "a%2Fb%00c"),
            ("zh-Hant", "zh-Hant"),
            ("a%2Fb", "a%252Fb"),
        ] {
            assert_eq!(component(value), name);
        }
    }

    proptest! {
        #[test]
        fn no_value_leaves_its_folder(value in any::<String>()) {
            let name = component(&value);
            prop_assert!(!name.is_empty() && name.len() < 200);
            prop_assert!(!name.contains(['/', '\\', '\0']) && name != "." && name != "..");
        }
    }
}
