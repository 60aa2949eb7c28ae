//! Files that come with an application (JOURNEYS 2.2, P10).

use std::path::PathBuf;

use centre_tests::{Answer, Client, TestCentre};
use futures_util::stream;
use reqwest::{
    Body, Method,
    multipart::{Form, Part},
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::kit::{application, done, ready, state};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n";

fn form(title: &str, name: &str, bytes: &[u8]) -> Form {
    let file = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    let kind = "ethics_opinion";
    Form::new().text("title", title.to_owned()).text("kind", kind).part("file", file)
}

async fn attach(person: &Client, id: &str, title: &str, name: &str, bytes: &[u8]) -> Answer {
    let path = format!("/applications/{id}/attachments");
    let form = form(title, name, bytes);
    person.send(Method::POST, &path, |request| request.multipart(form)).await
}

/// The files that stand in the application's folder.
fn files(centre: &TestCentre, id: &str) -> Vec<String> {
    let folder = folder(centre, id);
    let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        found.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn folder(centre: &TestCentre, id: &str) -> PathBuf {
    centre.dir.path().join("attachments").join(id)
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[tokio::test]
async fn a_file_comes_with_the_application_and_is_frozen_with_it() {
    let centre = TestCentre::start().await;
    let (id, _) = ready(&centre).await;
    let ada = centre.person("ada").await;
    let answer = attach(&ada, &id, "Avis du comité", "avis.pdf", PDF).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let one = application(&centre, &id).await.attachments.remove(0);
    assert_eq!((one.title.as_str(), one.sha256), ("Avis du comité", sha256(PDF)));
    assert_eq!(files(&centre, &id), [sha256(PDF)]);
    let page = ada.get(&format!("/applications/{id}/edit/declarations")).await;
    assert!(page.text.contains("Avis du comité") && page.text.contains("Ethics opinion"));
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    let submission = application(&centre, &id).await.submissions.remove(0);
    assert!(submission.snapshot.contains(&sha256(PDF)), "its hash is frozen");
    let path = format!("/applications/{id}/attachments/{}", one.id);
    let late = ada.post(&format!("{path}/remove"), &[]).await;
    assert_eq!(late.status, 409, "the file is submitted");
    assert_eq!(attach(&ada, &id, "Late", "late.pdf", b"%PDF-late").await.status, 409);
    let farid = centre.person("farid").await;
    let given = farid.get(&path).await;
    assert_eq!((given.status, given.bytes.as_slice()), (200, PDF));
    assert!(farid.get(&format!("/secretary/{id}")).await.text.contains(&path));
    // Returned, it can be taken out of the file, and stays with what was submitted.
    done(&farid, &format!("/secretary/{id}/start"), &[]).await;
    done(&farid, &format!("/secretary/{id}/return"), &[("legal", "which opinion?")]).await;
    done(&ada, &format!("{path}/remove"), &[]).await;
    assert!(application(&centre, &id).await.attachments.is_empty());
    assert_eq!(farid.get(&path).await.bytes, PDF);
    assert_eq!(files(&centre, &id), [sha256(PDF)]);
    let events = centre.events().await;
    let last: Vec<&String> =
        events.iter().filter(|kind| kind.starts_with("application.attachment")).collect();
    assert_eq!(last, ["application.attachment_added", "application.attachment_removed"]);
}

#[tokio::test]
async fn what_is_taken_out_of_a_draft_is_gone() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    attach(&ada, &id, "Plan", "plan.txt", b"a plan").await;
    let one = application(&centre, &id).await.attachments.remove(0);
    let path = format!("/applications/{id}/attachments/{}", one.id);
    assert_eq!(ada.get(&path).await.text, "a plan");
    done(&ada, &format!("{path}/remove"), &[]).await;
    assert!(files(&centre, &id).is_empty());
    assert_eq!(ada.get(&path).await.status, 404);
    assert_eq!(ada.post(&format!("{path}/remove"), &[]).await.status, 422, "sent twice");
}

#[tokio::test]
async fn a_file_is_never_shown_in_the_portal_s_name_nor_called_what_its_sender_likes() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    let page = b"<!doctype html><script>alert(document.cookie)</script>";
    let answer = attach(&ada, &id, "<b>bold</b>", "../../../etc/cron.d/run.html", page).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let one = application(&centre, &id).await.attachments.remove(0);
    assert_eq!(one.name, "run.html.txt");
    assert_eq!(files(&centre, &id), [sha256(page)], "its name names no file on the disk");
    let given = ada.get(&format!("/applications/{id}/attachments/{}", one.id)).await;
    assert_eq!(given.headers["content-type"], "text/plain; charset=utf-8");
    let disposition = &given.headers["content-disposition"];
    assert!(disposition.starts_with("attachment; filename=\"run.html.txt\""), "{disposition}");
    assert_eq!(given.headers["content-security-policy"], "sandbox; default-src 'none'");
    assert_eq!(given.headers["x-content-type-options"], "nosniff");
    let shown = ada.get(&format!("/applications/{id}")).await.text;
    assert!(shown.contains("&#60;b&#62;bold"), "the title is escaped");
    let program = attach(&ada, &id, "A program", "opinion.pdf", b"\x7fELF\x02\x01\x01\0").await;
    assert_eq!(program.status, 422);
    assert!(program.text.contains("Files of this format are not taken"), "{}", program.text);
    assert!(program.text.contains("value=\"A program\""), "what was typed stays");
    assert_eq!(files(&centre, &id).len(), 1);
}

#[tokio::test]
async fn a_file_that_is_too_large_empty_missing_or_sent_twice_leaves_nothing() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    let large = vec![b'a'; (20 << 20) + 1];
    for (bytes, name, said) in [
        (large.as_slice(), "a.txt", "larger than 20 MB"),
        (b"", "a.txt", "The file is empty"),
        (b"", "", "Choose a file"),
    ] {
        let answer = attach(&ada, &id, "A file", name, bytes).await;
        assert_eq!(answer.status, 422, "{said}");
        assert!(answer.text.contains(said), "{said}: {}", answer.text);
        assert!(files(&centre, &id).is_empty(), "{said}");
    }
    let api = format!("/api/v1/applications/{id}/attachments?title=A&kind=cv&name=a.txt");
    let answer = ada.send(Method::POST, &api, |request| request.body(large.clone())).await;
    assert_eq!(answer.status, 422);
    let untitled = attach(&ada, &id, " ", "a.pdf", PDF).await;
    assert_eq!(untitled.status, 422);
    assert!(files(&centre, &id).is_empty() && state(&centre, &id).await == "draft");
    assert_eq!(attach(&ada, &id, "Once", "a.pdf", PDF).await.status, 303);
    let again = attach(&ada, &id, "Once", "a.pdf", PDF).await;
    assert_eq!(again.status, 422);
    assert!(again.text.contains("attached already"), "{}", again.text);
    assert_eq!(application(&centre, &id).await.attachments.len(), 1);
    assert_eq!(files(&centre, &id), [sha256(PDF)]);
}

#[tokio::test]
async fn nobody_adds_takes_out_or_reads_what_is_not_theirs() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    attach(&ada, &id, "Plan", "plan.pdf", PDF).await;
    let one = application(&centre, &id).await.attachments.remove(0).id;
    let zoe = centre.person("zoe").await;
    let own = zoe.post("/applications", &[]).await.id();
    let through_own = format!("/applications/{own}/attachments/{one}");
    assert_eq!(zoe.get(&through_own).await.status, 404, "another application's id");
    assert_eq!(zoe.post(&format!("{through_own}/remove"), &[]).await.status, 422);
    let (page, api) = (
        format!("/applications/{id}/attachments/{one}"),
        format!("/api/v1/applications/{id}/attachments/{one}"),
    );
    for name in ["zoe", "chloe", "farid", "grace", "karim", "ben"] {
        let other = centre.person(name).await;
        assert_eq!(other.get(&page).await.status, 404, "{name}");
        assert_eq!(other.get(&api).await.status, 404, "{name}");
        assert_eq!(other.post(&format!("{page}/remove"), &[]).await.status, 404, "{name}");
        let deleted = other.send(Method::DELETE, &api, |request| request).await;
        assert_eq!(deleted.status, 404, "{name}");
        assert_eq!(attach(&other, &id, "x", "x.pdf", b"%PDF-x").await.status, 404, "{name}");
    }
    // A member reads; only one who may edit adds, and only in the draft.
    let ben = centre.who("ben").await;
    let member = [("email", ben.email.as_str()), ("name", ""), ("bubble", "yes")];
    done(&ada, &format!("/applications/{id}/add-member"), &member).await;
    let ben = centre.person("ben").await;
    assert_eq!(ben.get(&page).await.bytes, PDF);
    assert_eq!(attach(&ben, &id, "x", "x.pdf", b"%PDF-x").await.status, 403);
    assert_eq!(ben.post(&format!("{page}/remove"), &[]).await.status, 403);
    done(&ada, &format!("/applications/{id}/add-member"), &[member[0], ("edits", "yes")]).await;
    assert_eq!(attach(&ben, &id, "x", "x.pdf", b"%PDF-x").await.status, 303);
    let visitor = centre.visitor();
    assert_eq!(visitor.get(&api).await.status, 401);
    assert_eq!(attach(&visitor, &id, "x", "y.pdf", b"%PDF-y").await.status, 303, "to the sign-in");
    assert_eq!(files(&centre, &id).len(), 2);
    let cross = |request: reqwest::RequestBuilder| {
        let form = form("x", "z.pdf", b"%PDF-z");
        request.header("sec-fetch-site", "cross-site").multipart(form)
    };
    let path = format!("/applications/{id}/attachments");
    let refused = ada.send(Method::POST, &path, cross).await;
    assert_eq!(refused.headline(), "403 You may not do this", "from another site");
}

#[tokio::test]
async fn programs_attach_read_and_take_out_too() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    let path = format!("/api/v1/applications/{id}/attachments");
    let asked = format!("{path}?title=Letter&kind=funding_letter&name=letter.pdf");
    let made = ada.send(Method::POST, &asked, |request| request.body(PDF)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json()["sha256"], json!(sha256(PDF)));
    let one = made.json()["id"].as_str().unwrap().to_owned();
    let whole = ada.get(&format!("/api/v1/applications/{id}")).await.json();
    assert_eq!(whole["attachments"][0]["kind"], json!("funding_letter"));
    assert_eq!(ada.get(&format!("{path}/{one}")).await.bytes, PDF);
    let odd = format!("{path}?title=Letter&kind=bribe&name=letter.pdf");
    assert_eq!(ada.send(Method::POST, &odd, |request| request.body("a")).await.status, 422);
    let gone = ada.send(Method::DELETE, &format!("{path}/{one}"), |request| request).await;
    assert_eq!((gone.status, files(&centre, &id).len()), (204, 0));
}

#[tokio::test]
async fn a_connection_that_is_cut_leaves_nothing() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    let (come, seen) = (vec![b'a'; 1 << 20], folder(&centre, &id));
    let path = format!("/applications/{id}/attachments");
    let cut = tokio::spawn(async move {
        let pieces = stream::unfold(0, move |sent| {
            let (come, seen) = (come.clone(), seen.clone());
            async move {
                if sent < 4 {
                    return Some((Ok(come), sent + 1));
                }
                while std::fs::read_dir(&seen).map_or(0, Iterator::count) == 0 {
                    tokio::task::yield_now().await; // until the server has begun to write
                }
                Some((Err(std::io::Error::other("cut")), sent + 1))
            }
        });
        let part = Part::stream(Body::wrap_stream(pieces)).file_name("a.txt");
        let form = Form::new().text("title", "x").text("kind", "cv").part("file", part);
        // The kit expects an answer and panics without one: there is none.
        ada.send(Method::POST, &path, |request| request.multipart(form)).await
    });
    assert!(cut.await.is_err(), "the request did not come to its end");
    while !files(&centre, &id).is_empty() {
        tokio::task::yield_now().await; // until the server has noticed
    }
    assert!(application(&centre, &id).await.attachments.is_empty());
}

#[tokio::test]
async fn what_a_killed_server_left_is_swept_at_the_next_start() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    attach(&ada, &id, "Plan", "plan.pdf", PDF).await;
    // Killed while a file came; after its bytes had their name and before the database knew.
    std::fs::write(folder(&centre, &id).join(".a.half"), b"half").unwrap();
    std::fs::write(folder(&centre, &id).join(sha256(b"orphan")), b"orphan").unwrap();
    // What somebody put there and the sweep cannot take away holds up nothing.
    std::fs::create_dir(folder(&centre, &id).join("stray")).unwrap();
    let strange = centre.dir.path().join("attachments").join(uuid::Uuid::nil().to_string());
    std::fs::write(&strange, b"a file where folders are").unwrap();
    let centre = centre.restart().await;
    centre.advance(1).await;
    let mut left = vec![sha256(PDF), "stray".to_owned()];
    left.sort();
    assert_eq!(files(&centre, &id), left);
    assert!(strange.exists());
}

#[tokio::test]
async fn what_was_decided_stands_whatever_the_disk_says() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    attach(&ada, &id, "Plan", "plan.pdf", PDF).await;
    let one = application(&centre, &id).await.attachments.remove(0);
    let kept = folder(&centre, &id).join(&one.sha256);
    std::fs::remove_file(&kept).unwrap();
    std::fs::create_dir(&kept).unwrap(); // which is not removed like a file
    done(&ada, &format!("/applications/{id}/attachments/{}/remove", one.id), &[]).await;
    assert!(application(&centre, &id).await.attachments.is_empty());
}

/// Threat: a commit that was done while its answer was lost names bytes that are gone.
#[tokio::test]
async fn bytes_stay_until_it_is_sure_that_nothing_names_them() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    let rename = |from: &str, to: &str| format!("alter table events rename column {from} to {to}");
    alter(&centre, rename("salt", "gone")).await;
    assert_eq!(attach(&ada, &id, "Plan", "plan.pdf", PDF).await.status, 500);
    alter(&centre, rename("gone", "salt")).await;
    assert_eq!(files(&centre, &id), [sha256(PDF)], "as far as can be told it is named");
    let centre = centre.restart().await;
    assert!(files(&centre, &id).is_empty(), "at the start it is sure");
}

async fn alter(centre: &TestCentre, statement: String) {
    let pool = sqlx::AnyPool::connect(&centre.centre.config.database_url()).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn a_disk_that_fails_leaves_the_application_as_it_was() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let id = ada.post("/applications", &[]).await.id();
    // A file stands where the folder must be made: the disk refuses, whoever runs the test.
    std::fs::write(folder(&centre, &id), b"").unwrap();
    assert_eq!(attach(&ada, &id, "Plan", "plan.pdf", PDF).await.status, 503);
    assert!(application(&centre, &id).await.attachments.is_empty());
    assert!(!centre.events().await.contains(&"application.attachment_added".to_owned()));
    std::fs::remove_file(folder(&centre, &id)).unwrap();
    assert_eq!(attach(&ada, &id, "Plan", "plan.pdf", PDF).await.status, 303);
}
