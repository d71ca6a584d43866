//! Italy: codice fiscale of persons.
//!
//! Source: Ministero delle Finanze, decreto of 23 December 1976, with the letters that stand for
//! digits where two persons would have one code (omocodia).

/// What characters in odd places count: of digits, then of letters.
const ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
const STAND_FOR_DIGITS: &[u8; 10] = b"LMNPQRSTUV";
const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// Where digits are: year, day, place.
const DIGITS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];

/// Six letters of the name, the date of birth, the place, and a letter that checks them.
pub fn it_codice_fiscale(compact: &str) -> bool {
    let upper = compact.to_ascii_uppercase();
    let Ok(all) = <[u8; 16]>::try_from(upper.as_bytes()) else { return false };
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        _ => STAND_FOR_DIGITS.iter().position(|letter| *letter == byte).map(|at| at as u32),
    };
    let formed = all.iter().enumerate().all(|(at, &byte)| match DIGITS.contains(&at) {
        true => digit(byte).is_some(),
        false => byte.is_ascii_uppercase(),
    });
    if !formed || !MONTHS.contains(&all[8]) {
        return false;
    }
    // Forty is added to the day of women.
    let day = digit(all[9]).unwrap_or(0) * 10 + digit(all[10]).unwrap_or(0);
    if !matches!(day, 1..=31 | 41..=71) {
        return false;
    }
    let number = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte.saturating_sub(b'A')),
    };
    let sum: u32 = all[..15]
        .iter()
        .enumerate()
        .map(|(at, &byte)| match at % 2 {
            0 => ODD.get(number(byte) as usize).copied().unwrap_or(0),
            _ => number(byte),
        })
        .sum();
    u32::from(all[15] - b'A') == sum % 26
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_letters() {
        assert!(it_codice_fiscale("RSSMRA85T10A562S") && it_codice_fiscale("rssmra85t10a562s"));
        assert!(!it_codice_fiscale("RSSMRA85T10A562T") && !it_codice_fiscale("RSSMRA85X10A562S"));
        assert!(!it_codice_fiscale("RSSMRA85T10A56"));
    }

    #[test]
    fn letters_may_stand_for_digits() {
        assert!(it_codice_fiscale("RSSMRA85T10A56NH"));
    }
}
