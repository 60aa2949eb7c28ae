//! What happens between fork and exec, in the order in which it must.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Gid, Resource, Rlimit, Uid};

use crate::stage::Stage;

/// Everything that the child needs, made by the parent, so that the child allocates nothing.
pub(crate) struct Child {
    /// Control groups to join.
    pub groups: Vec<File>,
    /// Root only: the mounts to attach and the uid to become.
    pub root: Option<(Stage, u32)>,
    pub limits: Vec<(Resource, Rlimit)>,
    /// The descriptors that bwrap is told of; all others but 0 to 2 are closed.
    pub passed: Vec<OwnedFd>,
}

impl Child {
    /// Lets `command` prepare itself so in its child.
    #[expect(unsafe_code, reason = "Command::pre_exec is unsafe by contract")]
    pub fn prepare(self, command: &mut Command) {
        // SAFETY: after a fork in a program with threads only async-signal-safe work is allowed.
        // `enter` makes raw system calls (rustix on its linux_raw backend, libc::syscall) on values
        // that the parent has built; it allocates nothing, takes no lock, and cannot panic: errors
        // are errno values, which io::Error holds without allocating. The values live in the
        // closure, which the Command owns until after exec.
        unsafe { command.pre_exec(move || self.enter()) };
    }

    fn enter(&self) -> io::Result<()> {
        // Groups first: every later byte of memory and every task is then already counted.
        for group in &self.groups {
            rustix::io::write(group, b"0")?;
        }
        if let Some((stage, _)) = &self.root {
            unshare_mounts()?;
            stage.attach()?;
        }
        for (resource, limit) in &self.limits {
            rustix::process::setrlimit(*resource, *limit)?;
        }
        if let Some((_, uid)) = &self.root {
            become_user(*uid)?;
        }
        rustix::thread::set_no_new_privs(true)?;
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        self.close_others()
    }

    /// bwrap hands inherited descriptors on to the bubble, so all are marked to close, and only
    /// then the few for bwrap itself are unmarked.
    fn close_others(&self) -> io::Result<()> {
        close_on_exec_from(3)?;
        for descriptor in &self.passed {
            fcntl_setfd(descriptor.as_fd(), FdFlags::empty())?;
        }
        Ok(())
    }
}

/// A mount namespace of the child's own.
#[expect(unsafe_code, reason = "rustix's unshare is unsafe, for flags that split the file table")]
fn unshare_mounts() -> io::Result<()> {
    // SAFETY: CLONE_NEWNS alone, in a child that has one thread, changes no memory and no
    // descriptor table; the working folder stays what it was.
    if unsafe { libc::unshare(libc::CLONE_NEWNS) } == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[expect(unsafe_code, reason = "close_range has no wrapper in rustix 1.1")]
fn close_on_exec_from(first: libc::c_uint) -> io::Result<()> {
    // SAFETY: CLOSE_RANGE_CLOEXEC closes nothing now, so no descriptor that safe code owns becomes
    // invalid; it only sets a flag on open ones, and takes plain integers.
    let result = unsafe {
        libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// From root to the project's uid for good: no group, no capability in any set.
fn become_user(uid: u32) -> io::Result<()> {
    use rustix::thread::{CapabilitySet, CapabilitySets};
    // While root still: the ceiling of what any later program could gain.
    for bit in 0..64 {
        let capability = CapabilitySet::from_bits_retain(1 << bit);
        match rustix::thread::remove_capability_from_bounding_set(capability) {
            Err(rustix::io::Errno::INVAL) => break, // past the last that this kernel knows
            other => other?,
        }
    }
    rustix::thread::set_thread_groups(&[])?;
    let (user, group) = (Uid::from_raw(uid), Gid::from_raw(uid));
    rustix::thread::set_thread_res_gid(group, group, group)?;
    rustix::thread::set_thread_res_uid(user, user, user)?;
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    Ok(rustix::thread::set_capabilities(None, sets)?)
}

/// A sealed-off file in memory with these bytes, read from its start by whoever inherits it.
pub(crate) fn in_memory(name: &str, bytes: &[u8]) -> io::Result<OwnedFd> {
    let file = rustix::fs::memfd_create(name, rustix::fs::MemfdFlags::CLOEXEC)?;
    let mut rest = bytes;
    while !rest.is_empty() {
        rest = &rest[rustix::io::write(&file, rest)?..];
    }
    rustix::fs::seek(&file, rustix::fs::SeekFrom::Start(0))?;
    Ok(file)
}

/// The number by which the child knows a descriptor.
pub(crate) fn number(descriptor: &OwnedFd) -> RawFd {
    BorrowedFd::as_raw_fd(&descriptor.as_fd())
}
