//! Deposits: announced, taken back, accepted or rejected. `upload.rs` has how files come,
//! `checks.rs` what the centre checks by itself.

use domain::{
    Actor, Deposit, DepositId, Event, Producer, Source, Vintage, VintageId,
    data::{
        deposit::{ManifestFile, may_decide, may_deposit, may_send},
        source::may_see,
    },
};
use serde_json::json;
use store::{Change, Upload};

use crate::{Centre, Failure};

/// A deposit with all that its page shows.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The deposit.
    pub deposit: Deposit,
    /// For which vintage.
    pub vintage: Vintage,
    /// Of which source.
    pub source: Source,
    /// From which producer.
    pub producer: Producer,
    /// Its files on their way.
    pub uploads: Vec<Upload>,
    /// What happened, oldest first.
    pub events: Vec<Event>,
    /// Whether the person may send files.
    pub may_send: bool,
    /// Whether the person may accept or reject it.
    pub may_decide: bool,
}

/// One deposit, for those who look after it.
pub async fn see_deposit(centre: &Centre, actor: &Actor, id: DepositId) -> Result<Seen, Failure> {
    let deposit: Deposit = centre.load("deposit", id).await?;
    may_see(actor, deposit.producer)?;
    let vintage: Vintage = centre.load("vintage", deposit.vintage).await?;
    let events = centre.store.events_of(id).await?;
    Ok(Seen {
        source: centre.load("source", vintage.source).await?,
        producer: centre.load("producer", deposit.producer).await?,
        uploads: centre.store.uploads_of(id).await?,
        events: events.into_iter().map(|sealed| sealed.event).collect(),
        may_send: may_send(actor, &deposit).is_ok(),
        may_decide: may_decide(actor, &deposit).is_ok(),
        vintage,
        deposit,
    })
}

/// Reads a manifest as `sha256sum` prints it: a hash, blanks, a name, one file a line. Blank lines
/// and lines that begin with `#` say nothing.
///
/// # Errors
/// `manifest-line`, with the first line that is neither.
pub fn read_manifest(text: &str) -> Result<Vec<ManifestFile>, Failure> {
    let mut files = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = || Failure::Invalid {
            field: "manifest".to_owned(),
            key: "manifest-line".to_owned(),
            detail: (number + 1).to_string(),
        };
        let (sha256, name) = line.split_once([' ', '\t']).ok_or_else(wrong)?;
        let name = name.trim_start().trim_start_matches('*'); // `*`: sha256sum's binary mode
        files.push(ManifestFile {
            name: name.to_owned(),
            sha256: sha256.to_lowercase(),
            bytes: None,
            rows: None,
        });
    }
    Ok(files)
}

/// Announces a deposit and opens its channel. The same files announced again, while they are still
/// coming, are the deposit that was begun: a command that was cut off goes on with it.
#[tracing::instrument(name = "workflow.announce_deposit", skip_all, fields(vintage.id = %vintage), err)]
pub async fn announce_deposit(
    centre: &Centre,
    actor: &Actor,
    vintage: VintageId,
    manifest: Vec<ManifestFile>,
) -> Result<Deposit, Failure> {
    let vintage: Vintage = centre.load("vintage", vintage).await?;
    let source: Source = centre.load("source", vintage.source).await?;
    let permit = may_deposit(actor, &source, &vintage)?;
    let open = centre.store.deposits_for(vintage.id).await?.into_iter().find(|d| !d.is_over());
    if let Some(open) = open {
        let coming = open.state.name() == "announced" || open.open_until().is_some();
        return match coming && open.manifest == manifest && !open.grows {
            true => reopen(centre, actor, open).await,
            false => Err(Failure::invalid("vintage", "deposit-open")),
        };
    }
    let announced = permit.announce(centre.id(), manifest)?;
    let deposit = may_send(actor, &announced)?.open(centre.now())?;
    let mut event = centre.event(actor, "deposit.announced", "deposit", deposit.id);
    event.payload = json!({ "vintage": vintage.id, "files": deposit.manifest.len() });
    let opened = centre.event(actor, "deposit.channel_opened", "deposit", deposit.id);
    let mut change = centre.store.change(&event);
    change.event(&opened).insert(&deposit).replace(&vintage, &vintage.follow(&deposit)?);
    change.commit().await?;
    Ok(deposit)
}

/// Opens the channel of a deposit again where the clock had closed it.
async fn reopen(centre: &Centre, actor: &Actor, deposit: Deposit) -> Result<Deposit, Failure> {
    match deposit.open_until().is_some_and(|until| centre.now() < until) {
        true => Ok(deposit),
        false => open_channel(centre, actor, deposit.id).await,
    }
}

/// Opens the channel again for another day.
#[tracing::instrument(name = "workflow.open_channel", skip_all, fields(deposit.id = %id), err)]
pub async fn open_channel(
    centre: &Centre,
    actor: &Actor,
    id: DepositId,
) -> Result<Deposit, Failure> {
    let before: Deposit = centre.load("deposit", id).await?;
    let after = may_send(actor, &before)?.open(centre.now())?;
    let event = centre.event(actor, "deposit.channel_opened", "deposit", id);
    save(centre, &event, &before, &after, |_| ()).await?;
    Ok(after)
}

/// The depositor says that every file was sent.
#[tracing::instrument(name = "workflow.complete_deposit", skip_all, fields(deposit.id = %id), err)]
pub async fn complete_deposit(
    centre: &Centre,
    actor: &Actor,
    id: DepositId,
) -> Result<Deposit, Failure> {
    let _one = centre.desk.deposit(id).await;
    let before: Deposit = centre.load("deposit", id).await?;
    let after = may_send(actor, &before)?.complete(centre.now())?;
    let event = centre.event(actor, "deposit.received", "deposit", id);
    save(centre, &event, &before, &after, |_| ()).await?;
    Ok(after)
}

/// The depositor takes the deposit back.
#[tracing::instrument(name = "workflow.abandon_deposit", skip_all, fields(deposit.id = %id), err)]
pub async fn abandon_deposit(
    centre: &Centre,
    actor: &Actor,
    id: DepositId,
) -> Result<Deposit, Failure> {
    let before: Deposit = centre.load("deposit", id).await?;
    let after = may_send(actor, &before)?.abandon(centre.now())?;
    let event = centre.event(actor, "deposit.rejected", "deposit", id);
    save(centre, &event, &before, &after, |_| ()).await?;
    Ok(after)
}

/// A data manager accepts the deposit; the receipt is signed as a consequence.
#[tracing::instrument(name = "workflow.accept_deposit", skip_all, fields(deposit.id = %id), err)]
pub async fn accept_deposit(
    centre: &Centre,
    actor: &Actor,
    id: DepositId,
) -> Result<Deposit, Failure> {
    let before: Deposit = centre.load("deposit", id).await?;
    may_see(actor, before.producer)?;
    let after = may_decide(actor, &before)?.accept(centre.now())?;
    let event = centre.event(actor, "deposit.accepted", "deposit", id);
    save(centre, &event, &before, &after, |_| ()).await?;
    Ok(after)
}

/// A data manager rejects the deposit, with a reason for the producer.
#[tracing::instrument(name = "workflow.reject_deposit", skip_all, fields(deposit.id = %id), err)]
pub async fn reject_deposit(
    centre: &Centre,
    actor: &Actor,
    id: DepositId,
    reason: &str,
) -> Result<Deposit, Failure> {
    let before: Deposit = centre.load("deposit", id).await?;
    may_see(actor, before.producer)?;
    let after = may_decide(actor, &before)?.reject(reason, centre.now())?;
    let mut event = centre.event(actor, "deposit.rejected", "deposit", id);
    event.reason = Some(reason.trim().to_owned());
    save(centre, &event, &before, &after, |_| ()).await?;
    Ok(after)
}

/// Saves a deposit with its vintage, which follows it.
pub(super) async fn save(
    centre: &Centre,
    event: &Event,
    before: &Deposit,
    after: &Deposit,
    more: impl FnOnce(&mut Change<'_>),
) -> Result<(), Failure> {
    let vintage: Vintage = centre.load("vintage", before.vintage).await?;
    let followed = vintage.follow(after)?;
    let mut change = centre.store.change(event);
    change.replace(before, after);
    if followed != vintage {
        change.replace(&vintage, &followed);
    }
    more(&mut change);
    Ok(change.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_as_sha256sum_prints_it() {
        let hash = "A".repeat(64);
        let text = format!("# ours\n{hash}  stays 2019.csv\n\n{hash} *b.parquet\n");
        let files = read_manifest(&text).unwrap();
        assert_eq!(files[0].name, "stays 2019.csv");
        assert_eq!((files[1].name.as_str(), files[1].sha256.len()), ("b.parquet", 64));
        assert!(read_manifest("nothing-here").is_err());
    }
}
