//! Safe data through HTTP: sources, code books, vintages, deposits, the catalogue.

mod attack;
mod catalogue;
mod codebook;
mod deposit;
mod producer;
mod producer_question;
mod resume;
mod source;

use centre_tests::{Answer, Client, TestCentre};
use domain::{Deposit, DepositId};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;
use sha2::{Digest, Sha256};

/// A small code book in both languages, with leading zeros and a French decimal in its data.
pub const CODEBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<codeBook xmlns="ddi:codebook:2_5" version="2.5" xml:lang="fr"><stdyDscr>
<citation><titlStmt><titl xml:lang="fr">Dépenses de santé des ménages</titl><parTitl xml:lang="en">Health expenditure of households</parTitl><altTitl>DSM</altTitl><IDNo agency="test">dsm</IDNo></titlStmt></citation>
<stdyInfo><abstract xml:lang="fr">Une enquête auprès des ménages.</abstract></stdyInfo>
<othrStdyMat><relPubl xml:lang="en">Durand (2020), Health and income. <ExtLink URI="https://example.org/durand"/></relPubl></othrStdyMat></stdyDscr>
<dataDscr>
<var ID="V1" name="commune"><labl xml:lang="fr">Commune de résidence</labl><labl xml:lang="en">Place of residence</labl><varFormat type="character"/></var>
<var ID="V2" name="revenu"><labl xml:lang="fr">Revenu fiscal du foyer</labl><labl xml:lang="en">Taxable income</labl><varFormat type="numeric"/></var>
<var ID="V3" name="statut"><labl xml:lang="fr">Statut</labl><qstn><qstnLit xml:lang="fr">Êtes-vous salarié ?</qstnLit></qstn><catgry><catValu>1</catValu><labl xml:lang="fr">Salarié</labl></catgry><catgry><catValu>2</catValu><labl xml:lang="fr">Indépendant</labl></catgry></var>
</dataDscr></codeBook>"#;

/// Semicolons, Latin-1, a decimal comma, codes with leading zeros.
fn csv() -> Vec<u8> {
    let text = "commune;revenu;statut\n01400;1234,5;1\n75056;0,25;2\n00012;99,75;1\n";
    text.as_bytes().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Makes the source `dsm` of the producer `rand` out of its code book; gives its id.
pub async fn documented(centre: &TestCentre, agent: &Client) -> String {
    let producer = centre.centre.store.producer_by_slug("rand").await.unwrap().unwrap();
    let form = Form::new()
        .text("producer", producer.id.to_string())
        .text("theme", "health")
        .part("file", Part::text(CODEBOOK).file_name("dsm.xml"));
    let made = agent
        .send(Method::POST, "/data/sources/from-codebook", |request| request.multipart(form))
        .await;
    assert_eq!(made.status, 303, "{}", made.text);
    made.location.split('/').nth(3).unwrap().to_owned()
}

/// Does `act` to a source.
pub async fn go(agent: &Client, source: &str, act: &str) -> Answer {
    agent.post(&format!("/data/sources/{source}/state"), &[("act", act)]).await
}

/// Announces a vintage; gives its id.
pub async fn announced(agent: &Client, source: &str, label: &str) -> String {
    let fields = [("label", label), ("year", label)];
    agent.post(&format!("/data/sources/{source}/vintages"), &fields).await.id()
}

/// Announces a deposit of one file with its SHA-256; gives its id.
async fn opened(agent: &Client, vintage: &str, name: &str, bytes: &[u8]) -> String {
    let manifest = format!("{}  {name}", sha256(bytes));
    let path = format!("/data/vintages/{vintage}/deposits");
    agent.post(&path, &[("manifest", &manifest)]).await.id()
}

/// Begins a file; gives its upload's address.
async fn begun(agent: &Client, deposit: &str, name: &str, size: usize) -> String {
    let body = json!({ "name": name, "size": size });
    let begun = agent.api(Method::POST, &format!("/deposits/{deposit}/files"), body).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    begun.json()["upload"].as_str().unwrap().to_owned()
}

/// Sends one piece.
async fn piece(agent: &Client, upload: &str, offset: u64, bytes: &[u8]) -> Answer {
    let bytes = bytes.to_vec();
    agent
        .send(Method::PUT, upload, |request| request.header("upload-offset", offset).body(bytes))
        .await
}

/// Sends a whole file, and says that it is whole.
async fn sent(agent: &Client, deposit: &str, name: &str, bytes: &[u8]) -> Answer {
    let upload = begun(agent, deposit, name, bytes.len()).await;
    assert_eq!(piece(agent, &upload, 0, bytes).await.status, 200);
    let body = json!({ "sha256": sha256(bytes) });
    agent.api(Method::POST, &format!("{upload}/finish"), body).await
}

/// Waits for the centre's checks of a deposit; gives it as it stands then.
async fn checked(centre: &TestCentre, deposit: &str) -> Deposit {
    let id: DepositId = deposit.parse().unwrap();
    workflows::data::checks::run(&centre.centre, id).await.unwrap();
    centre.centre.settle().await.unwrap();
    centre.centre.load("deposit", id).await.unwrap()
}

/// A deposit of `bytes` for a new vintage of a new source, after its checks.
pub async fn deposited(centre: &TestCentre, name: &str, bytes: &[u8]) -> (String, Deposit) {
    let chloe = centre.person("chloe").await;
    let source = documented(centre, &chloe).await;
    let vintage = announced(&chloe, &source, "2019").await;
    let deposit = opened(&chloe, &vintage, name, bytes).await;
    assert_eq!(sent(&chloe, &deposit, name, bytes).await.status, 200);
    let checked = checked(centre, &deposit).await;
    (vintage, checked)
}
