//! The risk model's versions, what it learns from, and the ways that requests went.

use domain::{
    ApplicationId, ExportId, PersonId, Timestamp,
    outputs::{RiskModel, export_route::Routed, risk_model::RiskModelState},
};
use sqlx::{Row, any::AnyRow};

use crate::{
    Store, StoreError,
    change::{Value, Write},
    entity::{entity, instant},
};

entity!(RiskModel, "risk_models", |this| this.state.name(), {
    "number" => Some(this.number.to_string()),
    "sha256" => Some(this.sha256.clone()),
});

/// A request in one of its turns: what was seen of it, the way it went, what was decided.
#[derive(Clone, Debug)]
pub struct RiskDecision {
    /// The export.
    pub export: ExportId,
    /// The turn.
    pub turn: u32,
    /// The project.
    pub application: ApplicationId,
    /// Who asked.
    pub author: PersonId,
    /// When the engine had looked at it.
    pub seen_at: Timestamp,
    /// Its features as a JSON object: numbers by name, null where missing.
    pub features: String,
    /// The way it went.
    pub routed: Option<Routed>,
    /// What people decided: `approved`, `returned` or `refused`.
    pub outcome: Option<String>,
    /// Files on which two checkers voted blind.
    pub pairs: u32,
    /// Of these, files on which one approved and the other did not.
    pub conflicts: u32,
}

const COLUMNS: &str =
    "export, turn, application, author, seen_at, features, routed, outcome, pairs, conflicts";

fn decision(row: &AnyRow) -> Result<RiskDecision, StoreError> {
    let id = |column: &str| -> Result<uuid::Uuid, StoreError> {
        let text: String = row.try_get(column)?;
        text.parse().map_err(|_| corrupt(&text, "an id"))
    };
    let count = |column: &str| -> Result<u32, StoreError> {
        Ok(u32::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
    };
    let routed: Option<String> = row.try_get("routed")?;
    let export = ExportId(id("export")?);
    let read = |text: String| {
        serde_json::from_str(&text).map_err(|source| StoreError::Corrupt {
            table: "risk_decisions",
            id: export.to_string(),
            source: source.into(),
        })
    };
    Ok(RiskDecision {
        export,
        turn: count("turn")?,
        application: ApplicationId(id("application")?),
        author: PersonId(id("author")?),
        seen_at: instant(row.try_get("seen_at")?),
        features: row.try_get("features")?,
        routed: routed.map(read).transpose()?,
        outcome: row.try_get("outcome")?,
        pairs: count("pairs")?,
        conflicts: count("conflicts")?,
    })
}

fn corrupt(id: &str, what: &str) -> StoreError {
    let source = <serde_json::Error as serde::de::Error>::custom(format!("not {what}"));
    StoreError::Corrupt { table: "risk_decisions", id: id.to_owned(), source: source.into() }
}

impl Store {
    /// What was seen of a request, written with the event that tells of it; a scan that is done
    /// again after a crash replaces it.
    pub fn risk_seen(seen: &RiskDecision) -> Write {
        let sql = "insert into risk_decisions (export, turn, application, author, seen_at, features, pairs, conflicts) \
                   values ($1, $2, $3, $4, $5, $6, 0, 0) \
                   on conflict (export, turn) do update set seen_at = excluded.seen_at, features = excluded.features";
        let values: Vec<Value> = vec![
            seen.export.to_string().into(),
            i64::from(seen.turn).into(),
            seen.application.to_string().into(),
            seen.author.to_string().into(),
            seen.seen_at.into(),
            seen.features.as_str().into(),
        ];
        Write::new(sql, values)
    }

    /// The way that a request went, written with its event.
    pub fn risk_routed(export: ExportId, routed: &Routed) -> Write {
        let sql = "update risk_decisions set routed = $3 where export = $1 and turn = $2";
        let body = serde_json::to_string(routed).expect("plain data");
        let turn = i64::from(routed.turn);
        Write::new(sql, vec![export.to_string().into(), turn.into(), body.into()])
    }

    /// What people decided of a request: derived from its events, so that it needs none of its own.
    pub async fn set_risk_outcome(
        &self,
        export: ExportId,
        turn: u32,
        outcome: Option<&str>,
        (pairs, conflicts): (u32, u32),
    ) -> Result<(), StoreError> {
        let sql = "update risk_decisions set outcome = $3, pairs = $4, conflicts = $5 where export = $1 and turn = $2";
        let values = vec![
            export.to_string().into(),
            i64::from(turn).into(),
            outcome.map(ToOwned::to_owned).into(),
            i64::from(pairs).into(),
            i64::from(conflicts).into(),
        ];
        self.run(sql, values).await?;
        Ok(())
    }

    /// What was seen of a request in a turn.
    pub async fn risk_decision(
        &self,
        export: ExportId,
        turn: u32,
    ) -> Result<Option<RiskDecision>, StoreError> {
        let sql = format!("select {COLUMNS} from risk_decisions where export = $1 and turn = $2");
        let values = vec![export.to_string().into(), i64::from(turn).into()];
        self.rows(sql, values).await?.first().map(decision).transpose()
    }

    /// The decided requests of a project or of an author, the oldest first.
    pub async fn risk_history(
        &self,
        application: ApplicationId,
        author: PersonId,
    ) -> Result<Vec<RiskDecision>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from risk_decisions where outcome is not null \
             and (application = $1 or author = $2) order by seen_at, export, turn"
        );
        let values = vec![application.to_string().into(), author.to_string().into()];
        self.rows(sql, values).await?.iter().map(decision).collect()
    }

    /// Every request since an instant, decided or not, the oldest first.
    pub async fn risk_decisions_since(
        &self,
        since: Timestamp,
    ) -> Result<Vec<RiskDecision>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from risk_decisions where seen_at >= $1 order by seen_at, export, turn"
        );
        self.rows(sql, vec![since.into()]).await?.iter().map(decision).collect()
    }

    /// The model that scores, if one does.
    pub async fn risk_model_in_service(&self) -> Result<Option<RiskModel>, StoreError> {
        let found: Vec<RiskModel> = self.where_is(&[("state", "in_service")]).await?;
        let serves = |model: &RiskModel| matches!(model.state, RiskModelState::InService { .. });
        Ok(found.into_iter().find(serves))
    }

    /// The file of a model, written with the event that tells of it. Same file, same row.
    pub fn risk_model_file(sha256: &str, content: &str) -> Write {
        let sql = "insert into risk_model_files (sha256, content) values ($1, $2) \
                   on conflict (sha256) do nothing";
        Write::new(sql, vec![sha256.into(), content.into()])
    }

    /// The file of a model.
    pub async fn risk_model_content(&self, sha256: &str) -> Result<Option<String>, StoreError> {
        let sql = "select content from risk_model_files where sha256 = $1";
        let rows = self.rows(sql, vec![sha256.into()]).await?;
        rows.first().map(|row| Ok(row.try_get("content")?)).transpose()
    }
}
