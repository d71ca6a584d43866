//! The phases of a run: what each of its tasks does, whoever runs it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rayon::prelude::*;

use super::assemble::{self, Form, Part, PartRecord};
use super::error::EngineError;
use super::findings::Findings;
use super::journal::{self, Kind, PlanRecord, SegmentRecord};
use super::layout::{Layout, Slot};
use super::listed;
use super::map::{Map, Mode, Verdicts};
use super::options::RunOptions;
use super::ordered;
use super::prepare;
use super::progress::{Observer, Progress};
use super::resolve;
use super::sink::Commit;
use super::standing::{Done, Standings};
use super::statistics::{DamagedShard, OutputShard, Statistics, Summary};
use super::tasks::{Phase, TaskPlan};
use super::unit::{Reach, Unit};
use crate::pipeline::Plan;
use crate::pipeline::config::{OutputConfig, OutputFormat};
use crate::shard::marks::{self, Mark};

/// The segments of a pass, by shard.
pub(super) type Segments = Vec<Vec<SegmentRecord>>;

/// Whatever the tasks of an output need.
pub(super) struct Engine<'r> {
    pub plan: &'r Plan,
    pub options: &'r RunOptions,
    pub layout: &'r Layout,
    pub record: &'r PlanRecord,
    pub tasks: &'r TaskPlan,
    pub observer: &'r dyn Observer,
    pub progress: &'r Arc<Progress>,
    pub pool: &'r rayon::ThreadPool,
    pub started: Instant,
}

impl Engine<'_> {
    pub fn standings(&self) -> Standings<'_> {
        Standings { layout: self.layout }
    }

    /// Runs tasks of a phase. What is committed of them is not done again.
    ///
    /// # Errors
    /// If something is missing, a file can't be read or written, or the run was asked to stop.
    pub fn run(&self, phase: Phase, which: &[usize]) -> Result<(), EngineError> {
        let began = journal::now();
        match phase {
            Phase::Index => return self.index(which),
            Phase::Map(pass) => return self.map(pass, which),
            Phase::Assemble => return self.assemble(which),
            Phase::Match(pass, slot) => return self.compare(Slot { pass, slot }, which),
            Phase::Resolve(pass, slot) => self.resolve(Slot { pass, slot }, false)?,
            Phase::Arrange => self.arrange()?,
            Phase::Finish => {
                self.finish()?;
            }
        }
        let done = Done::of(&Statistics::default(), began);
        which.iter().try_for_each(|&task| self.standings().set_done(phase, task, &done))
    }

    /// Finds out where shared shards can be entered.
    fn index(&self, which: &[usize]) -> Result<(), EngineError> {
        let shared = self.tasks.shared();
        let wanted: Vec<(usize, u32)> =
            which.iter().filter_map(|&task| Some((task, *shared.get(task)?))).collect();
        let shards = listed::shards(self.layout, wanted.iter().map(|(_, shard)| *shard))?;
        self.progress.start_pass(0, self.plan.passes.len(), 0);
        self.pool.install(|| {
            wanted.par_iter().with_max_len(1).try_for_each(|&(task, number)| {
                let began = journal::now();
                self.mark(number, &shards)?;
                let done = Done::of(&Statistics::default(), began);
                self.standings().set_done(Phase::Index, task, &done)
            })
        })
    }

    /// Makes the marks of a shard, unless they are there.
    pub fn mark(
        &self,
        number: u32,
        shards: &BTreeMap<u32, crate::shard::Shard>,
    ) -> Result<(), EngineError> {
        let path = self.layout.marks(number);
        let Some(shard) = shards.get(&number).filter(|_| !path.exists()) else { return Ok(()) };
        if !shard.is_unchanged()? {
            return Err(EngineError::Changed { path: shard.path.clone() });
        }
        let options = self.plan.config.input.read_options();
        let (bytes, cancel) = (self.record.segment_bytes, &self.options.cancel);
        match marks::marks(shard, number, &options, bytes, cancel)? {
            Some(marks) => journal::write(&path, &marks),
            None => Err(EngineError::Interrupted),
        }
    }

    fn map(&self, pass: usize, which: &[usize]) -> Result<(), EngineError> {
        let mut owners = Vec::new();
        let mut units = Vec::new();
        let mut left = BTreeMap::new();
        for &task in which {
            let of_task = self.tasks.map.get(task).map(|task| task.units()).unwrap_or_default();
            left.insert(task, AtomicUsize::new(of_task.len()));
            owners.extend(of_task.iter().map(|_| task));
            units.extend(of_task);
        }
        let began = journal::now();
        let done = |unit: usize| {
            let Some(&task) = owners.get(unit) else { return Ok(()) };
            let before = left.get(&task).map(|left| left.fetch_sub(1, Ordering::Relaxed));
            if before == Some(1) { self.map_done(pass, task, began) } else { Ok(()) }
        };
        let bytes = self.bytes(pass, &units)?;
        self.progress.start_pass(pass, self.plan.passes.len(), bytes);
        let count = units.len();
        let map = self.map_job(pass, Mode::Run, units, Commit::First, &done)?;
        ordered::run(&map, count, self.pool, &self.options.cancel)
    }

    /// All of a task is committed.
    fn map_done(&self, pass: usize, task: usize, began: f64) -> Result<(), EngineError> {
        let mut statistics = Statistics::default();
        let units = self.tasks.map.get(task).map(|task| task.units()).unwrap_or_default();
        for unit in units {
            for segment in self.segments(pass, unit)? {
                statistics.add(&segment.statistics);
            }
        }
        self.standings().set_done(Phase::Map(pass), task, &Done::of(&statistics, began))
    }

    /// The committed segments of a unit.
    fn segments(&self, pass: usize, unit: Unit) -> Result<Vec<SegmentRecord>, EngineError> {
        let marks: Option<Vec<Mark>> = match unit.reach {
            Reach::Whole => None,
            _ => journal::read(&self.layout.marks(unit.shard))?,
        };
        match unit.reach.stretch(marks.map_or(0, |marks| marks.len())) {
            None => Ok(Vec::new()),
            Some(it) => journal::segments(self.layout, pass, unit.shard, it.start, it.end),
        }
    }

    /// Bytes that a pass reads for some units.
    fn bytes(&self, pass: usize, units: &[Unit]) -> Result<u64, EngineError> {
        let Some(source) = self.plan.source(pass) else {
            let whole = units.iter().filter(|unit| unit.reach == Reach::Whole);
            let shards = listed::shards(self.layout, whole.map(|unit| unit.shard))?;
            return Ok(shards.values().map(|shard| shard.bytes).sum());
        };
        let bytes = |unit: &Unit| -> Result<u64, EngineError> {
            let segments = self.segments(source, *unit)?;
            let frames = segments.iter().flat_map(|segment| &segment.spill);
            Ok(frames.filter(|it| it.kind == Kind::Spill).map(|frame| frame.length).sum())
        };
        self.pool.install(|| units.par_iter().with_max_len(64).map(bytes).sum())
    }

    /// A map pass over some units.
    pub fn map_job<'m>(
        &'m self,
        number: usize,
        mode: Mode,
        units: Vec<Unit>,
        commit: Commit,
        done: &'m (dyn Fn(usize) -> Result<(), EngineError> + Sync),
    ) -> Result<Map<'m>, EngineError> {
        let pass =
            self.plan.passes.get(number).ok_or_else(|| {
                EngineError::NotReady(format!("the plan has no pass {}", number + 1))
            })?;
        let mut resolved = Vec::new();
        for before in 0..number {
            resolved.push(self.findings(before)?);
        }
        let schema = match (self.plan.config.output.format, mode) {
            (OutputFormat::Parquet, Mode::Run) => Some(prepare::schema(self.layout)?),
            (OutputFormat::Parquet, Mode::Score) => {
                Some(super::rows::score_schema(&self.plan.metrics()))
            }
            _ => None,
        };
        Ok(Map {
            plan: self.plan,
            number,
            pass,
            mode,
            shards: listed::shards(self.layout, units.iter().map(|unit| unit.shard))?,
            units,
            commit,
            done,
            options: self.plan.config.input.read_options(),
            layout: self.layout,
            source: self.plan.source(number),
            verdicts: self.verdicts(number, &resolved),
            rounds: self.rounds(number, &resolved),
            partitions: self.tasks.partitions,
            segment_bytes: self.record.segment_bytes,
            schema,
            progress: self.progress,
            observer: self.observer,
        })
    }

    /// What the barriers that end a pass have found.
    fn findings(&self, pass: usize) -> Result<Vec<Findings>, EngineError> {
        let barriers = self.plan.passes.get(pass).map_or(0, |pass| pass.barriers.len());
        (0..barriers).map(|slot| self.found(Slot { pass, slot })).collect()
    }

    /// The barriers whose findings are applied to what a pass reads, in order: those of the passes
    /// since its documents were left, but the last of which were applied before.
    fn verdicts(&self, number: usize, resolved: &[Vec<Findings>]) -> Vec<Verdicts> {
        let first = self.plan.source(number).map_or(1, |source| source + 1);
        let mut verdicts = Vec::new();
        for pass in first..=number {
            let Some(before) = pass.checked_sub(1) else { continue };
            let planned = self.plan.passes.get(before).map(|pass| &pass.barriers);
            let findings = resolved.get(before);
            for (planned, findings) in
                planned.into_iter().flatten().zip(findings.into_iter().flatten())
            {
                if planned.is_final() {
                    verdicts.push(Verdicts {
                        planned: planned.clone(),
                        findings: findings.clone(),
                        again: pass < number,
                    });
                }
            }
        }
        verdicts
    }

    /// The findings of the round before of the barriers that end a pass.
    fn rounds(&self, number: usize, resolved: &[Vec<Findings>]) -> Vec<Option<Findings>> {
        let Some(pass) = self.plan.passes.get(number) else { return Vec::new() };
        let before = number.checked_sub(1);
        pass.barriers
            .iter()
            .map(|planned| {
                let before = before.filter(|_| planned.round > 0)?;
                let slot = self.plan.passes.get(before)?.barriers.iter().position(|earlier| {
                    earlier.number == planned.number && earlier.round + 1 == planned.round
                })?;
                resolved.get(before)?.get(slot).cloned()
            })
            .collect()
    }

    /// What all passes have counted, and the segments that shards are assembled from.
    pub fn committed(&self) -> Result<(Statistics, Vec<Segments>), EngineError> {
        let mut statistics = Statistics::default();
        let mut passes = Vec::new();
        for pass in 0..self.plan.passes.len() {
            let shards = self.record.shards;
            let keep = SegmentRecord::keep_pieces;
            let of_pass = journal::pass(self.layout, pass, shards, &keep, self.pool)?;
            statistics.add(&of_pass.statistics);
            passes.push(of_pass.segments);
        }
        Ok((statistics, passes))
    }

    /// All files of the output.
    pub fn parts(&self, passes: &[Segments]) -> Vec<Part> {
        assemble::arrange(passes, &forms(&self.plan.config.output, self.layout))
    }

    fn arrange(&self) -> Result<(), EngineError> {
        let (_, segments) = self.committed()?;
        let parts = self.parts(&segments);
        let size = |part: &Part| part.slices.iter().map(|slice| slice.length).sum::<u64>();
        let share = parts.iter().map(size).sum::<u64>().div_ceil(self.tasks.assemble.max(1) as u64);
        let mut lists: Vec<Vec<Part>> = vec![Vec::new(); self.tasks.assemble];
        let mut before = 0;
        for part in parts {
            let task = (before / share.max(1)) as usize;
            before += size(&part);
            if let Some(list) = lists.get_mut(task) {
                list.push(part);
            }
        }
        for (task, list) in lists.iter().enumerate() {
            journal::write(&self.layout.arranged(task), list)?;
        }
        Ok(())
    }

    fn assemble(&self, which: &[usize]) -> Result<(), EngineError> {
        let data = self.layout.data();
        fs::create_dir_all(&data).map_err(EngineError::io("create", &data))?;
        let began = journal::now();
        for &task in which {
            let parts: Option<Vec<Part>> = journal::read(&self.layout.arranged(task))?;
            let parts = parts.ok_or_else(|| {
                EngineError::NotReady("pass arrange is not finished yet".to_owned())
            })?;
            assemble::assemble(self.layout, &parts, self.pool, &self.options.cancel)?;
            let done = Done::of(&Statistics::default(), began);
            self.standings().set_done(Phase::Assemble, task, &done)?;
        }
        Ok(())
    }

    /// The account of everything that is committed.
    fn account(&self) -> Result<Summary, EngineError> {
        let (mut total, passes) = self.committed()?;
        let barriers: Vec<_> = self.plan.passes.iter().map(|pass| pass.barriers.clone()).collect();
        let resolved = resolve::measures(self.layout, &barriers)?;
        for stage in total.stages.values_mut() {
            if let Some(record) = resolved.get(&stage.name) {
                stage.measures.clone_from(&record.measures);
                stage.cpu_seconds += record.cpu_seconds;
            }
        }
        if !total.adds_up() {
            return Err(EngineError::Damaged {
                path: self.layout.state().join("journal"),
                message: "the counts of its segments do not add up".to_owned(),
            });
        }
        let mut output_shards = Vec::new();
        for part in self.parts(&passes) {
            let record = journal::read::<PartRecord>(&self.layout.part_record(part.number))?;
            let Some(record) = record.filter(|record| record.path == part.path) else {
                let path = part.path.display();
                return Err(EngineError::NotReady(format!("{path} is not put together yet")));
            };
            if part.kind == Kind::Data {
                output_shards.push(OutputShard {
                    path: record.path.to_string_lossy().into_owned(),
                    documents: record.documents,
                    bytes: record.bytes,
                    text_bytes: record.text_bytes,
                    xxh3: record.xxh3,
                });
            }
        }
        output_shards.sort_by(|a, b| a.path.cmp(&b.path));
        let damaged = self.damaged(&total)?;
        let seconds = self.started.elapsed().as_secs_f64();
        Ok(summarize(self.plan, self.record, damaged, total, output_shards, seconds))
    }

    fn damaged(&self, total: &Statistics) -> Result<Vec<DamagedShard>, EngineError> {
        let numbers = total.damaged.iter().map(|damage| damage.shard);
        let shards = listed::shards(self.layout, numbers)?;
        let path = |shard| shards.get(shard).map(|shard| shard.path.display().to_string());
        let told = total.damaged.iter().map(|damage| DamagedShard {
            path: path(&damage.shard).unwrap_or_default(),
            message: damage.message.clone(),
        });
        Ok(told.collect())
    }

    /// Adds up, gives the room back and writes the account, which is the last file to be written.
    pub fn finish(&self) -> Result<Summary, EngineError> {
        let summary = self.account()?;
        // The account needs only the journal and the shards, so the room can be given back first.
        let work = self.layout.work();
        match fs::remove_dir_all(&work) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(EngineError::io("remove", &work)(error));
            }
            _ => {}
        }
        let content = serde_json::to_vec_pretty(&summary).map_err(|error| {
            EngineError::Journal { path: self.layout.summary(), message: error.to_string() }
        })?;
        journal::publish(&self.layout.summary(), &self.layout.temporaries(), &content)?;
        let _ = fs::remove_dir_all(self.layout.temporaries());
        Ok(summary)
    }
}

/// How the files of an output are put together.
pub(super) fn forms(output: &OutputConfig, layout: &Layout) -> [Form; 3] {
    let parquet = output.format == OutputFormat::Parquet;
    let form = |kind, folder: PathBuf, extension: String, parquet| Form {
        kind,
        folder: folder.strip_prefix(layout.root()).map_or(folder.clone(), Into::into),
        extension,
        parquet,
        shard_size: output.shard_size.0,
    };
    let lines = format!(".jsonl{}", output.compression.extension());
    let (data, dropped) = match parquet {
        true => (".parquet".to_owned(), ".jsonl.zst".to_owned()),
        false => (lines.clone(), lines),
    };
    [
        form(Kind::Data, layout.data(), data, parquet),
        form(Kind::Dropped, layout.dropped(), dropped, false),
        form(Kind::Rejected, layout.rejected(), ".jsonl".to_owned(), false),
    ]
}

fn summarize(
    plan: &Plan,
    record: &PlanRecord,
    damaged: Vec<DamagedShard>,
    total: Statistics,
    output_shards: Vec<OutputShard>,
    seconds: f64,
) -> Summary {
    let cpu_seconds = total.cpu_seconds();
    let mut by_number = total.stages;
    let stages = plan
        .labels
        .iter()
        .enumerate()
        .map(|(number, label)| {
            let mut stage = by_number.remove(&number).unwrap_or_default();
            stage.name.clone_from(label);
            stage
        })
        .collect();
    Summary {
        name: record.name.clone(),
        version: record.version.clone(),
        config_hash: record.config_hash.clone(),
        documents: total.documents,
        bytes: total.bytes,
        seconds,
        cpu_seconds,
        stages,
        languages: total.languages,
        rejected: total.rejected,
        damaged,
        cpu: total.cpu,
        input_shards: record.shards,
        output_shards,
    }
}
