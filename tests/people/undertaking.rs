use centre_tests::TestCentre;
use domain::{Undertaking, UndertakingId};
use workflows::people::undertaking::{VERSION, text_hash};

use super::habilitation::{draft, state_of};

async fn undertaking(centre: &TestCentre, id: UndertakingId) -> Undertaking {
    centre.centre.load("undertaking", id).await.unwrap()
}

#[tokio::test]
async fn the_lead_signs_and_the_secretary_checks() {
    let centre = TestCentre::start().await;
    let application = draft(&centre, "ada").await;
    let [one] = &centre.centre.store.undertakings_of(application.id).await.unwrap()[..] else {
        panic!("one undertaking")
    };
    assert_eq!(state_of(&centre, application.id, "ada").await, "undertaking_missing");
    let (ada, farid) = (centre.person("ada").await, centre.person("farid").await);
    let page = format!("/undertakings/{}", one.id);
    let sign = format!("{page}/sign");
    let right = [("name", "ada lovelace"), ("version", VERSION), ("agreed", "yes")];
    assert!(ada.get(&page).await.text.contains("No identification"));
    let wrong = ada.post(&sign, &[("name", "Ben"), ("version", VERSION), ("agreed", "yes")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("value=\"Ben\""), "what was typed stays");
    let old = [("name", "Ada Lovelace"), ("version", "0"), ("agreed", "yes")];
    assert_eq!(ada.post(&sign, &old).await.status, 422, "a page left open");
    assert_eq!(farid.post(&sign, &right).await.status, 403, "forged by the secretary");
    assert_eq!(centre.person("ben").await.post(&sign, &right).await.status, 404, "forged");
    assert_eq!(ada.post(&sign, &right).await.status, 303);
    let signed = undertaking(&centre, one.id).await;
    let json = serde_json::to_string(&signed).unwrap();
    assert!(json.contains(&text_hash(domain::Lang::En)), "the hash of the text that was shown");
    assert_eq!(state_of(&centre, application.id, "ada").await, "asked");
    assert_eq!(ada.post(&sign, &right).await.status, 409, "signed twice");
    let check = format!("{page}/check");
    assert_eq!(ada.post(&check, &[("verdict", "accept")]).await.status, 403);
    let back = [("verdict", "return"), ("reason", "full name, please")];
    assert_eq!(farid.post(&check, &back).await.status, 303);
    assert!(ada.get(&page).await.text.contains("full name, please"));
    assert_eq!(ada.post(&sign, &right).await.status, 303);
    assert_eq!(farid.post(&check, &[("verdict", "accept")]).await.status, 303);
    assert_eq!(undertaking(&centre, one.id).await.state.name(), "valid");
}

/// JOURNEYS 3.1: secretary, committee, security officer and auditor read every undertaking.
#[tokio::test]
async fn who_reads_every_undertaking_finds_it_in_a_list() {
    let centre = TestCentre::start().await;
    let application = draft(&centre, "ada").await;
    let all = centre.centre.store.undertakings_of(application.id).await.unwrap();
    let link = format!("/undertakings/{}", all[0].id);
    for who in ["nora", "farid", "paul", "ines", "ada"] {
        let person = centre.person(who).await;
        let page = person.get("/undertakings").await.text;
        assert!(page.contains(&link), "{who}: {page}");
        assert_eq!(person.get(&link).await.status, 200, "{who}");
        let listed = person.get("/api/v1/undertakings").await.json();
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "{who}: {listed}");
    }
    for who in ["zoe", "grace", "marc", "omar", "chloe"] {
        let person = centre.person(who).await;
        assert!(!person.get("/undertakings").await.text.contains(&link), "{who}");
        assert_eq!(person.get(&link).await.status, 404, "{who}");
    }
}
