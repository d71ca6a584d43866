//! Poland: PESEL.
//!
//! Source: Ustawa o ewidencji ludności of 24 September 2010, article 15. The century is in the month.

use super::{exactly, is_date, value, weighted};

/// Eleven digits: date of birth, order, check.
pub fn pl_pesel(compact: &str) -> bool {
    let Some(all) = exactly::<11>(compact) else { return false };
    let month = value(&all[2..4]);
    let century = match month / 20 {
        0 => 1900,
        1 => 2000,
        4 => 1800,
        _ => return false,
    };
    let sum = weighted(&all[..10], &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    is_date(century + value(&all[..2]), month % 20, value(&all[4..6]))
        && (10 - sum % 10) % 10 == u32::from(all[10])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_check_digits() {
        assert!(pl_pesel("44051401359") && pl_pesel("02070803628"));
        assert!(!pl_pesel("44051401358") && !pl_pesel("44151401359"));
    }
}
