//! Kenya: personal identification number of the revenue authority, and number of the identity card.
//!
//! Source: Kenya Revenue Authority, PIN; Registration of Persons Act, cap. 107. Neither has a check
//! digit that is public.

use super::uniform;
use crate::pii::checks::digits;

/// A for persons or P for others, nine digits, a letter.
pub fn ke_kra_pin(compact: &str) -> bool {
    let Ok([first, number @ .., last]) = <[u8; 11]>::try_from(compact.as_bytes()) else {
        return false;
    };
    matches!(first, b'A' | b'P')
        && number.iter().all(u8::is_ascii_digit)
        && number[0] == b'0'
        && last.is_ascii_uppercase()
}

/// Seven or eight digits.
pub fn ke_national_id(compact: &str) -> bool {
    digits(compact).is_some_and(|all| matches!(all.len(), 7 | 8) && all[0] > 0 && !uniform(&all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert!(ke_kra_pin("A001234567Z") && ke_kra_pin("P051234567X"));
        assert!(!ke_kra_pin("B001234567Z") && !ke_kra_pin("A0012345678"));
        assert!(
            ke_national_id("23456789") && !ke_national_id("03456789") && !ke_national_id("123456")
        );
    }
}
