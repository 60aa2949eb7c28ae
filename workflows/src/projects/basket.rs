//! What a person has put aside in the catalogue.

use std::collections::BTreeMap;

use domain::{
    Actor, Source, SourceId, Vintage, VintageId,
    data::{source::SourceState, vintage::VintageState},
};

use crate::{Centre, Failure};

/// A source of the basket with its vintages.
#[derive(Clone, Debug)]
pub struct BasketLine {
    /// The source.
    pub source: Source,
    /// The vintages put aside, oldest label first.
    pub vintages: Vec<Vintage>,
}

/// Puts a vintage aside. What is not in the public catalogue does not exist here.
pub async fn put(centre: &Centre, actor: &Actor, vintage: VintageId) -> Result<(), Failure> {
    let missing = || Failure::missing("vintage", vintage);
    let found: Vintage = centre.load("vintage", vintage).await?;
    let source: Source = centre.load("source", found.source).await?;
    if !can_be_asked_for(&source, &found) {
        return Err(missing());
    }
    Ok(centre.store.put_in_basket(actor.id, vintage, centre.now()).await?)
}

/// Takes a vintage out again.
pub async fn take(centre: &Centre, actor: &Actor, vintage: VintageId) -> Result<(), Failure> {
    Ok(centre.store.take_from_basket(actor.id, vintage).await?)
}

/// The basket, source by source. What was retired meanwhile is not in it any more.
pub async fn read(centre: &Centre, actor: &Actor) -> Result<Vec<BasketLine>, Failure> {
    let mut lines: BTreeMap<SourceId, BasketLine> = BTreeMap::new();
    for vintage in centre.store.basket(actor.id).await? {
        let source: Source = centre.load("source", vintage.source).await?;
        if can_be_asked_for(&source, &vintage) {
            let line = BasketLine { source, vintages: Vec::new() };
            lines.entry(vintage.source).or_insert(line).vintages.push(vintage);
        }
    }
    let mut lines: Vec<BasketLine> = lines.into_values().collect();
    for line in &mut lines {
        line.vintages.sort_by(|a, b| a.label.cmp(&b.label));
    }
    lines.sort_by(|a, b| a.source.slug.cmp(&b.source.slug));
    Ok(lines)
}

/// Whether an application may ask for the vintage: in the catalogue, and neither taken back nor
/// put in the place of by another.
pub(super) fn can_be_asked_for(source: &Source, vintage: &Vintage) -> bool {
    vintage.source == source.id
        && source.state == SourceState::Published
        && !matches!(vintage.state, VintageState::Replaced { .. } | VintageState::Withdrawn { .. })
}
