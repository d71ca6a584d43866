//! A derived profile as a file that a person reviews.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Fitted, RULES, STOP_WORDS, Side, words_name};

/// Names of inputs that are listed.
const NAMED: usize = 12;
/// Where the lines of comments are broken, in characters.
const WIDTH: usize = 96;

pub fn render(fitted: &Fitted) -> String {
    let mut comments: BTreeMap<&str, String> = BTreeMap::new();
    for rule in RULES {
        let text = comments.entry(rule.field).or_default();
        let first = text.is_empty();
        let share = fitted.options.quantile;
        match fitted.distributions.get(rule.metric) {
            _ if !fitted.options.derives(rule.field) => {
                if first {
                    text.push_str("not derived: left out of the fields\n");
                }
            }
            None => {
                let _ = writeln!(text, "{}: the sample has no values", rule.metric);
            }
            Some(values) => {
                let (sign, kept) = match rule.side {
                    Side::AtMost => ("<=", values.at_most(share)),
                    Side::AtLeast => (">=", values.at_least(share)),
                };
                let bounded = fitted.derived.get(&rule.name()).is_some_and(|found| found.bounded);
                let _ = writeln!(
                    text,
                    "{:.3} |{}| {:.3}  {}: median {:.3}, {:.1} % {sign} {:.3}{}",
                    values.least(),
                    values.draw(),
                    values.most(),
                    rule.metric,
                    values.at_most(0.5).unwrap_or_default(),
                    share * 100.0,
                    kept.unwrap_or_default(),
                    if bounded { ", moved to its bound" } else { "" },
                );
                if first {
                    let margin = format!(
                        "margin {} %, bounds {} to {}",
                        (rule.margin * 100.0).round(),
                        rule.bounds.start(),
                        rule.bounds.end()
                    );
                    let of = if rule.length > 0 { " (of the first length)" } else { "" };
                    wrap(text, &format!("{margin}{of}: {}", rule.reason));
                }
            }
        }
    }
    comments.insert(STOP_WORDS, stop_words(fitted));
    fitted.profile.to_commented_yaml(&head(fitted), &comments)
}

fn head(fitted: &Fitted) -> String {
    let (options, sample) = (&fitted.options, &fitted.sample);
    let mut head = String::new();
    let _ = writeln!(
        head,
        "Profile of {}, derived by sapwood {}. To be reviewed by a person who reads the language.",
        fitted.profile.code(),
        env!("CARGO_PKG_VERSION")
    );
    for warning in &fitted.warnings {
        wrap(&mut head, &format!("WARNING: {warning}"));
    }
    head.push('\n');
    let mut names = sample.inputs.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if sample.inputs.len() > NAMED {
        let _ = write!(names, " and {} more", sample.inputs.len() - NAMED);
    }
    wrap(&mut head, &format!("sample: {names}"));
    let _ = writeln!(
        head,
        "  {} documents, {} of them of {} words or more; {} bytes, {} words",
        sample.documents, sample.measured, options.min_words, sample.bytes, sample.words
    );
    let _ = writeln!(head, "  xxh3 of the texts: {}", sample.xxh3);
    let mut call = format!(
        "options: --language {} --words {} --quantile {} --min-words {} --coverage {}",
        fitted.profile.code(),
        words_name(&options.words),
        options.quantile,
        options.min_words,
        options.coverage
    );
    if let Some(fields) = &options.fields {
        let _ = write!(call, " --fields {}", fields.join(","));
    }
    wrap(&mut head, &call);
    head.push('\n');
    wrap(
        &mut head,
        "Each threshold: the quantile of its metric, moved outwards by the margin, then into the \
         bounds. Histograms go from the least value to the greatest. Null switches a rule off.",
    );
    head
}

fn stop_words(fitted: &Fitted) -> String {
    if !fitted.options.derives(STOP_WORDS) {
        return "not derived: left out of the fields".to_owned();
    }
    let covered: f64 = fitted.stop_words.iter().map(|found| found.share).sum();
    let mut text = format!("{} words, {:.1} % of all\n", fitted.stop_words.len(), covered * 100.0);
    if let Some(share) = fitted.with_stop_words {
        let _ = writeln!(text, "{:.1} % of the documents have two or more of them", share * 100.0);
    }
    let list: Vec<String> = fitted
        .stop_words
        .iter()
        .map(|found| {
            format!("{} {:.2} {:.0}", found.word, found.share * 100.0, found.documents * 100.0)
        })
        .collect();
    wrap(
        &mut text,
        &format!("each with its share of words and of documents in %: {}", list.join(", ")),
    );
    text
}

/// Appends a paragraph, broken at spaces.
fn wrap(text: &mut String, paragraph: &str) {
    let mut width = 0;
    for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WIDTH {
            text.push_str("\n  ");
            width = 2;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    text.push('\n');
}
