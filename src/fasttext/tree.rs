//! Hierarchical softmax: the tree of labels, and the search for the best ones in it.

use super::loss::{Scored, Search, beaten, log, push_limited};
use super::matrix::Matrix;

/// Up to this many inner nodes are all held against a text at once, which takes less than to do so
/// with a few, one after the other.
const MOST_AT_ONCE: usize = 512;
/// Up to this many labels are looked for by their probabilities.
const MOST_FOUND: usize = 16;
/// Probabilities that are closer to each other than this factor may have scores in any order. A
/// score is a sum of logarithms, each a little off (`log`) and rounded, over the 80 nodes that a
/// path may have: that makes less than 0.1 %.
const MARGIN: f64 = 1.002;
/// The least probability of a node that is looked into.
const LEAST: f64 = 1e-5;

/// The Huffman tree of a model's labels.
pub(super) struct Tree {
    /// The children of each inner node, the root last. Numbers below the number of labels are
    /// labels, the others inner nodes.
    inner: Vec<(u32, u32)>,
    /// The inner node above each node but the root, counted from 0, and whether to its right.
    above: Vec<(u32, bool)>,
}

impl Tree {
    /// For labels with these counts in training.
    pub fn new(counts: &[i64]) -> Self {
        let inner = huffman(counts);
        let mut above = vec![(0, false); inner.len() * 2];
        for (row, &(left, right)) in inner.iter().enumerate() {
            for (node, right) in [(left, false), (right, true)] {
                if let Some(above) = above.get_mut(node as usize) {
                    *above = (row as u32, right);
                }
            }
        }
        Self { inner, above }
    }

    fn labels(&self) -> usize {
        self.inner.len() + 1
    }

    fn root(&self) -> u32 {
        (self.inner.len() * 2) as u32
    }

    /// Depth first, without the branches that cannot hold one of the best labels, as fastText has
    /// it. What it finds is a heap.
    pub fn search(&self, output: &Matrix, hidden: &[f32], count: usize, search: &mut Search) {
        let threshold = log(0.0);
        let Search { heap, open, .. } = search;
        open.clear();
        open.push((0.0, self.root()));
        while let Some((score, node)) = open.pop() {
            if score < threshold || (heap.len() == count && beaten(score, heap)) {
                continue;
            }
            let Some(row) = (node as usize).checked_sub(self.labels()) else {
                push_limited(heap, (score, node), count);
                continue;
            };
            let Some(&(left, right)) = self.inner.get(row) else {
                continue;
            };
            let (leftwards, rightwards) = branches(output.dot(row, hidden));
            open.push((score + log(rightwards), right));
            open.push((score + log(leftwards), left));
        }
    }

    /// Finds what [`search`](Tree::search) does, in order, by probabilities and without their
    /// logarithms, the more probable child first; false if that cannot be told for sure.
    pub fn find(&self, output: &Matrix, hidden: &[f32], count: usize, search: &mut Search) -> bool {
        if count > MOST_FOUND {
            return false;
        }
        let Search { nodes, leaves, output: products, rightwards: known, .. } = search;
        known.resize(self.inner.len(), 0.0);
        let at_once = self.inner.len() <= MOST_AT_ONCE;
        if at_once {
            output.products(hidden, products);
        }
        leaves.clear();
        nodes.clear();
        nodes.push((1.0, self.root()));
        let mut least = LEAST / MARGIN;
        while let Some((probability, node)) = nodes.pop() {
            if probability < least {
                continue;
            }
            if probability.is_nan() || probability <= LEAST * MARGIN {
                return false;
            }
            let Some(row) = (node as usize).checked_sub(self.labels()) else {
                let at = leaves.partition_point(|&(better, _)| better >= probability);
                leaves.insert(at, (probability, node));
                leaves.truncate(count + 1);
                if let Some(&(worst, _)) = leaves.get(count - 1) {
                    least = least.max(worst / MARGIN);
                }
                continue;
            };
            let Some(&(left, right)) = self.inner.get(row) else {
                return false;
            };
            let product = if at_once { products.get(row).copied() } else { None };
            let product = product.unwrap_or_else(|| output.dot(row, hidden));
            let (leftwards, rightwards) = branches(product);
            if let Some(known) = known.get_mut(row) {
                *known = rightwards;
            }
            let left = (probability * (f64::from(leftwards) + 1e-5), left);
            let right = (probability * (f64::from(rightwards) + 1e-5), right);
            let (first, second) =
                if leftwards > rightwards { (left, right) } else { (right, left) };
            nodes.extend([second, first]);
        }
        if let [.., (last, _), (next, _)] = leaves.as_slice()
            && leaves.len() > count
            && last / MARGIN <= *next
        {
            return false;
        }
        for at in 0..leaves.len().min(count) {
            let Some(&(_, label)) = search.leaves.get(at) else {
                return false;
            };
            // The search came by all nodes above.
            let Search { open, rightwards: known, .. } = &mut *search;
            let rightwards = |row: usize| known.get(row).copied().unwrap_or(f32::NAN);
            let Some(score) = self.score_along_path(label as usize, open, rightwards) else {
                return false;
            };
            search.heap.push((score, label));
        }
        search.heap.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let alike = |pair: &[Scored]| matches!(pair, [a, b] if a.0 == b.0);
        if search.heap.windows(2).any(alike) {
            search.heap.clear();
            return false;
        }
        true
    }

    /// The score of one label, added up from the root down as the search does; `None` if it is
    /// ruled out.
    pub fn score(
        &self,
        output: &Matrix,
        hidden: &[f32],
        label: usize,
        search: &mut Search,
    ) -> Option<f32> {
        self.score_along_path(label, &mut search.open, |row| branches(output.dot(row, hidden)).1)
    }

    fn score_along_path(
        &self,
        label: usize,
        path: &mut Vec<Scored>,
        rightwards: impl Fn(usize) -> f32,
    ) -> Option<f32> {
        if label >= self.labels() {
            return None;
        }
        path.clear();
        let mut node = label;
        while let Some(&(row, right)) = self.above.get(node) {
            path.push((if right { 1.0 } else { 0.0 }, row));
            node = self.labels() + row as usize;
        }
        let threshold = log(0.0);
        let mut score = 0.0;
        for &(side, row) in path.iter().rev() {
            let rightwards = rightwards(row as usize);
            score += log(if side == 0.0 { opposite(rightwards) } else { rightwards });
            if score < threshold {
                return None;
            }
        }
        Some(score)
    }
}

/// The probabilities of the two children of an inner node by its row's product.
#[inline(always)]
fn branches(product: f32) -> (f32, f32) {
    let exponential = (-product).exp();
    let rightwards = (1.0 / f64::from(1.0 + exponential)) as f32;
    (opposite(rightwards), rightwards)
}

fn opposite(probability: f32) -> f32 {
    (1.0 - f64::from(probability)) as f32
}

/// The Huffman tree of labels that are sorted by falling count, as fastText builds it: the left and
/// the right child of each inner node, the root last. Numbers below the number of labels are labels,
/// the others inner nodes.
pub fn huffman(counts: &[i64]) -> Vec<(u32, u32)> {
    let mut inner: Vec<(u32, u32)> = Vec::with_capacity(counts.len());
    let mut sums: Vec<i64> = Vec::with_capacity(counts.len());
    let mut leaves = counts.len();
    let mut nodes = 0;
    for _ in 1..counts.len() {
        let mut sum: i64 = 0;
        let mut next = || {
            let leaf = leaves.checked_sub(1).and_then(|leaf| counts.get(leaf));
            let node = sums.get(nodes);
            match leaf {
                // A node that is still to come is no match for any leaf.
                Some(leaf) if node.is_none_or(|node| leaf < node) => {
                    leaves -= 1;
                    sum = sum.saturating_add(*leaf);
                    leaves as u32
                }
                _ => {
                    nodes += 1;
                    sum = sum.saturating_add(node.copied().unwrap_or_default());
                    (counts.len() + nodes - 1) as u32
                }
            }
        };
        let children = (next(), next());
        inner.push(children);
        sums.push(sum);
    }
    inner
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::file::RawMatrix;
    use super::super::loss::{Loss, sort_heap};
    use super::*;

    #[test]
    fn the_tree_is_huffmans() {
        // Of a node and a label with one count, as here 3 and 3, 6 and 6, the node comes first.
        assert_eq!(huffman(&[6, 3, 2, 1]), [(3, 2), (4, 1), (5, 0)]);
        assert_eq!(huffman(&[5]), []);
        assert_eq!(huffman(&[5, 5]), [(1, 0)]);
    }

    fn output(rows: usize, weights: &[f32]) -> Matrix {
        let weights: Vec<u8> =
            weights.iter().cycle().take(rows * 2).flat_map(|weight| weight.to_le_bytes()).collect();
        Matrix::output(&RawMatrix { rows, columns: 2, weights: &weights, quantized: None })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_label_is_in_the_tree_once(counts in prop::collection::vec(1_i64..50, 1..40)) {
            let inner = huffman(&counts);
            prop_assert_eq!(inner.len(), counts.len() - 1);
            let mut children: Vec<u32> = inner.iter().flat_map(|&(a, b)| [a, b]).collect();
            children.sort_unstable();
            let all: Vec<u32> = (0..(counts.len() * 2 - 2) as u32).collect();
            prop_assert_eq!(children, all);
        }

        /// Weights from a few values, so that many labels have one score, and large ones, so that
        /// many are ruled out.
        #[test]
        fn what_is_found_by_probabilities_is_what_fasttexts_search_finds(
            mut counts in prop::collection::vec(1_i64..1000, 1..700),
            weights in prop::collection::vec(prop_oneof![
                Just(0.0_f32), Just(0.5), -1.0_f32..1.0, -20.0_f32..20.0,
            ], 1..300),
            count in 1_usize..20,
        ) {
            counts.sort_unstable_by(|a, b| b.cmp(a));
            let tree = Tree::new(&counts);
            let output = output(counts.len(), &weights);
            let hidden = [0.7, -0.3];
            let mut expected = Search::default();
            tree.search(&output, &hidden, count, &mut expected);
            sort_heap(&mut expected.heap);
            let mut found = Search::default();
            if tree.find(&output, &hidden, count, &mut found) {
                prop_assert_eq!(&found.heap, &expected.heap);
            }
            let loss = Loss::Tree(tree);
            prop_assert_eq!(loss.best(&output, &hidden, count, &mut found), &expected.heap);
        }
    }
}
