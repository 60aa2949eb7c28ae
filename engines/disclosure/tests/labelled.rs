//! The labelled corpus (`corpus/generate.py` writes it): how many unsafe files are caught and where,
//! and how many safe ones raise an alarm. `docs/performance.md` gives the figures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use disclosure::{Decision, Input, Request, RuleSet, check_request};
use serde::Deserialize;

#[derive(Deserialize)]
struct Label {
    rules: String,
    r#unsafe: bool,
    #[serde(default)]
    grave: bool,
    findings: Vec<Place>,
    #[serde(default)]
    released: Vec<String>,
    #[serde(default)]
    supporting: Vec<String>,
}

#[derive(Deserialize)]
struct Place {
    rule: String,
    line: Option<u32>,
    column: Option<u32>,
}

/// What was counted over a half of the corpus.
#[derive(Default)]
struct Confusion {
    unsafe_files: u32,
    caught: u32,
    refused: u32,
    safe_files: u32,
    alarms: u32,
    places: u32,
    fired: u32,
    located: u32,
    grave_missed: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/labelled")
}

fn measure(half: &str) -> Confusion {
    let folder = folder().join(half);
    let text = std::fs::read_to_string(folder.join("labels.json")).expect("in the repository");
    let labels: BTreeMap<String, Label> = serde_json::from_str(&text).expect("valid JSON");
    let mut counts = Confusion::default();
    assert!(labels.len() >= 20, "part {half} has {} files", labels.len());
    for (name, label) in &labels {
        let read = |name: &String| std::fs::read(folder.join(name)).expect("a file of the corpus");
        let (bytes, rules) = (read(name), RuleSet::built_in(&label.rules).expect("built in"));
        let load = |names: &[String]| -> Vec<(String, Vec<u8>)> {
            names.iter().map(|name| (name.clone(), read(name))).collect()
        };
        let (released, supporting) = (load(&label.released), load(&label.supporting));
        let released: Vec<Input<'_>> =
            released.iter().map(|(name, bytes)| Input { name, bytes }).collect();
        let supporting: Vec<Input<'_>> =
            supporting.iter().map(|(name, bytes)| Input { name, bytes }).collect();
        let files = [Input { name, bytes: &bytes }];
        let request = Request { files: &files, released: &released, supporting: &supporting };
        let report = check_request(&request, &rules).remove(0);
        counts.add(half, name, label, &report);
    }
    counts
}

impl Confusion {
    fn add(&mut self, half: &str, name: &str, label: &Label, report: &disclosure::FileReport) {
        let fired: Vec<_> = report
            .findings
            .iter()
            .map(|f| (f.rule, f.location.line, f.location.column, f.severity))
            .collect();
        if !label.r#unsafe {
            self.safe_files += 1;
            if report.decision != Decision::Safe {
                self.alarms += 1;
                println!("{half}/{name}: false alarm {:?} {fired:?}", report.decision);
            }
            return;
        }
        self.unsafe_files += 1;
        self.caught += u32::from(report.decision != Decision::Safe);
        self.refused += u32::from(report.decision == Decision::Refuse);
        if report.decision == Decision::Safe {
            println!("{half}/{name}: MISSED");
        }
        if label.grave && report.decision != Decision::Refuse {
            self.grave_missed.push(name.to_owned());
        }
        for place in &label.findings {
            self.places += 1;
            let same = |f: &&disclosure::Finding| f.rule == place.rule;
            let there = |f: &disclosure::Finding| {
                (place.line.is_none() || f.location.line == place.line)
                    && (place.column.is_none() || f.location.column == place.column)
            };
            let hits: Vec<_> = report.findings.iter().filter(same).collect();
            self.fired += u32::from(!hits.is_empty());
            let located = hits.iter().any(|f| there(f));
            self.located += u32::from(located);
            if !located {
                let (rule, line, column) = (&place.rule, place.line, place.column);
                println!("{half}/{name}: no {rule} at {line:?} {column:?}, but {fired:?}");
            }
        }
    }
}

fn percent(part: u32, whole: u32) -> f64 {
    100.0 * f64::from(part) / f64::from(whole.max(1))
}

#[test]
fn the_labelled_corpus_is_judged_as_its_labels_say() {
    let mut bad = Vec::new();
    for half in ["a", "b", "c"] {
        let c = measure(half);
        let (caught, alarms) = (percent(c.caught, c.unsafe_files), percent(c.alarms, c.safe_files));
        let located = percent(c.located, c.places);
        println!(
            "half {half}: unsafe caught {}/{} ({caught:.1} %), refused {}; safe with an alarm {}/{} ({alarms:.1} %); \
             rules fired {}/{}, located {} ({located:.1} %); grave missed {:?}",
            c.caught,
            c.unsafe_files,
            c.refused,
            c.alarms,
            c.safe_files,
            c.fired,
            c.places,
            c.located,
            c.grave_missed
        );
        let holds = match half {
            // Fresh: nothing in the engine was mended for it, and it misses the targets. These are
            // its first figures (docs/performance.md); they may only become better.
            "c" => c.caught >= 21 && c.alarms <= 3 && c.located >= 20,
            _ => caught >= 97.0 && alarms <= 8.0 && located >= 80.0 && c.grave_missed.is_empty(),
        };
        if !holds {
            bad.push(half);
        }
    }
    assert!(bad.is_empty(), "below what they must hold: {bad:?}");
}
