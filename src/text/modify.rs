//! What ROOTS did to a document's text before it measured it.
//!
//! Source: "modifying documents" of BigScience's OSCAR filter (repository `data_tooling`, 2022).

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::text::special::strip_special;
use crate::text::whitespace::{python_strip, uniform_whitespace};

/// What [`modify`] does beside stripping whitespace from the ends of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modification {
    /// Make every variant of the space a plain one.
    pub uniform_whitespace: bool,
    /// Remove words that contain `http`, `www`, `.com`, `href` or `//` once special characters are
    /// stripped from their ends, which leaves `//comment` alone. Case counts.
    pub remove_bad_substrings: bool,
    /// Remove words that are longer than [`max_word_length`](Self::max_word_length) even without
    /// the special characters at their ends, and those of nothing but special characters.
    pub remove_long_words: bool,
    /// The length that a word may have, in code points.
    pub max_word_length: usize,
}

/// The substrings that mark leftovers of links and mark-up.
const BAD_SUBSTRINGS: [&str; 5] = ["http", "www", ".com", "href", "//"];

static BAD_FINDERS: LazyLock<[Finder<'static>; 5]> =
    LazyLock::new(|| BAD_SUBSTRINGS.map(Finder::new));

/// Modifies a text as ROOTS did; `None` if nothing changes.
///
/// Whitespace is stripped from its ends; then variants of the space become plain ones, and unwanted
/// words go, as far as the options say. Where words are removed, or could have been, the text is
/// taken apart at line feeds, tabs and spaces and joined again without empty pieces: repeated
/// spaces, repeated tabs and blank lines vanish.
///
/// # Examples
///
/// ```
/// use sapwood::text::modify::{Modification, modify};
///
/// let options = Modification { remove_bad_substrings: true, ..Modification::default() };
/// assert_eq!(modify("see  www.example.org\n\nnow", &options).as_deref(), Some("see\nnow"));
/// assert_eq!(modify("see\nnow", &options), None);
/// ```
pub fn modify(text: &str, options: &Modification) -> Option<String> {
    let stripped = python_strip(text);
    let uniform = if options.uniform_whitespace {
        uniform_whitespace(stripped)
    } else {
        Cow::Borrowed(stripped)
    };
    let modified = if options.remove_bad_substrings || options.remove_long_words {
        Cow::Owned(without_unwanted_words(&uniform, options))
    } else {
        uniform
    };
    (modified != text).then(|| modified.into_owned())
}

fn without_unwanted_words(text: &str, options: &Modification) -> String {
    // A word can contain only what the text contains, so most texts need no search by word.
    let bad: Vec<&Finder<'_>> = if options.remove_bad_substrings {
        BAD_FINDERS.iter().filter(|finder| finder.find(text.as_bytes()).is_some()).collect()
    } else {
        Vec::new()
    };
    let wanted = |word: &str| {
        (bad.is_empty() || {
            let core = strip_special(word).as_bytes();
            !bad.iter().any(|finder| finder.find(core).is_some())
        }) && !(options.remove_long_words && is_long(word, options.max_word_length))
    };

    let mut result = String::with_capacity(text.len());
    // Bytes of the result before which a line and a cell began, to tell whether they hold anything.
    for line in text.split('\n') {
        let line_start = result.len();
        for cell in line.split('\t') {
            let cell_start = result.len();
            for word in cell.split(' ').filter(|word| !word.is_empty() && wanted(word)) {
                if result.len() > cell_start {
                    result.push(' ');
                } else if result.len() > line_start {
                    result.push('\t');
                } else if !result.is_empty() {
                    result.push('\n');
                }
                result.push_str(word);
            }
        }
    }
    result
}

fn is_long(word: &str, max_length: usize) -> bool {
    // A code point takes at least one byte and at most four.
    let longer = |word: &str| {
        word.len() > max_length
            && (word.len() / 4 > max_length || word.chars().count() > max_length)
    };
    longer(word) && {
        let core = strip_special(word);
        core.is_empty() || longer(core)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: Modification = Modification {
        uniform_whitespace: true,
        remove_bad_substrings: true,
        remove_long_words: true,
        max_word_length: 5,
    };

    #[test]
    fn the_length_of_a_word_is_in_code_points_without_its_special_ends() {
        assert_eq!(
            modify("éééééé ééééé (ééééé)! ......... ... x", &ALL).as_deref(),
            Some("ééééé (ééééé)! ... x")
        );
    }

    #[test]
    fn empty_pieces_collapse_only_where_words_are_looked_at() {
        let text = " a \t\t b  c\n \t \n\nd\u{A0}e ";
        assert_eq!(modify(text, &ALL).as_deref(), Some("a\tb c\nd e"));
        assert_eq!(
            modify(text, &Modification::default()).as_deref(),
            Some("a \t\t b  c\n \t \n\nd\u{A0}e")
        );
        assert_eq!(modify("http://a.com/x", &ALL).as_deref(), Some(""));
        assert_eq!(modify("", &ALL), None);
    }

    /// The original in its own steps: each removal takes the text apart and joins it again.
    fn naive(text: &str, options: &Modification) -> String {
        let keep = |text: String, keep: &dyn Fn(&str) -> bool| -> String {
            let lines: Vec<String> = text
                .split('\n')
                .map(|line| {
                    let cells: Vec<String> = line
                        .split('\t')
                        .map(|cell| {
                            cell.split(' ')
                                .filter(|w| !w.is_empty() && keep(w))
                                .collect::<Vec<_>>()
                                .join(" ")
                        })
                        .filter(|cell| !cell.is_empty())
                        .collect();
                    cells.join("\t")
                })
                .filter(|line| !line.is_empty())
                .collect();
            lines.join("\n")
        };
        let mut text = python_strip(text).to_owned();
        if options.uniform_whitespace {
            text = uniform_whitespace(&text).into_owned();
        }
        if options.remove_bad_substrings {
            text = keep(text, &|word| {
                !BAD_SUBSTRINGS.iter().any(|bad| strip_special(word).contains(bad))
            });
        }
        if options.remove_long_words {
            let limit = options.max_word_length;
            text = keep(text, &|word| {
                let core = strip_special(word);
                word.chars().count() <= limit || (!core.is_empty() && core.chars().count() <= limit)
            });
        }
        text
    }

    proptest! {
        #[test]
        fn modification_is_that_of_the_original_in_one_pass(
            text in "([a-c!é😀]{0,4}|http|www|//|[ \\t\\n\u{A0}\u{3000}]{1,3}|\\PC){0,24}",
            uniform_whitespace: bool, remove_bad_substrings: bool, remove_long_words: bool,
            max_word_length in 0..8_usize,
        ) {
            let options = Modification {
                uniform_whitespace, remove_bad_substrings, remove_long_words, max_word_length,
            };
            let expected = naive(&text, &options);
            prop_assert_eq!(modify(&text, &options).unwrap_or(text), expected);
        }
    }
}
