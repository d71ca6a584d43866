//! Which language a document is in.
//!
//! The stage [`Langid`] goes from the cheap and certain to the dear and doubtful: source code by its
//! looks ([`program`]), the script of most letters ([`script`]), then models in order,
//! asked about the whole document or about its paragraphs or lines, which then vote.

mod config;
mod parts;
mod route;
pub mod script;
mod spread;
#[cfg(test)]
mod tests;

pub mod program;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::config::MOST_LABELS;
use self::parts::{Part, Vote, parts, spans, vote};
use self::program::Programs;
use self::route::{Asked, Router, nearest_label};
use self::script::dominant;
use self::spread::spread;
use crate::document::{Bound, Document};
use crate::fasttext::{self, Fingerprint};
pub use crate::fasttext::{FastText, ModelError, Scored};
use crate::languages::{Languages, Naming, Parts};
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict, intern};

pub use self::config::{Config, Granularity, LangidError, LineEnds, ModelChoice, RoutedModel};
pub use self::route::Answer;

/// The language of texts in which nothing can be told, with the score 0.
pub const UNKNOWN: &str = "unknown";

/// Names the language of texts.
pub trait Predictor: Send + Sync {
    /// The most probable languages of a text that comes in pieces, with a space between them: at
    /// most `count`, best first, by the numbers of their labels. None if the model finds nothing to
    /// go by.
    ///
    /// Line ends separate words and mean nothing more.
    fn predict_pieces(&self, pieces: &[&str], count: usize, best: &mut Vec<Scored>);

    /// Every label that the model can answer with, by its number.
    fn labels(&self) -> Vec<Arc<str>>;

    /// Memory that the model holds, in bytes, roughly.
    fn memory(&self) -> u64;
}

impl Predictor for Arc<FastText> {
    fn predict_pieces(&self, pieces: &[&str], count: usize, best: &mut Vec<Scored>) {
        FastText::predict_pieces(self, pieces, count, best);
    }

    fn labels(&self) -> Vec<Arc<str>> {
        (0..).map_while(|number| self.label(number).cloned()).collect()
    }

    fn memory(&self) -> u64 {
        FastText::memory(self)
    }
}

/// Sets a document's language and drops documents of which it is not sure enough, or whose language
/// is not wanted.
///
/// # Examples
///
/// ```no_run
/// use sapwood::document::Document;
/// use sapwood::langid::{Config, Langid};
///
/// let langid = Langid::new(&Config::default())?;
/// let mut document = Document::new("a", "La forêt dort sous la neige depuis novembre.");
/// document.apply(&langid);
/// assert_eq!(document.language(), Some("fr"));
/// # Ok::<(), sapwood::langid::LangidError>(())
/// ```
pub struct Langid {
    config: Config,
    router: Router,
    programs: Option<&'static Programs>,
    resources: Vec<Resource>,
    metrics: Vec<Metric>,
    /// Names of the metrics from the second label on.
    next: Vec<(&'static str, &'static str)>,
    min_scores: BTreeMap<String, f64>,
    languages: BTreeSet<String>,
    unknown: Arc<str>,
}

const LABEL: &str = "langid.label";
const SCORE: &str = "langid.score";
const JOINT_SCORE: &str = "langid.joint_score";
const GIVEN: &str = "langid.given";
const OTHER_SHARE: &str = "langid.other_share";
const SPANS: &str = "langid.spans";

/// What the stage [`Langid`] measures. With `top_k` from 2 on there are also `langid.label_2`,
/// `langid.score_2` and so on.
pub const METRICS: [Metric; 6] = [
    Metric {
        name: LABEL,
        kind: MetricKind::Text,
        unit: "code",
        meaning: "the language, or `unknown`; the programming language of source code",
    },
    Metric {
        name: SCORE,
        kind: MetricKind::Float,
        unit: "probability",
        meaning: "the probability of that language, as predicted; 0 for `unknown`",
    },
    Metric {
        name: GIVEN,
        kind: MetricKind::Text,
        unit: "code",
        meaning: "the language that the document came with, if any",
    },
    Metric {
        name: JOINT_SCORE,
        kind: MetricKind::Float,
        unit: "probability",
        meaning: "the probability of all languages together that are easily taken for this one; \
                  with `confusables`",
    },
    Metric {
        name: OTHER_SHARE,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of bytes in paragraphs or lines in other languages; by `granularity`",
    },
    Metric {
        name: SPANS,
        kind: MetricKind::Text,
        unit: "spans",
        meaning: "where a mixed document is in which language: BEGIN-END:LABEL in code points, \
                  the end exclusive, with spaces between; by `granularity`",
    },
];

/// What was found out about a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Identified {
    /// The language and its scores. Labels are those of the model, or the short name of a
    /// programming language.
    pub answer: Answer,
    /// What the language is called as the configuration has it.
    pub name: String,
    /// The share of bytes in other languages, if paragraphs or lines were looked at.
    pub other_share: Option<f64>,
    /// Where a mixed document is in which language.
    pub spans: Option<String>,
}

impl Langid {
    /// A stage with these parameters; loads the models. A model file that another stage of this
    /// process has loaded is shared with it.
    ///
    /// # Errors
    ///
    /// If `models` is empty, a file is missing or no whole fastText classifier, a figure is out of
    /// its range, or a language is not among the models' labels.
    pub fn new(config: &Config) -> Result<Self, LangidError> {
        config.check()?;
        if config.models.is_empty() {
            return Err(LangidError::NoModel);
        }
        let mut models: Vec<(RoutedModel, Box<dyn Predictor>)> = Vec::new();
        let mut resources = Vec::new();
        for choice in config.models.iter().map(ModelChoice::routed) {
            let (model, fingerprint) = fasttext::shared(&choice.path)
                .map_err(|source| LangidError::Model { path: choice.path.clone(), source })?;
            let Fingerprint { xxh3, bytes } = fingerprint;
            resources.push(Resource::known("model", &choice.path, xxh3, bytes));
            models.push((choice, Box::new(model)));
        }
        Self::with_predictors(config, models, resources)
    }

    /// A stage with these parameters around predictors of one's own; `models` is not looked at.
    /// `resources` are the files that the predictors' answers depend on.
    ///
    /// # Errors
    ///
    /// If a figure is out of its range or a language is not among the predictors' labels.
    pub fn with_predictors(
        config: &Config,
        predictors: Vec<(RoutedModel, Box<dyn Predictor>)>,
        resources: Vec<Resource>,
    ) -> Result<Self, LangidError> {
        config.check()?;
        let asked =
            Asked { scripts: config.scripts, joint: config.confusables, count: config.top_k };
        let router = Router::new(predictors, asked, config.lowercase)?;
        let programs = config.programs.then(Programs::shipped);
        let labels = router.labels();
        let named = config.min_scores.keys().map(|language| ("min_scores", language));
        for (key, language) in named.chain(config.languages.iter().map(|it| ("languages", it))) {
            if !knows(language, &labels, programs.is_some()) {
                return Err(LangidError::Language {
                    key,
                    language: language.clone(),
                    who: "the model",
                    nearest: nearest_label(language, &labels),
                });
            }
        }
        let next: Vec<(&str, &str)> = (2..=config.top_k.min(MOST_LABELS))
            .map(|place| {
                (intern(&format!("langid.label_{place}")), intern(&format!("langid.score_{place}")))
            })
            .collect();
        Ok(Self {
            metrics: metrics(config, &next),
            next,
            router,
            programs,
            resources,
            min_scores: config
                .min_scores
                .iter()
                .flat_map(|(language, &score)| codes(language).map(move |code| (code, score)))
                .collect(),
            languages: config.languages.iter().flat_map(|language| codes(language)).collect(),
            unknown: Arc::from(UNKNOWN),
            config: config.clone(),
        })
    }

    /// The language of a text that is no source code or whose file has no name.
    pub fn identify(&self, text: &str) -> Identified {
        self.identify_file(text, None)
    }

    /// The language of a text, with the name of the file that it is from, if that is known.
    pub fn identify_file(&self, text: &str, file: Option<&str>) -> Identified {
        if let Some(found) = self.programs.as_ref().and_then(|it| it.detect(text, file)) {
            let languages = Languages::shipped();
            let short = languages.program(found.language).unwrap_or(found.language);
            let answer = Answer {
                label: Arc::from(short),
                score: found.score,
                joint_score: None,
                next: Vec::new(),
            };
            let name = languages.program_named(short, self.config.naming);
            return Identified { answer, name, other_share: None, spans: None };
        }
        let parts: Vec<Part> = parts(text, self.config.granularity)
            .into_iter()
            .map(|span| Part { answer: self.answer(text.get(span.clone()).unwrap_or("")), span })
            .collect();
        let voted = vote(&parts);
        let (mut answer, other_share) = match voted {
            Some(Vote { answer, other_share }) => (answer, other_share),
            None => (Answer::unknown(&self.unknown), 0.0),
        };
        if answer.score < self.config.unknown_below {
            answer = Answer::unknown(&self.unknown);
        }
        let in_parts = self.config.granularity != Granularity::Document;
        let mixed = in_parts && other_share > 0.0 && other_share >= self.config.min_span_share;
        Identified {
            name: self.named(&answer.label, text),
            answer,
            other_share: in_parts.then_some(other_share),
            spans: mixed.then(|| spans(text, &parts, |label| self.named(label, text))),
        }
    }

    /// What the models make of a document, paragraph or line; `None` if it has too few letters or
    /// no language, so that it has no vote.
    fn answer(&self, text: &str) -> Option<Answer> {
        let text = match self.config.line_ends {
            LineEnds::Space => text,
            LineEnds::End => text.split('\n').next().unwrap_or_default(),
        };
        let mut pieces = Vec::new();
        spread(text, self.config.max_bytes, &mut pieces);
        let dominant = if self.config.scripts { dominant(&pieces) } else { None };
        let letters =
            || pieces.iter().flat_map(|piece| piece.chars()).filter(|c| c.is_alphabetic());
        let wanted = self.config.min_letters;
        if wanted > 0 && letters().take(wanted).count() < wanted {
            return None;
        }
        let answer = self.router.answer(&pieces, dominant);
        (*answer.label != *UNKNOWN).then_some(answer)
    }

    fn named(&self, label: &str, text: &str) -> String {
        let languages = Languages::shipped();
        let naming = self.config.naming;
        let chinese = !matches!(naming, Naming::Model | Naming::Short)
            && languages.short(label) == Some("zh");
        let han = if chinese { languages.han(text) } else { None };
        languages.named(label, naming, han)
    }

    fn file<'d>(&self, document: &Document<'d>) -> Option<Cow<'d, str>> {
        self.programs.as_ref()?;
        let fields = document.fields();
        let name = self.config.name_fields.iter().find_map(|path| fields.field(path))?;
        Some(name.into_text())
    }

    /// The threshold of a language, by what it is called or by its label.
    fn threshold(&self, identified: &Identified) -> f64 {
        let own = |code: &str| self.min_scores.get(code).copied();
        let label = &*identified.answer.label;
        own(&identified.name)
            .or_else(|| own(label))
            .or_else(|| own(Languages::shipped().short(label)?))
            .unwrap_or(self.config.min_score)
    }

    fn wants(&self, identified: &Identified) -> bool {
        let label = &*identified.answer.label;
        self.languages.is_empty()
            || self.languages.contains(&identified.name)
            || self.languages.contains(label)
            || Languages::shipped().short(label).is_some_and(|code| self.languages.contains(code))
    }
}

/// The metrics of a stage with this configuration.
fn metrics(config: &Config, next: &[(&'static str, &'static str)]) -> Vec<Metric> {
    let wanted = |metric: &Metric| match metric.name {
        JOINT_SCORE => config.confusables,
        OTHER_SHARE | SPANS => config.granularity != Granularity::Document,
        _ => true,
    };
    let own = METRICS.into_iter().filter(wanted);
    let next = next.iter().flat_map(|&(label, score)| {
        let [first, second, ..] = METRICS;
        let meaning =
            "the next language of the same model; of paragraphs or lines, the next by bytes";
        [
            Metric { name: label, meaning, ..first },
            Metric { name: score, meaning: "the probability of that language", ..second },
        ]
    });
    own.chain(next).collect()
}

/// A code from a configuration, and the short code if it says no more than that.
fn codes(language: &str) -> impl Iterator<Item = String> {
    let scripted = Parts::of(language).is_some_and(|parts| parts.script.is_some());
    let short = Languages::shipped().find(language);
    let usual = short.filter(|own| {
        !scripted || own.scripts.iter().any(|script| language.ends_with(script.as_str()))
    });
    std::iter::once(language.to_owned()).chain(usual.map(|own| own.short.clone()))
}

fn knows(language: &str, labels: &[Arc<str>], programs: bool) -> bool {
    let languages = Languages::shipped();
    let key = |label: &str| languages.short(label).unwrap_or(label).to_owned();
    language == UNKNOWN
        || labels.iter().any(|label| **label == *language || key(label) == key(language))
        || programs && languages.program(language).is_some()
}

impl Stage for Langid {
    fn name(&self) -> &str {
        "langid"
    }

    fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let file = self.file(document);
        let identified = self.identify_file(document.text(), file.as_deref());
        let given: Option<Arc<str>> = document.language().map(Arc::from);
        let Identified { answer, name, other_share, spans } = &identified;
        document.annotate(LABEL, name.as_str());
        document.annotate(SCORE, answer.score);
        if let Some(joint_score) = answer.joint_score {
            document.annotate(JOINT_SCORE, joint_score);
        }
        for (&(label, score), (next, probability)) in self.next.iter().zip(&answer.next) {
            let next = Languages::shipped().named(next, self.config.naming, None);
            document.annotate(label, next.as_str());
            document.annotate(score, *probability);
        }
        if let Some(given) = given {
            document.annotate(GIVEN, given);
        }
        if let Some(share) = *other_share {
            document.annotate(OTHER_SHARE, share);
        }
        if let Some(spans) = spans {
            document.annotate(SPANS, spans.as_str());
        }
        document.set_language(name);
        let threshold = Bound::AtLeast(self.threshold(&identified));
        match answer.joint_score {
            Some(joint_score) => document.test(JOINT_SCORE, joint_score, threshold),
            None => document.test(SCORE, answer.score, threshold),
        }
        if let (Some(share), Some(most)) = (*other_share, self.config.max_other_share) {
            document.test(OTHER_SHARE, share, Bound::AtMost(most));
        }
        if !self.wants(&identified) {
            document.fail("langid.language");
        }
        document.verdict()
    }

    fn sets_language(&self) -> bool {
        true
    }

    fn resources(&self) -> Vec<Resource> {
        self.resources.clone()
    }

    fn memory(&self) -> u64 {
        self.router.memory()
    }
}
