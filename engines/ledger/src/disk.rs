//! Durable steps on the disk. Each step is one method, so that tests can fail before it, within it
//! and after it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::LogError;

/// The folder of one log. In tests it can break at a chosen step, and stays broken, as a process
/// that was killed there would.
#[derive(Debug)]
pub(crate) struct Disk {
    pub dir: PathBuf,
    /// Folders whose own name this process has forced to the disk. That a folder exists proves
    /// nothing: a process that was killed may have made it without forcing it.
    known: BTreeSet<PathBuf>,
    #[cfg(test)]
    pub fault: std::sync::Arc<fault::Fault>,
}

impl Disk {
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.into(),
            known: BTreeSet::new(),
            #[cfg(test)]
            fault: fault::current(),
        }
    }

    /// Runs one step; an error names what was done to which file.
    fn step<T>(
        &self,
        action: &'static str,
        path: &Path,
        act: impl FnOnce(&Path) -> io::Result<T>,
    ) -> Result<T, LogError> {
        let place = self.dir.join(path);
        #[cfg(test)]
        let done = self.fault.step(action, &place, act);
        #[cfg(not(test))]
        let done = act(&place);
        done.map_err(|source| LogError::Io { action, path: place, source })
    }

    /// Writes `bytes` to a file beside `path` and forces them to the disk. The file becomes `path`
    /// by [`Disk::publish`]; until then a reader never sees it, nor the half of it that a crash
    /// here leaves.
    pub fn prepare(&self, path: &Path, bytes: &[u8]) -> Result<(), LogError> {
        self.step("write", &unfinished(path), |place| {
            let mut file = File::create(place)?;
            file.write_all(bytes)?;
            file.sync_all()
        })
    }

    /// Gives a prepared file its name, replacing what bears it, in one atomic step.
    pub fn publish(&self, path: &Path) -> Result<(), LogError> {
        let to = self.dir.join(path);
        self.step("rename", &unfinished(path), |place| fs::rename(place, to))
    }

    /// Makes the folder of `path` exist. Each folder whose names must be forced to the disk for
    /// `path` to last is added to `changed`, for [`Disk::sync_folders`].
    pub fn make_folder_of(
        &self,
        path: &Path,
        changed: &mut BTreeSet<PathBuf>,
    ) -> Result<(), LogError> {
        let Some(folder) = path.parent() else { return Ok(()) };
        if changed.insert(folder.into()) && !self.known.contains(folder) {
            self.make_folder_of(folder, changed)?;
            if !self.dir.join(folder).is_dir() {
                self.step("make", folder, |place| fs::create_dir(place))?;
            }
        }
        Ok(())
    }

    /// Forces the names in these folders to the disk.
    pub fn sync_folders(&mut self, changed: BTreeSet<PathBuf>) -> Result<(), LogError> {
        for folder in &changed {
            self.sync_folder(folder)?;
        }
        self.known.extend(changed);
        Ok(())
    }

    /// Forces the names in a folder to the disk: without it, a power cut may undo a rename.
    pub fn sync_folder(&self, folder: &Path) -> Result<(), LogError> {
        self.step("sync", folder, |place| File::open(place)?.sync_all())
    }

    /// Removes a file, or a folder with all that is in it; one that is not there is no error.
    pub fn remove(&self, path: &Path) -> Result<(), LogError> {
        self.step("remove", path, |place| {
            let removed = match fs::symlink_metadata(place) {
                Ok(found) if found.is_dir() => fs::remove_dir_all(place),
                Ok(_) => fs::remove_file(place),
                Err(error) => Err(error),
            };
            removed.or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })
        })
    }

    /// A file's bytes, `None` if there is no such file.
    pub fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, LogError> {
        let place = self.dir.join(path);
        match fs::read(&place) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(LogError::Io { action: "read", path: place, source }),
        }
    }

    /// Every file below `tile/`, as paths below the log's folder, in order of name.
    pub fn tile_files(&self) -> Result<Vec<PathBuf>, LogError> {
        let (mut files, mut folders) = (Vec::new(), vec![PathBuf::from("tile")]);
        while let Some(folder) = folders.pop() {
            let place = self.dir.join(&folder);
            let failed = |source| LogError::Io { action: "list", path: place.clone(), source };
            let names = match fs::read_dir(&place) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                names => names.map_err(failed)?,
            };
            for name in names {
                let name = name.map_err(failed)?;
                let path = folder.join(name.file_name());
                let found = name.file_type().map_err(failed)?;
                if found.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        Ok(files)
    }
}

/// Where a file is written before it gets its name.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

/// The end of the name of a file that is still being written.
pub(crate) const UNFINISHED: &str = ".tmp";

#[cfg(test)]
#[path = "disk_fault.rs"]
pub(crate) mod fault;
