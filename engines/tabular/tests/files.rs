//! The CSV files of the shared folder, as its EXPECTED.json says.

use serde_json::Value;
use std::collections::HashSet;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use tabular::csv::{self, ColumnType, CsvOptions, CsvReport, Reason};
use tabular::parquet_file;

/// The folder with the shared files, which stands beside the repository or above its worktree.
fn shared() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = here.ancestors().map(|dir| dir.join("shared/data/files")).find(|dir| dir.is_dir());
    if found.is_none() {
        println!("shared/data/files is missing: its CSV files were NOT checked");
    }
    found
}

fn read(path: &Path) -> (CsvReport, Vec<Vec<Option<String>>>) {
    let mut bytes = std::fs::read(path).unwrap();
    if path.extension().is_some_and(|ext| ext == "gz") {
        let packed = std::mem::take(&mut bytes);
        flate2::read::GzDecoder::new(Cursor::new(packed)).read_to_end(&mut bytes).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("out.parquet");
    let report =
        csv::convert(&mut Cursor::new(bytes), &output, &CsvOptions::default(), &mut |_| {})
            .unwrap();
    let rows = usize::try_from(report.rows).unwrap();
    (report, parquet_file::preview(&output, rows).unwrap().rows)
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map(|all| all.iter().map(|v| v.as_str().unwrap()).collect())
        .unwrap_or_default()
}

fn named(report: &CsvReport, keep: impl Fn(&csv::ColumnReport) -> bool) -> HashSet<&str> {
    report.columns.iter().filter(|c| keep(c)).map(|c| c.original_name.as_str()).collect()
}

fn check(name: &str, folder: &Path, expected: &Value) {
    let (report, cells) = read(&folder.join(name));
    let encoding = match expected["encoding"].as_str().unwrap() {
        "cp1252" => "windows-1252",
        "utf-8-sig" => "utf-8-bom",
        "utf-16" => "utf-16-le",
        other => other,
    };
    assert_eq!(serde_json::to_value(report.encoding).unwrap(), encoding, "{name}");
    assert_eq!(report.delimiter.to_string(), expected["delimiter"].as_str().unwrap(), "{name}");
    assert_eq!(Value::from(report.rows), expected["data_rows"], "{name}");
    assert_eq!(Value::from(report.columns.len()), expected["columns"], "{name}");
    let header: Vec<_> = report.columns.iter().map(|c| c.original_name.as_str()).collect();
    if expected.get("header").is_some() {
        assert_eq!(header, texts(&expected["header"]), "{name}");
    }
    if let Some(newline) = expected["newline"].as_str() {
        let found = serde_json::to_value(report.newline).unwrap();
        assert_eq!(found.as_str().unwrap().to_uppercase(), newline, "{name}");
    }
    let zeros = named(&report, |c| c.leading_zeros > 0);
    if expected.get("columns_with_leading_zero_codes").is_some() {
        let wanted: HashSet<_> =
            texts(&expected["columns_with_leading_zero_codes"]).into_iter().collect();
        assert_eq!(zeros, wanted, "{name}");
    }
    let text = named(&report, |c| c.kind == ColumnType::Text);
    assert!(zeros.is_subset(&text), "{name}: codes with leading zeros stay text");
    assert!(texts(&expected["columns_text"]).iter().all(|c| text.contains(c)), "{name}: {text:?}");
    let integers = named(&report, |c| c.kind == ColumnType::Integer);
    assert!(texts(&expected["columns_integer"]).iter().all(|c| integers.contains(c)), "{name}");
    let has = |wanted: &&str| cells.iter().flatten().flatten().any(|cell| cell == wanted);
    assert!(texts(&expected["must_contain_text"]).iter().all(has), "{name}");
    first_row(name, &report, &cells, &texts(&expected["first_row"]));
}

/// The first row, cell by cell, where the column's type shows the source's text unchanged.
fn first_row(name: &str, report: &CsvReport, cells: &[Vec<Option<String>>], expected: &[&str]) {
    for (i, source) in expected.iter().enumerate() {
        let cell = cells[0][i].as_deref().unwrap_or("");
        match report.columns[i].kind {
            ColumnType::Text | ColumnType::Integer | ColumnType::Date => {
                assert_eq!(cell, *source, "{name}");
            }
            ColumnType::Number => {
                assert_eq!(cell.parse::<f64>().ok(), source.parse().ok(), "{name}");
            }
            _ => {}
        }
    }
}

#[test]
fn every_csv_is_read_as_expected() {
    let Some(folder) = shared() else { return };
    let expected = std::fs::read_to_string(folder.join("EXPECTED.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let mut checked = 0;
    for (name, facts) in expected.as_object().unwrap() {
        if facts["format"] == "csv" || facts["format"] == "csv.gz" {
            check(name, &folder, facts);
            checked += 1;
        }
    }
    assert!(checked >= 9, "only {checked} files");
}

#[test]
fn the_last_row_of_the_trap_keeps_its_values() {
    let Some(folder) = shared() else { return };
    let (report, cells) = read(&folder.join("trap-late-types.csv.gz"));
    let last: Vec<_> = cells.last().unwrap().iter().map(|c| c.as_deref().unwrap()).collect();
    assert_eq!(last[..4], ["24000", "01400", "00012345678901", "1.5"]);
    assert!(last[4].contains("2024-01-01") && last[4].contains("10:00:00"), "{last:?}");
    let note = &report.columns[4].notes;
    assert!(
        matches!(note[..], [Reason::DatesAtMidnight { count: 24_000, first_line: 2 }]),
        "{note:?}"
    );
}
