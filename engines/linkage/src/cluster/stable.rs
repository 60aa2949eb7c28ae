//! Clusters that keep their ids from run to run, and what became of those that do not.
//!
//! An id goes to the cluster that has most of its records; of two ids that end in one cluster the
//! one with most records there stays. An id that was given once is never given to others.

/// What became of a cluster's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A new id: none of the cluster's records was in the earlier run.
    New,
    /// A new id: the records were in a cluster whose id stayed with others of its records.
    Split,
    /// Records of a cluster whose id ends, in one that keeps its own.
    Merged,
    /// Records of a cluster that keeps its id, in another that keeps its own.
    Moved,
    /// An id ends: none of its records is in this run.
    Ended,
}

impl Change {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 5] = [Self::New, Self::Split, Self::Merged, Self::Moved, Self::Ended];

    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Split => "split",
            Self::Merged => "merged",
            Self::Moved => "moved",
            Self::Ended => "ended",
        }
    }

    /// What a word in a file means.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.name() == name)
    }
}

/// One line of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// The run, from 2: the first one has nothing before it.
    pub run: u32,
    /// What happened.
    pub change: Change,
    /// The cluster of this run; 0 where an id ends.
    pub cluster: u32,
    /// The cluster of the earlier run; 0 where an id is new.
    pub from: u32,
    /// Records that it happened to.
    pub records: u32,
}

/// Clusters of this run under stable ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stable {
    /// Id of each record's cluster.
    pub ids: Vec<u32>,
    /// What changed, sorted.
    pub events: Vec<Event>,
    /// The greatest id that was ever given.
    pub greatest: u32,
}

/// Records that two clusters share.
struct Shared {
    before: u32,
    now: u32,
    records: u32,
}

/// Gives the clusters of a run the ids of an earlier one. `now` numbers the clusters from 1 in the
/// order of their first record, `before` has the earlier id of each record (0: it was not there),
/// `known` the earlier ids and their sizes, sorted; `greatest` is the greatest id ever given.
/// `None` where the ids are used up.
///
/// Ties go to the smaller id, then to the cluster that comes first: the result depends on nothing
/// but the two partitions.
pub fn stable(
    now: &[u32],
    before: &[u32],
    known: &[(u32, u32)],
    greatest: u32,
    run: u32,
) -> Option<Stable> {
    let count = now.iter().copied().max().unwrap_or(0) as usize;
    let mut shared = shared(now, before);
    shared.sort_by_key(|both| (std::cmp::Reverse(both.records), both.before, both.now));
    let place = |id: u32| known.binary_search_by_key(&id, |(id, _)| *id).expect("ids are known");
    let (mut id_of, mut is_kept) = (vec![0; count + 1], vec![false; known.len()]);
    for both in &shared {
        let (id, kept) = (&mut id_of[both.now as usize], &mut is_kept[place(both.before)]);
        if *id == 0 && !*kept {
            (*id, *kept) = (both.before, true);
        }
    }
    let (kept_ids, mut greatest) = (id_of.clone(), greatest);
    for id in id_of.iter_mut().skip(1).filter(|id| **id == 0) {
        greatest = greatest.checked_add(1)?;
        *id = greatest;
    }
    let mut events = Vec::new();
    let mut sizes = vec![0; count + 1];
    for cluster in now {
        sizes[*cluster as usize] += 1;
    }
    let mut is_old = vec![false; count + 1];
    let mut is_here = vec![false; known.len()];
    for Shared { before, now, records } in shared {
        is_old[now as usize] = true;
        is_here[place(before)] = true;
        let change = match (kept_ids[now as usize], is_kept[place(before)]) {
            (id, _) if id == before => continue,
            (0, _) => Change::Split,
            (_, true) => Change::Moved,
            (_, false) => Change::Merged,
        };
        events.push(Event { run, change, cluster: id_of[now as usize], from: before, records });
    }
    for now in (1..=count).filter(|now| !is_old[*now]) {
        let (cluster, records) = (id_of[now], sizes[now]);
        events.push(Event { run, change: Change::New, cluster, from: 0, records });
    }
    for ((id, size), _) in known.iter().zip(&is_here).filter(|(_, is_here)| !**is_here) {
        events.push(Event { run, change: Change::Ended, cluster: 0, from: *id, records: *size });
    }
    events.sort_unstable();
    let ids = now.iter().map(|cluster| id_of[*cluster as usize]).collect();
    Some(Stable { ids, events, greatest })
}

/// The records that each two clusters share.
fn shared(now: &[u32], before: &[u32]) -> Vec<Shared> {
    let both = before.iter().zip(now).filter(|(before, _)| **before != 0);
    let mut keys: Vec<u64> =
        both.map(|(before, now)| u64::from(*before) << 32 | u64::from(*now)).collect();
    crate::radix::sort(&mut keys, &mut Vec::new(), 0, 64);
    let low = |key: u64| u32::try_from(key & 0xFFFF_FFFF).expect("32 bits");
    let count = |run: &[u64]| u32::try_from(run.len()).expect("rows are u32");
    keys.chunk_by(|a, b| a == b)
        .map(|run| Shared { before: low(run[0] >> 32), now: low(run[0]), records: count(run) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn known(before: &[u32]) -> Vec<(u32, u32)> {
        let mut sizes = BTreeMap::new();
        before.iter().filter(|id| **id != 0).for_each(|id| *sizes.entry(*id).or_insert(0) += 1);
        sizes.into_iter().collect()
    }

    fn run(now: &[u32], before: &[u32]) -> Stable {
        stable(now, before, &known(before), 100, 2).unwrap()
    }

    fn told(events: &[Event]) -> Vec<(&'static str, u32, u32, u32)> {
        events.iter().map(|e| (e.change.name(), e.cluster, e.from, e.records)).collect()
    }

    #[test]
    fn the_same_clusters_keep_their_ids_and_nothing_is_told() {
        let same = run(&[1, 2, 1, 3], &[40, 7, 40, 9]);
        assert_eq!((same.ids, same.events), (vec![40, 7, 40, 9], vec![]));
    }

    #[test]
    fn merges_splits_moves_births_and_ends_are_told() {
        let merged = run(&[1, 1, 1, 2], &[5, 8, 8, 0]);
        assert_eq!(merged.ids, [8, 8, 8, 101]);
        assert_eq!(told(&merged.events), [("new", 101, 0, 1), ("merged", 8, 5, 1)]);
        let split = run(&[1, 2, 2], &[5, 5, 5]);
        assert_eq!((split.ids, split.greatest), (vec![101, 5, 5], 101));
        assert_eq!(told(&split.events), [("split", 101, 5, 1)]);
        let moved = run(&[1, 1, 2, 2, 2], &[5, 5, 5, 8, 8]);
        assert_eq!(told(&moved.events), [("moved", 8, 5, 1)]);
        let ended = stable(&[1], &[5], &[(5, 1), (8, 3)], 8, 2).unwrap();
        assert_eq!(told(&ended.events), [("ended", 0, 8, 3)]);
    }

    #[test]
    fn ids_that_are_used_up_are_not_given_twice() {
        assert_eq!(stable(&[1], &[0], &[], u32::MAX, 2), None);
    }

    /// Takes the best pair of clusters again and again, by looking at all of them.
    fn naive(now: &[u32], before: &[u32], mut greatest: u32) -> Vec<u32> {
        let rows = |of: &[u32], id: u32| -> BTreeSet<usize> {
            (0..of.len()).filter(|row| of[*row] == id).collect()
        };
        let mut old: BTreeSet<u32> = before.iter().copied().filter(|id| *id != 0).collect();
        let mut new: BTreeSet<u32> = now.iter().copied().collect();
        let mut id_of = BTreeMap::new();
        loop {
            let mut best: Option<(usize, u32, u32)> = None;
            for a in &old {
                for b in &new {
                    let size = rows(before, *a).intersection(&rows(now, *b)).count();
                    if size > best.map_or(0, |best| best.0) {
                        best = Some((size, *a, *b));
                    }
                }
            }
            let Some((_, a, b)) = best else { break };
            old.remove(&a);
            new.remove(&b);
            id_of.insert(b, a);
        }
        for cluster in new {
            greatest += 1;
            id_of.insert(cluster, greatest);
        }
        now.iter().map(|cluster| id_of[cluster]).collect()
    }

    /// Numbers from 1 in the order of the first record.
    fn renumbered(of: &[u32]) -> Vec<u32> {
        let mut seen: Vec<u32> = Vec::new();
        let number = |id: &u32| {
            let at = seen.iter().position(|known| known == id).unwrap_or_else(|| {
                seen.push(*id);
                seen.len() - 1
            });
            u32::try_from(at).unwrap() + 1
        };
        of.iter().map(number).collect()
    }

    proptest! {
        #[test]
        fn ids_agree_with_naive_and_events_account_for_every_record(
            rows in prop::collection::vec((0..6_u32, 0..6_u32), 1..40),
        ) {
            let before: Vec<u32> = rows.iter().map(|(before, _)| *before).collect();
            let now = renumbered(&rows.iter().map(|(_, now)| *now).collect::<Vec<_>>());
            let found = run(&now, &before);
            prop_assert_eq!(&found.ids, &naive(&now, &before, 100));
            // Each record that was there has its old id, or an event tells where it went.
            let mut gone: BTreeMap<(u32, u32), u32> = BTreeMap::new();
            for (id, before) in found.ids.iter().zip(&before).filter(|(id, b)| **b != 0 && id != b) {
                *gone.entry((*id, *before)).or_insert(0) += 1;
            }
            let told: BTreeMap<(u32, u32), u32> = found.events.iter()
                .filter(|event| event.from != 0).map(|e| ((e.cluster, e.from), e.records)).collect();
            prop_assert_eq!(gone, told);
            for event in &found.events {
                let lives = found.ids.contains(&event.from);
                match event.change {
                    Change::Merged => prop_assert!(!lives),
                    Change::Moved | Change::Split => prop_assert!(lives),
                    _ => {}
                }
            }
        }
    }
}
