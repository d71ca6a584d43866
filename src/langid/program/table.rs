//! The file `filters/programs.yaml`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use serde::Deserialize;

use super::features::{Feature, Tally, hash, walk};
use super::gate::pieces;
use super::{OTHER, PROSE};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    languages: BTreeMap<String, Vec<String>>,
    other: Vec<String>,
    shared: BTreeMap<String, Vec<String>>,
    begins: BTreeMap<String, String>,
    interpreters: BTreeMap<String, String>,
    least_tokens: usize,
    natural_ceiling: f64,
    prose_ceiling: f64,
    other_factor: f64,
    scale: f32,
    bias: String,
    words: Vec<String>,
    features: BTreeMap<String, String>,
}

/// Keys that are hashes already.
#[derive(Default, Clone)]
struct Plain(u64);

type Hashed = BuildHasherDefault<Plain>;

impl Hasher for Plain {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0 << 8 | u64::from(byte);
        }
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// What an extension says.
#[derive(Debug, Clone)]
pub(super) enum Extension {
    /// A program in this language.
    One(usize),
    /// A program in none of the languages.
    Other,
    /// One of these languages, or something else.
    Several(Vec<usize>),
}

/// The table, made ready.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// The languages by their number, then [`OTHER`].
    pub names: Vec<Arc<str>>,
    extensions: HashMap<String, Extension>,
    /// With what a text begins, and the language it is in then.
    begins: Vec<(String, usize)>,
    /// How the name of a program after `#!` begins, and its language; the longest first.
    interpreters: Vec<(String, usize)>,
    /// For each label of the evidence the number of its language; `None` for prose.
    labels: Vec<Option<usize>>,
    words: HashSet<u64, Hashed>,
    /// Where in `weights` the row of a feature is.
    rows: HashMap<u64, u32, Hashed>,
    weights: Vec<f32>,
    bias: Vec<f32>,
    least_tokens: usize,
    natural_ceiling: f64,
    pub prose_ceiling: f64,
    pub other_factor: f64,
}

/// How probable each kind of text is; all together are 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shares {
    /// By language; the last is [`OTHER`].
    pub programs: Vec<f64>,
    /// Natural language.
    pub prose: f64,
}

impl Table {
    /// Reads a table; the error is a message for its writer.
    pub fn parse(yaml: &str) -> Result<Self, String> {
        let file: File = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        let mut names: Vec<Arc<str>> =
            file.languages.keys().map(|name| Arc::from(name.as_str())).collect();
        if file.languages.contains_key(OTHER) || file.languages.contains_key(PROSE) {
            return Err(format!("languages: `{OTHER}` and `{PROSE}` are no languages"));
        }
        if !(file.scale > 0.0 && file.scale.is_finite()) {
            return Err("scale: must be more than 0".to_owned());
        }
        let ceilings = [
            ("prose_ceiling", file.prose_ceiling),
            ("natural_ceiling", file.natural_ceiling),
            ("other_factor", file.other_factor),
        ];
        if let Some((key, _)) = ceilings.iter().find(|(_, value)| !(0.0..=1.0).contains(value)) {
            return Err(format!("{key}: must be from 0 to 1"));
        }
        let number = |name: &str| names.iter().position(|known| **known == *name);
        let mut extensions = HashMap::new();
        let mut add = |key: &str, extension: &str, says: Extension| {
            let bare = extension.strip_prefix('.').filter(|bare| !bare.contains(['.', '/']));
            let Some(bare) = bare.filter(|bare| !bare.is_empty()) else {
                return Err(format!("{key}: `{extension}` is not an extension"));
            };
            match extensions.insert(bare.to_owned(), says) {
                Some(_) => Err(format!("{key}: {extension} is named twice")),
                None => Ok(()),
            }
        };
        for (language, (name, all)) in file.languages.iter().enumerate() {
            for extension in all {
                add(&format!("languages.{name}"), extension, Extension::One(language))?;
            }
        }
        for extension in &file.other {
            add("other", extension, Extension::Other)?;
        }
        for (extension, candidates) in &file.shared {
            let find = |name: &String| {
                number(name).ok_or_else(|| format!("shared.{extension}: `{name}` is no language"))
            };
            let candidates = candidates.iter().map(find).collect::<Result<_, _>>()?;
            add("shared", extension, Extension::Several(candidates))?;
        }

        let signs = |key: &str, signs: &BTreeMap<String, String>| {
            let find = |(sign, name): (&String, &String)| {
                let other = (name == OTHER).then_some(names.len());
                match number(name).or(other).filter(|_| !sign.trim().is_empty()) {
                    Some(language) => Ok((sign.clone(), language)),
                    None => {
                        Err(format!("{key}.{sign}: `{name}` is no language, or the sign is empty"))
                    }
                }
            };
            let mut all = signs.iter().map(find).collect::<Result<Vec<_>, _>>()?;
            all.sort_by_key(|(sign, _)| std::cmp::Reverse(sign.len()));
            Ok::<_, String>(all)
        };
        let begins = signs("begins", &file.begins)?;
        let interpreters = signs("interpreters", &file.interpreters)?;

        let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
        let texts = || file.features.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let all = || std::iter::once(("bias", file.bias.as_str())).chain(texts());
        for (_, text) in all() {
            for part in text.split(',') {
                let label = part.trim().rsplit_once(' ').map_or(part, |(label, _)| label.trim());
                let next = labels.len();
                labels.entry(label).or_insert(next);
            }
        }
        let row = |name: &str, text: &str| {
            let mut row = vec![0.0; labels.len()];
            for part in text.split(',') {
                let broken = || format!("{name}: `{part}` is not a label and a whole number");
                let (label, weight) = part.trim().rsplit_once(' ').ok_or_else(broken)?;
                let weight: i16 = weight.parse().map_err(|_| broken())?;
                if let Some(slot) = labels.get(label.trim()).and_then(|&at| row.get_mut(at)) {
                    *slot = f32::from(weight) / file.scale;
                }
            }
            Ok::<_, String>(row)
        };
        let bias = row("bias", &file.bias)?;
        let (mut rows, mut weights) = (HashMap::default(), Vec::new());
        for (name, text) in texts() {
            let feature = Feature::parse(name)
                .ok_or_else(|| format!("features: `{name}` is not one to three tokens"))?;
            let at = u32::try_from(rows.len()).map_err(|_| "features: too many".to_owned())?;
            if rows.insert(feature.key(), at).is_some() {
                return Err(format!("features: `{name}` is named twice"));
            }
            weights.extend(row(name, text)?);
        }
        let mut numbered = vec![None; labels.len()];
        for (label, &at) in &labels {
            if let Some(slot) = numbered.get_mut(at).filter(|_| *label != PROSE) {
                *slot = Some(number(label).unwrap_or(names.len()));
            }
        }
        names.push(Arc::from(OTHER));
        Ok(Self {
            names,
            extensions,
            begins,
            interpreters,
            labels: numbered,
            words: file.words.iter().map(|word| hash(word)).collect(),
            rows,
            weights,
            bias,
            least_tokens: file.least_tokens,
            natural_ceiling: file.natural_ceiling,
            prose_ceiling: file.prose_ceiling,
            other_factor: file.other_factor,
        })
    }

    /// What the extension of a file's name says; case counts first.
    pub fn extension(&self, name: &str) -> Option<&Extension> {
        let (_, extension) = name.rsplit_once('.')?;
        let lower = || self.extensions.get(&extension.to_ascii_lowercase());
        self.extensions.get(extension).or_else(lower)
    }

    /// The language that the first line gives away: `<?php`, `#!/usr/bin/env python3`.
    pub fn opening(&self, text: &str) -> Option<usize> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let signed = |signs: &[(String, usize)], text: &str| {
            let sign = signs.iter().find(|(sign, _)| text.starts_with(sign.as_str()));
            sign.map(|&(_, language)| language)
        };
        if let Some(line) = text.strip_prefix("#!") {
            let line = line.lines().next().filter(|line| line.contains('/'))?;
            let mut words = line.split(['/', ' ', '\t']);
            return words.find_map(|word| signed(&self.interpreters, word));
        }
        signed(&self.begins, text)
    }

    /// How probable each kind is, by the text alone; `None` if there is too little to go by.
    pub fn shares(&self, text: &str) -> Option<Shares> {
        let mut counts = vec![0_u32; self.rows.len()];
        let mut all = Tally::default();
        for piece in pieces(text) {
            let known = |word: u64| self.words.contains(&word);
            let tally = walk(piece, known, |feature| {
                let row = self.rows.get(&feature.key());
                if let Some(count) = row.and_then(|&row| counts.get_mut(row as usize)) {
                    *count += 1;
                }
            });
            all.tokens += tally.tokens;
            all.bytes += tally.bytes;
            all.natural += tally.natural;
        }
        let total: u32 = counts.iter().sum();
        let natural = all.natural as f64 > self.natural_ceiling * all.bytes as f64;
        if all.tokens < self.least_tokens || total == 0 || natural {
            return None;
        }
        let norm = (total as f32).sqrt();
        let mut scores = self.bias.clone();
        for (row, &count) in self.weights.chunks_exact(self.bias.len()).zip(&counts) {
            if count > 0 {
                let value = (count as f32).sqrt() / norm;
                for (score, weight) in scores.iter_mut().zip(row) {
                    *score += weight * value;
                }
            }
        }
        let top = scores.iter().copied().fold(f32::MIN, f32::max);
        let odds: Vec<f64> = scores.iter().map(|&score| f64::from(score - top).exp()).collect();
        let sum: f64 = odds.iter().sum();
        let mut shares = Shares { programs: vec![0.0; self.names.len()], prose: 0.0 };
        for (odds, label) in odds.iter().zip(&self.labels) {
            match label.and_then(|label| shares.programs.get_mut(label)) {
                Some(share) => *share += odds / sum,
                None => shares.prose += odds / sum,
            }
        }
        Some(shares)
    }

    /// Memory that the table holds, in bytes, roughly.
    pub fn memory(&self) -> u64 {
        (self.weights.len() * 4 + self.rows.len() * 16 + self.words.len() * 32) as u64
    }
}
