//! What this host can do for bubbles: each row is tried where it can be, not looked up.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

use crate::cgroup::Hierarchy;
use crate::doctor_host::{aes, container, open_files, service_manager, yama};
use crate::doctor_image::{erofs, mmdebstrap, space, subordinate};
use crate::launch::find_bwrap;

/// How well a need is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Met.
    Ok,
    /// Bubbles run, less separated or with fewer limits.
    Weaker,
    /// Not met; `consequence` says what is lost.
    Missing,
}

/// One line of the report.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// For scripts.
    pub id: &'static str,
    /// For people.
    pub what: &'static str,
    /// How well it is met.
    pub status: Status,
    /// What was found.
    pub found: String,
    /// What follows from a status that is not ok; empty when it is.
    pub consequence: &'static str,
    /// What to do about it; empty when nothing is to be done.
    pub enable: &'static str,
}

/// All rows. `cache` is where images are kept.
pub fn rows(cache: &Path) -> Vec<Row> {
    let root = rustix::process::geteuid().is_root();
    let namespaces = namespaces();
    let works = namespaces.status == Status::Ok;
    vec![
        bwrap(),
        namespaces,
        apparmor(works),
        container(works),
        cgroups(),
        filters(),
        landlock(),
        yama(),
        privilege(root),
        open_files(),
        loops(root),
        quota(),
        device_mapper(),
        aes(),
        kvm(),
        erofs(),
        vsock(),
        mmdebstrap(),
        subordinate(root),
        core_pattern(),
        space(cache),
        service_manager(),
        time(),
    ]
}

/// Whether bubbles can be started at all.
pub fn can_start(rows: &[Row]) -> bool {
    let needed = ["bubblewrap", "user_namespaces", "seccomp"];
    rows.iter().all(|row| !needed.contains(&row.id) || row.status != Status::Missing)
}

pub(crate) struct Need {
    pub id: &'static str,
    pub what: &'static str,
    pub consequence: &'static str,
    pub enable: &'static str,
}

impl Need {
    pub fn row(self, status: Status, found: impl Into<String>) -> Row {
        let Self { id, what, consequence, enable } = self;
        let (consequence, enable) =
            if status == Status::Ok { ("", "") } else { (consequence, enable) };
        Row { id, what, status, found: found.into(), consequence, enable }
    }
}

pub(crate) fn either(ok: bool, other: Status) -> Status {
    if ok { Status::Ok } else { other }
}

pub(crate) fn text(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

fn bwrap() -> Row {
    let need = Need {
        id: "bubblewrap",
        what: "bubblewrap 0.8 or later",
        consequence: "no bubble can be started",
        enable: "apt-get install bubblewrap (older releases: from backports)",
    };
    let Some(path) = find_bwrap() else { return need.row(Status::Missing, "not installed") };
    let output = Command::new(path).arg("--version").output();
    let found = output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
    let found = found.unwrap_or_default();
    // 0.8.0 brought --disable-userns and --size on which every launch relies.
    need.row(either(version(&found) >= Some((0, 8)), Status::Missing), found)
}

fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().last()?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Really tried, with the flags of a bubble, under an ordinary uid.
fn namespaces() -> Row {
    let need = Need {
        id: "user_namespaces",
        what: "user, mount, process and network namespaces",
        consequence: "no bubble can be started",
        enable: "Debian: kernel.unprivileged_userns_clone=1; Ubuntu 23.10 or later: an AppArmor \
                 profile for bwrap (row `apparmor`); RHEL 7: user.max_user_namespaces=15000",
    };
    let Some(bwrap) = find_bwrap() else { return need.row(Status::Missing, "no bwrap to try") };
    let mut command = Command::new(bwrap);
    if rustix::process::geteuid().is_root() {
        command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(bwrap);
    }
    command.args(["--unshare-user", "--disable-userns", "--unshare-all", "--uid", "1000"]);
    command.args(["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "true"]);
    match command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").output() {
        Ok(output) if output.status.success() => need.row(Status::Ok, "a sandbox was made"),
        Ok(output) => {
            need.row(Status::Missing, String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
        Err(error) => need.row(Status::Missing, error.to_string()),
    }
}

/// `works`: whether a sandbox was made, by the row before.
fn apparmor(works: bool) -> Row {
    let need = Need {
        id: "apparmor",
        what: "AppArmor lets bwrap make user namespaces",
        consequence: "bwrap says `setting up uid map: Permission denied`",
        enable: "install the AppArmor profile `bwrap-userns-restrict`, or one for /usr/bin/bwrap \
                 with the rule `userns,`; do not turn the sysctl off",
    };
    match text("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").as_deref() {
        None => need.row(Status::Ok, "no such restriction in this kernel"),
        Some("0") => need.row(Status::Ok, "the restriction is off"),
        // Harmless where a profile lets bwrap through: the row before has tried it.
        Some(_) => need.row(either(works, Status::Missing), "the restriction is on"),
    }
}

fn cgroups() -> Row {
    let need = Need {
        id: "cgroups",
        what: "control groups for memory, tasks and processors",
        consequence: "memory is limited for each process only, tasks for each user, processors \
                      not at all",
        enable: "start the agent as root, or by a systemd unit with Delegate=yes",
    };
    match Hierarchy::detect() {
        Hierarchy::V2 { parent } => {
            need.row(Status::Ok, format!("version 2, below {}", parent.display()))
        }
        Hierarchy::V1 { parents } => {
            let names: Vec<_> = parents.iter().map(|(name, _)| *name).collect();
            let whole = ["memory", "pids", "cpu"].iter().all(|name| names.contains(name));
            need.row(either(whole, Status::Weaker), format!("version 1: {}", names.join(", ")))
        }
        Hierarchy::None => need.row(Status::Weaker, "none that this user may write"),
    }
}

fn filters() -> Row {
    let need = Need {
        id: "seccomp",
        what: "system call filters",
        consequence: "no bubble can be started",
        enable: "a kernel with CONFIG_SECCOMP_FILTER; in a container, one that allows seccomp",
    };
    let kernel = text("/proc/sys/kernel/seccomp/actions_avail").unwrap_or_default();
    match crate::seccomp::filters() {
        Ok(filters) if kernel.contains("errno") => {
            let lines: usize = filters.iter().map(|filter| filter.len() / 8).sum();
            need.row(Status::Ok, format!("{} filters, {lines} instructions", filters.len()))
        }
        Ok(_) => need.row(Status::Missing, "the kernel offers none"),
        Err(error) => need.row(Status::Missing, error.to_string()),
    }
}

fn landlock() -> Row {
    let need = Need {
        id: "landlock",
        what: "Landlock (a further layer, not used yet)",
        consequence: "nothing today",
        enable: "a kernel from 5.13 with lsm=landlock",
    };
    match landlock_version() {
        Some(version) => need.row(Status::Ok, format!("ABI {version}")),
        None => need.row(Status::Weaker, "not in this kernel"),
    }
}

#[expect(unsafe_code, reason = "landlock_create_ruleset has no wrapper in rustix 1.1")]
fn landlock_version() -> Option<i64> {
    const LANDLOCK_CREATE_RULESET_VERSION: libc::c_uint = 1;
    // SAFETY: with this flag the kernel demands a null attribute of size 0 and only answers a
    // number; no memory is read or written and no descriptor is made.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<libc::c_void>(),
            0usize,
            LANDLOCK_CREATE_RULESET_VERSION,
        )
    };
    (version > 0).then_some(version)
}

fn privilege(root: bool) -> Row {
    Need {
        id: "project_uid",
        what: "a uid of its own for each project",
        consequence: "bubbles run as this user: file permissions do not separate projects, only \
                      the mounts do",
        enable: "start the agent as root",
    }
    .row(either(root, Status::Weaker), format!("uid {}", rustix::process::geteuid().as_raw()))
}

fn loops(root: bool) -> Row {
    let need = Need {
        id: "volumes",
        what: "loop volumes (a hard disk quota for each project)",
        consequence: "only single files are limited; a bubble can fill the disk with many",
        enable: "root, the loop module (modprobe loop) and e2fsprogs",
    };
    let control = Path::new("/dev/loop-control").exists();
    let tools = ["/usr/sbin/mkfs.ext4", "/sbin/mkfs.ext4"].iter().any(|p| Path::new(p).exists());
    let ext4 = text("/proc/filesystems").unwrap_or_default().contains("ext4");
    let ok = root && control && tools && ext4;
    let found = format!("root {root}, loop devices {control}, ext4 {ext4}, mkfs {tools}");
    need.row(either(ok, Status::Weaker), found)
}

fn quota() -> Row {
    let formats = Path::new("/proc/fs/quota").exists() || Path::new("/proc/sys/fs/quota").exists();
    Need {
        id: "quota",
        what: "kernel quotas (an alternative to loop volumes, not used yet)",
        consequence: "nothing while loop volumes work",
        enable: "a kernel with CONFIG_QUOTA",
    }
    .row(either(formats, Status::Weaker), if formats { "in this kernel" } else { "absent" })
}

fn device_mapper() -> Row {
    let found = Path::new("/dev/mapper/control").exists();
    Need {
        id: "dm_crypt",
        what: "device mapper (LUKS for volumes, dm-verity for images)",
        consequence: "volumes cannot be encrypted by LUKS",
        enable: "modprobe dm-crypt; else put the volumes on an encrypted disk",
    }
    .row(either(found, Status::Weaker), if found { "present" } else { "absent" })
}

fn kvm() -> Row {
    let opens = fs::OpenOptions::new().read(true).write(true).open("/dev/kvm").is_ok();
    let info = text("/proc/cpuinfo").unwrap_or_default();
    let flags = info.contains(" vmx") || info.contains(" svm");
    Need {
        id: "kvm",
        what: "KVM (bubbles with a kernel of their own, not used yet)",
        consequence: "bubbles share the host's kernel",
        enable: "hardware virtualisation in the firmware, and access to /dev/kvm",
    }
    .row(
        either(opens && flags, Status::Weaker),
        format!("/dev/kvm opens {opens}, vmx or svm {flags}"),
    )
}

fn vsock() -> Row {
    let device = Path::new("/dev/vsock").exists() || Path::new("/dev/vhost-vsock").exists();
    Need {
        id: "vsock",
        what: "vsock (no network namespace covers it; the filters close it)",
        consequence: "",
        enable: "",
    }
    .row(Status::Ok, if device { "present, closed to bubbles" } else { "absent" })
}

fn core_pattern() -> Row {
    let pattern = text("/proc/sys/kernel/core_pattern").unwrap_or_default();
    let found = if pattern.starts_with('|') {
        "a program outside (bubbles suppress it by a core limit of 1)"
    } else {
        "a file (bubbles write none)"
    };
    Need {
        id: "core_pattern",
        what: "where crashed programs' memory goes",
        consequence: "",
        enable: "",
    }
    .row(Status::Ok, found)
}

/// Certificates, sessions and the log's checkpoints carry the time.
fn time() -> Row {
    let synchronised = Path::new("/run/systemd/timesync/synchronized").exists()
        || Path::new("/run/chrony").exists()
        || Path::new("/run/ntpd.pid").exists();
    Need {
        id: "time",
        what: "a synchronised clock",
        consequence: "the log's times are only as good as this clock",
        enable: "apt-get install systemd-timesyncd (or chrony)",
    }
    .row(
        either(synchronised, Status::Weaker),
        if synchronised { "kept by a time service" } else { "no time service seen" },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("bubblewrap 0.11.0") >= Some((0, 8)));
        assert!(version("bubblewrap 0.4.1") < Some((0, 8)));
        assert_eq!(version(""), None);
    }

    /// What differs between hosts and decides what bubbles can do there: each has its row, so that an
    /// operator who is told of one finds it.
    #[test]
    fn every_known_difference_between_hosts_has_its_row() {
        let found: Vec<_> = rows(Path::new("/tmp/none")).iter().map(|row| row.id).collect();
        let known = [
            ("systemd or none", "service_manager"),
            ("control groups 1, 2, both or none", "cgroups"),
            ("root or not", "project_uid"),
            ("a low limit of open files, without CAP_SYS_RESOURCE", "open_files"),
            ("user namespaces closed (Debian, RHEL 7)", "user_namespaces"),
            ("user namespaces restricted (Ubuntu)", "apparmor"),
            ("Landlock's age", "landlock"),
            ("Yama", "yama"),
            ("vhost and vsock", "vsock"),
            ("device mapper", "dm_crypt"),
            ("quota formats", "quota"),
            ("AES by the processor", "aes"),
            ("KVM", "kvm"),
            ("inside a container", "container"),
        ];
        for (difference, id) in known {
            assert!(found.contains(&id), "{difference}: no row `{id}`");
        }
    }

    #[test]
    fn a_container_that_lets_no_sandbox_be_made_is_told() {
        assert_eq!(container(true).status, Status::Ok);
        let outside = container(false);
        assert_eq!(outside.status == Status::Ok, outside.found == "not in a container");
    }

    #[test]
    fn every_row_that_is_not_ok_says_what_follows_and_what_to_do() {
        let rows = rows(Path::new("/tmp/none"));
        for row in &rows {
            assert_eq!(row.status != Status::Ok, !row.consequence.is_empty(), "{row:?}");
        }
        let mut ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), rows.len());
    }
}
