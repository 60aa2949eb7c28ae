//! One request: its files, read and put before each rule.

use crate::content::{self, Kind};
use crate::extract::{self, Document, Extract, MAX_COLUMNS, Seen, Sight};
use crate::report::{FileReport, Finding, Findings, Purpose, Severity};
use crate::request::{Facts, Request, check_request};
use crate::rule_set::RuleSet;
use crate::rules;
use crate::table::Table;
use crate::value::Value;
use crate::words::Role;

/// A file of a request.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// How the caller names it; its extension is compared with its content.
    pub name: &'a str,
    /// All of its bytes.
    pub bytes: &'a [u8],
}

/// Checks the files of one request under `rules`; one report a file, in the order of `files`.
///
/// Reads them in this very process, and no pictures: a centre reads in a sandbox and gives its
/// reader to a [`crate::Session`]. Never panics on any bytes; time and memory grow linearly up to
/// fixed bounds.
pub fn check(files: &[Input<'_>], rules: &RuleSet) -> Vec<FileReport> {
    check_request(&Request { files, ..Request::default() }, rules)
}

/// Reads a file in this very process. Pictures are read by nobody, and a person must look.
pub fn read_here(name: &str, bytes: &[u8]) -> Document {
    let mut document = extract::read(name, bytes);
    document.read_pictures(&|_| Err("no reader of pictures here".to_owned()));
    document
}

/// What was seen of a file that kept it from being read whole.
const UNREAD: [Sight; 8] = [
    Sight::Unread,
    Sight::Encrypted,
    Sight::Dataset,
    Sight::Model,
    Sight::ModelData,
    Sight::LiveGraph,
    Sight::PictureUnread,
    Sight::PictureBlank,
];

/// Looks at one file alone; gives what the comparison with others needs too.
pub(crate) fn check_file(
    file: &Input<'_>,
    document: Document,
    rules: &RuleSet,
    mut findings: Findings,
) -> (FileReport, Facts) {
    let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
    if size > rules.max_file_bytes {
        findings.push(rules::obs_too_many::bytes(size, rules.max_file_bytes));
    }
    let Document { kind, parts, mut seen, pictures } = document.bounded();
    // A picture that nobody has read is not passed over in silence.
    seen.extend(pictures.into_iter().map(|picture| Seen {
        sight: Sight::PictureUnread,
        within: picture.within,
        ..Seen::default()
    }));
    rules::seen::find(&seen, rules, &mut findings);
    let (mut tables, mut facts) = (Vec::new(), Facts::default());
    let mut length = rules::obs_too_many::Length::default();
    let alone = parts.len() == 1;
    let mut program: Option<(Option<u32>, String)> = None;
    for part in parts {
        let extract = Extract::of(part, tables.len());
        let from = findings.len();
        let same = |(cell, _): &&(Option<u32>, String)| *cell == extract.within.cell_index;
        let code = program.as_ref().filter(same).map(|(_, code)| code.as_str());
        run(Around { name: file.name, alone, code }, &extract, rules, &mut findings);
        if extract.kind == Kind::Code && extract.within.cell_index.is_some() {
            program = Some((extract.within.cell_index, extract.text.clone()));
        }
        length.part(&extract, rules, &mut findings);
        facts.add(Facts::of(&extract, file.name));
        let within = extract.within;
        tables.extend(extract.tables.into_iter().map(|table| table.view));
        findings.stamp(from, &within, &tables);
    }
    let checked = !seen.iter().any(|seen| UNREAD.contains(&seen.sight));
    let findings = findings.into_sorted();
    let decision = FileReport::decide(checked, &findings);
    let (file, purpose) = (file.name.to_owned(), Purpose::Output);
    (FileReport { file, purpose, decision, kind, checked, findings, tables }, facts)
}

/// The figures of a file that is not judged itself.
pub(crate) fn facts_of(name: &str, document: Document) -> Facts {
    let document = document.bounded();
    let (mut facts, mut tables) = (Facts::default(), 0);
    let unread = |seen: &Seen| matches!(seen.sight, Sight::Unread | Sight::Encrypted);
    facts.partial = document.seen.iter().any(unread);
    for part in document.parts {
        let extract = Extract::of(part, tables);
        tables += extract.tables.len();
        facts.add(Facts::of(&extract, name));
    }
    facts
}

/// How a part stands in its file.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// How the caller names the file.
    name: &'a str,
    /// Whether the file has no other part.
    alone: bool,
    /// The program of the same cell of a notebook.
    code: Option<&'a str>,
}

fn run(around: Around<'_>, extract: &Extract, rules: &RuleSet, out: &mut Findings) {
    let Around { name, alone, code } = around;
    for table in &extract.tables {
        if table.columns.len() > MAX_COLUMNS {
            out.push(rules::unreadable::too_wide(table));
            continue;
        }
        for rule in rules::TABLE_RULES {
            rule(table, rules, out);
        }
        rules::formula::find(table, extract.kind, out);
    }
    rules::id_direct::prose(&extract.prose, out);
    rules::freq_min::prose(&extract.prose, rules, out);
    rules::derived_count::prose(&extract.prose, rules, out);
    rules::extreme_value::prose(&extract.prose, out);
    rules::rows_individual::printed(&crate::model::lines(extract), out);
    let models = crate::model::read(extract);
    rules::dof_low::models(&models, rules, out);
    rules::model_saturated::find(&models, out);
    if extract.kind == Kind::Code || alone && content::is_named_code(name) {
        rules::code_embeds_data::find(&extract.text, out);
    }
    let text = matches!(extract.kind, Kind::TextTable | Kind::ConsoleText | Kind::Code);
    let empty = extract.text.trim().is_empty() && extract.prose.is_empty();
    if alone && text && extract.tables.is_empty() && (extract.kind == Kind::TextTable || empty) {
        out.push(Finding::new(
            rules::unreadable::ID,
            Severity::Warning,
            "no_table",
            "no table was recognised in this file".into(),
        ));
    }
    not_understood(extract, out);
    crate::outside::find(extract, code, rules, out);
}

/// Whether the numbers of a column have decimals: then none of them counts units.
fn has_decimals(table: &Table, column: usize) -> bool {
    let cells = table.rows.iter().filter_map(|row| row.cells.get(column));
    cells.filter_map(|cell| cell.value.number()).any(|n| n.value.fract() != 0.0)
}

/// What stands where a count should be and is none goes to a person.
fn not_understood(extract: &Extract, out: &mut Findings) {
    for table in &extract.tables {
        for (row, column, role, cell) in table.figures() {
            let strange = match cell.value {
                // `NA` among bounds and estimates is no count.
                Value::NotFinite => match role {
                    Role::Count { .. } => true,
                    Role::Unknown => !has_decimals(table, column),
                    _ => false,
                },
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

#[cfg(test)]
mod tests {
    use crate::rules::testing::{fired, rules};

    #[test]
    fn what_is_typed_at_a_prompt_is_no_row_of_the_answer() {
        let console = "> x <- read.csv('a.csv')\n> str(x)\n'data.frame':\t944 obs. of  2 variables:\n> xtabs(~ school + vote, data = x)\n              vote\nschool         Clinton Dole\n  BA               119  108\n  HS               153   95\n  none              10    3\n> \n";
        let places = fired("FREQ_MIN", console, &rules("generic_10"));
        assert_eq!(places, [(9, 3)]);
    }
}
