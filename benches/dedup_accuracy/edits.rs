//! Words of a text, and texts of which some words are edited.

use std::collections::BTreeSet;

use sapwood::document::Document;
use sapwood::text::segment::Segmentation;

use crate::chance::Chance;

/// Where the words of a text lie, in bytes: by a dictionary in scripts without spaces, by UAX #29 in
/// others.
pub fn cut(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    Segmentation::Dictionary.words(text, |word| spans.push((word.start, word.end)));
    spans
}

/// The hashes of a text's words in lower case.
pub fn words(text: &str) -> Vec<u64> {
    let document = Document::new("", text);
    let view = document.view();
    view.words(Segmentation::Dictionary).lower_hashes(text).to_vec()
}

/// Words of a language, each as often as it stands in the texts.
#[derive(Default)]
pub struct Vocabulary(Vec<String>);

impl Vocabulary {
    pub fn add(&mut self, text: &str) {
        let letters = |word: &&str| word.chars().any(char::is_alphabetic);
        let spans = cut(text);
        self.0.extend(spans.iter().map(|&(a, b)| &text[a..b]).filter(letters).map(str::to_owned));
    }

    pub fn word(&self, chance: &mut Chance) -> &str {
        self.0.get(chance.below(self.0.len())).map_or("word", String::as_str)
    }

    /// A word other than one, if there is any.
    fn other(&self, than: &str, chance: &mut Chance) -> &str {
        let mut word = self.word(chance);
        for _ in 0..16 {
            if word != than {
                break;
            }
            word = self.word(chance);
        }
        word
    }
}

/// What is done to a word.
#[derive(Clone, Copy, PartialEq)]
enum Edit {
    None,
    Substitute,
    Delete,
    Insert,
    Swap,
    /// The second word of a swap.
    Swapped,
}

/// Of how many words a share is edited: at least one.
pub fn number_of_edits(words: usize, rate: f64) -> usize {
    ((words as f64 * rate).round() as usize).max(1).min(words)
}

/// A copy of a text of which a share of the words is edited, and how many are. Of the edits two in
/// five put another word in its place, one deletes it, one inserts a word behind it, one swaps it
/// with the next, which makes two edited words.
pub fn edit(text: &str, rate: f64, words: &Vocabulary, chance: &mut Chance) -> (String, usize) {
    let spans = cut(text);
    let wanted = number_of_edits(spans.len(), rate);
    let mut order: Vec<usize> = (0..spans.len()).collect();
    for at in 0..order.len() {
        let other = chance.between(at, order.len() - 1);
        order.swap(at, other);
    }
    let mut edits = vec![Edit::None; spans.len()];
    let mut done = 0;
    for at in order {
        if done >= wanted {
            break;
        }
        if edits[at] != Edit::None {
            continue;
        }
        let kind = [Edit::Substitute, Edit::Substitute, Edit::Delete, Edit::Insert, Edit::Swap]
            [chance.below(5)];
        let free = edits.get(at + 1) == Some(&Edit::None);
        let unequal = |(a, b): (usize, usize)| text[a..b] != text[spans[at].0..spans[at].1];
        edits[at] = match kind {
            Edit::Swap if done + 2 <= wanted && free && unequal(spans[at + 1]) => {
                edits[at + 1] = Edit::Swapped;
                done += 1;
                Edit::Swap
            }
            Edit::Swap => Edit::Substitute,
            other => other,
        };
        done += 1;
    }
    let mut out = String::with_capacity(text.len() + 64);
    let mut from = 0;
    for (at, &(start, end)) in spans.iter().enumerate() {
        let (gap, word) = (&text[from..start], &text[start..end]);
        if edits[at] != Edit::Delete || at == 0 {
            out.push_str(gap);
        }
        match edits[at] {
            Edit::None => out.push_str(word),
            Edit::Substitute => out.push_str(words.other(word, chance)),
            Edit::Delete => {}
            Edit::Insert => {
                out.push_str(word);
                let next = spans.get(at + 1).map(|next| &text[end..next.0]);
                if next.unwrap_or(gap).contains(char::is_whitespace) {
                    out.push(' ');
                }
                out.push_str(words.word(chance));
            }
            Edit::Swap => out.push_str(&text[spans[at + 1].0..spans[at + 1].1]),
            Edit::Swapped => out.push_str(&text[spans[at - 1].0..spans[at - 1].1]),
        }
        from = end;
    }
    out.push_str(&text[from..]);
    (out, done)
}

/// Two texts from one template: a share of the words, in runs of one to six, is filled with other
/// words and numbers in each.
pub fn fill_slots(
    text: &str,
    own: f64,
    words: &Vocabulary,
    chance: &mut Chance,
) -> (String, String) {
    let spans = cut(text);
    let wanted = number_of_edits(spans.len(), own);
    let mut slots = BTreeSet::new();
    for _ in 0..spans.len() * 4 {
        if slots.len() >= wanted {
            break;
        }
        let (at, run) = (chance.below(spans.len()), chance.between(1, 6));
        let end = (at + run).min(spans.len());
        slots.extend((at..end).take(wanted - slots.len()));
    }
    let mut fill = || {
        let (mut out, mut from) = (String::new(), 0);
        for (at, &(start, end)) in spans.iter().enumerate() {
            out.push_str(&text[from..start]);
            let word = &text[start..end];
            match slots.contains(&at) {
                true if chance.below(4) == 0 => out.push_str(&chance.below(10_000).to_string()),
                true => out.push_str(words.other(word, chance)),
                false => out.push_str(word),
            }
            from = end;
        }
        out.push_str(&text[from..]);
        out
    };
    (fill(), fill())
}
