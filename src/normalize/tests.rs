use proptest::prelude::*;

use super::*;
use crate::document::Value;

fn normalized_by(config: &Config, text: &str, language: Option<&str>) -> String {
    let stage = Normalize::new(config);
    stage.normalized(text, language).0.unwrap_or_else(|| text.to_owned())
}

fn normalized(text: &str) -> String {
    normalized_by(&Config::default(), text, None)
}

/// Every step off.
fn nothing() -> Config {
    Config {
        unicode: Unicode::None,
        control_characters: false,
        zero_width: false,
        bidi_controls: false,
        line_ends: false,
        whitespace: Whitespace::None,
        strip: false,
        word_removal: WordRemoval::None,
        drop_empty: false,
    }
}

#[test]
fn each_step_can_be_switched_by_itself() {
    let text = " e\u{301}\u{1}\u{AD}\u{200F}\r\n\u{A0}http://x\u{C}\u{85}\u{84}\u{2000}\u{2060} ";
    let with = |change: &dyn Fn(&mut Config)| {
        let mut config = nothing();
        change(&mut config);
        normalized_by(&config, text, Some("en"))
    };
    assert_eq!(with(&|_| ()), text);
    assert_eq!(
        with(&|config| config.unicode = Unicode::Nfc),
        " é\u{1}\u{AD}\u{200F}\r\n\u{A0}http://x\u{C}\u{85}\u{84}\u{2002}\u{2060} "
    );
    assert_eq!(
        with(&|config| config.control_characters = true),
        " e\u{301}\u{AD}\u{200F}\r\n\u{A0}http://x\u{C}\u{85}\u{2000}\u{2060} "
    );
    assert_eq!(
        with(&|config| config.zero_width = true),
        " e\u{301}\u{1}\u{200F}\r\n\u{A0}http://x\u{C}\u{85}\u{84}\u{2000} "
    );
    assert_eq!(
        with(&|config| config.bidi_controls = true),
        " e\u{301}\u{1}\u{AD}\r\n\u{A0}http://x\u{C}\u{85}\u{84}\u{2000}\u{2060} "
    );
    assert_eq!(
        with(&|config| config.line_ends = true),
        " e\u{301}\u{1}\u{AD}\u{200F}\n\u{A0}http://x\n\n\u{84}\u{2000}\u{2060} "
    );
    assert_eq!(
        with(&|config| config.whitespace = Whitespace::Roots),
        " e\u{301}\u{1}\u{AD}\u{200F}\r\n http://x\u{C}\u{85} \u{2000}\u{2060} "
    );
    assert_eq!(with(&|config| config.strip = true), text.trim());
    assert_eq!(
        with(&|config| config.word_removal = WordRemoval::Roots),
        "e\u{301}\u{1}\u{AD}\u{200F}"
    );
}

#[test]
fn line_ends_become_line_feeds_and_a_pair_becomes_one() {
    assert_eq!(
        normalized("a\r\nb\rc\u{2028}d\u{2029}e\u{B}f\n\rg\r\r\nh"),
        "a\nb\nc\nd\ne\nf\n\ng\n\nh"
    );
}

#[test]
fn composition_sees_through_what_was_removed() {
    assert_eq!(normalized("cafe\u{AD}\u{301}"), "café");
    assert_eq!(normalized("e\u{0}\u{301}"), "é");
}

#[test]
fn all_twelve_spaces_of_roots_become_spaces() {
    let spaces = "\u{20}\u{2009}\u{200A}\u{202F}\u{2005}\u{3000}\u{2002}\u{A0}\u{2008}\u{2003}\
                  \u{FFFC}\u{84}";
    let text = format!("a{spaces}b");
    assert_eq!(normalized(&text), format!("a{}b", " ".repeat(12)));
    let only = Config { whitespace: Whitespace::Roots, ..nothing() };
    assert_eq!(normalized_by(&only, &text, None), format!("a{}b", " ".repeat(12)));
    assert_eq!(normalized("a\u{2004}b\u{205F}c\u{1680}d"), "a\u{2004}b\u{205F}c\u{1680}d");
}

#[test]
fn joiners_stay_where_they_choose_a_shape() {
    for text in [
        "می\u{200C}خواهم",            // Persian: half space
        "ه\u{200D} ش",                // initial form at a word's end
        "کِ\u{200C}تاب",               // after a vowel mark
        "অর\u{200D}্যাব",               // Bengali: ya-phala
        "ക\u{0D4D}\u{200D} മ",        // Malayalam: chillu at a word's end
        "क्\u{200D}ष क्\u{200C}ष",      // Devanagari: half and dead forms
        "ශ\u{0DCA}\u{200D}ර\u{0DD3}", // Sinhala
        "ABC\u{200C}های",             // a Persian ending on a Latin word
        "👩\u{200D}👩\u{200D}👧",     // a family
        "👩🏽\u{200D}🚀",               // with a skin tone
        "❤\u{FE0F}\u{200D}🔥",        // with a variation selector
        "👁\u{FE0F}\u{200D}🗨\u{FE0F}",
        "ភាសា\u{200B}ខ្មែរ", // Khmer: word end
        "ภาษา\u{200B}ไทย", // Thai: word end
    ] {
        assert_eq!(normalized(text), text);
    }
}

#[test]
fn joiners_and_breaks_go_where_they_mean_nothing() {
    for (text, expected) in [
        ("Auf\u{200C}lage", "Auflage"),
        ("сло\u{200D}во", "слово"),
        ("漢\u{200B}字", "漢字"),
        ("zero\u{200B}width\u{2060}\u{FEFF}", "zerowidth"),
        ("👩\u{200D} x", "👩 x"),
        ("👩\u{200C}👩", "👩👩"),
        ("a\u{200D}👩", "a👩"),
        ("سلام\u{200B}دنيا", "سلامدنيا"),
        ("س \u{200C}a", "س a"),
        ("\u{200D}\u{200C}\u{200B}", ""),
        ("a\u{200E}b\u{202A}c\u{202C}\u{2067}d\u{2069}\u{61C}", "abcd"),
        ("ב\u{200F}.", "ב."),
    ] {
        assert_eq!(normalized(text), expected);
    }
}

#[test]
fn a_joiner_sees_its_neighbours_through_removed_characters() {
    assert_eq!(normalized("ی\u{FEFF}\u{200C}\u{200F}a"), "ی\u{200C}a");
    assert_eq!(normalized("a\u{200C}\u{AD}\u{200B}ی"), "a\u{200C}ی");
    assert_eq!(normalized("ی\u{A0}\u{200C}\u{A0}ی"), "ی ی".replace(' ', "  "));
}

#[test]
fn removed_characters_are_counted() {
    for (text, removed) in
        [("plain", 0), ("e\u{301}", 0), ("a\u{A0}b", 0), (" a\u{200B}b\r\n", 4), ("\u{FEFF}", 1)]
    {
        let mut document = Document::new("x", text);
        document.apply(&Normalize::new(&Config::default()));
        let metric = document.metric("normalize.removed_characters");
        assert_eq!(metric, Some(&Value::Integer(removed)), "{text:?}");
    }
}

#[test]
fn an_unchanged_text_is_not_set_again() {
    for text in ["plain\ttext\n\nwith lines", "Größe, 漢字", "می\u{200C}خواهم"] {
        let mut document = Document::new("x", text);
        assert_eq!(document.apply(&Normalize::new(&Config::default())), Verdict::Keep);
        assert!(!document.text_changed());
    }
}

#[test]
fn documents_without_text_are_dropped_unless_wanted() {
    for text in ["", " \n\t", "\u{200B}\u{FEFF}\0"] {
        let mut document = Document::new("x", text);
        let stage = Normalize::new(&Config::default());
        assert_eq!(document.apply(&stage), Verdict::Drop("normalize.empty".into()));
        let keep = Normalize::new(&Config { drop_empty: false, ..Config::default() });
        assert_eq!(Document::new("x", text).apply(&keep), Verdict::Keep);
    }
    let unstripped = Normalize::new(&Config { strip: false, ..Config::default() });
    assert!(matches!(Document::new("x", " \n").apply(&unstripped), Verdict::Drop(_)));
}

#[test]
fn words_are_removed_by_the_documents_language() {
    let config = Config { word_removal: WordRemoval::Roots, ..Config::default() };
    let text = "see  http://x.example now";
    assert_eq!(normalized_by(&config, text, Some("en")), "see now");
    assert_eq!(normalized_by(&config, text, Some("zh")), text);
    assert_eq!(normalized_by(&config, text, None), text);
    assert_eq!(Normalize::new(&config).remarks().len(), 1);
}

#[test]
fn a_key_that_does_not_exist_is_an_error() {
    assert!(serde_json::from_str::<Config>(r#"{"unicode": "none", "strip": false}"#).is_ok());
    assert!(serde_json::from_str::<Config>(r#"{"unicodes": "nfc"}"#).is_err());
    assert!(serde_json::from_str::<Config>(r#"{"unicode": "nfd"}"#).is_err());
}

/// Texts in which what the rules look for is common.
fn awkward_text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => prop::sample::select(
            "\0\u{1}\t\n\r\u{B}\u{C}\u{1C}\u{7F}\u{84}\u{85}\u{9F}\u{A0}\u{AD}\u{61C}\u{FEFF}\u{FFFC}\
             \u{2000}\u{2001}\u{2002}\u{2028}\u{2029}\u{200B}\u{200C}\u{200D}\u{200E}\u{202F}\u{2060}\
             \u{3000}".chars().collect::<Vec<_>>()),
        3 => prop::sample::select(
            "ae ./wخیرক্যക്കกขក្ខ한각각עְ👩🏽🚀❤\u{FE0F}\u{301}\u{327}\u{334}\u{344}\u{653}\u{64B}\u{E38}\
             \u{958}\u{2126}\u{1F71}\u{E0061}".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    prop::collection::vec(character, 0..40).prop_map(String::from_iter)
}

fn any_config() -> impl Strategy<Value = Config> {
    any::<[bool; 8]>().prop_map(|on| Config {
        unicode: if on[0] { Unicode::Nfc } else { Unicode::None },
        control_characters: on[1],
        zero_width: on[2],
        bidi_controls: on[3],
        line_ends: on[4],
        whitespace: if on[5] { Whitespace::Roots } else { Whitespace::None },
        strip: on[6],
        word_removal: if on[7] { WordRemoval::Roots } else { WordRemoval::None },
        drop_empty: true,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn normalising_twice_is_normalising_once(text in awkward_text(), config in any_config()) {
        let once = normalized_by(&config, &text, Some("en"));
        prop_assert_eq!(&normalized_by(&config, &once, Some("en")), &once);
    }

    #[test]
    fn the_output_is_nfc_and_free_of_what_was_to_be_removed(text in awkward_text()) {
        let output = normalized(&text);
        prop_assert!(ComposingNormalizer::new_nfc().is_normalized(&output));
        let left = |c: char| c.is_control() && c != '\n' && c != '\t'
            || "\u{A0}\u{AD}\u{61C}\u{FEFF}\u{FFFC}\u{2028}\u{200E}\u{2060}\u{2002}".contains(c);
        prop_assert!(!output.contains(left));
        prop_assert_eq!(output.trim(), &output);
    }

    #[test]
    fn the_scan_in_chunks_finds_what_a_look_at_each_character_finds(text in awkward_text()) {
        // Steps that need no context, against their definition character by character.
        let config = Config { control_characters: true, bidi_controls: true, ..nothing() };
        let expected: String = text.chars().filter(|&c| {
            let line_end = matches!(c, '\t'..='\r' | '\u{85}');
            let bidi = matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}')
                || ('\u{202A}'..='\u{202E}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
            line_end || !(c.is_control() || bidi)
        }).collect();
        prop_assert_eq!(normalized_by(&config, &text, None), expected);
    }
}
