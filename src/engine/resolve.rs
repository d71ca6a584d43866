//! Resolving a barrier that ends a pass: its sorted records are merged, and it makes findings of them.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use cpu_time::ProcessTime;
use rayon::prelude::*;

use super::error::EngineError;
use super::findings::{Findings, FindingsRecord};
use super::journal::{self, Kind, PlanRecord, SegmentRecord};
use super::layout::{Layout, Slot};
use super::listed;
use super::matching::{self, MatchRecord};
use crate::batch::Position;
use crate::dedup::cluster;
use crate::dedup::index::{self, Contents};
use crate::dedup::{Barrier, Finding, Matches, Order, Resolution, Stream};
use crate::external::{self, Exclude, Exclusion, Executor, ExternalError, Parted, Run, Scratch};
use crate::pipeline::PlannedBarrier;

/// The stream of documents that goes into an index, behind those of the barrier: nodes and xxh3-128 of
/// ids.
pub(super) const DOCUMENTS: Stream = Stream { width: 24, order: Order::Input, node_at: 0 };

/// The records of a pass that belong together: the barrier's place in the pass, and the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The barrier's place among those that end the pass.
    pub slot: usize,
    /// Its stream.
    pub stream: usize,
}

impl Place {
    /// How a frame names it.
    pub fn name(self) -> String {
        format!("{}.{}", self.slot, self.stream)
    }

    /// The place that [`name`](Place::name) named.
    pub fn parse(name: &str) -> Option<Self> {
        let (slot, stream) = name.split_once('.')?;
        Some(Self { slot: slot.parse().ok()?, stream: stream.parse().ok()? })
    }
}

/// The threads of a pool.
pub struct Pool<'p>(pub &'p rayon::ThreadPool);

impl Executor for Pool<'_> {
    fn threads(&self) -> usize {
        self.0.current_num_threads()
    }

    fn each(
        &self,
        count: usize,
        work: &(dyn Fn(usize) -> Result<(), ExternalError> + Sync),
    ) -> Result<(), ExternalError> {
        self.0.install(|| (0..count).into_par_iter().try_for_each(work))
    }
}

/// A resolved barrier: its findings and whether one of them removes its document.
pub type Earlier = (Findings, Arc<dyn Barrier>);

/// A folder that is given back, whether the work in it is done or has failed.
struct Given(PathBuf);

impl Drop for Given {
    fn drop(&mut self) {
        // Where it can't be, the next process to do this work will try.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a barrier that ends a pass is resolved with.
pub struct BarrierResolver<'r> {
    /// Where the output lies.
    pub layout: &'r Layout,
    /// Which barrier it is.
    pub at: Slot,
    /// The barrier.
    pub planned: &'r PlannedBarrier,
    /// Those before it that end the same pass. It does not see documents that one of them removes.
    pub earlier: Vec<Earlier>,
    /// The plan that the output belongs to.
    pub record: &'r PlanRecord,
    /// What the pass left, by shard: of sorted records those of `partitions`.
    pub segments: &'r [Vec<SegmentRecord>],
    /// Partitions that are there, or none.
    pub partitions: Range<usize>,
    /// Number of all partitions.
    pub all_partitions: usize,
    /// Bytes that may be taken.
    pub memory: u64,
    /// Who works.
    pub pool: Pool<'r>,
    /// Set from outside to stop.
    pub cancel: &'r Arc<AtomicBool>,
}

impl BarrierResolver<'_> {
    /// The streams that the pass left, and the runs of the one for an index.
    fn resolution(
        &self,
        scratch: &Given,
    ) -> Result<(Resolution<'_>, Vec<Stream>, Vec<Run>), EngineError> {
        let scratch = Scratch::new(&scratch.0, Arc::clone(self.cancel));
        let mut streams = self.planned.barrier.streams(self.planned.round);
        let indexes = self.planned.barrier.indexes();
        let writes = indexes.is_some_and(|indexes| indexes.write.is_some());
        streams.extend(writes.then_some(DOCUMENTS));
        let mut runs = self.runs(&streams);
        let mut documents = Vec::new();
        if writes {
            let of_documents = runs.pop().unwrap_or_default();
            documents.extend(of_documents.iter().filter_map(|it| it.part(0, DOCUMENTS.width)));
            streams.pop();
        }
        if let Some(indexes) = indexes {
            let (some, all) = (self.partitions.clone(), self.all_partitions);
            indexes.add_runs(&streams, some, all, &mut runs)?;
        }
        let resolution = Resolution::new(
            scratch,
            self.memory,
            &self.pool,
            self.all_partitions,
            streams.clone(),
            runs,
        );
        Ok((resolution, streams, documents))
    }

    /// Compares the records of tasks' partitions and tells what came of each task, which is then left
    /// in files.
    ///
    /// # Errors
    /// If a file can't be read or written, or the run was asked to stop.
    pub fn compare(
        &self,
        tasks: &[(usize, Range<usize>)],
        done: &dyn Fn(usize, MatchRecord) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let (pass, slot) = (self.at.pass, self.at.slot);
        let folder = Given(self.layout.match_scratch(pass, slot, external::writer()));
        let (resolution, ..) = self.resolution(&folder)?;
        for (task, partitions) in tasks {
            let (planned, partitions) = (self.planned, partitions.clone());
            let record = matching::compare(self.layout, self.at, planned, &resolution, partitions)?;
            done(*task, record)?;
        }
        Ok(())
    }

    /// Resolves the barrier. `ahead` is the number of tasks that have compared its records.
    ///
    /// # Errors
    /// If a file can't be read or written, a task is missing, or the run was asked to stop.
    pub fn resolve(&self, ahead: Option<usize>) -> Result<FindingsRecord, EngineError> {
        let clock = ProcessTime::now();
        let (pass, slot) = (self.at.pass, self.at.slot);
        let (barrier, round) = (&self.planned.barrier, self.planned.round);
        let folder = Given(self.layout.resolve_scratch(pass, slot, external::writer()));
        let (resolution, streams, documents) = self.resolution(&folder)?;
        let (matches, before) = match ahead {
            Some(tasks) => matching::gather(self.layout, self.at, tasks, &resolution)?,
            None => (Matches::of(&**barrier, round, &resolution)?, 0.0),
        };
        let measures = barrier.resolve(round, &resolution, matches)?;
        if let Some(indexes) = barrier.indexes().filter(|indexes| indexes.write.is_some()) {
            let contents = Contents {
                barrier: barrier.name(),
                streams: &streams,
                run: self.record.run(),
                shards: self.shard_names()?,
                documents,
                findings: &resolution.findings(),
            };
            index::write(indexes, &resolution, contents)?;
        }
        let path = self.layout.findings(pass, slot);
        let found = resolution.into_findings();
        let (findings, xxh3) = found.persist(&path, true, self.memory / 2)?;
        drop(folder);
        Ok(FindingsRecord {
            label: self.planned.label.clone(),
            clusters: self.planned.is_final()
                && barrier.metrics().iter().any(|it| it.name == cluster::METRICS[0].name),
            findings,
            xxh3,
            measures,
            cpu_seconds: before + clock.elapsed().as_secs_f64(),
        })
    }

    /// The shards of the input, as an index names them.
    fn shard_names(&self) -> Result<Vec<String>, EngineError> {
        let numbers = 0..u32::try_from(self.record.shards).unwrap_or(u32::MAX);
        let shards = listed::shards(self.layout, numbers)?;
        Ok(shards.values().map(|shard| shard.path.display().to_string()).collect())
    }

    /// The runs that the pass left for the barrier, by stream.
    fn runs(&self, streams: &[Stream]) -> Vec<Vec<Parted>> {
        let mut runs: Vec<Vec<Parted>> = vec![Vec::new(); streams.len()];
        for segment in self.segments.iter().flatten() {
            let path = self.layout.segment_spill(
                self.at.pass,
                segment.shard,
                segment.segment,
                &segment.writer,
            );
            let path = Arc::new(path);
            let exclude = (!self.earlier.is_empty()).then(|| exclude(segment, &self.earlier));
            for frame in segment.spill.iter().filter(|frame| frame.kind == Kind::Records) {
                let place = Place::parse(&frame.partition);
                let Some(place) = place.filter(|place| place.slot == self.at.slot) else {
                    continue;
                };
                let (Some(stream), Some(of_stream)) =
                    (streams.get(place.stream), runs.get_mut(place.stream))
                else {
                    continue;
                };
                let run = Run {
                    path: Arc::clone(&path),
                    offset: frame.offset,
                    length: frame.length,
                    exclude: exclude.clone().map(|exclude| (stream.node_at, exclude)),
                    rebase: None,
                };
                of_stream.push(match stream.order {
                    Order::Input => Parted::whole(run, stream.width),
                    Order::Sorted => {
                        let counts = frame.counts.iter().map(|count| u64::from(*count));
                        Parted::new(run, self.partitions.start, counts)
                    }
                });
            }
        }
        runs
    }
}

/// The documents of a segment that earlier barriers remove, found out when somebody first asks and then
/// known: every partition of every stream asks, and the answer is a bit for each document.
fn exclude(segment: &SegmentRecord, earlier: &[Earlier]) -> Exclude {
    let shard = segment.shard;
    let from = Position { shard, ordinal: segment.first_ordinal }.node();
    let to = Position { shard, ordinal: segment.next_ordinal }.node();
    let earlier = earlier.to_vec();
    let known = OnceLock::new();
    Arc::new(move || {
        if let Some(known) = known.get() {
            return Ok(Exclusion::clone(known));
        }
        let mut removed: Vec<u64> = Vec::new();
        for (findings, barrier) in &earlier {
            let found = findings.of_range(from, to).map_err(into_external)?;
            let gone = found.iter().filter(|finding| barrier.removes(finding));
            removed.extend(gone.map(|finding: &Finding| finding.node));
        }
        Ok(known.get_or_init(|| Exclusion::new(&removed)).clone())
    })
}

/// An error of the engine, where one of files is expected.
pub fn into_external(error: EngineError) -> ExternalError {
    match error {
        EngineError::Io { action, path, source } => ExternalError::Io { action, path, source },
        EngineError::Interrupted => ExternalError::Interrupted,
        other => ExternalError::Damaged { path: PathBuf::new(), message: other.to_string() },
    }
}

/// The measures of all barriers of an output by label.
///
/// # Errors
/// If a journal record can't be read.
pub fn measures(
    layout: &Layout,
    passes: &[Vec<PlannedBarrier>],
) -> Result<BTreeMap<String, FindingsRecord>, EngineError> {
    let mut all: BTreeMap<String, FindingsRecord> = BTreeMap::new();
    for (pass, barriers) in passes.iter().enumerate() {
        for slot in 0..barriers.len() {
            let path = layout.findings_record(pass, slot);
            let Some(record) = journal::read::<FindingsRecord>(&path)? else { continue };
            let total = all.entry(record.label.clone()).or_default();
            total.cpu_seconds += record.cpu_seconds;
            total.findings = record.findings;
            total.measures.extend(record.measures);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_names() {
        let place = Place { slot: 1, stream: 20 };
        assert_eq!(Place::parse(&place.name()), Some(place));
        assert_eq!(Place::parse("en"), None);
    }
}
