//! The ground that an agent of root works on.
//!
//! Threat: the agent makes, mounts, gives away and removes by path. Whoever owns a folder above the
//! bubbles' can put a link in its place, and root would do all that in `/etc`. So an agent of root
//! that serves another user's server works only where root alone can put anything: every folder
//! down to the bubbles' is a real one, root's, and no one else's to write. It is asked at the start
//! and before each request; between the two nobody but root can change the answer.
//!
//! An agent that is not root, or whose server is root too, can do nothing for its server that the
//! server could not do itself.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt, chown},
    path::Path,
};

use rustix::fs::{Mode, OFlags};

use super::{AgentConfig, Refused, spaces};

/// Refuses to work where somebody beside root decides what stands at a path.
pub(super) fn check(config: &AgentConfig) -> Result<(), Refused> {
    let apart = config.server_uid.is_some_and(|server| server != 0);
    if !spaces::is_root() || !apart {
        return Ok(());
    }
    for (setting, folder) in [("bubbles", &config.bubbles), ("image_cache", &config.image_cache)] {
        is_roots_alone(folder).map_err(|error| {
            let message = format!(
                "an agent of root does not work in {}: {error}; set `{setting}` in bulle.toml to a \
                 folder of root's",
                folder.display()
            );
            Refused { code: "ground", message }
        })?;
    }
    Ok(())
}

/// Whether every folder that stands on the way to `folder`, and it itself, is root's alone. What is
/// not there yet will be made by root, in such a folder.
fn is_roots_alone(folder: &Path) -> io::Result<()> {
    let folder = std::path::absolute(folder)?;
    for (below, path) in folder.ancestors().enumerate() {
        let found = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            found => found?,
        };
        let others_write = found.mode() & 0o022 != 0;
        // In a sticky folder such as `/tmp` nobody renames or removes what is root's.
        let sticky = below > 0 && found.mode() & 0o1000 != 0;
        let why = match () {
            () if !found.is_dir() => "is no folder (a link, perhaps)",
            () if found.uid() != 0 => "is not root's",
            () if others_write && !sticky => "can be written by others than root",
            () => continue,
        };
        let told = format!("{} {why}", path.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, told));
    }
    Ok(())
}

/// Makes the bubbles' folder: their files are for nobody but their uid and the agent.
pub(super) fn make(config: &AgentConfig) -> io::Result<()> {
    let refused =
        |refused: Refused| io::Error::new(io::ErrorKind::PermissionDenied, refused.message);
    check(config).map_err(refused)?;
    fs::DirBuilder::new().recursive(true).mode(0o755).create(&config.bubbles)?;
    check(config).map_err(refused)?;
    fs::set_permissions(&config.bubbles, fs::Permissions::from_mode(0o711))
}

/// Gives the socket at `path` to the server alone. It stands in the server's own folder, where the
/// server may put a link to anything in its place: what is opened is asked what it is, and no name
/// is followed after that.
pub(super) fn give(path: &Path, server: Option<u32>) -> io::Result<()> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let socket = fs::File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let found = socket.metadata()?;
    if !found.file_type().is_socket() || found.uid() != spaces::own_uid() || found.nlink() != 1 {
        return Err(io::Error::other("something else stands in place of the agent's socket"));
    }
    let opened = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&socket));
    fs::set_permissions(&opened, fs::Permissions::from_mode(0o600))?;
    server.map_or(Ok(()), |uid| chown(&opened, Some(uid), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(dir: &Path) -> AgentConfig {
        AgentConfig {
            bubbles: dir.join("centre/bubbles"),
            deposits: dir.join("deposits"),
            image_cache: dir.join("images"),
            volumes: false,
            server_uid: Some(61_803),
            program: None,
        }
    }

    /// A folder that only root can have made.
    fn as_root() -> Option<tempfile::TempDir> {
        if !spaces::is_root() {
            eprintln!("NOT TESTED: only root has a ground to keep others off");
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("centre")).unwrap();
        Some(dir)
    }

    #[test]
    fn an_agent_of_root_works_where_root_alone_decides() {
        let Some(dir) = as_root() else { return };
        let config = config(dir.path());
        make(&config).unwrap();
        assert_eq!(fs::metadata(&config.bubbles).unwrap().mode() & 0o777, 0o711);
        check(&config).unwrap();
    }

    #[test]
    fn a_link_in_place_of_the_bubbles_or_above_them_is_refused() {
        let Some(dir) = as_root() else { return };
        let config = config(dir.path());
        let (elsewhere, centre) = (dir.path().join("etc"), dir.path().join("centre"));
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &config.bubbles).unwrap();
        assert_eq!(check(&config).unwrap_err().code, "ground");
        assert!(make(&config).is_err());
        fs::remove_dir_all(&centre).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &centre).unwrap();
        assert_eq!(check(&config).unwrap_err().code, "ground");
        assert!(make(&config).is_err());
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0, "nothing was made there");
    }

    #[test]
    fn a_folder_of_the_server_s_or_of_everybody_s_is_refused() {
        let Some(dir) = as_root() else { return };
        let config = config(dir.path());
        let centre = dir.path().join("centre");
        chown(&centre, config.server_uid, None).unwrap();
        assert!(make(&config).is_err() && !config.bubbles.exists(), "the server's");
        chown(&centre, Some(0), None).unwrap();
        for (mode, fits) in [(0o755, true), (0o775, false), (0o757, false), (0o1777, true)] {
            fs::set_permissions(&centre, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(check(&config).is_ok(), fits, "{mode:o}");
        }
        make(&config).unwrap();
        fs::set_permissions(&config.bubbles, fs::Permissions::from_mode(0o1777)).unwrap();
        assert!(check(&config).is_err(), "others make folders in it");
        let same = AgentConfig { server_uid: None, ..config };
        check(&same).unwrap(); // the server is root: it needs no agent to write anywhere
    }

    /// Threat: whoever can write in the images' cache puts a program of theirs into every bubble, or a
    /// link where root builds and removes.
    #[test]
    fn an_image_cache_that_is_not_root_s_alone_is_refused() {
        let Some(dir) = as_root() else { return };
        let config = config(dir.path());
        let (above, cache) = (dir.path().join("cache"), dir.path().join("cache/bulle"));
        let config = AgentConfig { image_cache: cache.clone(), ..config };
        let refused = |what: &str| {
            let refused = check(&config).expect_err(what);
            assert_eq!(refused.code, "ground", "{what}");
            assert!(refused.message.contains("`image_cache`"), "{what}: {}", refused.message);
            assert!(make(&config).is_err() && !config.bubbles.exists(), "{what}: nothing is made");
        };
        check(&config).expect("root makes it");
        fs::create_dir_all(&cache).unwrap();
        check(&config).expect("root's");
        for place in [&above, &cache] {
            chown(place, config.server_uid, None).unwrap();
            refused("the server's");
            chown(place, Some(61_804), None).unwrap();
            refused("somebody's");
            chown(place, Some(0), None).unwrap();
            for mode in [0o775, 0o757, 0o777] {
                fs::set_permissions(place, fs::Permissions::from_mode(mode)).unwrap();
                refused("everybody's");
            }
            fs::set_permissions(place, fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::set_permissions(&cache, fs::Permissions::from_mode(0o1777)).unwrap();
        refused("others may put files into the cache itself");
        fs::remove_dir_all(&cache).unwrap();
        fs::write(&cache, "").unwrap();
        refused("a file");
        fs::remove_file(&cache).unwrap();
        let elsewhere = dir.path().join("etc");
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &cache).unwrap();
        refused("a link");
        fs::remove_dir_all(&above).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &above).unwrap();
        refused("a link above it");
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0, "nothing was made there");
        fs::remove_file(&above).unwrap();
        make(&config).expect("and a ground of root's serves");
    }

    #[test]
    fn what_stands_in_place_of_the_socket_is_given_to_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let (precious, socket) = (dir.path().join("shadow"), dir.path().join("agent.sock"));
        fs::write(&precious, "x").unwrap();
        let before = fs::metadata(&precious).unwrap();
        std::os::unix::fs::symlink(&precious, &socket).unwrap();
        assert!(give(&socket, None).is_err(), "a link");
        fs::remove_file(&socket).unwrap();
        fs::hard_link(&precious, &socket).unwrap();
        assert!(give(&socket, None).is_err(), "a file");
        let after = fs::metadata(&precious).unwrap();
        assert_eq!((after.uid(), after.mode()), (before.uid(), before.mode()));
        fs::remove_file(&socket).unwrap();
        let _listens = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        give(&socket, None).unwrap();
        assert_eq!(fs::metadata(&socket).unwrap().mode() & 0o777, 0o600);
    }
}
