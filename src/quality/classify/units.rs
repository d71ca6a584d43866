//! Cutting a text into the parts that are classified.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::whitespace::is_python_whitespace;

/// What is classified at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// The whole text.
    #[default]
    Document,
    /// Lines up to a blank one.
    Paragraph,
    /// Each line that is not blank.
    Line,
}

/// Calls back with each unit of a text, in order: together they are the text. White space and blank
/// lines belong to the unit before them; those at the beginning to the first one.
///
/// Lines end with line feeds; a line is blank if it has nothing but Python's white space.
pub fn for_units<'t>(text: &'t str, unit: Unit, mut each: impl FnMut(&'t str)) {
    if unit == Unit::Document {
        return each(text);
    }
    let (mut start, mut at) = (0, 0);
    let (mut begun, mut after_blank) = (false, false);
    for line in text.split_inclusive('\n') {
        if line.chars().all(is_python_whitespace) {
            after_blank = true;
        } else {
            if begun && (after_blank || unit == Unit::Line) {
                each(text.get(start..at).unwrap_or_default());
                start = at;
            }
            (begun, after_blank) = (true, false);
        }
        at += line.len();
    }
    if begun {
        each(text.get(start..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn units(text: &str, unit: Unit) -> Vec<&str> {
        let mut units = Vec::new();
        for_units(text, unit, |unit| units.push(unit));
        units
    }

    #[test]
    fn units_keep_the_white_space_after_them() {
        let text = "\n a\nb\n \n\nc \r\n\nd";
        assert_eq!(units(text, Unit::Document), [text]);
        assert_eq!(units(text, Unit::Paragraph), ["\n a\nb\n \n\n", "c \r\n\n", "d"]);
        assert_eq!(units(text, Unit::Line), ["\n a\n", "b\n \n\n", "c \r\n\n", "d"]);
        assert_eq!(units("", Unit::Document), [""]);
        for unit in [Unit::Paragraph, Unit::Line] {
            assert!(units("", unit).is_empty());
            assert!(units(" \n\u{A0}\n", unit).is_empty());
            assert_eq!(units("a", unit), ["a"]);
        }
    }

    proptest! {
        #[test]
        fn units_are_the_text(text in "[ab \n]{0,40}", line: bool) {
            let unit = if line { Unit::Line } else { Unit::Paragraph };
            let units = units(&text, unit);
            if !text.trim().is_empty() {
                prop_assert_eq!(units.concat(), text.clone());
            }
            let expected = match unit {
                Unit::Line => text.lines().filter(|line| !line.trim().is_empty()).count(),
                _ => {
                    let blank = |line: &&str| line.trim().is_empty();
                    let lines: Vec<&str> = text.lines().collect();
                    lines.split(|line| blank(line)).filter(|part| !part.is_empty()).count()
                }
            };
            prop_assert_eq!(units.len(), expected);
            prop_assert!(units.iter().all(|unit| !unit.trim().is_empty()));
        }
    }
}
