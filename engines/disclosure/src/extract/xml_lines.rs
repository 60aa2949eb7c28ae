//! XML of an unknown vocabulary: its texts line by line, for a person.

use super::html::comment_tells;
use super::markup::{Piece, Pieces, unescape};
use super::reading::Reading;
use super::{Line, Part, Sight, Unread, xml_records};
use crate::content::Kind;
use crate::report::Location;

/// XML that is no HTML and no SVG: its texts are read as lines, its comments as comments.
///
/// # Errors
/// What is no text.
pub fn read(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let encoding = tabular::encoding::detect(bytes);
    let page = tabular::encoding::decode(bytes, encoding).map_err(|_| Unread::NotText)?;
    if page.contains("<PMML") || page.contains(":PMML") {
        reading.see(Sight::Model, Location::default(), "PMML");
        return Ok(());
    }
    let mut part = Part::new(Kind::Markup);
    let (mut line, mut counted) = (1_u32, 0);
    for (at, piece) in Pieces::new(&page) {
        let new_lines = page.as_bytes().get(counted..at).unwrap_or_default();
        line += u32::try_from(memchr::memchr_iter(b'\n', new_lines).count()).unwrap_or(0);
        counted = at;
        match piece {
            Piece::Text(text) if !text.trim().is_empty() => {
                part.lines.push(Line { number: line, text: unescape(text.trim()) });
            }
            Piece::Comment(comment) if comment_tells(comment) => {
                reading.see(Sight::MarkupComment, Location::line(line), comment.trim());
            }
            _ => {}
        }
    }
    part.tables = xml_records::tables(&page)?;
    reading.part(part);
    // What an unknown vocabulary means, only a person can say.
    Err(Unread::NoParser)
}
