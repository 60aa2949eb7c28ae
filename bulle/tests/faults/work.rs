//! What people do while faults happen: a depositor with one file after the other, an author with
//! one export after the other. Each asks the centre where it stands and does the next step, as a
//! person does after an error page: so each can be cut anywhere and go on.

use domain::{Deposit, Export, Vintage};
use serde_json::json;
use store::Store;

use super::kit::{Answer, Answered, Client, Site, sha256};

/// Bytes of one piece at most.
const PIECE: usize = 256 << 10;
/// What the author exports: a small table and a longer text.
pub const TABLE: &str = "plan,visits\nfree care,1204\ncoinsurance 95,894\n";

/// The text of the export, in English prose so that no rule refuses it.
pub fn notes() -> String {
    "The models were estimated by maximum likelihood.\n".repeat(4000)
}

/// The file of vintage `label`: codes with leading zeros, no two alike.
pub fn file_of(label: &str) -> Vec<u8> {
    let year: usize = label.parse().unwrap();
    let row = |at: usize| format!("{:05};{}\n", at % 97_000, at * 7 + year);
    let rows: String = (0..40_000).map(row).collect();
    format!("place;visits\n{rows}").into_bytes()
}

/// What one step came to.
pub enum Step {
    /// Answered, and there is more to do.
    Did,
    /// The centre works, or everything is done.
    Nothing,
    /// The disk was full, and the answer said so.
    Full(Answer),
    /// The connection was cut.
    Cut,
}

/// What an answer came to; one that is none of `good` is a fault.
pub fn step(answered: Answered, good: &[u16]) -> Step {
    match answered {
        Err(_) => Step::Cut,
        Ok(answer) if answer.status == 507 => Step::Full(answer),
        Ok(answer) => {
            assert!(good.contains(&answer.status), "{} {}", answer.status, answer.text);
            Step::Did
        }
    }
}

/// Somebody with a vintage to deposit, and somebody who accepts it.
pub struct Depositor {
    pub label: String,
    /// The bytes that the centre said to hold.
    pub acknowledged: u64,
    /// Whether the centre said that the file is whole.
    pub finished: bool,
}

impl Depositor {
    pub fn new(label: impl ToString) -> Self {
        Self { label: label.to_string(), acknowledged: 0, finished: false }
    }

    pub async fn vintage(&self, site: &Site, store: &Store) -> Option<Vintage> {
        let all = store.vintages_of(site.source).await.unwrap();
        all.into_iter().find(|vintage| vintage.label == self.label)
    }

    pub async fn deposit(&self, site: &Site, store: &Store) -> Option<Deposit> {
        let vintage = self.vintage(site, store).await?;
        let all = store.deposits_for(vintage.id).await.unwrap();
        assert!(all.len() <= 1, "one deposit was announced");
        all.into_iter().next()
    }

    /// Whether the vintage is on the shelf.
    pub async fn is_done(&self, site: &Site, store: &Store) -> bool {
        let deposit = self.deposit(site, store).await;
        deposit.is_some_and(|deposit| deposit.state.name() == "receipt_signed")
    }

    /// The next step.
    pub async fn step(&mut self, site: &Site, store: &Store, at: &People) -> Step {
        let Some(vintage) = self.vintage(site, store).await else {
            let path = format!("/data/sources/{}/vintages", site.source);
            let fields = [("label", self.label.as_str()), ("year", self.label.as_str())];
            return step(at.chloe.post(&path, &fields).await, &[303]);
        };
        let Some(deposit) = self.deposit(site, store).await else {
            let manifest = format!("{}  a.csv", sha256(&file_of(&self.label)));
            let path = format!("/data/vintages/{}/deposits", vintage.id);
            return step(at.chloe.post(&path, &[("manifest", &manifest)]).await, &[303]);
        };
        match deposit.state.name() {
            "channel_open" | "uploading" => self.send(&deposit, &at.chloe).await,
            "label_checked" => {
                let path = format!("/deposits/{}/decision", deposit.id);
                step(at.karim.post(&path, &[("decision", "accept")]).await, &[303])
            }
            "rejected" => panic!("deposit {} was rejected: {:?}", deposit.id, deposit.state),
            _ => Step::Nothing,
        }
    }

    /// Begins or goes on with the file: one piece, or its end.
    async fn send(&mut self, deposit: &Deposit, chloe: &Client) -> Step {
        let bytes = file_of(&self.label);
        let begin = json!({ "name": "a.csv", "size": bytes.len() });
        let begun = match chloe.json(&format!("/deposits/{}/files", deposit.id), &begin).await {
            Ok(begun) if begun.status == 200 => begun.json(),
            other => return step(other, &[]),
        };
        let (upload, held) = (begun["upload"].as_str().unwrap(), begun["offset"].as_u64().unwrap());
        assert!(held >= self.acknowledged, "{held} of {} bytes are left", self.acknowledged);
        self.acknowledged = held;
        let from = usize::try_from(held).unwrap();
        if from == bytes.len() {
            let body = json!({ "sha256": sha256(&bytes) });
            let done = step(chloe.json(&format!("{upload}/finish"), &body).await, &[200]);
            self.finished |= matches!(done, Step::Did);
            return done;
        }
        let piece = bytes[from..(from + PIECE).min(bytes.len())].to_vec();
        match chloe.put(upload, held, piece).await {
            Ok(taken) if taken.status == 200 => {
                self.acknowledged = taken.json()["offset"].as_u64().unwrap();
                Step::Did
            }
            other => step(other, &[]),
        }
    }
}

/// The people of a running server.
#[derive(Clone)]
pub struct People {
    pub chloe: Client,
    pub karim: Client,
    pub ada: Client,
    pub grace: Client,
}

impl People {
    pub fn of(server: &super::kit::Server) -> Self {
        let [chloe, karim, ada, grace] =
            ["chloe", "karim", "ada", "grace"].map(|name| server.client(name));
        Self { chloe, karim, ada, grace }
    }
}

/// Somebody who exports two files, and somebody who checks them.
#[derive(Default)]
pub struct Author {
    /// The export, once the author was told.
    pub export: Option<String>,
    /// Whether the centre said that it is sealed.
    pub sealed: bool,
    /// Whether the centre said that it is approved.
    pub approved: bool,
}

impl Author {
    pub async fn look(&self, store: &Store) -> Option<Export> {
        let id: domain::ExportId = self.export.as_ref()?.parse().unwrap();
        Some(store.get(id).await.unwrap().expect("an export that was answered is there"))
    }

    pub async fn is_done(&self, store: &Store) -> bool {
        let export = self.look(store).await;
        export.is_some_and(|export| ["available", "collected"].contains(&export.state.name()))
    }

    /// The next step.
    pub async fn step(&mut self, site: &Site, store: &Store, at: &People) -> Step {
        let Some(export) = self.look(store).await else {
            let made = at.ada.post("/exports", &[("bubble", &site.bubble)]).await;
            if let Ok(made) = &made
                && made.status == 303
            {
                self.export = made.location.split('/').nth(2).map(ToOwned::to_owned);
            }
            return step(made, &[303]);
        };
        let id = export.id;
        match export.state.name() {
            "draft" => {
                let sealed = seal(&at.ada, &id.to_string()).await;
                self.sealed |= matches!(sealed, Step::Did);
                sealed
            }
            "queued" => step(at.grace.post(&format!("/checks/{id}/take"), &[]).await, &[303]),
            "review_independent" => {
                let fields = ballot(&export);
                let fields: Vec<_> = fields.iter().map(|(key, v)| (key.as_str(), *v)).collect();
                step(at.grace.post(&format!("/checks/{id}/vote"), &fields).await, &[303])
            }
            "review_consolidation" => {
                let fields = [("action", "approve")];
                let done = at.grace.post(&format!("/checks/{id}/decide"), &fields).await;
                let done = step(done, &[303]);
                self.approved |= matches!(done, Step::Did);
                done
            }
            "blocked" | "failed" => panic!("export {id}: {:?}", export.state),
            _ => Step::Nothing,
        }
    }
}

/// The word of a file in forms.
fn key(path: &str) -> String {
    sha256(path.as_bytes())[..16].to_owned()
}

async fn seal(ada: &Client, id: &str) -> Step {
    let (table, notes) = (format!("in-{}", key("t.csv")), format!("in-{}", key("notes.txt")));
    let fields = [
        ("groups", "1"),
        ("title", "Table 1"),
        ("name-1", "Tables"),
        ("context-1", "Adults of the experiment"),
        ("controls-1", "Counts of 10 at least"),
        ("action", "seal"),
        (table.as_str(), "1"),
        (notes.as_str(), "1"),
    ];
    step(ada.post(&format!("/exports/{id}/edit"), &fields).await, &[303])
}

fn ballot(export: &Export) -> Vec<(String, &'static str)> {
    let votes = export.outputs().flat_map(|file| {
        let key = key(&file.path);
        [(format!("vote-{key}"), "approve"), (format!("comment-{key}"), "fine")]
    });
    votes.collect()
}
