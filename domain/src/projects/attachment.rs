//! Files that a team adds to its application (JOURNEYS 2.2, P10): an ethics opinion, a data
//! management plan, a letter.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use super::attachment_content::Content;
use super::{
    application::Application,
    application_team::{EditPermit, open},
    written,
};
use crate::{AttachmentId, PersonId, Refusal};

/// The largest file, in bytes.
pub const BYTES_MAX: u64 = 20 << 20;
/// The most files of an application.
pub const COUNT_MAX: usize = 20;
/// The longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// The longest file name without its extension, in characters.
const NAME_MAX: usize = 100;

/// A file that comes with an application. Its bytes stand under their hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Which.
    pub id: AttachmentId,
    /// What it is, in the team's words.
    pub title: String,
    /// What it is for.
    pub kind: AttachmentKind,
    /// Its name, as [`clean_name`] gives it.
    pub name: String,
    /// What it holds.
    pub content: Content,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Who added it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// What an attachment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// The opinion of an ethics committee.
    EthicsOpinion,
    /// A data management plan.
    DataManagementPlan,
    /// A funder's letter.
    FundingLetter,
    /// Somebody's curriculum vitae.
    Cv,
    /// Anything else.
    Other,
}

impl AttachmentKind {
    /// Every kind, in the order in which pages list them.
    pub const ALL: [Self; 5] =
        [Self::EthicsOpinion, Self::DataManagementPlan, Self::FundingLetter, Self::Cv, Self::Other];

    /// The kind's stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::EthicsOpinion => "ethics_opinion",
            Self::DataManagementPlan => "data_management_plan",
            Self::FundingLetter => "funding_letter",
            Self::Cv => "cv",
            Self::Other => "other",
        }
    }

    /// Reads a kind's stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A file's name as it is kept and offered: its last piece, without what a path, a header or a
/// screen could take for something else, and with the extension of what the file really holds.
pub fn clean_name(given: &str, content: Content) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = match last.rsplit_once('.') {
        Some((stem, extension)) if content.is_called(extension) => stem,
        _ => last,
    };
    let plain = |c: char| !c.is_control() && !"<>:\"|?*%;".contains(c) && !is_invisible(c);
    let stem: String = stem.chars().filter(|c| plain(*c)).take(NAME_MAX).collect();
    let stem = stem.trim().trim_matches('.').trim();
    let stem = if stem.is_empty() { "file" } else { stem };
    format!("{stem}.{}", content.extension())
}

/// Characters that show nothing, or that turn the direction of what follows: `gpj.exe` can look
/// like `exe.jpg` behind one.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl EditPermit<'_> {
    /// Whether one more file can be added: asked before its bytes are taken.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] once the file is submitted, [`Refusal::Invalid`] where there are
    /// [`COUNT_MAX`].
    pub fn has_place(&self) -> Result<(), Refusal> {
        open(self.application(), "attach a file to")?;
        match self.application().attachments.len() < COUNT_MAX {
            true => Ok(()),
            false => Err(Refusal::invalid("file", "too-many-files")),
        }
    }

    /// Adds a file.
    ///
    /// # Errors
    /// Those of [`EditPermit::has_place`]; [`Refusal::Invalid`] for a title that is missing or too
    /// long, an empty or too large file, and one that is there already.
    pub fn attach(self, attachment: Attachment, at: Timestamp) -> Result<Application, Refusal> {
        self.has_place()?;
        let title = written("title", &attachment.title, TITLE_MAX)?;
        if title.contains(char::is_control) {
            return Err(Refusal::invalid("title", "one-line"));
        }
        let mut next = self.application().clone();
        match attachment.bytes {
            0 => return Err(Refusal::invalid("file", "empty-file")),
            bytes if bytes > BYTES_MAX => return Err(Refusal::invalid("file", "too-large")),
            _ if next.attachments.iter().any(|other| other.sha256 == attachment.sha256) => {
                return Err(Refusal::invalid("file", "twice"));
            }
            _ => next.attachments.push(Attachment { title, ..attachment }),
        }
        next.changed_at = at;
        Ok(next)
    }

    /// Takes a file out. Submissions that name it keep it.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] once the file is submitted, [`Refusal::Invalid`] where it is not
    /// there.
    pub fn detach(
        self,
        id: AttachmentId,
        at: Timestamp,
    ) -> Result<(Application, Attachment), Refusal> {
        open(self.application(), "take a file out of")?;
        let mut next = self.application().clone();
        let place = next.attachments.iter().position(|one| one.id == id);
        let place = place.ok_or_else(|| Refusal::invalid("attachment", "unknown"))?;
        let taken = next.attachments.remove(place);
        next.changed_at = at;
        Ok((next, taken))
    }
}

impl Application {
    /// A file that comes with it, or that came with one of its submissions.
    pub fn attachment(&self, id: AttachmentId) -> Option<&Attachment> {
        self.all_attachments().find(|one| one.id == id)
    }

    /// Whether bytes with this hash are needed: by the file or by one of its submissions.
    pub fn names_bytes(&self, sha256: &str) -> bool {
        self.all_attachments().any(|one| one.sha256 == sha256)
    }

    fn all_attachments(&self) -> impl Iterator<Item = &Attachment> {
        let submitted = self.submissions.iter().flat_map(|one| &one.attachments);
        self.attachments.iter().chain(submitted)
    }
}

#[cfg(test)]
#[path = "attachment_tests.rs"]
mod tests;
