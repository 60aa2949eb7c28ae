//! Ceilings on a whole bubble by control groups, version 1 (one folder a controller) or 2 (one
//! folder in all). A group is made before the bubble, joined before its first program is
//! executed, and removed when it ends.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::profile::Profile;

/// Which control groups this process may make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hierarchy {
    /// Version 1: for each controller the folder below which groups are made.
    V1 {
        /// Pairs of controller and folder, of those among memory, pids, cpu and freezer that exist.
        parents: Vec<(&'static str, PathBuf)>,
    },
    /// Version 2: the one folder below which groups are made.
    V2 {
        /// The parent, with memory, pids and cpu enabled for its children.
        parent: PathBuf,
    },
    /// None that this process may write.
    None,
}

/// The controllers that are wanted. The freezer only serves to kill without a race in version 1.
const V1_CONTROLLERS: [&str; 4] = ["memory", "pids", "cpu", "freezer"];

/// One bubble's group; dropping it kills what is left inside and removes the folders.
#[derive(Debug)]
pub struct Group {
    folders: Vec<(&'static str, PathBuf)>,
    version_2: bool,
}

/// The ceilings that a group could in fact set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a report of four independent facts")]
pub struct Applied {
    /// All memory together.
    pub memory: bool,
    /// Processes and threads.
    pub tasks: bool,
    /// Processor share.
    pub cpu: bool,
    /// `cgroup.kill` or a freezer: ending is one act without a race.
    pub kill: bool,
}

impl Hierarchy {
    /// Looks at this process's own groups and tries where new ones can be made.
    pub fn detect() -> Self {
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        Self::detect_in(&own, &mounts)
    }

    /// `own` is the text of `/proc/self/cgroup`, `mounts` that of `/proc/self/mounts`.
    fn detect_in(own: &str, mounts: &str) -> Self {
        let v2 = mount_of(mounts, "cgroup2", None);
        if let Some(root) = v2.filter(|root| names_controllers(root))
            && let Some(parent) = v2_parent(&root, own_path(own, ""))
        {
            return Self::V2 { parent };
        }
        let parents: Vec<_> = V1_CONTROLLERS
            .into_iter()
            .filter_map(|name| Some((name, v1_parent(name, own, mounts)?)))
            .collect();
        // Freezing alone limits nothing.
        if parents.iter().any(|(name, _)| *name != "freezer") {
            Self::V1 { parents }
        } else {
            Self::None
        }
    }

    /// Makes the group `name` with the profile's ceilings. `Ok(None)` where none can be made.
    pub fn create(&self, name: &str, profile: &Profile) -> io::Result<Option<(Group, Applied)>> {
        let (folders, version_2) = match self {
            Self::None => return Ok(None),
            Self::V2 { parent } => (vec![("", parent.join(name))], true),
            Self::V1 { parents } => {
                (parents.iter().map(|(c, p)| (*c, p.join(name))).collect(), false)
            }
        };
        // The value removes, when dropped on an error below, the folders that were made so far.
        let group = Group { folders, version_2 };
        for (_, folder) in &group.folders {
            fs::create_dir_all(folder)?;
        }
        let applied = if version_2 { group.limit_v2(profile) } else { group.limit_v1(profile) }?;
        Ok(Some((group, applied)))
    }
}

impl Group {
    /// The files to which the first process writes `0` in order to join, opened by the parent, so
    /// that the child needs no path and no privilege.
    ///
    /// In version 1 that is `tasks`, not `cgroup.procs`: a thread that moves itself alone takes no
    /// global lock, where moving a process waits for a grace period of RCU (`cgroup_procs_write_start`
    /// of kernel/cgroup/cgroup.c; 5 to 16 ms measured). The child has one thread, so it is wholly in.
    pub fn entrances(&self) -> io::Result<Vec<File>> {
        let file = if self.version_2 { "cgroup.procs" } else { "tasks" };
        self.folders
            .iter()
            .map(|(_, folder)| OpenOptions::new().write(true).open(folder.join(file)))
            .collect()
    }

    /// Ends every process of the group. Cannot fail in a way that a caller could act on: what is
    /// left keeps the folder, and `Drop` tries again.
    pub fn kill(&self) {
        for (controller, folder) in &self.folders {
            if self.version_2 {
                if fs::write(folder.join("cgroup.kill"), "1").is_err() {
                    kill_each(folder);
                }
            } else if *controller == "freezer" {
                // Frozen first, so that nothing forks past the list while it is walked.
                let _ = fs::write(folder.join("freezer.state"), "FROZEN");
                kill_each(folder);
                let _ = fs::write(folder.join("freezer.state"), "THAWED");
            }
        }
        if !self.version_2 && !self.folders.iter().any(|(name, _)| *name == "freezer") {
            self.folders.iter().for_each(|(_, folder)| kill_each(folder));
        }
    }

    /// The number of processes inside.
    pub fn population(&self) -> usize {
        let read = |folder: &Path| fs::read_to_string(folder.join("cgroup.procs"));
        self.folders
            .iter()
            .filter_map(|(_, folder)| read(folder).ok())
            .map(|text| text.lines().count())
            .max()
            .unwrap_or(0)
    }

    /// Memory in use by the whole bubble in bytes, and processor time used so far in microseconds.
    pub fn usage(&self) -> (Option<u64>, Option<u64>) {
        let number = |file: &str| {
            self.folders.iter().find_map(|(_, folder)| {
                fs::read_to_string(folder.join(file)).ok()?.trim().parse::<u64>().ok()
            })
        };
        let memory = number("memory.current").or_else(|| number("memory.usage_in_bytes"));
        let stat = self.folders.iter().find_map(|(_, folder)| {
            let text = fs::read_to_string(folder.join("cpu.stat")).ok()?;
            text.lines().find_map(|line| line.strip_prefix("usage_usec ")?.parse().ok())
        });
        (memory, stat)
    }

    fn limit_v2(&self, profile: &Profile) -> io::Result<Applied> {
        let folder = &self.folders[0].1;
        fs::write(folder.join("memory.max"), profile.memory_bytes.to_string())?;
        fs::write(folder.join("pids.max"), profile.tasks.to_string())?;
        let (quota, period) = cpu_share(profile.cpus);
        let cpu = fs::write(folder.join("cpu.max"), format!("{quota} {period}")).is_ok();
        // Without swap control the ceiling would only move memory to the host's swap.
        let _ = fs::write(folder.join("memory.swap.max"), "0");
        // The whole bubble ends, not the one process the kernel happens to pick.
        let _ = fs::write(folder.join("memory.oom.group"), "1");
        let kill = folder.join("cgroup.kill").exists();
        Ok(Applied { memory: true, tasks: true, cpu, kill })
    }

    fn limit_v1(&self, profile: &Profile) -> io::Result<Applied> {
        let mut applied = Applied::default();
        for (controller, folder) in &self.folders {
            match *controller {
                "memory" => {
                    let bytes = profile.memory_bytes.to_string();
                    fs::write(folder.join("memory.limit_in_bytes"), &bytes)?;
                    // Absent where swap accounting is off, and needless where there is no swap.
                    let _ = fs::write(folder.join("memory.memsw.limit_in_bytes"), &bytes);
                    applied.memory = true;
                }
                "pids" => {
                    fs::write(folder.join("pids.max"), profile.tasks.to_string())?;
                    applied.tasks = true;
                }
                "cpu" => {
                    let (quota, period) = cpu_share(profile.cpus);
                    fs::write(folder.join("cpu.cfs_period_us"), period.to_string())?;
                    fs::write(folder.join("cpu.cfs_quota_us"), quota.to_string())?;
                    applied.cpu = true;
                }
                _ => applied.kill = true,
            }
        }
        Ok(applied)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        for (_, folder) in &self.folders {
            // A killed process leaves its group a moment after the signal: up to half a second.
            for _ in 0..500 {
                match fs::remove_dir(folder) {
                    Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    _ => break,
                }
            }
        }
    }
}

/// Quota and period in microseconds for a share of processors.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Profile::check keeps the share in 0.01 to 4096"
)]
fn cpu_share(cpus: f64) -> (u64, u64) {
    const PERIOD: f64 = 100_000.0;
    ((cpus * PERIOD).round() as u64, PERIOD as u64)
}

fn kill_each(folder: &Path) {
    let Ok(text) = fs::read_to_string(folder.join("cgroup.procs")) else { return };
    for pid in text.lines().filter_map(|line| line.trim().parse().ok()) {
        if let Some(pid) = rustix::process::Pid::from_raw(pid) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

/// Where a hierarchy of this type (and, in version 1, with this controller) is mounted.
fn mount_of(mounts: &str, kind: &str, controller: Option<&str>) -> Option<PathBuf> {
    mounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        let [_, place, of_kind, options, ..] = fields[..] else { return None };
        let has = controller.is_none_or(|name| options.split(',').any(|option| option == name));
        (of_kind == kind && has).then(|| PathBuf::from(place))
    })
}

/// This process's path in the hierarchy of `controller` (`""` for version 2).
fn own_path<'a>(own: &'a str, controller: &str) -> Option<&'a str> {
    own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (names, path) = (fields.next()?, fields.next()?);
        names.split(',').any(|name| name == controller).then_some(path)
    })
}

/// In a hybrid host the version 2 mount is there but has no useful controller.
fn names_controllers(root: &Path) -> bool {
    let text = fs::read_to_string(root.join("cgroup.controllers")).unwrap_or_default();
    let has = |name| text.split_whitespace().any(|word| word == name);
    has("memory") && has("pids")
}

/// Below the own group, so that a ceiling on the server is also one on its bubbles; else, where
/// the mount shows only a part of the tree (containers), below the mount.
fn v1_parent(controller: &str, own: &str, mounts: &str) -> Option<PathBuf> {
    let root = mount_of(mounts, "cgroup", Some(controller))?;
    let below = own_path(own, controller).unwrap_or("/").trim_start_matches('/');
    [root.join(below).join("bulle"), root.join("bulle")].into_iter().find(|parent| usable(parent))
}

/// As root a group of our own at the top. Else the own group, when it was delegated: processes may
/// not stand in a group that has controllers for children, so this one moves into a leaf first.
fn v2_parent(root: &Path, own: Option<&str>) -> Option<PathBuf> {
    let enable = |folder: &Path| {
        let control = folder.join("cgroup.subtree_control");
        fs::write(&control, "+memory +pids").is_ok() && {
            let _ = fs::write(&control, "+cpu");
            true
        }
    };
    if rustix::process::geteuid().is_root() {
        let parent = root.join("bulle");
        return (enable(root) && usable(&parent) && enable(&parent)).then_some(parent);
    }
    let own = root.join(own?.trim_start_matches('/'));
    // A server that was started before in this group has already moved us into its leaf.
    let base = if own.ends_with("agent") { own.parent()?.to_owned() } else { own };
    let leaf = base.join("agent");
    let moved = usable(&leaf) && fs::write(leaf.join("cgroup.procs"), "0").is_ok();
    (moved && enable(&base)).then_some(base)
}

fn usable(folder: &Path) -> bool {
    fs::create_dir_all(folder).is_ok()
        && OpenOptions::new().write(true).open(folder.join("cgroup.procs")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "8:pids:/\n4:memory:/bubbles/a\n2:cpu,cpuacct:/\n0::/user.slice/x\n";
    const MOUNTS: &str = "cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu,cpuacct 0 0\n\
        cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n\
        cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";

    #[test]
    fn own_paths_are_read_by_controller() {
        assert_eq!(own_path(OWN, "memory"), Some("/bubbles/a"));
        assert_eq!(own_path(OWN, "cpu"), Some("/"));
        assert_eq!(own_path(OWN, ""), Some("/user.slice/x"));
        assert_eq!(own_path(OWN, "freezer"), None);
    }

    #[test]
    fn mounts_are_found_by_controller_and_not_by_a_part_of_its_name() {
        let found = |name| mount_of(MOUNTS, "cgroup", Some(name));
        assert_eq!(found("memory"), Some("/sys/fs/cgroup/memory".into()));
        assert_eq!(found("cpuacct"), Some("/sys/fs/cgroup/cpu".into()));
        assert_eq!(found("mem"), None);
        assert_eq!(mount_of(MOUNTS, "cgroup2", None), Some("/sys/fs/cgroup/unified".into()));
    }

    #[test]
    fn half_a_processor_is_half_a_period() {
        assert_eq!(cpu_share(0.5), (50_000, 100_000));
        assert_eq!(cpu_share(2.0), (200_000, 100_000));
    }

    #[test]
    fn without_any_hierarchy_there_is_no_group() {
        let none = Hierarchy::detect_in("", "");
        assert_eq!(none, Hierarchy::None);
        assert!(none.create("x", &Profile::small()).unwrap().is_none());
    }
}
