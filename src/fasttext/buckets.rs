//! From the hash of an n-gram to its row.

use super::words::Rows;

/// Above this many buckets, kept ones are looked up by binary search: a bitmap would take more
/// than 16 MiB, whatever the size of the model.
const MOST_BITS: u32 = 1 << 27;

/// The hash buckets that n-grams fall into, and which of them have a row.
pub(super) struct Buckets {
    count: u32,
    /// For the remainder of 32-bit hashes (Lemire, Kaser, Kurz 2019, *Faster remainder by direct
    /// computation*).
    magic: u64,
    /// The first n-gram's row: those of words come before.
    first: u32,
    kept: Kept,
}

/// The most n-grams to choose from.
pub(super) const CHOICE: usize = 128;

/// The n-grams of a word of which those that are kept are chosen. Which that are no processor can
/// guess: so there is no branch by it.
pub(super) struct Choice<'b> {
    buckets: &'b Buckets,
    bits: &'b [u64],
    ranks: &'b [u32],
    list: [u32; CHOICE],
    chosen: usize,
}

impl Choice<'_> {
    /// Offers the character n-gram with this hash.
    #[inline(always)]
    pub fn add(&mut self, hash: u32) {
        let bucket = self.buckets.bucket(hash);
        self.list[self.chosen % CHOICE] = bucket;
        let bits = self.bits.get(bucket as usize / 64).copied().unwrap_or_default();
        self.chosen += (bits >> (bucket % 64)) as usize & 1;
    }

    /// Adds the rows of those chosen.
    #[inline(always)]
    pub fn finish(&self, rows: &mut Rows) {
        let chosen = self.list.get(..self.chosen).unwrap_or_default();
        rows.extend(chosen.iter().map(|&bucket| self.buckets.rank(self.bits, self.ranks, bucket)));
    }
}

enum Kept {
    All,
    /// A bit for each bucket, and the number of bits before each 64.
    Bits(Vec<u64>, Vec<u32>),
    Sorted(Vec<u32>),
}

impl Buckets {
    /// Buckets of a model with so many `words`; `pruned` are the buckets that have a row, and the
    /// row of each after those of words. Rows are to be put in the order that is returned.
    pub fn new(
        count: u32,
        words: usize,
        pruned: Option<&[(u32, u32)]>,
    ) -> (Self, Option<Vec<u32>>) {
        let mut order = None;
        let kept = match pruned {
            None => Kept::All,
            Some(pruned) => {
                let mut pruned = pruned.to_vec();
                // Of several rows for a bucket the last one counts: with stable sorting, the
                // first one after turning round.
                pruned.reverse();
                pruned.sort_by_key(|&(bucket, _)| bucket);
                pruned.dedup_by_key(|&mut (bucket, _)| bucket);
                order = Some(pruned.iter().map(|&(_, row)| row).collect());
                let buckets = pruned.iter().map(|&(bucket, _)| bucket);
                if count > MOST_BITS {
                    Kept::Sorted(buckets.collect())
                } else {
                    bitmap(count, buckets)
                }
            }
        };
        let buckets = Self {
            count,
            magic: (u64::MAX / u64::from(count.max(1))).wrapping_add(1),
            // Both are below 2^31.
            first: words as u32,
            kept,
        };
        (buckets, order)
    }

    /// The row of the character n-gram with this hash.
    #[inline]
    pub fn row(&self, hash: u32) -> Option<u32> {
        self.row_of_bucket(self.bucket(hash))
    }

    /// Adds the rows of character n-grams with these hashes; `room` is for no fewer numbers.
    #[inline]
    pub fn add_rows(&self, hashes: &[u32], room: &mut [u32], rows: &mut Rows) {
        let Kept::Bits(bits, ranks) = &self.kept else {
            for row in hashes.iter().filter_map(|&hash| self.row(hash)) {
                rows.push(row);
            }
            return;
        };
        // As in `Choice`.
        let mut kept = 0;
        for &hash in hashes {
            let bucket = self.bucket(hash);
            if let Some(room) = room.get_mut(kept) {
                *room = bucket;
            }
            let bits = bits.get(bucket as usize / 64).copied().unwrap_or_default();
            kept += (bits >> (bucket % 64)) as usize & 1;
        }
        let kept = room.get(..kept).unwrap_or_default();
        rows.extend(kept.iter().map(|&bucket| self.rank(bits, ranks, bucket)));
    }

    /// The row of a bucket that is kept.
    #[inline(always)]
    fn rank(&self, bits: &[u64], ranks: &[u32], bucket: u32) -> u32 {
        let at = bucket as usize / 64;
        let below = bits.get(at).copied().unwrap_or_default() & ((1 << (bucket % 64)) - 1);
        self.first + ranks.get(at).copied().unwrap_or_default() + below.count_ones()
    }

    /// To choose those of some hashes whose n-grams are kept; `None` if choosing takes another way
    /// than a bitmap.
    #[inline]
    pub fn choice(&self) -> Option<Choice<'_>> {
        match &self.kept {
            Kept::Bits(bits, ranks) => {
                Some(Choice { buckets: self, bits, ranks, list: [0; CHOICE], chosen: 0 })
            }
            Kept::All | Kept::Sorted(_) => None,
        }
    }

    /// The bucket of a hash: its remainder.
    #[inline]
    fn bucket(&self, hash: u32) -> u32 {
        let fraction = self.magic.wrapping_mul(u64::from(hash));
        ((u128::from(fraction) * u128::from(self.count)) >> 64) as u32
    }

    /// The row of the word n-gram with this hash.
    pub fn row_of_words(&self, hash: u64) -> Option<u32> {
        self.row_of_bucket(hash.checked_rem(u64::from(self.count))? as u32)
    }

    #[inline]
    fn row_of_bucket(&self, bucket: u32) -> Option<u32> {
        let ngram = match &self.kept {
            Kept::All => bucket,
            Kept::Bits(bits, ranks) => {
                let at = bucket as usize / 64;
                let bits = bits.get(at)?;
                let bit = 1 << (bucket % 64);
                if bits & bit == 0 {
                    return None;
                }
                ranks.get(at)? + (bits & (bit - 1)).count_ones()
            }
            Kept::Sorted(kept) => kept.binary_search(&bucket).ok()? as u32,
        };
        Some(self.first + ngram)
    }

    /// Bytes that they take.
    pub fn memory(&self) -> usize {
        match &self.kept {
            Kept::All => 0,
            Kept::Bits(bits, ranks) => bits.len() * 8 + ranks.len() * 4,
            Kept::Sorted(kept) => kept.len() * 4,
        }
    }
}

fn bitmap(count: u32, buckets: impl Iterator<Item = u32>) -> Kept {
    let mut bits = vec![0_u64; count as usize / 64 + 1];
    for bucket in buckets {
        if let Some(bits) = bits.get_mut(bucket as usize / 64) {
            *bits |= 1 << (bucket % 64);
        }
    }
    let ranks = bits
        .iter()
        .scan(0, |before, bits| {
            let rank = *before;
            *before += bits.count_ones();
            Some(rank)
        })
        .collect();
    Kept::Bits(bits, ranks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn hashes_are_divided_exactly(count in 1..=i32::MAX as u32, hashes: Vec<u32>) {
            let (buckets, order) = Buckets::new(count, 7, None);
            prop_assert!(order.is_none());
            for hash in hashes.into_iter().chain([0, count - 1, count, u32::MAX]) {
                prop_assert_eq!(buckets.row(hash), Some(7 + hash % count));
                prop_assert_eq!(buckets.row_of_words(hash.into()), Some(7 + hash % count));
            }
        }

        #[test]
        fn kept_buckets_have_the_row_that_was_named_last(
            pruned in prop::collection::vec((0_u32..300, 0_u32..50), 0..50),
        ) {
            let last: std::collections::BTreeMap<u32, u32> = pruned.iter().copied().collect();
            for count in [300, MOST_BITS + 1] {
                let (buckets, order) = Buckets::new(count, 7, Some(&pruned));
                let order = order.unwrap();
                for bucket in 0..300 {
                    let row = buckets.row(bucket).map(|row| order[row as usize - 7]);
                    prop_assert_eq!(row, last.get(&bucket).copied());
                }
                let hashes: Vec<u32> = (0..300).rev().collect();
                let mut rows = Rows::default();
                rows.push(5);
                buckets.add_rows(&hashes, &mut [0; 300], &mut rows);
                let expected = hashes.iter().filter_map(|&hash| buckets.row(hash));
                let expected: Vec<u32> = [5].into_iter().chain(expected).collect();
                prop_assert_eq!(rows.as_slice(), &expected);
                prop_assert_eq!(buckets.choice().is_some(), count <= MOST_BITS);
                rows.truncate(1);
                for hashes in hashes.chunks(CHOICE - 1) {
                    if let Some(mut choice) = buckets.choice() {
                        hashes.iter().for_each(|&hash| choice.add(hash));
                        choice.finish(&mut rows);
                    }
                }
                prop_assert!(count > MOST_BITS || rows.as_slice() == expected);
            }
        }
    }
}
