//! The digest of a tree: names, kinds, modes, contents and link targets; not owners (a plain user's
//! build is owned by that user) nor times.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// SHA-256 over all entries in byte order of their paths, in lower-case hex. Each entry adds its
/// path, kind, permission bits and what it holds, each with its length before it, so that no two
/// trees can give the same input.
pub fn digest(root: &Path) -> io::Result<String> {
    let mut paths = Vec::new();
    collect(root, Path::new(""), &mut paths)?;
    paths.sort_unstable_by(|a, b| a.as_os_str().as_bytes().cmp(b.as_os_str().as_bytes()));
    let mut hash = Sha256::new();
    for path in paths {
        entry(root, &path, &mut hash)?;
    }
    Ok(hex::encode(hash.finalize()))
}

fn collect(root: &Path, below: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for found in fs::read_dir(root.join(below))? {
        let found = found?;
        let path = below.join(found.file_name());
        if found.file_type()?.is_dir() {
            collect(root, &path, paths)?;
        }
        paths.push(path);
    }
    Ok(())
}

fn entry(root: &Path, path: &Path, hash: &mut Sha256) -> io::Result<()> {
    let full = root.join(path);
    let metadata = full.symlink_metadata()?;
    let mut field = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    field(path.as_os_str().as_bytes());
    let kind = metadata.file_type();
    // A link's own mode says nothing, and differs between filesystems.
    let mode = if kind.is_symlink() { 0 } else { metadata.mode() & 0o7777 };
    field(&mode.to_be_bytes());
    if kind.is_symlink() {
        field(b"link");
        field(fs::read_link(&full)?.as_os_str().as_bytes());
    } else if kind.is_dir() {
        field(b"folder");
    } else if kind.is_file() {
        field(b"file");
        field(&content(&full)?);
    } else {
        let what = if kind.is_fifo() { "FIFO" } else { "device or socket" };
        return Err(io::Error::other(format!("`{}` is a {what}", full.display())));
    }
    Ok(())
}

fn content(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 17];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            n => hash.update(&buffer[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("a")).unwrap();
        fs::write(root.path().join("a/f"), "text").unwrap();
        symlink("a/f", root.path().join("l")).unwrap();
        root
    }

    #[test]
    fn equal_trees_have_equal_digests_and_every_change_shows() {
        let first = digest(tree().path()).unwrap();
        assert_eq!(first, digest(tree().path()).unwrap());
        let changes: [fn(&Path); 6] = [
            |root| fs::write(root.join("a/f"), "tex2").unwrap(),
            |root| fs::rename(root.join("a/f"), root.join("a/g")).unwrap(),
            |root| fs::write(root.join("new"), "").unwrap(),
            |root| fs::remove_file(root.join("l")).unwrap(),
            |root| {
                fs::set_permissions(root.join("a/f"), fs::Permissions::from_mode(0o600)).unwrap();
            },
            |root| {
                fs::remove_file(root.join("l")).unwrap();
                symlink("a", root.join("l")).unwrap();
            },
        ];
        for (i, change) in changes.iter().enumerate() {
            let root = tree();
            change(root.path());
            assert_ne!(first, digest(root.path()).unwrap(), "change {i}");
        }
    }
}
