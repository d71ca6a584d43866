//! Netherlands: burgerservicenummer.
//!
//! Source: Rijksdienst voor Identiteitsgegevens, "Logisch ontwerp BSN": the eleven test with a last
//! weight of -1.

use super::{exactly, uniform, weighted};

/// Nine digits whose weighted sum is a multiple of eleven.
pub fn nl_bsn(compact: &str) -> bool {
    let Some(all) = exactly::<9>(compact) else { return false };
    let sum = weighted(&all[..8], &[9, 8, 7, 6, 5, 4, 3, 2]);
    !uniform(&all) && sum > 0 && sum % 11 == u32::from(all[8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eleven_test() {
        assert!(nl_bsn("111222333") && nl_bsn("123456782"));
        assert!(!nl_bsn("123456789") && !nl_bsn("000000000"));
    }
}
