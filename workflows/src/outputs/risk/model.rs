//! The versions of the risk model: trained by one person, put in service by another, watched.

use disclosure::risk::{
    Decision, Decisions, FEATURES, Model, Options, TrainError,
    conformal::noise_of,
    drift::{ALARM, LEAST as DRIFT_FROM},
    simulate::{Plan, simulate},
    train,
};
use domain::{
    Actor, Event, RiskModel, RiskModelId, Timestamp,
    outputs::{
        export_route::{Route, WHOLE_PPM},
        risk_model::{RiskModelState, may_read, may_serve, may_stop, may_train},
    },
};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use store::{RiskDecision, Store};

use super::seen;
use crate::{Centre, Failure, failure::causes};

/// Requests from which drift is told.
pub const DRIFT_LEAST: usize = DRIFT_FROM;
/// Requests of so long ago are compared with the training.
const RECENT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Pairs of blind votes from which the share of wrong decisions is told; below it none is allowed
/// for, which lets fewer requests pass.
const PAIRS: u32 = 50;
/// Simulated decisions of a first model, and the share of wrong ones among them.
const SIMULATED: Plan = Plan { requests: 6000, seed: 1, noise: 0.05 };

/// What a model learns from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// What this centre's checkers decided.
    Decisions,
    /// Simulated decisions, for a centre that has too few.
    Simulated,
}

impl Origin {
    /// Reads its stable name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "decisions" => Some(Self::Decisions),
            "simulated" => Some(Self::Simulated),
            _ => None,
        }
    }
}

/// The page of the risk model.
pub struct Overview {
    /// The versions, newest first, with the names of who trained them.
    pub versions: Vec<(RiskModel, String)>,
    /// The one that scores.
    pub in_service: Option<RiskModel>,
    /// Decided requests that a training would learn from, and those against among them.
    pub decided: (usize, usize),
    /// Requests of the last 90 days.
    pub recent: usize,
    /// How far each feature of the model in service has drifted in them, the furthest first; empty
    /// where there are too few.
    pub drift: Vec<(String, f64)>,
    /// Who reads.
    pub reader: domain::PersonId,
    /// Whether the reader may train, put in service and stop.
    pub can_act: bool,
}

impl Overview {
    /// The features that have drifted so far that somebody must look.
    pub fn alarms(&self) -> impl Iterator<Item = &(String, f64)> {
        self.drift.iter().filter(|(_, index)| *index > ALARM)
    }
}

/// Shows the versions, the card and the drift to those who answer for them.
pub async fn overview(centre: &Centre, actor: &Actor) -> Result<Overview, Failure> {
    may_read(actor)?;
    let mut models = centre.store.all::<RiskModel>().await?;
    models.sort_by_key(|model| std::cmp::Reverse(model.number));
    let mut versions = Vec::new();
    for model in models {
        let name = crate::outputs::export::name_of(centre, model.trained_by).await?;
        versions.push((model, name));
    }
    let decided = own_decisions(centre).await?;
    let against = decided.rows.iter().filter(|row| row.is_unsafe).count();
    let recent = recent(centre).await?;
    let model = in_service(centre).await?;
    let drift = model.as_ref().map(|(_, model)| drift(model, &recent)).unwrap_or_default();
    Ok(Overview {
        versions,
        in_service: model.map(|(version, _)| version),
        decided: (decided.rows.len(), against),
        recent: recent.len(),
        drift,
        reader: actor.id,
        can_act: may_train(actor).is_ok(),
    })
}

/// The model that scores, with its version. A file that is not the one that was trained scores
/// nothing: every request then goes to a person.
pub(crate) async fn in_service(centre: &Centre) -> Result<Option<(RiskModel, Model)>, Failure> {
    let Some(version) = centre.store.risk_model_in_service().await? else { return Ok(None) };
    let content = centre.store.risk_model_content(&version.sha256).await?.unwrap_or_default();
    if hex::encode(Sha256::digest(content.as_bytes())) != version.sha256 {
        tracing::error!(model = version.number, "the file of the risk model was altered");
        return Ok(None);
    }
    match Model::read(content.as_bytes()) {
        Ok(model) => Ok(Some((version, model))),
        Err(error) => {
            let error = causes(&error);
            tracing::error!(error, model = version.number, "the risk model cannot be read");
            Ok(None)
        }
    }
}

async fn recent(centre: &Centre) -> Result<Vec<RiskDecision>, Failure> {
    let since = centre.now().checked_sub(RECENT).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(centre.store.risk_decisions_since(since).await?)
}

fn drift(model: &Model, recent: &[RiskDecision]) -> Vec<(String, f64)> {
    if recent.len() < DRIFT_LEAST {
        return Vec::new();
    }
    let named: Vec<seen::Named> = recent.iter().map(seen::read).collect();
    model.drift(&named, |features, name| features.get(name).copied().flatten())
}

/// What this centre's checkers decided, the oldest first. A request of the sample stands for those
/// that passed like it.
async fn own_decisions(centre: &Centre) -> Result<Decisions, Failure> {
    let all = centre.store.risk_decisions_since(Timestamp::UNIX_EPOCH).await?;
    let names: Vec<String> = FEATURES.iter().map(|feature| feature.name.to_owned()).collect();
    let rows = all.iter().filter_map(|one| {
        let outcome = one.outcome.as_deref()?;
        let features = seen::read(one);
        let value = |name: &String| features.get(name).copied().flatten().unwrap_or(f64::NAN);
        Some(Decision {
            request: format!("{}.{}", one.export, one.turn),
            features: names.iter().map(value).collect(),
            is_unsafe: outcome != "approved",
            truth: None,
            weight: weight(one),
        })
    });
    let rows = rows.collect();
    Ok(Decisions { names, rows })
}

/// The decisions that a training would learn from, as `bulle risk train` reads them, for those who
/// answer for the model: numbers of requests and what was decided, no cell and no name.
pub async fn export_decisions(centre: &Centre, actor: &Actor) -> Result<String, Failure> {
    may_read(actor)?;
    Ok(own_decisions(centre).await?.to_csv())
}

fn weight(one: &RiskDecision) -> f64 {
    let sampled = one.routed.as_ref().filter(|routed| routed.route == Route::Sampled);
    sampled.map_or(1.0, |routed| f64::from(WHOLE_PPM) / f64::from(routed.probability_ppm.max(1)))
}

/// The share of wrong decisions, by the files on which two checkers voted blind.
async fn noise(centre: &Centre) -> Result<f64, Failure> {
    let all = centre.store.risk_decisions_since(Timestamp::UNIX_EPOCH).await?;
    let pairs: u32 = all.iter().map(|one| one.pairs).sum();
    let conflicts: u32 = all.iter().map(|one| one.conflicts).sum();
    if pairs < PAIRS {
        return Ok(0.0);
    }
    Ok(noise_of(f64::from(conflicts) / f64::from(pairs)).min(0.2))
}

/// Trains a candidate. It scores nothing before another person puts it in service.
#[tracing::instrument(name = "workflow.train_risk_model", skip_all, err)]
pub async fn train_risk_model(
    centre: &Centre,
    actor: &Actor,
    origin: Origin,
) -> Result<RiskModel, Failure> {
    let permit = may_train(actor)?;
    let (decisions, noise, name) = match origin {
        Origin::Decisions => (own_decisions(centre).await?, noise(centre).await?, "decisions"),
        Origin::Simulated => (Decisions::default(), SIMULATED.noise, "simulated"),
    };
    let at = centre.now();
    let options =
        Options { at: at.to_string(), origin: name.to_owned(), noise, ..Options::default() };
    let grow = move || {
        let simulated = options.origin == "simulated";
        let decisions = if simulated { simulate(&SIMULATED) } else { decisions };
        train::train(&decisions, &options)
    };
    let grown = tokio::task::spawn_blocking(grow).await;
    let model = match grown.map_err(Failure::engine("train the risk model"))? {
        Ok(model) => model,
        Err(TrainError::TooFew { .. }) => return Err(Failure::invalid("origin", "too-few")),
        Err(other) => return Err(Failure::engine("train the risk model")(other)),
    };
    let content = String::from_utf8(model.to_bytes()).map_err(Failure::engine("write a model"))?;
    let known = centre.store.all::<RiskModel>().await?;
    let version = permit.train(centre.id(), model.digest(), card(&model), &known, at);
    let event = told(centre, actor, "risk.trained", &version);
    let file = Store::risk_model_file(&version.sha256, &content);
    let mut change = centre.store.change(&event);
    match change.insert(&version).writes([file]).commit().await {
        // Two at once: the number is taken.
        Err(error) if error.is_duplicate() => Err(Failure::Conflict("risk_models")),
        other => Ok(other.map(|()| version)?),
    }
}

/// The card: all of the model but what it is made of.
fn card(model: &Model) -> serde_json::Value {
    let importance: Vec<_> = model.importance().into_iter().take(10).collect();
    serde_json::json!({
        "format": model.format, "training": model.training, "aim": model.aim,
        "noise": model.noise, "limit": model.limit, "figures": model.figures,
        "corrected": model.corrected, "features": model.features.len(),
        "trees": model.trees.trees.len(), "importance": importance,
    })
}

fn told(centre: &Centre, actor: &Actor, kind: &str, model: &RiskModel) -> Event {
    let mut event = centre.event(actor, kind, "risk_model", model.id);
    event.payload = serde_json::json!({
        "number": model.number, "sha256": model.sha256, "trained_by": model.trained_by,
        "card": model.card,
    });
    event
}

/// Puts a model in service that another person has trained; the one before retires.
#[tracing::instrument(name = "workflow.serve_risk_model", skip_all, fields(model.id = %id), err)]
pub async fn serve_risk_model(
    centre: &Centre,
    actor: &Actor,
    id: RiskModelId,
) -> Result<RiskModel, Failure> {
    may_read(actor)?;
    let before: RiskModel = centre.load("risk_model", id).await?;
    let now = centre.now();
    let after = may_serve(actor, &before)?.serve(now)?;
    let mut event = told(centre, actor, "risk.put_in_service", &after);
    let old = centre.store.risk_model_in_service().await?;
    if let (Some(old), Some(payload)) = (&old, event.payload.as_object_mut()) {
        payload.insert("replaces".to_owned(), serde_json::json!(old.number));
    }
    let mut change = centre.store.change(&event);
    if let Some(old) = &old {
        change.replace(old, &old.retire(now)?); // first: one at a time is in service
    }
    match change.replace(&before, &after).commit().await {
        Err(error) if error.is_duplicate() => Err(Failure::Conflict("risk_models")),
        other => Ok(other.map(|()| after)?),
    }
}

/// Takes the model out of service: from now on people look at every request of mode `scored`.
#[tracing::instrument(name = "workflow.stop_risk_model", skip_all, fields(model.id = %id), err)]
pub async fn stop_risk_model(
    centre: &Centre,
    actor: &Actor,
    id: RiskModelId,
    reason: &str,
) -> Result<RiskModel, Failure> {
    may_read(actor)?;
    let before: RiskModel = centre.load("risk_model", id).await?;
    let after = may_stop(actor, &before)?.stop(centre.now())?;
    if reason.trim().is_empty() {
        return Err(Failure::invalid("reason", "reason-missing"));
    }
    let mut event = told(centre, actor, "risk.stopped", &after);
    event.reason = Some(reason.trim().to_owned());
    centre.store.change(&event).replace(&before, &after).commit().await?;
    Ok(after)
}

/// The day on which the drift of a model was last looked for, and which model's: once a day is
/// enough for what ninety days tell, and the clock comes by every few seconds.
const WATCHED: &str = "risk.watched";

/// Tells once of each feature of the model in service that has drifted.
pub(in crate::outputs) async fn watch(centre: &Centre) -> Result<(), Failure> {
    let Some(version) = centre.store.risk_model_in_service().await? else { return Ok(()) };
    let today = format!("{} {}", centre.now().strftime("%Y-%m-%d"), version.id);
    if centre.store.fact(WATCHED).await?.as_ref() == Some(&today) {
        return Ok(());
    }
    look_for_drift(centre).await?;
    Ok(centre.store.set_fact(WATCHED, &today).await?)
}

async fn look_for_drift(centre: &Centre) -> Result<(), Failure> {
    let recent = recent(centre).await?;
    if recent.len() < DRIFT_LEAST {
        return Ok(());
    }
    let Some((version, model)) = in_service(centre).await? else { return Ok(()) };
    let since = match version.state {
        RiskModelState::InService { since, .. } => since,
        _ => return Ok(()),
    };
    let known = centre.store.events_of(version.id).await?;
    let told = |feature: &str| {
        known.iter().any(|sealed| {
            let event = &sealed.event;
            let same = event.payload.get("feature").and_then(|f| f.as_str()) == Some(feature);
            event.kind == "risk.drifted" && event.at >= since && same
        })
    };
    for (feature, index) in drift(&model, &recent).into_iter().filter(|(_, i)| *i > ALARM) {
        if told(&feature) {
            continue;
        }
        let mut event = centre.system_event("risk.drifted", "risk_model", version.id);
        event.payload = serde_json::json!({
            "number": version.number, "feature": feature, "index": index,
            "requests": recent.len(),
        });
        centre.store.change(&event).commit().await?;
    }
    Ok(())
}
