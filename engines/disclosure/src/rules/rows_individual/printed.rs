//! Units that programs and people write out of any table: the first values of each variable,
//! the records that SAS could not read, numbered descriptions of respondents.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::{ID, LEAST};
use crate::report::{Finding, Findings, Location, Severity};
use crate::words::{UNITS, fold, tokens};

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant")
}

/// A variable with its first values, as R's `str` and dplyr's or polars' `glimpse` print them.
static FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:##)?\s*\$ [\w.]+\s*(?:: ?(?:int|num|chr|logi|Factor|Date|POSIX\S*)\b|<(?:int|dbl|chr|fct|ord|lgl|date|dttm|[iuf]\d+|str|bool|cat|enum)>)(.*)$",
    )
});

/// What SAS writes of an observation with an error: all of its values, then these two.
static FAILED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\w+=\S* .*_ERROR_=\d.*\b_N_=\d+"));

/// `- enquêté 3 : femme, 20 ans, diplôme bac`: a noun of units with a number, and what it is.
static DESCRIBED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^[-*\u{2022}\s]*([a-z]{3,20}) ?(?:n[°o] ?)?([a-z]?\d{1,4}) ?[:=,-] ?(.+)$")
});

/// Nouns of respondents beside those of units.
const RESPONDENTS: &[&str] = &[
    "enquete",
    "enquetee",
    "interviewe",
    "interviewee",
    "repondant",
    "repondante",
    "cas",
    "sujet",
    "participant",
    "participante",
    "respondent",
    "subject",
    "case",
    "interviewee",
];

/// A variable with its values, as `dput` and Python write data frames.
static LITERAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?:\b[\w.]+ = c\(|['"][^'"]{1,60}['"]: ?[\[{])([^()\[\]{}]+)[)\]}]"#)
});

/// Values that one line tells of one variable.
fn values(rest: &str) -> usize {
    let rest = rest.trim();
    // A factor gives its levels, then the codes of its first values.
    let rest = rest.rsplit_once(": ").map_or(rest, |(_, codes)| codes);
    let split = |c: char| c.is_whitespace() || c == ',';
    rest.split(split).filter(|word| !word.is_empty() && !word.starts_with("...")).count()
}

/// Looks at each line of a part; `lines` are all of them with their numbers.
pub fn find(lines: &[(u32, Cow<'_, str>)], out: &mut Findings) {
    first_values(lines, out);
    failed(lines, out);
    described(lines, out);
    written(lines, out);
}

/// Data frames that are written out: two variables or more with five values each, in no order.
fn written(lines: &[(u32, Cow<'_, str>)], out: &mut Findings) {
    for (number, line) in lines.iter().filter(|(_, line)| line.matches(',').count() >= 8) {
        let values = |hit: regex::Captures<'_>| {
            let own: Vec<&str> = hit.get(1)?.as_str().split(',').map(str::trim).collect();
            let value = |v: &&str| {
                let bare = v.rsplit(": ").next().unwrap_or(v).trim_end_matches('L');
                bare.parse::<f64>().ok()
            };
            let numbers: Vec<f64> = own.iter().filter_map(value).collect();
            let sorted = numbers.windows(2).all(|p| p[0] <= p[1]);
            (numbers.len() >= LEAST && numbers.len() == own.len() && !sorted).then_some(own.len())
        };
        let lists: Vec<usize> = LITERAL.captures_iter(line).filter_map(values).collect();
        let alike = lists.len() >= 2 && lists.iter().all(|own| *own == lists[0]);
        if alike {
            let frame = line.contains("structure(list(") || line.contains("DataFrame(");
            let severity = if frame { Severity::Error } else { Severity::Warning };
            let text = format!("{} variables are written out, value by value", lists.len());
            out.push(told(severity, text, *number, lists.len()));
            return;
        }
    }
}

fn first_values(lines: &[(u32, Cow<'_, str>)], out: &mut Findings) {
    let shown = |line: &str| {
        let line = line.trim_start_matches("## ");
        if !line.trim_start().starts_with('$') {
            return None;
        }
        FIRST.captures(line).map(|hit| values(hit.get(1).map_or("", |m| m.as_str())))
    };
    let hits: Vec<(u32, usize)> = lines
        .iter()
        .filter_map(|(number, line)| Some((*number, shown(line)?)))
        .filter(|(_, values)| *values >= 2)
        .collect();
    let Some((first, _)) = hits.first().filter(|_| hits.len() >= 2) else { return };
    // As many units are told whole as the shortest line has values.
    let units = hits.iter().map(|(_, values)| *values).min().unwrap_or(0);
    let severity = if units >= LEAST { Severity::Error } else { Severity::Warning };
    let text = format!("the first values of {} variables, unit by unit", hits.len());
    out.push(told(severity, text, *first, hits.len()));
}

fn failed(lines: &[(u32, Cow<'_, str>)], out: &mut Findings) {
    let hits: Vec<u32> = lines
        .iter()
        .filter(|(_, line)| line.contains("_N_=") && FAILED.is_match(line))
        .map(|(number, _)| *number)
        .collect();
    let Some(first) = hits.first() else { return };
    let severity = if hits.len() >= 2 { Severity::Error } else { Severity::Warning };
    let text = format!("{} records that the program could not read, value by value", hits.len());
    out.push(told(severity, text, *first, hits.len()));
}

fn described(lines: &[(u32, Cow<'_, str>)], out: &mut Findings) {
    let unit = |line: &str| -> Option<String> {
        if line.len() > 400 || !line.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let folded = fold(line);
        let hit = DESCRIBED.captures(folded.trim())?;
        let noun = hit.get(1)?.as_str();
        let known = UNITS.contains(&noun) || RESPONDENTS.contains(&noun);
        let traits = hit.get(3)?.as_str().split(", ").filter(|t| t.len() >= 2).count();
        // How many such units are counted is said by a table, and by one figure.
        let word = hit.get(3)?.as_str().contains(|c: char| c.is_alphabetic());
        (known && traits >= 3 && word).then(|| noun.to_owned())
    };
    let hits: Vec<(u32, String)> =
        lines.iter().filter_map(|(number, line)| Some((*number, unit(line)?))).collect();
    let Some((first, noun)) = hits.first() else { return };
    let alike = hits.iter().filter(|(_, own)| tokens(own) == tokens(noun)).count();
    if alike >= LEAST {
        let text = format!("{alike} units are described one by one");
        out.push(told(Severity::Error, text, *first, alike));
    }
}

fn told(severity: Severity, text: String, line: u32, count: usize) -> Finding {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let value = count as f64;
    Finding::new(ID, severity, "rows_individual", text)
        .at(Location::line(line))
        .value(value)
        .threshold(2.0)
        .arg("rows", count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severity(text: &str) -> Option<Severity> {
        let lines: Vec<(u32, Cow<'_, str>)> = (1..).zip(text.lines().map(Cow::Borrowed)).collect();
        let mut out = Findings::default();
        find(&lines, &mut out);
        out.into_sorted().first().map(|f| f.severity)
    }

    #[test]
    fn first_values_of_variables_are_units_and_five_whole_ones_are_refused() {
        let dplyr = "Rows: 2,982\nColumns: 2\n$ age   <int> 74, 79, 44, 70, 75, 52, 40…\n$ sexe  <chr> \"F\", \"F\", \"H\", \"F\", \"H\", \"F\"…\n";
        let polars =
            "$ age     <i64> 3, 4, 5, 6, 7, 8\n$ union   <str> 'no', 'no', 'yes', 'no', 'no'\n";
        let base = " $ region : chr  \"Est\" \"Sud\" \"Est\" \"Nord\" ...\n $ age    : int  26 83 68 92 40 36 ...\n";
        assert_eq!(severity(dplyr), Some(Severity::Error));
        assert_eq!(severity(polars), Some(Severity::Error));
        assert_eq!(severity(base), Some(Severity::Warning));
        assert_eq!(severity("$ revenu\n$ sexe : chr\nLe coût est de $ 12, 13, 14\n"), None);
    }

    #[test]
    fn data_frames_that_are_written_out_are_units() {
        let dput = "structure(list(age = c(45L, 52L, 38L, 61L, 29L), revenu = c(18210, 25340, 14980, 41200, 12050)), class = \"data.frame\")\n";
        assert_eq!(severity(dput), Some(Severity::Error));
        let dict = "{'age': {0: 45, 1: 52, 2: 38, 3: 61, 4: 29}, 'revenu': {0: 18210, 1: 25340, 2: 14980, 3: 41200, 4: 12050}}\n";
        assert_eq!(severity(dict), Some(Severity::Warning));
        assert_eq!(
            severity("cut(age, c(18, 25, 35, 50)), cut(x, c(1, 2, 3, 4, 5)), y = c(1, 2, 3)\n"),
            None
        );
    }

    #[test]
    fn records_that_sas_could_not_read_are_units() {
        let log = "NOTE: Invalid data for revenu in line 118 27-33.\nage=12 sexe=F revenu=. _ERROR_=1 _N_=118\n";
        assert_eq!(severity(log), Some(Severity::Warning));
        assert_eq!(severity(&log.repeat(2)), Some(Severity::Error));
        assert_eq!(severity("NOTE: 4165 records were read, _N_=4165.\n"), None);
    }

    #[test]
    fn numbered_descriptions_are_units_and_numbered_results_are_not() {
        let people = |at: u32| format!("- enquêtée {at} : femme, {} ans, cadre\n", 20 + at);
        let five: String = (1..6).map(people).collect();
        assert_eq!(severity(&five), Some(Severity::Error));
        assert_eq!(severity(&people(1)), None);
        let waves: String =
            (1..8).map(|at| format!("vague {at} : 812 ménages, 3 relances, taux 61 %\n")).collect();
        assert_eq!(severity(&waves), None);
    }
}
