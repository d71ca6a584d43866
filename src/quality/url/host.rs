//! Hosts: where they stand in a URL, their one form, and the domain that someone registered.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use icu_normalizer::uts46::Uts46MapperBorrowed;
use psl::{Psl, Type};

use super::punycode::encode_label;

/// The longest host name of the DNS, in bytes of its ASCII form. Longer ones are no hosts, which
/// also bounds the number of names above one.
const LONGEST: usize = 253;

/// A host in its one form: lower case, international labels in punycode (UTS #46, without its
/// rules on which names may be registered), no dot at the end, IP addresses as RFC 5952 has them
/// and without brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host<'a> {
    name: Cow<'a, str>,
    /// Where the registered domain begins, if there is one.
    registered: Option<usize>,
}

impl Host<'_> {
    /// The whole name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The registered domain: the public suffix and a label before it. `None` for an address, a
    /// public suffix, and a name under no public suffix, such as `localhost`.
    pub(super) fn registered(&self) -> Option<&str> {
        self.name.get(self.registered?..)
    }

    /// The name and those above it that are longer than the registered domain; the name in any
    /// case.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let end = self.registered.unwrap_or(0);
        let dots = self.name.match_indices('.').map(|(at, _)| at + 1);
        std::iter::once(self.name())
            .chain(dots.take_while(move |at| *at < end).filter_map(|at| self.name.get(at..)))
    }
}

/// The parts of a URL that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    /// The host as it stands, maybe empty; an IPv6 address with its brackets.
    pub(super) host: &'a str,
    /// The port with its colon, maybe empty.
    pub(super) port: &'a str,
    /// All that follows: path, query and fragment.
    pub(super) rest: &'a str,
}

/// Splits a URL. A scheme is optional, as in `example.org/page` and `//example.org/page`.
///
/// The rules are those of tldextract's `lenient_netloc` (5.x), but for `backslash`: whether one ends
/// the host, as it does in browsers.
pub(super) fn split(url: &str, backslash: bool) -> Parts<'_> {
    let after_scheme = match url.find("//") {
        Some(0) => url.get(2..),
        Some(at) => url
            .get(..at)
            .and_then(|before| before.strip_suffix(':'))
            .filter(|scheme| !scheme.is_empty() && scheme.bytes().all(is_scheme_byte))
            .and_then(|_| url.get(at + 2..)),
        None => None,
    }
    .unwrap_or(url);
    let end = after_scheme
        .find(|c| matches!(c, '/' | '?' | '#') || (backslash && c == '\\'))
        .unwrap_or(after_scheme.len());
    let (authority, rest) = after_scheme.split_at(end);
    let place = authority.rsplit('@').next().unwrap_or(authority);
    let end = match place.find(']') {
        Some(close) if place.starts_with('[') => close + 1,
        _ => place.find(':').unwrap_or(place.len()),
    };
    let (host, port) = place.split_at(end);
    Parts { host, port, rest }
}

fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// Brings a host to its one form. `None` if it is none: empty, too long, with white space or other
/// characters that no host has, or with an empty label.
pub(super) fn parse(host: &str, private_suffixes: bool) -> Option<Host<'_>> {
    let name = canonical(host)?;
    let registered = registered_at(&name, private_suffixes);
    Some(Host { name, registered })
}

/// The one form of a host's name.
pub(super) fn canonical(host: &str) -> Option<Cow<'_, str>> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(host);
    if bare.is_some() || address.contains(':') {
        return Some(Cow::Owned(address.parse::<Ipv6Addr>().ok()?.to_string()));
    }
    // Four bytes a character at most, and a few more for dots that are cut off.
    if host.len() > 4 * LONGEST + 16 {
        return None;
    }
    let name = match host.is_ascii() {
        true if host.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Cow::Owned(host.to_ascii_lowercase())
        }
        true => Cow::Borrowed(host),
        false => {
            let mapped: String = Uts46MapperBorrowed::new().map_normalize(host.chars()).collect();
            // What the mapping puts in place of characters that no name may have.
            if mapped.contains(char::REPLACEMENT_CHARACTER) {
                return None;
            }
            let mut ascii = String::with_capacity(mapped.len() + 8);
            for (number, label) in mapped.split('.').enumerate() {
                if number > 0 {
                    ascii.push('.');
                }
                encode_label(label, &mut ascii)?;
            }
            Cow::Owned(ascii)
        }
    };
    let name = match name {
        Cow::Borrowed(name) => Cow::Borrowed(name.trim_end_matches('.')),
        Cow::Owned(mut name) => {
            name.truncate(name.trim_end_matches('.').len());
            Cow::Owned(name)
        }
    };
    is_name(&name).then_some(name)
}

/// Whether a name in ASCII could be a host's: no empty label, none of the characters that the URL
/// standard forbids in a host.
fn is_name(name: &str) -> bool {
    let forbidden =
        |byte: u8| byte <= b' ' || byte >= 0x7F || b"\"#%/:<>?@[\\]^`{|}".contains(&byte);
    (1..=LONGEST).contains(&name.len())
        && !name.starts_with('.')
        && !name.contains("..")
        && !name.bytes().any(forbidden)
}

/// Where the registered domain begins in a name in lower case.
fn registered_at(name: &str, private_suffixes: bool) -> Option<usize> {
    if name.parse::<Ipv4Addr>().is_ok() {
        return None;
    }
    let suffix = suffix(name, private_suffixes)?;
    let before = name.len().checked_sub(suffix.len() + 1)?;
    let above = name.get(..before)?;
    Some(above.rfind('.').map_or(0, |dot| dot + 1))
}

/// The public suffix of a name in lower case; `None` if it is under none that the list knows.
/// Without `private_suffixes`, only those of registries count (`com`, `co.uk`), not those of
/// companies that hand out names below theirs (`github.io`).
pub(super) fn suffix(name: &str, private_suffixes: bool) -> Option<&str> {
    let mut name = name;
    loop {
        let suffix = psl::List.suffix(name.as_bytes())?;
        let kind = suffix.typ()?;
        let found = name.get(name.len().checked_sub(suffix.as_bytes().len())?..)?;
        if private_suffixes || kind == Type::Icann {
            return Some(found);
        }
        // The registry's suffix is one of the names above the company's.
        name = found.split_once('.')?.1;
    }
}

/// What tldextract 5 calls the registered domain and the fully qualified name, as datatrove asks
/// for them: in the case of the URL, empty where there is no known suffix or nothing before it.
pub(super) fn tldextract(url: &str, private_suffixes: bool) -> Option<(String, String)> {
    let host = split(url, false).host.trim();
    let dots = ['\u{3002}', '\u{FF0E}', '\u{FF61}'];
    let name = host.trim_end_matches(|c| c == '.' || dots.contains(&c));
    let name = name.replace(dots, ".");
    let lower = name.to_lowercase();
    let labels = suffix(&lower, private_suffixes)?.split('.').count() + 1;
    let start = match name.rmatch_indices('.').nth(labels - 1) {
        Some((dot, _)) => dot + 1,
        None if name.split('.').count() == labels => 0,
        None => return None,
    };
    let registered = name.get(start..).filter(|domain| !domain.starts_with('.'))?.to_owned();
    Some((registered, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_split_at_its_host() {
        for (url, host, port, rest) in [
            ("https://example.org/a?b#c", "example.org", "", "/a?b#c"),
            ("example.org", "example.org", "", ""),
            ("example.org:8080/x", "example.org", ":8080", "/x"),
            ("//example.org?q", "example.org", "", "?q"),
            ("http://user:pass@example.org:80#f", "example.org", ":80", "#f"),
            ("http://a@b@example.org/", "example.org", "", "/"),
            ("http://[2001:DB8::1]:81/x", "[2001:DB8::1]", ":81", "/x"),
            ("http://[::1", "[", "::1", ""),
            ("http:\\\\example.org", "http", ":", "\\\\example.org"),
            ("http://example.org\\@other.org", "example.org", "", "\\@other.org"),
            ("/path/only", "", "", "/path/only"),
            ("a b://example.org", "a b", ":", "//example.org"),
            ("x/y://z", "x", "", "/y://z"),
            ("mailto:someone@example.org", "example.org", "", ""),
            ("://example.org", "", ":", "//example.org"),
            ("", "", "", ""),
        ] {
            assert_eq!(split(url, true), Parts { host, port, rest }, "{url}");
        }
        assert_eq!(split("http://a\\b/c", false).host, "a\\b");
    }

    #[test]
    fn hosts_have_one_form() {
        for (host, name) in [
            ("WWW.Example.ORG", "www.example.org"),
            ("example.org.", "example.org"),
            ("Bücher.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("www。例え。jp", "www.xn--r8jz45g.jp"),
            ("ＥＸＡＭＰＬＥ.org", "example.org"),
            ("straße.de", "xn--strae-oqa.de"),
            ("127.0.0.1", "127.0.0.1"),
            ("[2001:DB8:0::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("under_score.example.org", "under_score.example.org"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(canonical(host).as_deref(), Some(name), "{host}");
        }
        for host in ["", ".", "a..b", ".a", "a b", "a/b", "[::x]", "[]", "a%20b", "a\u{0}b", "a:b"]
        {
            assert_eq!(canonical(host), None, "{host:?}");
        }
        assert!(canonical(&"a.".repeat(126)).is_some());
        assert!(canonical(&"a.".repeat(128)).is_none());
        assert!(canonical(&"é.".repeat(1 << 16)).is_none());
    }

    #[test]
    fn the_registered_domain_is_a_label_and_a_public_suffix() {
        let registered = |host: &str, private| {
            parse(host, private).and_then(|host| host.registered().map(str::to_owned))
        };
        for (host, registry, company) in [
            ("www.example.co.uk", Some("example.co.uk"), Some("example.co.uk")),
            ("a.b.example.com", Some("example.com"), Some("example.com")),
            ("page.github.io", Some("github.io"), Some("page.github.io")),
            ("github.io", Some("github.io"), None),
            ("co.uk", None, None),
            (
                "www.食狮.公司.cn",
                Some("xn--85x722f.xn--55qx5d.cn"),
                Some("xn--85x722f.xn--55qx5d.cn"),
            ),
            ("a.b.c.kawasaki.jp", Some("b.c.kawasaki.jp"), Some("b.c.kawasaki.jp")),
            ("www.city.kawasaki.jp", Some("city.kawasaki.jp"), Some("city.kawasaki.jp")),
            ("printer.internal", None, None),
            ("localhost", None, None),
            ("127.0.0.1", None, None),
            ("[::1]", None, None),
        ] {
            assert_eq!(registered(host, false).as_deref(), registry, "{host}");
            assert_eq!(registered(host, true).as_deref(), company, "{host}");
        }
    }

    #[test]
    fn names_above_a_host_end_before_its_registered_domain() {
        let names = |host: &str| -> Vec<String> {
            parse(host, false)
                .into_iter()
                .flat_map(|host| host.names().map(str::to_owned).collect::<Vec<_>>())
                .collect()
        };
        assert_eq!(names("a.b.example.co.uk"), ["a.b.example.co.uk", "b.example.co.uk"]);
        assert_eq!(names("example.co.uk"), ["example.co.uk"]);
        assert_eq!(names("a.b.internal"), ["a.b.internal"]);
        assert_eq!(names("10.0.0.1"), ["10.0.0.1"]);
    }

    #[test]
    fn tldextract_keeps_the_case_and_knows_no_addresses() {
        let found = |url: &str| tldextract(url, false);
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(found("http://WWW.Example.CO.uk/x"), pair("Example.CO.uk", "WWW.Example.CO.uk"));
        assert_eq!(found("http://a.github.io./x"), pair("github.io", "a.github.io"));
        for url in ["http://127.0.0.1/", "http://localhost", "http://co.uk/", "", "http://[::1]/"] {
            assert_eq!(found(url), None, "{url}");
        }
    }
}
