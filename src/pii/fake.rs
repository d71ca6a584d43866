//! Pseudonyms: what stands in for a value so that the same value has the same one everywhere, and
//! no one without the key can tell which value it was.
//!
//! All bits come from HMAC-SHA-256 (RFC 2104) of the value under the user's key. Where there are
//! ranges that are set apart for documents they are used: `.example` (RFC 2606), 192.0.2.0/24,
//! 198.51.100.0/24 and 203.0.113.0/24 (RFC 5737), 2001:db8::/32 (RFC 3849), 00-00-5E-00-53-xx (RFC
//! 7042), +1 … 555-01xx (ATIS-0300115). Nothing finds these. Of other kinds the shape is kept, and
//! a value is passed over that any rule might take for a real one; if all are, the pseudonym is of
//! letters only.
//!
//! The small ranges hold few values (768 addresses, 256 devices, some thousand telephones), so two
//! values may share one. Of what has room, 40 bits and more tell values apart.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::chars::digit_value;

/// The fewest bytes of a key: 128 bits, so that it can't be guessed.
pub(super) const MIN_KEY: usize = 16;
/// How often another shape is tried.
const ATTEMPTS: u32 = 24;

/// Area codes of North America, in which 555-01xx is fictional.
const AREAS: [&str; 48] = [
    "201", "202", "203", "205", "206", "207", "208", "209", "210", "212", "213", "214", "215",
    "216", "217", "218", "219", "224", "225", "228", "229", "231", "234", "239", "240", "248",
    "251", "252", "253", "254", "256", "260", "262", "267", "269", "270", "276", "281", "301",
    "302", "303", "304", "305", "307", "308", "309", "310", "312",
];
const CONSONANTS: &[u8; 16] = b"bdfghklmnprstvwz";
const VOWELS: &[u8; 4] = b"aeio";

/// Makes pseudonyms under one key.
#[derive(Clone)]
pub(super) struct Pseudonyms {
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Pseudonyms")
    }
}

/// Bits of a value, taken from the front.
struct Bits([u8; 32], usize);

impl Bits {
    fn next(&mut self) -> u8 {
        let byte = self.0.get(self.1).copied().unwrap_or_else(|| {
            // More than 32 bytes are only asked for by long shapes; they go around.
            self.0[self.1 % 32].wrapping_add((self.1 / 32) as u8)
        });
        self.1 += 1;
        byte
    }

    fn below(&mut self, bound: usize) -> usize {
        let wide = usize::from(self.next()) << 8 | usize::from(self.next());
        wide % bound.max(1)
    }

    /// A syllable that can be spoken.
    fn syllable(&mut self) -> [u8; 2] {
        let byte = usize::from(self.next());
        [CONSONANTS[byte & 15], VOWELS[byte >> 4 & 3]]
    }

    fn name(&mut self, syllables: usize) -> String {
        (0..syllables).flat_map(|_| self.syllable()).map(char::from).collect()
    }
}

impl Pseudonyms {
    /// Pseudonyms under a key; `None` if it is too short.
    pub fn new(key: &[u8]) -> Option<Self> {
        (key.len() >= MIN_KEY)
            .then(|| Hmac::new_from_slice(key).ok())
            .flatten()
            .map(|keyed| Self { keyed })
    }

    /// What tells this key from others without giving it away.
    pub fn fingerprint(&self) -> u128 {
        let bits = self.bits("", "sapwood: which key", 0);
        bits.0.iter().take(16).fold(0, |all, &byte| all << 8 | u128::from(byte))
    }

    fn bits(&self, tag: &str, value: &str, attempt: u32) -> Bits {
        let mut keyed = self.keyed.clone();
        for part in [tag.as_bytes(), &[0], value.as_bytes(), &[0], &attempt.to_le_bytes()] {
            keyed.update(part);
        }
        Bits(keyed.finalize().into_bytes().into(), 0)
    }

    /// The pseudonym of a value. `found_again` tells whether any rule could take a text for
    /// personal data.
    pub fn of(&self, tag: &str, value: &str, found_again: impl Fn(&str) -> bool) -> String {
        let same = canonical(tag, value);
        let mut bits = self.bits(tag, &same, 0);
        match tag {
            "EMAIL" => format!("{}.{}@{}.example", bits.name(3), bits.name(3), bits.name(3)),
            "USER" => format!("@{}-{}", bits.name(4), bits.name(4)),
            "CREDENTIALS" => format!("{}:xxxxxxxx", bits.name(5)),
            "PHONE" => {
                let area = AREAS[bits.below(AREAS.len())];
                format!("+1-{area}-555-01{:02}", bits.below(100))
            }
            "IP_ADDRESS" if value.contains(':') => {
                let groups: Vec<String> =
                    (0..6).map(|_| format!("{:x}", bits.below(1 << 16))).collect();
                format!("2001:db8:{}", groups.join(":"))
            }
            "IP_ADDRESS" => {
                let net = ["192.0.2", "198.51.100", "203.0.113"][bits.below(3)];
                format!("{net}.{}", bits.next())
            }
            "MAC_ADDRESS" => {
                let last = bits.next();
                match value.bytes().find(|byte| !byte.is_ascii_hexdigit()) {
                    Some(b'-') => format!("00-00-5E-00-53-{last:02X}"),
                    Some(b'.') => format!("0000.5e00.53{last:02x}"),
                    _ => format!("00:00:5e:00:53:{last:02x}"),
                }
            }
            _ => self.shaped(tag, value, &same, found_again),
        }
    }

    fn shaped(
        &self,
        tag: &str,
        value: &str,
        same: &str,
        found_again: impl Fn(&str) -> bool,
    ) -> String {
        for attempt in 1..=ATTEMPTS {
            let mut bits = self.bits(tag, same, attempt);
            let fake = shape(value, &mut bits, true);
            if !found_again(&fake) {
                return fake;
            }
        }
        // Without a digit no rule finds anything.
        shape(value, &mut self.bits(tag, same, 0), false)
    }
}

/// One form for all ways to write a value.
fn canonical(tag: &str, value: &str) -> String {
    match tag {
        "EMAIL" | "USER" | "CREDENTIALS" => value.to_lowercase(),
        "KEY" | "WALLET" => value.to_owned(),
        "IP_ADDRESS" => value
            .parse::<std::net::IpAddr>()
            .map_or_else(|_| value.to_lowercase(), |it| it.to_string()),
        _ => value
            .chars()
            .filter_map(|character| match digit_value(character) {
                Some(digit) => Some(char::from(b'0' + digit)),
                None => character.is_alphanumeric().then_some(character),
            })
            .flat_map(char::to_uppercase)
            .collect(),
    }
}

/// A text of the same shape: digits for digits, or letters where digits must not be, letters of the
/// same case for letters, all else as it is.
fn shape(value: &str, bits: &mut Bits, digits: bool) -> String {
    let letter = |bits: &mut Bits, base: u8| char::from(base + (bits.below(26) as u8));
    value
        .chars()
        .map(|character| match character {
            _ if digit_value(character).is_some() && digits => {
                char::from(b'0' + bits.below(10) as u8)
            }
            _ if digit_value(character).is_some() => letter(bits, b'a'),
            _ if character.is_lowercase() => letter(bits, b'a'),
            _ if character.is_alphabetic() => letter(bits, b'A'),
            '@' => '_',
            _ => character,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms() -> Pseudonyms {
        Pseudonyms::new(b"a key of sixteen bytes or more").unwrap()
    }

    #[test]
    fn the_same_value_has_the_same_pseudonym() {
        let fake = |tag, value| pseudonyms().of(tag, value, |_| false);
        assert_eq!(fake("EMAIL", "A@b.org"), fake("EMAIL", "a@B.org"));
        assert_ne!(fake("EMAIL", "a@b.org"), fake("EMAIL", "c@b.org"));
        let (one, other) =
            (fake("CARD", "4111 1111 1111 1111"), fake("CARD", "4111-1111-1111-1111"));
        assert_eq!(one.replace(' ', "-"), other);
        let others = Pseudonyms::new(b"another key of sixteen bytes").unwrap();
        assert_ne!(others.of("EMAIL", "a@b.org", |_| false), fake("EMAIL", "a@b.org"));
        assert_ne!(others.fingerprint(), pseudonyms().fingerprint());
        assert!(Pseudonyms::new(b"short").is_none());
    }

    #[test]
    fn what_would_be_found_again_is_passed_over() {
        let fake = pseudonyms()
            .of("PASSPORT", "C01X00T47", |fake| fake.contains(|c: char| c.is_ascii_digit()));
        assert_eq!(fake.len(), 9);
        assert!(fake.bytes().all(|byte| byte.is_ascii_alphabetic()), "{fake}");
        assert!(pseudonyms().of("PHONE", "+33 6 91 76 93 45", |_| true).contains("-555-01"));
        assert!(pseudonyms().of("IP_ADDRESS", "2a02::1", |_| true).starts_with("2001:db8:"));
    }
}
