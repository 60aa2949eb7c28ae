//! A bubble's terminal: the rules that are accepted once a day, the page, and its WebSocket
//! (`portal/assets/README.md` has the protocol).
//!
//! Threats: a page of another site that opens the socket with the person's cookies (the Origin is
//! compared), a signed-out or foreign person (the login and every right are asked before the
//! upgrade), a browser that floods or stops reading (bounded messages, acknowledged output).

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Router,
    extract::{
        Path, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{BubbleId, Lang};
use futures_util::{SinkExt, StreamExt, stream::SplitSink, stream::SplitStream};
use serde::Deserialize;
use tokio::{sync::mpsc, time::Duration};
use url::Url;
use workflows::settings::{
    bubble::{self, BubbleView},
    session::{self, Display, Shown, Typed},
};

use super::api::end_of;
use crate::{app::App, error::PageError, extract::SignedIn, i18n, ui::Ui};

/// The subprotocol that the island speaks.
const PROTOCOL: &str = "bulle.terminal.v1";
/// The longest message of a browser, in bytes: keys, sizes, acknowledgements.
const MAX_MESSAGE: usize = 64 * 1024;
/// How often a silent browser is asked whether it is there.
const PING: Duration = Duration::from_secs(30);

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/bubbles/{id}/terminal", get(show))
        .route("/bubbles/{id}/banner", post(accept))
        .route("/bubbles/{id}/terminal/socket", get(socket))
}

#[derive(Template, WebTemplate)]
#[template(path = "settings/bubble/terminal.html")]
struct TerminalPage {
    ui: Ui,
    view: BubbleView,
    accepted: bool,
    records_input: bool,
}

impl TerminalPage {
    fn title(&self) -> String {
        self.view.application.title(self.ui.lang)
    }

    fn my_end(&self) -> Option<domain::Timestamp> {
        self.view.own.as_ref().and_then(end_of)
    }
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<TerminalPage, PageError> {
    let view = bubble::show_bubble(&app.centre, &me.actor, id).await?;
    let accepted = session::banner_accepted(&app.centre, &me.actor, &view.bubble).await?;
    Ok(TerminalPage { ui, view, accepted, records_input: app.centre.config.record_input })
}

async fn accept(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<Redirect, PageError> {
    session::accept_banner(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to(&format!("/bubbles/{id}/terminal")))
}

async fn socket(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, PageError> {
    if !is_same_origin(&headers, &app.centre.config.public_url) {
        tracing::warn!(bubble.id = %id, "a terminal was asked for from another site");
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    // Before the upgrade, so that a refusal is an answer with a status, like every other.
    let display = session::open_session(&app.centre, &me.actor, me.login.id, id).await?;
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(MAX_MESSAGE);
    let upgrade = upgrade.max_frame_size(MAX_MESSAGE);
    Ok(upgrade.on_upgrade(move |socket| relay(socket, display, ui.lang)))
}

/// Whether a page of this centre asks. Browsers always send the Origin with a WebSocket and no
/// page can change it; who sends none is no browser of ours.
fn is_same_origin(headers: &HeaderMap, public_url: &Url) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN).and_then(|origin| Url::parse(origin).ok()) else {
        return false;
    };
    if origin.origin() == public_url.origin() {
        return true;
    }
    let Some(host) = origin.host_str() else { return false };
    let host = match origin.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    matches!(origin.scheme(), "http" | "https") && text(header::HOST) == Some(host.as_str())
}

/// Carries both ways until one side ends. Each way is polled by itself: a full one must not hold
/// up the other.
async fn relay(socket: WebSocket, display: Display, lang: Lang) {
    let (to, from) = socket.split();
    let Display { shown, typed, .. } = display;
    tokio::select! {
        () = outwards(to, shown, lang) => {}
        () = inwards(from, typed) => {}
    }
}

async fn outwards(
    mut to: SplitSink<WebSocket, Message>,
    mut shown: mpsc::Receiver<Shown>,
    lang: Lang,
) {
    let mut ping = tokio::time::interval(PING);
    loop {
        let message = tokio::select! {
            shown = shown.recv() => match shown {
                Some(Shown::Output(bytes)) => Message::Binary(bytes.into()),
                Some(Shown::Over(cause)) => closing(cause.as_deref(), lang),
                None => closing(None, lang),
            },
            _ = ping.tick() => Message::Ping(Vec::new().into()),
        };
        let last = matches!(message, Message::Close(_));
        if to.send(message).await.is_err() || last {
            return;
        }
    }
}

async fn inwards(mut from: SplitStream<WebSocket>, typed: mpsc::Sender<Typed>) {
    while let Some(Ok(message)) = from.next().await {
        let one = match message {
            Message::Binary(bytes) => Some(Typed::Input(bytes.to_vec())),
            Message::Text(text) => control(&text),
            Message::Close(_) => return,
            Message::Ping(_) | Message::Pong(_) => None,
        };
        if let Some(one) = one
            && typed.send(one).await.is_err()
        {
            // The session is over; the other way says so before the connection ends.
            std::future::pending::<()>().await;
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Control {
    Resize([u16; 2]),
    Ack(u64),
}

/// A control message; nothing where it is none.
fn control(text: &str) -> Option<Typed> {
    match serde_json::from_str(text).ok()? {
        Control::Resize([columns, rows]) => Some(Typed::Resize { columns, rows }),
        Control::Ack(bytes) => Some(Typed::Drawn(bytes)),
    }
}

/// The last message: why it is over, in the person's language, within the 123 bytes that a
/// closing frame holds.
fn closing(cause: Option<&str>, lang: Lang) -> Message {
    let word = cause.unwrap_or("ended").replace('_', "-");
    let key = format!("session-cause-{word}");
    let key = if i18n::has(&key) { key } else { "session-cause-other".to_owned() };
    let mut reason = i18n::translate(lang, &key, &[]);
    while reason.len() > 123 {
        reason.pop();
    }
    // 1008: the policy ended it (RFC 6455, 7.4.1).
    let code = if cause.is_some() { 1008 } else { 1000 };
    Message::Close(Some(CloseFrame { code, reason: reason.into() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(origin: Option<&str>, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        is_same_origin(&headers, &"https://data.example.org".parse().unwrap())
    }

    #[test]
    fn only_a_page_of_this_centre_opens_a_terminal() {
        assert!(same(Some("https://data.example.org"), "10.0.0.1:8470"));
        assert!(same(Some("http://127.0.0.1:8470"), "127.0.0.1:8470"));
        for origin in [
            "https://evil.example",
            "null",
            "http://127.0.0.1:9",
            "file://127.0.0.1:8470",
            "https://data.example.org.evil.example",
            "http://data.example.org",
        ] {
            assert!(!same(Some(origin), "127.0.0.1:8470"), "{origin}");
        }
        assert!(!same(None, "127.0.0.1:8470"));
    }

    #[test]
    fn a_control_message_is_a_size_or_an_acknowledgement() {
        assert!(matches!(control(r#"{"ack":5}"#), Some(Typed::Drawn(5))));
        let size = control(r#"{"resize":[80,24]}"#);
        assert!(matches!(size, Some(Typed::Resize { columns: 80, rows: 24 })));
        for text in ["", "{}", r#"{"resize":[80]}"#, r#"{"resize":[-1,2]}"#, r#"{"run":"ls"}"#] {
            assert!(control(text).is_none(), "{text}");
        }
    }

    #[test]
    fn every_cause_fits_a_closing_frame_in_both_languages() {
        for lang in [Lang::En, Lang::Fr] {
            for cause in super::super::api::CAUSES {
                assert!(
                    i18n::has(&format!("session-cause-{}", cause.replace('_', "-"))),
                    "{cause}"
                );
                let Message::Close(Some(frame)) = closing(Some(cause), lang) else { panic!() };
                let whole = i18n::translate(
                    lang,
                    &format!("session-cause-{}", cause.replace('_', "-")),
                    &[],
                );
                assert_eq!(frame.reason.as_str(), whole);
            }
        }
    }
}
