//! Paragraphs and lines, the vote among them, and where a document changes its language.

use std::ops::Range;
use std::sync::Arc;

use super::config::Granularity;
use super::route::Answer;

/// A paragraph or line and what was made of it.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// In bytes of the text.
    pub span: Range<usize>,
    /// `None` if there is too little to go by; such a part has no vote.
    pub answer: Option<Answer>,
}

/// The language of a document by its parts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Vote {
    /// The language that most bytes are in. Its scores are means over the bytes of all parts that
    /// have a vote; those in another language count with the score 0.
    pub answer: Answer,
    /// The share of bytes in other languages, 0 to 1.
    pub other_share: f64,
}

/// Where the parts of a text are, in bytes; those without a visible character are none.
pub(super) fn parts(text: &str, granularity: Granularity) -> Vec<Range<usize>> {
    if granularity == Granularity::Document {
        return std::iter::once(0..text.len()).collect();
    }
    let mut parts: Vec<Range<usize>> = Vec::new();
    let (mut begin, mut goes_on) = (0, false);
    for line in text.split_inclusive('\n') {
        let end = begin + line.len();
        if line.trim().is_empty() {
            goes_on = false;
        } else {
            match parts.last_mut() {
                Some(last) if goes_on => last.end = end,
                _ => parts.push(begin..end),
            }
            goes_on = granularity == Granularity::Paragraph;
        }
        begin = end;
    }
    parts
}

/// The vote of the parts; `None` if none of them has one.
pub(super) fn vote(parts: &[Part]) -> Option<Vote> {
    if let [part] = parts {
        // As it is: sharing it out over its bytes would round it.
        return Some(Vote { answer: part.answer.clone()?, other_share: 0.0 });
    }
    let voting = || parts.iter().filter_map(|part| Some((part.span.len(), part.answer.as_ref()?)));
    let mut bytes: Vec<(&Arc<str>, usize)> = Vec::new();
    for (size, answer) in voting() {
        match bytes.iter_mut().find(|(label, _)| *label == &answer.label) {
            Some((_, sum)) => *sum += size,
            None => bytes.push((&answer.label, size)),
        }
    }
    let total: usize = bytes.iter().map(|(_, size)| size).sum();
    // The first of several with the same number of bytes.
    let most = bytes.iter().map(|(_, size)| *size).max()?;
    let (label, _) = bytes.iter().find(|(_, size)| *size == most)?;
    let own = || voting().filter(|(_, answer)| answer.label == **label);
    let mean = |score: &dyn Fn(&Answer) -> f64| {
        own().map(|(size, answer)| size as f64 * score(answer)).sum::<f64>() / total as f64
    };
    let joint = own().any(|(_, answer)| answer.joint_score.is_some());
    let mut next: Vec<(Arc<str>, f64)> = bytes
        .iter()
        .filter(|(other, _)| other != label)
        .map(|(other, _)| {
            let scores = voting().filter(|(_, answer)| answer.label == **other);
            let sum: f64 = scores.map(|(size, answer)| size as f64 * answer.score).sum();
            (Arc::clone(other), sum / total as f64)
        })
        .collect();
    next.sort_by(|a, b| b.1.total_cmp(&a.1));
    let answer = Answer {
        label: Arc::clone(label),
        score: mean(&|answer| answer.score),
        joint_score: joint.then(|| mean(&|answer| answer.joint_score.unwrap_or(answer.score))),
        next,
    };
    Some(Vote { answer, other_share: 1.0 - most as f64 / total as f64 })
}

/// Where a text is in which language, `BEGIN-END:LABEL` with a space between, in code points, the
/// end exclusive. A part without a vote goes with the one before it, the first ones with the one
/// after.
pub(super) fn spans(text: &str, parts: &[Part], name: impl Fn(&str) -> String) -> String {
    let mut merged: Vec<(Range<usize>, &str)> = Vec::new();
    let mut ahead = None;
    for part in parts {
        match (&part.answer, merged.last_mut()) {
            (Some(answer), Some((span, label))) if *label == &*answer.label => {
                span.end = part.span.end;
            }
            (Some(answer), _) => {
                let begin = ahead.take().unwrap_or(part.span.start);
                merged.push((begin..part.span.end, &answer.label));
            }
            (None, Some((span, _))) => span.end = part.span.end,
            (None, None) => ahead = ahead.or(Some(part.span.start)),
        }
    }
    let (mut bytes, mut characters) = (0, 0);
    let mut position = |at: usize| {
        characters += text.get(bytes..at).map_or(0, |between| between.chars().count());
        bytes = at;
        characters
    };
    let spans: Vec<String> = merged
        .into_iter()
        .map(|(span, label)| {
            let (begin, end) = (position(span.start), position(span.end));
            format!("{begin}-{end}:{}", name(label))
        })
        .collect();
    spans.join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str, granularity: Granularity) -> Vec<&str> {
        parts(text, granularity).into_iter().map(|part| &text[part]).collect()
    }

    fn part(span: Range<usize>, label: &str, score: f64) -> Part {
        let label = Arc::from(label);
        let answer = Answer { label, score, joint_score: None, next: Vec::new() };
        Part { span, answer: Some(answer) }
    }

    #[test]
    fn texts_are_cut_into_paragraphs_and_lines() {
        let text = "\n a\nb\n \t\n\nc\r\n\r\nd";
        assert_eq!(cut(text, Granularity::Document), [text]);
        assert_eq!(cut(text, Granularity::Line), [" a\n", "b\n", "c\r\n", "d"]);
        assert_eq!(cut(text, Granularity::Paragraph), [" a\nb\n", "c\r\n", "d"]);
        assert!(cut(" \n", Granularity::Line).is_empty());
    }

    #[test]
    fn most_bytes_decide() {
        let mut voters =
            vec![part(0..10, "fr", 0.5), part(10..40, "en", 0.9), part(40..90, "fr", 0.8)];
        voters.push(Part { span: 90..900, answer: None });
        let Vote { answer, other_share } = vote(&voters).unwrap();
        assert_eq!((&*answer.label, answer.joint_score), ("fr", None));
        assert!((answer.score - 45.0 / 90.0).abs() < 1e-12);
        assert!((other_share - 30.0 / 90.0).abs() < 1e-12);
        assert_eq!(answer.next, [("en".into(), 27.0 / 90.0)]);
        assert_eq!(vote(&[Part { span: 0..5, answer: None }]), None);
        let tied = [part(0..5, "fr", 0.1), part(5..10, "en", 0.9)];
        assert_eq!(&*vote(&tied).unwrap().answer.label, "fr");
    }

    #[test]
    fn spans_are_in_code_points_and_have_no_gaps() {
        let text = "1\nété\nhier\n2\nnow\n";
        let spanned = [0..2, 2..8, 8..13, 13..15, 15..19];
        let labels = [None, Some("fr"), Some("fr"), None, Some("en")];
        let parts: Vec<Part> = spanned
            .into_iter()
            .zip(labels)
            .map(|(span, label)| match label {
                Some(label) => part(span, label, 0.9),
                None => Part { span, answer: None },
            })
            .collect();
        assert_eq!(spans(text, &parts, str::to_uppercase), "0-13:FR 13-17:EN");
        assert_eq!(spans(text, &parts[..1], str::to_owned), "");
    }

    proptest! {
        #[test]
        fn every_visible_character_is_in_one_part(text in "[a\u{e9} \n\r\t]{0,60}") {
            for granularity in [Granularity::Line, Granularity::Paragraph] {
                let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
                let in_parts: usize = cut(&text, granularity).into_iter().map(visible).sum();
                prop_assert_eq!(in_parts, visible(&text));
            }
        }
    }
}
