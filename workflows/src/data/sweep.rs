//! What a killed server left among the deposits: files that no row names. Swept when a centre
//! opens, before anything runs, so that every one of them is nobody's.

use std::{
    fs,
    io::{self, ErrorKind::NotFound},
    path::{Path, PathBuf},
};

use domain::UploadId;
use tabular::csv::PARTIAL_SUFFIX;

use super::checks::UNFINISHED;
use crate::{Centre, Failure, consequences::Round, failure::causes};

/// Removes unfinished Parquet files, and pieces of uploads that were thrown away. Pieces of an
/// upload that still stands are kept: its sender goes on where it was cut. What cannot be removed is
/// told to the operator and left: it holds up nothing.
pub(crate) async fn sweep(centre: &Centre) {
    let root = centre.config.dir.join("deposits");
    let found = tokio::task::spawn_blocking(move || leftovers(&root)).await;
    let found = found.map_err(io::Error::other).and_then(|found| found);
    let mut round = Round::default();
    match found.map_err(Failure::engine("sweep the deposits")) {
        Err(failure) => round.ran(Err(failure)),
        Ok(found) => {
            for left in found {
                round.ran(remove(centre, &left).await);
            }
        }
    }
    if let Err(failure) = round.end() {
        let error = causes(&failure);
        tracing::warn!(error, "something is left among the deposits");
    }
}

async fn remove(centre: &Centre, left: &Path) -> Result<(), Failure> {
    if let Some(id) = upload_of(left)
        && centre.store.upload(id).await?.is_some_and(|upload| upload.finished_at.is_none())
    {
        return Ok(());
    }
    match tokio::fs::remove_file(left).await {
        Err(error) if error.kind() != NotFound => Err(Failure::engine("sweep the deposits")(error)),
        _ => {
            // Not its name, which is the sender's word.
            tracing::info!("a file that a killed server left is removed");
            Ok(())
        }
    }
}

/// The upload whose pieces a file `.<upload>.part` holds.
fn upload_of(path: &Path) -> Option<UploadId> {
    path.file_name()?.to_str()?.strip_prefix('.')?.strip_suffix(".part")?.parse().ok()
}

/// Whether a name is one that this column gives to what is not whole yet.
fn is_unfinished(name: &str) -> bool {
    let dotted = name.starts_with('.');
    let partial = name.ends_with(PARTIAL_SUFFIX) || name.ends_with(".part");
    (dotted && partial) || name.ends_with(&format!(".{UNFINISHED}"))
}

fn leftovers(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for deposit in entries(root)? {
        for folder in ["received", "parquet"] {
            let files = entries(&deposit.join(folder))?;
            let names = |path: &PathBuf| {
                path.file_name().and_then(|name| name.to_str()).is_some_and(is_unfinished)
            };
            found.extend(files.into_iter().filter(names));
        }
    }
    Ok(found)
}

/// What stands in a folder; nothing where there is none.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        listed => listed?.map(|entry| Ok(entry?.path())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_whole_is_found() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        };
        for kept in ["d/received/a.csv", "d/received/a.part.csv", "d/parquet/a.parquet"] {
            put(kept);
        }
        put("a-file-beside-the-folders");
        let left = [
            "d/parquet/.a.parquet.Xy12.bulle-partial",
            "d/parquet/b.unfinished",
            "e/received/.0198c5b5-3f00-7000-8000-000000000000.part",
        ];
        left.iter().for_each(|path| put(path));
        let mut found = leftovers(root.path()).unwrap();
        found.sort();
        assert_eq!(found, left.map(|path| root.path().join(path)));
        assert!(upload_of(&found[2]).is_some() && upload_of(&found[0]).is_none());
        assert!(leftovers(&root.path().join("missing")).unwrap().is_empty());
    }
}
