//! Candidates of `window: number`: groups of letters and digits, in ASCII as far as there is a form.

use super::chars::{digit_value, is_dash};
use super::rules::MAX_LENGTH;
use super::steps;

/// A run of letters and digits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    /// In the text.
    pub start: usize,
    pub end: usize,
    /// In the ASCII form.
    pub ascii_start: usize,
    pub ascii_end: usize,
    pub digits: usize,
    /// What stands between this group and the next one.
    pub joint: Joint,
}

impl Group {
    pub fn is_digits(&self) -> bool {
        self.digits == self.ascii_end - self.ascii_start
    }
}

/// How a group goes on to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// Nothing follows that belongs to it.
    None,
    /// White space, a comma, a bracket, a colon: it may as well be the end.
    Loose,
    /// A dash, a dot, a slash: what follows belongs to it.
    Tight,
}

/// A row of groups.
#[derive(Debug, Default)]
pub(super) struct Chain {
    pub groups: Vec<Group>,
    /// The groups and what stands between them.
    pub ascii: String,
}

/// The ASCII form of a character of a group: a letter or digit.
fn alphanumeric(character: char) -> Option<char> {
    match character {
        '0'..='9' | 'a'..='z' | 'A'..='Z' => Some(character),
        '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
            char::from_u32(character as u32 - 0xFEE0)
        }
        _ if character.is_ascii() => None,
        _ => digit_value(character).map(|value| char::from(b'0' + value)),
    }
}

/// The ASCII form of what may stand between groups.
fn separator(character: char) -> Option<char> {
    match character {
        ' ' | '-' | '.' | '/' | '_' | ':' | ',' | '\'' | '(' | ')' => Some(character),
        '\u{A0}' | '\u{2007}' | '\u{2009}' | '\u{202F}' | '\u{3000}' => Some(' '),
        '\u{FF0D}' => Some('-'),
        '\u{FF08}' => Some('('),
        '\u{FF09}' => Some(')'),
        '\u{FF0F}' => Some('/'),
        '\u{FF1A}' => Some(':'),
        _ if character.is_ascii() => None,
        _ => is_dash(character).then_some('-'),
    }
}

/// How many characters may stand between two groups, as in `(0)` or ` - `.
const MAX_SEPARATORS: usize = 3;
/// A group of letters within a number: a bank's code, a series.
const MAX_LETTERS: usize = 4;
/// How far a first group reaches before its first digit.
const MAX_BEFORE: usize = 40;

impl Chain {
    /// Takes in the row of groups around the digit at `at`; nothing before `floor` belongs to it.
    pub fn fill(&mut self, text: &str, floor: usize, at: usize) {
        self.groups.clear();
        self.ascii.clear();
        let mut start = group_start(text, floor, at);
        // Series and countries stand before the digits: `AB 12 34 56 C`, `M AB 1234`.
        for _ in 0..2 {
            match letters_before(text, floor, start) {
                Some(before) => start = before,
                None => break,
            }
        }
        let mut next = start;
        while let Some(group) = self.push_group(text, next) {
            let between = text.get(group.end..).unwrap_or_default();
            let mark = self.ascii.len();
            let (joint, length) = self.push_separators(between);
            if joint == Joint::None || !continues(text, group.end + length) {
                self.ascii.truncate(mark);
                break;
            }
            if let Some(last) = self.groups.last_mut() {
                last.joint = joint;
            }
            next = group.end + length;
        }
    }

    /// Where the last group ends.
    pub fn end(&self) -> usize {
        self.groups.last().map_or(0, |group| group.end)
    }

    fn push_group(&mut self, text: &str, start: usize) -> Option<Group> {
        let ascii_start = self.ascii.len();
        let mut end = start;
        let mut digits = 0;
        for character in text.get(start..)?.chars() {
            let Some(ascii) = alphanumeric(character) else {
                break;
            };
            digits += usize::from(ascii.is_ascii_digit());
            self.ascii.push(ascii);
            end += character.len_utf8();
        }
        steps::count(end - start);
        let ascii_end = self.ascii.len();
        let group = Group { start, end, ascii_start, ascii_end, digits, joint: Joint::None };
        if end == start {
            return None;
        }
        self.groups.push(group);
        Some(group)
    }

    /// The separators at the start of a text, if there are few, and how long they are there.
    fn push_separators(&mut self, text: &str) -> (Joint, usize) {
        let mut length = 0;
        let mut joint = Joint::None;
        for (number, character) in text.chars().enumerate() {
            let Some(ascii) = separator(character) else {
                break;
            };
            if number == MAX_SEPARATORS {
                return (Joint::None, 0);
            }
            match ascii {
                ' ' | ',' | '(' | ')' | ':' | '\'' => joint = Joint::Loose,
                _ if joint == Joint::None => joint = Joint::Tight,
                _ => {}
            }
            self.ascii.push(ascii);
            length += character.len_utf8();
        }
        (joint, length)
    }
}

/// Where the group around `at` starts.
fn group_start(text: &str, floor: usize, at: usize) -> usize {
    let mut start = at;
    for character in text.get(floor..at).unwrap_or_default().chars().rev() {
        if alphanumeric(character).is_none() || at - start >= MAX_BEFORE {
            break;
        }
        start -= character.len_utf8();
    }
    steps::count(at - start);
    start
}

/// The start of a few capitals before a group, with one separator between.
fn letters_before(text: &str, floor: usize, start: usize) -> Option<usize> {
    let before = text.get(floor..start)?;
    let between = before.chars().next_back()?;
    if !matches!(separator(between), Some(' ' | '-' | '.')) {
        return None;
    }
    let before = before.get(..before.len() - between.len_utf8())?;
    let mut first = before.len();
    for (number, character) in before.chars().rev().enumerate() {
        if !character.is_ascii_uppercase() {
            if character.is_alphanumeric() {
                return None;
            }
            break;
        }
        if number == MAX_LETTERS {
            return None;
        }
        first -= 1;
    }
    steps::count(before.len() - first);
    (first < before.len()).then_some(floor + first)
}

/// Whether the group at `at` belongs to a number: it has a digit, or is a few capitals or one
/// letter.
fn continues(text: &str, at: usize) -> bool {
    let mut letters = 0;
    let mut capitals = true;
    for character in text.get(at..).unwrap_or_default().chars().take(MAX_LENGTH) {
        match alphanumeric(character) {
            Some('0'..='9') => return true,
            Some(letter) => {
                letters += 1;
                capitals &= letter.is_ascii_uppercase();
                if letters > MAX_BEFORE {
                    return false;
                }
            }
            None if character.is_alphanumeric() => return false,
            None => break,
        }
    }
    steps::count(letters);
    letters == 1 || (letters > 0 && letters <= MAX_LETTERS && capitals)
}

/// A stretch of text with digits of every script and separators in ASCII, and letters as they are.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub text: String,
    /// For each byte of the form the offset in the text of the character that it is of, and one more
    /// for the end.
    offsets: Vec<usize>,
}

impl Form {
    /// Takes in `start..end` of a text, up to a line end.
    pub fn fill(&mut self, text: &str, start: usize, end: usize) {
        self.text.clear();
        self.offsets.clear();
        let mut at = start;
        for character in text.get(start..end).unwrap_or_default().chars() {
            if character == '\n' {
                break;
            }
            let ascii = alphanumeric(character).or_else(|| separator(character));
            self.text.push(ascii.unwrap_or(character));
            self.offsets.resize(self.text.len(), at);
            at += character.len_utf8();
        }
        steps::count(at - start);
        self.offsets.push(at);
    }

    /// The offset in the text of a byte of the form.
    pub fn offset(&self, at: usize) -> usize {
        self.offsets.get(at).or(self.offsets.last()).copied().unwrap_or(0)
    }
}

/// The letters and digits of an ASCII form, into `compact`.
pub(super) fn compact(ascii: &str, compact: &mut String) {
    compact.clear();
    compact.extend(ascii.chars().filter(char::is_ascii_alphanumeric));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(text: &str) -> (String, Vec<String>) {
        let mut chain = Chain::default();
        let at = text.find(|c: char| digit_value(c).is_some()).unwrap();
        chain.fill(text, 0, at);
        let groups =
            chain.groups.iter().map(|group| text[group.start..group.end].to_owned()).collect();
        (chain.ascii, groups)
    }

    #[test]
    fn groups_and_what_stands_between_them() {
        let (ascii, groups) = chain("see GB04 NWBK 5215 3803 please");
        assert_eq!(ascii, "GB04 NWBK 5215 3803");
        assert_eq!(groups, ["GB04", "NWBK", "5215", "3803"]);
        assert_eq!(chain("his AB 12–34 56 C, he").0, "AB 12-34 56 C");
        assert_eq!(chain("用卡４１１１\u{3000}١٢٣٤号").0, "4111 1234");
        assert_eq!(chain("in 2019 the cat").0, "2019");
        assert_eq!(chain("+33 (0)1 42 68").0, "33 (0)1 42 68");
    }
}
