//! International bank account numbers: the length and kinds of characters of each country, and
//! ISO 7064 MOD 97-10.
//!
//! Source: ISO 13616-1:2020; the structures of SWIFT's IBAN registry, release of 2026.

/// Country and the structure of what follows the two check digits: runs of a length and a kind, `n`
/// digits, `a` letters, `c` either.
const COUNTRIES: &[(&str, &str)] = &[
    ("AD", "8n12c"),
    ("AE", "19n"),
    ("AL", "8n16c"),
    ("AT", "16n"),
    ("AZ", "4a20c"),
    ("BA", "16n"),
    ("BE", "12n"),
    ("BG", "4a6n8c"),
    ("BH", "4a14c"),
    ("BI", "23n"),
    ("BR", "8c15n2c"),
    ("BY", "4c4n16c"),
    ("CH", "5n12c"),
    ("CR", "18n"),
    ("CY", "8n16c"),
    ("CZ", "20n"),
    ("DE", "18n"),
    ("DJ", "23n"),
    ("DK", "14n"),
    ("DO", "4c20n"),
    ("EE", "16n"),
    ("EG", "25n"),
    ("ES", "20n"),
    ("FI", "14n"),
    ("FK", "2a12n"),
    ("FO", "14n"),
    ("FR", "10n11c2n"),
    ("GB", "4a14n"),
    ("GE", "2a16n"),
    ("GI", "4a15c"),
    ("GL", "14n"),
    ("GR", "7n16c"),
    ("GT", "24c"),
    ("HN", "4a20n"),
    ("HR", "17n"),
    ("HU", "24n"),
    ("IE", "4a14n"),
    ("IL", "19n"),
    ("IQ", "4a15n"),
    ("IS", "22n"),
    ("IT", "1a10n12c"),
    ("JO", "4a4n18c"),
    ("KW", "4a22c"),
    ("KZ", "3n13c"),
    ("LB", "4n20c"),
    ("LC", "4a24c"),
    ("LI", "5n12c"),
    ("LT", "16n"),
    ("LU", "3n13c"),
    ("LV", "4a13c"),
    ("LY", "21n"),
    ("MC", "10n11c2n"),
    ("MD", "20c"),
    ("ME", "18n"),
    ("MK", "3n10c2n"),
    ("MN", "16n"),
    ("MR", "23n"),
    ("MT", "4a5n18c"),
    ("MU", "4a19n3a"),
    ("NI", "4a20n"),
    ("NL", "4a10n"),
    ("NO", "11n"),
    ("OM", "3n16c"),
    ("PK", "4a16c"),
    ("PL", "24n"),
    ("PS", "4a21c"),
    ("PT", "21n"),
    ("QA", "4a21c"),
    ("RO", "4a16c"),
    ("RS", "18n"),
    ("RU", "14n15c"),
    ("SA", "2n18c"),
    ("SC", "4a20n3a"),
    ("SD", "14n"),
    ("SE", "20n"),
    ("SI", "15n"),
    ("SK", "20n"),
    ("SM", "1a10n12c"),
    ("SO", "19n"),
    ("ST", "21n"),
    ("SV", "4a20n"),
    ("TL", "19n"),
    ("TN", "20n"),
    ("TR", "6n16c"),
    ("UA", "6n19c"),
    ("VA", "18n"),
    ("VG", "4a16n"),
    ("XK", "16n"),
    ("YE", "4a4n18c"),
];

/// Whether a number is a country's and its check digits are right.
pub fn iban(compact: &str) -> bool {
    if !compact.is_ascii() {
        return false;
    }
    let upper = compact.to_ascii_uppercase();
    let (Some(country), Some(check), Some(account)) =
        (upper.get(..2), upper.get(2..4), upper.get(4..))
    else {
        return false;
    };
    let structure = COUNTRIES.iter().find(|(known, _)| *known == country);
    check.bytes().all(|byte| byte.is_ascii_digit())
        && structure.is_some_and(|(_, structure)| has_structure(account, structure))
        && remainder_97(account.bytes().chain(country.bytes()).chain(check.bytes())) == Some(1)
}

fn has_structure(account: &str, structure: &str) -> bool {
    let mut rest = account.bytes();
    let mut length = 0;
    for sign in structure.bytes() {
        if sign.is_ascii_digit() {
            length = length * 10 + usize::from(sign - b'0');
            continue;
        }
        for _ in 0..length {
            let fits = rest.next().is_some_and(|byte| match sign {
                b'n' => byte.is_ascii_digit(),
                b'a' => byte.is_ascii_uppercase(),
                _ => byte.is_ascii_alphanumeric(),
            });
            if !fits {
                return false;
            }
        }
        length = 0;
    }
    rest.next().is_none()
}

/// The remainder modulo 97 of a number in which letters stand for 10 to 35.
pub(crate) fn remainder_97(characters: impl Iterator<Item = u8>) -> Option<u32> {
    characters.into_iter().try_fold(0, |rest: u32, byte| {
        let value = char::from(byte).to_digit(36)?;
        Some((rest * if value < 10 { 10 } else { 100 } + value) % 97)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_registry() {
        for number in [
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
            "SA0380000000608010167519",
            "nl91ABNA0417164300",
        ] {
            assert!(iban(number), "{number}");
        }
        for number in [
            "DE89370400440532013001",
            "DE8937040044053201300",
            "XX89370400440532013000",
            "",
            "é",
            "DEAB",
        ] {
            assert!(!iban(number), "{number}");
        }
    }
}
