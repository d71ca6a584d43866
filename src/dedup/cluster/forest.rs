//! Union-find over the nodes that are in memory.

use std::sync::atomic::{AtomicU32, Ordering};

/// A forest over numbers, in which every tree's root is its lowest number. Threads may work on it
/// together: trees are joined by setting the parent of a root, if it still is one, to a lower number,
/// so what comes out in the end does not depend on who did what first.
///
/// Source: Tarjan and van Leeuwen, *Worst-case analysis of set union algorithms* (1984), path
/// halving; Anderson and Woll, *Wait-free parallel algorithms for the union-find problem* (1991).
pub struct Forest {
    parents: Vec<AtomicU32>,
}

impl Forest {
    /// Every number below `count` by itself.
    pub fn new(count: u32) -> Self {
        Self { parents: (0..count).map(AtomicU32::new).collect() }
    }

    /// A parent; a number that is not there is its own.
    #[inline]
    fn parent(&self, number: u32) -> u32 {
        self.parents.get(number as usize).map_or(number, |parent| parent.load(Ordering::Relaxed))
    }

    /// The lowest number of the tree.
    #[inline]
    pub fn root(&self, number: u32) -> u32 {
        let mut number = number;
        loop {
            let parent = self.parent(number);
            let above = self.parent(parent);
            if parent == above {
                return parent;
            }
            // Whatever another thread wrote here meanwhile, this is an ancestor too.
            if let Some(place) = self.parents.get(number as usize) {
                place.store(above, Ordering::Relaxed);
            }
            number = above;
        }
    }

    /// Joins two trees.
    #[inline]
    pub fn join(&self, one: u32, other: u32) {
        loop {
            let (one, other) = (self.root(one), self.root(other));
            if one == other {
                return;
            }
            let (low, high) = (one.min(other), one.max(other));
            let Some(place) = self.parents.get(high as usize) else { return };
            let set = place.compare_exchange(high, low, Ordering::Relaxed, Ordering::Relaxed);
            if set.is_ok() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_join_to_the_same_trees() {
        const COUNT: u32 = 20_000;
        let forest = Forest::new(COUNT);
        // A path, in four orders at once, cut at every hundredth number.
        std::thread::scope(|scope| {
            for thread in 0..4u32 {
                let forest = &forest;
                scope.spawn(move || {
                    for step in 0..COUNT {
                        let number = match thread {
                            0 => step,
                            1 => COUNT - 1 - step,
                            2 => step * 7919 % COUNT,
                            _ => (step * 104_729 + 11) % COUNT,
                        };
                        if !number.is_multiple_of(100) {
                            forest.join(number, number - 1);
                        }
                    }
                });
            }
        });
        for number in 0..COUNT {
            assert_eq!(forest.root(number), number / 100 * 100);
        }
    }
}
