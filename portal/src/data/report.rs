//! The type report of one file: what each column became, and why.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use domain::DepositId;
use serde_json::Value;
use workflows::{Failure, data::deposit};

use crate::{app::App, error::PageError, extract::SignedIn, ui::Ui};

struct ColumnRow {
    name: String,
    kind: String,
    reason: String,
    nulls: String,
    distinct: String,
    notes: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "data/deposit/report.html")]
pub(super) struct Show {
    ui: Ui,
    back: String,
    name: String,
    facts: Vec<(String, String)>,
    columns: Vec<ColumnRow>,
    is_csv: bool,
}

pub(super) async fn show(
    ui: Ui,
    State(app): State<App>,
    me: SignedIn,
    Path((id, place)): Path<(DepositId, usize)>,
) -> Result<Show, PageError> {
    let seen = deposit::see_deposit(&app.centre, &me.actor, id).await?;
    let file = seen.deposit.files.get(place).filter(|file| file.report.is_some());
    let file = file.ok_or_else(|| Failure::missing("report", place))?;
    let report = file.report.clone().unwrap_or_default();
    let columns = report["columns"].as_array().cloned().unwrap_or_default();
    Ok(Show {
        back: format!("/deposits/{id}"),
        name: file.name.clone(),
        facts: facts(&ui, &report),
        columns: columns.iter().map(|one| column(&ui, one)).collect(),
        is_csv: report["delimiter"].is_string(),
        ui,
    })
}

fn facts(ui: &Ui, report: &Value) -> Vec<(String, String)> {
    let text = |key: &str| match &report[key] {
        Value::String(text) if text == "\t" => "TAB".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => ui.number(number.as_i64().unwrap_or(0)),
        _ => String::new(),
    };
    let keys =
        ["rows", "encoding", "delimiter", "decimal_mark", "newline", "row_groups", "created_by"];
    let fact = |key: &str| (ui.word("report", key), text(key));
    keys.into_iter().map(fact).filter(|(_, value)| !value.is_empty()).collect()
}

fn column(ui: &Ui, column: &Value) -> ColumnRow {
    let text = |key: &str| column[key].as_str().unwrap_or_default().to_owned();
    let number =
        |key: &str| column[key].as_i64().map_or_else(String::new, |number| ui.number(number));
    let notes = column["notes"].as_array().into_iter().flatten().map(|note| reason(ui, note));
    ColumnRow {
        name: text("name"),
        kind: ui.word_or("column-type", text("type")),
        reason: reason(ui, &column["reason"]),
        nulls: number("nulls"),
        distinct: number("distinct"),
        notes: notes.collect::<Vec<_>>().join(" ; "),
    }
}

/// Why a column has its type, with the first line where that shows.
fn reason(ui: &Ui, reason: &Value) -> String {
    let Some(code) = reason["code"].as_str() else { return String::new() };
    let words = ui.word_or("type-reason", code);
    let lines = ["first_line", "point_line", "comma_line"];
    let line = lines.iter().find_map(|key| reason[*key].as_i64());
    let kind = reason["kind"].as_str().map(|kind| format!(" ({kind})")).unwrap_or_default();
    let marks = reason["values"].as_array().into_iter().flatten();
    let marks: Vec<&str> = marks.filter_map(|mark| mark["value"].as_str()).collect();
    let marks = if marks.is_empty() { String::new() } else { format!(": {}", marks.join(", ")) };
    match line {
        Some(line) => {
            ui.t2("report-reason-line", ("words", words + &kind + &marks), ("line", line))
        }
        None => words + &kind + &marks,
    }
}
