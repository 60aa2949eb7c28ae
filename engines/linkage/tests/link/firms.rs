//! Firms by their numbers first, and persons in firms.

use crate::{Files, generated, one_to_one, quality, run};
use linkage::generate::{Profile, firms, persons};
use linkage::normalise::firm::{is_siren, is_siret};
use linkage::{Linked, Options};
use std::collections::HashSet;

fn checked(start: &str, is_right: fn(&[u8]) -> bool) -> String {
    let all = (0..10).map(|digit| format!("{start}{digit}"));
    all.into_iter().find(|number| is_right(number.as_bytes())).unwrap()
}

fn siren(at: usize) -> String {
    checked(&format!("{:08}", 40_000_000 + 37 * at), is_siren)
}

fn siret(at: usize, establishment: usize) -> String {
    checked(&format!("{}{establishment:04}", siren(at)), is_siret)
}

fn spec(text: &str) -> Options {
    Options { spec: toml::from_str(text).unwrap(), ..Options::default() }
}

/// Whether the pairs of ids are links.
fn are_links<const N: usize>(linked: &Linked, pairs: [(&str, &str); N]) -> [bool; N] {
    let sure = linked.links.iter().filter(|link| link.probability >= linked.cut.probability);
    let links: HashSet<(&str, &str)> = sure.map(|link| linked.ids(link)).collect();
    pairs.map(|pair| links.contains(&pair))
}

/// 400 firms in both files, half of the right ones without a number, and a few that numbers decide.
fn files() -> (Files, std::path::PathBuf, std::path::PathBuf) {
    let files = Files::new();
    let head = "id,siret,raison_sociale,adresse,code_postal,ville\n";
    let row = |side: &str, at: usize, number: String| {
        let place = format!("{} RUE DES LILAS {}", at % 90 + 1, at * 31 % 97);
        format!(
            "{side}{at},{number},SARL NOM{}X{at},{place},{:05},VILLE{}\n",
            at * 7 % 101,
            10_000 + at % 50,
            at % 50
        )
    };
    let mut left: String = (0..400).map(|at| row("a", at, siret(at, 1))).collect();
    let number = |at: usize| if at.is_multiple_of(2) { siret(at, 1) } else { String::new() };
    let mut right: String = (0..400).map(|at| row("b", at, number(at))).collect();
    let mut put = |id: &str, numbers: [String; 2], names: [&str; 2]| {
        for ((rows, number), name) in [&mut left, &mut right].into_iter().zip(&numbers).zip(names) {
            rows.push_str(&format!("{id},{number},{name},8 QUAI NEUF,10001,VILLE1\n"));
        }
    };
    put("renamed", [siret(900, 1), siret(900, 1)], ["GARAGE MOREL", "SASU ALPHA CONSEIL"]);
    put("moved", [siret(901, 1), siret(901, 2)], ["BOULANGERIE ROY", "ROY BOULANGERIE"]);
    put("apart", [siret(902, 1), siret(903, 1)], ["CAFE DU PORT", "CAFE DU PORT"]);
    put(
        "typed",
        [siret(904, 1), siret(904, 1).replacen('0', "7", 1)],
        ["FLEURS OLIVE", "FLEURS OLIVE"],
    );
    put(
        "unnumbered",
        [siret(905, 1), String::new()],
        ["S.A.R.L. KLEIN TOITURES", "TOITURES KLEIN"],
    );
    let a = files.put("a.csv", head.to_owned() + &left);
    let b = files.put("b.csv", head.to_owned() + &right);
    (files, a, b)
}

const SPECIAL: [(&str, &str); 5] = [
    ("renamed", "renamed"),
    ("moved", "moved"),
    ("apart", "apart"),
    ("typed", "typed"),
    ("unnumbered", "unnumbered"),
];

#[test]
fn numbers_decide_first_then_names_and_addresses() {
    let (_files, a, b) = files();
    let linked = run(&a, &b, &Options::default()).unwrap();
    assert_eq!(are_links(&linked, SPECIAL), [true, true, false, true, true]);
    let steps = linked.steps.unwrap();
    assert!(steps.siret >= 201 && steps.siren == 1 && steps.apart >= 1, "{steps:?}");
    assert!(linked.notes.iter().any(|note| note.contains("1 share a SIREN alone")));
    assert!(linked.notes.iter().any(|note| note.contains("1 numbers of firms have a wrong")));
    // The number that was mistyped is not proof of another firm, and the unnumbered ones are found.
    let found =
        linked.links.iter().filter(|link| linked.ids(link).0[1..] == linked.ids(link).1[1..]);
    assert!(found.count() >= 398);
}

#[test]
fn the_unit_is_a_firm_or_an_establishment_and_the_cascade_can_be_turned_off() {
    let (_files, a, b) = files();
    let linked = run(&a, &b, &spec("[firms]\nunit = \"establishment\"")).unwrap();
    assert_eq!(are_links(&linked, SPECIAL)[..3], [true, false, false]);
    let linked = run(&a, &b, &spec("[firms]\ncascade = false")).unwrap();
    assert_eq!(linked.steps, None);
    assert!(toml::from_str::<linkage::spec::Spec>("[firms]\nunit = \"group\"").is_err());
}

#[test]
fn a_siret_that_is_not_of_the_siren_beside_it_is_told() {
    let files = Files::new();
    let rows = |side: &str| -> String {
        (0..300)
            .map(|at| {
                format!("{side}{at},{},{},F{at}\n", siret(at, 1), siren(at + usize::from(at == 7)))
            })
            .collect()
    };
    let a = files.put("a.csv", format!("id,siret,siren,firm\n{}", rows("a")));
    let b = files.put("b.csv", format!("id,siret,siren,firm\n{}", rows("b")));
    let linked = run(&a, &b, &Options::default()).unwrap();
    assert!(
        linked
            .notes
            .iter()
            .any(|note| note.contains("in 1 records the SIRET is not one of the SIREN"))
    );
}

#[test]
fn generated_firms_are_linked_and_two_numbers_never_meet() {
    let files = Files::new();
    let made = firms(3000, &Profile::named("medium").unwrap(), 8);
    let (left, right) = generated(&files, &made);
    let linked = run(&left, &right, &one_to_one()).unwrap();
    let (precision, recall) = quality(&linked, &made.truth);
    assert!(precision > 0.995 && recall > 0.985, "precision {precision} recall {recall}");
}

/// Generated persons with the number of one of 40 employers each, which most keep.
fn employed(rows: &str, truth_of: impl Fn(usize) -> usize) -> String {
    let add = |(at, line): (usize, &str)| match at {
        0 => format!("{line},siret_employeur\n"),
        _ => format!("{line},{}\n", siret(truth_of(at) % 40, 1)),
    };
    rows.lines().enumerate().map(add).collect()
}

#[test]
fn an_employers_number_says_something_of_a_person_and_decides_nothing() {
    let files = Files::new();
    let made = persons(3000, &Profile::named("medium").unwrap(), 9);
    let partner: std::collections::HashMap<&str, &str> = made
        .truth
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(a, b)| (b, a))
        .collect();
    let place: std::collections::HashMap<&str, usize> = made
        .left
        .lines()
        .enumerate()
        .map(|(at, line)| (line.split(',').next().unwrap(), at))
        .collect();
    let right: Vec<&str> = made.right.lines().collect();
    let of_right = |at: usize| {
        let id = right[at].split(',').next().unwrap();
        partner.get(id).map_or(at * 13, |other| place[other] + usize::from(at.is_multiple_of(10)))
    };
    let a = files.put("a.csv", employed(&made.left, |at| at));
    let b = files.put("b.csv", employed(&made.right, of_right));
    let linked = run(&a, &b, &one_to_one()).unwrap();
    assert_eq!(linked.steps, None);
    let rules: Vec<&str> =
        linked.candidates.reports.iter().map(|rule| rule.name.as_str()).collect();
    assert!(
        !rules.contains(&"SIREN") && rules.contains(&"SIREN + family name or part"),
        "{rules:?}"
    );
    let (with, recall) = quality(&linked, &made.truth);
    let (left, right) = generated(&files, &made);
    let (without, before) = quality(&run(&left, &right, &one_to_one()).unwrap(), &made.truth);
    assert!(
        with > without - 0.002 && recall > before - 0.005,
        "{with} {without} {recall} {before}"
    );
}
