//! Stochastic gradient descent on fastText's network: the mean of a text's rows, held against rows
//! of labels (Joulin et al. 2016, *Bag of Tricks for Efficient Text Classification*).
//!
//! Texts are taken in batches of [`BATCH`]. Within one, the weights stay as they are while the
//! gradients are found, on any thread; then these are added in the order of the texts, each thread
//! to rows of its own. So the weights do not depend on the number of threads.

use rayon::prelude::*;

use super::random::Random;
use super::{Loss, Parameters};
use crate::fasttext::label_tree;

/// Texts between two changes of the weights.
const BATCH: usize = 32;

/// Texts as rows of the input matrix, with their labels.
#[derive(Debug, Default, Clone)]
pub(super) struct Examples {
    rows: Vec<u32>,
    ends: Vec<usize>,
    labels: Vec<u32>,
}

impl Examples {
    pub fn push(&mut self, rows: &[u32], label: u32) {
        self.rows.extend_from_slice(rows);
        self.ends.push(self.rows.len());
        self.labels.push(label);
    }

    pub fn append(&mut self, other: &Self) {
        let before = self.rows.len();
        self.rows.extend_from_slice(&other.rows);
        self.ends.extend(other.ends.iter().map(|end| end + before));
        self.labels.extend_from_slice(&other.labels);
    }

    pub fn len(&self) -> usize {
        self.labels.len()
    }

    fn get(&self, number: u32) -> (&[u32], u32) {
        let number = number as usize;
        let begin = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        (&self.rows[begin..self.ends[number]], self.labels[number])
    }

    /// The same texts with other rows, those of `None` left out.
    pub fn mapped(&self, new: &[Option<u32>]) -> Self {
        let mut mapped = Self::default();
        let mut kept = Vec::new();
        for number in 0..self.len() as u32 {
            let (rows, label) = self.get(number);
            kept.clear();
            kept.extend(rows.iter().filter_map(|&row| new.get(row as usize).copied().flatten()));
            mapped.push(&kept, label);
        }
        mapped
    }
}

/// The weights.
#[derive(Debug, Clone)]
pub(super) struct Network {
    pub columns: usize,
    pub input: Vec<f32>,
    pub output: Vec<f32>,
}

impl Network {
    /// As fastText begins: the input by chance within one part in `columns`, the output nothing.
    pub fn new(rows: usize, labels: usize, columns: usize, seed: u64) -> Self {
        let mut random = Random::new(seed, "weights");
        let bound = 1.0 / columns as f64;
        let input =
            (0..rows * columns).map(|_| ((random.share() * 2.0 - 1.0) * bound) as f32).collect();
        Self { columns, input, output: vec![0.0; labels * columns] }
    }
}

/// What a text's label asks of the rows of the output.
pub(super) enum Objective {
    Softmax,
    /// Every label by itself.
    Sigmoids,
    /// The label and some others by chance; a number of draws, and where in a unit's length each
    /// label ends.
    Negatives(usize, Vec<f64>),
    /// For each label, the inner nodes from its leaf up, and whether the way down goes right.
    Tree(Vec<Vec<(u32, bool)>>),
}

impl Objective {
    /// For labels with these counts, which must not rise.
    pub fn new(parameters: &Parameters, counts: &[u64]) -> Self {
        match parameters.loss {
            Loss::Softmax => Self::Softmax,
            Loss::Ova => Self::Sigmoids,
            Loss::Ns => {
                // By the root of its count, as fastText draws.
                let total: f64 = counts.iter().map(|&count| (count as f64).sqrt()).sum();
                let mut end = 0.0;
                let ends = counts.iter().map(|&count| {
                    end += (count as f64).sqrt() / total;
                    end
                });
                Self::Negatives(parameters.negatives as usize, ends.collect())
            }
            Loss::Hs => {
                let signed: Vec<i64> = counts.iter().map(|&count| count as i64).collect();
                let inner = label_tree(&signed);
                let mut parents = vec![None; counts.len() + inner.len()];
                for (row, &(left, right)) in inner.iter().enumerate() {
                    parents[left as usize] = Some((row, false));
                    parents[right as usize] = Some((row, true));
                }
                let path = |label: usize| {
                    let mut path = Vec::new();
                    let mut node = label;
                    while let Some((row, right)) = parents[node] {
                        path.push((row as u32, right));
                        node = counts.len() + row;
                    }
                    path
                };
                Self::Tree((0..counts.len()).map(path).collect())
            }
        }
    }
}

/// How the weights are changed.
pub(super) struct Descent<'p> {
    pub parameters: &'p Parameters,
    pub epochs: u32,
    pub learning_rate: f64,
    /// How often a text of each label is shown in an epoch, on average.
    pub repeats: &'p [f64],
    /// Whether the input may change, or only the output.
    pub input: bool,
    /// Tells this descent's chance from that of others.
    pub purpose: &'static str,
}

/// What a text makes of the weights.
#[derive(Default)]
struct Step {
    number: u32,
    hidden: Vec<f32>,
    gradient: Vec<f32>,
    /// Rows of the output, and how much of `hidden` is added to each.
    changes: Vec<(u32, f32)>,
    scores: Vec<f32>,
    loss: f64,
}

impl Descent<'_> {
    /// Changes the weights; tells the mean loss of each epoch as it ends.
    pub fn run(
        &self,
        network: &mut Network,
        examples: &Examples,
        objective: &Objective,
        mut epoch_ended: impl FnMut(u32, f64),
    ) {
        let seed = self.parameters.seed;
        let threads = rayon::current_num_threads();
        let mut steps: Vec<Step> = Vec::new();
        steps.resize_with(BATCH, Step::default);
        for epoch in 0..self.epochs {
            let purpose = format!("{} {epoch}", self.purpose);
            let order = self.order(examples, &mut Random::new(seed, &purpose));
            let mut loss = 0.0;
            for (number, batch) in order.chunks(BATCH).enumerate() {
                let done = (number * BATCH) as f64 / order.len() as f64;
                let progress = (f64::from(epoch) + done) / f64::from(self.epochs);
                let rate = (self.learning_rate * (1.0 - progress)) as f32;
                let steps = &mut steps[..batch.len()];
                let frozen = &*network;
                let find = |(place, (step, &number)): (usize, (&mut Step, &u32))| {
                    step.number = number;
                    let chance = (u64::from(epoch) << 40) + (place as u64) + done.to_bits();
                    self.find(frozen, examples.get(number), objective, rate, chance, step);
                };
                if threads == 1 {
                    steps.iter_mut().zip(batch).enumerate().for_each(find);
                } else {
                    steps.par_iter_mut().zip(batch).enumerate().with_min_len(4).for_each(find);
                }
                loss += steps.iter().map(|step| step.loss).sum::<f64>();
                self.apply(network, examples, steps, threads);
            }
            epoch_ended(epoch + 1, loss / order.len().max(1) as f64);
        }
    }

    /// The texts of an epoch, shuffled.
    fn order(&self, examples: &Examples, random: &mut Random) -> Vec<u32> {
        let mut order = Vec::with_capacity(examples.len());
        for (number, &label) in examples.labels.iter().enumerate() {
            let repeats = self.repeats.get(label as usize).copied().unwrap_or(1.0);
            let more = random.share() < repeats.fract();
            let times = repeats as usize + usize::from(more);
            // A text of which nothing is known teaches nothing.
            if !examples.get(number as u32).0.is_empty() {
                order.extend(std::iter::repeat_n(number as u32, times));
            }
        }
        random.shuffle(&mut order);
        order
    }

    fn find(
        &self,
        network: &Network,
        (rows, label): (&[u32], u32),
        objective: &Objective,
        rate: f32,
        chance: u64,
        step: &mut Step,
    ) {
        let columns = network.columns;
        step.changes.clear();
        for values in [&mut step.hidden, &mut step.gradient] {
            values.clear();
            values.resize(columns, 0.0);
        }
        for &row in rows {
            add(&mut step.hidden, row_of(&network.input, row, columns), 1.0);
        }
        let share = 1.0 / rows.len().max(1) as f32;
        step.hidden.iter_mut().for_each(|value| *value *= share);
        step.loss = 0.0;
        match objective {
            Objective::Softmax => {
                let Step { hidden, scores, changes, loss, .. } = &mut *step;
                scores.clear();
                scores.extend(network.output.chunks_exact(columns).map(|row| dot(row, hidden)));
                let greatest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                scores.iter_mut().for_each(|score| *score = exp(*score - greatest));
                let sum: f32 = scores.iter().sum();
                for (row, score) in scores.iter().enumerate() {
                    let probability = score / sum;
                    let wanted = row == label as usize;
                    changes.push((row as u32, rate * (f32::from(wanted) - probability)));
                    if wanted {
                        *loss -= f64::from(probability.max(1e-9)).ln();
                    }
                }
            }
            Objective::Sigmoids => {
                for row in 0..network.output.len() / columns {
                    self.decide(network, row as u32, row == label as usize, rate, step);
                }
            }
            Objective::Negatives(count, ends) => {
                self.decide(network, label, true, rate, step);
                let mut random = Random::new(self.parameters.seed ^ chance, "negatives");
                for _ in 0..*count {
                    let place = random.share();
                    let row = ends.partition_point(|&end| end <= place).min(ends.len() - 1);
                    if row != label as usize {
                        self.decide(network, row as u32, false, rate, step);
                    }
                }
            }
            Objective::Tree(paths) => {
                for &(row, right) in paths.get(label as usize).into_iter().flatten() {
                    self.decide(network, row, right, rate, step);
                }
            }
        }
        if self.input {
            let Step { gradient, changes, .. } = &mut *step;
            for &(row, change) in &*changes {
                add(gradient, row_of(&network.output, row, columns), change);
            }
            gradient.iter_mut().for_each(|value| *value *= share);
        }
    }

    /// One row of the output asked for yes or no.
    fn decide(&self, network: &Network, row: u32, wanted: bool, rate: f32, step: &mut Step) {
        let score = dot(row_of(&network.output, row, network.columns), &step.hidden);
        let probability = 1.0 / (1.0 + exp(-score));
        step.changes.push((row, rate * (f32::from(wanted) - probability)));
        let right = if wanted { probability } else { 1.0 - probability };
        step.loss -= f64::from(right.max(1e-9)).ln();
    }

    fn apply(&self, network: &mut Network, examples: &Examples, steps: &[Step], threads: usize) {
        let columns = network.columns;
        let change_output = |(part, rows): (usize, &mut [f32]), height: usize| {
            let first = (part * height) as u32;
            for step in steps {
                for &(row, change) in &step.changes {
                    if let Some(row) = row.checked_sub(first)
                        && let Some(row) = row_of_mut(rows, row, columns)
                    {
                        add(row, &step.hidden, change);
                    }
                }
            }
        };
        let change_input = |(part, rows): (usize, &mut [f32]), height: usize| {
            let first = (part * height) as u32;
            for step in steps {
                for &row in examples.get(step.number).0 {
                    if let Some(row) = row.checked_sub(first)
                        && let Some(row) = row_of_mut(rows, row, columns)
                    {
                        add(row, &step.gradient, 1.0);
                    }
                }
            }
        };
        let Network { input, output, .. } = network;
        if threads == 1 {
            change_output((0, output), 0);
            if self.input {
                change_input((0, input), 0);
            }
            return;
        }
        let of_output = (output.len() / columns).div_ceil(threads).max(1);
        output
            .par_chunks_mut(of_output * columns)
            .enumerate()
            .for_each(|part| change_output(part, of_output));
        if self.input {
            // Rows of words, which are the busiest, come first: so more parts than threads.
            let of_input = (input.len() / columns).div_ceil(threads * 4).max(1);
            input
                .par_chunks_mut(of_input * columns)
                .enumerate()
                .for_each(|part| change_input(part, of_input));
        }
    }
}

#[inline(always)]
fn row_of(matrix: &[f32], row: u32, columns: usize) -> &[f32] {
    let begin = row as usize * columns;
    matrix.get(begin..begin + columns).unwrap_or_default()
}

#[inline(always)]
fn row_of_mut(matrix: &mut [f32], row: u32, columns: usize) -> Option<&mut [f32]> {
    let begin = row as usize * columns;
    matrix.get_mut(begin..begin + columns)
}

#[inline(always)]
fn add(sums: &mut [f32], values: &[f32], factor: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

/// The product of two rows, in eight sums: in an order of its own, the same on every machine.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest = rest_a.iter().zip(rest_b).map(|(a, b)| a * b);
    sums.into_iter().chain(rest).sum()
}

/// The exponential function by sums and products only, so that it is the same on every machine;
/// within two parts in ten million.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 87.0);
    let whole = (x * std::f32::consts::LOG2_E).round_ties_even();
    // The logarithm of 2 in two parts, the first of which is exact times a small number.
    let rest = (x - whole * 0.693_359_4) + whole * 2.121_944_4e-4;
    let mut sum = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = sum * rest + coefficient;
    }
    sum * f32::from_bits(((whole as i32 + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_near_the_librarys() {
        for step in -8600..8600 {
            let x = step as f32 / 100.0;
            let (own, exact) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((own / exact - 1.0).abs() < 3e-7, "{x}: {own} for {exact}");
        }
        assert!(exp(-1e9) < 1e-37 && exp(1e9).is_finite());
    }

    #[test]
    fn dot_takes_every_column() {
        let a: Vec<f32> = (0..11).map(|value| value as f32).collect();
        assert_eq!(dot(&a, &a), 385.0);
    }

    #[test]
    fn every_labels_path_ends_at_the_root() {
        let parameters = Parameters { loss: Loss::Hs, ..Parameters::language() };
        let Objective::Tree(paths) = Objective::new(&parameters, &[6, 3, 2, 1]) else {
            unreachable!("asked for a tree");
        };
        assert_eq!(paths[0], [(2, true)]);
        assert_eq!(paths[3], [(0, false), (1, false), (2, false)]);
    }
}
