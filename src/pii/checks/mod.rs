//! Validators: what a rule can ask of a candidate beyond its pattern, by name.
//!
//! A validator is a pure function of the *compact* form of a candidate: its letters and digits in
//! order, without spaces, dashes, dots, slashes, brackets and whatever else stood between them.
//! Digits of every script are ASCII digits there, full-width letters are ASCII letters, and the
//! case of letters is that of the text. It answers whether the number can be a real one: check
//! digits, ranges that were given out, dates that exist. It must not panic on any string, for rules
//! can be written with any pattern.
//!
//! To add one, write `fn(&str) -> bool` in a file of its own here, with its source, and add a line
//! to [`CHECKS`]; rules name it as `validator`.

mod card;
mod iban;
mod luhn;
mod random;
mod wallet;

/// A validator.
pub type Check = fn(&str) -> bool;

/// All validators by the names that rules know them under, in alphabetical order.
pub const CHECKS: &[(&str, Check)] = &[
    ("base58check", wallet::base58check),
    ("bech32", wallet::bech32),
    ("card", card::card),
    ("ethereum", wallet::ethereum),
    ("genuine", random::genuine),
    ("iban", iban::iban),
    ("luhn", luhn::luhn),
    ("random", random::random),
];

/// The validator of a name.
pub fn check(name: &str) -> Option<Check> {
    CHECKS.iter().find(|(known, _)| *known == name).map(|&(_, check)| check)
}

/// The digits of a compact candidate, if it is made of ASCII digits only.
pub(crate) fn digits(compact: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| byte - b'0');
    compact.bytes().map(digit).collect::<Option<Vec<u8>>>().filter(|digits| !digits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_unique_and_in_order() {
        assert!(CHECKS.is_sorted_by(|(one, _), (other, _)| one < other));
        assert!(check("luhn").is_some());
        assert!(check("luhm").is_none());
    }

    proptest! {
        #[test]
        fn any_string_is_taken(text in prop_oneof![any::<String>(), "[A-Za-z0-9]{0,40}", "[0-9]{0,40}"]) {
            for (_, check) in CHECKS {
                check(&text);
            }
        }
    }
}
