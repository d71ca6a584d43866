use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::pieces::{joined, without};
use super::*;
use crate::dedup::in_memory::{self, Cut, node};
use crate::external::Sequential;

fn barrier(yaml: &str) -> LineDedup {
    LineDedup::new(&serde_saphyr::from_str(yaml).expect("parameters")).expect("a stage")
}

const WHOLE: Cut<'_> =
    Cut { partitions: 1, documents: 1000, memory: 1 << 22, executor: &Sequential };

/// What becomes of some documents, and their texts afterwards.
fn run_documents(
    yaml: &str,
    documents: &mut [Document<'_>],
    cut: &Cut<'_>,
) -> (Vec<Outcome>, Measures) {
    let folder = tempfile::tempdir().unwrap();
    in_memory::run_with(&barrier(yaml), documents, folder.path(), cut).unwrap()
}

fn run(yaml: &str, texts: &[&str]) -> Vec<Result<String, (&'static str, Option<u64>)>> {
    let mut documents: Vec<_> = texts
        .iter()
        .map(|text| Document::new("id", *text).with_url(Some("https://a.org/page")))
        .collect();
    let (outcomes, _) = run_documents(yaml, &mut documents, &WHOLE);
    let document = |(document, outcome): (&Document<'_>, Outcome)| match outcome {
        Outcome::Keep => Ok(document.text().to_owned()),
        Outcome::Drop { reason, kept } => Err((reason, kept)),
    };
    documents.iter().zip(outcomes).map(document).collect()
}

fn kept(yaml: &str, texts: &[&str]) -> Vec<String> {
    run(yaml, texts).into_iter().map(|text| text.expect("a document that stays")).collect()
}

const LONG: &str = "This line is long enough to be compared.";
const OTHER: &str = "And this is another one, which is long too.";

#[test]
fn the_first_occurrence_of_a_paragraph_stays() {
    let one = format!("Head\n{LONG}\n\nshort\nshort\n");
    let two = format!("{OTHER}\n\n  {LONG}\t\n\nTail\n{OTHER}");
    let three = format!("{LONG}\n{OTHER}\n{LONG}");
    let left = run("{}", &[&one, &two, &three]);
    assert_eq!(left[0].as_ref(), Ok(&one));
    assert_eq!(left[1], Ok(format!("{OTHER}\n\nTail")));
    // Most of it stands in the first.
    assert_eq!(left[2], Err(("line_dedup.empty", Some(node(0)))));
    let left = run("min_characters: 5", &["a", &one, &format!("abcd\n{LONG}"), "a"]);
    assert_eq!(left[2], Err(("line_dedup.too_short", Some(node(1)))));
    assert_eq!(left[3], Ok("a".to_owned()));
    assert_eq!(run("min_characters: 0", &[LONG, LONG])[1], Ok(String::new()));
}

#[test]
fn paragraphs_may_be_blocks_and_compared_normalised() {
    let one = format!("{LONG}\nsecond line\n \n{OTHER}\n");
    let two = format!("\n{LONG}\n\n\n{LONG}\nsecond line\n\n{OTHER} 7");
    assert_eq!(kept("unit: blocks", &[&one, &two])[1], format!("\n{LONG}\n\n\n{OTHER} 7"));
    let upper = format!("new\n{}!", LONG.to_uppercase());
    assert_eq!(kept("normalize: caseless", &[LONG, &upper])[1], upper);
    assert_eq!(kept("normalize: datatrove", &[LONG, &upper])[1], "new");
}

#[test]
fn paragraphs_are_compared_within_a_field() {
    let document =
        |language| Document::new("id", format!("x\n{LONG}")).with_language(Some(language));
    let mut documents = ["en", "de", "en"].map(document);
    run_documents("within: language", &mut documents, &WHOLE);
    assert_eq!(documents[1].text().len(), documents[0].text().len());
    assert_eq!(documents[2].text(), "x");
    assert_eq!(documents[2].metric("line_dedup.removed_lines"), Some(&1_usize.into()));
    assert_eq!(
        documents[2].metric("line_dedup.removed_characters"),
        Some(&(LONG.len() + 1).into())
    );
}

#[test]
fn white_space_around_what_goes() {
    let cut = |text: &str, gone: &[&str]| {
        let rules = barrier("{}").rules;
        let mut pieces = Vec::new();
        pieces::pieces(&rules, 1, text, 0, &mut Room::default(), |range, key| {
            if !python_strip(&text[range.clone()]).is_empty() {
                pieces.push(Piece { range, key });
            }
        });
        let removed: Vec<bool> =
            pieces.iter().map(|piece| gone.contains(&&text[piece.range.clone()])).collect();
        without(text, &pieces, &removed)
    };
    for (text, expected) in [
        ("a\n\nX\n\nb", "a\n\nb"),
        ("a\nX\n\nb", "a\n\nb"),
        ("a\n\nX\nb", "a\n\nb"),
        ("a\nX\nX\nb\n", "a\nb\n"),
        ("\n\nX\n\na", "\n\na"),
        ("a\n\nX", "a"),
        ("a\n\nX\n", "a\n"),
        ("X\n", "\n"),
        ("a\r\nX\r\n b", "a\r\n b"),
    ] {
        assert_eq!(cut(text, &["X", "X\r"]), expected, "{text:?}");
    }
}

#[test]
fn templates_go_everywhere_as_in_roots() {
    let texts: Vec<String> = (0..10)
        .map(|number| format!("Header line of site\nBody {number} text here\nshort"))
        .chain(["Header line of site\n  Header line of site  \n other".to_owned()])
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let left = kept("mode: templates", &texts);
    assert_eq!(left[0], "Body 0 text here\nshort");
    assert_eq!(left[10], "other");
    // Ten documents have it, one of them twice.
    assert_eq!(kept("{mode: templates, min_occurrences: 12}", &texts)[10], "other");
    assert_eq!(
        kept("{mode: templates, min_occurrences: 13}", &texts)[10],
        "Header line of site\nHeader line of site\nother"
    );
    let as_they_are = kept("{mode: templates, strip_lines: false}", &texts);
    assert_eq!(as_they_are[10], " other");
}

#[test]
fn newspapers_lose_blank_lines_as_in_roots() {
    let texts = ["a\nb\nc", "a\nd", "e\n\nf\n\ng", "  a  \nz"];
    assert_eq!(kept("mode: newspapers", &texts), ["b\nc", "d", "e\nf\ng", "z"]);
    let with_blanks = kept("{mode: newspapers, strip_lines: false}", &texts);
    assert_eq!(with_blanks, ["b\nc", "d", "e\n\nf\n\ng", "z"]);
    assert_eq!(run("mode: newspapers", &["a", "a"])[0], Err(("line_dedup.empty", None)));
}

/// Pages as in the test of the original, one of them twice.
fn pages(number: usize) -> Vec<String> {
    let page = |number| format!("MENU\n  article {number} body  \n\nShare this");
    (0..number).map(page).chain([page(0)]).collect()
}

#[test]
fn boilerplate_is_what_many_pages_of_a_site_have() {
    let yaml = "{mode: boilerplate, min_characters: 0}";
    let many = pages(11);
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(kept(yaml, &many)[3], "article 3 body");
    // A line counts once per distinct page, and ten pages are not enough.
    let few = pages(10);
    let few: Vec<&str> = few.iter().map(String::as_str).collect();
    assert_eq!(kept(yaml, &few)[3], "MENU\narticle 3 body\n\nShare this");
    let share = "{mode: boilerplate, max_page_share: 0.5, max_pages: 1, min_characters: 0}";
    assert_eq!(kept(share, &["x\na", "x\nb", "c"]), ["a", "b", "c"]);
    assert_eq!(kept(share, &["x\na", "x\nb", "c", "d"]), ["x\na", "x\nb", "c", "d"]);
    // As in the original, pages of 32 characters or fewer go.
    assert_eq!(run("mode: boilerplate", &["short"]), [Err(("line_dedup.too_short", None))]);
}

#[test]
fn a_sample_of_the_pages_may_be_counted() {
    let mut texts = pages(60);
    texts.extend((0..60).map(|number| format!("Rare\nother {number}")));
    let yaml = |sample: u64, seed: u64| {
        format!("{{mode: boilerplate, min_characters: 0, sample: {sample}, seed: {seed}}}")
    };
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let all = kept("{mode: boilerplate, min_characters: 0}", &texts);
    assert_eq!(all[100], "other 39");
    assert_eq!(kept(&yaml(1000, 42), &texts), all);
    // Ten pages can't have a line on more than ten, and all pages of the site lose what some have.
    assert!(kept(&yaml(10, 42), &texts).iter().all(|text| text.contains('\n')));
    assert_eq!(kept(&yaml(60, 42), &texts), all);
}

#[test]
fn sites_are_hosts_or_fields_and_pages_without_one_stay() {
    let many = pages(11);
    let urls = ["https://A.org/x", "http://a.org:80/y"];
    let mut documents: Vec<_> = many
        .iter()
        .enumerate()
        .map(|(number, text)| Document::new("id", text).with_url(Some(urls[number % 2])))
        .chain([
            Document::new("id", many[1].as_str()).with_url(Some("https://b.org/")),
            Document::new("id", many[1].as_str()),
        ])
        .collect();
    let yaml = "{mode: boilerplate, min_characters: 0}";
    let (_, measures) = run_documents(yaml, &mut documents, &WHOLE);
    assert_eq!(documents[1].text(), "article 1 body");
    assert_eq!(documents[12].text(), "MENU\narticle 1 body\n\nShare this");
    assert_eq!(documents[13].text(), many[1]);
    assert_eq!(
        (measures["sites"], measures["pages"], measures["distinct_pages"]),
        (2.0, 13.0, 12.0)
    );
    let mut documents: Vec<_> = many
        .iter()
        .map(|text| Document::new("id", text).with_record(Some(r#"{"seed":7}"#)))
        .collect();
    run_documents("{mode: boilerplate, min_characters: 0, group_by: seed}", &mut documents, &WHOLE);
    assert_eq!(documents[1].text(), "article 1 body");
}

#[test]
fn lines_go_within_a_document() {
    let texts = ["a\n\nb\na\n\n b\nb", "a\n\na\n\nb", "x\n\nx \nx\n\n\ny\nx"];
    let expected = ["a\n\nb\n\n b", "a\n\n\nb", "x\n\nx \n\n\ny"];
    assert_eq!(kept("mode: document", &texts), expected);
}

#[test]
fn rows_of_three_sentences_go() {
    let yaml = "{mode: sentences, min_words: 0, min_sentences: 0}";
    let one = "One is here. Two is here.\n\nThree is here. Four is here.";
    let two = "First of all. ONE is here!  Two is here. Three is here.\n\nLast of all. The end.";
    let texts = kept(yaml, &[one, two]);
    assert_eq!(texts[0], one);
    assert_eq!(texts[1], "First of all.\n\nLast of all. The end.");
    // Rows overlap, and of a text that is one row again and again the first is left.
    assert_eq!(kept(yaml, &["A b. A b. A b. A b. A b. "])[0], "A b. ");
    let left = run("mode: sentences", &[one, two]);
    assert_eq!(left[1], Err(("line_dedup.few_words", Some(node(0)))));
    let left = run(
        "{mode: sentences, min_words: 4}",
        &[one, "One is here. Two is here. Three is here. A b c d. E."],
    );
    assert_eq!(left[1], Err(("line_dedup.few_sentences", Some(node(0)))));
    // Without rows there is nothing to compare.
    assert_eq!(kept(yaml, &["A. B.", "A. B."]), ["A. B.", "A. B."]);
    let lines = "{mode: sentences, unit: lines, span: 2, min_words: 0, min_sentences: 0}";
    assert_eq!(kept(lines, &["a\n\nb\nc", "x\na\nb\n\n y"])[1], "x\n\n y");
    // More sentences than 16 bits can number.
    let long: String = (0..70_000).map(|number| format!("W{number} x. ")).collect();
    let normal = "{mode: sentences, normalize: none, min_words: 0, min_sentences: 0}";
    let long_then = format!("{long}W69997 x. W69998 x. W69999 x. ");
    assert!(kept(normal, &[&long_then])[0] == long);
}

#[test]
fn what_a_mode_does_not_know_is_refused() {
    for yaml in [
        "unit: sentences",
        "{mode: sentences, unit: blocks}",
        "{mode: templates, unit: blocks}",
        "{mode: templates, approximate: true}",
        "{mode: templates, min_occurrences: 1}",
        "min_occurrences: 3",
        "span: 2",
        "{mode: sentences, span: 0}",
        "sample: 5",
        "{mode: boilerplate, sample: 0}",
        "{mode: boilerplate, max_page_share: 1.5}",
        "{mode: boilerplate, group_by: ''}",
        "group_by: source",
        "expected: 5",
        "{approximate: true, error_rate: 0}",
        "{approximate: true, expected: 0}",
        "{unit: blocks, strip_lines: true}",
    ] {
        let config: Config = serde_saphyr::from_str(yaml).expect("parameters");
        assert!(LineDedup::new(&config).is_err(), "{yaml}");
    }
    assert!(serde_saphyr::from_str::<Config>("min_line_chars: 3").is_err());
}

#[test]
fn a_bloom_filter_tells_how_full_it_is() {
    let texts: Vec<String> =
        (0..200).map(|number| format!("{LONG} {}\n{OTHER}", number % 150)).collect();
    let mut exact: Vec<_> = texts.iter().map(|text| Document::new("id", text)).collect();
    let (expected, _) = run_documents("{}", &mut exact, &WHOLE);
    let mut documents = exact.clone();
    documents.iter_mut().zip(&texts).for_each(|(document, text)| document.set_text(text.clone()));
    let yaml = "{approximate: true, expected: 2000, error_rate: 0.000001}";
    assert_eq!(barrier(yaml).remarks().len(), 1);
    let (outcomes, measures) = run_documents(yaml, &mut documents, &WHOLE);
    let stays = |outcomes: &[Outcome]| -> Vec<bool> {
        outcomes.iter().map(|outcome| *outcome == Outcome::Keep).collect()
    };
    assert_eq!(stays(&outcomes), stays(&expected));
    assert!(documents.iter().zip(&exact).all(|(one, other)| one.text() == other.text()));
    assert_eq!(outcomes[199], Outcome::Drop { reason: "line_dedup.empty", kept: None });
    assert_eq!(measures["bloom_items"], 151.0);
    let bits = 151.0 * measures["bloom_hashes"] / measures["bloom_bits"];
    assert!((measures["bloom_fill"] - bits).abs() < 0.01);
    assert!(measures["bloom_error_rate"] < 1e-9);
    // One that is far too small takes new lines for seen, and says so.
    let mut documents: Vec<_> = texts.iter().map(|text| Document::new("id", text)).collect();
    let small = "{approximate: true, expected: 10, error_rate: 0.1}";
    let (_, measures) = run_documents(small, &mut documents, &WHOLE);
    assert!(measures["bloom_error_rate"] > 0.5, "{measures:?}");
}

/// The lines of an earlier run lie below all others: they are found and never told of.
#[test]
fn documents_of_an_index_are_compared_and_not_changed() {
    use crate::dedup::Resolution;
    use crate::external::{Parted, Run, Scratch, sort_records};
    let stage = barrier("{}");
    let folder = tempfile::tempdir().unwrap();
    let mut collector = Collector::new(1);
    for node in [1, 2, node(0), node(1)] {
        stage.collect(0, &Document::new("id", LONG), node, &[], &mut collector);
    }
    let records = &mut collector.streams[0];
    sort_records(records, resolve::LINE);
    let path = folder.path().join("run");
    std::fs::write(&path, &records).unwrap();
    let run = Run::new(path, 0, records.len() as u64);
    let runs = vec![vec![Parted::whole(run, resolve::LINE)]];
    let scratch = Scratch::new(&folder.path().join("scratch"), Default::default());
    let resolution = Resolution::new(scratch, 1 << 20, &Sequential, 1, stage.streams(0), runs);
    let matches = stage.compare(0, &resolution, 0).unwrap();
    stage.resolve(0, &resolution, matches).unwrap();
    let mut findings = resolution.into_findings().open(1 << 16).unwrap();
    for expected in [node(0), node(1)] {
        let finding = Finding::from_bytes(findings.next().unwrap().unwrap());
        assert_eq!((finding.node, finding.values[2]), (expected, 1));
    }
    assert!(findings.next().unwrap().is_none());
}

/// The definition of paragraph deduplication, with everything in memory.
fn paragraphs_in_memory(texts: &[String]) -> Vec<Vec<String>> {
    let mut seen = HashSet::new();
    let line = |line: &&str| {
        let compared = python_strip(line);
        compared.chars().count() < 3 || seen.insert(compared.to_owned())
    };
    let mut line = line;
    let left = |text: &String| {
        let lines = text.split('\n').filter(|line| !python_strip(line).is_empty());
        lines.filter(&mut line).map(str::to_owned).collect()
    };
    texts.iter().map(left).collect()
}

/// The definition of template removal, with everything in memory.
fn templates_in_memory(
    texts: &[String],
    min_characters: usize,
    min_occurrences: usize,
) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for line in texts.iter().flat_map(|text| text.split('\n')).map(python_strip) {
        if line.chars().count() >= min_characters {
            *counts.entry(line).or_default() += 1;
        }
    }
    let stays = |line: &&str| counts.get(line).is_none_or(|&count| count < min_occurrences);
    let left = |text: &String| {
        text.split('\n').map(python_strip).filter(stays).collect::<Vec<_>>().join("\n")
    };
    texts.iter().map(left).collect()
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        "[ab]{0,4}",
        Just("abc ".to_owned()),
        Just("  déjà vu".to_owned()),
        Just("\u{3000}".to_owned()),
        Just("A b. C d. E f. G h.".to_owned()),
    ];
    let text = proptest::collection::vec(line, 0..9).prop_map(|lines| lines.join("\n"));
    proptest::collection::vec(text, 0..14)
}

fn cut() -> impl Strategy<Value = (usize, usize)> {
    (1usize..6, 1usize..9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn paragraphs_are_as_in_memory(texts in texts(), (partitions, documents) in cut()) {
        let cut = Cut { partitions, documents, memory: 1 << 20, executor: &Sequential };
        let mut all: Vec<_> = texts.iter().map(|text| Document::new("id", text)).collect();
        run_documents("{min_line_characters: 3, min_characters: 0}", &mut all, &cut);
        for (document, expected) in all.iter().zip(paragraphs_in_memory(&texts)) {
            let lines = document.text().split('\n').filter(|it| !python_strip(it).is_empty());
            prop_assert_eq!(lines.collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn templates_are_as_in_memory(
        texts in texts(),
        (partitions, documents) in cut(),
        (shortest, often) in (0usize..4, 2usize..5),
    ) {
        let cut = Cut { partitions, documents, memory: 1 << 20, executor: &Sequential };
        let mut all: Vec<_> = texts.iter().map(|text| Document::new("id", text)).collect();
        let yaml = format!(
            "{{mode: templates, min_line_characters: {shortest}, min_occurrences: {often}, \
             min_characters: 0}}"
        );
        run_documents(&yaml, &mut all, &cut);
        let left: Vec<&str> = all.iter().map(Document::text).collect();
        prop_assert_eq!(left, templates_in_memory(&texts, shortest, often));
    }

    #[test]
    fn all_modes_are_the_same_however_the_work_is_cut(texts in texts(), (partitions, documents) in cut()) {
        for yaml in [
            "unit: blocks",
            "{mode: sentences, min_words: 2, min_sentences: 1}",
            "{mode: sentences, unit: lines, span: 2, min_words: 0, min_sentences: 0}",
            "{mode: boilerplate, max_pages: 1, max_page_share: 0.3, min_characters: 2, sample: 4}",
            "{approximate: true, expected: 20, error_rate: 0.05, min_line_characters: 1}",
            "mode: document",
        ] {
            let of = |cut: &Cut<'_>| {
                let urls = ["https://a.org", "https://b.org"];
                let mut all: Vec<_> = texts
                    .iter()
                    .enumerate()
                    .map(|(number, text)| Document::new("id", text).with_url(Some(urls[number % 2])))
                    .collect();
                let (outcomes, measures) = run_documents(yaml, &mut all, cut);
                let texts: Vec<String> = all.iter().map(|it| it.text().to_owned()).collect();
                (outcomes, measures, texts)
            };
            let cut = Cut { partitions, documents, memory: 1 << 16, executor: &Sequential };
            let (whole, other) = (of(&WHOLE), of(&cut));
            prop_assert_eq!(&whole, &other);
            for (before, after) in texts.iter().zip(&whole.2) {
                prop_assert!(is_made_of(after, before), "{yaml}: {before:?} {after:?}");
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(texts in proptest::collection::vec("\\PC{0,20}\n?\\PC{0,20}|[\\x00-\\x7f\u{3000}]{0,20}", 0..4)) {
        for mode in ["paragraphs", "sentences", "newspapers", "boilerplate", "document"] {
            let mut all: Vec<_> = texts
                .iter()
                .map(|text| Document::new("id", text).with_url(Some(text)))
                .collect();
            run_documents(&format!("mode: {mode}"), &mut all, &WHOLE);
        }
    }

    #[test]
    fn pieces_are_cut_out_and_all_else_stays(text in "[a\n é]{0,30}", choice in any::<u32>()) {
        let mut all = Vec::new();
        let rules = barrier("mode: document").rules;
        pieces::pieces(&rules, 1, &text, 0, &mut Room::default(), |range, key| {
            all.push(Piece { range, key });
        });
        let none = vec![false; all.len()];
        prop_assert_eq!(joined(&text, &all, &none, false), text.clone());
        all.retain(|piece| !python_strip(&text[piece.range.clone()]).is_empty());
        let none = vec![false; all.len()];
        prop_assert_eq!(without(&text, &all, &none), text.clone());
        let removed: Vec<bool> = (0..all.len()).map(|at| choice >> (at % 32) & 1 != 0).collect();
        let left = without(&text, &all, &removed);
        let lines = |text: &str| -> Vec<String> {
            text.split('\n').filter(|it| !python_strip(it).is_empty()).map(str::to_owned).collect()
        };
        let expected: Vec<String> = lines(&text)
            .into_iter()
            .zip(&removed)
            .filter(|(_, removed)| !**removed)
            .map(|(line, _)| line)
            .collect();
        prop_assert_eq!(lines(&left), expected);
    }
}

/// Whether a text is another one with characters left out.
fn is_made_of(part: &str, whole: &str) -> bool {
    let mut rest = whole.chars();
    part.chars().all(|wanted| rest.any(|character| character == wanted))
}
