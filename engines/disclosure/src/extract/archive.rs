//! ZIP, gzip and tar: each member is a file of its own.
//!
//! Threats: bombs (a small file that unpacks to gigabytes, in one entry, in many, or in archives
//! inside archives), entries that overlap so that the same bytes unpack again and again, names
//! that lead out of the folder, and data in gaps that no entry names. Nothing is written to a
//! disk; names are only told.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::reading::{Budget, Reading};
use super::{Sight, Unread};
use crate::report::Location;

/// Times that an entry over [`SMALL`] may be larger unpacked; text tables reach 100.
const MAX_RATIO: u64 = 400;

/// Bytes below which the ratio proves nothing.
const SMALL: u64 = 4 << 20;

/// A ZIP file whose entries were counted.
pub struct Package<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Names in the order of the directory.
    names: Vec<String>,
}

impl<'a> Package<'a> {
    /// Opens a ZIP and looks at its directory.
    ///
    /// # Errors
    /// What is damaged, has too many entries, or entries that overlap.
    pub fn open(bytes: &'a [u8], budget: &mut Budget) -> Result<Self, Unread> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unread::Damaged)?;
        if zip.len() > budget.entries {
            return Err(Unread::TooManyEntries);
        }
        if zip.has_overlapping_entries().map_err(|_| Unread::Damaged)? {
            return Err(Unread::Overlap);
        }
        // Of two entries with one name, a reader shows one and hides the other.
        if zip.has_duplicate_names() {
            return Err(Unread::Overlap);
        }
        let names = zip.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned());
        let names = names.collect();
        Ok(Self { zip, names })
    }

    /// Whether it has an entry of that name.
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// The names that begin with `start` and end with `end`, in the directory's order.
    pub fn named(&self, start: &str, end: &str) -> Vec<String> {
        let fits = |name: &&String| name.starts_with(start) && name.ends_with(end);
        self.names.iter().filter(fits).cloned().collect()
    }

    /// Unpacks an entry; `None` where there is none of that name.
    ///
    /// # Errors
    /// Encrypted or damaged entries, bombs, and what the budget does not allow.
    pub fn bytes(&mut self, name: &str, budget: &mut Budget) -> Result<Option<Vec<u8>>, Unread> {
        match self.names.iter().position(|known| known == name) {
            Some(index) => self.entry(index, budget).map(Some),
            None => Ok(None),
        }
    }

    /// Unpacks an entry as text.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn text(&mut self, name: &str, budget: &mut Budget) -> Result<Option<String>, Unread> {
        let bytes = self.bytes(name, budget)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn entry(&mut self, index: usize, budget: &mut Budget) -> Result<Vec<u8>, Unread> {
        budget.open()?;
        let entry = self.zip.by_index(index).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(_)
            | zip::result::ZipError::CompressionMethodNotSupported(_) => Unread::NoParser,
            _ => Unread::Damaged,
        })?;
        let packed = entry.compressed_size();
        unpack(entry, packed, budget)
    }
}

/// Unpacks a stream; what it says of its own size is not believed.
fn unpack(stream: impl Read, packed: u64, budget: &mut Budget) -> Result<Vec<u8>, Unread> {
    let bomb = packed.saturating_mul(MAX_RATIO).max(SMALL);
    let left = u64::try_from(budget.bytes).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let limit = bomb.min(left).saturating_add(1);
    let read = stream.take(limit).read_to_end(&mut bytes).map_err(|_| Unread::Damaged)?;
    if u64::try_from(read).unwrap_or(u64::MAX) == limit {
        return Err(if bomb < left { Unread::Bomb } else { Unread::TooLarge });
    }
    budget.spend(bytes.len())?;
    Ok(bytes)
}

/// Reads the members of an archive.
///
/// # Errors
/// When the archive itself cannot be read; members that cannot are noted and passed over.
pub fn read(reading: &mut Reading, name: &str, bytes: &[u8]) -> Result<(), Unread> {
    match bytes {
        [b'P', b'K', ..] => members(reading, bytes),
        [0x1f, 0x8b, ..] => {
            let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let inner = unpack(MultiGzDecoder::new(bytes), packed, &mut reading.budget)?;
            let last = name.rsplit('/').next().unwrap_or(name);
            let inner_name = match last.rsplit_once('.') {
                Some((stem, "gz" | "GZ" | "z")) => stem.to_owned(),
                Some((stem, "tgz")) => format!("{stem}.tar"),
                // `.rds` and `.RData` are gzip themselves: the name promises their content.
                _ => last.to_owned(),
            };
            reading.budget.open()?;
            reading.member(&inner_name, &inner);
            Ok(())
        }
        _ if is_tar(bytes) => tar(reading, bytes),
        _ => Err(Unread::NoParser),
    }
}

fn members(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let mut package = Package::open(bytes, &mut reading.budget)?;
    if !package.zip.comment().is_empty() {
        let comment = String::from_utf8_lossy(package.zip.comment()).into_owned();
        reading.see(Sight::Comment, Location::default(), comment);
    }
    for index in 0..package.names.len() {
        let name = package.names[index].clone();
        let (encrypted, folder, link) = match package.zip.by_index_raw(index) {
            Ok(entry) => (entry.encrypted(), entry.is_dir(), entry.is_symlink()),
            Err(_) => (false, false, false),
        };
        if folder {
            continue;
        }
        let nowhere = Location::default();
        let path = within(reading, &name);
        let unpacked = match () {
            () if encrypted => {
                reading.inside(|w| w.member = Some(path), |r| r.see(Sight::Encrypted, nowhere, ""));
                continue;
            }
            () if link || escapes(&name) => Err(Unread::NoParser),
            () => package.entry(index, &mut reading.budget),
        };
        match unpacked {
            Ok(bytes) => reading.member(&name, &bytes),
            Err(why @ (Unread::TooManyEntries | Unread::TooLarge)) => return Err(why),
            Err(why) => reading.inside(|w| w.member = Some(path), |r| r.unread(why)),
        }
    }
    Ok(())
}

fn within(reading: &Reading, name: &str) -> String {
    match &reading.within.member {
        Some(outer) => format!("{outer}/{name}"),
        None => name.to_owned(),
    }
}

/// Whether a name would leave the folder that an archive is unpacked into.
fn escapes(name: &str) -> bool {
    name.starts_with(['/', '\\'])
        || name.contains(['\0', '\\'])
        || name.split('/').any(|part| part == "..")
        || name.as_bytes().get(1) == Some(&b':')
}

/// Whether bytes are a tar archive (POSIX ustar or GNU).
pub fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

fn tar(reading: &mut Reading, bytes: &[u8]) -> Result<(), Unread> {
    let (mut rest, mut long) = (bytes, None::<String>);
    while rest.len() >= 512 {
        let (head, body) = rest.split_at(512);
        if head.iter().all(|b| *b == 0) {
            break;
        }
        if head.get(257..262) != Some(b"ustar") {
            return Err(Unread::Damaged);
        }
        let field = |from: usize, to: usize| {
            let field = head.get(from..to).unwrap_or_default();
            let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).trim().to_owned()
        };
        let size = usize::from_str_radix(&field(124, 136), 8).map_err(|_| Unread::Damaged)?;
        let content = body.get(..size).ok_or(Unread::Damaged)?;
        let padded = size.div_ceil(512) * 512;
        rest = body.get(padded..).unwrap_or_default();
        reading.budget.open()?;
        let name = long.take().unwrap_or_else(|| match field(345, 500) {
            prefix if prefix.is_empty() => field(0, 100),
            prefix => format!("{prefix}/{}", field(0, 100)),
        });
        match head.get(156) {
            // GNU long name, POSIX extended header: the name of the next entry.
            Some(b'L') => {
                long = Some(String::from_utf8_lossy(content).trim_end_matches('\0').to_owned());
            }
            Some(b'x') => long = pax_path(content),
            Some(b'0' | 0) if !escapes(&name) => {
                reading.budget.spend(size)?;
                reading.member(&name, content);
            }
            Some(b'5' | b'g') => {}
            _ => {
                let path = within(reading, &name);
                reading.inside(|w| w.member = Some(path), |r| r.unread(Unread::NoParser));
            }
        }
    }
    Ok(())
}

/// The `path` record of a POSIX extended header: `length path=name\n`.
fn pax_path(content: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(content).into_owned();
    let record = text.lines().find_map(|l| l.split_once(' ')?.1.strip_prefix("path="))?;
    Some(record.to_owned())
}
