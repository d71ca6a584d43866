//! Viet Nam: number of the citizen identity card (CCCD).
//!
//! Source: Nghị định 137/2015/NĐ-CP, article 7, and Thông tư 59/2021/TT-BCA: province or country, century
//! and sex, year of birth, six digits. There is no check digit.

use super::{exactly, uniform, value};

/// Twelve digits.
pub fn vn_cccd(compact: &str) -> bool {
    let Some(all) = exactly::<12>(compact) else { return false };
    // Provinces have even numbers and some odd ones, all below 97.
    (1..=96).contains(&value(&all[..3])) && all[3] < 4 && !uniform(&all[6..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provinces_and_centuries() {
        assert!(vn_cccd("001095012345") && vn_cccd("079203004567"));
        assert!(!vn_cccd("099095012345") && !vn_cccd("001995012345") && !vn_cccd("000095012345"));
    }
}
