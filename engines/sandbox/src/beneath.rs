//! Opens, copies and lists files in a folder that a bubble can write, for the server to read.
//!
//! Threat: the bubble owns every name in there, and can swap a file for a link to the host's
//! secrets between a check and an open, put a pipe where a file was asked for, link a file of
//! another place, or change a file while it is copied. So nothing is checked by name: the kernel
//! resolves and opens in one call, and everything else is asked of the open handle.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Dir, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat2};
use sha2::{Digest as _, Sha256};

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum BeneathError {
    /// The name leads out of the folder, through a link, or to another filesystem.
    #[error("`{0}` leads out of the folder or through a link")]
    LeadsOut(PathBuf),
    /// There is nothing of this name.
    #[error("there is no file `{0}`")]
    Missing(PathBuf),
    /// A folder, pipe, device or socket.
    #[error("`{path}` is {kind}, not a file")]
    NotRegular {
        /// As asked for.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// The file has other names, perhaps in places that were never shown.
    #[error("`{0}` has a second name (a hard link)")]
    HardLink(PathBuf),
    /// Longer than was allowed.
    #[error("`{path}` has more than {limit} bytes")]
    TooLong {
        /// As asked for.
        path: PathBuf,
        /// The most that was allowed.
        limit: u64,
    },
    /// Its bytes changed while it was copied.
    #[error("`{0}` changed while it was copied")]
    Changed(PathBuf),
    /// The kernel refused.
    #[error("cannot read `{path}`")]
    Io {
        /// As asked for.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// The copy cannot be written.
    #[error("cannot write the copy of `{path}`")]
    Write {
        /// As asked for.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// Opens a folder that a person, not a bubble, has named (its own path is trusted).
pub fn open_folder(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Opens `name` below `dir`. Guaranteed: a regular file below `dir`, on the same filesystem, with
/// one name. Not guaranteed: stable bytes.
pub fn open_beneath(dir: BorrowedFd<'_>, name: &Path) -> Result<File, BeneathError> {
    let file = resolve(dir, name, OFlags::RDONLY)?;
    let stat = fstat(&file).map_err(|errno| io_error(name, errno.into()))?;
    regular(name, &stat)?;
    Ok(File::from(file))
}

/// Copies `name` below `dir` to the new file `to`, opened once, hashed while it is copied. The copy
/// is readable by its owner alone, on disk when this returns, and removed when it fails.
///
/// # Errors
/// Refuses what [`open_beneath`] refuses, more than `limit` bytes (by what is read, so that a file
/// that grows or a sparse one cannot fill the server's disk), and a file whose size or times
/// differ after the copy from before.
pub fn copy_in(
    dir: BorrowedFd<'_>,
    name: &Path,
    to: &Path,
    limit: u64,
) -> Result<Digest, BeneathError> {
    let mut source = open_beneath(dir, name)?;
    let written = |source| BeneathError::Write { path: name.into(), source };
    let mut copy =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(written)?;
    let copied = copy_open(&mut source, name, &mut copy, limit);
    if copied.is_err() {
        // Half a file must not be taken for one; the error tells more than a failed removal would.
        let _ = std::fs::remove_file(to);
    }
    copied
}

fn copy_open(
    source: &mut File,
    name: &Path,
    copy: &mut File,
    limit: u64,
) -> Result<Digest, BeneathError> {
    let stat = |file: &File| fstat(file).map_err(|errno| io_error(name, errno.into()));
    let written = |source| BeneathError::Write { path: name.into(), source };
    let too_long = || BeneathError::TooLong { path: name.into(), limit };
    let before = stat(source)?;
    if u64::try_from(before.st_size).unwrap_or(u64::MAX) > limit {
        return Err(too_long());
    }
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0u64, vec![0; 1 << 17]);
    loop {
        let n = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(io_error(name, error)),
        };
        bytes += n as u64;
        if bytes > limit {
            return Err(too_long());
        }
        hash.update(&buffer[..n]);
        copy.write_all(&buffer[..n]).map_err(written)?;
    }
    copy.sync_all().map_err(written)?;
    let after = stat(source)?;
    regular(name, &after)?;
    if identity(&before) != identity(&after) || u64::try_from(after.st_size) != Ok(bytes) {
        return Err(BeneathError::Changed(name.into()));
    }
    Ok(Digest { sha256: hex::encode(hash.finalize()), bytes })
}

/// What a writer cannot change without leaving a trace: the change time is the kernel's.
fn identity(stat: &Stat) -> (u64, u64, i64, [i64; 4]) {
    let times = [
        stat.st_mtime,
        i64::try_from(stat.st_mtime_nsec).unwrap_or(i64::MAX),
        stat.st_ctime,
        i64::try_from(stat.st_ctime_nsec).unwrap_or(i64::MAX),
    ];
    (stat.st_dev, stat.st_ino, stat.st_size, times)
}

fn resolve(dir: BorrowedFd<'_>, name: &Path, kind: OFlags) -> Result<OwnedFd, BeneathError> {
    use rustix::io::Errno;
    // NONBLOCK: opening a FIFO would otherwise hang the server until the bubble writes to it.
    // NOCTTY: opening a terminal must not make it the server's.
    let flags = kind | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
    // BENEATH: no `..` out, no absolute path. NO_SYMLINKS: also none within, /proc's magic links
    // included. NO_XDEV: no mount.
    let within = ResolveFlags::BENEATH
        | ResolveFlags::NO_SYMLINKS
        | ResolveFlags::NO_MAGICLINKS
        | ResolveFlags::NO_XDEV;
    openat2(dir, name, flags, Mode::empty(), within).map_err(|errno| match errno {
        Errno::LOOP | Errno::XDEV => BeneathError::LeadsOut(name.into()),
        Errno::NOENT => BeneathError::Missing(name.into()),
        Errno::NXIO => BeneathError::NotRegular { path: name.into(), kind: "a socket" },
        Errno::NODEV => BeneathError::NotRegular { path: name.into(), kind: "a device" },
        other => io_error(name, other.into()),
    })
}

fn regular(name: &Path, stat: &Stat) -> Result<(), BeneathError> {
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind != FileType::RegularFile {
        return Err(BeneathError::NotRegular { path: name.into(), kind: word(kind) });
    }
    if stat.st_nlink > 1 {
        return Err(BeneathError::HardLink(name.into()));
    }
    Ok(())
}

fn word(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "a file",
        FileType::Directory => "a folder",
        FileType::Symlink => "a link",
        FileType::Fifo => "a pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        FileType::Unknown => "of an unknown kind",
    }
}

fn io_error(name: &Path, source: io::Error) -> BeneathError {
    BeneathError::Io { path: name.into(), source }
}

/// A file that a person may pick, or what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Below the folder; not always UTF-8.
    pub name: PathBuf,
    /// In bytes.
    pub size: u64,
    /// Seconds since 1970.
    pub modified: i64,
    /// Why it cannot be taken, if it cannot.
    pub problem: Option<Problem>,
}

/// Why an entry cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// A link, pipe, device or socket: which, in words.
    NotRegular(&'static str),
    /// It has a second name.
    HardLink,
    /// Its name is not UTF-8.
    Name,
    /// Below more than [`MAX_DEPTH`] folders.
    TooDeep,
    /// It cannot be looked at.
    Unreadable,
}

/// Folders within folders that are listed.
pub const MAX_DEPTH: usize = 8;
/// Entries that are listed; a listing of this length is incomplete.
pub const MAX_ENTRIES: usize = 10_000;

/// All files below `dir`, sorted by name, at most [`MAX_ENTRIES`]. What is listed can have changed
/// when it is opened; only [`copy_in`] decides.
pub fn list(dir: BorrowedFd<'_>) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    walk(dir, Path::new(""), 0, &mut entries)?;
    entries
        .sort_by(|a: &Entry, b| a.name.as_os_str().as_bytes().cmp(b.name.as_os_str().as_bytes()));
    Ok(entries)
}

fn walk(dir: BorrowedFd<'_>, below: &Path, depth: usize, all: &mut Vec<Entry>) -> io::Result<()> {
    for found in Dir::read_from(dir)? {
        if all.len() >= MAX_ENTRIES {
            return Ok(());
        }
        let found = found?;
        let plain = OsStr::from_bytes(found.file_name().to_bytes()).to_owned();
        if plain == "." || plain == ".." {
            continue;
        }
        let path = below.join(&plain);
        let mut entry = look(dir, &plain, path.clone());
        if entry.problem == Some(Problem::NotRegular("a folder")) {
            // Opened from its parent's handle, so a folder swapped for a link leads nowhere.
            let folder = OFlags::RDONLY | OFlags::DIRECTORY;
            let inner =
                (depth < MAX_DEPTH).then(|| resolve(dir, Path::new(&plain), folder).ok()).flatten();
            if let Some(inner) = inner {
                walk(inner.as_fd(), &path, depth + 1, all)?;
                continue;
            }
            let deep = depth >= MAX_DEPTH;
            entry.problem = Some(if deep { Problem::TooDeep } else { Problem::Unreadable });
        }
        all.push(entry);
    }
    Ok(())
}

/// Looks at a name without opening what it stands for: reading a pipe or device can have effects.
fn look(dir: BorrowedFd<'_>, plain: &OsString, name: PathBuf) -> Entry {
    let Ok(stat) = rustix::fs::statat(dir, plain, rustix::fs::AtFlags::SYMLINK_NOFOLLOW) else {
        return Entry { name, size: 0, modified: 0, problem: Some(Problem::Unreadable) };
    };
    let kind = FileType::from_raw_mode(stat.st_mode);
    let problem = match kind {
        FileType::RegularFile if stat.st_nlink > 1 => Some(Problem::HardLink),
        FileType::RegularFile if plain.to_str().is_none() => Some(Problem::Name),
        FileType::RegularFile => None,
        other => Some(Problem::NotRegular(word(other))),
    };
    let size = u64::try_from(stat.st_size).unwrap_or(0);
    Entry { name, size, modified: stat.st_mtime, problem }
}

#[cfg(test)]
#[path = "beneath_tests.rs"]
mod tests;
