//! The letters of a page of a PDF as lines of text, in the order in which they are read.

use super::Sight;

/// Letters at a place.
pub struct Run {
    /// Where it starts.
    pub x: f64,
    /// Where it ends.
    pub end: f64,
    /// Its base line, rising from the bottom of the page.
    pub y: f64,
    /// The size of its letters.
    pub size: f64,
    /// Its letters.
    pub text: String,
    /// Why nobody sees it.
    pub hidden: Option<Sight>,
}

/// Lines from top to bottom, each with blanks in proportion to the gaps between its runs.
pub fn lay_out(runs: &mut Vec<Run>, scanned: bool) -> (String, Vec<(Sight, u32, String)>) {
    runs.retain(|run| !run.text.is_empty() && run.x.is_finite() && run.y.is_finite());
    runs.sort_by(|a, b| b.y.total_cmp(&a.y));
    let mut widths: Vec<f64> = runs
        .iter()
        .filter(|run| !run.text.trim().is_empty())
        .map(|run| {
            (run.end - run.x).abs()
                / f64::from(u32::try_from(run.text.chars().count()).unwrap_or(1).max(1))
        })
        .filter(|w| *w > 0.5)
        .collect();
    widths.sort_by(f64::total_cmp);
    let unit = widths.get(widths.len() / 2).copied().unwrap_or(5.0).clamp(1.0, 50.0);
    let (mut text, mut hidden, mut number) = (String::new(), Vec::new(), 1_u32);
    let mut at = 0;
    let mut above: Option<f64> = None;
    while at < runs.len() {
        let (top, size) = (runs[at].y, runs[at].size);
        let length =
            runs[at..].iter().take_while(|run| top - run.y <= 0.45 * size.max(run.size)).count();
        let line = &mut runs[at..at + length.max(1)];
        line.sort_by(|a, b| a.x.total_cmp(&b.x));
        // A wide gap between lines parts tables from paragraphs.
        if above.is_some_and(|above| above - top > 2.2 * size) {
            text.push('\n');
            number += 1;
        }
        above = Some(top);
        let mut laid = String::new();
        let mut end = f64::MIN;
        for run in line.iter() {
            let gap = run.x - end;
            let column = column(run.x / unit);
            let length = laid.chars().count();
            if !laid.is_empty() && gap > 1.2 * unit {
                let blanks = column.saturating_sub(length).max(2);
                laid.push_str(&" ".repeat(blanks.min(200)));
            } else if !laid.is_empty() && gap > 0.18 * run.size && !laid.ends_with(' ') {
                laid.push(' ');
            } else if laid.is_empty() {
                laid.push_str(&" ".repeat(column.min(200)));
            }
            laid.push_str(&run.text.replace(['\n', '\r', '\t'], " "));
            end = end.max(run.end);
            if let Some(sight) =
                run.hidden.filter(|_| !scanned && !run.text.trim().is_empty() && hidden.len() < 200)
            {
                hidden.push((sight, number, run.text.clone()));
            }
        }
        text.push_str(laid.trim_end());
        text.push('\n');
        number += 1;
        at += length.max(1);
    }
    (text, hidden)
}

fn column(place: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped in the same line"
    )]
    let column = place.round().clamp(0.0, 400.0) as usize;
    column
}
