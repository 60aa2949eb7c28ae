//! What the tests share: the image, folders, and a way to run a command as an ordinary user.

#![expect(dead_code, reason = "compiled into each test program, of which none uses all of it")]

use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sandbox::{Image, Launch, Profile, Spaces, Streams, image, launch};

/// The uid that ordinary users' tests run as when the tests are root: nobody's.
pub const PLAIN: &str = "65534";

/// The image of the recipe, built at the first test ever. A host on which it cannot be built fails
/// the tests: a sandbox that was not tried was not tested.
pub fn image() -> Image {
    image::ensure(&image::default_cache(), &mut |step| eprintln!("image: {step:?}"))
        .expect("the tests need the image, and so mmdebstrap and a network at first use")
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A folder that any user may enter, removed at the end.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), 0o755);
    folder
}

pub fn open(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A launch with nothing but what lives in memory.
pub fn bare(command: &[&str]) -> Launch {
    Launch {
        name: "test".into(),
        profile: Profile::small(),
        spaces: Spaces::default(),
        image: image(),
        uid: is_root().then_some(sandbox::run::FIRST_PROJECT_UID + 77),
        environment: Vec::new(),
        command: command.iter().map(OsString::from).collect(),
    }
}

/// What a command in a bubble writes, and its exit code.
pub fn output(order: &Launch) -> (i32, String) {
    let mut bubble = launch(order, Streams::captured()).expect("bubbles must start on this host");
    let mut text = String::new();
    let process = bubble.process();
    process.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    process.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    (bubble.wait().unwrap().code().unwrap_or(-1), text)
}

/// Runs `examples/bubble_run` with these arguments: as this user, or as an ordinary one. A root
/// test drops to [`PLAIN`], for whom the image is mounted where that user can reach it.
pub fn bubble_run(plain: bool, args: &[OsString]) -> Output {
    let built = std::env::current_exe().unwrap();
    let built = built.ancestors().nth(2).unwrap().join("examples/bubble_run");
    assert!(built.exists(), "{} is missing: run `cargo test -p sandbox`", built.display());
    if !(plain && is_root()) {
        return Command::new(built).args(args).output().unwrap();
    }
    let reach = folder();
    let program = reach.path().join("bubble_run");
    fs::copy(built, &program).unwrap();
    open(&program, 0o755);
    let script = "mount --make-rprivate / && mount --bind \"$1\" /mnt && shift && \
                  exec setpriv --reuid \"$1\" --regid \"$1\" --clear-groups \"${@:2}\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "bash", "-c", script, "bash"]).arg(image().root);
    command.arg(PLAIN).arg(program).args(["--image", "/mnt"]).args(args);
    command.output().unwrap()
}

/// `chown` for a root test, so that an ordinary user's bubble can write there.
pub fn give(path: &Path) -> PathBuf {
    if is_root() {
        let uid = PLAIN.parse().unwrap();
        std::os::unix::fs::chown(path, Some(uid), Some(uid)).unwrap();
    }
    path.to_owned()
}
