//! Files of real tools (`files/make.py` made them): what is found, and where.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use disclosure::{Decision, FileReport, Finding, Input, RuleSet, check};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    decision: Decision,
    #[serde(default)]
    rules: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files")
}

fn report(name: &str) -> FileReport {
    let bytes = std::fs::read(folder().join(name)).expect("a file of the corpus");
    let rules = RuleSet::built_in("health_11").expect("built in");
    check(&[Input { name, bytes: &bytes }], &rules).remove(0)
}

/// Whether a finding is the one that `RULE key=value ...` means; a value runs up to the next key.
fn is(finding: &Finding, expected: &str) -> bool {
    let (rule, mut rest) = expected.split_once(' ').unwrap_or((expected, ""));
    let place = serde_json::to_value(&finding.location).expect("serializable");
    let mut fits = finding.rule == rule;
    while let Some((key, tail)) = rest.split_once('=') {
        let next = [
            "sheet=",
            "cell=",
            "line=",
            "column=",
            "part=",
            "page=",
            "member=",
            "cell_index=",
            "row=",
        ];
        let end =
            next.iter().filter_map(|k| tail.find(&format!(" {k}"))).min().unwrap_or(tail.len());
        let found = match &place[key.trim()] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        fits &= found == tail[..end];
        rest = tail[end..].trim_start();
    }
    fits
}

#[test]
fn each_file_is_decided_and_its_findings_are_in_their_places() {
    let text = std::fs::read_to_string(folder().join("expected.toml")).expect("in the repository");
    let expected: BTreeMap<String, Expected> = toml::from_str(&text).expect("valid TOML");
    let mut wrong = Vec::new();
    for (name, expected) in &expected {
        let report = report(name);
        let missing: Vec<_> = expected
            .rules
            .iter()
            .filter(|rule| !report.findings.iter().any(|finding| is(finding, rule)))
            .collect();
        let loud = expected.decision == Decision::Safe && !report.findings.is_empty();
        if report.decision != expected.decision || !missing.is_empty() || loud {
            wrong.push(name);
            println!(
                "{name}: {:?}, expected {:?}, missing {missing:?}",
                report.decision, expected.decision
            );
            for finding in &report.findings {
                let place = serde_json::to_string(&finding.location).expect("serializable");
                println!("    {} {place} {}", finding.rule, finding.message);
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong: {wrong:?}", wrong.len(), expected.len());
}

#[test]
fn a_document_is_written_and_read_back_without_loss() {
    for name in ["small.xlsx", "hidden.docx", "nested.zip", "small.pdf", "text.png"] {
        let bytes = std::fs::read(folder().join(name)).expect("a file of the corpus");
        let document = disclosure::read(name, &bytes);
        let text = serde_json::to_string(&document).expect("serializable");
        let back: disclosure::Document = serde_json::from_str(&text).expect("its own JSON");
        assert_eq!(serde_json::to_string(&back).expect("serializable"), text, "{name}");
    }
}

#[test]
fn a_picture_is_read_by_whoever_reads_pictures_and_noted_where_nobody_does() {
    let bytes = std::fs::read(folder().join("bars.png")).expect("a file of the corpus");
    let rules = RuleSet::built_in("health_11").expect("built in");
    let judged = |reader: &dyn Fn(&[u8]) -> Result<String, String>| {
        let mut document = disclosure::read("bars.png", &bytes);
        assert_eq!(document.pictures.len(), 1);
        document.read_pictures(reader);
        let mut session =
            disclosure::Session::read_by(&rules, Box::new(move |_, _| document.clone()));
        session.file(&Input { name: "bars.png", bytes: &bytes })
    };
    let small = "Commune    Effectif\nAmbert      412\nBillom        4\n";
    assert_eq!(judged(&|_| Ok(small.to_owned())).decision, Decision::Refuse);
    // Its shapes were read by nobody: it may be a cloud of single units.
    assert_eq!(judged(&|_| Ok("taux par an".to_owned())).decision, Decision::Review);
    assert_eq!(judged(&|_| Ok(String::new())).decision, Decision::Review);
    assert_eq!(judged(&|_| Err("none".to_owned())).decision, Decision::Review);
}
