//! Parsing blocks of lines and whole files into batches.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_buffer::Buffer;
use arrow_schema::{ArrowError, Field};
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::reader::{FieldMapping, ReadOptions, Reject};
use crate::batch::{self, Batch, OPTIONAL, Position, ViewColumn};
use crate::json::{self, JsonError, Member, ValueKind};

/// Where a block starts.
#[derive(Debug, Clone, Copy)]
pub struct BlockStart {
    /// Number of the shard.
    pub shard: u32,
    /// Ordinal of the first line.
    pub first_ordinal: u64,
    /// Bytes of decompressed content before the block.
    pub offset: u64,
}

/// The id of a document that came without one: a hash of its text and its position, as 32
/// hexadecimal digits. It is the same in every run over the same input.
pub fn stable_id(text: &str, position: Position) -> String {
    format!("{:032x}", xxh3_128_with_seed(text.as_bytes(), position.pack()))
}

/// Buffer number of the block itself and of the strings that had to be decoded.
const BLOCK: u32 = 0;
const DECODED: u32 = 1;

struct Columns {
    ordinals: Vec<u64>,
    id: ViewColumn,
    text: ViewColumn,
    optional: [ViewColumn; 5],
    extra: ViewColumn,
    decoded: String,
}

impl Columns {
    fn new(rows: usize) -> Self {
        Self {
            ordinals: Vec::with_capacity(rows),
            id: ViewColumn::with_capacity(rows),
            text: ViewColumn::with_capacity(rows),
            optional: std::array::from_fn(|_| ViewColumn::with_capacity(rows)),
            extra: ViewColumn::with_capacity(rows),
            decoded: String::new(),
        }
    }

    /// `lines` is the number of lines of the block if they are JSON records.
    fn finish(
        self,
        block: Vec<u8>,
        shard: u32,
        lines: Option<u64>,
    ) -> Result<Option<Batch>, ArrowError> {
        if self.ordinals.is_empty() {
            return Ok(None);
        }
        let whole = lines == Some(self.ordinals.len() as u64) && block.ends_with(b"\n");
        let block = Buffer::from(block);
        let verbatim = whole.then(|| block.clone());
        let buffers = vec![block, Buffer::from(self.decoded.into_bytes())];
        let mut columns: Vec<(Field, ArrayRef)> = Vec::with_capacity(8);
        let mut add = |name: &str, nullable: bool, column: ViewColumn| -> Result<(), ArrowError> {
            // SAFETY: values are pushed as slices of the block, with their offset in it, or as what
            // was just appended to `decoded`, with the offset that it was appended at. Neither
            // changes afterwards: the block is borrowed meanwhile, and `decoded` is cut back only
            // together with the values that lie in what is cut off.
            let array = unsafe { column.finish_unchecked(buffers.clone()) }?;
            let array = Arc::new(array) as ArrayRef;
            columns.push((batch::string_field(name, nullable), array));
            Ok(())
        };
        add(batch::ID, false, self.id)?;
        add(batch::TEXT, false, self.text)?;
        for (name, column) in OPTIONAL.into_iter().zip(self.optional) {
            if !column.all_null() {
                add(name, true, column)?;
            }
        }
        add(batch::RECORD, true, self.extra)?;
        let columns = batch::assemble(columns)?;
        let mut batch = Batch::new(shard, self.ordinals, columns, false)?;
        batch.verbatim = verbatim;
        Ok(Some(batch))
    }
}

/// Walks over the lines of a block: number, range without the line break.
fn lines(block: &[u8]) -> impl Iterator<Item = (u64, Range<usize>)> {
    let mut start = 0;
    let mut number = 0;
    std::iter::from_fn(move || {
        if start >= block.len() {
            return None;
        }
        let end = memchr::memchr(b'\n', &block[start..]).map_or(block.len(), |end| start + end);
        let item = (number, start..end);
        start = end + 1;
        number += 1;
        Some(item)
    })
}

/// Collects rejected records of a block.
struct Rejects<'r> {
    at: BlockStart,
    list: &'r mut Vec<Reject>,
}

impl Rejects<'_> {
    fn add(
        &mut self,
        block: &[u8],
        number: u64,
        range: Range<usize>,
        reason: &'static str,
        detail: String,
    ) {
        let kept = range.start..range.end.min(range.start + Reject::KEPT_BYTES);
        self.list.push(Reject {
            ordinal: self.at.first_ordinal + number,
            line: self.at.first_ordinal + number + 1,
            offset: self.at.offset + range.start as u64,
            bytes: range.len() as u64,
            reason,
            detail,
            raw: block.get(kept).unwrap_or_default().to_vec(),
        });
    }

    /// Rejects a line that is longer than a record may be.
    fn too_long(&mut self, block: &[u8], number: u64, range: &Range<usize>, most: u64) -> bool {
        let bytes = range.len();
        if bytes as u64 <= most {
            return false;
        }
        let detail = format!("the line has {bytes} bytes, input.max_document_bytes allows {most}");
        self.add(block, number, range.clone(), "too_long", detail);
        true
    }
}

/// Checks that a block is UTF-8, at once where it is and line by line where it is not.
/// Returns the block as text with every line that is not blanked out.
fn validate(mut block: Vec<u8>, rejects: &mut Rejects<'_>) -> Vec<u8> {
    if simdutf8::basic::from_utf8(&block).is_ok() {
        return block;
    }
    let mut bad = Vec::new();
    for (number, range) in lines(&block) {
        if let Err(error) = simdutf8::compat::from_utf8(&block[range.clone()]) {
            bad.push((number, range, error.valid_up_to()));
        }
    }
    for (number, range, valid) in bad {
        let detail = format!("expected UTF-8, found other bytes at byte {valid} of the record");
        rejects.add(&block, number, range.clone(), "invalid_utf8", detail);
        // Blank lines are no records, so the line is out of the way and offsets stay as they are.
        block[range].fill(b' ');
    }
    block
}

/// Parses whole JSON lines.
///
/// # Errors
/// If Arrow refuses the columns.
pub fn parse(
    block: Vec<u8>,
    at: BlockStart,
    options: &ReadOptions,
    list: &mut Vec<Reject>,
) -> Result<Option<Batch>, ArrowError> {
    let mut rejects = Rejects { at, list };
    let block = validate(block, &mut rejects);
    let Ok(text) = simdutf8::basic::from_utf8(&block) else { return Ok(None) };
    // A record of the corpora that this is made for has some 4 kB.
    let mut columns = Columns::new(block.len() / 4096 + 1);
    columns.decoded.reserve(block.len());
    let mut members = Vec::new();
    let mut count = 0;
    for (number, range) in lines(&block) {
        count += 1;
        let line = &text[range.clone()];
        if line.bytes().all(|byte| byte.is_ascii_whitespace()) {
            continue;
        }
        if rejects.too_long(&block, number, &range, options.max_document_bytes) {
            continue;
        }
        let record = Record { line, start: range.start, members: &mut members };
        let position = Position { shard: at.shard, ordinal: at.first_ordinal + number };
        if let Err((reason, detail)) = record.take(position, &options.fields, &mut columns) {
            rejects.add(&block, number, range, reason, detail);
        }
    }
    columns.finish(block, at.shard, Some(count))
}

struct Record<'a> {
    line: &'a str,
    /// Where the line starts in its block.
    start: usize,
    members: &'a mut Vec<Member>,
}

type Refusal = (&'static str, String);

impl Record<'_> {
    fn take(
        self,
        position: Position,
        fields: &FieldMapping,
        columns: &mut Columns,
    ) -> Result<(), Refusal> {
        json::scan(self.line, self.members).map_err(|error| {
            let reason = match error {
                JsonError::NotAnObject { .. } => "not_an_object",
                _ => "invalid_json",
            };
            (reason, error.to_string())
        })?;
        let (span, kind) = json::find(self.line, self.members, &fields.text).ok_or_else(|| {
            ("missing_text", format!("the record has no field `{}`", fields.text))
        })?;
        let ValueKind::String { escaped } = kind else {
            let reason = if kind == ValueKind::Null { "missing_text" } else { "text_not_string" };
            return Err((
                reason,
                format!("expected a string in field `{}`, found {}", fields.text, name(kind)),
            ));
        };
        let decoded_length = columns.decoded.len();
        let text_start =
            self.push_string(&span, escaped, &mut columns.text, &mut columns.decoded)?;
        match self.scalar(&fields.id, &mut columns.id, &mut columns.decoded) {
            Ok(true) => {}
            Ok(false) => {
                let text = match text_start {
                    Some(start) => &columns.decoded[start..],
                    None => &self.line[span.start + 1..span.end - 1],
                };
                let id = stable_id(text, position);
                push_decoded(&id, &mut columns.id, &mut columns.decoded);
            }
            Err(refusal) => {
                columns.decoded.truncate(decoded_length);
                columns.text.pop();
                return Err(refusal);
            }
        }
        for (path, column) in fields.optional().into_iter().zip(&mut columns.optional) {
            // A field that is no scalar, or holds half a surrogate pair, is left to `extra`.
            if !matches!(self.scalar(path, column, &mut columns.decoded), Ok(true)) {
                column.push_null();
            }
        }
        columns.extra.push(self.line, BLOCK, self.start as u32);
        columns.ordinals.push(position.ordinal);
        Ok(())
    }

    /// Appends a string literal to a column. Returns where it was decoded to, if it had to be.
    fn push_string(
        &self,
        span: &Range<usize>,
        escaped: bool,
        column: &mut ViewColumn,
        decoded: &mut String,
    ) -> Result<Option<usize>, Refusal> {
        if !escaped {
            let inner = span.start + 1..span.end - 1;
            column.push(&self.line[inner.clone()], BLOCK, (self.start + inner.start) as u32);
            return Ok(None);
        }
        let start = decoded.len();
        if let Err(error) = json::decode_string_into(&self.line[span.clone()], decoded) {
            decoded.truncate(start);
            let reason = match error {
                JsonError::LoneSurrogate { .. } => "lone_surrogate",
                _ => "invalid_json",
            };
            return Err((reason, error.to_string()));
        }
        column.push(&decoded[start..], DECODED, start as u32);
        Ok(Some(start))
    }

    /// Appends a scalar field as text. Returns whether there was one.
    fn scalar(
        &self,
        path: &str,
        column: &mut ViewColumn,
        decoded: &mut String,
    ) -> Result<bool, Refusal> {
        let Some((span, kind)) = json::find(self.line, self.members, path) else {
            return Ok(false);
        };
        match kind {
            ValueKind::String { escaped } => {
                self.push_string(&span, escaped, column, decoded)?;
            }
            ValueKind::Number | ValueKind::True | ValueKind::False => {
                let literal = &self.line[span.clone()];
                column.push(literal, BLOCK, (self.start + span.start) as u32);
            }
            ValueKind::Null | ValueKind::Object | ValueKind::Array => return Ok(false),
        }
        Ok(true)
    }
}

fn push_decoded(value: &str, column: &mut ViewColumn, decoded: &mut String) {
    let start = decoded.len();
    decoded.push_str(value);
    column.push(value, DECODED, start as u32);
}

fn name(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::String { .. } => "a string",
        ValueKind::Number => "a number",
        ValueKind::Object => "an object",
        ValueKind::Array => "an array",
        ValueKind::True | ValueKind::False => "a boolean",
        ValueKind::Null => "null",
    }
}

/// Takes every line that is not blank as a document.
///
/// # Errors
/// If Arrow refuses the columns.
pub fn parse_text_lines(
    block: Vec<u8>,
    at: BlockStart,
    options: &ReadOptions,
    list: &mut Vec<Reject>,
) -> Result<Option<Batch>, ArrowError> {
    let mut rejects = Rejects { at, list };
    let block = validate(block, &mut rejects);
    let Ok(text) = simdutf8::basic::from_utf8(&block) else { return Ok(None) };
    let mut columns = Columns::new(block.len() / 256 + 1);
    for (number, range) in lines(&block) {
        let line = &text[range.clone()];
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        if rejects.too_long(&block, number, &range, options.max_document_bytes) {
            continue;
        }
        columns.push_text(
            line,
            range.start,
            Position { shard: at.shard, ordinal: at.first_ordinal + number },
        );
    }
    columns.finish(block, at.shard, None)
}

/// Takes a whole file as one document.
///
/// # Errors
/// If Arrow refuses the columns.
pub fn parse_text_file(
    content: Vec<u8>,
    at: BlockStart,
    _options: &ReadOptions,
    list: &mut Vec<Reject>,
) -> Result<Option<Batch>, ArrowError> {
    let mut columns = Columns::new(1);
    match simdutf8::compat::from_utf8(&content) {
        Ok(text) => {
            columns.push_text(text, 0, Position { shard: at.shard, ordinal: at.first_ordinal });
        }
        Err(error) => {
            let detail = format!(
                "expected UTF-8, found other bytes at byte {} of the file",
                error.valid_up_to()
            );
            Rejects { at, list }.add(&content, 0, 0..content.len(), "invalid_utf8", detail);
        }
    }
    columns.finish(content, at.shard, None)
}

impl Columns {
    fn push_text(&mut self, text: &str, start: usize, position: Position) {
        self.text.push(text, BLOCK, start as u32);
        push_decoded(&stable_id(text, position), &mut self.id, &mut self.decoded);
        for column in &mut self.optional {
            column.push_null();
        }
        self.extra.push_null();
        self.ordinals.push(position.ordinal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;
    use proptest::prelude::*;

    const START: BlockStart = BlockStart { shard: 3, first_ordinal: 10, offset: 100 };

    fn parsed(block: &[u8]) -> (Option<Batch>, Vec<Reject>) {
        let mut rejects = Vec::new();
        let batch = parse(block.to_vec(), START, &ReadOptions::default(), &mut rejects).unwrap();
        (batch, rejects)
    }

    #[test]
    fn records_become_rows_and_stay_as_they_were() {
        let line = r#"{"n": 1.10, "id": 7, "text": "a\nb", "language": "fr", "n": 1e400}"#;
        let (batch, rejects) = parsed(format!("{line}\n\n  \n{{\"text\":\"x\"}}").as_bytes());
        let batch = batch.unwrap();
        assert!(rejects.is_empty());
        assert_eq!(batch.ordinals, [10, 13]);
        let documents = batch.documents();
        assert_eq!((documents[0].id(), documents[0].text()), ("7", "a\nb"));
        assert_eq!(documents[0].language(), Some("fr"));
        assert_eq!(documents[1].language(), None);
        assert_eq!(documents[1].id().len(), 32);
        assert_eq!(batch.strings(batch::RECORD).unwrap().value(0), line);
        assert!(batch.strings(batch::URL).is_none());
    }

    #[test]
    fn a_block_of_nothing_but_records_can_be_written_as_it_is() {
        let whole = b"{\"text\":\"a\"}\n{\"text\":\"b\"}\n";
        assert_eq!(parsed(whole).0.unwrap().verbatim.unwrap().as_slice(), whole);
        for block in [&b"{\"text\":\"a\"}\n\n"[..], b"{\"text\":\"a\"}\n{}\n", b"{\"text\":\"a\"}"]
        {
            assert!(parsed(block).0.unwrap().verbatim.is_none());
        }
    }

    #[test]
    fn bad_records_are_named_with_place_and_rule() {
        let cases: [(&[u8], &str); 9] = [
            (b"{\"text\": ", "invalid_json"),
            (b"[1]", "not_an_object"),
            (b"{\"id\": 1}", "missing_text"),
            (b"{\"text\": null}", "missing_text"),
            (b"{\"text\": 1}", "text_not_string"),
            (b"{\"text\": \"\xff\"}", "invalid_utf8"),
            (br#"{"text": "\ud800"}"#, "lone_surrogate"),
            (br#"{"text": "a", "id": "\ud800"}"#, "lone_surrogate"),
            (b"{\"text\": \"a\"} x", "invalid_json"),
        ];
        for (line, reason) in cases {
            let mut block = b"{\"text\":\"before\"}\n".to_vec();
            block.extend(line);
            block.extend(b"\n{\"text\":\"after\"}\n");
            let (batch, rejects) = parsed(&block);
            assert_eq!(batch.unwrap().ordinals, [10, 12], "{reason}");
            assert_eq!(rejects.len(), 1);
            let reject = &rejects[0];
            assert_eq!(reject.reason, reason);
            assert_eq!((reject.ordinal, reject.line, reject.offset), (11, 12, 118));
            assert_eq!(reject.bytes, line.len() as u64);
            if reason != "invalid_utf8" {
                assert_eq!(reject.raw, line);
            }
        }
    }

    #[test]
    fn a_lone_surrogate_in_another_field_stays_verbatim() {
        let line = r#"{"text": "a", "other": "\ud800", "url": "\udfff"}"#;
        let (batch, rejects) = parsed(line.as_bytes());
        assert!(rejects.is_empty());
        assert_eq!(batch.unwrap().strings(batch::RECORD).unwrap().value(0), line);
    }

    #[test]
    fn text_is_a_document_a_line_or_a_file() {
        let mut rejects = Vec::new();
        let options = ReadOptions::default();
        let lines = parse_text_lines(b"one\r\n\ntwo".to_vec(), START, &options, &mut rejects);
        let lines = lines.unwrap().unwrap();
        assert_eq!(lines.strings(batch::TEXT).unwrap().value(0), "one");
        assert_eq!(lines.ordinals, [10, 12]);
        assert!(lines.strings(batch::RECORD).unwrap().is_null(0));
        let file = parse_text_file(b"one\n\ntwo".to_vec(), START, &options, &mut rejects);
        assert_eq!(file.unwrap().unwrap().documents()[0].text(), "one\n\ntwo");
        assert!(rejects.is_empty());
    }

    #[test]
    fn ids_are_stable_and_depend_on_the_position() {
        let at = |ordinal| Position { shard: 1, ordinal };
        assert_eq!(stable_id("text", at(1)), stable_id("text", at(1)));
        assert_ne!(stable_id("text", at(1)), stable_id("text", at(2)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn no_record_is_lost_on_arbitrary_bytes(
            lines in proptest::collection::vec(
                prop_oneof![
                    proptest::collection::vec(any::<u8>(), 0..40),
                    Just(br#"{"text":"ok"}"#.to_vec()),
                    Just(br#"{"text":"\u00e9\ud83d\ude00","id":null}"#.to_vec()),
                    "[{}\\[\\]\":,\\\\a-z0-9 ]{0,30}".prop_map(String::into_bytes),
                ],
                0..12,
            ),
        ) {
            let block = lines.join(&b'\n');
            let (batch, rejects) = parsed(&block);
            let records = block
                .split(|&byte| byte == b'\n')
                .filter(|line| !line.iter().all(u8::is_ascii_whitespace))
                .count();
            let rows = batch.map_or(0, |batch| batch.len());
            prop_assert_eq!(rows + rejects.len(), records);
        }
    }
}
