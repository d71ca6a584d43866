//! How well personal data was found, as tables.

use std::fmt::Write;

use super::number;
use super::table::{Align, Table};
use crate::fit::pii::{Evaluation, Scores};

/// Rows of the lists of what was missed and what was mistaken.
const SHOWN: usize = 40;

/// Tables of an evaluation: by tag, by language, what was missed, and what was taken for personal
/// data. No part of a text is in them.
pub fn personal_data(evaluation: &Evaluation) -> String {
    let mut out = String::new();
    for (name, rows) in [("tag", &evaluation.tags), ("language", &evaluation.languages)] {
        let mut table = Table::new([
            (name, Align::Left),
            ("labels", Align::Right),
            ("found", Align::Right),
            ("exact", Align::Right),
            ("covered", Align::Right),
            ("false positives", Align::Right),
            ("misnamed", Align::Right),
            ("precision", Align::Right),
            ("recall", Align::Right),
            ("F1", Align::Right),
        ]);
        let all = ("all".to_owned(), &evaluation.overall);
        for (name, scores) in rows.iter().map(|(name, it)| (name.clone(), it)).chain([all]) {
            table.row(row(name, scores));
        }
        let _ = writeln!(out, "{}", table.render());
    }
    if !evaluation.missed.is_empty() {
        let mut table = Table::new([
            ("missed", Align::Left),
            ("kind", Align::Left),
            ("language", Align::Left),
            ("named", Align::Left),
            ("missed", Align::Right),
            ("of", Align::Right),
            ("touched", Align::Right),
        ]);
        for kind in evaluation.missed.iter().take(SHOWN) {
            let named = if kind.context { "yes" } else { "no" };
            table.row([
                kind.tag.clone(),
                kind.kind.clone(),
                kind.language.clone(),
                named.to_owned(),
                number(kind.missed),
                number(kind.labels),
                number(kind.touched),
            ]);
        }
        let _ = writeln!(out, "{}{}", table.render(), more(evaluation.missed.len()));
    }
    if !evaluation.mistaken.is_empty() {
        let mut table = Table::new([
            ("false positives", Align::Left),
            ("detector", Align::Left),
            ("was", Align::Left),
            ("language", Align::Left),
            ("finds", Align::Right),
        ]);
        for it in evaluation.mistaken.iter().take(SHOWN) {
            let cells = [&it.tag, &it.detector, &it.was, &it.language].map(String::clone);
            let [tag, detector, was, language] = cells;
            table.row([tag, detector, was, language, number(it.finds)]);
        }
        let _ = writeln!(out, "{}{}", table.render(), more(evaluation.mistaken.len()));
    }
    let Scores { precision, recall, f1, .. } = evaluation.overall;
    let _ = writeln!(
        out,
        "precision {precision:.4}, recall {recall:.4}, F1 {f1:.4} over {} documents; a find counts \
         if it has the label's tag and half of each is the other's",
        number(evaluation.documents)
    );
    out
}

fn row(name: String, scores: &Scores) -> [String; 10] {
    let share = |value: f64| format!("{value:.4}");
    [
        name,
        number(scores.labels),
        number(scores.found),
        number(scores.exact),
        number(scores.covered),
        number(scores.false_positives),
        number(scores.misnamed),
        share(scores.precision),
        share(scores.recall),
        share(scores.f1),
    ]
}

fn more(rows: usize) -> String {
    match rows.saturating_sub(SHOWN) {
        0 => String::new(),
        rest => format!("… and {} more\n", number(rest as u64)),
    }
}
