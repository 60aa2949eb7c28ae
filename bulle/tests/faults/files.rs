//! Somebody who sends files into the bubble and attaches files to a draft, and who lets them in.

use std::{collections::BTreeSet, fs};

use domain::{Application, ApplicationId, Import, PersonId};
use reqwest::multipart::{Form, Part};
use store::Store;

use super::{
    kit::{Answered, Site, sha256},
    work::{People, Step, step},
};

/// Imports that are sent at most: a person may send so many a day.
const IMPORTS: usize = 16;
/// Files that are attached at once at most; then one is taken out again.
const ATTACHED: usize = 3;

/// What a person knows of their files.
#[derive(Default)]
pub struct Sender {
    draft: Option<ApplicationId>,
    /// SHA-256 of what the centre said to have taken, as an import and as an attachment.
    sent: BTreeSet<String>,
    attached: BTreeSet<String>,
    steps: usize,
}

/// A text that was never sent before.
fn text(name: &str, number: usize) -> Vec<u8> {
    format!("{name} {number:06}\n").repeat(1 << 14).into_bytes()
}

fn part(bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name("a.txt")
}

impl Sender {
    /// The next step.
    pub async fn step(&mut self, site: &Site, store: &Store, at: &People) -> Step {
        self.steps += 1;
        let Some(draft) = self.draft else {
            let made = at.ada.post("/applications", &[]).await;
            if let Ok(made) = &made
                && made.status == 303
            {
                self.draft = made.id().parse().ok();
            }
            return step(made, &[303]);
        };
        let draft: Application = store.get(draft).await.unwrap().unwrap();
        match self.steps % 3 {
            0 => self.attach(&draft, at).await,
            1 => self.send(site, store, draft.lead, at).await,
            _ => accept(store, draft.lead, at).await,
        }
    }

    /// Adds a file to the draft, or takes the oldest out.
    async fn attach(&mut self, draft: &Application, at: &People) -> Step {
        let path = format!("/applications/{}/attachments", draft.id);
        if draft.attachments.len() >= ATTACHED {
            let oldest = &draft.attachments[0];
            self.attached.remove(&oldest.sha256); // whether it is answered or not
            return step(at.ada.post(&format!("{path}/{}/remove", oldest.id), &[]).await, &[303]);
        }
        let bytes = text("attached", self.steps);
        let hash = sha256(&bytes);
        let form = Form::new().text("title", "Plan").text("kind", "cv").part("file", part(bytes));
        let done = step(at.ada.multipart(&path, form).await, &[303]);
        note(&mut self.attached, hash, done)
    }

    async fn send(&mut self, site: &Site, store: &Store, ada: PersonId, at: &People) -> Step {
        if store.imports_by(ada).await.unwrap().len() >= IMPORTS {
            return Step::Did;
        }
        let bytes = text("sent", self.steps);
        let hash = sha256(&bytes);
        let mut form = Form::new().part("file", part(bytes));
        for (name, value) in [("kind", "code"), ("origin", "my own"), ("reason", "to fit")] {
            form = form.text(name, value);
        }
        let path = format!("/bubbles/{}/imports", site.bubble);
        let done = step(at.ada.multipart(&path, form).await, &[303]);
        note(&mut self.sent, hash, done)
    }

    /// What must hold when the centre is at rest: every file that was acknowledged is there, each
    /// file on the disk is named by its row, and what was let in lies whole in the bubble.
    pub async fn check(&self, site: &Site, store: &Store) {
        let imports: Vec<Import> = store.all().await.unwrap();
        for hash in &self.sent {
            assert!(imports.iter().any(|import| import.sha256 == *hash), "an import was lost");
        }
        let named: BTreeSet<String> =
            imports.iter().filter(|one| one.is_kept()).map(|one| one.id.to_string()).collect();
        assert_eq!(names(&site.dir.join("imports")), named, "files and rows of imports");
        for import in &imports {
            let kept = fs::read(site.dir.join("imports").join(import.id.to_string()));
            assert!(kept.is_err() || sha256(&kept.unwrap()) == import.sha256);
            if import.state.name() == "delivered" {
                let place = format!("bubbles/1/imports/{}/{}", import.number, import.told.name);
                assert_eq!(sha256(&fs::read(site.dir.join(place)).unwrap()), import.sha256);
            }
        }
        for application in store.all::<Application>().await.unwrap() {
            let folder = site.dir.join("attachments").join(application.id.to_string());
            let named = application.attachments.iter().map(|one| one.sha256.clone()).collect();
            assert_eq!(names(&folder), named, "files and rows of attachments");
            if Some(application.id) == self.draft {
                assert!(self.attached.is_subset(&named), "an attachment was lost");
            }
        }
    }
}

/// Remembers what was acknowledged.
fn note(known: &mut BTreeSet<String>, hash: String, done: Step) -> Step {
    if let Step::Did = done {
        known.insert(hash);
    }
    done
}

/// The checker lets the first waiting file in.
async fn accept(store: &Store, ada: PersonId, at: &People) -> Step {
    let imports = store.imports_by(ada).await.unwrap();
    let Some(first) = imports.into_iter().find(|one| one.state.name() == "in_review") else {
        return Step::Did;
    };
    let fields = [("action", "accept"), ("sha256", first.sha256.as_str()), ("comment", "fine")];
    let decided: Answered = at.grace.post(&format!("/imports/{}/decide", first.id), &fields).await;
    step(decided, &[303])
}

/// The names in a folder; none where there is no folder.
fn names(folder: &std::path::Path) -> BTreeSet<String> {
    let listed = fs::read_dir(folder).into_iter().flatten().flatten();
    listed.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
