//! Denied commands: each is an event (JOURNEYS 0), but nobody can fill the disk with them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{Actor, Denied, Event, PersonId, Timestamp};

use crate::{Centre, Failure, consequences::Round};

/// How many denials of one person by one rule are written in full in a minute. More are counted,
/// and the count becomes one event once the minute is over.
pub const IN_FULL: u32 = 10;
/// How long a run of denials is counted together, seconds.
const MINUTE: i64 = 60;
/// The longest command that is written, characters.
const COMMAND_LENGTH: usize = 200;

/// What was denied in the running minute, by person and rule. A crash loses the counts of a minute,
/// not the ten events before them.
#[derive(Debug, Default)]
pub struct Denials(Mutex<HashMap<(Option<PersonId>, &'static str), Run>>);

/// The denials of one person by one rule.
#[derive(Clone, Copy, Debug)]
struct Run {
    since: Timestamp,
    count: u32,
}

impl Denials {
    /// Counts one more; whether it is to be written in full.
    fn count(&self, person: Option<PersonId>, rule: &'static str, now: Timestamp) -> bool {
        // A panic while counting leaves a number that is one too small at worst.
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let run = runs.entry((person, rule)).or_insert(Run { since: now, count: 0 });
        run.count = run.count.saturating_add(1);
        run.count <= IN_FULL
    }

    /// Takes away the runs that are over, and answers those that had more than was written.
    fn over(&self, now: Timestamp) -> Vec<(Option<PersonId>, &'static str, Run)> {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = |run: &Run| now.duration_since(run.since).as_secs() >= MINUTE;
        let taken = runs.extract_if(|_, run| ended(run));
        let more = taken.filter(|(_, run)| run.count > IN_FULL);
        more.map(|((person, rule), run)| (person, rule, run)).collect()
    }
}

/// Writes that a command was denied. Threat: somebody sends a denied command a million times, to
/// fill the disk or to bury what matters; after ten in a minute only the number is kept.
pub async fn record(
    centre: &Centre,
    actor: Option<&Actor>,
    denied: &Denied,
    command: &str,
) -> Result<(), Failure> {
    flush(centre).await?;
    let person = actor.map(|actor| actor.id);
    if !centre.denials.count(person, denied.key(), centre.now()) {
        return Ok(());
    }
    let mut event = denial(centre, person);
    event.payload = serde_json::json!({ "rule": denied.key(), "command": masked(command) });
    centre.store.change(&event).commit().await?;
    Ok(())
}

/// Writes the counts of the minutes that are over. Run by the clock and before each denial.
pub(crate) async fn flush(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    for (person, rule, run) in centre.denials.over(centre.now()) {
        let mut event = denial(centre, person);
        let more = run.count - IN_FULL;
        event.payload = serde_json::json!({ "rule": rule, "more": more, "since": run.since });
        round.ran(centre.store.change(&event).commit().await.map_err(Failure::from));
    }
    round.end()
}

fn denial(centre: &Centre, person: Option<PersonId>) -> Event {
    let object = person.map_or_else(uuid::Uuid::nil, |person| person.0);
    let mut event = centre.system_event("policy.denied", "person", object);
    event.actor = person;
    event
}

/// The command without what may be a secret: a piece of the path that is longer than an id, such as
/// the secret of an invitation's link.
fn masked(command: &str) -> String {
    const ID_LENGTH: usize = 36;
    let pieces = command.split('/');
    let masked: Vec<&str> =
        pieces.map(|piece| if piece.chars().count() > ID_LENGTH { "…" } else { piece }).collect();
    masked.join("/").chars().take(COMMAND_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn after_ten_in_a_minute_denials_are_counted_and_not_written() {
        let denials = Denials::default();
        let written = (0..1000).filter(|_| denials.count(None, "hidden", at(0))).count();
        assert_eq!(written, 10);
        assert!(denials.count(None, "not-a-member", at(0)), "another rule has its own count");
        assert!(denials.over(at(59)).is_empty());
        let over = denials.over(at(60));
        assert_eq!(
            over.iter().map(|(_, rule, run)| (*rule, run.count)).collect::<Vec<_>>(),
            [("hidden", 1000)]
        );
        assert!(denials.over(at(60)).is_empty(), "a count is told once");
        assert!(denials.count(None, "hidden", at(60)));
    }

    #[test]
    fn a_secret_in_a_path_is_masked_and_an_id_is_not() {
        let secret = "a".repeat(64);
        assert_eq!(
            masked(&format!("POST /invitations/{secret}/accept")),
            "POST /invitations/…/accept"
        );
        let id = uuid::Uuid::nil();
        assert_eq!(masked(&format!("GET /exports/{id}")), format!("GET /exports/{id}"));
        assert!(masked(&"/é".repeat(5000)).chars().count() <= COMMAND_LENGTH);
    }
}
