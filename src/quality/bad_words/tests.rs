use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;

use super::*;

fn lists(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn mild() -> tempfile::TempDir {
    lists(&[
        ("en", "gosh\nheck no\nDarn\nsm\ns.b\n"),
        ("zh.txt", "性\n坏词\n"),
        ("ja", "グロ\nまずい\n"),
        ("README.md", "no list\n"),
        ("LICENSE", "no list\n"),
    ])
}

fn stage(directory: &Path, variant: Variant) -> BadWords {
    let lists = Some(directory.to_owned());
    BadWords::new(&Config { variant, lists, ..Config::default() }).unwrap()
}

/// The answers are those of datatrove 0.10.1 with these lists.
#[test]
fn words_are_found_as_datatrove_finds_them() {
    let directory = mild();
    let stage = stage(directory.path(), Variant::Datatrove);
    for (language, text, found) in [
        ("en", "Oh GOSH!", true),
        ("en", "goshes", false),
        ("en", "gosh_x", false),
        ("en", "gosh\u{301}", true),
        ("en", "1gosh", false),
        ("en", "(heck no)", true),
        ("en", "heck  no", false),
        ("en", "darn it", false),
        ("en", "an sm word", false),
        ("en", "gosh", true),
        ("en", "¿gosh?", true),
        ("en", "s.b", true),
        ("en", "sxb", false),
        ("en", "ⅻgosh", false),
        ("en", "İgosh", true),
        ("zh", "这是性", false),
        ("zh", "有坏词在", true),
        ("ja", "とてもまずいね", true),
        ("ja", "グロ", false),
    ] {
        assert_eq!(stage.count(text, Some(language)).unwrap() > 0, found, "{language} {text}");
    }
    assert_eq!(stage.count("gosh", Some("de")), None);
    assert_eq!(stage.count("gosh", None), None);
}

#[test]
fn what_is_allowed_in_one_language_is_not_in_others() {
    let directory = mild();
    let fixed = stage(directory.path(), Variant::Fixed);
    assert_eq!(fixed.count("an sm word; DARN it", Some("en")), Some(2));
    assert_eq!(fixed.count("这是性", Some("zh")), Some(0));
    let config = Config {
        lists: Some(directory.path().to_owned()),
        allow: vec!["gosh".to_owned()],
        ..Config::default()
    };
    assert_eq!(BadWords::new(&config).unwrap().count("gosh heck no", Some("en")), Some(1));
}

/// The answers are those of dolma 1.2.1.
#[test]
fn dolma_wants_whole_words_and_phrases_anywhere() {
    let directory = mild();
    let stage = stage(directory.path(), Variant::Dolma);
    for (text, found) in
        [("oh gosh", true), ("oh gosh!", false), ("checheck note", true), ("GOSH\u{1f}x", true)]
    {
        assert_eq!(stage.count(text, Some("en")).unwrap() > 0, found, "{text}");
    }
}

#[test]
fn a_language_without_list_is_noted_or_dropped() {
    let directory = mild();
    let mut document = Document::new("a", "gosh").with_language(Some("de"));
    assert_eq!(document.apply(&stage(directory.path(), Variant::Fixed)), Verdict::Keep);
    assert_eq!(document.notes(), [UNCOVERED]);
    assert_eq!(document.metric(MATCHES), None);
    let config = Config {
        lists: Some(directory.path().to_owned()),
        fail_on_missing_language: true,
        ..Config::default()
    };
    let strict = BadWords::new(&config).unwrap();
    assert_eq!(document.apply(&strict), Verdict::Drop(UNCOVERED.into()));
    let config = Config { default_language: Some("en".to_owned()), ..config };
    let mut document = Document::new("a", "gosh");
    let verdict = document.apply(&BadWords::new(&config).unwrap());
    assert_eq!(verdict, Verdict::Drop(MATCHES.into()));
}

#[test]
fn a_fraction_is_kept_by_id_and_seed() {
    let directory = mild();
    let kept = |keep_fraction: f64, seed: u64| -> Vec<usize> {
        let lists = Some(directory.path().to_owned());
        let stage =
            BadWords::new(&Config { lists, keep_fraction, seed, ..Config::default() }).unwrap();
        let kept = |number: &usize| {
            let id = number.to_string();
            let mut document = Document::new(id, "gosh").with_language(Some("en"));
            document.apply(&stage) == Verdict::Keep
        };
        (0..1000).filter(kept).collect()
    };
    assert_eq!(kept(0.0, 0).len(), 0);
    assert_eq!(kept(1.0, 0).len(), 1000);
    assert!((200..300).contains(&kept(0.25, 0).len()));
    assert_eq!(kept(0.25, 7), kept(0.25, 7));
    assert_ne!(kept(0.25, 7), kept(0.25, 8));
}

#[test]
fn the_shipped_lists_have_their_languages() {
    let stage = BadWords::new(&Config::default()).unwrap();
    let languages: Vec<&str> = stage.lists.keys().map(String::as_str).collect();
    assert_eq!(languages, ["ar", "bn", "en", "es", "fr", "hi", "id", "pt", "ur", "zh"]);
    assert!(stage.resources().is_empty());
    assert!(stage.memory() > 0);
}

#[test]
fn broken_lists_are_refused() {
    let message = |config: &Config| BadWords::new(config).err().unwrap().to_string();
    let directory = lists(&[("README.md", "x")]);
    let path = Some(directory.path().to_owned());
    let config = Config { lists: path.clone(), ..Config::default() };
    assert!(message(&config).contains("has no list, LANG.txt or LANG"));
    fs::write(directory.path().join("en.txt"), [0xFF]).unwrap();
    assert!(message(&config).contains("is not UTF-8"));
    let config = Config { lists: Some(directory.path().join("none")), ..Config::default() };
    assert!(message(&config).contains("cannot be read"));
    let config = Config { keep_fraction: 2.0, ..Config::default() };
    assert_eq!(message(&config), "keep_fraction: must be between 0 and 1");
}

#[test]
fn steps_are_in_proportion_to_the_text() {
    let directory = lists(&[("en", "a\naa\naaa\nb a\n")]);
    let stage = stage(directory.path(), Variant::Fixed);
    for text in ["a".repeat(1_000_000), "b a ".repeat(250_000), "é".repeat(500_000)] {
        steps::take();
        stage.count(&text, Some("en"));
        assert!(steps::take() <= 5 * text.len());
    }
}

proptest! {
    #[test]
    fn a_match_is_that_of_the_regular_expression(text in "[abS ._\u{301}éσΣ一]{0,16}") {
        let directory = lists(&[("en", "a\nab\nb a\nσ\n"), ("th", "a\nab\nσ\n")]);
        let stage = stage(directory.path(), Variant::Datatrove);
        let lower = text.to_lowercase();
        let word = r"(?:[^\p{L}\p{N}_]|\A)(?:a|ab|b a|σ)(?:[^\p{L}\p{N}_]|\z)";
        let found = |pattern: &str| Regex::new(pattern).unwrap().is_match(&lower);
        prop_assert_eq!(stage.count(&text, Some("en")).unwrap() > 0, found(word));
        prop_assert_eq!(stage.count(&text, Some("th")).unwrap() > 0, found("a|ab|σ"));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        static SHIPPED: LazyLock<BadWords> =
            LazyLock::new(|| BadWords::new(&Config::default()).unwrap());
        for language in ["en", "zh", "ar"] {
            SHIPPED.count(&text, Some(language));
        }
    }
}
