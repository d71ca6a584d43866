//! datatrove's signatures, bit for bit.
//!
//! Source: `pipeline/dedup/minhash.py`, `utils/hashing.py` of datatrove 0.10.1. Its hash functions
//! have the factors and summands that numpy's `RandomState(seed)` draws (NEP 19 freezes that stream).

use sha1::{Digest, Sha1};
use xxhash_rust::xxh32::xxh32;
use xxhash_rust::xxh64::xxh64;

use super::config::Hash;
use super::kernel::{Affine64, Instructions, PRIME};

/// The Mersenne Twister of 32 bits (Matsumoto and Nishimura 1998), as far as numpy's
/// `RandomState.randint` with 64-bit integers needs it.
struct MersenneTwister {
    state: [u32; Self::SIZE],
    at: usize,
}

impl MersenneTwister {
    const SIZE: usize = 624;

    fn new(seed: u32) -> Self {
        let mut state = [seed; Self::SIZE];
        let mut last = seed;
        for (index, word) in state.iter_mut().enumerate().skip(1) {
            last = 1_812_433_253_u32.wrapping_mul(last ^ (last >> 30)).wrapping_add(index as u32);
            *word = last;
        }
        Self { state, at: Self::SIZE }
    }

    fn refill(&mut self) {
        for index in 0..Self::SIZE {
            let next = self.state[(index + 1) % Self::SIZE];
            let mixed = (self.state[index] & 0x8000_0000) | (next & 0x7fff_ffff);
            let odd = if mixed & 1 != 0 { 0x9908_b0df } else { 0 };
            self.state[index] = self.state[(index + 397) % Self::SIZE] ^ (mixed >> 1) ^ odd;
        }
        self.at = 0;
    }

    fn next_u32(&mut self) -> u32 {
        if self.at == Self::SIZE {
            self.refill();
        }
        let mut y = self.state[self.at];
        self.at += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// A number from `low` to `high`, exclusive, by rejection.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        let range = high - 1 - low;
        let mask = u64::MAX >> range.leading_zeros();
        loop {
            let high_half = u64::from(self.next_u32()) << 32;
            let value = (high_half | u64::from(self.next_u32())) & mask;
            if value <= range {
                return low + value;
            }
        }
    }
}

/// The factors and summands of some hash functions: all factors are drawn first.
pub fn parameters(seed: u32, count: usize) -> Vec<(u64, u64)> {
    let mut random = MersenneTwister::new(seed);
    let factors: Vec<u64> = (0..count).map(|_| random.between(1, PRIME)).collect();
    factors.into_iter().map(|factor| (factor, random.between(0, PRIME))).collect()
}

/// Makes signatures of words.
#[derive(Debug, Clone)]
pub struct Signer {
    functions: Affine64,
    n: usize,
    hash: Hash,
    mask: u64,
}

impl Signer {
    /// A signer with `count` hash functions of shingles of `n` words; `precision` is 32 or 64 bits.
    pub fn new(seed: u32, count: usize, n: usize, hash: Hash, precision: u32) -> Self {
        let mask = if precision == 32 { u64::from(u32::MAX) } else { u64::MAX };
        Self { functions: Affine64::new(&parameters(seed, count)), n, hash, mask }
    }

    fn hash(&self, shingle: &[u8]) -> u64 {
        let short = self.mask <= u64::from(u32::MAX);
        match (self.hash, short) {
            (Hash::Xxhash, false) => xxh64(shingle, 0),
            (Hash::Xxhash, true) => xxh32(shingle, 0).into(),
            (Hash::Sha1, short) => {
                let digest = Sha1::digest(shingle);
                let number = digest.first_chunk::<8>().map_or(0, |it| u64::from_le_bytes(*it));
                if short { number & u64::from(u32::MAX) } else { number }
            }
        }
    }

    /// The hashes of all shingles: runs of `n` words, with a space between them. `words` are spans of
    /// the text; `joined` is room that is used again.
    pub fn shingles(
        &self,
        text: &str,
        words: &[(u32, u32)],
        joined: &mut Vec<u8>,
        out: &mut Vec<u64>,
    ) {
        out.clear();
        let bytes = text.as_bytes();
        let at =
            |(start, end): (u32, u32)| bytes.get(start as usize..end as usize).unwrap_or_default();
        // How many words up to here follow the word before by one space: where all of a shingle do,
        // it stands in the text as it is.
        let (mut run, mut before) = (0, u32::MAX);
        for (last, &(start, end)) in words.iter().enumerate() {
            let is_spaced =
                before.checked_add(1) == Some(start) && bytes.get(before as usize) == Some(&b' ');
            run = if is_spaced { run + 1 } else { 1 };
            before = end;
            let Some(first) = (last + 1).checked_sub(self.n) else { continue };
            let shingle = words.get(first..=last).unwrap_or_default();
            if run >= self.n {
                let from = shingle.first().map_or(start, |word| word.0);
                out.push(self.hash(at((from, end))));
                continue;
            }
            joined.clear();
            for (index, &word) in shingle.iter().enumerate() {
                if index > 0 {
                    joined.push(b' ');
                }
                joined.extend_from_slice(at(word));
            }
            out.push(self.hash(joined));
        }
    }

    /// The signature: the minimum of each function over all shingles.
    pub fn signature(&self, instructions: Instructions, shingles: &[u64], out: &mut Vec<u64>) {
        self.functions.minimums(instructions, self.mask, shingles, out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::english::english_words;
    use super::super::simplify::{self, simplify};
    use super::*;

    const TEXT: &str =
        "Hello, World! This is a test: 3.14 apples cost $2,500 on Monday — naïve café.";

    fn signature(text: &str, hash: Hash, precision: u32) -> (Vec<u64>, Vec<u64>) {
        let signer = Signer::new(1, 112, 5, hash, precision);
        let mut simple = String::new();
        simplify(text, &mut simplify::Room::default(), &mut simple);
        let mut words = Vec::new();
        english_words(&simple, |start, end| words.push((start as u32, end as u32)));
        let (mut shingles, mut signature) = (Vec::new(), Vec::new());
        signer.shingles(&simple, &words, &mut Vec::new(), &mut shingles);
        signer.signature(Instructions::best(), &shingles, &mut signature);
        (shingles, signature)
    }

    /// Answers of numpy's `RandomState(1)`.
    #[test]
    fn parameters_are_those_of_numpy() {
        let parameters = parameters(1, 112);
        let factors: Vec<u64> = parameters.iter().map(|it| it.0).collect();
        let summands: Vec<u64> = parameters.iter().map(|it| it.1).collect();
        assert_eq!(
            factors[..4],
            [775169054918279404, 1758426461858698313, 2109959069025162, 965365488286768774]
        );
        assert_eq!(factors[111], 223865076026037746);
        assert_eq!(
            summands[..4],
            [1062448801025099917, 1324811268927594100, 1217488311597731462, 100775521383383736]
        );
        assert_eq!(summands[111], 1097409548522419201);
    }

    /// Answers of datatrove 0.10.1.
    #[test]
    fn a_signature_is_that_of_datatrove() {
        let (shingles, signature) = signature(TEXT, Hash::Xxhash, 64);
        assert_eq!(shingles[0], 5996669178479991792);
        assert_eq!(
            signature[..8],
            [
                114791155641717967,
                147583728423828176,
                406603220067980199,
                31674348129904454,
                211707975303543040,
                44359924839348700,
                78520744783368300,
                89688775716627838
            ]
        );
        assert_eq!(self::signature(TEXT, Hash::Sha1, 64).0[0], 14697906677949786365);
        let (shingles, signature) = self::signature(TEXT, Hash::Xxhash, 32);
        assert_eq!(shingles[0], 79036463);
        assert_eq!(signature[..4], [575049390, 156458875, 330021858, 815848978]);
        let (shingles, signature) = self::signature(TEXT, Hash::Sha1, 32);
        assert_eq!(shingles[0], 822733053);
        assert_eq!(signature[..4], [627691009, 749087943, 239330080, 5709097]);
    }

    /// datatrove's signature files of a task of three documents, of which one is too short: sixty-eight
    /// bytes for each of the others and each band, sorted. Known by the SHA-1 of all, one after the
    /// other.
    #[test]
    fn signature_files_are_those_of_datatrove() {
        let texts =
            [TEXT.to_owned(), "too short here".to_owned(), format!("{TEXT} extra tail words here")];
        for (hash, expected) in [
            (Hash::Xxhash, "8bc511f1a2cf160e67e6f0f4ae56c82dabb450dd"),
            (Hash::Sha1, "d17d2d477a34ac17dc28a412e195ea249d153ef7"),
        ] {
            let signatures: Vec<_> = texts.iter().map(|text| signature(text, hash, 64)).collect();
            let mut files = Vec::new();
            for band in 0..14 {
                let mut records: Vec<(Vec<u64>, u32)> = Vec::new();
                for (index, (shingles, signature)) in signatures.iter().enumerate() {
                    if !shingles.is_empty() {
                        records.push((signature[band * 8..][..8].to_vec(), index as u32));
                    }
                }
                records.sort();
                for (numbers, index) in records {
                    numbers.iter().for_each(|it| files.extend(it.to_le_bytes()));
                    files.extend(index.to_le_bytes());
                }
            }
            let digest = Sha1::digest(&files);
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(digest, expected);
        }
    }
}
