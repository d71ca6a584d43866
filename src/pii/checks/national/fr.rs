//! France: number of the register of persons (NIR, "numéro de sécurité sociale").
//!
//! Source: INSEE, décret 82-103 of 22 January 1982 and "Répertoire national d'identification des
//! personnes physiques": sex, year, month, place, order, and a key of 97 less the remainder by 97.

/// Fifteen digits, of which the department of Corsica is written 2A or 2B.
pub fn fr_nir(compact: &str) -> bool {
    if compact.len() != 15 || !compact.is_ascii() {
        return false;
    }
    // Corsica's departments count as 19 and 18 for the key.
    let corsica = match compact.get(5..7) {
        Some("2A" | "2a") => Some("19"),
        Some("2B" | "2b") => Some("18"),
        _ => None,
    };
    let (before, behind) = (compact.get(..5), compact.get(7..13));
    let (Some(before), Some(behind)) = (before, behind) else { return false };
    let place = corsica.or_else(|| compact.get(5..7)).unwrap_or_default();
    let all = format!("{before}{place}{behind}");
    if !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let number =
        |start: usize, end: usize| all.get(start..end).and_then(|it| it.parse::<u64>().ok());
    let key = compact.get(13..).and_then(|key| key.parse::<u64>().ok());
    let sex = matches!(number(0, 1), Some(1..=4 | 7 | 8));
    let month = matches!(number(3, 5), Some(1..=12 | 20..=42 | 50..=99));
    let checked = all.parse::<u64>().ok().map(|all| 97 - all % 97);
    sex && month && checked.is_some() && checked == key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        assert!(fr_nir("255081416802538"));
        assert!(fr_nir("180032A00700168") == (97 - 1_800_319_007_001_u64 % 97 == 68));
        assert!(
            !fr_nir("255081416802539") && !fr_nir("955081416802538") && !fr_nir("25508141680253é")
        );
    }

    #[test]
    fn corsica() {
        let key = 97 - 1_800_319_007_001_u64 % 97;
        assert!(fr_nir(&format!("180032A007001{key:02}")));
        assert!(!fr_nir(&format!("180032C007001{key:02}")));
    }
}
