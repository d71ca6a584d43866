//! Eight bytes at a time: where does the plain part of a string end?

const WIDTH: usize = 8;
const ONES: u64 = u64::from_le_bytes([1; WIDTH]);

/// Whether a byte cannot stand unescaped inside of a JSON string as itself: the quotation mark, the
/// backslash and the control characters U+0000 to U+001F.
#[inline(always)]
fn is_stop(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// The index of the first byte at or after `from` that ends a plain run (see [`is_stop`]), or the
/// length of `bytes`. All bytes of UTF-8 sequences are plain, so the run is whole characters.
#[inline(always)]
pub(super) fn next_stop(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    // Four words a turn: runs in prose are some fifty bytes long, and the branch that ends one is what
    // costs, so wider steps (or a call to a vector search) gain nothing.
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<{ 4 * WIDTH }>()) {
        let (words, _) = chunk.as_chunks::<WIDTH>();
        for (index, word) in words.iter().enumerate() {
            if let Some(within) = first_stop(word) {
                return at + index * WIDTH + within;
            }
        }
        at += 4 * WIDTH;
    }
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        if let Some(within) = first_stop(word) {
            return at + within;
        }
        at += WIDTH;
    }
    while let Some(&byte) = bytes.get(at) {
        if is_stop(byte) {
            break;
        }
        at += 1;
    }
    at
}

/// The index of the first stop in a word.
///
/// A subtraction in every byte at once borrows out of those that are smaller than what is taken from
/// them, which shows in their high bit. Flipping bit 1 makes the quotation mark 0x20, so that it and the
/// control characters are the bytes below 0x21; flipping the backslash's bits makes it the only zero. A
/// borrow can spoil only bytes above the first match, and only the first is asked for.
#[inline(always)]
fn first_stop(word: &[u8; WIDTH]) -> Option<usize> {
    let word = u64::from_le_bytes(*word);
    let quote_or_control = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    let mask = (quote_or_control | backslash) & !word & (ONES * 0x80);
    (mask != 0).then(|| mask.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_byte_is_told_at_every_place() {
        for byte in 0..=255 {
            for index in 0..WIDTH {
                for filler in [b'a', b'!', b'#', b']', b'[', 0x7f, 0x80, 0xff] {
                    let mut word = [filler; WIDTH];
                    word[index] = byte;
                    assert_eq!(first_stop(&word), is_stop(byte).then_some(index), "{word:x?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_stop_is_found_from_any_start(
            bytes in prop::collection::vec(prop_oneof![30 => 0x20u8.., 1 => 0u8..], 0..120),
            from in 0usize..130,
        ) {
            let expected = (from..bytes.len()).find(|&at| is_stop(bytes[at]));
            prop_assert_eq!(next_stop(&bytes, from), expected.unwrap_or(bytes.len().max(from)));
        }
    }
}
