//! What the records of partitions come to when they are compared, each partition by itself.

use std::sync::{Mutex, PoisonError};

use super::barrier::{Barrier, Finding, Measures};
use super::resolution::Resolution;
use crate::external::{ExternalError, Sorted};

/// What comparing the records of one partition, or of several, came to. A pile and a count mean what
/// the barrier says; those of several partitions are put together and added up.
#[derive(Default)]
pub struct Matches {
    /// Sorted records: edges, findings …, the same number of piles for every partition of a round.
    pub piles: Vec<Sorted>,
    /// Numbers of things.
    pub counts: Vec<u64>,
}

impl Matches {
    /// Compares the records of all partitions, on all threads.
    ///
    /// # Errors
    /// If a file can't be read or written, or somebody asked to stop.
    pub fn of(
        barrier: &dyn Barrier,
        round: usize,
        resolution: &Resolution<'_>,
    ) -> Result<Self, ExternalError> {
        let all = Mutex::new(Self::default());
        resolution.executor.each(resolution.partitions(), &|partition| {
            let found = barrier.compare(round, resolution, partition)?;
            all.lock().unwrap_or_else(PoisonError::into_inner).add(found);
            Ok(())
        })?;
        Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds those of other partitions. Their order does not matter.
    pub fn add(&mut self, other: Self) {
        for (number, pile) in other.piles.into_iter().enumerate() {
            match self.piles.get_mut(number) {
                Some(known) => known.append(pile),
                None => self.piles.push(pile),
            }
        }
        let counts = other.counts.len().max(self.counts.len());
        self.counts.resize(counts, 0);
        for (known, count) in self.counts.iter_mut().zip(other.counts) {
            *known += count;
        }
    }

    /// Takes a pile of records of some width out; an empty one if there is none.
    pub fn take(&mut self, pile: usize, width: usize, resolution: &Resolution<'_>) -> Sorted {
        let none = Sorted::none(&resolution.scratch, width);
        match self.piles.get_mut(pile) {
            Some(pile) => std::mem::replace(pile, none),
            None => none,
        }
    }

    /// Hands in the first pile, which are findings as they are, and gives the counts their names.
    pub fn hand_in<const COUNTS: usize>(
        mut self,
        resolution: &Resolution<'_>,
        names: [&str; COUNTS],
    ) -> Measures {
        resolution.find(self.take(0, Finding::WIDTH, resolution));
        let counts = names.into_iter().enumerate();
        counts.map(|(at, name)| (name.to_owned(), self.count(at) as f64)).collect()
    }

    /// A count; zero if there is none.
    pub fn count(&self, number: usize) -> u64 {
        self.counts.get(number).copied().unwrap_or(0)
    }
}
