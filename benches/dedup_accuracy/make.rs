//! Makes sets: copies with edited words, and different documents that share text.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_128;

use crate::chance::Chance;
use crate::common::{self, Failure};
use crate::edits::{self, Vocabulary};
use crate::set::{Entry, Kind, Text};

/// Shares of words that are edited.
pub const RATES: [f64; 5] = [0.01, 0.02, 0.05, 0.1, 0.2];

/// A document has at least this many words: with fewer, one edit is more than a twentieth.
const LEAST: usize = 20;

/// Text that is the same on many pages, written for this benchmark.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    /// Menus, cookie banners, footers, in English as on many a page in another language.
    notices: Vec<String>,
    /// Pages of which only the slots differ: `{n}` a number, `{w}` a word, `{t}` running text.
    pages: Vec<Page>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    language: String,
    text: String,
}

/// The texts of a language, of which every line is used once.
struct Language {
    name: String,
    lines: Vec<String>,
    words: usize,
    vocabulary: Vocabulary,
}

impl Language {
    /// Lines that are kept for pages in another language's place, that none has both.
    fn reserved(&self) -> usize {
        self.lines.len() / 16
    }

    fn supply(&self) -> Supply<'_> {
        Supply { lines: self.lines.iter().skip(self.reserved()).map(String::as_str).collect() }
    }

    fn foreign(&self) -> Supply<'_> {
        Supply { lines: self.lines.iter().take(self.reserved()).map(String::as_str).collect() }
    }
}

/// What is left of a language's lines.
struct Supply<'l> {
    lines: VecDeque<&'l str>,
}

impl Supply<'_> {
    /// Text of about as many words, whole lines where that is near enough; none if too little is
    /// left.
    fn take(&mut self, words: usize) -> Option<String> {
        let (mut text, mut taken) = (String::new(), 0);
        while taken < words {
            let line = self.lines.pop_front()?;
            let spans = edits::cut(line);
            let wanted = words - taken;
            let end = if spans.len() * 4 <= wanted * 5 { line.len() } else { spans[wanted - 1].1 };
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&line[..end]);
            taken += spans.len().min(if end < line.len() { wanted } else { spans.len() });
            let rest = line[end..].trim_start();
            if !rest.is_empty() {
                self.lines.push_front(rest);
            }
        }
        Some(text)
    }
}

/// Makes sets of some texts.
pub struct Maker {
    languages: Vec<Language>,
    shared: Shared,
    licences: Vec<String>,
    seed: u64,
    /// At most so many documents of a language that have a copy.
    documents: usize,
}

impl Maker {
    /// A maker that uses texts that are neither damaged nor copies. A line that was there before, in
    /// any of them, is not used again; in code it may be.
    pub fn new(texts: &[Text], seed: u64, documents: usize) -> Result<Self, Failure> {
        let mut languages: BTreeMap<&str, Language> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for text in texts.iter().filter(|text| !text.planted && text.language != "zxx") {
            let language = languages.entry(&text.language).or_insert_with(|| Language {
                name: text.language.clone(),
                lines: Vec::new(),
                words: 0,
                vocabulary: Vocabulary::default(),
            });
            let code = text.language == "code";
            if code && !seen.insert(xxh3_128(text.text.as_bytes())) {
                continue;
            }
            for line in text.text.lines().filter(|line| !line.trim().is_empty()) {
                let words = edits::cut(line).len();
                if code || words > 0 && seen.insert(xxh3_128(line.as_bytes())) {
                    language.lines.push(line.to_owned());
                    language.words += words;
                }
            }
            language.vocabulary.add(&text.text);
        }
        let shared = common::project().join("benches/dedup_accuracy/shared.yaml");
        let shared = std::fs::read_to_string(shared)?;
        let mut licences = Vec::new();
        let mut files: Vec<_> = std::fs::read_dir(common::project().join("samples/LICENSES"))?
            .map(|file| file.map(|file| file.path()))
            .collect::<Result<_, _>>()?;
        files.sort();
        for file in files {
            licences.push(std::fs::read_to_string(file)?);
        }
        let languages = languages.into_values().filter(|language| language.words > 400).collect();
        let shared = serde_saphyr::from_str(&shared)?;
        Ok(Self { languages, shared, licences, seed, documents })
    }

    /// The set of a round. From round to round each document gets a copy with another share of
    /// edited words: in as many rounds as there are rates, every one. Then the texts are cut into
    /// other documents.
    pub fn round(&self, round: usize) -> Vec<Entry> {
        let mut set = Vec::new();
        for (number, language) in self.languages.iter().enumerate() {
            let mut supply = language.supply();
            self.copies(language, round, &mut supply, &mut set);
            let next = &self.languages[(number + 1) % self.languages.len()];
            let mut foreign = next.foreign();
            self.negatives(language, round, &mut supply, &mut foreign, &mut set);
        }
        set
    }

    /// Documents with a copy each, of three fifths of a language's text.
    fn copies(&self, language: &Language, round: usize, supply: &mut Supply, set: &mut Vec<Entry>) {
        // The documents are the same for as many rounds as there are rates.
        let cut = round / RATES.len();
        let mut sizes = Chance::new(self.seed, &format!("sizes {} {cut}", language.name));
        let mut chance = Chance::new(self.seed, &format!("edits {} {round}", language.name));
        let mut used = 0;
        // The first text is in another document each time.
        supply.lines.rotate_left(cut * 7 % supply.lines.len().max(1));
        for number in 0..self.documents {
            let words = match sizes.below(10) {
                0..4 => sizes.between(LEAST, 49),
                4..8 => sizes.between(50, 249),
                _ => sizes.between(250, 900.min(language.words / 10).max(250)),
            };
            used += words;
            if used * 5 > language.words * 3 {
                break;
            }
            let Some(text) = supply.take(words) else { break };
            let base = Entry::new(format!("{}-{number}", language.name), text, &language.name);
            // A share of less than a word is none: the next that is one, in a short document.
            let least = RATES.iter().position(|rate| base.words as f64 * rate >= 0.75);
            let Some(least) = least.filter(|_| base.words >= LEAST) else { continue };
            let rate = RATES[least + (round + number) % (RATES.len() - least)];
            let (text, _) = edits::edit(&base.text, rate, &language.vocabulary, &mut chance);
            let copy = Entry::new(format!("{}-{round}", base.id), text, &language.name);
            set.push(base);
            set.push(copy.copy_of(Kind::Near(rate), set.len() - 1));
        }
    }

    /// Pairs of different documents that share text, of what is left of a language's text.
    fn negatives(
        &self,
        language: &Language,
        round: usize,
        supply: &mut Supply,
        foreign: &mut Supply,
        set: &mut Vec<Entry>,
    ) {
        let mut chance = Chance::new(self.seed, &format!("negatives {} {round}", language.name));
        let name = &language.name;
        for (number, page) in self.shared.pages.iter().enumerate() {
            if page.language == *name {
                for copy in 0..6 {
                    let Some(text) = page.fill(language, supply, &mut chance) else { break };
                    let id = format!("{name}-page-{number}-{copy}");
                    let entry = Entry::new(id, text, name);
                    let kind = Kind::Negative("template pages");
                    set.push(match copy {
                        0 => entry,
                        _ => entry.copy_of(kind, set.len() - copy),
                    });
                }
            }
        }
        for number in 0..self.documents {
            // Every recipe gets its turn early in some round.
            let turn = Turn { number: number + 2 * round, step: number / 6 + round };
            let Some((recipe, one, other)) =
                self.negative(language, turn, supply, foreign, &mut chance)
            else {
                break;
            };
            let id = |part: &str| format!("{name}-negative-{number}-{part}");
            set.push(Entry::new(id("a"), one, name));
            let other = Entry::new(id("b"), other, name);
            set.push(other.copy_of(Kind::Negative(recipe), set.len() - 1));
        }
    }

    /// A pair of different documents: the recipe and both texts.
    fn negative(
        &self,
        language: &Language,
        turn: Turn,
        supply: &mut Supply,
        foreign: &mut Supply,
        chance: &mut Chance,
    ) -> Option<(&'static str, String, String)> {
        let size = chance.between(40, 300.min(language.words / 20).max(60));
        let part = |share: f64| ((size as f64 * share) as usize).max(5);
        let own = |notice: &str, shared: f64| {
            (edits::cut(notice).len() as f64 * (1.0 - shared) / shared) as usize
        };
        let notices = &self.shared.notices;
        Some(match turn.number % 6 {
            0 | 1 => {
                let shared = turn.one_of(&[0.3, 0.5, 0.7, 0.8, 0.9]);
                let frame = Frame::new(supply.take(part(shared))?, chance);
                let one = frame.around(&supply.take(part(1.0 - shared))?);
                let other = frame.around(&supply.take(part(1.0 - shared))?);
                ("boilerplate", one, other)
            }
            2 => {
                let shared = turn.one_of(&[0.5, 0.7, 0.9]);
                let frame = Frame::new(supply.take(part(shared))?, chance);
                let one = frame.around(&supply.take(part(1.0 - shared))?);
                let other = frame.around(&supply.take(part(3.0))?);
                ("short page in long", one, other)
            }
            3 => {
                let (recipe, texts) = match language.name.as_str() {
                    "code" => ("licence header", &self.licences),
                    _ => ("notices", notices),
                };
                let notice = &texts[chance.below(texts.len())];
                let own = own(notice, turn.one_of(&[0.3, 0.5, 0.7]));
                let page = |text: String| format!("{notice}\n\n{text}");
                (recipe, page(supply.take(own)?), page(supply.take(own)?))
            }
            4 if turn.step.is_multiple_of(2) => {
                let parts: Vec<String> =
                    (0..6).map(|_| supply.take(size / 4)).collect::<Option<_>>()?;
                let page = |order: [usize; 4]| order.map(|at| parts[at].as_str()).join("\n");
                ("version half new", page([0, 1, 2, 3]), page([0, 4, 2, 5]))
            }
            4 => {
                let notice = &notices[chance.below(notices.len())];
                let own = own(notice, turn.one_of(&[0.3, 0.5]));
                let page = |text: String| format!("{notice}\n\n{text}");
                // Where nothing foreign is left, it is another page in the same language.
                let other = foreign.take(own).or_else(|| supply.take(own))?;
                ("untranslated part", page(supply.take(own)?), page(other))
            }
            _ => {
                let own = turn.one_of(&[0.1, 0.2, 0.3, 0.5]);
                let skeleton = supply.take(size)?;
                let (one, other) = edits::fill_slots(&skeleton, own, &language.vocabulary, chance);
                ("template", one, other)
            }
        })
    }

    /// Pairs of a document and a copy of it, alike to any degree, for the curve of a banding.
    pub fn pairs(&self, round: usize) -> Vec<Entry> {
        let mut set = Vec::new();
        for language in &self.languages {
            let mut supply = language.supply();
            let mut chance = Chance::new(self.seed, &format!("pairs {} {round}", language.name));
            for number in 0..self.documents {
                let words = chance.between(150, 500.min(language.words / 10).max(200));
                let Some(text) = supply.take(words) else { break };
                // Even in the logarithm, from one word in 500 to one in two.
                let rate = 0.002 * 250_f64.powf(chance.unit());
                let id = format!("{}-{number}", language.name);
                let (copy, _) = edits::edit(&text, rate, &language.vocabulary, &mut chance);
                set.push(Entry::new(id.clone(), text, &language.name));
                let copy = Entry::new(format!("{id}-copy"), copy, &language.name);
                set.push(copy.copy_of(Kind::Near(rate), set.len() - 1));
            }
        }
        set
    }
}

/// Which recipe is used, and with which share.
#[derive(Clone, Copy)]
struct Turn {
    number: usize,
    step: usize,
}

impl Turn {
    fn one_of(self, shares: &[f64]) -> f64 {
        shares[self.step % shares.len()]
    }
}

/// Text that stands around that of a page: all above it, or half above and half below.
struct Frame {
    text: String,
    at: usize,
}

impl Frame {
    fn new(text: String, chance: &mut Chance) -> Self {
        let spans = edits::cut(&text);
        let at = match chance.below(2) {
            0 => text.len(),
            _ => spans.get(spans.len() / 2).map_or(text.len(), |&(start, _)| start),
        };
        Self { text, at }
    }

    fn around(&self, own: &str) -> String {
        let (above, below) = self.text.split_at(self.at);
        let parts = [above.trim_end(), own, below];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

impl Page {
    fn fill(
        &self,
        language: &Language,
        supply: &mut Supply,
        chance: &mut Chance,
    ) -> Option<String> {
        let mut out = String::new();
        for part in self.text.split_inclusive(['{', '}']) {
            match part {
                "n}" => out.push_str(&chance.below(1_000).to_string()),
                "w}" => out.push_str(language.vocabulary.word(chance)),
                "t}" => out.push_str(&supply.take(chance.between(8, 20))?.replace('\n', " ")),
                text => out.push_str(text.strip_suffix('{').unwrap_or(text)),
            }
        }
        Some(out)
    }
}
