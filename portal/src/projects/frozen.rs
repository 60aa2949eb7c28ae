//! The file as it was submitted, as JSON and on paper. Whoever hashes the JSON finds the hash that
//! the log has sealed, and that each page of the paper bears.

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{
    Lang, PersonId, Text,
    projects::{
        form::{self, Field, PAGES},
        snapshot::{FrozenFile, FrozenItem},
    },
};
use workflows::{
    Failure,
    projects::frozen::{self, FrozenCopy},
};

use super::{board, producer::spoken};
use crate::{
    app::App,
    error::PageError,
    extract::SignedIn,
    outputs::disposition,
    pdf::{self, Block, Paper, Table},
    ui::Ui,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/applications/{id}/submissions/{turn}", get(show))
        .route("/producer/items/{id}/file.pdf", get(show_to_producer))
}

/// `.../submissions/1` is the JSON, `.../submissions/1.pdf` the paper.
async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path((id, name)): Path<(domain::ApplicationId, String)>,
) -> Result<Response, PageError> {
    let turn = |text: &str| text.parse().map_err(|_| Failure::missing("submission", text));
    match name.strip_suffix(".pdf") {
        Some(name) => {
            let copy = frozen::read_frozen(&app.centre, &me.actor, id, turn(name)?).await?;
            Ok(answer(ui, copy).await?)
        }
        None => {
            let found = frozen::read_submission(&app.centre, &me.actor, id, turn(&name)?).await?;
            Ok(([(header::CONTENT_TYPE, "application/json")], found.snapshot).into_response())
        }
    }
}

async fn show_to_producer(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<domain::ItemId>,
) -> Result<Response, PageError> {
    let copy = frozen::read_frozen_as_producer(&app.centre, &me.actor, id).await?;
    Ok(answer(ui, copy).await?)
}

/// The paper, as a file to keep.
pub(super) async fn answer(ui: Ui, copy: FrozenCopy) -> Result<Response, Failure> {
    let name = format!("{}-{}.pdf", copy.file.number, copy.file.turn);
    // Milliseconds of computing: not on a thread that others' requests wait for.
    let written = tokio::task::spawn_blocking(move || {
        let paper = paper(&ui, &copy);
        pdf::render(&paper, |place, count| {
            ui.t2("frozen-page-of", ("place", place), ("count", count))
        })
    });
    let written = written.await.map_err(Failure::engine("write a PDF file"))?;
    let bytes = written.map_err(Failure::engine("write a PDF file"))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, disposition(&name)),
    ];
    Ok((headers, bytes).into_response())
}

/// What the paper says: made of the frozen file alone, in the reader's language.
fn paper(ui: &Ui, copy: &FrozenCopy) -> Paper {
    let file = &copy.file;
    let title = title(file, ui.lang);
    let version = file.turn.to_string();
    let centre = if file.centre.is_empty() { ui.centre.clone() } else { file.centre.clone() };
    let running = [
        format!("{centre} · {} · {} {version}", file.number, ui.t("frozen-version")),
        format!("SHA-256 {}", copy.sha256),
    ];
    let mut blocks = vec![Block::Title(title.clone())];
    let mut fact = |key: &str, value: String| blocks.push(Block::Pair(ui.t(key), value));
    if let Some(producer) = &copy.part_of {
        fact("frozen-part", ui.text(producer).to_owned());
    }
    fact("application-number", file.number.clone());
    fact("frozen-version", version);
    fact("frozen-at", ui.time(&copy.at));
    fact("frozen-hash", copy.sha256.clone());
    blocks.push(Block::Heading(ui.t("frozen-sources")));
    blocks.push(Block::Table(sources(ui, file)));
    blocks.push(Block::Heading(ui.t("application-team")));
    blocks.push(Block::Table(team(ui, file)));
    for (place, page) in PAGES.into_iter().enumerate() {
        let said = chapter(ui, copy, page);
        if !said.is_empty() {
            let heading = format!("P{} {}", place + 1, ui.word("page", page));
            blocks.push(Block::Heading(heading));
            blocks.extend(said);
        }
    }
    let others = others(file);
    if !others.is_empty() {
        blocks.push(Block::Heading(ui.t("frozen-others")));
        blocks.extend(others);
    }
    Paper { title, lang: ui.lang, at: copy.at, running: running.into(), blocks }
}

fn title(file: &FrozenFile, lang: Lang) -> String {
    let field = |name: &str| file.fields.get(name).cloned().unwrap_or_default();
    let title = Text::new(field("title_fr"), field("title_en"));
    match title.get(lang) {
        "" => file.number.clone(),
        given => given.to_owned(),
    }
}

fn source(ui: &Ui, item: &FrozenItem) -> String {
    let name = ui.text(&item.words.source);
    if name.is_empty() { item.source.to_string() } else { name.to_owned() }
}

fn vintages(item: &FrozenItem) -> Vec<String> {
    let label = |id| item.words.vintages.get(id).cloned().unwrap_or_else(|| id.to_string());
    item.vintages.iter().map(label).collect()
}

fn sources(ui: &Ui, file: &FrozenFile) -> Table {
    let producer = |item: &FrozenItem| match ui.text(&item.words.producer) {
        "" => item.producer.to_string(),
        name => name.to_owned(),
    };
    let row = |item: &FrozenItem| {
        let answer = ui.word_or("state-item", &item.answer);
        vec![source(ui, item), producer(item), vintages(item).join(", "), answer]
    };
    let heads = ["item-source", "item-producer", "item-vintages", "frozen-answer"];
    Table {
        heads: heads.map(|key| ui.t(key)).into(),
        shares: vec![3.0, 2.5, 2.0, 1.5],
        rows: file.items.iter().map(row).collect(),
    }
}

fn team(ui: &Ui, file: &FrozenFile) -> Table {
    let row = |person: PersonId, part: &str, bubble: bool, edits: bool| {
        let known = file.people.iter().find(|one| one.id == person);
        let rights = [(bubble, "member-bubble"), (edits, "member-edits")];
        let rights = rights.into_iter().filter(|(has, _)| *has).map(|(_, key)| ui.t(key));
        vec![
            known.map_or_else(|| person.to_string(), |one| one.name.clone()),
            known.map(|one| one.institution.clone()).unwrap_or_default(),
            ui.t(part),
            rights.collect::<Vec<_>>().join(", "),
        ]
    };
    let mut rows = vec![row(file.lead, "application-lead", true, true)];
    rows.extend(
        file.members
            .iter()
            .map(|member| row(member.person, "application-member", member.bubble, member.edits)),
    );
    let heads = ["member-name", "member-institution", "application-my-part", "member-rights"];
    Table { heads: heads.map(|key| ui.t(key)).into(), shares: vec![2.5, 3.0, 1.5, 2.5], rows }
}

/// One page of the form.
fn chapter(ui: &Ui, copy: &FrozenCopy, page: &str) -> Vec<Block> {
    let file = &copy.file;
    let mut said: Vec<Block> = match page {
        "sources" => file.items.iter().flat_map(|item| asked(ui, item)).collect(),
        "questions" => file
            .questions
            .iter()
            .map(|question| {
                let answer = file.fields.get(&question.name).cloned().unwrap_or_default();
                Block::Pair(ui.text(&question.text).to_owned(), given(ui, answer))
            })
            .collect(),
        _ => Vec::new(),
    };
    let applies = |field: &&Field| match copy.part_of {
        // Of a part it cannot be told whether a field was empty or is not shown.
        Some(_) => file.fields.contains_key(field.name),
        None => field.applies(&file.fields),
    };
    for field in form::fields_of(page).filter(applies) {
        let value = file.fields.get(field.name).map(|value| value_of(ui, field, value));
        let value = given(ui, value.unwrap_or_default());
        said.push(Block::Pair(ui.word("field", field.name), value));
    }
    if page == "declarations" && !file.attachments.is_empty() {
        said.push(Block::Subheading(ui.t("attachments-title")));
        said.push(Block::Table(attachments(ui, file)));
    }
    if said.is_empty() && page == "questions" && copy.part_of.is_none() {
        said.push(Block::Text(ui.t("application-no-question")));
    }
    said
}

fn given(ui: &Ui, value: String) -> String {
    if value.is_empty() { ui.t("frozen-nothing") } else { value }
}

fn value_of(ui: &Ui, field: &Field, value: &str) -> String {
    let date = value.parse::<jiff::civil::Date>().ok().filter(|_| field.kind == form::Kind::Date);
    let instant = date.and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok());
    match instant {
        Some(at) => ui.date(&at.timestamp()),
        None => spoken(ui, field.name, value),
    }
}

/// What is asked of one source, and why.
fn asked(ui: &Ui, item: &FrozenItem) -> Vec<Block> {
    let out = |id: &domain::VintageId| item.conditions.without.contains(id);
    let labels = item.vintages.iter().zip(vintages(item));
    let left_out: Vec<String> = labels.filter(|(id, _)| out(id)).map(|(_, label)| label).collect();
    let conditions = board::conditions_in_words(ui, &item.conditions, &left_out);
    let mut said = vec![
        Block::Subheading(source(ui, item)),
        Block::Pair(ui.t("item-vintages"), vintages(item).join(", ")),
        Block::Pair(ui.t("field-justification"), given(ui, item.justification.clone())),
    ];
    if !conditions.is_empty() {
        said.push(Block::Pair(ui.t("item-conditions"), conditions.join("\n")));
    }
    said
}

fn attachments(ui: &Ui, file: &FrozenFile) -> Table {
    let heads = ["attachment-title", "attachment-kind", "attachment-file", "attachment-hash"];
    let rows = file.attachments.iter().map(|one| {
        let name = format!("{} ({})", one.name, ui.bytes(&one.bytes));
        vec![
            one.title.clone(),
            ui.word("attachment-kind", one.kind.name()),
            name,
            one.sha256.clone(),
        ]
    });
    Table {
        heads: heads.map(|key| ui.t(key)).into(),
        shares: vec![2.5, 2.0, 2.5, 3.0],
        rows: rows.collect(),
    }
}

/// What the form of today has no place for: entries of older forms are shown as they were kept.
fn others(file: &FrozenFile) -> Vec<Block> {
    let is_known = |name: &str| {
        form::field(name).is_some() || file.questions.iter().any(|one| one.name == name)
    };
    let left = file.fields.iter().filter(|(name, value)| !is_known(name) && !value.is_empty());
    left.map(|(name, value)| Block::Pair(name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n;

    #[test]
    fn every_word_of_the_paper_that_is_made_of_two_exists() {
        for page in PAGES {
            assert!(i18n::has(&format!("page-{page}")), "{page}");
        }
        for kind in domain::projects::attachment::AttachmentKind::ALL {
            let key = format!("attachment-kind-{}", kind.name()).replace('_', "-");
            assert!(i18n::has(&key), "{key}");
        }
        for field in form::FIELDS {
            let key = format!("field-{}", field.name).replace('_', "-");
            assert!(i18n::has(&key), "{key}");
        }
    }
}
