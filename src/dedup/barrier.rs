//! What a deduplicator is: a stage that needs all documents, and so stands as a barrier between
//! passes.

use std::collections::BTreeMap;

use super::index::Indexes;
use super::{Matches, Resolution};
use crate::document::Document;
use crate::external::ExternalError;
use crate::stage::{Metric, Resource};

/// A stage that needs all documents.
///
/// During a map pass it leaves compact records for every document ([`collect`](Barrier::collect)).
/// Between passes they are sorted and merged, out of core. The barrier compares those of each
/// partition by themselves ([`compare`](Barrier::compare)), on any number of machines, and turns what
/// came of all into findings ([`resolve`](Barrier::resolve)). The next pass hands every document its
/// findings ([`apply`](Barrier::apply)).
///
/// A barrier with more than one round goes that way as often as it has rounds: the findings of a
/// round are handed to the `collect` of the next, and those of the last one are applied.
///
/// Documents are known by their *node*: a number that sorts in input order, from
/// [`NODE`](crate::batch::NODE) on. Lower numbers are documents of earlier runs, out of an index: they
/// are compared, but are not there to be removed.
pub trait Barrier: Send + Sync {
    /// The stage's name as it stands in a pipeline file.
    fn name(&self) -> &str;

    /// The metrics that [`apply`](Barrier::apply) annotates.
    fn metrics(&self) -> &[Metric] {
        &[]
    }

    /// Checks the barrier against the metrics that the stages before it declare, in order.
    ///
    /// # Errors
    /// With what is wrong, for people.
    fn check(&self, before: &[Metric]) -> Result<(), String> {
        let _ = before;
        Ok(())
    }

    /// The names of metrics that [`collect`](Barrier::collect) reads. If a barrier before annotates
    /// one of them, this one can't share its pass.
    fn reads(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// How often all documents are gone through before the findings are final.
    fn rounds(&self) -> usize {
        1
    }

    /// Whether [`apply`](Barrier::apply) may change a text, so that what follows must see the
    /// documents afterwards. Barriers side by side that don't share one pass.
    fn changes_text(&self) -> bool {
        false
    }

    /// The streams of records that a round leaves, at least one.
    fn streams(&self, round: usize) -> Vec<Stream>;

    /// Leaves the records of a document, which has this node; `findings` are those of the round
    /// before, in order.
    fn collect(
        &self,
        round: usize,
        document: &Document<'_>,
        node: u64,
        findings: &[Finding],
        out: &mut Collector,
    );

    /// Whether [`compare`](Barrier::compare) does anything in a round, so that it is worth tasks of its
    /// own.
    fn compares(&self, round: usize) -> bool {
        let _ = round;
        true
    }

    /// Compares the records of one partition of the sorted streams, which are all that it may read.
    ///
    /// # Errors
    /// If a file can't be read or written, or somebody asked to stop.
    fn compare(
        &self,
        round: usize,
        resolution: &Resolution<'_>,
        partition: usize,
    ) -> Result<Matches, ExternalError>;

    /// Turns what came of comparing all partitions, and the streams in input order, into findings. The
    /// sorted streams may not be there any more. The outcome must not depend on the number of
    /// partitions or threads.
    ///
    /// # Errors
    /// If a file can't be read or written, or somebody asked to stop.
    fn resolve(
        &self,
        round: usize,
        resolution: &Resolution<'_>,
        matches: Matches,
    ) -> Result<Measures, ExternalError>;

    /// Whether a finding of the last round takes its document out of the corpus. Barriers that share
    /// the pass and stand behind this one never see such a document.
    fn removes(&self, finding: &Finding) -> bool;

    /// Applies the findings of the last round to a document that was collected. `findings` may be
    /// empty.
    fn apply(&self, document: &mut Document<'_>, node: u64, findings: &[Finding]) -> Outcome;

    /// The indexes that it writes or is compared with; none for a barrier that can't have any. One that
    /// can has one round, and its findings are those of [`cluster::connect`](super::cluster::connect).
    fn indexes(&self) -> Option<&Indexes> {
        None
    }

    /// The files that the barrier's answers depend on, beside its parameters.
    fn resources(&self) -> Vec<Resource> {
        Vec::new()
    }

    /// Things that a user should know before a run.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }
}

/// How a stream's records come to the resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Sorted, in partitions by their first 8 bytes, which must be evenly distributed.
    /// The width is a multiple of 8 from 8 to 64.
    Sorted,
    /// In the order of the documents. Every record begins with its node; any width. At most one
    /// record a document, if they are to be looked up.
    Input,
}

/// A stream of records of one width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    /// Bytes of a record. Records compare as bytes, so numbers are big-endian.
    pub width: usize,
    /// How the records come.
    pub order: Order,
    /// Where in a record the node stands, 8 bytes.
    pub node_at: usize,
}

/// What a round leaves of some documents, by stream.
#[derive(Debug, Clone, Default)]
pub struct Collector {
    /// The records of every stream, one after the other.
    pub streams: Vec<Vec<u8>>,
}

impl Collector {
    /// A collector for some streams.
    pub fn new(streams: usize) -> Self {
        Self { streams: vec![Vec::new(); streams] }
    }

    /// Adds a record to a stream; it must be as wide as the stream.
    #[inline]
    pub fn put(&mut self, stream: usize, record: &[u8]) {
        if let Some(stream) = self.streams.get_mut(stream) {
            stream.extend_from_slice(record);
        }
    }
}

/// Something found out about a document: its node and three numbers of the barrier's own. Findings
/// sort by node, then by these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The document.
    pub node: u64,
    /// The barrier's own numbers.
    pub values: [u64; 3],
}

impl Finding {
    /// Bytes of a finding.
    pub const WIDTH: usize = 32;

    /// The finding as a record.
    pub fn to_bytes(self) -> [u8; Self::WIDTH] {
        let mut bytes = [0; Self::WIDTH];
        let numbers = [self.node, self.values[0], self.values[1], self.values[2]];
        for (to, number) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(numbers) {
            *to = number.to_be_bytes();
        }
        bytes
    }

    /// The finding of a record; bytes that are missing count as zero.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let at = |start: usize| crate::external::number(bytes.get(start..).unwrap_or_default());
        Self { node: at(0), values: [at(8), at(16), at(24)] }
    }
}

/// What a barrier makes of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It stays, perhaps with another text.
    Keep,
    /// It goes.
    Drop {
        /// The rule that it failed, `family.rule`.
        reason: &'static str,
        /// The node of the document that stays in its stead, if one does.
        kept: Option<u64>,
    },
}

/// What a resolution counted, for people: `clusters`, `candidate_pairs` …, by name.
pub type Measures = BTreeMap<String, f64>;
