//! From the mean of a text's rows to its most probable labels.

use super::file::LossKind;
use super::matrix::Matrix;

/// How a model's output is to be read.
pub(super) enum Loss {
    /// Hierarchical softmax: the children of each inner node of the label tree, the root last.
    /// Numbers below the number of labels are labels, the others inner nodes.
    Tree(Vec<(u32, u32)>),
    Softmax,
    /// Each label for itself: one-vs-all, negative sampling.
    Sigmoids(Box<[f32]>),
}

/// A label and the logarithm of its probability.
type Scored = (f32, u32);

/// The working memory of a search.
#[derive(Default)]
pub(super) struct Search {
    /// The best labels so far, the worst of them first.
    heap: Vec<Scored>,
    open: Vec<Scored>,
    output: Vec<f32>,
}

/// Beyond plus or minus this, a sigmoid is taken for certain.
const LIMIT: f32 = 8.0;
const STEPS: usize = 512;

impl Loss {
    /// For labels with these counts in training.
    pub fn new(kind: LossKind, counts: &[i64]) -> Self {
        match kind {
            LossKind::Tree => Self::Tree(tree(counts)),
            LossKind::Softmax => Self::Softmax,
            LossKind::Sigmoids => Self::Sigmoids(
                (0..=STEPS)
                    .map(|step| {
                        let x = (step as f32 * 2.0 * LIMIT) / STEPS as f32 - LIMIT;
                        (1.0 / (1.0 + f64::from((-x).exp()))) as f32
                    })
                    .collect(),
            ),
        }
    }

    /// The `count` best labels, best first.
    pub fn best<'s>(
        &self,
        output: &Matrix,
        hidden: &[f32],
        count: usize,
        search: &'s mut Search,
    ) -> &'s [Scored] {
        search.heap.clear();
        match self {
            Self::Tree(inner) => search_tree(inner, output, hidden, count, search),
            Self::Softmax => {
                products(output, hidden, &mut search.output);
                softmax(&mut search.output);
                search_all(count, search);
            }
            Self::Sigmoids(table) => {
                products(output, hidden, &mut search.output);
                for value in &mut search.output {
                    *value = sigmoid(table, *value);
                }
                search_all(count, search);
            }
        }
        sort_heap(&mut search.heap);
        &search.heap
    }

    /// The score of one label; `None` if it is ruled out. To be asked after
    /// [`best`](Loss::best), for the same text.
    pub fn score(
        &self,
        output: &Matrix,
        hidden: &[f32],
        label: usize,
        search: &mut Search,
    ) -> Option<f32> {
        match self {
            Self::Tree(inner) => tree_score(inner, output, hidden, label, search),
            Self::Softmax | Self::Sigmoids(_) => search.output.get(label).copied().map(log),
        }
    }
}

fn products(output: &Matrix, hidden: &[f32], products: &mut Vec<f32>) {
    products.clear();
    products.extend((0..output.rows()).map(|row| output.dot(row, hidden)));
}

fn softmax(values: &mut [f32]) {
    let greatest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for value in &mut *values {
        *value = f64::from(*value - greatest).exp() as f32;
        sum += *value;
    }
    for value in values {
        *value /= sum;
    }
}

fn sigmoid(table: &[f32], x: f32) -> f32 {
    if x < -LIMIT {
        0.0
    } else if x > LIMIT {
        1.0
    } else {
        let step = (x + LIMIT) * STEPS as f32 / LIMIT / 2.0;
        table.get(step as usize).copied().unwrap_or(f32::NAN)
    }
}

/// The logarithm of a probability as fastText takes it: never minus infinity, and above 0 for 1.
fn log(probability: f32) -> f32 {
    (f64::from(probability) + 1e-5).ln() as f32
}

fn search_all(count: usize, search: &mut Search) {
    let Search { heap, output, .. } = search;
    for (label, &probability) in output.iter().enumerate() {
        // Probabilities below the threshold, 0, do not occur.
        let score = log(probability);
        if heap.len() < count || !beaten(score, heap) {
            push_limited(heap, (score, label as u32), count);
        }
    }
}

/// Depth first, without the branches that cannot hold one of the best labels.
fn search_tree(
    inner: &[(u32, u32)],
    output: &Matrix,
    hidden: &[f32],
    count: usize,
    search: &mut Search,
) {
    let labels = inner.len() + 1;
    let threshold = log(0.0);
    let Search { heap, open, .. } = search;
    open.clear();
    open.push((0.0, (labels + inner.len() - 1) as u32));
    while let Some((score, node)) = open.pop() {
        if score < threshold || (heap.len() == count && beaten(score, heap)) {
            continue;
        }
        let row = match (node as usize).checked_sub(labels) {
            None => {
                push_limited(heap, (score, node), count);
                continue;
            }
            Some(row) => row,
        };
        let Some(&(left, right)) = inner.get(row) else {
            continue;
        };
        let (leftwards, rightwards) = branches(output, hidden, row);
        open.push((score + log(rightwards), right));
        open.push((score + log(leftwards), left));
    }
}

/// The probabilities of the two children of an inner node.
fn branches(output: &Matrix, hidden: &[f32], row: usize) -> (f32, f32) {
    let exponential = (-output.dot(row, hidden)).exp();
    let rightwards = (1.0 / f64::from(1.0 + exponential)) as f32;
    ((1.0 - f64::from(rightwards)) as f32, rightwards)
}

/// The score of one label, added up from the root down as the search does.
fn tree_score(
    inner: &[(u32, u32)],
    output: &Matrix,
    hidden: &[f32],
    label: usize,
    search: &mut Search,
) -> Option<f32> {
    let labels = inner.len() + 1;
    if label >= labels {
        return None;
    }
    let path = &mut search.open;
    path.clear();
    let mut node = label;
    // Children come before their parents.
    for (row, &(left, right)) in inner.iter().enumerate() {
        let side = if node == left as usize {
            0.0
        } else if node == right as usize {
            1.0
        } else {
            continue;
        };
        path.push((side, row as u32));
        node = labels + row;
    }
    let mut score = 0.0;
    for &(side, row) in path.iter().rev() {
        let (leftwards, rightwards) = branches(output, hidden, row as usize);
        score += log(if side == 0.0 { leftwards } else { rightwards });
        if score < log(0.0) {
            return None;
        }
    }
    Some(score)
}

/// The Huffman tree of labels that are sorted by falling count, as fastText builds it: the left and
/// the right child of each inner node, the root last. Numbers below the number of labels are labels,
/// the others inner nodes.
pub fn tree(counts: &[i64]) -> Vec<(u32, u32)> {
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

// Which of several labels with one score comes first depends on how the heap is kept: fastText's
// answers depend on libstdc++'s heap, so that is what follows.

fn beaten(score: f32, heap: &[Scored]) -> bool {
    heap.first().is_some_and(|worst| score < worst.0)
}

fn push_limited(heap: &mut Vec<Scored>, scored: Scored, count: usize) {
    heap.push(scored);
    let last = heap.len() - 1;
    sift_up(heap, last, scored);
    if heap.len() > count {
        pop_to_end(heap);
        heap.pop();
    }
}

fn sift_up(heap: &mut [Scored], mut hole: usize, scored: Scored) {
    while hole > 0 {
        let parent = (hole - 1) / 2;
        if heap[parent].0 > scored.0 {
            heap[hole] = heap[parent];
            hole = parent;
        } else {
            break;
        }
    }
    heap[hole] = scored;
}

/// Moves the worst label to the end and makes a heap of the others.
fn pop_to_end(heap: &mut [Scored]) {
    let Some((last, rest)) = heap.split_last_mut() else {
        return;
    };
    let Some(worst) = rest.first().copied() else {
        return;
    };
    let moved = std::mem::replace(last, worst);
    let (mut hole, mut child) = (0, 0);
    while child < (rest.len() - 1) / 2 {
        child = 2 * (child + 1);
        if rest[child].0 > rest[child - 1].0 {
            child -= 1;
        }
        rest[hole] = rest[child];
        hole = child;
    }
    if rest.len() % 2 == 0 && child == (rest.len() - 2) / 2 {
        child = 2 * child + 1;
        rest[hole] = rest[child];
        hole = child;
    }
    sift_up(rest, hole, moved);
}

fn sort_heap(heap: &mut [Scored]) {
    for end in (2..=heap.len()).rev() {
        pop_to_end(&mut heap[..end]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_tree_is_huffmans() {
        // Of a node and a label with one count, as here 3 and 3, 6 and 6, the node comes first.
        assert_eq!(tree(&[6, 3, 2, 1]), [(3, 2), (4, 1), (5, 0)]);
        assert_eq!(tree(&[5]), []);
        assert_eq!(tree(&[5, 5]), [(1, 0)]);
    }

    #[test]
    fn scores_are_taken_from_a_table_and_cut() {
        let Loss::Sigmoids(table) = Loss::new(LossKind::Sigmoids, &[1]) else {
            unreachable!("asked for sigmoids");
        };
        assert_eq!(sigmoid(&table, 0.0), 0.5);
        assert_eq!(sigmoid(&table, 0.03), 0.5);
        assert!(sigmoid(&table, 0.04) > 0.5);
        assert_eq!((sigmoid(&table, 8.1), sigmoid(&table, -8.1)), (1.0, 0.0));
        assert!(sigmoid(&table, f32::MAX.sqrt()).is_finite());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_heap_keeps_the_best(scores: Vec<u8>, count in 1_usize..9) {
            let mut heap = Vec::new();
            for (label, &score) in scores.iter().enumerate() {
                push_limited(&mut heap, (f32::from(score), label as u32), count);
            }
            sort_heap(&mut heap);
            let mut expected = scores.clone();
            expected.sort_unstable_by(|a, b| b.cmp(a));
            expected.truncate(count);
            let kept: Vec<u8> = heap.iter().map(|&(score, _)| score as u8).collect();
            prop_assert_eq!(kept, expected);
        }

        #[test]
        fn every_label_is_in_the_tree_once(counts in prop::collection::vec(1_i64..50, 1..40)) {
            let inner = tree(&counts);
            prop_assert_eq!(inner.len(), counts.len() - 1);
            let mut children: Vec<u32> = inner.iter().flat_map(|&(a, b)| [a, b]).collect();
            children.sort_unstable();
            let all: Vec<u32> = (0..(counts.len() * 2 - 2) as u32).collect();
            prop_assert_eq!(children, all);
        }
    }
}
