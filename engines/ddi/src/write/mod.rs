//! From the model to DDI-Codebook: builds a tree, puts the residue back, orders, writes.
//!
//! Deterministic: the same code book gives the same bytes. The order of elements is the schema's.
//! What was invalid in the document that was read is given back as it was, so an export of an
//! invalid code book may be invalid in the same places; the import said where.

mod data;
mod out;
mod restore;
mod study;

use crate::model::CodeBook;
use out::Out;

/// The DDI-Codebook version to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// DDI-Codebook 2.5.
    #[default]
    V2_5,
}

/// Writes a code book as an XML document, in UTF-8.
pub fn export(book: &CodeBook, version: Version) -> String {
    let Version::V2_5 = version;
    let mut root = Out::new("codeBook")
        .with("xmlns", crate::residue::NAMESPACE)
        .with("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .with(
            "xsi:schemaLocation",
            "ddi:codebook:2_5 https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd",
        )
        .with("version", "2.5")
        .maybe("ID", book.id.as_ref())
        .maybe("xml:lang", book.language.as_ref());
    root.push_part(study::study(book));
    for file in &book.files {
        root.push(data::file(file));
    }
    root.push_part(data::data(book));
    restore::restore(&mut root, &book.residue);
    study::one_title_each(&mut root);
    root.sort();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    root.write(0, &mut xml);
    xml.push('\n');
    xml
}
