//! Runs after an earlier one, and after people judged pairs; firms.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use linkage::generate::Profile;

use crate::Place;

/// Cuts the two files in one into what an earlier run saw and what is new.
fn stacked(place: &Place) {
    let [a, b] = ["a.csv", "b.csv"].map(|name| fs::read_to_string(place.at(name)).expect("a file"));
    let (head, left) = a.split_once('\n').expect("a header");
    let right: Vec<&str> = b.lines().skip(1).collect();
    let put = |name: &str, rows: &[&str]| {
        let text = format!("{head}\n{}\n", rows.join("\n"));
        fs::write(place.at(name), text).expect("a file");
    };
    let left: Vec<&str> = left.lines().collect();
    put("old.csv", &[&left[..], &right[..500]].concat());
    put("new.csv", &right[500..]);
    put("all.csv", &[&left[..], &right[..]].concat());
}

fn id_of(place: &Place, name: &str) -> BTreeMap<String, String> {
    place.rows(name)[1..].iter().map(|row| (row[1].clone(), row[0].clone())).collect()
}

#[test]
fn ids_of_clusters_stay_from_run_to_run_and_a_history_tells_each_change() {
    let place = Place::new();
    stacked(&place);
    let run = |arguments: &str| {
        let output = place.link(arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{told}");
        told
    };
    run("--dedupe old.csv --clusters c1.csv --save-model m.json");
    let told = run("--dedupe old.csv --add new.csv --previous c1.csv --use-model m.json \
                    --clusters c2.csv --history h2.csv --out p2.csv");
    assert!(told.contains("records: 1500 of both runs, 500 new, 0 gone"), "{told}");
    assert!(told.contains("the kept model is used") && told.contains("new records"), "{told}");
    let (first, second) = (id_of(&place, "c1.csv"), id_of(&place, "c2.csv"));
    assert_eq!(second.len(), 2000);
    let rows = place.rows("h2.csv");
    assert_eq!(rows[0].join(","), "run,change,cluster_id,from_id,records");
    for (record, before) in first.iter().filter(|(record, before)| second[*record] != **before) {
        let line = |row: &Vec<String>| row[2] == second[record] && row[3] == *before;
        assert!(rows.iter().any(line), "{record} {before}");
    }
    // A run over everything, without the new records' own: ids that ended are not given again.
    let told =
        run("--dedupe all.csv --previous c2.csv --previous-history h2.csv --clusters c3.csv \
                    --history h3.csv");
    assert!(!told.contains("no history"), "{told}");
    let later = place.rows("h3.csv");
    assert_eq!(later[..rows.len()], rows[..], "the earlier lines come first");
    assert!(later[rows.len()..].iter().all(|row| row[0] == "3"));
    let known: BTreeSet<&String> = first.values().chain(second.values()).collect();
    let fresh = later[rows.len()..].iter().filter(|row| row[1] == "new" || row[1] == "split");
    assert!(fresh.filter(|row| known.contains(&row[2])).count() == 0);
}

#[test]
fn options_of_later_runs_ask_for_what_they_need() {
    let place = Place::new();
    stacked(&place);
    place.link("--dedupe old.csv --clusters c.csv --save-model m.json");
    for (arguments, why) in [
        ("--dedupe old.csv --add new.csv --clusters x.csv", "--previous"),
        ("--dedupe old.csv --history h.csv --clusters x.csv", "--previous"),
        ("--dedupe old.csv --use-model m.json --model single --clusters x.csv", "--model"),
        ("--dedupe old.csv --previous c.csv --clusters c.csv", "is read, or written twice"),
        ("--dedupe old.csv --use-model c.csv --clusters x.csv", "no kept model"),
        ("--left a.csv --right b.csv --previous c.csv --clusters x.csv", "sides"),
    ] {
        let told = place.refused(arguments);
        assert!(told.contains(why), "{arguments}: {told}");
    }
}

#[test]
fn a_sample_is_judged_and_its_labels_refit_the_model() {
    let place = Place::new();
    place.linked("--floor 0.01 --sample s.csv --sample-size 200");
    let rows = place.rows("s.csv");
    assert_eq!((rows[0].join(","), rows.len()), ("id_a,id_b,label".to_owned(), 201));
    let judged = |row: &Vec<String>| {
        let is_match = place.truth.contains(&(row[0].clone(), row[1].clone()));
        format!("{},{},{}\n", row[0], row[1], if is_match { "match" } else { "non-match" })
    };
    let lines: String = rows[1..].iter().map(judged).collect();
    fs::write(place.at("l.csv"), format!("id_a,id_b,label\n{lines}")).expect("labels");
    let told = place.linked("--out p.csv --labels l.csv");
    assert!(told.contains("refitted with 200 labels"), "{told}");
    assert!(told.contains("labels among them measure it"), "{told}");
    let links: BTreeSet<(String, String)> =
        place.rows("p.csv")[1..].iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    for row in &rows[1..] {
        let pair = (row[0].clone(), row[1].clone());
        assert_eq!(links.contains(&pair), place.truth.contains(&pair), "{pair:?}");
    }
    fs::write(place.at("bad.csv"), "id_a,id_b,label\na,b,perhaps\n").expect("labels");
    let told = place.refused("--left a.csv --right b.csv --out x.csv --labels bad.csv");
    assert!(told.contains("the label of row 1"), "{told}");
}

#[test]
fn firms_are_linked_by_their_numbers_first() {
    let place = Place::new();
    let made = linkage::generate::firms(500, &Profile::named("medium").expect("a profile"), 3);
    fs::write(place.at("a.csv"), made.left).expect("a file");
    fs::write(place.at("b.csv"), made.right).expect("a file");
    let told = place.linked("--out p.csv --one-to-one");
    assert!(told.contains("firms by their numbers first"), "{told}");
    fs::write(place.at("s.toml"), "[firms]\ncascade = false\n").expect("a spec");
    let told = place.linked("--out q.csv --one-to-one --spec s.toml");
    assert!(!told.contains("firms by their numbers first"), "{told}");
}
