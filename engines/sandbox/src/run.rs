//! Runs one command in exactly the sandbox of a bubble and waits for it: for operators and tests.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use crate::launch::{Image, Launch, LaunchError, Streams, launch};
use crate::profile::Profile;
use crate::space::{DataMount, SpaceError, Spaces, Tool};

/// The first uid of the range that is kept for projects; a command that root runs without a
/// project gets it.
pub const FIRST_PROJECT_UID: u32 = 200_000;

/// What to run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The ceilings.
    pub profile: Profile,
    /// The software.
    pub image: Image,
    /// Each appears read-only as `/data/<its last name>`.
    pub data: Vec<PathBuf>,
    /// Appears as `/project`, writable.
    pub project: Option<PathBuf>,
    /// Appears as `/exports`, writable.
    pub exports: Option<PathBuf>,
    /// What appears in `/tools`.
    pub tools: Vec<Tool>,
    /// Program and arguments.
    pub command: Vec<OsString>,
}

/// Why the command could not be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The bubble did not start.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// A folder cannot be looked at or given to the bubble.
    #[error("cannot use the folder `{path}`")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// The bubble's end cannot be awaited.
    #[error("cannot wait for the bubble")]
    Wait(#[source] io::Error),
}

impl Run {
    /// The launch that this stands for.
    ///
    /// As root the bubble runs as the owner of the project folder (or the exports folder); a
    /// folder of root's is given to [`FIRST_PROJECT_UID`] (the folder itself, not what is in it).
    pub fn launch(&self) -> Result<Launch, RunError> {
        let mut data = Vec::new();
        for source in &self.data {
            let source = resolve(source)?;
            let name = source.file_name().map(PathBuf::from);
            let name = name.ok_or_else(|| LaunchError::from(SpaceError::Name(source.clone())))?;
            data.push(DataMount { source, name });
        }
        let folder = |path: &Option<PathBuf>| path.as_deref().map(resolve).transpose();
        let (project, exports) = (folder(&self.project)?, folder(&self.exports)?);
        let uid = if rustix::process::geteuid().is_root() {
            Some(own([project.as_deref(), exports.as_deref()].into_iter().flatten())?)
        } else {
            None
        };
        Ok(Launch {
            name: "run".into(),
            profile: self.profile.clone(),
            spaces: Spaces {
                data,
                project,
                exports,
                tools: self.tools.clone(),
                ..Spaces::default()
            },
            image: self.image.clone(),
            uid,
            environment: Vec::new(),
            command: self.command.clone(),
        })
    }
}

/// Runs the command with this process's streams and gives its exit code (128 + n for a signal).
pub fn run_command(run: &Run) -> Result<i32, RunError> {
    let mut bubble = launch(&run.launch()?, Streams::inherit())?;
    let status = bubble.wait().map_err(RunError::Wait)?;
    Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)))
}

fn resolve(path: &Path) -> Result<PathBuf, RunError> {
    path.canonicalize().map_err(|source| RunError::Folder { path: path.into(), source })
}

/// The uid that owns the first folder that is not root's, and the other folders given to it.
fn own<'a>(folders: impl Iterator<Item = &'a Path> + Clone) -> Result<u32, RunError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        |source| RunError::Folder { path, source }
    };
    let mut uid = FIRST_PROJECT_UID;
    for folder in folders.clone() {
        let owner = folder.metadata().map_err(at(folder))?.uid();
        if owner != 0 {
            uid = owner;
            break;
        }
    }
    for folder in folders {
        if folder.metadata().map_err(at(folder))?.uid() == 0 {
            std::os::unix::fs::chown(folder, Some(uid), Some(uid)).map_err(at(folder))?;
        }
    }
    Ok(uid)
}
