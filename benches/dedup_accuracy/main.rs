//! How well near-duplicates are found, and how seldom anything else is taken for one.
//!
//! ```sh
//! cargo bench --bench dedup_accuracy -- [PATH...] [--stages NAME=FILE|STAGE]...
//!     [--answers NAME=FOLDER]... [--truth] [--rounds N] [--documents N] [--seed N] [--level S]
//!     [--dump FOLDER] [--json FILE] [--curve STAGE]...
//! ```
//!
//! Makes a set of the texts of some files (the sample, if none is given) and takes it through each
//! contender: stages of a pipeline file, or one stage as it stands in its list, such as
//! `--stages 'default=minhash_dedup: {}'`; without any, through `minhash_dedup` of both families.
//! The set has, for every language:
//!
//! - documents of 20 to 900 words with a copy each of which 1, 2, 5, 10 or 20 % of the words are
//!   edited; in `--rounds` (5) rounds every document gets every share once, so no copy can be found
//!   by way of another;
//! - pairs of different documents that share text: boilerplate, licence headers, templates, pages
//!   whose new version is half new, untranslated parts.
//!
//! With `--truth` the texts are taken as they are, with the truth in `meta`: `kind` is `base`,
//! `exact_dup` or `near_dup`, `of` the id of the original, `edit_rate` the share of edited words.
//!
//! A copy is found if it is in one cluster with its original. A document was removed rightly if it
//! and the one kept in its stead have the same original, or if `--level` (0.8) of their word
//! 5-grams are common by Jaccard's measure, or if as large a share of the longer one's words stands
//! in the other in the same order; or if a chain of such documents joins them.
//!
//! `--dump` writes the sets for other programs, `round-N.jsonl`; `--answers` reads what these leave,
//! as `dedup_peers.py` does. `--curve` measures the share of pairs that share a band, by exact
//! similarity, against theory. `--json` writes all figures.

mod answers;
mod chance;
// Of what benchmarks share, this one needs little.
#[allow(dead_code)]
#[path = "../common/mod.rs"]
mod common;
mod curve;
mod edits;
mod exact;
mod groups;
mod judge;
mod make;
mod report;
mod set;

use std::path::PathBuf;

use answers::Contender;
use common::Failure;
use judge::{Figures, Known};
use make::Maker;

const USAGE: &str = "[PATH...] [--stages NAME=FILE|STAGE]... [--answers NAME=FOLDER]... [--truth] \
    [--rounds N] [--documents N] [--seed N] [--level S] [--dump FOLDER] [--json FILE] [--curve STAGE]...";

struct Arguments {
    paths: Vec<PathBuf>,
    contenders: Vec<Contender>,
    curves: Vec<String>,
    truth: bool,
    rounds: usize,
    documents: usize,
    seed: u64,
    level: f64,
    dump: Option<PathBuf>,
    json: Option<PathBuf>,
}

fn arguments() -> Result<Arguments, Failure> {
    let mut wanted = Arguments {
        paths: Vec::new(),
        contenders: Vec::new(),
        curves: Vec::new(),
        truth: false,
        rounds: 5,
        documents: 150,
        seed: 1,
        level: 0.8,
        dump: None,
        json: None,
    };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("{argument} needs a value"));
        let named = |value: String| match value.split_once('=') {
            Some((name, rest)) if !name.contains([':', '/', '{']) => {
                (name.to_owned(), rest.to_owned())
            }
            _ => (value.clone(), value),
        };
        match argument.as_str() {
            // Cargo adds it.
            "--bench" => {}
            "--stages" => {
                let (name, stages) = named(value()?);
                wanted.contenders.push(Contender::stages(&name, &stages)?);
            }
            "--answers" => {
                let (name, folder) = named(value()?);
                wanted.contenders.push(Contender::answers(&name, folder.as_ref()));
            }
            "--curve" => wanted.curves.push(value()?),
            "--truth" => wanted.truth = true,
            "--rounds" => wanted.rounds = value()?.parse::<usize>()?.max(1),
            "--documents" => wanted.documents = value()?.parse()?,
            "--seed" => wanted.seed = value()?.parse()?,
            "--level" => wanted.level = value()?.parse()?,
            "--dump" => wanted.dump = Some(value()?.into()),
            "--json" => wanted.json = Some(value()?.into()),
            flag if flag.starts_with('-') => {
                return Err(format!("unknown flag {flag}: {USAGE}").into());
            }
            path => wanted.paths.push(path.into()),
        }
    }
    if wanted.paths.is_empty() {
        wanted.paths.push(common::project().join("samples/sample-*"));
    }
    Ok(wanted)
}

fn main() -> Result<(), Failure> {
    let mut wanted = arguments()?;
    if wanted.contenders.is_empty() && wanted.curves.is_empty() && wanted.dump.is_none() {
        for (name, stage) in [
            ("default", "minhash_dedup: {}"),
            ("datatrove family", "minhash_dedup: {family: datatrove}"),
        ] {
            wanted.contenders.push(Contender::stages(name, stage)?);
        }
    }
    let texts = set::read(&wanted.paths)?;
    let mut report = report::Report::new(wanted.level);
    if !wanted.curves.is_empty() {
        let maker = Maker::new(&texts, wanted.seed, wanted.documents)?;
        for stage in &wanted.curves {
            report.curves.push(curve::measure(stage, &maker, wanted.rounds)?);
        }
    }
    if !wanted.contenders.is_empty() || wanted.dump.is_some() {
        let mut figures: Vec<Figures> =
            wanted.contenders.iter().map(|_| Figures::default()).collect();
        let mut judge = |set: &[set::Entry], round: usize| -> Result<(), Failure> {
            if let Some(folder) = &wanted.dump {
                std::fs::create_dir_all(folder)?;
                set::write(set, &folder.join(format!("round-{round}.jsonl")))?;
            }
            report.describe(set);
            let known = Known::of(set, wanted.level);
            for (contender, figures) in wanted.contenders.iter().zip(&mut figures) {
                figures.count(set, &known, &contender.answer(set, round)?, round);
            }
            Ok(())
        };
        if wanted.truth {
            judge(&set::as_told(texts)?, 0)?;
        } else {
            let maker = Maker::new(&texts, wanted.seed, wanted.documents)?;
            for round in 0..wanted.rounds {
                judge(&maker.round(round), round)?;
            }
        }
        report.contenders = wanted.contenders.into_iter().zip(figures).collect();
    }
    print!("{report}");
    if let Some(path) = &wanted.json {
        std::fs::write(path, serde_json::to_string_pretty(&report.to_json())? + "\n")?;
    }
    Ok(())
}
