//! Nigeria: national identification number, and bank verification number.
//!
//! Source: National Identity Management Commission Act 23 of 2007; Central Bank of Nigeria, framework of the
//! BVN (2021). Neither has a check digit that is public.

use super::{exactly, uniform, value};

/// Eleven digits.
pub fn ng_nin(compact: &str) -> bool {
    exactly::<11>(compact).is_some_and(|all| all[0] > 0 && !uniform(&all))
}

/// Eleven digits that begin with 22.
pub fn ng_bvn(compact: &str) -> bool {
    exactly::<11>(compact).is_some_and(|all| value(&all[..2]) == 22 && !uniform(&all[2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert!(ng_nin("12345678901") && !ng_nin("01234567890") && !ng_nin("11111111111"));
        assert!(ng_bvn("22123456789") && !ng_bvn("12123456789"));
    }
}
