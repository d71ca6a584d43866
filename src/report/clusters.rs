//! Clusters of duplicates, for people.

use std::collections::HashSet;
use std::fmt::Write;

use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices};

use super::format::{count, number};
use super::table::{Align, Table};
use crate::document::Document;
use crate::engine::clusters::{Cluster, ClusterSummary, Place};
use crate::text::segment::Segmentation;

/// Words that are compared at most: the time of a comparison grows with the square of the changes.
const COMPARED: usize = 20_000;
/// Words that are shown around a change.
const CONTEXT: usize = 6;

fn place(place: &Place) -> String {
    match place {
        Place::Input { shard, record } => format!("{shard}, record {record}"),
        Place::Index(name) => {
            format!("{}: {}, record {}", name.index, name.shard, name.record)
        }
    }
}

/// The largest clusters as a table, below what the stages found.
pub fn clusters_table(stages: &[(String, Option<u64>)], clusters: &[ClusterSummary]) -> String {
    let mut out = String::new();
    for (stage, found) in stages {
        if let Some(found) = found {
            let _ = writeln!(out, "{stage}: {}", count(*found, "cluster", "clusters"));
        }
    }
    if clusters.is_empty() {
        out.push_str("no document has a duplicate\n");
        return out;
    }
    out.push('\n');
    let mut table = Table::new([
        ("documents", Align::Right),
        ("stage", Align::Left),
        ("cluster", Align::Right),
        ("which stays", Align::Left),
    ]);
    for cluster in clusters {
        table.row([
            number(cluster.size),
            cluster.stage.clone(),
            cluster.cluster.to_string(),
            place(&cluster.kept),
        ]);
    }
    out.push_str(&table.render());
    out
}

/// A cluster with its members, how alike each is to the one that stays, and a word diff of the pair
/// that is asked for: the numbers of two members, from 1.
pub fn cluster(cluster: &Cluster, pair: Option<(usize, usize)>) -> String {
    let summary = &cluster.summary;
    let mut out = format!(
        "{} of {}: {}\n\n",
        summary.cluster,
        summary.stage,
        count(summary.size, "document", "documents")
    );
    let kept = cluster.members.iter().find(|member| member.kept).and_then(|it| it.text.as_deref());
    let mut table = Table::new([
        ("", Align::Right),
        ("", Align::Left),
        ("alike", Align::Right),
        ("bytes", Align::Right),
        ("id", Align::Left),
        ("where", Align::Left),
    ]);
    for (at, member) in cluster.members.iter().enumerate() {
        let alike = match (kept, member.text.as_deref()) {
            (Some(kept), Some(text)) => format!("{:.3}", similarity(kept, text)),
            _ => "-".to_owned(),
        };
        table.row([
            (at + 1).to_string(),
            if member.kept { "stays" } else { "" }.to_owned(),
            alike,
            member.text.as_ref().map_or_else(|| "-".to_owned(), |text| number(text.len() as u64)),
            member.id.clone().unwrap_or_else(|| "-".to_owned()),
            place(&member.place),
        ]);
    }
    out.push_str(&table.render());
    let shown = cluster.members.len() as u64;
    if shown < summary.size {
        let _ = writeln!(out, "and {} more, or of earlier runs", number(summary.size - shown));
    }
    if let Some((one, other)) = pair.or_else(|| default_pair(cluster)) {
        let text =
            |at: usize| at.checked_sub(1).and_then(|at| cluster.members.get(at)?.text.as_deref());
        match (text(one), text(other)) {
            (Some(before), Some(after)) => {
                let _ = writeln!(
                    out,
                    "\nfrom {one} to {other}, [-only in {one}-] {{+only in {other}+}}:"
                );
                out.push_str(&word_diff(before, after));
                out.push('\n');
            }
            _ => {
                let _ = writeln!(out, "\nthe texts of {one} and {other} are not both at hand");
            }
        }
    }
    out
}

/// The one that stays and the first that is not the same.
fn default_pair(cluster: &Cluster) -> Option<(usize, usize)> {
    let members = &cluster.members;
    let kept = members.iter().position(|member| member.kept && member.text.is_some())?;
    let text = &members.get(kept)?.text;
    let others = || members.iter().enumerate().filter(|(at, it)| *at != kept && it.text.is_some());
    let other = others().find(|(_, it)| it.text != *text).or_else(|| others().next())?;
    Some((kept + 1, other.0 + 1))
}

/// How alike two texts are: of all pairs of neighbouring words that either has, in lower case, the
/// share that both have (Jaccard). Texts of one word or none are alike if they are the same.
pub fn similarity(one: &str, other: &str) -> f64 {
    fn pairs(text: &str) -> HashSet<(u64, u64)> {
        let document = Document::new("", text);
        let hashes = document.view().words(Segmentation::Dictionary).lower_hashes(text);
        hashes.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect()
    }
    let (one_pairs, other_pairs) = (pairs(one), pairs(other));
    let both = one_pairs.intersection(&other_pairs).count();
    match one_pairs.len() + other_pairs.len() - both {
        0 => f64::from(u8::from(one == other)),
        all => both as f64 / all as f64,
    }
}

/// The pieces of a text that are compared: words, and what stands between them.
fn pieces(text: &str) -> (Vec<&str>, bool) {
    let mut pieces = Vec::new();
    let mut end = 0;
    Segmentation::Dictionary.words(text, |word| {
        if pieces.len() < COMPARED {
            pieces.extend(text.get(end..word.start).filter(|piece| !piece.is_empty()));
            pieces.extend(text.get(word.start..word.end));
            end = word.end;
        }
    });
    let rest = text.get(end..).unwrap_or_default();
    match pieces.len() < COMPARED {
        true => {
            pieces.extend((!rest.is_empty()).then_some(rest));
            (pieces, false)
        }
        false => (pieces, !rest.is_empty()),
    }
}

/// The second text in words, with what only one of them has marked, and little of what both have.
pub fn word_diff(before: &str, after: &str) -> String {
    let ((old, old_cut), (new, new_cut)) = (pieces(before), pieces(after));
    let operations = capture_diff_slices(Algorithm::Patience, &old, &new);
    let mut out = String::new();
    let last = operations.len().saturating_sub(1);
    for (at, operation) in operations.iter().enumerate() {
        if let DiffOp::Equal { old_index, len, .. } = *operation {
            let same = old.get(old_index..old_index + len).unwrap_or_default();
            let head = if at == 0 { 0 } else { 2 * CONTEXT };
            let tail = if at == last { 0 } else { 2 * CONTEXT };
            if same.len() <= head + tail {
                out.push_str(&same.concat());
                continue;
            }
            out.push_str(&same.get(..head).unwrap_or_default().concat());
            out.push_str(" … ");
            out.push_str(&same.get(same.len() - tail..).unwrap_or_default().concat());
            continue;
        }
        for (tag, start, end, texts) in [
            (ChangeTag::Delete, operation.old_range().start, operation.old_range().end, &old),
            (ChangeTag::Insert, operation.new_range().start, operation.new_range().end, &new),
        ] {
            let text = texts.get(start..end).unwrap_or_default().concat();
            if !text.is_empty() {
                let _ = match tag {
                    ChangeTag::Delete => write!(out, "[-{text}-]"),
                    _ => write!(out, "{{+{text}+}}"),
                };
            }
        }
    }
    if old_cut || new_cut {
        let _ =
            write!(out, "\n(the first {} pieces of each are compared)", number(COMPARED as u64));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_marked_in_every_script() {
        assert_eq!(word_diff("a quick fox", "a slow fox"), "a [-quick-]{+slow+} fox");
        let diff = word_diff("我喜欢红色的苹果", "我喜欢绿色的苹果");
        assert!(diff.starts_with("我喜欢") && diff.contains("{+绿"), "{diff}");
        assert_eq!(word_diff("", "new"), "{+new+}");
    }

    #[test]
    fn what_is_the_same_is_left_out_but_for_some_words() {
        let long = "word ".repeat(100);
        let diff = word_diff(&format!("{long}end"), &format!("{long}END"));
        assert!(diff.len() < 100 && diff.ends_with("[-end-]{+END+}"), "{diff}");
    }

    #[test]
    fn similarity_is_the_share_of_pairs_of_words() {
        assert!((similarity("one two three", "One two three") - 1.0).abs() < 1e-12);
        assert!((similarity("one two three", "one two four") - 1.0 / 3.0).abs() < 1e-12);
        assert!(similarity("one", "two").abs() < 1e-12);
        assert!((similarity("one", "one") - 1.0).abs() < 1e-12);
    }
}
