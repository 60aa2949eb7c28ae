//! Signed-in browsers: bound to the device, with an idle and an absolute end (JOURNEYS 3.2).

use domain::{Actor, LoginId, Person, Timestamp};
use jiff::ToSpan;
use sha2::{Digest, Sha256};
pub use store::Login;

use crate::{Centre, Failure, failure::causes};

/// A login without a request for so long is over: 15 minutes.
pub const IDLE_SECONDS: i64 = 15 * 60;
/// A login is over after so long whatever happens: 8 hours.
pub const ABSOLUTE_HOURS: i64 = 8;

/// The secrets that the browser keeps: shown once, stored as hashes only.
#[derive(Clone)]
pub struct Secrets {
    /// For the session cookie.
    pub login: String,
    /// For the device cookie, where the browser had none.
    pub device: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(hidden)")
    }
}

/// Signs `person` in on the device with the secret `device` (a new one where none is given).
pub async fn open(
    centre: &Centre,
    person: &Person,
    via: &str,
    device: Option<&str>,
) -> Result<Secrets, Failure> {
    let now = centre.now();
    let secrets = Secrets {
        login: secret(),
        device: device.filter(|device| device.len() == 64).map_or_else(secret, ToOwned::to_owned),
    };
    let login = Login {
        id: centre.id(),
        secret_hash: hash(&secrets.login),
        person: person.id,
        device: hash(&secrets.device),
        via: via.to_owned(),
        label: None,
        created_at: now,
        seen_at: now,
        ends_at: now.checked_add(ABSOLUTE_HOURS.hours()).unwrap_or(now),
    };
    let mut event = centre.system_event("login.ok", "person", person.id);
    event.actor = Some(person.id);
    event.payload = serde_json::json!({ "via": via });
    centre.store.change(&event).writes([login.insertion()]).commit().await?;
    Ok(secrets)
}

/// Who is signed in with these two cookies. Nobody where the login is idle, over, of another
/// device, or of a person who may no longer act.
pub async fn recognise(
    centre: &Centre,
    login: &str,
    device: &str,
) -> Result<Option<(Actor, Person, Login)>, Failure> {
    let Some(found) = centre.store.login(&hash(login)).await? else { return Ok(None) };
    let now = centre.now();
    // Threat: a session cookie copied to another machine. Without that machine's device cookie,
    // which never leaves the browser that made it, the copy is worth nothing.
    if found.device != hash(device) || is_over(&found, now) {
        return Ok(None);
    }
    who(centre, found).await
}

/// The person of a login that is good, as the permission rules see them now.
pub(super) async fn who(
    centre: &Centre,
    found: Login,
) -> Result<Option<(Actor, Person, Login)>, Failure> {
    let now = centre.now();
    let Some(person) = centre.store.get::<Person>(found.person).await? else { return Ok(None) };
    let Some(actor) = centre.store.actor(found.person).await? else { return Ok(None) };
    if !actor.may_act {
        return Ok(None);
    }
    // One write a minute is enough for an idle end of fifteen. Where it fails (a full disk), pages
    // are still read; the login only ends earlier.
    if now.duration_since(found.seen_at).as_secs() >= 60
        && let Err(error) = centre.store.login_seen(found.id, now).await
    {
        tracing::warn!(error = causes(&error), "a login was not noted");
    }
    Ok(Some((actor, person, found)))
}

/// Signs out.
pub async fn close(centre: &Centre, actor: &Actor, login: LoginId) -> Result<(), Failure> {
    let event = centre.event(actor, "login.closed", "person", actor.id);
    centre.store.change(&event).writes([Login::removal(login)]).commit().await?;
    Ok(())
}

/// The signed-in browsers and the access tokens of the person that are not over.
pub async fn list(centre: &Centre, actor: &Actor) -> Result<Vec<Login>, Failure> {
    let now = centre.now();
    let good = |one: &Login| match one.via.as_str() {
        "token" => now < one.ends_at,
        _ => !is_over(one, now),
    };
    Ok(centre.store.logins_of(actor.id).await?.into_iter().filter(good).collect())
}

/// Closes one browser or token of one's own.
pub async fn close_own(centre: &Centre, actor: &Actor, id: LoginId) -> Result<(), Failure> {
    let held = centre.store.logins_of(actor.id).await?;
    match held.iter().any(|one| one.id == id) {
        true => close(centre, actor, id).await,
        false => Err(Failure::missing("login", id)),
    }
}

/// Closes every browser of one's own but `keep`; tokens stay, they are closed one by one.
pub async fn close_others(centre: &Centre, actor: &Actor, keep: LoginId) -> Result<(), Failure> {
    let held = centre.store.logins_of(actor.id).await?;
    let others = held.iter().filter(|one| one.id != keep && one.via != "token");
    let removals: Vec<_> = others.map(|one| Login::removal(one.id)).collect();
    let event = centre.event(actor, "login.closed", "person", actor.id);
    Ok(centre.store.change(&event).writes(removals).commit().await?)
}

/// Whether a login has met its idle or its absolute end.
pub fn is_over(login: &Login, now: Timestamp) -> bool {
    now >= login.ends_at || now.duration_since(login.seen_at).as_secs() >= IDLE_SECONDS
}

/// A new secret for the device cookie of a browser that has none.
pub fn device_secret() -> String {
    secret()
}

/// 32 random bytes, hexadecimal.
pub(super) fn secret() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

/// SHA-256, hexadecimal.
pub fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// The persons of a demonstration, in the order in which they were made.
pub async fn demo_persons(centre: &Centre) -> Result<Vec<Person>, Failure> {
    if !centre.config.demo {
        return Err(Failure::missing("page", "demo"));
    }
    let persons = centre.store.all::<Person>().await?;
    Ok(persons.into_iter().filter(|person| person.demo_name.is_some()).collect())
}

/// The demonstration's person with this short name. In a real centre nobody steps into anybody:
/// the page does not exist there, and neither does a person with a short name.
pub async fn demo_person(centre: &Centre, name: &str) -> Result<Person, Failure> {
    let missing = || Failure::missing("person", name);
    if !centre.config.demo {
        return Err(missing());
    }
    centre.store.person_by_demo_name(name).await?.ok_or_else(missing)
}
