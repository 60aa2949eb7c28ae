//! The acts of this column as JSON: the same use cases as the pages. The terminal's stream is no
//! part of it.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{
    BubbleId, Habilitation, ReplayId, SessionId, Timestamp,
    people::habilitation::HabilitationState,
    settings::{bubble::SelfTest, session::Replay},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use workflows::settings::{
    bubble, replay,
    session::{self, SessionRow},
};

use crate::{app::App, error::PageError, extract::SignedIn};

/// Every cause for which the centre cuts a session; each has a message in each language.
#[cfg(test)]
pub(super) const CAUSES: [&str; 19] = [
    "idle",
    "too_long",
    "login_closed",
    "person_suspended",
    "account_not_active",
    "not_a_member",
    "bubble_suspended",
    "bubble_closed",
    "habilitation_over",
    "mount_over",
    "recorder_failed",
    "bad_frames",
    "display_stalled",
    "rights_unknown",
    "not_started",
    "security_officer",
    "server_restarted",
    "server_stopped",
    "other",
];

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_bubbles))
        .routes(routes!(show_bubble))
        .routes(routes!(accept_banner))
        .routes(routes!(suspend_bubble))
        .routes(routes!(restore_bubble))
        .routes(routes!(close_bubble))
        .routes(routes!(list_sessions))
        .routes(routes!(cut_session))
        .routes(routes!(ask_replay))
        .routes(routes!(show_replay))
        .routes(routes!(show_host))
        .routes(routes!(retry_provision))
        .routes(routes!(archive_bubble))
}

/// When a habilitation ends, where it has an end.
pub(super) fn end_of(habilitation: &Habilitation) -> Option<Timestamp> {
    use HabilitationState::{Active, Expired, Expiring, Granted, Revoked, Suspended};
    match &habilitation.state {
        Granted { end, .. } | Active { end, .. } | Expiring { end, .. } | Suspended { end, .. } => {
            Some(*end)
        }
        Expired { at } | Revoked { at, .. } => Some(*at),
        _ => None,
    }
}

/// A bubble.
#[derive(Serialize, ToSchema)]
struct BubbleJson {
    id: String,
    number: u32,
    application: String,
    state: &'static str,
    /// What is missing, where it waits.
    missing: Vec<String>,
    profile: String,
    image: Option<String>,
    /// When the person's right in it ends.
    ends: Option<String>,
}

impl BubbleJson {
    fn of(bubble: &domain::Bubble, own: Option<&Habilitation>) -> Self {
        Self {
            id: bubble.id.to_string(),
            number: bubble.number,
            application: bubble.application.to_string(),
            state: bubble.state.name(),
            missing: bubble.state.missing().to_vec(),
            profile: bubble.profile.clone(),
            image: bubble.image.clone(),
            ends: own.and_then(end_of).map(|end| end.to_string()),
        }
    }
}

/// A bubble with what the person may do in it.
#[derive(Serialize, ToSchema)]
struct BubbleDetail {
    bubble: BubbleJson,
    /// What the person may read in it now: place below `/data` and end.
    mounts: Vec<MountJson>,
    sessions: Vec<SessionJson>,
    checks: Vec<CheckJson>,
    can_open: bool,
}

/// A mount.
#[derive(Serialize, ToSchema)]
struct MountJson {
    name: String,
    until: String,
}

/// A line of a self-test.
#[derive(Serialize, ToSchema)]
struct CheckJson {
    name: String,
    passed: bool,
    detail: String,
}

impl From<&SelfTest> for CheckJson {
    fn from(check: &SelfTest) -> Self {
        let SelfTest { name, passed, detail } = check.clone();
        Self { name, passed, detail }
    }
}

/// A session.
#[derive(Serialize, ToSchema)]
struct SessionJson {
    id: String,
    bubble: u32,
    person: String,
    opened_at: String,
    over_at: Option<String>,
    state: &'static str,
    sha256: Option<String>,
}

impl From<&SessionRow> for SessionJson {
    fn from(row: &SessionRow) -> Self {
        let session = &row.session;
        Self {
            id: session.id.to_string(),
            bubble: row.bubble,
            person: session.person.to_string(),
            opened_at: session.opened_at.to_string(),
            over_at: session.over_at().map(|at| at.to_string()),
            state: session.state.name(),
            sha256: session.recording().map(|recording| recording.sha256.clone()),
        }
    }
}

/// Sessions that run and that are over.
#[derive(Serialize, ToSchema)]
struct SessionsJson {
    open: Vec<SessionJson>,
    over: Vec<SessionJson>,
}

/// A request to replay.
#[derive(Serialize, ToSchema)]
struct ReplayJson {
    id: String,
    session: String,
    reason: String,
    asked_at: String,
    viewed_at: Option<String>,
    /// Whether the recording is what was sealed, where that was looked at.
    intact: Option<bool>,
}

impl ReplayJson {
    fn of(replay: &Replay, intact: Option<bool>) -> Self {
        Self {
            id: replay.id.to_string(),
            session: replay.session.to_string(),
            reason: replay.reason.clone(),
            asked_at: replay.asked_at.to_string(),
            viewed_at: replay.viewed_at.map(|at| at.to_string()),
            intact,
        }
    }
}

/// The host.
#[derive(Serialize, ToSchema)]
struct HostJson {
    /// Whether the node agent answers.
    agent: bool,
    privileged: bool,
    image: Option<String>,
    bubbles: Vec<BubbleJson>,
    /// What the host can do: id, status, what was found.
    rows: Vec<RowJson>,
}

/// A line of what the host can do.
#[derive(Serialize, ToSchema)]
struct RowJson {
    id: String,
    status: String,
    found: String,
    consequence: String,
    enable: String,
}

/// A reason.
#[derive(Deserialize, ToSchema)]
struct Reason {
    #[serde(default)]
    reason: String,
}

#[utoipa::path(get, path = "/bubbles", tag = "settings",
    responses((status = 200, description = "The bubbles that the person may see", body = [BubbleJson])))]
async fn list_bubbles(
    State(app): State<App>,
    me: SignedIn,
) -> Result<Json<Vec<BubbleJson>>, PageError> {
    let rows = bubble::list_bubbles(&app.centre, &me.actor).await?;
    Ok(Json(rows.iter().map(|row| BubbleJson::of(&row.bubble, row.own.as_ref())).collect()))
}

#[utoipa::path(get, path = "/bubbles/{id}", tag = "settings", params(("id" = String, Path)),
    responses((status = 200, description = "One bubble", body = BubbleDetail)))]
async fn show_bubble(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<Json<BubbleDetail>, PageError> {
    let view = bubble::show_bubble(&app.centre, &me.actor, id).await?;
    let mount = |mount: &domain::settings::session::Mount| MountJson {
        name: mount.name.clone(),
        until: mount.until.to_string(),
    };
    Ok(Json(BubbleDetail {
        bubble: BubbleJson::of(&view.bubble, view.own.as_ref()),
        mounts: view.mounts.iter().map(mount).collect(),
        sessions: view.sessions.iter().map(SessionJson::from).collect(),
        checks: view.bubble.checks.iter().map(CheckJson::from).collect(),
        can_open: view.can_open,
    }))
}

#[utoipa::path(post, path = "/bubbles/{id}/banner", tag = "settings", params(("id" = String, Path)),
    responses((status = 204, description = "The rules are accepted for today")))]
async fn accept_banner(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<StatusCode, PageError> {
    session::accept_banner(&app.centre, &me.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/bubbles/{id}/suspend", tag = "settings", params(("id" = String, Path)),
    request_body = Reason, responses((status = 200, description = "Suspended", body = BubbleJson)))]
async fn suspend_bubble(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
    Json(body): Json<Reason>,
) -> Result<Json<BubbleJson>, PageError> {
    let after = bubble::suspend_bubble(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(Json(BubbleJson::of(&after, None)))
}

#[utoipa::path(post, path = "/bubbles/{id}/restore", tag = "settings", params(("id" = String, Path)),
    request_body = Reason,
    responses((status = 200, description = "Asked for, or restored by the second person", body = BubbleJson)))]
async fn restore_bubble(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
    Json(body): Json<Reason>,
) -> Result<Json<BubbleJson>, PageError> {
    let after = bubble::restore_bubble(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(Json(BubbleJson::of(&after, None)))
}

#[utoipa::path(post, path = "/bubbles/{id}/close", tag = "settings", params(("id" = String, Path)),
    responses((status = 200, description = "Read-only for thirty days", body = BubbleJson)))]
async fn close_bubble(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<Json<BubbleJson>, PageError> {
    let after = bubble::close_bubble(&app.centre, &me.actor, id).await?;
    Ok(Json(BubbleJson::of(&after, None)))
}

#[utoipa::path(get, path = "/sessions", tag = "settings",
    responses((status = 200, description = "Sessions, for who watches", body = SessionsJson)))]
async fn list_sessions(
    State(app): State<App>,
    me: SignedIn,
) -> Result<Json<SessionsJson>, PageError> {
    let (open, over) = session::watch_sessions(&app.centre, &me.actor).await?;
    let json = |rows: &[SessionRow]| rows.iter().map(SessionJson::from).collect();
    Ok(Json(SessionsJson { open: json(&open), over: json(&over) }))
}

#[utoipa::path(post, path = "/sessions/{id}/cut", tag = "settings", params(("id" = String, Path)),
    request_body = Reason, responses((status = 204, description = "The session is cut")))]
async fn cut_session(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SessionId>,
    Json(body): Json<Reason>,
) -> Result<StatusCode, PageError> {
    session::cut_session(&app.centre, &me.actor, id, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/sessions/{id}/replays", tag = "settings", params(("id" = String, Path)),
    request_body = Reason, responses((status = 201, description = "The request", body = ReplayJson)))]
async fn ask_replay(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<SessionId>,
    Json(body): Json<Reason>,
) -> Result<(StatusCode, Json<ReplayJson>), PageError> {
    let asked = replay::ask_replay(&app.centre, &me.actor, id, &body.reason).await?;
    Ok((StatusCode::CREATED, Json(ReplayJson::of(&asked, None))))
}

#[utoipa::path(get, path = "/replays/{id}", tag = "settings", params(("id" = String, Path)),
    responses((status = 200, description = "A request of the person, and whether its recording is intact", body = ReplayJson)))]
async fn show_replay(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ReplayId>,
) -> Result<Json<ReplayJson>, PageError> {
    let view = replay::show_replay(&app.centre, &me.actor, id).await?;
    Ok(Json(ReplayJson::of(&view.replay, Some(view.intact))))
}

#[utoipa::path(get, path = "/host", tag = "settings",
    responses((status = 200, description = "The host, for the operator", body = HostJson)))]
async fn show_host(State(app): State<App>, me: SignedIn) -> Result<Json<HostJson>, PageError> {
    let view = bubble::show_host(&app.centre, &me.actor).await?;
    let rows = view.rows.into_iter().map(|row| RowJson {
        id: row.id,
        status: row.status,
        found: row.found,
        consequence: row.consequence,
        enable: row.enable,
    });
    Ok(Json(HostJson {
        agent: view.agent.is_some(),
        privileged: view.agent.as_ref().is_some_and(|agent| agent.privileged),
        image: view.agent.and_then(|agent| agent.image),
        bubbles: view.bubbles.iter().map(|bubble| BubbleJson::of(bubble, None)).collect(),
        rows: rows.collect(),
    }))
}

#[utoipa::path(post, path = "/host/bubbles/{id}/retry", tag = "settings", params(("id" = String, Path)),
    responses((status = 200, description = "Provisioning is tried again", body = BubbleJson)))]
async fn retry_provision(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<Json<BubbleJson>, PageError> {
    let after = bubble::retry_provision(&app.centre, &me.actor, id).await?;
    Ok(Json(BubbleJson::of(&after, None)))
}

#[utoipa::path(post, path = "/host/bubbles/{id}/archive", tag = "settings", params(("id" = String, Path)),
    responses((status = 200, description = "Archived", body = BubbleJson)))]
async fn archive_bubble(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<Json<BubbleJson>, PageError> {
    let after = bubble::archive_bubble(&app.centre, &me.actor, id).await?;
    Ok(Json(BubbleJson::of(&after, None)))
}
