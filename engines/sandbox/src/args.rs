//! The arguments of bwrap, in the order in which they must stand.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::profile::Profile;
use crate::space::{HOME, Mount};

/// The host name that every bubble sees.
pub const HOSTNAME: &str = "bubble";
/// The uid and gid that every bubble sees, whatever the host's: one fixed `/etc/passwd`.
pub const INNER_ID: &str = "1000";

/// Files of `/proc` that no namespace covers: the user's keys, the kernel's memory and timers.
const HIDDEN: [&str; 5] =
    ["/proc/keys", "/proc/key-users", "/proc/kcore", "/proc/timer_list", "/proc/latency_stats"];

/// What the arguments say.
pub(crate) struct Plan<'a> {
    pub profile: &'a Profile,
    /// `/usr`, `/etc` and `/opt` of the image, as the child will find them.
    pub system: &'a [(PathBuf, &'static str)],
    pub mounts: &'a [Mount],
    /// The init to show at [`crate::init::PLACE`], if the command needs it.
    pub init: Option<&'a Path>,
    pub environment: &'a [(String, String)],
}

/// All arguments, each ended by NUL, for `--args`: on the command line they would show every host
/// path in the bubble's `/proc/1/cmdline`. (The command itself must stand there; bwrap takes only
/// options from the descriptor.)
pub(crate) fn arguments(plan: &Plan<'_>) -> Vec<u8> {
    let mut args = Args::default();
    // --disable-userns needs --unshare-user spelt out; --unshare-all alone only tries it.
    args.push(["--unshare-user", "--disable-userns", "--unshare-all"]);
    args.push(["--uid", INNER_ID, "--gid", INNER_ID, "--hostname", HOSTNAME]);
    for (source, place) in plan.system {
        args.push(["--ro-bind"]).push([source.as_os_str()]).push([place]);
    }
    for (target, link) in
        [("usr/bin", "/bin"), ("usr/sbin", "/sbin"), ("usr/lib", "/lib"), ("usr/lib64", "/lib64")]
    {
        args.push(["--symlink", target, link]);
    }
    args.push(["--proc", "/proc", "--dev", "/dev"]);
    for file in HIDDEN.iter().filter(|file| Path::new(file).exists()) {
        args.push(["--ro-bind", "/dev/null", file]);
    }
    // --size and --perms stand before the tmpfs that they are for. /dev/shm gets one of its own
    // because the /dev of bwrap has no size, and is then read-only.
    for place in ["/tmp", "/dev/shm"] {
        args.memory(plan.profile, "1777", place);
    }
    args.push(["--remount-ro", "/dev", "--perms", "0755", "--dir", "/data"]);
    for mount in plan.mounts {
        match &mount.source {
            Some(source) => {
                let how = if mount.writable { "--bind" } else { "--ro-bind" };
                args.push([how]).push([source.as_os_str()]).push([mount.place.as_os_str()]);
            }
            None if mount.writable => {
                args.memory(plan.profile, "0700", mount.place.as_os_str());
            }
            None => {
                args.push(["--perms", "0755", "--dir"]).push([mount.place.as_os_str()]);
            }
        }
    }
    if let Some(init) = plan.init {
        args.push(["--ro-bind"]).push([init.as_os_str()]).push([crate::init::PLACE]);
    }
    args.push(["--die-with-parent", "--new-session", "--clearenv"]);
    for (name, value) in plan.environment {
        args.push(["--setenv", name.as_str(), value.as_str()]);
    }
    // Last: it closes the root folder, in which the mounts above had to make their places.
    args.push(["--chdir", HOME, "--remount-ro", "/"]);
    args.0
}

#[derive(Default)]
struct Args(Vec<u8>);

impl Args {
    fn push<T: AsRef<OsStr>>(&mut self, words: impl IntoIterator<Item = T>) -> &mut Self {
        for word in words {
            self.0.extend_from_slice(word.as_ref().as_bytes());
            self.0.push(0);
        }
        self
    }

    fn memory(&mut self, profile: &Profile, mode: &str, place: impl AsRef<OsStr>) {
        let size = profile.tmp_bytes.to_string();
        self.push(["--perms", mode, "--size", &size, "--tmpfs"]).push([place]);
    }
}

/// The environment that every bubble starts with, before the caller's additions.
pub(crate) fn environment(extra: &[(String, String)]) -> Vec<(String, String)> {
    let base = [
        ("PATH", "/opt/python/bin:/usr/local/bin:/usr/bin:/bin:/tools"),
        ("HOME", HOME),
        ("USER", "researcher"),
        ("LOGNAME", "researcher"),
        ("SHELL", "/bin/bash"),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
        ("TMPDIR", "/tmp"),
    ];
    let base = base.map(|(name, value)| (name.to_owned(), value.to_owned()));
    base.into_iter().chain(extra.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(mounts: &[Mount]) -> Vec<String> {
        let bytes = arguments(&Plan {
            profile: &Profile::small(),
            system: &[("/img/usr".into(), "/usr")],
            mounts,
            init: None,
            environment: &environment(&[]),
        });
        bytes.split(|b| *b == 0).map(|w| String::from_utf8(w.into()).unwrap()).collect()
    }

    #[test]
    fn the_root_is_closed_after_the_last_mount() {
        let mount = Mount {
            source: Some("/x".into()),
            place: "/data/a".into(),
            writable: false,
            runs: false,
        };
        let words = words(&[mount]);
        let at = |word: &str| words.iter().rposition(|w| w == word).unwrap();
        let root = words.windows(2).position(|w| w == ["--remount-ro", "/"]).unwrap();
        for before in ["--ro-bind", "--tmpfs", "--dev", "--symlink", "--dir"] {
            assert!(root > at(before), "{before}");
        }
    }

    #[test]
    fn every_memory_folder_has_a_size_before_it() {
        let words = words(&[]);
        for (i, word) in words.iter().enumerate().filter(|(_, word)| *word == "--tmpfs") {
            assert_eq!(words[i - 2], "--size", "{word}");
        }
    }

    #[test]
    fn a_read_only_space_without_a_folder_is_not_writable() {
        let mount = Mount { source: None, place: "/imports".into(), writable: false, runs: true };
        let words = words(&[mount]);
        let at = words.iter().position(|word| word == "/imports").unwrap();
        assert_eq!(words[at - 1], "--dir");
    }
}
