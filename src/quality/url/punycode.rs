//! Punycode, the ASCII form of a label of an international host name (RFC 3492). Encoding only.

const BASE: u32 = 36;
const MINIMUM: u32 = 1;
const MAXIMUM: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const INITIAL_BIAS: u32 = 72;

/// The longest label that is encoded, in code points. A label of a host name has at most 63 bytes
/// in its ASCII form, and encoding takes time quadratic in the length.
const LONGEST: usize = 63;

fn digit(value: u32) -> char {
    let letter = if value < 26 { b'a' + value as u8 } else { b'0' + (value - 26) as u8 };
    char::from(letter)
}

fn adapt(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > ((BASE - MINIMUM) * MAXIMUM) / 2 {
        delta /= BASE - MINIMUM;
        k += BASE;
    }
    k + (BASE - MINIMUM + 1) * delta / (delta + SKEW)
}

/// Appends the ASCII form of a label, with `xn--` before it if it holds anything but ASCII.
/// `None` if it is longer than any label may be.
pub(super) fn encode_label(label: &str, out: &mut String) -> Option<()> {
    if label.is_ascii() {
        out.push_str(label);
        return Some(());
    }
    let input: Vec<u32> = label.chars().take(LONGEST + 1).map(u32::from).collect();
    if input.len() > LONGEST {
        return None;
    }
    out.push_str("xn--");
    let basic = label.chars().filter(char::is_ascii).count() as u32;
    out.extend(label.chars().filter(char::is_ascii));
    if basic > 0 {
        out.push('-');
    }
    let (mut next, mut delta, mut bias, mut handled) = (128_u32, 0_u32, INITIAL_BIAS, basic);
    while (handled as usize) < input.len() {
        let lowest = input.iter().copied().filter(|code| *code >= next).min()?;
        // At most 0x10FFFF times 64: no overflow.
        delta += (lowest - next) * (handled + 1);
        next = lowest;
        for &code in &input {
            delta += u32::from(code < next);
            if code != next {
                continue;
            }
            let (mut rest, mut k) = (delta, BASE);
            loop {
                let threshold = k.saturating_sub(bias).clamp(MINIMUM, MAXIMUM);
                if rest < threshold {
                    break;
                }
                out.push(digit(threshold + (rest - threshold) % (BASE - threshold)));
                rest = (rest - threshold) / (BASE - threshold);
                k += BASE;
            }
            out.push(digit(rest));
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            handled += 1;
        }
        delta += 1;
        next += 1;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(label: &str) -> Option<String> {
        let mut out = String::new();
        encode_label(label, &mut out).map(|()| out)
    }

    #[test]
    fn labels_have_their_ascii_form() {
        for (label, ascii) in [
            ("example", "example"),
            ("bücher", "xn--bcher-kva"),
            ("münchen-ost", "xn--mnchen-ost-9db"),
            ("公司", "xn--55qx5d"),
            ("рф", "xn--p1ai"),
            ("пример", "xn--e1afmkfd"),
            ("ไทย", "xn--o3cw4h"),
            ("مثال", "xn--mgbh0fb"),
            ("उदाहरण", "xn--p1b6ci4b4b3a"),
            ("실례", "xn--9n2bp8q"),
            ("例え", "xn--r8jz45g"),
        ] {
            assert_eq!(encoded(label).as_deref(), Some(ascii), "{label}");
        }
        assert_eq!(encoded(&"é".repeat(64)), None);
        assert!(encoded(&"\u{10FFFF}".repeat(63)).is_some());
        assert!(encoded(&format!("{}\u{10FFFF}", "é".repeat(62))).is_some());
    }
}
