//! Where results may go: not over what is read, not twice to one place, and to where files can be
//! made. All is refused before any work is done.

use std::path::{Path, PathBuf};

use anyhow::bail;
use linkage::{report, write};

/// Refuses results that would take the place of what is read or of one another.
pub(super) fn check(
    inputs: &[Option<&PathBuf>],
    files: &[Option<PathBuf>],
    report: Option<&Path>,
) -> anyhow::Result<()> {
    let page = report.map(|folder| folder.join(report::FILE));
    let mut taken: Vec<PathBuf> = inputs.iter().flatten().map(|path| real(path)).collect();
    for path in files.iter().flatten().chain(&page) {
        let place = real(path);
        if taken.contains(&place) {
            bail!("{} is read, or written twice: name another file", path.display());
        }
        if place.is_dir() {
            bail!("{} is a folder: name a file", path.display());
        }
        // Threat: a result takes the place of what stands there, and root would lose a device.
        if place.exists() && !place.is_file() {
            bail!("{} is a device or a pipe: name a file", path.display());
        }
        taken.push(place);
    }
    for path in files.iter().flatten() {
        write::probe(path)?;
    }
    match report {
        Some(folder) if folder.exists() && !folder.is_dir() => {
            bail!("{} is a file: name a folder for the report", folder.display())
        }
        _ => Ok(()),
    }
}

/// A path without links and dots as far as it exists: a file that is still to be made is known by
/// its folder.
fn real(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for parent in whole.ancestors() {
        if let Ok(found) = parent.canonicalize() {
            let rest = whole.strip_prefix(parent).expect("an ancestor is a prefix");
            return if rest.as_os_str().is_empty() { found } else { found.join(rest) };
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_known_by_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let under = |name: &str| folder.path().join(name);
        std::fs::create_dir(under("real")).unwrap();
        std::os::unix::fs::symlink(under("real"), under("link")).unwrap();
        let refused = |inputs: &[PathBuf], outputs: &[PathBuf], report: Option<&Path>| {
            let inputs: Vec<_> = inputs.iter().map(Some).collect();
            let outputs: Vec<_> = outputs.iter().cloned().map(Some).collect();
            check(&inputs, &outputs, report).is_err()
        };
        assert!(refused(&[], &[under("real/x.csv"), under("link/x.csv")], None), "through a link");
        assert!(refused(&[], &[under("x.csv"), under("real/../x.csv")], None), "through dots");
        assert!(refused(&[under("spec.toml")], &[under("./spec.toml")], None), "the spec");
        assert!(refused(&[], &[under("rep/linkage.html")], Some(&under("rep"))), "the report");
        assert!(refused(&[], &[under("none/x.csv")], None), "a folder that is not there");
        assert!(refused(&[], &[under("real")], None), "a folder");
        assert!(refused(&[], &["/dev/null".into()], None), "a device");
        std::os::unix::fs::symlink("/dev/null", under("nowhere")).unwrap();
        assert!(refused(&[], &[under("nowhere")], None), "a device through a link");
        assert!(!refused(
            &[under("a.csv")],
            &[under("x.csv"), under("y.csv")],
            Some(&under("rep"))
        ));
    }
}
