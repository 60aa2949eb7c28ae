//! Encoded files: what leaves, what does not, and how they match.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::Place;

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
