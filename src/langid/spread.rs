//! Looking at a part of a long text only, in pieces spread over it.

/// Pieces that a long text is looked at in: enough that a preface in another language or a list of
/// references at the end is not all there is to see.
const PIECES: usize = 8;

/// A text as it is, or, if it is longer than `max_bytes`, pieces of it that take about as many
/// bytes together: at its begin and end and evenly spread between, each from a space to a space
/// where there is one near.
pub(super) fn spread<'t>(text: &'t str, max_bytes: Option<usize>, pieces: &mut Vec<&'t str>) {
    pieces.clear();
    let Some(max) = max_bytes.filter(|&max| max < text.len()) else {
        pieces.push(text);
        return;
    };
    let size = max / PIECES;
    let mut done = 0;
    for piece in 0..PIECES {
        let begin = (text.len() - size) / (PIECES - 1) * piece;
        let begin = word_end(text, begin.max(done));
        let end = if piece + 1 == PIECES { text.len() } else { word_end(text, begin + size) };
        if let Some(piece) = text.get(begin..end).filter(|piece| !piece.is_empty()) {
            pieces.push(piece);
        }
        done = end.max(done);
    }
}

/// The first white space at or after `at`, or a character's begin if there is none near.
fn word_end(text: &str, at: usize) -> usize {
    const NEAR: usize = 64;
    let bytes = text.as_bytes();
    if at == 0 || at >= bytes.len() {
        return at.min(bytes.len());
    }
    let near = bytes.iter().skip(at).take(NEAR).position(u8::is_ascii_whitespace);
    let mut at = at + near.unwrap_or_default();
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_texts_are_looked_at_whole_and_long_ones_all_over() {
        let mut pieces = Vec::new();
        spread("all of it", Some(9), &mut pieces);
        assert_eq!(pieces, ["all of it"]);
        spread("all of it", None, &mut pieces);
        assert_eq!(pieces, ["all of it"]);
        let text: String = (0..10_000).map(|number| format!("n{number} ")).collect();
        spread(&text, Some(4096), &mut pieces);
        assert_eq!(pieces.len(), 8);
        assert!(pieces[0].starts_with("n0 ") && pieces[7].ends_with("n9999 "));
        assert!(pieces[1..].iter().all(|piece| piece.starts_with(' ')));
        let bytes: usize = pieces.iter().map(|piece| piece.len()).sum();
        assert!((4000..4700).contains(&bytes), "{bytes}");
    }

    proptest! {
        #[test]
        fn pieces_follow_each_other_in_the_text(text in "([a-zß人 ]|\\PC){0,600}", max in 256_usize..600) {
            let mut pieces = Vec::new();
            spread(&text, Some(max), &mut pieces);
            let mut after = text.as_ptr() as usize;
            for piece in &pieces {
                prop_assert!(piece.as_ptr() as usize >= after);
                after = piece.as_ptr() as usize + piece.len();
            }
            prop_assert!(after <= text.as_ptr() as usize + text.len());
            prop_assert!(text.len() > max || pieces.concat() == text);
        }
    }
}
