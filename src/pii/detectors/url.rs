//! Names and passwords in links: `scheme://name:password@host`.
//!
//! Source: RFC 3986, section 3.2.1.

use super::{Found, byte, run_back};

/// Longer ones are tokens, which have detectors of their own.
const MAX_USERINFO: usize = 256;

/// Whether the `@` at `at` ends what stands before the host of a link, so that it is in no address.
pub(in crate::pii) fn is_userinfo(text: &str, floor: usize, at: usize) -> bool {
    let start = run_back(text, floor, at, MAX_USERINFO, userinfo);
    text.get(..start).is_some_and(|before| before.ends_with("://"))
}

/// Unreserved, sub-delimiters but quotes and brackets, percent signs and the colon.
fn userinfo(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&*+,;=%:#^?".contains(&byte) || byte >= 0x80
}

/// The name and password before the `@` at `at`, not before `floor`; without the `@`.
pub(in crate::pii) fn credentials(text: &str, floor: usize, at: usize) -> Option<Found> {
    let start = run_back(text, floor, at, MAX_USERINFO, userinfo);
    if !text.get(..start)?.ends_with("://") {
        return None;
    }
    let (name, password) = text.get(start..at)?.split_once(':')?;
    let host = byte(text, at + 1);
    let hosted = host.is_ascii_alphanumeric() || host == b'[' || host >= 0x80;
    // Masked by whoever wrote it, or a place to fill in.
    let masked =
        |part: &str| part.bytes().all(|byte| matches!(byte, b'*' | b'.' | b'x' | b'X' | b'_'));
    let filled =
        |part: &str, words: &[&str]| words.iter().any(|word| part.eq_ignore_ascii_case(word));
    let example = filled(name, &["user", "username", "name", "login", "usr", "user_name"])
        && filled(password, &["password", "pass", "passwd", "pwd", "secret", "pw"]);
    let fits =
        !example && hosted && !password.is_empty() && !masked(password) && !name.contains('/');
    fits.then(|| Found::sure(start, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        credentials(text, 0, text.rfind('@').unwrap()).map(|it| &text[it.start..it.end])
    }

    #[test]
    fn names_and_passwords() {
        assert_eq!(found("at postgres://app:s3cr3t!@db.host:5432/x"), Some("app:s3cr3t!"));
        assert_eq!(found("redis://:pa%40ss@[::1]/"), Some(":pa%40ss"));
        assert_eq!(found("https://user@host/"), None);
        assert_eq!(found("https://user:****@host/"), None);
        assert_eq!(found("https://username:password@host/"), None);
        assert_eq!(found("https://host/a:b@c"), None);
        assert_eq!(found("://:@x"), None);
        assert_eq!(found("ftp://a:b@"), None);
    }
}
