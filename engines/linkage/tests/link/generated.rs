//! Generated files with known truth.

use crate::{Files, generated, one_to_one, quality, run};
use linkage::assign::Method;
use linkage::generate::{Profile, firms, persons};
use linkage::{Linked, Options, link, write};
use std::collections::HashSet;
use std::path::Path;

#[test]
fn persons_are_linked_and_the_stated_precision_is_true() {
    let files = Files::new();
    let made = persons(6000, &Profile::named("medium").unwrap(), 7);
    let (left, right) = generated(&files, &made);
    let linked = run(&left, &right, &one_to_one()).unwrap();
    let (precision, recall) = quality(&linked, &made.truth);
    assert!(precision > 0.985 && recall > 0.94, "precision {precision} recall {recall}");
    let stated = linked.cut.precision.unwrap();
    assert!((stated.low..=stated.high).contains(&precision), "{precision} not in {stated:?}");
}

#[test]
fn firms_are_linked_with_and_without_their_numbers() {
    let files = Files::new();
    let made = firms(3000, &Profile::named("medium").unwrap(), 7);
    let (left, right) = generated(&files, &made);
    let linked = run(&left, &right, &one_to_one()).unwrap();
    let (precision, recall) = quality(&linked, &made.truth);
    assert!(precision > 0.98 && recall > 0.95, "precision {precision} recall {recall}");
}

#[test]
fn the_same_bytes_come_out_with_any_number_of_threads() {
    let files = Files::new();
    let made = persons(20_000, &Profile::named("medium").unwrap(), 3);
    let (left, right) = generated(&files, &made);
    for end in ["csv", "parquet"] {
        let mut outputs = Vec::new();
        for threads in [1, 2, 5] {
            let options = Options { threads, ..one_to_one() };
            let linked = run(&left, &right, &options).unwrap();
            let out = files.folder.path().join(format!("out-{threads}.{end}"));
            write::pairs(&out, &linked).unwrap().persist().unwrap();
            outputs.push(std::fs::read(&out).unwrap());
        }
        assert!(outputs[0].len() > 1000);
        assert!(outputs.windows(2).all(|two| two[0] == two[1]), "{end}");
    }
}

#[test]
fn written_parquet_is_read_back_as_it_was() {
    let files = Files::new();
    let made = persons(500, &Profile::named("easy").unwrap(), 3);
    let (left, right) = generated(&files, &made);
    let parquet = |path: &Path| {
        let out = path.with_extension("parquet");
        let mut file = std::fs::File::open(path).unwrap();
        let options = tabular::csv::CsvOptions::default();
        tabular::csv::convert(&mut file, &out, &options, &mut |_| {}).unwrap();
        out
    };
    let text = run(&left, &right, &one_to_one()).unwrap();
    let binary = run(&parquet(&left), &parquet(&right), &one_to_one()).unwrap();
    let rows = |linked: &Linked| -> Vec<(u32, u32)> {
        linked.links.iter().map(|link| (link.left, link.right)).collect()
    };
    assert_eq!(rows(&text), rows(&binary));
}

#[test]
fn a_file_is_linked_with_itself() {
    let files = Files::new();
    let made = persons(2000, &Profile::named("easy").unwrap(), 9);
    let below = made.right.split_once('\n').unwrap().1;
    // The header of the left file serves both.
    let both = files.put("both.csv", format!("{}{below}", made.left));
    let linked = link(&both, None, &Options::default(), &|_| {}).unwrap();
    assert!(linked.links.iter().all(|link| link.left < link.right));
    let truth = made.truth.lines().count() - 1;
    assert!(linked.links.len().abs_diff(truth) < truth / 20, "{} of {truth}", linked.links.len());
    let clusters = linked.clusters.iter().max().copied().unwrap() as usize;
    assert!(clusters.abs_diff(4000 - truth) < truth / 20, "{clusters} clusters");
}

#[test]
fn one_to_one_never_loses_a_sure_pair_that_greedy_keeps() {
    let files = Files::new();
    let made = persons(6000, &Profile::named("hard").unwrap(), 5);
    let (left, right) = generated(&files, &made);
    let rows = |method| -> HashSet<(u32, u32)> {
        let options = Options { one_to_one: Some(method), ..Options::default() };
        let linked = run(&left, &right, &options).unwrap();
        linked.links.iter().map(|link| (link.left, link.right)).collect()
    };
    let (greedy, optimal) = (rows(Method::Greedy), rows(Method::Optimal));
    assert!(greedy.len() > 3000);
    assert_eq!(greedy.difference(&optimal).count(), 0);
}

#[test]
fn recall_is_unknown_where_all_rules_ask_for_one_field() {
    let files = Files::new();
    let row = |at: usize| format!("{at},NOM{at}X,PRE{at},1970-{:02}-11\n", at % 12 + 1);
    let rows = |from: usize| (from..from + 400).map(row).collect::<String>();
    let head = "id,nom,prenom,date_naissance\n";
    let a = files.put("a.csv", head.to_owned() + &rows(0));
    let b = files.put("b.csv", head.to_owned() + &rows(200));
    let spec = "[blocking]\nrules = [[\"birth\", \"name\"], [\"given\", \"year\"]]";
    let options = Options { spec: toml::from_str(spec).unwrap(), ..Options::default() };
    let linked = run(&a, &b, &options).unwrap();
    assert!(linked.cut.links > 150, "{:?}", linked.cut);
    assert_eq!((linked.cut.recall, linked.cut.unreached), (None, None));
    assert!(linkage::report::page(&linked).contains("unknown: all rules ask for one field"));
    assert!(run(&a, &b, &Options::default()).unwrap().cut.recall.is_some());
}

#[test]
fn a_floor_of_zero_gives_all_compared_pairs() {
    let files = Files::new();
    let made = persons(2000, &Profile::named("medium").unwrap(), 4);
    let (left, right) = generated(&files, &made);
    let linked = run(&left, &right, &Options { floor: Some(0.0), ..Options::default() }).unwrap();
    assert_eq!(linked.links.len(), linked.candidates.pairs.len());
    let sure = run(&left, &right, &Options::default()).unwrap();
    assert_eq!(linked.cut.links, sure.cut.links);
}
