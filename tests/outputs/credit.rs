//! Credits: what a review costs, what happens at zero, and who may do what about it.

use reqwest::Method;
use serde_json::{Value, json};

use super::kit::{Lab, SAFE, insert};
use domain::outputs::credit::{CreditLine, Moved};

impl Lab {
    async fn credits(&self, who: &str) -> Value {
        let reader = self.centre.person(who).await;
        let api = format!("/api/v1/applications/{}/credits", self.application.id);
        reader.api(Method::GET, &api, json!({})).await.json()
    }

    /// Takes all but `left` credits away.
    async fn drain(&self, left: i64) {
        self.settled().await;
        let of = self.centre.centre.store.credit_lines_of(self.application.id).await.unwrap();
        let taken = domain::outputs::credit::left(&of) - left;
        let moved = Moved::Expire { credits: taken, of: of[0].id };
        let line = CreditLine {
            id: self.centre.centre.id(),
            version: 0,
            application: self.application.id,
            at: self.centre.centre.now(),
            moved,
        };
        insert(&self.centre, &line).await;
    }

    async fn kinds(&self, family: &str) -> Vec<String> {
        let mut kinds = self.centre.events().await;
        kinds.retain(|kind| kind.starts_with(family));
        kinds
    }
}

#[tokio::test]
async fn a_review_is_booked_when_it_ends_in_begun_half_hours() {
    let lab = Lab::start().await;
    lab.settled().await;
    assert_eq!(lab.credits("ada").await["left"], 20);
    lab.write("t.csv", SAFE);
    let id = lab.seal(&["t.csv"]).await;
    let grace = lab.centre.person("grace").await;
    grace.post(&format!("/checks/{id}/take"), &[]).await;
    lab.centre.centre.clock.advance(31 * 60);
    let grace = lab.centre.person("grace").await; // her login has idled out meanwhile
    lab.vote(&grace, &id, "approve").await;
    assert_eq!(lab.credits("ada").await["left"], 20, "not before it ends");
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    let account = lab.credits("ada").await;
    assert_eq!(account["left"], 18);
    assert_eq!(
        (&account["lines"][0]["credits"], &account["lines"][0]["moved"]["minutes"]),
        (&json!(-2), &json!(31))
    );
    lab.settled().await;
    assert_eq!(lab.kinds("credit.").await, ["credit.granted", "credit.used"], "once each");
    let page = lab.centre.person("ada").await;
    let page = page.get(&format!("/applications/{}/credits", lab.application.id)).await.text;
    assert!(page.contains("18 credits left") && page.contains("31 minutes"), "{page}");
    assert!(!page.contains("Grace"), "checkers stay unknown to the project");
}

#[tokio::test]
async fn a_checker_corrects_the_measured_time_with_a_reason_until_the_review_ends() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let id = lab.seal(&["t.csv"]).await;
    let grace = lab.centre.person("grace").await;
    grace.post(&format!("/checks/{id}/take"), &[]).await;
    lab.centre.centre.clock.advance(100 * 60);
    let (grace, hugo) = (lab.centre.person("grace").await, lab.centre.person("hugo").await);
    lab.vote(&grace, &id, "approve").await;
    let page = format!("/checks/{id}/time");
    assert!(grace.get(&page).await.text.contains("100 minutes"));
    let api = format!("/api/v1/checks/{id}/time");
    let said = |minutes: i64, reason: &str| json!({ "minutes": minutes, "reason": reason });
    assert_eq!(hugo.api(Method::POST, &api, said(5, "not mine")).await.status, 409);
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.api(Method::POST, &api, said(1, "cheap")).await.status, 403);
    let kept = grace.post(&page, &[("minutes", "900"), ("reason", "typed")]).await;
    assert!(kept.status == 422 && kept.text.contains("typed") && kept.text.contains("900"));
    assert_eq!(grace.post(&page, &[("minutes", "20"), ("reason", "")]).await.status, 422);
    let done = grace.post(&page, &[("minutes", "20"), ("reason", "called away")]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.credits("ada").await["left"], 19);
    assert_eq!(grace.api(Method::POST, &api, said(5, "late")).await.status, 409);
    let events = lab.centre.centre.store.events_of(lab.export(&id).await.id).await.unwrap();
    let timed = events.iter().find(|sealed| sealed.event.kind == "review.timed").unwrap();
    assert_eq!(timed.event.payload["measured"], 100, "the measured value stays");
    assert!(!ada.get(&format!("/exports/{id}")).await.text.contains("called away"));
}

/// Two checkers read; the lead takes the review from one of them after ten minutes.
#[tokio::test]
async fn the_time_of_the_checker_who_stays_goes_on() {
    let lab = Lab::start().await;
    let id = super::review::two_reviewers(&lab).await;
    for name in ["grace", "hugo"] {
        let checker = lab.centre.person(name).await;
        assert_eq!(checker.post(&format!("/checks/{id}/take"), &[]).await.status, 303);
    }
    lab.centre.centre.clock.advance(10 * 60);
    let iris = lab.centre.person("iris").await;
    let hugo = lab.centre.who("hugo").await.id.to_string();
    let unassign = format!("/checks/{id}/unassign");
    assert_eq!(iris.post(&unassign, &[("checker", &hugo)]).await.status, 303);
    lab.centre.centre.clock.advance(60 * 60);
    let api = format!("/api/v1/checks/{id}/time");
    let grace = lab.centre.person("grace").await;
    assert_eq!(grace.api(Method::GET, &api, json!({})).await.json()["measured"], 70);
    lab.vote(&grace, &id, "change").await;
    // A member now: the centre itself takes the vote away, and her time is over already.
    lab.join("grace").await;
    let ada = lab.centre.person("ada").await;
    lab.settled().await;
    assert_eq!(ada.post(&format!("/exports/{id}/withdraw"), &[]).await.status, 303);
    lab.settled().await;
    let account = lab.credits("ada").await;
    assert_eq!(account["lines"][0]["moved"]["minutes"], json!(10 + 70), "{account}");
}

#[tokio::test]
async fn at_zero_nothing_is_sealed_until_the_lead_orders_and_nothing_is_typed_again() {
    let lab = Lab::start().await;
    lab.drain(0).await;
    lab.write("t.csv", SAFE);
    // Ben asks; Ada leads.
    let ben = lab.centre.person("ben").await;
    let id = lab.draft(&ben).await;
    let blocked = lab.form(&ben, &id, &["t.csv"], "seal").await;
    assert_eq!(blocked.status, 422);
    assert!(blocked.text.contains("No credit is left"), "{}", blocked.text);
    assert!(blocked.text.contains("Adults of the experiment"), "what was typed is there");
    assert_eq!(lab.state(&id).await, "draft");
    assert!(!lab.centre.dir.path().join("exports").join(&id).exists(), "nothing was copied");
    let api = format!("/api/v1/exports/{id}/seal");
    assert_eq!(ben.api(Method::POST, &api, json!({})).await.status, 422);
    let page = format!("/applications/{}/credits", lab.application.id);
    let order = [("action", "order"), ("packs", "1"), ("reason", "PO 4711")];
    assert_eq!(ben.post(&page, &order).await.status, 403, "a member is not the lead");
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.post(&page, &[("action", "order"), ("packs", "1")]).await.status, 422);
    assert_eq!(ada.post(&page, &order).await.status, 303);
    let orders = lab.credits("ada").await["orders"].clone();
    let number = orders[0]["id"].as_str().unwrap().to_owned();
    let accept =
        [("action", "accept"), ("order", number.as_str()), ("reason", "framework contract")];
    for who in ["ada", "ben", "grace", "zoe", "nora"] {
        let other = lab.centre.person(who).await;
        assert_eq!(other.post(&page, &accept).await.status, 403, "{who}");
    }
    let rose = lab.centre.person("rose").await;
    assert!(rose.get("/credits").await.text.contains("PO 4711"));
    let api = format!("/api/v1/credits/orders/{number}/accept");
    assert_eq!(rose.api(Method::POST, &api, json!({ "reason": "" })).await.status, 422);
    assert_eq!(rose.post(&page, &accept).await.status, 303);
    assert_eq!(rose.post(&page, &accept).await.status, 409, "decided once");
    assert_eq!(lab.credits("ada").await["left"], 10);
    let sealed = ben.post(&format!("/exports/{id}/seal"), &[]).await;
    assert_eq!(sealed.status, 303, "{}", sealed.text);
    assert_eq!(lab.kinds("credit.").await, ["credit.granted", "credit.ordered", "credit.bought"]);
}

/// Threat: one credit seals any number of requests, as long as none has been decided.
#[tokio::test]
async fn a_request_under_way_holds_a_credit() {
    let lab = Lab::start().await;
    lab.drain(1).await;
    lab.write("t.csv", SAFE);
    let (ada, ben) = (lab.centre.person("ada").await, lab.centre.person("ben").await);
    let (one, two) = (lab.draft(&ada).await, lab.draft(&ben).await);
    // At the same moment: both find it free, and one of them gets it.
    let (first, second) = tokio::join!(
        lab.form(&ada, &one, &["t.csv"], "seal"),
        lab.form(&ben, &two, &["t.csv"], "seal")
    );
    let mut told = [first.status, second.status];
    told.sort_unstable();
    assert_eq!(told, [303, 422], "{} {}", first.text, second.text);
    lab.settled().await;
    let (sealed, by, draft, author) = match first.status {
        303 => (one, &ada, two, &ben),
        _ => (two, &ben, one, &ada),
    };
    assert_eq!((lab.state(&sealed).await, lab.state(&draft).await), ("queued", "draft"));
    assert!(!lab.centre.dir.path().join("exports").join(&draft).join("1").exists(), "no copy");
    let account = lab.credits("ada").await;
    assert_eq!((&account["left"], &account["held"]), (&json!(1), &json!(1)));
    let page = ada.get(&format!("/applications/{}/credits", lab.application.id)).await.text;
    assert!(page.contains("Requests under way hold 1"), "{page}");
    let again = lab.form(author, &draft, &["t.csv"], "seal").await;
    assert_eq!(again.status, 422);
    assert!(again.text.contains("is held by a request under way"), "{}", again.text);
    let api = format!("/api/v1/exports/{draft}/seal");
    assert_eq!(author.api(Method::POST, &api, json!({})).await.status, 422);
    // Taken back before anybody has looked at it: the credit is free again.
    assert_eq!(by.post(&format!("/exports/{sealed}/withdraw"), &[]).await.status, 303);
    assert_eq!(author.api(Method::POST, &api, json!({})).await.status, 200);
}

/// A rule may send what could leave by itself to a checker: below zero it would never be paid.
#[tokio::test]
async fn the_automatic_way_needs_no_credit_but_makes_no_debt() {
    let lab = super::risk::lab("automatic", "1").await;
    lab.drain(0).await;
    lab.write("t.csv", super::kit::SMALL);
    let id = lab.seal(&["t.csv"]).await;
    assert_eq!(lab.state(&id).await, "queued", "a rule refuses");
    let ada = lab.centre.person("ada").await;
    let draft = lab.draft(&ada).await;
    assert_eq!(lab.form(&ada, &draft, &["t.csv"], "seal").await.status, 422);
    let api = format!("/api/v1/exports/{draft}/seal");
    assert_eq!(ada.api(Method::POST, &api, json!({})).await.status, 422);
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &id, "refuse").await;
    let refuse = json!({ "decision": "refuse", "cause": "disclosive", "reason": "ones" });
    grace.api(Method::POST, &format!("/api/v1/checks/{id}/decide"), refuse).await;
    lab.settled().await;
    assert_eq!(lab.credits("ada").await["left"], -1);
    assert_eq!(ada.api(Method::POST, &api, json!({})).await.status, 422, "in debt");
}

#[tokio::test]
async fn who_decides_on_credits_is_never_of_the_project() {
    let lab = Lab::start().await;
    lab.settled().await;
    let page = format!("/applications/{}/credits", lab.application.id);
    let refund = [("action", "refund"), ("credits", "2"), ("reason", "a fault of ours")];
    let grace = lab.centre.person("grace").await;
    assert_eq!(grace.post(&page, &refund).await.status, 403, "a checker");
    assert_eq!(grace.get(&page).await.status, 404, "checkers do not read the ledger");
    let omar = lab.centre.person("omar").await;
    assert_eq!(omar.post(&page, &refund).await.status, 303);
    assert_eq!(lab.credits("ada").await["left"], 22);
    lab.join("omar").await;
    let omar = lab.centre.person("omar").await;
    assert_eq!(omar.post(&page, &refund).await.status, 403, "now a member");
    assert_eq!(lab.centre.visitor().get(&page).await.status, 303);
    assert_eq!(lab.centre.person("zoe").await.get(&page).await.status, 404);
}

/// Threat: who led the project, ordered, and came to the centre's own staff since.
#[tokio::test]
async fn who_ordered_credits_does_not_decide_on_the_order() {
    use domain::outputs::credit::{CreditOrder, OrderState};
    let lab = Lab::start().await;
    lab.drain(0).await;
    let order = CreditOrder {
        id: lab.centre.centre.id(),
        version: 0,
        application: lab.application.id,
        by: lab.centre.who("omar").await.id,
        at: lab.centre.centre.now(),
        credits: 10,
        reason: "PO 4712".to_owned(),
        state: OrderState::Asked,
    };
    insert(&lab.centre, &order).await;
    let omar = lab.centre.person("omar").await;
    let (page, number) =
        (format!("/applications/{}/credits", lab.application.id), order.id.to_string());
    let shown = omar.get(&page).await.text;
    assert!(shown.contains("PO 4712") && !shown.contains("value=\"accept\""), "{shown}");
    assert!(!omar.get("/credits").await.text.contains("PO 4712"));
    for action in ["accept", "refuse"] {
        let form = [("action", action), ("order", number.as_str()), ("reason", "mine")];
        assert_eq!(omar.post(&page, &form).await.status, 403, "{action}");
        let api = format!("/api/v1/credits/orders/{number}/{action}");
        assert_eq!(omar.api(Method::POST, &api, json!({ "reason": "mine" })).await.status, 403);
    }
    assert_eq!(lab.credits("ada").await["left"], 0);
}

#[tokio::test]
async fn few_and_none_left_are_told_and_unused_credits_end() {
    let lab = Lab::start().await;
    lab.drain(4).await;
    lab.write("t.csv", SAFE);
    lab.release(&["t.csv"]).await;
    assert_eq!(lab.credits("ada").await["left"], 3);
    assert!(lab.kinds("credit.").await.contains(&"credit.low".to_owned()));
    let ada = lab.centre.who("ada").await.id;
    let notices = lab.centre.centre.store.notices_of(ada).await.unwrap();
    assert!(!notices.is_empty());
    let soon = lab.centre.centre.now() + jiff::SignedDuration::from_hours(24);
    let moved = Moved::Buy { credits: 10, until: soon, order: lab.centre.centre.id() };
    let bought = CreditLine {
        id: lab.centre.centre.id(),
        version: 0,
        application: lab.application.id,
        at: lab.centre.centre.now(),
        moved,
    };
    insert(&lab.centre, &bought).await;
    assert_eq!(lab.credits("ada").await["left"], 13);
    lab.centre.advance(2 * 86_400).await;
    lab.centre.advance(60).await;
    let account = lab.credits("ada").await;
    assert_eq!(account["left"], 3, "{account}");
    let ended = Moved::Expire { credits: 10, of: bought.id };
    assert_eq!(account["lines"][0]["moved"], json!(ended));
}

#[tokio::test]
async fn a_request_withdrawn_while_it_is_read_costs_what_was_spent() {
    let lab = Lab::start().await;
    lab.write("t.csv", SAFE);
    let unread = lab.seal(&["t.csv"]).await;
    let ada = lab.centre.person("ada").await;
    ada.post(&format!("/exports/{unread}/withdraw"), &[]).await;
    lab.settled().await;
    assert_eq!(lab.credits("ada").await["left"], 20, "nobody looked at it");
    let id = lab.seal(&["t.csv"]).await;
    let grace = lab.centre.person("grace").await;
    grace.post(&format!("/checks/{id}/take"), &[]).await;
    lab.centre.centre.clock.advance(10 * 60);
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.post(&format!("/exports/{id}/withdraw"), &[]).await.status, 303);
    lab.settled().await;
    assert_eq!(lab.credits("ada").await["left"], 19);
}

/// Threat: between a decision and its booking the credit is free, and a request is sealed in debt.
#[tokio::test]
async fn a_review_that_has_ended_holds_its_credit_until_it_is_booked() {
    use workflows::outputs::{
        export::seal_export,
        review::{Decision, decide_export},
    };
    let lab = Lab::start().await;
    lab.drain(1).await;
    lab.write("t.csv", SAFE);
    let id = lab.seal(&["t.csv"]).await;
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &id, "approve").await;
    let ben = lab.centre.person("ben").await;
    let draft = lab.draft(&ben).await;
    lab.form(&ben, &draft, &["t.csv"], "save").await;
    let centre = &lab.centre.centre;
    let actor = async |id| centre.store.actor(id).await.unwrap().unwrap();
    let checker = actor(lab.centre.who("grace").await.id).await;
    decide_export(centre, &checker, id.parse().unwrap(), Decision::Approve).await.unwrap();
    let author = actor(lab.centre.who("ben").await.id).await;
    let sealed = seal_export(centre, &author, draft.parse().unwrap()).await;
    assert!(sealed.expect_err("held").to_string().contains("credit"));
    lab.settled().await;
    assert_eq!(lab.credits("ada").await["left"], 0);
}
