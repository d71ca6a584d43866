//! Japan: My Number of persons.
//!
//! Source: Ministry of Internal Affairs and Communications, ordinance 85 of 2014, article 5 (modulus 11).

use super::{exactly, uniform};

/// Twelve digits, the last of which checks the others.
pub fn jp_my_number(compact: &str) -> bool {
    let Some(all) = exactly::<12>(compact) else { return false };
    let places = all[..11].iter().rev().zip(1_u32..);
    let sum: u32 = places
        .map(|(&digit, place)| u32::from(digit) * if place < 7 { place + 1 } else { place - 5 })
        .sum();
    let check = match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    !uniform(&all) && u32::from(all[11]) == check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(jp_my_number("123456789018"));
        assert!(!jp_my_number("123456789019") && !jp_my_number("000000000000"));
    }
}
