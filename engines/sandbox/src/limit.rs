//! Limits of each process, which hold without any right on the host, and the report of what
//! limits a bubble really has.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::{Resource, Rlimit, getrlimit};
use serde::Serialize;

use crate::cgroup::Applied;
use crate::profile::Profile;

/// How a ceiling is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// For the bubble as a whole: by a control group, or by a volume of its own.
    Whole,
    /// For all processes of the user who started it, other programs included.
    User,
    /// For each process or file by itself: many small ones together can pass it.
    Each,
    /// Not at all.
    Nothing,
}

/// What holds each ceiling of the profile in one running bubble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Memory.
    pub memory: Means,
    /// Processes and threads.
    pub tasks: Means,
    /// Processor share.
    pub cpu: Means,
    /// Disk.
    pub disk: Means,
    /// Whether the bubble runs under a uid of its own, so that file permissions separate it too.
    pub own_uid: bool,
}

impl Limits {
    pub(crate) fn report(applied: Applied, own_volume: bool, own_uid: bool) -> Self {
        let whole = |held, else_by| if held { Means::Whole } else { else_by };
        Self {
            memory: whole(applied.memory, Means::Each),
            tasks: whole(applied.tasks, Means::User),
            cpu: whole(applied.cpu, Means::Nothing),
            disk: whole(own_volume, Means::Each),
            own_uid,
        }
    }

    /// Whether every ceiling holds for the bubble as a whole.
    pub fn are_whole(&self) -> bool {
        [self.memory, self.tasks, self.cpu, self.disk].iter().all(|means| *means == Means::Whole)
            && self.own_uid
    }
}

/// The limits to set in the child, each no higher than this process may set.
pub(crate) fn rlimits(profile: &Profile, uid: u32, applied: Applied) -> Vec<(Resource, Rlimit)> {
    // Of the control group's count when there is one; the kernel counts this one per user, so it
    // must leave room for what the user already runs.
    let tasks = if applied.tasks {
        (4 * profile.tasks).max(4096)
    } else {
        profile.tasks + running_tasks(uid)
    };
    let mut wanted = vec![
        // 1, not 0: where the core pattern is a pipe the kernel ignores 0 and hands the memory of
        // a crashed process to a program outside; 1 is the value that stops it (core(5),
        // fs/coredump.c).
        (Resource::Core, 1),
        // Else a sparse file as large as the disk can be made under any quota.
        (Resource::Fsize, profile.disk_bytes),
        (Resource::Nofile, profile.open_files),
        (Resource::Nproc, tasks),
        // POSIX message queues and locked memory are the kernel's memory, not the group's.
        (Resource::Msgqueue, 819_200),
        (Resource::Memlock, 8 << 20),
    ];
    if !applied.memory {
        // Private writable memory of each process; RLIMIT_AS would refuse the large address
        // ranges that R, Arrow and Java reserve and never touch.
        wanted.push((Resource::Data, profile.memory_bytes));
    }
    wanted.into_iter().map(|(resource, value)| (resource, at_most(resource, value))).collect()
}

fn at_most(resource: Resource, wanted: u64) -> Rlimit {
    let value = getrlimit(resource).maximum.map_or(wanted, |hard| hard.min(wanted));
    Rlimit { current: Some(value), maximum: Some(value) }
}

/// Threads that `uid` runs on the host now.
fn running_tasks(uid: u32) -> u64 {
    let Ok(processes) = std::fs::read_dir("/proc") else { return 0 };
    let own = processes.flatten().filter(|process| {
        process.metadata().is_ok_and(|metadata| metadata.uid() == uid)
            && process.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit)
    });
    own.map(|process| {
        std::fs::read_dir(process.path().join("task")).map_or(1, |tasks| tasks.count() as u64)
    })
    .sum()
}

/// Whether `folder` is on a filesystem no larger than the profile's disk, as a project's volume is.
pub(crate) fn on_own_volume(folder: &Path, profile: &Profile) -> bool {
    rustix::fs::statvfs(folder)
        .is_ok_and(|stat| stat.f_blocks.saturating_mul(stat.f_frsize) <= profile.disk_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_limit_is_one_and_never_above_the_hard_limit() {
        let limits = rlimits(&Profile::small(), 0, Applied::default());
        for (resource, limit) in &limits {
            let hard = getrlimit(*resource).maximum.unwrap_or(u64::MAX);
            assert!(limit.maximum.unwrap() <= hard, "{resource:?}");
        }
        let core = limits.iter().find(|(resource, _)| *resource == Resource::Core).unwrap().1;
        assert!(core.maximum <= Some(1));
    }

    #[test]
    fn without_a_group_each_process_has_the_memory_limit() {
        let has_data = |applied| {
            rlimits(&Profile::small(), 0, applied).iter().any(|(r, _)| *r == Resource::Data)
        };
        assert!(has_data(Applied::default()));
        assert!(!has_data(Applied { memory: true, ..Applied::default() }));
    }

    #[test]
    fn only_a_bubble_with_group_volume_and_uid_is_reported_whole() {
        let all = Applied { memory: true, tasks: true, cpu: true, kill: true };
        assert!(Limits::report(all, true, true).are_whole());
        assert!(!Limits::report(all, false, true).are_whole());
        assert!(!Limits::report(all, true, false).are_whole());
        assert!(!Limits::report(Applied { cpu: false, ..all }, true, true).are_whole());
    }

    #[test]
    fn this_tests_own_threads_are_counted() {
        assert!(running_tasks(rustix::process::geteuid().as_raw()) >= 1);
    }
}
