//! What images say beside their picture: EXIF, text chunks, comments.

use flate2::read::ZlibDecoder;
use std::io::Read;

use super::reading::Reading;
use super::{Sight, props};
use crate::report::Location;

/// Texts of one image that are looked at.
const MAX_TEXTS: usize = 200;
/// Pixels of a picture that is read: a page of A3 at 600 points an inch has 70 millions.
const MAX_PIXELS: usize = 80_000_000;

/// Notes the properties of an image. Its picture is another reader's.
pub fn read(reading: &mut Reading, bytes: &[u8]) {
    let texts = match bytes {
        [0x89, b'P', b'N', b'G', ..] => png(bytes),
        [0xff, 0xd8, ..] => jpeg(bytes),
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => tiff(bytes),
        [b'G', b'I', b'F', ..] => gif(bytes),
        _ => Vec::new(),
    };
    for (name, text) in texts.into_iter().take(MAX_TEXTS) {
        tell(reading, &name, text.trim().trim_end_matches('\0'));
    }
}

fn tell(reading: &mut Reading, name: &str, text: &str) {
    let lower = name.to_lowercase();
    match lower.as_str() {
        "author" | "artist" | "creator" | "owner" | "copyright" | "xpauthor" | "dc:creator" => {
            props::person(reading, name, text);
        }
        "gps" => reading.see(Sight::Person, Location::default(), "the place where it was taken"),
        "software" | "creation time" | "title" | "date" | "make" | "model" => {
            props::path(reading, name, text);
        }
        // What people write beside a picture leaves with it and is not seen in it.
        "comment" | "description" | "usercomment" | "imagedescription" | "xpcomment"
        | "parameters" | "documentname" | "source" | "xpsubject" | "xpkeywords" => {
            props::path(reading, name, text);
            let tool = text.starts_with("matplotlib")
                || text.starts_with("CREATOR:")
                || text.starts_with("LEAD");
            if text.chars().any(|c| c.is_ascii_digit()) && !tool && !props::has_path(text) {
                reading.see(Sight::Comment, Location::default(), format!("{name}: {text}"));
            }
        }
        _ => {
            props::path(reading, name, text);
            if text.len() > 300
                && text.chars().filter(char::is_ascii_digit).count() > 60
                && lower != "raw profile type xmp"
                && !lower.starts_with("icc")
            {
                reading.see(Sight::Comment, Location::default(), format!("{name}: {text}"));
            }
        }
    }
}

fn number(bytes: &[u8], at: usize, big: bool) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }).ok()
}

fn short(bytes: &[u8], at: usize, big: bool) -> Option<usize> {
    let two: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(usize::from(if big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) }))
}

fn latin(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec())
        .unwrap_or_else(|_| bytes.iter().map(|b| char::from(*b)).collect())
}

/// A chunk of a PNG: its name and what it holds.
pub type Chunk<'a> = ([u8; 4], &'a [u8]);

/// Where a PNG ends, and its chunks with their names, as far as they keep to the format.
pub fn png_chunks(bytes: &[u8]) -> (Vec<Chunk<'_>>, Option<usize>) {
    let (mut chunks, mut at) = (Vec::new(), 8);
    while let (Some(length), Some(name)) = (number(bytes, at, true), bytes.get(at + 4..at + 8)) {
        let Some(content) = bytes.get(at + 8..(at + 8).saturating_add(length)) else { break };
        let name: [u8; 4] = name.try_into().unwrap_or_default();
        chunks.push((name, content));
        at += 12 + length;
        if &name == b"IEND" {
            return (chunks, Some(at));
        }
    }
    (chunks, None)
}

/// Whether the head of a picture (PNG, GIF) says that it has more pixels than are read.
///
/// Threat: 20,000 by 20,000 pixels of one colour take some kilobytes, and minutes to be read.
pub fn is_too_large(bytes: &[u8]) -> bool {
    let size = match bytes {
        [0x89, b'P', b'N', b'G', ..] => number(bytes, 16, true).zip(number(bytes, 20, true)),
        [b'G', b'I', b'F', ..] => short(bytes, 6, false).zip(short(bytes, 8, false)),
        _ => None,
    };
    size.is_some_and(|(wide, high)| wide.saturating_mul(high) > MAX_PIXELS)
}

fn png(bytes: &[u8]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (name, content) in png_chunks(bytes).0 {
        let mut parts = content.splitn(2, |b| *b == 0);
        let key = latin(parts.next().unwrap_or_default());
        let rest = parts.next().unwrap_or_default();
        match &name {
            b"tEXt" => out.push((key, latin(rest))),
            b"zTXt" => out.push((key, inflated(rest.get(1..).unwrap_or_default()))),
            b"iTXt" => {
                // Compression flag and method, then language and translated key, each ended by 0.
                let packed = rest.first() == Some(&1);
                let body = rest.get(2..).unwrap_or_default();
                let text = body.splitn(3, |b| *b == 0).nth(2).unwrap_or_default();
                let text = if packed { inflated(text) } else { latin(text) };
                if key == "XML:com.adobe.xmp" {
                    out.extend(xmp(&text));
                } else {
                    out.push((key, text));
                }
            }
            b"eXIf" => out.extend(tiff(content)),
            _ => {}
        }
    }
    out
}

fn inflated(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    let _ = ZlibDecoder::new(bytes).take(1 << 20).read_to_end(&mut out);
    latin(&out)
}

/// The creator and the paths of an XMP packet.
fn xmp(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    if let Some(creator) =
        text.split("<dc:creator>").nth(1).and_then(|r| r.split("</dc:creator>").next())
    {
        let name: String = creator
            .split('<')
            .filter_map(|part| part.split_once('>'))
            .map(|p| p.1.trim())
            .collect();
        out.push(("dc:creator".to_owned(), name));
    }
    for word in text.split(['"', '>', '<', '\'']).filter(|w| props::has_path(w)) {
        out.push(("xmp".to_owned(), word.to_owned()));
    }
    out
}

/// The segments of a JPEG up to its end, and where that is.
pub fn jpeg_segments(bytes: &[u8]) -> (Vec<(u8, &[u8])>, Option<usize>) {
    let (mut segments, mut at) = (Vec::new(), 2);
    while bytes.get(at) == Some(&0xff) {
        let Some(&marker) = bytes.get(at + 1) else { break };
        match marker {
            0xff => at += 1,
            0xd9 => return (segments, Some(at + 2)),
            0x01 | 0xd0..=0xd7 => at += 2,
            _ => {
                let Some(length) = short(bytes, at + 2, true).filter(|length| *length >= 2) else {
                    break;
                };
                segments.push((marker, bytes.get(at + 4..at + 2 + length).unwrap_or_default()));
                at += 2 + length;
                if marker == 0xda {
                    // Entropy-coded data: the next marker that is no stuffing and no restart.
                    let rest = bytes.get(at..).unwrap_or_default();
                    let next = memchr::memchr_iter(0xff, rest).find(|i| {
                        rest.get(i + 1).is_some_and(|b| *b != 0 && !(0xd0..=0xd7).contains(b))
                    });
                    let Some(next) = next else { break };
                    at += next;
                }
            }
        }
    }
    (segments, None)
}

fn jpeg(bytes: &[u8]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (marker, content) in jpeg_segments(bytes).0 {
        match marker {
            0xe1 if content.starts_with(b"Exif\0\0") => out.extend(tiff(&content[6..])),
            0xe1 => out.extend(xmp(&latin(content))),
            0xfe => out.push(("comment".to_owned(), latin(content))),
            _ => {}
        }
    }
    out
}

/// Tags of EXIF 2.32 that tell of persons, places and texts.
fn tag_name(tag: usize) -> Option<&'static str> {
    Some(match tag {
        0x010d => "DocumentName",
        0x010e => "ImageDescription",
        0x010f => "Make",
        0x0110 => "Model",
        0x0131 => "Software",
        0x013b => "Artist",
        0x8298 => "Copyright",
        0x9286 => "UserComment",
        0x9c9b => "title",
        0x9c9c => "XPComment",
        0x9c9d => "XPAuthor",
        0x9c9e => "XPKeywords",
        0x9c9f => "XPSubject",
        0xa430 => "Owner",
        _ => return None,
    })
}

fn tiff(bytes: &[u8]) -> Vec<(String, String)> {
    let big = bytes.first() == Some(&b'M');
    let mut out = Vec::new();
    let mut folders: Vec<usize> = number(bytes, 4, big).into_iter().collect();
    let mut seen = Vec::new();
    while let Some(folder) = folders.pop() {
        // A chain that leads back to itself must end.
        if seen.len() >= 32 || seen.contains(&folder) {
            continue;
        }
        seen.push(folder);
        let count = short(bytes, folder, big).unwrap_or(0).min(512);
        for entry in (0..count).map(|i| folder.saturating_add(2 + 12 * i)) {
            let Some(tag) = short(bytes, entry, big) else { break };
            let size = number(bytes, entry + 4, big).unwrap_or(0);
            let at = if size <= 4 {
                entry + 8
            } else {
                number(bytes, entry + 8, big).unwrap_or(usize::MAX)
            };
            match tag {
                0x8769 => folders.extend(number(bytes, entry + 8, big)),
                0x8825 => out.push(("gps".to_owned(), String::new())),
                _ => {
                    let Some(name) = tag_name(tag) else { continue };
                    let content =
                        bytes.get(at..at.saturating_add(size.min(1 << 16))).unwrap_or_default();
                    let text = if (0x9c9b..=0x9c9f).contains(&tag) {
                        let wide =
                            content.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]]));
                        String::from_utf16_lossy(&wide.collect::<Vec<_>>())
                    } else {
                        let skip = if content.starts_with(b"ASCII\0\0\0")
                            || content.starts_with(b"UNICODE\0")
                        {
                            8
                        } else {
                            0
                        };
                        latin(content.get(skip..).unwrap_or_default())
                    };
                    out.push((name.to_owned(), text.trim_matches('\0').to_owned()));
                }
            }
        }
        let next = folder.saturating_add(2 + 12 * count);
        folders.extend(number(bytes, next, big).filter(|at| *at != 0));
    }
    out
}

/// Comment extensions of a GIF: `21 FE`, then blocks with their length in front.
fn gif(bytes: &[u8]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for at in memchr::memmem::find_iter(bytes, b"\x21\xfe").take(20) {
        let length = bytes.get(at + 2).map_or(0, |b| usize::from(*b));
        let text = latin(bytes.get(at + 3..at + 3 + length).unwrap_or_default());
        if text.len() > 3 && text.chars().all(|c| !c.is_control() || c.is_whitespace()) {
            out.push(("comment".to_owned(), text));
        }
    }
    out
}
