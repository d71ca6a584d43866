//! Numbers of payment cards: the Luhn digit, and ranges that issuers use with their lengths.
//!
//! Source: ISO/IEC 7812-1:2017 for the number; the ranges that the networks publish for their
//! merchants (Visa, Mastercard, American Express, Discover, Diners Club, JCB, UnionPay, Maestro, Mir,
//! RuPay, Troy, Verve, Elo, Hipercard).

use super::digits;
use super::luhn::luhn_sum;

/// First to last, compared with as many digits as these have, and the lengths that numbers have.
const RANGES: &[(&str, &str, &[usize])] = &[
    ("4", "4", &[16, 19]),
    ("51", "55", &[16]),
    ("2221", "2720", &[16]),
    ("34", "34", &[15]),
    ("37", "37", &[15]),
    ("6011", "6011", &[16, 17, 18, 19]),
    ("644", "659", &[16, 17, 18, 19]),
    ("300", "305", &[14, 16, 17, 18, 19]),
    ("3095", "3095", &[14, 16, 17, 18, 19]),
    ("36", "36", &[14, 15, 16, 17, 18, 19]),
    ("38", "39", &[14, 16, 17, 18, 19]),
    ("35", "35", &[16, 17, 18, 19]),
    ("62", "62", &[16, 17, 18, 19]),
    ("81", "81", &[16, 17, 18, 19]),
    ("2200", "2204", &[16, 17, 18, 19]),
    ("500", "509", &[16, 18, 19]),
    ("560", "589", &[16, 18, 19]),
    ("606", "608", &[16]),
    ("6304", "6304", &[16, 18, 19]),
    ("636", "639", &[16, 18, 19]),
    ("67", "67", &[16, 18, 19]),
    ("82", "82", &[16]),
    ("9792", "9792", &[16]),
];

/// Whether a number can be a card's.
pub fn card(compact: &str) -> bool {
    let Some(all) = digits(compact) else {
        return false;
    };
    let issued = RANGES.iter().any(|(first, last, lengths)| {
        let start = compact.get(..first.len());
        lengths.contains(&all.len()) && start.is_some_and(|start| (*first..=*last).contains(&start))
    });
    issued && luhn_sum(&all).is_multiple_of(10) && all.windows(2).any(|pair| pair[0] != pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_of_the_networks() {
        for number in [
            "4012888888881881",
            "5105105105105100",
            "2223003122003222",
            "378282246310005",
            "6011000990139424",
            "30569309025904",
            "3530111333300000",
            "6200000000000005",
            "2201382000000013",
        ] {
            assert!(card(number), "{number}");
        }
        for number in [
            "4012888888881882",
            "0000000000000000",
            "1234567812345670",
            "40128888888818810",
            "4a12",
        ] {
            assert!(!card(number), "{number}");
        }
    }
}
