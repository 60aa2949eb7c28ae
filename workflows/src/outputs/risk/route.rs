//! The way of a request (JOURNEYS 1.17): automatic, sampled or manual, with all that it was chosen
//! by in its event.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;

use disclosure::{Mode as Rules, risk::Assessment};
use domain::{
    Export, ProducerId,
    outputs::export_route::{Mode, Route, Score, ScoreReason, WHOLE_PPM, Weighing},
};
use sha2::{Digest, Sha256};
use store::Store;

use super::{model, others, seen};
use crate::{
    Centre, Failure,
    outputs::{
        export::{event, tell},
        rule_set,
    },
};

/// Sends a request its way.
pub(crate) async fn route(centre: &Centre, export: &Export) -> Result<(), Failure> {
    let rules = rule_set::of_export(centre, export).await?.rules;
    let draw = draw(centre, export)?;
    let by = Weighing {
        mode: match rules.mode {
            Rules::Manual => Mode::Manual,
            Rules::Scored => Mode::Scored,
            Rules::Automatic => Mode::Automatic,
        },
        sample_ppm: ppm(rules.sample_share),
        limit_ppm: ppm(rules.score_limit),
        score: score(centre, export).await?,
        draw_ppm: draw.ppm,
        producers: producers(centre, export).await?,
        beside: others::beside(centre, export).await?,
    };
    let (sample, limit) = (by.sample_ppm, by.limit_ppm);
    let after = export.route(by, centre.now())?;
    let Some(routed) = after.routed.as_ref() else { return Err(Failure::Conflict("exports")) };
    let kind = match routed.route {
        Route::Automatic => "route.automatic",
        Route::Sampled => "route.sampled",
        Route::Manual => "route.manual",
    };
    let mut event = event(centre, None, kind, &after);
    event.reason = Some(routed.because.name().to_owned());
    tell(&mut event, "mode", routed.mode);
    tell(&mut event, "rule_sets", &after.rule_sets);
    tell(&mut event, "producers", &routed.producers);
    tell(&mut event, "sample_ppm", sample);
    tell(&mut event, "limit_ppm", limit);
    tell(&mut event, "probability_ppm", routed.probability_ppm);
    tell(&mut event, "draw_ppm", routed.draw_ppm);
    tell(&mut event, "draw_key_sha256", draw.key_sha256);
    tell(&mut event, "score", &routed.score);
    tell(&mut event, "reviewers", after.reviewers);
    let kept = Store::risk_routed(export.id, routed);
    Ok(centre.store.change(&event).replace(export, &after).writes([kept]).commit().await?)
}

/// Whose rules the mode comes from: those of the sealing, as the mode itself.
async fn producers(centre: &Centre, export: &Export) -> Result<Vec<ProducerId>, Failure> {
    match &export.producers {
        Some(sealed) => Ok(sealed.clone()),
        None => rule_set::producers(centre, export.application).await, // sealed before they were kept
    }
}

/// What the model in service says; nothing where none is.
async fn score(centre: &Centre, export: &Export) -> Result<Option<Score>, Failure> {
    let Some((version, model)) = model::in_service(centre).await? else { return Ok(None) };
    let Some(row) = centre.store.risk_decision(export.id, export.turn).await? else {
        return Ok(None); // sealed before this centre kept features: nothing to score by
    };
    let features = seen::read(&row);
    let told: Assessment = model.assess(|name| features.get(name).copied().flatten());
    let reason = |reason: disclosure::risk::Reason| ScoreReason {
        feature: reason.feature,
        raises: reason.raises,
    };
    Ok(Some(Score {
        model: version.sha256,
        number: version.number,
        ppm: ppm(told.score),
        margin_milli: milli(told.margin),
        passes: told.passes,
        reasons: told.reasons.into_iter().map(reason).collect(),
    }))
}

/// A request's draw, and which secret it was made with.
struct Draw {
    ppm: u32,
    key_sha256: String,
}

/// Draws for the sample: the same request in the same turn always draws the same, and nobody who
/// lacks the centre's secret can tell which requests will pass. SHA-256 of the secret, the export and
/// its turn, all of fixed length, so that no draw tells of another.
fn draw(centre: &Centre, export: &Export) -> Result<Draw, Failure> {
    let key = secret(centre).map_err(Failure::engine("read the secret of the sample"))?;
    let mut hash = Sha256::new();
    hash.update(key);
    hash.update(export.id.0.as_bytes());
    hash.update(export.turn.to_be_bytes());
    let digest = hash.finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    // The upper half of a product: from 0 to below a million, each as likely to within 2^-44.
    let ppm = (u128::from(u64::from_be_bytes(first)) * u128::from(WHOLE_PPM)) >> 64;
    let ppm = u32::try_from(ppm).expect("below a million");
    Ok(Draw { ppm, key_sha256: hex::encode(Sha256::digest(key)) })
}

/// The centre's secret for draws, in `keys/`; made at the first draw.
fn secret(centre: &Centre) -> std::io::Result<[u8; 32]> {
    let path = centre.config.dir.join("keys").join("sample.key");
    let read = |path: &std::path::Path| {
        let bytes = std::fs::read(path)?;
        <[u8; 32]>::try_from(bytes).map_err(|_| std::io::Error::other("not 32 bytes"))
    };
    if path.exists() {
        return read(&path);
    }
    let own = path.with_extension(format!("tmp-{}", uuid::Uuid::now_v7().simple()));
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&own)?;
    file.write_all(&rand::random::<[u8; 32]>())?;
    file.sync_all()?;
    // Two at once: the first one's secret stands, and both read that one.
    let linked = std::fs::hard_link(&own, &path);
    std::fs::remove_file(&own)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => read(&path),
    }
}

/// The way of a request as its evidence tells it: all but the reasons of the score, which would teach
/// how to write what is not looked at.
pub(crate) fn evidence(export: &Export) -> serde_json::Value {
    let Some(routed) = &export.routed else { return serde_json::Value::Null };
    let score = routed.score.as_ref().map(|score| {
        serde_json::json!({ "model": score.model, "number": score.number, "ppm": score.ppm })
    });
    serde_json::json!({
        "route": routed.route, "because": routed.because, "mode": routed.mode, "turn": routed.turn,
        "probability_ppm": routed.probability_ppm, "draw_ppm": routed.draw_ppm, "score": score,
    })
}

/// A share in millionths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share from 0 to 1; NaN becomes 0, and no rule set and no score is NaN"
)]
fn ppm(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * f64::from(WHOLE_PPM)).round() as u32
}

/// Thousandths of a logit.
#[expect(clippy::cast_possible_truncation, reason = "margins are small; casts saturate")]
fn milli(margin: f64) -> i64 {
    (margin * 1000.0).round() as i64
}
