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

/// What happens because time has passed.
pub(crate) async fn clocks(centre: &Centre) -> Result<(), Failure> {
    people::clocks::run(centre).await?;
    data::clocks::run(centre).await?;
    projects::clocks::run(centre).await?;
    settings::clocks::run(centre).await?;
    outputs::clocks::run(centre).await?;
    office::denial::flush(centre).await
}
