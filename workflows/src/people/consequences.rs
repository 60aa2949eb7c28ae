//! What other columns' events cause in this one.

use domain::{Application, ApplicationId, Event, Item, Person, PersonId, Undertaking};
use uuid::Uuid;

use super::{habilitation, invitation, letter, undertaking};
use crate::{Centre, Failure};

/// Does what `event` causes here; doing it twice does it once. What an event names may be gone
/// since: then there is nothing to do, and the events behind it must not wait.
pub(crate) async fn apply(centre: &Centre, event: &Event) -> Result<(), Failure> {
    let family = event.kind.split('.').next().unwrap_or_default();
    match event.kind.as_str() {
        "member.invited" => return invitation::invite_member(centre, event).await,
        "person.invited" => letter::send_invitation(centre, event).await?,
        _ => {}
    }
    match family {
        "application" | "member" | "opinion" | "decisions" => {
            if family == "member" || event.kind == "application.created" {
                give_to_team(centre, event.object.into()).await?;
            }
            habilitation::follow_project(centre, event.object.into()).await
        }
        "item" | "bubble" | "undertaking" => match application_of(centre, event).await? {
            Some(id) => habilitation::follow_project(centre, id).await,
            None => Ok(()),
        },
        "person" | "identity" | "credential" => follow_person(centre, event.object.into()).await,
        "habilitation" => match named(event, "person") {
            Some(person) => habilitation::follow_access(centre, person.into()).await,
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Everybody in an open application has an undertaking, and who asks for access a habilitation.
async fn give_to_team(centre: &Centre, id: ApplicationId) -> Result<(), Failure> {
    let Some(application) = centre.store.get::<Application>(id).await? else { return Ok(()) };
    undertaking::give_to_team(centre, &application).await?;
    habilitation::give_to_team(centre, &application).await
}

async fn follow_person(centre: &Centre, id: PersonId) -> Result<(), Failure> {
    if centre.store.get::<Person>(id).await?.is_none() {
        return Ok(());
    }
    habilitation::follow_person(centre, id).await?;
    habilitation::follow_access(centre, id).await
}

/// The application that an event concerns: named in its payload, or by its object.
async fn application_of(centre: &Centre, event: &Event) -> Result<Option<ApplicationId>, Failure> {
    if let Some(id) = named(event, "application") {
        return Ok(Some(id.into()));
    }
    Ok(match event.noun.as_str() {
        "application" => Some(event.object.into()),
        "item" => centre.store.get::<Item>(event.object).await?.map(|item| item.application),
        "undertaking" => {
            centre.store.get::<Undertaking>(event.object).await?.map(|one| one.application)
        }
        "bubble" => {
            centre.store.get::<domain::Bubble>(event.object).await?.map(|one| one.application)
        }
        _ => None,
    })
}

fn named(event: &Event, field: &str) -> Option<Uuid> {
    event.payload.get(field)?.as_str()?.parse().ok()
}
