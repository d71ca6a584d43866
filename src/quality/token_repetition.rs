//! Periodic repetition: the same few words, again and again, one right behind the other.
//!
//! Sources: `ngram_repetition_filter` of datamap-rs (commit f771794, 2025), which removes a document
//! in which 1 to 13 tokens come 32 times in a row, and the tagger `tokenizer_repetitions` of dolma
//! 1.2, which marks what comes 3 times in a row. Both look at the tokens of a language model's
//! vocabulary; this stage looks at words or characters, which need no vocabulary.

use std::cell::RefCell;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lines::{ParameterError, check_ratio, steps};
use crate::document::{Bound, Document};
use crate::stage::{Metric, MetricKind, Stage, Verdict};
use crate::text::segment::WordsConfig;

#[cfg(test)]
mod tests;

const LONGEST: &str = "token_repetition.longest_repetitions";
const PERIOD: &str = "token_repetition.period";
const COVERED: &str = "token_repetition.covered_ratio";

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Words.
    #[default]
    Words,
    /// Code points.
    Characters,
}

/// The configuration of [`TokenRepetition`]. The defaults are datamap-rs's; dolma's are
/// `min_repetitions: 3` and `max_covered_ratio: null`, for it marks and drops nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What is compared: `words`, or `characters` for rows of signs, which are no words.
    pub unit: Unit,
    /// How words are cut.
    pub words: WordsConfig,
    /// The most words or characters that are repeated together; 13 in both originals.
    pub max_period: u32,
    /// How often something must stand in a row to count for `token_repetition.covered_ratio`; 32 in
    /// datamap-rs, 3 in dolma.
    pub min_repetitions: u32,
    /// The highest share of the text in such rows; 0 as datamap-rs drops for the first. Null is off.
    pub max_covered_ratio: Option<f64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            unit: Unit::Words,
            words: WordsConfig::default(),
            max_period: 13,
            min_repetitions: 32,
            max_covered_ratio: Some(0.0),
        }
    }
}

/// What repeats in a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Repetition {
    /// How often the most repeated piece stands in a row: 1 if nothing is repeated, 0 for an empty
    /// sequence.
    pub longest: usize,
    /// The length of that piece; the shortest, if several stand in a row as often. 0 if nothing is
    /// repeated.
    pub period: usize,
    /// The share of the sequence in rows that are long enough, 0 to 1.
    pub covered_ratio: f64,
}

/// Marks for each place of a sequence whether it is covered.
#[derive(Default)]
struct Cover(Vec<u64>);

impl Cover {
    fn mark(&mut self, start: usize, end: usize) {
        let mut word = start / 64;
        if self.0.len() < end.div_ceil(64) {
            self.0.resize(end.div_ceil(64), 0);
        }
        while let Some(bits) = self.0.get_mut(word).filter(|_| word * 64 < end) {
            let low = u64::MAX << start.saturating_sub(word * 64).min(63);
            let high = u64::MAX >> (64 - (end - word * 64).min(64));
            *bits |= low & high;
            word += 1;
            steps::add(1);
        }
    }

    fn count(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }
}

thread_local! {
    static CODES: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// The shortest run of equal pairs that makes a row longer than the longest, or long enough to be
/// covered.
fn wanted_run(period: usize, longest: usize, least: usize) -> usize {
    period.saturating_mul(longest.max(1).min(least - 1))
}

/// The first pair of equal items among those at every `step`th place from `from` on.
fn next_same<T: PartialEq>(now: &[T], before: &[T], from: usize, step: usize) -> Option<usize> {
    let now = now.get(from..)?.iter().step_by(step);
    let before = before.get(from..)?.iter().step_by(step);
    let looked = now.len();
    let found = now.zip(before).position(|(now, before)| now == before);
    steps::add(found.unwrap_or(looked));
    found.map(|index| from + index * step)
}

/// Finds rows of a repeated piece of up to `max_period` items. A row counts as covered if the piece
/// stands in it `min_repetitions` times or more.
pub fn repetition<T: PartialEq>(
    items: &[T],
    max_period: usize,
    min_repetitions: usize,
) -> Repetition {
    let mut found = Repetition { longest: usize::from(!items.is_empty()), ..Repetition::default() };
    let mut cover = Cover::default();
    // Nothing stands in a row by itself.
    let least = min_repetitions.max(2);
    for period in 1..=max_period {
        let Some(shifted) = items.get(period..) else { break };
        let same = |at: usize| match (shifted.get(at), items.get(at)) {
            (Some(now), Some(before)) => now == before,
            _ => false,
        };
        // A run of equal pairs counts from some length on, and a run of that length has a pair at
        // every so many places: only those are looked at, until one is equal.
        let (mut behind, mut wanted) = (0, wanted_run(period, found.longest, least));
        while let Some(at) = next_same(shifted, items, behind + wanted - 1, wanted) {
            let before = (behind..at).rev().take_while(|&at| same(at)).count();
            let after = (at + 1..shifted.len()).take_while(|&at| same(at)).count();
            steps::add(before + after + 2);
            let run = before + 1 + after;
            let end = at + 1 + after;
            let times = run / period + 1;
            if times > found.longest {
                (found.longest, found.period) = (times, period);
            }
            if times >= least {
                cover.mark(end - run, end + period);
            }
            // The pair at `end` is unequal or not there.
            behind = end + 1;
            wanted = wanted_run(period, found.longest, least);
        }
    }
    found.covered_ratio = cover.count() as f64 / items.len().max(1) as f64;
    found
}

/// Finds what repeats in a row.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::token_repetition::{Config, TokenRepetition};
/// use sapwood::stage::Verdict;
///
/// let stage = TokenRepetition::new(&Config::default())?;
/// let mut document = Document::new("a", "click here ".repeat(40));
/// assert_eq!(
///     document.apply(&stage),
///     Verdict::Drop("token_repetition.covered_ratio".into())
/// );
/// # Ok::<(), sapwood::quality::lines::ParameterError>(())
/// ```
pub struct TokenRepetition {
    config: Config,
}

impl TokenRepetition {
    /// Checks the parameters.
    pub fn new(config: &Config) -> Result<Self, ParameterError> {
        check_ratio("max_covered_ratio", config.max_covered_ratio)?;
        if !(1..=1000).contains(&config.max_period) {
            return Err(ParameterError { key: "max_period", expected: "between 1 and 1000" });
        }
        if config.min_repetitions < 2 {
            return Err(ParameterError { key: "min_repetitions", expected: "2 or more" });
        }
        Ok(Self { config: config.clone() })
    }

    fn measure(&self, document: &Document<'_>) -> Repetition {
        let view = document.view();
        let text = view.text();
        let (period, times) =
            (self.config.max_period as usize, self.config.min_repetitions as usize);
        match self.config.unit {
            Unit::Words => {
                let segmentation = self.config.words.segmentation(document.language());
                repetition(view.words(segmentation).hashes(), period, times)
            }
            Unit::Characters if view.is_ascii() => repetition(text.as_bytes(), period, times),
            Unit::Characters => CODES.with_borrow_mut(|codes| {
                codes.extend(text.chars().map(u32::from));
                let found = repetition(codes, period, times);
                codes.clear();
                codes.shrink_to(1 << 18);
                found
            }),
        }
    }
}

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[
    Metric {
        name: LONGEST,
        kind: MetricKind::Integer,
        unit: "repetitions",
        meaning: "how often the most repeated piece of up to `max_period` units stands in a row",
    },
    Metric {
        name: PERIOD,
        kind: MetricKind::Integer,
        unit: "units",
        meaning: "length of that piece in words or characters; 0 if nothing is repeated",
    },
    Metric {
        name: COVERED,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of words or characters in rows of `min_repetitions` or more",
    },
];

impl Stage for TokenRepetition {
    fn name(&self) -> &str {
        "token_repetition"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let found = self.measure(document);
        document.annotate(LONGEST, found.longest);
        document.annotate(PERIOD, found.period);
        document.annotate(COVERED, found.covered_ratio);
        if let Some(most) = self.config.max_covered_ratio {
            document.test(COVERED, found.covered_ratio, Bound::AtMost(most));
        }
        document.verdict()
    }
}
