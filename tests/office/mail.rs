use centre_tests::TestCentre;
use domain::Lang;
use workflows::office::mail::Message;

use super::kit::{happens, item, project};

#[tokio::test]
async fn a_notice_is_mailed_in_the_reader_s_language_with_a_link_and_no_data() {
    let centre = TestCentre::start().await;
    let project = project(&centre).await;
    let item = item(&centre, &project).await;
    let secret = serde_json::json!({ "answer": "agreed", "conditions": "UNSPOKEN" });
    happens(&centre, Some("chloe"), "item.answered", "item", item.id, secret).await;
    let mails = centre.centre.store.latest_mails(10).await.unwrap();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].address, "ada@example.org");
    assert!(mails[0].sent_at.is_some());
    assert!(
        mails[0].subject.contains("a répondu pour « Coverage and use »")
            || mails[0].subject.contains("a répondu pour «\u{a0}Coverage and use\u{a0}»"),
        "{}",
        mails[0].subject
    );
    assert!(mails[0].text.contains(&format!("http://localhost:8470/applications/{}", project.id)));
    assert!(!mails[0].text.contains("UNSPOKEN") && !mails[0].text.contains("agreed"));
    let outbox = centre.dir.path().join("outbox");
    assert_eq!(std::fs::read_dir(outbox).unwrap().count(), 1);
    // The notice knows that its mail went out.
    let ada = centre.who("ada").await;
    let notices = centre.centre.store.notices_of(ada.id).await.unwrap();
    assert_eq!(notices[0].mailed_at, Some(centre.centre.now()));
}

#[tokio::test]
async fn a_demonstration_s_visitor_reads_the_mails_and_follows_their_links() {
    let centre = TestCentre::start().await;
    let message = Message {
        to_name: "<b>Nadia</b>".to_owned(),
        to: "nadia@example.org".to_owned(),
        lang: Lang::En,
        subject: "Welcome <script>alert(1)</script>".to_owned(),
        text: "Dear Nadia,\n\nhttp://localhost:8470/invitations/0123abcd\n\nhttps://elsewhere.example/x".to_owned(),
    };
    centre.centre.mailer.send_now(message).await.unwrap();
    let visitor = centre.visitor();
    let list = visitor.get("/outbox").await;
    assert!(list.text.contains("nadia@example.org") && !list.text.contains("<script>alert"));
    let id = list.text.split("href=\"/outbox/").nth(1).unwrap().split('"').next().unwrap();
    let mail = visitor.get(&format!("/outbox/{id}")).await;
    assert!(mail.text.contains("<a href=\"/invitations/0123abcd\">"), "{}", mail.text);
    assert!(!mail.text.contains("href=\"https://elsewhere"), "a foreign link is not made live");
    assert!(!mail.text.contains("<script>alert") && !mail.text.contains("<b>Nadia"));
    assert_eq!(visitor.get("/outbox/no-id").await.status, 404);
}

#[tokio::test]
async fn a_real_centre_shows_nobody_s_mail() {
    let centre = TestCentre::start().await;
    let dir = tempfile::tempdir().unwrap();
    let mut config = centre.centre.config.clone();
    (config.demo, config.database) = (false, None);
    config.dir = dir.path().to_owned();
    let running = bulle::Running::start(config, centre.centre.clock.clone()).await.unwrap();
    let answer = reqwest::get(format!("http://{}/outbox", running.address)).await.unwrap();
    assert_eq!(answer.status(), 404);
    running.stop().await.unwrap();
}
