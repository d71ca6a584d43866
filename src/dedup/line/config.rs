//! The parameters of `line_dedup` and what they are in each mode.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dedup::normalization::Normalization;
use crate::dedup::scope::Within;
use crate::text::segment::WordsConfig;

/// What is compared, and what of it goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Paragraphs that stood anywhere before go; the first occurrence stays.
    #[default]
    Paragraphs,
    /// Sentences go that stood in the same row of three anywhere before, as in C4 (Raffel et al.,
    /// 2020) and datatrove's sentence deduplication; the first occurrence stays.
    Sentences,
    /// Lines that occur often go everywhere, as by ROOTS' `dedup_template_soft`: 15 characters or
    /// more, 10 times or more.
    Templates,
    /// The same as by ROOTS' `dedup_pseudocrawl_newspapers`: of any length, twice or more. Blank lines
    /// count as well, so that they go.
    Newspapers,
    /// Lines on many pages of a site go from all of them, as in the pseudo-crawl of ROOTS.
    Boilerplate,
    /// Lines that stood before in the same document go, as in the pseudo-crawl of ROOTS.
    Document,
}

/// Into what a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// What stands between line feeds.
    Lines,
    /// What stands between blank lines.
    Blocks,
    /// Sentences by UAX #29; a line end ends one.
    Sentences,
}

/// Parameters of `line_dedup`. What is not given depends on the mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What is compared, and what of it goes.
    pub mode: Mode,
    /// Into what a text is cut: `lines` or `blocks` for paragraphs, `sentences` or `lines` for
    /// sentences, `lines` for all others. The first of these if nothing is given.
    pub unit: Option<Unit>,
    /// What is done to a line before it is compared. Nothing given: `datatrove` for sentences as
    /// published, `none` for others. White space at its ends never counts, but in the mode
    /// `document`.
    pub normalize: Option<Normalization>,
    /// The fewest code points, without white space at the ends, that a line must have to be
    /// compared. Nothing given: 30 for paragraphs, since shorter ones (headings, answers, list items;
    /// FineWeb calls such lines short) are equal by chance; 15 for templates, as in ROOTS; 0 for
    /// others. With 0, blank lines are compared too in the modes of ROOTS.
    pub min_line_characters: Option<usize>,
    /// How often a line must occur in the corpus to be a template; a line that occurs twice in a
    /// document counts twice. Nothing given: 10 for templates and 2 for newspapers, as in ROOTS.
    pub min_occurrences: Option<u64>,
    /// For boilerplate: what a site is, `host` for the host of the URL, or a field of the record.
    /// Pages without one are left as they are.
    pub group_by: String,
    /// For boilerplate: the highest share of a site's pages that a line may be on; 0.01 as published.
    /// Of pages with one text one counts.
    pub max_page_share: f64,
    /// For boilerplate: a line on so many pages or fewer is never boilerplate; 10 as published.
    pub max_pages: u64,
    /// For boilerplate: lines are counted on so many pages of a site; ROOTS took 10,000. Nothing
    /// given: on all. The pages are chosen by a hash of their text.
    pub sample: Option<u64>,
    /// For boilerplate: another seed chooses other pages for the sample.
    pub seed: u64,
    /// For sentences: how many in a row are compared together; 3 as published.
    pub span: usize,
    /// Whether the lines that stay lose the white space at their ends, in all documents, as in ROOTS;
    /// if not, what stays is as it was, and blank lines stay. Nothing given: true for templates,
    /// newspapers and boilerplate, false for others.
    pub strip_lines: Option<bool>,
    /// The fewest code points, without white space at the ends, that a document is kept with if lines
    /// were removed from it. Nothing given: 33 for boilerplate, as in ROOTS, where it holds for all
    /// pages; 1 for others. 0 keeps empty documents.
    pub min_characters: Option<usize>,
    /// The fewest words that a document is kept with if lines were removed from it. Nothing given:
    /// 50 for sentences, as in datatrove; 0 for others.
    pub min_words: Option<usize>,
    /// The fewest sentences that a document is kept with if lines were removed from it. Nothing
    /// given: 3 for sentences, as in datatrove; 0 for others.
    pub min_sentences: Option<usize>,
    /// How words are cut for `min_words`.
    pub words: WordsConfig,
    /// Within what documents lines are compared.
    pub within: Within,
    /// For paragraphs and sentences: remembers lines in a Bloom filter and does not sort them. Some
    /// that are new are taken for seen and removed; the error rate is told. Which, depends only on the
    /// input.
    pub approximate: bool,
    /// For `approximate`: how many different lines are expected. The filter is as large as these and
    /// `error_rate` need, whatever `memory` says.
    pub expected: u64,
    /// For `approximate`: the share of new lines that may be taken for seen when as many as expected
    /// have come, above 0 and below 1.
    pub error_rate: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            unit: None,
            normalize: None,
            min_line_characters: None,
            min_occurrences: None,
            group_by: HOST.to_owned(),
            max_page_share: 0.01,
            max_pages: 10,
            sample: None,
            seed: 42,
            span: 3,
            strip_lines: None,
            min_characters: None,
            min_words: None,
            min_sentences: None,
            words: WordsConfig::default(),
            within: Within::default(),
            approximate: false,
            // 229 MiB with the rate below: what a corpus of some ten gigabytes has.
            expected: 100_000_000,
            // One line in ten thousand is lost, far below what exact copies take.
            error_rate: 1e-4,
        }
    }
}

/// What `group_by` calls the host of the URL.
pub(super) const HOST: &str = "host";

/// The parameters as they are in a mode.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) mode: Mode,
    pub(super) unit: Unit,
    pub(super) normalization: Normalization,
    pub(super) min_line_characters: usize,
    pub(super) min_occurrences: u64,
    pub(super) strip_lines: bool,
    pub(super) min_characters: usize,
    pub(super) min_words: usize,
    pub(super) min_sentences: usize,
}

impl Config {
    /// What the parameters are in their mode.
    ///
    /// # Errors
    /// If one is out of its range, or its mode does not know it.
    pub(super) fn rules(&self) -> Result<Rules, String> {
        let mode = self.mode;
        let first_stays = matches!(mode, Mode::Paragraphs | Mode::Sentences);
        let boilerplate = mode == Mode::Boilerplate;
        let published = matches!(mode, Mode::Templates | Mode::Newspapers | Mode::Boilerplate);
        let default = Config::default();
        let only = |known: bool, unchanged: bool, name: &str, modes: &str| match known || unchanged
        {
            true => Ok(()),
            false => Err(format!("{name}: is only for {modes}")),
        };
        only(mode == Mode::Sentences, self.span == default.span, "span", "`mode: sentences`")?;
        only(boilerplate, self.group_by == default.group_by, "group_by", "`mode: boilerplate`")?;
        only(
            boilerplate,
            self.max_page_share == default.max_page_share,
            "max_page_share",
            "`mode: boilerplate`",
        )?;
        only(boilerplate, self.max_pages == default.max_pages, "max_pages", "`mode: boilerplate`")?;
        only(boilerplate, self.sample.is_none(), "sample", "`mode: boilerplate`")?;
        only(boilerplate, self.seed == default.seed, "seed", "`mode: boilerplate`")?;
        only(first_stays, !self.approximate, "approximate", "the modes paragraphs and sentences")?;
        only(
            matches!(mode, Mode::Templates | Mode::Newspapers),
            self.min_occurrences.is_none(),
            "min_occurrences",
            "the modes templates and newspapers",
        )?;
        only(
            self.approximate,
            self.expected == default.expected,
            "expected",
            "`approximate: true`",
        )?;
        only(
            self.approximate,
            self.error_rate == default.error_rate,
            "error_rate",
            "`approximate: true`",
        )?;
        let units: &[Unit] = match mode {
            Mode::Paragraphs => &[Unit::Lines, Unit::Blocks],
            Mode::Sentences => &[Unit::Sentences, Unit::Lines],
            _ => &[Unit::Lines],
        };
        let unit = self.unit.or(units.first().copied()).unwrap_or(Unit::Lines);
        if !units.contains(&unit) {
            let other = match mode {
                Mode::Paragraphs => "paragraphs are `lines` or `blocks`",
                Mode::Sentences => "sentences are `sentences` or `lines`",
                _ => "this mode has `lines`",
            };
            return Err(format!("unit: {other}"));
        }
        let strip_lines = self.strip_lines.unwrap_or(published);
        if strip_lines && unit != Unit::Lines {
            return Err("strip_lines: is only for `unit: lines`".to_owned());
        }
        let min_occurrences = self.min_occurrences.unwrap_or(match mode {
            Mode::Templates => 10,
            _ => 2,
        });
        if min_occurrences < 2 {
            return Err("min_occurrences: what occurs once is no template; from 2 on".to_owned());
        }
        if self.span == 0 {
            return Err("span: at least 1".to_owned());
        }
        if self.sample == Some(0) {
            return Err("sample: at least 1".to_owned());
        }
        if !(0.0..=1.0).contains(&self.max_page_share) {
            return Err("max_page_share: from 0 to 1".to_owned());
        }
        if !(self.error_rate > 0.0 && self.error_rate < 1.0) {
            return Err("error_rate: above 0 and below 1".to_owned());
        }
        if self.expected == 0 {
            return Err("expected: at least 1".to_owned());
        }
        if self.group_by.is_empty() {
            return Err("group_by: no field is named".to_owned());
        }
        let sentences = mode == Mode::Sentences;
        Ok(Rules {
            mode,
            unit,
            normalization: self.normalize.unwrap_or(match mode {
                Mode::Sentences => Normalization::DataTrove,
                _ => Normalization::None,
            }),
            min_line_characters: self.min_line_characters.unwrap_or(match mode {
                Mode::Paragraphs => 30,
                Mode::Templates => 15,
                _ => 0,
            }),
            min_occurrences,
            strip_lines,
            min_characters: self.min_characters.unwrap_or(if boilerplate { 33 } else { 1 }),
            min_words: self.min_words.unwrap_or(if sentences { 50 } else { 0 }),
            min_sentences: self.min_sentences.unwrap_or(if sentences { 3 } else { 0 }),
        })
    }
}

impl Rules {
    /// Whether a blank line is a line like others, as in ROOTS, and not what stands between some.
    pub(super) fn counts_blank_lines(&self) -> bool {
        let published = matches!(self.mode, Mode::Templates | Mode::Newspapers | Mode::Boilerplate);
        published && self.strip_lines && self.min_line_characters == 0
    }

    /// Whether the lines that are left are put together again by line feeds, and not cut out of the
    /// text with what stands between them.
    pub(super) fn joins_lines(&self) -> bool {
        self.strip_lines || self.mode == Mode::Document
    }
}
