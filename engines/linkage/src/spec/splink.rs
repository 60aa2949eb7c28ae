//! A model trained by Splink (the JSON that it saves) as a spec: comparisons with the m and u of
//! their levels, blocking rules, term frequencies, the prior and the id column. What cannot be
//! carried over is named, never dropped in silence.
//!
//! Splink's levels are SQL of any kind; ours are fixed. They are carried by what they say: equal,
//! some likeness, or the rest. Several levels of likeness become one, whose m and u are their sums.

use super::Spec;
use super::sql::{self, Side};
use crate::error::LinkError;
use crate::model::given::{GivenComparison, GivenModel, Rates, RulePart};
use crate::read::column::{Meaning, Role};
use crate::records::OTHERS;
use serde::Deserialize;

/// Splink's own default for two records that nothing was trained on.
const USUAL_PRIOR: f64 = 0.0001;
/// Splink's default id column.
const USUAL_ID: &str = "unique_id";

#[derive(Deserialize)]
struct Settings {
    link_type: Option<String>,
    probability_two_random_records_match: Option<f64>,
    unique_id_column_name: Option<String>,
    #[serde(default)]
    blocking_rules_to_generate_predictions: Vec<RuleText>,
    comparisons: Vec<Comparison>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RuleText {
    Plain(String),
    Full { blocking_rule: String, arrays_to_explode: Option<Vec<String>> },
}

#[derive(Deserialize)]
struct Comparison {
    output_column_name: Option<String>,
    comparison_levels: Vec<Level>,
}

#[derive(Deserialize)]
struct Level {
    sql_condition: String,
    #[serde(default, rename = "is_null_level")]
    is_null: bool,
    m_probability: Option<f64>,
    u_probability: Option<f64>,
    tf_adjustment_column: Option<String>,
    tf_adjustment_weight: Option<f64>,
    tf_minimum_u_value: Option<f64>,
}

impl Spec {
    /// The spec that a saved Splink model amounts to.
    ///
    /// # Errors
    /// [`LinkError::Spec`] where the text is no such model, or nothing of it can be carried over.
    pub fn from_splink(json: &str) -> Result<Self, LinkError> {
        let settings: Settings = serde_json::from_str(json)
            .map_err(|error| LinkError::Spec(format!("this is no Splink model: {error}")))?;
        let mut notes = Vec::new();
        if settings.link_type.as_deref() == Some("link_and_dedupe") {
            notes.push("link_and_dedupe: links within each file are not looked for".to_owned());
        }
        let prior = settings.probability_two_random_records_match.unwrap_or(USUAL_PRIOR);
        if !(prior > 0.0 && prior < 1.0) {
            return Err(LinkError::Spec(format!("{prior} is no probability of a match")));
        }
        let mut model = GivenModel { prior, ..GivenModel::default() };
        for (at, comparison) in settings.comparisons.iter().enumerate() {
            let name = comparison.output_column_name.clone();
            let name = name.unwrap_or_else(|| format!("comparison {}", at + 1));
            match comparison.carried().and_then(|carried| model.compare(carried)) {
                Ok(()) => notes.extend(comparison.not_carried(&name)),
                Err(why) => {
                    notes.push(format!("the comparison {name} was not carried over: {why}"));
                }
            }
        }
        if model.comparisons.is_empty() {
            let why = notes.join("; ");
            return Err(LinkError::Spec(format!("no comparison can be followed: {why}")));
        }
        for rule in &settings.blocking_rules_to_generate_predictions {
            if !model.block(rule) {
                let text = rule.text();
                notes.push(format!("the blocking rule was not carried over: {text}"));
            }
        }
        if model.rules.is_empty() {
            notes.push("no blocking rule was carried over: the tool chooses its own".to_owned());
        }
        let columns = model.others.iter().map(|name| (name.clone(), Meaning::Role(Role::Other)));
        let columns = columns.collect();
        let notes = notes.into_iter().map(|note| format!("Splink model: {note}")).collect();
        let id = settings.unique_id_column_name.unwrap_or_else(|| USUAL_ID.to_owned());
        Ok(Self { id: Some(id), columns, given: Some(model), notes, ..Self::default() })
    }
}

impl GivenModel {
    /// Adds a comparison, unless there is no room or one of its kind.
    fn compare(&mut self, comparison: GivenComparison) -> Result<(), String> {
        match comparison.fixed() {
            Some(kind) if self.comparisons.iter().any(|other| other.fixed() == Some(kind)) => {
                return Err(format!("another one compares the {} already", kind.name()));
            }
            None if !self.reads(&comparison.column) => {
                return Err(format!("there is room for {OTHERS} columns of other meaning"));
            }
            _ => self.comparisons.push(comparison),
        }
        Ok(())
    }

    /// Makes room for a column of other meaning, if there is any.
    fn reads(&mut self, column: &str) -> bool {
        let is_known = self.others.iter().any(|other| other == column);
        if !is_known && self.others.len() < OTHERS {
            self.others.push(column.to_owned());
            return true;
        }
        is_known
    }

    /// Adds a rule, once; false where it cannot be followed.
    fn block(&mut self, rule: &RuleText) -> bool {
        if matches!(rule, RuleText::Full { arrays_to_explode: Some(arrays), .. } if !arrays.is_empty())
        {
            return false;
        }
        let conditions = sql::conditions(rule.text()).into_iter();
        let parts: Option<Vec<RulePart>> =
            conditions.map(|condition| sql::shared(condition, Side::Prefix)).collect();
        let Some(parts) = parts else { return false };
        let before = self.others.len();
        let has_room = parts.iter().all(|part| match part {
            RulePart::Part(_) => true,
            RulePart::Column(name) => self.reads(name),
        });
        if !has_room {
            self.others.truncate(before); // what is not carried over takes no room
        } else if !self.rules.contains(&parts) {
            self.rules.push(parts);
        }
        has_room
    }
}

impl RuleText {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Full { blocking_rule: text, .. } => text,
        }
    }
}

impl Comparison {
    /// What of the term frequencies is not carried over.
    fn not_carried(&self, name: &str) -> Vec<String> {
        let mut notes = Vec::new();
        let mut tell = |what: &str| notes.push(format!("term frequencies of {name}: {what}"));
        for level in self.comparison_levels.iter().filter(|level| level.asks_for_frequencies()) {
            let column = sql::equal_column(&level.sql_condition);
            if column.is_none() {
                tell("only equal values have them here, not values that are alike");
                continue;
            }
            let of = GivenComparison { column: column.unwrap_or_default(), ..Default::default() };
            if !of.may_have_frequencies() {
                tell("this kind of column has none here");
            }
            if level.tf_adjustment_weight.is_some_and(|weight| weight < 1.0) {
                tell("their weight is taken for 1");
            }
            if level.tf_minimum_u_value.is_some_and(|least| least > 0.0) {
                tell("there is no least u");
            }
        }
        notes
    }

    /// What the levels say together; the reason where that cannot be said.
    fn carried(&self) -> Result<GivenComparison, String> {
        let mut found = GivenComparison::default();
        for level in self.comparison_levels.iter().filter(|level| !level.is_null) {
            level.add_to(&mut found)?;
        }
        match (found.agree, found.differ) {
            (None, _) => Err("no level asks for equal values".to_owned()),
            (_, None) => Err("no level takes the rest (ELSE)".to_owned()),
            _ => Ok(found),
        }
    }
}

impl Level {
    /// A weight of 0 turns them off.
    fn asks_for_frequencies(&self) -> bool {
        self.tf_adjustment_column.is_some() && self.tf_adjustment_weight != Some(0.0)
    }

    fn add_to(&self, found: &mut GivenComparison) -> Result<(), String> {
        let text = &self.sql_condition;
        let (Some(m), Some(u)) = (self.m_probability, self.u_probability) else {
            return Err(format!("the level {text} has no m or no u"));
        };
        if !((0.0..=1.0).contains(&m) && (0.0..=1.0).contains(&u)) {
            return Err(format!("m or u of the level {text} is no probability"));
        }
        let columns = sql::columns(text);
        for column in &columns {
            if found.column.is_empty() {
                found.column.clone_from(column);
            } else if found.column != *column {
                return Err(format!("it reads both {} and {column}", found.column));
            }
        }
        let is_else = text.trim().eq_ignore_ascii_case("else");
        if !is_else && columns.is_empty() {
            return Err(format!("no column is seen in the level {text}"));
        }
        let rates = match (is_else, sql::equal_column(text).is_some()) {
            (true, _) => &mut found.differ,
            (_, true) => &mut found.agree,
            _ => &mut found.near,
        };
        let before = rates.unwrap_or_default();
        *rates = Some(Rates { m: before.m + m, u: before.u + u });
        found.has_frequencies |= self.asks_for_frequencies() && sql::equal_column(text).is_some();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Part;

    const MODEL: &str = r#"{
        "link_type": "link_only", "probability_two_random_records_match": 0.001,
        "retain_matching_columns": true, "unique_id_column_name": "uid",
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": "(l.\"surname\" = r.\"surname\") AND (SUBSTR(l.dob, 1, 4) = SUBSTR(r.dob, 1, 4))", "sql_dialect": "duckdb"},
            "l.dob = r.dob and l.ville = r.ville",
            "levenshtein(l.dob, r.dob) < 2"
        ],
        "comparisons": [
            {"output_column_name": "surname", "comparison_levels": [
                {"sql_condition": "\"surname_l\" IS NULL OR \"surname_r\" IS NULL", "is_null_level": true},
                {"sql_condition": "\"surname_l\" = \"surname_r\"", "m_probability": 0.8, "u_probability": 0.01, "tf_adjustment_column": "surname"},
                {"sql_condition": "jaro_winkler_similarity(\"surname_l\", \"surname_r\") >= 0.9", "m_probability": 0.1, "u_probability": 0.02},
                {"sql_condition": "jaro_winkler_similarity(\"surname_l\", \"surname_r\") >= 0.7", "m_probability": 0.05, "u_probability": 0.07},
                {"sql_condition": "ELSE", "m_probability": 0.05, "u_probability": 0.9}]},
            {"output_column_name": "both", "comparison_levels": [
                {"sql_condition": "first_l = surname_r AND surname_l = first_r", "m_probability": 0.8, "u_probability": 0.01},
                {"sql_condition": "ELSE", "m_probability": 0.2, "u_probability": 0.9}]},
            {"output_column_name": "sex", "comparison_levels": [
                {"sql_condition": "sex_l = sex_r", "m_probability": 0.98},
                {"sql_condition": "ELSE", "m_probability": 0.02, "u_probability": 0.5}]}
        ]}"#;

    #[test]
    fn what_can_be_carried_over_is_and_the_rest_is_named() {
        let spec = Spec::from_splink(MODEL).unwrap();
        let model = spec.given.unwrap();
        assert_eq!((spec.id.as_deref(), model.prior), (Some("uid"), 0.001));
        let [surname] = model.comparisons.as_slice() else { panic!("{model:?}") };
        assert_eq!((surname.column.as_str(), surname.has_frequencies), ("surname", true));
        assert_eq!(surname.agree, Some(Rates { m: 0.8, u: 0.01 }));
        let near = surname.near.unwrap();
        assert!((near.m - 0.15).abs() < 1e-12 && (near.u - 0.09).abs() < 1e-12);
        let ville = RulePart::Column("ville".into());
        assert_eq!(
            model.rules,
            [
                vec![RulePart::Part(Part::Name), RulePart::Part(Part::Year)],
                vec![RulePart::Part(Part::Birth), ville],
            ]
        );
        let told = spec.notes.join("\n");
        for named in
            ["comparison both was not", "level sex_l = sex_r has no m or no u", "levenshtein(l.dob"]
        {
            assert!(told.contains(named), "{named} in {told}");
        }
    }

    #[test]
    fn frequencies_are_those_of_equal_values_and_what_is_left_out_is_told() {
        let with = |from: &str, to: &str| {
            let spec = Spec::from_splink(&MODEL.replace(from, to)).unwrap();
            let has = spec.given.unwrap().comparisons[0].has_frequencies;
            (has, spec.notes.iter().filter(|note| note.contains("term frequencies")).count())
        };
        let equal = "\"tf_adjustment_column\": \"surname\"";
        assert_eq!(with("", ""), (true, 0));
        let weight = |weight: &str| format!("{equal}, \"tf_adjustment_weight\": {weight}");
        assert_eq!(with(equal, &weight("0.0")), (false, 0), "turned off");
        assert_eq!(with(equal, &weight("0.25")), (true, 1));
        assert_eq!(with(equal, &format!("{equal}, \"tf_minimum_u_value\": 0.01")), (true, 1));
        let like = "\"m_probability\": 0.1, \"u_probability\": 0.02";
        let (has, told) = with(like, &format!("{like}, {equal}"));
        assert_eq!((has, told), (true, 1), "of alike values");
        let dob = MODEL.replace("surname_l", "dob_l").replace("surname_r", "dob_r");
        let spec = Spec::from_splink(&dob).unwrap();
        assert!(spec.notes.iter().any(|note| note.contains("this kind of column has none")));
    }

    #[test]
    fn a_rule_without_room_takes_none() {
        let wide = "l.aaa = r.aaa AND l.bbb = r.bbb AND l.ccc = r.ccc AND l.ddd = r.ddd";
        let model = MODEL.replace("levenshtein(l.dob, r.dob) < 2", wide);
        let spec = Spec::from_splink(&model).unwrap();
        assert_eq!(spec.given.unwrap().others, ["ville"]);
        assert!(spec.notes.iter().any(|note| note.contains("l.ddd")));
    }

    #[test]
    fn what_is_no_model_is_refused() {
        for text in ["{}", "[", r#"{"comparisons": []}"#] {
            assert!(matches!(Spec::from_splink(text), Err(LinkError::Spec(_))), "{text}");
        }
        let prior = MODEL.replace("0.001", "1.5");
        assert!(Spec::from_splink(&prior).is_err());
    }
}
