//! `bulle check` as other programs call it: folders, earlier releases, contributions, JSON, SARIF.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

fn check(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bulle"))
        .arg("check")
        .args(args)
        .output()
        .expect("the binary runs")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, text).expect("a file");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn a_folder_is_one_request_with_all_that_is_below_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let big = write(dir.path(), "a/big.csv", "region;effectif\nNord;120\nSud;130\n");
    let small = write(dir.path(), "b/c/small.csv", "region;effectif\nOuest;120\nEst;4\n");
    let output = check(&["--json", "--rules", "health_11", dir.path().to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(1));
    let reports = json(&output);
    let files: Vec<&str> =
        reports.as_array().expect("a list").iter().filter_map(|r| r["file"].as_str()).collect();
    assert_eq!(files, [big.as_str(), small.as_str()]);
    assert_eq!(
        (&reports[0]["decision"], &reports[1]["decision"]),
        (&"safe".into(), &"refuse".into())
    );
    let finding = &reports[1]["findings"][0];
    for key in ["rule", "severity", "location", "value", "threshold", "message", "repair"] {
        assert!(!finding[key].is_null(), "{key} in {finding}");
    }
    assert_eq!((&finding["location"]["line"], &finding["threshold"]), (&3.into(), &11.0.into()));
}

#[test]
fn what_was_released_before_is_subtracted() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "released/all.csv", "region;effectif\nNord;120\nSud;130\nEst;90\n");
    let new = write(dir.path(), "new.csv", "region;effectif\nNord;117\nSud;130\nEst;90\n");
    let released = dir.path().join("released");
    assert_eq!(check(&["--rules", "health_11", &new]).status.code(), Some(0));
    let output = check(&[
        "--json",
        "--rules",
        "health_11",
        "--released",
        released.to_str().expect("a path"),
        &new,
    ]);
    let reports = json(&output);
    assert_eq!(reports.as_array().map(Vec::len), Some(1), "what was released is not judged again");
    let finding = &reports[0]["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["location"]["line"]),
        (&"DIFFERENCING".into(), &2.into())
    );
    assert!(finding["message"].as_str().expect("words").contains("120 - 117 = 3"));
}

#[test]
fn contributions_speak_for_the_sums_and_do_not_count_in_the_exit_code() {
    let dir = tempfile::tempdir().expect("a folder");
    let sums = write(
        dir.path(),
        "ca.csv",
        "secteur;nb entreprises;chiffre d'affaires\nbois;12;1200\nverre;12;2000\n",
    );
    let mut lines = String::from("secteur;siren;montant\n");
    for nth in 0..12 {
        lines.push_str(&format!(
            "bois;b{nth};100\nverre;v{nth};{}\n",
            if nth == 0 { 1780 } else { 20 }
        ));
    }
    let contributions = write(dir.path(), "contributions.csv", &lines);
    let reports = json(&check(&["--json", "--rules", "enterprise", &sums, &contributions]));
    assert_eq!(reports[1]["purpose"], "supporting");
    let finding = &reports[0]["findings"].as_array().expect("findings")[0];
    assert_eq!(
        (&finding["rule"], &finding["location"]["line"], &finding["location"]["column"]),
        (&"DOMINANCE".into(), &3.into(), &3.into())
    );
    let other = write(dir.path(), "other.csv", &lines.replace("1780", "20"));
    let sums = write(
        dir.path(),
        "even.csv",
        "secteur;nb entreprises;chiffre d'affaires\nbois;12;1200\nverre;12;240\n",
    );
    let output = check(&["--rules", "enterprise", "--supporting", &other, &sums]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("never released"));
}

#[test]
fn sarif_names_the_standard_and_a_rule_file_is_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let small = write(dir.path(), "small.csv", "region;effectif\nNord;120\nEst;4\n");
    let output = check(&["--sarif", &small]);
    assert_eq!(json(&output)["version"], "2.1.0");
    let built_in = include_str!("../../engines/disclosure/rules/dads_5.toml");
    let rules = write(dir.path(), "own.toml", &built_in.replace("min_count = 5", "min_count = 4"));
    assert_eq!(check(&["--rules", &rules, &small]).status.code(), Some(0));
    for wrong in [vec!["--rules", "nobody", small.as_str()], vec!["/nowhere/at-all.csv"]] {
        let output = check(&wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!output.stderr.is_empty());
    }
}
