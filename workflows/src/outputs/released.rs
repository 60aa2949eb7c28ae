//! The figures of what a project has taken out, in `<centre>/released/<project>/`: a later request
//! is compared with them (rules `DIFFERENCING` and `SECONDARY_RECOVERABLE`), long after the copies
//! themselves are gone. They hold nothing that has not left already.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use disclosure::{Document, Released};
use domain::{ApplicationId, Export, ExportId, outputs::export::ExportState};

use super::frozen;
use crate::Centre;

fn folder(centre: &Centre, application: ApplicationId) -> PathBuf {
    centre.config.dir.join("released").join(application.to_string())
}

/// Makes the folder of a project, so that a bubble which is opened now will see what is kept later.
pub(crate) fn prepare(centre: &Centre, application: ApplicationId) -> io::Result<()> {
    fs::create_dir_all(folder(centre, application))
}

/// Keeps the figures of every released file of `export`. Doing it twice gives the same.
///
/// # Errors
/// A file of which fewer tables can be read now than its checkers saw: kept without them, it would
/// be compared with nothing for ever. Then nothing is released.
pub(super) fn keep(centre: &Centre, export: &Export) -> io::Result<()> {
    let ExportState::Releasing { files, .. } = &export.state else { return Ok(()) };
    let folder = folder(centre, export.application);
    fs::create_dir_all(&folder)?;
    for (number, file) in export.files().enumerate().filter(|(_, f)| files.contains(&f.path)) {
        let bytes = fs::read(frozen::copy_of(centre, export, number))?;
        let document = centre.readers.read(&file.path, &bytes);
        is_whole(centre, export, number, &document)?;
        let kept = Released::read(&file.path, document);
        let text = serde_json::to_vec(&kept).map_err(io::Error::other)?;
        let place = folder.join(format!("{}-{number}.json", export.id));
        let unfinished = folder.join(format!(".tmp-{}-{number}", export.id));
        fs::write(&unfinished, text)?;
        fs::File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, &place)?;
    }
    fs::File::open(&folder)?.sync_all()?;
    folder.parent().map_or(Ok(()), |root| fs::File::open(root)?.sync_all())
}

/// Removes the figures of a request whose release was begun and called off: nothing of it has left,
/// and nothing is to be compared with it.
pub(super) fn forget(centre: &Centre, export: &Export) -> io::Result<()> {
    for number in 0..export.files().count() {
        let place = folder(centre, export.application).join(format!("{}-{number}.json", export.id));
        match fs::remove_file(place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Whether the reader gave every table that the sealed report has. One that died, was too slow or
/// could not be confined gives a document without any, and a picture that is not read has none.
fn is_whole(
    centre: &Centre,
    export: &Export,
    number: usize,
    document: &Document,
) -> io::Result<()> {
    let missing = || io::Error::other("the report of a file that is to leave is missing");
    let report = frozen::report(centre, export, number).ok_or_else(missing)?;
    let found = document.tables(); // as the report counts: rows that are no table stand for none
    if found < report.tables.len() {
        let why = document.seen.first().map_or("", |seen| seen.what.as_str());
        let told = format!("{found} of {} tables could be read: {why}", report.tables.len());
        return Err(io::Error::other(told));
    }
    Ok(())
}

/// The figures of everything that was released to a project, each with the request it left by.
///
/// # Errors
/// A file that cannot be read: a comparison that silently lacks a table would call safe what is not.
pub(super) fn of_project(
    centre: &Centre,
    application: ApplicationId,
) -> io::Result<Vec<(ExportId, Released)>> {
    let entries = match fs::read_dir(folder(centre, application)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut places = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    places.retain(|place| place.extension().is_some_and(|extension| extension == "json"));
    places.sort();
    let read = |place: &PathBuf| {
        let figures = serde_json::from_slice(&fs::read(place)?).map_err(io::Error::other)?;
        Ok((request_of(place)?, figures))
    };
    places.iter().map(read).collect()
}

/// The request whose figures a file holds: the first 36 characters of its name.
fn request_of(place: &Path) -> io::Result<ExportId> {
    let name = place.file_name().and_then(|name| name.to_str()).and_then(|name| name.get(..36));
    let nobody = || io::Error::other("a file of released figures has no request's name");
    name.and_then(|name| name.parse().ok()).ok_or_else(nobody)
}
