//! Every effect that a change in one column has in another, and every clock.
//!
//! Driven by events from the outbox, at least once, those of one object in their order. An effect is
//! idempotent: it looks at what stands and does what is missing, so that doing it twice does it once.

use std::collections::HashSet;

use domain::Event;
use store::StoreError;

use crate::{Centre, Failure, data, failure::causes, office, outputs, people, projects, settings};

/// Open events that are read at once.
const PAGE: u32 = 64;

/// Does the consequences of every open event. An effect may cause events of its own; they are
/// drained too. An event whose effect fails stays open for the next time: what comes behind it waits
/// where it is of the same object, and goes on where it is not. Nothing waits for a row that cannot
/// be read, which may be nobody's affair but its own, and stay so for days.
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
                let (event, error) = (&sealed.event, causes(&failure));
                let kind = event.kind.as_str();
                tracing::error!(event.id = %event.id, kind, %object, error, "an event stays open");
                if !failure.is_corrupt() {
                    held.insert(object);
                }
                round.ran(Err(failure));
            }
        }
    }
}

async fn handle(centre: &Centre, event: &Event) -> Result<(), Failure> {
    apply(centre, event).await?;
    Ok(centre.store.event_handled(event.id).await?)
}

/// The consequences of one event, column by column. They do not wait for each other: the bubble of
/// an ended project closes even where one of its habilitations cannot be read.
async fn apply(centre: &Centre, event: &Event) -> Result<(), Failure> {
    let mut round = Round::default();
    round.ran(people::consequences::apply(centre, event).await);
    round.ran(data::consequences::apply(centre, event).await);
    round.ran(projects::consequences::apply(centre, event).await);
    round.ran(settings::consequences::apply(centre, event).await);
    round.ran(outputs::consequences::apply(centre, event).await);
    round.ran(office::notice::write(centre, event).await);
    round.end()
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

/// A round of clocks, of one clock's list, or of an event's consequences: what fails in it holds up
/// nothing else. The next round tries again.
#[derive(Default)]
pub(crate) struct Round {
    first: Option<Failure>,
}

impl Round {
    /// Keeps the first failure, logs the others. A row that cannot be read gives way to a failure
    /// of another kind: that one may end otherwise when it is tried again.
    pub fn ran(&mut self, clock: Result<(), Failure>) {
        let Err(mut failure) = clock else { return };
        match &mut self.first {
            None => self.first = Some(failure),
            Some(first) => {
                if first.is_corrupt() && !failure.is_corrupt() {
                    std::mem::swap(first, &mut failure);
                }
                tracing::error!(
                    error = causes(&failure),
                    "something else failed in the same round"
                );
            }
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
            let error = causes(&failure);
            tracing::error!(error, "a list was not gone through to its end: the clocks will");
        }
    }
}
