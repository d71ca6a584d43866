//! Labelled documents as training texts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::overlap::Overlap;
use super::random::Random;
use super::{Text, TrainError};
use crate::document::Document;
use crate::fasttext::PREFIX;
use crate::fit::each_document;
use crate::shard::listing::{Format, Listing};
use crate::shard::reader::ReadOptions;

/// How documents become texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preparation {
    /// The field of a record with its label; dotted paths reach into nested objects. Plain text
    /// has none: its lines begin with `__label__`.
    pub label_field: String,
    /// Cuts documents into pieces of a random number of characters between these, at spaces where
    /// there are any.
    pub pieces: Option<(usize, usize)>,
    /// The most texts of a label; of more, a random choice is made.
    pub max_per_label: Option<usize>,
    /// The share of the texts that are shown in lower case.
    pub lowercase_share: f64,
    /// Decides what is left to chance.
    pub seed: u64,
}

impl Default for Preparation {
    fn default() -> Self {
        Self {
            label_field: "label".to_owned(),
            pieces: None,
            max_per_label: None,
            lowercase_share: 0.0,
            seed: 0,
        }
    }
}

/// What became of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Documents that were read.
    pub documents: u64,
    /// Records that are no documents.
    pub rejected: u64,
    /// Documents without a label, or with several.
    pub unlabelled: u64,
    /// Documents without text.
    pub empty: u64,
    /// Documents that overlap with held-out ones.
    pub overlapping: u64,
    /// Texts over what a label may have.
    pub over_maximum: u64,
    /// Texts that are left.
    pub texts: u64,
}

/// Labelled texts.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    /// The labels, without fastText's prefix, sorted.
    pub labels: Vec<String>,
    /// The texts.
    pub texts: Vec<Text>,
    /// What became of the documents.
    pub counts: Counts,
}

impl Corpus {
    /// Reads all labelled documents of a listing but those that meet `held_out`.
    ///
    /// # Errors
    /// If a shard can't be read, or no document has a label.
    pub fn read(
        listing: &Listing,
        options: &ReadOptions,
        preparation: &Preparation,
        held_out: &Overlap,
    ) -> Result<Self, TrainError> {
        let mut collected = Collected::default();
        let options = ReadOptions { whole_files: false, ..options.clone() };
        for shard in &listing.shards {
            let one = Listing { shards: vec![shard.clone()], skipped: Vec::new() };
            let plain = shard.format == Format::Text;
            collected.counts.rejected += each_document(&one, &options, |document| {
                collected.counts.documents += 1;
                if plain {
                    let (label, text) = from_line(document.text());
                    collected.add(label, &text, held_out);
                } else {
                    let label = label_of(document, &preparation.label_field, &options);
                    collected.add(label.as_deref(), &one_line(document.text()), held_out);
                }
            })?;
        }
        let Collected { by_label, mut counts } = collected;
        if by_label.is_empty() {
            return Err(TrainError::NoLabel {
                documents: counts.documents,
                overlapping: counts.overlapping,
                field: preparation.label_field.clone(),
            });
        }
        let mut random = Random::new(preparation.seed, "texts");
        let (mut labels, mut texts) = (Vec::new(), Vec::new());
        for (number, (label, documents)) in (0..).zip(by_label) {
            if label
                .contains(|character: char| character.is_ascii_whitespace() || character == '\0')
            {
                return Err(TrainError::Label { label });
            }
            let mut pieces: Vec<String> = match preparation.pieces {
                None => documents,
                Some(bounds) => {
                    let cut = documents.iter().flat_map(|text| cut(text, bounds, &mut random));
                    cut.collect()
                }
            };
            if let Some(most) = preparation.max_per_label.filter(|&most| most < pieces.len()) {
                counts.over_maximum += (pieces.len() - most) as u64;
                random.shuffle(&mut pieces);
                pieces.truncate(most);
            }
            texts.extend(pieces.into_iter().map(|text| Text {
                text: match random.share() < preparation.lowercase_share {
                    true => text.to_lowercase(),
                    false => text,
                },
                label: number,
            }));
            labels.push(label);
        }
        counts.texts = texts.len() as u64;
        Ok(Self { labels, texts, counts })
    }

    /// Takes a random share of the texts of each label away, as held-out ones, and then what
    /// overlaps with these.
    ///
    /// # Errors
    /// If that leaves no text on one of the sides.
    pub fn hold_out(&mut self, share: f64, seed: u64) -> Result<Self, TrainError> {
        let mut random = Random::new(seed, "held out");
        let (held_out, kept): (Vec<Text>, Vec<Text>) =
            std::mem::take(&mut self.texts).into_iter().partition(|_| random.share() < share);
        let mut overlap = Overlap::default();
        held_out.iter().for_each(|text| overlap.add(&text.text));
        let before = kept.len();
        self.texts = kept.into_iter().filter(|text| !overlap.meets(&text.text)).collect();
        self.counts.overlapping += (before - self.texts.len()) as u64;
        self.counts.texts = self.texts.len() as u64;
        if held_out.is_empty() || self.texts.is_empty() {
            return Err(TrainError::HeldOut { share, texts: before + held_out.len() });
        }
        let counts = Counts { texts: held_out.len() as u64, ..Counts::default() };
        Ok(Self { labels: self.labels.clone(), texts: held_out, counts })
    }

    /// The number of texts of each label.
    pub fn texts_of_labels(&self) -> Vec<u64> {
        let mut counts = vec![0; self.labels.len()];
        for text in &self.texts {
            counts[text.label as usize] += 1;
        }
        counts
    }

    /// What the texts have in them, for leaving them out of other texts.
    pub fn overlap(&self) -> Overlap {
        let mut overlap = Overlap::default();
        self.texts.iter().for_each(|text| overlap.add(&text.text));
        overlap
    }
}

#[derive(Default)]
struct Collected {
    by_label: BTreeMap<String, Vec<String>>,
    counts: Counts,
}

impl Collected {
    fn add(&mut self, label: Option<&str>, text: &str, held_out: &Overlap) {
        let label = label.map(|label| label.strip_prefix(PREFIX).unwrap_or(label));
        match label.filter(|label| !label.is_empty()) {
            None => self.counts.unlabelled += 1,
            Some(_) if text.is_empty() => self.counts.empty += 1,
            Some(_) if held_out.meets(text) => self.counts.overlapping += 1,
            Some(label) => match self.by_label.get_mut(label) {
                Some(texts) => texts.push(text.to_owned()),
                None => {
                    self.by_label.insert(label.to_owned(), vec![text.to_owned()]);
                }
            },
        }
    }
}

fn label_of(document: &Document<'_>, field: &str, options: &ReadOptions) -> Option<String> {
    let own = || document.language().filter(|_| field == options.fields.language);
    match document.field(field) {
        Some(value) => Some(value.into_text().into_owned()),
        None => own().map(str::to_owned),
    }
}

/// The label of a line as fastText has them, and the other words. Of a line with several labels
/// there is no one label.
fn from_line(line: &str) -> (Option<&str>, String) {
    let (labels, words): (Vec<&str>, Vec<&str>) =
        line.split_whitespace().partition(|word| word.starts_with(PREFIX));
    let label = match labels.as_slice() {
        [label] => Some(*label),
        _ => None,
    };
    (label, words.join(" "))
}

/// A text as models see it: on one line.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for part in text.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
        let part = part.trim();
        if !part.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(part);
        }
    }
    line
}

/// Cuts a text into pieces of a random number of characters: at the last space of each, if it has
/// one. A last piece of less than the least is left out unless it is the only one.
fn cut(text: &str, (least, most): (usize, usize), random: &mut Random) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let wanted = least + random.below(most.saturating_sub(least) + 1);
        let end = rest.char_indices().nth(wanted.max(1)).map_or(rest.len(), |(at, _)| at);
        let (head, tail) = rest.split_at(end);
        let inside = !tail.is_empty() && !tail.starts_with(char::is_whitespace);
        let space = head.rfind(char::is_whitespace).filter(|&at| inside && at > 0);
        let (piece, tail) = rest.split_at(space.unwrap_or(end));
        rest = tail.trim_start();
        let piece = piece.trim();
        if !piece.is_empty() && (pieces.is_empty() || piece.chars().nth(least / 2).is_some()) {
            pieces.push(piece.to_owned());
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_whole_words_of_the_text() {
        let text = "the quick brown fox jumps over the lazy dog ".repeat(40);
        let pieces = cut(&text, (20, 60), &mut Random::new(1, "cut"));
        assert!(pieces.len() > 30, "{}", pieces.len());
        let lengths: Vec<usize> = pieces.iter().map(String::len).collect();
        assert!(lengths.iter().all(|&length| length <= 60), "{lengths:?}");
        assert!(lengths.iter().min() < lengths.iter().max());
        let words: Vec<&str> = pieces.iter().flat_map(|piece| piece.split(' ')).collect();
        assert!(text.trim().starts_with(&words.join(" ")));
    }

    #[test]
    fn without_spaces_pieces_are_cut_between_characters() {
        let text: String = ('一'..).take(100).collect();
        let pieces = cut(&text, (10, 20), &mut Random::new(1, "cut"));
        assert!(text.starts_with(&pieces.concat()));
        assert!(pieces.concat().chars().count() > 90);
    }

    #[test]
    fn a_line_has_one_label() {
        assert_eq!(from_line("__label__a x  y"), (Some("__label__a"), "x y".to_owned()));
        assert_eq!(from_line("x __label__a y"), (Some("__label__a"), "x y".to_owned()));
        assert_eq!(from_line("__label__a __label__b x").0, None);
        assert_eq!(from_line("x y").0, None);
    }

    #[test]
    fn line_ends_become_spaces() {
        assert_eq!(one_line("a\n\n b\r\nc  d \u{2028}"), "a b c  d");
    }
}
