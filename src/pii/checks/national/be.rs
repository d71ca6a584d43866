//! Belgium: number of the national register.
//!
//! Source: Arrêté royal of 3 April 1984: 97 less the remainder of the first nine digits by 97, which are
//! read with a 2 before them for those born from 2000 on. Of the BIS register, 20 or 40 is added to
//! the month.

use super::{exactly, is_day, value};

/// Eleven digits: date of birth, order, check.
pub fn be_national_number(compact: &str) -> bool {
    let Some(all) = exactly::<11>(compact) else { return false };
    let (month, day) = (value(&all[2..4]), value(&all[4..6]));
    // Who does not know the day of birth has zeros there.
    let date =
        is_day(month % 20, day) || (month % 20 == 0 || day == 0) && month % 20 <= 12 && day <= 31;
    let (number, check) = (value(&all[..9]), value(&all[9..]));
    date && month < 53 && (97 - number % 97 == check || 97 - (2_000_000_000 + number) % 97 == check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_centuries() {
        assert!(be_national_number("85073003328"));
        let check = 97 - 2_050_115_001_u64 % 97;
        assert!(be_national_number(&format!("050115001{check:02}")));
        assert!(!be_national_number("85073003329") && !be_national_number("85993003328"));
    }
}
