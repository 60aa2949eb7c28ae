//! The host where bubbles run, as the centre sees it.

use std::{
    os::fd::AsFd,
    path::{Path, PathBuf},
};

use domain::Bubble;
use sandbox::beneath::{self, BeneathError};

use crate::{Config, Failure};

/// The host where bubbles run.
pub struct Host {
    /// Where each bubble has its folder, by its number.
    bubbles: PathBuf,
}

/// A file in a bubble's `exports/`.
#[derive(Clone, Debug)]
pub struct ExportEntry {
    /// Its path below `exports/`.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Why it cannot leave whatever it holds (a link, a special file), when it cannot.
    pub problem: Option<String>,
}

/// A file that was taken out of a bubble.
#[derive(Clone, Debug)]
pub struct Taken {
    /// SHA-256 of the bytes that were copied, hexadecimal.
    pub sha256: String,
    /// How many.
    pub bytes: u64,
}

impl Host {
    /// Opens it for the centre of `config`.
    pub fn open(config: &Config) -> Result<Self, Failure> {
        Ok(Self { bubbles: config.dir.join("bubbles") })
    }

    /// The folder of a bubble's spaces: `home/<person>`, `project`, `imports`, `exports`, `scratch`.
    pub fn folder(&self, bubble: &Bubble) -> PathBuf {
        self.bubbles.join(bubble.number.to_string())
    }

    /// What stands in a bubble's `exports/`.
    pub async fn list_exports(&self, bubble: &Bubble) -> Result<Vec<ExportEntry>, Failure> {
        let folder = self.folder(bubble).join("exports");
        let list = move || {
            let folder = beneath::open_folder(&folder)?;
            beneath::list(folder.as_fd())
        };
        let listed = tokio::task::spawn_blocking(list).await;
        let listed = listed.map_err(Failure::engine("list the bubble's exports"))?;
        let listed = listed.map_err(Failure::engine("list the bubble's exports"))?;
        let entry = |entry: beneath::Entry| ExportEntry {
            problem: entry.problem.map(problem),
            // A name that is no text cannot leave; it is shown as well as it can be.
            path: entry.name.to_string_lossy().into_owned(),
            bytes: entry.size,
        };
        Ok(listed.into_iter().map(entry).collect())
    }

    /// Copies one file out of a bubble's `exports/` to `to`, safely: no link, no special file, no
    /// swap between check and copy, at most `max_bytes`.
    ///
    /// # Errors
    /// [`Failure::Invalid`] with the file as its detail where the file is the cause
    /// (`file-gone`, `file-link`, `file-special`, `file-too-long`, `file-changed`).
    pub async fn take_export(
        &self,
        bubble: &Bubble,
        path: &str,
        to: &Path,
        max_bytes: u64,
    ) -> Result<Taken, Failure> {
        let folder = self.folder(bubble).join("exports");
        let (path, to) = (path.to_owned(), to.to_owned());
        let copy = move || {
            let folder = beneath::open_folder(&folder)
                .map_err(Failure::engine("open the bubble's exports"))?;
            let copied = beneath::copy_in(folder.as_fd(), Path::new(&path), &to, max_bytes);
            copied.map_err(|error| refused(error, path))
        };
        let copied = tokio::task::spawn_blocking(copy).await;
        let digest = copied.map_err(Failure::engine("copy a file out of the bubble"))??;
        Ok(Taken { sha256: digest.sha256, bytes: digest.bytes })
    }
}

/// Why an entry cannot leave, as a stable word.
fn problem(problem: beneath::Problem) -> String {
    match problem {
        beneath::Problem::NotRegular("a link") | beneath::Problem::HardLink => "file-link",
        beneath::Problem::NotRegular(_) => "file-special",
        beneath::Problem::Name => "file-name",
        beneath::Problem::TooDeep => "file-deep",
        beneath::Problem::Unreadable => "file-unreadable",
    }
    .to_owned()
}

/// A file that is the cause of a refused copy is named to its author; a disk that fails is not
/// their business and goes to the log.
fn refused(error: BeneathError, path: String) -> Failure {
    let key = match &error {
        BeneathError::Missing(_) => "file-gone",
        BeneathError::LeadsOut(_) | BeneathError::HardLink(_) => "file-link",
        BeneathError::NotRegular { .. } => "file-special",
        BeneathError::TooLong { .. } => "file-too-long",
        BeneathError::Changed(_) => "file-changed",
        BeneathError::Io { .. } | BeneathError::Write { .. } => {
            return Failure::engine("copy a file out of the bubble")(error);
        }
    };
    Failure::Invalid { field: "files".to_owned(), key: key.to_owned(), detail: path }
}
