//! Where the answers of `bulle protect` go.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context;

use super::{Protect, hierarchies, spec};

impl Protect {
    fn outputs(&self) -> impl Iterator<Item = &Path> {
        [&self.out, &self.intervals, &self.write_jj].into_iter().flatten().map(PathBuf::as_path)
    }

    /// Refuses outputs that are inputs, which would be lost, or one another.
    pub(super) fn check_places(&self) -> anyhow::Result<()> {
        let named = [
            &self.table,
            &self.spec,
            &self.cells,
            &self.relations,
            &self.jj,
            &self.audit,
            &self.key,
        ];
        let mut taken: Vec<PathBuf> = named.into_iter().flatten().cloned().collect();
        if let Some(path) = &self.spec {
            taken.extend(hierarchies(path, &spec(path)?).into_values());
        }
        let mut taken: Vec<PathBuf> = taken.iter().map(|path| resolved(path)).collect();
        for path in self.outputs() {
            let place = resolved(path);
            if taken.contains(&place) {
                anyhow::bail!("{} is read, or written twice: name another file", path.display());
            }
            taken.push(place);
        }
        Ok(())
    }
}

/// Where a path leads, whether or not something is there yet.
fn resolved(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new(".")).canonicalize();
    path.canonicalize().unwrap_or_else(|_| match (parent, path.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    })
}

/// Whether something is there that is no file, as a pipe: it is neither removed nor replaced.
fn is_special(place: &Path) -> bool {
    fs::metadata(place).is_ok_and(|found| !found.is_file())
}

/// Writes a file whole or not at all: a part of a pattern would publish what it hides.
pub(super) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let place = resolved(path);
    let written = if is_special(&place) {
        fs::write(&place, text)
    } else {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let part = place.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let folder = place.parent().unwrap_or(Path::new("."));
        let whole = fs::File::create_new(&part)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&part, &place))
            .and_then(|()| fs::File::open(folder)?.sync_all());
        whole.inspect_err(|_| fs::remove_file(&part).unwrap_or_default())
    };
    written.with_context(|| format!("cannot write {}", path.display()))
}
