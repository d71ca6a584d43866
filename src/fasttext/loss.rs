//! From the mean of a text's rows to its most probable labels.

use super::file::LossKind;
use super::matrix::Matrix;
use super::tree::Tree;

/// How a model's output is to be read.
pub(super) enum Loss {
    /// Hierarchical softmax.
    Tree(Tree),
    Softmax,
    /// Each label for itself: one-vs-all, negative sampling.
    Sigmoids(Box<[f32]>),
}

/// A label and the logarithm of its probability.
pub(super) type Scored = (f32, u32);

/// The working memory of a search.
#[derive(Default)]
pub(super) struct Search {
    /// The best labels so far, the worst of them first.
    pub heap: Vec<Scored>,
    pub open: Vec<Scored>,
    /// Of the output's rows.
    pub output: Vec<f32>,
    /// Nodes of a tree with their probabilities, and so the best labels, the best one first.
    pub nodes: Vec<(f64, u32)>,
    pub leaves: Vec<(f64, u32)>,
    /// The probability of the right child of each inner node that was come by.
    pub rightwards: Vec<f32>,
}

/// Beyond plus or minus this, a sigmoid is taken for certain.
const LIMIT: f32 = 8.0;
const STEPS: usize = 512;

impl Loss {
    /// For labels with these counts in training.
    pub fn new(kind: LossKind, counts: &[i64]) -> Self {
        match kind {
            LossKind::Tree => Self::Tree(Tree::new(counts)),
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
            Self::Tree(tree) => {
                if tree.find(output, hidden, count, search) {
                    return &search.heap;
                }
                tree.search(output, hidden, count, search);
            }
            Self::Softmax => {
                output.products(hidden, &mut search.output);
                softmax(&mut search.output);
                search_all(count, search);
            }
            Self::Sigmoids(table) => {
                output.products(hidden, &mut search.output);
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
            Self::Tree(tree) => tree.score(output, hidden, label, search),
            Self::Softmax | Self::Sigmoids(_) => search.output.get(label).copied().map(log),
        }
    }
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
pub(super) fn log(probability: f32) -> f32 {
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

// Which of several labels with one score comes first depends on how the heap is kept: fastText's
// answers depend on libstdc++'s heap, so that is what follows.

pub(super) fn beaten(score: f32, heap: &[Scored]) -> bool {
    heap.first().is_some_and(|worst| score < worst.0)
}

pub(super) fn push_limited(heap: &mut Vec<Scored>, scored: Scored, count: usize) {
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

pub(super) fn sort_heap(heap: &mut [Scored]) {
    for end in (2..=heap.len()).rev() {
        pop_to_end(&mut heap[..end]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
    }
}
