//! A terminal in a bubble: the init of `init/main.rs` on the other side of two pipes.
//!
//! The streams carry frames; `engines/display` has their encoder and decoder. What comes out of a
//! bubble is hostile: the init belongs to the person inside.

use std::ffi::OsString;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Stdio};

use crate::launch::{Bubble, Launch, LaunchError, Streams, launch};

/// A running terminal. Dropping it ends the bubble.
#[derive(Debug)]
pub struct Terminal {
    /// Frames to the bubble. Blocking; its descriptor may be given to an async reactor.
    pub input: ChildStdin,
    /// Frames from the bubble. Blocking; its descriptor may be given to an async reactor.
    pub output: ChildStdout,
    /// What bwrap or the init say when they fail. A pipe of its own, because a person in the bubble
    /// can write to it too, and the server's own messages must not be theirs to forge.
    pub messages: ChildStderr,
    /// The bubble itself: its end, its limits, its memory.
    pub bubble: Bubble,
}

/// Opens a terminal of this size in the bubble of `order`. Its command runs on the terminal; when
/// there is none, a login shell.
///
/// # Panics
/// Never: the streams are asked for as pipes.
pub fn open(order: &Launch, columns: u16, rows: u16) -> Result<Terminal, LaunchError> {
    let mut order = order.clone();
    let mut command: Vec<OsString> = vec![crate::init::PLACE.into(), "terminal".into()];
    command.extend([columns.to_string().into(), rows.to_string().into()]);
    if order.command.is_empty() {
        order.command = vec!["/bin/bash".into(), "-l".into()];
    }
    command.append(&mut order.command);
    order.command = command;
    if !order.environment.iter().any(|(name, _)| name == "TERM") {
        order.environment.push(("TERM".into(), "xterm-256color".into()));
    }
    let streams = Streams { stdin: Stdio::piped(), stdout: Stdio::piped(), stderr: Stdio::piped() };
    let mut bubble = launch(&order, streams)?;
    let process = bubble.process();
    let input = process.stdin.take().expect("stdin was asked for as a pipe");
    let output = process.stdout.take().expect("stdout was asked for as a pipe");
    let messages = process.stderr.take().expect("stderr was asked for as a pipe");
    Ok(Terminal { input, output, messages, bubble })
}
