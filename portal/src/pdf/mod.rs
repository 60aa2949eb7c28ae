//! PDF files: a plain layout of headings, paragraphs and tables on A4, tagged for screen readers
//! (PDF/UA-1). The same paper gives the same bytes.
//!
//! `face.rs` measures the two fonts, `wrap.rs` breaks lines, `layout.rs` puts a paper onto pages,
//! `write.rs` writes them.

use domain::{Lang, Timestamp};

mod face;
mod layout;
mod wrap;
mod write;

#[cfg(test)]
mod tests;

/// What a file says.
#[derive(Clone, Debug)]
pub(crate) struct Paper {
    /// The file's title, for readers' windows and screen readers.
    pub title: String,
    /// The language of its words.
    pub lang: Lang,
    /// When it was made: of what it shows, not of the moment, so that its bytes stay the same.
    pub at: Timestamp,
    /// The lines at the head of each page.
    pub running: Vec<String>,
    /// What it says, in order. The first is its [`Block::Title`].
    pub blocks: Vec<Block>,
}

/// A piece of a paper.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    /// The title.
    Title(String),
    /// A heading; every one stands in the outline.
    Heading(String),
    /// A heading below another.
    Subheading(String),
    /// A paragraph, whose line breaks are kept.
    Text(String),
    /// A label and what it is about.
    Pair(String, String),
    /// A table.
    Table(Table),
}

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The heads of its columns.
    pub heads: Vec<String>,
    /// How the columns share the width.
    pub shares: Vec<f32>,
    /// Its rows; the first cell heads its row.
    pub rows: Vec<Vec<String>>,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PdfError {
    /// The fonts are not in the program: `portal/vendor.sh` was not run before it was built.
    #[error("the font {0} is missing")]
    NoFont(&'static str),
    /// The writer refused it.
    #[error("the PDF file could not be written: {0}")]
    Refused(String),
}

/// Writes the paper. `page_of` says "page 2 of 7" in its language.
pub(crate) fn render(
    paper: &Paper,
    page_of: impl Fn(usize, usize) -> String,
) -> Result<Vec<u8>, PdfError> {
    let fonts = face::fonts()?;
    let laid = layout::lay_out(paper, fonts, page_of);
    write::write(paper, laid, fonts)
}
