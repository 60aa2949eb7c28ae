//! The operator's page: what the host can do, the agent, and the bubbles that wait for an act.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Router,
    extract::{Path, State},
    response::Redirect,
    routing::{get, post},
};
use domain::{Bubble, BubbleId, Timestamp, settings::bubble::BubbleState};
use workflows::settings::{
    agent::protocol::DoctorRow,
    bubble::{self, HostView},
};

use crate::{app::App, error::PageError, extract::SignedIn, i18n, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/host", get(show))
        .route("/host/bubbles/{id}/retry", post(retry))
        .route("/host/bubbles/{id}/archive", post(archive))
}

#[derive(Template, WebTemplate)]
#[template(path = "settings/host/show.html")]
struct ShowPage {
    ui: Ui,
    view: HostView,
    now: Timestamp,
}

impl ShowPage {
    /// What a row says, in the page's language by its id; in its own words where there are none.
    fn said(&self, part: &str, row: &DoctorRow, own: &str) -> String {
        let key = format!("doctor-{part}-{}", row.id.replace('_', "-"));
        if own.is_empty() || !i18n::has(&key) { own.to_owned() } else { self.ui.t(&key) }
    }

    fn row_tone(&self, status: &str) -> &'static str {
        match status {
            "ok" => "ok",
            "weaker" => "wait",
            _ => "stop",
        }
    }

    fn failure<'b>(&self, bubble: &'b Bubble) -> Option<&'b str> {
        match &bubble.state {
            BubbleState::ProvisionFailed { reason } => Some(reason),
            _ => None,
        }
    }

    fn can_archive(&self, bubble: &Bubble) -> bool {
        matches!(bubble.state, BubbleState::Closing { until } if self.now >= until)
    }
}

async fn show(ui: Ui, State(app): State<App>, me: SignedIn) -> Result<ShowPage, PageError> {
    let view = bubble::show_host(&app.centre, &me.actor).await?;
    Ok(ShowPage { ui, view, now: app.centre.now() })
}

async fn retry(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<Redirect, PageError> {
    bubble::retry_provision(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to("/host?done=provision-retried"))
}

async fn archive(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<BubbleId>,
) -> Result<Redirect, PageError> {
    bubble::archive_bubble(&app.centre, &me.actor, id).await?;
    Ok(Redirect::to("/host?done=bubble-archived"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use domain::Lang;

    use super::*;

    /// The texts of a field in the sources of the engine: `id: "x", what: "…"`.
    fn field<'s>(need: &'s str, name: &str) -> Option<&'s str> {
        let start = need.split_once(&format!("{name}: \""))?.1;
        let end =
            start.char_indices().find(|(at, c)| *c == '"' && !start[..*at].ends_with('\\'))?.0;
        Some(&start[..end])
    }

    /// An operator who reads French finds no row in English alone, and the English words are the
    /// engine's own.
    #[test]
    fn every_row_of_the_doctor_has_its_words_in_both_languages() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../engines/sandbox/src");
        let mut rows = 0;
        for file in ["doctor.rs", "doctor_host.rs", "doctor_image.rs"] {
            let source = fs::read_to_string(format!("{folder}/{file}")).unwrap();
            for need in source.split("Need {").skip(1) {
                let need = need.split_once('}').map_or(need, |pair| pair.0);
                let Some(id) = field(need, "id") else { continue };
                rows += 1;
                for part in ["what", "consequence", "enable"] {
                    let text = field(need, part).unwrap_or_else(|| panic!("{id}: no {part}"));
                    let lines = text.split("\\\n").map(str::trim_start);
                    let own = lines.collect::<String>();
                    if own.is_empty() {
                        continue;
                    }
                    let key = format!("doctor-{part}-{}", id.replace('_', "-"));
                    assert!(i18n::has(&key), "{key} is missing");
                    assert_eq!(i18n::translate(Lang::En, &key, &[]), own, "{key}");
                    assert!(!i18n::translate(Lang::Fr, &key, &[]).starts_with('['), "{key}");
                }
            }
        }
        assert!(rows > 20, "only {rows} rows were found");
    }
}
