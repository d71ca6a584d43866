//! Mexico: clave única de registro de población (CURP).
//!
//! Source: Secretaría de Gobernación, "Instructivo normativo para la asignación de la CURP", DOF of 18
//! October 2021.

use super::{is_day, value};
use crate::pii::checks::digits;

const STATES: [&str; 33] = [
    "AS", "BC", "BS", "CC", "CL", "CM", "CS", "CH", "DF", "DG", "GT", "GR", "HG", "JC", "MC", "MN",
    "MS", "NT", "NL", "OC", "PL", "QT", "QR", "SP", "SL", "SR", "TC", "TS", "TL", "VZ", "YN", "ZS",
    "NE",
];

/// Letters of the name, date of birth, sex, state, consonants of the name, and two characters, the last
/// of which checks the others.
pub fn mx_curp(compact: &str) -> bool {
    let Ok(all) = <[u8; 18]>::try_from(compact.as_bytes()) else { return false };
    let letters = all[..4].iter().chain(&all[10..16]).all(u8::is_ascii_uppercase);
    let date = compact.get(4..10).and_then(digits);
    let state = compact.get(11..13).is_some_and(|state| STATES.contains(&state));
    let ending =
        (all[16].is_ascii_digit() || all[16].is_ascii_uppercase()) && all[17].is_ascii_digit();
    let day = date.is_some_and(|date| is_day(value(&date[2..4]), value(&date[4..])));
    if !letters || !day || !state || !ending || !b"HMX".contains(&all[10]) {
        return false;
    }
    // The alphabet is that of Spanish, in which Ñ is the 25th character from 0.
    let number = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'N' => u32::from(byte - b'A') + 10,
        _ => u32::from(byte.saturating_sub(b'A')) + 11,
    };
    let sum: u32 =
        all[..17].iter().zip((2..=18).rev()).map(|(&byte, weight)| number(byte) * weight).sum();
    u32::from(all[17] - b'0') == (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(mx_curp("BOXW310820HNERXN09"));
        assert!(!mx_curp("BOXW310820HNERXN08") && !mx_curp("BOXW311320HNERXN09"));
        assert!(!mx_curp("BOXW310820HXXRXN09") && !mx_curp("boxw310820hnerxn09"));
    }
}
