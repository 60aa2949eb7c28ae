//! The centre's own checks, and the data manager's decision.

use jiff::Timestamp;

use super::{Deposit, DepositFile, DepositState, Difference, Rejection};
use crate::{Actor, Denied, PersonId, Refusal, Role, VintageId, WrongState};

/// The centre's own right to move a deposit through its checks. No person holds it: it is given
/// to the job and to the clock, which no command reaches.
#[derive(Debug)]
pub struct CheckPermit<'a> {
    deposit: &'a Deposit,
}

/// The checks of a deposit, for the centre's job and clock.
pub fn checks_of(deposit: &Deposit) -> CheckPermit<'_> {
    CheckPermit { deposit }
}

impl CheckPermit<'_> {
    /// Every file has the announced SHA-256; `sha256` are the computed ones, in the files' order.
    pub fn hash_checked(self, sha256: &[String]) -> Result<Deposit, WrongState> {
        let DepositState::Received { .. } = self.deposit.state else {
            return Err(self.deposit.wrong("check the hashes of"));
        };
        let mut next = Deposit { state: DepositState::HashChecked, ..self.deposit.clone() };
        for (file, sha256) in next.files.iter_mut().zip(sha256) {
            file.sha256.clone_from(sha256);
            let announced = next.manifest.iter_mut().find(|announced| announced.name == file.name);
            if let Some(announced) = announced.filter(|announced| announced.sha256.is_empty()) {
                announced.sha256.clone_from(sha256); // sent without script, and without a manifest
            }
        }
        Ok(next)
    }

    /// Every file is what it says it is.
    pub fn scanned(self) -> Result<Deposit, WrongState> {
        match self.deposit.state {
            DepositState::HashChecked => Ok(self.with(DepositState::Scanned)),
            _ => Err(self.deposit.wrong("scan")),
        }
    }

    /// Every file is Parquet now; `files` carry the names, rows and type reports.
    pub fn validated(self, files: Vec<DepositFile>) -> Result<Deposit, WrongState> {
        match self.deposit.state {
            DepositState::Scanned => Ok(Deposit { files, ..self.with(DepositState::Validated) }),
            _ => Err(self.deposit.wrong("validate")),
        }
    }

    /// The columns were compared with the code book.
    pub fn label_checked(self, differences: Vec<Difference>) -> Result<Deposit, WrongState> {
        match self.deposit.state {
            DepositState::Validated => Ok(self.with(DepositState::LabelChecked { differences })),
            _ => Err(self.deposit.wrong("check the labels of")),
        }
    }

    /// A check refuses the deposit.
    pub fn reject(self, reason: Rejection, at: Timestamp) -> Result<Deposit, WrongState> {
        match self.deposit.state {
            DepositState::Received { .. }
            | DepositState::HashChecked
            | DepositState::Scanned
            | DepositState::Validated => Ok(self.with(DepositState::Rejected { reason, at })),
            _ => Err(self.deposit.wrong("reject")),
        }
    }

    /// The channel closes by the clock; what came is kept, and the producer may open it again.
    pub fn close_channel(self, now: Timestamp) -> Result<Deposit, WrongState> {
        match self.deposit.open_until() {
            Some(until) if until <= now => Ok(self.with(DepositState::Announced)),
            _ => Err(self.deposit.wrong("close")),
        }
    }

    /// The receipt is signed. `vintage` is the one that the deposit fills: for an erratum, the new
    /// one.
    pub fn sign(
        self,
        receipt: String,
        vintage: VintageId,
        at: Timestamp,
    ) -> Result<Deposit, WrongState> {
        let DepositState::Accepted { by, .. } = self.deposit.state else {
            return Err(self.deposit.wrong("sign"));
        };
        let state = DepositState::ReceiptSigned { by, at, receipt };
        Ok(Deposit { vintage, ..self.with(state) })
    }

    fn with(&self, state: DepositState) -> Deposit {
        Deposit { state, ..self.deposit.clone() }
    }
}

/// The right to accept or reject one deposit; only [`may_decide`] makes one.
#[derive(Debug)]
pub struct DecidePermit<'a> {
    by: PersonId,
    deposit: &'a Deposit,
}

/// Data managers decide on deposits, never on one that they announced themselves.
pub fn may_decide<'a>(actor: &Actor, deposit: &'a Deposit) -> Result<DecidePermit<'a>, Denied> {
    actor.needs(&[Role::DataManager])?;
    match actor.id == deposit.by {
        true => Err(Denied::NeedsSecondPerson),
        false => Ok(DecidePermit { by: actor.id, deposit }),
    }
}

impl DecidePermit<'_> {
    /// Accepts the deposit.
    pub fn accept(self, at: Timestamp) -> Result<Deposit, Refusal> {
        match self.deposit.state {
            DepositState::LabelChecked { .. } => {
                let state = DepositState::Accepted { by: self.by, at };
                Ok(Deposit { state, ..self.deposit.clone() })
            }
            _ => Err(self.deposit.wrong("accept").into()),
        }
    }

    /// Rejects the deposit, with a reason for the producer.
    pub fn reject(self, reason: &str, at: Timestamp) -> Result<Deposit, Refusal> {
        if reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "reason-missing"));
        }
        match self.deposit.state {
            DepositState::LabelChecked { .. } => {
                let reason = Rejection::new("person", "", reason.trim());
                let state = DepositState::Rejected { reason, at };
                Ok(Deposit { state, ..self.deposit.clone() })
            }
            _ => Err(self.deposit.wrong("reject").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::data::{
        deposit::tests::{at, deposit, every_state, rejection},
        source::tests::actor,
    };

    type Verb<'v> = &'v dyn Fn(&Deposit) -> Option<Deposit>;

    #[test]
    fn every_verb_goes_through_every_state() {
        let manager = actor(8, &[(Role::DataManager, None)]);
        let vintage = VintageId(Uuid::nil());
        let day_after = at() + jiff::SignedDuration::from_hours(24);
        let table: [(&str, Verb<'_>, &[&str], &str); 9] = [
            ("hash", &|d| checks_of(d).hash_checked(&[]).ok(), &["received"], "hash_checked"),
            ("scan", &|d| checks_of(d).scanned().ok(), &["hash_checked"], "scanned"),
            ("validate", &|d| checks_of(d).validated(vec![]).ok(), &["scanned"], "validated"),
            (
                "label",
                &|d| checks_of(d).label_checked(vec![]).ok(),
                &["validated"],
                "label_checked",
            ),
            (
                "refuse",
                &|d| checks_of(d).reject(rejection(), at()).ok(),
                &["received", "hash_checked", "scanned", "validated"],
                "rejected",
            ),
            (
                "close",
                &|d| checks_of(d).close_channel(day_after).ok(),
                &["channel_open", "uploading"],
                "announced",
            ),
            (
                "sign",
                &|d| checks_of(d).sign(String::new(), vintage, at()).ok(),
                &["accepted"],
                "receipt_signed",
            ),
            (
                "accept",
                &|d| may_decide(&manager, d).unwrap().accept(at()).ok(),
                &["label_checked"],
                "accepted",
            ),
            (
                "reject",
                &|d| may_decide(&manager, d).unwrap().reject("no", at()).ok(),
                &["label_checked"],
                "rejected",
            ),
        ];
        for (name, verb, from, to) in table {
            for state in every_state() {
                let before = deposit(state);
                let expected = from.contains(&before.state.name()).then_some(to);
                let found = verb(&before);
                let found = found.as_ref().map(|after| after.state.name());
                assert_eq!(found, expected, "{name} from {}", before.state.name());
            }
        }
    }

    #[test]
    fn nobody_accepts_their_own_deposit() {
        let own = actor(2, &[(Role::DataManager, None)]);
        let checked = deposit(every_state().remove(7));
        assert_eq!(may_decide(&own, &checked).unwrap_err(), Denied::NeedsSecondPerson);
    }

    #[test]
    fn only_data_managers_decide() {
        let checked = deposit(every_state().remove(7));
        for role in Role::ALL {
            let one = actor(5, &[(role, role.is_of_a_producer().then_some(1))]);
            assert_eq!(may_decide(&one, &checked).is_ok(), role == Role::DataManager, "{role:?}");
        }
    }

    #[test]
    fn a_rejection_needs_a_reason() {
        let manager = actor(8, &[(Role::DataManager, None)]);
        let checked = deposit(every_state().remove(7));
        assert!(may_decide(&manager, &checked).unwrap().reject("  ", at()).is_err());
    }
}
