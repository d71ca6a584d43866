//! The PII engine on text in memory: prose, prose with personal data, code, and texts made to slow it.
//!
//! ```sh
//! cargo bench --bench pii -- [--mb N] [PATH...] [--runs N] [--only SET]
//! ```
//!
//! One thread; megabytes of text per second of its processor time, the median of `--runs`, which go
//! through the sets in turn. Without a path the input is the sample's JSON lines, in all languages,
//! repeated to `--mb` megabytes (16).
//!
//! * `clean`: the documents in which nothing is found
//! * `as it is`: all documents
//! * `1 % PII`: the clean ones, one byte in a hundred in values of ten kinds, spread evenly
//! * `redact`: the same through the stage `pii` with its defaults, new text included
//! * the rest: one piece repeated to four megabytes

#[allow(dead_code)]
mod common;

use common::{Arguments, Failure};
use cpu_time::ThreadTime;
use sapwood::batch::Batch;
use sapwood::document::Document;
use sapwood::pii::{Config, Engine, Options, Pii, Rules};
use sapwood::shard::{ReadOptions, listing};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const VALUES: [&str; 10] = [
    " jane.doe@mail.org ",
    " +33 6 12 34 56 78 ",
    " 4012 8888 8888 1881 ",
    " DE89370400440532013000 ",
    " 73.34.42.154 ",
    " 2a02:81e4:fdf4::3f56:321 ",
    " AKIAWELEVNRZNWN6OD2H ",
    " https://joe:s3cr3t@host.org/ ",
    " 3c:22:fb:9a:10:7e ",
    " 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa ",
];

const ADVERSARIAL: [&str; 8] = ["a-", "1.1.1.1", "@", "1", "://", "1 2 ", "a@a.", "12:34:56 "];
const ADVERSARIAL_BYTES: usize = 4 << 20;

type Texts = Vec<(String, Option<String>)>;

fn main() -> Result<(), Failure> {
    let mut arguments = Arguments::parse()?;
    if arguments.megabytes == 64 {
        arguments.megabytes = 16;
    }
    let (paths, _folder) = common::input(&arguments)?;
    let mut options = ReadOptions::default();
    options.fields.language = "lang".to_owned();
    let mut all: Texts = Vec::new();
    for (number, shard) in listing::list(&paths, None)?.shards.iter().enumerate() {
        let mut reader = shard.open(number as u32, &options)?;
        while let Some(block) = reader.next_block()? {
            let batch = block.parse(&options)?.batch;
            for document in batch.iter().flat_map(Batch::documents) {
                all.push((document.text().to_owned(), document.language().map(str::to_owned)));
            }
        }
    }
    let engine = Engine::new(&Rules::shipped()?, &Options::default())?;
    let clean: Texts = all
        .iter()
        .filter(|(text, language)| engine.find(text, language.as_deref()).is_empty())
        .cloned()
        .collect();
    let planted = plant(&clean);
    let mut sets: Vec<(String, Texts)> = vec![
        ("clean".to_owned(), clean),
        ("as it is".to_owned(), all),
        ("1 % PII".to_owned(), planted.clone()),
        ("redact".to_owned(), planted),
    ];
    for piece in ADVERSARIAL {
        let text = piece.repeat(ADVERSARIAL_BYTES / piece.len());
        sets.push((format!("{piece:?} repeated"), vec![(text, None)]));
    }
    sets.retain(|(name, _)| arguments.only.as_deref().is_none_or(|only| only == name));
    let stage = Pii::new(&Config::default())?;
    let mut seconds = vec![Vec::new(); sets.len()];
    let mut finds = vec![0; sets.len()];
    for _ in 0..arguments.runs {
        for (((name, texts), seconds), finds) in sets.iter().zip(&mut seconds).zip(&mut finds) {
            let clock = ThreadTime::now();
            *finds = texts
                .iter()
                .map(|(text, language)| match name.as_str() {
                    "redact" => {
                        let mut document = Document::new("", text.as_str());
                        document = document.with_language(language.as_deref());
                        document.apply(&stage);
                        usize::from(document.text_changed())
                    }
                    _ => engine.find(text, language.as_deref()).len(),
                })
                .sum();
            seconds.push(clock.elapsed().as_secs_f64());
        }
    }
    println!("{:<28} {:>8} {:>10} {:>8}", "set", "MB", "finds", "MB/s");
    for (((name, texts), mut seconds), finds) in sets.iter().zip(seconds).zip(finds) {
        seconds.sort_by(f64::total_cmp);
        let megabytes = texts.iter().map(|(text, _)| text.len()).sum::<usize>() as f64 / 1e6;
        println!(
            "{name:<28} {megabytes:>8.1} {finds:>10} {:>8.1}",
            megabytes / seconds[seconds.len() / 2]
        );
    }
    Ok(())
}

/// The texts with values in them, so that these are one byte in a hundred.
fn plant(texts: &Texts) -> Texts {
    let mut values = VALUES.iter().cycle();
    let mut owed = 0;
    let plant_in = |(text, language): &(String, Option<String>)| {
        let mut new = String::with_capacity(text.len() + text.len() / 50);
        for word in text.split_inclusive(' ') {
            new.push_str(word);
            owed += word.len();
            if owed >= 2_000
                && let Some(value) = values.next()
            {
                new.push_str(value);
                owed -= 100 * value.len().min(owed / 100);
            }
        }
        (new, language.clone())
    };
    texts.iter().map(plant_in).collect()
}
