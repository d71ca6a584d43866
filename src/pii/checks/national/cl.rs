//! Chile: rol único tributario, which is also the number of persons (RUN).
//!
//! Source: Servicio de Impuestos Internos and Registro Civil: modulus 11 with weights 2 to 7, K for 10.

use crate::pii::checks::digits;

/// Seven or eight digits and a digit or K that checks them.
pub fn cl_rut(compact: &str) -> bool {
    let length = compact.len();
    let (Some(number), Some(check)) =
        (length.checked_sub(1).and_then(|end| compact.get(..end)), compact.bytes().last())
    else {
        return false;
    };
    let Some(all) = digits(number).filter(|all| matches!(all.len(), 7 | 8)) else { return false };
    let sum: u32 = all
        .iter()
        .rev()
        .zip((2..8).cycle())
        .map(|(&digit, weight)| u32::from(digit) * weight)
        .sum();
    let expected = match 11 - sum % 11 {
        11 => b'0',
        10 => b'K',
        check => b'0' + check as u8,
    };
    all[0] > 0 && check.to_ascii_uppercase() == expected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(cl_rut("125319092") && cl_rut("111111111") && cl_rut("10000013K"));
        assert!(!cl_rut("125319091") && !cl_rut("12531388é") && !cl_rut(""));
    }
}
