//! After the authorisation: a partial start that the lead refuses, a right that the committee takes
//! back (JOURNEYS 1.2, 1.5).

use centre_tests::TestCentre;
use domain::{Habilitation, Source};
use reqwest::Method;
use serde_json::json;

use super::kit::{
    authorised, done, examine, fill_in, item, put, sign, source, state, told, vintage,
};

/// Ada's project: one source granted without 2019, another refused.
async fn partly(centre: &TestCentre) -> (String, Source) {
    let hie = source(centre, "rand", "costs", &["2018", "2019"]).await;
    let fair = source(centre, "fair", "affairs", &["1978"]).await;
    let ada = centre.person("ada").await;
    put(centre, &ada, &hie, &["2018", "2019"]).await;
    put(centre, &ada, &fair, &["1978"]).await;
    let id = ada.post("/applications", &[]).await.id();
    fill_in(centre, &ada, &id).await;
    done(&ada, &format!("/applications/{id}/consult"), &[]).await;
    let (chloe, emma) = (centre.person("chloe").await, centre.person("emma").await);
    let (first, second) = (item(centre, &id, &hie).await.id, item(centre, &id, &fair).await.id);
    done(&chloe, &format!("/producer/items/{first}/agree"), &[]).await;
    done(&emma, &format!("/producer/items/{second}/agree"), &[]).await;
    done(&ada, &format!("/applications/{id}/go-on"), &[]).await;
    sign(centre, &id).await;
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    examine(centre, &id, "favourable").await;
    let out = vintage(centre, &hie, "2019").await.to_string();
    let grant = [("until", "2029-11-02"), ("without", out.as_str())];
    done(&chloe, &format!("/producer/items/{first}/grant"), &grant).await;
    let no = [("reason", "not this year")];
    done(&emma, &format!("/producer/items/{second}/refuse"), &no).await;
    let farid = centre.person("farid").await;
    let why = [("reason", "contract signed on paper")];
    done(&farid, &format!("/secretary/{id}/formalities"), &why).await;
    (id, hie)
}

async fn right(centre: &TestCentre, id: &str) -> Habilitation {
    let all = centre.centre.store.habilitations_in(id.parse().unwrap()).await.unwrap();
    all.into_iter().next().expect("a habilitation")
}

#[tokio::test]
async fn the_lead_refuses_to_start_with_less_and_every_right_ends() {
    let centre = TestCentre::start().await;
    let (id, hie) = partly(&centre).await;
    let ada = centre.person("ada").await;
    let page = ada.get(&format!("/applications/{id}")).await.text;
    assert!(page.contains("Refuse to start with less") && page.contains("2 Dec 2026"), "{page}");
    let path = format!("/applications/{id}/refuse-start");
    let silent = ada.post(&path, &[("reason", " ")]).await;
    assert_eq!(silent.status, 422);
    for (who, status) in [("zoe", 404), ("farid", 403), ("chloe", 404)] {
        let other = centre.person(who).await;
        assert_eq!(other.post(&path, &[("reason", "x")]).await.status, status, "{who}");
    }
    assert_eq!(state(&centre, &id).await, "authorised");
    assert!(right(&centre, &id).await.state.term().is_some());
    done(&ada, &path, &[("reason", "nothing to compare with")]).await;
    assert_eq!(state(&centre, &id).await, "ended");
    assert_eq!(right(&centre, &id).await.state.name(), "expired");
    assert_eq!(item(&centre, &id, &hie).await.state.name(), "ended");
    assert_eq!(ada.post(&path, &[("reason", "again")]).await.status, 409);
    let page = ada.get(&format!("/applications/{id}")).await.text;
    assert!(page.contains("nothing to compare with") && !page.contains("refuse-start"), "{page}");
    for who in ["farid", "chloe"] {
        assert!(told(&centre, who).await.contains(&"start-refused".to_owned()), "{who}");
    }
    let events = centre.events().await;
    let once = |kind: &str| events.iter().filter(|other| *other == kind).count();
    assert_eq!((once("application.start_refused"), once("application.ended")), (1, 1));
}

#[tokio::test]
async fn a_whole_start_is_not_refused_nor_a_partial_one_after_thirty_days() {
    let centre = TestCentre::start().await;
    let (whole, _) = authorised(&centre).await;
    let ada = centre.person("ada").await;
    let refuse = async |id: &str| {
        let body = json!({ "reason": "too little" });
        let path = format!("/api/v1/applications/{id}/refuse-start");
        centre.person("ada").await.api(Method::POST, &path, body).await
    };
    assert!(!ada.get(&format!("/applications/{whole}")).await.text.contains("refuse-start"));
    assert_eq!(refuse(&whole).await.status, 422);
    let (late, _) = partly(&centre).await;
    centre.advance(30 * 86_400 - 60).await;
    let ada = centre.person("ada").await;
    assert!(ada.get(&format!("/applications/{late}")).await.text.contains("refuse-start"));
    centre.advance(60).await;
    let ada = centre.person("ada").await;
    assert!(!ada.get(&format!("/applications/{late}")).await.text.contains("refuse-start"));
    let refused = refuse(&late).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(state(&centre, &late).await, "authorised");
}

#[tokio::test]
async fn the_committee_takes_a_right_back_with_a_reason() {
    let centre = TestCentre::start().await;
    let (id, _) = authorised(&centre).await;
    let given = right(&centre, &id).await.id.to_string();
    let farid = centre.person("farid").await;
    let page = farid.get(&format!("/secretary/{id}")).await.text;
    assert!(page.contains("Take back the right of Ada Lovelace"), "{page}");
    let path = format!("/secretary/{id}/revoke-right");
    let silent = farid.post(&path, &[("habilitation", &given), ("reason", "")]).await;
    assert_eq!(silent.status, 422);
    let fields = [("habilitation", given.as_str()), ("reason", "data were shared outside")];
    for who in ["ada", "chloe", "omar"] {
        let other = centre.person(who).await;
        assert!([403, 404].contains(&other.post(&path, &fields).await.status), "{who}");
        let body = json!({ "habilitation": given, "reason": "x" });
        let api = format!("/api/v1{}", path.replace("/secretary/", "/secretary/applications/"));
        assert!([403, 404].contains(&other.api(Method::POST, &api, body).await.status), "{who}");
    }
    assert!(right(&centre, &id).await.state.term().is_some());
    done(&farid, &path, &fields).await;
    let taken = right(&centre, &id).await;
    assert_eq!(taken.state.name(), "revoked");
    assert_eq!(farid.post(&path, &fields).await.status, 409, "a form sent twice");
    assert!(!farid.get(&format!("/secretary/{id}")).await.text.contains("revoke-right"));
    assert!(told(&centre, "ada").await.contains(&"habilitation-revoked".to_owned()));
    let events = centre.centre.store.events_of(taken.id.0).await.unwrap();
    let decided = events.iter().find(|sealed| sealed.event.kind == "committee.revoked").unwrap();
    assert_eq!(decided.event.reason.as_deref(), Some("data were shared outside"));
    assert_eq!(decided.event.actor, Some(centre.who("farid").await.id));
    // Nothing gives it back: neither a tick of the clock nor another event of the project.
    centre.advance(86_400).await;
    assert_eq!(right(&centre, &id).await.state.name(), "revoked");
}

#[tokio::test]
async fn a_right_of_another_project_is_not_taken_back_here() {
    let centre = TestCentre::start().await;
    let (one, _) = authorised(&centre).await;
    let (other, _) = partly(&centre).await;
    let given = right(&centre, &other).await.id.to_string();
    let farid = centre.person("farid").await;
    let fields = [("habilitation", given.as_str()), ("reason", "a mistake")];
    assert_eq!(farid.post(&format!("/secretary/{one}/revoke-right"), &fields).await.status, 404);
    assert!(right(&centre, &other).await.state.term().is_some());
}
