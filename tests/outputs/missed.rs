//! What slips through: what is counted of the sample, for whom, and when drift is looked for.

use std::collections::BTreeMap;

use domain::outputs::{export::ExportState, export_route::Because};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    kit::Lab,
    risk::{SAFE, lab, model_in_service, sealed},
    rule_set::grant,
};

#[tokio::test]
async fn a_drawn_request_that_was_withdrawn_is_told_as_that() {
    let lab = lab("automatic", "100").await;
    let (id, drawn) = sealed(&lab, SAFE).await;
    assert_eq!(drawn.because, Because::Drawn);
    let chloe = lab.centre.person("chloe").await;
    let lines = async || {
        let answer = chloe.api(Method::GET, "/api/v1/risk/missed", json!({})).await;
        answer.json()["lines"].clone()
    };
    let told = |line: &Value| (line["waiting"].clone(), line["withdrawn"].clone());
    assert_eq!(told(&lines().await[1]), (json!(1), json!(0)));
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.post(&format!("/exports/{id}/withdraw"), &[]).await.status, 303);
    let after = lines().await;
    for line in [&after[0], &after[1]] {
        assert_eq!(told(line), (json!(0), json!(1)), "nobody will decide on it");
        assert_eq!(line["missed"]["reviewed"], 0, "and nobody has");
    }
    let page = chloe.get("/risk/missed").await.text;
    assert!(page.contains("withdrawn by their authors"), "{page}");
}

/// Mode and producers are those of the sealing, whatever the project is given before the routing.
#[tokio::test]
async fn a_request_is_counted_for_the_producers_whose_rules_it_was_sealed_under() {
    let lab = lab("manual", "1").await;
    let (id, routed) = sealed(&lab, SAFE).await;
    assert_eq!(routed.producers.len(), 1);
    let before = lab.export(&id).await;
    let ExportState::Queued { since } = before.state else { panic!("queued") };
    let mut after = before.clone();
    after.state = ExportState::Scored { sealed_at: since };
    super::kit::replace(&lab.centre, &before, &after).await;
    grant(&lab, "umich").await; // between the sealing and the routing
    lab.settled().await;
    let again = lab.export(&id).await;
    assert_eq!(again.routed.expect("routed").producers, routed.producers);
    assert_eq!(again.producers, Some(routed.producers));
    let events = lab.centre.centre.store.events_of(again.id).await.unwrap();
    for kind in ["export.sealed", "route.manual"] {
        let event = events.iter().find(|sealed| sealed.event.kind == kind).expect(kind);
        assert_eq!(event.event.payload["producers"].as_array().map(Vec::len), Some(1), "{kind}");
    }
}

/// Ninety days of requests are read once a day, and not each time that the clock comes by.
#[tokio::test]
async fn drift_is_looked_for_once_a_day() {
    let lab = Lab::start().await;
    model_in_service(&lab).await;
    lab.settled().await;
    let (centre, at) = (&lab.centre.centre, lab.centre.centre.now());
    let names = disclosure::risk::FEATURES.iter().map(|feature| (feature.name, 1e9));
    let features = serde_json::to_string(&names.collect::<BTreeMap<_, _>>()).unwrap();
    let author = lab.centre.who("ada").await.id;
    lab.write("t.csv", SAFE);
    let export = lab.seal(&["t.csv"]).await;
    let export = lab.export(&export).await.id;
    let row = |turn: usize| store::RiskDecision {
        export,
        turn: u32::try_from(turn).unwrap(),
        application: lab.application.id,
        author,
        seen_at: at,
        features: features.clone(),
        routed: None,
        outcome: None,
        pairs: 0,
        conflicts: 0,
    };
    let turns = 2..workflows::outputs::risk::model::DRIFT_LEAST + 2;
    let seen: Vec<_> = turns.map(|turn| store::Store::risk_seen(&row(turn))).collect();
    let event = centre.system_event("test.made", "test", lab.application.id);
    centre.store.change(&event).writes(seen).commit().await.expect("written");
    let told = async || lab.centre.events().await.contains(&"risk.drifted".to_owned());
    lab.centre.advance(60).await;
    assert!(!told().await, "it was looked for today");
    lab.centre.advance(86_400).await;
    assert!(told().await, "tomorrow it is told");
    let iris = lab.centre.who("iris").await.id;
    let notices = lab.centre.centre.store.notices_of(iris).await.unwrap();
    let drifted = notices.iter().find(|notice| notice.key == "risk-drifted").expect("a notice");
    assert_eq!(drifted.link, "/risk");
}
