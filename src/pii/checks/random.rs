//! Tokens: those that are too random to be words or names, and those that documents use.

/// Whether a token is long and mixed enough to be a secret: see the detector `entropy`.
pub fn random(compact: &str) -> bool {
    crate::pii::detectors::secret::is_random(compact)
}

/// Whether a token does not say that it is an example, as `AKIAIOSFODNN7EXAMPLE` does.
pub fn genuine(compact: &str) -> bool {
    let lower = compact.to_ascii_lowercase();
    !["example", "xxxxxxxx", "yourkey", "placeholder", "00000000"]
        .iter()
        .any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_say_so() {
        assert!(!genuine("AKIAIOSFODNN7EXAMPLE"));
        assert!(genuine("AKIAWELEVNRZNWN6OD2H"));
        assert!(random("Yt6LWvjB0wkjoosNRStC5DiP6gIDMzr1exvc"));
    }
}
