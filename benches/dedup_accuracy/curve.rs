//! Which pairs share a band, by how alike their sets of shingles are, against theory.

use sapwood::document::Document;
use sapwood::text::segment::Segmentation;
use serde_json::Value;

use crate::answers::Contender;
use crate::common::Failure;
use crate::exact::{jaccard, shingles};
use crate::judge::Share;
use crate::make::Maker;

/// Pairs of a range of similarity.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bin {
    /// The pairs, and which of them were found.
    pub pairs: Share,
    /// The number that theory expects to be found.
    pub expected: f64,
}

/// The curve of a banding.
pub struct Curve {
    pub stage: String,
    pub bands: u32,
    pub rows: u32,
    /// The ranges of similarity, a twentieth each.
    pub bins: [Bin; 20],
}

/// The probability that two documents share a band if their shingles are alike to a degree.
pub fn theory(similarity: f64, bands: u32, rows: u32) -> f64 {
    1.0 - (1.0 - similarity.powi(rows as i32)).powi(bands as i32)
}

/// Measures a stage, given as it stands in a list of stages. It must name its `bands`, `rows` and
/// `n`, compare n-grams of words as UAX #29 cuts them, in lower case, and believe every candidate:
/// `{n: 5, min_letters: 0, bands: 14, rows: 8, verify: none}`.
pub fn measure(stage: &str, maker: &Maker, rounds: usize) -> Result<Curve, Failure> {
    let contender = Contender::stages("curve", stage)?;
    let parameters = contender.parameters();
    let number = |name: &str| {
        find(&parameters, name).and_then(Value::as_u64).ok_or_else(|| format!("{stage}: no {name}"))
    };
    for (name, wanted) in
        [("unit", "word".into()), ("min_letters", 0.into()), ("verify", "none".into())]
    {
        if find(&parameters, name).is_some_and(|value: &Value| *value != wanted) {
            return Err(format!("{stage}: a curve needs {name}: {wanted}").into());
        }
    }
    let (bands, rows, n) = (number("bands")? as u32, number("rows")? as u32, number("n")? as usize);
    let mut bins = [Bin::default(); 20];
    for round in 0..rounds {
        let set = maker.pairs(round);
        let sets: Vec<Vec<u64>> =
            set.iter().map(|entry| shingles(&words(&entry.text), n)).collect();
        let answer = contender.answer(&set, round)?;
        for (copy, entry) in set.iter().enumerate() {
            let Some(of) = entry.of else { continue };
            let similarity = jaccard(&sets[of], &sets[copy]);
            let bin = &mut bins[((similarity * 20.0) as usize).min(19)];
            bin.pairs.count(answer.cluster[of] == answer.cluster[copy]);
            bin.expected += theory(similarity, bands, rows);
        }
    }
    Ok(Curve { stage: stage.to_owned(), bands, rows, bins })
}

fn words(text: &str) -> Vec<u64> {
    let document = Document::new("", text);
    document.view().words(Segmentation::Unicode).lower_hashes(text).to_vec()
}

/// The first value of a name, at any depth.
fn find<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(members) => {
            members.get(name).or_else(|| members.values().find_map(|member| find(member, name)))
        }
        Value::Array(values) => values.iter().find_map(|value| find(value, name)),
        _ => None,
    }
}
