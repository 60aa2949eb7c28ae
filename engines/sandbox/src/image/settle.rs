//! The last touches: an image has its own `/etc`, one person, no way to look up names, no set-id
//! program, and nothing that a bubble does not read.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

/// The whole content of these files.
const FILES: [(&str, &str); 10] = [
    (
        "passwd",
        "root:x:0:0:root:/:/usr/sbin/nologin\n\
         researcher:x:1000:1000:researcher:/home/researcher:/bin/bash\n\
         nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    ),
    ("group", "root:x:0:\ntty:x:5:\nresearcher:x:1000:\nnogroup:x:65534:\n"),
    (
        "nsswitch.conf",
        "passwd: files\ngroup: files\nshadow: files\nhosts: files\nnetworks: files\n\
         protocols: files\nservices: files\nethers: files\nrpc: files\n",
    ),
    ("hosts", "127.0.0.1 localhost bubble\n::1 localhost\n"),
    ("hostname", "bubble\n"),
    ("resolv.conf", ""),
    ("machine-id", ""),
    ("issue", ""),
    ("motd", ""),
    // Login shells set PATH anew.
    (
        "profile.d/bubble.sh",
        "PATH=/opt/python/bin:$PATH:/tools\nexport PATH\n\
         PS1='\\[\\e[1m\\]\\w\\[\\e[0m\\] \\$ '\n",
    ),
];

/// Secrets, host configuration and package machinery that came with the packages.
const NEEDLESS: [&str; 16] = [
    "etc/shadow",
    "etc/shadow-",
    "etc/gshadow",
    "etc/gshadow-",
    "etc/passwd-",
    "etc/group-",
    "etc/subuid",
    "etc/subgid",
    "etc/apt",
    "etc/dpkg",
    "etc/cron.daily",
    "etc/ssl/private",
    "etc/pip.conf",
    "etc/fstab",
    "etc/mtab",
    "usr/share/keyrings",
];

/// Folders that a bubble sees; the rest of a Debian tree is for running a machine.
const KEPT: [&str; 3] = ["usr", "etc", "opt"];

pub(super) fn settle(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if KEPT.iter().all(|kept| entry.file_name() != *kept) {
            remove(&entry.path())?;
        }
    }
    for path in NEEDLESS {
        remove(&root.join(path))?;
    }
    let etc = root.join("etc");
    for (name, text) in FILES {
        let path = etc.join(name);
        // A link (resolv.conf, motd) would be followed to the host.
        remove(&path)?;
        fs::write(&path, text)?;
        fs::set_permissions(&path, Permissions::from_mode(0o644))?;
    }
    remove(&etc.join("localtime"))?;
    symlink("/usr/share/zoneinfo/Etc/UTC", etc.join("localtime"))?;
    no_set_id(root)
}

/// Removes whatever is there, if anything.
fn remove(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    }
}

/// Mounts are `nosuid` and `no_new_privs` is set; an image without set-id programs needs neither.
fn no_set_id(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let metadata = path.symlink_metadata()?;
        if metadata.is_symlink() {
            continue;
        }
        if metadata.mode() & 0o6000 != 0 {
            fs::set_permissions(&path, Permissions::from_mode(metadata.mode() & 0o1777))?;
        }
        if metadata.is_dir() {
            no_set_id(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settled_tree_has_one_person_no_secret_no_set_id_and_no_link_to_the_host() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        for folder in ["usr/bin", "usr/share/keyrings", "etc/profile.d", "opt", "var/lib", "root"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        for file in ["usr/bin/su", "etc/shadow", "var/lib/x"] {
            fs::write(at(file), "x").unwrap();
        }
        fs::set_permissions(at("usr/bin/su"), Permissions::from_mode(0o4755)).unwrap();
        let outside = tempfile::NamedTempFile::new().unwrap();
        fs::write(outside.path(), "host").unwrap();
        symlink(outside.path(), at("etc/resolv.conf")).unwrap();
        settle(root.path()).unwrap();
        assert_eq!(fs::read_to_string(outside.path()).unwrap(), "host");
        assert!(!at("etc/shadow").exists() && !at("var").exists() && !at("root").exists());
        assert_eq!(fs::metadata(at("usr/bin/su")).unwrap().mode() & 0o7777, 0o755);
        assert!(fs::read_to_string(at("etc/passwd")).unwrap().contains("researcher:x:1000:"));
    }
}
