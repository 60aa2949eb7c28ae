use centre_tests::TestCentre;
use reqwest::Method;
use serde_json::json;

use super::{announced, begun, csv, deposited, documented, go, opened, piece};

#[tokio::test]
async fn another_producer_s_agent_finds_nothing() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let deposit = opened(&chloe, &vintage, "a.csv", &csv()).await;
    let upload = begun(&chloe, &deposit, "a.csv", csv().len()).await;
    for name in ["dario", "ada"] {
        let other = centre.person(name).await;
        for path in [
            format!("/data/sources/{source}"),
            format!("/data/sources/{source}/codebook"),
            format!("/data/vintages/{vintage}"),
            format!("/deposits/{deposit}"),
            upload.clone(),
            format!("/api/v1/deposits/{deposit}"),
            format!("/api/v1/sources/{source}"),
        ] {
            assert_eq!(other.get(&path).await.status, 404, "{name} {path}");
        }
        assert_eq!(piece(&other, &upload, 0, &csv()).await.status, 404);
        assert_eq!(go(&other, &source, "publish").await.status, 404);
        let accept = json!({ "act": "accept" });
        let path = format!("/api/v1/deposits/{deposit}/state");
        assert_eq!(other.api(Method::POST, &path, accept).await.status, 404);
    }
    assert!(centre.events().await.contains(&"policy.denied".to_owned()));
    let page = centre.visitor().get(&format!("/deposits/{deposit}")).await;
    assert_eq!(page.status, 303, "a visitor is asked to sign in");
}

#[tokio::test]
async fn an_agent_accepts_no_deposit_and_a_data_manager_none_of_their_own() {
    let centre = TestCentre::start().await;
    let (_, deposit) = deposited(&centre, "a.csv", &csv()).await;
    let path = format!("/deposits/{}/decision", deposit.id);
    let chloe = centre.person("chloe").await;
    assert_eq!(chloe.post(&path, &[("decision", "accept")]).await.status, 403);

    let karim = centre.person("karim").await;
    let source = centre.centre.store.source_by_slug("dsm").await.unwrap().unwrap();
    let vintage = announced(&karim, &source.id.to_string(), "2020").await;
    let own = opened(&karim, &vintage, "a.csv", &csv()).await;
    super::sent(&karim, &own, "a.csv", &csv()).await;
    super::checked(&centre, &own).await;
    let refused = karim.post(&format!("/deposits/{own}/decision"), &[("decision", "accept")]).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn a_name_that_leads_out_of_the_folder_is_refused() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let path = format!("/data/vintages/{vintage}/deposits");
    let manifest = format!("{}  ../../keys/receipts.csv", "0".repeat(64));
    let refused = chloe.post(&path, &[("manifest", &manifest)]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("../../keys/receipts.csv"), "what was typed is kept");
    let deposit = chloe.post(&path, &[("manifest", "")]).await.id();
    let body = json!({ "name": "../../centre.csv", "size": 3 });
    let begun = chloe.api(Method::POST, &format!("/deposits/{deposit}/files"), body).await;
    assert_eq!(begun.status, 422);
}

#[tokio::test]
async fn an_xml_bomb_is_refused_with_a_message_and_changes_nothing() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let source = documented(&centre, &chloe).await;
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE b [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]>\
                <codeBook xmlns=\"ddi:codebook:2_5\">&b;</codeBook>";
    let before = centre.events().await.len();
    let path = format!("/api/v1/sources/{source}/codebook");
    let refused = chloe.send(Method::PUT, &path, |request| request.body(bomb)).await;
    assert_eq!(refused.status, 422);
    assert!(refused.json()["detail"].as_str().unwrap().contains("entities"), "{}", refused.text);
    assert_eq!(centre.events().await.len(), before);
    let form = reqwest::multipart::Form::new()
        .part("file", reqwest::multipart::Part::text(bomb).file_name("b.xml"));
    let page = format!("/data/sources/{source}/codebook");
    let refused = chloe.send(Method::POST, &page, |request| request.multipart(form)).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("declares entities"), "{}", refused.text);
}
