//! Equality with ICU and with the rules of the standard, and linear time.

use std::sync::LazyLock;

use icu_properties::props::{ExtendedPictographic, WordBreak};
use icu_properties::{CodePointMapData, CodePointSetData};
use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;
use proptest::prelude::*;
use regex::Regex;

use super::table;
use super::words::{dictionary_boundaries, steps, unicode_boundaries};
use super::*;
use crate::text::classes::{is_alphanumeric, is_python_alpha, python_split};

/// What Unicode 18 assigned or changed. The properties know it and ICU's segmenters, which have the
/// rules and properties of Unicode 17, do not.
#[rustfmt::skip]
const SINCE_18: &[(u32, u32)] = &[
    (0x558, 0x558), (0x58B, 0x58C), (0x5C8, 0x5C9), (0xB53, 0xB54), (0x1ADE, 0x1ADF),
    (0x1AEC, 0x1AF0), (0x208F, 0x208F), (0x209D, 0x209F), (0x2E60, 0x2E63), (0xA7DD, 0xA7DD),
    (0xA7E2, 0xA7E2), (0xAB6C, 0xAB6D), (0x107BB, 0x107BF), (0x10ECB, 0x10ECF), (0x10ED9, 0x10EEE),
    (0x10EF0, 0x10EF9), (0x11B0A, 0x11B0A), (0x11DF0, 0x11DF1), (0x1246F, 0x1246F),
    (0x12475, 0x1247F), (0x12550, 0x12686), (0x18CD6, 0x18CDA), (0x18D1F, 0x18D20),
    (0x18E00, 0x19191), (0x191A0, 0x191D2), (0x1B123, 0x1B128), (0x1B168, 0x1B168),
    (0x1D127, 0x1D128), (0x1D250, 0x1D252), (0x1D25B, 0x1D25C), (0x1D25F, 0x1D25F),
    (0x1D280, 0x1D281), (0x1D6A6, 0x1D6A6), (0x1DF1F, 0x1DF24), (0x1DF2B, 0x1DF81),
    (0x1DF90, 0x1DF96), (0x1DFCD, 0x1DFFF), (0x1F1AE, 0x1F1AE), (0x1F7DA, 0x1F7DB),
    (0x1F7F1, 0x1F7FF), (0x2B81E, 0x2B81E),
    (0x3D000, 0x3FC3F),
];

pub(super) fn is_since_18(character: char) -> bool {
    SINCE_18.iter().any(|&(first, last)| (first..=last).contains(&character.into()))
}

/// A character of each class that is in no complex script, and some more of those that matter.
const SIMPLE: &[&str] = &[
    "a",
    "B",
    "é",
    "я",
    "ا",
    "क",
    "한",
    "1",
    "٣",
    "_",
    "‿",
    "'",
    "\"",
    ".",
    ",",
    ";",
    ":",
    "’",
    "·",
    "٫",
    "\u{37E}",
    "א",
    "ש",
    "\u{5F4}",
    "\u{5F3}",
    "カ",
    "ー",
    "〱",
    " ",
    "\u{3000}",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\u{85}",
    "\u{2028}",
    "\u{B}",
    "\u{308}",
    "\u{AD}",
    "ा",
    "\u{FF9E}",
    "\u{200D}",
    "\u{200D}😀",
    "😀",
    "👩\u{200D}👧",
    "🏽",
    "©",
    "\u{24C2}",
    "ℹ",
    "🇦",
    "🇨🇭",
    "!",
    "-",
    "§",
    "\u{A0}",
    "\u{200B}",
    "\u{FEFF}",
    "\0",
    "中\u{FE00}",
];

/// Characters of complex scripts, words in them, and what is near them.
const COMPLEX: &[&str] = &[
    "中",
    "国",
    "研究",
    "自然语言",
    "々",
    "〇",
    "ひ",
    "らがな",
    "日本語",
    "です",
    "。",
    "、",
    "カ",
    "タカナ",
    "ー",
    "ไทย",
    "ภาษา",
    "ๆ",
    "\u{E31}",
    "๓",
    "ລາວ",
    "ភាសា",
    "ខ្មែរ",
    "មួយ",
    "\u{17D2}",
    "မြန်မာ",
    "စာ",
    "\u{1039}",
    "᧐",
    "ᦀ",
    "\u{1A20}",
    "𑜀",
    "\u{31350}",
    "\u{1F200}",
    "\u{FA0E}",
];

fn piece(of: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    (0..of.len()).prop_map(move |index| of[index])
}

fn simple_text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(piece(SIMPLE), 0..24).prop_map(|pieces| pieces.concat()),
        "[a-zA-Z0-9 _.,:;'\"()\\-\n\r\t]{0,200}",
        "([a-z]{1,8}['.,:; \n-]{1,2}|[0-9]{1,4}[.,;:'% ]|[a-zé’]{1,12} ){0,40}",
        "([а-яё]{1,9}[ ,.-]|[ا-ي]{1,6} |[א-ת]{1,3}[\"'א-ת]){0,20}",
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![2 => piece(SIMPLE), 3 => piece(COMPLEX)];
    prop_oneof![
        3 => prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat()),
        1 => "\\PC{0,40}",
        1 => simple_text(),
    ]
}

/// Long enough to be cut in blocks, with something else than ASCII now and then.
fn long_text() -> impl Strategy<Value = String> {
    let ascii = prop_oneof![
        4 => "([a-z]{1,9}['.,:; \n_-]{1,2}|[0-9]{1,4}[.,;:'% _]|[a-z]{1,12} ){0,60}",
        1 => "[ -~]{0,300}|[\\x00-\\x7F]{0,300}",
        1 => "[a1_'.:;, ]{0,300}|a{0,300}|[ \r\n]{0,200}|_{0,200}|!{0,300}",
    ];
    // What blocks know beyond ASCII, and what is next to it.
    let letters = prop_oneof![
        2 => "([a-zàéîöûñç]{1,9}[ ,’'.-]|[«»“”–…§°¿ ][ \u{A0}]|l’[a-zé]{1,9} ){0,30}",
        2 => "([а-яё]{1,9}[ ,.’-]|[α-ωάΈ·]{1,9} |[қғұӘ҃҂]{1,9} |[čšžŁɐʰʰ]{1,7} ){0,20}",
        1 => "[aé’1.×÷º·µ²\u{AD}\u{A0}\u{85}\u{301}…‧‿ ]{0,200}|[\u{A0}-\u{530}]{0,90}|é{0,200}",
        1 => "([a-zạếộừđ]{1,6}[ ,.’-]|ẁ\u{300}ẞỿ[ -‧]){0,40}",
        1 => "[1é’٣_я]{0,200}|[a\u{2000}-\u{2060}]{0,90}",
    ];
    let stretch = prop_oneof![1 => ascii, 1 => letters];
    let other = prop_oneof![2 => piece(SIMPLE), 1 => piece(COMPLEX), 4 => Just("")];
    prop::collection::vec((stretch, other), 0..5)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(a, b)| [a, b.to_owned()]).collect())
}

/// What Chinese and Japanese are written in, and what may come among it: single characters that runs
/// of the dictionary are made of, or end at, or are split at.
const IDEOGRAPHS: &[&str] = &[
    "一",
    "人",
    "的",
    "中",
    "国",
    "龟",
    "山",
    "岛",
    "研",
    "究",
    "々",
    "〇",
    "〡",
    "〻",
    "⺀",
    "⼀",
    "㐀",
    "豈",
    "﨎",
    "の",
    "は",
    "を",
    "っ",
    "ゝ",
    "ゞ",
    "ゟ",
    "ぁ",
    "ア",
    "ッ",
    "ヽ",
    "ー",
    "ｱ",
    "ｰ",
    "ﾞ",
    "ﾟ",
    "\u{3099}",
    "\u{309A}",
    "゛",
    "゜",
    "\u{302A}",
    "\u{FE00}",
    "\u{E0100}",
    "\u{200D}",
    "\u{200B}",
    "㊗",
    "㍿",
    "〆",
    "〼",
    "。",
    "、",
    "「",
    "」",
    "・",
    "…",
    "Ａ",
    "１",
    "\u{20000}",
    "\u{2F800}",
    "\u{1B001}",
    "\u{1F200}",
    "\u{16FE2}",
    "\u{16FF0}",
    "ก",
    "\u{E31}",
    "ခ",
    "_",
    "1",
    "a",
    ".",
    " ",
];

/// The dictionary, and words of it.
static DICTIONARY_WORDS: LazyLock<Vec<String>> = LazyLock::new(ideographs::dictionary_words);

fn dictionary_word() -> impl Strategy<Value = &'static str> {
    (0..DICTIONARY_WORDS.len()).prop_map(|index| DICTIONARY_WORDS[index].as_str())
}

/// Whole words, words cut short, and characters.
fn ideographic_text() -> impl Strategy<Value = String> {
    let cut = (dictionary_word(), 1..4_usize)
        .prop_map(|(word, length)| word.chars().take(length).collect::<String>());
    let pieces = prop_oneof![
        4 => dictionary_word().prop_map(str::to_owned),
        4 => cut,
        4 => "[\u{3041}-\u{3096}]{1,4}|[\u{4E00}-\u{9FFF}]{1,3}|[\u{30A1}-\u{30FE}]{1,3}",
        2 => piece(IDEOGRAPHS).prop_map(str::to_owned),
    ];
    prop::collection::vec(pieces, 0..16).prop_map(|pieces| pieces.concat())
}

fn kind(character: char) -> u8 {
    table::KINDS.get(character)
}

/// The boundaries of ICU without dictionaries. It takes a run of a complex script for one word,
/// which is no rule of the standard; so it is shown other characters of the same classes.
fn icu_unicode(text: &str) -> Vec<usize> {
    let classes = CodePointMapData::<WordBreak>::new();
    let (mut replaced, mut starts) = (String::new(), Vec::new());
    for character in text.chars() {
        let stand_in = match (kind(character) & table::COMPLEX != 0, classes.get(character)) {
            (false, _) => character,
            (true, WordBreak::Other) => '§',
            (true, WordBreak::Extend) => '\u{308}',
            (true, WordBreak::Numeric) => '1',
            (true, WordBreak::ALetter) => 'a',
            (true, WordBreak::Katakana) => 'カ',
            (true, class) => panic!("{character:?} is complex and {class:?}"),
        };
        starts.push(replaced.len());
        replaced.push(stand_in);
    }
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    starts.push(replaced.len());
    let segmenter =
        WordSegmenter::new_for_non_complex_scripts(WordBreakInvariantOptions::default());
    let found = segmenter.segment_str(&replaced);
    found.map(|end| places[starts.binary_search(&end).unwrap()]).collect()
}

fn icu_dictionary(text: &str) -> Vec<usize> {
    WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()).segment_str(text).collect()
}

/// The rules of UAX #29, one by one, at each place.
fn rules(text: &str) -> Vec<usize> {
    use WordBreak as W;
    let properties = CodePointMapData::<WordBreak>::new();
    let pictures = CodePointSetData::new::<ExtendedPictographic>();
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let class = |index: usize| properties.get(characters[index].1);
    let is_extend = |class: W| matches!(class, W::Extend | W::Format | W::ZWJ);
    let is_end = |class: W| matches!(class, W::CR | W::LF | W::Newline);
    let letter = |class: Option<W>| matches!(class, Some(W::ALetter | W::HebrewLetter));
    // The one before or after a place, with what WB4 skips.
    let before = |end: usize| -> Option<usize> {
        let mut index = end.checked_sub(1)?;
        while is_extend(class(index)) && index > 0 && !is_end(class(index - 1)) {
            index -= 1;
        }
        Some(index)
    };
    let after =
        |start: usize| (start..characters.len()).find(|&index| !is_extend(class(index))).map(class);
    let mut boundaries = vec![0];
    for (place, &(start, character)) in characters.iter().enumerate().skip(1) {
        let (left, right) = (class(place - 1), class(place));
        let joined = if (left, right) == (W::CR, W::LF) {
            true
        } else if is_end(left) || is_end(right) {
            false
        } else if left == W::ZWJ && pictures.contains(character)
            || (left, right) == (W::WSegSpace, W::WSegSpace)
            || is_extend(right)
        {
            true
        } else {
            let l = before(place);
            let ll = l.and_then(before).map(class);
            let (left, rr) = (l.map(class), after(place + 1));
            let number = |class: Option<W>| class == Some(W::Numeric);
            let right = Some(right);
            let mid_quote = |class: Option<W>| matches!(class, Some(W::MidNumLet | W::SingleQuote));
            let mid_letter = |class: Option<W>| class == Some(W::MidLetter) || mid_quote(class);
            let mid_number = |class: Option<W>| class == Some(W::MidNum) || mid_quote(class);
            let hebrew = |class: Option<W>| class == Some(W::HebrewLetter);
            let extends = |class: Option<W>| class == Some(W::ExtendNumLet);
            let katakana = |class: Option<W>| class == Some(W::Katakana);
            let regionals = {
                let (mut number, mut at) = (0, l);
                while let Some(index) = at.filter(|&index| class(index) == W::RegionalIndicator) {
                    number += 1;
                    at = before(index);
                }
                number
            };
            letter(left) && letter(right)
                || letter(left) && mid_letter(right) && letter(rr)
                || letter(ll) && mid_letter(left) && letter(right)
                || hebrew(left) && right == Some(W::SingleQuote)
                || hebrew(left) && right == Some(W::DoubleQuote) && hebrew(rr)
                || hebrew(ll) && left == Some(W::DoubleQuote) && hebrew(right)
                || (number(left) || letter(left))
                    && (number(right) || number(left) && letter(right))
                || number(ll) && mid_number(left) && number(right)
                || number(left) && mid_number(right) && number(rr)
                || katakana(left) && katakana(right)
                || (letter(left) || number(left) || katakana(left) || extends(left))
                    && extends(right)
                || extends(left) && (letter(right) || number(right) || katakana(right))
                || right == Some(W::RegionalIndicator) && regionals % 2 == 1
        };
        if !joined {
            boundaries.push(start);
        }
    }
    if !text.is_empty() {
        boundaries.push(text.len());
    }
    boundaries
}

/// Where ICU's segmenter does not do as the standard says: it has a boundary before a connector, such
/// as the low line, that comes after Katakana and a zero-width joiner.
fn is_defect_of_icu(text: &str) -> bool {
    static DEFECT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"\p{wb=Katakana}[\p{wb=Extend}\p{wb=Format}\p{wb=ZWJ}]*\u{200D}\p{wb=ExtendNumLet}",
        )
        .unwrap()
    });
    DEFECT.is_match(text)
}

/// Words out of boundaries.
fn words(text: &str, boundaries: &[usize]) -> Vec<Word> {
    let segments = boundaries.windows(2).map(|pair| (pair[0], pair[1]));
    let words = segments.filter(|&(start, end)| text[start..end].contains(is_alphanumeric));
    words.map(|(start, end)| word(text, start, end)).collect()
}

fn word(text: &str, start: usize, end: usize) -> Word {
    let slice = &text[start..end];
    let characters = slice.chars().count() as u32;
    let word = Word { start, end, characters, has_alpha: slice.contains(is_python_alpha) };
    assert_eq!(word.is_ascii(), slice.is_ascii());
    word
}

fn collect(segmentation: Segmentation, text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    segmentation.words(text, |word| words.push(word));
    words
}

/// A character among all that the rules tell apart.
fn in_all_places(c: char) -> String {
    format!("a{c}a1{c}1{c}{c}\u{308}{c}א{c}א_{c}_カ{c}カ\u{308}{c} {c}.{c}\u{200D}{c}")
}

#[test]
fn a_letter_that_is_a_picture_goes_on_with_a_word_over_a_joiner() {
    for text in ["a'\u{200d}Ⓜ", "a:\u{200d}Ⓜb"] {
        assert_eq!(unicode_boundaries(text), [0, text.len()]);
        assert_eq!(dictionary_boundaries(text), [0, text.len()]);
    }
    assert_eq!(unicode_boundaries("a'\u{200d}😀"), [0, 1, 9]);
}

#[test]
fn every_character_is_of_its_class() {
    let classes = CodePointMapData::<WordBreak>::new();
    let pictures = CodePointSetData::new::<ExtendedPictographic>();
    let mut last = None;
    for character in '\0'..=char::MAX {
        // One of each stretch of characters that are the same to both.
        let same = (classes.get(character), pictures.contains(character), kind(character));
        if last.replace(same) != Some(same) {
            let text = in_all_places(character);
            assert_eq!(unicode_boundaries(&text), rules(&text), "{character:?}");
        }
    }
}

#[test]
fn every_character_is_as_in_icu_but_what_is_new() {
    for code in (0..0x2_0000).chain((0x2_0000..0x11_0000).step_by(64)) {
        let Some(character) = char::from_u32(code) else { continue };
        let text = in_all_places(character);
        if !is_defect_of_icu(&text) && !is_since_18(character) {
            assert_eq!(dictionary_boundaries(&text), icu_dictionary(&text), "{character:?}");
        }
    }
}

/// Every character of up to three bytes, in blocks and at their edges.
#[test]
fn every_character_is_in_blocks_as_by_the_rules() {
    let mut last = None;
    for c in '\0'..='\u{FFFF}' {
        // One of each stretch of those that are far from what blocks know.
        let same = ('\u{2100}'..).contains(&c).then(|| kind(c));
        if same.is_some() && last == same {
            continue;
        }
        last = same;
        let places = format!(" {c} a{c}a b{c}1 1{c}1 a{c} {c}é {c}{c} é’{c} a.{c}_{c}' {c}’a {c}");
        for shift in [c as usize % 4, 4 + c as usize % 3] {
            let text = format!("{}{places}{}", "x".repeat(30 + shift), " abc’é".repeat(9));
            let boundaries = rules(&text);
            assert_eq!(collect(Segmentation::Unicode, &text), words(&text, &boundaries), "{c:?}");
            let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
            let expected: Vec<Word> = python_split(&text)
                .map(|slice| word(&text, start(slice), start(slice) + slice.len()))
                .collect();
            assert_eq!(collect(Segmentation::Whitespace, &text), expected, "{c:?}");
        }
    }
}

#[test]
fn the_tree_takes_a_few_megabytes() {
    let bytes = ideographs::tree_bytes();
    assert!((1 << 20..4 << 20).contains(&bytes), "{bytes}");
}

/// Every word of the dictionary with every beginning of it, alone and before another word.
#[test]
fn every_word_of_the_dictionary_is_as_in_icu() {
    let words = &*DICTIONARY_WORDS;
    assert!(words.len() > 100_000, "{}", words.len());
    for (index, word) in words.iter().enumerate().step_by(7) {
        let other = &words[(index * 31) % words.len()];
        for length in 1..=word.chars().count() {
            let beginning: String = word.chars().take(length).collect();
            let text = format!("{beginning}。{beginning}{other}、{beginning}\u{3099}");
            assert_eq!(dictionary_boundaries(&text), icu_dictionary(&text), "{text}");
        }
    }
}

/// Every character that runs are made of, in runs of one and more, and what may follow it.
#[test]
fn every_ideograph_is_as_in_icu() {
    let complex = |&c: &char| kind(c) & table::COMPLEX != 0;
    let rare = ('\u{20000}'..=char::MAX).step_by(64);
    for c in ('\0'..'\u{20000}').chain(rare).filter(complex) {
        let text = format!("a{c}a中{c}国1.{c}{c}\u{308}{c} {c}の{c}_");
        assert_eq!(dictionary_boundaries(&text), icu_dictionary(&text), "{c:?}");
    }
    for character in ('\0'..='\u{1FFFF}').filter(|&c| !is_since_18(c)) {
        let text = format!("中{character}中国{character}の");
        assert_eq!(dictionary_boundaries(&text), icu_dictionary(&text), "{character:?}");
    }
}

#[test]
fn sentences_are_cut_as_in_icu() {
    for text in [
        "国务院总理十四日上午在人民大会堂会见了中外记者，并回答了提问。",
        "我們在臺北車站附近的咖啡廳裡討論了整個下午，天氣非常熱。",
        "東京都の人口は約1400万人であり、日本の総人口のおよそ一割を占めている。",
        "これはコンピューターのプログラムについて書かれた「やさしい」本です。",
        "どうもありがとうございました。またいらっしゃってくださいね〜！",
        "時々、人々は々から始まる。ぞゞゝゟ",
    ] {
        assert_eq!(dictionary_boundaries(text), icu_dictionary(text), "{text}");
    }
}

#[test]
fn what_is_new_was_unassigned() {
    let unassigned = Regex::new(r"^\p{Cn}$").unwrap();
    let new: Vec<char> = ('\0'..=char::MAX).filter(|&c| is_since_18(c)).collect();
    assert_eq!(new.len(), 12882);
    assert!(new.iter().all(|c| unassigned.is_match(c.encode_utf8(&mut [0; 4]))));
}

#[test]
fn boundaries_of_an_empty_text() {
    for segmentation in [Segmentation::Unicode, Segmentation::Whitespace, Segmentation::Dictionary]
    {
        assert_eq!(collect(segmentation, ""), []);
        assert_eq!(collect(segmentation, " \n"), []);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn boundaries_are_those_of_the_rules(text in any_text()) {
        prop_assert_eq!(unicode_boundaries(&text), rules(&text));
    }

    #[test]
    fn boundaries_are_those_of_icu(text in any_text()) {
        prop_assume!(!text.contains(is_since_18) && !is_defect_of_icu(&text));
        prop_assert_eq!(unicode_boundaries(&text), icu_unicode(&text));
    }

    #[test]
    fn boundaries_with_a_dictionary_are_those_of_icu(text in any_text()) {
        prop_assume!(!text.contains(is_since_18) && !is_defect_of_icu(&text));
        prop_assert_eq!(dictionary_boundaries(&text), icu_dictionary(&text));
    }

    #[test]
    fn ideographs_are_cut_as_in_icu(
        text in prop_oneof![
            ideographic_text(),
            prop::collection::vec(piece(IDEOGRAPHS), 0..24).prop_map(|pieces| pieces.concat()),
        ]
    ) {
        prop_assume!(!is_defect_of_icu(&text));
        let boundaries = icu_dictionary(&text);
        prop_assert_eq!(&dictionary_boundaries(&text), &boundaries);
        prop_assert_eq!(collect(Segmentation::Dictionary, &text), words(&text, &boundaries));
    }

    #[test]
    fn words_are_segments_with_a_letter_or_a_number(text in prop_oneof![any_text(), long_text()]) {
        prop_assert_eq!(collect(Segmentation::Unicode, &text), words(&text, &rules(&text)));
        let boundaries = dictionary_boundaries(&text);
        prop_assert_eq!(collect(Segmentation::Dictionary, &text), words(&text, &boundaries));
    }

    #[test]
    fn words_between_white_space(text in prop_oneof![any_text(), long_text()]) {
        let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
        let expected: Vec<Word> = python_split(&text)
            .map(|slice| word(&text, start(slice), start(slice) + slice.len()))
            .collect();
        prop_assert_eq!(collect(Segmentation::Whitespace, &text), expected);
    }
}

#[test]
fn time_is_linear_in_the_text() {
    for piece in [
        "a",
        "a ",
        "\u{308}",
        "a·",
        "·",
        "a'",
        "1.",
        ".",
        "'",
        "🇦",
        "א\"",
        "a\u{200D}",
        "é! ",
        "!",
        " ",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaé",
        "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!é",
        "a中",
        "a·中",
        "中",
        "中国人、",
        "の",
        "é",
        "é中",
        "’",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaº",
    ] {
        for repetitions in [1000, 10_000] {
            let text = piece.repeat(repetitions);
            let longest = 3 * text.len() as u64;
            for (segmentation, segmented) in
                [Segmentation::Unicode, Segmentation::Whitespace, Segmentation::Dictionary]
                    .map(|segmentation| (segmentation, &text))
            {
                steps::take();
                segmentation.words(segmented, |_| ());
                let taken = steps::take();
                assert!(taken <= longest, "{segmentation:?} of {piece:?}: {taken} of {longest}");
                assert!(taken > 0);
            }
        }
    }
}
