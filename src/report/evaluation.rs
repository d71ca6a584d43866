//! How a classifier did, as tables.

use std::fmt::Write;

use super::number;
use super::table::{Align, Table};
use crate::fit::evaluation::{Evaluation, Scores};

/// Tables of an evaluation: per label, what was confused, and the means.
pub fn evaluation(evaluation: &Evaluation) -> String {
    let mut labels = Table::new([
        ("label", Align::Left),
        ("texts", Align::Right),
        ("precision", Align::Right),
        ("recall", Align::Right),
        ("F1", Align::Right),
        ("false positives", Align::Right),
        ("rate", Align::Right),
    ]);
    let share = |value: f64| format!("{value:.4}");
    let not_supported = "not supported";
    for scores in evaluation.labels.iter().chain(&evaluation.others) {
        let Scores { label, texts, precision, recall, f1, .. } = scores;
        let [precision, recall, f1] = match (scores.supported, texts) {
            (_, 0) => [String::new(), String::new(), String::new()],
            (false, _) => [not_supported.to_owned(), String::new(), String::new()],
            (true, _) => [share(*precision), share(*recall), share(*f1)],
        };
        let rate = format!("{:.3} %", scores.false_positive_rate * 100.0);
        let false_positives = number(scores.false_positives);
        labels.row([label.clone(), number(*texts), precision, recall, f1, false_positives, rate]);
    }
    let mut out = labels.render();
    if !evaluation.confusions.is_empty() {
        let mut confusions = Table::new([
            ("label", Align::Left),
            ("taken for", Align::Left),
            ("texts", Align::Right),
        ]);
        for confusion in &evaluation.confusions {
            let texts = number(confusion.texts);
            confusions.row([confusion.label.clone(), confusion.answer.clone(), texts]);
        }
        let _ = write!(out, "\n{}", confusions.render());
    }
    let Evaluation { texts, not_supported, .. } = evaluation;
    let _ = writeln!(
        out,
        "\naccuracy {:.4}, macro-F1 {:.4} over {} texts",
        evaluation.accuracy,
        evaluation.macro_f1,
        number(*texts)
    );
    if *not_supported > 0 {
        let _ = writeln!(
            out,
            "of labels that the model knows: accuracy {:.4}, macro-F1 {:.4}; {} texts are of others",
            evaluation.accuracy_supported,
            evaluation.macro_f1_supported,
            number(*not_supported)
        );
    }
    out
}
