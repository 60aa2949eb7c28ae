//! What the tests of the account's files share.

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::person::{Person, PersonState as State};
use crate::{Actor, Lang, PersonId, Role, RoleGrant, Text};

pub(crate) fn at(days: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH.checked_add((days * 24).hours()).unwrap()
}

pub(crate) fn actor(number: u128, roles: &[Role]) -> Actor {
    Actor {
        id: PersonId(Uuid::from_u128(number)),
        roles: roles.iter().map(|role| RoleGrant { role: *role, producer: None }).collect(),
        works_in: vec![],
        may_act: true,
        is_enrolled: true,
    }
}

/// Person number 1 in a state.
pub(crate) fn person(state: State) -> Person {
    Person {
        id: PersonId(Uuid::from_u128(1)),
        version: 0,
        name: "Ada Lovelace".into(),
        email: "ada@example.org".into(),
        language: Lang::En,
        institution: String::new(),
        demo_name: None,
        demo_part: Text::default(),
        roles: vec![],
        state,
    }
}

/// One of each state, in their order.
pub(crate) fn states() -> [State; 7] {
    let by = PersonId(Uuid::from_u128(9));
    [
        State::Invited { by, until: at(7), token_hash: "hash".into() },
        State::Registered,
        State::IdentityChecked { by, at: at(0), evidence: String::new() },
        State::Enrolled { since: at(0) },
        State::Active { since: at(0) },
        State::Suspended {
            by,
            reason: "lost card".into(),
            since: at(0),
            previous: Box::new(State::Enrolled { since: at(0) }),
            restore_asked_by: None,
        },
        State::Closed { at: at(0) },
    ]
}
