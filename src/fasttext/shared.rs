//! One copy of a model for everybody in the process who asks for its file.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use xxhash_rust::xxh3::xxh3_128;

use super::FastText;
use super::file::{ModelError, read};

/// What tells the content of a model file from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    /// xxh3-128 of the file's bytes.
    pub xxh3: u128,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The models that may still be in use.
static MODELS: Mutex<Vec<(Fingerprint, Weak<FastText>)>> = Mutex::new(Vec::new());

/// The model of a file: the one that is in memory, if somebody in this process holds a model that
/// was got here from the same content, under whatever path. It goes when its last holder does.
///
/// # Errors
///
/// If the file cannot be read or is no classifier, see [`FastText::from_bytes`].
pub fn shared(path: &Path) -> Result<(Arc<FastText>, Fingerprint), ModelError> {
    let bytes = read(path)?;
    let fingerprint = Fingerprint { xxh3: xxh3_128(&bytes), bytes: bytes.len() as u64 };
    // Held while a model is built, so that nobody builds the same one meanwhile.
    let mut models = MODELS.lock().unwrap_or_else(PoisonError::into_inner);
    models.retain(|(_, model)| model.strong_count() > 0);
    let known = models.iter().find(|(own, _)| *own == fingerprint);
    if let Some(model) = known.and_then(|(_, model)| model.upgrade()) {
        return Ok((model, fingerprint));
    }
    let model = Arc::new(FastText::from_bytes(&bytes)?);
    models.push((fingerprint, Arc::downgrade(&model)));
    Ok((model, fingerprint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_in_memory_once_and_goes_with_its_last_holder() {
        let folder = tempfile::tempdir().unwrap();
        let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fasttext/tree-words.bin");
        let copy = folder.path().join("copy.bin");
        std::fs::copy(data, &copy).unwrap();
        let (first, fingerprint) = shared(Path::new(data)).unwrap();
        let (second, same) = shared(&copy).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(fingerprint, same);
        assert_eq!(fingerprint.bytes, std::fs::metadata(data).unwrap().len());

        // Other content under a path that was asked for before is another model.
        let other = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fasttext/one-vs-all.bin");
        std::fs::copy(other, &copy).unwrap();
        let (third, changed) = shared(&copy).unwrap();
        assert!(!Arc::ptr_eq(&first, &third));
        assert_ne!(fingerprint, changed);

        let held = Arc::downgrade(&first);
        drop((first, second));
        assert!(held.upgrade().is_none());
        assert!(shared(&folder.path().join("none.bin")).is_err());
    }

    #[test]
    fn threads_that_ask_at_once_get_one_model() {
        let data =
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fasttext/negative-sampling.ftz");
        let models: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| shared(Path::new(data)).unwrap().0)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(models.iter().all(|model| Arc::ptr_eq(model, &models[0])));
    }
}
