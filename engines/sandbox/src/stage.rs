//! Root's part of the mounts: each folder is opened while root, cut loose as a mount of its own,
//! and attached in the child's private mount namespace below one folder that the project's uid
//! can walk to.
//!
//! Why: the host folders then need no permission for that uid on the way (a cache below `/root`, a
//! centre in somebody's home), a folder that is swapped after it was opened changes nothing, and
//! the kernel locks these mounts' flags: not even a bubble that became root in its user namespace
//! could make its data writable.

use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, openat2, statat};
use rustix::mount::{OpenTreeFlags, open_tree};

/// A mount on its way to the child.
pub(crate) struct Staged {
    /// Detached from any namespace.
    pub tree: OwnedFd,
    /// Where the child attaches it.
    pub place: CString,
    /// A folder needs a folder to be attached to, a file a file.
    pub is_folder: bool,
}

/// The mounts of one bubble and the folder that holds them.
pub(crate) struct Stage {
    /// The host's folder that is covered, in the child's namespace only.
    pub base: CString,
    pub mounts: Vec<Staged>,
}

/// What a staged mount allows.
#[derive(Clone, Copy)]
pub(crate) enum Access {
    /// Read, write, execute; never set-id, never devices.
    Write,
    /// Read and execute.
    Read,
    /// Read only: data is no program.
    Data,
}

impl Stage {
    pub fn new() -> io::Result<Self> {
        let base = ["/mnt", "/media", "/srv"].into_iter().find(|base| Path::new(base).is_dir());
        let base = base.ok_or_else(|| io::Error::other("the host has no /mnt, /media or /srv"))?;
        let base = CString::new(base).expect("the names above have no NUL");
        Ok(Self { base, mounts: Vec::new() })
    }

    /// Opens `source` and returns the path at which the child will find it.
    pub fn add(&mut self, source: &Path, access: Access) -> io::Result<PathBuf> {
        // Not recursive: what somebody mounts below a granted folder was not granted.
        let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
        let tree = match access {
            // Threat: data stand in folders of the server's user. A server in the wrong hands would
            // put a link in place of one, and root would show a bubble any folder of the host.
            Access::Data => {
                let flags_of_path = OFlags::PATH | OFlags::CLOEXEC;
                let no_link = ResolveFlags::NO_SYMLINKS;
                let found = openat2(CWD, source, flags_of_path, Mode::empty(), no_link)?;
                open_tree(found, "", flags | OpenTreeFlags::AT_EMPTY_PATH)?
            }
            Access::Write | Access::Read => open_tree(CWD, source, flags)?,
        };
        restrict(&tree, access)?;
        let stat = statat(&tree, "", AtFlags::EMPTY_PATH)?;
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        let base = self.base.to_str().expect("one of three ASCII names");
        let place = format!("{base}/{}", self.mounts.len());
        self.mounts.push(Staged {
            tree,
            place: CString::new(place.clone()).expect("ASCII name and a number"),
            is_folder,
        });
        Ok(place.into())
    }

    /// Attaches everything. Runs in the forked child: no allocation, no lock.
    pub fn attach(&self) -> io::Result<()> {
        use rustix::mount::{MountFlags, MountPropagationFlags as Propagation, MoveMountFlags};
        rustix::mount::mount_change(c"/", Propagation::PRIVATE | Propagation::REC)?;
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        rustix::mount::mount(c"tmpfs", &*self.base, c"tmpfs", flags, c"mode=0711,size=1m")?;
        for staged in &self.mounts {
            let place = &*staged.place;
            if staged.is_folder {
                rustix::fs::mkdir(place, Mode::from_raw_mode(0o711))?;
            } else {
                let create = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::CLOEXEC;
                drop(rustix::fs::open(place, create, Mode::RUSR)?);
            }
            let empty = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
            rustix::mount::move_mount(&staged.tree, c"", CWD, place, empty)?;
        }
        Ok(())
    }
}

/// `struct mount_attr` of linux/mount.h, version 0.
#[repr(C)]
struct MountAttr {
    set: u64,
    clear: u64,
    propagation: u64,
    userns: u64,
}

/// Sets flags on a detached mount, before anybody can see it.
#[expect(unsafe_code, reason = "mount_setattr has no safe wrapper in rustix 1.1")]
fn restrict(tree: &OwnedFd, access: Access) -> io::Result<()> {
    const RDONLY: u64 = 1;
    const NOSUID: u64 = 2;
    const NODEV: u64 = 4;
    const NOEXEC: u64 = 8;
    let set = NOSUID
        | NODEV
        | match access {
            Access::Write => 0,
            Access::Read => RDONLY,
            Access::Data => RDONLY | NOEXEC,
        };
    let attr = MountAttr { set, clear: 0, propagation: 0, userns: 0 };
    // SAFETY: the descriptor is open for the whole call; the path is a NUL-ended literal, empty,
    // as AT_EMPTY_PATH allows; the kernel reads `size_of::<MountAttr>()` bytes from `attr`, which
    // is that struct, initialised, repr(C) with four u64 and so without padding; nothing is
    // written back.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH,
            &raw const attr,
            size_of::<MountAttr>(),
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
