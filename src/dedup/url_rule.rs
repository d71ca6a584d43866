//! By what URLs are compared.
//!
//! Source of ROOTS' rules: BigScience's `data-preparation` (2022),
//! `01a_catalogue_cleaning_and_filtering`. Source of the canonical form: RFC 3986, section 6.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::whitespace::python_strip;

/// By what of a URL documents are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UrlRule {
    /// One spelling of each address: without scheme, the scheme's own port, fragment (but for `#!`,
    /// which old pages have for a path), slashes at the end and parameters that only track where a
    /// visitor came from; host in lower case; escapes only where they are needed; parameters in the
    /// order of their names.
    #[default]
    Canonical,
    /// The URL as it stands.
    Exact,
    /// As ROOTS' `dedup_document_on_url`: what stands before the first `?`. Scheme, fragment and a
    /// slash at the end count.
    HostAndPath,
    /// As ROOTS' rule for Cointelegraph: what stands before the first `?` or `/amp`, wherever that
    /// is, so that all pages below `/amp/` are one.
    Cointelegraph,
    /// As ROOTS' rule for QUT: of the parameters only `id` and `news-id` count, which are the same.
    QutEduAu,
    /// Of the parameters only these count, under these names; the rest of the URL as it stands.
    Parameters(BTreeMap<String, String>),
}

impl UrlRule {
    /// What is compared of a URL.
    pub fn apply<'u>(&self, url: &'u str) -> Cow<'u, str> {
        match self {
            UrlRule::Canonical => Cow::Owned(canonical_url(url)),
            UrlRule::Exact => Cow::Borrowed(url),
            UrlRule::HostAndPath => Cow::Borrowed(url_host_and_path(url)),
            UrlRule::Cointelegraph => Cow::Borrowed(url_cointelegraph(url)),
            UrlRule::QutEduAu => {
                Cow::Owned(url_with_parameters(url, &[("id", "id"), ("news-id", "id")]))
            }
            UrlRule::Parameters(names) => {
                let names: Vec<(&str, &str)> =
                    names.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
                Cow::Owned(url_with_parameters(url, &names))
            }
        }
    }
}

/// Parameters by which sites and advertisers follow visitors, in lower case: of click identifiers,
/// newsletters, shared links and campaigns. They do not change what page is shown.
const TRACKING: &[&str] = &[
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "__hsfp",
    "__hssc",
    "__hstc",
    "_branch_match_id",
    "cmpid",
    "dclid",
    "epik",
    "fb_action_ids",
    "fb_action_types",
    "fb_ref",
    "fb_source",
    "fbclid",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "hsctatracking",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "ncid",
    "oly_anon_id",
    "oly_enc_id",
    "rb_clickid",
    "ref_src",
    "s_cid",
    "srsltid",
    "trk",
    "ttclid",
    "twclid",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "wt.mc_id",
    "wt_mc",
    "yclid",
    "ysclid",
];

/// Beginnings of the names of more such parameters: Google Analytics, Matomo and Piwik.
const TRACKING_PREFIXES: &[&str] = &["utm_", "mtm_", "pk_", "piwik_", "hsa_"];

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    TRACKING.contains(&name.as_str())
        || TRACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// One spelling of an address; see [`UrlRule::Canonical`].
///
/// # Examples
///
/// ```
/// use sapwood::dedup::url_rule::canonical_url;
/// let url = "HTTPS://Example.org:443/a%7eb/?utm_source=x&p=2&id=1#part";
/// assert_eq!(canonical_url(url), "example.org/a~b?id=1&p=2");
/// ```
pub fn canonical_url(url: &str) -> String {
    let url = python_strip(url);
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
        // Without a scheme, as in links that keep that of their page.
        _ => (String::new(), url.strip_prefix("//").unwrap_or(url)),
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));

    let mut canonical = String::with_capacity(url.len());
    let port = match scheme.as_str() {
        "" | "http" => ":80",
        "https" => ":443",
        _ => {
            canonical.push_str(&scheme);
            canonical.push_str("://");
            ":"
        }
    };
    let (user, host) = match host.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, host),
    };
    if let Some(user) = user {
        canonical.push_str(user);
        canonical.push('@');
    }
    let host = host.strip_suffix(port).or_else(|| host.strip_suffix(':')).unwrap_or(host);
    canonical.push_str(host.trim_end_matches('.').to_lowercase().as_str());
    canonical.push_str(&normal_escapes(path.trim_end_matches('/')));

    let mut pairs: Vec<String> = query.split('&').map(normal_escapes).collect();
    pairs.retain(|pair| !pair.is_empty() && !is_tracking(pair));
    // What has one name stays in its order, which may mean something.
    pairs.sort_by(|one, other| one.split('=').next().cmp(&other.split('=').next()));
    for (number, pair) in pairs.iter().enumerate() {
        canonical.push(if number == 0 { '?' } else { '&' });
        canonical.push_str(pair);
    }
    if fragment.starts_with('!') {
        canonical.push('#');
        canonical.push_str(fragment);
    }
    canonical
}

/// The host of a URL as it stands there, without user and port; `None` if there is none. A URL may
/// come without its scheme.
///
/// # Examples
///
/// ```
/// use sapwood::dedup::url_rule::host_of;
/// assert_eq!(host_of("https://user@www.example.org:8080/a"), Some("www.example.org"));
/// assert_eq!(host_of("mailto:"), None);
/// ```
pub fn host_of(url: &str) -> Option<&str> {
    let url = python_strip(url);
    let rest = match url.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => rest,
        _ => url.strip_prefix("//").unwrap_or(url),
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = match (host.starts_with('['), host.rsplit_once(':')) {
        // An address of IPv6 has colons of its own.
        (true, Some((address, _))) if address.ends_with(']') => address,
        (true, _) => host,
        (false, Some((host, _))) => host,
        (false, None) => host,
    };
    let host = host.trim_end_matches('.');
    host.contains(['.', ':']).then_some(host).or((host == "localhost").then_some(host))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// A part of a URL in which `%` stands only before what needs it, with digits in upper case (RFC
/// 3986, 6.2.2), and characters beyond ASCII are escaped.
fn normal_escapes(part: &str) -> String {
    let mut normal = String::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digit = |at: usize| behind.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        let (byte, escaped, length) = match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, true, 3),
            _ => (first, false, 1),
        };
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match (escaped && !unreserved) || !byte.is_ascii() {
            true => push_escape(byte, &mut normal),
            false => normal.push(byte.into()),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    normal
}

fn push_escape(byte: u8, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    for half in [byte >> 4, byte & 15] {
        out.push(DIGITS.get(usize::from(half)).copied().unwrap_or(b'0').into());
    }
}

/// The key of `dedup_document_on_url`: what stands before the first `?`, but for one at the very
/// beginning. Scheme, fragment and a slash at the end count.
pub fn url_host_and_path(url: &str) -> &str {
    let first = url.chars().next().map_or(0, char::len_utf8);
    let end = url.get(first..).and_then(|rest| rest.find('?'));
    end.and_then(|end| url.get(..first + end)).unwrap_or(url)
}

/// The key of `dedup_document_on_url` for Cointelegraph: what stands before the first `?` or `/amp`,
/// wherever that is, so that all pages below `/amp/` are one.
pub fn url_cointelegraph(url: &str) -> &str {
    let url = url.split('?').next().unwrap_or(url);
    url.find("/amp").and_then(|end| url.get(..end)).unwrap_or(url)
}

/// The key of `dedup_document_on_url` for QUT: of the query only the parameters that are named stay,
/// under their new names. Values are decoded and encoded again as forms are, so that spellings of
/// one value agree; parameters without a value are left out, as in Python's `parse_qsl`.
///
/// # Examples
///
/// ```
/// use sapwood::dedup::url_rule::url_with_parameters;
/// let names = [("id", "id"), ("news-id", "id")];
/// let url = "https://www.qut.edu.au/news?utm=1&news-id=5#top";
/// assert_eq!(url_with_parameters(url, &names), "https://www.qut.edu.au/news?id=5#top");
/// ```
pub fn url_with_parameters(url: &str, names: &[(&str, &str)]) -> String {
    let (before, fragment) = match url.split_once('#') {
        Some((before, fragment)) => (before, Some(fragment)),
        None => (url, None),
    };
    let (path, query) = before.split_once('?').unwrap_or((before, ""));
    let mut kept = path.to_owned();
    let mut sign = '?';
    for pair in query.split('&') {
        let Some((key, value)) = pair.split_once('=').filter(|(_, value)| !value.is_empty()) else {
            continue;
        };
        let key = form_decode(key);
        let Some((_, name)) = names.iter().find(|(old, _)| old.as_bytes() == key) else { continue };
        kept.push(sign);
        sign = '&';
        form_encode(name.as_bytes(), &mut kept);
        kept.push('=');
        let value = form_decode(value);
        form_encode(String::from_utf8_lossy(&value).as_bytes(), &mut kept);
    }
    if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) {
        kept.push('#');
        kept.push_str(fragment);
    }
    kept
}

/// `+` is a space and `%` with two digits a byte.
fn form_decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digit = |at: usize| behind.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        let (byte, length) = match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
            (b'+', ..) => (b' ', 1),
            _ => (first, 1),
        };
        bytes.push(byte);
        rest = rest.get(length..).unwrap_or_default();
    }
    bytes
}

/// Python's `quote_plus`: ASCII letters, digits and `_.-~` stay, a space is `+`.
fn form_encode(bytes: &[u8], out: &mut String) {
    for &byte in bytes {
        match byte {
            b' ' => out.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte) => out.push(byte.into()),
            _ => push_escape(byte, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_have_one_spelling() {
        for (url, expected) in [
            (" http://B.org:80 ", "b.org"),
            ("https://b.org./", "b.org"),
            ("//b.org/a//", "b.org/a"),
            ("https://b.org:80/", "b.org:80"),
            ("ftp://u@B.org/A/", "ftp://u@b.org/A"),
            ("https://b.org/?gclid=1&UTM_x", "b.org"),
            ("https://b.org/a?b=%C3%a9&a[]=2&a[]=1", "b.org/a?a[]=2&a[]=1&b=%C3%A9"),
            ("https://b.org/a?b=é", "b.org/a?b=%C3%A9"),
            ("https://b.org/%2f%41%zz", "b.org/%2FA%zz"),
            ("https://b.org/#!/page", "b.org#!/page"),
            ("b.org/x?u=http://c.org", "b.org/x?u=http://c.org"),
            ("", ""),
        ] {
            assert_eq!(canonical_url(url), expected, "{url}");
        }
    }

    #[test]
    fn urls_are_cut_as_roots_cut_them() {
        for (url, expected) in [
            ("https://b.org/q?u=1", "https://b.org/q"),
            ("https://b.org/q#part?u", "https://b.org/q#part"),
            ("https://b.org/q/", "https://b.org/q/"),
            ("?a?b", "?a"),
            ("", ""),
        ] {
            assert_eq!(url_host_and_path(url), expected);
        }
        for (url, expected) in [
            ("https://es.b.com/n/y/amp", "https://es.b.com/n/y"),
            ("https://es.b.com/n/y?z=/amp", "https://es.b.com/n/y"),
            ("https://es.b.com/amp/n", "https://es.b.com"),
        ] {
            assert_eq!(url_cointelegraph(url), expected);
        }
    }

    #[test]
    fn only_named_parameters_stay() {
        let names = [("id", "id"), ("news-id", "id")];
        for (url, expected) in [
            ("https://b.edu/n?id=7&utm=2", "https://b.edu/n?id=7"),
            ("https://b.edu/n?news-id=7", "https://b.edu/n?id=7"),
            ("https://b.edu/n?a=1", "https://b.edu/n"),
            ("https://b.edu/n?id=c d", "https://b.edu/n?id=c+d"),
            ("https://b.edu/n?id=%c3%A9%2&id=&id#x", "https://b.edu/n?id=%C3%A9%252#x"),
            ("https://b.edu/n", "https://b.edu/n"),
        ] {
            assert_eq!(url_with_parameters(url, &names), expected);
        }
    }

    proptest! {
        #[test]
        fn no_url_makes_it_panic(url in "[?/#&=%+a4émp.:]{0,40}") {
            let cut = url_cointelegraph(&url);
            prop_assert!(url.starts_with(cut) && url.starts_with(url_host_and_path(&url)));
            let names = [("a", "a")];
            let once = url_with_parameters(&url, &names);
            prop_assert_eq!(url_with_parameters(&once, &names), once);
            let once = canonical_url(&format!("https://b.org/{url}"));
            prop_assert_eq!(canonical_url(&once), once);
            _ = canonical_url(&url);
        }
    }
}
