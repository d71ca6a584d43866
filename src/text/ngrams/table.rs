//! The two tables behind everything that is counted: a coarse one of bytes and an exact one.

use super::{Group, KEPT};

/// Spreads a key over all bits; its upper bits choose the slot.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// The coarse table never has more entries than this; a longer text lets more through.
const MOST_COARSE: usize = 1 << 26;

/// Counts the steps that take time, so that tests can tell that it is linear.
#[cfg(test)]
pub(crate) mod steps {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    pub(crate) fn add(number: usize) {
        STEPS.set(STEPS.get() + number as u64);
    }

    /// The steps that something takes on this thread.
    pub(crate) fn of(work: impl FnOnce()) -> u64 {
        let before = STEPS.get();
        work();
        STEPS.get() - before
    }
}

/// Outside tests, nothing is counted.
#[cfg(not(test))]
pub(crate) mod steps {
    #[inline(always)]
    pub(crate) fn add(_: usize) {}
}

/// A count by the upper bits of a key: 0 never, 1 once, more otherwise.
#[derive(Debug, Default)]
pub(super) struct Coarse {
    counts: Vec<u8>,
}

impl Coarse {
    /// Puts into `selected` the indices of all keys that occur more than once, and of few others.
    /// `number` is the number of keys.
    pub(super) fn select(
        &mut self,
        number: usize,
        keys: impl Iterator<Item = u64> + Clone,
        selected: &mut Vec<u32>,
    ) {
        steps::add(2 * number);
        let size = (number * 4).next_power_of_two().min(MOST_COARSE);
        let shift = (u64::BITS - size.trailing_zeros()).min(63);
        self.counts.clear();
        self.counts.resize(size, 0);
        let counts = &mut self.counts[..size];
        let slot = |key: u64| (key.wrapping_mul(MIX) >> shift) as usize & (size - 1);
        for key in keys.clone() {
            let count = &mut counts[slot(key)];
            *count = *count << 1 | 1;
        }
        // Whether a key is repeated cannot be predicted, so nothing branches on it.
        selected.clear();
        selected.resize(number + 1, 0);
        let mut length = 0;
        for (index, key) in keys.take(number).enumerate() {
            selected[length] = index as u32;
            length += usize::from(counts[slot(key)] > 1);
        }
        selected.truncate(length);
    }

    pub(super) fn shrink(&mut self) {
        self.counts.clear();
        self.counts.shrink_to(KEPT * 8);
    }
}

/// Slots of a table at the start; more are taken as they are needed.
const FIRST_SLOTS: usize = 1 << 13;

/// Keys with the number of their group, by open addressing.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Vec<Slot>,
    used: usize,
    shift: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    /// 0 where the slot is free.
    key: u64,
    group: u32,
}

impl Table {
    /// Forgets all keys and makes room for so many, or for the first of very many.
    pub(super) fn start(&mut self, keys: usize) {
        self.used = 0;
        self.resize((keys * 2).clamp(2, FIRST_SLOTS).next_power_of_two());
    }

    fn resize(&mut self, size: usize) {
        steps::add(size);
        self.shift = u64::BITS - size.trailing_zeros();
        self.slots.clear();
        self.slots.resize(size, Slot::default());
    }

    /// Counts a key that was found at an index, and returns the number of its group. The key is not
    /// 0.
    #[inline]
    pub(super) fn insert(&mut self, key: u64, index: u32, groups: &mut Vec<Group>) -> u32 {
        let (slot, known) = self.find(key);
        if known {
            let group = self.slots[slot].group;
            groups[group as usize].count += 1;
            group
        } else {
            let group = groups.len() as u32;
            groups.push(Group { first: index, count: 1 });
            self.fill(slot, Slot { key, group });
            group
        }
    }

    /// Remembers a key, which is not 0; returns whether it was there already.
    #[inline]
    pub(super) fn remember(&mut self, key: u64) -> bool {
        let (slot, known) = self.find(key);
        if !known {
            self.fill(slot, Slot { key, group: 0 });
        }
        known
    }

    #[inline]
    fn fill(&mut self, slot: usize, content: Slot) {
        self.slots[slot] = content;
        self.used += 1;
        if self.used * 2 > self.slots.len() {
            self.grow();
        }
    }

    #[cold]
    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.resize(old.len() * 2);
        for content in old.into_iter().filter(|content| content.key != 0) {
            let (slot, _) = self.find(content.key);
            self.slots[slot] = content;
        }
    }

    #[inline]
    fn find(&self, key: u64) -> (usize, bool) {
        let mask = self.slots.len() - 1;
        let mut slot = (key.wrapping_mul(MIX) >> self.shift) as usize & mask;
        loop {
            steps::add(1);
            match self.slots[slot].key {
                0 => return (slot, false),
                found if found == key => return (slot, true),
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    pub(super) fn shrink(&mut self) {
        self.slots.clear();
        self.slots.shrink_to(KEPT);
    }
}
