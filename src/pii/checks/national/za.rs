//! South Africa: identity number.
//!
//! Source: Department of Home Affairs, Identification Act 68 of 1997: date of birth, sex, citizenship, Luhn.

use super::{exactly, is_day, value};
use crate::pii::checks::luhn::luhn_sum;

/// Thirteen digits.
pub fn za_id(compact: &str) -> bool {
    let Some(all) = exactly::<13>(compact) else { return false };
    is_day(value(&all[2..4]), value(&all[4..6])) && all[10] < 3 && luhn_sum(&all).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_check_digits() {
        assert!(za_id("8001015009087"));
        assert!(!za_id("8001015009086") && !za_id("8013015009087"));
    }
}
