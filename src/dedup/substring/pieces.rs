//! Which part of a text has to be looked at together: winnowing.

/// Windows that stand one after the other and have the same lowest gram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The symbol at which the first window starts.
    pub start: u32,
    /// Number of windows; each starts a symbol after the one before.
    pub count: u16,
    /// The hash of the lowest gram.
    pub hash: u64,
    /// Whether it may be that two of the windows are equal: only where one has its lowest gram twice.
    pub tied: bool,
}

/// The most windows of a piece, and so the most grams of a window.
const MOST_GRAMS: usize = 1 << 15;

/// Symbols of a gram, for windows of `length` symbols: half of them. Longer grams are more often
/// alone in the corpus, but leave fewer of them to a window, so that more are lowest: of windows of 50
/// bytes every 13th or 14th gram is.
pub fn gram(length: usize) -> usize {
    length.div_ceil(2).max((length + 1).saturating_sub(MOST_GRAMS)).max(1)
}

/// The multiplier of the rolling hash (Knuth's of linear congruential generators).
const BASE: u64 = 0x5851_f42d_4c95_7f2d;

fn value<const WIDTH: usize>(symbol: &[u8; WIDTH]) -> u64 {
    symbol.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte)).wrapping_add(1)
}

/// Spreads the rolling hash, whose low bits depend on little.
fn spread(hash: u64) -> u64 {
    let product = u128::from(hash ^ 0xa076_1d64_78bd_642f) * 0xe703_7ed1_a0b4_28db;
    (product >> 64) as u64 ^ product as u64
}

/// Cuts the windows of `length` symbols of a text into pieces and visits them in order. `ring` is
/// room.
///
/// A window's lowest gram depends on nothing but the window, so equal windows are in pieces of equal
/// hash, wherever they stand. If a window has its lowest gram more than once, the one stays that was
/// lowest in the window before, else the last: then a run of one symbol has no more pieces than
/// another text.
///
/// Source: Schleimer, Wilkerson, Aiken, *Winnowing: local algorithms for document fingerprinting*
/// (2003).
pub fn pieces<const WIDTH: usize>(
    symbols: &[[u8; WIDTH]],
    length: usize,
    ring: &mut Vec<u64>,
    mut visit: impl FnMut(Piece),
) {
    // Documents are below 2 GiB; what is beyond this is not looked at.
    let symbols = symbols.get(..symbols.len().min(u32::MAX as usize)).unwrap_or_default();
    let gram = gram(length);
    if length == 0 || symbols.len() < length {
        return;
    }
    let grams = length - gram + 1;
    let room = grams.next_power_of_two();
    ring.clear();
    ring.resize(room, 0);
    // Room is at least one, so that the mask keeps within it.
    let ring = &mut ring[..room];
    let mask = room - 1;
    let highest = (1..gram).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let (first, rest) = symbols.split_at(gram - 1);
    let mut rolling = first
        .iter()
        .fold(0_u64, |hash, symbol| hash.wrapping_mul(BASE).wrapping_add(value(symbol)));

    let (mut lowest, mut at, mut tied, mut piece) = (u64::MAX, 0, false, 0);
    for (number, (incoming, outgoing)) in rest.iter().zip(symbols).enumerate() {
        rolling = rolling.wrapping_mul(BASE).wrapping_add(value(incoming));
        let hash = spread(rolling);
        rolling = rolling.wrapping_sub(value(outgoing).wrapping_mul(highest));
        ring[number & mask] = hash;
        let Some(start) = (number + 1).checked_sub(grams) else { continue };
        let known = start > 0 && at >= start;
        if known && hash > lowest {
            continue;
        }
        if known && hash == lowest {
            tied = true;
            continue;
        }
        if start > 0 {
            let count = (start - piece) as u16;
            visit(Piece { start: piece as u32, count, hash: lowest, tied });
        }
        piece = start;
        tied = false;
        if known {
            (lowest, at) = (hash, number);
            continue;
        }
        (lowest, at) = (hash, number);
        for earlier in (start..number).rev() {
            let other = ring[earlier & mask];
            if other < lowest {
                (lowest, at, tied) = (other, earlier, false);
            } else if other == lowest {
                tied = true;
            }
        }
    }
    let windows = symbols.len() - length + 1;
    let count = (windows - piece) as u16;
    visit(Piece { start: piece as u32, count, hash: lowest, tied });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn all(text: &[u8], length: usize) -> Vec<Piece> {
        let mut pieces_of_text = Vec::new();
        pieces::<1>(text.as_chunks().0, length, &mut Vec::new(), |it| pieces_of_text.push(it));
        pieces_of_text
    }

    proptest! {
        #[test]
        fn equal_windows_are_in_pieces_of_equal_hash(
            text in proptest::collection::vec(0u8..3, 0..200),
            length in 1usize..20,
        ) {
            let mut hashes: BTreeMap<&[u8], u64> = BTreeMap::new();
            let mut next = 0;
            for piece in all(&text, length) {
                prop_assert_eq!(piece.start as usize, next);
                prop_assert!(piece.count > 0);
                next += usize::from(piece.count);
                let of_piece: Vec<&[u8]> = (piece.start as usize..next)
                    .map(|start| &text[start..start + length])
                    .collect();
                for (number, &window) in of_piece.iter().enumerate() {
                    prop_assert_eq!(*hashes.entry(window).or_insert(piece.hash), piece.hash);
                    prop_assert!(piece.tied || !of_piece[..number].contains(&window));
                }
            }
            prop_assert_eq!(next, (text.len() + 1).saturating_sub(length));
        }
    }

    #[test]
    fn a_run_of_one_symbol_has_few_pieces() {
        let found = all(&[b'a'; 10_000], 50);
        assert!(found.len() < 450, "{}", found.len());
        let text: Vec<u8> = (0..50_000_u64).map(|n| (spread(n) >> 7) as u8).collect();
        let found = all(&text, 50);
        assert!((3000..4500).contains(&found.len()), "{}", found.len());
        assert!(!found.iter().any(|piece| piece.tied));
    }

    #[test]
    fn long_windows_have_pieces_that_can_be_counted() {
        for length in [1, 2, 3, 50, 65_535, 1 << 20] {
            assert!((1..=MOST_GRAMS).contains(&(length + 1 - gram(length))), "{length}");
        }
    }
}
