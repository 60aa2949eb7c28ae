//! What people decided of a request, kept beside what was seen of it: the label of the training.

use domain::{Event, ExportId, outputs::export::Choice};
use std::collections::BTreeMap;

use crate::{Centre, Failure, outputs::again};

/// Keeps what an event says of a request's turn; doing it twice does it once.
pub(crate) async fn apply(centre: &Centre, event: &Event) -> Result<(), Failure> {
    let outcome = match event.kind.as_str() {
        "export.approved" => Some("approved"),
        "export.partly_approved" | "export.refused" => Some("refused"),
        "export.returned" | "export.returned_early" => Some("returned"),
        "export.recalled" | again::REOPENED => None,
        _ => return Ok(()),
    };
    let id = ExportId(event.object);
    let turn = event.payload.get("turn").and_then(serde_json::Value::as_u64);
    let Some(turn) = turn.and_then(|turn| u32::try_from(turn).ok()) else { return Ok(()) };
    let agreement = agreement(centre, id, turn).await?;
    Ok(centre.store.set_risk_outcome(id, turn, outcome, agreement).await?)
}

/// On how many files two checkers voted without seeing each other's vote, and on how many of these
/// one approved and the other did not.
async fn agreement(centre: &Centre, id: ExportId, turn: u32) -> Result<(u32, u32), Failure> {
    #[derive(serde::Deserialize)]
    struct Cast {
        path: String,
        choice: Choice,
    }
    let mut files: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for sealed in centre.store.events_of(id).await? {
        let payload = &sealed.event.payload;
        let same = payload.get("turn").and_then(serde_json::Value::as_u64) == Some(turn.into());
        if sealed.event.kind != "review.submitted" || !same {
            continue;
        }
        let Some(vote) = payload.get("vote") else { continue };
        let cast: Vec<Cast> = serde_json::from_value(vote.clone()).unwrap_or_default();
        for one in cast {
            files.entry(one.path).or_default().push(one.choice == Choice::Approve);
        }
    }
    let (mut pairs, mut conflicts) = (0, 0);
    for votes in files.values() {
        if let [first, second, ..] = votes.as_slice() {
            pairs += 1;
            conflicts += u32::from(first != second);
        }
    }
    Ok((pairs, conflicts))
}
