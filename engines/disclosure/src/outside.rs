//! Lines of figures that became no table: what they answer, and which of them a person must look at.
//!
//! A line is judged by what its figures could be: a number of units below the minimum, the value of
//! a single unit, or a list of such values. Figures that can be none of these (a number of
//! observations, an estimate, the number of a page) are passed over.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::content::Kind;
use crate::extract::{Extract, Line};
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::RuleSet;
use crate::rules::{extreme_value, freq_min, rows_individual, unreadable};
use crate::value::{self, Decimal, Number};
use crate::words::{Role, fold, is_numbering, role_of, tokens};

/// Figures of a line from which on they may be the values of as many units.
const MANY: usize = 6;

/// Values below each other or beside each other that are a list of single units.
const LIST: usize = 10;

/// Lines of figures one below the other that are a table which nobody recognised.
const BLOCK: usize = 5;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant")
}

/// What stands before an answer: `## `, `[1]`, `Out[3]: `.
static ANSWER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(?:##|#>)?\s*(?:\[(\d+)\]|Out\[\d+\]:)\s*"));

/// A call that a report shows above its answer.
static CALL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:[\w.]+ *(?:<-|=) *)?[a-zA-Z_.][\w.$]*\(.*\)\s*$"));

/// What a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Nothing that is known.
    Unknown,
    /// How many lines or units.
    Size,
    /// How many columns, levels or names: numbers of no unit.
    Shape,
    /// How many units are in each group.
    Counts,
    /// The least or the greatest value.
    Extreme,
    /// A mean, a share, an estimate: many units in one figure.
    Aggregate,
    /// Values as they are.
    Values,
}

/// How commands ask for the least or greatest value, of all units or of each group.
const EXTREMES: [&str; 13] = [
    "range(",
    "max(",
    "min(",
    "fivenum(",
    ".max",
    ".min",
    "nlargest",
    "nsmallest",
    ", max)",
    ", min)",
    "= max",
    "= min",
    "range)",
];

/// What the command `typed` asks for, by the functions that it names.
fn asked(typed: &str) -> Asked {
    let folded = fold(typed);
    let any = |names: &[&str]| names.iter().any(|name| folded.contains(name));
    if any(&["ncol(", "nlevels(", "unique(", "nunique(", "n_distinct(", "levels("]) {
        return Asked::Shape;
    }
    let crossed = any(&["table(", "crosstab", "value_counts", "xtabs("]);
    if crossed && !any(&["prop", "normalize"]) {
        return Asked::Counts;
    }
    let groups = crossed || any(&["cut(", "lim"]);
    if !groups && any(&EXTREMES) {
        return Asked::Extreme;
    }
    let compared = folded.contains("sum(") && folded.contains(['=', '<', '>', '!']);
    let sizes = ["length(", "nrow(", "nobs(", "dim(", "len(", ".shape", "count if", ".nobs"];
    if compared || folded.trim() == "count" || any(&sizes) {
        return Asked::Size;
    }
    let aggregates = [
        "mean",
        "median",
        "quantile",
        "sum(",
        "sd(",
        "var(",
        "cor(",
        "table(",
        "tapply",
        "aggregate",
        "coef",
        "prop",
        "test(",
        "seq(",
        "std(",
        "corr",
        "aic(",
        "bic(",
        "loglik",
        "confint",
        "summary",
        "groupby",
        "crosstab",
        "score(",
        "params",
        "pvalue",
        "r.squared",
        "rsquared",
        "vcov",
        "auc",
    ];
    if any(&aggregates) {
        return Asked::Aggregate;
    }
    let values = ["resid", "fitted", "predict", "sort(", "head(", "tail(", "sample(", "order("];
    if any(&values) || typed.contains('$') && !typed.contains('(') {
        return Asked::Values;
    }
    Asked::Unknown
}

/// What was typed at a prompt, if the line shows that.
fn typed(line: &str) -> Option<&str> {
    [">>> ", "... ", "> ", "+ ", ". "]
        .iter()
        .find_map(|prompt| line.strip_prefix(prompt))
        .or_else(|| line.starts_with("In [").then(|| line.split_once("]:").map_or("", |p| p.1)))
        .filter(|rest| rest.starts_with(|c: char| c.is_alphabetic() || matches!(c, '.' | '(')))
        .or_else(|| CALL.is_match(line).then_some(line))
}

/// What is known of the lines above.
struct Context<'a> {
    asked: Asked,
    above: &'a str,
    coefficients: bool,
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
    let cells = extract.tables.iter().flat_map(|table| table.view.rows.iter().flatten());
    let covered: HashSet<u32> = cells.map(|cell| cell.line).collect();
    let last = code.and_then(|code| code.lines().rev().find(|line| !line.trim().is_empty()));
    let mut context = Context {
        asked: last.map_or(Asked::Unknown, asked),
        above: "",
        coefficients: false,
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
    tables(extract, last, out);
}

/// Tables that answer a command for the extremes of groups, and do not name them so.
fn tables(extract: &Extract, code: Option<&str>, out: &mut Findings) {
    let commands: Vec<(u32, Asked)> = extract
        .prose
        .iter()
        .filter_map(|line| Some((line.number, asked(typed(&line.text)?))))
        .collect();
    for table in &extract.tables {
        let named = table.columns.iter().any(|c| c.role == Role::Extreme)
            || table.rows.iter().any(|row| row.role == Role::Extreme);
        let first = table.figures().find(|(_, _, role, cell)| {
            cell.value.number().is_some() && !matches!(role, Role::Count { .. } | Role::Label)
        });
        let Some((.., cell)) = first.filter(|_| !named) else { continue };
        let above = commands.iter().rfind(|(line, _)| cell.place.line.is_some_and(|at| *line < at));
        let command = above.map(|(_, asked)| *asked).or_else(|| code.map(asked));
        if let (Some(Asked::Extreme), Some(number)) = (command, cell.value.number()) {
            out.push(extreme_value::answer(number.value).at(cell.place));
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
    let (figures, words) = figures(&line.text);
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

/// Judges an answer by its command; `false` where nothing is known of it.
fn answer(
    line: &Line,
    figures: &[Number],
    context: &mut Context<'_>,
    rules: &RuleSet,
    out: &mut Findings,
) -> bool {
    let place = Location::line(line.number);
    let first = figures.first().map_or(0.0, |n| n.value);
    match context.asked {
        Asked::Shape | Asked::Aggregate => true,
        Asked::Counts => {
            if figures.iter().any(|n| may_be_small(n, rules)) {
                push(line.number, out);
            }
            true
        }
        Asked::Size => {
            if figures.first().is_some_and(|n| may_be_small(n, rules)) {
                let text = format!("the answer is {first} units, fewer than {}", rules.min_count);
                out.push(
                    Finding::new(freq_min::ID, Severity::Error, "freq_min_words", text)
                        .at(place)
                        .value(first)
                        .threshold(f64::from(rules.min_count))
                        .arg("count", first),
                );
            }
            true
        }
        Asked::Extreme => {
            let told = figures.iter().find(|n| ![0.0, 1.0, 100.0].contains(&n.value));
            if let Some(number) = told {
                out.push(extreme_value::answer(number.value).at(place));
            }
            true
        }
        Asked::Values | Asked::Unknown => values(line, figures, context, out),
    }
}

/// A list of values over one line or more (`[1] 23 45 ...`, `[19] 31 ...`).
fn values(line: &Line, figures: &[Number], context: &mut Context<'_>, out: &mut Findings) -> bool {
    let index: Option<usize> =
        ANSWER.captures(&line.text).and_then(|hit| hit.get(1)?.as_str().parse().ok());
    let (seen, from) = match index {
        Some(at) if at > 1 && context.list.0 + 1 == at => context.list,
        _ => (0, line.number),
    };
    let before = seen;
    context.list = (seen + figures.len(), from);
    let sure = context.asked == Asked::Values;
    let long = if sure { LIST } else { 2 * LIST };
    if is_rising(figures) && !sure {
        return true;
    }
    if before < long && context.list.0 >= long {
        let severity = if sure { Severity::Error } else { Severity::Warning };
        out.push(rows_individual::list(context.list.0, severity).at(Location::line(from)));
    }
    sure && context.list.0 >= long
}

/// Whether lines are those that R prints below `Coefficients:`, names and estimates in turns.
fn is_coefficients(line: &str, before: bool) -> bool {
    let folded = fold(line);
    matches!(folded.trim_start_matches('#').trim(), "coefficients:" | "sample estimates:")
        || before && !folded.contains([':', '='])
}

/// The number of a page at its head or foot: `3`, `Page 3 / 12`, `- 3 -`.
fn is_page(extract: &Extract, line: &Line) -> bool {
    let folded = fold(&line.text);
    let words = tokens(&folded);
    let known = |word: &&str| {
        ["page", "p", "sur", "of", "de", "feuille"].contains(word)
            || word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit())
    };
    let numbers = words.iter().filter(|w| w.parse::<u32>().is_ok()).count();
    let alone =
        words.len() == 1 && extract.within.page.is_some_and(|page| words[0].parse() == Ok(page));
    alone || numbers <= 2 && words.iter().all(known) && words.iter().any(|w| w.starts_with('p'))
}

/// `1. Introduction`, `2.3) Data`, or a code, year or page by its name (`annee: 1982`): no figures.
fn is_numbered(line: &str, figures: &[Number]) -> bool {
    let [one] = figures else { return false };
    let year = one.decimals == 0 && (1900.0..2101.0).contains(&one.value);
    line.split_once(':')
        .is_some_and(|(name, _)| matches!(role_of(name), Role::Other) && year || is_numbering(name))
}

/// A line that ends as a sentence does, with words: what it says is read as prose.
fn is_sentence(line: &str) -> bool {
    let words = line.split_whitespace();
    let long = words.filter(|w| w.chars().filter(|c| c.is_alphabetic()).count() >= 4).count();
    long >= 2 && line.trim_end().ends_with(['.', ';'])
}

/// Bounds of classes rise; the values of units do not.
fn is_rising(figures: &[Number]) -> bool {
    figures.len() >= 2 && figures.windows(2).all(|pair| pair[0].value < pair[1].value)
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

/// Words whose number names a part of a document or a step: `Tableau 3`, `Model 2`.
const PARTS: &[&str] = &[
    "tableau",
    "tableaux",
    "table",
    "tab",
    "figure",
    "fig",
    "graphique",
    "graph",
    "annexe",
    "annex",
    "appendix",
    "page",
    "pages",
    "section",
    "partie",
    "part",
    "chapitre",
    "chapter",
    "panel",
    "panneau",
    "modele",
    "model",
    "etape",
    "step",
    "version",
    "v",
    "note",
    "article",
    "question",
    "vague",
    "wave",
    "lot",
    "no",
    "n°",
    "numero",
    "encadre",
    "carte",
    "feuille",
    "sheet",
    "demande",
    "iteration",
    "fichier",
    "file",
    "programme",
    "exercice",
];

/// The figures of a line that could be numbers of units, and how many words it has beside the
/// numbers of its parts and its years.
fn figures(line: &str) -> (Vec<Number>, usize) {
    let body = ANSWER.replace(line, "");
    let words = joined(words(body.trim_start().trim_start_matches('#')));
    let lettered = words.iter().any(|w| w.contains(char::is_alphabetic));
    let (mut out, mut counted) = (Vec::new(), 0);
    let mut before = String::new();
    for (at, word) in words.iter().enumerate() {
        let folded = fold(word);
        let bare = folded.trim_matches(|c: char| !(c.is_alphanumeric() || c == '°'));
        let part = PARTS.contains(&before.as_str());
        let heading = at == 0
            && word.contains(['.', ')'])
            && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ')'))
            && words.get(1).is_some_and(|w| w.starts_with(char::is_alphabetic));
        let number = value::read(word, Decimal::Unknown).number();
        let number =
            number.or_else(|| value::read(bare, Decimal::Unknown).number().filter(|_| part));
        before = bare.to_owned();
        let year = |n: &Number| {
            lettered && n.decimals == 0 && n.is_count() && (1900.0..2101.0).contains(&n.value)
        };
        match number {
            Some(_) if part || heading => {}
            Some(number) if year(&number) => {}
            Some(number) => {
                out.push(number);
                counted += 1;
            }
            None => counted += 1,
        }
    }
    (out, counted)
}

/// Puts groups of thousands together before a word (`5 200 élèves`); between figures alone they may
/// be two numbers.
fn joined(words: Vec<&str>) -> Vec<String> {
    let digits = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_digit());
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let group = |i: usize| words.get(i).is_some_and(|w| w.len() == 3 && digits(w));
        let mut end = at + 1;
        if digits(words[at]) && words[at].len() <= 3 {
            while group(end) {
                end += 1;
            }
        }
        let lower = |w: &&str| w.starts_with(|c: char| c.is_lowercase());
        if end > at + 1 && words.get(end).is_some_and(lower) {
            out.push(words[at..end].concat());
            at = end;
        } else {
            out.push(words[at].to_owned());
            at += 1;
        }
    }
    out
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
