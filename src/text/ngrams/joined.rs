//! N-grams that are compared as their words put together with nothing in between.

use xxhash_rust::xxh3::xxh3_64;

use super::KEPT;
use super::table::{Coarse, Table, steps};
use crate::text::view::Words;

/// The bytes by which n-grams that can't be equal are told apart at first.
const PREFIX: usize = 16;

/// Finds duplicate n-grams the way datatrove does: the words of an n-gram are joined without a
/// space, so that `ab c` and `a bc` are equal; an n-gram that was there already is counted and
/// jumped over, and what was jumped over is not remembered.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::text::ngrams::Joined;
/// use sapwood::text::segment::Segmentation;
///
/// let document = Document::new("id", "ab c x a bc");
/// let mut joined = Joined::default();
/// joined.read(document.text(), document.view().words(Segmentation::Whitespace), 2);
/// let mut length = 0;
/// joined.visit_duplicates(2, |first, _| length += first);
/// assert_eq!(length, 3);
/// ```
#[derive(Debug, Default)]
pub struct Joined {
    /// All words, joined, and as many zeros behind as a prefix is long.
    stream: Vec<u8>,
    /// Where each word starts in the stream, and where the last one ends.
    offsets: Vec<u32>,
    /// Where n-grams start that may be repeated.
    candidates: Vec<u32>,
    coarse: Coarse,
    table: Table,
    keys: Vec<u64>,
    selected: Vec<u32>,
}

impl Joined {
    /// Takes in the words of a text. The n-grams that will be asked for have `shortest` words at
    /// least.
    pub fn read(&mut self, text: &str, words: &Words, shortest: usize) {
        self.join(text, words.spans());
        let windows = (words.len() + 1).saturating_sub(shortest);
        // Equal n-grams of so many bytes begin with the same ones, whatever their words are.
        let starts = &self.offsets[..windows.min(self.offsets.len())];
        let stream = &self.stream[..];
        let keys = starts.iter().map(|&start| prefix(stream, start as usize));
        self.coarse.select(windows, keys, &mut self.candidates);
        self.add_short(shortest, windows);
    }

    fn join(&mut self, text: &str, spans: &[(u32, u32)]) {
        let text = text.as_bytes();
        steps::add(spans.len());
        self.offsets.clear();
        self.offsets.reserve(spans.len() + 1);
        self.stream.clear();
        self.stream.resize(text.len() + PREFIX, 0);
        let mut end = 0;
        for &(start, stop) in spans {
            self.offsets.push(end as u32);
            let (start, length) = (start as usize, (stop - start) as usize);
            // Most words are short: copied with what is behind them, which is overwritten.
            let source = text.get(start..).and_then(|rest| rest.first_chunk::<PREFIX>());
            let target = self.stream.get_mut(end..).and_then(|rest| rest.first_chunk_mut());
            match (source, target) {
                (Some(source), Some(target)) if length <= PREFIX => *target = *source,
                _ => {
                    if let (Some(source), Some(target)) =
                        (text.get(start..start + length), self.stream.get_mut(end..end + length))
                    {
                        target.copy_from_slice(source);
                    }
                }
            }
            end += length;
        }
        self.offsets.push(end as u32);
        if let Some(behind) = self.stream.get_mut(end..end + PREFIX) {
            behind.fill(0);
        }
    }

    /// Adds the n-grams that are too short for their prefix to tell anything.
    fn add_short(&mut self, shortest: usize, windows: usize) {
        let ends = self.offsets.get(shortest..).unwrap_or_default();
        let is_short = |(start, end): (&u32, &u32)| end - start < PREFIX as u32;
        let spans = || self.offsets.iter().zip(ends).take(windows);
        if !spans().map(is_short).fold(false, |any, short| any | short) {
            return;
        }
        let short = spans().enumerate().filter(|(_, span)| is_short(*span));
        let before = self.candidates.len();
        self.candidates.extend(short.map(|(index, _)| index as u32));
        if self.candidates.len() > before {
            // Two sorted runs, which a stable sort merges.
            self.candidates.sort();
            self.candidates.dedup();
        }
    }

    /// Calls `visit` with the first word and the one behind the last of each duplicate n-gram, in
    /// order; they do not overlap. `n` must not be below what was announced to
    /// [`read`](Joined::read).
    pub fn visit_duplicates(&mut self, n: usize, mut visit: impl FnMut(usize, usize)) {
        let Self { stream, offsets, candidates, coarse, table, keys, selected } = self;
        let ends = offsets.get(n..).unwrap_or_default();
        let number = candidates.partition_point(|&candidate| (candidate as usize) < ends.len());
        let candidates = &candidates[..number];
        // Few that are not equal have the same length, beginning and end.
        let stream = &stream[..];
        let span = |candidate: u32| {
            (offsets[candidate as usize] as usize, ends[candidate as usize] as usize)
        };
        keys.clear();
        keys.extend(candidates.iter().map(|&candidate| {
            let (start, end) = span(candidate);
            outline(stream, start, end)
        }));
        coarse.select(number, keys.iter().copied(), selected);
        for index in selected.iter_mut() {
            *index = candidates[*index as usize];
        }
        table.start(selected.len());
        let mut next = 0;
        for &candidate in selected.iter() {
            let (start, end) = span(candidate);
            let candidate = candidate as usize;
            if candidate < next {
                continue;
            }
            steps::add(end - start);
            if table.remember(xxh3_64(&stream[start..end]).max(1)) {
                next = candidate + n;
                visit(candidate, next);
            }
        }
    }

    /// Gives back the room that an uncommonly long document took.
    pub fn shrink(&mut self) {
        self.coarse.shrink();
        self.table.shrink();
        self.stream.clear();
        self.stream.shrink_to(KEPT * 8);
        self.keys.clear();
        self.keys.shrink_to(KEPT);
        for list in [&mut self.offsets, &mut self.candidates, &mut self.selected] {
            list.clear();
            list.shrink_to(KEPT);
        }
    }
}

/// The bytes of a prefix that starts at an offset, as two numbers.
#[inline]
fn halves(stream: &[u8], start: usize) -> (u64, u64) {
    let bytes = stream.get(start..).and_then(|rest| rest.first_chunk::<PREFIX>());
    let bytes = u128::from_le_bytes(bytes.copied().unwrap_or_default());
    (bytes as u64, (bytes >> 64) as u64)
}

/// The first bytes of what starts at an offset, mixed.
#[inline]
fn prefix(stream: &[u8], start: usize) -> u64 {
    let (low, high) = halves(stream, start);
    low ^ high.wrapping_mul(0xC2B2_AE3D_27D4_EB4F).rotate_left(31)
}

/// The length and the first and last bytes of an n-gram, mixed. Those of a short one overlap, or
/// are all of its bytes.
#[inline]
fn outline(stream: &[u8], start: usize, end: usize) -> u64 {
    let length = end - start;
    if length < PREFIX {
        return xxh3_64(&stream[start..end]);
    }
    let (low, high) = halves(stream, end - PREFIX);
    let last = low.wrapping_mul(0xA076_1D64_78BD_642F).rotate_left(23) ^ high;
    (prefix(stream, start) ^ length as u64).wrapping_mul(0xE703_7ED1_A0B4_28DB).rotate_left(37)
        ^ last
}
