//! The author's acts on an export, and reading it.

use domain::{
    Actor, Application, Bubble, BubbleId, Event, Export, ExportId, Habilitation, Person,
    outputs::{
        export::{ExportFile, ExportState, FileKind, Group},
        export_author::{may_author, may_create},
    },
};

use super::{
    credit, frozen, released,
    report::{self, Report},
    rule_set::{self, RuleLine},
    scan, stop,
};
use crate::{
    Centre, Failure,
    people::{login::Login, passkey::needs_fresh},
    settings::host::ExportEntry,
};

/// An event of an export, with what notices need: the project and the author.
pub(super) fn event(centre: &Centre, actor: Option<&Actor>, kind: &str, export: &Export) -> Event {
    let mut event = centre.system_event(kind, "export", export.id);
    event.actor = actor.map(|actor| actor.id);
    event.payload = serde_json::json!({
        "application": export.application,
        "author": export.author,
        "title": export.title,
        "turn": export.turn,
    });
    event
}

/// Adds to what an event tells.
pub(super) fn tell(event: &mut Event, name: &str, value: impl serde::Serialize) {
    if let Some(payload) = event.payload.as_object_mut() {
        payload.insert(name.to_owned(), serde_json::json!(value));
    }
}

/// Whether the actor's habilitation in the project is live.
pub(super) async fn is_habilitated(
    centre: &Centre,
    actor: &Actor,
    bubble: &Bubble,
) -> Result<bool, Failure> {
    let held: Vec<Habilitation> = centre.store.habilitations_of(actor.id).await?;
    let now = centre.now();
    Ok(held.iter().any(|held| held.application == bubble.application && held.is_live(now)))
}

/// Starts an export out of a bubble; where the author has an open draft, gives that one.
#[tracing::instrument(name = "workflow.create_export", skip_all, fields(bubble.id = %id), err)]
pub async fn create_export(
    centre: &Centre,
    actor: &Actor,
    id: BubbleId,
) -> Result<Export, Failure> {
    let bubble: Bubble = centre.load("bubble", id).await?;
    let permit = may_create(actor, &bubble, is_habilitated(centre, actor, &bubble).await?)?;
    if let Some(draft) = open_draft(centre, actor, id).await? {
        return Ok(draft);
    }
    let others = centre.store.exports_of(bubble.application).await?;
    let number = others.iter().map(|export| export.number).max().unwrap_or(0) + 1;
    let export = permit.create(centre.id(), number)?;
    let event = event(centre, Some(actor), "export.created", &export);
    match centre.store.change(&event).insert(&export).commit().await {
        Ok(()) => Ok(export),
        // Two requests at once: the database keeps one draft, and both get it.
        Err(error) if error.is_duplicate() => {
            open_draft(centre, actor, id).await?.ok_or(Failure::Conflict("exports"))
        }
        Err(error) => Err(error.into()),
    }
}

async fn open_draft(
    centre: &Centre,
    actor: &Actor,
    id: BubbleId,
) -> Result<Option<Export>, Failure> {
    let own = centre.store.exports_by(actor.id).await?;
    let open = |export: &Export| export.bubble == id && export.state == ExportState::Draft;
    Ok(own.into_iter().find(open))
}

/// A project out of whose bubble the person may export.
pub struct Origin {
    /// The bubble.
    pub bubble: Bubble,
    /// The project.
    pub application: Application,
}

/// The open bubbles out of which the person may export now.
pub async fn list_origins(centre: &Centre, actor: &Actor) -> Result<Vec<Origin>, Failure> {
    let mut origins = Vec::new();
    for application in centre.store.applications_of(actor.id).await? {
        let Some(bubble) = centre.store.bubble_of(application.id).await? else { continue };
        if bubble.state.is_open() && is_habilitated(centre, actor, &bubble).await? {
            origins.push(Origin { bubble, application });
        }
    }
    Ok(origins)
}

pub(super) async fn name_of(centre: &Centre, id: domain::PersonId) -> Result<String, Failure> {
    let person = centre.store.get::<Person>(id).await?;
    Ok(person.map(|person| person.name).unwrap_or_default())
}

/// A draft as its author edits it: the request, and what stands in `exports/`.
pub struct Draft {
    /// The export.
    pub export: Export,
    /// Its project.
    pub application: Application,
    /// What stands in the bubble's `exports/`.
    pub entries: Vec<ExportEntry>,
    /// The rules that apply.
    pub rules: Vec<RuleLine>,
}

/// Opens a draft or a returned request for its author.
pub async fn open_export(centre: &Centre, actor: &Actor, id: ExportId) -> Result<Draft, Failure> {
    let export: Export = centre.load("export", id).await?;
    may_author(actor, &export)?;
    if !matches!(export.state, ExportState::Draft | ExportState::Returned { .. }) {
        let state = export.state.name();
        return Err(domain::WrongState { verb: "edit", noun: "export", state }.into());
    }
    let bubble: Bubble = centre.load("bubble", export.bubble).await?;
    let application = centre.load("application", export.application).await?;
    let rules = rule_set::of_export(centre, &export).await?;
    Ok(Draft {
        entries: centre.host.list_exports(&bubble).await?,
        rules: rule_set::lines(&rules.sealing.values),
        application,
        export,
    })
}

/// What an author gives of a group.
#[derive(Clone, Debug, Default)]
pub struct GroupText {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub context: String,
    /// What was done to protect.
    pub controls: String,
    /// Its files: path, kind, whether withdrawn.
    pub files: Vec<(String, FileKind, bool)>,
}

/// Changes title, groups and files.
#[tracing::instrument(name = "workflow.edit_export", skip_all, fields(export.id = %id), err)]
pub async fn edit_export(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
    title: String,
    groups: Vec<GroupText>,
) -> Result<Export, Failure> {
    let before: Export = centre.load("export", id).await?;
    let group = |group: GroupText| Group {
        name: group.name,
        context: group.context,
        controls: group.controls,
        files: group.files.into_iter().map(fresh).collect(),
    };
    let groups = groups.into_iter().map(group).collect();
    let after = may_author(actor, &before)?.edit(title, groups)?;
    if after != before {
        let event = event(centre, Some(actor), "group.edited", &after);
        centre.store.change(&event).replace(&before, &after).commit().await?;
    }
    Ok(after)
}

fn fresh((path, kind, withdrawn): (String, FileKind, bool)) -> ExportFile {
    ExportFile {
        path,
        kind,
        withdrawn,
        sha256: String::new(),
        bytes: 0,
        report: None,
        kept: Vec::new(),
    }
}

/// Runs the engine on safe copies of the files as they stand now; keeps nothing. Same engine and
/// same rules as after the sealing, so that a refusal is no surprise. One at a time for an export,
/// and few at once with the scans of all projects: readers take memory.
///
/// # Errors
/// [`Failure::Invalid`] on `files` with `check-under-way` while another check or a sealing of the
/// same export runs.
#[tracing::instrument(name = "workflow.self_check_export", skip_all, fields(export.id = %id), err)]
pub async fn self_check_export(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
) -> Result<Vec<Report>, Failure> {
    let export: Export = centre.load("export", id).await?;
    may_author(actor, &export)?;
    if !matches!(export.state, ExportState::Draft | ExportState::Returned { .. }) {
        let state = export.state.name();
        return Err(domain::WrongState { verb: "self_check", noun: "export", state }.into());
    }
    let under_way = || Failure::invalid("files", "check-under-way");
    let held = centre.jobs.hold(id).ok_or_else(under_way)?;
    let own = centre.clone();
    // In a task of its own: who hangs up and asks again does not start one beside it.
    let check = tokio::spawn(async move {
        let (_held, _slot) = (held, own.jobs.slot().await);
        let bubble: Bubble = own.load("bubble", export.bubble).await?;
        let rules = rule_set::of_export(&own, &export).await?.rules;
        let folder = frozen::temporary(&own)?;
        let checked = self_check(&own, &bubble, &export, &rules, &folder).await;
        let _ = std::fs::remove_dir_all(&folder); // else the next start sweeps it
        checked
    });
    check.await.map_err(Failure::engine("check the files"))?
}

async fn self_check(
    centre: &Centre,
    bubble: &Bubble,
    export: &Export,
    rules: &disclosure::RuleSet,
    folder: &std::path::Path,
) -> Result<Vec<Report>, Failure> {
    for (number, file) in export.files().enumerate().filter(|(_, file)| !file.withdrawn) {
        let copy = folder.join(number.to_string());
        frozen::take(centre, bubble, &file.path, &copy, rules.max_file_bytes).await?;
    }
    let (own, export) = (centre.clone(), export.clone());
    let (rules, folder) = (rules.clone(), folder.to_owned());
    let check = move || {
        let released = released::of_project(&own, export.application)?;
        let released: Vec<_> = released.into_iter().map(|(_, figures)| figures).collect();
        let files = export.files().map(|file| (file, file.withdrawn));
        let read = |number: usize| std::fs::read(folder.join(number.to_string()));
        scan::request(&own, &released, files, read, &rules, &|_| ())
    };
    let done = tokio::task::spawn_blocking(check).await;
    let done = done.map_err(Failure::engine("check the files"))?;
    let reports = done.map_err(Failure::engine("check the files"))?;
    Ok(reports.iter().flatten().filter_map(report::read).collect())
}

/// Freezes the files and hands the request to the checkers. All or nothing: whatever stops it, a
/// killed server included, the draft stays as it was.
#[tracing::instrument(name = "workflow.seal_export", skip_all, fields(export.id = %id), err)]
pub async fn seal_export(centre: &Centre, actor: &Actor, id: ExportId) -> Result<Export, Failure> {
    // One at a time: a form sent twice must not write into the same folder.
    let held = centre.jobs.hold(id).ok_or(Failure::Conflict("exports"))?;
    let before: Export = centre.load("export", id).await?;
    may_author(actor, &before)?.complete()?;
    let bubble: Bubble = centre.load("bubble", before.bubble).await?;
    let habilitated = is_habilitated(centre, actor, &bubble).await?;
    may_create(actor, &bubble, habilitated)?.create(before.id, before.number)?;
    let rules = rule_set::of_export(centre, &before).await?;
    credit::may_seal(centre, &before, &rules.rules).await?;
    let asked = before.files().filter(|file| !file.withdrawn).count();
    if asked > usize::try_from(rules.rules.max_files).unwrap_or(usize::MAX) {
        return Err(Failure::invalid("files", "too-many-files"));
    }
    let frozen = frozen::freeze(centre, &bubble, &before, rules.rules.max_file_bytes).await?;
    let sealed = may_author(actor, &before)?.seal(&frozen, rules.sealing, centre.now());
    let committed = match sealed {
        Ok(after) => commit_seal(centre, actor, &before, after, &rules.rules).await,
        Err(refusal) => Err(refusal.into()),
    };
    if committed.is_err() {
        frozen::undo(centre, &before);
    }
    drop(held); // before the scan that the event starts
    committed
}

async fn commit_seal(
    centre: &Centre,
    actor: &Actor,
    before: &Export,
    after: Export,
    rules: &disclosure::RuleSet,
) -> Result<Export, Failure> {
    let _turn = centre.jobs.sealing().await;
    credit::may_seal(centre, before, rules).await?; // other requests were sealed meanwhile
    let kind = if before.turn == 0 { "export.sealed" } else { "export.resealed" };
    let mut event = event(centre, Some(actor), kind, &after);
    let files = after.files().filter(|file| !file.withdrawn);
    let files: Vec<_> = files
        .map(|file| serde_json::json!({ "path": file.path, "sha256": file.sha256, "bytes": file.bytes }))
        .collect();
    tell(&mut event, "files", files);
    tell(&mut event, "rule_sets", &after.rule_sets);
    tell(&mut event, "producers", &after.producers);
    centre.store.change(&event).replace(before, &after).commit().await?;
    tracing::info!(export.id = %after.id, turn = after.turn, "an export was sealed");
    Ok(after)
}

/// Takes the request back.
#[tracing::instrument(name = "workflow.withdraw_export", skip_all, fields(export.id = %id), err)]
pub async fn withdraw_export(
    centre: &Centre,
    actor: &Actor,
    id: ExportId,
) -> Result<Export, Failure> {
    let before: Export = centre.load("export", id).await?;
    let after = may_author(actor, &before)?.withdraw()?;
    let mut event = event(centre, Some(actor), "export.withdrawn", &after);
    tell(&mut event, "checkers", before.readers()); // who need not go on
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}

/// A file on its way out of the centre.
pub struct TakenFile {
    /// Its last name, without folders.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of what is sent.
    pub sha256: String,
    /// The frozen copy, open at its start.
    pub file: std::fs::File,
}

/// Lets the author take a released file, a short time after a sign-in (a demonstration's step into a
/// person is a click, and is not asked again). Who, when, from where and the hash are written before
/// the first byte is given.
#[tracing::instrument(name = "workflow.take_export_file", skip_all, fields(export.id = %id), err)]
pub async fn take_export_file(
    centre: &Centre,
    (actor, login): (&Actor, &Login),
    id: ExportId,
    number: usize,
    address: &str,
) -> Result<TakenFile, Failure> {
    let before: Export = centre.load("export", id).await?;
    let after = may_author(actor, &before)?.take(number, address.to_owned(), centre.now())?;
    stop::refuse(centre, &before).await?;
    if login.via != "demo" {
        needs_fresh(centre, login)?;
    }
    let file = before.files().nth(number).ok_or_else(|| Failure::missing("file", number))?;
    let opened = open_copy(centre, &before, number, file).await?;
    let mut event = event(centre, Some(actor), "file.collected", &after);
    tell(&mut event, "path", &file.path);
    tell(&mut event, "sha256", &file.sha256);
    tell(&mut event, "address", address);
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(TakenFile {
        name: file.path.rsplit('/').next().unwrap_or("file").to_owned(),
        bytes: file.bytes,
        sha256: file.sha256.clone(),
        file: opened,
    })
}

/// Opens a frozen copy and compares its bytes with what was sealed: a file that was altered on
/// the server's disk never leaves as the approved one.
async fn open_copy(
    centre: &Centre,
    export: &Export,
    number: usize,
    file: &ExportFile,
) -> Result<std::fs::File, Failure> {
    use std::io::Seek;
    let (path, sealed) = (frozen::copy_of(centre, export, number), file.sha256.clone());
    let open = move || -> std::io::Result<std::fs::File> {
        let mut file = std::fs::File::open(path)?;
        if frozen::digest_of(&mut file)?.0 != sealed {
            return Err(std::io::Error::other("the frozen copy is not what was sealed"));
        }
        file.rewind()?;
        Ok(file)
    };
    let opened = tokio::task::spawn_blocking(open).await;
    let opened = opened.map_err(Failure::engine("open a released file"))?;
    opened.map_err(Failure::engine("open a released file"))
}
