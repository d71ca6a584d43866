use super::*;

fn label(tag: &str, start: usize, end: usize, valid: Option<bool>) -> Label {
    Label { tag: tag.into(), kind: "k".into(), start, end, valid, context: false }
}

fn gold(text: &str, spans: Vec<Label>) -> Gold {
    Gold { id: "a".into(), language: "en".into(), text: text.into(), spans }
}

fn found(tag: &str, start: usize, end: usize) -> Found {
    Found { tag: tag.into(), detector: format!("{tag} by test"), start, end }
}

fn judge(document: Gold, finds: &[Found]) -> Evaluation {
    evaluate(&[document], &BTreeSet::new(), |_| finds.to_vec())
}

const TEXT: &str = "0123456789 0123456789 0123456789";

#[test]
fn a_find_is_of_a_label_if_half_of_each_is_the_others() {
    let document = || gold(TEXT, vec![label("A", 0, 10, Some(true))]);
    for (start, end, is) in
        [(0, 10, true), (5, 10, true), (6, 10, false), (0, 20, true), (0, 21, false)]
    {
        let scores = judge(document(), &[found("A", start, end)]).overall;
        assert_eq!(scores.found, u64::from(is), "{start}..{end}");
        assert_eq!(scores.false_positives, u64::from(!is), "{start}..{end}");
        assert_eq!(scores.exact, u64::from((start, end) == (0, 10)));
        assert_eq!(scores.covered, u64::from(start == 0 && end >= 10));
    }
}

#[test]
fn another_tag_is_a_miss_and_a_mistake_but_covers() {
    let evaluation = judge(gold(TEXT, vec![label("A", 0, 10, Some(true))]), &[found("B", 0, 10)]);
    let Scores { labels, found, covered, false_positives, precision, recall, f1, .. } =
        evaluation.overall;
    assert_eq!((labels, found, covered, false_positives), (1, 0, 1, 1));
    assert_eq!((precision, recall, f1), (0.0, 0.0, 0.0));
    assert_eq!(evaluation.tags["A"].recall, 0.0);
    assert_eq!((evaluation.tags["B"].false_positives, evaluation.tags["B"].misnamed), (1, 1));
    assert_eq!(evaluation.mistaken[0].was, "A k");
    assert_eq!((evaluation.missed[0].missed, evaluation.missed[0].touched), (1, 1));
}

#[test]
fn each_label_is_found_once() {
    let document = gold(TEXT, vec![label("A", 0, 10, Some(true))]);
    // The exact find is taken, though the other comes first.
    let scores = judge(document, &[found("A", 0, 9), found("A", 0, 10)]).overall;
    assert_eq!((scores.found, scores.exact, scores.false_positives), (1, 1, 1));
    let document = gold(TEXT, vec![label("A", 0, 10, Some(true)), label("A", 11, 21, Some(true))]);
    let scores = judge(document, &[found("A", 0, 21)]).overall;
    assert_eq!((scores.found, scores.covered, scores.false_positives), (0, 2, 1));
}

#[test]
fn what_counts_neither_way_does_not_count() {
    let spans = || {
        vec![
            label("A", 0, 10, None),
            label("A", 11, 21, Some(false)),
            label("B", 22, 32, Some(true)),
        ]
    };
    let finds = [found("B", 2, 12), found("A", 11, 21), found("B", 22, 32)];
    let evaluation = judge(gold(TEXT, spans()), &finds);
    assert_eq!(evaluation.overall.labels, 1);
    assert_eq!(evaluation.overall.found, 1);
    assert_eq!(evaluation.overall.false_positives, 1);
    assert_eq!(evaluation.false_positives_by_detector, [("A by test".to_owned(), 1)]);
    assert_eq!(evaluation.overall.precision, 0.5);
}

#[test]
fn only_the_tags_in_question_are_asked_for() {
    let spans = vec![label("A", 0, 10, Some(true)), label("B", 11, 21, Some(true))];
    let tags = BTreeSet::from(["A".to_owned()]);
    let finds = [found("A", 11, 21), found("B", 0, 10)];
    let evaluation = evaluate(&[gold(TEXT, spans)], &tags, |_| finds.to_vec());
    let Scores { labels, found, false_positives, .. } = evaluation.overall;
    assert_eq!((labels, found, false_positives), (1, 0, 1));
    assert!(!evaluation.tags.contains_key("B"));
}

#[test]
fn figures_are_those_counted_by_hand() {
    let spans = vec![label("A", 0, 10, Some(true)), label("A", 11, 21, Some(true))];
    let evaluation = judge(gold(TEXT, spans), &[found("A", 0, 10), found("A", 25, 30)]);
    let scores = evaluation.overall;
    assert_eq!((scores.precision, scores.recall, scores.f1), (0.5, 0.5, 0.5));
    assert_eq!(evaluation.languages["en"], scores);
    assert_eq!(evaluation.tags_by_language["A"]["en"], scores);
    assert_eq!(evaluation.mistaken[0].was, "text");
    // Nothing to find and nothing found is as it should be.
    let nothing = judge(gold(TEXT, vec![]), &[]).overall;
    assert_eq!((nothing.precision, nothing.recall, nothing.f1), (1.0, 1.0, 1.0));
}

#[test]
fn bytes_become_code_points() {
    let text = "é́日本 x@y.fr, émile@z.fr";
    let span = |piece: &str| {
        let start = text.find(piece).unwrap();
        Span { tag: "A", detector: "d", start, end: start + piece.len(), score: 1.0 }
    };
    let finds = super::found(text, &[span("x@y.fr"), span("émile@z.fr")]);
    let at: Vec<_> = finds.iter().map(|it| (it.start, it.end)).collect();
    assert_eq!(at, [(5, 11), (13, 23)]);
}

#[test]
fn offsets_are_code_points() {
    let document = gold("é́日本 x@y.fr", vec![label("A", 5, 11, Some(true))]);
    assert_eq!(judge(document, &[found("A", 5, 11)]).overall.covered, 1);
}

fn written(content: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gold.jsonl");
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

#[test]
fn errors_name_the_line_and_quote_nothing() {
    let good = r#"{"id":"a","language":"en","text":"abc","spans":[]}"#;
    for (wrong, column) in [
        (r#"{"id":"secret@host.fr","language":5}"#, true),
        (r#"{"id":"a","language":"en","text":"secret@host.fr","spans":"secret@host.fr"}"#, true),
        (r#"{"id": secret@host.fr"#, true),
        (
            r#"{"id":"a","language":"en","text":"secret@host.fr","spans":[{"tag":"A","start":2,"end":99,"valid":true}]}"#,
            false,
        ),
    ] {
        let (_folder, path) = written(format!("{good}\n\n{wrong}\n").as_bytes());
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("line 3"), "{message}");
        assert!(!message.contains("secret"), "{message}");
        assert_eq!(message.contains("column"), column, "{message}");
    }
    let (_folder, path) = written(b"\n");
    assert!(matches!(read(&path), Err(GoldError::Empty { .. })));
    assert!(matches!(read(std::path::Path::new("/nowhere/at/all")), Err(GoldError::Read { .. })));
}

#[test]
fn what_others_found_is_read_by_document() {
    let document = gold(TEXT, vec![label("A", 0, 10, Some(true))]);
    let (_folder, path) = written(
        b"{\"id\":\"a\",\"spans\":[{\"tag\":\"A\",\"start\":0,\"end\":10}]}\n{\"id\":\"a\",\"spans\":[]}\n",
    );
    let found = read_found(&path, std::slice::from_ref(&document)).unwrap();
    assert_eq!(found["a"].len(), 1);
    let (_folder, path) = written(b"{\"id\":\"b\",\"spans\":[]}\n");
    let error = read_found(&path, &[document]).unwrap_err();
    assert!(matches!(error, GoldError::Unknown { line: 1, .. }));
}

#[test]
fn compressed_files_are_read_as_they_are() {
    let line = serde_json::to_string(&gold("abc", vec![label("A", 0, 3, None)])).unwrap();
    let (_folder, path) = written(&zstd::encode_all(line.as_bytes(), 1).unwrap());
    assert_eq!(read(&path).unwrap(), [gold("abc", vec![label("A", 0, 3, None)])]);
}
