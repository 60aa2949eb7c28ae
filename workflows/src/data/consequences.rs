//! What events cause in this column.

use domain::{DepositId, Event, SourceId};

use super::{checks, receipt};
use crate::{Centre, Failure};

/// Does what `event` causes here; doing it twice does it once.
pub(crate) async fn apply(centre: &Centre, event: &Event) -> Result<(), Failure> {
    match event.kind.as_str() {
        "deposit.received" => checks::start(centre, DepositId(event.object)),
        "deposit.accepted" => receipt::sign(centre, DepositId(event.object)).await?,
        "codebook.imported" => centre.catalogue.index(centre, SourceId(event.object)).await?,
        kind if kind.starts_with("source.") => {
            centre.catalogue.index(centre, SourceId(event.object)).await?;
        }
        // Cards show vintages, and in how many projects a source was granted.
        kind if ["vintage.", "item.", "application.", "opinion.", "producer."]
            .iter()
            .any(|family| kind.starts_with(family)) =>
        {
            centre.catalogue.refresh(centre).await?;
        }
        _ => {}
    }
    Ok(())
}
