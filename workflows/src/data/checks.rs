//! What the centre checks of a deposit by itself, once every file came: hashes, kinds, structure
//! and types, then the names and kinds of the columns against the code book.
//!
//! One job a deposit. Each step is saved with its event, so that a killed server goes on with the
//! step that was not saved; each step can be done twice. A file that a step refuses rejects the
//! deposit with the engine's words; a disk or database that fails stops the job, and the clock
//! starts it again.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use domain::{
    Deposit, DepositId,
    data::deposit::{DepositFile, DepositState, Rejection, checks_of},
};
use sha2::{Digest, Sha256};
use tabular::{
    csv::{self, CsvError, CsvOptions},
    parquet_file::{self, ParquetFileError},
    sniff,
};

use super::{deposit::save, label, refusal, upload};
use crate::{Centre, Failure, failure::causes};

/// Starts the checks of a deposit beside the server's work, unless they run.
pub(super) fn start(centre: &Centre, id: DepositId) {
    if !centre.desk.claim(id) {
        return;
    }
    let centre = centre.clone();
    tokio::spawn(async move {
        let done = run(&centre, id).await;
        centre.desk.release(id);
        let settled = match done {
            Ok(()) => centre.settle().await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = settled {
            tracing::error!(
                deposit.id = %id,
                error = causes(&failure),
                "the checks of deposit `{id}` stopped; the clock starts them again"
            );
        }
    });
}

/// Runs the checks of a deposit to their end; does nothing where none is due. One at a time.
#[tracing::instrument(name = "workflow.check_deposit", skip_all, fields(deposit.id = %id), err)]
pub async fn run(centre: &Centre, id: DepositId) -> Result<(), Failure> {
    let _one = centre.desk.check(id).await;
    loop {
        let before: Deposit = centre.load("deposit", id).await?;
        let checked = match before.state {
            DepositState::Received { .. } => check_hashes(centre, &before).await?,
            DepositState::HashChecked => scan(centre, &before).await?,
            DepositState::Scanned => validate(centre, &before).await?,
            DepositState::Validated => label::check(centre, &before).await?,
            _ => return Ok(()),
        };
        let kind = format!("deposit.{}", checked.state.name());
        let mut event = centre.system_event(&kind, "deposit", id);
        if let DepositState::Rejected { reason, .. } = &checked.state {
            event.payload = serde_json::json!({ "check": reason.key });
        }
        match save(centre, &event, &before, &checked, |_| ()).await {
            Err(Failure::Conflict(_)) => {} // the depositor took it back meanwhile: look again
            other => other?,
        }
    }
}

/// A step's answer about the files: what it found, or why the deposit is refused.
type Verdict<T> = Result<T, Rejection>;

/// Does blocking work on every file, off the server's threads. The outer error is the disk's.
async fn each<T: Send + 'static>(
    centre: &Centre,
    deposit: &Deposit,
    attempt: &'static str,
    work: impl Fn(&DepositFile, &Path) -> io::Result<Verdict<T>> + Send + 'static,
) -> Result<Verdict<Vec<T>>, Failure> {
    let paths: Vec<(DepositFile, PathBuf)> = deposit
        .files
        .iter()
        .map(|file| (file.clone(), upload::received(centre, deposit.id, &file.name)))
        .collect();
    let all = move || paths.iter().map(|(file, path)| work(file, path)).collect();
    let done: io::Result<Verdict<Vec<T>>> =
        tokio::task::spawn_blocking(all).await.map_err(Failure::engine(attempt))?;
    done.map_err(Failure::engine(attempt))
}

fn settle(
    centre: &Centre,
    deposit: &Deposit,
    verdict: Result<Deposit, Rejection>,
) -> Result<Deposit, Failure> {
    match verdict {
        Ok(next) => Ok(next),
        Err(reason) => Ok(checks_of(deposit).reject(reason, centre.now())?),
    }
}

async fn check_hashes(centre: &Centre, deposit: &Deposit) -> Result<Deposit, Failure> {
    let manifest = deposit.manifest.clone();
    let hashes = each(centre, deposit, "hash a received file", move |file, path| {
        let found = hash(path)?;
        let announced = manifest.iter().find(|announced| announced.name == file.name);
        let announced = announced.map_or("", |announced| announced.sha256.as_str());
        Ok(match announced == found || announced.is_empty() {
            true => Ok(found),
            false => Err(Rejection::new("hash", &file.name, format!("{announced} ≠ {found}"))),
        })
    });
    let verdict = match hashes.await? {
        Ok(hashes) => Ok(checks_of(deposit).hash_checked(&hashes)?),
        Err(reason) => Err(reason),
    };
    settle(centre, deposit, verdict)
}

/// SHA-256 of a file, hexadecimal.
fn hash(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

fn is_parquet(name: &str) -> bool {
    name.to_lowercase().ends_with(".parquet")
}

/// Whether each file is what its name says, by its first bytes.
async fn scan(centre: &Centre, deposit: &Deposit) -> Result<Deposit, Failure> {
    let scanned = each(centre, deposit, "scan a received file", |file, path| {
        let mut start = Vec::new();
        File::open(path)?.take(4096).read_to_end(&mut start)?;
        let found = match is_parquet(&file.name) {
            true => Some(sniff::describe(&start)).filter(|kind| *kind != sniff::LooksLike::Parquet),
            false => sniff::foreign(&start),
        };
        Ok(match found {
            None => Ok(()),
            Some(kind) => Err(refusal::mislabelled(&file.name, kind)),
        })
    });
    let verdict = match scanned.await? {
        Ok(_) => Ok(checks_of(deposit).scanned()?),
        Err(reason) => Err(reason),
    };
    settle(centre, deposit, verdict)
}

/// Makes a Parquet file of each file, with the report of its types.
async fn validate(centre: &Centre, deposit: &Deposit) -> Result<Deposit, Failure> {
    let folder = upload::folder(centre, deposit.id).join("parquet");
    let manifest = deposit.manifest.clone();
    let files = each(centre, deposit, "convert a received file", move |file, path| {
        fs::create_dir_all(&folder)?;
        let stem = file.name.rsplit_once('.').map_or(file.name.as_str(), |(stem, _)| stem);
        let name = format!("{stem}.parquet");
        let made = match is_parquet(&file.name) {
            true => take_parquet(&file.name, path, &folder.join(&name))?,
            false => convert_csv(&file.name, path, &folder.join(&name))?,
        };
        if made.is_ok() {
            // A bubble reads this file with its project's own uid, by a mount of this folder alone;
            // nobody else gets here, since the deposits' folder is closed to all but the server.
            fs::set_permissions(folder.join(&name), fs::Permissions::from_mode(0o444))?;
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        }
        let announced = manifest.iter().find(|announced| announced.name == file.name);
        let announced = announced.and_then(|announced| announced.rows);
        Ok(made.and_then(|(rows, report)| match announced {
            Some(announced) if announced != rows => {
                Err(Rejection::new("rows", &file.name, format!("{announced} ≠ {rows}")))
            }
            _ => Ok(DepositFile {
                parquet: Some(name),
                rows: Some(rows),
                report: Some(report),
                ..file.clone()
            }),
        }))
    });
    let verdict = match files.await? {
        Ok(files) => Ok(checks_of(deposit).validated(files)?),
        Err(reason) => Err(reason),
    };
    settle(centre, deposit, verdict)
}

type Made = io::Result<Verdict<(u64, serde_json::Value)>>;

fn convert_csv(name: &str, from: &Path, to: &Path) -> Made {
    let mut input = File::open(from)?;
    match csv::convert(&mut input, to, &CsvOptions::default(), &mut |_| ()) {
        Ok(report) => {
            let rows = report.rows;
            Ok(Ok((rows, serde_json::to_value(report).unwrap_or_default())))
        }
        Err(CsvError::Io(error)) => Err(error),
        Err(CsvError::Parquet(error)) => Err(io::Error::other(error)),
        Err(error) => Ok(Err(refusal::of_csv(name, &error))),
    }
}

fn take_parquet(name: &str, from: &Path, to: &Path) -> Made {
    match parquet_file::verify(from) {
        Ok(report) => {
            copy(from, to)?;
            let rows = report.rows;
            Ok(Ok((rows, serde_json::to_value(report).unwrap_or_default())))
        }
        Err(ParquetFileError::Io(error)) => Err(error),
        Err(error) => Ok(Err(refusal::of_parquet(name, &error))),
    }
}

/// How the name of a copy ends until it is whole.
pub(super) const UNFINISHED: &str = "unfinished";

/// Copies durably: the name appears when the bytes are on disk.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let unfinished = to.with_extension(UNFINISHED);
    let copied = fs::copy(from, &unfinished)
        .and_then(|_| File::open(&unfinished)?.sync_all())
        .and_then(|()| fs::rename(&unfinished, to));
    if let Err(error) = copied {
        let _ = fs::remove_file(&unfinished); // a full disk is not helped by half a file
        return Err(error);
    }
    File::open(to.parent().unwrap_or(Path::new(".")))?.sync_all()
}
