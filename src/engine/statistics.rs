//! What a run counts. All counts add up: per stage and in total, every record that came in was kept,
//! dropped for a reason, or rejected as malformed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where records went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentCounts {
    /// Records read, malformed ones among them.
    #[serde(rename = "in")]
    pub input: u64,
    /// Documents written.
    pub kept: u64,
    /// Documents that a stage dropped.
    pub dropped: u64,
    /// Malformed records.
    pub rejected: u64,
}

/// How many bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteCounts {
    /// Decompressed content that was read.
    pub content: u64,
    /// Text of the documents that came in, UTF-8.
    pub text_in: u64,
    /// Text of the documents that were kept, as it is written.
    pub text_kept: u64,
}

/// What a stage did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StageStatistics {
    /// Its label.
    pub name: String,
    /// Documents that reached it.
    #[serde(rename = "in")]
    pub input: u64,
    /// Documents that it dropped.
    pub dropped: u64,
    /// Documents whose text it changed.
    pub changed: u64,
    /// Dropped documents by the first rule that they failed.
    pub reasons: BTreeMap<String, u64>,
    /// What it remarked on documents that it did not drop, by note and language.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub notes: BTreeMap<String, BTreeMap<String, u64>>,
    /// Bytes of text that reached it.
    pub text_in: u64,
    /// Bytes of text that it dropped.
    pub text_dropped: u64,
    /// Bytes of text that a deduplicator took out of documents that it did not drop.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub text_removed: u64,
    /// What a deduplicator counted while it compared the documents.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub measures: BTreeMap<String, f64>,
    /// Processor time, in seconds.
    pub cpu_seconds: f64,
}

/// What became of the documents of a language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageStatistics {
    /// Documents written.
    pub kept: u64,
    /// Documents dropped.
    pub dropped: u64,
    /// Bytes of text written.
    pub text_kept: u64,
}

/// A shard of which not everything could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// Number of the shard in the listing.
    pub shard: u32,
    /// Where it is damaged and what the decoder said.
    pub message: String,
}

/// Processor time outside of stages, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct CpuSeconds {
    /// Decompressing.
    pub read: f64,
    /// Parsing records.
    pub parse: f64,
    /// Encoding, compressing and writing.
    pub write: f64,
}

/// What a segment, a pass or a run counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Where records went.
    pub documents: DocumentCounts,
    /// How many bytes.
    pub bytes: ByteCounts,
    /// What every stage did, by its number in the pipeline.
    pub stages: BTreeMap<usize, StageStatistics>,
    /// What became of the documents of each language.
    pub languages: BTreeMap<String, LanguageStatistics>,
    /// Malformed records by rule.
    pub rejected: BTreeMap<String, u64>,
    /// Shards of which not everything could be read.
    pub damaged: Vec<Damage>,
    /// Processor time outside of stages.
    pub cpu: CpuSeconds,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn add_counts(into: &mut BTreeMap<String, u64>, from: &BTreeMap<String, u64>) {
    for (key, count) in from {
        *into.entry(key.clone()).or_default() += count;
    }
}

impl Statistics {
    /// Adds another's counts.
    pub fn add(&mut self, other: &Statistics) {
        let (into, from) = (&mut self.documents, &other.documents);
        into.input += from.input;
        into.kept += from.kept;
        into.dropped += from.dropped;
        into.rejected += from.rejected;
        let (into, from) = (&mut self.bytes, &other.bytes);
        into.content += from.content;
        into.text_in += from.text_in;
        into.text_kept += from.text_kept;
        for (number, from) in &other.stages {
            let into = self.stages.entry(*number).or_default();
            into.name.clone_from(&from.name);
            into.input += from.input;
            into.dropped += from.dropped;
            into.changed += from.changed;
            add_counts(&mut into.reasons, &from.reasons);
            for (note, languages) in &from.notes {
                add_counts(into.notes.entry(note.clone()).or_default(), languages);
            }
            into.text_in += from.text_in;
            into.text_dropped += from.text_dropped;
            into.text_removed += from.text_removed;
            into.cpu_seconds += from.cpu_seconds;
        }
        for (language, from) in &other.languages {
            let into = self.languages.entry(language.clone()).or_default();
            into.kept += from.kept;
            into.dropped += from.dropped;
            into.text_kept += from.text_kept;
        }
        add_counts(&mut self.rejected, &other.rejected);
        self.damaged.extend(other.damaged.iter().cloned());
        self.cpu.read += other.cpu.read;
        self.cpu.parse += other.cpu.parse;
        self.cpu.write += other.cpu.write;
    }

    /// All processor time that was measured.
    pub fn cpu_seconds(&self) -> f64 {
        let stages: f64 = self.stages.values().map(|stage| stage.cpu_seconds).sum();
        stages + self.cpu.read + self.cpu.parse + self.cpu.write
    }

    /// Whether every record is accounted for.
    pub fn adds_up(&self) -> bool {
        let counts = &self.documents;
        let stages: u64 = self.stages.values().map(|stage| stage.dropped).sum();
        let reasons = self.stages.values().all(|stage| {
            stage.reasons.values().sum::<u64>() == stage.dropped && stage.dropped <= stage.input
        });
        counts.kept + counts.dropped + counts.rejected == counts.input
            && stages == counts.dropped
            && reasons
            && self.rejected.values().sum::<u64>() == counts.rejected
    }
}

/// The account of a run, as it stands in `summary.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The pipeline's name.
    pub name: String,
    /// The version of sapwood.
    pub version: String,
    /// xxh3-128 of the effective configuration.
    pub config_hash: String,
    /// Where records went.
    pub documents: DocumentCounts,
    /// How many bytes.
    pub bytes: ByteCounts,
    /// Seconds that this call took; less than the whole run's where it was resumed.
    pub seconds: f64,
    /// Processor time of the whole run, in seconds.
    pub cpu_seconds: f64,
    /// What every stage did, in order.
    pub stages: Vec<StageStatistics>,
    /// What became of the documents of each language.
    pub languages: BTreeMap<String, LanguageStatistics>,
    /// Malformed records by rule.
    pub rejected: BTreeMap<String, u64>,
    /// Shards of which not everything could be read.
    pub damaged: Vec<DamagedShard>,
    /// Processor time outside of stages.
    pub cpu: CpuSeconds,
    /// Number of shards read.
    pub input_shards: usize,
    /// What was written.
    pub output_shards: Vec<OutputShard>,
}

/// A damaged shard in a summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamagedShard {
    /// The file.
    pub path: String,
    /// Where it is damaged and what the decoder said.
    pub message: String,
}

/// A file of the output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputShard {
    /// Its path in the output folder.
    pub path: String,
    /// Its documents.
    pub documents: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// Bytes of text in it.
    pub text_bytes: u64,
    /// xxh3-64 of the file, in hexadecimal.
    pub xxh3: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_up_and_missing_documents_are_seen() {
        let mut one = Statistics {
            documents: DocumentCounts { input: 3, kept: 1, dropped: 1, rejected: 1 },
            rejected: BTreeMap::from([("invalid_json".to_owned(), 1)]),
            ..Statistics::default()
        };
        one.stages.insert(
            2,
            StageStatistics {
                input: 2,
                dropped: 1,
                reasons: BTreeMap::from([("a.b".to_owned(), 1)]),
                ..StageStatistics::default()
            },
        );
        assert!(one.adds_up());
        let mut two = one.clone();
        two.add(&one);
        assert!(two.adds_up());
        assert_eq!(two.stages[&2].reasons["a.b"], 2);
        two.documents.kept -= 1;
        assert!(!two.adds_up());
    }
}
