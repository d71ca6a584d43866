use std::fs::File;
use std::io::{Cursor, Write};
use std::path::Path;

use arrow_array::builder::{Int32Builder, ListBuilder};
use arrow_array::cast::AsArray;
use arrow_array::*;
use arrow_schema::{DataType, Field, Schema};
use arrow_select::concat::concat_batches;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use proptest::prelude::*;
use std::sync::Arc;
use tempfile::NamedTempFile;

use super::*;
use crate::shard::reader::{Content, FieldMapping, ReadError, ReadOptions, Reject, ShardReader};

const ZSTD: fn() -> Compression = || Compression::ZSTD(ZstdLevel::try_new(3).unwrap());

fn array<A: Array + 'static>(array: A) -> ArrayRef {
    Arc::new(array)
}

fn text_of(row: usize) -> String {
    format!("{row}: {}", "слово ".repeat(row % 40))
}

fn texts(rows: usize) -> Vec<String> {
    (0..rows).map(text_of).collect()
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )
    .unwrap()
}

/// Rows with an id, a text, a struct with a language, and a list.
fn sample(rows: usize) -> RecordBatch {
    let mut lists = ListBuilder::new(Int32Builder::new());
    for row in 0..rows as i32 {
        lists.append_value([Some(row), None]);
    }
    let languages: StringArray =
        (0..rows).map(|row| (row % 3 > 0).then(|| format!("l{row}"))).collect();
    let meta = StructArray::from(vec![
        (Arc::new(Field::new("lang", DataType::Utf8, true)), array(languages)),
        (
            Arc::new(Field::new("score", DataType::Float64, true)),
            array(Float64Array::from_iter_values((0..rows).map(|row| row as f64 / 4.0))),
        ),
    ]);
    batch(vec![
        ("id", array(Int64Array::from_iter_values((0..rows as i64).map(|row| row * 7)))),
        ("text", array(StringArray::from_iter_values(texts(rows)))),
        ("meta", array(meta)),
        ("numbers", array(lists.finish())),
    ])
}

fn write_with(rows: &RecordBatch, properties: WriterProperties) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    let mut writer = ArrowWriter::try_new(&mut file, rows.schema(), Some(properties)).unwrap();
    writer.write(rows).unwrap();
    writer.close().unwrap();
    file
}

fn write(rows: &RecordBatch, compression: Compression, group_rows: usize) -> NamedTempFile {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(group_rows))
        .set_data_page_row_count_limit(64)
        .set_write_batch_size(32);
    write_with(rows, properties.build())
}

fn options(block_bytes: usize) -> ReadOptions {
    ReadOptions { block_bytes, ..ReadOptions::default() }
}

/// Every block's first ordinal, rows and bytes, and the error at the end if there was one.
fn blocks(reader: &mut Reader) -> (Vec<(u64, RecordBatch, u64)>, Option<ReadError>) {
    let mut blocks = Vec::new();
    loop {
        match reader.next_block() {
            Ok(Some(block)) => {
                let Content::Columns(rows) = block.content else { panic!("not columns") };
                blocks.push((block.first_ordinal, rows, block.bytes));
            }
            Ok(None) => return (blocks, None),
            Err(error) => {
                assert!(reader.next_block().unwrap().is_none(), "an error is the end");
                return (blocks, Some(error));
            }
        }
    }
}

fn read_texts(path: &Path, options: &ReadOptions) -> Vec<String> {
    let (blocks, error) = blocks(&mut Reader::open(path, 0, options).unwrap());
    assert!(error.is_none(), "{error:?}");
    let mut texts = Vec::new();
    for (first, rows, _) in blocks {
        assert_eq!(first as usize, texts.len());
        let mut rejects = Vec::new();
        let batch = to_batch(rows, 0, first, options, &mut rejects).unwrap().unwrap();
        assert!(rejects.is_empty());
        texts.extend(batch.documents().iter().map(|document| document.text().to_owned()));
    }
    texts
}

#[test]
fn every_codec_and_string_type_reads_back() {
    let texts = texts(500);
    for compression in [ZSTD(), Compression::SNAPPY, Compression::UNCOMPRESSED] {
        let columns = [
            array(StringArray::from_iter_values(&texts)),
            array(LargeStringArray::from_iter_values(&texts)),
            array(StringViewArray::from_iter_values(&texts)),
            array(
                texts
                    .iter()
                    .map(|text| Some(text.as_str()))
                    .collect::<DictionaryArray<types::Int32Type>>(),
            ),
        ];
        for column in columns {
            let file = write(&batch(vec![("text", column)]), compression, 200);
            let reader = Reader::open(file.path(), 0, &options(4096)).unwrap();
            assert_eq!(reader.schema().field(0).data_type(), &DataType::Utf8View);
            assert_eq!(reader.rows(), 500);
            assert_eq!(read_texts(file.path(), &options(4096)), texts);
        }
    }
}

#[test]
fn blocks_are_cut_by_bytes_and_never_cross_row_groups() {
    let rows = sample(1000);
    let file = write(&rows, ZSTD(), 300);
    let mut reader = Reader::open(file.path(), 3, &options(8 << 10)).unwrap();
    assert_eq!(reader.consumed(), 0);
    let (blocks, error) = blocks(&mut reader);
    assert!(error.is_none());
    assert_eq!(reader.consumed(), file.as_file().metadata().unwrap().len());
    assert!(blocks.len() > 10);
    for (first, rows, bytes) in &blocks {
        assert!(first / 300 == (first + rows.num_rows() as u64 - 1) / 300);
        assert!(*bytes <= 2 * (8 << 10), "{bytes}");
    }
    assert_eq!(blocks.iter().map(|(_, rows, _)| rows.num_rows()).sum::<usize>(), 1000);
}

#[test]
fn a_few_long_rows_among_short_ones_do_not_make_a_huge_block() {
    let mut texts = vec!["short".to_owned(); 3000];
    texts.splice(1000..1000, (0..40).map(|row| row.to_string().repeat(5000)));
    let column = array(StringArray::from_iter_values(&texts));
    let file = write(&batch(vec![("text", column)]), ZSTD(), 10_000);
    let (blocks, _) = blocks(&mut Reader::open(file.path(), 0, &options(16 << 10)).unwrap());
    assert!(blocks.iter().all(|(_, _, bytes)| *bytes <= 33 << 10));
    assert_eq!(read_texts(file.path(), &options(16 << 10)), texts);
}

#[test]
fn reading_resumes_at_any_row_with_the_same_cuts() {
    let rows = sample(700);
    let file = write(&rows, Compression::SNAPPY, 300);
    let (all, _) = blocks(&mut Reader::open(file.path(), 0, &options(4 << 10)).unwrap());
    for (first, _, _) in &all {
        let mut reader = Reader::open_at(file.path(), 0, &options(4 << 10), *first).unwrap();
        let (rest, error) = blocks(&mut reader);
        assert!(error.is_none());
        let from = all.iter().position(|block| block.0 == *first).unwrap();
        let shape = |blocks: &[(u64, RecordBatch, u64)]| -> Vec<(u64, usize)> {
            blocks.iter().map(|(first, rows, _)| (*first, rows.num_rows())).collect()
        };
        assert_eq!(shape(&rest), shape(&all[from..]));
        assert_eq!(rest[0].1, all[from].1);
    }
    for first in [1, 299, 301, 699] {
        let mut reader = Reader::open_at(file.path(), 0, &options(4 << 10), first).unwrap();
        let (rest, _) = blocks(&mut reader);
        assert_eq!(rest[0].0, first);
        assert_eq!(rest[0].1.column(1).as_string_view().value(0), text_of(first as usize));
        assert_eq!(rest.iter().map(|block| block.1.num_rows() as u64).sum::<u64>(), 700 - first);
    }
    let mut reader = Reader::open_at(file.path(), 0, &options(4 << 10), 700).unwrap();
    assert!(reader.next_block().unwrap().is_none());
}

#[test]
fn a_file_of_no_rows_has_no_blocks() {
    let file = write(&sample(1).slice(0, 0), ZSTD(), 10);
    let mut reader = Reader::open(file.path(), 0, &ReadOptions::default()).unwrap();
    assert!(reader.next_block().unwrap().is_none());
}

fn open_error(bytes: &[u8]) -> ReadError {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    Reader::open(file.path(), 0, &ReadOptions::default()).err().expect("an error")
}

#[test]
fn what_is_no_parquet_file_says_what_was_expected() {
    assert!(matches!(open_error(b""), ReadError::Format { .. }));
    let error = open_error(b"{\"text\": \"a line of JSON\"}\n");
    assert!(matches!(&error, ReadError::Format { message, .. } if message.contains("PAR1")));
    let error = Reader::open(Path::new("nowhere.parquet"), 0, &ReadOptions::default());
    assert!(matches!(error, Err(ReadError::Io { .. })));
}

#[test]
fn a_file_that_was_cut_short_or_has_a_bad_footer_is_damaged() {
    let bytes = std::fs::read(write(&sample(50), ZSTD(), 100).path()).unwrap();
    let error = open_error(&bytes[..bytes.len() / 2]);
    assert!(matches!(&error, ReadError::Damaged { message, .. } if message.contains("PAR1")));
    let mut bad = bytes.clone();
    let end = bad.len() - 8;
    bad[end - 60..end].fill(0xff);
    assert!(matches!(open_error(&bad), ReadError::Damaged { offset: 0, .. }));
    let mut bad = bytes;
    bad[end..end + 4].fill(0xff);
    assert!(matches!(open_error(&bad), ReadError::Damaged { offset: 0, .. }));
}

#[test]
fn a_missing_text_column_names_the_columns_and_the_nearest() {
    let file = write(&sample(3), ZSTD(), 10);
    let error = |text: &str| {
        let fields = FieldMapping { text: text.to_owned(), ..FieldMapping::default() };
        let options = ReadOptions { fields, ..ReadOptions::default() };
        match Reader::open(file.path(), 0, &options).err() {
            Some(ReadError::Format { message, .. }) => message,
            other => panic!("{other:?}"),
        }
    };
    let message = error("texts");
    assert!(message.contains("id, text, meta, meta.lang, meta.score, numbers"), "{message}");
    assert!(message.ends_with("did you mean text?"), "{message}");
    assert!(error("meta.lnag").ends_with("did you mean meta.lang?"));
    assert!(!error("zzz").contains("did you mean"));
}

#[test]
fn a_corrupt_page_ends_the_shard_after_the_blocks_before_it() {
    let rows = batch(vec![("text", array(StringArray::from_iter_values(texts(900))))]);
    let properties = WriterProperties::builder()
        .set_compression(ZSTD())
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(300))
        .set_data_page_row_count_limit(64)
        .set_write_batch_size(32);
    let file = write_with(&rows, properties.build());
    let mut bytes = std::fs::read(file.path()).unwrap();
    let metadata = SerializedFileReader::new(File::open(file.path()).unwrap()).unwrap();
    let (start, length) = metadata.metadata().row_group(1).column(0).byte_range();
    let middle = (start + length / 2) as usize;
    bytes[middle..middle + 40].fill(0xa5);
    std::fs::write(file.path(), bytes).unwrap();
    let (blocks, error) = blocks(&mut Reader::open(file.path(), 0, &options(2 << 10)).unwrap());
    let read: u64 = blocks.iter().map(|block| block.1.num_rows() as u64).sum();
    assert!((301..600).contains(&read), "{read}");
    assert!(matches!(error, Some(ReadError::Damaged { offset, .. }) if offset == read));
}

fn convert(rows: RecordBatch, options: &ReadOptions) -> (Option<crate::batch::Batch>, Vec<Reject>) {
    let mut rejects = Vec::new();
    let batch = to_batch(rows, 2, 100, options, &mut rejects).unwrap();
    (batch, rejects)
}

fn names(rows: &RecordBatch) -> Vec<String> {
    rows.schema_ref().fields().iter().map(|field| field.name().clone()).collect()
}

#[test]
fn fields_are_mapped_and_the_rest_passes_through() {
    let fields = FieldMapping {
        text: "content".to_owned(),
        language: "meta.lang".to_owned(),
        ..FieldMapping::default()
    };
    let options = ReadOptions { fields, ..ReadOptions::default() };
    let sample = sample(3);
    let rows = batch(vec![
        ("numbers", sample.column(3).clone()),
        ("text", array(Int32Array::from(vec![1, 2, 3]))),
        ("extra", array(StringArray::from(vec![Some("{}"), None, None]))),
        ("content", array(StringArray::from(vec!["a", "b", "c"]))),
        ("id", sample.column(0).clone()),
        ("date", array(Date32Array::from(vec![1, 2, 3]))),
        ("source", array(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("meta", sample.column(2).clone()),
        ("input.text", array(Int32Array::from(vec![4, 5, 6]))),
    ]);
    let (batch, rejects) = convert(rows, &options);
    let batch = batch.unwrap();
    assert!(rejects.is_empty());
    assert_eq!(
        names(batch.columns()),
        [
            "id",
            "text",
            "source",
            "language",
            "numbers",
            "input.text",
            "input.date",
            "meta",
            "input.input.text",
            "extra"
        ]
    );
    assert_eq!(batch.ordinals, [100, 101, 102]);
    let strings = |name| batch.strings(name).unwrap().iter().collect::<Vec<_>>();
    assert_eq!(strings("id"), [Some("0"), Some("7"), Some("14")]);
    assert_eq!(strings("text"), [Some("a"), Some("b"), Some("c")]);
    assert_eq!(strings("source"), [Some("true"), None, Some("false")]);
    assert_eq!(strings("language"), [None, Some("l1"), Some("l2")]);
    assert_eq!(batch.columns().column_by_name("numbers"), Some(sample.column(3)));
    assert_eq!(batch.columns().column_by_name("meta"), Some(sample.column(2)));
}

#[test]
fn a_value_in_a_null_struct_is_null() {
    let inner = array(StringArray::from(vec!["a", "b"]));
    let field = Field::new("text", DataType::Utf8, true);
    let nulls = Some(vec![true, false].into());
    let doc = StructArray::new(vec![field].into(), vec![inner], nulls);
    let fields = FieldMapping { text: "doc.text".to_owned(), ..FieldMapping::default() };
    let options = ReadOptions { fields, ..ReadOptions::default() };
    let (batch, rejects) = convert(self::batch(vec![("doc", array(doc))]), &options);
    assert_eq!(batch.unwrap().ordinals, [100]);
    assert_eq!(rejects[0].reason, "missing_text");
    assert_eq!(rejects[0].raw, br#"{"doc":null}"#);
}

#[test]
fn bad_rows_are_rejected_with_their_json() {
    let options = ReadOptions { max_document_bytes: 5, ..ReadOptions::default() };
    let rows = batch(vec![
        ("text", array(StringViewArray::from(vec![Some("12345"), None, Some("123456"), Some("")]))),
        ("n", array(Int32Array::from(vec![1, 2, 3, 4]))),
        ("id", array(StringArray::from(vec![Some("x"), None, None, None]))),
    ]);
    let (batch, rejects) = convert(rows, &options);
    let batch = batch.unwrap();
    assert_eq!(batch.ordinals, [100, 103]);
    assert_eq!(batch.columns()["n"].as_primitive::<types::Int32Type>().values(), &[1, 4]);
    assert_eq!(batch.strings("id").unwrap().value(0), "x");
    assert_eq!(batch.strings("id").unwrap().value(1).len(), 32);
    let found: Vec<_> = rejects.iter().map(|r| (r.ordinal, r.line, r.reason)).collect();
    assert_eq!(found, [(101, 102, "missing_text"), (102, 103, "too_long")]);
    assert_eq!(rejects[1].raw, br#"{"text":"123456","n":3,"id":null}"#);
    assert_eq!(rejects[1].bytes, rejects[1].raw.len() as u64);
    assert!(!rejects[1].detail.contains("123456"));

    let (batch, rejects) = convert(
        self::batch(vec![("text", array(Int32Array::from(vec![Some(1), None])))]),
        &options,
    );
    assert!(batch.is_none());
    let reasons: Vec<_> = rejects.iter().map(|reject| reject.reason).collect();
    assert_eq!(reasons, ["text_not_string", "missing_text"]);

    let long = "x".repeat(Reject::KEPT_BYTES + 1);
    let (_, rejects) =
        convert(self::batch(vec![("text", array(StringArray::from(vec![long])))]), &options);
    assert_eq!(rejects[0].raw.len(), Reject::KEPT_BYTES);
    assert_eq!(rejects[0].bytes, Reject::KEPT_BYTES as u64 + 1 + 11);
}

/// What sapwood itself writes: views, a null here and there, a struct, a list.
fn output(first: usize, rows: usize) -> RecordBatch {
    let ids: StringViewArray = (first..first + rows).map(|row| Some(format!("id {row}"))).collect();
    let texts: StringViewArray = (first..first + rows).map(|row| Some(text_of(row))).collect();
    let extra: StringViewArray = (first..first + rows)
        .map(|row| (row % 2 > 0).then(|| format!("{{\"n\":{row}}}")))
        .collect();
    let sample = sample(rows);
    let field = |name: &str, column: &ArrayRef, nullable| {
        Field::new(name, column.data_type().clone(), nullable)
    };
    let columns = vec![
        array(ids),
        array(texts),
        sample.column(2).clone(),
        sample.column(3).clone(),
        array(extra),
    ];
    let fields: Vec<Field> = ["id", "text", "meta", "numbers", "extra"]
        .iter()
        .zip(&columns)
        .map(|(name, column)| field(name, column, !["id", "text"].contains(name)))
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

#[test]
fn row_groups_encode_to_equal_bytes_without_dictionary_for_texts() {
    let encoded = encode_row_group(&output(0, 300), Some(3)).unwrap();
    assert_eq!(encoded, encode_row_group(&output(0, 300), Some(3)).unwrap());
    assert!(encode_row_group(&output(0, 3), Some(99)).is_err());
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&encoded).unwrap();
    let reader = SerializedFileReader::new(file.reopen().unwrap()).unwrap();
    let metadata = reader.metadata();
    let created_by = metadata.file_metadata().created_by().unwrap();
    assert_eq!(created_by, format!("sapwood {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(metadata.num_row_groups(), 1);
    for column in metadata.row_group(0).columns() {
        let name = column.column_path().string();
        let plain = ["text", "extra"].contains(&name.as_str());
        assert_eq!(column.statistics().is_none(), plain, "{name}");
        assert!(!plain || column.dictionary_page_offset().is_none(), "{name}");
    }
    let arrow = ParquetRecordBatchReaderBuilder::try_new(file.reopen().unwrap()).unwrap();
    assert_eq!(arrow.schema().field(1).data_type(), &DataType::Utf8);
    assert!(!arrow.schema().field(1).is_nullable());
}

#[test]
fn pages_of_long_texts_stay_small() {
    let long: Vec<String> = (0..200).map(|row| text_of(row).repeat(200)).collect();
    let rows = batch(vec![("text", array(StringViewArray::from_iter_values(long)))]);
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&encode_row_group(&rows, Some(3)).unwrap()).unwrap();
    let reader = SerializedFileReader::new(file.reopen().unwrap()).unwrap();
    let pages = reader.get_row_group(0).unwrap().get_column_page_reader(0).unwrap();
    let sizes: Vec<usize> = pages.map(|page| page.unwrap().buffer().len()).collect();
    assert!(sizes.len() > 2 && sizes.iter().all(|size| *size < 4 << 20), "{sizes:?}");
}

#[test]
fn concatenated_row_groups_read_back_equal() {
    let parts = [output(0, 200), output(200, 1), output(201, 0), output(201, 99)];
    let join = || {
        let file = NamedTempFile::new().unwrap();
        let mut joined = Concatenation::create(file.reopen().unwrap());
        for part in &parts {
            joined.append(encode_row_group(part, Some(3)).unwrap()).unwrap();
        }
        let bytes = joined.finish().unwrap();
        assert_eq!(bytes, file.as_file().metadata().unwrap().len());
        file
    };
    let file = join();
    assert_eq!(std::fs::read(file.path()).unwrap(), std::fs::read(join().path()).unwrap());

    let (blocks, error) = blocks(&mut Reader::open(file.path(), 0, &options(4 << 10)).unwrap());
    assert!(error.is_none());
    let rows: Vec<RecordBatch> = blocks.into_iter().map(|block| block.1).collect();
    let schema = parts[0].schema();
    let expected = concat_batches(&schema, &parts).unwrap();
    let found = concat_batches(&rows[0].schema(), &rows).unwrap();
    assert_eq!(found, expected);

    // The same rows come through the offset index, which was copied with its offsets moved.
    let indexed = parquet::arrow::arrow_reader::ArrowReaderOptions::new()
        .with_page_index_policy(parquet::file::metadata::PageIndexPolicy::Required);
    let reader =
        ParquetRecordBatchReaderBuilder::try_new_with_options(file.reopen().unwrap(), indexed)
            .unwrap()
            .with_offset(250)
            .build()
            .unwrap();
    let tail: usize = reader.map(|rows| rows.unwrap().num_rows()).sum();
    assert_eq!(tail, 50);
}

#[test]
fn only_equal_schemas_are_concatenated() {
    let mut joined = Concatenation::create(Cursor::new(Vec::new()));
    joined.append(encode_row_group(&output(0, 2), Some(1)).unwrap()).unwrap();
    let error = joined.append(encode_row_group(&sample(2), Some(1)).unwrap()).unwrap_err();
    assert!(matches!(error, ConcatenationError::Schema { .. }));
    assert!(error.to_string().contains("this one id OPTIONAL INT64, text OPTIONAL"), "{error}");
    assert!(matches!(joined.append(vec![1, 2, 3]), Err(ConcatenationError::Parquet(_))));
    let empty = Concatenation::create(Cursor::new(Vec::new())).finish();
    assert!(matches!(empty, Err(ConcatenationError::Empty)));
}

fn small_files() -> Vec<Vec<u8>> {
    [ZSTD(), Compression::SNAPPY, Compression::UNCOMPRESSED]
        .map(|codec| std::fs::read(write(&sample(60), codec, 40).path()).unwrap())
        .into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn flipped_bytes_make_errors_and_never_panics(
        codec in 0_usize..3,
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..6),
    ) {
        thread_local! {
            static FILES: Vec<Vec<u8>> = small_files();
        }
        let mut bytes = FILES.with(|files| files[codec].clone());
        for (at, flip) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        }
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        if let Ok(mut reader) = Reader::open(file.path(), 0, &options(1 << 10)) {
            let (blocks, _) = blocks(&mut reader);
            for (first, rows, _) in blocks {
                prop_assert!(rows.num_rows() > 0);
                to_batch(rows, 0, first, &ReadOptions::default(), &mut Vec::new()).unwrap();
            }
        }
    }

    #[test]
    fn any_cut_and_start_hand_out_every_row_once(
        lengths in prop::collection::vec(0_usize..600, 1..120),
        group_rows in 1_usize..50,
        block_bytes in 1_usize..4000,
        start in 0_usize..130,
    ) {
        let texts: Vec<String> = lengths.iter().map(|length| "x".repeat(*length)).collect();
        let rows = batch(vec![("text", array(StringArray::from_iter_values(&texts)))]);
        let file = write(&rows, Compression::UNCOMPRESSED, group_rows);
        let options = options(block_bytes);
        let mut reader = Reader::open_at(file.path(), 0, &options, start as u64).unwrap();
        let (blocks, error) = blocks(&mut reader);
        prop_assert!(error.is_none());
        let found: Vec<String> = blocks
            .iter()
            .flat_map(|(_, rows, _)| rows.column(0).as_string_view().iter().flatten())
            .map(str::to_owned)
            .collect();
        prop_assert_eq!(&found, &texts[start.min(texts.len())..]);
    }
}
