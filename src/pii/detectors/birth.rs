//! Dates of birth: a full date of whoever could be alive, and words nearby that say what it is.
//!
//! Dates are taken in all orders that are in use, in figures and with the month as a word of any
//! language: what follows `born on 5` and stands before a year is a month, so no list of months is
//! needed. Years of the Buddhist calendar are understood, which Thai documents have.

use std::sync::LazyLock;

use regex::Regex;

use super::Found;
use crate::pii::candidates::Form;

const LONGEST: usize = 96;

/// Day, month, year in named groups; years are checked afterwards.
static DATES: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    let year = r"(?<y>(?:19|20|24|25)\d\d)";
    let day = r"(?<d>\d{1,2})";
    let month = r"(?<m>\d{1,2})";
    let word = r"[\p{L}\p{M}]{3,24}\.?";
    let small = r"(?:[\p{L}\p{M}]{1,4}\.? )?";
    [
        format!(r"{day}[./\- ]{{1,2}}{month}[./\- ]{{1,2}}{year}"),
        format!(r"{year} ?[./\-年년] ?{month} ?[./\-月월] ?{day}(?: ?[日일])?"),
        format!(
            r"{day}(?:st|nd|rd|th|er|\.|º|ª|-го|\))? ?(?:of )?{small}{word},? {{1,2}}{small}{year}"
        ),
        // ngày 5 tháng 3 năm 1980
        format!(r"{day} [\p{{L}}\p{{M}}]{{2,8}} {month},? [\p{{L}}\p{{M}}]{{2,8}} {year}"),
    ]
    .map(|pattern| Regex::new(&format!(r"\A(?:{pattern})")).expect("a constant pattern"))
});

/// After the name of a month: `March 5, 1980`.
static AFTER_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"\A(?<d>\d{1,2})(?:st|nd|rd|th)?,? {1,2}(?<y>(?:19|20|24|25)\d\d)";
    Regex::new(pattern).expect("a constant pattern")
});

/// The date that starts with the digits at `start`, or with the word before them.
pub(in crate::pii) fn date(text: &str, start: usize, form: &mut Form) -> Option<Found> {
    if !has_year(text, start) {
        return None;
    }
    let end = crate::pii::context::floor(text, (start + LONGEST).min(text.len()));
    form.fill(text, start, end);
    let (from, to) = match DATES.iter().find_map(|date| valid_end(date, &form.text)) {
        Some(to) => (start, to),
        None => (word_before(text, start)?, valid_end(&AFTER_MONTH, &form.text)?),
    };
    let end = form.offset(to);
    let glued =
        text.get(end..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
    (!glued).then_some(Found { start: from, end, weak: true })
}

/// Whether there may be a year near the start: four figures, or digits of another script. It spares
/// most numbers the patterns.
fn has_year(text: &str, start: usize) -> bool {
    let near = text.as_bytes().get(start..).unwrap_or_default();
    let near = near.get(..near.len().min(NEAR)).unwrap_or_default();
    let mut row = 0;
    if near.first().is_some_and(|first| !first.is_ascii()) {
        return true;
    }
    // A year in front goes on with a month.
    if near.iter().take(4).all(u8::is_ascii_digit) {
        let mark = near.get(4).is_some_and(|it| b"-./ ".contains(it) || !it.is_ascii());
        return mark
            && near.get(5).is_some_and(|it| it.is_ascii_digit() || *it == b' ' || !it.is_ascii());
    }
    near.iter().any(|byte| {
        row = if byte.is_ascii_digit() { row + 1 } else { 0 };
        row == 4
    })
}

/// How far after the first figure a year stands, in bytes: behind a month in the longest words.
const NEAR: usize = 56;

fn valid_end(date: &Regex, text: &str) -> Option<usize> {
    let parts = date.captures(text)?;
    let number = |name| parts.name(name).and_then(|part| part.as_str().parse::<u32>().ok());
    let (year, mut day) = (number("y")?, number("d")?);
    let mut month = number("m").unwrap_or(1);
    // The month may come first.
    if month > 12 {
        std::mem::swap(&mut day, &mut month);
    }
    let years = (1900..2040).contains(&year) || (2443..2583).contains(&year);
    let fits = years && (1..=31).contains(&day) && (1..=12).contains(&month);
    fits.then(|| parts.get(0)).flatten().map(|whole| whole.end())
}

/// Where the word before `start` begins, if there is one with only a space between.
fn word_before(text: &str, start: usize) -> Option<usize> {
    let before = text.get(..start)?.strip_suffix(' ')?;
    let word = before.strip_suffix('.').unwrap_or(before);
    let mut first = word.len();
    for (number, character) in word.chars().rev().enumerate() {
        if !character.is_alphabetic() {
            break;
        }
        if number > 16 {
            return None;
        }
        first -= character.len_utf8();
    }
    (word.len() - first >= 3).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_living() {
        let found = |text: &str| {
            let at = text.find(|c: char| crate::pii::chars::digit_value(c).is_some()).unwrap();
            date(text, at, &mut Form::default()).map(|it| text[it.start..it.end].to_owned())
        };
        for date in [
            "05.03.1980",
            "3/5/1980",
            "1980-03-05",
            "1980年3月5日",
            "5 March 1980",
            "5 de marzo de 1980",
            "5. März 1980",
            "March 5, 1980",
            "5 मार्च 1980",
            "5 tháng 3 năm 1980",
            "٠٥/٠٣/١٩٨٠",
            "1st of June 1975",
            "5 มีนาคม 2523",
        ] {
            assert_eq!(found(&format!("* {date}.")), Some(date.to_owned()));
        }
        for text in ["45.03.1980", "5.13.2200", "5 March 1780", "12:30 1980", "1980"] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
