//! Near-duplicates by MinHash.
//!
//! A text is a set of *shingles*, runs of words or characters. The share of two sets that is common,
//! the Jaccard index, is the probability that both have the same minimum under a random permutation
//! (Broder 1997). A signature holds the minimums of many permutations, in *bands* of some rows; two
//! documents that share a band are candidates: of `b` bands of `r` rows, those of a Jaccard index `s`
//! share one with probability `1 - (1 - s^r)^b` (Leskovec, Rajaraman, Ullman, *Mining of Massive
//! Datasets*, chapter 3).
//!
//! # Why the default is what it is
//!
//! - **Short shingles.** An edited word breaks every shingle that it is in. Where a share `e` of the
//!   words is edited, shingles of `n` words have a Jaccard index of `q / (2 - q)` with
//!   `q = (1 - e)^n`: at 10 % it is 0.42 for five words and 0.68 for two. So a shingle has two words.
//! - **But not too short.** `of the` is in every document. A shingle that has fewer than eight
//!   letters takes in the words that follow, so that what all texts of a language have in common is
//!   little: an index of 0.01 to 0.03 for strangers. Characters of scripts without spaces are words of
//!   their own there and count for more letters, so that two ideographs or three letters of Thai make
//!   a shingle, whatever a dictionary thinks of an edited text.
//! - **Many small bands.** 32 bands of 4 rows find pairs of an index of 0.7 with a probability of
//!   99.98 %, of 0.6 with 98.8 %, of 0.5 with 87 %; strangers at 0.03 share a band once in 40,000
//!   pairs, which is why candidates are verified.
//! - **Verification by words as well.** By shingles alone a copy of which every tenth word is edited
//!   looks like a page of which a third is boilerplate that others have too: both have an index of
//!   about 0.6. But the former has most of its words in common with the original, the latter only the
//!   boilerplate's. So a sketch also has the words, counted as often as they occur, and the test is
//!   an index of 0.8 of the words: nine tenths of each document's words are in the other. Where the
//!   shingles' index is clearly lower than that of the words, single words differ and no passages;
//!   then 0.74 is enough, every seventh word. Numbers count three times, as pages of one template
//!   differ in these. From 0.92 on shingles alone suffice, for texts that differ in how often they
//!   repeat themselves.
//! - **Characters where the script has no spaces.** Chinese, Japanese, Thai, Lao, Khmer and Burmese are
//!   edited by the character, foreign words among them too. So if a third of a text's letters are such
//!   characters, its words are cut into characters. Of letters and kana strangers have half
//!   in common, and more single ones than shingles, so that there 0.8 is asked for always.
//! - **Representatives.** See `resolve`.

mod config;
pub mod datatrove;
mod english;
pub mod kernel;
mod resolve;
mod sketch;
mod units;

use std::cell::RefCell;

use xxhash_rust::xxh3::{xxh3_128, xxh3_128_with_seed};

pub use self::config::{Config, Family, Hash, Normalization, Unit, Verify};
use self::config::{MAX_ROWS, Parameters};
use self::english::english_words;
use self::kernel::{Instructions, Permutations32};
use self::resolve::{BAND, EXACT, is_new};
use self::sketch::{Likeness, Sketch};
use self::units::Units;
use super::index::Indexes;
use super::keep::Keep;
use super::scope::Within;
use super::{
    Barrier, Collector, Finding, Matches, Measures, Order, Outcome, Resolution, Stream, cluster,
};
use crate::document::Document;
use crate::external::ExternalError;
use crate::stage::Metric;
use crate::text::case::ChangesInLowerCase;
use crate::text::segment::{Segmentation, WordsConfig};
use crate::text::simplify::simplify_into;
use crate::text::view::View;

/// Removes documents that are nearly the same as another.
#[derive(Debug, Clone)]
pub struct MinhashDedup {
    parameters: Parameters,
    unit: Unit,
    min_letters: usize,
    words: Option<WordsConfig>,
    /// Of shingles, for bands and sketches.
    permutations: Permutations32,
    word_permutations: Permutations32,
    /// Instead of the former, for bands only.
    datatrove: Option<datatrove::Signer>,
    jaccard: f64,
    word_overlap: f64,
    edited_overlap: f64,
    shingle_overlap: f64,
    keep: Keep,
    within: Within,
    indexes: Indexes,
    instructions: Instructions,
}

/// What a thread needs for a document, used again for the next.
#[derive(Default)]
struct Room {
    units: Units,
    words: Units,
    shingles: Vec<u64>,
    short: Vec<u32>,
    minimums: Vec<u32>,
    text: String,
    lower: String,
    spans: Vec<(u32, u32)>,
    joined: Vec<u8>,
    signature: Vec<u64>,
    sketch: sketch::Room,
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

/// How far the index of shingles lies below that of words, at least, where single words were edited.
/// Edited words take two or three shingles each with them: with every eighth word edited the indices
/// are 0.78 and 0.57. Where whole passages are others, they are nearly the same.
const SCATTERED: f64 = 0.12;

/// The stream of bands.
const BANDS: usize = 0;
/// The stream of documents that are compared exactly.
const EXACTS: usize = 1;
/// The stream of sketches, if candidates are verified.
const SKETCHES: usize = 2;

impl MinhashDedup {
    /// The stage with its parameters.
    ///
    /// # Errors
    /// If a parameter is out of its range.
    pub fn new(config: &Config) -> Result<Self, String> {
        let parameters = config.parameters()?;
        let seed = u64::from(config.seed);
        let lanes = (parameters.bands * parameters.rows).max(sketch::SHINGLES);
        let write = config.index.as_deref();
        let compared = config.compared(&parameters);
        let indexes = Indexes::open("minhash_dedup", compared, write, &config.against);
        Ok(Self {
            indexes: indexes.map_err(|error| error.to_string())?,
            unit: config.unit,
            min_letters: if config.unit == Unit::Word { config.min_letters } else { 0 },
            words: config.words.clone(),
            permutations: Permutations32::new(seed, lanes),
            word_permutations: Permutations32::new(!seed, sketch::WORDS),
            datatrove: (config.family == Family::Datatrove).then(|| {
                let count = parameters.bands * parameters.rows;
                let Config { seed, hash, precision, .. } = *config;
                datatrove::Signer::new(seed, count, parameters.n, hash, precision)
            }),
            jaccard: config.jaccard,
            word_overlap: config.word_overlap,
            edited_overlap: config.edited_overlap,
            shingle_overlap: config.shingle_overlap,
            keep: Keep::new(&config.keep)?,
            within: config.within.clone(),
            instructions: Instructions::best(),
            parameters,
        })
    }

    fn verifies(&self) -> bool {
        self.parameters.verify != Verify::None
    }

    /// Whether a candidate is a duplicate.
    fn accepts(&self, likeness: Likeness) -> bool {
        let Likeness { words, shingles, letters } = likeness;
        if shingles >= self.jaccard {
            return true;
        }
        let enough = match words - shingles >= SCATTERED && !letters {
            true => self.edited_overlap.min(self.word_overlap),
            false => self.word_overlap,
        };
        self.parameters.verify == Verify::Edits
            && words >= enough
            && shingles >= self.shingle_overlap
    }

    /// Reads the units of a text and the hashes of their shingles.
    fn read(&self, document: &Document<'_>, room: &mut Room) {
        if self.parameters.normalize == Normalization::Simplify {
            simplify_into(document.text(), &mut room.text);
            if self.datatrove.is_some() && self.words.is_none() {
                let signer = self.datatrove.as_ref();
                room.spans.clear();
                english_words(&room.text, |start, end| {
                    if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) {
                        room.spans.push((start, end));
                    }
                });
                let Room { text, spans, joined, shingles, units, .. } = room;
                if let Some(signer) = signer {
                    signer.shingles(text, spans, joined, shingles);
                }
                if self.verifies() {
                    units.read_spans(text, spans);
                }
                return;
            }
            let text = std::mem::take(&mut room.text);
            self.read_view(Document::new("", text.as_str()).view(), document.language(), room);
            room.text = text;
            return;
        }
        self.read_view(document.view(), document.language(), room);
    }

    fn read_view(&self, view: View<'_>, language: Option<&str>, room: &mut Room) {
        let lower = self.parameters.normalize == Normalization::Lower;
        let segmentation = match &self.words {
            Some(words) => words.segmentation(language),
            None => Segmentation::Unicode,
        };
        let text = view.text();
        let Room { units, words, shingles, joined, .. } = room;
        match self.unit {
            Unit::Word => units.read_words(text, view.words(segmentation), lower),
            Unit::Character => {
                units.read_characters(text, lower);
                if self.verifies() {
                    words.read_words(text, view.words(segmentation), lower);
                }
            }
        }
        match &self.datatrove {
            Some(signer) => {
                signer.shingles(text, view.words(segmentation).spans(), joined, shingles);
            }
            None => units.shingles(self.parameters.n, self.min_letters, shingles),
        }
    }

    /// The key of a document that is compared exactly: of its text as it is normalised, with a space
    /// for every run of white space.
    fn exact_key(&self, text: &str, room: &mut Room) -> u128 {
        let Room { text: spaced, lower, .. } = room;
        // What a normalisation leaves nothing of is compared as it is.
        if self.parameters.normalize == Normalization::Simplify && !spaced.is_empty() {
            return xxh3_128(spaced.as_bytes());
        }
        spaced.clear();
        for word in text.split_whitespace() {
            spaced.push_str(word);
            spaced.push(' ');
        }
        if self.parameters.normalize == Normalization::Lower {
            ChangesInLowerCase::get().lower_into(spaced, lower);
            return xxh3_128(lower.as_bytes());
        }
        xxh3_128(spaced.as_bytes())
    }

    /// Puts the minimums of a document's shingles into the room: of the permutations, for bands and
    /// sketches, and of datatrove's functions where those make the bands.
    fn sign(&self, room: &mut Room) {
        if self.datatrove.is_none() || self.verifies() {
            room.short.clear();
            room.short.extend(room.shingles.iter().map(|shingle| *shingle as u32));
            self.permutations.minimums(self.instructions, &room.short, &mut room.minimums);
        }
        if let Some(signer) = &self.datatrove {
            signer.signature(self.instructions, &room.shingles, &mut room.signature);
        }
    }

    /// Puts the hashes of a document's shingles into a buffer. A document that has none is compared
    /// exactly.
    pub fn shingles(&self, document: &Document<'_>, out: &mut Vec<u64>) {
        ROOM.with_borrow_mut(|room| {
            self.read(document, room);
            out.clear();
            out.extend_from_slice(&room.shingles);
        });
    }

    /// Puts a document's signature into a buffer: as many minimums as there are rows in all bands,
    /// band after band; nothing for a document without shingles.
    pub fn signature(&self, document: &Document<'_>, out: &mut Vec<u64>) {
        ROOM.with_borrow_mut(|room| {
            self.read(document, room);
            out.clear();
            if room.shingles.is_empty() {
                return;
            }
            self.sign(room);
            match self.datatrove {
                Some(_) => out.extend_from_slice(&room.signature),
                None => {
                    let wanted = self.parameters.bands * self.parameters.rows;
                    out.extend(room.minimums.iter().take(wanted).map(|it| u64::from(*it)));
                }
            }
        });
    }

    /// Uses other instructions than the best: for tests and benchmarks. The outcome is the same.
    pub fn with_instructions(mut self, instructions: Instructions) -> Self {
        self.instructions = instructions;
        self
    }

    /// Leaves the records of a document.
    fn collect_with(
        &self,
        document: &Document<'_>,
        node: u64,
        out: &mut Collector,
        room: &mut Room,
    ) {
        let within = u128::from(self.within.hash(document));
        self.read(document, room);
        if room.shingles.is_empty() {
            let key = self.exact_key(document.text(), room) ^ within;
            let mut record = [0; EXACT];
            record[..16].copy_from_slice(&key.to_be_bytes());
            record[16..].copy_from_slice(&node.to_be_bytes());
            out.put(EXACTS, &record);
            return;
        }
        self.sign(room);
        // Only verification looks at it.
        let fingerprint = sketch::fingerprint(&room.minimums);
        let rows = self.parameters.rows;
        let mut bytes = [0; 8 * MAX_ROWS];
        let mut put = |band: usize, bytes: &[u8]| {
            self.put_band(xxh3_128_with_seed(bytes, band as u64) ^ within, node, fingerprint, out);
        };
        if self.datatrove.is_some() {
            for (band, numbers) in room.signature.chunks(rows).enumerate() {
                for (to, number) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(numbers) {
                    *to = number.to_le_bytes();
                }
                put(band, &bytes[..8 * numbers.len()]);
            }
        } else {
            let bands = room.minimums.chunks(rows).take(self.parameters.bands);
            for (band, numbers) in bands.enumerate() {
                for (to, number) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(numbers) {
                    *to = number.to_le_bytes();
                }
                put(band, &bytes[..4 * numbers.len()]);
            }
        }
        if self.verifies() {
            let words = if self.unit == Unit::Word { &room.units } else { &room.words };
            let sketch = Sketch::new(
                words,
                &self.word_permutations,
                self.instructions,
                &room.minimums,
                &mut room.sketch,
            );
            let mut record = [0; 8 + Sketch::BYTES];
            record[..8].copy_from_slice(&node.to_be_bytes());
            record[8..].copy_from_slice(&sketch.to_bytes());
            out.put(SKETCHES, &record);
        }
    }

    fn put_band(&self, key: u128, node: u64, fingerprint: u64, out: &mut Collector) {
        let mut record = [0; BAND];
        if self.verifies() {
            record[..8].copy_from_slice(&((key >> 64) as u64 ^ key as u64).to_be_bytes());
            record[8..16].copy_from_slice(&node.to_be_bytes());
            record[16..].copy_from_slice(&fingerprint.to_be_bytes());
        } else {
            record[..16].copy_from_slice(&key.to_be_bytes());
            record[16..].copy_from_slice(&node.to_be_bytes());
        }
        out.put(BANDS, &record);
    }
}

impl Barrier for MinhashDedup {
    fn name(&self) -> &str {
        "minhash_dedup"
    }

    fn metrics(&self) -> &[Metric] {
        cluster::METRICS
    }

    fn check(&self, before: &[Metric]) -> Result<(), String> {
        self.keep.check(before)
    }

    fn reads(&self) -> Vec<&'static str> {
        self.keep.reads()
    }

    fn indexes(&self) -> Option<&Indexes> {
        Some(&self.indexes)
    }

    fn streams(&self, _: usize) -> Vec<Stream> {
        let node_at = if self.verifies() { 8 } else { 16 };
        let bands = Stream { width: BAND, order: Order::Sorted, node_at };
        let exact = Stream { width: EXACT, order: Order::Sorted, node_at: 16 };
        let sketches = Stream { width: 8 + Sketch::BYTES, order: Order::Input, node_at: 0 };
        let sketches = self.verifies().then_some(sketches);
        [Some(bands), Some(exact), sketches, self.keep.stream()].into_iter().flatten().collect()
    }

    fn collect(
        &self,
        _: usize,
        document: &Document<'_>,
        node: u64,
        _: &[Finding],
        out: &mut Collector,
    ) {
        ROOM.with_borrow_mut(|room| self.collect_with(document, node, out, room));
        self.keep.collect(document, node, self.ranks(), out);
    }

    /// Two piles, edges between documents that are compared exactly and pairs that share a band, and
    /// one count, of the former documents.
    fn compare(
        &self,
        _: usize,
        resolution: &Resolution<'_>,
        partition: usize,
    ) -> Result<Matches, ExternalError> {
        let (edges, short) = cluster::equal_keys(resolution, EXACTS, partition, is_new)?;
        let pairs = match self.verifies() {
            true => resolve::candidates(resolution, BANDS, partition)?,
            false => cluster::equal_keys(resolution, BANDS, partition, is_new)?.0,
        };
        Ok(Matches { piles: vec![edges, pairs], counts: vec![short] })
    }

    fn resolve(
        &self,
        _: usize,
        resolution: &Resolution<'_>,
        mut matches: Matches,
    ) -> Result<Measures, ExternalError> {
        let mut edges = matches.take(0, cluster::EDGE, resolution);
        let pairs = matches.take(1, cluster::EDGE, resolution);
        let mut measures =
            Measures::from([("short_documents".to_owned(), matches.count(0) as f64)]);
        let mut measure = |name: &str, count: u64| {
            measures.insert(name.to_owned(), count as f64);
        };
        if self.verifies() {
            let accept = |likeness| self.accepts(likeness);
            let (alike, counts) = resolve::verify(resolution, &pairs, SKETCHES, &accept)?;
            pairs.remove();
            edges.append(alike);
            measure("candidate_pairs", counts.candidates);
            measure("verified_pairs", counts.accepted);
            measure("rejected_pairs", counts.candidates - counts.accepted);
        } else {
            measure("candidate_pairs", pairs.len());
            edges.append(pairs);
        }
        measures.extend(cluster::connect(resolution, edges, &self.keep, self.ranks())?);
        Ok(measures)
    }

    fn removes(&self, finding: &Finding) -> bool {
        cluster::removes(finding)
    }

    fn apply(&self, document: &mut Document<'_>, node: u64, findings: &[Finding]) -> Outcome {
        cluster::apply(document, node, findings, "minhash_dedup.duplicate")
    }
}

impl MinhashDedup {
    /// The stream of ranks.
    fn ranks(&self) -> usize {
        if self.verifies() { SKETCHES + 1 } else { SKETCHES }
    }
}

#[cfg(test)]
mod tests;
