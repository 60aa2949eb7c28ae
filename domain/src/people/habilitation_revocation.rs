//! The committee takes a person's right back (JOURNEYS 1.2, `committee.revoked`). Until the
//! committee's sessions are built (JOURNEYS 1.7) its chair records it, or the secretary for it, each
//! time with a reason.

use jiff::Timestamp;

use super::habilitation::{Habilitation, HabilitationState};
use crate::{
    Actor, Application, Denied, Refusal, WrongState,
    projects::{REASON_MAX, application_office::may_record_opinion, written},
};

/// The right to take a habilitation back for the committee.
#[derive(Debug)]
pub struct RevocationPermit<'a> {
    habilitation: &'a Habilitation,
}

/// Who records the committee's opinion on an application records this too; never on an application
/// of their own.
///
/// # Errors
/// [`Denied::Hidden`] for those who may not know of the application, and for a habilitation of
/// another one.
pub fn may_revoke_for_committee<'a>(
    actor: &Actor,
    habilitation: &'a Habilitation,
    application: &Application,
) -> Result<RevocationPermit<'a>, Denied> {
    if habilitation.application != application.id {
        return Err(Denied::Hidden);
    }
    may_record_opinion(actor, application)?;
    Ok(RevocationPermit { habilitation })
}

impl RevocationPermit<'_> {
    /// Takes the right back for good. Before a right is given the committee says no by its opinion.
    ///
    /// # Errors
    /// [`Refusal::WrongState`] where there is no right, [`Refusal::Invalid`] without a reason.
    pub fn revoke(self, reason: &str, at: Timestamp) -> Result<Habilitation, Refusal> {
        if self.habilitation.state.term().is_none() {
            let state = self.habilitation.state.name();
            return Err(WrongState { verb: "revoke", noun: "habilitation", state }.into());
        }
        let reason = written("reason", reason, REASON_MAX)?;
        let state = HabilitationState::Revoked { at, reason };
        Ok(Habilitation { state, ..self.habilitation.clone() })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{HabilitationState as S, *};
    use crate::{
        HabilitationId, Role,
        projects::{
            application::ApplicationState,
            application_tests::{actor, application, at},
        },
    };

    fn project() -> Application {
        application(ApplicationState::Authorised { since: at(), until: Timestamp::MAX })
    }

    fn held(state: S) -> Habilitation {
        let project = project();
        let id = HabilitationId(Uuid::from_u128(5));
        Habilitation { state, ..Habilitation::asked(id, project.lead, project.id) }
    }

    #[test]
    fn the_committee_s_people_alone_take_a_right_back_and_not_in_their_own_project() {
        let held = held(S::Active { start: at(), end: Timestamp::MAX });
        for role in Role::ALL {
            let may = may_revoke_for_committee(&actor(9, &[role]), &held, &project());
            let is_theirs = matches!(role, Role::Secretary | Role::Chair);
            assert_eq!(may.is_ok(), is_theirs, "{}", role.name());
        }
        let own = may_revoke_for_committee(&actor(1, &[Role::Chair]), &held, &project());
        assert_eq!(own.unwrap_err(), Denied::OwnApplication);
        let other = Application { id: crate::ApplicationId(Uuid::from_u128(77)), ..project() };
        let foreign = may_revoke_for_committee(&actor(9, &[Role::Chair]), &held, &other);
        assert_eq!(foreign.unwrap_err(), Denied::Hidden);
    }

    #[test]
    fn a_right_in_any_state_is_taken_back_and_nothing_else_is() {
        let (start, end) = (at(), Timestamp::MAX);
        let states = [
            (S::Asked, false),
            (S::UndertakingMissing, false),
            (S::UnderExamination, false),
            (S::Granted { start, end }, true),
            (S::Active { start, end }, true),
            (S::Expiring { start, end }, true),
            (S::Suspended { start, end, cause: "person".into() }, true),
            (S::Expired { at: start }, false),
            (S::Revoked { at: start, reason: "x".into() }, false),
            (S::Refused { at: start }, false),
        ];
        for (state, is_right) in states {
            let held = held(state);
            let revoke = |reason: &str| {
                let permit =
                    may_revoke_for_committee(&actor(9, &[Role::Secretary]), &held, &project());
                permit.unwrap().revoke(reason, start)
            };
            let name = held.state.name();
            match revoke("the project was left") {
                Ok(after) => {
                    let reason = "the project was left".to_owned();
                    assert_eq!(after.state, S::Revoked { at: start, reason });
                    assert!(is_right && !after.is_live(start), "{name}");
                    assert_eq!(revoke("  "), Err(Refusal::invalid("reason", "missing")));
                }
                Err(refused) => {
                    assert!(!is_right && matches!(refused, Refusal::WrongState(_)), "{name}");
                }
            }
        }
    }
}
