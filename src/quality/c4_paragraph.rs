//! The paragraph rule of multilingual C4: a document needs a few long lines.
//!
//! Source: mC4 (L. Xue et al., *mT5*, 2021), as datatrove 0.10 (`C4ParagraphFilter`) has it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lines::{ParameterError, steps};
use crate::document::{Bound, Document};
use crate::stage::{Metric, MetricKind, Stage, Verdict};

const LINES: &str = "c4_paragraph.lines";
const THIRD_LONGEST: &str = "c4_paragraph.third_longest_line";

/// The configuration of [`C4Paragraph`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The fewest lines, empty ones too, that a document is kept with; 3 as published. Null is off.
    pub min_lines: Option<u64>,
    /// The fewest code points that the third longest line must have; 200 as published. Null is off.
    pub min_line_characters: Option<u64>,
    /// How many lines must be that long; 3 as published.
    pub long_lines: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { min_lines: Some(3), min_line_characters: Some(200), long_lines: 3 }
    }
}

/// The paragraph rule of multilingual C4.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::c4_paragraph::{C4Paragraph, Config};
/// use sapwood::stage::Verdict;
///
/// let stage = C4Paragraph::new(&Config::default())?;
/// let mut document = Document::new("a", "One short line.");
/// assert_eq!(document.apply(&stage), Verdict::Drop("c4_paragraph.lines".into()));
/// # Ok::<(), sapwood::quality::lines::ParameterError>(())
/// ```
pub struct C4Paragraph {
    config: Config,
}

impl C4Paragraph {
    /// Checks the parameters.
    pub fn new(config: &Config) -> Result<Self, ParameterError> {
        if config.long_lines == 0 {
            return Err(ParameterError { key: "long_lines", expected: "1 or more" });
        }
        Ok(Self { config: config.clone() })
    }
}

/// The longest length but `nth - 1`; 0 if there are fewer.
fn nth_longest(lengths: impl Iterator<Item = u32>, nth: usize) -> u32 {
    let mut longest = BinaryHeap::new();
    for length in lengths {
        if longest.len() < nth {
            longest.push(Reverse(length));
        } else if let Some(mut least) = longest.peek_mut()
            && least.0 < length
        {
            *least = Reverse(length);
        }
    }
    match longest.peek() {
        Some(least) if longest.len() == nth => least.0,
        _ => 0,
    }
}

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[
    Metric {
        name: LINES,
        kind: MetricKind::Integer,
        unit: "lines",
        meaning: "lines between line feeds, empty ones too",
    },
    Metric {
        name: THIRD_LONGEST,
        kind: MetricKind::Integer,
        unit: "characters",
        meaning: "length of the third longest line, or of that which `long_lines` says; 0 if there are fewer",
    },
];

impl Stage for C4Paragraph {
    fn name(&self) -> &str {
        "c4_paragraph"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let lines = document.view().lines();
        steps::add(lines.len());
        let number = lines.len();
        let lengths = lines.iter().map(|line| line.characters);
        let long = nth_longest(lengths, self.config.long_lines as usize);
        document.annotate(LINES, number);
        document.annotate(THIRD_LONGEST, i64::from(long));
        if let Some(fewest) = self.config.min_lines {
            document.test(LINES, number as f64, Bound::AtLeast(fewest as f64));
        }
        if let Some(fewest) = self.config.min_line_characters {
            document.test(THIRD_LONGEST, f64::from(long), Bound::AtLeast(fewest as f64));
        }
        document.verdict()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn verdict(text: &str) -> Verdict {
        let stage = C4Paragraph::new(&Config::default()).unwrap();
        Document::new("a", text).apply(&stage)
    }

    // The answers are those of datatrove 0.10.1.
    #[test]
    fn three_lines_of_two_hundred_characters_are_enough() {
        let (long, short) = ("é".repeat(200), "é".repeat(199));
        assert_eq!(verdict(&format!("{long}\n{long}\n\n{long}")), Verdict::Keep);
        let third = Verdict::Drop("c4_paragraph.third_longest_line".into());
        assert_eq!(verdict(&format!("{long}\n{long}\n{short}\n{short}")), third);
        assert_eq!(verdict(&format!("{long}\n{long}\n")), third);
        assert_eq!(
            verdict(&format!("{long}\r{long}\n{long}")),
            Verdict::Drop("c4_paragraph.lines".into())
        );
        assert_eq!(verdict(""), Verdict::Drop("c4_paragraph.lines".into()));
    }

    #[test]
    fn no_long_line_can_not_be_asked_for() {
        let config = Config { long_lines: 0, ..Config::default() };
        let error = C4Paragraph::new(&config).err().unwrap();
        assert_eq!(error.to_string(), "long_lines: must be 1 or more");
    }

    #[test]
    fn steps_are_in_proportion_to_the_lines() {
        steps::take();
        verdict(&"\n".repeat(500_000));
        assert!(steps::take() <= 500_001);
    }

    proptest! {
        #[test]
        fn the_nth_longest_is_that_of_a_sorted_list(
            lengths in prop::collection::vec(0_u32..20, 0..12),
            nth in 1_usize..5,
        ) {
            let mut sorted = lengths.clone();
            sorted.sort_unstable_by(|a, b| b.cmp(a));
            let expected = sorted.get(nth - 1).copied().unwrap_or(0);
            prop_assert_eq!(nth_longest(lengths.into_iter(), nth), expected);
        }
    }
}
