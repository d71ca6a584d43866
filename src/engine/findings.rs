//! The findings of a round of a barrier, looked up by document.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::EngineError;
use crate::batch::Batch;
use crate::dedup::{Finding, Measures};

const WIDTH: u64 = Finding::WIDTH as u64;

/// The journal record of a resolved round of a barrier.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FindingsRecord {
    /// The barrier's label.
    pub label: String,
    /// Whether its findings are those of [`cluster::connect`](crate::dedup::cluster::connect).
    #[serde(default)]
    pub clusters: bool,
    /// Number of findings in its file.
    pub findings: u64,
    /// xxh3-64 of that file, in hexadecimal.
    pub xxh3: String,
    /// What the resolution counted.
    pub measures: Measures,
    /// Processor time of the resolution, in seconds.
    pub cpu_seconds: f64,
}

/// Findings on disk, sorted by node.
#[derive(Debug, Clone)]
pub struct Findings {
    path: PathBuf,
    count: u64,
}

impl Findings {
    /// Findings that were written.
    pub fn new(path: PathBuf, record: &FindingsRecord) -> Self {
        Self { path, count: record.findings }
    }

    /// The findings of the documents from one node to before another, in order.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn of_range(&self, from: u64, to: u64) -> Result<Vec<Finding>, EngineError> {
        if self.count == 0 {
            return Ok(Vec::new());
        }
        let failed = || EngineError::io("read", &self.path);
        let mut file = File::open(&self.path).map_err(failed())?;
        let first = self.lower_bound(&mut file, from).map_err(failed())?;
        let end = self.lower_bound(&mut file, to).map_err(failed())?.max(first);
        let mut bytes = vec![0; ((end - first) * WIDTH) as usize];
        file.seek(SeekFrom::Start(first * WIDTH)).map_err(failed())?;
        file.read_exact(&mut bytes).map_err(failed())?;
        Ok(bytes.chunks_exact(Finding::WIDTH).map(Finding::from_bytes).collect())
    }

    /// The number of findings below a node.
    fn lower_bound(&self, file: &mut File, bound: u64) -> std::io::Result<u64> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let mut node = [0; 8];
            file.seek(SeekFrom::Start(middle * WIDTH))?;
            file.read_exact(&mut node)?;
            if u64::from_be_bytes(node) < bound {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

/// The findings of one document, among those of some documents in order.
pub fn of_node(findings: &[Finding], node: u64) -> &[Finding] {
    let start = findings.partition_point(|finding| finding.node < node);
    let rest = findings.get(start..).unwrap_or_default();
    let end = rest.partition_point(|finding| finding.node == node);
    rest.get(..end).unwrap_or_default()
}

/// The findings of the documents of a batch.
pub(super) fn findings_of(findings: &Findings, batch: &Batch) -> Result<Vec<Finding>, EngineError> {
    let Some(last) = batch.len().checked_sub(1) else { return Ok(Vec::new()) };
    findings.of_range(batch.position(0).node(), batch.position(last).node() + 1)
}

/// What has become of a document so far.
#[derive(Clone)]
pub(super) enum Fated {
    Alive,
    Dropped {
        stage: usize,
        reason: String,
        duplicate_of: Option<u64>,
    },
    /// An earlier pass has dropped it.
    Gone,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::external::{Scratch, Sorter};
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn findings_are_found_by_their_nodes(
            nodes in proptest::collection::vec((0u64..60, 0u64..3), 0..100),
            from in 0u64..70,
            length in 0u64..70,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let scratch = Scratch::new(&folder.path().join("scratch"), Arc::default());
            let mut sorter = Sorter::new(&scratch, Finding::WIDTH, 0);
            let mut expected: Vec<Finding> = Vec::new();
            for (node, value) in nodes {
                let finding = Finding { node, values: [value, 1, 2] };
                sorter.push(&finding.to_bytes()).unwrap();
                expected.push(finding);
            }
            expected.sort_unstable();
            expected.dedup();
            let path = folder.path().join("a/findings");
            let (count, _) = sorter.finish().unwrap().persist(&path, true, 1 << 16).unwrap();
            prop_assert_eq!(count, expected.len() as u64);
            let record = FindingsRecord { findings: count, ..FindingsRecord::default() };
            let findings = Findings::new(path, &record);
            let to = from + length;
            let found = findings.of_range(from, to).unwrap();
            expected.retain(|finding| (from..to).contains(&finding.node));
            prop_assert_eq!(&found, &expected);
            let one: Vec<Finding> = expected.iter().filter(|it| it.node == from).copied().collect();
            prop_assert_eq!(of_node(&found, from), &one);
        }
    }
}
