//! The image: the read-only software of every bubble, built once and named by what it is made of.
//!
//! `ensure` gives the image of the recipe that is compiled in, and builds it at first use with
//! mmdebstrap and a Python environment. The folder `<cache>/<recipe digest>/` holds `root/` (only
//! `usr`, `etc` and `opt`) and `manifest.json`. It is built under another name and renamed when
//! complete, so a killed build leaves nothing that could be taken for an image.

mod build;
mod recipe;
mod settle;
mod tree;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::launch::Image;
pub use recipe::Recipe;
pub use tree::digest as tree_digest;

/// What is being done, for a progress display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Another process builds the same image.
    Waiting,
    /// Debian packages are fetched and unpacked (about a minute).
    Packages,
    /// The tree is laid out.
    Unpacking,
    /// Python packages are fetched and installed (about half a minute).
    Python,
    /// Accounts, names and permissions are set, what no bubble needs is removed.
    Settling,
    /// The tree's digest is computed.
    Digesting,
}

impl Step {
    /// All steps of a build, in order.
    pub const BUILD: [Self; 5] =
        [Self::Packages, Self::Unpacking, Self::Python, Self::Settling, Self::Digesting];
}

/// What is known of an image without looking into it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// SHA-256 of the recipe, lower-case hex; the folder's name.
    pub recipe: String,
    /// SHA-256 of the tree, see [`tree_digest`].
    pub digest: String,
    /// The processor it runs on.
    pub architecture: String,
    /// Debian packages as `name version`.
    pub packages: Vec<String>,
    /// Python packages as `name==version`.
    pub python: Vec<String>,
}

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The cache cannot be used.
    #[error("cannot use the image cache `{path}`")]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// A program that builds is not installed.
    #[error("cannot build the image: `{0}` is not installed")]
    Missing(&'static str),
    /// A program failed.
    #[error("cannot build the image: {step:?} failed ({status}):\n{log}")]
    Failed {
        /// In which step.
        step: Step,
        /// Its exit status.
        status: String,
        /// The last lines that it wrote.
        log: String,
    },
    /// The compiled-in recipe is wrong.
    #[error("the image's recipe is invalid: {0}")]
    Recipe(String),
    /// The tree is not what the manifest says.
    #[error("the image `{path}` was altered: its digest is {found}, its manifest says {expected}")]
    Altered {
        /// The image's folder.
        path: PathBuf,
        /// Computed now.
        found: String,
        /// Written when it was built.
        expected: String,
    },
}

/// Where images are kept when nobody says otherwise: `$XDG_CACHE_HOME/bulle/images`, or
/// `~/.cache/bulle/images`.
pub fn default_cache() -> PathBuf {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    variable("XDG_CACHE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(|| PathBuf::from("/var/cache"))
        .join("bulle/images")
}

/// The image of the compiled-in recipe, built when it is not there yet.
///
/// # Errors
/// A failed build leaves the cache as it was; calling again starts anew.
///
/// # Panics
/// Never: a manifest is strings and lists, which serialise.
pub fn ensure(cache: &Path, progress: &mut dyn FnMut(Step)) -> Result<Image, ImageError> {
    let recipe = Recipe::built_in()?;
    let folder = cache.join(recipe.digest());
    if let Some(image) = present(&folder, &recipe) {
        return Ok(image);
    }
    fs::create_dir_all(cache).map_err(at(cache))?;
    let _lock = lock(cache, progress)?;
    // The builder that we waited for has probably made it.
    if let Some(image) = present(&folder, &recipe) {
        return Ok(image);
    }
    remove_leftovers(cache);
    let place = tempfile::Builder::new().prefix("build-").tempdir_in(cache).map_err(at(cache))?;
    let manifest = build::build(&recipe, place.path(), progress)?;
    let text = serde_json::to_string_pretty(&manifest).expect("strings and lists serialise");
    let path = place.path().join("manifest.json");
    fs::write(&path, text).map_err(at(&path))?;
    sync(cache);
    let built = place.keep();
    fs::rename(&built, &folder).map_err(at(&folder))?;
    Ok(Image { root: folder.join("root"), digest: manifest.digest })
}

/// The manifest of an image that `ensure` gave.
pub fn manifest(image: &Image) -> Option<Manifest> {
    let text = fs::read(image.root.parent()?.join("manifest.json")).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Reads the whole tree (seconds) and compares it with the digest of its manifest.
pub fn verify(image: &Image) -> Result<(), ImageError> {
    let found = tree::digest(&image.root).map_err(at(&image.root))?;
    if found == image.digest {
        return Ok(());
    }
    Err(ImageError::Altered { path: image.root.clone(), found, expected: image.digest.clone() })
}

/// The cheap check of each start: the manifest is of this recipe, and the programs on which every
/// bubble depends are there.
fn present(folder: &Path, recipe: &Recipe) -> Option<Image> {
    let text = fs::read(folder.join("manifest.json")).ok()?;
    let manifest: Manifest = serde_json::from_slice(&text).ok()?;
    let root = folder.join("root");
    let whole = ["usr/bin/bash", "usr/bin/R", "opt/python/bin/python", "etc/passwd"]
        .iter()
        .all(|path| root.join(path).symlink_metadata().is_ok());
    let same = manifest.recipe == recipe.digest() && manifest.architecture == recipe::ARCHITECTURE;
    (whole && same).then_some(Image { root, digest: manifest.digest })
}

/// Held until the file is dropped; the kernel gives it up when the holder is killed.
fn lock(cache: &Path, progress: &mut dyn FnMut(Step)) -> Result<fs::File, ImageError> {
    use rustix::fs::{FlockOperation, flock};
    let path = cache.join("lock");
    let file = fs::File::create(&path).map_err(at(&path))?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        progress(Step::Waiting);
        flock(&file, FlockOperation::LockExclusive).map_err(|e| at(&path)(e.into()))?;
    }
    Ok(file)
}

/// What killed builds left. Called under the lock, so none of them is still being written.
fn remove_leftovers(cache: &Path) {
    for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b"build-") {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The tree must be on disk before its name is: a crash could else leave a complete name with
/// empty files.
fn sync(folder: &Path) {
    if let Ok(folder) = fs::File::open(folder) {
        let _ = rustix::fs::syncfs(&folder);
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ImageError + use<> {
    let path = path.to_owned();
    |source| ImageError::Cache { path, source }
}
