use std::fs;

use centre_tests::TestCentre;
use domain::DepositId;
use reqwest::Method;
use serde_json::json;

use super::{announced, begun, checked, csv, documented, opened, piece, sent, sha256};

#[tokio::test]
async fn an_upload_that_was_cut_goes_on_after_a_restart_and_loses_nothing_acknowledged() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let bytes = csv();
    let deposit = opened(&chloe, &vintage, "a.csv", &bytes).await;
    let upload = begun(&chloe, &deposit, "a.csv", bytes.len()).await;
    assert_eq!(piece(&chloe, &upload, 0, &bytes[..10]).await.json()["offset"], 10);
    // A piece that reached the disk and not the database, as a kill -9 leaves it.
    let folder = centre.dir.path().join("deposits").join(&deposit).join("received");
    let part = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let torn = [&bytes[..10], b"half a piece".as_slice()].concat();
    fs::write(&part, torn).unwrap();
    let centre = centre.restart().await;
    let chloe = centre.person("chloe").await;
    assert_eq!(begun(&chloe, &deposit, "a.csv", bytes.len()).await, upload);
    assert_eq!(chloe.get(&upload).await.json()["offset"], 10);
    assert_eq!(piece(&chloe, &upload, 10, &bytes[10..]).await.status, 200);
    let body = json!({ "sha256": sha256(&bytes) });
    let finish = format!("{upload}/finish");
    let done = chloe.api(Method::POST, &finish, body.clone()).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(chloe.api(Method::POST, &finish, body).await.status, 200, "its answer was lost");
    assert_eq!(checked(&centre, &deposit).await.state.name(), "label_checked");
    assert_eq!(fs::read(folder.join("a.csv")).unwrap(), bytes);
}

#[tokio::test]
async fn the_same_piece_twice_is_one_piece_and_a_wrong_offset_answers_the_right_one() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let bytes = csv();
    let deposit = opened(&chloe, &vintage, "a.csv", &bytes).await;
    let upload = begun(&chloe, &deposit, "a.csv", bytes.len()).await;
    for _ in 0..2 {
        let answer = piece(&chloe, &upload, 0, &bytes[..10]).await;
        assert_eq!((answer.status, answer.json()["offset"].as_u64()), (200, Some(10)));
    }
    let wrong = piece(&chloe, &upload, 20, &bytes[20..]).await;
    assert_eq!((wrong.status, wrong.json()["offset"].as_u64()), (409, Some(10)));
    let overlapping = piece(&chloe, &upload, 5, &bytes[5..15]).await;
    assert_eq!(overlapping.status, 409);
    let long = piece(&chloe, &upload, 10, &[b'x'; 500]).await;
    assert_eq!(long.status, 422);
    let early = chloe.api(Method::POST, &format!("{upload}/finish"), json!({ "sha256": "" })).await;
    assert_eq!(early.status, 422);
}

#[tokio::test]
async fn a_full_disk_keeps_what_was_received_and_says_so() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let deposit = opened(&chloe, &vintage, "a.csv", &csv()).await;
    let upload = begun(&chloe, &deposit, "a.csv", csv().len()).await;
    let folder = centre.dir.path().join("deposits").join(&deposit).join("received");
    fs::create_dir_all(&folder).unwrap();
    let id = upload.rsplit('/').next().unwrap();
    let part = folder.join(format!(".{id}.part"));
    std::os::unix::fs::symlink("/dev/full", &part).unwrap(); // every write finds no space
    let full = piece(&chloe, &upload, 0, &csv()).await;
    assert_eq!(full.status, 507, "{}", full.text);
    assert!(full.json()["error"].as_str().unwrap().contains("disk is full"));
    assert_eq!(chloe.get(&upload).await.json()["offset"], 0);
    fs::remove_file(&part).unwrap();
    assert_eq!(piece(&chloe, &upload, 0, &csv()).await.status, 200);
}

#[tokio::test]
async fn the_channel_closes_after_a_day_and_opens_again_with_what_came() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let bytes = csv();
    let deposit = opened(&chloe, &vintage, "a.csv", &bytes).await;
    let upload = begun(&chloe, &deposit, "a.csv", bytes.len()).await;
    piece(&chloe, &upload, 0, &bytes[..10]).await;
    centre.advance(24 * 3600).await;
    let chloe = centre.person("chloe").await;
    let late = piece(&chloe, &upload, 10, &bytes[10..]).await;
    assert!(matches!(late.status, 409 | 422), "{}", late.text);
    assert!(centre.events().await.contains(&"deposit.channel_closed".to_owned()));
    let opened = chloe.post(&format!("/deposits/{deposit}"), &[("act", "open")]).await;
    assert_eq!(opened.status, 303, "{}", opened.text);
    assert_eq!(piece(&chloe, &upload, 10, &bytes[10..]).await.status, 200);
    let body = json!({ "sha256": sha256(&bytes) });
    let done = chloe.api(Method::POST, &format!("{upload}/finish"), body).await;
    assert_eq!(done.status, 200, "{}", done.text);
}

#[tokio::test]
async fn checks_that_a_killed_server_left_go_on_at_the_next_tick() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let deposit = opened(&chloe, &vintage, "a.csv", &csv()).await;
    sent(&chloe, &deposit, "a.csv", &csv()).await;
    let done = checked(&centre, &deposit).await;
    // As the database stands when the server dies between two steps.
    let mut left = done.clone();
    left.state = domain::data::deposit::DepositState::Scanned;
    left.files[0].parquet = None;
    let event = centre.centre.system_event("test.rewound", "deposit", done.id);
    centre.centre.store.change(&event).replace(&done, &left).commit().await.unwrap();
    let centre = centre.restart().await;
    centre.advance(1).await;
    let id: DepositId = deposit.parse().unwrap();
    workflows::data::checks::run(&centre.centre, id).await.unwrap();
    let again: domain::Deposit = centre.centre.load("deposit", id).await.unwrap();
    assert_eq!(again.state.name(), "label_checked");
    assert_eq!(again.files[0].parquet.as_deref(), Some("a.parquet"));
}

#[tokio::test]
async fn the_same_manifest_announced_again_is_the_deposit_that_was_begun() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let file = json!({ "name": "a.csv", "bytes": csv().len(), "sha256": sha256(&csv()) });
    let body = json!({ "vintage": vintage, "manifest": [file] });
    let first = chloe.api(Method::POST, "/api/v1/deposits", body.clone()).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let again = chloe.api(Method::POST, "/api/v1/deposits", body).await;
    assert_eq!(again.json()["id"], first.json()["id"]);
    let other = json!({ "vintage": vintage, "manifest": [] });
    assert_eq!(chloe.api(Method::POST, "/api/v1/deposits", other).await.status, 422);
}
