//! India: Aadhaar and permanent account number.
//!
//! Source: UIDAI, "A UID Numbering Scheme" (2010): Verhoeff's check digit, no 0 or 1 first; Income Tax
//! Department, structure of the PAN: three letters, the kind of holder, the first letter of the name, four
//! digits, a letter.

use super::{exactly, uniform};

/// The dihedral group of order 10.
const MULTIPLY: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
/// By the place from the right.
const PERMUTE: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

fn verhoeff(digits: &[u8]) -> bool {
    let at = |table: &[u8; 10], digit: u8| table.get(usize::from(digit)).copied().unwrap_or(0);
    let check = digits.iter().rev().enumerate().fold(0, |check: u8, (place, &digit)| {
        let permuted = at(&PERMUTE[place % 8], digit);
        MULTIPLY.get(usize::from(check)).map_or(0, |row| at(row, permuted))
    });
    check == 0
}

/// Twelve digits with Verhoeff's check digit.
pub fn in_aadhaar(compact: &str) -> bool {
    exactly::<12>(compact).is_some_and(|all| all[0] > 1 && !uniform(&all) && verhoeff(&all))
}

/// Ten characters with a letter for the kind of holder. There is no check digit that is public.
pub fn in_pan(compact: &str) -> bool {
    let Ok(all) = <[u8; 10]>::try_from(compact.as_bytes()) else { return false };
    let letters = all[..5].iter().chain(&all[9..]).all(u8::is_ascii_uppercase);
    let digits = &all[5..9];
    letters
        && b"ABCEFGHJLKPT".contains(&all[3])
        && digits.iter().all(u8::is_ascii_digit)
        && digits != b"0000"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verhoeff_finds_errors() {
        assert!(verhoeff(&[2, 3, 6, 3]) && verhoeff(&[1, 2, 3, 4, 5, 1]));
        assert!(!verhoeff(&[2, 3, 6, 4]) && !verhoeff(&[3, 2, 6, 3]));
    }

    #[test]
    fn numbers() {
        let valid = (0..10).filter(|last| in_aadhaar(&format!("23412341234{last}"))).count();
        assert_eq!(valid, 1);
        assert!(!in_aadhaar("123412341234") && !in_aadhaar("222222222222"));
        assert!(in_pan("ABCPE1234F") && !in_pan("ABCDE1234F") && !in_pan("abcpe1234f"));
    }
}
