//! A Bloom filter.
//!
//! Source: Bloom, *Space/time trade-offs in hash coding with allowable errors* (1970).

/// A set of 64-bit hashes that says of some that are not in it that they are.
#[derive(Debug, Clone)]
pub(super) struct Bloom {
    words: Vec<u64>,
    hashes: u32,
    items: u64,
}

impl Bloom {
    /// The bits and hashes of a filter for so many items and an error rate above 0 and below 1.
    pub(super) fn size_for(expected: u64, error_rate: f64) -> (u64, u32) {
        let ln2 = std::f64::consts::LN_2;
        let bits_an_item = -error_rate.ln() / (ln2 * ln2);
        let bits = (expected as f64 * bits_an_item).ceil().max(64.0);
        // More would be for error rates that no 64-bit hash has.
        let hashes = (bits_an_item * ln2).round().clamp(1.0, 64.0);
        ((bits as u64).next_multiple_of(64), hashes as u32)
    }

    /// An empty filter for so many items and an error rate.
    pub(super) fn new(expected: u64, error_rate: f64) -> Self {
        let (bits, hashes) = Self::size_for(expected, error_rate);
        Self { words: vec![0; (bits / 64) as usize], hashes, items: 0 }
    }

    /// Adds a hash; whether it was new.
    pub(super) fn insert(&mut self, hash: u64) -> bool {
        let bits = self.bits();
        let mut state = hash;
        let mut new = false;
        for _ in 0..self.hashes {
            let bit = ((u128::from(mix(&mut state)) * u128::from(bits)) >> 64) as u64;
            if let Some(word) = self.words.get_mut((bit / 64) as usize) {
                let mask = 1 << (bit % 64);
                new |= *word & mask == 0;
                *word |= mask;
            }
        }
        self.items += u64::from(new);
        new
    }

    pub(super) fn bits(&self) -> u64 {
        self.words.len() as u64 * 64
    }

    pub(super) fn hashes(&self) -> u32 {
        self.hashes
    }

    /// Hashes that were new.
    pub(super) fn items(&self) -> u64 {
        self.items
    }

    /// The share of bits that are set.
    pub(super) fn fill(&self) -> f64 {
        let set: u64 = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
        set as f64 / self.bits() as f64
    }

    /// The probability that a hash which is not in the set is taken for one that is.
    pub(super) fn error_rate(&self) -> f64 {
        self.fill().powi(self.hashes as i32)
    }
}

/// The next number of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_64;

    #[test]
    fn errors_are_as_rare_as_asked_for() {
        let hash = |number: u32| xxh3_64(&number.to_le_bytes());
        let mut bloom = Bloom::new(20_000, 0.01);
        let new = (0..20_000).filter(|&number| bloom.insert(hash(number))).count() as u64;
        assert_eq!(bloom.items(), new);
        // Nothing that is in it is ever taken for new.
        assert!((0..20_000).all(|number| bloom.contains(hash(number))));
        assert!((0.48..0.52).contains(&bloom.fill()), "{}", bloom.fill());
        assert!((0.008..0.012).contains(&bloom.error_rate()), "{}", bloom.error_rate());
        let taken = (20_000..40_000).filter(|&number| !bloom.contains(hash(number))).count();
        assert!((19_700..19_900).contains(&taken), "{taken}");
        assert_eq!(Bloom::size_for(1_000_000, 1e-4), (19_170_176, 13));
    }

    impl Bloom {
        fn contains(&self, hash: u64) -> bool {
            let mut state = hash;
            (0..self.hashes).all(|_| {
                let bit = ((u128::from(mix(&mut state)) * u128::from(self.bits())) >> 64) as u64;
                self.words[(bit / 64) as usize] >> (bit % 64) & 1 != 0
            })
        }
    }
}
