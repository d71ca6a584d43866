//! What occurs more than once in a text: n-grams of words, and lines.
//!
//! Words are compared by their 64-bit hashes. Most n-grams of a text occur once, so the work goes
//! into recognising these fast: a coarse count in a table of bytes lets through only what may be
//! repeated, and an n-gram can only be repeated where two shorter ones are. Time is linear in the
//! text; memory is some 30 bytes a word.

mod joined;
mod table;
#[cfg(test)]
mod tests;

pub use joined::Joined;
use table::{Coarse, Table};

/// Entries of the largest buffers that are kept from one document to the next.
const KEPT: usize = 1 << 18;

/// An n-gram, or something else that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The index of its first occurrence.
    pub first: u32,
    /// How often it occurs, 2 or more where only repeated ones are listed.
    pub count: u32,
}

/// The repeated n-grams of a sequence of words, one length after the other.
///
/// N-grams are equal if they have the same words. They may overlap.
///
/// # Examples
///
/// ```
/// use sapwood::text::hash::hash_word;
/// use sapwood::text::ngrams::Ngrams;
///
/// let words: Vec<u64> = "a b c a b a b c".split(' ').map(|w| hash_word(w.as_bytes())).collect();
/// let mut ngrams = Ngrams::default();
/// ngrams.start(&words, 2);
/// assert_eq!(ngrams.positions(), [0, 1, 3, 5, 6]);
/// assert_eq!(ngrams.most_frequent().map(|group| (group.first, group.count)), Some((0, 3)));
/// ngrams.lengthen();
/// assert_eq!(ngrams.positions(), [0, 5]);
/// ```
#[derive(Debug, Default)]
pub struct Ngrams {
    n: usize,
    coarse: Coarse,
    table: Table,
    groups: Vec<Group>,
    /// Where repeated n-grams start, in ascending order.
    positions: Vec<u32>,
    /// The group of each position.
    members: Vec<u32>,
}

impl Ngrams {
    /// Finds the repeated n-grams of `n` = 1 or 2 words, given by their hashes, none of which is 0.
    /// Other lengths are taken for 2.
    pub fn start(&mut self, words: &[u64], n: usize) {
        self.groups.clear();
        self.members.clear();
        let Self { coarse, table, positions, members, groups, .. } = self;
        if n == 1 {
            self.n = 1;
            coarse.select(words.len(), words.iter().copied(), positions);
            let key = |position: u32| words.get(position as usize).copied().unwrap_or(1);
            table.start(positions.len());
            members.extend(positions.iter().map(|&at| table.insert(key(at), at, groups)));
        } else {
            self.n = 2;
            let pair = |first: u64, second: u64| (first.rotate_left(29) ^ second).max(1);
            let pairs = words.windows(2).map(|words| match words {
                [first, second] => pair(*first, *second),
                _ => 1,
            });
            coarse.select(words.len().saturating_sub(1), pairs, positions);
            let key = |position: u32| match words.get(position as usize..) {
                Some([first, second, ..]) => pair(*first, *second),
                _ => 1,
            };
            table.start(positions.len());
            members.extend(positions.iter().map(|&at| table.insert(key(at), at, groups)));
        }
        self.drop_single();
    }

    /// Goes on to n-grams that are one word longer.
    pub fn lengthen(&mut self) {
        self.n += 1;
        self.groups.clear();
        // A longer n-gram is two shorter ones, so that their groups are an exact key.
        let Self { table, groups, positions, members, .. } = self;
        table.start(positions.len());
        let mut number = 0;
        for index in 1..positions.len() {
            let (at, next) = (positions[index - 1], positions[index]);
            if next == at + 1 {
                let key = u64::from(members[index - 1] + 1) << 32 | u64::from(members[index]);
                members[number] = table.insert(key, at, groups);
                positions[number] = at;
                number += 1;
            }
        }
        positions.truncate(number);
        members.truncate(number);
        self.drop_single();
    }

    /// Keeps the positions of what is repeated.
    fn drop_single(&mut self) {
        let mut number = 0;
        for index in 0..self.positions.len() {
            let member = self.members[index];
            self.positions[number] = self.positions[index];
            self.members[number] = member;
            number += usize::from(self.groups[member as usize].count > 1);
        }
        self.positions.truncate(number);
        self.members.truncate(number);
    }

    /// The present length, in words; 0 before the start.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Where n-grams start that occur more than once, in ascending order.
    pub fn positions(&self) -> &[u32] {
        &self.positions
    }

    /// Where a repeated n-gram occurs, given its first position.
    pub fn occurrences(&self, group: Group) -> impl Iterator<Item = u32> + '_ {
        let own = self.positions.binary_search(&group.first).ok();
        let own = own.and_then(|index| self.members.get(index).copied());
        let members = self.positions.iter().zip(&self.members);
        members.filter(move |(_, member)| Some(**member) == own).map(|(position, _)| *position)
    }

    /// The n-grams that occur more than once, by their first occurrence.
    pub fn repeated(&self) -> impl Iterator<Item = Group> + '_ {
        self.groups.iter().copied().filter(|group| group.count > 1)
    }

    /// The n-gram that occurs most often, of several the one that comes first; `None` if none
    /// occurs more than once.
    pub fn most_frequent(&self) -> Option<Group> {
        let mut best = Group { first: 0, count: 1 };
        for &group in &self.groups {
            if group.count > best.count {
                best = group;
            }
        }
        (best.count > 1).then_some(best)
    }

    /// Forgets the words, and gives back the room that an uncommonly long document took.
    pub fn shrink(&mut self) {
        self.n = 0;
        self.coarse.shrink();
        self.table.shrink();
        self.groups.clear();
        self.groups.shrink_to(KEPT);
        self.positions.clear();
        self.positions.shrink_to(KEPT);
        self.members.clear();
        self.members.shrink_to(KEPT);
    }
}

/// How much of a list of elements is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Duplicates {
    /// All elements.
    pub elements: u64,
    /// Elements that an earlier one equals.
    pub copies: u64,
    /// The sum of their sizes.
    pub copies_size: u64,
    /// Elements that another one equals: the copies and what they are copies of.
    pub repeated: u64,
    /// The sum of their sizes.
    pub repeated_size: u64,
}

/// Finds equal elements of a list, such as lines.
#[derive(Debug, Default)]
pub struct DuplicateFinder {
    table: Table,
    groups: Vec<Group>,
}

impl DuplicateFinder {
    /// Counts what is repeated among `number` elements at most, given by hash and size.
    pub fn count(
        &mut self,
        number: usize,
        elements: impl Iterator<Item = (u64, u32)>,
    ) -> Duplicates {
        let mut duplicates = Duplicates::default();
        self.groups.clear();
        self.table.start(number);
        for (index, (hash, size)) in elements.take(number).enumerate() {
            let size = u64::from(size);
            duplicates.elements += 1;
            let group = self.table.insert(hash.max(1), index as u32, &mut self.groups);
            // The second one makes a repeated element of the first, too.
            let repeated = match self.groups.get(group as usize).map_or(1, |group| group.count) {
                1 => continue,
                2 => 2,
                _ => 1,
            };
            duplicates.copies += 1;
            duplicates.copies_size += size;
            duplicates.repeated += repeated;
            duplicates.repeated_size += repeated * size;
        }
        duplicates
    }

    /// Gives back the room that an uncommonly long document took.
    pub fn shrink(&mut self) {
        self.table.shrink();
        self.groups.clear();
        self.groups.shrink_to(KEPT);
    }
}
