//! What is kept of a document to compare it with others that it may be a duplicate of.

use super::kernel::{Instructions, Permutations32};
use super::units::{Occurrences, Units, mix};

/// Minimums of shingles that a sketch keeps four bits of. More bits of fewer minimums would tell less.
pub const SHINGLES: usize = 128;
/// Minimums of words that a sketch keeps four bits of: twice as many, as it is by words that edited
/// copies and pages of one template are told apart.
pub const WORDS: usize = 256;

/// How often a number counts among the words. Pages made of one template with other numbers are no
/// duplicates; edited copies have changed numbers no more often than words.
const NUMBER: u32 = 3;

/// A sketch: how many words there are, with their repetitions, and four bits of the minimum of each
/// of [`WORDS`] permutations of these and of [`SHINGLES`] of the shingles.
///
/// Of unlike minimums one in sixteen agrees by chance, which [`likeness`] takes into account. The
/// estimate of a Jaccard index of 0.75 has a standard deviation of 0.028 for words and 0.040 for
/// shingles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch {
    count: u64,
    letters: bool,
    words: [u8; WORDS / 2],
    shingles: [u8; SHINGLES / 2],
}

/// How alike two documents are by their sketches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// The Jaccard index of their words, counted as often as they occur.
    pub words: f64,
    /// The Jaccard index of their sets of shingles.
    pub shingles: f64,
    /// Whether the words are letters in one of them.
    pub letters: bool,
}

/// Four bits of a minimum. Its upper bits are low for every document of some length, so all bits are
/// mixed into these.
#[inline]
fn nibble(minimum: u32) -> u8 {
    (minimum.wrapping_mul(0x9e37_79b1) >> 28) as u8
}

/// The first bits of 64 minimums: documents of a Jaccard index J agree in (1 + J) / 2 of them.
pub fn fingerprint(minimums: &[u32]) -> u64 {
    minimums.iter().take(64).fold(0, |bits, &minimum| bits << 1 | u64::from(nibble(minimum) >> 3))
}

fn pack<const BYTES: usize>(minimums: &[u32]) -> [u8; BYTES] {
    let mut packed = [0; BYTES];
    for (byte, pair) in packed.iter_mut().zip(minimums.chunks(2)) {
        *byte = pair.iter().fold(0, |byte, &minimum| byte << 4 | nibble(minimum));
    }
    packed
}

/// Room that is used again from one document to the next.
#[derive(Debug, Default)]
pub struct Room {
    occurrences: Occurrences,
    items: Vec<u32>,
    minimums: Vec<u32>,
}

impl Sketch {
    /// Bytes of a sketch.
    pub const BYTES: usize = 8 + (WORDS + SHINGLES) / 2;

    /// The sketch of a document by its words, [`WORDS`] permutations of these, and at least
    /// [`SHINGLES`] minimums of its shingles.
    pub fn new(
        words: &Units,
        permutations: &Permutations32,
        instructions: Instructions,
        shingle_minimums: &[u32],
        room: &mut Room,
    ) -> Self {
        room.items.clear();
        room.occurrences.begin(words.hashes.len());
        for (&hash, &is_number) in words.hashes.iter().zip(&words.numbers) {
            let before = room.occurrences.next(hash);
            let copies = if is_number { NUMBER } else { 1 };
            for copy in 0..copies {
                let item = u64::from(before) << 2 | u64::from(copy);
                room.items.push((mix(hash.wrapping_add(mix(item))) >> 32) as u32);
            }
        }
        permutations.minimums(instructions, &room.items, &mut room.minimums);
        let sketch = Self {
            count: room.items.len() as u64,
            letters: words.letters,
            words: pack(&room.minimums),
            shingles: pack(shingle_minimums),
        };
        // One huge document should not hold its room for the rest of the run.
        if room.items.capacity() > 1 << 20 {
            room.items = Vec::new();
        }
        sketch
    }

    /// The sketch as bytes.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let count = self.count | u64::from(self.letters) << 63;
        bytes[..8].copy_from_slice(&count.to_be_bytes());
        bytes[8..8 + WORDS / 2].copy_from_slice(&self.words);
        bytes[8 + WORDS / 2..].copy_from_slice(&self.shingles);
        bytes
    }

    /// The sketch of some bytes; `None` if they are too few.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<8>()?;
        let (words, rest) = rest.split_first_chunk()?;
        let shingles = rest.first_chunk()?;
        let count = u64::from_be_bytes(*count);
        let (count, letters) = (count & (u64::MAX >> 1), count >> 63 != 0);
        Some(Self { count, letters, words: *words, shingles: *shingles })
    }
}

/// The Jaccard index that the number of agreeing four bits speaks for.
fn estimate(one: &[u8], other: &[u8]) -> f64 {
    let different: u32 = one
        .as_chunks::<8>()
        .0
        .iter()
        .zip(other.as_chunks::<8>().0)
        .map(|(one, other)| {
            let bits = u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other);
            let bits = bits | bits >> 1;
            ((bits | bits >> 2) & 0x1111_1111_1111_1111).count_ones()
        })
        .sum();
    (1.0 - f64::from(different) / (2 * one.len()) as f64 * (16.0 / 15.0)).max(0.0)
}

/// How alike two documents are by their sketches.
pub fn likeness(one: &Sketch, other: &Sketch) -> Likeness {
    // What is shared is no more than the smaller has.
    let (low, high) = (one.count.min(other.count), one.count.max(other.count).max(1));
    let words = estimate(&one.words, &other.words).min(low as f64 / high as f64);
    let shingles = estimate(&one.shingles, &other.shingles);
    Likeness { words, shingles, letters: one.letters || other.letters }
}

#[cfg(test)]
mod tests {
    use super::super::kernel::split_mix;
    use super::*;

    fn sketch(hashes: &[u64]) -> Sketch {
        let permutations = Permutations32::new(3, WORDS);
        let numbers = vec![false; hashes.len()];
        let units = Units { hashes: hashes.to_vec(), numbers, ..Units::default() };
        let shingles: Vec<u32> = hashes.iter().map(|hash| mix(*hash) as u32).collect();
        let mut minimums = Vec::new();
        permutations.minimums(Instructions::best(), &shingles, &mut minimums);
        let instructions = Instructions::best();
        let room = &mut Room::default();
        Sketch::new(&units, &permutations, instructions, &minimums, room)
    }

    #[test]
    fn repeated_words_count_as_often_as_they_occur() {
        let once: Vec<u64> = (0..200).map(|n| mix(n + 1)).collect();
        let twice: Vec<u64> = once.iter().chain(&once).copied().collect();
        let likeness = likeness(&sketch(&once), &sketch(&twice));
        assert!((likeness.words - 0.5).abs() < 0.15, "{likeness:?}");
        assert_eq!(likeness.shingles, 1.0);
    }

    #[test]
    fn estimates_have_no_bias() {
        let mut state = 5;
        let mut sum = [0.0; 2];
        for _ in 0..100 {
            let mut draw =
                |count: usize| -> Vec<u64> { (0..count).map(|_| split_mix(&mut state)).collect() };
            let common = draw(160);
            let with =
                |own: Vec<u64>| sketch(&common.iter().copied().chain(own).collect::<Vec<_>>());
            let own = draw(80);
            let (one, other) = (with(own[..40].to_vec()), with(own[40..].to_vec()));
            let likeness = likeness(&one, &other);
            sum[0] += likeness.words / 100.0;
            sum[1] += likeness.shingles / 100.0;
            assert_eq!(Sketch::from_bytes(&one.to_bytes()), Some(one));
        }
        // 160 of 240.
        assert!(sum.iter().all(|mean| (mean - 2.0 / 3.0).abs() < 0.02), "{sum:?}");
    }
}
