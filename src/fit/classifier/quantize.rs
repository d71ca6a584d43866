//! Product quantization (Jégou, Douze, Schmid 2011) as fastText's compressed models have it: rows are
//! cut into parts, and for each part the nearest of 256 centroids is kept (Joulin et al. 2016,
//! *FastText.zip*).

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::random::Random;
use crate::fasttext::Codes;

/// Centroids of a part: what a byte can name.
const CENTROIDS: usize = 256;
/// Rows that centroids are found from; the codes are those of all rows.
const SAMPLE: usize = 256 * CENTROIDS;
const ROUNDS: usize = 25;

/// Codes for rows of `columns` numbers, cut into parts of `width`.
pub(super) fn quantize(rows: &[f32], columns: usize, width: usize, seed: u64) -> Codes {
    let mut codes = Codes { columns, width, ..Codes::default() };
    let count = rows.len() / columns;
    let parts: Vec<(Vec<f32>, Vec<u8>)> = (0..codes.parts())
        .into_par_iter()
        .map(|part| {
            let begin = part * width;
            let end = (begin + width).min(columns);
            let cut: Vec<f32> = rows
                .chunks_exact(columns)
                .flat_map(|row| row.get(begin..end).unwrap_or_default())
                .copied()
                .collect();
            let mut random = Random::new(seed, &format!("quantizer {part} of {columns}"));
            let centroids = centroids(&cut, end - begin, &mut random);
            let nearest = assign(&cut, &centroids, end - begin);
            (centroids, nearest)
        })
        .collect();
    codes.codes = Vec::with_capacity(count * parts.len());
    for row in 0..count {
        codes.codes.extend(parts.iter().filter_map(|(_, nearest)| nearest.get(row)));
    }
    codes.centroids = parts.into_iter().flat_map(|(centroids, _)| centroids).collect();
    codes
}

/// The rows that codes stand for, times their norms if there are any.
pub(super) fn decode(codes: &Codes, norms: Option<&Codes>) -> Vec<f32> {
    let parts = codes.parts().max(1);
    let mut rows = Vec::with_capacity(codes.codes.len() / parts * codes.columns);
    for (number, row) in codes.codes.chunks_exact(parts).enumerate() {
        let norm = norms.map_or(1.0, |norms| {
            let code = norms.codes.get(number).copied().unwrap_or_default();
            norms.centroids.get(usize::from(code)).copied().unwrap_or_default()
        });
        for (part, &code) in row.iter().enumerate() {
            let begin = part * codes.width;
            let width = codes.width.min(codes.columns - begin);
            let at = begin * CENTROIDS + usize::from(code) * width;
            let centroid = codes.centroids.get(at..at + width).unwrap_or_default();
            rows.extend(centroid.iter().map(|weight| norm * weight));
        }
    }
    rows
}

/// Divides rows by their Euclidean norms and returns these; rows of nothing stay as they are.
pub(super) fn divide_by_norms(rows: &mut [f32], columns: usize) -> Vec<f32> {
    rows.chunks_exact_mut(columns)
        .map(|row| {
            let norm = row.iter().map(|value| value * value).sum::<f32>().sqrt();
            if norm > 0.0 {
                row.iter_mut().for_each(|value| *value /= norm);
            }
            norm
        })
        .collect()
}

/// Lloyd's k-means from a random choice of points.
fn centroids(points: &[f32], width: usize, random: &mut Random) -> Vec<f32> {
    let mut order: Vec<usize> = (0..points.len() / width).collect();
    random.shuffle(&mut order);
    order.truncate(SAMPLE);
    let point = |number: usize| points.get(number * width..(number + 1) * width);
    let sample: Vec<f32> =
        order.iter().filter_map(|&number| point(number)).flatten().copied().collect();
    // Points that are alike would make clusters that stay empty.
    let mut distinct = BTreeSet::new();
    let mut centroids: Vec<f32> = Vec::with_capacity(CENTROIDS * width);
    for point in sample.chunks_exact(width) {
        let bits: Vec<u32> = point.iter().map(|value| value.to_bits()).collect();
        if distinct.insert(bits) {
            centroids.extend_from_slice(point);
        }
        if distinct.len() == CENTROIDS {
            break;
        }
    }
    let few = distinct.len() < CENTROIDS;
    centroids.resize(CENTROIDS * width, 0.0);
    if few {
        return centroids;
    }
    for _ in 0..ROUNDS {
        let nearest = assign(&sample, &centroids, width);
        let mut sums = vec![0.0_f64; CENTROIDS * width];
        let mut counts = [0_usize; CENTROIDS];
        for (point, &code) in sample.chunks_exact(width).zip(&nearest) {
            let code = usize::from(code);
            counts[code] += 1;
            let sums = sums.iter_mut().skip(code * width);
            sums.zip(point).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        for (code, count) in counts.iter().enumerate() {
            let range = code * width..(code + 1) * width;
            if *count == 0 {
                // Begins again at some point: nearer to where there is something to part.
                let from = random.below(nearest.len()) * width;
                let from = sample.get(from..from + width).unwrap_or_default();
                centroids[range].copy_from_slice(from);
                continue;
            }
            for (centroid, sum) in centroids[range.clone()].iter_mut().zip(&sums[range]) {
                *centroid = (sum / *count as f64) as f32;
            }
        }
    }
    centroids
}

/// The nearest centroid of each point; of several the first.
fn assign(points: &[f32], centroids: &[f32], width: usize) -> Vec<u8> {
    // Column by column, so that the distances to several centroids are found at once.
    let mut turned = vec![[0.0_f32; CENTROIDS]; width];
    for (code, centroid) in centroids.chunks_exact(width).enumerate().take(CENTROIDS) {
        for (column, &value) in turned.iter_mut().zip(centroid) {
            column[code] = value;
        }
    }
    points
        .chunks_exact(width)
        .map(|point| {
            let mut distances = [0.0_f32; CENTROIDS];
            for (column, &value) in turned.iter().zip(point) {
                for (distance, &centroid) in distances.iter_mut().zip(column) {
                    let difference = value - centroid;
                    *distance += difference * difference;
                }
            }
            let least = distances.iter().copied().fold(f32::INFINITY, f32::min);
            distances.iter().position(|&distance| distance == least).unwrap_or_default() as u8
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize, columns: usize) -> Vec<f32> {
        let mut random = Random::new(3, "rows");
        (0..count * columns).map(|_| random.share() as f32 * 2.0 - 1.0).collect()
    }

    #[test]
    fn few_rows_are_kept_exactly() {
        let rows = rows(200, 5);
        let codes = quantize(&rows, 5, 2, 1);
        assert_eq!((codes.parts(), codes.codes.len(), codes.centroids.len()), (3, 600, 5 * 256));
        assert_eq!(decode(&codes, None), rows);
    }

    #[test]
    fn many_rows_are_near() {
        let rows = rows(3000, 4);
        let mean_error = |rounds_of: &Codes| {
            let decoded = decode(rounds_of, None);
            let errors = rows.iter().zip(&decoded).map(|(a, b)| (a - b) * (a - b));
            errors.sum::<f32>() / rows.len() as f32
        };
        // 256 cells on a square of side 2 have a side of 1/8 each, so a mean error of 1/768.
        let codes = quantize(&rows, 4, 2, 1);
        assert!(mean_error(&codes) < 1.2 / 768.0, "{}", mean_error(&codes));
        assert_eq!(codes, quantize(&rows, 4, 2, 1));
        assert_ne!(codes.centroids, quantize(&rows, 4, 2, 2).centroids);
    }

    #[test]
    fn norms_are_taken_out_and_put_back() {
        let mut divided = vec![3.0, 4.0, 0.0, 0.0];
        let norms = divide_by_norms(&mut divided, 2);
        assert_eq!(
            (norms.as_slice(), divided.as_slice()),
            (&[5.0, 0.0][..], &[0.6, 0.8, 0.0, 0.0][..])
        );
        let (codes, norms) = (quantize(&divided, 2, 2, 1), quantize(&norms, 1, 1, 1));
        assert_eq!(decode(&codes, Some(&norms)), [3.0, 4.0, 0.0, 0.0]);
    }
}
