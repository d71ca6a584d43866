//! A document as a stage sees it: a cursor into one row of a [`Batch`], with
//! the text as the stages so far have left it, the metrics they annotated and the tests it failed.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch, StringViewArray};

use crate::batch::{self, Batch};
use crate::text::view::{Slot, View};

mod fields;

pub use fields::{Field, Fields};

/// What a stage decides about a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The document goes on to the next stage.
    Keep,
    /// The document leaves the pipeline; the reason is the name of the rule that it failed,
    /// `family.rule`, such as `roots.stopwords_ratio`.
    Drop(Cow<'static, str>),
}

/// The value of a metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// A full-precision number.
    Float(f64),
    /// A label.
    Text(Arc<str>),
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}
impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Value::Integer(value as i64)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(Arc::from(value))
    }
}
impl From<Arc<str>> for Value {
    fn from(value: Arc<str>) -> Self {
        Value::Text(value)
    }
}

impl Value {
    /// The value as a number; `None` for a label.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Integer(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
            Value::Text(_) => None,
        }
    }
}

/// The side of a threshold on which a document is kept. Both are inclusive.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Keep if the metric is at least this.
    AtLeast(f64),
    /// Keep if the metric is at most this.
    AtMost(f64),
}

impl Bound {
    /// Whether a value passes. NaN passes nothing.
    pub fn admits(self, value: f64) -> bool {
        match self {
            Bound::AtLeast(threshold) => value >= threshold,
            Bound::AtMost(threshold) => value <= threshold,
        }
    }

    /// How far inside the bound a value lies; negative when it fails.
    pub fn margin(self, value: f64) -> f64 {
        match self {
            Bound::AtLeast(threshold) => value - threshold,
            Bound::AtMost(threshold) => threshold - value,
        }
    }
}

/// A metric that was held against a threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The metric's name, which is also the name of the rule.
    pub metric: &'static str,
    /// What was measured.
    pub value: f64,
    /// What it was held against.
    pub bound: Bound,
}

impl Test {
    /// Whether the document passed.
    pub fn passed(&self) -> bool {
        self.bound.admits(self.value)
    }
}

/// A document under way through the stages.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    id: Cow<'a, str>,
    text: Cow<'a, str>,
    url: Option<&'a str>,
    source: Option<&'a str>,
    record: Option<&'a str>,
    columns: Option<(&'a RecordBatch, usize)>,
    view: Slot,
    language: Option<Cow<'a, str>>,
    changes: u32,
    language_changed: bool,
    metrics: Vec<(&'static str, Value)>,
    tests: Vec<Test>,
    reasons: Vec<Cow<'static, str>>,
    notes: Vec<&'static str>,
    stage_reasons: usize,
}

impl<'a> Document<'a> {
    /// A document that stands alone, outside any batch.
    pub fn new(id: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            id: id.into(),
            text: text.into(),
            url: None,
            source: None,
            record: None,
            columns: None,
            view: Slot::default(),
            language: None,
            changes: 0,
            language_changed: false,
            metrics: Vec::new(),
            tests: Vec::new(),
            reasons: Vec::new(),
            notes: Vec::new(),
            stage_reasons: 0,
        }
    }

    /// Sets the language that the document came with.
    pub fn with_language(mut self, language: Option<&'a str>) -> Self {
        self.language = language.map(Cow::Borrowed);
        self
    }

    /// Sets the URL that the document came with.
    pub fn with_url(mut self, url: Option<&'a str>) -> Self {
        self.url = url;
        self
    }

    /// Sets the source that the document came with.
    pub fn with_source(mut self, source: Option<&'a str>) -> Self {
        self.source = source;
        self
    }

    /// Sets the JSON record that the document came as, in which [`field`](Document::field) looks.
    pub fn with_record(mut self, record: Option<&'a str>) -> Self {
        self.record = record;
        self
    }

    /// The id that the document came with, or the stable one that it was given.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The text as the stages so far have left it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The URL that the document came with.
    pub fn url(&self) -> Option<&'a str> {
        self.url
    }

    /// The source that the document came with.
    pub fn source(&self) -> Option<&'a str> {
        self.source
    }

    /// The language: what a stage has set, else what the document came with.
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// A field that the document came with, by its name or dotted path: `url`, `source`, `license`,
    /// `date` and other columns first, then what the JSON record holds there, such as `meta.title`.
    /// `None` for null, an object, an array, or what is not there. `text`, `id` and `language` are
    /// those that the document came with, whatever the stages have made of them.
    pub fn field(&self, path: &str) -> Option<Field<'a>> {
        self.fields().field(path)
    }

    /// The fields that the document came with, for looking up several: the record is scanned once.
    pub fn fields(&self) -> Fields<'a> {
        Fields {
            url: self.url,
            source: self.source,
            record: self.record,
            columns: self.columns,
            members: OnceCell::new(),
        }
    }

    /// The text's words, lines and counts, worked out at the first asking and kept until the text
    /// changes.
    pub fn view(&self) -> View<'_> {
        self.view.view(&self.text)
    }

    /// Forgets what [`view`](Document::view) has worked out, so that another document can use the
    /// room.
    pub fn release_view(&mut self) {
        self.view.release();
    }

    /// Gives the document another text.
    pub fn set_text(&mut self, text: String) {
        self.view.release();
        self.text = Cow::Owned(text);
        self.changes += 1;
    }

    /// Sets the document's language.
    pub fn set_language(&mut self, language: &str) {
        if self.language.as_deref() != Some(language) {
            self.language = Some(Cow::Owned(language.to_owned()));
        }
        self.language_changed = true;
    }

    /// Whether a stage gave the document another text.
    pub fn text_changed(&self) -> bool {
        self.changes > 0
    }

    /// How often stages gave the document another text.
    pub fn changes(&self) -> u32 {
        self.changes
    }

    /// Whether a stage set the language.
    pub fn language_changed(&self) -> bool {
        self.language_changed
    }

    /// Records a metric. A second value for a name replaces the first.
    pub fn annotate(&mut self, metric: &'static str, value: impl Into<Value>) {
        let value = value.into();
        match self.metrics.iter_mut().find(|(name, _)| *name == metric) {
            Some(slot) => slot.1 = value,
            None => self.metrics.push((metric, value)),
        }
    }

    /// Holds a number against a bound without annotating it; a failure adds a reason to drop.
    pub fn test(&mut self, metric: &'static str, value: f64, bound: Bound) {
        let test = Test { metric, value, bound };
        if !test.passed() {
            self.fail(metric);
        }
        self.tests.push(test);
    }

    /// Annotates a metric and holds it against a bound; a failure adds a reason to drop.
    pub fn judge(&mut self, metric: &'static str, value: f64, bound: Bound) {
        self.annotate(metric, value);
        self.test(metric, value, bound);
    }

    /// Adds a reason to drop the document, `family.rule`. A reason is counted once a stage.
    pub fn fail(&mut self, reason: impl Into<Cow<'static, str>>) {
        let reason = reason.into();
        if !self.reasons[self.stage_reasons..].contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Remarks something that is counted in the run's summary by language, such as
    /// `roots.uncovered`, without dropping the document.
    pub fn note(&mut self, note: &'static str) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// What the stages remarked.
    pub fn notes(&self) -> &[&'static str] {
        &self.notes
    }

    /// What the current stage has decided so far: drop for its first failed rule, else keep.
    pub fn verdict(&self) -> Verdict {
        match self.reasons.get(self.stage_reasons) {
            Some(reason) => Verdict::Drop(reason.clone()),
            None => Verdict::Keep,
        }
    }

    /// Marks where the reasons of the next stage begin.
    pub(crate) fn begin_stage(&mut self) {
        self.stage_reasons = self.reasons.len();
    }

    /// The value of a metric, if a stage annotated it.
    pub fn metric(&self, name: &str) -> Option<&Value> {
        self.metrics.iter().find(|(metric, _)| *metric == name).map(|(_, value)| value)
    }

    /// All metrics, in the order in which they were annotated.
    pub fn metrics(&self) -> &[(&'static str, Value)] {
        &self.metrics
    }

    /// Every metric that was held against a threshold, in order.
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// Every rule that the document failed, over all stages, in order.
    pub fn reasons(&self) -> &[Cow<'static, str>] {
        &self.reasons
    }
}

/// The value of a row of a column, if there is one.
fn cell(column: Option<&StringViewArray>, row: usize) -> Option<&str> {
    column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

impl Batch {
    /// A document for each row, borrowing from the batch.
    pub fn documents(&self) -> Vec<Document<'_>> {
        let (ids, texts) = (self.strings(batch::ID), self.strings(batch::TEXT));
        let (urls, sources) = (self.strings(batch::URL), self.strings(batch::SOURCE));
        let languages = self.strings(batch::LANGUAGE);
        let records = self.strings(batch::RECORD);
        (0..self.len())
            .map(|row| {
                let mut document = Document::new(
                    cell(ids, row).unwrap_or_default(),
                    cell(texts, row).unwrap_or_default(),
                )
                .with_url(cell(urls, row))
                .with_source(cell(sources, row))
                .with_language(cell(languages, row))
                .with_record(cell(records, row));
                document.columns = Some((self.columns(), row));
                document
            })
            .collect()
    }
}

/// Text whose documents go through the stages together: with what the views hold of it, it stays in
/// a core's second cache.
const CHUNK_BYTES: usize = 64 << 10;

/// How many of some documents, from the first on, go through the stages together; one at least.
pub fn together(documents: &[Document<'_>]) -> usize {
    let mut bytes = 0;
    let fits = |document: &&Document<'_>| {
        let before = bytes;
        bytes += document.text().len();
        before < CHUNK_BYTES
    };
    documents.iter().take_while(fits).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_inclusive_and_nan_fails() {
        assert!(Bound::AtLeast(0.5).admits(0.5));
        assert!(Bound::AtMost(0.5).admits(0.5));
        assert!(!Bound::AtMost(0.5).admits(f64::NAN));
        assert!(Bound::AtMost(0.5).margin(0.75) < 0.0);
    }

    #[test]
    fn an_annotation_replaces_the_one_of_the_same_name() {
        let mut document = Document::new("x", "y");
        document.annotate("a.b", 1.0);
        document.annotate("a.b", 2_i64);
        assert_eq!(document.metric("a.b"), Some(&Value::Integer(2)));
        assert_eq!(document.metrics().len(), 1);
    }

    #[test]
    fn fields_are_found_in_the_record() {
        let record = r#"{"id":"a","n":1.5,"ok":true,"meta":{"title":"na\u00efve","none":null}}"#;
        let document = Document::new("a", "b").with_record(Some(record)).with_url(Some("u"));
        let text = |path| document.field(path).map(|field| field.into_text().into_owned());
        assert_eq!(text("meta.title").as_deref(), Some("naïve"));
        assert_eq!(document.field("n"), Some(Field::Number(1.5)));
        assert_eq!(document.field("ok"), Some(Field::Boolean(true)));
        assert_eq!(text("url").as_deref(), Some("u"));
        let record = r#"{"big":9007199254740993,"one":1.0,"text":"9007199254740993"}"#;
        let other = Document::new("a", "b").with_record(Some(record));
        let exact = |path| other.fields().exact(path).map(|value| value.into_owned());
        assert_eq!(exact("big"), exact("text"));
        assert_eq!(exact("one").as_deref(), Some("1"));
        assert_eq!(document.field("meta.none"), None);
        assert_eq!(document.field("meta"), None);
        assert_eq!(document.field("nothing.there"), None);
    }

    #[test]
    fn fields_are_found_in_typed_columns() {
        use arrow_array::{ArrayRef, Int64Array, StringArray, StructArray};
        use arrow_schema::{DataType, Field as Column};
        let inner = |name, kind| Arc::new(Column::new(name, kind, true));
        let license: ArrayRef = Arc::new(StringArray::from(vec![Some("mit"), None]));
        let stars: ArrayRef = Arc::new(Int64Array::from(vec![Some(3), Some(4)]));
        let meta = StructArray::from(vec![
            (inner("license", DataType::Utf8), license),
            (inner("stars", DataType::Int64), Arc::clone(&stars)),
        ]);
        let text =
            |values: Vec<&str>| Arc::new(StringViewArray::from_iter_values(values)) as ArrayRef;
        let columns = RecordBatch::try_from_iter([
            ("id", text(vec!["a", "b"])),
            ("text", text(vec!["x", "y"])),
            ("stars", stars),
            ("meta", Arc::new(meta) as ArrayRef),
        ]);
        let batch = Batch::new(0, vec![0, 1], columns.unwrap(), false).unwrap();
        let documents = batch.documents();
        assert_eq!(documents[0].field("meta.license"), Some(Field::Text("mit".into())));
        assert_eq!(documents[1].field("meta.license"), None);
        assert_eq!(documents[1].field("meta.stars"), Some(Field::Number(4.0)));
        assert_eq!(documents[0].field("stars"), Some(Field::Number(3.0)));
        assert_eq!(documents[0].field("meta"), None);
        assert_eq!(documents[0].field("meta.license.name"), None);
    }

    #[test]
    fn long_documents_go_alone_and_short_ones_together() {
        let text = |bytes: usize| Document::new("id", "x".repeat(bytes));
        let documents: Vec<_> = [CHUNK_BYTES - 1, 1, 1].into_iter().map(text).collect();
        assert_eq!(together(&documents), 2);
        assert_eq!(together(&documents[1..]), 2);
        assert_eq!(together(&[text(2 * CHUNK_BYTES), text(0)]), 1);
        assert_eq!(together(&[]), 0);
    }

    #[test]
    fn documents_borrow_their_fields() {
        let batch = Batch::from_texts([("a", "short"), ("b", "longer than twelve bytes")]).unwrap();
        let documents = batch.documents();
        assert_eq!(documents[1].text(), "longer than twelve bytes");
        assert_eq!(documents[0].id(), "a");
        assert_eq!(documents[0].language(), None);
    }
}
