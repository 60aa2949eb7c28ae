//! Forms with a file: what is read of their other fields, and how they end when they are cut off.

use axum::{
    extract::multipart::{Field, MultipartError},
    http::StatusCode,
};
use workflows::Failure;

/// How much of a form with a file is read, in bytes. More than a file may have: a browser that is
/// still sending does not read why its file was refused, so what is too much is read and thrown
/// away up to here.
pub(crate) const READ_MAX: usize = 64 << 20;
/// The longest text field of such a form that is kept, in bytes: more than any field may have (5000
/// characters of four bytes), so that its use case still says that it is too long.
const TEXT_MAX: usize = 24_000;

/// The text of a field, cut where it is longer than any may be; the rest is read and thrown away,
/// so that nobody fills the server's memory with words.
pub(crate) async fn text(mut part: Field<'_>) -> Result<String, Failure> {
    let mut text = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(cut_off)? {
        let room = TEXT_MAX.saturating_sub(text.len()).min(piece.len());
        text.extend_from_slice(&piece[..room]);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A form that is too long or did not come whole.
pub(crate) fn cut_off(error: MultipartError) -> Failure {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::invalid("file", "too-large"),
        _ => Failure::invalid("file", "form-cut-off"),
    }
}
