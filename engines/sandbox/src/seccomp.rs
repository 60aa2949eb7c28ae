//! The system calls that a bubble may not make: four filters, handed to bwrap as raw BPF.
//!
//! A deny list, in three groups by the answer that programs understand best, each entry with the
//! reason that it stands there. R, Python, pandas, `DuckDB`, Spark, `JupyterLab` and a desktop run
//! under it. Sources: Docker's and Flatpak's lists, and the probes of `tests/probe.py`.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op,
    SeccompCondition as Cond, SeccompFilter, SeccompRule, sock_filter,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// `EPERM` always: each would widen what the bubble sees, or reach what is the host's.
const DENIED: &[c_long] = &[
    // Keyrings are kept per uid, not per namespace: a channel between bubbles of one project uid.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // New namespaces give back, inside, the powers that the kernel's bugs are reached by.
    libc::SYS_unshare,
    libc::SYS_setns,
    // Mounts, by the old calls and the new.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    SYS_OPEN_TREE_ATTR,
    // The host's power, swap, kernel and modules.
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_reboot,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_kexec_file_load,
    // Other processes' memory and descriptors, and the kernel's inner eye.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_perf_event_open,
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    // Handles open files past the folder that was mounted (the "shocker" escape).
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_fanotify_init,
    libc::SYS_fanotify_mark,
    // The host's accounting, clock, ports, names and messages.
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_acct,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_clock_adjtime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_lookup_dcookie,
    libc::SYS_nfsservctl,
    // Moving memory between NUMA nodes tells and disturbs what others do.
    libc::SYS_move_pages,
    libc::SYS_migrate_pages,
    libc::SYS_mbind,
    libc::SYS_set_mempolicy,
    libc::SYS_set_mempolicy_home_node,
    // Memory that the kernel itself cannot see escapes the limits' accounting.
    libc::SYS_memfd_secret,
];

/// `ENOSYS` always, so that libraries fall back to calls that the filters can judge: `io_uring`
/// does any operation past seccomp, `clone3` and `openat2` keep their flags in memory that a
/// filter cannot read.
const ABSENT: &[c_long] = &[
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_clone3,
    libc::SYS_openat2,
];

/// `open_tree_attr` (Linux 6.15), too new for the libc crate; the same on every architecture.
const SYS_OPEN_TREE_ATTR: c_long = 467;

/// `SOCK_PACKET` of linux/net.h: obsolete, and still answered by the kernel.
const SOCK_PACKET: libc::c_int = 10;

/// The highest system call that was looked at when this list was written (Linux 6.17:
/// `file_setattr`). Later ones are absent for a bubble until somebody has judged them.
const NEWEST_JUDGED: u32 = 469;

/// Namespace flags of clone(2): all but `CLONE_NEWTIME`, which clone cannot carry.
const NAMESPACES: [u64; 7] = [
    libc::CLONE_NEWNS as u64,
    libc::CLONE_NEWCGROUP as u64,
    libc::CLONE_NEWUTS as u64,
    libc::CLONE_NEWIPC as u64,
    libc::CLONE_NEWUSER as u64,
    libc::CLONE_NEWPID as u64,
    libc::CLONE_NEWNET as u64,
];

/// The filters could not be compiled: an error in this file, or a foreign architecture.
#[derive(Debug, thiserror::Error)]
#[error("cannot compile the system call filters: {0}")]
pub struct FilterError(String);

/// The four filters as raw `sock_filter` arrays, in the order in which bwrap installs them.
pub fn filters() -> Result<Vec<Vec<u8>>, FilterError> {
    let programs = [
        program(denied()?, libc::EPERM)?,
        program(always(ABSENT), libc::ENOSYS)?,
        program(sockets()?, libc::EAFNOSUPPORT)?,
        numbers(),
    ];
    Ok(programs.iter().map(|program| raw(program)).collect())
}

/// Calls that make a process or a thread.
const MAKING: &[c_long] = &[
    libc::SYS_clone,
    libc::SYS_clone3,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
];

/// Filters for a program that stays alone: it makes no process and no thread, by no numbering.
pub(crate) fn alone() -> Result<Vec<Vec<u8>>, FilterError> {
    Ok(vec![raw(&program(always(MAKING), libc::EPERM)?), raw(&numbers())])
}

fn always(calls: &[c_long]) -> Rules {
    calls.iter().map(|&call| (call, Vec::new())).collect()
}

fn is(argument: u8, op: Op, value: u64) -> Result<Cond, FilterError> {
    // Dword: the kernel looks at 32 bits of these arguments, so a set upper bit must not hide a
    // value (CVE-2019-10063 was that fault in another sandbox's TIOCSTI rule).
    Cond::new(argument, Len::Dword, op, value).map_err(|e| FilterError(e.to_string()))
}

fn rule(conditions: Vec<Cond>) -> Result<SeccompRule, FilterError> {
    SeccompRule::new(conditions).map_err(|e| FilterError(e.to_string()))
}

/// The first filter: [`DENIED`], and calls that are denied for some arguments only.
fn denied() -> Result<Rules, FilterError> {
    let mut rules = always(DENIED);
    let mut some = |call, conditions| -> Result<(), FilterError> {
        rules.entry(call).or_default().push(rule(conditions)?);
        Ok(())
    };
    for flag in NAMESPACES {
        some(libc::SYS_clone, vec![is(0, Op::MaskedEq(flag), flag)?])?;
    }
    // TIOCSTI types into a terminal that others share, TIOCLINUX pastes into the console.
    for request in [0x5412, 0x541C] {
        some(libc::SYS_ioctl, vec![is(1, Op::Eq, request)?])?;
    }
    // A set-id file left on a shared disk would serve somebody on the host.
    for bit in [u64::from(libc::S_ISUID), u64::from(libc::S_ISGID)] {
        let set = |argument| is(argument, Op::MaskedEq(bit), bit);
        some(libc::SYS_fchmod, vec![set(1)?])?;
        some(libc::SYS_fchmodat, vec![set(2)?])?;
        some(libc::SYS_fchmodat2, vec![set(2)?])?;
        some(libc::SYS_mknodat, vec![set(2)?])?;
        #[cfg(target_arch = "x86_64")]
        for (call, argument) in [(libc::SYS_chmod, 1), (libc::SYS_creat, 1), (libc::SYS_mknod, 1)] {
            some(call, vec![set(argument)?])?;
        }
        // The mode counts only when a file is made.
        for makes in [libc::O_CREAT as u64, libc::O_TMPFILE as u64] {
            let made = |argument| is(argument, Op::MaskedEq(makes), makes);
            some(libc::SYS_openat, vec![made(2)?, set(3)?])?;
            #[cfg(target_arch = "x86_64")]
            some(libc::SYS_open, vec![made(1)?, set(2)?])?;
        }
    }
    for kind in [u64::from(libc::S_IFCHR), u64::from(libc::S_IFBLK)] {
        let device = Op::MaskedEq(u64::from(libc::S_IFMT));
        some(libc::SYS_mknodat, vec![is(2, device.clone(), kind)?])?;
        #[cfg(target_arch = "x86_64")]
        some(libc::SYS_mknod, vec![is(1, device, kind)?])?;
    }
    Ok(rules)
}

/// The third filter: only UNIX, IP and routing sockets. `AF_VSOCK` above all: no network namespace
/// covers it, and on a virtual host it reaches the hypervisor.
fn sockets() -> Result<Rules, FilterError> {
    let [unix, inet, inet6, netlink] =
        [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK]
            .map(|family| u64::try_from(family).expect("address families are small and positive"));
    let other = [unix, inet, inet6, netlink].map(|family| is(0, Op::Ne, family));
    let mut socket = vec![rule(other.into_iter().collect::<Result<_, _>>()?)?];
    // Of netlink only routing, by which programs list the interfaces: the other protocols (audit,
    // uevents, netfilter, crypto) are kernel surface that nobody here needs.
    socket.push(rule(vec![is(0, Op::Eq, netlink)?, is(2, Op::Ne, 0)?])?);
    // Raw and packet sockets, SOCK_CLOEXEC and SOCK_NONBLOCK masked away.
    for family in [inet, inet6] {
        for kind in [libc::SOCK_RAW, SOCK_PACKET, libc::SOCK_RDM, libc::SOCK_DCCP] {
            let kind = u64::try_from(kind).expect("socket types are small and positive");
            socket.push(rule(vec![is(0, Op::Eq, family)?, is(1, Op::MaskedEq(0xf), kind)?])?);
        }
    }
    let pair = vec![rule(vec![is(0, Op::Ne, unix)?])?];
    Ok(Rules::from([(libc::SYS_socket, socket), (libc::SYS_socketpair, pair)]))
}

fn program(rules: Rules, errno: i32) -> Result<BpfProgram, FilterError> {
    let errno = u32::try_from(errno).expect("errno constants are positive");
    let arch = std::env::consts::ARCH.try_into().map_err(|e| FilterError(format!("{e}")))?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno), arch);
    filter.and_then(BpfProgram::try_from).map_err(|error| FilterError(error.to_string()))
}

/// The fourth filter, which seccompiler cannot express: `ENOSYS` for every number above the newest
/// that was judged. That covers x32 (`0x4000_0000` and up), whose numbers would pass the other
/// filters under another name.
fn numbers() -> BpfProgram {
    let statement = |code, k| sock_filter { code, jt: 0, jf: 0, k };
    vec![
        statement(0x20, 0), // BPF_LD | BPF_W | BPF_ABS: seccomp_data.nr
        sock_filter { code: 0x25, jt: 0, jf: 1, k: NEWEST_JUDGED }, // BPF_JMP | BPF_JGT | BPF_K
        // BPF_RET: SECCOMP_RET_ERRNO with its errno in the low half
        statement(0x06, 0x0005_0000 | u32::try_from(libc::ENOSYS).expect("positive")),
        statement(0x06, 0x7fff_0000), // SECCOMP_RET_ALLOW
    ]
}

/// The bytes of `struct sock_filter { u16 code; u8 jt; u8 jf; u32 k; }`, in the machine's order.
fn raw(program: &[sock_filter]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(program.len() * 8);
    for line in program {
        bytes.extend_from_slice(&line.code.to_ne_bytes());
        bytes.extend_from_slice(&[line.jt, line.jf]);
        bytes.extend_from_slice(&line.k.to_ne_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_filters_compile_within_the_kernels_length() {
        let filters = filters().unwrap();
        assert_eq!(filters.len(), 4);
        for filter in &filters {
            assert!(filter.len() % 8 == 0 && filter.len() / 8 <= 4096, "{}", filter.len());
        }
    }

    #[test]
    fn no_call_is_both_denied_and_absent() {
        for call in ABSENT {
            assert!(!DENIED.contains(call), "{call}");
        }
    }

    #[test]
    fn the_newest_judged_number_is_above_every_listed_one() {
        for &call in DENIED.iter().chain(ABSENT) {
            assert!(call <= c_long::from(NEWEST_JUDGED), "{call}");
        }
    }
}
