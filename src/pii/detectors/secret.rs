//! Secrets that are told by their form: private keys in PEM, JSON web tokens, and tokens that are
//! too random to be words.
//!
//! Sources: RFC 7468 and OpenSSH's and PGP's forms of it; RFC 7519. Keys with a provider's prefix
//! are patterns in `filters/pii.yaml`.

use memchr::memmem;

use super::{Found, byte, run};

/// Where PEM begins.
pub(in crate::pii) const PEM: &str = "-----BEGIN ";

/// The private key whose header starts at `start`; the offset from which to look for the next one.
pub(in crate::pii) fn private_key(text: &str, start: usize) -> (Option<Found>, usize) {
    let label_start = start + PEM.len();
    let label_end = run(text, label_start, 64, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
    });
    let label = text.get(label_start..label_end).unwrap_or_default();
    let header_end = label_end + 5;
    let is_private =
        label.contains("PRIVATE KEY") && text.get(label_end..header_end) == Some("-----");
    if !is_private {
        return (None, label_start);
    }
    // The body goes on to the next dashes; what is between is of base64, headers and white space,
    // or of `\n` written out, as in JSON.
    let body = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || byte.is_ascii_whitespace()
            || matches!(
                byte,
                b'+' | b'/' | b'=' | b':' | b',' | b'.' | b'\\' | b'"' | b'(' | b')' | b'>' | b'|'
            )
    };
    let mut at = header_end;
    loop {
        at = run(text, at, usize::MAX, body);
        if byte(text, at) == b'-' && text.get(at..at + 5) != Some("-----") {
            at += 1;
        } else {
            break;
        }
    }
    let footer = format!("-----END {label}-----");
    if text.get(at..).is_some_and(|rest| rest.starts_with(&footer)) {
        return (Some(Found::sure(start, at + footer.len())), at + footer.len());
    }
    // Cut short, or only named: without a line of key there is nothing to hide.
    let key = text.get(header_end..at).unwrap_or_default();
    let line = key
        .split_ascii_whitespace()
        .find(|word| word.len() >= 40 && word.bytes().any(|b| b.is_ascii_digit()));
    match line {
        Some(_) => (Some(Found::sure(start, header_end + key.trim_end().len())), at),
        None => (None, header_end),
    }
}

/// All private keys of a text.
pub(in crate::pii) fn private_keys(
    text: &str,
    finder: &memmem::Finder<'_>,
    mut found: impl FnMut(Found),
) {
    let mut from = 0;
    while let Some(at) = text.as_bytes().get(from..).and_then(|rest| finder.find(rest)) {
        let (key, next) = private_key(text, from + at);
        if let Some(key) = key {
            found(key);
        }
        from = next;
    }
}

/// The web token that the run `start..end` of letters, digits, `_` and `-` begins.
pub(in crate::pii) fn web_token(text: &str, start: usize, end: usize) -> Option<Found> {
    // `{"` in base64.
    let header = text.get(start..end)?;
    if !header.starts_with("eyJ") || header.len() < 16 {
        return None;
    }
    let part = |from: usize| {
        run(text, from, 16 << 10, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
        })
    };
    if byte(text, end) != b'.' || !text.get(end + 1..)?.starts_with("ey") {
        return None;
    }
    let payload = part(end + 1);
    if byte(text, payload) != b'.' || payload - end < 12 {
        return None;
    }
    let signature = part(payload + 1);
    (signature - payload > 16).then(|| Found::sure(start, signature))
}

/// Whether a token may be a secret by its look; words nearby must say so.
pub(in crate::pii) fn is_random(token: &str) -> bool {
    let bytes = token.as_bytes();
    if !(20..=256).contains(&bytes.len()) || is_uuid(token) {
        return false;
    }
    let mut counts = [0_u32; 128];
    for &byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let length = bytes.len() as f64;
    let bits = |count: &u32| match *count {
        0 => 0.0,
        count => -(f64::from(count) / length) * (f64::from(count) / length).log2(),
    };
    let entropy: f64 = counts.iter().map(bits).sum();
    // A random token of n characters of an alphabet of 62 comes near log2 n bits; one of hex near 4.
    let hex = bytes.iter().all(u8::is_ascii_hexdigit);
    let least = if hex { 3.0 } else { 3.6 };
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let changes = bytes
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    // Names of programs have few digits, and these at the ends of words; numbers have no letters.
    entropy >= least
        && digits >= 2
        && digits < bytes.len()
        && changes >= 4
        && !(hex && bytes.len() < 32)
}

fn is_uuid(token: &str) -> bool {
    let parts: Vec<&str> = token.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_keys_with_and_without_an_end() {
        let finder = memmem::Finder::new(PEM);
        let found = |text: &str| {
            let mut all = Vec::new();
            private_keys(text, &finder, |it| all.push(text[it.start..it.end].to_owned()));
            all
        };
        let line = "MIIEpAIBAAKCAQEA1c7rT3aG5vKq8mY0n2Lw9xQz4sJd6fHp";
        let key = format!("-----BEGIN RSA PRIVATE KEY-----\n{line}\n-----END RSA PRIVATE KEY-----");
        assert_eq!(found(&format!("x\n{key}\ny")), [key.as_str()]);
        let cut = format!("-----BEGIN PRIVATE KEY-----\n{line}");
        assert_eq!(found(&format!("{cut}\n…")), [cut.as_str()]);
        assert!(found("-----BEGIN PRIVATE KEY----- is its first line").is_empty());
        assert!(found(&key.replace("PRIVATE", "PUBLIC")).is_empty());
        assert_eq!(found(&format!("{key} {key}")).len(), 2);
    }

    #[test]
    fn web_tokens() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
        let end = token.find('.').unwrap();
        assert_eq!(web_token(token, 0, end), Some(Found::sure(0, token.len())));
        assert_eq!(web_token("eyJhbGciOiJIUzI1NiJ9.x.y", 0, 20), None);
    }

    #[test]
    fn random_tokens_and_names() {
        for token in ["q7Xz0pL2mV9sT4bW8nR1", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"] {
            assert!(is_random(token), "{token}");
        }
        for token in [
            "getElementsByClassName2",
            "123e4567-e89b-12d3-a456-426614174000",
            "aaaaaaaaaaaaaaaaaaaaaa1",
            "12345678901234567890123",
            "short1",
        ] {
            assert!(!is_random(token), "{token}");
        }
    }
}
