//! Sweden: personnummer and samordningsnummer.
//!
//! Source: Skatteverket, SKV 704 and 707: Luhn over ten digits; 60 is added to the day of a
//! samordningsnummer.

use super::{exactly, is_date, is_day, value};
use crate::pii::checks::luhn::luhn_sum;

/// Ten digits, or twelve with the century: date of birth, order, check.
pub fn se_personnummer(compact: &str) -> bool {
    let day_of = |day: u64| if day > 60 { day - 60 } else { day };
    if let Some(all) = exactly::<12>(compact) {
        let date = (value(&all[..4]), value(&all[4..6]), day_of(value(&all[6..8])));
        return is_date(date.0, date.1, date.2) && luhn_sum(&all[2..]).is_multiple_of(10);
    }
    let Some(all) = exactly::<10>(compact) else { return false };
    is_day(value(&all[2..4]), day_of(value(&all[4..6]))) && luhn_sum(&all).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths() {
        assert!(se_personnummer("8112189876") && se_personnummer("198112189876"));
        assert!(se_personnummer("7010632391"));
        assert!(!se_personnummer("8112189875") && !se_personnummer("8113189876"));
    }
}
