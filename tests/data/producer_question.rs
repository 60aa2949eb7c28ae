//! The questions that a producer asks in each application (JOURNEYS 2.2, P9).

use centre_tests::{Client, TestCentre};
use domain::Producer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::projects::kit::{done, item, pages, put, ready, say};

async fn rand(centre: &TestCentre) -> Producer {
    centre.centre.store.producer_by_slug("rand").await.unwrap().unwrap()
}

/// Writes the questions by the page, as a browser sends its lines.
async fn ask(centre: &TestCentre, agent: &Client, questions: &[(&str, &str)]) {
    let producer = rand(centre).await;
    let mut form = vec![("contact", producer.contact.as_str()), ("consultation_days", "14")];
    for (fr, en) in questions {
        form.extend([("question_fr", *fr), ("question_en", *en)]);
    }
    form.extend([("question_fr", ""), ("question_en", "")]);
    done(agent, &format!("/producers/{}", producer.id), &form).await;
}

#[tokio::test]
async fn a_producer_s_questions_are_answered_in_the_file_and_frozen_with_it() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let (place, who) = (("Dans quel lieu ?", "In which place?"), ("Qui finance ?", "Who pays?"));
    ask(&centre, &chloe, &[place, who]).await;
    let (id, source) = ready(&centre).await;
    let ada = centre.person("ada").await;
    let page = ada.get(&format!("/applications/{id}/edit/questions")).await.text;
    assert!(page.contains(place.1) && page.contains(who.1), "{page}");
    assert!(page.contains("answer_rand_0") && page.contains("answer_rand_1"));
    let submit = format!("/applications/{id}/submit");
    assert_eq!(ada.post(&submit, &[]).await.status, 422, "they want an answer");
    say(&centre, &ada, &id, "answer_rand_0", "In a locked office").await;
    say(&centre, &ada, &id, "answer_rand_1", "A research council").await;
    done(&ada, &submit, &[]).await;
    let own = item(&centre, &id, &source).await.id;
    let paper = format!("/producer/items/{own}/file.pdf");
    let before = chloe.get(&paper).await.bytes;
    let printed = pages(&before).concat();
    for said in [place.1, "In a locked office", who.1, "A research council"] {
        assert!(printed.contains(said), "{said}: {printed}");
    }

    // It is reworded, and the other is asked no more: what was submitted keeps both.
    let exactly = ("Dans quel lieu précis ?", "In which place exactly?");
    ask(&centre, &chloe, &[exactly]).await;
    assert_eq!(chloe.get(&paper).await.bytes, before, "byte for byte");
    let farid = centre.person("farid").await;
    for (reader, path) in
        [(&farid, format!("/secretary/{id}")), (&chloe, format!("/producer/items/{own}"))]
    {
        let page = reader.get(&path).await.text;
        for said in [place.1, "In a locked office", who.1, "A research council"] {
            assert!(page.contains(said), "{path} {said}: {page}");
        }
        assert!(!page.contains(exactly.1), "{path}: nobody was asked this");
    }
    put(&centre, &ada, &source, &["2018"]).await;
    let draft = ada.post("/applications", &[]).await.id();
    let page = ada.get(&format!("/applications/{draft}/edit/questions")).await.text;
    assert!(page.contains(exactly.1) && page.contains("answer_rand_2"), "{page}");
    assert!(!page.contains("answer_rand_0") && !page.contains(who.1), "{page}");

    // A file that was returned is submitted anew: with what is asked now.
    done(&farid, &format!("/secretary/{id}/start"), &[]).await;
    done(&farid, &format!("/secretary/{id}/return"), &[("legal", "which law?")]).await;
    assert_eq!(ada.post(&submit, &[]).await.status, 422, "the new question wants an answer");
    say(&centre, &ada, &id, "answer_rand_2", "In room 12").await;
    done(&ada, &submit, &[]).await;
    let again = pages(&chloe.get(&paper).await.bytes).concat();
    assert!(again.contains("In room 12") && !again.contains("A research council"), "{again}");
}

#[tokio::test]
async fn questions_that_are_refused_are_kept_on_the_page() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let path = format!("/producers/{}", rand(&centre).await.id);
    let form = [
        ("contact", "data@example.org"),
        ("consultation_days", "14"),
        ("question_fr", "Où ?"),
        ("question_en", ""),
    ];
    let refused = chloe.post(&path, &form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("questions-error"), "{}", refused.text);
    assert!(refused.text.contains("value=\"Où ?\""), "{}", refused.text);
    assert!(rand(&centre).await.questions.is_empty());
    let page = centre.person("farid").await.get(&path).await.text;
    assert!(!page.contains("question_fr"), "who may not edit has no form");
}

/// Programs that say one thing of a producer leave the others as they are.
#[tokio::test]
async fn what_a_program_does_not_say_stays() {
    let centre = TestCentre::start().await;
    let chloe = centre.person("chloe").await;
    let path = format!("/api/v1/producers/{}", rand(&centre).await.id);
    let questions = json!([{ "fr": "Où ?", "en": "Where?" }, { "fr": "Qui ?", "en": "Who?" }]);
    let terms = json!({
        "consultation_days": 30, "silence_goes_on": true, "questions": questions,
    });
    assert_eq!(chloe.api(Method::PUT, &path, terms).await.status, 204);
    let before: Value = chloe.get(&path).await.json();
    assert_eq!((&before["questions"], &before["consultation_days"]), (&questions, &json!(30)));
    let contact = json!({ "contact": " new@example.org " });
    assert_eq!(chloe.api(Method::PUT, &path, contact).await.status, 204);
    let mut expected = before.clone();
    expected["contact"] = json!("new@example.org");
    assert_eq!(chloe.get(&path).await.json(), expected);
    let half = json!({ "questions": [{ "fr": "Où ?", "en": " " }] });
    let refused = chloe.api(Method::PUT, &path, half).await;
    assert_eq!(refused.json()["code"], "invalid-producer-questions");
    let fewer = json!({ "questions": [{ "fr": "Qui ?", "en": "Who?" }] });
    assert_eq!(chloe.api(Method::PUT, &path, fewer).await.status, 204);
    let kept = rand(&centre).await.questions;
    assert_eq!(
        kept.iter().map(|one| one.ended).collect::<Vec<_>>(),
        [true, false],
        "each in place"
    );
    let dario = centre.person("dario").await;
    assert_eq!(dario.api(Method::PUT, &path, json!({ "questions": [] })).await.status, 404);
}
