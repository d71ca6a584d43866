//! United Kingdom: National Insurance number and NHS number.
//!
//! Source: HM Revenue & Customs, manual NIM39110; NHS Data Dictionary, "NHS Number" (modulus 11).

use super::{exactly, uniform, weighted};

/// Two letters, six digits, A to D. There is no check digit.
pub fn gb_nino(compact: &str) -> bool {
    let upper = compact.to_ascii_uppercase();
    let [first, second, digits @ .., suffix] = upper.as_bytes() else { return false };
    let prefix = [*first, *second];
    let letters = first.is_ascii_uppercase() && second.is_ascii_uppercase();
    letters
        && !b"DFIQUV".contains(first)
        && !b"DFIOQUV".contains(second)
        && ![*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"].contains(&prefix)
        && digits.len() == 6
        && digits.iter().all(u8::is_ascii_digit)
        && (b'A'..=b'D').contains(suffix)
}

/// Ten digits, the last of which checks the others.
pub fn gb_nhs(compact: &str) -> bool {
    let Some(all) = exactly::<10>(compact) else { return false };
    let check = 11 - weighted(&all[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    // A check of 10 is not given.
    !uniform(&all) && check % 11 == u32::from(all[9])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_check_digits() {
        assert!(gb_nino("AB123456C") && gb_nino("ab123456c"));
        for wrong in ["QQ123456C", "AO123456C", "GB123456A", "AB123456E", "AB12345C", "é23456C"] {
            assert!(!gb_nino(wrong), "{wrong}");
        }
        assert!(gb_nhs("9434765919") && gb_nhs("4010232137"));
        assert!(!gb_nhs("9434765918") && !gb_nhs("0000000000"));
    }
}
