//! What a killed server left among the outputs: swept when a centre opens, before anything runs. A
//! second server of the folder is kept out by the lock of its log, so whatever is found is nobody's.
//!
//! What cannot be looked at or removed (a row that cannot be read, a disk that refuses) is told to the
//! operator and left: it holds up nothing.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use domain::ImportId;

use super::{frozen, import, import_delivery};
use crate::{Centre, Failure, failure::causes};

/// Removes unfinished copies and turns, files of imports that no row names, and halves of evidence
/// packs and of released figures.
pub(crate) async fn sweep(centre: &Centre) {
    frozen::sweep(centre).await;
    for (path, name) in entries(&import::folder(centre)) {
        if let Ok(id) = name.parse::<ImportId>() {
            left(&path, import_delivery::forget(centre, id).await);
        }
    }
    let released = entries(&centre.config.dir.join("released"));
    let folders = released.into_iter().map(|(project, _)| project);
    for folder in folders.chain([centre.config.dir.join("packs")]) {
        for (path, _) in entries(&folder).into_iter().filter(|(_, name)| name.starts_with(".tmp-"))
        {
            left(&path, fs::remove_file(&path).map_err(Failure::engine("remove half a file")));
        }
    }
}

/// Tells what could not be swept.
pub(super) fn left(path: &Path, swept: Result<(), Failure>) {
    if let Err(failure) = swept {
        let error = causes(&failure);
        tracing::warn!(path = %path.display(), error, "left among the outputs");
    }
}

/// What stands in a folder, with its name; nothing where there is no folder.
pub(super) fn entries(folder: &Path) -> Vec<(PathBuf, String)> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            left(folder, Err(Failure::engine("look for what is left")(error)));
            return Vec::new();
        }
        Ok(listed) => listed,
    };
    let entry = |entry: fs::DirEntry| (entry.path(), entry.file_name().to_string_lossy().into());
    listed.flatten().map(entry).collect()
}
