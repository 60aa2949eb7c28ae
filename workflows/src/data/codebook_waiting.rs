//! Code books that would take something from a source that people can find: they wait, and nothing
//! is changed, until somebody has read what would go and says yes.
//!
//! Threat: a document of something else, uploaded by mistake over a published source, whose
//! variables would be gone from the catalogue and from the checks of deposits at once.

use std::path::PathBuf;

use ddi::Code;
use domain::{
    Actor, Source, SourceId,
    data::source::{SourceState, may_describe, may_see},
};
use sha2::{Digest as _, Sha256};
use store::StoredCodebook;

use super::codebook::{Changes, Parsed, ProblemLine, import_codebook, line, parse, replacing};
use crate::{Centre, Failure, failure::causes};

/// The versions that are imported into a published source without asking: those that the centre
/// promises to read whole.
const SURE: [&str; 2] = ["1.2.2", "2.5"];

/// What an import came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The code book is the source's.
    Imported(Box<Source>),
    /// Nothing was changed: the document waits for a yes.
    Waits(Box<Waiting>),
}

/// A document that waits for a yes.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// SHA-256 of the document, hexadecimal.
    pub sha256: String,
    /// What a yes repeats: it stands for this document in the place of this code book, no other.
    pub token: String,
    /// Its variables.
    pub variables: usize,
    /// The version that it says to be of.
    pub version: Option<String>,
    /// Whether its namespace or version is none of 1.2.2 and 2.5.
    pub is_strange: bool,
    /// What it would change.
    pub changes: Changes,
    /// What its import has to say.
    pub problems: Vec<ProblemLine>,
}

/// What must be asked before `parsed` becomes the code book of `source`; none where it can at once.
pub(super) fn doubt(
    source: &Source,
    old: Option<&StoredCodebook>,
    parsed: &Parsed,
) -> Option<Waiting> {
    let waiting = waiting(old, parsed);
    let is_listed = matches!(source.state, SourceState::Published | SourceState::Hidden);
    let asks = waiting.is_strange || !waiting.changes.removed.is_empty();
    (is_listed && asks).then_some(waiting)
}

fn waiting(old: Option<&StoredCodebook>, parsed: &Parsed) -> Waiting {
    let sha256 = parsed.sha256();
    let version = parsed.book.version.clone();
    let is_unknown = |problem: &ddi::Problem| {
        matches!(problem.code, Code::WrongNamespace | Code::UnknownVersion)
    };
    let is_sure = version.as_deref().is_none_or(|version| SURE.contains(&version));
    Waiting {
        token: token(old, &sha256),
        variables: parsed.book.variables.len(),
        is_strange: !is_sure || parsed.problems.iter().any(is_unknown),
        changes: replacing(old, &parsed.book),
        problems: parsed.problems.iter().map(line).collect(),
        version,
        sha256,
    }
}

fn token(old: Option<&StoredCodebook>, new: &str) -> String {
    let old = old.map_or("", |old| old.sha256.as_str());
    hex::encode(&Sha256::digest(format!("{old} {new}"))[..16])
}

/// The document that waits at a source, if there is one, for those who look after the source.
///
/// # Errors
/// [`Failure::Denied`] for others.
pub async fn see_waiting(
    centre: &Centre,
    actor: &Actor,
    id: SourceId,
) -> Result<Option<Waiting>, Failure> {
    let source: Source = centre.load("source", id).await?;
    may_see(actor, source.producer)?;
    let Some(document) = read(centre, id).await? else { return Ok(None) };
    // A copy that a power cut damaged must not shut the page on which another one is sent.
    let parsed = match parse(document).await {
        Ok(parsed) => parsed,
        Err(failure) => {
            tracing::error!(source.id = %id, error = causes(&failure), "what waits cannot be read");
            return Ok(None);
        }
    };
    let old = centre.store.codebook(id).await?;
    Ok(Some(waiting(old.as_ref(), &parsed)))
}

/// Imports the document that waits at a source, as it was shown under `token`.
///
/// # Errors
/// `codebook-gone` where another document, or none, waits there by now.
#[tracing::instrument(name = "workflow.confirm_codebook", skip_all, fields(source.id = %id), err)]
pub async fn confirm_codebook(
    centre: &Centre,
    actor: &Actor,
    id: SourceId,
    token: &str,
) -> Result<Outcome, Failure> {
    let source: Source = centre.load("source", id).await?;
    may_describe(actor, source.producer)?;
    let gone = || Failure::invalid("token", "codebook-gone");
    let document = read(centre, id).await?.ok_or_else(gone)?;
    let sha256 = hex::encode(Sha256::digest(&document));
    let old = centre.store.codebook(id).await?;
    if token != self::token(old.as_ref(), &sha256) {
        return Err(gone());
    }
    import_codebook(centre, actor, id, document, Some(token)).await
}

/// Throws the document away that waits at a source, as it was shown under `token`.
///
/// # Errors
/// [`Failure::Denied`] for those who may not describe the source; `codebook-gone` where another
/// document, or none, waits there by now: somebody else's is not thrown away unread.
#[tracing::instrument(name = "workflow.discard_codebook", skip_all, fields(source.id = %id), err)]
pub async fn discard_codebook(
    centre: &Centre,
    actor: &Actor,
    id: SourceId,
    token: &str,
) -> Result<(), Failure> {
    let source: Source = centre.load("source", id).await?;
    may_describe(actor, source.producer)?;
    let gone = || Failure::invalid("token", "codebook-gone");
    let document = read(centre, id).await?.ok_or_else(gone)?;
    let sha256 = hex::encode(Sha256::digest(&document));
    let old = centre.store.codebook(id).await?;
    if token != self::token(old.as_ref(), &sha256) {
        return Err(gone());
    }
    let mut event = centre.event(actor, "codebook.discarded", "source", id);
    event.payload = serde_json::json!({ "sha256": sha256 });
    centre.store.change(&event).commit().await?;
    forget(centre, id).await
}

/// Keeps the document, whole or not at all, in the place of one that waited before; that it waits is
/// an event.
pub(super) async fn keep(
    centre: &Centre,
    actor: &Actor,
    id: SourceId,
    (document, sha256): (&[u8], &str),
) -> Result<(), Failure> {
    let written = write(centre, id, document).await;
    written.map_err(Failure::engine("keep the code book's document"))?;
    let mut event = centre.event(actor, "codebook.waits", "source", id);
    event.payload = serde_json::json!({ "sha256": sha256 });
    Ok(centre.store.change(&event).commit().await?)
}

async fn write(centre: &Centre, id: SourceId, document: &[u8]) -> std::io::Result<()> {
    use tokio::io::AsyncWriteExt as _;
    tokio::fs::create_dir_all(folder(centre, id)).await?;
    // A name of its own: two may be sent at once.
    let own = format!(".tmp-{}", uuid::Uuid::now_v7().simple());
    let unfinished = folder(centre, id).join(own);
    let whole = async {
        let mut file = tokio::fs::File::create(&unfinished).await?;
        file.write_all(document).await?;
        file.flush().await?; // `sync_all` alone is silent about a last write that failed
        file.sync_all().await?;
        tokio::fs::rename(&unfinished, place(centre, id)).await
    };
    let whole = whole.await;
    if whole.is_err() {
        let _ = tokio::fs::remove_file(&unfinished).await; // it may not be there
    }
    whole
}

/// Removes the document that waits.
pub(super) async fn forget(centre: &Centre, id: SourceId) -> Result<(), Failure> {
    match tokio::fs::remove_file(place(centre, id)).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::engine("remove a code book that waited")(error))
        }
        _ => Ok(()),
    }
}

async fn read(centre: &Centre, id: SourceId) -> Result<Option<Vec<u8>>, Failure> {
    match tokio::fs::read(place(centre, id)).await {
        Ok(document) => Ok(Some(document)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::engine("read a code book that waits")(error)),
    }
}

/// The folder of a source's documents.
pub(super) fn folder(centre: &Centre, id: SourceId) -> PathBuf {
    centre.config.dir.join("codebooks").join(id.to_string())
}

fn place(centre: &Centre, id: SourceId) -> PathBuf {
    folder(centre, id).join("waiting.xml")
}
