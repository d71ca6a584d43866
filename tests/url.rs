//! The stages `url` and `sample` from outside: lists on disk, reasons in the account.

mod common;

use std::collections::BTreeSet;

use common::Workspace;
use serde_json::{Value, json};

const PIPELINE: &str = "
input: {paths: [input.jsonl], fields: {url: meta.link}}
stages:
  - url:
      domains: [lists/domains.zst]
      subdomains: [lists/domains.zst]
      words: [lists/words.txt]
      soft_words: [lists/soft.txt]
      subwords: [lists/parts.txt.gz]
      allow: [lists/allow.txt]
output: {path: out, compression: none, keep_dropped: true, metrics: [url.*]}
";

const URLS: &[(&str, Option<&str>, &[&str])] = &[
    ("plain", Some("https://example.org/page"), &[]),
    ("none", None, &[]),
    ("domain", Some("HTTP://www.Bad.co.uk:80/"), &["url.domain"]),
    ("below", Some("https://page.bad.example.org/"), &["url.subdomain"]),
    ("word", Some("https://example.org/an/AWFUL/page"), &["url.word"]),
    ("soft", Some("https://example.org/meh?bleh"), &["url.soft_words"]),
    ("one_soft", Some("https://example.org/meh?meh"), &[]),
    ("part", Some("https://example.org/w.o.r.s.t"), &["url.subword"]),
    (
        "many",
        Some("https://bad.co.uk/awful-worst"),
        &["url.domain", "url.subdomain", "url.word", "url.subword"],
    ),
    ("allowed", Some("https://fine.bad.co.uk/awful"), &[]),
];

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("lists/domains.zst", {
        let text = b"# bad ones\nbad.co.uk\nbad.example.org\nhttp://no.host/\n";
        zstd::encode_all(&text[..], 3).expect("zstd")
    });
    workspace.write("lists/words.txt", "awful\n");
    workspace.write("lists/soft.txt", "meh\r\nbleh\r\n");
    workspace.write("lists/allow.txt", "fine.bad.co.uk\n");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, b"worst\n").expect("gzip");
    workspace.write("lists/parts.txt.gz", gzip.finish().expect("gzip"));
    workspace.write("pipeline.yaml", PIPELINE);
    let records = URLS.iter().map(|(id, url, _)| {
        let record = match url {
            Some(url) => json!({"id": id, "text": "Text.", "meta": {"link": url}}),
            None => json!({"id": id, "text": "Text."}),
        };
        format!("{record}\n")
    });
    workspace.write("input.jsonl", records.collect::<String>());
    workspace
}

#[test]
fn documents_are_dropped_for_the_rule_that_their_url_failed() {
    let workspace = workspace();
    workspace.call("run pipeline.yaml").exits(0);
    let summary = workspace.summary("out");
    common::assert_adds_up(&summary);
    let stage = &summary["stages"][0];
    assert_eq!(
        stage["reasons"],
        json!({
            "url.domain": 2, "url.subdomain": 1, "url.word": 1, "url.soft_words": 1,
            "url.subword": 1
        })
    );
    let noted = |note: &str| -> u64 {
        let languages = stage["notes"][note].as_object().expect("a note");
        languages.values().filter_map(Value::as_u64).sum()
    };
    assert_eq!((noted("url.missing"), noted("url.allowed")), (1, 1));
    let kept = workspace.records("out/data");
    let ids: Vec<_> = kept.iter().filter_map(|record| record["id"].as_str()).collect();
    let expected = URLS.iter().filter(|(.., reasons)| reasons.is_empty());
    assert_eq!(ids, expected.map(|(id, ..)| *id).collect::<Vec<_>>());
    assert!(kept[0].to_string().contains("\"example.org\""), "{}", kept[0]);
}

#[test]
fn explain_names_every_rule() {
    let workspace = workspace();
    for (id, _, reasons) in URLS {
        let call =
            workspace.call(&format!("explain pipeline.yaml --input input.jsonl --id {id} --json"));
        let explanation = common::parse(call.exits(0).stdout.as_bytes());
        assert_eq!(explanation["reasons"], json!(reasons), "{id}");
        let verdict = if reasons.is_empty() { "keep" } else { "drop" };
        assert_eq!(explanation["verdict"], verdict, "{id}");
    }
}

#[test]
fn check_says_what_is_odd_about_the_lists() {
    let workspace = workspace();
    let call = workspace.call("check pipeline.yaml").exits(0);
    let said = format!("{}{}", call.stdout, call.stderr);
    assert!(said.contains("domains: 1 of 3 lines"), "{said}");
    assert!(said.contains("no list for urls"), "{said}");
    workspace.write("none.yaml", "input: {paths: [input.jsonl]}\nstages: [url: {}]\n");
    workspace.call("check none.yaml").exits(2).says(&["url: no list is given"]);
    workspace.write("gone.yaml", "input: {paths: [input.jsonl]}\nstages: [url: {words: [gone]}]\n");
    workspace.call("check gone.yaml").exits(2).says(&["url: gone is not there"]);
}

#[test]
fn a_changed_list_makes_another_run() {
    let workspace = workspace();
    workspace.call("run pipeline.yaml").exits(0);
    workspace.call("run pipeline.yaml").exits(0);
    workspace.write("lists/words.txt", "other\n");
    workspace.call("run pipeline.yaml").exits(2).says(&["words.txt"]);
}

#[test]
fn a_sample_is_the_same_in_every_order_and_holds_smaller_ones() {
    let workspace = Workspace::new();
    let line = |number: usize| format!("{{\"id\":\"d{number}\",\"text\":\"Text.\"}}\n");
    workspace.write("a.jsonl", (0..2000).map(line).collect::<String>());
    workspace.write("b.jsonl", (0..2000).rev().map(line).collect::<String>());
    let ids = |name: &str, input: &str, sample: &str| -> BTreeSet<String> {
        workspace.write(
            "pipeline.yaml",
            format!(
                "input: {{paths: [{input}]}}\nstages: [sample: {{{sample}}}]\n\
                 output: {{path: {name}, metrics: [sample.position]}}\n"
            ),
        );
        workspace.call("run pipeline.yaml").exits(0);
        let stage = workspace.summary(name)["stages"][0].clone();
        let records = workspace.records(&format!("{name}/data"));
        assert_eq!(stage["reasons"]["sample.rate"].as_u64(), Some(2000 - records.len() as u64));
        records.iter().filter_map(|record| record["id"].as_str()).map(str::to_owned).collect()
    };
    let half = ids("half", "a.jsonl", "rate: 0.5");
    assert_eq!(half, ids("again", "b.jsonl", "rate: 0.5"));
    let tenth = ids("tenth", "a.jsonl", "rate: {xx: 1, default: 0.1}");
    assert!(!tenth.is_empty() && tenth.is_subset(&half));
    assert_ne!(half, ids("other", "a.jsonl", "rate: 0.5, seed: 1"));
}

#[test]
fn a_rate_that_is_none_is_refused() {
    let workspace = Workspace::new();
    for (rate, message) in [
        ("half", "expected a share from 0 to 1"),
        ("1.5", "rate is 1.5"),
        ("{en: -1}", "rate.en is -1"),
    ] {
        let pipeline = format!("input: {{paths: [a]}}\nstages: [sample: {{rate: {rate}}}]\n");
        workspace.write("pipeline.yaml", pipeline);
        workspace.call("check pipeline.yaml").exits(2).says(&[message]);
    }
}
