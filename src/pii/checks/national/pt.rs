//! Portugal: número de identificação fiscal.
//!
//! Source: Decreto-Lei 14/2013 and Decreto-Lei 463/79: nine digits, modulus 11.

use super::{exactly, weighted};

/// Nine digits, the last of which checks the others. The first tells persons and kinds of companies.
pub fn pt_nif(compact: &str) -> bool {
    let Some(all) = exactly::<9>(compact) else { return false };
    let check = match weighted(&all[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    let kind = matches!((all[0], all[1]), (1..=3 | 5 | 6 | 8, _) | (4, 5) | (7, 0..=2 | 4 | 5 | 7..=9) | (9, 0 | 1 | 8 | 9));
    kind && u32::from(all[8]) == check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(pt_nif("123456789") && pt_nif("501964843"));
        assert!(!pt_nif("123456788") && !pt_nif("023456789") && !pt_nif("12345678"));
    }
}
