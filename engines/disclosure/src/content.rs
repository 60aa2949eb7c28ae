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
    /// A model as a library keeps it; never opened.
    Model,
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
    (b"StataFileTM", Kind::StatisticalFile), // a graph that keeps its data
    (b"ORC", Kind::StatisticalFile),
    (b"Obj\x01", Kind::StatisticalFile), // Avro
    (b"MATLAB 5.0 MAT-file", Kind::StatisticalFile),
    (b"\0\x01\0\0Standard ", Kind::StatisticalFile), // Access
    (b"GGUF", Kind::Model),
    (b"RDA3\n", Kind::StatisticalFile),
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
        let word = matches!(*magic, b"BM" | b"ORC") && !bytes.iter().take(16).any(|b| *b == 0);
        if !word {
            return Some(refine(*kind, bytes));
        }
    }
    // SPSS portable files are text: five greetings in as many character sets, then this one.
    let head = bytes.get(..bytes.len().min(600)).unwrap_or_default();
    if contains(head, b"SPSS PORT FILE") {
        return Some(Kind::StatisticalFile);
    }
    if bytes.get(8..12) == Some(b"DUCK") {
        return Some(Kind::StatisticalFile);
    }
    if bytes.get(8..12) == Some(b"WEBP") {
        return Some(Kind::Image);
    }
    if crate::extract::is_tar(bytes) {
        return Some(Kind::Archive);
    }
    if is_model(bytes) {
        return Some(Kind::Model);
    }
    match bytes {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Some(zip_kind(bytes)),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] if is_packed_pickle(bytes) => Some(Kind::Serialized),
        [b'<', b's', b'v', b'g', ..] => Some(Kind::Markup),
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

/// safetensors: the length of a JSON header, then the header; ONNX: a version and its producer.
fn is_model(bytes: &[u8]) -> bool {
    let length = bytes.get(..8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
    let tensors =
        length.is_some_and(|l| l > 1 && l < 100 << 20) && bytes.get(8..10) == Some(b"{\"");
    let head = bytes.get(..bytes.len().min(200)).unwrap_or_default();
    let makers = [&b"pytorch"[..], b"skl2onnx", b"tf2onnx", b"onnxmltools", b"ai.onnx"];
    tensors || bytes.first() == Some(&8) && makers.iter().any(|maker| contains(head, maker))
}

/// A pickle that joblib packed with zlib.
fn is_packed_pickle(bytes: &[u8]) -> bool {
    use std::io::Read as _;
    let mut head = [0_u8; 2];
    let read = flate2::read::ZlibDecoder::new(bytes).read_exact(&mut head);
    read.is_ok() && head[0] == 0x80 && (2..=5).contains(&head[1])
}

/// Office documents hide two things: encryption, and old Word or Excel without XML.
fn refine(kind: Kind, bytes: &[u8]) -> Kind {
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let head = bytes.get(..bytes.len().min(1 << 16)).unwrap_or_default();
    if kind == Kind::Office && contains(head, &encrypted) { Kind::Encrypted } else { kind }
}

/// A ZIP by the names of its entries: office documents, encrypted ones, models, other archives.
fn zip_kind(bytes: &[u8]) -> Kind {
    // Bit 0 of the flags, at byte 6 of a local header, says that the entry is encrypted; any
    // entry may be the encrypted one.
    let mut names: Vec<&[u8]> = Vec::new();
    for at in memchr::memmem::find_iter(bytes, b"PK\x03\x04") {
        let entry = bytes.get(at..).unwrap_or_default();
        if entry.get(6).is_some_and(|flags| flags & 1 == 1) {
            return Kind::Encrypted;
        }
        if let Some([low, high]) = entry.get(26..28) {
            let length = usize::from(u16::from_le_bytes([*low, *high]));
            names.extend(entry.get(30..30 + length).filter(|_| names.len() < 5_000));
        }
    }
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let own = |mark: &[u8]| names.contains(&mark);
    if own(b"[Content_Types].xml")
        || contains(head, b"[Content_Types].xml")
        || head.get(30..38) == Some(b"mimetype")
    {
        return Kind::Office;
    }
    if names.iter().any(|name| name.ends_with(b"/data.pkl") || name.ends_with(b"model.weights.h5"))
    {
        return Kind::Model;
    }
    Kind::Archive
}

pub(crate) fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, mark)
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
        "r" | "py" | "do" | "sas" | "sql" | "ado" | "jl" | "sps" => {
            &[Kind::Code, Kind::ConsoleText, Kind::TextTable]
        }
        "rmd" | "qmd" => &[Kind::Code, Kind::ConsoleText, Kind::TextTable, Kind::Markup],
        "png" | "jpg" | "jpeg" | "gif" | "tif" | "tiff" | "bmp" | "webp" => &[Kind::Image],
        "pdf" => &[Kind::Pdf],
        "xlsx" | "xlsm" | "ods" | "docx" | "odt" | "pptx" | "xls" | "doc" | "rtf" => {
            &[Kind::Office, Kind::Encrypted]
        }
        // A table alone is a piece of HTML that reads like text.
        "html" | "htm" | "xml" | "svg" => &[Kind::Markup, Kind::ConsoleText, Kind::TextTable],
        "json" | "ipynb" => &[Kind::Json, Kind::TextTable, Kind::ConsoleText, Kind::Code],
        "zip" | "gz" | "7z" | "tgz" | "bz2" | "xz" | "tar" => &[Kind::Archive, Kind::Encrypted],
        _ => &[],
    }
}

/// Bytes behind the end of an image, a PDF or an archive, or before an archive's start, where no
/// viewer shows them.
pub fn appended(bytes: &[u8]) -> Option<usize> {
    let tail = |end: usize| {
        let rest = bytes.get(end..).unwrap_or_default();
        let filled = rest.iter().any(|b| !b.is_ascii_whitespace() && *b != 0);
        filled.then_some(rest.len())
    };
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => tail(crate::extract::png_end(bytes)?),
        [0xff, 0xd8, 0xff, ..] => tail(crate::extract::jpeg_end(bytes)?),
        [b'%', b'P', b'D', b'F', ..] => tail(memchr::memmem::rfind(bytes, b"%%EOF")? + 5),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            let end = memchr::memmem::rfind(bytes, b"PK\x05\x06")?;
            let comment = bytes.get(end + 20..end + 22)?;
            tail(end + 22 + usize::from(u16::from_le_bytes([comment[0], comment[1]])))
        }
        _ => None,
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
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xaeB`\x82".to_vec();
        assert_eq!(appended(&png), None);
        assert_eq!(appended(&[&png[..], b"id,n\n"].concat()), Some(5));
    }

    #[test]
    fn programs_are_told_from_tables() {
        assert!(is_code("library(dplyr)\nx <- read.csv('a.csv')\nprint(table(x$a))\n"));
        assert!(!is_code("sexe;n\nH;12\nF;13\n"));
    }
}
