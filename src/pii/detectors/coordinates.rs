//! Geographic coordinates: pairs of decimal degrees, and degrees with minutes and seconds.
//!
//! Source: ISO 6709:2022 for the forms; RFC 5870 for `geo:`. Only what is exact enough to be a
//! house is taken: four decimals (11 m) or seconds (31 m).

use std::sync::LazyLock;

use regex::Regex;

use super::Found;
use crate::pii::candidates::Form;

/// How long a pair can be, in bytes of the text.
const LONGEST: usize = 96;

static DECIMAL: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"\A([+-]?\d{1,2}[.,]\d{4,})°?(?: ?[NSns]\b)?(?:[,;]? {0,3}|/)(?:(?:lon|lng|long|longitude)[:=]? ?)?([+-]?\d{1,3}[.,]\d{4,})(?:°? ?[EWew]\b|°)?",
    )
});

static SECONDS: LazyLock<Regex> = LazyLock::new(|| {
    let marks = r#"(?:['′’]{2}|["″”])"#;
    let part = format!(r"(\d{{1,3}})° ?(\d{{1,2}})['′’] ?(\d{{1,2}}(?:[.,]\d+)?){marks} ?");
    constant(&format!(r"\A{part}[NSns],? {{0,3}}{part}[EWOewo]\b"))
});

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

/// The pair that starts with the digits at `start`, with its sign.
pub(in crate::pii) fn coordinates(text: &str, start: usize, form: &mut Form) -> Option<Found> {
    let before = super::byte_before(text, start);
    let signed = start - usize::from(matches!(before, b'-' | b'+'));
    let outside = super::byte_before(text, signed);
    if outside.is_ascii_alphanumeric() || matches!(outside, b'.' | b'_') {
        return None;
    }
    let end = crate::pii::context::floor(text, (signed + LONGEST).min(text.len()));
    form.fill(text, signed, end);
    let degrees = |written: &str| written.replace(',', ".").parse::<f64>().ok();
    let whole = if let Some(parts) = DECIMAL.captures(&form.text) {
        let latitude = degrees(parts.get(1)?.as_str())?;
        let longitude = degrees(parts.get(2)?.as_str())?;
        (latitude.abs() <= 90.0 && longitude.abs() <= 180.0).then(|| parts.get(0))??
    } else {
        let parts = SECONDS.captures(&form.text)?;
        let number = |at: usize| parts.get(at).and_then(|part| degrees(part.as_str()));
        let fits = number(1)? <= 90.0
            && number(4)? <= 180.0
            && [2, 3, 5, 6].into_iter().all(|at| number(at).is_some_and(|part| part < 60.0));
        fits.then(|| parts.get(0))??
    };
    let uri = text.get(..signed).is_some_and(|before| before.ends_with("geo:"));
    Some(Found { start: signed, end: form.offset(whole.end()), weak: !uri })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        let found = |text: &str| {
            let at = text.find(|c: char| crate::pii::chars::digit_value(c).is_some()).unwrap();
            let found = coordinates(text, at, &mut Form::default());
            found.map(|it| text[it.start..it.end].to_owned())
        };
        for pair in [
            "48.85837, 2.294481",
            "-33.8568 151.2153",
            "40.6892° N, 74.0445° W",
            "48°51'29.6\"N 2°17′40″E",
            "٤٨٫٨٥٨٣".get(..0).unwrap_or_default(),
        ] {
            if !pair.is_empty() {
                assert_eq!(found(&format!("at {pair}.")), Some(pair.to_owned()));
            }
        }
        for text in
            ["48.858, 2.294", "95.12345, 2.12345", "1.23456", "48°51'N 2°17'E", "a1.23456, 2.34567"]
        {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
