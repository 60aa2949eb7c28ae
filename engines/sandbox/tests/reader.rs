//! A process that closed itself in can reach nothing: tried, in a child of this test.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use sandbox::reader::{Ceilings, confine};

/// A system call with these arguments, and the error that it ends with.
#[expect(unsafe_code, reason = "calls that have no safe wrapper, because no program needs them")]
fn call(number: libc::c_long, with: [usize; 6]) -> Option<i32> {
    // SAFETY: a signal of number 0, or a new mapping that nothing points into.
    let result =
        unsafe { libc::syscall(number, with[0], with[1], with[2], with[3], with[4], with[5]) };
    (result == -1).then(|| std::io::Error::last_os_error().raw_os_error().unwrap_or_default())
}

/// Asks for memory with these rights.
fn mapped(rights: libc::c_int) -> Option<i32> {
    let flags = usize::try_from(libc::MAP_PRIVATE | libc::MAP_ANONYMOUS).expect("positive");
    let rights = usize::try_from(rights).expect("positive");
    call(libc::SYS_mmap, [0, 4096, rights, flags, usize::MAX, 0])
}

fn signal(process: u32) -> Option<i32> {
    let process = usize::try_from(process).expect("a process's number");
    call(libc::SYS_tgkill, [process, process, 0, 0, 0, 0])
}

/// Runs in a process of its own, started by the test below.
#[test]
#[ignore = "closes its own process in; the test below starts it"]
fn child() {
    confine(&Ceilings::default()).expect("this host can confine readers");
    assert!(std::fs::read("/etc/hostname").is_err(), "opened a file");
    assert!(std::fs::write("/tmp/reader-was-here", "x").is_err(), "wrote a file");
    assert!(std::net::UdpSocket::bind("127.0.0.1:0").is_err(), "opened a socket");
    assert!(std::os::unix::net::UnixDatagram::unbound().is_err(), "opened a local socket");
    assert!(Command::new("/bin/true").spawn().is_err(), "started a program");
    assert!(std::thread::Builder::new().spawn(|| ()).is_err(), "started a thread");
    assert_eq!(signal(std::os::unix::process::parent_id()), Some(libc::EPERM), "another process");
    assert_eq!(signal(std::process::id()), None, "itself, which ends a program that panics");
    let write = libc::PROT_READ | libc::PROT_WRITE;
    assert_eq!(mapped(write), None);
    assert_eq!(mapped(write | libc::PROT_EXEC), Some(libc::EPERM), "memory that is executed");
    let some = vec![1_u8; 1 << 20];
    assert_eq!(some.iter().map(|b| u32::from(*b)).sum::<u32>(), 1 << 20, "memory is there");
}

/// The same; it wants more memory than it may have.
#[test]
#[ignore = "closes its own process in; a test below starts it"]
fn hungry() {
    confine(&Ceilings { memory: 1 << 30, ..Ceilings::default() }).expect("confined");
    let mut some: Vec<u8> = Vec::new();
    assert!(some.try_reserve_exact(64 << 20).is_ok(), "what it may have");
    assert!(some.try_reserve_exact(2 << 30).is_err(), "more than it may have");
}

/// The same; it never ends.
#[test]
#[ignore = "closes its own process in; a test below starts it"]
fn endless() {
    confine(&Ceilings { cpu_seconds: 1, ..Ceilings::default() }).expect("confined");
    loop {
        std::hint::spin_loop();
    }
}

/// Starts a test of this file in a process of its own.
fn start(name: &str) -> (Output, String) {
    let own = std::env::current_exe().expect("this test's own path");
    let output = Command::new(own)
        .args(["--exact", name, "--ignored", "--test-threads=1", "--nocapture"])
        .output()
        .expect("the test starts itself");
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output, said)
}

#[test]
fn a_reader_reaches_no_file_socket_program_thread_or_process_and_executes_no_memory() {
    // Signal 0 asks only whether it could be sent: out here it could.
    assert_eq!(signal(std::os::unix::process::parent_id()), None, "the probe cannot fail");
    assert_eq!(mapped(libc::PROT_READ | libc::PROT_EXEC), None, "the probe cannot fail");
    let (output, said) = start("child");
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert!(!std::path::Path::new("/tmp/reader-was-here").exists());
}

#[test]
fn a_reader_has_a_ceiling_of_memory() {
    let (output, said) = start("hungry");
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_reader_has_a_ceiling_of_processor_time() {
    let (output, said) = start("endless");
    let ended = output.status.signal();
    assert!([Some(libc::SIGXCPU), Some(libc::SIGKILL)].contains(&ended), "{ended:?} {said}");
}
