//! From the literal of a JSON string to its text.

use std::borrow::Cow;

use super::JsonError;
use super::lanes::next_stop;

/// The values of the hexadecimal digits; a value above 0xffff, however shifted, for all other bytes.
const HEXADECIMAL: [u32; 256] = {
    let mut values = [0x1_0000; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value] as usize] = value as u32;
        values[b"0123456789ABCDEF"[value] as usize] = value as u32;
        value += 1;
    }
    values
};

/// What the byte after a backslash stands for; 0 for `u` and for all that may not follow one.
const SHORT: [u8; 256] = {
    let mut characters = [0; 256];
    let mut index = 0;
    while index < 8 {
        characters[b"\"\\/bfnrt"[index] as usize] = b"\"\\/\x08\x0c\n\r\t"[index];
        index += 1;
    }
    characters
};

/// Decodes a string literal, quotation marks included, to its text: a slice of it when it has no escape.
///
/// # Errors
///
/// [`JsonError::LoneSurrogate`]; for what [`scan`](super::scan) has not passed also all that can be
/// wrong with a string. Offsets count from the start of the literal.
pub fn decode_string(literal: &str) -> Result<Cow<'_, str>, JsonError> {
    let bytes = literal.as_bytes();
    if let Some(body) = body(literal)
        && next_stop(bytes, 1) == bytes.len() - 1
    {
        return Ok(Cow::Borrowed(body));
    }
    let mut text = String::new();
    decode_string_into(literal, &mut text)?;
    Ok(Cow::Owned(text))
}

/// As [`decode_string`], appending to `text`, which is as it was before when there is an error.
///
/// # Errors
///
/// As [`decode_string`].
pub fn decode_string_into(literal: &str, text: &mut String) -> Result<(), JsonError> {
    let before = text.len();
    let decoded = decode(literal, text);
    if decoded.is_err() {
        text.truncate(before);
    }
    decoded
}

fn body(literal: &str) -> Option<&str> {
    literal.strip_prefix('"')?.strip_suffix('"')
}

fn decode(literal: &str, text: &mut String) -> Result<(), JsonError> {
    let bytes = literal.as_bytes();
    let Some(body) = body(literal) else {
        return Err(JsonError::Unexpected { offset: 0, expected: "a string" });
    };
    let end = body.len() + 1;
    text.reserve(body.len());
    let mut at = 1;
    loop {
        let stop = next_stop(bytes, at);
        text.push_str(literal.get(at..stop).unwrap_or_default());
        at = stop;
        match bytes.get(at) {
            Some(b'"') if at == end => return Ok(()),
            Some(b'\\') => {}
            Some(b'"') => {
                return Err(JsonError::Unexpected { offset: at, expected: "one string" });
            }
            Some(_) => return Err(JsonError::ControlCharacter { offset: at }),
            None => return Err(JsonError::UnexpectedEnd { offset: at }),
        }
        // Escapes come in rows: line breaks by twos, and text whose every character is escaped but for
        // the spaces between the words.
        loop {
            if let Some(&[b'\\', b'u', a, b, c, d]) =
                bytes.get(at..).and_then(|rest| rest.first_chunk::<6>())
                && let Some(character) = char::from_u32(unit_of([a, b, c, d]))
                && character <= '\u{ffff}'
            {
                text.push(character);
                at += 6;
            } else if bytes.get(at) == Some(&b'\\') {
                let (character, next) = escaped_character(bytes, at)?;
                text.push(character);
                at = next;
            } else if bytes.get(at) == Some(&b' ') && bytes.get(at + 1) == Some(&b'\\') {
                text.push(' ');
                at += 1;
            } else {
                break;
            }
        }
    }
}

/// The end of the escape whose backslash is at `at`; whether it may stand in a text is not asked.
#[inline(always)]
pub(super) fn escape_end(bytes: &[u8], at: usize) -> Result<usize, JsonError> {
    match bytes.get(at + 1) {
        Some(b'u') => code_unit(bytes, at).map(|_| at + 6),
        Some(&byte) if SHORT[byte as usize] != 0 => Ok(at + 2),
        Some(_) => Err(JsonError::InvalidEscape { offset: at }),
        None => Err(JsonError::UnexpectedEnd { offset: bytes.len() }),
    }
}

/// The character that the escape at `at` stands for (two escapes for a surrogate pair), and its end.
#[inline(always)]
fn escaped_character(bytes: &[u8], at: usize) -> Result<(char, usize), JsonError> {
    match bytes.get(at + 1) {
        Some(b'u') => {}
        Some(&byte) if SHORT[byte as usize] != 0 => {
            return Ok((char::from(SHORT[byte as usize]), at + 2));
        }
        Some(_) => return Err(JsonError::InvalidEscape { offset: at }),
        None => {
            return Err(JsonError::UnexpectedEnd { offset: bytes.len() });
        }
    }
    let unit = code_unit(bytes, at)?;
    match char::from_u32(unit) {
        Some(character) => Ok((character, at + 6)),
        None => surrogate_pair(bytes, at, unit),
    }
}

fn surrogate_pair(bytes: &[u8], at: usize, first: u32) -> Result<(char, usize), JsonError> {
    let lone = JsonError::LoneSurrogate { offset: at };
    if first >= 0xdc00 || bytes.get(at + 6) != Some(&b'\\') || bytes.get(at + 7) != Some(&b'u') {
        return Err(lone);
    }
    let second = code_unit(bytes, at + 6)?;
    if !(0xdc00..0xe000).contains(&second) {
        return Err(lone);
    }
    let scalar = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    char::from_u32(scalar).map(|character| (character, at + 12)).ok_or(lone)
}

/// The four hexadecimal digits of the escape at `at`, which is known to begin with `\u`.
#[inline(always)]
fn code_unit(bytes: &[u8], at: usize) -> Result<u32, JsonError> {
    let Some(&[a, b, c, d]) = bytes.get(at + 2..).and_then(|rest| rest.first_chunk::<4>()) else {
        return Err(JsonError::InvalidEscape { offset: at });
    };
    let unit = unit_of([a, b, c, d]);
    if unit > 0xffff { Err(JsonError::InvalidEscape { offset: at }) } else { Ok(unit) }
}

#[inline(always)]
fn unit_of(digits: [u8; 4]) -> u32 {
    let [a, b, c, d] = digits.map(|digit| HEXADECIMAL[digit as usize]);
    a << 12 | b << 8 | c << 4 | d
}
