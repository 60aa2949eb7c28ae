//! What lies in an office file and no reader of its format shows: entries that no part names, bytes
//! between entries and behind the end. None of it leaves without a person having looked.

use std::io::{Cursor, Read, Write};
use std::path::Path;

use disclosure::{Decision, FileReport, Input, RuleSet, check};
use zip::write::SimpleFileOptions;

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    std::fs::read(folder.join(name)).expect("a file of the corpus")
}

fn report(name: &str, bytes: &[u8]) -> FileReport {
    let rules = RuleSet::built_in("health_11").expect("built in");
    check(&[Input { name, bytes }], &rules).remove(0)
}

/// The package with one more entry.
fn with_entry(name: &str, entry: &str, content: &[u8]) -> Vec<u8> {
    let mut old = zip::ZipArchive::new(Cursor::new(file(name))).expect("a package");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        zip.raw_copy_file(old.by_index_raw(index).expect("an entry")).expect("memory");
    }
    zip.start_file(entry, SimpleFileOptions::default()).expect("a new name");
    zip.write_all(content).expect("memory");
    zip.finish().expect("memory").into_inner()
}

/// The package with `from` written as `to` in one of its entries.
fn with_change(name: &str, entry: &str, from: &str, to: &str) -> Vec<u8> {
    let mut old = zip::ZipArchive::new(Cursor::new(file(name))).expect("a package");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        let mut own = old.by_index(index).expect("an entry");
        let own_name = own.name().expect("a name").into_owned();
        let mut text = Vec::new();
        own.read_to_end(&mut text).expect("memory");
        if own_name == entry {
            let before = String::from_utf8(text).expect("XML");
            assert!(before.contains(from), "{from} in {entry} of {name}");
            text = before.replacen(from, to, 1).into_bytes();
        }
        zip.start_file(own_name, SimpleFileOptions::default()).expect("a new name");
        zip.write_all(&text).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

/// The package with `stray` in front of its directory, where no entry stands.
fn with_gap(name: &str, stray: &[u8]) -> Vec<u8> {
    let mut bytes = file(name);
    let end = bytes.windows(4).rposition(|four| four == b"PK\x05\x06").expect("an end");
    let at = u32::from_le_bytes(bytes[end + 16..end + 20].try_into().expect("four"));
    let moved = at + u32::try_from(stray.len()).expect("small");
    bytes[end + 16..end + 20].copy_from_slice(&moved.to_le_bytes());
    let at = usize::try_from(at).expect("small");
    bytes.splice(at..at, stray.iter().copied());
    bytes
}

const PATIENTS: &[u8] = b"nom;prenom;nir\nDurand;Anne;2 69 05 49 588 157 80\n";

#[test]
fn entries_that_no_part_names_are_told() {
    for (name, entry) in [
        ("safe.xlsx", "xl/worksheets/patients.csv"),
        ("safe.xlsx", "xl/worksheets/sheet77.xml"),
        ("safe.xlsx", "docProps/patients.xml"),
        ("safe.docx", "word/patients.bin"),
        ("safe.docx", "customXml/item9.xml"),
    ] {
        assert_eq!(report(name, &file(name)).decision, Decision::Safe, "{name} itself");
        let told = report(name, &with_entry(name, entry, PATIENTS));
        assert_ne!(told.decision, Decision::Safe, "{name} with {entry}");
        let at = |f: &disclosure::Finding| f.location.within.part.as_deref() == Some(entry);
        assert!(told.findings.iter().any(at), "{name} with {entry}: {:?}", told.findings);
    }
    for name in ["small.ods", "small.odt", "small.pptx"] {
        let told = report(name, &with_entry(name, "patients.csv", PATIENTS));
        assert!(told.findings.iter().any(|f| f.rule == "UNREADABLE"), "{:?}", told.findings);
    }
}

#[test]
fn parts_of_the_format_that_hold_text_are_not_taken_for_settings() {
    let words = b"<a:theme xmlns:a=\"x\">nom;prenom;nir Durand;Anne;269054958815780</a:theme>";
    let told = report("safe.docx", &with_entry("safe.docx", "word/theme/theme9.xml", words));
    assert_ne!(told.decision, Decision::Safe);
    let comment = b"<a:theme xmlns:a=\"x\"><!-- Durand;Anne;269054958815780 --></a:theme>";
    let told = report("safe.docx", &with_entry("safe.docx", "word/theme/theme9.xml", comment));
    assert_ne!(told.decision, Decision::Safe);
    let quiet = b"<a:theme xmlns:a=\"x\"><a:clr val=\"000000\"/></a:theme>";
    let told = report("safe.docx", &with_entry("safe.docx", "word/theme/theme9.xml", quiet));
    assert_eq!(told.decision, Decision::Safe, "{:?}", told.findings);
}

#[test]
fn bytes_that_belong_to_no_entry_are_told() {
    for name in ["safe.xlsx", "safe.docx"] {
        let appended =
            |bytes: &[u8]| report(name, bytes).findings.iter().any(|f| f.rule == "TYPE_MISMATCH");
        assert!(!appended(&file(name)), "{name} itself");
        assert!(appended(&with_gap(name, PATIENTS)), "{name} with a gap");
        let behind = [file(name), PATIENTS.to_vec()].concat();
        assert!(appended(&behind), "{name} with a tail");
        // A mark of an end in what is appended does not make it a part of the archive.
        let marked = [file(name), b"PK\x05\x06".to_vec(), PATIENTS.to_vec()].concat();
        assert_ne!(report(name, &marked).decision, Decision::Safe, "{name} with two ends");
        let before = [PATIENTS.to_vec(), file(name)].concat();
        assert_ne!(report(name, &before).decision, Decision::Safe, "{name} with a head");
    }
}

#[test]
fn an_empty_entry_and_padding_say_nothing() {
    let told = report("safe.xlsx", &with_gap("safe.xlsx", &[0; 64]));
    assert_eq!(told.decision, Decision::Safe, "{:?}", told.findings);
    let told = report("safe.xlsx", &with_entry("safe.xlsx", "xl/media/", b""));
    assert_eq!(told.decision, Decision::Safe, "{:?}", told.findings);
}

#[test]
fn what_stands_behind_the_end_of_a_tar_is_told() {
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(&file("small.tar.gz")[..]).read_to_end(&mut tar).expect("gzip");
    let appended = |bytes: &[u8]| {
        let told = report("small.tar", bytes);
        told.findings.iter().any(|f| f.rule == "TYPE_MISMATCH")
    };
    assert!(!appended(&tar));
    assert!(appended(&[tar.clone(), PATIENTS.to_vec()].concat()));
}

#[test]
fn a_formula_whose_value_nobody_kept_is_told() {
    let sheet = |to: &str| with_change("safe.xlsx", "xl/worksheets/sheet1.xml", "<v>412</v>", to);
    let kept = report("safe.xlsx", &sheet("<f>400+12</f><v>412</v>"));
    assert_eq!(kept.decision, Decision::Safe, "{:?}", kept.findings);
    for lost in ["<f>3+1</f>", "<f>3+1</f><v/>", "<f>3+1</f><v></v>"] {
        let told = report("safe.xlsx", &sheet(lost));
        let at = |f: &disclosure::Finding| f.location.within.cell.as_deref() == Some("B2");
        assert!(!told.checked && told.findings.iter().any(at), "{lost}: {:?}", told.findings);
    }
}

#[test]
fn a_table_inside_a_cell_of_a_sheet_is_told() {
    assert!(report("small.ods", &file("small.ods")).checked);
    let inner = "<table:table table:name=\"in\"><table:table-row><table:table-cell><text:p>3</text:p>\
                 </table:table-cell></table:table-row></table:table>";
    let cell = "<text:p>Ambert</text:p>";
    let nested = with_change("small.ods", "content.xml", cell, &format!("{inner}{cell}"));
    assert!(!report("small.ods", &nested).checked);
}
