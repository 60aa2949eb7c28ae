//! The demonstration: persons for every role, producers, and real public microdata.

mod persons;
mod sources;

pub use sources::seed_sources;
use workflows::{Centre, Failure};

/// Fills a new demonstration; does nothing where it was filled before.
pub async fn seed(centre: &Centre) -> Result<(), Failure> {
    if centre.store.fact("demo").await?.is_none() {
        persons::seed(centre).await?;
        centre.store.set_fact("demo", "persons").await?;
    }
    Ok(())
}
