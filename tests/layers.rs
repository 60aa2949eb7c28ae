//! The arrows of docs/architecture.md, compared with what `cargo metadata` says.

use std::{collections::BTreeMap, process::Command};

/// Each crate, and the crates of the workspace that it may know.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("ledger", &[]),
    ("sandbox", &[]),
    ("display", &[]),
    ("disclosure", &["tabular"]),
    ("tabular", &[]),
    ("ddi", &[]),
    ("linkage", &["tabular"]),
    ("domain", &[]),
    ("store", &["domain", "ledger"]),
    (
        "workflows",
        &["domain", "store", "ledger", "sandbox", "display", "disclosure", "tabular", "ddi"],
    ),
    ("portal", &["workflows", "domain"]),
];

#[test]
fn no_crate_knows_more_than_it_may() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .expect("cargo metadata");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let known: BTreeMap<&str, Vec<&str>> = packages
        .iter()
        .filter_map(|package| {
            let dependencies = package["dependencies"].as_array()?;
            let ours = dependencies
                .iter()
                .filter(|dependency| dependency["kind"].is_null())
                .filter_map(|dependency| dependency["name"].as_str())
                .filter(|name| names.contains(name));
            Some((package["name"].as_str()?, ours.collect()))
        })
        .collect();
    for (name, may_know) in MAY_KNOW {
        let knows = known.get(name).unwrap_or_else(|| panic!("there is no crate {name}"));
        let too_much: Vec<_> = knows.iter().filter(|other| !may_know.contains(other)).collect();
        assert!(too_much.is_empty(), "{name} must not know {too_much:?}");
    }
    for name in names.iter().filter(|name| !["bulle", "centre-tests"].contains(name)) {
        assert!(
            MAY_KNOW.iter().any(|(known, _)| known == name),
            "{name} has no place in the house"
        );
    }
}
