//! From the elements of a code book to the model; one function per part, each taking what it
//! understands (see `element.rs`). What they leave is collected at the end.

mod check;
mod data;
mod study;
mod word;

use crate::element::Element;
use crate::model::CodeBook;
use crate::problem::{Code, Problem};
use crate::{residue, tree};

/// The versions whose documents this crate was written for.
const VERSIONS: [&str; 8] = ["1.0", "1.2", "1.2.1", "1.2.2", "2.0", "2.1", "2.5", "2.6"];

const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Reads one code book, and says what was not plain sailing.
pub fn codebook(mut root: Element<'_>, problems: &mut Vec<Problem>) -> CodeBook {
    let mut book = CodeBook::default();
    envelope(&mut root, &mut book);
    root.part("stdyDscr", |study| study::study(study, &mut book));
    data::files(&mut root, &mut book);
    root.part("dataDscr", |data| data::data(data, &mut book));
    check::check(&mut root, &book);
    residue::collect(&root, &mut book, problems);
    book
}

/// Reads the attributes of `codeBook` itself.
fn envelope(root: &mut Element<'_>, book: &mut CodeBook) {
    root.claimed = true;
    if !tree::is_codebook_namespace(&root.namespace) {
        let message = format!("`{}` is the namespace of no DDI-Codebook version", root.namespace);
        root.report(Code::WrongNamespace, message, true);
    }
    book.version = root.attribute("version");
    if let Some(version) = &book.version
        && !VERSIONS.contains(&version.as_str())
    {
        let message = format!("`{version}` is no version of DDI-Codebook that is known here");
        root.report(Code::UnknownVersion, message, true);
    }
    book.id = root.attribute("ID");
    book.language = root.language();
    // Where a parser finds the schema says nothing of the study; an export names its own.
    root.attributes.retain(|attribute| {
        attribute.namespace.as_deref() != Some(SCHEMA_INSTANCE)
            || !attribute.name.ends_with(":schemaLocation")
    });
}
