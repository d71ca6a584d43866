//! From the records of all lines to what goes of which document.

use super::bloom::Bloom;
use crate::batch::NODE;
use crate::dedup::{Finding, Matches, Measures, Resolution};
use crate::external::{ExternalError, Sorted, Sorter, number};

/// Bytes of a record of a line: its key, then the node.
pub(super) const LINE: usize = 24;
/// Bytes of a record of a page: its site, a hash of its text, the node.
pub(super) const PAGE: usize = 32;
/// Bytes of a record of a line of a page: its key, the [`Weight`], the node.
pub(super) const PAGE_LINE: usize = 32;
/// Bytes of a record of a line for a Bloom filter: the node, then half of the key.
pub(super) const SEEN: usize = 16;

/// What stands in a finding for the document with the first occurrence where nobody knows it.
pub(super) const UNKNOWN: u64 = u64::MAX;

/// What lines of a partition come to: findings, and how many lines, different ones, and repeated ones
/// there are.
fn matches(findings: Sorted, lines: u64, distinct: u64, repeated: u64) -> Matches {
    Matches { piles: vec![findings], counts: vec![lines, distinct, repeated] }
}

/// The key that a record begins with.
fn key(record: &[u8]) -> [u64; 2] {
    [number(record), number(record.get(8..).unwrap_or_default())]
}

/// Adds a finding, unless its document is of an earlier run: that one is not there to lose lines.
fn find(finder: &mut Sorter, node: u64, values: [u64; 3]) -> Result<(), ExternalError> {
    match node < NODE {
        true => Ok(()),
        false => finder.push(&Finding { node, values }.to_bytes()),
    }
}

/// Finds the lines of a partition that stood before. A finding has the key and the node of the first
/// occurrence; if that is the document itself, only the later ones in it go.
pub(super) fn first_stays(
    resolution: &Resolution<'_>,
    partition: usize,
) -> Result<Matches, ExternalError> {
    let mut finder = resolution.finder(resolution.share() / 2);
    let mut merger = resolution.merged(0, partition, resolution.share() / 2)?;
    let (mut lines, mut distinct, mut repeated) = (0, 0, 0);
    let mut current = None;
    let (mut first, mut last, mut told) = (0, 0, false);
    while let Some(record) = merger.next()? {
        let (line, node) = (key(record), number(record.get(16..).unwrap_or_default()));
        lines += 1;
        if current != Some(line) {
            distinct += 1;
            current = Some(line);
            (first, last, told) = (node, node, false);
            continue;
        }
        repeated += u64::from(!std::mem::replace(&mut told, true) || node != last);
        find(&mut finder, node, [line[0], line[1], first])?;
        last = node;
    }
    Ok(matches(finder.finish()?, lines, distinct, repeated))
}

/// The same by a Bloom filter, to which the lines come in the order of the documents.
pub(super) fn first_stays_approximately(
    resolution: &Resolution<'_>,
    expected: u64,
    error_rate: f64,
) -> Result<Measures, ExternalError> {
    let mut bloom = Bloom::new(expected, error_rate);
    let mut finder = resolution.finder(resolution.share());
    let (mut lines, mut repeated) = (0_u64, 0_u64);
    let mut last = None;
    resolution.ordered(0)?.for_each(|record| {
        let (node, line) = (number(record), number(record.get(8..).unwrap_or_default()));
        if lines.is_multiple_of(1 << 16) {
            resolution.scratch.check()?;
        }
        lines += 1;
        // The second record says that the line occurs again in the document.
        let (again, new) = match last {
            Some((same, new)) if same == (node, line) => (true, new),
            _ => (false, bloom.insert(line)),
        };
        last = Some(((node, line), new));
        match (again, new) {
            (true, true) => find(&mut finder, node, [line, 0, node])?,
            (false, false) => find(&mut finder, node, [line, 0, UNKNOWN])?,
            _ => return Ok(()),
        }
        repeated += 1;
        Ok(())
    })?;
    resolution.find(finder.finish()?);
    Ok(Measures::from([
        ("lines".to_owned(), lines as f64),
        ("repeated_lines".to_owned(), repeated as f64),
        ("bloom_bits".to_owned(), bloom.bits() as f64),
        ("bloom_hashes".to_owned(), f64::from(bloom.hashes())),
        ("bloom_items".to_owned(), bloom.items() as f64),
        ("bloom_fill".to_owned(), bloom.fill()),
        ("bloom_error_rate".to_owned(), bloom.error_rate()),
    ]))
}

/// Documents that wait until it is known whether their line goes. At most as many wait as the line
/// may have occurrences.
#[derive(Default)]
struct Waiting {
    line: [u64; 2],
    occurrences: u64,
    nodes: Vec<u64>,
    last: Option<u64>,
}

impl Waiting {
    fn start(&mut self, line: [u64; 2]) {
        self.line = line;
        self.occurrences = 0;
        self.nodes.clear();
        self.last = None;
    }

    /// Takes in an occurrence, and tells of it and all before if the line goes.
    fn push(
        &mut self,
        node: u64,
        counted: bool,
        goes: impl Fn(u64) -> bool,
        finder: &mut Sorter,
    ) -> Result<(), ExternalError> {
        self.occurrences += u64::from(counted);
        if self.last.replace(node) != Some(node) {
            self.nodes.push(node);
        }
        if goes(self.occurrences) {
            for node in self.nodes.drain(..) {
                find(finder, node, [self.line[0], self.line[1], UNKNOWN])?;
            }
        }
        Ok(())
    }
}

/// Finds the lines of a partition that occur at least so often, once or more.
pub(super) fn templates(
    resolution: &Resolution<'_>,
    partition: usize,
    min_occurrences: u64,
) -> Result<Matches, ExternalError> {
    let weight = Weight { counted: true, most: min_occurrences.saturating_sub(1) };
    frequent(resolution, partition, |record| (weight, number(record.get(16..).unwrap_or_default())))
}

/// Finds the lines of a partition that are on more pages of a site than they may.
pub(super) fn boilerplate(
    resolution: &Resolution<'_>,
    partition: usize,
) -> Result<Matches, ExternalError> {
    frequent(resolution, partition, |record| {
        let at = |start: usize| number(record.get(start..).unwrap_or_default());
        (Weight::unpack(at(16)), at(24))
    })
}

/// Finds the lines of a partition that occur more often than they may. `read` tells how a record counts
/// and of which node it is; those that count come first.
fn frequent(
    resolution: &Resolution<'_>,
    partition: usize,
    read: impl Fn(&[u8]) -> (Weight, u64),
) -> Result<Matches, ExternalError> {
    let mut finder = resolution.finder(resolution.share() / 2);
    let mut merger = resolution.merged(0, partition, resolution.share() / 2)?;
    let (mut lines, mut distinct, mut frequent) = (0, 0, 0);
    let mut waiting = Waiting::default();
    while let Some(record) = merger.next()? {
        let (line, (weight, node)) = (key(record), read(record));
        if lines == 0 || waiting.line != line {
            distinct += 1;
            waiting.start(line);
        }
        lines += 1;
        if !weight.counted && waiting.occurrences <= weight.most {
            // All that count have come, and they are too few.
            continue;
        }
        let before = waiting.occurrences;
        waiting.push(node, weight.counted, |occurrences| occurrences > weight.most, &mut finder)?;
        frequent += u64::from(weight.counted && before == weight.most);
    }
    Ok(matches(finder.finish()?, lines, distinct, frequent))
}

/// How a page's lines count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Weight {
    /// Whether the page is one of those on which lines are counted.
    pub(super) counted: bool,
    /// On how many pages of the site a line may be.
    pub(super) most: u64,
}

impl Weight {
    /// Pages on which lines are counted sort before others.
    const UNCOUNTED: u64 = 1 << 63;

    pub(super) fn pack(self) -> u64 {
        let most = self.most & !Self::UNCOUNTED;
        if self.counted { most } else { most | Self::UNCOUNTED }
    }

    pub(super) fn unpack(packed: u64) -> Self {
        Self { counted: packed & Self::UNCOUNTED == 0, most: packed & !Self::UNCOUNTED }
    }
}

/// A record of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Page {
    site: u64,
    text: [u64; 2],
    node: u64,
}

impl Page {
    fn read(record: &[u8]) -> Self {
        let at = |start: usize| record.get(start..).unwrap_or_default();
        Self { site: number(record), text: key(at(8)), node: number(at(24)) }
    }
}

/// Counts the different pages of every site of a partition; a finding has the [`Weight`] of its page.
/// Of the pages with one text the first counts, and if there is a sample, those with the lowest hashes.
pub(super) fn pages(
    resolution: &Resolution<'_>,
    partition: usize,
    sample: Option<u64>,
    most: impl Fn(u64) -> u64,
) -> Result<Matches, ExternalError> {
    let sample = sample.unwrap_or(u64::MAX);
    let (mut sites, mut all, mut different) = (0, 0, 0);
    let share = resolution.share() / 3;
    let mut finder = resolution.finder(share);
    // The same pages twice: they are told of when those of their site are counted.
    let mut counting = resolution.merged(0, partition, share)?;
    let mut telling = resolution.merged(0, partition, share)?;
    let mut ahead = counting.next()?.map(Page::read);
    while let Some(site) = ahead.map(|page| page.site) {
        let (mut number, mut distinct, mut last) = (0_u64, 0_u64, None);
        while let Some(page) = ahead.filter(|page| page.site == site) {
            number += 1;
            distinct += u64::from(last.replace(page.text) != Some(page.text));
            ahead = counting.next()?.map(Page::read);
        }
        let most = most(distinct.min(sample));
        let (mut seen, mut last) = (0, None);
        for _ in 0..number {
            let Some(page) = telling.next()?.map(Page::read) else { break };
            let new = last.replace(page.text) != Some(page.text);
            let counted = new && seen < sample;
            seen += u64::from(new);
            find(&mut finder, page.node, [Weight { counted, most }.pack(), 0, 0])?;
        }
        sites += 1;
        all += number;
        different += distinct;
    }
    Ok(Matches { piles: vec![finder.finish()?], counts: vec![sites, all, different] })
}
