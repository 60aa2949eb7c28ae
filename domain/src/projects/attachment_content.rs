//! What an attached file holds, told by its bytes: never by its name, which its sender chose.

use serde::{Deserialize, Serialize};

/// A format that can be attached. Office documents with macros are not taken. What a PDF holds
/// (scripts, files) is not looked at: so every file is given as a download alone, never shown by the
/// portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Portable Document Format.
    Pdf,
    /// A PNG image.
    Png,
    /// A JPEG image.
    Jpeg,
    /// A text document of Word.
    Docx,
    /// A workbook of Excel.
    Xlsx,
    /// A presentation of `PowerPoint`.
    Pptx,
    /// A text document of `LibreOffice`.
    Odt,
    /// A spreadsheet of `LibreOffice`.
    Ods,
    /// A presentation of `LibreOffice`.
    Odp,
    /// Plain text in UTF-8.
    Text,
}

/// Format, file name extension, media type.
const FORMATS: [(Content, &str, &str); 10] = [
    (Content::Pdf, "pdf", "application/pdf"),
    (Content::Png, "png", "image/png"),
    (Content::Jpeg, "jpg", "image/jpeg"),
    (
        Content::Docx,
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (Content::Xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (
        Content::Pptx,
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    (Content::Odt, "odt", "application/vnd.oasis.opendocument.text"),
    (Content::Ods, "ods", "application/vnd.oasis.opendocument.spreadsheet"),
    (Content::Odp, "odp", "application/vnd.oasis.opendocument.presentation"),
    (Content::Text, "txt", "text/plain; charset=utf-8"),
];

impl Content {
    fn format(self) -> (&'static str, &'static str) {
        let found = FORMATS.iter().find(|(content, _, _)| *content == self);
        let (_, extension, media) = found.expect("every format stands in the table");
        (extension, media)
    }

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        self.format().0
    }

    /// Its media type, as it is served.
    pub fn media_type(self) -> &'static str {
        self.format().1
    }

    /// Whether files of the format are called so.
    pub fn is_called(self, extension: &str) -> bool {
        let extension = extension.to_ascii_lowercase();
        extension == self.extension() || self == Self::Jpeg && extension == "jpeg"
    }

    /// What the bytes hold; none for what is not taken.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'P', b'K', 3, 4, ..] => office(bytes),
            _ => is_text(bytes).then_some(Self::Text),
        }
    }
}

/// Text that no program takes for something else: UTF-8 without control characters.
fn is_text(bytes: &[u8]) -> bool {
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(plain))
}

/// An office document, by the names in its ZIP archive.
fn office(bytes: &[u8]) -> Option<Content> {
    let names = zip_names(bytes)?;
    let has = |name: &str| names.contains(&name.as_bytes());
    let runs = |name: &&[u8]| {
        let name = name.to_ascii_lowercase();
        name.ends_with(b"vbaproject.bin")
            || name.starts_with(b"basic/")
            || name.starts_with(b"scripts/")
    };
    if names.iter().any(runs) {
        return None;
    }
    if has("[Content_Types].xml") {
        let parts = [
            ("word/document.xml", Content::Docx),
            ("xl/workbook.xml", Content::Xlsx),
            ("ppt/presentation.xml", Content::Pptx),
        ];
        return parts.into_iter().find(|(part, _)| has(part)).map(|(_, content)| content);
    }
    // OpenDocument: the first file is `mimetype`, stored as it is, so that its text stands at 38.
    let stored = bytes.get(30..)?.strip_prefix(b"mimetype")?;
    let is_so = |content: &Content| {
        let media = content.media_type().as_bytes();
        // What follows must begin the next file of the archive: `-template` and the like do not.
        stored.strip_prefix(media).is_some_and(|rest| rest.starts_with(b"PK"))
    };
    [Content::Odt, Content::Ods, Content::Odp].into_iter().find(is_so)
}

/// The names in a ZIP archive's directory (APPNOTE 4.3.12 and 4.3.16); none where it is broken.
fn zip_names(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    const END: &[u8] = b"PK\x05\x06";
    let number = |at: usize, width: usize| -> Option<usize> {
        let bytes = bytes.get(at..at.checked_add(width)?)?;
        Some(bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)))
    };
    // The end record has 22 bytes and a comment of at most 65,535.
    let from = bytes.len().saturating_sub(22 + 0xffff);
    let end = from + bytes.get(from..)?.windows(END.len()).rposition(|window| window == END)?;
    let (count, mut at) = (number(end + 10, 2)?, number(end + 16, 4)?);
    if end + 22 + number(end + 20, 2)? != bytes.len() {
        return None;
    }
    let mut names = Vec::new();
    for _ in 0..count {
        if bytes.get(at..)?.get(..4)? != b"PK\x01\x02" {
            return None;
        }
        let (name, extra, comment) =
            (number(at + 28, 2)?, number(at + 30, 2)?, number(at + 32, 2)?);
        names.push(bytes.get(at + 46..at + 46 + name)?);
        at += 46 + name + extra + comment;
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ZIP archive of stored files, as far as [`zip_names`] reads it.
    fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let (mut all, mut directory) = (Vec::new(), Vec::new());
        let short = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
        let long = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
        for (name, content) in files {
            let at = all.len();
            all.extend(b"PK\x03\x04");
            all.extend([0; 14]);
            all.extend(long(content.len()));
            all.extend(long(content.len()));
            all.extend(short(name.len()));
            all.extend(short(0));
            all.extend(name.bytes().chain(content.bytes()));
            directory.extend(b"PK\x01\x02");
            directory.extend([0; 24]);
            directory.extend(short(name.len()));
            directory.extend([0; 12]);
            directory.extend(long(at));
            directory.extend(name.bytes());
        }
        let (at, length) = (all.len(), directory.len());
        all.extend(directory);
        all.extend(b"PK\x05\x06\0\0\0\0");
        all.extend(short(files.len()));
        all.extend(short(files.len()));
        all.extend(long(length));
        all.extend(long(at));
        all.extend(short(0));
        all
    }

    #[test]
    fn a_format_is_told_by_its_bytes() {
        let odt = "application/vnd.oasis.opendocument.text";
        let cases: [(Vec<u8>, Option<Content>); 8] = [
            (b"%PDF-1.7\n".to_vec(), Some(Content::Pdf)),
            (b"\x89PNG\r\n\x1a\n....".to_vec(), Some(Content::Png)),
            (vec![0xff, 0xd8, 0xff, 0xe0], Some(Content::Jpeg)),
            ("Déclaration\r\n\tsignée".into(), Some(Content::Text)),
            (zip(&[("[Content_Types].xml", ""), ("word/document.xml", "")]), Some(Content::Docx)),
            (zip(&[("mimetype", odt), ("content.xml", "")]), Some(Content::Odt)),
            (zip(&[("a.exe", "")]), None),
            (b"MZ\x90\0\x03".to_vec(), None),
        ];
        for (bytes, content) in cases {
            assert_eq!(Content::of(&bytes), content, "{:?}", bytes.escape_ascii().to_string());
        }
    }

    #[test]
    fn a_document_with_macros_is_not_taken() {
        let word = [("[Content_Types].xml", ""), ("word/document.xml", "")];
        let with = |name| Content::of(&zip(&[word[0], word[1], (name, "")]));
        assert_eq!(with("word/styles.xml"), Some(Content::Docx));
        assert_eq!(with("word/vbaProject.bin"), None);
        let odt = ("mimetype", "application/vnd.oasis.opendocument.text");
        assert_eq!(Content::of(&zip(&[odt, ("content.xml", "")])), Some(Content::Odt));
        for script in ["Basic/script-lc.xml", "Scripts/x.py"] {
            assert_eq!(Content::of(&zip(&[odt, (script, "")])), None, "{script}");
        }
    }

    #[test]
    fn a_broken_archive_is_refused_wherever_it_is_cut_or_altered() {
        let whole = zip(&[("[Content_Types].xml", ""), ("xl/workbook.xml", "x")]);
        assert_eq!(Content::of(&whole), Some(Content::Xlsx));
        for cut in 0..whole.len() {
            assert_eq!(Content::of(&whole[..cut]).filter(|c| *c != Content::Text), None, "{cut}");
        }
        for at in 0..whole.len() {
            let mut altered = whole.clone();
            altered[at] ^= 0xff;
            let _ = Content::of(&altered); // whatever it says, it does not fall over
        }
    }
}
