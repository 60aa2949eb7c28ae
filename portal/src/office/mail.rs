//! The mails of a demonstration, to read them and to follow their links. A real centre has no such
//! page.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use workflows::{
    Failure,
    office::mail::{self, Shown},
};

use crate::{app::App, error::PageError, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/outbox", get(list)).route("/outbox/{mail}", get(show))
}

#[derive(Template, WebTemplate)]
#[template(path = "office/mail/list.html")]
struct ListMails {
    ui: Ui,
    mails: Vec<Shown>,
}

async fn list(ui: Ui, State(app): State<App>) -> Result<ListMails, PageError> {
    Ok(ListMails { ui, mails: mail::list_mails(&app.centre).await? })
}

#[derive(Template, WebTemplate)]
#[template(path = "office/mail/show.html")]
struct ShowMail {
    ui: Ui,
    mail: Shown,
}

impl ShowMail {
    /// The lines of the text: the words before a link, the link's path (empty where there is none),
    /// and the words after it.
    fn lines(&self) -> Vec<(&str, &str, &str)> {
        self.mail.text.lines().map(split_link).collect()
    }
}

/// A link within the portal stands at the beginning of a line or after a space, and is followed to
/// the next space. `//` would lead to another host.
fn split_link(line: &str) -> (&str, &str, &str) {
    let starts = line.match_indices('/').map(|(at, _)| at);
    let mut links = starts.filter(|at| {
        let after_space = *at == 0 || line[..*at].ends_with(char::is_whitespace);
        after_space && !line[*at..].starts_with("//") && line[*at..].len() > 1
    });
    let Some(start) = links.next() else { return (line, "", "") };
    let length = line[start..].find(char::is_whitespace).unwrap_or(line.len() - start);
    (&line[..start], &line[start..start + length], &line[start + length..])
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<ShowMail, PageError> {
    let id = id.parse().map_err(|_| Failure::missing("mail", ""))?;
    Ok(ShowMail { ui, mail: mail::show_mail(&app.centre, id).await? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_only_where_it_stays_in_the_portal() {
        assert_eq!(split_link("/exports/1"), ("", "/exports/1", ""));
        assert_eq!(split_link("Open /me now"), ("Open ", "/me", " now"));
        assert_eq!(split_link("either/or"), ("either/or", "", ""));
        assert_eq!(split_link("//evil.example/x"), ("//evil.example/x", "", ""));
    }
}
