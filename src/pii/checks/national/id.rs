//! Indonesia: nomor induk kependudukan (NIK).
//!
//! Source: Undang-Undang 23/2006, article 13, and the codes of provinces of the ministry of home
//! affairs: region, date of birth (40 is added to the day of women), order. There is no check digit.

use super::{exactly, is_day, value};

/// Sixteen digits.
pub fn id_nik(compact: &str) -> bool {
    let Some(all) = exactly::<16>(compact) else { return false };
    let province = matches!(
        value(&all[..2]),
        11..=19 | 21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=97
    );
    let (region, district) = (value(&all[2..4]), value(&all[4..6]));
    let day = value(&all[6..8]);
    let day = if day > 40 { day - 40 } else { day };
    province
        && region > 0
        && district > 0
        && is_day(value(&all[8..10]), day)
        && value(&all[12..]) > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_dates() {
        assert!(id_nik("3171011708450001") && id_nik("3171015708450001"));
        for wrong in
            ["2071011708450001", "3171013208450001", "3171011713450001", "3171011708450000"]
        {
            assert!(!id_nik(wrong), "{wrong}");
        }
    }
}
