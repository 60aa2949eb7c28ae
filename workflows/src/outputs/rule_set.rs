//! Producers' rule sets: published in versions, combined to the strictest for a project.

use disclosure::{RuleSetError, Strictest};
use domain::{
    Actor, ApplicationId, Export, Producer, ProducerId, RuleSet, Timestamp,
    outputs::{
        export_author::Rules,
        rule_set::{in_force, may_publish, may_read},
    },
};

use crate::{Centre, Failure, failure::causes};

/// The rules where a producer has published none, or nobody's data are in the project.
pub const DEFAULT: &str = "generic_10";

/// A producer's rule sets, for those who may read them.
pub struct ProducerRules {
    /// Whose.
    pub producer: Producer,
    /// The versions, newest first.
    pub versions: Vec<RuleSet>,
    /// The version in force now.
    pub in_force: Option<RuleSet>,
    /// Whether the reader may publish another.
    pub can_publish: bool,
}

/// The rule sets that the person may read, those that they may publish first.
///
/// # Errors
/// [`Failure::Denied`] where they may read none.
pub async fn read_rule_sets(centre: &Centre, actor: &Actor) -> Result<Vec<ProducerRules>, Failure> {
    let mut found = Vec::new();
    let mut denied = None;
    for producer in centre.store.all::<Producer>().await? {
        if let Err(reason) = may_read(actor, producer.id) {
            denied = Some(reason);
            continue;
        }
        let mut versions = centre.store.rule_sets_of(producer.id).await?;
        let in_force = in_force(&versions, centre.now()).cloned();
        versions.sort_by_key(|version| std::cmp::Reverse(version.number));
        let can_publish = may_publish(actor, producer.id).is_ok();
        found.push(ProducerRules { producer, versions, in_force, can_publish });
    }
    found.sort_by_key(|rules| !rules.can_publish);
    match denied {
        Some(denied) if found.is_empty() => Err(denied.into()),
        _ => Ok(found),
    }
}

/// Names of the engine's built-in rule sets, and their TOML to start from.
pub fn built_in() -> Vec<(&'static str, String)> {
    let text = |name: &'static str| {
        let rules = disclosure::RuleSet::built_in(name).ok()?;
        Some((name, toml::to_string_pretty(&rules).ok()?))
    };
    disclosure::RuleSet::names().filter_map(text).collect()
}

/// Reads a rule set, or says on which line it is wrong.
///
/// # Errors
/// [`Failure::Invalid`] of the field `toml`, whose detail is the line and what the engine says.
pub fn validate(text: &str) -> Result<disclosure::RuleSet, Failure> {
    disclosure::RuleSet::from_toml(text).map_err(|error| {
        let line_of = |offset: usize| text.get(..offset).unwrap_or(text).lines().count().max(1);
        let named = |parameter: &str| {
            let starts = |line: &str| line.trim_start().starts_with(parameter);
            text.lines().position(starts).map_or(1, |at| at + 1)
        };
        let (line, says) = match &error {
            RuleSetError::Toml(toml) => {
                let at = toml.span().map_or(1, |span| line_of(span.start.saturating_add(1)));
                (at, toml.message().to_owned())
            }
            RuleSetError::Invalid { parameter, reason, .. } => {
                (named(parameter), format!("{parameter} {reason}"))
            }
            other => (1, other.to_string()),
        };
        Failure::Invalid {
            field: "toml".to_owned(),
            key: "rule-set".to_owned(),
            detail: format!("{line}: {says}"),
        }
    })
}

/// Publishes a new version of a producer's rules, in force from `from` (now where it is past).
#[tracing::instrument(name = "workflow.publish_rule_set", skip_all, fields(producer.id = %id), err)]
pub async fn publish_rule_set(
    centre: &Centre,
    actor: &Actor,
    id: ProducerId,
    text: &str,
    from: Option<Timestamp>,
) -> Result<RuleSet, Failure> {
    let permit = may_publish(actor, id)?;
    validate(text)?;
    let known = centre.store.rule_sets_of(id).await?;
    let now = centre.now();
    let from = from.unwrap_or(now);
    let set = permit.publish(centre.id(), text.to_owned(), &known, from, now)?;
    let mut event = centre.event(actor, "rule.published", "rule_set", set.id);
    event.payload = serde_json::json!({
        "producer": id, "number": set.number, "from": set.from, "toml": set.toml,
    });
    let written = centre.store.change(&event).insert(&set).commit().await;
    match written {
        // Two agents at once: the number is taken.
        Err(error) if error.is_duplicate() => Err(Failure::Conflict("rule_sets")),
        other => Ok(other.map(|()| set)?),
    }
}

/// The rules of a project now: the strictest of what its producers have in force.
pub(super) struct InForce {
    /// The values to use.
    pub strictest: Strictest,
    /// The versions they come from.
    pub rules: Rules,
}

/// The producers whose data the project was given, also where they have stopped or ended it since:
/// what was made of them is still in the bubble.
pub(super) async fn producers(
    centre: &Centre,
    id: ApplicationId,
) -> Result<Vec<ProducerId>, Failure> {
    let items = centre.store.items_of(id).await?;
    let granted = items.iter().filter(|item| item.was_granted());
    let mut ids: Vec<ProducerId> = granted.map(|item| item.producer).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Combines the rule sets of the producers whose data the project was given.
pub(super) async fn of_project(centre: &Centre, id: ApplicationId) -> Result<InForce, Failure> {
    let producers = producers(centre, id).await?;
    let (mut sets, mut ids) = (Vec::new(), Vec::new());
    for producer in producers.iter().copied() {
        let known = centre.store.rule_sets_of(producer).await?;
        match in_force(&known, centre.now()) {
            Some(set) => {
                ids.push(set.id);
                sets.push(validate(&set.toml)?);
            }
            None => sets.push(default_rules()?),
        }
    }
    if sets.is_empty() {
        sets.push(default_rules()?);
    }
    let strictest = disclosure::RuleSet::strictest(&sets);
    let strictest = strictest.map_err(Failure::engine("combine the rule sets"))?;
    let values = serde_json::to_value(&strictest).map_err(Failure::engine("write the rules"))?;
    let rules = Rules {
        rule_sets: ids,
        producers: Some(producers),
        values,
        reviewers: usize::from(strictest.rules.reviewers),
        partial: strictest.rules.partial_release,
    };
    Ok(InForce { strictest, rules })
}

/// The rules of a project's exports as JSON, for `bulle-check` in its bubble. Nothing where they
/// cannot be told: work goes on, and the check says under which rules it was made.
pub(crate) async fn in_bubble(centre: &Centre, id: ApplicationId) -> String {
    let rules = of_project(centre, id).await.map(|now| now.strictest.rules);
    let written = rules.and_then(|rules| {
        serde_json::to_string(&rules).map_err(Failure::engine("write the rules"))
    });
    written.unwrap_or_else(|failure| {
        tracing::error!(error = causes(&failure), "a bubble is without its rules");
        String::new()
    })
}

fn default_rules() -> Result<disclosure::RuleSet, Failure> {
    disclosure::RuleSet::built_in(DEFAULT).map_err(Failure::engine("read the built-in rules"))
}

/// The rules that a request was sealed under; of a draft, those in force.
pub(super) async fn of_export(centre: &Centre, export: &Export) -> Result<Strict, Failure> {
    if export.turn == 0 {
        let now = of_project(centre, export.application).await?;
        return Ok(Strict { rules: now.strictest.rules.clone(), sealing: now.rules });
    }
    let rules = export.rules.get("rules").cloned().unwrap_or_default();
    let rules = serde_json::from_value(rules).map_err(Failure::engine("read the sealed rules"))?;
    let sealing = Rules {
        rule_sets: export.rule_sets.clone(),
        producers: export.producers.clone(),
        values: export.rules.clone(),
        reviewers: export.reviewers,
        partial: export.partial,
    };
    Ok(Strict { rules, sealing })
}

/// The strictest rules, for the engine and for the sealing.
pub(super) struct Strict {
    pub rules: disclosure::RuleSet,
    pub sealing: Rules,
}

/// One parameter as pages show it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct RuleLine {
    /// The parameter's name in the TOML.
    pub parameter: String,
    /// Its value.
    pub value: String,
    /// The rule set that gave it.
    pub from: String,
}

/// The parameters of combined rules (`disclosure::Strictest` in JSON) with their origins.
pub(super) fn lines(values: &serde_json::Value) -> Vec<RuleLine> {
    let origins = values.get("origins").and_then(|origins| origins.as_array());
    let line = |origin: &serde_json::Value| {
        let parameter = origin.get("parameter")?.as_str()?.to_owned();
        let value = values.get("rules")?.get(&parameter).unwrap_or(&serde_json::Value::Null);
        Some(RuleLine {
            value: plain(value),
            from: origin.get("rule_set")?.as_str()?.to_owned(),
            parameter,
        })
    };
    origins.into_iter().flatten().filter_map(line).collect()
}

/// A value in as few signs as people need.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "–".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(all) if all.is_empty() => "–".to_owned(),
        serde_json::Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(", "),
        serde_json::Value::Object(fields) => {
            let pair =
                |(name, value): (&String, &serde_json::Value)| format!("{name} {}", plain(value));
            fields.iter().map(pair).collect::<Vec<_>>().join(" · ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_line() {
        let good = built_in().into_iter().find(|(name, _)| *name == DEFAULT).expect("built in").1;
        validate(&good).expect("the start is valid");
        let line = |text: &str| match validate(text) {
            Err(Failure::Invalid { detail, .. }) => detail,
            other => panic!("{other:?}"),
        };
        let at = good.lines().position(|line| line.starts_with("min_count")).expect("there") + 1;
        let low = good.replace("min_count = 10", "min_count = 1");
        assert!(line(&low).starts_with(&format!("{at}: min_count must be")), "{}", line(&low));
        let word = good.replace("min_count = 10", "min_count = \"ten\"");
        assert!(line(&word).starts_with(&format!("{at}: ")), "{}", line(&word));
    }
}
