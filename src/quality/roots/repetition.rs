//! Repetition of character and word n-grams.
//!
//! N-grams are counted by a 64-bit polynomial hash that rolls over the text. Two n-grams with the
//! same hash are taken for the same n-gram; among a million different ones that happens once in
//! some forty million documents.

use schemars::JsonSchema;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use crate::text::special::{count_special_ascii, count_special_codes};

#[cfg(test)]
mod tests;

/// Base of the polynomial: odd, with evenly mixed bits.
const BASE: u64 = 0x9E6C_63D0_876A_68EE | 1;
/// The most hashes that are held at once. Texts with more n-grams are counted in several passes,
/// each over a share of the hashes, so that a text of any size needs no more than some 300 MB; one
/// with the same n-grams over and over needs 8 to 16 bytes a character.
const MAX_HASHES: u64 = 1 << 23;
/// Elements whose hashes are made at once where a text takes several passes.
const PIECE: usize = if cfg!(test) { 8 } else { 1 << 16 };
/// Entries of the largest buffer that is kept from one document to the next.
const KEPT: usize = 1 << 18;
/// Where the bits of a hash begin that the second coarse count goes by; the first goes by the upper
/// ones.
const LOWER_BITS: u32 = 12;
/// Frequencies below this are counted by frequency, others are listed.
const SMALL: usize = 64;

/// Which formula the character repetition ratio follows.
///
/// Of `D` different n-grams, `S` occurring once and `R` = `D` − `S` more often, the `k` most frequent
/// make up the ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub enum Variant {
    /// `k` = min(⌊√D⌋, R), as BigScience corrected it in July 2022.
    #[default]
    #[serde(rename = "fixed")]
    Fixed,
    /// `k` = min(⌊√D⌋, S), with which ROOTS was made: a text without any repetition scores about
    /// 1/√N, and a wholly periodic one 0.
    #[serde(rename = "2022")]
    AsRun2022,
}

impl<'de> Deserialize<'de> for Variant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = Variant;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("`fixed` or `2022`")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Variant, E> {
                match name {
                    "fixed" => Ok(Variant::Fixed),
                    "2022" => Ok(Variant::AsRun2022),
                    other => Err(E::unknown_variant(other, &["fixed", "2022"])),
                }
            }
            // In YAML the year needs no quotes.
            fn visit_u64<E: de::Error>(self, year: u64) -> Result<Variant, E> {
                self.visit_str(&year.to_string())
            }
            fn visit_i64<E: de::Error>(self, year: i64) -> Result<Variant, E> {
                self.visit_str(&year.to_string())
            }
        }
        deserializer.deserialize_any(Name)
    }
}

/// Code points or words that are hashed at once.
const CHUNK: usize = 1024;

/// Counts n-grams; used again from one document to the next.
#[derive(Debug)]
pub(super) struct Counter {
    /// The most hashes that are held at once.
    limit: u64,
    table: HashTable,
    tally: Tally,
    /// Code points of a piece of text.
    codes: Vec<u32>,
    /// Hashes of all n-grams, or of those of a pass.
    hashes: Vec<u64>,
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            limit: MAX_HASHES,
            table: HashTable::default(),
            tally: Tally::default(),
            codes: Vec::new(),
            hashes: Vec::new(),
        }
    }
}

/// Finds out how often each hash occurs.
///
/// Whether an n-gram was seen before cannot be predicted, so next to nothing here branches on it.
#[derive(Debug, Default)]
struct HashTable {
    /// A coarse count by some bits of the hash: 0 never, 1 once, more otherwise. Most n-grams occur
    /// once, and here they are recognised in little memory.
    coarse: Vec<u8>,
    /// Open addressing by the upper bits of the hash; 0 is a free slot.
    keys: Vec<u64>,
    /// How often each key was seen after the first time.
    again: Vec<u32>,
    /// Slots of the keys that were seen again.
    repeated: Vec<u32>,
}

/// How often the n-grams of a text occur.
#[derive(Debug, Default)]
struct Tally {
    /// N-grams.
    total: u64,
    /// Different n-grams.
    distinct: u64,
    /// Different n-grams that occur more than once.
    repeated: u64,
    /// How many n-grams have each small frequency.
    small: Vec<u64>,
    /// The other frequencies.
    large: Vec<u32>,
}

impl HashTable {
    /// Counts hashes that went through the first, coarse count. Changes their order and number.
    /// Returns how many different ones there are.
    fn count(&mut self, hashes: &mut Vec<u64>) -> u64 {
        let all = hashes.len();
        self.keep_candidates(hashes);
        self.thin(hashes);
        let candidates = hashes.len();

        let slots = candidates * 2 + 2;
        self.keys.clear();
        self.keys.resize(slots, 0);
        self.again.clear();
        self.again.resize(slots, 0);
        // Room for the slot that is written but not counted.
        self.repeated.clear();
        self.repeated.resize(candidates + 1, 0);

        // The slots of hashes that were there already, first with repetitions.
        let mut hits = 0;
        let (keys, repeated) = (&mut self.keys[..], &mut self.repeated[..]);
        for &hash in hashes.iter() {
            let key = hash | u64::from(hash == 0);
            let mut slot = ((u128::from(key) * (slots as u128 - 1)) >> 64) as usize;
            // Neither free nor its own; as `&&` this would be two branches.
            let other = |found: u64| found.min(found ^ key) != 0;
            // Most keys find their place at the first or second slot.
            slot += usize::from(other(keys[slot]));
            while other(keys[slot]) {
                slot += 1;
                if slot == slots {
                    slot = 0;
                }
            }
            repeated[hits] = slot as u32;
            hits += usize::from(keys[slot] == key);
            keys[slot] = key;
        }
        let mut number = 0;
        for hit in 0..hits {
            let slot = repeated[hit];
            let again = &mut self.again[slot as usize];
            repeated[number] = slot;
            number += usize::from(*again == 0);
            *again = again.saturating_add(1);
        }
        self.repeated.truncate(number);
        (all - hits) as u64
    }

    /// Makes the first coarse count ready for some number of hashes.
    fn start(&mut self, number: u64) -> First<'_> {
        let size = (number * 4).next_power_of_two() as usize;
        self.coarse.clear();
        self.coarse.resize(size, 0);
        First { shift: (u64::BITS - size.trailing_zeros()).min(63), coarse: &mut self.coarse }
    }

    /// Removes most of the hashes that occur once, and no others.
    fn keep_candidates(&self, hashes: &mut Vec<u64>) {
        let shift = (u64::BITS - self.coarse.len().trailing_zeros()).min(63);
        let coarse = &self.coarse[..];
        let mask = coarse.len() - 1;
        let mut number = 0;
        for index in 0..hashes.len() {
            let hash = hashes[index];
            hashes[number] = hash;
            number += usize::from(coarse[(hash >> shift) as usize & mask] > 1);
        }
        hashes.truncate(number);
    }

    /// Does the same once more, with other bits of the hash, for those that share a slot by chance:
    /// the exact count takes several times as long for each.
    fn thin(&mut self, hashes: &mut Vec<u64>) {
        let size = (hashes.len() * 4).next_power_of_two();
        self.coarse.clear();
        self.coarse.resize(size, 0);
        let coarse = &mut self.coarse[..];
        let mask = size - 1;
        for &hash in hashes.iter() {
            let seen = &mut coarse[(hash >> LOWER_BITS) as usize & mask];
            *seen = *seen << 1 | 1;
        }
        let mut number = 0;
        for index in 0..hashes.len() {
            let hash = hashes[index];
            hashes[number] = hash;
            number += usize::from(coarse[(hash >> LOWER_BITS) as usize & mask] > 1);
        }
        hashes.truncate(number);
    }

    /// Gives back the room that an uncommonly long document took.
    fn shrink(&mut self) {
        if self.coarse.len() > KEPT * 8 || self.keys.len() > KEPT {
            *self = Self::default();
        }
    }
}

impl Counter {
    /// Counts `total` n-grams. `feed` hands the text over; it may be called several times.
    fn count(&mut self, total: u64, mut feed: impl FnMut(&mut Pass<'_>)) {
        let Self { limit, table, tally, hashes, .. } = self;
        tally.clear();
        let passes = total.div_ceil(*limit).max(1);
        for pass in 0..passes {
            hashes.clear();
            let first = table.start(total.min(*limit));
            feed(&mut Pass { hashes: &mut *hashes, pass, passes, first });
            tally.total += hashes.len() as u64;
            if hashes.len() as u64 > 2 * *limit {
                // A few n-grams make up most of the text, as in "aaaa": the tables would grow with
                // it, and sorting needs none.
                hashes.sort_unstable();
                tally.add_sorted(hashes);
                continue;
            }
            tally.distinct += table.count(hashes);
            tally.add_repeated(table);
        }
        table.shrink();
        hashes.clear();
        hashes.shrink_to(KEPT);
    }

    /// The character repetition ratio of a text of `length` code points for n-grams of `n`, 0 if the
    /// text has none; and its share of special characters, 0 if it is empty.
    pub(super) fn character_ratios(
        &mut self,
        text: &str,
        length: usize,
        n: usize,
        variant: Variant,
    ) -> (f64, f64) {
        let mut codes = std::mem::take(&mut self.codes);
        let total = (length + 1).saturating_sub(n) as u64;
        let mut special = 0;
        if length == text.len() {
            special = count_special_ascii(text.as_bytes());
            self.count(total, |pass| pass.roll_pieces(text.as_bytes(), n));
        } else {
            // Pieces overlap by what an n-gram reaches over.
            let overlap = n.saturating_sub(1);
            self.count(total, |pass| {
                special = 0;
                codes.clear();
                let mut rest = text;
                loop {
                    let kept = codes.len();
                    codes.resize(kept + CHUNK.max(overlap), 0);
                    let fresh = &mut codes[kept..];
                    let number = decode(&mut rest, fresh);
                    special += count_special_codes(&fresh[..number]);
                    codes.truncate(kept + number);
                    pass.roll(&codes, n);
                    if rest.is_empty() {
                        break;
                    }
                    codes.drain(..codes.len().saturating_sub(overlap));
                }
            });
        }
        codes.shrink_to(KEPT);
        self.codes = codes;
        (self.tally.share_of_most_frequent(variant), special as f64 / length.max(1) as f64)
    }

    /// The word repetition ratio of words given by their hashes, for n-grams of `n`: the share of
    /// n-grams that occur more than once; 0 if there are none.
    pub(super) fn word_repetition_ratio(&mut self, words: &[u64], n: usize) -> f64 {
        let total = (words.len() + 1).saturating_sub(n);
        self.count(total as u64, |pass| pass.roll_pieces(words, n));
        self.tally.share_of_repeated()
    }
}

/// Takes as many code points off a text as there are places for; returns how many those were.
fn decode(text: &mut &str, codes: &mut [u32]) -> usize {
    let mut rest = *text;
    let mut number = 0;
    while let Some(places) = codes.get_mut(number..)
        && !places.is_empty()
    {
        // Runs of ASCII are common in all languages of the Latin script.
        if let (Some(eight), Some(places)) =
            (rest.as_bytes().first_chunk::<8>(), places.first_chunk_mut::<8>())
            && eight.is_ascii()
        {
            *places = eight.map(u32::from);
            number += 8;
            rest = &rest[8..];
            continue;
        }
        // As far as the next place to look for one.
        let mut characters = rest.chars();
        for (place, character) in places.iter_mut().take(8).zip(characters.by_ref()) {
            *place = character.into();
            number += 1;
        }
        rest = characters.as_str();
        if rest.is_empty() {
            break;
        }
    }
    *text = rest;
    number
}

/// One of the passes over a text; it gathers its share of the hashes.
struct Pass<'h> {
    hashes: &'h mut Vec<u64>,
    pass: u64,
    passes: u64,
    first: First<'h>,
}

/// The first coarse count, by the upper bits of the hash, taken while the hashes are made.
struct First<'h> {
    coarse: &'h mut [u8],
    shift: u32,
}

impl First<'_> {
    #[inline(always)]
    fn count(&mut self, hash: u64) {
        let mask = self.coarse.len() - 1;
        let seen = &mut self.coarse[(hash >> self.shift) as usize & mask];
        *seen = *seen << 1 | 1;
    }
}

impl Pass<'_> {
    /// As [`roll`](Pass::roll), with room for a piece only where a pass keeps but its share.
    fn roll_pieces<T: Copy + Into<u64>>(&mut self, elements: &[T], n: usize) {
        if self.passes == 1 {
            return self.roll(elements, n);
        }
        // Pieces overlap by what an n-gram reaches over.
        let overlap = n.saturating_sub(1);
        for start in (0..elements.len()).step_by(PIECE) {
            let end = elements.len().min(start + PIECE + overlap);
            self.roll(&elements[start..end], n);
        }
    }

    /// Takes in the polynomial hashes of all n-grams of a sequence.
    fn roll<T: Copy + Into<u64>>(&mut self, elements: &[T], n: usize) {
        let reach = n.saturating_sub(1);
        let Some(number) = elements.len().checked_sub(reach) else {
            return;
        };
        let start = self.hashes.len();
        self.hashes.resize(start + number, 0);
        let Self { hashes, first, .. } = self;
        let hashes = &mut hashes[start..];
        // Each hash waits for the one before, so that two halves take no longer than one.
        let half = number / 2;
        let (left, right) = hashes.split_at_mut(half);
        let mut one = Rolling::new(&elements[..half + reach], reach);
        let mut two = Rolling::new(&elements[half..], reach);
        if self.passes == 1 {
            for (left, right) in left.iter_mut().zip(&mut *right) {
                *left = one.next();
                first.count(*left);
                *right = two.next();
                first.count(*right);
            }
            if let Some(last) = right.get_mut(half) {
                *last = two.next();
                first.count(*last);
            }
            return;
        }
        left.iter_mut().for_each(|hash| *hash = one.next());
        right.iter_mut().for_each(|hash| *hash = two.next());
        let (pass, passes) = (self.pass, self.passes);
        let mut kept = 0;
        for index in 0..number {
            let hash = hashes[index];
            if share(hash, passes) == pass {
                hashes[kept] = hash;
                kept += 1;
                first.count(hash);
            }
        }
        self.hashes.truncate(start + kept);
    }
}

/// The polynomial hashes of the n-grams of a sequence, one after the other.
struct Rolling<'e, T> {
    ngrams: std::iter::Zip<std::slice::Iter<'e, T>, std::slice::Iter<'e, T>>,
    hash: u64,
    /// What the first element of an n-gram is multiplied with once it leaves.
    leaving: u64,
    before: u64,
}

impl<'e, T: Copy + Into<u64>> Rolling<'e, T> {
    /// `reach` is how many elements an n-gram has beside its first; there are as many at least.
    fn new(elements: &'e [T], reach: usize) -> Self {
        let (start, ends) = elements.split_at(reach);
        let mut hash = 0_u64;
        let mut leaving = BASE;
        for &element in start {
            hash = hash.wrapping_mul(BASE).wrapping_add(code(element));
            leaving = leaving.wrapping_mul(BASE);
        }
        Self { ngrams: ends.iter().zip(elements), hash, leaving, before: 0 }
    }

    /// The hash of the next n-gram. Only a product and a sum wait for the one before; what becomes
    /// of the element that leaves is known early.
    #[inline(always)]
    fn next(&mut self) -> u64 {
        if let Some((&last, &first)) = self.ngrams.next() {
            let entering = code(last).wrapping_sub(self.before);
            self.before = code(first).wrapping_mul(self.leaving);
            self.hash = self.hash.wrapping_mul(BASE).wrapping_add(entering);
        }
        self.hash
    }
}

/// What an element stands for in a hash; never 0, so that none is like nothing.
#[inline(always)]
fn code<T: Into<u64>>(element: T) -> u64 {
    element.into().wrapping_add(1)
}

/// Which pass counts a hash; independent of its slot.
#[inline]
fn share(hash: u64, passes: u64) -> u64 {
    let mixed = (hash ^ (hash >> 31)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    ((u128::from(mixed) * u128::from(passes)) >> 64) as u64
}

impl Tally {
    /// Takes in the frequencies of a table's repeated n-grams.
    fn add_repeated(&mut self, table: &HashTable) {
        self.repeated += table.repeated.len() as u64;
        for &slot in &table.repeated {
            let frequency = table.again[slot as usize].saturating_add(1);
            match self.small.get_mut(frequency as usize) {
                Some(ngrams) => *ngrams += 1,
                None => self.large.push(frequency),
            }
        }
    }

    /// Takes in n-grams by their sorted hashes.
    fn add_sorted(&mut self, hashes: &[u64]) {
        for equal in hashes.chunk_by(|a, b| a == b) {
            self.distinct += 1;
            if equal.len() > 1 {
                self.repeated += 1;
                match self.small.get_mut(equal.len()) {
                    Some(ngrams) => *ngrams += 1,
                    None => self.large.push(u32::try_from(equal.len()).unwrap_or(u32::MAX)),
                }
            }
        }
    }

    fn clear(&mut self) {
        self.total = 0;
        self.distinct = 0;
        self.repeated = 0;
        self.small.clear();
        self.small.resize(SMALL, 0);
        self.large.clear();
    }

    fn share_of_most_frequent(&mut self, variant: Variant) -> f64 {
        if self.total == 0 {
            return 0.0;
        }
        let once = self.distinct - self.repeated;
        let mut left = self.distinct.isqrt().min(match variant {
            Variant::Fixed => self.repeated,
            Variant::AsRun2022 => once,
        });
        let mut sum = 0;
        self.large.sort_unstable_by(|a, b| b.cmp(a));
        for &frequency in self.large.iter().take(left as usize) {
            sum += u64::from(frequency);
            left -= 1;
        }
        for (frequency, &ngrams) in self.small.iter().enumerate().rev() {
            let taken = ngrams.min(left);
            sum += frequency as u64 * taken;
            left -= taken;
        }
        // All that are left occur once.
        sum += left;
        sum as f64 / self.total as f64
    }

    fn share_of_repeated(&self) -> f64 {
        if self.total == 0 {
            return 0.0;
        }
        let once = self.distinct - self.repeated;
        (self.total - once) as f64 / self.total as f64
    }
}
