//! What other columns' events cause in this one.

use domain::Event;

use crate::{Centre, Failure};

/// Does what `event` causes here; doing it twice does it once.
pub(crate) async fn apply(_centre: &Centre, _event: &Event) -> Result<(), Failure> {
    Ok(())
}
