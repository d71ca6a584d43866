//! The lines of a text as a table.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::text::classes::next_line_end;

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    LineFeed,
    Python,
}

/// A line without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Where it starts, in bytes.
    pub start: u32,
    /// Where it ends, in bytes.
    pub end: u32,
    /// Its length in code points.
    pub characters: u32,
    /// xxh3-64 of its bytes.
    pub hash: u64,
}

impl Line {
    /// Where the line lies in the text, in bytes.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether there is nothing on it.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// The lines of a text, in order.
#[derive(Debug, Default)]
pub struct Lines {
    lines: Vec<Line>,
}

impl std::ops::Deref for Lines {
    type Target = [Line];
    fn deref(&self) -> &[Line] {
        &self.lines
    }
}

impl Lines {
    /// Takes in the lines of a text. `is_ascii` says that it has only characters of ASCII, so that
    /// no line needs counting.
    pub(super) fn read(&mut self, text: &str, is_ascii: bool, ends: Ends) {
        self.lines.clear();
        let text = text.get(..text.len().min(u32::MAX as usize)).unwrap_or_default();
        let mut start = 0;
        match ends {
            Ends::LineFeed => {
                // Counting costs next to nothing, and doubling would take up to twice the room.
                self.lines.reserve_exact(memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1);
                for end in memchr::memchr_iter(b'\n', text.as_bytes()) {
                    self.push(text, is_ascii, start, end);
                    start = end + 1;
                }
                self.push(text, is_ascii, start, text.len());
            }
            Ends::Python => {
                while let Some((end, next)) = next_line_end(text.as_bytes(), start) {
                    self.push(text, is_ascii, start, end);
                    start = next;
                }
                if start < text.len() {
                    self.push(text, is_ascii, start, text.len());
                }
            }
        }
    }

    fn push(&mut self, text: &str, is_ascii: bool, start: usize, end: usize) {
        let line = text.get(start..end).unwrap_or_default();
        self.lines.push(Line {
            start: start as u32,
            end: end as u32,
            characters: if is_ascii { line.len() } else { line.chars().count() } as u32,
            hash: xxh3_64(line.as_bytes()),
        });
    }

    pub(super) fn room(&self) -> usize {
        self.lines.capacity() * size_of::<Line>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str, ends: Ends) -> Vec<&str> {
        let mut lines = Lines::default();
        lines.read(text, text.is_ascii(), ends);
        lines.iter().map(|line| &text[line.range()]).collect()
    }

    #[test]
    fn python_knows_ten_ends_of_lines() {
        let text = "a\nb\rc\r\nd\u{b}e\u{c}f\u{1c}g\u{1d}h\u{1e}i\u{85}j\u{2028}k\u{2029}";
        assert_eq!(
            lines(text, Ends::Python),
            ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]
        );
        assert_eq!(lines("", Ends::Python), [""; 0]);
        assert_eq!(lines("\n\n", Ends::Python), ["", ""]);
        assert_eq!(lines("\n", Ends::LineFeed), ["", ""]);
        assert_eq!(lines("\u{1f}\u{c2}\u{e2}\u{2027}", Ends::Python).len(), 1);
    }

    proptest! {
        #[test]
        fn lines_are_those_between_line_feeds(text in "[a\\né\\r]{0,40}") {
            prop_assert_eq!(lines(&text, Ends::LineFeed), text.split('\n').collect::<Vec<_>>());
        }
    }
}
