//! Numbers by which states know persons and companies: what can be told of one by itself, that is
//! check digits, dates, and ranges that were given out. A file a state, by its ISO 3166-1 code.
//!
//! Examples in the tests are those of the authorities' own documents, or were worked out by hand from
//! the rule. None is known to be anybody's.

pub(super) mod ae;
pub(super) mod ar;
pub(super) mod au;
pub(super) mod be;
pub(super) mod br;
pub(super) mod ca;
pub(super) mod cl;
pub(super) mod cn;
pub(super) mod de;
pub(super) mod eg;
pub(super) mod es;
pub(super) mod fi;
pub(super) mod fr;
pub(super) mod gb;
pub(super) mod id;
pub(super) mod india;
pub(super) mod it;
pub(super) mod jp;
pub(super) mod ke;
pub(super) mod kr;
pub(super) mod mx;
pub(super) mod ng;
pub(super) mod nl;
pub(super) mod pk;
pub(super) mod pl;
pub(super) mod pt;
pub(super) mod sa;
pub(super) mod se;
pub(super) mod tr;
pub(super) mod us;
pub(super) mod vn;
pub(super) mod za;

use super::digits;

/// The digits of a compact candidate, if it has so many and nothing else.
fn exactly<const N: usize>(compact: &str) -> Option<[u8; N]> {
    digits(compact)?.try_into().ok()
}

/// Digits times weights, added up; the shorter of the two decides.
fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&digit, weight)| u32::from(digit) * weight).sum()
}

/// The number that some digits write.
fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value, &digit| value.wrapping_mul(10).wrapping_add(u64::from(digit)))
}

/// Whether all digits are the same: no authority gives such numbers, people type them.
fn uniform(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair[0] == pair[1])
}

/// Whether there is such a day in a year of two digits; in some century it may be the 29th of
/// February.
fn is_day(month: u64, day: u64) -> bool {
    let days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = month.checked_sub(1).and_then(|at| days.get(usize::try_from(at).ok()?));
    length.is_some_and(|length| (1..=*length).contains(&day))
}

/// Whether there is such a day of a year, between 1850 and 2099.
fn is_date(year: u64, month: u64, day: u64) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    (1850..2100).contains(&year) && is_day(month, day) && (leap || (month, day) != (2, 29))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates() {
        assert!(
            is_day(2, 29) && !is_day(2, 30) && !is_day(0, 1) && !is_day(13, 1) && !is_day(4, 0)
        );
        assert!(is_date(2000, 2, 29) && !is_date(1900, 2, 29) && !is_date(1700, 1, 1));
    }
}
