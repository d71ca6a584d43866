//! Tokens that are too random to be words or names.

/// Whether a token is long and mixed enough to be a secret: see the detector `entropy`.
pub fn random(compact: &str) -> bool {
    crate::pii::detectors::secret::is_random(compact)
}
