//! Figures as tables and as JSON.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use serde_json::{Value, json};

use crate::answers::Contender;
use crate::curve::Curve;
use crate::groups::{GROUPS, LENGTHS};
use crate::judge::{Figures, Share};
use crate::set::{Entry, Kind, RECIPES};

/// All that was measured.
pub struct Report {
    level: f64,
    /// Documents over all rounds, by kind.
    documents: BTreeMap<&'static str, u64>,
    bytes: u64,
    pub contenders: Vec<(Contender, Figures)>,
    pub curves: Vec<Curve>,
}

/// A share in hundredths, or what is not there.
struct Percent(Share);

impl Display for Percent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.value() {
            // A share that is not whole must not look so.
            Some(value) if value < 1.0 => f.pad(&format!("{:.1}", (value * 1e3).floor() / 10.0)),
            Some(_) => f.pad("100"),
            None => f.pad("–"),
        }
    }
}

impl Report {
    pub fn new(level: f64) -> Self {
        let documents = BTreeMap::new();
        Self { level, documents, bytes: 0, contenders: Vec::new(), curves: Vec::new() }
    }

    /// Counts a set.
    pub fn describe(&mut self, set: &[Entry]) {
        for entry in set {
            let kind = match entry.kind {
                Kind::Base => "documents of their own",
                Kind::Exact => "exact copies",
                Kind::Near(_) => "edited copies",
                Kind::Negative(_) => "different documents that share text with another",
            };
            *self.documents.entry(kind).or_default() += 1;
            self.bytes += entry.text.len() as u64;
        }
    }

    /// All figures.
    pub fn to_json(&self) -> Value {
        let contenders: Vec<Value> = self.contenders.iter().map(|(c, f)| contender(c, f)).collect();
        let curves: Vec<Value> = self.curves.iter().map(curve).collect();
        json!({
            "level": self.level,
            "documents": self.documents,
            "bytes": self.bytes,
            "contenders": contenders,
            "curves": curves,
        })
    }

    fn percents(&self) -> Vec<u32> {
        let mut all: Vec<u32> = self
            .contenders
            .iter()
            .flat_map(|(_, figures)| figures.copies.keys().map(|copies| copies.percent))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn contender(contender: &Contender, figures: &Figures) -> Value {
    let copies: Vec<Value> = figures
        .copies
        .iter()
        .map(|(copies, share)| json!({"copies": copies, "share": share}))
        .collect();
    let different: Vec<Value> = figures
        .different
        .iter()
        .map(|(different, share)| json!({"pairs": different, "merged": share}))
        .collect();
    json!({
        "name": contender.name,
        "stages": contender.parameters(),
        "recall": copies,
        "different_documents": different,
        "removed": figures.removed,
        "removed_by_truth_or_jaccard": figures.removed_strictly,
        "removed_without_kept": figures.without_kept,
        "pairs_in_clusters": figures.clustered,
        "similar_pairs": figures.similar,
        "removed_similar": figures.removed_similar,
        "wrong": figures.wrong,
        "missed": figures.missed,
        "measures": figures.measures,
    })
}

fn curve(curve: &Curve) -> Value {
    let bins: Vec<Value> = curve
        .bins
        .iter()
        .enumerate()
        .map(|(at, bin)| {
            json!({
                "from": at as f64 / 20.0,
                "to": (at + 1) as f64 / 20.0,
                "pairs": bin.pairs.of,
                "found": bin.pairs.found,
                "expected": bin.expected,
            })
        })
        .collect();
    json!({ "stage": curve.stage, "bands": curve.bands, "rows": curve.rows, "bins": bins })
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let megabytes = self.bytes as f64 / 1e6;
        if self.bytes > 0 {
            writeln!(f, "{megabytes:.1} MB of text over all rounds")?;
        }
        for (kind, number) in &self.documents {
            writeln!(f, "{number:>8} {kind}")?;
        }
        let percents = self.percents();
        for (contender, figures) in &self.contenders {
            writeln!(f, "\n== {}", contender.name)?;
            recall(f, figures, &percents)?;
            different(f, figures)?;
            precision(f, figures, self.level)?;
        }
        for curve in &self.curves {
            writeln!(f, "\n== curve of {}", curve.stage)?;
            writeln!(f, "{:>11} {:>7} {:>7} {:>7}", "similarity", "pairs", "found", "theory")?;
            for (at, bin) in curve.bins.iter().enumerate().filter(|(_, bin)| bin.pairs.of > 0) {
                let range = format!("{:.2}–{:.2}", at as f64 / 20.0, (at + 1) as f64 / 20.0);
                let theory = bin.expected / bin.pairs.of as f64 * 100.0;
                let (pairs, found) = (bin.pairs.of, Percent(bin.pairs));
                writeln!(f, "{range:>11} {pairs:>7} {found:>7} {theory:>7.1}")?;
            }
        }
        Ok(())
    }
}

/// Copies that were found, in hundredths, by how many of the words are edited.
fn recall(f: &mut Formatter<'_>, figures: &Figures, percents: &[u32]) -> fmt::Result {
    write!(f, "{:<28} {:>7}", "found, % of copies", "copies")?;
    percents.iter().try_for_each(|percent| match percent {
        0 => write!(f, " {:>6}", "exact"),
        _ => write!(f, " {:>6}", format!("{percent} %")),
    })?;
    writeln!(f)?;
    let mut row = |name: &str, group: Option<&str>, length: Option<&str>| {
        let asked = |percent: Option<u32>| {
            figures.recall(|copies| {
                percent.is_none_or(|percent| copies.percent == percent)
                    && group.is_none_or(|group| copies.group == group)
                    && length.is_none_or(|length| copies.length == length)
            })
        };
        let all = asked(None);
        if all.of == 0 {
            return Ok(());
        }
        write!(f, "{name:<28} {:>7}", all.of)?;
        percents.iter().try_for_each(|&it| write!(f, " {:>6}", Percent(asked(Some(it)))))?;
        writeln!(f)
    };
    row("all", None, None)?;
    LENGTHS.iter().try_for_each(|length| row(length, None, Some(length)))?;
    GROUPS.iter().try_for_each(|group| row(group, Some(group), None))
}

/// Different documents that came into one cluster, by how much of them is the same.
fn different(f: &mut Formatter<'_>, figures: &Figures) -> fmt::Result {
    if figures.different.is_empty() {
        return Ok(());
    }
    let ranges = [(0, 5), (5, 6), (6, 7), (7, 8), (8, 9), (9, 10)];
    write!(f, "{:<28} {:>7}", "merged, % by common words", "pairs")?;
    for (from, to) in ranges {
        write!(f, " {:>6}", format!("{}–{}", from * 10, to * 10))?;
    }
    writeln!(f)?;
    for recipe in RECIPES.iter().map(Some).chain([None]) {
        let asked = |from: u32, to: u32| {
            let mut share = Share::default();
            for (different, found) in &figures.different {
                let is_asked = recipe.is_none_or(|recipe| different.recipe == *recipe);
                if is_asked && (from..to).contains(&different.aligned) {
                    share.add(*found);
                }
            }
            share
        };
        let all = asked(0, 10);
        if all.of > 0 {
            write!(f, "{:<28} {:>7}", recipe.unwrap_or(&"all"), all.of)?;
            ranges.iter().try_for_each(|&(a, b)| write!(f, " {:>6}", Percent(asked(a, b))))?;
            writeln!(f)?;
        }
    }
    Ok(())
}

fn precision(f: &mut Formatter<'_>, figures: &Figures, level: f64) -> fmt::Result {
    let mut line = |name: &str, share: Share| {
        let value = share.value().map_or("–".to_owned(), |value| format!("{value:.4}"));
        writeln!(f, "{name:<68} {value:>7} of {}", share.of)
    };
    line("removed documents that are alike to the one kept", figures.precision())?;
    for (group, share) in &figures.removed {
        line(&format!("  {group}"), *share)?;
    }
    line("  by truth or Jaccard similarity only", figures.removed_strictly)?;
    line("pairs in a cluster that belong together", figures.clustered)?;
    line(
        &format!("pairs of Jaccard similarity >= {level} that are in one cluster"),
        figures.similar,
    )?;
    line(
        &format!("removed documents of Jaccard similarity >= {level} to the one kept"),
        figures.removed_similar,
    )?;
    let mut tenths = [0_u64; 10];
    for wrong in &figures.wrong {
        tenths[((wrong.aligned * 10.0) as usize).min(9)] += 1;
    }
    let counts: Vec<String> = tenths.iter().map(u64::to_string).collect();
    writeln!(f, "removed wrongly, by tenths of common words in order: {}", counts.join(" "))?;
    for (name, value) in &figures.measures {
        writeln!(f, "{name}: {value}")?;
    }
    Ok(())
}
