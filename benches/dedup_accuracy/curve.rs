//! Which pairs share a band, by how alike their sets of shingles are, against theory.

use sapwood::dedup::minhash::MinhashDedup;
use sapwood::document::Document;
use sapwood::pipeline::{Config, StageConfig};

use crate::answers::Contender;
use crate::common::Failure;
use crate::exact::jaccard;
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
    pub bands: usize,
    pub rows: usize,
    /// The ranges of similarity, a twentieth each.
    pub bins: [Bin; 20],
}

/// The probability that two documents share a band if their shingles are alike to a degree.
pub fn theory(similarity: f64, bands: usize, rows: usize) -> f64 {
    1.0 - (1.0 - similarity.powi(rows as i32)).powi(bands as i32)
}

/// Measures a `minhash_dedup`, given as it stands in a list of stages. It must name its `bands` and
/// `rows`, and believe every candidate: `verify: none`. How alike two documents are is worked out
/// from all of the stage's shingles.
pub fn measure(stage: &str, maker: &Maker, rounds: usize) -> Result<Curve, Failure> {
    let contender = Contender::stages("curve", stage)?;
    let config = Config::from_yaml(&format!("stages:\n  - {stage}\n"), "curve")?;
    let Some(StageConfig::MinhashDedup(config)) = config.stages.first() else {
        return Err(format!("{stage}: no minhash_dedup").into());
    };
    let (Some(bands), Some(rows)) = (config.bands, config.rows) else {
        return Err(format!("{stage}: a curve needs bands and rows").into());
    };
    let barrier = MinhashDedup::new(config)?;
    let shingles = |text: &str| {
        let mut shingles = Vec::new();
        barrier.shingles(&Document::new("", text), &mut shingles);
        shingles.sort_unstable();
        shingles.dedup();
        shingles
    };
    let mut bins = [Bin::default(); 20];
    for round in 0..rounds {
        let set = maker.pairs(round);
        let sets: Vec<Vec<u64>> = set.iter().map(|entry| shingles(&entry.text)).collect();
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
