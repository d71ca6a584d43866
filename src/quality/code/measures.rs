//! What is measured in a source file.

use std::cell::RefCell;

use crate::quality::lines::count_bytes;
use crate::text::classes::{ALPHANUMERIC, Classes, has_other_line_ends, splitlines};
use crate::text::segment::Segmentation;
use crate::text::view::View;

/// The measures of a source file. Ratios of an empty file are 0.
///
/// They are equal to the last bit to what numpy (2.4) computes from the same lengths: lengths
/// are whole numbers, so means are exact quotients, and squares are added in numpy's order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// The length in code points.
    pub characters: usize,
    /// The longest line between line feeds, in code points.
    pub longest_line: usize,
    /// The longest of Python's `splitlines`, which end at eleven marks, in code points.
    pub longest_split_line: usize,
    /// The mean length of Python's `splitlines`, in code points.
    pub mean_line_length: f64,
    /// The standard deviation (of the population) of the lengths of white-space separated words.
    pub token_length_deviation: f64,
    /// The share of characters that are neither letters nor numbers nor the underscore.
    pub special_characters_ratio: f64,
    /// The share of letters and numbers, Python's `str.isalnum`.
    pub alpha_ratio: f64,
}

impl Measures {
    /// Measures a text.
    pub fn of(view: View<'_>) -> Self {
        let characters = view.characters();
        let (alphanumeric, underscores) = count(view);
        let share = |number: usize| match characters {
            0 => 0.0,
            _ => number as f64 / characters as f64,
        };
        let lines = Lengths::of(line_feeds(view.text()), view.is_ascii());
        let split_lines = match has_other_line_ends(view.text()) {
            true => Lengths::of(splitlines(view.text()), view.is_ascii()),
            // Behind the last end there is no line.
            false => Lengths {
                number: lines.number
                    - u64::from(view.text().is_empty() || view.text().ends_with('\n')),
                ..lines
            },
        };
        Self {
            characters,
            longest_line: lines.longest,
            longest_split_line: split_lines.longest,
            mean_line_length: match split_lines.number {
                0 => 0.0,
                number => split_lines.sum as f64 / number as f64,
            },
            token_length_deviation: token_length_deviation(view),
            special_characters_ratio: match characters {
                0 => 0.0,
                _ => 1.0 - share(alphanumeric + underscores),
            },
            alpha_ratio: share(alphanumeric),
        }
    }
}

/// The lines between line feeds, empty ones too.
fn line_feeds(text: &str) -> impl Iterator<Item = &str> {
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len()));
    ends.scan(0, |start, end| {
        let line = text.get(std::mem::replace(start, end + 1)..end);
        Some(line.unwrap_or_default())
    })
}

/// Lengths of lines in code points. They are all that is asked of lines, so no table is made.
#[derive(Debug, Clone, Copy, Default)]
struct Lengths {
    number: u64,
    sum: u64,
    longest: usize,
}

impl Lengths {
    fn of<'t>(lines: impl Iterator<Item = &'t str>, is_ascii: bool) -> Self {
        lines.fold(Self::default(), |lengths, line| {
            let length = if is_ascii { line.len() } else { line.chars().count() };
            Self {
                number: lengths.number + 1,
                sum: lengths.sum + length as u64,
                longest: lengths.longest.max(length),
            }
        })
    }
}

thread_local! {
    static LENGTHS: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// The deviation of the lengths of words, for which no table of words is made.
fn token_length_deviation(view: View<'_>) -> f64 {
    match view.known_words(Segmentation::Whitespace) {
        Some(words) => deviation(words.characters()),
        None => LENGTHS.with_borrow_mut(|lengths| {
            Segmentation::Whitespace.words(view.text(), |word| lengths.push(word.characters));
            let deviation = deviation(lengths);
            lengths.clear();
            lengths.shrink_to(1 << 18);
            deviation
        }),
    }
}

/// Letters and numbers, and underscores: together what Python's `\w` matches.
fn count(view: View<'_>) -> (usize, usize) {
    let text = view.text();
    let underscores = count_bytes(text, |byte| byte == b'_');
    let ascii = count_bytes(text, |byte| {
        ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10)
    });
    if view.is_ascii() {
        return (ascii, underscores);
    }
    let classes = Classes::get();
    let (mut wide, mut rest) = (0, text);
    while let Some(start) = rest.bytes().position(|byte| !byte.is_ascii()) {
        let mut characters = rest.get(start..).unwrap_or_default().chars();
        for character in characters.by_ref() {
            // One that ends the row is not counted again.
            if character.is_ascii() {
                break;
            }
            wide += usize::from(classes.of(character) & ALPHANUMERIC != 0);
        }
        rest = characters.as_str();
    }
    (ascii + wide, underscores)
}

/// The standard deviation of the population, as `numpy.std` has it.
fn deviation(lengths: &[u32]) -> f64 {
    if lengths.is_empty() {
        return 0.0;
    }
    let number = lengths.len() as f64;
    let sum: u64 = lengths.iter().map(|&length| u64::from(length)).sum();
    let mean = sum as f64 / number;
    let square = |length: u32| {
        let difference = f64::from(length) - mean;
        difference * difference
    };
    (pairwise_sum(lengths, &square) / number).sqrt()
}

/// Adds values in the order in which numpy does: eight sums side by side in blocks of at most 128,
/// halves of what is longer.
fn pairwise_sum(values: &[u32], value: &impl Fn(u32) -> f64) -> f64 {
    if values.len() < 8 {
        return values.iter().fold(0.0, |sum, &each| sum + value(each));
    }
    if values.len() > 128 {
        let half = values.len() / 2 / 8 * 8;
        let (left, right) = values.split_at(half);
        return pairwise_sum(left, value) + pairwise_sum(right, value);
    }
    let mut eights = values.chunks_exact(8);
    let mut sums = [0.0; 8];
    for eight in eights.by_ref() {
        for (sum, &each) in sums.iter_mut().zip(eight) {
            *sum += value(each);
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    let whole = ((a + b) + (c + d)) + ((e + f) + (g + h));
    eights.remainder().iter().fold(whole, |sum, &each| sum + value(each))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use proptest::prelude::*;

    fn measures(text: &str) -> Measures {
        Measures::of(Document::new("a", text).view())
    }

    #[test]
    fn a_small_file_is_measured_as_the_original_did() {
        let measured = measures("int main() {\n  return 0; // auto-generated\n}\n");
        assert_eq!((measured.mean_line_length, measured.longest_split_line), (14.0, 29));
        assert_eq!(measured.alpha_ratio, 0.6);
        assert_eq!(measures("").token_length_deviation, 0.0);
        assert_eq!(measures("a_b é1\u{301}").special_characters_ratio, 1.0 - 5.0 / 7.0);
    }

    /// `numpy.std([(i * i) % 97 for i in range(n)])`, numpy 2.4.
    #[test]
    fn deviations_are_those_of_numpy_to_the_last_bit() {
        let lengths = |n: u32| (0..n).map(|i| (i * i) % 97).collect::<Vec<u32>>();
        for (number, expected) in NUMPY {
            assert_eq!(deviation(&lengths(*number)).to_bits(), expected.to_bits(), "{number}");
        }
    }

    const NUMPY: &[(u32, f64)] = &[
        (1, 0.0),
        (2, 0.5),
        (7, 12.489995996796797),
        (8, 16.680827317612277),
        (9, 21.468322917472825),
        (127, 30.51686318345772),
        (128, 30.44706660330505),
        (129, 30.545541513677577),
        (136, 30.432528432003572),
        (200, 30.637522337813156),
        (1000, 30.358003886948826),
        (12345, 30.333240615522225),
        (40000, 30.331797141685733),
    ];

    proptest! {
        #[test]
        fn sums_are_near_the_plain_sum(lengths in proptest::collection::vec(0_u32..1000, 0..600)) {
            let plain: f64 = lengths.iter().map(|&length| f64::from(length)).sum();
            prop_assert_eq!(pairwise_sum(&lengths, &f64::from), plain);
        }

        #[test]
        fn shares_equal_the_definition(text in "\\PC*|[a-z_0-9 é²\u{301}\n\r\u{85}]{0,60}") {
            let of = |test: fn(char) -> bool| text.chars().filter(|&c| test(c)).count() as f64;
            let number = text.chars().count().max(1) as f64;
            let alphanumeric = of(crate::text::classes::is_alphanumeric);
            let measured = measures(&text);
            prop_assert_eq!(measured.alpha_ratio, alphanumeric / number);
            if !text.is_empty() {
                let word = alphanumeric + of(|c| c == '_');
                prop_assert_eq!(measured.special_characters_ratio, 1.0 - word / number);
            }
            let longest = text.split('\n').map(|line| line.chars().count()).max().unwrap_or(0);
            prop_assert_eq!(measured.longest_line, longest);
            let lengths: Vec<usize> = splitlines(&text).map(|line| line.chars().count()).collect();
            let mean = lengths.iter().sum::<usize>() as f64 / lengths.len().max(1) as f64;
            prop_assert_eq!(measured.longest_split_line, lengths.iter().copied().max().unwrap_or(0));
            prop_assert_eq!(measured.mean_line_length, mean);
        }
    }
}
