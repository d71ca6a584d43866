//! Egypt: national number.
//!
//! Source: law 143 of 1994 on civil status: century, date of birth, governorate, order, a check digit whose
//! rule is not public.

use super::{exactly, is_date, value};

/// Fourteen digits.
pub fn eg_national_id(compact: &str) -> bool {
    let Some(all) = exactly::<14>(compact) else { return false };
    let century = match all[0] {
        2 => 1900,
        3 => 2000,
        _ => return false,
    };
    let governorate = matches!(value(&all[7..9]), 1..=4 | 11..=19 | 21..=29 | 31..=35 | 88);
    governorate && is_date(century + value(&all[1..3]), value(&all[3..5]), value(&all[5..7]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_governorates() {
        assert!(eg_national_id("29001010123456") && eg_national_id("30512318801234"));
        assert!(!eg_national_id("19001010123456") && !eg_national_id("29013010123456"));
        assert!(!eg_national_id("29001010523456"));
    }
}
