//! The folders that a bubble sees, and under which names.

use std::path::{Component, Path, PathBuf};

/// A granted vintage, mounted read-only below `/data`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataMount {
    /// The folder (or file) on the host. Where root starts the bubble no part of it may be a link.
    pub source: PathBuf,
    /// The place below `/data`, as `source/vintage`: plain names, no `..`.
    pub name: PathBuf,
}

/// A file or folder of the centre's, shown read-only below `/tools`: a program, or what it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// On the host. Where root starts the bubble no part of the way to what is no program may be a
    /// link.
    pub source: PathBuf,
    /// Its name below `/tools`: one plain name.
    pub name: String,
    /// Whether it may be run.
    pub runs: bool,
}

/// The folders of one bubble. A space that is `None` is a folder in memory, as large as the
/// profile's `tmp_bytes`, which ends with the bubble.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spaces {
    /// Exactly the granted vintages; nothing else appears in `/data`.
    pub data: Vec<DataMount>,
    /// `/home/researcher`.
    pub home: Option<PathBuf>,
    /// `/project`, shared by the members of a project.
    pub project: Option<PathBuf>,
    /// `/imports`, read-only: what a person brought in through an accepted import.
    pub imports: Option<PathBuf>,
    /// `/exports`, from which files are asked to be taken out.
    pub exports: Option<PathBuf>,
    /// `/scratch`, not kept.
    pub scratch: Option<PathBuf>,
    /// The centre's programs and what they read, in `/tools`.
    pub tools: Vec<Tool>,
    /// Home and project are read-only: the last thirty days of a closing project.
    pub frozen: bool,
}

/// One folder and how the bubble sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// On the host; `None`: in memory.
    pub source: Option<PathBuf>,
    /// In the bubble.
    pub place: PathBuf,
    /// Whether the bubble may write.
    pub writable: bool,
    /// Whether what lies there may be run.
    pub runs: bool,
}

/// Why a set of spaces cannot be mounted.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SpaceError {
    /// The name is empty, absolute, has `..` or another part that is no plain name.
    #[error("the data folder `{0}` needs a name such as `source/vintage`")]
    Name(PathBuf),
    /// One name stands at or below another: the second would hide or write into the first.
    #[error("the data folders `{0}` and `{1}` overlap")]
    Overlap(PathBuf, PathBuf),
}

impl Spaces {
    /// All mounts in the order in which they are made, parents first.
    pub fn mounts(&self) -> Result<Vec<Mount>, SpaceError> {
        let mut mounts = Vec::new();
        for (i, data) in self.data.iter().enumerate() {
            let plain = data.name.components().all(|part| matches!(part, Component::Normal(_)));
            if !plain || data.name.as_os_str().is_empty() {
                return Err(SpaceError::Name(data.name.clone()));
            }
            for other in &self.data[..i] {
                if data.name.starts_with(&other.name) || other.name.starts_with(&data.name) {
                    return Err(SpaceError::Overlap(other.name.clone(), data.name.clone()));
                }
            }
            mounts.push(Mount {
                source: Some(data.source.clone()),
                place: Path::new("/data").join(&data.name),
                writable: false,
                runs: false,
            });
        }
        for tool in &self.tools {
            let mut parts = Path::new(&tool.name).components();
            if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
                return Err(SpaceError::Name(PathBuf::from(&tool.name)));
            }
            mounts.push(Mount {
                source: Some(tool.source.clone()),
                place: Path::new(TOOLS).join(&tool.name),
                writable: false,
                runs: tool.runs,
            });
        }
        let own = [
            (&self.home, HOME, !self.frozen),
            (&self.project, "/project", !self.frozen),
            (&self.imports, "/imports", false),
            (&self.exports, "/exports", true),
            (&self.scratch, "/scratch", true),
        ];
        mounts.extend(own.into_iter().map(|(source, place, writable)| Mount {
            source: source.clone(),
            place: place.into(),
            writable,
            runs: true,
        }));
        Ok(mounts)
    }
}

/// Where the centre's own programs are, in the bubble.
pub const TOOLS: &str = "/tools";

/// The home folder of the bubble's only person.
pub const HOME: &str = "/home/researcher";

#[cfg(test)]
mod tests {
    use super::*;

    fn data(names: &[&str]) -> Spaces {
        let mount = |name: &&str| DataMount { source: "/srv".into(), name: name.into() };
        Spaces { data: names.iter().map(mount).collect(), ..Spaces::default() }
    }

    #[test]
    fn a_vintage_is_mounted_read_only_below_data() {
        let mounts = data(&["rand-hie/1974"]).mounts().unwrap();
        assert_eq!(mounts[0].place, Path::new("/data/rand-hie/1974"));
        assert!(!mounts[0].writable);
        let imports = mounts.iter().find(|mount| mount.place == Path::new("/imports")).unwrap();
        assert!(!imports.writable);
    }

    #[test]
    fn a_name_cannot_lead_out_of_data() {
        for name in ["../etc", "/etc", "a/../../etc", "", "."] {
            assert!(matches!(data(&[name]).mounts(), Err(SpaceError::Name(_))), "{name}");
        }
    }

    #[test]
    fn a_tool_is_read_only_and_stands_nowhere_else() {
        let tool = |name: &str| Spaces {
            tools: vec![Tool { source: "/srv/x".into(), name: name.into(), runs: false }],
            ..Spaces::default()
        };
        let mounts = tool("rules.json").mounts().unwrap();
        assert_eq!(mounts[0].place, Path::new("/tools/rules.json"));
        assert!(!mounts[0].writable && !mounts[0].runs);
        for name in ["../etc", "/etc", "a/b", "", "."] {
            assert!(matches!(tool(name).mounts(), Err(SpaceError::Name(_))), "{name}");
        }
    }

    #[test]
    fn one_vintage_cannot_hide_another() {
        for names in [["a", "a/1"], ["a/1", "a"], ["a/1", "a/1"]] {
            assert!(matches!(data(&names).mounts(), Err(SpaceError::Overlap(..))), "{names:?}");
        }
        assert!(data(&["a/1", "a/10"]).mounts().is_ok());
    }
}
