//! Lines of figures that became no table: what they answer, and which of them a person must look at.
//!
//! A line is judged by what its figures could be: a number of units below the minimum, the value of
//! a single unit, or a list of such values. Figures that can be none of these (a number of
//! observations, an estimate, the number of a page) are passed over.

mod answers;
mod commands;
mod drawn;
mod excused;
mod figures;
mod functions;

use std::collections::HashSet;

use regex::Regex;

use crate::content::Kind;
use crate::extract::{Extract, Line};
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::RuleSet;
use crate::rules::{extreme_value, freq_min, rows_individual, unreadable};
use crate::table::Table;
use crate::value::Number;
use crate::words::{Role, fold, tokens};
use answers::answer;
use commands::{Asked, asked, last_statement, typed};
use excused::{
    Headings, is_coefficients, is_estimate, is_frame_size, is_numbered, is_page, is_rising,
    is_sentence, is_statement,
};
use figures::{ANSWER, figures, pairs, row_end};

/// Figures of a line from which on they may be the values of as many units.
const MANY: usize = 6;

/// Lines of figures one below the other that are a table which nobody recognised.
const BLOCK: usize = 5;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant")
}

/// What is known of the lines above.
struct Context<'a> {
    asked: Asked,
    above: &'a str,
    coefficients: bool,
    headings: Headings,
    /// Lines below a header of extremes that may still be its rows.
    extremes: usize,
    /// Lines of figures without another between, with the first of them.
    block: Vec<u32>,
    /// Values of a list that runs over lines, with its first line.
    list: (usize, u32),
    last: u32,
}

/// Looks at each line that belongs to no table. `code` is the program of the same cell of a
/// notebook, where there is one.
pub fn find(extract: &Extract, code: Option<&str>, rules: &RuleSet, out: &mut Findings) {
    let last = code.and_then(last_statement);
    let last = last.as_deref();
    let known = last.is_some_and(|last| asked(last) != Asked::Unknown) && code_answer(extract);
    // One line below a program that asks for nothing known may be anything.
    if extract.loose && !known {
        return drawn::find(extract, rules, out);
    }
    let cells = extract.tables.iter().flat_map(|table| table.view.rows.iter().flatten());
    let covered: HashSet<u32> = cells.map(|cell| cell.line).collect();
    let mut context = Context {
        asked: last.map_or(Asked::Unknown, asked),
        above: "",
        coefficients: false,
        headings: Headings::of(extract),
        extremes: 0,
        block: Vec::new(),
        list: (0, 0),
        last: 0,
    };
    for line in &extract.prose {
        context.coefficients =
            is_coefficients(&line.text, context.coefficients && line.number <= context.last + 1);
        if let Some(command) = typed(&line.text) {
            context.asked = asked(command);
        }
        if !covered.contains(&line.number) {
            judge(extract, line, &mut context, rules, out);
        }
        context.above = &line.text;
        context.last = line.number;
    }
    unknown_block(&mut context, out);
    tables(extract, last, rules, out);
}

/// Tables that answer a command for the extremes of groups, and do not name them so; and for counts,
/// where nothing but figures stands in them: the first would be their labels.
fn tables(extract: &Extract, code: Option<&str>, rules: &RuleSet, out: &mut Findings) {
    let commands: Vec<(u32, Asked)> = extract
        .prose
        .iter()
        .filter_map(|line| Some((line.number, asked(typed(&line.text)?))))
        .collect();
    for table in &extract.tables {
        let at = table.rows.first().and_then(|row| row.cells.first()?.place.line);
        let above = commands.iter().rfind(|(line, _)| at.is_some_and(|at| *line < at));
        let command = above.map(|(_, asked)| *asked).or_else(|| code.map(asked));
        match command {
            Some(Asked::Counts | Asked::Size | Asked::Sum) => bare(table, rules, out),
            Some(Asked::Values) => {
                if let Some(finding) = rows_individual::shown(table) {
                    out.push(finding);
                }
            }
            _ => {}
        }
        let named = table.columns.iter().any(|c| c.role == Role::Extreme)
            || table.rows.iter().any(|row| row.role == Role::Extreme);
        let first = table.figures().find(|(_, _, role, cell)| {
            cell.value.number().is_some() && !matches!(role, Role::Count { .. } | Role::Label)
        });
        let Some((.., cell)) = first.filter(|_| !named) else { continue };
        if let (Some(Asked::Extreme), Some(number)) = (command, cell.value.number()) {
            out.push(extreme_value::answer(number.value).at(cell.place));
        }
    }
}

/// Looks at the first cells of rows of figures alone.
fn bare(table: &Table, rules: &RuleSet, out: &mut Findings) {
    let cells = || table.rows.iter().flat_map(|row| &row.cells);
    let untitled = table.columns.iter().all(|c| c.title.trim().is_empty());
    if !untitled || !cells().all(|cell| cell.value.number().is_some()) {
        return;
    }
    for cell in table.rows.iter().skip(1).filter_map(|row| row.cells.first()) {
        let small = cell.value.number().is_some_and(|n| may_be_small(&n, rules));
        if let Some(line) = cell.place.line.filter(|_| small) {
            push(line, out);
        }
    }
}

fn judge(
    extract: &Extract,
    line: &Line,
    context: &mut Context<'_>,
    rules: &RuleSet,
    out: &mut Findings,
) {
    if let Some(pairs) = pairs(&line.text)
        && extract.kind != Kind::Code
    {
        dictionary(line, &pairs, context.asked, rules, out);
        return;
    }
    let (figures, words) = figures(&line.text);
    let unheaded = context.headings.figure(&line.text);
    if unheaded.is_some_and(|n| may_be_small(&n, rules)) && extract.kind != Kind::Code {
        push(line.number, out);
        return;
    }
    if extract.kind != Kind::Code && row_end(&line.text).is_some_and(|n| may_be_small(&n, rules)) {
        push(line.number, out);
        return;
    }
    if figures.is_empty() || figures.len() * 2 < words {
        let extreme = tokens(&fold(&line.text)).iter().any(|w| {
            ["min", "max", "minimum", "maximum", "smallest", "largest", "mini", "maxi"].contains(w)
        });
        context.extremes = if extreme { 12 } else { context.extremes.saturating_sub(1) };
        if !line.text.trim().is_empty() {
            unknown_block(context, out);
        }
        return;
    }
    let below = figures.len() == words && typed(context.above).is_some();
    let answers = context.asked != Asked::Unknown && (below || code_answer(extract));
    if ANSWER.is_match(&line.text) || answers {
        if answer(line, &figures, context, rules, out) {
            return;
        }
    } else if is_page(extract, line)
        || is_estimate(&line.text, context.above, &figures)
        || context.coefficients && figures.iter().all(|n| n.decimals > 0 || n.value < 100.0)
        || is_numbered(&line.text, &figures)
        || is_sentence(&line.text)
        || is_statement(&line.text, &figures)
        || is_frame_size(&line.text)
        || extract.kind == Kind::Code && is_rising(&figures)
    {
        return;
    }
    if line.number > context.last + 1 {
        unknown_block(context, out);
    }
    let small = figures.iter().any(|n| may_be_small(n, rules));
    if small || context.extremes > 0 || figures.len() >= MANY && !is_rising(&figures) {
        context.block.clear();
        push(line.number, out);
    } else {
        context.block.push(line.number);
    }
    context.extremes = context.extremes.saturating_sub(1);
}

/// Judges the values of a dictionary or a list of pairs by what was asked.
fn dictionary(line: &Line, pairs: &[Number], asked: Asked, rules: &RuleSet, out: &mut Findings) {
    let words = fold(&line.text);
    let ends = ["'min'", "'max'", "'minimum'", "'maximum'"].iter().any(|word| words.contains(word));
    let told = pairs.iter().find(|n| ![0.0, 1.0, 100.0].contains(&n.value));
    if let Some(number) = told.filter(|_| ends || asked == Asked::Extreme) {
        out.push(extreme_value::answer(number.value).at(Location::line(line.number)));
        return;
    }
    let known = matches!(asked, Asked::Aggregate | Asked::Shape);
    if !known && pairs.iter().any(|n| may_be_small(n, rules)) {
        push(line.number, out);
    }
}

/// Whether a part is the output of a cell of a notebook.
fn code_answer(extract: &Extract) -> bool {
    extract.within.cell_index.is_some() && extract.kind != Kind::Code
}

fn may_be_small(number: &Number, rules: &RuleSet) -> bool {
    number.is_count()
        && number.decimals == 0
        && freq_min::is_small(number.value, rules.min_count, rules.zeros_disclosive)
}

/// Many lines of figures below each other are a table that nobody recognised.
fn unknown_block(context: &mut Context<'_>, out: &mut Findings) {
    if context.block.len() >= BLOCK {
        context.block.iter().for_each(|line| push(*line, out));
    }
    context.block.clear();
}

fn push(line: u32, out: &mut Findings) {
    let text = "figures outside any table that was recognised".to_owned();
    let finding = Finding::new(unreadable::ID, Severity::Warning, "outside_tables", text);
    out.push(finding.at(Location::line(line)));
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
    fn answers_are_judged_by_what_was_asked() {
        let set = rules("generic_10");
        let ask = |command: &str, answer: &str| {
            format!("> d <- read.csv('a.csv')\n> {command}\n{answer}\n> \n")
        };
        let size = ask("nrow(subset(d, zone == 94))", "[1] 4");
        assert_eq!(fired("FREQ_MIN", &size, &set), [(3, 0)]);
        assert!(fired("FREQ_MIN", &ask("nrow(d)", "[1] 7400"), &set).is_empty());
        assert!(fired("UNREADABLE", &ask("nlevels(d$ghm)", "[1] 6"), &set).is_empty());
        assert!(fired("UNREADABLE", &ask("cor(d$a, d$b)", "[1] 0.41"), &set).is_empty());
        assert_eq!(fired("EXTREME_VALUE", &ask("range(d$age)", "[1] 17 96"), &set), [(3, 0)]);
        let list = ask("d$age", "[1] 34 21 56 43 27 61 39 50 44 33 28 71");
        assert_eq!(fired("ROWS_INDIVIDUAL", &list, &set), [(3, 0)]);
    }

    #[test]
    fn values_that_were_asked_for_are_those_of_units_and_counts_stay_small() {
        let set = rules("generic_10");
        let ask = |command: &str, answer: &str| {
            format!("> d <- read.csv('a.csv')\n> {command}\n{answer}\n> \n")
        };
        for (rule, command, answer) in [
            ("ROWS_INDIVIDUAL", "sort(d$salaire)", "[1] 13605 14663 15085 16002 17000 18000"),
            ("ROWS_INDIVIDUAL", "d$salaire[d$zone==94]", "[1] 13605 19663 17085 14002 15000"),
            ("ROWS_INDIVIDUAL", "unique(d$salaire)", "[1] 13605 19663"),
            ("UNREADABLE", "sum(d$deces)", "[1] 3"),
            ("UNREADABLE", "tapply(d$id, d$zone, length)", "  A   B   C \n  3  45  67 "),
            ("UNREADABLE", "sapply(split(d, d$zone), nrow)", " 94  75  13 \n  4 120 330 "),
            ("FREQ_MIN", "table(d$sexe)", "Femme Homme \n    3    45 "),
            ("FREQ_MIN", "n_distinct(d$patient)", "[1] 4"),
            ("EXTREME_VALUE", "max(d$climat)", "[1] 981234"),
            ("EXTREME_VALUE", "quantile(d$salaire)", "[1] 12100 13400 15010 19200 921300"),
        ] {
            assert!(!fired(rule, &ask(command, answer), &set).is_empty(), "{command}");
        }
        for (command, answer) in [
            ("unique(d$annee)", "[1] 2019 2020 2021"),
            ("length(unique(d$statut))", "[1] 4"),
            ("mean(d$enfants)", "[1] 2"),
            ("sum(d$salaire)", "[1] 98123400"),
        ] {
            for rule in ["ROWS_INDIVIDUAL", "UNREADABLE", "FREQ_MIN"] {
                assert!(fired(rule, &ask(command, answer), &set).is_empty(), "{command}: {rule}");
            }
        }
    }

    #[test]
    fn rows_that_look_like_sentences_or_headings_are_figures() {
        let set = rules("generic_10");
        let fires = |text: &str| {
            let text = format!("Introduction au rapport.\n\n{text}\n\nFin du rapport.\n");
            !fired("UNREADABLE", &text, &set).is_empty()
        };
        for text in ["{'Corse': 3, 'Nord': 120}", "[('Corse', 3), ('Nord', 120)]"] {
            assert!(fires(text), "{text}");
        }
        assert!(!fires("{'auc': 0.84, 'brier': 0.13}"));
        let ends = "Le salaire :\n\n{'min': 3104, 'max': 187320}\n";
        assert!(!fired("EXTREME_VALUE", ends, &set).is_empty());
        for text in ["Corse deces 3 4.", "Corse deces 3.", "3. Corse\n4. Nord", "3) Corse deces"] {
            assert!(fires(text), "{text}");
        }
        assert!(!fires("5          run;") && fires("5          corse;"));
        for text in ["1. Corse\n\n2. Nord\n\n3. Sud", "1. Introduction ... 3\n\n2. Champ ... 5"] {
            assert!(!fires(text), "{text}");
        }
    }

    #[test]
    fn headings_pages_and_years_are_no_figures_and_small_numbers_beside_words_are() {
        let set = rules("generic_10");
        for text in
            ["Tableau 3\n", "2.1 Contrats\n", "Rentrée 2023, 5 200 élèves\n", "Page 3 / 12\n"]
        {
            let text = format!("Introduction au rapport.\n\n{text}\nFin du rapport.\n");
            assert!(fired("UNREADABLE", &text, &set).is_empty(), "{text}");
        }
        let lost = "Introduction au rapport.\n\nCorse 3\n\nFin du rapport.\n";
        assert_eq!(fired("UNREADABLE", lost, &set).len(), 1);
    }
}
