//! The bubble's init: a static program that opens a terminal inside the bubble. Built by `build.rs`
//! from `init/main.rs`; here it is put where bwrap can bind it.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::launch::Image;

/// Where the bubble sees it.
pub const PLACE: &str = "/run/bubble/init";

/// The program itself.
pub const PROGRAM: &[u8] = include_bytes!(env!("BUBBLE_INIT"));

/// Makes sure that the program lies beside the image's root, and gives its path. Compared byte by
/// byte each time: what is bound into every bubble must be what this binary was built with.
pub(crate) fn on_disk(image: &Image) -> io::Result<PathBuf> {
    let folder = image.root.parent().ok_or_else(|| io::Error::other("the image has no folder"))?;
    let path = folder.join(format!("init-{}", &hex::encode(Sha256::digest(PROGRAM))[..16]));
    if fs::read(&path).is_ok_and(|found| found == PROGRAM) {
        return Ok(path);
    }
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(PROGRAM)?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o555))?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(path)
}
