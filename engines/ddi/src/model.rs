//! What a code book says, in the shape that a catalogue asks for.
//!
//! Fields are named as the glossary and plain words have it; the docstring names the DDI element.
//! Numbers that a producer wrote as text (statistics, ranges, dates) stay text: they are quoted,
//! not computed with, and `1.10` is not `1.1`.

mod study;
mod variable;

use serde::{Deserialize, Serialize};

pub use study::{
    Access, Agent, CodeBook, Coded, DataFile, Event, Grant, Id, Link, Method, Nation, Related,
    Series, Statement, Term, VersionNote,
};
pub use variable::{
    Category, Derivation, Format, Interval, Item, Location, Note, Question, Range, Stat,
    ValueRange, Variable, VariableGroup,
};

/// One text in several languages, in document order: a language tag (none where the document has
/// none) and the text, which may be empty where the element was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text(pub Vec<(Option<String>, String)>);

impl Text {
    /// The text to show a reader of `language`: the exact tag, then the same first part (`en` for
    /// `en-GB` and back), then a text without a language, then the first. Blank texts do not count.
    pub fn get(&self, language: &str) -> Option<&str> {
        let first_part = |tag: &str| tag.split('-').next().unwrap_or_default().to_lowercase();
        let find = |wanted: &dyn Fn(Option<&str>) -> bool| {
            self.0.iter().find(|(tag, text)| !text.is_empty() && wanted(tag.as_deref()))
        };
        find(&|tag| tag.is_some_and(|tag| tag.eq_ignore_ascii_case(language)))
            .or_else(|| find(&|tag| tag.is_some_and(|t| first_part(t) == first_part(language))))
            .or_else(|| find(&|tag| tag.is_none()))
            .or_else(|| find(&|_| true))
            .map(|(_, text)| text.as_str())
    }

    /// Whether there is nothing to show.
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|(_, text)| text.is_empty())
    }

    /// The languages that it is in, in document order.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(tag, _)| tag.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_back_to_the_nearest_language_and_never_to_a_blank() {
        let entry = |tag: &str, text: &str| (Some(tag.to_owned()), text.to_owned());
        let text = Text(vec![entry("fr", ""), entry("fi", "ikä"), entry("en-GB", "age")]);
        assert_eq!(text.get("en-GB"), Some("age"));
        assert_eq!(text.get("en"), Some("age"));
        assert_eq!(text.get("fr"), Some("ikä"));
        let text = Text(vec![entry("fi", "ikä"), (None, "âge".into())]);
        assert_eq!(text.get("en"), Some("âge"));
        assert_eq!(Text::default().get("en"), None);
    }
}
