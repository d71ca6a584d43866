//! Matrices of weights, plain or product-quantized (Jégou et al. 2011, as in fastText 0.9.2).

use super::file::{RawMatrix, floats};

/// Quantized rows are kept as plain ones if they take no more bytes than this: adding up is a few
/// times as fast then.
const PLAIN_BYTES: usize = 256 << 20;
/// The width of lid.176 and of many models like it.
const NARROW: usize = 16;
/// Rows that are held against a vector at once.
const LANES: usize = 16;
/// Centroids of a product quantizer.
pub(super) const CENTROIDS: usize = 256;

/// Rows of weights, `columns` wide.
pub(super) struct Matrix {
    rows: usize,
    columns: usize,
    weights: Weights,
}

enum Weights {
    Plain(Vec<f32>),
    /// Each column of [`LANES`] rows after the other, then those of the next rows.
    Lanes(Vec<[f32; LANES]>),
    Coded(Coded),
}

struct Coded {
    quantizer: Quantizer,
    /// `quantizer.parts` for each row.
    codes: Vec<u8>,
    /// The row's norms: a code for each row, and what the codes stand for.
    norms: Option<(Vec<u8>, Vec<f32>)>,
}

struct Quantizer {
    centroids: Vec<f32>,
    parts: usize,
    width: usize,
    last: usize,
}

impl Quantizer {
    /// The centroids that a row's codes stand for, in the order of their columns.
    fn row<'q>(&'q self, codes: &'q [u8]) -> impl Iterator<Item = &'q [f32]> {
        codes.iter().enumerate().filter_map(move |(part, &code)| {
            let width = if part + 1 == self.parts { self.last } else { self.width };
            let begin = part * CENTROIDS * self.width + usize::from(code) * width;
            self.centroids.get(begin..begin + width)
        })
    }
}

impl Coded {
    fn codes(&self, row: usize) -> &[u8] {
        let parts = self.quantizer.parts;
        let begin = row * parts;
        self.codes.get(begin..begin + parts).unwrap_or_default()
    }

    fn norm(&self, row: usize) -> f32 {
        let Some((codes, norms)) = &self.norms else {
            return 1.0;
        };
        let code = codes.get(row).copied().unwrap_or_default();
        norms.get(usize::from(code)).copied().unwrap_or_default()
    }

    fn add(&self, row: usize, hidden: &mut [f32]) {
        let norm = self.norm(row);
        let weights = self.quantizer.row(self.codes(row)).flatten();
        for (sum, weight) in hidden.iter_mut().zip(weights) {
            *sum += norm * weight;
        }
    }
}

impl Matrix {
    /// The matrix that a text's rows come from: first those of the `words`, then those of the
    /// n-grams, in the given order if there is one.
    pub fn input(raw: &RawMatrix<'_>, words: usize, order: Option<&[u32]>) -> Self {
        let (rows, columns) = (raw.rows, raw.columns);
        let Some(coded) = Self::coded(raw) else {
            return Self::plain(raw);
        };
        let order: Vec<usize> = match order {
            None => (0..rows).collect(),
            Some(order) => {
                (0..words).chain(order.iter().map(|&ngram| words + ngram as usize)).collect()
            }
        };
        let plain = order.len().saturating_mul(columns).saturating_mul(4) <= PLAIN_BYTES;
        let weights = if plain {
            // Norm times weight is rounded before it is added either way.
            let mut weights = vec![0.0; order.len() * columns];
            for (&row, sums) in order.iter().zip(weights.chunks_exact_mut(columns)) {
                coded.add(row, sums);
            }
            Weights::Plain(weights)
        } else {
            Weights::Coded(coded.reordered(&order))
        };
        Self { rows: order.len(), columns, weights }
    }

    /// The matrix that labels or tree nodes are held against.
    pub fn output(raw: &RawMatrix<'_>) -> Self {
        // Here the norm comes after the sum.
        match Self::coded(raw) {
            None => Self::lanes(raw),
            Some(coded) => {
                Self { rows: raw.rows, columns: raw.columns, weights: Weights::Coded(coded) }
            }
        }
    }

    fn plain(raw: &RawMatrix<'_>) -> Self {
        Self { rows: raw.rows, columns: raw.columns, weights: Weights::Plain(floats(raw.weights)) }
    }

    fn lanes(raw: &RawMatrix<'_>) -> Self {
        let (rows, columns) = (raw.rows, raw.columns);
        let mut lanes = vec![[0.0; LANES]; rows.div_ceil(LANES) * columns];
        for (row, weights) in floats(raw.weights).chunks_exact(columns).enumerate() {
            let begin = row / LANES * columns;
            for (lanes, &weight) in lanes.iter_mut().skip(begin).zip(weights) {
                lanes[row % LANES] = weight;
            }
        }
        Self { rows, columns, weights: Weights::Lanes(lanes) }
    }

    fn coded(raw: &RawMatrix<'_>) -> Option<Coded> {
        let quantized = raw.quantized.as_ref()?;
        Some(Coded {
            quantizer: Quantizer {
                centroids: floats(raw.weights),
                parts: quantized.parts,
                width: quantized.width,
                last: quantized.last,
            },
            codes: quantized.codes.to_vec(),
            norms: quantized.norms.map(|(codes, norms)| (codes.to_vec(), floats(norms))),
        })
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Adds rows, one after the other.
    pub fn add(&self, rows: &[u32], hidden: &mut [f32]) {
        match &self.weights {
            Weights::Plain(weights) => {
                if self.columns == NARROW
                    && let Some(sums) = hidden.first_chunk_mut::<NARROW>()
                {
                    return add_narrow(weights.as_chunks().0, rows, sums);
                }
                for &row in rows {
                    let begin = row as usize * self.columns;
                    let row = weights.get(begin..begin + self.columns);
                    for (sum, weight) in hidden.iter_mut().zip(row.unwrap_or_default()) {
                        *sum += weight;
                    }
                }
            }
            Weights::Coded(coded) => {
                for &row in rows {
                    coded.add(row as usize, hidden);
                }
            }
            Weights::Lanes(_) => {
                for &row in rows {
                    let weights = self.weights_in_lanes(row as usize);
                    for (sum, weight) in hidden.iter_mut().zip(weights) {
                        *sum += weight;
                    }
                }
            }
        }
    }

    fn weights_in_lanes(&self, row: usize) -> impl Iterator<Item = &f32> {
        let lanes = match &self.weights {
            Weights::Lanes(lanes) => lanes.as_slice(),
            Weights::Plain(_) | Weights::Coded(_) => &[],
        };
        let begin = row / LANES * self.columns;
        let lanes = lanes.get(begin..begin + self.columns).unwrap_or_default();
        lanes.iter().map(move |lanes| &lanes[row % LANES])
    }

    /// The products of all rows and `hidden`, each summed as by [`dot`](Matrix::dot).
    pub fn products(&self, hidden: &[f32], products: &mut Vec<f32>) {
        products.clear();
        let Weights::Lanes(lanes) = &self.weights else {
            products.extend((0..self.rows).map(|row| self.dot(row, hidden)));
            return;
        };
        for lanes in lanes.chunks_exact(self.columns) {
            let mut sums = [0.0; LANES];
            for (weights, value) in lanes.iter().zip(hidden) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += weight * value;
                }
            }
            products.extend_from_slice(&sums);
        }
        products.truncate(self.rows);
    }

    /// The product of a row and `hidden`, summed from the first column to the last.
    pub fn dot(&self, row: usize, hidden: &[f32]) -> f32 {
        let product = |sum: f32, (weight, value): (&f32, &f32)| sum + weight * value;
        match &self.weights {
            Weights::Plain(weights) => {
                let begin = row * self.columns;
                let row = weights.get(begin..begin + self.columns);
                row.unwrap_or_default().iter().zip(hidden).fold(0.0, product)
            }
            Weights::Lanes(_) => self.weights_in_lanes(row).zip(hidden).fold(0.0, product),
            Weights::Coded(coded) => {
                let weights = coded.quantizer.row(coded.codes(row)).flatten();
                weights.zip(hidden).fold(0.0, product) * coded.norm(row)
            }
        }
    }

    /// Bytes that it takes.
    pub fn memory(&self) -> usize {
        match &self.weights {
            Weights::Plain(weights) => weights.len() * 4,
            Weights::Lanes(lanes) => size_of_val(lanes.as_slice()),
            Weights::Coded(Coded { quantizer, codes, norms }) => {
                let norms = norms.as_ref().map_or(0, |(codes, _)| codes.len());
                codes.len() + norms + quantizer.centroids.len() * 4
            }
        }
    }
}

/// Sums that stay in registers from row to row.
fn add_narrow(weights: &[[f32; NARROW]], rows: &[u32], hidden: &mut [f32; NARROW]) {
    let mut sums = *hidden;
    for &row in rows {
        if let Some(row) = weights.get(row as usize) {
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += weight;
            }
        }
    }
    *hidden = sums;
}

impl Coded {
    fn reordered(self, order: &[usize]) -> Self {
        Self {
            codes: order.iter().flat_map(|&row| self.codes(row)).copied().collect(),
            norms: self.norms.as_ref().map(|(codes, norms)| {
                let code = |&row: &usize| codes.get(row).copied().unwrap_or_default();
                (order.iter().map(code).collect(), norms.clone())
            }),
            quantizer: self.quantizer,
        }
    }
}
