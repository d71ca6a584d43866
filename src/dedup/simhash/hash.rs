//! The hash of a text: each bit is what most of its windows have.

use std::cell::RefCell;

use md5::{Digest, Md5};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128, xxh3_128_with_seed};

use super::config::{Function, Tokens, Variant};
use crate::text::case::ChangesInLowerCase;
use crate::text::classes::{Classes, PUNCTUATION};

/// What a text is compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fingerprint {
    /// By its hash, nearly.
    Near(u64),
    /// By what is hashed here, exactly: it is too short or too long for the other.
    Exact(u128),
}

/// How texts are hashed. Source: Charikar, *Similarity estimation techniques from rounding
/// algorithms* (2002); `simhash-py` 0.4.0 as ROOTS called it.
#[derive(Debug, Clone)]
pub struct Hasher {
    /// The rules.
    pub variant: Variant,
    /// The hash of a window.
    pub function: Function,
    /// Tokens of a window.
    pub window: usize,
    /// Whether upper and lower case are alike.
    pub lowercase: bool,
    /// Whether punctuation is left out.
    pub ignore_punctuation: bool,
}

/// Room that a thread keeps from text to text.
#[derive(Default)]
struct Room {
    lower: String,
    /// Where the tokens stand, or the hashes of tokens.
    spans: Vec<(usize, usize)>,
    hashes: Vec<u64>,
    joined: Vec<u8>,
}

/// A thread's room is given back if it is larger than this, in bytes.
const KEPT_BYTES: usize = 4 << 20;

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

/// Seed of the hash of texts of which nothing is left, so that they equal no others.
const NOTHING_LEFT: u64 = 1;

impl Hasher {
    /// The hash by which a text is compared with others. `near` says whether a text of its length
    /// may be compared by windows at all.
    pub fn fingerprint(&self, text: &str, tokens: Tokens, near: bool) -> Fingerprint {
        ROOM.with_borrow_mut(|room| {
            self.normalize(text, &mut room.lower);
            let found = match near {
                true => self.near(room, tokens),
                false => None,
            };
            let found = match found {
                Some(hash) => Fingerprint::Near(hash),
                None if room.lower.is_empty() => {
                    Fingerprint::Exact(xxh3_128_with_seed(text.as_bytes(), NOTHING_LEFT))
                }
                None => Fingerprint::Exact(xxh3_128(room.lower.as_bytes())),
            };
            if room.lower.capacity() + room.spans.capacity() * 16 > KEPT_BYTES {
                *room = Room::default();
            }
            found
        })
    }

    fn normalize(&self, text: &str, out: &mut String) {
        out.clear();
        match self.lowercase {
            true => ChangesInLowerCase::get().lower_into(text, out),
            false => out.push_str(text),
        }
        if self.ignore_punctuation {
            let classes = Classes::get();
            out.retain(|character| classes.of(character) & PUNCTUATION == 0);
        }
    }

    /// The hash of a normalised text; none if it has too few tokens.
    fn near(&self, room: &mut Room, tokens: Tokens) -> Option<u64> {
        let Room { lower: text, spans, hashes, joined } = room;
        spans.clear();
        match (tokens, self.variant) {
            (Tokens::Character | Tokens::Auto, _) => {
                return self.characters(text);
            }
            (Tokens::Words, Variant::Fixed) => {
                spans.extend(text.split_whitespace().map(|word| span(text, word)));
            }
            (Tokens::Words, Variant::Roots2022) => {
                spans.extend(text.split(' ').map(|word| span(text, word)));
            }
            (Tokens::Punctuation, variant) => {
                let classes = Classes::get();
                let parts = text.split(|character| classes.of(character) & PUNCTUATION != 0);
                match variant {
                    Variant::Fixed => {
                        let parts = parts.map(str::trim).filter(|part| !part.is_empty());
                        spans.extend(parts.map(|part| span(text, part)));
                    }
                    Variant::Roots2022 => spans.extend(parts.map(|part| span(text, part))),
                }
            }
        }
        let windows = self.windows(spans.len())?;
        let mut sum = Sum::default();
        if self.function == Function::Xxh3 {
            // A window is hashed by the hashes of its tokens.
            hashes.clear();
            let token = |&(start, end): &(usize, usize)| text.get(start..end).unwrap_or_default();
            hashes.extend(spans.iter().map(|span| xxh3_64(token(span).as_bytes())));
            for window in hashes.windows(self.window).take(windows) {
                joined.clear();
                joined.extend(window.iter().flat_map(|hash| hash.to_le_bytes()));
                sum.add(xxh3_64(joined));
            }
        } else {
            for window in spans.windows(self.window).take(windows) {
                joined.clear();
                for (number, &(start, end)) in window.iter().enumerate() {
                    if number > 0 {
                        joined.push(b' ');
                    }
                    joined.extend_from_slice(text.as_bytes().get(start..end).unwrap_or_default());
                }
                sum.add(self.function.hash(joined));
            }
        }
        Some(sum.finish(self.variant))
    }

    fn characters(&self, text: &str) -> Option<u64> {
        let bytes = text.as_bytes();
        let mut sum = Sum::default();
        // Short texts are looked at twice; long ones are not counted to the end.
        let few = text.chars().take(self.window + 1).count();
        let mut windows = 0;
        if self.windows(few)? > 0 {
            let mut starts = text.char_indices().map(|(start, _)| start);
            let ends = text.char_indices().map(|(start, _)| start).chain([text.len()]);
            for end in ends.skip(self.window) {
                // In 2022 the window that ends with the text is lost.
                if end == text.len() && self.variant == Variant::Roots2022 {
                    break;
                }
                let start = starts.next().unwrap_or_default();
                sum.add(self.function.hash(bytes.get(start..end).unwrap_or_default()));
                windows += 1;
            }
        }
        debug_assert!(windows > 0 || self.variant == Variant::Roots2022);
        Some(sum.finish(self.variant))
    }

    /// The number of windows of so many tokens; none if that is too few for a hash.
    fn windows(&self, tokens: usize) -> Option<usize> {
        match self.variant {
            Variant::Fixed => (tokens + 1).checked_sub(self.window).filter(|&windows| windows > 0),
            Variant::Roots2022 => Some(tokens.saturating_sub(self.window)),
        }
    }
}

/// Where a part of a text stands in it.
fn span(text: &str, part: &str) -> (usize, usize) {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    (start, start + part.len())
}

impl Function {
    /// The hash of a window.
    #[inline]
    pub fn hash(self, window: &[u8]) -> u64 {
        match self {
            Function::Xxh3 => xxh3_64(window),
            Function::Md5 => crate::external::number(&Md5::digest(window)),
        }
    }
}

/// Planes of the sums: a plane has a bit of the sum for each of the 64 bits.
const PLANES: usize = 8;

/// For every bit the number of hashes that have it.
///
/// The sums are held in planes, and eight hashes are added at a time as a tree of adders in hardware
/// does it: some five steps a hash and not 64. Source: Mula, Kurz, Lemire, *Faster population counts
/// using AVX2 instructions* (2016), after Harley and Seal.
#[derive(Default)]
pub struct Sum {
    waiting: [u64; 8],
    planes: [u64; PLANES],
    in_planes: usize,
    counts: Option<Box<[u64; 64]>>,
    first: u64,
    number: u64,
}

/// Adds three bits in 64 places: the sums and what is carried.
fn add_three(one: u64, two: u64, three: u64) -> (u64, u64) {
    let either = one ^ two;
    (either ^ three, (one & two) | (either & three))
}

impl Sum {
    /// Adds a hash.
    #[inline]
    pub fn add(&mut self, hash: u64) {
        if self.number == 0 {
            self.first = hash;
        }
        let at = self.number as usize % self.waiting.len();
        self.waiting[at] = hash;
        self.number += 1;
        if at + 1 == self.waiting.len() {
            self.add_waiting();
        }
    }

    fn add_waiting(&mut self) {
        let [a, b, c, d, e, f, g, h] = std::mem::take(&mut self.waiting);
        let [ones, twos, fours, eights @ ..] = &mut self.planes;
        let (sum, carry_one) = add_three(*ones, a, b);
        let (sum, carry_two) = add_three(sum, c, d);
        let (sum, carry_three) = add_three(sum, e, f);
        (*ones, *fours, *twos) = {
            let (sum, carry_four) = add_three(sum, g, h);
            let (two, four_one) = add_three(*twos, carry_one, carry_two);
            let (two, four_two) = add_three(two, carry_three, carry_four);
            let (four, mut carry) = add_three(*fours, four_one, four_two);
            for plane in eights {
                (*plane, carry) = (*plane ^ carry, *plane & carry);
            }
            (sum, four, two)
        };
        self.in_planes += self.waiting.len();
        if self.in_planes + self.waiting.len() >= 1 << PLANES {
            self.empty();
        }
    }

    fn empty(&mut self) {
        let counts = self.counts.get_or_insert_with(|| Box::new([0; 64]));
        for (bit, count) in counts.iter_mut().enumerate() {
            for (number, plane) in self.planes.iter().enumerate() {
                *count += (plane >> bit & 1) << number;
            }
        }
        self.planes = [0; PLANES];
        self.in_planes = 0;
    }

    /// The bits that more than half of the hashes have. Where as many have a bit as have it not, it
    /// is not set in 2022, which draws texts of few windows together; by default it is as in the
    /// first hash.
    pub fn finish(mut self, variant: Variant) -> u64 {
        self.add_waiting();
        self.empty();
        let (number, first) = (self.number, self.first);
        let counts = self.counts.iter().flat_map(|counts| counts.iter()).enumerate();
        counts.fold(0, |hash, (bit, &count)| {
            let set = match (2 * count).cmp(&number) {
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Equal => variant == Variant::Fixed && first >> bit & 1 != 0,
            };
            hash | u64::from(set) << bit
        })
    }
}
