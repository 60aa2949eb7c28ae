//! Lines that answer a command: judged by what was asked.

use super::commands::Asked;
use super::excused::is_rising;
use super::figures::ANSWER;
use super::{Context, may_be_small, push};
use crate::extract::Line;
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::RuleSet;
use crate::rules::{extreme_value, freq_min, rows_individual};
use crate::value::Number;

/// Values below each other or beside each other that are a list of single units.
const LIST: usize = 10;

/// Values that were asked for from which on a person looks: one may be the figure of a model.
const FEW: usize = 2;

/// Judges an answer by its command; `false` where nothing is known of it.
pub fn answer(
    line: &Line,
    figures: &[Number],
    context: &mut Context<'_>,
    rules: &RuleSet,
    out: &mut Findings,
) -> bool {
    let place = Location::line(line.number);
    let small = figures.iter().any(|n| may_be_small(n, rules));
    match context.asked {
        Asked::Shape | Asked::Aggregate => true,
        Asked::Counts | Asked::Sum => {
            if small {
                push(line.number, out);
            }
            true
        }
        Asked::Size | Asked::Distinct => {
            let first = figures.first().filter(|n| may_be_small(n, rules));
            if let Some(count) = first {
                out.push(size(count.value, context.asked, rules).at(place));
            }
            true
        }
        Asked::Extreme => {
            let told = figures.iter().find(|n| ![0.0, 1.0, 100.0].contains(&n.value));
            if let Some(number) = told {
                out.push(extreme_value::answer(number.value).at(place));
            }
            true
        }
        Asked::Values | Asked::Levels | Asked::Unknown => values(line, figures, context, out),
    }
}

/// The finding for a number of units below the minimum; of different values, for a person.
fn size(count: f64, asked: Asked, rules: &RuleSet) -> Finding {
    let text = format!("the answer is {count} units, fewer than {}", rules.min_count);
    let severity = if asked == Asked::Size { Severity::Error } else { Severity::Warning };
    Finding::new(freq_min::ID, severity, "freq_min_words", text)
        .value(count)
        .threshold(f64::from(rules.min_count))
        .arg("count", count)
}

/// A list of values over one line or more (`[1] 23 45 ...`, `[19] 31 ...`).
fn values(line: &Line, figures: &[Number], context: &mut Context<'_>, out: &mut Findings) -> bool {
    let index: Option<usize> =
        ANSWER.captures(&line.text).and_then(|hit| hit.get(1)?.as_str().parse().ok());
    let (before, from) = match index {
        Some(at) if at > 1 && context.list.0 + 1 == at => context.list,
        _ => (0, line.number),
    };
    let count = before + figures.len();
    context.list = (count, from);
    let years = figures.iter().all(|n| n.decimals == 0 && (1900.0..2101.0).contains(&n.value));
    let sure = match context.asked {
        Asked::Values => true,
        // The years of a file, each once, are no values of units.
        Asked::Levels => !years,
        _ => false,
    };
    if is_rising(figures) && !sure {
        return true;
    }
    let long = if sure { LIST } else { 2 * LIST };
    let severity = match () {
        () if before < long && count >= long && sure => Severity::Error,
        () if before < long && count >= long => Severity::Warning,
        () if sure && before < FEW && count >= FEW => Severity::Warning,
        () => return sure && count >= FEW,
    };
    out.push(rows_individual::list(count, severity).at(Location::line(from)));
    sure
}
