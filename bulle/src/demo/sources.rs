//! The demonstration's sources: public microdata, brought in by the same use cases as people's, each
//! step only where it is missing, so that an interrupted start goes on.

use std::path::Path;

use domain::{
    Actor, Deposit, Producer, Source, SourceId, Timestamp, Vintage,
    data::{
        deposit::{DepositState, ManifestFile},
        source::SourceState,
        vintage::VintageState,
    },
};
use serde::Deserialize;
use workflows::{
    Centre, Failure,
    data::{
        checks, codebook, deposit,
        source::{self, Act},
        upload::{self, SendFailure},
        vintage,
    },
};

/// A source of the demonstration: name in `demo/data.py`, producer, who deposits, themes, code book.
struct Given {
    name: &'static str,
    producer: &'static str,
    agent: &'static str,
    themes: &'static [&'static str],
    codebook: &'static [u8],
}

const SOURCES: [Given; 3] = [
    Given {
        name: "hie",
        producer: "rand",
        agent: "chloe",
        themes: &["health", "economy"],
        codebook: include_bytes!("../../../demo/codebooks/hie.xml"),
    },
    Given {
        name: "anes96",
        producer: "umich",
        agent: "dario",
        themes: &["elections", "behaviour"],
        codebook: include_bytes!("../../../demo/codebooks/anes96.xml"),
    },
    Given {
        name: "fair",
        producer: "fair",
        agent: "emma",
        themes: &["family", "behaviour"],
        codebook: include_bytes!("../../../demo/codebooks/fair.xml"),
    },
];

/// Bytes sent at once.
const PIECE: usize = 4 << 20;

/// `manifest.json` as `demo/data.py` writes it.
#[derive(Deserialize)]
struct Manifest {
    files: Vec<DataFile>,
}

#[derive(Deserialize)]
struct DataFile {
    source: String,
    vintage: String,
    first_year: Option<i32>,
    path: String,
    rows: u64,
    sha256: String,
}

/// Documents, deposits, accepts and publishes the sources whose files `demo/data.py` wrote to
/// `folder`. Sources are documented and published without the folder too; only their vintages
/// need it.
///
/// # Errors
/// Where a use case fails, or a file that the manifest names cannot be read.
pub async fn seed_sources(centre: &Centre, folder: &Path) -> Result<(), Failure> {
    let files = read_manifest(folder)?;
    for given in &SOURCES {
        let agent = actor(centre, given.agent).await?;
        let source = document(centre, &agent, given).await?;
        for file in files.iter().filter(|file| file.source == given.name) {
            shelve(centre, &agent, &source, file, folder).await?;
        }
    }
    centre.settle().await
}

fn read_manifest(folder: &Path) -> Result<Vec<DataFile>, Failure> {
    let path = folder.join("manifest.json");
    if !path.exists() {
        tracing::warn!(
            folder = %folder.display(),
            "the demonstration's data are missing: its sources stay without files; \
             `demo/data.py` writes them"
        );
        return Ok(Vec::new());
    }
    let attempt = "read the manifest of the demonstration's data";
    let text = std::fs::read_to_string(path).map_err(Failure::engine(attempt))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(Failure::engine(attempt))?;
    Ok(manifest.files)
}

/// The demonstration's person who acts.
async fn actor(centre: &Centre, name: &str) -> Result<Actor, Failure> {
    let missing = || Failure::missing("person", name);
    let person = centre.store.person_by_demo_name(name).await?.ok_or_else(missing)?;
    centre.store.actor(person.id).await?.ok_or_else(missing)
}

/// The source with its code book, published.
async fn document(centre: &Centre, agent: &Actor, given: &Given) -> Result<Source, Failure> {
    let missing = || Failure::missing("producer", given.producer);
    let producer: Producer =
        centre.store.producer_by_slug(given.producer).await?.ok_or_else(missing)?;
    let source = if let Some(source) = centre.store.source_by_slug(given.name).await? {
        source
    } else {
        let themes = given.themes.iter().map(|theme| (*theme).to_owned()).collect();
        let document = given.codebook.to_vec();
        codebook::create_from_codebook(centre, agent, producer.id, document, themes).await?
    };
    match source.state {
        SourceState::Documented => {
            source::move_source(centre, agent, source.id, Act::Publish).await
        }
        _ => Ok(source),
    }
}

/// The vintage with its file on the shelf: announced, deposited, checked and accepted.
async fn shelve(
    centre: &Centre,
    agent: &Actor,
    source: &Source,
    file: &DataFile,
    folder: &Path,
) -> Result<(), Failure> {
    let vintage = announce(centre, agent, source.id, file).await?;
    if !matches!(vintage.state, VintageState::Announced | VintageState::Expected) {
        let left = centre.store.deposits_for(vintage.id).await?;
        return match left.into_iter().find(|left| !left.is_over()) {
            Some(left) => accept(centre, left).await,
            None => Ok(()), // on the shelf, or taken back by somebody since
        };
    }
    let path = folder.join(&file.path);
    let name = Path::new(&file.path).file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Failure::missing("file", &file.path))?;
    let bytes =
        std::fs::metadata(&path).map_err(Failure::engine("read the demonstration's data"))?.len();
    let announced = ManifestFile {
        name: name.to_owned(),
        sha256: file.sha256.clone(),
        bytes: Some(bytes),
        rows: Some(file.rows),
    };
    let open = deposit::announce_deposit(centre, agent, vintage.id, vec![announced]).await?;
    let begun = upload::begin_upload(centre, agent, open.id, name, Some(bytes)).await?;
    send(centre, agent, begun, &path).await?;
    accept(centre, centre.load("deposit", open.id).await?).await
}

async fn announce(
    centre: &Centre,
    agent: &Actor,
    source: SourceId,
    file: &DataFile,
) -> Result<Vintage, Failure> {
    let known = centre.store.vintages_of(source).await?;
    let replaced = |vintage: &Vintage| matches!(vintage.state, VintageState::Replaced { .. });
    match known.into_iter().find(|known| known.label == file.vintage && !replaced(known)) {
        Some(vintage) => Ok(vintage),
        None => {
            vintage::announce_vintage(centre, agent, source, &file.vintage, file.first_year).await
        }
    }
}

async fn send(
    centre: &Centre,
    agent: &Actor,
    begun: store::Upload,
    path: &Path,
) -> Result<(), Failure> {
    let attempt = "read the demonstration's data";
    let bytes = tokio::fs::read(path).await.map_err(Failure::engine(attempt))?;
    let mut rest = bytes.get(usize::try_from(begun.received).unwrap_or(0)..).unwrap_or_default();
    let mut offset = begun.received;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.len().min(PIECE));
        let piece = piece.to_vec().into();
        let sent = upload::receive_piece(centre, agent, begun.id, offset, piece).await;
        rest = after;
        offset = sent.map_err(|failure| match failure {
            SendFailure::Failed(failure) => failure,
            SendFailure::Moved(_) => Failure::Conflict("uploads"),
            SendFailure::Full => Failure::invalid("file", "disk-full"),
        })?;
    }
    upload::finish_upload(centre, agent, begun.id, "").await.map(drop)
}

/// Runs the checks and lets the data manager accept.
async fn accept(centre: &Centre, left: Deposit) -> Result<(), Failure> {
    checks::run(centre, left.id).await?;
    let checked: Deposit = centre.load("deposit", left.id).await?;
    match &checked.state {
        DepositState::LabelChecked { .. } => {
            let karim = actor(centre, "karim").await?;
            deposit::accept_deposit(centre, &karim, left.id).await?;
        }
        DepositState::Rejected { reason, at } => warn_rejected(&reason.key, &reason.detail, *at),
        _ => {}
    }
    centre.settle().await
}

fn warn_rejected(check: &str, detail: &str, at: Timestamp) {
    tracing::warn!(check, detail, %at, "a deposit of the demonstration was refused");
}
