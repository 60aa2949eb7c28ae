//! A bubble's spaces on the host: where they are, how they are made, put aside and removed.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use domain::settings::bubble::SelfTest;
use sandbox::{
    DataMount, Launch, Profile, Spaces, Tool, beneath, launch::Image, run::FIRST_PROJECT_UID,
    volume::Volume,
};

use super::{
    AgentConfig, Refused, beneath_word,
    protocol::{DISK_FULL, Order},
};
use crate::failure::{causes, is_disk_full};

/// This process's uid.
pub(super) fn own_uid() -> u32 {
    // What `/proc/self` belongs to is the effective uid; asking the kernel by a call of its own
    // would need another dependency.
    fs::metadata("/proc/self").map_or(u32::MAX, |metadata| metadata.uid())
}

/// Whether this process can give projects a uid and a volume of their own.
pub(super) fn is_root() -> bool {
    own_uid() == 0
}

/// The uid under which a bubble runs: its own, where the agent is root.
pub(super) fn uid(bubble: u32) -> Option<u32> {
    is_root().then(|| FIRST_PROJECT_UID.saturating_add(bubble))
}

fn folder(config: &AgentConfig, bubble: u32) -> PathBuf {
    config.bubbles.join(bubble.to_string())
}

fn archive_of(config: &AgentConfig, bubble: u32) -> PathBuf {
    config.bubbles.join("archive").join(bubble.to_string())
}

fn volume(config: &AgentConfig, bubble: u32) -> Volume {
    let file = config.bubbles.join(format!("{bubble}.img"));
    Volume { file, place: folder(config, bubble) }
}

/// The volumes that stand in the bubbles' folder, with their bubbles' numbers.
fn volumes(config: &AgentConfig) -> Vec<(u32, Volume)> {
    let entries = fs::read_dir(&config.bubbles).into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        name.strip_suffix(".img")?.parse::<u32>().ok()
    });
    numbers.map(|number| (number, volume(config, number))).collect()
}

/// Mounts every bubble's volume, so that after a restart of the host `exports/` is not empty for
/// whoever asks before a session has opened the bubble again.
pub(super) fn open_volumes(config: &AgentConfig) {
    for (number, volume) in volumes(config) {
        let mounted = uid(number).filter(|_| config.volumes).map(|uid| volume.mount(uid));
        if let Some(Err(error)) = mounted {
            tracing::error!(bubble = number, error = causes(&error), "a volume was not mounted");
        }
    }
}

/// Takes the volumes off, when the agent is asked to stop.
pub(super) fn close_volumes(config: &AgentConfig) {
    for (number, volume) in volumes(config).into_iter().filter(|(_, volume)| volume.is_mounted()) {
        if let Err(error) = volume.unmount() {
            tracing::error!(bubble = number, error = causes(&error), "a volume was not unmounted");
        }
    }
}

/// A bubble's `exports/`.
pub(super) fn exports(config: &AgentConfig, bubble: u32) -> PathBuf {
    folder(config, bubble).join("exports")
}

pub(super) fn disk(error: &io::Error) -> Refused {
    let code = if is_disk_full(error) { DISK_FULL } else { "disk" };
    Refused { code, message: causes(error) }
}

fn profile(name: &str) -> Result<Profile, Refused> {
    let unknown = || Refused { code: "profile", message: format!("there is no profile `{name}`") };
    Profile::named(name).ok_or_else(unknown)
}

/// Makes what is missing of a bubble's spaces; mounts its volume after a restart of the host.
pub(super) fn prepare(config: &AgentConfig, bubble: u32, name: &str) -> Result<(), Refused> {
    let profile = profile(name)?;
    if archive_of(config, bubble).exists() {
        let message = format!("bubble {bubble} is archived");
        return Err(Refused { code: "archived", message });
    }
    if let (true, Some(uid)) = (config.volumes, uid(bubble)) {
        let volume = volume(config, bubble);
        let failed = |error: &dyn std::error::Error| Refused::because("volume")(error);
        volume.create(profile.disk_bytes).map_err(|error| failed(&error))?;
        volume.mount(uid).map_err(|error| failed(&error))?;
    }
    own_folder(&folder(config, bubble), uid(bubble)).map_err(|error| disk(&error))?;
    for space in ["home", "project", "imports", "exports", "scratch"] {
        let path = folder(config, bubble).join(space);
        own_folder(&path, uid(bubble)).map_err(|error| disk(&error))?;
    }
    Ok(())
}

/// Makes the names in a folder durable.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Makes a folder for the project's uid alone. What stands there already must be a folder.
pub(super) fn own_folder(path: &Path, uid: Option<u32>) -> io::Result<()> {
    match fs::create_dir(path) {
        Ok(()) => {}
        // Threat: a link in place of a bubble's folder. Nothing of a bubble reaches these names,
        // which are above its mounts, and nobody else does where root works (`ground.rs`).
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(path)?;
            return if found.is_dir() { Ok(()) } else { Err(error) };
        }
        Err(error) => return Err(error),
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    std::os::unix::fs::chown(path, uid, uid)
}

/// The bubble of `order`, ready to be started.
pub(super) fn launch(config: &AgentConfig, image: Image, order: &Order) -> Result<Launch, Refused> {
    prepare(config, order.bubble, &order.profile)?;
    let space = |name: &str| Some(folder(config, order.bubble).join(name));
    let mut data = Vec::new();
    // The operator may have put the centre behind a link; below its folder root follows none.
    let centre = config.deposits.parent().unwrap_or(&config.deposits);
    let centre = fs::canonicalize(centre).map_err(|error| disk(&error))?;
    let deposits = config.deposits.file_name().map_or(centre.clone(), |name| centre.join(name));
    for mount in &order.mounts {
        let source = deposits.join(mount.deposit.to_string()).join("parquet");
        if !source.is_dir() {
            let message = format!("the deposit {} has no Parquet files", mount.deposit);
            return Err(Refused { code: "deposit", message });
        }
        data.push(DataMount { source, name: PathBuf::from(&mount.name) });
    }
    let home = match order.person {
        None => None,
        Some(person) => {
            let home = folder(config, order.bubble).join("home").join(person.to_string());
            own_folder(&home, uid(order.bubble)).map_err(|error| disk(&error))?;
            Some(home)
        }
    };
    Ok(Launch {
        name: format!("{}", order.bubble),
        profile: profile(&order.profile)?,
        spaces: Spaces {
            data,
            home,
            project: space("project"),
            imports: space("imports"),
            exports: space("exports"),
            scratch: space("scratch"),
            tools: tools(config, &centre, order).map_err(|error| disk(&error))?,
            frozen: order.frozen,
        },
        image,
        uid: uid(order.bubble),
        environment: Vec::new(),
        command: Vec::new(),
    })
}

/// `bulle-check` and what it reads, and `bulle-protect`: the rules of the project's exports, and the figures that it took
/// out before.
fn tools(config: &AgentConfig, centre: &Path, order: &Order) -> io::Result<Vec<Tool>> {
    let mut tools = config.program.as_deref().map(super::programs).unwrap_or_default();
    let data = |source, name: &str| Tool { source, name: name.to_owned(), runs: false };
    if !order.rules.is_empty() {
        let folder = fs::canonicalize(folder(config, order.bubble))?;
        tools.push(data(write_rules(&folder, &order.rules)?, "rules.json"));
    }
    let released = centre.join("released").join(order.application.to_string());
    if released.is_dir() {
        tools.push(data(released, "released"));
    }
    Ok(tools)
}

/// Keeps the rules in a bubble's folder. Another file takes the place of an older one: sessions that
/// are open keep the rules that they began with.
fn write_rules(folder: &Path, rules: &str) -> io::Result<PathBuf> {
    let place = folder.join("rules.json");
    if fs::read(&place).is_ok_and(|found| found == rules.as_bytes()) {
        return Ok(place);
    }
    // A name of its own: two sessions may be opened at once.
    let unfinished = folder.join(format!(".tmp-rules-{}", uuid::Uuid::now_v7().simple()));
    let written = fs::write(&unfinished, rules)
        .and_then(|()| fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o444)))
        .and_then(|()| fs::rename(&unfinished, &place));
    if written.is_err() {
        let _ = fs::remove_file(&unfinished); // it may not be there
    }
    written.map(|()| place)
}

/// Tests the sandbox from inside. The recorder is the server's, which tests it itself.
pub(super) fn self_test(launch: &Launch) -> Vec<SelfTest> {
    let line =
        |name: &str, detail: String| SelfTest { name: name.to_owned(), passed: false, detail };
    let mut not_here = || Err("the recorder is the server's".to_owned());
    match sandbox::selftest::run(launch, &mut not_here) {
        Ok(checks) => checks
            .into_iter()
            .filter(|check| check.name != "recorder_on")
            .map(|check| SelfTest {
                name: check.name,
                passed: check.passed,
                detail: check.detail.chars().take(500).collect(),
            })
            .collect(),
        Err(error) => vec![line("starts", causes(&error))],
    }
}

/// How a file on its way into a bubble begins.
pub(super) const COMING: &str = ".import-";

/// How the folder of a copy on its way to the server begins.
const TAKEN: &str = ".taken-";

/// Removes the copies that a killed agent left: results of projects, which nobody would remove.
pub(super) fn sweep(config: &AgentConfig) -> io::Result<()> {
    for entry in fs::read_dir(&config.bubbles)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(TAKEN) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Removes what a killed agent left of imports, once volumes are mounted. What cannot be removed
/// stays, as no bubble sees it.
pub(super) fn sweep_imports(config: &AgentConfig) {
    let bubbles = fs::read_dir(&config.bubbles).into_iter().flatten().flatten();
    let is_bubble = |name: &str| name.parse::<u32>().is_ok();
    for bubble in bubbles.filter(|entry| entry.file_name().to_str().is_some_and(is_bubble)) {
        for entry in fs::read_dir(bubble.path()).into_iter().flatten().flatten() {
            let unfinished = entry.file_name().to_string_lossy().starts_with(COMING);
            if let (true, Err(error)) = (unfinished, fs::remove_file(entry.path())) {
                tracing::error!(error = causes(&error), "half an import was not removed");
            }
        }
    }
}

/// Copies a file of `exports/` into a temporary file of the agent's own.
pub(super) fn take(
    config: &AgentConfig,
    bubble: u32,
    path: &str,
    max_bytes: u64,
) -> Result<(beneath::Digest, Copy), Refused> {
    let missing = |_| Refused { code: "missing", message: "there is no exports folder".to_owned() };
    let dir = beneath::open_folder(&exports(config, bubble)).map_err(missing)?;
    let place = tempfile::Builder::new()
        .prefix(TAKEN)
        .tempdir_in(&config.bubbles)
        .map_err(|error| disk(&error))?;
    let copy = Copy { file: place.path().join("file"), _place: place };
    let dir = std::os::fd::AsFd::as_fd(&dir);
    let digest = beneath::copy_in(dir, Path::new(path), copy.path(), max_bytes)
        .map_err(|error| Refused { code: beneath_word(&error), message: nameless(&error) })?;
    Ok((digest, copy))
}

/// Why a file was not taken, without its name, which is a person's word: refusals are logged. Who asked
/// knows which file it was.
fn nameless(error: &beneath::BeneathError) -> String {
    match error {
        beneath::BeneathError::Io { source, .. } | beneath::BeneathError::Write { source, .. } => {
            causes(source)
        }
        other => beneath_word(other).to_owned(),
    }
}

/// A copy that is removed when it is dropped.
pub(super) struct Copy {
    file: PathBuf,
    _place: tempfile::TempDir,
}

impl Copy {
    pub(super) fn path(&self) -> &Path {
        &self.file
    }
}

/// Removes what a bubble need not keep and puts the rest aside. Doing it twice does it once.
pub(super) fn archive(config: &AgentConfig, bubble: u32) -> Result<(), Refused> {
    let kept = archive_of(config, bubble);
    let at = |error: io::Error| disk(&error);
    fs::create_dir_all(config.bubbles.join("archive")).map_err(at)?;
    let from = folder(config, bubble);
    if !from.exists() {
        return Ok(()); // archived already, or never made
    }
    for space in ["scratch", "imports"] {
        remove(&from.join(space)).map_err(at)?;
    }
    let volume = volume(config, bubble);
    if volume.file.exists() {
        volume.unmount().map_err(|error| Refused::because("volume")(&error))?;
        fs::rename(&volume.file, kept.with_extension("img")).map_err(at)?;
        return remove(&from).map_err(at);
    }
    fs::rename(&from, &kept).map_err(at)
}

/// Removes everything of a bubble, and says what that was.
pub(super) fn delete(config: &AgentConfig, bubble: u32) -> Result<String, Refused> {
    let at = |error: io::Error| disk(&error);
    let volume = volume(config, bubble);
    volume.unmount().map_err(|error| Refused::because("volume")(&error))?;
    let archive = archive_of(config, bubble);
    let places =
        [folder(config, bubble), archive.clone(), volume.file, archive.with_extension("img")];
    let (mut files, mut bytes) = (0_u64, 0_u64);
    for place in &places {
        let (count, length) = measure(place).map_err(at)?;
        files += count;
        bytes += length;
        remove(place).map_err(at)?;
    }
    let certificate = serde_json::json!({
        "bubble": bubble,
        "files": files,
        "bytes": bytes,
        "method": "unlinked; blocks returned to the filesystem, not overwritten",
        "key": null, // volumes are not encrypted, so there was no key to destroy
    });
    Ok(certificate.to_string())
}

fn measure(path: &Path) -> io::Result<(u64, u64)> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((0, 0)),
        Err(error) => return Err(error),
    };
    if !found.is_dir() {
        return Ok((1, found.blocks() * 512));
    }
    let mut sum = (0, 0);
    for entry in fs::read_dir(path)? {
        let (files, bytes) = measure(&entry?.path())?;
        sum = (sum.0 + files, sum.1 + bytes);
    }
    Ok(sum)
}

/// Removes a file or folder, which may be gone. `remove_dir_all` follows no link.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
#[path = "spaces_tests.rs"]
mod tests;
