//! Türkiye: T.C. kimlik numarası.
//!
//! Source: Nüfus ve Vatandaşlık İşleri, law 5490: the tenth digit from the odd and even places, the eleventh
//! from all.

use super::exactly;

/// Eleven digits, the last two of which check the others.
pub fn tr_kimlik(compact: &str) -> bool {
    let Some(all) = exactly::<11>(compact) else { return false };
    let sum = |places: &[usize]| -> i32 {
        places.iter().filter_map(|&at| all.get(at)).map(|&digit| i32::from(digit)).sum()
    };
    let tenth = (sum(&[0, 2, 4, 6, 8]) * 7 - sum(&[1, 3, 5, 7])).rem_euclid(10);
    let eleventh = sum(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) % 10;
    all[0] > 0 && i32::from(all[9]) == tenth && i32::from(all[10]) == eleventh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(tr_kimlik("10000000146"));
        assert!(!tr_kimlik("10000000147") && !tr_kimlik("00000000146"));
    }
}
