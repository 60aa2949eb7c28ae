//! `GEO_FINE`: places so small that few units live there.

use crate::report::{Finding, Findings, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;
use crate::value::Value;
use crate::words::{fold, tokens};

/// The rule's id.
pub const ID: &str = "GEO_FINE";

/// Looks at columns that are named after a fine geography and hold it.
pub fn find(table: &Table, _rules: &RuleSet, out: &mut Findings) {
    for (column, own) in table.columns.iter().enumerate() {
        let folded = fold(&own.title.chars().take(200).collect::<String>());
        let words = tokens(&folded);
        let named = |list: &[&str]| words.iter().any(|word| list.contains(word));
        let coordinate = named(&[
            "lat",
            "lon",
            "lng",
            "latitude",
            "longitude",
            "x",
            "y",
            "coord",
            "coordonnees",
        ]);
        let fits = |value: &Value, text: &str| {
            let text = text.trim();
            let code = |lens: &[usize]| {
                lens.contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric())
            };
            (named(&["iris", "dcomiris"]) && code(&[9]))
                || (named(&["carreau", "idcar", "grid", "inspire"]) && text.len() > 5)
                || (named(&["depcom", "codgeo", "commune", "communes", "insee"])
                    && code(&[5])
                    && text.chars().skip(2).all(|c| c.is_ascii_digit()))
                || (coordinate && value.number().is_some_and(|n| n.decimals >= 3))
        };
        let hit =
            table.rows.iter().filter_map(|r| r.cells.get(column)).find(|c| fits(&c.value, &c.text));
        if let Some(cell) = hit {
            let text =
                format!("`{}` is a fine geography: few units may live in each place", own.title);
            out.push(
                Finding::new(ID, Severity::Warning, "geo_fine", text)
                    .at(cell.place)
                    .value(cell.text.trim())
                    .arg("column", &own.title),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{few, fired, rules};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(few())]
        /// Codes of communes fire under a header that says so, and as plain numbers under another.
        #[test]
        fn a_code_is_a_commune_below_its_header_alone(department in 1u32..96, commune in 1u32..999) {
            let code = format!("{department:02}{commune:03}");
            let below = |header: &str| format!("{header};effectif\n{code};120\n");
            prop_assert_eq!(fired(ID, &below("codgeo"), &rules("fiscal_ifi_50")).len(), 1);
            prop_assert!(fired(ID, &below("produit"), &rules("fiscal_ifi_50")).is_empty());
        }
    }

    #[test]
    fn coordinates_fire_from_three_decimals_on() {
        assert!(fired(ID, "lat,n\n48.85,120\n45.76,130\n", &rules("generic_10")).is_empty());
        assert_eq!(fired(ID, "lat,n\n48.857,120\n45.764,130\n", &rules("generic_10")).len(), 1);
    }
}
