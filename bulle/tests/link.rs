//! `bulle link` as an operator meets it: files in, files out, words and exit codes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use linkage::generate::{Profile, persons};

struct Place {
    folder: tempfile::TempDir,
    truth: BTreeSet<(String, String)>,
}

impl Place {
    /// A folder with two files of 1,000 generated persons, 700 of whom are in both.
    fn new() -> Self {
        let profile = Profile::named("easy").expect("a profile");
        let made = persons(1000, &profile, 11);
        let pair = |line: &str| line.split_once(',').map(|(a, b)| (a.to_owned(), b.to_owned()));
        let truth = made.truth.lines().skip(1).filter_map(pair).collect();
        let place = Self { folder: tempfile::tempdir().expect("a folder"), truth };
        fs::write(place.at("a.csv"), made.left).expect("a file");
        fs::write(place.at("b.csv"), made.right).expect("a file");
        place
    }

    /// Rows of a result, and true pairs among them.
    fn quality(&self, name: &str) -> (usize, usize) {
        let rows = self.rows(name);
        let is_true = |row: &&Vec<String>| self.truth.contains(&(row[0].clone(), row[1].clone()));
        (rows.len() - 1, rows[1..].iter().filter(is_true).count())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the command in the folder.
    fn link(&self, arguments: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_bulle"))
            .arg("link")
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .output()
            .expect("the binary runs")
    }

    fn linked(&self, arguments: &str) -> String {
        let output = self.link(&format!("--left a.csv --right b.csv {arguments}"));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{told}");
        told
    }

    fn refused(&self, arguments: &str) -> String {
        let before = self.names();
        let output = self.link(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        assert_eq!(self.names(), before, "nothing is written by {arguments}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder");
        let name = |entry: Result<fs::DirEntry, _>| {
            entry.expect("an entry").file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    fn rows(&self, name: &str) -> Vec<Vec<String>> {
        let text = fs::read_to_string(self.at(name)).expect("a result");
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }
}

fn number(rows: &[Vec<String>], column: usize) -> Vec<f64> {
    rows[1..].iter().map(|row| row[column].parse().expect("a number")).collect()
}

#[test]
fn pairs_have_their_columns_in_order_and_the_true_pairs() {
    let place = Place::new();
    let told = place.linked("--out p.csv --one-to-one");
    assert!(
        told.contains("1000 records") && told.contains("precision, by the model's own estimate")
    );
    assert!(told.contains("are covered by no rule"), "{told}");
    let rows = place.rows("p.csv");
    assert_eq!(rows[0].join(","), "id_a,id_b,match_weight,match_probability,pattern");
    let (all, good) = place.quality("p.csv");
    assert!(good > 665 && good * 100 > all * 98, "{good} of {all}");
    assert!(number(&rows, 3).iter().all(|probability| *probability >= 0.5));
}

#[test]
fn clusters_hold_every_record_once_and_join_what_is_linked() {
    let place = Place::new();
    place.linked("--out p.csv --clusters c.csv --one-to-one greedy");
    let rows = place.rows("c.csv");
    assert_eq!(rows[0].join(","), "cluster_id,rec_id,side");
    let of: BTreeMap<&str, &str> =
        rows[1..].iter().map(|row| (row[1].as_str(), row[0].as_str())).collect();
    assert_eq!((rows.len(), of.len()), (2001, 2000));
    let left: BTreeSet<String> =
        place.rows("a.csv").into_iter().map(|row| row[0].clone()).collect();
    assert!(rows[1..].iter().all(|row| left.contains(&row[1]) == (row[2] == "a")));
    for pair in &place.rows("p.csv")[1..] {
        assert_eq!(of[pair[0].as_str()], of[pair[1].as_str()]);
    }
    let output = place.link("--dedupe a.csv --clusters d.parquet");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(&fs::read(place.at("d.parquet")).expect("a result")[..4], b"PAR1");
}

#[test]
fn cut_and_floor_say_what_is_a_link_and_what_is_written() {
    let place = Place::new();
    place.linked("--out all.csv --floor 0");
    place.linked("--out sure.csv --cut 0.9");
    let told = place.linked("--out both.csv --cut 0.9 --floor 0.01");
    let of = |name: &str| number(&place.rows(name), 3);
    assert!(of("sure.csv").iter().all(|probability| *probability >= 0.9));
    let above = |name: &str, least: f64| of(name).iter().filter(|p| **p >= least).count();
    assert_eq!(above("both.csv", 0.0), above("all.csv", 0.01));
    assert_eq!(above("sure.csv", 0.0), above("all.csv", 0.9));
    assert!(
        told.contains(&format!("{} links of probability 0.900", above("sure.csv", 0.0))),
        "{told}"
    );
    let compared = format!("compared {} pairs", above("all.csv", 0.0));
    assert!(told.contains(&compared), "{told} {compared}");
    assert!(
        place.refused("--left a.csv --right b.csv --out x.csv --cut 1.5").contains("from 0 to 1")
    );
}

#[test]
fn a_model_of_one_class_links_too_and_is_another_one() {
    let place = Place::new();
    place.linked("--out p.csv --report mixture");
    place.linked("--out q.csv --model single --report single");
    let good = |name: &str| place.quality(name).1;
    assert!(good("p.csv") > 660 && good("q.csv") > 600, "{} {}", good("p.csv"), good("q.csv"));
    let page =
        |name: &str| fs::read_to_string(place.at(name).join("linkage.html")).expect("a page");
    assert!(page("mixture").contains("twins") && !page("single").contains("twins"));
    assert!(page("single").contains("non-match"));
}

#[test]
fn the_report_shows_no_value_of_any_record() {
    let place = Place::new();
    place.linked("--out p.csv --report rep/new");
    let page = fs::read_to_string(place.at("rep/new/linkage.html")).expect("a page");
    assert!(page.contains("What each agreement is worth") && page.contains("own estimate"));
    for file in ["a.csv", "b.csv"] {
        for row in &place.rows(file)[1..] {
            let mut values = row.iter().filter(|value| value.len() > 5);
            assert!(values.all(|value| !page.contains(value.as_str())), "{row:?}");
        }
    }
}

#[test]
fn results_never_take_the_place_of_inputs_or_of_one_another() {
    let place = Place::new();
    fs::write(place.at("s.toml"), "one_to_one = true\n").expect("a spec");
    std::os::unix::fs::symlink(place.at("a.csv"), place.at("link.csv")).expect("a link");
    let files = "--left a.csv --right b.csv";
    for arguments in [
        "--out a.csv",
        "--out link.csv",
        "--out x.csv --clusters ./x.csv",
        "--spec s.toml --out s.toml",
        "--out rep/linkage.html --report rep",
        "--out x.csv --clusters none/c.csv",
        "--out x.csv --report s.toml",
    ] {
        place.refused(&format!("{files} {arguments}"));
    }
    assert_eq!(fs::read_to_string(place.at("s.toml")).expect("the spec"), "one_to_one = true\n");
}

#[test]
fn results_appear_together_or_not_at_all() {
    let place = Place::new();
    // Ids that a spreadsheet would run are refused for the second result only.
    let text = fs::read_to_string(place.at("a.csv")).expect("a file");
    let (head, rest) = text.split_once('\n').expect("a header");
    fs::write(place.at("a.csv"), format!("{head}\n={rest}")).expect("a file");
    let told = place.refused("--left a.csv --right b.csv --out p.parquet --clusters c.csv");
    assert!(told.contains("row 1 begins as a formula"), "{told}");
    place.linked("--out p.parquet --clusters c.parquet");
}

#[test]
fn specs_that_cannot_be_followed_are_refused_by_name() {
    let place = Place::new();
    let spec = |text: &str, files: &str| {
        fs::write(place.at("s.toml"), text).expect("a spec");
        place.refused(&format!("{files} --spec s.toml --out x.csv"))
    };
    let two = "--left a.csv --right b.csv";
    assert!(spec("one_to_one = true", "--dedupe a.csv").contains("one_to_one"));
    assert!(spec("[columns]\nnon = \"birth_name\"", two).contains("no file has the column non"));
    assert!(spec("[comparisons]\nleave_out = [\"sexxe\"]", two).contains("no comparison sexxe"));
    assert!(spec("[blocking]\nrules = [[\"email\"]]", two).contains("e-mail"));
    let rules = vec!["[\"birth\"]"; 65].join(",");
    assert!(spec(&format!("[blocking]\nrules = [{rules}]"), two).contains("64 at most"));
}

#[test]
fn the_same_bytes_come_out_of_the_command_with_any_number_of_threads() {
    let place = Place::new();
    let bytes = |threads: usize| {
        place.linked(&format!("--out p.csv --clusters c.csv --one-to-one --threads {threads}"));
        [Path::new("p.csv"), Path::new("c.csv")]
            .map(|name| fs::read(place.folder.path().join(name)).expect("a result"))
    };
    assert_eq!(bytes(1), bytes(3));
}

#[test]
fn a_splink_model_is_a_spec_by_its_ending_and_tells_what_it_leaves_out() {
    let place = Place::new();
    let header = fs::read_to_string(place.at("a.csv")).expect("a file");
    let header = header.lines().next().expect("a header").to_owned();
    let sex = header.split(',').find(|name| name.contains("sex")).expect("a column");
    let model = format!(
        "{{\"blocking_rules_to_generate_predictions\": [\"soundex(l.x) = soundex(r.x)\"],\
         \"unique_id_column_name\": \"{}\", \"comparisons\": [{{\"comparison_levels\": [\
         {{\"sql_condition\": \"{sex}_l = {sex}_r\", \"m_probability\": 0.9, \"u_probability\": 0.5}},\
         {{\"sql_condition\": \"ELSE\", \"m_probability\": 0.1, \"u_probability\": 0.5}}]}}]}}",
        header.split(',').next().expect("an id")
    );
    fs::write(place.at("model.json"), model).expect("a file");
    let told = place.linked("--spec model.json --out pairs.csv");
    assert!(told.contains("soundex(l.x)") && told.contains("the tool chooses its own"), "{told}");
    let told = place.linked("--spec model.json --model single --out single.csv");
    assert!(told.contains("--model changes nothing"), "{told}");
    fs::write(place.at("no.json"), "{}").expect("a file");
    let told = place.refused("--left a.csv --right b.csv --spec no.json --out p.csv");
    assert!(told.contains("this is no Splink model"), "{told}");
}

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

#[test]
fn filters_that_resist_attacks_are_written_and_matched_without_a_key() {
    let place = Place::new();
    fs::write(place.at("key"), "an uncommon sentence of 32 bytes and more").expect("a key");
    for side in ["a", "b"] {
        let output = place.link(&format!(
            "encode --file {side}.csv --key key --out {side}.enc.csv --table {side}.ids.csv"
        ));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(told.contains("attack by graph with an insider"), "{told}");
    }
    let rows = place.rows("a.enc.csv");
    assert!(rows[0][1].starts_with("filter_") && rows.len() == 1001);
    let ids: BTreeSet<String> = place.rows("a.csv").into_iter().map(|row| row[0].clone()).collect();
    assert!(rows[1..].iter().all(|row| !ids.contains(&row[0]) && row[1].len() == 256));
    assert!(rows[1..].windows(2).all(|two| two[0][0] < two[1][0]), "in no order of the file");
    let output = place.link("match --left a.enc.csv --right b.enc.csv --out m.csv");
    assert_eq!(output.status.code(), Some(0));
    let table = |side: &str| -> BTreeMap<String, String> {
        let rows = place.rows(&format!("{side}.ids.csv"));
        rows[1..].iter().map(|row| (row[1].clone(), row[0].clone())).collect()
    };
    let (a, b) = (table("a"), table("b"));
    let pairs = place.rows("m.csv");
    let is_true =
        |row: &&Vec<String>| place.truth.contains(&(a[&row[0]].clone(), b[&row[1]].clone()));
    let good = pairs[1..].iter().filter(is_true).count();
    assert!(good > 650 && good * 100 > (pairs.len() - 1) * 97, "{good} of {}", pairs.len() - 1);
}

#[test]
fn filters_that_an_attack_opens_do_not_leave() {
    let place = Place::new();
    fs::write(place.at("key"), "an uncommon sentence of 32 bytes and more").expect("a key");
    fs::write(place.at("d.toml"), "diffusion = 0\n").expect("a design");
    let common = "encode --file a.csv --out x.csv --table t.csv";
    let told = place.refused(&format!("{common} --key key --design d.toml"));
    assert!(told.contains("does not leave") && told.contains("attack gave"), "{told}");
    fs::write(place.at("short"), "secret").expect("a key");
    assert!(place.refused(&format!("{common} --key short")).contains("32 random bytes"));
    fs::write(place.at("bad.toml"), "bits = 100\n").expect("a design");
    assert!(
        place.refused(&format!("{common} --key key --design bad.toml")).contains("multiple of 128")
    );
    let told = place.refused("encode --file a.csv --key key --out key --table t.csv");
    assert!(told.contains("is read, or written twice"), "{told}");
}

#[test]
fn hashes_of_numbers_match_where_key_and_number_are_the_same() {
    let place = Place::new();
    let siren = ["443061841", "552100554", "443061842", ""];
    let rows = |order: &[usize]| -> String {
        order.iter().map(|at| format!("r{at},{}\n", siren[*at])).collect()
    };
    fs::write(place.at("f.csv"), format!("id,siren\n{}", rows(&[0, 1, 2, 3]))).expect("a file");
    fs::write(place.at("g.csv"), format!("id,siren\n{}", rows(&[1, 0]))).expect("a file");
    fs::write(place.at("key"), "an uncommon sentence of 32 bytes and more").expect("a key");
    fs::write(place.at("other"), "another uncommon sentence of 32 bytes or more").expect("a key");
    let hash = |file: &str, key: &str, out: &str| {
        let output = place.link(&format!(
            "hash --file {file}.csv --number siren --key {key} --out {out}.csv --table {out}.ids.csv"
        ));
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let told = hash("f", "key", "f1");
    assert!(told.contains("2 of 4 records have no valid SIREN"), "{told}");
    hash("g", "key", "g1");
    hash("g", "other", "g2");
    let output = place.link("match --left f1.csv --right g1.csv --out m.csv");
    assert_eq!(output.status.code(), Some(0));
    let id = |name: &str| -> BTreeMap<String, String> {
        place.rows(name)[1..].iter().map(|row| (row[1].clone(), row[0].clone())).collect()
    };
    let (f, g) = (id("f1.ids.csv"), id("g1.ids.csv"));
    let pairs: BTreeSet<(&str, &str)> = place.rows("m.csv")[1..]
        .iter()
        .map(|row| (f[&row[0]].as_str(), g[&row[1]].as_str()))
        .map(|(a, b)| (if a == "r0" { "r0" } else { "r1" }, if b == "r0" { "r0" } else { "r1" }))
        .collect();
    assert_eq!(pairs, BTreeSet::from([("r0", "r0"), ("r1", "r1")]));
    let told = place.refused("match --left f1.csv --right g2.csv --out x.csv");
    assert!(told.contains("was not made with the key"), "{told}");
    let text = fs::read_to_string(place.at("f1.csv")).expect("codes");
    let rows = place.rows("f1.csv");
    let code = &rows[1..].iter().find(|row| !row[1].is_empty()).expect("a code")[1];
    let other = if code.starts_with("ZZZ") { "000" } else { "ZZZ" };
    let damaged = text.replacen(&code[..3], other, 1);
    fs::write(place.at("f1.csv"), damaged).expect("codes");
    assert!(
        place.refused("match --left f1.csv --right g1.csv --out x.csv").contains("check letters")
    );
}
