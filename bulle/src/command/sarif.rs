//! Findings as SARIF 2.1.0 (OASIS standard), which code hosts and editors show at their lines.

use std::collections::BTreeSet;

use disclosure::{FileReport, Finding, Severity};
use serde_json::{Value, json};

use super::spot;

/// A log with one run: the rules that fired, and a result for each finding.
pub fn log(reports: &[FileReport]) -> Value {
    let fired: BTreeSet<&str> = reports.iter().flat_map(|r| &r.findings).map(|f| f.rule).collect();
    let ids: Vec<&str> = fired.into_iter().collect();
    let rules: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    let results: Vec<Value> = reports
        .iter()
        .flat_map(|report| report.findings.iter().map(|finding| result(report, finding, &ids)))
        .collect();
    let artifacts: Vec<Value> =
        reports.iter().map(|report| json!({ "location": { "uri": uri(&report.file) } })).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "bulle check",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "artifacts": artifacts,
            "results": results,
        }],
    })
}

fn result(report: &FileReport, finding: &Finding, ids: &[&str]) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let mut physical = json!({ "artifactLocation": { "uri": uri(&report.file) } });
    // A column of SARIF is a place in the line, and ours one of the table: it goes to the name.
    if let Some(line) = finding.location.line.filter(|line| *line > 0) {
        physical["region"] = json!({ "startLine": line });
    }
    let mut location = json!({ "physicalLocation": physical });
    let mut parts = spot::inside(&finding.location);
    let part = |name: &str, at: Option<u32>| at.map(|at| format!("{name} {at}"));
    parts.extend(part("row", finding.location.row));
    parts.extend(part("column", finding.location.column));
    if !parts.is_empty() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": parts.join(", ") }]);
    }
    json!({
        "ruleId": finding.rule,
        "ruleIndex": ids.iter().position(|id| *id == finding.rule),
        "level": level,
        "message": { "text": format!("{} {}", finding.message, finding.repair) },
        "locations": [location],
        "properties": {
            "decision": report.decision, "value": finding.value, "threshold": finding.threshold,
        },
    })
}

/// A path as a relative reference (RFC 3986): what a URI cannot hold is written in percent.
fn uri(path: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._~/".contains(b);
    let escape = |b: u8| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    path.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use disclosure::{Input, RuleSet, check};

    use super::*;

    /// What the schema of SARIF 2.1.0 requires of the parts that are written here.
    #[test]
    fn the_log_has_what_the_standard_requires() {
        let rules = RuleSet::built_in("generic_10").expect("built in");
        let bytes = b"plan;effectif\na;120\nb;4\n";
        let reports = check(&[Input { name: "tables de l'été/a.csv", bytes }], &rules);
        let log = log(&reports);
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["name"], "bulle check");
        let result = &run["results"][0];
        assert_eq!((&result["ruleId"], &result["level"]), (&json!("FREQ_MIN"), &json!("error")));
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], "FREQ_MIN");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["region"]["startLine"], 3);
        assert_eq!(place["artifactLocation"]["uri"], "tables%20de%20l%27%C3%A9t%C3%A9/a.csv");
        assert!(result["message"]["text"].is_string());
    }

    /// A line of a workbook is in no text file: its sheet must be told.
    #[test]
    fn the_parts_that_lead_to_a_place_are_named() {
        let within = disclosure::Within {
            sheet: Some("Ventes".to_owned()),
            cell: Some("B3".to_owned()),
            member: Some("a.xlsx".to_owned()),
            ..disclosure::Within::default()
        };
        let at = disclosure::Location { table: Some(2), ..disclosure::Location::default() };
        let inside = spot::inside(&disclosure::Spot { at, within });
        assert_eq!(inside, ["member a.xlsx", "sheet Ventes", "cell B3", "table 2"]);
    }
}
