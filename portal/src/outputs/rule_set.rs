//! The producers' rule sets for exports: read by nearly everybody; of one's own producer, started from
//! a built-in one and published with a date.

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use domain::{ProducerId, Timestamp};
use serde::Deserialize;
use workflows::{
    Failure,
    outputs::{
        risk::form::{RoutesForm, with_routes, without_routes},
        rule_set::{self, ProducerRules},
    },
};

use super::WORDS;
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    form::{self, Fault},
    ui::Ui,
};

#[derive(Template, WebTemplate)]
#[template(path = "outputs/rule_set/show.html")]
pub(super) struct RulesPage {
    ui: Ui,
    own: Vec<ProducerRules>,
    starts: Vec<&'static str>,
    /// Which of `own` is edited.
    chosen: usize,
    toml: String,
    routes: RoutesForm,
    from: String,
    problem: Fault,
}

impl RulesPage {
    /// Whose rules are shown; nothing while there is no producer.
    fn now(&self) -> Option<&ProducerRules> {
        self.own.get(self.chosen)
    }

    fn is_shown(&self, other: &ProducerRules) -> bool {
        self.now().is_some_and(|now| now.producer.id == other.producer.id)
    }

    fn modes(&self) -> [&'static str; 3] {
        ["manual", "scored", "automatic"]
    }

    fn in_force(&self, set: &domain::RuleSet) -> String {
        let date = ("date", self.ui.date(&set.from));
        self.ui.t2("rules-in-force", ("number", set.number), date)
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Start {
    #[serde(default)]
    producer: Option<ProducerId>,
    #[serde(default)]
    start: Option<String>,
}

pub(super) async fn show_rules(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Query(query): Query<Start>,
) -> Result<RulesPage, PageError> {
    let own = rule_set::read_rule_sets(&app.centre, &me.actor).await?;
    let chosen = own.iter().position(|own| Some(own.producer.id) == query.producer).unwrap_or(0);
    let built_in = rule_set::built_in();
    let named = |name: &str| built_in.iter().find(|(known, _)| *known == name);
    let asked = query.start.as_deref().and_then(named);
    let text = match (asked, own.get(chosen).and_then(|own| own.in_force.as_ref())) {
        (Some((_, text)), _) => text.clone(),
        (None, Some(set)) => set.toml.clone(),
        (None, None) => named(rule_set::DEFAULT).map(|(_, text)| text.clone()).unwrap_or_default(),
    };
    let starts = built_in.iter().map(|(name, _)| *name).collect();
    Ok(RulesPage {
        ui,
        own,
        starts,
        chosen,
        routes: RoutesForm::of(&text),
        toml: without_routes(&text),
        from: String::new(),
        problem: Fault::default(),
    })
}

#[derive(Deserialize)]
pub(super) struct Publish {
    producer: ProducerId,
    toml: String,
    #[serde(default)]
    from: String,
    /// Without the three the text says it all: a form of before, or a script.
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    sample: String,
    #[serde(default)]
    limit: String,
}

pub(super) async fn publish_rules(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Form(form): Form<Publish>,
) -> Result<Response, PageError> {
    let routes = form.mode.map_or_else(
        || RoutesForm::of(&form.toml),
        |mode| RoutesForm { mode, sample: form.sample, limit: form.limit },
    );
    // First as it was typed, so that an error names its line.
    let text = rule_set::validate(&form.toml).and_then(|_| with_routes(&form.toml, &routes));
    let published = match (text, date(&form.from)) {
        (Ok(text), Ok(from)) => {
            rule_set::publish_rule_set(&app.centre, &me.actor, form.producer, &text, from).await
        }
        (Err(failure), _) | (_, Err(failure)) => Err(failure),
    };
    let producer = form.producer;
    let to = |_| format!("/producer/rules?producer={producer}&done=rules-published");
    form::answer_in(WORDS, ui, published, to, async |ui, problem| {
        let query = Start { producer: Some(producer), start: None };
        let page = show_rules(ui, State(app), me, Query(query)).await?;
        Ok(RulesPage { toml: form.toml, routes, from: form.from, problem, ..page })
    })
    .await
}

/// The start of a day; nothing for now.
fn date(text: &str) -> Result<Option<Timestamp>, Failure> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let date: jiff::civil::Date =
        text.trim().parse().map_err(|_| Failure::invalid("from", "no-date"))?;
    let start = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(Failure::engine("read a date"))?;
    Ok(Some(start.timestamp()))
}
