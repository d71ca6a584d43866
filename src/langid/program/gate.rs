//! What is looked at of a text, and a first look that lets prose go by.

/// Longer texts are sampled.
const WHOLE: usize = 16 << 10;
/// Pieces of a long text, and the bytes of each.
const PIECES: usize = 4;
const PIECE: usize = WHOLE / PIECES;
/// How far the beginning of a line is looked for.
const NEAR: usize = 1 << 10;
/// What the first look reads of each piece.
const GLANCE: usize = 2 << 10;
/// A text with fewer than one mark of a program in so many bytes is prose.
const RARE: usize = 200;

/// The pieces of a text that are looked at: all of it, or four of 4 KiB, the first at the beginning
/// and the last at the end; the others begin at the beginning of a line if one is near.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let long = text.len() > WHOLE;
    let count = if long { PIECES } else { 1 };
    (0..count).filter_map(move |piece| {
        if !long {
            return Some(text);
        }
        let from = (text.len() - PIECE) * piece / (PIECES - 1);
        let end = floor(text, from + PIECE);
        let mut start = floor(text, from);
        if piece > 0 {
            let near = text.as_bytes().get(start..end.min(start + NEAR))?;
            start += memchr::memchr(b'\n', near).map_or(0, |line| line + 1);
            start = behind_comment(text, start, end);
        }
        text.get(start..end)
    })
}

/// The last boundary of a character that is not behind `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Where a comment that began before a piece ends in it; `start` if there is none.
fn behind_comment(text: &str, start: usize, end: usize) -> usize {
    let piece = text.as_bytes().get(start..end).unwrap_or_default();
    let opens = memchr::memmem::find(piece, b"/*");
    match memchr::memmem::find(piece, b"*/") {
        Some(close) if opens.is_none_or(|open| open > close) => start + close + 2,
        _ => start,
    }
}

/// Whether a text may be a program: whether marks such as `{`, `=` and `_` are frequent enough in it
/// at all.
pub fn may_be_program(text: &str) -> bool {
    let (mut marks, mut bytes) = (0, 0);
    for piece in pieces(text) {
        for part in [first(piece, GLANCE), last(piece, GLANCE)].into_iter().flatten() {
            marks += count(part);
            bytes += part.len();
        }
    }
    marks > 1 && (marks * RARE >= bytes || begins_with_comment(text))
}

/// Comments may be all that the first look sees of a program.
fn begins_with_comment(text: &str) -> bool {
    let text = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
    ["//", "/*", "#", "--", "=begin", "\"\"\""].iter().any(|sign| text.starts_with(sign))
}

fn first(piece: &str, length: usize) -> Option<&[u8]> {
    piece.as_bytes().get(..length.min(piece.len()))
}

/// The last bytes that `first` does not have.
fn last(piece: &str, length: usize) -> Option<&[u8]> {
    let from = piece.len().saturating_sub(length).max(length.min(piece.len()));
    piece.as_bytes().get(from..)
}

/// How many bytes are marks of programs.
fn count(bytes: &[u8]) -> usize {
    // Lanes of bytes, which compilers turn into vectors; a lane counts at most 255 chunks.
    const LANES: usize = 32;
    let mut sum = 0;
    for run in bytes.chunks(LANES * 255) {
        let mut lanes = [0_u8; LANES];
        let mut chunks = run.chunks_exact(LANES);
        for chunk in &mut chunks {
            for (lane, &byte) in lanes.iter_mut().zip(chunk) {
                *lane += u8::from(is_mark(byte));
            }
        }
        sum += lanes.iter().map(|&lane| usize::from(lane)).sum::<usize>();
        sum += chunks.remainder().iter().filter(|&&byte| is_mark(byte)).count();
    }
    sum
}

/// `#$ & { | } < = > @ [ \ ] _ ; * +`: what programs have and sentences hardly ever do.
#[inline]
fn is_mark(byte: u8) -> bool {
    (byte.wrapping_sub(b'{') < 3)
        | (byte.wrapping_sub(b';') < 4)
        | (byte.wrapping_sub(b'[') < 5)
        | (byte.wrapping_sub(b'#') < 4)
        | (byte.wrapping_sub(b'*') < 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn marks_are_counted_as_one_by_one(bytes in prop::collection::vec(any::<u8>(), 0..20_000)) {
            let marks = b"#$%&*+;<=>[\\]^_{|}";
            let naive = bytes.iter().filter(|byte| marks.contains(byte)).count();
            prop_assert_eq!(count(&bytes), naive);
        }

        #[test]
        fn pieces_are_whole_or_four_in_order(text in "(ab\n|é{1,40}|x{1,3000}){0,60}") {
            let all: Vec<&str> = pieces(&text).collect();
            if text.len() <= WHOLE {
                prop_assert_eq!(all, [text.as_str()]);
            } else {
                prop_assert_eq!(all.len(), PIECES);
                prop_assert!(all.iter().all(|piece| piece.len() <= PIECE + 3));
                prop_assert!(text.starts_with(all[0]));
                prop_assert!(text.ends_with(all[3]));
            }
        }
    }

    #[test]
    fn sentences_have_few_marks_and_programs_many() {
        let sentence =
            "The heron stood in the shallows until the last boat had gone (it was late). ";
        assert!(!may_be_program(sentence) && !may_be_program(&sentence.repeat(1000)));
        assert!(may_be_program("let mut total = 0;\nfor x in &all { total += x; }\n"));
        assert!(!may_be_program(""));
    }
}
