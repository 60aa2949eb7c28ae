//! A process that closed itself in can reach nothing: tried, in a child of this test.

use std::process::Command;

use sandbox::reader::{Ceilings, confine};

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
    let some = vec![1_u8; 1 << 20];
    assert_eq!(some.iter().map(|b| u32::from(*b)).sum::<u32>(), 1 << 20, "memory is there");
}

#[test]
fn a_reader_opens_no_file_no_socket_no_program_and_no_thread() {
    let own = std::env::current_exe().expect("this test's own path");
    let output = Command::new(own)
        .args(["--exact", "child", "--ignored", "--test-threads=1", "--nocapture"])
        .output()
        .expect("the test starts itself");
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert!(!std::path::Path::new("/tmp/reader-was-here").exists());
}
