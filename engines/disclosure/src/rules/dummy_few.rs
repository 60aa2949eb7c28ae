//! `DUMMY_FEW`: the coefficient of an indicator whose category has too few units.

use std::collections::HashMap;

use crate::report::{Finding, Severity};
use crate::request::{Found, Known, cut};
use crate::rule_set::RuleSet;
use crate::words::{fold, tokens};

/// The rule's id.
pub const ID: &str = "DUMMY_FEW";

/// Terms of a file, and small categories of a request, that are compared at most: each with each.
const MOST: usize = 500;

/// Whether the label of a term is the indicator of `category` (both folded, words joined by a
/// blank): `C(region)[T.Corse]`, `regionCorse`, `region_corse`, `Corse`, `region: Corse`.
pub fn is_indicator(term: &str, category: &str) -> bool {
    let words = tokens(term);
    let wanted: Vec<&str> = category.split(' ').collect();
    let ends = words.len() >= wanted.len() && words[words.len() - wanted.len()..] == wanted[..];
    // Digits alone end too many names that are none.
    let named = category.chars().any(char::is_alphabetic);
    let underscored: Vec<&str> = term.split(|c: char| !c.is_alphanumeric()).collect();
    let tail = underscored.last().is_some_and(|last| *last == category);
    let glued = category.len() >= 4
        && words.last().is_some_and(|last| last.len() > category.len() && last.ends_with(category));
    let coded = !named
        && (term.contains(&format!("[t.{category}"))
            || term.contains(&format!("){category}"))
            || term.starts_with(&format!("{category}.")));
    coded || named && (ends || tail || glued)
}

/// Compares the terms of every model of the request with its frequency tables.
pub fn find(known: &[Known], rules: &RuleSet, out: &mut Found) {
    let mut small: HashMap<&str, f64> = HashMap::new();
    let own = known.iter().filter(|file| file.file.is_some());
    for (category, count) in own.clone().flat_map(|file| &file.facts.models.categories) {
        if *count > 0.0 && *count < f64::from(rules.min_count) && category.len() > 1 {
            small.insert(category, *count);
        }
    }
    let partial = own.clone().any(|file| file.facts.models.partial) || small.len() > MOST;
    for file in own {
        let terms = &file.facts.models.terms;
        if let Some(at) = file.file
            && !terms.is_empty()
            && (partial || terms.len() > MOST)
        {
            let text = "more terms or categories than are compared with each other";
            out.push((at, cut(ID, text.to_owned())));
        }
        for term in terms.iter().take(MOST).filter(|_| small.len() <= MOST) {
            let folded = fold(&term.label);
            let hit = small.iter().find(|(category, _)| is_indicator(&folded, category));
            if let (Some((category, count)), Some(at)) = (hit, file.file) {
                let text = format!(
                    "the category `{category}` of this indicator has {count} units, fewer than {}",
                    rules.min_count
                );
                let finding = Finding::new(ID, Severity::Error, "dummy_few", text)
                    .at(term.place)
                    .value(*count)
                    .threshold(f64::from(rules.min_count))
                    .arg("category", category);
                out.push((at, finding));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn indicators_are_known_however_programs_write_them() {
        for term in [
            "c(region)[t.corse]",
            "regioncorse",
            "region_corse",
            "corse",
            "region: corse",
            "factor(region)corse",
        ] {
            assert!(is_indicator(term, "corse"), "{term}");
        }
        for term in ["corsage", "age", "c(region)[t.bretagne]", "const"] {
            assert!(!is_indicator(term, "corse"), "{term}");
        }
    }

    proptest! {
        /// Every way of writing is found for any name, and another name never is.
        #[test]
        fn any_category_is_found_and_no_other(category in "[a-z]{4,9}", other in "[a-z]{4,9}", variable in "[a-z]{2,6}") {
            prop_assume!(!other.ends_with(&category));
            for form in [format!("c({variable})[t.{category}]"), format!("{variable}_{category}"), format!("{variable}{category}")] {
                prop_assert!(is_indicator(&form, &category));
            }
            let no_term = format!("c({variable})[t.{other}]");
            prop_assert!(!is_indicator(&no_term, &category));
        }
    }

    #[test]
    fn more_terms_than_are_compared_are_told() {
        let text = |terms: u32| {
            let line = |at: u32| format!("x{at},0.0{at},0.004,0.001\n");
            let lines: String = (1..terms).map(line).collect();
            format!("variable,coef,se,p\n{lines}\nN = 812\n")
        };
        let set = crate::rules::testing::rules("generic_10");
        let fired = |text: &str| crate::rules::testing::fired(ID, text, &set);
        assert!(fired(&text(400)).is_empty());
        assert!(!fired(&text(600)).is_empty());
    }
}
