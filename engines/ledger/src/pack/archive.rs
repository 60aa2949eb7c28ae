//! The container of a pack: a ZIP file of one form only, as any tool can open and as this module
//! alone reads it.
//!
//! Threat: a ZIP file says everything twice (before each file and in the directory at its end) and
//! tools believe one or the other, so that one file can show different things to different people;
//! it can expand a thousandfold, claim sizes that nobody has, hold a name twice or lead out of its
//! folder. So there is one form: members stored without compression one after another, nothing
//! between them, fixed dates, plain names, and a directory that is computed from what was read and
//! compared byte for byte. Whatever differs is refused. Reading goes once from the beginning to the
//! end and keeps only the small members in memory.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256, Sha512};

use super::PackError;

/// Most members of a pack.
pub(super) const MAX_MEMBERS: usize = 2000;
/// The longest member, in bytes.
pub(super) const MAX_MEMBER: u32 = 256 << 20;
/// The longest pack, in bytes: all offsets stay within 32 bits.
pub(super) const MAX_TOTAL: u64 = 1 << 30;
/// The longest name, in bytes.
const MAX_NAME: usize = 200;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Version 2.0 is needed for folders in names.
const VERSION: u16 = 20;
/// 1 January 1980, the first day that the format knows: packs of the same content are the same.
const DATE: u16 = 0x0021;

/// A member as it was read.
pub(super) struct Scanned {
    pub(super) name: String,
    pub(super) crc_agrees: bool,
    pub(super) sha256: String,
    pub(super) sha512: String,
    /// Its bytes, where it was to be kept.
    pub(super) kept: Option<Vec<u8>>,
}

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// The disk refused.
    Io(io::Error),
    /// The file is not of the one form.
    Refused {
        /// The member where it was noticed; empty where there is none.
        member: String,
        what: &'static str,
    },
}

struct Place {
    name: String,
    crc: u32,
    size: u32,
    offset: u32,
}

/// Writes the container.
pub(super) fn write(members: &[(String, &[u8])]) -> Result<Vec<u8>, PackError> {
    let refused = |name: &str, what| PackError::Member { member: name.to_owned(), what };
    let mut out = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    for (name, bytes) in members {
        check_name(name).map_err(|what| refused(name, what))?;
        if places.iter().any(|place| place.name == *name) {
            return Err(refused(name, "the name is there twice"));
        }
        let size = u32::try_from(bytes.len()).ok().filter(|size| *size <= MAX_MEMBER);
        let size = size.ok_or_else(|| refused(name, "it is too long"))?;
        let offset = u32::try_from(out.len()).ok().filter(|at| u64::from(*at) <= MAX_TOTAL);
        let offset = offset.ok_or_else(|| refused(name, "the pack is too long"))?;
        if places.len() == MAX_MEMBERS {
            return Err(refused(name, "the pack has too many members"));
        }
        let place = Place { name: name.clone(), crc: !crc(!0, bytes), size, offset };
        out.extend(local(&place));
        out.extend(*bytes);
        places.push(place);
    }
    let end = directory(&places, out.len());
    out.extend(end);
    Ok(out)
}

/// Reads the container once; members whose name `keep` wants come with their bytes, `budget` bytes
/// of them at most.
pub(super) fn scan(
    mut source: impl Read,
    keep: impl Fn(&str) -> bool,
    mut budget: u64,
) -> Result<Vec<Scanned>, Stop> {
    let (mut places, mut members) = (Vec::<Place>::new(), Vec::new());
    let mut at = 0_u64;
    loop {
        let mut signature = [0; 4];
        fill(&mut source, &mut signature, "")?;
        if u32::from_le_bytes(signature) != LOCAL {
            return finish(source, &signature, &places, at).map(|()| members);
        }
        let place = header(&mut source, at)?;
        let stop = |what| Stop::Refused { member: place.name.clone(), what };
        check_name(&place.name).map_err(stop)?;
        if places.iter().any(|other| other.name == place.name) {
            return Err(stop("the name is there twice"));
        }
        at += local(&place).len() as u64 + u64::from(place.size);
        if place.size > MAX_MEMBER || at > MAX_TOTAL || places.len() == MAX_MEMBERS {
            return Err(stop("the pack is larger than any pack"));
        }
        let kept = keep(&place.name);
        if kept {
            let left = budget.checked_sub(u64::from(place.size));
            budget = left.ok_or_else(|| stop("it is longer than any such file"))?;
        }
        members.push(content(&mut source, &place, kept)?);
        places.push(place);
    }
}

/// The rest of the file must be the directory of what was read, and nothing else.
fn finish(mut source: impl Read, begun: &[u8], places: &[Place], at: u64) -> Result<(), Stop> {
    let refused = || Stop::Refused {
        member: String::new(),
        what: "the ZIP directory is not that of the files before it",
    };
    let start = usize::try_from(at).map_err(|_| refused())?;
    let expected = directory(places, start);
    let mut found = begun.to_vec();
    let limit = expected.len() as u64 + 1;
    source.by_ref().take(limit).read_to_end(&mut found).map_err(Stop::Io)?;
    if found == expected { Ok(()) } else { Err(refused()) }
}

fn header(source: &mut impl Read, at: u64) -> Result<Place, Stop> {
    let mut fixed = [0; 26];
    fill(source, &mut fixed, "")?;
    let short = |from: usize| u16::from_le_bytes([fixed[from], fixed[from + 1]]);
    let long = |from: usize| u32::from(short(from)) | u32::from(short(from + 2)) << 16;
    let mut name = vec![0; usize::from(short(22))];
    fill(source, &mut name, "")?;
    let name = String::from_utf8(name).unwrap_or_default();
    let offset = u32::try_from(at).unwrap_or(u32::MAX);
    let place = Place { crc: long(10), size: long(18), offset, name };
    // Flags, method, dates, the second size and the extra field are all told by this comparison.
    let again = local(&place);
    let same = again.get(4..30) == Some(&fixed[..]) && again.len() == 30 + place.name.len();
    let what = "it is not stored as a pack stores it (compressed, encrypted, dated or streamed)";
    if same { Ok(place) } else { Err(Stop::Refused { member: place.name, what }) }
}

fn content(source: &mut impl Read, place: &Place, kept: bool) -> Result<Scanned, Stop> {
    let (mut sha256, mut sha512, mut sum) = (Sha256::new(), Sha512::new(), !0);
    let mut bytes = kept.then(Vec::new);
    let mut buffer = vec![0; 1 << 16];
    let mut left = place.size as usize;
    while left > 0 {
        let part = left.min(buffer.len());
        let chunk = buffer.get_mut(..part).unwrap_or_default();
        fill(source, chunk, &place.name)?;
        sha256.update(&*chunk);
        sha512.update(&*chunk);
        sum = crc(sum, chunk);
        if let Some(bytes) = &mut bytes {
            bytes.extend_from_slice(chunk);
        }
        left -= part;
    }
    Ok(Scanned {
        name: place.name.clone(),
        crc_agrees: !sum == place.crc,
        sha256: hex::encode(sha256.finalize()),
        sha512: hex::encode(sha512.finalize()),
        kept: bytes,
    })
}

fn fill(source: &mut impl Read, buffer: &mut [u8], member: &str) -> Result<(), Stop> {
    source.read_exact(buffer).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            Stop::Refused { member: member.to_owned(), what: "the file is cut short" }
        }
        _ => Stop::Io(error),
    })
}

/// Names are plain letters, digits, `-`, `_` and `.` between slashes: none leads out of its folder,
/// none is read differently by another tool, none obeys a terminal.
fn check_name(name: &str) -> Result<(), &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain);
    match name.len() <= MAX_NAME && name.split('/').all(part) {
        true => Ok(()),
        false => Err("its name is none that a pack has"),
    }
}

/// What both headers of a member say alike.
fn common(place: &Place) -> Vec<u8> {
    let mut out = Vec::new();
    for word in [VERSION, 0, 0, 0, DATE] {
        out.extend(word.to_le_bytes()); // version needed, flags, method "stored", time, date
    }
    for word in [place.crc, place.size, place.size] {
        out.extend(word.to_le_bytes());
    }
    let length = u16::try_from(place.name.len()).unwrap_or(u16::MAX);
    out.extend(length.to_le_bytes());
    out.extend([0, 0]); // no extra field
    out
}

fn local(place: &Place) -> Vec<u8> {
    [&LOCAL.to_le_bytes()[..], &common(place), place.name.as_bytes()].concat()
}

fn directory(places: &[Place], start: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for place in places {
        out.extend(CENTRAL.to_le_bytes());
        out.extend(VERSION.to_le_bytes()); // made by
        out.extend(common(place));
        out.extend([0; 10]); // no comment, first disk, no attributes
        out.extend(place.offset.to_le_bytes());
        out.extend(place.name.as_bytes());
    }
    let length = u32::try_from(out.len()).unwrap_or(u32::MAX);
    let count = u16::try_from(places.len()).unwrap_or(u16::MAX);
    out.extend(END.to_le_bytes());
    for word in [0, 0, count, count] {
        out.extend(word.to_le_bytes());
    }
    out.extend(length.to_le_bytes());
    out.extend(u32::try_from(start).unwrap_or(u32::MAX).to_le_bytes());
    out.extend([0, 0]); // no comment
    out
}

/// CRC-32 of the format (reflected polynomial 0xEDB88320), bit by bit four bits at a time: packs
/// are small, and SHA-512 beside it costs more.
fn crc(start: u32, bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = [
        0x0000_0000,
        0x1db7_1064,
        0x3b6e_20c8,
        0x26d9_30ac,
        0x76dc_4190,
        0x6b6b_51f4,
        0x4db2_6158,
        0x5005_713c,
        0xedb8_8320,
        0xf00f_9344,
        0xd6d6_a3e8,
        0xcb61_b38c,
        0x9b64_c2b0,
        0x86d3_d2d4,
        0xa00a_e278,
        0xbdbd_f21c,
    ];
    bytes.iter().fold(start, |sum, byte| {
        let sum = sum ^ u32::from(*byte);
        let sum = (sum >> 4) ^ TABLE[(sum & 15) as usize];
        (sum >> 4) ^ TABLE[(sum & 15) as usize]
    })
}
