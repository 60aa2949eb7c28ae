//! Every effect that a change in one column has in another, and every clock.
//!
//! Driven by events from the outbox, at least once, those of one object in their order. An effect is
//! idempotent: it looks at what stands and does what is missing, so that doing it twice does it once.

use std::collections::HashSet;

use domain::Event;
use store::StoreError;

use crate::{Centre, Failure, data, office, outputs, people, projects, settings};

/// Open events that are read at once.
const PAGE: u32 = 64;

/// Does the consequences of every open event. An effect may cause events of its own; they are
/// drained too. An event whose effect fails stays open for the next time: what comes behind it waits
/// where it is of the same object, and goes on where it is not.
///
/// # Errors
/// The first failure; the others are logged.
pub(crate) async fn drain(centre: &Centre) -> Result<(), Failure> {
    let (mut round, mut held, mut after) = (Round::default(), HashSet::new(), None);
    loop {
        let open = centre.store.open_events(after, PAGE).await?;
        let Some(last) = open.last() else { return round.end() };
        after = Some(last.event.id);
        for sealed in &open {
            let object = sealed.event.object;
            if held.contains(&object) {
                continue;
            }
            if let Err(failure) = handle(centre, &sealed.event).await {
                held.insert(object);
                round.ran(Err(failure));
            }
        }
    }
}

async fn handle(centre: &Centre, event: &Event) -> Result<(), Failure> {
    apply(centre, event).await?;
    Ok(centre.store.event_handled(event.id).await?)
}

/// The consequences of one event, column by column.
async fn apply(centre: &Centre, event: &Event) -> Result<(), Failure> {
    people::consequences::apply(centre, event).await?;
    data::consequences::apply(centre, event).await?;
    projects::consequences::apply(centre, event).await?;
    settings::consequences::apply(centre, event).await?;
    outputs::consequences::apply(centre, event).await?;
    office::notice::write(centre, event).await
}

/// What happens because time has passed. The columns do not wait for each other: a right ends and a
/// denial is written down even where another column's clock fails.
///
/// # Errors
/// The first failure; the others are logged.
pub(crate) async fn clocks(centre: &Centre) -> Result<(), Failure> {
    let mut round = Round::default();
    round.ran(people::clocks::run(centre).await);
    round.ran(data::clocks::run(centre).await);
    round.ran(projects::clocks::run(centre).await);
    round.ran(settings::clocks::run(centre).await);
    round.ran(outputs::clocks::run(centre).await);
    round.ran(office::denial::flush(centre).await);
    round.end()
}

/// A round of clocks, or of one clock's list: what fails in it holds up nothing else. The next round
/// tries again.
#[derive(Default)]
pub(crate) struct Round {
    first: Option<Failure>,
}

impl Round {
    /// Keeps the first failure, logs the others.
    pub fn ran(&mut self, clock: Result<(), Failure>) {
        match clock {
            Err(failure) if self.first.is_none() => self.first = Some(failure),
            Err(failure) => {
                let error = &failure as &dyn std::error::Error;
                tracing::error!(error, "something else failed in the same round");
            }
            Ok(()) => {}
        }
    }

    /// The rows of a list that can be read; a row that cannot is told, and hides no other.
    pub fn readable<T>(&mut self, list: Result<Vec<Result<T, StoreError>>, StoreError>) -> Vec<T> {
        let rows = list.unwrap_or_else(|error| vec![Err(error)]);
        let read = |row: Result<T, StoreError>| match row {
            Ok(row) => Some(row),
            Err(error) => {
                self.ran(Err(error.into()));
                None
            }
        };
        rows.into_iter().filter_map(read).collect()
    }

    /// The first failure.
    pub fn end(self) -> Result<(), Failure> {
        self.first.map_or(Ok(()), Err)
    }

    /// Logs what failed and leaves it to the clocks: for lists of theirs that are looked at early,
    /// for an event. The event is not about the row that failed, and must not wait for it.
    pub fn leave_to_the_clocks(self) {
        if let Err(failure) = self.end() {
            let error = &failure as &dyn std::error::Error;
            tracing::error!(error, "a list was not gone through to its end: the clocks will");
        }
    }
}
