//! The routes of a rule set as a form: mode, sample and limit, beside the TOML of the thresholds.

use disclosure::{Mode, RuleSet};

use crate::Failure;

/// The parameters of the form, as the TOML names them.
const KEYS: [&str; 3] = ["mode", "sample_share", "score_limit"];

/// What the form holds, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutesForm {
    /// `manual`, `scored` or `automatic`.
    pub mode: String,
    /// The share of the sample, in percent.
    pub sample: String,
    /// The limit of the score, in percent.
    pub limit: String,
}

impl RoutesForm {
    /// Of a rule set in TOML; of one that cannot be read, the values of a rule set that says nothing.
    pub fn of(toml: &str) -> Self {
        let rules = RuleSet::from_toml(toml).ok();
        let mode = rules.as_ref().map_or(Mode::Manual, |rules| rules.mode);
        let mode = match mode {
            Mode::Manual => "manual",
            Mode::Scored => "scored",
            Mode::Automatic => "automatic",
        };
        let share = |pick: fn(&RuleSet) -> f64| rules.as_ref().map_or(0.05, pick);
        Self {
            mode: mode.to_owned(),
            sample: percent(share(|rules| rules.sample_share)),
            limit: percent(share(|rules| rules.score_limit)),
        }
    }
}

fn percent(share: f64) -> String {
    ((share * 1e6).round() / 1e4).to_string()
}

/// The TOML without the parameters of the form.
pub fn without_routes(toml: &str) -> String {
    let mut top = true;
    let lines = toml.lines().filter(|line| {
        top &= !line.trim_start().starts_with('[');
        let key = line.split('=').next().unwrap_or_default().trim();
        !(top && line.contains('=') && KEYS.contains(&key))
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The TOML with the parameters of the form, which go before what the text says of them.
///
/// # Errors
/// A mode that does not exist or a percentage that is none; whether the values make sense is the
/// rule set's to say.
pub fn with_routes(toml: &str, form: &RoutesForm) -> Result<String, Failure> {
    if !["manual", "scored", "automatic"].contains(&form.mode.as_str()) {
        return Err(Failure::invalid("mode", "no-mode"));
    }
    let (sample, limit) = (share("sample", &form.sample)?, share("limit", &form.limit)?);
    let text = without_routes(toml);
    let at = text.lines().take_while(|line| !line.trim_start().starts_with('[')).count();
    let routes = [
        format!("mode = \"{}\"", form.mode),
        format!("sample_share = {sample:?}"),
        format!("score_limit = {limit:?}"),
    ];
    let (top, rest): (Vec<_>, Vec<_>) = text.lines().enumerate().partition(|(n, _)| *n < at);
    let top = top.into_iter().map(|(_, line)| line.to_owned());
    let rest = rest.into_iter().map(|(_, line)| line.to_owned());
    Ok(top.chain(routes).chain(rest).flat_map(|line| [line, "\n".to_owned()]).collect())
}

/// A share typed in percent, with a point or a comma.
fn share(field: &str, text: &str) -> Result<f64, Failure> {
    let typed = text.trim().trim_end_matches('%').trim().replace(',', ".");
    let percent = typed.parse::<f64>().ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.map(|percent| percent / 100.0).ok_or_else(|| Failure::invalid(field, "no-percent"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(mode: &str, sample: &str, limit: &str) -> RoutesForm {
        let [mode, sample, limit] = [mode, sample, limit].map(ToOwned::to_owned);
        RoutesForm { mode, sample, limit }
    }

    #[test]
    fn the_form_and_the_text_say_the_same() {
        for (_, built_in) in crate::outputs::rule_set::built_in() {
            let form = form("scored", "2.5", "10");
            let text = with_routes(&built_in, &form).expect("sound");
            let rules = RuleSet::from_toml(&text).expect("sound");
            assert_eq!(rules.mode, Mode::Scored);
            assert!((rules.sample_share - 0.025).abs() < 1e-12);
            assert_eq!(RoutesForm::of(&text), form);
            assert_eq!(with_routes(&text, &form).expect("sound"), text, "twice is once");
            assert!(!without_routes(&text).contains("sample_share"));
        }
    }

    #[test]
    fn what_is_no_share_is_refused_and_a_comma_is_read() {
        let text = crate::outputs::rule_set::built_in().remove(0).1;
        for bad in [form("some", "5", "5"), form("scored", "x", "5"), form("scored", "5", "101")] {
            assert!(with_routes(&text, &bad).is_err(), "{bad:?}");
        }
        let text = with_routes(&text, &form("automatic", "7,5 %", "0")).expect("sound");
        assert!((RuleSet::from_toml(&text).expect("sound").sample_share - 0.075).abs() < 1e-12);
    }
}
