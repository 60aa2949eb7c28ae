//! What happens in this column because time has passed.

use crate::{Centre, Failure};

/// Looks at what is due and does it.
pub(crate) async fn run(_centre: &Centre) -> Result<(), Failure> {
    Ok(())
}
