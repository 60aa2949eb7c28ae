//! `DESCRIPTION_MISSING`: a request of several files that nothing describes.

use crate::content::Kind;
use crate::extract::Extract;
use crate::report::{Finding, Severity};
use crate::request::{Found, Known};
use crate::words::fold;

/// The rule's id.
pub const ID: &str = "DESCRIPTION_MISSING";

/// Words of prose from which a text is a description.
const LEAST_WORDS: usize = 12;

/// Whether the file reads like a description: its name says so, or it is prose for the most part.
pub fn describes(extract: &Extract, name: &str) -> bool {
    let name = fold(name.rsplit('/').next().unwrap_or(name));
    let named = ["readme", "lisezmoi", "lisez-moi", "description", "descriptif", "notice"];
    let prose =
        extract.prose.iter().map(|line| line.text.split_whitespace().count()).sum::<usize>();
    prose >= LEAST_WORDS
        && (named.iter().any(|word| name.contains(word))
            || (extract.tables.is_empty() && extract.kind == Kind::ConsoleText))
}

/// Remarks on the first file of a request of two or more: the centre's form asks for the text.
pub fn find(known: &[Known], files: usize, out: &mut Found) {
    let own = || known.iter().filter(|file| file.file.is_some());
    if files >= 2 && !own().any(|file| file.facts.describes) {
        let text = "no file of the request describes it: population, filters, unit counted";
        out.push((0, Finding::new(ID, Severity::Info, "description_missing", text.into())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{fired_in, rules};

    #[test]
    fn several_files_want_a_description_and_one_alone_does_not() {
        let table = "a;effectif\nx;120\ny;130\n";
        let text = "Ces tableaux portent sur les femmes interrogées en 1974 ; l'unité comptée est la personne.\n";
        let set = rules("generic_10");
        let seen = |files: &[(&str, &str)]| !fired_in(ID, files, &[], &set).is_empty();
        assert!(!seen(&[("a.csv", table)]));
        assert!(seen(&[("a.csv", table), ("b.csv", table)]));
        assert!(!seen(&[("a.csv", table), ("lisezmoi.txt", text)]));
    }
}
