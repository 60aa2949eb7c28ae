//! The host where bubbles run, as the centre sees it.

use std::path::{Path, PathBuf};

use domain::Bubble;

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
    pub async fn list_exports(&self, _bubble: &Bubble) -> Result<Vec<ExportEntry>, Failure> {
        Err(Failure::missing("host", "not connected"))
    }

    /// Copies one file out of a bubble's `exports/` to `to`, safely: no link, no special file, no
    /// swap between check and copy, at most `max_bytes`.
    pub async fn take_export(
        &self,
        _bubble: &Bubble,
        _path: &str,
        _to: &Path,
        _max_bytes: u64,
    ) -> Result<Taken, Failure> {
        Err(Failure::missing("host", "not connected"))
    }
}
