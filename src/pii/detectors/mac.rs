//! Hardware addresses: six octets with `:` or `-`, or three groups of four with dots.
//!
//! Source: IEEE 802-2014, section 8; RFC 7042 for those that documents use (00-00-5E-00-53-xx) and
//! for groups: an address with the lowest bit of its first octet set is no one device's.

use super::{Found, byte, byte_before, run, run_back};

/// The address around the digit at `at`, not before `floor`.
pub(in crate::pii) fn mac(text: &str, floor: usize, at: usize) -> Option<Found> {
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    let inside = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.');
    let start = run_back(text, floor, at, 18, inside);
    let end = run(text, at, 19, inside);
    let written = text.get(start..end)?.trim_end_matches(['.', ':', '-']);
    let end = start + written.len();
    let (mark, group) = match written.len() {
        17 => (written.as_bytes().get(2).copied()?, 2),
        14 => (written.as_bytes().get(4).copied().filter(|&mark| mark == b'.')?, 4),
        _ => return None,
    };
    if !matches!(mark, b':' | b'-' | b'.') || (group == 2 && mark == b'.') {
        return None;
    }
    let mut groups = written.split(char::from(mark));
    if !groups.all(|part| part.len() == group && part.bytes().all(hex)) {
        return None;
    }
    let (before, after) = (byte_before(text, start), byte(text, end));
    if before.is_ascii_alphanumeric()
        || after.is_ascii_alphanumeric()
        || before == b'_'
        || after == b'_'
    {
        return None;
    }
    let octets: Vec<u8> = written.bytes().filter(|byte| hex(*byte)).collect();
    let octets: Vec<u8> = octets
        .chunks(2)
        .filter_map(|pair| {
            std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())
        })
        .collect();
    let documented = octets.starts_with(&[0, 0, 0x5E, 0, 0x53]);
    let counted = octets.windows(2).all(|pair| {
        pair[0] == pair[1]
            || pair[1] == pair[0].wrapping_add(1)
            || pair[1] == pair[0].wrapping_add(0x11)
    });
    let shared = octets.first().is_some_and(|first| first & 1 == 1);
    let made_up = octets.iter().filter(|&&octet| octet < 0x10).count() > 3;
    (!documented && !counted && !shared && !made_up).then(|| Found::sure(start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_devices() {
        let found = |text: &str| {
            let at = text.find(|c: char| c.is_ascii_digit()).unwrap();
            mac(text, 0, at).map(|it| text[it.start..it.end].to_owned())
        };
        for address in ["3c:22:fb:9a:10:7e", "A4-5E-60-C2-11-0F", "0014.22d3.9a41"] {
            assert_eq!(found(&format!("at {address}, it")), Some(address.to_owned()));
        }
        for text in [
            "00:00:00:00:00:00",
            "ff:ff:ff:ff:ff:f1",
            "00:11:22:33:44:55",
            "01:02:03:04:05:06",
            "00:00:5e:00:53:af",
            "02:00:01:02:03:04",
            "01:00:5e:7f:12:34",
            "3c:22:fb:9a:10:7e:11",
            "3c:22:fb-9a:10:7e",
            "12:34:56",
            "2024.1231.2359x",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
