//! Writing a draft: from the basket or as a copy, then field by field.

use domain::{
    Actor, Application, ApplicationId, Item, Source, SourceId, Vintage, VintageId,
    projects::{
        application::ApplicationState,
        application_team::{may_edit, may_lead, may_read},
        form,
    },
};
use serde_json::json;
use store::Store;

use super::{
    basket::{self, can_be_asked_for},
    days_of, file, on_application, on_item,
};
use crate::{Centre, Failure};

/// Starts an application with the person as lead, and an item for each source of the basket, which
/// is empty then.
pub async fn create(centre: &Centre, actor: &Actor) -> Result<Application, Failure> {
    let wanted: Vec<(SourceId, Vec<VintageId>)> = basket::read(centre, actor)
        .await?
        .into_iter()
        .map(|line| (line.source.id, line.vintages.iter().map(|vintage| vintage.id).collect()))
        .collect();
    let application = Application::new(centre.id(), actor.id, centre.now());
    let items = items(centre, &application, &wanted).await?;
    insert(centre, actor, &application, &items, json!({ "from": "basket" }), true).await?;
    Ok(application)
}

/// Starts an application as a copy of one in which the person works: the same words, the same
/// sources and vintages as far as they can still be asked for. People are not copied: each one's
/// undertaking is for one project.
pub async fn copy(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
) -> Result<Application, Failure> {
    let original: Application = centre.load("application", id).await?;
    may_read(actor, &original)?;
    if !original.involves(actor.id) {
        return Err(domain::Denied::NotAMember.into());
    }
    let mut application = Application::new(centre.id(), actor.id, centre.now());
    application.fields = original.fields.clone();
    // Declarations are made anew, each time.
    for field in form::fields_of("declarations") {
        application.fields.remove(field.name);
    }
    let old = centre.store.items_of(id).await?;
    let old: Vec<&Item> = old.iter().filter(|item| item.state.name() != "removed").collect();
    let wanted: Vec<(SourceId, Vec<VintageId>)> =
        old.iter().map(|item| (item.source, item.vintages.clone())).collect();
    let mut items = items(centre, &application, &wanted).await?;
    for item in &mut items {
        let same = old.iter().find(|other| other.source == item.source);
        item.justification = same.map_or_else(String::new, |other| other.justification.clone());
    }
    insert(centre, actor, &application, &items, json!({ "from": id }), false).await?;
    Ok(application)
}

async fn insert(
    centre: &Centre,
    actor: &Actor,
    application: &Application,
    items: &[Item],
    payload: serde_json::Value,
    empties_basket: bool,
) -> Result<(), Failure> {
    let event = on_application(centre, actor, "application.created", application, payload);
    let mut change = centre.store.change(&event);
    change.insert(application);
    for item in items {
        change.insert(item).event(&on_item(centre, actor, "item.listed", item, json!({})));
    }
    if empties_basket {
        change.writes([Store::basket_emptied(actor.id)]);
    }
    Ok(change.commit().await?)
}

/// Items for what is wanted, without vintages that cannot be asked for.
async fn items(
    centre: &Centre,
    application: &Application,
    wanted: &[(SourceId, Vec<VintageId>)],
) -> Result<Vec<Item>, Failure> {
    let mut items = Vec::new();
    for (source, vintages) in wanted {
        let source: Source = centre.load("source", *source).await?;
        let known = centre.store.vintages_of(source.id).await?;
        let possible = |id: &&VintageId| {
            known.iter().any(|vintage| vintage.id == **id && can_be_asked_for(&source, vintage))
        };
        let vintages: Vec<VintageId> = vintages.iter().filter(possible).copied().collect();
        if !vintages.is_empty() {
            let id = centre.id();
            items.push(Item::new(id, application.id, source.id, source.producer, &vintages)?);
        }
    }
    Ok(items)
}

/// Adds what is in the basket to the file: new sources as items, new vintages to items that are
/// there. Producers who were asked for the latter are asked again.
pub async fn add_basket(centre: &Centre, actor: &Actor, id: ApplicationId) -> Result<(), Failure> {
    let before: Application = centre.load("application", id).await?;
    let changed = may_lead(actor, &before)?.change_items(centre.now())?;
    let standing = centre.store.items_of(id).await?;
    let event = on_application(centre, actor, "file.changed", &before, json!({ "part": "items" }));
    let mut change = centre.store.change(&event);
    // The days of the slowest of the producers who are asked, again or for the first time.
    let mut reopens: Option<u16> = None;
    for line in basket::read(centre, actor).await? {
        let added: Vec<VintageId> =
            line.vintages.iter().map(|vintage: &Vintage| vintage.id).collect();
        let same = |item: &&Item| item.source == line.source.id && item.state.name() != "removed";
        if let Some(old) = standing.iter().find(same) {
            let all = [old.vintages.as_slice(), &added].concat();
            let new = may_lead(actor, &before)?.on(old)?.change(&all, &old.justification)?;
            if new != *old {
                if old.state != new.state {
                    reopens = reopens.max(Some(days_of(centre, new.producer).await?));
                }
                let kind = if old.state == new.state { "item.changed" } else { "item.asked" };
                change.replace(old, &new).event(&on_item(centre, actor, kind, &new, json!({})));
            }
            continue;
        }
        let source = &line.source;
        let mut new = Item::new(centre.id(), id, source.id, source.producer, &added)?;
        let asked = !matches!(before.state, ApplicationState::Draft);
        if asked {
            new = may_lead(actor, &before)?.on(&new)?.ask()?;
            reopens = reopens.max(Some(days_of(centre, new.producer).await?));
        }
        let kind = if asked { "item.asked" } else { "item.listed" };
        change.insert(&new).event(&on_item(centre, actor, kind, &new, json!({})));
    }
    let after = match reopens {
        Some(days) => changed.reopened(centre.now(), days),
        None => changed,
    };
    change.replace(&before, &after).writes([Store::basket_emptied(actor.id)]);
    Ok(change.commit().await?)
}

/// Saves fields of the form, all or none, and answers the file's new version. `version` is the one
/// that the person saw: what somebody else wrote meanwhile is not overwritten.
pub async fn save_fields(
    centre: &Centre,
    actor: &Actor,
    id: ApplicationId,
    version: i64,
    values: &[(String, String)],
) -> Result<i64, Failure> {
    let before: Application = centre.load("application", id).await?;
    may_edit(actor, &before)?;
    if before.version != version {
        return Err(Failure::Conflict("applications"));
    }
    let questions: Vec<String> = match values.iter().any(|(name, _)| name.starts_with("answer_")) {
        true => file::load(centre, before.clone())
            .await?
            .questions
            .into_iter()
            .map(|q| q.name)
            .collect(),
        false => Vec::new(),
    };
    let mut after = before.clone();
    for (name, value) in values {
        after = may_edit(actor, &after)?.save_field(name, value, &questions, centre.now())?;
    }
    let changed = domain::projects::snapshot::differences(&before.fields, &after.fields);
    if changed.is_empty() {
        return Ok(version);
    }
    let changed: Vec<_> = changed
        .iter()
        .map(|d| json!({ "field": d.field, "before": d.before, "after": d.after }))
        .collect();
    let kind = match before.state {
        ApplicationState::Draft => "draft.saved",
        _ => "file.changed",
    };
    let event = on_application(centre, actor, kind, &before, json!({ "fields": changed }));
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(version + 1)
}
