//! The bubble's init: opens a terminal *inside* the bubble, runs a shell on it, and carries bytes
//! between it and its own standard input and output in frames.
//!
//! Why inside: a terminal of the host would either share the host's terminal with the bubble
//! (TIOCSTI) or, with a new session, have no job control. Built as a static program by `build.rs`
//! (no crate but std), because it runs in an image of any age.
//!
//! A frame is: kind (u8), length of the payload (u32, big-endian), payload. Kinds: 0 data (both
//! ways), 1 resize (in: columns and rows, u16 each, big-endian), 2 exit (out: code, i32,
//! big-endian). `engines/display/src/frame.rs` has the same numbers and a test that compares.
//!
//! Use: `init terminal COLUMNS ROWS PROGRAM ARGUMENT...`

use std::ffi::{c_char, c_int, c_long, c_short, c_ulong, c_void};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command};

const DATA: u8 = 0;
const RESIZE: u8 = 1;
const EXIT: u8 = 2;
/// The longest payload that either side accepts.
const MAX_PAYLOAD: usize = 1 << 16;
/// Input that the shell has not read yet; above it no more is taken from the gateway.
const MAX_PENDING: usize = 1 << 18;

const O_RDWR: c_int = 2;
const O_NOCTTY: c_int = 0o400;
const O_CLOEXEC: c_int = 0o2_000_000;
const O_NONBLOCK: c_int = 0o4000;
const F_GETFL: c_int = 3;
const F_SETFL: c_int = 4;
const F_SETFD: c_int = 2;
const FD_CLOEXEC: c_int = 1;
const TIOCSCTTY: c_ulong = 0x540E;
const TIOCSWINSZ: c_ulong = 0x5414;
const POLLIN: c_short = 1;
const POLLOUT: c_short = 4;
const PR_SET_DUMPABLE: c_int = 4;
const SIGHUP: c_int = 1;

#[repr(C)]
struct WindowSize {
    rows: u16,
    columns: u16,
    x: u16,
    y: u16,
}

#[repr(C)]
struct PollFd {
    fd: c_int,
    events: c_short,
    revents: c_short,
}

unsafe extern "C" {
    fn posix_openpt(flags: c_int) -> c_int;
    fn grantpt(fd: c_int) -> c_int;
    fn unlockpt(fd: c_int) -> c_int;
    fn ptsname_r(fd: c_int, buffer: *mut c_char, length: usize) -> c_int;
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn ioctl(fd: c_int, request: c_ulong, ...) -> c_int;
    fn fcntl(fd: c_int, command: c_int, ...) -> c_int;
    fn poll(fds: *mut PollFd, count: c_ulong, timeout: c_int) -> c_int;
    fn read(fd: c_int, buffer: *mut c_void, length: usize) -> isize;
    fn write(fd: c_int, buffer: *const c_void, length: usize) -> isize;
    fn pipe(fds: *mut c_int) -> c_int;
    fn prctl(option: c_int, ...) -> c_int;
    fn setsid() -> c_int;
    fn kill(pid: c_int, signal: c_int) -> c_int;
}

fn main() {
    let code = match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bubble init: {error}");
            126
        }
    };
    std::process::exit(code);
}

fn run() -> io::Result<i32> {
    // Other processes of the same person could else open /proc/<this>/fd and write frames.
    // SAFETY: PR_SET_DUMPABLE takes one integer and touches no memory.
    check(unsafe { prctl(PR_SET_DUMPABLE, 0 as c_long) })?;
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [mode, columns, rows, program, arguments @ ..] = &args[..] else {
        return Err(io::Error::other("use: init terminal COLUMNS ROWS PROGRAM ARGUMENT..."));
    };
    let size = (columns.parse::<u16>(), rows.parse::<u16>());
    let ("terminal", (Ok(columns), Ok(rows))) = (mode.as_str(), size) else {
        return Err(io::Error::other("use: init terminal COLUMNS ROWS PROGRAM ARGUMENT..."));
    };
    let (master, slave) = open_terminal()?;
    resize(&master, columns, rows)?;
    let child = start(program, arguments, slave)?;
    serve(&master, child)
}

fn check(result: c_int) -> io::Result<c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Master and slave of a new terminal in the bubble's own `/dev/pts`.
fn open_terminal() -> io::Result<(File, File)> {
    // SAFETY: takes flags only; a non-negative result is a new descriptor that nobody else owns.
    let master = unsafe { File::from_raw_fd(check(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC))?) };
    let fd = master.as_raw_fd();
    let mut name = [0 as c_char; 128];
    // SAFETY: `fd` is the open master; `name` is writable for the length that is passed, and
    // ptsname_r ends it with NUL when it answers 0, so `open` reads a C string. The descriptor that
    // `open` gives is new.
    let slave = unsafe {
        check(grantpt(fd))?;
        check(unlockpt(fd))?;
        if ptsname_r(fd, name.as_mut_ptr(), name.len()) != 0 {
            return Err(io::Error::last_os_error());
        }
        File::from_raw_fd(check(open(name.as_ptr(), O_RDWR | O_NOCTTY | O_CLOEXEC))?)
    };
    // Not blocking: a shell that does not read must not stop us from carrying its output.
    // SAFETY: reads and sets the flags of the open master, integers only.
    unsafe { check(fcntl(fd, F_SETFL, check(fcntl(fd, F_GETFL))? | O_NONBLOCK))? };
    Ok((master, slave))
}

fn resize(master: &File, columns: u16, rows: u16) -> io::Result<()> {
    let size = WindowSize { rows, columns, x: 0, y: 0 };
    // SAFETY: TIOCSWINSZ reads one `struct winsize`, which WindowSize repeats, from a live pointer.
    check(unsafe { ioctl(master.as_raw_fd(), TIOCSWINSZ, &raw const size) }).map(|_| ())
}

/// The shell, as leader of a session that has the slave as its controlling terminal.
fn start(program: &str, arguments: &[String], slave: File) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(slave.try_clone()?).stdout(slave.try_clone()?).stderr(slave);
    // SAFETY: setsid and ioctl are async-signal-safe, allocate nothing and take integers only;
    // descriptor 0 is the slave, since std sets the streams before it runs this.
    unsafe {
        command.pre_exec(|| {
            check(setsid())?;
            check(ioctl(0, TIOCSCTTY, 0 as c_ulong)).map(|_| ())
        })
    };
    command.spawn()
}

/// Carries bytes until the shell ends (its code is the answer) or the gateway goes away.
fn serve(master: &File, child: Child) -> io::Result<i32> {
    let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
    let mut ended = watch(child)?;
    let (mut parser, mut pending) = (Vec::new(), Vec::new());
    loop {
        let input = if pending.len() < MAX_PENDING { POLLIN } else { 0 };
        let output = if pending.is_empty() { 0 } else { POLLOUT };
        let mut fds = [
            PollFd { fd: 0, events: input, revents: 0 },
            PollFd { fd: master.as_raw_fd(), events: POLLIN | output, revents: 0 },
            PollFd { fd: ended.as_raw_fd(), events: POLLIN, revents: 0 },
        ];
        // SAFETY: the array lives through the call and its length is passed.
        if let Err(error) = check(unsafe { poll(fds.as_mut_ptr(), 3, -1) }) {
            if error.kind() == io::ErrorKind::Interrupted {
                continue;
            }
            return Err(error);
        }
        if fds[1].revents & !POLLOUT != 0 {
            copy_out(master)?;
        }
        if fds[1].revents & POLLOUT != 0 {
            write_some(master.as_raw_fd(), &mut pending)?;
        }
        if fds[2].revents != 0 {
            // What the shell wrote last is still in the terminal; what its background children
            // write later is nobody's.
            while copy_out(master)? {}
            let mut code = [0; 4];
            ended.read_exact(&mut code)?;
            frame(EXIT, &code)?;
            return Ok(i32::from_be_bytes(code));
        }
        if fds[0].revents != 0 && !take_frames(master, &mut parser, &mut pending)? {
            // The gateway closed: hang up, as a line would.
            // SAFETY: integers only; the shell leads the session, so its group has its number.
            unsafe { kill(-pid, SIGHUP) };
            return Ok(129);
        }
    }
}

/// A pipe from which the shell's exit code (i32, big-endian) comes when it has ended.
fn watch(mut child: Child) -> io::Result<File> {
    let mut fds = [0 as RawFd; 2];
    // SAFETY: `pipe` writes two integers into the array, which has two; both are then owned here.
    let (reader, writer) = unsafe {
        check(pipe(fds.as_mut_ptr()))?;
        check(fcntl(fds[0], F_SETFD, FD_CLOEXEC))?;
        check(fcntl(fds[1], F_SETFD, FD_CLOEXEC))?;
        (OwnedFd::from_raw_fd(fds[0]), OwnedFd::from_raw_fd(fds[1]))
    };
    std::thread::Builder::new().stack_size(64 << 10).spawn(move || {
        let code = match child.wait() {
            Ok(status) => status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            Err(_) => 126,
        };
        // Nobody to tell when this fails: the reader has gone, and with it the process.
        let _ = File::from(writer).write_all(&code.to_be_bytes());
    })?;
    Ok(File::from(reader))
}

/// One read from the terminal, sent as a frame. False when there is nothing (more) to read.
fn copy_out(master: &File) -> io::Result<bool> {
    let mut buffer = [0u8; 16 << 10];
    match (&*master).read(&mut buffer) {
        Ok(0) => Ok(false),
        Ok(n) => frame(DATA, &buffer[..n]).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        // EIO: nobody holds the slave open just now. The shell's own end says when to stop; until
        // then poll would answer at once, so leave it a moment.
        Err(error) if error.raw_os_error() == Some(5) => {
            std::thread::sleep(std::time::Duration::from_millis(5));
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Reads from the gateway and acts on each whole frame. False at its end.
fn take_frames(master: &File, parser: &mut Vec<u8>, pending: &mut Vec<u8>) -> io::Result<bool> {
    let mut buffer = [0u8; 16 << 10];
    // SAFETY: the buffer is writable for the length that is passed.
    let n = unsafe { read(0, buffer.as_mut_ptr().cast(), buffer.len()) };
    let Ok(n) = usize::try_from(n) else { return Err(io::Error::last_os_error()) };
    parser.extend_from_slice(&buffer[..n]);
    while parser.len() >= 5 {
        let length = u32::from_be_bytes([parser[1], parser[2], parser[3], parser[4]]) as usize;
        if length > MAX_PAYLOAD {
            return Err(io::Error::other("a frame is too long"));
        }
        if parser.len() < 5 + length {
            break;
        }
        let payload = &parser[5..5 + length];
        match (parser[0], payload) {
            (DATA, bytes) => pending.extend_from_slice(bytes),
            (RESIZE, &[a, b, c, d]) => {
                resize(master, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))?;
            }
            _ => return Err(io::Error::other("a frame is of no known kind")),
        }
        parser.drain(..5 + length);
    }
    write_some(master.as_raw_fd(), pending)?;
    Ok(n != 0)
}

/// Writes what the terminal takes without blocking.
fn write_some(fd: RawFd, pending: &mut Vec<u8>) -> io::Result<()> {
    if pending.is_empty() {
        return Ok(());
    }
    // SAFETY: the buffer is readable for the length that is passed.
    match usize::try_from(unsafe { write(fd, pending.as_ptr().cast(), pending.len()) }) {
        Ok(n) => drop(pending.drain(..n)),
        Err(_) => {
            let error = io::Error::last_os_error();
            // EIO: the shell has closed the terminal, its end will be told by the pipe.
            match error.raw_os_error() {
                Some(5) => pending.clear(),
                _ if error.kind() == io::ErrorKind::WouldBlock => {}
                _ => return Err(error),
            }
        }
    }
    Ok(())
}

fn frame(kind: u8, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(5 + payload.len());
    bytes.push(kind);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(payload);
    let mut out = io::stdout().lock();
    out.write_all(&bytes)?;
    out.flush()
}
