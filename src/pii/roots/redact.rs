//! Replaces matches as ROOTS did: the matched *strings*, everywhere in the text, one after the
//! other.
//!
//! After `a@b.co` was matched anywhere, `aa@b.co` becomes `aPI:EMAIL` too. Done literally this
//! costs a pass over the text a match. So a text with few matched strings is treated literally,
//! and one with many by [`replace_all`], which finds all their occurrences in one pass and lets
//! an earlier string take its occurrences before a later one. The two differ only where
//! * a text has more than [`MAX_LITERAL`] matches, and a later string would occur only by means of
//!   the `PI:…` that was put in for an earlier one; it stays as it is there;
//! * a text is made of matched strings nested in one another to such a depth that looking for
//!   shorter ones where a longer one was blocked takes more than [`STEPS_PER_BYTE`] steps for
//!   each byte; the shorter ones stay there.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashSet};

use super::{Span, Tag};

/// Up to how many passes over the text are made when strings may touch replaced text.
const MAX_LITERAL: usize = 256;
/// Up to how many passes over the text are made otherwise, where one pass gives the same.
const CHEAP_LITERAL: usize = 8;
/// Effort a byte of text for occurrences that were blocked.
const STEPS_PER_BYTE: usize = 8;

/// The text with every matched string replaced by its tag, in the order of the spans.
pub(super) fn redact(text: &str, spans: &[Span]) -> String {
    let matches: Vec<(&str, Tag)> =
        spans.iter().filter_map(|span| Some((text.get(span.start..span.end)?, span.tag))).collect();
    if matches.len() <= MAX_LITERAL && touches_replacements(&matches) {
        return replace_in_turn(text, &matches);
    }
    let mut seen = HashSet::new();
    let distinct: Vec<(&str, Tag)> =
        matches.into_iter().filter(|(matched, _)| seen.insert(*matched)).collect();
    if distinct.len() <= CHEAP_LITERAL {
        return replace_in_turn(text, &distinct);
    }
    replace_all(text, &distinct)
}

/// One string after the other, everywhere.
fn replace_in_turn(text: &str, matches: &[(&str, Tag)]) -> String {
    let mut redacted = text.to_owned();
    for (matched, tag) in matches {
        if memchr::memmem::find(redacted.as_bytes(), matched.as_bytes()).is_some() {
            redacted = redacted.replace(matched, tag.replacement());
        }
    }
    redacted
}

/// Whether a string could occur with a part of a replacement in it.
fn touches_replacements(matches: &[(&str, Tag)]) -> bool {
    let used: Vec<&[u8]> = Tag::ALL
        .into_iter()
        .filter(|tag| matches.iter().any(|(_, used)| used == tag))
        .map(|tag| tag.replacement().as_bytes())
        .collect();
    let overlaps = |left: &[u8], right: &[u8]| {
        (1..=left.len().min(right.len()))
            .any(|length| left[left.len() - length..] == right[..length])
    };
    matches.iter().any(|(matched, _)| {
        let matched = matched.as_bytes();
        used.iter().any(|replacement| {
            overlaps(matched, replacement)
                || overlaps(replacement, matched)
                || memchr::memmem::find(matched, replacement).is_some()
                || memchr::memmem::find(replacement, matched).is_some()
        })
    })
}

/// Replaces the occurrences of distinct strings, earlier strings before later ones and each
/// string's from left to right, where no earlier replacement overlaps.
fn replace_all(text: &str, matches: &[(&str, Tag)]) -> String {
    let automaton = Automaton::new(matches);
    let mut queue: BinaryHeap<Reverse<(u32, usize, u32)>> = BinaryHeap::new();
    let mut node = 0;
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        node = automaton.next(node, byte);
        if let Some(first) = automaton.first(node) {
            queue.push(Reverse((first, at + 1, node)));
        }
    }
    // Start → end and tag of what is replaced; none overlap.
    let mut taken: BTreeMap<usize, (usize, Tag)> = BTreeMap::new();
    let mut budget = text.len().saturating_mul(STEPS_PER_BYTE);
    while let Some(Reverse((index, end, node))) = queue.pop() {
        let Some(&(matched, tag)) = matches.get(index as usize) else {
            continue;
        };
        let start = end.saturating_sub(matched.len());
        let blocked_to = taken.range(..end).next_back().map_or(0, |(_, &(taken_end, _))| taken_end);
        if blocked_to <= start {
            taken.insert(start, (end, tag));
        } else if blocked_to < end
            && let Some(later) = automaton.later(node, index, end - blocked_to, &mut budget)
        {
            queue.push(Reverse((later, end, node)));
        }
    }
    let mut redacted = String::with_capacity(text.len());
    let mut from = 0;
    for (start, (end, tag)) in taken {
        redacted.push_str(text.get(from..start).unwrap_or_default());
        redacted.push_str(tag.replacement());
        from = end;
    }
    redacted.push_str(text.get(from..).unwrap_or_default());
    redacted
}

const NONE: u32 = u32::MAX;

/// An Aho–Corasick automaton. Most nodes have one child, which lies in the node itself; further
/// children lie in one hash table, so that a megabyte of strings costs some tens of megabytes.
struct Automaton {
    edges: Edges,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy)]
struct Node {
    parent: u32,
    byte: u8,
    /// The byte that leads to the first child.
    child_byte: u8,
    /// Whether there are further children.
    branches: bool,
    /// The first child, 0 if there is none.
    child: u32,
    /// The longest proper suffix of this node's string that is a node.
    suffix: u32,
    /// The longest proper suffix that is one of the strings.
    shorter: u32,
    /// The string that ends here.
    string: u32,
    /// The earliest string that is a suffix of this node's.
    first: u32,
    depth: u32,
}

impl Automaton {
    fn new(matches: &[(&str, Tag)]) -> Self {
        // A string leaves the path of those before it once, so it adds at most one further child.
        let mut edges = Edges::with_capacity(matches.len());
        let root = Node {
            parent: 0,
            byte: 0,
            child_byte: 0,
            branches: false,
            child: 0,
            suffix: 0,
            shorter: NONE,
            string: NONE,
            first: NONE,
            depth: 0,
        };
        let mut nodes = vec![root];
        for (index, (matched, _)) in matches.iter().enumerate() {
            let mut node = 0_u32;
            for &byte in matched.as_bytes() {
                let fresh = nodes.len() as u32;
                let from = &mut nodes[node as usize];
                let depth = from.depth + 1;
                let child = if from.child == 0 {
                    (from.child_byte, from.child) = (byte, fresh);
                    fresh
                } else if from.child_byte == byte {
                    from.child
                } else {
                    from.branches = true;
                    edges.get_or_insert(node, byte, fresh)
                };
                if child == fresh {
                    nodes.push(Node { parent: node, byte, depth, ..root });
                }
                node = child;
            }
            let slot = &mut nodes[node as usize].string;
            *slot = (*slot).min(index as u32);
        }
        let mut automaton = Self { edges, nodes };
        for node in automaton.by_depth() {
            automaton.link(node as usize);
        }
        automaton
    }

    /// All nodes but the root, parents before children and shorter strings before longer ones.
    fn by_depth(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (1..self.nodes.len() as u32).collect();
        order.sort_by_key(|&node| self.nodes[node as usize].depth);
        order
    }

    fn link(&mut self, node: usize) {
        let Node { parent, byte, string, .. } = self.nodes[node];
        let suffix =
            if parent == 0 { 0 } else { self.next(self.nodes[parent as usize].suffix, byte) };
        let target = self.nodes[suffix as usize];
        let node = &mut self.nodes[node];
        node.suffix = suffix;
        node.shorter = if target.string == NONE { target.shorter } else { suffix };
        node.first = string.min(target.first);
    }

    /// The node of the longest suffix of what was read, after one more byte.
    fn next(&self, mut node: u32, byte: u8) -> u32 {
        loop {
            let from = &self.nodes[node as usize];
            if from.child != 0 && from.child_byte == byte {
                return from.child;
            }
            if from.branches
                && let Some(child) = self.edges.get(node, byte)
            {
                return child;
            }
            if node == 0 {
                return 0;
            }
            node = from.suffix;
        }
    }

    /// The earliest string that ends where this node is.
    fn first(&self, node: u32) -> Option<u32> {
        Some(self.nodes[node as usize].first).filter(|&first| first != NONE)
    }

    /// The earliest string after `index` that ends where this node is and is at most `longest`
    /// bytes long.
    fn later(&self, node: u32, index: u32, longest: usize, budget: &mut usize) -> Option<u32> {
        let mut best = NONE;
        let mut node = node;
        while node != NONE && *budget > 0 {
            *budget -= 1;
            let Node { string, shorter, depth, .. } = self.nodes[node as usize];
            if string != NONE && string > index && depth as usize <= longest {
                best = best.min(string);
            }
            node = shorter;
        }
        Some(best).filter(|&best| best != NONE)
    }
}

/// A hash table from (node, byte) to node, with open addressing.
struct Edges {
    /// Key + 1 and node; 0 marks a free slot.
    slots: Vec<(u64, u32)>,
    shift: u32,
}

impl Edges {
    fn with_capacity(edges: usize) -> Self {
        let bits = (edges.max(4) * 2).next_power_of_two().trailing_zeros();
        Self { slots: vec![(0, 0); 1 << bits], shift: 64 - bits }
    }

    /// The slot of a key: where it is, or the free one where it would be.
    fn slot(&self, node: u32, byte: u8) -> (usize, u64) {
        let key = (u64::from(node) << 8 | u64::from(byte)) + 1;
        let mut slot = (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift) as usize;
        while self.slots[slot].0 != key && self.slots[slot].0 != 0 {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        (slot, key)
    }

    fn get(&self, node: u32, byte: u8) -> Option<u32> {
        let (found, target) = self.slots[self.slot(node, byte).0];
        (found != 0).then_some(target)
    }

    fn get_or_insert(&mut self, node: u32, byte: u8, target: u32) -> u32 {
        let (slot, key) = self.slot(node, byte);
        if self.slots[slot].0 == 0 {
            self.slots[slot] = (key, target);
        }
        self.slots[slot].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The original's way: every match in turn, whatever it costs.
    fn literally(text: &str, matches: &[(&str, Tag)]) -> String {
        matches
            .iter()
            .fold(text.to_owned(), |text, (matched, tag)| text.replace(matched, tag.replacement()))
    }

    fn spans_of(text: &str, cuts: &[(usize, usize)]) -> Vec<Span> {
        let length = text.len();
        let mut spans: Vec<Span> = cuts
            .iter()
            .filter(|_| length > 0)
            .map(|&(start, size)| (start % length, size))
            .map(|(start, size)| (start, (start + 1 + size).min(length)))
            .map(|(start, end)| Span { tag: Tag::ALL[(start + end) % 4], start, end })
            .collect();
        spans.sort_by_key(|span| (span.tag, span.start));
        spans
    }

    #[test]
    fn an_earlier_string_takes_its_places_before_a_later_one() {
        let matches = [("b@c", Tag::Email), ("ab@cd", Tag::Email), ("d", Tag::Key)];
        assert_eq!(replace_all("ab@cd d", &matches), "aPI:EMAILPI:KEY PI:KEY");
    }

    #[test]
    fn a_blocked_string_leaves_room_for_a_shorter_one() {
        // "ab" blocks "bcd" at its start, which leaves "cd".
        let matches = [("ab", Tag::Email), ("bcd", Tag::Key), ("cd", Tag::User)];
        assert_eq!(replace_all("abcd bcd", &matches), "PI:EMAILPI:USER PI:KEY");
    }

    #[test]
    fn strings_that_arise_from_replacements_are_replaced_where_there_are_few() {
        let text = "x@y.coLab z@LLab";
        let spans = [
            Span { tag: Tag::Email, start: 0, end: 6 },
            Span { tag: Tag::User, start: 13, end: 16 },
        ];
        assert_eq!(text.get(13..16), Some("Lab"));
        assert_eq!(redact(text, &spans), "PI:EMAILPI:USER z@LPI:USER");
        let arising = [("x@y.co", Tag::Email), ("LLab", Tag::User)];
        assert!(touches_replacements(&arising));
        assert_eq!(literally("x@y.coLab", &arising), "PI:EMAIPI:USER");
    }

    #[test]
    fn spans_that_do_not_fit_are_passed_over() {
        let spans =
            [Span { tag: Tag::Key, start: 1, end: 2 }, Span { tag: Tag::Key, start: 2, end: 99 }];
        assert_eq!(redact("é", &spans), "é");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// The one pass equals the original's many, where no string touches a replacement.
        #[test]
        fn one_pass_equals_many(
            text in "[ab1.@, ]{0,60}",
            cuts in proptest::collection::vec((0_usize..60, 0_usize..6), 0..24),
        ) {
            let spans = spans_of(&text, &cuts);
            let matches: Vec<(&str, Tag)> =
                spans.iter().map(|span| (&text[span.start..span.end], span.tag)).collect();
            let mut seen = HashSet::new();
            let distinct: Vec<(&str, Tag)> =
                matches.iter().copied().filter(|(matched, _)| seen.insert(*matched)).collect();
            prop_assert!(!touches_replacements(&distinct));
            prop_assert_eq!(replace_all(&text, &distinct), literally(&text, &matches));
            prop_assert_eq!(redact(&text, &spans), literally(&text, &matches));
        }

        /// Strings that may touch replacements are treated literally.
        #[test]
        fn replacements_that_make_matches_are_kept(
            text in "[PILSKEYR:@a]{0,40}",
            cuts in proptest::collection::vec((0_usize..40, 0_usize..6), 0..24),
        ) {
            let spans = spans_of(&text, &cuts);
            let matches: Vec<(&str, Tag)> =
                spans.iter().map(|span| (&text[span.start..span.end], span.tag)).collect();
            prop_assert_eq!(redact(&text, &spans), literally(&text, &matches));
        }
    }
}
