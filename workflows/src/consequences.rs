//! Every effect that a change in one column has in another, and every clock.
//!
//! Driven by events from the outbox, at least once, in order. An effect is idempotent: it looks at
//! what stands and does what is missing, so that doing it twice does it once.

use domain::Event;

use crate::{Centre, Failure, data, office, outputs, people, projects, settings};

/// Does the consequences of every open event. An effect may cause events of its own; they are
/// drained too.
pub(crate) async fn drain(centre: &Centre) -> Result<(), Failure> {
    loop {
        let open = centre.store.open_events(64).await?;
        if open.is_empty() {
            return Ok(());
        }
        for sealed in &open {
            apply(centre, &sealed.event).await?;
            centre.store.event_handled(sealed.event.id).await?;
        }
    }
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

/// A round of clocks: what fails in it holds up nothing else. The next round tries again.
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
                tracing::error!(error, "another clock failed in the same round");
            }
            Ok(()) => {}
        }
    }

    /// The first failure.
    pub fn end(self) -> Result<(), Failure> {
        self.first.map_or(Ok(()), Err)
    }
}
