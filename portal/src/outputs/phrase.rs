//! The library of phrases for returns and the words of rules' values, in both languages.

use domain::Lang;
use workflows::outputs::rule_set::RuleLine;

use crate::ui::Ui;

/// Phrases for a return, each with the rule that it is about (DISCLOSURE.md 3).
pub(super) const PHRASES: [(&str, &str); 10] = [
    ("freq-min", "FREQ_MIN"),
    ("dominance", "DOMINANCE"),
    ("secondary", "SECONDARY_RECOVERABLE"),
    ("differencing", "DIFFERENCING"),
    ("rows-individual", "ROWS_INDIVIDUAL"),
    ("id-direct", "ID_DIRECT"),
    ("extreme-value", "EXTREME_VALUE"),
    ("formula", "FORMULA"),
    ("description", "DESCRIPTION_MISSING"),
    ("type", "UNREADABLE"),
];

/// A phrase of the library.
pub(super) struct Phrase {
    pub key: &'static str,
    pub rule: &'static str,
    pub text: String,
    pub fired: bool,
    pub chosen: bool,
}

/// A rule's value as people read it: the engine writes it as it stands in the TOML.
pub(crate) fn rule_value(ui: &Ui, line: &RuleLine) -> String {
    let decimal = |number: f64| {
        let text = format!("{number:.4}");
        let text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
        if ui.lang == Lang::Fr { text.replace('.', ",") } else { text }
    };
    let number = line.value.parse::<f64>().ok();
    match (line.parameter.as_str(), number) {
        ("sample_share" | "score_limit", Some(share)) => {
            let space = if ui.lang == Lang::Fr { "\u{a0}" } else { " " };
            format!("{}{space}%", decimal(share * 100.0))
        }
        ("dominance", _) => {
            line.value.split(", ").map(|pair| dominance(ui, pair)).collect::<Vec<_>>().join(", ")
        }
        (_, Some(number)) if number.fract() == 0.0 && number.abs() < 1e15 => {
            #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
            let whole = number as i64;
            ui.number(whole)
        }
        (_, Some(number)) => decimal(number),
        _ => ui.word_or("rule-value", &line.value),
    }
}

/// `n 2 · percent 85.0` in words; what is not of that form stays.
fn dominance(ui: &Ui, pair: &str) -> String {
    let mut parts = pair.split(" · ").map(|part| part.split_once(' '));
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(("n", n)), Some(("percent", percent))) => {
            let percent = percent.strip_suffix(".0").unwrap_or(percent);
            ui.t2("rule-value-dominance", ("n", n), ("percent", percent))
        }
        _ => pair.to_owned(),
    }
}
