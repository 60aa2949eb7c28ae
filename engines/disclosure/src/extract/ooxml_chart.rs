//! Charts of office documents keep a copy of their data.

use std::collections::HashSet;

use super::archive::Package;
use super::reading::Reading;
use super::xml::{self, Xml};
use super::{Line, Part, Sight, Unread, points, xlsx};
use crate::content::Kind;

/// A series of a chart.
#[derive(Debug, Default)]
struct Series {
    name: String,
    x: Vec<String>,
    y: Vec<String>,
}

/// Values of one series that are read at most.
const MAX_POINTS: usize = 100_000;

/// Reads the charts below `root`. With the texts of the `visible` sheets, values that stand in
/// none of them are noted; without, the workbook behind a chart is a file that [`xlsx::media`]
/// notes.
///
/// # Errors
/// What the package cannot give.
pub fn read(
    reading: &mut Reading,
    package: &mut Package<'_>,
    root: &str,
    visible: Option<&HashSet<String>>,
) -> Result<(), Unread> {
    for name in package.named(&format!("{root}charts/chart"), ".xml") {
        let bytes = package.bytes(&name, &mut reading.budget)?.ok_or(Unread::Damaged)?;
        // Waterfalls, funnels, maps, box plots and histograms (2016) are drawn from points of an
        // own vocabulary, box plots and histograms from the units themselves.
        if name.starts_with(&format!("{root}charts/chartEx")) {
            extended(reading, name, &bytes)?;
            continue;
        }
        let titles = xml::texts(&bytes, "t", "")?;
        let (series, scatter) = series(&bytes)?;
        let shown = |v: &&String| visible.is_none_or(|seen| is_visible(v, seen));
        let hidden = series.iter().flat_map(|s| &s.y).filter(|v| !shown(v)).count();
        let all = series.iter().map(|s| s.y.len()).sum::<usize>();
        let mut part = table(&series)?;
        part.lines.extend(titles.into_iter().map(|(_, text)| Line { number: 0, text }));
        reading.inside(
            |within| within.part = Some(name),
            |reading| {
                if hidden * 2 > all {
                    reading.see_many(Sight::ChartCache, "", hidden);
                }
                if scatter && let Some(count) = individuals(&series) {
                    reading.see_many(Sight::Points, "", count);
                }
                reading.part(part);
            },
        );
    }
    Ok(())
}

/// A chart that keeps each of its points: read as lines, and for a person to look at.
fn extended(reading: &mut Reading, name: String, bytes: &[u8]) -> Result<(), Unread> {
    let texts = [xml::texts(bytes, "pt", "")?, xml::texts(bytes, "t", "")?].concat();
    let mut part = Part::new(Kind::Office);
    part.loose = true;
    part.lines = texts.into_iter().map(|(_, text)| Line { number: 0, text }).collect();
    reading.inside(
        |within| within.part = Some(name),
        |reading| {
            reading.part(part);
            reading.unread(Unread::NoParser);
        },
    );
    Ok(())
}

fn is_visible(value: &str, visible: &HashSet<String>) -> bool {
    let Ok(number) = value.parse::<f64>() else { return visible.contains(value) };
    let trim = |text: String| text.trim_end_matches('0').trim_end_matches('.').to_owned();
    visible.contains(value)
        || visible.contains(&trim(format!("{number:.10}")))
        || visible.contains(&format!("{}%", trim(format!("{:.10}", number * 100.0))))
}

fn individuals(series: &[Series]) -> Option<usize> {
    let number = |text: &String| text.parse::<f64>().unwrap_or(f64::NAN);
    let all: Vec<(f64, f64)> =
        series.iter().flat_map(|s| s.x.iter().map(number).zip(s.y.iter().map(number))).collect();
    points::individuals(&all)
}

fn series(bytes: &[u8]) -> Result<(Vec<Series>, bool), Unread> {
    let (mut all, mut scatter): (Vec<Series>, bool) = (Vec::new(), false);
    let (mut field, mut in_value) = ("", false);
    xml::walk(bytes, |event| {
        match event {
            Xml::Open("scatterChart" | "bubbleChart", _) => scatter = true,
            Xml::Open("ser", _) => all.push(Series::default()),
            Xml::Open("tx", _) => field = "tx",
            Xml::Open("cat" | "xVal", _) => field = "x",
            Xml::Open("val" | "yVal", _) => field = "y",
            Xml::Open("bubbleSize" | "errBars" | "title" | "dLbls", _)
            | Xml::Close("tx" | "cat" | "xVal" | "val" | "yVal" | "ser") => field = "",
            Xml::Open("v", _) => in_value = true,
            Xml::Close("v") => in_value = false,
            Xml::Text(text) if in_value => {
                if let Some(series) = all.last_mut() {
                    match field {
                        "tx" => series.name.push_str(text),
                        "x" | "y" if series.x.len().max(series.y.len()) >= MAX_POINTS => {
                            return Err(Unread::TooManyCells);
                        }
                        "x" => series.x.push(text.to_owned()),
                        "y" => series.y.push(text.to_owned()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok((all, scatter))
}

fn table(series: &[Series]) -> Result<Part, Unread> {
    let longest = series.iter().max_by_key(|s| s.x.len());
    let labels = longest.map(|s| s.x.clone()).unwrap_or_default();
    let length = series.iter().map(|s| s.y.len()).max().unwrap_or(0);
    let head = std::iter::once(String::new()).chain(series.iter().map(|s| s.name.clone()));
    let mut rows = vec![head.collect::<Vec<_>>()];
    for at in 0..length {
        let own = |s: &Series| s.y.get(at).cloned().unwrap_or_default();
        let label = labels.get(at).cloned().unwrap_or_default();
        rows.push(std::iter::once(label).chain(series.iter().map(own)).collect());
    }
    let mut part = Part::new(Kind::Office);
    part.loose = true;
    part.tables = xlsx::table_of(rows)?;
    Ok(part)
}
