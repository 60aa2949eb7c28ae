//! Undertakings: the text, signing, checking.

use domain::{
    Actor, Application, ApplicationId, Lang, Person, PersonId, Undertaking, UndertakingId,
    people::undertaking_acts::{ShownText, may_check, may_list, may_read, may_sign},
};
use serde_json::json;

use super::{habilitation, login};
use crate::{Centre, Failure, consequences::Round};

/// The version of the text in force. A test pins it to the text: who edits the text must give it
/// another version, and everybody signs again.
pub const VERSION: &str = "2026-1";

/// The text in force, Markdown with one heading, numbered paragraphs and bold words.
pub fn text(lang: Lang) -> &'static str {
    match lang {
        Lang::Fr => include_str!("undertaking/fr.md"),
        Lang::En => include_str!("undertaking/en.md"),
    }
}

/// SHA-256 of the text in force in one language, hexadecimal.
pub fn text_hash(lang: Lang) -> String {
    login::hash(text(lang))
}

/// An undertaking with what its page shows.
pub struct Shown {
    /// The undertaking.
    pub undertaking: Undertaking,
    /// The signer.
    pub person: Person,
    /// For which application; none where it is gone.
    pub application: Option<Application>,
    /// Whether the reader may sign it now.
    pub can_sign: bool,
    /// Whether the reader may check it now.
    pub can_check: bool,
}

/// Reads one undertaking. Others' undertakings look missing to who may not see them.
pub async fn read_undertaking(
    centre: &Centre,
    actor: &Actor,
    id: UndertakingId,
) -> Result<Shown, Failure> {
    let undertaking: Undertaking = centre.load("undertaking", id).await?;
    may_read(actor, &undertaking)?;
    show(centre, actor, undertaking).await
}

async fn show(centre: &Centre, actor: &Actor, undertaking: Undertaking) -> Result<Shown, Failure> {
    let state = undertaking.state.name();
    let can_sign =
        matches!(state, "to_sign" | "superseded") && may_sign(actor, &undertaking).is_ok();
    let can_check = state == "signed" && may_check(actor, &undertaking).is_ok();
    let person = centre.load("person", undertaking.person).await?;
    let application = centre.store.get(undertaking.application).await?;
    Ok(Shown { undertaking, person, application, can_sign, can_check })
}

/// The undertakings that wait for the secretary's check.
pub async fn list_to_check(centre: &Centre, actor: &Actor) -> Result<Vec<Shown>, Failure> {
    actor.needs(&[domain::Role::Secretary])?;
    let mut shown = Vec::new();
    for one in centre.store.undertakings_that_are("signed").await? {
        shown.push(show(centre, actor, one).await?);
    }
    Ok(shown)
}

/// The undertakings of everybody, newest first, for who reads every one.
///
/// # Errors
/// [`Failure::Denied`] for the others.
pub async fn list_all(centre: &Centre, actor: &Actor) -> Result<Vec<Shown>, Failure> {
    may_list(actor)?;
    let mut shown = Vec::new();
    for one in centre.store.all::<Undertaking>().await?.into_iter().rev() {
        shown.push(show(centre, actor, one).await?);
    }
    Ok(shown)
}

/// The undertakings of the reader, newest first.
pub async fn list_own(centre: &Centre, actor: &Actor) -> Result<Vec<Shown>, Failure> {
    let mut shown = Vec::new();
    for one in centre.store.undertakings_by(actor.id).await?.into_iter().rev() {
        shown.push(show(centre, actor, one).await?);
    }
    Ok(shown)
}

/// Signs one's own undertaking. `lang`: in which language the text was shown; `version`: which
/// version was shown, so that a page left open over a change of the text signs nothing.
pub async fn sign_undertaking(
    centre: &Centre,
    actor: &Actor,
    id: UndertakingId,
    form: &SignForm<'_>,
) -> Result<Undertaking, Failure> {
    let before: Undertaking = centre.load("undertaking", id).await?;
    let permit = may_sign(actor, &before)?;
    if form.version != VERSION {
        return Err(Failure::invalid("version", "old-text"));
    }
    let person: Person = centre.load("person", actor.id).await?;
    let sha256 = text_hash(form.lang);
    let shown = ShownText { version: VERSION, sha256: &sha256 };
    let after = permit.sign(shown, form.name, &person.name, form.agreed, centre.now())?;
    let payload = json!({ "version": VERSION, "language": form.lang, "sha256": sha256 });
    save(centre, actor, "undertaking.signed", &before, &after, payload, None).await?;
    Ok(after)
}

/// What a signer sends.
#[derive(Clone, Copy, Debug)]
pub struct SignForm<'a> {
    /// The language in which the text was shown.
    pub lang: Lang,
    /// The version that was shown.
    pub version: &'a str,
    /// The name as typed.
    pub name: &'a str,
    /// Whether the box was ticked.
    pub agreed: bool,
}

/// The secretary finds name, date and version right.
pub async fn accept_undertaking(
    centre: &Centre,
    actor: &Actor,
    id: UndertakingId,
) -> Result<Undertaking, Failure> {
    let before: Undertaking = centre.load("undertaking", id).await?;
    let after = may_check(actor, &before)?.accept(VERSION, centre.now())?;
    save(centre, actor, "undertaking.checked", &before, &after, json!({}), None).await?;
    Ok(after)
}

/// The secretary sends it back with a reason.
pub async fn return_undertaking(
    centre: &Centre,
    actor: &Actor,
    id: UndertakingId,
    reason: &str,
) -> Result<Undertaking, Failure> {
    let before: Undertaking = centre.load("undertaking", id).await?;
    let after = may_check(actor, &before)?.send_back(reason)?;
    save(centre, actor, "undertaking.returned", &before, &after, json!({}), Some(reason)).await?;
    Ok(after)
}

async fn save(
    centre: &Centre,
    actor: &Actor,
    kind: &str,
    before: &Undertaking,
    after: &Undertaking,
    mut payload: serde_json::Value,
    reason: Option<&str>,
) -> Result<(), Failure> {
    let mut event = centre.event(actor, kind, "undertaking", before.id);
    payload["application"] = json!(before.application);
    payload["person"] = json!(before.person);
    event.payload = payload;
    event.reason = reason.map(str::to_owned);
    Ok(centre.store.change(&event).replace(before, after).commit().await?)
}

/// Gives each person of an open application an undertaking to sign, where they have none.
pub(crate) async fn give_to_team(
    centre: &Centre,
    application: &Application,
) -> Result<(), Failure> {
    if habilitation::is_over(&application.state) {
        return Ok(());
    }
    let standing = centre.store.undertakings_of(application.id).await?;
    for person in application.people() {
        let has = standing.iter().any(|one| one.person == person);
        if !has && centre.store.get::<Person>(person).await?.is_some() {
            give(centre, person, application.id).await?;
        }
    }
    Ok(())
}

async fn give(centre: &Centre, person: PersonId, id: ApplicationId) -> Result<(), Failure> {
    let new = Undertaking::to_sign(centre.id(), person, id);
    let mut event = centre.system_event("undertaking.asked", "undertaking", new.id);
    event.payload = json!({ "application": id, "person": person });
    Ok(centre.store.change(&event).insert(&new).commit().await?)
}

/// After a change of the text, signatures of the old one no longer count for open applications.
/// Looks once for each version: the version that was looked for is a fact of the centre.
pub(crate) async fn supersede_old_texts(centre: &Centre) -> Result<(), Failure> {
    if centre.store.fact("undertaking_text").await?.as_deref() == Some(VERSION) {
        return Ok(());
    }
    let mut round = Round::default();
    for state in ["signed", "valid"] {
        for before in round.readable(centre.store.each::<Undertaking>("state", state).await) {
            round.ran(supersede(centre, &before).await);
        }
    }
    round.end()?; // what failed is looked at again
    Ok(centre.store.set_fact("undertaking_text", VERSION).await?)
}

async fn supersede(centre: &Centre, before: &Undertaking) -> Result<(), Failure> {
    let Some(after) = before.superseded_by(VERSION) else { return Ok(()) };
    let application = centre.store.get::<Application>(before.application).await?;
    if application.is_none_or(|application| habilitation::is_over(&application.state)) {
        return Ok(());
    }
    let mut event = centre.system_event("undertaking.superseded", "undertaking", before.id);
    event.payload = json!({ "application": before.application, "person": before.person });
    Ok(centre.store.change(&event).replace(before, &after).commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_edits_the_text_gives_it_another_version() {
        let pinned = (VERSION, text_hash(Lang::Fr), text_hash(Lang::En));
        let known = (
            "2026-1",
            "6b476c56c75796c6ce086237f95e93606a16f55b54fde65583618791fa6d73ed".to_owned(),
            "fb2a901a50620765e0b782ee707b5b6288ba61c24cf911b543b2574ca0fc8d81".to_owned(),
        );
        assert_eq!(pinned, known, "the text has changed: change VERSION, then this test");
    }
}
