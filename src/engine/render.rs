//! Documents, drops and rejects as lines of JSON.

use std::borrow::Cow;

use arrow_array::Array;

use crate::batch::{self, Batch};
use crate::document::{Document, Value};
use crate::json::{self, Edit, Member, NewValue};
use crate::pipeline::config::Config;
use crate::shard::{Reject, row_json};
use crate::stage::Metric;

/// Prefix of the columns in which an earlier pass left its metrics.
pub const METRIC_PREFIX: &str = "metric:";

/// The columns that stand in a document's record: everything but what passes leave for each other.
fn is_record_column(name: &str) -> bool {
    name != batch::RECORD && !name.starts_with(METRIC_PREFIX)
}

/// Appends a JSON value of a metric.
pub fn write_metric(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Integer(value) => out.extend(value.to_string().bytes()),
        Value::Float(value) => json::write_f64(*value, out),
        Value::Text(value) => json::write_string(value, out),
    }
}

fn write_key(key: &str, first: bool, out: &mut Vec<u8>) {
    if !first {
        out.push(b',');
    }
    json::write_string(key, out);
    out.push(b':');
}

/// Appends `{"family.metric":value,…}` of those metrics that the document has.
fn write_metrics(document: &Document<'_>, wanted: Option<&[Metric]>, out: &mut Vec<u8>) {
    out.push(b'{');
    let mut first = true;
    for (name, value) in document.metrics() {
        if wanted.is_some_and(|wanted| !wanted.iter().any(|metric| metric.name == *name)) {
            continue;
        }
        write_key(name, first, out);
        write_metric(value, out);
        first = false;
    }
    out.push(b'}');
}

/// What a written record differs in from the record that was read.
pub struct Renderer<'p> {
    text_path: &'p str,
    writes_language: bool,
    metrics: Vec<Metric>,
    members: Vec<Member>,
    scratch: Vec<u8>,
}

impl<'p> Renderer<'p> {
    /// A renderer for a configuration.
    pub fn new(config: &'p Config, writes_language: bool, metrics: Vec<Metric>) -> Self {
        Self {
            text_path: &config.input.fields.text,
            writes_language,
            metrics,
            members: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Appends the record of a kept document and a line break.
    ///
    /// A JSON record comes back as it was read, byte for byte, but for what a stage changed: its
    /// text where it stood, a top-level `language`, and `metrics` if they are asked for.
    pub fn kept(&mut self, batch: &Batch, row: usize, document: &Document<'_>, out: &mut Vec<u8>) {
        let metrics = (!self.metrics.is_empty()).then(|| {
            self.scratch.clear();
            write_metrics(document, Some(&self.metrics), &mut self.scratch);
            String::from_utf8_lossy(&self.scratch).into_owned()
        });
        self.record(
            batch,
            row,
            document,
            metrics.as_deref().map(|metrics| ("metrics", metrics)),
            out,
        );
        out.push(b'\n');
    }

    /// Appends the record of a dropped document, with a member that tells why, and a line break.
    pub fn dropped(
        &mut self,
        batch: &Batch,
        row: usize,
        document: &Document<'_>,
        fate: &Fate<'_>,
        out: &mut Vec<u8>,
    ) {
        let mut account = Vec::new();
        account.extend(b"{\"stage\":");
        json::write_string(fate.stage, &mut account);
        account.extend(b",\"reason\":");
        json::write_string(fate.reason, &mut account);
        account.extend(b",\"reasons\":");
        write_reasons(document.reasons().iter().map(|reason| reason.as_ref()), &mut account);
        if let Some(kept) = &fate.duplicate_of {
            account.extend(b",\"duplicate_of\":");
            account.extend(kept.as_bytes());
        }
        let position = batch.position(row);
        account.extend(
            format!(",\"shard\":{},\"record\":{},\"metrics\":", position.shard, position.ordinal)
                .bytes(),
        );
        write_metrics(document, None, &mut account);
        account.push(b'}');
        let account = String::from_utf8_lossy(&account);
        self.record(batch, row, document, Some(("dropped", &account)), out);
        out.push(b'\n');
    }

    fn record(
        &mut self,
        batch: &Batch,
        row: usize,
        document: &Document<'_>,
        member: Option<(&str, &str)>,
        out: &mut Vec<u8>,
    ) {
        let extra = batch.strings(batch::RECORD).filter(|extra| extra.is_valid(row));
        let language = document.language().filter(|_| self.writes_language);
        let Some(extra) = extra else {
            typed_record(batch, row, document, language, member, out);
            return;
        };
        let line = extra.value(row);
        let text_changed = document.text_changed() || batch.text_detached;
        if !text_changed && language.is_none() && member.is_none() {
            out.extend(line.trim_ascii_end().bytes());
            return;
        }
        // The line was scanned when it was read, so it can be scanned again.
        if json::scan(line, &mut self.members).is_err() {
            out.extend(line.bytes());
            return;
        }
        let mut edits = Vec::with_capacity(3);
        if text_changed {
            let value = NewValue::Text(document.text());
            edits.push(Edit::set(line, &self.members, self.text_path, value));
        }
        if let Some(language) = language {
            edits.push(Edit::Set { key: batch::LANGUAGE, value: NewValue::Text(language) });
        }
        if let Some((key, value)) = member {
            edits.push(Edit::Set { key, value: NewValue::Json(value) });
        }
        let start = out.len();
        json::splice(line, &self.members, &edits, out);
        let end = out[start..].trim_ascii_end().len();
        out.truncate(start + end);
    }
}

/// Why a document was dropped.
pub struct Fate<'f> {
    /// The stage's label.
    pub stage: &'f str,
    /// The first rule that it failed.
    pub reason: &'f str,
    /// The document that stays in its place, as JSON.
    pub duplicate_of: Option<String>,
}

fn typed_record(
    batch: &Batch,
    row: usize,
    document: &Document<'_>,
    language: Option<&str>,
    member: Option<(&str, &str)>,
    out: &mut Vec<u8>,
) {
    out.push(b'{');
    let mut first = true;
    let mut language_written = false;
    let schema = batch.columns().schema_ref();
    for (field, column) in schema.fields().iter().zip(batch.columns().columns()) {
        let name = field.name();
        if !is_record_column(name) {
            continue;
        }
        write_key(name, first, out);
        first = false;
        match name.as_str() {
            batch::TEXT => json::write_string(document.text(), out),
            batch::LANGUAGE if language.is_some() => {
                json::write_string(language.unwrap_or_default(), out);
                language_written = true;
            }
            _ => row_json::write_value(column, row, out),
        }
    }
    if let (Some(language), false) = (language, language_written) {
        write_key(batch::LANGUAGE, first, out);
        json::write_string(language, out);
        first = false;
    }
    if let Some((key, value)) = member {
        write_key(key, first, out);
        out.extend(value.bytes());
    }
    out.push(b'}');
}

fn write_reasons<'r>(reasons: impl Iterator<Item = &'r str>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (number, reason) in reasons.enumerate() {
        if number > 0 {
            out.push(b',');
        }
        json::write_string(reason, out);
    }
    out.push(b']');
}

/// Appends a row of `score`: id, metrics, verdict and every failed rule, and a line break.
/// A metric that does not apply to the document is null.
pub fn write_score(document: &Document<'_>, metrics: &[Metric], out: &mut Vec<u8>) {
    out.extend(b"{\"id\":");
    json::write_string(document.id(), out);
    for metric in metrics {
        write_key(metric.name, false, out);
        match document.metric(metric.name) {
            Some(value) => write_metric(value, out),
            None => out.extend(b"null"),
        }
    }
    let verdict = if document.reasons().is_empty() { "keep" } else { "drop" };
    out.extend(format!(",\"verdict\":\"{verdict}\",\"reasons\":").bytes());
    write_reasons(document.reasons().iter().map(|reason| reason.as_ref()), out);
    out.extend(b"}\n");
}

/// Appends the row of `score` for a malformed record: no id and no metrics, and a verdict to drop.
pub fn write_rejected_score(reject: &Reject, metrics: &[Metric], out: &mut Vec<u8>) {
    out.extend(b"{\"id\":null");
    for metric in metrics {
        write_key(metric.name, false, out);
        out.extend(b"null");
    }
    out.extend(b",\"verdict\":\"drop\",\"reasons\":");
    write_reasons([rejection_rule(reject)].iter().map(|rule| rule.as_ref()), out);
    out.extend(b"}\n");
}

/// The rule of a malformed record: `rejected.invalid_json` and the like.
pub fn rejection_rule(reject: &Reject) -> Cow<'static, str> {
    Cow::Owned(format!("rejected.{}", reject.reason))
}

/// Appends the line of a malformed record: where it stood, why it was rejected, and what it was.
///
/// What was not UTF-8 is written as `raw_base64`; of a record longer than 1 MiB its beginning.
pub fn write_rejected(reject: &Reject, shard: &str, out: &mut Vec<u8>) {
    out.extend(b"{\"shard\":");
    json::write_string(shard, out);
    out.extend(
        format!(
            ",\"line\":{},\"offset\":{},\"bytes\":{},\"reason\":\"{}\",\"detail\":",
            reject.line, reject.offset, reject.bytes, reject.reason
        )
        .bytes(),
    );
    json::write_string(&reject.detail, out);
    match simdutf8::basic::from_utf8(&reject.raw) {
        Ok(raw) => {
            out.extend(b",\"raw\":");
            json::write_string(raw, out);
        }
        Err(_) => {
            out.extend(b",\"raw_base64\":");
            row_json::write_base64(&reject.raw, out);
        }
    }
    out.extend(b"}\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shard::ReadOptions;
    use crate::shard::jsonl::{BlockStart, parse};

    fn batch(line: &str) -> Batch {
        let at = BlockStart { shard: 0, first_ordinal: 0, offset: 0 };
        parse(line.as_bytes().to_vec(), at, &ReadOptions::default(), &mut Vec::new())
            .unwrap()
            .unwrap()
    }

    fn kept(line: &str, change: impl Fn(&mut Document<'_>), writes_language: bool) -> String {
        let batch = batch(line);
        let mut documents = batch.documents();
        change(&mut documents[0]);
        let config = Config::from_yaml("name: x", "x").unwrap();
        let mut out = Vec::new();
        Renderer::new(&config, writes_language, Vec::new()).kept(
            &batch,
            0,
            &documents[0],
            &mut out,
        );
        String::from_utf8(out).unwrap()
    }

    const LINE: &str = r#"{"n": 1.10, "text" : "a\u0062", "big": 1e400, "n": [1, {"x": -0}]}"#;

    #[test]
    fn an_untouched_record_comes_back_byte_for_byte() {
        assert_eq!(kept(LINE, |_| (), true), format!("{LINE}\n"));
    }

    #[test]
    fn a_changed_text_and_a_language_are_all_that_changes() {
        let line = kept(
            LINE,
            |document| {
                document.set_text("c\n".into());
                document.set_language("fr");
            },
            true,
        );
        assert_eq!(
            line,
            "{\"n\": 1.10, \"text\" : \"c\\n\", \"big\": 1e400, \"n\": [1, {\"x\": -0}],\"language\":\"fr\"}\n"
        );
    }
}
