//! Spain: DNI of citizens, NIE of foreigners, and the NIF of both.
//!
//! Source: Real Decreto 1553/2005 (DNI), Orden INT/2058/2008 (NIE); the table of letters is that of the
//! Ministerio del Interior.

const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn has_letter(number: &str, letter: u8) -> bool {
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let rest = number.parse::<u64>().ok().and_then(|number| usize::try_from(number % 23).ok());
    let expected = rest.and_then(|rest| LETTERS.get(rest));
    digits && expected == Some(&letter.to_ascii_uppercase())
}

/// Eight digits and the letter that their remainder by 23 has.
pub fn es_dni(compact: &str) -> bool {
    match compact.as_bytes() {
        [_, _, _, _, _, _, _, _, letter] => compact
            .get(..8)
            .is_some_and(|number| has_letter(number, *letter) && number != "00000000"),
        _ => false,
    }
}

/// X, Y or Z, which counts as 0, 1 or 2, seven digits, and the letter of a DNI.
pub fn es_nie(compact: &str) -> bool {
    let [first, _, _, _, _, _, _, _, letter] = compact.as_bytes() else { return false };
    let first = match first.to_ascii_uppercase() {
        b'X' => '0',
        b'Y' => '1',
        b'Z' => '2',
        _ => return false,
    };
    compact.get(1..8).is_some_and(|rest| has_letter(&format!("{first}{rest}"), *letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters() {
        assert!(es_dni("12345678Z") && es_dni("54362315K"));
        assert!(!es_dni("12345678A") && !es_dni("1234567Z") && !es_dni("1234567ñZ"));
        assert!(es_nie("X2482300W") && es_nie("Z8327649K"));
        assert!(!es_nie("X2482300A") && !es_nie("A2482300W"));
    }
}
