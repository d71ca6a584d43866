//! Help with misspelt names.

/// The known name that is nearest to a misspelt one, as a question.
pub fn nearest<'n>(wrong: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    let best = known
        .iter()
        .map(|name| (strsim::jaro_winkler(&wrong.to_lowercase(), &name.to_lowercase()), *name))
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))?;
    Some(if best.0 >= 0.7 {
        format!("did you mean `{}`?", best.1)
    } else {
        format!("known here: {}", known.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_asked_for_and_far_ones_are_listed() {
        let known = ["language", "url"];
        assert_eq!(nearest("langage", known).as_deref(), Some("did you mean `language`?"));
        assert_eq!(nearest("xx", known).as_deref(), Some("known here: language, url"));
        assert_eq!(nearest("xx", []), None);
    }
}
