//! Saudi Arabia: number of the national identity card, and of residents.
//!
//! Source: Ministry of Interior: 1 for citizens, 2 for residents, Luhn.

use super::exactly;
use crate::pii::checks::luhn::luhn_sum;

/// Ten digits that begin with 1 or 2.
pub fn sa_national_id(compact: &str) -> bool {
    exactly::<10>(compact)
        .is_some_and(|all| matches!(all[0], 1 | 2) && luhn_sum(&all).is_multiple_of(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_and_check_digits() {
        let valid = (0..10).filter(|last| sa_national_id(&format!("101234567{last}"))).count();
        assert_eq!(valid, 1);
        assert!((0..10).all(|last| !sa_national_id(&format!("301234567{last}"))));
    }
}
