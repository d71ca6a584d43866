//! The clusters of duplicates that a run found, read from what it left in its output folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::EngineError;
use super::findings::FindingsRecord;
use super::journal::{self, PlanRecord};
use super::layout::Layout;
use super::listed;
use crate::batch::{NODE, Position};
use crate::dedup::Finding;
use crate::dedup::cluster::name_of;
use crate::dedup::index::{Indexes, Name};
use crate::pipeline::Config;
use crate::shard::Shard;

/// The clusters of a run.
pub struct Clusters {
    shards: BTreeMap<u32, Shard>,
    config: Config,
    stages: Vec<Stage>,
}

/// A stage that found clusters.
struct Stage {
    label: String,
    findings: PathBuf,
    clusters: Option<u64>,
    indexes: Indexes,
}

/// A cluster, without its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClusterSummary {
    /// Documents in it, those of indexes too.
    pub size: u64,
    /// The stage that found it.
    pub stage: String,
    /// Its number, as in the column `dedup.cluster`.
    pub cluster: i64,
    /// The document that stays.
    pub kept: Place,
}

/// Where a document is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Place {
    /// In the input of the run.
    Input {
        /// The path of its shard.
        shard: String,
        /// Number of the record in the shard, from 0.
        record: u64,
    },
    /// In that of an earlier run, known by an index.
    Index(Name),
}

/// A document of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Where it is.
    pub place: Place,
    /// Its id; unknown if it is of an earlier run.
    pub id: Option<String>,
    /// Whether it stays.
    pub kept: bool,
    /// Its text as the input has it.
    #[serde(skip)]
    pub text: Option<String>,
}

/// A cluster with its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cluster {
    /// The cluster.
    #[serde(flatten)]
    pub summary: ClusterSummary,
    /// Its documents of this run in input order, and the one of an index that stays, if it is one.
    pub members: Vec<Member>,
}

impl Clusters {
    /// Opens the output folder of a run whose deduplicating stages are resolved.
    ///
    /// # Errors
    /// If there is no run, or what it left can't be read.
    pub fn open(folder: &Path) -> Result<Self, EngineError> {
        let layout = Layout::new(folder);
        let damaged = |path: PathBuf, message: &str| EngineError::Damaged {
            path,
            message: message.to_owned(),
        };
        let record = journal::read::<PlanRecord>(&layout.plan())?
            .ok_or_else(|| damaged(folder.to_owned(), "it is no output of sapwood"))?;
        let yaml = std::fs::read_to_string(layout.config())
            .map_err(EngineError::io("read", &layout.config()))?;
        let config = Config::from_yaml(&yaml, "pipeline.yaml")
            .map_err(|error| damaged(layout.config(), &error.to_string()))?;
        let mut stages = Vec::new();
        for pass in 0..record.passes.len() {
            let mut slot = 0;
            while let Some(resolved) =
                journal::read::<FindingsRecord>(&layout.findings_record(pass, slot))?
            {
                if resolved.clusters {
                    stages.push(Stage {
                        indexes: against(&record, &resolved.label)?,
                        clusters: resolved.measures.get("clusters").map(|number| *number as u64),
                        findings: layout.findings(pass, slot),
                        label: resolved.label,
                    });
                }
                slot += 1;
            }
        }
        let numbers = 0..u32::try_from(record.shards).unwrap_or(u32::MAX);
        let shards = listed::shards(&layout, numbers)?;
        Ok(Self { shards, config, stages })
    }

    /// The stages that found clusters, and how many.
    pub fn stages(&self) -> Vec<(String, Option<u64>)> {
        self.stages.iter().map(|stage| (stage.label.clone(), stage.clusters)).collect()
    }

    /// The largest clusters, largest first; equally large ones in the order of their numbers.
    ///
    /// # Errors
    /// If the findings can't be read.
    pub fn largest(&self, number: usize) -> Result<Vec<ClusterSummary>, EngineError> {
        let mut largest: BTreeSet<(std::cmp::Reverse<u64>, i64, usize, u64)> = BTreeSet::new();
        for (at, stage) in self.stages.iter().enumerate() {
            each_finding(&stage.findings, |finding| {
                let [kept, first, size] = finding.values;
                largest.insert((std::cmp::Reverse(size), name_of(first), at, kept));
                if largest.len() > number {
                    largest.pop_last();
                }
            })?;
        }
        largest
            .into_iter()
            .map(|(size, cluster, at, kept)| {
                let stage = self.stages.get(at);
                Ok(ClusterSummary {
                    size: size.0,
                    stage: stage.map(|stage| stage.label.clone()).unwrap_or_default(),
                    cluster,
                    kept: self.place(stage, kept)?,
                })
            })
            .collect()
    }

    /// The clusters of a number, with at most `limit` members each.
    ///
    /// # Errors
    /// If the findings or the input can't be read.
    pub fn of_number(&self, cluster: i64, limit: usize) -> Result<Vec<Cluster>, EngineError> {
        self.collect(|finding| name_of(finding.values[1]) == cluster, limit)
    }

    /// The clusters that a document is in, by its id. `None` if the input has no such document.
    ///
    /// # Errors
    /// If the findings or the input can't be read.
    pub fn of_id(&self, id: &str, limit: usize) -> Result<Option<Vec<Cluster>>, EngineError> {
        let options = self.config.input.read_options();
        for (&number, shard) in &self.shards {
            let mut reader = shard.open(number, &options)?;
            while let Some(block) = reader.next_block()? {
                let Some(batch) = block.parse(&options)?.batch else { continue };
                let row = batch.documents().iter().position(|document| document.id() == id);
                if let Some(row) = row {
                    let node = batch.position(row).node();
                    let mut names = BTreeSet::new();
                    for stage in &self.stages {
                        each_finding(&stage.findings, |finding| {
                            if finding.node == node {
                                names.insert(finding.values[1]);
                            }
                        })?;
                    }
                    let of_document = |finding: &Finding| names.contains(&finding.values[1]);
                    let mut clusters = self.collect(of_document, limit)?;
                    let place = self.place(None, node)?;
                    clusters.retain(|cluster| {
                        cluster.members.len() >= limit
                            || cluster.members.iter().any(|member| member.place == place)
                    });
                    return Ok(Some(clusters));
                }
            }
        }
        Ok(None)
    }

    fn collect(
        &self,
        wanted: impl Fn(&Finding) -> bool,
        limit: usize,
    ) -> Result<Vec<Cluster>, EngineError> {
        let mut found: BTreeMap<(usize, u64), Vec<Finding>> = BTreeMap::new();
        for (at, stage) in self.stages.iter().enumerate() {
            each_finding(&stage.findings, |finding| {
                if wanted(&finding) {
                    let members = found.entry((at, finding.values[1])).or_default();
                    let [kept, ..] = finding.values;
                    // The one that stays is shown, however many there are.
                    if members.len() < limit || kept == finding.node {
                        members.push(finding);
                    }
                }
            })?;
        }
        let nodes: BTreeSet<u64> = found
            .values()
            .flatten()
            .flat_map(|finding| [finding.node, finding.values[0]])
            .collect();
        let documents = self.documents(&nodes)?;
        let mut clusters = Vec::new();
        for ((at, first), findings) in found {
            let stage = self.stages.get(at);
            let Some(&Finding { values: [kept, _, size], .. }) = findings.first() else { continue };
            let mut members = Vec::new();
            let outside = Some(kept).filter(|kept| *kept < NODE);
            for node in outside.into_iter().chain(findings.iter().map(|finding| finding.node)) {
                let (id, text) = documents.get(&node).cloned().unzip();
                members.push(Member {
                    place: self.place(stage, node)?,
                    id,
                    kept: node == kept,
                    text,
                });
            }
            clusters.push(Cluster {
                summary: ClusterSummary {
                    size,
                    stage: stage.map(|stage| stage.label.clone()).unwrap_or_default(),
                    cluster: name_of(first),
                    kept: self.place(stage, kept)?,
                },
                members,
            });
        }
        Ok(clusters)
    }

    fn place(&self, stage: Option<&Stage>, node: u64) -> Result<Place, EngineError> {
        if let Some(stage) = stage
            && let Some(name) = stage.indexes.name(node)?
        {
            return Ok(Place::Index(name));
        }
        let position = Position::unpack(node);
        let shard = self.shards.get(&position.shard);
        Ok(Place::Input {
            shard: shard.map(|shard| shard.path.display().to_string()).unwrap_or_default(),
            record: position.ordinal,
        })
    }

    /// Ids and texts of documents of the input.
    fn documents(
        &self,
        nodes: &BTreeSet<u64>,
    ) -> Result<BTreeMap<u64, (String, String)>, EngineError> {
        let mut documents = BTreeMap::new();
        let options = self.config.input.read_options();
        for (&number, shard) in &self.shards {
            let from = Position { shard: number, ordinal: 0 }.node();
            let to = Position { shard: number + 1, ordinal: 0 }.node();
            let Some(&last) = nodes.range(from..to).next_back() else { continue };
            let mut reader = shard.open(number, &options)?;
            while let Some(block) = reader.next_block()? {
                let Some(batch) = block.parse(&options)?.batch else { continue };
                for (row, document) in batch.documents().iter().enumerate() {
                    let node = batch.position(row).node();
                    if nodes.contains(&node) {
                        let both = (document.id().to_owned(), document.text().to_owned());
                        documents.insert(node, both);
                    }
                }
                let end = batch.len().checked_sub(1).map(|row| batch.position(row).node());
                if end.is_some_and(|end| end >= last) {
                    break;
                }
            }
        }
        Ok(documents)
    }
}

/// The indexes that a stage compared with. The record names those of all stages, one after the other.
fn against(record: &PlanRecord, label: &str) -> Result<Indexes, EngineError> {
    let stages = record.config.get("stages").and_then(|stages| stages.as_array());
    let number_of = |stage: &serde_json::Value| -> usize {
        let config = stage.as_object().and_then(|stage| stage.values().next());
        let against = config.and_then(|config| config.get("against")?.as_array());
        against.map_or(0, Vec::len)
    };
    let numbers: Vec<usize> = stages.into_iter().flatten().map(number_of).collect();
    let at = record.labels.iter().position(|known| known == label).unwrap_or(numbers.len());
    let before = numbers.iter().take(at).sum();
    let indexes = record.resources.iter().filter(|resource| resource.role == "index");
    let folders: Vec<PathBuf> = indexes
        .skip(before)
        .take(numbers.get(at).copied().unwrap_or(0))
        .filter_map(|resource| Path::new(&resource.path).parent().map(Path::to_owned))
        .collect();
    Ok(Indexes::open_all(&folders)?)
}

fn each_finding(path: &Path, mut take: impl FnMut(Finding)) -> Result<(), EngineError> {
    let failed = || EngineError::io("read", path);
    let file = File::open(path).map_err(failed())?;
    let count = file.metadata().map_err(failed())?.len() / Finding::WIDTH as u64;
    let mut file = BufReader::with_capacity(1 << 18, file);
    let mut bytes = [0; Finding::WIDTH];
    for _ in 0..count {
        file.read_exact(&mut bytes).map_err(failed())?;
        take(Finding::from_bytes(&bytes));
    }
    Ok(())
}
