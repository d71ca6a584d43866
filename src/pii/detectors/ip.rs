//! IP addresses.
//!
//! Source: RFC 791 and 4291 for the form; the IANA special-purpose address registries (RFC 6890 and
//! its updates) for what is not anyone's: private, loopback, link-local, documentation, multicast,
//! reserved.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Found, byte, byte_before, run, run_back};

/// Up to this number all parts of a version or of a chapter's number lie; a real address does with
/// 1 in 2,000.
const SMALL: u8 = 39;

/// The address that starts with the digits at `start`.
pub(in crate::pii) fn version_4(text: &str, start: usize, public_only: bool) -> Option<Found> {
    let before = byte_before(text, start);
    if before.is_ascii_alphanumeric() || matches!(before, b'.' | b'_' | b'-' | b'$') {
        return None;
    }
    let outside = text.get(..start).unwrap_or_default();
    // `Chrome/16.2.18.156`, `foo==22.3.19.122`, `+84 37.158.63.38`.
    let named =
        outside.strip_suffix('/').is_some_and(|it| it.ends_with(|c: char| c.is_alphanumeric()));
    let dialled = outside
        .strip_suffix(' ')
        .is_some_and(|it| it.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with('+'));
    if named
        || dialled
        || outside.ends_with("==")
        || outside.ends_with("~=")
        || outside.ends_with(">=")
    {
        return None;
    }
    let end = run(text, start, 16, |byte| byte.is_ascii_digit() || byte == b'.');
    let mut written = text.get(start..end)?;
    // The full stop of a sentence.
    written = written.strip_suffix('.').unwrap_or(written);
    let address: Ipv4Addr = written.parse().ok()?;
    let end = start + written.len();
    let after = byte(text, end);
    let glued = after.is_ascii_alphabetic()
        || after == b'_'
        || (matches!(after, b'.' | b'-') && byte(text, end + 1).is_ascii_alphanumeric());
    if glued || (public_only && !is_public_4(address)) {
        return None;
    }
    let octets = address.octets();
    let small = octets.iter().all(|&octet| octet <= SMALL);
    // A chapter's number opens a line.
    let opens = matches!(before, b'\n' | 0);
    if small && opens {
        return None;
    }
    let weak = small || (octets[0] < 10 && octets[3] == 0);
    Some(Found { start, end, weak })
}

/// Whether an address is someone's.
pub(in crate::pii) fn is_public_4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_private()
        || (a == 100 && (64..128).contains(&b))
        || address.is_loopback()
        || address.is_link_local()
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
        || address.is_documentation()
        || a >= 224)
}

/// The address around the digit at `at`, not before `floor`.
pub(in crate::pii) fn version_6(
    text: &str,
    floor: usize,
    at: usize,
    public_only: bool,
) -> Option<Found> {
    let inside = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
    let mut start = run_back(text, floor, at, 40, inside);
    // The colon of a label: `IP:2a00::1`.
    if byte(text, start) == b':' && byte(text, start + 1) != b':' {
        start += 1;
    }
    let before = byte_before(text, start);
    if start > floor
        && before != b':'
        && (before.is_ascii_alphanumeric() || matches!(before, b'_' | b'.' | b'-' | b'%' | b'$'))
    {
        return None;
    }
    let end = run(text, at, 46, |byte| inside(byte) || byte == b'.');
    let mut written = text.get(start..end)?;
    written = written.trim_end_matches('.');
    if let Some(rest) = written.strip_suffix(':').filter(|rest| !rest.ends_with(':')) {
        written = rest;
    }
    // A whole address or one that is cut short, not a time or a scope.
    let colons = written.bytes().filter(|&byte| byte == b':').count();
    if colons < 2 || (colons < 6 && !written.contains("::")) {
        return None;
    }
    let address: Ipv6Addr = written.parse().ok()?;
    let mut end = start + written.len();
    // A zone: `fe80::1%eth0`.
    if byte(text, end) == b'%' {
        end = run(text, end + 1, 16, |byte| byte.is_ascii_alphanumeric());
    }
    let after = byte(text, end);
    if after.is_ascii_alphanumeric()
        || after == b'_'
        || (after == b':' && byte(text, end + 1) == b':')
    {
        return None;
    }
    let groups = written.split(':').filter(|group| !group.is_empty()).count();
    let fits = !public_only || is_public_6(address);
    // `a::b` in code; an address has a prefix of two groups at least, but for the local ones.
    (fits && (groups > 2 || !public_only)).then(|| Found::sure(start, end))
}

/// Whether an address is someone's: global unicast, without what documents use.
pub(in crate::pii) fn is_public_6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    (0x2000..0x4000).contains(&first)
        && !(first == 0x2001 && second == 0xDB8)
        && !(first == 0x3FFF && second < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn four(text: &str, public: bool) -> Option<(&str, bool)> {
        let at = text.find(|c: char| c.is_ascii_digit())?;
        version_4(text, at, public).map(|it| (&text[it.start..it.end], it.weak))
    }

    fn six(text: &str, public: bool) -> Option<&str> {
        let at = text.find(|c: char| c.is_ascii_digit())?;
        version_6(text, 0, at, public).map(|it| &text[it.start..it.end])
    }

    #[test]
    fn addresses_that_are_someones() {
        assert_eq!(four("server 73.34.42.154:8080", true), Some(("73.34.42.154", false)));
        assert_eq!(four("from 8.8.8.8.", true), Some(("8.8.8.8", true)));
        assert_eq!(four("at 10.0.0.1", true), None);
        assert_eq!(four("at 10.0.0.1", false), Some(("10.0.0.1", true)));
        assert_eq!(four("8.9.2.2. Services", false), None);
        for text in [
            "v73.34.42.154",
            "73.34.42.154.2",
            "073.34.42.154",
            "73.34.42",
            "73.34.42.154-rc",
            "73.34.42.256",
        ] {
            assert_eq!(four(text, false), None, "{text}");
        }
        for text in
            ["192.0.2.1", "198.51.100.7", "203.0.113.9", "127.0.0.1", "255.255.255.0", "100.64.0.1"]
        {
            assert_eq!(four(text, true), None, "{text}");
        }
    }

    #[test]
    fn version_6_and_what_looks_like_it() {
        assert_eq!(six("[2a02:81e4:fdf4::3f56:321]:443", true), Some("2a02:81e4:fdf4::3f56:321"));
        let whole = "2400:53f3:4214:7da:febb:68e9:32ad:2008";
        assert_eq!(six(whole, true), Some(whole));
        assert_eq!(six("at 2606:4700::6810:85e5: it", true), Some("2606:4700::6810:85e5"));
        assert_eq!(six("fe80::1%eth0", false), Some("fe80::1%eth0"));
        for text in [
            "2001:db8::a6a2",
            "::1",
            "fe80::1",
            "fd00:4ae6::2",
            "12:34:56",
            "std::a1::b2",
            "x2::3",
            "2::b",
        ] {
            assert_eq!(six(text, true), None, "{text}");
        }
    }
}
