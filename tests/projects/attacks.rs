//! Others' objects, wrong roles, by page and by API.

use centre_tests::TestCentre;
use reqwest::Method;
use serde_json::json;

use super::kit::{done, examine, item, put, ready, source, state, vintage};

#[tokio::test]
async fn somebody_else_s_application_does_not_exist() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    let asked = item(&centre, &id, &rand).await.id;
    for name in ["zoe", "chloe", "grace", "karim", "paul", "farid", "omar"] {
        let other = centre.person(name).await;
        let pages = [
            format!("/applications/{id}"),
            format!("/applications/{id}/edit/purpose"),
            format!("/applications/{id}/submissions/1"),
            format!("/api/v1/applications/{id}"),
        ];
        for page in pages {
            let answer = other.get(&page).await;
            assert_eq!(answer.status, 404, "{name} {page}");
            assert!(!answer.text.contains("About title"), "{name} {page}");
        }
        for act in ["consult", "go-on", "submit", "withdraw", "copy", "add-member", "add-basket"] {
            let fields = [("reason", "x"), ("email", "zoe@example.org")];
            let answer = other.post(&format!("/applications/{id}/{act}"), &fields).await;
            assert_eq!(answer.status, 404, "{name} {act}");
            let path = format!("/api/v1/applications/{id}/{act}");
            let answer = other.api(Method::POST, &path, json!({ "reason": "x" })).await;
            assert_eq!(answer.status, 404, "{name} {act} by API");
        }
        let path = format!("/applications/{id}/items/{asked}/remove");
        assert_eq!(other.post(&path, &[]).await.status, 404);
        let field = [("field", "summary"), ("value", "mine"), ("version", "0")];
        assert_eq!(other.post(&format!("/applications/{id}/fields"), &field).await.status, 404);
    }
    assert_eq!(state(&centre, &id).await, "ready");
}

#[tokio::test]
async fn an_item_is_not_reached_through_one_s_own_application() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    let asked = item(&centre, &id, &rand).await.id;
    let zoe = centre.person("zoe").await;
    let own = zoe.post("/applications", &[]).await.id();
    for act in ["remove", "change", "answer"] {
        let path = format!("/applications/{own}/items/{asked}/{act}");
        let vintage = vintage(&centre, &rand, "2018").await.to_string();
        let fields = [("vintages", vintage.as_str()), ("justification", "x"), ("text", "x")];
        assert_eq!(zoe.post(&path, &fields).await.status, 404, "{act}");
    }
}

#[tokio::test]
async fn another_producer_neither_sees_nor_answers() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    let ada = centre.person("ada").await;
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    examine(&centre, &id, "favourable").await;
    let due = item(&centre, &id, &rand).await.id;
    for name in ["dario", "ada", "farid", "paul", "ines", "nora"] {
        let other = centre.person(name).await;
        assert_eq!(other.get(&format!("/producer/items/{due}")).await.status, 404, "{name}");
        for act in ["agree", "refuse-prior", "ask", "grant", "refuse", "suspend", "revoke"] {
            let fields = [("until", "2029-11-02"), ("reason", "x"), ("text", "x")];
            let answer = other.post(&format!("/producer/items/{due}/{act}"), &fields).await;
            assert_eq!(answer.status, 404, "{name} {act}");
            let path = format!("/api/v1/producer/items/{due}/{act}");
            let body = json!({ "until": "2029-11-02", "reason": "x", "text": "x" });
            assert_eq!(other.api(Method::POST, &path, body).await.status, 404, "{name} {act} API");
        }
    }
    assert_eq!(item(&centre, &id, &rand).await.state.name(), "opinion_ok");
}

#[tokio::test]
async fn a_decider_who_joins_the_team_decides_nothing_there() {
    let centre = TestCentre::start().await;
    let rand = source(&centre, "rand", "hie", &["2018"]).await;
    let chloe = centre.person("chloe").await;
    put(&centre, &chloe, &rand, &["2018"]).await;
    let id = chloe.post("/applications", &[]).await.id();
    super::kit::fill_in(&centre, &chloe, &id).await;
    done(&chloe, &format!("/applications/{id}/consult"), &[]).await;
    let own = item(&centre, &id, &rand).await.id;
    let answer = chloe.post(&format!("/producer/items/{own}/agree"), &[]).await;
    assert_eq!(
        (answer.status, answer.headline().as_str()),
        (403, "403 Nobody decides on their own application")
    );
    let path = format!("/api/v1/producer/items/{own}/agree");
    assert_eq!(chloe.api(Method::POST, &path, json!({})).await.status, 403);
    assert_eq!(centre.events().await.iter().filter(|k| *k == "policy.denied").count(), 2);
}

#[tokio::test]
async fn only_the_secretary_examines_and_the_chair_does_no_more_than_the_opinion() {
    let centre = TestCentre::start().await;
    let (id, _) = ready(&centre).await;
    let ada = centre.person("ada").await;
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    for act in ["start", "judge", "return", "assign", "open", "opinion", "pass", "formalities"] {
        let path = format!("/secretary/{id}/{act}");
        let fields =
            [("reason", "x"), ("text", "x"), ("opinion", "favourable"), ("session", "2026-12-01")];
        assert_eq!(ada.post(&path, &fields).await.status, 403, "the lead: {act}");
        let zoe = centre.person("zoe").await;
        assert_eq!(zoe.post(&path, &fields).await.status, 404, "a stranger: {act}");
        let api = format!("/api/v1/secretary/applications/{id}/{act}");
        assert_eq!(ada.api(Method::POST, &api, json!({ "reason": "x" })).await.status, 403);
    }
    assert_eq!(ada.get("/secretary").await.status, 403);
    assert_eq!(ada.get(&format!("/secretary/{id}")).await.status, 403);
    let farid = centre.person("farid").await;
    done(&farid, &format!("/secretary/{id}/start"), &[]).await;
    let session = [("session", "2026-12-01"), ("reason", "x")];
    let early = farid.post(&format!("/secretary/{id}/assign"), &session).await;
    assert_eq!(early.status, 422, "the checklist is not complete");
    let paul = centre.person("paul").await;
    assert_eq!(paul.get(&format!("/secretary/{id}")).await.status, 404, "not on the agenda yet");
    let pass = farid.post(&format!("/secretary/{id}/pass"), &[("reason", "x")]).await;
    assert_eq!(pass.status, 422);
}

#[tokio::test]
async fn a_visitor_is_sent_to_sign_in_and_changes_nothing() {
    let centre = TestCentre::start().await;
    let (id, _) = ready(&centre).await;
    let visitor = centre.visitor();
    for page in ["/basket", "/applications", "/producer", "/secretary"] {
        let answer = visitor.get(page).await;
        assert_eq!(answer.status, 303, "{page}");
        assert!(answer.location.starts_with("/sign-in"));
    }
    assert_eq!(visitor.get(&format!("/api/v1/applications/{id}")).await.status, 401);
    assert_eq!(visitor.api(Method::POST, "/api/v1/applications", json!({})).await.status, 401);
}

#[tokio::test]
async fn what_is_not_in_the_catalogue_cannot_be_put_aside() {
    let centre = TestCentre::start().await;
    let before = source(&centre, "rand", "hie", &["2018"]).await;
    let id = vintage(&centre, &before, "2018").await.to_string();
    let mut draft = before.clone();
    draft.state = domain::data::source::SourceState::Draft;
    let event = centre.centre.system_event("source.hidden", "source", before.id);
    centre.centre.store.change(&event).replace(&before, &draft).commit().await.unwrap();
    let ada = centre.person("ada").await;
    assert_eq!(ada.post("/basket", &[("vintage", &id)]).await.status, 404);
    let elsewhere = [("vintage", id.as_str()), ("back", "//evil.example")];
    assert_eq!(ada.post("/basket", &elsewhere).await.status, 404);
}

#[tokio::test]
async fn the_whole_way_to_the_submission_works_by_api() {
    let centre = TestCentre::start().await;
    let rand = source(&centre, "rand", "hie", &["2018"]).await;
    let ada = centre.person("ada").await;
    let vintage = vintage(&centre, &rand, "2018").await;
    let put = ada.api(Method::POST, "/api/v1/basket", json!({ "vintage": vintage })).await;
    assert_eq!(put.status, 204);
    let made = ada.api(Method::POST, "/api/v1/applications", json!({})).await;
    assert_eq!(made.status, 201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/applications/{id}");
    let version = ada.get(&path).await.json()["version"].as_i64().unwrap();
    let fields = json!({ "version": version, "fields": { "title_fr": "Santé", "months": 36 } });
    let saved = ada.api(Method::PUT, &format!("{path}/fields"), fields.clone()).await;
    assert_eq!(saved.json()["version"].as_i64(), Some(version + 1));
    let stale = ada
        .api(
            Method::PUT,
            &format!("{path}/fields"),
            json!({ "version": version, "fields": { "title_fr": "Autre" } }),
        )
        .await;
    assert_eq!((stale.status, stale.json()["code"].as_str()), (409, Some("conflict")));
    let whole = ada.get(&path).await.json();
    assert_eq!(
        (whole["fields"]["months"].as_str(), whole["state"].as_str()),
        (Some("36"), Some("draft"))
    );
    assert_eq!(whole["items"][0]["vintages"][0], json!(vintage));
    let early = ada.api(Method::POST, &format!("{path}/consult"), json!({})).await;
    assert_eq!(early.status, 422);
    let described = ada.get("/api/v1/openapi.json").await.json();
    assert!(described["paths"]["/api/v1/producer/items/{id}/{act}"]["post"].is_object());
}

/// JOURNEYS 3.1: the auditor reads every file and changes none; the security officer reads them too.
#[tokio::test]
async fn an_auditor_lists_and_reads_every_file_and_acts_on_none() {
    let centre = TestCentre::start().await;
    let (id, _) = super::kit::ready(&centre).await;
    let ada = centre.person("ada").await;
    let draft = ada.post("/applications", &[]).await.id();
    super::kit::done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    for who in ["nora", "ines"] {
        let reader = centre.person(who).await;
        let listed = reader.get("/applications").await.text;
        for file in [&id, &draft] {
            assert!(listed.contains(&format!("/applications/{file}")), "{who}: {listed}");
            assert_eq!(reader.get(&format!("/applications/{file}")).await.status, 200, "{who}");
        }
        let found = reader.get("/api/v1/applications").await.json();
        assert_eq!(found.as_array().map(Vec::len), Some(2), "{who}: {found}");
        let consult = reader.post(&format!("/applications/{draft}/consult"), &[]).await;
        assert_eq!(consult.status, 403, "{who}");
    }
    let nora = centre.person("nora").await;
    let pile = nora.get("/secretary").await;
    assert!(pile.status == 200 && pile.text.contains(&format!("/secretary/{id}")), "{}", pile.text);
    assert!(!pile.text.contains(&draft), "what was not submitted is no business of the committee");
    let page = nora.get(&format!("/secretary/{id}")).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains(&format!("action=\"/secretary/{id}")), "no act: {}", page.text);
    assert_eq!(nora.post(&format!("/secretary/{id}/start"), &[]).await.status, 403);
    for who in ["ines", "grace", "zoe", "karim"] {
        assert_eq!(centre.person(who).await.get("/secretary").await.status, 403, "{who}");
    }
    let zoe = centre.person("zoe").await;
    assert!(!zoe.get("/applications").await.text.contains(&id), "others list their own");
}
