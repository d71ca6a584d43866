//! United States: Social Security number and individual taxpayer identification number.
//!
//! Source: Social Security Administration, "Social Security Number Randomization" (2011) and POMS RM
//! 10201.035 (numbers that are never given); Internal Revenue Service, Publication 1915 (ITIN), with
//! its groups as of 2023.

use super::{exactly, uniform, value};

/// Numbers that stood in advertisements and were used by thousands.
const ADVERTISED: [u64; 2] = [78_051_120, 219_099_999];

/// Nine digits: area, group, serial, of which none is zero, and the area is not 666 nor above 899.
pub fn us_ssn(compact: &str) -> bool {
    let Some(all) = exactly::<9>(compact) else { return false };
    let (area, group, serial) = (value(&all[..3]), value(&all[3..5]), value(&all[5..]));
    let given = (1..900).contains(&area) && area != 666 && group > 0 && serial > 0;
    given && !ADVERTISED.contains(&value(&all)) && !uniform(&all) && value(&all) != 123_456_789
}

/// Nine digits that begin with 9, and a group that was given out.
pub fn us_itin(compact: &str) -> bool {
    let Some(all) = exactly::<9>(compact) else { return false };
    let group = value(&all[3..5]);
    all[0] == 9 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99) && !uniform(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_are_given_out() {
        assert!(us_ssn("536221234") && us_ssn("899999998"));
        for wrong in ["000221234", "666221234", "900221234", "536001234", "536220000", "078051120"]
        {
            assert!(!us_ssn(wrong), "{wrong}");
        }
        assert!(us_itin("912701234") && us_itin("900501234"));
        assert!(!us_itin("912891234") && !us_itin("812701234") && !us_itin("912931234"));
    }
}
