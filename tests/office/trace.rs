//! Structured logs hold no personal data, no secret and no data.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use centre_tests::TestCentre;
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter, layer::SubscriberExt as _};
use workflows::office::mail::Message;

use super::kit::{export, happens, item, project, tamper};
use crate::{
    data::deposited,
    outputs::{
        import,
        kit::{self, Lab, SAFE},
    },
    projects::kit::say,
};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_journey_leaves_no_name_no_address_no_secret_and_no_value_in_the_logs() {
    let captured = capture();
    let centre = TestCentre::start_with_bubbles().await;
    // The second project here: the first is that of this column's kit.
    let (application, bubble) = kit::project(&centre, "ada", &["ben"], 2).await;
    let lab = Lab { centre, application, bubble };
    let centre = &lab.centre;
    let project = project(centre).await;
    let (item, export) = (item(centre, &project).await, export(centre, &project).await);
    let value = json!({ "cell": "4217.93", "reason": "CONFIDENTIAL-REASON" });
    happens(centre, Some("chloe"), "item.answered", "item", item.id, value.clone()).await;
    happens(centre, Some("ben"), "export.sealed", "export", export.id, value).await;
    let ada = centre.person("ada").await;
    let secret = "5ec2e7".repeat(12);
    for path in ["/", "/log", "/notices", "/nowhere", &format!("/invitations/{secret}")] {
        ada.get(path).await;
    }
    ada.post("/demo/step-in", &[("person", "nobody-SECRET-WORD")]).await;
    // What fails is logged: it must not tell whom it failed for.
    let message = Message {
        to_name: "Nadia Untold".to_owned(),
        to: "not an address <untold@example.org>".to_owned(),
        lang: domain::Lang::En,
        subject: "Untold subject".to_owned(),
        text: format!("http://localhost:8470/invitations/{secret}"),
    };
    centre.centre.mailer.send_now(message).await.unwrap();
    let mut hidden = vec![secret];
    // In this order: what happens to ada's account looks again at a habilitation without any item.
    files(&lab).await;
    hidden.extend(people(centre).await);
    failures(centre).await;
    centre.centre.clock.advance(120);
    centre.centre.tick().await.expect_err("a row that cannot be read");
    let text = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    for told in ["a mail was given up", "an export was sealed", "the agent refused", "is corrupt"] {
        // In both forms: the one for machines leaves out what is behind an error.
        for json in [true, false] {
            let is_told = |line: &str| line.starts_with('{') == json && line.contains(told);
            assert!(text.lines().any(is_told), "no `{told}` was captured, JSON {json}: {text}");
        }
    }
    for person in centre.centre.store.all::<domain::Person>().await.unwrap() {
        let last = person.name.rsplit(' ').next().unwrap_or_default().to_owned();
        hidden.extend([last, person.email]);
    }
    hidden.extend(["example.org", "Untold", "SECRET", "4217.93", "CONFIDENTIAL"].map(String::from));
    hidden.extend(["Coverage and use", "Table 1", "Tables"].map(String::from));
    // The test itself spoils a row by a statement with its values in it; the store binds all of them.
    let own = |line: &str| line.contains("update applications set body = '");
    for word in hidden {
        let line = text.lines().find(|line| line.contains(&word) && !own(line));
        assert!(line.is_none(), "the logs hold {word}: {line:?}");
    }
}

/// What the whole program logs from now on, on every thread: as text and as JSON, which hold different
/// parts of an error.
fn capture() -> Captured {
    let captured = Captured::default();
    let filter = "info,bulle=debug,portal=debug,workflows=debug,store=debug,ledger=debug,\
                  sandbox=debug,disclosure=debug,tabular=debug,ddi=debug,tower_http=debug,sqlx=debug";
    let text = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(captured.clone());
    let json = tracing_subscriber::fmt::layer().json().with_writer(captured.clone());
    let all = tracing_subscriber::registry().with(EnvFilter::new(filter)).with(text).with(json);
    tracing::subscriber::set_global_default(all).expect("no other test sets one");
    captured
}

/// Invitations, sign-ins and tokens; the secrets that were given.
async fn people(centre: &TestCentre) -> Vec<String> {
    let omar = centre.person("omar").await;
    let invited = [
        ("name", "Nadia Untold"),
        ("email", "nadia.untold@example.org"),
        ("institution", "SECRET institute"),
        ("lang", "fr"),
    ];
    assert_eq!(omar.post("/people/invite", &invited).await.status, 303);
    assert_eq!(omar.post("/people/invite", &invited).await.status, 422, "invited twice");
    let ada = centre.person("ada").await;
    let made = ada.api(Method::POST, "/api/v1/me/tokens", json!({ "label": "SECRET label" })).await;
    let token = made.json()["token"].as_str().expect("a token").to_owned();
    let visitor = centre.visitor();
    for token in [token.as_str(), "bulle_SECRET"] {
        visitor.send(Method::GET, "/api/v1/exports", |request| request.bearer_auth(token)).await;
    }
    visitor.post("/recovery/SECRET-recovery", &[("credential", "SECRET")]).await;
    visitor.get("/catalogue?q=SECRET-search").await;
    vec![token]
}

/// Files of every kind on every way, those that are refused too: their names and words are persons'.
async fn files(lab: &Lab) {
    let (centre, ada) = (&lab.centre, lab.centre.person("ada").await);
    let csv = b"commune;revenu;statut\n01400;4217.93;1\n".to_vec();
    deposited(centre, "SECRET-patients.csv", &csv).await;
    let chloe = centre.person("chloe").await;
    let rand = centre.centre.store.producer_by_slug("rand").await.unwrap().unwrap();
    let form = Form::new().text("producer", rand.id.to_string()).text("theme", "health");
    let form = form.part("file", Part::text("<SECRET>").file_name("SECRET.xml"));
    let path = "/data/sources/from-codebook";
    let bad = chloe.send(Method::POST, path, |request| request.multipart(form)).await;
    assert_ne!(bad.status, 303);
    let id = ada.post("/applications", &[]).await.id();
    say(centre, &ada, &id, "title_en", "CONFIDENTIAL title").await;
    for bytes in [b"%PDF-1.7 SECRET".to_vec(), vec![0, 159, 146, 150]] {
        let file = Part::bytes(bytes).file_name("SECRET-cv.pdf");
        let form = Form::new().text("title", "SECRET").text("kind", "cv").part("file", file);
        let path = format!("/applications/{id}/attachments");
        ada.send(Method::POST, &path, |request| request.multipart(form)).await;
    }
    for name in ["SECRET-fit.py", "../SECRET.py"] {
        import::send(lab, &ada, name, b"x = 'SECRET'".to_vec()).await;
    }
    lab.write("SECRET-table.csv", SAFE);
    std::os::unix::fs::symlink("/etc/passwd", lab.exports().join("SECRET-link.csv")).unwrap();
    let draft = lab.draft(&ada).await;
    lab.form(&ada, &draft, &["SECRET-gone.csv"], "seal").await;
    let link = lab.exports().join("SECRET-copy");
    for path in ["SECRET-link.csv", "SECRET-gone.csv", "../SECRET"] {
        lab.centre.centre.host.take_export(&lab.bubble, path, &link, 9).await.expect_err(path);
    }
    let answer = lab.form(&ada, &draft, &["SECRET-table.csv"], "seal").await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    lab.settled().await;
    let grace = centre.person("grace").await;
    assert_eq!(lab.vote(&grace, &draft, "approve").await.status, 303);
    grace.post(&format!("/checks/{draft}/decide"), &[("action", "approve")]).await;
    lab.settled().await;
    assert_eq!(lab.state(&draft).await, "available");
    let taken = ada.get(&format!("/exports/{draft}/files/0")).await;
    assert_eq!(taken.text, SAFE);
}

/// A database that refuses what people send, and a row that cannot be read.
async fn failures(centre: &TestCentre) {
    let (ada, omar) = (centre.person("ada").await, centre.person("omar").await);
    let id = ada.post("/applications", &[]).await.id();
    let database = sqlx::AnyPool::connect(&centre.centre.config.database_url()).await.unwrap();
    for (from, to) in [("salt", "gone"), ("gone", "salt")] {
        let sql = format!("alter table events rename column {from} to {to}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&database).await.unwrap();
        if to == "salt" {
            break;
        }
        let invited = [("name", "SECRET Name"), ("email", "s@example.org"), ("lang", "fr")];
        let refused = omar.post("/people/invite", &invited).await.status;
        assert!(refused >= 400, "{refused}");
        ada.post(&format!("/applications/{id}/fields"), &[("title_en", "CONFIDENTIAL")]).await;
    }
    database.close().await;
    let body = r#"{"id": "CONFIDENTIAL", "version": "CONFIDENTIAL", "lead": "SECRET"}"#;
    tamper(centre, format!("update applications set body = '{body}' where id = '{id}'")).await;
    let page = ada.get(&format!("/applications/{id}")).await;
    assert_eq!(page.status, 500);
}
