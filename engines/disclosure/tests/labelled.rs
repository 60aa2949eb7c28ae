//! The labelled corpus (`corpus/generate.py` writes it): how many unsafe files are caught and where,
//! and how many safe ones raise an alarm. `docs/performance.md` gives the figures. Files are read as
//! `bulle check` reads them, pictures by the host's tesseract, but in this process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use disclosure::{Decision, Document, FileReport, Finding, Input, RuleSet, Session};
use sandbox::picture::PictureReader;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Label {
    rules: String,
    r#unsafe: bool,
    #[serde(default)]
    grave: bool,
    /// What the definitions ask for, where the label says more than safe or not.
    decision: Option<Decision>,
    findings: Vec<Place>,
    /// Rules that must stay silent.
    #[serde(default)]
    forbidden: Vec<String>,
    #[serde(default)]
    released: Vec<String>,
    #[serde(default)]
    supporting: Vec<String>,
}

/// A rule and the keys of a finding's location that must be as given.
#[derive(Deserialize)]
struct Place {
    rule: String,
    #[serde(flatten)]
    at: BTreeMap<String, Value>,
}

impl Place {
    fn is(&self, finding: &Finding) -> bool {
        let location = serde_json::to_value(&finding.location).expect("serializable");
        self.at.iter().all(|(key, value)| value.is_null() || &location[key] == value)
    }
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
    /// Unsafe files that were passed.
    passed: Vec<String>,
    decided: u32,
    forbidden: u32,
    forbidding: u32,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/labelled")
}

/// As `bulle check` reads: pictures with this host's reader of pictures. A host without one sends
/// them to a person, and says so.
fn read(pictures: Option<&PictureReader>, name: &str, bytes: &[u8]) -> Document {
    let mut document = disclosure::read(name, bytes);
    document.read_pictures(&|picture| match pictures {
        Some(reader) => reader.read(picture).map_err(|why| why.to_string()),
        None => Err("no reader of pictures here".to_owned()),
    });
    document
}

fn measure(half: &str, pictures: Option<&PictureReader>) -> Confusion {
    let folder = folder().join(half);
    let text = std::fs::read_to_string(folder.join("labels.json")).expect("in the repository");
    let labels: BTreeMap<String, Label> = serde_json::from_str(&text).expect("valid JSON");
    let mut counts = Confusion::default();
    assert!(labels.len() >= 20, "part {half} has {} files", labels.len());
    for (name, label) in &labels {
        let bytes = |name: &String| std::fs::read(folder.join(name)).expect("a file of the corpus");
        let rules = RuleSet::built_in(&label.rules).expect("built in");
        let mut session =
            Session::read_by(&rules, Box::new(|name, bytes| read(pictures, name, bytes)));
        for other in &label.released {
            session.released(&Input { name: other, bytes: &bytes(other) });
        }
        for other in &label.supporting {
            session.supporting(&Input { name: other, bytes: &bytes(other) });
        }
        let mut report = session.file(&Input { name, bytes: &bytes(name) });
        for (_, finding) in session.finish() {
            report.add(finding);
        }
        counts.add(half, name, label, &report);
    }
    counts
}

/// A finding in a line of the protocol.
fn told(finding: &Finding) -> String {
    let place = serde_json::to_string(&finding.location).expect("serializable");
    format!("{} {:?} {place} {}", finding.rule, finding.severity, finding.message)
}

impl Confusion {
    fn add(&mut self, half: &str, name: &str, label: &Label, report: &FileReport) {
        let shown: Vec<_> = report.findings.iter().take(6).map(told).collect();
        let forbidden =
            label.forbidden.iter().filter(|id| report.findings.iter().any(|f| f.rule == **id));
        for id in forbidden {
            self.forbidden += 1;
            println!("{half}/{name}: {id} must not fire");
        }
        self.forbidding += u32::try_from(label.forbidden.len()).unwrap_or(0);
        self.decided += u32::from(label.decision == Some(report.decision));
        if !label.r#unsafe {
            self.safe_files += 1;
            if report.decision != Decision::Safe {
                self.alarms += 1;
                println!("{half}/{name}: false alarm {:?} {shown:#?}", report.decision);
            }
            return;
        }
        self.unsafe_files += 1;
        self.caught += u32::from(report.decision != Decision::Safe);
        self.refused += u32::from(report.decision == Decision::Refuse);
        if report.decision == Decision::Safe {
            println!("{half}/{name}: MISSED");
            self.passed.push(name.to_owned());
        }
        if label.grave && report.decision != Decision::Refuse {
            self.grave_missed.push(name.to_owned());
        }
        for place in &label.findings {
            self.places += 1;
            let hits: Vec<_> = report.findings.iter().filter(|f| f.rule == place.rule).collect();
            self.fired += u32::from(!hits.is_empty());
            let located = hits.iter().any(|f| place.is(f));
            self.located += u32::from(located);
            if !located {
                let (rule, at) = (&place.rule, &place.at);
                println!("{half}/{name}: no {rule} at {at:?}, but {shown:#?}");
            }
        }
    }
}

/// The identifiers and microdata of a part that are not refused, and the unsafe files that pass:
/// these and no others (docs/performance.md says why). A miss that was mended leaves the list.
fn permitted(half: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match half {
        "e" => (&[], &["effectifs.ipynb", "lm_r_residus.txt", "total_reste.csv"]),
        "g" => (&["reproduction.tar.xz"], &["incidence.csv", "parts.ods", "siunitx.tex"]),
        _ => (&[], &[]),
    }
}

fn percent(part: u32, whole: u32) -> f64 {
    100.0 * f64::from(part) / f64::from(whole.max(1))
}

#[test]
fn the_labelled_corpus_is_judged_as_its_labels_say() {
    let mut bad = Vec::new();
    let pictures = PictureReader::find();
    if pictures.is_none() {
        println!("this host has no reader of pictures: each picture goes to a person");
    }
    for half in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
        let c = measure(half, pictures.as_ref());
        let (caught, alarms) = (percent(c.caught, c.unsafe_files), percent(c.alarms, c.safe_files));
        let located = percent(c.located, c.places);
        println!(
            "half {half}: unsafe caught {}/{} ({caught:.1} %), refused {}; safe with an alarm {}/{} ({alarms:.1} %); \
             rules fired {}/{}, located {} ({located:.1} %); grave missed {:?}; decided as labelled {}; \
             forbidden rules fired {} of {}",
            c.caught,
            c.unsafe_files,
            c.refused,
            c.alarms,
            c.safe_files,
            c.fired,
            c.places,
            c.located,
            c.grave_missed,
            c.decided,
            c.forbidden,
            c.forbidding
        );
        let holds = match half {
            // Their first figures, and those after the first mending on them, miss the targets
            // (docs/performance.md); they may only become better.
            "c" => c.caught >= 24 && c.alarms == 0 && c.located >= 25,
            "e" => c.caught >= 70 && c.alarms <= 3 && c.located >= 71,
            "f" => c.caught >= 30 && c.alarms <= 1 && c.located >= 29,
            "g" => c.caught >= 91 && c.alarms <= 8 && c.located >= 89,
            "h" => c.caught >= 61 && c.alarms <= 14 && c.located >= 60,
            "i" => c.caught >= 173 && c.alarms <= 9 && c.located >= 158,
            _ => caught >= 97.0 && alarms <= 8.0 && located >= 80.0 && c.grave_missed.is_empty(),
        };
        let (grave, passed) = permitted(half);
        if c.grave_missed != grave || c.passed != passed {
            let (missed, let_pass) = (&c.grave_missed, &c.passed);
            bad.push(format!("{half}: not refused {missed:?}, passed {let_pass:?}"));
        }
        if !holds {
            bad.push(half.to_owned());
        }
    }
    assert!(bad.is_empty(), "below what they must hold: {bad:?}");
}
