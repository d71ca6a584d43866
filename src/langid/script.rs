//! What a text is written in, which rules out most languages before any model is asked.
//!
//! Source: the property Script of the Unicode Standard (Annex #24), by the crate `icu_properties`
//! 2.4, and ISO 15924 for the names.

use std::sync::OnceLock;

use icu_properties::CodePointMapData;
use icu_properties::props::Script as Property;

/// Scripts that are told apart, each with its name in ISO 15924. The number of one is a bit in a
/// [`Scripts`]; 0 is everything that is no letter of a script, or of one that is not listed.
const SCRIPTS: [(Property, &str); 44] = [
    (Property::Latin, "Latn"),
    (Property::Arabic, "Arab"),
    (Property::Cyrillic, "Cyrl"),
    (Property::Devanagari, "Deva"),
    (Property::Bengali, "Beng"),
    (Property::Gujarati, "Gujr"),
    (Property::Gurmukhi, "Guru"),
    (Property::Kannada, "Knda"),
    (Property::Malayalam, "Mlym"),
    (Property::Oriya, "Orya"),
    (Property::Tamil, "Taml"),
    (Property::Telugu, "Telu"),
    (Property::Sinhala, "Sinh"),
    (Property::Han, "Hani"),
    (Property::Hiragana, "Hira"),
    (Property::Katakana, "Kana"),
    (Property::Hangul, "Hang"),
    (Property::Bopomofo, "Bopo"),
    (Property::Thai, "Thai"),
    (Property::Lao, "Laoo"),
    (Property::Khmer, "Khmr"),
    (Property::Myanmar, "Mymr"),
    (Property::Tibetan, "Tibt"),
    (Property::Greek, "Grek"),
    (Property::Hebrew, "Hebr"),
    (Property::Armenian, "Armn"),
    (Property::Georgian, "Geor"),
    (Property::Ethiopic, "Ethi"),
    (Property::Thaana, "Thaa"),
    (Property::Mongolian, "Mong"),
    (Property::Nko, "Nkoo"),
    (Property::Adlam, "Adlm"),
    (Property::Tifinagh, "Tfng"),
    (Property::Syriac, "Syrc"),
    (Property::Coptic, "Copt"),
    (Property::Cherokee, "Cher"),
    (Property::CanadianAboriginal, "Cans"),
    (Property::Yi, "Yiii"),
    (Property::OlChiki, "Olck"),
    (Property::MeeteiMayek, "Mtei"),
    (Property::Javanese, "Java"),
    (Property::Balinese, "Bali"),
    (Property::Vai, "Vaii"),
    (Property::Lisu, "Lisu"),
];

/// Above all of these there are ideographs only, as far as languages go.
const TABLE: usize = 0x2_0000;
/// Japanese texts have at least this share of kana among kana and ideographs; Chinese ones quote
/// less.
const KANA: f64 = 0.05;

/// A set of scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scripts(u64);

impl Scripts {
    /// Any script.
    pub const ALL: Self = Self(u64::MAX);

    /// A script by its name in ISO 15924; all of them if it is not listed.
    pub fn named(name: &str) -> Self {
        match name {
            "Hans" | "Hant" => Self::named("Hani"),
            "Jpan" => Self(JAPANESE),
            "Kore" => Self::named("Hang"),
            _ => SCRIPTS
                .iter()
                .position(|&(_, own)| own == name)
                .map_or(Self::ALL, |index| Self(2 << index)),
        }
    }

    /// Both sets.
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they have a script in common.
    pub fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The bit of Japanese, which is a mixture of scripts.
const JAPANESE: u64 = 1 << 63;

/// The script of most of a text's letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dominant {
    /// The script; of Japanese, its mixture.
    pub script: Scripts,
    /// Its share of the letters, 0 to 1.
    pub share: f64,
    /// All letters, whatever the script, in code points.
    pub letters: usize,
}

/// The number of each code point's script.
fn table() -> &'static [u8] {
    static NUMBERS: OnceLock<Vec<u8>> = OnceLock::new();
    NUMBERS.get_or_init(|| {
        let mut table = vec![0; TABLE];
        for range in CodePointMapData::<Property>::new().iter_ranges() {
            let number = SCRIPTS.iter().position(|&(property, _)| property == range.value);
            let (first, last) = (*range.range.start() as usize, *range.range.end() as usize);
            if let Some(number) = number
                && let Some(slots) = table.get_mut(first..=last.min(TABLE - 1))
            {
                // There are fewer than 64.
                slots.fill(number as u8 + 1);
            }
        }
        table
    })
}

/// The script of most letters of a text that comes in pieces; `None` if there is none.
///
/// # Examples
///
/// ```
/// use sapwood::langid::script::{Scripts, dominant};
///
/// let text = ["বাংলা ভাষা", " (Bangla)"];
/// assert_eq!(dominant(&text).map(|it| it.script), Some(Scripts::named("Beng")));
/// assert_eq!(dominant(&["1234 !?"]), None);
/// ```
pub fn dominant(pieces: &[&str]) -> Option<Dominant> {
    let table = table();
    let mut counts = [0_usize; SCRIPTS.len() + 1];
    let mut ascii = 0;
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            // ASCII by itself goes over many bytes at a time.
            let bytes = rest.as_bytes();
            let end = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len());
            let (plain, after) = rest.split_at(end);
            ascii += plain.bytes().filter(u8::is_ascii_alphabetic).count();
            let mut characters = after.chars();
            rest = loop {
                let before = characters.as_str();
                match characters.next() {
                    Some(character) if !character.is_ascii() => {
                        let number = match table.get(character as usize) {
                            Some(&number) => usize::from(number),
                            None if character < '\u{40000}' => HAN,
                            None => 0,
                        };
                        if let Some(count) = counts.get_mut(number) {
                            *count += 1;
                        }
                    }
                    _ => break before,
                }
            };
        }
    }
    counts[1] += ascii;
    let count = |name: usize| counts.get(name).copied().unwrap_or_default();
    let letters: usize = counts.iter().skip(1).sum();
    let kana = count(HAN + 1) + count(HAN + 2);
    let japanese = kana + count(HAN);
    let (mut script, mut most) = (0, 0);
    for (number, &count) in counts.iter().enumerate().skip(1) {
        if count > most {
            (script, most) = (number, count);
        }
    }
    if most == 0 {
        return None;
    }
    let mut script = Scripts(1 << script);
    if kana as f64 >= KANA * japanese as f64 && kana > 0 && japanese >= most {
        (script, most) = (Scripts(JAPANESE), japanese);
    }
    Some(Dominant { script, share: most as f64 / letters as f64, letters })
}

/// The number of ideographs; kana follow.
const HAN: usize = 14;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn script_of(text: &str) -> Option<&'static str> {
        let script = dominant(&[text])?.script;
        let own = SCRIPTS.iter().map(|&(_, name)| name).chain(["Jpan"]);
        own.into_iter().find(|name| Scripts::named(name) == script)
    }

    #[test]
    fn texts_have_a_script() {
        for (text, script) in [
            ("plain words", "Latn"),
            ("ɛ̀ nyí àcɛ ɖò", "Latn"),
            ("মানুহ আৰু", "Beng"),
            ("ਸਾਰੇ ਮਨੁੱਖ", "Guru"),
            ("人人生而自由，在尊嚴", "Hani"),
            ("すべての人間は、生れながらにして自由", "Jpan"),
            ("모든 인간은", "Hang"),
            ("все люди (all)", "Cyrl"),
            ("\u{20000}\u{2A6D6}\u{30000}", "Hani"),
        ] {
            assert_eq!(script_of(text), Some(script), "{text}");
        }
        for text in ["", "12, 34!", "\u{301}\u{E000}\u{10FFFF}"] {
            assert_eq!(dominant(&[text]), None);
        }
        // A Chinese text that quotes a Japanese word.
        assert_eq!(script_of(&("汉".repeat(100) + "の")), Some("Hani"));
        assert!(Scripts::named("Hans").meet(Scripts::named("Hani")));
        assert!(!Scripts::named("Jpan").meet(Scripts::named("Hani")));
        assert_eq!(Scripts::named("Zzzz"), Scripts::ALL);
    }

    #[test]
    fn the_order_of_the_table_is_what_the_numbers_say() {
        assert_eq!(
            [SCRIPTS[HAN - 1].1, SCRIPTS[HAN].1, SCRIPTS[HAN + 1].1],
            ["Hani", "Hira", "Kana"]
        );
        assert_eq!(SCRIPTS[0].1, "Latn");
    }

    proptest! {
        #[test]
        fn pieces_are_counted_as_the_whole(text: String, cut in 0.0..1.0) {
            let mut cut = (text.len() as f64 * cut) as usize;
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
            let (head, tail) = text.split_at(cut);
            prop_assert_eq!(dominant(&[head, tail]), dominant(&[&text]));
            let map = CodePointMapData::<Property>::new();
            let listed = |c: &char| SCRIPTS.iter().any(|&(own, _)| own == map.get(*c));
            let letters = text.chars().filter(listed).count();
            prop_assert_eq!(dominant(&[&text]).map_or(0, |it| it.letters), letters);
        }
    }
}
