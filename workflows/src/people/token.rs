//! Access tokens for scripts: `Authorization: Bearer`.

use domain::{Actor, Person};
use jiff::ToSpan;
use serde_json::json;
use store::Login;

use super::{login, passkey::needs_fresh};
use crate::{Centre, Failure};

/// A token works for so many days.
const DAYS: i64 = 30;
/// Tokens that one person may have.
const MOST: usize = 10;
/// How a token begins, so that scanners of leaked secrets know it.
const PREFIX: &str = "bulle_";

/// Makes a token with a name; returns it, to be shown once: only its hash is kept.
pub async fn make_token(
    centre: &Centre,
    actor: &Actor,
    login: &Login,
    label: &str,
) -> Result<String, Failure> {
    needs_fresh(centre, login)?;
    let label = label.trim();
    if label.is_empty() || label.chars().count() > 60 {
        return Err(Failure::invalid("label", "missing"));
    }
    let held = centre.store.logins_of(actor.id).await?;
    if held.iter().filter(|one| one.via == "token").count() >= MOST {
        return Err(Failure::invalid("label", "too-many-tokens"));
    }
    let token = format!("{PREFIX}{}", login::secret());
    let now = centre.now();
    let row = Login {
        id: centre.id(),
        secret_hash: login::hash(&token),
        person: actor.id,
        // No device cookie has this hash: a token is never a session cookie.
        device: "token".to_owned(),
        via: "token".to_owned(),
        label: Some(label.to_owned()),
        created_at: now,
        seen_at: now,
        ends_at: now.checked_add((DAYS * 24).hours()).unwrap_or(now),
    };
    let mut event = centre.event(actor, "credential.token_made", "person", actor.id);
    event.payload = json!({ "token": row.id, "until": row.ends_at });
    centre.store.change(&event).writes([row.insertion()]).commit().await?;
    Ok(token)
}

/// Whose token this is; nobody's where it is over, closed, or of a person who may not act.
pub async fn recognise(
    centre: &Centre,
    token: &str,
) -> Result<Option<(Actor, Person, Login)>, Failure> {
    if !token.starts_with(PREFIX) {
        return Ok(None);
    }
    let Some(found) = centre.store.login(&login::hash(token)).await? else { return Ok(None) };
    if found.via != "token" || centre.now() >= found.ends_at {
        return Ok(None);
    }
    login::who(centre, found).await
}
