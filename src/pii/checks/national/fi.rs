//! Finland: henkilötunnus.
//!
//! Source: Digi- ja väestötietovirasto, "Henkilötunnus"; the signs for the century as of 2023.

use super::{is_date, value};
use crate::pii::checks::digits;

const CHECKS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

/// Date of birth, a sign for the century, three digits, and a character that checks them. Of signs only
/// letters are left in the compact form; without one it is the 20th century or, with `+`, the 19th.
pub fn fi_henkilotunnus(compact: &str) -> bool {
    if !compact.is_ascii() {
        return false;
    }
    let (century, rest) = match (compact.len(), compact.as_bytes().get(6)) {
        (10, _) => (1900, compact.get(6..9)),
        (11, Some(b'Y' | b'X' | b'W' | b'V' | b'U')) => (1900, compact.get(7..10)),
        (11, Some(b'A'..=b'F')) => (2000, compact.get(7..10)),
        _ => return false,
    };
    let number = match (compact.get(..6), rest) {
        (Some(date), Some(rest)) => digits(&format!("{date}{rest}")),
        _ => None,
    };
    let Some(all) = number.filter(|all| all.len() == 9) else { return false };
    let day = is_date(century + value(&all[4..6]), value(&all[2..4]), value(&all[..2]));
    let check = CHECKS.get((value(&all) % 31) as usize);
    day && value(&all[6..]) >= 2 && check == compact.as_bytes().last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_check_characters() {
        assert!(fi_henkilotunnus("131052308T"));
        assert!(fi_henkilotunnus("131052Y308T"));
        assert!(!fi_henkilotunnus("131052308U") && !fi_henkilotunnus("311352308T"));
        assert!(!fi_henkilotunnus("131052é308"));
    }
}
