//! A version of the centre's risk model: trained by one person, put in service by another.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Actor, Denied, PersonId, Refusal, RiskModelId, Role, WrongState};

/// The roles that train models, put them in service and stop them.
pub const ROLES: [Role; 2] = [Role::CheckerLead, Role::SecurityOfficer];

/// A version of the risk model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskModel {
    /// Which.
    pub id: RiskModelId,
    /// Counts the changes.
    pub version: i64,
    /// 1, 2, ... within the centre.
    pub number: u32,
    /// SHA-256 of its file, hexadecimal.
    pub sha256: String,
    /// Who trained it.
    pub trained_by: PersonId,
    /// When.
    pub trained_at: Timestamp,
    /// Its card, as the engine wrote it.
    pub card: serde_json::Value,
    /// Where it stands.
    pub state: RiskModelState,
}

/// Where a model stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum RiskModelState {
    /// Trained; scores nothing.
    Candidate,
    /// Scores every request. One at a time.
    InService {
        /// Who put it there.
        by: PersonId,
        /// Since when.
        since: Timestamp,
    },
    /// Scores nothing any more.
    Retired {
        /// Since when.
        since: Timestamp,
    },
}

impl RiskModelState {
    /// Its stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::InService { .. } => "in_service",
            Self::Retired { .. } => "retired",
        }
    }
}

/// Refuses who may not read models and their drift.
pub fn may_read(actor: &Actor) -> Result<(), Denied> {
    actor.needs(&[Role::CheckerLead, Role::SecurityOfficer, Role::Auditor])
}

/// Leave to train.
#[derive(Debug)]
pub struct TrainPermit(PersonId);

/// Leads of the checkers and security officers train.
pub fn may_train(actor: &Actor) -> Result<TrainPermit, Denied> {
    actor.needs(&ROLES)?;
    Ok(TrainPermit(actor.id))
}

impl TrainPermit {
    /// The candidate after `known`.
    pub fn train(
        self,
        id: RiskModelId,
        sha256: String,
        card: serde_json::Value,
        known: &[RiskModel],
        at: Timestamp,
    ) -> RiskModel {
        RiskModel {
            id,
            version: 0,
            number: known.iter().map(|model| model.number).max().unwrap_or(0) + 1,
            sha256,
            trained_by: self.0,
            trained_at: at,
            card,
            state: RiskModelState::Candidate,
        }
    }
}

/// Leave to put a model in service.
#[derive(Debug)]
pub struct ServePermit<'a> {
    by: PersonId,
    model: &'a RiskModel,
}

/// Leads of the checkers and security officers put models in service, never one that they trained
/// themselves: nobody alone decides what leaves without a checker.
pub fn may_serve<'a>(actor: &Actor, model: &'a RiskModel) -> Result<ServePermit<'a>, Denied> {
    actor.needs(&ROLES)?;
    if actor.id == model.trained_by {
        return Err(Denied::NeedsSecondPerson);
    }
    Ok(ServePermit { by: actor.id, model })
}

impl ServePermit<'_> {
    /// A candidate or a retired model scores from now on.
    ///
    /// # Errors
    /// It is in service.
    pub fn serve(self, at: Timestamp) -> Result<RiskModel, Refusal> {
        if let RiskModelState::InService { .. } = self.model.state {
            return Err(self.model.wrong("serve").into());
        }
        let state = RiskModelState::InService { by: self.by, since: at };
        Ok(RiskModel { state, ..self.model.clone() })
    }
}

/// Leave to stop the model in service.
#[derive(Debug)]
pub struct StopPermit<'a>(&'a RiskModel);

/// Either of the two roles stops a model alone: what follows is that people look at every request.
pub fn may_stop<'a>(actor: &Actor, model: &'a RiskModel) -> Result<StopPermit<'a>, Denied> {
    actor.needs(&ROLES)?;
    Ok(StopPermit(model))
}

impl StopPermit<'_> {
    /// It scores nothing any more.
    ///
    /// # Errors
    /// It is not in service.
    pub fn stop(self, at: Timestamp) -> Result<RiskModel, WrongState> {
        self.0.retire(at)
    }
}

impl RiskModel {
    /// Makes place for the next one.
    ///
    /// # Errors
    /// It is not in service.
    pub fn retire(&self, at: Timestamp) -> Result<Self, WrongState> {
        match self.state {
            RiskModelState::InService { .. } => {
                Ok(Self { state: RiskModelState::Retired { since: at }, ..self.clone() })
            }
            _ => Err(self.wrong("retire")),
        }
    }

    fn wrong(&self, verb: &'static str) -> WrongState {
        WrongState { verb, noun: "risk_model", state: self.state.name() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RoleGrant;
    use uuid::Uuid;

    fn actor(n: u128, role: Role) -> Actor {
        Actor {
            id: PersonId(Uuid::from_u128(n)),
            roles: vec![RoleGrant { role, producer: None }],
            works_in: vec![],
            may_act: true,
            is_enrolled: true,
        }
    }

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3600).expect("a timestamp")
    }

    fn trained(by: &Actor, known: &[RiskModel]) -> RiskModel {
        let id = RiskModelId(Uuid::from_u128(9));
        let card = serde_json::Value::Null;
        may_train(by).expect("a lead").train(id, "a".repeat(64), card, known, at(0))
    }

    #[test]
    fn nobody_puts_in_service_what_they_trained() {
        let (lead, officer) = (actor(1, Role::CheckerLead), actor(2, Role::SecurityOfficer));
        let model = trained(&lead, &[]);
        assert_eq!(may_serve(&lead, &model).err(), Some(Denied::NeedsSecondPerson));
        let served = may_serve(&officer, &model).expect("another person").serve(at(1));
        let served = served.expect("a candidate");
        assert_eq!(served.state.name(), "in_service");
        assert!(may_serve(&officer, &served).expect("another").serve(at(2)).is_err());
        let stopped = may_stop(&lead, &served).expect("a lead").stop(at(2)).expect("in service");
        assert!(may_stop(&lead, &stopped).expect("a lead").stop(at(3)).is_err());
        assert!(may_serve(&officer, &stopped).expect("another").serve(at(3)).is_ok());
        assert!(may_serve(&lead, &stopped).is_err(), "not even later");
        assert_eq!(trained(&officer, &[model]).number, 2);
    }

    #[test]
    fn the_other_roles_neither_train_nor_serve_nor_stop() {
        let model = trained(&actor(1, Role::CheckerLead), &[]);
        for role in Role::ALL.into_iter().filter(|role| !ROLES.contains(role)) {
            let other = actor(3, role);
            assert!(may_train(&other).is_err(), "{role:?}");
            assert!(may_serve(&other, &model).is_err() && may_stop(&other, &model).is_err());
            assert_eq!(may_read(&other).is_ok(), role == Role::Auditor);
        }
    }
}
