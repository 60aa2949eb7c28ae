//! One test for each threat that `beneath.rs` names.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

const LIMIT: u64 = 1 << 20;

struct Place {
    folder: tempfile::TempDir,
    dir: OwnedFd,
    out: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = open_folder(folder.path()).unwrap();
        Self { folder, dir, out: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn copy(&self, name: &str) -> Result<Digest, BeneathError> {
        let to = self.out.path().join("copy");
        let _ = fs::remove_file(&to);
        let copied = copy_in(self.dir.as_fd(), Path::new(name), &to, LIMIT);
        assert_eq!(copied.is_ok(), to.exists(), "a refused file left a copy, or a taken one none");
        copied
    }
}

#[test]
fn a_file_is_copied_with_its_hash_for_its_owner_alone() {
    let place = Place::new();
    fs::create_dir(place.at("sub")).unwrap();
    fs::write(place.at("sub/t.csv"), "abc").unwrap();
    let digest = place.copy("sub/t.csv").unwrap();
    assert_eq!(digest.bytes, 3);
    // FIPS 180-2, appendix B.1
    assert_eq!(digest.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let copy = place.out.path().join("copy");
    assert_eq!(fs::read(&copy).unwrap(), b"abc");
    assert_eq!(copy.metadata().unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_link_and_a_linked_parent_are_refused() {
    let place = Place::new();
    let secret = tempfile::tempdir().unwrap();
    fs::write(secret.path().join("key"), "secret").unwrap();
    fs::write(place.at("real"), "x").unwrap();
    symlink(secret.path().join("key"), place.at("link")).unwrap();
    symlink(secret.path(), place.at("folder")).unwrap();
    symlink("real", place.at("inner")).unwrap();
    symlink("/proc/self/root/etc/passwd", place.at("magic")).unwrap();
    for name in ["link", "folder/key", "inner", "magic"] {
        assert!(matches!(place.copy(name), Err(BeneathError::LeadsOut(_))), "{name}");
    }
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let place = Place::new();
    fs::write(place.at("f"), "x").unwrap();
    for name in ["../etc/passwd", "/etc/passwd", "a/../../f", ".."] {
        assert!(place.copy(name).is_err(), "{name}");
    }
    assert!(matches!(place.copy("/etc/passwd"), Err(BeneathError::LeadsOut(_))));
    assert!(matches!(place.copy("none"), Err(BeneathError::Missing(_))));
    assert!(place.copy("").is_err());
}

#[test]
fn a_hard_link_is_refused() {
    let place = Place::new();
    fs::write(place.at("a"), "x").unwrap();
    fs::hard_link(place.at("a"), place.at("b")).unwrap();
    assert!(matches!(place.copy("a"), Err(BeneathError::HardLink(_))));
}

#[test]
fn a_pipe_is_refused_without_waiting_for_its_writer() {
    let place = Place::new();
    let made = std::process::Command::new("mkfifo").arg(place.at("p")).status().unwrap();
    assert!(made.success());
    assert!(matches!(place.copy("p"), Err(BeneathError::NotRegular { kind: "a pipe", .. })));
}

#[test]
fn a_folder_a_socket_and_a_device_are_refused() {
    let place = Place::new();
    fs::create_dir(place.at("d")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(place.at("s")).unwrap();
    assert!(matches!(place.copy("d"), Err(BeneathError::NotRegular { kind: "a folder", .. })));
    assert!(matches!(place.copy("s"), Err(BeneathError::NotRegular { kind: "a socket", .. })));
    let dev = open_folder(Path::new("/dev")).unwrap();
    let to = place.out.path().join("null");
    let device = copy_in(dev.as_fd(), Path::new("null"), &to, LIMIT);
    assert!(matches!(device, Err(BeneathError::NotRegular { kind: "a device", .. })));
}

#[test]
fn a_sparse_file_of_eight_gibibytes_is_refused_unread() {
    let place = Place::new();
    File::create(place.at("sparse")).unwrap().set_len(8 << 30).unwrap();
    assert!(matches!(place.copy("sparse"), Err(BeneathError::TooLong { limit: LIMIT, .. })));
}

#[test]
fn a_file_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() {
    let place = Place::new();
    fs::write(place.at("f"), vec![1; usize::try_from(LIMIT).unwrap()]).unwrap();
    assert_eq!(place.copy("f").unwrap().bytes, LIMIT);
    fs::write(place.at("f"), vec![1; usize::try_from(LIMIT).unwrap() + 1]).unwrap();
    assert!(matches!(place.copy("f"), Err(BeneathError::TooLong { .. })));
}

/// A source whose reader changes the file behind the copy's back, at a known moment.
#[test]
fn a_file_that_changes_while_it_is_copied_is_refused() {
    let place = Place::new();
    fs::write(place.at("f"), vec![1; 1 << 19]).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Each round changes a byte in place: same size, later times.
            use std::os::unix::fs::FileExt;
            let file = OpenOptions::new().write(true).open(place.at("f")).unwrap();
            for round in 0..200_000u64 {
                file.write_all_at(&[2], round % (1 << 19)).unwrap();
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        // Either refused, or copied in a pause of the writer; never a silent mixture.
        for _ in 0..20 {
            match place.copy("f") {
                Err(BeneathError::Changed(_)) | Ok(_) => {}
                other => panic!("{other:?}"),
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let before = fstat(File::open(place.at("f")).unwrap()).unwrap();
    fs::write(place.at("f"), vec![3; 1 << 19]).unwrap();
    let after = fstat(File::open(place.at("f")).unwrap()).unwrap();
    assert_ne!(identity(&before), identity(&after), "a change that leaves the size leaves a trace");
}

#[test]
fn a_race_of_swaps_never_yields_the_secret() {
    const ROUNDS: usize = 3_000;
    let place = Place::new();
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), "secret").unwrap();
    fs::write(place.at("f"), "public").unwrap();
    fs::write(place.at("file"), "public").unwrap();
    symlink(secret.path(), place.at("link")).unwrap();
    let public = place.copy("f").unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..ROUNDS {
                // Renamed over `f` in turn, so that `f` always exists and is one or the other.
                fs::write(place.at("file"), "public").unwrap();
                let _ = symlink(secret.path(), place.at("link"));
                let next = if round % 2 == 0 { "link" } else { "file" };
                fs::rename(place.at(next), place.at("f")).unwrap();
            }
        });
        for _ in 0..ROUNDS {
            match place.copy("f") {
                Ok(digest) => assert_eq!(digest, public),
                Err(BeneathError::LeadsOut(_) | BeneathError::Changed(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
    });
}

#[test]
fn a_listing_names_every_entry_and_what_is_wrong_with_it() {
    let place = Place::new();
    fs::create_dir(place.at("sub")).unwrap();
    fs::write(place.at("sub/ok.csv"), "12345").unwrap();
    fs::write(place.at("h1"), "").unwrap();
    fs::hard_link(place.at("h1"), place.at("h2")).unwrap();
    symlink("/etc", place.at("link")).unwrap();
    fs::write(place.folder.path().join(OsStr::from_bytes(b"n\xff")), "").unwrap();
    let mut deep = place.at("deep");
    for _ in 0..MAX_DEPTH + 2 {
        fs::create_dir(&deep).unwrap();
        deep.push("d");
    }
    let entries = list(place.dir.as_fd()).unwrap();
    let of = |name: &[u8]| {
        let name = Path::new(OsStr::from_bytes(name));
        entries.iter().find(|entry| entry.name == name).unwrap().clone()
    };
    let ok = of(b"sub/ok.csv");
    assert_eq!((ok.size, ok.problem), (5, None));
    assert!(ok.modified > 0);
    assert_eq!(of(b"h1").problem, Some(Problem::HardLink));
    assert_eq!(of(b"link").problem, Some(Problem::NotRegular("a link")));
    assert_eq!(of(b"n\xff").problem, Some(Problem::Name));
    assert!(entries.iter().any(|entry| entry.problem == Some(Problem::TooDeep)));
}

#[test]
fn a_listing_is_bounded() {
    let place = Place::new();
    for n in 0..MAX_ENTRIES + 5 {
        File::create(place.at(&n.to_string())).unwrap();
    }
    assert_eq!(list(place.dir.as_fd()).unwrap().len(), MAX_ENTRIES);
}
