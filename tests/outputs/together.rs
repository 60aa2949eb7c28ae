//! What the files of a request say together, and with what the project took out before.

use domain::outputs::export::FileKind;

use super::kit::{Lab, SAFE, key, project};

/// Sums of enough enterprises, none of which looks dominated by itself.
const SUMS: &str = "secteur;nombre d'entreprises;chiffre d'affaires\nbois;12;1200\nverre;12;2000\n";

/// Two enterprises make 91 % of glass.
fn contributions() -> String {
    let mut text = String::from("secteur;siren;montant\n");
    for nth in 0..12 {
        let glass = [1800, 20, 18][nth.min(2)];
        text.push_str(&format!("bois;b{nth};100\nverre;v{nth};{glass}\n"));
    }
    text
}

async fn form(lab: &Lab, id: &str, supporting: &str, action: &str) -> centre_tests::Answer {
    let ada = lab.centre.person("ada").await;
    let (sums, other) = (format!("in-{}", key("ca.csv")), format!("in-{}", key(supporting)));
    let kind = format!("kind-{}", key(supporting));
    let fields = [
        ("groups", "1"),
        ("title", "Turnover"),
        ("name-1", "Tables"),
        ("context-1", "Enterprises of the survey"),
        ("controls-1", "No dominance"),
        ("action", action),
        (sums.as_str(), "1"),
        (other.as_str(), "1"),
        (kind.as_str(), "supporting"),
    ];
    ada.post(&format!("/exports/{id}/edit"), &fields).await
}

#[tokio::test]
async fn contributions_tell_of_a_dominated_sum_and_never_leave() {
    let lab = Lab::start().await;
    lab.write("ca.csv", SUMS);
    lab.write("contributions.csv", contributions());
    let ada = lab.centre.person("ada").await;
    let id = lab.draft(&ada).await;
    let checked = form(&lab, &id, "contributions.csv", "check").await;
    assert_eq!(checked.status, 200, "{}", checked.text);
    assert!(checked.text.contains("DOMINANCE") && checked.text.contains("91"), "{}", checked.text);
    assert_eq!(form(&lab, &id, "contributions.csv", "seal").await.status, 303);
    lab.settled().await;
    let export = lab.export(&id).await;
    let rules = |path: &str| {
        let file = export.files().find(|file| file.path == path).expect("in the request");
        file.report.clone().expect("scanned").rules
    };
    assert!(rules("ca.csv").contains(&"DOMINANCE".to_owned()), "{:?}", rules("ca.csv"));
    let supporting = export.files().find(|file| file.kind == FileKind::Supporting).expect("one");
    assert_eq!(supporting.path, "contributions.csv");
    // The checker sees the cell flagged, and no vote is asked on what never leaves.
    let grace = lab.centre.person("grace").await;
    grace.post(&format!("/checks/{id}/take"), &[]).await;
    let page = grace.get(&format!("/checks/{id}")).await.text;
    assert!(page.contains("DOMINANCE") && page.contains("v6"), "{page}");
    assert!(!page.contains(&format!("vote-{}", key("contributions.csv"))));
}

#[tokio::test]
async fn contributions_that_are_no_numbers_are_told_and_prove_nothing() {
    let lab = Lab::start().await;
    lab.write("ca.csv", SUMS);
    lab.write("contributions.csv", "secteur;siren;montant\nverre;v6;many\n");
    let ada = lab.centre.person("ada").await;
    let id = lab.draft(&ada).await;
    let checked = form(&lab, &id, "contributions.csv", "check").await;
    assert!(checked.text.contains("CONTROL_FILE_MISSING"), "{}", checked.text);
}

#[tokio::test]
async fn a_second_request_is_compared_with_what_was_released_and_with_no_other_project() {
    let lab = Lab::start().await;
    let (before, after) = (
        "plan,count\nfree care,1204\ncoinsurance 95,894\n",
        "plan,count\nfree care,1201\ncoinsurance 95,894\n",
    );
    lab.write("all.csv", before);
    lab.release(&["all.csv"]).await;
    lab.write("without.csv", after);
    let id = lab.seal(&["without.csv"]).await;
    let export = lab.export(&id).await;
    let report = export.files().next().and_then(|file| file.report.clone()).expect("scanned");
    assert_eq!(
        (report.decision.as_str(), report.rules),
        ("refuse", vec!["DIFFERENCING".to_owned()])
    );
    let grace = lab.centre.person("grace").await;
    let page = grace.get(&format!("/checks/{id}")).await.text;
    assert!(page.contains("all.csv") && page.contains("1204"), "{page}");
    // The same figures out of another project of the same centre.
    let (application, bubble) = project(&lab.centre, "zoe", &[], 2).await;
    let Lab { centre, .. } = lab;
    let lab = Lab { centre, application, bubble };
    lab.write("without.csv", after);
    let id = lab.seal_as("zoe", &["without.csv"]).await;
    let report = lab.export(&id).await.files().next().and_then(|file| file.report.clone());
    assert_eq!(report.expect("scanned").decision, "safe");
}

/// Threat: two requests at once, each safe beside what had left when it was scanned, of which the
/// second gives back three persons by its difference from the first.
#[tokio::test]
async fn of_two_requests_at_once_the_second_is_compared_before_it_leaves() {
    let lab = Lab::start().await;
    lab.write("all.csv", "plan,count\nfree care,1204\ncoinsurance 95,894\n");
    lab.write("without.csv", "plan,count\nfree care,1201\ncoinsurance 95,894\n");
    let (first, second) = (lab.seal(&["all.csv"]).await, lab.seal(&["without.csv"]).await);
    let grace = lab.centre.person("grace").await;
    for id in [&first, &second] {
        assert_eq!(lab.vote(&grace, id, "approve").await.status, 303);
    }
    let page = grace.get(&format!("/checks/{first}")).await.text;
    assert!(page.contains("Other requests of this project under way"), "{page}");
    for id in [&first, &second] {
        let decided = grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
        assert_eq!(decided.status, 303);
        lab.settled().await;
    }
    assert_eq!(lab.state(&first).await, "available");
    assert_eq!(lab.state(&second).await, "review_consolidation", "people look again");
    let report = lab.export(&second).await.files().next().and_then(|file| file.report.clone());
    assert_eq!(report.expect("a report").rules, ["DIFFERENCING"]);
    let id = lab.export(&second).await.id;
    let seen = lab.centre.centre.store.risk_decision(id, 1).await.unwrap().expect("scanned");
    assert_eq!(seen.outcome, None, "no model learns from an approval that was taken back");
    let page = grace.get(&format!("/checks/{second}")).await.text;
    assert!(page.contains("DIFFERENCING") && page.contains("all.csv"), "{page}");
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.get(&format!("/exports/{second}/files/0")).await.status, 409);
    // Who approves it now has seen why: it is not sent back for the same again.
    let revised: Vec<_> = lab.ballot(&second, "approve").await;
    let fields: Vec<(&str, &str)> = revised.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(grace.post(&format!("/checks/{second}/vote"), &fields).await.status, 303);
    grace.post(&format!("/checks/{second}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.state(&second).await, "available");
    let kinds = lab.centre.events().await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "export.reopened").count(), 1);
}

/// The same without a checker: it goes to one.
#[tokio::test]
async fn what_passed_by_itself_goes_to_a_person_where_something_left_meanwhile() {
    let lab = super::risk::lab("automatic", "1").await;
    let centre = lab.centre.restart_with(|config| config.release_hold_seconds = 120).await;
    let lab = Lab { centre, ..lab };
    let without = "plan,count\nfree care,1201\ncoinsurance 95,894\n";
    let (id, _) = super::risk::passed_with(&lab, without).await;
    assert_eq!(lab.state(&id).await, "approved");
    // Another's figures that left since, as their release leaves them.
    let kept = lab.centre.dir.path().join("released").join(lab.application.id.to_string());
    let other = lab.centre.dir.path().join("released-other.csv");
    std::fs::write(&other, "plan,count\nfree care,1204\ncoinsurance 95,894\n").unwrap();
    let document = disclosure::read("all.csv", &std::fs::read(&other).unwrap());
    let figures = serde_json::to_vec(&disclosure::Released::read("all.csv", document)).unwrap();
    std::fs::create_dir_all(&kept).unwrap();
    std::fs::write(
        kept.join(format!("{}-0.json", lab.centre.centre.id::<domain::ExportId>())),
        figures,
    )
    .unwrap();
    lab.centre.advance(120).await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "queued");
    let routed = lab.export(&id).await.routed.expect("routed");
    assert_eq!((routed.route.name(), routed.because.name()), ("manual", "beside"));
}

/// A release whose figures are not kept would be compared with nothing for ever: a later table that
/// differs from it by one person would pass.
#[tokio::test]
async fn nothing_is_released_whose_figures_cannot_be_kept() {
    let lab = Lab::start().await;
    lab.write("all.csv", SAFE);
    let id = lab.seal(&["all.csv"]).await;
    let grace = lab.centre.person("grace").await;
    assert_eq!(lab.vote(&grace, &id, "approve").await.status, 303);
    lab.centre.read_by(Some("/bin/false".as_ref())); // a reader that dies
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "failed");
    let all = lab.centre.dir.path().join("released");
    let mode = std::fs::metadata(&all).expect("a folder").permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
        0o700,
        "figures of projects"
    );
    let kept = all.join(lab.application.id.to_string());
    let names = || {
        let entries = std::fs::read_dir(&kept).expect("a folder").map(|it| it.expect("it"));
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(), Vec::<String>::new(), "figures without a table");
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.get(&format!("/exports/{id}/files/0")).await.status, 409);
    // The operator sees why, mends and tries again.
    let marc = lab.centre.person("marc").await;
    assert!(marc.get("/exports/failed").await.text.contains("could not be read again"));
    lab.centre.read_by(None);
    assert_eq!(marc.post(&format!("/exports/{id}/retry"), &[]).await.status, 303);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "available");
    assert_eq!(names(), [format!("{id}-0.json")]);
}

/// A document of a table, of a title alone, and of a picture that gave a table where it was read.
fn with_picture(read: bool) -> disclosure::Document {
    use disclosure::{
        extract::{Part, RawTable},
        table::Block,
    };
    let cell = |(column, text): (usize, &&str)| serde_json::json!({ "text": text, "line": 1, "column": column });
    let row = |cells: &[&str]| {
        let cells = cells.iter().enumerate().map(cell).map(serde_json::from_value);
        cells.collect::<Result<Vec<_>, _>>().expect("cells")
    };
    let table = |rows: &[&[&str]]| RawTable {
        block: Block { rows: rows.iter().map(|cells| row(cells)).collect(), ruled: None },
        ..RawTable::default()
    };
    let mut text = Part::new(disclosure::Kind::TextTable);
    text.tables = vec![
        table(&[&["plan", "visits"], &["free care", "1204"], &["coinsurance 95", "894"]]),
        table(&[&["a title and nothing else"]]),
    ];
    let mut document = disclosure::read("note.docx", b"");
    (document.parts, document.seen) = (vec![text], Vec::new());
    let picture = serde_json::json!({ "within": {}, "base64": "AAAA" });
    document.pictures = vec![serde_json::from_value(picture).expect("a picture")];
    let told = "plan            visits\nfree care         1310\ncoinsurance 95     977\n";
    document.read_pictures(&|_| read.then(|| told.to_owned()).ok_or("too slow".to_owned()));
    document
}

/// Threat: the picture's figures leave and a later table is never compared with them.
#[tokio::test]
async fn a_picture_that_cannot_be_read_at_release_keeps_the_file_in() {
    let lab = Lab::start().await;
    let file = |name: &str| lab.centre.dir.path().join(name);
    let reader = |name: &str, document: &disclosure::Document| {
        let (answer, script) = (file(&format!("{name}.json")), file(name));
        std::fs::write(&answer, serde_json::to_vec(document).expect("JSON")).expect("written");
        let text = format!("#!/bin/sh\ncat > /dev/null\ncat {}\n", answer.display());
        std::fs::write(&script, text).expect("written");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&script, mode).expect("a program");
        script
    };
    let (whole, without) = (with_picture(true), with_picture(false));
    assert_eq!((whole.tables(), without.tables()), (2, 1), "tables of a report");
    let raw = |document: &disclosure::Document| -> usize {
        document.parts.iter().map(|part| part.tables.len()).sum()
    };
    assert_eq!(raw(&without), whole.tables(), "the title hides the missing picture");
    let (whole, without) = (reader("whole", &whole), reader("without", &without));
    lab.centre.read_by(Some(&whole));
    lab.write("note.docx", "a note");
    let id = lab.seal(&["note.docx"]).await;
    let grace = lab.centre.person("grace").await;
    assert_eq!(lab.vote(&grace, &id, "approve").await.status, 303);
    lab.centre.read_by(Some(&without));
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "failed");
    lab.centre.read_by(Some(&whole));
    let marc = lab.centre.person("marc").await;
    assert_eq!(marc.post(&format!("/exports/{id}/retry"), &[]).await.status, 303);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "available");
}
