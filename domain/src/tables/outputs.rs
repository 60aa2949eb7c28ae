//! The tables of credit orders and risk models.

use uuid::Uuid;

use super::by;
use crate::{
    CreditLineId, CreditOrderId, RiskModel, RiskModelId, Role,
    data::deposit::tests::at,
    outputs::{
        credit::{CreditOrder, OrderState, may_decide, may_order},
        risk_model::{RiskModelState, may_serve, may_stop, may_train},
    },
    projects::{
        application::ApplicationState,
        application_tests::{actor, application},
        later,
    },
    table::{Verb, of},
};

#[test]
fn credit_orders() {
    let until = later(at(), jiff::ToSpan::days(365));
    let project = application(ApplicationState::Authorised { since: at(), until });
    let mut lead = actor(0, &[]);
    (lead.id, lead.works_in) = (project.lead, vec![project.id]);
    let id = CreditOrderId(Uuid::from_u128(1));
    let asked = may_order(&lead, &project).unwrap().order(id, 1, "PO 7", at()).unwrap();
    let clerk = by(Role::BillingManager);
    let (by, reason) = (clerk.id, "paid".to_owned());
    let states = [
        OrderState::Asked,
        OrderState::Accepted { by, at: at(), reason: reason.clone() },
        OrderState::Refused { by, at: at(), reason },
    ];
    let samples =
        states.map(|state| (state.name(), CreditOrder { state: state.clone(), ..asked.clone() }));
    let decide = |order: &CreditOrder, line| {
        let decided = may_decide(&clerk, order).unwrap().decide(order, line, "paid", at());
        decided.ok().map(|(after, _)| after.state.name().to_owned())
    };
    let verbs: [Verb<'_, CreditOrder>; 2] = [
        ("accept", &|one| decide(one, Some(CreditLineId(Uuid::from_u128(2))))),
        ("refuse", &|one| decide(one, None)),
    ];
    of("credit order", &samples, &verbs);
}

#[test]
fn risk_models() {
    let (lead, officer) = (actor(51, &[Role::CheckerLead]), by(Role::SecurityOfficer));
    let (id, card) = (RiskModelId(Uuid::from_u128(9)), serde_json::Value::Null);
    let model = may_train(&lead).unwrap().train(id, "a".repeat(64), card, &[], at());
    let states = [
        RiskModelState::Candidate,
        RiskModelState::InService { by: officer.id, since: at() },
        RiskModelState::Retired { since: at() },
    ];
    let samples =
        states.map(|state| (state.name(), RiskModel { state: state.clone(), ..model.clone() }));
    let name = |after: RiskModel| after.state.name().to_owned();
    let verbs: [Verb<'_, RiskModel>; 3] = [
        ("serve", &|one| may_serve(&officer, one).unwrap().serve(at()).ok().map(name)),
        ("stop", &|one| may_stop(&lead, one).unwrap().stop(at()).ok().map(name)),
        ("another is put in service", &|one| one.retire(at()).ok().map(name)),
    ];
    of("risk model", &samples, &verbs);
}
