//! What kind of host this is: rows of [`crate::doctor`] on what differs between hosts beside what a
//! bubble itself needs.

use std::path::Path;

use rustix::process::{Resource, getrlimit};

use crate::doctor::{Need, Row, Status, either, text};
use crate::profile::Profile;

pub(crate) fn service_manager() -> Row {
    // What sd_booted(3) looks at.
    let found = Path::new("/run/systemd/system").is_dir();
    Need {
        id: "service_manager",
        what: "systemd (starts server and agent, and delegates control groups)",
        consequence: "nobody starts server and agent again when they fall or the host restarts",
        enable: "a host that runs systemd, or another supervisor for `bulle serve` and \
                 `bulle agent`",
    }
    .row(either(found, Status::Weaker), if found { "runs here" } else { "does not run here" })
}

pub(crate) fn open_files() -> Row {
    let hard = getrlimit(Resource::Nofile).maximum;
    let wanted = Profile::standard().open_files.max(Profile::small().open_files);
    let found = hard.map_or_else(|| "no limit".to_owned(), |hard| format!("{hard} at most"));
    Need {
        id: "open_files",
        what: "as many open files as the profiles give a program (4,096)",
        consequence: "programs with many open files fail (R and Spark with many Parquet files)",
        enable: "LimitNOFILE=4096 or more in the agent's unit (or `ulimit -Hn`)",
    }
    .row(either(hard.is_none_or(|hard| hard >= wanted), Status::Weaker), found)
}

pub(crate) fn yama() -> Row {
    let scope = text("/proc/sys/kernel/yama/ptrace_scope");
    let held = scope.as_deref().is_some_and(|scope| scope != "0");
    let found = match &scope {
        Some(scope) => format!("ptrace_scope {scope}"),
        None => "not in this kernel".to_owned(),
    };
    Need {
        id: "yama",
        what: "Yama (programs of one user do not read each other's memory)",
        consequence: "nothing in bubbles, which cannot trace; on the host whoever runs programs as \
                      the server's user reads its memory",
        enable: "a kernel with Yama, and kernel.yama.ptrace_scope=1",
    }
    .row(either(held, Status::Weaker), found)
}

pub(crate) fn aes() -> Row {
    let info = text("/proc/cpuinfo").unwrap_or_default();
    // `flags` on x86, `Features` on ARM.
    let lines = info.lines().filter(|line| line.starts_with("flags") || line.starts_with("Feat"));
    let processor = lines.flat_map(str::split_whitespace).any(|word| word == "aes");
    let crypto = text("/proc/crypto").unwrap_or_default();
    let kernel = ["aesni", "aes-ce", "aes-aesni", "vaes"].iter().any(|name| crypto.contains(name));
    Need {
        id: "aes",
        what: "AES by the processor, in the kernel too (an encrypted disk at full speed)",
        consequence: "an encrypted disk is several times slower",
        enable: "modprobe aesni_intel (or aes-ce); a processor with AES",
    }
    .row(
        either(processor && kernel, Status::Weaker),
        format!("processor {processor}, kernel {kernel}"),
    )
}

/// `works`: whether a sandbox was made, by the row that tries it.
pub(crate) fn container(works: bool) -> Row {
    let kind = container_kind();
    let found = match &kind {
        Some(kind) if works => format!("in a container ({kind}), and a sandbox was made in it"),
        Some(kind) => format!("in a container ({kind})"),
        None => "not in a container".to_owned(),
    };
    Need {
        id: "container",
        what: "no container around this, or one that lets bwrap make namespaces",
        consequence: "no bubble can be started",
        enable: "run on the host or in a virtual machine; else relax the container's seccomp and \
                 AppArmor profiles (Docker: --security-opt seccomp=unconfined \
                 --security-opt apparmor=unconfined), which weakens the container itself",
    }
    .row(either(kind.is_none() || works, Status::Missing), found)
}

/// What systemd-detect-virt(1) looks at, and the marks of Docker and Podman.
fn container_kind() -> Option<String> {
    let marks = [("/.dockerenv", "docker"), ("/run/.containerenv", "podman")];
    let by_mark = || marks.iter().find(|(path, _)| Path::new(path).exists());
    let named = text("/run/systemd/container").filter(|kind| !kind.is_empty());
    named.or_else(|| by_mark().map(|(_, kind)| (*kind).to_owned()))
}
