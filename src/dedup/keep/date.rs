//! Dates as they stand in records.

use chrono::{DateTime, NaiveDate};

const DAY: i64 = 86_400_000_000;

/// The moment of a date, in microseconds since 1970 by UTC; `None` if it is none.
///
/// Read are ISO 8601 dates and timestamps (`2021`, `2021-03`, `2021-03-04`, `2021-03-04T05:06:07.8Z`,
/// `2021-03-04 05:06 +0100`, `20210304T050607Z`), also with `/` or `.` between year, month and day; the
/// 14 digits of web archives (`20210304050607`); seconds, milliseconds and microseconds since 1970 (10,
/// 13 and 16 digits, seconds with a fraction too); and the dates of mail and HTTP (`Thu, 04 Mar 2021
/// 05:06:07 GMT`). A year or month counts as its beginning, and a time without zone as UTC.
pub fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    iso(text).or_else(|| {
        let read = DateTime::parse_from_rfc2822(text).ok()?;
        Some(read.timestamp_micros())
    })
}

/// What is left of a text.
struct Rest<'t>(&'t str);

impl Rest<'_> {
    fn digits(&self) -> usize {
        self.0.bytes().take_while(u8::is_ascii_digit).count()
    }

    /// The number of exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let number =
            self.0.get(..digits).filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
        self.0 = &self.0[digits..];
        number.parse().ok()
    }

    /// One of some characters, if it comes next.
    fn one_of(&mut self, characters: &[char]) -> Option<char> {
        let first = self.0.chars().next().filter(|first| characters.contains(first))?;
        self.0 = &self.0[first.len_utf8()..];
        Some(first)
    }
}

fn iso(text: &str) -> Option<i64> {
    let mut rest = Rest(text);
    let digits = rest.digits();
    match digits {
        10 | 13 | 16 => {
            let number = rest.number(digits)?;
            // A fraction of a second, as far as it counts.
            if digits == 10 && rest.one_of(&['.']).is_some() {
                let micros = fraction(&mut rest);
                return rest.0.is_empty().then_some(number * 1_000_000 + micros);
            }
            let unit = match digits {
                10 => 1_000_000,
                13 => 1000,
                _ => 1,
            };
            return rest.0.is_empty().then_some(number * unit);
        }
        4 | 6 | 8 | 12 | 14 => {}
        _ => return None,
    }
    let year = rest.number(4)?;
    let (mut month, mut day) = (1, 1);
    let separator = if digits == 4 { rest.one_of(&['-', '/', '.']) } else { None };
    if separator.is_some() || digits >= 6 {
        month = rest.number(2)?;
        let next = separator.and_then(|separator| rest.one_of(&[separator]));
        if next.is_some() || digits >= 8 {
            day = rest.number(2)?;
        }
    }
    let date = NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32)?;
    let start = NaiveDate::from_ymd_opt(1970, 1, 1)?;
    let midnight = date.signed_duration_since(start).num_days() * DAY;
    if rest.0.is_empty() {
        return Some(midnight);
    }
    if digits < 12 {
        rest.one_of(&['T', 't', ' '])?;
    }
    let time = time(&mut rest)?;
    let zone = zone(&mut rest)?;
    rest.0.is_empty().then_some(midnight + time - zone)
}

/// `05`, `05:06`, `05:06:07`, `050607`, each but the first with a fraction.
fn time(rest: &mut Rest<'_>) -> Option<i64> {
    let hour = rest.number(2)?;
    let (mut minute, mut second, mut micros) = (0, 0, 0);
    let colon = rest.one_of(&[':']);
    if colon.is_some() || rest.digits() >= 2 {
        minute = rest.number(2)?;
        let more = match colon {
            Some(_) => rest.one_of(&[':']).is_some(),
            None => rest.digits() >= 2,
        };
        if more {
            second = rest.number(2)?;
            if rest.one_of(&['.', ',']).is_some() {
                micros = fraction(rest);
            }
        }
    }
    // 24:00 ends a day, and a leap second is a 60th.
    let valid = minute < 60 && second <= 60 && (hour < 24 || (hour, minute, second) == (24, 0, 0));
    valid.then_some(((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

/// The digits of a fraction, in millionths.
fn fraction(rest: &mut Rest<'_>) -> i64 {
    let digits = rest.digits();
    let (fraction, behind) = rest.0.split_at(digits);
    rest.0 = behind;
    let mut padded = fraction.bytes().map(|digit| i64::from(digit - b'0'));
    (0..6).fold(0, |sum, _| sum * 10 + padded.next().unwrap_or(0))
}

/// `Z`, `UTC`, `GMT`, `+01`, `+01:00`, `-0100` or nothing, perhaps after a space.
fn zone(rest: &mut Rest<'_>) -> Option<i64> {
    rest.one_of(&[' ']);
    if rest.0.is_empty() {
        return Some(0);
    }
    if ["z", "utc", "gmt"].iter().any(|name| rest.0.eq_ignore_ascii_case(name)) {
        rest.0 = "";
        return Some(0);
    }
    let sign = if rest.one_of(&['+', '-', '\u{2212}'])? == '+' { 1 } else { -1 };
    let hours = rest.number(2)?;
    let colon = rest.one_of(&[':']);
    let minutes = if colon.is_some() || rest.digits() > 0 { rest.number(2)? } else { 0 };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_in_many_forms_are_one_moment() {
        const MARCH: i64 = 1_614_834_367_000_000;
        for text in [
            "2021-03-04T05:06:07Z",
            "2021-03-04t05:06:07.000z",
            " 2021-03-04 05:06:07 ",
            "2021-03-04 05:06:07 UTC",
            "2021-03-04 07:06:07+02",
            "2021-03-04T00:06:07-05:00",
            "2021/03/04 05:06:07",
            "20210304T050607Z",
            "20210304050607",
            "1614834367",
            "1614834367.0",
            "1614834367000",
            "1614834367000000",
            "Thu, 04 Mar 2021 05:06:07 GMT",
            "Thu, 4 Mar 2021 06:06:07 +0100",
        ] {
            assert_eq!(moment(text), Some(MARCH), "{text}");
        }
        for (text, seconds) in [
            ("1970", 0.0),
            ("1970-02", 31.0 * 86_400.0),
            ("197002", 31.0 * 86_400.0),
            ("1970.01.02", 86_400.0),
            ("1969-12-31T24:00", 0.0),
            ("19700101T0102", 3720.0),
            ("1970-01-01T00:00:00,25", 0.25),
            ("1970-01-01T00:00:00.1234567891", 0.123456),
            ("1969-12-31T23:59:60Z", 0.0),
            ("0001-01-01", -62_135_596_800.0),
            ("9999-12-31", 253_402_214_400.0),
        ] {
            assert_eq!(moment(text), Some((seconds * 1e6) as i64), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "yesterday",
            "21",
            "2021-13",
            "2021-02-30",
            "2021-03-04T25:00",
            "2021-03-04x",
            "2021-03-04T05:61",
            "2021-3-4",
            "2021-03/04",
            "2021-03-04T",
            "12345",
            "2021-03-04T05:06+1",
            "2021-03-04T24:01",
            "-2021-01-01",
            "２０２１",
            "2021-03-04T05:06:07 MEZ",
            "20211301",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}|[0-9]{1,20}[-/.T: Z+0-9é]{0,20}") {
            let _ = moment(&text);
        }
    }
}
