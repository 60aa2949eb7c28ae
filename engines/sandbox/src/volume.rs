//! A project's volume: a file with an ext4 filesystem, mounted through a loop device. The
//! filesystem's size is a hard quota, it hides the host's free space, and it is one file to copy,
//! encrypt and delete. Needs root.

use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A volume, mounted or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// The file.
    pub file: PathBuf,
    /// The folder at which it is mounted.
    pub place: PathBuf,
}

/// Why a volume cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VolumeError {
    /// A file or folder.
    #[error("cannot use `{path}`")]
    File {
        /// Which.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// A program failed.
    #[error("`{program}` failed on `{path}`: {message}")]
    Failed {
        /// Which program.
        program: &'static str,
        /// On which file.
        path: PathBuf,
        /// What it wrote.
        message: String,
    },
}

impl Volume {
    /// Makes the file of `bytes` (sparse) with an empty filesystem. Does nothing where it exists: a
    /// volume is never formatted twice. Made under another name and renamed, so that a killed
    /// process leaves no half-formatted volume.
    pub fn create(&self, bytes: u64) -> Result<(), VolumeError> {
        if self.file.exists() {
            return Ok(());
        }
        let part = self.file.with_extension("part");
        let made = OpenOptions::new().write(true).create(true).truncate(true).open(&part);
        let made = made.and_then(|file| {
            file.set_permissions(Permissions::from_mode(0o600))?;
            file.set_len(bytes)
        });
        made.map_err(at(&part))?;
        // No journal recovery data to lose: -m 0 gives the bubble all of its quota.
        run("mkfs.ext4", &["-q", "-F", "-m", "0", "-E", "nodiscard"], &part)?;
        fs::File::open(&part).and_then(|file| file.sync_all()).map_err(at(&part))?;
        fs::rename(&part, &self.file).map_err(at(&self.file))
    }

    /// Mounts it (if it is not yet) and gives its folder to `uid` alone.
    pub fn mount(&self, uid: u32) -> Result<(), VolumeError> {
        fs::create_dir_all(&self.place).map_err(at(&self.place))?;
        if !self.is_mounted() {
            let place = self.place.to_string_lossy().into_owned();
            let mut command = Command::new("mount");
            command.args(["-t", "ext4", "-o", "loop,nosuid,nodev"]).arg(&self.file).arg(place);
            check("mount", command, &self.file)?;
            let _ = fs::remove_dir(self.place.join("lost+found"));
        }
        std::os::unix::fs::chown(&self.place, Some(uid), Some(uid)).map_err(at(&self.place))?;
        fs::set_permissions(&self.place, Permissions::from_mode(0o700)).map_err(at(&self.place))
    }

    /// Unmounts it (if it is mounted); the loop device goes with it.
    pub fn unmount(&self) -> Result<(), VolumeError> {
        if !self.is_mounted() {
            return Ok(());
        }
        run("umount", &[], &self.place)
    }

    /// Whether another filesystem stands at the place than at its parent.
    pub fn is_mounted(&self) -> bool {
        let device = |path: &Path| path.metadata().map(|metadata| metadata.dev()).ok();
        let parent = self.place.parent().unwrap_or_else(|| Path::new("/"));
        self.place.exists() && device(&self.place) != device(parent)
    }
}

fn run(program: &'static str, args: &[&str], path: &Path) -> Result<(), VolumeError> {
    let mut command = Command::new(program);
    command.args(args).arg(path);
    check(program, command, path)
}

fn check(program: &'static str, mut command: Command, path: &Path) -> Result<(), VolumeError> {
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let output = command.output().map_err(at(Path::new(program)))?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(VolumeError::Failed { program, path: path.into(), message })
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> VolumeError + use<> {
    let path = path.to_owned();
    |source| VolumeError::File { path, source }
}
