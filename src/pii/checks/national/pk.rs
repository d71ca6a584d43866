//! Pakistan: number of the computerised national identity card (CNIC).
//!
//! Source: National Database and Registration Authority, ordinance VIII of 2000: province, division and
//! district, family, a digit for the sex. There is no check digit.

use super::{exactly, uniform};

/// Thirteen digits that begin with that of a province.
pub fn pk_cnic(compact: &str) -> bool {
    exactly::<13>(compact).is_some_and(|all| matches!(all[0], 1..=8) && !uniform(&all[5..12]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provinces() {
        assert!(pk_cnic("3520112345671"));
        assert!(!pk_cnic("0520112345671") && !pk_cnic("352011234567") && !pk_cnic("3520100000001"));
    }
}
