//! What is done with finds: the text after it, byte for byte the same outside of the spans.

use super::engine::{Engine, Span};
use super::fake::Pseudonyms;

/// What is done with the finds of a tag.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The name of the tag stands in their place.
    #[default]
    Tag,
    /// Every letter and digit becomes `*`; the shape stays.
    Mask,
    /// A pseudonym stands in their place: the same one for the same value everywhere, made under a
    /// key of the environment.
    Fake,
    /// They are taken out.
    Remove,
    /// The document is dropped if there are more than so many; else the name of the tag stands in
    /// their place.
    DropDocument {
        /// The most finds of a document that is kept.
        above: u64,
    },
    /// They stay, and are counted.
    Report,
}

/// How the name of a tag is written in a text.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TagForm {
    /// `PI:EMAIL`, as in ROOTS.
    #[default]
    Roots,
    /// `<EMAIL>`
    Angle,
}

impl TagForm {
    /// The name of a tag in this form.
    pub fn write(self, tag: &str) -> String {
        match self {
            TagForm::Roots => format!("PI:{tag}"),
            TagForm::Angle => format!("<{tag}>"),
        }
    }
}

/// What is done with each tag.
#[derive(Debug)]
pub(super) struct Actions {
    pub form: TagForm,
    pub of_all: Action,
    pub of_tags: Vec<(String, Action)>,
    pub pseudonyms: Option<Pseudonyms>,
}

/// A text without what was found in it.
#[derive(Debug)]
pub(super) struct Redacted {
    /// The new text, if it is another.
    pub text: Option<String>,
    /// All finds, in bytes of the text as it was, from left to right; none overlap.
    pub spans: Vec<Span>,
}

/// How often a text is looked through again. What is put in is never found, but it may bring digits
/// next to each other that were apart, or take away a word that called a find off. One more round
/// has been enough for every text seen.
const ROUNDS: usize = 8;
/// From this round on only tags are put in, which end it: they hold nothing that begins a find.
const TAGS_ONLY: usize = 2;

/// A stretch of the new text that was put in.
struct Piece {
    span: Span,
    start: usize,
    end: usize,
}

impl Actions {
    pub fn of(&self, tag: &str) -> Action {
        let own = self.of_tags.iter().find(|(known, _)| known == tag);
        own.map_or(self.of_all, |&(_, action)| action)
    }

    fn stays(&self, span: &Span) -> bool {
        self.of(span.tag) == Action::Report
    }

    /// Finds everything in a text and puts in what the actions say, until nothing more is found.
    pub fn redact(&self, engine: &Engine, text: &str, language: Option<&str>) -> Redacted {
        let mut spans = engine.find(text, language);
        if spans.iter().all(|span| self.stays(span)) {
            return Redacted { text: None, spans };
        }
        for round in 0..ROUNDS {
            let (new, pieces) = self.replace(engine, text, &spans, round >= TAGS_ONLY);
            let again: Vec<Span> =
                engine.find(&new, language).into_iter().filter(|span| !self.stays(span)).collect();
            if again.is_empty() || round + 1 == ROUNDS {
                return Redacted { text: Some(new), spans };
            }
            for span in again {
                let span = Span {
                    start: original(&pieces, span.start, true),
                    end: original(&pieces, span.end, false),
                    ..span
                };
                merge(&mut spans, span);
            }
        }
        Redacted { text: None, spans }
    }

    fn replace(
        &self,
        engine: &Engine,
        text: &str,
        spans: &[Span],
        tags_only: bool,
    ) -> (String, Vec<Piece>) {
        let mut new = String::with_capacity(text.len());
        let mut pieces = Vec::with_capacity(spans.len());
        let mut from = 0;
        for &span in spans.iter().filter(|span| !self.stays(span)) {
            let (Some(between), Some(value)) =
                (text.get(from..span.start), text.get(span.start..span.end))
            else {
                continue;
            };
            new.push_str(between);
            let start = new.len();
            let action = if tags_only { Action::Tag } else { self.of(span.tag) };
            match (action, &self.pseudonyms) {
                (Action::Mask, _) => {
                    new.extend(value.chars().map(|it| if it.is_alphanumeric() { '*' } else { it }))
                }
                (Action::Remove, _) => {}
                (Action::Fake, Some(pseudonyms)) => {
                    new.push_str(&pseudonyms.of(span.tag, value, |fake| engine.could_find(fake)));
                }
                _ => new.push_str(&self.form.write(span.tag)),
            }
            pieces.push(Piece { span, start, end: new.len() });
            from = span.end;
        }
        new.push_str(text.get(from..).unwrap_or_default());
        (new, pieces)
    }
}

/// Where an offset of the new text was in the old one; within what was put in, at its edge.
fn original(pieces: &[Piece], at: usize, is_start: bool) -> usize {
    let after = pieces.partition_point(|piece| {
        piece.start < at || (is_start && piece.start == at && piece.end > at)
    });
    let Some(piece) = after.checked_sub(1).and_then(|before| pieces.get(before)) else {
        return at;
    };
    if at < piece.end || (!is_start && at == piece.end) {
        return if is_start { piece.span.start } else { piece.span.end };
    }
    piece.span.end + (at - piece.end)
}

/// Adds a span, with those that it overlaps made one with it.
fn merge(spans: &mut Vec<Span>, mut span: Span) {
    spans.retain(|other| {
        let apart = other.end <= span.start || span.end <= other.start;
        if !apart {
            span.start = span.start.min(other.start);
            span.end = span.end.max(other.end);
        }
        apart
    });
    let at = spans.partition_point(|other| other.start < span.start);
    spans.insert(at, span);
}
