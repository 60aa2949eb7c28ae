//! What the tests of this column share: a project with a bubble, files in its `exports/`, and the
//! path of a request up to each state.

use std::path::PathBuf;

use centre_tests::{Answer, Client, TestCentre};
use domain::{
    Application, Bubble, Export, ExportId, Habilitation, PersonId, Timestamp,
    people::habilitation::HabilitationState,
    projects::application::{ApplicationState, Member},
    settings::bubble::BubbleState,
};
use sha2::{Digest, Sha256};
use store::Entity;

/// A table that no rule refuses.
pub const SAFE: &str = "plan,visits\nfree care,1204\ncoinsurance 95,894\n";
/// A table with a count below every minimum.
pub const SMALL: &str = "plan,count\nfree care,1204\ncoinsurance 95,2\n";

/// A centre with a project of `ada` (lead) and `ben`, and its bubble.
pub struct Lab {
    pub centre: TestCentre,
    pub application: Application,
    pub bubble: Bubble,
}

pub async fn insert<E: Entity>(centre: &TestCentre, value: &E) {
    let event = centre.centre.system_event("test.made", "test", value.id());
    centre.centre.store.change(&event).insert(value).commit().await.expect("inserted");
}

pub async fn replace<E: Entity + Clone>(centre: &TestCentre, before: &E, after: &E) {
    let event = centre.centre.system_event("test.changed", "test", after.id());
    centre.centre.store.change(&event).replace(before, after).commit().await.expect("replaced");
}

fn later(centre: &TestCentre, days: i64) -> Timestamp {
    centre.centre.now() + jiff::SignedDuration::from_hours(days * 24)
}

impl Lab {
    pub async fn start() -> Self {
        let centre = TestCentre::start_with_bubbles().await;
        let (application, bubble) = project(&centre, "ada", &["ben"], 1).await;
        Self { centre, application, bubble }
    }

    pub fn exports(&self) -> PathBuf {
        self.centre.centre.host.folder(&self.bubble).join("exports")
    }

    /// Writes a file as a program in the bubble would.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let place = self.exports().join(path);
        std::fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        std::fs::write(place, text).expect("written");
    }

    /// A draft of ada's.
    pub async fn draft(&self, ada: &Client) -> String {
        let bubble = self.bubble.id.to_string();
        let answer = ada.post("/exports", &[("bubble", &bubble)]).await;
        assert!(answer.location.ends_with("/edit"), "{} {}", answer.status, answer.text);
        answer.location.split('/').nth(2).expect("an id").to_owned()
    }

    /// Sends the form of a draft with these files in its group, by the button `action`.
    pub async fn form(&self, ada: &Client, id: &str, files: &[&str], action: &str) -> Answer {
        let keys: Vec<String> = files.iter().map(|path| format!("in-{}", key(path))).collect();
        let mut fields = vec![
            ("groups", "1"),
            ("title", "Table 1"),
            ("name-1", "Tables"),
            ("context-1", "Adults of the experiment"),
            ("controls-1", "Counts of 10 at least"),
            ("action", action),
        ];
        fields.extend(keys.iter().map(|key| (key.as_str(), "1")));
        ada.post(&format!("/exports/{id}/edit"), &fields).await
    }

    /// Seals these files and waits until the centre has done its part.
    pub async fn seal(&self, files: &[&str]) -> String {
        self.seal_as("ada", files).await
    }

    /// The same by another member of the project.
    pub async fn seal_as(&self, name: &str, files: &[&str]) -> String {
        let ada = self.centre.person(name).await;
        let id = self.draft(&ada).await;
        let answer = self.form(&ada, &id, files, "seal").await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        self.settled().await;
        id
    }

    /// Waits until no job runs and nothing is left to do.
    pub async fn settled(&self) {
        for _ in 0..3 {
            self.centre.centre.jobs.idle().await;
            self.centre.centre.tick().await.expect("a tick");
        }
        self.centre.centre.jobs.idle().await;
    }

    pub async fn export(&self, id: &str) -> Export {
        let id: ExportId = id.parse().expect("an id");
        self.centre.centre.store.get(id).await.expect("a database").expect("an export")
    }

    pub async fn state(&self, id: &str) -> &'static str {
        self.export(id).await.state.name()
    }

    /// Takes the review and votes `choice` on every file.
    pub async fn vote(&self, checker: &Client, id: &str, choice: &str) -> Answer {
        checker.post(&format!("/checks/{id}/take"), &[]).await;
        let fields = self.ballot(id, choice).await;
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        checker.post(&format!("/checks/{id}/vote"), &fields).await
    }

    pub async fn ballot(&self, id: &str, choice: &str) -> Vec<(String, String)> {
        let export = self.export(id).await;
        let of = |path: &str| {
            let key = key(path);
            [
                (format!("vote-{key}"), choice.to_owned()),
                (format!("comment-{key}"), "secret reason".to_owned()),
            ]
        };
        export.outputs().flat_map(|file| of(&file.path)).collect()
    }

    /// Approved by grace and released.
    pub async fn release(&self, files: &[&str]) -> String {
        let id = self.seal(files).await;
        let grace = self.centre.person("grace").await;
        assert_eq!(self.vote(&grace, &id, "approve").await.status, 303);
        let answer = grace.post(&format!("/checks/{id}/decide"), &[("action", "approve")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        self.settled().await;
        id
    }

    /// Makes a person a member of the project.
    pub async fn join(&self, name: &str) {
        let person = self.centre.who(name).await.id;
        let before: Application = self
            .centre
            .centre
            .store
            .get(self.application.id)
            .await
            .expect("a database")
            .expect("it");
        let mut after = before.clone();
        after.members.push(Member { person, bubble: true, edits: false });
        replace(&self.centre, &before, &after).await;
    }
}

/// An authorised project with an open bubble; lead and members have live habilitations.
pub async fn project(
    centre: &TestCentre,
    lead: &str,
    members: &[&str],
    number: u32,
) -> (Application, Bubble) {
    let lead = centre.who(lead).await.id;
    let mut people = vec![lead];
    for name in members {
        people.push(centre.who(name).await.id);
    }
    let member = |person: &PersonId| Member { person: *person, bubble: true, edits: false };
    let application = Application {
        id: centre.centre.id(),
        version: 0,
        number: Some(format!("2026-{number:04}")),
        lead,
        members: people.iter().skip(1).map(member).collect(),
        fields: [("title_en".to_owned(), format!("Project {number}"))].into(),
        attachments: vec![],
        submissions: vec![],
        changed_at: centre.centre.now(),
        state: ApplicationState::Authorised {
            since: centre.centre.now(),
            until: later(centre, 900),
        },
    };
    insert(centre, &application).await;
    let bubble = Bubble {
        id: centre.centre.id(),
        version: 0,
        application: application.id,
        number,
        profile: "small".to_owned(),
        image: None,
        checks: vec![],
        state: BubbleState::Active { since: centre.centre.now() },
    };
    insert(centre, &bubble).await;
    for person in people {
        let state =
            HabilitationState::Active { start: centre.centre.now(), end: later(centre, 900) };
        let id = centre.centre.id();
        let application = application.id;
        let held = Habilitation { id, version: 0, person, application, grants: vec![], state };
        insert(centre, &held).await;
    }
    let folder = centre.centre.host.folder(&bubble).join("exports");
    std::fs::create_dir_all(folder).expect("the bubble's exports");
    (application, bubble)
}

/// The word of a file in forms.
pub fn key(path: &str) -> String {
    hex::encode(&Sha256::digest(path.as_bytes())[..8])
}
