//! United Arab Emirates: Emirates ID.
//!
//! Source: Federal Authority for Identity and Citizenship, card specification: 784, year of birth, seven
//! digits, Luhn.

use super::{exactly, value};
use crate::pii::checks::luhn::luhn_sum;

/// Fifteen digits that begin with 784.
pub fn ae_emirates_id(compact: &str) -> bool {
    exactly::<15>(compact).is_some_and(|all| {
        value(&all[..3]) == 784
            && (1900..2100).contains(&value(&all[3..7]))
            && luhn_sum(&all).is_multiple_of(10)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_check_digits() {
        let valid = (0..10).filter(|last| ae_emirates_id(&format!("78419901234567{last}"))).count();
        assert_eq!(valid, 1);
        assert!((0..10).all(|last| !ae_emirates_id(&format!("78418901234567{last}"))));
        assert!((0..10).all(|last| !ae_emirates_id(&format!("78519901234567{last}"))));
    }
}
