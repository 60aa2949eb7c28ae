//! The ways of a request: scored, automatic, sampled, manual; the model behind the score.

use centre_tests::{Answer, Client};
use domain::outputs::export_route::{Because, Mode, Route, Routed};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    kit::{Lab, SMALL},
    rule_set::{grant, rules},
};

/// A table that no rule refuses, with counts far above every minimum.
pub const SAFE: &str = "plan,count\nfree care,1204\ncoinsurance 95,894\n";

/// Publishes the generic rules for a producer, with this mode and sample (percent).
async fn publish(lab: &Lab, who: &str, slug: &str, mode: &str, sample: &str) {
    let text = rules(lab, "generic_10").await;
    let producer = lab.centre.centre.store.producer_by_slug(slug).await.unwrap().unwrap();
    let id = producer.id.to_string();
    let agent = lab.centre.person(who).await;
    let fields = [
        ("producer", id.as_str()),
        ("toml", &text),
        ("mode", mode),
        ("sample", sample),
        ("limit", "50"),
    ];
    let answer = agent.post("/producer/rules", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
}

/// A lab whose one producer (rand, by chloe) has this mode and sample.
pub async fn lab(mode: &str, sample: &str) -> Lab {
    let lab = Lab::start().await;
    grant(&lab, "rand").await;
    publish(&lab, "chloe", "rand", mode, sample).await;
    lab
}

async fn train(person: &Client) -> Answer {
    let body = json!({ "origin": "simulated" });
    person.api(Method::POST, "/api/v1/risk/models", body).await
}

/// Trained by iris, put in service by ines.
pub async fn model_in_service(lab: &Lab) -> String {
    let (iris, ines) = (lab.centre.person("iris").await, lab.centre.person("ines").await);
    let trained = train(&iris).await;
    assert_eq!(trained.status, 201, "{}", trained.text);
    let id = trained.json()["id"].as_str().expect("an id").to_owned();
    let served = ines.post(&format!("/risk/models/{id}/serve"), &[]).await;
    assert_eq!(served.status, 303, "{}", served.text);
    id
}

async fn routed(lab: &Lab, id: &str) -> Routed {
    lab.export(id).await.routed.expect("routed")
}

pub async fn sealed(lab: &Lab, text: &str) -> (String, Routed) {
    lab.write("t.csv", text);
    let id = lab.seal(&["t.csv"]).await;
    let routed = routed(lab, &id).await;
    (id, routed)
}

/// Seals the same clean table until one is not drawn, and lets those that are be approved: a sample of
/// 1 % draws four in a row once in a hundred million times.
pub async fn passed(lab: &Lab) -> (String, Routed) {
    passed_with(lab, SAFE).await
}

pub async fn passed_with(lab: &Lab, text: &str) -> (String, Routed) {
    for _ in 0..4 {
        let (id, routed) = sealed(lab, text).await;
        if routed.because != Because::Drawn {
            return (id, routed);
        }
        approve(lab, &id).await;
    }
    panic!("drawn four times in a row")
}

async fn approve(lab: &Lab, id: &str) {
    let grace = lab.centre.person("grace").await;
    assert_eq!(lab.vote(&grace, id, "approve").await.status, 303);
    let decide = format!("/checks/{id}/decide");
    assert_eq!(grace.post(&decide, &[("action", "approve")]).await.status, 303);
    lab.settled().await;
}

#[tokio::test]
async fn who_takes_back_a_drawn_request_is_looked_at_the_next_time() {
    let lab = lab("automatic", "100").await;
    let (id, drawn) = sealed(&lab, SAFE).await;
    assert_eq!(drawn.because, Because::Drawn);
    let ada = lab.centre.person("ada").await;
    let page = ada.get(&format!("/exports/{id}")).await.text;
    assert!(page.contains("In the checkers’ queue") && !page.contains("random sample"), "{page}");
    assert_eq!(ada.post(&format!("/exports/{id}/withdraw"), &[]).await.status, 303);
    publish(&lab, "chloe", "rand", "automatic", "1").await;
    let (second, routed) = sealed(&lab, SAFE).await;
    assert_eq!((routed.route, routed.because), (Route::Manual, Because::Withdrawn));
    let (third, routed) = sealed(&lab, SAFE).await;
    assert_eq!(routed.because, Because::Withdrawn);
    for id in [second, third] {
        approve(&lab, &id).await;
    }
    assert_ne!(sealed(&lab, SAFE).await.1.route, Route::Manual, "once a person has decided");
}

#[tokio::test]
async fn two_requests_at_once_are_both_looked_at() {
    let lab = lab("automatic", "1").await;
    let (_, refused) = sealed(&lab, SMALL).await;
    assert_eq!(refused.because, Because::Rule);
    let (_, routed) = sealed(&lab, SAFE).await;
    assert_eq!((routed.route, routed.because), (Route::Manual, Because::Beside));
}

#[tokio::test]
async fn a_clean_request_of_a_scored_producer_leaves_without_a_checker() {
    let lab = lab("scored", "1").await;
    model_in_service(&lab).await;
    let (id, routed) = passed(&lab).await;
    assert_eq!((routed.route, routed.because), (Route::Automatic, Because::Passed), "{routed:?}");
    let score = routed.score.expect("a score");
    assert!(score.passes && score.number == 1 && score.reasons.len() == 3, "{score:?}");
    assert_eq!((routed.probability_ppm, routed.producers.len()), (10_000, 1));
    assert_eq!(lab.state(&id).await, "available");
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.get(&format!("/exports/{id}/files/0")).await.status, 200);
    let evidence = ada.get(&format!("/exports/{id}/evidence")).await.json();
    assert_eq!(evidence["route"]["route"], "automatic");
    assert_eq!(evidence["route"]["score"]["model"], json!(score.model));
    assert_eq!(evidence["route"]["score"].get("reasons"), None, "they would teach how to pass");
    let events = lab.centre.centre.store.events_of(lab.export(&id).await.id).await.unwrap();
    let route = events.iter().find(|e| e.event.kind == "route.automatic").expect("an event");
    let told = &route.event.payload;
    assert_eq!((&told["mode"], &told["sample_ppm"]), (&json!("scored"), &json!(10_000)));
    assert!(told["draw_ppm"].as_u64().unwrap() >= 10_000 && told["score"]["ppm"].is_u64());
    assert!(events.iter().all(|e| !e.event.kind.starts_with("review.")));
}

#[tokio::test]
async fn a_drawn_request_goes_to_the_queue_and_to_the_estimate() {
    let lab = lab("scored", "100").await;
    model_in_service(&lab).await;
    let (id, routed) = sealed(&lab, SAFE).await;
    assert_eq!((routed.route, routed.because), (Route::Sampled, Because::Drawn));
    assert_eq!(lab.state(&id).await, "queued");
    let grace = lab.centre.person("grace").await;
    let queue = grace.get("/checks").await.text;
    assert!(queue.contains("it was drawn") && queue.contains("the risk: "), "{queue}");
    let page = grace.get(&format!("/checks/{id}")).await.text;
    assert!(page.contains("Random sample: it was drawn") && page.contains("the risk: "));
    let chloe = lab.centre.person("chloe").await;
    let missed = |answer: Answer| answer.json()["lines"].clone();
    let before = missed(chloe.api(Method::GET, "/api/v1/risk/missed", json!({})).await);
    assert_eq!(before[1]["missed"]["share"], Value::Null, "{before}");
    assert_eq!(lab.vote(&grace, &id, "change").await.status, 303);
    let decide = format!("/checks/{id}/decide");
    let returned = [("action", "return"), ("public", "Say what a visit is")];
    assert_eq!(grace.post(&decide, &returned).await.status, 303);
    let after = missed(chloe.api(Method::GET, "/api/v1/risk/missed", json!({})).await);
    assert_eq!(after[1]["missed"]["found"], 1, "{after}");
    assert_eq!((&after[1]["missed"]["share"], &after[0]["sampled"]), (&json!(1.0), &json!(1)));
    assert!(chloe.get("/risk/missed").await.text.contains("100\u{a0}%"));
    // What was returned once is looked at by a person again.
    let ada = lab.centre.person("ada").await;
    assert_eq!(lab.form(&ada, &id, &["t.csv"], "seal").await.status, 303);
    lab.settled().await;
    assert_eq!(lab.export(&id).await.routed.expect("routed").because, Because::Returned);
}

#[tokio::test]
async fn a_rule_that_refuses_sends_to_a_person_whatever_the_score_and_the_mode() {
    for mode in ["scored", "automatic"] {
        let lab = lab(mode, "1").await;
        if mode == "scored" {
            model_in_service(&lab).await;
        }
        let (id, routed) = sealed(&lab, SMALL).await;
        assert_eq!((routed.route, routed.because), (Route::Manual, Because::Rule), "{mode}");
        assert_eq!(routed.probability_ppm, 1_000_000);
        assert_eq!(lab.state(&id).await, "queued");
        lab.write("t.csv", b"\x00\x01\x02\xff not a table".as_slice());
        let unread = lab.seal(&["t.csv"]).await;
        assert_eq!(lab.state(&unread).await, "queued", "{mode}: what nobody could read");
    }
}

#[tokio::test]
async fn an_automatic_producer_needs_no_model_and_a_scored_one_does() {
    let automatic = lab("automatic", "1").await;
    let (id, routed) = passed(&automatic).await;
    assert_eq!((routed.route, routed.score), (Route::Automatic, None));
    assert_eq!(automatic.state(&id).await, "available");
    let scored = lab("scored", "1").await;
    let (id, routed) = sealed(&scored, SAFE).await;
    assert_eq!((routed.route, routed.because), (Route::Manual, Because::NoModel));
    let grace = scored.centre.person("grace").await;
    let page = grace.get(&format!("/checks/{id}")).await.text;
    assert!(page.contains("no risk model is in service"), "it says so");
}

#[tokio::test]
async fn mixed_producers_take_the_strictest_and_a_switch_to_manual_counts_at_once() {
    let lab = lab("automatic", "1").await;
    let (_, routed) = passed(&lab).await;
    assert_eq!(routed.mode, Mode::Automatic);
    publish(&lab, "chloe", "rand", "manual", "1").await;
    let (_, routed) = sealed(&lab, SAFE).await;
    assert_eq!((routed.mode, routed.because), (Mode::Manual, Because::Mode));
    publish(&lab, "chloe", "rand", "automatic", "1").await;
    grant(&lab, "umich").await; // has published nothing: a person looks
    let (_, routed) = sealed(&lab, SAFE).await;
    assert_eq!((routed.mode, routed.because), (Mode::Manual, Because::Mode));
    assert_eq!(routed.producers.len(), 2);
}

#[tokio::test]
async fn one_person_never_trains_and_puts_in_service() {
    let lab = Lab::start().await;
    let (iris, ines) = (lab.centre.person("iris").await, lab.centre.person("ines").await);
    assert!(iris.get("/risk").await.text.contains("No model is in service"));
    let done = iris.post("/risk/train", &[("origin", "simulated")]).await;
    assert_eq!(done.location, "/risk?done=risk-trained", "{}", done.text);
    let seen = iris.api(Method::GET, "/api/v1/risk", json!({})).await.json();
    let id = seen["versions"][0]["id"].as_str().expect("a version").to_owned();
    let serve = format!("/api/v1/risk/models/{id}/serve");
    assert_eq!(iris.api(Method::POST, &serve, json!({})).await.status, 403);
    assert_eq!(iris.post(&format!("/risk/models/{id}/serve"), &[]).await.status, 403);
    assert!(iris.get("/risk").await.text.contains("another person must put it in service"));
    assert_eq!(ines.api(Method::POST, &serve, json!({})).await.status, 200);
    assert_eq!(ines.api(Method::POST, &serve, json!({})).await.status, 409, "it is in service");
    let page = iris.get("/risk").await.text;
    assert!(page.contains("Version 1 has been in service since"), "{page}");
    assert!(page.contains("simulated decisions: no request of this centre"));
    // The next version takes its place; a stop needs a reason and no second person.
    let second = train(&ines).await.json()["id"].as_str().expect("an id").to_owned();
    let served = iris.post(&format!("/risk/models/{second}/serve"), &[]).await;
    assert_eq!(served.status, 303, "{}", served.text);
    let seen = ines.api(Method::GET, "/api/v1/risk", json!({})).await.json();
    assert_eq!(seen["in_service"], json!(second));
    let stop = format!("/risk/models/{second}/stop");
    assert_eq!(iris.post(&stop, &[("reason", " ")]).await.status, 422);
    assert_eq!(iris.post(&stop, &[("reason", "it drifts")]).await.status, 303);
    let events = lab.centre.events().await;
    let of = |kind: &str| events.iter().filter(|event| *event == kind).count();
    assert_eq!((of("risk.trained"), of("risk.put_in_service"), of("risk.stopped")), (2, 2, 1));
    let too_few = iris.post("/risk/train", &[("origin", "decisions")]).await;
    assert_eq!(too_few.status, 422);
    assert!(too_few.text.contains("Too few decisions"), "{}", too_few.text);
}

#[tokio::test]
async fn the_model_is_for_those_who_answer_for_it() {
    let lab = Lab::start().await;
    let id = model_in_service(&lab).await;
    for who in ["ada", "grace", "chloe", "omar", "lea"] {
        let person = lab.centre.person(who).await;
        assert_eq!(person.get("/risk").await.status, 403, "{who}");
        assert_eq!(train(&person).await.status, 403, "{who}");
        let reason = json!({ "reason": "no" });
        let stop = format!("/api/v1/risk/models/{id}/stop");
        assert_eq!(person.api(Method::POST, &stop, reason).await.status, 403, "{who}");
    }
    let nora = lab.centre.person("nora").await;
    assert_eq!(nora.get("/risk").await.status, 200, "an auditor reads");
    assert_eq!(train(&nora).await.status, 403);
    assert_eq!(lab.centre.person("ada").await.get("/risk/missed").await.status, 403);
    let chloe = lab.centre.person("chloe").await.get("/risk/missed").await;
    assert_eq!(chloe.status, 200);
    assert!(!chloe.text.contains("Michigan"), "another producer's line");
    assert_eq!(nora.get("/risk/missed").await.status, 200);
}

#[tokio::test]
async fn a_model_whose_file_was_altered_scores_nothing() {
    let lab = lab("scored", "1").await;
    let id = model_in_service(&lab).await;
    let store = &lab.centre.centre.store;
    let before: domain::RiskModel =
        store.get(id.parse::<uuid::Uuid>().unwrap()).await.unwrap().unwrap();
    let after = domain::RiskModel { sha256: "0".repeat(64), ..before.clone() };
    super::kit::replace(&lab.centre, &before, &after).await;
    let (_, routed) = sealed(&lab, SAFE).await;
    assert_eq!((routed.because, routed.score), (Because::NoModel, None));
}

#[tokio::test]
async fn the_form_of_the_rules_keeps_what_was_typed() {
    let lab = Lab::start().await;
    let text = rules(&lab, "generic_10").await;
    assert!(!text.contains("score_limit"), "the form asks for it");
    let producer = lab.centre.centre.store.producer_by_slug("rand").await.unwrap().unwrap();
    let id = producer.id.to_string();
    let chloe = lab.centre.person("chloe").await;
    let fields = |sample| {
        let (mode, limit) = ("scored", "12,5");
        [
            ("producer", id.as_str()),
            ("toml", &text),
            ("mode", mode),
            ("sample", sample),
            ("limit", limit),
        ]
    };
    let wrong = chloe.post("/producer/rules", &fields("many")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("value=\"many\"") && wrong.text.contains("value=\"12,5\""));
    assert!(wrong.text.contains("value=\"scored\" checked"), "{}", wrong.text);
    assert_eq!(chloe.post("/producer/rules", &fields("0,5")).await.status, 422, "no sample");
    assert_eq!(chloe.post("/producer/rules", &fields("7")).await.status, 303);
    let page = chloe.get("/producer/rules").await.text;
    assert!(page.contains("value=\"7\"") && page.contains("value=\"12.5\""), "{page}");
    assert!(page.contains("value=\"scored\" checked"));
}
