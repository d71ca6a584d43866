//! Minimums of permuted shingle hashes: the inner loop of MinHash.
//!
//! One source is compiled for each kind of processor and the best one is chosen when the program
//! runs. All give the same bits, as they are sums and products of integers.

/// Which of a processor's instructions are used. Only what the processor has can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instructions(Level);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Instructions {
    /// Those that every processor of the architecture has.
    pub const PORTABLE: Self = Self(Level::Portable);

    /// All that the processor at hand can use, the best first.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512bw");
            if avx2 && avx512 {
                all.push(Self(Level::Avx512));
            }
            if avx2 {
                all.push(Self(Level::Avx2));
            }
        }
        all.push(Self::PORTABLE);
        all
    }

    /// The best that the processor at hand can use.
    pub fn best() -> Self {
        Self::all().first().copied().unwrap_or(Self::PORTABLE)
    }

    /// Their name.
    pub fn name(self) -> &'static str {
        match self.0 {
            Level::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "AVX-512",
        }
    }
}

/// Defines a function that is compiled for every level from one `inline(always)` source.
macro_rules! dispatched {
    (fn $name:ident = $source:ident($($argument:ident: $kind:ty),*)) => {
        fn $name(instructions: Instructions, $($argument: $kind),*) {
            match instructions.0 {
                Level::Portable => $source($($argument),*),
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => {
                    #[target_feature(enable = "avx2,bmi2")]
                    fn compiled($($argument: $kind),*) {
                        $source($($argument),*);
                    }
                    // SAFETY: `Level::Avx2` is only made where the processor has both features.
                    unsafe { compiled($($argument),*) }
                }
                #[cfg(target_arch = "x86_64")]
                Level::Avx512 => {
                    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,bmi2")]
                    fn compiled($($argument: $kind),*) {
                        $source($($argument),*);
                    }
                    // SAFETY: `Level::Avx512` is only made where the processor has all of these.
                    unsafe { compiled($($argument),*) }
                }
            }
        }
    };
}

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(super) fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Permutations whose minimums are held in registers while all shingles go by.
const BLOCK32: usize = 32;
/// The same for those of 64 bits.
const BLOCK64: usize = 16;

/// Permutations of 32-bit numbers: `x` becomes `h ^ (h >> 15)` times `c` for `h = (x ^ a) * b`, in
/// wrapping arithmetic with odd `b` and `c`. Every step can be undone, so that no two shingles fall
/// together. Tests hold their estimates of the Jaccard index against the binomial distribution.
#[derive(Debug, Clone)]
pub struct Permutations32 {
    blocks: Vec<[[u32; BLOCK32]; 3]>,
    count: usize,
}

impl Permutations32 {
    /// Some permutations, drawn from a seed. The first of them are the same for any number.
    pub fn new(seed: u64, count: usize) -> Self {
        let mut state = seed;
        let mut draw = || (split_mix(&mut state) >> 32) as u32;
        let mut blocks = vec![[[0; BLOCK32]; 3]; count.div_ceil(BLOCK32)];
        for [a, b, c] in &mut blocks {
            for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                *a = draw();
                *b = draw() | 1;
                *c = draw() | 1;
            }
        }
        Self { blocks, count }
    }

    /// Their number.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// For every permutation the lowest number that a shingle becomes; `u32::MAX` without shingles.
    pub fn minimums(&self, instructions: Instructions, shingles: &[u32], out: &mut Vec<u32>) {
        out.clear();
        out.resize(self.blocks.len() * BLOCK32, u32::MAX);
        minimums32(instructions, &self.blocks, shingles, out);
        out.truncate(self.count);
    }
}

dispatched!(fn minimums32 = minimums32_of(blocks: &[[[u32; BLOCK32]; 3]], shingles: &[u32], out: &mut [u32]));

#[inline(always)]
fn minimums32_of(blocks: &[[[u32; BLOCK32]; 3]], shingles: &[u32], out: &mut [u32]) {
    for ([a, b, c], out) in blocks.iter().zip(out.as_chunks_mut::<BLOCK32>().0) {
        let mut minimums = [u32::MAX; BLOCK32];
        for &x in shingles {
            for lane in 0..BLOCK32 {
                let h = (x ^ a[lane]).wrapping_mul(b[lane]);
                let h = (h ^ (h >> 15)).wrapping_mul(c[lane]);
                minimums[lane] = minimums[lane].min(h);
            }
        }
        *out = minimums;
    }
}

/// The Mersenne prime 2^61 - 1.
pub const PRIME: u64 = (1 << 61) - 1;

/// datatrove's hash functions: `(x * a + b) mod 2^64 mod (2^61 - 1)`. That the product wraps before
/// the prime is an accident of numpy's arithmetic, and part of every signature made with it.
#[derive(Debug, Clone)]
pub struct Affine64 {
    blocks: Vec<[[u64; BLOCK64]; 2]>,
    count: usize,
}

impl Affine64 {
    /// The functions of some factors and summands.
    pub fn new(parameters: &[(u64, u64)]) -> Self {
        let blocks = parameters
            .chunks(BLOCK64)
            .map(|chunk| {
                let mut block = [[0; BLOCK64]; 2];
                for (lane, &(a, b)) in chunk.iter().enumerate() {
                    block[0][lane] = a;
                    block[1][lane] = b;
                }
                block
            })
            .collect();
        Self { blocks, count: parameters.len() }
    }

    /// For every function the lowest number that a shingle becomes, of which only the bits of `mask`
    /// count; `mask` without shingles.
    pub fn minimums(
        &self,
        instructions: Instructions,
        mask: u64,
        shingles: &[u64],
        out: &mut Vec<u64>,
    ) {
        out.clear();
        out.resize(self.blocks.len() * BLOCK64, mask);
        minimums64(instructions, &self.blocks, mask, shingles, out);
        out.truncate(self.count);
    }
}

dispatched!(fn minimums64 = minimums64_of(blocks: &[[[u64; BLOCK64]; 2]], mask: u64, shingles: &[u64], out: &mut [u64]));

#[inline(always)]
fn minimums64_of(blocks: &[[[u64; BLOCK64]; 2]], mask: u64, shingles: &[u64], out: &mut [u64]) {
    for ([a, b], out) in blocks.iter().zip(out.as_chunks_mut::<BLOCK64>().0) {
        let mut minimums = [mask; BLOCK64];
        for &x in shingles {
            for lane in 0..BLOCK64 {
                let v = x.wrapping_mul(a[lane]).wrapping_add(b[lane]);
                // The sum is below 2^61 + 7, so the prime is in it once at most.
                let h = (v & PRIME) + (v >> 61);
                let h = h.min(h.wrapping_sub(PRIME)) & mask;
                minimums[lane] = minimums[lane].min(h);
            }
        }
        *out = minimums;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_instructions_give_the_same_bits(
            shingles in proptest::collection::vec(any::<u64>(), 0..200),
            count in 1usize..200,
            seed in any::<u64>(),
        ) {
            let short: Vec<u32> = shingles.iter().map(|x| *x as u32).collect();
            let permutations = Permutations32::new(seed, count);
            let mut state = seed;
            let parameters: Vec<(u64, u64)> = (0..count)
                .map(|_| (split_mix(&mut state) % PRIME, split_mix(&mut state) % PRIME))
                .collect();
            let affine = Affine64::new(&parameters);
            let (mut expected32, mut expected64) = (Vec::new(), Vec::new());
            permutations.minimums(Instructions::PORTABLE, &short, &mut expected32);
            affine.minimums(Instructions::PORTABLE, u64::MAX, &shingles, &mut expected64);
            prop_assert_eq!(expected32.len(), count);
            // The definition, in arithmetic that cannot wrap where it should not.
            for (&(a, b), &minimum) in parameters.iter().zip(&expected64) {
                let value = |x: &u64| {
                    let wrapped = (u128::from(*x) * u128::from(a) + u128::from(b)) % (1 << 64);
                    (wrapped % u128::from(PRIME)) as u64
                };
                prop_assert_eq!(shingles.iter().map(value).min().unwrap_or(u64::MAX), minimum);
            }
            for instructions in Instructions::all() {
                let (mut found32, mut found64) = (Vec::new(), Vec::new());
                permutations.minimums(instructions, &short, &mut found32);
                affine.minimums(instructions, u64::MAX, &shingles, &mut found64);
                prop_assert_eq!(&found32, &expected32, "{}", instructions.name());
                prop_assert_eq!(&found64, &expected64, "{}", instructions.name());
            }
        }
    }

    /// Over many pairs of sets, the share of equal minimums has the mean and the variance of as many
    /// independent draws.
    #[test]
    fn estimates_are_those_of_independent_permutations() {
        let permutations = Permutations32::new(1, 128);
        let instructions = Instructions::best();
        for (shared, own) in [(8, 4), (60, 20), (100, 400)] {
            let jaccard = f64::from(shared) / f64::from(shared + 2 * own);
            let (mut sum, mut squares, mut state) = (0.0, 0.0, 7);
            let (mut one, mut other) = (Vec::new(), Vec::new());
            const PAIRS: u32 = 400;
            for _ in 0..PAIRS {
                let mut draw = |count| -> Vec<u32> {
                    (0..count).map(|_| (split_mix(&mut state) >> 32) as u32).collect()
                };
                let common = draw(shared);
                let (mut a, mut b) = (draw(own), draw(own));
                a.extend(&common);
                b.extend(&common);
                permutations.minimums(instructions, &a, &mut one);
                permutations.minimums(instructions, &b, &mut other);
                let equal = one.iter().zip(&other).filter(|(a, b)| a == b).count();
                let estimate = equal as f64 / one.len() as f64;
                sum += estimate - jaccard;
                squares += (estimate - jaccard).powi(2);
            }
            let (bias, variance) = (sum / f64::from(PAIRS), squares / f64::from(PAIRS));
            let binomial = jaccard * (1.0 - jaccard) / 128.0;
            assert!(bias.abs() < 4.0 * (binomial / f64::from(PAIRS)).sqrt(), "{jaccard}: {bias}");
            assert!((0.7..1.35).contains(&(variance / binomial)), "{jaccard}: {variance}");
        }
    }
}
