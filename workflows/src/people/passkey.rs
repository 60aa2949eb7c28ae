//! Passkeys (`WebAuthn`): registration and sign-in, always with user verification.
//!
//! What the browser was asked is kept here, not in the browser: five minutes, for the browser that
//! asked (its device cookie), for one answer. The library checks challenge, origin, relying party,
//! signature, user verification and counter.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Actor, CredentialId, Person, PersonId};
use jiff::ToSpan;
use serde_json::{Value, json};
use store::{Challenge, Change};
pub use store::{Credential, Login};
use uuid::Uuid;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{
        DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration,
        PublicKeyCredential, RegisterPublicKeyCredential, WebauthnError,
    },
};

use super::{link::LinkKey, login};
use crate::{Centre, Config, Failure};

/// An answer is taken for so many seconds.
const OPEN_SECONDS: i64 = 300;
/// Passkeys and tokens are changed, and releases picked up, only so many seconds after the sign-in
/// (SES-05, JOURNEYS 1.17).
pub const FRESH_SECONDS: i64 = 600;
/// Passkeys that one person may have.
const MOST: usize = 10;

/// `WebAuthn`, and the key of mailed links.
pub struct Passkeys {
    webauthn: Webauthn,
    pub(super) links: LinkKey,
}

impl Passkeys {
    /// Opens it for the centre of `config`: passkeys are bound to the host of its public address.
    pub fn open(config: &Config) -> Result<Self, Failure> {
        let attempt = "bind passkeys to the host of `public_url`, which must be a name";
        let url = &config.public_url;
        let host = url.domain().ok_or("no host name").map_err(Failure::engine(attempt))?;
        let webauthn = WebauthnBuilder::new(host, url)
            .map_err(Failure::engine(attempt))?
            .rp_name(&config.name)
            .timeout(Duration::from_secs(OPEN_SECONDS.unsigned_abs()))
            // A demonstration listens on whatever port of this machine is free.
            .allow_any_port(config.demo)
            .build()
            .map_err(Failure::engine(attempt))?;
        Ok(Self { webauthn, links: LinkKey::open(&config.dir)? })
    }
}

/// What the browser is asked.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The ceremony, to be named with the answer.
    pub id: Uuid,
    /// `publicKey` for `navigator.credentials`, binary fields in base64url.
    pub options: Value,
}

/// What a browser answered to a registration.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The new credential, as `PublicKeyCredential.toJSON()` gives it.
    pub credential: &'a Value,
    /// The name that the person gives to it.
    pub label: &'a str,
}

/// Begins a sign-in: nobody is named, the authenticator finds who it is.
pub async fn begin_sign_in(centre: &Centre, device: &str) -> Result<Begun, Failure> {
    let (options, state) = centre
        .passkeys
        .webauthn
        .start_discoverable_authentication()
        .map_err(Failure::engine("begin a sign-in"))?;
    let mut options = json!(options);
    // The library means the browser's autofill; the page has a button.
    options.as_object_mut().map(|options| options.remove("mediation"));
    keep(centre, "sign_in", device, None, &state, options).await
}

/// Ends a sign-in: who it is. Every failure is an event; from outside all look the
/// same, but for an authenticator that did not verify the person, which the person can mend.
pub async fn finish_sign_in(
    centre: &Centre,
    device: &str,
    challenge: Uuid,
    answer: &Value,
) -> Result<Person, Failure> {
    match check_sign_in(centre, device, challenge, answer).await {
        Ok(person) => Ok(person),
        Err(Rejected::Failed(failure)) => Err(failure),
        Err(Rejected::Because(person, reason)) => {
            let object = person.map_or_else(Uuid::nil, Uuid::from);
            let mut event = centre.system_event("login.failed", "person", object);
            event.payload = json!({ "reason": reason });
            centre.store.change(&event).commit().await?;
            // The answer itself says so: whoever sent it learns nothing of the accounts here.
            let key = if verified(answer) { "sign-in-failed" } else { "sign-in-unverified" };
            Err(Failure::invalid("passkey", key))
        }
    }
}

enum Rejected {
    Because(Option<PersonId>, &'static str),
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Rejected {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn check_sign_in(
    centre: &Centre,
    device: &str,
    challenge: Uuid,
    answer: &Value,
) -> Result<Person, Rejected> {
    let because = |reason| Rejected::Because(None, reason);
    let state = take(centre, "sign_in", device, None, challenge).await?;
    let state = state.ok_or(because("challenge"))?;
    let state: DiscoverableAuthentication =
        serde_json::from_str(&state).map_err(Failure::engine("read a sign-in that was begun"))?;
    let answer: PublicKeyCredential =
        serde_json::from_value(answer.clone()).map_err(|_| because("answer"))?;
    let (user, raw_id) = centre
        .passkeys
        .webauthn
        .identify_discoverable_authentication(&answer)
        .map_err(|_| because("answer"))?;
    let known = centre.store.credential_by_raw_id(&URL_SAFE_NO_PAD.encode(raw_id)).await?;
    let credential = known.ok_or(because("unknown"))?;
    let because = |reason| Rejected::Because(Some(credential.person), reason);
    // Threat: an authenticator that claims another person's name with its own key.
    if credential.person.0 != user {
        return Err(because("person"));
    }
    if credential.revoked_at.is_some() {
        return Err(because("revoked"));
    }
    let mut passkey: Passkey = serde_json::from_str(&credential.passkey)
        .map_err(Failure::engine("read a stored passkey"))?;
    let result = centre
        .passkeys
        .webauthn
        .finish_discoverable_authentication_v2(&answer, state, DiscoverableKey::from(&passkey))
        .map_err(|error| because(reason(&error)))?;
    let person = centre.store.get::<Person>(credential.person).await?;
    let person = person.filter(Person::may_act).ok_or(because("account"))?;
    passkey.update_credential(&result);
    let mut event = centre.system_event("credential.used", "person", person.id);
    event.actor = Some(person.id);
    event.payload = json!({ "credential": credential.id });
    let usage = Credential::usage(credential.id, &json!(passkey).to_string(), centre.now());
    centre.store.change(&event).writes([usage]).commit().await?;
    Ok(person)
}

/// Whether the authenticator says that it verified the person: bit 2 of byte 32 of the
/// authenticator data (`WebAuthn` 6.1). What cannot be read is refused for other reasons.
fn verified(answer: &Value) -> bool {
    let data = answer["response"]["authenticatorData"].as_str();
    let data = data.and_then(|data| URL_SAFE_NO_PAD.decode(data).ok());
    data.and_then(|data| data.get(32).copied()).is_none_or(|flags| flags & 0b100 != 0)
}

/// Why the library refused, as a stable word of `login.failed`.
fn reason(error: &WebauthnError) -> &'static str {
    match error {
        WebauthnError::UserNotVerified => "user_not_verified",
        WebauthnError::UserNotPresent => "user_not_present",
        WebauthnError::CredentialPossibleCompromise => "counter",
        WebauthnError::InvalidRPOrigin => "origin",
        WebauthnError::InvalidRPIDHash => "relying_party",
        WebauthnError::MismatchedChallenge => "challenge",
        WebauthnError::AuthenticationFailure => "signature",
        _ => "answer",
    }
}

/// Begins the registration of a passkey for `person`, one that their authenticators do not hold.
pub(super) async fn begin_registration(
    centre: &Centre,
    person: &Person,
    device: &str,
) -> Result<Begun, Failure> {
    let held = centre.store.credentials_of(person.id).await?;
    if held.len() >= MOST {
        return Err(Failure::invalid("passkey", "too-many-passkeys"));
    }
    let ids = held.iter().filter_map(|one| URL_SAFE_NO_PAD.decode(&one.raw_id).ok());
    let exclude = ids.collect();
    let (options, state) = centre
        .passkeys
        .webauthn
        .start_passkey_registration(person.id.0, &person.email, &person.name, Some(exclude))
        .map_err(Failure::engine("begin the registration of a passkey"))?;
    let mut options = json!(options);
    // Sign-in names nobody, so the authenticator must keep whom the passkey is for.
    let selection = &mut options["publicKey"]["authenticatorSelection"];
    selection["residentKey"] = json!("required");
    selection["requireResidentKey"] = json!(true);
    keep(centre, "register", device, Some(person.id), &state, options).await
}

/// Checks what the browser answered; the row is to be inserted by the caller, with its event.
pub(super) async fn finish_registration(
    centre: &Centre,
    person: &Person,
    device: &str,
    challenge: Uuid,
    answer: Answer<'_>,
) -> Result<Credential, Failure> {
    let failed = || Failure::invalid("passkey", "registration-failed");
    let state = take(centre, "register", device, Some(person.id), challenge).await?;
    let state: PasskeyRegistration = serde_json::from_str(&state.ok_or_else(failed)?)
        .map_err(Failure::engine("read a registration that was begun"))?;
    let credential: RegisterPublicKeyCredential =
        serde_json::from_value(answer.credential.clone()).map_err(|_| failed())?;
    let passkey = centre
        .passkeys
        .webauthn
        .finish_passkey_registration(&credential, &state)
        .map_err(|_| failed())?;
    let label = answer.label.trim();
    let label = if label.is_empty() { "Passkey" } else { label };
    Ok(Credential {
        id: centre.id(),
        person: person.id,
        raw_id: URL_SAFE_NO_PAD.encode(passkey.cred_id()),
        label: label.chars().take(60).collect(),
        passkey: json!(passkey).to_string(),
        created_at: centre.now(),
        used_at: None,
        revoked_at: None,
    })
}

/// Writes a change that inserts a passkey; one that is registered already is refused, whoever has
/// it and even if it was revoked.
pub(super) async fn commit(mut change: Change<'_>) -> Result<(), Failure> {
    match change.commit().await {
        Err(error) if error.is_duplicate() => Err(Failure::invalid("passkey", "passkey-known")),
        other => Ok(other?),
    }
}

async fn keep(
    centre: &Centre,
    purpose: &'static str,
    device: &str,
    person: Option<PersonId>,
    state: &impl serde::Serialize,
    options: Value,
) -> Result<Begun, Failure> {
    let now = centre.now();
    let challenge = Challenge {
        id: centre.id(),
        purpose,
        device: login::hash(device),
        person,
        body: json!(state).to_string(),
        ends_at: now.checked_add(OPEN_SECONDS.seconds()).unwrap_or(now),
    };
    centre.store.keep_challenge(&challenge).await?;
    Ok(Begun { id: challenge.id, options })
}

/// Takes a ceremony out for its one answer; none where it is late, of another browser or of
/// another person.
async fn take(
    centre: &Centre,
    purpose: &'static str,
    device: &str,
    person: Option<PersonId>,
    id: Uuid,
) -> Result<Option<String>, Failure> {
    let found = centre.store.take_challenge(id, purpose).await?;
    let device = login::hash(device);
    let fits = |found: &Challenge| {
        found.device == device && found.person == person && centre.now() < found.ends_at
    };
    Ok(found.filter(fits).map(|found| found.body))
}

/// Refuses a sign-in that is too long ago for a change of passkeys or tokens or for taking files out,
/// and access tokens altogether: who finds an open browser or a token must not make themselves at
/// home, nor carry results away.
pub(crate) fn needs_fresh(centre: &Centre, login: &Login) -> Result<(), Failure> {
    let age = centre.now().duration_since(login.created_at).as_secs();
    match login.via != "token" && age < FRESH_SECONDS {
        true => Ok(()),
        false => Err(Failure::invalid("login", "sign-in-again")),
    }
}

/// Begins the registration of one more passkey.
pub async fn begin_more(
    centre: &Centre,
    actor: &Actor,
    login: &Login,
    device: &str,
) -> Result<Begun, Failure> {
    needs_fresh(centre, login)?;
    let person: Person = centre.load("person", actor.id).await?;
    begin_registration(centre, &person, device).await
}

/// Registers one more passkey.
pub async fn add_passkey(
    centre: &Centre,
    actor: &Actor,
    login: &Login,
    (device, challenge): (&str, Uuid),
    answer: Answer<'_>,
) -> Result<Credential, Failure> {
    needs_fresh(centre, login)?;
    let person: Person = centre.load("person", actor.id).await?;
    let credential = finish_registration(centre, &person, device, challenge, answer).await?;
    let mut event = centre.event(actor, "credential.registered", "person", actor.id);
    event.payload = json!({ "credential": credential.id });
    let mut change = centre.store.change(&event);
    change.writes([credential.insertion()]);
    commit(change).await?;
    Ok(credential)
}

/// Gives a passkey of one's own another name.
pub async fn rename_passkey(
    centre: &Centre,
    actor: &Actor,
    id: CredentialId,
    label: &str,
) -> Result<(), Failure> {
    own(centre, actor, id).await?;
    let label = label.trim();
    if label.is_empty() || label.chars().count() > 60 {
        return Err(Failure::invalid("label", "missing"));
    }
    let mut event = centre.event(actor, "credential.renamed", "person", actor.id);
    event.payload = json!({ "credential": id });
    Ok(centre.store.change(&event).writes([Credential::renaming(id, label)]).commit().await?)
}

/// Revokes a passkey of one's own, unless it is the last: an enrolment agent replaces that one.
pub async fn revoke_passkey(
    centre: &Centre,
    actor: &Actor,
    login: &Login,
    id: CredentialId,
) -> Result<(), Failure> {
    needs_fresh(centre, login)?;
    if own(centre, actor, id).await? < 2 {
        return Err(Failure::invalid("passkey", "last-passkey"));
    }
    let mut event = centre.event(actor, "credential.revoked", "person", actor.id);
    event.payload = json!({ "credential": id });
    let revocation = Credential::revocation(id, centre.now());
    Ok(centre.store.change(&event).writes([revocation]).commit().await?)
}

/// How many live passkeys the person has, where `id` is one of them; otherwise it looks missing.
async fn own(centre: &Centre, actor: &Actor, id: CredentialId) -> Result<usize, Failure> {
    let held = centre.store.credentials_of(actor.id).await?;
    match held.iter().any(|one| one.id == id) {
        true => Ok(held.len()),
        false => Err(Failure::missing("passkey", id)),
    }
}
