//! Passages that are repeated anywhere in the corpus, found exactly and cut out.
//!
//! A *window* is every run of `length` bytes (or words) of a document. A window that stands earlier
//! in the corpus too is removed, or with `keep: none` every window that stands twice; overlapping
//! windows make one *span*. So what is removed is what a suffix array of the whole corpus would tell,
//! with its first copy left. Where a window overlaps with its own first copy, as in a run of dashes,
//! what is in that copy stays: of such a run its first `length` bytes.
//!
//! The field makes such arrays: in memory (`deduplicate-text-datasets`: 5 to 9 bytes a byte of text on
//! disk and in memory, and a merge of all chunks), which bounds the corpus. Here nothing is larger than
//! `memory`, and most of the text is never sorted at all:
//!
//! 1. Windows are cut into *pieces* by winnowing (`pieces`): windows one after the other whose
//!    lowest gram, half as long as the window, is the same. Equal windows have equal lowest grams, so
//!    only pieces of one gram can share a window. Every piece leaves 32 bytes: the hash of its gram,
//!    the hash of its text, and where it is; with `length: 50` that is one piece in some 14 bytes.
//! 2. Sorted, most grams stand alone, and their pieces are done with. Equal pieces come together: all
//!    but the first are removed as wholes, so a document that is repeated, or a run of one byte, costs
//!    no more than another. Only where pieces of one gram are *not* equal, at the ends of repeated
//!    passages and around phrases, their windows are compared one by one (`repeats`).
//! 3. In a second round these windows leave 32 bytes each, a hash of 128 bits and where it is. Sorted,
//!    equal windows come together.
//!
//! Pieces of equal grams are taken for equal if 64 bits more of hash are, windows if 128 bits are:
//! among 10^13 windows, two different ones are taken for equal with a probability of 10^-13.

mod config;
mod pieces;
mod repeats;
mod spans;
#[cfg(test)]
mod tests;

use std::cell::RefCell;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed, xxh3_128};

pub use config::{Config, KeepCopy, Unit};

use self::repeats::{Fate, Rules, Windows};
use super::{Barrier, Collector, Finding, Matches, Measures, Order, Outcome, Resolution, Stream};
use crate::document::Document;
use crate::external::ExternalError;
use crate::stage::{Metric, MetricKind};

/// The metrics of `substring_dedup`.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "substring_dedup.removed_bytes",
        kind: MetricKind::Integer,
        unit: "bytes",
        meaning: "bytes in passages that are repeated and were removed",
    },
    Metric {
        name: "substring_dedup.removed_ratio",
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of the text's bytes that was removed",
    },
    Metric {
        name: "substring_dedup.spans",
        kind: MetricKind::Integer,
        unit: "spans",
        meaning: "passages that were removed",
    },
];

/// The most symbols of a window: hashing one must not take long.
const MOST_LENGTH: usize = 1 << 14;

/// Cuts repeated passages out of documents.
#[derive(Debug, Clone)]
pub struct SubstringDedup {
    config: Config,
}

/// The stream of pieces, in the first round.
const PIECES: usize = 0;
/// The stream of windows, in the second round.
const WINDOWS: usize = 0;
/// The stream of windows that are removed as wholes, in the second round.
const SPANS: usize = 1;

/// Room that a thread keeps from document to document.
#[derive(Default)]
struct Room {
    words: Vec<[u8; 8]>,
    ring: Vec<u64>,
}

/// A thread's room is given back if it is larger than this, in bytes.
const KEPT_BYTES: usize = 4 << 20;

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

impl SubstringDedup {
    /// The stage with its parameters.
    ///
    /// # Errors
    /// With the parameter that is out of its range.
    pub fn new(config: &Config) -> Result<Self, String> {
        if !(2..=MOST_LENGTH).contains(&config.length) {
            let length = config.length;
            return Err(format!("length: {length} is not between 2 and {MOST_LENGTH}"));
        }
        Ok(Self { config: config.clone() })
    }

    fn rules(&self) -> Rules {
        Rules {
            keep: self.config.keep,
            within_document: self.config.within_document,
            length: self.config.length as u32,
        }
    }

    /// Whether a document is looked at.
    fn concerns(&self, document: &Document<'_>) -> bool {
        let Config { min_characters, max_characters, .. } = self.config;
        if min_characters.is_none() && max_characters.is_none() {
            return true;
        }
        let characters = document.view().characters() as u64;
        min_characters.is_none_or(|least| characters >= least)
            && max_characters.is_none_or(|most| characters <= most)
    }

    /// Does something with the symbols of a document.
    fn with_symbols(&self, document: &Document<'_>, work: impl WithSymbols) {
        let text = document.text();
        ROOM.with_borrow_mut(|room| {
            let Room { words, ring } = room;
            match self.config.unit {
                Unit::Bytes => work.work::<1>(text.as_bytes().as_chunks().0, ring),
                Unit::Words => {
                    let view = document.view();
                    let segmentation = self.config.words.segmentation(document.language());
                    words.clear();
                    words.extend(view.words(segmentation).spans().iter().map(|&(start, end)| {
                        let word = text.get(start as usize..end as usize).unwrap_or_default();
                        xxh3_64(word.as_bytes()).to_le_bytes()
                    }));
                    work.work::<8>(words, ring);
                }
            }
            if (words.capacity() + ring.capacity()) * 8 > KEPT_BYTES {
                *room = Room::default();
            }
        });
    }
}

/// Work on symbols of either width.
trait WithSymbols {
    fn work<const WIDTH: usize>(self, symbols: &[[u8; WIDTH]], ring: &mut Vec<u64>);
}

/// Leaves the pieces of a document.
struct LeavePieces<'o> {
    length: usize,
    scope: u64,
    node: u64,
    out: &'o mut Collector,
}

impl WithSymbols for LeavePieces<'_> {
    fn work<const WIDTH: usize>(self, symbols: &[[u8; WIDTH]], ring: &mut Vec<u64>) {
        let Self { length, scope, node, out } = self;
        pieces::pieces(symbols, length, ring, |piece| {
            let start = piece.start as usize;
            let end = start + usize::from(piece.count) + length - 1;
            let text = symbols.get(start..end).unwrap_or_default().as_flattened();
            // The lowest of many hashes are not evenly distributed.
            let key = xxh3_64_with_seed(&piece.hash.to_le_bytes(), scope);
            out.put(PIECES, &repeats::piece_record(key, xxh3_64(text), node, piece));
        });
    }
}

/// Leaves the windows of a document that are compared.
struct LeaveWindows<'o> {
    length: usize,
    scope: u64,
    node: u64,
    findings: &'o [Finding],
    out: &'o mut Collector,
}

impl WithSymbols for LeaveWindows<'_> {
    fn work<const WIDTH: usize>(self, symbols: &[[u8; WIDTH]], _: &mut Vec<u64>) {
        let Self { length, scope, node, findings, out } = self;
        let scope = u128::from(scope) << 64 | u128::from(scope);
        let hash = |start: u32| {
            let start = start as usize;
            let window = symbols.get(start..start + length).unwrap_or_default();
            xxh3_128(window.as_flattened()) ^ scope
        };
        for finding in findings {
            let (fate, windows) = Fate::of(finding);
            let Windows { start, count, .. } = windows;
            match fate {
                Fate::Compare => {
                    for start in start..start.saturating_add(count) {
                        out.put(WINDOWS, &repeats::window_record(hash(start), node, start, 1));
                    }
                }
                Fate::Probe => {
                    out.put(WINDOWS, &repeats::window_record(hash(start), node, start, count));
                }
                Fate::Repeated => {}
            }
        }
    }
}

/// Leaves the windows of a document that are removed as wholes; those side by side that another
/// document has are one record.
fn leave_spans(node: u64, findings: &[Finding], out: &mut Collector) {
    let mut current: Option<Windows> = None;
    for finding in findings {
        let (Fate::Repeated, windows) = Fate::of(finding) else { continue };
        match &mut current {
            Some(before)
                if before.holder == windows.holder
                    && before.start + before.count == windows.start =>
            {
                before.count += windows.count;
            }
            _ => {
                if let Some(before) = current.replace(windows) {
                    out.put(SPANS, &repeats::span_record(node, before));
                }
            }
        }
    }
    if let Some(last) = current {
        out.put(SPANS, &repeats::span_record(node, last));
    }
}

impl Barrier for SubstringDedup {
    fn name(&self) -> &str {
        "substring_dedup"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn rounds(&self) -> usize {
        2
    }

    fn changes_text(&self) -> bool {
        true
    }

    fn streams(&self, round: usize) -> Vec<Stream> {
        match round {
            0 => vec![Stream { width: repeats::PIECE, order: Order::Sorted, node_at: 16 }],
            _ => vec![
                Stream { width: repeats::WINDOW, order: Order::Sorted, node_at: 16 },
                Stream { width: repeats::SPAN, order: Order::Input, node_at: 0 },
            ],
        }
    }

    fn collect(
        &self,
        round: usize,
        document: &Document<'_>,
        node: u64,
        findings: &[Finding],
        out: &mut Collector,
    ) {
        let length = self.config.length;
        if round == 0 {
            if self.concerns(document) {
                let scope = self.config.within.hash(document);
                self.with_symbols(document, LeavePieces { length, scope, node, out });
            }
        } else if !findings.is_empty() {
            leave_spans(node, findings, out);
            let scope = self.config.within.hash(document);
            self.with_symbols(document, LeaveWindows { length, scope, node, findings, out });
        }
    }

    fn compare(
        &self,
        round: usize,
        resolution: &Resolution<'_>,
        partition: usize,
    ) -> Result<Matches, ExternalError> {
        match round {
            0 => repeats::of_pieces(resolution, PIECES, partition, self.rules()),
            _ => repeats::of_windows(resolution, WINDOWS, partition, self.rules()),
        }
    }

    fn resolve(
        &self,
        round: usize,
        resolution: &Resolution<'_>,
        matches: Matches,
    ) -> Result<Measures, ExternalError> {
        if round == 0 {
            return Ok(matches.hand_in(resolution, ["pieces", "repeated_pieces"]));
        }
        repeats::of_spans(resolution, SPANS)?;
        Ok(matches.hand_in(resolution, ["compared_windows", "repeated_windows"]))
    }

    fn removes(&self, _: &Finding) -> bool {
        // Whether a document goes depends on what is left of it.
        false
    }

    fn apply(&self, document: &mut Document<'_>, node: u64, findings: &[Finding]) -> Outcome {
        let cut = spans::Cut::new(&self.config, document, node, findings);
        let before = document.text().len();
        let ratio = cut.removed_bytes as f64 / before.max(1) as f64;
        document.annotate("substring_dedup.removed_bytes", cut.removed_bytes);
        document.annotate("substring_dedup.removed_ratio", ratio);
        document.annotate("substring_dedup.spans", cut.spans.len());
        if cut.spans.is_empty() {
            return Outcome::Keep;
        }
        let text = cut.text(document.text(), &self.config.replacement);
        let left = text.trim().chars().take(self.config.min_left_characters as usize).count();
        if (left as u64) < self.config.min_left_characters {
            let kept = match self.config.keep {
                KeepCopy::First => cut.holder,
                KeepCopy::None => None,
            };
            return Outcome::Drop { reason: "substring_dedup.nothing_left", kept };
        }
        document.set_text(text);
        Outcome::Keep
    }
}
