//! Writing profiles: the keys in their order, a comment in front of each where there is one.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Profile;

impl Profile {
    /// The profile as YAML, which [`parse`](Profile::parse) reads back to an equal one.
    pub fn to_yaml(&self) -> String {
        self.to_commented_yaml("", &BTreeMap::new())
    }

    /// The profile as YAML with a comment at its head and one in front of keys. A comment is plain
    /// text of any number of lines.
    pub fn to_commented_yaml(&self, head: &str, comments: &BTreeMap<&str, String>) -> String {
        let mut yaml = String::new();
        comment(&mut yaml, head);
        if !head.is_empty() {
            yaml.push('\n');
        }
        let aliases: Vec<String> = self.aliases.iter().map(|alias| quoted(alias)).collect();
        for (key, value) in [
            ("language", self.language.clone()),
            ("script", self.script.clone()),
            ("aliases", format!("[{}]", aliases.join(", "))),
            ("min_language_score", number(self.min_language_score)),
            ("max_duplicate_line_ratio", number(self.max_duplicate_line_ratio)),
            ("max_top_ngram_ratios", numbers(&self.max_top_ngram_ratios)),
            ("max_duplicate_ngram_ratios", numbers(&self.max_duplicate_ngram_ratios)),
            ("min_line_punctuation_ratio", number(self.min_line_punctuation_ratio)),
            ("max_newline_ratio", number(self.max_newline_ratio)),
            ("min_mean_word_length", number(self.min_mean_word_length)),
            ("max_mean_word_length", number(self.max_mean_word_length)),
            ("min_alpha_words_ratio", number(self.min_alpha_words_ratio)),
            ("stop_words", words(self.stop_words.as_deref())),
        ] {
            if let Some(text) = comments.get(key) {
                yaml.push('\n');
                comment(&mut yaml, text);
            }
            let space = if value.starts_with('\n') { "" } else { " " };
            let _ = writeln!(yaml, "{key}:{space}{value}");
        }
        yaml
    }
}

fn comment(yaml: &mut String, text: &str) {
    for line in text.lines() {
        let line: String = line.chars().filter(|c| !must_be_escaped(*c)).collect();
        let _ = writeln!(yaml, "{}", format!("# {line}").trim_end());
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| value.to_string())
}

fn numbers(values: &BTreeMap<u8, f64>) -> String {
    if values.is_empty() {
        return "null".to_owned();
    }
    let values: Vec<String> =
        values.iter().map(|(length, value)| format!("{length}: {value}")).collect();
    format!("{{{}}}", values.join(", "))
}

fn words(words: Option<&[String]>) -> String {
    match words {
        None => "null".to_owned(),
        Some([]) => "[]".to_owned(),
        Some(words) => words.iter().map(|word| format!("\n  - {}", quoted(word))).collect(),
    }
}

/// Invisible characters, and those that YAML forbids, are shown by their number: a person reviews
/// the file.
fn must_be_escaped(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFF}')
}

/// A string in double quotes, so that words such as `no` stay words.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            other if must_be_escaped(other) => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
