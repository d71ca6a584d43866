//! Fields of the record that stages are told to look in.

use std::borrow::Cow;

use crate::document::Fields;
use crate::text::python_dict;

/// The text of a field. Where `meta.title` is not there, but `meta` is a string, as in ROOTS, it is
/// looked for in the dict that the string spells.
pub(super) fn text<'d>(fields: &Fields<'d>, path: &str) -> Option<Cow<'d, str>> {
    if let Some(field) = fields.field(path) {
        return Some(field.into_text());
    }
    let (parent, key) = path.rsplit_once('.')?;
    let parent = fields.field(parent)?.into_text();
    python_dict::member(&parent, key).map(Cow::Owned)
}

/// The text of the first of some fields that is there.
pub(super) fn first<'d>(fields: &Fields<'d>, paths: &[String]) -> Option<Cow<'d, str>> {
    paths.iter().find_map(|path| text(fields, path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn a_field_is_found_in_an_object_and_in_a_string() {
        for record in [
            r#"{"meta":{"title":"User talk:Bob"}}"#,
            r#"{"meta":"{'title': 'User talk:Bob', 'type': 'text'}"}"#,
        ] {
            let fields = Document::new("a", "b").with_record(Some(record)).fields();
            assert_eq!(text(&fields, "meta.title").as_deref(), Some("User talk:Bob"));
            assert_eq!(text(&fields, "meta.none"), None);
            let paths = ["title".to_owned(), "meta.title".to_owned()];
            assert_eq!(first(&fields, &paths).as_deref(), Some("User talk:Bob"));
        }
    }
}
