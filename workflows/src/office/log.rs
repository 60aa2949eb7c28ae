//! The log's files as outsiders read them (<https://c2sp.org/tlog-tiles>), and what it promises.

use std::path::PathBuf;

use domain::{Actor, Denied, Role};

use super::{sealer::Promise, sight};
use crate::{Centre, Failure};

/// What the log's page says above the events.
#[derive(Clone, Debug)]
pub struct State {
    /// The log's name.
    pub origin: String,
    /// Its checkpoint and key.
    pub promise: Promise,
    /// Events that wait to be sealed.
    pub waiting: u64,
}

/// How the log stands, for those who may see the list of events.
pub async fn log_state(centre: &Centre, actor: &Actor) -> Result<State, Failure> {
    let denied = Denied::NeedsRole(Role::Auditor.name());
    sight::by_role(actor).ok_or(Failure::Denied(denied))?;
    let extent = centre.store.log_extent().await?;
    let promise = centre.sealer.promise().await?;
    Ok(State { origin: centre.sealer.origin().to_owned(), promise, waiting: extent.waiting })
}

/// The signed checkpoint and the verifier key, for everybody. The checkpoint is the one in memory:
/// the file may for an instant be ahead of what a power cut leaves.
pub async fn promise(centre: &Centre) -> Result<Promise, Failure> {
    centre.sealer.promise().await
}

/// A file below `tile/`, for everybody: hashes and entries say nothing of persons or data.
///
/// # Errors
/// [`Failure::Missing`] where the name is none of a tile or there is no such file.
pub async fn tile(centre: &Centre, name: &str) -> Result<Vec<u8>, Failure> {
    let missing = || Failure::missing("tile", "");
    let path = tile_path(name).ok_or_else(missing)?;
    match tokio::fs::read(centre.config.log_dir().join("tile").join(path)).await {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(missing()),
        Err(error) => Err(Failure::engine("read a tile")(error)),
    }
}

/// The path of a tile by its name, built anew from the numbers in it. Threat: a name such as
/// `../../keys/log.key`. What is no number does not get here, so no name leads out.
///
/// `<L>/<N>` with `L` a level below 64 or `entries`, `N` groups of three digits of which all but the
/// last begin with `x`, and `.p/<W>` with `W` from 1 to 255 for an unfinished tile.
fn tile_path(name: &str) -> Option<PathBuf> {
    let (kind, rest) = name.split_once('/')?;
    let mut path = match kind {
        "entries" => PathBuf::from("entries"),
        level => PathBuf::from(number(level, 0, 63)?.to_string()),
    };
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => (index, Some(number(width, 1, 255)?)),
        None => (rest, None),
    };
    let groups: Vec<&str> = index.split('/').collect();
    if groups.len() > 7 {
        return None; // 64 bits have twenty digits
    }
    let (last, first) = groups.split_last()?;
    for group in first {
        path.push(format!("x{:03}", three_digits(group.strip_prefix('x')?)?));
    }
    let last = three_digits(last)?;
    match width {
        Some(width) => path.extend([format!("{last:03}.p"), width.to_string()]),
        None => path.push(format!("{last:03}")),
    }
    Some(path)
}

/// A number without a leading zero, from `least` to `most`.
fn number(text: &str, least: u32, most: u32) -> Option<u32> {
    let plain = text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| plain)?;
    let canonical = text == "0" || !text.starts_with('0');
    (canonical && (least..=most).contains(&number)).then_some(number)
}

fn three_digits(text: &str) -> Option<u32> {
    let plain = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tiles_are_paths_and_nothing_else_is() {
        let path = |name: &str| tile_path(name).map(|path| path.to_string_lossy().into_owned());
        for name in ["0/000", "0/x001/234", "entries/000.p/7", "2/x001/x234/067.p/255", "63/999"] {
            assert_eq!(path(name).as_deref(), Some(name));
        }
        for name in [
            "",
            "0",
            "entries",
            "0/",
            "0/00",
            "0/0000",
            "64/000",
            "00/000",
            "+1/000",
            "0/../000",
            "../keys/log.key",
            "entries/../../keys/log.key",
            "/etc/passwd",
            "0//etc/passwd",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/01",
            "0/000.p/",
            "0/000.p/1/2",
            "0/001/000",
            "0/x000",
            "0/x0aa/000",
            "0/000\0",
            "entries/٠٠٠",
            "0/x000/x000/x000/x000/x000/x000/x000/000",
        ] {
            assert_eq!(path(name), None, "{name:?}");
        }
    }
}
