//! Rule sets: a producer's thresholds, as data with citations, and the strictest of several.

use serde::{Deserialize, Serialize};

/// Which count is compared with the minimum where both are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountBasis {
    /// The number of units observed.
    Unweighted,
    /// The weighted number (INSEE's rule for enterprises).
    Weighted,
    /// Each of them (the strictest of the two above).
    Both,
}

/// The cell is refused when its `n` largest contributors hold more than `percent` of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dominance {
    /// How many of the largest contributors.
    pub n: u8,
    /// Their share of the total, in percent.
    pub percent: f64,
}

/// Which requests leave without a checker; the lesser is the stricter. Rules come first in each: what
/// a rule refuses or could not be read goes to a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// None.
    #[default]
    Manual,
    /// Those below the limit of the risk model, but for a random sample.
    Scored,
    /// Those on which no rule fires, but for a random sample.
    Automatic,
}

/// Where a rule set comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// Document and place in it.
    pub source: String,
    /// When that document was read or published, ISO 8601 (`2022-06` or a full date).
    pub date: String,
    /// `solid`, `secondary` (quoted by another) or `to_confirm` (by the producer).
    pub confidence: String,
}

/// A producer's thresholds and routes for exports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Short name, e.g. `health_11`.
    pub name: String,
    /// What it is for, in English.
    pub title_en: String,
    /// What it is for, in French.
    pub title_fr: String,
    /// A count above zero and below this is refused. In units.
    pub min_count: u32,
    /// Whether a count of zero is refused too.
    #[serde(default)]
    pub zeros_disclosive: bool,
    /// Which count is compared.
    pub count_basis: CountBasis,
    /// All must hold; empty where the family has no dominance rule.
    #[serde(default)]
    pub dominance: Vec<Dominance>,
    /// Whether sums must come with the number of units of each cell, and are asked for their largest
    /// contributions.
    #[serde(default)]
    pub control_file: bool,
    /// The p of the p % rule, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_percent: Option<f64>,
    /// A row or column with this share of its total in one category is refused. In percent.
    pub class_percent: f64,
    /// Least residual degrees of freedom of a model.
    pub min_dof: u32,
    /// Most rows of a file.
    pub max_rows: u64,
    /// Largest file, in bytes.
    pub max_file_bytes: u64,
    /// Most files of a request.
    pub max_files: u32,
    /// How many checkers must vote: 1 or 2.
    pub reviewers: u8,
    /// Whether some files of a request may be released without the others.
    pub partial_release: bool,
    /// Which requests leave without a checker.
    #[serde(default)]
    pub mode: Mode,
    /// The share of what could leave without a checker that is drawn for one, from 0.01 to 1.
    #[serde(default = "twentieth")]
    pub sample_share: f64,
    /// The greatest score with which a request leaves without a checker, in mode `scored`, from 0
    /// to 0.5: the probability of not being approved as it stands.
    #[serde(default = "twentieth")]
    pub score_limit: f64,
    /// Where the values come from.
    pub citations: Vec<Citation>,
}

/// The sample and the limit where a rule set says nothing: 5 % (DISCLOSURE.md 7).
fn twentieth() -> f64 {
    0.05
}

/// Why a rule set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RuleSetError {
    /// It is not the TOML of a rule set.
    #[error("this is not a rule set")]
    Toml(#[from] toml::de::Error),
    /// A value makes no sense.
    #[error("rule set {name}: `{parameter}` {reason}")]
    Invalid {
        /// The rule set.
        name: String,
        /// The parameter.
        parameter: &'static str,
        /// What it must be.
        reason: &'static str,
    },
    /// No built-in rule set has this name.
    #[error("there is no built-in rule set `{0}`")]
    Unknown(String),
    /// The strictest of none is asked for.
    #[error("no rule set was given")]
    None,
}

const BUILT_IN: [(&str, &str); 9] = [
    ("enterprise", include_str!("../rules/enterprise.toml")),
    ("fiscal_11", include_str!("../rules/fiscal_11.toml")),
    ("fiscal_ifi_50", include_str!("../rules/fiscal_ifi_50.toml")),
    ("health_11", include_str!("../rules/health_11.toml")),
    ("dads_5", include_str!("../rules/dads_5.toml")),
    ("depp_10", include_str!("../rules/depp_10.toml")),
    ("irdes_15", include_str!("../rules/irdes_15.toml")),
    ("insee_menages", include_str!("../rules/insee_menages.toml")),
    ("generic_10", include_str!("../rules/generic_10.toml")),
];

impl RuleSet {
    /// The names of the built-in rule sets.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A built-in rule set.
    ///
    /// # Errors
    /// [`RuleSetError::Unknown`].
    pub fn built_in(name: &str) -> Result<Self, RuleSetError> {
        let found = BUILT_IN.iter().find(|(known, _)| *known == name);
        let (_, text) = found.ok_or_else(|| RuleSetError::Unknown(name.to_owned()))?;
        Self::from_toml(text)
    }

    /// Reads and validates a rule set.
    ///
    /// # Errors
    /// Not TOML, a field missing or unknown, or a value that [`Self::validate`] refuses.
    pub fn from_toml(text: &str) -> Result<Self, RuleSetError> {
        let rules: Self = toml::from_str(text)?;
        rules.validate()?;
        Ok(rules)
    }

    /// Refuses values that would switch a rule off by mistake.
    ///
    /// # Errors
    /// [`RuleSetError::Invalid`] names the first such parameter.
    pub fn validate(&self) -> Result<(), RuleSetError> {
        let percent = |p: f64| p > 0.0 && p <= 100.0; // false for NaN
        let dominance = self.dominance.iter().all(|d| (1..=9).contains(&d.n) && percent(d.percent));
        let p_percent = self.p_percent.is_none_or(|p| p > 0.0 && p <= 1000.0);
        let checks: [(&'static str, bool, &'static str); 13] = [
            ("name", !self.name.trim().is_empty(), "must not be empty"),
            ("min_count", self.min_count >= 2, "must be at least 2: 1 would let single units out"),
            ("dominance", dominance, "must have n from 1 to 9 and a percent above 0 up to 100"),
            ("p_percent", p_percent, "must be above 0, up to 1000"),
            ("class_percent", percent(self.class_percent), "must be above 0, up to 100"),
            ("class_percent", self.class_percent > 50.0, "must be above 50: half is no unanimity"),
            ("max_rows", self.max_rows > 0, "must be above 0"),
            ("max_file_bytes", self.max_file_bytes > 0, "must be above 0"),
            ("max_files", self.max_files > 0, "must be above 0"),
            ("reviewers", matches!(self.reviewers, 1 | 2), "must be 1 or 2"),
            (
                "sample_share",
                (0.01..=1.0).contains(&self.sample_share),
                "must be from 0.01 to 1: without a sample nobody knows what slips through",
            ),
            ("score_limit", (0.0..=0.5).contains(&self.score_limit), "must be from 0 to 0.5"),
            ("citations", !self.citations.is_empty(), "must name at least one source"),
        ];
        for (parameter, holds, reason) in checks {
            if !holds {
                return Err(RuleSetError::Invalid { name: self.name.clone(), parameter, reason });
            }
        }
        Ok(())
    }

    /// The strictest value of each parameter of `sets`, for a project that mixes sources.
    ///
    /// Dominance rules are all kept, less those that another one implies (same `n`).
    ///
    /// # Errors
    /// [`RuleSetError::None`], or one of `sets` is not valid.
    pub fn strictest(sets: &[Self]) -> Result<Strictest, RuleSetError> {
        let (first, rest) = sets.split_first().ok_or(RuleSetError::None)?;
        for set in sets {
            set.validate()?;
        }
        let mut merged = Merge { rules: first.clone(), from: Vec::new() };
        for parameter in PARAMETERS {
            merged.from.push(Origin { parameter, rule_set: first.name.clone() });
        }
        for set in rest {
            merged.take(set);
        }
        if !rest.is_empty() {
            let names = |pick: fn(&Self) -> &str, by: &str| {
                sets.iter().map(pick).collect::<Vec<_>>().join(by)
            };
            merged.rules.name = names(|set| &set.name, "+");
            merged.rules.title_en = names(|set| &set.title_en, "; ");
            merged.rules.title_fr = names(|set| &set.title_fr, " ; ");
        }
        Ok(Strictest { rules: merged.rules, origins: merged.from })
    }
}

/// The strictest of several rule sets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strictest {
    /// The values to use.
    pub rules: RuleSet,
    /// Where each comes from.
    pub origins: Vec<Origin>,
}

/// Which rule set gave a parameter its strictest value (the first, where several agree).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The parameter, as in the TOML.
    pub parameter: &'static str,
    /// The name of the rule set.
    pub rule_set: String,
}

const PARAMETERS: [&str; 16] = [
    "min_count",
    "zeros_disclosive",
    "count_basis",
    "dominance",
    "control_file",
    "p_percent",
    "class_percent",
    "min_dof",
    "max_rows",
    "max_file_bytes",
    "max_files",
    "reviewers",
    "partial_release",
    "mode",
    "sample_share",
    "score_limit",
];

struct Merge {
    rules: RuleSet,
    from: Vec<Origin>,
}

impl Merge {
    fn take(&mut self, set: &RuleSet) {
        let old = self.rules.clone();
        let own = &mut self.rules;
        let basis =
            if own.count_basis == set.count_basis { own.count_basis } else { CountBasis::Both };
        let p = match (own.p_percent, set.p_percent) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        let mut dominance = own.dominance.clone();
        for rule in &set.dominance {
            match dominance.iter_mut().find(|known| known.n == rule.n) {
                Some(known) => known.percent = known.percent.min(rule.percent),
                None => dominance.push(*rule),
            }
        }
        let changed = [
            swap(&mut own.min_count, set.min_count.max(old.min_count)),
            swap(&mut own.zeros_disclosive, old.zeros_disclosive | set.zeros_disclosive),
            swap(&mut own.count_basis, basis),
            swap(&mut own.dominance, dominance),
            swap(&mut own.control_file, old.control_file | set.control_file),
            swap(&mut own.p_percent, p),
            swap(&mut own.class_percent, old.class_percent.min(set.class_percent)),
            swap(&mut own.min_dof, old.min_dof.max(set.min_dof)),
            swap(&mut own.max_rows, old.max_rows.min(set.max_rows)),
            swap(&mut own.max_file_bytes, old.max_file_bytes.min(set.max_file_bytes)),
            swap(&mut own.max_files, old.max_files.min(set.max_files)),
            swap(&mut own.reviewers, old.reviewers.max(set.reviewers)),
            swap(&mut own.partial_release, old.partial_release & set.partial_release),
            swap(&mut own.mode, old.mode.min(set.mode)),
            swap(&mut own.sample_share, old.sample_share.max(set.sample_share)),
            swap(&mut own.score_limit, old.score_limit.min(set.score_limit)),
        ];
        own.citations.extend(set.citations.iter().cloned());
        for (origin, changed) in self.from.iter_mut().zip(changed) {
            if changed {
                origin.rule_set.clone_from(&set.name);
            }
        }
    }
}

/// Puts `value` in `place`; whether it changed.
fn swap<T: PartialEq>(place: &mut T, value: T) -> bool {
    let changed = *place != value;
    *place = value;
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_rule_set_is_valid_and_bears_its_name() {
        for name in RuleSet::names() {
            let rules = RuleSet::built_in(name).expect(name);
            assert_eq!(rules.name, name);
        }
        assert!(matches!(RuleSet::built_in("x"), Err(RuleSetError::Unknown(_))));
    }

    #[test]
    fn thresholds_are_those_of_the_families() {
        let t = |name| RuleSet::built_in(name).expect(name).min_count;
        let names = ["enterprise", "fiscal_11", "fiscal_ifi_50", "health_11", "dads_5", "depp_10"];
        assert_eq!(names.map(t), [3, 11, 50, 11, 5, 10]);
        assert_eq!(["irdes_15", "generic_10"].map(t), [15, 10]);
    }

    #[test]
    fn the_strictest_takes_each_parameter_from_where_it_is_strictest() {
        let sets = ["enterprise", "health_11"].map(|name| RuleSet::built_in(name).expect(name));
        let strictest = RuleSet::strictest(&sets).expect("two sets");
        assert_eq!(strictest.rules.min_count, 11);
        assert_eq!(strictest.rules.dominance, sets[0].dominance);
        assert_eq!(strictest.rules.count_basis, CountBasis::Both);
        let from = |parameter| {
            strictest.origins.iter().find(|o| o.parameter == parameter).map(|o| o.rule_set.as_str())
        };
        assert_eq!(from("min_count"), Some("health_11"));
        assert_eq!(from("dominance"), Some("enterprise"));
    }

    #[test]
    fn the_strictest_of_several_modes_counts() {
        let rules = |mode, sample_share, score_limit| RuleSet {
            mode,
            sample_share,
            score_limit,
            ..RuleSet::built_in("generic_10").expect("built in")
        };
        let sets = [rules(Mode::Automatic, 0.02, 0.2), rules(Mode::Scored, 0.1, 0.3)];
        let merged = RuleSet::strictest(&sets).expect("two sets").rules;
        assert_eq!(
            (merged.mode, merged.sample_share, merged.score_limit),
            (Mode::Scored, 0.1, 0.2)
        );
        let sets = [sets[0].clone(), RuleSet::built_in("dads_5").expect("built in")];
        let merged = RuleSet::strictest(&sets).expect("two sets").rules;
        assert_eq!(merged.mode, Mode::Manual, "a rule set that says nothing wants a person");
    }

    #[test]
    fn values_that_would_switch_a_rule_off_are_refused() {
        let good = RuleSet::built_in("enterprise").expect("built in");
        let bad = [
            RuleSet { min_count: 1, ..good.clone() },
            RuleSet { class_percent: f64::NAN, ..good.clone() },
            RuleSet { reviewers: 0, ..good.clone() },
            RuleSet { dominance: vec![Dominance { n: 0, percent: 85.0 }], ..good.clone() },
            RuleSet { citations: vec![], ..good.clone() },
            RuleSet { sample_share: 0.0, ..good.clone() },
            RuleSet { score_limit: f64::NAN, ..good.clone() },
        ];
        for rules in bad {
            assert!(rules.validate().is_err(), "{rules:?}");
        }
        assert!(RuleSet::strictest(&[]).is_err());
        assert!(RuleSet::from_toml("min_count = 3").is_err());
    }
}
