//! Canada: Social Insurance Number.
//!
//! Source: Employment and Social Development Canada, "Social Insurance Number Code of Practice";
//! first digits by province of registration, 0 and 8 are not given to persons.

use super::exactly;
use crate::pii::checks::luhn::luhn_sum;

/// Nine digits with a Luhn check digit.
pub fn ca_sin(compact: &str) -> bool {
    exactly::<9>(compact)
        .is_some_and(|all| !matches!(all[0], 0 | 8) && luhn_sum(&all).is_multiple_of(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_and_first_digit() {
        assert!(ca_sin("130692544"));
        assert!(!ca_sin("130692545") && !ca_sin("046454286") && !ca_sin("13069254"));
    }
}
