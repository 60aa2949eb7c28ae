//! Findings laid over the tables of a file, as templates show them.

use std::collections::HashMap;

use domain::outputs::export::ExportFile;
use workflows::outputs::report::{Found, Report, Table, Within};

use crate::{i18n, ui::Ui};

/// Rows and columns of a table that are shown; rows with findings always are.
const FEW: (usize, usize) = (200, 60);
/// The same where a file is asked for whole.
const WHOLE: (usize, usize) = (10_000, 1_000);

/// A file with its findings.
pub(super) struct ReportView {
    pub name: String,
    pub kind: String,
    pub decision: String,
    pub checked: bool,
    pub findings: Vec<FindingView>,
    pub tables: Vec<TableView>,
    /// The file's word in forms, where the reader may judge its findings.
    pub judging: Option<String>,
    /// Where a judgement is sent.
    pub judge_at: String,
    /// Whether a column tells what checkers said of the findings.
    pub shows_judged: bool,
    /// Where the file is shown whole, if that is somewhere else.
    pub whole_at: Option<String>,
}

/// What a checker said of a finding.
pub(super) struct JudgedView {
    pub name: String,
    pub judgement: &'static str,
    pub word: String,
}

/// A line of the list of findings.
pub(super) struct FindingView {
    /// Its place in the engine's report, from 0.
    pub index: usize,
    pub judged: Vec<JudgedView>,
    /// What is typed of the reader's own word.
    pub word: String,
    pub anchor: Option<String>,
    pub place: String,
    pub rule: String,
    pub severity: String,
    pub message: String,
    pub repair: String,
}

/// A table with its flags.
pub(super) struct TableView {
    pub table: u32,
    pub rows: Vec<RowView>,
    pub hidden: usize,
    pub hidden_columns: usize,
}

/// A row.
pub(super) struct RowView {
    pub header: bool,
    pub cells: Vec<CellView>,
}

/// A cell; `class` is a finding's mark, `note` what its rules say.
pub(super) struct CellView {
    pub text: String,
    pub id: String,
    pub class: &'static str,
    pub note: String,
    pub number: bool,
}

impl ReportView {
    /// The badge of the decision.
    pub fn badge(&self) -> &'static str {
        match self.decision.as_str() {
            "safe" => "ok",
            "refuse" => "stop",
            _ => "wait",
        }
    }
}

type Flags<'r> = HashMap<(u32, u32, u32), Vec<&'r Found>>;

/// A report as templates show it; `number` is the file's in the request, `whole` whether all of its
/// tables is shown.
pub(super) fn view(ui: &Ui, number: usize, report: &Report, whole: bool) -> ReportView {
    let most = if whole { WHOLE } else { FEW };
    let mut flags: Flags<'_> = HashMap::new();
    for found in &report.findings {
        if let Some(place) = cell(found) {
            flags.entry(place).or_default().push(found);
        }
    }
    let graves = |severity: &str| ["error", "warning", "info"].iter().position(|s| *s == severity);
    let mut findings: Vec<(usize, &Found)> = report.findings.iter().enumerate().collect();
    findings.sort_by_key(|(_, found)| graves(&found.severity));
    ReportView {
        name: report.file.clone(),
        kind: report.kind.clone(),
        decision: report.decision.clone(),
        checked: report.checked,
        findings: findings.iter().map(|found| finding(ui, number, *found)).collect(),
        judging: None,
        judge_at: String::new(),
        shows_judged: false,
        whole_at: None,
        tables: report.tables.iter().map(|given| table(ui, number, given, &flags, most)).collect(),
    }
}

/// The reports of a request's files, in their order.
pub(super) fn views<'r>(
    ui: &Ui,
    files: impl Iterator<Item = &'r ExportFile>,
    reports: &[Option<Report>],
) -> Vec<ReportView> {
    let both = files.zip(reports).enumerate().filter(|(_, (file, _))| !file.withdrawn);
    both.filter_map(|(number, (_, report))| Some(view(ui, number, report.as_ref()?, false)))
        .collect()
}

fn cell(found: &Found) -> Option<(u32, u32, u32)> {
    Some((found.location.table?, found.location.row?, found.location.column?))
}

fn id(number: usize, (table, row, column): (u32, u32, u32)) -> String {
    format!("f{number}-t{table}-r{row}-c{column}")
}

/// A part of a file in words: `sheet Ventes`, `page 3`.
pub(super) fn inside(ui: &Ui, within: &Within) -> Vec<String> {
    let named = |key: &str, at: &Option<String>| {
        at.as_ref().map(|at| i18n::translate(ui.lang, key, &[("at", at.clone())]))
    };
    let parts = [
        named("finding-member", &within.member),
        named("finding-sheet", &within.sheet),
        named("finding-cell", &within.cell),
        part(ui, "finding-page", within.page),
        part(ui, "finding-cell-index", within.cell_index),
        named("finding-part", &within.part),
    ];
    parts.into_iter().flatten().collect()
}

fn part(ui: &Ui, key: &str, at: Option<u32>) -> Option<String> {
    at.map(|at| i18n::translate(ui.lang, key, &[("at", at.to_string())]))
}

fn finding(ui: &Ui, number: usize, (index, found): (usize, &Found)) -> FindingView {
    let place = &found.location;
    let mut parts = inside(ui, &place.within);
    let at = [
        part(ui, "finding-table", place.table),
        part(ui, "finding-row", place.row),
        part(ui, "finding-column", place.column),
        part(ui, "finding-line", place.line.filter(|_| place.row.is_none())),
    ];
    parts.extend(at.into_iter().flatten());
    FindingView {
        index,
        judged: Vec::new(),
        word: String::new(),
        anchor: cell(found).map(|place| id(number, place)),
        place: parts.join(", "),
        rule: found.rule.clone(),
        severity: found.severity.clone(),
        message: message(ui, found),
        repair: repair(ui, found),
    }
}

/// The sentence in the reader's language, by its key; the engine's own where there is none.
fn message(ui: &Ui, found: &Found) -> String {
    let key = format!("finding-says-{}", found.message_key.replace('_', "-"));
    if !i18n::has(&key) {
        return found.message.clone();
    }
    let figure = |value: &Option<serde_json::Value>| match value {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "–".to_owned(),
    };
    let mut args = vec![("value", figure(&found.value)), ("threshold", figure(&found.threshold))];
    for name in ["cell", "other", "here", "there", "category"] {
        args.extend(found.args.get(name).map(|value| (name, value.clone())));
    }
    i18n::translate(ui.lang, &key, &args)
}

fn repair(ui: &Ui, found: &Found) -> String {
    let key = format!("finding-repair-{}", found.message_key.replace('_', "-"));
    let general = "finding-repair-other".to_owned();
    let known = i18n::has(&key);
    i18n::translate(ui.lang, if known { &key } else { &general }, &[])
}

fn table(
    ui: &Ui,
    number: usize,
    given: &Table,
    flags: &Flags<'_>,
    (most_rows, most_columns): (usize, usize),
) -> TableView {
    let widest = given.rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut rows = Vec::new();
    for (at, cells) in given.rows.iter().enumerate() {
        let row = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
        let flagged = cells.iter().any(|cell| flags.contains_key(&(given.table, row, cell.column)));
        if at < most_rows || flagged {
            let shown = cells.iter().take(most_columns).map(|cell| {
                let place = (given.table, row, cell.column);
                let found = flags.get(&place).map(Vec::as_slice).unwrap_or_default();
                CellView {
                    id: id(number, place),
                    class: class(found),
                    note: note(ui, found),
                    number: is_figure(&cell.text),
                    text: cell.text.clone(),
                }
            });
            let header = row <= given.header_rows;
            rows.push(RowView { header, cells: shown.collect() });
        }
    }
    head_like_figures(&mut rows);
    let hidden = given.rows.len() - rows.len();
    let hidden_columns = widest.saturating_sub(most_columns);
    TableView { table: given.table, hidden, hidden_columns, rows }
}

/// Headers stand on the side of the figures below them.
fn head_like_figures(rows: &mut [RowView]) {
    let Some(first) = rows.iter().position(|row| !row.header) else { return };
    let (headers, body) = rows.split_at_mut(first);
    for (head, below) in headers.iter_mut().flat_map(|row| row.cells.iter_mut().zip(&body[0].cells))
    {
        head.number = below.number;
    }
}

fn class(found: &[&Found]) -> &'static str {
    let is = |severity: &str| found.iter().any(|found| found.severity == severity);
    match (is("error"), is("warning")) {
        (true, _) => "finding-error",
        (false, true) => "finding-warning",
        (false, false) => "",
    }
}

fn note(ui: &Ui, found: &[&Found]) -> String {
    let grave = found.iter().filter(|found| found.severity != "info");
    let said = grave.map(|found| format!("{}: {}", found.rule, message(ui, found)));
    said.collect::<Vec<_>>().join(" ; ")
}

fn is_figure(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '<'))
        && text.chars().all(|c| c.is_ascii_digit() || " ,.%-<\u{a0}\u{202f}".contains(c))
}
