//! The check digit of cards and of many numbers of persons and companies.
//!
//! Source: ISO/IEC 7812-1:2017, annex B; patent US 2,950,048.

use super::digits;

/// Whether the last digit is the Luhn check digit of those before it. At least two digits.
pub fn luhn(compact: &str) -> bool {
    digits(compact).is_some_and(|digits| digits.len() > 1 && luhn_sum(&digits).is_multiple_of(10))
}

/// The sum of the digits, every second one from the right doubled and its own digits added.
pub(crate) fn luhn_sum(digits: &[u8]) -> u32 {
    let doubled = |digit: u8| u32::from(if digit > 4 { digit * 2 - 9 } else { digit * 2 });
    let pairs = digits.iter().rev().enumerate();
    pairs.map(|(at, &digit)| if at % 2 == 1 { doubled(digit) } else { u32::from(digit) }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers() {
        assert!(luhn("79927398713"));
        assert!(luhn("4111111111111111"));
        for wrong in ["79927398710", "4111111111111112", "", "0", "4111a11111111111"] {
            assert!(!luhn(wrong), "{wrong}");
        }
    }
}
