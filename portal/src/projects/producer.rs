//! The producer's inbox and its items.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use domain::{Actor, ItemId, Timestamp, projects::item::Conditions};
use jiff::{civil::Date, tz::TimeZone};
use workflows::{
    Centre, Failure,
    projects::{
        inbox::{self, InboxLine, ProducerFile},
        item,
    },
};

use super::{
    board::{self, Row, application_badge, item_badge},
    fields::{Fields, Tried},
};
use crate::{app::App, error::PageError, extract::SignedIn, form, i18n, ui::Ui};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/producer", get(list))
        .route("/producer/items/{id}", get(show))
        .route("/producer/items/{id}/{act}", post(do_act))
}

#[derive(Template, WebTemplate)]
#[template(path = "projects/item/inbox.html")]
struct Inbox {
    ui: Ui,
    /// What waits and what does not, each under its heading (`heading-<name>`).
    piles: [(&'static str, Vec<InboxLine>); 2],
}

#[expect(
    clippy::unused_self,
    clippy::trivially_copy_pass_by_ref,
    reason = "templates call methods, and give references"
)]
impl Inbox {
    fn badge(&self, line: &&InboxLine) -> &'static str {
        item_badge(line.line.item.state.name())
    }
}

async fn list(ui: Ui, State(app): State<App>, me: SignedIn) -> Result<Inbox, PageError> {
    let lines = inbox::read_inbox(&app.centre, &me.actor).await?;
    let (waiting, others) = lines.into_iter().partition(|line| line.waits);
    let piles = [("inbox-waiting", waiting), ("inbox-others", others)];
    Ok(Inbox { ui, piles })
}

/// A field of the file as the producer reads it.
struct Said {
    label: String,
    value: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "projects/item/show.html")]
struct Show {
    ui: Ui,
    id: ItemId,
    row: Row,
    said: Vec<Said>,
    /// Label, before, after.
    differences: Vec<(String, String, String)>,
    state_badge: &'static str,
    /// The latest day that a decision may name, ISO.
    latest: String,
    tried: Tried,
    file: ProducerFile,
}

impl Show {
    async fn load(
        app: &App,
        ui: Ui,
        me: &SignedIn,
        id: ItemId,
        tried: Tried,
    ) -> Result<Self, Failure> {
        let file = inbox::read_item(&app.centre, &me.actor, id).await?;
        let name = |person: &domain::PersonId| file.name(person).to_owned();
        let label = |field: &str| match file.questions.iter().find(|q| q.name == field) {
            Some(question) => ui.text(&question.text).to_owned(),
            None => ui.word("field", field),
        };
        let order = |field: &str| {
            domain::projects::form::FIELDS.iter().position(|known| known.name == field)
        };
        let mut names: Vec<&String> = file.fields.keys().collect();
        names.sort_by_key(|name| order(name).unwrap_or(usize::MAX));
        let said = names
            .into_iter()
            .map(|name| Said { label: label(name), value: spoken(&ui, name, &file.fields[name]) })
            .collect();
        let differences = file
            .differences
            .iter()
            .map(|d| (label(&d.field), d.before.clone(), d.after.clone()))
            .collect();
        let day = |at: &Timestamp| at.to_zoned(TimeZone::UTC).date().to_string();
        Ok(Self {
            id,
            row: board::row(&ui, &file.line, me.actor.id, name),
            latest: file.latest_end.as_ref().map(day).unwrap_or_default(),
            state_badge: application_badge(file.state),
            said,
            differences,
            tried,
            file,
            ui,
        })
    }

    /// Whether the vintage's box is ticked in `form`: as tried, otherwise as agreed beforehand.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates give references")]
    fn leaves_out(&self, form: &str, vintage: &&&domain::Vintage) -> bool {
        let before = self.file.line.leaves_out(&vintage.id);
        self.tried.ticked(form, "without", &vintage.id.to_string(), before)
    }

    /// What the person may stop or give back now.
    fn stops(&self) -> Vec<&'static str> {
        let may = &self.file.may;
        let acts = [("suspend", may.suspend), ("resume", may.resume), ("revoke", may.revoke)];
        acts.into_iter().filter(|(_, may)| *may).map(|(act, _)| act).collect()
    }

    /// The months of the conditions, or nothing.
    fn months(&self) -> String {
        self.file.line.item.conditions.months.map_or_else(String::new, |m| m.to_string())
    }
}

/// A value of the form in words, where it is one of a list.
pub(super) fn spoken(ui: &Ui, field: &str, value: &str) -> String {
    use domain::projects::form::{self, Kind};
    let is_word = form::field(field).is_some_and(|field| {
        matches!(field.kind, Kind::Choice(_) | Kind::YesNo | Kind::Declaration)
    });
    if !is_word {
        return value.to_owned();
    }
    let own = format!("choice-{field}-{value}").replace('_', "-");
    if i18n::has(&own) { ui.t(&own) } else { ui.word_or("choice", value) }
}

async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<ItemId>,
) -> Result<Show, PageError> {
    Ok(Show::load(&app, ui, &me, id, Tried::default()).await?)
}

/// The conditions of a form.
fn conditions(fields: &Fields) -> Result<Conditions, Failure> {
    let months = match fields.get("months").trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| Failure::invalid("months", "not-in-range"))?),
    };
    Ok(Conditions {
        without: fields.ids("without")?,
        months,
        named_persons: fields.flag("named_persons"),
        no_linkage: fields.flag("no_linkage"),
        text: fields.get("text").trim().to_owned(),
    })
}

/// The end of a right: the end of the day in UTC that was given, or an instant.
fn end(text: &str) -> Result<Timestamp, Failure> {
    let wrong = || Failure::invalid("until", "not-a-date");
    if let Ok(at) = text.trim().parse::<Timestamp>() {
        return Ok(at);
    }
    let date: Date = text.trim().parse().map_err(|_| wrong())?;
    Ok(date.to_zoned(TimeZone::UTC).map_err(|_| wrong())?.timestamp())
}

/// Does an act of the producer; the words are those of the addresses.
pub(super) async fn act(
    centre: &Centre,
    actor: &Actor,
    id: ItemId,
    act: &str,
    fields: &Fields,
) -> Result<(), Failure> {
    let reason = fields.get("reason");
    match act {
        "agree" => item::agree(centre, actor, id, conditions(fields)?).await,
        "refuse-prior" => item::refuse_prior(centre, actor, id, reason).await,
        "ask" => item::ask(centre, actor, id, fields.get("text")).await,
        "grant" => {
            let until = end(fields.get("until"))?;
            item::grant(centre, actor, id, until, conditions(fields)?).await
        }
        "refuse" => item::refuse(centre, actor, id, reason).await,
        "suspend" => item::suspend(centre, actor, id, reason).await,
        "resume" => item::resume(centre, actor, id, reason).await,
        "revoke" => item::revoke(centre, actor, id, reason).await,
        other => Err(Failure::missing("act", other)),
    }
}

async fn do_act(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path((id, name)): Path<(ItemId, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let fields = Fields(form);
    let done = act(&app.centre, &me.actor, id, &name, &fields).await;
    let to = |()| format!("/producer/items/{id}?done=answer-recorded");
    form::answer(ui, done, to, async |ui, fault| {
        let tried = Tried::new(&ui, &name, fields, &fault);
        Ok(Show::load(&app, ui, &me, id, tried).await?)
    })
    .await
}
