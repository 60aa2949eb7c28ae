//! A file that a member asks to bring into a bubble (JOURNEYS 1.16): sent with a reason, looked at
//! by a checker who is not of the project, delivered read-only below `imports/`.
//!
//! JOURNEYS' states `draft`, `quarantine`, `scanning` and `question` are not here: a file is sent
//! whole, lies apart until it is decided, and nothing scans it but a person.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use super::import_state::{ImportState, Undelivered};

use super::export_author::TEXT_CHARS;
use crate::{
    Actor, ApplicationId, BubbleId, Denied, ImportId, PersonId, Refusal, Role, WrongState,
    settings::Bubble,
};

/// Bytes of a file at most: what one person can look through.
pub const MAX_BYTES: u64 = 1 << 20;
/// Files that one person sends in a day (of UTC) at most (JOURNEYS 1.16).
pub const A_DAY: usize = 20;
/// Characters of a file's name at most.
pub const NAME_CHARS: usize = 120;

/// What the file is (JOURNEYS 1.16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// A program.
    Code,
    /// A table of codes or labels.
    ReferenceTable,
    /// A text.
    Document,
    /// Anything else.
    OtherData,
}

impl ImportKind {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Code, Self::ReferenceTable, Self::Document, Self::OtherData];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::ReferenceTable => "reference_table",
            Self::Document => "document",
            Self::OtherData => "other_data",
        }
    }

    /// Reads the stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A file on its way into a bubble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Which.
    pub id: ImportId,
    /// Counts the changes.
    pub version: i64,
    /// Into which bubble.
    pub bubble: BubbleId,
    /// Of which project.
    pub application: ApplicationId,
    /// Who asks.
    pub author: PersonId,
    /// 1, 2, ... within the project: the folder below `imports/`.
    pub number: u32,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// What its author says of it.
    pub told: Told,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Where it stands.
    pub state: ImportState,
}

/// What the author says of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its name in the bubble: one plain name, no folder.
    pub name: String,
    /// What it is.
    pub kind: ImportKind,
    /// Where it comes from.
    pub origin: String,
    /// What it is needed for.
    pub reason: String,
    /// Whether it could be linked to the sources of the project.
    pub linkable: bool,
}

/// Who may see an import and what it holds: its project, checkers and those who audit.
pub fn may_see(actor: &Actor, import: &Import) -> Result<(), Denied> {
    let watches = [Role::Checker, Role::CheckerLead, Role::SecurityOfficer, Role::Auditor];
    let watches = watches.into_iter().any(|role| actor.has(role));
    match actor.works_in(import.application) || watches {
        true => Ok(()),
        false => Err(Denied::Hidden),
    }
}

/// Leave to send a file into a bubble.
#[derive(Debug)]
pub struct SendPermit<'a> {
    author: PersonId,
    bubble: &'a Bubble,
}

/// Members with a live habilitation send files into their bubble. `habilitated` says whether the
/// actor's habilitation covers it now.
pub fn may_send<'a>(
    actor: &Actor,
    bubble: &'a Bubble,
    habilitated: bool,
) -> Result<SendPermit<'a>, Denied> {
    match actor.works_in(bubble.application) {
        false => Err(Denied::Hidden),
        true if !actor.may_act => Err(Denied::AccountNotActive),
        true if !habilitated => Err(Denied::NoHabilitation),
        true => Ok(SendPermit { author: actor.id, bubble }),
    }
}

/// What the centre knows of a file that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The import's id.
    pub id: ImportId,
    /// Its number in the project.
    pub number: u32,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub bytes: u64,
    /// How many the author has sent today already.
    pub today: usize,
}

impl SendPermit<'_> {
    /// The file as it waits for its checker. `personal` says whether it holds personal data, which
    /// come in as a source of a producer and never by this door.
    pub fn send(
        self,
        told: Told,
        personal: bool,
        received: Received,
        at: Timestamp,
    ) -> Result<Import, Refusal> {
        // A closing bubble is read-only: nothing comes in any more.
        if !matches!(self.bubble.state.name(), "ready" | "active") {
            let state = self.bubble.state.name();
            return Err(WrongState { verb: "import", noun: "bubble", state }.into());
        }
        told.check()?;
        let wrong = match received.bytes {
            _ if personal => Some(("personal", "import-personal")),
            0 => Some(("file", "import-empty")),
            MAX_BYTES.. if received.bytes > MAX_BYTES => Some(("file", "import-too-long")),
            _ if received.today >= A_DAY => Some(("file", "import-too-many")),
            _ => None,
        };
        if let Some((field, key)) = wrong {
            return Err(Refusal::invalid(field, key));
        }
        Ok(Import {
            id: received.id,
            version: 0,
            bubble: self.bubble.id,
            application: self.bubble.application,
            author: self.author,
            number: received.number,
            sent_at: at,
            told,
            sha256: received.sha256,
            bytes: received.bytes,
            state: ImportState::InReview,
        })
    }
}

impl Told {
    fn check(&self) -> Result<(), Refusal> {
        if !is_plain_name(&self.name) {
            return Err(Refusal::invalid("file", "import-name"));
        }
        for (field, text, missing) in [
            ("reason", &self.reason, "import-no-reason"),
            ("origin", &self.origin, "import-no-origin"),
        ] {
            if text.trim().is_empty() {
                return Err(Refusal::invalid(field, missing));
            }
            if text.chars().count() > TEXT_CHARS {
                return Err(Refusal::invalid(field, "import-long"));
            }
        }
        Ok(())
    }
}

/// Whether a name can stand in a folder and be read by people as what it is: Latin letters, digits,
/// space and `.`, `-`, `_`, beginning with a letter, a digit or `_`. No separator, no control sign,
/// no option of a command; no letter of another script, for some turn the direction of writing,
/// some are drawn as nothing (fillers), and some look like a Latin one.
pub fn is_plain_name(name: &str) -> bool {
    let sign = |c: char| is_latin(c) || matches!(c, '.' | '-' | '_' | ' ');
    let first = |c: char| is_latin(c) || c == '_';
    name.chars().count() <= NAME_CHARS
        && name.len() <= 255
        && name.chars().next().is_some_and(first)
        && name.chars().all(sign)
        && !name.ends_with([' ', '.'])
}

/// Digits, and the letters of ASCII and of the blocks Latin-1 Supplement, Latin Extended-A and
/// Latin Extended Additional.
fn is_latin(c: char) -> bool {
    let block = matches!(c, '\u{c0}'..='\u{17f}' | '\u{1e00}'..='\u{1eff}');
    c.is_ascii_alphanumeric() || block && c.is_alphabetic()
}

/// Leave of the author.
#[derive(Debug)]
pub struct AuthorPermit<'a> {
    import: &'a Import,
}

/// Only the author takes an import back.
pub fn may_withdraw<'a>(actor: &Actor, import: &'a Import) -> Result<AuthorPermit<'a>, Denied> {
    may_see(actor, import)?;
    match actor.id == import.author {
        true if !actor.may_act => Err(Denied::AccountNotActive),
        true => Ok(AuthorPermit { import }),
        false => Err(Denied::NotTheAuthor),
    }
}

impl AuthorPermit<'_> {
    /// Takes it back before it was decided.
    pub fn withdraw(self, at: Timestamp) -> Result<Import, WrongState> {
        self.import.waiting("withdraw")?;
        Ok(self.import.to(ImportState::Withdrawn { at }))
    }
}

/// Leave to decide.
#[derive(Debug)]
pub struct DecidePermit<'a> {
    checker: PersonId,
    import: &'a Import,
}

/// Checkers outside the project decide; author and members never do, whatever else they are.
pub fn may_decide<'a>(actor: &Actor, import: &'a Import) -> Result<DecidePermit<'a>, Denied> {
    let own = actor.id == import.author || actor.works_in(import.application);
    match actor.has(Role::Checker) {
        true if own => Err(Denied::OwnProject),
        true => Ok(DecidePermit { checker: actor.id, import }),
        false if own => Err(Denied::NeedsRole(Role::Checker.name())),
        false => {
            may_see(actor, import)?;
            Err(Denied::NeedsRole(Role::Checker.name()))
        }
    }
}

impl DecidePermit<'_> {
    /// Lets it in. `sha256` is what the checker's page showed: the file that was looked at.
    pub fn accept(self, sha256: &str, comment: &str, at: Timestamp) -> Result<Import, Refusal> {
        self.import.waiting("accept")?;
        if sha256 != self.import.sha256 {
            return Err(Refusal::invalid("sha256", "import-other-file"));
        }
        let comment = within(comment)?;
        Ok(self.import.to(ImportState::Accepted { by: self.checker, at, comment }))
    }

    /// Keeps it out, and says why.
    pub fn refuse(self, comment: &str, at: Timestamp) -> Result<Import, Refusal> {
        self.import.waiting("refuse")?;
        let comment = within(comment)?;
        if comment.is_empty() {
            return Err(Refusal::invalid("comment", "import-no-comment"));
        }
        Ok(self.import.to(ImportState::Refused { by: self.checker, at, comment }))
    }
}

fn within(comment: &str) -> Result<String, Refusal> {
    let comment = comment.trim();
    match comment.chars().count() {
        0..=TEXT_CHARS => Ok(comment.to_owned()),
        _ => Err(Refusal::invalid("comment", "import-long")),
    }
}

impl Import {
    /// The centre has brought it into the bubble.
    pub fn deliver(&self, at: Timestamp) -> Result<Self, WrongState> {
        match &self.state {
            ImportState::Accepted { by, comment, .. } => {
                Ok(self.to(ImportState::Delivered { by: *by, at, comment: comment.clone() }))
            }
            _ => Err(self.wrong("deliver")),
        }
    }

    /// The centre cannot bring it into the bubble.
    pub fn fail(&self, why: Undelivered, at: Timestamp) -> Result<Self, WrongState> {
        match &self.state {
            ImportState::Accepted { by, comment, .. } => {
                Ok(self.to(ImportState::Failed { by: *by, at, comment: comment.clone(), why }))
            }
            _ => Err(self.wrong("fail")),
        }
    }

    /// Whether its bytes are kept.
    pub fn is_kept(&self) -> bool {
        !matches!(self.state, ImportState::Refused { .. } | ImportState::Withdrawn { .. })
    }

    /// The folder below `imports/`, and the name in it.
    pub fn place(&self) -> String {
        format!("imports/{}/{}", self.number, self.told.name)
    }

    fn waiting(&self, verb: &'static str) -> Result<(), WrongState> {
        match self.state {
            ImportState::InReview => Ok(()),
            _ => Err(self.wrong(verb)),
        }
    }

    fn wrong(&self, verb: &'static str) -> WrongState {
        WrongState { verb, noun: "import", state: self.state.name() }
    }

    fn to(&self, state: ImportState) -> Self {
        Self { state, ..self.clone() }
    }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
