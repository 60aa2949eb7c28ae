//! One edition of a source (JOURNEYS 1.15); granted and mounted one by one.

use serde::{Deserialize, Serialize};

use crate::{
    Actor, Denied, Deposit, DepositId, Refusal, Source, SourceId, VintageId, WrongState,
    data::{
        deposit::DepositState,
        source::{SourceState, may_describe},
    },
};

/// A vintage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vintage {
    /// Which.
    pub id: VintageId,
    /// Counts the changes.
    pub version: i64,
    /// Of which source.
    pub source: SourceId,
    /// The label, usually a year; the folder's name in a bubble: letters, digits, `-` and `_`.
    pub label: String,
    /// The year for the catalogue's range, where the label has one.
    pub year: Option<i32>,
    /// Where it stands.
    pub state: VintageState,
}

/// Where a vintage stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum VintageState {
    /// The producer said that it comes.
    Announced,
    /// A deposit channel is open.
    Expected,
    /// Files are there.
    Deposited {
        /// The deposit.
        deposit: DepositId,
    },
    /// Its checks run.
    Checking {
        /// The deposit.
        deposit: DepositId,
    },
    /// Checks passed.
    Accepted {
        /// The deposit.
        deposit: DepositId,
    },
    /// May be granted and mounted.
    Available {
        /// The deposit whose Parquet files are mounted.
        deposit: DepositId,
    },
    /// An erratum took its place; those who mount it keep it until the producer's date.
    Replaced {
        /// The deposit that stays readable.
        deposit: DepositId,
        /// The vintage that took its place.
        by: VintageId,
    },
    /// Taken back by the producer.
    Withdrawn {
        /// Why.
        reason: String,
    },
}

impl VintageState {
    /// The state's stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Expected => "expected",
            Self::Deposited { .. } => "deposited",
            Self::Checking { .. } => "checking",
            Self::Accepted { .. } => "accepted",
            Self::Available { .. } => "available",
            Self::Replaced { .. } => "replaced",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

impl Vintage {
    /// The deposit whose files a bubble mounts, when there is one.
    pub fn mounted_deposit(&self) -> Option<DepositId> {
        match self.state {
            VintageState::Available { deposit } | VintageState::Replaced { deposit, .. } => {
                Some(deposit)
            }
            _ => None,
        }
    }
}

/// The right to announce and withdraw the vintages of one source; only [`may_announce`] makes one.
#[derive(Debug)]
pub struct AnnouncePermit<'a> {
    source: &'a Source,
}

/// Who describes a source announces its vintages.
pub fn may_announce<'a>(actor: &Actor, source: &'a Source) -> Result<AnnouncePermit<'a>, Denied> {
    may_describe(actor, source.producer)?;
    Ok(AnnouncePermit { source })
}

impl AnnouncePermit<'_> {
    /// A vintage that will come. The label is a folder's name in bubbles.
    pub fn announce(
        self,
        id: VintageId,
        label: &str,
        year: Option<i32>,
    ) -> Result<Vintage, Refusal> {
        if self.source.state == SourceState::Retired {
            return Err(self.source.wrong("announce a vintage of").into());
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let starts = label.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !starts || label.len() > 40 || !label.chars().all(plain) {
            return Err(Refusal::invalid("label", "vintage-label"));
        }
        if year.is_some_and(|year| !(1500..=2200).contains(&year)) {
            return Err(Refusal::invalid("year", "vintage-year"));
        }
        let (source, label, state) = (self.source.id, label.to_owned(), VintageState::Announced);
        Ok(Vintage { id, version: 0, source, label, year, state })
    }

    /// Takes a vintage back: nobody may ask for it or mount it any more.
    pub fn withdraw(self, vintage: &Vintage, reason: &str) -> Result<Vintage, Refusal> {
        if vintage.source != self.source.id {
            return Err(Denied::Hidden.into());
        }
        if reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "reason-missing"));
        }
        match vintage.state {
            VintageState::Withdrawn { .. } | VintageState::Replaced { .. } => {
                Err(vintage.wrong("withdraw").into())
            }
            _ => {
                let state = VintageState::Withdrawn { reason: reason.trim().to_owned() };
                Ok(Vintage { state, ..vintage.clone() })
            }
        }
    }
}

impl Vintage {
    fn wrong(&self, verb: &'static str) -> WrongState {
        WrongState { verb, noun: "vintage", state: self.state.name() }
    }

    /// Whether files may be deposited for it: the first ones, or an erratum.
    pub fn may_receive(&self) -> bool {
        matches!(
            self.state,
            VintageState::Announced | VintageState::Expected | VintageState::Available { .. }
        )
    }

    /// Where the vintage stands, given where its deposit stands: a deposit changes by permits, and
    /// its vintage follows. An available vintage stays as it is while an erratum comes, until
    /// [`Vintage::replace`].
    pub fn follow(&self, deposit: &Deposit) -> Result<Self, WrongState> {
        if deposit.vintage != self.id || matches!(self.state, VintageState::Withdrawn { .. }) {
            return Err(self.wrong("deposit for"));
        }
        if self.mounted_deposit().is_some() {
            return Ok(self.clone());
        }
        let id = deposit.id;
        let state = match &deposit.state {
            DepositState::Announced | DepositState::Rejected { .. } => VintageState::Announced,
            DepositState::ChannelOpen { .. } | DepositState::Uploading { .. } => {
                VintageState::Expected
            }
            DepositState::Received { .. } => VintageState::Deposited { deposit: id },
            DepositState::HashChecked
            | DepositState::Scanned
            | DepositState::Validated
            | DepositState::LabelChecked { .. } => VintageState::Checking { deposit: id },
            DepositState::Accepted { .. } => VintageState::Accepted { deposit: id },
            DepositState::ReceiptSigned { .. } => VintageState::Available { deposit: id },
        };
        Ok(Self { state, ..self.clone() })
    }

    /// An erratum takes the vintage's place: the old one, whose files stay readable to those who
    /// mount them, and the new one under the same label.
    pub fn replace(&self, new: VintageId, erratum: DepositId) -> Result<(Self, Self), WrongState> {
        let VintageState::Available { deposit } = self.state else {
            return Err(self.wrong("replace"));
        };
        let old = VintageState::Replaced { deposit, by: new };
        let state = VintageState::Available { deposit: erratum };
        let next = Self { id: new, version: 0, state, ..self.clone() };
        Ok((Self { state: old, ..self.clone() }, next))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        Role,
        data::{
            deposit::tests::{deposit, every_state},
            source::tests::{actor, source},
        },
    };

    fn announced() -> Vintage {
        let (source, agent) =
            (source(SourceState::Documented), actor(1, &[(Role::ProducerAgent, Some(1))]));
        let permit = may_announce(&agent, &source).unwrap();
        permit.announce(VintageId(Uuid::from_u128(3)), "2019", Some(2019)).unwrap()
    }

    #[test]
    fn a_vintage_follows_its_deposit_to_the_shelf() {
        let names: Vec<&str> = every_state()
            .into_iter()
            .map(|state| announced().follow(&deposit(state)).unwrap().state.name())
            .collect();
        let expected = [
            "announced",
            "expected",
            "expected",
            "deposited",
            "checking",
            "checking",
            "checking",
            "checking",
            "accepted",
            "announced",
            "available",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn an_erratum_leaves_the_old_files_readable() {
        let first = deposit(every_state().pop().unwrap());
        let vintage = announced().follow(&first).unwrap();
        let erratum = DepositId(Uuid::from_u128(77));
        let coming = Deposit { id: erratum, ..deposit(DepositState::HashChecked) };
        assert_eq!(vintage.follow(&coming).unwrap(), vintage);
        let (old, new) = vintage.replace(VintageId(Uuid::from_u128(4)), erratum).unwrap();
        assert_eq!(old.mounted_deposit(), Some(first.id));
        assert_eq!((new.mounted_deposit(), new.label.as_str()), (Some(erratum), "2019"));
        assert!(old.replace(VintageId(Uuid::nil()), erratum).is_err());
    }

    #[test]
    fn a_withdrawn_vintage_takes_nothing_more() {
        let (source, agent) =
            (source(SourceState::Published), actor(1, &[(Role::ProducerAgent, Some(1))]));
        let permit = || may_announce(&agent, &source).unwrap();
        assert!(permit().withdraw(&announced(), " ").is_err());
        let gone = permit().withdraw(&announced(), "wrong universe").unwrap();
        assert!(!gone.may_receive());
        assert!(permit().withdraw(&gone, "again").is_err());
        assert!(gone.follow(&deposit(DepositState::HashChecked)).is_err());
    }

    #[test]
    fn a_label_that_could_not_be_a_folder_is_refused() {
        let (source, agent) =
            (source(SourceState::Published), actor(1, &[(Role::ProducerAgent, Some(1))]));
        for label in ["", "..", "20/19", "-1", "a b", "été"] {
            let permit = may_announce(&agent, &source).unwrap();
            assert!(permit.announce(VintageId(Uuid::nil()), label, None).is_err(), "{label}");
        }
    }
}
