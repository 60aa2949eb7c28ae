//! What is seen of a request once the engine has looked at its files: numbers, none of them a cell.

use std::collections::BTreeMap;

use disclosure::{
    FileReport,
    risk::{FEATURES, History, Seen, features::Earlier},
};
use domain::Export;
use store::RiskDecision;

use crate::{Centre, Failure};

/// Features by name; none where missing.
pub(crate) type Named = BTreeMap<String, Option<f64>>;

/// What became of earlier requests of the project and of the author.
pub(crate) async fn history(centre: &Centre, export: &Export) -> Result<History, Failure> {
    let decided = centre.store.risk_history(export.application, export.author).await?;
    let mut history = History::default();
    for one in decided {
        let count = |earlier: &mut Earlier| {
            earlier.requests += 1;
            earlier.returned += u32::from(one.outcome.as_deref() == Some("returned"));
            earlier.refused += u32::from(one.outcome.as_deref() == Some("refused"));
        };
        if one.application == export.application {
            count(&mut history.project);
        }
        if one.author == export.author {
            count(&mut history.author);
        }
    }
    Ok(history)
}

/// The features of a request whose files have these reports.
pub(crate) fn features(
    export: &Export,
    reports: &[FileReport],
    min_count: u32,
    history: History,
) -> Named {
    let mut description = export.title.clone();
    for group in &export.groups {
        for text in [&group.name, &group.context, &group.controls] {
            description.push('\n');
            description.push_str(text);
        }
    }
    let bytes = export.outputs().map(|file| file.bytes).sum();
    let seen = Seen { reports, bytes, description: &description, min_count, history };
    let values = seen.features();
    let names = FEATURES.iter().map(|feature| feature.name.to_owned());
    names.zip(values.into_iter().map(|value| Some(value).filter(|v| v.is_finite()))).collect()
}

/// The row that keeps them.
pub(crate) fn row(centre: &Centre, export: &Export, features: &Named) -> RiskDecision {
    RiskDecision {
        export: export.id,
        turn: export.turn,
        application: export.application,
        author: export.author,
        seen_at: centre.now(),
        features: serde_json::to_string(features).expect("numbers by name"),
        routed: None,
        outcome: None,
        pairs: 0,
        conflicts: 0,
    }
}

/// Reads what a row keeps; features that cannot be read are missing.
pub(crate) fn read(row: &RiskDecision) -> Named {
    serde_json::from_str(&row.features).unwrap_or_default()
}
