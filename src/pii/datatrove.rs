//! What datatrove's `PIIFormatter` finds and puts in its place.
//!
//! Source: datatrove 0.10.1 (Apache-2.0), `pipeline/formatters/pii.py`: e-mail addresses, then IPv4
//! addresses in the result that Python's `ipaddress` calls global. Its replacements go around
//! across the documents of a worker, so that what a document gets depends on how the corpus was
//! cut; here every document begins with the first.

use std::net::Ipv4Addr;

use regex::Regex;

use super::engine::Span;

const EMAILS: [&str; 2] = ["email@example.com", "firstname.lastname@example.org"];
const ADDRESSES: [&str; 6] = [
    "22.214.171.124",
    "126.96.36.199",
    "188.8.131.52",
    "184.108.40.206",
    "220.127.116.11",
    "18.104.22.168",
];

/// The two patterns.
#[derive(Debug)]
pub(super) struct Datatrove {
    email: Regex,
    address: Regex,
}

impl Datatrove {
    pub fn new() -> Self {
        let atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
        let label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
        let octet = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)";
        let literal = format!(r"\[(?:{octet}\.){{3}}(?:{octet}|[A-Za-z0-9-]*[A-Za-z0-9]:)\]");
        let email = format!(r"\b{atom}(?:\.{atom})*@(?:(?:{label}\.)+{label}|{literal})");
        let regex = |pattern: &str| Regex::new(pattern).expect("a constant pattern");
        Self { email: regex(&email), address: regex(&format!(r"(?:{octet}\.){{3}}{octet}")) }
    }

    /// E-mail addresses in a text.
    pub fn emails(&self, text: &str) -> Vec<Span> {
        if !text.contains('@') {
            return Vec::new();
        }
        let span =
            |start, end| Span { tag: "EMAIL", detector: "datatrove", start, end, score: 1.0 };
        self.email.find_iter(text).map(|found| span(found.start(), found.end())).collect()
    }

    /// Global IPv4 addresses in a text, in which e-mail addresses were replaced already.
    pub fn addresses(&self, text: &str) -> Vec<Span> {
        let span =
            |start, end| Span { tag: "IP_ADDRESS", detector: "datatrove", start, end, score: 1.0 };
        let found = self.address.find_iter(text).filter(|found| is_global(found.as_str()));
        found.map(|found| span(found.start(), found.end())).collect()
    }

    /// The text after both, and how many of each there were.
    pub fn redact(&self, text: &str) -> (Option<String>, [usize; 2]) {
        let emails = self.emails(text);
        let first = replace(text, &emails, &EMAILS);
        let addresses = self.addresses(first.as_deref().unwrap_or(text));
        let second = replace(first.as_deref().unwrap_or(text), &addresses, &ADDRESSES);
        (second.or(first), [emails.len(), addresses.len()])
    }
}

fn replace(text: &str, spans: &[Span], replacements: &[&str]) -> Option<String> {
    if spans.is_empty() {
        return None;
    }
    let mut new = String::with_capacity(text.len());
    let mut from = 0;
    for (span, replacement) in spans.iter().zip(replacements.iter().cycle()) {
        new.push_str(text.get(from..span.start).unwrap_or_default());
        new.push_str(replacement);
        from = span.end;
    }
    new.push_str(text.get(from..).unwrap_or_default());
    Some(new)
}

/// `ipaddress.ip_address(…).is_global` as Python has it since 3.13, for which a leading zero is an
/// error. Before, most of 192.0.0.0/24 was global.
fn is_global(written: &str) -> bool {
    let Ok(address) = written.parse::<Ipv4Addr>() else {
        return false;
    };
    let [a, b, c, d] = address.octets();
    !(a == 0
        || address.is_private()
        || (a == 100 && (64..128).contains(&b))
        || address.is_loopback()
        || address.is_link_local()
        || ([a, b, c] == [192, 0, 0] && !matches!(d, 9 | 10))
        || (a == 198 && (18..20).contains(&b))
        || address.is_documentation()
        || a >= 240)
}
