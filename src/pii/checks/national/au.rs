//! Australia: tax file number and business number.
//!
//! Source: Australian Taxation Office, "TFN declaration specification" (modulus 11); Australian Business
//! Register, "Format of the ABN" (modulus 89, the first digit less one).

use super::{exactly, uniform, weighted};

/// Nine digits whose weighted sum is a multiple of eleven.
pub fn au_tfn(compact: &str) -> bool {
    exactly::<9>(compact).is_some_and(|all| {
        !uniform(&all) && weighted(&all, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
    })
}

/// Eleven digits whose weighted sum, the first digit less one, is a multiple of 89.
pub fn au_abn(compact: &str) -> bool {
    let Some(mut all) = exactly::<11>(compact) else { return false };
    let Some(first) = all[0].checked_sub(1) else { return false };
    all[0] = first;
    weighted(&all, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]).is_multiple_of(89)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighted_sums() {
        assert!(au_tfn("123456782") && !au_tfn("123456783") && !au_tfn("000000000"));
        assert!(au_abn("51824753556") && !au_abn("51824753557") && !au_abn("01824753556"));
    }
}
