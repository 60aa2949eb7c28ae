//! What an earlier run leaves to this one: its clusters' ids, and its model.

use super::Options;
use crate::cluster::previous::ONLY;
use crate::cluster::stable::{Change, Event, stable};
use crate::error::LinkError;
use crate::model::{Cascade, Shape};
use crate::read::Table;
use crate::records::Records;
use crate::spec::Plan;

/// What became of the clusters of the earlier run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drift {
    /// All changes of ids, those of earlier histories first.
    pub history: Vec<Event>,
    /// The changes of this run.
    pub events: Vec<Event>,
    /// Records of both runs, of this one alone, and of the earlier one alone.
    pub records: [usize; 3],
    /// Clusters of the earlier run, and how many of them have the same records.
    pub clusters: [usize; 2],
}

impl Drift {
    /// Changes of a kind and the records in them.
    pub fn count(&self, change: Change) -> (usize, u64) {
        let of_kind = || self.events.iter().filter(|event| event.change == change);
        (of_kind().count(), of_kind().map(|event| u64::from(event.records)).sum())
    }
}

fn refused<T>(why: impl Into<String>) -> Result<T, LinkError> {
    Err(LinkError::Spec(why.into()))
}

impl Options {
    /// Refuses what excludes one another.
    pub(super) fn check(&self) -> Result<(), LinkError> {
        match (self.is_addition, &self.previous) {
            (true, None) => refused("new records come to earlier clusters: name those"),
            (true, Some(previous)) if previous.has_sides => {
                refused("new records come to the clusters of one file, and these are of two")
            }
            _ if self.spec.given.is_some() && self.kept.is_some() => {
                refused("a Splink model and a kept model exclude one another")
            }
            _ if self.labels.is_some() && (self.spec.given.is_some() || self.kept.is_some()) => {
                refused("labels refit the model, and this one is not to be fitted")
            }
            _ => Ok(()),
        }
    }

    /// Whether firms are linked by their numbers first.
    pub(super) fn cascade(&self, plan: &Plan) -> Option<Cascade> {
        let wanted = self.spec.firms.cascade != Some(false) && self.spec.given.is_none();
        Cascade::new(&plan.kinds, self.spec.firms.unit).filter(|_| wanted)
    }

    /// Takes the kept model's comparisons; says what is used and what is not.
    pub(super) fn settle(
        &self,
        records: &Records,
        plan: &mut Plan,
    ) -> Result<Vec<String>, LinkError> {
        let mut notes = Vec::new();
        if self.spec.given.is_some() && self.model.shape == Shape::Single {
            notes.push(
                "the Splink model is used as it is: it has one class of non-matches, and --model \
                 changes nothing"
                    .to_owned(),
            );
        }
        let Some(kept) = &self.kept else { return Ok(notes) };
        let (kinds, unknown) = kept.kinds(records, &plan.kinds)?;
        plan.kinds = kinds;
        notes.push(
            "the kept model is used: what agreements are worth is as it was, how many pairs match is \
             fitted anew"
                .to_owned(),
        );
        if !unknown.is_empty() {
            notes.push(format!("the kept model does not compare {}", unknown.join(", ")));
        }
        Ok(notes)
    }
}

/// The earlier cluster of each record, left rows first; nothing where there was no earlier run.
pub(super) fn before(
    left: &Table,
    right: Option<&Table>,
    options: &Options,
) -> Result<Vec<u32>, LinkError> {
    let Some(previous) = &options.previous else { return Ok(Vec::new()) };
    let unusable = |why: String| Err(LinkError::Unusable { name: previous.name.clone(), why });
    if previous.has_sides != (right.is_some() && !options.is_addition) {
        return unusable("it has sides where two files were linked, and only there".to_owned());
    }
    let sides = if previous.has_sides { [b'a', b'b'] } else { [ONLY; 2] };
    let mut before = Vec::new();
    for (table, side) in std::iter::once(left).chain(right).zip(sides) {
        before.extend((0..table.len()).map(|row| previous.of(side, table.ids.get(row))));
    }
    if before.iter().all(|cluster| *cluster == 0) && !previous.is_empty() && !before.is_empty() {
        return unusable(format!("none of its records is in {}", left.name));
    }
    let Some(new) = right.filter(|_| options.is_addition) else { return Ok(before) };
    if let Some(row) = before[..left.len()].iter().position(|cluster| *cluster == 0) {
        return unusable(format!(
            "row {} of {} has no cluster in it: records that were not in the earlier run are new ones",
            row + 1,
            left.name
        ));
    }
    let known: std::collections::HashSet<&str> =
        (0..left.len()).map(|row| left.ids.get(row)).collect();
    match (0..new.len()).find(|row| known.contains(new.ids.get(*row))) {
        Some(row) => Err(LinkError::Unusable {
            name: new.name.clone(),
            why: format!("the id of row {} stands in {} too", row + 1, left.name),
        }),
        None => Ok(before),
    }
}

/// Gives clusters the ids of the earlier run; says what changed.
pub(super) fn renamed(
    now: Vec<u32>,
    before: &[u32],
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<(Vec<u32>, Option<Drift>), LinkError> {
    let Some(previous) = &options.previous else { return Ok((now, None)) };
    let (known, run) = (previous.known(), previous.next_run());
    let Some(found) = stable(&now, before, &known, previous.greatest(), run) else {
        let why = "no number is left for a new cluster".to_owned();
        return Err(LinkError::Unusable { name: previous.name.clone(), why });
    };
    if !previous.has_history {
        notes.push(
            "no history of earlier runs was named: an id that ended before the last of them may be \
             given again"
                .to_owned(),
        );
    }
    let both = before.iter().filter(|cluster| **cluster != 0).count();
    let mut history = previous.events.clone();
    history.extend_from_slice(&found.events);
    let same = same(&found.ids, before, &known);
    let drift = Drift {
        history,
        events: found.events,
        records: [both, before.len() - both, previous.len() - both],
        clusters: [known.len(), same],
    };
    Ok((found.ids, Some(drift)))
}

/// Earlier clusters that have the same records as before.
fn same(now: &[u32], before: &[u32], known: &[(u32, u32)]) -> usize {
    let mut stayed = vec![0_u32; known.len()];
    let mut is_changed = vec![false; known.len()];
    let place = |id: u32| known.binary_search_by_key(&id, |(id, _)| *id);
    for (now, before) in now.iter().zip(before) {
        match (place(*now), now == before) {
            (Ok(at), true) => stayed[at] += 1,
            (Ok(at), false) => is_changed[at] = true,
            _ => {}
        }
    }
    let all = known.iter().zip(&stayed).zip(&is_changed);
    all.filter(|(((_, size), stayed), is_changed)| size == *stayed && !**is_changed).count()
}
