//! Minimums of permuted shingle hashes: the inner loop of MinHash.

/// Permutations of 32-bit numbers: `x` becomes `((x ^ a) * b ^ ((x ^ a) * b >> 15)) * c` in wrapping
/// arithmetic, with odd `b` and `c`. Every step can be undone, so that no two shingles fall together.
#[derive(Debug, Clone)]
pub struct Permutations32 {
    a: Vec<u32>,
    b: Vec<u32>,
    c: Vec<u32>,
}

/// SplitMix64 (Steele, Lea, Flood 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Permutations32 {
    /// Some permutations, drawn from a seed.
    pub fn new(seed: u64, count: usize) -> Self {
        let mut state = seed;
        let mut draw = |odd: u32| -> Vec<u32> {
            (0..count).map(|_| (split_mix(&mut state) >> 32) as u32 | odd).collect()
        };
        Self { a: draw(0), b: draw(1), c: draw(1) }
    }

    /// Their number.
    pub fn len(&self) -> usize {
        self.a.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.a.is_empty()
    }

    /// For every permutation the lowest number that a shingle becomes; `u32::MAX` without shingles.
    pub fn minimums(&self, shingles: &[u32], out: &mut Vec<u32>) {
        out.clear();
        out.resize(self.len(), u32::MAX);
        for &x in shingles {
            let parameters = self.a.iter().zip(&self.b).zip(&self.c);
            for (minimum, ((a, b), c)) in out.iter_mut().zip(parameters) {
                let h = (x ^ a).wrapping_mul(*b);
                *minimum = (*minimum).min((h ^ (h >> 15)).wrapping_mul(*c));
            }
        }
    }
}
