//! IP_ADDRESS: IPv4 and IPv6 between boundaries, without dates; the same in both variants.

use memchr::memchr2_iter;
use regex::Regex;

use crate::pii::chars::{closes, is_common_boundary, is_wide_boundary, opens};

/// What may follow an address or a date; unlike what may precede it, not `)`.
fn is_end(character: char) -> bool {
    matches!(character, '\'' | '"' | '(' | '.') || is_common_boundary(character)
}

/// Finds IP addresses. An address has a first `.` or `:` within its first five bytes, and a
/// boundary before it, so each `.` and `:` of a text gives at most one place to try.
#[derive(Debug)]
pub(super) struct Addresses {
    version_6: Regex,
    date: Regex,
}

impl Addresses {
    pub(super) fn new() -> Self {
        let regex = |pattern: &str| Regex::new(pattern).expect("a constant pattern");
        Self { version_6: regex(&version_6_pattern()), date: regex(&date_pattern()) }
    }

    pub(super) fn find(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        let bytes = text.as_bytes();
        let mut from = 0;
        for mark in memchr2_iter(b'.', b':', bytes) {
            if mark < from {
                continue;
            }
            let (start, end) = if bytes[mark] == b'.' {
                if !bytes.get(mark + 1).is_some_and(u8::is_ascii_digit) {
                    continue;
                }
                let Some(start) = group_start(bytes, mark, 3, u8::is_ascii_digit) else {
                    continue;
                };
                let Some(end) = version_4_end(bytes, start) else {
                    continue;
                };
                (start, end)
            } else {
                let Some(start) = group_start(bytes, mark, 4, u8::is_ascii_hexdigit) else {
                    continue;
                };
                if !may_be_version_6(bytes, start, mark) {
                    continue;
                }
                let Some(groups) = text.get(start..).and_then(|rest| self.version_6.captures(rest))
                else {
                    continue;
                };
                let Some(address) = groups.get(1) else {
                    continue;
                };
                (start, start + address.end())
            };
            if !opens(text, from, start, is_wide_boundary) {
                continue;
            }
            let Some(next) = closes(text, end, is_end) else {
                continue;
            };
            // What turns out to be a date or to have no digit has spent its boundaries all the same.
            from = next;
            let Some(address) = text.get(start..end) else {
                continue;
            };
            if address.bytes().any(|byte| byte.is_ascii_digit()) && !self.date.is_match(address) {
                found(start, end);
            }
        }
    }
}

/// The start of the group of at most `longest` bytes that ends at `mark`, or `None` if it is longer.
fn group_start(bytes: &[u8], mark: usize, longest: usize, class: fn(&u8) -> bool) -> Option<usize> {
    let length =
        bytes[..mark].iter().rev().take(longest + 1).take_while(|byte| class(byte)).count();
    (length <= longest).then_some(mark - length)
}

/// The end of four octets, if they start at `start` and no digit follows.
///
/// Every octet ends at a dot or, the last one, at a boundary, neither of which is a digit: so an
/// octet is always a whole run of digits.
fn version_4_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    for octet in 0..4 {
        if octet > 0 {
            if bytes.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let rest = bytes.get(at..)?;
        let length = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        match (length, rest) {
            (1 | 2, _)
            | (3, [b'0' | b'1', ..] | [b'2', b'0'..=b'4', ..] | [b'2', b'5', b'0'..=b'5', ..]) => {}
            _ => return None,
        }
        at += length;
    }
    Some(at)
}

/// Whether the colon at `mark`, the first one of a candidate, is worth the pattern: every IPv6
/// form has `::`, seven colons between groups, or is `fe80:` and a zone.
fn may_be_version_6(bytes: &[u8], start: usize, mark: usize) -> bool {
    let mut at = mark;
    for _ in 0..7 {
        at += 1;
        match bytes.get(at) {
            Some(b':') => return true,
            Some(b'%') => return bytes.get(start..mark) == Some(b"fe80".as_slice()),
            _ => {}
        }
        let Some(rest) = bytes.get(at..) else {
            return false;
        };
        let length = rest.iter().take(5).take_while(|byte| byte.is_ascii_hexdigit()).count();
        if !(1..=4).contains(&length) {
            return false;
        }
        at += length;
        if bytes.get(at) != Some(&b':') {
            break;
        }
    }
    // Six colons are behind this one, if all seven groups before the last were there.
    bytes
        .get(mark..at)
        .is_some_and(|groups| groups.iter().filter(|&&byte| byte == b':').count() == 7)
}

/// IPv6 in group 1, anchored at its start, and the end of line or boundary after it. The order of
/// the forms decides which end is taken where several would do.
fn version_6_pattern() -> String {
    let hex = "[0-9a-fA-F]{1,4}";
    let octet = "(?:25[0-5]|(?:2[0-4]|1?[0-9])?[0-9])";
    let version_4 = format!(r"(?:{octet}\.){{3}}{octet}");
    let mut forms = vec![format!("(?:{hex}:){{7}}{hex}"), format!("(?:{hex}:){{1,7}}:")];
    forms.extend((1..=6).map(|tail| format!("(?:{hex}:){{1,{}}}(?::{hex}){{1,{tail}}}", 7 - tail)));
    forms.push(format!(":(?:(?::{hex}){{1,7}}|:)"));
    forms.push("fe80:(?::[0-9a-fA-F]{0,4}){0,4}%[0-9a-zA-Z]+".to_owned());
    forms.push(format!("::(?:ffff(?::0{{1,4}})?:)?{version_4}"));
    forms.push(format!("(?:{hex}:){{1,4}}:{version_4}"));
    let end = r#"[\s@,?!;:'"(.\p{Han}]"#;
    format!(r"(?m)\A({})(?:$|{end})", forms.join("|"))
}

/// The five shapes of dates, at the start of a candidate.
fn date_pattern() -> String {
    let (year, two) = ("[12][0-9]{3}", "[0-3][0-9]");
    let shapes = [
        format!(r"{year}[\p{{Pd}}/]{year}"),
        format!(r"{year}[\p{{Pd}}/.]{two}[\p{{Pd}}/.]{two}"),
        format!(r"{two}[\p{{Pd}}/.]{two}[\p{{Pd}}/.](?:[0-9]{{2}}|{year})"),
        format!(r"{two}[\p{{Pd}}/](?:[0-9]{{2}}|{year})"),
        format!("{year}-{two}"),
    ];
    let start = r#"[\x08\s@?,!;:'")(.\p{Han}]"#;
    let end = r#"[\s@,?!;:'"(.\p{Han}]"#;
    format!(r"(?m)\A{start}?(?:{})(?:$|{end})", shapes.join("|"))
}
