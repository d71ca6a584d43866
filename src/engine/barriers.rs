//! The phases between passes: what the tasks of comparing and of resolving a barrier do.

use std::fs;
use std::ops::Range;
use std::sync::Arc;

use super::error::EngineError;
use super::findings::{Findings, FindingsRecord};
use super::journal::{self, FrameRecord, Kind, SegmentRecord};
use super::layout::Slot;
use super::matching::{self, MatchRecord};
use super::passes::Engine;
use super::resolve::{BarrierResolver, Earlier, Place, Pool};
use super::standing::{self, Done, SILENT};
use super::statistics::Statistics;
use super::tasks::Phase;
use crate::pipeline::PlannedBarrier;

/// Which of the records that a pass left for a barrier are asked for.
struct Wanted {
    /// Partitions of sorted records.
    partitions: Range<usize>,
    /// Whether records in input order are.
    ordered: bool,
}

impl Engine<'_> {
    fn barrier(&self, at: Slot) -> Result<&PlannedBarrier, EngineError> {
        let barriers = self.plan.passes.get(at.pass).map(|pass| pass.barriers.as_slice());
        barriers
            .and_then(|barriers| barriers.get(at.slot))
            .ok_or_else(|| EngineError::NotReady(format!("the plan has no pass {}", phase_of(at))))
    }

    /// What a barrier that ends a pass has found.
    ///
    /// # Errors
    /// [`EngineError::NotReady`] if it is not resolved yet; any other if its record can't be read.
    pub fn found(&self, at: Slot) -> Result<Findings, EngineError> {
        let path = self.layout.findings_record(at.pass, at.slot);
        let record = journal::read::<FindingsRecord>(&path)?.ok_or_else(|| {
            EngineError::NotReady(format!("pass {} is not finished yet", phase_of(at)))
        })?;
        Ok(Findings::new(self.layout.findings(at.pass, at.slot), &record))
    }

    fn is_resolved(&self, at: Slot) -> Result<bool, EngineError> {
        let path = self.layout.findings_record(at.pass, at.slot);
        Ok(journal::read::<FindingsRecord>(&path)?.is_some())
    }

    /// Opens what the pass left for a barrier.
    fn with_records<T>(
        &self,
        at: Slot,
        wanted: Wanted,
        work: impl FnOnce(&BarrierResolver<'_>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let planned = self.barrier(at)?;
        let mut earlier: Vec<Earlier> = Vec::new();
        for slot in 0..at.slot {
            let at = Slot { slot, ..at };
            let before = self.barrier(at)?;
            let findings = self.found(at)?;
            if before.is_final() {
                earlier.push((findings, Arc::clone(&before.barrier)));
            }
        }
        let frame = |frame: &mut FrameRecord| {
            let place = Place::parse(&frame.partition).filter(|_| frame.kind == Kind::Records);
            if place.is_none_or(|place| place.slot != at.slot) {
                return false;
            }
            if frame.counts.is_empty() {
                return wanted.ordered;
            }
            frame.narrow(wanted.partitions.clone());
            frame.documents > 0
        };
        let keep = |record: &mut SegmentRecord| record.keep_records(frame);
        let left = journal::pass(self.layout, at.pass, self.record.shards, &keep, self.pool)?;
        work(&BarrierResolver {
            layout: self.layout,
            at,
            planned,
            earlier,
            record: self.record,
            segments: &left.segments,
            partitions: wanted.partitions.clone(),
            all_partitions: self.tasks.partitions,
            memory: self.plan.config.memory.0,
            pool: Pool(self.pool),
            cancel: &self.options.cancel,
        })
    }

    /// Compares the records of a barrier, those of the partitions of some tasks.
    pub fn compare(&self, at: Slot, which: &[usize]) -> Result<(), EngineError> {
        let phase = Phase::Match(at.pass, at.slot);
        let began = journal::now();
        let tasks = self.tasks.count(phase);
        let done = |task| {
            let done = Done::of(&Statistics::default(), began);
            self.standings().set_done(phase, task, &done)
        };
        // What was compared is of no use any more, and is no longer there, once it is resolved.
        let resolved = self.is_resolved(at)?;
        let mut left = Vec::new();
        for &task in which {
            let record = self.layout.match_record(at.pass, at.slot, task);
            match resolved || journal::read::<MatchRecord>(&record)?.is_some() {
                true => done(task)?,
                false => {
                    let partitions = matching::partitions_of(task, tasks, self.tasks.partitions);
                    left.push((task, partitions));
                }
            }
        }
        let (Some((_, first)), Some((_, last))) = (left.first(), left.last()) else {
            return Ok(());
        };
        self.clear_scratch(phase, &format!("match-{}-{}", at.pass, at.slot));
        let wanted = Wanted { partitions: first.start..last.end, ordered: false };
        self.with_records(at, wanted, |resolver| {
            resolver.compare(&left, &|task, record| {
                journal::write(&self.layout.match_record(at.pass, at.slot, task), &record)?;
                done(task)
            })
        })
    }

    /// Resolves a barrier, unless it is. `alone` says not to ask for what tasks have compared.
    ///
    /// # Errors
    /// If something is missing, a file can't be read or written, or the run was asked to stop.
    pub fn resolve(&self, at: Slot, alone: bool) -> Result<(), EngineError> {
        if self.is_resolved(at)? {
            return Ok(());
        }
        let phase = phase_of(at);
        self.clear_scratch(phase, &format!("resolve-{}-{}", at.pass, at.slot));
        let tasks = self.tasks.matching(at.pass, at.slot);
        let ahead = (tasks > 0 && !alone).then_some(tasks);
        let writes_index =
            self.barrier(at)?.barrier.indexes().is_some_and(|indexes| indexes.write.is_some());
        let partitions = match ahead.is_some() && !writes_index {
            true => 0..0,
            false => 0..self.tasks.partitions,
        };
        let wanted = Wanted { partitions, ordered: true };
        let record = self.with_records(at, wanted, |resolver| resolver.resolve(ahead))?;
        journal::write(&self.layout.findings_record(at.pass, at.slot), &record)?;
        matching::give_back(self.layout, at);
        Ok(())
    }

    /// Removes what processes that are gone had left of this work, which can be much.
    fn clear_scratch(&self, phase: Phase, of: &str) {
        let now = journal::now();
        let tasks = self.standings().phase(phase, self.tasks.count(phase)).running;
        let alive: Vec<String> = tasks
            .into_values()
            .chain(standing::local_run(self.layout))
            .filter(|it| now - it.beat < SILENT)
            .map(|it| it.writer)
            .collect();
        for entry in fs::read_dir(self.layout.work()).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some((start, writer)) = name.to_str().and_then(|name| name.split_once('.')) else {
                continue;
            };
            if start == of && alive.iter().all(|alive| alive != writer) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

fn phase_of(at: Slot) -> Phase {
    Phase::Resolve(at.pass, at.slot)
}
