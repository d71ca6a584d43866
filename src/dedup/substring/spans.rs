//! From windows to what is cut out of a text.

use std::collections::BTreeMap;
use std::ops::Range;

use super::config::{Config, Unit};
use super::repeats::Windows;
use crate::dedup::Finding;
use crate::document::Document;

/// What is cut out of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut {
    /// The spans, in bytes: in order, apart from each other, of whole characters.
    pub spans: Vec<Range<usize>>,
    /// Bytes in them.
    pub removed_bytes: usize,
    /// Of the other documents that which has most of what is cut out.
    pub holder: Option<u64>,
}

impl Cut {
    /// What the findings of the last round say about a document.
    pub fn new(config: &Config, document: &Document<'_>, node: u64, findings: &[Finding]) -> Self {
        let mut cut = Self::default();
        let mut of_holder: BTreeMap<u64, usize> = BTreeMap::new();
        let mut counted = 0;
        let mut ranges = Vec::with_capacity(findings.len());
        for finding in findings {
            let Windows { start, count, holder, overlap } = Windows::of(finding);
            let (start, overlap) = (start as usize, overlap as usize);
            let range = start + overlap..start + count as usize + config.length - 1;
            if holder != node {
                let new = range.end.saturating_sub(range.start.max(counted));
                *of_holder.entry(holder).or_default() += new;
            }
            counted = counted.max(range.end);
            ranges.push(range);
        }
        // They come by the start of their windows, which is not where those with an overlap begin.
        ranges.sort_by_key(|range| range.start);
        let mut ranges = ranges.into_iter();
        if let Some(mut current) = ranges.next() {
            for range in ranges {
                if range.start <= current.end {
                    current.end = current.end.max(range.end);
                } else {
                    cut.add(config, document, std::mem::replace(&mut current, range));
                }
            }
            cut.add(config, document, current);
        }
        let most = of_holder.into_iter().max_by_key(|&(node, symbols)| (symbols, u64::MAX - node));
        cut.holder = most.map(|(node, _)| node);
        cut
    }

    /// Adds a span of symbols.
    fn add(&mut self, config: &Config, document: &Document<'_>, symbols: Range<usize>) {
        let text = document.text();
        let bytes = match config.unit {
            Unit::Bytes => {
                let mut end = symbols.end.min(text.len());
                let mut start = symbols.start.min(end);
                while !text.is_char_boundary(start) {
                    start += 1;
                }
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                // What is left of a passage that began and ended amid characters may be too short.
                if end < start + config.length {
                    return;
                }
                start..end
            }
            Unit::Words => {
                let segmentation = config.words.segmentation(document.language());
                let words = document.view().words(segmentation).spans();
                let first = words.get(symbols.start);
                let last = words.get(..symbols.end).and_then(<[_]>::last);
                match (first, last) {
                    (Some(first), Some(last)) => first.0 as usize..last.1 as usize,
                    _ => return,
                }
            }
        };
        self.removed_bytes += bytes.len();
        self.spans.push(bytes);
    }

    /// The text without the spans.
    pub fn text(&self, text: &str, replacement: &str) -> String {
        let replaced = self.spans.len() * replacement.len();
        let mut left = String::with_capacity(text.len() - self.removed_bytes + replaced);
        let mut at = 0;
        for span in &self.spans {
            left.push_str(text.get(at..span.start).unwrap_or_default());
            left.push_str(replacement);
            at = span.end;
        }
        left.push_str(text.get(at..).unwrap_or_default());
        left
    }
}
