//! The hash by which words are compared.

use xxhash_rust::xxh3::xxh3_64;

/// What [`hash_word`] gives for a word is part of what an index of signatures holds. Whoever changes it
/// changes this number, so that older indexes are refused.
pub const VERSION: u32 = 1;

/// The longest word, in bytes, that is hashed in one step.
pub const SHORT: usize = 16;

/// The 64-bit hash by which words are compared; never 0. That of short words needs no branch on
/// their length, which cannot be predicted; that of others is xxh3-64. It is the same on every
/// machine. Signatures that are made of it are kept in indexes ([`VERSION`]).
#[inline]
pub fn hash_word(word: &[u8]) -> u64 {
    hash_span(word, 0, word.len())
}

/// The hash of the word at `start..end` of a text. As [`hash_word`], and faster: it may look at the
/// bytes behind the word.
///
/// # Panics
/// If the text has no such bytes.
#[inline(always)]
pub fn hash_span(text: &[u8], start: usize, end: usize) -> u64 {
    if end - start <= SHORT {
        hash_short(first_bytes(text, start, end), end - start)
    } else {
        xxh3_64(&text[start..end]).max(1)
    }
}

/// The hash of a word of 16 bytes at most, given as a little-endian number.
#[inline]
pub fn hash_short(word: u128, length: usize) -> u64 {
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let low = word as u64 ^ 0x9E37_79B9_7F4A_7C15;
    let high = (word >> 64) as u64 ^ 0xC2B2_AE3D_27D4_EB4F;
    fold(fold(low, high) ^ length as u64, 0xA076_1D64_78BD_642F).max(1)
}

/// The bytes at `start..end`, 16 at most, as a little-endian number.
#[inline(always)]
pub fn first_bytes(text: &[u8], start: usize, end: usize) -> u128 {
    static MASKS: [u128; SHORT + 1] = {
        let mut masks = [0; SHORT + 1];
        let mut length = 1;
        while length <= SHORT {
            masks[length] = u128::MAX >> (128 - 8 * length);
            length += 1;
        }
        masks
    };
    let whole = match text.get(start..).and_then(|rest| rest.first_chunk::<SHORT>()) {
        Some(bytes) => u128::from_le_bytes(*bytes),
        None => {
            let mut bytes = [0; SHORT];
            bytes[..end - start].copy_from_slice(&text[start..end]);
            u128::from_le_bytes(bytes)
        }
    };
    whole & MASKS[end - start]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hashes_are_those_that_indexes_hold() {
        assert_eq!(VERSION, 1);
        let hashes = ["", "a", "sapwood", "sixteen bytes ok", "seventeen bytes..", "木"]
            .map(|word| hash_word(word.as_bytes()));
        let held = [
            10_101_840_175_561_261_280,
            3_000_339_327_792_388_986,
            824_049_538_511_916_846,
            7_739_416_986_293_398_849,
            903_968_638_761_574_922,
            4_861_148_874_752_767_617,
        ];
        assert_eq!(hashes, held);
    }

    proptest! {
        #[test]
        fn a_span_hashes_as_the_word_alone(word in "\\PC{0,24}", behind in "\\PC{0,24}") {
            let text = format!("{word}{behind}");
            prop_assert_eq!(hash_span(text.as_bytes(), 0, word.len()), hash_word(word.as_bytes()));
        }
    }
}
