//! From distributions to thresholds: one rule a field, with bounds that say what is sensible.

use std::ops::RangeInclusive;

use super::distribution::Distribution;

/// How the threshold of a field is derived from a metric of the reference sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The field of the profile.
    pub field: &'static str,
    /// The length of the n-grams, for fields that have a threshold a length; else 0.
    pub length: u8,
    /// The metric.
    pub metric: &'static str,
    /// The side on which documents are kept.
    pub side: Side,
    /// How far beyond the quantile the threshold is put, as a share of it: a sample comes from few
    /// sources, a language from many.
    pub margin: f64,
    /// The thresholds that are sensible; one beyond is moved to the nearest of these.
    pub bounds: RangeInclusive<f64>,
    /// Why these bounds, in a sentence without a full stop.
    pub reason: &'static str,
}

/// The side of a threshold on which documents are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Documents at or above it.
    AtLeast,
    /// Documents at or below it.
    AtMost,
}

/// A threshold that was derived.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Derived {
    /// The quantile of the metric.
    pub quantile: f64,
    /// The threshold: the quantile with its margin, rounded away from the sample, within bounds.
    pub threshold: f64,
    /// Whether the bounds moved it.
    pub bounded: bool,
}

const ONLY_LOOSER: &str = "from the value published for English to its double: a sample of good \
     text shows how much repetition must be allowed, not how little bad text has";

const fn repetition(field: &'static str, length: u8, metric: &'static str, english: f64) -> Rule {
    Rule {
        field,
        length,
        metric,
        side: Side::AtMost,
        margin: 0.2,
        bounds: english..=english * 2.0,
        reason: ONLY_LOOSER,
    }
}

/// The rules, in the order of a profile's fields. English values: Gopher (Rae et al. 2021) and
/// FineWeb (Penedo et al. 2024).
pub const RULES: &[Rule] = &[
    Rule {
        field: "min_language_score",
        length: 0,
        metric: "language_score",
        side: Side::AtLeast,
        margin: 0.0,
        bounds: 0.3..=0.9,
        reason: "those of FineWeb-2: less is a guess, more drops what is well written",
    },
    repetition("max_duplicate_line_ratio", 0, "gopher.duplicate_line_ratio", 0.3),
    repetition("max_top_ngram_ratios", 2, "gopher.top_2_gram_ratio", 0.2),
    repetition("max_top_ngram_ratios", 3, "gopher.top_3_gram_ratio", 0.18),
    repetition("max_top_ngram_ratios", 4, "gopher.top_4_gram_ratio", 0.16),
    repetition("max_duplicate_ngram_ratios", 5, "gopher.duplicate_5_gram_ratio", 0.15),
    repetition("max_duplicate_ngram_ratios", 6, "gopher.duplicate_6_gram_ratio", 0.14),
    repetition("max_duplicate_ngram_ratios", 7, "gopher.duplicate_7_gram_ratio", 0.13),
    repetition("max_duplicate_ngram_ratios", 8, "gopher.duplicate_8_gram_ratio", 0.12),
    repetition("max_duplicate_ngram_ratios", 9, "gopher.duplicate_9_gram_ratio", 0.11),
    repetition("max_duplicate_ngram_ratios", 10, "gopher.duplicate_10_gram_ratio", 0.1),
    Rule {
        field: "min_line_punctuation_ratio",
        length: 0,
        metric: "fineweb.line_punctuation_ratio",
        side: Side::AtLeast,
        margin: 0.2,
        bounds: 0.0..=0.12,
        reason: "at most the value published for English, as the lines of a sample are longer than \
             those of web pages; below 0.01 the rule is off",
    },
    Rule {
        field: "max_newline_ratio",
        length: 0,
        metric: "fineweb.newline_ratio",
        side: Side::AtMost,
        margin: 0.2,
        bounds: 0.3..=0.6,
        reason: "from the value published for English to its double: a sample shows its own \
             layout, not that of lists and verses",
    },
    Rule {
        field: "min_mean_word_length",
        length: 0,
        metric: "gopher.mean_word_length",
        side: Side::AtLeast,
        margin: 0.25,
        bounds: 1.0..=50.0,
        reason: "no language has words of so many code points on average",
    },
    Rule {
        field: "max_mean_word_length",
        length: 0,
        metric: "gopher.mean_word_length",
        side: Side::AtMost,
        margin: 0.25,
        bounds: 1.0..=50.0,
        reason: "no language has words of so many code points on average",
    },
    Rule {
        field: "min_alpha_words_ratio",
        length: 0,
        metric: "gopher.alpha_words_ratio",
        side: Side::AtLeast,
        margin: 0.1,
        bounds: 0.5..=0.8,
        reason: "at most the value published for English; half the words of a text have letters in \
             any language",
    },
];

impl Rule {
    /// The name of the threshold, with the n-grams' length where there is one.
    pub fn name(&self) -> String {
        match self.length {
            0 => self.field.to_owned(),
            length => format!("{}.{length}", self.field),
        }
    }

    /// The threshold that keeps a share of the sample's documents; `None` without values, or if
    /// the rule would test nothing.
    pub fn derive(&self, values: &Distribution, share: f64) -> Option<Derived> {
        let (quantile, wanted) = match self.side {
            Side::AtMost => {
                let quantile = values.at_most(share)?;
                (quantile, quantile * (1.0 + self.margin))
            }
            Side::AtLeast => {
                let quantile = values.at_least(share)?;
                (quantile, quantile * (1.0 - self.margin))
            }
        };
        let within = wanted.clamp(*self.bounds.start(), *self.bounds.end());
        // Two decimals are what a person reviews; bounds have no more.
        let hundredths = within * 100.0;
        let threshold = match self.side {
            Side::AtMost => (hundredths - 1e-6).ceil() / 100.0,
            Side::AtLeast => (hundredths + 1e-6).floor() / 100.0,
        };
        let tests_something = self.side == Side::AtMost || threshold >= 0.01;
        tests_something.then_some(Derived { quantile, threshold, bounded: within != wanted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> &'static Rule {
        RULES.iter().find(|rule| rule.name() == name).unwrap()
    }

    fn derived(name: &str, values: &[f64]) -> Option<Derived> {
        let mut distribution = Distribution::default();
        values.iter().for_each(|value| distribution.add(*value));
        rule(name).derive(&distribution, 0.99)
    }

    #[test]
    fn a_threshold_is_the_quantile_with_its_margin() {
        let found = derived("max_top_ngram_ratios.2", &[0.05, 0.1, 0.15]).unwrap();
        assert_eq!(found, Derived { quantile: 0.15, threshold: 0.2, bounded: true });
        let found = derived("max_top_ngram_ratios.2", &[0.05, 0.1, 0.25]).unwrap();
        assert_eq!(found, Derived { quantile: 0.25, threshold: 0.3, bounded: false });
        let found = derived("min_mean_word_length", &[4.0, 5.0]).unwrap();
        assert_eq!(found, Derived { quantile: 4.0, threshold: 3.0, bounded: false });
        let found = derived("max_mean_word_length", &[4.0, 5.0]).unwrap();
        assert_eq!((found.threshold, found.bounded), (6.25, false));
    }

    #[test]
    fn bounds_hold_a_threshold_back() {
        let found = |name, value| derived(name, &[value]).map(|found| found.threshold);
        assert_eq!(found("max_duplicate_line_ratio", 0.0), Some(0.3));
        assert_eq!(found("max_duplicate_line_ratio", 0.9), Some(0.6));
        assert_eq!(found("max_duplicate_ngram_ratios.10", 0.0), Some(0.1));
        assert_eq!(found("min_line_punctuation_ratio", 1.0), Some(0.12));
        assert_eq!(found("min_line_punctuation_ratio", 0.0), None);
        assert_eq!(found("min_alpha_words_ratio", 0.2), Some(0.5));
        assert_eq!(found("min_alpha_words_ratio", 1.0), Some(0.8));
        assert_eq!(found("max_mean_word_length", 3141.0), Some(50.0));
        assert_eq!(found("min_language_score", 0.95), Some(0.9));
        assert_eq!(derived("min_language_score", &[]), None);
        assert!(derived("max_mean_word_length", &[3141.0]).unwrap().bounded);
    }
}
