//! From labelled nodes to findings: how large each cluster is, and which member stays.

use std::sync::{Mutex, PoisonError};

use super::graph::{each, pieces};
use super::sweep::cut;
use super::tally::Tally;
use crate::batch::NODE;
use crate::dedup::Resolution;
use crate::dedup::barrier::Finding;
use crate::external::{ExternalError, Merger, Ordered, Sorted, Span, number};

/// The members of all clusters, sorted by cluster and then by rank, so that the one that stays comes
/// first. A record is the cluster's label, the member's rank, its node.
pub struct Members<'m> {
    resolution: &'m Resolution<'m>,
    /// The ranks of documents and how many bytes each has.
    ranks: Option<(Ordered, usize)>,
    sorted: Mutex<Sorted>,
}

impl<'m> Members<'m> {
    /// No members yet. `ranks` is the stream of ranks and its width, if there is one.
    pub fn new(
        resolution: &'m Resolution<'m>,
        ranks: Option<(usize, usize)>,
    ) -> Result<Self, ExternalError> {
        let ranks = match ranks {
            Some((stream, width)) => Some((resolution.ordered(stream)?, width.saturating_sub(8))),
            None => None,
        };
        let width = 16 + ranks.as_ref().map_or(0, |(_, bytes)| *bytes);
        let sorted = Mutex::new(Sorted::none(&resolution.scratch, width));
        Ok(Self { resolution, ranks, sorted })
    }

    fn width(&self) -> usize {
        16 + self.ranks.as_ref().map_or(0, |(_, bytes)| *bytes)
    }

    /// Adds nodes, which ascend from call to call and in each, with their labels.
    pub fn add(
        &self,
        nodes: &[u64],
        label: &(dyn Fn(usize) -> u64 + Sync),
    ) -> Result<(), ExternalError> {
        let pieces = pieces(self.resolution);
        let sorted = each(self.resolution, pieces, |piece| {
            let mut sorter = self.resolution.sorter(self.width(), self.resolution.share() / 4);
            let mut ranks = self.ranks.as_ref().map(|(ordered, _)| ordered.cursor());
            let mut record = Vec::with_capacity(self.width());
            let range = cut(0..nodes.len() as u64, piece, pieces);
            for at in range.start as usize..range.end as usize {
                let node = nodes.get(at).copied().unwrap_or_default();
                record.clear();
                record.extend_from_slice(&label(at).to_be_bytes());
                if let Some(ranks) = &mut ranks {
                    // A document of an index has none, and one without a record loses.
                    let found = if node < NODE { None } else { ranks.get(node)? };
                    let rank = found.and_then(|found| found.get(8..)).unwrap_or_default();
                    record.extend_from_slice(rank);
                    record.resize(self.width() - 8, u8::MAX);
                }
                record.extend_from_slice(&node.to_be_bytes());
                sorter.push(&record)?;
            }
            sorter.finish()
        })?;
        let mut all = self.sorted.lock().unwrap_or_else(PoisonError::into_inner);
        sorted.into_iter().for_each(|sorted| all.append(sorted));
        Ok(())
    }

    /// Hands in a finding for every member of this run.
    pub fn find(self) -> Result<Tally, ExternalError> {
        let members = self.sorted.into_inner().unwrap_or_else(PoisonError::into_inner);
        let spans = members.spans(pieces(self.resolution))?;
        let tallies = each(self.resolution, spans.len(), |piece| match spans.get(piece) {
            Some(span) => find_in(self.resolution, &members, *span),
            None => Ok(Tally::default()),
        })?;
        members.remove();
        Ok(tallies.into_iter().fold(Tally::default(), Tally::with))
    }
}

/// The label and node of a record.
fn member(record: &[u8]) -> (u64, u64) {
    (number(record), number(record.get(record.len().saturating_sub(8)..).unwrap_or_default()))
}

fn next(merger: &mut Merger) -> Result<Option<(u64, u64)>, ExternalError> {
    Ok(merger.next()?.map(member))
}

/// The findings of the clusters of a span. The records are gone through twice at once: one reader is a
/// cluster ahead and counts, so that no cluster has to fit into memory.
fn find_in(
    resolution: &Resolution<'_>,
    members: &Sorted,
    span: Span,
) -> Result<Tally, ExternalError> {
    let mut ahead = members.open_span(span, resolution.share() / 8)?;
    let mut behind = members.open_span(span, resolution.share() / 8)?;
    let mut finder = resolution.finder(resolution.share() / 2);
    let mut tally = Tally::default();
    let mut head = next(&mut ahead)?;
    while let Some((label, best)) = head {
        let (mut size, mut own) = (0, 0);
        while let Some((_, node)) = head.filter(|(same, _)| *same == label) {
            size += 1;
            own += u64::from(node >= NODE);
            head = next(&mut ahead)?;
        }
        // The lowest document of an index wins over all of this run.
        let kept = if label < NODE { label } else { best };
        tally.count(size, own, label < NODE);
        for _ in 0..size {
            if let Some((_, node)) = next(&mut behind)?.filter(|(_, node)| *node >= NODE) {
                finder.push(&Finding { node, values: [kept, label, size] }.to_bytes())?;
            }
        }
    }
    resolution.find(finder.finish()?);
    Ok(tally)
}
