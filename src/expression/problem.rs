//! What is wrong with an expression, shown with its place.

use std::fmt;
use std::ops::Range;

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Where, in bytes of the expression.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// A problem at a place.
    pub fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    /// Adds what to do about it, if anything is known.
    pub fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// The problem under the line of the expression in which it is.
    pub fn shown<'p>(&'p self, key: &'p str, expression: &'p str) -> Shown<'p> {
        Shown { problem: self, key, expression }
    }
}

/// A [`Problem`] as people read it: the key, the column, the message, the line with a mark under it.
pub struct Shown<'p> {
    problem: &'p Problem,
    key: &'p str,
    expression: &'p str,
}

/// Characters of the line that are shown before and after the place.
const AROUND: usize = 60;

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { span, message, help } = self.problem;
        let before = self.expression.get(..span.start).unwrap_or(self.expression);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = self.expression.get(line_start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default();
        let column = before.get(line_start..).unwrap_or_default().chars().count();

        write!(out, "{}, ", self.key)?;
        if self.expression.trim_end().contains('\n') {
            write!(out, "line {}, ", before.matches('\n').count() + 1)?;
        }
        write!(out, "column {}: {message}", column + 1)?;

        let marked = self.expression.get(span.clone()).unwrap_or_default();
        let marked = marked.split('\n').next().unwrap_or_default().chars().count();
        let first = column.saturating_sub(AROUND);
        let window = line.chars().skip(first).take(2 * AROUND);
        let cut = line.chars().count() > first + 2 * AROUND;
        write!(out, "\n    {}", if first > 0 { "…" } else { "" })?;
        for character in window {
            write!(out, "{}", if character.is_control() { ' ' } else { character })?;
        }
        let indent = column - first + usize::from(first > 0);
        let width = marked.clamp(1, AROUND);
        write!(out, "{}\n    {:indent$}{:^<width$}", if cut { "…" } else { "" }, "", "")?;
        match help {
            Some(help) => write!(out, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_marked() {
        let problem = Problem::new(5..6, "no such name").with_help(Some("a?".to_owned()));
        assert_eq!(
            problem.shown("keep_if", "é + b > 1").to_string(),
            "keep_if, column 5: no such name\n    é + b > 1\n        ^\n  help: a?"
        );
        let problem = Problem::new(4..6, "no");
        assert_eq!(
            problem.shown("drop_if", "a\n||\tbc").to_string(),
            "drop_if, line 2, column 3: no\n    || bc\n      ^^"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}x{}", "a".repeat(500), "b".repeat(500));
        let shown = Problem::new(500..501, "here").shown("keep_if", &text).to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[0].contains("column 501"));
        assert!(lines[1].chars().count() < 130);
        let at = lines[2].chars().position(|mark| mark == '^').unwrap();
        assert_eq!(lines[1].chars().nth(at), Some('x'));
    }
}
