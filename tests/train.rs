//! Training classifiers from the outside: a language model and a quality model are made, and used by
//! the stages.

mod common;

use common::{Workspace, files, parse, project};

/// Labelled sentences of three languages, put together from a few words.
fn sentences(texts: usize, mut chance: u64) -> Vec<(&'static str, String)> {
    let languages = [
        ("fr", "le chat dort sous la table et nous mangeons du pain avec les enfants"),
        ("de", "die Katze schläft unter dem Tisch und wir essen Brot mit den Kindern"),
        ("fi", "kissa nukkuu pöydän alla ja me syömme leipää lasten kanssa tänään"),
    ];
    let mut sentences = Vec::new();
    for at in 0..texts * languages.len() {
        let (label, words) = languages[at % languages.len()];
        let words: Vec<&str> = words.split(' ').collect();
        let mut sentence = Vec::new();
        for _ in 0..7 {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            sentence.push(words[(chance >> 33) as usize % words.len()]);
        }
        sentences.push((label, sentence.join(" ")));
    }
    sentences
}

fn records(texts: usize, chance: u64) -> String {
    let line = |(label, text)| {
        serde_json::json!({"text": text, "meta": {"lang": label}}).to_string() + "\n"
    };
    sentences(texts, chance).into_iter().map(line).collect()
}

const SMALL: &str =
    "--label-field meta.lang --dim 8 --bucket 2000 --min-count 5 --min-ngram-count 2";

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("train.jsonl", records(200, 1));
    workspace.write("heldout.jsonl", records(40, 2));
    workspace
}

#[test]
fn a_language_model_is_trained_judged_and_used() {
    let workspace = workspace();
    let call = workspace
        .call(&format!(
            "train --input train.jsonl --heldout heldout.jsonl {SMALL} --cutoff 300 --output lid.ftz"
        ))
        .exits(0)
        .says(&["600 documents", "3 labels", "train, epoch 10", "retrain, epoch 5", "wrote lid.ftz"]);
    assert!(
        call.stdout.contains("accuracy 1.0000, macro-F1 1.0000 over 120 texts"),
        "{}",
        call.stdout
    );

    // The same again, by itself and as JSON.
    let json = workspace
        .call("evaluate lid.ftz --heldout heldout.jsonl --label-field meta.lang --json")
        .exits(0)
        .stdout;
    let evaluation = parse(json.as_bytes());
    assert_eq!(evaluation["macro_f1"], 1.0);
    assert_eq!(evaluation["labels"][0]["label"], "de");
    assert_eq!(evaluation["labels"][0]["texts"], 40);

    // Nothing is surer than sure.
    let arguments =
        "evaluate lid.ftz --heldout heldout.jsonl --label-field meta.lang --min-score 2";
    let call = workspace.call(arguments).exits(0);
    assert!(call.stdout.contains("accuracy 0.0000"), "{}", call.stdout);

    workspace.write("p.yaml", "stages:\n  - langid: {models: [lid.ftz], min_score: 0.5}\n");
    workspace.call("score p.yaml --input heldout.jsonl --output scores.jsonl").exits(0);
    let scores = workspace.read("scores.jsonl");
    let lines: Vec<&[u8]> =
        scores.split(|&byte| byte == b'\n').filter(|it| !it.is_empty()).collect();
    assert_eq!(lines.len(), 120);
    for (line, (label, _)) in lines.into_iter().zip(sentences(40, 2)) {
        assert_eq!(parse(line)["langid.label"], label);
    }
}

#[test]
fn a_quality_model_is_trained_from_fasttexts_lines_and_used() {
    let workspace = Workspace::new();
    let line = |(language, text)| match language {
        "fr" => format!("__label__hq {text}\n"),
        _ => format!("__label__lq {text}\n"),
    };
    workspace.write("train.txt", sentences(200, 1).into_iter().map(line).collect::<String>());
    workspace
        .call("train --for quality --input train.txt --heldout-share 0.1 --lr 0.5 --output q.bin")
        .exits(0)
        .says(&["2 labels"]);
    workspace.write("p.yaml", "stages:\n  - classify: {model: q.bin, label: hq, min_score: 0.5}\n");
    for (text, kept) in [("nous mangeons du pain", "keep"), ("wir essen Brot", "drop")] {
        let call =
            workspace.call_with(&["explain", "p.yaml", "--text", text, "--json"], b"").exits(0);
        assert_eq!(parse(call.stdout.as_bytes())["verdict"], kept, "{}", call.stdout);
    }
}

#[test]
fn the_same_call_gives_the_same_bytes_whatever_the_threads() {
    let workspace = workspace();
    for (output, more) in [("a", ""), ("b", ""), ("c", "--threads 2"), ("d", "--seed 1")] {
        workspace
            .call(&format!(
                "train --input train.jsonl {SMALL} --pieces 10-30 --lowercase-share 0.3 \
                 --max-bytes 14kB {more} --output {output}.ftz"
            ))
            .exits(0);
    }
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| workspace.read(&format!("{name}.ftz")));
    assert!(a == b && a == c && a != d);
    assert!(a.len() <= 14_000 && a.len() > 13_900, "{}", a.len());
}

#[test]
fn what_overlaps_with_held_out_texts_is_left_out() {
    let workspace = workspace();
    let all = records(200, 1);
    let copied: Vec<&str> = all.lines().take(9).collect();
    workspace.write(
        "some.jsonl",
        copied
            .join("\n")
            .to_uppercase()
            .replace("TEXT", "text")
            .replace("META", "meta")
            .replace("LANG", "lang"),
    );
    workspace
        .call(&format!("train --input train.jsonl --heldout some.jsonl {SMALL} --output m.ftz"))
        .exits(0)
        .says(&["591 texts", "9 overlapping with held-out ones"]);
}

#[test]
fn languages_that_a_model_does_not_know_are_told_apart() {
    let workspace = Workspace::new();
    workspace.write(
        "heldout.txt",
        "__label__fr Le chat dort sous la table.\n__label__xho Inja ilele phantsi.\n",
    );
    let model = project().join("models/lid.176.ftz").display().to_string();
    let call = workspace.call_with(&["evaluate", &model, "--heldout", "heldout.txt"], b"").exits(0);
    assert!(call.stdout.contains("not supported"), "{}", call.stdout);
    assert!(call.stdout.contains("1 texts are of others"), "{}", call.stdout);
    // A map brings the model's names to those of the texts.
    workspace.write("map.yaml", "fr: fra\n");
    workspace.write("mapped.txt", "__label__fra Le chat dort sous la table.\n");
    let arguments = ["evaluate", &model, "--heldout", "mapped.txt", "--label-map", "map.yaml"];
    let call = workspace.call_with(&arguments, b"").exits(0);
    assert!(call.stdout.contains("macro-F1 1.0000 over 1 texts"), "{}", call.stdout);
}

#[test]
fn errors_say_what_to_do() {
    let workspace = workspace();
    workspace.write("one.txt", "__label__a some text\n__label__a more text\n");
    workspace.write("spaced.jsonl", "{\"text\": \"x\", \"label\": \"a b\"}\n");
    workspace.write("empty.jsonl", "");
    let cases: [(&str, i32, &[&str]); 8] = [
        ("train --input train.jsonl --output m.ftz", 2, &["`label`", "--label-field"]),
        ("train --input one.txt --output m.ftz", 1, &["all texts have one label, `a`"]),
        ("train --input spaced.jsonl --output m.ftz", 1, &["`a b` has white space"]),
        (
            "train --input train.jsonl --label-field meta.lang --heldout empty.jsonl --output m.ftz",
            2,
            &["nothing is held out: no document has a label, of 0"],
        ),
        ("train --input one.txt --output no/m.ftz", 1, &["can't write no/m.ftz"]),
        ("train --input one.txt --output m.model", 2, &[".ftz or .bin"]),
        ("train --input one.txt --output m.ftz --dim 0", 2, &["dim must be 1 to 4096"]),
        ("evaluate train.jsonl --heldout one.txt", 1, &["train.jsonl: is not a fastText model"]),
    ];
    for (arguments, code, parts) in cases {
        workspace.call(arguments).exits(code).says(parts);
    }
    let left = files(&workspace.path("."));
    assert!(left.iter().all(|path| !path.to_string_lossy().contains("m.ftz")), "{left:?}");
}
