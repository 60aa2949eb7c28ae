//! What a file is by its first bytes, when it is given for something else.

use serde::{Deserialize, Serialize};

/// Formats that people give for CSV, or for Parquet, by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LooksLike {
    /// Apache Parquet.
    Parquet,
    /// A ZIP archive, which XLSX and ODS files are too.
    Zip,
    /// gzip; also R's `.rds` and `.RData`.
    Gzip,
    /// Zstandard.
    Zstd,
    /// The old Office container: `.xls`, `.doc`.
    Ole,
    /// PDF.
    Pdf,
    /// HTML.
    Html,
    /// XML.
    Xml,
    /// JSON.
    Json,
    /// SAS data set.
    Sas,
    /// SPSS data file.
    Spss,
    /// Stata data file.
    Stata,
    /// `SQLite` database.
    Sqlite,
    /// Arrow IPC (Feather).
    Arrow,
    /// An image.
    Image,
    /// Text without any of the above.
    Text,
    /// Bytes that are neither text nor known.
    Unknown,
}

const MAGICS: &[(&[u8], LooksLike)] = &[
    (b"PAR1", LooksLike::Parquet),
    (b"PARE", LooksLike::Parquet),
    (b"PK\x03\x04", LooksLike::Zip),
    (b"PK\x05\x06", LooksLike::Zip),
    (b"\x1f\x8b", LooksLike::Gzip),
    (b"\x28\xb5\x2f\xfd", LooksLike::Zstd),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", LooksLike::Ole),
    (b"%PDF-", LooksLike::Pdf),
    (b"$FL2", LooksLike::Spss),
    (b"$FL3", LooksLike::Spss),
    (b"<stata_dta>", LooksLike::Stata),
    (b"SQLite format 3\0", LooksLike::Sqlite),
    (b"ARROW1", LooksLike::Arrow),
    (b"\x89PNG\r\n", LooksLike::Image),
    (b"\xff\xd8\xff", LooksLike::Image),
    (b"GIF8", LooksLike::Image),
    // The fixed first 32 bytes of a SAS7BDAT file, of which the last are characteristic.
    (b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60\xb3\x14\x11\xcf", LooksLike::Sas),
];

/// The foreign format that `start`, the first bytes of a file, shows; `None` where a CSV is
/// possible. A few hundred bytes are enough.
pub fn foreign(start: &[u8]) -> Option<LooksLike> {
    if let Some((_, kind)) = MAGICS.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Some(*kind);
    }
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    let lower: Vec<u8> = text.iter().take(16).map(u8::to_ascii_lowercase).collect();
    let starts = |word: &str| lower.starts_with(word.as_bytes());
    if starts("<!doctype html") || starts("<html") || starts("<head") || starts("<table") {
        return Some(LooksLike::Html);
    }
    if starts("<?xml") || starts("<!doctype") {
        return Some(LooksLike::Xml);
    }
    let opens_json = |close: &[u8]| {
        text.len() > 1
            && close.contains(&text[1..].trim_ascii_start().first().copied().unwrap_or(b' '))
    };
    match text.first() {
        Some(b'{') if opens_json(b"\"}") => Some(LooksLike::Json),
        Some(b'[') if opens_json(b"{[") => Some(LooksLike::Json),
        _ => None,
    }
}

/// What the first bytes show, for a message about a file that was given for Parquet.
pub fn describe(start: &[u8]) -> LooksLike {
    foreign(start).unwrap_or(if std::str::from_utf8(start).is_ok() || !start.contains(&0) {
        LooksLike::Text
    } else {
        LooksLike::Unknown
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_files_are_told_from_csv() {
        assert_eq!(foreign(b"PK\x03\x04xl/workbook"), Some(LooksLike::Zip));
        assert_eq!(foreign(b"\xEF\xBB\xBF<?xml version"), Some(LooksLike::Xml));
        assert_eq!(foreign(b"\n <!DOCTYPE HTML><html>"), Some(LooksLike::Html));
        assert_eq!(foreign(b"{\"a\": 1}"), Some(LooksLike::Json));
        assert_eq!(foreign(b"a,b\n1,2\n"), None);
        assert_eq!(foreign(b"{id},b\n1,2\n"), None);
        assert_eq!(describe(b"a,b\n1,2\n"), LooksLike::Text);
    }
}
