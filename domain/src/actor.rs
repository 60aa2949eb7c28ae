//! Who asks, and in which roles.

use serde::{Deserialize, Serialize};

use crate::{ApplicationId, Denied, PersonId, ProducerId};

/// A role that the centre gives to a person. Lead and researcher are not here: they are relations
/// between a person and one application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads and answers for a producer, deposits its data.
    ProducerAgent,
    /// Signs a producer's decisions.
    ProducerDecider,
    /// Runs the committee's files.
    Secretary,
    /// Sits in the committee.
    CommitteeMember,
    /// Records the committee's opinion.
    Chair,
    /// Decides on exports.
    Checker,
    /// Leads the checkers: returns early, recalls, revokes.
    CheckerLead,
    /// Receives deposits and documents sources.
    DataManager,
    /// Sees identifiers of a linkage, never its payload.
    LinkageAgentA,
    /// Sees the payload of a linkage, never identifiers.
    LinkageAgentB,
    /// Proves identities, binds credentials.
    EnrolmentAgent,
    /// Runs the machines.
    Operator,
    /// Watches over sessions, recordings and incidents.
    SecurityOfficer,
    /// Prices and invoices.
    BillingManager,
    /// Opens accounts and spaces.
    ProjectManager,
    /// Reads all, changes nothing.
    Auditor,
}

impl Role {
    /// Every role, in the order in which pages list them.
    pub const ALL: [Self; 16] = [
        Self::ProducerAgent,
        Self::ProducerDecider,
        Self::Secretary,
        Self::CommitteeMember,
        Self::Chair,
        Self::Checker,
        Self::CheckerLead,
        Self::DataManager,
        Self::LinkageAgentA,
        Self::LinkageAgentB,
        Self::EnrolmentAgent,
        Self::Operator,
        Self::SecurityOfficer,
        Self::BillingManager,
        Self::ProjectManager,
        Self::Auditor,
    ];

    /// Pairs that one person never holds together (JOURNEYS 3.1). Pairs that depend on a project,
    /// such as checker and member, are refused where the act happens. The project manager gives
    /// roles ("administrator of users"), the security officer approves break-glass.
    pub const INCOMPATIBLE: [(Self, Self); 4] = [
        (Self::Operator, Self::SecurityOfficer),
        (Self::LinkageAgentA, Self::LinkageAgentB),
        (Self::ProjectManager, Self::SecurityOfficer),
        (Self::BillingManager, Self::Checker),
    ];

    /// The role's stable name in events, URLs and translations (`role-<name>`).
    pub fn name(self) -> &'static str {
        match self {
            Self::ProducerAgent => "producer_agent",
            Self::ProducerDecider => "producer_decider",
            Self::Secretary => "secretary",
            Self::CommitteeMember => "committee_member",
            Self::Chair => "chair",
            Self::Checker => "checker",
            Self::CheckerLead => "checker_lead",
            Self::DataManager => "data_manager",
            Self::LinkageAgentA => "linkage_agent_a",
            Self::LinkageAgentB => "linkage_agent_b",
            Self::EnrolmentAgent => "enrolment_agent",
            Self::Operator => "operator",
            Self::SecurityOfficer => "security_officer",
            Self::BillingManager => "billing_manager",
            Self::ProjectManager => "project_manager",
            Self::Auditor => "auditor",
        }
    }

    /// Reads a role's stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether the role is held for one producer only.
    pub fn is_of_a_producer(self) -> bool {
        matches!(self, Self::ProducerAgent | Self::ProducerDecider)
    }
}

/// A role, and the producer for which it is held where it is a producer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// The role.
    pub role: Role,
    /// The producer, for the two roles of a producer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub producer: Option<ProducerId>,
}

/// The person who asks, with what the permission rules need to know about them. Built by `store`
/// for each request, so a right that was withdrawn is gone at the next one.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub id: PersonId,
    /// The roles given by the centre.
    pub roles: Vec<RoleGrant>,
    /// Applications and projects where the person is lead or member.
    pub works_in: Vec<ApplicationId>,
    /// Whether the account may act (registered at least, neither suspended nor closed).
    pub may_act: bool,
    /// Whether the account is enrolled and active: needed to enter a bubble.
    pub is_enrolled: bool,
}

impl Actor {
    /// Whether the person holds `role`, for whatever producer.
    pub fn has(&self, role: Role) -> bool {
        self.may_act && self.roles.iter().any(|grant| grant.role == role)
    }

    /// Whether the person holds `role` for `producer`.
    pub fn has_for(&self, role: Role, producer: ProducerId) -> bool {
        let grant = RoleGrant { role, producer: Some(producer) };
        self.may_act && self.roles.contains(&grant)
    }

    /// Whether the person is agent or decider of `producer`.
    pub fn is_of(&self, producer: ProducerId) -> bool {
        self.has_for(Role::ProducerAgent, producer) || self.has_for(Role::ProducerDecider, producer)
    }

    /// Whether the person is lead or member of the application.
    pub fn works_in(&self, application: ApplicationId) -> bool {
        self.works_in.contains(&application)
    }

    /// Refuses a person who has none of `roles`.
    pub fn needs(&self, roles: &[Role]) -> Result<(), Denied> {
        match roles.iter().any(|role| self.has(*role)) {
            true => Ok(()),
            false => Err(Denied::NeedsRole(roles.first().map_or("", |role| role.name()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_may_not_act_is_no_role() {
        let grant = RoleGrant { role: Role::Checker, producer: None };
        let actor = Actor {
            id: PersonId(uuid::Uuid::nil()),
            roles: vec![grant],
            works_in: vec![],
            may_act: false,
            is_enrolled: false,
        };
        assert!(!actor.has(Role::Checker));
        assert_eq!(actor.needs(&[Role::Checker]), Err(Denied::NeedsRole("checker")));
    }

    #[test]
    fn every_role_is_read_back_from_its_name() {
        assert!(Role::ALL.iter().all(|role| Role::parse(role.name()) == Some(*role)));
    }
}
