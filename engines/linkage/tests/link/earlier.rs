//! Runs after an earlier one.

use crate::Files;
use linkage::cluster::previous::Previous;
use linkage::cluster::stable::Change;
use linkage::generate::{Profile, persons};
use linkage::model::Kept;
use linkage::{LinkError, Linked, Options, link, write};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One file of 3,000 generated records, 2,000 persons of whom 1,000 stand twice, cut in two: what
/// an earlier run saw, and new records.
struct Runs {
    files: Files,
    all: PathBuf,
    old: PathBuf,
    new: PathBuf,
}

impl Runs {
    fn new() -> Self {
        let files = Files::new();
        let made = persons(2000, &Profile::named("easy").unwrap(), 21);
        let (head, left) = made.left.split_once('\n').unwrap();
        let right = made.right.split_once('\n').unwrap().1;
        let rows: Vec<&str> = left.lines().chain(right.lines()).take(3000).collect();
        let put =
            |name: &str, rows: &[&str]| files.put(name, format!("{head}\n{}\n", rows.join("\n")));
        let (all, old) = (put("all.csv", &rows), put("old.csv", &rows[..2600]));
        let new = put("new.csv", &rows[2600..]);
        Self { all, old, new, files }
    }

    fn clusters(&self, linked: &Linked) -> PathBuf {
        let path = self.files.folder.path().join("clusters.parquet");
        write::clusters(&path, linked).unwrap().persist().unwrap();
        path
    }
}

fn dedupe(path: &Path, options: &Options) -> Linked {
    link(path, None, options, &|_| {}).unwrap()
}

fn after(clusters: &Path) -> Options {
    Options { previous: Some(Previous::read(clusters, None).unwrap()), ..Options::default() }
}

/// The records of each cluster.
fn sets(linked: &Linked) -> BTreeSet<BTreeSet<String>> {
    let mut sets = BTreeMap::<u32, BTreeSet<String>>::new();
    for (row, cluster) in linked.clusters.iter().enumerate() {
        sets.entry(*cluster).or_default().insert(linked.id(row).to_owned());
    }
    sets.into_values().collect()
}

fn id_of(linked: &Linked) -> BTreeMap<String, u32> {
    let ids = linked.clusters.iter().enumerate();
    ids.map(|(row, cluster)| (linked.id(row).to_owned(), *cluster)).collect()
}

#[test]
fn a_run_over_the_same_records_changes_no_id() {
    let runs = Runs::new();
    let first = dedupe(&runs.old, &Options::default());
    let again = dedupe(&runs.old, &after(&runs.clusters(&first)));
    assert_eq!(first.clusters, again.clusters);
    let drift = again.drift.unwrap();
    assert!(drift.events.is_empty() && drift.records == [2600, 0, 0]);
    assert_eq!(drift.clusters[0], drift.clusters[1]);
    assert!(again.notes.iter().any(|note| note.contains("no history of earlier runs")));
}

#[test]
fn a_later_run_over_more_records_keeps_ids_and_tells_each_change() {
    let runs = Runs::new();
    let first = dedupe(&runs.old, &Options::default());
    let later = dedupe(&runs.all, &after(&runs.clusters(&first)));
    let drift = later.drift.as_ref().unwrap();
    assert_eq!(drift.records, [2600, 400, 0]);
    let (was, is) = (id_of(&first), id_of(&later));
    let mut moved: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for (record, before) in was.iter().filter(|(record, before)| is[*record] != **before) {
        *moved.entry((is[record], *before)).or_insert(0) += 1;
    }
    let told = drift.events.iter().filter(|event| event.from != 0);
    assert_eq!(moved, told.map(|e| ((e.cluster, e.from), e.records)).collect());
    let stayed = was.iter().filter(|(record, before)| is[*record] == **before).count();
    assert!(stayed > 2550, "{stayed}");
    assert!(drift.count(Change::New).0 > 20, "{:?}", drift.count(Change::New));
    let page = linkage::report::page(&later);
    assert!(page.contains("Against the earlier run"));
}

#[test]
fn new_records_come_to_earlier_clusters_as_a_whole_run_would_have_them() {
    let runs = Runs::new();
    let first = dedupe(&runs.old, &Options::default());
    let kept = Kept::from_json(&first.kept().to_json()).unwrap();
    let options = Options { is_addition: true, kept: Some(kept), ..after(&runs.clusters(&first)) };
    let added = link(&runs.old, Some(&runs.new), &options, &|_| {}).unwrap();
    assert!(added.candidates.pairs.iter().all(|(_, right)| *right >= 2600));
    assert!(added.candidates.pairs.iter().all(|(left, right)| left < right));
    let whole = dedupe(&runs.all, &Options::default());
    assert!(added.candidates.pairs.len() * 2 < whole.candidates.pairs.len());
    let (added_sets, whole_sets) = (sets(&added), sets(&whole));
    let same = added_sets.intersection(&whole_sets).count();
    assert!(same * 100 > whole_sets.len() * 97, "{same} of {}", whole_sets.len());
    // No earlier cluster is divided by new records.
    let (was, is) = (id_of(&first), id_of(&added));
    let mut now = BTreeMap::new();
    for (record, before) in &was {
        assert_eq!(now.entry(before).or_insert(is[record]), &is[record], "{record}");
    }
    let out = runs.files.folder.path().join("pairs.csv");
    write::pairs(&out, &added).unwrap().persist().unwrap();
    let text = std::fs::read_to_string(out).unwrap();
    assert!(text.lines().skip(1).all(|line| is.contains_key(line.split(',').next().unwrap())));
}

#[test]
fn pairs_of_new_records_agree_with_those_of_a_whole_run() {
    let runs = Runs::new();
    let first = dedupe(&runs.old, &Options::default());
    let options = Options { is_addition: true, ..after(&runs.clusters(&first)) };
    let added = link(&runs.old, Some(&runs.new), &options, &|_| {}).unwrap();
    let whole = dedupe(&runs.all, &Options::default());
    let pairs: BTreeSet<(u32, u32)> = added.candidates.pairs.iter().copied().collect();
    assert_eq!(pairs.len(), added.candidates.pairs.len(), "each once");
    // Blocks that a whole run leaves out may fit where fewer pairs are made, never the reverse.
    for pair in whole.candidates.pairs.iter().filter(|(_, right)| *right >= 2600) {
        assert!(pairs.contains(pair), "{pair:?}");
    }
}

#[test]
fn clusters_that_do_not_fit_the_files_are_refused() {
    let runs = Runs::new();
    let first = dedupe(&runs.old, &Options::default());
    let clusters = runs.clusters(&first);
    let why = |left: &Path, right: Option<&Path>, options: &Options| -> String {
        let error = link(left, right, options, &|_| {}).err().expect("refused");
        assert!(matches!(error, LinkError::Unusable { .. } | LinkError::Spec(_)));
        error.to_string()
    };
    assert!(why(&runs.old, Some(&runs.new), &after(&clusters)).contains("sides"));
    let addition = |options: Options| Options { is_addition: true, ..options };
    let alone = addition(Options::default());
    assert!(why(&runs.old, Some(&runs.new), &alone).contains("name those"));
    let told = why(&runs.all, Some(&runs.new), &addition(after(&clusters)));
    assert!(told.contains("has no cluster in it"), "{told}");
    let told = why(&runs.old, Some(&runs.old), &addition(after(&clusters)));
    assert!(told.contains("stands in"), "{told}");
    let other = runs.files.put("c.csv", "cluster_id,rec_id\n1,nobody\n");
    assert!(why(&runs.old, None, &after(&other)).contains("none of its records"));
}
