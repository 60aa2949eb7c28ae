//! The file as it was submitted, on paper (JOURNEYS 1.5).

use centre_tests::TestCentre;
use domain::{Application, Person, Source, Text};
use serde_json::Value;

use super::kit::{application, done, fill_in, item, pages, put, ready, say, sign, source};

/// What is the same whenever it is asked for.
async fn file(centre: &TestCentre, name: &str, path: &str) -> Vec<u8> {
    let answer = centre.person(name).await.get(path).await;
    assert_eq!(answer.status, 200, "{name} {path}: {}", answer.text);
    assert_eq!(answer.headers["content-type"], "application/pdf");
    assert!(answer.headers["content-disposition"].starts_with("attachment; filename=\"2026-0001-"));
    answer.bytes
}

#[tokio::test]
async fn a_submitted_file_is_read_on_paper_in_the_reader_s_language() {
    let centre = TestCentre::start().await;
    let (id, _) = ready(&centre).await;
    let ada = centre.person("ada").await;
    say(&centre, &ada, &id, "title_fr", "L’accès aux soins des élèves : « où ? »").await;
    let long = "Une phrase d’une œuvre très longue. ".repeat(60);
    say(&centre, &ada, &id, "method", &long).await;
    say(&centre, &ada, &id, "start", "2027-01-15").await;
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    let path = format!("/applications/{id}/submissions/1.pdf");
    assert!(ada.get(&format!("/applications/{id}")).await.text.contains(&path));
    ada.post("/language", &[("lang", "fr"), ("back", "/")]).await;
    let answer = ada.get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let french = pages(&answer.bytes);
    let all = french.concat();
    let frozen = application(&centre, &id).await;
    let ada_name = centre.who("ada").await.name;
    for said in [
        "L’accès aux soins des élèves : « où ? »",
        "2026-0001",
        frozen.submissions[0].sha256.as_str(),
        ada_name.as_str(),
        "Source hie",
        "2018, 2019",
        "accord préalable",
        "Needed for the comparison",
        "15 janv. 2027",
        "P1 ",
        "P10 ",
    ] {
        assert!(all.contains(said), "{said}: {all}");
    }
    assert!(french.len() > 1, "it does not fit on one page");
    // One or two stand over the end of a page, with its foot in between.
    assert!(all.matches("d’une œuvre très longue").count() >= 58, "nothing is lost on the way");
    for (place, page) in french.iter().enumerate() {
        assert!(page.contains("2026-0001 · version 1"), "{page}");
        assert!(page.contains(&frozen.submissions[0].sha256), "{page}");
        assert!(page.contains(&format!("page {} sur {}", place + 1, french.len())), "{page}");
    }
    let english = pages(&file(&centre, "farid", &path).await).concat();
    assert!(english.contains("page 1 of") && english.contains("About title_en"), "{english}");
    let api = format!("/api/v1/applications/{id}/submissions/1/pdf");
    assert_eq!(pages(&file(&centre, "farid", &api).await).concat(), english);
}

#[tokio::test]
async fn what_is_renamed_afterwards_changes_nothing_on_paper() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    done(&centre.person("ada").await, &format!("/applications/{id}/submit"), &[]).await;
    let path = format!("/applications/{id}/submissions/1.pdf");
    let before = file(&centre, "farid", &path).await;
    let store = &centre.centre.store;
    let ada = centre.who("ada").await;
    let renamed = Person { name: "Somebody Else".to_owned(), ..ada.clone() };
    let old: Source = centre.centre.load("source", rand.id).await.unwrap();
    let retitled = Source { title: Text::new("Autre", "Other"), ..old.clone() };
    let event = centre.centre.system_event("source.edited", "source", rand.id);
    let mut change = store.change(&event);
    change.replace(&ada, &renamed).replace(&old, &retitled).commit().await.unwrap();
    assert_eq!(file(&centre, "farid", &path).await, before, "byte for byte");
}

#[tokio::test]
async fn a_file_frozen_before_words_were_kept_is_still_printed() {
    let centre = TestCentre::start().await;
    let (id, rand) = ready(&centre).await;
    done(&centre.person("ada").await, &format!("/applications/{id}/submit"), &[]).await;
    let before = application(&centre, &id).await;
    let mut after: Application = before.clone();
    let mut old: Value = serde_json::from_str(&before.submissions[0].snapshot).unwrap();
    for newer in ["at", "centre", "people", "questions", "attachments"] {
        old.as_object_mut().unwrap().remove(newer).expect(newer);
    }
    old["items"][0].as_object_mut().unwrap().remove("words").expect("words");
    old["fields"]["an_older_field"] = "kept as it was".into();
    after.submissions[0].snapshot = old.to_string();
    let event = centre.centre.system_event("application.test", "application", after.id);
    centre.centre.store.change(&event).replace(&before, &after).commit().await.unwrap();
    let path = format!("/applications/{id}/submissions/1.pdf");
    let all = pages(&file(&centre, "farid", &path).await).concat();
    for said in ["2026-0001", "an_older_field", "kept as it was"] {
        assert!(all.contains(said), "{said}: {all}");
    }
    // An id is longer than its column: it is cut into lines, and nothing of it is lost.
    let ids = [rand.id.to_string(), before.lead.to_string()];
    for one in ids {
        assert!(all.contains(&one[..12]), "{one}: {all}");
    }
}

#[tokio::test]
async fn a_producer_reads_its_part_and_nothing_of_the_others() {
    let centre = TestCentre::start().await;
    let hie = source(&centre, "rand", "hie", &["2018"]).await;
    let anes = source(&centre, "umich", "anes", &["2020"]).await;
    let ada = centre.person("ada").await;
    put(&centre, &ada, &hie, &["2018"]).await;
    put(&centre, &ada, &anes, &["2020"]).await;
    let id = ada.post("/applications", &[]).await.id();
    fill_in(&centre, &ada, &id).await;
    say(&centre, &ada, &id, "funder", "A funder that others need not know").await;
    done(&ada, &format!("/applications/{id}/consult"), &[]).await;
    let (own, other) = (item(&centre, &id, &hie).await.id, item(&centre, &id, &anes).await.id);
    let path = format!("/producer/items/{own}/file.pdf");
    let (chloe, dario) = (centre.person("chloe").await, centre.person("dario").await);
    assert_eq!(chloe.get(&path).await.status, 404, "nothing is submitted yet");
    done(&chloe, &format!("/producer/items/{own}/agree"), &[]).await;
    done(&dario, &format!("/producer/items/{other}/agree"), &[("text", "between us")]).await;
    done(&ada, &format!("/applications/{id}/go-on"), &[]).await;
    sign(&centre, &id).await;
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    let part = pages(&file(&centre, "chloe", &path).await).concat();
    for said in ["2026-0001", "Source hie", "About summary", "About title_en", "What concerns"] {
        assert!(part.contains(said), "{said}: {part}");
    }
    for hidden in ["Source anes", "between us", "A funder that others"] {
        assert!(!part.contains(hidden), "{hidden}: {part}");
    }
    assert!(chloe.get(&format!("/producer/items/{own}")).await.text.contains(&path));
    let api = chloe.get(&format!("/api/v1/producer/items/{own}/pdf")).await;
    assert_eq!(pages(&api.bytes).concat(), part);
    for stranger in ["dario", "zoe", "grace", "ada"] {
        let stranger = centre.person(stranger).await;
        assert_eq!(stranger.get(&path).await.status, 404);
        assert_eq!(stranger.get(&format!("/api/v1/producer/items/{own}/pdf")).await.status, 404);
    }
}

#[tokio::test]
async fn who_may_not_read_the_file_finds_no_paper() {
    let centre = TestCentre::start().await;
    let (id, _) = ready(&centre).await;
    let paths = [
        format!("/applications/{id}/submissions/1.pdf"),
        format!("/api/v1/applications/{id}/submissions/1/pdf"),
        format!("/api/v1/applications/{id}/submissions/1"),
    ];
    let ada = centre.person("ada").await;
    for path in &paths {
        assert_eq!(ada.get(path).await.status, 404, "nothing is submitted yet");
    }
    done(&ada, &format!("/applications/{id}/submit"), &[]).await;
    for name in ["zoe", "chloe", "dario", "grace", "karim", "omar"] {
        let other = centre.person(name).await;
        for path in &paths {
            assert_eq!(other.get(path).await.status, 404, "{name} {path}");
        }
    }
    assert_eq!(centre.visitor().get(&paths[1]).await.status, 401);
    assert_eq!(centre.visitor().get(&paths[0]).await.status, 303, "to the sign-in");
    for turn in ["0", "2", "x", "-1", "99999999999999999999"] {
        let path = format!("/applications/{id}/submissions/{turn}.pdf");
        assert_eq!(ada.get(&path).await.status, 404, "{turn}");
    }
    for path in &paths {
        assert_eq!(ada.get(path).await.status, 200, "{path}");
    }
}
