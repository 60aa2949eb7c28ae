//! One rule a file; `docs/rules/` has a page for each, with its source.

use crate::report::Findings;
use crate::rule_set::RuleSet;
use crate::table::Table;

pub mod class_disclosure;
pub mod code_embeds_data;
pub mod contributions;
pub mod control_file_missing;
pub mod derived_count;
pub mod description_missing;
pub mod differencing;
pub mod dof_low;
pub mod dominance;
pub mod dummy_few;
pub mod embedded_object;
pub mod extreme_value;
pub mod formula;
pub mod freq_min;
pub mod geo_fine;
pub mod hidden_content;
pub mod id_direct;
pub mod id_pseudonym;
pub mod identifiers;
pub mod magnitude_few;
mod masked_group;
pub mod metadata_leak;
pub mod model_artifact;
pub mod model_contains_data;
pub mod model_saturated;
pub mod n_missing;
pub mod obs_too_many;
pub mod p_percent;
pub mod plot_points;
pub mod quantile_few;
pub mod rows_individual;
pub mod secondary_recoverable;
pub mod seen;
#[cfg(test)]
pub(crate) mod testing;
pub mod type_mismatch;
pub mod unreadable;

/// What a rule on tables is.
pub type TableRule = fn(&Table, &RuleSet, &mut Findings);

/// The rules that look at one table at a time.
pub const TABLE_RULES: &[TableRule] = &[
    freq_min::find,
    magnitude_few::find,
    quantile_few::find,
    dominance::find,
    p_percent::find,
    class_disclosure::find,
    extreme_value::find,
    derived_count::find,
    dof_low::find,
    rows_individual::find,
    id_direct::find,
    id_pseudonym::find,
    geo_fine::find,
    obs_too_many::find,
];
