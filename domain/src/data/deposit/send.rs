//! From the announcement to the last file received.

use jiff::{SignedDuration, Timestamp};

use super::{Deposit, DepositFile, DepositState, ManifestFile, Rejection};
use crate::{
    Actor, Denied, DepositId, PersonId, Refusal, Role, Source, Vintage, data::source::may_describe,
};

/// How long files may be sent once the channel is open (JOURNEYS 3.2).
pub const CHANNEL_HOURS: i64 = 24;

/// Most files of one deposit.
const FILES_MAX: usize = 1000;

/// The right to announce a deposit for one vintage; only [`may_deposit`] makes one.
#[derive(Debug)]
pub struct DepositPermit<'a> {
    by: PersonId,
    source: &'a Source,
    vintage: &'a Vintage,
}

/// Agents of the source's producer deposit, and data managers for them.
pub fn may_deposit<'a>(
    actor: &Actor,
    source: &'a Source,
    vintage: &'a Vintage,
) -> Result<DepositPermit<'a>, Denied> {
    may_describe(actor, source.producer)?;
    match vintage.source == source.id {
        true => Ok(DepositPermit { by: actor.id, source, vintage }),
        false => Err(Denied::Hidden),
    }
}

impl DepositPermit<'_> {
    /// A deposit of the files of `manifest`; of whatever the browser sends where it is empty.
    pub fn announce(self, id: DepositId, manifest: Vec<ManifestFile>) -> Result<Deposit, Refusal> {
        if !self.vintage.may_receive() {
            let state = self.vintage.state.name();
            let wrong = crate::WrongState { verb: "deposit for", noun: "vintage", state };
            return Err(wrong.into());
        }
        let grows = manifest.is_empty();
        let deposit = Deposit {
            id,
            version: 0,
            vintage: self.vintage.id,
            producer: self.source.producer,
            by: self.by,
            manifest: Vec::new(),
            grows,
            files: Vec::new(),
            state: DepositState::Announced,
        };
        manifest.into_iter().try_fold(deposit, |deposit, file| {
            if !is_sha256(&file.sha256) {
                return Err(Refusal::invalid("manifest", "manifest-sha256"));
            }
            with_file(deposit, file)
        })
    }
}

/// The deposit with one more announced file.
fn with_file(mut deposit: Deposit, file: ManifestFile) -> Result<Deposit, Refusal> {
    let stem = stem(&file.name).ok_or(Refusal::invalid("manifest", "manifest-name"))?;
    // The Parquet files are named by the stems, and some file systems do not tell case apart.
    let taken = |other: &ManifestFile| self::stem(&other.name) == Some(stem.clone());
    if deposit.manifest.iter().any(taken) {
        return Err(Refusal::invalid("manifest", "manifest-twice"));
    }
    if deposit.manifest.len() == FILES_MAX {
        return Err(Refusal::invalid("manifest", "manifest-many"));
    }
    deposit.manifest.push(file);
    Ok(deposit)
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
}

/// The lower-case stem of a file name that may be deposited: a CSV or Parquet file, without a
/// folder. Threat: a name that leads out of the deposit's folder, or that a terminal would obey.
fn stem(name: &str) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || " ._-()+,=@".contains(c);
    let (stem, extension) = name.rsplit_once('.')?;
    let known = ["csv", "tsv", "txt", "parquet"].contains(&extension.to_lowercase().as_str());
    let fits = name.len() <= 200 && !stem.is_empty() && !name.starts_with(['.', ' ', '-']);
    (known && fits && name.chars().all(plain)).then(|| stem.to_lowercase())
}

/// The right to send the files of one deposit; only [`may_send`] makes one.
#[derive(Debug)]
pub struct SendPermit<'a> {
    by: PersonId,
    deposit: &'a Deposit,
}

/// Agents of the deposit's producer send its files, and data managers for them. To others the
/// deposit does not exist.
pub fn may_send<'a>(actor: &Actor, deposit: &'a Deposit) -> Result<SendPermit<'a>, Denied> {
    let may = actor.has_for(Role::ProducerAgent, deposit.producer) || actor.has(Role::DataManager);
    if may { Ok(SendPermit { by: actor.id, deposit }) } else { Err(Denied::Hidden) }
}

impl SendPermit<'_> {
    /// Opens the channel for 24 hours, or opens it again with what came kept.
    pub fn open(self, at: Timestamp) -> Result<Deposit, Refusal> {
        match self.deposit.state {
            DepositState::Announced => {
                let until = at + SignedDuration::from_hours(CHANNEL_HOURS);
                Ok(self.with(DepositState::ChannelOpen { until }))
            }
            _ => Err(self.deposit.wrong("open").into()),
        }
    }

    /// Whether pieces may be written now.
    pub fn is_open(&self, at: Timestamp) -> Result<(), Refusal> {
        match self.deposit.open_until() {
            Some(until) if at < until => Ok(()),
            Some(_) => Err(Refusal::invalid("channel", "channel-closed")),
            None => Err(self.deposit.wrong("send files of").into()),
        }
    }

    /// A file is about to come. It must be in the manifest, or the manifest must grow.
    pub fn begin(self, name: &str, bytes: Option<u64>, at: Timestamp) -> Result<Deposit, Refusal> {
        self.is_open(at)?;
        let until = self.deposit.open_until().expect("`is_open` found it");
        let announced = self.deposit.manifest.iter().find(|file| file.name == name);
        if self.deposit.files.iter().any(|file| file.name == name) {
            return Err(Refusal::invalid("name", "file-came"));
        }
        let next = self.with(DepositState::Uploading { until });
        match announced {
            Some(file) => match (file.bytes, bytes) {
                (Some(announced), Some(bytes)) if announced != bytes => {
                    Err(Refusal::invalid("bytes", "file-length"))
                }
                _ => Ok(next),
            },
            None if next.grows => {
                let (name, sha256) = (name.to_owned(), String::new());
                with_file(next, ManifestFile { name, sha256, bytes: None, rows: None })
            }
            None => Err(Refusal::invalid("name", "file-not-announced")),
        }
    }

    /// A file is complete on disk: its name, length, and SHA-256 as its sender told it (empty where
    /// it did not). The last announced file makes the deposit received.
    pub fn receive(
        self,
        name: &str,
        bytes: u64,
        sha256: &str,
        at: Timestamp,
    ) -> Result<Deposit, Refusal> {
        self.is_open(at)?;
        if self.deposit.files.iter().any(|file| file.name == name) {
            return Err(Refusal::invalid("name", "file-came"));
        }
        let mut next = self.deposit.clone();
        let announced = next.manifest.iter_mut().find(|file| file.name == name);
        let announced = announced.ok_or(Refusal::invalid("name", "file-not-announced"))?;
        if announced.sha256.is_empty() {
            sha256.clone_into(&mut announced.sha256);
        } else if !sha256.is_empty() && announced.sha256 != sha256 {
            return Err(Refusal::invalid("sha256", "file-sha256"));
        }
        if announced.bytes.is_some_and(|announced| announced != bytes) {
            return Err(Refusal::invalid("bytes", "file-length"));
        }
        next.files.push(DepositFile {
            name: name.to_owned(),
            sha256: sha256.to_owned(),
            bytes,
            parquet: None,
            rows: None,
            report: None,
        });
        if !next.grows && next.missing().next().is_none() {
            next.state = DepositState::Received { at };
        }
        Ok(next)
    }

    /// The depositor says that every file was sent, where the manifest grew with them. A file that
    /// was begun and not finished is no part of the deposit.
    pub fn complete(self, at: Timestamp) -> Result<Deposit, Refusal> {
        self.is_open(at)?;
        if !self.deposit.grows || self.deposit.files.is_empty() {
            return Err(Refusal::invalid("files", "files-missing"));
        }
        let mut next = self.with(DepositState::Received { at });
        let files = &next.files;
        next.manifest.retain(|file| files.iter().any(|came| came.name == file.name));
        Ok(next)
    }

    /// The depositor takes the deposit back before it is decided.
    pub fn abandon(self, at: Timestamp) -> Result<Deposit, Refusal> {
        let is_decided = matches!(self.deposit.state, DepositState::Accepted { .. });
        if is_decided || self.deposit.is_over() {
            return Err(self.deposit.wrong("withdraw").into());
        }
        let reason = Rejection::new("withdrawn", "", "");
        Ok(self.with(DepositState::Rejected { reason, at }))
    }

    /// Who sends.
    pub fn by(&self) -> PersonId {
        self.by
    }

    fn with(&self, state: DepositState) -> Deposit {
        Deposit { state, ..self.deposit.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{
        deposit::tests::{at, deposit, every_state},
        source::tests::actor,
    };

    #[test]
    fn every_verb_goes_through_every_state() {
        let agent = actor(2, &[(Role::ProducerAgent, Some(1))]);
        let names = |verb: &dyn Fn(SendPermit<'_>) -> Result<Deposit, Refusal>| {
            let states = every_state().into_iter();
            let go = |state| {
                let deposit = deposit(state);
                verb(may_send(&agent, &deposit).unwrap()).ok().map(|next| next.state.name())
            };
            states.map(go).collect::<Vec<_>>()
        };
        let (yes, no) = (Some("channel_open"), None);
        assert_eq!(names(&|p| p.open(at()))[..3], [yes, no, no]);
        assert!(names(&|p| p.open(at()))[1..].iter().all(Option::is_none));
        let begun = names(&|p| p.begin("a.csv", Some(3), at()));
        assert_eq!(begun[1..3], [Some("uploading"), Some("uploading")]);
        assert_eq!(begun.iter().flatten().count(), 2);
        let received = names(&|p| p.receive("a.csv", 3, &"0".repeat(64), at()));
        assert_eq!(received[1..3], [Some("received"), Some("received")]);
        assert_eq!(received.iter().flatten().count(), 2);
        let abandoned = names(&|p| p.abandon(at()));
        assert_eq!(abandoned.iter().flatten().count(), 8);
        assert_eq!(abandoned[8..], [None, None, None]);
    }

    #[test]
    fn the_channel_closes_after_a_day() {
        let agent = actor(2, &[(Role::ProducerAgent, Some(1))]);
        let announced = deposit(DepositState::Announced);
        let open = may_send(&agent, &announced).unwrap().open(at()).unwrap();
        let late = at() + SignedDuration::from_hours(24);
        let refused = may_send(&agent, &open).unwrap().begin("a.csv", None, late);
        assert_eq!(refused, Err(Refusal::invalid("channel", "channel-closed")));
    }

    #[test]
    fn a_wrong_hash_length_or_name_is_refused_before_the_checks() {
        let agent = actor(2, &[(Role::ProducerAgent, Some(1))]);
        let open = deposit(every_state().remove(2));
        let permit = || may_send(&agent, &open).unwrap();
        assert!(permit().receive("a.csv", 3, &"1".repeat(64), at()).is_err());
        assert!(permit().receive("a.csv", 4, &"0".repeat(64), at()).is_err());
        assert!(permit().receive("b.csv", 3, &"0".repeat(64), at()).is_err());
        assert!(permit().begin("b.csv", None, at()).is_err());
        assert!(permit().complete(at()).is_err());
    }

    #[test]
    fn a_growing_manifest_takes_each_file_s_hash_from_its_sender() {
        let agent = actor(2, &[(Role::ProducerAgent, Some(1))]);
        let open = Deposit { manifest: vec![], grows: true, ..deposit(every_state().remove(2)) };
        let begun = may_send(&agent, &open).unwrap().begin("b.csv", None, at()).unwrap();
        let got = may_send(&agent, &begun).unwrap().receive("b.csv", 3, "", at()).unwrap();
        assert_eq!(got.state.name(), "uploading");
        let half = may_send(&agent, &got).unwrap().begin("c.csv", None, at()).unwrap();
        let all = may_send(&agent, &half).unwrap().complete(at()).unwrap();
        assert_eq!((all.state.name(), all.manifest.len()), ("received", 1));
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in [
            "../a.csv",
            "a/b.csv",
            ".a.csv",
            "a",
            "a.exe",
            "-a.csv",
            "a\u{202e}.csv",
            ".csv",
            "a\n.csv",
        ] {
            assert_eq!(stem(name), None, "{name:?}");
        }
        assert_eq!(stem("Été 2019.CSV").as_deref(), Some("été 2019"));
    }

    #[test]
    fn only_the_producer_s_agents_and_data_managers_send() {
        let open = deposit(every_state().remove(2));
        for role in Role::ALL {
            let of = |n| actor(5, &[(role, role.is_of_a_producer().then_some(n))]);
            let expected = matches!(role, Role::ProducerAgent | Role::DataManager);
            assert_eq!(may_send(&of(1), &open).is_ok(), expected, "{role:?}");
            assert_eq!(may_send(&of(2), &open).is_ok(), role == Role::DataManager, "{role:?}");
        }
    }
}
