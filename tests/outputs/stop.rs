//! What keeps an approved request in the centre: the pause before its release, and a producer that
//! stops the project's right.

use domain::{Item, ItemId, projects::item::ItemState};
use reqwest::Method;
use serde_json::json;
use workflows::projects::item;

use super::{
    kit::{Lab, SAFE, insert},
    review::two_reviewers,
};

/// A lab whose approvals stay for two minutes.
async fn patient() -> Lab {
    let Lab { centre, application, bubble } = Lab::start().await;
    let centre = centre.restart_with(|config| config.release_hold_seconds = 120).await;
    Lab { centre, application, bubble }
}

#[tokio::test]
async fn an_approval_is_recalled_before_its_release() {
    let lab = patient().await;
    let id = two_reviewers(&lab).await;
    for checker in ["grace", "hugo"] {
        let checker = lab.centre.person(checker).await;
        lab.vote(&checker, &id, "approve").await;
    }
    let grace = lab.centre.person("grace").await;
    assert_eq!(
        grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await.status,
        303
    );
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "approved", "it waits");
    let ada = lab.centre.person("ada").await;
    let page = ada.get(&format!("/exports/{id}")).await.text;
    assert!(page.contains("unless the lead of the checkers recalls"), "{page}");
    lab.centre.centre.clock.advance(119);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "approved");
    let iris = lab.centre.person("iris").await;
    assert!(iris.get(&format!("/checks/{id}")).await.text.contains("may recall it"));
    let recall = format!("/checks/{id}/recall");
    assert_eq!(grace.post(&recall, &[("reason", "a fault")]).await.status, 403);
    assert_eq!(iris.post(&recall, &[("reason", "")]).await.status, 422);
    assert_eq!(iris.post(&recall, &[("reason", "a fault")]).await.status, 303);
    lab.centre.advance(1000).await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "review_consolidation", "nothing has left");
    // Approved again, and left in peace.
    let grace = lab.centre.person("grace").await;
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.centre.centre.clock.advance(120);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "available");
    let iris = lab.centre.person("iris").await;
    let late = iris.api(Method::POST, &format!("/api/v1{recall}"), json!({ "reason": "x" })).await;
    assert_eq!(late.status, 409);
}

/// An item of the project in force.
async fn granted(lab: &Lab) -> ItemId {
    granted_of(lab, "hie").await
}

async fn granted_of(lab: &Lab, slug: &str) -> ItemId {
    let source = crate::projects::kit::source(&lab.centre, "rand", slug, &["2018"]).await;
    let until = lab.centre.centre.now() + jiff::SignedDuration::from_hours(24 * 300);
    let item = Item {
        id: lab.centre.centre.id(),
        version: 0,
        application: lab.application.id,
        source: source.id,
        producer: source.producer,
        vintages: vec![lab.centre.centre.id()],
        justification: String::new(),
        thread: vec![],
        conditions: domain::projects::item::Conditions::default(),
        state: ItemState::Active { until },
    };
    insert(&lab.centre, &item).await;
    item.id
}

async fn chloe(lab: &Lab) -> domain::Actor {
    let id = lab.centre.who("chloe").await.id;
    lab.centre.centre.store.actor(id).await.unwrap().unwrap()
}

/// What the author and the checkers' lead are told.
async fn told(lab: &Lab, who: &str) -> Vec<String> {
    let id = lab.centre.who(who).await.id;
    let notices = lab.centre.centre.store.notices_of(id).await.unwrap();
    notices.into_iter().map(|notice| notice.key).collect()
}

/// Threat: results made of data whose producer has stopped the right leave all the same.
#[tokio::test]
async fn nothing_leaves_while_a_producer_has_suspended_a_source_and_all_goes_on_after() {
    let lab = Lab::start().await;
    let item = granted(&lab).await;
    lab.write("a.csv", SAFE);
    lab.write("b.csv", "plan,visits\nfree care,500\ncoinsurance 95,600\n");
    let out = lab.release(&["a.csv"]).await;
    let read = lab.seal(&["b.csv"]).await;
    let centre = &lab.centre.centre;
    item::suspend(centre, &chloe(&lab).await, item, "an audit").await.unwrap();
    lab.settled().await;
    let ada = lab.centre.person("ada").await;
    let file = format!("/exports/{out}/files/0");
    assert_eq!(ada.get(&file).await.status, 403);
    let page = ada.get(&format!("/exports/{out}")).await.text;
    assert!(page.contains("has stopped the right to") && !page.contains(&file), "{page}");
    assert!(told(&lab, "ada").await.contains(&"export-frozen".to_owned()));
    assert!(told(&lab, "iris").await.contains(&"export-frozen".to_owned()));
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &read, "approve").await;
    let decide = format!("/checks/{read}/decide");
    assert_eq!(grace.post(&decide, &[("action", "approve")]).await.status, 403);
    let page = grace.get(&format!("/checks/{read}")).await.text;
    assert!(
        page.contains("has stopped the right to")
            && !page.contains("name=\"action\" value=\"approve\""),
        "{page}"
    );
    item::resume(centre, &chloe(&lab).await, item, "it is over").await.unwrap();
    lab.settled().await;
    assert_eq!(ada.get(&file).await.text, SAFE);
    assert_eq!(grace.post(&decide, &[("action", "approve")]).await.status, 303);
    lab.settled().await;
    assert_eq!(lab.state(&read).await, "available");
    let kinds = lab.centre.events().await;
    let count = |kind: &str| kinds.iter().filter(|own| *own == kind).count();
    assert_eq!((count("export.frozen"), count("export.unfrozen")), (2, 2), "once each");
}

/// Threat: an approval that waits for its release leaves after the producer has stopped it.
#[tokio::test]
async fn what_was_sealed_before_a_right_was_taken_back_never_leaves() {
    let lab = patient().await;
    let item = granted(&lab).await;
    lab.write("a.csv", SAFE);
    lab.write("b.csv", "plan,visits\nfree care,500\ncoinsurance 95,600\n");
    let id = lab.seal(&["a.csv"]).await;
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &id, "approve").await;
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "approved");
    let centre = &lab.centre.centre;
    item::revoke(centre, &chloe(&lab).await, item, "misuse").await.unwrap();
    lab.centre.advance(1000).await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "approved", "for good");
    let ada = lab.centre.person("ada").await;
    assert!(ada.get(&format!("/exports/{id}")).await.text.contains("It will not leave"));
    let iris = lab.centre.person("iris").await;
    let recall = format!("/checks/{id}/recall");
    assert_eq!(iris.post(&recall, &[("reason", "the right is gone")]).await.status, 303);
}

/// Threat: a request without a checker, although somebody should look whether it holds what may no
/// longer be used.
#[tokio::test]
async fn after_a_right_was_taken_back_a_checker_reads_every_request() {
    let lab = super::risk::lab("automatic", "1").await;
    granted(&lab).await; // what the project goes on with
    let (passed, _) = super::risk::passed(&lab).await;
    assert_eq!(lab.state(&passed).await, "available");
    let items = lab.centre.centre.store.items_of(lab.application.id).await.unwrap();
    let item = items.iter().find(|item| item.state.name() == "granted").expect("the lab's");
    let centre = &lab.centre.centre;
    item::revoke(centre, &chloe(&lab).await, item.id, "misuse").await.unwrap();
    lab.settled().await;
    lab.write("c.csv", "plan,visits\nfree care,700\ncoinsurance 95,800\n");
    let id = lab.seal(&["c.csv"]).await;
    assert_eq!(lab.state(&id).await, "queued");
    let routed = lab.export(&id).await.routed.expect("routed");
    assert_eq!(routed.because.name(), "stopped");
    let grace = lab.centre.person("grace").await;
    let page = grace.get(&format!("/checks/{id}")).await.text;
    assert!(page.contains("make sure that nothing in it comes from there"), "{page}");
}

#[tokio::test]
async fn a_checker_is_told_that_a_request_was_taken_back() {
    let lab = Lab::start().await;
    lab.write("a.csv", SAFE);
    let id = lab.seal(&["a.csv"]).await;
    let grace = lab.centre.person("grace").await;
    grace.post(&format!("/checks/{id}/take"), &[]).await;
    let ada = lab.centre.person("ada").await;
    ada.post(&format!("/exports/{id}/withdraw"), &[]).await;
    assert!(told(&lab, "grace").await.contains(&"export-withdrawn".to_owned()));
    assert!(!told(&lab, "hugo").await.contains(&"export-withdrawn".to_owned()));
}

/// Threat: an author is told that files may leave while another source still keeps them.
#[tokio::test]
async fn what_two_sources_freeze_is_free_when_both_are_resumed() {
    let lab = Lab::start().await;
    let (one, two) = (granted(&lab).await, granted_of(&lab, "fair").await);
    lab.write("a.csv", SAFE);
    let out = lab.release(&["a.csv"]).await;
    let centre = &lab.centre.centre;
    for id in [one, two] {
        item::suspend(centre, &chloe(&lab).await, id, "an audit").await.unwrap();
    }
    lab.settled().await;
    let (ada, file) = (lab.centre.person("ada").await, format!("/exports/{out}/files/0"));
    item::resume(centre, &chloe(&lab).await, one, "it is over").await.unwrap();
    lab.settled().await;
    assert_eq!(ada.get(&file).await.status, 403);
    assert!(!told(&lab, "ada").await.contains(&"export-unfrozen".to_owned()));
    item::resume(centre, &chloe(&lab).await, two, "it is over").await.unwrap();
    lab.settled().await;
    assert_eq!(ada.get(&file).await.text, SAFE);
    assert!(told(&lab, "ada").await.contains(&"export-unfrozen".to_owned()));
}

/// Threat: an audit that lasts longer than the right, and sets free what it kept.
#[tokio::test]
async fn what_a_right_that_ended_while_it_was_suspended_kept_never_leaves() {
    let lab = Lab::start().await;
    let item = granted(&lab).await;
    lab.write("a.csv", SAFE);
    let out = lab.release(&["a.csv"]).await;
    let centre = &lab.centre.centre;
    let before: Item = centre.store.get(item).await.unwrap().unwrap();
    let until = centre.now() + jiff::SignedDuration::from_hours(24 * 5);
    let short = Item { state: ItemState::Active { until }, ..before.clone() };
    super::kit::replace(&lab.centre, &before, &short).await;
    item::suspend(centre, &chloe(&lab).await, item, "an audit").await.unwrap();
    lab.centre.advance(6 * 86_400).await;
    lab.settled().await;
    let after: Item = centre.store.get(item).await.unwrap().unwrap();
    assert_eq!(after.state.name(), "ended");
    let ada = lab.centre.person("ada").await;
    assert_eq!(ada.get(&format!("/exports/{out}/files/0")).await.status, 403);
    let page = ada.get(&format!("/exports/{out}")).await.text;
    assert!(page.contains("had suspended the right to"), "{page}");
}

/// A release that fails on its way is not only tried again: the checkers' lead may call it off, and
/// nothing of it is compared with.
#[tokio::test]
async fn a_release_that_failed_is_recalled_and_its_figures_are_forgotten() {
    let lab = Lab::start().await;
    lab.write("a.csv", SAFE);
    let id = lab.seal(&["a.csv"]).await;
    let grace = lab.centre.person("grace").await;
    lab.vote(&grace, &id, "approve").await;
    let pack = lab.centre.dir.path().join("packs").join(format!("{id}.zip"));
    std::fs::create_dir_all(pack.join("in the way")).unwrap();
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "failed");
    let kept = lab.centre.dir.path().join("released").join(lab.application.id.to_string());
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 1, "figures were kept before the pack");
    let iris = lab.centre.person("iris").await;
    assert!(iris.get(&format!("/checks/{id}")).await.text.contains("Reopen the approval"));
    let recall = format!("/checks/{id}/recall");
    assert_eq!(iris.post(&recall, &[("reason", "a fault")]).await.status, 303);
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "review_consolidation");
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 0, "nothing of it has left");
    std::fs::remove_dir_all(&pack).unwrap();
    grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.state(&id).await, "available");
}
