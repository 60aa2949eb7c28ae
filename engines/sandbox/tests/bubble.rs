//! Real bubbles from the real image: mounts, limits, ends, terminals, self-tests, volumes.

mod common;

use std::fs;
use std::io::{Read, Write};

use common::{bare, folder, is_root, open, output};
use sandbox::volume::Volume;
use sandbox::{DataMount, LaunchError, Means, Streams, launch, selftest, terminal};

#[test]
fn python_with_its_libraries_and_r_are_there() {
    let python = "import pandas, duckdb, pyarrow, numpy, statsmodels.api; \
                  print(duckdb.sql('select 6 * 7').fetchall()[0][0])";
    assert_eq!(output(&bare(&["python", "-c", python])), (0, "42\n".into()));
    let (code, text) = output(&bare(&["Rscript", "-e", "cat(coef(lm(dist ~ speed, cars))[[2]])"]));
    assert_eq!((code, text.starts_with("3.93")), (0, true), "{text}");
}

#[test]
fn a_bubble_sees_exactly_what_was_granted() {
    let (granted, other) = (folder(), folder());
    fs::write(granted.path().join("f"), "granted").unwrap();
    open(&granted.path().join("f"), 0o644);
    fs::write(other.path().join("f"), "other").unwrap();
    let mut order = bare(&["sh", "-c", "find /data -type f; cat /data/rand-hie/1974/f"]);
    order.spaces.data =
        vec![DataMount { source: granted.path().into(), name: "rand-hie/1974".into() }];
    assert_eq!(output(&order), (0, "/data/rand-hie/1974/f\ngranted".into()));
}

#[test]
fn the_self_tests_pass_and_fail_when_the_recorder_does() {
    let mut order = bare(&["true"]);
    let data = folder();
    order.spaces.data = vec![DataMount { source: data.path().into(), name: "a/2020".into() }];
    let checks = selftest::run(&order, &mut || Ok("probe sealed".into())).unwrap();
    let failed: Vec<_> = checks.iter().filter(|check| !check.passed).collect();
    assert!(selftest::all_passed(&checks), "{failed:#?}");
    assert!(checks.len() > 25, "{checks:#?}");
    for name in ["no_route", "names_do_not_resolve", "mounts_exact", "recorder_on"] {
        assert!(checks.iter().any(|check| check.name == name), "{name}");
    }
    let checks = selftest::run(&order, &mut || Err("disk full".into())).unwrap();
    assert!(!selftest::all_passed(&checks));
}

#[test]
fn root_must_name_the_projects_uid_and_no_other_user_may() {
    let mut order = bare(&["true"]);
    order.uid = if is_root() { None } else { Some(12_345) };
    let refused = launch(&order, Streams::captured());
    assert!(matches!(refused, Err(LaunchError::NeedsUid | LaunchError::ForeignUid(_))));
    order.uid = Some(0);
    assert!(launch(&order, Streams::captured()).is_err());
}

/// Whoever owns a folder above the data could put a link in their place between any check and the
/// mount; so the mount itself follows none.
#[test]
fn root_mounts_no_data_through_a_link() {
    if !is_root() {
        return eprintln!("NOT TESTED: a plain user's bubble shows what that user may read anyway");
    }
    let dir = tempfile::tempdir().unwrap();
    let (secret, real) = (dir.path().join("secret"), dir.path().join("deposits/1/parquet"));
    std::fs::create_dir_all(&secret).unwrap();
    std::fs::create_dir_all(&real).unwrap();
    std::os::unix::fs::symlink(&secret, dir.path().join("deposits/1/swapped")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("deposits/1"), dir.path().join("deposits/2"))
        .unwrap();
    for (source, fits) in [("1/parquet", true), ("1/swapped", false), ("2/parquet", false)] {
        let mut order = bare(&["true"]);
        let source = dir.path().join("deposits").join(source);
        order.spaces.data = vec![DataMount { source: source.clone(), name: "a/2020".into() }];
        let mounted = launch(&order, Streams::captured());
        let refused = matches!(mounted, Err(LaunchError::Mount { .. }));
        assert_eq!(refused, !fits, "{}", source.display());
    }
}

#[test]
fn dropping_a_bubble_ends_every_process_in_it_and_its_group() {
    let order = bare(&["sh", "-c", "setsid sleep 1000 & setsid sleep 1000 & echo up; sleep 1000"]);
    let mut bubble = launch(&order, Streams::captured()).unwrap();
    let mut first = [0; 3];
    bubble.process().stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"up\n");
    let mut output = bubble.process().stdout.take().unwrap();
    drop(bubble);
    // Every process of the bubble held the pipe's other end: it closes when the last is gone.
    let mut rest = Vec::new();
    output.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
}

#[test]
fn an_unknown_program_is_an_exit_code_and_no_hang() {
    let (code, text) = output(&bare(&["no-such-program"]));
    assert_ne!(code, 0);
    assert!(text.contains("no-such-program"), "{text}");
}

#[test]
fn ceilings_are_held_by_a_group_where_root_started_it() {
    let bubble = launch(&bare(&["true"]), Streams::captured()).unwrap();
    let limits = bubble.limits();
    assert_ne!(limits.memory, Means::Nothing);
    assert_eq!(limits.own_uid, is_root());
    if is_root() && sandbox::cgroup::Hierarchy::detect() != sandbox::cgroup::Hierarchy::None {
        assert_eq!((limits.memory, limits.tasks), (Means::Whole, Means::Whole));
    }
}

#[test]
fn a_hog_of_memory_is_killed_without_harm_outside() {
    let hog = "x = []\nwhile True: x.append(bytearray(16 << 20))";
    let mut order = bare(&["python3", "-c", hog]);
    order.profile.memory_bytes = 128 << 20;
    order.profile.tmp_bytes = 16 << 20;
    let (code, text) = output(&order);
    assert!(code == 137 || text.contains("MemoryError"), "{code} {text}");
}

#[test]
fn a_terminal_has_job_control_its_size_and_an_exit_code() {
    let mut terminal = terminal::open(&bare(&[]), 100, 30).unwrap();
    let typed =
        b"tty; stty size; set -o | grep monitor; sleep 0 & wait %1; echo $((40+2)); exit 7\n";
    let mut frame = vec![0];
    frame.extend_from_slice(&u32::try_from(typed.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(typed);
    // A resize first: columns 120, rows 40.
    terminal.input.write_all(&[1, 0, 0, 0, 4, 0, 120, 0, 40]).unwrap();
    terminal.input.write_all(&frame).unwrap();
    let mut bytes = Vec::new();
    terminal.output.read_to_end(&mut bytes).unwrap();
    let (mut text, mut code, mut rest) = (Vec::new(), None, &bytes[..]);
    while let [kind, a, b, c, d, after @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        match kind {
            0 => text.extend_from_slice(&after[..length]),
            2 => code = Some(i32::from_be_bytes(after[..4].try_into().unwrap())),
            other => panic!("a frame of kind {other}"),
        }
        rest = &after[length..];
    }
    let text = String::from_utf8_lossy(&text);
    for part in ["/dev/pts/0", "40 120", "monitor        \ton", "\n42\r"] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    assert!(!text.contains("no job control"), "{text}");
    assert_eq!(code, Some(7));
}

#[test]
fn a_terminal_whose_gateway_goes_away_ends() {
    let terminal::Terminal { input, mut output, mut bubble, .. } =
        terminal::open(&bare(&[]), 80, 24).unwrap();
    drop(input);
    let mut rest = Vec::new();
    output.read_to_end(&mut rest).unwrap();
    assert!(!bubble.wait().unwrap().success());
}

/// The kernel ends a bubble with the *thread* that forked it; the engine must not let that be a
/// thread of the caller's pool.
#[test]
fn a_bubble_outlives_the_thread_that_asked_for_it() {
    let order = bare(&["cat"]);
    let streams = || Streams {
        stdin: std::process::Stdio::piped(),
        stdout: std::process::Stdio::piped(),
        stderr: std::process::Stdio::null(),
    };
    let mut bubble = std::thread::spawn(move || launch(&order, streams()).unwrap()).join().unwrap();
    let mut input = bubble.process().stdin.take().unwrap();
    input.write_all(b"still here").unwrap();
    drop(input);
    let mut text = String::new();
    bubble.process().stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "still here");
}

#[test]
fn a_volume_is_a_hard_quota_and_keeps_its_files() {
    if !is_root() {
        println!("not root: there are no volumes, only RLIMIT_FSIZE (tests/escape.rs tries it)");
        return;
    }
    let place = folder();
    let volume = Volume { file: place.path().join("p.img"), place: place.path().join("mounted") };
    volume.create(32 << 20).unwrap();
    volume.mount(200_078).unwrap();
    volume.mount(200_078).unwrap(); // twice is once
    let fill = "echo kept > /project/kept; \
                dd if=/dev/zero of=/project/a bs=1M count=20 2>/dev/null; \
                dd if=/dev/zero of=/project/b bs=1M count=20 2>&1 | grep -o 'No space left'";
    let mut order = bare(&["sh", "-c", fill]);
    order.uid = Some(200_078);
    order.spaces.project = Some(volume.place.clone());
    assert_eq!(output(&order), (0, "No space left\n".into()));
    volume.unmount().unwrap();
    volume.unmount().unwrap();
    assert!(!volume.place.join("kept").exists());
    volume.create(32 << 20).unwrap(); // never formatted twice
    volume.mount(200_078).unwrap();
    assert_eq!(fs::read_to_string(volume.place.join("kept")).unwrap(), "kept\n");
    volume.unmount().unwrap();
}

#[test]
fn two_projects_cannot_read_each_others_folder() {
    let (mine, theirs) = (folder(), folder());
    fs::write(theirs.path().join("f"), "theirs").unwrap();
    open(theirs.path(), 0o700);
    let look = format!("cat {0}/f /project/../{0}/f; ls /proc/*/root/tmp", theirs.path().display());
    let mut order = bare(&["sh", "-c", &look]);
    order.spaces.project = Some(mine.path().into());
    let (_, text) = output(&order);
    assert!(!text.contains("theirs\n") && text.contains("No such file"), "{text}");
}
