//! Decimal digits of all scripts.

/// The zero of every run of ten decimal digits: general category Nd of Unicode 14.0, the version
/// that Python 3.11 and with it the originals that are reproduced here know.
const ZEROS: [u32; 66] = [
    0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6,
    0x0d66, 0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80,
    0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
    0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0,
    0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0,
    0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// The value of a decimal digit of any script.
pub fn decimal_digit(c: char) -> Option<u32> {
    let code = c as u32;
    if code < 0x80 {
        return c.to_digit(10);
    }
    let run = ZEROS.partition_point(|&zero| zero <= code).checked_sub(1)?;
    ZEROS.get(run).map(|zero| code - zero).filter(|&value| value < 10)
}

/// Whether a character is a decimal digit of any script (general category Nd).
pub fn is_decimal_digit(c: char) -> bool {
    decimal_digit(c).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_their_value_and_other_numbers_none() {
        for (c, value) in
            [('7', Some(7)), ('\u{664}', Some(4)), ('\u{96f}', Some(9)), ('\u{1d7ff}', Some(9))]
        {
            assert_eq!(decimal_digit(c), value);
        }
        for c in ['a', '\u{b2}', '\u{bd}', '\u{2167}', '\u{4e00}', '\u{66a}', '\u{10ffff}'] {
            assert_eq!(decimal_digit(c), None);
        }
        assert!(ZEROS.is_sorted());
    }
}
