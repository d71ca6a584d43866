//! Statistics of a run as tables for people.

mod clusters;
#[cfg(feature = "train")]
mod evaluation;
mod format;
mod index;
mod phases;
mod pii;
pub mod status;
mod table;
mod verification;

use std::fmt::Write;
use std::path::Path;

pub use clusters::{cluster, clusters_table, similarity, word_diff};
#[cfg(feature = "train")]
pub use evaluation::evaluation;
pub use format::{bytes, count, duration, number};
pub use index::index_table;
pub use phases::{phases_json, phases_table};
pub use pii::personal_data;
pub use status::status_table;
use table::{Align, Table};
pub use verification::verification_table;

use crate::document::Bound;
use crate::engine;
use crate::engine::explain::Explanation;
use crate::engine::statistics::{StageStatistics, Summary};
use crate::pipeline::Plan;
use crate::pipeline::registry::Description;

/// A share as a percentage; a dash for none of nothing.
fn percent(part: f64, whole: f64) -> String {
    match whole > 0.0 {
        true => format!("{:.1} %", 100.0 * part / whole),
        false => "-".to_owned(),
    }
}

/// `roots.stopwords_ratio 12, roots.number_words 3`: most frequent first.
fn reasons(stage: &StageStatistics) -> String {
    let mut reasons: Vec<(&String, &u64)> = stage.reasons.iter().collect();
    reasons.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let shown: Vec<String> = reasons
        .iter()
        .map(|(reason, count)| {
            let rule = reason.split_once('.').map_or(reason.as_str(), |(_, rule)| rule);
            format!("{rule} {}", number(**count))
        })
        .collect();
    shown.join(", ")
}

/// The tables that end a run: per stage, per language, and what was written.
pub fn summary_table(summary: &Summary, output: &Path) -> String {
    let mut out = String::new();
    let mut stages = Table::new([
        ("stage", Align::Left),
        ("in", Align::Right),
        ("dropped", Align::Right),
        ("text in", Align::Right),
        ("time", Align::Right),
        ("why dropped", Align::Left),
    ]);
    let time = |seconds: f64| percent(seconds, summary.cpu_seconds);
    let reading = summary.cpu.read + summary.cpu.parse;
    let rejected: Vec<String> = summary
        .rejected
        .iter()
        .map(|(reason, count)| format!("{reason} {}", number(*count)))
        .collect();
    stages.row([
        "read".to_owned(),
        number(summary.documents.input),
        number(summary.documents.rejected),
        bytes(summary.bytes.text_in),
        time(reading),
        rejected.join(", "),
    ]);
    for stage in &summary.stages {
        stages.row([
            stage.name.clone(),
            number(stage.input),
            number(stage.dropped),
            bytes(stage.text_in),
            time(stage.cpu_seconds),
            reasons(stage),
        ]);
    }
    stages.row([
        "write".to_owned(),
        number(summary.documents.kept),
        String::new(),
        bytes(summary.bytes.text_kept),
        time(summary.cpu.write),
        String::new(),
    ]);
    out.push_str(&stages.render());
    out.push('\n');
    out.push_str(&languages(summary));
    for stage in &summary.stages {
        for (note, languages) in &stage.notes {
            let total: u64 = languages.values().sum();
            let mut names: Vec<(&String, &u64)> = languages.iter().collect();
            names.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
            let names: Vec<String> =
                names.iter().take(12).map(|(name, count)| format!("{name} {count}")).collect();
            let more = if languages.len() > 12 { " …" } else { "" };
            let _ = writeln!(out, "{note}: {} ({}{more})", number(total), names.join(", "));
        }
    }
    let counts = summary.documents;
    let _ = writeln!(
        out,
        "{} = {} kept + {} dropped + {} rejected",
        count(counts.input, "record", "records"),
        number(counts.kept),
        number(counts.dropped),
        number(counts.rejected)
    );
    let written: u64 = summary.output_shards.iter().map(|shard| shard.bytes).sum();
    let _ = writeln!(
        out,
        "{} ({}) in {}, {:.1} MB/s, {:.1} MB/s a core-second",
        count(summary.output_shards.len() as u64, "shard", "shards"),
        bytes(written),
        duration(summary.seconds),
        summary.bytes.text_in as f64 / 1e6 / summary.seconds.max(1e-9),
        summary.bytes.text_in as f64 / 1e6 / summary.cpu_seconds.max(1e-9),
    );
    let _ = writeln!(out, "written to {}", output.display());
    out
}

fn languages(summary: &Summary) -> String {
    if summary.languages.keys().all(|language| language == "unknown") {
        return String::new();
    }
    let mut rows: Vec<_> = summary.languages.iter().collect();
    rows.sort_by(|a, b| b.1.text_kept.cmp(&a.1.text_kept).then_with(|| a.0.cmp(b.0)));
    let mut table = Table::new([
        ("language", Align::Left),
        ("kept", Align::Right),
        ("dropped", Align::Right),
        ("text kept", Align::Right),
    ]);
    const SHOWN: usize = 30;
    for (language, counts) in rows.iter().take(SHOWN) {
        table.row([
            (*language).clone(),
            number(counts.kept),
            number(counts.dropped),
            bytes(counts.text_kept),
        ]);
    }
    let mut rest = [0; 3];
    for (_, counts) in rows.iter().skip(SHOWN) {
        rest[0] += counts.kept;
        rest[1] += counts.dropped;
        rest[2] += counts.text_kept;
    }
    if rows.len() > SHOWN {
        let name = format!("{} others", rows.len() - SHOWN);
        table.row([name, number(rest[0]), number(rest[1]), bytes(rest[2])]);
    }
    table.render() + "\n"
}

/// A plan: passes, stages, files, memory, and what a user should know.
pub fn plan(plan: &Plan, threads: usize) -> String {
    let config = &plan.config;
    let mut out = String::new();
    let _ = writeln!(out, "{} is a valid pipeline (config {})", config.name, config.hash());
    let paths: Vec<String> =
        config.input.paths.iter().map(|path| path.display().to_string()).collect();
    let paths = if paths.is_empty() { "--input".to_owned() } else { paths.join(", ") };
    let _ = writeln!(out, "reads {paths}");
    for (number, pass) in plan.passes.iter().enumerate() {
        let mut steps: Vec<&str> = pass.stages.iter().map(|stage| stage.label.as_str()).collect();
        let applied: Vec<&str> = plan.applied(number).map(|it| it.label.as_str()).collect();
        let apply = format!("apply {}", applied.join(", "));
        if !applied.is_empty() {
            steps.insert(0, &apply);
        }
        let labels: Vec<String> = pass
            .barriers
            .iter()
            .map(|planned| match planned.barrier.rounds() {
                1 => planned.label.clone(),
                rounds => format!("{} ({} of {rounds})", planned.label, planned.round + 1),
            })
            .collect();
        let end = match labels.is_empty() {
            false => format!("leave records for {}", labels.join(", ")),
            true => "write".to_owned(),
        };
        steps.push(&end);
        let from = match (number, plan.source(number)) {
            (0, _) => String::new(),
            (_, None) => " (the input again)".to_owned(),
            (_, Some(source)) => format!(" (what pass {} left)", source + 1),
        };
        let _ = writeln!(out, "pass {}{from}: {}", number + 1, steps.join(" -> "));
        for label in &labels {
            let _ = writeln!(out, "  resolve {label}");
        }
    }
    let partition = match &config.output.partition_by {
        Some(column) => format!(", a folder for each {column}"),
        None => String::new(),
    };
    let _ = writeln!(
        out,
        "writes {} in shards of {}{partition}",
        config.output.path.display(),
        config.output.shard_size
    );
    for resource in plan.resources() {
        let _ = writeln!(
            out,
            "{}: {} ({}, xxh3 {})",
            resource.role,
            resource.path,
            bytes(resource.bytes),
            resource.xxh3
        );
    }
    let _ = writeln!(
        out,
        "memory: about {} with {}",
        bytes(engine::memory(plan, threads)),
        count(threads as u64, "thread", "threads")
    );
    for stage in plan.stages() {
        for remark in stage.stage.remarks() {
            let _ = writeln!(out, "note: {}: {remark}", stage.label);
        }
    }
    for planned in plan.barriers() {
        for remark in planned.barrier.remarks() {
            let _ = writeln!(out, "note: {}: {remark}", planned.label);
        }
    }
    out
}

/// All stages, a line each.
pub fn stages(stages: &[Description]) -> String {
    let mut table = Table::new([("stage", Align::Left), ("what it does", Align::Left)]);
    for stage in stages {
        table.row([stage.name.to_owned(), stage.summary.to_owned()]);
    }
    table.render() + "\n`sapwood stages NAME` shows a stage's parameters and metrics.\n"
}

/// One stage with its parameters and metrics.
pub fn stage(stage: &Description) -> String {
    let mut out = format!("{}: {}\n\n", stage.name, stage.summary);
    let properties = stage.parameters.get("properties").and_then(|value| value.as_object());
    let mut table = Table::new([
        ("parameter", Align::Left),
        ("default", Align::Left),
        ("meaning", Align::Left),
    ]);
    for (name, schema) in properties.into_iter().flatten() {
        let default = schema.get("default").map(ToString::to_string).unwrap_or_default();
        let meaning = schema.get("description").and_then(|text| text.as_str()).unwrap_or_default();
        table.row([
            name.clone(),
            default,
            meaning.split_whitespace().collect::<Vec<_>>().join(" "),
        ]);
    }
    out.push_str(&table.render());
    if !stage.metrics.is_empty() {
        let mut table =
            Table::new([("metric", Align::Left), ("unit", Align::Left), ("meaning", Align::Left)]);
        for metric in &stage.metrics {
            table.row([metric.name.to_owned(), metric.unit.to_owned(), metric.meaning.to_owned()]);
        }
        out.push('\n');
        out.push_str(&table.render());
    }
    out
}

/// What a pipeline makes of one document.
pub fn explanation(explanation: &Explanation) -> String {
    let mut out = String::new();
    for stage in &explanation.stages {
        let changed = if stage.text_changed { ", changes the text" } else { "" };
        let _ = writeln!(out, "{}: {}{changed}", stage.stage, stage.verdict);
        let mut table = Table::new([
            ("  metric", Align::Left),
            ("value", Align::Right),
            ("threshold", Align::Right),
            ("margin", Align::Right),
            ("", Align::Left),
        ]);
        for (metric, value) in &stage.metrics {
            let tests: Vec<_> = stage.tests.iter().filter(|test| test.metric == metric).collect();
            let shown = match value {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Number(number) if number.is_f64() => {
                    format!("{:.4}", number.as_f64().unwrap_or_default())
                }
                other => other.to_string(),
            };
            if tests.is_empty() {
                let blank = String::new;
                table.row([format!("  {metric}"), shown.clone(), blank(), blank(), blank()]);
            }
            for test in tests {
                let threshold = match test.bound {
                    Bound::AtLeast(bound) => format!(">= {bound}"),
                    Bound::AtMost(bound) => format!("<= {bound}"),
                };
                let passed = if test.passed { "passes" } else { "FAILS" };
                let margin = format!("{:+.4}", test.margin);
                table.row([
                    format!("  {metric}"),
                    shown.clone(),
                    threshold,
                    margin,
                    passed.to_owned(),
                ]);
            }
        }
        if !stage.metrics.is_empty() {
            out.push_str(&table.render());
        }
        let other: Vec<&str> = stage
            .reasons
            .iter()
            .map(AsRef::as_ref)
            .filter(|reason| !stage.tests.iter().any(|test| test.metric == *reason))
            .collect();
        if !other.is_empty() {
            let _ = writeln!(out, "  fails {}", other.join(", "));
        }
    }
    let _ = writeln!(out, "\nverdict: {}", explanation.verdict);
    if !explanation.reasons.is_empty() {
        let _ = writeln!(out, "reasons: {}", explanation.reasons.join(", "));
    }
    match explanation.text == explanation.text_before {
        true => out.push_str("the text stays as it is\n"),
        false => {
            let _ = writeln!(out, "text becomes:\n{}", explanation.text);
        }
    }
    out
}
