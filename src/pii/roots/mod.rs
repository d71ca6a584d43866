//! The personal data that ROOTS looked for: four tags, in two states of their patterns.
//!
//! `PI:TAG` stands in place of every matched string, wherever in the text it occurs. Where the
//! original's answer depended on chance, one of its answers is given, always the same. Known of the
//! originals, and kept: a sentence in Han script around an address goes with it; of
//! `10.0.0.1,10.0.0.2` only the first is found, for the comma between them is spent on it; a
//! nine-digit number, a telephone number and a list of years are all a KEY.
//!
//! Source: BigScience `data-preparation`, `preprocessing/training/02_pii`, with the patterns as
//! they ran on ROOTS in spring 2022 and as they were last published on 2022-11-10. KEY and
//! IP_ADDRESS are the same in both.

mod address;

mod ip;
mod key;
mod redact;
#[cfg(test)]
mod tests;

use address::{Emails, emails_2022, users};
use ip::Addresses;
use key::keys;

/// Which state of the ROOTS patterns is used.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
pub enum Variant {
    /// As last published, 2022-11-10: an e-mail address has a top-level domain, may stand between
    /// quotes or angle brackets, and does not run into a path.
    #[default]
    #[serde(rename = "roots")]
    Roots,
    /// As it ran on ROOTS, in the state of March 2022, with its known faults.
    #[serde(rename = "roots-2022")]
    Roots2022,
}

/// What kind of personal data a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Tag {
    /// An e-mail address.
    Email,
    /// An IPv4 or IPv6 address.
    IpAddress,
    /// A number or a mixture of letters and digits that may be a secret, a telephone, card or
    /// account number, a hash …
    Key,
    /// A user name after an `@`.
    User,
}

impl Tag {
    /// All tags, in the order in which they are redacted.
    ///
    /// The originals went through a `set`, in an order that changed from run to run. This is the
    /// alphabetical one; it also lets whole addresses win over parts of them that look like keys
    /// or user names.
    pub const ALL: [Tag; 4] = [Tag::Email, Tag::IpAddress, Tag::Key, Tag::User];

    /// The name as ROOTS spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Tag::Email => "EMAIL",
            Tag::IpAddress => "IP_ADDRESS",
            Tag::Key => "KEY",
            Tag::User => "USER",
        }
    }

    /// The metric that counts its finds.
    pub const fn metric(self) -> &'static str {
        match self {
            Tag::Email => "pii.email",
            Tag::IpAddress => "pii.ip_address",
            Tag::Key => "pii.key",
            Tag::User => "pii.user",
        }
    }

    /// What stands in the text instead: `PI:` and the name.
    pub const fn replacement(self) -> &'static str {
        match self {
            Tag::Email => "PI:EMAIL",
            Tag::IpAddress => "PI:IP_ADDRESS",
            Tag::Key => "PI:KEY",
            Tag::User => "PI:USER",
        }
    }
}

/// A match in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Span {
    /// Its kind.
    pub tag: Tag,
    /// Offset of its first byte in the text as it was searched.
    pub start: usize,
    /// Offset after its last byte.
    pub end: usize,
}

/// Finds and replaces what one variant does.
#[derive(Debug)]
pub struct Roots {
    detector: Detector,
}

impl Roots {
    /// Prepares the patterns; do this once and share the result among threads.
    pub fn new(variant: Variant) -> Self {
        Self { detector: Detector::new(variant) }
    }

    /// All matches, in byte offsets of `text`: tag by tag in the order of [`Tag::ALL`], each tag's
    /// from left to right. Matches of one tag do not overlap; those of two tags may.
    pub fn find(&self, text: &str) -> Vec<Span> {
        self.detector.find(text)
    }

    /// The text with every matched string replaced by [`Tag::replacement`] wherever it occurs, in
    /// the order of `spans`, which [`find`](Roots::find) gave for the same text.
    ///
    /// A matched string is replaced outside of its spans too: `a@b.co aa@b.co` becomes
    /// `PI:EMAIL aPI:EMAIL`. Spans that are not within the text at character boundaries are
    /// passed over.
    pub fn redact(&self, text: &str, spans: &[Span]) -> String {
        redact::redact(text, spans)
    }
}

/// Finds the matches of one variant.
#[derive(Debug)]
struct Detector {
    /// `None` for the 2022-03 form.
    emails: Option<Emails>,
    addresses: Addresses,
}

impl Detector {
    fn new(variant: Variant) -> Self {
        Self { emails: (variant == Variant::Roots).then(Emails::new), addresses: Addresses::new() }
    }

    /// All matches, tag by tag in the order of [`Tag::ALL`], each tag's in the order of the text.
    fn find(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        let has_at = memchr::memchr(b'@', text.as_bytes()).is_some();
        if has_at {
            match &self.emails {
                Some(emails) => emails.find(text, collect(&mut spans, Tag::Email)),
                None => emails_2022(text, collect(&mut spans, Tag::Email)),
            }
        }
        self.addresses.find(text, collect(&mut spans, Tag::IpAddress));
        keys(text, collect(&mut spans, Tag::Key));
        if has_at {
            users(text, self.emails.is_none(), collect(&mut spans, Tag::User));
        }
        spans
    }
}

fn collect(spans: &mut Vec<Span>, tag: Tag) -> impl FnMut(usize, usize) {
    move |start, end| spans.push(Span { tag, start, end })
}
