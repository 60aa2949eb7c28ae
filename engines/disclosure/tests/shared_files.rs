//! The real files that people bring: none may be called safe that is no table of results.

use std::path::{Path, PathBuf};

use disclosure::{Decision, Input, RuleSet, check};

/// `shared/data/files` beside the repository or beside one of its parents.
fn shared() -> Option<PathBuf> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut places = crate_folder.ancestors().map(|place| place.join("shared/data/files"));
    places.find(|place| place.is_dir())
}

#[test]
fn data_files_are_never_safe() {
    let Some(folder) = shared() else {
        println!("shared/data/files is missing: nothing was tested");
        return;
    };
    let rules = RuleSet::built_in("generic_10").expect("built in");
    let data = ["dta", "sas7bdat", "sav", "parquet", "feather", "zsav", "por", "xpt"];
    let mut safe = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        let extension = path.extension().map(|e| e.to_string_lossy().into_owned());
        let Some(extension) = extension.filter(|e| data.contains(&e.as_str()) || e == "csv") else {
            continue;
        };
        let name = path.to_string_lossy();
        let bytes = std::fs::read(&path).expect("readable");
        let report = check(&[Input { name: &name, bytes: &bytes }], &rules).remove(0);
        let rules: std::collections::BTreeSet<_> =
            report.findings.iter().map(|finding| finding.rule).collect();
        println!("{:?} {:?} {name} {rules:?}", report.decision, report.kind);
        if report.decision == Decision::Safe && data.contains(&extension.as_str()) {
            safe.push(name.into_owned());
        }
    }
    assert!(safe.is_empty(), "called safe: {safe:?}");
}
