//! How alike texts are, worked out exactly and without any code of the stages that are measured.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

/// The set of a sequence's n-grams, as sorted hashes. A sequence shorter than `n` is one n-gram.
pub fn shingles(parts: &[u64], n: usize) -> Vec<u64> {
    let hash = |gram: &[u64]| {
        let bytes: Vec<u8> = gram.iter().flat_map(|part| part.to_le_bytes()).collect();
        xxh3_64(&bytes)
    };
    let mut set: Vec<u64> = match parts.len() {
        0 => Vec::new(),
        length => parts.windows(n.clamp(1, length)).map(hash).collect(),
    };
    set.sort_unstable();
    set.dedup();
    set
}

/// The number of common elements of two sets.
fn common(one: &[u64], other: &[u64]) -> usize {
    let (mut at, mut found) = (0, 0);
    for &element in one {
        while other.get(at).is_some_and(|&next| next < element) {
            at += 1;
        }
        found += usize::from(other.get(at) == Some(&element));
    }
    found
}

/// The Jaccard similarity of two sets; 0 if both are empty.
pub fn jaccard(one: &[u64], other: &[u64]) -> f64 {
    let both = common(one, other);
    both as f64 / (one.len() + other.len() - both).max(1) as f64
}

/// All pairs of sets with a Jaccard similarity of at least `level`, exactly. Sets of that similarity
/// share an element among the rarest ones of each: with at least `level` times its elements in
/// common, a set of k has one of its k - ceil(level k) + 1 rarest among them.
pub fn similar_pairs(sets: &[Vec<u64>], level: f64) -> Vec<(usize, usize)> {
    let mut sizes: HashMap<u64, u32> = HashMap::new();
    for &element in sets.iter().flatten() {
        *sizes.entry(element).or_default() += 1;
    }
    let mut index: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut pairs = Vec::new();
    for (number, set) in sets.iter().enumerate() {
        let mut rarest = set.clone();
        rarest.sort_unstable_by_key(|element| (sizes.get(element), *element));
        // Rounding must not make the prefix shorter.
        let needed = (level * set.len() as f64 - 1e-9).ceil() as usize;
        rarest.truncate((set.len() + 1).saturating_sub(needed.max(1)));
        let mut others: Vec<usize> =
            rarest.iter().filter_map(|element| index.get(element)).flatten().copied().collect();
        others.sort_unstable();
        others.dedup();
        pairs.extend(
            others
                .into_iter()
                .filter(|&other| jaccard(&sets[other], set) >= level)
                .map(|other| (other, number)),
        );
        for element in rarest {
            index.entry(element).or_default().push(number);
        }
    }
    pairs
}

/// The share of the longer text's words that stand in the other in the same order: the length of
/// the longest common subsequence over that of the longer. Where a share of the words is edited,
/// this is what is left, or a little more.
///
/// Bit-parallel, after Hyyrö, "Bit-parallel LCS-length computation revisited" (2004).
pub fn aligned(one: &[u64], other: &[u64]) -> f64 {
    let longer = one.len().max(other.len());
    if longer == 0 {
        return 1.0;
    }
    let limbs = one.len().div_ceil(64);
    let mut places: HashMap<u64, Vec<u64>> = HashMap::new();
    for (at, &word) in one.iter().enumerate() {
        places.entry(word).or_insert_with(|| vec![0; limbs])[at / 64] |= 1 << (at % 64);
    }
    let mut row = vec![u64::MAX; limbs];
    for word in other {
        let Some(places) = places.get(word) else { continue };
        let mut carry = false;
        for (bits, &places) in row.iter_mut().zip(places) {
            let (sum, over) = bits.overflowing_add(*bits & places);
            let (sum, again) = sum.overflowing_add(u64::from(carry));
            carry = over || again;
            *bits = sum | (*bits & !places);
        }
    }
    let is_zero = |at: &usize| row[at / 64] >> (at % 64) & 1 == 0;
    (0..one.len()).filter(is_zero).count() as f64 / longer as f64
}

/// Sets of elements that belong together.
pub struct Union(Vec<usize>);

impl Union {
    pub fn new(elements: usize) -> Self {
        Self((0..elements).collect())
    }

    pub fn root(&mut self, mut element: usize) -> usize {
        while self.0[element] != element {
            self.0[element] = self.0[self.0[element]];
            element = self.0[element];
        }
        element
    }

    pub fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }

    pub fn same(&mut self, one: usize, other: usize) -> bool {
        self.root(one) == self.root(other)
    }
}
