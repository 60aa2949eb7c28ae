//! The evidence pack of a release (JOURNEYS 1.18): made while the release is put together, named by
//! the event that opens the pick-up, and so sealed in the log. It stays in `<centre>/packs/` when
//! the files themselves are gone; what `ledger::pack` says vouches for what.
//!
//! The author reads it, so it names no checker, and of a file that does not leave it tells what
//! `release::evidence` tells: the decision and the rules, no value and no place.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::PathBuf,
};

use domain::{
    Actor, Export, ExportId, Producer, RuleSet, outputs::export::may_see_content,
    settings::session::SessionState,
};
use ledger::{Bag, LogProof, Member, Payload, VerifierKey, statement_of};
use serde_json::{Value, json};
use store::SealedEvent;

use super::pack_crate::{self, Facts};
use crate::{Centre, Failure, data::receipt};

/// How to read and verify a pack, in the pack.
const README: &str = include_str!("pack_readme.txt");
/// The event that seals a pack.
pub(super) const SEALED_BY: &str = ledger::PACK_EVENT;

fn path(centre: &Centre, id: ExportId) -> PathBuf {
    centre.config.dir.join("packs").join(format!("{id}.zip"))
}

/// The line that verifiers of packs find in the log: name, id and public key.
fn signer(centre: &Centre) -> Result<(ledger::SignerKey, VerifierKey), Failure> {
    let key = receipt::key_at(&centre.config.dir.join("keys").join("packs.key"))?;
    let name = format!("{}/packs", receipt::address(centre));
    let verifier = key.verifier(&name).map_err(Failure::engine("name the packs' key"))?;
    Ok((key, verifier))
}

/// Makes the pack of `export`, which is being released, and keeps it. Returns what the event must
/// say of it. Doing it twice, after a crash, leaves the later one, which the event then names.
pub(super) async fn build(
    centre: &Centre,
    export: &Export,
    evidence: &str,
) -> Result<Value, Failure> {
    let failed = Failure::engine("make the evidence pack");
    let facts = gather(centre, export).await?;
    let member = |name: &str, text: &str| Member { name: name.to_owned(), bytes: text.into() };
    let mut files = vec![
        member("README.txt", README),
        member("evidence.json", evidence),
        member("request/request.txt", &pack_crate::request(export)),
    ];
    for rules in &facts.rules {
        files.push(member(&rules.place, &rules.toml));
    }
    let described = pack_crate::describe(&facts, &files);
    pack_crate::check(&described, &files).map_err(|what| failed(io::Error::other(what)))?;
    let failed = Failure::engine("make the evidence pack");
    let described = serde_json::to_string_pretty(&described).map_err(failed)?;
    files.insert(0, member("ro-crate-metadata.json", &described));
    let bag = Bag::new(Payload {
        folder: format!("release-{}-{}", facts.project_number, export.number),
        identifier: format!("urn:uuid:{}", export.id),
        date: facts.now.strftime("%Y-%m-%d").to_string(),
        files,
    });
    let (key, verifier) = signer(centre)?;
    let bag = bag.map_err(Failure::engine("make the evidence pack"))?.sign(&key, &verifier);
    let bytes = bag.archive().map_err(Failure::engine("make the evidence pack"))?;
    keep(centre, export.id, &bytes).map_err(Failure::engine("keep the evidence pack"))?;
    Ok(statement_of(&bag, &verifier))
}

/// Writes the pack whole or not at all, and durably: the event that names it comes after.
fn keep(centre: &Centre, id: ExportId, bytes: &[u8]) -> io::Result<()> {
    let place = path(centre, id);
    let folder = centre.config.dir.join("packs");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let unfinished = folder.join(format!(".tmp-{id}"));
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, &place)?;
    File::open(&folder)?.sync_all()
}

async fn gather(centre: &Centre, export: &Export) -> Result<Facts, Failure> {
    let application: domain::Application = centre.load("application", export.application).await?;
    let author: domain::Person = centre.load("person", export.author).await?;
    let mut rules = Vec::new();
    for (at, id) in export.rule_sets.iter().enumerate() {
        let set: RuleSet = centre.load("rule_set", *id).await?;
        let producer: Producer = centre.load("producer", set.producer).await?;
        rules.push(pack_crate::Rules {
            place: format!("rules/{}.toml", at + 1),
            name: format!("{}, version {}", producer.name.get(domain::Lang::En), set.number),
            toml: set.toml,
        });
    }
    let number = application.number.clone().unwrap_or_else(|| application.id.to_string());
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
    let events = centre.store.events_of(export.id).await?;
    Ok(Facts {
        address: centre.config.public_url.to_string(),
        project_number: number.chars().map(plain).take(60).collect(),
        title: application.title(domain::Lang::En),
        application,
        author,
        rules,
        events: events.into_iter().map(|sealed| (sealed.event.kind, sealed.event.at)).collect(),
        export: export.clone(),
        now: centre.now(),
    })
}

/// The releases that `export` was compared with, by its scan and before it left, and the sessions of
/// its author before the sealing, each with its recording's hash (none while it is open, or where it
/// was lost): what an auditor asks for next. No content of either, and not when somebody worked.
pub(super) async fn beside(
    centre: &Centre,
    export: &Export,
    compared: &BTreeSet<ExportId>,
) -> Result<(Value, Value), Failure> {
    let own = centre.store.events_of(export.id).await?;
    let last = |kinds: &[&str]| {
        own.iter().rev().find(|sealed| kinds.contains(&sealed.event.kind.as_str()))
    };
    let mut earlier = Vec::new();
    for id in compared {
        let other: Export = centre.load("export", *id).await?;
        let events = centre.store.events_of(other.id).await?;
        let release = events.iter().find(|sealed| sealed.event.kind == SEALED_BY);
        earlier.push(json!({
            "export": other.id, "number": other.number,
            "released_at": release.map(|release| release.event.at),
            "leaf": release.and_then(|release| release.leaf),
        }));
    }
    let sealed_at = last(&["export.sealed", "export.resealed"]).map(|sealed| sealed.event.at);
    let mut sessions = centre.store.sessions_in(export.bubble).await?;
    sessions.retain(|session| {
        session.person == export.author && sealed_at.is_none_or(|at| session.opened_at < at)
    });
    let recorded = sessions.iter().map(|session| {
        let recording = match &session.state {
            SessionState::Ended { recording, .. } | SessionState::Cut { recording, .. } => {
                Some(&recording.sha256).filter(|sha256| !sha256.is_empty())
            }
            SessionState::Open => None,
        };
        json!({ "session": session.id, "recording_sha256": recording })
    });
    Ok((json!(earlier), recorded.collect()))
}

/// A pack as it is handed over.
pub struct Pack {
    /// The name of the file.
    pub name: String,
    /// The ZIP file.
    pub bytes: Vec<u8>,
}

/// The evidence pack of a release with the log's proof of this moment, for those who may see the
/// content: the project, checkers, their lead, auditors.
///
/// # Errors
/// [`Failure::Missing`] where nothing was released, it was before packs were made, or the log has
/// not sealed it yet; a stored pack that is not what the log sealed is given to nobody.
#[tracing::instrument(name = "workflow.show_pack", skip_all, fields(export.id = %id), err)]
pub async fn show_pack(centre: &Centre, actor: &Actor, id: ExportId) -> Result<Pack, Failure> {
    let export: Export = centre.load("export", id).await?;
    may_see_content(actor, &export)?;
    let missing = || Failure::missing("pack", id);
    let sealed = sealing(centre, id).await?.ok_or_else(missing)?;
    let leaf = sealed.leaf.filter(|_| sealed.sealed).ok_or_else(missing)?;
    let stored = tokio::fs::read(path(centre, id)).await.map_err(|_| missing())?;
    let bag = Bag::read(&stored).map_err(Failure::engine("read the evidence pack"))?;
    if sealed.event.payload["pack"]["sha256"] != json!(bag.root()) {
        let altered = io::Error::other("the stored pack is not the one that the log sealed");
        return Err(Failure::engine("read the evidence pack")(altered));
    }
    let proof = centre.sealer.proof(leaf).await?;
    let hashes =
        proof.hashes.iter().map(|hash| hash.parse::<ledger::Hash>()).collect::<Result<Vec<_>, _>>();
    let verifier = centre.sealer.promise().await?.verifier.parse::<VerifierKey>();
    let bytes = bag.with_proof(&LogProof {
        statement: sealed.body().to_owned(),
        salt: sealed.salt.clone(),
        entry: proof.entry,
        index: proof.leaf,
        size: proof.size,
        hashes: hashes.map_err(Failure::engine("read the log's proof"))?,
        checkpoint: proof.checkpoint,
        verifier: verifier.map_err(Failure::engine("read the log's key"))?,
    });
    let bytes = bytes.map_err(Failure::engine("write the evidence pack"))?;
    Ok(Pack { name: format!("evidence-{}-{}.zip", export.number, &bag_name(&export)), bytes })
}

fn bag_name(export: &Export) -> String {
    export.id.to_string().rsplit('-').next().unwrap_or_default().to_owned()
}

/// Whether [`show_pack`] would give a pack of an export: the log has sealed one, and it is there.
/// What lies on the disk alone may have been made by a release that failed.
pub(super) async fn is_kept(centre: &Centre, id: ExportId) -> Result<bool, Failure> {
    let sealed = sealing(centre, id).await?;
    let named = |sealed: &SealedEvent| sealed.event.payload["pack"]["sha256"].is_string();
    Ok(sealed.is_some_and(|sealed| sealed.sealed && named(&sealed)) && path(centre, id).exists())
}

async fn sealing(centre: &Centre, id: ExportId) -> Result<Option<SealedEvent>, Failure> {
    let events = centre.store.events_of(id).await?;
    Ok(events.into_iter().rev().find(|sealed| sealed.event.kind == SEALED_BY))
}
