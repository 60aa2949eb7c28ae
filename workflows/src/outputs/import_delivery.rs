//! What the centre does by itself with imports: brings accepted ones into their bubbles, removes the
//! bytes of others.

use std::{collections::BTreeMap, fs, io, time::Duration};

use domain::{Bubble, BubbleId, Import, ImportId, Person, outputs::import::Undelivered};
use futures_util::future::join_all;
use tokio::time::timeout;

use super::import::{bytes_of, event, place};
use crate::{Centre, Failure, consequences::Round, failure::causes};

/// The host is given so long to take one file; the clock tries again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Brings every accepted file into its bubble, or tells people that it cannot come. What a host that
/// does not answer did not take stays accepted, and the clock tries again. The bubbles are served
/// side by side: none waits for another whose host hangs, and the round is as long as its slowest.
pub(super) async fn deliver_all(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    let mut waiting = BTreeMap::<BubbleId, Vec<Import>>::new();
    for import in round.readable(centre.store.each::<Import>("state", "accepted").await) {
        waiting.entry(import.bubble).or_default().push(import);
    }
    let served = waiting.into_iter().map(|(id, imports)| deliver_into(centre, id, imports));
    join_all(served).await.into_iter().for_each(|served| round.ran(served));
    round.end()
}

/// Brings files into one bubble, one after the other. Where its host hangs, the others of this bubble
/// are left for the next round: they would hang as long.
async fn deliver_into(centre: &Centre, id: BubbleId, imports: Vec<Import>) -> Result<(), Failure> {
    let bubble: Bubble = centre.load("bubble", id).await?;
    for import in &imports {
        let brought = match bubble.state.name() {
            "ready" | "active" | "suspended" => {
                let Ok(brought) = timeout(PATIENCE, deliver(centre, &bubble, import)).await else {
                    tracing::error!(import.id = %import.id, "the host does not take imports");
                    return Ok(());
                };
                brought
            }
            "closing" | "archived" | "deleted" => {
                fail(centre, import, Undelivered::BubbleClosed).await
            }
            _ => return Ok(()), // not made yet
        };
        match brought {
            Ok(()) | Err(Failure::Conflict(_)) => {} // consequence and clock may both have done it
            Err(failure) => {
                let error = causes(&failure);
                tracing::error!(import.id = %import.id, error, "an import was not delivered");
            }
        }
    }
    Ok(())
}

async fn deliver(centre: &Centre, bubble: &Bubble, import: &Import) -> Result<(), Failure> {
    let Some(bytes) = bytes_of(centre, import).await else {
        return fail(centre, import, Undelivered::FileAltered).await;
    };
    let note = note(centre, import).await?;
    match centre.host.put_import(bubble, import, note, &bytes).await {
        Err(failure) if failure.is_disk_full() => {
            return fail(centre, import, Undelivered::NoRoom).await;
        }
        put => put?,
    }
    let after = import.deliver(centre.now())?;
    let event = event(centre, None, "import.delivered", &after);
    Ok(centre.store.change(&event).replace(import, &after).commit().await?)
}

/// Says that an accepted file does not come: its author may send it again.
async fn fail(centre: &Centre, import: &Import, why: Undelivered) -> Result<(), Failure> {
    let after = import.fail(why, centre.now())?;
    let mut event = event(centre, None, "import.failed", &after);
    event.reason = Some(why.name().to_owned());
    centre.store.change(&event).replace(import, &after).commit().await?;
    tracing::error!(import.id = %import.id, why = why.name(), "an import cannot be delivered");
    Ok(())
}

/// What lies beside the file in the bubble: where it comes from and what it is (JOURNEYS 1.16).
async fn note(centre: &Centre, import: &Import) -> Result<String, Failure> {
    let author: Option<Person> = centre.store.get(import.author).await?;
    let told = &import.told;
    let note = serde_json::json!({
        "import": import.number, "file": told.name, "kind": told.kind, "origin": told.origin,
        "reason": told.reason, "linkable": told.linkable, "sha256": import.sha256,
        "bytes": import.bytes, "sent_by": author.map(|author| author.name),
        "sent_at": import.sent_at,
    });
    Ok(format!("{note:#}\n"))
}

/// Removes the bytes of an import that did not come in.
pub(super) async fn forget(centre: &Centre, id: ImportId) -> Result<(), Failure> {
    let kept = centre.store.get::<Import>(id).await?.is_some_and(|import| import.is_kept());
    if kept {
        return Ok(());
    }
    match fs::remove_file(place(centre, id)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Failure::engine("remove a refused import")(error))
        }
        _ => Ok(()),
    }
}
