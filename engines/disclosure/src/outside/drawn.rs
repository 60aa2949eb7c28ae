//! Figures that are drawn as letters: values above bars, numbers at risk below a curve.

use crate::content::Kind;
use crate::extract::{Extract, Line};
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::RuleSet;
use crate::rules::freq_min;
use crate::value::{self, Decimal};
use crate::words::{Role, fold, role_of};

/// Marks of an axis rise in even steps; two of them may be the classes 0 and 1.
const MARKS: usize = 2;

/// Figures that are looked at together, at most.
const TOGETHER: usize = 200;

/// Looks at the letters of a graphic whose texts stand in it as texts.
pub fn find(extract: &Extract, rules: &RuleSet, out: &mut Findings) {
    if extract.kind != Kind::Markup {
        return;
    }
    let lines = &extract.prose;
    if let Some(at) = lines.iter().position(|line| is_at_risk(&line.text)) {
        let small = lines[at + 1..].iter().filter_map(|line| Some((line, last(&line.text)?)));
        for (line, count) in small {
            push(line, count, Severity::Error, rules, out);
        }
    } else if lines.iter().any(|line| is_count(&line.text)) {
        for (line, count) in labels(lines) {
            push(line, count, Severity::Warning, rules, out);
        }
    }
}

/// The head of the numbers of units that are still followed.
fn is_at_risk(text: &str) -> bool {
    let folded = fold(text);
    ["at risk", "a risque", "exposes au risque"].iter().any(|head| folded.trim().ends_with(head))
}

/// The title of an axis of counts.
fn is_count(text: &str) -> bool {
    text.split_whitespace().count() <= 6 && matches!(role_of(text), Role::Count { .. })
}

/// The whole number that a line ends with: `A   26`, `12`.
fn last(text: &str) -> Option<f64> {
    let number = value::read(text.split_whitespace().last()?, Decimal::Unknown).number()?;
    (number.is_count() && number.decimals == 0).then_some(number.value)
}

/// Whole numbers alone in their line that are no marks of an axis.
fn labels(lines: &[Line]) -> Vec<(&Line, f64)> {
    let alone = |line: &Line| {
        let number = value::read(line.text.trim(), Decimal::Unknown).number()?;
        (number.is_count() && number.decimals == 0).then_some(number.value)
    };
    let (mut labels, mut at) = (Vec::new(), 0);
    while at < lines.len() {
        let run: Vec<f64> = lines[at..].iter().take(TOGETHER).map_while(alone).collect();
        let even = even(&run);
        let classes = even == MARKS && (run[1] - run[0] - 1.0).abs() < 1e-9;
        let marks = if even > MARKS || classes { even } else { 0 };
        let own = lines[at..].iter().zip(&run).skip(marks);
        // Another axis may follow at once: one figure at a time.
        labels.extend(own.take(usize::from(marks == 0)).map(|(line, count)| (line, *count)));
        at += marks.max(1);
    }
    labels
}

/// How many of the first numbers are in even steps.
fn even(run: &[f64]) -> usize {
    let steps = run.windows(2).map(|pair| pair[1] - pair[0]);
    let first = steps.clone().next().unwrap_or(0.0);
    if first.abs() < 1e-9 {
        return 0;
    }
    1 + steps.take_while(|step| (step - first).abs() < 1e-9).count()
}

fn push(line: &Line, count: f64, severity: Severity, rules: &RuleSet, out: &mut Findings) {
    if count <= 0.0 || !freq_min::is_small(count, rules.min_count, false) {
        return;
    }
    let text = format!("the graphic shows {count} units, fewer than {}", rules.min_count);
    out.push(
        Finding::new(freq_min::ID, severity, "freq_min_words", text)
            .at(Location::line(line.number))
            .value(count)
            .threshold(f64::from(rules.min_count))
            .arg("count", count),
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{fired, rules};

    fn svg(texts: &[&str]) -> String {
        let text = |t: &&str| format!("<text x=\"1\" y=\"2\">{t}</text>\n");
        let texts: String = texts.iter().map(text).collect();
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\">\n{texts}</svg>\n")
    }

    #[test]
    fn small_values_above_bars_and_numbers_at_risk_are_counts_and_marks_of_axes_are_not() {
        let set = rules("health_11");
        let fires = |texts: &[&str]| !fired("FREQ_MIN", &svg(texts), &set).is_empty();
        let axis = ["O14", "O24", "0", "500", "1000", "1500", "Nombre de séjours", "387", "579"];
        assert!(!fires(&axis));
        assert!(fires(&[&axis[..], &["6"]].concat()));
        assert!(!fires(&["0", "2", "4", "6", "Nombre de mois", "Taux"]));
        let risk = ["0", "5", "10", "15", "mois", "0.0", "0.5", "1.0", "At risk", "A   26", "12"];
        assert!(!fires(&risk));
        assert!(fires(&[&risk[..], &["6"]].concat()));
    }
}
