//! Words of Chinese and Japanese, by ICU's dictionary.
//!
//! The walk is that of `icu_segmenter` 2.4 (`complex/dictionary.rs`), and so are the words. The tree
//! is another: ICU's is packed for size, this one for speed.

use std::sync::LazyLock;

use icu_properties::CodePointMapData;
use icu_properties::props::{GraphemeClusterBreak, Script};
use icu_provider::prelude::*;
use icu_segmenter::provider::{Baked, DictionaryBreakData, SegmenterDictionaryAutoV2};

use super::table;

/// The first character that the tree knows. From here on to the end of the plane all take three
/// bytes of UTF-8.
const FIRST: u32 = 0x2E80;
/// Beyond the last character of the basic plane.
const END: u32 = 0x1_0000;

/// The part of an entry that is the number of a node.
const NODE: u32 = 0xFF_FFFF;
/// A character is one that runs are made of.
const MEMBER: u32 = 1 << 31;
/// Where an entry has the flags of the character, [`table::ALPHANUMERIC`] and [`table::ALPHA`].
const KINDS: u32 = 24;
/// What leads to a node is a word.
const WORD: u32 = 1 << 31;
/// Longer words begin with what leads to a node.
const MORE: u32 = 1 << 30;

/// A tree of the dictionary's words. Its nodes are in order of depth, and the children of a node
/// next to each other in order of their characters. 2.6 MB; made in about 50 milliseconds at the first
/// text that needs it, and kept.
struct Dictionary {
    /// By character from [`FIRST`] on: [`MEMBER`], flags, and the node that the character leads to.
    characters: Vec<u32>,
    /// By node, the character that leads there.
    units: Vec<u16>,
    /// By node, its first child, [`WORD`] and [`MORE`]. The first child of the next node ends the
    /// children.
    links: Vec<u32>,
}

static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(Dictionary::load);

/// Whether runs are made of a character: Han and Hiragana of the basic plane. Between any two of
/// these there is a boundary of grapheme clusters.
pub(super) fn is_member(code: u32) -> bool {
    (FIRST..END).contains(&code)
        && matches!(CodePointMapData::<Script>::new().get32(code), Script::Han | Script::Hiragana)
        && CodePointMapData::<GraphemeClusterBreak>::new().get32(code)
            == GraphemeClusterBreak::Other
}

/// The words of ICU's dictionary in UTF-16, end to end, in order, and where each ends. Without
/// ICU's data there would be none; it is compiled in.
fn words() -> (Vec<u16>, Vec<u32>) {
    let (mut units, mut ends) = (Vec::new(), Vec::new());
    let request = DataRequest {
        id: DataIdentifierBorrowed::for_marker_attributes(DataMarkerAttributes::from_str_or_panic(
            "cjdict",
        )),
        ..Default::default()
    };
    let loaded: Result<DataResponse<SegmenterDictionaryAutoV2>, _> = Baked.load(request);
    if let Ok(DictionaryBreakData::Char16Trie(trie)) =
        loaded.as_ref().map(|response| response.payload.get())
    {
        for (word, _) in trie.iter2() {
            units.extend(word.encode_utf16());
            ends.push(units.len() as u32);
        }
    }
    (units, ends)
}

impl Dictionary {
    fn load() -> Self {
        let (text, ends) = words();
        let mut words = Vec::with_capacity(ends.len());
        let mut start = 0;
        for &end in &ends {
            words.push(text.get(start..end as usize).unwrap_or_default());
            start = end as usize;
        }
        Self::new(&words)
    }

    /// Makes the tree of words in order.
    fn new(words: &[&[u16]]) -> Self {
        let mut characters: Vec<u32> = (FIRST..END)
            .map(|code| match char::from_u32(code) {
                Some(character) if is_member(code) => {
                    let kind = table::KINDS.get(character);
                    MEMBER | u32::from(kind & (table::ALPHANUMERIC | table::ALPHA)) << (KINDS - 5)
                }
                _ => 0,
            })
            .collect();
        let is_member = |unit: u16, characters: &[u32]| {
            let index = u32::from(unit).checked_sub(FIRST);
            index.and_then(|index| characters.get(index as usize)).is_some_and(|e| e & MEMBER != 0)
        };
        // Node 0 is where characters lead that begin no word, and node 1 the root.
        let (mut units, mut links) = (vec![0, 0], vec![2, 2]);
        let mut ranges = vec![(0, 0), (0, words.len())];
        let (mut node, mut level_end, mut depth) = (1, 2, 0);
        while let Some(&(from, to)) = ranges.get(node) {
            let mut link = units.len() as u32;
            let mut at = from;
            while let Some(word) = words.get(at).filter(|_| at < to) {
                let Some(&unit) = word.get(depth) else {
                    link |= WORD;
                    at += 1;
                    continue;
                };
                link |= MORE;
                let same = words.get(at..to).unwrap_or_default();
                let end = at + same.partition_point(|other| other.get(depth) <= Some(&unit));
                if is_member(unit, &characters) {
                    if node == 1 {
                        let index = usize::from(unit) - FIRST as usize;
                        if let Some(entry) = characters.get_mut(index) {
                            *entry |= units.len() as u32;
                        }
                    }
                    units.push(unit);
                    links.push(0);
                    ranges.push((at, end));
                }
                at = end;
            }
            if let Some(entry) = links.get_mut(node) {
                *entry = link;
            }
            node += 1;
            if node == level_end {
                level_end = units.len();
                depth += 1;
            }
        }
        links.push(units.len() as u32);
        for column in [&mut characters, &mut links] {
            column.shrink_to_fit();
        }
        units.shrink_to_fit();
        Self { characters, units, links }
    }

    /// The entry of a character of three bytes.
    #[inline(always)]
    fn entry(&self, bytes: [u8; 3]) -> u32 {
        let index = code(bytes).wrapping_sub(FIRST);
        self.characters.get(index as usize).copied().unwrap_or_default()
    }

    /// The node that a character leads to from another.
    #[inline(always)]
    fn child(&self, node: usize, unit: u16) -> Option<usize> {
        let first = (self.links.get(node)? & NODE) as usize;
        let end = (self.links.get(node + 1)? & NODE) as usize;
        let units = self.units.get(first..end)?;
        let place = units.binary_search(&unit).ok()?;
        Some(first + place)
    }

    /// Where the word ends that begins a run, in characters.
    #[inline(always)]
    fn word(&self, run: &[[u8; 3]]) -> usize {
        let Some(&first) = run.first() else { return 0 };
        let mut node = (self.entry(first) & NODE) as usize;
        let (mut found, mut length) = (0, 1);
        loop {
            let link = self.links.get(node).copied().unwrap_or_default();
            if link & WORD != 0 {
                found = length;
            }
            if link & MORE == 0 {
                break;
            }
            let Some(&next) = run.get(length) else { break };
            length += 1;
            match self.child(node, code(next) as u16) {
                Some(child) => node = child,
                None => break,
            }
        }
        // As in ICU, where no word came, the segment has what began one and the character that ruled
        // it out, or all the rest.
        if found == 0 { length } else { found }
    }
}

/// The code point of a character of three bytes.
#[inline(always)]
fn code(bytes: [u8; 3]) -> u32 {
    let [lead, middle, last] = bytes.map(u32::from);
    (lead & 0xF) << 12 | (middle & 0x3F) << 6 | last & 0x3F
}

/// A run of characters that words are looked up for.
pub(super) struct Run<'t> {
    dictionary: &'static Dictionary,
    characters: &'t [[u8; 3]],
    /// The flags that all its characters have.
    kinds: u32,
}

impl<'t> Run<'t> {
    /// The run at the beginning of a text; empty if it begins with something else.
    pub(super) fn new(text: &'t [u8]) -> Self {
        let dictionary: &Dictionary = &DICTIONARY;
        let (threes, _) = text.as_chunks::<3>();
        let mut kinds = u32::MAX;
        let length = threes.iter().position(|&bytes| {
            let entry = dictionary.entry(bytes);
            let is_member = bytes[0] & 0xF0 == 0xE0 && entry & MEMBER != 0;
            if is_member {
                kinds &= entry;
            }
            !is_member
        });
        let characters = threes.get(..length.unwrap_or(threes.len())).unwrap_or_default();
        Self { dictionary, characters, kinds }
    }

    /// Its length in characters.
    pub(super) fn len(&self) -> usize {
        self.characters.len()
    }

    /// Visits the length of each segment in characters, and the flags that its characters have.
    #[inline(always)]
    pub(super) fn segments(&self, mut visit: impl FnMut(usize, u8)) {
        let flags =
            |entry: u32| (entry >> (KINDS - 5)) as u8 & (table::ALPHANUMERIC | table::ALPHA);
        let all = flags(self.kinds);
        let mut rest = self.characters;
        while !rest.is_empty() {
            let length = self.dictionary.word(rest);
            let Some((segment, after)) = rest.split_at_checked(length) else { return };
            let kinds = if all == table::ALPHANUMERIC | table::ALPHA {
                all
            } else {
                segment.iter().fold(0, |kinds, &c| kinds | flags(self.dictionary.entry(c)))
            };
            visit(length, kinds);
            rest = after;
        }
    }
}

/// The bytes that the tree takes.
#[cfg(test)]
pub(super) fn tree_bytes() -> usize {
    let tree: &Dictionary = &DICTIONARY;
    4 * tree.characters.capacity() + 2 * tree.units.capacity() + 4 * tree.links.capacity()
}

#[cfg(test)]
pub(super) fn dictionary_words() -> Vec<String> {
    let (units, ends) = words();
    let mut start = 0;
    ends.iter()
        .map(|&end| {
            let word = String::from_utf16(&units[start..end as usize]).unwrap();
            start = end as usize;
            word
        })
        .collect()
}
