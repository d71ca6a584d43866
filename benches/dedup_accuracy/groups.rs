//! Which group of languages a text is counted with, and which class of lengths.

use icu_properties::CodePointMapData;
use icu_properties::props::Script;

/// The languages of the Niger-Congo family that ROOTS holds, which are counted apart from others in
/// Latin script.
const NIGER_CONGO: [&str; 22] = [
    "ak", "bm", "fon", "ig", "ki", "lg", "ln", "nso", "ny", "rn", "rw", "sn", "st", "sw", "tn",
    "ts", "tum", "tw", "wo", "xh", "yo", "zu",
];

/// The groups, in the order of the tables.
pub const GROUPS: [&str; 10] = [
    "Latin",
    "Niger-Congo",
    "Cyrillic",
    "Arabic",
    "Indic",
    "Chinese",
    "Japanese",
    "Thai, Lao, Khmer, Burmese",
    "other scripts",
    "code",
];

/// Letters that are looked at.
const LETTERS: usize = 4_000;

/// The group of a text: code and Niger-Congo by the language that it came with, others by the script
/// of most letters. A text with ideographs is Japanese if a twentieth of its letters are kana.
pub fn group(text: &str, language: &str) -> &'static str {
    if language == "code" {
        return "code";
    }
    let scripts = CodePointMapData::<Script>::new();
    let mut counts = [0_usize; 9];
    for letter in text.chars().filter(|c| c.is_alphabetic()).take(LETTERS) {
        counts[match scripts.get(letter) {
            Script::Latin => 0,
            Script::Cyrillic => 2,
            Script::Arabic => 3,
            Script::Devanagari
            | Script::Bengali
            | Script::Gujarati
            | Script::Gurmukhi
            | Script::Kannada
            | Script::Malayalam
            | Script::Oriya
            | Script::Tamil
            | Script::Telugu
            | Script::Sinhala => 4,
            Script::Han => 5,
            Script::Hiragana | Script::Katakana => 6,
            Script::Thai | Script::Lao | Script::Khmer | Script::Myanmar => 7,
            _ => 8,
        }] += 1;
    }
    let letters: usize = counts.iter().sum();
    if counts[6] * 20 >= letters.max(1) {
        counts[6] += std::mem::take(&mut counts[5]);
    }
    let most = (0..counts.len()).rev().max_by_key(|&at| counts[at]).unwrap_or_default();
    if most == 0 && NIGER_CONGO.contains(&language) { GROUPS[1] } else { GROUPS[most] }
}

/// The classes of lengths, in words: below 50, below 250, and longer.
pub const LENGTHS: [&str; 3] = ["short", "medium", "long"];

/// The class of a length in words.
pub fn length(words: usize) -> &'static str {
    LENGTHS[usize::from(words >= 50) + usize::from(words >= 250)]
}
