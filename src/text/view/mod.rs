//! The text view: analyse once, ask many times.
//!
//! Cutting a text into words and hashing them is most of the cost of heuristic filters. A [`View`]
//! does it once, at the first asking, and every family of filters reads the same tables: spans,
//! 64-bit hashes and lengths of [`Words`], for each [`Segmentation`], and of [`Lines`]. Nothing is
//! allocated for a word, and the tables' room goes from one document to the next.
//!
//! Spans are 32-bit: what a text holds beyond 4 GiB is not analysed. Pipelines refuse documents of
//! more than 2 GiB.

use std::cell::{Cell, OnceCell, RefCell};

mod lines;
mod words;

pub use lines::{Line, Lines};
pub use words::{Word, Words};

use super::classes::has_other_line_ends;
use super::segment::{Segmentation, has_other_spaces};

/// A text and what is known about it.
#[derive(Clone, Copy)]
pub struct View<'v> {
    text: &'v str,
    tables: &'v Tables,
}

impl<'v> View<'v> {
    /// The text.
    pub fn text(self) -> &'v str {
        self.text
    }

    /// The number of code points, Python's `len(str)`.
    pub fn characters(self) -> usize {
        match self.tables.characters.get() {
            Some(number) => number,
            None => {
                let number = self.text.chars().count();
                self.tables.characters.set(Some(number));
                number
            }
        }
    }

    /// Whether the text has only characters of ASCII.
    pub fn is_ascii(self) -> bool {
        self.characters() == self.text.len()
    }

    /// Whether the text has white space besides space, tab and line feed.
    fn has_other_spaces(self) -> bool {
        let known = self.tables.other_spaces.get();
        known.unwrap_or_else(|| {
            let has = has_other_spaces(self.text);
            self.tables.other_spaces.set(Some(has));
            has
        })
    }

    /// The segmentation that cuts this text alike and whose table is shared.
    fn shared(self, segmentation: Segmentation) -> Segmentation {
        match segmentation {
            Segmentation::Spaces if !self.has_other_spaces() => Segmentation::Whitespace,
            other => other,
        }
    }

    fn table(self, segmentation: Segmentation) -> (&'v OnceCell<Words>, &'v Cell<Words>) {
        match segmentation {
            Segmentation::Unicode => (&self.tables.words[0], &self.tables.spare_words[0]),
            Segmentation::Whitespace => (&self.tables.words[1], &self.tables.spare_words[1]),
            Segmentation::Dictionary => (&self.tables.words[2], &self.tables.spare_words[2]),
            Segmentation::Spaces => (&self.tables.words[3], &self.tables.spare_words[3]),
        }
    }

    /// How many words there are. Asked before anybody needs the words themselves, it counts them
    /// and makes no table: for stages after which the text is another.
    pub fn number_of_words(self, segmentation: Segmentation) -> usize {
        if let Some(words) = self.known_words(segmentation) {
            return words.len();
        }
        let mut number = 0;
        segmentation.words(self.text, |_| number += 1);
        number
    }

    /// The words, if somebody asked for them before: for who needs so little of them that a table
    /// of their own is not worth its while.
    pub fn known_words(self, segmentation: Segmentation) -> Option<&'v Words> {
        self.table(segmentation).0.get()
    }

    /// The words, as a segmentation cuts them.
    pub fn words(self, segmentation: Segmentation) -> &'v Words {
        let segmentation = self.shared(segmentation);
        let (full, spare) = self.table(segmentation);
        full.get_or_init(|| {
            let mut words = spare.take();
            words.read(self.text, segmentation);
            words
        })
    }

    /// The lines between line feeds, empty ones too: Python's `text.split("\n")`.
    pub fn lines(self) -> &'v Lines {
        self.tables.lines.get_or_init(|| {
            let mut lines = self.tables.spare_lines.take();
            lines.read(self.text, self.is_ascii(), lines::Ends::LineFeed);
            lines
        })
    }

    /// The lines of Python's `text.splitlines()`: ended by `\n`, `\r`, `\r\n`, `\v`, `\f`,
    /// U+001C–001E, U+0085, U+2028 or U+2029, and none after the last end. In most texts only line
    /// feeds end lines, and these are the ones between line feeds, which other rules need anyway.
    pub fn split_lines(self) -> &'v [Line] {
        if !has_other_line_ends(self.text) {
            return match self.lines().split_last() {
                Some((last, lines)) if last.is_empty() => lines,
                _ => self.lines(),
            };
        }
        self.tables.split_lines.get_or_init(|| {
            let mut lines = self.tables.spare_split_lines.take();
            lines.read(self.text, self.is_ascii(), lines::Ends::Python);
            lines
        })
    }
}

/// What a view has worked out, and room that it used before.
#[derive(Default)]
struct Tables {
    characters: Cell<Option<usize>>,
    other_spaces: Cell<Option<bool>>,
    words: [OnceCell<Words>; 4],
    lines: OnceCell<Lines>,
    split_lines: OnceCell<Lines>,
    spare_words: [Cell<Words>; 4],
    spare_lines: Cell<Lines>,
    spare_split_lines: Cell<Lines>,
}

/// A table is given back to the allocator if it is larger than this, in bytes: an uncommonly long
/// document must not take its room for ever.
const KEPT_BYTES: usize = 4 << 20;

/// Room that a thread keeps for coming documents, in bytes, over all tables. What is given back comes
/// again as pages that the system has to clear, which costs more than cutting the words.
const POOL_BYTES: usize = 16 << 20;

impl Tables {
    /// Bytes that all of it takes while nothing is in use.
    fn room(&mut self) -> usize {
        let words: usize = self.spare_words.iter_mut().map(|words| words.get_mut().room()).sum();
        size_of::<Self>()
            + words
            + self.spare_lines.get_mut().room()
            + self.spare_split_lines.get_mut().room()
    }

    fn clear(&mut self) {
        self.characters.set(None);
        self.other_spaces.set(None);
        for (full, spare) in self.words.iter_mut().zip(&self.spare_words) {
            if let Some(words) = full.take().filter(|words| words.room() <= KEPT_BYTES) {
                spare.set(words);
            }
        }
        for (full, spare) in
            [(&mut self.lines, &self.spare_lines), (&mut self.split_lines, &self.spare_split_lines)]
        {
            if let Some(lines) = full.take().filter(|lines| lines.room() <= KEPT_BYTES) {
                spare.set(lines);
            }
        }
    }
}

/// Tables that wait for documents.
#[derive(Default)]
struct Pool {
    // A table is moved from document to document by its box; unboxed, some hundred bytes would be.
    #[allow(clippy::vec_box)]
    tables: Vec<Box<Tables>>,
    bytes: usize,
}

impl Pool {
    fn take(&mut self) -> Option<Box<Tables>> {
        let mut tables = self.tables.pop()?;
        self.bytes = self.bytes.saturating_sub(tables.room());
        Some(tables)
    }

    fn put(&mut self, mut tables: Box<Tables>) {
        let room = tables.room();
        if self.bytes + room <= POOL_BYTES {
            self.bytes += room;
            self.tables.push(tables);
        }
    }
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

/// Where a document keeps the tables of its view. A clone begins with none.
#[derive(Default)]
pub struct Slot(OnceCell<Box<Tables>>);

impl Slot {
    /// The view of a text, which must be the same one until [`release`](Slot::release).
    pub fn view<'v>(&'v self, text: &'v str) -> View<'v> {
        let tables = self.0.get_or_init(|| {
            POOL.try_with(|pool| pool.borrow_mut().take()).ok().flatten().unwrap_or_default()
        });
        View { text, tables }
    }

    /// Forgets what was worked out.
    pub fn release(&mut self) {
        let Some(mut tables) = self.0.take() else { return };
        tables.clear();
        // At the end of a thread the pool may be gone already.
        let _ = POOL.try_with(|pool| pool.borrow_mut().put(tables));
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Slot")
    }
}

impl Clone for Slot {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::classes::splitlines;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn split_lines_are_those_of_python_either_way(
            text in "([ab]|\\n|\\r|\u{b}|\u{1c}|\u{85}|\u{2028}|\u{2029}|[\u{2000}\u{c2}é\u{1f}]){0,12}",
        ) {
            let slot = Slot::default();
            let lines: Vec<&str> =
                slot.view(&text).split_lines().iter().map(|line| &text[line.range()]).collect();
            prop_assert_eq!(lines, splitlines(&text).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_view_is_kept_until_it_is_released() {
        let mut slot = Slot::default();
        let text = "two words\n";
        let view = slot.view(text);
        assert_eq!(view.number_of_words(Segmentation::Unicode), 2);
        assert_eq!(view.words(Segmentation::Unicode).len(), 2);
        assert_eq!(view.number_of_words(Segmentation::Unicode), 2);
        let first: *const Words = view.words(Segmentation::Unicode);
        assert!(std::ptr::eq(first, slot.view(text).words(Segmentation::Unicode)));
        slot.release();
        assert_eq!(slot.view("another").words(Segmentation::Unicode).len(), 1);
        assert_eq!(slot.view("another").characters(), 7);
    }

    #[test]
    fn a_table_is_shared_where_both_cut_alike() {
        for (text, shared) in [("two words\n", true), ("two\u{A0}words\r\n", false), ("", true)] {
            for first in [Segmentation::Spaces, Segmentation::Whitespace] {
                let slot = Slot::default();
                let view = slot.view(text);
                view.words(first);
                let spaces = view.words(Segmentation::Spaces);
                let whitespace = view.words(Segmentation::Whitespace);
                assert_eq!(std::ptr::eq(spaces, whitespace), shared, "{text:?}");
                let mut spans = Vec::new();
                Segmentation::Spaces.words(text, |word| {
                    spans.push((word.start as u32, word.end as u32));
                });
                assert_eq!(spaces.spans(), spans);
            }
        }
        let mut slot = Slot::default();
        assert_eq!(slot.view("a\rb").words(Segmentation::Spaces).len(), 1);
        slot.release();
        assert_eq!(slot.view("a b").words(Segmentation::Spaces).len(), 2);
    }
}
