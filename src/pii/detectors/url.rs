//! Names and passwords in links: `scheme://name:password@host`.
//!
//! Source: RFC 3986, section 3.2.1.

use super::{Found, byte, run_back};

/// Longer ones are tokens, which have detectors of their own.
const MAX_USERINFO: usize = 256;

/// The name and password before the `@` at `at`, not before `floor`; without the `@`.
pub(in crate::pii) fn credentials(text: &str, floor: usize, at: usize) -> Option<Found> {
    // Unreserved, sub-delimiters but quotes and brackets, percent signs and the colon.
    let userinfo = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'.'
                    | b'_'
                    | b'~'
                    | b'!'
                    | b'$'
                    | b'&'
                    | b'*'
                    | b'+'
                    | b','
                    | b';'
                    | b'='
                    | b'%'
                    | b':'
                    | b'#'
                    | b'^'
                    | b'?'
            )
            || byte >= 0x80
    };
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
    let fits = hosted && !password.is_empty() && !masked(password) && !name.contains('/');
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
        assert_eq!(found("https://host/a:b@c"), None);
        assert_eq!(found("://:@x"), None);
        assert_eq!(found("ftp://a:b@"), None);
    }
}
