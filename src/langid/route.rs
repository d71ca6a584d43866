//! Asking several models in order, each for what those before it cannot know.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::config::{LangidError, RoutedModel};
use super::script::{Dominant, Scripts};
use super::{Predictor, UNKNOWN};
use crate::fasttext::Scored;
use crate::languages::{Languages, Parts};

/// Labels of a model that are looked at where its first one may not stand: among the best eight
/// there is every label with more than a ninth of the probability.
const CANDIDATES: usize = 8;
/// A script in which a model knows no more languages than this says more than the model: what the
/// model gives to others is then divided among them.
const FEW: usize = 16;
/// The share of letters from which on a script rules out languages in others.
const RULING: f64 = 0.5;
/// What models call that which is not language.
const NO_LANGUAGE: [&str; 3] = ["zxx", "und", UNKNOWN];

/// In a list of labels: every label that the model has.
const EVERY: &str = "*";

/// What the models make of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The label of the model that was believed; [`UNKNOWN`] if there is no language.
    pub label: Arc<str>,
    /// Its probability; 0 for [`UNKNOWN`]. Rounding may carry it a little above 1.
    pub score: f64,
    /// The probability of all languages together that are easily taken for this one, if there are
    /// such and they are asked for.
    pub joint_score: Option<f64>,
    /// The next labels of the same model and their probabilities, best first.
    pub next: Vec<(Arc<str>, f64)>,
}

impl Answer {
    /// No language.
    pub fn unknown(label: &Arc<str>) -> Self {
        Self { label: Arc::clone(label), score: 0.0, joint_score: None, next: Vec::new() }
    }
}

/// A model with what is known of its labels.
struct Model {
    predictor: Box<dyn Predictor>,
    labels: Vec<Label>,
    /// The short codes of the labels.
    keys: HashSet<String>,
    below: f64,
    min_score: f64,
    lowercase: bool,
}

struct Label {
    name: Arc<str>,
    scripts: Scripts,
    /// The group of languages that are easily taken for each other.
    group: Option<usize>,
    believed: bool,
    /// Whether it is believed instead of another label that the model has.
    preferred: bool,
    is_language: bool,
}

impl Model {
    /// Whether the model could have answered with this label.
    fn knows(&self, label: &str) -> bool {
        NO_LANGUAGE.contains(&label)
            || self.keys.contains(Languages::shipped().short(label).unwrap_or(label))
    }
}

/// What is asked for beside the first label.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Whether the script rules out languages.
    pub scripts: bool,
    /// Whether groups have a joint score.
    pub joint: bool,
    /// Labels that are wanted, at least 1.
    pub count: usize,
}

/// Models in the order in which they are asked.
pub struct Router {
    models: Vec<Model>,
    asked: Asked,
    unknown: Arc<str>,
}

impl Router {
    /// Models with how each is asked.
    ///
    /// # Errors
    /// If a model is to be believed for a label that it does not have.
    pub fn new(
        models: Vec<(RoutedModel, Box<dyn Predictor>)>,
        asked: Asked,
        lowercase: bool,
    ) -> Result<Self, LangidError> {
        let languages = Languages::shipped();
        let key = |label: &str| languages.short(label).unwrap_or(label).to_owned();
        let mut known: Vec<String> = Vec::new();
        let mut built = Vec::new();
        for (index, (choice, predictor)) in models.into_iter().enumerate() {
            let names = predictor.labels();
            let labels = choice.labels.iter().map(|label| ("labels", label));
            for (list, wanted) in labels.chain(choice.also.iter().map(|label| ("also", label))) {
                let known = |name: &Arc<str>| **name == **wanted || key(name) == key(wanted);
                if wanted != EVERY && !names.iter().any(known) {
                    return Err(LangidError::Language {
                        key: list,
                        language: wanted.clone(),
                        who: "its model",
                        nearest: nearest_label(wanted, &names),
                    });
                }
            }
            let listed = |list: &[String], name: &str| {
                list.iter().any(|own| own == name || key(own) == key(name))
            };
            let every = |list: &[String]| list.iter().any(|own| own == EVERY);
            let believed = |name: &str| {
                let own = match choice.labels.as_slice() {
                    [] => index == 0 || !known.contains(&key(name)),
                    labels => every(labels) || listed(labels, name),
                };
                own || listed(&choice.also, name)
            };
            let labels: Vec<Label> = names
                .iter()
                .map(|name| Label {
                    scripts: scripts_of(languages, name),
                    group: group_of(languages, &key(name)),
                    believed: believed(name),
                    preferred: every(&choice.also),
                    is_language: !NO_LANGUAGE.contains(&&**name),
                    name: Arc::clone(name),
                })
                .collect();
            known.extend(names.iter().map(|name| key(name)));
            built.push(Model {
                predictor,
                keys: names.iter().map(|name| key(name)).collect(),
                labels,
                below: choice.below,
                min_score: choice.min_score,
                lowercase: choice.lowercase.unwrap_or(lowercase),
            });
        }
        Ok(Self { models: built, asked, unknown: Arc::from(UNKNOWN) })
    }

    /// Memory that the models hold, in bytes, roughly.
    pub fn memory(&self) -> u64 {
        self.models.iter().map(|model| model.predictor.memory()).sum()
    }

    /// Every label that there can be an answer with.
    pub fn labels(&self) -> Vec<Arc<str>> {
        let labels = self.models.iter().flat_map(|model| &model.labels);
        labels
            .filter(|label| label.believed || label.preferred)
            .map(|label| Arc::clone(&label.name))
            .collect()
    }

    /// What the models make of a text in pieces, whose script is known.
    pub fn answer(&self, pieces: &[&str], dominant: Option<Dominant>) -> Answer {
        let ruling = dominant.filter(|it| self.asked.scripts && it.share >= RULING);
        let mut lower: Option<Vec<String>> = None;
        let mut best = Vec::new();
        let mut so_far: Option<Answer> = None;
        for model in &self.models {
            if so_far.as_ref().is_some_and(|answer| answer.score >= model.below) {
                continue;
            }
            let shown: Cow<'_, [&str]> = if model.lowercase {
                let lower = lower.get_or_insert_with(|| {
                    pieces.iter().map(|piece| piece.to_lowercase()).collect()
                });
                lower.iter().map(String::as_str).collect()
            } else {
                Cow::Borrowed(pieces)
            };
            let answer = self.ask(model, &shown, ruling, &mut best);
            if let Some((answer, label)) = answer
                && so_far.as_ref().is_none_or(|own| {
                    answer.score >= model.min_score
                        && (label.believed || label.preferred && model.knows(&own.label))
                        // Manuals full of names and signs are language all the same.
                        && (label.is_language || own.score < model.min_score)
                })
                && (label.believed || label.preferred)
            {
                so_far = Some(answer);
            }
        }
        so_far
            .filter(|answer| answer.score.is_finite() && !NO_LANGUAGE.contains(&&*answer.label))
            .unwrap_or_else(|| Answer::unknown(&self.unknown))
    }

    /// What one model makes of it, and its label of that.
    fn ask<'m>(
        &self,
        model: &'m Model,
        pieces: &[&str],
        ruling: Option<Dominant>,
        best: &mut Vec<Scored>,
    ) -> Option<(Answer, &'m Label)> {
        let Asked { joint, count, .. } = self.asked;
        let allowed = |label: &Label| {
            !label.is_language || ruling.is_none_or(|own| label.scripts.meet(own.script))
        };
        let among = |label: &Label| label.is_language && allowed(label);
        let languages = model.labels.iter().filter(|label| among(label)).count();
        // One that all others are ruled out for needs no asking.
        if languages == 1
            && let Some(dominant) = ruling
            && let Some(label) = model.labels.iter().find(|label| among(label))
        {
            let answer = Answer {
                label: Arc::clone(&label.name),
                score: dominant.share,
                joint_score: None,
                next: Vec::new(),
            };
            return Some((answer, label));
        }
        let wanted = if ruling.is_some() || joint { count.max(CANDIDATES) } else { count };
        model.predictor.predict_pieces(pieces, wanted, best);
        let scored = || {
            let known = |own: &Scored| Some((model.labels.get(own.label as usize)?, own.score));
            best.iter().filter_map(known).map(|(label, score)| (label, f64::from(score)))
        };
        let (first, score) = scored().next()?;
        let (label, score) = if languages == 0 || allowed(first) {
            (first, score)
        } else {
            let total: f64 = scored().filter(|(label, _)| among(label)).map(|it| it.1).sum();
            let few = languages <= FEW;
            match scored().find(|(label, _)| among(label)) {
                Some((label, score)) => (label, if few { score / total } else { score }),
                // The model has given nothing worth telling to any of them; in its own order the
                // one comes first that it has seen most of.
                None if few => (model.labels.iter().find(|label| among(label))?, 0.0),
                None => return None,
            }
        };
        let joint_score = label.group.filter(|_| joint).map(|group| {
            let members = scored().filter(|(other, _)| other.group == Some(group));
            members.map(|(_, score)| score).sum::<f64>().max(score)
        });
        let next = scored()
            .filter(|(other, _)| !Arc::ptr_eq(&other.name, &label.name))
            .take(count - 1)
            .map(|(label, score)| (Arc::clone(&label.name), score))
            .collect();
        Some((Answer { label: Arc::clone(&label.name), score, joint_score, next }, label))
    }
}

fn scripts_of(languages: &Languages, label: &str) -> Scripts {
    if let Some(script) = Parts::of(label).and_then(|parts| parts.script) {
        return Scripts::named(&script);
    }
    languages.find(label).map_or(Scripts::ALL, |language| {
        let scripts = language.scripts.iter().map(|script| Scripts::named(script));
        scripts.reduce(Scripts::with).unwrap_or(Scripts::ALL)
    })
}

fn group_of(languages: &Languages, short: &str) -> Option<usize> {
    languages.groups().iter().position(|group| group.iter().any(|member| member == short))
}

/// The label that was probably meant, for error messages.
pub(super) fn nearest_label(language: &str, labels: &[Arc<str>]) -> Option<Arc<str>> {
    let distance = |label: &Arc<str>| strsim::damerau_levenshtein(language, label);
    // Of a two-letter code, everything else of two letters is two edits away.
    labels.iter().min_by_key(|label| distance(label)).filter(|label| distance(label) < 2).cloned()
}
