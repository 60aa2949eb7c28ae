//! Imports: sent by a member, decided by a checker outside the project, brought into the bubble.
//!
//! Threats: a file that looks like another one to its checker (signs are made visible, the page's
//! hash is what is accepted), bytes altered between decision and delivery (hashed again), a name
//! that leads elsewhere (`import::is_plain_name`, asked again by the agent), an archive that grows
//! (nothing is ever unpacked or decoded). What comes after the decision is in `import_delivery.rs`.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use domain::{
    Actor, Application, Bubble, BubbleId, Event, Import, ImportId, Timestamp,
    outputs::import::{ImportState, Received, Told, may_decide, may_see, may_send, may_withdraw},
    settings::bubble,
};
use sha2::{Digest, Sha256};
use tokio::{sync::Mutex, task::spawn_blocking};

use super::{export, preview::plain};
use crate::{Centre, Failure};

/// Bytes of a file that is no text shown as hexadecimal.
const HEX_BYTES: usize = 16 << 10;
/// One sending at a time: numbers follow each other, and nobody sends past the day's limit by
/// sending many at once.
static SENDING: Mutex<()> = Mutex::const_new(());

/// An import as lists show it.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// The import.
    pub import: Import,
    /// Its project.
    pub application: Application,
    /// The author's name.
    pub author: String,
}

/// An import as its page shows it.
#[derive(Clone, Debug)]
pub struct ImportView {
    /// The import.
    pub import: Import,
    /// Its project.
    pub application: Application,
    /// The author's name.
    pub author: String,
    /// What it holds, while it is kept.
    pub preview: Option<Preview>,
    /// Whether the person may decide on it now.
    pub can_decide: bool,
    /// Whether the person may take it back now.
    pub can_withdraw: bool,
}

/// What can be shown of a file without running, unpacking or decoding anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    /// All of its text.
    Text {
        /// With signs that could mislead replaced by U+FFFD.
        text: String,
        /// How many were replaced.
        replaced: usize,
    },
    /// Its first bytes.
    Hex {
        /// Lines of offset, sixteen bytes, and the same as ASCII.
        lines: String,
        /// Whether there is more.
        cut: bool,
    },
    /// It cannot be read, or is not what was sent.
    Altered,
}

pub(super) fn folder(centre: &Centre) -> PathBuf {
    centre.config.dir.join("imports")
}

pub(super) fn place(centre: &Centre, id: ImportId) -> PathBuf {
    folder(centre).join(id.to_string())
}

pub(super) fn event(centre: &Centre, actor: Option<&Actor>, kind: &str, import: &Import) -> Event {
    let mut event = centre.system_event(kind, "import", import.id);
    event.actor = actor.map(|actor| actor.id);
    event.payload = serde_json::json!({
        "application": import.application, "author": import.author, "number": import.number,
        "name": import.told.name, "kind": import.told.kind, "sha256": import.sha256,
        "bytes": import.bytes,
    });
    event
}

/// Whether the person may send a file into a bubble now: asked before a byte of it is read.
///
/// # Errors
/// What [`send_import`] would say.
pub async fn may_send_now(centre: &Centre, actor: &Actor, id: BubbleId) -> Result<(), Failure> {
    let bubble: Bubble = centre.load("bubble", id).await?;
    may_send(actor, &bubble, export::is_habilitated(centre, actor, &bubble).await?)?;
    Ok(())
}

/// Sends a file into a bubble: it lies apart until a checker has decided.
#[tracing::instrument(name = "workflow.send_import", skip_all, fields(bubble.id = %id), err)]
pub async fn send_import(
    centre: &Centre,
    actor: &Actor,
    id: BubbleId,
    told: Told,
    personal: bool,
    bytes: Vec<u8>,
) -> Result<Import, Failure> {
    let bubble: Bubble = centre.load("bubble", id).await?;
    let habilitated = export::is_habilitated(centre, actor, &bubble).await?;
    let permit = may_send(actor, &bubble, habilitated)?;
    let _one_at_a_time = SENDING.lock().await;
    let (now, others) = (centre.now(), centre.store.imports_of(bubble.application).await?);
    let sent = centre.store.imports_by(actor.id).await?;
    let received = Received {
        id: centre.id(),
        number: others.iter().map(|import| import.number).max().unwrap_or(0) + 1,
        sha256: hex::encode(Sha256::digest(&bytes)),
        bytes: bytes.len() as u64,
        today: sent.iter().filter(|import| day(import.sent_at) == day(now)).count(),
    };
    let import = permit.send(told, personal, received, now)?;
    let at = place(centre, import.id);
    let kept = spawn_blocking(move || keep(&at, &bytes)).await;
    kept.map_err(Failure::engine("keep a file"))?.map_err(Failure::engine("keep a file"))?;
    let mut event = event(centre, Some(actor), "import.sent", &import);
    event.reason = Some(import.told.reason.clone());
    let committed = centre.store.change(&event).insert(&import).commit().await;
    if committed.is_err() {
        let _ = fs::remove_file(place(centre, import.id)); // else the sweep does
    }
    committed?;
    Ok(import)
}

fn day(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Writes the bytes durably, never over a file that is there, readable by the server alone.
fn keep(at: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let folder = at.parent().unwrap_or(at); // made when the centre opened
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(at)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::File::open(folder)?.sync_all() // its name too: the row says that it is there
}

/// The imports that the person may see, the newest first: those of their projects, or all for who
/// checks and watches.
pub async fn list_imports(centre: &Centre, actor: &Actor) -> Result<Vec<ImportRow>, Failure> {
    let mut imports: Vec<Import> = centre.store.all().await?;
    imports.retain(|import| may_see(actor, import).is_ok());
    imports.sort_by_key(|import| std::cmp::Reverse(import.sent_at));
    imports.truncate(200);
    rows(centre, imports).await
}

/// The imports that wait for this checker, the oldest first.
pub async fn list_waiting(centre: &Centre, actor: &Actor) -> Result<Vec<ImportRow>, Failure> {
    let mut imports = centre.store.imports_in("in_review").await?;
    imports.retain(|import| may_decide(actor, import).is_ok());
    imports.sort_by_key(|import| import.sent_at);
    rows(centre, imports).await
}

async fn rows(centre: &Centre, imports: Vec<Import>) -> Result<Vec<ImportRow>, Failure> {
    let mut rows = Vec::with_capacity(imports.len());
    for import in imports {
        let application = centre.load("application", import.application).await?;
        let author = export::name_of(centre, import.author).await?;
        rows.push(ImportRow { import, application, author });
    }
    Ok(rows)
}

/// A bubble's door for files: what came by it, and whether the person may send more.
#[derive(Clone, Debug)]
pub struct Door {
    /// The bubble.
    pub bubble: Bubble,
    /// Its project.
    pub application: Application,
    /// What was sent so far, the newest first.
    pub imports: Vec<Import>,
    /// Whether the person may send a file now.
    pub may_send: bool,
}

/// The imports of a bubble, for its project and who watches.
pub async fn show_door(centre: &Centre, actor: &Actor, id: BubbleId) -> Result<Door, Failure> {
    let bubble: Bubble = centre.load("bubble", id).await?;
    bubble::may_see(actor, &bubble)?;
    let mut imports = centre.store.imports_of(bubble.application).await?;
    imports.sort_by_key(|import| std::cmp::Reverse(import.number));
    let habilitated = export::is_habilitated(centre, actor, &bubble).await?;
    let open = matches!(bubble.state.name(), "ready" | "active");
    Ok(Door {
        application: centre.load("application", bubble.application).await?,
        may_send: open && may_send(actor, &bubble, habilitated).is_ok(),
        imports,
        bubble,
    })
}

/// One import, and what it holds.
pub async fn show_import(
    centre: &Centre,
    actor: &Actor,
    id: ImportId,
) -> Result<ImportView, Failure> {
    let import: Import = centre.load("import", id).await?;
    may_see(actor, &import)?;
    let preview = if import.is_kept() { Some(look(centre, &import).await) } else { None };
    let waits = import.state == ImportState::InReview;
    Ok(ImportView {
        application: centre.load("application", import.application).await?,
        author: export::name_of(centre, import.author).await?,
        preview,
        can_decide: waits && may_decide(actor, &import).is_ok(),
        can_withdraw: waits && may_withdraw(actor, &import).is_ok(),
        import,
    })
}

/// The bytes as they were sent, or nothing: what was altered on the disk is not shown as the file.
pub(super) async fn bytes_of(centre: &Centre, import: &Import) -> Option<Vec<u8>> {
    let (at, sha256) = (place(centre, import.id), import.sha256.clone());
    let read = move || {
        let bytes = fs::read(at).ok()?;
        (hex::encode(Sha256::digest(&bytes)) == sha256).then_some(bytes)
    };
    spawn_blocking(read).await.ok().flatten()
}

async fn look(centre: &Centre, import: &Import) -> Preview {
    match bytes_of(centre, import).await {
        Some(bytes) => preview(&bytes),
        None => Preview::Altered,
    }
}

fn preview(bytes: &[u8]) -> Preview {
    match std::str::from_utf8(bytes) {
        Ok(text) if !bytes.contains(&0) => {
            let shown = plain(text);
            let count = |text: &str| text.chars().filter(|sign| *sign == '\u{fffd}').count();
            Preview::Text { replaced: count(&shown) - count(text), text: shown }
        }
        _ => Preview::Hex { lines: dump(bytes), cut: bytes.len() > HEX_BYTES },
    }
}

fn dump(bytes: &[u8]) -> String {
    let shown = bytes.get(..HEX_BYTES).unwrap_or(bytes);
    let line = |(i, row): (usize, &[u8])| {
        let hex: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let sign = |byte: &u8| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        };
        let text: String = row.iter().map(sign).collect();
        format!("{:06x}  {:<47}  {text}\n", i * 16, hex.join(" "))
    };
    shown.chunks(16).enumerate().map(line).collect()
}

/// Takes an import back before it was decided.
pub async fn withdraw_import(
    centre: &Centre,
    actor: &Actor,
    id: ImportId,
) -> Result<Import, Failure> {
    let before: Import = centre.load("import", id).await?;
    let after = may_withdraw(actor, &before)?.withdraw(centre.now())?;
    let event = event(centre, Some(actor), "import.withdrawn", &after);
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}

/// Lets a file in. `sha256` is the file that the checker looked at.
#[tracing::instrument(name = "workflow.accept_import", skip_all, fields(import.id = %id), err)]
pub async fn accept_import(
    centre: &Centre,
    actor: &Actor,
    id: ImportId,
    sha256: &str,
    comment: &str,
) -> Result<Import, Failure> {
    let before: Import = centre.load("import", id).await?;
    let after = may_decide(actor, &before)?.accept(sha256, comment, centre.now())?;
    decided(centre, actor, "import.accepted", comment, (&before, after)).await
}

/// Keeps a file out, and says why.
#[tracing::instrument(name = "workflow.refuse_import", skip_all, fields(import.id = %id), err)]
pub async fn refuse_import(
    centre: &Centre,
    actor: &Actor,
    id: ImportId,
    comment: &str,
) -> Result<Import, Failure> {
    let before: Import = centre.load("import", id).await?;
    let after = may_decide(actor, &before)?.refuse(comment, centre.now())?;
    decided(centre, actor, "import.refused", comment, (&before, after)).await
}

async fn decided(
    centre: &Centre,
    actor: &Actor,
    kind: &str,
    comment: &str,
    (before, after): (&Import, Import),
) -> Result<Import, Failure> {
    let mut event = event(centre, Some(actor), kind, &after);
    event.reason = Some(comment.trim().to_owned()).filter(|comment| !comment.is_empty());
    centre.store.change(&event).replace(before, &after).commit().await?;
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_whole_and_its_hidden_signs_are_counted() {
        let found = preview("a = 1 # \u{202e}x\u{200b}\n".as_bytes());
        let text = "a = 1 # \u{fffd}x\u{fffd}\n".to_owned();
        assert_eq!(found, Preview::Text { text, replaced: 2 });
        let Preview::Text { replaced, .. } = preview("\u{fffd}".as_bytes()) else { panic!() };
        assert_eq!(replaced, 0);
    }

    #[test]
    fn what_is_no_text_is_shown_as_bytes_and_never_decoded() {
        let Preview::Hex { lines, cut } = preview(b"PK\x03\x04\0abc") else { panic!("text") };
        assert_eq!(
            lines.trim_end(),
            format!("000000  {:<47}  PK...abc", "50 4b 03 04 00 61 62 63")
        );
        assert!(!cut);
        let Preview::Hex { cut, .. } = preview(&[0; HEX_BYTES + 1]) else { panic!("text") };
        assert!(cut);
    }
}
