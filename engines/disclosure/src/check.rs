//! One request: its files, read and put before each rule.

use std::collections::HashSet;

use crate::content::{self, Kind};
use crate::extract::{Extract, MAX_COLUMNS, Unread, text};
use crate::report::{FileReport, Finding, Findings, Location, Purpose, Severity};
use crate::request::{Facts, Request, check_request};
use crate::rule_set::RuleSet;
use crate::rules;
use crate::value::{self, Decimal, Number, Value};
use crate::words::{Role, fold};

/// A file of a request.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// How the caller names it; its extension is compared with its content.
    pub name: &'a str,
    /// All of its bytes.
    pub bytes: &'a [u8],
}

/// Bytes of a file that are read at most, whatever the rule set allows; bounds time and memory.
const MAX_BYTES: usize = 64 << 20;

/// Checks the files of one request under `rules`; one report a file, in the order of `files`.
///
/// Never panics on any bytes; time and memory grow linearly up to fixed bounds.
pub fn check(files: &[Input<'_>], rules: &RuleSet) -> Vec<FileReport> {
    check_request(&Request { files, ..Request::default() }, rules)
}

/// Looks at one file alone; gives what the comparison with others needs too.
pub(crate) fn check_file(
    file: &Input<'_>,
    rules: &RuleSet,
    mut findings: Findings,
) -> (FileReport, Facts) {
    let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
    if size > rules.max_file_bytes {
        findings.push(rules::obs_too_many::bytes(size, rules.max_file_bytes));
    }
    let foreign = content::foreign(file.bytes);
    let extract = match foreign {
        None if file.bytes.len() <= MAX_BYTES => text::read(file.bytes),
        None => Err(Unread::TooManyCells),
        Some(_) => Err(Unread::NotText),
    };
    let kind = foreign.unwrap_or(extract.as_ref().map_or(Kind::Unknown, |e| e.kind));
    rules::type_mismatch::find(file, kind, &mut findings);
    let mut facts = Facts::default();
    let (checked, tables) = match extract {
        Ok(extract) => {
            run(file, &extract, rules, &mut findings);
            facts.add(Facts::of(&extract, file.name));
            (true, extract.tables.into_iter().map(|table| table.view).collect())
        }
        Err(why) => {
            rules::unreadable::file(kind, why, &mut findings);
            (false, Vec::new())
        }
    };
    let findings = findings.into_sorted();
    let decision = FileReport::decide(checked, &findings);
    let (file, purpose) = (file.name.to_owned(), Purpose::Output);
    (FileReport { file, purpose, decision, kind, checked, findings, tables }, facts)
}

/// The figures of a file that is not judged itself.
pub(crate) fn read_facts(file: &Input<'_>) -> Facts {
    if content::foreign(file.bytes).is_some() || file.bytes.len() > MAX_BYTES {
        return Facts::default();
    }
    text::read(file.bytes).map(|extract| Facts::of(&extract, file.name)).unwrap_or_default()
}

fn run(file: &Input<'_>, extract: &Extract, rules: &RuleSet, out: &mut Findings) {
    for table in &extract.tables {
        if table.columns.len() > MAX_COLUMNS {
            out.push(rules::unreadable::too_wide(table));
            continue;
        }
        for rule in rules::TABLE_RULES {
            rule(table, rules, out);
        }
    }
    rules::id_direct::prose(&extract.prose, out);
    rules::freq_min::prose(&extract.prose, rules, out);
    let models = crate::model::read(extract);
    rules::dof_low::models(&models, rules, out);
    rules::model_saturated::find(&models, out);
    rules::obs_too_many::text(extract, rules, out);
    if extract.kind == Kind::Code || content::is_named_code(file.name) {
        rules::code_embeds_data::find(&extract.text, out);
    }
    if extract.tables.is_empty()
        && (extract.kind == Kind::TextTable || extract.text.trim().is_empty())
    {
        out.push(Finding::new(
            rules::unreadable::ID,
            Severity::Warning,
            "no_table",
            "no table was recognised in this file".into(),
        ));
    }
    not_understood(extract, out);
    outside_tables(extract, out);
}

/// What stands where a count should be and is none goes to a person.
fn not_understood(extract: &Extract, out: &mut Findings) {
    for table in &extract.tables {
        for (row, column, role, cell) in table.figures() {
            let strange = match cell.value {
                Value::NotFinite => matches!(role, Role::Count { .. } | Role::Unknown),
                Value::Text => matches!(role, Role::Count { .. }) && cell.text.trim().len() > 1,
                Value::Number(n) => matches!(role, Role::Count { .. }) && n.value < 0.0,
                _ => false,
            };
            if strange {
                out.push(rules::unreadable::cell(&table.names(row, column), cell));
            }
        }
    }
}

/// Lines of figures that became no table were compared with nothing: a person must look.
fn outside_tables(extract: &Extract, out: &mut Findings) {
    let cells = extract.tables.iter().flat_map(|table| table.view.rows.iter().flatten());
    let covered: HashSet<u32> = cells.map(|cell| cell.line).collect();
    let mut above = "";
    for line in &extract.prose {
        let before = std::mem::replace(&mut above, &line.text);
        if covered.contains(&line.number) {
            continue;
        }
        let words = line.text.split_whitespace();
        let figures: Vec<Number> =
            words.clone().filter_map(|w| value::read(w, Decimal::Unknown).number()).collect();
        if !figures.is_empty()
            && figures.len() * 2 >= words.count()
            && !is_estimate(&line.text, before, &figures)
        {
            let text = "figures outside any table that was recognised".to_owned();
            let finding =
                Finding::new(rules::unreadable::ID, Severity::Warning, "outside_tables", text);
            out.push(finding.at(Location::line(line.number)));
        }
    }
}

/// Figures with decimals, each behind its name (`Skew: 8.5`) or below the words for an interval or
/// an estimate, as programs print tests: no counts.
fn is_estimate(line: &str, above: &str, figures: &[Number]) -> bool {
    let named = line.split_whitespace().filter(|word| word.ends_with([':', '='])).count();
    let above = fold(above);
    let told =
        ["confidence interval", "intervalle de confiance", "mean in group", "mean of", "estimates"];
    figures.iter().all(|n| n.decimals > 0)
        && (named >= figures.len()
            || figures.len() <= 2 && told.iter().any(|words| above.contains(words)))
}
