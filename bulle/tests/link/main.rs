//! `bulle link` as an operator meets it: files in, files out, words and exit codes.

mod later;
mod private;

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
