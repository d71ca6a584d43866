//! The words of spaCy's blank English in texts that [`simplify`](super::simplify) has made.
//!
//! Source: the tokenizer's algorithm and `lang/en`, `lang/tokenizer_exceptions.py`,
//! `lang/punctuation.py`, `lang/char_classes.py` of spaCy 3.8 (MIT), as datatrove 0.10.1 calls it.
//! Of its rules only those are here that a simplified text can meet: it has no upper case, no digit
//! but 0, and no ASCII punctuation. What is left are contractions without an apostrophe, units behind
//! a number, and signs that are words of their own.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Contractions, with a hyphen where they are cut. That `well`, `shell`, `ill` and `were` are not
/// among them and `id`, `wed` and `hell ve` are is as in the original.
const CONTRACTIONS: &str = "ai-nt are-nt can-not ca-nt ca-nt-ve could-nt could-nt-ve could-ve \
    dare-nt did-nt did-nt-ve does-nt does-nt-ve do-nt do-nt-ve gon-na got-ta had-nt had-nt-ve \
    has-nt have-nt he-d he-d-ve he-ll-ve he-s how-d how-d-ve how-ll how-ll-ve how-re how-s how-ve \
    i-d i-d-ve i-ll-ve i-m i-m-a is-nt it-d it-d-ve it-ll it-ll-ve i-ve may-nt may-nt-ve might-nt \
    might-nt-ve might-ve must-nt must-nt-ve must-ve need-nt need-nt-ve not-ve ought-nt ought-nt-ve \
    sha-nt sha-nt-ve she-d-ve she-ll-ve she-s should-nt should-nt-ve should-ve that-d that-d-ve \
    that-ll that-ll-ve that-s there-d there-d-ve there-ll there-ll-ve there-re there-s there-ve \
    these-d these-d-ve these-ll these-ll-ve these-re these-ve they-d they-d-ve they-ll they-ll-ve \
    they-re they-ve this-d this-d-ve this-ll this-ll-ve this-s those-d those-d-ve those-ll \
    those-ll-ve those-re those-ve was-nt we-d we-d-ve we-ll-ve were-nt we-ve what-d what-d-ve \
    what-ll what-ll-ve what-re what-s what-ve when-d when-d-ve when-ll when-ll-ve when-re when-s \
    when-ve where-d where-d-ve where-ll where-ll-ve where-re where-s where-ve who-d who-d-ve who-ll \
    who-ll-ve who-s who-ve why-d why-d-ve why-ll why-ll-ve why-re why-s why-ve wo-nt wo-nt-ve \
    would-nt would-nt-ve would-ve y-all you-d you-d-ve you-ll you-ll-ve you-re you-ve";

/// The longest contraction, in bytes.
const LONGEST: usize = 11;

/// What is a word of its own behind a `0`. The entry of two scripts is a comma that is missing in the
/// original.
const UNITS: &[&str] = &[
    "km",
    "km²",
    "km³",
    "m",
    "m²",
    "m³",
    "dm",
    "dm²",
    "dm³",
    "cm",
    "cm²",
    "cm³",
    "mm",
    "mm²",
    "mm³",
    "ha",
    "µm",
    "nm",
    "yd",
    "in",
    "ft",
    "kg",
    "g",
    "mg",
    "µg",
    "t",
    "lb",
    "oz",
    "kmh",
    "mph",
    "mbar",
    "mb",
    "kb",
    "gb",
    "tb",
    "км",
    "км²",
    "км³",
    "м",
    "м²",
    "м³",
    "дм",
    "дм²",
    "дм³",
    "см",
    "см²",
    "см³",
    "мм",
    "мм²",
    "мм³",
    "нм",
    "кг",
    "г",
    "мг",
    "кб",
    "мб",
    "гб",
    "тбكم",
    "كم²",
    "كم³",
    "م",
    "م²",
    "م³",
    "سم",
    "سم²",
    "سم³",
    "مم",
    "مم²",
    "مم³",
    "كم",
    "غرام",
    "جرام",
    "جم",
    "كغ",
    "ملغ",
    "كوب",
    "اكواب",
];

/// Signs of currency: words of their own at the beginning of a word, and behind a `0`.
const CURRENCIES: &str = "£¥฿₠₡₢₣₤₥₦₧₨₩₪₫€₭₮₯₰₱₲₳₴₵₶₷₸₹₺₻₼₽₾₿﷼";

/// Punctuation that is no punctuation to `simplify_text`: words of their own at either end of a word.
const PUNCTUATION: &str = "¡·¿،؛؟٪۔।‘‚⟦⟧『』〔〕";

/// Other symbols: words of their own everywhere. Ranges, both ends inclusive.
#[rustfmt::skip]
const SYMBOLS: &[(u32, u32)] = &[
    (0xA6, 0xA6), (0xA9, 0xA9), (0xAE, 0xAE), (0xB0, 0xB0), (0x482, 0x482), (0x58D, 0x58E),
    (0x60E, 0x60F), (0x6DE, 0x6DE), (0x6E9, 0x6E9), (0x6FD, 0x6FE), (0x7F6, 0x7F6), (0x9FA, 0x9FA),
    (0xB70, 0xB70), (0xBF3, 0xBF8), (0xBFA, 0xBFA), (0xC7F, 0xC7F), (0xD4F, 0xD4F), (0xD79, 0xD79),
    (0xF01, 0xF03), (0xF13, 0xF13), (0xF15, 0xF17), (0xF1A, 0xF1F), (0xF34, 0xF34), (0xF36, 0xF36),
    (0xF38, 0xF38), (0xFBE, 0xFC5), (0xFC7, 0xFCC), (0xFCE, 0xFCF), (0xFD5, 0xFD8),
    (0x109E, 0x109F), (0x1390, 0x1399), (0x1940, 0x1940), (0x19DE, 0x19FF), (0x1B61, 0x1B6A),
    (0x1B74, 0x1B7C), (0x2100, 0x2101), (0x2103, 0x2106), (0x2108, 0x2109), (0x2114, 0x2114),
    (0x2116, 0x2117), (0x211E, 0x2123), (0x2125, 0x2125), (0x2127, 0x2127), (0x2129, 0x2129),
    (0x212E, 0x212E), (0x213A, 0x213B), (0x214A, 0x214A), (0x214C, 0x214D), (0x214F, 0x214F),
    (0x218A, 0x218B), (0x2195, 0x2199), (0x219C, 0x219F), (0x21A1, 0x21A2), (0x21A4, 0x21A5),
    (0x21A7, 0x21AD), (0x21AF, 0x21CD), (0x21D0, 0x21D1), (0x21D3, 0x21D3), (0x21D5, 0x21F3),
    (0x2300, 0x2307), (0x230C, 0x231F), (0x2322, 0x2328), (0x232B, 0x237B), (0x237D, 0x239A),
    (0x23B4, 0x23DB), (0x23E2, 0x2426), (0x2440, 0x244A), (0x249C, 0x24E9), (0x2500, 0x25B6),
    (0x25B8, 0x25C0), (0x25C2, 0x25F7), (0x2600, 0x266E), (0x2670, 0x2767), (0x2794, 0x27BF),
    (0x2800, 0x28FF), (0x2B00, 0x2B2F), (0x2B45, 0x2B46), (0x2B4D, 0x2B73), (0x2B76, 0x2B95),
    (0x2B98, 0x2BC8), (0x2BCA, 0x2BFE), (0x2CE5, 0x2CEA), (0x2E80, 0x2E99), (0x2E9B, 0x2EF3),
    (0x2F00, 0x2FD5), (0x2FF0, 0x2FFB), (0x3004, 0x3004), (0x3012, 0x3013), (0x3020, 0x3020),
    (0x3036, 0x3037), (0x303E, 0x303F), (0x3190, 0x3191), (0x3196, 0x319F), (0x31C0, 0x31E3),
    (0x3200, 0x321E), (0x322A, 0x3247), (0x3250, 0x3250), (0x3260, 0x327F), (0x328A, 0x32B0),
    (0x32C0, 0x32FE), (0x3300, 0x33FF), (0x4DC0, 0x4DFF), (0xA490, 0xA4C6), (0xA828, 0xA82B),
    (0xA836, 0xA837), (0xA839, 0xA839), (0xAA77, 0xAA79), (0xFDFD, 0xFDFD), (0xFFE4, 0xFFE4),
    (0xFFE8, 0xFFE8), (0xFFED, 0xFFEE), (0xFFFC, 0xFFFD), (0x10137, 0x1013F), (0x10179, 0x10189),
    (0x1018C, 0x1018E), (0x10190, 0x1019B), (0x101A0, 0x101A0), (0x101D0, 0x101FC),
    (0x10877, 0x10878), (0x10AC8, 0x10AC8), (0x1173F, 0x1173F), (0x16B3C, 0x16B3F),
    (0x16B45, 0x16B45), (0x1BC9C, 0x1BC9C), (0x1D000, 0x1D0F5), (0x1D100, 0x1D126),
    (0x1D129, 0x1D164), (0x1D16A, 0x1D16C), (0x1D183, 0x1D184), (0x1D18C, 0x1D1A9),
    (0x1D1AE, 0x1D1E8), (0x1D200, 0x1D241), (0x1D245, 0x1D245), (0x1D300, 0x1D356),
    (0x1D800, 0x1D9FF), (0x1DA37, 0x1DA3A), (0x1DA6D, 0x1DA74), (0x1DA76, 0x1DA83),
    (0x1DA85, 0x1DA86), (0x1ECAC, 0x1ECAC), (0x1F000, 0x1F02B), (0x1F030, 0x1F093),
    (0x1F0A0, 0x1F0AE), (0x1F0B1, 0x1F0BF), (0x1F0C1, 0x1F0CF), (0x1F0D1, 0x1F0F5),
    (0x1F110, 0x1F16B), (0x1F170, 0x1F1AC), (0x1F1E6, 0x1F202), (0x1F210, 0x1F23B),
    (0x1F240, 0x1F248), (0x1F250, 0x1F251), (0x1F260, 0x1F265), (0x1F300, 0x1F3FA),
    (0x1F400, 0x1F6D4), (0x1F6E0, 0x1F6EC), (0x1F6F0, 0x1F6F9), (0x1F700, 0x1F773),
    (0x1F780, 0x1F7D8), (0x1F800, 0x1F80B), (0x1F810, 0x1F847), (0x1F850, 0x1F859),
    (0x1F860, 0x1F887), (0x1F890, 0x1F8AD), (0x1F900, 0x1F90B), (0x1F910, 0x1F93E),
    (0x1F940, 0x1F970), (0x1F973, 0x1F976), (0x1F97A, 0x1F97A), (0x1F97C, 0x1F9A2),
    (0x1F9B0, 0x1F9B9), (0x1F9C0, 0x1F9C2), (0x1F9D0, 0x1F9FF), (0x1FA60, 0x1FA6D),
];

const ENDS: u8 = 1;
const START: u8 = 2;
const CURRENCY: u8 = 4;
const INSIDE: u8 = 8;

/// Beyond the last character that has a class.
const END: usize = 0x1FB00;

static CLASSES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut classes = vec![0; END];
    let mut set = |character: u32, class: u8| {
        if let Some(known) = classes.get_mut(character as usize) {
            *known |= class;
        }
    };
    PUNCTUATION.chars().for_each(|c| set(c.into(), START | ENDS));
    CURRENCIES.chars().for_each(|c| set(c.into(), START | CURRENCY));
    set('§'.into(), START);
    for &(first, last) in SYMBOLS {
        (first..=last).for_each(|c| set(c, START | ENDS | INSIDE));
    }
    classes
});

fn class(character: char) -> u8 {
    CLASSES.get(character as usize).copied().unwrap_or_default()
}

/// Where contractions are cut: the ends of their parts but the last.
static CUTS: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    CONTRACTIONS
        .split_whitespace()
        .map(|cut| {
            let mut word = String::new();
            let mut ends = Vec::new();
            for part in cut.split('-') {
                ends.push(word.len());
                word.push_str(part);
            }
            ends.remove(0);
            (word, ends)
        })
        .collect()
});

/// Where the parts of a special word begin, but for the first; `None` if it is not special.
fn special(word: &str) -> Option<&'static [usize]> {
    if word == "‘s" {
        return Some(&[]);
    }
    if word.len() > LONGEST || !word.is_ascii() {
        return None;
    }
    CUTS.get(word).map(Vec::as_slice)
}

/// Whether a word can be a contraction, by its last letters: few are looked up.
#[inline]
fn may_be_special(word: &[u8]) -> bool {
    (2..=LONGEST).contains(&word.len())
        && match word {
            [.., b'n', b't'] | [.., b'v' | b'r', b'e'] | [.., b'l', b'l'] => true,
            [.., b'd' | b's'] => word.len() <= 6,
            [.., b't'] => word == b"cannot",
            [.., b'm'] => word.len() == 2,
            [.., b'a'] => word.len() <= 5,
            _ => false,
        }
}

/// Visits the words of a simplified text: where each begins and ends, in bytes.
pub fn english_words(text: &str, mut visit: impl FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let rest = bytes.get(start..).unwrap_or_default();
        let (mut length, mut rare) = (0, 0);
        for &byte in rest {
            if byte == b' ' {
                break;
            }
            // Anything beyond ASCII, and `0`.
            rare |= u8::from(byte >= 0x80 || byte == b'0');
            length += 1;
        }
        let end = start + length;
        let word = rest.get(..length).unwrap_or_default();
        if length > 0 {
            match text.get(start..end) {
                Some(word) if rare != 0 && length > 1 => chunk(word, start, &mut visit),
                Some(whole) if may_be_special(word) => match special(whole) {
                    Some(cuts) => visit_cut(start, end, cuts, &mut visit),
                    None => visit(start, end),
                },
                _ => visit(start, end),
            }
        }
        start = end + 1;
    }
}

fn visit_cut(start: usize, end: usize, cuts: &[usize], visit: &mut impl FnMut(usize, usize)) {
    let mut from = start;
    for cut in cuts {
        visit(from, start + cut);
        from = start + cut;
    }
    visit(from, end);
}

/// The length of a prefix that is a word of its own.
fn prefix(word: &str) -> usize {
    word.chars().next().filter(|&c| class(c) & START != 0).map_or(0, char::len_utf8)
}

/// The length of a suffix that is a word of its own.
fn suffix(word: &str) -> usize {
    let behind_number = |unit: &&str| word.strip_suffix(*unit).is_some_and(|it| it.ends_with('0'));
    if let Some(longest) = UNITS.iter().filter(|unit| behind_number(unit)).map(|u| u.len()).max() {
        return longest;
    }
    let Some(last) = word.chars().next_back() else { return 0 };
    let before = word.strip_suffix(last).unwrap_or_default();
    match class(last) {
        class if class & ENDS != 0 => last.len_utf8(),
        class if class & CURRENCY != 0 && before.ends_with('0') => last.len_utf8(),
        _ => 0,
    }
}

/// Visits the words of a text without a space, by spaCy's algorithm: what stands at its ends is taken
/// off until nothing does or what is left is special, then the rest is cut at what stands inside.
fn chunk(text: &str, offset: usize, visit: &mut impl FnMut(usize, usize)) {
    if text.chars().all(|c| c != '0' && class(c) == 0) {
        visit(offset, offset + text.len());
        return;
    }
    let (mut start, mut end) = (0, text.len());
    let mut suffixes = Vec::new();
    let within = |start: usize, end: usize| text.get(start..end).unwrap_or_default();
    while start < end && special(within(start, end)).is_none() {
        let before = prefix(within(start, end));
        if before > 0 && special(within(start + before, end)).is_some() {
            visit(offset + start, offset + start + before);
            start += before;
            break;
        }
        let behind = suffix(within(start + before, end));
        if before + behind == 0 {
            break;
        }
        if behind > 0 && special(within(start, end - behind)).is_some() {
            suffixes.push((end - behind, end));
            end -= behind;
            break;
        }
        if before > 0 {
            visit(offset + start, offset + start + before);
            start += before;
        }
        if behind > 0 {
            suffixes.push((end - behind, end));
            end -= behind;
        }
    }
    let rest = within(start, end);
    match special(rest) {
        Some(cuts) => visit_cut(offset + start, offset + end, cuts, visit),
        None => {
            let mut from = start;
            for (at, character) in rest.char_indices().filter(|&(_, c)| class(c) & INSIDE != 0) {
                let (at, length) = (start + at, character.len_utf8());
                if at > from {
                    visit(offset + from, offset + at);
                }
                visit(offset + at, offset + at + length);
                from = at + length;
            }
            if from < end {
                visit(offset + from, offset + end);
            }
        }
    }
    for (start, end) in suffixes.into_iter().rev() {
        visit(offset + start, offset + end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<&str> {
        let mut words = Vec::new();
        english_words(text, |start, end| words.push(&text[start..end]));
        words
    }

    /// Answers of spaCy 3.8.
    #[test]
    fn words_are_those_of_spacy() {
        for (text, expected) in [
            ("i cannot do  it", "i can not do it"),
            ("dont wontve well id", "do nt wo nt ve well i d"),
            ("0km 0m² 0in k0t x0h 0€ €0 s€", "0 km 0 m² 0 in k0 t x0h 0 € € 0 s€"),
            ("a★b★★c ©a® k0°★is€", "a ★ b ★ ★ c © a ® k0 ° ★ is€"),
            ("to『『★★0i §im ‘s ‘dont", "to『『 ★ ★ 0i § i m ‘s ‘ do nt"),
            ("दिल्ली।", "दिल्ली ।"),
            ("한국어 日本", "한국어 日本"),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn every_contraction_passes_the_filter() {
        for (word, cuts) in CUTS.iter() {
            assert!(may_be_special(word.as_bytes()) && word.len() <= LONGEST, "{word}");
            assert_eq!(words(word).len(), cuts.len() + 1, "{word}");
        }
    }

    proptest! {
        #[test]
        fn words_cover_the_text(text in "([a-z0]|dont|km| |[§€°★『·²]|\\PC){0,20}") {
            let joined: String = words(&text).concat();
            prop_assert_eq!(joined, text.replace(' ', ""));
        }
    }
}
