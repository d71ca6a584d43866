//! Argentina: CUIT and CUIL.
//!
//! Source: AFIP, Resolución General 10/97, and ANSES: kind, eight digits, modulus 11.

use super::{exactly, value, weighted};

/// Eleven digits: kind of person, number, check.
pub fn ar_cuit(compact: &str) -> bool {
    let Some(all) = exactly::<11>(compact) else { return false };
    let kind = matches!(value(&all[..2]), 20 | 23..=27 | 30 | 33 | 34);
    let check = match 11 - weighted(&all[..10], &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
        11 => 0,
        // Such numbers get the kind 23 or 33 and another check digit.
        10 => return false,
        check => check,
    };
    kind && u32::from(all[10]) == check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(ar_cuit("20267565393") && ar_cuit("30500010912"));
        assert!(!ar_cuit("20267565394") && !ar_cuit("29267565393"));
    }
}
