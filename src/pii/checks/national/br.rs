//! Brazil: CPF of persons, CNPJ of companies.
//!
//! Source: Receita Federal, Instrução Normativa RFB 1.548/2015 (CPF) and 2.119/2022, with 2.229/2024
//! (CNPJ with letters from 2026: a letter counts as its ASCII code less 48).

use super::{exactly, uniform, weighted};

fn check_digit(sum: u32) -> u32 {
    match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

/// Eleven digits, the last two of which check the others.
pub fn br_cpf(compact: &str) -> bool {
    let Some(all) = exactly::<11>(compact) else { return false };
    let first = check_digit(weighted(&all[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]));
    let second = check_digit(weighted(&all[..10], &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]));
    !uniform(&all) && u32::from(all[9]) == first && u32::from(all[10]) == second
}

/// Twelve digits or letters and two digits that check them.
pub fn br_cnpj(compact: &str) -> bool {
    let values: Option<Vec<u8>> = compact
        .bytes()
        .map(|byte| (byte.is_ascii_digit() || byte.is_ascii_uppercase()).then(|| byte - b'0'))
        .collect();
    let Some(all) = values.and_then(|values| <[u8; 14]>::try_from(values).ok()) else {
        return false;
    };
    let first = check_digit(weighted(&all[..12], &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
    let second = check_digit(weighted(&all[..13], &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
    !uniform(&all) && u32::from(all[12]) == first && u32::from(all[13]) == second
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(br_cpf("11144477735") && br_cpf("52998224725"));
        assert!(!br_cpf("11144477734") && !br_cpf("11111111111"));
        assert!(br_cnpj("11222333000181") && br_cnpj("11444777000161"));
        // The example of the technical note on letters.
        assert!(br_cnpj("12ABC34501DE35"));
        assert!(!br_cnpj("11222333000182") && !br_cnpj("12abc34501de35"));
    }
}
