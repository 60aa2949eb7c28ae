//! One request: its files, read and put before each rule.

use std::collections::HashSet;

use crate::content::{self, Kind};
use crate::extract::{self, Document, Extract, MAX_COLUMNS, Seen, Sight};
use crate::report::{FileReport, Finding, Findings, Location, Purpose, Severity};
use crate::request::{Facts, Request, check_request};
use crate::rule_set::RuleSet;
use crate::rules;
use crate::value::{self, Decimal, Number, Value};
use crate::words::{Role, fold, is_numbering, role_of};

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
    for part in parts {
        let extract = Extract::of(part, tables.len());
        let from = findings.len();
        run(file.name, &extract, rules, alone, &mut findings);
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

fn run(name: &str, extract: &Extract, rules: &RuleSet, alone: bool, out: &mut Findings) {
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
    if !extract.loose {
        outside_tables(extract, rules, out);
    }
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
fn outside_tables(extract: &Extract, rules: &RuleSet, out: &mut Findings) {
    let cells = extract.tables.iter().flat_map(|table| table.view.rows.iter().flatten());
    let covered: HashSet<u32> = cells.map(|cell| cell.line).collect();
    let (mut above, mut coefficients, mut last) = ("", false, 0);
    for line in &extract.prose {
        let before = std::mem::replace(&mut above, &line.text);
        let near = line.number <= last + 1;
        last = line.number;
        coefficients = is_coefficients(&line.text, coefficients && near);
        if covered.contains(&line.number) {
            continue;
        }
        let words = words(&line.text);
        let figures: Vec<Number> =
            words.iter().filter_map(|w| value::read(w, Decimal::Unknown).number()).collect();
        let mostly_figures = !figures.is_empty() && figures.len() * 2 >= words.len();
        let harmless = is_estimate(&line.text, before, &figures)
            || coefficients && figures.iter().all(|n| n.decimals > 0 || n.value < 100.0)
            || is_numbered(&line.text, &figures)
            || is_sentence(&line.text)
            || is_size(&line.text, before, &figures, rules)
            || extract.kind == Kind::Code && is_rising(&figures);
        if mostly_figures && !harmless {
            let text = "figures outside any table that was recognised".to_owned();
            let finding =
                Finding::new(rules::unreadable::ID, Severity::Warning, "outside_tables", text);
            out.push(finding.at(Location::line(line.number)));
        }
    }
}

/// Whether lines are those that R prints below `Coefficients:`, names and estimates in turns.
fn is_coefficients(line: &str, before: bool) -> bool {
    let folded = fold(line);
    matches!(folded.trim(), "coefficients:" | "sample estimates:")
        || before && !folded.contains([':', '='])
}

/// `1. Introduction`, `2.3) Data`, or a code, year or page by its name (`annee: 1982`): no figures.
fn is_numbered(line: &str, figures: &[Number]) -> bool {
    let [one] = figures else { return false };
    let mut words = line.split_whitespace();
    let heading = words.next().is_some_and(|word| {
        word.len() > 1
            && (word.contains('.') || word.ends_with(')'))
            && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ')'))
    });
    let lettered = words.next().is_some_and(|word| word.starts_with(char::is_alphabetic));
    let year = one.decimals == 0 && (1900.0..2101.0).contains(&one.value);
    let named = line.split_once(':').is_some_and(|(name, _)| {
        matches!(role_of(name), Role::Other) && year || is_numbering(name)
    });
    heading && lettered || named
}

/// A line that ends as a sentence does, with words: what it says is read as prose. The number of a
/// page at its foot is none of a unit.
fn is_sentence(line: &str) -> bool {
    let words = line.split_whitespace();
    let long = words.filter(|w| w.chars().filter(|c| c.is_alphabetic()).count() >= 4).count();
    let foot = fold(line)
        .trim()
        .strip_prefix("page ")
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '/')));
    foot || long >= 2 && line.trim_end().ends_with(['.', ';'])
}

/// The answer to a command that asks for a size (`length(x)`, `nrow(d)`): a count of lines, large
/// enough.
fn is_size(line: &str, before: &str, figures: &[Number], rules: &RuleSet) -> bool {
    let asks = ["length(", "nrow(", "nobs(", "dim(", "len(", ".shape"];
    let answer = line.trim_start_matches("##").trim_start().strip_prefix("[1]");
    answer.is_some()
        && asks.iter().any(|command| before.contains(command))
        && figures.iter().all(|n| n.is_count() && n.value >= f64::from(rules.min_count))
}

/// Bounds of classes rise; the values of units do not.
fn is_rising(figures: &[Number]) -> bool {
    figures.len() >= 2 && figures.windows(2).all(|pair| pair[0].value < pair[1].value)
}

/// The words of a line; delimiters part them too: `Nord;3` among prose is a row of a table. A comma
/// does where it is none of a number.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split(|c: char| c.is_whitespace() || matches!(c, ';' | '|'));
    let mut words = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        if value::read(part, Decimal::Unknown).number().is_some() {
            words.push(part);
        } else {
            words.extend(part.split(',').filter(|word| !word.is_empty()));
        }
    }
    words
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

#[cfg(test)]
mod tests {
    use crate::rules::testing::{fired, rules};

    #[test]
    fn estimates_below_their_names_are_no_lost_table_and_lost_rows_are() {
        let coefficients = "> print(m)\n\nCoefficients:\n(Intercept)          age         educ  \n     1.6285      -0.0223       0.1801  \n       plan         site          sex  \n     0.0731      -0.1216       0.4410  \n";
        assert!(fired("UNREADABLE", coefficients, &rules("generic_10")).is_empty());
        let lost = "Résultats de l'enquête.\n\nNord;3\n\nFin du texte de la note.\n";
        assert!(!fired("UNREADABLE", lost, &rules("generic_10")).is_empty());
    }

    #[test]
    fn what_is_typed_at_a_prompt_is_no_row_of_the_answer() {
        let console = "> x <- read.csv('a.csv')\n> str(x)\n'data.frame':\t944 obs. of  2 variables:\n> xtabs(~ school + vote, data = x)\n              vote\nschool         Clinton Dole\n  BA               119  108\n  HS               153   95\n  none              10    3\n> \n";
        let places = fired("FREQ_MIN", console, &rules("generic_10"));
        assert_eq!(places, [(9, 3)]);
    }
}
