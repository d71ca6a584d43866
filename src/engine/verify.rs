//! Verifying an output: every file against its journal record, and the counts against each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::Serialize;

use super::assemble::{self, Part, PartRecord, hash_file};
use super::error::EngineError;
use super::findings::FindingsRecord;
use super::journal::{self, Kind, PlanRecord, SegmentRecord};
use super::layout::Layout;
use super::matching::MatchRecord;
use super::options;
use super::passes::{self, Segments};
use super::run;
use super::statistics::{Statistics, Summary};
use super::tasks::TaskPlan;
use crate::pipeline::config::OutputConfig;

/// What is done again to mend something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "rerun", rename_all = "lowercase")]
pub enum Remedy {
    /// A segment of a pass.
    Segment {
        /// The pass, from 0.
        pass: usize,
        /// Number of the shard.
        shard: u32,
        /// Number of the segment.
        segment: u32,
    },
    /// Comparing the records of a barrier, those of some partitions.
    Match {
        /// The pass, from 0.
        pass: usize,
        /// The barrier's place.
        slot: usize,
        /// The task.
        task: usize,
    },
    /// Resolving a barrier of a pass.
    Resolve {
        /// The pass, from 0.
        pass: usize,
        /// The barrier's place.
        slot: usize,
    },
    /// Putting a file of the output together.
    Part {
        /// Its number.
        number: u32,
    },
    /// The account.
    Finish,
    /// Nothing mends it.
    Nothing,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Flaw {
    /// The file, in the output folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
    /// What mends it.
    pub remedy: Remedy,
}

/// What a verification found.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// Whether the run is finished.
    pub finished: bool,
    /// Files that were read and are as they should be.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// Committed segments, over all passes.
    pub segments: u64,
    /// What is wrong, files in order.
    pub flaws: Vec<Flaw>,
}

struct Verifier<'v> {
    layout: &'v Layout,
    found: Mutex<Verification>,
    /// What all segments have counted.
    total: Mutex<Statistics>,
}

/// Verifies an output. `finished` is whether it is known to be finished, even if it does not look so.
///
/// # Errors
/// If it is no output of sapwood, or its plan can't be read.
pub fn verify(folder: &Path, threads: usize, finished: bool) -> Result<Verification, EngineError> {
    let layout = Layout::new(folder);
    let (record, tasks) = run::planned(&layout)?;
    // Where only the account was lost, what it was made from is given back nevertheless.
    let finished = finished
        || layout.summary().exists()
        || (!layout.work().exists() && layout.part_record(0).exists());
    let verifier = Verifier {
        layout: &layout,
        found: Mutex::new(Verification {
            finished,
            files: 0,
            bytes: 0,
            segments: 0,
            flaws: Vec::new(),
        }),
        total: Mutex::default(),
    };
    options::pool(threads)?.install(|| verifier.all(&record, &tasks, finished));
    let mut found = verifier.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.flaws.sort();
    found.flaws.dedup();
    Ok(found)
}

impl Verifier<'_> {
    fn note(&self, change: impl FnOnce(&mut Verification)) {
        change(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn flaw(&self, path: &Path, what: impl Into<String>, remedy: Remedy) {
        let path = path.strip_prefix(self.layout.root()).unwrap_or(path).to_owned();
        let flaw = Flaw { path, what: what.into(), remedy };
        self.note(|found| found.flaws.push(flaw));
    }

    /// Compares a file with its hash and, where it is known, its size.
    fn file(&self, path: &Path, xxh3: &str, bytes: Option<u64>, remedy: Remedy) {
        match hash_file(path) {
            Ok((size, _)) if bytes.is_some_and(|bytes| bytes != size) => {
                let wanted = bytes.unwrap_or_default();
                self.flaw(path, format!("has {size} bytes instead of {wanted}"), remedy);
            }
            Ok((_, hash)) if hash != xxh3 => {
                self.flaw(path, "does not have the content that was written", remedy);
            }
            Ok((size, _)) => self.note(|found| {
                found.files += 1;
                found.bytes += size;
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                self.flaw(path, "is missing", remedy);
            }
            Err(error) => self.flaw(path, format!("can't be read: {error}"), remedy),
        }
    }

    fn all(&self, plan: &PlanRecord, tasks: &TaskPlan, finished: bool) {
        let passes: Vec<Segments> =
            (0..plan.passes.len()).map(|pass| self.pass(plan, pass, finished)).collect();
        self.pieces(&passes, finished);
        self.findings(plan, finished);
        self.matches(plan, tasks);
        let damaged = |remedy: Remedy| matches!(remedy, Remedy::Segment { .. });
        let mut whole = true;
        self.note(|found| whole = !found.flaws.iter().any(|flaw| damaged(flaw.remedy)));
        // Of an incomplete journal nobody can tell which files there should be.
        let complete = passes
            .iter()
            .flatten()
            .all(|segments| segments.last().is_some_and(|segment| segment.last));
        if whole && complete {
            self.parts(plan, &passes, finished);
            self.account(finished);
        }
    }

    /// The records of a pass; those after one that is missing or damaged are looked for as well.
    fn pass(&self, plan: &PlanRecord, pass: usize, finished: bool) -> Segments {
        (0..plan.shards as u32)
            .into_par_iter()
            .with_max_len(64)
            .map(|shard| self.shard(plan, pass, shard, finished))
            .collect()
    }

    fn shard(
        &self,
        plan: &PlanRecord,
        pass: usize,
        shard: u32,
        finished: bool,
    ) -> Vec<SegmentRecord> {
        let mut records: Vec<SegmentRecord> = Vec::new();
        for segment in 0.. {
            let path = self.layout.segment_record(pass, shard, segment);
            let remedy = Remedy::Segment { pass, shard, segment };
            match journal::read::<SegmentRecord>(&path) {
                Ok(Some(record)) => {
                    self.record(&path, &record, records.last(), remedy);
                    let last = record.last;
                    records.push(record);
                    if last {
                        break;
                    }
                }
                Ok(None) => {
                    // Where others have gone on from it, it must have been there.
                    let used = (pass..plan.passes.len()).any(|other| {
                        let next = segment + u32::from(other == pass);
                        self.layout.segment_record(other, shard, next).exists()
                    });
                    if !used && !finished {
                        break;
                    }
                    self.flaw(&path, "the journal record is missing", remedy);
                    if self.ends(plan, shard, segment) {
                        break;
                    }
                }
                Err(error) => {
                    let what = match error {
                        EngineError::Journal { message, .. } => format!("is damaged: {message}"),
                        error => format!("can't be read: {error}"),
                    };
                    self.flaw(&path, format!("the journal record {what}"), remedy);
                    if self.ends(plan, shard, segment) {
                        break;
                    }
                }
            }
        }
        self.note(|found| found.segments += records.len() as u64);
        let mut total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        for record in &mut records {
            total.add(&std::mem::take(&mut record.statistics));
            if finished {
                record.keep_pieces();
            }
        }
        records
    }

    /// Whether a shard ends with a segment, as far as the records of other passes tell.
    fn ends(&self, plan: &PlanRecord, shard: u32, segment: u32) -> bool {
        let passes = 0..plan.passes.len();
        let record = |pass| {
            let path = self.layout.segment_record(pass, shard, segment);
            journal::read::<SegmentRecord>(&path).ok().flatten()
        };
        let next = |pass| self.layout.segment_record(pass, shard, segment + 1).exists();
        match passes.clone().find_map(record) {
            Some(record) => record.last,
            None => !passes.clone().any(next),
        }
    }

    /// Whether a record makes sense by itself and after the one before.
    fn record(
        &self,
        path: &Path,
        record: &SegmentRecord,
        before: Option<&SegmentRecord>,
        remedy: Remedy,
    ) {
        let documents = |kind| -> u64 {
            record.pieces.iter().filter(|it| it.kind == kind).map(|frame| frame.documents).sum()
        };
        let counts = record.statistics.documents;
        if documents(Kind::Data) != counts.kept {
            self.flaw(path, "the journal record's documents and frames do not add up", remedy);
        }
        let follows = before.is_none_or(|before| {
            before.segment + 1 != record.segment || before.next_ordinal == record.first_ordinal
        });
        if !follows {
            self.flaw(path, "the journal record does not go on where the one before ends", remedy);
        }
    }

    /// The files of segments, as long as they are needed.
    fn pieces(&self, passes: &[Segments], finished: bool) {
        if finished {
            return;
        }
        for (pass, shards) in passes.iter().enumerate() {
            let later: BTreeSet<(u32, u32)> = passes
                .get(pass + 1)
                .into_iter()
                .flatten()
                .flatten()
                .map(|segment| (segment.shard, segment.segment))
                .collect();
            shards.par_iter().flatten().for_each(|record| {
                let SegmentRecord { shard, segment, .. } = *record;
                let remedy = Remedy::Segment { pass, shard, segment };
                let size = |frames: &[journal::FrameRecord]| {
                    frames.iter().map(|frame| frame.length).sum::<u64>()
                };
                if !record.pieces.is_empty() {
                    let path = self.layout.segment_pieces(pass, shard, segment, &record.writer);
                    let bytes = Some(size(&record.pieces));
                    self.file(&path, &record.pieces_xxh3, bytes, remedy);
                }
                let path = self.layout.segment_spill(pass, shard, segment, &record.writer);
                // The pass that has read it may have given it back.
                let given_back = later.contains(&(shard, segment)) && !path.exists();
                if !record.spill.is_empty() && !given_back {
                    let bytes = Some(size(&record.spill));
                    self.file(&path, &record.spill_xxh3, bytes, remedy);
                }
            });
        }
    }

    fn findings(&self, plan: &PlanRecord, finished: bool) {
        for (pass, &barriers) in plan.passes.iter().enumerate() {
            for slot in 0..barriers {
                let remedy = Remedy::Resolve { pass, slot };
                let journal_path = self.layout.findings_record(pass, slot);
                match journal::read::<FindingsRecord>(&journal_path) {
                    Ok(Some(record)) => {
                        let path = self.layout.findings(pass, slot);
                        self.file(&path, &record.xxh3, None, remedy);
                    }
                    Ok(None) => {
                        let used = self.layout.segment_record(pass + 1, 0, 0).exists();
                        if finished || used {
                            self.flaw(&journal_path, "the journal record is missing", remedy);
                        }
                    }
                    Err(error) => {
                        self.flaw(&journal_path, format!("the journal record: {error}"), remedy);
                    }
                }
            }
        }
    }

    /// What tasks have compared for barriers that are not resolved yet.
    fn matches(&self, plan: &PlanRecord, tasks: &TaskPlan) {
        for (pass, &barriers) in plan.passes.iter().enumerate() {
            let left = (0..barriers).filter(|&slot| {
                tasks.matching(pass, slot) > 0 && !self.layout.findings_record(pass, slot).exists()
            });
            for (slot, task) in
                left.flat_map(|slot| (0..tasks.matching(pass, slot)).map(move |task| (slot, task)))
            {
                let remedy = Remedy::Match { pass, slot, task };
                let path = self.layout.match_record(pass, slot, task);
                let record = match journal::read::<MatchRecord>(&path) {
                    Ok(Some(record)) => record,
                    Ok(None) => continue,
                    Err(error) => {
                        self.flaw(&path, format!("the journal record: {error}"), remedy);
                        continue;
                    }
                };
                for partition in &record.partitions {
                    for (number, pile) in partition.piles.iter().enumerate() {
                        let path = self.layout.match_pile(pass, slot, partition.partition, number);
                        self.file(&path, &pile.xxh3, Some(pile.bytes()), remedy);
                    }
                }
            }
        }
    }

    /// The files of the output.
    fn parts(&self, plan: &PlanRecord, passes: &[Segments], finished: bool) {
        let parts = parts_of(plan, self.layout, passes);
        let known: BTreeSet<&Path> = parts.iter().map(|part| part.path.as_path()).collect();
        parts.par_iter().for_each(|part| {
            let remedy = Remedy::Part { number: part.number };
            let path = self.layout.root().join(&part.path);
            let journal_path = self.layout.part_record(part.number);
            match journal::read::<PartRecord>(&journal_path) {
                Ok(Some(record)) if record.path == part.path => {
                    self.file(&path, &record.xxh3, Some(record.bytes), remedy);
                    if record.documents != part.documents {
                        self.flaw(&journal_path, "its documents do not add up", remedy);
                    }
                }
                Ok(None) if !finished => {}
                Ok(_) => self.flaw(&journal_path, "the journal record is missing", remedy),
                Err(error) => {
                    self.flaw(&journal_path, format!("the journal record: {error}"), remedy);
                }
            }
        });
        for folder in [self.layout.data(), self.layout.dropped(), self.layout.rejected()] {
            for path in files(&folder) {
                let name = path.strip_prefix(self.layout.root()).unwrap_or(&path);
                if !known.contains(name) {
                    self.flaw(&path, "is no file of this run", Remedy::Nothing);
                }
            }
        }
    }

    /// The account against the journal.
    fn account(&self, finished: bool) {
        let total = self.total.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let journal_path = self.layout.state().join("journal");
        if !total.adds_up() {
            self.flaw(&journal_path, "the counts of its segments do not add up", Remedy::Nothing);
        }
        let path = self.layout.summary();
        match journal::read::<Summary>(&path) {
            Ok(Some(summary)) => {
                let same = summary.documents == total.documents
                    && summary.bytes == total.bytes
                    && summary.rejected == total.rejected;
                if !same {
                    self.flaw(&path, "does not say what the journal says", Remedy::Finish);
                }
            }
            Ok(None) if finished => self.flaw(&path, "is missing", Remedy::Finish),
            Ok(None) => {}
            Err(_) => self.flaw(&path, "can't be understood", Remedy::Finish),
        }
    }
}

/// The files of an output, by its plan alone.
pub(super) fn parts_of(plan: &PlanRecord, layout: &Layout, passes: &[Segments]) -> Vec<Part> {
    let output = plan.config.get("output").cloned().unwrap_or_default();
    let output: OutputConfig = serde_json::from_value(output).unwrap_or_default();
    assemble::arrange(passes, &passes::forms(&output, layout))
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// The flaws by what is done again to mend them.
pub(super) fn by_remedy(flaws: &[Flaw]) -> BTreeMap<Remedy, Vec<&Flaw>> {
    let mut all: BTreeMap<Remedy, Vec<&Flaw>> = BTreeMap::new();
    for flaw in flaws {
        all.entry(flaw.remedy).or_default().push(flaw);
    }
    all
}
