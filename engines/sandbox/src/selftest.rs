//! Self-tests: run inside the very sandbox that a bubble gets, before the bubble becomes ready.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::launch::{Launch, LaunchError, Streams, launch};
use crate::limit::Means;

const SCRIPT: &str = include_str!("selftest.py");

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Such as `no_route` or `read_only:/data/rand-hie/1974`.
    pub name: String,
    /// Whether the sandbox held.
    pub passed: bool,
    /// What was found.
    pub detail: String,
}

/// Tries `order`'s sandbox (its command is replaced) and the recorder.
///
/// `recorder` writes and seals a probe recording where the session's will be, and gives a word on
/// it; recordings belong to another engine, so the caller brings it. A bubble may become ready only
/// when the list is not empty and every check in it passed: [`all_passed`].
///
/// # Errors
/// When the bubble does not start. What does not work inside is a check that did not pass.
///
/// # Panics
/// Never: what is expected are plain values, which serialise.
pub fn run(
    order: &Launch,
    recorder: &mut dyn FnMut() -> Result<String, String>,
) -> Result<Vec<Check>, LaunchError> {
    let mut order = order.clone();
    let arguments = serde_json::to_string(&expected(&order)?).expect("plain values serialise");
    // -I: no user site, no PYTHON variables; the system's Python, which no venv can replace.
    order.command = ["/usr/bin/python3", "-I", "-c", SCRIPT, &arguments].map(Into::into).into();
    let mut bubble = launch(&order, Streams::captured())?;
    let limits = bubble.limits();
    let output = read(&mut bubble);
    let mut checks = match output {
        Ok(text) => parse(&text),
        Err(error) => vec![failed("inside", error)],
    };
    let held = |name: &str, means: Means| Check {
        name: format!("limit:{name}"),
        passed: means != Means::Nothing || name == "cpu",
        detail: format!("held {means:?}"),
    };
    checks.push(held("memory", limits.memory));
    checks.push(held("tasks", limits.tasks));
    checks.push(held("cpu", limits.cpu));
    checks.push(held("disk", limits.disk));
    checks.push(match recorder() {
        Ok(detail) => Check { name: "recorder_on".into(), passed: true, detail },
        Err(detail) => failed("recorder_on", detail),
    });
    Ok(checks)
}

/// Whether something was tried and all of it held.
pub fn all_passed(checks: &[Check]) -> bool {
    !checks.is_empty() && checks.iter().all(|check| check.passed)
}

#[derive(Serialize)]
struct Expected {
    mounts: BTreeMap<String, bool>,
    fsize: u64,
    open_files: u64,
    environment: Vec<String>,
}

fn expected(order: &Launch) -> Result<Expected, LaunchError> {
    let mounts = order.spaces.mounts()?;
    let environment = crate::args::environment(&order.environment);
    Ok(Expected {
        // A read-only space without a folder is an empty folder of the read-only root.
        mounts: mounts
            .into_iter()
            .filter(|mount| mount.writable || mount.source.is_some())
            .map(|mount| (mount.place.to_string_lossy().into_owned(), mount.writable))
            .collect(),
        fsize: order.profile.disk_bytes,
        open_files: order.profile.open_files,
        // PWD is bwrap's own --chdir; LC_CTYPE is Python's.
        environment: environment
            .into_iter()
            .map(|(name, _)| name)
            .chain(["PWD".to_owned(), "LC_CTYPE".to_owned()])
            .collect(),
    })
}

fn read(bubble: &mut crate::Bubble) -> Result<Vec<u8>, String> {
    use std::io::Read;
    let (mut out, mut messages) = (Vec::new(), String::new());
    let process = bubble.process();
    let stdout = process.stdout.take().ok_or("no output")?;
    let stderr = process.stderr.take().ok_or("no messages")?;
    // The output first: the script writes it in one piece at its end, and an exception's text,
    // which is the other stream's only content, fits in the pipe.
    stdout.take(1 << 20).read_to_end(&mut out).map_err(|error| error.to_string())?;
    stderr.take(1 << 16).read_to_string(&mut messages).map_err(|error| error.to_string())?;
    let status = bubble.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(out) } else { Err(format!("{status}: {}", messages.trim())) }
}

fn parse(text: &[u8]) -> Vec<Check> {
    match serde_json::from_slice::<Vec<(String, bool, String)>>(text) {
        Ok(checks) => checks
            .into_iter()
            .map(|(name, passed, detail)| Check { name, passed, detail })
            .collect(),
        Err(error) => vec![failed("inside", format!("its answer cannot be read: {error}"))],
    }
}

fn failed(name: &str, detail: String) -> Check {
    Check { name: name.into(), passed: false, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_tried_is_not_passed() {
        assert!(!all_passed(&[]));
        assert!(!all_passed(&parse(b"not JSON")));
        assert!(!all_passed(&parse(b"[]")));
        assert!(all_passed(&parse(br#"[["a", true, ""]]"#)));
        assert!(!all_passed(&parse(br#"[["a", true, ""], ["b", false, ""]]"#)));
    }
}
