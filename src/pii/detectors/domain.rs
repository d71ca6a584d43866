//! Domain names: RFC 1123 labels, internationalised ones (RFC 5891) as they are written, and a top
//! level that there is, by the Public Suffix List (crate `psl`, its list compiled in).

use psl::Psl;

use crate::pii::chars::is_unspaced;
use crate::pii::steps;

/// RFC 1035: a name has at most 253 octets, a label 63. Written in other scripts it may be longer.
const MAX_NAME: usize = 253;
/// Labels that are looked at; no address in use has more.
const MAX_LABELS: usize = 10;

/// Where the domain name that starts at `start` ends: after the last label that is a known top
/// level, with at least two labels.
pub(in crate::pii) fn end(text: &str, start: usize) -> Option<usize> {
    let mut ends: [usize; MAX_LABELS] = [0; MAX_LABELS];
    let mut labels = 0;
    let mut at = start;
    while labels < MAX_LABELS {
        let Some(label) = label_end(text, at) else {
            break;
        };
        if label - start > MAX_NAME {
            break;
        }
        ends[labels] = label;
        labels += 1;
        if text.as_bytes().get(label) != Some(&b'.') {
            break;
        }
        at = label + 1;
    }
    // `x@host.com.Please` goes on with the next sentence.
    if labels > 2 {
        let last = text.get(ends[labels - 2] + 1..ends[labels - 1]).unwrap_or_default();
        let rest = text.get(start..ends[labels - 2]).unwrap_or_default();
        let capital = last.starts_with(|first: char| first.is_uppercase());
        if capital && !rest.contains(char::is_uppercase) {
            labels -= 1;
        }
    }
    let known = |end: usize| text.get(start..end).is_some_and(is_known);
    let whole = (2..=labels).rev().map(|number| ends[number - 1]).find(|&end| known(end));
    whole.or_else(|| {
        // A particle is glued to a top level of its own script: `회사.한국로`.
        let end = *ends.get(labels.checked_sub(1).filter(|&last| last > 0)?)?;
        let glued = text.get(start..end)?.char_indices().rev().take(MAX_PARTICLE);
        glued
            .take_while(|(_, character)| is_unspaced(*character))
            .map(|(at, _)| start + at)
            .find(|&end| known(end))
    })
}

/// The most characters of what Korean and Japanese glue to a name.
const MAX_PARTICLE: usize = 4;

/// Where a label ends; it has no dash at its ends.
fn label_end(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let mut end = start;
    let mut dashes = 0;
    let mut first: Option<char> = None;
    for character in rest.chars() {
        let belongs = match character {
            '-' => first.is_some(),
            _ if character.is_ascii() => character.is_ascii_alphanumeric(),
            // A word of a script without spaces that follows an ASCII label is not part of it.
            _ => {
                is_label_character(character)
                    && first.is_none_or(|first| {
                        !first.is_ascii()
                            || is_latin(character)
                            || !is_unspaced(character) && !first.is_ascii_alphabetic()
                    })
            }
        };
        if !belongs || end - start > 4 * 63 {
            break;
        }
        first = first.or(Some(character));
        dashes = if character == '-' { dashes + 1 } else { 0 };
        end += character.len_utf8();
    }
    steps::count(end - start + 1);
    let end = end - dashes;
    (end > start).then_some(end)
}

/// A letter, mark or digit beyond ASCII.
fn is_label_character(character: char) -> bool {
    character.is_alphanumeric()
        // Marks of the scripts of India and its neighbours, of Arabic and Hebrew.
        || matches!(character as u32, 0x300..=0x36F | 0x591..=0x5C7 | 0x64B..=0x65F | 0x900..=0xDFF | 0xE31..=0xE4E | 0x200C..=0x200D)
}

fn is_latin(character: char) -> bool {
    matches!(character as u32, 0xC0..=0x24F | 0x300..=0x36F | 0x1E00..=0x1EFF)
}

/// Whether a name ends with a top level that there is. `.test` is set apart for tests, which look
/// like any address; `.example`, `.invalid` and `.localhost` can't be anyone's (RFC 2606).
pub(in crate::pii) fn is_known(name: &str) -> bool {
    let top = name.rsplit('.').next().unwrap_or_default();
    if top.is_empty() || top.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    if top.eq_ignore_ascii_case("test") {
        return true;
    }
    let lower;
    let top = match top.bytes().any(|byte| byte.is_ascii_uppercase()) || !top.is_ascii() {
        true => {
            lower = top.to_lowercase();
            lower.as_str()
        }
        false => top,
    };
    psl::List.suffix(top.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        end(text, 0).map(|end| &text[..end])
    }

    #[test]
    fn names_end_with_a_top_level_that_there_is() {
        for (text, name) in [
            ("example.org, and", "example.org"),
            ("a.b.co.uk.", "a.b.co.uk"),
            ("host.com.Please", "host.com"),
            ("Firma.DE", "Firma.DE"),
            ("müller.de", "müller.de"),
            ("例子.中国 ", "例子.中国"),
            ("пример.рф.", "пример.рф"),
            ("mail.com请写信", "mail.com"),
            ("mail.com으로", "mail.com"),
            ("회사.한국로 연락", "회사.한국"),
            ("xn--fsqu00a.xn--fiqs8s", "xn--fsqu00a.xn--fiqs8s"),
            ("mail.test.net>", "mail.test.net"),
            ("web.de.test", "web.de.test"),
        ] {
            assert_eq!(found(text), Some(name), "{text}");
        }
        for text in
            ["localhost", "v4.0", "1.2.3.4", "user.invalid", "-a.com", "", "a..com", "x.example"]
        {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
