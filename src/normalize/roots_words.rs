//! How ROOTS modified a document before it measured it: uniform white space, and words that look
//! like web addresses or are too long taken out.
//!
//! After `modifying_documents` of BigScience data_tooling (2022), with its parameters by language.

use crate::languages::Languages;
use crate::text::modify::{Modification, modify};

/// What ROOTS took out of a language's documents; a language without a row gets the default one,
/// in which nothing is taken out.
pub(super) fn modification(language: Option<&str>) -> Modification {
    let language = language.unwrap_or_default();
    let primary = Languages::shipped().short(language).unwrap_or(language);
    let max_word_length = match primary {
        "ar" | "en" | "es" | "hi" | "vi" => Some(25),
        "bn" | "ca" | "ur" => Some(20),
        "eu" => Some(28),
        "fr" => Some(45),
        "id" => Some(30),
        "pt" => Some(19),
        _ => None,
    };
    Modification {
        uniform_whitespace: true,
        remove_bad_substrings: max_word_length.is_some(),
        remove_long_words: max_word_length.is_some(),
        max_word_length: max_word_length.unwrap_or(if primary == "zh" { 1000 } else { 50 }),
    }
}

/// Takes out the words that ROOTS took out in this language; `None` if that changes nothing.
pub(super) fn remove_words(text: &str, language: Option<&str>) -> Option<String> {
    let modification = Modification { uniform_whitespace: false, ..modification(language) };
    if !modification.remove_bad_substrings && !modification.remove_long_words {
        return None;
    }
    let mut modified = modify(text, &modification)?;
    // Where the last word goes, rarer white space on the one before it comes to stand at the end:
    // modify again, so that a second run finds nothing. Texts made for it could ask for more turns
    // than are good for the time it takes.
    for _ in 0..4 {
        if modified.trim_matches(is_python_space).len() == modified.len() {
            break;
        }
        let Some(again) = modify(&modified, &modification) else {
            break;
        };
        modified = again;
    }
    Some(modified)
}

/// What Python's `str.strip` takes for white space.
pub(super) fn is_python_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1C}'..='\u{1F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Golden {
        language: String,
        text: String,
        modified: String,
    }

    #[test]
    fn documents_come_out_as_the_originals_did() {
        let golden = include_str!("../../tests/golden/roots_modify.jsonl");
        assert_eq!(golden.lines().count(), 5);
        for line in golden.lines() {
            let case: Golden = serde_json::from_str(line).unwrap();
            let modified = modify(&case.text, &modification(Some(&case.language)));
            assert_eq!(modified.as_deref().unwrap_or(&case.text), case.modified);
        }
    }

    #[test]
    fn groups_that_lose_all_their_words_leave_no_separator() {
        let english = modification(Some("en"));
        let modify = |text: &str| modify(text, &english);
        assert_eq!(modify("a\twww.x.y\tb\nhttp://x\n\tc d").as_deref(), Some("a\tb\nc d"));
        assert_eq!(modify("www.x\ty\n\nz").as_deref(), Some("y\nz"));
        assert_eq!(modify("http://x").as_deref(), Some(""));
        assert_eq!(modify("as it\twas\nbefore"), None);
    }

    #[test]
    fn long_words_are_measured_without_their_special_ends() {
        let portuguese = modification(Some("pt-BR"));
        let nineteen = "é".repeat(19);
        assert_eq!(modify(&format!("x {nineteen} y"), &portuguese), None);
        assert_eq!(modify(&format!("x ({nineteen}!) y"), &portuguese), None);
        assert_eq!(modify(&format!("x {nineteen}e y"), &portuguese).as_deref(), Some("x y"));
        assert_eq!(modify(&format!("x {} y", "-".repeat(20)), &portuguese).as_deref(), Some("x y"));
    }

    #[test]
    fn other_languages_lose_no_words() {
        for language in [None, Some("zh"), Some("de"), Some("")] {
            let text = format!("http://x  {}", "e".repeat(2000));
            assert_eq!(modify(&text, &modification(language)), None);
        }
    }
}
