//! Resolving the barriers that end a pass, one after the other: their sorted records are merged, and
//! they make findings of them.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use cpu_time::ProcessTime;
use rayon::prelude::*;

use super::error::EngineError;
use super::findings::{Findings, FindingsRecord};
use super::journal::{self, Kind, PlanRecord, SegmentRecord};
use super::layout::Layout;
use super::listed;
use crate::batch::Position;
use crate::dedup::cluster;
use crate::dedup::index::{self, Contents};
use crate::dedup::{Barrier, Finding, Order, Resolution, Stream};
use crate::external::{self, Exclude, Exclusion, Executor, ExternalError, Run, Scratch};
use crate::pipeline::PlannedBarrier;

/// The stream of documents that goes into an index, behind those of the barrier: nodes and xxh3-128 of
/// ids.
pub(super) const DOCUMENTS: Stream = Stream { width: 24, order: Order::Input, node_at: 0 };

/// Number of partitions for an input of some compressed bytes: enough to keep all threads busy on a
/// large input, one for a small one. It does not change the outcome.
pub fn partitions_for(bytes: u64) -> usize {
    (bytes / (32 << 20)).clamp(1, 256).next_power_of_two() as usize
}

/// The records of a pass that belong together: the barrier's place in the pass, the stream, the
/// partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The barrier's place among those that end the pass.
    pub slot: usize,
    /// Its stream.
    pub stream: usize,
    /// The partition; 0 in streams that come in input order.
    pub partition: usize,
}

impl Place {
    /// How a frame names it.
    pub fn name(self) -> String {
        format!("{}.{}.{}", self.slot, self.stream, self.partition)
    }

    /// The place that [`name`](Place::name) named.
    fn parse(name: &str) -> Option<Self> {
        let mut numbers = name.split('.').map(|number| number.parse().ok());
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Some(slot)), Some(Some(stream)), Some(Some(partition))) => {
                Some(Self { slot, stream, partition })
            }
            _ => None,
        }
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

/// What the barriers of a pass are resolved with.
pub struct BarrierResolver<'r> {
    /// Where the output lies.
    pub layout: &'r Layout,
    /// Number of the pass.
    pub pass: usize,
    /// The plan that the output belongs to.
    pub record: &'r PlanRecord,
    /// What the pass left, by shard.
    pub segments: &'r [Vec<SegmentRecord>],
    /// Bytes that may be taken.
    pub memory: u64,
    /// Who works.
    pub pool: Pool<'r>,
    /// Set from outside to stop.
    pub cancel: &'r Arc<AtomicBool>,
}

/// A folder that is given back, whether the work in it is done or has failed.
struct Given(PathBuf);

impl Drop for Given {
    fn drop(&mut self) {
        // Where it can't be, the next process to resolve the pass will try.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A resolved barrier: its findings and whether one of them removes its document.
type Earlier = (Findings, Arc<dyn Barrier>);

impl BarrierResolver<'_> {
    /// Resolves all barriers of the pass; those that are resolved already are left. A barrier does not
    /// see documents that one before it removes.
    ///
    /// # Errors
    /// If a file can't be read or written, or the run was asked to stop.
    pub fn resolve(
        &self,
        barriers: &[PlannedBarrier],
    ) -> Result<Vec<(Findings, FindingsRecord)>, EngineError> {
        let mut resolved = Vec::new();
        let mut earlier: Vec<Earlier> = Vec::new();
        for (slot, planned) in barriers.iter().enumerate() {
            let path = self.layout.findings(self.pass, slot);
            let journal_path = self.layout.findings_record(self.pass, slot);
            let record = match journal::read::<FindingsRecord>(&journal_path)? {
                Some(record) => record,
                None => {
                    let record = self.resolve_one(slot, planned, &earlier, &path)?;
                    journal::write(&journal_path, &record)?;
                    record
                }
            };
            let findings = Findings::new(path, &record);
            if planned.is_final() {
                earlier.push((findings.clone(), Arc::clone(&planned.barrier)));
            }
            resolved.push((findings, record));
        }
        Ok(resolved)
    }

    fn resolve_one(
        &self,
        slot: usize,
        planned: &PlannedBarrier,
        earlier: &[Earlier],
        path: &std::path::Path,
    ) -> Result<FindingsRecord, EngineError> {
        let clock = ProcessTime::now();
        let folder = self.layout.resolve_scratch(self.pass, slot, external::writer());
        let folder = Given(folder);
        let scratch = Scratch::new(&folder.0, Arc::clone(self.cancel));
        let mut streams = planned.barrier.streams(planned.round);
        let indexes = planned.barrier.indexes();
        let writes = indexes.filter(|indexes| indexes.write.is_some());
        streams.extend(writes.map(|_| DOCUMENTS));
        let mut runs = self.runs(slot, &streams, earlier);
        let documents = writes.and_then(|_| runs.pop()).unwrap_or_default().concat();
        streams.truncate(runs.len());
        if let Some(indexes) = indexes {
            indexes.add_runs(&streams, &mut runs)?;
        }
        let resolution = Resolution::new(
            scratch,
            self.memory,
            &self.pool,
            self.record.partitions,
            streams.clone(),
            runs,
        );
        let measures = planned.barrier.resolve(planned.round, &resolution)?;
        if let Some(indexes) = writes {
            let contents = Contents {
                barrier: planned.barrier.name(),
                streams: &streams,
                run: self.record.run(),
                shards: self.shard_names()?,
                documents,
                findings: &resolution.findings(),
            };
            index::write(indexes, &resolution, contents)?;
        }
        let (findings, xxh3) = Findings::write(path, &resolution.into_findings(), self.memory / 2)?;
        drop(folder);
        Ok(FindingsRecord {
            label: planned.label.clone(),
            clusters: planned.is_final()
                && planned.barrier.metrics().iter().any(|it| it.name == cluster::METRICS[0].name),
            findings,
            xxh3,
            measures,
            cpu_seconds: clock.elapsed().as_secs_f64(),
        })
    }

    /// The shards of the input, as an index names them.
    fn shard_names(&self) -> Result<Vec<String>, EngineError> {
        let numbers = 0..u32::try_from(self.record.shards).unwrap_or(u32::MAX);
        let shards = listed::shards(self.layout, numbers)?;
        Ok(shards.values().map(|shard| shard.path.display().to_string()).collect())
    }

    /// The runs that the pass left for a barrier, by stream and partition.
    fn runs(&self, slot: usize, streams: &[Stream], earlier: &[Earlier]) -> Vec<Vec<Vec<Run>>> {
        let mut runs: Vec<Vec<Vec<Run>>> = streams
            .iter()
            .map(|stream| match stream.order {
                Order::Sorted => vec![Vec::new(); self.record.partitions],
                Order::Input => vec![Vec::new()],
            })
            .collect();
        let mut places: HashMap<&str, Option<Place>> = HashMap::new();
        for segment in self.segments.iter().flatten() {
            let path = self.layout.segment_spill(
                self.pass,
                segment.shard,
                segment.segment,
                &segment.writer,
            );
            let path = Arc::new(path);
            let exclude = (!earlier.is_empty()).then(|| exclude(segment, earlier));
            for frame in segment.spill.iter().filter(|frame| frame.kind == Kind::Records) {
                let place =
                    *places.entry(&frame.partition).or_insert_with_key(|name| Place::parse(name));
                let Some(place) = place.filter(|place| place.slot == slot) else { continue };
                let stream = streams.get(place.stream);
                let of_partition =
                    runs.get_mut(place.stream).and_then(|runs| runs.get_mut(place.partition));
                if let (Some(stream), Some(of_partition)) = (stream, of_partition) {
                    of_partition.push(Run {
                        path: Arc::clone(&path),
                        offset: frame.offset,
                        length: frame.length,
                        exclude: exclude.clone().map(|exclude| (stream.node_at, exclude)),
                        rebase: None,
                    });
                }
            }
        }
        runs
    }
}

/// The documents of a segment that earlier barriers remove, found out when somebody asks.
fn exclude(segment: &SegmentRecord, earlier: &[Earlier]) -> Exclude {
    let shard = segment.shard;
    let from = Position { shard, ordinal: segment.first_ordinal }.node();
    let to = Position { shard, ordinal: segment.next_ordinal }.node();
    let earlier = earlier.to_vec();
    Arc::new(move || {
        let mut removed: Vec<u64> = Vec::new();
        for (findings, barrier) in &earlier {
            let found = findings.of_range(from, to).map_err(into_external)?;
            let gone = found.iter().filter(|finding| barrier.removes(finding));
            removed.extend(gone.map(|finding: &Finding| finding.node));
        }
        Ok(Exclusion::new(&removed))
    })
}

/// An error of the engine, where one of files is expected.
fn into_external(error: EngineError) -> ExternalError {
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
    fn partitions_follow_the_size() {
        assert_eq!(partitions_for(0), 1);
        assert_eq!(partitions_for(1 << 40), 256);
    }

    #[test]
    fn places_have_names() {
        let place = Place { slot: 1, stream: 20, partition: 255 };
        assert_eq!(Place::parse(&place.name()), Some(place));
        assert_eq!(Place::parse("en"), None);
    }
}
