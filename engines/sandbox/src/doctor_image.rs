//! What this host can do for the images of bubbles: rows of [`crate::doctor`].

use std::path::Path;

use crate::doctor::{Need, Row, Status, either, text};

pub(crate) fn erofs() -> Row {
    let known = text("/proc/filesystems").unwrap_or_default();
    let has = |name: &str| known.lines().any(|line| line.split_whitespace().last() == Some(name));
    Need {
        id: "image_filesystems",
        what: "erofs or squashfs (packed images, not used yet)",
        consequence: "images stay folders",
        enable: "modprobe erofs squashfs",
    }
    .row(
        either(has("erofs") || has("squashfs"), Status::Weaker),
        format!("erofs {}, squashfs {}", has("erofs"), has("squashfs")),
    )
}

pub(crate) fn mmdebstrap() -> Row {
    let found = Path::new("/usr/bin/mmdebstrap").exists();
    Need {
        id: "mmdebstrap",
        what: "mmdebstrap (builds the software image)",
        consequence: "an image must be copied from another machine",
        enable: "apt-get install mmdebstrap",
    }
    .row(either(found, Status::Missing), if found { "installed" } else { "not installed" })
}

pub(crate) fn subordinate(root: bool) -> Row {
    let need = Need {
        id: "subuids",
        what: "subordinate uids (to build the image as an ordinary user)",
        consequence: "only root can build the image",
        enable: "apt-get install uidmap; usermod --add-subuids 100000-165535 \
                 --add-subgids 100000-165535 USER",
    };
    if root {
        return need.row(Status::Ok, "not needed by root");
    }
    let tool = Path::new("/usr/bin/newuidmap").exists();
    let uid = rustix::process::geteuid().as_raw().to_string();
    let name = text("/etc/passwd").unwrap_or_default().lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(uid.as_str())).then(|| name.to_owned())
    });
    let ranges = text("/etc/subuid").unwrap_or_default();
    let own = ranges.lines().any(|line| {
        let owner = line.split(':').next().unwrap_or_default();
        owner == uid || Some(owner) == name.as_deref()
    });
    need.row(either(tool && own, Status::Missing), format!("newuidmap {tool}, a range {own}"))
}

pub(crate) fn space(cache: &Path) -> Row {
    const NEEDED: u64 = 5 << 30;
    let need = Need {
        id: "disk",
        what: "5 GiB free for an image and its building",
        consequence: "the image cannot be built",
        enable: "free space, or set XDG_CACHE_HOME to a larger disk",
    };
    let there = cache.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(there) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let found = format!("{} GiB free at {}", free >> 30, there.display());
            need.row(either(free >= NEEDED, Status::Missing), found)
        }
        Err(error) => need.row(Status::Missing, error.to_string()),
    }
}
