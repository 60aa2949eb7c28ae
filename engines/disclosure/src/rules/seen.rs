//! From what readers noticed to findings: each sight belongs to one rule.

use super::{
    embedded_object, hidden_content, metadata_leak, model_artifact, model_contains_data,
    plot_points, type_mismatch, unreadable,
};
use crate::extract::Seen;
use crate::report::{Figure, Finding, Findings, Severity, Spot};
use crate::rule_set::RuleSet;

/// Adds a finding for each thing that was seen.
pub fn find(seen: &[Seen], rules: &RuleSet, out: &mut Findings) {
    for seen in seen {
        let finding = hidden_content::finding(seen)
            .or_else(|| embedded_object::finding(seen))
            .or_else(|| metadata_leak::finding(seen))
            .or_else(|| plot_points::finding(seen))
            .or_else(|| model_artifact::finding(seen))
            .or_else(|| model_contains_data::finding(seen, rules))
            .or_else(|| type_mismatch::finding(seen))
            .or_else(|| unreadable::finding(seen));
        if let Some(finding) = finding {
            out.push(finding);
        }
    }
}

/// The finding for something seen, with its place and with the beginning of what it says.
pub fn finding(
    rule: &'static str,
    severity: Severity,
    key: &'static str,
    text: &str,
    seen: &Seen,
) -> Finding {
    let what: String = seen.what.chars().filter(|c| !c.is_control()).take(80).collect();
    let message = match (what.as_str(), seen.count) {
        ("", None) => text.to_owned(),
        ("", Some(count)) => format!("{text} ({count})"),
        (what, None) => format!("{text}: {what}"),
        (what, Some(count)) => format!("{text}: {what} ({count})"),
    };
    let spot = Spot { at: seen.at, within: seen.within.clone() };
    let mut finding = Finding::new(rule, severity, key, message).at(spot).arg("what", &what);
    finding.value = match seen.count.and_then(|count| u32::try_from(count).ok()) {
        Some(count) => Some(Figure::from(f64::from(count))),
        None if what.is_empty() => None,
        None => Some(Figure::Text(what)),
    };
    finding
}
