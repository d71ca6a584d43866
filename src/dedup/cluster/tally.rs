//! What is told of clusters.

use crate::dedup::Measures;

/// Classes of sizes: the least and the name.
const CLASSES: [(u64, &str); 5] = [
    (2, "clusters_of_2"),
    (3, "clusters_of_3_to_4"),
    (5, "clusters_of_5_to_9"),
    (10, "clusters_of_10_to_99"),
    (100, "clusters_of_100_or_more"),
];

/// Counts of clusters that have a document of this run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    clusters: u64,
    documents: u64,
    removed: u64,
    removed_for_index: u64,
    largest: u64,
    classes: [u64; CLASSES.len()],
}

impl Tally {
    /// Counts a cluster of `size` members, `own` of which are of this run; whether a document of an
    /// index is among them.
    pub fn count(&mut self, size: u64, own: u64, indexed: bool) {
        if own == 0 {
            return;
        }
        self.clusters += 1;
        self.documents += own;
        self.removed += own - u64::from(!indexed);
        self.removed_for_index += if indexed { own } else { 0 };
        self.largest = self.largest.max(size);
        let class = CLASSES.partition_point(|(least, _)| *least <= size).saturating_sub(1);
        if let Some(class) = self.classes.get_mut(class) {
            *class += 1;
        }
    }

    /// Both together.
    pub fn with(self, other: Self) -> Self {
        let mut classes = self.classes;
        classes.iter_mut().zip(other.classes).for_each(|(class, more)| *class += more);
        Self {
            clusters: self.clusters + other.clusters,
            documents: self.documents + other.documents,
            removed: self.removed + other.removed,
            removed_for_index: self.removed_for_index + other.removed_for_index,
            largest: self.largest.max(other.largest),
            classes,
        }
    }

    /// By name; `pairs` is the number of different pairs that were found.
    pub fn measures(&self, pairs: u64) -> Measures {
        let mut measures: Measures = [
            ("clusters", self.clusters),
            ("documents_in_clusters", self.documents),
            ("documents_removed", self.removed),
            ("documents_removed_for_an_index", self.removed_for_index),
            ("largest_cluster", self.largest),
            ("pairs", pairs),
        ]
        .map(|(name, count)| (name.to_owned(), count as f64))
        .into();
        for ((_, name), count) in CLASSES.iter().zip(self.classes) {
            measures.insert((*name).to_owned(), count as f64);
        }
        measures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_counted_by_size() {
        let mut tally = Tally::default();
        for size in [2, 2, 3, 4, 5, 9, 10, 99, 100, 5000] {
            tally.count(size, size, false);
        }
        let mut indexed = Tally::default();
        indexed.count(7, 3, true);
        indexed.count(50, 0, true);
        let measures = tally.with(indexed).measures(9);
        for (name, expected) in [
            ("clusters", 11),
            ("clusters_of_2", 2),
            ("clusters_of_3_to_4", 2),
            ("clusters_of_5_to_9", 3),
            ("clusters_of_10_to_99", 2),
            ("clusters_of_100_or_more", 2),
            ("documents_in_clusters", 5237),
            ("documents_removed", 5227),
            ("documents_removed_for_an_index", 3),
            ("largest_cluster", 5000),
            ("pairs", 9),
        ] {
            assert_eq!(measures.get(name), Some(&f64::from(expected)), "{name}");
        }
    }
}
