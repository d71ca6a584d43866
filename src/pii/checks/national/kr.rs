//! Korea: resident registration number and number of foreigners.
//!
//! Source: Enforcement Rule of the Resident Registration Act, article 2 and annex (modulus 11). Numbers
//! that are given since October 2020 have no check digit.

use super::{exactly, is_date, value, weighted};

/// Thirteen digits: date of birth, century and sex, order, check.
pub fn kr_rrn(compact: &str) -> bool {
    let Some(all) = exactly::<13>(compact) else { return false };
    let century = match all[6] {
        1 | 2 | 5 | 6 => 1900,
        3 | 4 | 7 | 8 => 2000,
        _ => 1800,
    };
    let year = century + value(&all[..2]);
    if !is_date(year, value(&all[2..4]), value(&all[4..6])) {
        return false;
    }
    let sum = weighted(&all[..12], &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    let foreigner = matches!(all[6], 5..=8);
    let check = (if foreigner { 13 - sum % 11 } else { 11 - sum % 11 }) % 10;
    u32::from(all[12]) == check || year >= 2020
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_check_digits() {
        let valid = (0..10).filter(|last| kr_rrn(&format!("850101123456{last}"))).count();
        assert_eq!(valid, 1);
        // Since 2020 any last digit will do.
        assert!((0..10).all(|last| kr_rrn(&format!("210101312345{last}"))));
        assert!(!kr_rrn("8513011234568"));
    }
}
