use centre_tests::TestCentre;
use domain::{
    Vintage, VintageId,
    data::{deposit::DepositState, vintage::VintageState},
};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use tabular::parquet_file;

use super::{announced, begun, checked, csv, deposited, documented, opened, piece, sent};

fn rejection(state: &DepositState) -> (&str, &str) {
    match state {
        DepositState::Rejected { reason, .. } => (&reason.key, &reason.detail),
        other => panic!("not rejected: {other:?}"),
    }
}

async fn vintage(centre: &TestCentre, id: &str) -> Vintage {
    centre.centre.load("vintage", id.parse::<VintageId>().unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_csv_becomes_an_available_vintage_with_a_signed_receipt_and_no_value_changed() {
    let centre = TestCentre::start().await;
    let (id, deposit) = deposited(&centre, "dsm_2019.csv", &csv()).await;
    assert_eq!(deposit.state, DepositState::LabelChecked { differences: vec![] });
    let folder = centre.dir.path().join("deposits").join(deposit.id.to_string()).join("parquet");
    let table = parquet_file::preview(&folder.join("dsm_2019.parquet"), 9).unwrap();
    let first: Vec<_> = table.rows[0].iter().map(|cell| cell.as_deref().unwrap()).collect();
    assert_eq!(first, ["01400", "1234.5", "1"]);
    assert_eq!(table.rows[2][0].as_deref(), Some("00012"));

    let karim = centre.person("karim").await;
    let page = format!("/deposits/{}", deposit.id);
    let accepted = karim.post(&format!("{page}/decision"), &[("decision", "accept")]).await;
    assert_eq!(accepted.status, 303, "{}", accepted.text);
    assert!(matches!(vintage(&centre, &id).await.state, VintageState::Available { .. }));
    let receipt = karim.get(&format!("{page}/receipt")).await.text;
    assert!(receipt.starts_with("bulle deposit receipt v1\n"), "{receipt}");
    assert!(receipt.contains(&super::sha256(&csv())));
    assert!(receipt.contains("\n\n\u{2014} localhost:8470/receipts "));
    let shown = karim.get(&page).await.text;
    assert!(shown.contains("receipt signed") && shown.contains("Types"), "{shown}");
    let report = karim.get(&format!("{page}/files/0")).await.text;
    assert!(report.contains("codes: zeros in front are kept"), "{report}");
    let events = centre.events().await;
    for kind in [
        "deposit.announced",
        "deposit.channel_opened",
        "deposit.file_received",
        "deposit.received",
        "deposit.hash_checked",
        "deposit.scanned",
        "deposit.validated",
        "deposit.label_checked",
        "deposit.accepted",
        "deposit.receipt_signed",
        "vintage.available",
    ] {
        assert!(events.iter().any(|event| event == kind), "no {kind} in {events:?}");
    }
}

#[tokio::test]
async fn an_erratum_takes_the_vintage_s_place_and_leaves_the_old_files() {
    let centre = TestCentre::start().await;
    let (first, deposit) = deposited(&centre, "a.csv", &csv()).await;
    let karim = centre.person("karim").await;
    let accept = [("decision", "accept")];
    karim.post(&format!("/deposits/{}/decision", deposit.id), &accept).await;
    let chloe = centre.person("chloe").await;
    let mended = "commune;revenu;statut\n01400;7,5;1\n";
    let erratum = opened(&chloe, &first, "a.csv", mended.as_bytes()).await;
    sent(&chloe, &erratum, "a.csv", mended.as_bytes()).await;
    checked(&centre, &erratum).await;
    assert!(matches!(vintage(&centre, &first).await.state, VintageState::Available { .. }));
    karim.post(&format!("/deposits/{erratum}/decision"), &accept).await;
    let old = vintage(&centre, &first).await;
    let VintageState::Replaced { deposit: kept, by } = old.state else { panic!("{old:?}") };
    assert_eq!(kept, deposit.id);
    let new = vintage(&centre, &by.to_string()).await;
    assert_eq!(new.mounted_deposit().map(|id| id.to_string()), Some(erratum));
    assert!(centre.events().await.contains(&"vintage.replaced".to_owned()));
}

#[tokio::test]
async fn a_wrong_hash_is_refused_at_once_and_the_right_file_can_be_sent() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let deposit = opened(&chloe, &vintage, "a.csv", &csv()).await;
    let mut wrong = csv();
    wrong[25] = b'9';
    let refused = sent(&chloe, &deposit, "a.csv", &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.json()["error"].as_str().unwrap().contains("SHA-256"));
    let right = sent(&chloe, &deposit, "a.csv", &csv()).await;
    assert_eq!(right.status, 200, "{}", right.text);
    assert_eq!(checked(&centre, &deposit).await.state.name(), "label_checked");
}

#[tokio::test]
async fn a_sender_who_lies_about_the_hash_is_found_out_by_the_checks() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let deposit = opened(&chloe, &vintage, "a.csv", &csv()).await;
    let mut wrong = csv();
    wrong[25] = b'9';
    let upload = begun(&chloe, &deposit, "a.csv", wrong.len()).await;
    piece(&chloe, &upload, 0, &wrong).await;
    let body = serde_json::json!({ "sha256": super::sha256(&csv()) });
    chloe.api(Method::POST, &format!("{upload}/finish"), body).await;
    let state = checked(&centre, &deposit).await.state;
    assert_eq!(rejection(&state).0, "hash");
}

#[tokio::test]
async fn ragged_rows_are_refused_with_their_lines_and_what_to_do() {
    let centre = TestCentre::start().await;
    let ragged = b"a;b;c\n1;2;3\n4;5\n6;7;8;9\n";
    let (vintage_id, deposit) = deposited(&centre, "a.csv", ragged).await;
    let (key, detail) = rejection(&deposit.state);
    assert_eq!(key, "ragged");
    assert!(detail.contains("line 3: 2 fields") && detail.contains("line 4: 4 fields"), "{detail}");
    let page = centre.person("chloe").await.get(&format!("/deposits/{}", deposit.id)).await.text;
    assert!(
        page.contains("line 3, number of fields: 2") && page.contains("Mend the lines"),
        "{page}"
    );
    assert_eq!(vintage(&centre, &vintage_id).await.state, VintageState::Announced);
    let folder = centre.dir.path().join("deposits").join(deposit.id.to_string()).join("parquet");
    assert!(!folder.join("a.parquet").exists());
}

#[tokio::test]
async fn mislabelled_truncated_and_empty_files_are_refused() {
    for (name, bytes, expected) in [
        ("a.csv", b"PK\x03\x04xl/workbook.xml".as_slice(), "mislabelled"),
        ("a.parquet", b"a;b\n1;2\n".as_slice(), "mislabelled"),
        ("a.parquet", b"PAR1 and then nothing that ends it".as_slice(), "parquet"),
        ("a.csv", b"a,b\n1,\"2\n".as_slice(), "quote"),
        ("a.csv", b"".as_slice(), "empty"),
    ] {
        let centre = TestCentre::start().await;
        let (_, deposit) = match bytes.is_empty() {
            false => deposited(&centre, name, bytes).await,
            true => empty(&centre).await,
        };
        assert_eq!(rejection(&deposit.state).0, expected, "{name} {bytes:?}");
    }
}

async fn empty(centre: &TestCentre) -> (String, domain::Deposit) {
    let chloe = centre.person("chloe").await;
    let source = documented(centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let deposit = opened(&chloe, &vintage, "a.csv", b"").await;
    let upload = begun(&chloe, &deposit, "a.csv", 0).await;
    let body = serde_json::json!({ "sha256": super::sha256(b"") });
    chloe.api(Method::POST, &format!("{upload}/finish"), body).await;
    let state = checked(centre, &deposit).await;
    (vintage, state)
}

#[tokio::test]
async fn columns_that_differ_from_the_code_book_are_shown_to_the_data_manager() {
    let centre = TestCentre::start().await;
    let (_, deposit) = deposited(&centre, "a.csv", b"commune;revenu;nom\n01400;x;Ada\n").await;
    let DepositState::LabelChecked { differences } = &deposit.state else { panic!("{deposit:?}") };
    let found: Vec<_> =
        differences.iter().map(|one| (one.key.as_str(), one.variable.as_str())).collect();
    let expected = [("numeric-as-text", "revenu"), ("undocumented", "nom"), ("missing", "statut")];
    assert_eq!(found, expected);
    let karim = centre.person("karim").await;
    let page = format!("/deposits/{}", deposit.id);
    let no_reason = karim.post(&format!("{page}/decision"), &[("decision", "reject")]).await;
    assert_eq!(no_reason.status, 422);
    let fields = [("decision", "reject"), ("reason", "remove the names")];
    assert_eq!(karim.post(&format!("{page}/decision"), &fields).await.status, 303);
    let seen = centre.person("chloe").await.get(&page).await.text;
    assert!(seen.contains("remove the names"));
}

#[tokio::test]
async fn without_script_the_file_comes_in_one_request_and_the_depositor_says_when_all_are_there() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let path = format!("/data/vintages/{vintage}/deposits");
    let deposit = chloe.post(&path, &[("manifest", "")]).await.id();
    let form = Form::new().part("file", Part::bytes(csv()).file_name("a.csv"));
    let files = format!("/deposits/{deposit}/files");
    let answer = chloe.send(Method::POST, &files, |request| request.multipart(form)).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let act = [("act", "complete")];
    assert_eq!(chloe.post(&format!("/deposits/{deposit}"), &act).await.status, 303);
    let done = checked(&centre, &deposit).await;
    assert_eq!(done.state.name(), "label_checked");
    assert_eq!(done.manifest[0].sha256, super::sha256(&csv()));
}
