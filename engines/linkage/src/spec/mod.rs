//! What a person says about a linkage instead of leaving it to the tool (TOML).

mod plan;
mod splink;
mod sql;

use crate::block::Part;
use crate::model::Unit;
use crate::model::given::GivenModel;
use crate::read::Given;
pub use plan::Plan;
use serde::Deserialize;

/// A spec; what it leaves out is chosen by the tool.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spec {
    /// The id column of both files.
    pub id: Option<String>,
    /// Whether a record has one partner at most.
    pub one_to_one: Option<bool>,
    /// What columns hold, by their names: `nom_patro = "birth_name"`, `remarks = "ignore"`.
    pub columns: Given,
    /// Which pairs are compared.
    pub blocking: Blocking,
    /// How they are compared.
    pub comparisons: Comparisons,
    /// How firms are linked.
    pub firms: Firms,
    /// A model that is not to be fitted ([`Spec::from_splink`]).
    #[serde(skip)]
    pub given: Option<GivenModel>,
    /// What a person should know of the spec, in sentences.
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// Which pairs are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Blocking {
    /// Rules instead of the tool's own: `[["birth", "name"], ["name", "any_given", "year"]]`.
    pub rules: Vec<Vec<Part>>,
    /// Pairs that one rule may make at most; its largest blocks are left out beyond.
    pub most_pairs: Option<u64>,
}

/// How firms are linked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Firms {
    /// What a record stands for.
    pub unit: Unit,
    /// False leaves numbers to the model like any other column.
    pub cascade: Option<bool>,
}

/// How pairs are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Comparisons {
    /// Names of comparisons that are not made: `["sex", "address"]`.
    pub leave_out: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::column::{Meaning, Role};

    #[test]
    fn a_spec_says_columns_rules_and_comparisons() {
        let text = r#"
            one_to_one = true
            [columns]
            nom_patro = "birth_name"
            remarques = "ignore"
            [blocking]
            rules = [["birth", "name"], ["name", "any_given", "year"]]
            most_pairs = 1000
            [comparisons]
            leave_out = ["sex"]
        "#;
        let spec: Spec = toml::from_str(text).unwrap();
        assert_eq!(spec.columns["nom_patro"], Meaning::Role(Role::BirthName));
        assert_eq!(spec.columns["remarques"].role(), None);
        assert_eq!(spec.blocking.rules[1], [Part::Name, Part::AnyGiven, Part::Year]);
        assert!(toml::from_str::<Spec>("typo = 1").is_err());
        assert!(toml::from_str::<Spec>("[blocking]\nrules = [[\"nose\"]]").is_err());
    }
}
