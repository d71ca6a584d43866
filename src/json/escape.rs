//! From values to JSON literals.

use super::lanes::next_stop;

/// Appends `text` as a JSON string literal.
///
/// Only what must be escaped is: `"`, `\` and U+0000 to U+001F, these as `\b \t \n \f \r` where there
/// is such a form and as `\u00XX` (lower case) otherwise. All else is appended as it is, in UTF-8.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut at = 0;
    loop {
        let stop = next_stop(bytes, at);
        out.extend_from_slice(bytes.get(at..stop).unwrap_or_default());
        at = stop;
        let Some(&byte) = bytes.get(at) else { break };
        write_escape(byte, out);
        at += 1;
    }
    out.push(b'"');
}

#[inline(always)]
fn write_escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\t' => b't',
        b'\r' => b'r',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let digit = |value: u8| {
                if value < 10 { b'0' + value } else { b'a' + value - 10 }
            };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Appends the shortest JSON number that reads back as `value` (`1.0`, not `1`); `null` for what JSON
/// has no number for, NaN and the infinities.
pub fn write_f64(value: f64, out: &mut Vec<u8>) {
    match serde_json::Number::from_f64(value) {
        Some(number) => out.extend_from_slice(number.to_string().as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}
