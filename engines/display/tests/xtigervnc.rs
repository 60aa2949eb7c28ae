//! The relay before a real desktop server: `TigerVNC`'s Xvnc, whose screen `xwd` also photographs.
//! Where these programs are missing the tests say so and look at nothing.
//!
//! `BULLE_CAPTURE=FILE cargo test -p display --test xtigervnc -- --ignored` writes what the server
//! sends in a minute of scripted work, for `BULLE_STREAM=FILE cargo bench -p display`.

#![expect(clippy::cast_possible_truncation, reason = "a screen fits 16 bits")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use display::rfb::{
    Desktop, DesktopPolicy, Input, InputPolicy, Link, Screen, TextLimit, Verdict, Viewer,
};

/// A server with programs on it, ended with the test.
struct Session {
    children: Vec<Child>,
    number: u32,
    socket: UnixStream,
    desktop: Desktop,
    start: Instant,
    capture: Option<std::fs::File>,
    _folder: tempfile::TempDir,
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn is_there(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

impl Session {
    /// A desktop server on a free display, or `None` where one is not installed.
    fn new(size: &str, link: Link, from_bubble: Option<TextLimit>) -> Option<Self> {
        for program in ["Xtigervnc", "xwd", "xterm", "xdotool"] {
            if !is_there(program) {
                eprintln!("NOT TESTED against a real desktop server: {program} is missing");
                return None;
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vnc");
        // Displays of other tests and people: the next free one.
        let (number, server) = (200..600)
            .filter(|number| !std::path::Path::new(&format!("/tmp/.X{number}-lock")).exists())
            .find_map(|number| {
                let mut server = Command::new("Xtigervnc")
                    .arg(format!(":{number}"))
                    .args([
                        "-geometry",
                        size,
                        "-depth",
                        "24",
                        "-rfbunixmode",
                        "0600",
                        "-rfbport",
                        "-1",
                    ])
                    .args([
                        "-SecurityTypes",
                        "None",
                        "-AlwaysShared",
                        "-nolisten",
                        "tcp",
                        "-rfbunixpath",
                    ])
                    .arg(&path)
                    .stderr(Stdio::null())
                    .spawn()
                    .unwrap();
                // Either the socket is there or the display was taken in between.
                loop {
                    if UnixStream::connect(&path).is_ok() {
                        return Some((number, server));
                    }
                    if server.try_wait().unwrap().is_some() {
                        return None;
                    }
                    std::thread::yield_now();
                }
            })
            .expect("a free display");
        let socket = UnixStream::connect(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        Some(Self {
            children: vec![server],
            number,
            socket,
            desktop: Desktop::new(Duration::ZERO, DesktopPolicy { link, from_bubble }),
            start: Instant::now(),
            capture: None,
            _folder: folder,
        })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", format!(":{}", self.number)).stderr(Stdio::null());
        command
    }

    fn spawn(&mut self, program: &str, arguments: &[&str]) {
        let child = self.command(program).args(arguments).spawn().unwrap();
        self.children.push(child);
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        assert!(
            self.command(program).args(arguments).stdout(Stdio::null()).status().unwrap().success()
        );
    }

    /// Takes what the server says, for a fiftieth of a second at most.
    fn listen(&mut self) {
        let mut buffer = vec![0; 1 << 18];
        let read = match self.socket.read(&mut buffer) {
            Ok(0) => panic!("the server has hung up"),
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => 0,
            Err(error) => panic!("{error}"),
        };
        let now = self.start.elapsed();
        if let Some(file) = &mut self.capture {
            let micros = u64::try_from(now.as_micros()).unwrap();
            let length = u32::try_from(read).unwrap();
            file.write_all(&micros.to_le_bytes()).unwrap();
            file.write_all(&length.to_le_bytes()).unwrap();
            file.write_all(&buffer[..read]).unwrap();
        }
        self.desktop.push(now, &buffer[..read]).unwrap();
        self.desktop.poll(now).unwrap();
        self.socket.write_all(&self.desktop.take_output()).unwrap();
    }

    fn send(&mut self, inputs: &[Input]) {
        for input in inputs {
            self.desktop.send(input);
        }
        self.socket.write_all(&self.desktop.take_output()).unwrap();
    }

    /// Listens until our picture is the one that `xwd` takes, and something is on it.
    fn agrees(&mut self, why: &str) {
        let mut differ = String::new();
        for _ in 0..500 {
            self.listen();
            let photo = self.photo();
            let several = photo.pixels().iter().any(|pixel| *pixel != photo.pixels()[0]);
            if several && *self.desktop.screen() == photo {
                return;
            }
            differ = difference(self.desktop.screen(), &photo);
        }
        panic!("our picture is never the server's: {why}: {differ}");
    }

    /// The screen as `xwd` writes it: a header of 32-bit numbers, then lines of 32-bit pixels.
    fn photo(&self) -> Screen {
        let file = self.command("xwd").args(["-root", "-silent"]).output().unwrap().stdout;
        let field = |at: usize| u32::from_be_bytes(file[at * 4..at * 4 + 4].try_into().unwrap());
        assert_eq!((field(1), field(2), field(11)), (7, 2, 32), "an xwd file of 32-bit pixels");
        let (width, height) = (field(4) as u16, field(5) as u16);
        let (line, colours) = (field(12) as usize, field(19) as usize);
        let pixels = &file[field(0) as usize + colours * 12..];
        let big = field(7) == 1;
        let mut screen = Screen::new(width, height).unwrap();
        for y in 0..height {
            let bytes = pixels[usize::from(y) * line..].chunks_exact(4);
            for (pixel, bytes) in screen.line_mut(0, y, width).iter_mut().zip(bytes) {
                let bytes: [u8; 4] = bytes.try_into().unwrap();
                let value = if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
                *pixel = value & 0xff_ffff;
            }
        }
        screen
    }
}

/// Where two pictures differ.
fn difference(ours: &Screen, theirs: &Screen) -> String {
    if (ours.width(), ours.height()) != (theirs.width(), theirs.height()) {
        return format!("{} x {}", ours.width(), ours.height());
    }
    let places = (0..ours.height()).flat_map(|y| (0..ours.width()).map(move |x| (x, y)));
    let wrong: Vec<_> =
        places.filter(|&(x, y)| ours.line(x, y, 1) != theirs.line(x, y, 1)).collect();
    let first = wrong.first().map(|&(x, y)| (x, y, ours.line(x, y, 1)[0], theirs.line(x, y, 1)[0]));
    format!("{} pixels, from {first:x?} to {:?}", wrong.len(), wrong.last())
}

/// A viewer whose handshake is done, with everything allowed, and which has moved the pointer: the
/// server draws it into the picture while another than us has moved it last.
fn viewer(session: &mut Session) -> Viewer {
    while !session.desktop.is_up() {
        session.listen();
    }
    let policy = InputPolicy { to_bubble: TextLimit::new(1000, 60), resize: true };
    let mut viewer = Viewer::new(Duration::ZERO, "a", policy, session.desktop.screen(), None);
    let encodings = [16, -308_i32].map(i32::to_be_bytes).concat();
    let hello =
        [&b"RFB 003.008\n\x01\x01\x02\0\0\x02"[..], &encodings, &[5, 0, 0, 201, 0, 201]].concat();
    let inputs = viewer.push(Duration::ZERO, &hello).unwrap();
    session.send(&inputs);
    viewer
}

fn typed(text: &str) -> Vec<u8> {
    let keysym = |c| if c == '\n' { 0xff0d } else { u32::from(c) };
    let press = |down, keysym: u32| [&[4, down, 0, 0][..], &keysym.to_be_bytes()].concat();
    text.chars().flat_map(|c| [press(1, keysym(c)), press(0, keysym(c))].concat()).collect()
}

fn desktop_agrees(link: Link) {
    let Some(mut session) = Session::new("800x600", link, None) else { return };
    session.spawn("xterm", &["-geometry", "90x30+20+20", "-e", "sh", "-c", "seq 1 200; exec cat"]);
    let mut viewer = viewer(&mut session);
    session.agrees("a terminal with numbers");
    // A click for the focus, then typing, with accents.
    let click = [5, 0, 0, 200, 0, 200, 5, 1, 0, 200, 0, 200, 5, 0, 0, 200, 0, 200];
    let inputs = viewer.push(Duration::from_secs(1), &click).unwrap();
    session.send(&inputs);
    let before = session.photo();
    let inputs = viewer
        .push(Duration::from_secs(2), &typed("revenus 2021, \u{e9}t\u{e9}\nencore\n"))
        .unwrap();
    session.send(&inputs);
    session.agrees("typed text");
    for _ in 0..200 {
        if session.photo() != before {
            break;
        }
        session.listen();
    }
    assert_ne!(session.photo(), before, "what was typed is on the screen");
    session.agrees("typed text, later");
    session.run(
        "xdotool",
        &["search", "--onlyvisible", "--class", "xterm", "windowmove", "137", "91"],
    );
    session.agrees("a window that was moved");
}

#[test]
fn the_picture_of_a_local_desktop_is_the_servers_own() {
    desktop_agrees(Link::Local);
}

#[test]
fn the_picture_of_a_remote_desktop_is_the_servers_own() {
    desktop_agrees(Link::Remote);
}

#[test]
fn a_desktop_follows_the_viewers_size() {
    let Some(mut session) = Session::new("800x600", Link::Local, None) else { return };
    session.spawn("xterm", &["-geometry", "60x20+5+5", "-e", "sh", "-c", "seq 1 99; exec cat"]);
    let mut viewer = viewer(&mut session);
    session.agrees("before");
    assert!(session.desktop.can_resize());
    let size = [&[251, 0, 4, 0, 3, 0, 1, 0][..], &[0; 8], &[4, 0, 3, 0, 0, 0, 0, 0]].concat();
    let inputs = viewer.push(Duration::from_secs(1), &size).unwrap();
    session.send(&inputs);
    for _ in 0..500 {
        session.listen();
        if session.desktop.screen().width() == 1024 {
            break;
        }
    }
    assert_eq!((session.desktop.screen().width(), session.desktop.screen().height()), (1024, 768));
    session.agrees("after");
}

#[test]
fn a_real_servers_clipboard_is_closed_and_opens_by_policy() {
    for (limit, expected) in [(None, Verdict::Closed), (TextLimit::new(1000, 60), Verdict::Passed)]
    {
        let Some(mut session) = Session::new("640x480", Link::Local, limit) else { return };
        session.spawn(
            "xterm",
            &["-geometry", "60x10+0+0", "-e", "sh", "-c", "echo secretword; exec cat"],
        );
        viewer(&mut session);
        session.agrees("a terminal");
        // The bubble's user selects a word, which its server offers to clients.
        session.run("xdotool", &["mousemove", "30", "9", "click", "--repeat", "2", "1"]);
        let mut clips = Vec::new();
        for _ in 0..300 {
            session.listen();
            clips.extend(session.desktop.take_clips());
            if !clips.is_empty() {
                break;
            }
        }
        let texts = session.desktop.take_texts();
        assert!(clips.iter().all(|clip| clip.verdict == expected), "{clips:?}");
        assert_eq!(texts.is_empty(), limit.is_none() || clips.is_empty());
        assert!(!clips.is_empty(), "the server offered what was selected");
    }
}

/// A minute of work at 1920 x 1080: typing, tables, the pointer, windows that move.
#[test]
#[ignore = "takes a minute, and writes what BULLE_CAPTURE names"]
fn capture_a_minute_of_work() {
    let path = std::env::var_os("BULLE_CAPTURE").expect("BULLE_CAPTURE names the file to write");
    let Some(mut session) = Session::new("1920x1080", Link::Local, None) else { return };
    session.capture = Some(std::fs::File::create(path).unwrap());
    if is_there("openbox") {
        session.spawn("openbox", &[]);
    }
    session.spawn("xterm", &["-fa", "DejaVu Sans Mono", "-fs", "11", "-geometry", "110x45+20+40"]);
    session.spawn(
        "xterm",
        &[
            "-geometry",
            "80x30+1050+300",
            "-e",
            "sh",
            "-c",
            "while :; do sleep 7; ls -l /usr/bin | shuf -n 40 --random-source=/bin/sh; done",
        ],
    );
    session.spawn("xclock", &["-geometry", "200x200+1600+30", "-update", "1"]);
    for _ in 0..50 {
        session.listen();
    }
    session.run("xdotool", &["mousemove", "300", "300", "click", "1"]);
    let script = "for i in 1 2 3 4 5 6; do \
        xdotool type --delay 90 'head -40 /etc/services'; xdotool key Return; sleep 1.5; \
        for k in 1 2 3 4 5 6 7 8 9 10 11 12; do xdotool mousemove $((300+k*40)) $((200+k*30)); sleep 0.05; done; \
        xdotool type --delay 90 'summary(lm(y ~ x))'; xdotool key Return; sleep 1; \
        xdotool search --onlyvisible --class xclock windowmove $((1500-i*60)) $((30+i*70)); sleep 0.8; done";
    session.spawn("sh", &["-c", script]);
    let start = session.start.elapsed();
    while session.start.elapsed() < start + Duration::from_mins(1) {
        session.listen();
    }
    assert!(session.desktop.is_up());
}
