//! What the image is made of.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::ImageError;

const TEXT: &str = include_str!("../../image/recipe.toml");
const REQUIREMENTS: &str = include_str!("../../image/requirements.txt");

/// To be raised when `build.rs` or `settle.rs` make another tree of the same recipe.
const BUILDER: &str = "2";

pub(super) const ARCHITECTURE: &str = std::env::consts::ARCH;

/// Packages and their pins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The Debian release.
    pub suite: String,
    /// Its parts.
    pub components: Vec<String>,
    /// Debian packages.
    pub packages: Vec<String>,
    /// Path patterns that dpkg leaves out.
    pub exclude: Vec<String>,
    /// pip's requirements, with the hash of each file.
    #[serde(skip)]
    pub requirements: &'static str,
}

impl Recipe {
    /// The one that this program was built with.
    pub fn built_in() -> Result<Self, ImageError> {
        let recipe: Self =
            toml::from_str(TEXT).map_err(|error| ImageError::Recipe(error.to_string()))?;
        Ok(Self { requirements: REQUIREMENTS, ..recipe })
    }

    /// SHA-256 of the recipe's texts, the builder's version and the architecture, in hex.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for part in [TEXT, self.requirements, BUILDER, ARCHITECTURE] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hex::encode(hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_recipe_is_valid_and_every_wheel_is_pinned_by_hash() {
        let recipe = Recipe::built_in().unwrap();
        assert!(recipe.packages.iter().any(|package| package == "r-base-core"));
        let text = recipe.requirements.replace("\\\n", " ");
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        for line in lines {
            assert!(line.contains("==") && line.contains("--hash=sha256:"), "{line}");
        }
    }

    #[test]
    fn no_registry_is_named_in_the_recipe() {
        for text in [TEXT, REQUIREMENTS] {
            assert!(!text.contains("://") && !text.contains("--index"), "{text}");
        }
    }
}
