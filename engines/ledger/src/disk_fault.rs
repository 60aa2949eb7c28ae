//! Breaks a disk at a chosen step, and takes back what a power cut would.

use std::cell::RefCell;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// How a step breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Nothing of it happens.
    Before,
    /// It happens, and nothing after it.
    After,
    /// A write happens up to its half; another step not at all.
    Torn,
}

/// Counts the steps and breaks one of them, and all after it.
#[derive(Debug)]
pub struct Fault {
    count: AtomicUsize,
    broken: AtomicBool,
    at: Option<(usize, How)>,
    /// Changes of names that no folder has been forced for: the path, and what stood there.
    unforced: Mutex<Vec<(PathBuf, Option<Vec<u8>>)>>,
}

thread_local! {
    static NEXT: RefCell<Option<(usize, How)>> = const { RefCell::new(None) };
    static LAST: RefCell<Option<Arc<Fault>>> = const { RefCell::new(None) };
}

/// Makes the disks that this thread opens break at their `step`-th step, counted from 0.
pub fn plan(fault: Option<(usize, How)>) {
    NEXT.with(|next| *next.borrow_mut() = fault);
}

/// For a disk that is being opened.
pub fn current() -> Arc<Fault> {
    let at = NEXT.with(|next| *next.borrow());
    let fault = Arc::new(Fault {
        count: AtomicUsize::new(0),
        broken: AtomicBool::new(false),
        at,
        unforced: Mutex::default(),
    });
    LAST.with(|last| *last.borrow_mut() = Some(fault.clone()));
    fault
}

/// The fault of the disk that this thread opened last, which may be gone by now.
pub fn last() -> Arc<Fault> {
    LAST.with(|last| last.borrow().clone().unwrap())
}

impl Fault {
    /// Whether the planned step was reached.
    pub fn happened(&self) -> bool {
        self.broken.load(SeqCst)
    }

    pub fn steps(&self) -> usize {
        self.count.load(SeqCst)
    }

    /// Takes back those of the unforced changes that `chosen` says, by their number, the last first.
    pub fn cut_power(&self, chosen: impl Fn(usize) -> bool) {
        for (number, (path, before)) in self.unforced.lock().unwrap().drain(..).enumerate().rev() {
            match before {
                _ if !chosen(number) => {}
                Some(bytes) => {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, bytes).unwrap();
                }
                None if path.is_dir() => fs::remove_dir_all(path).unwrap(),
                None => drop(fs::remove_file(path)), // gone already with its folder
            }
        }
    }

    pub fn step<T>(
        &self,
        action: &str,
        place: &Path,
        act: impl FnOnce(&Path) -> io::Result<T>,
    ) -> io::Result<T> {
        let killed = || io::Error::other("killed by a test");
        let number = self.count.fetch_add(1, SeqCst);
        if self.happened() {
            return Err(killed());
        }
        let Some((_, how)) = self.at.filter(|(at, _)| *at == number) else {
            return self.act(action, place, act);
        };
        self.broken.store(true, SeqCst);
        if how == How::After || (how == How::Torn && action == "write") {
            self.act(action, place, act)?;
        }
        if how == How::Torn && action == "write" {
            let length = fs::metadata(place)?.len();
            OpenOptions::new().write(true).open(place)?.set_len(length / 2)?;
        }
        Err(killed())
    }

    /// Does a step and keeps account of what a power cut could take back after it.
    fn act<T>(
        &self,
        action: &str,
        place: &Path,
        act: impl FnOnce(&Path) -> io::Result<T>,
    ) -> io::Result<T> {
        let named = match action {
            "rename" => Some(place.with_extension("")), // from `12.tmp` to `12`
            "make" => Some(place.to_path_buf()),
            "remove" if place.is_file() => Some(place.to_path_buf()),
            _ => None,
        };
        let before = named.map(|path| (path.clone(), fs::read(path).ok()));
        let done = act(place)?;
        let mut unforced = self.unforced.lock().unwrap();
        unforced.extend(before);
        if action == "sync" {
            let folder: PathBuf = place.components().collect(); // without a slash at the end
            unforced.retain(|(path, _)| path.parent() != Some(&folder));
        }
        Ok(done)
    }
}
