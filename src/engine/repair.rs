//! Repairing an output: what is damaged is done again, and nothing else. Where the files that this
//! needs are given back already, the segments that they came from are done again first; everything must
//! come out as the journal says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::assemble::{self, Part, PartRecord, hash_file};
use super::claim;
use super::error::EngineError;
use super::journal::{self, SegmentRecord};
use super::layout::Slot;
use super::listed;
use super::map::Mode;
use super::options::{self, RunOptions};
use super::ordered;
use super::passes::Engine;
use super::progress::{Observer, Progress};
use super::run;
use super::sink::Commit;
use super::tasks::Phase;
use super::unit::{Reach, Unit};
use super::verify::{Flaw, Remedy, Verification, by_remedy, parts_of, verify};
use crate::engine::Layout;
use crate::pipeline::Plan;
use crate::shard::Shard;
use crate::shard::marks::Mark;

/// Segments of passes that are to be done again.
type Needs = BTreeMap<usize, BTreeSet<(u32, u32)>>;

struct Repair<'r> {
    engine: &'r Engine<'r>,
    needs: Needs,
    /// Tasks of comparing that are to be done again.
    compare: BTreeMap<usize, BTreeSet<(usize, usize)>>,
    /// Barriers that are to be resolved again.
    resolve: BTreeMap<usize, BTreeSet<usize>>,
    parts: BTreeSet<u32>,
}

/// Does again what a verification found damaged, and verifies anew.
///
/// # Errors
/// If the output is in use, the input has changed, or something does not come out as it was.
pub fn repair(
    plan: &Plan,
    found: &Verification,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Verification, EngineError> {
    let layout = Layout::new(&plan.config.output.path);
    let (record, tasks) = run::planned(&layout)?;
    claim::refuse_other(&layout, &record, plan)?;
    let lock = claim::lock(&layout)?;
    let pool = options::pool(options.threads)?;
    let progress = Arc::new(Progress::default());
    observer.start(Arc::clone(&progress));
    let engine = Engine {
        plan,
        options,
        layout: &layout,
        record: &record,
        tasks: &tasks,
        observer,
        progress: &progress,
        pool: &pool,
        started: Instant::now(),
    };
    let mut found = found.clone();
    // What was made anew may tell of more: of the files of the output once the journal is whole.
    for _ in 0..ROUNDS {
        if found.flaws.iter().all(|flaw| matches!(flaw.remedy, Remedy::Finish | Remedy::Nothing)) {
            break;
        }
        let mut repair = Repair {
            engine: &engine,
            needs: Needs::new(),
            compare: BTreeMap::new(),
            resolve: BTreeMap::new(),
            parts: BTreeSet::new(),
        };
        repair.gather(&found)?;
        repair.run(&found)?;
        let finished = found.finished;
        found = verify(layout.root(), options.threads, finished)?;
    }
    let whole = |flaw: &Flaw| matches!(flaw.remedy, Remedy::Finish | Remedy::Nothing);
    if found.finished && found.flaws.iter().all(whole) {
        // The account comes last, and the room is given back again.
        engine.finish()?;
        found = verify(layout.root(), options.threads, true)?;
    }
    drop(lock);
    Ok(found)
}

/// Rounds of repairing and verifying: the journal, then the files of the output, and one to spare.
const ROUNDS: usize = 3;

impl Repair<'_> {
    fn layout(&self) -> &Layout {
        self.engine.layout
    }

    /// Finds out what has to be done again.
    fn gather(&mut self, found: &Verification) -> Result<(), EngineError> {
        for (remedy, flaws) in by_remedy(&found.flaws) {
            match remedy {
                Remedy::Segment { pass, shard, segment } => {
                    for flaw in flaws.iter().filter(|flaw| is_record(&flaw.path)) {
                        discard(&self.layout().root().join(&flaw.path))?;
                    }
                    self.needs.entry(pass).or_default().insert((shard, segment));
                }
                Remedy::Match { pass, slot, task } => {
                    discard(&self.layout().match_record(pass, slot, task))?;
                    self.engine.standings().forget(Phase::Match(pass, slot), task);
                    self.compare.entry(pass).or_default().insert((slot, task));
                }
                Remedy::Resolve { pass, slot } => {
                    discard(&self.layout().findings_record(pass, slot))?;
                    discard(&self.layout().findings(pass, slot))?;
                    // What stands behind it in the pass does not see what it removes. What is not
                    // resolved yet is left to its tasks.
                    let slots = self.engine.record.passes.get(pass).copied().unwrap_or(0);
                    let behind = slot + 1..slots;
                    let known = behind
                        .filter(|&slot| self.engine.layout.findings_record(pass, slot).exists());
                    self.resolve
                        .entry(pass)
                        .or_default()
                        .extend(std::iter::once(slot).chain(known));
                }
                Remedy::Part { number } => {
                    self.parts.insert(number);
                }
                Remedy::Finish | Remedy::Nothing => {}
            }
        }
        if !self.resolve.is_empty() {
            let places = self.places()?;
            for &pass in self.resolve.keys() {
                let lost: Vec<(u32, u32)> =
                    places.iter().filter(|place| !self.is_whole(pass, **place)).copied().collect();
                self.needs.entry(pass).or_default().extend(lost);
            }
        }
        if !self.parts.is_empty() {
            for part in self.damaged_parts()? {
                for slice in &part.slices {
                    let path = self.layout().segment_pieces(
                        slice.pass,
                        slice.shard,
                        slice.segment,
                        &slice.writer,
                    );
                    if !path.exists() {
                        let place = (slice.shard, slice.segment);
                        self.needs.entry(slice.pass).or_default().insert(place);
                    }
                }
            }
        }
        self.close();
        Ok(())
    }

    /// All segments that any pass knows of.
    fn places(&self) -> Result<BTreeSet<(u32, u32)>, EngineError> {
        let passes = self.engine.plan.passes.len();
        let mut places = BTreeSet::new();
        for shard in 0..self.engine.record.shards as u32 {
            for segment in 0.. {
                let path = |pass| self.layout().segment_record(pass, shard, segment);
                let record = |pass| journal::read::<SegmentRecord>(&path(pass)).ok().flatten();
                let Some(record) = (0..passes).find_map(record) else { break };
                places.insert((shard, segment));
                if record.last {
                    break;
                }
            }
        }
        Ok(places)
    }

    /// Whether what a pass left of a segment for the next is there.
    fn is_whole(&self, pass: usize, (shard, segment): (u32, u32)) -> bool {
        let path = self.layout().segment_record(pass, shard, segment);
        let Ok(Some(record)) = journal::read::<SegmentRecord>(&path) else { return false };
        let path = self.layout().segment_spill(pass, shard, segment, &record.writer);
        record.spill.is_empty() || hash_file(&path).is_ok_and(|(_, xxh3)| xxh3 == record.spill_xxh3)
    }

    /// Adds what the segments are made from, where it is no longer there.
    fn close(&mut self) {
        for pass in (0..self.engine.plan.passes.len()).rev() {
            let Some(source) = self.engine.plan.source(pass) else { continue };
            for place in self.needs.get(&pass).cloned().unwrap_or_default() {
                if !self.is_whole(source, place) {
                    self.needs.entry(source).or_default().insert(place);
                }
            }
        }
    }

    fn damaged_parts(&self) -> Result<Vec<Part>, EngineError> {
        let (_, passes) = self.engine.committed()?;
        let mut parts = parts_of(self.engine.record, self.layout(), &passes);
        parts.retain(|part| self.parts.contains(&part.number));
        Ok(parts)
    }

    fn run(&self, found: &Verification) -> Result<(), EngineError> {
        let shards: BTreeSet<u32> =
            self.needs.values().flatten().map(|(shard, _)| *shard).collect();
        let listed = listed::shards(self.layout(), shards.iter().copied())?;
        for &shard in &shards {
            self.mark(shard, &listed)?;
        }
        for pass in 0..self.engine.plan.passes.len() {
            self.map(pass)?;
            for &(slot, task) in self.compare.get(&pass).into_iter().flatten() {
                self.engine.compare(Slot { pass, slot }, &[task])?;
            }
            if let Some(slots) = self.resolve.get(&pass) {
                for &slot in slots {
                    discard(&self.layout().findings_record(pass, slot))?;
                }
                for &slot in slots {
                    self.engine.resolve(Slot { pass, slot }, true)?;
                }
            }
        }
        self.assemble()?;
        if !found.finished && !self.needs.is_empty() {
            // What was arranged may name files that are no longer there.
            self.engine.standings().forget(Phase::Arrange, 0);
            for task in 0..self.engine.tasks.count(Phase::Assemble) {
                self.engine.standings().forget(Phase::Assemble, task);
            }
        }
        Ok(())
    }

    fn mark(&self, shard: u32, listed: &BTreeMap<u32, Shard>) -> Result<(), EngineError> {
        let path = self.layout().marks(shard);
        if journal::read::<Vec<Mark>>(&path).is_err() {
            discard(&path)?;
        }
        self.engine.mark(shard, listed)
    }

    fn map(&self, pass: usize) -> Result<(), EngineError> {
        let Some(places) = self.needs.get(&pass) else { return Ok(()) };
        let units: Vec<Unit> = places
            .iter()
            .map(|&(shard, segment)| Unit { shard, reach: Reach::Segment(segment) })
            .collect();
        let count = units.len();
        self.engine.progress.start_pass(pass, self.engine.plan.passes.len(), 0);
        let map = self.engine.map_job(pass, Mode::Run, units, Commit::Anew, &|_| Ok(()))?;
        ordered::run(&map, count, self.engine.pool, &self.engine.options.cancel)
    }

    fn assemble(&self) -> Result<(), EngineError> {
        if self.parts.is_empty() {
            return Ok(());
        }
        let parts = self.damaged_parts()?;
        let mut before = BTreeMap::new();
        for part in &parts {
            let path = self.layout().part_record(part.number);
            if let Ok(Some(record)) = journal::read::<PartRecord>(&path) {
                before.insert(part.number, record);
            }
            discard(&path)?;
        }
        let options = self.engine.options;
        assemble::assemble(self.layout(), &parts, self.engine.pool, &options.cancel)?;
        for part in &parts {
            let path = self.layout().part_record(part.number);
            let now = journal::read::<PartRecord>(&path)?;
            let same = before.get(&part.number).is_none_or(|before| {
                now.as_ref().is_some_and(|now| now.xxh3 == before.xxh3 || before.path != now.path)
            });
            if !same {
                return Err(EngineError::Damaged {
                    path: self.layout().root().join(&part.path),
                    message: "it does not come out as it did before".to_owned(),
                });
            }
        }
        Ok(())
    }
}

fn is_record(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

fn discard(path: &Path) -> Result<(), EngineError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(EngineError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}
