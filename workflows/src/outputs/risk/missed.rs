//! What slips through the routes without a checker, by the random sample of them, for each producer.

use std::collections::BTreeSet;

use disclosure::risk::missed::{Drawn, Missed, missed};
use domain::{
    Actor, Denied, ExportId, Producer, ProducerId, Role, Timestamp,
    outputs::export_route::{Because, Route, Routed, WHOLE_PPM},
};
use store::RiskDecision;

use crate::{Centre, Failure};

/// A line of the page: a producer, or the whole centre.
pub struct MissedLine {
    /// Whose data; none for the whole centre.
    pub producer: Option<Producer>,
    /// Requests that went to a person because they had to.
    pub manual: usize,
    /// Requests that left without a checker.
    pub automatic: usize,
    /// Requests that were drawn for a checker.
    pub sampled: usize,
    /// Of these, ones that a checker has still to decide.
    pub waiting: usize,
    /// Of these, ones that their authors took back before: nobody will decide them.
    pub withdrawn: usize,
    /// The estimate.
    pub missed: Missed,
}

/// The estimates: of each producer that the person acts for, and of the whole centre; of every
/// producer for those who answer for the checks.
pub async fn list_missed(centre: &Centre, actor: &Actor) -> Result<Vec<MissedLine>, Failure> {
    let all = actor.needs(&[Role::CheckerLead, Role::SecurityOfficer, Role::Auditor]).is_ok();
    let producers = centre.store.all::<Producer>().await?;
    let shown: Vec<Producer> =
        producers.into_iter().filter(|producer| all || actor.is_of(producer.id)).collect();
    if !all && shown.is_empty() {
        return Err(Denied::NotOfTheProducer.into());
    }
    let routed = centre.store.risk_decisions_since(Timestamp::UNIX_EPOCH).await?;
    let withdrawn = centre.store.exports_in("withdrawn").await?;
    let withdrawn: BTreeSet<ExportId> = withdrawn.iter().map(|export| export.id).collect();
    let mut lines = vec![line(None, &routed, &withdrawn)];
    for producer in shown {
        let id = producer.id;
        let own: Vec<RiskDecision> =
            routed.iter().filter(|one| concerns(one, id)).cloned().collect();
        lines.push(line(Some(producer), &own, &withdrawn));
    }
    Ok(lines)
}

fn concerns(one: &RiskDecision, id: ProducerId) -> bool {
    one.routed.as_ref().is_some_and(|routed| routed.producers.contains(&id))
}

fn line(
    producer: Option<Producer>,
    all: &[RiskDecision],
    withdrawn: &BTreeSet<ExportId>,
) -> MissedLine {
    let routed = || all.iter().filter_map(|one| Some((one, one.routed.as_ref()?)));
    let count = |route: Route| routed().filter(|(_, routed)| routed.route == route).count();
    let drawn: Vec<Drawn> = routed().filter_map(|(one, routed)| drawn(one, routed)).collect();
    let open =
        routed().filter(|(one, routed)| routed.route == Route::Sampled && one.outcome.is_none());
    let (withdrawn, waiting): (Vec<_>, Vec<_>) =
        open.partition(|(one, _)| withdrawn.contains(&one.export));
    MissedLine {
        producer,
        manual: count(Route::Manual),
        automatic: count(Route::Automatic),
        sampled: count(Route::Sampled),
        waiting: waiting.len(),
        withdrawn: withdrawn.len(),
        missed: missed(&drawn),
    }
}

/// A request that could pass. What a lead recalled is left out: it was chosen, not drawn.
fn drawn(one: &RiskDecision, routed: &Routed) -> Option<Drawn> {
    if !routed.could_pass() || routed.because == Because::Recalled {
        return None;
    }
    let outcome = one.outcome.as_deref().filter(|_| routed.route == Route::Sampled);
    Some(Drawn {
        probability: f64::from(routed.probability_ppm) / f64::from(WHOLE_PPM),
        is_unsafe: outcome.map(|outcome| outcome != "approved"),
    })
}
