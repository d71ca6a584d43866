//! Derives the evidence of `filters/programs.yaml` from labelled files; `filters/make_programs.py`
//! fetches them and calls this.
//!
//! ```sh
//! cargo run --release --example train_programs -- TRAIN.jsonl > evidence.yaml
//! ```
//!
//! A line of the input is `{"label": …, "package": …, "text": …}`. The features that tell the labels
//! apart best are chosen, a softmax regression is fitted to them (AdaGrad with an L1 penalty), and
//! its weights are rounded to whole numbers. Nothing depends on chance.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::BufRead;

use sapwood::langid::program::features::{Feature, hash, walk};
use sapwood::langid::program::gate::pieces;
use sapwood::langid::program::tokens::{Kind, Tokens};
use serde::Deserialize;

const WORDS: usize = 450;
const CANDIDATES: usize = 6000;
const FEATURES: usize = 1600;
const EPOCHS: usize = 30;
const RATE: f32 = 2.0;
const PENALTY: f32 = 4e-6;
const SCALE: f32 = 4.0;

#[derive(Deserialize)]
struct File {
    label: String,
    package: String,
    text: String,
}

struct Example {
    label: usize,
    weight: f32,
    features: Vec<(u32, f32)>,
}

/// How often something occurs, by label and by package.
#[derive(Default)]
struct Seen {
    labels: BTreeMap<usize, u32>,
    packages: BTreeSet<usize>,
}

/// Mutual information of presence and label, in nats; `totals` are the files of each label.
fn information(seen: &Seen, totals: &[u32]) -> f64 {
    // Labels count alike, however many files they have.
    let labels = totals.len() as f64;
    let share = |label: usize| {
        f64::from(seen.labels.get(&label).copied().unwrap_or(0)) / f64::from(totals[label].max(1))
    };
    let mean = (0..totals.len()).map(share).sum::<f64>() / labels;
    let term = |p: f64, q: f64| if p > 0.0 { p * (p / q).ln() } else { 0.0 };
    (0..totals.len())
        .map(|label| term(share(label), mean) + term(1.0 - share(label), 1.0 - mean))
        .sum()
}

fn best<K: Clone + Ord>(
    seen: HashMap<K, Seen>,
    totals: &[u32],
    least: u32,
    count: usize,
) -> Vec<K> {
    let mut ranked: Vec<(f64, K)> = seen
        .into_iter()
        .filter(|(_, seen)| {
            seen.labels.values().sum::<u32>() >= least && (seen.packages.len() >= 2)
        })
        .map(|(key, seen)| (information(&seen, totals), key))
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    ranked.truncate(count);
    ranked.into_iter().map(|(_, key)| key).collect()
}

fn window(text: &str, from: usize, length: usize) -> &str {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    let start = floor(from).unwrap_or(0);
    let start = text[start..].find('\n').map_or(start, |line| start + line + 1);
    &text[start..floor(start + length).unwrap_or(0)]
}

fn vector(texts: &[&str], known: &BTreeSet<u64>, index: &HashMap<String, u32>) -> Vec<(u32, f32)> {
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    for text in texts {
        walk(
            text,
            |word| known.contains(&word),
            |feature: Feature<'_>| {
                if let Some(&at) = index.get(&feature.to_string()) {
                    *counts.entry(at).or_default() += 1;
                }
            },
        );
    }
    let norm = (counts.values().sum::<u32>() as f32).sqrt();
    counts.into_iter().map(|(at, count)| (at, (count as f32).sqrt() / norm)).collect()
}

fn train(examples: &[Example], labels: usize, features: usize) -> Vec<f32> {
    // One row a feature, one more for the bias.
    let mut weights = vec![0.0_f32; (features + 1) * labels];
    let mut squares = vec![1e-6_f32; weights.len()];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    for epoch in 0..EPOCHS {
        order.sort_by_key(|&at| {
            (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ (epoch as u64) << 17)
        });
        for &at in &order {
            let example = &examples[at];
            let mut scores = weights[features * labels..].to_vec();
            for &(feature, value) in &example.features {
                let row = &weights[feature as usize * labels..][..labels];
                for (score, weight) in scores.iter_mut().zip(row) {
                    *score += weight * value;
                }
            }
            let top = scores.iter().copied().fold(f32::MIN, f32::max);
            let sum: f32 = scores.iter().map(|score| (score - top).exp()).sum();
            let errors: Vec<f32> = scores
                .iter()
                .enumerate()
                .map(|(label, score)| {
                    let target =
                        if label == example.label { 0.98 } else { 0.02 / (labels as f32 - 1.0) };
                    ((score - top).exp() / sum - target) * example.weight
                })
                .collect();
            let bias = std::iter::once((features as u32, 0.3_f32));
            for (feature, value) in example.features.iter().copied().chain(bias) {
                let base = feature as usize * labels;
                for (label, error) in errors.iter().enumerate() {
                    let gradient = error * value;
                    let square = &mut squares[base + label];
                    *square += gradient * gradient;
                    let rate = RATE / (0.5 + square.sqrt());
                    let weight = &mut weights[base + label];
                    *weight -= rate * gradient * 0.5;
                    let shrink = rate * PENALTY;
                    *weight = weight.signum() * (weight.abs() - shrink).max(0.0);
                }
            }
        }
    }
    weights
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name the file with labelled texts")?;
    let mut files = Vec::new();
    for line in std::io::BufReader::new(std::fs::File::open(path)?).lines() {
        files.push(serde_json::from_str::<File>(&line?)?);
    }
    let labels: BTreeSet<String> = files.iter().map(|file| file.label.clone()).collect();
    let labels: Vec<String> = labels.into_iter().collect();
    let packages: BTreeSet<String> = files.iter().map(|file| file.package.clone()).collect();
    let packages: Vec<String> = packages.into_iter().collect();
    let label_of = |file: &File| labels.binary_search(&file.label).unwrap_or(0);
    let package_of = |file: &File| packages.binary_search(&file.package).unwrap_or(0);
    let mut totals = vec![0; labels.len()];
    for file in &files {
        totals[label_of(file)] += 1;
    }
    eprintln!("{} files; {:?}", files.len(), labels.iter().zip(&totals).collect::<Vec<_>>());

    let mut seen: HashMap<String, Seen> = HashMap::new();
    for file in &files {
        let words: BTreeSet<&str> = pieces(&file.text)
            .flat_map(Tokens::new)
            .filter(|token| token.kind == Kind::Word && token.text.len() > 1)
            .map(|token| token.text)
            .collect();
        for word in words {
            let seen = seen.entry(word.to_owned()).or_default();
            *seen.labels.entry(label_of(file)).or_default() += 1;
            seen.packages.insert(package_of(file));
        }
    }
    let words: BTreeSet<String> = best(seen, &totals, 12, WORDS).into_iter().collect();
    let known: BTreeSet<u64> = words.iter().map(|word| hash(word)).collect();

    let mut seen: HashMap<String, Seen> = HashMap::new();
    for file in &files {
        let mut features = BTreeSet::new();
        for piece in pieces(&file.text) {
            walk(
                piece,
                |word| known.contains(&word),
                |feature| {
                    features.insert(feature.to_string());
                },
            );
        }
        for feature in features {
            let seen = seen.entry(feature).or_default();
            *seen.labels.entry(label_of(file)).or_default() += 1;
            seen.packages.insert(package_of(file));
        }
    }
    let mut chosen = best(seen, &totals, 15, CANDIDATES);

    let build = |chosen: &[String]| {
        let index: HashMap<String, u32> = chosen.iter().cloned().zip(0..).collect();
        let mut examples = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let label = label_of(file);
            let weight = (200.0 / totals[label].max(20) as f32).sqrt().clamp(0.6, 2.0);
            let mut add = |texts: &[&str]| {
                let features = vector(texts, &known, &index);
                if features.len() > 3 || file.label == "prose" {
                    examples.push(Example { label, weight, features });
                }
            };
            add(&pieces(&file.text).collect::<Vec<_>>());
            if file.label != "prose" && file.text.len() > 1500 {
                add(&[window(&file.text, 0, 600)]);
                let from = (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) as usize;
                add(&[window(&file.text, from % (file.text.len() - 1000), 1000)]);
            }
        }
        examples
    };
    let weights = train(&build(&chosen), labels.len(), chosen.len());
    let mut ranked: Vec<(f32, String)> = chosen
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let row = &weights[at * labels.len()..][..labels.len()];
            (row.iter().map(|weight| weight * weight).sum(), name.clone())
        })
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    ranked.truncate(FEATURES);
    chosen = ranked.into_iter().map(|(_, name)| name).collect();
    chosen.sort();
    let examples = build(&chosen);
    let weights = train(&examples, labels.len(), chosen.len());

    let row = |at: usize| {
        let row = &weights[at * labels.len()..][..labels.len()];
        let shown = row.iter().zip(&labels).filter_map(|(weight, label)| {
            let whole = (weight * SCALE).round() as i32;
            (whole.abs() > 1).then(|| format!("{label} {whole}"))
        });
        shown.collect::<Vec<_>>().join(", ")
    };
    let used: BTreeSet<&str> = chosen.iter().flat_map(|name| name.split(' ')).collect();
    let used_words: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| used.contains(word)).collect();
    println!("scale: {SCALE}");
    println!("bias: {}", row(chosen.len()));
    println!("words: {}", serde_json::to_string(&used_words)?);
    println!("features:");
    for (at, name) in chosen.iter().enumerate() {
        let row = row(at);
        if !row.is_empty() {
            println!("  {}: {row}", serde_json::to_string(name)?);
        }
    }
    Ok(())
}
