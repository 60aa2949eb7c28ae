//! Runs `probe.py` in real bubbles, as root and as an ordinary user.

mod common;

use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

use common::{bubble_run, folder, give, is_root, open};
use sandbox::Profile;

/// Probes that the script holds at least; fewer means that it did not run to its end.
const PROBES: usize = 120;

fn probe(plain: bool) {
    let (data, project, exports, secret) = (folder(), folder(), folder(), folder());
    let vintage = data.path().join("2020");
    fs::create_dir(&vintage).unwrap();
    fs::write(vintage.join("table.csv"), "a,b\n1,2\n").unwrap();
    open(&vintage.join("table.csv"), 0o644);
    fs::write(project.path().join("probe.py"), include_str!("probe.py")).unwrap();
    open(&project.path().join("probe.py"), 0o644);
    fs::write(secret.path().join("key"), "secret").unwrap();
    open(&secret.path().join("key"), 0o644);
    if plain {
        give(project.path());
        give(exports.path());
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("bulle-test-{}-{plain}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let _abstract = UnixListener::bind_addr(&address).unwrap();
    let small = Profile::small();
    let host = serde_json::json!({
        "secret": secret.path().join("key"),
        "port": listener.local_addr().unwrap().port(),
        "abstract": name,
        "pid": std::process::id(),
        "fsize": small.disk_bytes,
        "tasks": small.tasks,
        "memory": small.memory_bytes,
        "heavy": true,
    });
    let mut args: Vec<OsString> = Vec::new();
    let folders =
        [("--data", &*vintage), ("--project", project.path()), ("--exports", exports.path())];
    for (option, folder) in folders {
        args.extend([option.into(), folder.into()]);
    }
    args.extend(["--", "python3", "/project/probe.py"].map(OsString::from));
    args.push(host.to_string().into());
    let output = bubble_run(plain, &args);
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    let messages = String::from_utf8_lossy(&output.stderr);
    let failed: Vec<_> = text.lines().filter(|line| !line.starts_with("PASS")).collect();
    assert!(output.status.success(), "{failed:#?}\n{messages}");
    assert!(lines("PASS") >= PROBES && lines("FAIL") == 0, "{}", failed.join("\n"));
}

#[test]
fn no_probe_gets_out_of_a_plain_users_bubble() {
    probe(true);
}

#[test]
fn no_probe_gets_out_of_a_bubble_that_root_started() {
    if is_root() {
        probe(false);
    } else {
        // Said, not skipped: the same probes ran in the test before, as this user.
        println!("not root: the probes ran as a plain user only");
    }
}

/// The probes must be able to fail: on the bare host most of what they try is possible.
#[test]
fn the_probes_fail_on_the_bare_host() {
    let secret = folder();
    fs::write(secret.path().join("key"), "secret").unwrap();
    let project = folder();
    let host = serde_json::json!({
        "secret": secret.path().join("key"), "port": 9, "abstract": "x", "pid": 1, "fsize": 1,
        "tasks": 1, "memory": 1, "heavy": false,
    });
    // Harmless there: run as nobody, or as whoever runs the tests.
    let script = project.path().join("probe.py");
    fs::write(&script, include_str!("probe.py")).unwrap();
    open(&script, 0o644);
    let mut command = std::process::Command::new("python3");
    if is_root() {
        command = std::process::Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3"]);
    }
    let output = command.arg(&script).arg(host.to_string()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let failed = text.lines().filter(|line| line.starts_with("FAIL")).count();
    assert!(
        failed >= 25,
        "only {failed} failed:\n{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
