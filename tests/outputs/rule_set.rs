use super::kit::{Lab, SAFE, insert};
use domain::{
    Item, Producer, Source, Text,
    data::source::{Route, SourceState},
    projects::item::{Conditions, ItemState},
};

pub async fn rules(lab: &Lab, name: &str) -> String {
    let chloe = lab.centre.person("chloe").await;
    let page = chloe.get(&format!("/producer/rules?start={name}")).await.text;
    let text = page.split("<textarea id=\"toml\"").nth(1).expect("a form");
    let text = text.split('>').nth(1).and_then(|rest| rest.split("</textarea").next());
    text.expect("a text").replace("&#34;", "\"").replace("&#38;", "&").replace("&#39;", "'")
}

pub async fn grant(lab: &Lab, slug: &str) {
    let centre = &lab.centre.centre;
    let producer: Producer = centre.store.producer_by_slug(slug).await.unwrap().unwrap();
    let source = Source {
        id: centre.id(),
        version: 0,
        producer: producer.id,
        slug: format!("{slug}-source"),
        acronym: String::new(),
        title: Text::new("s", "s"),
        summary: Text::default(),
        themes: vec![],
        route: Route::Committee,
        state: SourceState::Published,
    };
    insert(&lab.centre, &source).await;
    let item = Item {
        id: centre.id(),
        version: 0,
        application: lab.application.id,
        source: source.id,
        producer: producer.id,
        vintages: vec![centre.id()],
        justification: String::new(),
        thread: vec![],
        conditions: Conditions::default(),
        state: ItemState::Granted { until: centre.now() + jiff::SignedDuration::from_hours(9000) },
    };
    insert(&lab.centre, &item).await;
}

#[tokio::test]
async fn a_request_keeps_the_strictest_rules_of_its_sealing() {
    let lab = Lab::start().await;
    for slug in ["rand", "umich"] {
        grant(&lab, slug).await;
    }
    let strict = rules(&lab, "irdes_15").await.replace("reviewers = 1", "reviewers = 2");
    let chloe = lab.centre.person("chloe").await;
    let producer = lab.centre.centre.store.producer_by_slug("rand").await.unwrap().unwrap();
    let id = producer.id.to_string();
    let publish = [("producer", id.as_str()), ("toml", &strict), ("from", "")];
    let answer = chloe.post("/producer/rules", &publish).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    lab.write("t.csv", SAFE);
    let sealed = lab.seal(&["t.csv"]).await;
    let export = lab.export(&sealed).await;
    assert_eq!((export.reviewers, export.rule_sets.len()), (2, 1));
    assert_eq!(export.rules["rules"]["min_count"], 15);
    assert_eq!(
        export.rules["rules"]["p_percent"], 10.0,
        "of the generic rules of the other producer"
    );
    let mild = rules(&lab, "dads_5").await;
    assert_eq!(
        chloe.post("/producer/rules", &[("producer", &id), ("toml", &mild)]).await.status,
        303
    );
    assert_eq!(lab.export(&sealed).await.rules["rules"]["min_count"], 15);
    let grace = lab.centre.person("grace").await;
    assert!(grace.get(&format!("/checks/{sealed}")).await.text.contains("irdes_15"));
}

#[tokio::test]
async fn only_the_producer_publishes_and_errors_name_their_line() {
    let lab = Lab::start().await;
    let good = rules(&lab, "generic_10").await;
    let producer = lab.centre.centre.store.producer_by_slug("rand").await.unwrap().unwrap();
    let id = producer.id.to_string();
    for other in ["dario", "ada", "grace", "omar"] {
        let person = lab.centre.person(other).await;
        let answer = person.post("/producer/rules", &[("producer", &id), ("toml", &good)]).await;
        assert_eq!(answer.status, 403, "{other}");
    }
    let chloe = lab.centre.person("chloe").await;
    let bad = good.replace("min_count = 10", "min_count = 1");
    let line = good.lines().position(|line| line.starts_with("min_count")).unwrap() + 1;
    let answer = chloe.post("/producer/rules", &[("producer", &id), ("toml", &bad)]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains(&format!("Line {line}: min_count must be")), "{}", answer.text);
    assert!(answer.text.contains("min_count = 1\n"), "what was typed is kept");
}
