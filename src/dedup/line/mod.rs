//! Deduplication below the document: lines, paragraphs, sentences.
//!
//! Every document leaves a record for each of its lines, a key of 128 bits and its node. Sorted,
//! they say exactly how often a line occurs and where it occurs first; a document gets a finding for
//! each line that it loses. Documents are cut once more then, and lines are known by their keys, so
//! that their number has no bounds.
//!
//! Sources: BigScience's `data-preparation` (2022), `01a_catalogue_cleaning_and_filtering` and
//! `sourcing/cc_pseudo_crawl`, for templates, newspapers, boilerplate and lines within a document;
//! Raffel et al. (2020) and `sentence_dedup` of datatrove 0.10.1 for sentences.

mod bloom;
mod config;
mod pieces;
mod resolve;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

use super::scope::Within;
use super::url_rule::host_of;
use super::{Barrier, Collector, Finding, Matches, Measures, Order, Outcome, Resolution, Stream};
use crate::document::Document;
use crate::external::ExternalError;
use crate::stage::{Metric, MetricKind};
use crate::text::segment::{WordsConfig, sentence_count};
use crate::text::whitespace::python_strip;
use bloom::Bloom;
pub use config::{Config, Mode, Unit};
use config::{HOST, Rules};
use pieces::{Piece, Room};
use resolve::UNKNOWN;

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "line_dedup.removed_lines",
        kind: MetricKind::Integer,
        unit: "lines",
        meaning: "lines, paragraphs or sentences that were removed",
    },
    Metric {
        name: "line_dedup.removed_characters",
        kind: MetricKind::Integer,
        unit: "characters",
        meaning: "by how many code points the text became shorter",
    },
    Metric {
        name: "line_dedup.removed_ratio",
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "the share of the text's code points that this is",
    },
];

/// Removes lines, paragraphs or sentences that occur more than once.
#[derive(Debug, Clone)]
pub struct LineDedup {
    rules: Rules,
    span: usize,
    group_by: String,
    max_page_share: f64,
    max_pages: u64,
    sample: Option<u64>,
    seed: u64,
    words: WordsConfig,
    within: Within,
    /// Expected items and error rate of the Bloom filter, if there is one.
    approximate: Option<(u64, f64)>,
}

/// Room for the keys of one document after the other.
#[derive(Default)]
struct Keys {
    room: Room,
    keys: Vec<u128>,
}

thread_local! {
    static KEYS: RefCell<Keys> = RefCell::default();
}

/// What is left of a document, and why it goes if it does.
struct Edit {
    text: String,
    removed_lines: usize,
    /// The document that holds the first occurrence of most of what goes.
    holder: Option<u64>,
}

impl LineDedup {
    /// The stage with its parameters.
    ///
    /// # Errors
    /// If one is out of its range, or its mode does not know it.
    pub fn new(config: &Config) -> Result<Self, String> {
        Ok(Self {
            rules: config.rules()?,
            span: config.span,
            group_by: config.group_by.clone(),
            max_page_share: config.max_page_share,
            max_pages: config.max_pages,
            sample: config.sample,
            seed: config.seed,
            words: config.words.clone(),
            within: config.within.clone(),
            approximate: config.approximate.then_some((config.expected, config.error_rate)),
        })
    }

    /// A hash of what a line is compared within: its site, its group, all. `None` if the document has
    /// no site.
    fn scope(&self, document: &Document<'_>) -> Option<u64> {
        let within = self.within.hash(document);
        match self.rules.mode {
            Mode::Boilerplate if self.group_by == HOST => {
                let host = host_of(document.url()?)?.to_lowercase();
                Some(xxh3_64_with_seed(host.as_bytes(), within))
            }
            Mode::Boilerplate => {
                let value = document.fields().exact(&self.group_by)?;
                (!value.is_empty()).then(|| xxh3_64_with_seed(value.as_bytes(), within))
            }
            _ => Some(within),
        }
    }

    /// On how many of a site's pages a line may be.
    fn most_pages(&self, pages: u64) -> u64 {
        // Lines go that are on more, so that the share may be rounded down.
        self.max_pages.max((pages as f64 * self.max_page_share).floor() as u64)
    }

    /// Hands out the keys of a text in their order, each as often as it occurs up to a number.
    fn each_key(&self, text: &str, scope: u64, most: u64, mut take: impl FnMut(u128)) {
        KEYS.with_borrow_mut(|Keys { room, keys }| {
            keys.clear();
            pieces::pieces(&self.rules, self.span, text, scope, room, |_, key| keys.extend(key));
            keys.sort_unstable();
            let (mut last, mut number) = (None, 0);
            for &key in keys.iter() {
                number = if last.replace(key) == Some(key) { number + 1 } else { 1 };
                if number <= most {
                    take(key);
                }
            }
            room.release();
            if keys.capacity() > 1 << 18 {
                *keys = Vec::new();
            }
        });
    }

    fn collect_pages(
        &self,
        round: usize,
        document: &Document<'_>,
        node: u64,
        findings: &[Finding],
        out: &mut Collector,
    ) {
        let Some(site) = self.scope(document) else { return };
        if round == 0 {
            let text = xxh3_128_with_seed(document.text().as_bytes(), self.seed);
            let mut record = [0; resolve::PAGE];
            record[..8].copy_from_slice(&site.to_be_bytes());
            record[8..24].copy_from_slice(&text.to_be_bytes());
            record[24..].copy_from_slice(&node.to_be_bytes());
            out.put(0, &record);
            return;
        }
        let Some(finding) = findings.first() else { return };
        let mut record = [0; resolve::PAGE_LINE];
        record[16..24].copy_from_slice(&finding.values[0].to_be_bytes());
        record[24..].copy_from_slice(&node.to_be_bytes());
        self.each_key(document.text(), site, 1, |key| {
            record[..16].copy_from_slice(&key.to_be_bytes());
            out.put(0, &record);
        });
    }

    /// The text without the lines of some findings; `None` if nothing goes.
    fn edit(&self, document: &Document<'_>, node: u64, findings: &[Finding]) -> Option<Edit> {
        let inside = self.rules.mode == Mode::Document;
        if findings.is_empty() && !inside && !self.rules.strip_lines {
            return None;
        }
        let text = document.text();
        let scope = self.scope(document)?;
        let joins = self.rules.joins_lines();
        let mut pieces: Vec<Piece> = Vec::new();
        KEYS.with_borrow_mut(|Keys { room, .. }| {
            pieces::pieces(&self.rules, self.span, text, scope, room, |range, key| {
                let blank = || text.get(range.clone()).is_none_or(|it| python_strip(it).is_empty());
                if joins || !blank() {
                    pieces.push(Piece { range, key });
                }
            });
            room.release();
        });

        let mut removed = vec![false; pieces.len()];
        let mut seen: HashSet<u128> = HashSet::new();
        let mut holders: BTreeMap<u64, usize> = BTreeMap::new();
        let row = if self.rules.mode == Mode::Sentences { self.span } else { 1 };
        for (number, piece) in pieces.iter().enumerate() {
            let Some(key) = piece.key else { continue };
            let first = match inside {
                true => Some(node),
                false => self.first_of(findings, key),
            };
            // What occurs here first goes when it comes again.
            let goes = match first {
                None => false,
                Some(first) if first == node => !seen.insert(key),
                Some(_) => true,
            };
            if !goes {
                continue;
            }
            for (goes, piece) in removed.iter_mut().zip(&pieces).skip(number).take(row) {
                if !std::mem::replace(goes, true)
                    && let Some(first) = first.filter(|&first| first != node && first != UNKNOWN)
                {
                    *holders.entry(first).or_default() += piece.range.len();
                }
            }
        }
        let removed_lines = removed.iter().filter(|removed| **removed).count();
        let mut left = match (joins, removed_lines) {
            (true, _) => pieces::joined(text, &pieces, &removed, self.rules.strip_lines),
            (false, 0) => return None,
            (false, _) => pieces::without(text, &pieces, &removed),
        };
        if self.rules.mode == Mode::Boilerplate && self.rules.strip_lines {
            left = python_strip(&left).to_owned();
        }
        // Of those that hold as much the first.
        let holder =
            holders.into_iter().rev().max_by_key(|&(_, bytes)| bytes).map(|(node, _)| node);
        Some(Edit { text: left, removed_lines, holder })
    }

    /// The document of the first occurrence of a line, if there is a finding for it.
    fn first_of(&self, findings: &[Finding], key: u128) -> Option<u64> {
        let mut wanted = [(key >> 64) as u64, key as u64];
        if self.approximate.is_some() {
            wanted[1] = 0;
        }
        let at = findings.partition_point(|finding| finding.values[..2] < wanted[..]);
        let finding = findings.get(at).filter(|finding| finding.values[..2] == wanted[..])?;
        Some(finding.values[2])
    }

    /// Why what is left of a document is not kept.
    fn too_little(&self, document: &Document<'_>, left: &str) -> Option<&'static str> {
        let stripped = python_strip(left);
        let rules = &self.rules;
        if stripped.is_empty() {
            return (rules.min_characters > 0).then_some("line_dedup.empty");
        }
        let short = || stripped.chars().take(rules.min_characters).count() < rules.min_characters;
        if stripped.len() < 4 * rules.min_characters && short() {
            return Some("line_dedup.too_short");
        }
        if rules.min_words > 0 {
            let mut words = 0;
            let segmentation = self.words.segmentation(document.language());
            segmentation.words(stripped, |_| words += 1);
            if words < rules.min_words {
                return Some("line_dedup.few_words");
            }
        }
        if rules.min_sentences > 0 && sentence_count(stripped) < rules.min_sentences {
            return Some("line_dedup.few_sentences");
        }
        None
    }
}

impl Barrier for LineDedup {
    fn name(&self) -> &str {
        "line_dedup"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn rounds(&self) -> usize {
        // Pages are counted before lines.
        if self.rules.mode == Mode::Boilerplate { 2 } else { 1 }
    }

    fn changes_text(&self) -> bool {
        true
    }

    fn streams(&self, round: usize) -> Vec<Stream> {
        let sorted = |width| Stream { width, order: Order::Sorted, node_at: width - 8 };
        vec![match (self.rules.mode, round) {
            (Mode::Boilerplate, 0) => sorted(resolve::PAGE),
            (Mode::Boilerplate, _) => sorted(resolve::PAGE_LINE),
            _ if self.approximate.is_some() => {
                Stream { width: resolve::SEEN, order: Order::Input, node_at: 0 }
            }
            _ => sorted(resolve::LINE),
        }]
    }

    fn collect(
        &self,
        round: usize,
        document: &Document<'_>,
        node: u64,
        findings: &[Finding],
        out: &mut Collector,
    ) {
        let most = match self.rules.mode {
            Mode::Document => return,
            Mode::Boilerplate => return self.collect_pages(round, document, node, findings, out),
            // The second record says that the line comes again.
            Mode::Paragraphs | Mode::Sentences => 2,
            Mode::Templates | Mode::Newspapers => self.rules.min_occurrences,
        };
        let scope = self.within.hash(document);
        if self.approximate.is_some() {
            let mut record = [0; resolve::SEEN];
            record[..8].copy_from_slice(&node.to_be_bytes());
            self.each_key(document.text(), scope, most, |key| {
                record[8..].copy_from_slice(&((key >> 64) as u64).to_be_bytes());
                out.put(0, &record);
            });
            return;
        }
        let mut record = [0; resolve::LINE];
        record[16..].copy_from_slice(&node.to_be_bytes());
        self.each_key(document.text(), scope, most, |key| {
            record[..16].copy_from_slice(&key.to_be_bytes());
            out.put(0, &record);
        });
    }

    fn compares(&self, _: usize) -> bool {
        self.rules.mode != Mode::Document && self.approximate.is_none()
    }

    /// One pile, findings, and three counts.
    fn compare(
        &self,
        round: usize,
        resolution: &Resolution<'_>,
        partition: usize,
    ) -> Result<Matches, ExternalError> {
        match self.rules.mode {
            _ if !self.compares(round) => Ok(Matches::default()),
            Mode::Boilerplate if round == 0 => {
                let most = |pages| self.most_pages(pages);
                resolve::pages(resolution, partition, self.sample, most)
            }
            Mode::Boilerplate => resolve::boilerplate(resolution, partition),
            Mode::Templates | Mode::Newspapers => {
                resolve::templates(resolution, partition, self.rules.min_occurrences)
            }
            _ => resolve::first_stays(resolution, partition),
        }
    }

    fn resolve(
        &self,
        round: usize,
        resolution: &Resolution<'_>,
        matches: Matches,
    ) -> Result<Measures, ExternalError> {
        if let (Mode::Paragraphs | Mode::Sentences, Some((expected, error_rate))) =
            (self.rules.mode, self.approximate)
        {
            return resolve::first_stays_approximately(resolution, expected, error_rate);
        }
        let names = match self.rules.mode {
            Mode::Document => return Ok(Measures::new()),
            Mode::Boilerplate if round == 0 => ["sites", "pages", "distinct_pages"],
            Mode::Boilerplate => ["lines", "distinct_lines", "boilerplate_lines"],
            Mode::Templates | Mode::Newspapers => ["lines", "distinct_lines", "template_lines"],
            Mode::Paragraphs | Mode::Sentences => ["lines", "distinct_lines", "repeated_lines"],
        };
        Ok(matches.hand_in(resolution, names))
    }

    fn removes(&self, _: &Finding) -> bool {
        // Whether a document goes is known when its lines are gone. What comes behind never shares a
        // pass with a barrier that changes texts.
        false
    }

    fn apply(&self, document: &mut Document<'_>, node: u64, findings: &[Finding]) -> Outcome {
        let edit = self.edit(document, node, findings);
        let text = document.text();
        let (mut removed_lines, mut removed, mut characters) = (0, 0, 0);
        let changed = edit.as_ref().is_some_and(|edit| edit.text != text);
        if let Some(edit) = edit.as_ref().filter(|_| changed) {
            removed_lines = edit.removed_lines;
            characters = text.chars().count();
            removed = characters.saturating_sub(edit.text.chars().count());
        }
        let all = self.rules.mode == Mode::Boilerplate && self.scope(document).is_some();
        let reason = match &edit {
            Some(edit) if edit.removed_lines > 0 || all => self.too_little(document, &edit.text),
            None if all => self.too_little(document, text),
            _ => None,
        };
        document.annotate(METRICS[0].name, removed_lines);
        document.annotate(METRICS[1].name, removed);
        document.annotate(METRICS[2].name, removed as f64 / characters.max(1) as f64);
        if let Some(reason) = reason {
            let kept = edit.and_then(|edit| edit.holder);
            return Outcome::Drop { reason, kept };
        }
        if let Some(edit) = edit.filter(|_| changed) {
            document.set_text(edit.text);
        }
        Outcome::Keep
    }

    fn remarks(&self) -> Vec<String> {
        let Some((expected, error_rate)) = self.approximate else { return Vec::new() };
        let (bits, _) = Bloom::size_for(expected, error_rate);
        vec![format!(
            "approximate: the Bloom filter takes {:.0} MiB, whatever `memory` says",
            bits as f64 / 8.0 / f64::from(1 << 20)
        )]
    }
}
