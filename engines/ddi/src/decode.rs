//! From bytes to text: the byte order mark first, then the XML declaration, then UTF-8.
//!
//! Source of the order: XML 1.0, appendix F (autodetection of character encodings).

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::{DdiError, Place};

/// Decodes a document strictly: a byte that is not of the encoding is an error, because a
/// replacement character in a label could not be told from the label.
///
/// # Errors
/// When the encoding is unknown, or the bytes are not of it.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, DdiError> {
    let (encoding, skip) = match Encoding::for_bom(bytes) {
        Some(found) => found,
        None => (sniff(bytes)?, 0),
    };
    let bytes = &bytes[skip..];
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => {
                let place = place_of(&bytes[..error.valid_up_to()]);
                Err(DdiError::WrongEncoding { encoding: encoding.name().into(), place })
            }
        };
    }
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| {
        let place = Place { line: 1, column: 1 };
        DdiError::WrongEncoding { encoding: encoding.name().into(), place }
    })
}

/// The encoding of a document that has no byte order mark.
fn sniff(bytes: &[u8]) -> Result<&'static Encoding, DdiError> {
    match bytes {
        [b'<', 0, ..] => return Ok(UTF_16LE),
        [0, b'<', ..] => return Ok(UTF_16BE),
        _ => {}
    }
    let Some(label) = declared(&bytes[..bytes.len().min(256)]) else { return Ok(UTF_8) };
    let encoding = Encoding::for_label(label)
        .ok_or_else(|| DdiError::UnknownEncoding(String::from_utf8_lossy(label).into_owned()))?;
    // The declaration was readable as ASCII, so the document cannot be UTF-16, whatever it says.
    Ok(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

/// The label in `<?xml … encoding="label"?>`.
fn declared(head: &[u8]) -> Option<&[u8]> {
    let head = head.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let head = &head[..end];
    let name = b"encoding";
    let at = head.windows(name.len()).position(|window| window == name)? + name.len();
    let value = head[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (&quote, rest) = value.split_first()?;
    let length = rest.iter().position(|&byte| byte == quote)?;
    matches!(quote, b'"' | b'\'').then(|| &rest[..length])
}

/// The place just after valid UTF-8 bytes.
fn place_of(before: &[u8]) -> Place {
    let lines = before.split(|&byte| byte == b'\n').count() - 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let chars = before[start..].iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
    let number = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
    Place { line: number(lines), column: number(chars) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_1_is_read_when_it_is_declared() {
        let bytes = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9t\xE9</a>";
        assert!(decode(bytes).unwrap().ends_with("<a>été</a>"));
    }

    #[test]
    fn latin_1_that_says_nothing_is_refused_with_its_place() {
        let error = decode(b"<a>\n\xC3\xA9 t\xE9</a>").unwrap_err();
        let place = Place { line: 2, column: 4 };
        assert_eq!(error, DdiError::WrongEncoding { encoding: "UTF-8".into(), place });
    }

    #[test]
    fn utf_16_is_read_with_and_without_a_byte_order_mark() {
        let units: Vec<u8> = "<a>é</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&units).unwrap(), "<a>é</a>");
        assert_eq!(decode(&[&[0xFF, 0xFE], &units[..]].concat()).unwrap(), "<a>é</a>");
        let units: Vec<u8> = "<a>é</a>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&units).unwrap(), "<a>é</a>");
    }

    #[test]
    fn an_unknown_encoding_is_named() {
        let error = decode(b"<?xml version='1.0' encoding='klingon'?><a/>").unwrap_err();
        assert_eq!(error, DdiError::UnknownEncoding("klingon".into()));
    }
}
