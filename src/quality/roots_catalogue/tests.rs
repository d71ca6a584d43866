use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use proptest::prelude::*;

use super::*;

fn stage(operations: &[&str]) -> Result<RootsCatalogue, CatalogueError> {
    let operations = operations.iter().map(|name| Operation::named(name)).collect();
    RootsCatalogue::new(&Config { operations, ..Config::default() })
}

fn with(name: &str, parameters: Parameters) -> Result<RootsCatalogue, CatalogueError> {
    let operations = vec![Operation { name: name.to_owned(), parameters }];
    RootsCatalogue::new(&Config { operations, ..Config::default() })
}

/// A stage of one operation, made once.
fn made(operation: &str) -> &'static RootsCatalogue {
    static MADE: Mutex<BTreeMap<String, &'static RootsCatalogue>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().expect("the stages");
    made.entry(operation.to_owned())
        .or_insert_with(|| Box::leak(Box::new(stage(&[operation]).expect("a stage"))))
}

fn text_after(operation: &str, text: &str) -> String {
    let mut document = Document::new("a", text).with_language(Some("fr"));
    document.apply(made(operation));
    document.text().to_owned()
}

fn keeps(operation: &str, text: &str, language: Option<&str>, record: Option<&str>) -> bool {
    let mut document = Document::new("a", text).with_language(language).with_record(record);
    document.apply(made(operation)) == Verdict::Keep
}

#[test]
fn operations_are_names_or_names_with_parameters() {
    let yaml = "operations: [filter_wiki_user_titles, remove_lines_with_code, {remove_references: \
                {language: fr, ratio: 0.2}}, {remove_references: }, filter_small_docs_bytes_1024]";
    let config: Config = serde_saphyr::from_str(yaml).expect("a configuration");
    assert_eq!(config.operations[0], Operation::named("filter_wiki_user_titles"));
    assert_eq!(config.operations[2].parameters.ratio, Some(0.2));
    let printed = serde_saphyr::to_string(&config).expect("YAML");
    assert!(printed.contains("- remove_lines_with_code\n"), "{printed}");
    assert_eq!(serde_saphyr::from_str::<Config>(&printed).expect("what was printed"), config);
    let json = serde_json::to_value(&config).expect("JSON");
    assert_eq!(serde_json::from_value::<Config>(json).expect("what was printed"), config);
    RootsCatalogue::new(&config).expect("a stage");

    let error = |yaml: &str| serde_saphyr::from_str::<Config>(yaml).unwrap_err().to_string();
    assert!(error("operations: [{remove_references: {lang: fr}}]").contains("lang"));
    assert!(error("operations: [{a: {}, b: {}}]").contains("two entries"));
    assert!(error("operations: [1]").contains("operation"));
}

#[test]
fn every_name_is_an_operation_and_in_the_schema() {
    for name in NAMES {
        let name = name
            .replace("{language}", if name.starts_with("split") { "zht" } else { "zh" })
            .replace("{bytes}", "300");
        let parameters = Parameters {
            substrings: name.starts_with("strip").then(|| vec!["a".to_owned()]),
            min_bytes: (name == "filter_small_docs_bytes").then_some(1),
            ..Parameters::default()
        };
        with(&name, parameters).unwrap_or_else(|error| panic!("{error}"));
    }
    let schema = serde_json::to_string(&schemars::schema_for!(Config)).expect("JSON");
    assert!(schema.contains("replace_newline_with_space|") && schema.contains("min_bytes"));
}

#[test]
fn what_can_not_be_done_is_said_beforehand() {
    let error = |operations: &[&str]| stage(operations).err().expect("an error").to_string();
    let unknown = error(&["filter_remove_empty_docs", "remove_line_with_code"]);
    assert_eq!(
        unknown,
        "operations.1: there is no `remove_line_with_code`; did you mean `remove_lines_with_code`?"
    );
    assert!(error(&[]).contains("at least one"));
    assert!(error(&["dedup_document"]).contains("exact_dedup: {normalize: roots}"));
    let site = "dedup_document_on_url_lm_es_pseudocrawl-filtered_341_es_cointelegraph_com";
    for name in ["dedup_document_on_url", site, "dedup_template_soft"] {
        assert!(error(&[name]).contains("needs all documents"), "{name}");
    }
    assert!(error(&[site]).contains("url_rule: cointelegraph"));
    assert!(error(&["dedup_document_on_url"]).contains("url_rule: host_and_path"));
    assert!(error(&["dedup_template_soft"]).contains("line_dedup: {mode: templates}"));
    assert!(error(&["remove_references_sw"]).contains("no list of stop words for sw"));
    assert!(error(&["split_sentences_xx"]).contains("zht"));
    assert!(error(&["strip_substrings_en_wiktionary"]).contains("substrings"));
    assert!(error(&["filter_small_docs_bytes"]).contains("min_bytes"));
    assert!(error(&["filter_small_docs_bytes_big"]).contains("filter_small_docs_bytes_"));

    let error =
        |name: &str, parameters| with(name, parameters).err().expect("an error").to_string();
    let ratio = Parameters { ratio: Some(1.5), ..Parameters::default() };
    assert!(error("remove_references_fr", ratio.clone()).contains("ratio (1.5)"));
    assert!(error("remove_html_spans", ratio).contains("takes no `ratio`"));
    let empty = Parameters { substrings: Some(vec![String::new()]), ..Parameters::default() };
    assert!(error("strip_substrings", empty).contains("none empty"));
    let missing = Config {
        operations: vec![Operation::named("remove_references")],
        stopwords: Some("no/such/place".into()),
        ..Config::default()
    };
    assert!(RootsCatalogue::new(&missing).is_err());
}

#[test]
fn wiki_pages_are_told_by_their_fields() {
    let record =
        |title: &str, kind: &str| format!(r#"{{"meta":{{"title":"{title}","type":"{kind}"}}}}"#);
    let title = |title| keeps("filter_wiki_user_titles", "x", None, Some(&record(title, "text")));
    assert!(!title("User talk:Ada"));
    assert!(title("User: Ada") && title("user ada") && title("Oslo"));
    let kind = |kind| keeps("filter_wiki_non_text_type", "x", None, Some(&record("a", kind)));
    assert!(kind("text") && !kind("redirect"));
    for (operation, note) in
        [("filter_wiki_user_titles", NO_TITLE), ("filter_wiki_non_text_type", NO_TYPE)]
    {
        let mut document = Document::new("a", "x");
        assert_eq!(document.apply(&stage(&[operation]).expect("a stage")), Verdict::Keep);
        assert_eq!(document.notes(), [note]);
    }
}

#[test]
fn short_documents_go_by_their_language() {
    let keeps = |bytes, language| {
        keeps("filter_small_docs_by_language", &"x".repeat(bytes), Some(language), None)
    };
    for language in ["ca", "en", "es", "fr", "zh", "zhs", "zh-tw", "code"] {
        assert!(!keeps(1023, language) && keeps(1024, language), "{language}");
    }
    for language in ["ar", "id", "pt", "vi", "ne", "indic-bn", "ur"] {
        assert!(!keeps(299, language) && keeps(300, language), "{language}");
    }
    for language in ["eu", "as", "or", "yo", "indic-as", "xx"] {
        assert!(keeps(0, language), "{language}");
    }
}

#[test]
fn operations_follow_one_another_and_all_reasons_are_known() {
    let names = ["filter_small_docs_bytes_21", "remove_html_spans", "filter_remove_empty_docs"];
    let stage = stage(&names).expect("a stage");
    let mut document = Document::new("a", "four<br>\n<a>five</a>");
    let verdict = document.apply(&stage);
    assert_eq!(verdict, Verdict::Drop("roots_catalogue.filter_small_docs_bytes_21".into()));
    assert_eq!(
        document.reasons(),
        ["roots_catalogue.filter_small_docs_bytes_21", "roots_catalogue.filter_remove_empty_docs"]
    );
    assert_eq!(document.tests()[0].value, 20.0);
    assert_eq!(document.metric(REMOVED_CHARACTERS), Some(&20_i64.into()));
    assert_eq!(document.metric(BYTES), Some(&0_i64.into()));
    assert!(stage.changes_text());
}

#[test]
fn stop_words_are_those_of_the_language() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("xx.txt"), "\u{FEFF}la\nle\n").expect("a file");
    std::fs::write(folder.path().join("LICENSE.txt"), "la").expect("a file");
    let config = |parameters| Config {
        operations: vec![Operation { name: "remove_references".to_owned(), parameters }],
        stopwords: Some(folder.path().to_owned()),
        ..Config::default()
    };
    assert!(
        RootsCatalogue::new(&config(Parameters {
            language: Some("xx".to_owned()),
            ..Parameters::default()
        }))
        .is_err()
    );
    let ratio = Parameters { ratio: Some(0.5), ..Parameters::default() };
    let stage = RootsCatalogue::new(&config(ratio)).expect("a stage");
    assert_eq!(stage.resources().len(), 1);
    let apply = |language| {
        let mut document = Document::new("a", "la le x\nLa le\n").with_language(language);
        document.apply(&stage);
        (document.text().to_owned(), document.notes().len())
    };
    // Of the second line one in two is a stop word, which is not above one half; case counts.
    assert_eq!(apply(Some("xx")), ("la le x".to_owned(), 0));
    assert_eq!(apply(Some("yy")), ("la le x\nLa le\n".to_owned(), 1));
    assert_eq!(apply(None).1, 1);
}

#[test]
fn sentences_stand_on_lines_of_their_own() {
    let text = "  One sentence. Another one!  क्या? हाँ।\nLast\n\n";
    assert_eq!(
        text_after("split_sentences_hi", text),
        "One sentence.\nAnother one!\nक्या?\nहाँ।\nLast"
    );
    assert_eq!(text_after("split_sentences", "a.\nb"), "a.\nb");
}

#[test]
fn long_texts_are_done_in_one_pass() {
    // Each of these takes minutes if a step goes back over what it has seen.
    for text in [
        "a. ".repeat(100_000),
        "{\n".repeat(150_000),
        "x".repeat(300_000) + "{",
        "1.a ".repeat(75_000),
    ] {
        for operation in [
            "remove_lines_with_code",
            "remove_references",
            "remove_duplicate_lines",
            "split_sentences",
        ] {
            assert!(text_after(operation, &text).len() <= text.len() * 2);
        }
    }
}

#[test]
fn substrings_are_tried_in_the_order_of_the_list() {
    let strip = |substrings: &[&str], text: &str| {
        let substrings = Some(substrings.iter().map(|&one| one.to_owned()).collect());
        let stage = with("strip_substrings", Parameters { substrings, ..Parameters::default() });
        let mut document = Document::new("a", text);
        document.apply(&stage.expect("a stage"));
        document.text().to_owned()
    };
    assert_eq!(strip(&["add some", "add some!(+)"], "add some!(+)"), "!(+)");
    assert_eq!(strip(&["add some!(+)", "add some"], "add some!(+) add some"), " ");
}

fn naive_lines(text: &str, keep: impl FnMut(&&str) -> bool) -> String {
    text.split('\n').filter(keep).collect::<Vec<_>>().join("\n")
}

proptest! {
    #[test]
    fn lines_are_removed_as_by_the_definition(text in "[a{}b<br>é\n]{0,40}") {
        let code = naive_lines(&text, |line| !texts::CODE.iter().any(|bad| line.contains(bad)));
        prop_assert_eq!(text_after("remove_lines_with_code", &text), code);
        let html = naive_lines(&text, |line| !texts::HTML.iter().any(|bad| line.contains(bad)));
        prop_assert_eq!(text_after("remove_html_spans", &text), html);
        let mut seen = HashSet::new();
        let once = naive_lines(&text, |line| line.is_empty() || seen.insert(line.to_string()));
        prop_assert_eq!(text_after("remove_duplicate_lines", &text), once);
    }

    #[test]
    fn references_are_removed_as_by_the_definition(
        text in "((la|le|mot|12|É)[ \u{a0}\n]){0,20}(la|mot)?",
        ratio in 0.0..1.0_f64,
    ) {
        let stopwords: HashSet<Box<str>> = ["la", "le"].map(Box::from).into();
        let lines: Vec<&str> = text.split('\n').collect();
        let passes = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let stops = words.iter().filter(|word| stopwords.contains(**word)).count();
            stops as f64 > words.len() as f64 * ratio
        };
        let end = lines.iter().rposition(passes).map_or(0, |at| at + 1);
        let changed = texts::remove_references(&text, &stopwords, ratio);
        prop_assert_eq!(changed.as_ref() == Some(&text), false);
        prop_assert_eq!(changed.unwrap_or(text.clone()), lines[..end].join("\n"));
    }

    #[test]
    fn no_text_makes_an_operation_panic(text in "\\PC*|[\\s\\S]{0,60}") {
        for operation in ["replace_newline_with_space", "remove_html_spans_sanad", "remove_wiki_mojibake",
            "split_sentences", "remove_references", "filter_small_docs"] {
            text_after(operation, &text);
        }
    }
}
