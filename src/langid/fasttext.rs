//! fastText classifiers, predicted by the crate `fasttext-pure-rs`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::model_file::{self, ModelError};
use super::{Prediction, Predictor};

/// A fastText classifier (`.ftz` or `.bin`, file version 12, hierarchical softmax or softmax).
///
/// Answers are those of fastText's own program but for two things. The crate takes sigmoids beyond
/// ±8 for certain, which moves scores by up to about 0.001. And it splits words at Unicode white
/// space, where fastText's own program knows ASCII white space only, which moves scores further in
/// texts with U+00A0 and the like, and can turn the label where two are close.
pub struct FastText {
    model: fasttext_pure_rs::FastText,
    /// By the label as the model spells it, prefix and all.
    labels: HashMap<String, Arc<str>>,
    memory: u64,
}

impl FastText {
    /// Loads a classifier from the content of its file.
    ///
    /// # Errors
    ///
    /// If the content is not a whole and coherent classifier of a kind that is understood.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        // The crate trusts sizes and indices in the file: what it would trip over is refused here.
        let checked = model_file::check(bytes)?;
        let load = || fasttext_pure_rs::FastText::load_from_reader(Cursor::new(bytes));
        let model = catch_unwind(AssertUnwindSafe(load))
            .map_err(|_| ModelError::Unreadable("the reader gave up".to_owned()))?
            .map_err(|error| ModelError::Unreadable(error.to_string()))?;
        let labels = checked
            .labels
            .into_iter()
            .map(|spelled| {
                let label = spelled.strip_prefix("__label__").unwrap_or(spelled);
                (spelled.to_owned(), Arc::from(label))
            })
            .collect();
        Ok(Self { model, labels, memory: checked.memory })
    }
}

impl Predictor for FastText {
    fn predict(&self, text: &str) -> Option<Prediction> {
        // A word ends at U+0000 too in fastText's own program.
        let text = match memchr::memchr(0, text.as_bytes()) {
            Some(_) => Cow::Owned(text.replace('\0', " ")),
            None => Cow::Borrowed(text),
        };
        let best = self.model.predict(&text, 1, 0.0).ok()?.into_iter().next()?;
        let label = Arc::clone(self.labels.get(&best.label)?);
        Some(Prediction { label, score: f64::from(best.probability) })
    }

    fn labels(&self) -> Vec<Arc<str>> {
        let mut labels: Vec<_> = self.labels.values().cloned().collect();
        labels.sort_unstable();
        labels
    }

    fn memory(&self) -> u64 {
        self.memory
    }
}
