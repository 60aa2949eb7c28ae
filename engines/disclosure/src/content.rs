//! What a file is, by its content; its name is only compared, never believed.

use serde::{Deserialize, Serialize};

/// What the content of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A table in text with delimiters.
    TextTable,
    /// Text as a program prints it, or prose; tables are found by their alignment.
    ConsoleText,
    /// A program.
    Code,
    /// An image.
    Image,
    /// An office document.
    Office,
    /// A PDF document.
    Pdf,
    /// HTML, XML or SVG.
    Markup,
    /// JSON or a notebook.
    Json,
    /// An archive or a compressed file.
    Archive,
    /// A data file of statistical software: microdata until proven otherwise.
    StatisticalFile,
    /// A pickle or another serialized object; never opened.
    Serialized,
    /// Encrypted.
    Encrypted,
    /// None of these.
    Unknown,
}

const MAGICS: &[(&[u8], Kind)] = &[
    (b"<stata_dta>", Kind::StatisticalFile),
    (b"$FL2", Kind::StatisticalFile),
    (b"$FL3", Kind::StatisticalFile),
    (b"PAR1", Kind::StatisticalFile),
    (b"PARE", Kind::StatisticalFile),
    (b"ARROW1", Kind::StatisticalFile),
    (b"FEA1", Kind::StatisticalFile),
    (b"RDX2\n", Kind::StatisticalFile),
    (b"RDX3\n", Kind::StatisticalFile),
    (b"RDA2\n", Kind::StatisticalFile),
    (b"X\n\0\0\0", Kind::StatisticalFile), // R's serialization, uncompressed
    (b"HEADER RECORD*******LIB", Kind::StatisticalFile), // SAS transport
    (b"HEADER RECORD*******CPORT", Kind::StatisticalFile),
    (b"\x89HDF\r\n\x1a\n", Kind::StatisticalFile),
    (b"SQLite format 3\0", Kind::StatisticalFile),
    (b"\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60\xb3\x14\x11\xcf", Kind::StatisticalFile),
    (b"\x93NUMPY", Kind::StatisticalFile),
    (b"%PDF-", Kind::Pdf),
    (b"\x89PNG\r\n", Kind::Image),
    (b"\xff\xd8\xff", Kind::Image),
    (b"GIF8", Kind::Image),
    (b"II*\0", Kind::Image),
    (b"MM\0*", Kind::Image),
    (b"BM", Kind::Image),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Office),
    (b"{\\rtf", Kind::Office),
    (b"\x1f\x8b", Kind::Archive),
    (b"BZh", Kind::Archive),
    (b"\xfd7zXZ\0", Kind::Archive),
    (b"7z\xbc\xaf\x27\x1c", Kind::Archive),
    (b"Rar!\x1a\x07", Kind::Archive),
    (b"\x28\xb5\x2f\xfd", Kind::Archive),
    (b"Salted__", Kind::Encrypted),
    (b"-----BEGIN PGP MESSAGE", Kind::Encrypted),
    (b"age-encryption.org/", Kind::Encrypted),
];

/// What `bytes` are where that shows before their text is read; `None` for what may be text.
pub fn foreign(bytes: &[u8]) -> Option<Kind> {
    if let Some((magic, kind)) = MAGICS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        // `BM` also starts words: an image has zeros in its header.
        let word = *magic == b"BM" && !bytes.iter().take(16).any(|b| *b == 0);
        if !word {
            return Some(refine(*kind, bytes));
        }
    }
    // SPSS portable files are text: five greetings in as many character sets, then this one.
    let head = bytes.get(..bytes.len().min(600)).unwrap_or_default();
    if contains(head, b"SPSS PORT FILE") {
        return Some(Kind::StatisticalFile);
    }
    match bytes {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Some(zip_kind(bytes)),
        // Stata up to format 115: release, byte order, file type 1, a zero.
        [0x69..=0x73, 1 | 2, 1, 0, ..] => Some(Kind::StatisticalFile),
        // Pickle protocols 2 to 5: PROTO, version, then an opcode.
        [0x80, 2..=5, ..] => Some(Kind::Serialized),
        _ => match tabular::sniff::foreign(bytes)? {
            tabular::sniff::LooksLike::Html | tabular::sniff::LooksLike::Xml => Some(Kind::Markup),
            tabular::sniff::LooksLike::Json => Some(Kind::Json),
            _ => Some(Kind::Unknown),
        },
    }
}

/// Office documents hide two things: encryption, and old Word or Excel without XML.
fn refine(kind: Kind, bytes: &[u8]) -> Kind {
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let head = bytes.get(..bytes.len().min(1 << 16)).unwrap_or_default();
    if kind == Kind::Office && contains(head, &encrypted) { Kind::Encrypted } else { kind }
}

/// A ZIP by its first entries: office documents, encrypted ones, other archives.
fn zip_kind(bytes: &[u8]) -> Kind {
    // Bit 0 of the flags, at byte 6 of a local header, says that the entry is encrypted; any
    // entry may be the encrypted one.
    let mut rest = bytes;
    while let Some(at) = find(rest, b"PK\x03\x04") {
        let entry = rest.get(at..).unwrap_or_default();
        if entry.get(6).is_some_and(|flags| flags & 1 == 1) {
            return Kind::Encrypted;
        }
        rest = entry.get(4..).unwrap_or_default();
    }
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let office = [&b"[Content_Types].xml"[..], b"application/vnd.oasis", b"word/", b"xl/"];
    if office.iter().any(|mark| contains(head, mark)) { Kind::Office } else { Kind::Archive }
}

pub(crate) fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

fn contains(bytes: &[u8], mark: &[u8]) -> bool {
    find(bytes, mark).is_some()
}

/// Whether a text reads like a program: marks of R, Python, Stata, SAS and SQL at line starts.
pub fn is_code(text: &str) -> bool {
    const STARTS: [&str; 33] = [
        "library(",
        "require(",
        "import ",
        "from ",
        "def ",
        "proc ",
        "data ",
        "run;",
        "quit;",
        "insert into",
        "create table",
        "select ",
        "use ",
        "gen ",
        "replace ",
        "regress ",
        "#!",
        "function ",
        "for ",
        "if (",
        "end",
        "datalines;",
        "cards;",
        "input ",
        "print(",
        "set ",
        "clear",
        "keep ",
        "drop ",
        "tabulate ",
        "summarize ",
        "values",
        "return ",
    ];
    let (mut lines, mut code) = (0_usize, 0_usize);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()).take(2000) {
        let lower = line.chars().take(40).collect::<String>().to_lowercase();
        lines += 1;
        let assigns =
            line.contains("<-") || line.contains(" = ") && line.ends_with([')', ']', '"']);
        code += usize::from(
            STARTS.iter().any(|start| lower.starts_with(start))
                || assigns
                || line.ends_with(';') && !line.trim_end_matches(';').contains(';')
                || lower.starts_with('(') && (line.ends_with("),") || line.ends_with(");")),
        );
    }
    code >= 2 && code * 5 >= lines * 2
}

/// Whether a name is that of a program, whose literals are looked at whatever its text looks like.
pub fn is_named_code(name: &str) -> bool {
    promised(name).first() == Some(&Kind::Code)
}

/// The kinds that an extension promises; empty for one that promises nothing.
pub fn promised(name: &str) -> &'static [Kind] {
    let extension = name.rsplit_once('.').map_or(String::new(), |(_, e)| e.to_ascii_lowercase());
    match extension.as_str() {
        "csv" | "tsv" | "txt" | "log" | "lst" | "md" | "tab" | "tex" | "smcl" => {
            &[Kind::TextTable, Kind::ConsoleText, Kind::Code]
        }
        "r" | "py" | "do" | "sas" | "sql" | "ado" | "jl" => {
            &[Kind::Code, Kind::ConsoleText, Kind::TextTable]
        }
        "png" | "jpg" | "jpeg" | "gif" | "tif" | "tiff" | "bmp" => &[Kind::Image],
        "pdf" => &[Kind::Pdf],
        "xlsx" | "ods" | "docx" | "odt" | "pptx" | "xls" | "doc" | "rtf" => {
            &[Kind::Office, Kind::Encrypted]
        }
        "html" | "htm" | "xml" | "svg" => &[Kind::Markup],
        "json" | "ipynb" => &[Kind::Json],
        "zip" | "gz" | "7z" | "tgz" | "bz2" | "xz" => &[Kind::Archive, Kind::Encrypted],
        _ => &[],
    }
}

/// Whether data stand behind the end of an image or a PDF, where no viewer shows them.
pub fn has_appended(bytes: &[u8]) -> bool {
    let tail = |end: Option<usize>, len: usize| {
        let rest = end.and_then(|at| bytes.get(at + len..)).unwrap_or_default();
        rest.iter().any(|b| !b.is_ascii_whitespace() && *b != 0)
    };
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => tail(find(bytes, b"IEND\xaeB`\x82"), 8),
        [b'%', b'P', b'D', b'F', ..] => {
            let last = bytes.windows(5).rposition(|window| window == b"%%EOF");
            tail(last, 5)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_told_by_its_bytes() {
        assert_eq!(foreign(b"PAR1...."), Some(Kind::StatisticalFile));
        assert_eq!(foreign(&[0x73, 1, 1, 0, 9]), Some(Kind::StatisticalFile));
        assert_eq!(foreign(&[0x80, 4, 0x95, 0]), Some(Kind::Serialized));
        assert_eq!(foreign(b"PK\x03\x04\x14\0\x01\0..."), Some(Kind::Encrypted));
        assert_eq!(foreign(b"PK\x03\x04\x14\0\0\0[Content_Types].xml"), Some(Kind::Office));
        assert_eq!(foreign(b"a,b\n1,2\n"), None);
        assert_eq!(foreign(b"BMI;n\n1;2\n"), None);
    }

    #[test]
    fn bytes_behind_the_end_of_an_image_are_seen() {
        let png = b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82".to_vec();
        assert!(!has_appended(&png));
        assert!(has_appended(&[&png[..], b"id,n\n"].concat()));
    }

    #[test]
    fn programs_are_told_from_tables() {
        assert!(is_code("library(dplyr)\nx <- read.csv('a.csv')\nprint(table(x$a))\n"));
        assert!(!is_code("sexe;n\nH;12\nF;13\n"));
    }
}
