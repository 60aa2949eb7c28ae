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
use super::zip_gaps::{self, Span};
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
    /// Which of them were unpacked.
    opened: Vec<bool>,
    bytes: &'a [u8],
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
        let names: Vec<String> = names.collect();
        let opened = vec![false; names.len()];
        Ok(Self { zip, names, opened, bytes })
    }

    /// Notes what leaves with the package and no entry names: comments, and bytes in gaps.
    ///
    /// # Errors
    /// An entry whose header is damaged.
    pub fn gaps(&mut self, reading: &mut Reading) -> Result<(), Unread> {
        if !self.zip.comment().is_empty() {
            let comment = String::from_utf8_lossy(self.zip.comment()).into_owned();
            reading.see(Sight::Comment, Location::default(), comment);
        }
        let mut spans = Vec::with_capacity(self.names.len());
        for index in 0..self.names.len() {
            let entry = self.zip.by_index_raw(index).map_err(|_| Unread::Damaged)?;
            let content = entry.data_start().ok_or(Unread::Damaged)?;
            spans.push(Span {
                header: entry.header_start(),
                content,
                packed: entry.compressed_size(),
            });
        }
        let strays = zip_gaps::strays(self.bytes, spans, self.zip.central_directory_start());
        if strays > 0 {
            reading.see_many(Sight::Appended, "between the entries of the archive", strays);
        }
        Ok(())
    }

    /// The names of the entries that nobody has unpacked, in the directory's order.
    pub fn unopened(&self) -> Vec<String> {
        let closed = self.names.iter().zip(&self.opened).filter(|(_, opened)| !**opened);
        closed.map(|(name, _)| name.clone()).collect()
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
        if let Some(opened) = self.opened.get_mut(index) {
            *opened = true;
        }
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
    package.gaps(reading)?;
    for index in 0..package.names.len() {
        let name = package.names[index].clone();
        let (encrypted, folder, link) = match package.zip.by_index_raw(index) {
            // A name that ends like a folder's may hold bytes all the same.
            Ok(entry) => (
                entry.encrypted(),
                entry.is_dir() && entry.compressed_size() == 0,
                entry.is_symlink(),
            ),
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
            // The end is two empty blocks and padding: programs stop reading here.
            let behind = rest.iter().filter(|b| **b != 0).count();
            if behind > 0 {
                reading.see_many(Sight::Appended, "behind the end of the archive", behind);
            }
            return Ok(());
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
        let padding = body.get(size..padded).unwrap_or_default();
        if padding.iter().any(|b| *b != 0) {
            reading.see_many(Sight::Appended, "behind an entry of the archive", padding.len());
        }
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
            Some(b'x') => {
                long = pax_path(content);
                if !pax_is_known(content) {
                    reading.see(Sight::Unread, Location::default(), "a header of the archive");
                }
            }
            Some(b'0' | 0) if !escapes(&name) => {
                reading.budget.spend(size)?;
                reading.member(&name, content);
            }
            // A folder, and what a packer says of all entries: they hold no bytes of their own.
            Some(b'5') if size == 0 => {}
            Some(b'g') if pax_is_plain(content) => {}
            _ => {
                let path = within(reading, &name);
                reading.inside(|w| w.member = Some(path), |r| r.unread(Unread::NoParser));
            }
        }
    }
    if rest.iter().any(|b| *b != 0) {
        reading.see_many(Sight::Appended, "behind the end of the archive", rest.len());
    }
    Ok(())
}

/// Whether a global header says no more than a version's hash (as `git archive` does) or times.
fn pax_is_plain(content: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content);
    let plain = |line: &str| {
        let Some((key, value)) = line.split_once(' ').and_then(|(_, rest)| rest.split_once('='))
        else {
            return false;
        };
        matches!(key, "comment" | "mtime" | "atime" | "ctime")
            && value.len() <= 64
            && value.chars().all(|c| c.is_ascii_hexdigit() || c == '.')
    };
    text.trim_end_matches('\0').lines().all(plain)
}

/// Whether the records of an extended header are those of every packer: names, owners, times.
fn pax_is_known(content: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content);
    let key = |line: &str| Some(line.split_once(' ')?.1.split_once('=')?.0.to_owned());
    let known = ["path", "linkpath", "size", "mtime", "atime", "ctime", "uid", "gid"];
    let named = |key: &str| known.contains(&key) || matches!(key, "uname" | "gname");
    let lines = text.trim_end_matches('\0').lines();
    lines.map(key).all(|key| key.is_some_and(|key| named(&key)))
}

/// The `path` record of a POSIX extended header: `length path=name\n`.
fn pax_path(content: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(content).into_owned();
    let record = text.lines().find_map(|l| l.split_once(' ')?.1.strip_prefix("path="))?;
    Some(record.to_owned())
}
