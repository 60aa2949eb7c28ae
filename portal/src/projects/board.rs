//! Items as pages show them: the consultation board, the producer's page, the secretary's.

use domain::{
    PersonId, Timestamp,
    projects::{
        application::ApplicationState,
        item::{Conditions, ItemState},
    },
};
use workflows::projects::file::{File, FileItem};

use crate::ui::Ui;

/// One line of the board.
pub(crate) struct Row {
    pub id: String,
    pub source: String,
    pub producer: String,
    /// Label, and whether the conditions leave it out.
    pub vintages: Vec<(String, bool)>,
    pub justification: String,
    pub state: &'static str,
    pub badge: &'static str,
    pub conditions: Vec<String>,
    pub reason: String,
    pub until: Option<Timestamp>,
    pub messages: Vec<Message>,
    /// The heading above the messages.
    pub thread: String,
    /// Whether the lead is asked something.
    pub asks: bool,
    /// Whether the lead may still take it out.
    pub removable: bool,
}

/// A message of a thread.
pub(crate) struct Message {
    pub name: String,
    pub at: Timestamp,
    pub text: String,
    pub mine: bool,
}

/// The lines of a file, as `me` sees them.
pub(crate) fn rows(ui: &Ui, file: &File, me: PersonId) -> Vec<Row> {
    let decided = matches!(
        file.application.state,
        ApplicationState::Formalities { .. } | ApplicationState::Authorised { .. }
    );
    let row = |line: &FileItem| {
        let name = |person: &PersonId| file.name(person).to_owned();
        Row { removable: removable(&line.item.state) && !decided, ..self::row(ui, line, me, name) }
    };
    file.items.iter().map(row).collect()
}

/// One line.
pub(crate) fn row(
    ui: &Ui,
    line: &FileItem,
    me: PersonId,
    name: impl Fn(&PersonId) -> String,
) -> Row {
    let item = &line.item;
    Row {
        id: item.id.to_string(),
        source: ui.text(&line.source.title).to_owned(),
        producer: ui.text(&line.producer.name).to_owned(),
        vintages: line.asked().map(|v| (v.label.clone(), line.leaves_out(&v.id))).collect(),
        justification: item.justification.clone(),
        state: item.state.name(),
        badge: item_badge(item.state.name()),
        conditions: conditions(ui, line),
        reason: reason(&item.state),
        thread: ui.t2(
            "item-thread",
            ("producer", ui.text(&line.producer.name)),
            ("source", ui.text(&line.source.title)),
        ),
        until: item.granted_until(),
        messages: item
            .thread
            .iter()
            .map(|message| Message {
                name: name(&message.by),
                at: message.at,
                text: message.text.clone(),
                mine: message.by == me,
            })
            .collect(),
        asks: matches!(item.state, ItemState::Question),
        removable: false,
    }
}

/// What the producer asks for, one line each.
pub(crate) fn conditions(ui: &Ui, line: &FileItem) -> Vec<String> {
    let asked = &line.item.conditions;
    let out = line.vintages.iter().filter(|vintage| asked.without.contains(&vintage.id));
    let out: Vec<String> = out.map(|vintage| vintage.label.clone()).collect();
    conditions_in_words(ui, asked, &out)
}

/// Conditions, one line each; `out` names the vintages that they leave out.
pub(crate) fn conditions_in_words(ui: &Ui, asked: &Conditions, out: &[String]) -> Vec<String> {
    let mut said = Vec::new();
    if !out.is_empty() {
        said.push(ui.t1("condition-without", "vintages", out.join(", ")));
    }
    if let Some(months) = asked.months {
        said.push(ui.t1("condition-months", "count", months));
    }
    if asked.named_persons {
        said.push(ui.t("condition-named-persons"));
    }
    if asked.no_linkage {
        said.push(ui.t("condition-no-linkage"));
    }
    if !asked.text.is_empty() {
        said.push(asked.text.clone());
    }
    said
}

fn reason(state: &ItemState) -> String {
    match state {
        ItemState::RefusedPrior { reason }
        | ItemState::Refused { reason }
        | ItemState::Suspended { reason, .. }
        | ItemState::Revoked { reason } => reason.clone(),
        _ => String::new(),
    }
}

fn removable(state: &ItemState) -> bool {
    use ItemState::{Asked, Listed, OpinionKo, OpinionOk, Question};
    state.is_answered() || matches!(state, Listed | Asked | Question | OpinionOk | OpinionKo)
}

/// The class of an item's badge.
pub(crate) fn item_badge(state: &str) -> &'static str {
    match state {
        "agreed" | "agreed_conditional" | "granted" | "granted_conditional" | "active" => "ok",
        "asked" | "question" | "silent" | "suspended" => "wait",
        "refused_prior" | "refused" | "opinion_ko" | "revoked" => "stop",
        "opinion_ok" => "info",
        _ => "",
    }
}

/// The class of an application's badge.
pub(crate) fn application_badge(state: &str) -> &'static str {
    match state {
        "authorised" => "ok",
        "consultation" | "returned" | "decisions" | "formalities" => "wait",
        "withdrawn" | "unfavourable" | "lapsed" => "stop",
        "draft" | "ended" => "",
        _ => "info",
    }
}
