//! What a deduplicator makes of a set: stages of a pipeline file, or what another program left.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use sapwood::dedup::{Outcome, in_memory};
use sapwood::document::{Document, Value};
use sapwood::external::Sequential;
use sapwood::pipeline::registry::Built;
use sapwood::pipeline::{Config, Resolver};
use sapwood::stage::Verdict;
use serde_json::json;

use crate::common::Failure;
use crate::exact::Union;
use crate::set::Entry;

/// What became of the documents of a set.
pub struct Answer {
    pub removed: Vec<bool>,
    /// The document that was kept instead, where one was removed.
    pub kept: Vec<Option<usize>>,
    /// The cluster of each document, as a number.
    pub cluster: Vec<usize>,
    /// What the barriers counted.
    pub measures: BTreeMap<String, f64>,
}

/// Something that deduplicates.
pub struct Contender {
    pub name: String,
    how: How,
}

enum How {
    Stages(Box<Config>, Resolver),
    /// A folder with `round-N.jsonl`.
    Answers(PathBuf),
}

impl Contender {
    /// Stages of a pipeline file, or one stage as it would stand in its list.
    pub fn stages(name: &str, stages: &str) -> Result<Self, Failure> {
        let path = Path::new(stages);
        let (text, files) = match path.is_file() {
            true => (std::fs::read_to_string(path)?, Resolver::for_file(path)),
            false => (format!("stages:\n  - {stages}\n"), Resolver::default()),
        };
        let config = Config::from_yaml(&text, name)?;
        Ok(Self { name: name.to_owned(), how: How::Stages(Box::new(config), files) })
    }

    /// What another program left in a folder.
    pub fn answers(name: &str, folder: &Path) -> Self {
        Self { name: name.to_owned(), how: How::Answers(folder.to_owned()) }
    }

    /// The stages with all their parameters.
    pub fn parameters(&self) -> serde_json::Value {
        match &self.how {
            How::Stages(config, _) => json!(config.stages),
            How::Answers(_) => json!(null),
        }
    }

    /// The answer to the set of a round.
    pub fn answer(&self, set: &[Entry], round: usize) -> Result<Answer, Failure> {
        match &self.how {
            How::Stages(config, files) => run(config, files, set),
            How::Answers(folder) => {
                read(set, &std::fs::read_to_string(folder.join(format!("round-{round}.jsonl")))?)
            }
        }
    }
}

/// Takes the documents through all stages, one stage after the other.
fn run(config: &Config, files: &Resolver, set: &[Entry]) -> Result<Answer, Failure> {
    let folder = tempfile::tempdir()?;
    let mut alive: Vec<usize> = (0..set.len()).collect();
    let mut documents: Vec<Document<'_>> = set.iter().map(document).collect();
    let mut removed = vec![false; set.len()];
    let mut kept = vec![None; set.len()];
    let mut clusters = Union::new(set.len());
    let mut measures = BTreeMap::new();
    for (number, stage) in config.stages.iter().enumerate() {
        let stays: Vec<bool> = match stage.build(files)? {
            Built::Stage(stage) => documents
                .iter_mut()
                .map(|document| matches!(document.apply(&*stage), Verdict::Keep))
                .collect(),
            Built::Barrier(barrier) => {
                let cut = in_memory::Cut {
                    partitions: 4,
                    documents: 1 << 12,
                    memory: 256 << 20,
                    executor: &Sequential,
                };
                let folder = folder.path().join(number.to_string());
                let (outcomes, counted) =
                    in_memory::run_with(&*barrier, &mut documents, &folder, &cut)?;
                measures.extend(
                    counted.into_iter().map(|(key, it)| (format!("{}.{key}", stage.name()), it)),
                );
                let nodes: HashMap<u64, usize> =
                    alive.iter().enumerate().map(|(at, &it)| (in_memory::node(at), it)).collect();
                let mut names: HashMap<i64, usize> = HashMap::new();
                for ((outcome, document), &entry) in outcomes.iter().zip(&documents).zip(&alive) {
                    if let Outcome::Drop { kept: Some(node), .. } = outcome {
                        let other = *nodes.get(node).ok_or("a document that is not there stays")?;
                        clusters.join(entry, other);
                        kept[entry] = Some(other);
                    }
                    // Barriers that name no cluster leave it at the pairs above.
                    if let Some(Value::Integer(name)) = document.metric("dedup.cluster") {
                        clusters.join(entry, *names.entry(*name).or_insert(entry));
                    }
                }
                outcomes.iter().map(|outcome| matches!(outcome, Outcome::Keep)).collect()
            }
        };
        for (&entry, _) in alive.iter().zip(&stays).filter(|(_, stays)| !**stays) {
            removed[entry] = true;
        }
        let mut at = stays.iter();
        alive.retain(|_| at.next() == Some(&true));
        let mut at = stays.iter();
        documents.retain(|_| at.next() == Some(&true));
    }
    let cluster = (0..set.len()).map(|entry| clusters.root(entry)).collect();
    Ok(Answer { removed, kept, cluster, measures })
}

fn document(entry: &Entry) -> Document<'_> {
    Document::new(entry.id.as_str(), entry.text.as_str()).with_language(Some(&entry.language))
}

/// Reads what another program left: a JSON line `{"id", "kept", "cluster"}` for each document, of
/// which the cluster may be missing or null.
fn read(set: &[Entry], lines: &str) -> Result<Answer, Failure> {
    let numbers: HashMap<&str, usize> =
        set.iter().enumerate().map(|(number, entry)| (entry.id.as_str(), number)).collect();
    let mut removed = vec![false; set.len()];
    let mut cluster: Vec<usize> = (0..set.len()).collect();
    let mut names: HashMap<String, usize> = HashMap::new();
    for line in lines.lines() {
        let line: serde_json::Value = serde_json::from_str(line)?;
        let id = line["id"].as_str().unwrap_or_default();
        let number = *numbers.get(id).ok_or_else(|| format!("{id} is not in the set"))?;
        removed[number] = line["kept"] == false;
        if !line["cluster"].is_null() {
            cluster[number] = *names.entry(line["cluster"].to_string()).or_insert(number);
        }
    }
    let mut stays: HashMap<usize, usize> = HashMap::new();
    for (number, _) in removed.iter().enumerate().filter(|(_, removed)| !**removed) {
        stays.entry(cluster[number]).or_insert(number);
    }
    let kept = (0..set.len())
        .map(|number| stays.get(&cluster[number]).copied().filter(|_| removed[number]))
        .collect();
    Ok(Answer { removed, kept, cluster, measures: BTreeMap::new() })
}
