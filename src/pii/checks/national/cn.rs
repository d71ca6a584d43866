//! China: number of the resident identity card.
//!
//! Source: GB 11643-1999 (ISO 7064 MOD 11-2) and, for the codes of provinces, GB/T 2260.

use super::{is_date, value, weighted};
use crate::pii::checks::digits;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// Seventeen digits, region, date of birth and order, and a digit or X that checks them.
pub fn cn_resident_id(compact: &str) -> bool {
    let (Some(number), Some(check)) = (compact.get(..17), compact.as_bytes().get(17)) else {
        return false;
    };
    let Some(all) = digits(number).filter(|_| compact.len() == 18) else { return false };
    let province = matches!(
        value(&all[..2]),
        11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91
    );
    let date = is_date(value(&all[6..10]), value(&all[10..12]), value(&all[12..14]));
    let expected = CHECKS.get((weighted(&all, &WEIGHTS) % 11) as usize);
    province && date && expected == Some(&check.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_dates_and_check_digits() {
        assert!(cn_resident_id("11010519491231002X") && cn_resident_id("11010519491231002x"));
        assert!(cn_resident_id("440524188001010014"));
        for wrong in
            ["110105194912310021", "10010519491231002X", "11010519491331002X", "1101051949123100é"]
        {
            assert!(!cn_resident_id(wrong), "{wrong}");
        }
    }
}
