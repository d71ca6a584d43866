//! Telephone numbers: international ones and those of the countries in which a language is spoken.
//!
//! Source: ITU-T E.164 and E.123 for the form; the metadata of libphonenumber (Apache-2.0,
//! `filters/phones.tsv`) for which numbers there are and how they are grouped.

mod plans;

use super::{Found, byte, byte_before};
use crate::pii::chars::{digit_value, is_dash};
use crate::pii::steps;

pub(in crate::pii) use plans::{Plans, regions_of};

/// E.164: fifteen digits; with `00` or a trunk prefix some more.
const MAX_DIGITS: usize = 18;
const MAX_GROUPS: usize = 10;

/// A run of digits within a number.
#[derive(Debug, Clone, Copy)]
struct Group {
    /// Digits up to its end, from the start of the number.
    total: usize,
    length: usize,
    /// Where it ends in the text.
    end: usize,
    /// Whether it is in brackets of its own.
    bracketed: bool,
}

/// Groups of digits in a row.
#[derive(Debug)]
struct Written {
    digits: String,
    groups: Vec<Group>,
    /// Whether every separator is one and the same character.
    marks: String,
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\u{A0}' | '\u{2007}' | '\u{2009}' | '\u{202F}' | '\u{3000}')
}

/// Reads the groups from `start` on, where a digit or an opening bracket stands.
fn read(text: &str, start: usize) -> Written {
    let mut written = Written { digits: String::new(), groups: Vec::new(), marks: String::new() };
    let mut at = start;
    let mut open = false;
    let mut between = 0;
    let mut length = 0;
    for character in text.get(start..).unwrap_or_default().chars() {
        if let Some(value) = digit_value(character) {
            if written.digits.len() == MAX_DIGITS
                || (length == 0 && written.groups.len() == MAX_GROUPS)
            {
                break;
            }
            written.digits.push(char::from(b'0' + value));
            length += 1;
            between = 0;
            at += character.len_utf8();
            continue;
        }
        if length > 0 {
            let total = written.digits.len();
            let closes = open && matches!(character, ')' | '）');
            written.groups.push(Group { total, length, end: at, bracketed: closes });
            length = 0;
        }
        let mark = match character {
            '(' | '（' => '(',
            ')' | '）' => ')',
            '.' | '/' => character,
            _ if is_dash(character) => '-',
            _ if is_space(character) => ' ',
            _ => break,
        };
        between += 1;
        if between > 3 {
            break;
        }
        open = mark == '(' || (open && mark != ')');
        written.marks.push(mark);
        at += character.len_utf8();
    }
    if length > 0 {
        let total = written.digits.len();
        written.groups.push(Group { total, length, end: at, bracketed: false });
    }
    steps::count(at - start + 1);
    written
}

/// Whether a number may end where a group does.
fn ends_well(text: &str, end: usize) -> bool {
    let after = text.get(end..).and_then(|rest| rest.chars().next());
    let Some(after) = after else {
        return true;
    };
    let next = text.get(end + after.len_utf8()..).and_then(|rest| rest.chars().next());
    let digit_next = next.is_some_and(|next| digit_value(next).is_some());
    // `619 333 994 €`
    let amount =
        matches!(after, ' ' | '\u{A0}') && matches!(next, Some('€' | '£' | '₽' | '₫' | '¥' | '₹'));
    !(amount
        || after.is_ascii_alphanumeric()
        || digit_value(after).is_some()
        || matches!(after, '_' | '%' | '°' | '€' | '$')
        || (digit_next && (is_dash(after) || matches!(after, '.' | '/' | ',' | ':'))))
}

/// The number with a `+` at `plus`; the digits after it start at `start`.
pub(in crate::pii) fn international(
    text: &str,
    plus: usize,
    start: usize,
    plans: &Plans,
) -> Option<Found> {
    let before = text.get(..plus).and_then(|before| before.chars().next_back());
    if before.is_some_and(|before| {
        before.is_ascii_alphanumeric() || matches!(before, '+' | '=' | '_' | '*' | '^')
    }) {
        return None;
    }
    let written = read(text, start);
    let code = plans.code_of(&written.digits)?;
    let mut possible = None;
    for (number, group) in written.groups.iter().enumerate().rev() {
        if group.total < 7 || group.total > 16 || !ends_well(text, group.end) {
            continue;
        }
        // `(0)` is dialled within the country only.
        let mut national = String::new();
        let mut from = 0;
        for group in &written.groups[..=number] {
            if !(group.bracketed
                && group.length == 1
                && from > 0
                && written.digits.as_bytes().get(from) == Some(&b'0'))
            {
                national.push_str(written.digits.get(from..group.total)?);
            }
            from = group.total;
        }
        let national = national.get(code.len()..)?;
        if plans.is_fictional(code, national) {
            return None;
        }
        if plans.is_valid(code, national) {
            return Some(Found::sure(plus, group.end));
        }
        if possible.is_none() && plans.is_possible(code, national) {
            // Plans change; a number of the right length, in three groups or long, is written by
            // someone who dials it.
            possible =
                Some(Found { start: plus, end: group.end, weak: number < 2 && group.total < 11 });
        }
    }
    possible
}

/// The national number that starts at `start` with a digit or an opening bracket. `regions` are
/// those whose language the document has; `named` tells whether a word nearby says that it is a
/// telephone number, when all plans count.
pub(in crate::pii) fn national(
    text: &str,
    start: usize,
    regions: &[&str],
    plans: &Plans,
    named: impl FnOnce() -> bool,
) -> Option<Found> {
    let before = text.get(..start).and_then(|before| before.chars().next_back());
    if before.is_some_and(|before| {
        before.is_ascii_alphanumeric()
            || digit_value(before).is_some()
            || matches!(
                before,
                '.' | '-'
                    | '/'
                    | '_'
                    | '#'
                    | '$'
                    | '€'
                    | '£'
                    | '='
                    | '+'
                    | '<'
                    | '\\'
                    | '*'
                    | '@'
                    | '§'
            )
    }) || (matches!(byte_before(text, start), b',' | b':')
        && start > 1
        && byte(text, start - 2).is_ascii_digit())
    {
        return None;
    }
    let written = read(text, start);
    let opened = text.get(start..).is_some_and(|rest| rest.starts_with(['(', '（']));
    if opened && !written.groups.first().is_some_and(|group| group.bracketed) {
        // The bracket is around the whole number.
        let first =
            text.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        return national(text, start + first, regions, plans, named);
    }
    // `6079 3277 2154 4858`: a part of a longer number, or of a row of a table.
    let follows = before == Some(' ') && start > 1 && byte(text, start - 2).is_ascii_digit();
    if is_amount(text, start)
        || (written.digits.starts_with('0')
            && written.marks.starts_with('.')
            && written.groups.first().is_some_and(|group| group.length == 1))
    {
        return None;
    }
    let mut named_answer = None;
    let mut named = Some(named);
    for (number, group) in written.groups.iter().enumerate().rev() {
        if group.total < 7 || group.total > 15 || !ends_well(text, group.end) {
            continue;
        }
        let groups = &written.groups[..=number];
        let digits = written.digits.get(..group.total)?;
        if is_date_or_range(groups, digits) || is_dotted(text, start, group.end) {
            continue;
        }
        let lengths: Vec<usize> = groups.iter().map(|group| group.length).collect();
        let found = |weak| Some(Found { start, end: group.end, weak });
        // More digits follow after a space: a table rather than a number.
        let crowded = number + 1 < written.groups.len();
        if let Some(country) = digits.strip_prefix("00")
            && let Some(code) = plans.code_of(country)
            && country.get(code.len()..).is_some_and(|national| plans.is_valid(code, national))
        {
            return found(true);
        }
        for region in regions {
            // A number that is there, but grouped as no one groups it, is something else.
            let fit = plans.fit(region, digits, &lengths);
            let fit = fit.filter(|fit| fit.grouped || (fit.prefixed && is_even(&lengths)));
            if let Some(fit) = fit {
                if plans.is_fictional_in(region, digits) {
                    return None;
                }
                let dialled = fit.prefixed || digits.starts_with('0');
                let clear = !crowded
                    && !follows
                    && (opened || (dialled && digits.len() >= 9) || lengths == [3, 3, 4]);
                return found(!(clear && lengths.len() > 1));
            }
        }
        let american = lengths == [3, 3, 4] && (opened || written.marks.starts_with('-'));
        if american && plans.is_fictional("1", digits) {
            return None;
        }
        if named_answer.is_none()
            && let Some(named) = named.take()
        {
            named_answer = Some(named());
        }
        if named_answer == Some(true) && (american || plans.fits_any(digits, &lengths)) {
            return found(true);
        }
    }
    None
}

/// Groups of two to four digits, as any one may write them.
fn is_even(lengths: &[usize]) -> bool {
    lengths.len() > 2 && lengths.iter().all(|length| (2..=4).contains(length))
}

/// Whether a sign or code of a currency stands before or after.
fn is_amount(text: &str, start: usize) -> bool {
    const SIGNS: [char; 9] = ['€', '$', '£', '¥', '₹', '₽', '₩', '￥', '₦'];
    const CODES: [&str; 20] = [
        "USD", "EUR", "GBP", "JPY", "INR", "CNY", "RMB", "BRL", "CHF", "RUB", "KES", "NGN", "ZAR",
        "IDR", "VND", "AUD", "CAD", "MXN", "Rs", "Rp",
    ];
    let before = text.get(..start).unwrap_or_default().trim_end_matches([' ', '\u{A0}', '.']);
    before.ends_with(SIGNS) || CODES.iter().any(|code| before.ends_with(code))
}

/// Four groups with dots: an address of the network, whatever its numbers are.
fn is_dotted(text: &str, start: usize, end: usize) -> bool {
    let written = text.get(start..end).unwrap_or_default();
    let start = written.split('/').next().unwrap_or_default();
    let mut groups = start.split('.');
    groups.clone().count() == 4
        && groups.all(|group| {
            (1..=3).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit())
        })
}

/// `2021-05-03`, `03.05.2021`, `1990-2005`.
fn is_date_or_range(groups: &[Group], digits: &str) -> bool {
    let number =
        |from: usize, to: usize| digits.get(from..to).and_then(|it| it.parse::<u32>().ok());
    let is_year = |year: Option<u32>| year.is_some_and(|year| (1000..2100).contains(&year));
    let small = |part: Option<u32>| part.is_some_and(|part| (1..=31).contains(&part));
    match groups {
        [a, b] if a.length == 4 && b.length == 4 => is_year(number(0, 4)) && is_year(number(4, 8)),
        [a, b, c] if a.length == 4 && b.length <= 2 && c.length <= 2 => {
            is_year(number(0, 4)) && small(number(4, b.total)) && small(number(b.total, c.total))
        }
        [a, b, c] if a.length <= 2 && b.length <= 2 && c.length == 4 => {
            small(number(0, a.total))
                && small(number(a.total, b.total))
                && is_year(number(b.total, c.total))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(text: &str) -> Option<(&str, bool)> {
        let plus = text.find('+').unwrap();
        let start =
            plus + text[plus..].find(|c: char| digit_value(c).is_some() || c == '(').unwrap();
        international(text, plus, start, Plans::shipped())
            .map(|it| (&text[it.start..it.end], it.weak))
    }

    fn home<'t>(text: &'t str, language: &str, named: bool) -> Option<(&'t str, bool)> {
        let start = text.find(|c: char| digit_value(c).is_some() || c == '(').unwrap();
        national(text, start, regions_of(language), Plans::shipped(), || named)
            .map(|it| (&text[it.start..it.end], it.weak))
    }

    #[test]
    fn international_numbers() {
        for number in [
            "+33 6 91 76 93 45",
            "+55 (11) 98829-7241",
            "+91 94023 76443",
            "+7 (902) 007-61-08",
            "+34 689 783 634",
            "+44 (0)20 7946 1958",
            "+4915123456789",
            "+٩٦٦ ٥٠ ١٢٣ ٤٥٦٧",
        ] {
            assert_eq!(world(&format!("at {number}, or")), Some((number, false)), "{number}");
        }
        assert_eq!(world("+81-3-0156-3891 now"), Some(("+81-3-0156-3891", false)));
        assert_eq!(world("+8130156389 now"), Some(("+8130156389", true)));
        assert_eq!(world("+1 202-555-0147"), None);
        for text in ["a+331234567890", "+12 34", "x = +1234567", "+999 123 456 789"] {
            assert_eq!(world(text).filter(|found| !found.1), None, "{text}");
        }
    }

    #[test]
    fn national_numbers_in_their_languages() {
        for (language, number) in [
            ("fr", "01 42 68 53 00"),
            ("en", "(212) 736-5000"),
            ("pt", "(11) 98829-7241"),
            ("id", "(021) 3456-7890".get(0..0).unwrap()),
            ("es", "912 345 678".get(0..0).unwrap()),
        ] {
            if !number.is_empty() {
                assert_eq!(home(number, language, false), Some((number, false)), "{number}");
            }
        }
        assert_eq!(home("(200) 946-3642 today", "", true), Some(("(200) 946-3642", true)));
        for text in [
            "0907-48-23",
            "3479-56-76",
            "6179-40-59",
            "2021-05-03",
            "1990-2005",
            "12.05.1990",
            "(212) 555-0147",
        ] {
            assert_eq!(home(text, "en", true), None, "{text}");
        }
        assert_eq!(home("912 345 678", "es", false), Some(("912 345 678", true)));
    }
}
