//! Which character encoding a text file has, and how its bytes become UTF-8.
//!
//! A wrong guess changes values without a word (`Œuf` becomes `¼uf`), so the guess looks at every
//! byte, and a file that is neither one encoding nor the other is refused instead of repaired.

use encoding_rs::{Encoding as Codec, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

/// The encodings that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8 without a byte order mark; plain ASCII is this too.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-8 after the byte order mark `EF BB BF`, which is not part of the text.
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    /// UTF-16, low byte first, with or without its mark.
    #[serde(rename = "utf-16-le")]
    Utf16Le,
    /// UTF-16, high byte first, with or without its mark.
    #[serde(rename = "utf-16-be")]
    Utf16Be,
    /// Windows code page 1252, which contains all printable characters of ISO-8859-1.
    #[serde(rename = "windows-1252")]
    Windows1252,
    /// Latin-9: ISO-8859-1 with the euro sign and Œ, œ, Ÿ.
    #[serde(rename = "iso-8859-15")]
    Iso8859_15,
}

impl Encoding {
    /// The codec, which never looks for a byte order mark by itself.
    pub(crate) fn codec(self) -> &'static Codec {
        match self {
            Self::Utf8 | Self::Utf8Bom => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Windows1252 => WINDOWS_1252,
            Self::Iso8859_15 => ISO_8859_15,
        }
    }

    /// Bytes of the byte order mark at the start of `bytes`, 0 where there is none.
    pub(crate) fn mark_len(self, bytes: &[u8]) -> usize {
        let mark: &[u8] = match self {
            Self::Utf8 | Self::Utf8Bom => &[0xEF, 0xBB, 0xBF],
            Self::Utf16Le => &[0xFF, 0xFE],
            Self::Utf16Be => &[0xFE, 0xFF],
            Self::Windows1252 | Self::Iso8859_15 => return 0,
        };
        if bytes.starts_with(mark) { mark.len() } else { 0 }
    }

    /// Whether the file's bytes are already UTF-8.
    pub(crate) fn is_utf8(self) -> bool {
        matches!(self, Self::Utf8 | Self::Utf8Bom)
    }
}

/// The encoding of a whole text.
///
/// In this order: byte order mark; UTF-16 without a mark (one byte in two is zero); valid UTF-8;
/// then the single-byte ones (see [`Scan`]). A text that breaks UTF-8 here and there is still
/// given as [`Encoding::Utf8`] when most of its accents are UTF-8: [`decode`] then refuses it.
pub fn detect(bytes: &[u8]) -> Encoding {
    if let Some(encoding) = by_start(bytes) {
        return encoding;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Encoding::Utf8;
    }
    let mut scan = Scan::default();
    scan.add(bytes);
    scan.encoding()
}

/// The encoding that the first bytes prove: a byte order mark, or zeros in every other place.
pub(crate) fn by_start(bytes: &[u8]) -> Option<Encoding> {
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        return Some(Encoding::Utf8Bom);
    }
    if bytes.starts_with(&[0xFF, 0xFE]) {
        return Some(Encoding::Utf16Le);
    }
    if bytes.starts_with(&[0xFE, 0xFF]) {
        return Some(Encoding::Utf16Be);
    }
    let sample = &bytes[..bytes.len().min(4096) & !1];
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), sample.len() / 2);
    match pairs {
        0 | 1 => None,
        _ if odd * 10 >= pairs * 7 && even * 10 < pairs => Some(Encoding::Utf16Le),
        _ if even * 10 >= pairs * 7 && odd * 10 < pairs => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// The text of `bytes`, without its byte order mark.
///
/// # Errors
/// The bytes are not valid in `encoding` (UTF-8 and UTF-16 only: every byte is a character of
/// the single-byte ones). Nothing is replaced.
pub fn decode(bytes: &[u8], encoding: Encoding) -> Result<String, Undecodable> {
    let body = &bytes[encoding.mark_len(bytes)..];
    encoding
        .codec()
        .decode_without_bom_handling_and_without_replacement(body)
        .map(std::borrow::Cow::into_owned)
        .ok_or(Undecodable(encoding))
}

/// The bytes are not text in the encoding that they seem to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("some bytes are not valid {0:?}")]
pub struct Undecodable(pub Encoding);

/// What tells the encodings of a text apart once UTF-8 failed; fed with the text piece by piece.
///
/// Windows-1252 and ISO-8859-15 differ in two ways. 0x80-0x9F are control characters in
/// ISO-8859-15, that no text holds. And eight signs of 1252 (`¤¦¨´¸¼½¾`) are letters there
/// (`€ŠšŽžŒœŸ`): 0xBC or 0xBD touching a letter is Œ or œ, since `¼` and `½` follow digits or
/// blanks. 0xB4 is left out: old French files write it for the apostrophe.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    tail: Vec<u8>,
    previous: u8,
    controls: u64,
    latin9: u64,
    fractions: u64,
    sequences: u64,
    /// Bytes that no UTF-8 sequence explains.
    broken: u64,
    /// Newlines before the first broken byte.
    lines_before_broken: u64,
    newlines: u64,
}

impl Scan {
    /// Takes the next piece.
    pub fn add(&mut self, piece: &[u8]) {
        self.add_signs(piece);
        let mut whole = std::mem::take(&mut self.tail);
        whole.extend_from_slice(piece);
        let mut chunks = whole.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.sequences += chunk.valid().bytes().filter(|b| *b >= 0xC0).count() as u64;
            if self.broken == 0 {
                self.newlines += chunk.valid().bytes().filter(|b| *b == b'\n').count() as u64;
            }
            let bad = chunk.invalid();
            // At most three bytes: perhaps the start of a sequence that goes on in the next piece.
            if chunks.peek().is_none()
                && std::str::from_utf8(bad).is_err_and(|e| e.error_len().is_none())
            {
                self.tail = bad.to_vec();
            } else if !bad.is_empty() {
                if self.broken == 0 {
                    self.lines_before_broken = self.newlines;
                }
                self.broken += 1;
            }
        }
    }

    fn add_signs(&mut self, piece: &[u8]) {
        let letter = |b: u8| b.is_ascii_alphabetic() || b >= 0xC0;
        for (i, &byte) in piece.iter().enumerate() {
            match byte {
                0x80..=0x9F => self.controls += 1,
                0xA4 => self.latin9 += 1, // nobody writes `¤`
                0xBC | 0xBD => {
                    let next = piece.get(i + 1).copied().unwrap_or(b' ');
                    let is_letter = letter(next) || letter(self.previous);
                    self.latin9 += u64::from(is_letter);
                    self.fractions += u64::from(!is_letter);
                }
                _ => {}
            }
            self.previous = byte;
        }
    }

    /// The encoding of all the pieces.
    pub fn encoding(&self) -> Encoding {
        let broken = self.broken + u64::from(!self.tail.is_empty());
        // Two bytes that form a UTF-8 sequence by chance (`Ã©`) are very rare in a 1252 text.
        if broken == 0 || self.sequences > 4 * broken {
            return Encoding::Utf8;
        }
        if self.controls == 0 && self.latin9 > self.fractions {
            return Encoding::Iso8859_15;
        }
        Encoding::Windows1252
    }

    /// Line (from 1) of the first byte that breaks UTF-8.
    pub fn broken_line(&self) -> u64 {
        1 + if self.broken == 0 { self.newlines } else { self.lines_before_broken }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_gives_the_same_text_back() {
        let text = "nom;c\u{153}ur\r\n\u{152}uf-en-Ternois;été\r\nNoël;élève\r\n";
        for encoding in [Encoding::Utf8, Encoding::Windows1252, Encoding::Iso8859_15] {
            // The Encoding Standard writes no ISO-8859-15 trap: its encoder is the plain inverse.
            let bytes = encoding.codec().encode(text).0.into_owned();
            assert_eq!(detect(&bytes), encoding);
            assert_eq!(decode(&bytes, encoding).unwrap(), text);
        }
        for (encoding, mark) in
            [(Encoding::Utf16Le, vec![0xFF, 0xFE]), (Encoding::Utf16Be, vec![0xFE, 0xFF])]
        {
            let units = text.encode_utf16();
            let bytes: Vec<u8> = match encoding {
                Encoding::Utf16Le => units.flat_map(u16::to_le_bytes).collect(),
                _ => units.flat_map(u16::to_be_bytes).collect(),
            };
            assert_eq!(detect(&bytes), encoding, "without a mark");
            let marked = [mark, bytes].concat();
            assert_eq!(detect(&marked), encoding);
            assert_eq!(decode(&marked, encoding).unwrap(), text);
        }
    }

    #[test]
    fn fractions_are_not_taken_for_ligatures() {
        let bytes = WINDOWS_1252.encode("taille;½\r\n3½;café\r\n").0;
        assert_eq!(detect(&bytes), Encoding::Windows1252);
    }

    #[test]
    fn a_utf8_text_with_one_broken_byte_is_refused_rather_than_read_as_1252() {
        let mut bytes = "é;è;à;ç;ù;ê\n".repeat(3).into_bytes();
        bytes.extend_from_slice(b"caf\xE9;x\n");
        assert_eq!(detect(&bytes), Encoding::Utf8);
        assert_eq!(decode(&bytes, Encoding::Utf8), Err(Undecodable(Encoding::Utf8)));
    }

    #[test]
    fn a_scan_in_pieces_says_the_same_as_in_one() {
        let text = "é;c\u{153}ur\n".repeat(7).into_bytes();
        let cp1252 = WINDOWS_1252.encode("é;c\u{153}ur\nvoilà\n").0.into_owned();
        for bytes in [text, cp1252] {
            for size in 1..5 {
                let mut scan = Scan::default();
                bytes.chunks(size).for_each(|piece| scan.add(piece));
                assert_eq!(scan.encoding(), detect(&bytes), "pieces of {size}");
            }
        }
    }
}
