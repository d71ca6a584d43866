//! Germany: Steuerliche Identifikationsnummer.
//!
//! Source: Bundeszentralamt für Steuern, § 139b AO and "Berechnung der Prüfziffer der
//! Identifikationsnummer": ISO 7064 MOD 11,10; of the first ten digits one occurs twice or, since
//! 2016, three times, and all others once at most.

use super::exactly;

/// Eleven digits, of which the first is not 0.
pub fn de_steuer_id(compact: &str) -> bool {
    let Some(all) = exactly::<11>(compact) else { return false };
    let mut counts = [0_u8; 10];
    for &digit in &all[..10] {
        if let Some(count) = counts.get_mut(usize::from(digit)) {
            *count += 1;
        }
    }
    let repeated: Vec<u8> = counts.into_iter().filter(|&count| count > 1).collect();
    let thrice_in_a_row = all[..10].windows(3).any(|row| row[0] == row[1] && row[1] == row[2]);
    if all[0] == 0 || !matches!(repeated[..], [2 | 3]) || thrice_in_a_row {
        return false;
    }
    let product = all[..10].iter().fold(10, |product, &digit| {
        let sum = (u32::from(digit) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    u32::from(all[10]) == (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_and_repetitions() {
        assert!(de_steuer_id("36574261809") && de_steuer_id("65929970489"));
        assert!(!de_steuer_id("36574261808") && !de_steuer_id("12345678903"));
    }
}
